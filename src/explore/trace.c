// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Making the record of an execution.  See trace.h.
 */
#include "internal.h"
#include <stdio.h>
#include <string.h>

void explore_trace_begin(struct trace *trace, int room)
{
	memset(trace, 0, sizeof(*trace));
	trace->thread = -1;
	trace->freed_by = -1;
	trace->freed_step = -1;
	trace->room = room;
}

static void name_of(const void *addr, char *buf, size_t size)
{
	const struct chunk *chunk = explore_arena_chunk(addr);

	if (chunk && chunk->freed_step >= 0 && chunk->was.site)
		explore_arena_name(chunk, buf, size);
	else
		iommufd_model_describe(addr, buf, size);
}

void explore_trace_step(struct trace *trace, int number, bool queue)
{
	const struct node *node =
		&explore_run.search->nodes[explore_run.search->depth];
	const struct thread *thread = &explore_run.threads[number];
	struct trace_step *step;

	if (trace->nr_steps++ >= trace->room)
		return;
	step = &trace->steps[trace->nr_steps - 1];
	memset(step, 0, sizeof(*step));
	step->thread = number;
	step->op = *thread->op;
	step->preempts = explore_run.search->depth &&
			 node[-1].thread != number &&
			 node->enabled & BIT16(node[-1].thread);
	step->timeout = explore_run.expired && !thread->task.waiting->woken;
	step->queued = queue;
	name_of(step->op.addr, step->object, sizeof(step->object));
}

void explore_trace_event(struct trace *trace, const struct iommufd_model_op *op)
{
	struct trace_step *step = &trace->steps[trace->nr_steps - 1];

	if (!trace->nr_steps || trace->nr_steps > trace->room || step->done ||
	    step->op.kind != op->kind || step->op.site != op->site)
		return;
	step->op = *op;
	step->done = true;
	if (op->kind == IOMMUFD_MODEL_OP_ALLOC)
		name_of(op->addr, step->object, sizeof(step->object));
}

/* What @chunk was, for a failure about it. */
void explore_trace_memory(struct trace *trace, const struct chunk *chunk)
{
	if (!trace)
		return;
	explore_arena_name(chunk, trace->object, sizeof(trace->object));
	trace->allocated = chunk->was.site;
	trace->freed = chunk->freed_at;
	trace->freed_by = chunk->freed_by;
	trace->freed_step = chunk->freed_step == MAX_STEPS ? -1 :
							     chunk->freed_step;
}

static int last_step(const struct trace *trace, const void *addr,
		     enum iommufd_model_op_kind kind, int thread)
{
	int i = trace->nr_steps < trace->room ? trace->nr_steps : trace->room;

	while (i--)
		if (trace->steps[i].op.addr == addr &&
		    trace->steps[i].op.kind == kind &&
		    (thread < 0 || trace->steps[i].thread == thread))
			return i;
	return -1;
}

static void note_locks(struct trace_thread *to, const struct thread *thread)
{
	const struct iommufd_model_held *held;
	int i;

	for (i = 0; i < thread->task.nr_held && i < TRACE_LOCKS; i++) {
		held = &thread->task.held[i];
		to->locks[i].site = held->site;
		to->locks[i].read = held->map & HELD_FOR_READ;
		name_of(held_map(held), to->locks[i].object,
			sizeof(to->locks[i].object));
	}
	to->nr_locks = i;
}

static void note_thread(struct trace *trace, int number, bool enabled)
{
	const struct thread *thread = &explore_run.threads[number];
	struct trace_thread *to = &trace->threads[number];

	explore_run_thread_name(number, to->name, sizeof(to->name));
	to->blocker = -1;
	to->last_wake = -1;
	to->slept_at = -1;
	note_locks(to, thread);
	if (thread->ended) {
		to->state = TRACE_ENDED;
		return;
	}
	if (!thread->op) {
		to->state = TRACE_READY;
		to->op.kind = IOMMUFD_MODEL_OP_AFTER;
		to->op.site = thread->site;
		return;
	}
	to->state = enabled ? TRACE_READY : TRACE_BLOCKED;
	to->op = *thread->op;
	name_of(to->op.addr, to->object, sizeof(to->object));
	if (to->op.kind == IOMMUFD_MODEL_OP_WAIT_SLEEP) {
		to->last_wake = last_step(trace, to->op.addr,
					  IOMMUFD_MODEL_OP_WAIT_WAKE, -1);
		to->slept_at = last_step(trace, to->op.addr,
					 IOMMUFD_MODEL_OP_WAIT_PREPARE, number);
	} else if (!enabled) {
		to->blocker = explore_run_blocker(thread, &to->blocker_site);
	}
}

void explore_trace_end(struct trace *trace)
{
	u16 enabled;
	int i;

	trace->nr_threads = explore_run.nr_threads;
	enabled = explore_run.failure == IOMMUFD_MODEL_FAIL_CRASH ||
				  explore_run.failure ==
					  IOMMUFD_MODEL_FAIL_SANITIZER ?
			  explore_run.alive :
			  explore_run_who_can_go_on();
	for (i = 0; i < explore_run.nr_threads; i++)
		note_thread(trace, i, enabled & BIT16(i));
}
