// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Finds what would order two accesses that race.
 *
 * The record of the execution has the operations that the two threads did
 * before and between the accesses.  These are searched for, in this order:
 *
 *	a lock that one thread held and the other did not, or that both held
 *	only for reading
 *	a store and a load that passed a value on without ordering accesses
 *	a read section, or a background thread, for which a free did not wait
 *	a release before the first access that would have ordered it if it had
 *	come later
 *
 * If none is found, the report says what orders accesses in general.  It is a
 * hint for the reader: nothing in the search depends on it.
 */
#include "internal.h"
#include "../record/describe.h"
#include <string.h>

/*
 * struct pair - two accesses that race
 * @first, @second: their threads, as numbers of the record
 * @step: the step after which the first access was made; 0: before all steps
 * @end: number of operations in the record
 * @frees: the second access is a free
 */
struct pair {
	const struct iommufd_model_record *record;
	int first, second;
	unsigned int step;
	unsigned long end;
	bool frees;
};

/* For each step, the thread that did it and the epoch that the step began. */
static struct {
	u32 clock;
	u8 thread;
} began[MAX_STEPS + 1];
NO_CHECKPOINT(began);

/* For each thread, the number of steps that were done before it was started. */
static unsigned int started[MAX_THREADS];
NO_CHECKPOINT(started);

void explore_ordered_step(const struct execution *exec)
{
	unsigned int step = (unsigned int)exec->record->nr_steps;
	struct watch_clock *clock = &iommufd_model_watch.me->clock;

	if (step > MAX_STEPS)
		return;
	/*
	 * The step begins an epoch, so that the epoch of an access gives its
	 * step.
	 */
	clock->at[iommufd_model_watch.self]++;
	began[step].clock = clock->at[iommufd_model_watch.self];
	began[step].thread = (u8)iommufd_model_watch.self;
}

void explore_ordered_start(const struct execution *exec, int number)
{
	started[number] = (unsigned int)exec->record->nr_steps;
}

void explore_ordered_reset(void)
{
	memset(started, 0, sizeof(started));
	memset(began, 0, sizeof(began));
}

unsigned int explore_ordered_after(const struct execution *exec,
				   const struct watch_access *access)
{
	unsigned int step = (unsigned int)exec->record->nr_steps;

	if (step > MAX_STEPS)
		step = MAX_STEPS;
	for (; step > started[access->thread]; step--)
		if (began[step].clock && began[step].thread == access->thread &&
		    began[step].clock <= access->clock)
			break;
	return step;
}

/* Locks */

#define MAX_LOCKS_HELD 16

struct holding {
	const struct record_op *lock[MAX_LOCKS_HELD];
	int nr;
};

enum effect_on_lock {
	NO_LOCK,
	TAKES,
	TAKES_SHARED,
	SHARES,
	LETS_GO
};

static enum effect_on_lock effect_of(const struct record_op *op)
{
	switch (op->kind) {
	case IOMMUFD_MODEL_OP_MUTEX_LOCK:
	case IOMMUFD_MODEL_OP_SPIN_LOCK:
	case IOMMUFD_MODEL_OP_RWSEM_DOWN_WRITE:
	case IOMMUFD_MODEL_OP_WRITE_LOCK:
		return TAKES;
	case IOMMUFD_MODEL_OP_MUTEX_TRYLOCK:
	case IOMMUFD_MODEL_OP_SPIN_TRYLOCK:
	case IOMMUFD_MODEL_OP_RWSEM_TRY_WRITE:
	case IOMMUFD_MODEL_OP_WRITE_TRYLOCK:
		return op->after ? TAKES : NO_LOCK;
	case IOMMUFD_MODEL_OP_RWSEM_DOWN_READ:
	case IOMMUFD_MODEL_OP_READ_LOCK:
		return TAKES_SHARED;
	case IOMMUFD_MODEL_OP_RWSEM_TRY_READ:
	case IOMMUFD_MODEL_OP_READ_TRYLOCK:
		return op->after ? TAKES_SHARED : NO_LOCK;
	case IOMMUFD_MODEL_OP_RWSEM_DOWNGRADE:
		return SHARES;
	case IOMMUFD_MODEL_OP_MUTEX_UNLOCK:
	case IOMMUFD_MODEL_OP_SPIN_UNLOCK:
	case IOMMUFD_MODEL_OP_RWSEM_UP_READ:
	case IOMMUFD_MODEL_OP_RWSEM_UP_WRITE:
	case IOMMUFD_MODEL_OP_READ_UNLOCK:
	case IOMMUFD_MODEL_OP_WRITE_UNLOCK:
		return LETS_GO;
	default:
		return NO_LOCK;
	}
}

