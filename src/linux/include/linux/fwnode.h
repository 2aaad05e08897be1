/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef TREE_LINUX_FWNODE_H
#define TREE_LINUX_FWNODE_H

/* A firmware node is only a name that devices share. */
struct fwnode_handle {
	int unused;
};

struct property_entry {
	const char *name;
	unsigned int value;
};

#define PROPERTY_ENTRY_U32(name_, value_) \
	((struct property_entry){ .name = name_, .value = value_ })

#endif
