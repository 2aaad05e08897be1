// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The ledger, and how an operation changes it; ledger.h describes it.
 *
 * An operation on an object that is not in the ledger changes nothing.  Such an
 * object existed before the observer was started, or the operation was read
 * from a file.
 */
#include "ledger.h"
#include "pins.h"
#include "../record/describe.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned int addr_bucket(const void *addr)
{
	return (unsigned int)((uintptr_t)addr >> 4) % LEDGER_BUCKETS;
}

struct ledger *observe_ledger_create(void)
{
	return calloc(1, sizeof(struct ledger));
}

/* The functions below add and remove references. */

static struct reference *get_reference(struct ledger *ledger)
{
	struct reference *ref = ledger->spare;

	if (ref)
		ledger->spare = ref->next;
	else
		ref = malloc(sizeof(*ref));
	if (!ref)
		ledger->incomplete = true;
	return ref;
}

static void put_reference(struct ledger *ledger, struct reference *ref)
{
	ref->next = ledger->spare;
	ledger->spare = ref;
}

static void clear_references(struct ledger *ledger, struct reference **refs)
{
	struct reference *ref;

	while ((ref = *refs)) {
		*refs = ref->next;
		put_reference(ledger, ref);
	}
}

static void add_reference(struct ledger *ledger, struct reference **refs,
			  const struct record_op *op, enum record_holder kind)
{
	struct reference *ref = get_reference(ledger);

	if (!ref)
		return;
	ref->kind = kind;
	ref->holder = op->holder;
	ref->file = op->file;
	ref->file_addr = op->file_addr;
	ref->site = op->site;
	ref->next = *refs;
	*refs = ref;
}

/*
 * Drop the newest reference of this holder; if it has none, the newest of all.
 */
static void drop_reference(struct ledger *ledger, struct reference **refs,
			   const struct record_op *op)
{
	struct reference **pos = refs, *ref;

	for (; (ref = *pos); pos = &ref->next)
		if (ref->kind == (enum record_holder)op->holder_kind &&
		    (ref->kind == RECORD_TABLE ||
		     (ref->kind == RECORD_FILE ?
			      ref->file_addr == op->file_addr :
			      ref->holder == op->holder)))
			break;
	if (!ref)
		pos = refs;
	ref = *pos;
	if (!ref)
		return;
	*pos = ref->next;
	put_reference(ledger, ref);
}

/* The functions below find, add and remove objects. */

struct object *observe_ledger_find(const struct ledger *ledger, unsigned int serial)
{
	struct object *object = ledger->by_serial[serial % LEDGER_BUCKETS];

	while (object && object->serial != serial)
		object = object->same_serial;
	return object;
}

struct object *observe_ledger_at(const struct ledger *ledger, const void *addr)
{
	struct object *object = ledger->by_addr[addr_bucket(addr)];

	while (object && object->addr != addr)
		object = object->same_addr;
	return object;
}

const char *observe_object_name(const struct object *object, char *buf)
{
	if (object->is_ctx && object->id == 1)
		snprintf(buf, IOMMUFD_MODEL_NAME_LEN, "%s", object->type);
	else
		snprintf(buf, IOMMUFD_MODEL_NAME_LEN, "%.24s %u", object->type,
			 object->id);
	return buf;
}

const char *observe_holder_name(const struct ledger *ledger,
				const struct object *counted,
				enum record_holder kind, unsigned int holder,
				const char *file, char *buf)
{
	const struct object *object;

	switch (kind) {
	case RECORD_TABLE:
		return counted && counted->is_ctx ? "the descriptor" :
						    "the id table";
	case RECORD_FILE:
		return file ? file : "a file";
	case RECORD_OBJECT:
		object = observe_ledger_find(ledger, holder);
		return object ? observe_object_name(object, buf) :
				"an object that is gone";
	default:
		return NULL;
	}
}

const char *observe_lock_name(const struct ledger *ledger,
			      const struct iommufd_model_site *site,
			      unsigned int object, const char *label,
			      unsigned int id, char *buf)
{
	const struct object *in = observe_ledger_find(ledger, object);
	char name[RECORD_NAME];
	const char *word = "a lock";
	size_t len = 0;

	if (site && site->what)
		word = describe_last_word(site->what, &len);
	if (!len) {
		word = "a lock";
		len = strlen(word);
	}
	if (in)
		observe_object_name(in, name);
	else
		describe_label(label, id, name);
	snprintf(buf, IOMMUFD_MODEL_NAME_LEN, "%.*s%s%.16s",
		 len > 14 ? 14 : (int)len, word, *name ? " of " : "", name);
	return buf;
}

const char *observe_counter_name(unsigned int counter)
{
	static const char *const names[] = {
		[IOMMUFD_MODEL_USERS] = "users",
		[IOMMUFD_MODEL_WAIT_CNT] = "wait_cnt",
		[IOMMUFD_MODEL_REFERENCES] = "references",
	};

	return counter < ARRAY_SIZE(names) ? names[counter] : "?";
}

