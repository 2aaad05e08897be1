// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Checkpoints: copies of memory, from which an execution goes on, in place of a run
 * from setup.
 *
 * Two executions that follow one another have most of their steps in common, and
 * an execution that is cut off at a known state would otherwise have to be
 * brought to its end.  So if states are used (states.c), which means that all
 * memory is known that a test can change, a copy of that memory is made every
 * few steps.  The next execution begins with the last copy that lies on its
 * path, and what the execution before it has left in memory does not matter.
 *
 * A copy has
 *
 *	static variables	of the program and of the library, apart from
 *				those with NO_CHECKPOINT()
 *	the test's list		of its memory
 *	the arena		with the table of its allocations
 *	stacks			of all threads, from the stack pointer on, or
 *				from a little below it, if stacks are compared:
 *				what lies there shows in uninitialised
 *				variables
 *	struct execution	and the locations of dpor_locations.c
 *	clocks of threads	if code is watched, with the point of the log to
 *				which the rest of that goes back (../watch/undo.c)
 *	pins of pages		as the length of a log of all changes, which are
 *				undone in reverse order
 *
 * It does not have what the search knows, which is in struct search.
 *
 * A copy is made while main runs: each thread has switched to another fiber, so
 * its registers are on its stack.  The thread that comes to the operation at
 * which a copy is due switches to main, which makes the copy and picks the
 * thread that does the next step.  To go on from the copy, main writes it back
 * and picks a thread again.
 *
 * The copies lie on a stack, as the search walks its tree depth first.  The first
 * is of the memory before setup.  With it an execution that was cut off can be
 * followed by one from the start.
 *
 * When states are found not to be usable, the search begins again without
 * checkpoints.  The last execution may have been cut off and have left memory in any
 * state, so the first copy is written back before that.
 */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#include "internal.h"
#include <stdint.h>
#include <string.h>

#define MAX_CHECKPOINTS 4096
#define BUFFER_SIZE (64ul << 20)
#define MAX_PINS (1u << 20)
/*
 * How many bytes of a stack are copied that lie below its stack pointer, if
 * stacks are part of a state.
 */
#define BELOW 2048
/* A step takes about as long as a copy of this many bytes. */
#define BYTES_PER_STEP 8192

/*
 * struct checkpoint
 * @depth: number of steps before it; -1: it was made before setup
 * @start, @end: where it lies in the buffer
 * @nr_pins: how many changes of pins there were
 * @watch: see ../watch/undo.c
 * @next_sleep: see struct search
 */
struct checkpoint {
	int depth;
	size_t start, end;
	unsigned int nr_pins;
	u16 next_sleep;
	struct watch_point watch;
};

/* A header in a checkpoint; @size bytes for @addr follow it. */
struct extent {
	void *addr;
	size_t size;
};

struct pin_change {
	unsigned int *pins;
	unsigned int by;
};

static struct {
	struct checkpoint stack[MAX_CHECKPOINTS];
	int nr;
	char *buffer;
	size_t used;
	bool full;
	struct pin_change *pins;
	unsigned int nr_pins;
} all;
NO_CHECKPOINT(all);

int explore_checkpoint_next = INT_MAX;
NO_CHECKPOINT(explore_checkpoint_next);

static void forget_all(void)
{
	all.nr = 0;
	explore_checkpoint_next = INT_MAX;
}

/* Pins */

/* Called when the pins of a page change. */
static void note_pin(unsigned int *pins, unsigned int by)
{
	/* Without the log no checkpoint can be used any more. */
	if (all.nr_pins == MAX_PINS) {
		forget_all();
		return;
	}
	all.pins[all.nr_pins].pins = pins;
	all.pins[all.nr_pins++].by = by;
}

static void undo_pins(unsigned int nr)
{
	while (all.nr_pins > nr) {
		all.nr_pins--;
		*all.pins[all.nr_pins].pins -= all.pins[all.nr_pins].by;
	}
}

/* Making a checkpoint */

static size_t extent_size(size_t size)
{
	return sizeof(struct extent) + ((size + 15) & ~(size_t)15);
}

void explore_checkpoint_put(void *addr, size_t size)
{
	struct extent extent = { addr, size };
	char *to = all.buffer + all.used;

	if (!size)
		return;
	if (size > BUFFER_SIZE || extent_size(size) > BUFFER_SIZE - all.used) {
		all.full = true;
		return;
	}
	memcpy(to, &extent, sizeof(extent));
	memcpy(to + sizeof(extent), addr, size);
	all.used += extent_size(size);
}

static void put_statics(void)
{
	const struct explore_range *range;
	int i, nr;

	range = explore_memory_restored(&nr);
	for (i = 0; i < nr; i++)
		explore_checkpoint_put((void *)range[i].start,
				       range[i].end - range[i].start);
}

static void put_list(const struct execution *exec)
{
	const struct iommufd_model_memory *memory = exec->test->memory;
	int i;

	for (i = 0; i < IOMMUFD_MODEL_MAX_MEMORY && memory[i].size; i++)
		if (memory[i].size != SIZE_MAX &&
		    !explore_memory_is_constant(memory[i].start))
			explore_checkpoint_put(
				(void *)(uintptr_t)memory[i].start,
				memory[i].size);
}

static void put_stack(const struct fiber *fiber, long below)
{
	char *top = (char *)fiber->stack + fiber->size, *from = fiber->sp;

	if (from - (char *)fiber->stack > below)
		from -= below;
	else
		from = fiber->stack;
	explore_checkpoint_put(from, (size_t)(top - from));
}

