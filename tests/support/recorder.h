/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A hook that keeps the operations that pass the gate, for tests that look at
 * their order.  Only one thread may do operations meanwhile.
 */
#ifndef TESTS_SUPPORT_RECORDER_H
#define TESTS_SUPPORT_RECORDER_H

#include <iommufd_model/kernel.h>

#define MAX_RECORDED 512

/*
 * struct recorder
 * @steps: the kinds that passed before the operations were done
 * @ops: the operations after they were done
 */
struct recorder {
	struct iommufd_model_hook hook;
	unsigned int nr_steps, nr;
	enum iommufd_model_op_kind steps[MAX_RECORDED];
	struct iommufd_model_op ops[MAX_RECORDED];
};

void recorder_start(struct recorder *rec);
void recorder_stop(struct recorder *rec);

/*
 * Return how often @kind was done to @addr; *@last is set to the index of the
 * last one.
 */
unsigned int recorded(const struct recorder *rec,
		      enum iommufd_model_op_kind kind, const void *addr,
		      unsigned int *last);

#endif
