// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The observer: a listener at the gate that makes an event of each operation,
 * for the books of the present, for a recording, and for a callback.
 *
 *	whose.c		whose a unit is
 *	address.c	what an address is
 *	books.c		what there is, and who holds it
 *
 * The mutex guards everything here, see observer.h.  Memory is the C library's:
 * the ground's would be seen, counted, and made to fail.
 */
#include "address.h"
#include "whose.h"
#include "write.h"
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define RELEASED (1u << 16)

struct observer observe_state = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static const void *released[RELEASED];
static unsigned int nr_released;
static unsigned int nr_contexts, next_thing, next_unit;
static iommufd_model_event_fn event_fn;
static void *event_data;

/* Events */

static const char *holder_name(const struct event *event,
			       const struct thing *counted, char *buf)
{
	const char *name = observe_books_holder(
		observe_state.books, counted,
		(enum holder_kind)event->holder_kind, event->holder,
		event->name, buf);

	if (name)
		return name;
	return observe_frames()->in_ioctl ? "the running ioctl" : "the caller";
}

static void tell_counter(const struct event *event, const struct thing *thing,
			 enum iommufd_model_event_kind kind, const char *holder)
{
	char name[IOMMUFD_MODEL_NAME_LEN];
	const struct iommufd_model_event told = {
		.kind = kind,
		.addr = thing->addr,
		.object = observe_books_name(thing, name),
		.counter = observe_graph_counter(
			(enum iommufd_model_counter)event->counter),
		.before = event->before,
		.after = event->after,
		.holder = holder,
		.by_thread = event->holder_kind == BY_THREAD,
		.site = event->site,
	};

	event_fn(&told, event_data);
}

/* It has happened: into the recording, and then into the books. */
static void record(const struct event *event)
{
	if (observe_state.recording)
		observe_recording_add(observe_state.recording, event);
	observe_books_apply(observe_state.books, event);
}

static void finish_counter(struct event *event, struct thing *thing,
			   enum iommufd_model_event_kind kind)
{
	char buf[IOMMUFD_MODEL_NAME_LEN];

	if (event_fn)
		tell_counter(event, thing, kind,
			     holder_name(event, thing, buf));
	record(event);
}

static void take(struct event *event, struct thing *thing)
{
	event->kind = EVENT_TAKE;
	event->unit = next_unit++;
	observe_set_holder_now(thing, event);
	finish_counter(event, thing, IOMMUFD_MODEL_EVENT_TAKE);
}

static void drop(struct event *event, struct thing *thing)
{
	const struct unit *unit;

	event->kind = EVENT_DROP;
	observe_set_holder_now(thing, event);
	unit = observe_choose_unit(thing->units[event->counter],
				   (enum iommufd_model_op_kind)event->op,
				   event);
	if (unit) {
		event->unit = unit->serial;
		observe_set_holder(event, unit);
	}
	finish_counter(event, thing, IOMMUFD_MODEL_EVENT_DROP);
}

/* Who, beside the id table, is in the way of a destroy? */
static void busy(struct event *event, struct thing *thing)
{
	const struct unit *unit = thing->units[event->counter];
	char text[IOMMUFD_MODEL_NAME_LEN];

	event->kind = EVENT_BUSY;
	observe_set_holder_now(thing, event);
	while (unit && unit->kind == BY_TABLE)
		unit = unit->next;
	if (unit)
		observe_set_holder(event, unit);
	if (event_fn && unit && unit->kind == BY_THREAD) {
		snprintf(text, sizeof(text), "a thread, in %.24s",
			 unit->site->func);
		tell_counter(event, thing, IOMMUFD_MODEL_EVENT_BUSY, text);
		record(event);
		return;
	}
	finish_counter(event, thing, IOMMUFD_MODEL_EVENT_BUSY);
}

static int to_int(long value)
{
	if (value > INT_MAX)
		return INT_MAX;
	return value < INT_MIN ? INT_MIN : (int)value;
}

/* An event a unit; or one for so many that they are not told apart. */
static void change(struct event *event, struct thing *thing,
		   const struct iommufd_model_op *op)
{
	bool more = op->after > op->before;
	long n = op->before;

	if (labs(op->after - op->before) > MAX_UNITS_AT_ONCE) {
		event->kind = EVENT_LEAP;
		observe_set_holder_now(thing, event);
		finish_counter(event, thing, more ? IOMMUFD_MODEL_EVENT_TAKE :
						    IOMMUFD_MODEL_EVENT_DROP);
		return;
	}
	while (n != op->after) {
		event->addr = op->addr;
		event->before = to_int(n);
		n += more ? 1 : -1;
		event->after = to_int(n);
		(more ? take : drop)(event, thing);
	}
}

