/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Finds the watched counter at an address, because an operation at the gate has
 * only the address.
 */
#ifndef COUNTERS_H
#define COUNTERS_H

#include <iommufd_model/graph.h>
#include <iommufd_model/kernel/refcount.h>

/*
 * A counter that is watched, and the serial of the object to which it belongs.
 */
struct watched {
	struct watched *next;
	const refcount_t *addr;
	unsigned int object;
	enum iommufd_model_counter counter;
};

const struct watched *observe_counter_find(const void *addr);
/* Watches the counter at @addr.  Returns false if memory is short. */
bool observe_counter_add(const refcount_t *addr, unsigned int object,
			 enum iommufd_model_counter counter);
void observe_counter_remove(const refcount_t *addr);
void observe_counters_clear(void);

#endif
