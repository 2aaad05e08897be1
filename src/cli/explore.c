// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * iommufd-model explore, replay: run the threads of scenario files under many
 * schedules, or under one.
 *
 * All files are read and parsed first.  If one of them has an error, none is
 * explored.  For each file a line is printed and, if there is a failure, the
 * report below it.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <iommufd_model/observe.h>
#include "cli.h"
#include "../kernel/no_state.h"
#include "explore.h"
#include "load.h"
#include "options.h"
#include "output.h"
#include "progress.h"
#include "record.h"
#include "report.h"
#include "../record/output.h"

static int print_outcome(const struct request *request,
			 const struct exploration *e, const char *report)
{
	if (request->json) {
		if (report_json(e, stdout))
			return EXIT_FINE;
		fprintf(stderr, "%s: %s: out of memory\n", request->who,
			e->name);
		return EXIT_UNUSABLE;
	}
	report_line(e, stdout);
	if (e->result->failure && !request->options.quiet)
		fputs(report, stdout);
	if (!e->result->failure && !request->options.schedule &&
	    drawings_wanted(&request->drawings))
		fprintf(stderr, "%s: %s: no schedule fails, so no file is "
			"written; \"iommufd-model replay\" writes one for any "
			"schedule\n", request->who, e->name);
	return EXIT_FINE;
}

/* Return the exit code for the result of an exploration. */
static int judge(const struct request *request, const struct exploration *e)
{
	if (!request->expected)
		return e->result->failure ? EXIT_FOUND : EXIT_FINE;
	if (e->result->failure == request->expected)
		return EXIT_FINE;
	fprintf(stderr, "%s: %s: expected \"%s\", which was not found\n",
		request->who, e->name,
		iommufd_model_failure_name(request->expected));
	return EXIT_FOUND;
}

/*
 * Return the command that replays the schedule appended to it.  The caller
 * frees it.
 */
static char *command_of(const struct request *request,
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
		if (!(request->options.ignore & 1u << i))
			continue;
		fputs(separator, to);
		print_failure((enum iommufd_model_failure)i, to);
		separator = ",";
	}
	fprintf(to, strpbrk(name, " \t'\"\\$&;()<>*?|`!#~") ? " '%s'" : " %s",
		name);
	return fclose(to) ? NULL : command;
}

/* After the result so far was printed, let the signal end the program. */
static void end_by_signal(int sig)
{
	if (!sig)
		return;
	fflush(NULL);
	raise(sig);
}

/*
 * Make the drawings.  The library writes the record itself, and names it in the
 * report.
 */
static bool draw(const struct request *request,
		 const struct iommufd_model_record *record)
{
	struct drawings drawings = request->drawings;

	drawings.to[DRAW_RECORD].path = NULL;
	return !record || !drawings_wanted(&drawings) ||
	       drawings_make(request->who, &drawings, record);
}

/*
 * Print and write the result of an exploration, and return the exit code for
 * it.
 */
static int finish(const struct request *request, const struct exploration *e,
		  const char *report)
{
	int code = print_outcome(request, e, report);

	if (!draw(request, e->result->record) || e->result->record_lost)
		return EXIT_UNUSABLE;
	return code ? code : judge(request, e);
}

static int refuse(const struct request *request, const char *name, int rc,
		  const char *report)
{
	if (*report)
		fprintf(stderr, "%s: %s", request->who, report);
	else
		fprintf(stderr, "%s: %s: %s\n", request->who, name,
			strerror(-rc));
	return EXIT_UNUSABLE;
}

/* Explore with @options, and print the report to @report. */
static int explore_test(const struct request *request,
			const struct scenario *scenario,
			const struct scenario_test *test,
			const struct iommufd_model_explore_options *options,
			char **report)
{
	struct iommufd_model_explore_result result;
	const struct exploration exploration = {
		.name = scenario_name(scenario),
		.checksum = scenario_checksum(scenario),
		.symmetric = request->symmetric,
		.result = &result,
	};
	int rc, code;

	fflush(stdout);
	rc = iommufd_model_explore_observed(scenario_test(test), options,
					    &result);
	progress_erase();
	fflush(options->report);
	code = rc < 0 ? refuse(request, exploration.name, rc, *report) :
			finish(request, &exploration, *report);
	end_by_signal(result.signal);
	iommufd_model_explore_free(&result);
	return code;
}

static int explore(const struct request *request,
		   const struct scenario *scenario,
		   const struct scenario_test *test)
{
	struct iommufd_model_explore_options options = request->options;
	char *report = NULL, *command = command_of(request, scenario);
	int code = EXIT_UNUSABLE;
	char version[24];
	size_t len;

	snprintf(version, sizeof(version), "%llx", scenario_checksum(scenario));
	options.version = version;
	options.returns = true;
	options.command = command;
	options.report = open_memstream(&report, &len);
	/* Why the exploration was refused is in the report, too. */
	options.quiet = false;
	if (!request->options.quiet && progress_wanted()) {
		options.progress = progress_show;
		options.progress_data = (void *)scenario_name(scenario);
	}
	if (options.report && command)
		code = explore_test(request, scenario, test, &options, &report);
	else
		fprintf(stderr, "%s: out of memory\n", request->who);
	if (options.report)
		fclose(options.report);
	free(report);
	free(command);
	return code;
}

