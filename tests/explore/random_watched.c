// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Watched random programs against brute force.
 *
 * A program is two or three threads of a few operations each: plain and marked
 * accesses of whole words and of parts, copies, a free, and operations that
 * order them.  Brute force runs it through all interleavings, at the granularity
 * of single accesses, in an interpreter that knows nothing of the explorer.  In
 * each interleaving it makes a graph of what happens before what, one event per
 * access or operation, and looks at every pair of accesses.  The explorer runs
 * the same program as watched code, and has to find a failure exactly if there
 * is one.  It does so twice more with states, of listed and of all memory, in which
 * the races of what was explored before must not be lost.
 *
 *	random_watched [--count N] [--first SEED] [--tell] [--unwatched] [--all]
 *	random_watched --print SEED
 *
 * With --all, all source files must be watched, so that there are no steps after
 * operations.  With --unwatched, each program that fails is explored once more without watch,
 * to count those in which the operations alone show no failure.
 */
#include "suite.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/explore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NR_CHUNKS 20
#define MAX_OPS 16
#define MAX_THREADS 3
#define MAX_EVENTS 64
/* two variables, and an object that can be freed */
#define NR_WORDS 3
#define OBJECT 2
#define NR_FLAGS 2
#define NR_LOCKS 3		/* a mutex, a spinlock and a rwsem */
#define SEM 2
#define MOST_INTERLEAVINGS 20000ul

enum verb {
	READ, WRITE, COPY, MARKED_READ, MARKED_WRITE, RACY_READ,
	FLAG_READ, FLAG_WRITE, WAIT, WAKE, FLAG_ACQUIRE, FLAG_RELEASE, BARRIER,
	LOCK, PASS, UNLOCK, LOCK_SHARED, UNLOCK_SHARED,
	INC, DEC_AND_TEST, ADD, ADD_RETURN, FREE,
	NR_VERBS
};

static const char *const verb_names[NR_VERBS] = {
	"read", "write", "copy", "READ_ONCE", "WRITE_ONCE", "data_race",
	"READ_ONCE flag", "WRITE_ONCE flag", "wait_event flag",
	"WRITE_ONCE flag and wake_up", "load_acquire flag",
	"store_release flag", "smp_mb", "lock", "lock and unlock", "unlock",
	"down_read",
	"up_read", "refcount_inc", "refcount_dec_and_test", "atomic_inc",
	"atomic_inc_return", "free",
};

/*
 * struct op - an operation
 * @at: the number of the word, flag or lock
 * @to: of a copy: the number of the word that is written
 * @offset, @size: the part of the word that is accessed
 * @skip: if this operation reads zero, or does not bring the counter to zero,
 *	the next operation is left out
 */
struct op {
	enum verb verb;
	int at, to, offset, size;
	bool skip;
};

struct thread {
	int nr;
	struct op ops[MAX_OPS];
};

struct program {
	unsigned long seed;
	int nr_threads, refs;
	struct thread threads[MAX_THREADS];
};

static struct program program;
static u64 random_state;

static unsigned int pick_one(unsigned int n)
{
	random_state = random_state * 6364136223846793005ull +
		       1442695040888963407ull;
	return (unsigned int)(random_state >> 33) % n;
}

/* Making a program */

static struct op *add_op(struct thread *thread, enum verb verb, int at)
{
	struct op *op = &thread->ops[thread->nr++];

	memset(op, 0, sizeof(*op));
	op->verb = verb;
	op->at = at;
	op->size = 8;
	return op;
}

static void add_access(struct thread *thread)
{
	static const enum verb verbs[] = {
		READ, WRITE, READ, WRITE, COPY, MARKED_READ, MARKED_WRITE,
		RACY_READ,
	};
	static const int sizes[] = { 8, 8, 4, 4, 2, 1 };
	struct op *op = add_op(thread, verbs[pick_one(ARRAY_SIZE(verbs))],
			       (int)pick_one(NR_WORDS));

	op->size = sizes[pick_one(ARRAY_SIZE(sizes))];
	op->offset = op->size * (int)pick_one((unsigned int)(8 / op->size));
	op->to = (op->at + 1) % NR_WORDS;
	if (op->verb == COPY) {
		op->size = 8;
		op->offset = 0;
	}
}

