// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * iommufd-model explore, replay: scenario files with threads.
 *
 * All files are read and parsed first; if one of them has an error none is
 * explored.  Then one after the other: its line, and below it the report of the
 * failure if there is one.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <iommufd_model/observe.h>
#include "cli.h"
#include "load.h"
#include "output.h"
#include "progress.h"
#include "record.h"
#include "report.h"
#include "../record/output.h"

/*
 * struct order - what is to be done
 * @who: the command, for messages
 * @symmetric: names of threads
 * @expected: the failure that is to be found, or none
 * @drawings: files to be written
 */
struct order {
	const char *who;
	struct iommufd_model_explore_options options;
	const char *symmetric;
	enum iommufd_model_failure expected;
	struct drawings drawings;
	bool json;
};

enum {
	OPT_MODE = 256, OPT_PLAIN, OPT_PREEMPTIONS, OPT_TIMEOUTS, OPT_DEPTH, OPT_EXECUTIONS,
	OPT_STEPS, OPT_SECONDS, OPT_SEED, OPT_JOBS, OPT_SHARD, OPT_IGNORE,
	OPT_FAIL_NTH, OPT_KEEP_GOING, OPT_NO_MINIMISE, OPT_SYMMETRIC, OPT_JSON,
	OPT_REPLAY, OPT_OWN_STACKS, OPT_QUIET, OPT_EXPECT_FAILURE, OPT_HTML,
	OPT_TRACE, OPT_RECORD, OPT_OVERWRITE, OPT_FORCE,
};

static void print_help(void)
{
	fputs("usage: iommufd-model explore [OPTION ...] FILE...\n"
	      "       iommufd-model replay [OPTION ...] FILE SCHEDULE\n"
	      "\n"
	      "Runs the threads in each FILE (\"-\": standard input) against "
	      "each other in all\n"
	      "orders that matter, and looks for one that breaks: a result "
	      "that is not as\n"
	      "expected, a warning, a use after free, a leak, a deadlock, a "
	      "lost wake-up and\n"
	      "so on.  A replay runs one order.\n"
	      "\n"
	      "What is explored:\n"
	      "  --mode MODE            exhaustive (the default), bounded, "
	      "random\n"
	      "  --plain                no reduction by commuting counter "
	      "operations\n"
	      "  --preemptions N        bounded: at most N, 2; -1: no bound\n"
	      "  --timeouts N           at most N timeouts fire while others "
	      "can go on, 2\n"
	      "  --depth N              random: how many orders matter, 3\n"
	      "  --seed N               random: 1\n"
	      "  --symmetric NAME,...   these threads are the same; it is "
	      "checked\n"
	      "  --fail-nth N           the N-th allocation of the threads "
	      "fails; from there\n"
	      "                         on expect lines say nothing\n"
	      "  --ignore FAILURE,...   are none\n"
	      "When it ends:\n"
	      "  --executions N         after N; random: 10000\n"
	      "  --seconds X            after X seconds\n"
	      "  --steps N              an execution with more is an endless "
	      "loop, 10000\n"
	      "  --keep-going           not at the first failure\n"
	      "  --no-minimise          the first failure as it was found\n"
	      "Spreading the work:\n"
	      "  --jobs N               N processes\n"
	      "  --shard K/N            part K of N; see \"iommufd-model merge "
	      "--help\"\n"
	      "What is printed:\n"
	      "  --json                 an object per FILE, for programs\n"
	      "  --html OUT             of one FILE: a page that plays the "
	      "order that breaks,\n"
	      "                         or that is replayed\n"
	      "  --trace OUT            the same as a Chrome trace, for "
	      "Perfetto\n"
	      "  --record OUT           the same as a record, for "
	      "\"iommufd-model page\"\n"
	      "  --overwrite            OUT may replace a file that this "
	      "program did not\n"
	      "                         write, but never FILE\n"
	      "  --quiet                no report, no progress\n"
	      "  --expect-failure F     exit 0 if F was found, 1 if not\n"
	      "A replay:\n"
	      "  --replay SCHEDULE      of one FILE; a file with one will do\n"
	      "  --force                though SCHEDULE is of another FILE or "
	      "of other code\n"
	      "  --own-stacks           not with threads of the system, which "
	      "a debugger sees\n"
	      "  --help                 this text\n"
	      "\n"
	      "What is explored, when it ends and the spreading can be set as "
	      "variables, too,\n"
	      "IOMMUFD_MODEL_EXPLORE_MODE and so on, which have the last "
	      "word.\n"
	      "\n"
	      "Exit code: 0 no failure, 1 a failure was found, 2 bad usage or "
	      "input.  SIGINT\n"
	      "and SIGTERM: what was done is printed, as \"stopped\", and the "
	      "program ends by\n"
	      "the signal (130, 143).\n"
	      "\n"
	      "FAILURE is one of\n", stdout);
}

