// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The stories of a program as tests of libcheck, one for each story.
 *
 * With EXPLORE_STORIES_BOUND=N stories that must not fail are explored with up to
 * N preemptions only.  With EXPLORE_FIGURES set each story prints a line:
 *
 *	name | threads | steps | executions | redundant | seconds |
 *		executions per second | verdict
 */
#include "objects.h"
#include "suite.h"

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
 * The threads of a story share the objects, its world and its static variables,
 * and nothing else.
 *
 * Does what ck_assert_explored() and ck_assert_explored_fails() do, and prints
 * the figures.  The environment may select another mode, which gives another
 * verdict.
 */
static void check_story(const struct story *story)
{
	struct iommufd_model_explore_options options = {
		.ignore = story->ignore,
		.quiet = story->fails != IOMMUFD_MODEL_NO_FAILURE,
	};
	const char *bound = getenv("EXPLORE_STORIES_BOUND");
	struct iommufd_model_memory statics = IOMMUFD_MODEL_STATIC_VARIABLES;
	struct iommufd_model_explore_result result;
	struct iommufd_model_test test = story->test;
	bool as_told;
	char why[256];
	bool said;

	if (bound && story->fails == IOMMUFD_MODEL_NO_FAILURE) {
		options.mode = IOMMUFD_MODEL_MODE_BOUNDED;
		options.preemptions = (int)strtol(bound, NULL, 10);
	}
	test.memory[0] = statics;
	iommufd_model_check_explore(&test, &options, &result, why,
				    sizeof(why));
	tell_figures(&story->test, &result);
	/*
	 * The verdict is not restricted to operations if all files are watched.
	 */
	if (IS_WATCHED)
		ck_assert_uint_eq(result.unwatched, 0);
	as_told = result.failure == story->fails &&
		  result.verdict != IOMMUFD_MODEL_STOPPED;
	/* A missing lock may be found as a race before it has an effect. */
	as_told |= WITH_TSAN && story->fails &&
		   result.failure == IOMMUFD_MODEL_FAIL_SANITIZER;
	as_told |= IS_WATCHED && story->fails &&
		   result.failure == IOMMUFD_MODEL_FAIL_DATA_RACE;
	said = !story->says || result.failure != story->fails ||
	       strstr(result.text, story->says);
	iommufd_model_explore_free(&result);
	ck_assert_msg(said, "%s; it does not say \"%s\"", why, story->says);
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

static const struct story *nth_story(int n)
{
	const struct story_set *set = story_sets;

	for (; (size_t)n >= set->n; set = set->next)
		n -= (int)set->n;
	return &set->stories[n];
}

START_TEST(every_story_ends_as_expected)
{
	check_story(nth_story(_i));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("objects");
	const struct story_set *set;
	size_t n = 0;

	for (set = story_sets; set; set = set->next)
		n += set->n;
	tcase_add_loop_test(case_with(suite, "stories", story_setup,
				      story_teardown),
			    every_story_ends_as_expected, 0, (int)n);
	return run_suite(suite);
}
