/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef TREE_LINUX_SCHED_MM_H
#define TREE_LINUX_SCHED_MM_H

#include <linux/sched.h>

void mmgrab(struct mm_struct *mm);
void mmdrop(struct mm_struct *mm);
bool mmget_not_zero(struct mm_struct *mm);
void mmput(struct mm_struct *mm);
/* Between these two calls, the addresses of the user are addresses in @mm. */
void kthread_use_mm(struct mm_struct *mm);
void kthread_unuse_mm(struct mm_struct *mm);

#endif
