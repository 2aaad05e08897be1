/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Character devices.  They get device numbers, but they have no path that
 * anybody could open: a test opens a file of a driver with anon_inode_getfd().
 */
#ifndef IOMMUFD_MODEL_KERNEL_CDEV_H
#define IOMMUFD_MODEL_KERNEL_CDEV_H

#include <iommufd_model/kernel/fs.h>
#include <iommufd_model/kernel/kdev_t.h>

/** A character device. */
struct cdev {
	struct module *owner;	/**< the module that owns the device */
	/** the operations of the files */
	const struct file_operations *ops;
	dev_t dev;	/**< the first device number */
	unsigned int count;	/**< the number of device numbers */
};

/**
 * Initialises a character device.
 * @param cdev  the device
 * @param fops  the operations of its files
 */
static inline void cdev_init(struct cdev *cdev,
			     const struct file_operations *fops)
{
	cdev->owner = fops->owner;
	cdev->ops = fops;
	cdev->dev = 0;
	cdev->count = 0;
}

/**
 * Gives a character device its device numbers.
 * @param cdev   the device
 * @param dev    the first number
 * @param count  how many numbers
 * @return 0
 */
static inline int cdev_add(struct cdev *cdev, dev_t dev, unsigned int count)
{
	cdev->dev = dev;
	cdev->count = count;
	return 0;
}

/**
 * Takes the device numbers of a character device away.
 * @param cdev  the device
 */
static inline void cdev_del(struct cdev *cdev)
{
	cdev->count = 0;
}

/**
 * Allocates device numbers.  Each call allocates the next major number.
 * @param dev    set to the first number
 * @param first  the first minor number
 * @param count  how many numbers; without effect
 * @param name   the name for reports; without effect
 * @return 0
 */
static inline int alloc_chrdev_region(dev_t *dev, unsigned int first,
				      unsigned int count, const char *name)
{
	static unsigned int major = 240;

	(void)count;
	(void)name;
	*dev = MKDEV(__atomic_fetch_add(&major, 1, __ATOMIC_RELAXED), first);
	return 0;
}

/** Frees numbers; without effect. */
#define unregister_chrdev_region(from, count) ((void)(from), (void)(count))

#endif
