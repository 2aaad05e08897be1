// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Tests of the doorbell: which references exist, in which order the objects are
 * released, what is left when a creation fails, and then two and three threads
 * in every order.
 *
 * Each test has an IOAS with two pages in it, a doorbell that may be a source,
 * and perhaps a second one that listens to the first.  Ids are allocated from
 * 1, lowest first; the access of a doorbell has the id after the doorbell's.
 */
#include "doorbell.h"
#include "register.h"
#include <iommufd_model/check.h>
#include <stdlib.h>

#define must(cond) iommufd_model_assert(cond)

#define IOVA 0x100000
enum { NO_SOURCE = 0, IOAS = 1, SOURCE = 2, LISTENER = 4, NEW = LISTENER };

/* Two pages; the first u64 of each is a doorbell's counter. */
static u64 pages[2][PAGE_SIZE / sizeof(u64)] __attribute__((aligned(4096)));
static int fd;

/* The calls of user space. */

static int map_page(unsigned int n)
{
	return iommufd_model_check_map(fd, IOAS, IOVA + n * PAGE_SIZE, pages[n],
				       PAGE_SIZE);
}

static int unmap_page(unsigned int n)
{
	return iommufd_model_check_unmap(fd, IOAS, IOVA + n * PAGE_SIZE,
					 PAGE_SIZE);
}

/* Make a doorbell whose counter is in page @n.  Returns its id. */
static int make(u32 source, unsigned int n)
{
	struct iommu_doorbell_alloc cmd = {
		.size = sizeof(cmd),
		.ioas_id = IOAS,
		.source_id = source,
		.iova = IOVA + n * PAGE_SIZE,
	};
	int rc = iommufd_model_ioctl(fd, IOMMU_DOORBELL_ALLOC, &cmd);

	return rc ? rc : (int)cmd.out_doorbell_id;
}

/* Ring a doorbell.  Returns the number of doorbells that rang. */
static int ring(u32 id)
{
	struct iommu_doorbell_ring cmd = {
		.size = sizeof(cmd), .doorbell_id = id,
	};
	int rc = iommufd_model_ioctl(fd, IOMMU_DOORBELL_RING, &cmd);

	return rc ? rc : (int)cmd.out_rung;
}

/* Open a context with IOAS 1, in which both pages are mapped. */
static struct iommufd_ctx *open_ioas(void)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();

	memset(pages, 0, sizeof(pages));
	fd = iommufd_model_check_fd(ictx);
	ck_assert_int_eq((int)iommufd_model_check_ioas(fd), IOAS);
	ck_assert_int_eq(map_page(0), 0);
	ck_assert_int_eq(map_page(1), 0);
	return ictx;
}

static void close_clean(struct iommufd_ctx *ictx)
{
	iommufd_model_check_close(ictx);
	ck_assert_no_leaks(ictx);
	ck_assert_uint_eq(iommufd_model_pinned(), 0);
}

/* References */

START_TEST(doorbell_holds_its_access_and_the_access_holds_the_ioas)
{
	struct iommufd_ctx *ictx = open_ioas();
	unsigned int refs;

	ck_assert_int_eq(make(NO_SOURCE, 0), SOURCE);
	ck_assert_users(iommufd_model_check_object(ictx, SOURCE), 1);
	ck_assert_shortterm(iommufd_model_check_object(ictx, SOURCE), 1);
	ck_assert_users(iommufd_model_check_object(ictx, SOURCE + 1), 2);
	ck_assert_users(iommufd_model_check_object(ictx, IOAS), 2);
	ck_assert_shortterm(iommufd_model_check_object(ictx, IOAS), 1);
	refs = file_count(ictx->file);
	ck_assert_uint_eq(refs, 1);
	ck_assert_int_eq(iommufd_model_check_destroy(fd, SOURCE + 1), -EBUSY);
	ck_assert_int_eq(iommufd_model_check_destroy(fd, IOAS), -EBUSY);

	ck_assert_int_eq(iommufd_model_check_destroy(fd, SOURCE), 0);
	ck_assert_users(iommufd_model_check_object(ictx, IOAS), 1);
	ck_assert_int_eq(iommufd_model_check_destroy(fd, IOAS), 0);
	close_clean(ictx);
}
END_TEST

