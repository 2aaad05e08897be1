/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef TREE_LINUX_MISCDEVICE_H
#define TREE_LINUX_MISCDEVICE_H

#include <linux/device.h>
#include <linux/fs.h>
#include <linux/list.h>

#define MISC_DYNAMIC_MINOR 255
#define VFIO_MINOR 196
#define MODULE_ALIAS_MISCDEV(minor)

struct miscdevice {
	int minor;
	const char *name;
	const struct file_operations *fops;
	const char *nodename;
	unsigned short mode;
	struct device *this_device;	/* NULL */
	struct miscdevice *next;
};

int misc_register(struct miscdevice *misc);
void misc_deregister(struct miscdevice *misc);

#endif
