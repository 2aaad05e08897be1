// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What most tests use under the explorer, used without it: no hook is
 * installed, so that each operation takes the short path past the gate.
 */
#include "ground_suite.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/interrupt.h>
#include <iommufd_model/kernel/kthread.h>
#include <iommufd_model/kernel/percpu_ref.h>

static void *do_complete(void *data)
{
	complete(data);
	return NULL;
}

START_TEST(test_completion)
{
	struct completion done;
	pthread_t thread;

	init_completion(&done);
	ck_assert(!try_wait_for_completion(&done));
	thread = start_thread(do_complete, &done);
	wait_for_completion(&done);
	join_thread(thread);
	complete(&done);
	ck_assert(completion_done(&done));
	reinit_completion(&done);
	ck_assert(!completion_done(&done));
	/* One more is not added to the end of all waits. */
	complete_all(&done);
	complete(&done);
	wait_for_completion(&done);
	wait_for_completion(&done);
	ck_assert(completion_done(&done));
}
END_TEST

START_TEST(test_rwlock)
{
	rwlock_t lock;

	rwlock_init(&lock);
	ck_assert(read_trylock(&lock));
	ck_assert(read_trylock(&lock));
	ck_assert(!write_trylock(&lock));
	read_unlock(&lock);
	read_unlock(&lock);
	ck_assert(write_trylock(&lock));
	write_unlock(&lock);
}
END_TEST

static int variable;

static void *set_variable(void *data)
{
	(void)data;
	WRITE_ONCE(variable, 1);
	wake_up_var(&variable);
	return NULL;
}

START_TEST(test_wait_for_a_variable)
{
	pthread_t thread;

	variable = 0;
	thread = start_thread(set_variable, NULL);
	wait_var_event(&variable, READ_ONCE(variable));
	join_thread(thread);
	/* The wake-up of another variable, which may share its queue. */
	wake_up_var(&thread);
}
END_TEST

static DECLARE_WAIT_QUEUE_HEAD(queue);

static void *wake_queue(void *data)
{
	(void)data;
	WRITE_ONCE(variable, 1);
	wake_up(&queue);
	return NULL;
}

START_TEST(test_wait_woken)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	pthread_t thread;

	variable = 0;
	add_wait_queue(&queue, &wait);
	thread = start_thread(wake_queue, NULL);
	while (!READ_ONCE(variable))
		wait_woken(&wait, TASK_UNINTERRUPTIBLE, MAX_SCHEDULE_TIMEOUT);
	remove_wait_queue(&queue, &wait);
	join_thread(thread);
}
END_TEST

START_TEST(test_delay)
{
	unsigned long before = jiffies;

	msleep(0);
	msleep(2);
	ck_assert_uint_ge(jiffies - before, 2);
	before = jiffies;
	mdelay(2);
	ck_assert_uint_ge(jiffies - before, 2);
}
END_TEST

static int go, runs, short_runs;

static void work_fn(struct work_struct *work)
{
	(void)work;
	until(flag_is_up(&go));
	runs++;
}

START_TEST(test_work)
{
	struct work_struct work;

	go = runs = 0;
	INIT_WORK(&work, work_fn);
	ck_assert_uint_eq(work_busy(&work), 0);
	ck_assert(!work_pending(&work));
	ck_assert(schedule_work(&work));
	until(work_busy(&work) == WORK_BUSY_RUNNING);
	ck_assert(schedule_work(&work));
	ck_assert(work_pending(&work));
	ck_assert_uint_eq(work_busy(&work),
			  WORK_BUSY_RUNNING | WORK_BUSY_PENDING);
	raise_flag(&go);
	ck_assert(flush_work(&work));
	ck_assert_int_eq(runs, 2);
	disable_work_sync(&work);
	ck_assert(!schedule_work(&work));
	ck_assert(enable_work(&work));
	/* What is not disabled is not enabled twice. */
	ck_assert(enable_work(&work));
	disable_work_sync(&work);
	ck_assert(!schedule_work(&work));
	ck_assert(enable_work(&work));
	ck_assert_uint_eq(work_busy(&work), 0);
}
END_TEST

/* An item whose time has not come is pending, but not queued. */
START_TEST(test_flush_of_a_delayed_item)
{
	struct delayed_work dwork;

	runs = 0;
	raise_flag(&go);
	INIT_DELAYED_WORK(&dwork, work_fn);
	ck_assert(!flush_delayed_work(&dwork));
	ck_assert(schedule_delayed_work(&dwork, 1000 * HZ));
	ck_assert(!flush_work(&dwork.work));
	ck_assert(delayed_work_pending(&dwork));
	ck_assert_int_eq(runs, 0);
	ck_assert(flush_delayed_work(&dwork));
	ck_assert_int_eq(runs, 1);
	ck_assert(schedule_delayed_work(&dwork, 1000 * HZ));
	go = 0;
	ck_assert(mod_delayed_work(system_wq, &dwork, 0));
	raise_flag(&go);
	flush_work(&dwork.work);
	ck_assert_int_eq(runs, 2);
	ck_assert(!delayed_work_pending(&dwork));
}
END_TEST