/* exec->leave, where to go when the execution ends early, is not copied. */
static void put_execution(struct execution *exec)
{
	char *start = (char *)exec, *after = (char *)&exec->gate_hook;
	char *end = (char *)&exec->threads[exec->nr_threads];
	int i;

	explore_checkpoint_put(start, (size_t)((char *)&exec->leave - start));
	explore_checkpoint_put(after, (size_t)(end - after));
	for (i = 0; i < exec->nr_threads; i++)
		if (exec->threads[i].fiber.started)
			put_stack(&exec->threads[i].fiber,
				  exec->clean ? BELOW : 0);
}

static void put_watch(const struct execution *exec)
{
	struct watch *watch = &iommufd_model_watch;

	explore_checkpoint_put(&watch->self, sizeof(watch->self));
	explore_checkpoint_put(&watch->me, sizeof(watch->me));
	explore_checkpoint_put(watch->threads, (size_t)exec->nr_threads *
						       sizeof(*watch->threads));
}

/*
 * Return how many steps there are from @checkpoint to the next one: some more
 * than take the time of a copy.
 */
static int spacing(const struct checkpoint *checkpoint)
{
	return 4 +
	       (int)((checkpoint->end - checkpoint->start) / BYTES_PER_STEP);
}

static void set_next(void)
{
	const struct checkpoint *last;

	explore_checkpoint_next = INT_MAX;
	if (!all.nr || all.full || all.nr == MAX_CHECKPOINTS)
		return;
	last = &all.stack[all.nr - 1];
	explore_checkpoint_next = last->depth < 0 ? 0 :
						    last->depth + spacing(last);
}

static void save(struct execution *exec, int depth)
{
	struct checkpoint *checkpoint = &all.stack[all.nr];

	checkpoint->depth = depth;
	checkpoint->nr_pins = all.nr_pins;
	checkpoint->next_sleep = exec->search->next_sleep;
	checkpoint->start = all.used;
	put_statics();
	put_list(exec);
	put_execution(exec);
	explore_arena_save();
	explore_dpor_save();
	explore_dpor_save_foreign();
	if (iommufd_model_watched_files) {
		put_watch(exec);
		iommufd_model_watch_save(&checkpoint->watch);
	}
	checkpoint->end = all.used;
	if (all.full)
		all.used = checkpoint->start;
	else
		all.nr++;
	set_next();
}

void explore_checkpoint_save(struct execution *exec)
{
	save(exec, exec->search->depth);
}

/*
 * True if all memory is known that the execution can change, and if no hook or
 * record looks at it.  The first execution is run twice from setup, to see whether
 * it is the same.
 */
static bool may_begin(const struct execution *exec)
{
	const struct search *search = exec->search;

	return search->next != SEARCH_FIRST && explore_states_used(search) &&
	       !search->opt.no_checkpoints && !exec->record &&
	       !search->nr_loops && !search->opt.in_process &&
	       iommufd_model_gate == &exec->gate_hook &&
	       !exec->gate_hook.next && !explore_counts_coverage() &&
	       explore_memory_start();
}

void explore_checkpoint_begin(struct execution *exec)
{
	if (!may_begin(exec))
		return;
	if (!all.buffer) {
		all.buffer = explore_arena_reserve(BUFFER_SIZE);
		all.pins = explore_arena_reserve(MAX_PINS * sizeof(*all.pins));
	}
	if (!all.buffer || !all.pins)
		return;
	all.used = 0;
	all.full = false;
	all.nr_pins = 0;
	iommufd_model_pins_changed = note_pin;
	iommufd_model_watch_log(iommufd_model_watched_files);
	save(exec, -1);
}

bool explore_checkpoint_permits_cut(const struct execution *exec)
{
	return all.nr && explore_states_used(exec->search) &&
	       iommufd_model_watch_can_go_back();
}

/* Going back to a checkpoint */

static void write_back(const struct checkpoint *checkpoint)
{
	const char *from = all.buffer + checkpoint->start;
	const char *end = all.buffer + checkpoint->end;
	struct extent extent;

	for (; from < end; from += extent_size(extent.size)) {
		memcpy(&extent, from, sizeof(extent));
		memcpy(extent.addr, from + sizeof(extent), extent.size);
	}
}

void explore_checkpoint_other_path(void)
{
	while (all.nr && all.stack[all.nr - 1].depth >= 0)
		all.nr--;
}

bool explore_checkpoint_restore(struct execution *exec)
{
	u32 nr_locations = explore_dpor_nr_locations();
	struct search *search = exec->search;
	const struct checkpoint *last;

	while (all.nr && all.stack[all.nr - 1].depth >= search->forced)
		all.nr--;
	if (!iommufd_model_watch_can_go_back())
		forget_all();
	if (!all.nr)
		return false;
	last = &all.stack[all.nr - 1];
	write_back(last);
	if (iommufd_model_watched_files) {
		/* The others have not been started yet. */
		iommufd_model_watch_reset_threads(exec->nr_threads);
		iommufd_model_watch_go_back(&last->watch);
	}
	explore_dpor_restored(nr_locations);
	iommufd_model_slab_restored();
	explore_watch_phase(exec);
	undo_pins(last->nr_pins);
	all.used = last->end;
	all.full = false;
	if (last->depth >= 0)
		search->depth = last->depth;
	search->next_sleep = last->next_sleep;
	set_next();
	/* States were turned off, so no checkpoint is used from here on. */
	if (!explore_states_used(search))
		forget_all();
	return true;
}
