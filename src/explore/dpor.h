/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What dpor.c, dpor_races.c, dpor_commute.c and dpor_locations.c share.  Each
 * file calls only those that come after it in this list.  What other files call
 * is in internal.h.
 */
#ifndef EXPLORE_DPOR_H
#define EXPLORE_DPOR_H

#include "internal.h"

/* The last location of a node is the clock; no step has as many others. */
#define CLOCK (NODE_LOCATIONS - 1)

/* The operation of a step, and the locations that it accesses. */
struct step {
	const struct iommufd_model_op *op;
	const void *addr[NODE_LOCATIONS];
	int nr;
};

static inline const s16 *explore_dpor_clock_of(const struct thread *thread)
{
	static const s16 zero[MAX_THREADS];

	return thread->clock ? thread->clock : zero;
}

static inline bool explore_dpor_in_chunk(const struct chunk *chunk,
					 const void *addr)
{
	return chunk &&
	       (size_t)((const char *)addr - chunk->start) < chunk->size;
}

/*
 * Return the thread on whose processor thread @number runs: the one that it
 * interrupts, or itself.
 */
static inline int explore_dpor_processor_of(const struct execution *exec,
					    int number)
{
	int interrupts = exec->threads[number].interrupts;

	return interrupts < 0 ? number : interrupts;
}

/* True if @addr is in the range in which the stacks are. */
static inline bool explore_dpor_in_stacks(const struct execution *exec,
					  const void *addr)
{
	return (uintptr_t)addr >= exec->stacks_from &&
	       (uintptr_t)addr < exec->stacks_to;
}

/* dpor_locations.c: the locations that a step accesses */

struct location {
	const void *addr;
	struct chunk *chunk;
	u32 last; /* the last step on the location, as a link */
	u32 number; /* for determinism.c; 0: none yet */
	u32 next; /* the next location in the chunk */
	u32 place; /* its place in the index */
	s8 most[MAX_THREADS]; /* of a counter: see explore_dpor_note_most() */
};

/* Locations that stand for something other than memory. */
extern struct location_keys {
	char watch, alloc, fd, timeout, spurious, clock;
} explore_dpor_keys;

void explore_dpor_reset_locations(void);
/* Fill in the next step of @thread. */
void explore_dpor_locations_of(const struct execution *exec, struct step *step,
			       const struct thread *thread);
/*
 * Return the location at @addr, which is accessed.  If there are too many, the
 * execution fails, and the location that is returned is in no list.
 */
struct location *explore_dpor_location(struct execution *exec,
				       const void *addr);
/*
 * Return the location at @addr, which a step would access that is not done.  If
 * no step has accessed it, it is @room, and in no list.
 */
struct location *explore_dpor_location_of_next(const void *addr,
					       struct location *room);
/* Return the location at @addr if it was accessed, or NULL. */
struct location *explore_dpor_known_location(const void *addr);
/* Return the location to which chunk->first_location or a @next refers. */
struct location *explore_dpor_location_at(u32 number);
/* True if the invariant reads this location. */
bool explore_dpor_is_watched(const struct search *search, const void *addr);

/* dpor_commute.c: which steps are independent, and sleep sets */

void explore_dpor_reset_counters(void);
/*
 * Return the kind of conflict of a counter operation.  @less: the counter could
 * be less by this amount than the value that least_value() finds.
 */
enum conflict explore_dpor_counter_conflict(const struct execution *exec,
					    const struct location *loc,
					    struct node *node,
					    const struct iommufd_model_op *op,
					    int number, const s16 *clock,
					    int less);
/* Called when thread @number adds @delta to the counter. */
void explore_dpor_note_most(struct location *loc, int number, int delta);
/* Set search->next_sleep to the sleep set after the step of @node. */
void explore_dpor_compute_sleep(struct execution *exec, const struct node *node,
				const struct step *step);

/* dpor_races.c: which steps race, and what is tried for that */

void explore_dpor_reset_races(void);
/*
 * Thread @number does this step now: set the vector clock of @node, and reverse
 * the step's races.
 */
void explore_dpor_find_races(struct execution *exec, struct node *node,
			     const struct step *step, struct location **locs,
			     int number);
/* The same for a step that is not done. */
void explore_dpor_find_races_of_next(struct execution *exec, struct node *node,
				     const struct step *step,
				     struct location **locs, int number);
/*
 * The step of @node, which was done last, has looked at the clock or moved it:
 * add to its vector clock and to its races.
 */
void explore_dpor_find_clock_races(struct execution *exec, struct node *node);
/* The same after @thread, whose step @last was, has returned from functions. */
void explore_dpor_find_stack_races(struct execution *exec, struct node *last,
				   const struct thread *thread, int number);
/*
 * The execution ends while thread @number sleeps, if it does.  The sleep could
 * have ended early before the last step that the thread need not wait for: have
 * that tried.
 */
void explore_dpor_try_early(struct execution *exec, int number);
/*
 * Return the thread, other than @number, on whose stack the operation is; -1:
 * it is on none.
 */
int explore_dpor_find_owner(const struct execution *exec, int number,
			    const struct iommufd_model_op *op);
static inline int explore_dpor_owner_of_stack(const struct execution *exec,
					      int number,
					      const struct iommufd_model_op *op)
{
	return explore_dpor_in_stacks(exec, op->addr) ?
		       explore_dpor_find_owner(exec, number, op) :
		       -1;
}
/*
 * Fail the execution and return true if @op is on a part of the stack of @owner
 * that is in use no more.
 */
bool explore_dpor_use_of_gone_stack(struct execution *exec, int owner,
				    const struct iommufd_model_op *op);
/* The step at this depth accesses the stack of thread @owner. */
void explore_dpor_note_foreign(struct search *search, int owner,
			       const void *addr);
/* Forget the accesses to the stack of thread @number, which has ended. */
void explore_dpor_forget_foreign(int number);

/*
 * True if races found now are reversed.  In other modes only the clocks of the
 * steps are needed.
 */
static inline bool explore_dpor_reduces(const struct search *search)
{
	return search->opt.mode == IOMMUFD_MODEL_MODE_EXHAUSTIVE &&
	       !search->dead;
}

#endif
