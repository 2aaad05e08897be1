// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The report of an interleaving that breaks a test.
 *
 *	what is wrong, and with which memory
 *	the interleaving: a row per step, a column per thread (columns.c)
 *	each thread at the end: what it waits for, and which locks it holds
 *	details, and how to run it again
 *
 * The record may be cut short and the process that wrote it may have died, so
 * its strings and numbers are taken with care.
 */
#include "columns.h"
#include <iommufd_model/kernel.h>
#include <string.h>

#define LABEL 13		/* of the head: where its second column is */

/* The head */

/* "  freed      drop x.c:3, by getter, step 7" */
static void put_place(const struct trace *trace, const char *label,
		      const struct iommufd_model_site *site, int thread,
		      int step, FILE *to)
{
	struct text t = { 0 };

	if (!site)
		return;
	explore_add_site(&t, site);
	if (thread >= 0)
		explore_add(&t, ", by " NAME, explore_name(trace, thread));
	if (step >= 0)
		explore_add(&t, ", step\t%d", step + 1);
	explore_put(to, label, LABEL, WIDTH, t.s);
}

static void put_head(const struct trace *trace, const char *test, FILE *to)
{
	struct text title = { 0 }, text = { 0 }, object = { 0 };

	explore_add(&title, "%s: FAILED: %s", test ? test : "?",
		    iommufd_model_failure_name(trace->failure));
	explore_put(to, "", 0, WIDTH, title.s);
	explore_add(&text, "%.511s", trace->text);
	if (text.len)
		explore_put(to, "", 2, WIDTH, text.s);
	explore_add(&object, NAME, trace->object);
	if (object.len)
		explore_put(to, "  object", LABEL, WIDTH, object.s);
	put_place(trace, "  allocated", trace->allocated, -1, -1, to);
	put_place(trace, "  freed", trace->freed, trace->freed_by,
		  trace->freed_step, to);
	put_place(trace, trace->freed ? "  used" : "  at", trace->at,
		  trace->thread, -1, to);
}

static void put_interleaving(const struct trace *trace, FILE *to)
{
	int i, preemptions = 0;

	for (i = 0; i < explore_records(trace); i++)
		preemptions += trace->steps[i].preempts;
	fprintf(to, "\nThe interleaving: %d step%s, %d preemption%s\n\n",
		trace->nr_steps, trace->nr_steps == 1 ? "" : "s", preemptions,
		preemptions == 1 ? "" : "s");
	explore_columns(trace, to);
}

/* The end */

static const struct trace_step *step_of(const struct trace *trace, int step)
{
	if (step < 0 || step >= explore_records(trace))
		return NULL;
	return &trace->steps[step];
}

/* It sleeps on a queue, for ever or until its time ran out. */
static bool is_asleep(const struct trace *trace, int n)
{
	const struct trace_thread *th = &trace->threads[n];

	return th->op.kind == IOMMUFD_MODEL_OP_WAIT_SLEEP &&
	       (th->state == TRACE_BLOCKED ||
		(trace->failure == IOMMUFD_MODEL_FAIL_TIMEOUT &&
		 n == trace->thread));
}

/* A sleep names its condition; the queue was named by the step before. */
static void add_sleep(struct text *t, const struct trace *trace,
		      const struct trace_thread *th)
{
	const struct trace_step *slept = step_of(trace, th->slept_at);

	explore_add(t, "sleeps on ");
	if (slept)
		explore_add_operand(t, slept->op.site, slept->object);
	else
		explore_add(t, "a wait queue");
	explore_add(t, " until ");
	explore_add_operand(t, th->op.site, "");
	if (th->op.arg > 0 && th->op.arg < MAX_SCHEDULE_TIMEOUT)
		explore_add(t, ", for at most %ld\tms", th->op.arg);
}

/* A writer that waits keeps readers out, though it does not have the lock. */
static int writer_in_line(const struct trace *trace, const void *sem)
{
	int i = trace->nr_threads;

	while (--i >= 0)
		if (trace->threads[i].op.kind ==
			    IOMMUFD_MODEL_OP_RWSEM_DOWN_WRITE &&
		    trace->threads[i].op.addr == sem)
			break;
	return i;
}

static void add_blocker(struct text *t, const struct trace *trace,
			const struct trace_thread *th)
{
	if (th->blocker_site) {
		explore_add(t, "; " NAME " took it in ",
			    explore_name(trace, th->blocker));
		explore_add_site(t, th->blocker_site);
	} else if (th->op.kind == IOMMUFD_MODEL_OP_RWSEM_DOWN_READ) {
		explore_add(t, "; before it in line is " NAME,
			    explore_name(trace,
					 writer_in_line(trace, th->op.addr)));
	}
}

