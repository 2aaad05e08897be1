// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "destroyer.h"

void *kernel_destroys(void *data)
{
	struct destroyer *d = data;

	iommufd_object_destroy_user(d->ictx, &d->probe->obj);
	return NULL;
}

void *user_destroys(void *data)
{
	struct destroyer *d = data;

	d->result = user_destroy(d->ictx, d->probe->obj.id);
	return NULL;
}

void start(struct destroyer *d, void *(*how)(void *), struct probe *probe)
{
	int n = iommufd_model_clock_sleepers();

	d->probe = probe;
	d->ictx = probe->ictx;
	pthread_create(&d->thread, NULL, how, d);
	wait_for_sleepers(n + 1);
}

void finish(struct destroyer *d)
{
	pthread_join(d->thread, NULL);
}

void tell_critical(const struct iommufd_model_report *report, void *data)
{
	(void)data;
	if (report->severity == IOMMUFD_MODEL_CRITICAL)
		say("critical");
	else
		fprintf(stderr, "%s\n", report->text);
}
