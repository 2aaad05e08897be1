// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * rwlock_t.  Its state is one word: the number of readers, or -1 for a writer.
 *
 * Waiters spin and yield, as those of a spinlock do.  As in a rw_semaphore,
 * ThreadSanitizer must not take one reader to be ordered after another: writers
 * release @count and everyone acquires it; readers release @dep_map and writers
 * acquire it.
 */
#include "ground.h"
#include <sched.h>

#define SPINS 100

static void init(rwlock_t *lock, struct lock_class_key *key)
{
	lock->dep_map.key = key;
	lock->count = 0;
}

void iommufd_model_rwlock_init_at(rwlock_t *lock, struct lock_class_key *key,
				  const struct iommufd_model_site *site)
{
	iommufd_model_lockdep_init(&lock->dep_map, site);
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED(IOMMUFD_MODEL_OP_LOCK_INIT, lock, sizeof(*lock), site,
		      (init(lock, key), 0));
	else
		init(lock, key);
}

static bool change(int *count, bool write)
{
	int old = __atomic_load_n(count, __ATOMIC_RELAXED);

	while (write ? !old : old >= 0)
		if (__atomic_compare_exchange_n(count, &old,
						write ? -1 : old + 1, true,
						__ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED))
			return true;
	return false;
}

static bool try(rwlock_t *lock, bool write)
{
	bool got;

	tsan_order_hidden();
	got = change(&lock->count, write);
	tsan_order_seen();
	if (got)
		tsan_acquire(&lock->count);
	if (got && write)
		tsan_acquire(&lock->dep_map);
	return got;
}

static void get(rwlock_t *lock, bool write)
{
	int i = 0;

	while (!try(lock, write))
		if (!(++i % SPINS))
			sched_yield();
}

static void put(rwlock_t *lock, bool write)
{
	tsan_release(write ? (const void *)&lock->count : &lock->dep_map);
	tsan_order_hidden();
	if (write)
		__atomic_store_n(&lock->count, 0, __ATOMIC_RELEASE);
	else
		__atomic_fetch_sub(&lock->count, 1, __ATOMIC_RELEASE);
	tsan_order_seen();
}

static unsigned long how(bool write)
{
	return write ? HELD_SPIN : HELD_RECURSIVE;
}

static void lock_side(rwlock_t *lock, bool write,
		      const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = current_task();

	if (lockdep_before(task, &lock->dep_map, how(write), 0, site)) {
		if (IOMMUFD_MODEL_GATE_OPEN()) {
			iommufd_model_lockdep_spins(task, &lock->dep_map,
						    how(write), 0, false, site);
			GATED(write ? IOMMUFD_MODEL_OP_WRITE_LOCK :
				      IOMMUFD_MODEL_OP_READ_LOCK,
			      lock, 0, site, (get(lock, write), 1));
		} else {
			get(lock, write);
		}
	}
	lockdep_acquired(task, &lock->dep_map, how(write), 0, site);
}

static int trylock_side(rwlock_t *lock, bool write,
			const struct iommufd_model_site *site)
{
	bool got;

	lockdep_check_init(&lock->dep_map, site);
	if (IOMMUFD_MODEL_GATE_OPEN())
		got = GATED(write ? IOMMUFD_MODEL_OP_WRITE_TRYLOCK :
				    IOMMUFD_MODEL_OP_READ_TRYLOCK,
			    lock, 0, site, try(lock, write));
	else
		got = try(lock, write);
	if (got && IOMMUFD_MODEL_GATE_OPEN())
		iommufd_model_lockdep_spins(current_task(), &lock->dep_map,
					    how(write), 0, true, site);
	if (got)
		lockdep_acquired(current_task(), &lock->dep_map, how(write), 0,
				 site);
	return got;
}

/* Returns false after a WARN if the thread holds the other side. */
static bool check_side(const rwlock_t *lock, bool write,
		       const struct iommufd_model_site *site)
{
	int side = iommufd_model_lockdep_side(current_task(), &lock->dep_map);

	if (side < 0 || side == write)
		return true;
	iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_LOCK, site, lock,
			     "%s is held for %s", site->what,
			     side ? "writing" : "reading");
	return false;
}

static void unlock_side(rwlock_t *lock, bool write,
			const struct iommufd_model_site *site)
{
	if (!check_side(lock, write, site) ||
	    !lockdep_release(current_task(), &lock->dep_map, how(write), site))
		return;
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED(write ? IOMMUFD_MODEL_OP_WRITE_UNLOCK :
			      IOMMUFD_MODEL_OP_READ_UNLOCK,
		      lock, 0, site, (put(lock, write), 0));
	else
		put(lock, write);
}

void iommufd_model_read_lock(rwlock_t *lock,
			     const struct iommufd_model_site *site)
{
	lock_side(lock, false, site);
}

void iommufd_model_write_lock(rwlock_t *lock,
			      const struct iommufd_model_site *site)
{
	lock_side(lock, true, site);
}

int iommufd_model_read_trylock(rwlock_t *lock,
			       const struct iommufd_model_site *site)
{
	return trylock_side(lock, false, site);
}

int iommufd_model_write_trylock(rwlock_t *lock,
				const struct iommufd_model_site *site)
{
	return trylock_side(lock, true, site);
}

void iommufd_model_read_unlock(rwlock_t *lock,
			       const struct iommufd_model_site *site)
{
	unlock_side(lock, false, site);
}

void iommufd_model_write_unlock(rwlock_t *lock,
				const struct iommufd_model_site *site)
{
	unlock_side(lock, true, site);
}