static void short_fn(struct work_struct *work)
{
	(void)work;
	__atomic_fetch_add(&short_runs, 1, __ATOMIC_SEQ_CST);
}

/* In another queue an item need not wait for those before it in the old one. */
START_TEST(test_item_that_is_moved)
{
	struct workqueue_struct *ordered = alloc_ordered_workqueue("o", 0);
	struct work_struct work;
	struct delayed_work dwork;

	go = runs = short_runs = 0;
	INIT_WORK(&work, work_fn);
	INIT_DELAYED_WORK(&dwork, short_fn);
	ck_assert(queue_work(ordered, &work));
	ck_assert(queue_delayed_work(ordered, &dwork, 0));
	ck_assert(mod_delayed_work(system_wq, &dwork, 0));
	flush_work(&dwork.work);
	ck_assert_int_eq(short_runs, 1);
	/* A delay of an hour keeps it out of every queue. */
	ck_assert(!mod_delayed_work(ordered, &dwork, 0));
	ck_assert(mod_delayed_work(ordered, &dwork, 3600 * HZ));
	raise_flag(&go);
	flush_workqueue(ordered);
	ck_assert_int_eq(runs, 1);
	ck_assert_int_eq(short_runs, 1);
	/* Without a delay, or in another queue. */
	ck_assert(mod_delayed_work(system_wq, &dwork, 3600 * HZ));
	ck_assert(mod_delayed_work(system_wq, &dwork, 0));
	destroy_workqueue(ordered);
	flush_work(&dwork.work);
	ck_assert_int_eq(short_runs, 2);
	disable_delayed_work_sync(&dwork);
	ck_assert(!mod_delayed_work(system_wq, &dwork, 0));
	ck_assert(!delayed_work_pending(&dwork));
}
END_TEST

/* The earlier run goes on, though the next one was cancelled. */
START_TEST(test_flush_of_a_cancelled_item)
{
	struct work_struct work;

	go = runs = 0;
	INIT_WORK(&work, work_fn);
	ck_assert(schedule_work(&work));
	until(work_busy(&work) == WORK_BUSY_RUNNING);
	ck_assert(schedule_work(&work));
	ck_assert(cancel_work(&work));
	raise_flag(&go);
	flush_work(&work);
	ck_assert_int_eq(runs, 1);
	ck_assert(!flush_work(&work));
}
END_TEST

static int thread_fn(void *data)
{
	(void)data;
	raise_flag(&go);
	return 3;
}

/* A reference keeps the thread that has ended by itself. */
START_TEST(test_reference_to_a_thread)
{
	struct task_struct *task;
	int i;

	for (i = 0; i < 2; i++) {
		go = 0;
		task = kthread_create(thread_fn, NULL, "thread");
		ck_assert(!IS_ERR(task));
		ck_assert_ptr_eq(get_task_struct(task), task);
		wake_up_process(task);
		until(flag_is_up(&go));
		if (i)
			ck_assert_int_eq(kthread_stop(task), 3);
		put_task_struct(task);
		/* Its own end may come later than the last reference. */
		until(!iommufd_model_leaks(0, NULL, NULL));
	}
}
END_TEST

/* A thread that is none of kthread.h has no count. */
START_TEST(test_reference_to_this_thread)
{
	ck_assert_ptr_eq(get_task_struct(current), current);
	put_task_struct(current);
}
END_TEST

static void timer_fn(struct timer_list *timer)
{
	(void)timer;
	runs++;
}

START_TEST(test_timer_that_is_shut_down)
{
	struct timer_list timer;

	runs = 0;
	timer_setup(&timer, timer_fn, 0);
	ck_assert_int_eq(mod_timer(&timer, jiffies + 1000 * HZ), 0);
	ck_assert_int_eq(timer_shutdown(&timer), 1);
	ck_assert_int_eq(mod_timer(&timer, jiffies), 0);
	ck_assert(!timer_pending(&timer));
	/* Nothing undoes it but the next setup. */
	ck_assert_int_eq(timer_shutdown_sync(&timer), 0);
	mod_timer(&timer, jiffies);
	ck_assert(!timer_pending(&timer));
	timer_setup(&timer, timer_fn, 0);
	mod_timer(&timer, jiffies + 1000 * HZ);
	ck_assert(timer_pending(&timer));
	ck_assert_int_eq(timer_delete_sync(&timer), 1);
	ck_assert_int_eq(runs, 0);
}
END_TEST

START_TEST(test_downgrade)
{
	struct rw_semaphore sem;

	init_rwsem(&sem);
	down_write(&sem);
	downgrade_write(&sem);
	ck_assert(down_read_trylock(&sem));
	up_read(&sem);
	up_read(&sem);
	ck_assert_warns("not held for writing", downgrade_write(&sem));
}
END_TEST

