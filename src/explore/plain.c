// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Plain accesses of watched code, and states that were explored before.
 *
 * If the search does not explore a state again (states.c), it does not see that a
 * plain access of the prefix, which is new, races with one in the subtree, which is
 * known.  So each state is stored with the plain accesses in its
 * subtree, and when it is met again, these are compared with the accesses of the
 * prefix.  If a race is possible, the state is explored again.
 *
 * Access b in the subtree, by thread t, does not race with an earlier access of
 * thread u if what u had done when the state was reached happens before b.  That
 * is a fact about the subtree alone, whatever the prefix was: it is a chain of
 * releases and acquisitions after the state.  So b is stored with the set of
 * threads u for which it holds.  For the others, it is known that whatever
 * happened before t or before one of these threads in the state happens before b.
 * An access of the prefix that is not among that may race with b.
 *
 * Also, b may come after an acquisition in the subtree of what was published at a
 * location, such as a lock.  Then what is published there when the state is met happens
 * before b, whatever the prefix was.  So b is stored with the set of these locations,
 * too, as far as they are tracked (../watch/watch.h), and what is published there is
 * not replaced after the state.  An atomic operation may acquire or not, depending on
 * what is concurrent to it (order.c), so it does not count.
 *
 * That set depends on the state: of two nodes on a path, the set of threads is
 * larger for the upper one.  So an access is added to each node of the path that will
 * be stored, up to the first one for which all threads are in the set; from there on
 * it is ordered after all that happened before, and so need not be stored.  When a
 * known state is met, its accesses are added to the nodes above in the same way.
 *
 * Of the ground's memory all accesses are stored.  Most other memory, which is
 * stacks and static variables, is used by one thread only, or never written.  There,
 * an access is stored only if its memory is known to be shared: two threads have
 * accessed it, in any execution of any job, and one of them has written it.  When
 * more memory becomes known as shared, the states that are stored already lack
 * accesses to it.  So the hash of a state has the number of shared granules, and
 * these states are not found any more.
 */
#include "internal.h"
#include <string.h>

/* Memory is known to be shared in pieces of this many bytes. */
#define GRANULE 8
#define ALL_THREADS 0xffffu

/* The flags of an access by which it is decided whether two of them race. */
#define HOW                                                                    \
	(WATCH_WRITE | WATCH_MARKED | WATCH_ASSERT | WATCH_RACY | WATCH_FREE | \
	 WATCH_WRITER)

/* True if accesses to any of this memory count. */
static bool learn(const struct execution *exec, uintptr_t addr, size_t size,
		  const struct watch_access *access)
{
	struct search *search = exec->search;
	uintptr_t end = addr + size;
	bool any = false;
	int counts;

	if (addr - exec->arena < EXPLORE_ARENA_SIZE)
		return true;
	for (addr -= addr % GRANULE; addr < end; addr += GRANULE) {
		counts = explore_known_granule(explore_states_known_of(search),
					       addr / GRANULE, access->thread,
					       access->how & WATCH_WRITE);
		if (counts < 0)
			explore_states_turn_off(search,
						"too much memory is accessed");
		any |= counts > 0;
	}
	return any;
}

/* Nodes */

void explore_plain_begin(const struct execution *exec, struct plain_set *set)
{
	int i;

	memset(set, 0, sizeof(*set));
	set->depth = (u32)exec->search->depth;
	for (i = 0; i < exec->nr_threads; i++)
		set->epoch[i] = iommufd_model_watch.threads[i].clock.at[i];
}

/*
 * The tracked locations that have been acquired before an access, and the steps that
 * count: what was published at a node happens before the access if the node is in
 * front of step @acquired, and not in front of step @since.
 */
struct acquired {
	int nr;
	struct {
		u32 bit, acquired, since;
	} at[WATCH_TRACKED];
};

static void find_acquired(const struct watch_clock *clock,
			  struct acquired *found)
{
	u32 acquired;
	int i;

	found->nr = 0;
	for (i = 0; i < WATCH_TRACKED; i++) {
		acquired = clock->at[WATCH_THREADS + i];
		if (!acquired)
			continue;
		found->at[found->nr].bit = 1u << (WATCH_THREADS + i);
		found->at[found->nr].acquired = acquired;
		iommufd_model_watch_published(i, &found->at[found->nr].since);
		found->nr++;
	}
}

/*
 * Which threads' epochs at the node are in @clock, and what was published at which
 * tracked locations.  Of the @nr threads that there are now, one that there was not
 * at the node has the epoch 0.
 */
static u32 before(const struct plain_set *set, const struct watch_clock *clock,
		  const struct acquired *acquired, int nr)
{
	u32 all = ALL_THREADS << nr & ALL_THREADS;
	int i;

	for (i = 0; i < nr; i++)
		all |= (u32)(clock->at[i] >= set->epoch[i]) << i;
	for (i = 0; i < acquired->nr; i++)
		if (set->depth < acquired->at[i].acquired &&
		    set->depth >= acquired->at[i].since)
			all |= acquired->at[i].bit;
	return all;
}

/*
 * Add the access to the nodes from @depth on upwards.  @clock: what happens
 * before it
 */
