// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Sequences of system calls from bytes; calls.h describes the functions. */
#include "calls.h"
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define LAST_FD 200
#define AREA_SIZE (4 * PAGE_SIZE)
#define NOTHING_BEHIND (1ul << 30)

static const uint8_t *input;
/* Memory for structs and for reads and writes; none is behind it. */
static u8 *area;

void calls_initialize(void)
{
	world_make_memory();
	area = mmap(NULL, AREA_SIZE + NOTHING_BEHIND, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	fuzz_assert(area != MAP_FAILED &&
		    !mprotect(area, AREA_SIZE, PROT_READ | PROT_WRITE));
}

void calls_memory_reset(void)
{
	memset(area, 0, AREA_SIZE);
	memset(buf, 0, BUF_PAGES * PAGE_SIZE);
}

static struct {
	u8 area[AREA_SIZE], buf[BUF_PAGES * PAGE_SIZE];
} kept;

void calls_memory_keep(void)
{
	memcpy(kept.area, area, sizeof(kept.area));
	memcpy(kept.buf, buf, sizeof(kept.buf));
}

void calls_memory_restore(void)
{
	memcpy(area, kept.area, sizeof(kept.area));
	memcpy(buf, kept.buf, sizeof(kept.buf));
}

void calls_input(const uint8_t *data)
{
	input = data;
}

/* The state of the random numbers is the part: its end, and where it is. */
void calls_part(struct world *w, size_t from, size_t to)
{
	w->random = (u64)to << 32 | from;
}

bool calls_ended(const struct world *w)
{
	return (u32)w->random >= w->random >> 32;
}

/*
 * Behind the end of a part, which may be in the middle of an operation, the
 * bytes are any that differ: some operations choose again until a choice fits.
 */
static u8 next_byte(struct world *w)
{
	u32 at = (u32)w->random;
	bool ended = calls_ended(w);

	w->random++;
	return ended ? (u8)(at * 0x9e3779b1u >> 24) : input[at];
}

u64 below(struct world *w, u64 n)
{
	int i, bytes = n <= 0x100 ? 1 : n <= 0x10000 ? 2 : 8;
	u64 value = 0;

	for (i = 0; i < bytes; i++)
		value |= (u64)next_byte(w) << 8 * i;
	return value % n;
}

/*
 * A number for a member of a struct.  None is an address of this process's own
 * memory: the library would read and write there, as it was told to.
 */
static u64 any_number(struct world *w)
{
	switch (below(w, 8)) {
	case 0:
		return some_iova(w);
	case 1:
		return some_length(w);
	case 2:
		return some_va(w);
	case 3:
		return (uintptr_t)area + below(w, AREA_SIZE);
	case 4:
		return -1 - below(w, 256);
	case 5:
		return 1ull << below(w, 64);
	case 6:
		return below(w, 65536);
	default:
		return below(w, 16);
	}
}

/* An ioctl of any number, size and contents. */
static int raw_ioctl(struct world *w, int fd)
{
	u32 size = (u32)(one_in(w, 4) ? any_number(w) : 4 * below(w, 32));
	u64 number;
	u8 *at = area;
	u32 nr = IOMMUFD_CMD_BASE + (u32)below(w, 34), i, n;

	for (i = 4; i < 128 && !calls_ended(w); i += n) {
		n = one_in(w, 2) ? 8 : 4;
		n = i % 8 ? 4 : n;
		number = any_number(w);
		memcpy(at + i, &number, n);
		if (one_in(w, 4))
			break;
	}
	memcpy(at, &size, sizeof(size));
	if (one_in(w, 16))
		at = (u8 *)(uintptr_t)some_va(w);
	return iommufd_model_ioctl(fd, _IO(IOMMUFD_TYPE, nr), at);
}

static int raw_mmap(struct world *w, int fd)
{
	struct mapping *mapping = &w->mappings[w->nr_mappings];
	u64 offset = one_in(w, 2) ? w->mmap_offset : any_number(w);
	void *addr;

	if (w->nr_mappings == MAX_THINGS)
		return -ENOMEM;
	mapping->length = one_in(w, 2) ? w->mmap_length : any_number(w);
	addr = iommufd_model_mmap(fd, mapping->length, (int)below(w, 8),
				  one_in(w, 4) ? MAP_PRIVATE : MAP_SHARED,
				  offset);
	if (IS_ERR(addr))
		return PTR_ERR(addr);
	mapping->addr = addr;
	w->nr_mappings++;
	return 0;
}

static int raw_munmap(struct world *w)
{
	u8 *addr = (u8 *)(uintptr_t)some_va(w);
	u64 length = any_number(w);

	if (w->nr_mappings && !one_in(w, 4))
		addr = (u8 *)w->mappings[below(w, w->nr_mappings)].addr +
		       below(w, 3) * PAGE_SIZE;
	return one_in(w, 4) ? iommufd_model_mdup(addr, length) :
			      iommufd_model_munmap(addr, length);
}

static int raw_call(struct world *w)
{
	int fd = one_in(w, 2) ? w->fd : (int)below(w, 16);

	switch (below(w, 12)) {
	case 0:
		return iommufd_model_open();
	case 1:
		return fd == w->fd ? -EBADF : iommufd_model_close(fd);
	case 2:
		return (int)iommufd_model_read(fd, area,
					       below(w, AREA_SIZE));
	case 3:
		memset(area, (int)below(w, 4), 16);
		return (int)iommufd_model_write(fd, area, below(w, 64));
	case 4:
		return iommufd_model_poll(fd);
	case 5:
		return raw_mmap(w, fd);
	case 6:
		return raw_munmap(w);
	case 7:
		return iommufd_model_object_type(fd, (u32)any_number(w));
	default:
		return raw_ioctl(w, fd);
	}
}

int calls_raw(struct world *w)
{
	struct step *step = note_step(w, "raw");

	return step->result = raw_call(w);
}

void calls_one(struct world *w, unsigned int nr, bool raw)
{
	if (raw && one_in(w, 8))
		calls_raw(w);
	else
		do_random_op(w, nr);
}

void calls_finish(struct world *w)
{
	int fd;

	for (; w->nr_mappings; w->nr_mappings--) {
		const struct mapping *m = &w->mappings[w->nr_mappings - 1];

		/* A copy of it, and what a thread has unmapped before. */
		while (!iommufd_model_munmap(m->addr, m->length))
			;
	}
	for (fd = 3; fd < LAST_FD; fd++)
		iommufd_model_close(fd);
	w->nr_fds = 0;
	w->fd = -1;
}
