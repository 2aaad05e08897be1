/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * The model's clock, which counts jiffies of one millisecond.
 *
 * A test may stop the clock and move it by hand.  A sleep with a timeout then
 * ends when the sleeper is woken or when the test has moved the clock far
 * enough, so the test need not wait in real time.
 *
 * No function here blocks.
 */
#ifndef IOMMUFD_MODEL_KERNEL_CLOCK_H
#define IOMMUFD_MODEL_KERNEL_CLOCK_H

#include <iommufd_model/kernel/types.h>

IOMMUFD_MODEL_BEGIN_DECLS

#define HZ 1000	/**< the number of jiffies in a second */
#define MAX_SCHEDULE_TIMEOUT LONG_MAX	/**< a timeout that never runs out */

/** The time of the model's clock in milliseconds, an unsigned long. */
#define jiffies iommufd_model_jiffies()

/**
 * Converts milliseconds to jiffies.  The two are equal here.
 * @param ms  milliseconds
 * @return jiffies
 */
static inline unsigned long msecs_to_jiffies(unsigned int ms)
{
	return ms;
}

/**
 * Converts jiffies to milliseconds.  The two are equal here.
 * @param j  jiffies
 * @return milliseconds
 */
static inline unsigned int jiffies_to_msecs(unsigned long j)
{
	return (unsigned int)j;
}

/**
 * Converts microseconds to jiffies, rounded up.
 * @param us  microseconds
 * @return jiffies
 */
static inline unsigned long usecs_to_jiffies(unsigned int us)
{
	return (us + 999ul) / 1000;
}

/** True if the time @p a is after @p b. */
#define time_after(a, b) ((long)((b) - (a)) < 0)
/** True if the time @p a is before @p b. */
#define time_before(a, b) time_after(b, a)
/** True if the time @p a is not before @p b. */
#define time_after_eq(a, b) ((long)((a) - (b)) >= 0)
/** True if the time @p a is not after @p b. */
#define time_before_eq(a, b) time_after_eq(b, a)
/** True if the time @p a has passed. */
#define time_is_before_jiffies(a) time_after(jiffies, a)
/** True if the time @p a has not come. */
#define time_is_after_jiffies(a) time_before(jiffies, a)

/**
 * Reads the model's clock.
 * @return the time in milliseconds since an unspecified moment; if the clock
 *   was stopped, the sum of all calls of iommufd_model_clock_advance()
 */
IOMMUFD_MODEL_API unsigned long iommufd_model_jiffies(void);

/**
 * Sets the clock to 0 and stops it.  From then on only
 * iommufd_model_clock_advance() moves it.
 * @context Must not be called while a thread sleeps with a timeout.
 */
IOMMUFD_MODEL_API void iommufd_model_clock_stop(void);

/**
 * Makes the clock follow the system's monotonic clock again.
 * @context Must not be called while a thread sleeps with a timeout.
 */
IOMMUFD_MODEL_API void iommufd_model_clock_run(void);

/**
 * Advances a stopped clock and wakes the sleepers whose timeout has expired.
 * @param delta  by how many jiffies
 */
IOMMUFD_MODEL_API void iommufd_model_clock_advance(unsigned long delta);

/**
 * Returns the number of threads that are in a sleep with a timeout now.
 * @return the number
 */
IOMMUFD_MODEL_API int iommufd_model_clock_sleepers(void);

IOMMUFD_MODEL_END_DECLS

#endif