static void set(struct event *event, struct thing *thing)
{
	int n = event->after < 0 ? 0 : event->after;

	event->kind = EVENT_SET;
	event->unit = next_unit;
	next_unit += (unsigned int)(n > MAX_UNITS_AT_ONCE ? MAX_UNITS_AT_ONCE :
							    n);
	finish_counter(event, thing, IOMMUFD_MODEL_EVENT_TAKE);
}

static void counter_event(const struct watched *w, struct event *event,
			  const struct iommufd_model_op *op)
{
	struct thing *thing = w->thing;

	event->thing = thing->serial;
	event->counter = (unsigned char)w->counter;
	if (op->kind == IOMMUFD_MODEL_OP_REFCOUNT_READ) {
		record(event);
	} else if (op->kind == IOMMUFD_MODEL_OP_REFCOUNT_SET) {
		set(event, thing);
	} else if (op->after != op->before) {
		change(event, thing, op);
	} else if (op->before) {
		busy(event, thing);
	} else {
		event->kind = EVENT_REFUSED;
		observe_set_holder_now(thing, event);
		finish_counter(event, thing, IOMMUFD_MODEL_EVENT_REFUSED);
	}
}

/* Notes */

static void log_released(const void *addr)
{
	released[nr_released++ % RELEASED] = addr;
}

static void note_open(struct event *event, const struct iommufd_ctx *ictx)
{
	struct thing *thing;

	event->thing = next_thing++;
	event->before = 0;
	event->name = "ctx";
	event->holder = ++nr_contexts;
	event->unit = next_unit++;
	record(event);
	thing = observe_books_at(observe_state.books, ictx);
	if (thing)
		observe_watch(&ictx->file->f_count, thing,
			      IOMMUFD_MODEL_REFERENCES);
}

static void note_alloc(struct event *event, const struct iommufd_object *obj,
		       const void *ictx)
{
	const struct thing *ctx = observe_books_at(observe_state.books, ictx);
	struct thing *thing;

	event->thing = next_thing++;
	event->name = iommufd_model_type_name(obj->type);
	event->holder = obj->id;
	event->before = ctx ? (int)ctx->serial : 0;
	event->unit = next_unit;
	next_unit += 2;
	record(event);
	thing = observe_books_at(observe_state.books, obj);
	if (!thing)
		return;
	observe_watch(&obj->users, thing, IOMMUFD_MODEL_USERS);
	observe_watch(&obj->wait_cnt, thing, IOMMUFD_MODEL_WAIT_CNT);
	observe_forget_places(obj, sizeof(*obj));
	observe_push(obj, NULL);
}

/* @thing is about to be freed. */
static void note_gone(struct event *event, const struct thing *thing)
{
	const void *addr = thing ? thing->addr : event->addr;

	if (thing && thing->is_ctx) {
		observe_unwatch(
			&((const struct iommufd_ctx *)addr)->file->f_count);
	} else if (thing) {
		observe_unwatch(&((const struct iommufd_object *)addr)->users);
		observe_unwatch(
			&((const struct iommufd_object *)addr)->wait_cnt);
	}
	observe_pop(addr);
	log_released(addr);
	record(event);
}

static void note_thread(const struct event *event)
{
	struct recorded_thread *thread;

	if (!observe_state.recording || event->thread >= RECORDED_THREADS)
		return;
	thread = &observe_state.recording->shared->threads[event->thread];
	thread->ended = event->op == IOMMUFD_MODEL_NOTE_THREAD_END;
	if (thread->ended)
		return;
	thread->name_given = true;
	snprintf(thread->name, sizeof(thread->name), "%s",
		 event->addr ? (const char *)event->addr : "");
	thread->number = event->before;
}

static void note_text(struct event *event)
{
	if (!observe_state.recording)
		return;
	event->name = event->addr ?
			      observe_recording_text(observe_state.recording,
						     event->addr) :
			      NULL;
	event->addr = NULL;
	record(event);
}

static void tell_note(const struct iommufd_model_op *op,
		      const struct thing *thing)
{
	char name[IOMMUFD_MODEL_NAME_LEN];
	const struct iommufd_model_event told = {
		.kind = IOMMUFD_MODEL_EVENT_NOTE,
		.note = (int)op->arg,
		.param = op->before,
		.addr = op->addr,
		.object = thing ? observe_books_name(thing, name) : "?",
		.site = op->site,
	};

	if (event_fn && op->arg < IOMMUFD_MODEL_NOTE_THREAD)
		event_fn(&told, event_data);
}

