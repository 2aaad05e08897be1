/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * refcount_t, the type of the counters users and wait_cnt.
 *
 * The value of a counter is the number of references to its object.  Each call
 * is one atomic operation and passes the gate once.
 *
 * A misuse is an increment from zero, a plain decrement that reaches zero, an
 * underflow or an overflow.  It is a WARN and poisons the counter: the counter
 * is set to REFCOUNT_SATURATED, which is so far below zero that it never
 * reaches zero again.  The object is then leaked rather than freed twice.
 *
 * No call blocks.  Increments have relaxed memory order, because the caller
 * already holds a reference.  Decrements release, and the decrement that
 * reaches zero acquires, so everything that any holder did happens before the
 * object is freed.
 *
 * Each macro passes its call site to the gate and to reports.
 *
 * @rule R-COUNT-1
 */
#ifndef IOMMUFD_MODEL_KERNEL_REFCOUNT_H
#define IOMMUFD_MODEL_KERNEL_REFCOUNT_H

#include <iommufd_model/kernel/atomic.h>
#include <iommufd_model/kernel/bug.h>
#include <iommufd_model/kernel/mutex.h>
#include <iommufd_model/kernel/spinlock.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** Counts the references to an object; the last one frees it. */
typedef struct refcount_struct {
	int refs;	/**< number of references; negative if poisoned */
} refcount_t;

/** Initialises a static counter with @p n references. */
#define REFCOUNT_INIT(n) { n }
/** The value of a counter that was misused (a poisoned counter). */
#define REFCOUNT_SATURATED (INT_MIN / 2)

/**
 * @name Behind the macros
 * These are the functions that the macros below call.  Use the macros, which
 * add the call site.
 * @{
 */

/**
 * Performs a counter operation through the gate.  It is called only while a
 * hook is installed.
 * @param kind  the operation, one of IOMMUFD_MODEL_OP_REFCOUNT_*
 * @param r     the counter
 * @param n     the number that is added, subtracted or set
 * @param site  the call site
 * @return of a read the value; otherwise some value before the operation with
 *   which the macro returns the same as with the true one
 * @context Calls step() and event() of every hook.  A scheduler may let other
 *   threads run first; otherwise the call does not block.
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD int
iommufd_model_refcount_gated(enum iommufd_model_op_kind kind, refcount_t *r,
			     int n, const struct iommufd_model_site *site);

/**
 * Reports a misuse and poisons the counter.
 * @param r     the counter
 * @param old   the value that the operation found
 * @param what  a name of the operation, such as "increment", for the report
 * @param site  the call site
 * @context Any; does not block.
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_refcount_misuse(refcount_t *r, int old, const char *what,
			      const struct iommufd_model_site *site);

/** @} */

/** @cond INTERNAL */
/*
 * The next two functions contain the arithmetic of every counter operation.
 * The compiler evaluates them at compile time if @kind is a constant.
 */

/* Returns true if the operation @kind with @n is a misuse at the value @old. */
static inline bool
iommufd_model_refcount_is_misuse(enum iommufd_model_op_kind kind, int old,
				 int n)
{
	switch (kind) {
	case IOMMUFD_MODEL_OP_REFCOUNT_ADD:
		return old <= 0 || old > INT_MAX - n;
	case IOMMUFD_MODEL_OP_REFCOUNT_ADD_NOT_ZERO:
		/* As an unsigned number a negative value is large. */
		return (unsigned int)old > (unsigned int)(INT_MAX - n);
	case IOMMUFD_MODEL_OP_REFCOUNT_DEC:
		/*
		 * refcount_dec() must not drop the last reference;
		 * refcount_sub_and_test() may.
		 */
		return old <= n;
	case IOMMUFD_MODEL_OP_REFCOUNT_SUB_AND_TEST:
	case IOMMUFD_MODEL_OP_REFCOUNT_DEC_NOT_ONE:
		return old < n;
	default:
		return false;
	}
}

/*
 * Returns the value that the operation @kind with @n leaves in a counter whose
 * value was @old.  After a misuse the counter is poisoned and has another
 * value.
 */
