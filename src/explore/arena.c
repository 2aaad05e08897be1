// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The memory of an execution: src/kernel allocates from it while the explorer
 * runs.
 *
 * Allocations are taken from one large mapping, one after the other, and are
 * given back all at once when the next execution begins.  So no address is used
 * twice in an execution, and the same steps get the same addresses.
 *
 * If states are compared (states.c), each thread takes its allocations from a
 * part of its own, as long as there is room.  So the address of an allocation
 * does not depend on what other threads have allocated before.
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
#define COMMON_SIZE (64ul << 20)
#define OWN_SIZE ((ARENA_SIZE - COMMON_SIZE) / MAX_THREADS)
#define COMMON_CHUNKS 65536
#define OWN_CHUNKS 2048
#define MAX_CHUNKS (COMMON_CHUNKS + MAX_THREADS * OWN_CHUNKS)
#define GRANULE 64
#define POISON_SHIFT 12
#define POISON_SIZE ((size_t)MAX_CHUNKS << POISON_SHIFT)
/* The offset in the page of a chunk to which pointers in freed memory point. */
#define POISON_OFFSET 512

/* A part of the arena: the first is the common one, then one of each thread. */
struct part {
	char *start;
	size_t size, used;
	struct chunk *chunks;
	int nr_chunks, max_chunks;
};

static char *base;
static char *poison;
static struct chunk *chunks;
static struct part parts[1 + MAX_THREADS];
static int nr_freed;
static bool apart;
int explore_arena_turn;
/*
 * For each granule of the arena, the number in its part of the chunk that was
 * found there last.
 */
static u32 *found_last;

NO_CHECKPOINT(base);
NO_CHECKPOINT(found_last);
NO_CHECKPOINT(poison);
NO_CHECKPOINT(chunks);
NO_STATE(parts);
NO_STATE(nr_freed);
NO_STATE(explore_arena_turn);

static bool owns(const void *p)
{
	return (uintptr_t)p - (uintptr_t)base < ARENA_SIZE;
}

static bool has_room(const struct part *part, size_t rounded)
{
	return part->nr_chunks < part->max_chunks &&
	       rounded <= part->size - part->used;
}

