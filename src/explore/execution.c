// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * One execution.
 *
 * Main runs setup, starts each thread up to its first operation, and then lets
 * a thread run.  A thread that arrives at an operation picks the thread that
 * does the next step (pick()) and switches to it; there is no scheduler in
 * between.  Main goes on when all threads have ended, when none can go on, or
 * when the execution has failed.
 *
 *	arrive at an operation --> pick() --> picked: do it, go to the next one
 *	                             |
 *	                             +--> switch to another thread; when this
 *	                                  one is picked: do it, and so on
 *
 * A step is noted when its thread is picked, before the operation is done.  No
 * other thread runs in between, so the note can already say what the operation
 * will find.
 *
 * Time is virtual.  The timeout of a sleep may fire while other threads can go
 * on: that is a choice like any other, and the clock moves to its deadline.
 * When no thread can go on the clock moves to the first deadline (blocked.c).
 *
 * Threads that the ground starts get the numbers after those of the test, also
 * if setup has them started.  In setup and in after they go on only while main
 * has to wait for them (background.c).
 *
 * If states are used, main goes on in between, too, to copy all memory, and lets
 * the threads run on.  A later execution begins with such a copy in place of setup,
 * and an execution that comes to a known state is left there (checkpoint.c).
 *
 * An execution that fails in the process of the user leaves its memory and its
 * locks as they are, and no other execution follows.
 */
#define _XOPEN_SOURCE 700
#include "internal.h"
#include <iommufd_model/kernel/page.h>
#include <iommufd_model/notes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The execution is static, because callbacks without an argument use it. */
static struct execution the_execution;
NO_CHECKPOINT(the_execution);

struct execution *explore_execution_current(void)
{
	return &the_execution;
}

void explore_execution_leave(struct execution *exec)
{
	if (exec->phase != PHASE_INVARIANT && exec->current >= 0)
		explore_fiber_switch(&exec->threads[exec->current].fiber,
				     &exec->main_fiber);
	longjmp(exec->leave, 1);
}

/* Between two steps */

static void check_invariant(struct execution *exec)
{
	struct iommufd_model_task *task = iommufd_model_task;

	exec->phase = PHASE_INVARIANT;
	explore_watch_phase(exec);
	iommufd_model_task = exec->main_task;
	tsan_hide();
	exec->test->invariant(exec->test->data);
	tsan_show();
	iommufd_model_task = task;
	exec->phase = PHASE_THREADS;
	explore_watch_phase(exec);
}

/*
 * Let the step choose a value.  Most steps choose nothing and must cost little.
 */
static bool make_choice(struct execution *exec, int number)
{
	struct search *search = exec->search;
	struct node *node = &search->nodes[search->depth];

	switch (exec->threads[number].op->kind) {
	case IOMMUFD_MODEL_OP_CHOOSE:
	case IOMMUFD_MODEL_OP_ALLOC:
	case IOMMUFD_MODEL_OP_COPY_FROM_USER:
	case IOMMUFD_MODEL_OP_COPY_TO_USER:
		return explore_choice_make(exec, number);
	default:
		if (node->value_chosen)
			return explore_choice_make(exec, number);
	}
	if (search->depth >= search->forced - 1)
		node->nr_values = 1;
	exec->chosen = 0;
	return true;
}

/*
 * Store the next step of thread @number.  Returns false if the thread does not
 * go on after it, because it is a writer that only begins to wait, or because
 * the execution failed.
 */
static bool take_step(struct execution *exec, int number)
{
	struct thread *thread = &exec->threads[number];
	bool queue = explore_thread_only_queues(thread);
	bool sleeps = thread->op->kind == IOMMUFD_MODEL_OP_WAIT_SLEEP;
	bool early = sleeps && explore_thread_early(exec, thread) &&
		     !explore_thread_enabled(exec, thread);
	bool roused = early && explore_thread_would_rouse(exec, thread);
	struct rw_semaphore *sem = (void *)(uintptr_t)thread->op->addr;

	exec->current = number;
	if (!make_choice(exec, number))
		return false;
	exec->roused = roused;
	exec->expired = (early && !roused) ||
			(sleeps && !thread->doomed && thread->over);
	if (exec->record && thread->op->kind != IOMMUFD_MODEL_OP_AFTER)
		explore_record_step(exec, number, queue);
	if (!explore_dpor_step(exec, number, queue))
		return false;
	explore_ending_step(exec, thread);
	if (exec->expired)
		explore_dpor_clock(exec, true);
	if (roused) {
		exec->spurious++;
		thread->task.state = TASK_RUNNING;
	} else if (early) {
		exec->timeouts++;
		if (jiffies < thread->deadline)
			iommufd_model_clock_set(thread->deadline);
	}
	if (queue) {
		thread->queued = true;
		sem->writers_waiting++;
	} else if (thread->queued) {
		thread->queued = false;
		sem->writers_waiting--;
	}
	return !queue;
}

