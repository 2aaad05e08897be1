// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A hash table of the counters that are watched, by their addresses.
 */
#include "../kernel/no_state.h"
#include "counters.h"
#include <stdlib.h>

#define BUCKETS (1u << 15)

static struct watched *watched[BUCKETS];
NO_CHECKPOINT(watched);

static struct watched **bucket_of(const void *addr)
{
	return &watched[((uintptr_t)addr >> 2) % BUCKETS];
}

const struct watched *observe_counter_find(const void *addr)
{
	const struct watched *w = *bucket_of(addr);

	while (w && w->addr != addr)
		w = w->next;
	return w;
}

bool observe_counter_add(const refcount_t *addr, unsigned int object,
			 enum iommufd_model_counter counter)
{
	struct watched **bucket = bucket_of(addr);
	struct watched *w = malloc(sizeof(*w));

	if (!w)
		return false;
	w->addr = addr;
	w->object = object;
	w->counter = counter;
	w->next = *bucket;
	*bucket = w;
	return true;
}

void observe_counter_remove(const refcount_t *addr)
{
	struct watched **pos = bucket_of(addr), *w;

	while ((w = *pos) && w->addr != addr)
		pos = &w->next;
	if (!w)
		return;
	*pos = w->next;
	free(w);
}

void observe_counters_clear(void)
{
	struct watched *w;
	unsigned int i;

	for (i = 0; i < BUCKETS; i++) {
		while ((w = watched[i])) {
			watched[i] = w->next;
			free(w);
		}
	}
}
