/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Devices: their references, their names, the data of their drivers, and memory
 * that is freed together with a device.
 *
 * A driver or a test creates its devices itself; they are not discovered, and
 * no driver is bound to them.  A device for which only the members have been
 * filled in has no references: device_initialize() gives it the first one.
 */
#ifndef IOMMUFD_MODEL_KERNEL_DEVICE_H
#define IOMMUFD_MODEL_KERNEL_DEVICE_H

#include <iommufd_model/kernel/list.h>
#include <iommufd_model/kernel/refcount.h>
#include <iommufd_model/kernel/string.h>

IOMMUFD_MODEL_BEGIN_DECLS

struct iommu_device;
struct iommu_group;

#ifndef __cplusplus
/** A class of devices. */
struct class {
	const char *name;	/**< its name */
};
#endif

/** A device. */
struct device {
	const char *name;	/**< its name, for reports */
	struct iommu_device *iommu_dev;	/**< its IOMMU, or NULL */
	struct iommu_group *group;	/**< its group, or NULL */
	struct list_head group_item;	/**< links in the group's list */
#ifndef __cplusplus	/* "class" is a keyword there */
	/** its class, or NULL; without effect */
	const struct class *class;
#else
	const void *class_;	/**< its class */
#endif
	/** the parent device, or NULL; a reference is owned */
	struct device *parent;
	void *driver_data;	/**< use dev_get_drvdata() */
	void *iommu_priv;	/**< use dev_iommu_priv_get() */
	/**
	 * all PASIDs of the device are less than this; 0 if it has no PASIDs
	 */
	u32 max_pasids;
	/** the state of its page faults; NULL if it is not prepared for them */
	struct iommu_fault_param *fault_param;
	/** called when the last reference is gone; frees the device */
	void (*release)(struct device *dev);
	refcount_t refs;	/**< the number of references */
	/** true between device_add() and device_del() */
	bool registered;
	char *own_name;	/**< the name that dev_set_name() allocated, or NULL */
	/** what devm_kzalloc() and the like have allocated */
	struct iommufd_model_devres *devres;
};

/** Registers a class of devices, which has no effect.  Gives 0. */
#define class_register(class) ((void)(class), 0)
/** Undoes class_register(). */
#define class_unregister(class) ((void)(class))

/**
 * Gives the name of a device.
 * @param dev  the device, or NULL
 * @return its name; "(null)" if it has none
 */
static inline const char *dev_name(const struct device *dev)
{
	return dev && dev->name ? dev->name : "(null)";
}

/**
 * Sets the name of a device.
 * @param dev  the device
 * @param ...  a format and its arguments, as for printf()
 * @return 0 or -ENOMEM
 */
