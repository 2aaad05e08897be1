/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Scenarios: small programs of system calls on /dev/iommu, with one call per
 * line.
 *
 *	open
 *	ioas_alloc -> $i
 *	create_access $i 1 -> $a
 *	destroy $i			# EBUSY: the access is there
 *
 * A scenario is parsed as a whole, and then run any number of times.  If the
 * text has an error, nothing of it is run.  A run makes the system calls
 * through the public entry points of the library, as any program would, and
 * gives a line of result for each operation:
 *
 *	5 destroy ret=-EBUSY
 *
 * At the end all open files are closed, as at the end of a process.  Unexpected
 * warnings of the library, memory that is not freed and pages that are still
 * pinned are failures.
 *
 * A part of a scenario may be for threads.  Here they run one after the other;
 * as a test for the explorer they run concurrently, in every order.  An expect
 * line gives the results that the operation in the previous line may have.
 *
 * A parsed scenario does not change.  Only one scenario may run at a time,
 * because it uses all descriptors of the model and some fixed addresses.
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
 * struct scenario_error - what is wrong with a text, and at which position
 * @line, @column: from 1; the column counts bytes
 */
struct scenario_error {
	unsigned int line;
	unsigned int column;
	char text[240];
};

/*
 * struct scenario_errors - the errors of one text, in its order
 * @more: there were more errors than @at has room for
 */
struct scenario_errors {
	unsigned int count;
	bool more;
	struct scenario_error at[SCENARIO_MAX_ERRORS];
};

/*
 * scenario_parse(name, text, len, recorded, errors): returns the scenario, which
 * the caller frees, or NULL with at least one error in @errors.  @text may
 * contain any bytes.  Messages call the scenario @name.  @name and @text are
 * copied.  If @recorded, a name that no line binds is 0 and not an error.
 */
struct scenario *scenario_parse(const char *name, const char *text, size_t len,
				bool recorded, struct scenario_errors *errors);

/* scenario_free(scenario): @scenario may be NULL. */
void scenario_free(struct scenario *scenario);

/*
 * scenario_print_errors(): prints "NAME:LINE:COLUMN: error: TEXT" for each
 * error.
 */
void scenario_print_errors(const char *name,
			   const struct scenario_errors *errors, FILE *to);

/*
 * struct scenario_output - where results go; each member may be NULL
 * @results: the stream for the lines of result
 * @problems: the stream for a line for each failure
 * @before_thread: called before the lines of a thread run
 * @before_line: called before a line runs; @text is the line as written
 * @after_line: called after it; @result is its line of result, without newline
 */
struct scenario_output {
	FILE *results;
	FILE *problems;
	void (*before_thread)(unsigned int line, const char *name, void *data);
	void (*before_line)(unsigned int line, const char *text, void *data);
	void (*after_line)(unsigned int line, const char *result, void *data);
	void *data;
};

enum scenario_outcome {
	SCENARIO_FINE,
	SCENARIO_FAILED,	/* a warning, a leak, a pin, a wrong result */
	SCENARIO_NOT_RUN,	/* no memory, or an address is in use */
};

/* scenario_run(scenario, output): run @scenario, threads one after another. */
enum scenario_outcome scenario_run(const struct scenario *scenario,
				   const struct scenario_output *output);

/*
 * scenario_test_create(scenario, why): returns @scenario as a test for the
 * explorer: setup, threads and the lines after the join.  Each execution starts
 * without names, slots and mappings and with zeroed memory.  Expect lines are
 * assertions.  At the end all files are closed, so that memory left is a leak.
 *
 * Returns NULL, and the reason in @why, if there are no threads, no memory, or
 * an address is in use.  Only one test or run of a scenario can exist at a
 * time.
 *
 * scenario_test_free(test): @test may be NULL.
 */
struct scenario_test;
struct scenario_test *scenario_test_create(const struct scenario *scenario,
					   const char **why);
void scenario_test_free(struct scenario_test *test);

/* scenario_test(test): for iommufd_model_explore(); valid as long as @test. */
const struct iommufd_model_test *
scenario_test(const struct scenario_test *test);

/*
 * scenario_test_symmetric(test, names, error, size): tell the explorer that the
 * threads in @names, which commas separate, are the same: they have the same
 * lines, and no other line uses a name that one of them binds.  Returns false
 * if that is not so; @error says why.
 */
bool scenario_test_symmetric(struct scenario_test *test, const char *names,
			     char *error, size_t size);

/* scenario_name(scenario): the name given to scenario_parse(). */
const char *scenario_name(const struct scenario *scenario);

/* scenario_is_empty(scenario): returns true if it has no operation. */
bool scenario_is_empty(const struct scenario *scenario);

/*
 * scenario_checksum(scenario): returns a checksum of the text of the scenario.
 */
unsigned long long scenario_checksum(const struct scenario *scenario);

/* scenario_print_operations(to): prints how each operation is written. */
void scenario_print_operations(FILE *to);

#endif
