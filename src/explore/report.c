// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The report of an interleaving that fails a test.
 *
 *	what is wrong, and with which memory
 *	the interleaving: a row per step, a column per thread (columns.c)
 *	each thread at the end: what it waits for, and which locks it holds
 *	details, and how to run it again
 *
 * The process that wrote the record may have died, and the record may be cut
 * off.  So its strings and numbers are checked before they are used.
 */
#include "columns.h"
#include "exploration.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/notes.h>
#include <stdlib.h>
#include <string.h>

#define LABEL 13 /* where the second column of the head begins */

/* The head of the report */

/* Print a line such as " freed drop x.c:3, by getter, step 7". */
static void put_site(const struct iommufd_model_record *record,
		     const char *label, const struct iommufd_model_site *site,
		     int thread, unsigned int step, FILE *to)
{
	struct text t = { 0 };

	if (!site)
		return;
	describe_site(&t, site);
	if (thread > 0)
		describe_add(&t, ", by %s", describe_thread(record, thread));
	if (step)
		describe_add(&t, ", step\t%u", step);
	explore_put(to, label, LABEL, WIDTH, t.s);
}

static void put_head(const struct iommufd_model_record *record,
		     const char *test, FILE *to)
{
	struct text title = { 0 }, text = { 0 }, object = { 0 };
	struct text ordered = { 0 };

	describe_add(&title, "%s: FAILED: %s", test ? test : "?",
		     iommufd_model_failure_name(
			     (enum iommufd_model_failure)record->failure));
	explore_put(to, "", 0, WIDTH, title.s);
	describe_add(&text, "%.511s", record->text);
	if (text.len)
		explore_put(to, "", 2, WIDTH, text.s);
	describe_add(&object, "%.47s", record->object);
	if (object.len)
		explore_put(to, "  object", LABEL, WIDTH, object.s);
	put_site(record, "  allocated", record->allocated, 0, 0, to);
	put_site(record, "  freed", record->freed, record->freed_by,
		 record->freed_step, to);
	put_site(record, "  first", record->other, record->other_by, 0, to);
	put_site(record,
		 record->other ? "  second" :
		 record->freed ? "  used" :
				 "  at",
		 record->at,
		 record->thread, 0, to);
	describe_add(&ordered, "%.511s", record->ordered_if);
	if (ordered.len)
		explore_put(to, "  ordered if", LABEL, WIDTH, ordered.s);
}

static void put_interleaving(const struct steps *steps, FILE *to)
{
	int i, preemptions = 0;

	for (i = 0; i < steps->nr; i++)
		preemptions += steps->step[i]->preempts;
	fprintf(to, "\nThe interleaving: %d step%s, %d preemption%s\n\n",
		steps->all, steps->all == 1 ? "" : "s", preemptions,
		preemptions == 1 ? "" : "s");
	explore_columns(steps, to);
}

/* The state of each thread at the end */

static const struct record_op *op_at(const struct iommufd_model_record *record,
				     int index)
{
	if (index < 0 || (unsigned long)index >= record_length(record))
		return NULL;
	return &record->ops[index];
}

/* True if the thread sleeps in a wait queue, or slept until its timeout. */
static bool is_asleep(const struct iommufd_model_record *record, int n)
{
	const struct record_thread *th = &record->threads[n];

	return th->next.kind == IOMMUFD_MODEL_OP_WAIT_SLEEP &&
	       (th->state == RECORD_BLOCKED ||
		(record->failure == IOMMUFD_MODEL_FAIL_TIMEOUT &&
		 n == record->thread));
}

/*
 * Add the condition that a sleep waits for; the step before it names the queue.
 */
static void add_sleep(struct text *t, const struct iommufd_model_record *record,
		      const struct record_thread *th)
{
	const struct record_op *slept = op_at(record, th->slept_at);

	describe_add(t, "sleeps on ");
	if (slept)
		describe_operand(t, slept->site, slept->label, slept->id);
	else
		describe_add(t, "a wait queue");
	describe_add(t, " until ");
	describe_operand(t, th->next.site, NULL, 0);
	if (th->next.arg > 0 && th->next.arg < MAX_SCHEDULE_TIMEOUT)
		describe_add(t, ", for at most %ld\tms", th->next.arg);
}