static void add_section(struct thread *thread)
{
	int lock = (int)pick_one(NR_LOCKS), n = 1 + (int)pick_one(2);
	bool reads = lock == SEM && pick_one(2);

	add_op(thread, reads ? LOCK_SHARED : LOCK, lock);
	while (n--)
		add_access(thread);
	add_op(thread, reads ? UNLOCK_SHARED : UNLOCK, lock);
}

static void add_flag(struct thread *thread)
{
	static const enum verb verbs[] = {
		FLAG_READ, FLAG_WRITE, FLAG_ACQUIRE, FLAG_RELEASE,
		FLAG_ACQUIRE, FLAG_RELEASE,
	};
	enum verb verb = verbs[pick_one(ARRAY_SIZE(verbs))];
	struct op *op = add_op(thread, verb, (int)pick_one(NR_FLAGS));

	if (verb == FLAG_READ && pick_one(2)) {
		op->skip = true;
		add_op(thread, BARRIER, 0);
	} else if (verb == FLAG_READ || verb == FLAG_ACQUIRE) {
		op->skip = true;
		add_access(thread);
	}
}

static void add_some(struct thread *thread)
{
	switch (pick_one(9)) {
	case 0:
	case 1:
		add_section(thread);
		break;
	case 2:
	case 3:
		add_flag(thread);
		break;
	case 4:
		add_op(thread, pick_one(2) ? ADD : ADD_RETURN, 0)->skip = true;
		add_access(thread);
		break;
	case 5:
		add_op(thread, BARRIER, 0);
		break;
	default:
		add_access(thread);
		break;
	}
}

/*
 * A thread drops its reference, and frees the object if the reference was the
 * last one.
 */
static void add_put(struct thread *thread, bool frees)
{
	if (pick_one(4) == 0)
		add_op(thread, INC, 0);
	add_op(thread, DEC_AND_TEST, 0)->skip = true;
	if (frees)
		add_op(thread, FREE, OBJECT);
	else
		add_access(thread);
}

/*
 * A thread accesses a word under the lock of the word.  If it reads something, it
 * may do something else before it drops the lock: then a race depends on what the
 * other threads have done before.
 */
static void add_orderly(struct thread *thread)
{
	int word = (int)pick_one(NR_WORDS);
	bool more = pick_one(3) == 0;

	add_op(thread, LOCK, word);
	if (more || pick_one(2))
		add_op(thread, READ, word)->skip = more;
	if (more && pick_one(2))
		add_access(thread);
	else if (more)
		add_op(thread, ADD, 0);
	if (pick_one(2))
		add_op(thread, WRITE, word);
	add_op(thread, UNLOCK, word);
}

/*
 * A thread passes locks, and accesses a word before, between or after: then a race
 * depends on the order in which the threads take the locks, which nothing else
 * shows afterwards.
 */
static void add_relay(struct thread *thread)
{
	int i, n = 1 + (int)pick_one(3);
	bool accesses = pick_one(4);
	int at = (int)pick_one((unsigned int)n + 1);

	for (i = 0; i <= n; i++) {
		if (accesses && i == at)
			add_op(thread, pick_one(2) ? READ : WRITE,
			       (int)pick_one(2));
		if (i == n)
			break;
		add_op(thread, PASS, (int)pick_one(2));
	}
}

/*
 * A thread passes locks and sets flags, and what it accesses depends on flags.
 * These order nothing, but show in a state.
 */
static void add_signals(struct thread *thread)
{
	int i, n = 2 + (int)pick_one(3);

	for (i = 0; i < n; i++) {
		switch (pick_one(4)) {
		case 0:
			add_op(thread, FLAG_WRITE, (int)pick_one(NR_FLAGS));
			break;
		case 1:
			add_op(thread, FLAG_READ, (int)pick_one(NR_FLAGS))
				->skip = true;
			/* fallthrough */
		case 2:
			add_op(thread, pick_one(2) ? READ : WRITE,
			       (int)pick_one(NR_WORDS));
			break;
		default:
			add_op(thread, LOCK, (int)pick_one(2));
			add_op(thread, UNLOCK, thread->ops[thread->nr - 1].at);
			break;
		}
	}
}

