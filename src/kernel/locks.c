// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * mutex and rw_semaphore on atomics and park.c.
 *
 * A sleeping lock has a word that names the thread which holds it, and a number
 * of sleepers.  A thread that cannot take the lock first increments the number,
 * then tries again, and then sleeps.  A thread that unlocks first stores the
 * word and then reads the number.  Both are sequentially consistent, so either
 * the unlocking thread sees the sleeper or the sleeper sees that the lock is
 * free.
 *
 * The read of the number is the tail of an unlock.  By then another thread may
 * hold the lock.
 */
#include "ground.h"

static void *self(void)
{
	return current_task();
}

/* Executes the tail of an unlock; @sleepers is a member of the lock. */
static void wake_sleepers(int *sleepers)
{
	if (__atomic_load_n(sleepers, __ATOMIC_SEQ_CST))
		iommufd_model_park_wake(sleepers);
}

/* The functions below are those of struct mutex. */

void iommufd_model_mutex_init(struct mutex *lock, struct lock_class_key *key)
{
	lock->dep_map.key = key;
	lock->owner = 0;
	lock->sleepers = 0;
}

void iommufd_model_mutex_init_at(struct mutex *lock, struct lock_class_key *key,
				 const struct iommufd_model_site *site)
{
	iommufd_model_lockdep_init(&lock->dep_map, site);
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED(IOMMUFD_MODEL_OP_LOCK_INIT, lock, sizeof(*lock), site,
		      (iommufd_model_mutex_init(lock, key), 0));
	else
		iommufd_model_mutex_init(lock, key);
}

static bool mutex_try(struct mutex *lock)
{
	uintptr_t free = 0;

	return IOMMUFD_MODEL_REPLACE(&lock->owner, &free, (uintptr_t)self(),
				     __ATOMIC_SEQ_CST);
}

static void mutex_get(struct mutex *lock)
{
	struct park_bucket *bucket;

	if (mutex_try(lock))
		return;
	bucket = iommufd_model_park_lock(&lock->sleepers);
	__atomic_fetch_add(&lock->sleepers, 1, __ATOMIC_SEQ_CST);
	while (!mutex_try(lock))
		iommufd_model_park_wait(bucket, 0, false);
	__atomic_fetch_sub(&lock->sleepers, 1, __ATOMIC_SEQ_CST);
	iommufd_model_park_unlock(bucket);
}

static void mutex_put(struct mutex *lock)
{
	IOMMUFD_MODEL_STORE(&lock->owner, 0);
}

void iommufd_model_mutex_lock_nested(struct mutex *lock, unsigned int subclass,
				     const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = current_task();

	iommufd_model_may_sleep("mutex_lock", site);
	if (lockdep_before(task, &lock->dep_map, HELD_FOR_WRITE, subclass,
			   site)) {
		if (IOMMUFD_MODEL_GATE_OPEN())
			GATED(IOMMUFD_MODEL_OP_MUTEX_LOCK, lock, 0, site,
			      (mutex_get(lock), 1));
		else
			mutex_get(lock);
	}
	lockdep_acquired(task, &lock->dep_map, HELD_FOR_WRITE, subclass, site);
}

void iommufd_model_mutex_lock(struct mutex *lock,
			      const struct iommufd_model_site *site)
{
	iommufd_model_mutex_lock_nested(lock, 0, site);
}

int iommufd_model_mutex_trylock(struct mutex *lock,
				const struct iommufd_model_site *site)
{
	bool got;

	lockdep_check_init(&lock->dep_map, site);
	if (IOMMUFD_MODEL_GATE_OPEN())
		got = GATED(IOMMUFD_MODEL_OP_MUTEX_TRYLOCK, lock, 0, site,
			    mutex_try(lock));
	else
		got = mutex_try(lock);
	if (got)
		lockdep_acquired(current_task(), &lock->dep_map, HELD_FOR_WRITE,
				 0, site);
	return got;
}

