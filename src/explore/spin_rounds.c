// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Threads that keep each other in their loops.
 *
 * The turns of two threads may overlap so that each of them fails, because of
 * what the other has set for the time of its turn.  Such turns wake each other,
 * so neither thread waits.  If both go on in step, they do so for ever, even if
 * the scheduler is fair.  A round is a sequence of steps of several threads that
 * is done again and again.  After some equal rounds this is a livelock, if no
 * other thread was kept from going on: if none could have gone on at a step of
 * the round.
 *
 * If another thread was kept from going on, it could do so after any number of
 * turns, and there is no end of orders to explore.  But the loops may come back
 * to a state in which they were when an earlier turn ended: each thread is
 * where it was, has done the same in its turns, and looks at the same values.
 * Then all that was done in between is idle, if taken together.  What could
 * come next could also have come at the earlier time, and is explored from
 * there.  So next, only those threads go on that were kept from it since the
 * earlier time, each until it does something that may matter to a loop, or ends
 * a turn of its own, or blocks.  If there are none, but some threads wait for
 * time, time passes.
 *
 * A few threads have few states, so they soon come back to one: within MAX_ENDS
 * turns, or this is not noticed.  Steps of threads in no loop are not compared,
 * but they must have used nothing that the loops look at.
 *
 * There is news when a thread enters or leaves a loop, or when a thread in no
 * loop changes something that loops look at.  What was done before is not
 * compared with what is done after.
 *
 * Why are no final states lost?  Take a shortest one of the executions that end
 * in a state.  In no order of its independent steps is the state of all threads
 * the same twice.  So no thread is made to go on in it.  It is not proved that
 * all races of such an execution are found although others are cut short:
 * tests/explore/let_go_on.c compares final states with those of other searches.
 *
 * If loops use up the limit of steps nevertheless, and kept another thread from
 * going on for a large part of the execution, this is no failure.  The search
 * goes on, but its verdict says that it was stopped by the limit.
 */
#include "spin.h"
#include <stdio.h>

/*
 * The number of equal rounds after which threads are in step, and the largest
 * number of steps of a round.
 */
#define SAME_ROUNDS 4
#define MAX_ROUND 256
/*
 * After this many turns, of all threads in loops together, the comparison
 * begins again.
 */
#define MAX_ENDS 256

/* Threads in step */

static bool same_in_round(const struct execution *exec, int depth, int steps)
{
	const struct node *a = &exec->search->nodes[depth];
	const struct node *b = a - steps;

	return a->thread == b->thread &&
	       (explore_spin_same_step(a, b) ||
		(exec->threads[a->thread].counts &&
		 explore_spin_counting_step(a, b, b - steps)));
}

/* True if the last SAME_ROUNDS rounds, of @steps steps each, were the same. */
static bool rounds_of(const struct execution *exec, int steps)
{
	int depth = exec->search->depth, i;

	if (steps < 2 || steps * (SAME_ROUNDS + 1) > depth)
		return false;
	for (i = 1; i <= steps * (SAME_ROUNDS - 1); i++)
		if (!same_in_round(exec, depth - i, steps))
			return false;
	return true;
}

/*
 * Return the number of steps of a round, if the last rounds were the same and
 * have no more than @most steps each.  Return 0 if they were not the same.
 */
static int round_of(const struct execution *exec, int most)
{
	int steps;

	for (steps = 2; steps <= most; steps++) {
		if (steps * (SAME_ROUNDS + 1) > exec->search->depth)
			return 0;
		if (rounds_of(exec, steps))
			return steps;
	}
	return 0;
}

/*
 * Set @did to the threads that did the last @steps steps, and @kept to those
 * that could have gone on and did not.  Returns false if not all of these steps
 * are in loops that wait.
 */
static bool look_at_round(const struct execution *exec, int steps, u16 *did,
			  u16 *kept)
{
	const struct search *search = exec->search;
	const struct node *node = &search->nodes[search->depth];
	bool loops = true;

	*did = *kept = 0;
	for (; steps; steps--) {
		node--;
		*did |= BIT16(node->thread);
		*kept |= node->enabled & (u16)~node->early;
		loops = loops &&
			(node->kind == IOMMUFD_MODEL_OP_AFTER ||
			 explore_spin_known_site(search,
						 &exec->threads[node->thread],
						 node->site));
	}
	*kept &= exec->alive & (u16) ~*did;
	return loops;
}

