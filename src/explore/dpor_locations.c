// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The locations that a step accesses.
 *
 * Steps on different locations are independent.  So whatever makes the order of
 * two steps matter must be a location of both.  Most locations are memory: what
 * the operation is done to, the task of a thread that sleeps, a queue of items.
 * Others stand for something else that steps share, such as file descriptors,
 * the limit of early timeouts, or what the invariant reads.
 *
 * Four things are not found by the locations that a step has here.  A free is a
 * step on all locations in the freed memory.  A handler shares a processor with
 * the thread that it interrupts.  A function that returns frees its stack frame
 * (dpor_races.c for all three).  The clock is added to a step when the step has
 * been done (dpor.c).
 *
 * A location is identified by its address, within one execution.  An execution
 * that begins with a checkpoint begins with the locations that are stored
 * there.
 */
#include "dpor.h"
#include <string.h>

#define INDEX_BITS 13
#define INDEX_SIZE (1u << INDEX_BITS)
#define MAX_LOCATIONS (INDEX_SIZE / 4 * 3)

/*
 * The locations in the order in which they were first accessed, and an index by
 * address, whose entries are void if they have another epoch than @epoch.
 */
static struct location locations[MAX_LOCATIONS + 1];
static struct {
	u32 epoch, location;
} locations_index[INDEX_SIZE];
static u32 epoch, nr_locations;
NO_CHECKPOINT(locations);
NO_CHECKPOINT(locations_index);
NO_CHECKPOINT(epoch);
NO_CHECKPOINT(nr_locations);

struct location_keys explore_dpor_keys;

void explore_dpor_reset_locations(void)
{
	nr_locations = 0;
	if (!++epoch) {
		memset(locations_index, 0, sizeof(locations_index));
		epoch = 1;
	}
}

void explore_dpor_save(void)
{
	explore_checkpoint_put(&nr_locations, sizeof(nr_locations));
	explore_checkpoint_put(locations, nr_locations * sizeof(*locations));
}

u32 explore_dpor_nr_locations(void)
{
	return nr_locations;
}

void explore_dpor_restored(u32 nr_before)
{
	u32 i;

	for (i = nr_locations; i < nr_before; i++)
		locations_index[locations[i].place].epoch = epoch - 1;
}

/*
 * The invariant can tell the order of steps that are otherwise independent.  So
 * every change of a location that it reads is also a step on one more location,
 * which all of these changes share.  The locations that it reads are learnt
 * while it runs; when it reads a new one, the search begins again.  Shards must
 * all walk the same tree, so with shards the invariant is taken to read every
 * location.  The same holds if it reads MAX_WATCHED locations or more.
 */
bool explore_dpor_is_watched(const struct search *search, const void *addr)
{
	int i;

	if (!search->nr_watched)
		return false;
	if (search->shards > 1 || search->nr_watched == MAX_WATCHED)
		return true;
	for (i = 0; i < search->nr_watched; i++)
		if (search->watched[i] == addr)
			return true;
	return false;
}

void explore_dpor_watch(struct search *search, const void *addr)
{
	if (explore_dpor_is_watched(search, addr))
		return;
	search->watched[search->nr_watched++] = addr;
	search->restart |= search->depth > 0;
}

static bool changes_something(enum iommufd_model_op_kind kind)
{
	return (explore_is_counter(kind) && !explore_only_reads(kind)) ||
	       kind == IOMMUFD_MODEL_OP_WRITE_ONCE ||
	       kind == IOMMUFD_MODEL_OP_STORE_RELEASE ||
	       kind == IOMMUFD_MODEL_OP_COPY_TO_USER;
}

/* Return the place in the index of the location at @addr, or for it. */
static u32 place_of(const void *addr)
{
	u32 i = (u32)(((uintptr_t)addr >> 2) * 0x9e3779b97f4a7c15ull >>
		      (64 - INDEX_BITS));

	while (locations_index[i].epoch == epoch &&
	       locations[locations_index[i].location].addr != addr)
		i = (i + 1) % INDEX_SIZE;
	return i;
}

static void init_location(struct location *loc, const void *addr)
{
	memset(loc, 0, sizeof(*loc));
	loc->addr = addr;
	loc->chunk = explore_arena_chunk(addr);
	loc->last = NO_LINK;
}

struct location *explore_dpor_location(struct execution *exec, const void *addr)
{
	u32 place = place_of(addr);
	struct location *loc;

	if (locations_index[place].epoch == epoch)
		return &locations[locations_index[place].location];
	loc = &locations[nr_locations];
	init_location(loc, addr);
	if (nr_locations == MAX_LOCATIONS) {
		explore_fail(exec, IOMMUFD_MODEL_FAIL_STEP_LIMIT, NULL, NULL,
			     "more than %u variables in one execution",
			     MAX_LOCATIONS);
		return loc;
	}
	loc->place = place;
	if (loc->chunk) {
		loc->next = loc->chunk->first_location;
		loc->chunk->first_location = nr_locations;
	}
	locations_index[place].epoch = epoch;
	locations_index[place].location = nr_locations++;
	return loc;
}