static inline long
iommufd_model_refcount_result(enum iommufd_model_op_kind kind, int old, int n)
{
	switch (kind) {
	case IOMMUFD_MODEL_OP_REFCOUNT_SET:
		return n;
	case IOMMUFD_MODEL_OP_REFCOUNT_ADD:
		return (long)old + n;
	case IOMMUFD_MODEL_OP_REFCOUNT_ADD_NOT_ZERO:
		return old ? (long)old + n : 0;
	case IOMMUFD_MODEL_OP_REFCOUNT_DEC:
	case IOMMUFD_MODEL_OP_REFCOUNT_SUB_AND_TEST:
		return (long)old - n;
	case IOMMUFD_MODEL_OP_REFCOUNT_DEC_NOT_ONE:
		return old == 1 ? 1 : (long)old - 1;
	case IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE:
		return old == 1 ? 0 : old;
	default:
		return old;
	}
}

/* Reports a misuse, if the operation was one. */
#define __IOMMUFD_MODEL_REFCOUNT_CHECK(kind, r, old, n, what, site) do { \
	if (__builtin_expect(iommufd_model_refcount_is_misuse(		\
			IOMMUFD_MODEL_OP_REFCOUNT_##kind, old, n), 0))	\
		iommufd_model_refcount_misuse(r, old, what, site);	\
} while (0)

/* The operations without the gate.  Each returns the old value. */
static inline int
iommufd_model_raw_refcount_add(refcount_t *r, int n,
			       const struct iommufd_model_site *site)
{
	int old = IOMMUFD_MODEL_FETCH_ADD(&r->refs, n, __ATOMIC_RELAXED);

	__IOMMUFD_MODEL_REFCOUNT_CHECK(ADD, r, old, n, "increment", site);
	return old;
}

static inline int
iommufd_model_raw_refcount_add_not_zero(refcount_t *r, int n,
					const struct iommufd_model_site *site)
{
	int old = __atomic_load_n(&r->refs, __ATOMIC_RELAXED);

	do {
		if (!old)
			return 0;
	} while (!IOMMUFD_MODEL_REPLACE(&r->refs, &old,
					(int)((unsigned int)old +
					      (unsigned int)n),
					__ATOMIC_RELAXED));
	__IOMMUFD_MODEL_REFCOUNT_CHECK(ADD_NOT_ZERO, r, old, n, "increment",
				       site);
	return old;
}

static inline int
iommufd_model_raw_refcount_dec(refcount_t *r,
			       const struct iommufd_model_site *site)
{
	int old = IOMMUFD_MODEL_FETCH_ADD(&r->refs, -1, __ATOMIC_RELEASE);

	__IOMMUFD_MODEL_REFCOUNT_CHECK(DEC, r, old, 1, "decrement", site);
	return old;
}

static inline int
iommufd_model_raw_refcount_sub_and_test(refcount_t *r, int n,
					const struct iommufd_model_site *site)
{
	/*
	 * Every decrement acquires, although only the one that reaches zero
	 * needs to.  A fence at zero would be no cheaper on the machines we
	 * know, and ThreadSanitizer does not understand fences.
	 */
	int old = IOMMUFD_MODEL_FETCH_ADD(&r->refs, (int)(0u - (unsigned int)n),
					  __ATOMIC_ACQ_REL);

	__IOMMUFD_MODEL_REFCOUNT_CHECK(SUB_AND_TEST, r, old, n, "subtraction",
				       site);
	return old;
}

static inline int iommufd_model_raw_refcount_dec_if_one(refcount_t *r)
{
	int old = 1;

	/* On failure @old becomes the value that was found, which is not 1. */
	(void)IOMMUFD_MODEL_REPLACE(&r->refs, &old, 0, __ATOMIC_ACQ_REL);
	return old;
}

static inline int
iommufd_model_raw_refcount_dec_not_one(refcount_t *r,
				       const struct iommufd_model_site *site)
{
	int old = __atomic_load_n(&r->refs, __ATOMIC_RELAXED);

	do {
		if (old == 1)
			return 1;
	} while (!IOMMUFD_MODEL_REPLACE(&r->refs, &old,
					(int)((unsigned int)old - 1),
					__ATOMIC_RELEASE));
	__IOMMUFD_MODEL_REFCOUNT_CHECK(DEC_NOT_ONE, r, old, 1, "decrement",
				       site);
	return old;
}

static inline int
iommufd_model_refcount_add(refcount_t *r, int n,
			   const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		return iommufd_model_refcount_gated(
			IOMMUFD_MODEL_OP_REFCOUNT_ADD, r, n, site);
	return iommufd_model_raw_refcount_add(r, n, site);
}

static inline int
iommufd_model_refcount_add_not_zero(refcount_t *r, int n,
				    const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		return iommufd_model_refcount_gated(
			IOMMUFD_MODEL_OP_REFCOUNT_ADD_NOT_ZERO, r, n, site);
	return iommufd_model_raw_refcount_add_not_zero(r, n, site);
}

static inline int
iommufd_model_refcount_dec(refcount_t *r, const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		return iommufd_model_refcount_gated(
			IOMMUFD_MODEL_OP_REFCOUNT_DEC, r, 1, site);
	return iommufd_model_raw_refcount_dec(r, site);
}

static inline int
iommufd_model_refcount_sub_and_test(refcount_t *r, int n,
				    const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		return iommufd_model_refcount_gated(
			IOMMUFD_MODEL_OP_REFCOUNT_SUB_AND_TEST, r, n, site);
	return iommufd_model_raw_refcount_sub_and_test(r, n, site);
}

static inline int
iommufd_model_refcount_dec_if_one(refcount_t *r,
				  const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		return iommufd_model_refcount_gated(
			IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE, r, 1, site);
	return iommufd_model_raw_refcount_dec_if_one(r);
}

static inline bool
iommufd_model_refcount_dec_not_one(refcount_t *r,
				   const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		return iommufd_model_refcount_gated(
			       IOMMUFD_MODEL_OP_REFCOUNT_DEC_NOT_ONE, r, 1,
			       site) != 1;
	return iommufd_model_raw_refcount_dec_not_one(r, site) != 1;
}

static inline int
iommufd_model_refcount_read(const refcount_t *r,
			    const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		return iommufd_model_refcount_gated(
			IOMMUFD_MODEL_OP_REFCOUNT_READ, (refcount_t *)r, 0,
			site);
	return __atomic_load_n(&r->refs, __ATOMIC_ACQUIRE);
}

static inline void
iommufd_model_refcount_set(refcount_t *r, int n,
			   const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		iommufd_model_refcount_gated(IOMMUFD_MODEL_OP_REFCOUNT_SET, r,
					     n, site);
	else
		__atomic_store_n(&r->refs, n, __ATOMIC_RELAXED);
}


/*
 * Takes the lock only for the last reference.  @at and @lock_at are the call
 * sites of the operations on the counter and on the lock.
 */
static inline bool
iommufd_model_refcount_dec_and_mutex_lock(
	refcount_t *r, struct mutex *lock, const struct iommufd_model_site *at,
	const struct iommufd_model_site *lock_at)
{
	if (iommufd_model_refcount_dec_not_one(r, at))
		return false;
	iommufd_model_mutex_lock(lock, lock_at);
	if (iommufd_model_refcount_sub_and_test(r, 1, at) == 1)
		return true;
	iommufd_model_mutex_unlock(lock, lock_at);
	return false;
}

static inline bool
iommufd_model_refcount_dec_and_lock(refcount_t *r, spinlock_t *lock,
				    const struct iommufd_model_site *at,
				    const struct iommufd_model_site *lock_at)
{
	if (iommufd_model_refcount_dec_not_one(r, at))
		return false;
	iommufd_model_spin_lock(lock, lock_at);
	if (iommufd_model_refcount_sub_and_test(r, 1, at) == 1)
		return true;
	iommufd_model_spin_unlock(lock, lock_at);
	return false;
}

static inline bool
iommufd_model_refcount_dec_and_lock_irqsave(
	refcount_t *r, spinlock_t *lock, unsigned long *flags,
	const struct iommufd_model_site *at,
	const struct iommufd_model_site *lock_at)
{
	if (iommufd_model_refcount_dec_not_one(r, at))
		return false;
	*flags = iommufd_model_irq_save(lock_at);
	iommufd_model_spin_lock(lock, lock_at);
	if (iommufd_model_refcount_sub_and_test(r, 1, at) == 1)
		return true;
	iommufd_model_spin_unlock(lock, lock_at);
	iommufd_model_irq_restore(*flags, lock_at);
	return false;
}

static inline bool
iommufd_model_atomic_dec_and_mutex_lock(
	atomic_t *v, struct mutex *lock, const struct iommufd_model_site *at,
	const struct iommufd_model_site *lock_at)
{
	if (iommufd_model_atomic_add_unless(v, -1, 1, at))
		return false;
	iommufd_model_mutex_lock(lock, lock_at);
	if (iommufd_model_atomic_add_and_test(-1, v, at))
		return true;
	iommufd_model_mutex_unlock(lock, lock_at);
	return false;
}

static inline bool
iommufd_model_atomic_dec_and_lock(atomic_t *v, spinlock_t *lock,
				  const struct iommufd_model_site *at,
				  const struct iommufd_model_site *lock_at)
{
	if (iommufd_model_atomic_add_unless(v, -1, 1, at))
		return false;
	iommufd_model_spin_lock(lock, lock_at);
	if (iommufd_model_atomic_add_and_test(-1, v, at))
		return true;
	iommufd_model_spin_unlock(lock, lock_at);
	return false;
}
/** @endcond */

/**
 * Sets a counter that no other thread can see yet.
 * @param r  the counter
 * @param n  the number of references
 * @context Does not block.
 */
#define refcount_set(r, n) \
	iommufd_model_refcount_set(r, n, IOMMUFD_MODEL_SITE(#r))

/**
 * Reads a counter.  Other threads may have changed it by the time the call
 * returns.
 * @param r  the counter
 * @return the number of references, an unsigned int
 * @context Does not block.
 */
#define refcount_read(r) \
	((unsigned int)iommufd_model_refcount_read(r, IOMMUFD_MODEL_SITE(#r)))

/**
 * Takes one more reference.
 * @param r  the counter
 * @ownership The caller must already hold a reference, and holds one more
 *   afterwards.
 * @errors If the counter is zero: a WARN, and the counter is poisoned.
 * @context Does not block.
 */
#define refcount_inc(r) \
	((void)iommufd_model_refcount_add(r, 1, IOMMUFD_MODEL_SITE(#r)))

/**
 * Takes @p n more references.
 * @param n  how many references
 * @param r  the counter
 * @ownership The caller must already hold a reference, and holds @p n more
 *   afterwards.
 * @errors If the counter is zero: a WARN, and the counter is poisoned.
 * @context Does not block.
 */
#define refcount_add(n, r) \
	((void)iommufd_model_refcount_add(r, n, IOMMUFD_MODEL_SITE(#r)))

/**
 * Takes a reference unless the counter is zero.
 * @param r  the counter
 * @return true if a reference was taken
 * @ownership The caller need not hold a reference, but something else must keep
 *   the memory of the counter alive.
 * @errors If the counter is poisoned: a WARN.
 * @context Does not block.
 */
#define refcount_inc_not_zero(r) \
	(iommufd_model_refcount_add_not_zero(r, 1, IOMMUFD_MODEL_SITE(#r)) != 0)

/**
 * Takes @p n references unless the counter is zero.
 * @param n  how many references
 * @param r  the counter
 * @return true if the references were taken
 * @ownership The same as for refcount_inc_not_zero().
 * @errors If the counter is poisoned: a WARN.
 * @context Does not block.
 */
#define refcount_add_not_zero(n, r) \
	(iommufd_model_refcount_add_not_zero(r, n, IOMMUFD_MODEL_SITE(#r)) != 0)

/**
 * Does the same as refcount_inc_not_zero(), before any access that follows in
 * program order.
 * @param r  the counter
 * @return true if a reference was taken
 * @ownership The same as for refcount_inc_not_zero().
 * @errors If the counter is poisoned: a WARN.
 * @context Does not block.
 */
#define refcount_inc_not_zero_acquire(r) refcount_inc_not_zero(r)

/**
 * Drops a reference that is not the last one.
 * @param r  the counter
 * @ownership The caller gives up its reference.
 * @errors If it was the last reference: a WARN, and the counter is poisoned.
 * @context Does not block.
 */
#define refcount_dec(r) \
	((void)iommufd_model_refcount_dec(r, IOMMUFD_MODEL_SITE(#r)))

/**
 * Drops a reference and tells whether it was the last one.
 * @param r  the counter
 * @return true if it was the last reference
 * @ownership The caller gives up its reference.  If that was the last one, no
 *   other thread uses the object any more and the caller may free it.
 * @errors If there was no reference: a WARN, and the counter is poisoned.
 * @context Does not block.
 */
#define refcount_dec_and_test(r) \
	(iommufd_model_refcount_sub_and_test(r, 1, IOMMUFD_MODEL_SITE(#r)) == 1)

/**
 * Drops @p n references and tells whether they were the last ones.
 * @param n  how many references
 * @param r  the counter
 * @return true if they were the last references
 * @ownership The caller gives up @p n references.  If those were the last ones,
 *   no other thread uses the object any more and the caller may free it.
 * @errors If there were fewer than @p n references: a WARN, and the counter is
 *   poisoned.
 * @context Does not block.
 */
#define refcount_sub_and_test(n, r) __extension__({			\
	int __n = (n);							\
	iommufd_model_refcount_sub_and_test(r, __n,			\
					    IOMMUFD_MODEL_SITE(#r)) == __n; \
})

/**
 * Drops a reference if it is the only one; otherwise changes nothing.
 * @param r  the counter
 * @return true if the reference was dropped
 * @ownership On success the caller gives up its reference, no other thread uses
 *   the object any more, and the caller may free it.
 * @context Does not block.
 */
#define refcount_dec_if_one(r) \
	(iommufd_model_refcount_dec_if_one(r, IOMMUFD_MODEL_SITE(#r)) == 1)

/**
 * Drops a reference unless it is the only one.
 * @param r  the counter
 * @return false if it is the only one, and then nothing has changed
 * @ownership On success the caller gives up its reference.
 * @errors If there was no reference: a WARN, and the counter is poisoned.
 * @context Does not block.
 */
#define refcount_dec_not_one(r) \
	iommufd_model_refcount_dec_not_one(r, IOMMUFD_MODEL_SITE(#r))

/**
 * Drops a reference, and takes a mutex if it was the last one.  Each part is a
 * step: a decrement unless one reference is left; otherwise the lock, a
 * decrement, and an unlock if another thread has taken a reference in the
 * meantime.
 * @param r     the counter
 * @param lock  the mutex
 * @return true if it was the last reference; the mutex is then held
 * @ownership The caller gives up its reference.
 * @context May block; hold no spinlock.
 */
#define refcount_dec_and_mutex_lock(r, lock)				\
	iommufd_model_refcount_dec_and_mutex_lock(r, lock,		\
						  IOMMUFD_MODEL_SITE(#r), \
						  IOMMUFD_MODEL_SITE(#lock))

/**
 * Drops a reference, and takes a spinlock if it was the last one.
 * @param r     the counter
 * @param lock  the spinlock
 * @return true if it was the last reference; the spinlock is then held
 * @ownership The caller gives up its reference.
 * @context Any; waits for the spinlock.
 */
#define refcount_dec_and_lock(r, lock)					\
	iommufd_model_refcount_dec_and_lock(r, lock,			\
					    IOMMUFD_MODEL_SITE(#r),	\
					    IOMMUFD_MODEL_SITE(#lock))

/**
 * Does refcount_dec_and_lock(), and turns interrupts off while the lock is
 * held.
 * @param r      the counter
 * @param lock   the spinlock
 * @param flags  the variable in which the state of the interrupts is saved
 * @return true if it was the last reference; the spinlock is then held
 * @ownership The caller gives up its reference.
 * @context Any; waits for the spinlock.
 */
#define refcount_dec_and_lock_irqsave(r, lock, flags)			\
	iommufd_model_refcount_dec_and_lock_irqsave(			\
		r, lock, flags, IOMMUFD_MODEL_SITE(#r),			\
		IOMMUFD_MODEL_SITE(#lock))

/**
 * Subtracts 1 from an atomic variable, and takes a mutex if the new value is 0.
 * @param v     the variable
 * @param lock  the mutex
 * @return true if the new value is 0; the mutex is then held
 * @context May block; hold no spinlock.
 */
#define atomic_dec_and_mutex_lock(v, lock)				\
	iommufd_model_atomic_dec_and_mutex_lock(v, lock,		\
						IOMMUFD_MODEL_SITE(#v),	\
						IOMMUFD_MODEL_SITE(#lock))

/**
 * Subtracts 1 from an atomic variable, and takes a spinlock if the new value is
 * 0.
 * @param v     the variable
 * @param lock  the spinlock
 * @return true if the new value is 0; the spinlock is then held
 * @context Any; waits for the spinlock.
 */
#define atomic_dec_and_lock(v, lock)					\
	iommufd_model_atomic_dec_and_lock(v, lock, IOMMUFD_MODEL_SITE(#v), \
					  IOMMUFD_MODEL_SITE(#lock))

IOMMUFD_MODEL_END_DECLS

#endif