/*
 * A thread may wait for the flag that the thread before it sets.  If the flag is
 * set by then, the two are not ordered.
 */
static void add_wait(struct thread *thread)
{
	int t = (int)(thread - program.threads);
	int waits = t && pick_one(4) ? (int)pick_one(3) : -1;
	int wakes = t + 1 < program.nr_threads ? (int)pick_one(3) : -1;
	int i;

	for (i = 0; i < 3; i++) {
		if (i == waits)
			add_op(thread, WAIT, t - 1);
		if (i == wakes)
			add_op(thread, WAKE, t);
		if (pick_one(3)) {
			add_op(thread, pick_one(2) ? READ : WRITE,
			       (int)pick_one(NR_WORDS));
			continue;
		}
		add_op(thread, LOCK, (int)pick_one(2));
		add_op(thread, UNLOCK, thread->ops[thread->nr - 1].at);
	}
}

static void make_program(unsigned long seed)
{
	void (*const parts[])(struct thread *thread) = {
		add_some, add_orderly, add_relay, add_signals, add_wait,
	};
	void (*const add_part)(struct thread *thread) =
		parts[seed % ARRAY_SIZE(parts)];
	const bool orderly = add_part != add_some;
	bool counts, frees_by_count;
	struct thread *thread;
	int t, i, n;

	random_state = seed * 0x9e3779b97f4a7c15ull + 1;
	pick_one(2);
	memset(&program, 0, sizeof(program));
	program.seed = seed;
	program.nr_threads = pick_one(3) && add_part != add_relay ? 2 : 3;
	counts = pick_one(orderly ? 6 : 3) == 0;
	frees_by_count = counts && pick_one(3);
	for (t = 0; t < program.nr_threads; t++) {
		thread = &program.threads[t];
		n = 1 + (int)pick_one(program.nr_threads == 2 ? 3 : 2);
		if (add_part == add_relay || add_part == add_signals ||
		    add_part == add_wait)
			n = 1;
		for (i = 0; i < n && thread->nr < MAX_OPS - 8; i++)
			add_part(thread);
		if (counts)
			add_put(thread, frees_by_count);
	}
	program.refs = program.nr_threads + (int)(counts && !pick_one(4));
	if (!counts && pick_one(orderly ? 32 : 4) == 0)
		add_op(&program.threads[0], FREE, OBJECT);
}

static void print_program(FILE *to)
{
	const struct op *op;
	int t, i;

	fprintf(to, "program %lu, %d references\n", program.seed, program.refs);
	for (t = 0; t < program.nr_threads; t++)
		for (i = 0; i < program.threads[t].nr; i++) {
			op = &program.threads[t].ops[i];
			fprintf(to, "  %c %s %d[%d..%d] to %d%s\n", 'a' + t,
				verb_names[op->verb], op->at, op->offset,
				op->offset + op->size - 1, op->to,
				op->skip ? ", else skip" : "");
		}
}

/* Finding the races of a program by brute force */

/*
 * struct event - an access, or an operation that orders accesses
 * @before: the set of the events that happen before it
 * @word: the word that it accesses, or -1
 * @mask: the bytes of the word that it accesses
 */
struct event {
	int thread, word;
	unsigned int mask;
	bool write, marked, racy, frees;
	u64 before;
};

/*
 * struct machine - the state of a program that is being run
 * @half: 1 after the read of a copy, when its write is still to come
 * @heads: for each flag and each counter, the events that an acquire of it is
 *	ordered after
 * @pending: the events that the thread's relaxed reads have read, and that its
 *	next fence is ordered after
 * @fence: the events that a relaxed write of the thread publishes
 */
struct machine {
	int at[MAX_THREADS], half[MAX_THREADS];
	u64 last[MAX_THREADS], pending[MAX_THREADS], fence[MAX_THREADS];
	bool fenced[MAX_THREADS];
	int flags[NR_FLAGS], owner[NR_LOCKS], readers;
	u64 flag_heads[NR_FLAGS], unlocked[NR_LOCKS], shared, put, added;
	unsigned char words[NR_WORDS][8];
	int refs, count;
	bool freed;
	int nr;
	struct event events[MAX_EVENTS];
};

