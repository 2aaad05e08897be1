// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The entries of the zoo: finding their programs and running them; see zoo.h.
 */
#include "zoo.h"
#include "cli.h"
#include <dirent.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

const char *zoo_text(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

long zoo_number(const json_t *object, const char *key)
{
	return (long)json_integer_value(json_object_get(object, key));
}

/* Find the folder of the programs; false after a message. */
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
	fputs("iommufd-model zoo: the zoo's programs are not here.  \"./model "
	      "zoo list\" builds them\nin the source tree, and so does the "
	      "target zoo.  Run the program that is built\nthere, or set "
	      "IOMMUFD_MODEL_ZOO to the folder of the zoo's programs.\n",
	      stderr);
	return false;
}

/*
 * The signal that came, and the running program, to which the signal is passed
 * on.
 */
static volatile sig_atomic_t interrupted;
static pid_t asked;

static void catch_signal(int sig)
{
	interrupted = sig;
	if (asked > 0)
		kill(asked, sig);
}

void zoo_catch_signals(void)
{
	struct sigaction action = {
		.sa_handler = catch_signal,
		.sa_flags = SA_RESTART,
	};

	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

bool zoo_interrupted(void)
{
	return interrupted;
}

void zoo_end_by_signal(void)
{
	if (!interrupted)
		return;
	fflush(stdout);
	signal(interrupted, SIG_DFL);
	raise(interrupted);
}

/* Return the JSON of the program KIND-NAME, or NULL. */
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

static void add_entry(struct zoo *zoo, const char *name)
{
	if (zoo->nr < ZOO_MAX_ENTRIES && strlen(name) < ZOO_NAME_LEN)
		strcpy(zoo->names[zoo->nr++], name);
}

/*
 * Read the names that the build has written to the file "entries".  The folder
 * may have more programs, of bugs that an older source tree had.  Returns false
 * if there is no such file.
 */
static bool read_entries(struct zoo *zoo)
{
	char path[sizeof(zoo->folder) + ZOO_NAME_LEN + 8], name[PATH_MAX];
	FILE *from;

	snprintf(path, sizeof(path), "%s/entries", zoo->folder);
	from = fopen(path, "r");
	if (!from)
		return false;
	while (fgets(name, sizeof(name), from)) {
		name[strcspn(name, "\n")] = 0;
		snprintf(path, sizeof(path), "%s/zoo-%.*s", zoo->folder,
			 ZOO_NAME_LEN, name);
		if (*name && !access(path, X_OK))
			add_entry(zoo, name);
	}
	fclose(from);
	return true;
}

static void scan_folder(struct zoo *zoo)
{
	DIR *dir = opendir(zoo->folder);
	struct dirent *entry;

	while (dir && (entry = readdir(dir)))
		if (!strncmp(entry->d_name, "zoo-", 4))
			add_entry(zoo, entry->d_name + 4);
	if (dir)
		closedir(dir);
}

bool zoo_open(struct zoo *zoo)
{
	zoo->nr = 0;
	if (!find_folder(zoo->folder, sizeof(zoo->folder)))
		return false;
	if (!read_entries(zoo))
		scan_folder(zoo);
	qsort(zoo->names, (size_t)zoo->nr, ZOO_NAME_LEN, compare_names);
	if (!zoo->nr)
		fprintf(stderr, "iommufd-model zoo: there are no programs "
			"zoo-* in %s; the target zoo builds them\n",
			zoo->folder);
	return zoo->nr;
}

void zoo_id(char id[ZOO_NAME_LEN], const char *name)
{
	const char *kind = *name == 'd' ? "D" : "";

	name += strcspn(name, "0123456789");
	snprintf(id, ZOO_NAME_LEN, "Z-%s%.*s", kind, (int)strcspn(name, "-"),
		 name);
}

/*
 * Tell whether @given is @name, the part of @name before the first "-", or its
 * id.
 */
static bool names_entry(const char *given, const char *name)
{
	size_t len = strlen(given);
	char id[ZOO_NAME_LEN];

	zoo_id(id, name);
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

int zoo_execute(const char *path, char **argv)
{
	/*
	 * main() ignores SIGPIPE, and an ignored signal stays ignored in the
	 * new program.
	 */
	signal(SIGPIPE, SIG_DFL);
	execv(path, argv);
	signal(SIGPIPE, SIG_IGN);
	perror(path);
	return EXIT_UNUSABLE;
}

json_t *zoo_ask(const struct zoo *zoo, const char *kind,
			  const char *name, char *record)
{
	json_t *said = ask(zoo->folder, kind, name, record);

	if (!said)
		fprintf(stderr, "iommufd-model zoo: %s-%s does not print a "
			"result\n",
			kind, name);
	return said;
}

