// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * One execution.
 *
 * Main runs setup, starts each thread up to its first operation, and gives the
 * turn away.  From then on a thread that arrives at an operation decides itself
 * who goes on (pick()), and switches to that one; there is no scheduler to
 * switch to in between.  The turn comes back to main when all have ended, when
 * nobody can go on, or when the execution has failed.
 *
 *	arrive at an operation ---> pick() ---> it is done, on to the next
 *	                              |
 *	                              +--> another's turn; later: done, and so on
 *
 * A step is taken note of when it is picked, before it is done: no other thread
 * runs between, so what it will give can be seen already.
 *
 * Time stands still, but for timeouts.  One may fire while others can go on: it
 * is a choice like any other, of a thread that would go on by it, and the clock
 * moves to its deadline.  When nobody can go on the clock moves to the first
 * deadline there is.
 *
 * With no child process around it a failed execution leaves what it held as it
 * was; nothing is explored after that.
 */
#define _XOPEN_SOURCE 700
#include "internal.h"
#include <iommufd_model/notes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct execution explore_run;

static struct fiber main_fiber, *arriving_to;
static int arriving = -1;
static struct iommufd_model_task *main_task;
static struct iommufd_model_hook *other_hooks;
static jmp_buf leave_main;

static void step_hook(struct iommufd_model_hook *hook,
		      const struct iommufd_model_op *op);
static void event_hook(struct iommufd_model_hook *hook,
		       const struct iommufd_model_op *op);
static struct iommufd_model_hook gate_hook = { step_hook, event_hook, NULL };

const char *explore_threads_thread_name(int number, char *buf, size_t size)
{
	if (number < 0)
		snprintf(buf, size, "%s",
			 explore_run.phase == PHASE_AFTER ? "after" : "setup");
	else if (explore_run.threads[number].name)
		snprintf(buf, size, "%s", explore_run.threads[number].name);
	else
		snprintf(buf, size, "thread %c", 'a' + number);
	return buf;
}

void explore_fail(enum iommufd_model_failure failure,
		  const struct iommufd_model_site *site, const void *addr,
		  const char *fmt, ...)
{
	struct iommufd_model_record *trace = explore_run.trace;
	va_list args;

	if (explore_run.failure ||
	    explore_run.search->opt.ignore & (1u << failure))
		return;
	explore_run.failure = failure;
	if (!trace)
		return;
	trace->failure = failure;
	trace->thread = explore_run.phase == PHASE_THREADS ?
				explore_run.current + 1 :
				0;
	trace->at = site;
	tsan_hide();
	va_start(args, fmt);
	vsnprintf(trace->text, sizeof(trace->text), fmt, args);
	va_end(args);
	if (addr)
		iommufd_model_describe(addr, trace->object,
				       sizeof(trace->object));
	tsan_show();
}

void explore_fail_freed(enum iommufd_model_failure failure,
			const struct iommufd_model_site *site,
			const struct chunk *chunk, const char *what)
{
	char name[RECORD_NAME];

	explore_arena_name(chunk, name, sizeof(name));
	explore_record_memory(explore_run.trace, chunk);
	explore_fail(failure, site, NULL, "%s %s, which has been freed", what,
		     name);
}

void explore_execution_leave(void)
{
	if (explore_run.phase == PHASE_THREADS && explore_run.current >= 0)
		explore_fiber_switch(
			&explore_run.threads[explore_run.current].fiber,
			&main_fiber);
	longjmp(leave_main, 1);
}

/* Who can go on */

static bool slept_enough(const struct thread *thread)
{
	return thread->task.waiting->woken || thread->over;
}

bool explore_threads_would_expire(const struct thread *thread)
{
	return !thread->task.waiting->woken && thread->timed &&
	       thread->op->arg < IOMMUFD_MODEL_WATCHDOG &&
	       explore_run.search->opt.timeouts > 0;
}

