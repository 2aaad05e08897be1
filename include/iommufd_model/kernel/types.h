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

/* Marks the symbols that the shared library exports.  All others are hidden. */
#define IOMMUFD_MODEL_API __attribute__((visibility("default")))
#define IOMMUFD_MODEL_COLD __attribute__((__cold__, __noinline__))

/*
 * Each source file has a byte in a section of this name: 1 if it is watched
 * (see watch.h), otherwise 0.  So a verdict can say how many files are not
 * watched.  Files of the library that are not code under test have no such
 * byte.
 */
#if defined(__ELF__) && !defined(IOMMUFD_MODEL_NOT_UNDER_TEST)
#ifdef IOMMUFD_MODEL_WATCHED
#define IOMMUFD_MODEL_FILE_IS_WATCHED 1
#else
#define IOMMUFD_MODEL_FILE_IS_WATCHED 0
#endif
#ifdef __has_attribute
#if __has_attribute(__retain__)
/* The linker keeps the byte even if it removes unused sections. */
#define IOMMUFD_MODEL_KEPT __attribute__((__used__, __retain__))
#endif
#endif
#ifndef IOMMUFD_MODEL_KEPT
#define IOMMUFD_MODEL_KEPT __attribute__((__used__))
#endif
static const unsigned char iommufd_model_source_file IOMMUFD_MODEL_KEPT
	__attribute__((__section__("iommufd_model_files"))) =
		IOMMUFD_MODEL_FILE_IS_WATCHED;
#endif
/** @endcond */

/*
 * These types are the same as in <linux/types.h>, so that both may be included.
 */
typedef unsigned char __u8;	/**< 8 bits, unsigned */
typedef signed char __s8;	/**< 8 bits, signed */
typedef unsigned short __u16;	/**< 16 bits, unsigned */
typedef signed short __s16;	/**< 16 bits, signed */
typedef unsigned int __u32;	/**< 32 bits, unsigned */
typedef signed int __s32;	/**< 32 bits, signed */
__extension__ typedef signed long long __s64;	/**< 64 bits, signed */
__extension__ typedef unsigned long long __u64;	/**< 64 bits, unsigned */
__extension__ typedef signed long long __s64;	/**< 64 bits, signed */
typedef __u8 u8;	/**< 8 bits, unsigned */
typedef __s8 s8;	/**< 8 bits, signed */
typedef __u16 u16;	/**< 16 bits, unsigned */
typedef __s16 s16;	/**< 16 bits, signed */
typedef __u32 u32;	/**< 32 bits, unsigned */
typedef __s32 s32;	/**< 32 bits, signed */
typedef __s64 s64;	/**< 64 bits, signed */
typedef __u64 u64;	/**< 64 bits, unsigned */
typedef __s64 s64;	/**< 64 bits, signed */

/*
 * Numbers with a fixed byte order.  Sparse distinguishes them from other
 * numbers; a compiler does not.
 */
typedef __u16 __le16;	/**< 16 bits, little-endian */
typedef __u16 __be16;	/**< 16 bits, big-endian */
typedef __u32 __le32;	/**< 32 bits, little-endian */
typedef __u32 __be32;	/**< 32 bits, big-endian */
typedef __u64 __le64;	/**< 64 bits, little-endian */
typedef __u64 __be64;	/**< 64 bits, big-endian */

/** Is aligned to 8 bytes even in an ABI that aligns 64-bit types to 4 bytes. */
#ifndef __aligned_u64
#define __aligned_u64 __u64 __attribute__((aligned(8)))
#endif
/** @copybrief __aligned_u64 */
#define aligned_u64 __aligned_u64

typedef unsigned int gfp_t;	/**< allocation flags, see slab.h */
typedef u64 phys_addr_t;	/**< a physical address */
typedef u64 resource_size_t;	/**< a physical address or a size */
typedef u64 dma_addr_t;	/**< an address that a device uses */
typedef unsigned long pgoff_t;	/**< an offset in a file, in pages */
typedef unsigned short umode_t;	/**< the kind and permissions of a file */
typedef unsigned int __poll_t;	/**< a set of EPOLL bits */
typedef unsigned int fmode_t;	/**< a set of FMODE_ bits */
/**
 * An offset in a file, in bytes.  It is a long, because the C library also has
 * a type of this name, which is a long.
 */
typedef long loff_t;