struct location *explore_dpor_location_of_next(const void *addr,
					       struct location *room)
{
	struct location *loc = explore_dpor_known_location(addr);

	if (loc)
		return loc;
	init_location(room, addr);
	return room;
}

struct location *explore_dpor_location_at(u32 number)
{
	return &locations[number];
}

struct location *explore_dpor_known_location(const void *addr)
{
	u32 place = place_of(addr);

	return locations_index[place].epoch == epoch ?
		       &locations[locations_index[place].location] :
		       NULL;
}

u32 explore_dpor_last_link(const void *addr)
{
	const struct location *loc = explore_dpor_known_location(addr);

	return loc ? loc->last : NO_LINK;
}

void explore_dpor_locations_of(const struct execution *exec, struct step *step,
			       const struct thread *thread)
{
	const struct iommufd_model_op *op = thread->op;

	step->op = op;
	step->nr = 1;
	step->addr[0] = op->addr;
	switch (op->kind) {
	case IOMMUFD_MODEL_OP_FD_WRITE:
		/* Every such operation uses the lowest free descriptor. */
		step->addr[1] = &explore_dpor_keys.fd;
		step->nr = 2;
		break;
	case IOMMUFD_MODEL_OP_WAIT_PREPARE:
	case IOMMUFD_MODEL_OP_WAIT_PREPARE_EXCLUSIVE:
		if (thread->task.known)
			step->addr[step->nr++] = &thread->task;
		break;
	case IOMMUFD_MODEL_OP_WAIT_SLEEP:
		/*
		 * The second location is the thread, which others can wake
		 * without the queue.
		 */
		if (thread->task.known)
			step->addr[step->nr++] = &thread->task;
		/* Sleeps that can end early share a limit. */
		if (explore_thread_would_expire(exec, thread))
			step->addr[step->nr++] = &explore_dpor_keys.timeout;
		else if (explore_thread_would_rouse(exec, thread))
			step->addr[step->nr++] = &explore_dpor_keys.spurious;
		break;
	case IOMMUFD_MODEL_OP_RCU_CALLED:
	case IOMMUFD_MODEL_OP_RCU_BARRIER:
	case IOMMUFD_MODEL_OP_RCU_BARRIER_END:
		/* Both epochs of a domain have one location. */
		step->addr[0] = thread->task.also;
		break;
	case IOMMUFD_MODEL_OP_RCU_CALL:
	case IOMMUFD_MODEL_OP_RCU_END:
		/*
		 * The locations are the callback, if there is one, and the
		 * domain.
		 */
		step->addr[1] = thread->task.also;
		step->nr = 1 + (step->addr[1] != step->addr[0]);
		break;
	case IOMMUFD_MODEL_OP_WORK_QUEUE:
	case IOMMUFD_MODEL_OP_WORK_CANCEL:
	case IOMMUFD_MODEL_OP_TIMER_FIRE:
	case IOMMUFD_MODEL_OP_DONE:
		/* The locations are the item or the counter, and the queue. */
		step->addr[1] = thread->task.also;
		step->nr = 1 + (step->addr[1] != NULL);
		break;
	case IOMMUFD_MODEL_OP_WORK_FLUSH:
		/* The item, and the counter of the run that has ended or not. */
		if (thread->doomed)
			break;
		step->addr[1] =
			iommufd_model_item_looks_at((void *)op->addr, op->arg);
		step->nr = 1 + (step->addr[1] != NULL);
		break;
	case IOMMUFD_MODEL_OP_ALLOC:
		step->addr[0] = &explore_dpor_keys.alloc;
		step->nr = exec->search->opt.fail_nth != 0;
		break;
	case IOMMUFD_MODEL_OP_PIN_PAGE:
	case IOMMUFD_MODEL_OP_UNPIN_PAGE:
	case IOMMUFD_MODEL_OP_CHOOSE:
	case IOMMUFD_MODEL_OP_SPAWN:
	case IOMMUFD_MODEL_OP_JOIN:
	case IOMMUFD_MODEL_OP_RELAX:
	case IOMMUFD_MODEL_OP_IRQS_OFF:
	case IOMMUFD_MODEL_OP_IRQS_ON:
	case IOMMUFD_MODEL_OP_IRQ_ENTER:
	case IOMMUFD_MODEL_OP_IRQ_LEAVE:
		step->nr = 0;
		break;
	default:
		if (changes_something(op->kind) &&
		    explore_dpor_is_watched(exec->search, op->addr))
			step->addr[step->nr++] = &explore_dpor_keys.watch;
		break;
	}
}
