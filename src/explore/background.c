// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Threads that src/kernel starts by itself: work items, timers, callbacks.
 *
 * While the threads of the test run, these threads are scheduled like any
 * other.  One of them is started inside of an operation of another thread, and
 * has reached its own first operation when the other thread goes on.
 *
 * There are few numbers for threads, so the number of a thread that has ended
 * is used again.  Two threads with the same number are taken to be ordered.  So
 * a number is used again only if they are ordered anyway: all steps of the
 * first thread must have happened before the step that starts the second.
 *
 * A thread may be retired: another thread has cancelled the operation that it
 * would have done next.  The step that cancelled it could also have come after
 * that operation, so the races of the operation are found as if it were done
 * here.  The thread then ends, which no other thread can notice.  A thread may
 * also be spared a later operation: a work item that has queued itself again runs
 * on while another thread cancels it.
 *
 * Nothing is explored in setup and in after.  There, main lets these threads
 * run while it waits for them, and once more at the end of after.
 */
#include "internal.h"
#include <stdio.h>

#define SERVED_STEPS 10000

bool explore_background_idle(const struct execution *exec,
			     const struct thread *thread)
{
	if (!thread->background || thread->ended || !thread->op ||
	    explore_thread_enabled(exec, thread))
		return false;
	/*
	 * A work item or timer that arms itself again and again waits like a
	 * loop (spin.c).
	 */
	if (thread->spins && (thread->op->kind == IOMMUFD_MODEL_OP_WORK_RUN ||
			      thread->op->kind == IOMMUFD_MODEL_OP_TIMER_FIRE))
		return true;
	return thread->stays &&
	       (thread->op->kind == IOMMUFD_MODEL_OP_WAIT_SLEEP ||
		thread->op->kind == IOMMUFD_MODEL_OP_COMPLETION_TAKE ||
		explore_is_until(thread->op->kind));
}

bool explore_background_all_idle(const struct execution *exec)
{
	unsigned int rest;

	for (rest = exec->alive; rest; rest &= rest - 1)
		if (!explore_background_idle(
			    exec, &exec->threads[__builtin_ctz(rest)]))
			return false;
	return true;
}

/* Starting */

/*
 * Return the threads whose steps have all happened before the step in which @self
 * starts a thread.  If an earlier execution has begun with that step, its clock has
 * grown since by what its thread does after the start, such as a look at the clock.
 */
static u16 happened_before(const struct execution *exec,
			   const struct thread *self)
{
	const struct search *search = exec->search;
	struct node *node;
	int i;

	if (!self || !self->clock)
		return 0;
	node = container_of(self->clock, struct node, clock[0]);
	if (node - search->nodes + 1 < search->forced)
		return node->over;
	node->over = 0;
	for (i = exec->nr_test_threads; i < exec->nr_threads; i++)
		if (node->clock[i] >= (s16)exec->threads[i].steps)
			node->over |= BIT16(i);
	return node->over;
}

/*
 * Find a number for a new thread that @self starts; MAX_THREADS: there is none.
 */
static int find_number(const struct execution *exec, const char *name,
		       const struct thread *self)
{
	u16 before = happened_before(exec, self);
	int i, over = MAX_THREADS;
	const struct thread *t;

	for (i = exec->nr_test_threads; i < exec->nr_threads; i++) {
		t = &exec->threads[i];
		/* Other threads may have a pointer to a thread that stays. */
		if (!t->ended || !t->background || t->stays)
			continue;
		if (t->steps && !(before & BIT16(i)))
			continue;
		if (t->name == name)
			return i;
		over = i;
	}
	return exec->nr_threads < MAX_THREADS ? exec->nr_threads : over;
}

/*
 * If main runs, tell ThreadSanitizer that main is about to switch to @thread,
 * or has done so.
 */
static void set_explored(const struct execution *exec,
			 const struct thread *self, const struct thread *thread,
			 bool explored)
{
	if (exec->phase == PHASE_THREADS || self)
		return;
	tsan_explored(explored);
	if (!explored)
		tsan_acquire(&thread->ended);
}

static int start_with(struct execution *exec, int number, const char *name,
		      void (*fn)(void *data), void *data, struct thread *self)
{
	struct thread *thread = &exec->threads[number];
	u16 steps = number < exec->nr_threads ? thread->steps : 0;
	int rc;

	set_explored(exec, self, thread, true);
	rc = explore_execution_start_thread(exec, number, name, fn, data,
					    self ? &self->fiber :
						   &exec->main_fiber);
	set_explored(exec, self, thread, false);
	explore_execution_resume(exec, self);
	thread->base = thread->steps = steps;
	thread->clock = self ? self->clock : NULL;
	return rc;
}

static int start(const char *name, void (*fn)(void *data), void *data,
		 bool stays)
{
	struct execution *exec = explore_execution_current();
	int running = explore_thread_running(exec), number;
	struct thread *self = running < 0 ? NULL : &exec->threads[running];

	number = find_number(exec, name, self);

	if (number == MAX_THREADS ||
	    start_with(exec, number, name, fn, data, self)) {
		explore_fail(exec, IOMMUFD_MODEL_FAIL_STEP_LIMIT, NULL, NULL,
			     "more than %d threads at once", MAX_THREADS);
		/* The execution cannot go on, even if this failure is ignored. */
		exec->failure = IOMMUFD_MODEL_FAIL_STEP_LIMIT;
		return 0;
	}
	exec->threads[number].background = true;
	exec->threads[number].stays = stays;
	return number;
}

