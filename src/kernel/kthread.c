// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Kernel threads.
 *
 *	create --> asleep --> the function --> exit --> freed by itself
 *	                         |    |           \--> or with the last reference
 *	                         |    +--> parked, until unpark
 *	                         +--> sees that it is to stop, and returns
 *
 * A struct kthread is the part of a thread that is freed when the thread has
 * ended and nobody has a reference to it.  kthread_stop() has one until it
 * returns, and get_task_struct() takes one.  So a kthread_stop() of a thread that
 * has ended by itself uses freed memory, as in a kernel, unless its caller has a
 * reference.
 *
 * Other threads may have a pointer to the state of a thread.  Without a
 * scheduler such a thread never ends, because its state would then cease to
 * exist: it sleeps for ever.
 */
#include "ground.h"
#include <iommufd_model/kernel/kthread.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#define NAME_SIZE 24
#define MAX_NAMES 16

#define STOP (1ul << IOMMUFD_MODEL_KTHREAD_STOP)
#define PARK (1ul << IOMMUFD_MODEL_KTHREAD_PARK)
#define EXITING 4ul
#define REFERENCE 8ul /* the other bits are the number of references */

/*
 * struct kthread - a kernel thread
 * @started, @parked, @exited: counters for which other threads wait
 * @run: the thread does not sleep before it calls its function
 * @thread: number of the thread in the scheduler
 */
struct kthread {
	int started, parked, exited;
	unsigned long flags;
	int (*fn)(void *data);
	void *data;
	bool run;
	int thread, code;
	const struct iommufd_model_site *site;
	struct iommufd_model_task *task;
	char name[NAME_SIZE];
};

/*
 * Names for reports, which outlive the threads.  An explored execution has at
 * most MAX_NAMES threads.
 */
static char names[MAX_NAMES][NAME_SIZE];
static unsigned int names_generation, nr_names;

static const char *keep_name(const char *name)
{
	char *kept;

	if (!iommufd_model_scheduler)
		return NULL;
	tsan_hide_explored();
	if (names_generation != iommufd_model_generation)
		nr_names = 0;
	names_generation = iommufd_model_generation;
	kept = names[nr_names++ % MAX_NAMES];
	snprintf(kept, NAME_SIZE, "%s", name);
	tsan_show_explored();
	return kept;
}

/* The functions below read and change the flags of a thread. */

static unsigned long read_flags(struct kthread *k,
				const struct iommufd_model_site *site)
{
	unsigned long flags;

	if (IOMMUFD_MODEL_GATE_OPEN())
		iommufd_model_access_begin(IOMMUFD_MODEL_OP_READ_ONCE,
					   &k->flags, sizeof(flags), site);
	flags = __atomic_load_n(&k->flags, __ATOMIC_SEQ_CST);
	if (IOMMUFD_MODEL_GATE_OPEN())
		iommufd_model_access_done(IOMMUFD_MODEL_OP_READ_ONCE, &k->flags,
					  sizeof(flags), (long)flags, site);
	return flags;
}

/* Adds @add after the other changes.  Returns the old flags. */
static unsigned long change_flags(struct kthread *k, unsigned long set,
				  unsigned long clear, unsigned long add,
				  const struct iommufd_model_site *site)
{
	unsigned long old, new;

	if (IOMMUFD_MODEL_GATE_OPEN())
		iommufd_model_access_begin(IOMMUFD_MODEL_OP_WRITE_ONCE,
					   &k->flags, sizeof(old), site);
	old = __atomic_load_n(&k->flags, __ATOMIC_SEQ_CST);
	do
		new = ((old | set) & ~clear) + add;
	while (!__atomic_compare_exchange_n(&k->flags, &old, new, false,
					    __ATOMIC_SEQ_CST,
					    __ATOMIC_SEQ_CST));
	if (IOMMUFD_MODEL_GATE_OPEN())
		iommufd_model_access_done(IOMMUFD_MODEL_OP_WRITE_ONCE,
					  &k->flags, sizeof(new), (long)new,
					  site);
	return old;
}

bool iommufd_model_kthread_test(enum iommufd_model_kthread_flag flag,
				const struct iommufd_model_site *site)
{
	struct kthread *k = current_task()->kthread;

	return k && read_flags(k, site) & (1ul << flag);
}

/* The functions below are executed by the thread itself. */

static void end(struct kthread *k)
{
	static const int never;

	if (change_flags(k, EXITING, 0, 0, k->site) >= REFERENCE)
		iommufd_model_done(&k->exited, k->site);
	else
		iommufd_model_free(k, false, k->site);
	if (!iommufd_model_scheduler)
		iommufd_model_until(&never, 1);
}

static void run_thread(void *data)
{
	struct iommufd_model_task *task = current_task();
	struct kthread *k = data;

	task->kthread = k;
	task->known = true;
	task->state = k->run ? TASK_RUNNING : TASK_UNINTERRUPTIBLE;
	k->task = task;
	iommufd_model_advance(&k->started);
	if (!k->run)
		iommufd_model_schedule(MAX_SCHEDULE_TIMEOUT, k->site);
	k->code = -EINTR;
	if (!(read_flags(k, k->site) & STOP))
		k->code = k->fn(k->data);
	end(k);
}

