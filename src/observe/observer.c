// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The observer: a hook at the gate that adds to each operation the object that
 * it concerns and the holder of the reference.  The operation then goes into
 * the ledger of the present, and to a callback.
 *
 *	attribution.c	who holds a reference
 *	counters.c	which counter is at an address
 *	ledger.c	which objects there are, and who holds them
 *	pins.c		what accesses have pinned
 *
 * Outside of the explorer the observer also writes the record.  Inside, the
 * explorer has just written the operation to the record.
 *
 * The mutex guards all data in this file, see observer.h.  Memory comes from
 * the C library, because the ground's allocations pass the gate, are counted as
 * leaks, and may be made to fail.
 */
#include "../kernel/no_state.h"
#include "observer.h"
#include "attribution.h"
#include "counters.h"
#include "layout.h"
#include "pins.h"
#include <iommufd_model/kernel/slab.h>
#include <stdlib.h>
#include <string.h>

#define RELEASED (1u << 16)

struct observer observe_state = { .mutex = PTHREAD_MUTEX_INITIALIZER };
NO_CHECKPOINT(observe_state);

static const void *released[RELEASED];
NO_CHECKPOINT(released);
static unsigned int nr_released;
static unsigned int nr_contexts, next_object;
static iommufd_model_event_fn event_fn;
static void *event_data;

static struct acting *acting_now(void)
{
	return observe_acting(observe_state.explored);
}

/* The functions below handle operations on counters. */

static const char *holder_name(const struct record_op *op,
			       const struct object *object, char *buf)
{
	const char *name = observe_holder_name(
		observe_state.ledger, object,
		(enum record_holder)op->holder_kind, op->holder, op->file, buf);

	if (name)
		return name;
	return acting_now()->in_ioctl ? "the running ioctl" : "the caller";
}

static void tell_counter(const struct record_op *op,
			 const struct object *object,
			 enum iommufd_model_event_kind kind, const char *holder)
{
	char name[IOMMUFD_MODEL_NAME_LEN], buf[IOMMUFD_MODEL_NAME_LEN];
	struct iommufd_model_event told = {
		.kind = kind,
		.addr = object->addr,
		.object = observe_object_name(object, name),
		.counter = observe_counter_name(op->counter - 1u),
		.before = op->before,
		.after = op->after,
		.by_thread = op->holder_kind == RECORD_THREAD,
		.site = op->site,
	};

	if (!event_fn)
		return;
	told.holder = holder ? holder : holder_name(op, object, buf);
	event_fn(&told, event_data);
}

static void drop(struct record_op *op, const struct object *object)
{
	unsigned int counter = op->counter - 1u;
	struct acting *acting = acting_now();
	bool puts = (acting->puts == object->addr &&
		     acting->puts_left & 1u << counter) ||
		    observe_is_put(op->site);
	const struct reference *ref = observe_choose(
		acting, object->references[counter], puts, op);

	if (ref)
		observe_set_holder(op, ref);
	if (acting->puts == object->addr)
		acting->puts_left &= ~(1u << counter);
}

/* Store in @op the holder, other than the id table, that prevents a destroy. */
static void busy(struct record_op *op, const struct object *object)
{
	const struct reference *ref = object->references[op->counter - 1];
	char text[IOMMUFD_MODEL_NAME_LEN];

	while (ref && ref->kind == RECORD_TABLE)
		ref = ref->next;
	if (ref)
		observe_set_holder(op, ref);
	if (ref && ref->kind == RECORD_THREAD) {
		snprintf(text, sizeof(text), "a thread, in %.24s",
			 ref->site->func);
		tell_counter(op, object, IOMMUFD_MODEL_EVENT_BUSY, text);
	} else {
		tell_counter(op, object, IOMMUFD_MODEL_EVENT_BUSY, NULL);
	}
}