/* @size is that of the header and of the memory, which may have no bytes. */
static void *get(size_t size, bool zero)
{
	struct part *part = &parts[apart ? explore_arena_turn + 1 : 0];
	struct chunk *chunk;
	size_t rounded;
	char *p;

	/* The address of the memory must belong to the chunk in any case. */
	if (size == iommufd_model_slab_header())
		size++;
	rounded = (size + REDZONE + 15) & ~(size_t)15;
	if (!has_room(part, rounded))
		part = &parts[0];
	if (rounded < size || !has_room(part, rounded))
		return NULL;
	p = part->start + part->used;
	part->used += rounded;
	OPEN(p, size);
	SHUT(p + size, rounded - size);
	if (zero)
		memset(p, 0, size);
	chunk = &part->chunks[part->nr_chunks++];
	chunk->start = p;
	chunk->size = size;
	chunk->first_location = NO_LINK;
	chunk->freed_step = -1;
	explore_watch_allocated(chunk, zero);
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

static void *reserve(size_t size, int protection)
{
	void *p = mmap(NULL, size, protection,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

void *explore_arena_reserve(size_t size)
{
	return reserve(size, PROT_READ | PROT_WRITE);
}

static void make_part(int i, size_t size, int max_chunks)
{
	struct part *part = &parts[i], *last = part - 1;

	part->start = i ? last->start + last->size : base;
	part->size = size;
	part->chunks = i ? last->chunks + last->max_chunks : chunks;
	part->max_chunks = max_chunks;
}

static void make_parts(void)
{
	int i;

	make_part(0, COMMON_SIZE, COMMON_CHUNKS);
	for (i = 1; i <= MAX_THREADS; i++)
		make_part(i, OWN_SIZE, OWN_CHUNKS);
}

/* Map the arena behind its tables; see explore_arena_reserve(). */
static bool map(void)
{
	const size_t found_size = ARENA_SIZE / GRANULE * sizeof(*found_last);
	const size_t chunks_size = MAX_CHUNKS * sizeof(*chunks);
	char *p = explore_arena_reserve(found_size + chunks_size + ARENA_SIZE);

	if (!p)
		return false;
	found_last = (void *)p;
	chunks = (void *)(p + found_size);
	base = p + found_size + chunks_size;
	return true;
}

const char *explore_arena_start(void)
{
	if (!base) {
		if (!map())
			return NULL;
		poison = reserve(POISON_SIZE, PROT_NONE);
		make_parts();
	}
	iommufd_model_set_heap(&heap);
	return base;
}

void explore_arena_reset(void)
{
	int i;

	for (i = 0; i <= MAX_THREADS; i++) {
		OPEN(parts[i].start, parts[i].used);
		parts[i].used = 0;
		parts[i].nr_chunks = 0;
	}
	nr_freed = 0;
}

void explore_arena_save(void)
{
	const struct part *part;

	for (part = parts; part <= &parts[MAX_THREADS]; part++) {
		explore_checkpoint_put(part->start, part->used);
		explore_checkpoint_put(part->chunks, (size_t)part->nr_chunks *
							     sizeof(*chunks));
	}
}

void explore_arena_keep_apart(bool yes)
{
	apart = yes;
}

bool explore_arena_shut(void)
{
	return IS_SHUT;
}

/* The first chunk of @part, or of those after it. */
static const struct chunk *first_of(const struct part *part)
{
	for (; part <= &parts[MAX_THREADS]; part++)
		if (part->nr_chunks)
			return part->chunks;
	return NULL;
}

/* The number of the part that @chunk is of. */
static int part_of(const struct chunk *chunk)
{
	int i = (int)(chunk - chunks);

	return i < COMMON_CHUNKS ? 0 : 1 + (i - COMMON_CHUNKS) / OWN_CHUNKS;
}

const struct chunk *explore_arena_next(const struct chunk *chunk)
{
	const struct part *part;

	if (!chunk)
		return first_of(parts);
	part = &parts[part_of(chunk)];
	return chunk + 1 - part->chunks < part->nr_chunks ? chunk + 1 :
							    first_of(part + 1);
}

bool explore_arena_any_freed(void)
{
	return nr_freed;
}

/* True if chunk @i of @part is the last one that begins at or below @addr. */
static bool is_below(const struct part *part, int i, const void *addr)
{
	const struct chunk *chunk = &part->chunks[i];

	return i < part->nr_chunks && chunk->start <= (const char *)addr &&
	       (i + 1 == part->nr_chunks ||
		chunk[1].start > (const char *)addr);
}

struct chunk *explore_arena_below(const void *addr)
{
	size_t offset = (size_t)((uintptr_t)addr - (uintptr_t)base);
	const struct part *part = parts;
	int low = 0, high, mid;
	u32 *found;

	if (!base || !owns(addr))
		return NULL;
	if (offset >= COMMON_SIZE)
		part += 1 + (offset - COMMON_SIZE) / OWN_SIZE;
	found = &found_last[offset / GRANULE];
	if (is_below(part, (int)*found, addr))
		return &part->chunks[*found];
	high = part->nr_chunks;
	while (high - low > 1) {
		mid = (low + high) / 2;
		if (part->chunks[mid].start <= (const char *)addr)
			low = mid;
		else
			high = mid;
	}
	*found = (u32)low;
	return high ? &part->chunks[low] : NULL;
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

	struct chunk *chunk;
	const struct part *part;

	if (!poison || offset >= POISON_SIZE)
		return NULL;
	chunk = &chunks[offset >> POISON_SHIFT];
	part = &parts[part_of(chunk)];
	return chunk - part->chunks < part->nr_chunks ? chunk : NULL;
}

static bool was_overwritten(const struct chunk *chunk)
{
	const uintptr_t *word = chunk->was.addr, *end;
	uintptr_t value = poison_of(chunk);

	if (chunk->freed_step < 0)
		return false;
	end = word + chunk->was.size / sizeof(*word);
	for (; word < end; word++)
		if (*word != value)
			return true;
	return memcmp(end, &value, chunk->was.size % sizeof(*word));
}

const struct chunk *explore_arena_overwritten(void)
{
	const struct chunk *chunk = NULL;

	if (!nr_freed || IS_SHUT)
		return NULL;
	while ((chunk = explore_arena_next(chunk)))
		if (was_overwritten(chunk))
			return chunk;
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
