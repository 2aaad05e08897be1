/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the explorations of the library's objects share.
 *
 * A story is a test for the explorer and what is to come of it: no failure in
 * any interleaving, or, where the test itself has been spoilt, a certain one.
 *
 * There is one world, made afresh for each execution by a story's setup and
 * closed by its after.  Threads keep the structs of the uAPI on their stacks,
 * so that these make no two steps depend on each other, and leave what they got
 * in got[], by their number, for after to judge: which combinations may be is
 * what most of these tests are about.
 *
 * With EXPLORE_FIGURES set each story prints a line:
 *
 *	name | threads | steps | executions | redundant | seconds |
 *		executions per second | verdict
 */
#ifndef OBJECTS_H
#define OBJECTS_H

#include <iommufd_model/check.h>
#include <iommufd_model/iommufd_test.h>
#include <stdlib.h>
#include <sys/mman.h>

#define UNUSED __attribute__((unused))
#define must(cond) iommufd_model_assert(cond)

/*
 * struct story
 * @fails: the failure that is to be found; none: all there is was explored
 * @ignore: failures that are none, IGNORE(...); why is told at the story
 */
struct story {
	struct iommufd_model_test test;
	enum iommufd_model_failure fails;
	unsigned int ignore;
};

#define IGNORE(failure) (1u << IOMMUFD_MODEL_FAIL_##failure)

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WITH_TSAN 1
#endif
#endif
#ifdef __SANITIZE_THREAD__
#undef WITH_TSAN
#define WITH_TSAN 1
#endif
#ifndef WITH_TSAN
#define WITH_TSAN 0
#endif

static void tell_figures(const struct iommufd_model_test *test,
			 const struct iommufd_model_explore_result *result)
{
	unsigned long runs = result->executions + result->redundant;
	char verdict[128];
	int threads = 0;

	if (!getenv("EXPLORE_FIGURES"))
		return;
	while (threads < IOMMUFD_MODEL_MAX_THREADS &&
	       test->threads[threads].fn)
		threads++;
	printf("%s | %d | %u | %lu | %lu | %.3f | %.0f | %s", test->name,
	       threads, result->depth, result->executions, result->redundant,
	       result->seconds,
	       result->seconds > 0 ? (double)runs / result->seconds : 0,
	       iommufd_model_verdict_text(result, verdict, sizeof(verdict)));
	if (result->failure)
		printf(", in execution %lu", result->found_after);
	printf("\n");
	fflush(stdout);
}

/* What ck_assert_explored() and ck_assert_explored_fails() do, with figures. */
static void check_story(const struct story *story)
{
	struct iommufd_model_explore_options options = {
		.ignore = story->ignore,
		.quiet = story->fails != IOMMUFD_MODEL_NO_FAILURE,
	};
	struct iommufd_model_explore_result result;
	bool as_told;
	char why[256];

	iommufd_model_check_explore(&story->test, &options, &result, why,
				    sizeof(why));
	tell_figures(&story->test, &result);
	/* Another mode, asked for by the environment, has its own end. */
	as_told = result.failure == story->fails &&
		  result.verdict != IOMMUFD_MODEL_STOPPED;
	/* What a missing lock does may be a race first. */
	as_told |= WITH_TSAN && story->fails &&
		   result.failure == IOMMUFD_MODEL_FAIL_SANITIZER;
	iommufd_model_explore_free(&result);
	ck_assert_msg(as_told, "%s; expected %s", why,
		      iommufd_model_failure_name(story->fails));
}

/* The world */

#define PAGES 4
#define IOVA MOCK_APERTURE_START
#define MAX_GOT IOMMUFD_MODEL_MAX_THREADS

static char memory[PAGES * PAGE_SIZE] __attribute__((aligned(4096), unused));

/*
 * struct world - @ioas, @other: 0 if there is none, and so with the rest
 * @event_fd: of the last queue of events that was made
 * @got: by thread, what its call returned; after() finds 1 where the thread
 *	never came to it
 */
static struct world {
	int fd;
	struct iommufd_ctx *ictx;
	u32 ioas, other;
	u32 stdev, idev, hwpt, parent, viommu;
	int event_fd;
	int got[MAX_GOT];
} w;

