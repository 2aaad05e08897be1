// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * RCU, work items, timers and kernel threads under load, with threads of the
 * system.  Freed memory is not used, nothing that was requested is lost, and
 * nothing runs twice at the same time.
 */
#include "threads.h"
#include "../../src/kernel/ground.h"
#include <iommufd_model/kernel/kthread.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUNDS 300

struct object {
	struct rcu_head rcu;
	struct list_head link;
	int value; /* not atomic */
};

struct job {
	struct work_struct work;
	struct delayed_work dwork;
	struct timer_list timer;
	int inside, ran, delayed, fired; /* not atomic */
};

static struct {
	struct object __rcu *object;
	struct srcu_struct srcu;
	struct mutex mutex;
	struct list_head list;
	unsigned long called;
	struct workqueue_struct *queue, *ordered;
	struct job job, other;
	unsigned int last; /* not atomic */
	bool wrong;
} s;

static struct object *make(int value)
{
	struct object *o = kzalloc(sizeof(*o), GFP_KERNEL);

	o->value = value;
	return o;
}

static void runs(struct work_struct *work)
{
	struct job *job = container_of(work, struct job, work);

	if (job->inside++)
		s.wrong = true;
	job->ran++;
	job->inside--;
}

static void runs_delayed(struct work_struct *work)
{
	struct job *job =
		container_of(to_delayed_work(work), struct job, dwork);

	__atomic_fetch_add(&job->delayed, 1, __ATOMIC_RELAXED);
}

static void fires(struct timer_list *timer)
{
	struct job *job = timer_container_of(job, timer, timer);

	__atomic_fetch_add(&job->fired, 1, __ATOMIC_RELAXED);
}

static void init_job(struct job *job)
{
	memset(job, 0, sizeof(*job));
	INIT_WORK(&job->work, runs);
	INIT_DELAYED_WORK(&job->dwork, runs_delayed);
	timer_setup(&job->timer, fires, 0);
}

static void setup(void)
{
	memset(&s, 0, sizeof(s));
	mutex_init(&s.mutex);
	init_srcu_struct(&s.srcu);
	INIT_LIST_HEAD(&s.list);
	s.queue = alloc_workqueue("queue", WQ_UNBOUND, 0);
	s.ordered = alloc_ordered_workqueue("ordered", 0);
	init_job(&s.job);
	init_job(&s.other);
}

static void teardown(void)
{
	rcu_barrier();
	cleanup_srcu_struct(&s.srcu);
	destroy_workqueue(s.queue);
	destroy_workqueue(s.ordered);
	iommufd_model_background_flush();
	ck_assert(!s.wrong);
}

/* RCU */

static void reads(struct worker *worker)
{
	struct object *o;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		rcu_read_lock();
		o = rcu_dereference(s.object);
		expect(worker, !o || o->value > 0);
		list_for_each_entry_rcu(o, &s.list, link)
			expect(worker, o->value > 0);
		rcu_read_unlock();
	}
}

static void count_and_free(struct rcu_head *head)
{
	__atomic_fetch_add(&s.called, 1, __ATOMIC_RELAXED);
	kfree(container_of(head, struct object, rcu));
}

static void retire_object(struct object *o, int how)
{
	if (!o)
		return;
	switch (how % 3) {
	case 0:
		synchronize_rcu();
		kfree(o);
		break;
	case 1:
		kfree_rcu(o, rcu);
		break;
	default:
		call_rcu(&o->rcu, count_and_free);
	}
}

static void replaces(struct worker *worker)
{
	struct object *o;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		mutex_lock(&s.mutex);
		o = rcu_replace_pointer(s.object, make(i + 1), true);
		mutex_unlock(&s.mutex);
		retire_object(o, i);
		worker->done += i % 3 == 2 && o;
	}
}

static void changes_list(struct worker *worker)
{
	struct object *o;
	int i;

	(void)worker;
	for (i = 0; i < ROUNDS; i++) {
		o = make(i + 1);
		mutex_lock(&s.mutex);
		list_add_tail_rcu(&o->link, &s.list);
		mutex_unlock(&s.mutex);
		mutex_lock(&s.mutex);
		list_del_rcu(&o->link);
		mutex_unlock(&s.mutex);
		retire_object(o, i % 2);
	}
}

START_TEST(no_reader_uses_what_was_freed)
{
	unsigned long calls;

	add_workers(3, reads, NULL);
	add_workers(2, replaces, NULL);
	add_workers(1, changes_list, NULL);
	run_workers();
	calls = workers[3].done + workers[4].done;
	rcu_barrier();
	ck_assert_uint_eq(s.called, calls);
	kfree(s.object);
	iommufd_model_background_flush();
}
END_TEST

