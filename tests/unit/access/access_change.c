// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-ACC-8: attach, replace and detach use one function.  The tests check the
 * references that they take and drop, the order of their errors, and what other
 * calls get while the callback runs.
 */
#include "access_suite.h"
#include "recorder.h"

/* R-ACC-10: attach */
START_TEST(attach_takes_users_a_slot_and_raises_the_alignment)
{
	struct lab lab;

	lab_open(&lab, &page_ops);
	ck_assert_uint_eq(lab.a->iopt.iova_alignment, 1);
	driver_attach(&lab.driver, lab.a);
	ck_assert_attached(lab.driver.access, lab.a, 0);
	ck_assert_users(&lab.a->obj, 2);
	ck_assert_shortterm(&lab.a->obj, 1);
	ck_assert_uint_eq(lab.a->iopt.iova_alignment, PAGE_SIZE);
	ck_assert_users(&lab.b->obj, 1);
	ck_assert_uint_eq(lab.driver.calls, 0);
	lab_close(&lab);
}
END_TEST

/* R-ACC-10: detach; R-ACC-8 step 6: the whole range, no lock held */
START_TEST(detach_calls_back_and_gives_everything_back)
{
	struct lab lab;

	lab_open(&lab, &page_ops);
	driver_attach(&lab.driver, lab.a);
	iommufd_access_detach(lab.driver.access);
	ck_assert_detached(lab.driver.access);
	ck_assert_uint_eq(lab.driver.calls, 1);
	ck_assert_uint_eq(lab.driver.iova, 0);
	ck_assert_uint_eq(lab.driver.length, ULONG_MAX);
	ck_assert_int_eq(lab.driver.locks, 0);
	ck_assert_users(&lab.a->obj, 1);
	ck_assert(xa_empty(&lab.a->iopt.access_list));
	ck_assert_uint_eq(lab.a->iopt.iova_alignment, 1);
	lab_close(&lab);
}
END_TEST

/*
 * Checks what the callback of a replace from IOAS a to IOAS b finds; R-ACC-8
 * steps 3, 4, 6 and 7.
 */
static void look_at_both(struct driver *driver)
{
	struct lab *lab = driver->arg;

	ck_assert_ptr_null(driver->access->ioas);
	ck_assert_ptr_eq(driver->access->ioas_unpin, lab->a);
	lockdep_assert_not_held(&driver->access->ioas_lock);
	ck_assert(!mutex_is_locked(&driver->access->ioas_lock));
	ck_assert_ptr_eq(listed(lab->a, 0), driver->access);
	ck_assert_ptr_eq(listed(lab->b, 0), driver->access);
	ck_assert_users(&lab->a->obj, 2);
	/*
	 * One reference is the attachment's, the other that of the lookup by
	 * the replace.
	 */
	ck_assert_users(&lab->b->obj, 3);
	ck_assert_shortterm(&lab->b->obj, 2);
	ck_assert_uint_eq(lab->a->iopt.iova_alignment, PAGE_SIZE);
	ck_assert_uint_eq(lab->b->iopt.iova_alignment, PAGE_SIZE);
}

/* R-ACC-10: replace */
START_TEST(replace_has_both_until_the_callback_is_done)
{
	struct lab lab;

	lab_open(&lab, &page_ops);
	driver_attach(&lab.driver, lab.a);
	lab.driver.act = look_at_both;
	lab.driver.arg = &lab;
	ck_assert_int_eq(iommufd_access_replace(lab.driver.access,
						lab.b->obj.id), 0);
	ck_assert_uint_eq(lab.driver.calls, 1);
	ck_assert_attached(lab.driver.access, lab.b, 0);
	ck_assert_users(&lab.a->obj, 1);
	ck_assert_users(&lab.b->obj, 2);
	ck_assert_shortterm(&lab.b->obj, 1);
	ck_assert(xa_empty(&lab.a->iopt.access_list));
	ck_assert_uint_eq(lab.a->iopt.iova_alignment, 1);
	ck_assert_uint_eq(lab.b->iopt.iova_alignment, PAGE_SIZE);
	lab_close(&lab);
}
END_TEST

/*
 * R-ACC-8 step 2: a replace by the IOAS to which the access is attached has no
 * effect.
 */
