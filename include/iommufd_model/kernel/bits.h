/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Constants of one bit or of neighbouring bits.  If their arguments are
 * constants, the results are constants too, and a mask whose constant bounds
 * are in the wrong order stops the build.
 */
#ifndef IOMMUFD_MODEL_KERNEL_BITS_H
#define IOMMUFD_MODEL_KERNEL_BITS_H

#include <iommufd_model/kernel/build_bug.h>

/** Gives a u64 in which only bit @p n is set. */
#define BIT_ULL(n) ((u64)1 << (n))
/** Gives a u8 in which only bit @p n is set. */
#define BIT_U8(n) ((u8)IOMMUFD_MODEL_BIT_OF(8, n))
/** Gives a u16 in which only bit @p n is set. */
#define BIT_U16(n) ((u16)IOMMUFD_MODEL_BIT_OF(16, n))
/** Gives a u32 in which only bit @p n is set. */
#define BIT_U32(n) ((u32)IOMMUFD_MODEL_BIT_OF(32, n))
/** Gives a u64 in which only bit @p n is set, as BIT_ULL(). */
#define BIT_U64(n) ((u64)IOMMUFD_MODEL_BIT_OF(64, n))
/** Gives the mask of bit @p n within its unsigned long of a bitmap. */
#define BIT_MASK(n) (1ul << ((n) % BITS_PER_LONG))
/** Gives the index of the unsigned long that contains bit @p n of a bitmap. */
#define BIT_WORD(n) ((n) / BITS_PER_LONG)
/** Gives the mask of bit @p n within its u64 of an array. */
#define BIT_ULL_MASK(n) ((u64)1 << ((n) % BITS_PER_LONG_LONG))
/** Gives the index of the u64 that contains bit @p n of an array. */
#define BIT_ULL_WORD(n) ((n) / BITS_PER_LONG_LONG)

/** Gives an unsigned long in which the bits from @p l to @p h are set. */
#define GENMASK(h, l) IOMMUFD_MODEL_GENMASK(unsigned long, h, l)
/** Gives a u64 in which the bits from @p l to @p h are set. */
#define GENMASK_ULL(h, l) IOMMUFD_MODEL_GENMASK(u64, h, l)
/** Gives a u8 in which the bits from @p l to @p h are set. */
#define GENMASK_U8(h, l) ((u8)IOMMUFD_MODEL_GENMASK(u8, h, l))
/** Gives a u16 in which the bits from @p l to @p h are set. */
#define GENMASK_U16(h, l) ((u16)IOMMUFD_MODEL_GENMASK(u16, h, l))
/** Gives a u32 in which the bits from @p l to @p h are set. */
#define GENMASK_U32(h, l) IOMMUFD_MODEL_GENMASK(u32, h, l)
/** Gives a u64 in which the bits from @p l to @p h are set. */
#define GENMASK_U64(h, l) IOMMUFD_MODEL_GENMASK(u64, h, l)

/** @cond INTERNAL */
#define IOMMUFD_MODEL_BIT_OF(width, n)					\
	(((u64)1 << (n)) +						\
	 (u64)BUILD_BUG_ON_ZERO(IOMMUFD_MODEL_IF_CONST((n) >= (width))))
/* Takes the bits up to @h, and removes those below @l. */
#define IOMMUFD_MODEL_GENMASK(type, h, l)				\
	((type)(((type)~(type)0 >> ((int)sizeof(type) * 8 - 1 - (h))) &	\
		(type)((type)~(type)0 << (l))) +			\
	 (type)BUILD_BUG_ON_ZERO(IOMMUFD_MODEL_IF_CONST(		\
		 (l) > (h) || (h) >= (int)sizeof(type) * 8)))
/** @endcond */

#endif