void iommufd_model_mutex_unlock(struct mutex *lock,
				const struct iommufd_model_site *site)
{
	if (!lockdep_release(current_task(), &lock->dep_map, HELD_FOR_WRITE,
			     site))
		return;
	if (IOMMUFD_MODEL_GATE_OPEN()) {
		GATED(IOMMUFD_MODEL_OP_MUTEX_UNLOCK, lock, 0, site,
		      (mutex_put(lock), 0));
		GATED(IOMMUFD_MODEL_OP_MUTEX_UNLOCK_TAIL, lock, 0, site,
		      (wake_sleepers(&lock->sleepers), 0));
		return;
	}
	mutex_put(lock);
	wake_sleepers(&lock->sleepers);
}

static void destroy(struct mutex *lock, const struct iommufd_model_site *site)
{
	iommufd_model_lockdep_destroy(
		&lock->dep_map, __atomic_load_n(&lock->owner, __ATOMIC_RELAXED),
		site);
	lock->dep_map.key = NULL;
}

void iommufd_model_mutex_destroy(struct mutex *lock,
				 const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED(IOMMUFD_MODEL_OP_LOCK_DESTROY, lock, sizeof(*lock), site,
		      (destroy(lock, site), 0));
	else
		destroy(lock, site);
}

/* The functions below are those of struct rw_semaphore. */

static unsigned long how(bool write)
{
	return write ? HELD_FOR_WRITE : HELD_FOR_READ;
}

void iommufd_model_init_rwsem(struct rw_semaphore *sem,
			      struct lock_class_key *key)
{
	sem->dep_map.key = key;
	sem->count = 0;
	sem->writers_waiting = 0;
	sem->sleepers = 0;
	sem->owner = 0;
}

void iommufd_model_init_rwsem_at(struct rw_semaphore *sem,
				 struct lock_class_key *key,
				 const struct iommufd_model_site *site)
{
	iommufd_model_lockdep_init(&sem->dep_map, site);
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED(IOMMUFD_MODEL_OP_LOCK_INIT, sem, sizeof(*sem), site,
		      (iommufd_model_init_rwsem(sem, key), 0));
	else
		iommufd_model_init_rwsem(sem, key);
}

/*
 * To ThreadSanitizer the atomic operations on @count would order one reader
 * after another, which the lock does not guarantee.  Therefore these operations
 * are hidden from it, and it is told the order explicitly: writers release
 * @owner and everyone acquires it; readers release @dep_map and writers acquire
 * it.
 */
static bool rwsem_count_reader(struct rw_semaphore *sem)
{
	int count;

	do {
		count = __atomic_load_n(&sem->count, __ATOMIC_SEQ_CST);
		if (count < 0 ||
		    __atomic_load_n(&sem->writers_waiting, __ATOMIC_SEQ_CST))
			return false;
	} while (!IOMMUFD_MODEL_REPLACE(&sem->count, &count, count + 1,
					__ATOMIC_SEQ_CST));
	return true;
}

static inline bool rwsem_try_read(struct rw_semaphore *sem)
{
	bool got;

	tsan_order_hidden();
	got = rwsem_count_reader(sem);
	tsan_order_seen();
	if (got)
		tsan_acquire(&sem->owner);
	return got;
}

static inline bool rwsem_try_write(struct rw_semaphore *sem)
{
	int count = 0;
	bool got;

	tsan_order_hidden();
	got = IOMMUFD_MODEL_REPLACE(&sem->count, &count, -1, __ATOMIC_SEQ_CST);
	tsan_order_seen();
	if (!got)
		return false;
	tsan_acquire(&sem->owner);
	tsan_acquire(&sem->dep_map);
	sem->owner = (uintptr_t)self();
	return true;
}

static inline bool rwsem_try(struct rw_semaphore *sem, bool write)
{
	return write ? rwsem_try_write(sem) : rwsem_try_read(sem);
}

