// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The options of explore and replay.  See explore.h.
 */
#include "explore.h"
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include "cli.h"
#include "options.h"
#include "report.h"

enum {
	OPT_MODE = 256, OPT_PLAIN, OPT_PREEMPTIONS, OPT_TIMEOUTS, OPT_DEPTH,
	OPT_EXECUTIONS, OPT_STEPS, OPT_SECONDS, OPT_SEED, OPT_JOBS, OPT_SHARD,
	OPT_IGNORE, OPT_FAIL_NTH, OPT_KEEP_GOING, OPT_NO_MINIMISE,
	OPT_SYMMETRIC, OPT_JSON, OPT_REPLAY, OPT_OWN_STACKS, OPT_QUIET,
	OPT_EXPECT_FAILURE, OPT_FORCE,
};

static const char help[] =
	"usage: iommufd-model explore [OPTION ...] FILE...\n"
	"       iommufd-model replay [OPTION ...] FILE SCHEDULE\n"
	"\n"
	"Runs the threads in each FILE (\"-\": standard input) under all "
	"schedules that\n"
	"can differ, and looks for one that fails: an unexpected result, a "
	"warning, a\n"
	"use after free, a leak, a deadlock, a lost wake-up and so on.  "
	"\"replay\" runs\n"
	"one schedule.\n"
	"\n"
	"Which schedules are run:\n"
	"  --mode MODE            exhaustive (the default), bounded or "
	"random\n"
	"  --plain                treat all operations on a counter as "
	"conflicts\n"
	"  --preemptions N        bounded: at most N preemptions (2); -1: any "
	"number\n"
	"  --timeouts N           at most N timeouts while other threads can "
	"run (2)\n"
	"  --depth N              random: find failures that need N ordered "
	"steps (3)\n"
	"  --seed N               random: the seed of the random numbers (1)\n"
	"  --symmetric NAME,...   these threads are the same: run one of their "
	"orders\n"
	"  --fail-nth N           let the N-th allocation of the threads fail; "
	"after it,\n"
	"                         expect lines are not checked\n"
	"  --ignore FAILURE,...   do not report these failures\n"
	"When the exploration ends:\n"
	"  --executions N         after N executions (random: 10000)\n"
	"  --seconds X            after X seconds\n"
	"  --steps N              report an execution with more steps as an "
	"endless loop\n"
	"                         (10000)\n"
	"  --keep-going           go on after the first failure\n"
	"  --no-minimise          report the first failure as it was found\n"
	"How the work is shared:\n"
	"  --jobs N               use N processes\n"
	"  --shard K/N            run only part K of N; see \"iommufd-model "
	"merge --help\"\n"
	"What is printed:\n"
	"  --json                 print a JSON object for each FILE\n"
	"  --quiet                print neither reports nor progress\n"
	"  --expect-failure F     exit 0 if the failure F is found, else 1\n"
	"What is written, for one FILE, about the schedule that fails or is "
	"replayed:\n"
	DRAWING_HELP
	"For a replay:\n"
	"  --replay SCHEDULE      explore: replay one FILE; SCHEDULE may be in "
	"a file\n"
	"  --force                replay a SCHEDULE of another FILE or of "
	"other code\n"
	"  --own-stacks           use no threads of the system, which a "
	"debugger sees\n"
	"  --help                 print this text\n"
	"\n"
	"The options of the first three groups are also environment variables, "
	"such as\n"
	"IOMMUFD_MODEL_EXPLORE_MODE.  A variable overrides the option.\n"
	"\n"
	"Exit code: 0 no failure, 1 a failure was found, 2 bad usage or "
	"input.  After\n"
	"SIGINT or SIGTERM the result so far is printed as \"stopped\", and "
	"the signal\n"
	"ends the program (130, 143).\n"
	"\n"
	"FAILURE is one of\n";

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

/* Options */

static bool bad_value(const struct request *request, const char *option,
		      const char *value, const char *expected)
{
	fprintf(stderr, "%s: bad %s \"%s\"; expected %s\n", request->who,
		option, value, expected);
	return false;
}

