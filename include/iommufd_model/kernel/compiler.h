/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Attributes and other messages to the compiler, under the kernel's names.
 *
 * C++ headers use fallthrough and noinline for other purposes, so that these
 * two are defined in C only.
 */
#ifndef IOMMUFD_MODEL_KERNEL_COMPILER_H
#define IOMMUFD_MODEL_KERNEL_COMPILER_H

#include <iommufd_model/kernel/types.h>

#ifndef __packed
#define __packed __attribute__((__packed__))	/**< without padding */
#endif
#ifndef __aligned
/** Aligned to @p x bytes. */
#define __aligned(x) __attribute__((__aligned__(x)))
#endif
#define __maybe_unused __attribute__((__unused__))	/**< may be unused */
#define __always_unused __attribute__((__unused__))	/**< is unused */
#ifndef __attribute_const__
/** the result depends only on the arguments */
#define __attribute_const__ __attribute__((__const__))
#endif
#define __malloc __attribute__((__malloc__))	/**< returns new memory */
#ifndef __pure
#define __pure __attribute__((__pure__))	/**< has no side effect */
#endif
#ifndef __cold
#define __cold __attribute__((__cold__))	/**< is rarely called */
#endif
#ifndef __used
#define __used __attribute__((__used__))	/**< is kept */
#endif
#ifndef __weak
#define __weak __attribute__((__weak__))	/**< can be replaced */
#endif
#ifndef __noreturn
#define __noreturn __attribute__((__noreturn__))	/**< does not return */
#endif
#ifndef __always_inline
/** is always inlined */
#define __always_inline inline __attribute__((__always_inline__))
#endif
#ifndef __printf
/** The argument @p a is a printf() format, whose arguments begin at @p b. */
#define __printf(a, b) __attribute__((__format__(printf, a, b)))
#endif
#ifndef __section
#define __section(s)	/**< has no effect: there is one image */
#endif
#ifndef __nonstring
#define __nonstring	/**< a char array that need not end with a NUL */
#endif
/**
 * names the member with the number of elements of a flexible array; without
 * effect
 */
#ifndef __counted_by
#define __counted_by(member)
#endif
#ifndef __counted_by_ptr
#define __counted_by_ptr(member)	/**< like __counted_by(), for a pointer */
#endif
#define __cacheline_aligned	/**< without effect */
#define ____cacheline_aligned	/**< without effect */
#define ____cacheline_aligned_in_smp	/**< without effect */
#define __read_mostly	/**< without effect */
#define __ro_after_init	/**< without effect */
#define __acquires(x)	/**< For sparse: the function takes a lock. */
#define __releases(x)	/**< For sparse: the function drops a lock. */
#define __must_hold(x)	/**< For sparse: the function needs a lock. */
#define __acquire(x) ((void)0)	/**< For sparse: a lock is taken here. */
#define __release(x) ((void)0)	/**< For sparse: a lock is dropped here. */

#ifndef __cplusplus
#define noinline __attribute__((__noinline__))	/**< never inlined */
/** is never inlined; the kernel uses it to limit the size of stacks */
#define noinline_for_stack noinline
/** Continues on purpose with the next case of a switch. */
#define fallthrough __attribute__((__fallthrough__))
#endif

/** Keeps the compiler from moving memory accesses across this line. */
#define barrier() __asm__ __volatile__("" : : : "memory")
/** Tells the compiler that this line is never reached. */
#define unreachable() __builtin_unreachable()
#ifndef __same_type
/** Tells whether two expressions or types have the same type, in C only. */
#define __same_type(a, b) \
	__builtin_types_compatible_p(__typeof__(a), __typeof__(b))
#endif
/** Gives an identifier that is different in each use. */
#define __UNIQUE_ID(prefix) \
	IOMMUFD_MODEL_PASTE(__UNIQUE_ID_##prefix, __COUNTER__)

/** @cond INTERNAL */
#define IOMMUFD_MODEL_PASTE_(a, b) a##b
#define IOMMUFD_MODEL_PASTE(a, b) IOMMUFD_MODEL_PASTE_(a, b)
/*
 * Gives the value of @x if it is a constant, and otherwise 0; always a
 * constant.
 */
#ifdef __cplusplus
#define IOMMUFD_MODEL_IF_CONST(x) (__builtin_constant_p(x) ? (x) : 0)
#else
#define IOMMUFD_MODEL_IF_CONST(x) \
	__builtin_choose_expr(__builtin_constant_p(x), (x), 0)
#endif
/** @endcond */

#endif
