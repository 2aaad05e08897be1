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
 * A part of it may be for threads.  They run one after the other here; as a
 * test for the explorer they run against each other, in every order.  A line
 * may say what the operation before it is expected to give.
 *
 * A scenario does not change once it is parsed.  Only one may run at a time:
 * all the model's descriptors are its own, and so are some fixed addresses.
 */
#ifndef SCENARIO_H
#define SCENARIO_H

#include <iommufd_model/explore.h>
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
 * @before_thread: the lines that follow are those of a thread
 * @before_step: the line is about to be run; @text is the line as written
 * @after_step: it was run; @result is its line of result, without newline
 */
struct scenario_output {
	FILE *results;
	FILE *problems;
	void (*before_thread)(unsigned int line, const char *name, void *data);
	void (*before_step)(unsigned int line, const char *text, void *data);
	void (*after_step)(unsigned int line, const char *result, void *data);
	void *data;
};

enum scenario_outcome {
	SCENARIO_FINE,
	SCENARIO_FAILED,	/* a warning, a leak, a pin, not as expected */
	SCENARIO_NOT_RUN,	/* no memory, or an address is taken */
};

/* scenario_run(scenario, output): run it. */
enum scenario_outcome scenario_run(const struct scenario *scenario,
				   const struct scenario_output *output);

/*
 * scenario_test_create(scenario, why): @scenario as a test for the explorer:
 * setup, threads and what follows the join, each execution with names, slots
 * and memory as at the start.  What is expected is asserted.  At the end
 * everything is closed, so that what is left then is a leak.
 *
 * NULL if it cannot be, and @why says why: no threads, no memory, an address is
 * taken.  Of all tests and runs of scenarios one can be there at a time.
 *
 * scenario_test_free(test): @test may be NULL.
 */
struct scenario_test;
struct scenario_test *scenario_test_create(const struct scenario *scenario,
					   const char **why);
void scenario_test_free(struct scenario_test *test);

/* scenario_test(test): for iommufd_model_explore(); lives as long as @test. */
const struct iommufd_model_test *
scenario_test(const struct scenario_test *test);

/*
 * scenario_test_symmetric(test, names, error, size): the threads whose @names
 * are separated by commas are the same, and nothing tells them apart: they have
 * the same steps, and nobody uses a name that one of them binds.  False if that
 * is not so; @error says what is in the way.
 */
bool scenario_test_symmetric(struct scenario_test *test, const char *names,
			     char *error, size_t size);

/* scenario_name(scenario): as given to scenario_parse(). */
const char *scenario_name(const struct scenario *scenario);

/* scenario_checksum(scenario): of its text, to tell it from others. */
unsigned long long scenario_checksum(const struct scenario *scenario);

/* scenario_print_operations(to): how each operation is written. */
void scenario_print_operations(FILE *to);

#endif
