/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Powers of two and logarithms.  With a constant argument the macros are
 * constants.
 */
#ifndef IOMMUFD_MODEL_KERNEL_LOG2_H
#define IOMMUFD_MODEL_KERNEL_LOG2_H

#include <iommufd_model/kernel/compiler.h>

/** Gives the logarithm of a constant, as a constant; 0 for 0 and 1. */
#define const_ilog2(n) \
	((u64)(n) < 2 ? 0 : 63 - __builtin_clzll((u64)(n) | 1))
/** Gives the binary logarithm, rounded down.  For 0 it is undefined. */
#define ilog2(n) \
	(__builtin_constant_p(n) ? const_ilog2(n) : iommufd_model_ilog2(n))
/** Rounds @p n up to a power of two; @p n must not be 0. */
#define roundup_pow_of_two(n)						\
	(__builtin_constant_p(n) ?					\
		 ((u64)(n) < 2 ? 1ul : 1ul << (const_ilog2((n) - 1) + 1)) : \
		 iommufd_model_roundup_pow_of_two(n))
/** Rounds @p n down to a power of two; @p n must not be 0. */
#define rounddown_pow_of_two(n) (1ul << ilog2(n))
/** Gives the binary logarithm, rounded up; 0 for 0 and 1. */
#define order_base_2(n)							\
	(__builtin_constant_p(n) ?					\
		 ((u64)(n) < 2 ? 0 : const_ilog2((n) - 1) + 1) :	\
		 iommufd_model_order_base_2(n))
/** Gives the number of binary digits of @p n; 1 for 0. */
#define bits_per(n) ((int)ilog2((u64)(n) | 1) + 1)

/** @cond INTERNAL */
static inline int iommufd_model_ilog2(u64 n)
{
	return n ? 63 - __builtin_clzll(n) : -1;
}

static inline int iommufd_model_order_base_2(u64 n)
{
	return n < 2 ? 0 : iommufd_model_ilog2(n - 1) + 1;
}

static inline unsigned long iommufd_model_roundup_pow_of_two(u64 n)
{
	return 1ul << iommufd_model_order_base_2(n);
}
/** @endcond */

/**
 * Tells whether a number is a power of two.  0 is none.
 * @param n  the number
 * @return true if it is
 */
static inline bool is_power_of_2(unsigned long n)
{
	return n && !(n & (n - 1));
}

/**
 * Gives the order of the smallest block of pages that holds a number of bytes.
 * @param size  the number of bytes, at least 1
 * @return the smallest n for which 2^n pages hold them
 */
static inline int get_order(unsigned long size)
{
	return iommufd_model_order_base_2(((size - 1) >> PAGE_SHIFT) + 1);
}

#endif
