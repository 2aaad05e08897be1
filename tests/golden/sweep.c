// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * sweep FILE...  - run each scenario with its n-th allocation failing, for
 * every n, then with the n-th and all later ones failing.
 *
 * Whichever operation fails, there must be no warning, every reference must
 * have a holder after each step, and nothing may be left at the end.  The
 * results of the lines are not compared, because they are those of a run
 * without failures.
 */
#include <iommufd_model/kernel/slab.h>
#include <stdlib.h>
#include "observed.h"

/* More than the number of allocations of any scenario: none of them fails. */
#define TOO_MANY 100000

static const struct way {
	const char *name;
	void (*arm)(unsigned long n);
} ways[] = {
	{ "", iommufd_model_fail_nth },
	{ " and all after it", iommufd_model_fail_from },
};

/*
 * Run once.  Returns how many allocations failed, or -1 if the run had a
 * problem.
 */
static long run_failing(const struct scenario *scenario, const struct way *way,
			unsigned long n)
{
	unsigned long steps = 0;
	long failed;
	bool good;

	way->arm(n);
	good = run_observed(scenario, &steps);
	failed = (long)iommufd_model_failed();
	way->arm(0);
	return good && !iommufd_model_leaks(0, NULL, NULL) ? failed : -1;
}

static unsigned long sweep(const struct scenario *scenario,
			   const struct way *way)
{
	unsigned long n;
	long failed;

	for (n = 1; n < TOO_MANY; n++) {
		failed = run_failing(scenario, way, n);
		if (!failed)
			return n - 1;
		if (failed < 0)
			break;
	}
	printf("%s: a problem with allocation %lu%s failing\n",
	       scenario_name(scenario), n, way->name);
	exit(1);
}

int main(int argc, char **argv)
{
	struct scenario *scenario;
	unsigned long runs = 0;
	size_t way;
	int i;

	for (i = 1; i < argc; i++) {
		scenario = load_scenario(argv[i]);
		if (!scenario)
			return 1;
		for (way = 0; way < ARRAY_SIZE(ways); way++)
			runs += sweep(scenario, &ways[way]);
		scenario_free(scenario);
	}
	printf("%d scenarios, %lu runs with a failure\n", argc - 1, runs);
	return !runs;
}
