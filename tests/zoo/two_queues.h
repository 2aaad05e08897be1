/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * One thread makes queue 1, which depends on queue 0; another destroys queue 0.
 */
#ifndef TESTS_ZOO_TWO_QUEUES_H
#define TESTS_ZOO_TWO_QUEUES_H

#include "queue.h"

static u32 queue0;

static void open_queue0(void *unused)
{
	open_viommu(unused);
	queue0 = make_queue(0);
}

static void make_queue1(void *unused)
{
	int id = try_queue(1, IOVA + PAGE_SIZE, PAGE_SIZE);

	(void)unused;
	/* The errors say that queue 0 is destroyed, or is being destroyed. */
	iommufd_model_assert(id > 0 || id == -EIO || id == -ENOENT);
}

static void destroy_queue0(void *unused)
{
	int rc = destroy(queue0);

	(void)unused;
	iommufd_model_assert(!rc || rc == -EBUSY);
}

#endif
