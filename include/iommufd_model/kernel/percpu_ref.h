/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * struct percpu_ref, a reference counter that detects that it is zero only
 * after it has been killed.
 *
 * The counter begins with one reference, the initial one.  percpu_ref_kill()
 * drops it.  When the last reference is dropped after that, the release
 * function is called.  After the kill percpu_ref_tryget_live() takes no more
 * references, but percpu_ref_tryget() does so as long as there is one.
 *
 * Unlike in a kernel, there is one count and not one for each processor.  Each
 * call is one operation on it, and percpu_ref_kill() is two.  The function that
 * confirms a kill is called before percpu_ref_kill_and_confirm() returns, and
 * the release function is called by the thread that drops the last reference.
 * A kernel may call both later, from RCU.
 *
 * Each of these is a WARN of the kind IOMMUFD_MODEL_MISUSE_REFCOUNT: a put
 * without a reference, a get after the counter was released, and a second kill.
 */
#ifndef IOMMUFD_MODEL_KERNEL_PERCPU_REF_H
#define IOMMUFD_MODEL_KERNEL_PERCPU_REF_H

#include <iommufd_model/kernel/atomic.h>
#include <iommufd_model/kernel/slab.h>

IOMMUFD_MODEL_BEGIN_DECLS

struct percpu_ref;
struct percpu_ref_data;

/**
 * The type of the release function, and of the function that confirms a kill.
 */
typedef void (percpu_ref_func_t)(struct percpu_ref *ref);

/** A reference counter. */
struct percpu_ref {
	/** the count; NULL after percpu_ref_exit() */
	struct percpu_ref_data *data;
};

/** calls release() at zero even before the kill */
#define PERCPU_REF_INIT_ATOMIC 1u
/** the counter begins killed and without references */
#define PERCPU_REF_INIT_DEAD 2u
#define PERCPU_REF_ALLOW_REINIT 4u	/**< has no effect */

/**
 * @name Behind the macros
 * These are the functions that the macros below call.  Use the macros, which
 * add the call site.
 * @{
 */

/** @behind{percpu_ref_init} */
IOMMUFD_MODEL_API int
iommufd_model_percpu_ref_init(struct percpu_ref *ref,
			      percpu_ref_func_t *release, unsigned int flags,
			      gfp_t gfp, const struct iommufd_model_site *site);
/** @behind{percpu_ref_exit} */
IOMMUFD_MODEL_API void
iommufd_model_percpu_ref_exit(struct percpu_ref *ref,
			      const struct iommufd_model_site *site);
/** @behind{percpu_ref_get_many} */
IOMMUFD_MODEL_API void
iommufd_model_percpu_ref_get(struct percpu_ref *ref, unsigned long nr,
			     const struct iommufd_model_site *site);
/** @behind{percpu_ref_tryget_many} */
IOMMUFD_MODEL_API bool
iommufd_model_percpu_ref_tryget(struct percpu_ref *ref, unsigned long nr,
				const struct iommufd_model_site *site);
/** @behind{percpu_ref_tryget_live} */
IOMMUFD_MODEL_API bool
iommufd_model_percpu_ref_tryget_live(struct percpu_ref *ref,
				     const struct iommufd_model_site *site);
/** @behind{percpu_ref_put_many} */
IOMMUFD_MODEL_API void
iommufd_model_percpu_ref_put(struct percpu_ref *ref, unsigned long nr,
			     const struct iommufd_model_site *site);
/** @behind{percpu_ref_kill_and_confirm} */
IOMMUFD_MODEL_API void
iommufd_model_percpu_ref_kill(struct percpu_ref *ref,
			      percpu_ref_func_t *confirm,
			      const struct iommufd_model_site *site);
/** @behind{percpu_ref_reinit} */
IOMMUFD_MODEL_API void
iommufd_model_percpu_ref_reinit(struct percpu_ref *ref,
				const struct iommufd_model_site *site);
/** @behind{percpu_ref_resurrect} */
IOMMUFD_MODEL_API void
iommufd_model_percpu_ref_resurrect(struct percpu_ref *ref,
				   const struct iommufd_model_site *site);
/** @behind{percpu_ref_is_zero} */
IOMMUFD_MODEL_API bool
iommufd_model_percpu_ref_is_zero(struct percpu_ref *ref,
				 const struct iommufd_model_site *site);
/** @behind{percpu_ref_is_dying} */
IOMMUFD_MODEL_API bool
iommufd_model_percpu_ref_is_dying(struct percpu_ref *ref,
				  const struct iommufd_model_site *site);
/** @} */

/**
 * Initialises a counter with its initial reference.
 * @param ref      the counter
 * @param release  is called when the last reference is dropped; must not sleep
 * @param flags    PERCPU_REF_ bits
 * @param gfp      allocation flags, such as GFP_KERNEL
 * @return 0, or a negative errno
 * @ownership The caller must call percpu_ref_exit() in the end.
 * @errors -ENOMEM.
 */
