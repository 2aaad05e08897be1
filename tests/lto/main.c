// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Switch back and forth between two stacks of the explorer: the switch must
 * work in a program that is linked with link time optimisation.
 */
#include "../../src/explore/fiber.h"
#include <stdio.h>
#include <stdlib.h>

static struct fiber self, other;
static int steps;

static void count(void)
{
	for (;;) {
		steps++;
		explore_fiber_switch(&other, &self);
	}
}

int main(void)
{
	int i;

	explore_fiber_init_self(&self);
	if (explore_fiber_prepare(&other, count))
		return EXIT_FAILURE;
	for (i = 0; i < 3; i++)
		explore_fiber_switch(&self, &other);
	explore_fiber_free(&other);
	printf("%d\n", steps);
	return steps == 3 ? EXIT_SUCCESS : EXIT_FAILURE;
}