START_TEST(listener_holds_its_source_and_no_object_holds_a_listener)
{
	struct iommufd_ctx *ictx = open_ioas();

	ck_assert_int_eq(make(NO_SOURCE, 0), SOURCE);
	ck_assert_int_eq(make(SOURCE, 1), LISTENER);
	ck_assert_users(iommufd_model_check_object(ictx, SOURCE), 2);
	ck_assert_shortterm(iommufd_model_check_object(ictx, SOURCE), 1);
	ck_assert_users(iommufd_model_check_object(ictx, LISTENER), 1);
	ck_assert_int_eq(iommufd_model_check_destroy(fd, SOURCE), -EBUSY);

	ck_assert_int_eq(iommufd_model_check_destroy(fd, LISTENER), 0);
	ck_assert_users(iommufd_model_check_object(ictx, SOURCE), 1);
	ck_assert_int_eq(iommufd_model_check_destroy(fd, SOURCE), 0);
	close_clean(ictx);
}
END_TEST

START_TEST(page_stays_mapped_while_the_doorbell_lives)
{
	struct iommufd_ctx *ictx = open_ioas();

	ck_assert_int_eq(make(NO_SOURCE, 0), SOURCE);
	ck_assert_int_eq(unmap_page(0), -EBUSY);
	ck_assert_int_eq(iommufd_model_check_destroy(fd, SOURCE), 0);
	ck_assert_int_eq(unmap_page(0), 0);
	close_clean(ictx);
}
END_TEST

/* Ringing */

START_TEST(ring_increments_the_counter_and_those_of_the_listeners)
{
	struct iommufd_ctx *ictx = open_ioas();

	make(NO_SOURCE, 0);
	make(SOURCE, 1);
	ck_assert_int_eq(ring(SOURCE), 2);
	ck_assert_int_eq(ring(LISTENER), 1);
	ck_assert_uint_eq(pages[0][0], 1);
	ck_assert_uint_eq(pages[1][0], 2);
	ck_assert_int_eq(iommufd_model_check_destroy(fd, LISTENER), 0);
	ck_assert_int_eq(ring(SOURCE), 1);
	ck_assert_int_eq(ring(LISTENER), -ENOENT);
	ck_assert_int_eq(ring(IOAS), -ENOENT);
	ck_assert_uint_eq(pages[0][0], 2);
	ck_assert_uint_eq(pages[1][0], 2);
	close_clean(ictx);
}
END_TEST

/* Release */

START_TEST(close_releases_listener_source_ioas_in_this_order)
{
	struct iommufd_object *listener, *source, *access, *ioas;
	struct iommufd_ctx *ictx = open_ioas();

	make(NO_SOURCE, 0);
	make(SOURCE, 1);
	ioas = iommufd_model_check_object(ictx, IOAS);
	source = iommufd_model_check_object(ictx, SOURCE);
	access = iommufd_model_check_object(ictx, SOURCE + 1);
	listener = iommufd_model_check_object(ictx, LISTENER);
	iommufd_model_check_close(ictx);
	ck_assert_no_leaks(ictx);
	ck_assert_released_before(listener, source);
	ck_assert_released_before(access, source);
	ck_assert_released_before(source, ioas);
	ck_assert_uint_eq(iommufd_model_pinned(), 0);
}
END_TEST

/* Errors */

