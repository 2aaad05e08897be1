// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Dynamic partial-order reduction: which steps must also be tried in the other
 * order.
 *
 *	dpor_locations.c	the locations that a step accesses
 *	dpor_commute.c		which steps are independent, and sleep sets
 *	dpor_races.c		which steps race, and what is tried for that
 *	this file		what is done at each step, and at the end
 *
 * Two executions are equivalent if one becomes the other by exchanges of
 * neighbouring steps that are independent.  Of equivalent executions one is
 * enough.  So each step is compared with the steps before it.  If it races with
 * one of them, an execution is tried that has the two in the other order
 * (source-DPOR).  Nothing is missed: if an execution is equivalent to none that
 * was tried, take the one of these that agrees with it for longest.  Where the
 * two part there are steps that come in the other order, and in the one that was
 * tried they race.
 *
 * For that, steps that do not come any more must be compared, too.  When an
 * execution ends with threads that are blocked, or is left because all threads
 * that can go on are in the sleep set, the next steps of the threads that
 * cannot go on are compared as if they came there.  So is a step that another
 * prevents.
 *
 * A free is a step on every location in the freed memory, and it races with
 * what another thread does after the step by which it gave its part of that
 * memory away, for example by dropping its reference.  A use that comes after
 * the free fails the execution.
 *
 * Whether a step looks at the clock or moves it, and whether its thread returns
 * from a function whose variables another thread uses, is known only when the
 * step has been done and the thread has come to its next operation ("The clock"
 * below, and "Stacks" in dpor_races.c).
 */
#include "dpor.h"
#include <stdio.h>

void explore_dpor_reset(void)
{
	explore_dpor_reset_locations();
	explore_dpor_reset_counters();
	explore_dpor_reset_races();
}

/*
 * Called when the thread has come to an operation.  The thread is doomed if the
 * operation is in freed memory, or uses a pointer that was read from freed
 * memory.
 */
void explore_dpor_arrived(struct thread *thread)
{
	const struct chunk *chunk = explore_arena_chunk(thread->op->addr);
	const struct chunk *also = explore_arena_chunk(thread->task.also);

	if (explore_only_names(thread->op))
		return;
	thread->doomed = (chunk && chunk->freed_step >= 0) ||
			 (also && also->freed_step >= 0) ||
			 explore_arena_poison(thread->op->addr);
}

static u8 flags_of(const struct thread *thread, enum conflict conflict,
		   bool queue)
{
	int before, delta;

	switch (conflict) {
	case CONFLICT_LOCK:
		return (u8)explore_conflict_lock_flags(thread, queue);
	case CONFLICT_READ_BIT:
	case CONFLICT_WRITE_BIT:
		return BIT_OF(thread->op);
	case CONFLICT_TAKE:
		explore_completion_effect(thread->op, &before, &delta);
		return before && !delta ? TAKE_NOTHING : 0;
	default:
		return 0;
	}
}

/* True if @op queues or cancels an item whose state it does not change. */
static bool changes_no_queue(const struct iommufd_model_op *op)
{
	const struct iommufd_model_item *item = op->addr;

	switch (op->kind) {
	case IOMMUFD_MODEL_OP_WORK_QUEUE:
		return item->generation == iommufd_model_generation &&
		       item->state && !(op->arg & ARM_CHANGES);
	case IOMMUFD_MODEL_OP_WORK_CANCEL:
		return !item_is_pending(item);
	default:
		return false;
	}
}

/*
 * Fill in location @i of a step that enters or leaves an epoch, or waits for
 * one.  If the step has two locations, the second is the epoch, and the first
 * is memory that must not be freed, or that the step changes.
 */
