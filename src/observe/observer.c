// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The observer: a listener at the gate that makes an event of each operation,
 * for the books of the present, for a recording, and for a callback.
 *
 * Whose unit?  Each thread has a stack of frames: an object is pushed when it
 * is allocated, when its destroy begins, and when it acts for itself, and
 * popped when that ends.  A unit taken belongs to the innermost frame that is
 * not the counted object itself, or else to the thread.  A unit dropped is
 * looked for in the same way, see choose_unit().
 *
 * Counters are found by their address in a hash table, since an operation at
 * the gate says no more.  What else an address lies in is asked of the ground,
 * which walks all there is, and remembered until that memory is given back.
 *
 * The mutex guards everything here.  Memory is the C library's: the ground's
 * would be seen, counted, and made to fail.
 */
#include "observer.h"
#include <iommufd_model/explore.h>
#include <iommufd_model/kernel/slab.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FRAMES 32
#define LAST_THREAD USHRT_MAX	/* stands for all from there on */
#define COUNTER_BUCKETS (1u << 15)
#define PLACES (1u << 12)
#define RELEASED (1u << 16)

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

/* A counter that is watched, and whose it is. */
struct watched {
	struct watched *next;
	const refcount_t *addr;
	struct thing *thing;
	enum iommufd_model_counter counter;
};

/* What 8 bytes lie in, if it was asked. */
struct place {
	uintptr_t key;
	unsigned int thing, id;
	const char *name;
};

struct observer observe_state = { .mutex = PTHREAD_MUTEX_INITIALIZER };

static struct watched *watched[COUNTER_BUCKETS];
static struct place places[PLACES];
static const void *released[RELEASED];
static unsigned int nr_released;
static unsigned int nr_threads, nr_contexts, next_thing, next_unit;
static unsigned int generation;
static iommufd_model_event_fn event_fn;
static void *event_data;
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

static struct frames *frames(void)
{
	struct frames *f = own_frames();

	if (f->generation != generation) {
		f->generation = generation;
		f->number = nr_threads;
		nr_threads += nr_threads < LAST_THREAD;
		f->depth = 0;
		f->in_ioctl = false;
		f->about = NULL;
	}
	return f;
}

static void push(const void *addr, const char *file)
{
	struct frames *f = frames();
	const struct thing *thing = observe_books_at(observe_state.books, addr);

	if (f->depth == MAX_FRAMES)
		return;
	f->at[f->depth].addr = addr;
	f->at[f->depth].file = file;
	f->at[f->depth++].thing = thing ? thing->serial : 0;
}

/* Usually the innermost; objects may also be finished out of order. */
static void pop(const void *addr)
{
	struct frames *f = frames();
	unsigned int i = f->depth;

	while (i && f->at[i - 1].addr != addr)
		i--;
	if (!i)
		return;
	memmove(&f->at[i - 1], &f->at[i], (f->depth - i) * sizeof(f->at[0]));
	f->depth--;
}

/* Counters */

static struct watched **counter_bucket(const void *addr)
{
	return &watched[((uintptr_t)addr >> 2) % COUNTER_BUCKETS];
}

static struct watched *find_counter(const void *addr)
{
	struct watched *w = *counter_bucket(addr);

	while (w && w->addr != addr)
		w = w->next;
	return w;
}

static void watch(const refcount_t *addr, struct thing *thing,
		  enum iommufd_model_counter counter)
{
	struct watched **bucket = counter_bucket(addr);
	struct watched *w = malloc(sizeof(*w));

	/* Its units would go unseen. */
	if (!w) {
		observe_state.books->cut = true;
		return;
	}
	w->addr = addr;
	w->thing = thing;
	w->counter = counter;
	w->next = *bucket;
	*bucket = w;
}

static void unwatch(const refcount_t *addr)
{
	struct watched **pos = counter_bucket(addr), *w;

	while ((w = *pos) && w->addr != addr)
		pos = &w->next;
	if (!w)
		return;
	*pos = w->next;
	free(w);
}

