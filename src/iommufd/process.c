// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Processes: who pays for pinned memory, and whose memory it is.
 *
 * There is one process, unless a program under `iommufd-model exec` has children
 * that use its descriptors (src/preload/server.c).  A child is known from its
 * first request on, and is kept when it has ended, because maps refer to it.
 *
 * processes_mutex guards the list; the counters of a process are atomic.
 */
#include "internal.h"
#include "process.h"
#include <pthread.h>
#include <stdlib.h>

/*
 * Only a program under `iommufd-model exec` has these functions.  From a call
 * of iommufd_model_remote_select() on, the addresses of the user are addresses
 * in the memory of process @pid; 0 stands for this process.  It returns the
 * process that was selected before.
 */
int iommufd_model_remote_select(int pid) __attribute__((weak));
bool iommufd_model_user_capable(int capability) __attribute__((weak));

/* src/preload calls these functions; a kernel tree has functions of its own. */
void *iommufd_model_process_new(int pid);
void iommufd_model_process_end(void *process);
void iommufd_model_process_select(void *process);
bool iommufd_model_process_memory(int pid, unsigned long *pinned,
				  unsigned long *locked);

static struct iommufd_process own_process;
static struct iommufd_process *processes;
static pthread_mutex_t processes_mutex = PTHREAD_MUTEX_INITIALIZER;
/* The process for which this thread works; NULL stands for its own process. */
static __thread struct iommufd_process *selected;

struct iommufd_process *iommufd_process(void)
{
	return selected ? selected : &own_process;
}

int iommufd_process_enter(const struct iommufd_process *process)
{
	return iommufd_model_remote_select ?
		       iommufd_model_remote_select(process ? process->pid : 0) :
		       0;
}

void iommufd_process_leave(int before)
{
	if (iommufd_model_remote_select)
		iommufd_model_remote_select(before);
}

bool iommufd_has_capability(int capability)
{
	return iommufd_capable && (!iommufd_model_user_capable ||
				   iommufd_model_user_capable(capability));
}

void *iommufd_model_process_new(int pid)
{
	struct iommufd_process *process = calloc(1, sizeof(*process));

	if (!process)
		return NULL;
	process->pid = pid;
	pthread_mutex_lock(&processes_mutex);
	process->next = processes;
	processes = process;
	pthread_mutex_unlock(&processes_mutex);
	return process;
}

void iommufd_model_process_end(void *process)
{
	struct iommufd_process *ended = process;

	__atomic_store_n(&ended->ended, true, __ATOMIC_RELEASE);
}

void iommufd_model_process_select(void *process)
{
	selected = process;
}

bool iommufd_model_process_memory(int pid, unsigned long *pinned,
				  unsigned long *locked)
{
	struct iommufd_process *process = &own_process;

	pthread_mutex_lock(&processes_mutex);
	if (pid)
		for (process = processes; process && process->pid != pid;)
			process = process->next;
	pthread_mutex_unlock(&processes_mutex);
	if (!process)
		return false;
	*pinned = __atomic_load_n(&process->pinned, __ATOMIC_RELAXED);
	*locked = __atomic_load_n(&process->locked, __ATOMIC_RELAXED);
	return true;
}
