/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * One call of iommufd_model_explore(), which has a search for each job.
 *
 * The files of the upper layers share this header; internal.h lists the layers.
 */
#ifndef EXPLORE_EXPLORATION_H
#define EXPLORE_EXPLORATION_H

#include "internal.h"
#include <stdio.h>
#include <sys/types.h>

#define EXPLORE_MAX_JOBS 256

/*
 * struct exploration - the state of one call of iommufd_model_explore()
 * @errors: the file for a child's standard error; NULL: it is not redirected
 * @searches: one for each job, shared with the processes that work on it
 * @spare: a search for minimising and for the replay that is reported
 * @stop: shared: [0] all jobs are to stop, [1] the signal that came
 * @taken: shared: the subtrees that jobs have taken; NULL: there is one job
 * @stealing: shared: which jobs are idle (steal.c); NULL: there is one job
 * @known: shared: the states that are known; NULL: none are kept
 * @never: used for @stop by a search that must not stop
 * @error: what is wrong with the test or the options, one sentence
 */
struct exploration {
	const struct iommufd_model_test *test;
	struct iommufd_model_explore_options opt;
	struct iommufd_model_explore_result *result;
	FILE *errors;
	struct search **searches;
	struct search *spare;
	int nr_searches;
	int *stop;
	u32 *taken;
	struct stealing *stealing;
	struct known *known;
	int never;
	double started;
	bool advised; /* that the test could say what its threads share */
	char error[RECORD_TEXT];
};

/* process.c */

/* Return the seconds of a clock that is never set back. */
double explore_now(void);
/* Allocate zeroed memory that children share; NULL: there is none. */
void *explore_shared(size_t size);
/* End the process without atexit(), but with its coverage written. */
void explore_leave(int code) __attribute__((noreturn));
/* From now on SIGINT and SIGTERM set *@stop and *@caught, in shared memory. */
void explore_signals_take(int *stop, int *caught);
void explore_signals_give_back(void);
const char *explore_signal_name(int sig);
/*
 * Called in a child of process @of: the child ends when @of ends.  @works: the
 * child runs executions.
 */
void explore_child_begins(pid_t of, bool works);
bool explore_child_orphaned(void);

/* crash.c */

/*
 * Called in a child: from now on a crash and a report of a sanitizer are
 * failures.
 */
void explore_catch_crashes(void);
/*
 * Called in the user's own process: from now on faults are failures, until
 * explore_ignore_faults().
 */
void explore_catch_faults(void);
void explore_ignore_faults(void);

/* worker.c */

/*
 * Go on with the search until it is done, a limit is reached, or an execution
 * fails.  It runs in a child process unless the options say otherwise.  Returns
 * 0, or a negative errno if there was no memory or no process.
 */
int explore_work(struct exploration *x, struct search *s,
		 struct iommufd_model_record *record);
/*
 * Run the schedule of the search once more and record it.  The threads are then
 * threads of the system, which debuggers can show and the observer tells apart.
 * With ThreadSanitizer they are fibers, because it would take each switch
 * between threads for synchronisation.
 */
int explore_replay(struct exploration *x, struct search *s,
		   struct iommufd_model_record *record);

/* progress.c */

/* Add up the figures of all jobs in x->result. */
void explore_count(struct exploration *x);
/* The same, and call the function that the options have for that. */
void explore_report_progress(struct exploration *x);

/* options.c */

/* Fill in x->opt; -EINVAL with a sentence in x->error. */
int explore_options(struct exploration *x,
		    const struct iommufd_model_explore_options *given);

/* states_file.c */

/*
 * Map the table of states, of this size, in the file that the options name, as
 * x->known.  -EINVAL with a sentence in x->error.
 */
int explore_states_file(struct exploration *x, size_t size);

/* passes.c */

/* Do all walks of the search. */
int explore_search(struct exploration *x, struct search *s);
/*
 * Find how deep the part of the tree must be that all shards walk, so that
 * there are enough subtrees to deal out.  All shards find the same.
 */
int explore_find_top(struct exploration *x, struct search *s);
/* Search for the same failure with fewer preemptions, then with fewer steps. */
void explore_minimise(struct exploration *x, struct search *found);

/* steal.c */

size_t explore_stealing_size(void);
/* All jobs begin. */
void explore_stealing_begin(struct exploration *x);
/* The job ends, and no other one is to wait for it. */
void explore_stealing_leave(struct search *s);
/* Called between executions: give an idle job a part of the tree. */
void explore_give(struct search *s);
/*
 * The job has done what it had to do: wait for a part of another job's tree.  May
 * block.  Returns false if all jobs have come to their ends, or are to stop.
 */
bool explore_steal(struct search *s);

/* report.c */

/*
 * Print the report of the failure in @record.  @command is what replays the
 * schedule; @draw is what makes a page of the record, or NULL.
 */
void explore_report(const struct iommufd_model_record *record, const char *test,
		    const char *schedule, const char *command, const char *draw,
		    FILE *to);

#endif
