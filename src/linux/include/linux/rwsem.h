/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef TREE_LINUX_RWSEM_H
#define TREE_LINUX_RWSEM_H

#include_next <linux/rwsem.h>

/*
 * The outer lock lets only one thread at a time take several locks of this
 * class.
 */
#ifndef down_write_nest_lock
#define down_write_nest_lock(sem, lock) down_write(sem)
#endif

#endif
