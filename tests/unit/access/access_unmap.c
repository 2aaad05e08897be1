// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-ACC-15: iommufd_access_notify_unmap(), with a destroy at the same time
 * (R-ACC-5), and the locks that must not be held during the callbacks
 * (R-ACC-16).
 */
#include "access_suite.h"

static struct driver *order[8];
static unsigned int nr_order;

static void note_order(struct driver *driver)
{
	order[nr_order++ % ARRAY_SIZE(order)] = driver;
}

struct drivers {
	struct lab lab;
	struct driver d[3];
};

/* Creates three drivers on IOAS a, in the slots 1, 0 and 2. */
static void drivers_open(struct drivers *all)
{
	int i;

	nr_order = 0;
	lab_open(&all->lab, &byte_ops);
	driver_attach(&all->lab.driver, all->lab.a);
	for (i = 0; i < 3; i++) {
		driver_create(&all->d[i], all->lab.ictx, &byte_ops);
		all->d[i].act = note_order;
		all->d[i].arg = all;
	}
	driver_attach(&all->d[0], all->lab.a);
	driver_destroy(&all->lab.driver);
	driver_attach(&all->d[1], all->lab.a);
	driver_attach(&all->d[2], all->lab.a);
}

static void drivers_close(struct drivers *all)
{
	int i;

	for (i = 0; i < 3; i++) {
		all->d[i].act = NULL;
		if (all->d[i].access)
			driver_destroy(&all->d[i]);
	}
	lab_close(&all->lab);
}

static void notify(struct drivers *all)
{
	nr_order = 0;
	iommufd_access_notify_unmap(&all->lab.a->iopt, 0x5000, 0x3000);
}

START_TEST(notify_calls_all_in_the_order_of_the_list)
{
	struct drivers all;
	int i;

	drivers_open(&all);
	notify(&all);
	ck_assert_uint_eq(nr_order, 3);
	ck_assert_ptr_eq(order[0], &all.d[1]);
	ck_assert_ptr_eq(order[1], &all.d[0]);
	ck_assert_ptr_eq(order[2], &all.d[2]);
	for (i = 0; i < 3; i++) {
		ck_assert_uint_eq(all.d[i].calls, 1);
		ck_assert_uint_eq(all.d[i].iova, 0x5000);
		ck_assert_uint_eq(all.d[i].length, 0x3000);
		ck_assert_int_eq(all.d[i].locks, 0);
		ck_assert_users(&all.d[i].access->obj, 2);
		ck_assert_shortterm(&all.d[i].access->obj, 1);
	}
	drivers_close(&all);
}
END_TEST

static void count_references(struct driver *driver)
{
	ck_assert_users(&driver->access->obj, 3);
	ck_assert_shortterm(&driver->access->obj, 2);
	ck_assert_int_eq(user_destroy(driver->access->ictx, driver->id),
			 -EBUSY);
}

START_TEST(notify_has_the_access_locked_during_its_call)
{
	struct drivers all;

	drivers_open(&all);
	all.d[0].act = count_references;
	notify(&all);
	ck_assert_uint_eq(all.d[0].calls, 1);
	drivers_close(&all);
}
END_TEST

START_TEST(notify_skips_internal_and_detached_accesses)
{
	struct drivers all;
	struct queue *queue;

	drivers_open(&all);
	iommufd_access_detach(all.d[0].access);
	all.d[0].calls = 0;
	queue = make_queue(all.lab.ictx, all.lab.a);
	ck_assert_uint_eq(queue->access->iopt_access_list_id, 1);
	notify(&all);
	ck_assert_uint_eq(nr_order, 2);
	ck_assert_uint_eq(all.d[0].calls, 0);
	ck_assert_users(&queue->access->obj, 2);
	ck_assert_int_eq(user_destroy(all.lab.ictx, queue->obj.id), 0);
	drivers_close(&all);
}
END_TEST

START_TEST(notify_of_an_ioas_without_accesses_calls_nobody)
{
	struct drivers all;

	drivers_open(&all);
	nr_order = 0;
	iommufd_access_notify_unmap(&all.lab.b->iopt, 0, ULONG_MAX);
	ck_assert_uint_eq(nr_order, 0);
	drivers_close(&all);
}
END_TEST

START_TEST(notify_of_an_access_without_callback_warns)
{
	struct drivers all;

	drivers_open(&all);
	driver_create(&all.lab.driver, all.lab.ictx, &mute_ops);
	driver_attach(&all.lab.driver, all.lab.a);
	iommufd_model_expect_warning("ops->unmap");
	notify(&all);
	ck_assert_uint_eq(nr_order, 3);
	ck_assert_users(&all.lab.driver.access->obj, 2);
	drivers_close(&all);
}
END_TEST

