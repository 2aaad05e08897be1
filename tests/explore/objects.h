/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Declarations that the explorations of the library's objects share.
 *
 * A story is a test for the explorer with its expected result: no failure in
 * any interleaving or, if the test itself has a fault, a certain failure.
 *
 * There is one world.  The setup of a story creates it for each execution, and
 * the story's after-check closes it.  Threads keep the structs of the uAPI on
 * their stacks, so that these make no two operations conflict.  They leave
 * their results in w.got[], by the number of the thread; most of these tests
 * are about which combinations of results the after-check accepts.
 *
 * The same sources are compiled twice: with the model's headers, and with those
 * of a kernel tree under the same names (src/linux/stories).  So they use only
 * names that both have.  Two programs run them: objects_check.c as a test, and
 * stories.c, which prints a summary.
 */
#ifndef TESTS_EXPLORE_OBJECTS_H
#define TESTS_EXPLORE_OBJECTS_H

#include "ioctls.h"
#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/observe.h>
#include <string.h>
#include <sys/mman.h>

#define must(cond) iommufd_model_assert(cond)

/*
 * struct story
 * @fails: the failure that must be found; if there is none, the exploration
 *	must be complete and find no failure
 * @says: what is wrong, of which this is a part, if the model is explored
 * @ignore: failures that are not reported, IGNORE(...); the story says why
 * @model_only: why the story cannot be told of a kernel tree; NULL: it can
 */
struct story {
	struct iommufd_model_test test;
	enum iommufd_model_failure fails;
	const char *says;
	unsigned int ignore;
	const char *model_only;
};

/* False on a kernel tree with DEV-1; the explorer's test of it sets it. */
extern bool put_wakes_destroy;

#define IGNORE(failure) (1u << IOMMUFD_MODEL_FAIL_##failure)

/*
 * struct story_set - the stories of a file, in the list of all sets that are
 * linked into the program, by name
 */
struct story_set {
	const char *name;
	const struct story *stories;
	size_t n;
	struct story_set *next;
};

extern struct story_set *story_sets;
void add_stories(struct story_set *set);

/* Before main() begins, puts the table stories[] of this file on the list. */
#define STORIES(set)							\
__attribute__((constructor)) static void add_stories_##set(void)	\
{									\
	static struct story_set this = { #set, stories,			\
					 ARRAY_SIZE(stories), NULL };	\
	add_stories(&this);						\
}									\
struct story_set

/* The variables and functions of the world follow. */

#define PAGES 4
#define IOVA MOCK_APERTURE_START
#define MAX_GOT IOMMUFD_MODEL_MAX_THREADS

/*
 * What is mapped.  Nobody reads or writes it, so it is no static variable, which
 * would be part of every state.
 */
#define MEMORY_SIZE (PAGES * PAGE_SIZE)
extern char *memory;

/*
 * struct world @ioas, @other and the other ids: 0 if there is no such object
 * @event_fd: the descriptor of the event queue that was created last
 * @got: by thread, the result of its call; 1 if the thread has not called
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

/*
 * Returns how many of the threads from @first to @last have the result @value.
 */
int how_many(int first, int last, int value);

/* Asserts that @rc is an id and not an error, and returns it. */
u32 made(int rc);

/*
 * These create an object of the world, and return its id or the error.  A queue
 * has one page, which is page number @index of the memory.
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

/* Returns the published object with this id, without a reference, or NULL. */
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

/* Closes the context, and asserts that no page is pinned afterwards. */
void close_world(void *unused);

#endif
