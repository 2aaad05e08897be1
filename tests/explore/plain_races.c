// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Plain accesses in explored tests: a race that no lock orders is found, in
 * whichever order the threads ran, and each of the ground's promises of order is
 * known.  In a build with ThreadSanitizer it finds the races; otherwise the
 * file is watched.
 */
#include "suite.h"
#include <iommufd_model/kernel.h>
#include <string.h>

#ifdef IOMMUFD_MODEL_WATCHED
#define RACE IOMMUFD_MODEL_FAIL_DATA_RACE
#define SAYS "  second     "
#else
#define RACE IOMMUFD_MODEL_FAIL_SANITIZER
#define SAYS "ThreadSanitizer"
#endif

struct object {
	refcount_t refs;
	struct list_head node;
	int value;
	int *inside;
};

static struct {
	struct mutex m, n;
	spinlock_t spin;
	struct rw_semaphore sem;
	wait_queue_head_t wq;
	refcount_t refs, users;
	struct object *obj, *slot;
	struct list_head list;
	int x, flag, number;
} s;

static void setup(void *data)
{
	(void)data;
	memset(&s, 0, sizeof(s));
	mutex_init(&s.m);
	mutex_init(&s.n);
	spin_lock_init(&s.spin);
	init_rwsem(&s.sem);
	init_waitqueue_head(&s.wq);
	refcount_set(&s.refs, 2);
	refcount_set(&s.users, 2);
	INIT_LIST_HEAD(&s.list);
	s.obj = kzalloc(sizeof(*s.obj), GFP_KERNEL);
	refcount_set(&s.obj->refs, 2);
	s.obj->inside = &s.x;
}

static void after(void *data)
{
	(void)data;
	s.x++;
	kfree(s.obj);
}

/* Explores @one against @other, checks the report, and returns the failure. */
static enum iommufd_model_failure
explore(void (*one)(void *data), void (*other)(void *data),
	enum iommufd_model_explore_mode mode)
{
	const struct iommufd_model_test test = {
		.name = "plain", .setup = setup, .after = after,
		.threads = { { "one", one }, { "other", other } },
	};
	struct iommufd_model_explore_options options = {
		.mode = mode, .quiet = true,
	};
	struct iommufd_model_explore_result result;
	enum iommufd_model_failure failure;
	int rc;

	rc = iommufd_model_explore(&test, &options, &result);
	ck_assert_int_ge(rc, 0);
	failure = result.failure;
	if (failure) {
		ck_assert_msg(strstr(result.report, SAYS), "%s",
			      result.report);
		ck_assert_ptr_nonnull(result.schedule);
	}
	iommufd_model_explore_free(&result);
	return failure;
}

static void races(void (*one)(void *data), void (*other)(void *data))
{
	ck_assert_int_eq(explore(one, other, IOMMUFD_MODEL_EXHAUSTIVE),
			 RACE);
	ck_assert_int_eq(explore(other, one, IOMMUFD_MODEL_EXHAUSTIVE),
			 RACE);
}

static void is_silent(void (*one)(void *data), void (*other)(void *data))
{
	ck_assert_int_eq(explore(one, other, IOMMUFD_MODEL_EXHAUSTIVE),
			 IOMMUFD_MODEL_NO_FAILURE);
	ck_assert_int_eq(explore(one, other, IOMMUFD_MODEL_BOUNDED),
			 IOMMUFD_MODEL_NO_FAILURE);
}

/* The tests below and their functions are about locks. */

static void under_m(void *data)
{
	(void)data;
	mutex_lock(&s.m);
	s.x++;
	mutex_unlock(&s.m);
}

static void under_n(void *data)
{
	(void)data;
	mutex_lock(&s.n);
	s.x++;
	mutex_unlock(&s.n);
}

static void under_both(void *data)
{
	(void)data;
	mutex_lock(&s.n);
	mutex_lock(&s.m);
	s.x++;
	mutex_unlock(&s.m);
	mutex_unlock(&s.n);
}

static void trying_m(void *data)
{
	(void)data;
	if (!mutex_trylock(&s.m))
		return;
	s.x++;
	mutex_unlock(&s.m);
}

static void under_spin(void *data)
{
	(void)data;
	spin_lock(&s.spin);
	s.x++;
	spin_unlock(&s.spin);
}

static void behind_spin(void *data)
{
	under_spin(data);
	s.x++;
}

static void writer(void *data)
{
	(void)data;
	down_write(&s.sem);
	s.x++;
	up_write(&s.sem);
}