static int start(struct kthread *k)
{
	k->thread = iommufd_model_background(keep_name(k->name), run_thread, k,
					     true);
	if (k->thread < 0)
		return k->thread;
	if (!iommufd_model_scheduler)
		iommufd_model_until(&k->started, 1);
	return 0;
}

struct iommufd_model_task *
iommufd_model_kthread_create(int (*threadfn)(void *data), void *data, bool run,
			     const struct iommufd_model_site *site,
			     const char *fmt, ...)
{
	struct iommufd_model_task *task;
	struct kthread *k;
	va_list args;
	int rc;

	k = iommufd_model_alloc(1, sizeof(*k), GFP_KERNEL | __GFP_ZERO, false,
				site);
	if (!k)
		return ERR_PTR(-ENOMEM);
	va_start(args, fmt);
	iommufd_model_format_reads(site, fmt, args);
	vsnprintf(k->name, sizeof(k->name), fmt, args);
	va_end(args);
	k->fn = threadfn;
	k->data = data;
	k->run = run;
	k->site = site;
	if (IOMMUFD_MODEL_GATE_OPEN())
		rc = (int)GATED(IOMMUFD_MODEL_OP_SPAWN, NULL, 0, site,
				(rc = start(k), task = k->task, rc));
	else
		rc = start(k), task = k->task;
	if (!rc)
		return task;
	iommufd_model_free(k, false, site);
	return ERR_PTR(-ENOMEM);
}

/* The functions below are called by other threads. */

/*
 * Drops a reference.  The last one frees the thread, if it has ended.  A thread
 * that has seen a reference at its end still counts @exited.
 */
static void put(struct kthread *k, const struct iommufd_model_site *site)
{
	unsigned long old = change_flags(k, 0, 0, -REFERENCE, site);

	if (old >= 2 * REFERENCE || !(old & EXITING))
		return;
	iommufd_model_wait_until(&k->exited, 1, k->thread, site);
	iommufd_model_free(k, false, site);
}

/* The state of a thread outlives it, so look at what is freed with the thread. */
int iommufd_model_wake_task(struct iommufd_model_task *task, unsigned int mode,
			    const struct iommufd_model_site *site)
{
	if (task->kthread)
		read_flags(task->kthread, site);
	return iommufd_model_wake_thread(task, mode, site);
}

struct iommufd_model_task *
iommufd_model_get_task(struct iommufd_model_task *task,
		       const struct iommufd_model_site *site)
{
	if (task->kthread)
		change_flags(task->kthread, 0, 0, REFERENCE, site);
	return task;
}

void iommufd_model_put_task(struct iommufd_model_task *task,
			    const struct iommufd_model_site *site)
{
	if (task->kthread)
		put(task->kthread, site);
}

static void unpark(struct kthread *k, const struct iommufd_model_site *site)
{
	if (change_flags(k, 0, PARK, 0, site) & PARK)
		iommufd_model_wake_thread(k->task, TASK_PARKED, site);
}

void iommufd_model_kthread_unpark(struct iommufd_model_task *task,
				  const struct iommufd_model_site *site)
{
	unpark(task->kthread, site);
}

int iommufd_model_kthread_stop(struct iommufd_model_task *task,
			       const struct iommufd_model_site *site)
{
	struct kthread *k = task->kthread;
	int code;

	iommufd_model_may_sleep("kthread_stop", site);
	if (change_flags(k, STOP, PARK, REFERENCE, site) & PARK)
		iommufd_model_wake_thread(task, TASK_PARKED, site);
	iommufd_model_wake_thread(task, TASK_NORMAL, site);
	iommufd_model_wait_until(&k->exited, 1, k->thread, site);
	code = k->code;
	/* If there is no other reference, nobody can take one. */
	if (__atomic_load_n(&k->flags, __ATOMIC_SEQ_CST) < 2 * REFERENCE)
		iommufd_model_free(k, false, site);
	else
		put(k, site);
	return code;
}

int iommufd_model_kthread_park(struct iommufd_model_task *task,
			       const struct iommufd_model_site *site)
{
	struct kthread *k = task->kthread;
	int target = __atomic_load_n(&k->parked, __ATOMIC_SEQ_CST) + 1;

	iommufd_model_may_sleep("kthread_park", site);
	if (change_flags(k, PARK, 0, 0, site) & PARK)
		return -EBUSY;
	iommufd_model_wake_thread(task, TASK_NORMAL, site);
	iommufd_model_wait_until(&k->parked, target, k->thread, site);
	return 0;
}

void iommufd_model_kthread_parkme(const struct iommufd_model_site *site)
{
	struct kthread *k = current_task()->kthread;
	bool parked = false;

	iommufd_model_may_sleep("kthread_parkme", site);
	for (;;) {
		iommufd_model_set_state(TASK_PARKED, site);
		if (!(read_flags(k, site) & PARK))
			break;
		if (!parked)
			iommufd_model_done(&k->parked, site);
		parked = true;
		iommufd_model_schedule(MAX_SCHEDULE_TIMEOUT, site);
	}
	iommufd_model_set_state(TASK_RUNNING, site);
}
