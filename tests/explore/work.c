// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Work items and timers: the right forms are complete, and the wrong ones are
 * found.
 */
#include "suite.h"
#include "verdict.h"
#include <iommufd_model/kernel.h>
#include <stdio.h>
#include <stdlib.h>

struct object {
	struct work_struct work, other_work;
	struct delayed_work dwork;
	struct timer_list timer, other_timer;
	struct mutex mutex;
	spinlock_t lock;
	int value;
};

static struct object *object;
static struct workqueue_struct *queue;
static int ran, other_ran, inside, max_ran;
static bool stop;

static void runs(struct work_struct *work)
{
	struct object *o = container_of(work, struct object, work);

	WRITE_ONCE(o->value, 1);
	WRITE_ONCE(ran, READ_ONCE(ran) + 1);
}

static void runs_too(struct work_struct *work)
{
	(void)work;
	WRITE_ONCE(other_ran, READ_ONCE(ran) + 1);
}

static void fires(struct timer_list *timer)
{
	struct object *o = timer_container_of(o, timer, timer);

	WRITE_ONCE(o->value, 1);
	WRITE_ONCE(ran, READ_ONCE(ran) + 1);
}

static void runs_delayed(struct work_struct *work)
{
	struct object *o =
		container_of(to_delayed_work(work), struct object, dwork);

	WRITE_ONCE(o->value, 1);
	WRITE_ONCE(ran, READ_ONCE(ran) + 1);
}

static void setup(void *data)
{
	struct object *o = kzalloc(sizeof(*o), GFP_KERNEL);

	(void)data;
	object = o;
	mutex_init(&o->mutex);
	spin_lock_init(&o->lock);
	INIT_WORK(&o->work, runs);
	INIT_WORK(&o->other_work, runs_too);
	INIT_DELAYED_WORK(&o->dwork, runs_delayed);
	timer_setup(&o->timer, fires, 0);
	timer_setup(&o->other_timer, fires, 0);
	queue = alloc_workqueue("test %d", WQ_UNBOUND, 0, 1);
	ran = other_ran = inside = max_ran = 0;
	stop = false;
}

static void setup_ordered(void *data)
{
	setup(data);
	destroy_workqueue(queue);
	queue = alloc_ordered_workqueue("ordered", 0);
}

static void release(void)
{
	destroy_workqueue(queue);
	kfree(object);
}

static void after(void *data)
{
	(void)data;
	release();
}

/* The object has been freed already. */
static void after_free(void *data)
{
	(void)data;
	destroy_workqueue(queue);
}

static void nothing(void *data)
{
	(void)data;
}

/* The functions below queue items and wait for them. */

static void queues(void *data)
{
	(void)data;
	queue_work(queue, &object->work);
}

static void flushes(void *data)
{
	queues(data);
	flush_work(&object->work);
	iommufd_model_assert(READ_ONCE(ran) >= 1);
}

static void cancels_and_frees(void *data)
{
	(void)data;
	cancel_work_sync(&object->work);
	kfree(object);
}

static void only_flushes(void *data)
{
	(void)data;
	flush_work(&object->work);
}

/* A loop that waits: each flush has another number, and changes nothing. */
static void flushes_queue_until_told(void *data)
{
	(void)data;
	while (!READ_ONCE(stop))
		flush_workqueue(queue);
}

static void tells_to_stop(void *data)
{
	(void)data;
	WRITE_ONCE(stop, true);
}

static void does_not_flush(void *data)
{
	queues(data);
	iommufd_model_assert(READ_ONCE(ran) >= 1);
}

static void flushes_queue(void *data)
{
	queues(data);
	flush_workqueue(queue);
	iommufd_model_assert(READ_ONCE(ran) >= 1);
}

static void queues_twice(void *data)
{
	queues(data);
	queues(data);
	flush_work(&object->work);
	iommufd_model_assert(READ_ONCE(ran) >= 1);
}

static void queues_many_times(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 12; i++) {
		queue_work(queue, &object->work);
		flush_work(&object->work);
	}
	iommufd_model_assert(READ_ONCE(ran) == 12);
}

static void runs_once(void *data)
{
	(void)data;
	iommufd_model_assert(ran == 1);
	release();
}

static void runs_twice(void *data)
{
	(void)data;
	iommufd_model_assert(ran == 2);
	release();
}

/* Two threads must not run one item at the same time. */
static void runs_alone(struct work_struct *work)
{
	(void)work;
	WRITE_ONCE(inside, READ_ONCE(inside) + 1);
	iommufd_model_assert(READ_ONCE(inside) == 1);
	WRITE_ONCE(inside, READ_ONCE(inside) - 1);
}

static void setup_alone(void *data)
{
	setup(data);
	INIT_WORK(&object->work, runs_alone);
	INIT_WORK(&object->other_work, runs_alone);
}

