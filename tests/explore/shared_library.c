// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A program that is linked with the shared library: its static variables and
 * those of the library, which are in two objects, are both part of a state.
 */
#include "../../src/kernel/poison.h"
#include <iommufd_model/explore.h>
#include <iommufd_model/kernel.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
	struct mutex mutex;
	int x;
} s;

static void setup(void *data)
{
	(void)data;
	memset(&s, 0, sizeof(s));
	mutex_init(&s.mutex);
}

static void count_twice(void *data)
{
	int *own = kmalloc(sizeof(*own), GFP_KERNEL), i;

	(void)data;
	for (i = 0; i < 2; i++) {
		mutex_lock(&s.mutex);
		s.x++;
		mutex_unlock(&s.mutex);
	}
	kfree(own);
}

static void must_be_six(void *data)
{
	(void)data;
	iommufd_model_assert(s.x == 6);
}

int main(void)
{
	static const struct iommufd_model_test test = {
		.name = "shared library", .setup = setup, .after = must_be_six,
		.threads = { { "a", count_twice }, { "b", count_twice },
			     { "c", count_twice } },
		.memory = { IOMMUFD_MODEL_STATIC_VARIABLES },
	};
	struct iommufd_model_explore_options options = { .jobs = 1 };
	struct iommufd_model_explore_result result;
	char text[200];
	int rc;

	setenv("IOMMUFD_MODEL_EXPLORE_STATES_AFTER", "1", 1);
	rc = iommufd_model_explore(&test, &options, &result);
	iommufd_model_verdict_text(&result, text, sizeof(text));
	printf("%s, %lu states%s%s\n", text, result.states,
	       result.no_states[0] ? ", none because of " : "",
	       result.no_states);
#ifndef WITH_ASAN
	rc |= !result.states || result.no_states[0];
#endif
	return rc || result.verdict != IOMMUFD_MODEL_VERDICT_COMPLETE;
}
