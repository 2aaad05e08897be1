// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * iommufd-model run: run scenario files.
 *
 * All files are read and parsed first.  If one of them has an error, none is
 * run.
 */
#include <getopt.h>
#include <stdlib.h>
#include "cli.h"
#include "help.h"
#include "load.h"
#include "options.h"
#include "record.h"

static enum exit_code exit_code_of(int outcome)
{
	switch (outcome) {
	case SCENARIO_FINE:
		return EXIT_FINE;
	case SCENARIO_FAILED:
		return EXIT_FOUND;
	default:
		return EXIT_UNUSABLE;
	}
}

static int run_drawn(const struct scenario *s,
		     const struct scenario_output *output,
		     const struct drawings *drawings)
{
	struct iommufd_model_record *record = iommufd_model_record_create(0);
	int outcome = record_run(s, output, record);

	if (outcome != SCENARIO_NOT_RUN &&
	    !drawings_make("iommufd-model run", drawings, record))
		outcome = SCENARIO_NOT_RUN;
	iommufd_model_record_free(record);
	return outcome;
}

static int run_all(const char *who, struct scenario *const *scenarios, int n,
		   bool story, const struct drawings *drawings)
{
	const struct scenario_output output = {
		.results = stdout, .problems = stderr,
	};
	int i, code, worst = EXIT_FINE;

	/*
	 * Write each line at once, so that the results before a crash are
	 * printed.
	 */
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	for (i = 0; i < n; i++) {
		if (scenario_is_empty(scenarios[i]))
			fprintf(stderr,
				"%s: %s: there is no operation in it\n", who,
				scenario_name(scenarios[i]));
		if (n > 1)
			printf("# %s\n", scenario_name(scenarios[i]));
		if (story)
			code = story_run(scenarios[i], stdout);
		else if (drawings_wanted(drawings))
			code = run_drawn(scenarios[i], &output, drawings);
		else
			code = (int)scenario_run(scenarios[i], &output);
		code = exit_code_of(code);
		if (code > worst)
			worst = code;
	}
	return worst;
}

static int run_files(const char *who, char *const *paths, int n, bool story,
		     const struct drawings *drawings)
{
	struct scenario **scenarios;
	int code;

	if (!outputs_allowed(who, drawings->to, NR_DRAWINGS,
			     (const char *const *)paths, n))
		return EXIT_UNUSABLE;
	scenarios = load_scenarios(who, paths, n);
	if (!scenarios)
		return EXIT_UNUSABLE;
	code = run_all(who, scenarios, n, story, drawings);
	free_scenarios(scenarios, n);
	return code;
}

int run_command(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "story", no_argument, NULL, 's' },
		DRAWING_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	struct drawings drawings = NO_DRAWINGS;
	bool story = false;
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help_run, stdout);
			scenario_print_operations(stdout);
			return EXIT_FINE;
		}
		if (c == 's')
			story = true;
		else if (!take_drawing_option(argv[0], &drawings, c, optarg))
			return usage_error(argv[0]);
	}
	if (optind == argc) {
		fprintf(stderr, "%s: no FILE given\n", argv[0]);
		return usage_error(argv[0]);
	}
	if (drawings_wanted(&drawings) && (argc - optind > 1 || story)) {
		fprintf(stderr, "%s: --html, --trace, --columns and --record "
			"take one FILE, and cannot be used with --story\n",
			argv[0]);
		return usage_error(argv[0]);
	}
	return run_files(argv[0], argv + optind, argc - optind, story,
			 &drawings);
}
