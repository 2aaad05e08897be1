// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The states that are known, and the accesses in the subtrees below them.
 *
 * Few different sets of accesses belong to many states, so each set is stored
 * once.  States and sets share one piece of memory, in which they grow towards
 * each other, and one index.
 *
 * All jobs of an exploration share the table, without a lock: a job may be killed
 * at any point, and the others go on.  A state, a set or an access is written
 * before it is published, by the exchange of a 0 in an index for its number.
 * After that one word of a state can change: it has the state's sleep set, which
 * becomes smaller, and the number of its set of accesses, for that of a larger set.
 *
 * A table that is not shared has an index that grows with it, so that few states
 * take little memory, and forgets its states when the search begins again.  The
 * numbers of accesses and of sets of locks stay.  The memory is allocated when the
 * exploration begins, and freed at its end (api.c).
 */
#include "internal.h"
#include <string.h>

#define MIN_INDEX_BITS 10
#define GRANULE_BITS 13
#define MAX_GRANULES (1u << GRANULE_BITS)
#define K 0x9e3779b97f4a7c15ull

/*
 * @value: the sleep set and the number of the set of accesses
 */
struct slot {
	u64 key, value;
};

#define SET_OF(value) ((u32)(value))
#define SLEEP_OF(value) ((u16)((value) >> 32))
#define VALUE(sleep, set) ((u64)(sleep) << 32 | (set))

/*
 * struct known
 * @nr_accesses, @nr_locksets: how many entries of the two tables are used; jobs
 *	that store at the same time may leave some of them unused
 * @plain: which accesses are plain ones
 * @access_index, @lockset_index: the number of an entry, from 1, at the place
 *	that a hash of the entry says, or after it; 0: none
 * @granules: who has accessed each granule, which is eight bytes (plain.c).  An
 *	entry has the granule, a bit for each thread, WRITTEN, and COUNTED when it is
 *	in @nr_shared; 0: none
 * @tracked: the locations that are tracked (../watch/watch.h)
 * @nr: the number of states, which are at the start of @words
 * @nr_sets: the number of sets, which are at the end of @words, the last one
 *	first, and take @set_words.  A set is the number of its words, and these
 * @nr_words: the size of @words, which the index follows: 1 << @index_bits
 *	entries, and up to 1 << @max_index_bits.  An entry has the upper half of
 *	a hash and a number from 1, with SET if it is that of a set; 0: none
 */
struct known {
	bool shared;
	unsigned long nr, nr_sets, set_words, nr_words;
	int index_bits, max_index_bits;
	u32 nr_accesses, nr_locksets;
	u32 access_index[2 * MAX_ACCESSES], lockset_index[2 * MAX_LOCKSETS];
	struct access_set plain;
	u32 nr_granules;
	u64 nr_shared;
	u64 granules[MAX_GRANULES];
	u64 tracked[WATCH_TRACKED];
	struct access accesses[MAX_ACCESSES];
	struct lockset locksets[MAX_LOCKSETS];
	u64 words[];
};

/* Accesses and sets of locks */

/*
 * Return the number of the entry among @entries, of @size bytes each; it is added
 * if it is new.  Returns -1 if there are @max of them, a power of 2.
 */
