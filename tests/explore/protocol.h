/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The protocol with which explorers are compared.  It has an object with two
 * counters, a table slot that points to it, and the table's lock.  There are n
 * getters and one destroyer, and each does m rounds.
 *
 * The slot is read and written with the lock held.  To clear it is a step, and
 * so is to find it empty; to find it set is one step together with the step of
 * the counter.
 */
#ifndef PROTOCOL_H
#define PROTOCOL_H

#include <iommufd_model/explore.h>
#include <iommufd_model/kernel.h>

enum protocol_bug {
	RIGHT,
	BUG1,		/* the destroyer does not wait */
	/*
	 * the destroyer waits for shortterm first, and getters drop shortterm
	 * first
	 */
	BUG3,
	/*
	 * the destroyer tests the condition outside of the wait queue's
	 * protocol
	 */
	BUG4,
	/* getters drop shortterm first, which looks like a bug but is none */
	NO_BUG,
};

struct protocol {
	enum protocol_bug bug;
	int rounds;
	bool two_step_unlock;
	/* true for a real wait queue, false for a wait that is one step */
	bool wait_queue;
	spinlock_t lock;
	struct mutex mutex;
	wait_queue_head_t wq;
	struct dummy *slot;
	int touched;
};

struct dummy {
	refcount_t users;
	refcount_t shortterm;
	int payload;
};

static inline void protocol_setup(void *data)
{
	struct protocol *p = data;

	spin_lock_init(&p->lock);
	mutex_init(&p->mutex);
	init_waitqueue_head(&p->wq);
	p->slot = kzalloc(sizeof(*p->slot), GFP_KERNEL);
	refcount_set(&p->slot->users, 1);
	refcount_set(&p->slot->shortterm, 1);
}

static inline void protocol_lock(struct protocol *p)
{
	if (p->two_step_unlock)
		mutex_lock(&p->mutex);
	else
		spin_lock(&p->lock);
}

static inline void protocol_unlock(struct protocol *p)
{
	if (p->two_step_unlock)
		mutex_unlock(&p->mutex);
	else
		spin_unlock(&p->lock);
}

static inline void put_shortterm(struct protocol *p, struct dummy *dummy)
{
	if (refcount_dec_and_test(&dummy->shortterm) &&
	    (p->wait_queue || p->bug == BUG4))
		wake_up(&p->wq);
}

static inline void protocol_get(struct protocol *p)
{
	struct dummy *dummy = NULL;

	protocol_lock(p);
	if (!p->slot)
		(void)READ_ONCE(p->slot);
	else if (refcount_inc_not_zero(&p->slot->users)) {
		if (refcount_inc_not_zero(&p->slot->shortterm))
			dummy = p->slot;
		else
			refcount_dec(&p->slot->users);
	}
	protocol_unlock(p);
	if (!dummy)
		return;
	(void)READ_ONCE(dummy->payload);
	if (p->bug == BUG3 || p->bug == NO_BUG) {
		put_shortterm(p, dummy);
		refcount_dec(&dummy->users);
	} else {
		refcount_dec(&dummy->users);
		put_shortterm(p, dummy);
	}
}

static inline void protocol_wait(struct protocol *p, struct dummy *dummy)
{
	struct wait_queue_entry wait;

	if (p->bug == BUG4) {
		if (!refcount_read(&dummy->shortterm))
			return;
		iommufd_model_wait_begin(&wait);
		prepare_to_wait(&p->wq, &wait, TASK_UNINTERRUPTIBLE);
		iommufd_model_wait_sleep(&p->wq, &wait, MAX_SCHEDULE_TIMEOUT,
					 IOMMUFD_MODEL_SITE("shortterm == 0"));
		finish_wait(&p->wq, &wait);
	} else if (p->wait_queue) {
		wait_event(p->wq, refcount_read(&dummy->shortterm) == 0);
	} else {
		iommufd_model_wait_zero(&dummy->shortterm);
	}
}

static inline void protocol_destroy(struct protocol *p)
{
	struct dummy *dummy = NULL;
	bool waited = false;

	if (p->bug == BUG3 && p->slot) {
		dummy = p->slot;
		(void)refcount_dec_and_test(&dummy->shortterm);
		protocol_wait(p, dummy);
		waited = true;
		dummy = NULL;
	}
	protocol_lock(p);
	if (!p->slot) {
		(void)READ_ONCE(p->slot);
	} else if (refcount_dec_if_one(&p->slot->users)) {
		dummy = p->slot;
		WRITE_ONCE(p->slot, NULL);
	} else {
		iommufd_model_assert_msg(!waited, "busy, though nobody is left");
	}
	protocol_unlock(p);
	if (!dummy)
		return;
	if (!waited) {
		(void)refcount_dec_and_test(&dummy->shortterm);
		if (p->bug != BUG1)
			protocol_wait(p, dummy);
	}
	kfree(dummy);
}

static inline void protocol_getter(void *data)
{
	struct protocol *p = data;
	int i;

	for (i = 0; i < p->rounds; i++)
		protocol_get(p);
}

static inline void protocol_destroyer(void *data)
{
	struct protocol *p = data;
	int i;

	for (i = 0; i < p->rounds; i++)
		protocol_destroy(p);
}

static inline void protocol_after(void *data)
{
	struct protocol *p = data;

	kfree(p->slot);
}

/*
 * Initialises @p and @test, which the caller owns, with n getters and m rounds.
 */
static inline void protocol_init(struct protocol *p,
				 struct iommufd_model_test *test,
				 const char *name, int getters, int rounds)
{
	int i;

	p->rounds = rounds;
	test->name = name;
	test->data = p;
	test->setup = protocol_setup;
	test->after = protocol_after;
	for (i = 0; i < getters; i++) {
		test->threads[i].name = NULL;
		test->threads[i].fn = protocol_getter;
	}
	test->threads[i].name = "destroyer";
	test->threads[i].fn = protocol_destroyer;
}

#endif