static int explore_scenario(const struct request *request,
			    const struct scenario *scenario)
{
	struct scenario_test *test;
	const char *why;
	char error[240];
	int code = EXIT_UNUSABLE;

	test = scenario_test_create(scenario, &why);
	if (!test) {
		fprintf(stderr, "%s: %s: %s\n", request->who,
			scenario_name(scenario), why);
		return EXIT_UNUSABLE;
	}
	if (!request->symmetric ||
	    scenario_test_symmetric(test, request->symmetric, error,
				    sizeof(error)))
		code = explore(request, scenario, test);
	else
		fprintf(stderr, "%s: %s: --symmetric: %s\n", request->who,
			scenario_name(scenario), error);
	scenario_test_free(test);
	return code;
}

static int explore_files(const struct request *request, char *const *paths,
			 int n)
{
	struct scenario **scenarios = load_scenarios(request->who, paths, n);
	int i, code, worst = EXIT_FINE;

	/* Of the program's variables, these depend on its options (addresses.c). */
	optind = 1;
	optarg = NULL;

	if (!scenarios)
		return EXIT_UNUSABLE;
	for (i = 0; i < n; i++) {
		code = explore_scenario(request, scenarios[i]);
		if (code > worst)
			worst = code;
	}
	free_scenarios(scenarios, n);
	return worst;
}

/* An environment variable overrides the option, as in the library. */
static void take_variable(struct output_order *output, const char *name)
{
	const char *value = getenv(name);

	if (!value || !*value)
		return;
	output->option = name;
	output->path = value;
}

/*
 * Find out which files the exploration of @paths will write, and check that
 * they may be written.  If an output is a directory, each scenario gets a file
 * of its own in it.
 */
static bool prepare_outputs(struct request *request, char *const *paths, int n)
{
	static const char *const endings[] = { ".html", ".json", ".txt",
					       ".record" };
	static char files[NR_DRAWINGS][OUTPUT_PATH];
	NO_CHECKPOINT(files);
	struct output_order *to = request->drawings.to;
	const char *name = load_name(paths[0]);
	int i;

	take_variable(&to[DRAW_HTML], "IOMMUFD_MODEL_EXPLORE_HTML");
	take_variable(&to[DRAW_TRACE], "IOMMUFD_MODEL_EXPLORE_TRACE");
	take_variable(&to[DRAW_RECORD], "IOMMUFD_MODEL_EXPLORE_RECORD");
	for (i = 0; i < NR_DRAWINGS; i++)
		if (to[i].path)
			to[i].path = record_output_file(to[i].path, name,
							endings[i], files[i]);
	request->options.record = to[DRAW_RECORD].path;
	if (request->options.schedule &&
	    !outputs_allowed(request->who, to, NR_DRAWINGS,
			     &request->options.schedule, 1))
		return false;
	return outputs_allowed(request->who, to, NR_DRAWINGS,
			       (const char *const *)paths, n);
}

int explore_command(int argc, char **argv)
{
	struct request request = { .who = argv[0], .drawings = NO_DRAWINGS };
	int code = take_explore_options(&request, argc, argv);

	if (code >= 0)
		return code;
	if (optind == argc) {
		fprintf(stderr, "%s: no FILE given\n", request.who);
		return usage_error(request.who);
	}
	if ((request.options.schedule || drawings_wanted(&request.drawings)) &&
	    argc - optind > 1) {
		fprintf(stderr, "%s: --replay, --html, --trace, --columns and "
			"--record take one FILE\n", request.who);
		return usage_error(request.who);
	}
	if (!prepare_outputs(&request, argv + optind, argc - optind))
		return EXIT_UNUSABLE;
	return explore_files(&request, argv + optind, argc - optind);
}

int replay_command(int argc, char **argv)
{
	struct request request = { .who = argv[0], .drawings = NO_DRAWINGS };
	int code = take_explore_options(&request, argc, argv);

	if (code >= 0)
		return code;
	if (argc - optind != 2) {
		fprintf(stderr, "%s: expected FILE and SCHEDULE\n",
			request.who);
		return usage_error(request.who);
	}
	if (!*argv[optind + 1])
		fprintf(stderr, "%s: the schedule is empty: each thread runs "
			"until it blocks or ends\n", request.who);
	replay_schedule(&request, argv[optind + 1]);
	if (!prepare_outputs(&request, argv + optind, 1))
		return EXIT_UNUSABLE;
	return explore_files(&request, argv + optind, 1);
}
