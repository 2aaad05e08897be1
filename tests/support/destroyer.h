/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A destroy on a thread of its own, since it sleeps.
 *
 * The clock stands still.  start() returns when the destroy sleeps; then the
 * test puts the reference that it waits for, or moves the clock, and calls
 * finish().
 */
#ifndef TESTS_SUPPORT_DESTROYER_H
#define TESTS_SUPPORT_DESTROYER_H

#include "probe.h"

/* struct destroyer - @result: what the ioctl of user_destroys() returned */
struct destroyer {
	pthread_t thread;
	struct iommufd_ctx *ictx;
	struct probe *probe;
	int result;
};

/* What the thread does, for start(). */
void *kernel_destroys(void *data);
void *user_destroys(void *data);

/* Start, and return when the thread sleeps. */
void start(struct destroyer *d, void *(*how)(void *), struct probe *probe);
void finish(struct destroyer *d);

/* A sink that logs a critical message as "critical" and prints all others. */
void tell_critical(const struct iommufd_model_report *report, void *data);

#endif
