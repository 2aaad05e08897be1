// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The books and how an event changes them.  See books.h.
 *
 * An event about a thing that is not in the books changes nothing: a recording
 * whose beginning is lost may well have some.
 */
#include "books.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned int addr_bucket(const void *addr)
{
	return (unsigned int)((uintptr_t)addr >> 4) % BOOKS_BUCKETS;
}

struct books *observe_books_create(void)
{
	return calloc(1, sizeof(struct books));
}

/* Units */

static struct unit *get_unit(struct books *books)
{
	struct unit *unit = books->spare;

	if (unit)
		books->spare = unit->next;
	else
		unit = malloc(sizeof(*unit));
	if (!unit)
		books->cut = true;
	return unit;
}

static void put_unit(struct books *books, struct unit *unit)
{
	unit->next = books->spare;
	books->spare = unit;
}

static void clear_units(struct books *books, struct unit **units)
{
	struct unit *unit;

	while ((unit = *units)) {
		*units = unit->next;
		put_unit(books, unit);
	}
}

static void add_unit(struct books *books, struct unit **units,
		     const struct event *event, enum holder_kind kind,
		     unsigned int serial)
{
	struct unit *unit = get_unit(books);

	if (!unit)
		return;
	unit->serial = serial;
	unit->kind = kind;
	unit->holder = event->holder;
	unit->file = event->name;
	unit->file_addr = event->addr;
	unit->site = event->site;
	unit->next = *units;
	*units = unit;
}

static void drop_unit(struct books *books, struct unit **units,
		      unsigned int serial)
{
	struct unit *unit;

	while ((unit = *units) && unit->serial != serial)
		units = &unit->next;
	if (!unit)
		return;
	*units = unit->next;
	put_unit(books, unit);
}

/* Things */

struct thing *observe_books_find(const struct books *books, unsigned int serial)
{
	struct thing *thing = books->by_serial[serial % BOOKS_BUCKETS];

	while (thing && thing->serial != serial)
		thing = thing->same_serial;
	return thing;
}

struct thing *observe_books_at(const struct books *books, const void *addr)
{
	struct thing *thing = books->by_addr[addr_bucket(addr)];

	while (thing && thing->addr != addr)
		thing = thing->same_addr;
	return thing;
}

const char *observe_books_name(const struct thing *thing, char *buf)
{
	if (thing->is_ctx && thing->id == 1)
		snprintf(buf, IOMMUFD_MODEL_NAME_LEN, "%s", thing->type);
	else
		snprintf(buf, IOMMUFD_MODEL_NAME_LEN, "%.24s %u", thing->type,
			 thing->id);
	return buf;
}

const char *observe_books_holder(const struct books *books,
				 const struct thing *counted,
				 enum holder_kind kind, unsigned int holder,
				 const char *file, char *buf)
{
	const struct thing *thing;

	switch (kind) {
	case BY_TABLE:
		return counted && counted->is_ctx ? "the descriptor" :
						    "the id table";
	case BY_FILE:
		return file;
	case BY_THING:
		thing = observe_books_find(books, holder);
		return thing ? observe_books_name(thing, buf) :
			       "an object that is gone";
	case BY_THREAD:
		return NULL;
	}
	return NULL;
}

static void link_thing(struct books *books, struct thing *thing)
{
	struct thing **bucket;

	thing->next = NULL;
	thing->prev = books->last;
	*(books->last ? &books->last->next : &books->first) = thing;
	books->last = thing;
	bucket = &books->by_serial[thing->serial % BOOKS_BUCKETS];
	thing->same_serial = *bucket;
	*bucket = thing;
	bucket = &books->by_addr[addr_bucket(thing->addr)];
	thing->same_addr = *bucket;
	*bucket = thing;
}

static void add_thing(struct books *books, const struct event *event,
		      bool is_ctx)
{
	struct thing *thing = calloc(1, sizeof(*thing));

	if (!thing) {
		books->cut = true;
		return;
	}
	thing->serial = event->thing;
	thing->ctx = is_ctx ? event->thing : (unsigned int)event->before;
	thing->id = event->holder;
	thing->type = event->name;
	thing->addr = event->addr;
	thing->is_ctx = is_ctx;
	thing->state = is_ctx ? IOMMUFD_MODEL_NODE_PUBLISHED :
				IOMMUFD_MODEL_NODE_RESERVED;
	if (is_ctx) {
		thing->value[IOMMUFD_MODEL_REFERENCES] = 1;
		add_unit(books, &thing->units[IOMMUFD_MODEL_REFERENCES], event,
			 BY_TABLE, event->unit);
	} else {
		thing->value[IOMMUFD_MODEL_USERS] = 1;
		thing->value[IOMMUFD_MODEL_WAIT_CNT] = 1;
		add_unit(books, &thing->units[IOMMUFD_MODEL_USERS], event,
			 BY_TABLE, event->unit);
		add_unit(books, &thing->units[IOMMUFD_MODEL_WAIT_CNT], event,
			 BY_TABLE, event->unit + 1);
	}
	link_thing(books, thing);
}

static void remove_thing(struct books *books, struct thing *thing)
{
	struct thing **pos;
	int i;

	pos = &books->by_serial[thing->serial % BOOKS_BUCKETS];
	while (*pos != thing)
		pos = &(*pos)->same_serial;
	*pos = thing->same_serial;
	pos = &books->by_addr[addr_bucket(thing->addr)];
	while (*pos != thing)
		pos = &(*pos)->same_addr;
	*pos = thing->same_addr;
	*(thing->prev ? &thing->prev->next : &books->first) = thing->next;
	*(thing->next ? &thing->next->prev : &books->last) = thing->prev;
	for (i = 0; i < IOMMUFD_MODEL_NR_COUNTERS; i++)
		clear_units(books, &thing->units[i]);
	free(thing);
}

