// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Reports: the kind of misuse that a program reads, and reports that are made
 * only once.
 */
#include "ground_suite.h"
#include <unistd.h>

static struct mutex a, b;
static struct rw_semaphore sem;

static void setup(void)
{
	ground_setup();
	mutex_init(&a);
	mutex_init(&b);
	init_rwsem(&sem);
}

static void plain(void)
{
	WARN_ON(1);
}

static void own_text(void)
{
	WARN(1, "text");
}

static void named(void)
{
	iommufd_model_warn_on(1, &a);
}

static void count_from_zero(void)
{
	refcount_t r = REFCOUNT_INIT(0);

	refcount_inc(&r);
}

static void count_poisoned(void)
{
	refcount_t r = REFCOUNT_INIT(REFCOUNT_SATURATED);

	refcount_dec(&r);
}

static void free_in_wrong_family(void)
{
	kfree(kvzalloc(8, GFP_KERNEL));
}

static void free_of_no_allocation(void)
{
	static char room[256];

	kfree(&room[128]);
}

static void unlock_of_free(void)
{
	mutex_unlock(&a);
}

static void use_before_init(void)
{
	struct mutex m = { .owner = 0 };

	mutex_lock(&m);
	mutex_unlock(&m);
}

static void destroy_of_held(void)
{
	mutex_lock(&a);
	mutex_destroy(&a);
	mutex_unlock(&a);
}

static void free_of_held(void)
{
	struct mutex *m = kzalloc(sizeof(*m), GFP_KERNEL);

	mutex_init(m);
	mutex_lock(m);
	kfree(m);
	/*
	 * The memory with the lock has been freed, so forget that the thread
	 * holds the lock.
	 */
	iommufd_model_task->nr_held = 0;
}

static void not_held(void)
{
	lockdep_assert_held(&a);
}

static void held(void)
{
	mutex_lock(&a);
	lockdep_assert_not_held(&a);
	mutex_unlock(&a);
}

static void held_for_reading(void)
{
	down_read(&sem);
	lockdep_assert_held_write(&sem);
	up_read(&sem);
}

static void wrong_side(void)
{
	down_read(&sem);
	up_write(&sem);
}

static void inversion(void)
{
	mutex_lock(&a);
	mutex_lock(&b);
	mutex_unlock(&b);
	mutex_unlock(&a);
	mutex_lock(&b);
	mutex_lock(&a);
	mutex_unlock(&a);
	mutex_unlock(&b);
}

static void self_deadlock(void)
{
	mutex_lock(&a);
	mutex_lock(&a);
	mutex_unlock(&a);
	mutex_unlock(&a);
}

#define KIND(kind) IOMMUFD_MODEL_MISUSE_##kind

static const struct {
	void (*fn)(void);
	enum iommufd_model_misuse misuse;
} kinds[] = {
	{ plain, KIND(WARN) },
	{ own_text, KIND(WARN) },
	{ named, KIND(WARN) },
	{ count_from_zero, KIND(REFCOUNT) },
	{ count_poisoned, KIND(REFCOUNT) },
	{ free_in_wrong_family, KIND(ALLOCATOR) },
	{ free_of_no_allocation, KIND(ALLOCATOR) },
	{ unlock_of_free, KIND(LOCK) },
	{ use_before_init, KIND(LOCK) },
	{ destroy_of_held, KIND(LOCK) },
	{ free_of_held, KIND(LOCK) },
	{ not_held, KIND(LOCK) },
	{ held, KIND(LOCK) },
	{ held_for_reading, KIND(LOCK) },
	{ wrong_side, KIND(LOCK) },
	{ inversion, KIND(LOCK_ORDER) },
	{ self_deadlock, KIND(SELF_DEADLOCK) },
};

START_TEST(report_tells_its_kind)
{
	ck_assert_warns("", kinds[_i].fn());
	ck_assert_int_eq(seen.severity, IOMMUFD_MODEL_WARNING);
	ck_assert_int_eq(seen.misuse, kinds[_i].misuse);
}
END_TEST

START_TEST(log_message_has_no_kind_of_misuse)
{
	catch_reports();
	pr_crit("no mistake");
	release_reports();
	ck_assert_int_eq(seen.severity, IOMMUFD_MODEL_CRITICAL);
	ck_assert_int_eq(seen.misuse, IOMMUFD_MODEL_MISUSE_WARN);
}
END_TEST