/* May @thread's timeout fire, though others can go on? */
static bool may_expire(const struct thread *thread)
{
	struct search *search = explore_run.search;

	if (thread->ended || thread->doomed || thread->over || !thread->op ||
	    thread->op->kind != IOMMUFD_MODEL_OP_WAIT_SLEEP ||
	    !explore_threads_would_expire(thread))
		return false;
	if (explore_run.timeouts < search->opt.timeouts ||
	    search->opt.mode == IOMMUFD_MODEL_MODE_REPLAY)
		return true;
	search->cut_timeouts = true;
	return false;
}

u16 explore_threads_who_may_expire(void)
{
	unsigned int rest, mask = 0;
	int i;

	for (rest = explore_run.alive; rest; rest &= rest - 1) {
		i = __builtin_ctz(rest);
		if (may_expire(&explore_run.threads[i]))
			mask |= 1u << i;
	}
	return (u16)mask & (u16)~explore_threads_who_can_go_on();
}

static bool can_go_on(const struct thread *thread)
{
	const struct iommufd_model_op *op = thread->op;

	if (thread->doomed || !op)
		return true;
	if (thread->spins)
		return false;
	switch (op->kind) {
	case IOMMUFD_MODEL_OP_MUTEX_LOCK:
		return !((const struct mutex *)op->addr)->owner;
	case IOMMUFD_MODEL_OP_SPIN_LOCK:
		return !((const spinlock_t *)op->addr)->owner;
	case IOMMUFD_MODEL_OP_RWSEM_DOWN_READ:
		return explore_conflict_rwsem_open(op->addr, false);
	case IOMMUFD_MODEL_OP_RWSEM_DOWN_WRITE:
		/* If it cannot have it, it can queue for it. */
		return explore_conflict_rwsem_open(op->addr, true) ||
		       !thread->queued;
	case IOMMUFD_MODEL_OP_WAIT_SLEEP:
		return slept_enough(thread);
	case IOMMUFD_MODEL_OP_WAIT_ZERO:
		return !__atomic_load_n((const int *)op->addr,
					__ATOMIC_RELAXED);
	case IOMMUFD_MODEL_OP_JOIN:
		return explore_run.threads[op->arg].ended;
	default:
		return true;
	}
}

bool explore_threads_only_queues(const struct thread *thread)
{
	return thread->op->kind == IOMMUFD_MODEL_OP_RWSEM_DOWN_WRITE &&
	       !thread->queued && !thread->doomed &&
	       ((const struct rw_semaphore *)thread->op->addr)->count;
}

u16 explore_threads_who_can_go_on(void)
{
	unsigned int rest, mask = 0;
	int i;

	*early = 0;
	for (rest = explore_run.alive; rest; rest &= rest - 1) {
		i = __builtin_ctz(rest);
		if (can_go_on(&explore_run.threads[i]))
			mask |= 1u << i;
		else if (may_expire(&explore_run.threads[i]))
			*early |= BIT16(i);
	}
	return (u16)mask;
}

u16 explore_run_who_can_go_on(void)
{
	u16 early;

	return who_can_go_on(&early);
}

static void clock_reaches(unsigned long deadline)
{
	if (jiffies < deadline)
		iommufd_model_clock_set(deadline);
}

static bool waits_for_time(const struct thread *thread)
{
	return !thread->ended && thread->timed && !thread->over &&
	       thread->op->kind == IOMMUFD_MODEL_OP_WAIT_SLEEP;
}

/* Move the clock to the first timeout; false if nobody waits for one. */
static bool let_time_pass(void)
{
	struct thread *t;
	int i, who = -1;

	for (i = 0; i < explore_run.nr_threads; i++) {
		t = &explore_run.threads[i];
		if (waits_for_time(t) &&
		    (who < 0 ||
		     t->deadline < explore_run.threads[who].deadline))
			who = i;
	}
	if (who < 0)
		return false;
	clock_reaches(explore_run.threads[who].deadline);
	for (i = 0; i < explore_run.nr_threads; i++) {
		t = &explore_run.threads[i];
		if (waits_for_time(t) && jiffies >= t->deadline)
			t->over = true;
	}
	explore_dpor_time();
	/* While one goes round in a loop, time passes as it does anywhere. */
	if (explore_spin_any())
		return true;
	explore_run.current = who;
	explore_fail(IOMMUFD_MODEL_FAIL_TIMEOUT,
		     explore_run.threads[who].op->site, NULL,
		     "the wait for %s ran into its timeout of %ld ms",
		     explore_run.threads[who].op->site->what,
		     explore_run.threads[who].op->arg);
	return true;
}

