/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Which counter lies at an address: an operation at the gate says no more.
 */
#ifndef COUNTERS_H
#define COUNTERS_H

#include <iommufd_model/graph.h>
#include <iommufd_model/kernel/refcount.h>

/* A counter that is watched, and the serial of the object it belongs to. */
struct watched {
	struct watched *next;
	const refcount_t *addr;
	unsigned int object;
	enum iommufd_model_counter counter;
};

const struct watched *observe_counter_find(const void *addr);
/* Watch the counter at @addr.  Returns false without memory. */
bool observe_counter_add(const refcount_t *addr, unsigned int object,
			 enum iommufd_model_counter counter);
void observe_counter_remove(const refcount_t *addr);
void observe_counters_clear(void);

#endif