START_TEST(notify_is_called_without_the_locks_of_the_ioas)
{
	struct drivers all;

	drivers_open(&all);
	down_read(&all.lab.b->iopt.domains_rwsem);
	down_read(&all.lab.b->iopt.iova_rwsem);
	iommufd_model_expect_warning("domains_rwsem is held");
	iommufd_model_expect_warning("iova_rwsem is held");
	iommufd_access_notify_unmap(&all.lab.b->iopt, 0, 1);
	up_read(&all.lab.b->iopt.iova_rwsem);
	up_read(&all.lab.b->iopt.domains_rwsem);
	drivers_close(&all);
}
END_TEST

/*
 * d[1] is called first: it detaches itself, makes d[0] detach, and destroys
 * d[2].
 */
static void clear_the_list(struct driver *driver)
{
	struct drivers *all = driver->arg;

	note_order(driver);
	if (nr_order > 1)
		return;
	iommufd_access_detach(all->d[1].access);
	ck_assert_int_eq(iommufd_access_replace(all->d[0].access,
						all->lab.b->obj.id), 0);
	driver_destroy(&all->d[2]);
}

START_TEST(callback_may_take_itself_and_others_off_the_list)
{
	struct drivers all;

	drivers_open(&all);
	all.d[1].act = clear_the_list;
	notify(&all);
	/*
	 * One call is from notify_unmap, three are from the changes, in the
	 * order of these.
	 */
	ck_assert_uint_eq(nr_order, 4);
	ck_assert_uint_eq(all.d[1].calls, 2);
	ck_assert_uint_eq(all.d[0].calls, 1);
	ck_assert_uint_eq(all.d[0].length, ULONG_MAX);
	ck_assert(xa_empty(&all.lab.a->iopt.access_list));
	ck_assert_users(&all.lab.a->obj, 1);
	drivers_close(&all);
}
END_TEST

static void attach_the_fourth(struct driver *driver)
{
	struct drivers *all = driver->arg;

	note_order(driver);
	driver_attach(&all->lab.driver, all->lab.a);
}

START_TEST(access_attached_behind_the_walk_is_called_too)
{
	struct drivers all;

	drivers_open(&all);
	driver_create(&all.lab.driver, all.lab.ictx, &byte_ops);
	all.lab.driver.act = note_order;
	all.d[0].act = attach_the_fourth;
	notify(&all);
	ck_assert_uint_eq(nr_order, 4);
	ck_assert_ptr_eq(order[3], &all.lab.driver);
	drivers_close(&all);
}
END_TEST

/* The tests below destroy an access at the same time. */

/* A hook that calls notify_unmap in the middle of the destroy of an access. */
struct at_zero {
	struct iommufd_model_hook hook;
	struct drivers *all;
	pthread_t destroyer;
	unsigned int times, touched;
	unsigned int users;
};

static void *notify_thread(void *data)
{
	notify(data);
	return NULL;
}

static void when_wait_cnt_is_zero(struct iommufd_model_hook *hook,
				  const struct iommufd_model_op *op)
{
	struct at_zero *at = container_of(hook, struct at_zero, hook);
	struct iommufd_object *obj = &at->all->d[0].access->obj;
	pthread_t thread;

	if (!pthread_equal(pthread_self(), at->destroyer)) {
		at->touched += op->addr == &obj->users &&
			       op->kind != IOMMUFD_MODEL_OP_REFCOUNT_READ;
		return;
	}
	if (op->addr != &obj->wait_cnt || op->after ||
	    op->kind != IOMMUFD_MODEL_OP_REFCOUNT_SUB_AND_TEST)
		return;
	at->times++;
	at->users = (unsigned int)obj->users.refs;
	pthread_create(&thread, NULL, notify_thread, at->all);
	pthread_join(thread, NULL);
}

/*
 * R-ACC-15; DEV-4: a short reference taken by notify_unmap would make the
 * destroy fail.
 *
 *	destroy				notify_unmap
 *	wait_cnt 1 -> 0
 *					d[1] is called
 *					d[0]: wait_cnt is 0, left alone
 *					d[2] is called
 *	users 2 -> 0, detach
 */
START_TEST(notify_leaves_an_access_alone_that_is_being_destroyed)
{
	struct at_zero at = { .hook = { .event = when_wait_cnt_is_zero } };
	struct drivers all;

	drivers_open(&all);
	at.all = &all;
	at.destroyer = pthread_self();
	iommufd_model_hook_add(&at.hook);
	iommufd_access_destroy(all.d[0].access);
	iommufd_model_hook_remove(&at.hook);
	all.d[0].access = NULL;

	ck_assert_uint_eq(at.times, 1);
	ck_assert_uint_eq(at.users, 2);
	ck_assert_uint_eq(at.touched, 0);
	ck_assert_uint_eq(all.d[1].calls, 1);
	ck_assert_uint_eq(all.d[2].calls, 1);
	/* This call is from the detach in the destroy. */
	ck_assert_uint_eq(all.d[0].calls, 1);
	ck_assert_uint_eq(all.d[0].length, ULONG_MAX);
	drivers_close(&all);
}
END_TEST

