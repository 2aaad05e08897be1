// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The threads of an execution: which of them can do their next step, and what
 * blocks the others.
 *
 * Each thread is about to do an operation (thread->op).  The state of the lock,
 * the wait queue or the counter shows whether it can be done now.  This file
 * changes nothing.
 */
#include "internal.h"
#include <stdio.h>

const char *explore_thread_name(const struct execution *exec, int number,
				char *buf, size_t size)
{
	if (exec->threads[number].name)
		snprintf(buf, size, "%s", exec->threads[number].name);
	else
		snprintf(buf, size, "thread %c", 'a' + number);
	return buf;
}

/* Timeouts */

static bool slept_enough(const struct thread *thread)
{
	return !thread->task.state || thread->over;
}

bool explore_thread_would_expire(const struct execution *exec,
				 const struct thread *thread)
{
	return thread->task.state && thread->timed &&
	       thread->op->arg < IOMMUFD_MODEL_WATCHDOG &&
	       exec->search->opt.timeouts > 0;
}

/* If a sleep may end by its timeout at any time, it does not end spuriously. */
bool explore_thread_would_rouse(const struct execution *exec,
				const struct thread *thread)
{
	return exec->search->opt.spurious > 0 && thread->task.state &&
	       !(thread->timed && thread->op->arg < IOMMUFD_MODEL_WATCHDOG);
}

bool explore_thread_may_end_early(const struct search *search,
				  const struct thread *thread)
{
	const struct iommufd_model_op *op = thread->op;

	if (op->kind != IOMMUFD_MODEL_OP_WAIT_SLEEP)
		return search->opt.timeouts > 0 || search->opt.spurious > 0;
	return thread->timed && op->arg < IOMMUFD_MODEL_WATCHDOG ?
		       search->opt.timeouts > 0 :
		       search->opt.spurious > 0;
}

bool explore_thread_early(const struct execution *exec,
			  const struct thread *thread)
{
	struct search *search = exec->search;

	if (!thread->op || thread->op->kind != IOMMUFD_MODEL_OP_WAIT_SLEEP ||
	    thread->ended || thread->doomed || thread->over ||
	    thread->interrupted_by >= 0)
		return false;
	if (explore_thread_would_rouse(exec, thread)) {
		if (exec->spurious < search->opt.spurious)
			return true;
		search->cut_spurious = true;
		return false;
	}
	if (!explore_thread_would_expire(exec, thread))
		return false;
	if (exec->timeouts < search->opt.timeouts ||
	    search->opt.mode == IOMMUFD_MODEL_MODE_REPLAY)
		return true;
	search->cut_timeouts = true;
	return false;
}

/* Which threads can go on */

bool explore_rwsem_open(const struct rw_semaphore *sem, bool write)
{
	return write ? !sem->count : sem->count >= 0 && !sem->writers_waiting;
}

static int value_at(const void *addr)
{
	return __atomic_load_n((const int *)addr, __ATOMIC_RELAXED);
}

static bool interrupts_are_on(const struct thread *thread)
{
	return thread->interrupted_by < 0 &&
	       !(thread->task.contexts & 1u << IOMMUFD_MODEL_CONTEXT_IRQS);
}

