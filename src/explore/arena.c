// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The memory of an execution: src/kernel allocates from it while the explorer
 * runs.
 *
 * Allocations are taken from one large mapping, one after the other, and are
 * given back all at once when the next execution begins.  So no address is used
 * twice in an execution, and the same steps get the same addresses.
 *
 * Freed memory is filled with pointers to a region that cannot be accessed.  If
 * a thread reads such a pointer and follows it, the access faults, and the
 * address tells from which chunk the pointer was read.  A write to freed memory
 * is found at the end of the execution.
 */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#include "internal.h"
#include "../kernel/poison.h"
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

#define ARENA_SIZE EXPLORE_ARENA_SIZE
#define MAX_CHUNKS 65536
#define POISON_SHIFT 12
#define POISON_SIZE ((size_t)MAX_CHUNKS << POISON_SHIFT)
/* The offset in the page of a chunk to which pointers in freed memory point. */
#define POISON_OFFSET 512

static char *base;
static size_t used;
static char *poison;
static struct chunk chunks[MAX_CHUNKS];
static int nr_chunks, nr_freed;

static bool owns(const void *p)
{
	return (uintptr_t)p - (uintptr_t)base < ARENA_SIZE;
}

static void *get(size_t size, bool zero)
{
	size_t rounded = (size + REDZONE + 15) & ~(size_t)15;
	char *p = base + used;

	if (nr_chunks == MAX_CHUNKS || rounded < size ||
	    rounded > ARENA_SIZE - used)
		return NULL;
	used += rounded;
	OPEN(p, size);
	SHUT(p + size, rounded - size);
	if (zero)
		memset(p, 0, size);
	chunks[nr_chunks].start = p;
	chunks[nr_chunks].size = size;
	chunks[nr_chunks].first_location = NO_LINK;
	chunks[nr_chunks].freed_step = -1;
	explore_watch_allocated(&chunks[nr_chunks], zero);
	nr_chunks++;
	return p;
}

static uintptr_t poison_of(const struct chunk *chunk)
{
	return (uintptr_t)poison + ((size_t)(chunk - chunks) << POISON_SHIFT) +
	       POISON_OFFSET;
}

/* Free @size bytes at @p.  The header that src/kernel put before them stays. */
static void put(void *p, size_t size)
{
	struct chunk *chunk = explore_arena_chunk(p);
	uintptr_t value, *word = p;
	size_t i;

	nr_freed++;
	/* A free in setup or in after is not a step. */
	if (chunk->freed_step < 0) {
		chunk->freed_step = MAX_STEPS;
		chunk->freed_by = -1;
		chunk->freed_at = NULL;
	}
	iommufd_model_slab_allocation(p, &chunk->was);
	if (iommufd_model_watch.mode)
		iommufd_model_watch_freed((uintptr_t)p, size, chunk->freed_at);
	value = poison_of(chunk);
	for (i = 0; i < size / sizeof(*word); i++)
		word[i] = value;
	memcpy(&word[i], &value, size % sizeof(*word));
	SHUT(p, size);
}

static const struct iommufd_model_heap heap = { get, put, owns };

/* Reserve address space, which takes memory only where it is used; or NULL. */
static char *map(size_t size, int protection)
{
	char *p = mmap(NULL, size, protection,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

const char *explore_arena_start(void)
{
	if (!base) {
		base = map(ARENA_SIZE, PROT_READ | PROT_WRITE);
		if (!base)
			return NULL;
		poison = map(POISON_SIZE, PROT_NONE);
	}
	iommufd_model_set_heap(&heap);
	return base;
}

void explore_arena_reset(void)
{
	OPEN(base, used);
	used = 0;
	nr_chunks = 0;
	nr_freed = 0;
}

bool explore_arena_shut(void)
{
	return IS_SHUT;
}

const struct chunk *explore_arena_nth(int n)
{
	return n < nr_chunks ? &chunks[n] : NULL;
}

bool explore_arena_any_freed(void)
{
	return nr_freed;
}

struct chunk *explore_arena_below(const void *addr)
{
	int low = 0, high = nr_chunks, mid;

	if (!owns(addr))
		return NULL;
	while (high - low > 1) {
		mid = (low + high) / 2;
		if (chunks[mid].start <= (const char *)addr)
			low = mid;
		else
			high = mid;
	}
	return high ? &chunks[low] : NULL;
}

struct chunk *explore_arena_chunk(const void *addr)
{
	struct chunk *chunk = explore_arena_below(addr);

	return chunk && (size_t)((const char *)addr - chunk->start) <
				chunk->size ?
		       chunk :
		       NULL;
}

struct chunk *explore_arena_poison(const void *addr)
{
	size_t offset = (size_t)((uintptr_t)addr - (uintptr_t)poison);

	if (!poison || offset >= POISON_SIZE ||
	    offset >> POISON_SHIFT >= (size_t)nr_chunks)
		return NULL;
	return &chunks[offset >> POISON_SHIFT];
}

struct chunk *explore_arena_overwritten(void)
{
	const uintptr_t *word, *end;
	uintptr_t value;
	int i;

	for (i = 0; nr_freed && !IS_SHUT && i < nr_chunks; i++) {
		if (chunks[i].freed_step < 0)
			continue;
		value = poison_of(&chunks[i]);
		word = chunks[i].was.addr;
		end = word + chunks[i].was.size / sizeof(*word);
		for (; word < end; word++)
			if (*word != value)
				return &chunks[i];
		if (memcmp(end, &value, chunks[i].was.size % sizeof(*word)))
			return &chunks[i];
	}
	return NULL;
}

void explore_arena_name(const struct chunk *chunk, char *buf, size_t size)
{
	const struct iommufd_model_allocation *a = &chunk->was;

	if (a->label && a->id)
		snprintf(buf, size, "%s %u", a->label, a->id);
	else if (a->label)
		snprintf(buf, size, "%s", a->label);
	else
		snprintf(buf, size, "%zu bytes of %s", a->size, a->site->func);
}
