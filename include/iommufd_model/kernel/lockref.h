/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * A counter of references together with the spinlock that guards its object.
 *
 * The counter changes while the spinlock is held.  In a kernel most of these
 * functions change it without the lock if nobody holds that; here each takes the
 * lock.  The change is a marked access, as there, so the counter can be read
 * without the lock, by READ_ONCE().
 */
#ifndef IOMMUFD_MODEL_KERNEL_LOCKREF_H
#define IOMMUFD_MODEL_KERNEL_LOCKREF_H

#include <iommufd_model/kernel/spinlock.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** A counter and its lock. */
struct lockref {
	spinlock_t lock;	/**< the lock; the counter's owner may take it */
	int count;	/**< the counter; negative when the object is dead */
};

/**
 * Initialises a lockref with one reference.  Each call site is one lock class.
 * @param ref  a pointer to the lockref
 * @context Does not block.
 */
#define lockref_init(ref) do {					\
	struct lockref *__lockref = (ref);				\
	static struct lock_class_key __key = { #ref, 0 };		\
	iommufd_model_spin_lock_init_at(&__lockref->lock, &__key,	\
					IOMMUFD_MODEL_SITE(#ref));	\
	__lockref->count = 1;						\
} while (0)

/** @cond INTERNAL */
/* Takes a reference if the counter is at least @least. */
static inline bool
iommufd_model_lockref_get(struct lockref *lockref, int least,
			  const struct iommufd_model_site *site)
{
	bool good;

	iommufd_model_spin_lock(&lockref->lock, site);
	good = lockref->count >= least;
	if (good)
		WRITE_ONCE(lockref->count, lockref->count + 1);
	iommufd_model_spin_unlock(&lockref->lock, site);
	return good;
}

/* Drops a reference that is not the last one.  Otherwise keeps the lock. */
static inline bool
iommufd_model_lockref_put(struct lockref *lockref,
			  const struct iommufd_model_site *site)
{
	iommufd_model_spin_lock(&lockref->lock, site);
	if (lockref->count <= 1)
		return false;
	WRITE_ONCE(lockref->count, lockref->count - 1);
	iommufd_model_spin_unlock(&lockref->lock, site);
	return true;
}

static inline bool
iommufd_model_lockref_put_not_zero(struct lockref *lockref,
				   const struct iommufd_model_site *site)
{
	bool good = iommufd_model_lockref_put(lockref, site);

	if (!good)
		iommufd_model_spin_unlock(&lockref->lock, site);
	return good;
}
/** @endcond */

/**
 * Takes a reference.
 * @param lockref  a pointer to the lockref
 * @context Any; spins.
 */
#define lockref_get(lockref)						\
	((void)iommufd_model_lockref_get(lockref, INT_MIN,		\
					 IOMMUFD_MODEL_SITE(#lockref)))
/**
 * Takes a reference unless there is none, or the object is dead.
 * @param lockref  a pointer to the lockref
 * @return true if it was taken
 * @context Any; spins.
 */
#define lockref_get_not_zero(lockref) \
	iommufd_model_lockref_get(lockref, 1, IOMMUFD_MODEL_SITE(#lockref))
/**
 * Takes a reference, also the first one, unless the object is dead.
 * @param lockref  a pointer to the lockref
 * @return true if it was taken
 * @context Any; spins.
 */
#define lockref_get_not_dead(lockref) \
	iommufd_model_lockref_get(lockref, 0, IOMMUFD_MODEL_SITE(#lockref))
/**
 * Drops a reference unless it is the last one.
 * @param lockref  a pointer to the lockref
 * @return true if it was dropped
 * @context Any; spins.
 */
#define lockref_put_not_zero(lockref)					\
	iommufd_model_lockref_put_not_zero(lockref,			\
					   IOMMUFD_MODEL_SITE(#lockref))
/**
 * Drops a reference unless it is the last one; otherwise takes the lock.
 * @param lockref  a pointer to the lockref
 * @return true if it was dropped; false if the caller holds the lock, and the
 *   reference still
 * @context Any; spins.
 */
#define lockref_put_or_lock(lockref) \
	iommufd_model_lockref_put(lockref, IOMMUFD_MODEL_SITE(#lockref))
/**
 * Marks the object as dead, so that lockref_get_not_dead() fails.
 * @param ref  a pointer to the lockref, whose lock the thread holds
 */
#define lockref_mark_dead(ref) do {					\
	struct lockref *__lockref = (ref);				\
	assert_spin_locked(&__lockref->lock);				\
	__lockref->count = -128;					\
} while (0)
/** Tells whether an object is dead; the thread holds the lock. */
#define __lockref_is_dead(lockref) ((lockref)->count < 0)

IOMMUFD_MODEL_END_DECLS

#endif
