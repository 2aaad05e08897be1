/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Functions of one number: they find and count its bits, and rotate and extend
 * it.
 *
 * In the kernel they are part of bitops.h.
 */
#ifndef IOMMUFD_MODEL_KERNEL_BITSCAN_H
#define IOMMUFD_MODEL_KERNEL_BITSCAN_H

#include <iommufd_model/kernel/bits.h>
#include <strings.h>

/** Gives the number of bits of a type. */
#define BITS_PER_TYPE(type) (sizeof(type) * BITS_PER_BYTE)
/** Gives how many unsigned longs hold @p n bits. */
#define BITS_TO_LONGS(n) (((n) + BITS_PER_LONG - 1) / BITS_PER_LONG)
/** Gives how many u64 hold @p n bits. */
#define BITS_TO_U64(n) (((n) + 63) / 64)
/** Gives how many u32 hold @p n bits. */
#define BITS_TO_U32(n) (((n) + 31) / 32)
/** Gives how many bytes hold @p n bits. */
#define BITS_TO_BYTES(n) (((n) + 7) / 8)

/** Gives how many of the lowest 8 bits are set. */
#define hweight8(w) ((unsigned int)__builtin_popcount((u8)(w)))
/** Gives how many of the lowest 16 bits are set. */
#define hweight16(w) ((unsigned int)__builtin_popcount((u16)(w)))
/** Gives how many of the lowest 32 bits are set. */
#define hweight32(w) ((unsigned int)__builtin_popcount((u32)(w)))
/** Gives how many of 64 bits are set, as an unsigned long. */
#define hweight64(w) ((unsigned long)__builtin_popcountll((u64)(w)))
/** Gives how many bits of an unsigned long are set. */
#define hweight_long(w) ((unsigned long)__builtin_popcountl(w))

/**
 * @name Bits of a number, from 1
 * @{
 */
/**
 * Finds the highest bit that is set.  Bits are counted from 1.  Its counterpart
 * for the lowest bit of an int, ffs(), comes from the C library.
 * @param x  the number
 * @return the number of the highest bit that is set; 0 if no bit is set
 */
static inline int fls(unsigned int x)
{
	return x ? 32 - __builtin_clz(x) : 0;
}

static inline int fls64(u64 x)
{
	return x ? 64 - __builtin_clzll(x) : 0;
}

static inline unsigned int fls_long(unsigned long x)
{
	return (unsigned int)fls64(x);
}
/** @} */

/**
 * @name Bits of a number, from 0
 * @{
 */
/**
 * Finds a bit.  Bits are counted from 0.
 * @param x  the number; it must not be 0, and for ffz() not all ones
 * @return __ffs(), __ffs64(): the lowest bit that is set; __fls(): the highest
 *   bit that is set; ffz(): the lowest bit that is clear
 */
static inline unsigned long __ffs(unsigned long x)
{
	return (unsigned long)__builtin_ctzl(x);
}

static inline unsigned long __ffs64(u64 x)
{
	return (unsigned long)__builtin_ctzll(x);
}

static inline unsigned long __fls(unsigned long x)
{
	return (unsigned long)(63 - __builtin_clzl(x));
}

static inline unsigned long ffz(unsigned long x)
{
	return __ffs(~x);
}
/** @} */

/**
 * @name Rotation
 * @{
 */
/**
 * Rotates the bits of a number.
 * @param x      the number
 * @param shift  by how many bits, modulo its width
 * @return the rotated number
 */
static inline u64 rol64(u64 x, unsigned int shift)
{
	return (x << (shift & 63)) | (x >> (-shift & 63));
}

static inline u64 ror64(u64 x, unsigned int shift)
{
	return rol64(x, -shift);
}

static inline u32 rol32(u32 x, unsigned int shift)
{
	return (x << (shift & 31)) | (x >> (-shift & 31));
}

static inline u32 ror32(u32 x, unsigned int shift)
{
	return rol32(x, -shift);
}
/** @} */

/**
 * @name Sign extension
 * @{
 */
/**
 * Sign-extends a number.
 * @param value  the number
 * @param index  the number of its sign bit
 * @return the number with all bits above @p index equal to that bit
 */
static inline s32 sign_extend32(u32 value, int index)
{
	return (s32)(value << (31 - index)) >> (31 - index);
}

static inline s64 sign_extend64(u64 value, int index)
{
	return (s64)(value << (63 - index)) >> (63 - index);
}
/** @} */

/**
 * Finds the lowest bit of a u64 that is set.  Bits are counted from 1.
 * @param x  the number
 * @return the number of the bit; 0 if no bit is set
 */
static inline unsigned int ffs64(u64 x)
{
	return (unsigned int)__builtin_ffsll((long long)x);
}

/**
 * Gives the binary logarithm of a number, rounded up.
 * @param count  the number
 * @return the logarithm; -1 for 0
 */
static inline int get_count_order(unsigned int count)
{
	return count ? fls(count - 1) : -1;
}

#endif