static noinline void rwsem_wait(struct rw_semaphore *sem, bool write)
{
	struct park_bucket *bucket = iommufd_model_park_lock(&sem->sleepers);

	__atomic_fetch_add(&sem->sleepers, 1, __ATOMIC_SEQ_CST);
	if (write)
		__atomic_fetch_add(&sem->writers_waiting, 1, __ATOMIC_SEQ_CST);
	while (!rwsem_try(sem, write))
		iommufd_model_park_wait(bucket, 0, false);
	if (write)
		__atomic_fetch_sub(&sem->writers_waiting, 1, __ATOMIC_SEQ_CST);
	__atomic_fetch_sub(&sem->sleepers, 1, __ATOMIC_SEQ_CST);
	iommufd_model_park_unlock(bucket);
}

static inline void rwsem_get(struct rw_semaphore *sem, bool write)
{
	if (__builtin_expect(!rwsem_try(sem, write), 0))
		rwsem_wait(sem, write);
}

static inline void rwsem_put(struct rw_semaphore *sem, bool write)
{
	if (write)
		sem->owner = 0;
	tsan_release(write ? (const void *)&sem->owner : &sem->dep_map);
	tsan_order_hidden();
	if (write)
		IOMMUFD_MODEL_STORE(&sem->count, 0);
	else
		IOMMUFD_MODEL_FETCH_ADD(&sem->count, -1, __ATOMIC_SEQ_CST);
	tsan_order_seen();
}

IOMMUFD_MODEL_COLD static void
rwsem_get_gated(struct rw_semaphore *sem, bool write,
		const struct iommufd_model_site *site)
{
	GATED(write ? IOMMUFD_MODEL_OP_RWSEM_DOWN_WRITE :
		      IOMMUFD_MODEL_OP_RWSEM_DOWN_READ,
	      sem, 0, site, (rwsem_get(sem, write), 1));
}

static inline void rwsem_lock_untracked(struct rw_semaphore *sem, bool write,
					const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		rwsem_get_gated(sem, write, site);
	else
		rwsem_get(sem, write);
}

/* Inline, so that there is a copy for each side. */
static __always_inline void rwsem_lock(struct rw_semaphore *sem, bool write,
				       unsigned int subclass,
				       const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = current_task();

	iommufd_model_may_sleep(write ? "down_write" : "down_read", site);
	if (lockdep_before(task, &sem->dep_map, how(write), subclass, site))
		rwsem_lock_untracked(sem, write, site);
	lockdep_acquired(task, &sem->dep_map, how(write), subclass, site);
}

static int rwsem_trylock(struct rw_semaphore *sem, bool write,
			 const struct iommufd_model_site *site)
{
	bool got;

	lockdep_check_init(&sem->dep_map, site);
	if (IOMMUFD_MODEL_GATE_OPEN())
		got = GATED(write ? IOMMUFD_MODEL_OP_RWSEM_TRY_WRITE :
				    IOMMUFD_MODEL_OP_RWSEM_TRY_READ,
			    sem, 0, site, rwsem_try(sem, write));
	else
		got = rwsem_try(sem, write);
	if (got)
		lockdep_acquired(current_task(), &sem->dep_map, how(write), 0,
				 site);
	return got;
}

/*
 * Returns the side of @sem to unlock.  This is @write, or, after a WARN, the
 * other side if this thread holds that one.
 */
IOMMUFD_MODEL_COLD static bool
check_side(struct iommufd_model_task *task, const struct rw_semaphore *sem,
	   bool write, const struct iommufd_model_site *site)
{
	int side;

	side = iommufd_model_lockdep_side(task, &sem->dep_map);
	if (side < 0 || side == write)
		return write;
	iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_LOCK, site, sem,
			     "%s is held for %s", site->what,
			     side ? "writing" : "reading");
	return side;
}

IOMMUFD_MODEL_COLD static void
rwsem_put_gated(struct rw_semaphore *sem, bool write,
		const struct iommufd_model_site *site)
{
	GATED(write ? IOMMUFD_MODEL_OP_RWSEM_UP_WRITE :
		      IOMMUFD_MODEL_OP_RWSEM_UP_READ,
	      sem, 0, site, (rwsem_put(sem, write), 0));
	GATED(IOMMUFD_MODEL_OP_RWSEM_UP_TAIL, sem, 0, site,
	      (wake_sleepers(&sem->sleepers), 0));
}

