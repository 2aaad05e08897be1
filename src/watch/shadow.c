// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The accesses to each byte.
 *
 * A cell stands for eight bytes and lists accesses to them: for each access,
 * its bytes, the thread, the epoch of the thread, and the call site.  A new
 * access is compared with all that are listed.  It then replaces those that it
 * covers.  Access a covers access b if b happens before a, the bytes of b are
 * among those of a, and a races with all kinds of accesses that b races with.
 * Nothing is lost by that: an access that comes later and is not ordered after
 * b is not ordered after a either, since b would be before it otherwise.  So if
 * it races with b, it races with a.
 *
 * A cell has the number of the execution that used it last, and counts as empty
 * in any other execution.  The first access to a cell of the heap asks the
 * owner of the heap whether the memory is allocated, and to which byte; a free
 * makes its cells empty again.
 */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#include "watch.h"
#include "../kernel/no_state.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

#define GRANULE 8
#define IN_CELL 3
#define REGION_SHIFT 16
#define REGION_CELLS ((1ul << REGION_SHIFT) / GRANULE)
#define REGION_BITS 12
#define MAX_MORE (1u << 18)

/*
 * struct cell - the accesses to eight bytes
 * @valid: which of the bytes are allocated
 * @nr: number of accesses in @access, and in the cells from @more on, which are
 *	in the pool and are only parts of this list
 * @block: the block of malloc() to which the bytes belong; 0: none
 * @part: see undo.c
 */
struct cell {
	u32 execution;
	u8 valid, nr;
	u16 block;
	u32 more;
	u32 part;
	struct watch_access access[IN_CELL];
};

struct region {
	uintptr_t number;
	struct cell *cells;
};

struct watch iommufd_model_watch;
NO_CHECKPOINT(iommufd_model_watch);
unsigned int iommufd_model_watched_files;

/* Blocks of malloc(); cells have the numbers of these, and 0 is none. */
#define MAX_BLOCKS (1u << 14)

static struct {
	uintptr_t start, end;
} blocks[MAX_BLOCKS];
NO_CHECKPOINT(blocks);
static unsigned int nr_blocks;
NO_CHECKPOINT(nr_blocks);

static struct cell *heap_cells;
NO_CHECKPOINT(heap_cells);
static struct region regions[1u << REGION_BITS];
NO_CHECKPOINT(regions);
static struct cell *pool;
static u32 pool_used;
NO_CHECKPOINT(pool);
NO_CHECKPOINT(pool_used);

