// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-ACC-1 to R-ACC-7, R-ACC-17 and R-ACC-18: how an access is created and
 * destroyed, and what distinguishes internal accesses from external ones.
 */
#include "access_suite.h"

/* R-ACC-1: the flags of iommufd_access_rw() have the kernel's values. */
START_TEST(rw_flags_have_their_values)
{
	ck_assert_int_eq(IOMMUFD_ACCESS_RW_READ, 0);
	ck_assert_int_eq(IOMMUFD_ACCESS_RW_WRITE, 1);
	ck_assert_int_eq(IOMMUFD_ACCESS_RW_KTHREAD, 2);
	ck_assert_int_eq(__IOMMUFD_ACCESS_RW_SLOW_PATH, 4);
}
END_TEST

/*
 * R-ACC-3: an external access holds a reference to its ctx, and stores ops and
 * data.
 */
START_TEST(external_access_counts_its_ctx_and_remembers_its_driver)
{
	struct lab lab;
	struct iommufd_access *access;

	lab_open(&lab, NULL);
	ck_assert_uint_eq(file_count(lab.ictx->file), 1);
	driver_create(&lab.driver, lab.ictx, &byte_ops);
	access = lab.driver.access;
	ck_assert_uint_eq(file_count(lab.ictx->file), 2);
	ck_assert_users(&access->obj, 2);
	ck_assert_shortterm(&access->obj, 1);
	ck_assert_uint_eq(lab.driver.id, access->obj.id);
	ck_assert_ptr_eq(peek(lab.ictx, lab.driver.id), &access->obj);
	ck_assert_int_eq(access->obj.type, IOMMUFD_OBJ_ACCESS);
	ck_assert_ptr_eq(access->ictx, lab.ictx);
	ck_assert_ptr_eq(access->ops, &byte_ops);
	ck_assert_ptr_eq(access->data, &lab.driver);
	ck_assert_ptr_null(access->ioas);
	ck_assert_ptr_null(access->ioas_unpin);
	ck_assert(!iommufd_access_is_internal(access));
	lab_close(&lab);
}
END_TEST

/* R-ACC-3: if the driver pins memory, the access requires page alignment. */
START_TEST(driver_that_pins_gets_whole_pages)
{
	struct driver pins, bytes;
	struct lab lab;

	lab_open(&lab, NULL);
	driver_create(&pins, lab.ictx, &page_ops);
	driver_create(&bytes, lab.ictx, &byte_ops);
	ck_assert_uint_eq(pins.access->iova_alignment, PAGE_SIZE);
	ck_assert_uint_eq(bytes.access->iova_alignment, 1);
	driver_destroy(&pins);
	driver_destroy(&bytes);
	lab_close(&lab);
}
END_TEST

START_TEST(driver_without_ops_is_refused)
{
	struct lab lab;
	u32 id = 77;

	lab_open(&lab, NULL);
	iommufd_model_expect_warning("!ops");
	ck_assert_int_eq(PTR_ERR(iommufd_access_create(lab.ictx, NULL, NULL,
						       &id)), -EINVAL);
	ck_assert_uint_eq(id, 77);
	ck_assert_uint_eq(file_count(lab.ictx->file), 1);
	lab_close(&lab);
}
END_TEST

/* R-ACC-4, R-ACC-18: an internal access holds no reference to its ctx. */
START_TEST(internal_access_does_not_count_its_ctx)
{
	struct iommufd_access *access;
	struct lab lab;

	lab_open(&lab, NULL);
	access = iommufd_access_create_internal(lab.ictx);
	ck_assert(!IS_ERR(access));
	ck_assert_uint_eq(file_count(lab.ictx->file), 1);
	ck_assert_users(&access->obj, 2);
	ck_assert_shortterm(&access->obj, 1);
	ck_assert_uint_eq(access->iova_alignment, PAGE_SIZE);
	ck_assert_ptr_null(access->ictx);
	ck_assert_ptr_null(access->ops);
	ck_assert_ptr_null(access->data);
	ck_assert_ptr_null(access->ioas);
	ck_assert(iommufd_access_is_internal(access));
	iommufd_access_destroy_internal(lab.ictx, access);
	ck_assert_uint_eq(file_count(lab.ictx->file), 1);
	lab_close(&lab);
}
END_TEST

