// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Loops that wait for another thread.
 *
 *	spin_learn.c	which call sites are in such a loop
 *	spin_rounds.c	threads that keep each other in their loops
 *	this file	turns, when a thread waits, and which steps let it go on
 *
 * A thread that polls until another thread has changed something would keep the
 * search busy for ever: there is always a schedule in which it polls once more.
 * A turn of a loop is one pass through its body.  A turn is idle if it changed
 * nothing and no other thread changed what it looked at; it has the same effect
 * as no turn at all.  So after an idle turn the thread waits until a step of
 * another thread may have changed something that it looked at.  A turn may also
 * change something and change it back.  A thread that is in no loop can see that,
 * and after it has looked, the next turn is not the same for it.  So the first one
 * goes on then, too.
 *
 * A thread can also come to the same call site in another way: it has left the loop,
 * and begins it again, without a step in between.  So it waits after an idle turn only
 * if that has found what was found when the loop was learnt, or the same as the turn
 * before.
 *
 * Only loops that do not end by themselves are known as loops that wait.  Any
 * other loop is explored as if this file did not exist.  A loop may do a number
 * of idle turns before its thread waits (its patience, spin_learn.c).  The
 * turns of a loop that counts them are idle as well, although they change
 * something, but they let those go on that wait for the count.
 *
 * A turn ends when the thread comes to a call site, with an operation on the
 * same location, for the second time.  The steps of a turn that proves to be
 * idle wake no waiting thread, so that two threads that poll under one lock do
 * not keep each other awake.  The steps of any other turn, and of the last
 * turn, do.
 *
 * Once a trylock of a thread has failed, its turns begin and end at
 * that operation, wherever its loop begins.  So it waits there, and still holds
 * the locks that it held.  Of two threads that lock one mutex each and try the
 * other's, both wait then.  Without this they could go on in step for ever,
 * even if the scheduler is fair.
 *
 * If no other thread can go on, not even by a timeout, all waiting threads may
 * look once more, as each may have seen changes made during another's turn.
 * Then they run their loops alone, one after the other, while the clock
 * advances, as some loop may end by itself then.  If none does, that is a
 * livelock, unless another thread could go on at some step of each turn, for
 * example while the loop has dropped a lock.  A scheduler lets it go on at some
 * time, so after a number of turns the search does so at the first such step.
 *
 * For the search, the step that lets a waiting thread go on is ordered before
 * the next step of that thread, as an unlock is before the lock that waited for
 * it.  Their other order need not be tried: it is that of an earlier idle turn,
 * which came before that step.
 */
#include "spin.h"
#include <stdio.h>
#include <string.h>

/* A thread may do this many turns alone before a livelock is reported. */
#define TURNS_ALONE 64u
/*
 * After this many it lets others go on that can.  The clock has moved by
 * minutes then.
 */
#define TURNS_BEFORE_YIELD 4u

/* Which steps let a waiting thread go on */

bool explore_spin_only_looks(const struct node *node)
{
	switch (node->conflict[0]) {
	case CONFLICT_NONE:
	case CONFLICT_READ:
	case CONFLICT_READ_BIT:
	case CONFLICT_AFTER:
	case CONFLICT_UNTIL:
	case CONFLICT_FLUSH:
	case CONFLICT_PREPARE:
	case CONFLICT_LEAVE:
	case CONFLICT_RESUME:
	case CONFLICT_EXPIRE:
		return true;
	case CONFLICT_LOCK:
		/* The thread only looked if its trylock has failed. */
		return (node->flags[0] & (LOCK_TRY | LOCK_TAKE)) == LOCK_TRY;
	case CONFLICT_TAKE:
	case CONFLICT_GIVE:
		return !node->delta;
	default:
		/*
		 * An exchange that has changed nothing is a write with PLAIN,
		 * and if the invariant reads the variable.
		 */
		return explore_is_counter(
			       (enum iommufd_model_op_kind)node->kind) &&
		       !node->delta;
	}
}

/* Taking a lock lets no thread go on, and changes nothing that others read. */
static bool may_let_go_on(const struct node *node)
{
	return !explore_spin_only_looks(node) &&
	       (node->conflict[0] != CONFLICT_LOCK ||
		node->flags[0] & LOCK_DROP);
}