static void link_object(struct ledger *ledger, struct object *object)
{
	struct object **bucket;

	object->next = NULL;
	object->prev = ledger->last;
	*(ledger->last ? &ledger->last->next : &ledger->first) = object;
	ledger->last = object;
	bucket = &ledger->by_serial[object->serial % LEDGER_BUCKETS];
	object->same_serial = *bucket;
	*bucket = object;
	bucket = &ledger->by_addr[addr_bucket(object->addr)];
	object->same_addr = *bucket;
	*bucket = object;
}

static void add_first(struct ledger *ledger, struct object *object,
		      enum iommufd_model_counter counter,
		      const struct record_op *op)
{
	object->value[counter] = 1;
	add_reference(ledger, &object->references[counter], op, RECORD_TABLE);
}

/* Handle the note that a context or an object was allocated.  In the note of an
   object, the holder is its context. */
static void add_object(struct ledger *ledger, const struct record_op *op,
		       bool is_ctx)
{
	struct object *object = calloc(1, sizeof(*object));

	if (!object) {
		ledger->incomplete = true;
		return;
	}
	object->serial = op->object;
	object->ctx = is_ctx ? op->object : op->holder;
	object->id = op->id;
	object->type = op->label ? op->label : "?";
	object->addr = op->addr;
	object->is_ctx = is_ctx;
	object->state = is_ctx ? IOMMUFD_MODEL_NODE_PUBLISHED :
				 IOMMUFD_MODEL_NODE_RESERVED;
	if (is_ctx) {
		add_first(ledger, object, IOMMUFD_MODEL_REFERENCES, op);
	} else {
		add_first(ledger, object, IOMMUFD_MODEL_USERS, op);
		add_first(ledger, object, IOMMUFD_MODEL_WAIT_CNT, op);
	}
	link_object(ledger, object);
}

static void remove_object(struct ledger *ledger, struct object *object)
{
	struct object **pos;
	int i;

	pos = &ledger->by_serial[object->serial % LEDGER_BUCKETS];
	while (*pos != object)
		pos = &(*pos)->same_serial;
	*pos = object->same_serial;
	pos = &ledger->by_addr[addr_bucket(object->addr)];
	while (*pos != object)
		pos = &(*pos)->same_addr;
	*pos = object->same_addr;
	*(object->prev ? &object->prev->next : &ledger->first) = object->next;
	*(object->next ? &object->next->prev : &ledger->last) = object->prev;
	for (i = 0; i < IOMMUFD_MODEL_NR_COUNTERS; i++)
		clear_references(ledger, &object->references[i]);
	free(object);
}

/* The functions below add and remove locks. */

static void add_lock(struct ledger *ledger, const struct record_op *op)
{
	struct held_lock *lock = malloc(sizeof(*lock));

	if (!lock) {
		ledger->incomplete = true;
		return;
	}
	lock->addr = op->addr;
	lock->site = op->site;
	lock->label = op->label;
	lock->object = op->object;
	lock->id = op->id;
	lock->thread = op->thread;
	lock->read = op->kind == IOMMUFD_MODEL_OP_RWSEM_DOWN_READ ||
		     op->kind == IOMMUFD_MODEL_OP_RWSEM_TRY_READ ||
		     op->kind == IOMMUFD_MODEL_OP_READ_LOCK ||
		     op->kind == IOMMUFD_MODEL_OP_READ_TRYLOCK;
	lock->next = ledger->locks;
	ledger->locks = lock;
}

static void remove_lock(struct ledger *ledger, const struct record_op *op)
{
	struct held_lock **pos = &ledger->locks, *lock;

	while ((lock = *pos) &&
	       (lock->addr != op->addr || lock->thread != op->thread))
		pos = &lock->next;
	if (!lock)
		return;
	*pos = lock->next;
	free(lock);
}

/* The functions below apply operations. */

static enum ledger_change counter_change(const struct record_op *op)
{
	if (op->kind == IOMMUFD_MODEL_OP_REFCOUNT_READ)
		return LEDGER_NOTHING;
	if (op->kind == IOMMUFD_MODEL_OP_REFCOUNT_SET)
		return LEDGER_SET;
	if (op->before == op->after)
		return op->before ? LEDGER_BUSY : LEDGER_REFUSED;
	if (op->after - op->before > LEDGER_AT_ONCE ||
	    op->before - op->after > LEDGER_AT_ONCE)
		return LEDGER_LEAP;
	return op->after > op->before ? LEDGER_TAKE : LEDGER_DROP;
}