static __always_inline void
rwsem_unlock_side(struct iommufd_model_task *task, struct rw_semaphore *sem,
		  bool write, const struct iommufd_model_site *site)
{
	if (!lockdep_release(task, &sem->dep_map, how(write), site))
		return;
	if (IOMMUFD_MODEL_GATE_OPEN()) {
		rwsem_put_gated(sem, write, site);
		return;
	}
	rwsem_put(sem, write);
	wake_sleepers(&sem->sleepers);
}

static __always_inline void
rwsem_unlock(struct rw_semaphore *sem, bool write,
	     const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = current_task();

	/* The semaphore itself knows only its writer. */
	if (__builtin_expect(write == (sem->owner == (uintptr_t)task), 1))
		rwsem_unlock_side(task, sem, write, site);
	else if (check_side(task, sem, write, site))
		rwsem_unlock_side(task, sem, true, site);
	else
		rwsem_unlock_side(task, sem, false, site);
}

void iommufd_model_down_read(struct rw_semaphore *sem,
			     const struct iommufd_model_site *site)
{
	rwsem_lock(sem, false, 0, site);
}

void iommufd_model_down_write(struct rw_semaphore *sem,
			      const struct iommufd_model_site *site)
{
	rwsem_lock(sem, true, 0, site);
}

void iommufd_model_down_read_nested(struct rw_semaphore *sem,
				    unsigned int subclass,
				    const struct iommufd_model_site *site)
{
	rwsem_lock(sem, false, subclass, site);
}

void iommufd_model_down_write_nested(struct rw_semaphore *sem,
				     unsigned int subclass,
				     const struct iommufd_model_site *site)
{
	rwsem_lock(sem, true, subclass, site);
}

/*
 * The first few locks are tracked as all other locks are.  Further locks are
 * only counted, so that there is room for locks of other kinds that the thread
 * takes while it holds them.
 */
void iommufd_model_down_write_nest_lock(struct rw_semaphore *sem,
					const void *nest_lock,
					const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = current_task();

	(void)nest_lock;
	if (task->nr_held < IOMMUFD_MODEL_MAX_HELD / 2) {
		rwsem_lock(sem, true, 0, site);
		return;
	}
	iommufd_model_may_sleep("down_write", site);
	rwsem_lock_untracked(sem, true, site);
	task->nr_untracked++;
}

/*
 * Turns a writer into a reader in one operation, without unlocking in between.
 */
static void rwsem_downgrade(struct rw_semaphore *sem)
{
	sem->owner = 0;
	tsan_release(&sem->owner);
	tsan_order_hidden();
	__atomic_store_n(&sem->count, 1, __ATOMIC_SEQ_CST);
	tsan_order_seen();
	wake_sleepers(&sem->sleepers);
}

void iommufd_model_downgrade_write(struct rw_semaphore *sem,
				   const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = current_task();

	if (iommufd_model_lockdep_side(task, &sem->dep_map) != 1) {
		iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_LOCK, site, sem,
				     "%s is not held for writing", site->what);
		return;
	}
	if (!lockdep_release(task, &sem->dep_map, HELD_FOR_WRITE, site))
		return;
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED(IOMMUFD_MODEL_OP_RWSEM_DOWNGRADE, sem, 0, site,
		      (rwsem_downgrade(sem), 1));
	else
		rwsem_downgrade(sem);
	lockdep_acquired(task, &sem->dep_map, HELD_FOR_READ, 0, site);
}

int iommufd_model_down_read_trylock(struct rw_semaphore *sem,
				    const struct iommufd_model_site *site)
{
	return rwsem_trylock(sem, false, site);
}

int iommufd_model_down_write_trylock(struct rw_semaphore *sem,
				     const struct iommufd_model_site *site)
{
	return rwsem_trylock(sem, true, site);
}

void iommufd_model_up_read(struct rw_semaphore *sem,
			   const struct iommufd_model_site *site)
{
	rwsem_unlock(sem, false, site);
}

void iommufd_model_up_write(struct rw_semaphore *sem,
			    const struct iommufd_model_site *site)
{
	rwsem_unlock(sem, true, site);
}