static unsigned long interleavings;
static bool found_race, found_freed;

/*
 * Adds an event of thread @t, and orders it after the events of the thread
 * before it.
 */
static struct event *new_event(struct machine *m, int t)
{
	struct event *event = &m->events[m->nr++];

	if (m->nr == MAX_EVENTS)
		abort();
	memset(event, 0, sizeof(*event));
	event->thread = t;
	event->word = -1;
	event->before = m->last[t];
	return event;
}

/* Returns the set of @event and of all events before it. */
static u64 closed(const struct machine *m, const struct event *event)
{
	return event->before | 1ull << (event - m->events);
}

static void done(struct machine *m, struct event *event)
{
	m->last[event->thread] = closed(m, event);
}

static bool races(const struct event *a, const struct event *b, int index)
{
	return a->thread != b->thread && a->word >= 0 && a->word == b->word &&
	       a->mask & b->mask && (a->write || b->write) &&
	       !(a->marked && b->marked) && !a->racy && !b->racy &&
	       !(b->before & 1ull << index);
}

static void access_word(struct machine *m, int t, const struct op *op, int word,
			bool write, bool marked, bool racy)
{
	struct event *event = new_event(m, t);
	int i;

	event->word = word;
	event->mask = (255u >> (8 - op->size)) << op->offset;
	event->write = write;
	event->marked = marked;
	event->racy = racy;
	if (word == OBJECT && m->freed)
		found_freed = true;
	for (i = 0; i < m->nr - 1; i++)
		if (races(&m->events[i], event, i))
			found_race = true;
	done(m, event);
}

/*
 * Adds an event that is ordered after the events @after.  Returns the events
 * that it publishes.
 */
static u64 synchronise(struct machine *m, int t, u64 after)
{
	struct event *event = new_event(m, t);

	event->before |= after;
	done(m, event);
	return closed(m, event) | m->pending[t];
}

static void full_barrier(struct machine *m, int t)
{
	struct event *event = new_event(m, t);

	event->before |= m->pending[t];
	m->pending[t] = 0;
	done(m, event);
	m->fence[t] = closed(m, event);
	m->fenced[t] = true;
}

static int value_of(const struct machine *m, const struct op *op, int word)
{
	int i, any = 0;

	for (i = 0; i < op->size; i++)
		any |= m->words[word][op->offset + i];
	return any;
}

static void set_value(struct machine *m, const struct op *op, int word)
{
	memset(m->words[word] + op->offset, 1, (size_t)op->size);
}

static bool enabled(const struct machine *m, int t)
{
	const struct op *op = &program.threads[t].ops[m->at[t]];

	if (m->at[t] >= program.threads[t].nr)
		return false;
	if (op->verb == WAIT)
		return m->flags[op->at];
	if (op->verb == LOCK || op->verb == PASS)
		return m->owner[op->at] < 0 && (op->at != SEM || !m->readers);
	return op->verb != LOCK_SHARED || m->owner[SEM] < 0;
}

/* Does an operation on a flag; returns the value that it read. */
static int do_flag(struct machine *m, int t, const struct op *op)
{
	u64 *heads = &m->flag_heads[op->at];

	switch (op->verb) {
	case FLAG_READ:
	case WAIT:
		m->pending[t] |= *heads;
		break;
	case FLAG_ACQUIRE:
		synchronise(m, t, *heads);
		break;
	case FLAG_WRITE:
	case WAKE:
		*heads = m->fenced[t] ? m->fence[t] : 0;
		m->flags[op->at] = 1;
		break;
	default:
		*heads = synchronise(m, t, 0);
		m->flags[op->at] = 1;
		break;
	}
	return m->flags[op->at];
}

