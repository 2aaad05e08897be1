// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The random choices of a sequence: most arguments are valid, some are not. */
#include "world.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

char *buf;
char scratch[16 * 4096];

/*
 * A map may be longer than this memory.  Nothing of the program may be behind
 * it, because accesses would write to it.
 */
#define NOTHING_BEHIND (4ul << 30)

void world_make_memory(void)
{
	buf = mmap(NULL, BUF_PAGES * PAGE_SIZE + NOTHING_BEHIND, PROT_NONE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (buf == MAP_FAILED ||
	    mprotect(buf, BUF_PAGES * PAGE_SIZE, PROT_READ | PROT_WRITE) ||
	    mprotect(buf + BUF_PAGES * PAGE_SIZE, PAGE_SIZE, PROT_READ)) {
		perror("mmap");
		exit(EXIT_FAILURE);
	}
}

bool one_in(struct world *w, u64 n)
{
	return !below(w, n);
}

u32 some_id(struct world *w, enum kind kind)
{
	u32 found = 0, seen = 0, id;

	if (one_in(w, 40))
		return (u32)below(w, 30);
	if (one_in(w, 200))
		return (u32)below(w, 1ull << 32);
	for (id = 0; id < MAX_IDS; id++)
		if (w->kinds[id] == kind && one_in(w, ++seen))
			found = id;
	return found;
}

static u64 wild(struct world *w)
{
	static const u64 values[] = {
		0, 1, ~0ull, ~0ull - 1, 1ull << 63, 1ull << 40, 4095,
		~0ull - 4095, ~0ull - 4096, MOCK_APERTURE_LAST,
		MOCK_APERTURE_LAST - 4095, MOCK_APERTURE_START - 1,
	};

	return values[below(w, ARRAY_SIZE(values))];
}

u64 some_iova(struct world *w)
{
	u64 iova = MOCK_APERTURE_START + below(w, 14) * PAGE_SIZE;

	if (one_in(w, 40))
		return wild(w);
	if (one_in(w, 20))
		iova += one_in(w, 2) ? 2048 : below(w, PAGE_SIZE);
	return iova;
}

u64 some_length(struct world *w)
{
	if (one_in(w, 60))
		return wild(w);
	if (one_in(w, 20))
		return one_in(w, 2) ? 2048 : below(w, 3 * PAGE_SIZE);
	return (1 + below(w, 4)) * PAGE_SIZE;
}

u64 some_va(struct world *w)
{
	u64 va = (uintptr_t)buf + below(w, BUF_PAGES - 4) * PAGE_SIZE;

	if (one_in(w, 100))
		return one_in(w, 2) ? 1ull << 63 : ~0ull - below(w, 8192);
	if (one_in(w, 20))
		return (uintptr_t)buf + (BUF_PAGES - below(w, 2)) * PAGE_SIZE;
	if (one_in(w, 20))
		va += one_in(w, 2) ? 2048 : below(w, PAGE_SIZE);
	return va;
}

int some_fd(struct world *w, bool access)
{
	unsigned int seen = 0, i;
	int found = -1;

	if (one_in(w, 40))
		return (int)below(w, 12);
	for (i = 0; i < w->nr_fds; i++)
		if (w->fds[i].is_access == access && one_in(w, ++seen))
			found = w->fds[i].fd;
	return found;
}

void add_id(struct world *w, u32 id, enum kind kind)
{
	if (id < MAX_IDS)
		w->kinds[id] = (u8)kind;
}

void add_fd(struct world *w, int fd, bool is_access)
{
	w->fds[w->nr_fds++] = (struct fd){ .fd = fd, .is_access = is_access };
}

int close_thing(struct world *w, unsigned int index)
{
	int fd = w->fds[index].fd;

	w->fds[index] = w->fds[--w->nr_fds];
	return iommufd_model_close(fd);
}

int remove_mapping(struct world *w, unsigned int index)
{
	struct mapping mapping = w->mappings[index];

	w->mappings[index] = w->mappings[--w->nr_mappings];
	return iommufd_model_munmap(mapping.addr, mapping.length);
}

struct step *note_step(struct world *w, const char *name)
{
	struct step *step = &w->steps[w->nr_steps++];

	*step = (struct step){ .name = name };
	return step;
}

void print_step(const struct step *step)
{
	size_t i, last = 0;

	fprintf(stderr, "  %s", step->name);
	for (i = 0; i < ARRAY_SIZE(step->arg); i++)
		if (step->arg[i])
			last = i + 1;
	for (i = 0; i < last; i++)
		fprintf(stderr, " %#" PRIx64, (uint64_t)step->arg[i]);
}

void print_steps(const struct world *w)
{
	unsigned int i;

	for (i = 0; i < w->nr_steps; i++) {
		print_step(&w->steps[i]);
		fprintf(stderr, " = %d\n", w->steps[i].result);
	}
}

int do_ioctl(struct world *w, unsigned int cmd, void *arg)
{
	struct step *step = &w->steps[w->nr_steps - 1];

	if (w->verbose)
		print_step(step);
	step->result = iommufd_model_ioctl(w->fd, cmd, arg);
	if (w->verbose)
		fprintf(stderr, " = %d\n", step->result);
	return step->result;
}