int explore_threads_blocker(const struct thread *thread,
			    const struct iommufd_model_site **site)
{
	const struct iommufd_model_op *op = thread->op;
	const struct iommufd_model_held *held;
	const struct thread *t;
	int i, n;

	*site = NULL;
	if (op->kind == IOMMUFD_MODEL_OP_JOIN)
		return (int)op->arg;
	if (op->kind == IOMMUFD_MODEL_OP_WAIT_SLEEP ||
	    op->kind == IOMMUFD_MODEL_OP_WAIT_ZERO)
		return -1;
	for (i = 0; i < explore_run.nr_threads; i++) {
		t = &explore_run.threads[i];
		for (n = 0; n < t->task.nr_held; n++) {
			held = &t->task.held[n];
			if (t == thread || held_map(held) != op->addr)
				continue;
			*site = held->site;
			return i;
		}
	}
	for (i = 0; i < explore_run.nr_threads; i++) {
		t = &explore_run.threads[i];
		if (t != thread && !t->ended && t->queued &&
		    t->op->addr == op->addr)
			return i;
	}
	return -1;
}

static int blocker_of(const struct thread *thread)
{
	const struct iommufd_model_site *site;

	return explore_threads_blocker(thread, &site);
}

/* @t waits for what nobody who is left can give. */
static void fail_hopeless(int number)
{
	const struct thread *t = &explore_run.threads[number];
	bool sleeps = t->op->kind == IOMMUFD_MODEL_OP_WAIT_SLEEP ||
		      t->op->kind == IOMMUFD_MODEL_OP_WAIT_ZERO;
	char name[RECORD_NAME];

	explore_run.current = number;
	explore_fail(sleeps ? IOMMUFD_MODEL_FAIL_LOST_WAKEUP :
			      IOMMUFD_MODEL_FAIL_DEADLOCK,
		     t->op->site, t->op->addr,
		     "%s waits for %s, and nobody is left to %s",
		     explore_threads_thread_name(number, name, sizeof(name)),
		     t->op->site->what, sleeps ? "wake it" : "give it back");
}

/* Each waits for the next one, and one of them for @first. */
static void fail_cycle(int first)
{
	char text[RECORD_TEXT] = "", name[RECORD_NAME];
	const struct thread *t;
	size_t len = 0;
	int i = first;

	do {
		t = &explore_run.threads[i];
		explore_threads_thread_name(i, name, sizeof(name));
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"%s%s waits for %s", len ? ", " : "",
					name, t->op->site->what);
		i = blocker_of(t);
	} while (i != first && len < sizeof(text));
	explore_run.current = first;
	t = &explore_run.threads[first];
	explore_fail(IOMMUFD_MODEL_FAIL_DEADLOCK, t->op->site, t->op->addr,
		     "%s", text);
}

/* So many steps, and no end. */
static void fail_endless(void)
{
	struct search *search = explore_run.search;

	/* Not told: the search begins anew with what has been learnt. */
	if (explore_spin_learn(search)) {
		explore_run.failure = IOMMUFD_MODEL_FAIL_STEP_LIMIT;
		return;
	}
	explore_spin_fail(search);
	explore_fail(IOMMUFD_MODEL_FAIL_STEP_LIMIT, NULL, NULL,
		     "more than %u steps", search->opt.steps);
}

/* Nobody can go on, and time does not help. */
static void fail_blocked(void)
{
	int i, n, last = 0;
	u16 seen = 0;

	explore_spin_fail(explore_run.search);
	for (i = 0; i < explore_run.nr_threads; i++) {
		if (explore_run.threads[i].ended)
			continue;
		n = blocker_of(&explore_run.threads[i]);
		if (n < 0 || explore_run.threads[n].ended) {
			fail_hopeless(i);
			return;
		}
		last = i;
	}
	/* Along the blockers until one comes back is the cycle. */
	for (n = last; !(seen & BIT16(n));
	     n = blocker_of(&explore_run.threads[n]))
		seen |= BIT16(n);
	fail_cycle(n);
}

