/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Delays, which wait until some time has passed.
 *
 * To the explorer a delay takes no real time: other threads may run, and
 * afterwards the clock has advanced by at least the delay.  The other threads
 * may do any number of operations during the delay.
 */
#ifndef IOMMUFD_MODEL_KERNEL_DELAY_H
#define IOMMUFD_MODEL_KERNEL_DELAY_H

#include <iommufd_model/kernel/clock.h>
#include <iommufd_model/kernel/gate.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** Sleeps for @p ms milliseconds. */
#define msleep(ms) \
	iommufd_model_delay((unsigned long)(ms), true, \
			    IOMMUFD_MODEL_SITE("msleep()"))
/** Sleeps for @p s seconds. */
#define ssleep(s) msleep((s) * 1000ul)
/** Does msleep(); there are no signals.  @return 0 */
#define msleep_interruptible(ms) __extension__({ msleep(ms); 0ul; })
/** Sleeps for at least @p us microseconds, in whole milliseconds. */
#define fsleep(us) msleep(((us) + 999) / 1000)
/** Sleeps for at least @p min microseconds, in whole milliseconds. */
#define usleep_range(min, max) ((void)(max), fsleep(min))
/** Waits for @p us microseconds, in whole milliseconds, without sleeping. */
#define udelay(us) \
	iommufd_model_delay(((unsigned long)(us) + 999) / 1000, false, \
			    IOMMUFD_MODEL_SITE("udelay()"))
/** Waits for @p ms milliseconds without sleeping. */
#define mdelay(ms) udelay((ms) * 1000ul)
/** Waits for @p ns nanoseconds, in whole milliseconds, without sleeping. */
#define ndelay(ns) udelay(((ns) + 999) / 1000)

/**
 * Waits until some time has passed.  msleep() and the like call it.
 * @param ms      the time in milliseconds
 * @param sleeps  true if the thread may sleep
 * @param site    the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_delay(unsigned long ms, bool sleeps,
		    const struct iommufd_model_site *site);

IOMMUFD_MODEL_END_DECLS

#endif