/*
 * Fail, because thread @number was chosen and cannot go on, or because no
 * thread was to go on (MAX_THREADS) and one can.
 */
static void fail_choice(struct execution *exec, int number)
{
	const struct thread *t = exec->threads;

	if (number < MAX_THREADS) {
		explore_determinism_wrong_choice(exec, number);
		return;
	}
	while (t->ended || !explore_thread_enabled(exec, t))
		t++;
	explore_determinism_fail(exec, (int)(t - exec->threads), t->op->site,
				 "the first execution ended after %d steps, "
				 "and now there is one more: %s of %s in %s "
				 "(%s:%d)",
				 exec->search->depth,
				 iommufd_model_op_name(t->op->kind),
				 t->op->site->what, t->op->site->func,
				 t->op->site->file, t->op->site->line);
}

/* Fail, because the limit of steps is reached. */
static void fail_endless(struct execution *exec)
{
	/* If a loop was learnt, this is no failure: the search begins again. */
	if (explore_spin_learn(exec)) {
		exec->failure = IOMMUFD_MODEL_FAIL_STEP_LIMIT;
		return;
	}
	/* Others could have gone on, and nobody knows what would have happened. */
	if (exec->search->opt.mode != IOMMUFD_MODEL_MODE_REPLAY &&
	    explore_spin_kept(exec)) {
		exec->failure = IOMMUFD_MODEL_FAIL_STEP_LIMIT;
		exec->search->unclear = true;
		return;
	}
	if (explore_spin_all(exec))
		explore_spin_fail(exec);
	explore_fail(exec, IOMMUFD_MODEL_FAIL_STEP_LIMIT, NULL, NULL,
		     "more than %u steps", exec->search->opt.steps);
}

/* What pick() and its parts return instead of a thread. */
#define GO_TO_MAIN (-1)
#define PICK_AGAIN (-2)

/*
 * No thread can go on.  True if one can after time has passed, or if a thread
 * that waits in a loop does a turn alone.
 */
static bool wait_helps(struct execution *exec)
{
	return explore_let_time_pass(exec) || explore_spin_alone(exec);
}

/* Handle that thread @number was chosen and is not enabled. */
static int pick_blocked(struct execution *exec, int number)
{
	u16 early;
	bool nobody = !explore_threads_enabled(exec, &early);

	if (nobody && number == MAX_THREADS && explore_background_all_idle(exec))
		return GO_TO_MAIN;
	if (nobody && wait_helps(exec))
		return PICK_AGAIN;
	if (number < exec->nr_threads &&
	    explore_thread_early(exec, &exec->threads[number]) &&
	    take_step(exec, number))
		return number;
	if (number == MAX_THREADS && nobody)
		explore_fail_blocked(exec);
	else
		fail_choice(exec, number);
	return GO_TO_MAIN;
}

static int pick_once(struct execution *exec)
{
	struct search *search = exec->search;
	u16 enabled = 0, early = 0;
	int number;

	if (search->depth >= search->forced) {
		enabled = explore_threads_enabled(exec, &early);
		if (!enabled && explore_background_all_idle(exec)) {
			explore_dpor_blocked(exec);
			return GO_TO_MAIN;
		}
		if (!enabled && wait_helps(exec))
			return PICK_AGAIN;
		if (!enabled) {
			explore_dpor_blocked(exec);
			explore_fail_blocked(exec);
			return GO_TO_MAIN;
		}
	}
	if ((unsigned int)search->depth >= search->opt.steps) {
		fail_endless(exec);
		return GO_TO_MAIN;
	}
	if (search->opt.mode == IOMMUFD_MODEL_MODE_REPLAY &&
	    explore_spin_repeats(exec))
		return GO_TO_MAIN;
	number = explore_search_choose(exec, enabled, early);
	/* The search cannot look behind a failure; the rest may show more. */
	if (search->dead && !search->failed &&
	    explore_checkpoint_permits_cut(exec)) {
		exec->cut = true;
		return GO_TO_MAIN;
	}
	if (!(enabled & BIT16(number)) &&
	    (number >= exec->nr_threads || exec->threads[number].ended ||
	     !explore_thread_enabled(exec, &exec->threads[number])))
		return pick_blocked(exec, number);
	return take_step(exec, number) ? number : PICK_AGAIN;
}