/* In one word. */
static int print_failure(enum iommufd_model_failure failure, FILE *to)
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

static int bad_usage(const struct order *order)
{
	fprintf(stderr, "Try \"%s --help\".\n", order->who);
	return EXIT_UNUSABLE;
}

/* Options */

static bool bad_value(const struct order *order, const char *option,
		      const char *value, const char *expected)
{
	fprintf(stderr, "%s: bad %s \"%s\"; expected %s\n", order->who, option,
		value, expected);
	return false;
}

/* Digits and nothing else, up to @max. */
static bool parse_count(const char *text, unsigned long max,
			unsigned long *value)
{
	char *end;

	errno = 0;
	*value = strtoul(text, &end, 10);
	return *text >= '0' && *text <= '9' && !*end && !errno && *value <= max;
}

static bool take_count(const struct order *order, const char *option,
		       const char *text, unsigned long max,
		       unsigned long *value)
{
	char expected[60];

	if (parse_count(text, max, value) && *value)
		return true;
	snprintf(expected, sizeof(expected), "a number from 1 to %lu", max);
	return bad_value(order, option, text, expected);
}

static bool take_uint(const struct order *order, const char *option,
		      const char *text, unsigned int max, unsigned int *value)
{
	unsigned long number;

	if (!take_count(order, option, text, max, &number))
		return false;
	*value = (unsigned int)number;
	return true;
}

static bool take_mode(struct order *order, const char *text)
{
	int i;

	for (i = 0; i < IOMMUFD_MODEL_REPLAY; i++) {
		if (strcmp(text, mode_names[i]))
			continue;
		order->options.mode = (enum iommufd_model_explore_mode)i;
		return true;
	}
	return bad_value(order, "--mode", text,
			 "exhaustive, bounded or random");
}

static bool take_preemptions(struct order *order, const char *text)
{
	unsigned long number;

	if (!strcmp(text, "-1")) {
		order->options.preemptions = -1;
		return true;
	}
	if (!parse_count(text, 32000, &number))
		return bad_value(order, "--preemptions", text,
				 "a number up to 32000, or -1");
	order->options.preemptions = number ? (int)number :
					      IOMMUFD_MODEL_NO_PREEMPTIONS;
	return true;
}

static bool take_timeouts(struct order *order, const char *text)
{
	unsigned long number;

	if (!parse_count(text, 32000, &number))
		return bad_value(order, "--timeouts", text,
				 "a number up to 32000");
	order->options.timeouts = number ? (int)number :
					   IOMMUFD_MODEL_NO_TIMEOUTS;
	return true;
}

static bool take_seconds(struct order *order, const char *text)
{
	double seconds;
	char *end;

	errno = 0;
	seconds = strtod(text, &end);
	if (*end || end == text || errno || !(seconds > 0) || seconds > 1e9)
		return bad_value(order, "--seconds", text,
				 "a number above 0");
	order->options.seconds = seconds;
	return true;
}

static bool take_shard(struct order *order, const char *text)
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
			order->options.shard = (unsigned int)shard;
			order->options.shards = (unsigned int)shards;
			return true;
		}
	}
	return bad_value(order, "--shard", text, "K/N, K from 1 to N");
}

static bool take_failure(const struct order *order, const char *option,
			 const char *name, enum iommufd_model_failure *failure)
{
	*failure = iommufd_model_failure_from_name(name);
	if (*failure != IOMMUFD_MODEL_NR_FAILURES &&
	    *failure != IOMMUFD_MODEL_NO_FAILURE)
		return true;
	bad_value(order, option, name, "one of");
	print_failures(stderr);
	return false;
}

