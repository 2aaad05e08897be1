/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Tests of configuration options.
 *
 * An option is on if the macro with its name, such as CONFIG_IOMMUFD, is
 * defined as 1.  The library defines none of these macros; the user's build
 * does.
 */
#ifndef IOMMUFD_MODEL_KERNEL_KCONFIG_H
#define IOMMUFD_MODEL_KERNEL_KCONFIG_H

#include <iommufd_model/kernel/types.h>

/**
 * Tells whether an option is on or is a module.  The result is 1 or 0, also in
 * a condition of the preprocessor.
 */
#define IS_ENABLED(option) \
	IOMMUFD_MODEL_EITHER(IS_BUILTIN(option), IS_MODULE(option))
/** Tells whether an option is on and is not a module. */
#define IS_BUILTIN(option) IOMMUFD_MODEL_IS_ONE(option)
/** Tells whether an option is a module: OPTION_MODULE is then defined as 1. */
#define IS_MODULE(option) IOMMUFD_MODEL_IS_ONE(option##_MODULE)
/** Tells whether this code can call the code of an option, as IS_ENABLED(). */
#define IS_REACHABLE(option) IS_ENABLED(option)

/** @cond INTERNAL */
/*
 * If macro @x is defined as 1, IOMMUFD_MODEL_IN_FRONT_@x expands to "0,", which
 * moves the 1 to the second argument.  Otherwise the second argument is 0.
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