START_TEST(replace_by_the_same_ioas_does_nothing)
{
	struct driver other;
	unsigned long allocations;
	struct lab lab;

	lab_open(&lab, &byte_ops);
	driver_create(&other, lab.ictx, &byte_ops);
	driver_attach(&other, lab.a);
	driver_attach(&lab.driver, lab.a);
	driver_destroy(&other);
	allocations = iommufd_model_allocations();
	ck_assert_int_eq(iommufd_access_replace(lab.driver.access,
						lab.a->obj.id), 0);
	ck_assert_uint_eq(lab.driver.calls, 0);
	ck_assert_uint_eq(iommufd_model_allocations(), allocations);
	/*
	 * The access was not added again, so it still has slot 0, the lowest.
	 */
	ck_assert_attached(lab.driver.access, lab.a, 1);
	ck_assert_users(&lab.a->obj, 2);
	lab_close(&lab);
}
END_TEST

/* R-ACC-8 steps 5 and 6: counts how often a detach unlocks ioas_lock. */
static unsigned int unlocks_in_detach(struct iommufd_access *access)
{
	static struct recorder rec;

	recorder_start(&rec);
	iommufd_access_detach(access);
	recorder_stop(&rec);
	return recorded(&rec, IOMMUFD_MODEL_OP_MUTEX_UNLOCK,
			&access->ioas_lock, NULL);
}

START_TEST(lock_is_dropped_for_a_callback_only)
{
	struct iommufd_access *internal;
	struct driver mute;
	struct lab lab;

	lab_open(&lab, &byte_ops);
	driver_create(&mute, lab.ictx, &mute_ops);
	internal = iommufd_access_create_internal(lab.ictx);
	driver_attach(&lab.driver, lab.a);
	driver_attach(&mute, lab.a);
	ck_assert_int_eq(iommufd_access_attach_internal(internal, lab.a), 0);

	ck_assert_uint_eq(unlocks_in_detach(lab.driver.access), 2);
	ck_assert_uint_eq(unlocks_in_detach(mute.access), 1);
	ck_assert_uint_eq(unlocks_in_detach(internal), 1);
	iommufd_access_destroy_internal(lab.ictx, internal);
	driver_destroy(&mute);
	lab_close(&lab);
}
END_TEST

/*
 * R-ACC-16: an attach takes ioas_lock, domains_rwsem and iova_rwsem in this
 * order, and looks the IOAS up with ioas_lock held.
 */
START_TEST(attach_takes_its_locks_in_order)
{
	static struct recorder rec;
	unsigned int lock = 0, table = 0, domains = 0, iova = 0, unlock = 0,
		     put = 0;
	struct iommufd_access *access;
	struct lab lab;

	lab_open(&lab, &byte_ops);
	access = lab.driver.access;
	recorder_start(&rec);
	driver_attach(&lab.driver, lab.a);
	recorder_stop(&rec);
	ck_assert_uint_eq(recorded(&rec, IOMMUFD_MODEL_OP_MUTEX_LOCK,
				   &access->ioas_lock, &lock), 1);
	ck_assert_uint_eq(recorded(&rec, IOMMUFD_MODEL_OP_SPIN_LOCK,
				   &lab.ictx->objects.xa_lock, &table), 1);
	ck_assert_uint_eq(recorded(&rec, IOMMUFD_MODEL_OP_RWSEM_DOWN_WRITE,
				   &lab.a->iopt.domains_rwsem, &domains), 1);
	ck_assert_uint_eq(recorded(&rec, IOMMUFD_MODEL_OP_RWSEM_DOWN_WRITE,
				   &lab.a->iopt.iova_rwsem, &iova), 1);
	ck_assert_uint_eq(recorded(&rec,
				   IOMMUFD_MODEL_OP_REFCOUNT_SUB_AND_TEST,
				   &lab.a->obj.wait_cnt, &put), 1);
	ck_assert_uint_eq(recorded(&rec, IOMMUFD_MODEL_OP_MUTEX_UNLOCK,
				   &access->ioas_lock, &unlock), 1);
	ck_assert(lock < table && table < domains && domains < iova &&
		  iova < put && put < unlock);
	lab_close(&lab);
}
END_TEST

