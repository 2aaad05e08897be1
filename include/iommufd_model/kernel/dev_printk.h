/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Messages about a device, which begin with its name.  See printk.h.
 */
#ifndef IOMMUFD_MODEL_KERNEL_DEV_PRINTK_H
#define IOMMUFD_MODEL_KERNEL_DEV_PRINTK_H

#include <iommufd_model/kernel/device.h>
#include <iommufd_model/kernel/errno.h>
#include <iommufd_model/kernel/printk.h>

IOMMUFD_MODEL_BEGIN_DECLS

#ifndef dev_fmt
/** Gives the format of a message; a source file may define its own. */
#define dev_fmt(fmt) fmt
#endif

/** Writes a message about a device at the level emerg. */
#define dev_emerg(dev, ...) \
	IOMMUFD_MODEL_DEV(KERN_EMERG, "dev_emerg", dev, __VA_ARGS__)
/** Writes a message about a device at the level alert. */
#define dev_alert(dev, ...) \
	IOMMUFD_MODEL_DEV(KERN_ALERT, "dev_alert", dev, __VA_ARGS__)
/** Writes a message about a device at the level crit. */
#define dev_crit(dev, ...) \
	IOMMUFD_MODEL_DEV(KERN_CRIT, "dev_crit", dev, __VA_ARGS__)
/** Writes a message about a device at the level err. */
#define dev_err(dev, ...) \
	IOMMUFD_MODEL_DEV(KERN_ERR, "dev_err", dev, __VA_ARGS__)
/** Writes a message about a device at the level warning. */
#define dev_warn(dev, ...) \
	IOMMUFD_MODEL_DEV(KERN_WARNING, "dev_warn", dev, __VA_ARGS__)
/** Writes a message about a device at the level notice. */
#define dev_notice(dev, ...) \
	IOMMUFD_MODEL_DEV(KERN_NOTICE, "dev_notice", dev, __VA_ARGS__)
/** Writes a message about a device at the level info. */
#define dev_info(dev, ...) \
	IOMMUFD_MODEL_DEV(KERN_INFO, "dev_info", dev, __VA_ARGS__)
#ifdef DEBUG
/** Writes a message about a device at the level debug, if DEBUG is defined. */
#define dev_dbg(dev, ...) \
	IOMMUFD_MODEL_DEV(KERN_DEBUG, "dev_dbg", dev, __VA_ARGS__)
#else
/** Has no effect, since DEBUG is not defined. */
#define dev_dbg(dev, ...) ((void)(dev), no_printk(__VA_ARGS__))
#endif
/**
 * Writes a message about a device at the level err, but only the first time.
 */
#define dev_err_once(dev, ...) \
	IOMMUFD_MODEL_ONLY_ONCE(dev_err(dev, __VA_ARGS__))
/**
 * Writes a message about a device at the level warning, only the first time.
 */
#define dev_warn_once(dev, ...) \
	IOMMUFD_MODEL_ONLY_ONCE(dev_warn(dev, __VA_ARGS__))
/**
 * Writes a message about a device at the level info, but only the first time.
 */
#define dev_info_once(dev, ...) \
	IOMMUFD_MODEL_ONLY_ONCE(dev_info(dev, __VA_ARGS__))
/** Does the same as dev_err(). */
#define dev_err_ratelimited(dev, ...) dev_err(dev, __VA_ARGS__)
/** Does the same as dev_warn(). */
#define dev_warn_ratelimited(dev, ...) dev_warn(dev, __VA_ARGS__)
/** Does the same as dev_info(). */
#define dev_info_ratelimited(dev, ...) dev_info(dev, __VA_ARGS__)
/** Does the same as dev_dbg(). */
#define dev_dbg_ratelimited(dev, ...) dev_dbg(dev, __VA_ARGS__)

/**
 * Writes why a driver's probe failed, and returns the reason.
 * @param dev  the device
 * @param err  a negative errno; for -EPROBE_DEFER and -ENOMEM no message is
 *   written
 * @param ...  a format and its arguments, as for printf()
 * @return @p err, an int
 */
#define dev_err_probe(dev, err, ...) __extension__({			\
	int __err = (int)(err);						\
	if (__err != -EPROBE_DEFER && __err != -ENOMEM)			\
		iommufd_model_dev_printk(				\
			IOMMUFD_MODEL_SITE("dev_err_probe"), dev,	\
			KERN_ERR "error %d: "				\
			dev_fmt(IOMMUFD_MODEL_FIRST(__VA_ARGS__)),	\
			__err IOMMUFD_MODEL_REST(__VA_ARGS__));		\
	__err;								\
})
/** Does dev_err_probe(), and returns the errno as an error pointer. */
#define dev_err_ptr_probe(dev, err, ...) \
	ERR_PTR(dev_err_probe(dev, err, __VA_ARGS__))
/** Does WARN() with the name of a device. */
#define dev_WARN(dev, ...) \
	((void)(dev), WARN(1, __VA_ARGS__))

/** @cond INTERNAL */
#define IOMMUFD_MODEL_DEV(level, what, dev, ...)			\
	iommufd_model_dev_printk(IOMMUFD_MODEL_SITE(what), dev, level	\
				 dev_fmt(IOMMUFD_MODEL_FIRST(__VA_ARGS__)) \
				 IOMMUFD_MODEL_REST(__VA_ARGS__))
/** @endcond */

/**
 * Writes a message about a device.  dev_err() and the like call it.
 * @param site  the call site
 * @param dev   the device, or NULL
 * @param fmt   a format as for printf(), which may begin with a level
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_dev_printk(const struct iommufd_model_site *site,
			 const struct device *dev, const char *fmt, ...)
	__attribute__((__format__(printf, 3, 4)));

IOMMUFD_MODEL_END_DECLS

#endif
