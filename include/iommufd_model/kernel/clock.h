/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Time as the model sees it: one jiffy is a millisecond.
 *
 * A test may stop the clock and move it by hand.  A sleep with a timeout then
 * ends when it is woken or when the test has moved the clock far enough, and
 * no test waits in real time.
 */
#ifndef IOMMUFD_MODEL_KERNEL_CLOCK_H
#define IOMMUFD_MODEL_KERNEL_CLOCK_H

#include <iommufd_model/kernel/types.h>

IOMMUFD_MODEL_BEGIN_DECLS

#define HZ 1000
#define MAX_SCHEDULE_TIMEOUT LONG_MAX

#define jiffies iommufd_model_jiffies()

static inline unsigned long msecs_to_jiffies(unsigned int ms)
{
	return ms;
}

/* iommufd_model_jiffies(): milliseconds on the model's clock. */
IOMMUFD_MODEL_API unsigned long iommufd_model_jiffies(void);

/*
 * iommufd_model_clock_stop(): the clock stands at 0 and moves only by
 * iommufd_model_clock_advance(jiffies_to_add), which wakes the sleepers whose
 * time has come.  iommufd_model_clock_run(): the system's monotonic clock
 * again.  Neither may be called while a thread sleeps with a timeout.
 */
IOMMUFD_MODEL_API void iommufd_model_clock_stop(void);
IOMMUFD_MODEL_API void iommufd_model_clock_run(void);
IOMMUFD_MODEL_API void iommufd_model_clock_advance(unsigned long delta);

/* iommufd_model_clock_sleepers(): threads now in a sleep with a timeout. */
IOMMUFD_MODEL_API int iommufd_model_clock_sleepers(void);

IOMMUFD_MODEL_END_DECLS

#endif
