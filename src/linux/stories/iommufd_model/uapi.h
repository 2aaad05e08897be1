/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The tree's own ioctls under the name that the model's header has. */
#ifndef TREE_UAPI_H
#define TREE_UAPI_H

#include <linux/types.h>
#include <uapi/linux/iommufd.h>

#endif
