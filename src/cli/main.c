// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * iommufd-model: the program.
 *
 * It chooses the command and makes sure that what the command has written has
 * arrived.  A closed pipe is an error like any other, hence no SIGPIPE.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <iommufd_model/model.h>
#include "cli.h"

static const struct command {
	const char *name;
	const char *full_name;
	const char *summary;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "run", "iommufd-model run", "run scenario files", run_command },
	{ "explore", "iommufd-model explore",
	  "run the threads of scenario files in every order",
	  explore_command },
	{ "replay", "iommufd-model replay", "run them in one given order",
	  replay_command },
	{ "merge", "iommufd-model merge",
	  "put the reports of a spread exploration together",
	  merge_command },
	{ "graph", "iommufd-model graph",
	  "who holds whom after a step of a scenario file", graph_command },
	{ "page", "iommufd-model page",
	  "draw a record: a page, a trace, columns", page_command },
	{ "zoo", "iommufd-model zoo", "lifetime bugs, found again",
	  zoo_command },
};

static void print_help(FILE *to)
{
	size_t i;

	fputs("usage: iommufd-model COMMAND [ARGUMENT ...]\n"
	      "       iommufd-model --help | --version\n"
	      "\n"
	      "commands:\n", to);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(to, "  %-10s %s\n", commands[i].name,
			commands[i].summary);
	fputs("\n"
	      "\"iommufd-model COMMAND --help\" tells more about one.\n"
	      "Exit code: 0 all is well, 1 a failure was found, 2 bad usage or "
	      "input.\n", to);
}

static int bad_usage(void)
{
	fputs("Try \"iommufd-model --help\".\n", stderr);
	return EXIT_UNUSABLE;
}

static int run_named_command(int argc, char **argv)
{
	char full_name[40];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(argv[0], commands[i].name))
			continue;
		/* getopt() puts it before its messages. */
		snprintf(full_name, sizeof(full_name), "%s",
			 commands[i].full_name);
		argv[0] = full_name;
		return commands[i].run(argc, argv);
	}
	fprintf(stderr, "iommufd-model: unknown command \"%s\"\n", argv[0]);
	return bad_usage();
}

/* Without a command: this is getopt()'s only use then. */
static int run_options(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 },
	};

	switch (getopt_long(argc, argv, "hV", options, NULL)) {
	case 'h':
		print_help(stdout);
		return EXIT_FINE;
	case 'V':
		printf("iommufd-model %s\n", iommufd_model_version());
		return EXIT_FINE;
	case -1:
		fputs("iommufd-model: no command given\n", stderr);
		return bad_usage();
	default:
		return bad_usage();
	}
}

/* Output that got lost is worse than any verdict. */
static int finish(int code)
{
	bool lost = ferror(stdout);

	errno = 0;
	if (!fflush(stdout) && !lost)
		return code;
	fprintf(stderr, "iommufd-model: cannot write to standard output%s%s\n",
		errno ? ": " : "", errno ? strerror(errno) : "");
	return EXIT_UNUSABLE;
}

int main(int argc, char **argv)
{
	signal(SIGPIPE, SIG_IGN);
	if (argc > 1 && argv[1][0] != '-')
		return finish(run_named_command(argc - 1, argv + 1));
	return finish(run_options(argc, argv));
}
