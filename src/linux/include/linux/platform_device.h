/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef TREE_LINUX_PLATFORM_DEVICE_H
#define TREE_LINUX_PLATFORM_DEVICE_H

#include <linux/device.h>
#include <linux/property.h>

struct platform_device {
	const char *name;
	struct device dev;
};

struct platform_device_info {
	struct device *parent;
	struct fwnode_handle *fwnode;
	const char *name;
	int id;
};

extern const struct bus_type platform_bus_type;

struct platform_device *
platform_device_register_full(const struct platform_device_info *info);
void platform_device_unregister(struct platform_device *pdev);

#endif
