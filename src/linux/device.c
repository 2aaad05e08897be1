// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The driver core, as far as the IOMMU core and the mock need it: kobjects with
 * a name and a count, devices on buses that tell their notifiers, and
 * properties of devices.  There is no sysfs and no driver is bound.
 *
 * bus_mutex protects the list of the devices and of the notifiers.  It is not
 * held while a notifier is called.
 */
#include <linux/device.h>
#include <linux/platform_device.h>
#include <linux/property.h>
#include <linux/string.h>
#include <stdarg.h>
#include <stdio.h>

/* kobjects */

void kobject_init(struct kobject *kobj, const struct kobj_type *ktype)
{
	kref_init(&kobj->kref);
	kobj->ktype = ktype;
}

static int set_name(struct kobject *kobj, const char *fmt, va_list args)
{
	const char *name = kvasprintf(GFP_KERNEL, fmt, args);

	if (!name)
		return -ENOMEM;
	kfree(kobj->name);
	kobj->name = name;
	return 0;
}

int kobject_init_and_add(struct kobject *kobj, const struct kobj_type *ktype,
			 struct kobject *parent, const char *fmt, ...)
{
	va_list args;
	int rc;

	kobject_init(kobj, ktype);
	va_start(args, fmt);
	rc = set_name(kobj, fmt, args);
	va_end(args);
	if (rc)
		return rc;
	kobj->parent = kobject_get(parent);
	return 0;
}

static void free_kobject(struct kobject *kobj)
{
	kfree(kobj);
}

static const struct kobj_type plain_type = { .release = free_kobject };

struct kobject *kobject_create_and_add(const char *name, struct kobject *parent)
{
	struct kobject *kobj = kzalloc(sizeof(*kobj), GFP_KERNEL);

	if (!kobj)
		return NULL;
	if (kobject_init_and_add(kobj, &plain_type, parent, "%s", name)) {
		kfree(kobj);
		return NULL;
	}
	return kobj;
}

struct kobject *kobject_get(struct kobject *kobj)
{
	if (kobj)
		kref_get(&kobj->kref);
	return kobj;
}

static void release_kobject(struct kref *kref)
{
	struct kobject *kobj = container_of(kref, struct kobject, kref);
	struct kobject *parent = kobj->parent;
	const char *name = kobj->name;

	kobj->ktype->release(kobj);
	kfree(name);
	kobject_put(parent);
}

void kobject_put(struct kobject *kobj)
{
	if (kobj)
		kref_put(&kobj->kref, release_kobject);
}

struct kset *kset_create_and_add(const char *name, const void *uevent_ops,
				 struct kobject *parent)
{
	static struct kset kset;

	return &kset;
}

/* Devices */

static DEFINE_MUTEX(bus_mutex);
static LIST_HEAD(devices);

struct bus_notifier {
	const struct bus_type *bus;
	struct notifier_block *nb;
};

static struct bus_notifier notifiers[16];

const struct bus_type platform_bus_type = { .name = "platform" };

static void release_device(struct kobject *kobj)
{
	struct device *dev = kobj_to_dev(kobj);
	struct software_node *node = dev->node;

	if (dev->release)
		dev->release(dev);
	kfree(node);
}

static const struct kobj_type device_type = { .release = release_device };

void device_initialize(struct device *dev)
{
	kobject_init(&dev->kobj, &device_type);
	INIT_LIST_HEAD(&dev->bus_item);
}

int dev_set_name(struct device *dev, const char *fmt, ...)
{
	va_list args;
	int rc;

	va_start(args, fmt);
	rc = set_name(&dev->kobj, fmt, args);
	va_end(args);
	return rc;
}

struct device *get_device(struct device *dev)
{
	if (dev)
		kobject_get(&dev->kobj);
	return dev;
}

void put_device(struct device *dev)
{
	if (dev)
		kobject_put(&dev->kobj);
}

static void notify(struct device *dev, unsigned long action)
{
	struct notifier_block *found[ARRAY_SIZE(notifiers)];
	unsigned int i, nr = 0;

	mutex_lock(&bus_mutex);
	for (i = 0; i < ARRAY_SIZE(notifiers); i++)
		if (notifiers[i].nb && notifiers[i].bus == dev->bus)
			found[nr++] = notifiers[i].nb;
	mutex_unlock(&bus_mutex);
	for (i = 0; i < nr; i++)
		found[i]->notifier_call(found[i], action, dev);
}

int device_add(struct device *dev)
{
	get_device(dev);
	mutex_lock(&bus_mutex);
	list_add_tail(&dev->bus_item, &devices);
	mutex_unlock(&bus_mutex);
	dev->added = true;
	notify(dev, BUS_NOTIFY_ADD_DEVICE);
	return 0;
}

int device_register(struct device *dev)
{
	device_initialize(dev);
	return device_add(dev);
}