static void fill_epoch(struct node *node, const struct step *step, int i)
{
	const struct iommufd_model_op *op = step->op;

	if (i != step->nr - 1) {
		if (op->kind == IOMMUFD_MODEL_OP_RCU_END)
			node->conflict[i] = CONFLICT_NONE;
		return;
	}
	/* The location is an item that is in no queue, or a counter. */
	if (!i && node->conflict[0] != CONFLICT_EPOCH)
		return;
	node->conflict[i] = CONFLICT_EPOCH;
	node->flags[i] = (u8)explore_conflict_epoch_flags(op);
	if (changes_no_queue(op))
		node->conflict[i] = CONFLICT_NONE;
	else if (op->kind == IOMMUFD_MODEL_OP_WORK_CANCEL)
		node->delta = ((const struct iommufd_model_item *)op->addr)
				      ->section;
}

static void fill_node(struct execution *exec, struct node *node,
		      const struct step *step, struct location **locs,
		      int number, bool queue)
{
	const struct iommufd_model_op *op = step->op;
	struct thread *thread = &exec->threads[number];
	enum conflict conflict = explore_conflict_next(exec, thread);
	int i;

	node->kind = (u8)op->kind;
	node->site = op->site;
	node->thread = (u8)number;
	node->index = (u16)(thread->steps + 1);
	node->before = 0;
	node->delta = (int)op->arg;
	node->certain = 0;
	/* Clear what an earlier execution left in this node. */
	for (i = 0; i < NODE_LOCATIONS; i++)
		node->conflict[i] = CONFLICT_NONE;
	if (explore_is_counter(op->kind))
		conflict = explore_dpor_counter_conflict(
			exec, locs[0], node, op, number,
			explore_dpor_clock_of(thread), 0);
	else if (conflict == CONFLICT_ZERO || op->kind == IOMMUFD_MODEL_OP_DONE)
		node->before = (int)explore_counter_value(op);
	else
		explore_completion_effect(op, &node->before, &node->delta);
	for (i = 0; i < step->nr; i++) {
		node->conflict[i] = (u8)conflict;
		node->flags[i] = flags_of(thread, conflict, queue);
		if (step->addr[i] == &explore_dpor_keys.watch ||
		    step->addr[i] == &explore_dpor_keys.timeout ||
		    step->addr[i] == &explore_dpor_keys.spurious)
			node->conflict[i] = CONFLICT_WRITE;
		if (explore_conflict_epoch_flags(op))
			fill_epoch(node, step, i);
	}
}

/* Store that thread @number is about to free @chunk. */
static void note_free(struct execution *exec, struct chunk *chunk, int number,
		      const struct iommufd_model_op *op)
{
	int i;

	chunk->freed_step = exec->record ? exec->record->nr_steps - 1 :
					   exec->search->depth;
	chunk->freed_by = number;
	chunk->freed_at = op->site;
	for (i = 0; i < exec->nr_threads; i++)
		if (!exec->threads[i].ended && i != number &&
		    !explore_only_names(exec->threads[i].op) &&
		    (explore_dpor_in_chunk(chunk, exec->threads[i].op->addr) ||
		     explore_dpor_in_chunk(chunk, exec->threads[i].task.also)))
			exec->threads[i].doomed = true;
}

static bool use_after_free(struct execution *exec,
			   const struct iommufd_model_op *op,
			   struct location *loc)
{
	bool frees = op->kind == IOMMUFD_MODEL_OP_FREE;
	const char *how = frees ? "," : " in";
	struct chunk *chunk = loc->chunk;
	char what[RECORD_TEXT / 2];

	if ((chunk && chunk->freed_step < 0) ||
	    op->kind == IOMMUFD_MODEL_OP_AFTER || explore_only_names(op))
		return false;
	if (!chunk) {
		chunk = explore_arena_poison(op->addr);
		how = ", by a pointer read from";
	}
	if (!chunk)
		return false;
	snprintf(what, sizeof(what), "%s of %s%s",
		 iommufd_model_op_name(op->kind), op->site->what, how);
	explore_fail_freed(exec,
			   frees && loc->chunk ?
				   IOMMUFD_MODEL_FAIL_DOUBLE_FREE :
				   IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
			   op->site, chunk, what);
	return true;
}