static void reads_srcu(struct worker *worker)
{
	struct object *o;
	int i, idx;

	for (i = 0; i < ROUNDS; i++) {
		idx = srcu_read_lock(&s.srcu);
		o = srcu_dereference(s.object, &s.srcu);
		sched_yield();
		expect(worker, !o || o->value > 0);
		srcu_read_unlock(&s.srcu, idx);
	}
}

static void replaces_srcu(struct worker *worker)
{
	struct object *o;
	int i;

	(void)worker;
	for (i = 0; i < ROUNDS; i++) {
		mutex_lock(&s.mutex);
		o = rcu_replace_pointer(s.object, make(i + 1), true);
		mutex_unlock(&s.mutex);
		if (!o)
			continue;
		if (i % 2) {
			call_srcu(&s.srcu, &o->rcu, count_and_free);
			continue;
		}
		synchronize_srcu(&s.srcu);
		kfree(o);
	}
}

START_TEST(no_reader_that_sleeps_uses_what_was_freed)
{
	add_workers(3, reads_srcu, NULL);
	add_workers(2, replaces_srcu, NULL);
	run_workers();
	srcu_barrier(&s.srcu);
	kfree(s.object);
	iommufd_model_background_flush();
}
END_TEST

/* Work items */

static void queues(struct worker *worker)
{
	int i;

	for (i = 0; i < ROUNDS; i++) {
		worker->done += queue_work(s.queue, &s.job.work);
		if (i % 16 == 0)
			flush_work(&s.job.work);
	}
}

START_TEST(an_item_runs_as_often_as_it_was_queued)
{
	unsigned long queued;

	add_workers(4, queues, NULL);
	run_workers();
	flush_workqueue(s.queue);
	queued = workers[0].done + workers[1].done + workers[2].done +
		 workers[3].done;
	ck_assert_uint_eq((unsigned long)s.job.ran, queued);
}
END_TEST

static void queues_and_cancels(struct worker *worker)
{
	int i;

	for (i = 0; i < ROUNDS / 3; i++) {
		queue_work(s.ordered, &s.job.work);
		queue_work(s.ordered, &s.other.work);
		queue_delayed_work(s.queue, &s.job.dwork, (unsigned int)i % 3);
		mod_delayed_work(i % 2 ? s.ordered : s.queue, &s.job.dwork,
				 (unsigned int)i % 3);
		work_busy(&s.job.dwork.work);
		mod_timer(&s.job.timer, jiffies + (unsigned int)i % 3);
		if (worker->nr % 2)
			cancel_work(&s.other.work);
		cancel_delayed_work(&s.job.dwork);
		timer_delete(&s.job.timer);
	}
	cancel_work_sync(&s.job.work);
	cancel_work_sync(&s.other.work);
}

START_TEST(what_was_cancelled_does_not_run)
{
	int ran;

	add_workers(4, queues_and_cancels, NULL);
	run_workers();
	cancel_work_sync(&s.job.work);
	cancel_work_sync(&s.other.work);
	cancel_delayed_work_sync(&s.job.dwork);
	timer_delete_sync(&s.job.timer);
	ran = s.job.ran;
	iommufd_model_background_flush();
	ck_assert_int_eq(s.job.ran, ran);
	flush_workqueue(s.ordered);
}
END_TEST

static void frees_itself(struct work_struct *work)
{
	kfree(container_of(work, struct job, work));
}

static void queues_what_frees_itself(struct worker *worker)
{
	struct job *job;
	int i;

	(void)worker;
	for (i = 0; i < ROUNDS / 3; i++) {
		job = kzalloc(sizeof(*job), GFP_KERNEL);
		INIT_WORK(&job->work, frees_itself);
		queue_work(i % 2 ? s.queue : s.ordered, &job->work);
	}
}

START_TEST(an_item_may_free_itself)
{
	add_workers(3, queues_what_frees_itself, NULL);
	run_workers();
	flush_workqueue(s.queue);
	flush_workqueue(s.ordered);
}
END_TEST

/* Each is initialised in memory that has a copy of an item that is pending. */
START_TEST(what_is_initialised_can_be_queued)
{
	struct job *job = kmalloc(sizeof(*job), GFP_KERNEL);

	queue_delayed_work(s.queue, &s.job.dwork, 3600 * HZ);
	mod_timer(&s.job.timer, jiffies + 3600 * HZ);
	memcpy(job, &s.job, sizeof(*job));
	memcpy(&job->work, &s.job.dwork.work, sizeof(job->work));
	cancel_delayed_work_sync(&s.job.dwork);
	timer_delete_sync(&s.job.timer);
	INIT_WORK(&job->work, runs);
	INIT_DELAYED_WORK(&job->dwork, runs_delayed);
	timer_setup(&job->timer, fires, 0);
	job->inside = job->ran = job->delayed = job->fired = 0;
	ck_assert(queue_work(s.queue, &job->work));
	ck_assert(queue_delayed_work(s.queue, &job->dwork, 0));
	ck_assert(!mod_timer(&job->timer, jiffies));
	flush_work(&job->work);
	flush_delayed_work(&job->dwork);
	iommufd_model_background_flush();
	timer_delete_sync(&job->timer);
	ck_assert_int_eq(job->ran, 1);
	ck_assert_int_eq(job->delayed, 1);
	kfree(job);
}
END_TEST

