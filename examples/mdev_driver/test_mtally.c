// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Tests of mtally, first with one thread, and then with concurrent calls, in
 * every interleaving.
 */
#include "mtally.h"
#include <iommufd_model/check.h>
#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/kernel.h>
#include <stdlib.h>

#define must(cond) iommufd_model_assert(cond)

#define IOVA 0x100000
enum { IOAS = 1, HANDLE = 7 };

static u64 page[PAGE_SIZE / sizeof(u64)] __attribute__((aligned(4096)));
static struct mtally *mdev;
static int fd, got[2];

/* The calls of user space. */

static int map_page(void)
{
	return iommufd_model_check_map(fd, IOAS, IOVA, page, PAGE_SIZE);
}

static int unmap_page(void)
{
	return iommufd_model_check_unmap(fd, IOAS, IOVA, PAGE_SIZE);
}

/* Open a context with an IOAS and a page, and attach the device to it. */
static void setup_attached(void *unused)
{
	struct iommufd_ctx *ictx;

	memset(page, 0, sizeof(page));
	fd = iommufd_model_open();
	must((int)iommufd_model_check_ioas(fd) == IOAS && !map_page());
	ictx = iommufd_ctx_from_fd(fd);
	mdev = mtally_open(ictx, HANDLE);
	iommufd_ctx_put(ictx);
	must(!IS_ERR(mdev) && !mtally_attach(mdev, IOAS));
}

static void setup(void *unused)
{
	setup_attached(unused);
	must(!mtally_set_page(mdev, IOVA));
}

static void close_user(void *unused)
{
	must(!iommufd_model_close(fd));
	must(!iommufd_model_pinned());
}

static void close_all(void *unused)
{
	mtally_close(mdev);
	rcu_barrier();
	close_user(unused);
}

/* One thread */

START_TEST(a_kick_counts_in_the_page_of_the_guest)
{
	setup(NULL);
	ck_assert(mtally_kick(HANDLE));
	flush_scheduled_work();
	ck_assert(mtally_kick(HANDLE));
	flush_scheduled_work();
	ck_assert_uint_eq(page[0], 2);
	ck_assert(!mtally_kick(HANDLE + 1));
	close_all(NULL);
	ck_assert(!mtally_kick(HANDLE));
}
END_TEST

START_TEST(an_open_device_keeps_the_ioas_and_gives_its_page_back)
{
	setup(NULL);
	ck_assert_int_eq(iommufd_model_check_destroy(fd, IOAS), -EBUSY);
	ck_assert_int_eq(mtally_set_page(mdev, IOVA), -EBUSY);
	ck_assert_int_eq(unmap_page(), 0);
	ck_assert_uint_eq(iommufd_model_pinned(), 0);
	ck_assert(mtally_kick(HANDLE));
	flush_scheduled_work();
	ck_assert_uint_eq(page[0], 0);
	close_all(NULL);
}
END_TEST

static int open_and_close(void)
{
	struct iommufd_ctx *ictx = iommufd_ctx_from_fd(fd);
	struct mtally *other = mtally_open(ictx, HANDLE);
	int rc = PTR_ERR_OR_ZERO(other);

	iommufd_ctx_put(ictx);
	if (rc)
		return rc;
	rc = mtally_attach(other, IOAS);
	rc = rc ? rc : mtally_set_page(other, IOVA);
	mtally_close(other);
	return rc;
}

START_TEST(every_allocation_may_fail)
{
	int n, rc;

	fd = iommufd_model_open();
	ck_assert_int_eq((int)iommufd_model_check_ioas(fd), IOAS);
	ck_assert_int_eq(map_page(), 0);
	for (n = 1;; n++) {
		iommufd_model_fail_nth((unsigned int)n);
		rc = open_and_close();
		if (!iommufd_model_failed())
			break;
		ck_assert_int_eq(rc, -ENOMEM);
	}
	iommufd_model_fail_nth(0);
	ck_assert_int_gt(n, 3);
	ck_assert_int_eq(rc, 0);
	rcu_barrier();
	close_user(NULL);
}
END_TEST

/* Threads */

static void kicks(void *unused)
{
	got[0] = mtally_kick(HANDLE);
}

static void kicks_too(void *unused)
{
	mtally_kick(HANDLE);
}

static void closes(void *unused)
{
	mtally_close(mdev);
}

static void unmaps(void *unused)
{
	got[1] = unmap_page();
}

static void sets_page(void *unused)
{
	got[0] = mtally_set_page(mdev, IOVA);
}

static void closes_fd(void *unused)
{
	must(!iommufd_model_close(fd));
}

static void closed_by_thread(void *unused)
{
	rcu_barrier();
	must(page[0] <= 1);
	close_user(unused);
}

static void both_closed_by_threads(void *unused)
{
	rcu_barrier();
	must(!iommufd_model_pinned());
}

/* The work item ran before the unmap, or has found no page. */
static void unmapped(void *unused)
{
	must(got[0] && !got[1]);
	must(page[0] <= 1);
	close_all(unused);
}

static void counted(void *unused)
{
	flush_scheduled_work();
	must(page[0] == 1 || page[0] == 2);
	close_all(unused);
}

static void set_or_unmapped(void *unused)
{
	must(got[0] == 0 || got[0] == -ENOENT);
	must(!got[1]);
	close_all(unused);
}

static const struct iommufd_model_test tests[] = {
	{
		.name = "kick against close",
		.setup = setup,
		.threads = { { "kick", kicks }, { "close", closes } },
		.after = closed_by_thread,
	}, {
		.name = "kick against unmap",
		.setup = setup,
		.threads = { { "kick", kicks }, { "unmap", unmaps } },
		.after = unmapped,
	}, {
		.name = "unmap against close",
		.setup = setup,
		.threads = { { "unmap", unmaps }, { "close", closes } },
		.after = closed_by_thread,
	}, {
		.name = "two kicks",
		.setup = setup,
		.threads = { { "kick", kicks }, { "another", kicks_too } },
		.after = counted,
	}, {
		.name = "set_page against unmap",
		.setup = setup_attached,
		.threads = { { "set_page", sets_page }, { "unmap", unmaps } },
		.after = set_or_unmapped,
	}, {
		.name = "close against close of the ctx",
		.setup = setup,
		.threads = { { "close", closes }, { "user", closes_fd } },
		.after = both_closed_by_threads,
	}, {
		.name = "kick, unmap and close",
		.setup = setup,
		.threads = { { "kick", kicks }, { "unmap", unmaps },
			     { "close", closes } },
		.after = closed_by_thread,
	},
};

START_TEST(every_interleaving)
{
	ck_assert_explored(&tests[_i]);
}
END_TEST

/* The test program */

static void add(Suite *suite, const char *name, const TTest *test, int i)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, iommufd_model_check_setup,
				  iommufd_model_check_teardown);
	/* No time limit: the explorer itself reports a hang. */
	tcase_set_timeout(tc, 0);
	tcase_add_loop_test(tc, test, i, i + 1);
	suite_add_tcase(suite, tc);
}

/* CK_RUN_CASE=NAME runs one of the tests. */
int main(void)
{
	Suite *suite = suite_create("mtally");
	SRunner *runner = srunner_create(suite);
	int i, failed;

	add(suite, "kicks", a_kick_counts_in_the_page_of_the_guest, 0);
	add(suite, "unmap",
	    an_open_device_keeps_the_ioas_and_gives_its_page_back, 0);
	add(suite, "allocations", every_allocation_may_fail, 0);
	for (i = 0; i < (int)ARRAY_SIZE(tests); i++)
		add(suite, tests[i].name, every_interleaving, i);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
