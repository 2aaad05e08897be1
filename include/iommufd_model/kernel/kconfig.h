/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Questions about the configuration.
 *
 * An option is on if a macro with its name, such as CONFIG_IOMMUFD, is defined
 * as 1.  The library defines none: the user's build does.
 */
#ifndef IOMMUFD_MODEL_KERNEL_KCONFIG_H
#define IOMMUFD_MODEL_KERNEL_KCONFIG_H

#include <iommufd_model/kernel/types.h>

/** Tells whether an option is on or is a module: 1 or 0, also for the preprocessor. */
#define IS_ENABLED(option) \
	IOMMUFD_MODEL_EITHER(IS_BUILTIN(option), IS_MODULE(option))
/** Tells whether an option is on and not a module. */
#define IS_BUILTIN(option) IOMMUFD_MODEL_IS_ONE(option)
/** Tells whether an option is a module: OPTION_MODULE is defined as 1. */
#define IS_MODULE(option) IOMMUFD_MODEL_IS_ONE(option##_MODULE)
/** Tells whether this code can call that of an option, as IS_ENABLED(). */
#define IS_REACHABLE(option) IS_ENABLED(option)

/** @cond INTERNAL */
/*
 * The name of a macro that is defined as 1 gives "0," in front, so that the
 * second of the arguments is 1, and else 0.
 */
#define IOMMUFD_MODEL_IN_FRONT_1 0,
#define IOMMUFD_MODEL_IS_ONE(x) IOMMUFD_MODEL_IS_ONE_(x)
#define IOMMUFD_MODEL_IS_ONE_(x) \
	IOMMUFD_MODEL_IS_ONE__(IOMMUFD_MODEL_IN_FRONT_##x)
#define IOMMUFD_MODEL_IS_ONE__(front) \
	IOMMUFD_MODEL_SECOND(front 1, 0, 0)
#define IOMMUFD_MODEL_SECOND(first, second, ...) second
#define IOMMUFD_MODEL_EITHER(a, b) IOMMUFD_MODEL_EITHER_(a, b)
#define IOMMUFD_MODEL_EITHER_(a, b) (a || b)
/** @endcond */

#endif
