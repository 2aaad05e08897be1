/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* A module is initialised like a part of the kernel, and is never removed. */
#ifndef TREE_LINUX_MODULE_H
#define TREE_LINUX_MODULE_H

#include_next <linux/module.h>
#include <linux/init.h>

#undef module_init
#undef module_exit
#define module_init(fn) tree_initcall(fn, 3)
#define module_exit(fn) \
	static void (*exit_##fn)(void) __attribute__((unused)) = fn

#endif