/* True if a thread that is not in @did would go on if time passed. */
static bool waits_for_time(const struct execution *exec, u16 did)
{
	const struct thread *thread;
	unsigned int rest;

	for (rest = exec->alive & (u16)~did; rest; rest &= rest - 1) {
		thread = &exec->threads[__builtin_ctz(rest)];
		if (thread->timed && !thread->over &&
		    thread->op->kind == IOMMUFD_MODEL_OP_WAIT_SLEEP)
			return true;
	}
	return false;
}

/* Fail, because the threads @did keep each other in their loops. */
static void fail_in_step(struct execution *exec, struct thread *thread, u16 did)
{
	char what[RECORD_NAME], name[RECORD_NAME], names[RECORD_TEXT];
	int number = explore_spin_number_of(exec, thread);

	explore_spin_names(exec, did & (u16)~BIT16(number), names, sizeof(names));
	explore_spin_name_looked_at(exec, number, what, sizeof(what));
	explore_thread_name(exec, number, name, sizeof(name));
	explore_fail(exec, IOMMUFD_MODEL_FAIL_LIVELOCK, thread->op->site, NULL,
		     "%s waits in a loop for %s%s%s%s, and nobody is left to "
		     "change it",
		     name, what, *names ? ", in step with " : "", names,
		     *names ? ", for ever" : "");
}

/*
 * The state of the loops
 *
 * The state is a hash, and is computed when a turn ends.  Of each thread in a
 * loop it contains the steps of its last whole turn, those of its turn so far,
 * its next operation, and the values of what it looks at.  If the thread's loop
 * counts its turns, results and values are left out.
 */

/*
 * For each turn that has ended since there was news, the state at its end.  A
 * checkpoint need not have it: there are none once a loop is known (states.c).
 */
static struct {
	u64 state;
	int depth;
} ends[MAX_ENDS];
NO_CHECKPOINT(ends);

/*
 * There was no news since exec->news_at.  Note that time if it is the longest
 * one.
 */
static void end_no_news(struct execution *exec)
{
	int depth = exec->search->depth;

	if (depth - exec->news_at > exec->no_news_to - exec->no_news_from) {
		exec->no_news_from = exec->news_at;
		exec->no_news_to = depth;
	}
}

void explore_spin_news(struct execution *exec, int number)
{
	exec->kept &= (u16)~BIT16(number);
	exec->nr_ends = 0;
	end_no_news(exec);
	exec->news_at = exec->search->depth;
}

/*
 * Return the value at @addr, or a hash of it: what the last step that has
 * changed something there has left.  Returns 0 if there was no such step.
 */
static u64 value_at(const struct search *search, const void *addr)
{
	const struct node *node;
	u32 link;
	u64 hash;

	for (link = explore_dpor_last_link(addr); link != NO_LINK;
	     link = node->prev[LINK_WHICH(link)]) {
		node = &search->nodes[LINK_DEPTH(link)];
		if (explore_spin_only_looks(node))
			continue;
		if (explore_is_counter(
			    (enum iommufd_model_op_kind)node->kind) ||
		    node->conflict[0] == CONFLICT_TAKE ||
		    node->conflict[0] == CONFLICT_GIVE)
			return (u64)(unsigned int)(node->before + node->delta);
		/* If it is a lock, the state also has its owner. */
		hash = node->conflict[0] == CONFLICT_WRITE ? 1 :
							     2 + node->thread;
		return explore_spin_mix_step(hash, node, false);
	}
	return 0;
}

/*
 * Return the depth of the last step of @thread before @depth, if it belongs to the
 * turn that the thread is in; -1: none does.
 */
static int step_of_turn(const struct execution *exec,
			const struct thread *thread, int depth)
{
	const struct search *search = exec->search;
	int number = explore_spin_number_of(exec, thread);
	const struct node *node;

	while (--depth >= 0 && search->nodes[depth].thread != number)
		;
	if (depth < 0)
		return -1;
	node = &search->nodes[depth];
	if (node->index < thread->turn_head || node->index <= thread->base ||
	    (node->kind != IOMMUFD_MODEL_OP_AFTER &&
	     !explore_spin_known_site(search, thread, node->site)))
		return -1;
	return depth;
}

/* Add the state of @thread, which is in a loop, to @hash. */
static u64 mix_loop(const struct execution *exec, const struct thread *thread,
		    u64 hash)
{
	const struct search *search = exec->search;
	int depth = search->depth, i;

	hash = explore_spin_mix(hash,
				(u64)explore_spin_number_of(exec, thread));
	hash = explore_spin_mix(hash, thread->last_turn);
	hash = explore_spin_mix(hash, (uintptr_t)thread->op->site);
	hash = explore_spin_mix(
		hash, explore_determinism_address(exec, thread->op->addr));
	while ((depth = step_of_turn(exec, thread, depth)) >= 0)
		hash = explore_spin_mix_step(hash, &search->nodes[depth],
					     thread->counts);
	for (i = 0; i < thread->nr_looked_at && !thread->counts; i++)
		hash = explore_spin_mix(hash,
					value_at(search, thread->looked_at[i]));
	return hash;
}

