/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Attributes of devices.  A kernel shows them as files; here nothing reads
 * them, but a test can call their functions.
 */
#ifndef IOMMUFD_MODEL_KERNEL_SYSFS_H
#define IOMMUFD_MODEL_KERNEL_SYSFS_H

#include <iommufd_model/kernel/device.h>
#include <iommufd_model/kernel/string.h>

/** An attribute. */
struct attribute {
	const char *name;	/**< the name of the attribute's file */
	umode_t mode;	/**< the permissions of the attribute's file */
};

/** A group of attributes. */
struct attribute_group {
	const char *name;	/**< the name of their folder, or NULL */
	/** the attributes; a NULL ends the array */
	struct attribute **attrs;
};

/** An attribute of a device. */
struct device_attribute {
	struct attribute attr;	/**< the attribute */
	/** Writes the value into @p buf, a page; returns its length. */
	ssize_t (*show)(struct device *dev, struct device_attribute *attr,
			char *buf);
	/** Reads the value from @p buf; returns @p count or an errno. */
	ssize_t (*store)(struct device *dev, struct device_attribute *attr,
			 const char *buf, size_t count);
};

/** @cond INTERNAL */
#define __IOMMUFD_MODEL_ATTR(name, mode, show, store) \
	{ { #name, mode }, show, store }
/** @endcond */
/** Defines dev_attr_NAME, which NAME_show() reads and NAME_store() writes. */
#define DEVICE_ATTR_RW(name) struct device_attribute dev_attr_##name = \
	__IOMMUFD_MODEL_ATTR(name, 0644, name##_show, name##_store)
/** Defines dev_attr_NAME, which NAME_show() reads. */
#define DEVICE_ATTR_RO(name) struct device_attribute dev_attr_##name = \
	__IOMMUFD_MODEL_ATTR(name, 0444, name##_show, NULL)
/** Defines dev_attr_NAME, which NAME_store() writes. */
#define DEVICE_ATTR_WO(name) struct device_attribute dev_attr_##name = \
	__IOMMUFD_MODEL_ATTR(name, 0200, NULL, name##_store)
/** Writes the value of an attribute into its page. */
#define sysfs_emit(buf, ...) scnprintf(buf, PAGE_SIZE, __VA_ARGS__)

#endif
