/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the explorations of the library's objects share.
 *
 * A story is a test for the explorer with its expected result: no failure in
 * any interleaving or, where the test itself has a fault, a certain failure.
 *
 * There is one world.  The setup of a story makes it for each execution, and
 * the story's after-check closes it.  Threads keep the structs of the uAPI on
 * their stacks, so that these make no two operations conflict.  They leave
 * their results in w.got[], by the number of the thread; most of these tests
 * are about which combinations of results the after-check accepts.
 *
 * With EXPLORE_FIGURES set each story prints a line:
 *
 *	name | threads | steps | executions | redundant | seconds |
 *		executions per second | verdict
 */
#ifndef TESTS_EXPLORE_OBJECTS_H
#define TESTS_EXPLORE_OBJECTS_H

#include "ioctls.h"
#include "suite.h"
#include <sys/mman.h>

#define must(cond) iommufd_model_assert(cond)

/*
 * struct story
 * @fails: the failure that must be found; none: the exploration is complete and
 *	finds no failure
 * @ignore: failures that are not reported, IGNORE(...); the story says why
 */
struct story {
	struct iommufd_model_test test;
	enum iommufd_model_failure fails;
	unsigned int ignore;
};

#define IGNORE(failure) (1u << IOMMUFD_MODEL_FAIL_##failure)

/* Explore the story and compare the result with what it expects. */
void check_story(const struct story *story);

/* Run @fn as a loop test, once for each of @n stories; the exit code. */
int run_stories(const TTest *fn, size_t n);

/* The world */

#define PAGES 4
#define IOVA MOCK_APERTURE_START
#define MAX_GOT IOMMUFD_MODEL_MAX_THREADS

extern char memory[PAGES * PAGE_SIZE];

/*
 * struct world
 * @ioas, @other and the other ids: 0 if there is no such object
 * @event_fd: of the last queue of events that was made
 * @got: by thread, what its call returned; 1 if the thread did not call
 */
struct world {
	int fd;
	struct iommufd_ctx *ictx;
	u32 ioas, other;
	u32 stdev, idev, hwpt, parent, viommu;
	int event_fd;
	int got[MAX_GOT];
};

extern struct world w;

#define my_got w.got[iommufd_model_thread_number()]

/* Returns how many of the threads from @first to @last got @value. */
int how_many(int first, int last, int value);

/* Asserts that @rc is an id and not an error, and returns it. */
u32 made(int rc);

/*
 * These make an object of the world, and return its id or the error.  A queue
 * has one page, the one of the memory that has the number @index.
 */
int try_ioas(void);
int try_device(u32 pt_id);
int try_vdevice(u64 virt_id);
int try_queue(u32 index);
int try_veventq(void);
int try_fault(void);

int destroy(u32 id);
int map(u32 ioas, u64 iova, const void *va, u64 length);
int unmap(u32 ioas, u64 iova, u64 length);
int copy(u32 src, u32 dst, u64 iova, u64 length);

/* The published object with this id without a reference, or NULL. */
struct iommufd_object *find_object(u32 id);
bool is_there(u32 id);
bool has_counters(u32 id, unsigned int users, unsigned int wait_cnt);

/* Setup functions: this one opens a context without objects. */
void open_world(void);
/* Opens a context with IOAS 1. */
void open_ioas(void *unused);
/* Opens a context with IOAS 1, in which one page is mapped. */
void open_mapped(void *unused);
/* Opens IOAS 1 with all the memory mapped, SELFTEST 2, DEVICE 3 and HWPT 4. */
void open_device(void *unused);
/* Opens the same, and also nest parent 5 and vIOMMU 6. */
void open_viommu(void *unused);

/* Close the context; no page is pinned then. */
void close_world(void *unused);

#endif