enum ledger_change observe_ledger_change(const struct record_op *op)
{
	if (op->kind == IOMMUFD_MODEL_OP_NOTE)
		return LEDGER_NOTE;
	if (!op->done)
		return LEDGER_NOTHING;
	if (op->counter && op->kind <= IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE)
		return counter_change(op);
	switch (op->kind) {
	case IOMMUFD_MODEL_OP_MUTEX_TRYLOCK:
	case IOMMUFD_MODEL_OP_RWSEM_TRY_READ:
	case IOMMUFD_MODEL_OP_RWSEM_TRY_WRITE:
	case IOMMUFD_MODEL_OP_SPIN_TRYLOCK:
	case IOMMUFD_MODEL_OP_READ_TRYLOCK:
	case IOMMUFD_MODEL_OP_WRITE_TRYLOCK:
		return op->after ? LEDGER_LOCK : LEDGER_NOTHING;
	case IOMMUFD_MODEL_OP_MUTEX_LOCK:
	case IOMMUFD_MODEL_OP_RWSEM_DOWN_READ:
	case IOMMUFD_MODEL_OP_RWSEM_DOWN_WRITE:
	case IOMMUFD_MODEL_OP_SPIN_LOCK:
	case IOMMUFD_MODEL_OP_READ_LOCK:
	case IOMMUFD_MODEL_OP_WRITE_LOCK:
		return LEDGER_LOCK;
	case IOMMUFD_MODEL_OP_MUTEX_UNLOCK:
	case IOMMUFD_MODEL_OP_RWSEM_UP_READ:
	case IOMMUFD_MODEL_OP_RWSEM_UP_WRITE:
	case IOMMUFD_MODEL_OP_SPIN_UNLOCK:
	case IOMMUFD_MODEL_OP_READ_UNLOCK:
	case IOMMUFD_MODEL_OP_WRITE_UNLOCK:
		return LEDGER_UNLOCK;
	default:
		return LEDGER_NOTHING;
	}
}

static void apply_note(struct ledger *ledger, const struct record_op *op)
{
	struct object *object = observe_ledger_find(ledger, op->object);

	if (op->arg == IOMMUFD_MODEL_NOTE_OPEN ||
	    op->arg == IOMMUFD_MODEL_NOTE_ALLOC) {
		if (op->object && !object)
			add_object(ledger, op,
				   op->arg == IOMMUFD_MODEL_NOTE_OPEN);
		return;
	}
	if (!object)
		return;
	switch (op->arg) {
	case IOMMUFD_MODEL_NOTE_FINALIZE:
		object->state = IOMMUFD_MODEL_NODE_PUBLISHED;
		break;
	case IOMMUFD_MODEL_NOTE_ABORT:
	case IOMMUFD_MODEL_NOTE_DESTROY:
	case IOMMUFD_MODEL_NOTE_RELEASE:
		object->state = IOMMUFD_MODEL_NODE_DYING;
		break;
	case IOMMUFD_MODEL_NOTE_ABORTED:
	case IOMMUFD_MODEL_NOTE_DESTROYED:
	case IOMMUFD_MODEL_NOTE_RELEASED:
		remove_object(ledger, object);
		break;
	}
}

/*
 * Real threads may report their operations in another order than that in which
 * they changed the counter; only the sum is the same.  A counter that was
 * misused does not have the value that the arithmetic gives.
 */
static void set_value(long *value, const struct record_op *op,
		      enum ledger_change change)
{
	if (change == LEDGER_SET || op->before < 0 || op->after < 0)
		*value = op->after;
	else
		*value += op->after - op->before;
}

static void apply_counter(struct ledger *ledger, const struct record_op *op,
			  enum ledger_change change)
{
	struct object *object = observe_ledger_find(ledger, op->object);
	struct reference **refs;
	long n = op->after - op->before;

	if (!object || op->counter > IOMMUFD_MODEL_NR_COUNTERS)
		return;
	refs = &object->references[op->counter - 1];
	set_value(&object->value[op->counter - 1], op, change);
	if (change == LEDGER_SET) {
		clear_references(ledger, refs);
		n = op->after < LEDGER_AT_ONCE ? op->after : LEDGER_AT_ONCE;
	} else if (change == LEDGER_LEAP) {
		return;
	}
	for (; n > 0; n--)
		add_reference(ledger, refs, op, change == LEDGER_SET ?
			      RECORD_TABLE :
			      (enum record_holder)op->holder_kind);
	for (; n < 0 && change == LEDGER_DROP; n++)
		drop_reference(ledger, refs, op);
}

void observe_ledger_apply(struct ledger *ledger, const struct record_op *op)
{
	enum ledger_change change = observe_ledger_change(op);

	switch (change) {
	case LEDGER_NOTE:
		apply_note(ledger, op);
		break;
	case LEDGER_TAKE:
	case LEDGER_DROP:
	case LEDGER_SET:
	case LEDGER_LEAP:
		apply_counter(ledger, op, change);
		break;
	case LEDGER_LOCK:
		add_lock(ledger, op);
		break;
	case LEDGER_UNLOCK:
		remove_lock(ledger, op);
		break;
	default:
		break;
	}
}

void observe_ledger_free(struct ledger *ledger)
{
	struct reference *ref;
	struct held_lock *lock;

	if (!ledger)
		return;
	while (ledger->first)
		remove_object(ledger, ledger->first);
	while ((ref = ledger->spare)) {
		ledger->spare = ref->next;
		free(ref);
	}
	while ((lock = ledger->locks)) {
		ledger->locks = lock->next;
		free(lock);
	}
	observe_pins_free(ledger);
	free(ledger);
}
