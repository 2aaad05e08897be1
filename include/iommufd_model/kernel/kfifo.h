/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Rings of elements of one type, whose size is fixed when the program is
 * compiled.
 *
 * One thread may put elements in and one may take some out at the same time,
 * without a lock.  Several threads on one side need a lock, as in the forms with
 * _spinlocked.  The elements are plain memory; each read and each change of the
 * two positions is an operation at the gate.
 */
#ifndef IOMMUFD_MODEL_KERNEL_KFIFO_H
#define IOMMUFD_MODEL_KERNEL_KFIFO_H

#include <iommufd_model/kernel/barrier.h>
#include <iommufd_model/kernel/gate.h>
#include <iommufd_model/kernel/spinlock.h>

/**
 * Declares a ring, also as a member of a struct.
 * @param fifo  its name
 * @param type  the type of its elements
 * @param size  how many it has room for, a power of two and at least 2
 */
#define DECLARE_KFIFO(fifo, type, size)					\
	struct {							\
		unsigned int in, out;					\
		type buf[(size) < 2 || ((size) & ((size) - 1)) ? -1 : (size)]; \
	} fifo
/** Defines an empty ring. */
#ifdef __cplusplus
#define DEFINE_KFIFO(fifo, type, size) DECLARE_KFIFO(fifo, type, size) = {}
#else
#define DEFINE_KFIFO(fifo, type, size) DECLARE_KFIFO(fifo, type, size) = { 0 }
#endif
/** Initialises a ring, itself and not a pointer to it, as empty. */
#define INIT_KFIFO(fifo) do {						\
	(fifo).in = 0;							\
	(fifo).out = 0;							\
} while (0)

/** @cond INTERNAL */
#define __iommufd_model_kfifo_size(fifo) \
	((unsigned int)(sizeof((fifo)->buf) / sizeof((fifo)->buf[0])))
/** @endcond */

/**
 * @name Looking at a ring
 * The argument is a pointer to the ring.  What another thread does to it at the
 * same time may be seen or not.
 * @{
 */
/** Gives the number of elements for which there is room in an empty ring. */
#define kfifo_size(fifo) __iommufd_model_kfifo_size(fifo)
/** Gives the number of elements that are in it. */
#define kfifo_len(fifo) (READ_ONCE((fifo)->in) - READ_ONCE((fifo)->out))
/** Gives the number of elements for which there is room. */
#define kfifo_avail(fifo) (kfifo_size(fifo) - kfifo_len(fifo))
/** Tells whether it has no element. */
#define kfifo_is_empty(fifo) (!kfifo_len(fifo))
/** Tells whether there is no room. */
#define kfifo_is_full(fifo) (kfifo_len(fifo) >= kfifo_size(fifo))
/** @} */

/**
 * Puts one element in.
 * @param fifo  a pointer to the ring
 * @param val   the element
 * @return 1, or 0 if there is no room
 * @context Any; does not block.  No other thread puts elements in.
 */
#define kfifo_put(fifo, val) __extension__({				\
	__IOMMUFD_MODEL_AUTO __kfifo = (fifo);				\
	unsigned int __kin = READ_ONCE(__kfifo->in);			\
	unsigned int __kput =						\
		__kin - smp_load_acquire(&__kfifo->out) <		\
		kfifo_size(__kfifo);					\
	if (__kput) {							\
		__kfifo->buf[__kin % kfifo_size(__kfifo)] = (val);	\
		smp_store_release(&__kfifo->in, __kin + 1);		\
	}								\
	__kput;								\
})
/**
 * Takes one element out.
 * @param fifo  a pointer to the ring
 * @param val   where it is stored
 * @return 1, or 0 if there is none
 * @context Any; does not block.  No other thread takes elements out.
 */
