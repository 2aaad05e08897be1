/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Functions for the entries about accesses and address spaces: one context,
 * calls of its uAPI, and a driver that pins one page and unpins it when it is
 * asked to.
 */
#ifndef TESTS_ZOO_ACCESS_H
#define TESTS_ZOO_ACCESS_H

#include "ioctls.h"
#include "zoo.h"

#define IOVA MOCK_APERTURE_START

static int fd;
static struct iommufd_ctx *ictx;
static char memory[PAGE_SIZE] __attribute__((aligned(4096), unused));

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
	int id = ioctl_ioas(fd);

	iommufd_model_assert(id > 0);
	return (u32)id;
}

static inline int destroy(u32 id)
{
	return ioctl_destroy(fd, id);
}

static inline void map(u32 ioas, u64 length)
{
	iommufd_model_assert(!ioctl_map(fd, ioas, IOVA, memory, length));
}

static inline int unmap(u32 ioas)
{
	return ioctl_unmap(fd, ioas, IOVA, PAGE_SIZE);
}

/* Return the published object with this id, without a reference. */
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
 * The driver.  @lock is taken outside the locks of the access and guards
 * @pinned.  @told counts the calls of the unmap callback.
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

/* Make the driver's access and attach it to @ioas, without a pin. */
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
