/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A destroy that waits, on a thread of its own.
 *
 * The clock is stopped.  start() returns when the destroy sleeps.  Then the
 * test puts the reference that the destroy waits for, or moves the clock, and
 * calls finish().
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

/* The functions that start() can run on the thread. */
void *kernel_destroys(void *data);
void *user_destroys(void *data);

/* Start the thread, and return when it sleeps. */
void start(struct destroyer *d, void *(*how)(void *), struct probe *probe);
void finish(struct destroyer *d);

/* A sink that logs a critical message as "critical" and prints all others. */
void tell_critical(const struct iommufd_model_report *report, void *data);

#endif