/*
 * Choose the thread that does the next step, and store the step.  Returns the
 * thread, or GO_TO_MAIN.
 */
static int pick(struct execution *exec)
{
	const struct search *search = exec->search;
	int number;

	if (__builtin_expect(search->depth >= explore_checkpoint_next, 0) &&
	    !exec->failure) {
		exec->saving = true;
		return GO_TO_MAIN;
	}
	do {
		if (exec->failure)
			return GO_TO_MAIN;
		if (exec->test->invariant &&
		    search->depth >= search->forced - 1)
			check_invariant(exec);
		if (exec->failure || !exec->alive)
			return GO_TO_MAIN;
		number = pick_once(exec);
	} while (number == PICK_AGAIN);
	return number;
}

static struct fiber *fiber_of(struct execution *exec, int number)
{
	return number < 0 ? &exec->main_fiber : &exec->threads[number].fiber;
}

/* What happens when an operation arrives at the gate */

/*
 * Called when @self runs again.  If it was retired, its operations have no
 * effect.
 */
static void resume(struct thread *self)
{
	iommufd_model_task = &self->task;
	explore_arena_turn = (int)(self - the_execution.threads);
	explore_watch_switch((int)(self - the_execution.threads));
	self->task.in_hook += self->task.retired;
	if (self->op)
		self->site = self->op->site;
	self->op = NULL;
	tsan_acquire(&self->interrupts);
}

/*
 * Fail, because @op, in setup or in after, would block for ever.  The execution
 * cannot go on, even if deadlocks are ignored.
 */
static void fail_main(struct execution *exec, const struct iommufd_model_op *op)
{
	struct search *search = exec->search;
	unsigned int ignore = search->opt.ignore;

	search->opt.ignore &= ~(1u << IOMMUFD_MODEL_FAIL_DEADLOCK);
	explore_fail(exec, IOMMUFD_MODEL_FAIL_DEADLOCK, op->site, op->addr,
		     "%s would wait for %s for ever",
		     exec->phase == PHASE_SETUP ? "setup" : "after",
		     op->site->what);
	search->opt.ignore = ignore;
	explore_execution_leave(exec);
}

/*
 * Called when main arrives at an operation that may block, in setup or in
 * after.
 */
static void wait_of_main(struct execution *exec,
			 const struct iommufd_model_op *op)
{
	struct thread as = {
		.op = op, .task = *exec->main_task,
		.interrupts = -1, .interrupted_by = -1,
	};

	if (op->kind == IOMMUFD_MODEL_OP_RWSEM_DOWN_WRITE)
		as.queued = true;
	if (op->kind == IOMMUFD_MODEL_OP_WAIT_SLEEP) {
		as.timed = op->arg != MAX_SCHEDULE_TIMEOUT;
		as.deadline = jiffies + (unsigned long)op->arg;
	}
	if (explore_thread_enabled(exec, &as) ||
	    explore_background_serve(exec, &as))
		return;
	if (as.timed) {
		iommufd_model_clock_set(as.deadline);
		explore_fail(exec, IOMMUFD_MODEL_FAIL_TIMEOUT, op->site,
			     op->addr, "the wait for %s ran into its timeout",
			     op->site->what);
		if (!exec->failure)
			return;
	}
	fail_main(exec, op);
}

/* Called when main arrives at @op, in setup, in after or in the invariant. */
static void step_of_main(struct execution *exec,
			 const struct iommufd_model_op *op)
{
	bool may_block = explore_may_block(op->kind);

	if (exec->phase == PHASE_INVARIANT) {
		explore_dpor_watch(exec->search, op->addr);
		if (may_block)
			explore_fail(exec, IOMMUFD_MODEL_FAIL_INVARIANT,
				     op->site, NULL,
				     "an invariant must not block");
		return;
	}
	if (may_block)
		wait_of_main(exec, op);
}

