/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef TREE_LINUX_RCUPDATE_H
#define TREE_LINUX_RCUPDATE_H

#include_next <linux/rcupdate.h>

/* Only assertions use this, and each accepts other conditions as well. */
#ifndef lock_is_held
#define lock_is_held(map) 1
#endif

#endif
