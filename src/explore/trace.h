/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The record of one execution, made when a failure is run again to be told.
 *
 * It lies in memory that the child process shares with its parent and is filled
 * as the execution goes, so that it is there when the child dies.  Everything
 * is by value; sites are static and good in both.
 */
#ifndef TRACE_H
#define TRACE_H

#include <iommufd_model/explore.h>
#include <iommufd_model/kernel/lockdep.h>

#define TRACE_NAME 48
#define TRACE_TEXT 512
#define TRACE_LOCKS 8

/* A lock of a thread: what it is called, which object it lies in. */
struct trace_lock {
	const struct iommufd_model_site *site;	/* taken here */
	char object[TRACE_NAME];		/* "ioas 3", or "" */
	bool read;
};

/*
 * struct trace_step - one operation that was done
 * @thread: its number
 * @op: as at the gate; of the last one of a failed execution @before and @after
 *	may be missing (@done false: it was about to happen)
 * @preempts: the thread before could have gone on
 * @timeout: a sleep that ended by its timeout
 * @queued: a down_write that had to wait: from now on it keeps readers out
 * @object: what @op.addr lies in
 */
struct trace_step {
	int thread;
	struct iommufd_model_op op;
	bool done;
	bool preempts;
	bool timeout;
	bool queued;
	char object[TRACE_NAME];
};

enum trace_state {
	TRACE_UNUSED,		/* no such thread */
	TRACE_READY,		/* could go on */
	TRACE_BLOCKED,		/* @op is what it waits in */
	TRACE_ENDED,
};

/*
 * struct trace_thread - where a thread stood at the end of the execution
 * @op: what it was about to do, unless it has ended
 * @blocker: who has the lock it waits for, or the thread it joins; -1: none
 * @blocker_site: where that one took it; may be NULL
 * @last_wake: step of the last wake-up of the queue it sleeps on, -1: none
 * @slept_at: step at which it put itself on the queue, -1
 */
struct trace_thread {
	enum trace_state state;
	char name[TRACE_NAME];
	struct iommufd_model_op op;
	char object[TRACE_NAME];
	int blocker;
	const struct iommufd_model_site *blocker_site;
	int last_wake;
	int slept_at;
	int nr_locks;
	struct trace_lock locks[TRACE_LOCKS];
};

/*
 * struct trace - all of it
 * @thread: that failed; -1: setup, after, or nobody
 * @text: one sentence
 * @object: what it is about, or ""
 * @at: where it failed; NULL: unknown
 * @allocated, @freed: of the memory in question; NULL: unknown or not freed;
 *	@freed_by, @freed_step: thread and step, -1 if not by a step
 * @detail: more lines: a sanitizer's words, leaks, the observer's
 * @nr_steps: may be more than @room, which is how many there are records of
 */
struct trace {
	enum iommufd_model_failure failure;
	int thread;
	char text[TRACE_TEXT];
	char object[TRACE_NAME];
	const struct iommufd_model_site *at;
	const struct iommufd_model_site *allocated;
	const struct iommufd_model_site *freed;
	int freed_by;
	int freed_step;
	char detail[4096];
	int nr_threads;
	struct trace_thread threads[IOMMUFD_MODEL_MAX_THREADS];
	int room;
	int nr_steps;
	struct trace_step steps[];
};

/*
 * explore_report(trace, test, schedule, command, to): print it for people.
 * @command replays it; two lines are allowed.
 */
void explore_report(const struct trace *trace, const char *test,
		    const char *schedule, const char *command, FILE *to);

#endif
