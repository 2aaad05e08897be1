/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Checks at compile time: the build stops if a condition does not hold.
 *
 * The conditions must be constant expressions of the language, such as sizeof
 * and offsetof.  The kernel also accepts what its compiler can compute after
 * inlining.
 */
#ifndef IOMMUFD_MODEL_KERNEL_BUILD_BUG_H
#define IOMMUFD_MODEL_KERNEL_BUILD_BUG_H

#include <assert.h>
#include <iommufd_model/kernel/compiler.h>

/** Stops the build with the text @p msg if the constant @p cond is true. */
#define BUILD_BUG_ON_MSG(cond, msg) do {				\
	IOMMUFD_MODEL_STATIC_ASSERT(!(cond), msg);			\
} while (0)
/** Stops the build if the constant @p cond is true. */
#define BUILD_BUG_ON(cond) BUILD_BUG_ON_MSG(cond, "BUILD_BUG_ON: " #cond)
/** Stops the build unless the constant @p n is a power of two. */
#define BUILD_BUG_ON_NOT_POWER_OF_2(n) \
	BUILD_BUG_ON((n) == 0 || (((n) & ((n) - 1)) != 0))
/** Has the compiler check an expression, but does not evaluate it. */
#define BUILD_BUG_ON_INVALID(e) ((void)sizeof(!!(e)))
/** Stops the build if the constant @p e is true; otherwise gives 0. */
#define BUILD_BUG_ON_ZERO(e) \
	((int)(0 * sizeof(char[1 - 2 * (int)!!(e)])))

#ifndef __cplusplus
/**
 * Stops the build unless a constant is true.  A text for the error may follow.
 * In C++ the keyword of the language is used.
 */
#undef static_assert
#define static_assert(...) \
	IOMMUFD_MODEL_STATIC_ASSERT_(__VA_ARGS__, #__VA_ARGS__, "")
#endif
/** @cond INTERNAL */
#define IOMMUFD_MODEL_STATIC_ASSERT_(x, text, ...) \
	IOMMUFD_MODEL_STATIC_ASSERT(x, text)
/** @endcond */
/** Stops the build unless a member of a struct has the offset @p offset. */
#define ASSERT_STRUCT_OFFSET(type, member, offset)			\
	IOMMUFD_MODEL_STATIC_ASSERT(offsetof(type, member) == (offset),	\
				    #member " is at another offset")

#endif