/*
 * Return the state of all threads that are in loops; 0: it is not known, as one
 * of them looks at too much.
 */
static u64 state_of_loops(const struct execution *exec)
{
	const struct thread *thread;
	unsigned int rest;
	u64 hash = 1;

	for (rest = exec->alive; rest; rest &= rest - 1) {
		thread = &exec->threads[__builtin_ctz(rest)];
		if (!thread->in_loop)
			continue;
		if (thread->nr_looked_at > MAX_LOOKED_AT)
			return 0;
		hash = mix_loop(exec, thread, hash);
	}
	return hash ? hash : 1;
}

/* Add what decides when @thread, which is in a loop, waits. */
static u64 mix_waiting(const struct execution *exec,
		       const struct thread *thread, u64 hash)
{
	const struct search *search = exec->search;
	const struct node *node;
	int depth = search->depth, i;

	hash = explore_spin_mix(hash,
				(u64)thread->spins | (u64)thread->changed << 1 |
					(u64)thread->counts << 2 |
					(u64)thread->missed << 3 |
					(u64)(thread->turn_head > 0) << 4 |
					(u64)thread->turns_alone << 8 |
					(u64)thread->same << 24 |
					(u64)thread->idle_turns << 32);
	hash = explore_spin_mix(hash, thread->turn_hash);
	hash = explore_spin_mix(hash, thread->last_turn);
	hash = explore_spin_mix(hash, thread->wrote);
	for (i = 0; i < thread->nr_looked_at; i++)
		hash = explore_spin_mix(hash, (uintptr_t)thread->looked_at[i]);
	while ((depth = step_of_turn(exec, thread, depth)) >= 0) {
		node = &search->nodes[depth];
		hash = explore_spin_mix_step(hash, node, false);
		hash = explore_spin_mix(
			hash, (u64)(unsigned int)node->delta |
				      (u64)node->conflict[0] << 32 |
				      (u64)node->flags[0] << 40 |
				      (u64)(depth <= thread->disturbed_at)
					      << 48);
	}
	return hash;
}

u64 explore_spin_state(const struct execution *exec)
{
	const struct thread *thread;
	unsigned int rest;
	u64 hash = 1 + ((u64)exec->in_step | (u64)exec->kept << 16 |
			(u64)exec->stalled << 32);

	for (rest = exec->alive; rest; rest &= rest - 1) {
		thread = &exec->threads[__builtin_ctz(rest)];
		if (!thread->in_loop)
			continue;
		if (thread->nr_looked_at > MAX_LOOKED_AT || thread->alone ||
		    thread->yields)
			return 0;
		hash = explore_spin_mix(
			hash, (u64)explore_spin_number_of(exec, thread));
		hash = mix_waiting(exec, thread, hash);
	}
	return hash ? hash : 1;
}

/*
 * Set @did to the threads in loops that have done steps since depth @from, and
 * @kept to the threads that could have gone on and did not.  A thread in no
 * loop that has done steps is in @kept if it could have gone on after the last
 * of them.  Returns false if such a thread has used what the loops look at.
 */
static bool look_back(const struct execution *exec, int from, u16 *did,
		      u16 *kept)
{
	const struct search *search = exec->search;
	const struct node *node = &search->nodes[search->depth];
	u16 moved = 0;

	*did = *kept = 0;
	if (exec->touched_at >= from)
		return false;
	while (node-- > &search->nodes[from]) {
		if (exec->threads[node->thread].in_loop)
			*did |= BIT16(node->thread);
		else
			moved |= BIT16(node->thread);
		*kept |= node->enabled & (u16)~node->early & (u16)~moved;
	}
	*kept &= exec->alive & (u16) ~*did;
	return true;
}

/*
 * The threads @did, of which @thread is one, wait when their turns end,
 * so that time passes.
 */
static void wait_for_time(struct execution *exec, struct thread *thread,
			  u16 did)
{
	exec->in_step = did;
	thread->spins = true;
}

/*
 * A turn of @thread has ended, and the loops are in @state.  Look at the times
 * at which they were in it before, latest first.  The first of them since which
 * threads were kept from going on says who goes on next.  If none was kept
 * since one of these times, time passes if a thread waits for that.  If none
 * does, and the steps since then are those of a round, this is a livelock.
 */
