/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Device numbers of character devices.  Nobody can open such a device by its
 * number here: a test opens files by functions of its own.
 */
#ifndef IOMMUFD_MODEL_KERNEL_KDEV_T_H
#define IOMMUFD_MODEL_KERNEL_KDEV_T_H

#include <iommufd_model/kernel/types.h>
#include <sys/types.h>

#define MINORBITS 20	/**< the bits of a minor number */
#define MINORMASK ((1u << MINORBITS) - 1)	/**< the mask of a minor number */
/** Gives the major number of a device. */
#define MAJOR(dev) ((unsigned int)((dev) >> MINORBITS))
/** Gives the minor number of a device. */
#define MINOR(dev) ((unsigned int)((dev) & MINORMASK))
/** Makes a device number from its major and minor number. */
#define MKDEV(major, minor) (((dev_t)(major) << MINORBITS) | (minor))

#endif