START_TEST(every_bad_argument_has_its_errno)
{
	static const struct {
		u32 flags, reserved, ioas, source;
		u64 iova;
		int error;
	} bad[] = {
		{ 1, 0, IOAS, SOURCE, IOVA, -EOPNOTSUPP },
		{ 0, 1, IOAS, SOURCE, IOVA, -EOPNOTSUPP },
		{ 0, 0, IOAS, SOURCE, IOVA + 4, -EINVAL },
		{ 0, 0, 99, SOURCE, IOVA, -ENOENT },
		{ 0, 0, SOURCE, SOURCE, IOVA, -ENOENT },
		{ 0, 0, IOAS, 99, IOVA, -ENOENT },
		{ 0, 0, IOAS, IOAS, IOVA, -ENOENT },
		{ 0, 0, IOAS, LISTENER, IOVA, -EINVAL },
		{ 0, 0, IOAS, SOURCE, IOVA + sizeof(pages), -ENOENT },
	};
	struct iommufd_ctx *ictx = open_ioas();
	size_t i;

	make(NO_SOURCE, 0);
	make(SOURCE, 1);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		struct iommu_doorbell_alloc cmd = {
			.size = sizeof(cmd),
			.flags = bad[i].flags,
			.ioas_id = bad[i].ioas,
			.source_id = bad[i].source,
			.iova = bad[i].iova,
			.__reserved = bad[i].reserved,
		};
		int rc = iommufd_model_ioctl(fd, IOMMU_DOORBELL_ALLOC, &cmd);

		ck_assert_msg(rc == bad[i].error, "row %zu: %d", i, rc);
	}
	ck_assert_users(iommufd_model_check_object(ictx, SOURCE), 2);
	ck_assert_users(iommufd_model_check_object(ictx, IOAS), 3);
	close_clean(ictx);
}
END_TEST

/* Make a doorbell with a request in read-only memory. */
static int make_without_response(void)
{
	static const struct iommu_doorbell_alloc cmd = {
		.size = sizeof(cmd), .ioas_id = IOAS, .source_id = SOURCE,
		.iova = IOVA + PAGE_SIZE,
	};

	return iommufd_model_ioctl(fd, IOMMU_DOORBELL_ALLOC, (void *)&cmd);
}

/* Copying the response is the last step: all others must be undone. */
START_TEST(failed_response_leaves_no_reference)
{
	struct iommufd_ctx *ictx = open_ioas();

	make(NO_SOURCE, 0);
	ck_assert_int_eq(make_without_response(), -EFAULT);
	ck_assert_users(iommufd_model_check_object(ictx, SOURCE), 1);
	ck_assert_users(iommufd_model_check_object(ictx, IOAS), 2);
	ck_assert_uint_eq(iommufd_model_pinned(), 1);
	ck_assert_int_eq(ring(SOURCE), 1);
	ck_assert_int_eq(make(SOURCE, 1), NEW);
	close_clean(ictx);
}
END_TEST

/* _i is 0: the n-th allocation fails.  _i is 1: all from the n-th on fail. */
START_TEST(every_allocation_may_fail)
{
	struct iommufd_ctx *ictx = open_ioas();
	unsigned long n, before, failed;
	int rc;

	make(NO_SOURCE, 0);
	before = iommufd_model_leaks(0, NULL, NULL);
	for (n = 1;; n++) {
		if (_i)
			iommufd_model_fail_from(n);
		else
			iommufd_model_fail_nth(n);
		rc = make(SOURCE, 1);
		failed = iommufd_model_failed();
		iommufd_model_fail_nth(0);
		if (!failed)
			break;
		ck_assert_int_eq(rc, -ENOMEM);
		ck_assert_users(iommufd_model_check_object(ictx, SOURCE), 1);
		ck_assert_users(iommufd_model_check_object(ictx, IOAS), 2);
		ck_assert_uint_eq(iommufd_model_pinned(), 1);
		ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), before);
	}
	ck_assert_int_eq(rc, NEW);
	/* At least its object and its access are allocated. */
	ck_assert_uint_gt(n, 2);
	close_clean(ictx);
}
END_TEST

/*
 * Tests with several threads.  Each thread stores the result of its call in
 * got[], at its own number.
 */

static int got[3];
#define my_got got[iommufd_model_thread_number()]

