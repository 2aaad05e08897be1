// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Completions.
 *
 * The count is guarded by the lock of the wait queue.  A waiting thread tests
 * the count and enters the queue in one operation.  So either complete() finds
 * the thread in the queue, or the thread sees the count of complete(); the
 * thread needs no finish_wait().  It is an exclusive sleeper.  After a wake-up
 * it tests the count again, because another thread may have taken the
 * completion.
 *
 * A wait without a timeout passes the gate as one operation, which blocks until
 * there is a completion, as the lock of a mutex does.  Nobody can tell when a
 * thread began to wait: of two waiting threads, either may take the next
 * completion, as the other may have been late.
 */
#include "ground.h"

#define DONE_FOR_ALL (~0u)

static void init(struct completion *x, struct lock_class_key *key)
{
	x->done = 0;
	iommufd_model_init_waitqueue_head(&x->wait, key);
}

void iommufd_model_init_completion(struct completion *x,
				   struct lock_class_key *key,
				   const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED(IOMMUFD_MODEL_OP_LOCK_INIT, x, sizeof(*x), site,
		      (init(x, key), 0));
	else
		init(x, key);
}

/* Returns true if there was a completion. */
static bool clear(struct completion *x)
{
	bool had;

	spin_lock(&x->wait.lock);
	had = x->done;
	x->done = 0;
	spin_unlock(&x->wait.lock);
	return had;
}

void iommufd_model_reinit_completion(struct completion *x,
				     const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED_WHOLE(IOMMUFD_MODEL_OP_LOCK_INIT, x, sizeof(*x), site,
			    clear(x));
	else
		clear(x);
}

/*
 * Takes one completion if there is one, and returns true if it did.  If @wait
 * is not NULL, it is the thread's entry: it leaves the queue if a completion
 * was taken or if @enter is false, and otherwise it enters the queue.
 */
static bool take(struct completion *x, struct wait_queue_entry *wait,
		 bool enter)
{
	bool got;

	spin_lock(&x->wait.lock);
	got = x->done;
	if (got && x->done != DONE_FOR_ALL)
		x->done--;
	if (wait && (got || !enter))
		iommufd_model_wait_dequeue(wait);
	else if (wait)
		iommufd_model_wait_enqueue(&x->wait, wait, x,
					   TASK_UNINTERRUPTIBLE);
	spin_unlock(&x->wait.lock);
	return got;
}

static bool take_gated(struct completion *x, struct wait_queue_entry *wait,
		       bool enter, const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		return GATED_WHOLE(IOMMUFD_MODEL_OP_COMPLETION_WAIT, x, 0, site,
				   take(x, wait, enter));
	return take(x, wait, enter);
}

static long take_or_sleep(struct completion *x, long timeout,
			  const struct iommufd_model_site *site)
{
	struct wait_queue_entry wait;

	iommufd_model_wait_begin(&wait);
	wait.flags = WQ_FLAG_EXCLUSIVE;
	while (!take_gated(x, &wait, timeout, site)) {
		if (!timeout)
			return 0;
		timeout = iommufd_model_sleep_on(x, &wait, timeout, site);
	}
	return timeout ? timeout : 1;
}

long iommufd_model_wait_for_completion(struct completion *x, long timeout,
				       const struct iommufd_model_site *site)
{
	iommufd_model_may_sleep("wait_for_completion", site);
	if (timeout == MAX_SCHEDULE_TIMEOUT && IOMMUFD_MODEL_GATE_OPEN())
		return GATED_WHOLE(IOMMUFD_MODEL_OP_COMPLETION_TAKE, x, 0, site,
				   take_or_sleep(x, timeout, site));
	return take_or_sleep(x, timeout, site);
}

bool iommufd_model_try_wait_for_completion(struct completion *x,
					   const struct iommufd_model_site *site)
{
	return take_gated(x, NULL, false, site);
}

bool iommufd_model_completion_done(struct completion *x,
				   const struct iommufd_model_site *site)
{
	bool open = IOMMUFD_MODEL_GATE_OPEN(), done;

	if (open)
		iommufd_model_access_begin(IOMMUFD_MODEL_OP_WAIT_READ, x,
					   sizeof(*x), site);
	done = __atomic_load_n(&x->done, __ATOMIC_ACQUIRE);
	if (open)
		iommufd_model_access_done(IOMMUFD_MODEL_OP_WAIT_READ, x,
					  sizeof(*x), done, site);
	return done;
}

static void give(struct completion *x, bool all)
{
	spin_lock(&x->wait.lock);
	if (all)
		x->done = DONE_FOR_ALL;
	else if (x->done != DONE_FOR_ALL)
		x->done++;
	iommufd_model_wake_queue(&x->wait, !all);
	spin_unlock(&x->wait.lock);
}

void iommufd_model_complete(struct completion *x, bool all,
			    const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED_WHOLE(IOMMUFD_MODEL_OP_COMPLETE, x,
			    all ? TASK_NORMAL : TASK_UNINTERRUPTIBLE, site,
			    (give(x, all), 0));
	else
		give(x, all);
}