static void add(const struct execution *exec, int depth, struct access *access,
		const struct watch_clock *clock)
{
	struct search *search = exec->search;
	struct plain_set *set;
	struct known *known = explore_states_known_of(search);
	struct acquired acquired;
	int number = -1;
	u32 all;

	find_acquired(clock, &acquired);
	while ((set = explore_states_plain(search, &depth))) {
		all = before(set, clock, &acquired, exec->nr_threads) |
		      BIT16(access->thread);
		if ((all & ALL_THREADS) == ALL_THREADS)
			return;
		if (explore_known_is_crowded(known))
			all &= ALL_THREADS;
		if (number < 0 || all != access->locks) {
			access->locks = all;
			number = explore_known_access(known, access);
		}
		if (number < 0) {
			explore_states_turn_off(search,
						"too many different accesses");
			return;
		}
		set->accesses.bits[number / 64] |= 1ull << (number % 64);
	}
}

void explore_plain_accessed(uintptr_t addr, size_t size,
			    const struct watch_access *watched)
{
	struct execution *exec = explore_execution_current();
	struct search *search = exec->search;
	struct access access;
	bool counts;

	if (!explore_states_wanted(search))
		return;
	counts = learn(exec, addr, size, watched);
	/* An earlier execution has begun with the same steps, up to @forced. */
	if (!counts || search->dead || search->depth < search->forced ||
	    !explore_states_used(search))
		return;
	if (watched->how & WATCH_FREE &&
	    !explore_arena_chunk((const void *)addr)) {
		explore_states_turn_off(search, "memory of malloc() is freed");
		return;
	}
	memset(&access, 0, sizeof(access));
	access.addr = (const void *)addr;
	access.thread = watched->thread;
	access.kind = watched->how & HOW;
	access.flags = watched->mask;
	access.conflict = CONFLICT_PLAIN;
	add(exec, search->depth - 1, &access,
	    &iommufd_model_watch.threads[watched->thread].clock);
}

/* Known states */

/*
 * Find what happens before an access in a subtree that begins here, if @all happens
 * before it: what threads have done so far, and what is published at tracked
 * locations.  If one of the threads has ended, its number may have been given to a
 * new thread in the subtree: then nothing is known of what happened before the first
 * one.
 */
static void find_clock(const struct execution *exec, u32 all,
		       struct watch_clock *clock)
{
	const struct watch_clock *published;
	u32 since;
	int i;

	memset(clock, 0, sizeof(*clock));
	for (i = 0; i < exec->nr_threads; i++)
		if (all >> i & 1 && !exec->threads[i].ended)
			watch_join(clock,
				   &iommufd_model_watch.threads[i].clock);
	for (i = 0; i < WATCH_TRACKED; i++) {
		published = all >> (WATCH_THREADS + i) & 1 ?
				    iommufd_model_watch_published(i, &since) :
				    NULL;
		if (published)
			watch_join(clock, published);
	}
	for (i = 0; i < WATCH_CLOCKS; i++)
		if (all >> i & 1)
			clock->at[i] = ~0u;
}

static bool may_race(const struct access *access,
		     const struct watch_clock *clock)
{
	const struct watch_access watched = {
		.thread = access->thread,
		.mask = access->flags,
		.how = access->kind,
	};
	uintptr_t addr = (uintptr_t)access->addr, end = addr + 1;
	const struct chunk *chunk = NULL;

	if (access->kind & WATCH_FREE) {
		chunk = explore_arena_chunk(access->addr);
		if (!chunk)
			return false;
		end = (uintptr_t)chunk->start + chunk->size;
	}
	for (addr -= addr % GRANULE; addr < end; addr += GRANULE)
		if (iommufd_model_watch_may_race(addr, &watched, clock))
			return true;
	return false;
}

/*
 * Call @fn for each plain access of @set, with what happens before it, until it
 * returns false.
 */
static bool for_each(struct execution *exec, const struct access_set *set,
		     bool (*fn)(struct execution *exec,
				const struct access *access, int number,
				const struct watch_clock *clock))
{
	const struct access *accesses, *access;
	static struct {
		u32 all;
		u64 found;
		struct watch_clock clock;
	} clocks[64];
	static u64 now;
	NO_CHECKPOINT(clocks);
	NO_CHECKPOINT(now);
	u64 rest;
	int i, at, number;

	accesses =
		explore_known_accesses(explore_states_known_of(exec->search));
	now++;
	for (i = 0; i < ACCESS_WORDS; i++) {
		for (rest = set->bits[i]; rest; rest &= rest - 1) {
			number = i * 64 + __builtin_ctzll(rest);
			access = &accesses[number];
			if (access->conflict != CONFLICT_PLAIN)
				continue;
			at = (int)(access->locks * 0x9e3779b9u >> 26);
			if (clocks[at].found != now ||
			    clocks[at].all != access->locks) {
				clocks[at].found = now;
				clocks[at].all = access->locks;
				find_clock(exec, access->locks,
					   &clocks[at].clock);
			}
			if (!fn(exec, access, number, &clocks[at].clock))
				return false;
		}
	}
	return true;
}

static bool is_ordered(struct execution *exec, const struct access *access,
		       int number, const struct watch_clock *clock)
{
	(void)exec;
	(void)number;
	return !may_race(access, clock);
}

/* Add an access of the node that was just reached to it, and to those above. */
static bool take_over(struct execution *exec, const struct access *access,
		      int number, const struct watch_clock *clock)
{
	struct search *search = exec->search;
	int depth = search->depth;
	struct plain_set *set = explore_states_plain(search, &depth);
	struct access copy = *access;

	set->accesses.bits[number / 64] |= 1ull << (number % 64);
	add(exec, depth, &copy, clock);
	return true;
}

bool explore_plain_known(struct execution *exec, const struct access_set *set)
{
	if (!iommufd_model_watched_files)
		return true;
	if (!for_each(exec, set, is_ordered))
		return false;
	for_each(exec, set, take_over);
	return true;
}