/* Between two steps */

static void check_invariant(void)
{
	struct iommufd_model_task *task = iommufd_model_task;

	explore_run.phase = PHASE_INVARIANT;
	iommufd_model_task = main_task;
	tsan_hide();
	explore_run.test->invariant(explore_run.test->data);
	tsan_show();
	iommufd_model_task = task;
	explore_run.phase = PHASE_THREADS;
}

/* Note that @number does its step now; false: it does not come to that. */
static bool take_step(int number)
{
	struct thread *thread = &explore_run.threads[number];
	bool queue = explore_threads_only_queues(thread);
	bool early = may_expire(thread) && !can_go_on(thread);

	explore_run.current = number;
	explore_run.expired =
		early || (thread->op->kind == IOMMUFD_MODEL_OP_WAIT_SLEEP &&
			  !thread->doomed && thread->over);
	if (explore_run.trace && thread->op->kind != IOMMUFD_MODEL_OP_AFTER)
		explore_record_step(explore_run.trace, number, queue);
	if (!explore_dpor_step(explore_run.search, number, queue))
		return false;
	if (early) {
		explore_run.timeouts++;
		clock_reaches(thread->deadline);
	}
	if (queue) {
		thread->queued = true;
		((struct rw_semaphore *)(uintptr_t)thread->op->addr)
			->writers_waiting++;
	} else if (thread->queued) {
		thread->queued = false;
		((struct rw_semaphore *)(uintptr_t)thread->op->addr)
			->writers_waiting--;
	}
	return !queue;
}

/* Thread @number was to go on; MAX_THREADS: none was. */
static void fail_choice(int number)
{
	struct search *search = explore_run.search;
	const struct thread *t = explore_run.threads;

	if (number < MAX_THREADS) {
		explore_determinism_wrong_choice(search, number);
		return;
	}
	while (t->ended || !can_go_on(t))
		t++;
	explore_determinism_fail(
		search, (int)(t - explore_run.threads), t->op->site,
		"the first execution ended after %d steps, and now "
		"there is one more: %s of %s in %s (%s:%d)",
		search->depth, iommufd_model_op_name(t->op->kind),
		t->op->site->what, t->op->site->func, t->op->site->file,
		t->op->site->line);
}

/* Who does the next step; -1: main goes on. */
static int pick(void)
{
	struct search *search = explore_run.search;
	u16 enabled = 0, early = 0;
	int number;

	for (;;) {
		if (explore_run.failure)
			return -1;
		if (explore_run.test->invariant &&
		    search->depth >= search->forced - 1)
			check_invariant();
		if (explore_run.failure || !explore_run.alive)
			return -1;
		if (search->depth >= search->forced) {
			enabled = explore_threads_who_can_go_on();
			early = explore_threads_who_may_expire();
			if (!enabled) {
				if (let_time_pass() || explore_spin_alone())
					continue;
				explore_dpor_blocked(search);
				fail_blocked();
				return -1;
			}
		}
		if ((unsigned int)search->depth >= search->opt.steps) {
			fail_endless();
			return -1;
		}
		number = explore_search_choose(search, enabled, early);
		if (number >= explore_run.nr_threads ||
		    explore_run.threads[number].ended ||
		    !can_go_on(&explore_run.threads[number])) {
			if (!explore_threads_who_can_go_on() &&
			    (let_time_pass() || explore_spin_alone()))
				continue;
			if (number < explore_run.nr_threads &&
			    may_expire(&explore_run.threads[number]) &&
			    take_step(number))
				return number;
			if (number == MAX_THREADS &&
			    !explore_threads_who_can_go_on()) {
				fail_blocked();
				return -1;
			}
			fail_choice(number);
			return -1;
		}
		if (take_step(number))
			return number;
	}
}

