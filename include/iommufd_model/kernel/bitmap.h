/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Bitmaps: arrays of unsigned long whose bits are numbered from 0.
 *
 * The accesses are plain and do not pass the gate, so the caller must protect
 * the bitmap.  A function that writes the last unsigned long clears the bits in
 * it that lie beyond the end of the bitmap.
 */
#ifndef IOMMUFD_MODEL_KERNEL_BITMAP_H
#define IOMMUFD_MODEL_KERNEL_BITMAP_H

#include <iommufd_model/kernel/find.h>
#include <iommufd_model/kernel/slab.h>
#include <string.h>

/** Declares a bitmap @p name of @p bits bits. */
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]
/** Gives a mask of the bits from @p start to the end of its unsigned long. */
#define BITMAP_FIRST_WORD_MASK(start) (~0ul << ((start) % BITS_PER_LONG))
/**
 * Gives a mask of the bits that a bitmap of @p nbits bits uses in its last
 * unsigned long.
 */
#define BITMAP_LAST_WORD_MASK(nbits) \
	(~0ul >> (-(unsigned long)(nbits) % BITS_PER_LONG))
/** Gives the size of a bitmap of @p nbits bits in bytes. */
#define bitmap_size(nbits) (BITS_TO_LONGS((size_t)(nbits)) * sizeof(long))

/**
 * Allocates a bitmap with undefined contents.
 * @param nbits  the number of bits
 * @param gfp    GFP_KERNEL, or GFP_ATOMIC if a spinlock is held
 * @return the bitmap, or NULL if the allocation failed
 * @ownership The caller frees it with bitmap_free().
 */
#define bitmap_alloc(nbits, gfp) \
	((unsigned long *)kmalloc(bitmap_size(nbits), gfp))
/**
 * Allocates a bitmap in which no bit is set.
 * @param nbits  the number of bits
 * @param gfp    GFP_KERNEL, or GFP_ATOMIC if a spinlock is held
 * @return the bitmap, or NULL if the allocation failed
 * @ownership The caller frees it with bitmap_free().
 */
#define bitmap_zalloc(nbits, gfp) \
	((unsigned long *)kzalloc(bitmap_size(nbits), gfp))
/** Frees a bitmap; NULL is allowed. */
#define bitmap_free(bitmap) kfree(bitmap)

/**
 * @name Whole bitmaps
 * @{
 */
/**
 * Sets or clears all bits.
 * @param dst    the bitmap
 * @param nbits  its number of bits
 */
static inline void bitmap_zero(unsigned long *dst, unsigned int nbits)
{
	memset(dst, 0, bitmap_size(nbits));
}

static inline void bitmap_fill(unsigned long *dst, unsigned int nbits)
{
	if (!nbits)
		return;
	memset(dst, 0xff, bitmap_size(nbits));
	dst[BITS_TO_LONGS(nbits) - 1] &= BITMAP_LAST_WORD_MASK(nbits);
}
/** @} */

/**
 * Copies a bitmap.
 * @param dst    the destination
 * @param src    the source
 * @param nbits  the number of bits of each
 */
static inline void bitmap_copy(unsigned long *dst, const unsigned long *src,
			       unsigned int nbits)
{
	memcpy(dst, src, bitmap_size(nbits));
}

/**
 * @name Ranges of bits
 * @{
 */
/**
 * Sets or clears some bits.
 * @param map    the bitmap
 * @param start  the first bit
 * @param nbits  the number of bits
 */
static inline void bitmap_set(unsigned long *map, unsigned int start,
			      unsigned int nbits)
{
	for (; nbits--; start++)
		map[BIT_WORD(start)] |= BIT_MASK(start);
}

static inline void bitmap_clear(unsigned long *map, unsigned int start,
				unsigned int nbits)
{
	for (; nbits--; start++)
		map[BIT_WORD(start)] &= ~BIT_MASK(start);
}
/** @} */

/**
 * @name Tests and searches
 * @{
 */
/**
 * Tells which bits of a bitmap are set.
 * @param src    the bitmap
 * @param nbits  its number of bits
 * @return bitmap_empty(): true if no bit is set; bitmap_full(): true if all
 *   bits are set; bitmap_weight(): the number of bits that are set
 */
static inline bool bitmap_empty(const unsigned long *src, unsigned int nbits)
{
	return find_first_bit(src, nbits) == nbits;
}

static inline bool bitmap_full(const unsigned long *src, unsigned int nbits)
{
	return find_first_zero_bit(src, nbits) == nbits;
}

