// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Wait queues, and the state of a thread that sleeps.
 *
 * A thread that is about to sleep has a state that is not 0.  A wake-up sets
 * the state to 0, and the thread sleeps until it is 0.  The entry of a sleeper
 * is on the sleeper's stack.  A waker accesses it only with the queue's lock
 * held, and the sleeper removes it from the queue with that lock held, so the
 * entry is valid whenever it is accessed.  Sleepers sleep in park.c on the
 * address of their task.  A thread that has ended may still be woken; this has
 * no effect, because only the address of its task is used.
 *
 * No wake-up is lost, because both sides take the queue's lock: the sleeper
 * before it tests its condition, and the waker after it has changed the
 * condition.  The one that takes the lock second sees what the other did
 * before.
 *
 * Exclusive sleepers are at the end of the queue, in the order in which they
 * entered it; the others are in front of them.
 *
 * Each call passes the gate as one operation.  The queue's lock does not pass
 * it.
 */
#include "ground.h"
#include <iommufd_model/kernel/sched.h>

#define NR_VAR_QUEUES 64

int iommufd_model_waker;
NO_STATE(iommufd_model_waker);

void iommufd_model_init_waitqueue_head(wait_queue_head_t *wq,
				       struct lock_class_key *key)
{
	iommufd_model_spin_lock_init(&wq->lock, key);
	INIT_LIST_HEAD(&wq->head);
}

void iommufd_model_init_waitqueue_head_at(wait_queue_head_t *wq,
					  struct lock_class_key *key,
					  const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED(IOMMUFD_MODEL_OP_LOCK_INIT, wq, sizeof(*wq), site,
		      (iommufd_model_init_waitqueue_head(wq, key), 0));
	else
		iommufd_model_init_waitqueue_head(wq, key);
}

struct iommufd_model_task *iommufd_model_task_self(void)
{
	return current_task();
}

struct iommufd_model_task *iommufd_model_current(void)
{
	struct iommufd_model_task *task = current_task();

	task->known = true;
	return task;
}

void iommufd_model_wait_init(struct wait_queue_entry *wait,
			     struct iommufd_model_task *task,
			     wait_queue_func_t func)
{
	INIT_LIST_HEAD(&wait->entry);
	wait->state = 0;
	wait->woken = 0;
	wait->flags = 0;
	wait->task = task;
	wait->func = func;
	wait->key = NULL;
}

void iommufd_model_wait_begin(struct wait_queue_entry *wait)
{
	iommufd_model_wait_init(wait, current_task(), autoremove_wake_function);
}

/* The functions below put a thread to sleep. */

static void set_state(struct iommufd_model_task *task, unsigned int state)
{
	if (state)
		__atomic_store_n(&task->woken_by, -1, __ATOMIC_RELAXED);
	__atomic_store_n(&task->state, state, __ATOMIC_SEQ_CST);
}

static void enqueue(wait_queue_head_t *wq, struct wait_queue_entry *wait)
{
	if (wait->flags & WQ_FLAG_EXCLUSIVE)
		list_add_tail(&wait->entry, &wq->head);
	else
		list_add(&wait->entry, &wq->head);
}

/* If @state is 0, the state of the thread does not change. */
void iommufd_model_wait_enqueue(wait_queue_head_t *wq,
				struct wait_queue_entry *wait,
				const void *location, unsigned int state)
{
	struct iommufd_model_task *task = wait->task;

	if (list_empty(&wait->entry))
		enqueue(wq, wait);
	wait->state = state;
	__atomic_store_n(&wait->woken, 0, __ATOMIC_RELAXED);
	if (task)
		task->queue = location;
	if (task && state)
		set_state(task, state);
}

static void prepare(wait_queue_head_t *wq, struct wait_queue_entry *wait,
		    const void *location, unsigned int state)
{
	spin_lock(&wq->lock);
	iommufd_model_wait_enqueue(wq, wait, location, state);
	spin_unlock(&wq->lock);
}