/*
 * Return the writer that waits for @sem, or -1.  It keeps readers out although
 * it does not have the lock.
 */
static int writer_in_line(const struct iommufd_model_record *record,
			  const void *sem)
{
	int i = record->nr_threads;

	while (--i > 0)
		if (record->threads[i].next.kind ==
			    IOMMUFD_MODEL_OP_RWSEM_DOWN_WRITE &&
		    record->threads[i].next.addr == sem)
			return i;
	return -1;
}

static void add_blocker(struct text *t,
			const struct iommufd_model_record *record,
			const struct record_thread *th)
{
	int writer;

	if (th->blocker_site) {
		describe_add(t, "; %s took it in ",
			     describe_thread(record, th->blocker));
		describe_site(t, th->blocker_site);
	} else if (th->next.kind == IOMMUFD_MODEL_OP_RWSEM_DOWN_READ) {
		writer = writer_in_line(record, th->next.addr);
		if (writer >= 0)
			describe_add(t, "; before it in line is %s",
				     describe_thread(record, writer));
	}
}

static void add_state(struct text *t, const struct iommufd_model_record *record,
		      int n)
{
	const struct record_thread *th = &record->threads[n];

	if (th->state == RECORD_ENDED) {
		describe_add(t, "ended");
		return;
	}
	if (is_asleep(record, n)) {
		add_sleep(t, record, th);
	} else if (th->state == RECORD_READY && n == record->thread) {
		describe_add(t, "failed");
		return;
	} else if (th->state == RECORD_READY) {
		describe_add(t, "next: ");
		describe_op(t, record, &th->next);
	} else if (th->next.kind == IOMMUFD_MODEL_OP_JOIN) {
		describe_add(t, "waits for the end of %s",
			     describe_thread(record, th->blocker));
	} else {
		describe_add(t, "waits for ");
		describe_operand(t, th->next.site, th->next.label, th->next.id);
		if (th->next.kind == IOMMUFD_MODEL_OP_WAIT_ZERO)
			describe_add(t, " to be 0");
	}
	describe_add(t, ", in ");
	describe_site(t, th->next.site);
	if (th->state == RECORD_BLOCKED)
		add_blocker(t, record, th);
}

/* Print what is known about the missing wake-up. */
static void put_wakeups(const struct iommufd_model_record *record,
			const struct record_thread *th, int left, FILE *to)
{
	const struct record_op *slept = op_at(record, th->slept_at);
	const struct record_op *wake = op_at(record, th->last_wake);
	struct text put = { 0 }, woke = { 0 };

	if (slept) {
		describe_add(&put, "put itself on that queue in step %u",
			     slept->step);
		explore_put(to, "", left, WIDTH, put.s);
	}
	if (!wake) {
		explore_put(to, "", left, WIDTH, "nobody ever wakes the queue");
		return;
	}
	describe_add(&woke, "the last wake-up was step %u, by %s in ",
		     wake->step, describe_thread(record, wake->thread));
	describe_site(&woke, wake->site);
	if (th->slept_at > th->last_wake)
		describe_add(&woke, ": too early");
	else if (wake->arg == TASK_INTERRUPTIBLE)
		describe_add(&woke, ": for interruptible sleepers");
	explore_put(to, "", left, WIDTH, woke.s);
}

static void put_locks(const struct record_thread *th, int left, FILE *to)
{
	const struct record_lock *lock;
	int i;

	for (i = 0; i < th->nr_locks && i < RECORD_LOCKS; i++) {
		struct text t = { 0 };

		lock = &th->locks[i];
		describe_add(&t, "holds ");
		describe_operand(&t, lock->site, lock->label, lock->id);
		describe_add(&t, lock->read ? " for reading, taken in " :
					      ", taken in ");
		describe_site(&t, lock->site);
		explore_put(to, "", left, WIDTH, t.s);
	}
}

