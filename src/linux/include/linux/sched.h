/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * All threads of a process are one task.  There is one process, unless a program
 * under iommufd-model exec has children that use its descriptors.
 */
#ifndef TREE_LINUX_SCHED_H
#define TREE_LINUX_SCHED_H

#include <linux/capability.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <sys/resource.h>

struct task_struct {
	struct mm_struct *mm;
	struct task_struct *group_leader;
};

struct user_struct {
	atomic_long_t locked_vm;
	refcount_t __count;
};

extern struct task_struct iommufd_tree_task;
/* The process for which this thread works; NULL stands for its own process. */
extern __thread struct task_struct *iommufd_tree_thread_task;
#define current							\
	(iommufd_tree_thread_task ? iommufd_tree_thread_task :	\
				    &iommufd_tree_task)
#define get_task_struct(task) ((void)(task))
#define put_task_struct(task) ((void)(task))

void iommufd_tree_init_process(void);
struct user_struct *current_user(void);
struct user_struct *get_uid(struct user_struct *user);
void free_uid(struct user_struct *user);
unsigned long task_rlimit(const struct task_struct *task, unsigned int limit);

#endif
