/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Waiting for a bit of an unsigned long, with the bit as a lock, and with a
 * timeout; wait.h has wait_on_bit() and wake_up_bit().
 *
 * Who wakes the threads that wait for one bit also wakes those that wait for
 * another bit of the same unsigned long, and these go on waiting.
 */
#ifndef IOMMUFD_MODEL_KERNEL_WAIT_BIT_H
#define IOMMUFD_MODEL_KERNEL_WAIT_BIT_H

#include <iommufd_model/kernel/errno.h>
#include <iommufd_model/kernel/wait.h>

/** Does wait_on_bit().  In a kernel the wait counts as a wait for I/O. */
#define wait_on_bit_io(word, bit, mode) wait_on_bit(word, bit, mode)
/**
 * Sleeps until a bit is 0 or a time has passed.
 * @param word     the unsigned long
 * @param bit      the number of the bit
 * @param mode     a TASK_ state, which is ignored
 * @param timeout  the longest time to sleep, in jiffies
 * @return 0, or -EAGAIN if the time has passed
 * @context May block.  Hold no spinlock, and no lock that the waker needs.
 */
#define wait_on_bit_timeout(word, bit, mode, timeout)              \
	__extension__({                                            \
		(void)(mode);                                      \
		__iommufd_model_wait_bit(word, bit, #word,         \
					 "bit " #bit " of " #word, \
					 (long)(timeout)) ?        \
			0 :                                        \
			-EAGAIN;                                   \
	})
/**
 * Sleeps until a bit is 0, and sets it.  It is a lock that clear_bit_unlock()
 * and wake_up_bit() release.
 * @param word  the unsigned long
 * @param bit   the number of the bit
 * @param mode  a TASK_ state, which is ignored
 * @return 0
 * @context May block.  Hold no spinlock, and no lock that the waker needs.
 */
#define wait_on_bit_lock(word, bit, mode)                                      \
	__extension__({                                                        \
		unsigned long *__lword = (word);                               \
		int __lbit = (int)(bit);                                       \
		(void)(mode);                                                  \
		iommufd_model_may_sleep("wait_on_bit_lock",                    \
					IOMMUFD_MODEL_SITE(#word));            \
		while (__IOMMUFD_MODEL_BITOP(TEST_AND_SET, __lbit, __lword, 0, \
					     #word))                           \
			(void)__iommufd_model_wait_bit(__lword, __lbit, #word, \
						       "bit " #bit             \
						       " of " #word,           \
						       MAX_SCHEDULE_TIMEOUT);  \
		0;                                                             \
	})
/** Does wait_on_bit_lock().  In a kernel the wait counts as one for I/O. */
#define wait_on_bit_lock_io(word, bit, mode) wait_on_bit_lock(word, bit, mode)
/** Does clear_bit_unlock() and then wake_up_bit(). */
#define clear_and_wake_up_bit(bit, word) do {				\
	unsigned long *__word = (word);					\
	int __bit = (int)(bit);						\
	clear_bit_unlock(__bit, __word);				\
	wake_up_bit(__word, __bit);					\
} while (0)
/**
 * Does clear_and_wake_up_bit() if the bit is set.
 * @return true if it was set
 */
#define test_and_clear_wake_up_bit(bit, word) __extension__({		\
	unsigned long *__word = (word);					\
	int __bit = (int)(bit);						\
	bool __was = test_and_clear_bit(__bit, __word);			\
	if (__was)							\
		wake_up_bit(__word, __bit);				\
	__was;								\
})

#endif