static void add_state(struct text *t, const struct trace *trace, int n)
{
	const struct trace_thread *th = &trace->threads[n];

	if (th->state == TRACE_ENDED) {
		explore_add(t, "ended");
		return;
	}
	if (is_asleep(trace, n)) {
		add_sleep(t, trace, th);
	} else if (th->state == TRACE_READY && n == trace->thread) {
		explore_add(t, "failed");
		return;
	} else if (th->state == TRACE_READY) {
		explore_add(t, "next: ");
		explore_add_op(t, trace, &th->op, th->object);
	} else if (th->op.kind == IOMMUFD_MODEL_OP_JOIN) {
		explore_add(t, "waits for the end of " NAME,
			    explore_name(trace, th->blocker));
	} else {
		explore_add(t, "waits for ");
		explore_add_operand(t, th->op.site, th->object);
		if (th->op.kind == IOMMUFD_MODEL_OP_WAIT_ZERO)
			explore_add(t, " to be 0");
	}
	explore_add(t, ", in ");
	explore_add_site(t, th->op.site);
	if (th->state == TRACE_BLOCKED)
		add_blocker(t, trace, th);
}

/* The wake-up that did not come. */
static void put_wakeups(const struct trace *trace,
			const struct trace_thread *th, int left, FILE *to)
{
	const struct trace_step *wake = step_of(trace, th->last_wake);
	struct text slept = { 0 }, woke = { 0 };

	if (th->slept_at >= 0) {
		explore_add(&slept, "put itself on that queue in step %d",
			    th->slept_at + 1);
		explore_put(to, "", left, WIDTH, slept.s);
	}
	if (!wake) {
		explore_put(to, "", left, WIDTH, "nobody ever wakes the queue");
		return;
	}
	explore_add(&woke, "the last wake-up was step %d, by " NAME " in ",
		    th->last_wake + 1, explore_name(trace, wake->thread));
	explore_add_site(&woke, wake->op.site);
	if (th->slept_at > th->last_wake)
		explore_add(&woke, ": too early");
	else if (wake->op.arg == TASK_INTERRUPTIBLE)
		explore_add(&woke, ": for interruptible sleepers");
	explore_put(to, "", left, WIDTH, woke.s);
}

static void put_locks(const struct trace_thread *th, int left, FILE *to)
{
	const struct trace_lock *lock;
	int i;

	for (i = 0; i < th->nr_locks && i < TRACE_LOCKS; i++) {
		struct text t = { 0 };

		lock = &th->locks[i];
		explore_add(&t, "holds ");
		explore_add_operand(&t, lock->site, lock->object);
		explore_add(&t, lock->read ? " for reading, taken in " :
					     ", taken in ");
		explore_add_site(&t, lock->site);
		explore_put(to, "", left, WIDTH, t.s);
	}
}

static void put_end(const struct trace *trace, FILE *to)
{
	int i, len, left = 0;

	for (i = 0; i < trace->nr_threads; i++) {
		len = snprintf(NULL, 0, NAME, explore_name(trace, i));
		left = len > left ? len : left;
	}
	left += 4;
	if (trace->nr_threads)
		fprintf(to, "\nAt the end:\n");
	for (i = 0; i < trace->nr_threads; i++) {
		const struct trace_thread *th = &trace->threads[i];
		struct text prefix = { 0 }, t = { 0 };

		if (th->state == TRACE_UNUSED)
			continue;
		explore_add(&prefix, "  " NAME, explore_name(trace, i));
		add_state(&t, trace, i);
		explore_put(to, prefix.s, left, WIDTH, t.s);
		if (is_asleep(trace, i))
			put_wakeups(trace, th, left, to);
		put_locks(th, left, to);
	}
}

/* Details, and how to run it again */

/* The file's name is enough. */
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

/* Lines that are not ours: not broken, but made clean. */
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

void explore_report(const struct trace *trace, const char *test,
		    const char *schedule, const char *command, FILE *to)
{
	char detail[sizeof(trace->detail) + 1];

	snprintf(detail, sizeof(detail), "%.*s", (int)sizeof(trace->detail),
		 trace->detail);
	strip_paths(detail);
	put_head(trace, test, to);
	put_interleaving(trace, to);
	put_end(trace, to);
	put_lines("Details", detail, to);
	put_lines("The schedule", schedule, to);
	put_lines("To run it again", command, to);
}
