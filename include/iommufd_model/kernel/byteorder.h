/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Conversions of the byte order of a number.  If the argument is a constant,
 * the result of a macro is a constant.
 *
 * If N is 16, 32 or 64, cpu_to_leN() and leN_to_cpu() convert to little-endian
 * and back, cpu_to_leNp() and leN_to_cpup() read the number through a pointer,
 * cpu_to_leNs() and leN_to_cpus() convert the number at a pointer in place, and
 * leN_add_cpu() adds to it.  get_unaligned_leN() and put_unaligned_leN() take
 * an address that need not be aligned.  All of these exist for big-endian too,
 * with "be" in place of "le".
 */
#ifndef IOMMUFD_MODEL_KERNEL_BYTEORDER_H
#define IOMMUFD_MODEL_KERNEL_BYTEORDER_H

#include <iommufd_model/kernel/types.h>

/** Reverses the order of the bytes of a u16. */
#define swab16(x) ((u16)__builtin_bswap16((u16)(x)))
/** Reverses the order of the bytes of a u32. */
#define swab32(x) ((u32)__builtin_bswap32((u32)(x)))
/** Reverses the order of the bytes of a u64. */
#define swab64(x) ((u64)__builtin_bswap64((u64)(x)))

/** Reads a value of the type of @p *ptr from an address of any alignment. */
#define get_unaligned(ptr) __extension__({				\
	__typeof__(*(ptr)) __value;					\
	__builtin_memcpy((void *)&__value, ptr, sizeof(__value));	\
	__value;							\
})
/** Writes a value of the type of @p *ptr to an address of any alignment. */
#define put_unaligned(value, ptr) do {					\
	__typeof__(*(ptr)) __value = (value);				\
	__builtin_memcpy(ptr, &__value, sizeof(__value));		\
} while (0)

/** @cond INTERNAL */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define IOMMUFD_MODEL_LE(n, x) ((u##n)(x))
#define IOMMUFD_MODEL_BE(n, x) swab##n(x)
#else
#define IOMMUFD_MODEL_LE(n, x) swab##n(x)
#define IOMMUFD_MODEL_BE(n, x) ((u##n)(x))
#endif

#define cpu_to_le16(x) ((__le16)IOMMUFD_MODEL_LE(16, x))
#define cpu_to_le32(x) ((__le32)IOMMUFD_MODEL_LE(32, x))
#define cpu_to_le64(x) ((__le64)IOMMUFD_MODEL_LE(64, x))
#define le16_to_cpu(x) IOMMUFD_MODEL_LE(16, x)
#define le32_to_cpu(x) IOMMUFD_MODEL_LE(32, x)
#define le64_to_cpu(x) IOMMUFD_MODEL_LE(64, x)
#define cpu_to_be16(x) ((__be16)IOMMUFD_MODEL_BE(16, x))
#define cpu_to_be32(x) ((__be32)IOMMUFD_MODEL_BE(32, x))
#define cpu_to_be64(x) ((__be64)IOMMUFD_MODEL_BE(64, x))
#define be16_to_cpu(x) IOMMUFD_MODEL_BE(16, x)
#define be32_to_cpu(x) IOMMUFD_MODEL_BE(32, x)
#define be64_to_cpu(x) IOMMUFD_MODEL_BE(64, x)

#define IOMMUFD_MODEL_ORDER_FUNCTIONS(order, n)				\
static inline __##order##n cpu_to_##order##n##p(const u##n *p)		\
{									\
	return cpu_to_##order##n(*p);					\
}									\
static inline u##n order##n##_to_cpup(const __##order##n *p)		\
{									\
	return order##n##_to_cpu(*p);					\
}									\
static inline void cpu_to_##order##n##s(u##n *p)			\
{									\
	*p = cpu_to_##order##n(*p);					\
}									\
static inline void order##n##_to_cpus(__##order##n *p)			\
{									\
	*p = order##n##_to_cpu(*p);					\
}									\
static inline void order##n##_add_cpu(__##order##n *p, u##n value)	\
{									\
	*p = cpu_to_##order##n(order##n##_to_cpu(*p) + value);		\
}									\
static inline u##n get_unaligned_##order##n(const void *p)		\
{									\
	__##order##n value;						\
									\
	__builtin_memcpy(&value, p, sizeof(value));			\
	return order##n##_to_cpu(value);				\
}									\
static inline void put_unaligned_##order##n(u##n value, void *p)	\
{									\
	__##order##n there = cpu_to_##order##n(value);			\
									\
	__builtin_memcpy(p, &there, sizeof(there));			\
}
IOMMUFD_MODEL_ORDER_FUNCTIONS(le, 16)
IOMMUFD_MODEL_ORDER_FUNCTIONS(le, 32)
IOMMUFD_MODEL_ORDER_FUNCTIONS(le, 64)
IOMMUFD_MODEL_ORDER_FUNCTIONS(be, 16)
IOMMUFD_MODEL_ORDER_FUNCTIONS(be, 32)
IOMMUFD_MODEL_ORDER_FUNCTIONS(be, 64)
#undef IOMMUFD_MODEL_ORDER_FUNCTIONS
/** @endcond */

/**
 * Converts an array of little-endian 32-bit numbers in place.
 * @param p  the array
 * @param n  the number of elements
 */
static inline void le32_to_cpu_array(u32 *p, unsigned int n)
{
	while (n--)
		le32_to_cpus(p++);
}

/**
 * Converts an array of 32-bit numbers to little-endian, in place.
 * @param p  the array
 * @param n  the number of elements
 */
static inline void cpu_to_le32_array(u32 *p, unsigned int n)
{
	while (n--)
		cpu_to_le32s(p++);
}

#endif