static void setup_ordered_alone(void *data)
{
	setup_ordered(data);
	INIT_WORK(&object->work, runs_alone);
	INIT_WORK(&object->other_work, runs_alone);
}

static void queues_both(void *data)
{
	(void)data;
	queue_work(queue, &object->work);
	queue_work(queue, &object->other_work);
}

static void queues_after_cancel(void *data)
{
	queues(data);
	cancel_work(&object->work);
	queues(data);
	cancel_work(&object->work);
	queues(data);
}

/* The tests below and their functions are about the order of items. */

static void finds_order(void *data)
{
	(void)data;
	/* The second item sees what the first one did. */
	iommufd_model_assert(other_ran == 2);
	release();
}

static void cancels_first(void *data)
{
	(void)data;
	cancel_work(&object->work);
}

/* The functions below cancel items. */

static void cancels_sync(void *data)
{
	(void)data;
	cancel_work_sync(&object->work);
	kfree(object);
	object = NULL;
}

static void queues_and_cancels_sync(void *data)
{
	queues(data);
	cancels_sync(data);
}

static void queues_and_cancels(void *data)
{
	queues(data);
	cancel_work(&object->work);
	kfree(object);
}

/* The item may still run, though it was cancelled when it was queued again. */
static void queues_twice_cancels_and_flushes(void *data)
{
	queues(data);
	queues(data);
	cancel_work(&object->work);
	flush_work(&object->work);
	kfree(object);
}

static void queues_twice_and_cancels(void *data)
{
	queues(data);
	queues_and_cancels(data);
}

static void queues_and_frees(void *data)
{
	queues(data);
	kfree(object);
}

static void expects_no_run(void *data)
{
	(void)data;
	iommufd_model_assert(!ran);
	release();
}

static void queues_cancels_and_keeps(void *data)
{
	queues(data);
	cancel_work_sync(&object->work);
}

static void queues_if_alive(void *data)
{
	(void)data;
	mutex_lock(&object->mutex);
	if (!stop)
		queue_work(queue, &object->work);
	mutex_unlock(&object->mutex);
}

static void stops_and_cancels(void *data)
{
	(void)data;
	mutex_lock(&object->mutex);
	stop = true;
	mutex_unlock(&object->mutex);
	cancel_work_sync(&object->work);
	iommufd_model_assert(!work_busy(&object->work));
}

static void disables(void *data)
{
	(void)data;
	disable_work_sync(&object->work);
	iommufd_model_assert(!work_busy(&object->work));
	iommufd_model_assert(!queue_work(queue, &object->work));
	enable_work(&object->work);
}

/* An item that queues itself. */

static void requeues(struct work_struct *work)
{
	WRITE_ONCE(ran, 1);
	queue_work(queue, work);
}

static void requeues_until(struct work_struct *work)
{
	WRITE_ONCE(ran, READ_ONCE(ran) + 1);
	if (ran < 3)
		queue_work(queue, work);
}

static void setup_requeues(void *data)
{
	setup(data);
	INIT_WORK(&object->work, requeues);
}

static void setup_requeues_until(void *data)
{
	setup(data);
	INIT_WORK(&object->work, requeues_until);
}

static void runs_three_times(void *data)
{
	(void)data;
	iommufd_model_assert(ran == 3);
	release();
}

/* An item that frees itself. */

static void frees_itself(struct work_struct *work)
{
	kfree(container_of(work, struct object, work));
}

static void setup_frees_itself(void *data)
{
	setup(data);
	INIT_WORK(&object->work, frees_itself);
}

static void queues_and_uses(void *data)
{
	queues(data);
	WRITE_ONCE(object->value, 2);
}

/* The functions below deadlock. */

static void locks(struct work_struct *work)
{
	struct object *o = container_of(work, struct object, work);

	mutex_lock(&o->mutex);
	mutex_unlock(&o->mutex);
}

static void flushes_itself(struct work_struct *work)
{
	flush_work(work);
}

static void cancels_itself(struct work_struct *work)
{
	cancel_work_sync(work);
}

static void flushes_own_queue(struct work_struct *work)
{
	(void)work;
	flush_workqueue(queue);
}

#define SETUP(fn)                             \
	static void setup_##fn(void *data)    \
	{                                     \
		setup(data);                  \
		INIT_WORK(&object->work, fn); \
	}
SETUP(locks)
SETUP(flushes_itself)
SETUP(cancels_itself)
SETUP(flushes_own_queue)

static void flushes_with_lock(void *data)
{
	(void)data;
	queue_work(queue, &object->work);
	mutex_lock(&object->mutex);
	flush_work(&object->work);
	mutex_unlock(&object->mutex);
}

static void flushes_without_lock(void *data)
{
	(void)data;
	queue_work(queue, &object->work);
	mutex_lock(&object->mutex);
	mutex_unlock(&object->mutex);
	flush_work(&object->work);
}