static void arrive(struct execution *exec, struct thread *self,
		   const struct iommufd_model_op *op)
{
	/*
	 * The thread's steps so far happen before after(), even if it is
	 * blocked.
	 */
	tsan_order_seen();
	tsan_release(&self->ended);
	tsan_order_hidden();
	self->op = op;
	self->doomed = false;
	if (op->kind == IOMMUFD_MODEL_OP_WAIT_SLEEP) {
		self->timed = op->arg != MAX_SCHEDULE_TIMEOUT;
		self->deadline = jiffies + (unsigned long)op->arg;
		self->over = false;
	}
	if (__builtin_expect(explore_arena_any_freed(), 0))
		explore_dpor_arrived(self);
	if ((uintptr_t)op->addr - exec->stacks_from <
	    exec->stacks_to - exec->stacks_from)
		exec->on_stacks = true;
	if (__builtin_expect(exec->on_stacks, 0))
		explore_dpor_left(exec, self);
	if (__builtin_expect(exec->search->nr_loops, 0) &&
	    exec->phase == PHASE_THREADS)
		explore_spin_arrived(exec, self);
}

/*
 * Called when main lets a thread go on: order what main did so far before its
 * steps.
 */
static void follow_main(const struct execution *exec)
{
	tsan_order_seen();
	tsan_acquire(&exec->main_fiber);
	tsan_order_hidden();
}

static void step_of_thread(struct execution *exec,
			   const struct iommufd_model_op *op)
{
	struct thread *self;
	int next;

	self = &exec->threads[explore_thread_running(exec)];
	arrive(exec, self, op);
	if (exec->arriving >= 0) {
		explore_fiber_switch(&self->fiber, exec->arriving_to);
		follow_main(exec);
		resume(self);
		return;
	}
	next = pick(exec);
	if (next != (int)(self - exec->threads))
		explore_fiber_switch(&self->fiber, fiber_of(exec, next));
	resume(self);
}

/* Called when a background thread arrives at @op while main runs. */
static void step_of_served(struct execution *exec,
			   const struct iommufd_model_op *op)
{
	struct thread *self = &exec->threads[exec->current];

	arrive(exec, self, op);
	explore_fiber_switch(&self->fiber, &exec->main_fiber);
	follow_main(exec);
	resume(self);
}

static void step(struct execution *exec, const struct iommufd_model_op *op)
{
	if (exec->phase == PHASE_THREADS || exec->arriving >= 0) {
		step_of_thread(exec, op);
		return;
	}
	if (exec->phase != PHASE_INVARIANT && exec->current >= 0) {
		step_of_served(exec, op);
		return;
	}
	step_of_main(exec, op);
	if (exec->failure && exec->phase != PHASE_INVARIANT)
		explore_execution_leave(exec);
}

static void step_hook(struct iommufd_model_hook *hook,
		      const struct iommufd_model_op *op)
{
	struct execution *exec =
		container_of(hook, struct execution, gate_hook);

	step(exec, op);
	if (__builtin_expect(exec->clean, 0))
		explore_memory_clean();
}

/*
 * Memory that a thread found in a read section may be freed once it has left
 * the section.  So the code after the section is a step (AFTER) on that memory.
 */
static const void *note_section(struct thread *self,
				const struct iommufd_model_op *op)
{
	if (op->kind == IOMMUFD_MODEL_OP_RCU_LOCK && !self->sections++)
		self->found = NULL;
	else if (op->kind == IOMMUFD_MODEL_OP_RCU_UNLOCK && self->sections &&
		 !--self->sections)
		return self->found;
	else if (op->kind == IOMMUFD_MODEL_OP_READ_ONCE && self->sections &&
		 explore_arena_chunk((const void *)op->after))
		self->found = (const void *)op->after;
	return NULL;
}

/*
 * Nobody looks at the values before and after @op any more.  They lie on the
 * stack of its thread, and so would be a part of the state.
 */
static void forget_values(const struct iommufd_model_op *op)
{
	struct iommufd_model_op *done = (void *)(uintptr_t)op;

	done->before = done->after = 0;
}

/*
 * Called when @op is done.  The code of its thread after @op may be a step,
 * too.
 */
static void event_hook(struct iommufd_model_hook *hook,
		       const struct iommufd_model_op *op)
{
	struct execution *exec =
		container_of(hook, struct execution, gate_hook);
	struct search *search = exec->search;
	struct iommufd_model_op after = {
		.kind = IOMMUFD_MODEL_OP_AFTER,
		.addr = op->addr,
		.site = op->site,
	};
	struct thread *self;
	const void *found;
	bool follows;

	if (exec->phase != PHASE_THREADS || exec->arriving >= 0 ||
	    op->kind == IOMMUFD_MODEL_OP_NOTE)
		return;
	tsan_hide();
	search->nodes[search->depth - 1].result = (int)op->after;
	if (iommufd_model_watch.mode)
		explore_order(exec, op);
	self = &exec->threads[exec->current];
	found = self->sections || op->kind == IOMMUFD_MODEL_OP_RCU_LOCK ?
			note_section(self, op) :
			NULL;
	if (found)
		after.addr = found;
	follows = explore_ending_follows(search, exec->current, op, after.addr);
	tsan_show();
	if (follows) {
		if (exec->clean)
			forget_values(op);
		step(exec, &after);
		if (exec->record && iommufd_model_watch.mode)
			explore_ordered_step(exec);
	}
	if (__builtin_expect(exec->clean, 0))
		explore_memory_clean();
}

