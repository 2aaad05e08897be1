// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "recorder.h"
#include <string.h>

static void record_step(struct iommufd_model_hook *hook,
			const struct iommufd_model_op *op)
{
	struct recorder *rec = container_of(hook, struct recorder, hook);

	if (rec->nr_steps < MAX_RECORDED)
		rec->steps[rec->nr_steps++] = op->kind;
}

static void record_event(struct iommufd_model_hook *hook,
			 const struct iommufd_model_op *op)
{
	struct recorder *rec = container_of(hook, struct recorder, hook);

	if (rec->nr < MAX_RECORDED)
		rec->ops[rec->nr++] = *op;
}

void recorder_start(struct recorder *rec)
{
	memset(rec, 0, sizeof(*rec));
	rec->hook.step = record_step;
	rec->hook.event = record_event;
	iommufd_model_hook_add(&rec->hook);
}

void recorder_stop(struct recorder *rec)
{
	iommufd_model_hook_remove(&rec->hook);
}

unsigned int recorded(const struct recorder *rec,
		      enum iommufd_model_op_kind kind, const void *addr,
		      unsigned int *last)
{
	unsigned int i, n = 0;

	for (i = 0; i < rec->nr; i++) {
		if (rec->ops[i].kind != kind || rec->ops[i].addr != addr)
			continue;
		n++;
		if (last)
			*last = i;
	}
	return n;
}
