// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Adds to the record of an execution what only the explorer knows: which thread
 * does each step, whether another thread was preempted, and the state of the
 * threads at the end.  See ../record/record.h.
 *
 * Thread n of a test is thread n + 1 of a record, whose thread 0 is main.
 */
#include "internal.h"
#include <stdio.h>
#include <string.h>

static struct execution *execution_of(struct iommufd_model_hook *hook)
{
	return container_of(hook, struct execution, record_hook);
}

static unsigned int running(const struct execution *exec)
{
	return (unsigned int)(explore_thread_running(exec) + 1);
}

static void step_hook(struct iommufd_model_hook *hook,
		      const struct iommufd_model_op *op)
{
	struct execution *exec = execution_of(hook);

	record_next(exec->record, running(exec), op);
}

static void event_hook(struct iommufd_model_hook *hook,
		       const struct iommufd_model_op *op)
{
	struct execution *exec = execution_of(hook);

	record_done(exec->record, running(exec), op);
}

void explore_record_begin(struct execution *exec)
{
	record_reset(exec->record);
	exec->record->explored = true;
	exec->record_hook.step = step_hook;
	exec->record_hook.event = event_hook;
	iommufd_model_hook_add(&exec->record_hook);
}

/*
 * Return the label of the memory at @addr, even if the memory has been freed.
 */
static const char *label_of(const void *addr, unsigned int *id)
{
	const struct chunk *chunk = explore_arena_chunk(addr);
	struct iommufd_model_allocation a;

	if (chunk && chunk->freed_step >= 0 && chunk->was.site)
		a = chunk->was;
	else if (!iommufd_model_find_allocation(addr, &a))
		return NULL;
	*id = a.id;
	return a.label;
}

void explore_record_step(const struct execution *exec, int number, bool queue)
{
	const struct search *search = exec->search;
	const struct node *node = &search->nodes[search->depth];
	struct iommufd_model_record *record = exec->record;
	const struct thread *thread = &exec->threads[number];
	struct record_op *op;

	op = record_take(record, (unsigned int)number + 1);
	if (!op)
		return;
	op->label = label_of(op->addr, &op->id);
	op->preempts = search->depth && node[-1].thread != number &&
		       node->enabled & BIT16(node[-1].thread);
	op->timeout = exec->expired && thread->task.state;
	op->spurious = exec->roused;
	op->queued = queue;
}

void explore_record_memory(const struct execution *exec,
			   const struct chunk *chunk)
{
	struct iommufd_model_record *record = exec->record;

	if (!record)
		return;
	explore_arena_name(chunk, record->object, sizeof(record->object));
	record->allocated = chunk->was.site;
	record->freed = chunk->freed_at;
	record->freed_by = chunk->freed_by + 1;
	record->freed_step = chunk->freed_step == MAX_STEPS ?
				     0 :
				     (unsigned int)chunk->freed_step + 1;
}

static bool is_wake(unsigned int kind)
{
	return kind == IOMMUFD_MODEL_OP_WAIT_WAKE ||
	       kind == IOMMUFD_MODEL_OP_COMPLETE;
}

static bool is_prepare(unsigned int kind)
{
	return kind == IOMMUFD_MODEL_OP_WAIT_PREPARE ||
	       kind == IOMMUFD_MODEL_OP_WAIT_PREPARE_EXCLUSIVE ||
	       kind == IOMMUFD_MODEL_OP_COMPLETION_WAIT;
}

static int last_op(const struct iommufd_model_record *record, const void *addr,
		   bool (*is_it)(unsigned int kind), int thread)
{
	unsigned long i = record_length(record);

	while (i--)
		if (record->ops[i].addr == addr &&
		    is_it(record->ops[i].kind) && record->ops[i].step &&
		    (thread < 0 || record->ops[i].thread == thread))
			return (int)i;
	return -1;
}

static void note_locks(struct record_thread *to, const struct thread *thread)
{
	const struct iommufd_model_held *held;
	struct record_lock *lock;
	int i;

	for (i = 0; i < thread->task.nr_held && i < RECORD_LOCKS; i++) {
		held = &thread->task.held[i];
		lock = &to->locks[i];
		lock->site = held->site;
		lock->read = held->map & HELD_FOR_READ;
		lock->label = label_of(held_map(held), &lock->id);
	}
	to->nr_locks = i;
}

static void note_thread(const struct execution *exec, int number, bool enabled)
{
	struct iommufd_model_record *record = exec->record;
	const struct thread *thread = &exec->threads[number];
	struct record_thread *to = &record->threads[number + 1];

	explore_thread_name(exec, number, to->name, sizeof(to->name));
	note_locks(to, thread);
	if (thread->ended) {
		to->state = RECORD_ENDED;
		return;
	}
	to->state = enabled || !thread->op ? RECORD_READY : RECORD_BLOCKED;
	memset(&to->next, 0, sizeof(to->next));
	if (!thread->op) {
		to->next.kind = IOMMUFD_MODEL_OP_AFTER;
		to->next.site = thread->site;
		return;
	}
	record_fill(&to->next, thread->op);
	to->next.label = label_of(to->next.addr, &to->next.id);
	if (to->next.kind == IOMMUFD_MODEL_OP_WAIT_SLEEP) {
		to->last_wake = last_op(record, to->next.addr, is_wake, -1);
		to->slept_at = last_op(record, to->next.addr, is_prepare,
				       number + 1);
	} else if (!enabled) {
		to->blocker =
			explore_thread_blocker(exec, thread, &to->blocker_site);
		to->blocker += to->blocker >= 0;
	}
}

void explore_record_end(const struct execution *exec)
{
	/*
	 * After a crash the memory of locks and wait queues is not looked at.
	 */
	bool crashed = exec->failure == IOMMUFD_MODEL_FAIL_CRASH ||
		       exec->failure == IOMMUFD_MODEL_FAIL_SANITIZER;
	u16 early, enabled = crashed ? exec->alive :
				       explore_threads_enabled(exec, &early);
	int i;

	exec->record->nr_threads = exec->nr_threads + 1;
	for (i = 0; i < exec->nr_threads; i++)
		note_thread(exec, i, enabled & BIT16(i));
}
