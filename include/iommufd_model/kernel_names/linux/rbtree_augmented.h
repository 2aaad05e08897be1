/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef IOMMUFD_MODEL_LINUX_RBTREE_AUGMENTED_H
#define IOMMUFD_MODEL_LINUX_RBTREE_AUGMENTED_H

#include <iommufd_model/kernel/rbtree.h>

#endif
