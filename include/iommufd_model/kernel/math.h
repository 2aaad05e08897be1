/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Rounding and division.
 */
#ifndef IOMMUFD_MODEL_KERNEL_MATH_H
#define IOMMUFD_MODEL_KERNEL_MATH_H

#include <iommufd_model/kernel/align.h>
#include <iommufd_model/kernel/log2.h>

/** Rounds @p x up to a multiple of @p y, which is a power of two. */
#define round_up(x, y) ALIGN(x, y)
/** Rounds @p x down to a multiple of @p y, which is a power of two. */
#define round_down(x, y) ALIGN_DOWN(x, y)
/** Rounds @p x up to a multiple of @p y. */
#define roundup(x, y) __extension__({					\
	__typeof__(y) __multiple = (y);					\
	((x) + (__multiple - 1)) / __multiple * __multiple;		\
})
/** Rounds @p x down to a multiple of @p y. */
#define rounddown(x, y) __extension__({					\
	__typeof__(x) __rounded = (x);					\
	__rounded - __rounded % (y);					\
})
/** Gives @p n divided by @p d, rounded up. */
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
/** Gives a u64 divided by @p d, rounded up. */
#define DIV_ROUND_UP_ULL(n, d) DIV_ROUND_UP((u64)(n), d)
/** Gives a u64 divided by @p d, rounded down. */
#define DIV_ROUND_DOWN_ULL(n, d) ((u64)(n) / (d))
/** Gives @p n divided by @p d, a power of two, rounded up. */
#define DIV_ROUND_UP_POW2(n, d) \
	((n) / (d) + (((n) & ((d) - 1)) != 0))
/**
 * Gives @p x divided by @p d, rounded to the nearest; a half is rounded away
 * from 0.
 */
#define DIV_ROUND_CLOSEST(x, d) __extension__({				\
	__typeof__(x) __n = (x);					\
	__typeof__(d) __d = (d);					\
	((__n > 0) == (__d > 0) || !((__typeof__(__n))-1 < 1) ||	\
	 !((__typeof__(__d))-1 < 1)) ?					\
		(__n + __d / 2) / __d : (__n - __d / 2) / __d;		\
})
/** Gives a u64 divided by @p d, rounded to the nearest. */
#define DIV_ROUND_CLOSEST_ULL(x, d) \
	(((u64)(x) + (u64)(d) / 2) / (u64)(d))
/** Gives the absolute difference of two values. */
#define abs_diff(a, b) __extension__({					\
	__typeof__(a) __a = (a);					\
	__typeof__(b) __b = (b);					\
	__a > __b ? __a - __b : __b - __a;				\
})
/**
 * Gives x * n / d, which does not overflow even if x * n does, unless d * n
 * does.
 */
#define mult_frac(x, n, d) __extension__({				\
	__typeof__(x) __x = (x);					\
	__typeof__(n) __n = (n);					\
	__typeof__(d) __d = (d);					\
	__x / __d * __n + __x % __d * __n / __d;			\
})

/**
 * Raises a number to a power.
 * @param base  the number
 * @param exp   the exponent
 * @return the power, modulo 2^64
 */
static inline u64 int_pow(u64 base, unsigned int exp)
{
	u64 result = 1;

	while (exp--)
		result *= base;
	return result;
}

/**
 * Gives the square root of a number, rounded down.
 * @param x  the number
 * @return the root
 */
static inline unsigned long int_sqrt(unsigned long x)
{
	unsigned long root = 0, bit;

	for (bit = 1ul << 31; bit; bit >>= 1)
		if ((root | bit) * (root | bit) <= x)
			root |= bit;
	return root;
}

#endif
