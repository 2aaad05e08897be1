/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Macros that export a symbol of a module.  They have no effect, because the
 * library is one image.  Each needs its semicolon, and the symbol must be
 * declared.
 */
#ifndef IOMMUFD_MODEL_KERNEL_EXPORT_H
#define IOMMUFD_MODEL_KERNEL_EXPORT_H

#include <iommufd_model/kernel/types.h>

/** Exports a symbol; without effect. */
#define EXPORT_SYMBOL(symbol) IOMMUFD_MODEL_EXPORT(symbol)
/** Exports a symbol to modules under the GPL; without effect. */
#define EXPORT_SYMBOL_GPL(symbol) IOMMUFD_MODEL_EXPORT(symbol)
/** Exports a symbol in a namespace; without effect. */
#define EXPORT_SYMBOL_NS(symbol, ns) IOMMUFD_MODEL_EXPORT(symbol)
/** Exports a symbol in a namespace to modules under the GPL; without effect. */
#define EXPORT_SYMBOL_NS_GPL(symbol, ns) IOMMUFD_MODEL_EXPORT(symbol)
/** Exports a symbol to some modules; without effect. */
#define EXPORT_SYMBOL_FOR_MODULES(symbol, modules) IOMMUFD_MODEL_EXPORT(symbol)

/** @cond INTERNAL */
#define IOMMUFD_MODEL_EXPORT(symbol)					\
	IOMMUFD_MODEL_STATIC_ASSERT(sizeof(&symbol) > 0,		\
				    #symbol " is not declared")
/** @endcond */

#endif
