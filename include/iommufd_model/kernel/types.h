/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
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

/* The same types as <linux/types.h>, so that both may be included. */
typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef signed int __s32;
__extension__ typedef unsigned long long __u64;
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __s32 s32;
typedef __u64 u64;

typedef unsigned int gfp_t;
typedef u64 phys_addr_t;

#undef PAGE_SIZE
#undef PAGE_MASK
#define PAGE_SHIFT 12
#define PAGE_SIZE (1UL << PAGE_SHIFT)
#define PAGE_MASK (~(PAGE_SIZE - 1))

/* Linux errnos that other systems lack keep Linux's numbers. */
#ifndef EBADFD
#define EBADFD 77
#endif
#ifndef EBADE
#define EBADE 52
#endif

#ifndef U64_MAX
#define U64_MAX (~(u64)0)
#endif

#define __user
#ifndef __must_check
#define __must_check __attribute__((warn_unused_result))
#endif

#define u64_to_user_ptr(x) ((void __user *)(uintptr_t)(x))

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#endif
#ifndef BIT
#define BIT(n) (1UL << (n))
#endif
#ifndef IS_ALIGNED
#define IS_ALIGNED(x, a) (((x) & ((a) - 1)) == 0)
#endif
#ifndef offsetofend
#define offsetofend(type, member) \
	(offsetof(type, member) + sizeof(((type *)0)->member))
#endif
#ifndef container_of
#define container_of(ptr, type, member) \
	((type *)(void *)((char *)(ptr) - offsetof(type, member)))
#endif

#ifdef __cplusplus
#define IOMMUFD_MODEL_STATIC_ASSERT(x, text) static_assert(x, text)
#else
#define IOMMUFD_MODEL_STATIC_ASSERT(x, text) _Static_assert(x, text)
#ifndef likely
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#endif
#endif

#endif
