// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What an address is.
 *
 * Counters are found by their address in a hash table, since an operation at
 * the gate says no more.  What else an address lies in is asked of the ground,
 * which walks all there is, and remembered until that memory is given back.
 */
#include "address.h"
#include <iommufd_model/kernel/slab.h>
#include <stdlib.h>
#include <string.h>

#define COUNTER_BUCKETS (1u << 15)
#define PLACES (1u << 12)

/* What 8 bytes lie in, if it was asked. */
struct place {
	uintptr_t key;
	unsigned int thing, id;
	const char *name;
};

static struct watched *watched[COUNTER_BUCKETS];
static struct place places[PLACES];

/* Counters */

static struct watched **counter_bucket(const void *addr)
{
	return &watched[((uintptr_t)addr >> 2) % COUNTER_BUCKETS];
}

struct watched *observe_find_counter(const void *addr)
{
	struct watched *w = *counter_bucket(addr);

	while (w && w->addr != addr)
		w = w->next;
	return w;
}

void observe_watch(const refcount_t *addr, struct thing *thing,
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

void observe_unwatch(const refcount_t *addr)
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
void observe_forget_places(const void *addr, size_t size)
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
void observe_set_place(struct event *event)
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

void observe_forget_addresses(void)
{
	struct watched *w;
	unsigned int i;

	for (i = 0; i < COUNTER_BUCKETS; i++) {
		while ((w = watched[i])) {
			watched[i] = w->next;
			free(w);
		}
	}
	memset(places, 0, sizeof(places));
}
