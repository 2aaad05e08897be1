// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Wait queues.
 *
 * The entry of a sleeper is on the sleeper's stack.  A waker accesses it only
 * with the queue's lock held, and the sleeper removes it from the queue with
 * that lock held, so the entry is valid whenever it is accessed.  Sleepers
 * sleep in park.c on the address of the queue.
 *
 * No wake-up is lost, because both sides take the queue's lock: the sleeper
 * before it tests its condition, and the waker after it has changed the
 * condition.  The one that takes the lock second sees what the other did
 * before.
 *
 * Each call passes the gate as one operation.  The queue's lock does not pass
 * it.
 */
#include "ground.h"

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

void iommufd_model_wait_begin(struct wait_queue_entry *wait)
{
	INIT_LIST_HEAD(&wait->entry);
	wait->woken = 0;
}

static void prepare(wait_queue_head_t *wq, struct wait_queue_entry *wait,
		    int state)
{
	spin_lock(&wq->lock);
	if (list_empty(&wait->entry))
		list_add_tail(&wait->entry, &wq->head);
	wait->state = (unsigned int)state;
	__atomic_store_n(&wait->woken, 0, __ATOMIC_RELAXED);
	spin_unlock(&wq->lock);
}

void iommufd_model_prepare_to_wait(wait_queue_head_t *wq,
				   struct wait_queue_entry *wait, int state,
				   const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED_WHOLE(IOMMUFD_MODEL_OP_WAIT_PREPARE, wq, state, site,
			    (prepare(wq, wait, state), 0));
	else
		prepare(wq, wait, state);
}

static long sleep_until_woken(wait_queue_head_t *wq,
			      struct wait_queue_entry *wait, long timeout,
			      unsigned long deadline)
{
	bool timed = timeout != MAX_SCHEDULE_TIMEOUT;
	struct park_bucket *bucket = iommufd_model_park_lock(wq);
	unsigned long now;

	while (!__atomic_load_n(&wait->woken, __ATOMIC_ACQUIRE))
		if (!iommufd_model_park_wait(bucket, deadline, timed))
			break;
	iommufd_model_park_unlock(bucket);
	if (!timed)
		return timeout;
	now = jiffies;
	return now < deadline ? (long)(deadline - now) : 0;
}

long iommufd_model_wait_sleep(wait_queue_head_t *wq,
			      struct wait_queue_entry *wait, long timeout,
			      const struct iommufd_model_site *site)
{
	/* Computed before step(), in which a scheduler may move the clock. */
	unsigned long deadline = jiffies + (unsigned long)timeout;
	struct iommufd_model_task *task;

	if (!IOMMUFD_MODEL_GATE_OPEN())
		return sleep_until_woken(wq, wait, timeout, deadline);
	task = current_task();
	task->waiting = wait;
	timeout = GATED(IOMMUFD_MODEL_OP_WAIT_SLEEP, wq, timeout, site,
			sleep_until_woken(wq, wait, timeout, deadline));
	task->waiting = NULL;
	return timeout;
}

static void finish(wait_queue_head_t *wq, struct wait_queue_entry *wait)
{
	spin_lock(&wq->lock);
	list_del_init(&wait->entry);
	spin_unlock(&wq->lock);
}

void iommufd_model_finish_wait(wait_queue_head_t *wq,
			       struct wait_queue_entry *wait,
			       const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED_WHOLE(IOMMUFD_MODEL_OP_WAIT_FINISH, wq, 0, site,
			    (finish(wq, wait), 0));
	else
		finish(wq, wait);
}

static void wake(wait_queue_head_t *wq, unsigned int mode)
{
	struct wait_queue_entry *wait;
	bool any = false;

	spin_lock(&wq->lock);
	list_for_each_entry(wait, &wq->head, entry) {
		if (!(wait->state & mode))
			continue;
		__atomic_store_n(&wait->woken, 1, __ATOMIC_RELEASE);
		any = true;
	}
	spin_unlock(&wq->lock);
	if (any)
		iommufd_model_park_wake(wq);
}

void iommufd_model_wake(wait_queue_head_t *wq, unsigned int mode,
			const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED_WHOLE(IOMMUFD_MODEL_OP_WAIT_WAKE, wq, mode, site,
			    (wake(wq, mode), 0));
	else
		wake(wq, mode);
}
