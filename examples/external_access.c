// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A driver pins user memory through an access, and unpins it when asked to.
 *
 * The example shows that the driver's unmap callback must unpin every page that
 * the driver has pinned in the range; then user space can unmap the memory.
 * The access holds the IOAS that it is attached to, and the context.  Both
 * outlive the descriptor until the driver destroys the access.
 */
#include "account.h"
#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/model.h>

#define IOVA 0x10000

static char memory[PAGE_SIZE] __attribute__((aligned(4096)));

struct driver {
	struct iommufd_access *access;
	bool pinned;
	int unmaps;
};

static int driver_pin(struct driver *driver)
{
	struct page *page;
	int rc;

	rc = iommufd_access_pin_pages(driver->access, IOVA, PAGE_SIZE, &page,
				      IOMMUFD_ACCESS_RW_READ);
	driver->pinned = !rc;
	return rc;
}

static void driver_unmap(void *data, unsigned long iova, unsigned long length)
{
	struct driver *driver = data;

	driver->unmaps++;
	if (driver->pinned && iova <= IOVA && IOVA - iova < length) {
		iommufd_access_unpin_pages(driver->access, IOVA, PAGE_SIZE);
		driver->pinned = false;
	}
}

static const struct iommufd_access_ops driver_ops = {
	.needs_pin_pages = 1,
	.unmap = driver_unmap,
};

static u32 make_ioas(int fd)
{
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };
	struct iommu_ioas_map map = {
		.size = sizeof(map),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.user_va = (uintptr_t)memory,
		.length = sizeof(memory),
		.iova = IOVA,
	};

	result("user: make an IOAS",
	       iommufd_model_ioctl(fd, IOMMU_IOAS_ALLOC, &alloc), 0);
	map.ioas_id = alloc.out_ioas_id;
	result("user: map a page",
	       iommufd_model_ioctl(fd, IOMMU_IOAS_MAP, &map), 0);
	return alloc.out_ioas_id;
}

static int unmap(int fd, u32 ioas_id)
{
	struct iommu_ioas_unmap cmd = {
		.size = sizeof(cmd), .ioas_id = ioas_id, .iova = IOVA,
		.length = PAGE_SIZE,
	};

	return iommufd_model_ioctl(fd, IOMMU_IOAS_UNMAP, &cmd);
}

static void use_access(struct driver *driver, int fd, u32 ioas_id)
{
	struct iommu_destroy destroy = {
		.size = sizeof(destroy), .id = ioas_id,
	};
	char data[] = "from the driver";

	result("driver: pin while detached", driver_pin(driver), -ENOENT);
	result("driver: attach",
	       iommufd_access_attach(driver->access, ioas_id), 0);
	result("user: destroy the IOAS",
	       iommufd_model_ioctl(fd, IOMMU_DESTROY, &destroy), -EBUSY);
	result("driver: write",
	       iommufd_access_rw(driver->access, IOVA, data, sizeof(data),
				 IOMMUFD_ACCESS_RW_WRITE), 0);
	printf("user: reads \"%s\"\n", memory);
	result("driver: pin", driver_pin(driver), 0);
	number("pages pinned", iommufd_model_pinned(), 1);
	result("user: unmap", unmap(fd, ioas_id), 0);
	number("calls of the driver's unmap", driver->unmaps, 1);
	number("pages pinned", iommufd_model_pinned(), 0);
}

int main(void)
{
	struct driver driver = { .pinned = false };
	int fd = iommufd_model_open();
	struct iommufd_ctx *ictx;
	u32 ioas_id, id;

	if (fd < 0)
		return EXIT_FAILURE;
	ictx = iommufd_ctx_from_fd(fd);
	ioas_id = make_ioas(fd);
	driver.access = iommufd_access_create(ictx, &driver_ops, &driver, &id);
	/* The access has its own reference to the context. */
	iommufd_ctx_put(ictx);
	if (IS_ERR(driver.access)) {
		iommufd_model_close(fd);
		return EXIT_FAILURE;
	}
	use_access(&driver, fd, ioas_id);

	result("user: close", iommufd_model_close(fd), 0);
	number("is the context still there?",
	       iommufd_model_leaks(0, NULL, NULL) > 0, 1);
	iommufd_access_destroy(driver.access);
	number("driver: destroy; calls of its unmap", driver.unmaps, 2);
	number("allocations left", iommufd_model_leaks(0, NULL, NULL), 0);
	return account_end();
}
