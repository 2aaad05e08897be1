/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * For tests of hw queues, whose memory is an area that is mapped in an IOAS.
 */
#ifndef TESTS_SUPPORT_QUEUE_SUITE_H
#define TESTS_SUPPORT_QUEUE_SUITE_H

#include "own_driver.h"

#define SELFTEST IOMMU_HW_QUEUE_TYPE_SELFTEST

/*
 * Return the number of internal accesses that pin the area of the queues'
 * memory.
 */
unsigned int area_locks(struct guest *g);
int unmap_queue_memory(struct guest *g);

#endif
