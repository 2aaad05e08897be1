// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * iommufd-model zoo: historical lifetime bugs, found again.
 *
 * Each bug is a program of its own, zoo-NAME, made of the library with a few
 * lines changed back; beside it is control-NAME, without that change.  Both say
 * what they are and what came of them in one line of JSON.  They are looked for
 * in the folder that IOMMUFD_MODEL_ZOO names, else where the build puts them.
 */
#include <dirent.h>
#include <getopt.h>
#include <jansson.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>
#include <iommufd_model/kernel/types.h>
#include "cli.h"
#include "load.h"
#include "record.h"
#include "zoo.h"

extern char **environ;

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static long number_of(const json_t *object, const char *key)
{
	return (long)json_integer_value(json_object_get(object, key));
}

/* Where the programs are; false: nowhere, and that has been said. */
static bool find_folder(char *folder, size_t size)
{
	const char *set = getenv("IOMMUFD_MODEL_ZOO");
	char self[PATH_MAX / 2];
	ssize_t len;
	char *slash;

	if (set && *set) {
		snprintf(folder, size, "%s", set);
		return true;
	}
	len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	self[len > 0 ? len : 0] = 0;
	slash = strrchr(self, '/');
	if (slash) {
		*slash = 0;
		snprintf(folder, size, "%s/../../tests/zoo", self);
		if (!access(folder, X_OK))
			return true;
	}
	fputs("iommufd-model zoo: no zoo here: it is built in the source tree, "
	      "by \"./model zoo list\"\nor as the target zoo; run the program "
	      "that is built there, or name the folder of\nthe zoo's programs "
	      "in IOMMUFD_MODEL_ZOO\n", stderr);
	return false;
}

/* The signal that came while a program was asked, which hears it, too. */
static volatile sig_atomic_t interrupted;
static pid_t asked;

static void hear(int sig)
{
	interrupted = sig;
	if (asked > 0)
		kill(asked, sig);
}