/* Parse @text, which must consist of digits only and be at most @max. */
static bool parse_count(const char *text, unsigned long max,
			unsigned long *value)
{
	char *end;

	errno = 0;
	*value = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno && *value <= max;
}

static bool take_count(const struct request *request, const char *option,
		       const char *text, unsigned long max,
		       unsigned long *value)
{
	char expected[60];

	if (parse_count(text, max, value) && *value)
		return true;
	snprintf(expected, sizeof(expected), "a number from 1 to %lu", max);
	return bad_value(request, option, text, expected);
}

static bool take_uint(const struct request *request, const char *option,
		      const char *text, unsigned int max, unsigned int *value)
{
	unsigned long number;

	if (!take_count(request, option, text, max, &number))
		return false;
	*value = (unsigned int)number;
	return true;
}

static bool take_mode(struct request *request, const char *text)
{
	int i;

	for (i = 0; i < IOMMUFD_MODEL_REPLAY; i++) {
		if (strcmp(text, mode_names[i]))
			continue;
		request->options.mode = (enum iommufd_model_explore_mode)i;
		return true;
	}
	return bad_value(request, "--mode", text,
			 "exhaustive, bounded or random");
}

static bool take_preemptions(struct request *request, const char *text)
{
	unsigned long number;

	if (!strcmp(text, "-1")) {
		request->options.preemptions = -1;
		return true;
	}
	if (!parse_count(text, 32000, &number))
		return bad_value(request, "--preemptions", text,
				 "a number up to 32000, or -1");
	request->options.preemptions = number ? (int)number :
					      IOMMUFD_MODEL_NO_PREEMPTIONS;
	return true;
}

static bool take_timeouts(struct request *request, const char *text)
{
	unsigned long number;

	if (!parse_count(text, 32000, &number))
		return bad_value(request, "--timeouts", text,
				 "a number up to 32000");
	request->options.timeouts = number ? (int)number :
					   IOMMUFD_MODEL_NO_TIMEOUTS;
	return true;
}

static bool take_seconds(struct request *request, const char *text)
{
	double seconds;
	char *end;

	errno = 0;
	seconds = strtod(text, &end);
	if (*end || end == text || errno || !(seconds > 0) || seconds > 1e9)
		return bad_value(request, "--seconds", text,
				 "a number above 0, at most 1e9");
	request->options.seconds = seconds;
	return true;
}

static bool take_shard(struct request *request, const char *text)
{
	const char *slash = strchr(text, '/');
	unsigned long shard, shards;
	char first[24];

	if (slash && (size_t)(slash - text) < sizeof(first)) {
		memcpy(first, text, (size_t)(slash - text));
		first[slash - text] = 0;
		if (parse_count(first, UINT_MAX, &shard) &&
		    parse_count(slash + 1, UINT_MAX, &shards) && shard &&
		    shard <= shards) {
			request->options.shard = (unsigned int)shard;
			request->options.shards = (unsigned int)shards;
			return true;
		}
	}
	return bad_value(request, "--shard", text, "K/N, K from 1 to N");
}

static bool take_failure(const struct request *request, const char *option,
			 const char *name, enum iommufd_model_failure *failure)
{
	*failure = iommufd_model_failure_from_name(name);
	if (*failure != IOMMUFD_MODEL_NR_FAILURES &&
	    *failure != IOMMUFD_MODEL_NO_FAILURE)
		return true;
	bad_value(request, option, name, "one of");
	print_failures(stderr);
	return false;
}

static bool take_ignore(struct request *request, const char *list)
{
	enum iommufd_model_failure failure;
	char *copy = strdup(list), *rest = copy, *name;
	bool good = copy;

	while (good && (name = strsep(&rest, ","))) {
		good = take_failure(request, "--ignore", name, &failure);
		if (good)
			request->options.ignore |= 1u << failure;
	}
	free(copy);
	return good;
}