_Static_assert(MAX_LOOKED_AT <= 16, "struct thread has a bit for each: @wrote");

/* Note a step at @addr; @wrote: it has changed something there, and no lock. */
static void look_at(struct thread *thread, const void *addr, bool wrote)
{
	int i;

	for (i = 0; i < thread->nr_looked_at && i < MAX_LOOKED_AT; i++)
		if (thread->looked_at[i] == addr)
			break;
	if (i < MAX_LOOKED_AT) {
		thread->looked_at[i] = addr;
		thread->wrote |= wrote ? BIT16(i) : 0;
	}
	if (i == thread->nr_looked_at || i == MAX_LOOKED_AT)
		thread->nr_looked_at++;
}

/* True if a turn of @thread changes what is at @addr. */
static bool writes_to(const struct thread *thread, const void *addr)
{
	unsigned int rest;

	for (rest = thread->wrote; rest; rest &= rest - 1)
		if (thread->looked_at[__builtin_ctz(rest)] == addr)
			return true;
	return false;
}

/* True if a step at @addr may have changed what @thread looked at. */
static bool matters(const struct thread *thread, const void *addr)
{
	int i;

	if (!thread->nr_looked_at || thread->nr_looked_at > MAX_LOOKED_AT)
		return true;
	for (i = 0; i < thread->nr_looked_at; i++)
		if (thread->looked_at[i] == addr)
			return true;
	return false;
}

/* True if both threads were found to go on in step (spin_rounds.c). */
static bool in_step(const struct execution *exec, const struct thread *a,
		    const struct thread *b)
{
	u16 both = BIT16(explore_spin_number_of(exec, a)) |
		   BIT16(explore_spin_number_of(exec, b));

	return (exec->in_step & both) == both;
}

/* Note that the step at @depth may have changed what @thread looked at. */
static void disturb(struct execution *exec, struct thread *thread, int depth)
{
	thread->disturbed_at = depth;
	thread->idle_turns = 0;
	thread->turn_hash = 0;
	thread->turns_alone = 0;
	thread->yields = false;
	exec->stalled = false;
	if (!thread->spins)
		return;
	thread->spins = false;
	thread->released_by = depth;
}

/*
 * Note for the other threads that the turn of @self that ends here may have
 * changed what they looked at.
 */
static void disturb_others(struct execution *exec, struct thread *self)
{
	struct thread *thread;
	int i, nr = self->nr_looked_at;
	bool any;

	for (thread = exec->threads; thread < exec->threads + exec->nr_threads;
	     thread++) {
		if (thread == self || thread->ended || !thread->in_loop ||
		    (self->counts && thread->counts) ||
		    in_step(exec, self, thread))
			continue;
		any = nr > MAX_LOOKED_AT || !thread->nr_looked_at;
		for (i = 0; i < nr && !any; i++)
			any = matters(thread, self->looked_at[i]);
		if (any)
			disturb(exec, thread, exec->search->depth - 1);
	}
	self->changed = false;
}

/*
 * A trylock of @self has failed: its turns begin and end here from now
 * on.
 */
static void note_missed(struct thread *self, const struct node *node)
{
	if (self->missed)
		return;
	self->missed = true;
	self->turn_head = node->index;
	self->idle_turns = 0;
	self->turn_hash = 0;
}

void explore_spin_stepped(struct execution *exec, int number,
			  const struct node *node,
			  const struct iommufd_model_op *op)
{
	struct thread *self = &exec->threads[number], *thread;
	bool looks = explore_spin_only_looks(node);

	self->released_by = -1;
	if (exec->in_step && !(exec->in_step & BIT16(number)))
		exec->in_step = 0;
	if (self->in_loop) {
		if (explore_spin_looks_at_something(node))
			look_at(self, op->addr,
				!looks && node->conflict[0] != CONFLICT_LOCK);
		self->changed |= !looks;
		if (!looks)
			exec->kept &= (u16)~BIT16(number);
		if (node->conflict[0] == CONFLICT_LOCK &&
		    (node->flags[0] & (LOCK_TRY | LOCK_TAKE)) == LOCK_TRY)
			note_missed(self, node);
		return;
	}
	for (thread = exec->threads; thread < exec->threads + exec->nr_threads;
	     thread++) {
		if (thread == self || thread->ended || !thread->in_loop)
			continue;
		if (matters(thread, op->addr))
			exec->touched_at = exec->search->depth;
		if (looks && writes_to(thread, op->addr))
			disturb(exec, thread, exec->search->depth);
		if (thread->nr_looked_at &&
		    node->conflict[0] != CONFLICT_FREE &&
		    !(may_let_go_on(node) && matters(thread, op->addr)))
			continue;
		disturb(exec, thread, exec->search->depth);
		explore_spin_news(exec, number);
	}
}

