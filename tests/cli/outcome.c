// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Tests that a run of a scenario reports errors.  Callbacks of the scenario
 * make its lines misbehave, which no file can do.
 */
#undef NDEBUG
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <iommufd_model/kernel/page.h>
#include <iommufd_model/kernel/slab.h>
#include "internal.h"

static struct scenario *parse(const char *text)
{
	struct scenario_errors errors;
	struct scenario *s;

	s = scenario_parse("test", text, strlen(text), false, &errors);
	assert(s && !errors.count);
	return s;
}

/* Runs @text; returns the verdict, and in @problems the reported problems. */
static enum scenario_outcome run(const char *text, char *problems, size_t size,
				 struct scenario_output *output)
{
	struct scenario *s = parse(text);
	enum scenario_outcome outcome;

	memset(problems, 0, size);
	output->problems = fmemopen(problems, size, "w");
	assert(output->problems);
	outcome = scenario_run(s, output);
	fclose(output->problems);
	scenario_free(s);
	return outcome;
}

static void ignore(const struct iommufd_model_report *report, void *data)
{
	(void)report;
	(void)data;
}

static void misbehave(unsigned int line, const char *result, void *data)
{
	(void)result;
	(void)data;
	if (line == 2) {
		WARN_ON(line == 2);
		WARN_ON(line != 3);
	}
}

static void test_warning(void)
{
	struct scenario_output output = { .after_line = misbehave };
	char problems[400];

	iommufd_model_set_sink(ignore, NULL);
	assert(run("open\nobjmap\nclose\n", problems, sizeof(problems),
		   &output) == SCENARIO_FAILED);
	iommufd_model_set_sink(NULL, NULL);
	assert(!strcmp(problems, "test:2: 2 unexpected warnings: objmap\n"));

	/* Warnings of an earlier run must not be counted for this run. */
	output.after_line = NULL;
	assert(run("open", problems, sizeof(problems), &output) ==
	       SCENARIO_FINE);
	assert(!*problems);
	iommufd_model_reset_warnings();
}

static void *leaked;

static void leak(unsigned int line, const char *text, void *data)
{
	assert(!data && line == 1 && !strcmp(text, "open # a"));
	leaked = kzalloc(40, GFP_KERNEL);
}

static void test_leak(void)
{
	struct scenario_output output = { .before_line = leak };
	char problems[400];

	assert(run("  open # a\r\n", problems, sizeof(problems), &output) ==
	       SCENARIO_FAILED);
	assert(strstr(problems, "test: leak: 40 bytes, allocated by leak, "));
	assert(!strstr(problems, "warning"));

	/* A leak of an earlier run must not be reported for this run. */
	output.before_line = NULL;
	assert(run("open", problems, sizeof(problems), &output) ==
	       SCENARIO_FINE);
	kfree(leaked);
}

static char pinned_byte;
static struct page *pinned_page;

static void pin(unsigned int line, const char *text, void *data)
{
	(void)line;
	(void)text;
	(void)data;
	assert(pin_user_pages_fast((unsigned long)&pinned_byte, 1, FOLL_WRITE,
				   &pinned_page) == 1);
}

static void test_pin_left(void)
{
	struct scenario_output output = { .before_line = pin };
	char problems[400];

	assert(run("open", problems, sizeof(problems), &output) ==
	       SCENARIO_FAILED);
	assert(!strcmp(problems, "test: 1 pin left\n"));

	/* A leak of an earlier run must not be reported for this run. */
	output.before_line = NULL;
	assert(run("open", problems, sizeof(problems), &output) ==
	       SCENARIO_FINE);
	unpin_user_page(pinned_page);
}

