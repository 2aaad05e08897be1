/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Operations on single bits of an array of unsigned long.
 *
 * A function whose name does not begin with two underscores is one atomic
 * operation on the unsigned long that contains the bit, and passes the gate
 * once.  The gate is given the values of the bit, not those of the unsigned
 * long.  To the explorer, operations on different bits are independent of each
 * other.
 *
 * A function whose name begins with two underscores does a plain access.  It is
 * for memory that no other thread can change at the same time.
 */
#ifndef IOMMUFD_MODEL_KERNEL_BITOPS_H
#define IOMMUFD_MODEL_KERNEL_BITOPS_H

#include <iommufd_model/kernel/atomic.h>
#include <iommufd_model/kernel/bitscan.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** @cond INTERNAL */
IOMMUFD_MODEL_STATIC_ASSERT(sizeof(long) == 8, "a long has 64 bits");

/* Does an operation on a bit and returns the old value of the bit. */
__IOMMUFD_MODEL_ALWAYS bool
iommufd_model_bit(enum iommufd_model_op_kind kind, long nr,
		  volatile unsigned long *addr, unsigned int how,
		  const struct iommufd_model_site *site)
{
	unsigned long bit = BIT_MASK((unsigned long)nr), word;

	addr += BIT_WORD((unsigned long)nr);
	if (IOMMUFD_MODEL_GATE_OPEN())
		return (unsigned long)iommufd_model_atomic_gated(kind, addr,
				how | 8u, nr, 0, site) & bit;
	switch (kind) {
	case IOMMUFD_MODEL_OP_BIT_SET:
	case IOMMUFD_MODEL_OP_BIT_TEST_AND_SET:
		word = __atomic_fetch_or(addr, bit,
					 how ? __ATOMIC_RELAXED :
					       __ATOMIC_SEQ_CST);
		break;
	case IOMMUFD_MODEL_OP_BIT_CLEAR:
	case IOMMUFD_MODEL_OP_BIT_TEST_AND_CLEAR:
		word = __atomic_fetch_and(addr, ~bit,
					  how ? __ATOMIC_RELAXED :
						__ATOMIC_SEQ_CST);
		break;
	case IOMMUFD_MODEL_OP_BIT_CHANGE:
	case IOMMUFD_MODEL_OP_BIT_TEST_AND_CHANGE:
		word = __atomic_fetch_xor(addr, bit,
					  how ? __ATOMIC_RELAXED :
						__ATOMIC_SEQ_CST);
		break;
	default:
		word = __atomic_load_n(addr, how ? __ATOMIC_RELAXED :
						   __ATOMIC_ACQUIRE);
		break;
	}
	return word & bit;
}

#define __IOMMUFD_MODEL_BITOP(kind, nr, addr, how, what)		\
	iommufd_model_bit(IOMMUFD_MODEL_OP_BIT_##kind, (long)(nr), addr, how, \
			  IOMMUFD_MODEL_SITE(what))
/** @endcond */

/**
 * Sets a bit.
 * @param nr    the number of the bit
 * @param addr  the array
 */