/* Turns */

static bool has_count(const struct node *node)
{
	enum iommufd_model_op_kind kind =
		(enum iommufd_model_op_kind)node->kind;

	return explore_is_counter(kind) || explore_is_completion(kind);
}

/*
 * True if the steps of @thread from depth @from on changed nothing.  That is so
 * if each of them only looks or is a lock operation, or if they had the same
 * results as those of the previous turn and left the sum of all counters as it
 * was.  None of them is a choice, as loops with choices are not learnt.  A turn that
 * only counts on is idle, too.
 */
static bool idle_turn(const struct execution *exec, struct thread *thread,
		      int from)
{
	const struct search *search = exec->search;
	int depth, sum = 0;
	const struct node *node;
	bool idle = true;
	u64 hash = 1;

	for (depth = explore_spin_last_step(
		     search, explore_spin_number_of(exec, thread));
	     depth >= from; depth = explore_spin_step_before(search, depth)) {
		node = &search->nodes[depth];
		idle = idle && (explore_spin_only_looks(node) ||
				node->conflict[0] == CONFLICT_LOCK);
		if (has_count(node))
			sum += node->delta;
		hash = explore_spin_mix_step(hash, node, thread->counts);
	}
	thread->same = hash == thread->turn_hash;
	idle = idle || (thread->same && (!sum || thread->counts));
	thread->turn_hash = thread->last_turn = hash;
	return idle;
}

static bool found_before(const struct loop_site *loop, const struct node *node)
{
	u64 found = explore_spin_found(node);
	int i;

	for (i = 0; i < loop->nr_found && i < MAX_FOUND; i++)
		if (loop->found[i] == found)
			return true;
	return loop->nr_found > MAX_FOUND;
}

/*
 * True if the steps of @thread from depth @from on have found what they did when the
 * loop was learnt.
 */
static bool is_learnt_turn(const struct execution *exec,
			   const struct thread *thread, int from)
{
	const struct search *search = exec->search;
	const struct loop_site *loop;
	const struct node *node;
	int depth;

	for (depth = explore_spin_last_step(
		     search, explore_spin_number_of(exec, thread));
	     depth >= from; depth = explore_spin_step_before(search, depth)) {
		node = &search->nodes[depth];
		if (node->kind == IOMMUFD_MODEL_OP_AFTER)
			continue;
		loop = explore_spin_known_site(search, thread, node->site);
		if (loop && !found_before(loop, node))
			return false;
	}
	return true;
}

/*
 * Return the depth of the last step at which @thread did the operation that it
 * is about to do again, or -1 if it did not do it in this loop.
 */
static int turn_begins(const struct execution *exec,
		       const struct thread *thread)
{
	const struct iommufd_model_op *op = thread->op;
	const struct search *search = exec->search;
	u64 addr = explore_determinism_address(exec, op->addr);
	const struct node *node;
	int depth;

	for (depth = explore_spin_last_step(
		     search, explore_spin_number_of(exec, thread));
	     depth >= 0; depth = explore_spin_step_before(search, depth)) {
		node = &search->nodes[depth];
		if (node->kind == IOMMUFD_MODEL_OP_AFTER)
			continue;
		if (node->index <= thread->base ||
		    !explore_spin_known_site(search, thread, node->site))
			break;
		if (node->site == op->site && node->kind == (u8)op->kind &&
		    node->addr == addr)
			return depth;
	}
	return -1;
}

static void enter_loop(struct execution *exec, struct thread *thread)
{
	explore_spin_news(exec, explore_spin_number_of(exec, thread));
	thread->in_loop = true;
	thread->changed = false;
	thread->last_turn = 0;
	thread->nr_looked_at = 0;
	thread->wrote = 0;
	thread->idle_turns = 0;
	thread->same = false;
	thread->turn_hash = 0;
	thread->turn_head = 0;
	thread->missed = false;
}