static void do_lock(struct machine *m, int t, const struct op *op)
{
	switch (op->verb) {
	case LOCK:
		m->owner[op->at] = t;
		synchronise(m, t, m->unlocked[op->at] |
				  (op->at == SEM ? m->shared : 0));
		break;
	case PASS:
		synchronise(m, t, m->unlocked[op->at] |
				  (op->at == SEM ? m->shared : 0));
		m->unlocked[op->at] |= synchronise(m, t, 0);
		break;
	case UNLOCK:
		m->owner[op->at] = -1;
		m->unlocked[op->at] |= synchronise(m, t, 0);
		break;
	case LOCK_SHARED:
		m->readers++;
		synchronise(m, t, m->unlocked[SEM]);
		break;
	default:
		m->readers--;
		m->shared |= synchronise(m, t, 0);
		break;
	}
}

/*
 * Does an operation on a counter.  Returns 0 if the next operation is left out.
 */
static int do_count(struct machine *m, int t, const struct op *op)
{
	switch (op->verb) {
	case INC:
		m->refs++;
		if (m->fenced[t])
			m->put |= m->fence[t];
		return 1;
	case DEC_AND_TEST:
		m->put |= synchronise(m, t, 0);
		if (--m->refs)
			return 0;
		synchronise(m, t, m->put);
		return 1;
	case ADD:
		m->count++;
		if (m->fenced[t])
			m->added |= m->fence[t];
		return 1;
	default:
		m->count++;
		synchronise(m, t, m->added);
		full_barrier(m, t);
		m->added |= synchronise(m, t, 0);
		return m->count > 1;
	}
}

static void do_free(struct machine *m, int t)
{
	const struct op all = { .size = 8 };

	access_word(m, t, &all, OBJECT, true, false, false);
	m->events[m->nr - 1].frees = true;
	m->freed = true;
}

static int do_access(struct machine *m, int t, const struct op *op)
{
	bool write = op->verb == WRITE || op->verb == MARKED_WRITE;

	access_word(m, t, op, op->at, write,
		    op->verb == MARKED_READ || op->verb == MARKED_WRITE,
		    op->verb == RACY_READ);
	if (write)
		set_value(m, op, op->at);
	return value_of(m, op, op->at);
}

static void do_copy(struct machine *m, int t, const struct op *op)
{
	if (!m->half[t]) {
		access_word(m, t, op, op->at, false, false, false);
		m->half[t] = 1;
		m->at[t]--;
		return;
	}
	access_word(m, t, op, op->to, true, false, false);
	m->half[t] = 0;
}

static void do_step(struct machine *m, int t)
{
	const struct op *op = &program.threads[t].ops[m->at[t]++];
	int result = 1;

	if (op->verb == COPY)
		do_copy(m, t, op);
	else if (op->verb < FLAG_READ)
		result = do_access(m, t, op);
	else if (op->verb <= FLAG_RELEASE)
		result = do_flag(m, t, op);
	else if (op->verb == BARRIER)
		full_barrier(m, t);
	else if (op->verb <= UNLOCK_SHARED)
		do_lock(m, t, op);
	else if (op->verb < FREE)
		result = do_count(m, t, op);
	else
		do_free(m, t);
	if (op->skip && !result)
		m->at[t]++;
}

static void run_all(const struct machine *m)
{
	struct machine next;
	bool any = false;
	int t;

	for (t = 0; t < program.nr_threads; t++) {
		if (interleavings > MOST_INTERLEAVINGS || !enabled(m, t))
			continue;
		any = true;
		next = *m;
		do_step(&next, t);
		run_all(&next);
	}
	interleavings += !any;
}

static void brute_force(void)
{
	struct machine m;
	int i;

	memset(&m, 0, sizeof(m));
	for (i = 0; i < NR_LOCKS; i++)
		m.owner[i] = -1;
	m.refs = program.refs;
	interleavings = 0;
	found_race = found_freed = false;
	run_all(&m);
}

/* The same program as watched code */

static struct {
	u64 words[NR_WORDS - 1];
	u64 *object;
	int flags[NR_FLAGS];
	struct mutex mutex;
	spinlock_t spin;
	struct rw_semaphore sem;
	wait_queue_head_t queue;
	refcount_t refs;
	atomic_t count;
	bool gone;
} w;

static u64 *word_at(int word)
{
	return word == OBJECT ? w.object : &w.words[word];
}

