// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Fuzz target: the options of an exploration in the environment.
 *
 * Each line of an input is what follows IOMMUFD_MODEL_EXPLORE_ in a variable,
 * "NAME=VALUE".  The options are accepted, and then each of them has a value
 * that an exploration can work with, or there is a message.
 */
#include "fuzz.h"
#include "exploration.h"
#include <stdlib.h>
#include <string.h>

#define PREFIX "IOMMUFD_MODEL_EXPLORE_"
#define MAX_VARIABLES 32

extern char **environ;

static void nothing(void *data)
{
	(void)data;
}

static const struct iommufd_model_test test = {
	.name = "fuzz", .threads = { { "one", nothing }, { "two", nothing } },
};

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	fuzz_quiet();
	return 0;
}

/* Make the lines of @text the environment @variables. */
static void make_environment(char *text, char *variables[MAX_VARIABLES + 1])
{
	char *line, *variable;
	int nr = 0;

	while (nr < MAX_VARIABLES && (line = strsep(&text, "\n"))) {
		variable = malloc(strlen(line) + sizeof(PREFIX));
		fuzz_assert(variable);
		strcpy(variable, PREFIX);
		strcat(variable, line);
		variables[nr++] = variable;
	}
	variables[nr] = NULL;
}

static void check(const struct iommufd_model_explore_options *opt)
{
	fuzz_assert(opt->steps >= 1 && opt->steps <= MAX_STEPS);
	fuzz_assert(opt->preemptions >= -1 && opt->timeouts >= 0);
	fuzz_assert(opt->spurious >= 0 && opt->alloc_failures >= 0 &&
		    opt->short_copies >= 0);
	fuzz_assert(!opt->alloc_failures || !opt->fail_nth);
	fuzz_assert(opt->states >= 0 && opt->states <= 4096);
	fuzz_assert(opt->depth >= 1 && opt->hang >= 0 && opt->seconds >= 0);
	fuzz_assert(opt->jobs >= 1 && opt->jobs <= EXPLORE_MAX_JOBS);
	fuzz_assert(opt->shard >= 1 && opt->shard <= opt->shards);
	fuzz_assert(opt->mode <= IOMMUFD_MODEL_MODE_REPLAY);
	fuzz_assert(opt->mode != IOMMUFD_MODEL_MODE_REPLAY || opt->schedule);
	fuzz_assert(!(opt->ignore >> IOMMUFD_MODEL_NR_FAILURES));
	/* An exploration without a limit of executions has an end. */
	fuzz_assert(opt->mode != IOMMUFD_MODEL_MODE_RANDOM || opt->executions);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char **before = environ, *variables[MAX_VARIABLES + 1];
	char *text = fuzz_text(data, size);
	struct exploration x = { .test = &test };
	int i, rc;

	make_environment(text, variables);
	environ = variables;
	rc = explore_options(&x, NULL);
	environ = before;
	fuzz_assert(!rc || (rc == -EINVAL && *x.error));
	fuzz_assert(memchr(x.error, 0, sizeof(x.error)));
	if (!rc)
		check(&x.opt);
	for (i = 0; variables[i]; i++)
		free(variables[i]);
	free(text);
	return 0;
}