static void flushes_in_section(void *data)
{
	(void)data;
	spin_lock(&object->lock);
	flush_work(&object->work);
	spin_unlock(&object->lock);
}

static void initialises_while_queued(void *data)
{
	queues(data);
	INIT_WORK(&object->work, runs);
}

static void destroys_queue(void *data)
{
	queues(data);
	destroy_workqueue(queue);
	iommufd_model_assert(READ_ONCE(ran) == 1);
	kfree(object);
}

static void leaves_queue(void *data)
{
	(void)data;
	kfree(object);
}

/* The tests below and their functions are about delayed items. */

static void queues_delayed(void *data)
{
	(void)data;
	queue_delayed_work(queue, &object->dwork, 10);
}

static void queues_and_flushes_delayed(void *data)
{
	queues_delayed(data);
	flush_delayed_work(&object->dwork);
	iommufd_model_assert(READ_ONCE(ran) == 1);
}

static void queues_and_cancels_delayed(void *data)
{
	queues_delayed(data);
	cancel_delayed_work_sync(&object->dwork);
	kfree(object);
}

static void queues_and_frees_delayed(void *data)
{
	queues_delayed(data);
	kfree(object);
}

static void cancels_delayed_and_frees(void *data)
{
	queues_delayed(data);
	cancel_delayed_work(&object->dwork);
	kfree(object);
}

/* The item is not queued before its time. */
static void flushes_too_early(void *data)
{
	queues_delayed(data);
	flush_work(&object->dwork.work);
	iommufd_model_assert(READ_ONCE(ran) == 1);
}

static void flushes_if_not_cancelled(void *data)
{
	queues_delayed(data);
	if (!cancel_delayed_work(&object->dwork))
		flush_work(&object->dwork.work);
	kfree(object);
}

static void flushes_and_frees_delayed(void *data)
{
	queues_delayed(data);
	flush_work(&object->dwork.work);
	kfree(object);
}

static void expects_that_the_flush_waits(void *data)
{
	queues(data);
	iommufd_model_assert(flush_work(&object->work));
}

static void expects_that_the_flush_does_not_wait(void *data)
{
	queues(data);
	iommufd_model_assert(!flush_work(&object->work));
}

static void expects_that_the_delayed_does_not_wait(void *data)
{
	queues_delayed(data);
	iommufd_model_assert(!flush_work(&object->dwork.work));
}

/* Without a delay the item is queued at once. */
static void modifies_and_flushes(void *data)
{
	queues_delayed(data);
	mod_delayed_work(queue, &object->dwork, 0);
	flush_work(&object->dwork.work);
	iommufd_model_assert(READ_ONCE(ran) >= 1);
}

static void modifies_and_flushes_queue(void *data)
{
	queues_delayed(data);
	mod_delayed_work(queue, &object->dwork, 0);
	flush_workqueue(queue);
	iommufd_model_assert(READ_ONCE(ran) >= 1);
}

static void modifies_and_flushes_too_early(void *data)
{
	queues_delayed(data);
	mod_delayed_work(queue, &object->dwork, 1);
	flush_work(&object->dwork.work);
	iommufd_model_assert(READ_ONCE(ran) >= 1);
}

/* The item runs, and waits for its time once more. */
static void requeues_delayed(struct work_struct *work)
{
	if (!READ_ONCE(stop))
		queue_delayed_work(queue, to_delayed_work(work), 10);
	WRITE_ONCE(object->value, READ_ONCE(object->value) + 1);
}

static void setup_requeues_delayed(void *data)
{
	setup(data);
	INIT_DELAYED_WORK(&object->dwork, requeues_delayed);
}

/* The flush waits for the run that queued the item with a delay. */
static void flushes_what_requeues_delayed(void *data)
{
	(void)data;
	queue_delayed_work(queue, &object->dwork, 0);
	flush_work(&object->dwork.work);
	iommufd_model_assert(READ_ONCE(object->value) >= 1);
	WRITE_ONCE(stop, true);
}

static void modifies_delayed(void *data)
{
	queues_delayed(data);
	mod_delayed_work(queue, &object->dwork, 20);
}

/* An item that is queued already waits for its new time. */
static void modifies_what_is_queued(void *data)
{
	(void)data;
	queue_delayed_work(queue, &object->dwork, 0);
	mod_delayed_work(queue, &object->dwork, 10);
	flush_workqueue(queue);
	iommufd_model_assert(READ_ONCE(ran) >= 1);
}

/* The item goes to the end of its queue, unless it has begun to run. */
static void queues_behind(void *data)
{
	(void)data;
	queue_delayed_work(queue, &object->dwork, 0);
	queue_work(queue, &object->other_work);
	if (mod_delayed_work(queue, &object->dwork, 0)) {
		flush_work(&object->other_work);
		WRITE_ONCE(stop, READ_ONCE(other_ran) == 1);
	} else {
		WRITE_ONCE(stop, true);
	}
}

