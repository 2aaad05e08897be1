/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Checks that the compiler makes: what does not hold is an error.
 *
 * The conditions are constants of the language, as sizeof and offsetof are.  The
 * kernel also takes what its compiler finds to be constant after inlining.
 */
#ifndef IOMMUFD_MODEL_KERNEL_BUILD_BUG_H
#define IOMMUFD_MODEL_KERNEL_BUILD_BUG_H

#include <assert.h>
#include <iommufd_model/kernel/compiler.h>

/** Is an error if @p cond, a constant, holds; the error has the text @p msg. */
#define BUILD_BUG_ON_MSG(cond, msg) do {				\
	IOMMUFD_MODEL_STATIC_ASSERT(!(cond), msg);			\
} while (0)
/** Is an error if @p cond, a constant, holds. */
#define BUILD_BUG_ON(cond) BUILD_BUG_ON_MSG(cond, "BUILD_BUG_ON: " #cond)
/** Is an error unless @p n, a constant, is a power of two. */
#define BUILD_BUG_ON_NOT_POWER_OF_2(n) \
	BUILD_BUG_ON((n) == 0 || (((n) & ((n) - 1)) != 0))
/** Checks the syntax of an expression, and does not evaluate it. */
#define BUILD_BUG_ON_INVALID(e) ((void)sizeof(!!(e)))
/** Is an error if @p e, a constant, holds; otherwise it gives 0. */
#define BUILD_BUG_ON_ZERO(e) \
	((int)(0 * sizeof(char[1 - 2 * (int)!!(e)])))

#ifndef __cplusplus
/**
 * Is an error unless a constant holds.  A text for the error may follow.  C++
 * has one of its own.
 */
#undef static_assert
#define static_assert(...) \
	IOMMUFD_MODEL_STATIC_ASSERT_(__VA_ARGS__, #__VA_ARGS__, "")
#endif
/** @cond INTERNAL */
#define IOMMUFD_MODEL_STATIC_ASSERT_(x, text, ...) \
	IOMMUFD_MODEL_STATIC_ASSERT(x, text)
/** @endcond */
/** Is an error unless a member of a struct has the offset @p offset. */
#define ASSERT_STRUCT_OFFSET(type, member, offset)			\
	IOMMUFD_MODEL_STATIC_ASSERT(offsetof(type, member) == (offset),	\
				    #member " is at another offset")

#endif