bool explore_thread_enabled(const struct execution *exec,
			    const struct thread *thread)
{
	const struct iommufd_model_op *op = thread->op;

	if (thread->interrupted_by >= 0)
		return false;
	if (thread->doomed || !op)
		return true;
	if (thread->spins)
		return false;
	switch (op->kind) {
	case IOMMUFD_MODEL_OP_MUTEX_LOCK:
		return !((const struct mutex *)op->addr)->owner;
	case IOMMUFD_MODEL_OP_SPIN_LOCK:
		return !((const spinlock_t *)op->addr)->owner;
	case IOMMUFD_MODEL_OP_READ_LOCK:
		return ((const rwlock_t *)op->addr)->count >= 0;
	case IOMMUFD_MODEL_OP_WRITE_LOCK:
		return !((const rwlock_t *)op->addr)->count;
	case IOMMUFD_MODEL_OP_RWSEM_DOWN_READ:
		return explore_rwsem_open(op->addr, false);
	case IOMMUFD_MODEL_OP_RWSEM_DOWN_WRITE:
		/*
		 * A writer that cannot take the semaphore can begin to wait for
		 * it.
		 */
		return explore_rwsem_open(op->addr, true) || !thread->queued;
	case IOMMUFD_MODEL_OP_WAIT_SLEEP:
		return slept_enough(thread);
	case IOMMUFD_MODEL_OP_COMPLETION_TAKE:
		return explore_completion_open(op);
	case IOMMUFD_MODEL_OP_WAIT_ZERO:
		return !value_at(op->addr);
	case IOMMUFD_MODEL_OP_SEQ_BEGIN:
		return !(explore_counter_value(op) & 1);
	case IOMMUFD_MODEL_OP_IRQ_ENTER:
		return interrupts_are_on(&exec->threads[thread->interrupts]);
	case IOMMUFD_MODEL_OP_JOIN:
		return exec->threads[op->arg].ended;
	case IOMMUFD_MODEL_OP_RCU_END:
		return explore_until_holds(op->kind,
					   value_at(thread->task.also),
					   (int)op->arg);
	case IOMMUFD_MODEL_OP_WAIT_UNTIL:
	case IOMMUFD_MODEL_OP_RCU_BARRIER_END:
	case IOMMUFD_MODEL_OP_QUEUE_FLUSHED:
		return explore_until_holds(op->kind, value_at(op->addr),
					   (int)op->arg);
	default:
		return true;
	}
}

bool explore_thread_only_queues(const struct thread *thread)
{
	return thread->op->kind == IOMMUFD_MODEL_OP_RWSEM_DOWN_WRITE &&
	       !thread->queued && !thread->doomed &&
	       ((const struct rw_semaphore *)thread->op->addr)->count;
}

u16 explore_threads_enabled(const struct execution *exec, u16 *early)
{
	unsigned int rest, mask = 0;
	int i;

	*early = 0;
	for (rest = exec->alive; rest; rest &= rest - 1) {
		i = __builtin_ctz(rest);
		if (explore_thread_enabled(exec, &exec->threads[i]))
			mask |= 1u << i;
		else if (explore_thread_early(exec, &exec->threads[i]))
			*early |= BIT16(i);
	}
	return (u16)mask;
}

/* What blocks a thread */

/*
 * Return the thread that has the lock at @addr, other than @thread; -1: none.
 */
static int lock_holder(const struct execution *exec,
		       const struct thread *thread, const void *addr,
		       const struct iommufd_model_site **site)
{
	const struct iommufd_model_held *held;
	const struct thread *t;
	int i, n;

	for (i = 0; i < exec->nr_threads; i++) {
		t = &exec->threads[i];
		for (n = 0; n < t->task.nr_held; n++) {
			held = &t->task.held[n];
			if (t == thread || held_map(held) != addr)
				continue;
			*site = held->site;
			return i;
		}
	}
	return -1;
}

int explore_thread_blocker(const struct execution *exec,
			   const struct thread *thread,
			   const struct iommufd_model_site **site)
{
	const struct iommufd_model_op *op = thread->op;
	const struct thread *t;
	int i;

	*site = NULL;
	if (thread->interrupted_by >= 0)
		return thread->interrupted_by;
	if (op->kind == IOMMUFD_MODEL_OP_IRQ_ENTER)
		return thread->interrupts;
	if (op->kind == IOMMUFD_MODEL_OP_JOIN)
		return (int)op->arg;
	if (op->kind == IOMMUFD_MODEL_OP_WAIT_SLEEP ||
	    op->kind == IOMMUFD_MODEL_OP_COMPLETION_TAKE ||
	    op->kind == IOMMUFD_MODEL_OP_WAIT_ZERO)
		return -1;
	if (explore_is_until(op->kind))
		return thread->task.waits_for - 1;
	i = lock_holder(exec, thread, op->addr, site);
	if (i >= 0)
		return i;
	for (i = 0; i < exec->nr_threads; i++) {
		t = &exec->threads[i];
		if (t != thread && !t->ended && t->queued &&
		    t->op->addr == op->addr)
			return i;
	}
	return -1;
}