/* Its answer so far is worth a line. */
static void hear_signals(void)
{
	struct sigaction action = { .sa_handler = hear, .sa_flags = SA_RESTART };

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

static void end_by_signal(void)
{
	if (!interrupted)
		return;
	fflush(stdout);
	signal(interrupted, SIG_DFL);
	raise(interrupted);
}

/*
 * What KIND-NAME says of itself; NULL if it says nothing that makes sense.
 * @record: NULL, or the file that it writes the record of the failure to.
 */
static json_t *ask(const char *folder, const char *kind, const char *name,
		   char *record)
{
	char path[PATH_MAX], json[] = "--json";
	char *argv[] = { path, json, record, NULL };
	posix_spawn_file_actions_t actions;
	json_t *said = NULL;
	int ends[2], status;
	pid_t pid;
	FILE *from;

	snprintf(path, sizeof(path), "%s/%s-%s", folder, kind, name);
	if (pipe(ends))
		return NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addclose(&actions, ends[0]);
	status = posix_spawn(&pid, path, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	from = fdopen(ends[0], "r");
	if (!status && from) {
		asked = pid;
		said = json_loadf(from, 0, NULL);
		waitpid(pid, &status, 0);
		asked = 0;
	}
	if (from)
		fclose(from);
	return said;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

static bool open_zoo(struct zoo *zoo)
{
	struct dirent *entry;
	DIR *dir;

	zoo->nr = 0;
	if (!find_folder(zoo->folder, sizeof(zoo->folder)))
		return false;
	dir = opendir(zoo->folder);
	while (dir && (entry = readdir(dir)) && zoo->nr < ZOO_MAX_ENTRIES)
		if (!strncmp(entry->d_name, "zoo-", 4) &&
		    strlen(entry->d_name + 4) < ZOO_NAME_LEN)
			strcpy(zoo->names[zoo->nr++], entry->d_name + 4);
	if (dir)
		closedir(dir);
	qsort(zoo->names, (size_t)zoo->nr, ZOO_NAME_LEN, compare_names);
	if (!zoo->nr)
		fprintf(stderr, "iommufd-model zoo: no entries in %s\n",
			zoo->folder);
	return zoo->nr;
}

/* The id of the entry @name: "Z-08b" for z08b-..., "Z-D1" for d1-... */
static void make_id(char id[ZOO_NAME_LEN], const char *name)
{
	const char *kind = *name == 'd' ? "D" : "";

	name += strcspn(name, "0123456789");
	snprintf(id, ZOO_NAME_LEN, "Z-%s%.*s", kind, (int)strcspn(name, "-"),
		 name);
}

/* Is @given the name of an entry, its part before the first "-", or the id? */
static bool names_entry(const char *given, const char *name)
{
	size_t len = strlen(given);
	char id[ZOO_NAME_LEN];

	make_id(id, name);
	return !strcasecmp(given, id) ||
	       (!strncmp(name, given, len) && (!name[len] || name[len] == '-'));
}

const char *zoo_find(const struct zoo *zoo, const char *name)
{
	int i;

	for (i = 0; i < zoo->nr; i++)
		if (names_entry(name, zoo->names[i]))
			return zoo->names[i];
	fprintf(stderr, "iommufd-model zoo: no entry \"%s\"; expected a name "
		"that \"iommufd-model zoo list\" gives\n", name);
	return NULL;
}

static json_t *ask_or_say(const struct zoo *zoo, const char *kind,
			  const char *name, char *record)
{
	json_t *said = ask(zoo->folder, kind, name, record);

	if (!said)
		fprintf(stderr, "iommufd-model zoo: %s-%s gives no answer\n",
			kind, name);
	return said;
}

static int list(const struct zoo *zoo)
{
	int i, code = EXIT_FINE;
	json_t *said;

	for (i = 0; i < zoo->nr; i++) {
		said = ask_or_say(zoo, "zoo", zoo->names[i], NULL);
		if (!said) {
			code = EXIT_UNUSABLE;
			continue;
		}
		printf("%-32s %-8s %ld  %s\n", zoo->names[i],
		       text_of(said, "when"), number_of(said, "threads"),
		       text_of(said, "lesson"));
		json_decref(said);
	}
	return code;
}

/* @text in lines of at most 78 columns, each behind @indent. */
static void wrap(const char *text, const char *indent)
{
	size_t room = 78 - strlen(indent), used = 0, len;

	fputs(indent, stdout);
	while (*text) {
		len = strcspn(text, " ");
		if (used && used + 1 + len > room) {
			printf("\n%s", indent);
			used = 0;
		}
		printf("%s%.*s", used ? " " : "", (int)len, text);
		used += len + (used ? 1 : 0);
		text += len;
		text += strspn(text, " ");
	}
	putchar('\n');
}

/* [--html OUT] [--trace OUT] [--record OUT] [--overwrite] */
static bool take_drawings(int argc, char **argv, struct drawings *drawings)
{
	static const char who[] = "iommufd-model zoo";
	struct output_order *to = drawings->to;
	bool good = true;
	int i, n;

	for (i = 0; i < argc && good; i++) {
		if (!strcmp(argv[i], "--overwrite")) {
			output_overwrite();
			continue;
		}
		for (n = 0; n < NR_DRAWINGS && strcmp(argv[i], to[n].option);
		     n++)
			;
		if (n == NR_DRAWINGS || i + 1 == argc) {
			fprintf(stderr, "%s: bad \"%s\"; expected --html OUT, "
				"--trace OUT, --record OUT or --overwrite\n",
				who, argv[i]);
			return false;
		}
		good = output_take(who, &to[n], argv[++i]);
	}
	return good && outputs_allowed(who, to, NR_DRAWINGS, NULL, 0);
}

/* What the program of @entry says; the record that it writes is drawn. */
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
		said = ask_or_say(zoo, "zoo", entry, path);
		record = load_record("iommufd-model zoo", path);
		close(fd);
		unlink(path);
	}
	if (!record || !drawings_make("iommufd-model zoo", drawings, record)) {
		json_decref(said);
		said = NULL;
	}
	iommufd_model_record_free(record);
	return said;
}

static int show(const struct zoo *zoo, const char *name, int argc, char **argv)
{
	const char *entry = zoo_find(zoo, name);
	struct drawings drawings = NO_DRAWINGS;
	json_t *said = NULL;
	char id[ZOO_NAME_LEN];

	if (entry && take_drawings(argc, argv, &drawings))
		said = drawings_wanted(&drawings) ?
			ask_drawn(zoo, entry, &drawings) :
			ask_or_say(zoo, "zoo", entry, NULL);
	if (!said)
		return EXIT_UNUSABLE;
	make_id(id, entry);
	printf("%s, %s: %s (%s)\n\nWhat was wrong:\n", id, entry,
	       text_of(said, "title"), text_of(said, "when"));
	wrap(text_of(said, "wrong"), "  ");
	printf("\nThe order that breaks, as the explorer found it:\n\n%s\n",
	       text_of(said, "report"));
	puts("The rule:");
	wrap(text_of(said, "rule"), "  ");
	puts("\nWhat is right:");
	wrap(text_of(said, "right"), "  ");
	json_decref(said);
	return EXIT_FINE;
}

static int compare_longs(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

/* One line; its executions, or -1 if something is not as it should be. */
static long run_one(const struct zoo *zoo, const char *name)
{
	json_t *said = ask_or_say(zoo, "zoo", name, NULL);
	json_t *control = interrupted ? NULL :
			ask_or_say(zoo, "control", name, NULL);
	const char *problem, *of_control;
	long executions = -1;

	if (said && control) {
		problem = text_of(said, "problem");
		of_control = text_of(control, "problem");
		printf("%-32s %-20s %6ld %8.4f %4ld  %-12s %7ld  %s%s%s%s\n",
		       name, *problem ? "NOT FOUND" : text_of(said, "fails"),
		       number_of(said, "executions"),
		       json_real_value(json_object_get(said, "seconds")),
		       number_of(said, "preemptions"),
		       text_of(said, "schedule"),
		       number_of(control, "executions"), problem,
		       *problem && *of_control ? "; " : "",
		       *of_control ? "control " : "", of_control);
		printf("    iommufd-model zoo replay %s %s\n", name,
		       text_of(said, "schedule"));
		if (!*problem && !*of_control)
			executions = number_of(said, "executions");
	}
	json_decref(said);
	json_decref(control);
	return executions;
}

static int run(const struct zoo *zoo, const char *name)
{
	bool all = !strcmp(name, "all");
	const char *entry = all ? NULL : zoo_find(zoo, name);
	long executions[ZOO_MAX_ENTRIES];
	int i, nr = 0, wrong = 0;

	if (!all && !entry)
		return EXIT_UNUSABLE;
	hear_signals();
	printf("%-32s %-20s %6s %8s %4s  %-12s %7s\n", "", "found", "after", "s",
	       "pre", "schedule", "control");
	for (i = 0; i < (all ? zoo->nr : 1) && !interrupted; i++) {
		executions[nr] = run_one(zoo, all ? zoo->names[i] : entry);
		if (executions[nr] < 0)
			wrong++;
		else
			nr++;
		fflush(stdout);
	}
	if (all && nr) {
		qsort(executions, (size_t)nr, sizeof(*executions),
		      compare_longs);
		printf("\n%d found, %d not; executions until found: median "
		       "%ld, most %ld\n", nr, wrong, executions[nr / 2],
		       executions[nr - 1]);
	}
	if (interrupted)
		printf("stopped: %d of %d run\n", nr + wrong,
		       all ? zoo->nr : 1);
	end_by_signal();
	return wrong ? EXIT_FOUND : EXIT_FINE;
}

/* The program itself, so that a debugger of this one sees that one. */
static int replay(const struct zoo *zoo, const char *name, char *schedule)
{
	const char *entry = zoo_find(zoo, name);
	char path[PATH_MAX + ZOO_NAME_LEN + 8], option[] = "--replay";
	char *argv[] = { path, option, schedule, NULL };

	if (!entry)
		return EXIT_UNUSABLE;
	snprintf(path, sizeof(path), "%s/zoo-%s", zoo->folder, entry);
	execv(path, argv);
	perror(path);
	return EXIT_UNUSABLE;
}

static int lesson_of(const json_t *entry)
{
	long number = number_of(entry, "lesson_number");

	return number ? (int)number : INT_MAX;
}

/* The lessons in their order, then family by family. */
static int compare_entries(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	int lx = lesson_of(x), ly = lesson_of(y), families;

	if (lx != ly)
		return lx < ly ? -1 : 1;
	families = strcmp(text_of(x, "family"), text_of(y, "family"));
	return families ? families :
			  strcmp(text_of(x, "name"), text_of(y, "name"));
}

/*
 * The drawing in @report, from the title of the columns to the end of the
 * threads, without line numbers: they are another day's.
 */
static void print_drawing(const char *report)
{
	const char *from = strstr(report, "\nstep "), *to, *end;

	to = from ? strstr(from, "\nThe schedule:") : NULL;
	if (!to)
		return;
	puts("```");
	for (from++; from < to; from = end) {
		end = from + strcspn(from, "\n") + 1;
		if (end > to)
			end = to;
		for (; from < end; from++) {
			putchar(*from);
			if (!strncmp(from, ".c:", 3) || !strncmp(from, ".h:", 3)) {
				putchar(from[1]);
				from += 2;
				while (from[1] >= '0' && from[1] <= '9')
					from++;
			}
		}
	}
	puts("```");
}

static void print_entry(const json_t *e)
{
	char id[ZOO_NAME_LEN];

	make_id(id, text_of(e, "name"));
	printf("\n### %s, %s: %s\n\n%s; %ld thread%s%s. Found: %s.\n\n", id,
	       text_of(e, "name"), text_of(e, "title"), text_of(e, "when"),
	       number_of(e, "threads"),
	       number_of(e, "threads") == 1 ? "" : "s",
	       json_is_true(json_object_get(e, "faults")) ?
		       ", one allocation fails" : "",
	       text_of(e, "fails"));
	puts("**What was wrong.**");
	wrap(text_of(e, "wrong"), "");
	putchar('\n');
	print_drawing(text_of(e, "report"));
	puts("\n**The rule.**");
	wrap(text_of(e, "rule"), "");
	puts("\n**What is right.**");
	wrap(text_of(e, "right"), "");
}

/* docs/zoo.md, from what the entries say of themselves. */
static int doc(const struct zoo *zoo)
{
	json_t *entries[ZOO_MAX_ENTRIES];
	const char *family = "", *next;
	int i;

	for (i = 0; i < zoo->nr; i++) {
		entries[i] = ask_or_say(zoo, "zoo", zoo->names[i], NULL);
		if (!entries[i])
			return EXIT_UNUSABLE;
	}
	qsort(entries, (size_t)zoo->nr, sizeof(*entries), compare_entries);
	puts("# The zoo\n\n"
	     "For whoever wants to see what goes wrong, and why the rules are "
	     "what they are.\n\n"
	     "Lifetime bugs of the iommufd object model: shipped, caught in "
	     "review, or the\nreverse of a line that is right. Each is a small "
	     "diff in `tests/zoo/`, applied\nto a copy of the source when the "
	     "zoo is built, and an explored test that is\nclean without it. "
	     "This page is made by `iommufd-model zoo doc`; the drawings\nare "
	     "the explorer's. Each bug has an id, such as Z-06 or Z-D1, and a "
	     "name.\nCommands take either, or the part of the name before "
	     "the first dash: `z06`,\n`d1`. What a rule such as R-OBJ-11 says "
	     "is in [rules.md](rules.md).");
	for (i = 0; i < zoo->nr; i++) {
		next = lesson_of(entries[i]) < INT_MAX ?
			"In teaching order" : text_of(entries[i], "family");
		if (strcmp(family, next))
			printf("\n## %c%s\n", next[0] >= 'a' && next[0] <= 'z' ?
			       next[0] - 'a' + 'A' : next[0], next + 1);
		family = next;
		print_entry(entries[i]);
	}
	for (i = 0; i < zoo->nr; i++)
		json_decref(entries[i]);
	return EXIT_FINE;
}

static void print_usage(FILE *to)
{
	fputs("usage: iommufd-model zoo list\n"
	      "       iommufd-model zoo show NAME [--html OUT] [--trace OUT] "
	      "[--record OUT]\n"
	      "                              [--overwrite]\n"
	      "       iommufd-model zoo run NAME|all\n"
	      "       iommufd-model zoo replay NAME SCHEDULE\n"
	      "       iommufd-model zoo exercise NAME [FOLDER]\n"
	      "       iommufd-model zoo exercise --check NAME FOLDER\n"
	      "       iommufd-model zoo doc\n"
	      "\n"
	      "Lifetime bugs, most of which were shipped or posted, each as a "
	      "few lines\n"
	      "changed back and an explored test.\n"
	      "\n"
	      "  show       the story; --html, --trace, --record: also a page, a "
	      "Chrome trace,\n"
	      "             a record, of the order that breaks; --overwrite: "
	      "OUT may replace a\n"
	      "             file that this program did not write\n"
	      "  run        is it found, after how many executions, seconds, "
	      "with how many\n"
	      "             preemptions; is the same test clean without the "
	      "bug\n"
	      "  replay     one order once more\n"
	      "  exercise   a folder to find and mend one in (exercise-NAME), "
	      "with a\n"
	      "             README.md; or check what is in it\n"
	      "  doc        the zoo as Markdown: docs/zoo.md\n"
	      "\n"
	      "  NAME       as in the list; the part before the first \"-\" "
	      "will do (z06),\n"
	      "             and so will the id (Z-06)\n"
	      "\n"
	      "Exit code: 0 all is well, 1 one was not found or not mended, "
	      "2 bad usage or\n"
	      "input.\n",
	      to);
}

static int bad_usage(const char *what)
{
	fprintf(stderr, "iommufd-model zoo: %s\n", what);
	print_usage(stderr);
	return EXIT_UNUSABLE;
}

int zoo_command(int argc, char **argv)
{
	static struct zoo zoo;

	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))) {
		print_usage(stdout);
		return EXIT_FINE;
	}
	if (argc < 2)
		return bad_usage("expected list, show or run");
	if (!strcmp(argv[1], "list") && argc == 2)
		return open_zoo(&zoo) ? list(&zoo) : EXIT_UNUSABLE;
	if (!strcmp(argv[1], "show") && argc >= 3)
		return open_zoo(&zoo) ?
			show(&zoo, argv[2], argc - 3, argv + 3) : EXIT_UNUSABLE;
	if (!strcmp(argv[1], "run") && argc == 3)
		return open_zoo(&zoo) ? run(&zoo, argv[2]) : EXIT_UNUSABLE;
	if (!strcmp(argv[1], "replay") && argc == 4)
		return open_zoo(&zoo) ? replay(&zoo, argv[2], argv[3]) :
					EXIT_UNUSABLE;
	if (!strcmp(argv[1], "doc") && argc == 2)
		return open_zoo(&zoo) ? doc(&zoo) : EXIT_UNUSABLE;
	if (!strcmp(argv[1], "exercise") && argc >= 3 && argc <= 5)
		return open_zoo(&zoo) ?
			zoo_exercise(&zoo, argc - 1, argv + 1) : EXIT_UNUSABLE;
	return bad_usage("expected list, show, run, replay, exercise or doc, "
			 "with what it takes");
}
