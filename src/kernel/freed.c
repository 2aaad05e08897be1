// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Memory that is kept after kfree(), so that a later operation on it is noticed
 * outside an exploration too.
 *
 * While memory is to be kept, kfree() puts it into a ring of the allocations
 * that were freed last.  An operation at the gate whose location lies in one of
 * them is reported as misuse, with the call site of the kfree().  The contents
 * of the memory are not changed, so the test can continue after the report: for
 * example, it can still take a lock that is in the memory.  When the ring is
 * full, kfree() really frees the oldest allocation.  An exploration has a heap
 * of its own (arena.c), whose memory never comes into the ring.  With
 * AddressSanitizer or valgrind, plain accesses to kept memory are reported too.
 *
 * ring_mutex guards the ring.  It is the innermost lock: nothing else is locked
 * or called with it held but free().
 */
#include "ground.h"
#include "poison.h"
#include <pthread.h>
#include <stdlib.h>

#define MAX_KEPT 512

/*
 * struct kept - freed memory that is kept
 * @memory: the address for free()
 * @p: the address that kfree() was called with
 */
struct kept {
	void *memory;
	const void *p;
	size_t size;
	const struct iommufd_model_site *site;
};

static struct kept ring[MAX_KEPT];
NO_CHECKPOINT(ring);
static unsigned int next, nr_kept;
static bool keeping;
static pthread_mutex_t ring_mutex = PTHREAD_MUTEX_INITIALIZER;

/*
 * Returns true for an operation whose location may already be freed: a timer or
 * a work item can be freed before its thread runs it.
 */
static bool may_be_gone(enum iommufd_model_op_kind kind)
{
	return kind == IOMMUFD_MODEL_OP_FREE ||
	       kind == IOMMUFD_MODEL_OP_TIMER_FIRE ||
	       kind == IOMMUFD_MODEL_OP_WORK_RUN;
}

static bool find_kept(const void *addr, struct kept *found)
{
	bool is = false;
	unsigned int i;

	pthread_mutex_lock(&ring_mutex);
	for (i = 0; i < MAX_KEPT && !is; i++) {
		is = (uintptr_t)addr - (uintptr_t)ring[i].p < ring[i].size;
		if (is)
			*found = ring[i];
	}
	pthread_mutex_unlock(&ring_mutex);
	return is;
}

static void check_step(struct iommufd_model_hook *hook,
		       const struct iommufd_model_op *op)
{
	struct kept kept;

	(void)hook;
	if (!__atomic_load_n(&nr_kept, __ATOMIC_RELAXED) || !op->addr ||
	    may_be_gone(op->kind) ||
	    !find_kept(op->addr, &kept))
		return;
	iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_USE_AFTER_FREE, op->site,
			     NULL, "use after free: %s of %s, %zu bytes into "
			     "memory that was freed as %s by %s, %s:%d",
			     iommufd_model_op_name(op->kind), op->site->what,
			     (size_t)((uintptr_t)op->addr - (uintptr_t)kept.p),
			     kept.site->what, kept.site->func, kept.site->file,
			     kept.site->line);
}

static struct iommufd_model_hook hook = { .step = check_step };

/*
 * Really frees the allocation of a ring entry, if it has one; the ring is
 * locked.
 */
static void drop(struct kept *kept)
{
	if (!kept->memory)
		return;
	nr_kept--;
	OPEN((void *)(uintptr_t)kept->p, kept->size);
	free(kept->memory);
	*kept = (struct kept){ 0 };
}

bool iommufd_model_freed(void *memory, const void *p, size_t size,
			 const struct iommufd_model_site *site)
{
	struct kept *kept;

	if (!__atomic_load_n(&keeping, __ATOMIC_RELAXED))
		return false;
	SHUT((void *)(uintptr_t)p, size);
	pthread_mutex_lock(&ring_mutex);
	kept = &ring[next++ % MAX_KEPT];
	drop(kept);
	*kept = (struct kept){ memory, p, size, site };
	__atomic_store_n(&nr_kept, nr_kept + 1, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&ring_mutex);
	return true;
}

void iommufd_model_keep_freed(bool keep)
{
	unsigned int i;

	if (keep == keeping)
		return;
	__atomic_store_n(&keeping, keep, __ATOMIC_RELAXED);
	if (keep) {
		iommufd_model_hook_add(&hook);
		return;
	}
	iommufd_model_hook_remove(&hook);
	pthread_mutex_lock(&ring_mutex);
	for (i = 0; i < MAX_KEPT; i++)
		drop(&ring[i]);
	pthread_mutex_unlock(&ring_mutex);
}
