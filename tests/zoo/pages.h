/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A vIOMMU whose two pages can be mapped, for the entries about mmap.
 */
#ifndef TESTS_ZOO_PAGES_H
#define TESTS_ZOO_PAGES_H

#include "queue.h"
#include <sys/mman.h>

#define PAGES_LENGTH (2 * PAGE_SIZE)
#define NUMBER 4711u

/* Open a vIOMMU whose first page begins with NUMBER. */
UNUSED static void open_pages(void *unused)
{
	struct iommu_viommu_selftest data = { .in_data = NUMBER };

	(void)unused;
	open_parent();
	viommu = made(try_viommu(&data));
	iommufd_model_assert(data.out_mmap_offset == PAGE_SIZE);
}

/* Map the pages.  Returns their address, or an error pointer. */
UNUSED static u32 *map_pages(void)
{
	return iommufd_model_mmap(fd, PAGES_LENGTH, PROT_READ, MAP_SHARED,
				  PAGE_SIZE);
}

UNUSED static void unmap_pages(u32 *pages)
{
	iommufd_model_assert(!iommufd_model_munmap(pages, PAGES_LENGTH));
}

UNUSED static void destroy_viommu(void *unused)
{
	int rc = destroy(viommu);

	(void)unused;
	iommufd_model_assert(!rc || rc == -EBUSY);
}

#endif