#define percpu_ref_init(ref, release, flags, gfp)			\
	iommufd_model_percpu_ref_init(ref, release, flags, gfp,		\
				      IOMMUFD_MODEL_SITE(#ref))
/**
 * Frees what percpu_ref_init() has allocated.
 * @param ref  the counter
 * @context Does not block.
 */
#define percpu_ref_exit(ref) \
	iommufd_model_percpu_ref_exit(ref, IOMMUFD_MODEL_SITE(#ref))

/**
 * Takes several references.
 * @param ref  the counter
 * @param nr   the number of references
 * @ownership The caller must already hold a reference.
 * @context Does not block.
 */
#define percpu_ref_get_many(ref, nr) \
	iommufd_model_percpu_ref_get(ref, nr, IOMMUFD_MODEL_SITE(#ref))
/**
 * Takes a reference.
 * @param ref  the counter
 * @ownership The caller must already hold a reference.
 * @context Does not block.
 */
#define percpu_ref_get(ref) \
	iommufd_model_percpu_ref_get(ref, 1, IOMMUFD_MODEL_SITE(#ref))
/**
 * Takes several references unless the counter has none.
 * @param ref  the counter
 * @param nr   the number of references
 * @return true if the references were taken
 * @context Does not block.
 */
#define percpu_ref_tryget_many(ref, nr) \
	iommufd_model_percpu_ref_tryget(ref, nr, IOMMUFD_MODEL_SITE(#ref))
/**
 * Takes a reference unless the counter has none.
 * @param ref  the counter
 * @return true if the reference was taken
 * @context Does not block.
 */
#define percpu_ref_tryget(ref) \
	iommufd_model_percpu_ref_tryget(ref, 1, IOMMUFD_MODEL_SITE(#ref))
/**
 * Takes a reference unless the counter has been killed.
 * @param ref  the counter
 * @return true if the reference was taken
 * @context Does not block.
 */
#define percpu_ref_tryget_live(ref) \
	iommufd_model_percpu_ref_tryget_live(ref, IOMMUFD_MODEL_SITE(#ref))
/** Does the same as percpu_ref_tryget_live(), in an RCU read section. */
#define percpu_ref_tryget_live_rcu(ref) percpu_ref_tryget_live(ref)
/**
 * Drops several references.  If the last one is dropped after the kill, the
 * release function is called.
 * @param ref  the counter
 * @param nr   the number of references
 * @ownership The caller gives up its references.
 * @context The same as that of the release function.
 */
#define percpu_ref_put_many(ref, nr) \
	iommufd_model_percpu_ref_put(ref, nr, IOMMUFD_MODEL_SITE(#ref))
/**
 * Drops a reference.  If it is the last one after the kill, the release
 * function is called.
 * @param ref  the counter
 * @ownership The caller gives up its reference.
 * @context The same as that of the release function.
 */
#define percpu_ref_put(ref) \
	iommufd_model_percpu_ref_put(ref, 1, IOMMUFD_MODEL_SITE(#ref))

/**
 * Kills a counter, so that percpu_ref_tryget_live() fails from now on.  Then it
 * calls a function and drops the initial reference.
 * @param ref      the counter
 * @param confirm  the function, or NULL
 * @context The same as that of the release function.
 */
#define percpu_ref_kill_and_confirm(ref, confirm) \
	iommufd_model_percpu_ref_kill(ref, confirm, IOMMUFD_MODEL_SITE(#ref))
/**
 * Kills a counter and drops the initial reference.
 * @param ref  the counter
 * @context The same as that of the release function.
 */
#define percpu_ref_kill(ref) \
	iommufd_model_percpu_ref_kill(ref, NULL, IOMMUFD_MODEL_SITE(#ref))
/**
 * Makes a counter that was killed and has no references usable again, with an
 * initial reference.
 * @param ref  the counter
 * @errors A WARN if it has references.
 * @context Does not block.
 */
#define percpu_ref_reinit(ref) \
	iommufd_model_percpu_ref_reinit(ref, IOMMUFD_MODEL_SITE(#ref))
/**
 * Undoes a kill, and takes the initial reference again.
 * @param ref  the counter, which was killed and has references
 * @errors A WARN if it was not killed, or has no references.
 * @context Does not block.
 */
#define percpu_ref_resurrect(ref) \
	iommufd_model_percpu_ref_resurrect(ref, IOMMUFD_MODEL_SITE(#ref))
/**
 * Tells whether a counter was killed and has no references.
 * @param ref  the counter
 * @return true if both hold
 * @context Does not block.
 */
#define percpu_ref_is_zero(ref) \
	iommufd_model_percpu_ref_is_zero(ref, IOMMUFD_MODEL_SITE(#ref))
/**
 * Tells whether a counter was killed.
 * @param ref  the counter
 * @return true if it was
 * @context Does not block.
 */
#define percpu_ref_is_dying(ref) \
	iommufd_model_percpu_ref_is_dying(ref, IOMMUFD_MODEL_SITE(#ref))

IOMMUFD_MODEL_END_DECLS

#endif
