// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * iommufd-model zoo: historical lifetime bugs, which the explorer finds again.
 *
 * This file contains the command, its help, and the subcommands list, show and
 * replay.  zoo.h describes the programs.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <iommufd_model/kernel/types.h>
#include "cli.h"
#include "../kernel/no_state.h"
#include "help.h"
#include "load.h"
#include "options.h"
#include "record.h"
#include "../record/record.h"
#include "zoo.h"

static int list(const struct zoo *zoo, int argc, char **argv)
{
	int i, code = EXIT_FINE;
	json_t *said;

	(void)argc;
	(void)argv;
	/*
	 * Write each line at once, so that a reader need not wait for all of
	 * them.
	 */
	setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
	for (i = 0; i < zoo->nr && !ferror(stdout); i++) {
		said = zoo_ask(zoo, "zoo", zoo->names[i], NULL);
		if (!said) {
			code = EXIT_UNUSABLE;
			continue;
		}
		printf("%-32s %-8s %ld  %s\n", zoo->names[i],
		       zoo_text(said, "when"), zoo_number(said, "threads"),
		       zoo_text(said, "lesson"));
		json_decref(said);
	}
	return code;
}

/* Return the story of the bug, for a record.  The caller frees it. */
static char *story_of(const json_t *said)
{
	static const char *const parts[][2] = {
		{ "What was wrong", "wrong" }, { "The rule", "rule" },
		{ "What is right", "right" },
	};
	char *text = NULL;
	size_t i, len;
	FILE *to = open_memstream(&text, &len);

	for (i = 0; to && i < ARRAY_SIZE(parts); i++)
		fprintf(to, "%s: %s\n", parts[i][0],
			zoo_text(said, parts[i][1]));
	if (to)
		fclose(to);
	return text;
}

/* Run the program of @entry, and draw the record that it writes. */
static json_t *ask_drawn(const struct zoo *zoo, const char *entry,
			 const struct drawings *drawings)
{
	char path[] = "/tmp/iommufd-model-XXXXXX";
	struct iommufd_model_record *record = NULL;
	json_t *said = NULL;
	int fd = mkstemp(path);

	if (fd < 0) {
		perror("iommufd-model zoo");
	} else {
		said = zoo_ask(zoo, "zoo", entry, path);
		record = load_record("iommufd-model zoo", path);
		close(fd);
		unlink(path);
	}
	if (record && said)
		record->about = story_of(said);
	if (!record || !drawings_make("iommufd-model zoo", drawings, record)) {
		json_decref(said);
		said = NULL;
	}
	iommufd_model_record_free(record);
	return said;
}

static void print_story(const char *entry, const json_t *said)
{
	char id[ZOO_NAME_LEN];

	zoo_id(id, entry);
	printf("%s, %s: %s (%s)\n\nWhat was wrong:\n", id, entry,
	       zoo_text(said, "title"), zoo_text(said, "when"));
	zoo_print_wrapped(zoo_text(said, "wrong"), "  ");
	printf("\nThe schedule that fails, as the explorer found it:\n\n%s\n",
	       zoo_text(said, "report"));
	puts("The rule:");
	zoo_print_wrapped(zoo_text(said, "rule"), "  ");
	puts("\nWhat is right:");
	zoo_print_wrapped(zoo_text(said, "right"), "  ");
}

/* Read the arguments of show.  Returns false after a message. */
static bool take_show_options(int argc, char **argv, struct drawings *drawings)
{
	static const struct option options[] = {
		DRAWING_OPTIONS,
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (!take_drawing_option(argv[0], drawings, c, optarg))
			return false;
	if (argc - optind == 1)
		return outputs_allowed(argv[0], drawings->to, NR_DRAWINGS, NULL,
				       0);
	fprintf(stderr, "%s: show takes one NAME\n", argv[0]);
	return false;
}

static int show(const struct zoo *zoo, int argc, char **argv)
{
	static char who[] = "iommufd-model zoo";
	struct drawings drawings = NO_DRAWINGS;
	const char *entry;
	json_t *said;

	argv[0] = who;
	if (!take_show_options(argc, argv, &drawings))
		return usage_error(who);
	entry = zoo_find(zoo, argv[optind]);
	if (!entry)
		return EXIT_UNUSABLE;
	said = drawings_wanted(&drawings) ? ask_drawn(zoo, entry, &drawings) :
					    zoo_ask(zoo, "zoo", entry, NULL);
	if (!said)
		return EXIT_UNUSABLE;
	print_story(entry, said);
	json_decref(said);
	return EXIT_FINE;
}

/* Executes the program itself, so that a debugger of this process sees it. */
static int replay(const struct zoo *zoo, int argc, char **argv)
{
	const char *entry = zoo_find(zoo, argv[1]);
	char path[PATH_MAX + ZOO_NAME_LEN + 8], option[] = "--replay";
	char *command[] = { path, option, argv[2], NULL };

	(void)argc;
	if (!entry)
		return EXIT_UNUSABLE;
	snprintf(path, sizeof(path), "%s/zoo-%s", zoo->folder, entry);
	return zoo_execute(path, command);
}

/*
 * struct subcommand
 * @usage: its arguments
 * @min, @max: the number of arguments that it takes; if @max is INT_MAX it
 *	checks them itself
 * @run: gets the arguments after its own name, and returns the exit code
 */
static const struct subcommand {
	const char *name, *usage;
	int min, max;
	int (*run)(const struct zoo *zoo, int argc, char **argv);
} subcommands[] = {
	{ "list", "", 0, 0, list },
	{ "show", " NAME", 1, INT_MAX, show },
	{ "run", " NAME|all", 1, 1, zoo_run },
	{ "replay", " NAME SCHEDULE", 2, 2, replay },
	{ "exercise", " NAME [FOLDER]", 1, 3, zoo_exercise },
	{ "doc", "", 0, 0, zoo_doc },
};

static int run_subcommand(const struct subcommand *command, int argc,
			  char **argv)
{
	static struct zoo zoo;
	NO_CHECKPOINT(zoo);

	if (argc - 1 < command->min || argc - 1 > command->max) {
		fprintf(stderr, "iommufd-model zoo: expected %s%s\n",
			command->name, command->usage);
		return usage_error("iommufd-model zoo");
	}
	return zoo_open(&zoo) ? command->run(&zoo, argc, argv) :
				EXIT_UNUSABLE;
}

static bool is_help(const char *arg)
{
	return !strcmp(arg, "--help") || !strcmp(arg, "-h");
}

int zoo_command(int argc, char **argv)
{
	size_t i;

	if ((argc > 1 && is_help(argv[1])) || (argc > 2 && is_help(argv[2]))) {
		fputs(help_zoo, stdout);
		return EXIT_FINE;
	}
	for (i = 0; argc > 1 && i < ARRAY_SIZE(subcommands); i++)
		if (!strcmp(argv[1], subcommands[i].name))
			return run_subcommand(&subcommands[i], argc - 1,
					      argv + 1);
	fprintf(stderr, "%s: expected list, show, run, replay, exercise or "
		"doc\n", argv[0]);
	return usage_error(argv[0]);
}
