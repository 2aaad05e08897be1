/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The driver core: devices have a reference count and a name, and buses list
 * their devices and call notifiers.  No driver is ever bound to a device.
 */
#ifndef TREE_LINUX_DEVICE_H
#define TREE_LINUX_DEVICE_H

#include <linux/err.h>
#include <linux/fwnode.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/printk.h>
#include <linux/completion.h>
#include <linux/idr.h>
#include <linux/mm.h>
#include <linux/rcupdate.h>
#include <linux/sched/mm.h>
#include <linux/sysfs.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

struct dev_iommu;
struct pci_dev;
struct device;
struct iommu_group;
struct iommu_ops;
struct software_node;

struct device_driver {
	const char *name;
};

struct bus_type {
	const char *name;
	int (*match)(struct device *dev, const struct device_driver *drv);
	int (*dma_configure)(struct device *dev);
	void (*dma_cleanup)(struct device *dev);
};

enum bus_notifier_event {
	BUS_NOTIFY_ADD_DEVICE,
	BUS_NOTIFY_DEL_DEVICE,
	BUS_NOTIFY_REMOVED_DEVICE,
	BUS_NOTIFY_BIND_DRIVER,
	BUS_NOTIFY_BOUND_DRIVER,
	BUS_NOTIFY_UNBIND_DRIVER,
	BUS_NOTIFY_UNBOUND_DRIVER,
};

struct class;
struct attribute_group;

struct device {
	struct kobject kobj;
	struct device *parent;
	const struct bus_type *bus;
	struct device_driver *driver;
	void *platform_data;
	void *driver_data;
	struct fwnode_handle *fwnode;
	struct software_node *node;	/* the device owns it */
	void (*release)(struct device *dev);
	struct iommu_group *iommu_group;
	struct dev_iommu *iommu;
	struct list_head bus_item;	/* entry of the list of all devices */
	bool added;
	bool dma_iommu;			/* set by the tree; nobody reads it */
};

struct device_attribute {
	struct attribute attr;
	ssize_t (*show)(struct device *dev, struct device_attribute *attr,
			char *buf);
	ssize_t (*store)(struct device *dev, struct device_attribute *attr,
			 const char *buf, size_t count);
};

#define kobj_to_dev(kobj) container_of(kobj, struct device, kobj)

void device_initialize(struct device *dev);
int device_add(struct device *dev);
void device_del(struct device *dev);
int device_register(struct device *dev);
void device_unregister(struct device *dev);
struct device *get_device(struct device *dev);
void put_device(struct device *dev);
__attribute__((format(printf, 2, 3)))
int dev_set_name(struct device *dev, const char *fmt, ...);

static inline const char *dev_name(const struct device *dev)
{
	return dev->kobj.name;
}

static inline const char *dev_bus_name(const struct device *dev)
{
	return dev->bus ? dev->bus->name : "";
}

static inline void *dev_get_drvdata(const struct device *dev)
{
	return dev->driver_data;
}

static inline void dev_set_drvdata(struct device *dev, void *data)
{
	dev->driver_data = data;
}

int bus_register(const struct bus_type *bus);
void bus_unregister(const struct bus_type *bus);
int bus_register_notifier(const struct bus_type *bus,
			  struct notifier_block *nb);
int bus_unregister_notifier(const struct bus_type *bus,
			    struct notifier_block *nb);
int bus_for_each_dev(const struct bus_type *bus, struct device *start,
		     void *data, int (*fn)(struct device *dev, void *data));

#define dev_printk_at(level, dev, fmt, ...) \
	printk(level "%s: " fmt, dev_name(dev), ##__VA_ARGS__)
#undef dev_err
#undef dev_warn
#undef dev_info
#undef dev_dbg
#undef dev_WARN
#define dev_err(dev, ...) dev_printk_at(KERN_ERR, dev, __VA_ARGS__)
#define dev_warn(dev, ...) dev_printk_at(KERN_WARNING, dev, __VA_ARGS__)
#define dev_info(dev, fmt, ...) ((void)(dev), no_printk(fmt, ##__VA_ARGS__))
#define dev_dbg(dev, fmt, ...) ((void)(dev), no_printk(fmt, ##__VA_ARGS__))
#define dev_err_ratelimited dev_err
#define dev_warn_ratelimited dev_warn
#define dev_err_once dev_err
#undef dev_warn_once
#define dev_warn_once dev_warn
#define dev_WARN(dev, fmt, ...) WARN(1, "%s: " fmt, dev_name(dev), ##__VA_ARGS__)
#define dev_WARN_ONCE(dev, cond, fmt, ...) \
	WARN_ONCE(cond, "%s: " fmt, dev_name(dev), ##__VA_ARGS__)

#define dev_clear_dma_iommu(dev) ((void)(dev))
#define is_module_address(addr) ((void)(addr), false)

static inline int driver_deferred_probe_check_state(struct device *dev)
{
	return -ENODEV;
}

#endif
