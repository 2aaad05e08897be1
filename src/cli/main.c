// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * iommufd-model: the program.
 *
 * It chooses the command and checks that the output was written.  A closed pipe
 * does not kill the program: the command cleans up, and the exit code tells
 * that output is lost.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <iommufd_model/model.h>
#include "cli.h"
#include "options.h"

static const struct command {
	const char *name;
	const char *full_name;
	const char *summary;
	int (*run)(int argc, char **argv);
} commands[] = {
	{ "run", "iommufd-model run", "run scenario files", run_command },
	{ "explore", "iommufd-model explore",
	  "run the threads of scenario files under every schedule",
	  explore_command },
	{ "replay", "iommufd-model replay",
	  "run the threads of a scenario file under one schedule",
	  replay_command },
	{ "merge", "iommufd-model merge",
	  "put the reports of a divided exploration together",
	  merge_command },
	{ "graph", "iommufd-model graph",
	  "print who holds whom after a line of a scenario file",
	  graph_command },
	{ "page", "iommufd-model page",
	  "draw a record as a page, a trace or columns", page_command },
	{ "exec", "iommufd-model exec",
	  "run an unmodified program on the model", exec_command },
	{ "zoo", "iommufd-model zoo",
	  "find historical lifetime bugs again", zoo_command },
};

static void print_help(FILE *to)
{
	size_t i;

	fputs("usage: iommufd-model COMMAND [ARGUMENT ...]\n"
	      "       iommufd-model help [COMMAND]\n"
	      "       iommufd-model --help | --version\n"
	      "\n"
	      "Runs, explores and draws lifetimes in a model of the Linux "
	      "iommufd objects.\n"
	      "\n"
	      "Commands:\n", to);
	for (i = 0; i < ARRAY_SIZE(commands); i++)
		fprintf(to, "  %-10s %s\n", commands[i].name,
			commands[i].summary);
	fputs("\n"
	      "\"iommufd-model COMMAND --help\" describes a command.\n"
	      "\n"
	      "Exit code: 0 all is well, 1 a failure was found, 2 bad usage or "
	      "input, or\n"
	      "output that cannot be written.\n", to);
}

static int run_named_command(int argc, char **argv)
{
	char full_name[40];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (strcmp(argv[0], commands[i].name))
			continue;
		/* getopt() begins its messages with argv[0], so set it. */
		snprintf(full_name, sizeof(full_name), "%s",
			 commands[i].full_name);
		argv[0] = full_name;
		return commands[i].run(argc, argv);
	}
	fprintf(stderr, "iommufd-model: unknown command \"%s\"\n", argv[0]);
	return usage_error("iommufd-model");
}

/* Run "help" or "help COMMAND". */
static int run_help(int argc, char **argv)
{
	char option[] = "--help";
	char *command[] = { argv[1], option, NULL };

	if (argc > 2) {
		fputs("iommufd-model: help takes one COMMAND\n", stderr);
		return usage_error("iommufd-model");
	}
	if (argc == 2)
		return run_named_command(2, command);
	print_help(stdout);
	return EXIT_FINE;
}

/*
 * Read the options of a call without a command; nothing else then uses
 * getopt().
 */
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
		return usage_error("iommufd-model");
	default:
		return usage_error("iommufd-model");
	}
}

/*
 * If output was lost, the exit code must say so.  If the reader has closed the
 * pipe, no message is printed, because it wanted no more output.
 */
static int finish(int code)
{
	bool lost = ferror(stdout);

	errno = 0;
	if (!fflush(stdout) && !lost)
		return code;
	/* The errno of the failed write is lost, so write again to get it. */
	if (!errno && write(STDOUT_FILENO, "\n", 1) == 1)
		errno = EIO;
	if (errno != EPIPE)
		fprintf(stderr, "iommufd-model: cannot write to standard "
			"output: %s\n", strerror(errno));
	return EXIT_UNUSABLE;
}

/* True if states of an exploration are to be kept in a file. */
static bool shares_states(char *const *argv)
{
	const char *variable = getenv("IOMMUFD_MODEL_EXPLORE_STATES_FILE");

	if (!argv[0] || !argv[1] || strcmp(argv[1], "explore"))
		return false;
	if (variable && *variable)
		return true;
	while (*argv && strncmp(*argv, "--states", strlen("--states")))
		argv++;
	return *argv;
}

int main(int argc, char **argv)
{
	if (shares_states(argv))
		same_addresses(argv);
	/*
	 * Signals that this process ignores stay ignored in the program that
	 * exec runs, so SIGPIPE is not ignored for exec.
	 */
	if (argc < 2 || strcmp(argv[1], "exec"))
		signal(SIGPIPE, SIG_IGN);
	if (argc > 1 && !strcmp(argv[1], "help"))
		return finish(run_help(argc - 1, argv + 1));
	if (argc > 1 && argv[1][0] != '-')
		return finish(run_named_command(argc - 1, argv + 1));
	return finish(run_options(argc, argv));
}