/* Threads */

/* Run @self, which interrupts another thread of the test. */
static void run_handler(struct execution *exec, struct thread *self)
{
	/* A handler has no call site: the processor calls it. */
	static const struct iommufd_model_site site = {
		"interrupt", "interrupt", 0, "interrupt"
	};
	struct thread *other = &exec->threads[self->interrupts];

	GATED(IOMMUFD_MODEL_OP_IRQ_ENTER, (const void *)0, 0, &site, 0);
	tsan_acquire(&other->ended);
	iommufd_model_context_enter(IOMMUFD_MODEL_CONTEXT_HARDIRQ, &site);
	self->fn(self->data);
	iommufd_model_context_leave(IOMMUFD_MODEL_CONTEXT_HARDIRQ, &site);
	tsan_release(&other->interrupts);
	GATED(IOMMUFD_MODEL_OP_IRQ_LEAVE, (const void *)0, 0, &site, 0);
}

/* The function that runs on each fiber. */
static void thread_main(void)
{
	struct execution *exec = &the_execution;
	int number = exec->arriving, next;
	struct thread *self = &exec->threads[number];

	resume(self);
	tsan_acquire(&self->fn);
	iommufd_model_note(IOMMUFD_MODEL_NOTE_THREAD, self->name, number);
	if (self->interrupts >= 0)
		run_handler(exec, self);
	else
		self->fn(self->data);
	iommufd_model_note(IOMMUFD_MODEL_NOTE_THREAD_END, NULL, number);
	explore_check_left(exec, &self->task, "the thread ends");
	self->fiber.idle = true;
	if (self->task.retired) {
		tsan_release(&self->ended);
		explore_fiber_switch(&self->fiber, exec->retired_by);
		return;
	}
	self->ended = true;
	tsan_release(&self->ended);
	if (exec->on_stacks)
		explore_dpor_left(exec, self);
	explore_ending_note(exec, self);
	explore_spin_ended(exec, self);
	exec->alive &= (u16)~BIT16(number);
	exec->fresh &= (u16)~BIT16(number);
	if (exec->arriving == number) {
		explore_fiber_switch(&self->fiber, exec->arriving_to);
		return;
	}
	next = GO_TO_MAIN;
	tsan_hide();
	if (exec->phase == PHASE_THREADS)
		next = pick(exec);
	tsan_show();
	explore_fiber_switch(&self->fiber, fiber_of(exec, next));
}

static const char letters[MAX_THREADS][2] = {
	"a", "b", "c", "d", "e", "f", "g", "h",
	"i", "j", "k", "l", "m", "n", "o", "p",
};

/*
 * Return the number of the thread that thread @number of the test interrupts;
 * -1: none.
 */
static int interrupted(const struct execution *exec, int number)
{
	return number < exec->nr_test_threads ?
		       (int)exec->test->interrupts[number] - 1 :
		       -1;
}

/* Reset all of @thread but its fiber, and its held locks, which are none. */
static void reset_thread(struct thread *thread, int number)
{
	char *task = (char *)&thread->task;
	size_t in_hook = offsetof(struct iommufd_model_task, in_hook);

	memset(task, 0, offsetof(struct iommufd_model_task, held));
	memset(task + in_hook, 0, sizeof(thread->task) - in_hook);
	thread->op = NULL;
	thread->site = NULL;
	thread->ended = false;
	thread->queued = false;
	thread->doomed = false;
	thread->endings = 0;
	thread->background = false;
	thread->stays = false;
	thread->interrupts = interrupted(&the_execution, number);
	thread->interrupted_by = -1;
	thread->entered_at = thread->left_at = -1;
	thread->base = thread->steps = thread->sections = 0;
	thread->found = NULL;
	thread->clock = NULL;
	thread->in_loop = thread->counts = false;
	thread->spins = false;
	thread->alone = false;
	thread->turns_alone = 0;
	thread->yields = false;
	thread->disturbed_at = -1;
	thread->released_by = -1;
}