static bool is_shared(const struct record_op *lock)
{
	return effect_of(lock) == TAKES_SHARED || effect_of(lock) == SHARES;
}

static int find_lock(const struct holding *h, const void *addr)
{
	int i = h->nr;

	while (--i >= 0 && h->lock[i]->addr != addr)
		;
	return i;
}

/* Return the locks that @thread holds after its operations up to @step. */
static struct holding held_by(const struct pair *p, int thread,
			      unsigned int step)
{
	struct holding h = { .nr = 0 };
	const struct record_op *op = p->record->ops;
	int at;

	for (; op < p->record->ops + p->end; op++) {
		if (op->thread != thread || !op->done || op->step > step)
			continue;
		switch (effect_of(op)) {
		case TAKES:
		case TAKES_SHARED:
			if (h.nr < MAX_LOCKS_HELD)
				h.lock[h.nr++] = op;
			break;
		case SHARES:
			at = find_lock(&h, op->addr);
			if (at >= 0)
				h.lock[at] = op;
			break;
		case LETS_GO:
			at = find_lock(&h, op->addr);
			if (at >= 0)
				h.lock[at] = h.lock[--h.nr];
			break;
		default:
			break;
		}
	}
	return h;
}

static void add_lock(struct text *t, const struct pair *p, int other,
		     const struct record_op *lock)
{
	describe_add(t, "%s also held ", describe_thread(p->record, other));
	describe_operand(t, lock->site, lock->label, lock->id);
	describe_add(t, ", which %s took in ",
		     describe_thread(p->record, lock->thread));
	describe_site(t, lock->site);
}

/* Return the lock of @mine, taken last, that is not in @other, or NULL. */
static const struct record_op *lacking(const struct holding *mine,
				       const struct holding *other)
{
	int i = mine->nr;

	while (--i >= 0)
		if (find_lock(other, mine->lock[i]->addr) < 0)
			return mine->lock[i];
	return NULL;
}

static bool locks_would(struct text *t, const struct pair *p)
{
	struct holding first = held_by(p, p->first, p->step);
	struct holding second = held_by(p, p->second, ~0u);
	const struct record_op *lock;
	int i, k;

	for (i = 0; i < first.nr; i++) {
		k = find_lock(&second, first.lock[i]->addr);
		if (k < 0 || !is_shared(first.lock[i]) ||
		    !is_shared(second.lock[k]))
			continue;
		describe_add(t, "one of the two held ");
		describe_operand(t, first.lock[i]->site, first.lock[i]->label,
				 first.lock[i]->id);
		describe_add(t, " for writing, which both held for reading");
		return true;
	}
	lock = lacking(&first, &second);
	if (lock) {
		add_lock(t, p, p->second, lock);
		return true;
	}
	lock = lacking(&second, &first);
	if (lock)
		add_lock(t, p, p->first, lock);
	return lock;
}

/* Values that are passed on without an order */

static bool is_store(const struct record_op *op)
{
	switch (op->kind) {
	case IOMMUFD_MODEL_OP_WRITE_ONCE:
	case IOMMUFD_MODEL_OP_STORE_RELEASE:
	case IOMMUFD_MODEL_OP_ATOMIC_SET:
	case IOMMUFD_MODEL_OP_ATOMIC_ADD:
	case IOMMUFD_MODEL_OP_ATOMIC_AND:
	case IOMMUFD_MODEL_OP_ATOMIC_OR:
	case IOMMUFD_MODEL_OP_ATOMIC_XOR:
	case IOMMUFD_MODEL_OP_BIT_SET:
	case IOMMUFD_MODEL_OP_BIT_CLEAR:
		return true;
	default:
		return false;
	}
}