static void test_area_taken(void)
{
	const struct token huge = { .text = "HUGE", .len = 4 };
	struct scenario_output output = { .results = NULL };
	struct scenario *s;
	const char *why;
	char problems[400];
	unsigned int used = 0;
	char *base = (char *)(uintptr_t)area_base(&huge, &used);
	char *there = mmap(base + 65536, 65536, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert(there == base + 65536);
	assert(run("open\nsum ro:0 1\nsum p:0 1\nsum 0 1", problems,
		   sizeof(problems), &output) == SCENARIO_NOT_RUN);
	assert(strstr(problems, "test: cannot map HUGE at 0x"));
	assert(run("sum ro:0 1\nsum p:0 1", problems, sizeof(problems),
		   &output) == SCENARIO_FINE);
	s = parse("open\nthread a\nsum 0 1\n");
	assert(!scenario_test_create(s, &why));
	assert(strstr(why, "cannot map HUGE at 0x"));
	scenario_free(s);
	munmap(there, 65536);
	assert(run("destroy HUGE", problems, sizeof(problems), &output) ==
	       SCENARIO_FINE);
	/* The regions are unmapped after the run. */
	assert(mprotect(base, 65536, PROT_NONE));
}

/* A scenario has no state: each run starts from nothing. */
static void test_again(void)
{
	static const char text[] =
		"open\nioas_alloc -> $i\nfill 0 1 1\nsum 0 1\n"
		"open 1\ndestroy 0\n"
		"create_access $i -> $j\nuse 1\nioas_alloc -> $j\nobjmap 1\n";
	struct scenario *s = parse(text);
	char *results[2];
	size_t len;
	int i;

	for (i = 0; i < 2; i++) {
		struct scenario_output output = {
			.results = open_memstream(&results[i], &len),
		};

		assert(scenario_run(s, &output) == SCENARIO_FINE);
		fclose(output.results);
	}
	assert(!strcmp(results[0], results[1]));
	assert(strstr(results[1], "\n4 sum ret=0 sum=1\n"));
	free(results[0]);
	free(results[1]);
	scenario_free(s);
}

/* Explores @s; returns the verdict, and in @text the failure. */
static enum iommufd_model_verdict explore(const struct scenario *s, char *text,
					  size_t size)
{
	const struct iommufd_model_explore_options options = { .quiet = true };
	struct iommufd_model_explore_result result;
	enum iommufd_model_verdict verdict;
	struct scenario_test *test;
	const char *why;

	test = scenario_test_create(s, &why);
	assert(test && !why);
	assert(iommufd_model_explore(scenario_test(test), &options,
				     &result) >= 0);
	verdict = result.verdict;
	snprintf(text, size, "%s", result.text ? result.text : "");
	iommufd_model_explore_free(&result);
	scenario_test_free(test);
	return verdict;
}

/* An exploration has no effect on the next one, or on a run. */
static void test_explored(void)
{
	struct scenario *s = parse("open\nioas_alloc -> $i\n"
				   "map $i 0x1000000 p:0 4K rw\n"
				   "thread a\ndestroy $i\nexpect 0 -ENOENT\n"
				   "thread b\ndestroy $i\nexpect 0 -ENOENT\n"
				   "join\nobjmap 1\nexpect 0 map=.\n");
	struct scenario_output output = { .results = NULL };
	char text[400];
	int i;

	for (i = 0; i < 2; i++)
		assert(explore(s, text, sizeof(text)) ==
		       IOMMUFD_MODEL_COMPLETE);
	assert(!*text);
	assert(scenario_run(s, &output) == SCENARIO_FINE);
	scenario_free(s);
}

static void test_explored_fails(void)
{
	struct scenario *s = parse("open\nthread a\nioas_alloc -> $i\n"
				   "expect 0 id=1\nthread b\nioas_alloc\n");
	struct scenario_output output = { .results = NULL };
	char text[400];

	assert(explore(s, text, sizeof(text)) == IOMMUFD_MODEL_FAILED);
	assert(!strcmp(text, "test:4: ioas_alloc of line 3: got ret=0 id=2, "
			     "expected 0 id=1"));
	assert(scenario_run(s, &output) == SCENARIO_FINE);
	scenario_free(s);
}

static void test_not_explored(void)
{
	struct scenario *s = parse("open\n");
	const char *why;

	assert(!scenario_test_create(s, &why));
	assert(strstr(why, "there is no \"thread\" line in it"));
	scenario_free(s);
}

int main(void)
{
	test_warning();
	test_leak();
	test_pin_left();
	test_area_taken();
	test_again();
	test_explored();
	test_explored_fails();
	test_not_explored();
	return 0;
}
