/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Who holds a reference?  What the observer knows of each thread.
 *
 * A thread has a stack of actors: an object is pushed when it is allocated, when
 * its destroy begins and when it acts for itself, and popped when that ends; a
 * file that acts, likewise.  A reference that is taken belongs to the innermost
 * actor that is not the counted object itself, else to the thread.
 */
#ifndef ATTRIBUTION_H
#define ATTRIBUTION_H

#include "ledger.h"

#define MAX_ACTORS 32

struct actor {
	const void *addr;
	const char *file;	/* its name; NULL: an object */
	unsigned int object;
};

/*
 * struct acting - what is known of a thread
 * @number: its own, from 0
 * @about, @object: the counter it is about to change, and the serial of the
 *	object that the counter belongs to now
 * @puts: the object to which it gives back what it got by iommufd_get_object();
 *	@puts_left: bit n: a reference of counter n is still to come
 */
struct acting {
	unsigned int generation, number, depth;
	bool in_ioctl;
	const void *about;
	unsigned int object;
	const void *puts;
	unsigned int puts_left;
	struct actor at[MAX_ACTORS];
};

/* The running thread; @explored: the explorer says which one that is. */
struct acting *observe_acting(bool explored);
/* How many have got a number; a test begins near the last one. */
extern unsigned int observe_nr_threads;
/* Forget all threads: the running one is thread 0 from now on. */
void observe_forget_threads(void);

void observe_push(struct acting *acting, const void *addr, const char *file,
		  unsigned int object);
void observe_pop(struct acting *acting, const void *addr);

/* Who holds a reference to @object that this thread takes now, into @op. */
void observe_set_taker(const struct ledger *ledger, const struct acting *acting,
		       const struct object *object, struct record_op *op);
/* Who holds @ref, into @op. */
void observe_set_holder(struct record_op *op, const struct reference *ref);
/* Which of @refs @op drops, whose taker is in it; NULL: none is known. */
const struct reference *observe_choose(const struct acting *acting,
				       const struct reference *refs,
				       bool puts, const struct record_op *op);

#endif
