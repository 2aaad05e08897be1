// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Attribution of references to their holders; attribution.h describes the
 * functions.
 */
#include "../kernel/no_state.h"
#include "attribution.h"
#include <iommufd_model/explore.h>
#include <limits.h>
#include <string.h>

/* the number of this thread and of all later ones */
#define LAST_THREAD USHRT_MAX

unsigned int observe_nr_threads;
static unsigned int generation;
static __thread struct acting thread_acting;
static struct acting *first_acting, explored[IOMMUFD_MODEL_MAX_THREADS];
NO_CHECKPOINT(explored);

/* The functions below find the data of a thread. */

/*
 * All of the explorer's threads may run on one real thread.  Calls that the
 * explorer makes between their steps belong to none of them.
 */
static struct acting *find_acting(bool by_explorer)
{
	int number;

	if (!by_explorer)
		return &thread_acting;
	number = iommufd_model_thread_number();
	return number < 0 ? first_acting : &explored[number];
}

struct acting *observe_acting(bool by_explorer)
{
	struct acting *acting = find_acting(by_explorer);

	if (acting->generation != generation) {
		acting->generation = generation;
		acting->number = by_explorer && acting != first_acting ?
			(unsigned int)(acting - explored) + 1 :
			observe_nr_threads;
		observe_nr_threads += observe_nr_threads < LAST_THREAD;
		acting->depth = 0;
		acting->in_ioctl = false;
		acting->about = NULL;
		acting->puts = NULL;
	}
	return acting;
}

void observe_forget_threads(void)
{
	generation++;
	observe_nr_threads = 0;
	first_acting = &thread_acting;
	observe_acting(false);
}

void observe_push(struct acting *acting, const void *addr, const char *file,
		  unsigned int object)
{
	struct actor *actor = &acting->at[acting->depth];

	if (acting->depth == MAX_ACTORS)
		return;
	acting->depth++;
	actor->addr = addr;
	actor->file = file;
	actor->object = object;
}

/* @addr is usually the innermost actor, but actors may end in any order. */
void observe_pop(struct acting *acting, const void *addr)
{
	unsigned int i = acting->depth;

	while (i && acting->at[i - 1].addr != addr)
		i--;
	if (!i)
		return;
	memmove(&acting->at[i - 1], &acting->at[i],
		(acting->depth - i) * sizeof(acting->at[0]));
	acting->depth--;
}

/* The functions below determine the holder of a reference. */

void observe_set_holder(struct record_op *op, const struct reference *ref)
{
	op->holder_kind = (unsigned char)ref->kind;
	op->holder = ref->holder;
	op->file = ref->file;
	op->file_addr = ref->file_addr;
}

void observe_set_taker(const struct ledger *ledger, const struct acting *acting,
		       const struct object *object, struct record_op *op)
{
	unsigned int i = acting->depth;
	const struct actor *actor;

	while (i--) {
		actor = &acting->at[i];
		if (actor->addr == object->addr)
			continue;
		if (actor->object &&
		    observe_ledger_find(ledger, actor->object)) {
			op->holder_kind = RECORD_OBJECT;
			op->holder = actor->object;
			return;
		}
		if (actor->file) {
			op->holder_kind = RECORD_FILE;
			op->file = actor->file;
			op->file_addr = actor->addr;
			return;
		}
	}
	op->holder_kind = RECORD_THREAD;
	op->holder = acting->number;
}

static const struct reference *find_holder(const struct reference *ref,
					   const struct record_op *op)
{
	for (; ref; ref = ref->next) {
		if (ref->kind != (enum record_holder)op->holder_kind)
			continue;
		if (ref->kind == RECORD_FILE ?
			    ref->file_addr == op->file_addr :
			    ref->holder == op->holder)
			break;
	}
	return ref;
}

static const struct reference *find_kind(const struct reference *ref,
					 enum record_holder kind)
{
	while (ref && ref->kind != kind)
		ref = ref->next;
	return ref;
}

/* A reference that any actor of the thread holds, the innermost one's first. */
static const struct reference *find_outer(const struct acting *acting,
					  const struct reference *refs)
{
	const struct reference *ref = NULL;
	struct record_op op = { .holder = 0 };
	unsigned int i = acting->depth;

	while (i-- && !ref) {
		op.holder_kind = acting->at[i].file ? RECORD_FILE :
						      RECORD_OBJECT;
		op.holder = acting->at[i].object;
		op.file_addr = acting->at[i].addr;
		ref = find_holder(refs, &op);
	}
	return ref;
}

/*
 * Choose the reference that an operation drops.  Only the removal of an object
 * drops the id table's reference by refcount_dec_if_one().  A put drops a
 * reference that this thread has taken by a lookup, even while the thread
 * creates an object that has a reference of its own.  A plain decrement never
 * drops the last reference, so it does not drop the id table's if there is
 * another one.  A refcount_sub_and_test() may drop the id table's.
 */
const struct reference *observe_choose(const struct acting *acting,
				       const struct reference *refs,
				       bool puts, const struct record_op *op)
{
	const struct record_op thread = {
		.holder_kind = RECORD_THREAD, .holder = acting->number,
	};
	const struct reference *ref = NULL;

	if (op->kind == IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE)
		ref = find_kind(refs, RECORD_TABLE);
	else if (puts)
		ref = find_holder(refs, &thread);
	if (!ref)
		ref = find_holder(refs, op);
	if (!ref)
		ref = find_holder(refs, &thread);
	if (!ref)
		ref = find_outer(acting, refs);
	if (!ref && op->kind == IOMMUFD_MODEL_OP_REFCOUNT_DEC)
		ref = find_kind(refs, RECORD_THREAD);
	if (!ref)
		ref = find_kind(refs, RECORD_TABLE);
	return ref ? ref : refs;
}
