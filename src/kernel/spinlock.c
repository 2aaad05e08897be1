// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The slow path of spinlock_t, and its trylocks.  The state of a lock is one
 * word, which names the thread that holds it.
 *
 * A waiter spins for a while and then yields the CPU: unlike in a kernel, the
 * holder can be preempted while it holds the lock.
 */
#include "ground.h"
#include <sched.h>

#define SPINS 100

void iommufd_model_spin_lock_init(spinlock_t *lock, struct lock_class_key *key)
{
	lock->dep_map.key = key;
	lock->owner = 0;
}

void iommufd_model_spin_lock_init_at(spinlock_t *lock,
				     struct lock_class_key *key,
				     const struct iommufd_model_site *site)
{
	iommufd_model_lockdep_init(&lock->dep_map, site);
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED(IOMMUFD_MODEL_OP_LOCK_INIT, lock, sizeof(*lock), site,
		      (iommufd_model_spin_lock_init(lock, key), 0));
	else
		iommufd_model_spin_lock_init(lock, key);
}

static inline bool spin_try(spinlock_t *lock, struct iommufd_model_task *task)
{
	uintptr_t free = 0;

	return IOMMUFD_MODEL_REPLACE(&lock->owner, &free, (uintptr_t)task,
				     __ATOMIC_ACQUIRE);
}

IOMMUFD_MODEL_COLD static void spin_wait(spinlock_t *lock,
					 struct iommufd_model_task *task)
{
	int i;

	do {
		for (i = 0; i < SPINS; i++)
			if (!__atomic_load_n(&lock->owner, __ATOMIC_RELAXED))
				break;
		if (i == SPINS)
			sched_yield();
	} while (!spin_try(lock, task));
}

static inline void spin_get(spinlock_t *lock, struct iommufd_model_task *task)
{
	if (!spin_try(lock, task))
		spin_wait(lock, task);
}

static inline void spin_put(spinlock_t *lock)
{
	__atomic_store_n(&lock->owner, 0, __ATOMIC_RELEASE);
}

void iommufd_model_spin_lock_nested(spinlock_t *lock, unsigned int subclass,
				    const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = current_task();

	if (lockdep_before(task, &lock->dep_map, HELD_SPIN, subclass, site)) {
		if (IOMMUFD_MODEL_GATE_OPEN()) {
			iommufd_model_lockdep_spins(task, &lock->dep_map,
						    HELD_SPIN, subclass, false,
						    site);
			GATED(IOMMUFD_MODEL_OP_SPIN_LOCK, lock, 0, site,
			      (spin_get(lock, task), 1));
		} else {
			spin_get(lock, task);
		}
	}
	lockdep_acquired(task, &lock->dep_map, HELD_SPIN, subclass, site);
}

void iommufd_model_spin_lock_slow(spinlock_t *lock,
				  const struct iommufd_model_site *site)
{
	iommufd_model_spin_lock_nested(lock, 0, site);
}

int iommufd_model_spin_trylock(spinlock_t *lock,
			       const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = current_task();
	bool got;

	lockdep_check_init(&lock->dep_map, site);
	if (IOMMUFD_MODEL_GATE_OPEN())
		got = GATED(IOMMUFD_MODEL_OP_SPIN_TRYLOCK, lock, 0, site,
			    spin_try(lock, task));
	else
		got = spin_try(lock, task);
	if (got && IOMMUFD_MODEL_GATE_OPEN())
		iommufd_model_lockdep_spins(task, &lock->dep_map, HELD_SPIN, 0,
					    true, site);
	if (got)
		lockdep_acquired(task, &lock->dep_map, HELD_SPIN, 0, site);
	return got;
}

unsigned long
iommufd_model_spin_trylock_irqsave(spinlock_t *lock, int *got,
				   const struct iommufd_model_site *site)
{
	unsigned long flags = iommufd_model_irq_save(site);

	*got = iommufd_model_spin_trylock(lock, site);
	if (!*got)
		iommufd_model_irq_restore(flags, site);
	return flags;
}

int iommufd_model_spin_trylock_bh(spinlock_t *lock,
				  const struct iommufd_model_site *site)
{
	iommufd_model_context_enter(IOMMUFD_MODEL_CONTEXT_BH, site);
	if (iommufd_model_spin_trylock(lock, site))
		return 1;
	iommufd_model_context_leave(IOMMUFD_MODEL_CONTEXT_BH, site);
	return 0;
}

void iommufd_model_spin_unlock_slow(spinlock_t *lock,
				    const struct iommufd_model_site *site)
{
	if (!lockdep_release(current_task(), &lock->dep_map, HELD_SPIN, site))
		return;
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED(IOMMUFD_MODEL_OP_SPIN_UNLOCK, lock, 0, site,
		      (spin_put(lock), 0));
	else
		spin_put(lock);
}
