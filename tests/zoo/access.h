/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the entries about accesses and address spaces share: one context, calls
 * of its uAPI, and a driver that pins one page and gives it up when told.
 */
#ifndef ZOO_ACCESS_H
#define ZOO_ACCESS_H

#include "zoo.h"
#include <iommufd_model/iommufd_test.h>

#define IOVA MOCK_APERTURE_START

static int fd;
static struct iommufd_ctx *ictx;
static char memory[PAGE_SIZE] __attribute__((aligned(4096), unused));

/* @cmd points to a struct of the uAPI; its size is filled in. */
#define uapi(request, cmd)						\
	((cmd)->size = sizeof(*(cmd)), iommufd_model_ioctl(fd, request, cmd))

static inline void open_ctx(void)
{
	fd = iommufd_model_open();
	ictx = iommufd_ctx_from_fd(fd);
	iommufd_model_assert(!IS_ERR(ictx));
	iommufd_ctx_put(ictx);
}

static inline void close_ctx(void *unused)
{
	(void)unused;
	iommufd_model_assert(!iommufd_model_close(fd));
	iommufd_model_assert(!iommufd_model_pinned());
}

static inline u32 make_ioas(void)
{
	struct iommu_ioas_alloc cmd = { .size = 0 };

	iommufd_model_assert(!uapi(IOMMU_IOAS_ALLOC, &cmd));
	return cmd.out_ioas_id;
}

static inline int destroy(u32 id)
{
	struct iommu_destroy cmd = { .id = id };

	return uapi(IOMMU_DESTROY, &cmd);
}

static inline void map(u32 ioas, u64 length)
{
	struct iommu_ioas_map cmd = {
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.ioas_id = ioas,
		.user_va = (uintptr_t)memory,
		.length = length,
		.iova = IOVA,
	};

	iommufd_model_assert(!uapi(IOMMU_IOAS_MAP, &cmd));
}

static inline int unmap(u32 ioas)
{
	struct iommu_ioas_unmap cmd = {
		.ioas_id = ioas, .iova = IOVA, .length = PAGE_SIZE,
	};

	return uapi(IOMMU_IOAS_UNMAP, &cmd);
}

/* The published object, without a reference. */
static inline struct iommufd_object *peek(u32 id)
{
	struct iommufd_object *obj;

	obj = iommufd_get_object(ictx, id, IOMMUFD_OBJ_ANY);
	iommufd_model_assert(!IS_ERR(obj));
	iommufd_put_object(ictx, obj);
	return obj;
}

static inline struct iommufd_ioas *ioas_of(u32 id)
{
	return container_of(peek(id), struct iommufd_ioas, obj);
}

/*
 * The driver.  @lock, outside the access's, guards @pinned; @told: so often it
 * was called to unpin.
 */
static struct {
	struct mutex lock;
	struct iommufd_access *access;
	bool pinned;
	int told;
} driver __attribute__((unused));

static inline int pin(struct iommufd_access *access)
{
	struct page *page;

	return iommufd_access_pin_pages(access, IOVA, PAGE_SIZE, &page,
					IOMMUFD_ACCESS_RW_READ);
}

static inline void unpin(struct iommufd_access *access)
{
	iommufd_access_unpin_pages(access, IOVA, PAGE_SIZE);
}

static inline void driver_unmap(void *unused, unsigned long iova,
				unsigned long length)
{
	(void)unused;
	(void)iova;
	(void)length;
	mutex_lock(&driver.lock);
	driver.told++;
	if (driver.pinned)
		unpin(driver.access);
	driver.pinned = false;
	mutex_unlock(&driver.lock);
}

static const struct iommufd_access_ops driver_ops __attribute__((unused)) = {
	.needs_pin_pages = 1,
	.unmap = driver_unmap,
};

/* Attached to @ioas, without a pin. */
static inline void make_driver(u32 ioas)
{
	u32 id;

	memset(&driver, 0, sizeof(driver));
	mutex_init(&driver.lock);
	driver.access = iommufd_access_create(ictx, &driver_ops, NULL, &id);
	iommufd_model_assert(!IS_ERR(driver.access));
	iommufd_model_assert(!iommufd_access_attach(driver.access, ioas));
}

#endif