/* A thread whose next step is on memory that is gone must not stay asleep. */
static void wake_for_stack(struct execution *exec, int number)
{
	struct search *search = exec->search;
	unsigned int rest;
	int i;

	for (rest = search->next_sleep; rest; rest &= rest - 1) {
		i = __builtin_ctz(rest);
		if (explore_dpor_owner_of_stack(exec, i, exec->threads[i].op) ==
		    number)
			search->next_sleep &= (u16)~BIT16(i);
	}
}

/* Note for states.c that @thread has returned from functions. */
static void note_return(struct execution *exec, const struct thread *thread,
			int number, int depth)
{
	const void *key = thread;
	struct node access = {
		.thread = (u8)number,
		.conflict = { CONFLICT_WRITE },
	};

	explore_states_access(exec, &access, depth, &key, 1);
}

void explore_dpor_left(struct execution *exec, struct thread *thread)
{
	struct search *search = exec->search;
	int number = (int)(thread - exec->threads), last = search->depth - 1;

	if (last >= 0 && search->nodes[last].thread == number &&
	    search->depth >= search->forced) {
		explore_dpor_find_stack_races(exec, &search->nodes[last],
					      thread, number);
		if (explore_dpor_reduces(search)) {
			note_return(exec, thread, number, last);
			wake_for_stack(exec, number);
		}
	}
	if (thread->ended)
		explore_dpor_forget_foreign(number);
}

/* Return the number of the location of a step; 0: it has none in memory. */
static u32 location_number(struct execution *exec, const struct step *step,
			   struct location *loc)
{
	if (!step->nr || step->addr[0] != step->op->addr)
		return 0;
	if (!loc->number)
		loc->number = ++exec->nr_locations;
	return loc->number;
}

/* Called when thread @number, a handler, does a step. */
static void note_interrupt(struct execution *exec, int number,
			   const struct iommufd_model_op *op)
{
	struct thread *thread =
		&exec->threads[exec->threads[number].interrupts];

	if (op->kind == IOMMUFD_MODEL_OP_IRQ_ENTER) {
		thread->interrupted_by = number;
		thread->entered_at = exec->search->depth;
	} else if (op->kind == IOMMUFD_MODEL_OP_IRQ_LEAVE) {
		thread->interrupted_by = -1;
		thread->left_at = exec->search->depth;
	}
}

/*
 * The clock
 *
 * A timeout moves the clock forward to its deadline, and so does the end of a
 * delay.  Code of another thread can look at the clock: for example, where a
 * sleep begins, as its deadline is a time of the clock.  Such code runs after a
 * step that need not have to do with time, and only then is it known that it
 * looks.  So the clock is a location that is added to a step after the step.
 * Moves are independent of each other: in every order the clock ends at the
 * latest of their times.
 *
 * The races of the step are known by then.  All that happened before the step
 * happened before the code that follows it, so only concurrent steps race with
 * the look.
 */

/* The step of @node is the last one that looks at the clock, or moves it. */
static void link_clock(struct execution *exec, struct node *node)
{
	struct location *loc =
		explore_dpor_location(exec, &explore_dpor_keys.clock);

	node->prev[CLOCK] = loc->last;
	node->flags[CLOCK] = 0;
	loc->last = LINK((u32)(node - exec->search->nodes), CLOCK);
}

/*
 * The step chooses its next value.  After the last one its thread may have looked
 * at the clock, or have returned from a function, and after this one it need not.
 */
static void forget_value(struct execution *exec, struct node *node,
			 const struct step *step, struct location **locs,
			 int number)
{
	if (node->conflict[CLOCK] == CONFLICT_NONE && !exec->on_stacks)
		return;
	node->conflict[CLOCK] = CONFLICT_NONE;
	explore_dpor_find_races(exec, node, step, locs, number);
}

