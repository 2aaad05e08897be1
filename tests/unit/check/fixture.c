// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The fixture of check.h must fail a test that leaves something over or misuses
 * the ground.  A failed assertion of libcheck in an execution of the explorer
 * must be a failure of that execution.
 *
 * Each mistake is a test of an inner suite, which runs without output.  The
 * outer test looks at what libcheck has recorded about that inner test.
 */
#include <iommufd_model/check.h>
#include <iommufd_model/kernel.h>
#include "suite.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define WITH_ASAN 1
#endif
/*
 * AddressSanitizer ends the test after the warning, at the access itself, so
 * libcheck has no message of the fixture.
 */
#ifdef WITH_ASAN
#define FREED ""
#else
#define FREED "unexpected warnings"
#endif

static struct mutex mutex;
static spinlock_t lock;

START_TEST(nothing_wrong)
{
	iommufd_model_check_close(iommufd_model_check_open());
	kfree(kzalloc(32, GFP_KERNEL));
}
END_TEST

START_TEST(context_never_closed)
{
	iommufd_model_check_open();
}
END_TEST

START_TEST(memory_leaked)
{
	ck_assert(kzalloc(32, GFP_KERNEL));
}
END_TEST

START_TEST(counter_of_freed_memory)
{
	struct iommufd_object *obj = kzalloc(sizeof(*obj), GFP_KERNEL);

	refcount_set(&obj->users, 1);
	kfree(obj);
	refcount_inc(&obj->users);
}
END_TEST

START_TEST(lock_of_freed_memory)
{
	struct mutex *m = kzalloc(sizeof(*m), GFP_KERNEL);

	mutex_init(m);
	kfree(m);
	mutex_lock(m);
	mutex_unlock(m);
}
END_TEST

START_TEST(mutex_under_a_spinlock)
{
	mutex_init(&mutex);
	spin_lock_init(&lock);
	spin_lock(&lock);
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
	spin_unlock(&lock);
}
END_TEST

START_TEST(lock_left_held)
{
	mutex_init(&mutex);
	mutex_lock(&mutex);
}
END_TEST

START_TEST(freed_twice)
{
	void *p = kzalloc(32, GFP_KERNEL);

	kfree(p);
	kfree(p);
}
END_TEST

static char mapped[2 * PAGE_SIZE] __attribute__((aligned(4096)));

static void keep_pins(void *unused, unsigned long iova, unsigned long length)
{
	(void)unused;
	(void)iova;
	(void)length;
}

static const struct iommufd_access_ops keeper = {
	.needs_pin_pages = 1, .unmap = keep_pins,
};

/* Make an access to an IOAS in which the memory is mapped at PAGE_SIZE. */
static struct iommufd_access *make_access(struct iommufd_ctx *ictx, int fd)
{
	u32 ioas = iommufd_model_check_ioas(fd), id;
	struct iommufd_access *access =
		iommufd_access_create(ictx, &keeper, NULL, &id);

	ck_assert_int_eq(iommufd_model_check_map(fd, ioas, PAGE_SIZE, mapped,
						 sizeof(mapped)), 0);
	ck_assert_int_eq(iommufd_access_attach(access, ioas), 0);
	return access;
}

static struct iommufd_access *access_with_pin(struct iommufd_ctx *ictx, int fd)
{
	struct iommufd_access *access = make_access(ictx, fd);
	struct page *pages[2];

	ck_assert_int_eq(iommufd_access_pin_pages(access, PAGE_SIZE,
						  sizeof(mapped), pages, 0), 0);
	return access;
}

START_TEST(pins_left)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	int fd = iommufd_model_check_fd(ictx);

	iommufd_access_destroy(access_with_pin(ictx, fd));
}
END_TEST

START_TEST(pins_left_and_closed)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	int fd = iommufd_model_check_fd(ictx);

	iommufd_access_destroy(access_with_pin(ictx, fd));
	iommufd_model_check_close(ictx);
}
END_TEST

START_TEST(page_left_pinned)
{
	struct page *page;

	ck_assert_int_eq(pin_user_pages_fast((unsigned long)mapped, 1, 0,
					     &page), 1);
}
END_TEST