/* R-ACC-9: EINVAL comes before ENOENT. */
START_TEST(attach_of_an_attached_access_is_einval)
{
	static const u32 no_id = 999;
	struct queue *queue;
	struct lab lab;

	lab_open(&lab, &byte_ops);
	driver_attach(&lab.driver, lab.a);
	iommufd_model_expect_warning("access->ioas");
	ck_assert_int_eq(iommufd_access_attach(lab.driver.access,
					       lab.b->obj.id), -EINVAL);
	iommufd_model_expect_warning("access->ioas");
	ck_assert_int_eq(iommufd_access_attach(lab.driver.access, no_id),
			 -EINVAL);
	queue = make_queue(lab.ictx, lab.a);
	iommufd_model_expect_warning("access->ioas");
	ck_assert_int_eq(iommufd_access_attach_internal(queue->access, lab.b),
			 -EINVAL);
	ck_assert_attached(lab.driver.access, lab.a, 0);
	ck_assert_attached(queue->access, lab.a, 1);
	ck_assert_users(&lab.b->obj, 1);
	ck_assert_int_eq(user_destroy(lab.ictx, queue->obj.id), 0);
	lab_close(&lab);
}
END_TEST

START_TEST(attach_and_replace_want_the_id_of_an_ioas)
{
	struct lab lab;
	u32 ids[3];
	size_t i;

	lab_open(&lab, &byte_ops);
	ids[0] = 0;
	ids[1] = 999;
	ids[2] = lab.driver.id;
	for (i = 0; i < ARRAY_SIZE(ids); i++)
		ck_assert_int_eq(iommufd_access_attach(lab.driver.access,
						       ids[i]), -ENOENT);
	ck_assert_detached(lab.driver.access);
	driver_attach(&lab.driver, lab.a);
	for (i = 0; i < ARRAY_SIZE(ids); i++)
		ck_assert_int_eq(iommufd_access_replace(lab.driver.access,
							ids[i]), -ENOENT);
	ck_assert_uint_eq(lab.driver.calls, 0);
	ck_assert_attached(lab.driver.access, lab.a, 0);
	lab_close(&lab);
}
END_TEST

/* R-ACC-9: the call gives no WARN, and does not even look the IOAS up. */
START_TEST(replace_of_a_detached_access_is_enoent)
{
	static struct recorder rec;
	struct lab lab;
	int rc;

	lab_open(&lab, &byte_ops);
	recorder_start(&rec);
	rc = iommufd_access_replace(lab.driver.access, lab.a->obj.id);
	recorder_stop(&rec);
	ck_assert_int_eq(rc, -ENOENT);
	ck_assert_uint_eq(recorded(&rec, IOMMUFD_MODEL_OP_SPIN_LOCK,
				   &lab.ictx->objects.xa_lock, NULL), 0);
	ck_assert_detached(lab.driver.access);
	lab_close(&lab);
}
END_TEST

START_TEST(detach_of_a_detached_access_warns)
{
	struct iommufd_access *internal;
	struct lab lab;

	lab_open(&lab, &byte_ops);
	iommufd_model_expect_warning("!access->ioas");
	iommufd_access_detach(lab.driver.access);
	internal = iommufd_access_create_internal(lab.ictx);
	iommufd_model_expect_warning("!access->ioas");
	iommufd_access_detach_internal(internal);
	ck_assert_uint_eq(lab.driver.calls, 0);
	iommufd_access_destroy_internal(lab.ictx, internal);
	lab_close(&lab);
}
END_TEST

/* R-ACC-9: an internal access has no ctx to look the id up in. */
START_TEST(internal_access_goes_by_pointer_only)
{
	struct queue *queue;
	struct lab lab;

	lab_open(&lab, NULL);
	queue = make_queue(lab.ictx, lab.a);
	iommufd_model_expect_warning("iommufd_access_is_internal");
	ck_assert_int_eq(iommufd_access_replace(queue->access, lab.b->obj.id),
			 -EINVAL);
	iommufd_access_detach_internal(queue->access);
	iommufd_model_expect_warning("iommufd_access_is_internal");
	ck_assert_int_eq(iommufd_access_attach(queue->access, lab.b->obj.id),
			 -EINVAL);
	ck_assert_int_eq(iommufd_access_attach_internal(queue->access, lab.b),
			 0);
	ck_assert_users(&lab.b->obj, 2);
	ck_assert_uint_eq(lab.b->iopt.iova_alignment, PAGE_SIZE);
	iommufd_model_check_close(lab.ictx);
	ck_assert_no_leaks(lab.ictx);
}
END_TEST

