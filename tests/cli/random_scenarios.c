// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Random scenarios, explored without states and with them: the verdict must be the
 * same.
 *
 * Threads destroy, map, unmap and make what the setup has made, or what they have
 * made themselves.  Some lines expect a result that they have only in some orders,
 * so that a failure is often found late, or not at all.
 *
 *	random_scenarios [--count N] [--first SEED] [--print SEED]
 */
#undef NDEBUG
#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <iommufd_model/explore.h>
#include "scenario.h"

#define MAX_EXECUTIONS 3000

static char text[4096];
static size_t length;
static unsigned long long random_state;

static unsigned int pick(unsigned int n)
{
	random_state = random_state * 6364136223846793005ull +
		       1442695040888963407ull;
	return (unsigned int)(random_state >> 33) % n;
}

static __attribute__((format(printf, 1, 2))) void add(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	length += (size_t)vsnprintf(text + length, sizeof(text) - length,
				    format, args);
	va_end(args);
	assert(length < sizeof(text));
}

/* What a line of a thread may do; "%d" is the number of the line. */
static const char *const calls[] = {
	"destroy $i",
	"destroy $j",
	"destroy $access_ioas",
	"ioas_alloc -> $made%d",
	"map $i 0x1000000 0 8K rw",
	"map $j auto 4K 4K r -> $iova%d",
	"unmap $i 0x1000000 8K",
	"unmap $i all",
	"unmap $access_ioas 0x1000000 4K",
	"copy $i 0x1000000 4K $j 0x2000000 r",
	"create_access $j -> $fd%d",
	"access_replace_ioas $access $j",
	"access_pages $access 0x1000000 4K -> $item%d",
	"close_fd $access",
	"mock_domain $j -> $stdev%d $hwpt%d $idev%d",
	"mock_domain_replace $stdev $j",
	"destroy $stdev",
	"destroy $hwpt",
	"hwpt_alloc $idev $i -> $paging%d",
	"viommu_alloc $idev $parent -> $viommu%d",
	"hw_queue_alloc $viommu 0 0x1000000 4K -> $queue%d",
	"vdevice_alloc $viommu $idev 7 -> $vdevice%d",
	"destroy $viommu",
	"destroy $parent",
};

static const char *const expects[] = {
	"0", "0 -EBUSY", "0 -ENOENT", "0 -ENOENT -EBUSY", "-ENOENT",
	"0 -EBUSY -ENOENT -EEXIST -EINVAL",
};

static void add_line(int number)
{
	const char *call = calls[pick(sizeof(calls) / sizeof(*calls))];

	for (; *call; call++) {
		if (call[0] != '%') {
			add("%c", *call);
			continue;
		}
		add("%d", number);
		call++;
	}
	add("\n");
	if (pick(3) == 0)
		add("expect %s\n",
		    expects[pick(sizeof(expects) / sizeof(*expects))]);
}

static void make(unsigned long seed)
{
	int threads, lines, t, i, number = 0;

	random_state = seed * 0x9e3779b97f4a7c15ull + 1;
	pick(2);
	length = 0;
	add("open\nioas_alloc -> $i\nioas_alloc -> $j\n"
	    "ioas_alloc -> $access_ioas\n"
	    "map $i 0x1000000 0 8K rw\nmap $access_ioas 0x1000000 0 4K rw\n"
	    "create_access $access_ioas -> $access\n"
	    "mock_domain $i -> $stdev $hwpt $idev\n"
	    "hwpt_alloc $idev $i flags=1 -> $parent\n"
	    "viommu_alloc $idev $parent -> $viommu\n");
	threads = pick(3) ? 2 : 3;
	for (t = 0; t < threads; t++) {
		add("thread t%d\n", t);
		lines = 1 + (int)pick(threads == 2 ? 3 : 2);
		for (i = 0; i < lines; i++)
			add_line(number++);
	}
	add("join\n");
	if (pick(2))
		add("destroy $i\nexpect %s\n",
		    expects[pick(sizeof(expects) / sizeof(*expects))]);
}

static void explore(const struct scenario *s, int states,
		    struct iommufd_model_explore_result *result)
{
	struct iommufd_model_explore_options options;
	struct scenario_test *test;
	const char *why;

	iommufd_model_explore_options_init(&options);
	options.quiet = options.no_minimise = true;
	options.states = states;
	options.states_after = 1;
	if (!states)
		options.executions = MAX_EXECUTIONS;
	test = scenario_test_create(s, &why);
	assert(test);
	assert(iommufd_model_explore(scenario_test(test), &options, result) >=
	       0);
	scenario_test_free(test);
}

static struct {
	unsigned long kept, long_ones, failed, executions, with_states, states;
	unsigned long wrong;
} totals;

static void check(unsigned long seed)
{
	struct iommufd_model_explore_result all, result;
	struct scenario_errors errors;
	struct scenario *s;

	make(seed);
	s = scenario_parse("random", text, length, false, &errors);
	if (!s)
		scenario_print_errors("random", &errors, stderr);
	assert(s);
	explore(s, 0, &all);
	if (all.verdict == IOMMUFD_MODEL_VERDICT_STOPPED) {
		totals.long_ones++;
		goto out;
	}
	explore(s, 64, &result);
	if (result.verdict != all.verdict || result.no_states[0]) {
		totals.wrong++;
		printf("%s\nscenario %lu: without states %s, with states %s, "
		       "%s %s\n", text, seed, all.text ? all.text : "complete",
		       result.text ? result.text : "complete",
		       result.no_states, result.states_full ? "full" : "");
	}
	totals.kept++;
	totals.failed += all.verdict == IOMMUFD_MODEL_VERDICT_FAILED;
	if (all.verdict == IOMMUFD_MODEL_VERDICT_COMPLETE) {
		totals.executions += all.executions + all.redundant;
		totals.with_states += result.executions + result.redundant;
		totals.states += result.states;
	}
	iommufd_model_explore_free(&result);
out:
	iommufd_model_explore_free(&all);
	scenario_free(s);
}

int main(int argc, char **argv)
{
	unsigned long count = 100, seed = 1;
	int i;

	for (i = 1; i + 1 < argc; i += 2) {
		if (!strcmp(argv[i], "--count"))
			count = strtoul(argv[i + 1], NULL, 10);
		else if (!strcmp(argv[i], "--first"))
			seed = strtoul(argv[i + 1], NULL, 10);
		else if (!strcmp(argv[i], "--print")) {
			make(strtoul(argv[i + 1], NULL, 10));
			fputs(text, stdout);
			return 0;
		}
	}
	while (totals.kept < count)
		check(seed++);
	printf("%lu scenarios, %lu fail, %lu left out as too long; of the "
	       "complete ones %lu executions, %lu with %lu states\n",
	       totals.kept, totals.failed, totals.long_ones, totals.executions,
	       totals.with_states, totals.states);
	assert(!totals.wrong);
	assert(totals.failed > count / 20 && totals.failed < count / 20 * 19);
	return 0;
}
