/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Atomic variables: atomic_t, atomic64_t and atomic_long_t, and exchange and
 * compare-and-exchange of plain variables.
 *
 * Each call is one atomic operation and passes the gate once, with the values
 * before and after.  No call blocks.
 *
 * The reference describes the functions for atomic_t.  For atomic64_t and
 * atomic_long_t there are the same ones, with the prefixes atomic64_ and
 * atomic_long_ and with values of the types s64 and long.  As in the kernel,
 * an operation that returns a value about the variable is ordered against all
 * other memory accesses; it also exists with the suffixes _acquire, _release
 * and _relaxed (but not the conditional ones and those that end in _and_test).
 * The first two are fully ordered here too.  There are also
 * atomic_read_acquire() and atomic_set_release().
 *
 * While the explorer runs a test, memory is sequentially consistent: every
 * operation is seen by all threads at once and in the order of the program.  A
 * missing barrier is not found there, whatever suffix an operation has.
 *
 * Two operations of different sizes, or at different addresses, are taken to
 * be on different variables.  So a test must not operate on a part of a
 * variable in one thread and on the whole of it in another.
 */
#ifndef IOMMUFD_MODEL_KERNEL_ATOMIC_H
#define IOMMUFD_MODEL_KERNEL_ATOMIC_H

#include <iommufd_model/kernel/barrier.h>
#include <iommufd_model/kernel/gate.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** An int that is changed atomically. */
typedef struct {
	int counter;	/**< the value of the variable */
} atomic_t;

/** An s64 that is changed atomically. */
typedef struct {
	/** the value of the variable */
	s64 counter __attribute__((aligned(8)));
} atomic64_t;

/** A long that is changed atomically. */
typedef atomic64_t atomic_long_t;

/** Initialises a static atomic_t with the value @p i. */
#define ATOMIC_INIT(i) { (i) }
/** Initialises a static atomic64_t with the value @p i. */
#define ATOMIC64_INIT(i) { (i) }
/** Initialises a static atomic_long_t with the value @p i. */
#define ATOMIC_LONG_INIT(i) { (i) }

/**
 * The operation on an atomic variable that a hook receives.  If the kind of an
 * operation lies between IOMMUFD_MODEL_OP_ATOMIC_READ and
 * IOMMUFD_MODEL_OP_BIT_TEST_AND_CHANGE, the hook may cast its pointer to this
 * type.
 */
struct iommufd_model_atomic_op {
	/**
	 * The operation.  Its argument is the number that is added, combined or
	 * stored, the expected value of a compare-and-exchange, or the number
	 * of a bit.
	 */
	struct iommufd_model_op op;
	/**
	 * The second argument: the new value of a compare-and-exchange, or the
	 * value at which an "unless" operation changes nothing, or with which
	 * an "and_test" operation compares.
	 */
	long arg2;
	/**
	 * The variable.  It is also the location of the operation, unless the
	 * memory is mapped to user space.
	 */
	const volatile void *variable;
	unsigned int size;	/**< the size of the variable in bytes */
	bool relaxed;	/**< true if the operation orders no other accesses */
};

/**
 * Performs an operation on an atomic variable through the gate.  It is called
 * only while a hook is installed.
 * @param kind  the operation
 * @param addr  the variable
 * @param how   its size in bytes, plus 16 if the operation orders no other
 *   accesses
 * @param a     the argument, as in struct iommufd_model_op
 * @param b     the second argument, as in struct iommufd_model_atomic_op
 * @param site  the call site
 * @return the value before the operation, with its sign
 * @context Calls step() and event() of every hook.  A scheduler may let other
 *   threads run first; otherwise the call does not block.
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD long
iommufd_model_atomic_gated(enum iommufd_model_op_kind kind,
			   volatile void *addr, unsigned int how, long a,
			   long b, const struct iommufd_model_site *site);

/** @cond INTERNAL */
/* In @how: the operation orders no other accesses. */
#define IOMMUFD_MODEL_ATOMIC_RELAXED 16u
#define IOMMUFD_MODEL_ATOMIC_SIZE 15u

#define __IOMMUFD_MODEL_ALWAYS static inline __attribute__((always_inline))

/* The mask of bit @nr in the unsigned long that contains that bit. */
#define __IOMMUFD_MODEL_BIT(nr) (1ul << ((unsigned long)(nr) & 63))

/*
 * Returns the value that an operation leaves in a variable whose value was
 * @old.  The explorer uses this function too, so that the arithmetic is written
 * only once.
 */
__IOMMUFD_MODEL_ALWAYS long
iommufd_model_atomic_result(enum iommufd_model_op_kind kind, long old, long a,
			    long b)
{
	long sum = (long)((unsigned long)old + (unsigned long)a);

	switch (kind) {
	case IOMMUFD_MODEL_OP_ATOMIC_SET:
	case IOMMUFD_MODEL_OP_ATOMIC_XCHG:
		return a;
	case IOMMUFD_MODEL_OP_ATOMIC_ADD:
	case IOMMUFD_MODEL_OP_ATOMIC_ADD_RETURN:
	case IOMMUFD_MODEL_OP_ATOMIC_ADD_AND_TEST:
	case IOMMUFD_MODEL_OP_SEQ_WRITE_BEGIN:
	case IOMMUFD_MODEL_OP_SEQ_WRITE_END:
		return sum;
	case IOMMUFD_MODEL_OP_ATOMIC_ADD_UNLESS:
	case IOMMUFD_MODEL_OP_ATOMIC_FETCH_ADD_UNLESS:
		return old == b ? old : sum;
	case IOMMUFD_MODEL_OP_ATOMIC_INC_UNLESS_NEGATIVE:
		return old < 0 ? old : sum;
	case IOMMUFD_MODEL_OP_ATOMIC_DEC_UNLESS_POSITIVE:
		return old > 0 ? old : sum;
	case IOMMUFD_MODEL_OP_ATOMIC_DEC_IF_POSITIVE:
		return old <= 0 ? old : sum;
	case IOMMUFD_MODEL_OP_ATOMIC_AND:
		return old & a;
	case IOMMUFD_MODEL_OP_ATOMIC_OR:
		return old | a;
	case IOMMUFD_MODEL_OP_ATOMIC_XOR:
		return old ^ a;
	case IOMMUFD_MODEL_OP_ATOMIC_CMPXCHG:
		return old == a ? b : old;
	case IOMMUFD_MODEL_OP_BIT_SET:
	case IOMMUFD_MODEL_OP_BIT_TEST_AND_SET:
		return (long)((unsigned long)old | __IOMMUFD_MODEL_BIT(a));
	case IOMMUFD_MODEL_OP_BIT_CLEAR:
	case IOMMUFD_MODEL_OP_BIT_TEST_AND_CLEAR:
		return (long)((unsigned long)old & ~__IOMMUFD_MODEL_BIT(a));
	case IOMMUFD_MODEL_OP_BIT_CHANGE:
	case IOMMUFD_MODEL_OP_BIT_TEST_AND_CHANGE:
		return (long)((unsigned long)old ^ __IOMMUFD_MODEL_BIT(a));
	default:
		return old;
	}
}

/* Returns the lowest @size bytes of @value as a signed number. */
__IOMMUFD_MODEL_ALWAYS long iommufd_model_atomic_signed(unsigned int size,
							long value)
{
	switch (size) {
	case 1:
		return (int8_t)value;
	case 2:
		return (int16_t)value;
	case 4:
		return (int32_t)value;
	default:
		return value;
	}
}

