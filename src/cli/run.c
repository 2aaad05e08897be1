// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * iommufd-model run: scenario files.
 *
 * All files are read and parsed first; if one of them has an error none is run.
 */
#include <getopt.h>
#include <stdlib.h>
#include "cli.h"
#include "load.h"
#include "record.h"

static void print_help(void)
{
	fputs("usage: iommufd-model run [--story] FILE...\n"
	      "       iommufd-model run [--overwrite] "
	      "--html|--trace|--columns|--record OUT\n"
	      "                         FILE\n"
	      "\n"
	      "Runs the operations in each FILE (\"-\": standard input) and "
	      "prints a line of\n"
	      "result for each, threads one after the other.  Nothing is run "
	      "unless all files\n"
	      "can be parsed.\n"
	      "\n"
	      "  --story         tell each step and what it did\n"
	      "  --html OUT      a page that plays the run, with the ownership "
	      "graph\n"
	      "  --trace OUT     a Chrome trace, for Perfetto\n"
	      "  --columns OUT   every operation as text\n"
	      "  --record OUT    a record, for \"iommufd-model page\"\n"
	      "  --overwrite     OUT may replace a file that this program did "
	      "not write, but\n"
	      "                  never FILE\n"
	      "  --help          this text\n"
	      "\n"
	      "Exit code: 0 all is well, 1 a warning, a leak or an unexpected "
	      "result, 2 bad\n"
	      "usage or input.\n"
	      "\n"
	      "Operations, one per line, # begins a comment:\n", stdout);
	scenario_print_operations(stdout);
}

static int bad_usage(void)
{
	fputs("Try \"iommufd-model run --help\".\n", stderr);
	return EXIT_UNUSABLE;
}

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

static int run_all(struct scenario *const *scenarios, int n, bool story,
		   const struct drawings *drawings)
{
	const struct scenario_output output = {
		.results = stdout, .problems = stderr,
	};
	int i, code, worst = EXIT_FINE;

	/* A crash of what is run must not take the results before it along. */
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	for (i = 0; i < n; i++) {
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

static int run_files(char *const *paths, int n, bool story,
		     const struct drawings *drawings)
{
	struct scenario **scenarios = calloc((size_t)n, sizeof(*scenarios));
	bool good = scenarios;
	int i, code = EXIT_UNUSABLE;

	for (i = 0; scenarios && i < n; i++) {
		scenarios[i] = load_scenario("iommufd-model run", paths[i]);
		good = good && scenarios[i];
	}
	if (good)
		code = run_all(scenarios, n, story, drawings);
	for (i = 0; scenarios && i < n; i++)
		scenario_free(scenarios[i]);
	free(scenarios);
	return code;
}

static bool take_drawing(struct drawings *drawings, enum drawing drawing)
{
	return output_take("iommufd-model run", &drawings->to[drawing], optarg);
}

int run_command(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "story", no_argument, NULL, 's' },
		{ "html", required_argument, NULL, 'H' },
		{ "trace", required_argument, NULL, 'T' },
		{ "columns", required_argument, NULL, 'C' },
		{ "record", required_argument, NULL, 'R' },
		{ "overwrite", no_argument, NULL, 'O' },
		{ NULL, 0, NULL, 0 },
	};
	struct drawings drawings = NO_DRAWINGS;
	bool story = false;
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 's':
			story = true;
			break;
		case 'O':
			output_overwrite();
			break;
		case 'H':
			if (!take_drawing(&drawings, DRAW_HTML))
				return bad_usage();
			break;
		case 'T':
			if (!take_drawing(&drawings, DRAW_TRACE))
				return bad_usage();
			break;
		case 'C':
			if (!take_drawing(&drawings, DRAW_COLUMNS))
				return bad_usage();
			break;
		case 'R':
			if (!take_drawing(&drawings, DRAW_RECORD))
				return bad_usage();
			break;
		case 'h':
			print_help();
			return EXIT_FINE;
		default:
			return bad_usage();
		}
	}
	if (optind == argc) {
		fprintf(stderr, "%s: no FILE given\n", argv[0]);
		return bad_usage();
	}
	if (drawings_wanted(&drawings) && (argc - optind > 1 || story)) {
		fprintf(stderr, "%s: --html, --trace, --columns and --record "
			"are for one FILE, and without --story\n", argv[0]);
		return bad_usage();
	}
	if (!outputs_allowed(argv[0], drawings.to, NR_DRAWINGS,
			     (const char *const *)argv + optind,
			     argc - optind))
		return EXIT_UNUSABLE;
	return run_files(argv + optind, argc - optind, story, &drawings);
}