static int huge_pages_option(struct iommufd_ctx *ictx, u32 id)
{
	struct iommu_option cmd = {
		.size = sizeof(cmd),
		.option_id = IOMMU_OPTION_HUGE_PAGES,
		.op = IOMMU_OPTION_OP_GET,
		.object_id = id,
	};

	return iommufd_model_ioctl(iommufd_model_check_fd(ictx), IOMMU_OPTION,
				   &cmd);
}

/*
 * R-ACC-4: user space can guess the id of an internal access, but cannot use
 * it.
 */
START_TEST(user_space_can_do_nothing_with_the_id_of_an_internal_access)
{
	struct queue *queue;
	struct lab lab;
	u32 id;

	lab_open(&lab, &byte_ops);
	queue = make_queue(lab.ictx, lab.a);
	id = queue->access->obj.id;
	ck_assert_ptr_eq(peek(lab.ictx, id), &queue->access->obj);
	ck_assert_int_eq(user_destroy(lab.ictx, id), -EBUSY);
	ck_assert_int_eq(huge_pages_option(lab.ictx, id), -ENOENT);
	ck_assert_int_eq(iommufd_access_attach(lab.driver.access, id),
			 -ENOENT);
	ck_assert_users(&queue->access->obj, 2);
	ck_assert_int_eq(user_destroy(lab.ictx, queue->obj.id), 0);
	ck_assert_int_eq(user_destroy(lab.ictx, id), -ENOENT);
	lab_close(&lab);
}
END_TEST

/*
 * R-ACC-2: an access is complete when it is published.  A hook looks at it at
 * that moment.
 */
struct at_finalize {
	struct iommufd_model_hook hook;
	/* the context that the access must have */
	struct iommufd_ctx *ictx;
	const struct iommufd_access_ops *ops;
	unsigned int seen, wrong;
};

static void look_at_access(struct iommufd_model_hook *hook,
			   const struct iommufd_model_op *op)
{
	struct at_finalize *want = container_of(hook, struct at_finalize, hook);
	const struct iommufd_access *access = op->addr;

	if (op->kind != IOMMUFD_MODEL_OP_NOTE ||
	    op->arg != IOMMUFD_MODEL_NOTE_FINALIZE)
		return;
	want->seen++;
	want->wrong += access->obj.users.refs != 2 ||
		       access->obj.wait_cnt.refs != 1 ||
		       !access->ioas_lock.dep_map.key ||
		       access->ictx != want->ictx ||
		       access->ops != want->ops ||
		       access->iova_alignment != PAGE_SIZE;
}

START_TEST(access_is_complete_before_it_is_published)
{
	struct at_finalize want = { .hook = { .event = look_at_access } };
	struct iommufd_access *access;
	struct lab lab;

	lab_open(&lab, NULL);
	iommufd_model_hook_add(&want.hook);
	access = iommufd_access_create_internal(lab.ictx);
	want.ictx = lab.ictx;
	want.ops = &page_ops;
	driver_create(&lab.driver, lab.ictx, &page_ops);
	iommufd_model_hook_remove(&want.hook);
	ck_assert_uint_eq(want.seen, 2);
	ck_assert_uint_eq(want.wrong, 0);
	iommufd_access_destroy_internal(lab.ictx, access);
	lab_close(&lab);
}
END_TEST

/*
 * R-ACC-2, R-ACC-3: nothing can fail after the allocation, and an allocation
 * that fails leaves no trace.
 */
