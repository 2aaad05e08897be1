// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Writing the record of an execution that will be reported: what only the
 * explorer knows of it.  See ../record/record.h.
 *
 * Thread n of a test is thread n + 1 of a record, where main is thread 0.
 */
#include "internal.h"
#include <stdio.h>
#include <string.h>

static unsigned int running(void)
{
	return (unsigned int)(iommufd_model_thread_number() + 1);
}

static void step_hook(struct iommufd_model_hook *hook,
		      const struct iommufd_model_op *op)
{
	(void)hook;
	record_next(explore_run.trace, running(), op);
}

static void event_hook(struct iommufd_model_hook *hook,
		       const struct iommufd_model_op *op)
{
	(void)hook;
	record_done(explore_run.trace, running(), op);
}

void explore_record_begin(struct iommufd_model_record *record)
{
	static struct iommufd_model_hook hook = { step_hook, event_hook, NULL };

	record_reset(record);
	record->explored = true;
	iommufd_model_hook_add(&hook);
}

/* What @addr lies in, also if that has been freed. */
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

void explore_record_step(struct iommufd_model_record *record, int number,
			 bool queue)
{
	const struct node *node =
		&explore_run.search->nodes[explore_run.search->depth];
	const struct thread *thread = &explore_run.threads[number];
	struct record_op *op;

	op = record_take(record, (unsigned int)number + 1);
	if (!op)
		return;
	op->label = label_of(op->addr, &op->id);
	op->preempts = explore_run.search->depth && node[-1].thread != number &&
		       node->enabled & BIT16(node[-1].thread);
	op->timeout = explore_run.expired && !thread->task.waiting->woken;
	op->queued = queue;
	if (queue)
		record->threads[number + 1].taken = -1;
}

/* What @chunk was, for a failure about it. */
void explore_record_memory(struct iommufd_model_record *record,
			   const struct chunk *chunk)
{
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

static int last_op(const struct iommufd_model_record *record, const void *addr,
		   enum iommufd_model_op_kind kind, int thread)
{
	unsigned long i = record_length(record);

	while (i--)
		if (record->ops[i].addr == addr &&
		    record->ops[i].kind == kind && record->ops[i].step &&
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

static void note_thread(struct iommufd_model_record *record, int number,
			bool enabled)
{
	const struct thread *thread = &explore_run.threads[number];
	struct record_thread *to = &record->threads[number + 1];

	explore_threads_thread_name(number, to->name, sizeof(to->name));
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
		to->last_wake = last_op(record, to->next.addr,
					IOMMUFD_MODEL_OP_WAIT_WAKE, -1);
		to->slept_at = last_op(record, to->next.addr,
				       IOMMUFD_MODEL_OP_WAIT_PREPARE,
				       number + 1);
	} else if (!enabled) {
		to->blocker =
			explore_threads_blocker(thread, &to->blocker_site);
		to->blocker += to->blocker >= 0;
	}
}

void explore_record_end(struct iommufd_model_record *record)
{
	u16 enabled;
	int i;

	record->nr_threads = explore_run.nr_threads + 1;
	enabled = explore_run.failure == IOMMUFD_MODEL_FAIL_CRASH ||
				  explore_run.failure ==
					  IOMMUFD_MODEL_FAIL_SANITIZER ?
			  explore_run.alive :
			  explore_threads_who_can_go_on();
	for (i = 0; i < explore_run.nr_threads; i++)
		note_thread(record, i, enabled & BIT16(i));
}
