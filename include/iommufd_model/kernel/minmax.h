/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * The smaller and the larger of values.  Each argument is evaluated once.
 *
 * min(), max() and clamp() refuse to mix signed and unsigned values, because a
 * negative value would count as a large one.  A constant that is not negative
 * may be mixed with either.  min(), max(), clamp() and swap() are defined in C
 * only, because C++ has its own.
 */
#ifndef IOMMUFD_MODEL_KERNEL_MINMAX_H
#define IOMMUFD_MODEL_KERNEL_MINMAX_H

#include <iommufd_model/kernel/build_bug.h>

/** Gives the smaller of two values after it has converted both to @p type. */
#define min_t(type, x, y) IOMMUFD_MODEL_CHOOSE(type, <, x, y, __COUNTER__)
/** Gives the larger of two values after it has converted both to @p type. */
#define max_t(type, x, y) IOMMUFD_MODEL_CHOOSE(type, >, x, y, __COUNTER__)
/**
 * Limits @p value to the range from @p lo to @p hi; all are converted to @p
 * type.
 */
#define clamp_t(type, value, lo, hi) \
	min_t(type, max_t(type, value, lo), hi)
/**
 * Gives the smaller of two values of any types, neither of which is negative.
 */
#define umin(x, y) min_t(u64, (x) + 0ull, (y) + 0ull)
/**
 * Gives the larger of two values of any types, neither of which is negative.
 */
#define umax(x, y) max_t(u64, (x) + 0ull, (y) + 0ull)
/**
 * Tells whether @p value is one of the @p len values that begin at @p start.
 */
#define in_range(value, start, len) ((u64)(value) - (u64)(start) < (u64)(len))

#ifndef __cplusplus
/** Gives the smaller value. */
#define min(x, y) IOMMUFD_MODEL_CHECKED(<, x, y)
/** Gives the larger value. */
#define max(x, y) IOMMUFD_MODEL_CHECKED(>, x, y)
/** Gives the smallest of three values. */
#define min3(x, y, z) min(min(x, y), z)
/** Gives the largest of three values. */
#define max3(x, y, z) max(max(x, y), z)
/** Gives the smaller of the values that are not 0; 0 if both are 0. */
#define min_not_zero(x, y) __extension__({				\
	__typeof__(x) __first = (x);					\
	__typeof__(y) __second = (y);					\
	!__first ? __second : !__second ? __first :			\
		min(__first, __second);					\
})
/**
 * Limits @p value to the range from @p lo to @p hi.  The build stops if these
 * are constants and @p lo is larger.
 */
#define clamp(value, lo, hi) __extension__({				\
	IOMMUFD_MODEL_STATIC_ASSERT(					\
		!IOMMUFD_MODEL_IF_CONST((lo) > (hi)),			\
		"clamp() with limits in the wrong order");		\
	(__typeof__(value))min(max(value, lo), hi);			\
})
/**
 * Limits @p value to a range; the limits are converted to the type of @p value.
 */
#define clamp_val(value, lo, hi) clamp_t(__typeof__(value), value, lo, hi)
/** Exchanges the values of two variables. */
#define swap(a, b) do {							\
	__typeof__(a) __swap = (a);					\
	(a) = (b);							\
	(b) = __swap;							\
} while (0)
#endif

/** @cond INTERNAL */
/*
 * @n is a number that is different in each use.  It makes the names unique when
 * one use is an argument of another.
 */
#define IOMMUFD_MODEL_CHOOSE(type, op, x, y, n) \
	IOMMUFD_MODEL_CHOOSE_(type, op, x, y, n)
#define IOMMUFD_MODEL_CHOOSE_(type, op, x, y, n) __extension__({	\
	type __x##n = (type)(x);					\
	type __y##n = (type)(y);					\
	__x##n op __y##n ? __x##n : __y##n;				\
})
/* The type of @x after integer promotion; for a pointer, an unsigned type. */
#define IOMMUFD_MODEL_VALUE(x)						\
	__typeof__(__builtin_choose_expr(				\
		__builtin_classify_type(x) == 5, 0ull, (x) + 0))
#define IOMMUFD_MODEL_IS_SIGNED(x) \
	((IOMMUFD_MODEL_VALUE(x))-1 < (IOMMUFD_MODEL_VALUE(x))1)
/* The type of @x if it is narrower than an int; otherwise int. */
#define IOMMUFD_MODEL_NARROW(x)						\
	__typeof__(__builtin_choose_expr(sizeof(x) < sizeof(int), x, 0))
/*
 * Is true if @x is signed, not promoted from an unsigned type, and no constant
 * >= 0.
 */
#define IOMMUFD_MODEL_MAY_BE_NEGATIVE(x)				\
	(IOMMUFD_MODEL_IS_SIGNED(x) &&					\
	 !((IOMMUFD_MODEL_NARROW(x))-1 > 0) &&				\
	 !__builtin_choose_expr(__builtin_constant_p(x),		\
				!((u64)(x) >> 63), 0))
#define IOMMUFD_MODEL_CHECKED(op, x, y) __extension__({			\
	IOMMUFD_MODEL_STATIC_ASSERT(					\
		IOMMUFD_MODEL_IS_SIGNED(x) ==				\
			IOMMUFD_MODEL_IS_SIGNED(y) ||			\
		(!IOMMUFD_MODEL_MAY_BE_NEGATIVE(x) &&			\
		 !IOMMUFD_MODEL_MAY_BE_NEGATIVE(y)),			\
		"one value is signed, the other is not");		\
	IOMMUFD_MODEL_CHOOSE(__typeof__(1 ? (x) : (y)), op, x, y,	\
			     __COUNTER__);				\
})
/** @endcond */

#endif
