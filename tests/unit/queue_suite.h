/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the tests of HW_QUEUE share.
 */
#ifndef QUEUE_SUITE_H
#define QUEUE_SUITE_H

#include "own_driver.h"
#include "../../src/iommufd/io_pagetable.h"

#define SELFTEST IOMMU_HW_QUEUE_TYPE_SELFTEST

/* How many locks does the area of the queues' memory have? */
static inline unsigned int area_locks(struct graph *g)
{
	struct iommufd_ioas *ioas = container_of(obj_of(g, g->ioas),
						 struct iommufd_ioas, obj);

	return iopt_find_area(&ioas->iopt, GRAPH_IOVA)->num_locks;
}

static inline int unmap_all(struct graph *g)
{
	return try_unmap(g, g->ioas, GRAPH_IOVA, sizeof(graph_mem));
}

#endif