/* @self's turn has come again. */
static void back(struct thread *self)
{
	iommufd_model_task = &self->task;
	if (self->op)
		self->site = self->op->site;
	self->op = NULL;
}

/* Setup or after() would wait: nobody else is there to wait for. */
static void wait_of_main(const struct iommufd_model_op *op)
{
	struct thread as = { .op = op, .task = *main_task };

	if (explore_run.phase == PHASE_INVARIANT) {
		explore_dpor_watch(explore_run.search, op->addr);
		if (explore_conflict_may_block(op->kind))
			explore_fail(IOMMUFD_MODEL_FAIL_INVARIANT, op->site,
				     NULL, "an invariant must not block");
		return;
	}
	if (op->kind == IOMMUFD_MODEL_OP_RWSEM_DOWN_WRITE)
		as.queued = true;
	if (op->kind == IOMMUFD_MODEL_OP_WAIT_SLEEP) {
		as.timed = op->arg != MAX_SCHEDULE_TIMEOUT;
		as.deadline = jiffies + (unsigned long)op->arg;
	}
	if (can_go_on(&as))
		return;
	if (as.timed) {
		iommufd_model_clock_set(as.deadline);
		explore_fail(IOMMUFD_MODEL_FAIL_TIMEOUT, op->site, op->addr,
			     "the wait for %s ran into its timeout",
			     op->site->what);
		if (!explore_run.failure)
			return;
	}
	explore_fail(IOMMUFD_MODEL_FAIL_DEADLOCK, op->site, op->addr,
		     "%s would wait for %s for ever",
		     explore_run.phase == PHASE_SETUP ? "setup" : "after",
		     op->site->what);
	if (!explore_run.failure)
		explore_run.failure = IOMMUFD_MODEL_FAIL_DEADLOCK;
	explore_execution_leave();
}

static void step_of_main(const struct iommufd_model_op *op)
{
	if (explore_run.phase == PHASE_INVARIANT) {
		explore_depend_watch(explore_run.search, op->addr);
		if (explore_access_may_block(op->kind))
			explore_run_fail(IOMMUFD_MODEL_FAIL_INVARIANT, op->site,
					 NULL, "an invariant must not block");
		return;
	}
	if (explore_access_may_block(op->kind))
		wait_of_main(op);
}

static void step_of_thread(const struct iommufd_model_op *op)
{
	struct thread *self;
	int next;

	self = &explore_run.threads[arriving >= 0 ? arriving :
						    explore_run.current];
	/* For after(), if it should never go on. */
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
	explore_spin_arrived(explore_run.search, self);
	if (arriving >= 0) {
		explore_fiber_switch(&self->fiber, arriving_to);
		back(self);
		return;
	}
	next = pick();
	if (next == (int)(self - explore_run.threads)) {
		back(self);
		return;
	}
	explore_fiber_switch(&self->fiber,
			     next < 0 ? &main_fiber :
					&explore_run.threads[next].fiber);
	back(self);
}

static void step_hook(struct iommufd_model_hook *hook,
		      const struct iommufd_model_op *op)
{
	(void)hook;
	if (explore_run.phase == PHASE_THREADS) {
		step_of_thread(op);
		return;
	}
	step_of_main(op);
	if (explore_run.failure && explore_run.phase != PHASE_INVARIANT)
		explore_execution_leave();
}

static void event_hook(struct iommufd_model_hook *hook,
		       const struct iommufd_model_op *op)
{
	struct iommufd_model_op after = {
		.kind = IOMMUFD_MODEL_OP_AFTER,
		.addr = op->addr,
		.site = op->site,
	};
	bool follows;

	if (explore_run.phase != PHASE_THREADS || arriving >= 0 ||
	    op->kind == IOMMUFD_MODEL_OP_NOTE)
		return;
	tsan_hide();
	explore_run.search->nodes[explore_run.search->depth - 1].result =
		(int)op->after;
	follows = explore_ending_follows(explore_run.search,
					 explore_run.current, op);
	tsan_show();
	if (follows)
		step_hook(hook, &after);
}

