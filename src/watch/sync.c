// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Clocks: which accesses happen before which others.
 *
 * A location has a clock with what was released to it.  A relaxed change of a
 * location, such as an atomic increment, keeps the clock, because it continues
 * the release sequence.  A relaxed write ends it.  A relaxed read orders
 * nothing at once, but the thread remembers the clock: a later barrier orders
 * by it, and so do accesses whose address depends on the pointer that was read.
 */
#include "watch.h"
#include "../kernel/no_state.h"
#include <string.h>

#define TABLE_BITS 16
#define TABLE_SIZE (1u << TABLE_BITS)
/* Two for each step. */
#define MAX_MARKS (1u << 16)

/*
 * @part: see undo.c
 * @since: the number of the last step that has replaced its clock; 0: none has
 */
struct location {
	u64 key;
	u32 execution, part, since;
	bool empty;
	struct watch_clock clock;
};

/* Event @number at @key, and the clock of its thread at that moment. */
struct mark {
	u64 key;
	int number;
	struct watch_clock clock;
};

static struct location *table;
NO_CHECKPOINT(table);
static unsigned int nr_locations, nr_marks;
NO_CHECKPOINT(nr_locations);
NO_CHECKPOINT(nr_marks);
static struct mark *marks;
NO_CHECKPOINT(marks);

bool iommufd_model_watch_sync_prepare(void)
{
	const size_t size = TABLE_SIZE * sizeof(*table);
	char *p;

	if (table)
		return true;
	p = iommufd_model_watch_map(size + MAX_MARKS * sizeof(*marks));
	if (!p)
		return false;
	table = (void *)p;
	marks = (void *)(p + size);
	return true;
}

void iommufd_model_watch_reset_threads(int first)
{
	int i;

	for (i = first; i < WATCH_THREADS; i++) {
		memset(&iommufd_model_watch.threads[i], 0,
		       sizeof(iommufd_model_watch.threads[i]));
		iommufd_model_watch.threads[i].clock.at[i] = 1;
	}
}

void iommufd_model_watch_sync_reset(void)
{
	nr_locations = nr_marks = 0;
	iommufd_model_watch_reset_threads(0);
}

void iommufd_model_watch_sync_save(struct watch_point *point)
{
	point->nr_locations = nr_locations;
	point->nr_marks = nr_marks;
}

void iommufd_model_watch_sync_go_back(const struct watch_point *point)
{
	nr_locations = point->nr_locations;
	nr_marks = point->nr_marks;
}

/* Find a location.  If @make is set, it is made, and is going to be changed. */
static struct location *find(u64 key, bool make)
{
	u32 i = (u32)(key * 0x9e3779b97f4a7c15ull >> (64 - TABLE_BITS));
	struct location *l;

	for (;; i = (i + 1) % TABLE_SIZE) {
		l = &table[i];
		if (l->execution != iommufd_model_watch.execution)
			break;
		if (l->key != key)
			continue;
		if (make)
			WATCH_CHANGES(l);
		return l;
	}
	if (!make)
		return NULL;
	if (nr_locations > TABLE_SIZE * 7 / 8) {
		iommufd_model_watch.full("variables that order accesses");
		return NULL;
	}
	nr_locations++;
	WATCH_CHANGES(l);
	l->key = key;
	l->execution = iommufd_model_watch.execution;
	l->since = 0;
	l->empty = true;
	return l;
}

/* Return what was released to a location, or NULL. */
static const struct watch_clock *released(u64 key)
{
	const struct location *l = find(key, false);

	return l && !l->empty ? &l->clock : NULL;
}

/*
 * Add to the clock what the thread has read of the releases of others: the next
 * release publishes that as well.
 */
static void gather(struct watch_thread *me)
{
	if (!me->has_read)
		return;
	watch_join(&me->clock, &me->read);
	me->has_read = false;
}

static void next_epoch(void)
{
	iommufd_model_watch.me->clock.at[iommufd_model_watch.self]++;
}

/* Add @clock, or store it if @l was empty. */
static void add(struct location *l, const struct watch_clock *clock)
{
	if (l->empty)
		l->clock = *clock;
	else
		watch_join(&l->clock, clock);
	l->empty = false;
}

static void forget(struct location *l)
{
	l->since = (u32)*iommufd_model_watch.depth;
	l->empty = true;
}

/*
 * Return the clock that a thread publishes.  It contains the order of accesses
 * that depend on a pointer, which is not in the thread's own clock: for a
 * thread that acquires what is published, these accesses are ordered.
 */
static struct watch_clock published(struct watch_thread *me)
{
	struct watch_clock clock = me->clock;

	if (me->has_read)
		watch_join(&clock, &me->read);
	return clock;
}

void iommufd_model_watch_give(struct watch_clock *to)
{
	*to = published(iommufd_model_watch.me);
	next_epoch();
}

void iommufd_model_watch_take(const struct watch_clock *from)
{
	watch_join(&iommufd_model_watch.me->clock, from);
}

void iommufd_model_watch_release(u64 key)
{
	struct location *l = find(key, true);
	struct watch_clock clock;

	iommufd_model_watch_give(&clock);
	if (l)
		add(l, &clock);
}