#define my_got w.got[iommufd_model_thread_number()]

static inline u64 identity(u64 pfn, void *unused)
{
	(void)unused;
	return pfn;
}

static inline u32 made(int rc)
{
	iommufd_model_assert_msg(rc > 0, "not made: error %d", -rc);
	return (u32)rc;
}

/* @cmd points to a struct of the uAPI; its size is filled in. */
#define uapi(request, cmd)						\
	((cmd)->size = sizeof(*(cmd)),					\
	 iommufd_model_ioctl(w.fd, request, cmd))

static inline int try_ioas(void)
{
	struct iommu_ioas_alloc cmd = { .size = 0 };
	int rc = uapi(IOMMU_IOAS_ALLOC, &cmd);

	return rc ? rc : (int)cmd.out_ioas_id;
}

static inline int destroy(u32 id)
{
	struct iommu_destroy cmd = { .id = id };

	return uapi(IOMMU_DESTROY, &cmd);
}

static inline int map(u32 ioas, u64 iova, void *va, u64 length)
{
	struct iommu_ioas_map cmd = {
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.ioas_id = ioas,
		.user_va = (uintptr_t)va,
		.length = length,
		.iova = iova,
	};

	return uapi(IOMMU_IOAS_MAP, &cmd);
}

static inline int unmap(u32 ioas, u64 iova, u64 length)
{
	struct iommu_ioas_unmap cmd = {
		.ioas_id = ioas, .iova = iova, .length = length,
	};

	return uapi(IOMMU_IOAS_UNMAP, &cmd);
}

static inline int copy(u32 src, u32 dst, u64 iova, u64 length)
{
	struct iommu_ioas_copy cmd = {
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.src_ioas_id = src,
		.dst_ioas_id = dst,
		.length = length,
		.src_iova = iova,
		.dst_iova = iova,
	};

	return uapi(IOMMU_IOAS_COPY, &cmd);
}

/* A mock device on @pt_id: the SELFTEST's id; the device's is w.idev. */
static inline int try_device(u32 pt_id)
{
	struct iommu_test_cmd cmd = {
		.op = IOMMU_TEST_OP_MOCK_DOMAIN, .id = pt_id,
	};
	int rc = uapi(IOMMU_TEST_CMD, &cmd);

	if (rc)
		return rc;
	w.idev = cmd.mock_domain.out_idev_id;
	w.hwpt = cmd.mock_domain.out_hwpt_id;
	return (int)cmd.mock_domain.out_stdev_id;
}

static inline int try_paging(u32 idev, u32 flags)
{
	struct iommu_hwpt_alloc cmd = {
		.flags = flags, .dev_id = idev, .pt_id = w.ioas,
	};
	int rc = uapi(IOMMU_HWPT_ALLOC, &cmd);

	return rc ? rc : (int)cmd.out_hwpt_id;
}

static inline int try_viommu(struct iommu_viommu_selftest *data)
{
	struct iommu_viommu_alloc cmd = {
		.type = IOMMU_VIOMMU_TYPE_SELFTEST,
		.dev_id = w.idev,
		.hwpt_id = w.parent,
		.data_len = data ? sizeof(*data) : 0,
		.data_uptr = (uintptr_t)data,
	};
	int rc = uapi(IOMMU_VIOMMU_ALLOC, &cmd);

	return rc ? rc : (int)cmd.out_viommu_id;
}

static inline int try_vdevice(u64 virt_id)
{
	struct iommu_vdevice_alloc cmd = {
		.viommu_id = w.viommu, .dev_id = w.idev, .virt_id = virt_id,
	};
	int rc = uapi(IOMMU_VDEVICE_ALLOC, &cmd);

	return rc ? rc : (int)cmd.out_vdevice_id;
}

/* One page: that of the memory which has the number @index. */
static inline int try_queue(u32 index)
{
	struct iommu_hw_queue_alloc cmd = {
		.viommu_id = w.viommu,
		.type = IOMMU_HW_QUEUE_TYPE_SELFTEST,
		.index = index,
		.nesting_parent_iova = IOVA + index * PAGE_SIZE,
		.length = PAGE_SIZE,
	};
	int rc = uapi(IOMMU_HW_QUEUE_ALLOC, &cmd);

	return rc ? rc : (int)cmd.out_hw_queue_id;
}

