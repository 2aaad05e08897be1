/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Marks for plain accesses that race on purpose, or that must never race.  In
 * code that is not watched (watch.h) they have no effect.
 */
#ifndef IOMMUFD_MODEL_KERNEL_KCSAN_CHECKS_H
#define IOMMUFD_MODEL_KERNEL_KCSAN_CHECKS_H

#include <iommufd_model/kernel/gate.h>
#include <iommufd_model/watch.h>

/**
 * Evaluates an expression whose plain accesses may race on purpose.  Their
 * races are not reported.
 * @param expr  the expression, which has a value
 * @return its value
 * @context Any; does not block, unless @p expr does.
 */
#ifdef IOMMUFD_MODEL_WATCHED
#define data_race(expr) __IOMMUFD_MODEL_DATA_RACE(expr, __COUNTER__)
#else
#define data_race(expr) (expr)
#endif

/**
 * Asserts that no other thread writes a variable at the same time, not even by
 * WRITE_ONCE().
 * @param var  the variable
 * @context Any; does not block.
 */
#ifdef IOMMUFD_MODEL_WATCHED
#define ASSERT_EXCLUSIVE_WRITER(var)					\
	iommufd_model_watch_access(&(var), sizeof(var),			\
				   IOMMUFD_MODEL_WATCH_ASSERT,		\
				   (const void *)0)
#else
#define ASSERT_EXCLUSIVE_WRITER(var) ((void)sizeof(var))
#endif

/**
 * Asserts that no other thread accesses a variable at the same time.
 * @param var  the variable
 * @context Any; does not block.
 */
#ifdef IOMMUFD_MODEL_WATCHED
#define ASSERT_EXCLUSIVE_ACCESS(var)					\
	iommufd_model_watch_access(&(var), sizeof(var),			\
				   IOMMUFD_MODEL_WATCH_ASSERT |		\
					   IOMMUFD_MODEL_WATCH_WRITE,	\
				   (const void *)0)
#else
#define ASSERT_EXCLUSIVE_ACCESS(var) ((void)sizeof(var))
#endif

/** @cond INTERNAL */
#define __IOMMUFD_MODEL_DATA_RACE(expr, n) __IOMMUFD_MODEL_DATA_RACE_(expr, n)
#define __IOMMUFD_MODEL_DATA_RACE_(expr, n) __extension__({		\
	__IOMMUFD_MODEL_AUTO __value##n = __extension__({		\
		iommufd_model_watch_hide(1);				\
		expr;							\
	});								\
	iommufd_model_watch_hide(-1);					\
	__value##n;							\
})
/** @endcond */

#endif