static void finds_stop(void *data)
{
	(void)data;
	iommufd_model_assert(stop);
	release();
}

static struct workqueue_struct *other_queue;
static struct completion moved;

static void waits_for_moved(struct work_struct *work)
{
	(void)work;
	wait_for_completion(&moved);
}

static void completes_moved(struct work_struct *work)
{
	runs_delayed(work);
	complete(&moved);
}

static void setup_two_queues(void *data)
{
	setup_ordered(data);
	other_queue = alloc_workqueue("other", 0, 0);
	init_completion(&moved);
	INIT_WORK(&object->other_work, waits_for_moved);
	INIT_DELAYED_WORK(&object->dwork, completes_moved);
}

static void setup_two_ordered_queues(void *data)
{
	setup_two_queues(data);
	destroy_workqueue(other_queue);
	other_queue = alloc_ordered_workqueue("other ordered", 0);
}

static void after_two_queues(void *data)
{
	destroy_workqueue(other_queue);
	runs_once(data);
}

static void queues_behind_a_waiter(void *data)
{
	(void)data;
	queue_work(queue, &object->other_work);
	queue_delayed_work(queue, &object->dwork, 0);
}

/* In the other queue the item need not wait for the one that waits for it. */
static void moves_from_behind_a_waiter(void *data)
{
	queues_behind_a_waiter(data);
	mod_delayed_work(other_queue, &object->dwork, 0);
}

static void moves_later_from_behind_a_waiter(void *data)
{
	queues_behind_a_waiter(data);
	mod_delayed_work(other_queue, &object->dwork, 10);
}

/* An item whose delay has not ended enters the queue that was named last. */
static void moves_delayed_behind_a_waiter(void *data)
{
	(void)data;
	queue_work(queue, &object->other_work);
	queue_delayed_work(other_queue, &object->dwork, 10);
	mod_delayed_work(queue, &object->dwork, 20);
}

static void moves_delayed_from_behind_a_waiter(void *data)
{
	(void)data;
	queue_work(queue, &object->other_work);
	queue_delayed_work(queue, &object->dwork, 10);
	mod_delayed_work(other_queue, &object->dwork, 20);
}

/* A flush of the call that was moved ends, whatever becomes of the new one. */
static void flushes_moved(void *data)
{
	(void)data;
	flush_work(&object->dwork.work);
}

static void moves_and_flushes_old_queue(void *data)
{
	(void)data;
	queue_delayed_work(queue, &object->dwork, 0);
	mod_delayed_work(other_queue, &object->dwork, 0);
	flush_workqueue(queue);
	iommufd_model_assert(READ_ONCE(ran) >= 1);
}

static void moves_and_flushes_new_queue(void *data)
{
	(void)data;
	queue_delayed_work(queue, &object->dwork, 0);
	mod_delayed_work(other_queue, &object->dwork, 0);
	flush_workqueue(other_queue);
	iommufd_model_assert(READ_ONCE(ran) >= 1 ||
			     work_busy(&object->dwork.work));
}

static void release_two_queues(void *data)
{
	destroy_workqueue(other_queue);
	after(data);
}

/* The function arms its own item anew while it is queued again. */
static void moves_itself(struct work_struct *work)
{
	WRITE_ONCE(ran, READ_ONCE(ran) + 1);
	if (READ_ONCE(ran) > 1)
		return;
	queue_delayed_work(queue, to_delayed_work(work), 0);
	iommufd_model_assert(
		mod_delayed_work(other_queue, to_delayed_work(work), 0));
}

static void setup_moves_itself(void *data)
{
	setup_two_queues(data);
	INIT_DELAYED_WORK(&object->dwork, moves_itself);
}

/* The same, where the delay has not ended. */
static void moves_itself_delayed(struct work_struct *work)
{
	WRITE_ONCE(ran, READ_ONCE(ran) + 1);
	if (READ_ONCE(ran) > 1)
		return;
	queue_delayed_work(queue, to_delayed_work(work), 10);
	iommufd_model_assert(
		mod_delayed_work(other_queue, to_delayed_work(work), 0));
}

static void setup_moves_itself_delayed(void *data)
{
	setup_two_queues(data);
	INIT_DELAYED_WORK(&object->dwork, moves_itself_delayed);
}

static void queues_itself_again(struct work_struct *work)
{
	WRITE_ONCE(ran, READ_ONCE(ran) + 1);
	if (READ_ONCE(ran) == 1)
		queue_delayed_work(queue, to_delayed_work(work), 0);
}

static void setup_queues_itself_again(void *data)
{
	setup_two_queues(data);
	INIT_DELAYED_WORK(&object->dwork, queues_itself_again);
}

static void moves_to_other_queue(void *data)
{
	(void)data;
	mod_delayed_work(other_queue, &object->dwork, 0);
}

static void queues_now(void *data)
{
	(void)data;
	queue_delayed_work(queue, &object->dwork, 0);
}

