/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * The kernel's basic types and macros, under the kernel's names.
 *
 * PAGE_SIZE is a constant of the model and does not depend on the host.
 */
#ifndef IOMMUFD_MODEL_KERNEL_TYPES_H
#define IOMMUFD_MODEL_KERNEL_TYPES_H

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** @cond INTERNAL */
#ifdef __cplusplus
#define IOMMUFD_MODEL_BEGIN_DECLS extern "C" {
#define IOMMUFD_MODEL_END_DECLS }
#else
#define IOMMUFD_MODEL_BEGIN_DECLS
#define IOMMUFD_MODEL_END_DECLS
#endif

/* Marks what the shared library exports.  All other symbols are hidden. */
#define IOMMUFD_MODEL_API __attribute__((visibility("default")))
#define IOMMUFD_MODEL_COLD __attribute__((cold, noinline))
/** @endcond */

/* The same types as in <linux/types.h>, so that both may be included. */
typedef unsigned char __u8;	/**< 8 bits, unsigned */
typedef unsigned short __u16;	/**< 16 bits, unsigned */
typedef unsigned int __u32;	/**< 32 bits, unsigned */
typedef signed int __s32;	/**< 32 bits, signed */
__extension__ typedef signed long long __s64;	/**< 64 bits, signed */
__extension__ typedef unsigned long long __u64;	/**< 64 bits, unsigned */
typedef __u8 u8;	/**< 8 bits, unsigned */
typedef __u16 u16;	/**< 16 bits, unsigned */
typedef __u32 u32;	/**< 32 bits, unsigned */
typedef __s32 s32;	/**< 32 bits, signed */
typedef __s64 s64;	/**< 64 bits, signed */
typedef __u64 u64;	/**< 64 bits, unsigned */

typedef unsigned int gfp_t;	/**< allocation flags, see slab.h */
typedef u64 phys_addr_t;	/**< a physical address */

#undef PAGE_SIZE
#undef PAGE_MASK
#define PAGE_SHIFT 12	/**< the binary logarithm of PAGE_SIZE */
#define PAGE_SIZE (1UL << PAGE_SHIFT)	/**< the size of a page in bytes */
#define PAGE_MASK (~(PAGE_SIZE - 1))	/**< the bits of a page's number */

/* Errnos that other systems lack have the numbers of Linux. */
#ifndef EBADFD
#define EBADFD 77	/**< the file is of the wrong kind (Linux) */
#endif
#ifndef EBADE
#define EBADE 52	/**< invalid exchange (Linux) */
#endif

#ifndef U64_MAX
#define U64_MAX (~(u64)0)	/**< the largest u64 */
#endif

#define __user	/**< marks a user address */
/** Marks a function whose result the caller must use. */
#ifndef __must_check
#define __must_check __attribute__((warn_unused_result))
#endif

/** Converts a u64 to a user address. */
#define u64_to_user_ptr(x) ((void __user *)(uintptr_t)(x))

/** Gives the number of elements of an array.  @p a must not be a pointer. */
#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif
/** Gives an unsigned long in which only bit @p n is set. */
#ifndef BIT
#define BIT(n) (1UL << (n))
#endif
/** Tells whether @p x is a multiple of @p a, a power of two. */
#ifndef IS_ALIGNED
#define IS_ALIGNED(x, a) (((x) & ((a) - 1)) == 0)
#endif
/** Gives the offset of the first byte after a member of a struct. */
#ifndef offsetofend
#define offsetofend(type, member) \
	(offsetof(type, member) + sizeof(((type *)0)->member))
#endif
/**
 * Finds the struct that contains a member.
 * @param ptr     a pointer to the member
 * @param type    the type of the struct
 * @param member  the name of the member
 * @return a pointer to the struct
 */
#ifndef container_of
#define container_of(ptr, type, member) \
	((type *)(void *)((char *)(ptr) - offsetof(type, member)))
#endif

/** Stops the compilation with @p text unless @p x holds. */
#ifdef __cplusplus
#define IOMMUFD_MODEL_STATIC_ASSERT(x, text) static_assert(x, text)
#else
#define IOMMUFD_MODEL_STATIC_ASSERT(x, text) _Static_assert(x, text)
#ifndef likely
/** Gives the truth value of @p x, which the compiler takes as mostly true. */
#define likely(x) __builtin_expect(!!(x), 1)
/** Gives the truth value of @p x, which the compiler takes as mostly false. */
#define unlikely(x) __builtin_expect(!!(x), 0)
#endif
#endif

#endif
