// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Watched code under locks that a thread has taken by a trylock, or shares: they
 * order accesses as other locks do, and the report of a race knows them.
 */
#include "suite.h"
#include <iommufd_model/kernel.h>

static struct {
	struct mutex mutex;
	spinlock_t spin;
	struct rw_semaphore sem;
	rwlock_t rw;
	int value;
} s;

static void setup(void *data)
{
	(void)data;
	memset(&s, 0, sizeof(s));
	mutex_init(&s.mutex);
	spin_lock_init(&s.spin);
	init_rwsem(&s.sem);
	rwlock_init(&s.rw);
}

static bool always(void)
{
	return true;
}

static bool lock_mutex(void) { return mutex_trylock(&s.mutex); }
static void unlock_mutex(void) { mutex_unlock(&s.mutex); }
static bool lock_spin(void) { return spin_trylock(&s.spin); }
static void unlock_spin(void) { spin_unlock(&s.spin); }
static bool lock_write(void) { return down_write_trylock(&s.sem); }
static void unlock_write(void) { up_write(&s.sem); }
static bool lock_read(void) { return down_read_trylock(&s.sem); }
static void unlock_read(void) { up_read(&s.sem); }
static bool lock_rw_write(void) { return write_trylock(&s.rw); }
static void unlock_rw_write(void) { write_unlock(&s.rw); }
static bool lock_rw_read(void) { return read_trylock(&s.rw); }
static void unlock_rw_read(void) { read_unlock(&s.rw); }

static bool wait_rw_write(void)
{
	write_lock(&s.rw);
	return true;
}

static bool wait_rw_read(void)
{
	read_lock(&s.rw);
	return true;
}

static bool lock_downgraded(void)
{
	down_write(&s.sem);
	downgrade_write(&s.sem);
	return true;
}

static void nothing(void)
{
}

static const struct kind {
	bool (*lock)(void);
	void (*unlock)(void);
	bool excludes;
} kinds[] = {
	{ lock_mutex, unlock_mutex, true },
	{ lock_spin, unlock_spin, true },
	{ lock_write, unlock_write, true },
	{ lock_rw_write, unlock_rw_write, true },
	{ lock_read, unlock_read, false },
	{ lock_rw_read, unlock_rw_read, false },
	/* It was taken for writing, which waits for all others. */
	{ lock_downgraded, unlock_read, true },
	{ wait_rw_write, unlock_rw_write, true },
	{ wait_rw_read, unlock_rw_read, false },
	{ always, nothing, false },
};

static const struct kind *mine, *other;

static void change(const struct kind *kind)
{
	if (!kind->lock())
		return;
	s.value++;
	kind->unlock();
}

static void first(void *data)
{
	(void)data;
	change(mine);
}

static void second(void *data)
{
	(void)data;
	change(other);
}

static const struct iommufd_model_test test = {
	.name = "locks", .setup = setup,
	.threads = { { "a", first }, { "b", second } },
};

static struct iommufd_model_explore_result result;

static int explore(void)
{
	struct iommufd_model_explore_options options = {
		.jobs = 1, .quiet = true,
	};

	iommufd_model_explore_free(&result);
	return iommufd_model_explore(&test, &options, &result);
}

START_TEST(a_lock_excludes_if_it_is_not_shared)
{
	mine = other = &kinds[_i];
	if (kinds[_i].excludes) {
		ck_assert_msg(!explore(), "%s", result.report);
		return;
	}
	ck_assert_int_eq(explore(), 1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_DATA_RACE);
}
END_TEST

START_TEST(a_lock_that_only_one_has_orders_nothing)
{
	mine = &kinds[_i];
	other = &kinds[ARRAY_SIZE(kinds) - 1];
	ck_assert_int_eq(explore(), 1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_DATA_RACE);
}
END_TEST

static const struct kind readers[][2] = {
	{ { lock_read, unlock_read, false },
	  { lock_read, unlock_read, false } },
	{ { wait_rw_read, unlock_rw_read, false },
	  { lock_rw_read, unlock_rw_read, false } },
	/* It no longer excludes when it has become a reader. */
	{ { lock_downgraded, unlock_read, false },
	  { lock_read, unlock_read, false } },
};

START_TEST(two_readers_are_told_that_one_must_be_a_writer)
{
	mine = &readers[_i][0];
	other = &readers[_i][1];
	ck_assert_int_eq(explore(), 1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_DATA_RACE);
	ck_assert_msg(strstr(result.report,
			     " for writing, which both held for reading"),
		      "%s", result.report);
}
END_TEST

/* The change is made too late, when the lock is free again. */
static bool unlock_too_early(void)
{
	write_lock(&s.rw);
	write_unlock(&s.rw);
	return true;
}

START_TEST(an_unlock_that_comes_too_early_is_named)
{
	static const struct kind early = { unlock_too_early, nothing, false };
	static const struct kind late = { wait_rw_read, unlock_rw_read, false };

	mine = &early;
	other = &late;
	ck_assert_int_eq(explore(), 1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_DATA_RACE);
	ck_assert_msg(strstr(result.report, "a also held s.rw, which b took"),
		      "%s", result.report);
	ck_assert_msg(strstr(result.report, "if a made its access before "),
		      "%s", result.report);
}
END_TEST

static Suite *locks_suite(void)
{
	Suite *suite = suite_create("watch_locks");
	TCase *tc = tcase_create("watch_locks");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, a_lock_excludes_if_it_is_not_shared, 0,
			    ARRAY_SIZE(kinds));
	tcase_add_loop_test(tc, two_readers_are_told_that_one_must_be_a_writer,
			    0, ARRAY_SIZE(readers));
	tcase_add_test(tc, an_unlock_that_comes_too_early_is_named);
	tcase_add_loop_test(tc, a_lock_that_only_one_has_orders_nothing, 0,
			    ARRAY_SIZE(kinds));
	return suite;
}

int main(void)
{
	return run_suite(locks_suite());
}
