// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "objects.h"

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

#ifdef IOMMUFD_MODEL_WATCHED
#define IS_WATCHED 1
#else
#define IS_WATCHED 0
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

/*
 * Does what ck_assert_explored() and ck_assert_explored_fails() do, and checks
 * the figures.  The environment may select another mode, which gives another
 * verdict.
 */
void check_story(const struct story *story)
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
	as_told = result.failure == story->fails &&
		  result.verdict != IOMMUFD_MODEL_STOPPED;
	/* A missing lock may be found as a race before it has an effect. */
	as_told |= WITH_TSAN && story->fails &&
		   result.failure == IOMMUFD_MODEL_FAIL_SANITIZER;
	as_told |= IS_WATCHED && story->fails &&
		   result.failure == IOMMUFD_MODEL_FAIL_DATA_RACE;
	iommufd_model_explore_free(&result);
	ck_assert_msg(as_told, "%s; expected %s", why,
		      iommufd_model_failure_name(story->fails));
}

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

int run_stories(const TTest *fn, size_t n)
{
	Suite *suite = suite_create("objects");

	tcase_add_loop_test(case_with(suite, "stories", story_setup,
				      story_teardown),
			    fn, 0, (int)n);
	return run_suite(suite);
}

/* The variables and functions of the world follow. */

char memory[PAGES * PAGE_SIZE] __attribute__((aligned(4096)));
struct world w;

int how_many(int first, int last, int value)
{
	int i, n = 0;

	for (i = first; i <= last; i++)
		n += w.got[i] == value;
	return n;
}

u32 made(int rc)
{
	iommufd_model_assert_msg(rc > 0, "not made: error %d", -rc);
	return (u32)rc;
}

int try_ioas(void)
{
	return ioctl_ioas(w.fd);
}

int try_device(u32 pt_id)
{
	struct iommu_test_cmd cmd;
	int rc = ioctl_mock_device(w.fd, pt_id, &cmd);

	if (rc > 0) {
		w.idev = cmd.mock_domain.out_idev_id;
		w.hwpt = cmd.mock_domain.out_hwpt_id;
	}
	return rc;
}

int try_vdevice(u64 virt_id)
{
	return ioctl_vdevice(w.fd, w.viommu, w.idev, virt_id);
}

int try_queue(u32 index)
{
	return ioctl_hw_queue(w.fd, w.viommu, index, IOVA + index * PAGE_SIZE,
			      PAGE_SIZE);
}

int try_veventq(void)
{
	return ioctl_veventq(w.fd, w.viommu, IOMMU_VEVENTQ_TYPE_SELFTEST, 2,
			     &w.event_fd);
}

int try_fault(void)
{
	return ioctl_fault(w.fd, &w.event_fd);
}

int destroy(u32 id)
{
	return ioctl_destroy(w.fd, id);
}

int map(u32 ioas, u64 iova, const void *va, u64 length)
{
	return ioctl_map(w.fd, ioas, iova, va, length);
}

int unmap(u32 ioas, u64 iova, u64 length)
{
	return ioctl_unmap(w.fd, ioas, iova, length);
}

int copy(u32 src, u32 dst, u64 iova, u64 length)
{
	return ioctl_copy(w.fd, src, dst, iova, length);
}

struct iommufd_object *find_object(u32 id)
{
	struct iommufd_object *obj;

	obj = iommufd_get_object(w.ictx, id, IOMMUFD_OBJ_ANY);
	if (IS_ERR(obj))
		return NULL;
	iommufd_put_object(w.ictx, obj);
	return obj;
}

bool is_there(u32 id)
{
	return iommufd_model_object_type(w.fd, id) > 0;
}

bool has_counters(u32 id, unsigned int users, unsigned int wait_cnt)
{
	struct iommufd_object *obj = find_object(id);

	return obj && refcount_read(&obj->users) == users &&
	       refcount_read(&obj->wait_cnt) == wait_cnt;
}

void open_world(void)
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

void open_ioas(void *unused)
{
	(void)unused;
	open_world();
	w.ioas = made(try_ioas());
}

void open_mapped(void *unused)
{
	open_ioas(unused);
	must(!map(w.ioas, IOVA, memory, PAGE_SIZE));
}

void open_device(void *unused)
{
	open_ioas(unused);
	must(!map(w.ioas, IOVA, memory, sizeof(memory)));
	w.stdev = made(try_device(w.ioas));
}

void open_viommu(void *unused)
{
	open_device(unused);
	w.parent = made(ioctl_hwpt(w.fd, w.idev, w.ioas,
				   IOMMU_HWPT_ALLOC_NEST_PARENT));
	w.viommu = made(ioctl_viommu(w.fd, w.idev, w.parent, NULL));
}

void close_world(void *unused)
{
	(void)unused;
	must(!iommufd_model_close(w.fd));
	must(!iommufd_model_pinned());
}