/* Places */

static struct place *place_of(uintptr_t key)
{
	return &places[key % PLACES];
}

/* What was known of this memory no longer holds. */
static void forget_places(const void *addr, size_t size)
{
	uintptr_t key = (uintptr_t)addr >> 3, end = key + (size + 7) / 8;

	if (size / 8 > PLACES) {
		memset(places, 0, sizeof(places));
		return;
	}
	for (; key <= end; key++)
		if (place_of(key)->key == key)
			place_of(key)->key = 0;
}

static void ask_place(const void *addr, struct place *place)
{
	struct iommufd_model_allocation a;
	const struct thing *thing;

	place->thing = 0;
	place->id = 0;
	place->name = NULL;
	if (!iommufd_model_find_allocation(addr, &a))
		return;
	thing = observe_books_at(observe_state.books, a.addr);
	if (thing) {
		place->thing = thing->serial;
	} else if (a.label) {
		place->name = a.label;
		place->id = a.id;
	}
}

/* What @event->addr lies in. */
static void set_place(struct event *event)
{
	uintptr_t key = (uintptr_t)event->addr >> 3;
	struct place *place = place_of(key);

	if (!event->addr)
		return;
	if (place->key != key) {
		place->key = key;
		ask_place(event->addr, place);
	}
	event->thing = place->thing;
	event->name = place->name;
	event->id = place->id;
}

/* Holders */

static void set_holder(struct event *event, const struct unit *unit)
{
	event->holder_kind = unit->kind;
	event->holder = unit->holder;
	event->name = unit->file;
	if (unit->kind == BY_FILE)
		event->addr = unit->file_addr;
}

