/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Memory barriers, and reads and writes that order other accesses.
 *
 * While the explorer runs a test, memory is sequentially consistent: a barrier
 * has no effect, and a missing barrier is not found.  A barrier is not an
 * operation at the gate.  With real threads a barrier is one of the processor.
 * In a build with ThreadSanitizer a barrier also orders the threads that pass
 * barriers, so that no race is reported between accesses that a barrier orders.
 */
#ifndef IOMMUFD_MODEL_KERNEL_BARRIER_H
#define IOMMUFD_MODEL_KERNEL_BARRIER_H

#include <iommufd_model/kernel/gate.h>

IOMMUFD_MODEL_BEGIN_DECLS

/**
 * Orders all accesses before the call before all accesses after it.  smp_mb()
 * and the other barriers call this function.
 * @context Any; does not block.
 */
IOMMUFD_MODEL_API void iommufd_model_barrier(void);

/** Keeps the compiler from moving memory accesses across this line. */
#define barrier() __asm__ __volatile__("" : : : "memory")

#define smp_mb() iommufd_model_barrier()	/**< a full barrier */
#define smp_rmb() iommufd_model_barrier()	/**< orders reads */
#define smp_wmb() iommufd_model_barrier()	/**< orders writes */
/** Is a full barrier before an atomic operation. */
#define smp_mb__before_atomic() iommufd_model_barrier()
/** Is a full barrier after an atomic operation. */
#define smp_mb__after_atomic() iommufd_model_barrier()
/** Is a full barrier after spin_lock(). */
#define smp_mb__after_spinlock() iommufd_model_barrier()
#define mb() iommufd_model_barrier()	/**< a full barrier, for devices too */
#define rmb() iommufd_model_barrier()	/**< orders reads, for devices too */
#define wmb() iommufd_model_barrier()	/**< orders writes, for devices too */
/** Orders reads of memory that a device writes. */
#define dma_rmb() iommufd_model_barrier()
/** Orders writes of memory that a device reads. */
#define dma_wmb() iommufd_model_barrier()
/** Orders accesses to memory that is shared with a device. */
#define dma_mb() iommufd_model_barrier()

/**
 * Reads a variable before any access that follows in program order.
 * @param ptr  the address of the variable, a scalar
 * @return its value
 * @context Any; does not block.
 */
#define smp_load_acquire(ptr) __IOMMUFD_MODEL_LOAD(ptr, __COUNTER__)

/**
 * Writes a variable after all accesses that precede it in program order.
 * @param ptr    the address of the variable, a scalar
 * @param value  its new value
 * @context Any; does not block.
 */
#define smp_store_release(ptr, value) \
	__IOMMUFD_MODEL_STORE(ptr, value, __COUNTER__)

/**
 * Writes a variable, and passes a full barrier.
 * @param var    the variable, a scalar
 * @param value  its new value
 * @context Any; does not block.
 */
#define smp_store_mb(var, value) do {					\
	WRITE_ONCE(var, value);						\
	smp_mb();							\
} while (0)

/**
 * Reads a variable until a condition holds, and calls cpu_relax() between two
 * reads.  Accesses that follow in program order happen after the last read.
 * @param ptr        the address of the variable, a scalar
 * @param cond_expr  the condition, in which VAL is the value that was read
 * @return the value for which the condition held
 * @context Any; does not sleep, but waits for another thread.
 */
#define smp_cond_load_acquire(ptr, cond_expr)				\
	__IOMMUFD_MODEL_COND_LOAD(smp_load_acquire(ptr), cond_expr)
/**
 * Reads a variable until a condition holds, as smp_cond_load_acquire(), but
 * orders no other accesses.
 * @param ptr        the address of the variable, a scalar
 * @param cond_expr  the condition, in which VAL is the value that was read
 * @return the value for which the condition held
 * @context Any; does not sleep, but waits for another thread.
 */
#define smp_cond_load_relaxed(ptr, cond_expr)				\
	__IOMMUFD_MODEL_COND_LOAD(READ_ONCE(*(ptr)), cond_expr)

/** @cond INTERNAL */
#define __IOMMUFD_MODEL_LOAD(ptr, n) __IOMMUFD_MODEL_LOAD_(ptr, n)
#define __IOMMUFD_MODEL_LOAD_(ptr, n) __extension__({			\
	__IOMMUFD_MODEL_AUTO __ptr##n = (ptr);				\
	const struct iommufd_model_site *__at##n =			\
		IOMMUFD_MODEL_GATE_OPEN() ?				\
			iommufd_model_access_begin(			\
				IOMMUFD_MODEL_OP_LOAD_ACQUIRE, __ptr##n, \
				sizeof(*__ptr##n),			\
				IOMMUFD_MODEL_SITE(#ptr)) :		\
			(const struct iommufd_model_site *)0;		\
	__IOMMUFD_MODEL_AUTO __value##n =				\
		__atomic_load_n(__ptr##n, __ATOMIC_ACQUIRE);		\
	if (__at##n)							\
		iommufd_model_access_done(				\
			IOMMUFD_MODEL_OP_LOAD_ACQUIRE, __ptr##n,	\
			sizeof(*__ptr##n), (long)__value##n, __at##n);	\
	__value##n;							\
})
#define __IOMMUFD_MODEL_STORE(ptr, value, n) \
	__IOMMUFD_MODEL_STORE_(ptr, value, n)
#define __IOMMUFD_MODEL_STORE_(ptr, value, n) do {			\
	__IOMMUFD_MODEL_AUTO __ptr##n = (ptr);				\
	__typeof__(__atomic_load_n(__ptr##n, __ATOMIC_RELAXED))		\
		__value##n = (value);					\
	const struct iommufd_model_site *__at##n =			\
		IOMMUFD_MODEL_GATE_OPEN() ?				\
			iommufd_model_access_begin(			\
				IOMMUFD_MODEL_OP_STORE_RELEASE, __ptr##n, \
				sizeof(*__ptr##n),			\
				IOMMUFD_MODEL_SITE(#ptr)) :		\
			(const struct iommufd_model_site *)0;		\
	__atomic_store_n(__ptr##n, __value##n, __ATOMIC_RELEASE);	\
	if (__at##n)							\
		iommufd_model_access_done(				\
			IOMMUFD_MODEL_OP_STORE_RELEASE, __ptr##n,	\
			sizeof(*__ptr##n), (long)__value##n, __at##n);	\
} while (0)
#define __IOMMUFD_MODEL_COND_LOAD(load, cond_expr) __extension__({	\
	__IOMMUFD_MODEL_AUTO VAL = load;				\
	while (!(cond_expr)) {						\
		cpu_relax();						\
		VAL = load;						\
	}								\
	VAL;								\
})
/** @endcond */

IOMMUFD_MODEL_END_DECLS

#endif