static void counter_op(const struct watched *w, struct record_op *op)
{
	const struct object *object =
		observe_ledger_find(observe_state.ledger, w->object);
	enum ledger_change change;

	if (!object)
		return;
	op->object = object->serial;
	op->counter = (unsigned char)(w->counter + 1);
	change = observe_ledger_change(op);
	if (change == LEDGER_NOTHING)
		return;
	if (change == LEDGER_SET)
		op->holder_kind = RECORD_TABLE;
	else
		observe_set_taker(observe_state.ledger, acting_now(), object,
				  op);
	if (change == LEDGER_DROP)
		drop(op, object);
	if (change == LEDGER_BUSY)
		busy(op, object);
	else if (change == LEDGER_REFUSED)
		tell_counter(op, object, IOMMUFD_MODEL_EVENT_REFUSED, NULL);
	else if (change != LEDGER_SET && op->after < op->before)
		tell_counter(op, object, IOMMUFD_MODEL_EVENT_DROP, NULL);
	else
		tell_counter(op, object, IOMMUFD_MODEL_EVENT_TAKE, NULL);
}

/* The functions below handle notes. */

static void watch(const refcount_t *counter, unsigned int object,
		  enum iommufd_model_counter which)
{
	/*
	 * If the counter cannot be watched, its references are missing from the
	 * ledger.
	 */
	if (!observe_counter_add(counter, object, which))
		observe_state.ledger->incomplete = true;
}

static void note_open(struct record_op *op)
{
	op->object = next_object++;
	op->label = "ctx";
	op->id = ++nr_contexts;
	watch(observe_ctx_references(op->addr), op->object,
	      IOMMUFD_MODEL_REFERENCES);
}

static void note_alloc(struct record_op *op)
{
	const void *obj = op->addr;
	const struct object *ctx = observe_ledger_at(
		observe_state.ledger, (const void *)(uintptr_t)op->before);

	op->object = next_object++;
	op->label = iommufd_model_type_name(observe_type(obj));
	op->id = observe_id(obj);
	op->holder_kind = RECORD_OBJECT;
	op->holder = ctx ? ctx->serial : 0;
	watch(observe_users(obj), op->object, IOMMUFD_MODEL_USERS);
	watch(observe_wait_cnt(obj), op->object, IOMMUFD_MODEL_WAIT_CNT);
	observe_push(acting_now(), obj, NULL, op->object);
}

/* Handle the note that an object or a context is about to be freed. */
static void note_gone(const struct record_op *op, bool is_ctx)
{
	if (is_ctx) {
		observe_counter_remove(observe_ctx_references(op->addr));
	} else {
		observe_counter_remove(observe_users(op->addr));
		observe_counter_remove(observe_wait_cnt(op->addr));
	}
	observe_pop(acting_now(), op->addr);
	released[nr_released++ % RELEASED] = op->addr;
}

static void tell_note(const struct record_op *op)
{
	const struct object *object =
		observe_ledger_find(observe_state.ledger, op->object);
	char name[IOMMUFD_MODEL_NAME_LEN];
	const struct iommufd_model_event told = {
		.kind = IOMMUFD_MODEL_EVENT_NOTE,
		.note = (int)op->arg,
		.param = op->before,
		.addr = op->addr,
		.object = object ? observe_object_name(object, name) : "?",
		.site = op->site,
	};

	if (event_fn && op->arg < IOMMUFD_MODEL_NOTE_THREAD)
		event_fn(&told, event_data);
}

