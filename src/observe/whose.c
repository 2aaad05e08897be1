// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Whose unit?  Each thread has a stack of frames: an object is pushed when it
 * is allocated, when its destroy begins, and when it acts for itself, and
 * popped when that ends.  A unit taken belongs to the innermost frame that is
 * not the counted object itself, or else to the thread.  A unit dropped is
 * looked for in the same way, see observe_choose_unit().
 */
#include "whose.h"
#include <iommufd_model/explore.h>
#include <limits.h>
#include <string.h>

#define LAST_THREAD USHRT_MAX /* stands for all from there on */

unsigned int observe_nr_threads;
static unsigned int generation;
static __thread struct frames thread_frames;
static struct frames *first_frames, explored_frames[IOMMUFD_MODEL_MAX_THREADS];

/* Threads */

/*
 * The explorer's threads may all be one to the system, and what it calls
 * between their steps belongs to none of them.
 */
static struct frames *own_frames(void)
{
	int number;

	if (!observe_state.explored)
		return &thread_frames;
	number = iommufd_model_thread_number();
	return number < 0 ? first_frames : &explored_frames[number];
}

struct frames *observe_frames(void)
{
	struct frames *f = own_frames();

	if (f->generation != generation) {
		f->generation = generation;
		f->number = observe_nr_threads;
		observe_nr_threads += observe_nr_threads < LAST_THREAD;
		f->depth = 0;
		f->in_ioctl = false;
		f->about = NULL;
	}
	return f;
}

void observe_push(const void *addr, const char *file)
{
	struct frames *f = observe_frames();
	const struct thing *thing = observe_books_at(observe_state.books, addr);

	if (f->depth == MAX_FRAMES)
		return;
	f->at[f->depth].addr = addr;
	f->at[f->depth].file = file;
	f->at[f->depth++].thing = thing ? thing->serial : 0;
}

/* Usually the innermost; objects may also be finished out of order. */
void observe_pop(const void *addr)
{
	struct frames *f = observe_frames();
	unsigned int i = f->depth;

	while (i && f->at[i - 1].addr != addr)
		i--;
	if (!i)
		return;
	memmove(&f->at[i - 1], &f->at[i], (f->depth - i) * sizeof(f->at[0]));
	f->depth--;
}

void observe_forget_threads(void)
{
	generation++;
	observe_nr_threads = 0;
	first_frames = &thread_frames;
	observe_frames();
}

/* Holders */

void observe_set_holder(struct event *event, const struct unit *unit)
{
	event->holder_kind = unit->kind;
	event->holder = unit->holder;
	event->name = unit->file;
	if (unit->kind == BY_FILE)
		event->addr = unit->file_addr;
}

/* The holder a unit of @thing taken now on this thread belongs to. */
void observe_set_holder_now(const struct thing *thing, struct event *event)
{
	struct frames *f = observe_frames();
	unsigned int i = f->depth;
	const struct frame *frame;

	while (i--) {
		frame = &f->at[i];
		if (frame->addr == thing->addr)
			continue;
		if (frame->thing &&
		    observe_books_find(observe_state.books, frame->thing)) {
			event->holder_kind = BY_THING;
			event->holder = frame->thing;
			return;
		}
		if (frame->file) {
			event->holder_kind = BY_FILE;
			event->holder = 0;
			event->name = frame->file;
			event->addr = frame->addr;
			return;
		}
	}
	event->holder_kind = BY_THREAD;
	event->holder = f->number;
}

static const struct unit *find_unit(const struct unit *unit,
				    const struct event *by)
{
	for (; unit; unit = unit->next) {
		if (unit->kind != (enum holder_kind)by->holder_kind)
			continue;
		if (by->holder_kind == BY_FILE ? unit->file_addr == by->addr :
						 unit->holder == by->holder)
			break;
	}
	return unit;
}

static const struct unit *find_kind(const struct unit *unit,
				    enum holder_kind kind)
{
	while (unit && unit->kind != kind)
		unit = unit->next;
	return unit;
}

/* Does @site put what a thread has got by id, or by a pointer? */
static bool is_put(const struct iommufd_model_site *site)
{
	return !strcmp(site->func, "iommufd_put_object");
}

/*
 * Which unit does this operation drop, @now being who drops it?  Only a removal
 * takes the id table's by dec_if_one.  A put gives back what this thread has
 * got, also while it makes an object that has a unit of its own.  A plain
 * decrement never takes the last, so it is not the table's either, if there is
 * another; the W or the reference that goes by sub_and_test may be.
 */
const struct unit *observe_choose_unit(const struct unit *units,
				       enum iommufd_model_op_kind kind,
				       const struct event *now)
{
	const struct event thread = {
		.holder_kind = BY_THREAD,
		.holder = observe_frames()->number,
	};
	const struct unit *unit = NULL;

	if (kind == IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE)
		unit = find_kind(units, BY_TABLE);
	else if (is_put(now->site))
		unit = find_unit(units, &thread);
	if (!unit)
		unit = find_unit(units, now);
	if (!unit)
		unit = find_unit(units, &thread);
	if (!unit && kind == IOMMUFD_MODEL_OP_REFCOUNT_DEC)
		unit = find_kind(units, BY_THREAD);
	if (!unit)
		unit = find_kind(units, BY_TABLE);
	return unit ? unit : units;
}