/* Threads */

static void thread_main(void)
{
	int number = arriving, next;
	struct thread *self = &explore_run.threads[number];

	back(self);
	tsan_acquire(&self->fn);
	iommufd_model_note(IOMMUFD_MODEL_NOTE_THREAD, self->name, number);
	self->fn(self->data);
	iommufd_model_note(IOMMUFD_MODEL_NOTE_THREAD_END, NULL, number);
	if (self->task.nr_held)
		explore_fail(IOMMUFD_MODEL_FAIL_LOCK, self->task.held[0].site,
			     NULL, "the thread ends with %s held",
			     self->task.held[0].site->what);
	self->ended = true;
	tsan_release(&self->ended);
	explore_ending_note(explore_run.search, self);
	explore_run.alive &= (u16)~BIT16(number);
	explore_run.fresh &= (u16)~BIT16(number);
	self->fiber.idle = true;
	if (arriving == number) {
		explore_fiber_switch(&self->fiber, arriving_to);
		return;
	}
	tsan_hide();
	next = pick();
	tsan_show();
	explore_fiber_switch(&self->fiber,
			     next < 0 ? &main_fiber :
					&explore_run.threads[next].fiber);
}

static const char letters[MAX_THREADS][2] = {
	"a", "b", "c", "d", "e", "f", "g", "h",
	"i", "j", "k", "l", "m", "n", "o", "p",
};

/* Start a thread and let it come to its first operation. */
static int start_thread(const char *name, void (*fn)(void *data), void *data,
			struct fiber *self)
{
	int number = explore_run.nr_threads, was = arriving;
	struct thread *thread = &explore_run.threads[number];
	struct fiber *was_to = arriving_to;

	if (number == MAX_THREADS)
		return -EAGAIN;
	memset(&thread->task, 0, offsetof(struct iommufd_model_task, held));
	memset((char *)&thread->task +
		       offsetof(struct iommufd_model_task, in_hook),
	       0,
	       sizeof(thread->task) -
		       offsetof(struct iommufd_model_task, in_hook));
	thread->op = NULL;
	thread->site = NULL;
	thread->name = name;
	thread->fn = fn;
	thread->data = data;
	thread->ended = false;
	thread->queued = false;
	thread->doomed = false;
	thread->steps = 0;
	thread->clock = NULL;
	thread->loop_head = NULL;
	thread->spins = false;
	thread->alone = false;
	thread->turns_alone = 0;
	thread->turn_hash = 0;
	thread->released_by = -1;
	thread->fiber.name = name ? name : letters[number];
	if (explore_fiber_prepare(&thread->fiber, thread_main))
		return -EAGAIN;
	explore_run.nr_threads++;
	explore_run.alive |= BIT16(number);
	explore_run.fresh |= BIT16(number);
	arriving = number;
	arriving_to = self;
	tsan_release(&thread->fn);
	explore_fiber_switch(self, &thread->fiber);
	arriving = was;
	arriving_to = was_to;
	return number;
}

int iommufd_model_spawn_thread(const char *name, void (*fn)(void *data),
			       void *data,
			       const struct iommufd_model_site *site)
{
	struct thread *self;
	int number;

	if (explore_run.phase != PHASE_THREADS) {
		fn(data);
		return 0;
	}
	GATED(IOMMUFD_MODEL_OP_SPAWN, (const void *)0, 0, site, 0);
	self = &explore_run.threads[explore_run.current];
	number = start_thread(name, fn, data, &self->fiber);
	back(self);
	if (number >= 0)
		explore_run.threads[number].clock = self->clock;
	return number;
}

void iommufd_model_join_thread(int number,
			       const struct iommufd_model_site *site)
{
	if (explore_run.phase != PHASE_THREADS || number < 0 ||
	    number >= explore_run.nr_threads)
		return;
	GATED(IOMMUFD_MODEL_OP_JOIN, &explore_run.threads[number], number, site,
	      0);
	tsan_acquire(&explore_run.threads[number].ended);
}