static void notify_again(struct driver *driver)
{
	driver->act = NULL;
	notify(driver->arg);
}

/* Even when users is 0, the access is on the list until it is detached. */
START_TEST(notify_from_the_callback_of_a_destroy_skips_that_access)
{
	struct drivers all;

	drivers_open(&all);
	all.d[0].act = notify_again;
	driver_destroy(&all.d[0]);
	ck_assert_uint_eq(all.d[0].calls, 1);
	ck_assert_uint_eq(all.d[1].calls, 1);
	ck_assert_uint_eq(all.d[2].calls, 1);
	drivers_close(&all);
}
END_TEST

/* A callback that does not return before the test tells it to. */
struct slow {
	struct drivers *all;
	int entered, go_on, destroyed;
};

static struct slow slow;

static void take_long(struct driver *driver)
{
	driver->act = NULL;
	raise_flag(&slow.entered);
	until(flag_is_up(&slow.go_on));
}

static void *destroy_thread(void *data)
{
	struct driver *driver = data;

	iommufd_access_destroy(driver->access);
	driver->access = NULL;
	raise_flag(&slow.destroyed);
	return NULL;
}

/*
 * R-ACC-5: the destroy waits for a callback that runs.
 *
 *	notify_unmap		destroy			main
 *	callback begins
 *				sleeps
 *							users 3, wait_cnt 1
 *	callback ends
 *				goes on, its callback
 */
START_TEST(destroy_waits_for_a_callback_that_runs)
{
	pthread_t notifier, destroyer;
	struct iommufd_object *obj;
	struct drivers all;

	slow = (struct slow){ .entered = 0 };
	drivers_open(&all);
	obj = &all.d[0].access->obj;
	all.d[0].act = take_long;
	iommufd_model_clock_stop();
	pthread_create(&notifier, NULL, notify_thread, &all);
	until(flag_is_up(&slow.entered));
	pthread_create(&destroyer, NULL, destroy_thread, &all.d[0]);
	until(iommufd_model_clock_sleepers() == 1);

	ck_assert(!flag_is_up(&slow.destroyed));
	ck_assert_users(obj, 3);
	ck_assert_shortterm(obj, 1);
	raise_flag(&slow.go_on);
	pthread_join(notifier, NULL);
	pthread_join(destroyer, NULL);
	iommufd_model_clock_run();
	ck_assert(flag_is_up(&slow.destroyed));
	ck_assert_uint_eq(all.d[0].calls, 2);
	ck_assert_uint_eq(all.d[0].length, ULONG_MAX);
	drivers_close(&all);
}
END_TEST

/* R-ACC-16: callbacks run with no lock of iommufd held. */

DEFINE_MUTEX(driver_lock);

static void take_the_drivers_lock(struct driver *driver)
{
	(void)driver;
	mutex_lock(&driver_lock);
	mutex_unlock(&driver_lock);
}

/*
 * The driver's lock is held around a call and is taken in a callback.  That is
 * allowed because callbacks run without ioas_lock, and so lockdep reports
 * nothing.
 */
START_TEST(callback_and_caller_may_use_one_lock_of_the_driver)
{
	struct drivers all;

	drivers_open(&all);
	all.d[0].act = take_the_drivers_lock;
	iommufd_access_detach(all.d[0].access);
	mutex_lock(&driver_lock);
	driver_attach(&all.d[0], all.lab.a);
	mutex_unlock(&driver_lock);
	notify(&all);
	ck_assert_int_eq(iommufd_access_replace(all.d[0].access,
						all.lab.b->obj.id), 0);
	driver_destroy(&all.d[0]);
	ck_assert_uint_eq(all.d[0].calls, 4);
	drivers_close(&all);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("access_unmap");
	TCase *tc = checked_case(suite, "notify");

	tcase_add_test(tc, notify_calls_all_in_the_order_of_the_list);
	tcase_add_test(tc, notify_has_the_access_locked_during_its_call);
	tcase_add_test(tc, notify_skips_internal_and_detached_accesses);
	tcase_add_test(tc, notify_of_an_ioas_without_accesses_calls_nobody);
	tcase_add_test(tc, notify_of_an_access_without_callback_warns);
	tcase_add_test(tc, notify_is_called_without_the_locks_of_the_ioas);
	tcase_add_test(tc, callback_may_take_itself_and_others_off_the_list);
	tcase_add_test(tc, access_attached_behind_the_walk_is_called_too);

	tc = checked_case(suite, "destroy");
	tcase_add_test(tc,
		       notify_leaves_an_access_alone_that_is_being_destroyed);
	tcase_add_test(
		tc, notify_from_the_callback_of_a_destroy_skips_that_access);
	tcase_add_test(tc, destroy_waits_for_a_callback_that_runs);

	tc = checked_case(suite, "locks");
	tcase_add_test(tc, callback_and_caller_may_use_one_lock_of_the_driver);
	return run_suite(suite);
}