static void setup_ioas(void *unused)
{
	(void)unused;
	memset(pages, 0, sizeof(pages));
	got[0] = got[1] = got[2] = 1;
	fd = iommufd_model_open();
	must(fd >= 0);
	must((int)iommufd_model_check_ioas(fd) == IOAS);
	must(!map_page(0) && !map_page(1));
}

static void setup_source(void *unused)
{
	setup_ioas(unused);
	must(make(NO_SOURCE, 0) == SOURCE);
}

static void setup_listener(void *unused)
{
	setup_source(unused);
	must(make(SOURCE, 1) == LISTENER);
}

static void makes_source(void *unused)
{
	(void)unused;
	my_got = make(NO_SOURCE, 0);
}

static void makes_listener(void *unused)
{
	(void)unused;
	my_got = make(SOURCE, 1);
}

static void makes_and_fails(void *unused)
{
	(void)unused;
	my_got = make_without_response();
}

static void rings_source(void *unused)
{
	(void)unused;
	my_got = ring(SOURCE);
}

static void rings_listener(void *unused)
{
	(void)unused;
	my_got = ring(LISTENER);
}

static void destroys_source(void *unused)
{
	(void)unused;
	my_got = iommufd_model_check_destroy(fd, SOURCE);
}

/* The doorbell may not be finalized yet: user space can guess its id. */
static void destroys_listener(void *unused)
{
	(void)unused;
	my_got = iommufd_model_check_destroy(fd, LISTENER);
}

static void destroys_ioas(void *unused)
{
	(void)unused;
	my_got = iommufd_model_check_destroy(fd, IOAS);
}

static void unmaps(void *unused)
{
	(void)unused;
	my_got = unmap_page(0);
}

/* After a successful unmap, user space uses the page for other data. */
static void unmaps_the_listeners_page(void *unused)
{
	(void)unused;
	my_got = unmap_page(1);
	if (!my_got)
		WRITE_ONCE(pages[1][0], 4711);
}

static void closes(void *unused)
{
	(void)unused;
	my_got = iommufd_model_close(fd);
}

static bool one_of(int rc, int a, int b, int c)
{
	return rc == a || rc == b || rc == c;
}

static void close_ctx(void *unused)
{
	(void)unused;
	must(!iommufd_model_close(fd));
}

static void made_and_perhaps_destroyed(void *unused)
{
	must(got[0] == SOURCE);
	must(one_of(got[1], 0, -ENOENT, -ENOENT));
	close_ctx(unused);
}

static void listener_made_and_perhaps_destroyed(void *unused)
{
	must(got[0] == NEW);
	must(one_of(got[1], 0, -ENOENT, -ENOENT));
	must(ring(SOURCE) == (got[1] ? 2 : 1));
	close_ctx(unused);
}

/* R-DESTROY-1: a destroy fails while a ring uses the doorbell. */
static void rung_or_destroyed(void *unused)
{
	must(got[0] > 0 ? one_of(got[1], 0, -EBUSY, -EBUSY) :
	     got[0] == -ENOENT && !got[1]);
	close_ctx(unused);
}

static void rung_with_the_listener_or_without(void *unused)
{
	must(got[0] == 1 || got[0] == 2);
	must(pages[0][0] == 1 && pages[1][0] == (u64)got[0] - 1);
	must(got[1] == 0);
	must(ring(SOURCE) == 1);
	close_ctx(unused);
}

static void page_is_not_written_after_its_unmap(void *unused)
{
	must(got[0] == 1 || got[0] == 2);
	must(got[1] == 0);
	must(one_of(got[2], 0, -EBUSY, -EBUSY));
	must(pages[1][0] == (got[2] ? (u64)got[0] - 1 : 4711));
	close_ctx(unused);
}

static void rung_and_listener_made(void *unused)
{
	must(got[0] == 1 || got[0] == 2);
	must(got[1] == NEW || got[1] == -ENOMEM);
	must(ring(SOURCE) == (got[1] > 0 ? 2 : 1));
	close_ctx(unused);
}