/* Called when @thread leaves the loop, or ends. */
static void leave_loop(struct execution *exec, struct thread *thread)
{
	if (!thread->in_loop)
		return;
	disturb_others(exec, thread);
	explore_spin_news(exec, explore_spin_number_of(exec, thread));
	thread->in_loop = false;
	thread->alone = false;
	thread->turns_alone = 0;
	thread->yields = false;
}

void explore_spin_ended(struct execution *exec, struct thread *thread)
{
	leave_loop(exec, thread);
}

/* True if another thread could go on at a step of @thread from @from on. */
static bool others_could_go_on(const struct execution *exec,
			       const struct thread *thread, int from)
{
	const struct search *search = exec->search;
	int number = explore_spin_number_of(exec, thread), depth;
	const struct node *node;

	for (depth = explore_spin_last_step(search, number); depth >= from;
	     depth = explore_spin_step_before(search, depth)) {
		node = &search->nodes[depth];
		if (node->enabled & (u16)~node->early & (u16)~BIT16(number))
			return true;
	}
	return false;
}

/*
 * Do one more turn without any other thread; the clock advances ever faster.
 * @from: the first step of the turn that has ended.
 */
static void turn_alone(struct execution *exec, struct thread *thread, int from)
{
	unsigned int n = thread->turns_alone++;
	bool others = others_could_go_on(exec, thread, from);

	if (others)
		n *= 6;
	iommufd_model_clock_set(jiffies + (1ul << (n < 40 ? n : 40)));
	thread->yields = others && thread->turns_alone >= TURNS_BEFORE_YIELD;
	if (thread->turns_alone >= TURNS_ALONE && !thread->yields) {
		thread->alone = false;
		thread->spins = true;
	}
}

u16 explore_spin_yield(const struct execution *exec, u16 enabled)
{
	unsigned int rest, others = enabled;
	int i;

	if (enabled & exec->kept)
		return enabled & exec->kept;
	for (rest = enabled; rest; rest &= rest - 1) {
		i = __builtin_ctz(rest);
		if (exec->threads[i].yields)
			others &= ~(1u << i);
	}
	return others ? (u16)others : enabled;
}

/*
 * True if a turn of @thread ends at the call site that it has reached.  @from
 * is the depth of its last step there.  If it has done a whole turn without
 * reaching the call site at which its turns ended so far, they end here from
 * now on.
 */
static bool at_end_of_turn(struct execution *exec, struct thread *thread,
			   int from)
{
	int first = exec->search->nodes[from].index;

	if (thread->turn_head > first)
		return false;
	if (thread->turn_head < first) {
		thread->missed = false;
		thread->idle_turns = 0;
		thread->turn_hash = 0;
	}
	thread->turn_head = thread->steps + 1;
	return true;
}

void explore_spin_arrived(struct execution *exec, struct thread *thread)
{
	const struct iommufd_model_op *op = thread->op;
	const struct loop_site *loop;
	bool known;
	int from;

	thread->spins = false;
	if (op->kind == IOMMUFD_MODEL_OP_AFTER)
		return;
	if (!explore_thread_enabled(exec, thread))
		exec->kept &= (u16)~BIT16(explore_spin_number_of(exec, thread));
	loop = explore_spin_known_site(exec->search, thread, op->site);
	if (!loop) {
		leave_loop(exec, thread);
		return;
	}
	if (!thread->in_loop)
		enter_loop(exec, thread);
	thread->counts = loop->counts;
	from = turn_begins(exec, thread);
	if (from < 0 || !at_end_of_turn(exec, thread, from))
		return;
	exec->kept &= (u16)~BIT16(explore_spin_number_of(exec, thread));
	if (!idle_turn(exec, thread, from)) {
		thread->idle_turns = 0;
		if (thread->changed)
			disturb_others(exec, thread);
		explore_spin_end_round(exec, thread);
		return;
	}
	if (thread->counts && thread->changed)
		disturb_others(exec, thread);
	thread->changed = false;
	if (thread->disturbed_at >= from) {
		explore_spin_end_round(exec, thread);
		return;
	}
	known = thread->same || thread->counts ||
		is_learnt_turn(exec, thread, from);
	if (thread->idle_turns++ < loop->patience || !known)
		return;
	if (thread->alone)
		turn_alone(exec, thread, from);
	else
		thread->spins = true;
}