static void runs_slowly(struct work_struct *work)
{
	struct job *job = container_of(work, struct job, work);

	__atomic_store_n(&job->inside, 1, __ATOMIC_RELAXED);
	usleep(20000);
	job->ran++;
	/* "inside" stays: on a busy machine the test may look late. */
}

static void flushes_item(void)
{
	flush_work(&s.job.work);
}

static void cancels_item(void)
{
	cancel_work_sync(&s.job.work);
}

static void flushes_queue(void)
{
	flush_workqueue(s.queue);
}

static void drains_queue(void)
{
	drain_workqueue(s.queue);
}

static void destroys_queue(void)
{
	destroy_workqueue(s.queue);
	s.queue = alloc_workqueue("queue", WQ_UNBOUND, 0);
}

static void (*const waits[])(void) = {
	flushes_item, cancels_item, flushes_queue, drains_queue, destroys_queue,
};

/* An item that is quick has often ended by itself. */
START_TEST(a_wait_lasts_until_a_slow_item_has_ended)
{
	INIT_WORK(&s.job.work, runs_slowly);
	queue_work(s.queue, &s.job.work);
	while (!__atomic_load_n(&s.job.inside, __ATOMIC_RELAXED))
		usleep(1000);
	waits[_i]();
	ck_assert_int_eq(s.job.ran, 1);
}
END_TEST

/* Timers, and threads */

static void rearms(struct timer_list *timer)
{
	s.last++;
	mod_timer(timer, jiffies + 1);
}

START_TEST(a_timer_that_arms_itself_is_stopped)
{
	unsigned int last;

	timer_setup(&s.job.timer, rearms, 0);
	mod_timer(&s.job.timer, jiffies);
	usleep(20000);
	timer_shutdown_sync(&s.job.timer);
	last = s.last;
	ck_assert_uint_gt(last, 0);
	usleep(5000);
	ck_assert_uint_eq(s.last, last);
	iommufd_model_background_flush();
}
END_TEST

/* Wait until a callback has counted up @n, which may take a while. */
static void wait_for_count(const int *n)
{
	int i;

	for (i = 0; i < 10000 && !__atomic_load_n(n, __ATOMIC_RELAXED); i++)
		usleep(1000);
	ck_assert_int_eq(__atomic_load_n(n, __ATOMIC_RELAXED), 1);
}

static void timer_earlier(void)
{
	mod_timer(&s.job.timer, jiffies);
	wait_for_count(&s.job.fired);
}

static void work_earlier(void)
{
	mod_delayed_work(s.queue, &s.job.dwork, 0);
	wait_for_count(&s.job.delayed);
}

static void work_flushed(void)
{
	flush_delayed_work(&s.job.dwork);
	ck_assert_int_eq(s.job.delayed, 1);
}

static void (*const sooner[])(void) = {
	timer_earlier, work_earlier, work_flushed,
};

/* If the late time stayed, the test would take as long. */
START_TEST(an_earlier_time_replaces_a_late_one)
{
	const unsigned long late = jiffies + 30 * HZ;

	mod_timer(&s.job.timer, late);
	queue_delayed_work(s.queue, &s.job.dwork, 30 * HZ);
	usleep(5000);
	sooner[_i]();
	ck_assert(time_before(jiffies, late));
	timer_delete_sync(&s.job.timer);
	cancel_delayed_work_sync(&s.job.dwork);
}
END_TEST

START_TEST(a_late_time_replaces_an_early_one)
{
	bool pending;

	mod_timer(&s.job.timer, jiffies + 20);
	pending = mod_timer(&s.job.timer, jiffies + 3600 * HZ);
	usleep(60000);
	ck_assert_int_eq(__atomic_load_n(&s.job.fired, __ATOMIC_RELAXED),
			 !pending);
	timer_delete_sync(&s.job.timer);
}
END_TEST

static int works(void *data)
{
	struct worker *worker = data;

	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		if (kthread_should_stop())
			break;
		if (kthread_should_park()) {
			__set_current_state(TASK_RUNNING);
			kthread_parkme();
			continue;
		}
		worker->refused++;
		schedule();
	}
	__set_current_state(TASK_RUNNING);
	return 5;
}