static inline int try_veventq(void)
{
	struct iommu_veventq_alloc cmd = {
		.viommu_id = w.viommu,
		.type = IOMMU_VEVENTQ_TYPE_SELFTEST,
		.veventq_depth = 2,
	};
	int rc = uapi(IOMMU_VEVENTQ_ALLOC, &cmd);

	if (rc)
		return rc;
	w.event_fd = (int)cmd.out_veventq_fd;
	return (int)cmd.out_veventq_id;
}

static inline int try_fault(void)
{
	struct iommu_fault_alloc cmd = { .size = 0 };
	int rc = uapi(IOMMU_FAULT_QUEUE_ALLOC, &cmd);

	if (rc)
		return rc;
	w.event_fd = (int)cmd.out_fault_fd;
	return (int)cmd.out_fault_id;
}

/* The published object with this id, without a reference. */
static inline struct iommufd_object *peek(u32 id)
{
	struct iommufd_object *obj;

	obj = iommufd_get_object(w.ictx, id, IOMMUFD_OBJ_ANY);
	if (IS_ERR(obj))
		return NULL;
	iommufd_put_object(w.ictx, obj);
	return obj;
}

static inline bool is_there(u32 id)
{
	return iommufd_model_object_type(w.fd, id) > 0;
}

static inline bool has_counters(u32 id, unsigned int users,
				unsigned int wait_cnt)
{
	struct iommufd_object *obj = peek(id);

	return obj && refcount_read(&obj->users) == users &&
	       refcount_read(&obj->wait_cnt) == wait_cnt;
}

/* A context with nothing in it. */
UNUSED static void open_world(void)
{
	int i;

	memset(&w, 0, sizeof(w));
	for (i = 0; i < MAX_GOT; i++)
		w.got[i] = 1;
	w.fd = iommufd_model_open();
	must(w.fd >= 3);
	w.event_fd = -1;
	w.ictx = iommufd_ctx_from_fd(w.fd);
	must(!IS_ERR(w.ictx));
	iommufd_ctx_put(w.ictx);
}

/* IOAS 1. */
UNUSED static void open_ioas(void *unused)
{
	(void)unused;
	open_world();
	w.ioas = made(try_ioas());
}

/* IOAS 1, with one page mapped. */
UNUSED static void open_mapped(void *unused)
{
	open_ioas(unused);
	must(!map(w.ioas, IOVA, memory, PAGE_SIZE));
}

/* The mock: IOAS 1 with all the memory, SELFTEST 2, DEVICE 3, its HWPT 4. */
UNUSED static void open_device(void *unused)
{
	open_ioas(unused);
	must(!map(w.ioas, IOVA, memory, sizeof(memory)));
	w.stdev = made(try_device(w.ioas));
}

/* And nest parent 5, vIOMMU 6. */
UNUSED static void open_viommu(void *unused)
{
	open_device(unused);
	w.parent = made(try_paging(w.idev, IOMMU_HWPT_ALLOC_NEST_PARENT));
	w.viommu = made(try_viommu(NULL));
}

/* The context goes, and no pin is left. */
UNUSED static void close_world(void *unused)
{
	(void)unused;
	must(!iommufd_model_close(w.fd));
	must(!iommufd_model_pinned());
}

/* Of the threads from @first to @last, how many got @value? */
static inline int how_many(int first, int last, int value)
{
	int i, n = 0;

	for (i = first; i <= last; i++)
		n += w.got[i] == value;
	return n;
}

/* The program */

static void story_setup(void)
{
	iommufd_model_reset_warnings();
	iommufd_model_set_page_map(identity, NULL);
}

static void story_teardown(void)
{
	iommufd_model_set_page_map(NULL, NULL);
	ck_assert_uint_eq(iommufd_model_warnings(), 0);
}

/* @fn checks the story of the loop's number, of @n. */
UNUSED static int run_stories(const TTest *fn, size_t n)
{
	Suite *suite = suite_create("objects");
	TCase *tc = tcase_create("stories");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, story_setup, story_teardown);
	tcase_add_loop_test(tc, fn, 0, (int)n);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
