/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Who holds a reference?  What the observer knows of each thread.
 *
 * A thread has a stack of actors: an object is pushed when it is allocated,
 * when its destroy begins and when it acts for itself, and popped when that
 * ends; a file that acts, likewise.  A reference that is taken belongs to the
 * innermost actor that is not the counted object itself, else to the thread.
 */
#ifndef ATTRIBUTION_H
#define ATTRIBUTION_H

#include "ledger.h"

#define MAX_ACTORS 32

struct actor {
	const void *addr;
	const char *file;	/* name of the file; NULL: it is an object */
	unsigned int object;
};

/*
 * struct acting - what is known of a thread
 * @number: number of the thread, from 0
 * @about, @object: the counter that the thread is about to change, and the
 *	serial of the object that the counter belongs to now
 * @puts: the object of which it is dropping the references that it got by
 *	iommufd_get_object()
 * @puts_left: bit n is set if a reference of counter n is still to be dropped
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
/* How many threads have a number.  A test sets it close to LAST_THREAD. */
extern unsigned int observe_nr_threads;
/* Forget all threads: the running thread is thread 0 from now on. */
void observe_forget_threads(void);

void observe_push(struct acting *acting, const void *addr, const char *file,
		  unsigned int object);
void observe_pop(struct acting *acting, const void *addr);

/* Store in @op who holds a reference to @object that this thread takes now. */
void observe_set_taker(const struct ledger *ledger, const struct acting *acting,
		       const struct object *object, struct record_op *op);
/* Store in @op who holds @ref. */
void observe_set_holder(struct record_op *op, const struct reference *ref);
/* The reference of @refs that @op drops; @op has its taker.  NULL: unknown. */
const struct reference *observe_choose(const struct acting *acting,
				       const struct reference *refs,
				       bool puts, const struct record_op *op);

#endif
