/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What a random sequence knows of what it has made, and the choices it makes.
 *
 * All is from one generator, whose state a seed and a number determine, so that
 * a sequence is the same whenever and with whichever others it is run.
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

/* One operation, for the story of a sequence that failed. */
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
 * struct world - @fd: of /dev/iommu, -1 when it is closed
 * @kinds: by id, what was made with it; it may be gone meanwhile
 * @fds, @mappings: to be closed by us
 * @mmap_offset, @mmap_length: that the last vIOMMU told
 * @pins: the highest number of a pin; @scene: of the operations that set it
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

/* The process's memory: BUF_PAGES, then one read only, then one not there. */
#define BUF_PAGES 24u
extern char *buf;
extern char scratch[16 * 4096];
void world_make_memory(void);

u64 below(struct world *w, u64 n);
bool one_in(struct world *w, u64 n);

/* An id of that kind, if there is one, but now and then any other. */
u32 some_id(struct world *w, enum kind kind);
u64 some_iova(struct world *w);
u64 some_length(struct world *w);
u64 some_va(struct world *w);
int some_fd(struct world *w, bool access);

void add_id(struct world *w, u32 id, enum kind kind);
void add_fd(struct world *w, int fd, bool is_access);
int close_thing(struct world *w, unsigned int index);
int remove_mapping(struct world *w, unsigned int index);

/* Tell what is done: before, and what came out. */
struct step *note_step(struct world *w, const char *name);
int do_ioctl(struct world *w, unsigned int cmd, void *arg);
void print_steps(const struct world *w);
void print_step(const struct step *step);

#endif
