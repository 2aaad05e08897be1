/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * There is no sysfs: functions that create files and links succeed, and do
 * nothing.
 */
#ifndef TREE_LINUX_SYSFS_H
#define TREE_LINUX_SYSFS_H

#include <linux/kobject.h>
#include <linux/string.h>

#define __ATTR(name_, mode_, show_, store_) {				\
	.attr = { .name = #name_, .mode = mode_ },			\
	.show = show_,							\
	.store = store_,						\
}
#define S_IRUGO 0444
#undef S_IWUSR
#define S_IWUSR 0200

static inline int sysfs_create_file(struct kobject *kobj,
				    const struct attribute *attr)
{
	return 0;
}

static inline void sysfs_remove_file(struct kobject *kobj,
				     const struct attribute *attr)
{
}

static inline int sysfs_create_link(struct kobject *kobj,
				    struct kobject *target, const char *name)
{
	return 0;
}

static inline int sysfs_create_link_nowarn(struct kobject *kobj,
					   struct kobject *target,
					   const char *name)
{
	return 0;
}

static inline void sysfs_remove_link(struct kobject *kobj, const char *name)
{
}

__attribute__((format(printf, 2, 3)))
int sysfs_emit(char *buf, const char *fmt, ...);
__attribute__((format(printf, 3, 4)))
int sysfs_emit_at(char *buf, int at, const char *fmt, ...);

#endif
