/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Division of 64-bit numbers, and products that do not fit into 64 bits.
 */
#ifndef IOMMUFD_MODEL_KERNEL_MATH64_H
#define IOMMUFD_MODEL_KERNEL_MATH64_H

#include <iommufd_model/kernel/math.h>

/**
 * Divides a variable and keeps the quotient in it.
 * @param n     the variable, a u64
 * @param base  the divisor, a u32
 * @return the remainder, a u32
 */
#define do_div(n, base) __extension__({					\
	u32 __base = (base);						\
	u32 __rest = (u32)((u64)(n) % __base);				\
	(n) = (u64)(n) / __base;					\
	__rest;								\
})
/** Divides a u64 by a u64, rounded up. */
#define DIV64_U64_ROUND_UP(n, d) DIV_ROUND_UP((u64)(n), (u64)(d))
/** Divides a u64 by a u64, rounded to the nearest. */
#define DIV64_U64_ROUND_CLOSEST(n, d) DIV_ROUND_CLOSEST_ULL(n, d)
/** Divides a u64, rounded to the nearest. */
#define DIV_U64_ROUND_CLOSEST(n, d) DIV_ROUND_CLOSEST_ULL(n, d)
/** Divides a u64, rounded up. */
#define DIV_U64_ROUND_UP(n, d) DIV_ROUND_UP((u64)(n), (u64)(d))

/**
 * @name Division
 * @{
 */
/**
 * Divides.
 * @param dividend  the number that is divided
 * @param divisor   the number by which it is divided, not 0
 * @return the quotient, rounded towards 0
 */
static inline u64 div_u64(u64 dividend, u32 divisor)
{
	return dividend / divisor;
}

static inline s64 div_s64(s64 dividend, s32 divisor)
{
	return dividend / divisor;
}

static inline u64 div64_u64(u64 dividend, u64 divisor)
{
	return dividend / divisor;
}

static inline s64 div64_s64(s64 dividend, s64 divisor)
{
	return dividend / divisor;
}

static inline u64 div64_ul(u64 dividend, unsigned long divisor)
{
	return dividend / divisor;
}
/** @} */

/**
 * @name Division with a remainder
 * @{
 */
/**
 * Divides, and also gives the remainder.
 * @param dividend   the number that is divided
 * @param divisor    the number by which it is divided, not 0
 * @param remainder  set to the remainder
 * @return the quotient, rounded towards 0
 */
static inline u64 div_u64_rem(u64 dividend, u32 divisor, u32 *remainder)
{
	*remainder = (u32)(dividend % divisor);
	return dividend / divisor;
}

static inline s64 div_s64_rem(s64 dividend, s32 divisor, s32 *remainder)
{
	*remainder = (s32)(dividend % divisor);
	return dividend / divisor;
}

static inline u64 div64_u64_rem(u64 dividend, u64 divisor, u64 *remainder)
{
	*remainder = dividend % divisor;
	return dividend / divisor;
}
/** @} */

/** @cond INTERNAL */
__extension__ typedef unsigned __int128 iommufd_model_u128;
/** @endcond */

/**
 * Multiplies two numbers and divides the product, which may have 128 bits.
 * @param a  a factor
 * @param b  the other factor
 * @param c  the divisor, not 0
 * @return the quotient, rounded down; U64_MAX if it does not fit
 */
static inline u64 mul_u64_u64_div_u64(u64 a, u64 b, u64 c)
{
	iommufd_model_u128 quotient = (iommufd_model_u128)a * b / c;

	return quotient > U64_MAX ? U64_MAX : (u64)quotient;
}

/**
 * Multiplies two numbers and divides the product, which may have 128 bits.
 * @param a    a factor
 * @param mul  the other factor
 * @param div  the divisor, not 0
 * @return the quotient, rounded down
 */
static inline u64 mul_u64_u32_div(u64 a, u32 mul, u32 div)
{
	return (u64)((iommufd_model_u128)a * mul / div);
}

/**
 * Multiplies two numbers and shifts the product, which may have 128 bits.
 * @param a      a factor
 * @param mul    the other factor
 * @param shift  the number of bits, less than 128
 * @return the lower 64 bits of the result
 */
static inline u64 mul_u64_u64_shr(u64 a, u64 mul, unsigned int shift)
{
	return (u64)((iommufd_model_u128)a * mul >> shift);
}

/**
 * Multiplies a u64 with a u32 and shifts the product, which may have 96 bits.
 * @param a      a factor
 * @param mul    the other factor
 * @param shift  the number of bits, less than 128
 * @return the lower 64 bits of the result
 */
static inline u64 mul_u64_u32_shr(u64 a, u32 mul, unsigned int shift)
{
	return mul_u64_u64_shr(a, mul, shift);
}

/**
 * Multiplies two u32.
 * @param a  a factor
 * @param b  the other factor
 * @return the product
 */
static inline u64 mul_u32_u32(u32 a, u32 b)
{
	return (u64)a * b;
}

#endif
