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
 * @pid: 0: the one that the library is in
 * @ended: its memory is gone
 * @pinned: pages that maps of it have pinned
 * @locked: those of them that are charged to it, rather than to its user
 */
struct iommufd_process {
	struct iommufd_process *next;
	int pid;
	bool ended;
	unsigned long pinned, locked;
};

/* Not an operation at the gate: no process ends in an explored test. */
static inline bool iommufd_process_ended(const struct iommufd_process *process)
{
	return __atomic_load_n(&process->ended, __ATOMIC_ACQUIRE);
}

/* The process that has made the running system call. */
struct iommufd_process *iommufd_process(void);

/*
 * Until the second: user addresses are those of @process, NULL for the process
 * that the library is in.
 */
int iommufd_process_enter(const struct iommufd_process *process);
void iommufd_process_leave(int before);

bool iommufd_has_capability(int capability);

#endif
