/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Time as the model sees it: one jiffy is a millisecond.
 *
 * A test may stop the clock and move it by hand.  A sleep with a timeout then
 * ends when it is woken or when the test has moved the clock far enough, and no
 * test waits in real time.
 */
#ifndef IOMMUFD_MODEL_KERNEL_CLOCK_H
#define IOMMUFD_MODEL_KERNEL_CLOCK_H

#include <iommufd_model/kernel/types.h>

IOMMUFD_MODEL_BEGIN_DECLS

#define HZ 1000	/**< jiffies in a second */
#define MAX_SCHEDULE_TIMEOUT LONG_MAX	/**< a timeout that never runs out */

/** Milliseconds on the model's clock, an unsigned long. */
#define jiffies iommufd_model_jiffies()

/**
 * Converts milliseconds to jiffies, which they are here.
 * @param ms  milliseconds
 * @return jiffies
 */
static inline unsigned long msecs_to_jiffies(unsigned int ms)
{
	return ms;
}

/**
 * Reads the model's clock.
 * @return milliseconds since some moment in the past
 */
IOMMUFD_MODEL_API unsigned long iommufd_model_jiffies(void);

/**
 * Stops the clock at 0; it moves only by iommufd_model_clock_advance().
 * @context Not while a thread sleeps with a timeout.
 */
IOMMUFD_MODEL_API void iommufd_model_clock_stop(void);

/**
 * Makes the clock the system's monotonic one again.
 * @context Not while a thread sleeps with a timeout.
 */
IOMMUFD_MODEL_API void iommufd_model_clock_run(void);

/**
 * Moves a stopped clock and wakes the sleepers whose time has come.
 * @param delta  jiffies
 */
IOMMUFD_MODEL_API void iommufd_model_clock_advance(unsigned long delta);

/**
 * Counts the threads that are in a sleep with a timeout now.
 * @return how many
 */
IOMMUFD_MODEL_API int iommufd_model_clock_sleepers(void);

IOMMUFD_MODEL_END_DECLS

#endif