static irqreturn_t count_run(int irq, void *data)
{
	(void)irq;
	(void)data;
	runs++;
	return IRQ_HANDLED;
}

START_TEST(test_irq)
{
	runs = 0;
	iommufd_model_irq_raise(IOMMUFD_MODEL_NR_IRQS);
	iommufd_model_irq_raise(5);	/* nobody has requested it */
	ck_assert_int_eq(request_irq(5, count_run, 0, "irq", &runs), 0);
	iommufd_model_irq_raise(5);
	synchronize_irq(5);
	ck_assert_int_eq(runs, 1);
	free_irq(5, &runs);
	ck_assert_int_eq(
		request_threaded_irq(5, NULL, count_run, 0, "irq", &runs), 0);
	iommufd_model_irq_raise(5);
	synchronize_irq(5);
	ck_assert_int_eq(runs, 2);
	free_irq(5, &runs);
	ck_assert_int_eq(request_threaded_irq(5, NULL, NULL, 0, "irq", &runs),
			 -EINVAL);
	ck_assert_int_eq(request_irq(IOMMUFD_MODEL_NR_IRQS, count_run, 0, "irq",
				     &runs),
			 -EINVAL);
	ck_assert_warns("not requested",
			free_irq(IOMMUFD_MODEL_NR_IRQS, &runs));
}
END_TEST

static void release_ref(struct percpu_ref *ref)
{
	(void)ref;
	runs++;
}

START_TEST(test_percpu_ref)
{
	struct percpu_ref ref;

	runs = 0;
	iommufd_model_fail_nth(1);
	ck_assert_int_eq(percpu_ref_init(&ref, release_ref, 0, GFP_KERNEL),
			 -ENOMEM);
	iommufd_model_fail_nth(0);
	ck_assert_int_eq(percpu_ref_init(&ref, release_ref, 0, GFP_KERNEL), 0);
	percpu_ref_get(&ref);
	percpu_ref_kill(&ref);
	ck_assert_warns("a reinit with references", percpu_ref_reinit(&ref));
	percpu_ref_put(&ref);	/* of the reinit */
	ck_assert_int_eq(runs, 0);
	percpu_ref_kill(&ref);
	ck_assert_int_eq(runs, 1);
	ck_assert_warns("a resurrection without references",
			percpu_ref_resurrect(&ref));
	percpu_ref_exit(&ref);
	percpu_ref_exit(&ref); /* a second time it does nothing */

	ck_assert_int_eq(percpu_ref_init(&ref, release_ref,
					 PERCPU_REF_INIT_DEAD, GFP_KERNEL),
			 0);
	ck_assert(percpu_ref_is_zero(&ref));
	ck_assert(!percpu_ref_tryget(&ref));
	percpu_ref_reinit(&ref);
	ck_assert(percpu_ref_tryget(&ref));
	percpu_ref_exit(&ref);
}
END_TEST

/* What the macro calls is another function; this one is for other languages. */
START_TEST(test_find_after)
{
	unsigned long index = 0;
	DEFINE_XARRAY(xa);

	xa_store(&xa, 0, &runs, GFP_KERNEL);
	xa_store(&xa, 5, &go, GFP_KERNEL);
	ck_assert(iommufd_model_xa_find_after(&xa, &index, ULONG_MAX) == &go);
	ck_assert_uint_eq(index, 5);
	xa_destroy(&xa);
}
END_TEST

START_TEST(test_keep_freed_twice)
{
	iommufd_model_keep_freed(true);
	iommufd_model_keep_freed(true);
	kfree(kmalloc(8, GFP_KERNEL));
	iommufd_model_keep_freed(false);
	iommufd_model_keep_freed(false);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("direct");
	TCase *tc = ground_case(suite, "direct");

	tcase_add_test(tc, test_completion);
	tcase_add_test(tc, test_rwlock);
	tcase_add_test(tc, test_wait_for_a_variable);
	tcase_add_test(tc, test_wait_woken);
	tcase_add_test(tc, test_delay);
	tcase_add_test(tc, test_work);
	tcase_add_test(tc, test_flush_of_a_delayed_item);
	tcase_add_test(tc, test_flush_of_a_cancelled_item);
	tcase_add_test(tc, test_reference_to_a_thread);
	tcase_add_test(tc, test_reference_to_this_thread);
	tcase_add_test(tc, test_item_that_is_moved);
	tcase_add_test(tc, test_timer_that_is_shut_down);
	tcase_add_test(tc, test_downgrade);
	tcase_add_test(tc, test_irq);
	tcase_add_test(tc, test_percpu_ref);
	tcase_add_test(tc, test_find_after);
	tcase_add_test(tc, test_keep_freed_twice);
	return run_suite(suite);
}
