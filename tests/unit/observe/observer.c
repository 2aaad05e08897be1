// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The observer: it names the holder of each reference at each step, and the
 * references add up to the counters however an object ends.
 */
#include "access_suite.h"
#include <string.h>

/* The number of references in a counter, and how many of them a holder has. */

struct question {
	const char *counter, *holder;
	unsigned int n, by_holder, by_threads;
};

static void answer(const struct iommufd_model_event *event, void *data)
{
	struct question *q = data;

	if (strcmp(event->counter, q->counter))
		return;
	q->n++;
	q->by_holder += !strcmp(event->holder, q->holder);
	q->by_threads += event->by_thread;
}

static struct question ask(const void *addr, const char *counter,
			   const char *holder)
{
	struct question q = { .counter = counter, .holder = holder };

	ck_assert_int_ge(iommufd_model_holders(addr, answer, &q), 0);
	return q;
}

/* Checks that @count of the references in the counter belong to @who. */
#define ck_assert_held_by(addr, which, who, count) do {			\
	struct question __q = ask(addr, which, who);			\
	ck_assert_msg(__q.by_holder == (count),				\
		      "%u of %u references of " which " are of " who ", not %d;" \
		      " held by%s", __q.by_holder, __q.n, count,	\
		      iommufd_model_check_holders(addr));		\
} while (0)

/* Checks that @count of the references belong to threads. */
#define ck_assert_held_by_threads(addr, which, count) \
	ck_assert_uint_eq(ask(addr, which, "").by_threads, count)

/* The tests below are about holders. */

START_TEST(first_references_are_of_the_id_table_and_the_descriptor)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommufd_ioas *ioas = new_ioas(ictx);

	ck_assert_int_eq(iommufd_model_holders(ictx, NULL, NULL), 1);
	ck_assert_held_by(ictx, "references", "the descriptor", 1);
	ck_assert_int_eq(iommufd_model_holders(ioas, NULL, NULL), 2);
	ck_assert_held_by(ioas, "users", "the id table", 1);
	ck_assert_held_by(ioas, "wait_cnt", "the id table", 1);
	ck_assert_held_by_threads(ioas, "users", 0);
	ck_assert_int_eq(iommufd_model_holders(&ictx, NULL, NULL), -ENOENT);
	iommufd_model_check_close(ictx);
	ck_assert_int_eq(iommufd_model_holders(ioas, NULL, NULL), -ENOENT);
	ck_assert_int_eq(iommufd_model_holders(ictx, NULL, NULL), -ENOENT);
}
END_TEST

START_TEST(references_of_an_external_access_are_its_drivers)
{
	struct iommufd_access *access;
	struct lab lab;

	lab_open(&lab, &byte_ops);
	access = lab.driver.access;
	ck_assert_held_by(access, "users",
			  "a thread, in __iommufd_access_create", 1);
	ck_assert_held_by(access, "users", "the id table", 1);
	ck_assert_held_by_threads(access, "users", 1);
	ck_assert_held_by(lab.ictx, "references", "access 3", 1);
	ck_assert_held_by(lab.ictx, "references", "the descriptor", 1);

	driver_attach(&lab.driver, lab.a);
	ck_assert_held_by(lab.a, "users", "access 3", 1);
	ck_assert_held_by(lab.a, "users", "the id table", 1);
	ck_assert_int_eq(iommufd_access_replace(access, lab.b->obj.id), 0);
	ck_assert_held_by(lab.a, "users", "access 3", 0);
	ck_assert_held_by(lab.b, "users", "access 3", 1);
	ck_assert_int_eq(iommufd_model_holders(lab.b, NULL, NULL), 3);
	iommufd_access_detach(access);
	ck_assert_held_by(lab.b, "users", "access 3", 0);
	driver_destroy(&lab.driver);
	ck_assert_held_by(lab.ictx, "references", "access 3", 0);
	ck_assert_held_by(lab.ictx, "references", "the descriptor", 1);
	lab_close(&lab);
}
END_TEST

START_TEST(references_of_an_internal_access_are_its_owners)
{
	struct queue *queue;
	struct lab lab;

	lab_open(&lab, NULL);
	queue = make_queue(lab.ictx, lab.a);
	ck_assert_int_eq(strcmp(iommufd_model_type_name(queue->obj.type),
				"queue"), 0);
	ck_assert_held_by(queue->access, "users", "queue 3", 1);
	ck_assert_held_by(queue->access, "users", "the id table", 1);
	ck_assert_held_by(lab.a, "users", "access 4", 1);
	ck_assert_held_by(lab.ictx, "references", "access 4", 0);
	ck_assert_balanced();
	ck_assert_int_eq(user_destroy(lab.ictx, queue->obj.id), 0);
	lab_close(&lab);
}
END_TEST

/* A hook that asks for the holders in the middle of an ioctl. */
struct in_the_middle {
	struct iommufd_model_hook hook;
	struct iommufd_ioas *ioas;
	struct question users, wait_cnt;
};

