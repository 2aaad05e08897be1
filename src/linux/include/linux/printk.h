/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Messages that only inform are not printed. */
#ifndef TREE_LINUX_PRINTK_H
#define TREE_LINUX_PRINTK_H

#include_next <linux/printk.h>

#undef pr_info
#undef pr_debug
#undef pr_info_once
#define pr_info(fmt, ...) no_printk(fmt, ##__VA_ARGS__)
#define pr_debug(fmt, ...) no_printk(fmt, ##__VA_ARGS__)
#define pr_info_once(fmt, ...) no_printk(fmt, ##__VA_ARGS__)

#endif