int iommufd_model_thread_number(void)
{
	if (explore_run.phase != PHASE_THREADS)
		return -1;
	return arriving >= 0 ? arriving : explore_run.current;
}

void iommufd_model_wait_zero_at(refcount_t *r,
				const struct iommufd_model_site *site)
{
	if (explore_run.phase != PHASE_THREADS) {
		while (iommufd_model_refcount_read(r, site))
			;
		return;
	}
	GATED(IOMMUFD_MODEL_OP_WAIT_ZERO, r, 0, site, 0);
	tsan_acquire(r);
}

void iommufd_model_assertion_failed(const struct iommufd_model_site *site,
				    const char *fmt, ...)
{
	char text[RECORD_TEXT];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (explore_run.phase == PHASE_NONE) {
		fprintf(stderr, "%s:%d: %s: assertion failed: %s\n", site->file,
			site->line, site->func, text);
		abort();
	}
	explore_fail(explore_run.phase == PHASE_INVARIANT ?
			     IOMMUFD_MODEL_FAIL_INVARIANT :
			     IOMMUFD_MODEL_FAIL_ASSERTION,
		     site, NULL, "%s", text);
	if (explore_run.failure && explore_run.phase != PHASE_INVARIANT)
		explore_execution_leave();
}

/* The ground's reports */

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
	};

	(void)data;
	if (report->severity != IOMMUFD_MODEL_WARNING)
		return;
	explore_fail(failures[report->misuse], report->site, NULL, "%s%s%s",
		     report->text, *report->object ? ", " : "", report->object);
	if (explore_run.trace && explore_run.failure)
		snprintf(explore_run.trace->object,
			 sizeof(explore_run.trace->object), "%s",
			 report->object);
}

/* The end of an execution */

static void note_leak(const struct iommufd_model_allocation *a, void *data)
{
	struct iommufd_model_record *trace = explore_run.trace;
	size_t len;

	(void)data;
	if (!trace)
		return;
	len = strlen(trace->detail);
	snprintf(trace->detail + len, sizeof(trace->detail) - len,
		 "left over: %s %u, %zu bytes (%s, %s:%d)\n",
		 a->label ? a->label : "memory", a->id, a->size, a->site->func,
		 a->site->file, a->site->line);
}

struct first_leak {
	const void *addr;
	const struct iommufd_model_site *site;
};

static void take_first(const struct iommufd_model_allocation *a, void *data)
{
	struct first_leak *first = data;

	if (!first->addr) {
		first->addr = a->addr;
		first->site = a->site;
	}
}

static void check_leaks(unsigned long mark)
{
	struct first_leak first = { NULL, NULL };
	bool (*explain)(const void *, char *, size_t) =
		explore_run.search->opt.explain;
	char text[RECORD_TEXT];
	unsigned long n;

	n = iommufd_model_leaks(mark, NULL, NULL);
	if (!n)
		return;
	iommufd_model_leaks(mark, take_first, &first);
	if (explore_run.trace && explain &&
	    explain(first.addr, text, sizeof(text)))
		explore_fail(IOMMUFD_MODEL_FAIL_NEVER_RELEASED, first.site,
			     first.addr, "%s", text);
	else
		explore_fail(IOMMUFD_MODEL_FAIL_LEAK, first.site, first.addr,
			     "%lu allocation%s left over", n,
			     n == 1 ? "" : "s");
	iommufd_model_leaks(mark, note_leak, NULL);
}

static void check_end(unsigned long mark)
{
	struct chunk *chunk;

	if (main_task->nr_held)
		explore_fail(IOMMUFD_MODEL_FAIL_LOCK, main_task->held[0].site,
			     NULL, "%s is still held",
			     main_task->held[0].site->what);
	if (iommufd_model_missing_warnings())
		explore_fail(IOMMUFD_MODEL_FAIL_WARN, NULL, NULL,
			     "%u expected warnings did not come",
			     iommufd_model_missing_warnings());
	chunk = explore_arena_overwritten();
	if (chunk)
		explore_fail_freed(IOMMUFD_MODEL_FAIL_USE_AFTER_FREE, NULL,
				   chunk, "somebody wrote to");
	check_leaks(mark);
}