#define dev_set_name(dev, ...) \
	iommufd_model_dev_set_name(dev, IOMMUFD_MODEL_SITE(#dev), __VA_ARGS__)

/**
 * Gives the data of a device's driver.
 * @param dev  the device
 * @return what dev_set_drvdata() set
 */
static inline void *dev_get_drvdata(const struct device *dev)
{
	return dev->driver_data;
}

/**
 * Sets the data of a device's driver.
 * @param dev   the device
 * @param data  any pointer
 */
static inline void dev_set_drvdata(struct device *dev, void *data)
{
	dev->driver_data = data;
}

/**
 * Gives a device its first reference.
 * @param dev  the device
 * @ownership The caller owns the reference and gives it up with put_device().
 */
#define device_initialize(dev) \
	iommufd_model_device_init(dev, IOMMUFD_MODEL_SITE(#dev))
/**
 * Registers a device.  From now on the device owns a reference to its parent.
 * @param dev  the device
 * @return 0, or -EINVAL if it has no name
 * @context May sleep in a kernel; hold no spinlock.
 */
#define device_add(dev) iommufd_model_device_add(dev, IOMMUFD_MODEL_SITE(#dev))
/**
 * Undoes device_add(), and frees what devm_kzalloc() and the like allocated.
 * @context May sleep in a kernel; hold no spinlock.
 */
#define device_del(dev) iommufd_model_device_del(dev, IOMMUFD_MODEL_SITE(#dev))
/** Does device_initialize() and device_add(). */
#define device_register(dev) __extension__({				\
	device_initialize(dev);						\
	device_add(dev);						\
})
/** Does device_del() and put_device(). */
#define device_unregister(dev) do {					\
	device_del(dev);						\
	put_device(dev);						\
} while (0)
/** Tells whether a device is registered. */
#define device_is_registered(dev) ((dev)->registered)

/**
 * Takes a reference to a device.
 * @param dev  the device, or NULL
 * @return @p dev
 * @ownership The caller must already own a reference, and owns one more
 *   afterwards.
 */
#define get_device(dev) iommufd_model_get_device(dev, IOMMUFD_MODEL_SITE(#dev))
/**
 * Drops a reference to a device.  When it was the last one, release() is
 * called.
 * @param dev  the device, or NULL
 * @ownership The caller gives up its reference.
 * @errors A WARN if the last reference is dropped and there is no release().
 */
#define put_device(dev) iommufd_model_put_device(dev, IOMMUFD_MODEL_SITE(#dev))

/**
 * Allocates memory that is freed with the device: at device_del(), with the last
 * reference, or by iommufd_model_devres_release().
 * @param dev   the device
 * @param size  the size in bytes
 * @param gfp   allocation flags
 * @return the memory, or NULL if the allocation failed
 * @ownership The device owns it.
 */
#define devm_kmalloc(dev, size, gfp) \
	iommufd_model_devm_alloc(dev, size, gfp, \
				 IOMMUFD_MODEL_SITE("devm_kmalloc"))
/** Does devm_kmalloc(), and sets the memory to zero. */
#define devm_kzalloc(dev, size, gfp) \
	iommufd_model_devm_alloc(dev, size, (gfp) | __GFP_ZERO, \
				 IOMMUFD_MODEL_SITE("devm_kzalloc"))
/** Does devm_kmalloc() for an array. */
#define devm_kmalloc_array(dev, n, size, gfp) \
	iommufd_model_devm_alloc(dev, size_mul(n, size), gfp, \
				 IOMMUFD_MODEL_SITE("devm_kmalloc_array"))
/** Does devm_kmalloc_array(), and sets the memory to zero. */
#define devm_kcalloc(dev, n, size, gfp) \
	iommufd_model_devm_alloc(dev, size_mul(n, size), (gfp) | __GFP_ZERO, \
				 IOMMUFD_MODEL_SITE("devm_kcalloc"))
/** Formats a new string that is freed with the device. */
#define devm_kasprintf(dev, gfp, ...) \
	iommufd_model_devm_asprintf(dev, gfp, \
				    IOMMUFD_MODEL_SITE("devm_kasprintf"), \
				    __VA_ARGS__)
/** Copies a string, which is freed with the device. */
#define devm_kstrdup(dev, str, gfp) devm_kasprintf(dev, gfp, "%s", str)
/** Frees memory of devm_kmalloc() immediately. */
#define devm_kfree(dev, p) \
	iommufd_model_devm_free(dev, p, IOMMUFD_MODEL_SITE(#p))
/** Calls @p action with @p data before the device's memory is freed. */
#define devm_add_action(dev, action, data) \
	iommufd_model_devm_action(dev, action, data, false, \
				  IOMMUFD_MODEL_SITE(#action))
/** Does devm_add_action(); if it fails, it calls the action at once. */
#define devm_add_action_or_reset(dev, action, data) \
	iommufd_model_devm_action(dev, action, data, true, \
				  IOMMUFD_MODEL_SITE(#action))

/** @behind{device_initialize} */
IOMMUFD_MODEL_API void
iommufd_model_device_init(struct device *dev,
			  const struct iommufd_model_site *site);
/** @behind{device_add} */
IOMMUFD_MODEL_API int
iommufd_model_device_add(struct device *dev,
			 const struct iommufd_model_site *site);
/**
 * Undoes device_add().  device_del() calls it.
 * @param dev   the device
 * @param site  the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_device_del(struct device *dev,
			 const struct iommufd_model_site *site);
/** @behind{get_device} */
IOMMUFD_MODEL_API struct device *
iommufd_model_get_device(struct device *dev,
			 const struct iommufd_model_site *site);
/** @behind{put_device} */
IOMMUFD_MODEL_API void
iommufd_model_put_device(struct device *dev,
			 const struct iommufd_model_site *site);
/**
 * Sets the name of a device.  dev_set_name() calls it.
 * @param dev   the device
 * @param site  the call site
 * @param fmt   a format as for printf()
 * @return 0 or -ENOMEM
 */
IOMMUFD_MODEL_API int
iommufd_model_dev_set_name(struct device *dev,
			   const struct iommufd_model_site *site,
			   const char *fmt, ...)
	__attribute__((__format__(printf, 3, 4)));
/** @behind{devm_kmalloc} */
IOMMUFD_MODEL_API void *
iommufd_model_devm_alloc(struct device *dev, size_t size, gfp_t gfp,
			 const struct iommufd_model_site *site);
/**
 * Writes a new string.  devm_kasprintf() calls it.
 * @param dev   the device
 * @param gfp   allocation flags
 * @param site  the call site
 * @param fmt   a format as for printf()
 * @return the string, or NULL if the allocation failed
 */
IOMMUFD_MODEL_API char *
iommufd_model_devm_asprintf(struct device *dev, gfp_t gfp,
			    const struct iommufd_model_site *site,
			    const char *fmt, ...)
	__attribute__((__format__(printf, 4, 5)));
/**
 * Frees memory of devm_kmalloc().  devm_kfree() calls it.
 * @param dev   the device
 * @param p     the memory, or NULL
 * @param site  the call site
 * @errors A WARN if it is not the device's.
 */
IOMMUFD_MODEL_API void
iommufd_model_devm_free(struct device *dev, const void *p,
			const struct iommufd_model_site *site);
/**
 * Registers an action.  devm_add_action() calls it.
 * @param dev     the device
 * @param action  the action
 * @param data    its argument
 * @param reset   true if the action is to be called at once when the allocation
 *   fails
 * @param site    the call site
 * @return 0 or -ENOMEM
 */
IOMMUFD_MODEL_API int
iommufd_model_devm_action(struct device *dev, void (*action)(void *),
			  void *data, bool reset,
			  const struct iommufd_model_site *site);
/**
 * Frees everything that devm_kmalloc() and the like allocated for a device, the
 * last allocation first.  A kernel does this when the driver is unbound.
 * @param dev  the device
 * @context May block if an action does.
 */
IOMMUFD_MODEL_API void iommufd_model_devres_release(struct device *dev);

IOMMUFD_MODEL_END_DECLS

#endif