static void put_end(const struct iommufd_model_record *record, FILE *to)
{
	int i, len, left = 0;

	for (i = 1; i < record->nr_threads; i++) {
		len = (int)strlen(describe_thread(record, i));
		left = len > left ? len : left;
	}
	left += 4;
	if (record->nr_threads > 1)
		fprintf(to, "\nAt the end:\n");
	for (i = 1; i < record->nr_threads; i++) {
		const struct record_thread *th = &record->threads[i];
		struct text prefix = { 0 }, t = { 0 };

		if (th->state == RECORD_UNUSED)
			continue;
		describe_add(&prefix, "  %s", describe_thread(record, i));
		add_state(&t, record, i);
		explore_put(to, prefix.s, left, WIDTH, t.s);
		if (is_asleep(record, i))
			put_wakeups(record, th, left, to);
		put_locks(th, left, to);
	}
}

/* Details, and how to run it again */

/* Cut the directories off the names of files. */
static void strip_paths(char *s)
{
	char *to = s, *word = s;
	bool path = false;

	for (; *s; s++) {
		*to++ = *s;
		if (strchr(" \t\n('\"", *s)) {
			word = to;
			path = false;
		} else if (*s == '/' && (path || to == word + 1)) {
			to = word;
			path = true;
		}
	}
	*to = '\0';
}

/*
 * Print lines that another program wrote, such as a sanitizer.  They are not
 * wrapped, but control characters are replaced.
 */
static void put_lines(const char *title, const char *s, FILE *to)
{
	size_t len;

	if (!s || !*s)
		return;
	fprintf(to, "\n%s:\n", title);
	for (; *s; s += len + (s[len] == '\n')) {
		len = strcspn(s, "\n");
		explore_put_clean(to, 2, s, len);
		putc('\n', to);
	}
}

/* Update @line, the script line that a thread is at, if @op is a note of it. */
static void follow_line(const struct record_op *op,
			const struct record_op **line)
{
	if (op->kind != IOMMUFD_MODEL_OP_NOTE)
		return;
	if (op->arg == IOMMUFD_MODEL_NOTE_STEP)
		*line = op;
	else if (op->arg == IOMMUFD_MODEL_NOTE_STEP_END)
		*line = NULL;
}

/* Find the steps in @record; none if there is no memory. */
static void find_steps(struct steps *steps,
		       const struct iommufd_model_record *record)
{
	const struct record_op *lines[RECORD_THREADS] = { NULL }, *op;
	unsigned long i, n = record_length(record);

	steps->record = record;
	steps->all = record->nr_steps;
	steps->nr = 0;
	steps->step = calloc(2 * n + 2, sizeof(steps->step[0]));
	if (!steps->step)
		return;
	steps->line = steps->step + n + 1;
	for (i = 0; i < n; i++) {
		op = &record->ops[i];
		if (op->thread < RECORD_THREADS)
			follow_line(op, &lines[op->thread]);
		if (!op->step)
			continue;
		steps->step[steps->nr] = op;
		steps->line[steps->nr++] = op->thread < RECORD_THREADS ?
						   lines[op->thread] : NULL;
	}
}

void explore_report(const struct iommufd_model_record *record, const char *test,
		    const char *schedule, const char *command, const char *draw,
		    FILE *to)
{
	char detail[sizeof(record->detail) + 1];
	struct steps steps;

	snprintf(detail, sizeof(detail), "%.*s", (int)sizeof(record->detail),
		 record->detail);
	strip_paths(detail);
	find_steps(&steps, record);
	put_head(record, test, to);
	put_interleaving(&steps, to);
	put_end(record, to);
	put_lines("Pinned at the end", record->pins, to);
	put_lines("Details", detail, to);
	put_lines("The schedule", schedule, to);
	put_lines("To run it again", command, to);
	put_lines("To see it as a page", draw, to);
	free(steps.step);
}