/*
 * iommufd_model_raw_atomicN() does an operation on a variable of N bits without
 * the gate and returns the old value.  The variable may be of any type.
 */
#define __IOMMUFD_MODEL_RAW_ATOMIC(bits)				\
typedef int##bits##_t __attribute__((may_alias)) __iommufd_model_s##bits; \
__IOMMUFD_MODEL_ALWAYS long						\
iommufd_model_raw_atomic##bits(enum iommufd_model_op_kind kind,		\
			       volatile void *addr, unsigned int how,	\
			       long a, long b)				\
{									\
	volatile __iommufd_model_s##bits *p =				\
		(volatile __iommufd_model_s##bits *)addr;		\
	int order = how & IOMMUFD_MODEL_ATOMIC_RELAXED ?		\
			    __ATOMIC_RELAXED : __ATOMIC_SEQ_CST;	\
	int##bits##_t x = (int##bits##_t)a, old;			\
									\
	switch (kind) {							\
	case IOMMUFD_MODEL_OP_ATOMIC_READ:				\
	case IOMMUFD_MODEL_OP_BIT_TEST:					\
	case IOMMUFD_MODEL_OP_SEQ_BEGIN:				\
	case IOMMUFD_MODEL_OP_SEQ_READ:					\
		return __atomic_load_n(p, order);			\
	case IOMMUFD_MODEL_OP_ATOMIC_SET:				\
	case IOMMUFD_MODEL_OP_ATOMIC_XCHG:				\
		return __atomic_exchange_n(p, x, order);		\
	case IOMMUFD_MODEL_OP_ATOMIC_ADD:				\
	case IOMMUFD_MODEL_OP_ATOMIC_ADD_RETURN:			\
	case IOMMUFD_MODEL_OP_ATOMIC_ADD_AND_TEST:			\
	case IOMMUFD_MODEL_OP_SEQ_WRITE_BEGIN:				\
	case IOMMUFD_MODEL_OP_SEQ_WRITE_END:				\
		return __atomic_fetch_add(p, x, order);			\
	case IOMMUFD_MODEL_OP_ATOMIC_AND:				\
		return __atomic_fetch_and(p, x, order);			\
	case IOMMUFD_MODEL_OP_ATOMIC_OR:				\
		return __atomic_fetch_or(p, x, order);			\
	case IOMMUFD_MODEL_OP_ATOMIC_XOR:				\
		return __atomic_fetch_xor(p, x, order);			\
	case IOMMUFD_MODEL_OP_ATOMIC_CMPXCHG:				\
		__atomic_compare_exchange_n(p, &x, (int##bits##_t)b,	\
					    false, order,		\
					    __ATOMIC_RELAXED);		\
		return x;						\
	default:							\
		break;							\
	}								\
	old = __atomic_load_n(p, __ATOMIC_RELAXED);			\
	do {								\
		x = (int##bits##_t)iommufd_model_atomic_result(kind,	\
						old, a, b);		\
	} while (x != old &&						\
		 !__atomic_compare_exchange_n(p, &old, x, true, order,	\
					      __ATOMIC_RELAXED));	\
	return old;							\
}
__IOMMUFD_MODEL_RAW_ATOMIC(8)
__IOMMUFD_MODEL_RAW_ATOMIC(16)
__IOMMUFD_MODEL_RAW_ATOMIC(32)
__IOMMUFD_MODEL_RAW_ATOMIC(64)
#undef __IOMMUFD_MODEL_RAW_ATOMIC

/* The macros below call these functions, which exist for int and for s64. */
#define __IOMMUFD_MODEL_ATOMIC(atomic, type, bits)			\
__IOMMUFD_MODEL_ALWAYS type						\
iommufd_model_##atomic##_op(enum iommufd_model_op_kind kind,		\
			    atomic##_t *v, unsigned int how, type a,	\
			    type b, const struct iommufd_model_site *site) \
{									\
	if (IOMMUFD_MODEL_GATE_OPEN())					\
		return (type)iommufd_model_atomic_gated(kind,		\
				&v->counter, how | bits / 8, (long)a,	\
				(long)b, site);				\
	return (type)iommufd_model_raw_atomic##bits(kind, &v->counter,	\
						    how, (long)a, (long)b); \
}									\
									\
__IOMMUFD_MODEL_ALWAYS type						\
iommufd_model_##atomic##_read(const atomic##_t *v, unsigned int how,	\
			      const struct iommufd_model_site *site)	\
{									\
	return iommufd_model_##atomic##_op(IOMMUFD_MODEL_OP_ATOMIC_READ, \
			(atomic##_t *)v, how, 0, 0, site);		\
}									\
									\
__IOMMUFD_MODEL_ALWAYS void						\
iommufd_model_##atomic##_set(atomic##_t *v, type i, unsigned int how,	\
			     const struct iommufd_model_site *site)	\
{									\
	if (IOMMUFD_MODEL_GATE_OPEN())					\
		iommufd_model_atomic_gated(IOMMUFD_MODEL_OP_ATOMIC_SET,	\
				&v->counter, how | bits / 8, (long)i, 0, \
				site);					\
	else if (how & IOMMUFD_MODEL_ATOMIC_RELAXED)			\
		__atomic_store_n(&v->counter, i, __ATOMIC_RELAXED);	\
	else								\
		__atomic_store_n(&v->counter, i, __ATOMIC_RELEASE);	\
}									\
									\
__IOMMUFD_MODEL_ALWAYS type						\
iommufd_model_##atomic##_add_return(type i, atomic##_t *v,		\
				    unsigned int how,			\
				    const struct iommufd_model_site *site) \
{									\
	type old = iommufd_model_##atomic##_op(				\
			IOMMUFD_MODEL_OP_ATOMIC_ADD_RETURN, v, how, i, 0, \
			site);						\
									\
	return (type)((u64)old + (u64)i);				\
}									\
									\
__IOMMUFD_MODEL_ALWAYS bool						\
iommufd_model_##atomic##_add_and_test(type i, atomic##_t *v,		\
				      const struct iommufd_model_site *site) \
{									\
	type old = iommufd_model_##atomic##_op(				\
			IOMMUFD_MODEL_OP_ATOMIC_ADD_AND_TEST, v, 0, i, 0, \
			site);						\
									\
	return (type)((u64)old + (u64)i) == 0;				\
}									\
									\
__IOMMUFD_MODEL_ALWAYS bool						\
iommufd_model_##atomic##_add_unless(atomic##_t *v, type a, type u,	\
				    const struct iommufd_model_site *site) \
{									\
	return iommufd_model_##atomic##_op(				\
			IOMMUFD_MODEL_OP_ATOMIC_ADD_UNLESS, v, 0, a, u,	\
			site) != u;					\
}									\
									\
__IOMMUFD_MODEL_ALWAYS bool						\
iommufd_model_##atomic##_try_cmpxchg(atomic##_t *v, type *old_, type new_, \
				     unsigned int how,			\
				     const struct iommufd_model_site *site) \
{									\
	type found = iommufd_model_##atomic##_op(			\
			IOMMUFD_MODEL_OP_ATOMIC_CMPXCHG, v, how, *old_,	\
			new_, site);					\
	bool done = found == *old_;					\
									\
	*old_ = found;							\
	return done;							\
}
__IOMMUFD_MODEL_ATOMIC(atomic, int, 32)
__IOMMUFD_MODEL_ATOMIC(atomic64, s64, 64)
#undef __IOMMUFD_MODEL_ATOMIC