static void reader(void *data)
{
	(void)data;
	down_read(&s.sem);
	s.number = s.x;
	up_read(&s.sem);
}

static void only_reads(void *data)
{
	(void)data;
	down_read(&s.sem);
	iommufd_model_assert(s.x >= 0);
	up_read(&s.sem);
}

START_TEST(accesses_under_one_lock_do_not_race)
{
	is_silent(under_m, under_m);
	is_silent(under_m, trying_m);
	is_silent(under_m, under_both);
	is_silent(under_spin, under_spin);
	is_silent(writer, writer);
	is_silent(writer, only_reads);
	is_silent(only_reads, only_reads);
}
END_TEST

START_TEST(accesses_under_two_locks_race)
{
	races(under_m, under_n);
	races(under_m, under_spin);
	races(under_spin, writer);
	races(behind_spin, under_spin);
}
END_TEST

START_TEST(readers_do_not_order_each_other)
{
	races(reader, reader);
	is_silent(reader, writer);
}
END_TEST

/* Allocations and the table of lock orders must not order the threads. */

static void allocating(void *data)
{
	(void)data;
	kfree(kzalloc(8, GFP_KERNEL));
	s.x++;
	kfree(kzalloc(8, GFP_KERNEL));
}

static void under_two(void *data)
{
	struct mutex mine, other;

	(void)data;
	mutex_init(&mine);
	mutex_init(&other);
	mutex_lock(&mine);
	mutex_lock(&other);
	s.x++;
	mutex_unlock(&other);
	mutex_unlock(&mine);
}

START_TEST(allocations_and_lock_orders_order_no_accesses)
{
	races(allocating, allocating);
	races(under_two, under_two);
}
END_TEST

/* The tests below and their functions are about flags. */

static void sets_flag(void *data)
{
	(void)data;
	s.number = 1;
	s.flag = 1;
}

static void looks_at_flag(void *data)
{
	(void)data;
	refcount_inc(&s.refs);
	iommufd_model_assert(s.flag >= 0);
}

static void writes_once(void *data)
{
	(void)data;
	WRITE_ONCE(s.flag, 1);
}

static void reads_once(void *data)
{
	(void)data;
	iommufd_model_assert(READ_ONCE(s.flag) >= 0);
}

static void fills_and_says(void *data)
{
	(void)data;
	s.number = 1;
	WRITE_ONCE(s.flag, 1);
}

static void believes_it(void *data)
{
	(void)data;
	if (READ_ONCE(s.flag))
		s.number++;
}

START_TEST(a_plain_flag_races_and_a_marked_one_does_not)
{
	races(sets_flag, looks_at_flag);
	races(writes_once, looks_at_flag);
	is_silent(writes_once, reads_once);
	is_silent(writes_once, writes_once);
	races(fills_and_says, believes_it);
}
END_TEST

/* The functions below publish an object and fill it only afterwards. */

static void publish_then_fill(void *data)
{
	(void)data;
	mutex_lock(&s.m);
	list_add(&s.obj->node, &s.list);
	mutex_unlock(&s.m);
	s.obj->inside = &s.number;
}

static void fill_then_publish(void *data)
{
	(void)data;
	s.obj->inside = &s.number;
	mutex_lock(&s.m);
	list_add(&s.obj->node, &s.list);
	mutex_unlock(&s.m);
}

static void walk(void *data)
{
	struct object *cur;

	(void)data;
	mutex_lock(&s.m);
	list_for_each_entry(cur, &s.list, node)
		(void)READ_ONCE(*cur->inside);
	mutex_unlock(&s.m);
}

START_TEST(publication_before_initialisation_races)
{
	races(publish_then_fill, walk);
	is_silent(fill_then_publish, walk);
}
END_TEST

/* The tests below and their functions are about counters. */

static void put(void *data)
{
	(void)data;
	if (iommufd_model_thread_number())
		s.obj->value = 1;
	else
		s.obj->inside = NULL;
	if (!refcount_dec_and_test(&s.obj->refs))
		return;
	s.obj->value++;
	kfree(s.obj);
	s.obj = NULL;
}

static void put_then_write(void *data)
{
	(void)data;
	if (!refcount_dec_and_test(&s.refs))
		s.x++;
}

static void incs(void *data)
{
	(void)data;
	s.x++;
	refcount_inc(&s.refs);
	s.x++;
}

START_TEST(a_last_put_orders_and_an_increment_does_not)
{
	is_silent(put, put);
	races(incs, incs);
	races(put_then_write, incs);
}
END_TEST