/* No other thread can go on */

bool explore_spin_any(const struct execution *exec)
{
	int i;

	for (i = 0; i < exec->nr_threads; i++)
		if (!exec->threads[i].ended && exec->threads[i].spins)
			return true;
	return false;
}

static void look_once_more(struct thread *thread)
{
	thread->spins = false;
	thread->idle_turns = 0;
}

/*
 * If more than one thread waits, let each of them look once more.  Returns
 * false if only one waits, or if nothing has changed since they last looked.
 */
static bool all_look_again(struct execution *exec)
{
	int i, nr = 0;

	if (exec->stalled)
		return false;
	exec->stalled = true;
	for (i = 0; i < exec->nr_threads; i++)
		nr += !exec->threads[i].ended && exec->threads[i].spins;
	for (i = 0; i < exec->nr_threads && nr > 1; i++)
		if (!exec->threads[i].ended && exec->threads[i].spins)
			look_once_more(&exec->threads[i]);
	return nr > 1;
}

bool explore_spin_alone(struct execution *exec)
{
	struct thread *thread;

	if (all_look_again(exec))
		return true;
	for (thread = exec->threads; thread < exec->threads + exec->nr_threads;
	     thread++) {
		if (thread->ended || !thread->spins ||
		    thread->turns_alone >= TURNS_ALONE)
			continue;
		look_once_more(thread);
		thread->alone = true;
		return true;
	}
	return false;
}

/* Reports */

void explore_spin_name_looked_at(const struct execution *exec, int number,
				 char *text, size_t size)
{
	const struct search *search = exec->search;
	int from = turn_begins(exec, &exec->threads[number]), depth;
	const struct node *node;
	char buf[RECORD_NAME];
	const char *what;
	size_t len = 0;

	for (depth = explore_spin_last_step(search, number);
	     from >= 0 && depth >= from && len < size;
	     depth = explore_spin_step_before(search, depth)) {
		node = &search->nodes[depth];
		if (!explore_spin_looks_at_something(node))
			continue;
		what = explore_marked_what(node, buf, sizeof(buf));
		if (!(len && strstr(text, what)))
			len += (size_t)snprintf(text + len, size - len, "%s%s",
						len ? ", " : "", what);
	}
	if (!len)
		snprintf(text, size, "plain memory");
}

void explore_spin_names(struct execution *exec, u16 threads, char *names,
			size_t size)
{
	char name[RECORD_NAME];
	unsigned int rest;
	size_t len = 0;

	*names = 0;
	for (rest = threads; rest && len < size; rest &= rest - 1)
		len += (size_t)snprintf(names + len, size - len, "%s%s",
					len ? ", " : "",
					explore_thread_name(exec,
							    __builtin_ctz(rest),
							    name, sizeof(name)));
}

void explore_spin_fail(struct execution *exec)
{
	char what[RECORD_NAME], name[RECORD_NAME], names[RECORD_TEXT / 2];
	u16 others = 0;
	int i = 0, n;

	/* One inside of a turn may wait for what another one holds. */
	for (n = exec->nr_threads - 1; n >= 0; n--)
		if (!exec->threads[n].ended && exec->threads[n].in_loop &&
		    (exec->threads[n].spins || !exec->threads[i].spins))
			i = n;
	explore_spin_name_looked_at(exec, i, what, sizeof(what));
	for (n = 0; n < exec->nr_threads; n++)
		if (n != i && !exec->threads[n].ended &&
		    exec->threads[n].in_loop)
			others |= BIT16(n);
	explore_spin_names(exec, others, names, sizeof(names));
	exec->current = i;
	explore_fail(exec, IOMMUFD_MODEL_FAIL_LIVELOCK,
		     exec->threads[i].op->site, NULL,
		     "%s waits in a loop for %s%s%s%s, and nobody %sis left to "
		     "change it",
		     explore_thread_name(exec, i, name, sizeof(name)), what,
		     *names ? ", " : "", names, *names ? " in another" : "",
		     *names ? "else " : "");
}
