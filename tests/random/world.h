/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What a random sequence has made so far, and the random choices that it makes.
 *
 * All choices come from one generator, whose state depends only on a seed and
 * the number of the sequence.  So a sequence is always the same, whichever
 * others are run before it.
 */
#ifndef WORLD_H
#define WORLD_H

#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/iommufd_test.h>
#include <iommufd_model/model.h>
#include <iommufd_model/observe.h>

#define MAX_STEPS 64
#define MAX_THINGS 32
#define MAX_IDS 96

enum kind {
	NOTHING, IOAS, STDEV, IDEV, HWPT, NEST_PARENT, NESTED, VIOMMU, VDEVICE,
	VEVENTQ, FAULT, HW_QUEUE, NR_KINDS,
};

/* One operation, to be printed if the sequence fails. */
struct step {
	const char *name;
	u64 arg[5];
	int result;
};

struct fd {
	int fd;
	bool is_access;
};

struct mapping {
	void *addr;
	size_t length;
};

/*
 * struct world
 * @fd: the descriptor of /dev/iommu, or -1 when it was closed
 * @kinds: for each id, what was made with it; it may be destroyed by now
 * @fds, @mappings: to be closed and removed by this program
 * @mmap_offset, @mmap_length: what the last vIOMMU returned
 * @pins: the highest number of a pin
 * @scene: how many operations at the beginning make the scene
 */
struct world {
	u64 random;
	int fd;
	struct iommufd_ctx *ictx;
	u8 kinds[MAX_IDS];
	struct fd fds[MAX_THINGS];
	unsigned int nr_fds;
	struct mapping mappings[MAX_THINGS];
	unsigned int nr_mappings;
	u64 mmap_offset, mmap_length;
	u32 pins;
	unsigned int scene;
	struct step steps[MAX_STEPS];
	unsigned int nr_steps;
	bool verbose;
};

/*
 * The memory that is mapped: BUF_PAGES, then a read-only page, then a range
 * without access.
 */
#define BUF_PAGES 24u
extern char *buf;
extern char scratch[16 * 4096];
void world_make_memory(void);

/* A choice from 0 to @n - 1; each program that links this has its own. */
u64 below(struct world *w, u64 n);
bool one_in(struct world *w, u64 n);

/* Choose an id of this kind, if there is one, but now and then any other id. */
u32 some_id(struct world *w, enum kind kind);
u64 some_iova(struct world *w);
u64 some_length(struct world *w);
u64 some_va(struct world *w);
int some_fd(struct world *w, bool access);

void add_id(struct world *w, u32 id, enum kind kind);
void add_fd(struct world *w, int fd, bool is_access);
int close_thing(struct world *w, unsigned int index);
int remove_mapping(struct world *w, unsigned int index);

/* note_step() begins to record an operation; do_ioctl() sets its result. */
struct step *note_step(struct world *w, const char *name);
int do_ioctl(struct world *w, unsigned int cmd, void *arg);
void print_steps(const struct world *w);
void print_step(const struct step *step);

#endif
