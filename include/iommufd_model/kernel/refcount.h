/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * refcount_t, the counter behind users and wait_cnt.
 *
 * One call is one atomic step and one pass of the gate.  A misuse (increment
 * from zero, a plain decrement that reaches zero, underflow, overflow) is a
 * WARN and poisons the counter: it then holds REFCOUNT_SATURATED, far below
 * zero, and never reaches zero again, so the object is leaked and not freed
 * twice.
 *
 * No call blocks.  Increments are relaxed (whoever counts up has already the
 * right to look at the object), decrements release, the one that reaches zero
 * acquires: what any holder did happens before the free.
 *
 * Each macro names its place of call in reports and to the gate.
 *
 * @rule R-COUNT-1
 */
#ifndef IOMMUFD_MODEL_KERNEL_REFCOUNT_H
#define IOMMUFD_MODEL_KERNEL_REFCOUNT_H

#include <iommufd_model/kernel/bug.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** A counter of units; an object is freed when nobody has one any more. */
typedef struct refcount_struct {
	int refs;	/**< the units; below zero: poisoned */
} refcount_t;

/** Initialises a static counter with @p n. */
#define REFCOUNT_INIT(n) { n }
/** The value of a counter that was misused. */
#define REFCOUNT_SATURATED (INT_MIN / 2)

/**
 * @name Behind the macros
 * What the macros call, with the place of the call.  Call the macros.
 * @{
 */

/**
 * Does an operation with its step and its event at the gate.
 * @param kind  which one, one of IOMMUFD_MODEL_OP_REFCOUNT_*
 * @param r     the counter
 * @param n     what is added, subtracted or set
 * @param site  the place of the call
 * @return the value before
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD int
iommufd_model_refcount_gated(enum iommufd_model_op_kind kind, refcount_t *r,
			     int n, const struct iommufd_model_site *site);

/**
 * Reports a misuse and poisons the counter.
 * @param r     the counter
 * @param old   the value that was met
 * @param what  the operation, for the report
 * @param site  the place of the call
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_refcount_misuse(refcount_t *r, int old, const char *what,
			      const struct iommufd_model_site *site);

/** @} */

/** @cond INTERNAL */
/* The bare operations; each returns the value it found. */
static inline int
iommufd_model_raw_refcount_add(refcount_t *r, int n,
			       const struct iommufd_model_site *site)
{
	int old = __atomic_fetch_add(&r->refs, n, __ATOMIC_RELAXED);

	if (__builtin_expect(old <= 0 || old > INT_MAX - n, 0))
		iommufd_model_refcount_misuse(r, old, "increment", site);
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
	} while (!__atomic_compare_exchange_n(&r->refs, &old,
					      (int)((unsigned int)old +
						    (unsigned int)n),
					      true, __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
	/* Negative, or too much: one comparison for both. */
	if (__builtin_expect((unsigned int)old > (unsigned int)(INT_MAX - n),
			     0))
		iommufd_model_refcount_misuse(r, old, "increment", site);
	return old;
}

static inline int
iommufd_model_raw_refcount_dec(refcount_t *r,
			       const struct iommufd_model_site *site)
{
	int old = __atomic_fetch_sub(&r->refs, 1, __ATOMIC_RELEASE);

	if (__builtin_expect(old <= 1, 0))
		iommufd_model_refcount_misuse(r, old, "decrement", site);
	return old;
}

static inline int
iommufd_model_raw_refcount_sub_and_test(refcount_t *r, int n,
					const struct iommufd_model_site *site)
{
	/*
	 * Acquire on every decrement, not by a fence at zero: as cheap on the
	 * machines we know, and TSan understands it.
	 */
	int old = __atomic_fetch_sub(&r->refs, n, __ATOMIC_ACQ_REL);

	if (__builtin_expect(old < n, 0))
		iommufd_model_refcount_misuse(r, old, "subtraction", site);
	return old;
}

static inline int iommufd_model_raw_refcount_dec_if_one(refcount_t *r)
{
	int old = 1;

	/* On failure @old is what was found, which is then not 1. */
	__atomic_compare_exchange_n(&r->refs, &old, 0, false, __ATOMIC_ACQ_REL,
				    __ATOMIC_RELAXED);
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

/** @endcond */

/**
 * Sets a counter that nobody else sees yet.
 * @param r  the counter
 * @param n  the value
 */
#define refcount_set(r, n) \
	iommufd_model_refcount_set(r, n, IOMMUFD_MODEL_SITE(#r))

/**
 * Reads a counter.  The answer may be old when it is there.
 * @param r  the counter
 * @return the units, an unsigned int
 */
#define refcount_read(r) \
	((unsigned int)iommufd_model_refcount_read(r, IOMMUFD_MODEL_SITE(#r)))

/**
 * Takes one more unit.
 * @param r  the counter
 * @ownership The caller owns a unit already, and one more afterwards.
 * @errors WARN, and poison, if the counter was zero.
 */
#define refcount_inc(r) \
	((void)iommufd_model_refcount_add(r, 1, IOMMUFD_MODEL_SITE(#r)))

/**
 * Takes @p n more units.
 * @param n  how many
 * @param r  the counter
 * @ownership As of refcount_inc().
 * @errors As of refcount_inc().
 */
#define refcount_add(n, r) \
	((void)iommufd_model_refcount_add(r, n, IOMMUFD_MODEL_SITE(#r)))

/**
 * Takes a unit unless the counter is zero.
 * @param r  the counter
 * @return true if taken
 * @ownership The caller need not own a unit, but something must keep the memory
 *   of the counter.
 */
#define refcount_inc_not_zero(r) \
	(iommufd_model_refcount_add_not_zero(r, 1, IOMMUFD_MODEL_SITE(#r)) != 0)

/**
 * Drops a unit that is not the last one.
 * @param r  the counter
 * @ownership The caller's unit is gone.
 * @errors WARN, and poison, if it was the last one.
 */
#define refcount_dec(r) \
	((void)iommufd_model_refcount_dec(r, IOMMUFD_MODEL_SITE(#r)))

/**
 * Drops a unit.
 * @param r  the counter
 * @return true if it was the last one
 * @ownership The caller's unit is gone; with the last one the object is the
 *   caller's alone.
 * @errors WARN, and poison, if there was none.
 */
#define refcount_dec_and_test(r) \
	(iommufd_model_refcount_sub_and_test(r, 1, IOMMUFD_MODEL_SITE(#r)) == 1)

/**
 * Drops @p n units.
 * @param n  how many
 * @param r  the counter
 * @return true if they were the last ones
 * @ownership As of refcount_dec_and_test().
 * @errors As of refcount_dec_and_test().
 */
#define refcount_sub_and_test(n, r) __extension__({			\
	int __n = (n);							\
	iommufd_model_refcount_sub_and_test(r, __n,			\
					    IOMMUFD_MODEL_SITE(#r)) == __n; \
})

/**
 * Drops a unit if it is the only one, in one step, or does nothing.
 * @param r  the counter
 * @return true if dropped
 * @ownership On success the object is the caller's alone.
 */
#define refcount_dec_if_one(r) \
	(iommufd_model_refcount_dec_if_one(r, IOMMUFD_MODEL_SITE(#r)) == 1)

IOMMUFD_MODEL_END_DECLS

#endif