void device_del(struct device *dev)
{
	notify(dev, BUS_NOTIFY_DEL_DEVICE);
	mutex_lock(&bus_mutex);
	list_del_init(&dev->bus_item);
	mutex_unlock(&bus_mutex);
	notify(dev, BUS_NOTIFY_REMOVED_DEVICE);
	dev->added = false;
	put_device(dev);
}

void device_unregister(struct device *dev)
{
	device_del(dev);
	put_device(dev);
}

/* Buses */

int bus_register(const struct bus_type *bus)
{
	return 0;
}

void bus_unregister(const struct bus_type *bus)
{
}

/*
 * Find the slot whose notifier is @old, and set its notifier to @nb.  NULL
 * stands for a free slot.
 */
static int set_notifier(const struct bus_type *bus, struct notifier_block *old,
			struct notifier_block *nb)
{
	unsigned int i;
	int rc = -ENOSPC;

	mutex_lock(&bus_mutex);
	for (i = 0; i < ARRAY_SIZE(notifiers); i++) {
		if (notifiers[i].nb == old && (!old || notifiers[i].bus == bus)) {
			notifiers[i].bus = bus;
			notifiers[i].nb = nb;
			rc = 0;
			break;
		}
	}
	mutex_unlock(&bus_mutex);
	return rc;
}

int bus_register_notifier(const struct bus_type *bus, struct notifier_block *nb)
{
	return set_notifier(bus, NULL, nb);
}

int bus_unregister_notifier(const struct bus_type *bus,
			    struct notifier_block *nb)
{
	return set_notifier(bus, nb, NULL);
}

/*
 * Walk the list without bus_mutex.  The caller is the only thread: this is
 * called before other threads begin, or after they have ended.
 */
int bus_for_each_dev(const struct bus_type *bus, struct device *start,
		     void *data, int (*fn)(struct device *dev, void *data))
{
	struct device *dev, *next;
	int rc = 0;

	list_for_each_entry_safe(dev, next, &devices, bus_item) {
		if (dev->bus != bus)
			continue;
		rc = fn(dev, data);
		if (rc)
			break;
	}
	return rc;
}

/* Properties */

struct software_node {
	struct property_entry properties[4];
};

struct fwnode_handle *dev_fwnode(const struct device *dev)
{
	return dev->fwnode;
}

struct fwnode_handle *
fwnode_create_software_node(const struct property_entry *properties,
			    const struct fwnode_handle *parent)
{
	struct fwnode_handle *fwnode = kzalloc(sizeof(*fwnode), GFP_KERNEL);

	return fwnode ? fwnode : ERR_PTR(-ENOMEM);
}

void fwnode_remove_software_node(struct fwnode_handle *fwnode)
{
	kfree(fwnode);
}

int device_create_managed_software_node(struct device *dev,
					const struct property_entry *properties,
					const struct software_node *parent)
{
	struct software_node *node = kzalloc(sizeof(*node), GFP_KERNEL);
	unsigned int i;

	if (!node)
		return -ENOMEM;
	for (i = 0; i + 1 < ARRAY_SIZE(node->properties) && properties[i].name;
	     i++)
		node->properties[i] = properties[i];
	dev->node = node;
	return 0;
}

int device_property_read_u32(const struct device *dev, const char *name,
			     unsigned int *value)
{
	const struct property_entry *entry;

	if (!dev->node)
		return -EINVAL;
	for (entry = dev->node->properties; entry->name; entry++) {
		if (!strcmp(entry->name, name)) {
			*value = entry->value;
			return 0;
		}
	}
	return -EINVAL;
}

/* Platform devices */

static void release_platform_device(struct device *dev)
{
	kfree(container_of(dev, struct platform_device, dev));
}

struct platform_device *
platform_device_register_full(const struct platform_device_info *info)
{
	struct platform_device *pdev = kzalloc(sizeof(*pdev), GFP_KERNEL);
	int rc;

	if (!pdev)
		return ERR_PTR(-ENOMEM);
	device_initialize(&pdev->dev);
	pdev->dev.bus = &platform_bus_type;
	pdev->dev.parent = info->parent;
	pdev->dev.fwnode = info->fwnode;
	pdev->dev.release = release_platform_device;
	rc = dev_set_name(&pdev->dev, "%s", info->name);
	if (!rc)
		rc = device_add(&pdev->dev);
	if (rc) {
		put_device(&pdev->dev);
		return ERR_PTR(rc);
	}
	return pdev;
}

void platform_device_unregister(struct platform_device *pdev)
{
	device_unregister(&pdev->dev);
}

/* sysfs */

int sysfs_emit(char *buf, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(buf, PAGE_SIZE, fmt, args);
	va_end(args);
	return n;
}

int sysfs_emit_at(char *buf, int at, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(buf + at, PAGE_SIZE - (size_t)at, fmt, args);
	va_end(args);
	return n;
}