START_TEST(creation_without_memory_is_enomem_and_leaves_no_trace)
{
	struct iommufd_access *access;
	unsigned long before;
	struct lab lab;
	u32 id = 77;
	int n;

	lab_open(&lab, NULL);
	before = iommufd_model_allocations();
	for (n = 0; n < 2; n++) {
		iommufd_model_fail_nth(1);
		access = n ? iommufd_access_create_internal(lab.ictx) :
			     iommufd_access_create(lab.ictx, &byte_ops, NULL,
						   &id);
		ck_assert_int_eq(PTR_ERR(access), -ENOMEM);
		ck_assert_uint_eq(iommufd_model_failed(), 1);
		iommufd_model_fail_nth(0);
	}
	ck_assert_uint_eq(id, 77);
	ck_assert_uint_eq(file_count(lab.ictx->file), 1);
	ck_assert_uint_eq(iommufd_model_leaks(before, NULL, NULL), 0);
	driver_create(&lab.driver, lab.ictx, &byte_ops);
	ck_assert_uint_eq(lab.driver.id, lab.b->obj.id + 1);
	lab_close(&lab);
}
END_TEST

/*
 * The node of the id table has no room for the new id, and its allocation
 * fails.  The memory of the object is freed.
 */
START_TEST(creation_without_memory_for_the_id_frees_the_access)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	u32 id;

	iommufd_model_fail_nth(2);
	ck_assert_int_eq(PTR_ERR(iommufd_access_create(ictx, &byte_ops, NULL,
						       &id)), -ENOMEM);
	ck_assert_uint_eq(iommufd_model_failed(), 1);
	iommufd_model_fail_nth(0);
	ck_assert(xa_empty(&ictx->objects));
	iommufd_model_check_close(ictx);
	ck_assert_no_leaks(ictx);
}
END_TEST

/* R-ACC-5, R-ACC-18: the destroy drops the reference to the ctx. */
START_TEST(external_access_drops_one_ctx_reference_at_destroy)
{
	struct lab lab;

	lab_open(&lab, &byte_ops);
	iommufd_ctx_get(lab.ictx);
	ck_assert_uint_eq(file_count(lab.ictx->file), 3);
	driver_destroy(&lab.driver);
	ck_assert_uint_eq(file_count(lab.ictx->file), 2);
	iommufd_ctx_put(lab.ictx);
	ck_assert_int_eq(user_destroy(lab.ictx, lab.driver.id), -ENOENT);
	lab_close(&lab);
}
END_TEST

/* R-CTX-2: the reference of a driver defers the release; its put starts it. */
START_TEST(destroy_after_close_releases_the_ctx)
{
	struct lab lab;

	lab_open(&lab, &byte_ops);
	driver_attach(&lab.driver, lab.a);
	iommufd_model_check_close(lab.ictx);
	ck_assert_uint_eq(iommufd_model_released(lab.ictx), 0);
	ck_assert_users(&lab.a->obj, 2);
	iommufd_access_destroy(lab.driver.access);
	ck_assert_uint_eq(lab.driver.calls, 1);
	ck_assert_released_before(lab.driver.access, lab.a);
	ck_assert_released_before(lab.b, lab.ictx);
	ck_assert_no_leaks(lab.ictx);
}
END_TEST

START_TEST(internal_access_is_not_destroyed_as_an_external_one)
{
	struct iommufd_access *access;
	struct lab lab;

	lab_open(&lab, NULL);
	access = iommufd_access_create_internal(lab.ictx);
	iommufd_model_expect_warning("iommufd_access_is_internal");
	iommufd_access_destroy(access);
	ck_assert_users(&access->obj, 2);
	iommufd_access_destroy_internal(lab.ictx, access);
	lab_close(&lab);
}
END_TEST

/*
 * An internal access has no ctx in which the id of an IOAS could be looked up.
 */