static bool once(bool cond)
{
	return WARN_ON_ONCE(cond);
}

START_TEST(once_reports_once_and_holds_always)
{
	catch_reports();
	ck_assert(!once(false));
	ck_assert_uint_eq(seen.nr, 0);
	ck_assert(once(true));
	ck_assert(once(true));
	ck_assert_uint_eq(seen.nr, 1);
	release_reports();
}
END_TEST

START_TEST(once_reports_again_after_a_reset)
{
	ck_assert_warns("cond", once(true));
	/* The reset above lets it report again. */
	ck_assert_warns("cond", once(true); once(true));
}
END_TEST

/* Returns what @fn prints to standard error. */
static const char *printed(void (*fn)(void))
{
	static char said[400];
	FILE *to = tmpfile();
	int was = dup(2);
	size_t n;

	fflush(stderr);
	dup2(fileno(to), 2);
	fn();
	fflush(stderr);
	dup2(was, 2);
	close(was);
	rewind(to);
	n = fread(said, 1, sizeof(said) - 1, to);
	said[n] = 0;
	fclose(to);
	return said;
}

/* One function for each first word of the line. */
static void says_emerg(void)
{
	pr_emerg("a message\n");
}

static void says_alert(void)
{
	pr_alert("a message\n");
}

static void says_critical(void)
{
	pr_crit("a message\n");
}

static void says_err(void)
{
	pr_err("a message\n");
}

static void says_warn(void)
{
	pr_warn("a message\n");
}

static void says_notice(void)
{
	pr_notice("a message\n");
}

static void says_info(void)
{
	pr_info("a message\n");
}

static void says_WARNING(void)
{
	WARN(1, "a message\n");
}

#define SAYS(head) { says_ ## head, #head, "says_" #head }

static const struct {
	void (*fn)(void);
	const char *head, *name;
} heads[] = {
	SAYS(emerg), SAYS(alert), SAYS(critical), SAYS(err), SAYS(warn),
	SAYS(notice), SAYS(info), SAYS(WARNING),
};

START_TEST(report_that_nobody_takes_is_a_line_on_standard_error)
{
	char line[200];
	int n;

	n = snprintf(line, sizeof(line), "iommufd-model: %s: a message [%s, ",
		     heads[_i].head, heads[_i].name);
	iommufd_model_set_sink(NULL, NULL);
	ck_assert_msg(!strncmp(printed(heads[_i].fn), line, (size_t)n), "%s",
		      line);
	iommufd_model_reset_warnings();
}
END_TEST

static u32 *item;
static int warned_in_line;

static void warns_about_an_object(void)
{
	warned_in_line = __LINE__ + 1;
	iommufd_model_warn_on(1, item);
}

START_TEST(report_names_its_object_and_its_place)
{
	static const struct iommufd_model_label label = { "item", 4 };
	const char *text;
	char end[100];

	item = kzalloc(2 * sizeof(*item), GFP_KERNEL);
	item[1] = 7;
	iommufd_model_label(item, &label);
	iommufd_model_set_sink(NULL, NULL);
	text = printed(warns_about_an_object);
	ck_assert_msg(strstr(text, ", item 7 [warns_about_an_object, "), "%s",
		      text);
	snprintf(end, sizeof(end), "bug.c:%d]\n", warned_in_line);
	ck_assert_msg(strstr(text, end), "%s is not in %s", end, text);
	iommufd_model_reset_warnings();
	kfree(item);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ground_bug");
	TCase *tc = tcase_create("bug");

	tcase_add_checked_fixture(tc, setup, ground_teardown);
	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, report_tells_its_kind, 0, ARRAY_SIZE(kinds));
	tcase_add_test(tc, log_message_has_no_kind_of_misuse);
	tcase_add_test(tc, once_reports_once_and_holds_always);
	tcase_add_test(tc, once_reports_again_after_a_reset);
	tcase_add_loop_test(tc,
			    report_that_nobody_takes_is_a_line_on_standard_error,
			    0, ARRAY_SIZE(heads));
	tcase_add_test(tc, report_names_its_object_and_its_place);
	return run_suite(suite);
}