/* The holder a unit of @thing taken now on this thread belongs to. */
static void set_holder_now(const struct thing *thing, struct event *event)
{
	struct frames *f = frames();
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
static const struct unit *choose_unit(const struct unit *units,
				      enum iommufd_model_op_kind kind,
				      const struct event *now)
{
	const struct event thread = {
		.holder_kind = BY_THREAD, .holder = frames()->number,
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
	return frames()->in_ioctl ? "the running ioctl" : "the caller";
}

static void tell_counter(const struct event *event, const struct thing *thing,
			 enum iommufd_model_event_kind kind, const char *holder)
{
	static const char *const counters[] = {
		"users", "wait_cnt", "references",
	};
	char name[IOMMUFD_MODEL_NAME_LEN];
	const struct iommufd_model_event told = {
		.kind = kind,
		.addr = thing->addr,
		.object = observe_books_name(thing, name),
		.counter = counters[event->counter],
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
	set_holder_now(thing, event);
	finish_counter(event, thing, IOMMUFD_MODEL_EVENT_TAKE);
}

static void drop(struct event *event, struct thing *thing)
{
	const struct unit *unit;

	event->kind = EVENT_DROP;
	set_holder_now(thing, event);
	unit = choose_unit(thing->units[event->counter],
			   (enum iommufd_model_op_kind)event->op, event);
	if (unit) {
		event->unit = unit->serial;
		set_holder(event, unit);
	}
	finish_counter(event, thing, IOMMUFD_MODEL_EVENT_DROP);
}

/* Who, beside the id table, is in the way of a destroy? */
static void busy(struct event *event, struct thing *thing)
{
	const struct unit *unit = thing->units[event->counter];
	char text[IOMMUFD_MODEL_NAME_LEN];

	event->kind = EVENT_BUSY;
	set_holder_now(thing, event);
	while (unit && unit->kind == BY_TABLE)
		unit = unit->next;
	if (unit)
		set_holder(event, unit);
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
		set_holder_now(thing, event);
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
		set_holder_now(thing, event);
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
		watch(&ictx->file->f_count, thing, IOMMUFD_MODEL_REFERENCES);
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
	watch(&obj->users, thing, IOMMUFD_MODEL_USERS);
	watch(&obj->wait_cnt, thing, IOMMUFD_MODEL_WAIT_CNT);
	forget_places(obj, sizeof(*obj));
	push(obj, NULL);
}

/* @thing is about to be freed. */
static void note_gone(struct event *event, const struct thing *thing)
{
	const void *addr = thing ? thing->addr : event->addr;

	if (thing && thing->is_ctx) {
		unwatch(&((const struct iommufd_ctx *)addr)->file->f_count);
	} else if (thing) {
		unwatch(&((const struct iommufd_object *)addr)->users);
		unwatch(&((const struct iommufd_object *)addr)->wait_cnt);
	}
	pop(addr);
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
		pop(op->addr);
		push(op->addr, NULL);
		break;
	case IOMMUFD_MODEL_NOTE_FINALIZE:
	case IOMMUFD_MODEL_NOTE_ACT_END:
		pop(op->addr);
		break;
	case IOMMUFD_MODEL_NOTE_DESTROY:
		push(op->addr, NULL);
		break;
	case IOMMUFD_MODEL_NOTE_ACT:
		push(op->addr, (const char *)op->before);
		event->before = 0;
		event->name = (const char *)op->before;
		break;
	case IOMMUFD_MODEL_NOTE_IOCTL:
		frames()->in_ioctl = true;
		break;
	case IOMMUFD_MODEL_NOTE_IOCTL_END:
		frames()->in_ioctl = false;
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
		forget_places(memory, (size_t)op->arg);
	event->kind = (unsigned char)lock_event(op);
	if (observe_state.recording || event->kind != EVENT_NONE) {
		event->addr = memory;
		set_place(event);
		record(event);
	}
	/* One that is new gets its label later. */
	if (op->kind == IOMMUFD_MODEL_OP_ALLOC && memory)
		forget_places(memory, 1);
	if (op->kind == IOMMUFD_MODEL_OP_FREE)
		forget_places(memory, (size_t)op->arg);
}

static void fill_in(struct event *event, const struct iommufd_model_op *op)
{
	memset(event, 0, sizeof(*event));
	event->site = op->site;
	event->addr = op->addr;
	event->op = (unsigned char)op->kind;
	event->thread = (unsigned short)frames()->number;
	event->counter = IOMMUFD_MODEL_NR_COUNTERS;
	event->before = to_int(op->before);
	event->after = to_int(op->after);
	if (op->kind == IOMMUFD_MODEL_OP_NOTE ||
	    op->kind <= IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE)
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

static bool is_counter(const struct iommufd_model_op *op)
{
	return op->kind <= IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE;
}

/*
 * The counter that @op has changed.  Meanwhile its object may have been freed
 * by another thread, and its memory be another's.
 */
static const struct watched *counter_of(const struct iommufd_model_op *op)
{
	const struct watched *w = find_counter(op->addr);
	struct frames *f = frames();

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
	f = frames();
	w = is_counter(op) ? find_counter(op->addr) : NULL;
	f->about = op->addr;
	f->thing = w ? w->thing->serial : 0;
	if (observe_state.recording && f->number < RECORDED_THREADS) {
		fill_in(&event, op);
		if (w)
			event.thing = w->thing->serial;
		else
			set_place(&event);
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
	generation++;
	nr_threads = 0;
	nr_contexts = 0;
	next_thing = 1;
	next_unit = 1;
	memset(places, 0, sizeof(places));
	first_frames = &thread_frames;
	frames();
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
	struct watched *w;
	unsigned int i;

	iommufd_model_hook_remove(&hook);
	pthread_mutex_lock(&observe_state.mutex);
	for (i = 0; i < COUNTER_BUCKETS; i++) {
		while ((w = watched[i])) {
			watched[i] = w->next;
			free(w);
		}
	}
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