void iommufd_model_prepare_to_wait(wait_queue_head_t *wq,
				   struct wait_queue_entry *wait, int state,
				   const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED_WHOLE(wait->flags & WQ_FLAG_EXCLUSIVE ?
				    IOMMUFD_MODEL_OP_WAIT_PREPARE_EXCLUSIVE :
				    IOMMUFD_MODEL_OP_WAIT_PREPARE,
			    wq, state, site,
			    (prepare(wq, wait, wq, (unsigned int)state), 0));
	else
		prepare(wq, wait, wq, (unsigned int)state);
}

void iommufd_model_add_wait(wait_queue_head_t *wq,
			    struct wait_queue_entry *wait, unsigned int flags,
			    const struct iommufd_model_site *site)
{
	wait->flags |= flags;
	iommufd_model_prepare_to_wait(wq, wait, 0, site);
}

static long sleep_until_woken(struct iommufd_model_task *task, long timeout,
			      unsigned long deadline)
{
	bool timed = timeout != MAX_SCHEDULE_TIMEOUT;
	struct park_bucket *bucket = iommufd_model_park_lock(task);
	bool over = false;
	unsigned long now;

	while (!over && __atomic_load_n(&task->state, __ATOMIC_SEQ_CST))
		over = !iommufd_model_park_wait(bucket, deadline, timed);
	iommufd_model_park_unlock(bucket);
	if (!timed)
		return timeout;
	if (over)
		return 0;
	now = jiffies;
	return now < deadline ? (long)(deadline - now) : 0;
}

long iommufd_model_sleep_on(const void *location, struct wait_queue_entry *wait,
			    long timeout, const struct iommufd_model_site *site)
{
	/*
	 * The deadline is computed before step(), in which a scheduler may move
	 * the clock.
	 */
	unsigned long deadline = timeout == MAX_SCHEDULE_TIMEOUT ?
					 0 :
					 jiffies + (unsigned long)timeout;
	struct iommufd_model_task *task = current_task();

	iommufd_model_may_sleep("schedule", site);
	if (!IOMMUFD_MODEL_GATE_OPEN()) {
		timeout = sleep_until_woken(task, timeout, deadline);
	} else {
		task->waiting = wait;
		timeout = GATED(IOMMUFD_MODEL_OP_WAIT_SLEEP, location, timeout,
				site,
				sleep_until_woken(task, timeout, deadline));
		task->waiting = NULL;
	}
	set_state(task, TASK_RUNNING);
	return timeout;
}

long iommufd_model_wait_sleep(wait_queue_head_t *wq,
			      struct wait_queue_entry *wait, long timeout,
			      const struct iommufd_model_site *site)
{
	return iommufd_model_sleep_on(wq, wait, timeout, site);
}

long iommufd_model_schedule(long timeout, const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = current_task();
	const void *location = task->queue ? task->queue : task;

	if (!task->queue &&
	    !__atomic_load_n(&task->state, __ATOMIC_SEQ_CST)) {
		iommufd_model_may_sleep("schedule", site);
		iommufd_model_relax(site);
		return timeout;
	}
	return iommufd_model_sleep_on(location, NULL, timeout, site);
}

void iommufd_model_set_state(unsigned int value,
			     const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = current_task();

	/* TASK_RUNNING needs no operation: no other thread can notice it. */
	if (value && IOMMUFD_MODEL_GATE_OPEN())
		GATED(IOMMUFD_MODEL_OP_WAIT_PREPARE,
		      task->queue ? task->queue : task, value, site,
		      (set_state(task, value), 0));
	else
		set_state(task, value);
}

void iommufd_model_wait_dequeue(struct wait_queue_entry *wait)
{
	struct iommufd_model_task *task = current_task();

	list_del_init(&wait->entry);
	if (wait->task == task)
		task->queue = NULL;
}

static void finish(wait_queue_head_t *wq, struct wait_queue_entry *wait)
{
	spin_lock(&wq->lock);
	iommufd_model_wait_dequeue(wait);
	spin_unlock(&wq->lock);
}

static void finish_at(wait_queue_head_t *wq, struct wait_queue_entry *wait,
		      const void *location,
		      const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED_WHOLE(wait->flags & WQ_FLAG_EXCLUSIVE ?
				    IOMMUFD_MODEL_OP_WAIT_FINISH_EXCLUSIVE :
				    IOMMUFD_MODEL_OP_WAIT_FINISH,
			    location, 0, site, (finish(wq, wait), 0));
	else
		finish(wq, wait);
}

