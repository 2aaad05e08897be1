/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * struct kref, a reference counter that calls a function when its last
 * reference is dropped.
 *
 * Each call is one operation on the refcount_t inside, except that
 * kref_put_mutex() and kref_put_lock() make an operation for each of their
 * parts.  A misuse is reported as one of the refcount_t.
 */
#ifndef IOMMUFD_MODEL_KERNEL_KREF_H
#define IOMMUFD_MODEL_KERNEL_KREF_H

#include <iommufd_model/kernel/refcount.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** Counts the references to the object that contains it. */
struct kref {
	refcount_t refcount;	/**< the counter */
};

/** Initialises a static kref with @p n references. */
#define KREF_INIT(n) { REFCOUNT_INIT(n) }

/** @cond INTERNAL */
static inline int iommufd_model_kref_put(struct kref *kref,
					 void (*release)(struct kref *kref),
					 const struct iommufd_model_site *at)
{
	if (iommufd_model_refcount_sub_and_test(&kref->refcount, 1, at) != 1)
		return 0;
	release(kref);
	return 1;
}

static inline int
iommufd_model_kref_put_mutex(struct kref *kref,
			     void (*release)(struct kref *kref),
			     struct mutex *lock,
			     const struct iommufd_model_site *at,
			     const struct iommufd_model_site *lock_at)
{
	if (!iommufd_model_refcount_dec_and_mutex_lock(&kref->refcount, lock,
						       at, lock_at))
		return 0;
	release(kref);
	return 1;
}

static inline int
iommufd_model_kref_put_lock(struct kref *kref,
			    void (*release)(struct kref *kref),
			    spinlock_t *lock,
			    const struct iommufd_model_site *at,
			    const struct iommufd_model_site *lock_at)
{
	if (!iommufd_model_refcount_dec_and_lock(&kref->refcount, lock, at,
						 lock_at))
		return 0;
	release(kref);
	return 1;
}
/** @endcond */

/**
 * Initialises a kref with one reference.
 * @param kref  the kref
 * @ownership The caller holds the reference.
 * @context Does not block.
 */
#define kref_init(kref)							\
	iommufd_model_refcount_set(&(kref)->refcount, 1,		\
				   IOMMUFD_MODEL_SITE(#kref))

/**
 * Reads the number of references.
 * @param kref  the kref
 * @return the number, an unsigned int
 * @context Does not block.
 */
#define kref_read(kref)							\
	((unsigned int)iommufd_model_refcount_read(&(kref)->refcount,	\
						   IOMMUFD_MODEL_SITE(#kref)))

/**
 * Takes one more reference.
 * @param kref  the kref
 * @ownership The caller must already hold a reference, and holds one more
 *   afterwards.
 * @errors The same as for refcount_inc().
 * @context Does not block.
 */
#define kref_get(kref)							\
	((void)iommufd_model_refcount_add(&(kref)->refcount, 1,		\
					  IOMMUFD_MODEL_SITE(#kref)))

/**
 * Takes a reference unless the counter is 0.
 * @param kref  the kref
 * @return nonzero if a reference was taken
 * @ownership The same as for refcount_inc_not_zero().
 * @context Does not block.
 */
#define kref_get_unless_zero(kref)					\
	((int)(iommufd_model_refcount_add_not_zero(&(kref)->refcount, 1, \
				IOMMUFD_MODEL_SITE(#kref)) != 0))

/**
 * Drops a reference, and calls a function if it was the last one.
 * @param kref     the kref
 * @param release  the function; it may free the kref
 * @return 1 if @p release was called, else 0
 * @ownership The caller gives up its reference.
 * @errors The same as for refcount_dec_and_test().
 * @context The same as that of @p release.
 */
#define kref_put(kref, release) \
	iommufd_model_kref_put(kref, release, IOMMUFD_MODEL_SITE(#kref))

/**
 * Drops a reference.  If it was the last one, takes a mutex and calls a
 * function, which must unlock the mutex.
 * @param kref     the kref
 * @param release  the function; it may free the kref
 * @param lock     the mutex
 * @return 1 if @p release was called, else 0
 * @ownership The caller gives up its reference.
 * @context May block; hold no spinlock.
 */
#define kref_put_mutex(kref, release, lock)				\
	iommufd_model_kref_put_mutex(kref, release, lock,		\
				     IOMMUFD_MODEL_SITE(#kref),		\
				     IOMMUFD_MODEL_SITE(#lock))

/**
 * Drops a reference.  If it was the last one, takes a spinlock and calls a
 * function, which must unlock the spinlock.
 * @param kref     the kref
 * @param release  the function; it may free the kref
 * @param lock     the spinlock
 * @return 1 if @p release was called, else 0
 * @ownership The caller gives up its reference.
 * @context Any; waits for the spinlock.
 */
#define kref_put_lock(kref, release, lock)				\
	iommufd_model_kref_put_lock(kref, release, lock,		\
				    IOMMUFD_MODEL_SITE(#kref),		\
				    IOMMUFD_MODEL_SITE(#lock))

IOMMUFD_MODEL_END_DECLS

#endif
