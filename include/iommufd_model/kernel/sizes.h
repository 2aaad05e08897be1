/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Sizes that are powers of two: SZ_1, SZ_2 and so on up to SZ_512, the same
 * with the suffixes K, M and G, and with T up to SZ_64T.  As in the kernel,
 * those up to SZ_2G are constants of type int or unsigned int.
 */
#ifndef IOMMUFD_MODEL_KERNEL_SIZES_H
#define IOMMUFD_MODEL_KERNEL_SIZES_H

#include <iommufd_model/kernel/types.h>

#define SZ_1 0x1	/**< 2 to the power of 0 */
#define SZ_2 0x2	/**< 2 to the power of 1 */
#define SZ_4 0x4	/**< 2 to the power of 2 */
#define SZ_8 0x8	/**< 2 to the power of 3 */
#define SZ_16 0x10	/**< 2 to the power of 4 */
#define SZ_32 0x20	/**< 2 to the power of 5 */
#define SZ_64 0x40	/**< 2 to the power of 6 */
#define SZ_128 0x80	/**< 2 to the power of 7 */
#define SZ_256 0x100	/**< 2 to the power of 8 */
#define SZ_512 0x200	/**< 2 to the power of 9 */
#define SZ_1K 0x400	/**< 2 to the power of 10 */
#define SZ_2K 0x800	/**< 2 to the power of 11 */
#define SZ_4K 0x1000	/**< 2 to the power of 12 */
#define SZ_8K 0x2000	/**< 2 to the power of 13 */
#define SZ_16K 0x4000	/**< 2 to the power of 14 */
#define SZ_32K 0x8000	/**< 2 to the power of 15 */
#define SZ_64K 0x10000	/**< 2 to the power of 16 */
#define SZ_128K 0x20000	/**< 2 to the power of 17 */
#define SZ_256K 0x40000	/**< 2 to the power of 18 */
#define SZ_512K 0x80000	/**< 2 to the power of 19 */
#define SZ_1M 0x100000	/**< 2 to the power of 20 */
#define SZ_2M 0x200000	/**< 2 to the power of 21 */
#define SZ_4M 0x400000	/**< 2 to the power of 22 */
#define SZ_8M 0x800000	/**< 2 to the power of 23 */
#define SZ_16M 0x1000000	/**< 2 to the power of 24 */
#define SZ_32M 0x2000000	/**< 2 to the power of 25 */
#define SZ_64M 0x4000000	/**< 2 to the power of 26 */
#define SZ_128M 0x8000000	/**< 2 to the power of 27 */
#define SZ_256M 0x10000000	/**< 2 to the power of 28 */
#define SZ_512M 0x20000000	/**< 2 to the power of 29 */
#define SZ_1G 0x40000000	/**< 2 to the power of 30 */
#define SZ_2G 0x80000000	/**< 2 to the power of 31 */
#define SZ_4G ((u64)0x100000000)	/**< 2 to the power of 32 */
#define SZ_8G ((u64)0x200000000)	/**< 2 to the power of 33 */
#define SZ_16G ((u64)0x400000000)	/**< 2 to the power of 34 */
#define SZ_32G ((u64)0x800000000)	/**< 2 to the power of 35 */
#define SZ_64G ((u64)0x1000000000)	/**< 2 to the power of 36 */
#define SZ_128G ((u64)0x2000000000)	/**< 2 to the power of 37 */
#define SZ_256G ((u64)0x4000000000)	/**< 2 to the power of 38 */
#define SZ_512G ((u64)0x8000000000)	/**< 2 to the power of 39 */
#define SZ_1T ((u64)0x10000000000)	/**< 2 to the power of 40 */
#define SZ_2T ((u64)0x20000000000)	/**< 2 to the power of 41 */
#define SZ_4T ((u64)0x40000000000)	/**< 2 to the power of 42 */
#define SZ_8T ((u64)0x80000000000)	/**< 2 to the power of 43 */
#define SZ_16T ((u64)0x100000000000)	/**< 2 to the power of 44 */
#define SZ_32T ((u64)0x200000000000)	/**< 2 to the power of 45 */
#define SZ_64T ((u64)0x400000000000)	/**< 2 to the power of 46 */

#endif