__IOMMUFD_MODEL_ALWAYS bool
iommufd_model_atomic_long_try_cmpxchg(atomic_long_t *v, long *old_, long new_,
				      unsigned int how,
				      const struct iommufd_model_site *site)
{
	s64 old = *old_;
	bool done = iommufd_model_atomic64_try_cmpxchg(v, &old, new_, how,
						       site);

	*old_ = (long)old;
	return done;
}
/** @endcond */


/**
 * Reads a variable.
 * @param v  the variable
 * @return its value
 */
#define atomic_read(v) \
	iommufd_model_atomic_read(v, IOMMUFD_MODEL_ATOMIC_RELAXED, \
		IOMMUFD_MODEL_SITE(#v))

/**
 * Sets a variable.
 * @param v  the variable
 * @param i  its new value
 */
#define atomic_set(v, i) \
	iommufd_model_atomic_set(v, i, IOMMUFD_MODEL_ATOMIC_RELAXED, \
		IOMMUFD_MODEL_SITE(#v))

/**
 * Adds @p i to a variable.
 * @param i  the operand
 * @param v  the variable
 */
#define atomic_add(i, v) \
	((void)iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_ADD, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, i, 0, IOMMUFD_MODEL_SITE(#v)))

/**
 * Adds @p i to a variable, and returns its old value.
 * @param i  the operand
 * @param v  the variable
 * @return the old value
 */
#define atomic_fetch_add(i, v) \
	iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_ADD_RETURN, v, 0, i, \
		0, IOMMUFD_MODEL_SITE(#v))

/**
 * Subtracts @p i from a variable.
 * @param i  the operand
 * @param v  the variable
 */
#define atomic_sub(i, v) \
	((void)iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_ADD, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, -(i), 0, \
		IOMMUFD_MODEL_SITE(#v)))

/**
 * Subtracts @p i from a variable, and returns its old value.
 * @param i  the operand
 * @param v  the variable
 * @return the old value
 */
#define atomic_fetch_sub(i, v) \
	iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_ADD_RETURN, v, 0, \
		-(i), 0, IOMMUFD_MODEL_SITE(#v))

/**
 * Adds 1 to a variable.
 * @param v  the variable
 */
#define atomic_inc(v) \
	((void)iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_ADD, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, 1, 0, IOMMUFD_MODEL_SITE(#v)))

/**
 * Adds 1 to a variable, and returns its old value.
 * @param v  the variable
 * @return the old value
 */
#define atomic_fetch_inc(v) \
	iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_ADD_RETURN, v, 0, 1, \
		0, IOMMUFD_MODEL_SITE(#v))

/**
 * Subtracts 1 from a variable.
 * @param v  the variable
 */
#define atomic_dec(v) \
	((void)iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_ADD, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, -1, 0, IOMMUFD_MODEL_SITE(#v)))

/**
 * Subtracts 1 from a variable, and returns its old value.
 * @param v  the variable
 * @return the old value
 */
#define atomic_fetch_dec(v) \
	iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_ADD_RETURN, v, 0, -1, \
		0, IOMMUFD_MODEL_SITE(#v))

/**
 * Clears the bits of a variable that are not set in @p i.
 * @param i  the operand
 * @param v  the variable
 */
#define atomic_and(i, v) \
	((void)iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_AND, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, i, 0, IOMMUFD_MODEL_SITE(#v)))

/**
 * Clears the bits of a variable that are not set in @p i, and returns its old
 * value.
 * @param i  the operand
 * @param v  the variable
 * @return the old value
 */
#define atomic_fetch_and(i, v) \
	iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_AND, v, 0, i, 0, \
		IOMMUFD_MODEL_SITE(#v))

/**
 * Sets the bits of a variable that are set in @p i.
 * @param i  the operand
 * @param v  the variable
 */
#define atomic_or(i, v) \
	((void)iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_OR, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, i, 0, IOMMUFD_MODEL_SITE(#v)))

/**
 * Sets the bits of a variable that are set in @p i, and returns its old value.
 * @param i  the operand
 * @param v  the variable
 * @return the old value
 */
#define atomic_fetch_or(i, v) \
	iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_OR, v, 0, i, 0, \
		IOMMUFD_MODEL_SITE(#v))

/**
 * Inverts the bits of a variable that are set in @p i.
 * @param i  the operand
 * @param v  the variable
 */
#define atomic_xor(i, v) \
	((void)iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_XOR, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, i, 0, IOMMUFD_MODEL_SITE(#v)))

/**
 * Inverts the bits of a variable that are set in @p i, and returns its old
 * value.
 * @param i  the operand
 * @param v  the variable
 * @return the old value
 */
#define atomic_fetch_xor(i, v) \
	iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_XOR, v, 0, i, 0, \
		IOMMUFD_MODEL_SITE(#v))

/**
 * Clears the bits of a variable that are set in @p i.
 * @param i  the operand
 * @param v  the variable
 */
#define atomic_andnot(i, v) \
	((void)iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_AND, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, ~(i), 0, \
		IOMMUFD_MODEL_SITE(#v)))

/**
 * Clears the bits of a variable that are set in @p i, and returns its old
 * value.
 * @param i  the operand
 * @param v  the variable
 * @return the old value
 */
#define atomic_fetch_andnot(i, v) \
	iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_AND, v, 0, ~(i), 0, \
		IOMMUFD_MODEL_SITE(#v))

/**
 * Adds @p i to a variable, and returns its new value.
 * @param i  the operand
 * @param v  the variable
 * @return the new value
 */
#define atomic_add_return(i, v) \
	iommufd_model_atomic_add_return(i, v, 0, IOMMUFD_MODEL_SITE(#v))

/**
 * Subtracts @p i from a variable, and returns its new value.
 * @param i  the operand
 * @param v  the variable
 * @return the new value
 */
#define atomic_sub_return(i, v) \
	iommufd_model_atomic_add_return(-(i), v, 0, IOMMUFD_MODEL_SITE(#v))

/**
 * Adds 1 to a variable, and returns its new value.
 * @param v  the variable
 * @return the new value
 */
#define atomic_inc_return(v) \
	iommufd_model_atomic_add_return(1, v, 0, IOMMUFD_MODEL_SITE(#v))

/**
 * Subtracts 1 from a variable, and returns its new value.
 * @param v  the variable
 * @return the new value
 */
#define atomic_dec_return(v) \
	iommufd_model_atomic_add_return(-1, v, 0, IOMMUFD_MODEL_SITE(#v))

/**
 * Adds @p i to a variable, and tells whether the new value is negative.
 * @param i  the operand
 * @param v  the variable
 * @return true if the new value is negative
 */
#define atomic_add_negative(i, v) \
	__extension__({ iommufd_model_atomic_add_return(i, v, 0, \
		IOMMUFD_MODEL_SITE(#v)) < 0; })

/**
 * Subtracts @p i from a variable, and tells whether the new value is 0.
 * @param i  the operand
 * @param v  the variable
 * @return true if the new value is 0
 */
#define atomic_sub_and_test(i, v) \
	iommufd_model_atomic_add_and_test(-(i), v, IOMMUFD_MODEL_SITE(#v))

/**
 * Subtracts 1 from a variable, and tells whether the new value is 0.
 * @param v  the variable
 * @return true if the new value is 0
 */
#define atomic_dec_and_test(v) \
	iommufd_model_atomic_add_and_test(-1, v, IOMMUFD_MODEL_SITE(#v))

/**
 * Adds 1 to a variable, and tells whether the new value is 0.
 * @param v  the variable
 * @return true if the new value is 0
 */
#define atomic_inc_and_test(v) \
	iommufd_model_atomic_add_and_test(1, v, IOMMUFD_MODEL_SITE(#v))

/**
 * Adds @p a to a variable unless its value is @p u.
 * @param v  the variable
 * @param a  the operand
 * @param u  the value that is not changed
 * @return true if it was added
 */
#define atomic_add_unless(v, a, u) \
	iommufd_model_atomic_add_unless(v, a, u, IOMMUFD_MODEL_SITE(#v))

/**
 * Adds 1 to a variable unless it is 0.
 * @param v  the variable
 * @return true if 1 was added
 */
#define atomic_inc_not_zero(v) \
	iommufd_model_atomic_add_unless(v, 1, 0, IOMMUFD_MODEL_SITE(#v))

/**
 * Adds @p a to a variable unless its value is @p u, and returns its old value.
 * @param v  the variable
 * @param a  the operand
 * @param u  the value that is not changed
 * @return the old value
 */
#define atomic_fetch_add_unless(v, a, u) \
	iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_FETCH_ADD_UNLESS, v, \
		0, a, u, IOMMUFD_MODEL_SITE(#v))

/**
 * Adds 1 to a variable unless it is negative.
 * @param v  the variable
 * @return true if 1 was added
 */
#define atomic_inc_unless_negative(v) \
	__extension__({ iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_INC_UNLESS_NEGATIVE, \
		v, 0, 1, 0, IOMMUFD_MODEL_SITE(#v)) >= 0; })

/**
 * Subtracts 1 from a variable unless it is above 0.
 * @param v  the variable
 * @return true if 1 was subtracted
 */
#define atomic_dec_unless_positive(v) \
	__extension__({ iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_DEC_UNLESS_POSITIVE, \
		v, 0, -1, 0, IOMMUFD_MODEL_SITE(#v)) <= 0; })

/**
 * Subtracts 1 from a variable if it is above 0.
 * @param v  the variable
 * @return the old value minus 1, which is negative if nothing was subtracted
 */
#define atomic_dec_if_positive(v) \
	__extension__({ iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_DEC_IF_POSITIVE, \
		v, 0, -1, 0, IOMMUFD_MODEL_SITE(#v)) - 1; })

/**
 * Sets a variable, and returns its old value.
 * @param v     the variable
 * @param new_  its new value
 * @return the old value
 */
#define atomic_xchg(v, new_) \
	iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_XCHG, v, 0, new_, 0, \
		IOMMUFD_MODEL_SITE(#v))

/**
 * Sets a variable if it has the expected value.
 * @param v     the variable
 * @param old_  the expected value
 * @param new_  its new value
 * @return the old value; it equals @p old_ if the variable was set
 */
#define atomic_cmpxchg(v, old_, new_) \
	iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_CMPXCHG, v, 0, old_, \
		new_, IOMMUFD_MODEL_SITE(#v))

/**
 * Compares a variable with the expected value.  If they are equal, it sets the
 * variable; otherwise it stores the value that it found in *@p old_.
 * @param v     the variable
 * @param old_  a pointer to the expected value
 * @param new_  the new value of the variable
 * @return true if the variable was set
 */
#define atomic_try_cmpxchg(v, old_, new_) \
	iommufd_model_atomic_try_cmpxchg(v, old_, new_, 0, \
		IOMMUFD_MODEL_SITE(#v))

/** @cond INTERNAL */
/* The forms with another memory order. */
#define atomic_read_acquire(v) \
	iommufd_model_atomic_read(v, 0, IOMMUFD_MODEL_SITE(#v))
#define atomic_set_release(v, i) \
	iommufd_model_atomic_set(v, i, 0, IOMMUFD_MODEL_SITE(#v))
#define atomic_fetch_add_acquire atomic_fetch_add
#define atomic_fetch_add_release atomic_fetch_add
#define atomic_fetch_add_relaxed(i, v) \
	iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_ADD_RETURN, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, i, 0, IOMMUFD_MODEL_SITE(#v))
#define atomic_fetch_sub_acquire atomic_fetch_sub
#define atomic_fetch_sub_release atomic_fetch_sub
#define atomic_fetch_sub_relaxed(i, v) \
	iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_ADD_RETURN, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, -(i), 0, IOMMUFD_MODEL_SITE(#v))
#define atomic_fetch_inc_acquire atomic_fetch_inc
#define atomic_fetch_inc_release atomic_fetch_inc
#define atomic_fetch_inc_relaxed(v) \
	iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_ADD_RETURN, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, 1, 0, IOMMUFD_MODEL_SITE(#v))
#define atomic_fetch_dec_acquire atomic_fetch_dec
#define atomic_fetch_dec_release atomic_fetch_dec
#define atomic_fetch_dec_relaxed(v) \
	iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_ADD_RETURN, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, -1, 0, IOMMUFD_MODEL_SITE(#v))
#define atomic_fetch_and_acquire atomic_fetch_and
#define atomic_fetch_and_release atomic_fetch_and
#define atomic_fetch_and_relaxed(i, v) \
	iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_AND, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, i, 0, IOMMUFD_MODEL_SITE(#v))
#define atomic_fetch_or_acquire atomic_fetch_or
#define atomic_fetch_or_release atomic_fetch_or
#define atomic_fetch_or_relaxed(i, v) \
	iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_OR, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, i, 0, IOMMUFD_MODEL_SITE(#v))
#define atomic_fetch_xor_acquire atomic_fetch_xor
#define atomic_fetch_xor_release atomic_fetch_xor
#define atomic_fetch_xor_relaxed(i, v) \
	iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_XOR, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, i, 0, IOMMUFD_MODEL_SITE(#v))
#define atomic_fetch_andnot_acquire atomic_fetch_andnot
#define atomic_fetch_andnot_release atomic_fetch_andnot
#define atomic_fetch_andnot_relaxed(i, v) \
	iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_AND, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, ~(i), 0, IOMMUFD_MODEL_SITE(#v))
#define atomic_add_return_acquire atomic_add_return
#define atomic_add_return_release atomic_add_return
#define atomic_add_return_relaxed(i, v) \
	iommufd_model_atomic_add_return(i, v, IOMMUFD_MODEL_ATOMIC_RELAXED, \
		IOMMUFD_MODEL_SITE(#v))
#define atomic_sub_return_acquire atomic_sub_return
#define atomic_sub_return_release atomic_sub_return
#define atomic_sub_return_relaxed(i, v) \
	iommufd_model_atomic_add_return(-(i), v, IOMMUFD_MODEL_ATOMIC_RELAXED, \
		IOMMUFD_MODEL_SITE(#v))
#define atomic_inc_return_acquire atomic_inc_return
#define atomic_inc_return_release atomic_inc_return
#define atomic_inc_return_relaxed(v) \
	iommufd_model_atomic_add_return(1, v, IOMMUFD_MODEL_ATOMIC_RELAXED, \
		IOMMUFD_MODEL_SITE(#v))
#define atomic_dec_return_acquire atomic_dec_return
#define atomic_dec_return_release atomic_dec_return
#define atomic_dec_return_relaxed(v) \
	iommufd_model_atomic_add_return(-1, v, IOMMUFD_MODEL_ATOMIC_RELAXED, \
		IOMMUFD_MODEL_SITE(#v))
#define atomic_add_negative_acquire atomic_add_negative
#define atomic_add_negative_release atomic_add_negative
#define atomic_add_negative_relaxed(i, v) \
	__extension__({ iommufd_model_atomic_add_return(i, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, IOMMUFD_MODEL_SITE(#v)) < 0; })
#define atomic_xchg_acquire atomic_xchg
#define atomic_xchg_release atomic_xchg
#define atomic_xchg_relaxed(v, new_) \
	iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_XCHG, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, new_, 0, IOMMUFD_MODEL_SITE(#v))
#define atomic_cmpxchg_acquire atomic_cmpxchg
#define atomic_cmpxchg_release atomic_cmpxchg
#define atomic_cmpxchg_relaxed(v, old_, new_) \
	iommufd_model_atomic_op(IOMMUFD_MODEL_OP_ATOMIC_CMPXCHG, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, old_, new_, \
		IOMMUFD_MODEL_SITE(#v))
#define atomic_try_cmpxchg_acquire atomic_try_cmpxchg
#define atomic_try_cmpxchg_release atomic_try_cmpxchg
#define atomic_try_cmpxchg_relaxed(v, old_, new_) \
	iommufd_model_atomic_try_cmpxchg(v, old_, new_, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, IOMMUFD_MODEL_SITE(#v))

/* atomic64_t */
#define atomic64_read(v) \
	iommufd_model_atomic64_read(v, IOMMUFD_MODEL_ATOMIC_RELAXED, \
		IOMMUFD_MODEL_SITE(#v))
#define atomic64_set(v, i) \
	iommufd_model_atomic64_set(v, i, IOMMUFD_MODEL_ATOMIC_RELAXED, \
		IOMMUFD_MODEL_SITE(#v))
#define atomic64_add(i, v) \
	((void)iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_ADD, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, i, 0, IOMMUFD_MODEL_SITE(#v)))
#define atomic64_fetch_add(i, v) \
	iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_ADD_RETURN, v, 0, i, \
		0, IOMMUFD_MODEL_SITE(#v))
#define atomic64_fetch_add_acquire atomic64_fetch_add
#define atomic64_fetch_add_release atomic64_fetch_add
#define atomic64_fetch_add_relaxed(i, v) \
	iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_ADD_RETURN, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, i, 0, IOMMUFD_MODEL_SITE(#v))
#define atomic64_sub(i, v) \
	((void)iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_ADD, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, -(i), 0, \
		IOMMUFD_MODEL_SITE(#v)))
#define atomic64_fetch_sub(i, v) \
	iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_ADD_RETURN, v, 0, \
		-(i), 0, IOMMUFD_MODEL_SITE(#v))
#define atomic64_fetch_sub_acquire atomic64_fetch_sub
#define atomic64_fetch_sub_release atomic64_fetch_sub
#define atomic64_fetch_sub_relaxed(i, v) \
	iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_ADD_RETURN, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, -(i), 0, IOMMUFD_MODEL_SITE(#v))
#define atomic64_inc(v) \
	((void)iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_ADD, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, 1, 0, IOMMUFD_MODEL_SITE(#v)))
#define atomic64_fetch_inc(v) \
	iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_ADD_RETURN, v, 0, 1, \
		0, IOMMUFD_MODEL_SITE(#v))
#define atomic64_fetch_inc_acquire atomic64_fetch_inc
#define atomic64_fetch_inc_release atomic64_fetch_inc
#define atomic64_fetch_inc_relaxed(v) \
	iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_ADD_RETURN, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, 1, 0, IOMMUFD_MODEL_SITE(#v))
#define atomic64_dec(v) \
	((void)iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_ADD, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, -1, 0, IOMMUFD_MODEL_SITE(#v)))
#define atomic64_fetch_dec(v) \
	iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_ADD_RETURN, v, 0, \
		-1, 0, IOMMUFD_MODEL_SITE(#v))
#define atomic64_fetch_dec_acquire atomic64_fetch_dec
#define atomic64_fetch_dec_release atomic64_fetch_dec
#define atomic64_fetch_dec_relaxed(v) \
	iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_ADD_RETURN, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, -1, 0, IOMMUFD_MODEL_SITE(#v))
#define atomic64_and(i, v) \
	((void)iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_AND, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, i, 0, IOMMUFD_MODEL_SITE(#v)))
#define atomic64_fetch_and(i, v) \
	iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_AND, v, 0, i, 0, \
		IOMMUFD_MODEL_SITE(#v))
#define atomic64_fetch_and_acquire atomic64_fetch_and
#define atomic64_fetch_and_release atomic64_fetch_and
#define atomic64_fetch_and_relaxed(i, v) \
	iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_AND, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, i, 0, IOMMUFD_MODEL_SITE(#v))
#define atomic64_or(i, v) \
	((void)iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_OR, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, i, 0, IOMMUFD_MODEL_SITE(#v)))
#define atomic64_fetch_or(i, v) \
	iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_OR, v, 0, i, 0, \
		IOMMUFD_MODEL_SITE(#v))
#define atomic64_fetch_or_acquire atomic64_fetch_or
#define atomic64_fetch_or_release atomic64_fetch_or
#define atomic64_fetch_or_relaxed(i, v) \
	iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_OR, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, i, 0, IOMMUFD_MODEL_SITE(#v))
#define atomic64_xor(i, v) \
	((void)iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_XOR, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, i, 0, IOMMUFD_MODEL_SITE(#v)))
#define atomic64_fetch_xor(i, v) \
	iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_XOR, v, 0, i, 0, \
		IOMMUFD_MODEL_SITE(#v))
#define atomic64_fetch_xor_acquire atomic64_fetch_xor
#define atomic64_fetch_xor_release atomic64_fetch_xor
#define atomic64_fetch_xor_relaxed(i, v) \
	iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_XOR, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, i, 0, IOMMUFD_MODEL_SITE(#v))
#define atomic64_andnot(i, v) \
	((void)iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_AND, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, ~(i), 0, \
		IOMMUFD_MODEL_SITE(#v)))
#define atomic64_fetch_andnot(i, v) \
	iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_AND, v, 0, ~(i), 0, \
		IOMMUFD_MODEL_SITE(#v))
#define atomic64_fetch_andnot_acquire atomic64_fetch_andnot
#define atomic64_fetch_andnot_release atomic64_fetch_andnot
#define atomic64_fetch_andnot_relaxed(i, v) \
	iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_AND, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, ~(i), 0, IOMMUFD_MODEL_SITE(#v))
#define atomic64_add_return(i, v) \
	iommufd_model_atomic64_add_return(i, v, 0, IOMMUFD_MODEL_SITE(#v))
#define atomic64_add_return_acquire atomic64_add_return
#define atomic64_add_return_release atomic64_add_return
#define atomic64_add_return_relaxed(i, v) \
	iommufd_model_atomic64_add_return(i, v, IOMMUFD_MODEL_ATOMIC_RELAXED, \
		IOMMUFD_MODEL_SITE(#v))
#define atomic64_sub_return(i, v) \
	iommufd_model_atomic64_add_return(-(i), v, 0, IOMMUFD_MODEL_SITE(#v))
#define atomic64_sub_return_acquire atomic64_sub_return
#define atomic64_sub_return_release atomic64_sub_return
#define atomic64_sub_return_relaxed(i, v) \
	iommufd_model_atomic64_add_return(-(i), v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, IOMMUFD_MODEL_SITE(#v))
#define atomic64_inc_return(v) \
	iommufd_model_atomic64_add_return(1, v, 0, IOMMUFD_MODEL_SITE(#v))
#define atomic64_inc_return_acquire atomic64_inc_return
#define atomic64_inc_return_release atomic64_inc_return
#define atomic64_inc_return_relaxed(v) \
	iommufd_model_atomic64_add_return(1, v, IOMMUFD_MODEL_ATOMIC_RELAXED, \
		IOMMUFD_MODEL_SITE(#v))
#define atomic64_dec_return(v) \
	iommufd_model_atomic64_add_return(-1, v, 0, IOMMUFD_MODEL_SITE(#v))
#define atomic64_dec_return_acquire atomic64_dec_return
#define atomic64_dec_return_release atomic64_dec_return
#define atomic64_dec_return_relaxed(v) \
	iommufd_model_atomic64_add_return(-1, v, IOMMUFD_MODEL_ATOMIC_RELAXED, \
		IOMMUFD_MODEL_SITE(#v))
#define atomic64_add_negative(i, v) \
	__extension__({ iommufd_model_atomic64_add_return(i, v, 0, \
		IOMMUFD_MODEL_SITE(#v)) < 0; })
#define atomic64_add_negative_acquire atomic64_add_negative
#define atomic64_add_negative_release atomic64_add_negative
#define atomic64_add_negative_relaxed(i, v) \
	__extension__({ iommufd_model_atomic64_add_return(i, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, IOMMUFD_MODEL_SITE(#v)) < 0; })
#define atomic64_sub_and_test(i, v) \
	iommufd_model_atomic64_add_and_test(-(i), v, IOMMUFD_MODEL_SITE(#v))
#define atomic64_dec_and_test(v) \
	iommufd_model_atomic64_add_and_test(-1, v, IOMMUFD_MODEL_SITE(#v))
#define atomic64_inc_and_test(v) \
	iommufd_model_atomic64_add_and_test(1, v, IOMMUFD_MODEL_SITE(#v))
#define atomic64_add_unless(v, a, u) \
	iommufd_model_atomic64_add_unless(v, a, u, IOMMUFD_MODEL_SITE(#v))
#define atomic64_inc_not_zero(v) \
	iommufd_model_atomic64_add_unless(v, 1, 0, IOMMUFD_MODEL_SITE(#v))
#define atomic64_fetch_add_unless(v, a, u) \
	iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_FETCH_ADD_UNLESS, v, \
		0, a, u, IOMMUFD_MODEL_SITE(#v))
#define atomic64_inc_unless_negative(v) \
	__extension__({ iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_INC_UNLESS_NEGATIVE, \
		v, 0, 1, 0, IOMMUFD_MODEL_SITE(#v)) >= 0; })
#define atomic64_dec_unless_positive(v) \
	__extension__({ iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_DEC_UNLESS_POSITIVE, \
		v, 0, -1, 0, IOMMUFD_MODEL_SITE(#v)) <= 0; })
#define atomic64_dec_if_positive(v) \
	__extension__({ iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_DEC_IF_POSITIVE, \
		v, 0, -1, 0, IOMMUFD_MODEL_SITE(#v)) - 1; })
#define atomic64_xchg(v, new_) \
	iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_XCHG, v, 0, new_, 0, \
		IOMMUFD_MODEL_SITE(#v))
#define atomic64_xchg_acquire atomic64_xchg
#define atomic64_xchg_release atomic64_xchg
#define atomic64_xchg_relaxed(v, new_) \
	iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_XCHG, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, new_, 0, IOMMUFD_MODEL_SITE(#v))
#define atomic64_cmpxchg(v, old_, new_) \
	iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_CMPXCHG, v, 0, old_, \
		new_, IOMMUFD_MODEL_SITE(#v))
#define atomic64_cmpxchg_acquire atomic64_cmpxchg
#define atomic64_cmpxchg_release atomic64_cmpxchg
#define atomic64_cmpxchg_relaxed(v, old_, new_) \
	iommufd_model_atomic64_op(IOMMUFD_MODEL_OP_ATOMIC_CMPXCHG, v, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, old_, new_, \
		IOMMUFD_MODEL_SITE(#v))
#define atomic64_try_cmpxchg(v, old_, new_) \
	iommufd_model_atomic64_try_cmpxchg(v, old_, new_, 0, \
		IOMMUFD_MODEL_SITE(#v))
#define atomic64_try_cmpxchg_acquire atomic64_try_cmpxchg
#define atomic64_try_cmpxchg_release atomic64_try_cmpxchg
#define atomic64_try_cmpxchg_relaxed(v, old_, new_) \
	iommufd_model_atomic64_try_cmpxchg(v, old_, new_, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, IOMMUFD_MODEL_SITE(#v))
#define atomic64_read_acquire(v) \
	iommufd_model_atomic64_read(v, 0, IOMMUFD_MODEL_SITE(#v))
#define atomic64_set_release(v, i) \
	iommufd_model_atomic64_set(v, i, 0, IOMMUFD_MODEL_SITE(#v))

/* atomic_long_t: the same type, and the values are of type long. */
#define atomic_long_read(v) __extension__({ (long)atomic64_read(v); })
#define atomic_long_read_acquire(v) \
	__extension__({ (long)atomic64_read_acquire(v); })
#define atomic_long_set atomic64_set
#define atomic_long_set_release atomic64_set_release
#define atomic_long_add atomic64_add
#define atomic_long_fetch_add(i, v) \
	__extension__({ (long)atomic64_fetch_add(i, v); })
#define atomic_long_fetch_add_acquire(i, v) \
	__extension__({ (long)atomic64_fetch_add_acquire(i, v); })
#define atomic_long_fetch_add_release(i, v) \
	__extension__({ (long)atomic64_fetch_add_release(i, v); })
#define atomic_long_fetch_add_relaxed(i, v) \
	__extension__({ (long)atomic64_fetch_add_relaxed(i, v); })
#define atomic_long_sub atomic64_sub
#define atomic_long_fetch_sub(i, v) \
	__extension__({ (long)atomic64_fetch_sub(i, v); })
#define atomic_long_fetch_sub_acquire(i, v) \
	__extension__({ (long)atomic64_fetch_sub_acquire(i, v); })
#define atomic_long_fetch_sub_release(i, v) \
	__extension__({ (long)atomic64_fetch_sub_release(i, v); })
#define atomic_long_fetch_sub_relaxed(i, v) \
	__extension__({ (long)atomic64_fetch_sub_relaxed(i, v); })
#define atomic_long_inc atomic64_inc
#define atomic_long_fetch_inc(v) __extension__({ (long)atomic64_fetch_inc(v); })
#define atomic_long_fetch_inc_acquire(v) \
	__extension__({ (long)atomic64_fetch_inc_acquire(v); })
#define atomic_long_fetch_inc_release(v) \
	__extension__({ (long)atomic64_fetch_inc_release(v); })
#define atomic_long_fetch_inc_relaxed(v) \
	__extension__({ (long)atomic64_fetch_inc_relaxed(v); })
#define atomic_long_dec atomic64_dec
#define atomic_long_fetch_dec(v) __extension__({ (long)atomic64_fetch_dec(v); })
#define atomic_long_fetch_dec_acquire(v) \
	__extension__({ (long)atomic64_fetch_dec_acquire(v); })
#define atomic_long_fetch_dec_release(v) \
	__extension__({ (long)atomic64_fetch_dec_release(v); })
#define atomic_long_fetch_dec_relaxed(v) \
	__extension__({ (long)atomic64_fetch_dec_relaxed(v); })
#define atomic_long_and atomic64_and
#define atomic_long_fetch_and(i, v) \
	__extension__({ (long)atomic64_fetch_and(i, v); })
#define atomic_long_fetch_and_acquire(i, v) \
	__extension__({ (long)atomic64_fetch_and_acquire(i, v); })
#define atomic_long_fetch_and_release(i, v) \
	__extension__({ (long)atomic64_fetch_and_release(i, v); })
#define atomic_long_fetch_and_relaxed(i, v) \
	__extension__({ (long)atomic64_fetch_and_relaxed(i, v); })
#define atomic_long_or atomic64_or
#define atomic_long_fetch_or(i, v) \
	__extension__({ (long)atomic64_fetch_or(i, v); })
#define atomic_long_fetch_or_acquire(i, v) \
	__extension__({ (long)atomic64_fetch_or_acquire(i, v); })
#define atomic_long_fetch_or_release(i, v) \
	__extension__({ (long)atomic64_fetch_or_release(i, v); })
#define atomic_long_fetch_or_relaxed(i, v) \
	__extension__({ (long)atomic64_fetch_or_relaxed(i, v); })
#define atomic_long_xor atomic64_xor
#define atomic_long_fetch_xor(i, v) \
	__extension__({ (long)atomic64_fetch_xor(i, v); })
#define atomic_long_fetch_xor_acquire(i, v) \
	__extension__({ (long)atomic64_fetch_xor_acquire(i, v); })
#define atomic_long_fetch_xor_release(i, v) \
	__extension__({ (long)atomic64_fetch_xor_release(i, v); })
#define atomic_long_fetch_xor_relaxed(i, v) \
	__extension__({ (long)atomic64_fetch_xor_relaxed(i, v); })
#define atomic_long_andnot atomic64_andnot
#define atomic_long_fetch_andnot(i, v) \
	__extension__({ (long)atomic64_fetch_andnot(i, v); })
#define atomic_long_fetch_andnot_acquire(i, v) \
	__extension__({ (long)atomic64_fetch_andnot_acquire(i, v); })
#define atomic_long_fetch_andnot_release(i, v) \
	__extension__({ (long)atomic64_fetch_andnot_release(i, v); })
#define atomic_long_fetch_andnot_relaxed(i, v) \
	__extension__({ (long)atomic64_fetch_andnot_relaxed(i, v); })
#define atomic_long_add_return(i, v) \
	__extension__({ (long)atomic64_add_return(i, v); })
#define atomic_long_add_return_acquire(i, v) \
	__extension__({ (long)atomic64_add_return_acquire(i, v); })
#define atomic_long_add_return_release(i, v) \
	__extension__({ (long)atomic64_add_return_release(i, v); })
#define atomic_long_add_return_relaxed(i, v) \
	__extension__({ (long)atomic64_add_return_relaxed(i, v); })
#define atomic_long_sub_return(i, v) \
	__extension__({ (long)atomic64_sub_return(i, v); })
#define atomic_long_sub_return_acquire(i, v) \
	__extension__({ (long)atomic64_sub_return_acquire(i, v); })
#define atomic_long_sub_return_release(i, v) \
	__extension__({ (long)atomic64_sub_return_release(i, v); })
#define atomic_long_sub_return_relaxed(i, v) \
	__extension__({ (long)atomic64_sub_return_relaxed(i, v); })
#define atomic_long_inc_return(v) \
	__extension__({ (long)atomic64_inc_return(v); })
#define atomic_long_inc_return_acquire(v) \
	__extension__({ (long)atomic64_inc_return_acquire(v); })
#define atomic_long_inc_return_release(v) \
	__extension__({ (long)atomic64_inc_return_release(v); })
#define atomic_long_inc_return_relaxed(v) \
	__extension__({ (long)atomic64_inc_return_relaxed(v); })
#define atomic_long_dec_return(v) \
	__extension__({ (long)atomic64_dec_return(v); })
#define atomic_long_dec_return_acquire(v) \
	__extension__({ (long)atomic64_dec_return_acquire(v); })
#define atomic_long_dec_return_release(v) \
	__extension__({ (long)atomic64_dec_return_release(v); })
#define atomic_long_dec_return_relaxed(v) \
	__extension__({ (long)atomic64_dec_return_relaxed(v); })
#define atomic_long_add_negative atomic64_add_negative
#define atomic_long_add_negative_acquire atomic64_add_negative_acquire
#define atomic_long_add_negative_release atomic64_add_negative_release
#define atomic_long_add_negative_relaxed atomic64_add_negative_relaxed
#define atomic_long_sub_and_test atomic64_sub_and_test
#define atomic_long_dec_and_test atomic64_dec_and_test
#define atomic_long_inc_and_test atomic64_inc_and_test
#define atomic_long_add_unless atomic64_add_unless
#define atomic_long_inc_not_zero atomic64_inc_not_zero
#define atomic_long_fetch_add_unless(v, a, u) \
	__extension__({ (long)atomic64_fetch_add_unless(v, a, u); })
#define atomic_long_inc_unless_negative atomic64_inc_unless_negative
#define atomic_long_dec_unless_positive atomic64_dec_unless_positive
#define atomic_long_dec_if_positive(v) \
	__extension__({ (long)atomic64_dec_if_positive(v); })
#define atomic_long_xchg(v, new_) \
	__extension__({ (long)atomic64_xchg(v, new_); })
#define atomic_long_xchg_acquire(v, new_) \
	__extension__({ (long)atomic64_xchg_acquire(v, new_); })
#define atomic_long_xchg_release(v, new_) \
	__extension__({ (long)atomic64_xchg_release(v, new_); })
#define atomic_long_xchg_relaxed(v, new_) \
	__extension__({ (long)atomic64_xchg_relaxed(v, new_); })
#define atomic_long_cmpxchg(v, old_, new_) \
	__extension__({ (long)atomic64_cmpxchg(v, old_, new_); })
#define atomic_long_cmpxchg_acquire(v, old_, new_) \
	__extension__({ (long)atomic64_cmpxchg_acquire(v, old_, new_); })
#define atomic_long_cmpxchg_release(v, old_, new_) \
	__extension__({ (long)atomic64_cmpxchg_release(v, old_, new_); })
#define atomic_long_cmpxchg_relaxed(v, old_, new_) \
	__extension__({ (long)atomic64_cmpxchg_relaxed(v, old_, new_); })
#define atomic_long_try_cmpxchg(v, old_, new_) \
	iommufd_model_atomic_long_try_cmpxchg(v, old_, new_, 0, \
		IOMMUFD_MODEL_SITE(#v))
#define atomic_long_try_cmpxchg_acquire(v, old_, new_) \
	iommufd_model_atomic_long_try_cmpxchg(v, old_, new_, 0, \
		IOMMUFD_MODEL_SITE(#v))
#define atomic_long_try_cmpxchg_release(v, old_, new_) \
	iommufd_model_atomic_long_try_cmpxchg(v, old_, new_, 0, \
		IOMMUFD_MODEL_SITE(#v))
#define atomic_long_try_cmpxchg_relaxed(v, old_, new_) \
	iommufd_model_atomic_long_try_cmpxchg(v, old_, new_, \
		IOMMUFD_MODEL_ATOMIC_RELAXED, IOMMUFD_MODEL_SITE(#v))
/** @endcond */

/** @cond INTERNAL */
/* Performs an atomic operation on a plain variable; @how has its size. */
__IOMMUFD_MODEL_ALWAYS long
iommufd_model_exchange(enum iommufd_model_op_kind kind, volatile void *addr,
		       unsigned int how, long a, long b,
		       const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		return iommufd_model_atomic_gated(kind, addr, how, a, b, site);
	/* Without this the compiler warns of accesses with the other sizes. */
	__asm__("" : "+r"(addr));
	switch (how & IOMMUFD_MODEL_ATOMIC_SIZE) {
	case 1:
		return iommufd_model_raw_atomic8(kind, addr, how, a, b);
	case 2:
		return iommufd_model_raw_atomic16(kind, addr, how, a, b);
	case 4:
		return iommufd_model_raw_atomic32(kind, addr, how, a, b);
	default:
		return iommufd_model_raw_atomic64(kind, addr, how, a, b);
	}
}

/* Reads a variable of @size bytes by a plain access. */
__IOMMUFD_MODEL_ALWAYS long iommufd_model_plain(void *p, unsigned int size)
{
	switch (size) {
	case 1:
		return *(__iommufd_model_s8 *)p;
	case 2:
		return *(__iommufd_model_s16 *)p;
	case 4:
		return *(__iommufd_model_s32 *)p;
	default:
		return *(__iommufd_model_s64 *)p;
	}
}

__IOMMUFD_MODEL_ALWAYS void iommufd_model_set_plain(void *p, unsigned int size,
						    long value)
{
	switch (size) {
	case 1:
		*(__iommufd_model_s8 *)p = (int8_t)value;
		break;
	case 2:
		*(__iommufd_model_s16 *)p = (int16_t)value;
		break;
	case 4:
		*(__iommufd_model_s32 *)p = (int32_t)value;
		break;
	default:
		*(__iommufd_model_s64 *)p = value;
		break;
	}
}

/*
 * Compares and exchanges.  @oldp points to the expected value, which has the
 * size of the variable.
 */
__IOMMUFD_MODEL_ALWAYS bool
iommufd_model_try_exchange(volatile void *addr, unsigned int how, void *oldp,
			   long new_, const struct iommufd_model_site *site)
{
	unsigned int size = how & IOMMUFD_MODEL_ATOMIC_SIZE;
	long old = iommufd_model_plain(oldp, size);
	long found = iommufd_model_exchange(IOMMUFD_MODEL_OP_ATOMIC_CMPXCHG,
					    addr, how, old, new_, site);

	if (found != old)
		iommufd_model_set_plain(oldp, size, found);
	return found == old;
}

/* The type of the value of *@ptr, which is a scalar of at most 8 bytes. */
#define __IOMMUFD_MODEL_VALUE(ptr) \
	__typeof__(__atomic_load_n(ptr, __ATOMIC_RELAXED))
#define __IOMMUFD_MODEL_EXCHANGE(kind, ptr, how, a, b, what)		\
	__extension__({ (__IOMMUFD_MODEL_VALUE(ptr))iommufd_model_exchange( \
		IOMMUFD_MODEL_OP_ATOMIC_##kind, ptr,			\
		(unsigned int)sizeof(*(ptr)) | (how),			\
		(long)(__IOMMUFD_MODEL_VALUE(ptr))(a),			\
		(long)(__IOMMUFD_MODEL_VALUE(ptr))(b),			\
		IOMMUFD_MODEL_SITE(what)); })
#define __IOMMUFD_MODEL_TRY_EXCHANGE(ptr, how, oldp, new_, what)	\
	iommufd_model_try_exchange(ptr,					\
		(unsigned int)sizeof(*(ptr)) | (how), oldp,		\
		(long)(__IOMMUFD_MODEL_VALUE(ptr))(new_),		\
		IOMMUFD_MODEL_SITE(what))
/** @endcond */

/**
 * Sets a plain variable and returns its old value.  The variants are
 * xchg_acquire(), xchg_release() and xchg_relaxed().
 * @param ptr   the address of the variable, a scalar of 1, 2, 4 or 8 bytes
 * @param new_  its new value
 * @return the old value
 */
#define xchg(ptr, new_) \
	__IOMMUFD_MODEL_EXCHANGE(XCHG, ptr, 0u, new_, 0, #ptr)

/**
 * Sets a plain variable if it has the expected value.  The variants are
 * cmpxchg_acquire(), cmpxchg_release(), cmpxchg_relaxed(), cmpxchg_local() and,
 * for 8 bytes, cmpxchg64().
 * @param ptr   the address of the variable, a scalar of 1, 2, 4 or 8 bytes
 * @param old_  the expected value
 * @param new_  its new value
 * @return the old value; it equals @p old_ if the variable was set
 */
#define cmpxchg(ptr, old_, new_) \
	__IOMMUFD_MODEL_EXCHANGE(CMPXCHG, ptr, 0u, old_, new_, #ptr)

/**
 * Compares a plain variable with the expected value.  If they are equal, it
 * sets the variable; otherwise it stores the value that it found in *@p oldp.
 * The variants are try_cmpxchg_acquire(), try_cmpxchg_release(),
 * try_cmpxchg_relaxed() and, for 8 bytes, try_cmpxchg64().
 * @param ptr   the address of the variable, a scalar of 1, 2, 4 or 8 bytes
 * @param oldp  a pointer to the expected value, which has the same type
 * @param new_  the new value of the variable
 * @return true if the variable was set
 */
#define try_cmpxchg(ptr, oldp, new_) \
	__IOMMUFD_MODEL_TRY_EXCHANGE(ptr, 0u, oldp, new_, #ptr)

/** @cond INTERNAL */
#define xchg_acquire xchg
#define xchg_release xchg
#define xchg_relaxed(ptr, new_)						\
	__IOMMUFD_MODEL_EXCHANGE(XCHG, ptr, IOMMUFD_MODEL_ATOMIC_RELAXED, \
				 new_, 0, #ptr)
#define cmpxchg_acquire cmpxchg
#define cmpxchg_release cmpxchg
#define cmpxchg_relaxed(ptr, old_, new_)				\
	__IOMMUFD_MODEL_EXCHANGE(CMPXCHG, ptr,				\
				 IOMMUFD_MODEL_ATOMIC_RELAXED, old_, new_, \
				 #ptr)
#define cmpxchg_local cmpxchg
#define cmpxchg64 cmpxchg
#define cmpxchg64_acquire cmpxchg
#define cmpxchg64_release cmpxchg
#define cmpxchg64_relaxed cmpxchg_relaxed
#define try_cmpxchg_acquire try_cmpxchg
#define try_cmpxchg_release try_cmpxchg
#define try_cmpxchg_relaxed(ptr, oldp, new_)				\
	__IOMMUFD_MODEL_TRY_EXCHANGE(ptr, IOMMUFD_MODEL_ATOMIC_RELAXED,	\
				     oldp, new_, #ptr)
#define try_cmpxchg64 try_cmpxchg
#define try_cmpxchg64_acquire try_cmpxchg
#define try_cmpxchg64_release try_cmpxchg
#define try_cmpxchg64_relaxed try_cmpxchg_relaxed
/** @endcond */

IOMMUFD_MODEL_END_DECLS

#endif