static bool take_option(struct request *request, int option, const char *value)
{
	struct iommufd_model_explore_options *o = &request->options;

	switch (option) {
	case OPT_MODE:
		return take_mode(request, value);
	case OPT_PREEMPTIONS:
		return take_preemptions(request, value);
	case OPT_TIMEOUTS:
		return take_timeouts(request, value);
	case OPT_DEPTH:
		return take_uint(request, "--depth", value, 1000, &o->depth);
	case OPT_EXECUTIONS:
		return take_count(request, "--executions", value, LONG_MAX,
				  &o->executions);
	case OPT_STEPS:
		return take_uint(request, "--steps", value, 32000, &o->steps);
	case OPT_SECONDS:
		return take_seconds(request, value);
	case OPT_SEED:
		return take_count(request, "--seed", value, LONG_MAX, &o->seed);
	case OPT_JOBS:
		return take_uint(request, "--jobs", value, 1024, &o->jobs);
	case OPT_SHARD:
		return take_shard(request, value);
	case OPT_IGNORE:
		return take_ignore(request, value);
	case OPT_FAIL_NTH:
		return take_uint(request, "--fail-nth", value, 1000000,
				 &o->fail_nth);
	case OPT_EXPECT_FAILURE:
		return take_failure(request, "--expect-failure", value,
				    &request->expected);
	default:
		return false;
	}
}

void replay_schedule(struct request *request, char *schedule)
{
	request->options.mode = IOMMUFD_MODEL_REPLAY;
	request->options.in_process = true;	/* so that a debugger sees it */
	request->options.schedule = schedule;
}

/* Take an option without a value, or with one that is not checked here. */
static bool take_simple_option(struct request *request, int option, char *value)
{
	struct iommufd_model_explore_options *o = &request->options;

	switch (option) {
	case OPT_PLAIN:
		o->plain = true;
		return true;
	case OPT_KEEP_GOING:
		o->keep_going = true;
		return true;
	case OPT_NO_MINIMISE:
		o->no_minimise = true;
		return true;
	case OPT_QUIET:
		o->quiet = true;
		return true;
	case OPT_FORCE:
		o->force = true;
		return true;
	case OPT_OWN_STACKS:
		o->own_stacks = true;
		return true;
	case OPT_JSON:
		request->json = true;
		return true;
	case OPT_SYMMETRIC:
		request->symmetric = value;
		return true;
	case OPT_REPLAY:
		replay_schedule(request, value);
		return true;
	default:
		return false;
	}
}

static const struct option long_options[] = {
	{ "mode", required_argument, NULL, OPT_MODE },
	{ "plain", no_argument, NULL, OPT_PLAIN },
	{ "preemptions", required_argument, NULL, OPT_PREEMPTIONS },
	{ "timeouts", required_argument, NULL, OPT_TIMEOUTS },
	{ "depth", required_argument, NULL, OPT_DEPTH },
	{ "executions", required_argument, NULL, OPT_EXECUTIONS },
	{ "steps", required_argument, NULL, OPT_STEPS },
	{ "seconds", required_argument, NULL, OPT_SECONDS },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "jobs", required_argument, NULL, OPT_JOBS },
	{ "shard", required_argument, NULL, OPT_SHARD },
	{ "ignore", required_argument, NULL, OPT_IGNORE },
	{ "fail-nth", required_argument, NULL, OPT_FAIL_NTH },
	{ "keep-going", no_argument, NULL, OPT_KEEP_GOING },
	{ "no-minimise", no_argument, NULL, OPT_NO_MINIMISE },
	{ "symmetric", required_argument, NULL, OPT_SYMMETRIC },
	{ "json", no_argument, NULL, OPT_JSON },
	{ "replay", required_argument, NULL, OPT_REPLAY },
	{ "force", no_argument, NULL, OPT_FORCE },
	{ "own-stacks", no_argument, NULL, OPT_OWN_STACKS },
	{ "quiet", no_argument, NULL, OPT_QUIET },
	DRAWING_OPTIONS,
	{ "expect-failure", required_argument, NULL, OPT_EXPECT_FAILURE },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

int take_explore_options(struct request *request, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help, stdout);
			print_failures(stdout);
			fputs("\n\"iommufd-model run --help\" describes the "
			      "language of FILE.\n", stdout);
			return EXIT_FINE;
		}
		if (!take_simple_option(request, c, optarg) &&
		    !take_drawing_option(request->who, &request->drawings, c,
					 optarg) &&
		    !take_option(request, c, optarg))
			return usage_error(request->who);
	}
	return -1;
}
