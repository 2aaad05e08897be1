/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef TREE_LINUX_SCHED_SIGNAL_H
#define TREE_LINUX_SCHED_SIGNAL_H

#include <linux/sched/mm.h>

#endif