#define set_bit(nr, addr)						\
	((void)__IOMMUFD_MODEL_BITOP(SET, nr, addr,			\
				     IOMMUFD_MODEL_ATOMIC_RELAXED, #addr))
/**
 * Clears a bit.
 * @param nr    the number of the bit
 * @param addr  the array
 */
#define clear_bit(nr, addr)						\
	((void)__IOMMUFD_MODEL_BITOP(CLEAR, nr, addr,			\
				     IOMMUFD_MODEL_ATOMIC_RELAXED, #addr))
/**
 * Inverts a bit.
 * @param nr    the number of the bit
 * @param addr  the array
 */
#define change_bit(nr, addr)						\
	((void)__IOMMUFD_MODEL_BITOP(CHANGE, nr, addr,			\
				     IOMMUFD_MODEL_ATOMIC_RELAXED, #addr))
/**
 * Sets or clears a bit.
 * @param nr     the number of the bit
 * @param addr   the array
 * @param value  true to set it
 */
#define assign_bit(nr, addr, value) \
	((value) ? set_bit(nr, addr) : clear_bit(nr, addr))
/**
 * Reads a bit.
 * @param nr    the number of the bit
 * @param addr  the array
 * @return true if it is set
 */
#define test_bit(nr, addr)						\
	__IOMMUFD_MODEL_BITOP(TEST, nr,					\
			      (volatile unsigned long *)(addr),		\
			      IOMMUFD_MODEL_ATOMIC_RELAXED, #addr)
/**
 * Reads a bit before any access that follows in program order.
 * @param nr    the number of the bit
 * @param addr  the array
 * @return true if it is set
 */
#define test_bit_acquire(nr, addr)					\
	__IOMMUFD_MODEL_BITOP(TEST, nr,					\
			      (volatile unsigned long *)(addr), 0, #addr)
/**
 * Sets a bit, and tells whether it was set before.
 * @param nr    the number of the bit
 * @param addr  the array
 * @return true if it was set before
 */
#define test_and_set_bit(nr, addr) \
	__IOMMUFD_MODEL_BITOP(TEST_AND_SET, nr, addr, 0, #addr)
/**
 * Clears a bit, and tells whether it was set before.
 * @param nr    the number of the bit
 * @param addr  the array
 * @return true if it was set before
 */
#define test_and_clear_bit(nr, addr) \
	__IOMMUFD_MODEL_BITOP(TEST_AND_CLEAR, nr, addr, 0, #addr)
/**
 * Inverts a bit, and tells whether it was set before.
 * @param nr    the number of the bit
 * @param addr  the array
 * @return true if it was set before
 */
#define test_and_change_bit(nr, addr) \
	__IOMMUFD_MODEL_BITOP(TEST_AND_CHANGE, nr, addr, 0, #addr)
/**
 * Sets a bit that serves as a lock, and tells whether it was set before.
 * @param nr    the number of the bit
 * @param addr  the array
 * @return false if the caller has the lock now; true if it was taken already
 */
#define test_and_set_bit_lock(nr, addr) \
	__IOMMUFD_MODEL_BITOP(TEST_AND_SET, nr, addr, 0, #addr)
/**
 * Clears a bit that serves as a lock.
 * @param nr    the number of the bit
 * @param addr  the array
 */
#define clear_bit_unlock(nr, addr) \
	((void)__IOMMUFD_MODEL_BITOP(CLEAR, nr, addr, 0, #addr))

/** @cond INTERNAL */
/*
 * The result is not volatile, as watched code would take these accesses for
 * marked ones.
 */
static inline unsigned long *
iommufd_model_plain_word(unsigned long nr, const volatile unsigned long *addr)
{
	return (unsigned long *)(uintptr_t)addr + BIT_WORD(nr);
}
/** @endcond */

/**
 * Sets a bit by plain accesses.
 * @param nr    the number of the bit
 * @param addr  the array
 */
static inline void __set_bit(unsigned long nr, volatile unsigned long *addr)
{
	unsigned long *word = iommufd_model_plain_word(nr, addr);

	*word = *word | BIT_MASK(nr);
}

/**
 * Clears a bit by plain accesses.
 * @param nr    the number of the bit
 * @param addr  the array
 */
static inline void __clear_bit(unsigned long nr, volatile unsigned long *addr)
{
	unsigned long *word = iommufd_model_plain_word(nr, addr);

	*word = *word & ~BIT_MASK(nr);
}

/**
 * Inverts a bit by plain accesses.
 * @param nr    the number of the bit
 * @param addr  the array
 */
static inline void __change_bit(unsigned long nr, volatile unsigned long *addr)
{
	unsigned long *word = iommufd_model_plain_word(nr, addr);

	*word = *word ^ BIT_MASK(nr);
}

/**
 * Sets or clears a bit by plain accesses.
 * @param nr     the number of the bit
 * @param addr   the array
 * @param value  true to set it
 */
static inline void __assign_bit(unsigned long nr, volatile unsigned long *addr,
				bool value)
{
	if (value)
		__set_bit(nr, addr);
	else
		__clear_bit(nr, addr);
}

/** @cond INTERNAL */
static inline bool
iommufd_model_plain_bit(unsigned long nr, const volatile unsigned long *addr)
{
	return *iommufd_model_plain_word(nr, addr) & BIT_MASK(nr);
}
/** @endcond */

/**
 * Sets a bit by plain accesses, and tells whether it was set before.
 * @param nr    the number of the bit
 * @param addr  the array
 * @return true if it was set before
 */
static inline bool __test_and_set_bit(unsigned long nr,
				      volatile unsigned long *addr)
{
	bool was = iommufd_model_plain_bit(nr, addr);

	__set_bit(nr, addr);
	return was;
}

/**
 * Clears a bit by plain accesses, and tells whether it was set before.
 * @param nr    the number of the bit
 * @param addr  the array
 * @return true if it was set before
 */
static inline bool __test_and_clear_bit(unsigned long nr,
					volatile unsigned long *addr)
{
	bool was = iommufd_model_plain_bit(nr, addr);

	__clear_bit(nr, addr);
	return was;
}

/**
 * Inverts a bit by plain accesses, and tells whether it was set before.
 * @param nr    the number of the bit
 * @param addr  the array
 * @return true if it was set before
 */
static inline bool __test_and_change_bit(unsigned long nr,
					 volatile unsigned long *addr)
{
	bool was = iommufd_model_plain_bit(nr, addr);

	__change_bit(nr, addr);
	return was;
}

IOMMUFD_MODEL_END_DECLS

#endif
