/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * SRCU: an RCU whose readers may sleep.  Each struct srcu_struct is a separate
 * domain, and a writer waits only for the readers of its domain.
 */
#ifndef IOMMUFD_MODEL_KERNEL_SRCU_H
#define IOMMUFD_MODEL_KERNEL_SRCU_H

#include <iommufd_model/kernel/cleanup.h>
#include <iommufd_model/kernel/rcupdate.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** A domain of SRCU. */
struct srcu_struct {
	struct iommufd_model_rcu_domain domain;	/**< used by the ground */
};

/** Defines a domain that is ready for use. */
#define DEFINE_SRCU(name) struct srcu_struct name
/** Defines a static domain that is ready for use. */
#define DEFINE_STATIC_SRCU(name) static struct srcu_struct name

/**
 * Initialises a domain.
 * @param ssp  the domain
 * @return 0
 * @context May sleep in a kernel; hold no spinlock.
 */
#define init_srcu_struct(ssp) \
	iommufd_model_init_srcu(&(ssp)->domain, IOMMUFD_MODEL_SITE(#ssp))
/**
 * Ends the use of a domain.
 * @param ssp  the domain
 * @errors A WARN if a reader is in a read section, or a callback has not been
 *   called yet.
 * @context May sleep in a kernel; hold no spinlock.
 */
#define cleanup_srcu_struct(ssp) \
	iommufd_model_cleanup_srcu(&(ssp)->domain, IOMMUFD_MODEL_SITE(#ssp))
/**
 * Begins a read section, in which the thread may sleep.
 * @param ssp  the domain
 * @return the index for srcu_read_unlock()
 * @errors To the explorer, a thread that ends in the section has failed.
 * @context Any; does not block.
 */
#define srcu_read_lock(ssp) \
	iommufd_model_srcu_read_lock(&(ssp)->domain, IOMMUFD_MODEL_SITE(#ssp))
/**
 * Ends a read section.
 * @param ssp  the domain
 * @param idx  what srcu_read_lock() returned
 * @errors A WARN of the kind IOMMUFD_MODEL_MISUSE_LOCK, and no effect, if this
 *   thread has not begun such a section.
 * @context Any; does not block.
 */
#define srcu_read_unlock(ssp, idx) \
	iommufd_model_srcu_read_unlock(&(ssp)->domain, idx, \
				       IOMMUFD_MODEL_SITE(#ssp))
/** Waits for the read sections of a domain; see synchronize_rcu(). */
#define synchronize_srcu(ssp) \
	iommufd_model_synchronize(&(ssp)->domain, IOMMUFD_MODEL_SITE(#ssp))
/** Does the same as synchronize_srcu(). */
#define synchronize_srcu_expedited(ssp) synchronize_srcu(ssp)
/** Registers a callback; see call_rcu(). */
#define call_srcu(ssp, head, func) \
	iommufd_model_call_rcu(&(ssp)->domain, head, func, NULL, #func, \
			       IOMMUFD_MODEL_SITE(#head))
/** Waits for the callbacks of a domain; see rcu_barrier(). */
#define srcu_barrier(ssp) \
	iommufd_model_rcu_barrier(&(ssp)->domain, IOMMUFD_MODEL_SITE(#ssp))
/**
 * Reads a pointer that SRCU protects.
 * @param p    the pointer
 * @param ssp  the domain
 * @return its value, valid until the read section ends
 * @errors A WARN of the kind IOMMUFD_MODEL_MISUSE_LOCK if the domain has no
 *   reader.
 */
#define srcu_dereference(p, ssp) srcu_dereference_check(p, ssp, false)
/** Does srcu_dereference(), but a lock may protect the pointer instead. */
#define srcu_dereference_check(p, ssp, c) __extension__({		\
	if (!srcu_read_lock_held(ssp) && !(c))				\
		iommufd_model_rcu_misuse(IOMMUFD_MODEL_SITE(#p));	\
	rcu_dereference_raw(p);						\
})

/**
 * Tells whether a domain has readers.  As in a kernel, it does not know which
 * threads these are.
 * @param ssp  the domain
 * @return 1 if it has readers, 0 if not
 */
static inline int srcu_read_lock_held(const struct srcu_struct *ssp)
{
	const struct iommufd_model_epoch *e = &ssp->domain.readers;
	int i, n = 0;

	for (i = 0; i < IOMMUFD_MODEL_EPOCHS; i++)
		n |= __atomic_load_n(&e->inside[i], __ATOMIC_RELAXED);
	return n != 0;
}

/**
 * Initialises a domain.  init_srcu_struct() calls it.
 * @param domain  the domain
 * @param site    the call site
 * @return 0
 */
IOMMUFD_MODEL_API int
iommufd_model_init_srcu(struct iommufd_model_rcu_domain *domain,
			const struct iommufd_model_site *site);
/**
 * Ends the use of a domain.  cleanup_srcu_struct() calls it.
 * @param domain  the domain
 * @param site    the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_cleanup_srcu(struct iommufd_model_rcu_domain *domain,
			   const struct iommufd_model_site *site);
/**
 * Begins a read section.  srcu_read_lock() calls it.
 * @param domain  the domain
 * @param site    the call site
 * @return the index for srcu_read_unlock()
 */
IOMMUFD_MODEL_API int
iommufd_model_srcu_read_lock(struct iommufd_model_rcu_domain *domain,
			     const struct iommufd_model_site *site);
/**
 * Ends a read section.  srcu_read_unlock() calls it.
 * @param domain  the domain
 * @param idx     what srcu_read_lock() returned
 * @param site    the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_srcu_read_unlock(struct iommufd_model_rcu_domain *domain, int idx,
			       const struct iommufd_model_site *site);

/** @cond INTERNAL */
/* Defines guard(srcu)(&domain). */
__IOMMUFD_MODEL_SITE_GUARD(srcu, struct srcu_struct,
			   _T->flags = (unsigned long)
				   iommufd_model_srcu_read_lock(
					   &_T->lock->domain, _T->site),
			   iommufd_model_srcu_read_unlock(&_T->lock->domain,
							  (int)_T->flags,
							  _T->site))
#define class_srcu_constructor(lock) \
	iommufd_model_class_srcu(lock, IOMMUFD_MODEL_SITE(#lock))
/** @endcond */

IOMMUFD_MODEL_END_DECLS

#endif
