// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The observer: the order of release, the fate of a context, the texts of
 * events, and stopping and starting the observer again.
 */
#include "access_suite.h"
#include <string.h>

START_TEST(release_is_numbered_in_its_order)
{
	struct iommufd_access *access;
	struct queue *queue;
	struct lab lab;

	lab_open(&lab, NULL);
	queue = make_queue(lab.ictx, lab.b);
	access = queue->access;
	ck_assert_uint_eq(iommufd_model_released(lab.a), 0);
	iommufd_model_check_close(lab.ictx);
	/*
	 * R-RELEASE-2, R-RELEASE-3: the first pass destroys IOAS a, the queue
	 * and its access, the second one IOAS b.
	 */
	ck_assert_uint_eq(iommufd_model_released(lab.a), 1);
	ck_assert_uint_eq(iommufd_model_released(access), 2);
	ck_assert_uint_eq(iommufd_model_released(queue), 3);
	ck_assert_uint_eq(iommufd_model_released(lab.b), 4);
	ck_assert_uint_eq(iommufd_model_released(lab.ictx), 5);
}
END_TEST

static void check_fate(const struct iommufd_ctx *ictx,
		       enum iommufd_model_fate fate, const char *why)
{
	char text[128] = "untouched", little[8];

	ck_assert_int_eq(iommufd_model_fate(ictx, text, sizeof(text)), fate);
	ck_assert_str_eq(text, why);
	iommufd_model_fate(ictx, little, sizeof(little));
	ck_assert_int_eq(strncmp(little, why, sizeof(little) - 1), 0);
}

START_TEST(context_with_an_open_descriptor_is_releasable)
{
	struct lab lab;

	lab_open(&lab, NULL);
	check_fate(lab.ictx, IOMMUFD_MODEL_RELEASABLE,
		   "ctx is held by the descriptor");
	iommufd_model_check_close(lab.ictx);
	check_fate(lab.ictx, IOMMUFD_MODEL_RELEASED, "");
}
END_TEST

START_TEST(context_that_a_driver_holds_is_releasable)
{
	struct lab lab;

	lab_open(&lab, &byte_ops);
	driver_attach(&lab.driver, lab.a);
	iommufd_ctx_get(lab.ictx);
	iommufd_model_check_close(lab.ictx);
	ck_assert_int_eq(iommufd_model_fate(lab.ictx, (char[64]){ 0 }, 64),
			 IOMMUFD_MODEL_RELEASABLE);
	iommufd_ctx_put(lab.ictx);
	check_fate(lab.ictx, IOMMUFD_MODEL_RELEASABLE,
		   "ctx is held by access 3");
	driver_destroy(&lab.driver);
	check_fate(lab.ictx, IOMMUFD_MODEL_RELEASED, "");
}
END_TEST

/* Design A of R-ACC-18: the access of the queue holds the context. */
static struct queue *make_counted_queue(struct lab *lab)
{
	struct queue *queue = queue_alloc(lab->ictx);

	queue->access = iommufd_access_create(lab->ictx, &byte_ops,
					      &lab->driver, &lab->driver.id);
	ck_assert_int_eq(iommufd_access_attach(queue->access, lab->a->obj.id),
			 0);
	iommufd_object_finalize(lab->ictx, &queue->obj);
	return queue;
}

/* Only this test can remove the object, since the descriptor is closed. */
static void remove_by_force(struct lab *lab, u32 id)
{
	ck_assert_int_eq(iommufd_object_remove(lab->ictx, NULL, id, 0), 0);
}

START_TEST(context_that_only_its_release_could_free_is_never_released)
{
	struct queue *queue;
	struct lab lab;
	u32 id;

	lab_open(&lab, NULL);
	queue = make_counted_queue(&lab);
	id = queue->obj.id;
	check_fate(lab.ictx, IOMMUFD_MODEL_RELEASABLE,
		   "ctx is held by the descriptor");
	/* A driver that holds the queue could still destroy it. */
	refcount_inc(&queue->obj.users);
	iommufd_model_check_close(lab.ictx);
	check_fate(lab.ictx, IOMMUFD_MODEL_RELEASABLE,
		   "ctx is held by access 4");
	refcount_dec(&queue->obj.users);
	check_fate(lab.ictx, IOMMUFD_MODEL_NEVER_RELEASED,
		   "ctx -> queue 3 -> access 4 -> ctx");
	remove_by_force(&lab, id);
	check_fate(lab.ictx, IOMMUFD_MODEL_RELEASED, "");
	ck_assert_no_leaks(lab.ictx);
}
END_TEST

/* The tests below are about events. */

struct seen_events {
	unsigned int takes, drops, refused, busy, notes;
	struct iommufd_model_event last_busy, last_refused;
	char object[40], holder[40];
};