/*
 * Remove the threads from the sleep set whose next step conflicts with what the
 * step of @node did to the clock.
 */
static void wake_for_clock(struct execution *exec, struct node *node,
			   enum conflict conflict)
{
	struct search *search = exec->search;
	unsigned int rest, moves = node->moves;
	int i;

	for (rest = search->next_sleep; rest; rest &= rest - 1) {
		i = __builtin_ctz(rest);
		if (exec->threads[i].op->kind == IOMMUFD_MODEL_OP_WAIT_SLEEP &&
		    explore_thread_would_expire(exec, &exec->threads[i]))
			moves |= 1u << i;
	}
	if (conflict != CONFLICT_READ) {
		node->moves |= BIT16(node->thread);
		search->next_sleep &= (u16)~node->looks;
	}
	if (conflict != CONFLICT_ADD) {
		node->looks |= BIT16(node->thread);
		search->next_sleep &= (u16)~moves;
	}
}

/* Note for states.c that the step of @node looks at the clock, or moves it. */
static void note_look(struct execution *exec, const struct node *node)
{
	const void *key = &explore_dpor_keys.clock;
	struct node access = {
		.thread = node->thread,
		.kind = node->kind,
		.conflict = { node->conflict[CLOCK] },
	};

	explore_states_access(exec, &access, (int)(node - exec->search->nodes),
			      &key, 1);
}

void explore_dpor_clock(struct execution *exec, bool moves)
{
	struct search *search = exec->search;
	enum conflict conflict = moves ? CONFLICT_ADD : CONFLICT_READ, was;
	struct node *node;

	if (!search->depth)
		return;
	node = &search->nodes[search->depth - 1];
	was = (enum conflict)node->conflict[CLOCK];
	if (was == conflict || was == CONFLICT_WRITE)
		return;
	if (was == CONFLICT_NONE)
		link_clock(exec, node);
	else
		conflict = CONFLICT_WRITE;
	node->conflict[CLOCK] = (u8)conflict;
	explore_dpor_find_clock_races(exec, node);
	if (explore_dpor_reduces(search)) {
		note_look(exec, node);
		wake_for_clock(exec, node, conflict);
	}
}

bool explore_dpor_step(struct execution *exec, int number, bool queue)
{
	struct search *search = exec->search;
	int depth = search->depth, owner, i;
	struct node *node = &search->nodes[depth];
	struct thread *thread = &exec->threads[number];
	bool again = explore_choice_again(search, node);
	bool known = depth + 1 < search->forced || again;
	bool reduce = explore_dpor_reduces(search);
	struct location *locs[NODE_LOCATIONS] = { NULL };
	struct step step;

	if (!explore_determinism_check_write(exec))
		return false;
	if (search->opt.mode == IOMMUFD_MODEL_MODE_REPLAY &&
	    !explore_fingerprint_step(exec, number, thread->op))
		return false;
	owner = explore_dpor_owner_of_stack(exec, number, thread->op);
	if (owner >= 0 &&
	    explore_dpor_use_of_gone_stack(exec, owner, thread->op))
		goto failed;
	explore_dpor_locations_of(exec, &step, thread);
	for (i = 0; i < step.nr; i++) {
		locs[i] = explore_dpor_location(exec, step.addr[i]);
		if (exec->failure || use_after_free(exec, step.op, locs[i]))
			goto failed;
	}
	if (!known) {
		fill_node(exec, node, &step, locs, number, queue);
		explore_determinism_note(exec, node, step.op,
					 location_number(exec, &step, locs[0]));
		/*
		 * Every mode needs the clock, to give the same numbers to
		 * threads that the step starts (background.c).
		 */
		explore_dpor_find_races(exec, node, &step, locs, number);
		if (reduce) {
			explore_dpor_compute_sleep(exec, node, &step);
			explore_states_step(exec, node, step.op);
			explore_states_access(exec, node, depth, step.addr,
					      step.nr);
		}
	} else if (!explore_determinism_check(exec, node, step.op,
					      location_number(exec, &step,
							      locs[0]))) {
		goto failed;
	} else if (again && reduce) {
		forget_value(exec, node, &step, locs, number);
		explore_dpor_compute_sleep(exec, node, &step);
		explore_states_step(exec, node, step.op);
	} else if (reduce) {
		explore_states_known(search, node);
	}
	for (i = 0; i < step.nr; i++) {
		node->prev[i] = locs[i]->last;
		locs[i]->last = LINK((u32)depth, (u32)i);
	}
	if (explore_is_counter(node->kind))
		explore_dpor_note_most(locs[0], number, node->delta);
	if (node->conflict[0] == CONFLICT_LOCK)
		explore_states_lock(search, number, step.addr[0],
				    node->flags[0]);
	if (node->conflict[CLOCK] != CONFLICT_NONE)
		link_clock(exec, node);
	if (owner >= 0)
		explore_dpor_note_foreign(search, owner, thread->op->addr);
	if (step.op->kind == IOMMUFD_MODEL_OP_FREE && locs[0]->chunk)
		note_free(exec, locs[0]->chunk, number, step.op);
	if (node->conflict[0] == CONFLICT_WAKE)
		iommufd_model_waker = depth;
	if (thread->interrupts >= 0)
		note_interrupt(exec, number, step.op);
	thread->steps++;
	thread->clock = node->clock;
	if (__builtin_expect(search->nr_loops, 0))
		explore_spin_stepped(exec, number, node, step.op);
	if (explore_is_observable(step.op))
		exec->fresh &= (u16)~BIT16(number);
	search->depth++;
	return true;
failed:
	/* The schedule of the failure has the step that shows it. */
	search->depth++;
	return false;
}

