// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The options of explore and replay.  See explore.h.
 */
#include "explore.h"
#include <getopt.h>
#include <string.h>
#include "cli.h"
#include "help.h"
#include "options.h"
#include "../explore/options.h"

/* OPT_LIBRARY: an option that explore_option_set() takes by its name. */
enum {
	OPT_LIBRARY = 256, OPT_NO_MINIMISE, OPT_SYMMETRIC, OPT_JSON,
	OPT_REPLAY, OPT_QUIET, OPT_EXPECT_FAILURE, OPT_STATES_FILE,
};

int print_failure(enum iommufd_model_failure failure, FILE *to)
{
	const char *c = iommufd_model_failure_name(failure);
	int len = 0;

	for (; *c; c++, len++)
		fputc(*c == ' ' ? '-' : *c, to);
	return len;
}

static void print_failures(FILE *to)
{
	int i, column = 0;

	for (i = 1; i < IOMMUFD_MODEL_NR_FAILURES; i++) {
		if (column > 55) {
			fputc('\n', to);
			column = 0;
		}
		column += fprintf(to, column ? ", " : "  ");
		column += print_failure((enum iommufd_model_failure)i, to);
	}
	fputc('\n', to);
}

/* The functions below read the options. */

static bool bad_value(const struct request *request, const char *option,
		      const char *value, const char *expected)
{
	fprintf(stderr, "%s: bad --%s \"%s\"; expected %s\n", request->who,
		option, value, expected);
	return false;
}

/* Read an option that has an environment variable as well. */
static bool take_library_option(struct request *request, const char *name,
				const char *value)
{
	unsigned int ignored = request->options.ignore;
	char expected[EXPLORE_EXPECTED];
	bool good;

	good = explore_option_set(&request->options, name, value ? value : "1",
				  expected);
	/* The option may be given several times. */
	request->options.ignore |= ignored;
	if (good)
		return true;
	bad_value(request, name, value, expected);
	if (!strcmp(name, "ignore"))
		print_failures(stderr);
	return false;
}

static bool take_expected(struct request *request, const char *name)
{
	request->expected = iommufd_model_failure_from_name(name);
	if (request->expected != IOMMUFD_MODEL_NR_FAILURES)
		return true;
	bad_value(request, "expect-failure", name, "one of");
	print_failures(stderr);
	return false;
}

void replay_schedule(struct request *request, char *schedule)
{
	request->options.mode = IOMMUFD_MODEL_MODE_REPLAY;
	request->options.in_process = true;	/* so that a debugger sees it */
	request->options.schedule = schedule;
}

/* Read @option, which is called @name.  Returns false after a message. */
static bool take_option(struct request *request, int option, const char *name,
			char *value)
{
	switch (option) {
	case OPT_LIBRARY:
		return take_library_option(request, name, value);
	case OPT_EXPECT_FAILURE:
		return take_expected(request, value);
	case OPT_NO_MINIMISE:
		request->options.no_minimise = true;
		return true;
	case OPT_QUIET:
		request->options.quiet = true;
		return true;
	case OPT_JSON:
		request->json = true;
		return true;
	case OPT_STATES_FILE:
		request->options.states_file = value;
		return true;
	case OPT_SYMMETRIC:
		request->symmetric = value;
		return true;
	case OPT_REPLAY:
		replay_schedule(request, value);
		return true;
	default:
		return take_drawing_option(request->who, &request->drawings,
					   option, value);
	}
}

static const struct option long_options[] = {
	{ "mode", required_argument, NULL, OPT_LIBRARY },
	{ "plain", no_argument, NULL, OPT_LIBRARY },
	{ "preemptions", required_argument, NULL, OPT_LIBRARY },
	{ "timeouts", required_argument, NULL, OPT_LIBRARY },
	{ "spurious", required_argument, NULL, OPT_LIBRARY },
	{ "alloc-failures", required_argument, NULL, OPT_LIBRARY },
	{ "short-copies", required_argument, NULL, OPT_LIBRARY },
	{ "depth", required_argument, NULL, OPT_LIBRARY },
	{ "executions", required_argument, NULL, OPT_LIBRARY },
	{ "steps", required_argument, NULL, OPT_LIBRARY },
	{ "seconds", required_argument, NULL, OPT_LIBRARY },
	{ "seed", required_argument, NULL, OPT_LIBRARY },
	{ "jobs", required_argument, NULL, OPT_LIBRARY },
	{ "shard", required_argument, NULL, OPT_LIBRARY },
	{ "states", required_argument, NULL, OPT_LIBRARY },
	{ "states-file", required_argument, NULL, OPT_STATES_FILE },
	{ "ignore", required_argument, NULL, OPT_LIBRARY },
	{ "fail-nth", required_argument, NULL, OPT_LIBRARY },
	{ "keep-going", no_argument, NULL, OPT_LIBRARY },
	{ "force", no_argument, NULL, OPT_LIBRARY },
	{ "own-stacks", no_argument, NULL, OPT_LIBRARY },
	{ "no-minimise", no_argument, NULL, OPT_NO_MINIMISE },
	{ "symmetric", required_argument, NULL, OPT_SYMMETRIC },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "replay", required_argument, NULL, OPT_REPLAY },
	{ "quiet", no_argument, NULL, OPT_QUIET },
	DRAWING_OPTIONS,
	{ "expect-failure", required_argument, NULL, OPT_EXPECT_FAILURE },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

int take_explore_options(struct request *request, int argc, char **argv)
{
	int c, index = 0;

	iommufd_model_explore_options_init(&request->options);
	while ((c = getopt_long(argc, argv, "h", long_options, &index)) != -1) {
		if (c == 'h') {
			fputs(help_explore, stdout);
			print_failures(stdout);
			fputs("\n\"iommufd-model run --help\" describes the "
			      "language of FILE.\n", stdout);
			return EXIT_FINE;
		}
		if (!take_option(request, c, long_options[index].name, optarg))
			return usage_error(request->who);
	}
	return -1;
}