static void see(const struct iommufd_model_event *event, void *data)
{
	struct seen_events *seen = data;

	switch (event->kind) {
	case IOMMUFD_MODEL_EVENT_TAKE:
		seen->takes += event->after > event->before;
		break;
	case IOMMUFD_MODEL_EVENT_DROP:
		seen->drops += event->after < event->before;
		break;
	case IOMMUFD_MODEL_EVENT_REFUSED:
		seen->refused++;
		seen->last_refused = *event;
		break;
	case IOMMUFD_MODEL_EVENT_BUSY:
		seen->busy++;
		seen->last_busy = *event;
		snprintf(seen->object, sizeof(seen->object), "%s",
			 event->object);
		snprintf(seen->holder, sizeof(seen->holder), "%s",
			 event->holder);
		break;
	case IOMMUFD_MODEL_EVENT_NOTE:
		seen->notes++;
		break;
	}
}

START_TEST(events_say_what_happened_in_words)
{
	struct seen_events seen = { .takes = 0 };
	struct lab lab;

	iommufd_model_observe_stop();
	ck_assert_int_eq(iommufd_model_observe_start(see, &seen), 0);
	lab_open(&lab, &byte_ops);
	/*
	 * The notes are OPEN, then for each IOAS the ioctl, its end, ALLOC,
	 * FINALIZE and the PUT of the fixture's lookup, and then those of the
	 * access.
	 */
	ck_assert_uint_eq(seen.notes, 1 + 2 * 5 + 2);
	driver_attach(&lab.driver, lab.a);
	ck_assert_int_eq(user_destroy(lab.ictx, lab.a->obj.id), -EBUSY);
	ck_assert_uint_eq(seen.busy, 1);
	ck_assert_str_eq(seen.object, "ioas 1");
	ck_assert_str_eq(seen.last_busy.counter, "users");
	ck_assert_int_eq(seen.last_busy.before, 2);
	ck_assert_int_eq(seen.last_busy.after, 2);
	ck_assert_ptr_eq(seen.last_busy.addr, lab.a);
	/*
	 * The event names the holder of the reference that makes the object
	 * busy.
	 */
	ck_assert_str_eq(seen.holder, "access 3");
	ck_assert(!seen.last_busy.by_thread);
	ck_assert_str_eq(seen.last_busy.site->what, "&obj->users");

	/* While wait_cnt is 0 a lookup is refused. */
	refcount_set(&lab.driver.access->obj.wait_cnt, 0);
	ck_assert(!iommufd_lock_obj(&lab.driver.access->obj));
	refcount_set(&lab.driver.access->obj.wait_cnt, 1);
	ck_assert_uint_eq(seen.refused, 1);
	ck_assert_str_eq(seen.last_refused.counter, "wait_cnt");
	lab_close(&lab);
	/* Every reference was dropped, also those taken at the allocations. */
	ck_assert_uint_eq(seen.refused, 1);
	ck_assert_uint_gt(seen.takes, 0);
	ck_assert_uint_gt(seen.drops, seen.takes);
}
END_TEST

/*
 * Only one observer can run.  A stop forgets everything, and an observer does
 * not know objects that were created before its start.
 */
START_TEST(observer_can_be_stopped_and_started_again)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommufd_ioas *gone = new_ioas(ictx);
	struct iommufd_ioas *older = new_ioas(ictx), *younger;
	struct iommufd_ctx *second;
	struct driver driver;

	ck_assert_int_eq(user_destroy(ictx, gone->obj.id), 0);
	ck_assert_uint_eq(iommufd_model_released(gone), 1);
	ck_assert_int_eq(iommufd_model_observe_start(NULL, NULL), -EBUSY);
	iommufd_model_observe_stop();
	iommufd_model_observe_stop();
	ck_assert_uint_eq(iommufd_model_released(gone), 0);
	ck_assert_int_eq(iommufd_model_holders(older, NULL, NULL), -ENOENT);
	driver_create(&driver, ictx, &byte_ops);
	ck_assert_int_eq(iommufd_model_observe_start(NULL, NULL), 0);
	ck_assert_balanced();
	driver_attach(&driver, older);
	ck_assert_int_eq(iommufd_model_holders(older, NULL, NULL), -ENOENT);
	younger = new_ioas(ictx);
	ck_assert_int_eq(iommufd_access_replace(driver.access,
						younger->obj.id), 0);
	ck_assert_users(&younger->obj, 2);
	ck_assert_balanced();

	/* The numbers of contexts begin again. */
	second = iommufd_model_check_open();
	check_fate(second, IOMMUFD_MODEL_RELEASABLE,
		   "ctx is held by the descriptor");
	iommufd_model_check_close(second);
	ck_assert_uint_eq(iommufd_model_released(second), 1);
	driver_destroy(&driver);
	iommufd_model_check_close(ictx);
	ck_assert_released_before(older, younger);
	ck_assert_no_leaks(ictx);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("observer_fate");
	TCase *tc = checked_case(suite, "fate");

	tcase_add_test(tc, release_is_numbered_in_its_order);
	tcase_add_test(tc, context_with_an_open_descriptor_is_releasable);
	tcase_add_test(tc, context_that_a_driver_holds_is_releasable);
	tcase_add_test(tc,
		       context_that_only_its_release_could_free_is_never_released);

	tc = checked_case(suite, "observer");
	tcase_add_test(tc, events_say_what_happened_in_words);
	tcase_add_test(tc, observer_can_be_stopped_and_started_again);
	return run_suite(suite);
}
