// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "queue_suite.h"
#include "../../src/iommufd/io_pagetable.h"

unsigned int area_locks(struct guest *g)
{
	struct iommufd_ioas *ioas =
		container_of(obj_of(g, g->ioas), struct iommufd_ioas, obj);

	return iopt_find_area(&ioas->iopt, GUEST_IOVA)->num_locks;
}

int unmap_queue_memory(struct guest *g)
{
	return try_unmap(g, g->ioas, GUEST_IOVA, sizeof(guest_mem));
}
