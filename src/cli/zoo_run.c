// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * iommufd-model zoo run: check that each bug is found, and that its test finds
 * nothing without the bug.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli.h"
#include "zoo.h"

static int compare_longs(const void *a, const void *b)
{
	long x = *(const long *)a, y = *(const long *)b;

	return (x > y) - (x < y);
}

/*
 * Print the line of an entry.  Returns its executions, or -1 for a wrong
 * result.
 */
static long run_one(const struct zoo *zoo, const char *name)
{
	json_t *said = zoo_ask(zoo, "zoo", name, NULL);
	json_t *control = zoo_interrupted() ? NULL :
			zoo_ask(zoo, "control", name, NULL);
	const char *problem, *of_control;
	long executions = -1;

	if (said && control) {
		problem = zoo_text(said, "problem");
		of_control = zoo_text(control, "problem");
		printf("%-32s %-20s %6ld %8.4f %4ld  %-12s %7ld  %s%s%s%s\n",
		       name, *problem ? "NOT FOUND" : zoo_text(said, "fails"),
		       zoo_number(said, "executions"),
		       json_real_value(json_object_get(said, "seconds")),
		       zoo_number(said, "preemptions"),
		       zoo_text(said, "schedule"),
		       zoo_number(control, "executions"), problem,
		       *problem && *of_control ? "; " : "",
		       *of_control ? "control " : "", of_control);
		printf("    iommufd-model zoo replay %s %s\n", name,
		       zoo_text(said, "schedule"));
		if (!*problem && !*of_control)
			executions = zoo_number(said, "executions");
	}
	json_decref(said);
	json_decref(control);
	return executions;
}

/*
 * Store the entries to run in @names.  Returns their number; 0 after a message.
 */
static int choose(const struct zoo *zoo, const char *name,
		  const char *names[ZOO_MAX_ENTRIES])
{
	int i;

	if (strcmp(name, "all")) {
		names[0] = zoo_find(zoo, name);
		return names[0] ? 1 : 0;
	}
	for (i = 0; i < zoo->nr; i++)
		names[i] = zoo->names[i];
	return zoo->nr;
}

static void print_summary(long *executions, int found, int wrong)
{
	qsort(executions, (size_t)found, sizeof(*executions), compare_longs);
	printf("\n%d found, %d not; executions until found: median %ld, most "
	       "%ld\n", found, wrong, executions[found / 2],
	       executions[found - 1]);
}

int zoo_run(const struct zoo *zoo, int argc, char **argv)
{
	const char *names[ZOO_MAX_ENTRIES];
	long executions[ZOO_MAX_ENTRIES];
	int i, nr, found = 0, wrong = 0;

	(void)argc;
	nr = choose(zoo, argv[1], names);
	if (!nr)
		return EXIT_UNUSABLE;
	zoo_catch_signals();
	printf("%-32s %-20s %6s %8s %4s  %-12s %7s\n", "", "found", "after",
	       "s", "pre", "schedule", "control");
	for (i = 0; i < nr && !zoo_interrupted() && !ferror(stdout); i++) {
		executions[found] = run_one(zoo, names[i]);
		if (executions[found] < 0)
			wrong++;
		else
			found++;
		fflush(stdout);
	}
	if (nr > 1 && found)
		print_summary(executions, found, wrong);
	if (zoo_interrupted())
		printf("stopped: %d of %d run\n", found + wrong, nr);
	zoo_end_by_signal();
	return wrong ? EXIT_FOUND : EXIT_FINE;
}