static bool is_load(const struct record_op *op)
{
	return op->kind == IOMMUFD_MODEL_OP_READ_ONCE ||
	       op->kind == IOMMUFD_MODEL_OP_LOAD_ACQUIRE ||
	       op->kind == IOMMUFD_MODEL_OP_ATOMIC_READ ||
	       op->kind == IOMMUFD_MODEL_OP_BIT_TEST;
}

static void add_op(struct text *t, const struct pair *p,
		   const struct record_op *op)
{
	describe_op(t, p->record, op);
	describe_add(t, ", ");
	describe_site(t, op->site);
	describe_add(t, ",");
}

/*
 * Return the load of the second thread that may have found what @store wrote.
 */
static const struct record_op *load_of(const struct pair *p,
				       const struct record_op *store)
{
	const struct record_op *op = store + 1;

	for (; op < p->record->ops + p->end; op++)
		if (op->thread == p->second && op->done && is_load(op) &&
		    op->addr == store->addr)
			return op;
	return NULL;
}

static bool publishing_would(struct text *t, const struct pair *p)
{
	const struct record_op *store = p->record->ops, *load = NULL;
	bool released, acquired;

	for (; store < p->record->ops + p->end; store++) {
		if (store->thread == p->first && store->done &&
		    store->step > p->step && is_store(store))
			load = load_of(p, store);
		if (load)
			break;
	}
	if (!load)
		return false;
	released = store->kind == IOMMUFD_MODEL_OP_STORE_RELEASE;
	acquired = load->kind == IOMMUFD_MODEL_OP_LOAD_ACQUIRE;
	if (!released) {
		add_op(t, p, store);
		describe_add(t, " released, as smp_store_release does");
	}
	if (!released && !acquired)
		describe_add(t, ", and ");
	if (!acquired) {
		add_op(t, p, load);
		describe_add(t, " acquired, as smp_load_acquire does");
	}
	return !released || !acquired;
}

/* Sections and threads for which a free does not wait */

static bool in_section(const struct pair *p)
{
	const struct record_op *op = p->record->ops;
	int depth = 0;

	for (; op < p->record->ops + p->end; op++)
		if (op->thread == p->first && op->done && op->step <= p->step)
			depth += (op->kind == IOMMUFD_MODEL_OP_RCU_LOCK) -
				 (op->kind == IOMMUFD_MODEL_OP_RCU_UNLOCK);
	return depth > 0;
}

static bool waiting_would(struct text *t, const struct execution *exec,
			  const struct pair *p)
{
	const struct thread *first = &exec->threads[p->first - 1];

	if (p->frees && in_section(p)) {
		describe_add(t,
			     "%s waited for a grace period before the free, "
			     "as synchronize_rcu and kfree_rcu do",
			     describe_thread(p->record, p->second));
		return true;
	}
	if (!first->background && p->first <= exec->nr_test_threads)
		return false;
	describe_add(t, "%s first waited for the end of ",
		     describe_thread(p->record, p->second));
	describe_add(t, "%s, as %s", describe_thread(p->record, p->first),
		     first->background ?
			     "flush_work, cancel_work_sync, "
			     "timer_delete_sync, rcu_barrier and kthread_stop "
			     "do" :
			     "iommufd_model_join does");
	return true;
}

/* A release that came too early */

static bool releases(const struct record_op *op)
{
	switch (op->kind) {
	case IOMMUFD_MODEL_OP_REFCOUNT_DEC:
	case IOMMUFD_MODEL_OP_REFCOUNT_SUB_AND_TEST:
	case IOMMUFD_MODEL_OP_REFCOUNT_DEC_NOT_ONE:
	case IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE:
		return op->before != op->after;
	case IOMMUFD_MODEL_OP_WAIT_WAKE:
	case IOMMUFD_MODEL_OP_COMPLETE:
	case IOMMUFD_MODEL_OP_STORE_RELEASE:
	case IOMMUFD_MODEL_OP_WORK_QUEUE:
	case IOMMUFD_MODEL_OP_TIMER_ARM:
	case IOMMUFD_MODEL_OP_ATOMIC_ADD_RETURN:
	case IOMMUFD_MODEL_OP_ATOMIC_ADD_AND_TEST:
	case IOMMUFD_MODEL_OP_ATOMIC_XCHG:
	case IOMMUFD_MODEL_OP_ATOMIC_CMPXCHG:
		return true;
	default:
		return effect_of(op) == LETS_GO;
	}
}