void iommufd_model_finish_wait(wait_queue_head_t *wq,
			       struct wait_queue_entry *wait,
			       const struct iommufd_model_site *site)
{
	finish_at(wq, wait, wq, site);
	set_state(current_task(), TASK_RUNNING);
}

void iommufd_model_remove_wait(wait_queue_head_t *wq,
			       struct wait_queue_entry *wait,
			       const struct iommufd_model_site *site)
{
	finish_at(wq, wait, wq, site);
}

static long wait_woken_part(struct wait_queue_entry *wait, int mode)
{
	struct iommufd_model_task *task = current_task();

	set_state(task, (unsigned int)mode);
	if (__atomic_load_n(&wait->flags, __ATOMIC_SEQ_CST) & WQ_FLAG_WOKEN)
		set_state(task, TASK_RUNNING);
	return 0;
}

long iommufd_model_wait_woken(struct wait_queue_entry *wait, int mode,
			      long timeout,
			      const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = current_task();
	const void *location = task->queue ? task->queue : task;

	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED(IOMMUFD_MODEL_OP_WAIT_PREPARE, location, mode, site,
		      wait_woken_part(wait, mode));
	else
		wait_woken_part(wait, mode);
	timeout = iommufd_model_sleep_on(location, wait, timeout, site);
	__atomic_fetch_and(&wait->flags, ~WQ_FLAG_WOKEN, __ATOMIC_SEQ_CST);
	return timeout;
}

/* The functions below wake threads. */

static bool wake_task(struct iommufd_model_task *task, unsigned int mode)
{
	unsigned int state = __atomic_load_n(&task->state, __ATOMIC_SEQ_CST);

	if (!(state & mode))
		return false;
	__atomic_store_n(&task->woken_by, iommufd_model_waker,
			 __ATOMIC_RELAXED);
	set_state(task, TASK_RUNNING);
	iommufd_model_park_wake(task);
	return true;
}

int iommufd_model_wake_thread(struct iommufd_model_task *task,
			      unsigned int mode,
			      const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		return (int)GATED(IOMMUFD_MODEL_OP_WAIT_WAKE, task, mode, site,
				  wake_task(task, mode));
	return wake_task(task, mode);
}

int default_wake_function(struct wait_queue_entry *wait, unsigned int mode,
			  int flags, void *key)
{
	(void)flags;
	(void)key;
	if (!wait->task || !wake_task(wait->task, mode))
		return 0;
	__atomic_store_n(&wait->woken, 1, __ATOMIC_RELEASE);
	return 1;
}

int autoremove_wake_function(struct wait_queue_entry *wait, unsigned int mode,
			     int flags, void *key)
{
	if (!default_wake_function(wait, mode, flags, key))
		return 0;
	list_del_init(&wait->entry);
	return 1;
}

int woken_wake_function(struct wait_queue_entry *wait, unsigned int mode,
			int flags, void *key)
{
	__atomic_fetch_or(&wait->flags, WQ_FLAG_WOKEN, __ATOMIC_SEQ_CST);
	return default_wake_function(wait, mode, flags, key);
}

/*
 * Wakes sleepers, of which at most @nr exclusive ones, or all if @nr is 0.  If
 * @var is not NULL, it wakes only entries with this key.
 */
static void wake_entries(wait_queue_head_t *wq, unsigned int mode, int nr,
			 void *key, const void *var)
{
	struct wait_queue_entry *wait, *next;
	unsigned int flags;

	list_for_each_entry_safe(wait, next, &wq->head, entry) {
		if (var && wait->key != var)
			continue;
		flags = wait->flags;
		if (wait->func(wait, mode, 0, key) &&
		    flags & WQ_FLAG_EXCLUSIVE && !--nr)
			break;
	}
}

static void wake(wait_queue_head_t *wq, unsigned int mode, int nr, void *key,
		 const void *var)
{
	spin_lock(&wq->lock);
	wake_entries(wq, mode, nr, key, var);
	spin_unlock(&wq->lock);
}

