/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Between worker.c, which runs searches, and api.c, which is asked for them.
 */
#ifndef EXPLORE_H
#define EXPLORE_H

#include "internal.h"
#include <stdio.h>
#include <sys/types.h>

#define EXPLORE_MAX_JOBS 256

/*
 * struct exploration - what one call is about
 * @words: where children's stderr goes; NULL: where it went before
 * @searches: one for each job; @spare is for other walks
 */
struct exploration {
	const struct iommufd_model_test *test;
	struct iommufd_model_explore_options opt;
	struct iommufd_model_explore_result *result;
	FILE *words;
	struct search **searches;
	struct search *spare;
	int nr_searches;
	int *stop; /* shared; behind it, the signal that came */
	int never;
	double started;
	char error[RECORD_TEXT];
};

/* options.c: fill in x->opt; -EINVAL with a sentence in x->error. */
int explore_options(struct exploration *x,
		    const struct iommufd_model_explore_options *given);

/* process.c */
/* From now on SIGINT and SIGTERM set these two, which are shared. */
void explore_signals_take(int *stop, int *caught);
void explore_signals_give_back(void);
const char *explore_signal_name(int sig);
/* In a child of @of, which ends when that does.  @works: it runs executions. */
void explore_child_begins(pid_t of, bool works);
bool explore_child_orphaned(void);

/* End the process without what atexit() has, but with its coverage. */
void explore_leave(int code) __attribute__((noreturn));
double explore_now(void);
void *explore_shared(size_t size);
int explore_walk(struct exploration *x, struct search *s,
		 unsigned long failures);
int explore_search(struct exploration *x, struct search *s);
int explore_find_top(struct exploration *x, struct search *s);
void explore_minimise(struct exploration *x, struct search *found);
int explore_replay(struct exploration *x, struct search *s,
		   struct iommufd_model_record *trace);
void explore_report_progress(struct exploration *x);

#endif