int explore_execution_start_thread(struct execution *exec, int number,
				   const char *name, void (*fn)(void *data),
				   void *data, struct fiber *self)
{
	struct thread *thread = &exec->threads[number];
	struct fiber *arriving_to = exec->arriving_to;
	int arriving = exec->arriving;

	reset_thread(thread, number);
	thread->name = name;
	thread->fn = fn;
	thread->data = data;
	explore_states_started(exec, number, exec->current);
	thread->fiber.name = name ? name : letters[number];
	if (explore_fiber_prepare(&thread->fiber, thread_main)) {
		thread->ended = true;
		return -EAGAIN;
	}
	if (exec->clean)
		explore_memory_clean_stack(&thread->fiber);
	explore_fiber_widen(&thread->fiber, &exec->stacks_from,
			    &exec->stacks_to);
	if (number >= exec->nr_threads)
		exec->nr_threads = number + 1;
	exec->alive |= BIT16(number);
	exec->fresh |= BIT16(number);
	if (iommufd_model_watch.mode)
		explore_order_start(exec, number);
	exec->arriving = number;
	exec->arriving_to = self;
	tsan_release(&thread->fn);
	explore_fiber_switch(self, &thread->fiber);
	exec->arriving = arriving;
	exec->arriving_to = arriving_to;
	return 0;
}

void explore_execution_resume(struct execution *exec, struct thread *self)
{
	if (self) {
		resume(self);
		return;
	}
	iommufd_model_task = exec->main_task;
	explore_arena_turn = -1;
}

/* Functions that a test calls */

int iommufd_model_spawn_thread(const char *name, void (*fn)(void *data),
			       void *data,
			       const struct iommufd_model_site *site)
{
	struct execution *exec = &the_execution;
	struct thread *self;
	int number;

	if (exec->phase != PHASE_THREADS) {
		fn(data);
		return 0;
	}
	GATED(IOMMUFD_MODEL_OP_SPAWN, (const void *)0, 0, site, 0);
	self = &exec->threads[exec->current];
	number = exec->nr_threads;
	if (number == MAX_THREADS ||
	    explore_execution_start_thread(exec, number, name, fn, data,
					   &self->fiber)) {
		resume(self);
		return -EAGAIN;
	}
	resume(self);
	exec->threads[number].clock = self->clock;
	return number;
}

void iommufd_model_join_thread(int number,
			       const struct iommufd_model_site *site)
{
	struct execution *exec = &the_execution;

	if (exec->phase != PHASE_THREADS || number < 0 ||
	    number >= exec->nr_threads)
		return;
	GATED(IOMMUFD_MODEL_OP_JOIN, &exec->threads[number], number, site, 0);
	tsan_acquire(&exec->threads[number].ended);
}

int iommufd_model_choose_at(long n, const struct iommufd_model_site *site)
{
	struct execution *exec = &the_execution;

	if (n < 1 || n > IOMMUFD_MODEL_MAX_CHOICES) {
		iommufd_model_assertion_failed(
			site, "a choice from %ld values, not from 1 to %d", n,
			IOMMUFD_MODEL_MAX_CHOICES);
		return 0;
	}
	if (exec->phase != PHASE_THREADS || n == 1)
		return 0;
	return (int)GATED(IOMMUFD_MODEL_OP_CHOOSE, (const void *)0, n, site,
			  iommufd_model_chosen());
}

int iommufd_model_thread_number(void)
{
	return explore_thread_running(&the_execution);
}

void iommufd_model_wait_zero_at(refcount_t *r,
				const struct iommufd_model_site *site)
{
	if (the_execution.phase != PHASE_THREADS) {
		while (iommufd_model_refcount_read(r, site))
			;
		return;
	}
	GATED(IOMMUFD_MODEL_OP_WAIT_ZERO, r, 0, site, 0);
	tsan_acquire(r);
}

bool iommufd_model_in_execution(void)
{
	return the_execution.phase != PHASE_NONE;
}

void iommufd_model_assertion_failed(const struct iommufd_model_site *site,
				    const char *fmt, ...)
{
	struct execution *exec = &the_execution;
	char text[RECORD_TEXT];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (exec->phase == PHASE_NONE) {
		fprintf(stderr, "%s:%d: %s: assertion failed: %s\n", site->file,
			site->line, site->func, text);
		abort();
	}
	explore_fail(exec,
		     exec->phase == PHASE_INVARIANT ?
			     IOMMUFD_MODEL_FAIL_INVARIANT :
			     IOMMUFD_MODEL_FAIL_ASSERTION,
		     site, NULL, "%s", text);
	if (exec->failure && exec->phase != PHASE_INVARIANT)
		explore_execution_leave(exec);
}