static int read_plain(const struct op *op)
{
	void *p = (char *)word_at(op->at) + op->offset;

	switch (op->size) {
	case 1:
		return *(u8 *)p != 0;
	case 2:
		return *(u16 *)p != 0;
	case 4:
		return *(u32 *)p != 0;
	default:
		return *(u64 *)p != 0;
	}
}

static void write_plain(const struct op *op)
{
	void *p = (char *)word_at(op->at) + op->offset;

	switch (op->size) {
	case 1:
		*(u8 *)p = 1;
		break;
	case 2:
		*(u16 *)p = 0x101;
		break;
	case 4:
		*(u32 *)p = 0x1010101;
		break;
	default:
		*(u64 *)p = 0x101010101010101ull;
		break;
	}
}

static int read_marked(const struct op *op)
{
	void *p = (char *)word_at(op->at) + op->offset;

	switch (op->size) {
	case 1:
		return READ_ONCE(*(u8 *)p) != 0;
	case 2:
		return READ_ONCE(*(u16 *)p) != 0;
	case 4:
		return READ_ONCE(*(u32 *)p) != 0;
	default:
		return READ_ONCE(*(u64 *)p) != 0;
	}
}

static void write_marked(const struct op *op)
{
	void *p = (char *)word_at(op->at) + op->offset;

	switch (op->size) {
	case 1:
		WRITE_ONCE(*(u8 *)p, 1);
		break;
	case 2:
		WRITE_ONCE(*(u16 *)p, 0x101);
		break;
	case 4:
		WRITE_ONCE(*(u32 *)p, 0x1010101);
		break;
	default:
		WRITE_ONCE(*(u64 *)p, 0x101010101010101ull);
		break;
	}
}

static void take(int lock)
{
	if (lock == 0)
		mutex_lock(&w.mutex);
	else if (lock == 1)
		spin_lock(&w.spin);
	else
		down_write(&w.sem);
}

static void drop(int lock)
{
	if (lock == 0)
		mutex_unlock(&w.mutex);
	else if (lock == 1)
		spin_unlock(&w.spin);
	else
		up_write(&w.sem);
}

static int run_op(const struct op *op)
{
	switch (op->verb) {
	case READ:
		return read_plain(op);
	case WRITE:
		write_plain(op);
		break;
	case COPY:
		memcpy(word_at(op->to), word_at(op->at), sizeof(u64));
		break;
	case MARKED_READ:
		return read_marked(op);
	case MARKED_WRITE:
		write_marked(op);
		break;
	case RACY_READ:
		return data_race(read_plain(op));
	case FLAG_READ:
		return READ_ONCE(w.flags[op->at]);
	case FLAG_WRITE:
		WRITE_ONCE(w.flags[op->at], 1);
		break;
	case WAIT:
		wait_event(w.queue, READ_ONCE(w.flags[op->at]));
		break;
	case WAKE:
		WRITE_ONCE(w.flags[op->at], 1);
		wake_up_all(&w.queue);
		break;
	case FLAG_ACQUIRE:
		return smp_load_acquire(&w.flags[op->at]);
	case FLAG_RELEASE:
		smp_store_release(&w.flags[op->at], 1);
		break;
	case BARRIER:
		smp_mb();
		break;
	case LOCK:
		take(op->at);
		break;
	case PASS:
		take(op->at);
		drop(op->at);
		break;
	case UNLOCK:
		drop(op->at);
		break;
	case LOCK_SHARED:
		down_read(&w.sem);
		break;
	case UNLOCK_SHARED:
		up_read(&w.sem);
		break;
	case INC:
		refcount_inc(&w.refs);
		break;
	case DEC_AND_TEST:
		return refcount_dec_and_test(&w.refs);
	case ADD:
		atomic_inc(&w.count);
		break;
	case ADD_RETURN:
		return atomic_inc_return(&w.count) > 1;
	default:
		data_race(w.gone = true);
		kfree(w.object);
		break;
	}
	return 1;
}

static void run_program(const struct thread *thread)
{
	int i;

	for (i = 0; i < thread->nr; i++)
		if (!run_op(&thread->ops[i]) && thread->ops[i].skip)
			i++;
}