/* Find the races of the step that thread @number would do next. */
static void find_races_of_next(struct execution *exec, int number)
{
	struct node *node = &exec->search->nodes[exec->search->depth];
	struct location *locs[NODE_LOCATIONS], room[NODE_LOCATIONS];
	struct step step;
	int i;

	exec->expired = false;
	explore_dpor_locations_of(exec, &step, &exec->threads[number]);
	for (i = 0; i < step.nr; i++)
		locs[i] = explore_dpor_location_of_next(step.addr[i], &room[i]);
	fill_node(exec, node, &step, locs, number, false);
	explore_dpor_find_races_of_next(exec, node, &step, locs, number);
	explore_states_access(exec, node, exec->search->depth - 1, step.addr,
			      step.nr);
}

/* Find the races of all threads that are left, apart from those in @but. */
static void find_races_of_blocked(struct execution *exec, u16 but)
{
	int number;

	for (number = 0; number < exec->nr_threads; number++) {
		if (exec->threads[number].ended || but & BIT16(number))
			continue;
		find_races_of_next(exec, number);
		explore_dpor_try_early(exec, number);
	}
}

void explore_dpor_blocked(struct execution *exec)
{
	if (explore_dpor_reduces(exec->search))
		find_races_of_blocked(exec, 0);
}

/*
 * All threads that can go on are in the sleep set.  A thread that cannot go on
 * could have gone on before a step that keeps it from that.  The searches that the
 * sleep set stands for need not come here with the same threads blocked.
 */
void explore_dpor_asleep(struct execution *exec, const struct node *node)
{
	find_races_of_blocked(exec, node->enabled);
}

void explore_dpor_never(struct execution *exec, int number)
{
	const struct search *search = exec->search;
	bool expired = exec->expired;

	/* The races of known steps were found in an earlier execution. */
	if (!explore_dpor_reduces(search) || search->depth < search->forced ||
	    search->depth >= MAX_STEPS)
		return;
	find_races_of_next(exec, number);
	exec->expired = expired;
}

void explore_dpor_retire(struct execution *exec, int number)
{
	explore_dpor_forget_foreign(number);
	explore_dpor_never(exec, number);
}