void iommufd_model_wake_queue(wait_queue_head_t *wq, int nr)
{
	wake_entries(wq, TASK_NORMAL, nr, NULL, NULL);
}

void iommufd_model_wake_key(wait_queue_head_t *wq, unsigned int mode, int nr,
			    void *key, const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED_WHOLE(IOMMUFD_MODEL_OP_WAIT_WAKE, wq, mode, site,
			    (wake(wq, mode, nr, key, NULL), 0));
	else
		wake(wq, mode, nr, key, NULL);
}

void iommufd_model_wake(wait_queue_head_t *wq, unsigned int mode, int nr,
			const struct iommufd_model_site *site)
{
	iommufd_model_wake_key(wq, mode, nr, NULL, site);
}

bool iommufd_model_waitqueue_active(wait_queue_head_t *wq,
				    const struct iommufd_model_site *site)
{
	bool open = IOMMUFD_MODEL_GATE_OPEN(), active;

	if (open)
		iommufd_model_access_begin(IOMMUFD_MODEL_OP_WAIT_READ, wq,
					   sizeof(*wq), site);
	active = __atomic_load_n(&wq->head.next, __ATOMIC_SEQ_CST) != &wq->head;
	if (open)
		iommufd_model_access_done(IOMMUFD_MODEL_OP_WAIT_READ, wq,
					  sizeof(*wq), active, site);
	return active;
}

/* The functions below wait for a variable. */

static struct lock_class_key var_key = { "variables that are waited for", 0 };
static wait_queue_head_t var_queues[NR_VAR_QUEUES];

/*
 * The address after the variable: the variable itself is the location of other
 * operations.  It is only a name.  A wake-up does not access the variable, which
 * may have been freed.
 */
static const void *location_of(const volatile void *var)
{
	return (const char *)(uintptr_t)var + 1;
}

void iommufd_model_wait_reset(void)
{
	int i;

	for (i = 0; i < NR_VAR_QUEUES; i++)
		var_queues[i].lock.dep_map.key = NULL;
}

static wait_queue_head_t *queue_of(const volatile void *var)
{
	wait_queue_head_t *wq =
		&var_queues[((uintptr_t)var >> 3) % NR_VAR_QUEUES];
	static int lock;

	if (__atomic_load_n(&wq->lock.dep_map.key, __ATOMIC_ACQUIRE))
		return wq;
	while (__atomic_exchange_n(&lock, 1, __ATOMIC_ACQUIRE))
		;
	if (!wq->lock.dep_map.key) {
		INIT_LIST_HEAD(&wq->head);
		wq->lock.owner = 0;
		__atomic_store_n(&wq->lock.dep_map.key, &var_key,
				 __ATOMIC_RELEASE);
	}
	__atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
	return wq;
}

void iommufd_model_prepare_var(const volatile void *var,
			       struct wait_queue_entry *wait,
			       const struct iommufd_model_site *site)
{
	const void *location = location_of(var);
	wait_queue_head_t *wq = queue_of(var);

	wait->key = location;
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED_WHOLE(IOMMUFD_MODEL_OP_WAIT_PREPARE, location,
			    TASK_UNINTERRUPTIBLE, site,
			    (prepare(wq, wait, location, TASK_UNINTERRUPTIBLE),
			     0));
	else
		prepare(wq, wait, location, TASK_UNINTERRUPTIBLE);
}

void iommufd_model_finish_var(const volatile void *var,
			      struct wait_queue_entry *wait,
			      const struct iommufd_model_site *site)
{
	finish_at(queue_of(var), wait, location_of(var), site);
	set_state(current_task(), TASK_RUNNING);
}

void iommufd_model_wake_var(const volatile void *var,
			    const struct iommufd_model_site *site)
{
	const void *location = location_of(var);
	wait_queue_head_t *wq = queue_of(var);

	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED_WHOLE(IOMMUFD_MODEL_OP_WAIT_WAKE, location, TASK_NORMAL,
			    site,
			    (wake(wq, TASK_NORMAL, 0, NULL, location), 0));
	else
		wake(wq, TASK_NORMAL, 0, NULL, location);
}