void iommufd_model_watch_publish(u64 key)
{
	struct location *l = find(key, true);

	if (l)
		forget(l);
	iommufd_model_watch_release(key);
}

void iommufd_model_watch_store(u64 key)
{
	/*
	 * If nothing is published, on another path to the same state of all memory
	 * something may be, and it is replaced there.
	 */
	struct location *l = find(key, iommufd_model_watch.me->has_fence ||
					       iommufd_model_watch.tracked);

	if (!l)
		return;
	WATCH_CHANGES(l);
	forget(l);
	iommufd_model_watch_change(key);
}

void iommufd_model_watch_change(u64 key)
{
	struct watch_thread *me = iommufd_model_watch.me;
	struct location *l;

	if (!me->has_fence)
		return;
	l = find(key, true);
	if (l)
		add(l, &me->fence);
}

void iommufd_model_watch_acquire_now(u64 key)
{
	const struct watch_clock *clock = released(key);

	if (clock)
		iommufd_model_watch_take(clock);
}

/* Return the number of the location among those that are tracked, or -1. */
static int tracked(u64 key)
{
	u64 *keys = iommufd_model_watch.tracked, found;
	int i;

	for (i = 0; keys && i < WATCH_TRACKED; i++) {
		found = __atomic_load_n(&keys[i], __ATOMIC_RELAXED);
		if (found == key ||
		    (!found && (__atomic_compare_exchange_n(
					&keys[i], &found, key, false,
					__ATOMIC_RELAXED, __ATOMIC_RELAXED) ||
				found == key)))
			return i;
	}
	return -1;
}

void iommufd_model_watch_acquire(u64 key)
{
	int i = tracked(key);

	iommufd_model_watch_acquire_now(key);
	if (i >= 0)
		iommufd_model_watch.me->clock.at[WATCH_THREADS + i] =
			(u32)*iommufd_model_watch.depth;
}

const struct watch_clock *iommufd_model_watch_published(int i, u32 *since)
{
	u64 key = iommufd_model_watch.tracked[i];
	const struct location *l = key ? find(key, false) : NULL;

	*since = l ? l->since : 0;
	return l && !l->empty ? &l->clock : NULL;
}

/* The thread has read a pointer: remember the memory to which it points. */
static void consume(struct watch_thread *me, uintptr_t value,
		    const struct watch_clock *clock)
{
	struct watch_consumed *to;
	struct watch_block block;

	if (!iommufd_model_watch_block(value, &block))
		return;
	for (to = me->consumed; to < me->consumed + WATCH_CONSUMED; to++)
		if (to->start == block.start && to->end == block.end) {
			watch_join(&to->clock, clock);
			return;
		}
	to = &me->consumed[me->nr_consumed++ % WATCH_CONSUMED];
	/*
	 * If there are too many blocks, the oldest one orders all accesses of
	 * the thread, not only those to the block.  So no order is lost.
	 */
	if (me->nr_consumed > WATCH_CONSUMED)
		watch_join(&me->clock, &to->clock);
	to->start = block.start;
	to->end = block.end;
	to->clock = *clock;
}

void iommufd_model_watch_read(u64 key, uintptr_t value)
{
	struct watch_thread *me = iommufd_model_watch.me;
	const struct watch_clock *clock = released(key);

	if (!clock)
		return;
	if (!me->has_read)
		me->read = *clock;
	else
		watch_join(&me->read, clock);
	me->has_read = true;
	consume(me, value, clock);
}

void iommufd_model_watch_fence(void)
{
	struct watch_thread *me = iommufd_model_watch.me;

	gather(me);
	iommufd_model_watch_give(&me->fence);
	me->has_fence = true;
}

void iommufd_model_watch_mark(u64 key, int number)
{
	struct mark *mark;

	if (nr_marks == MAX_MARKS)
		return;
	mark = &marks[nr_marks++];
	mark->key = key;
	mark->number = number;
	iommufd_model_watch_give(&mark->clock);
}

void iommufd_model_watch_reach(u64 key, int limit)
{
	unsigned int i;

	/* The comparison works although numbers wrap around. */
	for (i = 0; i < nr_marks; i++)
		if (marks[i].key == key &&
		    (int)((unsigned int)marks[i].number -
			  (unsigned int)limit) < 0)
			iommufd_model_watch_take(&marks[i].clock);
}

/* A pointer that was read through such a pointer orders accesses, too. */
static void follow(struct watch_thread *me, uintptr_t addr, size_t size,
		   const struct watch_consumed *from)
{
	struct watch_clock clock = from->clock;
	uintptr_t value;

	if (size != sizeof(value) || addr % sizeof(value))
		return;
	memcpy(&value, (const void *)addr, sizeof(value));
	consume(me, value, &clock);
}

bool iommufd_model_watch_depends(const struct watch_access *first,
				 uintptr_t addr, size_t size)
{
	struct watch_thread *me = iommufd_model_watch.me;
	const struct watch_consumed *c;
	unsigned int i;

	for (i = 0; i < WATCH_CONSUMED; i++) {
		c = &me->consumed[i];
		if (addr < c->start || addr >= c->end ||
		    first->clock > c->clock.at[first->thread])
			continue;
		follow(me, addr, size, c);
		return true;
	}
	return false;
}
