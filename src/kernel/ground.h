/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Inside of the ground, for src/kernel/ only.
 */
#ifndef GROUND_H
#define GROUND_H

#include <iommufd_model/kernel.h>
#include "tsan.h"

struct iommufd_model_task *iommufd_model_task_init(void);

static inline struct iommufd_model_task *current_task(void)
{
	struct iommufd_model_task *task = iommufd_model_task;

	return __builtin_expect(!!task, 1) ? task : iommufd_model_task_init();
}

/* lockdep.c */

bool iommufd_model_lockdep_before_nested(struct iommufd_model_task *task,
					 const struct lockdep_map *map,
					 const struct iommufd_model_site *site);
void iommufd_model_lockdep_overflow(struct iommufd_model_task *task,
				    const struct iommufd_model_site *site);
/* @map is not the last taken: find it.  False (after a WARN) if not held. */
bool iommufd_model_lockdep_release_slow(struct iommufd_model_task *task,
					const struct lockdep_map *map,
					const struct iommufd_model_site *site);
bool iommufd_model_lockdep_held(const struct iommufd_model_task *task,
				const struct lockdep_map *map);
/* 1: this thread has @map for writing, 0: for reading, -1: not at all. */
int iommufd_model_lockdep_side(const struct iommufd_model_task *task,
			       const struct lockdep_map *map);
void iommufd_model_lockdep_destroy(const struct lockdep_map *map, bool locked,
				   const struct iommufd_model_site *site);
/* Memory is freed: WARN for each lock inside that this thread holds. */
void iommufd_model_lockdep_freed(const void *start, size_t size,
				 const struct iommufd_model_site *site);

static inline void lockdep_check_init(const struct lockdep_map *map,
				      const struct iommufd_model_site *site)
{
	if (__builtin_expect(!map->key, 0))
		iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_LOCK, site, map,
				     "lock %s used before it was initialised, or "
				     "after it was destroyed",
				     site->what);
}

/* About to wait for @map; false if this thread has it: do not wait. */
static inline bool lockdep_before(struct iommufd_model_task *task,
				  const struct lockdep_map *map,
				  const struct iommufd_model_site *site)
{
	bool good;

	if (__builtin_expect(!task->nr_held && map->key, 1))
		return true;
	tsan_hide_explored();
	good = iommufd_model_lockdep_before_nested(task, map, site);
	tsan_show_explored();
	return good;
}

#define HELD_FOR_READ IOMMUFD_MODEL_HELD_FOR_READ
#define HELD_FOR_WRITE 0ul
#define HELD_SPIN IOMMUFD_MODEL_HELD_SPIN

static inline const struct lockdep_map *
held_map(const struct iommufd_model_held *held)
{
	return (const struct lockdep_map *)(held->map &
					    ~IOMMUFD_MODEL_HELD_BITS);
}

/* This thread has @map from now on; @how is one of the three above. */
static inline void lockdep_acquired(struct iommufd_model_task *task,
				    const struct lockdep_map *map,
				    unsigned long how,
				    const struct iommufd_model_site *site)
{
	struct iommufd_model_held *held;

	if (__builtin_expect(task->nr_held >= IOMMUFD_MODEL_MAX_HELD, 0)) {
		iommufd_model_lockdep_overflow(task, site);
		return;
	}
	held = &task->held[task->nr_held++];
	held->map = (uintptr_t)map | how;
	held->site = site;
}

/*
 * This thread gives @map back.  False: do not unlock it, it was not held or
 * was taken twice.
 */
static inline bool lockdep_release(struct iommufd_model_task *task,
				   const struct lockdep_map *map,
				   unsigned long how,
				   const struct iommufd_model_site *site)
{
	uintptr_t word = (uintptr_t)map | how;
	int n = task->nr_held;

	if (__builtin_expect(n > 0 && task->held[n - 1].map == word &&
			     !task->nr_twice, 1)) {
		task->nr_held = n - 1;
		return true;
	}
	return iommufd_model_lockdep_release_slow(task, map, site);
}

/*
 * park.c: sleeping, for every lock and wait queue.  A place to sleep is a
 * bucket chosen by address; sleepers re-test their own condition.
 */
