/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_INTERVAL_TREE_H
#define IOMMUFD_MODEL_LINUX_INTERVAL_TREE_H

#include <iommufd_model/kernel/interval_tree.h>

#endif
