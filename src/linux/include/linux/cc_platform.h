/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef TREE_LINUX_CC_PLATFORM_H
#define TREE_LINUX_CC_PLATFORM_H

#define CC_ATTR_MEM_ENCRYPT 0
#define CC_ATTR_GUEST_MEM_ENCRYPT 1
#define cc_platform_has(attr) ((void)(attr), false)

#endif
