// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A scenario as a test for the explorer.
 *
 * All memory is allocated before the first execution, and the setup resets it,
 * because an execution may be abandoned anywhere, with the stacks of its
 * threads.  There is one test at a time, so it is a static variable: the explorer
 * can then compare the states of the scenario (states.c).  Nothing is printed, and
 * the fields of a result are only written if an expect line needs them.
 *
 * All threads run the same function with the same data; each asks for its
 * number.
 */
#include "internal.h"
#include <iommufd_model/kernel/page.h>
#include <iommufd_model/kernel/slab.h>
#include <iommufd_model/notes.h>
#include <stdlib.h>
#include <string.h>

/*
 * struct scenario_test
 * @sites: for each expect line, the call site that its assertion reports
 * @text: the text of the assertion.  It is allocated, as its buffer may be larger
 *	than when the explorer made a checkpoint
 * @pinned: the number of pages that were pinned when the execution began
 * @failed: an allocation of a thread was made to fail
 */
struct scenario_test {
	struct iommufd_model_test test;
	const struct scenario *scenario;
	struct world world;
	struct iommufd_model_site *sites;
	struct text *text;
	unsigned long pinned;
	bool failed;
};

static struct scenario_test the_test;
static const struct iommufd_model_memory static_variables =
	IOMMUFD_MODEL_STATIC_VARIABLES;

static const struct iommufd_model_site end_site = {
	"the end", __FILE__, __LINE__, "pins",
};

/* The functions below run the test. */

static void check_expects(struct scenario_test *test, const struct run *run,
			  const struct line *line, int ret)
{
	const struct scenario *s = test->scenario;
	const struct expect *expect = expect_failed(run, line, ret);

	/*
	 * After a failed allocation any result may differ, so it is not
	 * checked.
	 */
	if (!expect || __atomic_load_n(&test->failed, __ATOMIC_RELAXED))
		return;
	text_empty(test->text);
	text_add(test->text, "%s:%u: ", s->name, expect->line);
	expect_describe(run, line, expect, ret, test->text);
	iommufd_model_assertion_failed(&test->sites[expect - s->expects], "%s",
				       test->text->at);
}

static void run_section(struct scenario_test *test, struct run *run,
			const struct section *section)
{
	const struct line *line = run->scenario->lines + section->first_line;
	unsigned int i;
	int ret;

	for (i = 0; i < section->nr_lines; i++, line++) {
		run->mute = !line->expects_fields;
		text_empty(run->fields);
		line_note(line);
		ret = line->op->run(run, line);
		iommufd_model_note(IOMMUFD_MODEL_NOTE_STEP_END,
				   ret < 0 ? errno_name(-ret) : NULL, ret);
		if (iommufd_model_failed())
			__atomic_store_n(&test->failed, true, __ATOMIC_RELAXED);
		if (line->nr_expects)
			check_expects(test, run, line, ret);
		uapi_forget(run);
	}
}

static void setup(void *data)
{
	struct scenario_test *test = data;

	test->pinned = iommufd_model_pinned();
	test->failed = false;
	world_reset(&test->world);
	run_section(test, &test->world.main, &test->scenario->setup);
	if (!world_fork(&test->world))
		abort();
}

static void thread(void *data)
{
	struct scenario_test *test = data;
	int i = iommufd_model_thread_number();

	run_section(test, &test->world.threads[i], &test->scenario->threads[i]);
}

/* The same for a thread whose states are compared. */
static void thread_with_buffers(void *data)
{
	struct scenario_test *test = data;
	struct buffers buffers;

	uapi_use(&test->world.threads[iommufd_model_thread_number()], &buffers);
	thread(data);
}

static void after(void *data)
{
	struct scenario_test *test = data;
	long left;

	if (!world_join(&test->world))
		abort();
	run_section(test, &test->world.main, &test->scenario->after);
	world_close(&test->world);
	left = (long)(iommufd_model_pinned() - test->pinned);
	if (left)
		iommufd_model_assertion_failed(&end_site, "%s: %ld pin%s left",
					       test->scenario->name, left,
					       left > 1 ? "s" : "");
}

/* The functions below create a test. */

static bool make_sites(struct scenario_test *test)
{
	const struct scenario *s = test->scenario;
	struct iommufd_model_site *site;
	unsigned int i, j;

	test->sites = calloc(s->nr_expects + 1, sizeof(*test->sites));
	if (!test->sites)
		return false;
	for (i = 0; i < s->nr_lines; i++) {
		for (j = 0; j < s->lines[i].nr_expects; j++) {
			const struct expect *expect =
				&s->expects[s->lines[i].first_expect + j];

			site = &test->sites[expect - s->expects];
			site->func = s->lines[i].op->name;
			site->file = s->name;
			site->line = (int)expect->line;
			site->what = expect->text;
		}
	}
	return true;
}

/* Take the first name off @names.  Returns the number of that thread, or -1. */
static int take_thread(const struct scenario *s, const char **names)
{
	size_t len = strcspn(*names, ",");
	struct token name = { .text = *names, .len = len };
	unsigned int i;

	*names += len + ((*names)[len] == ',');
	for (i = 0; i < s->nr_threads; i++)
		if (token_is(&name, s->threads[i].name))
			return (int)i;
	return -1;
}

bool scenario_test_symmetric(struct scenario_test *test, const char *names,
			     char *error, size_t size)
{
	const struct scenario *s = test->scenario;
	unsigned int mask = 0;
	const char *name;
	int n, first = -1;

	do {
		name = names;
		n = take_thread(s, &names);
		if (n < 0) {
			snprintf(error, size, "no thread \"%.*s\"",
				 (int)strcspn(name, ","), name);
			return false;
		}
		if (first < 0)
			first = n;
		else if (!threads_same(s, (unsigned int)first, (unsigned int)n,
				       error, size))
			return false;
		mask |= 1u << n;
	} while (*names);
	test->test.symmetric = mask;
	return true;
}

struct scenario_test *scenario_test_create(const struct scenario *s,
					   const char **why)
{
	const bool states = states_known(s);
	struct scenario_test *test = &the_test;
	unsigned int i;

	*why = "there is no \"thread\" line in it, so there is nothing to "
	       "explore; \"iommufd-model run\" runs it";
	if (!s->nr_threads)
		return NULL;
	*why = "there is another test";
	if (test->scenario)
		return NULL;
	*why = "out of memory";
	test->scenario = s;
	test->test.name = s->name;
	test->test.data = test;
	test->test.setup = setup;
	for (i = 0; i < s->nr_threads; i++) {
		test->test.threads[i].name = s->threads[i].name;
		test->test.threads[i].fn = states ? thread_with_buffers : thread;
	}
	test->test.after = after;
	if (states)
		test->test.memory[0] = static_variables;
	test->text = calloc(1, sizeof(*test->text));
	if (test->text && make_sites(test))
		*why = world_init(&test->world, s);
	if (!*why)
		return test;
	scenario_test_free(test);
	return NULL;
}

void scenario_test_free(struct scenario_test *test)
{
	if (!test)
		return;
	if (test->world.scenario)
		world_exit(&test->world);
	if (test->text)
		text_free(test->text);
	free(test->text);
	free(test->sites);
	memset(test, 0, sizeof(*test));
}

const struct iommufd_model_test *scenario_test(const struct scenario_test *test)
{
	return &test->test;
}
