/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A destroy on a thread of its own, since it sleeps.
 *
 * The clock stands still.  start() comes back when the destroy sleeps; then the
 * test puts what it waits for, or moves the clock; then finish().
 */
#ifndef DESTROYER_H
#define DESTROYER_H

#include "thing.h"

struct destroyer {
	pthread_t thread;
	struct iommufd_ctx *ictx;
	struct thing *thing;
	int result;
};

static inline void *kernel_destroys(void *data)
{
	struct destroyer *d = data;

	iommufd_object_destroy_user(d->ictx, &d->thing->obj);
	return NULL;
}

static inline void *user_destroys(void *data)
{
	struct destroyer *d = data;

	d->result = user_destroy(d->ictx, d->thing->obj.id);
	return NULL;
}

static inline void wait_for_sleepers(int n)
{
	while (iommufd_model_clock_sleepers() != n)
		sched_yield();
}

/* Start, and come back when it sleeps. */
static inline void start(struct destroyer *d, void *(*how)(void *),
			 struct thing *thing)
{
	int n = iommufd_model_clock_sleepers();

	d->thing = thing;
	d->ictx = thing->ictx;
	pthread_create(&d->thread, NULL, how, d);
	wait_for_sleepers(n + 1);
}

static inline void finish(struct destroyer *d)
{
	pthread_join(d->thread, NULL);
}

/* A sink: a critical message is said. */
static inline void
tell_critical(const struct iommufd_model_report *report, void *data)
{
	(void)data;
	if (report->severity == IOMMUFD_MODEL_CRITICAL)
		say("critical");
	else
		fprintf(stderr, "%s\n", report->text);
}

#endif
