/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef TREE_LINUX_NOTIFIER_H
#define TREE_LINUX_NOTIFIER_H

#define NOTIFY_DONE 0
#define NOTIFY_OK 1

struct notifier_block {
	int (*notifier_call)(struct notifier_block *nb, unsigned long action,
			     void *data);
	struct notifier_block *next;
	int priority;
};

#endif