static void retire(int number, const struct iommufd_model_op *never)
{
	struct execution *exec = explore_execution_current();
	struct thread *thread = &exec->threads[number], *self;
	int running = explore_thread_running(exec);

	self = running < 0 ? NULL : &exec->threads[running];
	if (exec->phase == PHASE_THREADS) {
		thread->op = never;
		thread->task.also = NULL;
		explore_dpor_retire(exec, number);
	}
	thread->ended = true;
	exec->alive &= (u16)~BIT16(number);
	exec->fresh &= (u16)~BIT16(number);
	/* The next thread with this number is another one. */
	exec->search->next_sleep &= (u16)~BIT16(number);
	thread->task.retired = true;
	exec->retired_by = self ? &self->fiber : &exec->main_fiber;
	set_explored(exec, self, thread, true);
	explore_fiber_switch(exec->retired_by, &thread->fiber);
	set_explored(exec, self, thread, false);
	thread->op = NULL;
	explore_execution_resume(exec, self);
}

static void spare(int number, const struct iommufd_model_op *never)
{
	struct execution *exec = explore_execution_current();
	struct thread *thread = &exec->threads[number];
	const struct iommufd_model_op *next = thread->op;
	const void *also = thread->task.also;

	if (exec->phase != PHASE_THREADS ||
	    number == explore_thread_running(exec))
		return;
	thread->op = never;
	thread->task.also = NULL;
	explore_dpor_never(exec, number);
	thread->op = next;
	thread->task.also = also;
}

static int chosen(void)
{
	struct execution *exec = explore_execution_current();
	int value = exec->chosen;

	exec->chosen = 0;
	return value;
}

/* The explorer itself looks at the clock only when no thread runs. */
static void clock_used(bool moves)
{
	struct execution *exec = explore_execution_current();
	int running = explore_thread_running(exec);

	if (exec->phase == PHASE_THREADS && running >= 0 &&
	    !exec->threads[running].op && !exec->threads[running].ended)
		explore_dpor_clock(exec, moves);
}

const struct iommufd_model_scheduler explore_scheduler = {
	.start = start,
	.retire = retire,
	.spare = spare,
	.chosen = chosen,
	.clock = clock_used,
};

/* Letting background threads run in setup and after */

/*
 * Fails the execution and returns true if thread @number waits for freed memory
 * or is about to use it.
 */
static bool uses_freed(struct execution *exec, int number)
{
	const struct iommufd_model_op *op = exec->threads[number].op;
	const struct chunk *chunk = explore_arena_chunk(op->addr);
	char what[RECORD_TEXT / 2];

	if (!chunk || chunk->freed_step < 0)
		return false;
	snprintf(what, sizeof(what), "%s of %s in",
		 iommufd_model_op_name(op->kind), op->site->what);
	exec->current = number;
	explore_fail_freed(exec, IOMMUFD_MODEL_FAIL_USE_AFTER_FREE, op->site,
			   chunk, what);
	exec->current = -1;
	return true;
}

/* Let thread @number do its next step. */
static void serve(struct execution *exec, int number)
{
	struct thread *thread = &exec->threads[number];
	struct rw_semaphore *sem = (void *)(uintptr_t)thread->op->addr;

	exec->current = number;
	if (explore_thread_only_queues(thread)) {
		thread->queued = true;
		sem->writers_waiting++;
		exec->current = -1;
		return;
	}
	if (thread->queued)
		sem->writers_waiting--;
	thread->queued = false;
	tsan_release(&exec->main_fiber);
	tsan_explored(true);
	explore_fiber_switch(&exec->main_fiber, &thread->fiber);
	tsan_explored(false);
	tsan_acquire(&thread->ended);
	exec->current = -1;
	explore_execution_resume(exec, NULL);
}

bool explore_background_serve(struct execution *exec, const struct thread *main)
{
	struct thread *t;
	int i, steps = 0;
	bool any;

	do {
		any = false;
		for (i = exec->nr_test_threads; i < exec->nr_threads; i++) {
			t = &exec->threads[i];
			if (t->ended || !t->op)
				continue;
			if (!uses_freed(exec, i) &&
			    explore_thread_enabled(exec, t)) {
				serve(exec, i);
				any = true;
			}
			if (exec->failure)
				explore_execution_leave(exec);
			if (main && explore_thread_enabled(exec, main))
				return true;
		}
	} while (any && ++steps < SERVED_STEPS);
	if (any)
		explore_fail(exec, IOMMUFD_MODEL_FAIL_STEP_LIMIT, NULL, NULL,
			     "what was started goes on and on in %s",
			     exec->phase == PHASE_SETUP ? "setup" : "after");
	else if (!main && !explore_background_all_idle(exec))
		explore_fail_blocked(exec);
	exec->current = -1;
	return false;
}