/* Not a mistake. */
START_TEST(pins_are_listed)
{
	const char *line = ": 0x1000 bytes at IOVA 0x2000 pinned "
			   "(pins_are_listed";
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommufd_access *access, *other;
	struct page *page;

	access = access_with_pin(ictx, iommufd_model_check_fd(ictx));
	other = make_access(ictx, iommufd_model_check_fd(ictx));
	ck_assert_int_eq(iommufd_access_pin_pages(other, 2 * PAGE_SIZE,
						  PAGE_SIZE, &page, 0), 0);
	ck_assert_int_eq(iommufd_access_pin_pages(other, 5 * PAGE_SIZE,
						  PAGE_SIZE, &page, 0), -ENOENT);
	ck_assert_ptr_nonnull(strstr(iommufd_model_check_pins(NULL), line));
	ck_assert_ptr_nonnull(strstr(iommufd_model_check_pins(other), line));
	ck_assert_ptr_nonnull(strstr(iommufd_model_check_holders(
		iommufd_model_check_object(ictx, 3)), line));
	ck_assert_ptr_null(strstr(iommufd_model_check_holders(
		iommufd_model_check_object(ictx, 1)), line));
	ck_assert_ptr_nonnull(strstr(iommufd_model_check_pins(access),
				     ": 0x2000 bytes at IOVA 0x1000"));
	iommufd_access_unpin_pages(other, 2 * PAGE_SIZE, PAGE_SIZE);
	ck_assert_str_eq(iommufd_model_check_pins(other), "");
	ck_assert_int_eq(iommufd_model_pins(NULL, NULL, NULL), 1);
	iommufd_access_unpin_pages(access, PAGE_SIZE, sizeof(mapped));
	ck_assert_int_eq(iommufd_model_pins(access, NULL, NULL), 0);
	ck_assert_int_eq(iommufd_model_pins(mapped, NULL, NULL), -ENOENT);
	iommufd_access_destroy(access);
	iommufd_access_destroy(other);
	iommufd_model_check_close(ictx);
}
END_TEST

static struct iommufd_ctx *explored_ctx;
static int explored_fd;

static void opens(void *unused)
{
	(void)unused;
	explored_fd = iommufd_model_open();
	explored_ctx = iommufd_ctx_from_fd(explored_fd);
	iommufd_ctx_put(explored_ctx);
}

static void keeps_a_pin(void *unused)
{
	(void)unused;
	iommufd_access_destroy(access_with_pin(explored_ctx, explored_fd));
}

static void pins_a_page(void *unused)
{
	struct page *page;

	(void)unused;
	pin_user_pages_fast((unsigned long)mapped, 1, 0, &page);
}

static void closes(void *unused)
{
	(void)unused;
	iommufd_model_close(explored_fd);
}

static void asserts_a_number(void *unused)
{
	(void)unused;
	ck_assert_int_eq(1, 2);
}

static void asserts_with_a_text(void *unused)
{
	(void)unused;
	ck_assert_msg(0, "number %d", 7);
}

static void ends(void *unused)
{
	(void)unused;
}

static void explore_this(void (*fn)(void *unused))
{
	struct iommufd_model_test test = {
		.name = "asserts", .threads = { { "a", fn }, { "b", ends } },
	};
	struct iommufd_model_explore_options options = { .quiet = true };

	ck_assert_explored_with(&test, &options);
}

START_TEST(assertion_in_a_thread)
{
	explore_this(asserts_a_number);
}
END_TEST

START_TEST(text_in_a_thread)
{
	explore_this(asserts_with_a_text);
}
END_TEST

/* Explore a test that fails, and check that its report has @text. */
static void explore_left(void (*fn)(void *unused),
			 enum iommufd_model_failure failure, const char *text)
{
	struct iommufd_model_test test = {
		.name = "left", .setup = opens, .after = closes,
		.threads = { { "a", fn } },
	};
	struct iommufd_model_explore_options options = { .report = tmpfile() };
	struct iommufd_model_explore_result result;
	char report[8192];

	ck_assert_ptr_nonnull(options.report);
	ck_assert_int_eq(iommufd_model_explore_observed(&test, &options,
							&result), 1);
	ck_assert_int_eq(result.failure, failure);
	iommufd_model_explore_free(&result);
	rewind(options.report);
	report[fread(report, 1, sizeof(report) - 1, options.report)] = 0;
	ck_assert_msg(strstr(report, text), "no \"%s\" in:\n%s", text, report);
	fclose(options.report);
}

