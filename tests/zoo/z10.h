/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Z-10: a driver of queues in a chain, each with some state of its own.
 */
#ifndef TESTS_ZOO_Z10_H
#define TESTS_ZOO_Z10_H

#include <iommufd_model/iommufd_private.h>

/* Initialise the chain, which has no queue then. */
void chain_init(void);

/* The ops of a vIOMMU of the mock. */
extern const struct iommufd_viommu_ops chain_ops;

#endif
