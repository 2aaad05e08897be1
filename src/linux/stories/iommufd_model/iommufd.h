/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What iommufd of the tree offers to drivers. */
#ifndef TREE_IOMMUFD_H
#define TREE_IOMMUFD_H

#include <linux/iommufd.h>

#endif