START_TEST(internal_access_is_not_attached_by_id)
{
	struct iommufd_access *access;
	struct lab lab;

	lab_open(&lab, NULL);
	access = iommufd_access_create_internal(lab.ictx);
	iommufd_model_expect_warning("iommufd_access_is_internal");
	ck_assert_int_eq(iommufd_access_attach(access, lab.a->obj.id), -EINVAL);
	ck_assert_int_eq(iommufd_access_attach_internal(access, lab.a), 0);
	iommufd_model_expect_warning("iommufd_access_is_internal");
	ck_assert_int_eq(iommufd_access_replace(access, lab.b->obj.id),
			 -EINVAL);
	ck_assert_users(&lab.a->obj, 2);
	ck_assert_users(&lab.b->obj, 1);
	ck_assert_uint_eq(iommufd_model_missing_warnings(), 0);
	iommufd_access_detach_internal(access);
	iommufd_access_destroy_internal(lab.ictx, access);
	lab_close(&lab);
}
END_TEST

START_TEST(no_ctx_is_neither_got_nor_put)
{
	iommufd_model_expect_warning("!ictx");
	iommufd_ctx_get(NULL);
	iommufd_model_expect_warning("!ictx");
	iommufd_ctx_put(NULL);
	ck_assert_uint_eq(iommufd_model_missing_warnings(), 0);
}
END_TEST

/* The state that a callback finds in the middle of a destroy. */
struct last_call {
	struct lab *lab;
	unsigned int users, wait_cnt, ctx_count;
	bool still_listed;
	long lookup, reused_id;
};

static void look_around(struct driver *driver)
{
	struct last_call *found = driver->arg;
	struct lab *lab = found->lab;

	found->users = refcount_read(&driver->access->obj.users);
	found->wait_cnt = refcount_read(&driver->access->obj.wait_cnt);
	found->ctx_count = file_count(lab->ictx->file);
	found->still_listed = listed(lab->a, 0) == driver->access;
	found->lookup = PTR_ERR(iommufd_get_object(lab->ictx, driver->id,
						   IOMMUFD_OBJ_ANY));
	found->reused_id = make_ioas(lab->ictx);
}

/*
 * R-ACC-7: the detach calls the driver back when both counters are 0, the id is
 * free and no lock is held.
 */
START_TEST(destroy_of_an_attached_access_calls_back_and_detaches)
{
	struct last_call found = { .users = 77 };
	struct lab lab;

	lab_open(&lab, &byte_ops);
	found.lab = &lab;
	driver_attach(&lab.driver, lab.a);
	lab.driver.act = look_around;
	lab.driver.arg = &found;
	iommufd_access_destroy(lab.driver.access);
	lab.driver.access = NULL;

	ck_assert_uint_eq(lab.driver.calls, 1);
	ck_assert_uint_eq(lab.driver.iova, 0);
	ck_assert_uint_eq(lab.driver.length, ULONG_MAX);
	ck_assert_int_eq(lab.driver.locks, 0);
	ck_assert_uint_eq(found.users, 0);
	ck_assert_uint_eq(found.wait_cnt, 0);
	ck_assert(found.still_listed);
	ck_assert_int_eq(found.lookup, -ENOENT);
	ck_assert_int_eq(found.reused_id, lab.driver.id);
	/*
	 * The reference to the context is dropped last, so the callback still
	 * finds it.
	 */
	ck_assert_uint_eq(found.ctx_count, 2);
	ck_assert_uint_eq(file_count(lab.ictx->file), 1);
	ck_assert(xa_empty(&lab.a->iopt.access_list));
	lab_close(&lab);
}
END_TEST

START_TEST(destroy_of_a_detached_access_calls_nobody)
{
	struct lab lab;

	lab_open(&lab, &byte_ops);
	driver_attach(&lab.driver, lab.a);
	iommufd_access_detach(lab.driver.access);
	lab.driver.calls = 0;
	driver_destroy(&lab.driver);
	ck_assert_uint_eq(lab.driver.calls, 0);
	lab_close(&lab);
}
END_TEST

