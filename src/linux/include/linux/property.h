/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef TREE_LINUX_PROPERTY_H
#define TREE_LINUX_PROPERTY_H

#include <linux/device.h>

struct fwnode_handle *dev_fwnode(const struct device *dev);
struct fwnode_handle *
fwnode_create_software_node(const struct property_entry *properties,
			    const struct fwnode_handle *parent);
void fwnode_remove_software_node(struct fwnode_handle *fwnode);
int device_create_managed_software_node(
	struct device *dev, const struct property_entry *properties,
	const struct software_node *parent);
int device_property_read_u32(const struct device *dev, const char *name,
			     unsigned int *value);
/* Nodes have no reference count: whoever made a node removes it. */
#define fwnode_handle_get(fwnode) (fwnode)
#define fwnode_handle_put(fwnode) ((void)(fwnode))

#endif