static void program_thread(void *data)
{
	(void)data;
	run_program(&program.threads[iommufd_model_thread_number()]);
}

/* The same threads, all started by the only thread of the test. */

static void started_thread(void *data)
{
	run_program(data);
}

static void start_all(void *data)
{
	int t;

	(void)data;
	for (t = 0; t < program.nr_threads; t++)
		iommufd_model_spawn("started", started_thread,
				    &program.threads[t]);
}

static void program_setup(void *data)
{
	(void)data;
	memset(&w, 0, sizeof(w));
	mutex_init(&w.mutex);
	spin_lock_init(&w.spin);
	init_rwsem(&w.sem);
	init_waitqueue_head(&w.queue);
	refcount_set(&w.refs, program.refs);
	w.object = kzalloc(sizeof(*w.object), GFP_KERNEL);
}

static void program_after(void *data)
{
	(void)data;
	if (!w.gone)
		kfree(w.object);
}

/* Comparing the explorer with brute force */

static struct totals {
	unsigned long kept, large, racy, freed, clean, interleavings;
	unsigned long executions, with_states, states, wrong, unseen;
} totals;
static unsigned long count = 400, first = 1;
static bool tell, unwatched, all;

/* src/watch/shadow.c: if there is no watched file, nothing is watched. */
extern unsigned int iommufd_model_watched_files;

static void wrong(const char *what, const char *text)
{
	if (!totals.wrong++ || tell)
		print_program(stderr);
	fprintf(stderr, "program %lu: %s: %s; brute force: %s%s\n",
		program.seed, what, text, found_race ? "race " : "",
		found_freed ? "freed" : "");
}

static void compare(const struct iommufd_model_explore_result *result)
{
	enum iommufd_model_failure failure = result->failure;
	bool bad = found_race || found_freed;

	if (failure != IOMMUFD_MODEL_NO_FAILURE &&
	    failure != IOMMUFD_MODEL_FAIL_DATA_RACE &&
	    failure != IOMMUFD_MODEL_FAIL_USE_AFTER_FREE)
		wrong("failure", result->text);
	else if (failure && !bad)
		wrong("invented", result->text);
	else if (!failure && bad)
		wrong("missed", "complete");
	else if (!failure && result->verdict != IOMMUFD_MODEL_COMPLETE)
		wrong("verdict", "not complete");
	else if (failure == IOMMUFD_MODEL_FAIL_DATA_RACE && !found_race)
		wrong("kind", result->text);
}

static void check_replay(const struct iommufd_model_test *test,
			 const struct iommufd_model_explore_result *found)
{
	struct iommufd_model_explore_options options = {
		.mode = IOMMUFD_MODEL_MODE_REPLAY, .quiet = true,
		.schedule = found->schedule,
	};
	struct iommufd_model_explore_result result;

	ck_assert_int_ge(iommufd_model_explore(test, &options, &result), 0);
	if (result.failure != found->failure)
		wrong("replay", result.text ? result.text : "complete");
	iommufd_model_explore_free(&result);
}

/* Tells whether the program fails if only its operations are compared. */
static bool fails_unwatched(const struct iommufd_model_test *test)
{
	struct iommufd_model_explore_options options = {
		.quiet = true, .jobs = 1, .no_minimise = true,
	};
	unsigned int files = iommufd_model_watched_files;
	int rc;

	iommufd_model_watched_files = 0;
	rc = iommufd_model_explore(test, &options, NULL);
	iommufd_model_watched_files = files;
	ck_assert_int_ge(rc, 0);
	return rc;
}

/* Explore the program with states of @memory, from the first execution on. */
static void check_with_states(const struct iommufd_model_test *test,
			      struct iommufd_model_memory memory)
{
	struct iommufd_model_explore_options options = {
		.quiet = true, .jobs = 1, .no_minimise = true,
		.states_after = 1,
		.no_checkpoints = program.seed % 8 == 7,
	};
	struct iommufd_model_test copy = *test;
	struct iommufd_model_explore_result result;

