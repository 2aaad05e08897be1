/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Whose is a unit: what the observer knows of each thread.
 */
#ifndef WHOSE_H
#define WHOSE_H

#include "observer.h"

#define MAX_FRAMES 32

/* A thing, or a file that acts. */
struct frame {
	const void *addr;
	const char *file;
	unsigned int thing;
};

/*
 * struct frames - what is known of a thread
 * @number: its own, from 0
 * @about, @thing: the counter it is about to change, and whose that is now
 */
struct frames {
	unsigned int generation;
	unsigned int number;
	unsigned int depth;
	bool in_ioctl;
	const void *about;
	unsigned int thing;
	struct frame at[MAX_FRAMES];
};

/* observe_frames(): of the running thread. */
struct frames *observe_frames(void);
/* How many have got a number; a test begins near the last one. */
extern unsigned int observe_nr_threads;

/* observe_forget_threads(): this one is the first from now on. */
void observe_forget_threads(void);

/* The object or the context at @addr, or a @file, begins and ends to act. */
void observe_push(const void *addr, const char *file);
void observe_pop(const void *addr);

/* Who has @unit, into @event; who has one of @thing that is taken now. */
void observe_set_holder(struct event *event, const struct unit *unit);
void observe_set_holder_now(const struct thing *thing, struct event *event);

/* Which of @units an operation drops, @now being who drops it; NULL: none. */
const struct unit *observe_choose_unit(const struct unit *units,
				       enum iommufd_model_op_kind kind,
				       const struct event *now);

#endif