static void rung_and_no_listener_left(void *unused)
{
	must(got[0] == 1 || got[0] == 2);
	must(got[1] == -EFAULT);
	must(ring(SOURCE) == 1);
	close_ctx(unused);
}

static void source_destroyed_after_the_listener_or_not_at_all(void *unused)
{
	must(got[0] == 0);
	must(one_of(got[1], 0, -EBUSY, -EBUSY));
	must(ring(SOURCE) == (got[1] ? 1 : -ENOENT));
	close_ctx(unused);
}

static void listener_made_or_source_gone(void *unused)
{
	must(got[0] == NEW ? got[1] == -EBUSY :
	     got[0] == -ENOENT && !got[1]);
	close_ctx(unused);
}

static void made_or_its_memory_gone(void *unused)
{
	must(got[0] == SOURCE ? got[1] == -EBUSY :
	     got[0] == -ENOENT && !got[1]);
	close_ctx(unused);
}

static void every_result_is_possible(void *unused)
{
	must(one_of(got[0], 1, 2, -ENOENT));
	must(got[1] == 0);
	must(one_of(got[2], 0, -EBUSY, -EBUSY));
	close_ctx(unused);
}

/* The call holds the ctx until it ends, or finds the descriptor closed. */
static void closed(void *unused)
{
	(void)unused;
	must(got[0] >= 0 || got[0] == -EBADF);
	must(got[1] == 0);
}

static const struct iommufd_model_test tests[] = {
	{
		.name = "make against destroy of the new",
		.setup = setup_ioas,
		.threads = { { "make", makes_source },
			     { "destroy", destroys_source } },
		.after = made_and_perhaps_destroyed,
	}, {
		.name = "make a listener against destroy of it",
		.setup = setup_source,
		.threads = { { "make", makes_listener },
			     { "destroy", destroys_listener } },
		.after = listener_made_and_perhaps_destroyed,
	}, {
		.name = "make a listener against destroy of its source",
		.setup = setup_source,
		.threads = { { "make", makes_listener },
			     { "destroy", destroys_source } },
		.after = listener_made_or_source_gone,
	}, {
		.name = "make against unmap",
		.setup = setup_ioas,
		.threads = { { "make", makes_source }, { "unmap", unmaps } },
		.after = made_or_its_memory_gone,
	}, {
		.name = "make against destroy of the IOAS",
		.setup = setup_ioas,
		.threads = { { "make", makes_source },
			     { "destroy", destroys_ioas } },
		.after = made_or_its_memory_gone,
	}, {
		.name = "ring against destroy",
		.setup = setup_source,
		.threads = { { "ring", rings_source },
			     { "destroy", destroys_source } },
		.after = rung_or_destroyed,
	}, {
		.name = "ring a listener against destroy",
		.setup = setup_listener,
		.threads = { { "ring", rings_listener },
			     { "destroy", destroys_listener } },
		.after = rung_or_destroyed,
	}, {
		.name = "ring the source against destroy of a listener",
		.setup = setup_listener,
		.threads = { { "ring", rings_source },
			     { "destroy", destroys_listener } },
		.after = rung_with_the_listener_or_without,
	}, {
		.name = "ring the source, destroy a listener, unmap its page",
		.setup = setup_listener,
		.threads = { { "ring", rings_source },
			     { "destroy", destroys_listener },
			     { "unmap", unmaps_the_listeners_page } },
		.after = page_is_not_written_after_its_unmap,
	}, {
		.name = "ring the source against make of a listener",
		.setup = setup_source,
		.threads = { { "ring", rings_source },
			     { "make", makes_listener } },
		.after = rung_and_listener_made,
	}, {
		.name = "ring the source against a make that fails",
		.setup = setup_source,
		.threads = { { "ring", rings_source },
			     { "make", makes_and_fails } },
		.after = rung_and_no_listener_left,
	}, {
		.name = "destroy listener and source",
		.setup = setup_listener,
		.threads = { { "listener", destroys_listener },
			     { "source", destroys_source } },
		.after = source_destroyed_after_the_listener_or_not_at_all,
	}, {
		.name = "ring, destroy listener and source",
		.setup = setup_listener,
		.threads = { { "ring", rings_source },
			     { "listener", destroys_listener },
			     { "source", destroys_source } },
		.after = every_result_is_possible,
	}, {
		.name = "make against close",
		.setup = setup_source,
		.threads = { { "make", makes_listener }, { "close", closes } },
		.after = closed,
	}, {
		.name = "ring against close",
		.setup = setup_listener,
		.threads = { { "ring", rings_source }, { "close", closes } },
		.after = closed,
	}, {
		.name = "destroy against close",
		.setup = setup_listener,
		.threads = { { "destroy", destroys_listener },
			     { "close", closes } },
		.after = closed,
	},
};