#define kfifo_get(fifo, val) __iommufd_model_kfifo_get(fifo, val, 1)
/** Does kfifo_get(), but leaves the element in the ring. */
#define kfifo_peek(fifo, val) __iommufd_model_kfifo_get(fifo, val, 0)
/** Takes one element out and forgets it; there must be one. */
#define kfifo_skip(fifo) do {						\
	__IOMMUFD_MODEL_AUTO __kfifo = (fifo);				\
	smp_store_release(&__kfifo->out, READ_ONCE(__kfifo->out) + 1);	\
} while (0)
/** Removes all elements; no other thread uses the ring. */
#define kfifo_reset(fifo) INIT_KFIFO(*(fifo))
/** Removes all elements; no other thread takes some out. */
#define kfifo_reset_out(fifo) do {					\
	__IOMMUFD_MODEL_AUTO __kfifo = (fifo);				\
	smp_store_release(&__kfifo->out, READ_ONCE(__kfifo->in));	\
} while (0)

/**
 * Puts elements in, as many as there is room for.
 * @param fifo   a pointer to the ring
 * @param from   the elements
 * @param n      how many
 * @return how many were put in
 * @context Any; does not block.  No other thread puts elements in.
 */
#define kfifo_in(fifo, from, n) __extension__({				\
	__IOMMUFD_MODEL_AUTO __kfifo = (fifo);				\
	const __typeof__(__kfifo->buf[0]) *__kfrom = (from);		\
	unsigned int __kn = (unsigned int)(n), __ki;			\
	unsigned int __kin = READ_ONCE(__kfifo->in);			\
	unsigned int __kroom = kfifo_size(__kfifo) -			\
			       (__kin - smp_load_acquire(&__kfifo->out)); \
	if (__kn > __kroom)						\
		__kn = __kroom;						\
	for (__ki = 0; __ki < __kn; __ki++)				\
		__kfifo->buf[(__kin + __ki) % kfifo_size(__kfifo)] =	\
			__kfrom[__ki];					\
	if (__kn)							\
		smp_store_release(&__kfifo->in, __kin + __kn);		\
	__kn;								\
})
/**
 * Takes elements out.
 * @param fifo   a pointer to the ring
 * @param to     where they are stored
 * @param n      how many at most
 * @return how many were taken out
 * @context Any; does not block.  No other thread takes elements out.
 */
#define kfifo_out(fifo, to, n) __extension__({				\
	__IOMMUFD_MODEL_AUTO __kfifo = (fifo);				\
	__typeof__(__kfifo->buf[0]) *__kto = (to);			\
	unsigned int __kn = (unsigned int)(n), __ki;			\
	unsigned int __kout = READ_ONCE(__kfifo->out);			\
	unsigned int __klen = smp_load_acquire(&__kfifo->in) - __kout;	\
	if (__kn > __klen)						\
		__kn = __klen;						\
	for (__ki = 0; __ki < __kn; __ki++)				\
		__kto[__ki] = __kfifo->buf[(__kout + __ki) %		\
					   kfifo_size(__kfifo)];	\
	if (__kn)							\
		smp_store_release(&__kfifo->out, __kout + __kn);	\
	__kn;								\
})
/** Does kfifo_in() with a spinlock held, which is taken with interrupts off. */
#define kfifo_in_spinlocked(fifo, from, n, lock) \
	__iommufd_model_kfifo_locked(kfifo_in(fifo, from, n), lock)
/** Does kfifo_out() with a spinlock held, which is taken with interrupts off. */
#define kfifo_out_spinlocked(fifo, to, n, lock) \
	__iommufd_model_kfifo_locked(kfifo_out(fifo, to, n), lock)

/** @cond INTERNAL */
#define __iommufd_model_kfifo_locked(call, lock) __extension__({	\
	unsigned long __kflags;						\
	unsigned int __kdone;						\
	spin_lock_irqsave(lock, __kflags);				\
	__kdone = (call);						\
	spin_unlock_irqrestore(lock, __kflags);				\
	__kdone;							\
})
#define __iommufd_model_kfifo_get(fifo, val, n) __extension__({		\
	__IOMMUFD_MODEL_AUTO __kfifo = (fifo);				\
	unsigned int __kout = READ_ONCE(__kfifo->out);			\
	unsigned int __kgot = smp_load_acquire(&__kfifo->in) != __kout;	\
	if (__kgot) {							\
		*(val) = __kfifo->buf[__kout % kfifo_size(__kfifo)];	\
		if (n)							\
			smp_store_release(&__kfifo->out, __kout + 1);	\
	}								\
	__kgot;								\
})
/** @endcond */

#endif
