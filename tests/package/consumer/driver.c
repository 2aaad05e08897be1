// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A source file as in a kernel, with the kernel's includes, and a main(), which
 * a kernel does not have, with the includes of a C library.
 */
#define pr_fmt(fmt) "driver: " fmt
#include <linux/bitfield.h>
#include <linux/errno.h>
#include <linux/fs.h>
#include <linux/iommufd.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/types.h>
#include <uapi/linux/iommufd.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include <iommufd_model/model.h>

#define DRIVER_KIND GENMASK(7, 4)

struct driver {
	struct list_head node;
	u32 kind;
};

static DEFINE_MUTEX(lock);
static LIST_HEAD(drivers);

static int __init driver_init(void)
{
	struct driver *driver = kzalloc(sizeof(*driver), GFP_KERNEL);

	if (!driver)
		return -ENOMEM;
	driver->kind = FIELD_PREP(DRIVER_KIND, 3);
	mutex_lock(&lock);
	list_add(&driver->node, &drivers);
	mutex_unlock(&lock);
	pr_info("there is one\n");
	return 0;
}

static void __exit driver_exit(void)
{
	struct driver *driver, *next;

	mutex_lock(&lock);
	list_for_each_entry_safe(driver, next, &drivers, node) {
		list_del(&driver->node);
		kfree(driver);
	}
	mutex_unlock(&lock);
}

module_init(driver_init);
module_exit(driver_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("a driver");
MODULE_IMPORT_NS("IOMMUFD");

int main(void)
{
	int fd = iommufd_model_open();

	if (fd < 0 || iommufd_model_modules_init() || list_empty(&drivers) ||
	    iommufd_model_modules_exit() || iommufd_model_close(fd) ||
	    iommufd_model_leaks(0, NULL, NULL)) {
		fprintf(stderr, "the driver does not work\n");
		return 1;
	}
	return 0;
}