static bool acquires(const struct record_op *op)
{
	enum effect_on_lock effect = effect_of(op);

	switch (op->kind) {
	case IOMMUFD_MODEL_OP_LOAD_ACQUIRE:
	case IOMMUFD_MODEL_OP_COMPLETION_TAKE:
	case IOMMUFD_MODEL_OP_COMPLETION_WAIT:
	case IOMMUFD_MODEL_OP_WAIT_PREPARE:
	case IOMMUFD_MODEL_OP_WORK_RUN:
	case IOMMUFD_MODEL_OP_TIMER_FIRE:
	case IOMMUFD_MODEL_OP_WAIT_ZERO:
	case IOMMUFD_MODEL_OP_ATOMIC_ADD_RETURN:
	case IOMMUFD_MODEL_OP_ATOMIC_ADD_AND_TEST:
	case IOMMUFD_MODEL_OP_ATOMIC_XCHG:
	case IOMMUFD_MODEL_OP_ATOMIC_CMPXCHG:
		return true;
	default:
		if (describe_is_counter(op->kind))
			return !op->after;
		return effect == TAKES || effect == TAKES_SHARED;
	}
}

static bool is_acquired(const struct pair *p, const struct record_op *release)
{
	const struct record_op *op = release + 1;

	for (; op < p->record->ops + p->end; op++)
		if (op->thread == p->second && op->addr == release->addr &&
		    op->done && acquires(op))
			return true;
	return false;
}

static bool another_order_would(struct text *t, const struct pair *p)
{
	const struct record_op *op = p->record->ops + p->end;

	while (op-- > p->record->ops) {
		if (op->thread != p->first || !op->done || op->step > p->step ||
		    !releases(op) || !is_acquired(p, op))
			continue;
		describe_add(t, "%s made its access before ",
			     describe_thread(p->record, p->first));
		describe_op(t, p->record, op);
		describe_add(t, ", ");
		describe_site(t, op->site);
		return true;
	}
	return false;
}

static void anything_would(struct text *t, const struct pair *p)
{
	describe_add(t,
		     "both held one lock, or if %s released something after "
		     "its access (by an unlock, smp_store_release, complete, "
		     "a wake-up or a put) ",
		     describe_thread(p->record, p->first));
	describe_add(t, "that %s acquired before %s",
		     describe_thread(p->record, p->second),
		     p->frees ? "the free" : "its own");
}

/* If only one access is marked, say that there is no race if both are. */
static void add_marking(struct text *t, const struct watch_access *first,
			const struct watch_access *second)
{
	const unsigned int other = WATCH_FREE | WATCH_ALLOC | WATCH_ASSERT;
	const struct watch_access *plain = first->how & WATCH_MARKED ? second :
								       first;

	if ((first->how | second->how) & other ||
	    !((first->how ^ second->how) & WATCH_MARKED))
		return;
	describe_add(t, "; or no race, without an order, if the plain %s",
		     plain->how & WATCH_WRITE ? "write was a WRITE_ONCE" :
						"read was a READ_ONCE");
}

void explore_ordered_if(const struct execution *exec,
			const struct watch_access *first,
			const struct watch_access *second)
{
	struct iommufd_model_record *record = exec->record;
	struct pair p = {
		.record = record,
		.first = first->thread + 1,
		.second = second->thread + 1,
		.step = record->other_step,
		.end = record_length(record),
		.frees = second->how & WATCH_FREE,
	};
	struct text t = { 0 }, more = { 0 };
	size_t i;

	if (locks_would(&t, &p)) {
		if (another_order_would(&more, &p))
			describe_add(&t, ", or if %s", more.s);
	} else if (!publishing_would(&t, &p) && !waiting_would(&t, exec, &p) &&
		   !another_order_would(&t, &p)) {
		anything_would(&t, &p);
	}
	add_marking(&t, first, second);
	for (i = 0; i < t.len; i++)
		if (t.s[i] == '\t')
			t.s[i] = ' ';
	snprintf(record->ordered_if, sizeof(record->ordered_if), "%.*s",
		 (int)sizeof(record->ordered_if) - 1, t.s);
}
