/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Arithmetic that detects a result which does not fit, and calculations of
 * sizes that then give SIZE_MAX, a size that no allocation can have.
 */
#ifndef IOMMUFD_MODEL_KERNEL_OVERFLOW_H
#define IOMMUFD_MODEL_KERNEL_OVERFLOW_H

#include <iommufd_model/kernel/compiler.h>

/** Gives the largest value of an integer type. */
#define type_max(t)							\
	((t)((t)-1 < (t)1 ?						\
		     (((t)1 << (sizeof(t) * 8 - 2)) - 1) * 2 + 1 : (t)-1))
/** Gives the smallest value of an integer type. */
#define type_min(t) ((t)(-1) < (t)1 ? (t)(-type_max(t) - 1) : (t)0)
/** Sets @p *d to a + b; gives true if the result does not fit. */
#define check_add_overflow(a, b, d) __builtin_add_overflow(a, b, d)
/** Sets @p *d to a - b; gives true if the result does not fit. */
#define check_sub_overflow(a, b, d) __builtin_sub_overflow(a, b, d)
/** Sets @p *d to a * b; gives true if the result does not fit. */
#define check_mul_overflow(a, b, d) __builtin_mul_overflow(a, b, d)
/**
 * Sets @p *d to a << s.  Gives true if the result does not fit, if @p a or the
 * result is negative, or if @p s is not less than the number of bits of @p *d.
 */
#define check_shl_overflow(a, s, d) __extension__({			\
	__typeof__(a) __a = (a);					\
	long long __s = (long long)(s);					\
	bool __bad = __s < 0 || __s >= (long long)sizeof(*(d)) * 8;	\
	u64 __shifted = __bad ? 0 : (u64)__a << __s;			\
	*(d) = (__typeof__(*(d)))__shifted;				\
	__bad || iommufd_model_bad_shift(				\
		(u64)__a, __a > 0 || __a == 0, (int)__s,		\
		(u64)*(d), *(d) > 0 || *(d) == 0);			\
})
/** Gives a + b, truncated to @p type. */
#define wrapping_add(type, a, b) __extension__({			\
	type __sum;							\
	(void)__builtin_add_overflow(a, b, &__sum);			\
	__sum;								\
})
/** Gives a - b, truncated to @p type. */
#define wrapping_sub(type, a, b) __extension__({			\
	type __difference;						\
	(void)__builtin_sub_overflow(a, b, &__difference);		\
	__difference;							\
})
/** Gives a * b, truncated to @p type. */
#define wrapping_mul(type, a, b) __extension__({			\
	type __product;							\
	(void)__builtin_mul_overflow(a, b, &__product);			\
	__product;							\
})
/**
 * Tells whether a value does not fit into a type or into the type of a
 * variable.
 */
#define overflows_type(value, type) __extension__({			\
	__typeof__(type) __fits;					\
	__builtin_add_overflow(value, 0, &__fits);			\
})

/** Gives the size of an array with @p n elements of @p size bytes. */
#define array_size(n, size) size_mul(n, size)
/** Gives the size of an array with @p a times @p b elements. */
#define array3_size(a, b, size) size_mul(size_mul(a, b), size)
/**
 * Gives the size of the flexible array @p member of @p *p for @p n elements.
 */
#define flex_array_size(p, member, n) \
	size_mul(n, sizeof(*(p)->member))
/**
 * Gives the size of @p *p with @p n elements in its flexible array @p member.
 */
#define struct_size(p, member, n) \
	size_add(sizeof(*(p)), flex_array_size(p, member, n))
/** Gives the size of a @p type with @p n elements in its flexible array. */
#define struct_size_t(type, member, n) struct_size((type *)NULL, member, n)
/** Gives the offset of @p member in @p *p. */
#define struct_offset(p, member) offsetof(__typeof__(*(p)), member)

/**
 * @name Sizes
 * @{
 */
/**
 * Adds, subtracts or multiplies two sizes.
 * @param a  the first size
 * @param b  the second size
 * @return the result, or SIZE_MAX if it does not fit or if @p a or @p b is
 *   SIZE_MAX
 */
static inline size_t __must_check size_add(size_t a, size_t b)
{
	size_t sum;

	return __builtin_add_overflow(a, b, &sum) ? SIZE_MAX : sum;
}

static inline size_t __must_check size_sub(size_t a, size_t b)
{
	if (a == SIZE_MAX || b == SIZE_MAX || a < b)
		return SIZE_MAX;
	return a - b;
}

static inline size_t __must_check size_mul(size_t a, size_t b)
{
	size_t product;

	return __builtin_mul_overflow(a, b, &product) ? SIZE_MAX : product;
}
/** @} */

/** @cond INTERNAL */
static inline bool iommufd_model_bad_shift(u64 a, bool a_good, int s,
					   u64 result, bool result_good)
{
	return !a_good || !result_good || result >> s != a;
}
/** @endcond */

#endif
