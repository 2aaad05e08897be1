/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A hook that writes down the operations that pass the gate, for tests that
 * look at their order.  One thread at a time.
 */
#ifndef RECORDER_H
#define RECORDER_H

#include <iommufd_model/kernel.h>
#include <string.h>

#define MAX_RECORDED 512

struct recorder {
	struct iommufd_model_hook hook;
	unsigned int nr_steps, nr;
	enum iommufd_model_op_kind steps[MAX_RECORDED];
	struct iommufd_model_op ops[MAX_RECORDED];
};

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

__attribute__((unused)) static void recorder_start(struct recorder *rec)
{
	memset(rec, 0, sizeof(*rec));
	rec->hook.step = record_step;
	rec->hook.event = record_event;
	iommufd_model_hook_add(&rec->hook);
}

__attribute__((unused)) static void recorder_stop(struct recorder *rec)
{
	iommufd_model_hook_remove(&rec->hook);
}

/* How often @kind was done to @addr; *@last: the number of the last time. */
__attribute__((unused)) static unsigned int
recorded(const struct recorder *rec, enum iommufd_model_op_kind kind,
	 const void *addr, unsigned int *last)
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

#endif