/* The execution */

/* Called when src/kernel reports a misuse. */
static void sink(const struct iommufd_model_report *report, void *data)
{
	static const enum iommufd_model_failure failures[] = {
		[IOMMUFD_MODEL_MISUSE_WARN] = IOMMUFD_MODEL_FAIL_WARN,
		[IOMMUFD_MODEL_MISUSE_REFCOUNT] = IOMMUFD_MODEL_FAIL_REFCOUNT,
		[IOMMUFD_MODEL_MISUSE_DOUBLE_FREE] =
			IOMMUFD_MODEL_FAIL_DOUBLE_FREE,
		[IOMMUFD_MODEL_MISUSE_ALLOCATOR] = IOMMUFD_MODEL_FAIL_ALLOCATOR,
		[IOMMUFD_MODEL_MISUSE_LOCK] = IOMMUFD_MODEL_FAIL_LOCK,
		[IOMMUFD_MODEL_MISUSE_LOCK_ORDER] =
			IOMMUFD_MODEL_FAIL_LOCK_ORDER,
		[IOMMUFD_MODEL_MISUSE_SELF_DEADLOCK] =
			IOMMUFD_MODEL_FAIL_DEADLOCK,
		[IOMMUFD_MODEL_MISUSE_NO_PROGRESS] =
			IOMMUFD_MODEL_FAIL_NO_PROGRESS,
		[IOMMUFD_MODEL_MISUSE_ATOMIC] = IOMMUFD_MODEL_FAIL_ATOMIC,
		[IOMMUFD_MODEL_MISUSE_USE_AFTER_FREE] =
			IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
	};
	struct execution *exec = data;

	if (report->severity != IOMMUFD_MODEL_WARNING)
		return;
	explore_fail(exec, failures[report->misuse], report->site, NULL,
		     "%s%s%s", report->text, *report->object ? ", " : "",
		     report->object);
	if (exec->record && exec->failure)
		snprintf(exec->record->object, sizeof(exec->record->object),
			 "%s", report->object);
}

static void start_threads(struct execution *exec)
{
	const struct iommufd_model_test_thread *t = exec->test->threads;
	int i;

	for (i = 0; i < exec->nr_test_threads; i++) {
		if (!explore_execution_start_thread(exec, i, t[i].name, t[i].fn,
						    exec->test->data,
						    &exec->main_fiber))
			continue;
		exec->search->no_stack = true;
		tsan_explored(false);
		longjmp(exec->leave, 1);
	}
}

/* Let threads run until all have ended, or until none is to go on. */
static void let_threads_run(struct execution *exec)
{
	int next;

	do {
		if (exec->saving) {
			exec->saving = false;
			explore_checkpoint_save(exec);
		}
		next = pick(exec);
		if (next >= 0)
			explore_fiber_switch(&exec->main_fiber,
					     fiber_of(exec, next));
		iommufd_model_task = exec->main_task;
		explore_arena_turn = -1;
	} while (exec->saving);
}

static void begin_threads(struct execution *exec)
{
	struct search *search = exec->search;

	exec->phase = PHASE_THREADS;
	explore_watch_phase(exec);
	tsan_release(&exec->main_fiber);
	tsan_explored(true);
	explore_states_begin(exec);
	start_threads(exec);
	if (search->opt.fail_nth)
		iommufd_model_fail_nth(search->opt.fail_nth);
}

static void end_threads(struct execution *exec)
{
	int i;

	tsan_explored(false);
	for (i = 0; i < exec->nr_threads; i++)
		tsan_acquire(&exec->threads[i].ended);
	if (!exec->failure)
		explore_determinism_check_write(exec);
	if (!exec->failure)
		explore_fingerprint_end(exec);
	if (iommufd_model_failed())
		exec->search->injected = true;
	iommufd_model_fail_nth(0);
	exec->current = -1;
}

/*
 * Reset the threads of the test: until they are started, they count as ended.
 */
static void reset_threads(struct execution *exec)
{
	const struct iommufd_model_test_thread *t = exec->test->threads;
	int i;

	exec->handlers = false;
	for (i = 0; i < MAX_THREADS && t[i].fn; i++) {
		exec->threads[i].ended = true;
		exec->handlers |= exec->test->interrupts[i];
	}
	exec->nr_threads = exec->nr_test_threads = i;
}

