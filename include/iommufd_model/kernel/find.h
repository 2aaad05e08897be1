/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Searches in a bitmap, an array of unsigned long.
 *
 * The accesses are plain and do not pass the gate: the caller protects the
 * bitmap.  A search that finds nothing returns the size of the bitmap.
 */
#ifndef IOMMUFD_MODEL_KERNEL_FIND_H
#define IOMMUFD_MODEL_KERNEL_FIND_H

#include <iommufd_model/kernel/bitscan.h>

/** @cond INTERNAL */
/* Returns the next bit that is set in (@a & @b) ^ @flip; @b may be NULL. */
static inline unsigned long
iommufd_model_find_bit(const unsigned long *a, const unsigned long *b,
		       unsigned long flip, unsigned long size,
		       unsigned long start)
{
	unsigned long word, i;

	if (start >= size)
		return size;
	for (i = start / BITS_PER_LONG; i * BITS_PER_LONG < size; i++) {
		word = (b ? a[i] & b[i] : a[i]) ^ flip;
		if (i == start / BITS_PER_LONG)
			word &= ~0ul << start % BITS_PER_LONG;
		if (word) {
			word = i * BITS_PER_LONG + __ffs(word);
			return word < size ? word : size;
		}
	}
	return size;
}
/** @endcond */

/**
 * @name Searches that begin at a given bit
 * @{
 */
/**
 * Finds the first bit that is set (find_next_zero_bit(): that is clear) at or
 * after @p start.
 * @param addr   the bitmap
 * @param size   number of bits in the bitmap
 * @param start  the number of the bit at which the search begins
 * @return the number of the bit, or @p size if there is no such bit
 */
static inline unsigned long find_next_bit(const unsigned long *addr,
					  unsigned long size,
					  unsigned long start)
{
	return iommufd_model_find_bit(addr, NULL, 0, size, start);
}

static inline unsigned long find_next_zero_bit(const unsigned long *addr,
					       unsigned long size,
					       unsigned long start)
{
	return iommufd_model_find_bit(addr, NULL, ~0ul, size, start);
}
/** @} */

/**
 * Finds the next bit that is set in both bitmaps.
 * @param a      a bitmap
 * @param b      the other bitmap
 * @param size   the number of bits of each
 * @param start  the first bit to look at
 * @return the number of the bit; @p size if there is none
 */
static inline unsigned long find_next_and_bit(const unsigned long *a,
					      const unsigned long *b,
					      unsigned long size,
					      unsigned long start)
{
	return iommufd_model_find_bit(a, b, 0, size, start);
}

/**
 * @name Searches through the whole bitmap
 * @{
 */
/**
 * Finds the first bit that is set, the first that is clear
 * (find_first_zero_bit()), or the last that is set (find_last_bit()).
 * @param addr  the bitmap
 * @param size  number of bits in the bitmap
 * @return the number of the bit, or @p size if there is no such bit
 */
static inline unsigned long find_first_bit(const unsigned long *addr,
					   unsigned long size)
{
	return find_next_bit(addr, size, 0);
}

static inline unsigned long find_first_zero_bit(const unsigned long *addr,
						unsigned long size)
{
	return find_next_zero_bit(addr, size, 0);
}

static inline unsigned long find_last_bit(const unsigned long *addr,
					  unsigned long size)
{
	unsigned long bit;

	for (bit = size; bit--;)
		if (addr[BIT_WORD(bit)] & BIT_MASK(bit))
			return bit;
	return size;
}
/** @} */

/**
 * Finds the first bit that is set in both bitmaps.
 * @param a     a bitmap
 * @param b     the other bitmap
 * @param size  the number of bits of each
 * @return the number of the bit; @p size if there is none
 */
static inline unsigned long find_first_and_bit(const unsigned long *a,
					       const unsigned long *b,
					       unsigned long size)
{
	return find_next_and_bit(a, b, size, 0);
}

/**
 * Finds a bit that is set, first from @p start to the end of the bitmap, and
 * then from its beginning.
 * @param addr   the bitmap
 * @param size   its number of bits
 * @param start  the first bit to look at
 * @return the number of the bit; @p size if there is none
 */
static inline unsigned long find_next_bit_wrap(const unsigned long *addr,
					       unsigned long size,
					       unsigned long start)
{
	unsigned long bit = find_next_bit(addr, size, start);

	if (bit < size || !start)
		return bit;
	bit = find_first_bit(addr, start);
	return bit < start ? bit : size;
}

/**
 * Finds the n-th bit that is set.
 * @param addr  the bitmap
 * @param size  its number of bits
 * @param n     the n, counted from 0
 * @return the number of the bit; @p size if there is none
 */
static inline unsigned long find_nth_bit(const unsigned long *addr,
					 unsigned long size, unsigned long n)
{
	unsigned long bit = find_first_bit(addr, size);

	while (n-- && bit < size)
		bit = find_next_bit(addr, size, bit + 1);
	return bit;
}

/** Runs the loop body for each bit that is set. */
#define for_each_set_bit(bit, addr, size)				\
	for ((bit) = find_first_bit(addr, size); (bit) < (size);	\
	     (bit) = find_next_bit(addr, size, (bit) + 1))
/** Runs the loop body for each bit that is set, from @p bit on. */
#define for_each_set_bit_from(bit, addr, size)				\
	for ((bit) = find_next_bit(addr, size, bit); (bit) < (size);	\
	     (bit) = find_next_bit(addr, size, (bit) + 1))
/** Runs the loop body for each bit that is not set. */
#define for_each_clear_bit(bit, addr, size)				\
	for ((bit) = find_first_zero_bit(addr, size); (bit) < (size);	\
	     (bit) = find_next_zero_bit(addr, size, (bit) + 1))
/** Runs the loop body for each bit that is set in two bitmaps. */
#define for_each_and_bit(bit, a, b, size)				\
	for ((bit) = find_first_and_bit(a, b, size); (bit) < (size);	\
	     (bit) = find_next_and_bit(a, b, size, (bit) + 1))
/** Runs the loop body for each run of bits from @p b to @p e - 1 that are set. */
#define for_each_set_bitrange(b, e, addr, size)				\
	for ((b) = find_first_bit(addr, size);				\
	     (b) < (size) &&						\
	     ((e) = find_next_zero_bit(addr, size, (b) + 1), 1);	\
	     (b) = find_next_bit(addr, size, (e) + 1))

#endif