static void ask_in_the_middle(struct iommufd_model_hook *hook,
			      const struct iommufd_model_op *op)
{
	struct in_the_middle *m = container_of(hook, struct in_the_middle,
					       hook);

	if (op->kind != IOMMUFD_MODEL_OP_REFCOUNT_ADD_NOT_ZERO ||
	    op->addr != &m->ioas->obj.wait_cnt)
		return;
	m->users = ask(m->ioas, "users", "a thread, in iommufd_lock_obj");
	m->wait_cnt = ask(m->ioas, "wait_cnt", "the id table");
}

START_TEST(wait_references_are_of_the_running_thread)
{
	struct iommu_option cmd = {
		.size = sizeof(cmd), .option_id = IOMMU_OPTION_HUGE_PAGES,
		.op = IOMMU_OPTION_OP_GET,
	};
	struct in_the_middle m = { .hook = { .event = ask_in_the_middle } };
	struct iommufd_ctx *ictx = iommufd_model_check_open();

	m.ioas = new_ioas(ictx);
	cmd.object_id = m.ioas->obj.id;
	iommufd_model_hook_add(&m.hook);
	ck_assert_int_eq(iommufd_model_ioctl(iommufd_model_check_fd(ictx),
					     IOMMU_OPTION, &cmd), 0);
	iommufd_model_hook_remove(&m.hook);
	ck_assert_uint_eq(m.users.by_holder, 1);
	ck_assert_uint_eq(m.users.n, 2);
	ck_assert_uint_eq(m.wait_cnt.by_holder, 1);
	ck_assert_uint_eq(m.wait_cnt.by_threads, 1);
	ck_assert_held_by_threads(m.ioas, "users", 0);
	ck_assert_held_by(m.ioas, "users", "the id table", 1);
	iommufd_model_check_close(ictx);
}
END_TEST

static void ask_in_callback(struct driver *driver)
{
	ck_assert_held_by_threads(driver->access, "users", 2);
	ck_assert_held_by_threads(driver->access, "wait_cnt", 1);
}

START_TEST(wait_references_of_a_notify_are_the_callers)
{
	struct lab lab;

	lab_open(&lab, &byte_ops);
	driver_attach(&lab.driver, lab.a);
	lab.driver.act = ask_in_callback;
	iommufd_access_notify_unmap(&lab.a->iopt, 0, 1);
	ck_assert_uint_eq(lab.driver.calls, 1);
	lab_close(&lab);
}
END_TEST

static void *destroy_in_vain(void *data)
{
	iommufd_access_destroy(data);
	return NULL;
}

/*
 * One thread has created the access; another one fails to destroy it because of
 * a third holder.  The creator's reference is dropped, that of the id table is
 * not.
 */
/*
 * A handler without notes looks up an object, creates another one, takes a
 * reference for the new object, and puts the first one.
 */
START_TEST(put_while_making_an_object_drops_no_reference_of_it)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommufd_ioas *ioas = new_ioas(ictx);
	struct queue *queue;

	ck_assert(!IS_ERR(iommufd_get_object(ictx, ioas->obj.id,
					     IOMMUFD_OBJ_IOAS)));
	queue = queue_alloc(ictx);
	refcount_inc(&ioas->obj.users);
	iommufd_put_object(ictx, &ioas->obj);
	ck_assert_held_by_threads(ioas, "users", 0);
	ck_assert_held_by(ioas, "users", "queue 2", 1);
	refcount_dec(&ioas->obj.users);
	iommufd_object_abort(ictx, &queue->obj);
	ck_assert_held_by(ioas, "users", "the id table", 1);
	iommufd_model_check_close(ictx);
}
END_TEST

START_TEST(reference_may_be_dropped_by_another_thread)
{
	struct iommufd_access *access;
	pthread_t thread;
	struct lab lab;

	lab_open(&lab, &byte_ops);
	access = lab.driver.access;
	ck_assert_int_eq(iommufd_try_inc_users(lab.ictx, &access->obj), 0);
	ck_assert_held_by_threads(access, "users", 2);
	iommufd_model_expect_warning("iommufd_object_remove");
	pthread_create(&thread, NULL, destroy_in_vain, access);
	pthread_join(thread, NULL);
	ck_assert_users(&access->obj, 2);
	ck_assert_balanced();
	ck_assert_held_by(access, "users", "the id table", 1);
	ck_assert_held_by_threads(access, "users", 1);
	lab_close(&lab);
}
END_TEST

/* The tests below check that references add up to counters. */