/*
 * The release destroys the objects in this order, although the queue is live.
 */
START_TEST(close_with_a_live_queue_releases_everything)
{
	struct iommufd_access *access;
	struct queue *queue;
	struct lab lab;

	lab_open(&lab, NULL);
	queue = make_queue(lab.ictx, lab.a);
	access = queue->access;
	iommufd_model_check_close(lab.ictx);
	ck_assert_released_before(access, queue);
	ck_assert_released_before(queue, lab.a);
	ck_assert_released_before(lab.a, lab.ictx);
	ck_assert_released_before(lab.b, lab.ictx);
	ck_assert_no_leaks(lab.ictx);
}
END_TEST

START_TEST(destroy_of_the_queue_before_close_releases_it)
{
	struct queue *queue;
	struct lab lab;

	lab_open(&lab, NULL);
	queue = make_queue(lab.ictx, lab.a);
	ck_assert_users(&lab.a->obj, 2);
	ck_assert_int_eq(user_destroy(lab.ictx, queue->obj.id), 0);
	ck_assert(xa_empty(&lab.a->iopt.access_list));
	lab_close(&lab);
}
END_TEST

/* An access that has ops is still internal if its ctx is NULL. */
START_TEST(internal_access_with_ops_puts_no_ctx_and_is_not_called)
{
	struct driver driver = { .calls = 0 };
	struct queue *queue;
	struct lab lab;

	lab_open(&lab, NULL);
	queue = make_queue(lab.ictx, lab.a);
	queue->access->ops = &byte_ops;
	queue->access->data = &driver;
	ck_assert(iommufd_access_is_internal(queue->access));
	iommufd_access_notify_unmap(&lab.a->iopt, 0, PAGE_SIZE);
	iommufd_access_detach_internal(queue->access);
	ck_assert_int_eq(iommufd_access_attach_internal(queue->access, lab.b),
			 0);
	ck_assert_int_eq(user_destroy(lab.ictx, queue->obj.id), 0);
	ck_assert_uint_eq(driver.calls, 0);
	ck_assert_uint_eq(file_count(lab.ictx->file), 1);
	lab_close(&lab);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("access");
	TCase *tc = checked_case(suite, "creation");

	tcase_add_test(tc, rw_flags_have_their_values);
	tcase_add_test(
		tc, external_access_counts_its_ctx_and_remembers_its_driver);
	tcase_add_test(tc, driver_that_pins_gets_whole_pages);
	tcase_add_test(tc, driver_without_ops_is_refused);
	tcase_add_test(tc, internal_access_does_not_count_its_ctx);
	tcase_add_test(
		tc,
		user_space_can_do_nothing_with_the_id_of_an_internal_access);
	tcase_add_test(tc, access_is_complete_before_it_is_published);
	tcase_add_test(
		tc, creation_without_memory_is_enomem_and_leaves_no_trace);
	tcase_add_test(tc, creation_without_memory_for_the_id_frees_the_access);

	tc = checked_case(suite, "end");
	tcase_add_test(tc, external_access_drops_one_ctx_reference_at_destroy);
	tcase_add_test(tc, destroy_after_close_releases_the_ctx);
	tcase_add_test(tc, internal_access_is_not_destroyed_as_an_external_one);
	tcase_add_test(tc, internal_access_is_not_attached_by_id);
	tcase_add_test(tc, no_ctx_is_neither_got_nor_put);
	tcase_add_test(tc,
		       destroy_of_an_attached_access_calls_back_and_detaches);
	tcase_add_test(tc, destroy_of_a_detached_access_calls_nobody);
	tcase_add_test(tc, close_with_a_live_queue_releases_everything);
	tcase_add_test(tc, destroy_of_the_queue_before_close_releases_it);
	tcase_add_test(
		tc, internal_access_with_ops_puts_no_ctx_and_is_not_called);
	return run_suite(suite);
}
