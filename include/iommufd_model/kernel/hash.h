/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Hashes of integers and pointers.
 */
#ifndef IOMMUFD_MODEL_KERNEL_HASH_H
#define IOMMUFD_MODEL_KERNEL_HASH_H

#include <iommufd_model/kernel/types.h>

IOMMUFD_MODEL_BEGIN_DECLS

#define GOLDEN_RATIO_32 0x61C88647u	/**< the factor of hash_32() */
#define GOLDEN_RATIO_64 0x61C8864680B583EBull	/**< the factor of hash_64() */
#define GOLDEN_RATIO_PRIME GOLDEN_RATIO_64	/**< that of hash_long() */

/**
 * Computes the hash of a number.
 * @param val   the number
 * @param bits  the number of bits of the result, from 1 to 32
 * @return the hash
 */
static inline u32 hash_32(u32 val, unsigned int bits)
{
	return (val * GOLDEN_RATIO_32) >> (32 - bits);
}

/**
 * Computes the hash of a number.
 * @param val   the number
 * @param bits  the number of bits of the result, from 1 to 32
 * @return the hash
 */
static inline u32 hash_64(u64 val, unsigned int bits)
{
	return (u32)((val * GOLDEN_RATIO_64) >> (64 - bits));
}

/** Does hash_64() for an unsigned long. */
#define hash_long(val, bits) hash_64(val, bits)

/**
 * Computes the hash of a pointer, which is another one in each run of a program.
 * @param ptr   the pointer
 * @param bits  the number of bits of the result, from 1 to 32
 * @return the hash
 */
static inline u32 hash_ptr(const void *ptr, unsigned int bits)
{
	return hash_64((u64)(uintptr_t)ptr, bits);
}

IOMMUFD_MODEL_END_DECLS

#endif