static void after_two_or_three_runs(void *data)
{
	(void)data;
	iommufd_model_assert(ran == 2 || ran == 3);
	release_two_queues(data);
}

/* The tests below and their functions are about work_busy(). */

static void expects_an_end_after_the_run(void *data)
{
	queues(data);
	iommufd_model_assert(!READ_ONCE(ran) || !work_busy(&object->work));
}

static void expects_no_end_after_the_run(void *data)
{
	queues(data);
	iommufd_model_assert(!READ_ONCE(ran) || work_busy(&object->work));
}

static void expects_no_busy_twice(void *data)
{
	queues(data);
	iommufd_model_assert(work_busy(&object->work) !=
			     (WORK_BUSY_PENDING | WORK_BUSY_RUNNING));
}

static void waits_until_idle(void *data)
{
	queues(data);
	while (work_busy(&object->work))
		cpu_relax();
	iommufd_model_assert(READ_ONCE(ran) == 1);
}

static void time_has_passed(void *data)
{
	(void)data;
	iommufd_model_assert(jiffies >= 10);
	runs_once(data);
}

/* The tests below and their functions are about timers. */

static void arms(void *data)
{
	(void)data;
	mod_timer(&object->timer, jiffies + 10);
}

static void arms_and_deletes_sync(void *data)
{
	arms(data);
	timer_delete_sync(&object->timer);
	kfree(object);
}

static void arms_and_deletes(void *data)
{
	arms(data);
	timer_delete(&object->timer);
	kfree(object);
}

static void arms_and_frees(void *data)
{
	arms(data);
	kfree(object);
}

static void arms_and_shuts_down(void *data)
{
	arms(data);
	timer_shutdown_sync(&object->timer);
	mod_timer(&object->timer, jiffies + 1);
	iommufd_model_assert(!timer_pending(&object->timer));
	kfree(object);
}

static void rearms(struct timer_list *timer)
{
	WRITE_ONCE(ran, 1);
	mod_timer(timer, jiffies + 10);
}

static void sleeps_in_timer(struct timer_list *timer)
{
	struct object *o = timer_container_of(o, timer, timer);

	mutex_lock(&o->mutex);
	mutex_unlock(&o->mutex);
}

static void deletes_itself(struct timer_list *timer)
{
	timer_delete_sync(timer);
}

static void locks_in_timer(struct timer_list *timer)
{
	struct object *o = timer_container_of(o, timer, timer);

	spin_lock(&o->lock);
	spin_unlock(&o->lock);
}

static void rearms_for_ever(struct timer_list *timer)
{
	mod_timer(timer, jiffies + 10);
}

#define SETUP_TIMER(fn)                             \
	static void setup_##fn(void *data)          \
	{                                           \
		setup(data);                        \
		timer_setup(&object->timer, fn, 0); \
	}
SETUP_TIMER(rearms)
SETUP_TIMER(sleeps_in_timer)
SETUP_TIMER(deletes_itself)
SETUP_TIMER(locks_in_timer)

static void deletes_with_lock(void *data)
{
	arms(data);
	spin_lock_bh(&object->lock);
	timer_delete_sync(&object->timer);
	spin_unlock_bh(&object->lock);
}

/* The timer may interrupt the thread that holds the lock. */
static void locks_with_timer(void *data)
{
	arms(data);
	spin_lock(&object->lock);
	spin_unlock(&object->lock);
	timer_delete_sync(&object->timer);
}

static void locks_bh_with_timer(void *data)
{
	arms(data);
	spin_lock_bh(&object->lock);
	spin_unlock_bh(&object->lock);
	timer_delete_sync(&object->timer);
}

static struct timer_list static_timer;

/* The timer that an execution leaves is none of the next execution. */
static void setup_static_timer(void *data)
{
	setup(data);
	timer_setup(&static_timer, rearms_for_ever, 0);
}

static void arms_static_timer(void *data)
{
	(void)data;
	mod_timer(&static_timer, jiffies + 10);
	timer_delete(&static_timer);
	WRITE_ONCE(ran, 1);
}

static void only_locks(void *data)
{
	(void)data;
	spin_lock(&object->lock);
	spin_unlock(&object->lock);
}

static void adds_twice(void *data)
{
	(void)data;
	object->timer.expires = 5;
	add_timer(&object->timer);
	add_timer(&object->timer);
}

static void deletes_later(void *data)
{
	(void)data;
	timer_delete_sync(&object->timer);
	release();
}

static DEFINE_TIMER(module_timer, rearms);

static void arms_for_ever(void *data)
{
	(void)data;
	mod_timer(&module_timer, jiffies + 10);
}

static void arms_for_ever_and_ends(void *data)
{
	arms_for_ever(data);
	after(data);
}

static void stops_module_timer(void *data)
{
	timer_delete_sync(&module_timer);
	after(data);
}

