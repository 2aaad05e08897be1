/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Processes that use the model: see process.c.
 */
#ifndef IOMMUFD_PROCESS_H
#define IOMMUFD_PROCESS_H

#include <stdbool.h>

#define CAP_IPC_LOCK 14

/*
 * struct iommufd_process - a process
 * @pid: its number; 0 stands for the process that the library is in
 * @ended: it has ended, and its memory is gone
 * @pinned: number of pages that its maps have pinned
 * @locked: number of those that are charged to it, rather than to its user
 */
struct iommufd_process {
	struct iommufd_process *next;
	int pid;
	bool ended;
	unsigned long pinned, locked;
};

/* This is no operation at the gate, as no process ends in an explored test. */
static inline bool iommufd_process_ended(const struct iommufd_process *process)
{
	return __atomic_load_n(&process->ended, __ATOMIC_ACQUIRE);
}

/* Return the process that has made the running system call. */
struct iommufd_process *iommufd_process(void);

/*
 * Between these two calls, the addresses of the user are addresses in the
 * memory of @process, or of the process that the library is in if @process is
 * NULL.  @before is what iommufd_process_enter() returned.
 */
int iommufd_process_enter(const struct iommufd_process *process);
void iommufd_process_leave(int before);

bool iommufd_has_capability(int capability);

#endif