static bool take_ignore(struct order *order, const char *list)
{
	enum iommufd_model_failure failure;
	char *copy = strdup(list), *rest = copy, *name;
	bool good = copy;

	while (good && (name = strsep(&rest, ","))) {
		good = take_failure(order, "--ignore", name, &failure);
		if (good)
			order->options.ignore |= 1u << failure;
	}
	free(copy);
	return good;
}

static bool take_drawing(struct order *order, enum drawing drawing,
			 const char *path)
{
	return output_take(order->who, &order->drawings.to[drawing], path);
}

static bool take_option(struct order *order, int option, const char *value)
{
	struct iommufd_model_explore_options *o = &order->options;

	switch (option) {
	case OPT_MODE:
		return take_mode(order, value);
	case OPT_PREEMPTIONS:
		return take_preemptions(order, value);
	case OPT_TIMEOUTS:
		return take_timeouts(order, value);
	case OPT_DEPTH:
		return take_uint(order, "--depth", value, 1000, &o->depth);
	case OPT_EXECUTIONS:
		return take_count(order, "--executions", value, LONG_MAX,
				  &o->executions);
	case OPT_STEPS:
		return take_uint(order, "--steps", value, 32000, &o->steps);
	case OPT_SECONDS:
		return take_seconds(order, value);
	case OPT_SEED:
		return take_count(order, "--seed", value, LONG_MAX, &o->seed);
	case OPT_JOBS:
		return take_uint(order, "--jobs", value, 1024, &o->jobs);
	case OPT_SHARD:
		return take_shard(order, value);
	case OPT_IGNORE:
		return take_ignore(order, value);
	case OPT_FAIL_NTH:
		return take_uint(order, "--fail-nth", value, 1000000,
				 &o->fail_nth);
	case OPT_HTML:
		return take_drawing(order, DRAW_HTML, value);
	case OPT_TRACE:
		return take_drawing(order, DRAW_TRACE, value);
	case OPT_RECORD:
		return take_drawing(order, DRAW_RECORD, value);
	case OPT_EXPECT_FAILURE:
		return take_failure(order, "--expect-failure", value,
				    &order->expected);
	default:
		return false;
	}
}

/* Those without a value, and those whose value needs no look. */
static bool take_simple_option(struct order *order, int option, char *value)
{
	struct iommufd_model_explore_options *o = &order->options;

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
	case OPT_OVERWRITE:
		output_overwrite();
		return true;
	case OPT_FORCE:
		o->force = true;
		return true;
	case OPT_OWN_STACKS:
		o->own_stacks = true;
		return true;
	case OPT_JSON:
		order->json = true;
		return true;
	case OPT_SYMMETRIC:
		order->symmetric = value;
		return true;
	case OPT_REPLAY:
		o->mode = IOMMUFD_MODEL_REPLAY;
		o->in_process = true;	/* for debuggers */
		o->schedule = value;
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
	{ "html", required_argument, NULL, OPT_HTML },
	{ "trace", required_argument, NULL, OPT_TRACE },
	{ "record", required_argument, NULL, OPT_RECORD },
	{ "overwrite", no_argument, NULL, OPT_OVERWRITE },
	{ "expect-failure", required_argument, NULL, OPT_EXPECT_FAILURE },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* -1: go on; else an exit code. */
static int take_options(struct order *order, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "h", long_options, NULL)) != -1) {
		if (c == 'h') {
			print_help();
			print_failures(stdout);
			fputs("\nThe language of FILE is that of "
			      "\"iommufd-model run --help\".\n", stdout);
			return EXIT_FINE;
		}
		if (!take_simple_option(order, c, optarg) &&
		    !take_option(order, c, optarg))
			return bad_usage(order);
	}
	return -1;
}

/* Exploring */

static int print_outcome(const struct order *order,
			 const struct exploration *e, const char *report)
{
	if (order->json) {
		if (report_json(e, stdout))
			return EXIT_FINE;
		fprintf(stderr, "%s: %s: out of memory\n", order->who, e->name);
		return EXIT_UNUSABLE;
	}
	report_line(e, stdout);
	if (e->result->failure && !order->options.quiet)
		fputs(report, stdout);
	if (!e->result->failure && !order->options.schedule &&
	    drawings_wanted(&order->drawings))
		fprintf(stderr, "%s: no order breaks, so none is drawn; replay "
			"draws the one it is given\n", order->who);
	return EXIT_FINE;
}

