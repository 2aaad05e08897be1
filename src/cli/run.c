// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * iommufd-model run: scenario files.
 *
 * All files are read and parsed first; if one of them has an error none is run.
 */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include "cli.h"
#include "scenario.h"
#include "story.h"

/* Nobody writes more by hand; /dev/zero has more. */
#define MAX_FILE (64u << 20)

static void print_help(void)
{
	fputs("usage: iommufd-model run [--story] FILE...\n"
	      "\n"
	      "Runs the operations in each FILE (\"-\": standard input) and "
	      "prints a line of\n"
	      "result for each.  Nothing is run unless all files can be "
	      "parsed.\n"
	      "\n"
	      "  --story    tell each step and what it did\n"
	      "  --help     this text\n"
	      "\n"
	      "Exit code: 0 all is well, 1 a warning or a leak, 2 bad usage or "
	      "input.\n"
	      "\n"
	      "Operations, one per line, # begins a comment:\n", stdout);
	scenario_print_operations(stdout);
}

static int bad_usage(void)
{
	fputs("Try \"iommufd-model run --help\".\n", stderr);
	return EXIT_UNUSABLE;
}

/* All of @from; NULL with errno. */
static char *read_all(FILE *from, size_t *len)
{
	size_t room = 4096, got;
	char *text = NULL, *more;

	for (*len = 0; *len <= MAX_FILE; room *= 2) {
		more = realloc(text, room);
		if (!more)
			goto out_free;
		text = more;
		got = fread(text + *len, 1, room - *len, from);
		*len += got;
		if (ferror(from))
			goto out_free;
		if (*len < room)
			return text;
	}
	errno = EFBIG;
out_free:
	free(text);
	return NULL;
}

static char *read_file(const char *path, size_t *len)
{
	FILE *from = fopen(path, "rb");
	char *text;
	int error;

	if (!from)
		return NULL;
	text = read_all(from, len);
	error = errno;
	fclose(from);
	errno = error;
	return text;
}

static struct scenario *load(const char *path)
{
	bool from_stdin = !strcmp(path, "-");
	const char *name = from_stdin ? "<stdin>" : path;
	struct scenario_errors errors;
	struct scenario *scenario;
	size_t len;
	char *text;

	text = from_stdin ? read_all(stdin, &len) : read_file(path, &len);
	if (!text) {
		fprintf(stderr, "iommufd-model run: cannot read %s: %s\n",
			name, strerror(errno));
		return NULL;
	}
	scenario = scenario_parse(name, text, len, &errors);
	free(text);
	if (!scenario)
		scenario_print_errors(name, &errors, stderr);
	return scenario;
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

static int run_all(struct scenario *const *scenarios, int n, bool story)
{
	const struct scenario_output output = {
		.results = stdout, .problems = stderr,
	};
	int i, code, worst = EXIT_FINE;

	for (i = 0; i < n; i++) {
		if (n > 1)
			printf("# %s\n", scenario_name(scenarios[i]));
		code = exit_code_of(story ? story_run(scenarios[i], stdout) :
					    (int)scenario_run(scenarios[i],
							      &output));
		if (code > worst)
			worst = code;
	}
	return worst;
}

static int run_files(char *const *paths, int n, bool story)
{
	struct scenario **scenarios = calloc((size_t)n, sizeof(*scenarios));
	bool good = scenarios;
	int i, code = EXIT_UNUSABLE;

	for (i = 0; scenarios && i < n; i++) {
		scenarios[i] = load(paths[i]);
		good = good && scenarios[i];
	}
	if (good)
		code = run_all(scenarios, n, story);
	for (i = 0; scenarios && i < n; i++)
		scenario_free(scenarios[i]);
	free(scenarios);
	return code;
}

int run_command(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "story", no_argument, NULL, 's' },
		{ NULL, 0, NULL, 0 },
	};
	bool story = false;
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		switch (c) {
		case 's':
			story = true;
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
	return run_files(argv + optind, argc - optind, story);
}