static void drops_two(void *data)
{
	(void)data;
	s.x++;
	(void)refcount_sub_and_test(2, &s.users);
}

static void waits_for_two(void *data)
{
	(void)data;
	iommufd_model_wait_zero(&s.users);
	s.x++;
}

static void wakes(void *data)
{
	(void)data;
	s.x++;
	if (refcount_sub_and_test(2, &s.users))
		wake_up(&s.wq);
}

static void sleeps(void *data)
{
	(void)data;
	wait_event(s.wq, !refcount_read(&s.users));
	s.x++;
}

START_TEST(a_wait_orders_what_came_before_the_wakeup)
{
	is_silent(drops_two, waits_for_two);
	is_silent(wakes, sleeps);
}
END_TEST

/* The tests below and their functions are about threads. */

static void adds(void *data)
{
	(void)data;
	s.x++;
}

static void spawns_and_joins(void *data)
{
	int child;

	(void)data;
	s.x++;
	child = iommufd_model_spawn("child", adds, NULL);
	iommufd_model_join(child);
	s.x++;
}

static void spawns_only(void *data)
{
	(void)data;
	s.x++;
	iommufd_model_spawn("child", adds, NULL);
}

static void spawns_and_adds(void *data)
{
	(void)data;
	iommufd_model_spawn("child", adds, NULL);
	s.x++;
}

static void does_nothing(void *data)
{
	(void)data;
}

static void reads_obj(void *data)
{
	(void)data;
	iommufd_model_assert(!s.obj->value);
}

START_TEST(spawn_and_join_order_a_child)
{
	is_silent(spawns_and_joins, does_nothing);
	is_silent(spawns_only, does_nothing);
	races(spawns_and_adds, does_nothing);
	is_silent(reads_obj, reads_obj);
	races(adds, adds);
}
END_TEST

/* The next execution reuses the memory. */
static void allocates_and_writes(void *data)
{
	int *memory = kzalloc(64, GFP_KERNEL);

	(void)data;
	memory[1] = 1;
	mutex_lock(&s.m);
	memory[2] = 2;
	mutex_unlock(&s.m);
	kfree(memory);
}

static void copies(void *data)
{
	char local[8] = "copied";

	(void)data;
	mutex_lock(&s.m);
	iommufd_model_assert(!copy_from_user(&s.number, local, 4));
	iommufd_model_assert(!copy_to_user(local, &s.number, 4));
	iommufd_model_assert(copy_from_user(&s.number, NULL, 4));
	mutex_unlock(&s.m);
}

START_TEST(reused_memory_and_user_copies_do_not_race)
{
	is_silent(allocates_and_writes, allocates_and_writes);
	is_silent(copies, copies);
}
END_TEST

/* The schedule that found a race finds it again. */
START_TEST(a_race_is_found_again)
{
	const struct iommufd_model_test test = {
		.name = "plain", .setup = setup, .after = after,
		.threads = { { "one", under_m }, { "other", under_n } },
	};
	struct iommufd_model_explore_options options = { .quiet = true };
	struct iommufd_model_explore_result found, again;

	ck_assert_int_eq(iommufd_model_explore(&test, &options, &found), 1);
	options.mode = IOMMUFD_MODEL_REPLAY;
	options.schedule = found.schedule;
	ck_assert_int_eq(iommufd_model_explore(&test, &options, &again), 1);
	ck_assert_int_eq(again.failure, RACE);
	iommufd_model_explore_free(&again);
	iommufd_model_explore_free(&found);
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("plain_races");
	TCase *tc = tcase_create("plain_races");

	tcase_add_test(tc, accesses_under_one_lock_do_not_race);
	tcase_add_test(tc, accesses_under_two_locks_race);
	tcase_add_test(tc, readers_do_not_order_each_other);
	tcase_add_test(tc, allocations_and_lock_orders_order_no_accesses);
	tcase_add_test(tc, a_plain_flag_races_and_a_marked_one_does_not);
	tcase_add_test(tc, publication_before_initialisation_races);
	tcase_add_test(tc, a_last_put_orders_and_an_increment_does_not);
	tcase_add_test(tc, a_wait_orders_what_came_before_the_wakeup);
	tcase_add_test(tc, spawn_and_join_order_a_child);
	tcase_add_test(tc, reused_memory_and_user_copies_do_not_race);
	tcase_add_test(tc, a_race_is_found_again);
	suite_add_tcase(suite, tc);
	return suite;
}

int main(void)
{
	return run_suite(suite());
}