/* Locks */

static void add_held(struct books *books, const struct event *event)
{
	struct held *held = malloc(sizeof(*held));

	if (!held) {
		books->cut = true;
		return;
	}
	held->addr = event->addr;
	held->site = event->site;
	held->name = event->name;
	held->thing = event->thing;
	held->id = event->id;
	held->thread = event->thread;
	held->read = event->op == IOMMUFD_MODEL_OP_RWSEM_DOWN_READ ||
		     event->op == IOMMUFD_MODEL_OP_RWSEM_TRY_READ;
	held->next = books->held;
	books->held = held;
}

static void remove_held(struct books *books, const struct event *event)
{
	struct held **pos = &books->held, *held;

	while ((held = *pos) && (held->addr != event->addr ||
				 held->thread != event->thread))
		pos = &held->next;
	if (!held)
		return;
	*pos = held->next;
	free(held);
}

/* Events */

static void apply_note(struct books *books, const struct event *event)
{
	struct thing *thing = observe_books_find(books, event->thing);

	switch (event->op) {
	case IOMMUFD_MODEL_NOTE_OPEN:
	case IOMMUFD_MODEL_NOTE_ALLOC:
		if (event->thing && !thing)
			add_thing(books, event,
				  event->op == IOMMUFD_MODEL_NOTE_OPEN);
		return;
	}
	if (!thing)
		return;
	switch (event->op) {
	case IOMMUFD_MODEL_NOTE_FINALIZE:
		thing->state = IOMMUFD_MODEL_NODE_PUBLISHED;
		break;
	case IOMMUFD_MODEL_NOTE_ABORT:
	case IOMMUFD_MODEL_NOTE_DESTROY:
	case IOMMUFD_MODEL_NOTE_RELEASE:
		thing->state = IOMMUFD_MODEL_NODE_DYING;
		break;
	case IOMMUFD_MODEL_NOTE_ABORTED:
	case IOMMUFD_MODEL_NOTE_DESTROYED:
	case IOMMUFD_MODEL_NOTE_RELEASED:
		remove_thing(books, thing);
		break;
	}
}

/*
 * Threads of the system may be heard in another order than they changed the
 * counter in; only the sum is the same.  A counter that was misused stands where
 * the arithmetic does not lead.
 */
static void set_value(long *value, const struct event *event)
{
	if (event->kind == EVENT_SET || event->before < 0 || event->after < 0)
		*value = event->after;
	else
		*value += event->after - event->before;
}

static void apply_counter(struct books *books, const struct event *event)
{
	struct thing *thing = observe_books_find(books, event->thing);
	struct unit **units;
	int i;

	if (!thing)
		return;
	units = &thing->units[event->counter];
	set_value(&thing->value[event->counter], event);
	switch (event->kind) {
	case EVENT_TAKE:
		add_unit(books, units, event,
			 (enum holder_kind)event->holder_kind, event->unit);
		break;
	case EVENT_DROP:
		drop_unit(books, units, event->unit);
		break;
	case EVENT_SET:
		clear_units(books, units);
		for (i = 0; i < event->after && i < MAX_UNITS_AT_ONCE; i++)
			add_unit(books, units, event, BY_TABLE,
				 event->unit + (unsigned int)i);
		break;
	}
}

void observe_books_apply(struct books *books, const struct event *event)
{
	switch (event->kind) {
	case EVENT_NOTE:
		apply_note(books, event);
		break;
	case EVENT_TAKE:
	case EVENT_DROP:
	case EVENT_SET:
	case EVENT_LEAP:
		apply_counter(books, event);
		break;
	case EVENT_LOCK:
		add_held(books, event);
		break;
	case EVENT_UNLOCK:
		remove_held(books, event);
		break;
	}
}

void observe_books_free(struct books *books)
{
	struct unit *unit;
	struct held *held;

	if (!books)
		return;
	while (books->first)
		remove_thing(books, books->first);
	while ((unit = books->spare)) {
		books->spare = unit->next;
		free(unit);
	}
	while ((held = books->held)) {
		books->held = held->next;
		free(held);
	}
	free(books);
}

/* In the same order. */
static bool copy_units(struct books *books, struct unit **to,
		       const struct unit *from)
{
	*to = NULL;
	for (; from; from = from->next, to = &(*to)->next) {
		*to = get_unit(books);
		if (!*to)
			return false;
		**to = *from;
		(*to)->next = NULL;
	}
	return true;
}

static bool copy_thing(struct books *books, const struct thing *from)
{
	struct thing *thing = malloc(sizeof(*thing));
	bool good = true;
	int i;

	if (!thing)
		return false;
	*thing = *from;
	for (i = 0; i < IOMMUFD_MODEL_NR_COUNTERS; i++)
		good &= copy_units(books, &thing->units[i], from->units[i]);
	link_thing(books, thing);
	return good;
}

static bool copy_held(struct books *books, const struct held *from)
{
	struct held **to = &books->held;

	for (; from; from = from->next, to = &(*to)->next) {
		*to = malloc(sizeof(**to));
		if (!*to)
			return false;
		**to = *from;
		(*to)->next = NULL;
	}
	return true;
}

struct books *observe_books_copy(const struct books *from)
{
	struct books *books = observe_books_create();
	const struct thing *thing;
	bool good = books;

	if (books)
		books->cut = from->cut;
	for (thing = from->first; good && thing; thing = thing->next)
		good = copy_thing(books, thing);
	if (good && copy_held(books, from->held))
		return books;
	observe_books_free(books);
	return NULL;
}
