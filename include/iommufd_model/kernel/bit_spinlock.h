/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Spinlocks that are a single bit of an unsigned long.
 *
 * Such a lock has no owner, and lockdep does not know it: who takes it twice
 * waits for ever, which the explorer reports as a livelock.  Each try to take it
 * is an operation at the gate, and so is the unlock.
 */
#ifndef IOMMUFD_MODEL_KERNEL_BIT_SPINLOCK_H
#define IOMMUFD_MODEL_KERNEL_BIT_SPINLOCK_H

#include <iommufd_model/kernel/bitops.h>
#include <iommufd_model/kernel/context.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** @cond INTERNAL */
static inline bool
iommufd_model_bit_spin_trylock(long nr, unsigned long *addr,
			       const struct iommufd_model_site *site)
{
	iommufd_model_context_enter(IOMMUFD_MODEL_CONTEXT_PREEMPT, site);
	if (!iommufd_model_bit(IOMMUFD_MODEL_OP_BIT_TEST_AND_SET, nr, addr, 0,
			       site))
		return true;
	iommufd_model_context_leave(IOMMUFD_MODEL_CONTEXT_PREEMPT, site);
	return false;
}

static inline void
iommufd_model_bit_spin_lock(long nr, unsigned long *addr,
			    const struct iommufd_model_site *site)
{
	while (!iommufd_model_bit_spin_trylock(nr, addr, site))
		iommufd_model_relax(site);
}

static inline void
iommufd_model_bit_spin_unlock(long nr, unsigned long *addr,
			      const struct iommufd_model_site *site)
{
	iommufd_model_bit(IOMMUFD_MODEL_OP_BIT_CLEAR, nr, addr, 0, site);
	iommufd_model_context_leave(IOMMUFD_MODEL_CONTEXT_PREEMPT, site);
}
/** @endcond */

/**
 * Takes the lock, and waits until it is free.
 * @param nr    the number of the bit
 * @param addr  the unsigned long
 * @ownership The thread holds the lock afterwards, with preemption off.
 * @context Any; spins.  The thread must not sleep while it holds the lock.
 */
#define bit_spin_lock(nr, addr) \
	iommufd_model_bit_spin_lock((long)(nr), addr, IOMMUFD_MODEL_SITE(#addr))
/**
 * Takes the lock if it is free.
 * @param nr    the number of the bit
 * @param addr  the unsigned long
 * @return 1 if it was taken, 0 if not
 * @context Never blocks.
 */
#define bit_spin_trylock(nr, addr)					\
	((int)iommufd_model_bit_spin_trylock((long)(nr), addr,		\
					     IOMMUFD_MODEL_SITE(#addr)))
/**
 * Releases the lock.
 * @param nr    the number of the bit
 * @param addr  the unsigned long
 * @context Does not block.
 */
#define bit_spin_unlock(nr, addr)					\
	iommufd_model_bit_spin_unlock((long)(nr), addr,			\
				      IOMMUFD_MODEL_SITE(#addr))
/**
 * Does bit_spin_unlock(); in a kernel no other bit of the unsigned long may
 * change at the same time.
 */
#define __bit_spin_unlock(nr, addr) bit_spin_unlock(nr, addr)
/** Tells whether a thread holds the lock. */
#define bit_spin_is_locked(nr, addr) ((int)test_bit(nr, addr))

IOMMUFD_MODEL_END_DECLS

#endif