static void run_threads(void)
{
	const struct iommufd_model_test_thread *t;
	int i, next;

	explore_run.phase = PHASE_THREADS;
	tsan_explored(true);
	for (t = explore_run.test->threads;
	     t < explore_run.test->threads + MAX_THREADS && t->fn; t++)
		if (start_thread(t->name, t->fn, explore_run.test->data,
				 &main_fiber) < 0) {
			explore_run.search->no_stack = true;
			tsan_explored(false);
			longjmp(leave_main, 1);
		}
	if (explore_run.search->opt.fail_nth)
		iommufd_model_fail_nth(explore_run.search->opt.fail_nth);
	next = pick();
	if (next >= 0)
		explore_fiber_switch(&main_fiber,
				     &explore_run.threads[next].fiber);
	iommufd_model_task = main_task;
	tsan_explored(false);
	for (i = 0; i < explore_run.nr_threads; i++)
		tsan_acquire(&explore_run.threads[i].ended);
	if (!explore_run.failure)
		explore_determinism_check_write(explore_run.search);
	if (!explore_run.failure)
		explore_fingerprint_end(explore_run.search);
	if (iommufd_model_failed())
		explore_run.search->injected = true;
	iommufd_model_fail_nth(0);
	explore_run.current = -1;
}

void explore_execution_run(void)
{
	const struct iommufd_model_test *test = explore_run.test;
	unsigned long mark;

	explore_arena_reset();
	explore_dpor_reset();
	explore_determinism_reset();
	iommufd_model_reset_warnings();
	iommufd_model_forget_lock_orders();
	iommufd_model_clock_set(0);
	explore_run.nr_threads = 0;
	explore_run.current = -1;
	explore_run.alive = 0;
	explore_run.fresh = 0;
	explore_run.timeouts = 0;
	memset(explore_run.time_clock, 0, sizeof(explore_run.time_clock));
	explore_run.failure = IOMMUFD_MODEL_NO_FAILURE;
	arriving = -1;
	mark = iommufd_model_slab_mark();
	explore_search_begin(explore_run.search);
	if (!setjmp(leave_main)) {
		explore_run.phase = PHASE_SETUP;
		if (test->setup)
			test->setup(test->data);
		run_threads();
		explore_run.phase = PHASE_AFTER;
		if (!explore_run.failure && test->after)
			test->after(test->data);
		if (!explore_run.failure)
			check_end(mark);
	}
	iommufd_model_task = main_task;
	if (explore_run.trace)
		explore_record_end(explore_run.trace);
	explore_run.phase = PHASE_NONE;
	iommufd_model_slab_rewind();
}

int explore_execution_start(const struct iommufd_model_test *test,
			    struct search *search,
			    struct iommufd_model_record *trace)
{
	current_task();
	main_task = iommufd_model_task;
	memset(&explore_run, 0, sizeof(explore_run));
	explore_run.test = test;
	explore_run.search = search;
	explore_run.trace = trace;
	explore_fiber_init_self(&main_fiber);
	if (explore_arena_start())
		return -ENOMEM;
	explore_determinism_start();
	iommufd_model_set_sink(sink, NULL);
	iommufd_model_clock_stop();
	other_hooks = iommufd_model_gate;
	iommufd_model_gate = NULL;
	/* Who observes is before us: our step() may be a thread's last. */
	if (trace)
		explore_record_begin(trace);
	if (trace && search->opt.observe)
		search->opt.observe(trace);
	gate_hook.next = NULL;
	iommufd_model_hook_add(&gate_hook);
	return 0;
}

void explore_execution_stop(void)
{
	int i;

	iommufd_model_gate = other_hooks;
	iommufd_model_clock_run();
	iommufd_model_set_sink(NULL, NULL);
	iommufd_model_reset_warnings();
	iommufd_model_fail_nth(0);
	iommufd_model_set_heap(NULL);
	main_task->in_hook = 0;
	for (i = 0; i < MAX_THREADS; i++)
		explore_fiber_free(&explore_run.threads[i].fiber);
}