START_TEST(report_of_pins)
{
	explore_left(keeps_a_pin, IOMMUFD_MODEL_FAIL_WARN,
		     "Pinned at the end:\n  access 2: 0x2000 bytes at IOVA "
		     "0x1000, pinned in access_with_pin fixture.c:");
	explore_left(pins_a_page, IOMMUFD_MODEL_FAIL_LEAK,
		     "\n  1 page is still pinned\n");
}
END_TEST

/* Not a mistake: what a test does most of the time. */
START_TEST(ioas_and_map)
{
	static char memory[2 * PAGE_SIZE] __attribute__((aligned(4096)));
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	int fd = iommufd_model_check_fd(ictx);
	u32 id = iommufd_model_check_ioas(fd);

	ck_assert_int_eq(iommufd_model_check_map(fd, id, PAGE_SIZE, memory,
						 sizeof(memory)), 0);
	ck_assert_int_eq(iommufd_model_check_map(fd, id, PAGE_SIZE, memory,
						 sizeof(memory)), -EEXIST);
	ck_assert_int_eq(iommufd_model_check_unmap(fd, id, PAGE_SIZE,
						   PAGE_SIZE), -ENOENT);
	ck_assert_int_eq(iommufd_model_check_unmap(fd, id, PAGE_SIZE,
						   sizeof(memory)), 0);
	ck_assert_uint_eq(iommufd_model_check_object(ictx, id)->id, id);
	ck_assert_users(iommufd_model_check_object(ictx, id), 1);
	ck_assert_int_eq(iommufd_model_check_destroy(fd, id), 0);
	ck_assert_int_eq(iommufd_model_check_destroy(fd, id), -ENOENT);
	iommufd_model_check_close(ictx);
}
END_TEST

START_TEST(ioas_of_no_context)
{
	iommufd_model_check_ioas(-1);
}
END_TEST

START_TEST(object_that_is_not_there)
{
	iommufd_model_check_object(iommufd_model_check_open(), 77);
}
END_TEST

/*
 * struct mistake - a test of the inner suite
 * @message: what libcheck says about the test; NULL if the test passes
 */
static const struct mistake {
	const TTest *const *test;
	const char *message;
} mistakes[] = {
	{ &nothing_wrong, NULL },
	{ &ioas_and_map, NULL },
	{ &pins_are_listed, NULL },
	{ &pins_left, "\n    access 2: 0x2000 bytes at IOVA 0x1000 pinned "
		      "(access_with_pin, " },
	{ &pins_left_and_closed, "unexpected warnings, printed above\n"
				 "    access 2: 0x2000 bytes at IOVA 0x1000 " },
	{ &page_left_pinned, "1 page is still pinned" },
	{ &ioas_of_no_context, "IOMMU_IOAS_ALLOC: error 9" },
	{ &object_that_is_not_there, "there is no object 77" },
	{ &context_never_closed, "ctx" },
	{ &memory_leaked, "32 bytes (memory_leaked" },
	{ &counter_of_freed_memory, FREED },
	{ &lock_of_freed_memory, FREED },
	{ &mutex_under_a_spinlock, "1 unexpected warnings" },
	{ &lock_left_held, "1 locks still held" },
	{ &freed_twice, "1 unexpected warnings" },
	{ &assertion_in_a_thread, "Assertion '1 == 2' failed: 1 == 1, 2 == 2" },
	{ &text_in_a_thread, "number 7" },
};

static SRunner *run_inner(const TTest *test)
{
	Suite *suite = suite_create("inner");
	TCase *tc = tcase_create("inner");
	SRunner *runner;

	tcase_add_checked_fixture(tc, iommufd_model_check_setup,
				  iommufd_model_check_teardown);
	tcase_add_test(tc, test);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_SILENT);
	return runner;
}

START_TEST(fixture_finds)
{
	const struct mistake *mistake = &mistakes[_i];
	SRunner *runner = run_inner(*mistake->test);
	TestResult **results = srunner_results(runner);

	if (!mistake->message)
		ck_assert_int_eq(srunner_ntests_failed(runner), 0);
	else
		ck_assert_msg(srunner_ntests_failed(runner) == 1 &&
				      strstr(tr_msg(results[0]),
					     mistake->message),
			      "not \"%s\" but: %s", mistake->message,
			      tr_msg(results[0]));
	free(results);
	srunner_free(runner);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("check.h");

	tcase_add_loop_test(case_with(suite, "fixture", NULL, NULL),
			    fixture_finds, 0, ARRAY_SIZE(mistakes));
	tcase_add_test(case_with(suite, "explored", NULL, NULL), report_of_pins);
	return run_suite(suite);
}
