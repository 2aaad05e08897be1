/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* kobjects: they have a reference count and a name, but there is no sysfs. */
#ifndef TREE_LINUX_KOBJECT_H
#define TREE_LINUX_KOBJECT_H

#include <linux/kref.h>
#include <linux/types.h>
#include <sys/types.h>

struct kobject;

struct attribute {
	const char *name;
	unsigned short mode;
};

struct sysfs_ops {
	ssize_t (*show)(struct kobject *kobj, struct attribute *attr,
			char *buf);
	ssize_t (*store)(struct kobject *kobj, struct attribute *attr,
			 const char *buf, size_t count);
};

struct kobj_type {
	void (*release)(struct kobject *kobj);
	const struct sysfs_ops *sysfs_ops;
};

struct kset {
	int unused;
};

struct kobject {
	const char *name;	/* allocated, or NULL */
	struct kobject *parent;	/* the child owns a reference */
	struct kset *kset;
	const struct kobj_type *ktype;
	struct kref kref;
};

void kobject_init(struct kobject *kobj, const struct kobj_type *ktype);
__attribute__((format(printf, 4, 5)))
int kobject_init_and_add(struct kobject *kobj, const struct kobj_type *ktype,
			 struct kobject *parent, const char *fmt, ...);
struct kobject *kobject_create_and_add(const char *name,
				       struct kobject *parent);
struct kobject *kobject_get(struct kobject *kobj);
void kobject_put(struct kobject *kobj);
#define kernel_kobj ((struct kobject *)NULL)
struct kset *kset_create_and_add(const char *name, const void *uevent_ops,
				 struct kobject *parent);

static inline const char *kobject_name(const struct kobject *kobj)
{
	return kobj->name;
}

#endif