struct park_bucket;
struct park_bucket *iommufd_model_park_lock(const void *addr);
void iommufd_model_park_unlock(struct park_bucket *bucket);
/* Sleep till the bucket is woken; false if @deadline has come. */
bool iommufd_model_park_wait(struct park_bucket *bucket, unsigned long deadline,
			     bool timed);
void iommufd_model_park_wake(const void *addr);

/* A stopped clock stands at @now; nobody is woken: for where none can sleep. */
void iommufd_model_clock_set(unsigned long now);

/* uaccess.c: can the byte at @addr be read, or with @write written? */
bool iommufd_model_touch_user(unsigned long addr, bool write);

/*
 * device.c: pages that a driver shows to user space.
 *
 * Show @size bytes from the kernel's @addr on at an address of their own, which
 * is returned; 0: they are not device pages; -ENOMEM.
 */
long iommufd_model_show_pages(unsigned long addr, unsigned long size,
			      unsigned long vm_flags);
/*
 * One mapping more of the same user address, one less: after the last nothing
 * is there.  No effect on addresses of other memory.
 */
void iommufd_model_share_pages(unsigned long start, unsigned long size);
void iommufd_model_hide_pages(unsigned long start, unsigned long size);
/*
 * Where at the gate a CPU's access to @addr is: at what stands in the slab for
 * it.  And a copy from or to user space: at the start of the page, since the
 * gate is told of a munmap page by page.  @addr: of other memory.
 */
const void *iommufd_model_device_location(const void *addr);
const void *iommufd_model_user_location(const void *addr);
/* Is @addr one of those at which such pages are seen, or were, or will be? */
bool iommufd_model_is_device_memory(unsigned long addr);
/* Is any of @size bytes at @addr where user space has nothing? */
bool iommufd_model_is_kernel_memory(unsigned long addr, unsigned long size);

/* mm.c: is @addr in a mapping that cannot be pinned? */
bool iommufd_model_is_special(unsigned long addr);

/* Faults are caught from now on, rather than from the first copy on. */
void iommufd_model_catch_faults(void);

/*
 * Called in the signal handler for a fault that is not a copy's own; it need
 * not return.  If it does the fault goes to the handler that was there before.
 */
extern void (*iommufd_model_crash_hook)(int sig, void *info, void *context);

/*
 * slab.c: another source of memory than malloc()
 * @get: @size bytes aligned to 16, zeroed if asked for; NULL: there is none
 * @put: the @size bytes at @p are free.  @p is what the caller of kzalloc() was
 *	given: the header in front of it, part of what @get gave, stays as it is
 *	for as long as a second free of @p is to be recognised
 * @owns: is @p, as in @put, from here?  If not it goes to free()
 */
struct iommufd_model_heap {
	void *(*get)(size_t size, bool zero);
	void (*put)(void *p, size_t size);
	bool (*owns)(const void *p);
};

/* NULL: malloc() again.  While no other thread is inside the ground. */
void iommufd_model_set_heap(const struct iommufd_model_heap *heap);

/*
 * Remember how many allocations there were, and return that; later forget
 * without a put all that the heap owns and that came after, and count on from
 * the mark.  The heap may take its memory back after, not before.
 */
unsigned int iommufd_model_slab_mark(void);
/* About what starts at @p, allocated or just being freed. */
void iommufd_model_slab_allocation(const void *p,
				   struct iommufd_model_allocation *out);
void iommufd_model_slab_rewind(void);

/*
 * The gate around an operation that is not a plain counter operation.  The site
 * is assigned: clang 14 leaves it empty in an initializer that is constant.
 */
#define GATED(kind_, addr_, arg_, site_, expr)   \
	__extension__({                          \
		struct iommufd_model_op __op = { \
			.kind = kind_,           \
			.addr = addr_,           \
			.arg = (long)(arg_),     \
		};                               \
		__op.site = site_;               \
		iommufd_model_gate_step(&__op);  \
		__op.after = (long)(expr);       \
		iommufd_model_gate_event(&__op); \
		__op.after;                      \
	})

/* The same around one that is made of others: those do not pass the gate. */
#define GATED_WHOLE(kind, addr, arg, site, expr)                             \
	GATED(kind, addr, arg, site, __extension__({                         \
		      struct iommufd_model_task *__task = current_task();    \
		      long __value;                                          \
		      __task->in_hook++;                                     \
		      __value = (long)(expr);                                \
		      __task->in_hook--;                                     \
		      __value;                                               \
	      }))

#endif
