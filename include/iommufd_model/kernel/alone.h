/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Read-modify-write operations that cost little while the process has one
 * thread.
 *
 * An atomic read-modify-write operation takes much longer than a load and a
 * store.  While a process has one thread, nobody can see the difference, and the
 * C library tells whether that is so.  The helpers here then do the operation
 * with these two.  Nothing else differs: a lock is taken and a counter
 * is changed in either case.
 *
 * A second thread can only be started by this one, after the operation, and
 * what a thread did before it started another happens before all that the other
 * does.  A signal handler must not call the ground, as for malloc().
 *
 * ThreadSanitizer, and the explorer in watched code, must see every operation
 * as an atomic one, so code that is compiled for them never takes the short
 * way.  Neither does a program whose C library does not tell.
 */
#ifndef IOMMUFD_MODEL_KERNEL_ALONE_H
#define IOMMUFD_MODEL_KERNEL_ALONE_H

#include <iommufd_model/kernel/types.h>

/** @cond INTERNAL */
#if defined(__SANITIZE_THREAD__) || defined(IOMMUFD_MODEL_TSAN)
#define IOMMUFD_MODEL_ALONE() 0
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define IOMMUFD_MODEL_ALONE() 0
#endif
#endif
#if !defined(IOMMUFD_MODEL_ALONE) && defined(__has_include)
#if __has_include(<sys/single_threaded.h>)
#include <sys/single_threaded.h>
/* Tells whether the calling thread is the only one of the process. */
#define IOMMUFD_MODEL_ALONE() \
	__builtin_expect(__libc_single_threaded, 1)
#endif
#endif
#ifndef IOMMUFD_MODEL_ALONE
#define IOMMUFD_MODEL_ALONE() 0
#endif

/*
 * Adds @n, which may be negative and wraps around, to the int at @p.  Returns
 * the old value.
 */
#define IOMMUFD_MODEL_FETCH_ADD(p, n, order) __extension__({		\
	int *__p = (p);							\
	int __n = (n), __old;						\
	if (IOMMUFD_MODEL_ALONE()) {					\
		__old = __atomic_load_n(__p, __ATOMIC_RELAXED);		\
		__atomic_store_n(__p,					\
				 (int)((unsigned int)__old +		\
				       (unsigned int)__n),		\
				 __ATOMIC_RELAXED);			\
	} else {							\
		__old = __atomic_fetch_add(__p, __n, order);		\
	}								\
	__old;								\
})

/*
 * Stores @value at @p if *@p is *@old; if not, sets *@old to what is there.
 * Returns true if it has stored.  On failure the order is relaxed.
 */
#define IOMMUFD_MODEL_REPLACE(p, old, value, order) __extension__({	\
	bool __done;							\
	if (IOMMUFD_MODEL_ALONE()) {					\
		__typeof__(*(old)) __now =				\
			__atomic_load_n(p, __ATOMIC_RELAXED);		\
		__done = __now == *(old);				\
		if (__done)						\
			__atomic_store_n(p, value, __ATOMIC_RELAXED);	\
		else							\
			*(old) = __now;					\
	} else {							\
		__done = __atomic_compare_exchange_n(			\
			p, old, value, false, order, __ATOMIC_RELAXED);	\
	}								\
	__done;								\
})

/*
 * Stores @value at @p.  A sequentially consistent store is as expensive as an
 * exchange.
 */
#define IOMMUFD_MODEL_STORE(p, value) do {				\
	if (IOMMUFD_MODEL_ALONE())					\
		__atomic_store_n(p, value, __ATOMIC_RELAXED);		\
	else								\
		__atomic_store_n(p, value, __ATOMIC_SEQ_CST);		\
} while (0)
/** @endcond */

#endif
