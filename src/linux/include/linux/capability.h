/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef TREE_LINUX_CAPABILITY_H
#define TREE_LINUX_CAPABILITY_H

#include <linux/types.h>

#define CAP_IPC_LOCK 14
#define CAP_SYS_RAWIO 17
#define CAP_SYS_ADMIN 21
#define CAP_SYS_RESOURCE 24

bool capable(int cap);

#endif