/* What the exploration of @test makes the exit code. */
static int judge(const struct order *order, const struct exploration *e)
{
	if (!order->expected)
		return e->result->failure ? EXIT_FOUND : EXIT_FINE;
	if (e->result->failure == order->expected)
		return EXIT_FINE;
	fprintf(stderr, "%s: %s: expected \"%s\", which was not found\n",
		order->who, e->name,
		iommufd_model_failure_name(order->expected));
	return EXIT_FOUND;
}

/* What replays a schedule of @scenario that is put behind it; malloc'ed. */
static char *command_of(const struct order *order,
			const struct scenario *scenario)
{
	const char *name = scenario_name(scenario), *separator = " --ignore ";
	char *command = NULL;
	size_t len;
	FILE *to = open_memstream(&command, &len);
	int i;

	if (!to)
		return NULL;
	fprintf(to, "%s replay", program_invocation_name);
	for (i = 1; i < IOMMUFD_MODEL_NR_FAILURES; i++) {
		if (!(order->options.ignore & 1u << i))
			continue;
		fputs(separator, to);
		print_failure((enum iommufd_model_failure)i, to);
		separator = ",";
	}
	fprintf(to, strpbrk(name, " \t'\"\\$&;()<>*?|`!#~") ? " '%s'" : " %s",
		name);
	return fclose(to) ? NULL : command;
}

/* What was done until then is told; now it is as if nobody had caught it. */
static void end_by_signal(int sig)
{
	if (!sig)
		return;
	fflush(NULL);
	raise(sig);
}

/* The record itself is written by the library, whose report names it. */
static bool draw(const struct order *order,
		 const struct iommufd_model_record *record)
{
	struct drawings drawings = order->drawings;

	drawings.to[DRAW_RECORD].path = NULL;
	return !record || !drawings_wanted(&drawings) ||
	       drawings_make(order->who, &drawings, record);
}

static int explore_test(const struct order *order,
			const struct scenario *scenario,
			const struct scenario_test *test)
{
	struct iommufd_model_explore_options options = order->options;
	struct iommufd_model_explore_result result;
	const struct exploration exploration = {
		.name = scenario_name(scenario),
		.checksum = scenario_checksum(scenario),
		.symmetric = order->symmetric,
		.result = &result,
	};
	char *report = NULL, *command = command_of(order, scenario);
	char version[24];
	size_t len;
	int rc, code;

	snprintf(version, sizeof(version), "%llx", exploration.checksum);
	options.version = version;
	options.returns = true;
	options.command = command;
	options.report = open_memstream(&report, &len);
	if (!options.report || !command) {
		fprintf(stderr, "%s: out of memory\n", order->who);
		free(command);
		return EXIT_UNUSABLE;
	}
	if (!options.quiet && progress_wanted()) {
		options.progress = progress_show;
		options.progress_data = (void *)scenario_name(scenario);
	}
	fflush(stdout);
	rc = iommufd_model_explore_observed(scenario_test(test), &options,
					    &result);
	progress_erase();
	fclose(options.report);
	if (rc < 0) {
		if (*report)
			fprintf(stderr, "%s: %s", order->who, report);
		else
			fprintf(stderr, "%s: %s: %s\n", order->who,
				scenario_name(scenario), strerror(-rc));
		code = EXIT_UNUSABLE;
	} else {
		code = print_outcome(order, &exploration, report);
		if (!draw(order, result.record))
			code = EXIT_UNUSABLE;
		if (!code)
			code = result.record_lost ? EXIT_UNUSABLE :
						    judge(order, &exploration);
	}
	end_by_signal(result.signal);
	iommufd_model_explore_free(&result);
	free(report);
	free(command);
	return code;
}

