/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Basic types and macros under their kernel names.
 *
 * PAGE_SIZE is the model's own constant, whatever the host's page is.
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

/* What the shared library exports; everything else stays hidden. */
#define IOMMUFD_MODEL_API __attribute__((visibility("default")))
#define IOMMUFD_MODEL_COLD __attribute__((cold, noinline))
/** @endcond */

/* The same types as <linux/types.h>, so that both may be included. */
typedef unsigned char __u8;	/**< 8 bits, unsigned */
typedef unsigned short __u16;	/**< 16 bits, unsigned */
typedef unsigned int __u32;	/**< 32 bits, unsigned */
typedef signed int __s32;	/**< 32 bits, signed */
__extension__ typedef unsigned long long __u64;	/**< 64 bits, unsigned */
typedef __u8 u8;	/**< 8 bits, unsigned */
typedef __u16 u16;	/**< 16 bits, unsigned */
typedef __u32 u32;	/**< 32 bits, unsigned */
typedef __s32 s32;	/**< 32 bits, signed */
typedef __u64 u64;	/**< 64 bits, unsigned */

typedef unsigned int gfp_t;	/**< how to allocate, as of slab.h */
typedef u64 phys_addr_t;	/**< a physical address */

#undef PAGE_SIZE
#undef PAGE_MASK
#define PAGE_SHIFT 12	/**< log2 of PAGE_SIZE */
#define PAGE_SIZE (1UL << PAGE_SHIFT)	/**< bytes of a page */
#define PAGE_MASK (~(PAGE_SIZE - 1))	/**< the bits that say which page */

/* Linux errnos that other systems lack keep Linux's numbers. */
#ifndef EBADFD
#define EBADFD 77	/**< Linux's: another kind of file */
#endif
#ifndef EBADE
#define EBADE 52	/**< Linux's: invalid exchange */
#endif

#ifndef U64_MAX
#define U64_MAX (~(u64)0)	/**< the largest u64 */
#endif

#define __user	/**< marks an address of the user's */
/** Marks a function whose result must be looked at. */
#ifndef __must_check
#define __must_check __attribute__((warn_unused_result))
#endif

/** Makes a user's address of a u64. */
#define u64_to_user_ptr(x) ((void __user *)(uintptr_t)(x))

/** Counts the elements of an array, which must be one. */
#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif
/** Gives the unsigned long with only bit @p n set. */
#ifndef BIT
#define BIT(n) (1UL << (n))
#endif
/** Tells whether @p x is a multiple of @p a, a power of two. */
#ifndef IS_ALIGNED
#define IS_ALIGNED(x, a) (((x) & ((a) - 1)) == 0)
#endif
/** Gives the offset of the first byte behind a member of a struct. */
#ifndef offsetofend
#define offsetofend(type, member) \
	(offsetof(type, member) + sizeof(((type *)0)->member))
#endif
/**
 * Finds the struct around a member.
 * @param ptr     points to the member
 * @param type    the struct
 * @param member  the member's name
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
/** Is @p x as a truth value, and tells the compiler that it mostly holds. */
#define likely(x) __builtin_expect(!!(x), 1)
/** Is @p x as a truth value, and tells the compiler that it mostly does not. */
#define unlikely(x) __builtin_expect(!!(x), 0)
#endif
#endif

#endif