	copy.memory[0] = memory;
	ck_assert_int_ge(iommufd_model_explore(&copy, &options, &result), 0);
	compare(&result);
	totals.with_states += result.executions + result.redundant;
	totals.states += result.states;
	iommufd_model_explore_free(&result);
}

static void check_program(unsigned long seed)
{
	struct iommufd_model_explore_options options = {
		.quiet = true, .jobs = 1, .no_minimise = seed % 4 != 0,
	};
	struct iommufd_model_test test = {
		.name = "program", .setup = program_setup,
		.after = program_after,
	};
	struct iommufd_model_explore_result result;
	int t;

	make_program(seed);
	brute_force();
	if (interleavings > MOST_INTERLEAVINGS) {
		totals.large++;
		return;
	}
	for (t = 0; t < program.nr_threads; t++)
		test.threads[t].fn = program_thread;
	/* Brute force has no event for the start of a thread: it orders none. */
	if (seed / 5 % 4 == 0) {
		memset(test.threads, 0, sizeof(test.threads));
		test.threads[0].fn = start_all;
	}
	ck_assert_int_ge(iommufd_model_explore(&test, &options, &result), 0);
	compare(&result);
	ck_assert(!all || !result.unwatched);
	check_with_states(&test, (struct iommufd_model_memory){ &w, sizeof(w) });
	check_with_states(&test, (struct iommufd_model_memory)
					 IOMMUFD_MODEL_STATIC_VARIABLES);
	if (result.failure && seed % 16 == 0)
		check_replay(&test, &result);
	if (unwatched && result.failure)
		totals.unseen += !fails_unwatched(&test);
	totals.kept++;
	totals.racy += found_race;
	totals.freed += found_freed;
	totals.clean += !found_race && !found_freed;
	totals.interleavings += interleavings;
	totals.executions += result.executions;
	if (tell)
		fprintf(stderr, "%lu: %lu interleavings, %lu executions, %s\n",
			seed, interleavings, result.executions,
			iommufd_model_failure_name(result.failure));
	iommufd_model_explore_free(&result);
}

START_TEST(the_explorer_finds_what_brute_force_finds)
{
	unsigned long seed = first;

	while (totals.kept < count)
		check_program(seed++);
	ck_assert_uint_eq(totals.wrong, 0);
	/* There were programs of every kind. */
	ck_assert_uint_gt(totals.clean, count / 20);
	ck_assert_uint_gt(totals.racy, count / 20);
	ck_assert_uint_gt(totals.freed, count / 100);
	printf("%lu programs, %lu clean, %lu with a race, %lu with a use after "
	       "free, %lu left out as too large; %lu interleavings, %lu "
	       "executions, %lu with %lu states\n", totals.kept,
	       totals.clean, totals.racy, totals.freed, totals.large,
	       totals.interleavings, totals.executions, totals.with_states,
	       totals.states);
	if (unwatched)
		printf("%lu of %lu programs that fail are complete without "
		       "watch\n", totals.unseen, totals.kept - totals.clean);
	fflush(stdout);
}
END_TEST

static void arguments(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--tell")) {
			tell = true;
		} else if (!strcmp(argv[i], "--unwatched")) {
			unwatched = true;
		} else if (!strcmp(argv[i], "--all")) {
			all = true;
		} else if (!strcmp(argv[i], "--count") && i + 1 < argc) {
			count = strtoul(argv[++i], NULL, 10);
		} else if (!strcmp(argv[i], "--first") && i + 1 < argc) {
			first = strtoul(argv[++i], NULL, 10);
		} else if (!strcmp(argv[i], "--print") && i + 1 < argc) {
			make_program(strtoul(argv[++i], NULL, 10));
			print_program(stdout);
			exit(EXIT_SUCCESS);
		} else {
			fprintf(stderr, "%s: unknown argument %s\n", argv[0],
				argv[i]);
			exit(EXIT_FAILURE);
		}
	}
}

int main(int argc, char **argv)
{
	Suite *suite = suite_create("random_watched");
	TCase *tc = tcase_create("random_watched");

	arguments(argc, argv);
	tcase_add_test(tc, the_explorer_finds_what_brute_force_finds);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