static void runs_kthread(struct worker *worker)
{
	struct task_struct *k;
	int i, rc;

	for (i = 0; i < 20; i++) {
		k = kthread_run(works, worker, "worker/%d", i);
		expect(worker, !IS_ERR(k));
		wake_up_process(k);
		if (i % 2) {
			expect(worker, !kthread_park(k));
			worker->refused = 0;
			kthread_unpark(k);
		}
		rc = kthread_stop(k);
		expect(worker, rc == 5 || rc == -EINTR);
	}
}

START_TEST(threads_are_parked_and_stopped)
{
	add_workers(3, runs_kthread, NULL);
	run_workers();
}
END_TEST

/* A hook that is slow to see the end of a thread. */

static struct slow_hook {
	struct iommufd_model_hook hook;
	bool removed;
	unsigned int seen;
} slow;

static void slow_to_see_an_end(struct iommufd_model_hook *hook,
			       const struct iommufd_model_op *op)
{
	struct slow_hook *slow_hook = (struct slow_hook *)hook;

	if (op->kind != IOMMUFD_MODEL_OP_DONE)
		return;
	usleep(2000);
	slow_hook->seen++;
	if (__atomic_load_n(&slow_hook->removed, __ATOMIC_SEQ_CST))
		s.wrong = true;
}

static int stops(void *data)
{
	(void)data;
	while (!kthread_should_stop())
		usleep(100);
	return 0;
}

START_TEST(a_removed_hook_is_left_by_a_thread_that_was_stopped)
{
	struct task_struct *k;
	int i;

	for (i = 0; i < 20; i++) {
		slow = (struct slow_hook){ .hook.event = slow_to_see_an_end };
		k = kthread_run(stops, NULL, "k");
		iommufd_model_hook_add(&slow.hook);
		kthread_stop(k);
		iommufd_model_hook_remove(&slow.hook);
		__atomic_store_n(&slow.removed, true, __ATOMIC_SEQ_CST);
		usleep(3000);
	}
}
END_TEST

/* A hook in which a thread stays. */

static int in_hook, out_of_hook;

static void stay(struct iommufd_model_hook *hook,
		 const struct iommufd_model_op *op)
{
	(void)hook;
	if (op->kind != IOMMUFD_MODEL_OP_DONE)
		return;
	__atomic_store_n(&in_hook, 1, __ATOMIC_SEQ_CST);
	while (!__atomic_load_n(&out_of_hook, __ATOMIC_SEQ_CST))
		usleep(100);
}

static _Noreturn void be_child(struct iommufd_model_hook *hook)
{
	alarm(20);
	iommufd_model_hook_remove(hook);
	_exit(0);
}

START_TEST(a_child_does_not_wait_for_threads_that_it_does_not_have)
{
	static struct iommufd_model_hook hook = { .event = stay };
	struct task_struct *k = kthread_run(stops, NULL, "k");
	int status;
	pid_t pid;

	in_hook = out_of_hook = 0;
	iommufd_model_hook_add(&hook);
	kthread_stop(k);
	while (!__atomic_load_n(&in_hook, __ATOMIC_SEQ_CST))
		usleep(100);
	pid = fork();
	if (!pid)
		be_child(&hook);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	__atomic_store_n(&out_of_hook, 1, __ATOMIC_SEQ_CST);
	iommufd_model_hook_remove(&hook);
	ck_assert_int_eq(status, 0);
}
END_TEST

static void add_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, no_reader_uses_what_was_freed);
	tcase_add_test(tc, no_reader_that_sleeps_uses_what_was_freed);
	tcase_add_test(tc, an_item_runs_as_often_as_it_was_queued);
	tcase_add_test(tc, what_was_cancelled_does_not_run);
	tcase_add_test(tc, an_item_may_free_itself);
	tcase_add_test(tc, what_is_initialised_can_be_queued);
	tcase_add_loop_test(tc, a_wait_lasts_until_a_slow_item_has_ended, 0,
			    ARRAY_SIZE(waits));
	tcase_add_test(tc, a_timer_that_arms_itself_is_stopped);
	tcase_add_loop_test(tc, an_earlier_time_replaces_a_late_one, 0,
			    ARRAY_SIZE(sooner));
	tcase_add_test(tc, a_late_time_replaces_an_early_one);
	tcase_add_test(tc, threads_are_parked_and_stopped);
	tcase_add_test(tc, a_removed_hook_is_left_by_a_thread_that_was_stopped);
	tcase_add_test(tc,
		       a_child_does_not_wait_for_threads_that_it_does_not_have);
}

int main(void)
{
	return run_races("deferred_races", add_tests);
}
