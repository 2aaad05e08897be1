/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Scenarios: small programs of system calls on /dev/iommu, one per line.
 *
 *	open
 *	ioas_alloc -> $i
 *	create_access $i 1 -> $a
 *	destroy $i			# EBUSY: the access is there
 *
 * A scenario is parsed as a whole, then run as often as wanted.  Nothing of a
 * text with an error in it is ever run.  Running it makes the system calls
 * through the public entry points of the library, as any program would, and
 * gives a line of result for each operation:
 *
 *	5 destroy ret=-EBUSY
 *
 * At the end everything that is still open is closed, as the end of a process
 * does, and what the library has to complain about is a failure: unexpected
 * warnings, memory or pins that are left.
 *
 * A scenario does not change once it is parsed.  Only one may run at a time:
 * all the model's descriptors are its own, and so are some fixed addresses.
 */
#ifndef SCENARIO_H
#define SCENARIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct scenario;

#define SCENARIO_MAX_ERRORS 20

/*
 * struct scenario_error - what is wrong with a text, and where
 * @line, @column: from 1; the column counts bytes
 */
struct scenario_error {
	unsigned int line;
	unsigned int column;
	char text[240];
};

/*
 * struct scenario_errors - the errors of one text, in its order
 * @more: there were more than fit
 */
struct scenario_errors {
	unsigned int count;
	bool more;
	struct scenario_error at[SCENARIO_MAX_ERRORS];
};

/*
 * scenario_parse(name, text, len, errors): the scenario, which the caller
 * frees, or NULL with at least one error in @errors.  Any bytes will do for
 * @text.  @name is what messages call it.  @name and @text are copied.
 */
struct scenario *scenario_parse(const char *name, const char *text, size_t len,
				struct scenario_errors *errors);

/* scenario_free(scenario): @scenario may be NULL. */
void scenario_free(struct scenario *scenario);

/* scenario_print_errors(): "NAME:LINE:COLUMN: error: TEXT", one per line. */
void scenario_print_errors(const char *name,
			   const struct scenario_errors *errors, FILE *to);

/*
 * struct scenario_output - where the outcome goes; each member may be NULL
 * @results: the lines of result
 * @problems: one line for each thing that went wrong
 * @before_step: the line is about to be run; @text is the line as written
 * @after_step: it was run; @result is its line of result, without newline
 */
struct scenario_output {
	FILE *results;
	FILE *problems;
	void (*before_step)(unsigned int line, const char *text, void *data);
	void (*after_step)(unsigned int line, const char *result, void *data);
	void *data;
};

enum scenario_outcome {
	SCENARIO_FINE,
	SCENARIO_FAILED,	/* a warning, a leak, a pin */
	SCENARIO_NOT_RUN,	/* no memory, or an address is taken */
};

/* scenario_run(scenario, output): run it.  No result is judged. */
enum scenario_outcome scenario_run(const struct scenario *scenario,
				   const struct scenario_output *output);

/* scenario_name(scenario): as given to scenario_parse(). */
const char *scenario_name(const struct scenario *scenario);

/* scenario_print_operations(to): how each operation is written. */
void scenario_print_operations(FILE *to);

#endif