static void come_back(struct execution *exec, struct thread *thread, u64 state)
{
	int depth = exec->search->depth, i;
	u16 did, kept, last = 0;

	for (i = exec->nr_ends; i--;) {
		if (ends[i].state != state)
			continue;
		if (!look_back(exec, ends[i].depth, &did, &kept))
			break;
		explore_states_taint(exec->search, ends[i].depth);
		last = last ? last : kept;
		if (kept)
			continue;
		if (waits_for_time(exec, did)) {
			wait_for_time(exec, thread, did);
			return;
		}
		if (rounds_of(exec, depth - ends[i].depth)) {
			fail_in_step(exec, thread, did);
			return;
		}
	}
	exec->kept |= last;
}

/* A turn of @thread has ended: look if the loops were in this state before. */
static void look_for_state(struct execution *exec, struct thread *thread)
{
	u64 state = state_of_loops(exec);

	if (state)
		come_back(exec, thread, state);
	if (exec->nr_ends == MAX_ENDS)
		exec->nr_ends = 0;
	ends[exec->nr_ends].state = state;
	ends[exec->nr_ends++].depth = exec->search->depth;
}

void explore_spin_end_round(struct execution *exec, struct thread *thread)
{
	u16 did, kept;
	int steps;

	if (exec->in_step) {
		thread->spins = exec->in_step &
				BIT16(explore_spin_number_of(exec, thread));
		return;
	}
	steps = round_of(exec, MAX_ROUND);
	if (steps)
		explore_states_taint(exec->search,
				     exec->search->depth -
					     steps * (SAME_ROUNDS + 1));
	if (!steps || !look_at_round(exec, steps, &did, &kept))
		look_for_state(exec, thread);
	else if (kept)
		exec->kept = kept;
	else if (waits_for_time(exec, did))
		wait_for_time(exec, thread, did);
	else
		fail_in_step(exec, thread, did);
}

bool explore_spin_repeats(struct execution *exec)
{
	const struct search *search = exec->search;
	int steps;
	u16 did, kept;

	if (!search->given_loops || search->depth != search->given_steps)
		return false;
	steps = round_of(exec, search->depth);
	if (!steps)
		return false;
	look_at_round(exec, steps, &did, &kept);
	if (kept || !(did & (did - 1)) || waits_for_time(exec, did))
		return false;
	fail_in_step(exec, &exec->threads[__builtin_ctz(did)], did);
	return exec->failure;
}

/* The limit of steps */

/* True if a thread could go on, and did not, for long in the time without news. */
static bool waited_for_long(const struct execution *exec, int nr)
{
	const struct node *node = &exec->search->nodes[exec->no_news_from];
	const struct node *end = &exec->search->nodes[exec->no_news_to];
	int waited[MAX_THREADS] = { 0 }, i;
	unsigned int rest;

	for (; node < end; node++) {
		waited[node->thread] = -1;
		for (rest = node->enabled; rest; rest &= rest - 1) {
			i = __builtin_ctz(rest);
			if (++waited[i] >= nr / LONG_ENOUGH)
				return true;
		}
	}
	return false;
}

/*
 * Loops have used up the limit if there was no news for a large part of the
 * execution, and most steps of that part were in loops.  They have kept a
 * thread from going on if it did no step in that part, and could have, or could
 * have for a large part of that, or did the step that ended the part, or waits
 * for time.
 */
bool explore_spin_kept(struct execution *exec)
{
	const struct search *search = exec->search;
	int depth, in_loops = 0, nr;
	const struct node *node;
	u16 did = 0, could = 0;

	end_no_news(exec);
	nr = exec->no_news_to - exec->no_news_from;
	for (depth = exec->no_news_from; depth < exec->no_news_to; depth++) {
		node = &search->nodes[depth];
		did |= BIT16(node->thread);
		could |= node->enabled;
		in_loops += !!explore_spin_known_site(
			search, &exec->threads[node->thread], node->site);
	}
	if (depth < search->depth)
		could |= BIT16(search->nodes[depth].thread);
	return nr >= search->depth / LONG_ENOUGH && in_loops > nr / 2 &&
	       (could & (u16)~did || waits_for_time(exec, did) ||
		waited_for_long(exec, nr));
}

bool explore_spin_all(const struct execution *exec)
{
	int depth = exec->search->depth;
	const struct thread *thread;

	if (exec->news_at >= depth - depth / LONG_ENOUGH)
		return false;

	for (thread = exec->threads; thread < exec->threads + exec->nr_threads;
	     thread++)
		if (!thread->ended && !thread->in_loop &&
		    explore_thread_enabled(exec, thread))
			return false;
	return !waits_for_time(exec, 0);
}
