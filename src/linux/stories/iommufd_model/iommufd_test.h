/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The commands of the tree's own mock, under the name of the model's header. */
#ifndef TREE_IOMMUFD_TEST_H
#define TREE_IOMMUFD_TEST_H

#include <iommufd_model/uapi.h>
#include "iommufd/iommufd_test.h"

/* The mock of an old tree refuses types that it does not have. */
#ifndef TREE_HAS_HW_QUEUE
#define IOMMU_VIOMMU_TYPE_SELFTEST 0xdeadbeefu
#define IOMMU_VEVENTQ_TYPE_SELFTEST 0xbeefbeefu
#endif

#endif