static int explore_scenario(const struct order *order,
			    const struct scenario *scenario)
{
	struct scenario_test *test;
	const char *why;
	char error[240];
	int code = EXIT_UNUSABLE;

	test = scenario_test_create(scenario, &why);
	if (!test) {
		fprintf(stderr, "%s: %s: %s\n", order->who,
			scenario_name(scenario), why);
		return EXIT_UNUSABLE;
	}
	if (!order->symmetric ||
	    scenario_test_symmetric(test, order->symmetric, error,
				    sizeof(error)))
		code = explore_test(order, scenario, test);
	else
		fprintf(stderr, "%s: %s: --symmetric: %s\n", order->who,
			scenario_name(scenario), error);
	scenario_test_free(test);
	return code;
}

static int explore_all(const struct order *order,
		       struct scenario *const *scenarios, int n)
{
	int i, code, worst = EXIT_FINE;

	for (i = 0; i < n; i++) {
		code = explore_scenario(order, scenarios[i]);
		if (code > worst)
			worst = code;
	}
	return worst;
}

static int explore_files(const struct order *order, char *const *paths, int n)
{
	struct scenario **scenarios = calloc((size_t)n, sizeof(*scenarios));
	bool good = scenarios;
	int i, code = EXIT_UNUSABLE;

	for (i = 0; scenarios && i < n; i++) {
		scenarios[i] = load_scenario(order->who, paths[i]);
		good = good && scenarios[i];
	}
	if (good)
		code = explore_all(order, scenarios, n);
	for (i = 0; scenarios && i < n; i++)
		scenario_free(scenarios[i]);
	free(scenarios);
	return code;
}

/* The variable has the last word, as the library sees it. */
static void take_variable(struct output_order *output, const char *name)
{
	const char *value = getenv(name);

	if (!value || !*value)
		return;
	output->option = name;
	output->path = value;
}

/*
 * What the one FILE or the files, @paths, are drawn to; a schedule is behind
 * FILE.  In a directory each has a file of its own.
 */
static bool prepare_outputs(struct order *order, char *const *paths, int n)
{
	static const char *const endings[] = { ".html", ".json", ".txt",
					       ".record" };
	static char files[NR_DRAWINGS][OUTPUT_PATH];
	struct output_order *to = order->drawings.to;
	const char *name = load_name(paths[0]);
	int i;

	take_variable(&to[DRAW_HTML], "IOMMUFD_MODEL_EXPLORE_HTML");
	take_variable(&to[DRAW_TRACE], "IOMMUFD_MODEL_EXPLORE_TRACE");
	take_variable(&to[DRAW_RECORD], "IOMMUFD_MODEL_EXPLORE_RECORD");
	for (i = 0; i < NR_DRAWINGS; i++)
		if (to[i].path)
			to[i].path = record_output_file(to[i].path, name,
							endings[i], files[i]);
	order->options.record = to[DRAW_RECORD].path;
	if (order->options.schedule &&
	    !outputs_allowed(order->who, to, NR_DRAWINGS,
			     &order->options.schedule, 1))
		return false;
	return outputs_allowed(order->who, to, NR_DRAWINGS,
			       (const char *const *)paths, n);
}

int explore_command(int argc, char **argv)
{
	struct order order = { .who = argv[0], .drawings = NO_DRAWINGS };
	int code = take_options(&order, argc, argv);

	if (code >= 0)
		return code;
	if (optind == argc) {
		fprintf(stderr, "%s: no FILE given\n", order.who);
		return bad_usage(&order);
	}
	if ((order.options.schedule || drawings_wanted(&order.drawings)) &&
	    argc - optind > 1) {
		fprintf(stderr, "%s: --replay, --html, --trace and --record "
			"are for one FILE\n", order.who);
		return bad_usage(&order);
	}
	if (!prepare_outputs(&order, argv + optind, argc - optind))
		return EXIT_UNUSABLE;
	return explore_files(&order, argv + optind, argc - optind);
}

int replay_command(int argc, char **argv)
{
	struct order order = { .who = argv[0], .drawings = NO_DRAWINGS };
	int code = take_options(&order, argc, argv);

	if (code >= 0)
		return code;
	if (argc - optind != 2) {
		fprintf(stderr, "%s: expected FILE and SCHEDULE\n", order.who);
		return bad_usage(&order);
	}
	take_simple_option(&order, OPT_REPLAY, argv[optind + 1]);
	if (!prepare_outputs(&order, argv + optind, 1))
		return EXIT_UNUSABLE;
	return explore_files(&order, argv + optind, 1);
}