/* The results of the calls are used, whatever the search does with states. */
static void looks_at_results(void *data)
{
	(void)data;
	iommufd_model_assert(queue_work(queue, &object->work));
	iommufd_model_assert(!mod_timer(&object->timer, jiffies + 10));
	flush_work(&object->work);
	timer_delete_sync(&object->timer);
}

#define ROW(failure_, setup_, a_, b_, after_, ...)                     \
	{                                                              \
		.failure = IOMMUFD_MODEL_##failure_,                   \
		.test = { .name = #a_ "/" #b_ "/" #setup_ "/" #after_, \
			  .setup = setup_,                             \
			  .after = after_,                             \
			  .threads = { { #a_, a_ }, { #b_, b_ } } },   \
		.told = { __VA_ARGS__ },                               \
	}
#define GOOD(setup, a, b, after) ROW(NO_FAILURE, setup, a, b, after, NULL)
#define BAD(failure, setup, a, b, after, ...) \
	ROW(FAIL_##failure, setup, a, b, after, __VA_ARGS__)

static const struct verdict verdicts[] = {
	GOOD(setup, queues, nothing, runs_once),
	GOOD(setup, flushes, nothing, runs_once),
	GOOD(setup, flushes_queue, nothing, runs_once),
	/* Two threads that wait for one item do so in any order. */
	RIGHT(1, "two_flushes", setup, after, T(only_flushes), T(only_flushes)),
	GOOD(setup, flushes_queue_until_told, tells_to_stop, after),
	GOOD(setup, queues_twice, nothing, after),
	GOOD(setup, queues_many_times, nothing, after),
	GOOD(setup, queues_and_cancels_sync, nothing, after_free),
	GOOD(setup, queues_twice_cancels_and_flushes, nothing, after_free),
	GOOD(setup, queues_if_alive, stops_and_cancels, after),
	GOOD(setup, queues, disables, after),
	GOOD(setup_alone, queues, queues, after),
	GOOD(setup_alone, queues_after_cancel, nothing, after),
	GOOD(setup_ordered_alone, queues_both, nothing, after),
	GOOD(setup_ordered_alone, queues_both, cancels_first, after),
	GOOD(setup_ordered_alone, queues_both, queues_both, after),
	GOOD(setup_ordered, queues_both, nothing, finds_order),
	GOOD(setup_requeues, queues_and_cancels_sync, nothing, after_free),
	GOOD(setup_requeues_until, queues, nothing, runs_three_times),
	GOOD(setup_frees_itself, queues, nothing, after_free),
	GOOD(setup_locks, flushes_without_lock, nothing, after),
	GOOD(setup, destroys_queue, nothing, nothing),
	GOOD(setup, queues_delayed, nothing, time_has_passed),
	GOOD(setup, queues_and_flushes_delayed, nothing, runs_once),
	GOOD(setup, queues_and_cancels_delayed, nothing, after_free),
	GOOD(setup, flushes_if_not_cancelled, nothing, after_free),
	GOOD(setup, modifies_and_flushes, nothing, after),
	GOOD(setup, modifies_and_flushes_queue, nothing, after),
	GOOD(setup_ordered, modifies_and_flushes, nothing, after),
	GOOD(setup_requeues_delayed, flushes_what_requeues_delayed, nothing,
	     after),
	GOOD(setup, modifies_delayed, nothing, after),
	GOOD(setup_ordered, queues_behind, nothing, finds_stop),
	GOOD(setup_two_queues, moves_from_behind_a_waiter, nothing,
	     after_two_queues),
	GOOD(setup_two_queues, moves_later_from_behind_a_waiter, nothing,
	     after_two_queues),
	GOOD(setup_two_ordered_queues, moves_from_behind_a_waiter, nothing,
	     after_two_queues),
	GOOD(setup_two_queues, moves_delayed_from_behind_a_waiter, nothing,
	     after_two_queues),
	GOOD(setup_two_queues, moves_from_behind_a_waiter, flushes_moved,
	     after_two_queues),
	GOOD(setup_two_queues, moves_and_flushes_new_queue, nothing,
	     release_two_queues),
	GOOD(setup_moves_itself, queues_now, nothing, after_two_or_three_runs),
	GOOD(setup_moves_itself_delayed, queues_now, nothing,
	     after_two_or_three_runs),
	GOOD(setup_queues_itself_again, queues_now, moves_to_other_queue,
	     after_two_or_three_runs),
	GOOD(setup, waits_until_idle, nothing, after),
	GOOD(setup, arms, nothing, time_has_passed),
	GOOD(setup, arms_and_deletes_sync, nothing, after_free),
	GOOD(setup, arms_and_shuts_down, nothing, after_free),
	GOOD(setup_rearms, arms_and_deletes_sync, nothing, after_free),
	GOOD(setup_rearms, arms, nothing, deletes_later),
	GOOD(setup, arms_for_ever, nothing, stops_module_timer),
	GOOD(setup_static_timer, arms_static_timer, nothing, after),
	GOOD(setup_locks_in_timer, locks_bh_with_timer, nothing, after),
	BAD(DEADLOCK, setup_locks_in_timer, locks_with_timer, nothing, after,
	    "with bottom halves on", "in a softirq"),
	BAD(DEADLOCK, setup_locks_in_timer, arms, only_locks, deletes_later,
	    "with bottom halves on", "in a softirq"),
	BAD(STEP_LIMIT, setup, nothing, nothing, arms_for_ever_and_ends,
	    "in after"),
	BAD(USE_AFTER_FREE, setup_rearms, arms, nothing, after, "timer"),
	BAD(ASSERTION, setup, does_not_flush, nothing, after, "ran"),
	BAD(ASSERTION, setup, queues, queues, runs_once, "ran"),
	BAD(ASSERTION, setup, queues, queues, runs_twice, "ran"),
	BAD(ASSERTION, setup_alone, queues_both, nothing, after, "inside"),
	BAD(ASSERTION, setup, queues_both, nothing, finds_order, "other_ran"),
	BAD(USE_AFTER_FREE, setup, queues_and_cancels, nothing, after_free,
	    "object"),
	BAD(USE_AFTER_FREE, setup, queues_twice_and_cancels, nothing,
	    after_free, "object"),
	BAD(USE_AFTER_FREE, setup, cancels_and_frees, only_flushes, after_free,
	    "flush_work of &object->work"),
	BAD(USE_AFTER_FREE, setup, queues_and_frees, nothing, after_free,
	    "&object->work"),
	BAD(ASSERTION, setup, queues_cancels_and_keeps, nothing, runs_once,
	    "ran"),
	BAD(ASSERTION, setup, queues_cancels_and_keeps, nothing, expects_no_run,
	    "ran"),
	BAD(USE_AFTER_FREE, setup_frees_itself, queues_and_uses, nothing,
	    after_free, "object->value"),
	BAD(DEADLOCK, setup_locks, flushes_with_lock, nothing, after,
	    "locks waits for &o->mutex, flushes_with_lock waits for "
	    "&object->work"),
	BAD(DEADLOCK, setup_flushes_itself, queues, nothing, after, "work"),
	BAD(DEADLOCK, setup_cancels_itself, queues, nothing, after, "work"),
	BAD(DEADLOCK, setup_flushes_own_queue, queues, nothing, after, "queue"),
	BAD(ATOMIC, setup, flushes_in_section, nothing, after, "flush_work",
	    "spin"),
	BAD(WARN, setup, initialises_while_queued, nothing, after,
	    "&object->work", "pending"),
	BAD(LEAK, setup, leaves_queue, nothing, nothing, "allocation"),
	BAD(USE_AFTER_FREE, setup, queues_and_frees_delayed, nothing,
	    after_free, "&object->dwork"),
	BAD(USE_AFTER_FREE, setup, cancels_delayed_and_frees, nothing,
	    after_free, "object"),
	BAD(ASSERTION, setup, flushes_too_early, nothing, after, "ran"),
	BAD(USE_AFTER_FREE, setup, flushes_and_frees_delayed, nothing,
	    after_free, "&object->dwork"),
	BAD(ASSERTION, setup, expects_that_the_flush_waits, nothing, after,
	    "flush_work"),
	BAD(ASSERTION, setup, expects_that_the_flush_does_not_wait, nothing,
	    after, "flush_work"),
	BAD(ASSERTION, setup, expects_that_the_delayed_does_not_wait, nothing,
	    after, "flush_work"),
	BAD(ASSERTION, setup, modifies_and_flushes_too_early, nothing, after,
	    "ran"),
	BAD(ASSERTION, setup, modifies_what_is_queued, nothing, after, "ran"),
	BAD(LOST_WAKEUP, setup_two_queues, queues_behind_a_waiter, nothing,
	    after, "&moved"),
	BAD(LOST_WAKEUP, setup_two_queues, moves_delayed_behind_a_waiter,
	    nothing, after, "&moved"),
	BAD(ASSERTION, setup_two_queues, moves_and_flushes_old_queue, nothing,
	    release_two_queues, "ran"),
	BAD(ASSERTION, setup, expects_an_end_after_the_run, nothing, after,
	    "work_busy"),
	BAD(ASSERTION, setup, expects_no_end_after_the_run, nothing, after,
	    "work_busy"),
	BAD(ASSERTION, setup, expects_no_busy_twice, nothing, after,
	    "work_busy"),
	BAD(USE_AFTER_FREE, setup, arms_and_deletes, nothing, after_free,
	    "object"),
	BAD(USE_AFTER_FREE, setup, arms_and_frees, nothing, after_free,
	    "&object->timer"),
	BAD(ATOMIC, setup_sleeps_in_timer, arms, nothing, after, "mutex_lock",
	    "softirq"),
	BAD(DEADLOCK, setup_deletes_itself, arms, nothing, after, "timer"),
	BAD(DEADLOCK, setup_locks_in_timer, deletes_with_lock, nothing, after,
	    "&object->timer", "&o->lock"),
	BAD(WARN, setup, adds_twice, nothing, after, "&object->timer", "armed"),
};

START_TEST(the_right_forms_are_complete_and_the_wrong_ones_found)
{
	check_verdict(&verdicts[_i]);
	if (getenv("EXPLORE_FIGURES"))
		printf("%s: %lu executions, %lu redundant, depth %u\n",
		       verdicts[_i].test.name, verdict_result.executions,
		       verdict_result.redundant, verdict_result.depth);
}
END_TEST

/* No states of a test with work items are kept, which the search finds out. */
START_TEST(the_results_are_the_same_where_all_memory_is_compared)
{
	static const struct verdict v = {
		.test = { .name = "results",
			  .setup = setup,
			  .after = after,
			  .threads = { T(looks_at_results) },
			  .memory = { IOMMUFD_MODEL_STATIC_VARIABLES } },
	};
	struct iommufd_model_explore_options options = {
		.jobs = 1,
		.states_after = 1,
	};

	check_verdict_with(&v, options);
}
END_TEST

/*
 * The run of an item has the number of an earlier one that is over, in every mode
 * and in every execution.  So a schedule that one search has found means the same
 * in another one.
 */

static struct work_struct again;
static int nr_runs, seen_by_run;

static void run_again(struct work_struct *work)
{
	int before;

	(void)work;
	if (++nr_runs < 4)
		return;
	before = READ_ONCE(seen_by_run);
	iommufd_model_assert(READ_ONCE(seen_by_run) == before);
}

static void run_and_do_nothing(struct work_struct *work)
{
	(void)work;
}

static void setup_again(void *data)
{
	(void)data;
	INIT_WORK(&again, run_again);
	nr_runs = seen_by_run = 0;
}

static void setup_nothing(void *data)
{
	(void)data;
	INIT_WORK(&again, run_and_do_nothing);
}

static void queues_and_flushes(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 4; i++) {
		schedule_work(&again);
		flush_work(&again);
	}
}

static void queues_twenty_times(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 20; i++) {
		schedule_work(&again);
		flush_work(&again);
	}
}

static void is_seen_by_run(void *data)
{
	(void)data;
	WRITE_ONCE(seen_by_run, 1);
}

static void flushes_and_sleeps(void *data)
{
	(void)data;
	flush_work(&again);
	msleep(2);
}

static void queues_and_sleeps(void *data)
{
	(void)data;
	schedule_work(&again);
	msleep(2);
}

static void queues_and_flushes_once(void *data)
{
	(void)data;
	schedule_work(&again);
	flush_work(&again);
}

static const enum iommufd_model_explore_mode modes[] = {
	IOMMUFD_MODEL_MODE_EXHAUSTIVE,
	IOMMUFD_MODEL_MODE_BOUNDED,
	IOMMUFD_MODEL_MODE_RANDOM,
};

START_TEST(a_failure_of_a_later_run_is_replayed)
{
	static const struct verdict v = WRONG(ASSERTION, "seen_by_run", NULL,
					      "the fourth run", setup_again,
					      NULL, T(queues_and_flushes),
					      T(is_seen_by_run));
	struct iommufd_model_explore_options options = { .mode = modes[_i] };

	check_verdict_with(&v, options);
}
END_TEST

START_TEST(an_item_is_queued_often_in_every_mode)
{
	static const struct iommufd_model_test test = {
		.name = "twenty runs",
		.setup = setup_nothing,
		.threads = { T(queues_twenty_times) },
	};
	struct iommufd_model_explore_options options = {
		.mode = modes[_i],
		.executions = 100,
	};

	ck_assert_int_eq(iommufd_model_explore(&test, &options, NULL), 0);
}
END_TEST

START_TEST(a_look_at_the_clock_after_the_start_changes_no_number)
{
	static const struct verdict v =
		RIGHT(0, "flush and sleep", setup_nothing, NULL,
		      T(flushes_and_sleeps), T(queues_and_sleeps),
		      T(queues_and_flushes_once));

	check_verdict(&v);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("work");
	TCase *tc = tcase_create("work");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(
		tc, the_right_forms_are_complete_and_the_wrong_ones_found, 0,
		ARRAY_SIZE(verdicts));
	tcase_add_loop_test(tc, a_failure_of_a_later_run_is_replayed, 0,
			    ARRAY_SIZE(modes));
	tcase_add_loop_test(tc, an_item_is_queued_often_in_every_mode, 0,
			    ARRAY_SIZE(modes));
	tcase_add_test(tc,
		       a_look_at_the_clock_after_the_start_changes_no_number);
	tcase_add_test(tc,
		       the_results_are_the_same_where_all_memory_is_compared);
	return run_suite(suite);
}
