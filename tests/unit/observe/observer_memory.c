// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The observer without memory: each allocation of the observer and of a graph
 * fails in turn.  Nothing crashes, no wrong graph is returned, and once there
 * is memory again everything works as before.
 */
#include "access_suite.h"
#include <string.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t nr, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t nr, size_t size);
void *__wrap_realloc(void *old, size_t size);

static int fail_at, nr_allocated;

static bool fails(void)
{
	return ++nr_allocated == fail_at;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t nr, size_t size)
{
	return fails() ? NULL : __real_calloc(nr, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails() ? NULL : __real_realloc(old, size);
}

static struct iommufd_model_record *record;

static void setup(void)
{
	iommufd_model_check_setup();
	record = iommufd_model_record_create(200);
	ck_assert_ptr_nonnull(record);
	ck_assert_int_eq(iommufd_model_record_start(record), 0);
}

static void teardown(void)
{
	fail_at = 0;
	iommufd_model_check_teardown();
	iommufd_model_record_free(record);
}

static void live(void)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommufd_ioas *ioas = new_ioas(ictx);
	struct driver driver;

	driver_create(&driver, ictx, &mute_ops);
	driver_attach(&driver, ioas);
	driver_destroy(&driver);
	iommufd_model_check_close(ictx);
}

/*
 * Lets allocation @number of @try fail.  Returns true if there was such an
 * allocation.
 */
static bool with_failure(int number, void (*try)(void))
{
	nr_allocated = 0;
	fail_at = number;
	try();
	fail_at = 0;
	return nr_allocated >= number;
}

static struct iommufd_model_graph *graph;
static FILE *null;
static int rc;

static void graph_now(void)
{
	graph = iommufd_model_graph_now();
}

static void write_record(void)
{
	rc = iommufd_model_record_write(record, null);
}

START_TEST(a_graph_is_whole_or_there_is_none)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	int n;

	live();
	new_ioas(ictx);
	mutex_lock(&new_ioas(ictx)->mutex);
	for (n = 1; with_failure(n, graph_now); n++)
		ck_assert_ptr_null(graph);
	ck_assert_int_gt(n, 3);
	ck_assert_uint_gt(graph->nr_nodes, 3);
	mutex_unlock(&((struct iommufd_ioas *)(uintptr_t)
		graph->nodes[graph->locks[0].node].addr)->mutex);
	iommufd_model_graph_free(graph);
	iommufd_model_check_close(ictx);
}
END_TEST

START_TEST(a_record_is_written_whole_or_with_an_error)
{
	int n;

	null = fopen("/dev/null", "w");
	live();
	for (n = 1; with_failure(n, write_record) && n < 20; n++)
		ck_assert_int_eq(rc, -ENOMEM);
	ck_assert_int_gt(n, 1);
	ck_assert_int_eq(rc, 0);
	fclose(null);
}
END_TEST

/*
 * The allocations of the model may fail as well, so the tests look only at the
 * result: a ledger that has missed an event gives no graph.
 */
static void alloc_one(void)
{
	static struct iommufd_ctx *ictx;
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };
	struct iommu_destroy destroy = { .size = sizeof(destroy) };
	int fd = iommufd_model_open();

	if (fd < 0)
		return;
	ictx = iommufd_ctx_from_fd(fd);
	if (!iommufd_model_ioctl(fd, IOMMU_IOAS_ALLOC, &cmd)) {
		destroy.id = cmd.out_ioas_id;
		down_write(&ictx->ioas_creation_lock);
		graph = iommufd_model_graph_now();
		rc = iommufd_model_unbalanced() == 0;
		up_write(&ictx->ioas_creation_lock);
		iommufd_model_ioctl(fd, IOMMU_DESTROY, &destroy);
	}
	iommufd_ctx_put(ictx);
	iommufd_model_close(fd);
}

START_TEST(a_ledger_that_missed_something_gives_no_graph)
{
	unsigned int untold = 0;
	int n;

	for (n = 1; n < 60; n++) {
		iommufd_model_observe_stop();
		ck_assert_int_eq(iommufd_model_observe_start(NULL, NULL), 0);
		ck_assert_int_eq(iommufd_model_record_start(record), 0);
		graph = NULL;
		rc = 1;
		with_failure(n, alloc_one);
		ck_assert(rc || !graph);
		untold += !graph;
		iommufd_model_graph_free(graph);
	}
	ck_assert_uint_gt(untold, 5);
	iommufd_model_reset_warnings();
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("memory");
	Suite *suite = suite_create("observer memory");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, a_graph_is_whole_or_there_is_none);
	tcase_add_test(tcase, a_record_is_written_whole_or_with_an_error);
	tcase_add_test(tcase, a_ledger_that_missed_something_gives_no_graph);
	suite_add_tcase(suite, tcase);
	return run_suite(suite);
}