START_TEST(references_add_up_through_attach_replace_and_destroy)
{
	struct queue *queue;
	struct lab lab;

	lab_open(&lab, &page_ops);
	ck_assert_balanced();
	driver_attach(&lab.driver, lab.a);
	ck_assert_balanced();
	ck_assert_int_eq(user_destroy(lab.ictx, lab.a->obj.id), -EBUSY);
	ck_assert_balanced();
	ck_assert_int_eq(iommufd_access_replace(lab.driver.access,
						lab.b->obj.id), 0);
	ck_assert_balanced();
	iommufd_model_fail_nth(1);
	ck_assert_int_eq(iommufd_access_replace(lab.driver.access,
						lab.a->obj.id), -ENOMEM);
	iommufd_model_fail_nth(0);
	ck_assert_balanced();
	iommufd_access_detach(lab.driver.access);
	ck_assert_int_eq(iommufd_access_attach(lab.driver.access, 999),
			 -ENOENT);
	ck_assert_balanced();
	queue = make_queue(lab.ictx, lab.b);
	driver_attach(&lab.driver, lab.b);
	ck_assert_int_eq(user_destroy(lab.ictx, queue->obj.id), 0);
	ck_assert_balanced();
	driver_destroy(&lab.driver);
	lab_close(&lab);
}
END_TEST

START_TEST(references_add_up_through_abort)
{
	struct iommufd_access *access;
	struct queue *queue;
	struct lab lab;

	lab_open(&lab, NULL);
	iommufd_object_abort(lab.ictx, &queue_alloc(lab.ictx)->obj);
	ck_assert_balanced();
	queue = queue_alloc(lab.ictx);
	queue->access = iommufd_access_create_internal(lab.ictx);
	access = queue->access;
	ck_assert_int_eq(iommufd_access_attach_internal(access, lab.a), 0);
	ck_assert_held_by(access, "users", "queue 3", 1);
	iommufd_object_abort_and_destroy(lab.ictx, &queue->obj);
	ck_assert_balanced();
	ck_assert_released_before(access, queue);
	ck_assert_held_by(lab.a, "users", "the id table", 1);
	ck_assert_int_eq(iommufd_model_holders(lab.a, NULL, NULL), 2);
	lab_close(&lab);
}
END_TEST

/*
 * The table's wait reference is dropped, and taken again when a destroy fails
 * (R-DESTROY-4, R-DESTROY-5).
 */
START_TEST(references_add_up_through_a_destroy_that_fails)
{
	struct queue *queue;
	struct lab lab;

	lab_open(&lab, NULL);
	queue = queue_alloc(lab.ictx);
	refcount_add(2, &queue->obj.users);
	iommufd_object_finalize(lab.ictx, &queue->obj);
	ck_assert_balanced();
	iommufd_model_expect_warning("iommufd_object_remove");
	iommufd_object_destroy_user(lab.ictx, &queue->obj);
	ck_assert_balanced();
	ck_assert_held_by_threads(queue, "users", 1);
	ck_assert_held_by(queue, "wait_cnt", "the id table", 1);
	iommufd_object_destroy_user(lab.ictx, &queue->obj);
	lab_close(&lab);
}
END_TEST

START_TEST(changed_counter_is_found)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommufd_ioas *ioas = new_ioas(ictx);

	ck_assert_balanced();
	ioas->obj.users.refs++;
	ck_assert_uint_eq(iommufd_model_unbalanced(), 1);
	ioas->obj.wait_cnt.refs++;
	ck_assert_uint_eq(iommufd_model_unbalanced(), 2);
	ioas->obj.wait_cnt.refs--;
	ioas->obj.users.refs--;
	iommufd_model_check_close(ictx);
}
END_TEST

START_TEST(contexts_have_different_names)
{
	struct iommufd_ctx *first = iommufd_model_check_open();
	struct iommufd_ctx *second = iommufd_model_check_open();
	struct iommufd_ioas *ioas = new_ioas(second);
	struct driver driver;
	char why[64];

	driver_create(&driver, first, &byte_ops);
	ck_assert_held_by(first, "references", "access 1", 1);
	ck_assert_held_by(second, "references", "access 1", 0);
	ck_assert_int_eq(iommufd_model_fate(second, why, sizeof(why)),
			 IOMMUFD_MODEL_RELEASABLE);
	ck_assert_str_eq(why, "ctx 2 is held by the descriptor");
	iommufd_model_check_close(second);
	driver_destroy(&driver);
	iommufd_model_check_close(first);
	ck_assert_released_before(ioas, second);
	ck_assert_released_before(second, first);
	ck_assert_no_leaks(first);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("observer");
	TCase *tc = checked_case(suite, "holders");

	tcase_add_test(tc,
		       first_references_are_of_the_id_table_and_the_descriptor);
	tcase_add_test(tc, references_of_an_external_access_are_its_drivers);
	tcase_add_test(tc, references_of_an_internal_access_are_its_owners);
	tcase_add_test(tc, wait_references_are_of_the_running_thread);
	tcase_add_test(tc, wait_references_of_a_notify_are_the_callers);
	tcase_add_test(tc, reference_may_be_dropped_by_another_thread);
	tcase_add_test(tc, put_while_making_an_object_drops_no_reference_of_it);

	tc = checked_case(suite, "sums");
	tcase_add_test(tc,
		       references_add_up_through_attach_replace_and_destroy);
	tcase_add_test(tc, references_add_up_through_abort);
	tcase_add_test(tc, references_add_up_through_a_destroy_that_fails);
	tcase_add_test(tc, changed_counter_is_found);
	tcase_add_test(tc, contexts_have_different_names);
	return run_suite(suite);
}