/*
 * Each test is explored twice.  The first exploration covers all orders of
 * operations, but not of plain accesses, such as those to a list.  The second
 * one tries a preemption at every step, and so between plain accesses too.
 */
START_TEST(every_interleaving)
{
	const struct iommufd_model_explore_options bounded = {
		.mode = IOMMUFD_MODEL_MODE_BOUNDED, .preemptions = 1,
	};

	ck_assert_explored(&tests[_i]);
	ck_assert_explored_with(&tests[_i], &bounded);
}
END_TEST

/* Each allocation fails in turn, in every interleaving. */
START_TEST(every_interleaving_with_an_allocation_failing)
{
	static const struct iommufd_model_test test = {
		.name = "ring the source, make fails",
		.setup = setup_source,
		.threads = { { "ring", rings_source },
			     { "make", makes_listener } },
		.after = rung_and_listener_made,
	};
	struct iommufd_model_explore_result result;
	struct iommufd_model_explore_options options = { .fail_nth = 0 };
	bool injected, stopped;
	char why[256];
	int rc;

	do {
		options.fail_nth++;
		rc = iommufd_model_check_explore(&test, &options, &result, why,
						 sizeof(why));
		injected = result.injected;
		stopped = result.verdict == IOMMUFD_MODEL_VERDICT_STOPPED;
		iommufd_model_explore_free(&result);
		ck_assert_msg(!rc && !stopped, "%s", why);
	} while (injected);
	ck_assert_uint_gt(options.fail_nth, 3);
}
END_TEST

/* The test program */

static void add(Suite *suite, const char *name, const TTest *test, int from,
		int to)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, iommufd_model_check_setup,
				  iommufd_model_check_teardown);
	/* No time limit: the explorer itself reports a hang. */
	tcase_set_timeout(tc, 0);
	tcase_add_loop_test(tc, test, from, to);
	suite_add_tcase(suite, tc);
}

/* CK_RUN_CASE=NAME runs one of the tests. */
int main(void)
{
	Suite *suite = suite_create("doorbell");
	SRunner *runner = srunner_create(suite);
	size_t i;
	int failed;

	if (doorbell_register())
		return EXIT_FAILURE;
	add(suite, "holds access",
	    doorbell_holds_its_access_and_the_access_holds_the_ioas, 0, 1);
	add(suite, "holds source",
	    listener_holds_its_source_and_no_object_holds_a_listener, 0, 1);
	add(suite, "page", page_stays_mapped_while_the_doorbell_lives, 0, 1);
	add(suite, "ring",
	    ring_increments_the_counter_and_those_of_the_listeners, 0, 1);
	add(suite, "close",
	    close_releases_listener_source_ioas_in_this_order, 0, 1);
	add(suite, "arguments", every_bad_argument_has_its_errno, 0, 1);
	add(suite, "response", failed_response_leaves_no_reference, 0, 1);
	add(suite, "allocations", every_allocation_may_fail, 0, 2);
	for (i = 0; i < ARRAY_SIZE(tests); i++)
		add(suite, tests[i].name, every_interleaving, (int)i,
		    (int)i + 1);
	add(suite, "make fails", every_interleaving_with_an_allocation_failing,
	    0, 1);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