static int number_of(u32 *index, void *entries, u32 *nr, u32 max, size_t size,
		     const void *entry)
{
	u32 i = (u32)explore_memory_hash_bytes(0, entry, size), mine = 0, found;

	for (;; i++) {
		i &= 2 * max - 1;
		found = __atomic_load_n(&index[i], __ATOMIC_ACQUIRE);
		if (!found && !mine) {
			if (__atomic_load_n(nr, __ATOMIC_RELAXED) >= max)
				return -1;
			mine = __atomic_add_fetch(nr, 1, __ATOMIC_RELAXED);
			if (mine > max)
				return -1;
			memcpy((char *)entries + (mine - 1) * size, entry,
			       size);
		}
		if (!found && __atomic_compare_exchange_n(
				      &index[i], &found, mine, false,
				      __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
			return (int)mine - 1;
		if (!memcmp((char *)entries + (found - 1) * size, entry, size))
			return (int)found - 1;
	}
}

int explore_known_access(struct known *known, const struct access *access)
{
	int number = number_of(known->access_index, known->accesses,
			       &known->nr_accesses, MAX_ACCESSES,
			       sizeof(*access), access);

	if (number >= 0 && access->conflict == CONFLICT_PLAIN)
		__atomic_or_fetch(&known->plain.bits[number / 64],
				  1ull << (number % 64), __ATOMIC_RELAXED);
	return number;
}

const struct access *explore_known_accesses(const struct known *known)
{
	return known->accesses;
}

int explore_known_lockset(struct known *known, const struct lockset *set)
{
	int number = number_of(known->lockset_index, known->locksets,
			       &known->nr_locksets, MAX_LOCKSETS, sizeof(*set),
			       set);

	return number < 0 ? (int)set->thread : number;
}

const struct lockset *explore_known_locksets(const struct known *known)
{
	return known->locksets;
}

void explore_known_add(const struct known *known, struct access_set *to,
		       const struct access_set *set)
{
	u32 nr = __atomic_load_n(&known->nr_accesses, __ATOMIC_RELAXED), i;

	for (i = 0; i * 64 < nr && i < ACCESS_WORDS; i++)
		to->bits[i] |= set->bits[i];
}

void explore_known_add_steps(const struct known *known, struct access_set *to,
			     const struct access_set *set)
{
	u32 nr = __atomic_load_n(&known->nr_accesses, __ATOMIC_RELAXED), i;

	for (i = 0; i * 64 < nr && i < ACCESS_WORDS; i++)
		to->bits[i] |= set->bits[i] &
			       ~__atomic_load_n(&known->plain.bits[i],
						__ATOMIC_RELAXED);
}

/* Granules */

#define WRITTEN (1ull << MAX_THREADS)
#define COUNTED (WRITTEN << 1)
#define FLAGS (2 * COUNTED - 1)
#define KEY_OF(granule) ((granule) * 2 * COUNTED)

/* Return the entry of the granule; NULL: there is no room. */
static u64 *granule_entry(struct known *known, u64 granule)
{
	u64 i = granule * K >> (64 - GRANULE_BITS), found;

	for (;; i = (i + 1) % MAX_GRANULES) {
		found = __atomic_load_n(&known->granules[i], __ATOMIC_RELAXED);
		if (!found) {
			if (__atomic_add_fetch(&known->nr_granules, 1,
					       __ATOMIC_RELAXED) >
			    MAX_GRANULES / 8 * 7)
				return NULL;
			if (__atomic_compare_exchange_n(
				    &known->granules[i], &found,
				    KEY_OF(granule), false, __ATOMIC_SEQ_CST,
				    __ATOMIC_RELAXED))
				return &known->granules[i];
		}
		if ((found & ~FLAGS) == KEY_OF(granule))
			return &known->granules[i];
	}
}

/*
 * A job may be killed after it has changed the entry.  Then the next one that
 * accesses the granule counts it.
 */
int explore_known_granule(struct known *known, u64 granule, unsigned int thread,
			  bool write)
{
	u64 *entry = granule_entry(known, granule), bits, all, threads;

	if (!entry)
		return -1;
	bits = 1ull << thread | (write ? WRITTEN : 0);
	all = __atomic_load_n(entry, __ATOMIC_SEQ_CST);
	if (bits & ~all)
		all = __atomic_or_fetch(entry, bits, __ATOMIC_SEQ_CST);
	threads = all & (WRITTEN - 1);
	if (!(all & WRITTEN) || !(threads & (threads - 1)))
		return 0;
	if (!(all & COUNTED)) {
		__atomic_add_fetch(&known->nr_shared, 1, __ATOMIC_SEQ_CST);
		__atomic_or_fetch(entry, COUNTED, __ATOMIC_SEQ_CST);
	}
	return 1;
}

u64 explore_known_shared(const struct known *known)
{
	return __atomic_load_n(&known->nr_shared, __ATOMIC_SEQ_CST);
}

u64 *explore_known_tracked(struct known *known)
{
	return known->tracked;
}

bool explore_known_is_crowded(const struct known *known)
{
	return __atomic_load_n(&known->nr_accesses, __ATOMIC_RELAXED) >
	       MAX_ACCESSES / 2;
}

/* The memory of the table */

#define SET 0x80000000u
/* The part of an entry of the index that is a number. */
#define NUMBER 0xffffffffull

/* Return the number of words; the limit is for all that the states take. */
static size_t nr_words(unsigned int megabytes)
{
	size_t size = (size_t)megabytes << 20;

	size = size > 4 * sizeof(struct known) ? size - sizeof(struct known) :
						 size / 2;
	return size / sizeof(u64);
}

size_t explore_known_size(unsigned int megabytes)
{
	return sizeof(struct known) + nr_words(megabytes) * sizeof(u64);
}

/* At most a third of the memory is for the index. */
void explore_known_init(struct known *known, unsigned int megabytes,
			bool shared)
{
	size_t words = nr_words(megabytes);
	struct lockset none;
	int i, bits = MIN_INDEX_BITS;

	while (2ul << bits <= words / 3)
		bits++;
	known->shared = shared;
	known->index_bits = shared ? bits : MIN_INDEX_BITS;
	known->max_index_bits = bits;
	known->nr_words = words - (1ul << bits);
	memset(&none, 0, sizeof(none));
	for (i = 0; i < MAX_THREADS; i++) {
		none.thread = (u32)i;
		explore_known_lockset(known, &none);
	}
}

static u64 *index_of(struct known *known)
{
	return &known->words[known->nr_words];
}

static void clear_index(struct known *known)
{
	memset(index_of(known), 0, sizeof(u64) << known->index_bits);
}

void explore_known_clear(struct known *known)
{
	if (known->shared)
		return;
	known->nr = known->nr_sets = known->set_words = 0;
	known->index_bits = MIN_INDEX_BITS;
	clear_index(known);
}

unsigned long explore_known_nr(const struct known *known)
{
	return __atomic_load_n(&known->nr, __ATOMIC_RELAXED);
}

static struct slot *slot_at(struct known *known, u32 number)
{
	return (struct slot *)known->words + number - 1;
}

/* Return the set with this number; the bit SET of @number does not matter. */
static u64 *set_at(struct known *known, u32 number)
{
	return &known->words[known->nr_words - (number & ~SET)];
}

/* True if @words more would fit. */
static bool fits(const struct known *known, unsigned long words)
{
	return 2 * __atomic_load_n(&known->nr, __ATOMIC_SEQ_CST) +
		       __atomic_load_n(&known->set_words, __ATOMIC_SEQ_CST) +
		       words <=
	       known->nr_words;
}

/*
 * Return the number of a new state; 0: there is no room.  If two jobs take the
 * last words at the same time, each of them sees the other.
 */
static u32 new_state(struct known *known)
{
	u32 number;

	if (!fits(known, 2))
		return 0;
	number = (u32)__atomic_add_fetch(&known->nr, 1, __ATOMIC_SEQ_CST);
	return fits(known, 0) ? number : 0;
}

/* The same for a set of @nr words. */
static u32 new_set(struct known *known, size_t nr)
{
	u32 number;

	if (!fits(known, nr + 1))
		return 0;
	number = SET | (u32)__atomic_add_fetch(&known->set_words, nr + 1,
					       __ATOMIC_SEQ_CST);
	return fits(known, 0) ? number : 0;
}

/* The index */

/* What is searched for: a state with this key, or a set with these words. */
struct wanted {
	u64 hash;
	const u64 *words;
	size_t nr;
};

static u64 hash_set(const u64 *words, size_t nr)
{
	return explore_memory_hash_bytes(nr, words, nr * sizeof(*words));
}

static bool is_it(struct known *known, u32 number, const struct wanted *wanted)
{
	const u64 *set;

	if (!(number & SET))
		return !wanted->words &&
		       slot_at(known, number)->key == wanted->hash;
	set = set_at(known, number);
	return wanted->words && set[0] == wanted->nr &&
	       !memcmp(set + 1, wanted->words, wanted->nr * sizeof(u64));
}

/*
 * Return where the number is in the index, or where it is to be.  *@number is 0
 * then.
 */
static u64 *find_entry(struct known *known, const struct wanted *wanted,
		       u32 *number)
{
	u64 *index = index_of(known), entry;
	u64 i = wanted->hash * K >> (64 - known->index_bits);

	for (;; i = (i + 1) & ((1ull << known->index_bits) - 1)) {
		entry = __atomic_load_n(&index[i], __ATOMIC_ACQUIRE);
		*number = (u32)(entry & NUMBER);
		if (!entry || (!((entry ^ wanted->hash) & ~NUMBER) &&
			       is_it(known, *number, wanted)))
			return &index[i];
	}
}

static u32 find(struct known *known, const struct wanted *wanted)
{
	u32 number;

	find_entry(known, wanted, &number);
	return number;
}

/*
 * Put the number in the index.  Returns it, or that of another job that was
 * first.
 */
static u32 publish(struct known *known, const struct wanted *wanted, u32 number)
{
	u64 entry = (wanted->hash & ~NUMBER) | number, none, *at;
	u32 found;

	do {
		at = find_entry(known, wanted, &found);
		if (found)
			return found;
		none = 0;
	} while (!__atomic_compare_exchange_n(at, &none, entry, false,
					      __ATOMIC_ACQ_REL,
					      __ATOMIC_RELAXED));
	return number;
}

static void grow_index(struct known *known)
{
	struct wanted wanted = { .words = NULL };
	u32 number, at;

	known->index_bits++;
	clear_index(known);
	for (number = 1; number <= known->nr; number++) {
		wanted.hash = slot_at(known, number)->key;
		publish(known, &wanted, number);
	}
	for (at = (u32)known->set_words; at; at -= (u32)wanted.nr + 1) {
		wanted.words = set_at(known, at) + 1;
		wanted.nr = wanted.words[-1];
		wanted.hash = hash_set(wanted.words, wanted.nr);
		publish(known, &wanted, SET | at);
	}
}

/* True if there is an entry of the index to spare. */
static bool has_entry(struct known *known)
{
	unsigned long nr = explore_known_nr(known) +
			   __atomic_load_n(&known->nr_sets, __ATOMIC_RELAXED);

	if (!known->shared && nr >= 1ul << (known->index_bits - 1) &&
	    known->index_bits < known->max_index_bits)
		grow_index(known);
	return nr < (1ul << known->index_bits) / 8 * 7;
}

/* States and sets */

/* Return the number of the set; 0: there is no room for it. */
static u32 number_of_set(struct known *known, const struct access_set *set)
{
	struct wanted wanted = { .words = set->bits, .nr = ACCESS_WORDS };
	u32 number;
	u64 *to;

	while (wanted.nr && !set->bits[wanted.nr - 1])
		wanted.nr--;
	wanted.hash = hash_set(set->bits, wanted.nr);
	number = find(known, &wanted);
	if (number || !has_entry(known))
		return number;
	number = new_set(known, wanted.nr);
	if (!number)
		return 0;
	to = set_at(known, number);
	to[0] = wanted.nr;
	memcpy(to + 1, set->bits, wanted.nr * sizeof(u64));
	__atomic_add_fetch(&known->nr_sets, 1, __ATOMIC_RELAXED);
	return publish(known, &wanted, number);
}

static void read_set(struct known *known, u32 number, struct access_set *set)
{
	const u64 *from = set_at(known, number);

	memset(set, 0, sizeof(*set));
	memcpy(set->bits, from + 1, from[0] * sizeof(u64));
}

bool explore_known_find(struct known *known, u64 key, u16 *sleep,
			struct access_set *accesses)
{
	const struct wanted wanted = { .hash = key };
	u32 number = find(known, &wanted);
	u64 value;

	if (!number)
		return false;
	value = __atomic_load_n(&slot_at(known, number)->value,
				__ATOMIC_ACQUIRE);
	*sleep = SLEEP_OF(value);
	read_set(known, SET_OF(value), accesses);
	return true;
}

/* Store a new state; false: there is no room. */
static bool store(struct known *known, const struct wanted *wanted, u16 sleep,
		  const struct access_set *accesses)
{
	u32 number, set = number_of_set(known, accesses);
	struct slot *slot;

	if (!set || !has_entry(known))
		return false;
	number = new_state(known);
	if (!number)
		return false;
	slot = slot_at(known, number);
	slot->key = wanted->hash;
	slot->value = VALUE(sleep, set);
	publish(known, wanted, number);
	return true;
}

bool explore_known_store(struct known *known, u64 key, u16 sleep,
			 const struct access_set *accesses)
{
	const struct wanted wanted = { .hash = key };
	u32 number = find(known, &wanted), set;
	struct access_set both;
	struct slot *slot;
	u64 old, new;

	if (!number)
		return store(known, &wanted, sleep, accesses);
	slot = slot_at(known, number);
	old = __atomic_load_n(&slot->value, __ATOMIC_ACQUIRE);
	do {
		read_set(known, SET_OF(old), &both);
		explore_known_add(known, &both, accesses);
		set = number_of_set(known, &both);
		if (!set)
			return false;
		new = VALUE(SLEEP_OF(old) & sleep, set);
	} while (!__atomic_compare_exchange_n(&slot->value, &old, new, false,
					      __ATOMIC_ACQ_REL,
					      __ATOMIC_ACQUIRE));
	return true;
}