static void note_before(struct record_op *op)
{
	const struct object *object =
		observe_ledger_at(observe_state.ledger, op->addr);
	struct acting *acting = acting_now();

	op->object = object ? object->serial : 0;
	switch (op->arg) {
	case IOMMUFD_MODEL_NOTE_OPEN:
		note_open(op);
		return;
	case IOMMUFD_MODEL_NOTE_ALLOC:
		note_alloc(op);
		return;
	case IOMMUFD_MODEL_NOTE_ABORT:
		/*
		 * While it is undone, as while it is destroyed, the object acts
		 * for itself.
		 */
		observe_pop(acting, op->addr);
		/* fallthrough */
	case IOMMUFD_MODEL_NOTE_DESTROY:
		observe_push(acting, op->addr, NULL, op->object);
		break;
	case IOMMUFD_MODEL_NOTE_FINALIZE:
	case IOMMUFD_MODEL_NOTE_ACT_END:
		observe_pop(acting, op->addr);
		break;
	case IOMMUFD_MODEL_NOTE_ACT:
		op->label = (const char *)op->before;
		op->before = 0;
		observe_push(acting, op->addr, op->label, op->object);
		break;
	case IOMMUFD_MODEL_NOTE_PUT:
		acting->puts = op->addr;
		acting->puts_left = 1u << IOMMUFD_MODEL_USERS |
				    1u << IOMMUFD_MODEL_WAIT_CNT;
		break;
	case IOMMUFD_MODEL_NOTE_IOCTL:
	case IOMMUFD_MODEL_NOTE_IOCTL_END:
		acting->in_ioctl = op->arg == IOMMUFD_MODEL_NOTE_IOCTL;
		break;
	}
}

static void note_op(struct record_op *op)
{
	bool is_new = op->arg == IOMMUFD_MODEL_NOTE_OPEN ||
		      op->arg == IOMMUFD_MODEL_NOTE_ALLOC;
	bool is_ctx = op->arg == IOMMUFD_MODEL_NOTE_RELEASED;

	note_before(op);
	if (!is_new)
		tell_note(op);
	if (is_ctx || op->arg == IOMMUFD_MODEL_NOTE_ABORTED ||
	    op->arg == IOMMUFD_MODEL_NOTE_DESTROYED)
		note_gone(op, is_ctx);
	observe_ledger_apply(observe_state.ledger, op);
	if (is_new)
		tell_note(op);
}

/* The functions below handle operations. */

/* Store in @op the allocation, and the object, that contains its address. */
static void place_op(struct record_op *op)
{
	const struct object *object;
	struct iommufd_model_allocation a;

	if (!op->addr || !iommufd_model_find_allocation(op->addr, &a))
		return;
	object = observe_ledger_at(observe_state.ledger, a.addr);
	if (object)
		op->object = object->serial;
	op->label = a.label;
	op->id = a.id;
}

/*
 * Return the counter that @op has changed.  By now another thread may have
 * freed its object, and another object may have its memory.
 */
static const struct watched *counter_of(const struct record_op *op)
{
	const struct watched *w = observe_counter_find(op->addr);
	struct acting *acting = acting_now();

	if (w && acting->about == op->addr && acting->object != w->object)
		w = NULL;
	acting->about = NULL;
	return w;
}

static bool is_counter(unsigned int kind)
{
	return kind <= IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE;
}

static void plain_op(struct record_op *op)
{
	const struct watched *w = is_counter(op->kind) ? counter_of(op) : NULL;
	enum ledger_change change;

	if (w) {
		counter_op(w, op);
	} else {
		change = observe_ledger_change(op);
		if (observe_state.record || change == LEDGER_LOCK)
			place_op(op);
	}
	observe_ledger_apply(observe_state.ledger, op);
}

/*
 * Return the entry of @op in the record; NULL if there is no record or no room
 * in it.
 */
static struct record_op *recorded(const struct iommufd_model_op *op)
{
	struct iommufd_model_record *record = observe_state.record;

	if (!record)
		return NULL;
	if (observe_state.explored)
		return record_last(record);
	return record_done(record, acting_now()->number, op);
}

static bool is_known(const struct iommufd_model_op *op)
{
	return op->kind != IOMMUFD_MODEL_OP_NOTE ||
	       (op->arg > 0 && op->arg < IOMMUFD_MODEL_NOTE_THREAD && op->addr);
}