static void note_event(struct event *event, const struct iommufd_model_op *op)
{
	const struct thing *thing;

	/* Others have notes of their own. */
	if (op->arg <= 0 || op->arg > IOMMUFD_MODEL_NOTE_THREAD_END ||
	    (op->arg < IOMMUFD_MODEL_NOTE_THREAD && !op->addr))
		return;
	thing = observe_books_at(observe_state.books, op->addr);
	event->kind = EVENT_NOTE;
	event->op = (unsigned char)op->arg;
	event->thing = thing ? thing->serial : 0;
	switch (op->arg) {
	case IOMMUFD_MODEL_NOTE_OPEN:
		note_open(event, op->addr);
		tell_note(op, observe_books_at(observe_state.books, op->addr));
		return;
	case IOMMUFD_MODEL_NOTE_ALLOC:
		note_alloc(event, op->addr, (const void *)op->before);
		tell_note(op, observe_books_at(observe_state.books, op->addr));
		return;
	case IOMMUFD_MODEL_NOTE_THREAD:
	case IOMMUFD_MODEL_NOTE_THREAD_END:
		note_thread(event);
		return;
	case IOMMUFD_MODEL_NOTE_STEP:
	case IOMMUFD_MODEL_NOTE_STEP_END:
		note_text(event);
		return;
	case IOMMUFD_MODEL_NOTE_ABORT:
		/* An undo is the object's own work, like a destroy. */
		observe_pop(op->addr);
		observe_push(op->addr, NULL);
		break;
	case IOMMUFD_MODEL_NOTE_FINALIZE:
	case IOMMUFD_MODEL_NOTE_ACT_END:
		observe_pop(op->addr);
		break;
	case IOMMUFD_MODEL_NOTE_DESTROY:
		observe_push(op->addr, NULL);
		break;
	case IOMMUFD_MODEL_NOTE_ACT:
		observe_push(op->addr, (const char *)op->before);
		event->before = 0;
		event->name = (const char *)op->before;
		break;
	case IOMMUFD_MODEL_NOTE_IOCTL:
		observe_frames()->in_ioctl = true;
		break;
	case IOMMUFD_MODEL_NOTE_IOCTL_END:
		observe_frames()->in_ioctl = false;
		break;
	}
	tell_note(op, thing);
	if (op->arg == IOMMUFD_MODEL_NOTE_ABORTED ||
	    op->arg == IOMMUFD_MODEL_NOTE_DESTROYED ||
	    op->arg == IOMMUFD_MODEL_NOTE_RELEASED)
		note_gone(event, thing);
	else
		record(event);
}

/* Operations */

static enum event_kind lock_event(const struct iommufd_model_op *op)
{
	switch (op->kind) {
	case IOMMUFD_MODEL_OP_MUTEX_TRYLOCK:
	case IOMMUFD_MODEL_OP_RWSEM_TRY_READ:
	case IOMMUFD_MODEL_OP_RWSEM_TRY_WRITE:
		return op->after ? EVENT_LOCK : EVENT_NONE;
	case IOMMUFD_MODEL_OP_MUTEX_LOCK:
	case IOMMUFD_MODEL_OP_RWSEM_DOWN_READ:
	case IOMMUFD_MODEL_OP_RWSEM_DOWN_WRITE:
	case IOMMUFD_MODEL_OP_SPIN_LOCK:
		return EVENT_LOCK;
	case IOMMUFD_MODEL_OP_MUTEX_UNLOCK:
	case IOMMUFD_MODEL_OP_RWSEM_UP_READ:
	case IOMMUFD_MODEL_OP_RWSEM_UP_WRITE:
	case IOMMUFD_MODEL_OP_SPIN_UNLOCK:
		return EVENT_UNLOCK;
	default:
		return EVENT_NONE;
	}
}

static void other_event(struct event *event, const struct iommufd_model_op *op)
{
	const void *memory = op->kind == IOMMUFD_MODEL_OP_ALLOC ?
			(const void *)op->after : op->addr;

	if (op->kind == IOMMUFD_MODEL_OP_ALLOC && memory)
		observe_forget_places(memory, (size_t)op->arg);
	event->kind = (unsigned char)lock_event(op);
	if (observe_state.recording || event->kind != EVENT_NONE) {
		event->addr = memory;
		observe_set_place(event);
		record(event);
	}
	/* One that is new gets its label later. */
	if (op->kind == IOMMUFD_MODEL_OP_ALLOC && memory)
		observe_forget_places(memory, 1);
	if (op->kind == IOMMUFD_MODEL_OP_FREE)
		observe_forget_places(memory, (size_t)op->arg);
}

