/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What an address is: a counter that is watched, or a place in something.
 */
#ifndef ADDRESS_H
#define ADDRESS_H

#include "observer.h"

/* A counter that is watched, and whose it is. */
struct watched {
	struct watched *next;
	const refcount_t *addr;
	struct thing *thing;
	enum iommufd_model_counter counter;
};

struct watched *observe_find_counter(const void *addr);
void observe_watch(const refcount_t *addr, struct thing *thing,
		   enum iommufd_model_counter counter);
void observe_unwatch(const refcount_t *addr);

/* What @event->addr lies in, into @event. */
void observe_set_place(struct event *event);
/* What was known of this memory no longer holds. */
void observe_forget_places(const void *addr, size_t size);

/* All of it. */
void observe_forget_addresses(void);

#endif
