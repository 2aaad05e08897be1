/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * One execution as data: what each thread did, in order, and how it ended.
 *
 * The explorer writes a record when it runs a failing schedule once more, the
 * observer when it is asked to record a run.  In both cases each operation at
 * the gate is passed to these functions:
 *
 *	record_next()	a thread is about to do the operation
 *	record_take()	the explorer lets the thread do it, as the next step
 *	record_done()	it is done, and its values are known
 *
 * The observer then adds to the operation which object it is about and who
 * holds the reference.  This code does not know what an object or a counter of
 * iommufd is: both are numbers here.
 *
 * The record lies in memory that a child process shares with its parent, so
 * that it is there when the child has died.  Everything in it is by value, or
 * points to static memory, which has the same address in both.  A page of this
 * memory is not touched, and so costs nothing, before an operation is written
 * to it.
 *
 * record.c fills the record, write.c writes it to a file (docs/record.md), and
 * describe.c makes texts that describe operations.
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
#define RECORD_PINS 1024
#define RECORD_LOCKS 8
#define RECORD_THREADS 64
#define RECORD_STRINGS (256u << 10)

/* Who holds a reference. */
enum record_holder {
	RECORD_NO_HOLDER,
	RECORD_TABLE,		/* the id table, or for a context its fd */
	RECORD_OBJECT,		/* the object with the serial @holder */
	RECORD_FILE,		/* the file @file at @file_addr */
	RECORD_THREAD,		/* the thread with the number @holder */
};

/*
 * struct record_op - one operation, or a note
 * @site, @addr, @arg, @before, @after: as at the gate.  For a note, @arg is its
 *	number and @before its parameter
 * @label, @id: label and id of the memory that @addr lies in, such as "ioas"
 *	and 3; NULL: it has no label.  If a note has a text, @label is the
 *	text
 * @step: number of the step in the schedule, from 1; 0: the operation is not
 *	part of the schedule
 * @object: serial of the object it is about, 0: none (the observer sets this)
 * @counter: which counter of @object, from 1; 0: none (the observer sets this)
 * @holder_kind, @holder, @file, @file_addr: who holds the reference that is
 *	taken or dropped, or that prevents a destroy (the observer sets
 *	these)
 * @done: the thread did the operation; if false, it was only about to do it
 * @preempts: the thread that did the previous step could have gone on
 * @timeout: the operation is a sleep that ended by its timeout
 * @queued: a writer began to wait for the lock and now keeps out readers
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
	const struct iommufd_model_site *site;	/* where it was taken */
	const char *label;
	unsigned int id;
	bool read;
};

enum record_state {
	RECORD_UNUSED,		/* no such thread */
	RECORD_READY,		/* could go on */
	RECORD_BLOCKED,		/* waits in the operation @next */
	RECORD_ENDED,
};

/*
 * struct record_thread - the state of a thread at the end
 * @next: the operation that it was about to do; without a site if unknown
 * @blocker: the thread whose lock it waits for, or whose end it waits for; -1:
 *	none
 * @blocker_site: where that thread took the lock; may be NULL
 * @last_wake: index of the last wake-up of the queue that it sleeps on, or -1
 * @slept_at: index of the operation that put it on that queue, or -1
 * @taken: index of the operation that it was allowed to do and has not done
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
	RECORD_RUN,		/* a run of a scenario or of a program */
	RECORD_REPLAY,		/* a replay of a schedule that did not fail */
	RECORD_FAILURE,
};

/*
 * struct iommufd_model_record
 * @size: size of the mapping that the record lies in
 * @title: name of the test, scenario or program that ran
 * @failure: enum iommufd_model_failure; the members from @thread to @pins are
 *	about this failure
 * @thread: the thread that failed; 0: setup, after or no particular thread
 * @text: one sentence that says what failed
 * @object: name of the memory that the failure is about, or ""
 * @at: call site of the failure; NULL: unknown
 * @allocated, @freed: call sites at which that memory was allocated and freed;
 *	NULL: unknown, or not freed
 * @other, @other_by: call site and thread of the earlier one of two accesses;
 *	NULL: the failure is not about two
 * @other_step: the step after which this access was made; 0: before all steps
 * @ordered_if: what would order the two, to follow "ordered if"; or ""
 * @made: call sites that the explorer found for addresses of code
 * @freed_by, @freed_step: thread and step of the free; 0: not freed by a step
 * @detail: more lines, such as the report of a sanitizer or a list of leaks
 * @pins: what accesses have pinned, a line for each pin (the observer sets this)
 * @schedule, @command, @report: strings of this process; NULL: none
 * @about: more about the test, such as the story of a bug of the zoo: lines
 *	"what: text"; a string of this process, or NULL
 * @nr_threads: highest number of a thread in @threads, plus 1.  Thread 0 is
 *	main; thread n of a test is n + 1 here
 * @explored: the explorer says which thread runs
 * @last: index of the operation that was done last; -1: no room for it
 * @room: how many operations there is room for
 * @nr: how many operations there were; only the first @room are kept
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
	const struct iommufd_model_site *other;
	int freed_by, other_by;
	unsigned int freed_step, other_step;
	char ordered_if[RECORD_TEXT];
	struct iommufd_model_site made[2];
	char detail[RECORD_DETAIL];
	char pins[RECORD_PINS];
	char *schedule, *command, *report, *about;
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

/* record_reset(): remove all that was recorded. */
void record_reset(struct iommufd_model_record *record);

/* record_length(): how many operations are kept. */
unsigned long record_length(const struct iommufd_model_record *record);

/*
 * record_string(): returns a copy that lives as long as the record, or NULL if
 * there is no room.
 */
const char *record_string(struct iommufd_model_record *record,
			  const char *string);

/* record_fill(op, from): set @op from what the gate says about an operation. */
void record_fill(struct record_op *op, const struct iommufd_model_op *from);
/*
 * record_gate_op(op): returns @op in the form in which the gate would pass it.
 */
struct iommufd_model_op record_gate_op(const struct record_op *op);

void record_next(struct iommufd_model_record *record, unsigned int thread,
		 const struct iommufd_model_op *op);

/*
 * record_take(): returns the next free operation of the record, or NULL if
 * there is no room.
 */
struct record_op *record_take(struct iommufd_model_record *record,
			      unsigned int thread);

/*
 * record_done(): returns the operation or the note in the record, so that the
 * caller can add to it, or NULL if there is no room or it is not recorded.
 */
struct record_op *record_done(struct iommufd_model_record *record,
			      unsigned int thread,
			      const struct iommufd_model_op *op);

/*
 * record_last(): returns the operation or note that was done last, or NULL if
 * there was no room for it.
 */
struct record_op *record_last(struct iommufd_model_record *record);

/*
 * record_thread_name(): writes a name such as "getter", "main" or "thread 3" to
 * @buf and returns @buf.  Without a record, threads have numbers only.
 */
const char *record_thread_name(const struct iommufd_model_record *record,
			       unsigned int thread, char buf[RECORD_NAME]);

#endif