/* Restore the state that memory had before the first execution. */
static void reset(struct execution *exec)
{
	explore_arena_reset();
	explore_watch_reset(exec);
	explore_dpor_reset();
	explore_determinism_reset(exec);
	iommufd_model_reset_warnings();
	iommufd_model_forget_lock_orders();
	/*
	 * A thread comes to its first lock before any timer has fired, so a rule
	 * that held only from the first softirq on would miss that lock.
	 */
	iommufd_model_lockdep_use_rule();
	iommufd_model_clock_set(0);
	iommufd_model_generation++;
	reset_threads(exec);
	iommufd_model_wait_reset();
	iommufd_model_waker = -1;
	explore_arena_turn = -1;
	exec->current = -1;
	exec->arriving = -1;
	exec->alive = 0;
	exec->fresh = 0;
	exec->timeouts = 0;
	exec->spurious = 0;
	exec->chosen = exec->failed_allocs = exec->short_copies = 0;
	exec->stalled = exec->saving = exec->cut = false;
	exec->in_step = exec->kept = 0;
	exec->nr_ends = 0;
	exec->touched_at = -1;
	exec->news_at = exec->no_news_from = exec->no_news_to = 0;
	exec->on_stacks = false;
	memset(exec->time_clock, 0, sizeof(exec->time_clock));
	exec->failure = IOMMUFD_MODEL_NO_FAILURE;
}

/* Run setup, and start the threads up to their first operations. */
static void begin(struct execution *exec)
{
	exec->phase = PHASE_SETUP;
	explore_watch_phase(exec);
	if (exec->test->setup)
		exec->test->setup(exec->test->data);
	begin_threads(exec);
}

static void end(struct execution *exec)
{
	end_threads(exec);
	exec->phase = PHASE_AFTER;
	explore_watch_phase(exec);
	if (!exec->failure && exec->test->after)
		exec->test->after(exec->test->data);
	if (!exec->failure && exec->alive)
		explore_background_serve(exec, NULL);
	if (!exec->failure)
		explore_check_end(exec, exec->mark);
}

/*
 * An execution that is cut off leaves memory as it is.  The next one begins at a
 * checkpoint.
 */
void explore_execution_run(struct execution *exec)
{
	explore_search_begin(exec->search);
	if (!explore_checkpoint_restore(exec)) {
		reset(exec);
		exec->mark = iommufd_model_slab_mark();
		exec->pinned = iommufd_model_pinned();
		explore_checkpoint_begin(exec);
	}
	if (!setjmp(exec->leave)) {
		if (exec->phase != PHASE_THREADS)
			begin(exec);
		let_threads_run(exec);
		if (exec->cut)
			return;
		end(exec);
	}
	iommufd_model_task = exec->main_task;
	if (exec->record)
		explore_record_end(exec);
	exec->phase = PHASE_NONE;
	explore_watch_phase(exec);
	iommufd_model_slab_rewind();
}

struct execution *explore_execution_start(const struct iommufd_model_test *test,
					  struct search *search,
					  struct iommufd_model_record *record)
{
	struct execution *exec = &the_execution;

	current_task();
	memset(exec, 0, sizeof(*exec));
	exec->main_task = iommufd_model_task;
	exec->test = test;
	exec->search = search;
	exec->record = record;
	explore_fiber_init_self(&exec->main_fiber);
	exec->arena = (uintptr_t)explore_arena_start();
	if (!exec->arena || !explore_order_prepare() || !explore_dpor_prepare())
		return NULL;
	explore_determinism_start();
	iommufd_model_set_sink(sink, exec);
	iommufd_model_clock_stop();
	exec->other_hooks = iommufd_model_gate;
	iommufd_model_gate = NULL;
	/*
	 * Hooks that observe are added first: our step hook may be the last
	 * code of a thread that runs.
	 */
	if (record)
		explore_record_begin(exec);
	if (record && search->opt.observe)
		search->opt.observe(record);
	exec->gate_hook.step = step_hook;
	exec->gate_hook.event = event_hook;
	iommufd_model_hook_add(&exec->gate_hook);
	iommufd_model_scheduler = &explore_scheduler;
	return exec;
}

void explore_execution_stop(struct execution *exec)
{
	int i;

	iommufd_model_gate = exec->other_hooks;
	iommufd_model_scheduler = NULL;
	iommufd_model_generation++;
	iommufd_model_clock_run();
	iommufd_model_set_sink(NULL, NULL);
	iommufd_model_reset_warnings();
	iommufd_model_fail_nth(0);
	iommufd_model_set_heap(NULL);
	exec->main_task->in_hook = 0;
	for (i = 0; i < MAX_THREADS; i++)
		explore_fiber_free(&exec->threads[i].fiber);
	exec->search = NULL;
}