static inline unsigned int bitmap_weight(const unsigned long *src,
					 unsigned int nbits)
{
	unsigned int weight = 0, i;

	for (i = 0; i < nbits / BITS_PER_LONG; i++)
		weight += (unsigned int)hweight_long(src[i]);
	if (nbits % BITS_PER_LONG)
		weight += (unsigned int)hweight_long(
			src[i] & BITMAP_LAST_WORD_MASK(nbits));
	return weight;
}
/** @} */

/** @cond INTERNAL */
/*
 * Returns the bits that are set in unsigned long @i of both bitmaps, without
 * those beyond the end of the bitmaps.
 */
static inline unsigned long iommufd_model_bitmap_word(const unsigned long *map,
						      unsigned int i,
						      unsigned int nbits)
{
	unsigned long word = map[i];

	if ((i + 1) * BITS_PER_LONG > nbits)
		word &= BITMAP_LAST_WORD_MASK(nbits);
	return word;
}
/** @endcond */

/**
 * @name Two bitmaps
 * @{
 */
/**
 * Compares two bitmaps.
 * @param a      a bitmap
 * @param b      the other
 * @param nbits  the number of bits of each
 * @return bitmap_equal(): true if they have the same bits; bitmap_intersects():
 *   true if a bit is set in both; bitmap_subset(): true if each bit of @p a is
 *   set in @p b
 */
static inline bool bitmap_equal(const unsigned long *a, const unsigned long *b,
				unsigned int nbits)
{
	unsigned int i;

	for (i = 0; i < BITS_TO_LONGS(nbits); i++)
		if (iommufd_model_bitmap_word(a, i, nbits) !=
		    iommufd_model_bitmap_word(b, i, nbits))
			return false;
	return true;
}

static inline bool bitmap_intersects(const unsigned long *a,
				     const unsigned long *b,
				     unsigned int nbits)
{
	return find_first_and_bit(a, b, nbits) < nbits;
}

static inline bool bitmap_subset(const unsigned long *a,
				 const unsigned long *b, unsigned int nbits)
{
	unsigned int i;

	for (i = 0; i < BITS_TO_LONGS(nbits); i++)
		if (iommufd_model_bitmap_word(a, i, nbits) & ~b[i])
			return false;
	return true;
}
/** @} */

/**
 * @name Combinations
 * @{
 */
/**
 * Combines two bitmaps.
 * @param dst    the result
 * @param a      a bitmap
 * @param b      the other bitmap
 * @param nbits  the number of bits of each
 * @return for the functions that are not void: true if a bit of the result is
 *   set
 */
static inline bool bitmap_and(unsigned long *dst, const unsigned long *a,
			      const unsigned long *b, unsigned int nbits)
{
	unsigned int i;

	for (i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = iommufd_model_bitmap_word(a, i, nbits) & b[i];
	return !bitmap_empty(dst, nbits);
}

static inline bool bitmap_andnot(unsigned long *dst, const unsigned long *a,
				 const unsigned long *b, unsigned int nbits)
{
	unsigned int i;

	for (i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = iommufd_model_bitmap_word(a, i, nbits) & ~b[i];
	return !bitmap_empty(dst, nbits);
}
/** @} */

/**
 * @name Combinations without an answer
 * @{
 */
/**
 * Combines two bitmaps.
 * @param dst    the result
 * @param a      a bitmap
 * @param b      the other
 * @param nbits  the number of bits of each
 */
static inline void bitmap_or(unsigned long *dst, const unsigned long *a,
			     const unsigned long *b, unsigned int nbits)
{
	unsigned int i;

	for (i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = iommufd_model_bitmap_word(a, i, nbits) |
			 iommufd_model_bitmap_word(b, i, nbits);
}

static inline void bitmap_xor(unsigned long *dst, const unsigned long *a,
			      const unsigned long *b, unsigned int nbits)
{
	unsigned int i;

	for (i = 0; i < BITS_TO_LONGS(nbits); i++)
		dst[i] = iommufd_model_bitmap_word(a, i, nbits) ^
			 iommufd_model_bitmap_word(b, i, nbits);
}
/** @} */

/**
 * Searches for a run of bits that are not set.
 * @param map         the bitmap
 * @param size        its number of bits
 * @param start       the first bit to look at
 * @param nr          the length of the run
 * @param align_mask  the run begins at a multiple of this plus 1, a power of two
 * @return the first bit of the run; more than @p size - @p nr if there is none
 */
static inline unsigned long
bitmap_find_next_zero_area(const unsigned long *map, unsigned long size,
			   unsigned long start, unsigned int nr,
			   unsigned long align_mask)
{
	unsigned long bit;

	for (;;) {
		start = find_next_zero_bit(map, size, start);
		start = (start + align_mask) & ~align_mask;
		if (start + nr > size)
			return start + nr;
		bit = find_next_bit(map, start + nr, start);
		if (bit >= start + nr)
			return start;
		start = bit + 1;
	}
}

#endif
