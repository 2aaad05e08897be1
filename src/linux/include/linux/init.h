/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The initialisation functions of the parts of a kernel, which entry.c calls.
 */
#ifndef TREE_LINUX_INIT_H
#define TREE_LINUX_INIT_H

#include_next <linux/init.h>

struct tree_initcall {
	int (*fn)(void);
	int level;		/* functions of lower levels are called first */
};

#define tree_initcall(fn_, level_)					\
	static const struct tree_initcall initcall_##fn_		\
		__attribute__((used, section("tree_initcalls"))) = {	\
			fn_, level_					\
		}

#undef core_initcall
#undef subsys_initcall
#undef early_param
#define core_initcall(fn) tree_initcall(fn, 1)
#define subsys_initcall(fn) tree_initcall(fn, 2)
/* There is no command line. */
#define early_param(name, fn) \
	static int (*early_##fn)(char *) __attribute__((unused)) = fn

#endif
