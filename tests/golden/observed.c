// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include <iommufd_model/observe.h>
#include "observed.h"

struct scenario *load_scenario(const char *path)
{
	static char text[1 << 20];
	struct scenario_errors errors;
	struct scenario *scenario;
	FILE *from = fopen(path, "rb");
	size_t len;

	if (!from) {
		perror(path);
		return NULL;
	}
	len = fread(text, 1, sizeof(text), from);
	fclose(from);
	scenario = scenario_parse(path, text, len, true, &errors);
	if (!scenario)
		scenario_print_errors(path, &errors, stdout);
	return scenario;
}

/*
 * struct watch
 * @bad: number of steps after which the references of a counter did not add up
 */
struct watch {
	const struct scenario *scenario;
	unsigned long steps, bad;
};

static void check_step(unsigned int line, const char *result, void *data)
{
	unsigned int unbalanced = iommufd_model_unbalanced();
	struct watch *watch = data;

	watch->steps++;
	if (!unbalanced)
		return;
	watch->bad++;
	printf("%s:%u: %u counters do not add up after \"%s\"\n",
	       scenario_name(watch->scenario), line, unbalanced, result);
}

bool run_observed(const struct scenario *scenario, unsigned long *steps)
{
	struct watch watch = { .scenario = scenario };
	const struct scenario_output output = {
		.problems = stdout, .after_line = check_step, .data = &watch,
	};
	enum scenario_outcome outcome;

	if (iommufd_model_observe_start(NULL, NULL)) {
		printf("%s: cannot be observed\n", scenario_name(scenario));
		return false;
	}
	outcome = scenario_run(scenario, &output);
	check_step(0, "the end", &watch);
	iommufd_model_observe_stop();
	*steps += watch.steps;
	return outcome == SCENARIO_FINE && !watch.bad;
}