static bool is_counter(const struct iommufd_model_op *op)
{
	return op->kind <= IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE;
}

static void fill_in(struct event *event, const struct iommufd_model_op *op)
{
	memset(event, 0, sizeof(*event));
	event->site = op->site;
	event->addr = op->addr;
	event->op = (unsigned char)op->kind;
	event->thread = (unsigned short)observe_frames()->number;
	event->counter = IOMMUFD_MODEL_NR_COUNTERS;
	event->before = to_int(op->before);
	event->after = to_int(op->after);
	if (op->kind == IOMMUFD_MODEL_OP_NOTE || is_counter(op))
		return;
	event->before = to_int(op->arg);
	if (op->kind == IOMMUFD_MODEL_OP_ALLOC ||
	    op->kind == IOMMUFD_MODEL_OP_FD_READ)
		event->after = op->after != 0;
}

static void forget_pending(unsigned int thread)
{
	if (observe_state.recording && thread < RECORDED_THREADS)
		observe_state.recording->shared->threads[thread].next.site =
			NULL;
}

/*
 * The counter that @op has changed.  Meanwhile its object may have been freed
 * by another thread, and its memory be another's.
 */
static const struct watched *counter_of(const struct iommufd_model_op *op)
{
	const struct watched *w = observe_find_counter(op->addr);
	struct frames *f = observe_frames();

	if (w && f->about == op->addr && f->thing != w->thing->serial)
		w = NULL;
	f->about = NULL;
	return w;
}

static void hear(struct iommufd_model_hook *hook,
		 const struct iommufd_model_op *op)
{
	const struct watched *w;
	struct event event;

	(void)hook;
	pthread_mutex_lock(&observe_state.mutex);
	fill_in(&event, op);
	if (op->kind == IOMMUFD_MODEL_OP_NOTE) {
		note_event(&event, op);
	} else {
		forget_pending(event.thread);
		w = is_counter(op) ? counter_of(op) : NULL;
		if (w)
			counter_event(w, &event, op);
		else
			other_event(&event, op);
	}
	pthread_mutex_unlock(&observe_state.mutex);
}

/* What a thread is about to do: it may never come to it. */
static void expect(struct iommufd_model_hook *hook,
		   const struct iommufd_model_op *op)
{
	const struct watched *w;
	struct event event;
	struct frames *f;

	(void)hook;
	pthread_mutex_lock(&observe_state.mutex);
	f = observe_frames();
	w = is_counter(op) ? observe_find_counter(op->addr) : NULL;
	f->about = op->addr;
	f->thing = w ? w->thing->serial : 0;
	if (observe_state.recording && f->number < RECORDED_THREADS) {
		fill_in(&event, op);
		if (w)
			event.thing = w->thing->serial;
		else
			observe_set_place(&event);
		observe_state.recording->shared->threads[f->number].next =
			event;
	}
	pthread_mutex_unlock(&observe_state.mutex);
}

static struct iommufd_model_hook hook = { .step = expect, .event = hear };

/* Starting and stopping */

static int begin(iommufd_model_event_fn fn, void *data)
{
	if (observe_state.books)
		return -EBUSY;
	observe_state.books = observe_books_create();
	if (!observe_state.books)
		return -ENOMEM;
	event_fn = fn;
	event_data = data;
	nr_contexts = 0;
	next_thing = 1;
	next_unit = 1;
	observe_forget_addresses();
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

int iommufd_model_record(struct iommufd_model_recording *recording)
{
	int rc = 0;

	pthread_mutex_lock(&observe_state.mutex);
	observe_state.recording = NULL;
	if (!observe_state.books)
		rc = -EINVAL;
	else if (recording)
		rc = observe_recording_begin(recording, observe_state.books);
	if (!rc)
		observe_state.recording = recording;
	pthread_mutex_unlock(&observe_state.mutex);
	return rc;
}

void iommufd_model_observe_stop(void)
{
	iommufd_model_hook_remove(&hook);
	pthread_mutex_lock(&observe_state.mutex);
	observe_forget_addresses();
	observe_books_free(observe_state.books);
	observe_state.books = NULL;
	observe_state.recording = NULL;
	observe_state.explored = false;
	nr_released = 0;
	pthread_mutex_unlock(&observe_state.mutex);
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
