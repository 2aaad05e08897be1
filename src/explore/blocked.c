// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * No thread can go on.
 *
 * If a thread sleeps with a timeout, time passes: the clock moves to the first
 * deadline.  The timeout is a failure unless timeouts are ignored, because code
 * that relies on wake-ups should not need it; a sleep that waits for nothing but
 * time is none.  If no thread has a timeout, the
 * failure is a deadlock if the threads wait for each other, and a lost wake-up
 * if a thread sleeps and no thread is left to wake it.
 */
#include "internal.h"
#include <stdio.h>

/* Time */

static bool waits_for_time(const struct thread *thread)
{
	return !thread->ended && thread->timed && !thread->over &&
	       thread->op->kind == IOMMUFD_MODEL_OP_WAIT_SLEEP;
}

static bool only_delays(const struct thread *thread)
{
	return thread->task.state & __IOMMUFD_MODEL_TASK_DELAY;
}

bool explore_let_time_pass(struct execution *exec)
{
	struct thread *t, *first = NULL, *failed = NULL;
	int i;

	for (i = 0; i < exec->nr_threads; i++) {
		t = &exec->threads[i];
		if (waits_for_time(t) &&
		    (!first || t->deadline < first->deadline))
			first = t;
	}
	if (!first)
		return false;
	if (jiffies < first->deadline)
		iommufd_model_clock_set(first->deadline);
	for (i = 0; i < exec->nr_threads; i++) {
		t = &exec->threads[i];
		if (!waits_for_time(t) || jiffies < t->deadline)
			continue;
		t->over = true;
		if (!only_delays(t) &&
		    (!failed || t->deadline < failed->deadline))
			failed = t;
	}
	explore_dpor_time(exec);
	/* A thread that polls in a loop may be waiting for time to pass. */
	if (explore_spin_any(exec) || !failed)
		return true;
	exec->current = (int)(failed - exec->threads);
	explore_fail(exec, IOMMUFD_MODEL_FAIL_TIMEOUT, failed->op->site, NULL,
		     "the wait for %s ran into its timeout of %ld ms",
		     failed->op->site->what, failed->op->arg);
	return true;
}

/* Deadlock and lost wake-up */

static int blocker_of(const struct execution *exec, int number)
{
	const struct iommufd_model_site *site;

	return explore_thread_blocker(exec, &exec->threads[number], &site);
}

/* Fail: no thread is left that could let thread @number go on. */
static void fail_hopeless(struct execution *exec, int number)
{
	const struct thread *t = &exec->threads[number];
	bool sleeps = t->op->kind == IOMMUFD_MODEL_OP_WAIT_SLEEP ||
		      t->op->kind == IOMMUFD_MODEL_OP_COMPLETION_TAKE ||
		      t->op->kind == IOMMUFD_MODEL_OP_WAIT_ZERO;
	char name[RECORD_NAME];

	exec->current = number;
	explore_fail(exec,
		     sleeps ? IOMMUFD_MODEL_FAIL_LOST_WAKEUP :
			      IOMMUFD_MODEL_FAIL_DEADLOCK,
		     t->op->site, t->op->addr,
		     "%s waits for %s, and nobody is left to %s",
		     explore_thread_name(exec, number, name, sizeof(name)),
		     t->op->site->what,
		     sleeps			    ? "wake it" :
		     explore_is_until(t->op->kind) ? "let it go on" :
						     "give it back");
}

/* Fail with a cycle: @first waits for another thread, the last for @first. */
static void fail_cycle(struct execution *exec, int first)
{
	char text[RECORD_TEXT] = "", name[RECORD_NAME];
	const struct iommufd_model_site *site;
	const struct thread *t;
	size_t len = 0;
	int i = first;

	do {
		t = &exec->threads[i];
		explore_thread_name(exec, i, name, sizeof(name));
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					t->interrupted_by >= 0 ?
						"%s%s is interrupted" :
						"%s%s waits for %s",
					len ? ", " : "", name,
					t->op->site->what);
		i = explore_thread_blocker(exec, t, &site);
		/*
		 * The handler waits for a lock that was taken with interrupts
		 * on: say where.
		 */
		if (site && exec->threads[i].interrupted_by >= 0 &&
		    len < sizeof(text))
			len += (size_t)snprintf(text + len, sizeof(text) - len,
						" (taken in %s, %s:%d)",
						site->func, site->file,
						site->line);
	} while (i != first && len < sizeof(text));
	exec->current = first;
	t = &exec->threads[first];
	explore_fail(exec, IOMMUFD_MODEL_FAIL_DEADLOCK, t->op->site,
		     t->op->addr, "%s", text);
}

/*
 * Return a thread of a cycle in which each waits for the next, or -1.  A thread
 * that waits between two turns of a loop waits for no other thread.
 */
static int find_cycle(const struct execution *exec)
{
	int i, n;
	u16 seen;

	for (i = exec->nr_threads - 1; i >= 0; i--) {
		seen = 0;
		for (n = i; n >= 0 && !exec->threads[n].ended &&
			    !exec->threads[n].spins;
		     n = blocker_of(exec, n)) {
			if (seen & BIT16(n))
				return n;
			seen |= BIT16(n);
		}
	}
	return -1;
}

void explore_fail_blocked(struct execution *exec)
{
	int i, n;

	for (i = 0; i < exec->nr_threads; i++) {
		if (exec->threads[i].ended || exec->threads[i].spins ||
		    explore_background_idle(exec, &exec->threads[i]))
			continue;
		n = blocker_of(exec, i);
		/*
		 * An idle thread is not part of a deadlock, unless another
		 * thread waits for it.
		 */
		if (n >= 0 &&
		    explore_background_idle(exec, &exec->threads[n])) {
			fail_hopeless(exec, n);
			return;
		}
		/* It may be waiting for readers that poll in a loop. */
		if (n < 0 && explore_spin_any(exec) &&
		    explore_is_until(exec->threads[i].op->kind))
			continue;
		if (n < 0 || exec->threads[n].ended) {
			fail_hopeless(exec, i);
			return;
		}
	}
	/* If a thread polls in a loop, others may wait for that thread. */
	n = find_cycle(exec);
	if (n >= 0)
		fail_cycle(exec, n);
	else
		explore_spin_fail(exec);
}
