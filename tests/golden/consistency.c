// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * consistency FILE...  - run each scenario under the observer, which must know
 * the holder of every reference after every step.
 */
#include "observed.h"

int main(int argc, char **argv)
{
	struct scenario *scenario;
	unsigned long steps = 0;
	int i, bad = 0;

	for (i = 1; i < argc; i++) {
		scenario = load_scenario(argv[i]);
		if (!scenario)
			return 1;
		if (!run_observed(scenario, &steps)) {
			printf("%s: FAIL\n", argv[i]);
			bad++;
		}
		scenario_free(scenario);
	}
	printf("%d scenarios, %lu steps, %d bad\n", argc - 1, steps, bad);
	return bad || !steps;
}