#undef PAGE_SIZE
#undef PAGE_MASK
#define PAGE_SHIFT 12	/**< the binary logarithm of PAGE_SIZE */
#define PAGE_SIZE (1UL << PAGE_SHIFT)	/**< the size of a page in bytes */
#define PAGE_MASK (~(PAGE_SIZE - 1))	/**< the bits of a page's number */

/* Errnos that other systems lack get the numbers of Linux. */
#ifndef EBADFD
#define EBADFD 77	/**< the file is of the wrong kind (Linux) */
#endif
#ifndef EBADE
#define EBADE 52	/**< invalid exchange (Linux) */
#endif

#define U8_MAX ((u8)~0u)	/**< the largest u8 */
#define S8_MAX ((s8)(U8_MAX >> 1))	/**< the largest s8 */
#define S8_MIN ((s8)(-S8_MAX - 1))	/**< the smallest s8 */
#define U16_MAX ((u16)~0u)	/**< the largest u16 */
#define S16_MAX ((s16)(U16_MAX >> 1))	/**< the largest s16 */
#define S16_MIN ((s16)(-S16_MAX - 1))	/**< the smallest s16 */
#define U32_MAX ((u32)~0u)	/**< the largest u32 */
#define S32_MAX ((s32)(U32_MAX >> 1))	/**< the largest s32 */
#define S32_MIN ((s32)(-S32_MAX - 1))	/**< the smallest s32 */
#ifndef U64_MAX
#define U64_MAX (~(u64)0)	/**< the largest u64 */
#endif
#define S64_MAX ((s64)(U64_MAX >> 1))	/**< the largest s64 */
#define S64_MIN ((s64)(-S64_MAX - 1))	/**< the smallest s64 */

#define __user	/**< marks a user address */
#define __kernel	/**< marks a kernel address, as does no mark */
#define __iomem	/**< marks an address of device memory */
#define __percpu	/**< marks a pointer to variables of each CPU */
#define __rcu	/**< marks a pointer that RCU protects */
#define __force	/**< marks a cast that sparse does not report */
#ifndef __bitwise
#define __bitwise	/**< marks a type that sparse distinguishes */
#endif
/** Marks a function whose result the caller must use. */
#ifndef __must_check
#define __must_check __attribute__((warn_unused_result))
#endif

/** The number of bits of an unsigned long. */
#define BITS_PER_LONG 64
/** The number of bits of a byte. */
#define BITS_PER_BYTE 8
/** The number of bits of an unsigned long long. */
#define BITS_PER_LONG_LONG 64

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

/** Gives the size of a member of a struct. */
#define sizeof_field(type, member) sizeof(((type *)0)->member)
/** Gives the type of a member of a struct. */
#define typeof_member(type, member) __typeof__(((type *)0)->member)
/**
 * Finds the struct that contains a member, as container_of() does.  In C the
 * result is a pointer to const if @p ptr is one.
 */
#ifdef __cplusplus
#define container_of_const(ptr, type, member) container_of(ptr, type, member)
#else
#define container_of_const(ptr, type, member)				\
	_Generic((ptr),							\
		 const __typeof__(*(ptr)) *:				\
			 (const type *)container_of(ptr, type, member),	\
		 default: container_of(ptr, type, member))
#endif

/** Gives the upper 32 bits of a number, as a u32. */
#define upper_32_bits(n) ((u32)((u64)(n) >> 32))
/** Gives the lower 32 bits of a number, as a u32. */
#define lower_32_bits(n) ((u32)((u64)(n) & 0xffffffffu))
/** Gives the upper 16 bits of a u32, as a u16. */
#define upper_16_bits(n) ((u16)((u32)(n) >> 16))
/** Gives the lower 16 bits of a number, as a u16. */
#define lower_16_bits(n) ((u16)((n) & 0xffffu))

/** Stops the compilation with @p text unless @p x holds. */
#ifdef __cplusplus
#define IOMMUFD_MODEL_STATIC_ASSERT(x, text) static_assert(x, text)
#else
#define IOMMUFD_MODEL_STATIC_ASSERT(x, text) _Static_assert(x, text)
#ifndef likely
/** Gives the truth value of @p x; the compiler expects that it is true. */
#define likely(x) __builtin_expect(!!(x), 1)
/** Gives the truth value of @p x; the compiler expects that it is false. */
#define unlikely(x) __builtin_expect(!!(x), 0)
#endif
#endif

#endif