static void hear_op(const struct iommufd_model_op *op)
{
	struct record_op *to = recorded(op), own;

	if (!is_known(op))
		return;
	if (!to) {
		memset(&own, 0, sizeof(own));
		record_fill(&own, op);
		own.thread = (unsigned short)acting_now()->number;
		own.done = true;
		to = &own;
	}
	if (op->kind == IOMMUFD_MODEL_OP_NOTE)
		note_op(to);
	else
		plain_op(to);
}

static void hear(struct iommufd_model_hook *hook,
		 const struct iommufd_model_op *op)
{
	(void)hook;
	pthread_mutex_lock(&observe_state.mutex);
	if (!observe_pins_note(observe_state.ledger, observe_state.record, op))
		hear_op(op);
	pthread_mutex_unlock(&observe_state.mutex);
}

/* Record what a thread is about to do; it may never do it. */
static void expect(struct iommufd_model_hook *hook,
		   const struct iommufd_model_op *op)
{
	const struct watched *w;
	struct acting *acting;

	(void)hook;
	pthread_mutex_lock(&observe_state.mutex);
	acting = acting_now();
	w = is_counter(op->kind) ? observe_counter_find(op->addr) : NULL;
	acting->about = op->addr;
	acting->object = w ? w->object : 0;
	if (observe_state.record && !observe_state.explored)
		record_next(observe_state.record, acting->number, op);
	pthread_mutex_unlock(&observe_state.mutex);
}

static struct iommufd_model_hook hook = { .step = expect, .event = hear };

/* The functions below start and stop the observer. */

static int begin(iommufd_model_event_fn fn, void *data)
{
	if (observe_state.ledger)
		return -EBUSY;
	observe_state.ledger = observe_ledger_create();
	if (!observe_state.ledger)
		return -ENOMEM;
	event_fn = fn;
	event_data = data;
	nr_contexts = 0;
	next_object = 1;
	observe_counters_clear();
	observe_forget_threads();
	return 0;
}

int iommufd_model_observe_start(iommufd_model_event_fn fn, void *data)
{
	int rc;

	pthread_mutex_lock(&observe_state.mutex);
	rc = begin(fn, data);
	pthread_mutex_unlock(&observe_state.mutex);
	if (!rc)
		iommufd_model_hook_add(&hook);
	return rc;
}

int iommufd_model_record_start(struct iommufd_model_record *record)
{
	int rc = 0;

	pthread_mutex_lock(&observe_state.mutex);
	observe_state.record = NULL;
	if (!observe_state.ledger)
		rc = -EINVAL;
	else if (record && observe_state.ledger->first)
		rc = -EBUSY;
	else if (record)
		record_reset(record);
	if (!rc)
		observe_state.record = record;
	pthread_mutex_unlock(&observe_state.mutex);
	return rc;
}

void iommufd_model_observe_stop(void)
{
	iommufd_model_hook_remove(&hook);
	pthread_mutex_lock(&observe_state.mutex);
	observe_counters_clear();
	observe_ledger_free(observe_state.ledger);
	observe_state.ledger = NULL;
	observe_state.record = NULL;
	observe_state.explored = false;
	nr_released = 0;
	pthread_mutex_unlock(&observe_state.mutex);
}

void iommufd_model_observe_execution(struct iommufd_model_record *record)
{
	iommufd_model_observe_stop();
	if (iommufd_model_observe_start(NULL, NULL))
		return;
	observe_state.explored = true;
	observe_state.record = record;
}

unsigned int iommufd_model_released(const void *addr)
{
	unsigned int i, oldest, found = 0;

	pthread_mutex_lock(&observe_state.mutex);
	oldest = nr_released > RELEASED ? nr_released - RELEASED : 0;
	for (i = nr_released; i > oldest && !found; i--)
		if (released[(i - 1) % RELEASED] == addr)
			found = i;
	pthread_mutex_unlock(&observe_state.mutex);
	return found;
}
