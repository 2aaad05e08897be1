/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Attribution of references to their holders: what the observer knows of each
 * thread.
 *
 * A thread has a stack of actors.  An object is pushed when it is allocated,
 * when its destroy begins and when it acts for itself, and popped when that
 * ends; so is a file that acts.  A reference that is taken belongs to the
 * innermost actor that is not the counted object itself, and otherwise to the
 * thread.
 */
#ifndef ATTRIBUTION_H
#define ATTRIBUTION_H

#include "ledger.h"

#define MAX_ACTORS 32

struct actor {
	const void *addr;
	/* name of the file; NULL if the actor is an object */
	const char *file;
	unsigned int object;
};

/*
 * struct acting - what is known of a thread
 * @number: number of the thread, from 0
 * @about, @object: the counter that the thread is about to change, and the
 *	serial of the object to which the counter belongs now
 * @puts: the object whose references, taken by iommufd_get_object(), the thread
 *	is dropping
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

/*
 * Returns the data of the running thread; if @explored, the explorer says which
 * it is.
 */
struct acting *observe_acting(bool explored);
/*
 * The number of threads that have a number.  A test sets it close to
 * LAST_THREAD.
 */
extern unsigned int observe_nr_threads;
/* Forgets all threads: the running thread is thread 0 from now on. */
void observe_forget_threads(void);

void observe_push(struct acting *acting, const void *addr, const char *file,
		  unsigned int object);
void observe_pop(struct acting *acting, const void *addr);

/*
 * Stores in @op the holder to which a reference to @object that is now taken
 * belongs.
 */
void observe_set_taker(const struct ledger *ledger, const struct acting *acting,
		       const struct object *object, struct record_op *op);
/* Stores in @op the holder of @ref. */
void observe_set_holder(struct record_op *op, const struct reference *ref);
/*
 * Returns the reference of @refs that @op drops; @op contains the thread's
 * holder.  Returns NULL if it is unknown.
 */
const struct reference *observe_choose(const struct acting *acting,
				       const struct reference *refs,
				       bool puts, const struct record_op *op);

#endif