void *iommufd_model_watch_map(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

static struct cell *map_cells(size_t nr)
{
	return iommufd_model_watch_map(nr * sizeof(struct cell));
}

static void free_kept(void);

void iommufd_model_watch_shadow_save(struct watch_point *point)
{
	point->pool_used = pool_used;
	point->nr_blocks = nr_blocks;
}

void iommufd_model_watch_shadow_go_back(const struct watch_point *point)
{
	pool_used = point->pool_used;
	nr_blocks = point->nr_blocks;
}

void iommufd_model_watch_forget(void)
{
	iommufd_model_watch_log(false);
	free_kept();
	pool_used = 0;
	nr_blocks = 0;
	if (!++iommufd_model_watch.execution)
		iommufd_model_watch.execution = 1;
	iommufd_model_watch_sync_reset();
}

/*
 * Return the cells of the region that contains @addr.  Returns NULL if there are
 * none yet and @make is not set, or if there is no room.
 */
static struct cell *region_cells(uintptr_t addr, bool make)
{
	uintptr_t number = addr >> REGION_SHIFT;
	u32 first = (u32)(number * 0x9e3779b97f4a7c15ull >> (64 - REGION_BITS));
	u32 i = first;

	do {
		/* Region 0, in which NULL points, is one like the others. */
		if (!regions[i].cells) {
			if (!make)
				return NULL;
			regions[i].cells = map_cells(REGION_CELLS);
			regions[i].number = number;
			return regions[i].cells;
		}
		if (regions[i].number == number)
			return regions[i].cells;
		i = (i + 1) % (1u << REGION_BITS);
	} while (i != first);
	return NULL;
}

static bool in_heap(uintptr_t addr)
{
	return addr - iommufd_model_watch.heap < iommufd_model_watch.heap_size;
}

static inline struct cell *cell_of(uintptr_t addr)
{
	uintptr_t offset = addr - iommufd_model_watch.heap;
	struct cell *cells;

	if (offset < iommufd_model_watch.heap_size) {
		if (__builtin_expect(!heap_cells, 0))
			heap_cells = map_cells(iommufd_model_watch.heap_size /
					       GRANULE);
		return heap_cells ? &heap_cells[offset / GRANULE] : NULL;
	}
	cells = region_cells(addr, true);
	return cells ? &cells[(addr / GRANULE) % REGION_CELLS] : NULL;
}

/* Return the cell of an address that may be that of no memory, or NULL. */
static const struct cell *known_cell(uintptr_t addr)
{
	const struct cell *cells = region_cells(addr, false);

	return cells ? &cells[(addr / GRANULE) % REGION_CELLS] : NULL;
}

/* True if two accesses to the same bytes race when nothing orders them. */
static bool conflict(unsigned int a, unsigned int b)
{
	unsigned int both = a & b;

	if ((a | b) & WATCH_RACY)
		return (a | b) & WATCH_FREE;
	if (both & WATCH_WRITER)
		both &= ~WATCH_MARKED;
	return (a | b) & WATCH_WRITE && !(both & WATCH_MARKED) &&
	       !(both & WATCH_ASSERT);
}

/*
 * True if two accesses to the same bytes do not race, and their order matters, but
 * is not explored because one of them is no step.
 */
static bool untried(unsigned int a, unsigned int b)
{
	const unsigned int excused = WATCH_MARKED | WATCH_RACY;

	return (a | b) & WATCH_NO_STEP && (a | b) & WATCH_WRITE &&
	       a & excused && b & excused && !((a | b) & WATCH_ASSERT);
}

/* True if @a conflicts with every kind of access with which @b conflicts. */
static inline bool as_strong(unsigned int a, unsigned int b)
{
	const unsigned int weaker = WATCH_MARKED | WATCH_ASSERT | WATCH_RACY;

	if ((a & WATCH_MARKED && b & WATCH_WRITER & ~a) ||
	    b & WATCH_NO_STEP & ~a)
		return false;
	return !(b & WATCH_WRITE & ~a) && !(a & weaker & ~b);
}

static inline bool ordered(const struct watch_access *first)
{
	return first->thread == iommufd_model_watch.self ||
	       first->clock <= iommufd_model_watch.me->clock.at[first->thread];
}

/* Return which bytes of the cell at @addr are in @block. */
static u8 valid_bytes(uintptr_t addr, const struct watch_block *block)
{
	unsigned int mask = 255;

	if (block->freed || !block->end)
		return 0;
	if (addr < block->start)
		mask &= 255u << (block->start - addr);
	if (addr + GRANULE > block->end)
		mask &= 255u >> (addr + GRANULE - block->end);
	return (u8)mask;
}

/*
 * Fill in a cell at its first access.  Two blocks of the heap never share a
 * cell, as there is a header between them.
 */
static void fill_cell(struct cell *cell, uintptr_t addr, unsigned int mask)
{
	struct watch_block block = { 0 };

	cell->nr = 0;
	cell->more = 0;
	cell->block = 0;
	cell->valid = 255;
	if (in_heap(addr)) {
		iommufd_model_watch.block(
			addr + (unsigned int)__builtin_ctz(mask), &block);
		cell->valid = valid_bytes(addr, &block);
		/* Nothing is allocated here, so the next access asks again. */
		if (!cell->valid)
			return;
	}
	cell->execution = iommufd_model_watch.execution;
	if (!in_heap(addr) || block.by < 0)
		return;
	cell->access[cell->nr++] = (struct watch_access){
		.clock = block.clock, .thread = (u8)block.by, .mask = 255,
		.how = WATCH_WRITE | WATCH_SITE | WATCH_ALLOC,
		.where = (uintptr_t)block.site,
	};
}

static void begin_cell(struct cell *cell, uintptr_t addr, unsigned int mask)
{
	WATCH_CHANGES(cell);
	fill_cell(cell, addr, mask);
}

/* True if the same thread has done @access before, in the same epoch. */
static inline bool repeats(const struct watch_access *old,
			   const struct watch_access *access)
{
	return old->clock == access->clock && old->thread == access->thread &&
	       !(access->mask & ~old->mask) && as_strong(old->how, access->how);
}

/*
 * Return the next cell of a list, which has room for more; NULL: there is no
 * room.
 */
static struct cell *next_cell(struct cell *cell)
{
	if (cell->more)
		return &pool[cell->more];
	if (!pool)
		pool = map_cells(MAX_MORE);
	if (!pool || pool_used + 1 >= MAX_MORE)
		return NULL;
	cell->more = ++pool_used;
	cell = &pool[cell->more];
	WATCH_CHANGES(cell);
	cell->nr = 0;
	cell->more = 0;
	return cell;
}

/*
 * Compare @access with all accesses of a list, and remove those that it covers.
 */
static bool compare(struct cell *cell, uintptr_t addr,
		    const struct watch_access *access)
{
	struct watch_access *old;
	int i;

	for (i = 0; i < cell->nr; i++) {
		old = &cell->access[i];
		if (ordered(old)) {
			if (!(old->mask & ~access->mask) &&
			    as_strong(access->how, old->how)) {
				*old = cell->access[--cell->nr];
				i--;
			}
			continue;
		}
		if (!(old->mask & access->mask))
			continue;
		if (untried(old->how, access->how))
			iommufd_model_watch.untried();
		if (!conflict(old->how, access->how) ||
		    iommufd_model_watch_depends(
			    old, addr + (unsigned int)__builtin_ctz(access->mask),
			    (size_t)__builtin_popcount(access->mask)))
			continue;
		iommufd_model_watch.race(addr, old, access);
		return false;
	}
	return true;
}

static __attribute__((noinline)) void
add_access(struct cell *cell, uintptr_t addr, const struct watch_access *access)
{
	struct cell *at;

	for (at = cell; at; at = at->more ? &pool[at->more] : NULL) {
		WATCH_CHANGES(at);
		if (!compare(at, addr, access))
			return;
	}
	for (at = cell; at && at->nr == IN_CELL;)
		at = next_cell(at);
	if (at)
		at->access[at->nr++] = *access;
	else
		iommufd_model_watch.full("accesses that nothing orders");
}

/* An access to memory for which there is no cell. */
static __attribute__((noinline)) void without_cell(void)
{
	if (iommufd_model_watch.mode == WATCH_RACES)
		iommufd_model_watch.full("parts of memory");
}

static inline void tell(uintptr_t addr, size_t size,
			const struct watch_access *access)
{
	if (iommufd_model_watch.accessed &&
	    iommufd_model_watch.mode == WATCH_RACES)
		iommufd_model_watch.accessed(addr, size, access);
}

/* @mask: which of the eight bytes at @addr are accessed. */
static inline void note_cell(uintptr_t addr, struct watch_access *access)
{
	struct cell *cell = cell_of(addr);
	int i;

	if (__builtin_expect(!cell, 0)) {
		without_cell();
		return;
	}
	tell(addr, GRANULE, access);
	if (__builtin_expect(cell->execution != iommufd_model_watch.execution,
			     0))
		begin_cell(cell, addr, access->mask);
	if (__builtin_expect(access->mask & ~cell->valid, 0)) {
		iommufd_model_watch.bad(addr, access);
		return;
	}
	if (iommufd_model_watch.mode == WATCH_BOUNDS)
		return;
	for (i = 0; i < cell->nr; i++)
		if (repeats(&cell->access[i], access))
			return;
	add_access(cell, addr, access);
}

bool iommufd_model_watch_may_race(uintptr_t addr,
				  const struct watch_access *access,
				  const struct watch_clock *clock)
{
	struct cell *cell = cell_of(addr);
	const struct watch_access *old;
	struct cell first;
	int i;

	if (!cell)
		return true;
	/* A question does not begin the cell: a free would race with that. */
	if (cell->execution != iommufd_model_watch.execution) {
		fill_cell(&first, addr, access->mask);
		cell = &first;
	}
	for (; cell; cell = cell->more ? &pool[cell->more] : NULL)
		for (i = 0; i < cell->nr; i++) {
			old = &cell->access[i];
			if (old->thread != access->thread &&
			    old->clock > clock->at[old->thread] &&
			    old->mask & access->mask &&
			    conflict(old->how, access->how))
				return true;
		}
	return false;
}

static struct watch_access access_of(unsigned int how, uintptr_t where)
{
	struct watch_thread *me = iommufd_model_watch.me;
	struct watch_access access = {
		.thread = (u8)iommufd_model_watch.self, .how = (u16)how,
		.where = where,
	};

	if (iommufd_model_watch.mode == WATCH_BOUNDS)
		return access;
	access.clock = me->clock.at[iommufd_model_watch.self];
	if (me->writers && !(how & WATCH_MARKED))
		access.how |= WATCH_WRITER;
	if (me->reader || me->writers)
		access.how |= WATCH_MARKED;
	if (me->hidden)
		access.how |= WATCH_RACY;
	return access;
}

void iommufd_model_watch_note(uintptr_t addr, size_t size, unsigned int how,
			      uintptr_t where)
{
	struct watch_access access = access_of(how, where);
	uintptr_t from = addr % GRANULE, at = addr - from;

	if (__builtin_expect(from + size <= GRANULE, 1)) {
		access.mask = (u8)(255u >> (GRANULE - size) << from);
		if (size)
			note_cell(at, &access);
		return;
	}
	for (; size; at += GRANULE, from = 0) {
		size_t part = GRANULE - from < size ? GRANULE - from : size;

		access.mask = (u8)(255u >> (GRANULE - part) << from);
		note_cell(at, &access);
		size -= part;
	}
}

/*
 * Note the free of a range.  @access.how says whether the free has a call site.
 */
static void free_range(uintptr_t addr, size_t size, struct watch_access access)
{
	uintptr_t end = addr + size;
	struct cell *cell, *at;

	access.how = (access.how & WATCH_SITE) | WATCH_WRITE | WATCH_FREE;
	access.mask = 255;
	tell(addr, size, &access);
	for (addr -= addr % GRANULE; addr < end; addr += GRANULE) {
		cell = cell_of(addr);
		if (!cell || cell->execution != iommufd_model_watch.execution)
			continue;
		for (at = cell; at && iommufd_model_watch.mode == WATCH_RACES;
		     at = at->more ? &pool[at->more] : NULL) {
			WATCH_CHANGES(at);
			if (!compare(at, addr, &access))
				return;
		}
		WATCH_CHANGES(cell);
		cell->execution = 0;
	}
}

void iommufd_model_watch_freed(uintptr_t addr, size_t size,
			       const struct iommufd_model_site *site)
{
	free_range(addr, size, access_of(WATCH_SITE, (uintptr_t)site));
}

/* Memory of malloc() */

/*
 * Memory that was freed in this execution; free() is called when the next one
 * begins.
 */
#define MAX_KEPT (1u << 16)

static void **kept;
NO_CHECKPOINT(kept);
static unsigned int nr_kept;
NO_CHECKPOINT(nr_kept);

static void free_kept(void)
{
	while (nr_kept)
		free(kept[--nr_kept]);
}

/* False: there is no room. */
static bool keep(void *p)
{
	if (!kept)
		kept = iommufd_model_watch_map(MAX_KEPT * sizeof(*kept));
	if (!kept || nr_kept == MAX_KEPT)
		return false;
	kept[nr_kept++] = p;
	return true;
}

/*
 * Empty the cells of the block.  From now on, all their bytes are @valid, and
 * they belong to the block with that number.
 */
static void set_cells(uintptr_t addr, size_t size, u8 valid, unsigned int block)
{
	uintptr_t end = addr + size;
	struct cell *cell;

	for (addr -= addr % GRANULE; addr < end; addr += GRANULE) {
		cell = cell_of(addr);
		if (!cell)
			continue;
		WATCH_CHANGES(cell);
		cell->execution = iommufd_model_watch.execution;
		cell->valid = valid;
		cell->block = (u16)block;
		cell->nr = 0;
		cell->more = 0;
	}
}

void iommufd_model_watch_allocated(void *p, size_t size)
{
	unsigned int block = 0;

	if (!p || !iommufd_model_watch.mode)
		return;
	if (nr_blocks + 1 < MAX_BLOCKS) {
		block = ++nr_blocks;
		blocks[block].start = (uintptr_t)p;
		blocks[block].end = (uintptr_t)p + size;
	}
	set_cells((uintptr_t)p, size, 255, block);
}

bool iommufd_model_watch_block(uintptr_t addr, struct watch_block *block)
{
	const struct cell *cell;

	memset(block, 0, sizeof(*block));
	if (in_heap(addr)) {
		iommufd_model_watch.block(addr, block);
		return block->end;
	}
	cell = nr_blocks ? known_cell(addr) : NULL;
	if (cell && cell->execution == iommufd_model_watch.execution &&
	    cell->block) {
		block->start = blocks[cell->block].start;
		block->end = blocks[cell->block].end;
		return addr - block->start < block->end - block->start;
	}
	if (addr < 65536 || !iommufd_model_watch.block)
		return false;
	iommufd_model_watch.block(addr, block);
	return block->end;
}

bool iommufd_model_watch_released(void *p, size_t size, const void *pc)
{
	struct watch_access access;
	struct cell *cell;

	if (!p || !iommufd_model_watch.mode)
		return false;
	access = access_of(0, (uintptr_t)pc);
	access.how = WATCH_WRITE | WATCH_FREE;
	access.mask = 1;
	cell = cell_of((uintptr_t)p);
	if (cell && cell->execution == iommufd_model_watch.execution &&
	    !cell->valid) {
		iommufd_model_watch.bad((uintptr_t)p, &access);
		return true;
	}
	free_range((uintptr_t)p, size, access);
	set_cells((uintptr_t)p, size, 0, 0);
	if (keep(p))
		return true;
	iommufd_model_watch.full("frees of memory of malloc()");
	return false;
}

/* Functions that callbacks.c calls */

void iommufd_model_watch_file(void)
{
	iommufd_model_watched_files++;
}

static bool seen(void)
{
	return iommufd_model_watch.mode &&
	       !(iommufd_model_task && iommufd_model_task->in_hook);
}

/* True if the order of an access with one that does not race with it can matter. */
static bool may_be_step(unsigned int how)
{
	const struct watch_thread *me = iommufd_model_watch.me;

	return iommufd_model_watch.mode == WATCH_RACES &&
	       (how & WATCH_MARKED || me->hidden || me->reader || me->writers);
}

void iommufd_model_watch_access(const volatile void *addr, size_t size,
				unsigned int how, const void *pc)
{
	if (!pc)
		pc = __builtin_return_address(0);
	if (!seen())
		return;
	if (may_be_step(how) &&
	    !iommufd_model_watch.step((uintptr_t)addr, size, how,
				      (uintptr_t)pc))
		how |= WATCH_NO_STEP;
	iommufd_model_watch_note((uintptr_t)addr, size, how, (uintptr_t)pc);
}

void iommufd_model_watch_for(const void *addr, size_t size, bool write,
			     const struct iommufd_model_site *site)
{
	if (seen())
		iommufd_model_watch_note((uintptr_t)addr, size,
					 WATCH_SITE | (write ? WATCH_WRITE : 0),
					 (uintptr_t)site);
}

void iommufd_model_watch_atomic(const volatile void *addr, size_t size,
				unsigned int kind, int order,
				unsigned long value, const void *pc)
{
	u64 key = watch_place((const void *)(uintptr_t)addr, 0);
	bool acquire = order != __ATOMIC_RELAXED && order != __ATOMIC_RELEASE;
	bool release = order != __ATOMIC_RELAXED && order != __ATOMIC_ACQUIRE &&
		       order != __ATOMIC_CONSUME;

	/*
	 * Each operation at the gate reads this variable first, so it is
	 * ignored.
	 */
	if (addr == (const volatile void *)&iommufd_model_gate || !seen())
		return;
	iommufd_model_watch_note((uintptr_t)addr, size,
				 WATCH_MARKED | (kind & 2 ? WATCH_WRITE : 0),
				 (uintptr_t)pc);
	if (iommufd_model_watch.mode != WATCH_RACES)
		return;
	if (kind & 1 && acquire)
		iommufd_model_watch_acquire(key);
	else if (kind & 1)
		iommufd_model_watch_read(key, value);
	if (kind & 2 && release && kind & 1)
		iommufd_model_watch_release(key);
	else if (kind & 2 && release)
		iommufd_model_watch_publish(key);
	else if (kind == 3)
		iommufd_model_watch_change(key);
	else if (kind == 2)
		iommufd_model_watch_store(key);
}

void iommufd_model_watch_dereference(const volatile void *addr,
				     const volatile void *value)
{
	u64 key = watch_place((const void *)(uintptr_t)addr, 0);
	struct watch_block block;

	if (!value || !seen() || iommufd_model_watch.mode != WATCH_RACES)
		return;
	if (iommufd_model_watch_block((uintptr_t)value, &block))
		iommufd_model_watch_read(key, (uintptr_t)value);
	else
		iommufd_model_watch_acquire_now(key);
}

bool iommufd_model_watch_active(void)
{
	return iommufd_model_watch.mode != WATCH_OFF;
}

void iommufd_model_watch_barrier(int order)
{
	if (order != __ATOMIC_RELAXED && seen() &&
	    iommufd_model_watch.mode == WATCH_RACES)
		iommufd_model_watch_fence();
}

void iommufd_model_watch_hide(int change)
{
	if (seen() && iommufd_model_watch.mode == WATCH_RACES)
		iommufd_model_watch.me->hidden += change;
}
