/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The entries of the zoo, for the commands that use them.
 *
 * Each bug is a program of its own, zoo-NAME, which is linked with the library
 * after a small change that brings the bug back; control-NAME is built without
 * the change.  A program describes itself and its result in one line of JSON.
 */
#ifndef CLI_ZOO_H
#define CLI_ZOO_H

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>

#define ZOO_MAX_ENTRIES 128
#define ZOO_NAME_LEN 64

/*
 * struct zoo
 * @folder: the directory of the programs
 * @names: the names of the entries, sorted
 */
struct zoo {
	char folder[PATH_MAX];
	char names[ZOO_MAX_ENTRIES][ZOO_NAME_LEN];
	int nr;
};

/* The functions of zoo_entries.c. */

/* zoo_open(zoo): finds the programs.  Returns false after a message. */
bool zoo_open(struct zoo *zoo);

/*
 * zoo_find(zoo, name): returns the entry whose name is @name or begins with
 * "@name-", or whose id is @name ("Z-06").  Returns NULL after a message if
 * there is none.
 */
const char *zoo_find(const struct zoo *zoo, const char *name);

/* zoo_id(id, name): write the id of an entry: "Z-08b" for z08b-..., "Z-D1". */
void zoo_id(char id[ZOO_NAME_LEN], const char *name);

/*
 * zoo_ask(zoo, kind, name, record): runs the program KIND-NAME and returns its
 * JSON, or NULL after a message.  @record is NULL, or a file to which the
 * program writes the record of the failure.  zoo_text() and zoo_number() read a
 * value of the JSON.
 */
json_t *zoo_ask(const struct zoo *zoo, const char *kind, const char *name,
		char *record);
const char *zoo_text(const json_t *object, const char *key);
long zoo_number(const json_t *object, const char *key);

/*
 * zoo_execute(path, argv): executes a program in place of this one.  If that
 * fails, prints a message and returns the exit code.
 */
int zoo_execute(const char *path, char **argv);

/*
 * zoo_catch_signals(): from now on SIGINT and SIGTERM end the program that
 * zoo_ask() runs, and its result so far is still printed.  zoo_interrupted()
 * tells whether a signal came, and zoo_end_by_signal() ends this program by
 * that signal.
 */
void zoo_catch_signals(void);
bool zoo_interrupted(void);
void zoo_end_by_signal(void);

/* The commands in zoo_run.c, zoo_doc.c and exercise.c return the exit code. */

int zoo_run(const struct zoo *zoo, int argc, char **argv);
int zoo_doc(const struct zoo *zoo, int argc, char **argv);

/* zoo_exercise(): does not return on success, because it executes a script. */
int zoo_exercise(const struct zoo *zoo, int argc, char **argv);

/* zoo_print_wrapped(text, indent): print lines of at most 78 columns. */
void zoo_print_wrapped(const char *text, const char *indent);

#endif
