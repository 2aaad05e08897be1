/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Waiting for a time to pass.
 *
 * To the explorer a delay costs no time: other threads may run, and the clock
 * is then at least as much later.  What they do during the delay is not bounded
 * by it.
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
 * Waits for a time to pass: what msleep() and the like call.
 * @param ms      the time in milliseconds
 * @param sleeps  it may sleep
 * @param site    the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_delay(unsigned long ms, bool sleeps,
		    const struct iommufd_model_site *site);

IOMMUFD_MODEL_END_DECLS

#endif
