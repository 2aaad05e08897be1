/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * One execution as data: what each thread did, in order, and how it ended.
 *
 * The explorer writes a record when it runs a failing schedule once more, the
 * observer when it is asked to record a run.  In both cases each operation at
 * the gate goes through the same calls:
 *
 *	record_next()	a thread is about to do it
 *	record_take()	the explorer lets it do that: it has a step number now
 *	record_done()	it is done, and its values are known
 *
 * The observer then adds to the operation which object it is about and who
 * holds the reference.  Nothing here knows what an object or a counter of
 * iommufd is: both are numbers.
 *
 * The record lies in memory that a child shares with its parent, so that it is
 * there when the child has died.  Everything in it is by value, or points to
 * what is static and therefore good in both.  Memory is not touched, and so
 * costs nothing, before an operation is written there.
 *
 * Files: record.c keeps it, write.c writes it down (docs/record.md), describe.c
 * puts operations into words.
 */
#ifndef RECORD_H
#define RECORD_H

#include <iommufd_model/kernel/gate.h>
#include <iommufd_model/record.h>
#include <stdbool.h>

#define RECORD_OPERATIONS (1u << 18)
#define RECORD_NAME 48
#define RECORD_TEXT 512
#define RECORD_DETAIL 4096
#define RECORD_LOCKS 8
#define RECORD_THREADS 64
#define RECORD_STRINGS (256u << 10)

/* Who holds a reference. */
enum record_holder {
	RECORD_NO_HOLDER,
	RECORD_TABLE,		/* the id table, or the descriptor */
	RECORD_OBJECT,		/* the object with the serial @holder */
	RECORD_FILE,		/* the file @file at @file_addr */
	RECORD_THREAD,		/* the thread with the number @holder */
};

/*
 * struct record_op - one operation, or a note
 * @site, @addr, @arg, @before, @after: as at the gate.  Of a note @arg is its
 *	number and @before its parameter
 * @label, @id: of the memory that @addr lies in, "ioas" and 3; NULL: it has no
 *	label.  Of a note that carries a text, @label is the text
 * @step: its number in the schedule, from 1; 0: outside of the schedule
 * @object: serial of the object it is about, 0: none (the observer)
 * @counter: which counter of @object, from 1; 0: none (the observer)
 * @holder_kind, @holder, @file, @file_addr: who holds the reference that is
 *	taken or dropped, or is in the way (the observer)
 * @done: false: the thread was about to do it
 * @preempts: the thread that did the step before could have gone on
 * @timeout: a sleep that ended by its timeout
 * @queued: a writer that had to wait: from now on it keeps readers out
 */
struct record_op {
	const struct iommufd_model_site *site;
	const void *addr;
	const char *label;
	const char *file;
	const void *file_addr;
	long arg, before, after;
	unsigned int id, step, object, holder;
	unsigned short thread;
	unsigned char kind, counter, holder_kind;
	bool done, preempts, timeout, spurious, queued;
};

/* A lock that a thread holds at the end. */
struct record_lock {
	const struct iommufd_model_site *site;	/* taken here */
	const char *label;
	unsigned int id;
	bool read;
};

enum record_state {
	RECORD_UNUSED,		/* no such thread */
	RECORD_READY,		/* could go on */
	RECORD_BLOCKED,		/* @next is what it waits in */
	RECORD_ENDED,
};

/*
 * struct record_thread - where a thread stood at the end
 * @next: what it was about to do; no site: nothing that is known
 * @blocker: who has the lock that it waits for, or the thread that it joins;
 *	-1: none
 * @blocker_site: where that thread took the lock; may be NULL
 * @last_wake: index of the last wake-up of the queue that it sleeps on, or -1
 * @slept_at: index of the operation that put it on that queue, or -1
 * @taken: index of the operation that it is allowed to do and has not done
 */
struct record_thread {
	enum record_state state;
	char name[RECORD_NAME];
	struct record_op next;
	int blocker;
	const struct iommufd_model_site *blocker_site;
	int last_wake, slept_at, taken;
	int nr_locks;
	struct record_lock locks[RECORD_LOCKS];
};

enum record_kind {
	RECORD_RUN,		/* of a scenario, or of a program */
	RECORD_REPLAY,		/* one schedule, which did not fail */
	RECORD_FAILURE,
};

/*
 * struct iommufd_model_record
 * @size: of the mapping
 * @title: what ran
 * @failure: enum iommufd_model_failure; the members below it are about it
 * @thread: that failed; 0: setup, after or nobody in particular
 * @text: one sentence
 * @object: the memory it is about, or ""
 * @at: where it failed; NULL: unknown
 * @allocated, @freed: of the memory in question; NULL: unknown, or not freed
 * @freed_by, @freed_step: thread and step; 0: not by a step
 * @detail: more lines: the words of a sanitizer, what leaked
 * @schedule, @command, @report: strings of this process; NULL: none
 * @nr_threads: highest number of a thread in @threads, plus 1.  Thread 0 is
 *	main; thread n of a test is n + 1 here
 * @explored: the explorer says which thread runs
 * @last: index of the operation that was done last; -1: no room for it
 * @room: for operations; @nr: there were so many, of which @room are kept
 */
struct iommufd_model_record {
	size_t size;
	enum record_kind kind;
	char title[200];
	int failure;
	int thread;
	char text[RECORD_TEXT];
	char object[RECORD_NAME];
	const struct iommufd_model_site *at, *allocated, *freed;
	int freed_by;
	unsigned int freed_step;
	char detail[RECORD_DETAIL];
	char *schedule, *command, *report;
	bool explored;
	int nr_threads;
	struct record_thread threads[RECORD_THREADS];
	int nr_steps;
	unsigned int nr_strings;
	char strings[RECORD_STRINGS];
	long last;
	unsigned long room, nr;
	struct record_op ops[];
};

/* record_reset(): forget all that was recorded. */
void record_reset(struct iommufd_model_record *record);

/* record_length(): how many operations are kept. */
unsigned long record_length(const struct iommufd_model_record *record);

/* record_string(): a copy that lives as long as the record; NULL: no room. */
const char *record_string(struct iommufd_model_record *record,
			  const char *string);

/* record_fill(op, from): what the gate says of an operation. */
void record_fill(struct record_op *op, const struct iommufd_model_op *from);
/* record_gate_op(op): the other way round. */
struct iommufd_model_op record_gate_op(const struct record_op *op);

void record_next(struct iommufd_model_record *record, unsigned int thread,
		 const struct iommufd_model_op *op);

/* record_take(): NULL if there is no room. */
struct record_op *record_take(struct iommufd_model_record *record,
			      unsigned int thread);

/*
 * record_done(): the operation or the note in the record, for more to be added;
 * NULL if there is no room, or if it is not recorded.
 */
struct record_op *record_done(struct iommufd_model_record *record,
			      unsigned int thread,
			      const struct iommufd_model_op *op);

/* record_last(): the operation or note that was done last; NULL: no room. */
struct record_op *record_last(struct iommufd_model_record *record);

/*
 * record_thread_name(): "getter", "main", "thread 3"; returns @buf.  Without a
 * record threads have numbers only.
 */
const char *record_thread_name(const struct iommufd_model_record *record,
			       unsigned int thread, char buf[RECORD_NAME]);

#endif