/* The tests below make a second call while a callback runs. */

/* The results of other calls on the same access while its callback runs. */
struct intruder {
	struct lab *lab;
	int attach, attach_nowhere, replace;
	const void *ioas, *ioas_unpin;
};

static void *intrude(void *data)
{
	struct intruder *got = data;
	struct iommufd_access *access = got->lab->driver.access;

	got->ioas = access->ioas;
	got->ioas_unpin = access->ioas_unpin;
	got->attach = iommufd_access_attach(access, got->lab->b->obj.id);
	got->attach_nowhere = iommufd_access_attach(access, 999);
	got->replace = iommufd_access_replace(access, got->lab->b->obj.id);
	iommufd_access_detach(access);
	return NULL;
}

static void intrude_here(struct driver *driver)
{
	intrude(driver->arg);
}

static void intrude_from_another_thread(struct driver *driver)
{
	pthread_t thread;

	pthread_create(&thread, NULL, intrude, driver->arg);
	pthread_join(thread, NULL);
}

/*
 *	detach or replace		meanwhile
 *	ioas NULL, ioas_unpin a
 *	callback			attach: EBUSY, or ENOENT for a bad id
 *					replace: ENOENT
 *					detach: WARN
 *	done
 */
static void change_with_intruder(void (*act)(struct driver *driver),
				 bool replace)
{
	struct intruder got = { .attach = 1 };
	struct lab lab;

	lab_open(&lab, &byte_ops);
	got.lab = &lab;
	driver_attach(&lab.driver, lab.a);
	lab.driver.act = act;
	lab.driver.arg = &got;
	iommufd_model_expect_warning("!access->ioas");
	if (replace)
		ck_assert_int_eq(iommufd_access_replace(lab.driver.access,
							lab.b->obj.id), 0);
	else
		iommufd_access_detach(lab.driver.access);

	ck_assert_uint_eq(lab.driver.calls, 1);
	ck_assert_ptr_null(got.ioas);
	ck_assert_ptr_eq(got.ioas_unpin, lab.a);
	ck_assert_int_eq(got.attach, -EBUSY);
	ck_assert_int_eq(got.attach_nowhere, -ENOENT);
	ck_assert_int_eq(got.replace, -ENOENT);
	ck_assert_ptr_eq(lab.driver.access->ioas, replace ? lab.b : NULL);
	ck_assert_ptr_eq(lab.driver.access->ioas_unpin,
			 lab.driver.access->ioas);
	ck_assert_users(&lab.a->obj, 1);
	ck_assert_users(&lab.b->obj, replace ? 2 : 1);
	ck_assert(xa_empty(&lab.a->iopt.access_list));
	lab_close(&lab);
}

START_TEST(calls_from_the_callback_of_a_change)
{
	change_with_intruder(intrude_here, _i);
}
END_TEST

START_TEST(calls_from_another_thread_in_the_window_of_a_change)
{
	change_with_intruder(intrude_from_another_thread, _i);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("access_change");
	TCase *tc = checked_case(suite, "engine");

	tcase_add_test(tc, attach_takes_users_a_slot_and_raises_the_alignment);
	tcase_add_test(tc, detach_calls_back_and_gives_everything_back);
	tcase_add_test(tc, replace_has_both_until_the_callback_is_done);
	tcase_add_test(tc, replace_by_the_same_ioas_does_nothing);
	tcase_add_test(tc, lock_is_dropped_for_a_callback_only);
	tcase_add_test(tc, attach_takes_its_locks_in_order);

	tc = checked_case(suite, "errors");
	tcase_add_test(tc, attach_of_an_attached_access_is_einval);
	tcase_add_test(tc, attach_and_replace_want_the_id_of_an_ioas);
	tcase_add_test(tc, replace_of_a_detached_access_is_enoent);
	tcase_add_test(tc, detach_of_a_detached_access_warns);
	tcase_add_test(tc, internal_access_goes_by_pointer_only);

	tc = checked_case(suite, "window");
	tcase_add_loop_test(tc, calls_from_the_callback_of_a_change, 0, 2);
	tcase_add_loop_test(
		tc, calls_from_another_thread_in_the_window_of_a_change, 0, 2);
	return run_suite(suite);
}
