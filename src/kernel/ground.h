/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Internal declarations of the ground, with one section per source file.  The
 * explorer uses some of them.
 */
#ifndef GROUND_H
#define GROUND_H

#include <iommufd_model/kernel.h>
#include <stdarg.h>
#include "no_state.h"
#include "tsan.h"

struct file;
struct page;

struct iommufd_model_task *iommufd_model_task_init(void);

static inline struct iommufd_model_task *current_task(void)
{
	struct iommufd_model_task *task = iommufd_model_task;

	return __builtin_expect(!!task, 1) ? task : iommufd_model_task_init();
}

/*
 * Has device memory been used, or a memfd?  These are neither on the heap nor
 * in static variables.
 */
bool iommufd_model_device_in_use(void);
bool iommufd_model_memfd_in_use(void);

/* The functions of context.c. */

/*
 * Returns the call site at which the thread entered the innermost kind of
 * context that it is in, or NULL.  *@where is set to a text such as "with
 * interrupts off, turned off by".
 */
const struct iommufd_model_site *
iommufd_model_context_find(const struct iommufd_model_task *task,
			   const char **where);

/* The functions of string.c. */

/*
 * Tells the watch which strings a call with this format reads, at @site.  The
 * arguments can be used afterwards.
 */
void iommufd_model_format_reads(const struct iommufd_model_site *site,
				const char *fmt, va_list args);

/* The functions of lockdep.c. */

/* A hash of the orders in which locks have been taken. */
u64 iommufd_model_lock_orders(void);

bool iommufd_model_lockdep_before_nested(struct iommufd_model_task *task,
					 const struct lockdep_map *map,
					 unsigned long how,
					 unsigned int subclass,
					 const struct iommufd_model_site *site);
void iommufd_model_lockdep_overflow(struct iommufd_model_task *task,
				    const struct iommufd_model_site *site);
/*
 * The slow path of lockdep_release(), for a lock that is not the one taken
 * last.  Returns false after a WARN if the thread does not hold it.
 */
bool iommufd_model_lockdep_release_slow(struct iommufd_model_task *task,
					const struct lockdep_map *map,
					const struct iommufd_model_site *site);
bool iommufd_model_lockdep_held(const struct iommufd_model_task *task,
				const struct lockdep_map *map);
/*
 * Returns 1 if the thread holds @map for writing, 0 if for reading, and -1 if
 * it does not hold it.
 */
int iommufd_model_lockdep_side(const struct iommufd_model_task *task,
			       const struct lockdep_map *map);
/*
 * Announces that a spinning lock is about to be taken; @how is as for
 * lockdep_acquired().  @try is true for a trylock.  Called only while a hook is
 * installed, and after iommufd_model_lockdep_use_rule().
 */
void iommufd_model_lockdep_spins(const struct iommufd_model_task *task,
				 const struct lockdep_map *map,
				 unsigned long how, unsigned int subclass,
				 bool try, const struct iommufd_model_site *site);
/* Checks the rule on spinlocks against interrupts and softirqs from now on. */
void iommufd_model_lockdep_use_rule(void);
/*
 * Checks that this thread does not hold a lock that is about to be initialised.
 */
void iommufd_model_lockdep_init(const struct lockdep_map *map,
				const struct iommufd_model_site *site);
void iommufd_model_lockdep_destroy(const struct lockdep_map *map, bool locked,
				   const struct iommufd_model_site *site);
/* Makes a WARN for each lock in freed memory that this thread holds. */
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

/*
 * Must be called before a wait for the lock @map.  Returns false if the thread
 * holds the lock already and so must not wait.
 */
static inline bool lockdep_before(struct iommufd_model_task *task,
				  const struct lockdep_map *map,
				  unsigned long how, unsigned int subclass,
				  const struct iommufd_model_site *site)
{
	bool good;

	if (__builtin_expect(!task->nr_held && map->key, 1))
		return true;
	tsan_hide_explored();
	good = iommufd_model_lockdep_before_nested(task, map, how, subclass,
						   site);
	tsan_show_explored();
	return good;
}

#define HELD_FOR_READ IOMMUFD_MODEL_HELD_FOR_READ
#define HELD_FOR_WRITE 0ul
#define HELD_SPIN IOMMUFD_MODEL_HELD_SPIN
/* An rwlock that is held for reading; a thread may hold it more than once. */
#define HELD_RECURSIVE (HELD_SPIN | HELD_FOR_READ)
#define HELD_NESTED IOMMUFD_MODEL_HELD_NESTED

static inline const struct lockdep_map *
held_map(const struct iommufd_model_held *held)
{
	return (const struct lockdep_map *)(held->map &
					    ~IOMMUFD_MODEL_HELD_BITS);
}

/*
 * Records that the thread holds @map, taken as one of @subclass; @how is one of
 * the first four HELD_ values.
 */
static inline void lockdep_acquired(struct iommufd_model_task *task,
				    const struct lockdep_map *map,
				    unsigned long how, unsigned int subclass,
				    const struct iommufd_model_site *site)
{
	struct iommufd_model_held *held;

	if (__builtin_expect(task->nr_held >= IOMMUFD_MODEL_MAX_HELD, 0)) {
		iommufd_model_lockdep_overflow(task, site);
		return;
	}
	if (subclass) {
		how |= HELD_NESTED;
		task->held_subclass[task->nr_held] = (unsigned char)subclass;
	}
	held = &task->held[task->nr_held++];
	held->map = (uintptr_t)map | how;
	held->site = site;
}

/*
 * Records that the thread no longer holds @map.  Returns false if the lock must
 * not be unlocked, because the thread does not hold it or had taken it twice.
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

/* The functions of wait.c. */

/*
 * A number that a scheduler sets before each wake-up; see the member woken_by.
 */
extern int iommufd_model_waker;
/*
 * Forgets all waiters for variables.  A scheduler that drops threads calls it.
 */
void iommufd_model_wait_reset(void);
/*
 * Adds an entry to a queue and removes it.  The functions do not pass the gate.
 * The caller holds the lock of the queue.
 */
void iommufd_model_wait_enqueue(wait_queue_head_t *wq,
				struct wait_queue_entry *wait,
				const void *location, unsigned int state);
void iommufd_model_wait_dequeue(struct wait_queue_entry *wait);
void iommufd_model_wake_queue(wait_queue_head_t *wq, int nr);
long iommufd_model_sleep_on(const void *location, struct wait_queue_entry *wait,
			    long timeout,
			    const struct iommufd_model_site *site);

/*
 * park.c: sleeping, for all locks and wait queues.  A thread sleeps on a
 * bucket, which its address selects.  A sleeper that wakes up must test its
 * condition again.
 */
struct park_bucket;
struct park_bucket *iommufd_model_park_lock(const void *addr);
void iommufd_model_park_unlock(struct park_bucket *bucket);
/* Sleeps until the bucket is woken.  Returns false if @deadline has passed. */
bool iommufd_model_park_wait(struct park_bucket *bucket, unsigned long deadline,
			     bool timed);
void iommufd_model_park_wake(const void *addr);
/* Wakes a thread that has not been freed; see wake_up_process(). */
int iommufd_model_wake_thread(struct iommufd_model_task *task,
			      unsigned int mode,
			      const struct iommufd_model_site *site);

/*
 * background.c: threads that the ground starts itself
 *
 * Without a scheduler (@start is NULL) they are detached threads of the system.
 * @start: starts a thread called @name that executes @fn with the argument
 *	@data.
 *	If @stays, it may be asleep when all others have ended.  Returns the
 *	number of the thread, or a negative errno
 * @retire: tells that thread @number will never do its next operation, @never.
 *	From then on its operations return at once without any effect; it sees
 *	that it is retired, and has to end without doing anything
 * @spare: tells that thread @number, which goes on, will not do a later
 *	operation, @never, because of the operation that is being done
 */
struct iommufd_model_scheduler {
	int (*start)(const char *name, void (*fn)(void *data), void *data,
		     bool stays);
	void (*retire)(int number, const struct iommufd_model_op *never);
	void (*spare)(int number, const struct iommufd_model_op *never);
	int (*chosen)(void);
	void (*clock)(bool moves);
};
extern const struct iommufd_model_scheduler *iommufd_model_scheduler;

/*
 * What the scheduler chose for the operation that has just passed the gate, an
 * allocation or a user copy.  0: that it goes well, also without a scheduler.
 * The next call for the same operation gives 0.
 */
static inline int iommufd_model_chosen(void)
{
	return __builtin_expect(!!iommufd_model_scheduler, 0) ?
		       iommufd_model_scheduler->chosen() :
		       0;
}

/*
 * Starts a thread.  To be called inside of the operation that starts it.
 * Returns the number of the thread, or without a scheduler 0 or -EAGAIN.
 */
int iommufd_model_background(const char *name, void (*fn)(void *data),
			     void *data, bool stays);
/*
 * Retires a thread that will never do its next operation, @never.  Has no
 * effect without a scheduler.
 */
void iommufd_model_background_retire(int number,
				     const struct iommufd_model_op *never);
/*
 * Tells that a thread, which goes on, will not do a later operation, @never.  Has
 * no effect without a scheduler.
 */
void iommufd_model_background_spare(int number,
				    const struct iommufd_model_op *never);
/* Waits, without a scheduler, until all threads that do not stay have ended. */
void iommufd_model_background_flush(void);
/*
 * Waits until *@counter is @target or more.  Such a counter only grows, so the
 * condition stays true once it is true.  @thread: the background thread that
 * will advance the counter, or -1.
 */
void iommufd_model_wait_until(const int *counter, int target, int thread,
			      const struct iommufd_model_site *site);
/*
 * This thread was started by the ground, so a hook is removed only when the thread
 * is not inside of it (gate.c).
 */
void iommufd_model_gate_count_thread(void);
/* Increments *@counter. */
void iommufd_model_done(int *counter, const struct iommufd_model_site *site);

/* Tells whether a counter with the value @value has reached @target. */
static inline bool iommufd_model_reached(int value, int target)
{
	return (int)((unsigned int)value - (unsigned int)target) >= 0;
}

/* Do the same without the gate, for use inside of other operations. */
void iommufd_model_until(const int *counter, int target);
void iommufd_model_advance(int *counter);
/* Wakes the threads that wait for *@counter, which has grown. */
void iommufd_model_advanced(const int *counter);
/*
 * Changes when an explored execution begins.  Static data with another number
 * belong to an earlier execution and count as zero.
 */
extern unsigned int iommufd_model_generation;

/*
 * epoch.c: sections, and waits for the sections that began before the wait
 *
 * iommufd_model_epoch_enter() returns the number of a section.
 * iommufd_model_epoch_begin() begins a wait and returns a limit: the wait is
 * for all sections with a number below it.
 */
int iommufd_model_epoch_enter(struct iommufd_model_epoch *epoch);
void iommufd_model_epoch_leave(struct iommufd_model_epoch *epoch, int section);
int iommufd_model_epoch_begin(struct iommufd_model_epoch *epoch);
void iommufd_model_epoch_end(struct iommufd_model_epoch *epoch, int target);
/* Returns the number of sections that have begun and not ended. */
int iommufd_model_epoch_inside(const struct iommufd_model_epoch *epoch);

/*
 * deferred.c: items that are called later.  The explorer reads their first
 * members.
 */
#define ITEM_PENDING 1
#define ITEM_SHUT 2
#define ITEM_DISABLED 256		/* added once for each disable */

/*
 * The argument of an operation that arms an item: the queue is an ordered one;
 * the item may be pending, and is then armed anew.
 */
#define ARM_ORDERED 1
#define ARM_CHANGES 2

/* Tells whether an item has been queued and has not begun to run. */
static inline bool item_is_pending(const struct iommufd_model_item *item)
{
	return item->generation == iommufd_model_generation &&
	       item->state & ITEM_PENDING;
}

/*
 * A kind of item: the kinds of its operations, and the function that calls an
 * item.
 */
struct iommufd_model_item_kind {
	enum iommufd_model_op_kind arm, cancel, run;
	bool softirq;
	void (*call)(struct iommufd_model_item *item);
};

/*
 * struct iommufd_model_call - the parameters of a requested call of an item
 * @wq: the queue, or NULL
 * @delayed: the item is not queued before @due; a timer is always delayed
 * @expires: the member in which a timer stores its time, or NULL
 */
struct iommufd_model_call {
	const struct iommufd_model_item_kind *kind;
	/* of a work item; the queue may be gone when the item was cancelled */
	struct workqueue_struct *wq;
	bool ordered;	/* the queue calls one item at a time */
	bool delayed;
	unsigned long due;
	unsigned long *expires;
	const struct iommufd_model_site *site;
};

void iommufd_model_item_init(struct iommufd_model_item *item, const char *name,
			     const struct iommufd_model_site *site);
/*
 * Arms an item.  Returns false if it was pending already, or was disabled.
 */
bool iommufd_model_item_arm(struct iommufd_model_item *item,
			    const struct iommufd_model_call *call);
/*
 * Arms an item anew: if it was pending, with another time and in another queue.
 * Returns true if it was pending.
 */
bool iommufd_model_item_change(struct iommufd_model_item *item,
			       const struct iommufd_model_call *call);
/*
 * Cancels an item and adds @state to its state.  If @sync is true, waits until
 * the item does not run.  Returns true if the item was pending.
 */
bool iommufd_model_item_cancel(struct iommufd_model_item *item,
			       const struct iommufd_model_item_kind *kind,
			       bool sync, int state,
			       const struct iommufd_model_site *site);
/*
 * Waits until all calls for which an item was queued have ended.  If @hurry is
 * true, a delay that has not ended does so now; otherwise the item is not queued
 * yet.  Returns false if no call was left.
 */
bool iommufd_model_item_flush(struct iommufd_model_item *item, bool hurry,
			      const struct iommufd_model_site *site);
/*
 * Returns the counter that a flush of an item would look at now, or NULL.  A run
 * that ends changes it, so the result of the flush depends on it.
 */
const void *iommufd_model_item_looks_at(struct iommufd_model_item *item,
					bool hurry);
/* Undoes one disable of an item.  Returns true if the item is now enabled. */
bool iommufd_model_item_enable(struct iommufd_model_item *item,
			       const struct iommufd_model_site *site);
/* Tells whether an item has begun to run and has not ended. */
bool iommufd_model_item_runs(struct iommufd_model_item *item,
			     const struct iommufd_model_site *site);

/*
 * struct workqueue_struct - a queue
 * @items: an epoch; an item is a section of it from when it is queued until it
 *	has run or was cancelled
 * @tail: the last run in an ordered queue, or NULL
 * @tail_target: the value of the last run's @done when that run has ended
 */
struct workqueue_struct {
	struct iommufd_model_epoch items;
	bool ordered;
	struct iommufd_model_run *tail;
	int tail_target;
	char name[32];
};
/* Waits until no thread accesses a queue whose items have all run. */
void iommufd_model_items_settle(void);

/*
 * Sets a stopped clock to @now.  No sleeper is woken, so no thread may be
 * asleep with a timeout.
 */
void iommufd_model_clock_set(unsigned long now);
/*
 * The same for the operation of a thread, and only if @then is later than the
 * time of the clock.  The scheduler is told.
 */
void iommufd_model_clock_reach(unsigned long then);

/*
 * uaccess.c: returns true if the byte at @addr can be read, or with @write be
 * written.
 */
bool iommufd_model_touch_user(unsigned long addr, bool write);

/*
 * device.c: pages that a driver maps to user space.
 *
 * Maps the @size bytes at the kernel address @addr to a new user address.
 * Returns that address, or 0 if @addr is not in pages from alloc_pages_exact(),
 * or -ENOMEM.
 */
long iommufd_model_show_pages(unsigned long addr, unsigned long size,
			      unsigned long vm_flags);
/*
 * Count one more mapping, or one less, of the same user addresses.  When the
 * last mapping is removed, the addresses become inaccessible.  Addresses of
 * other memory are ignored.
 */
void iommufd_model_share_pages(unsigned long start, unsigned long size);
void iommufd_model_hide_pages(unsigned long start, unsigned long size);
/*
 * Return the location that the gate is given for an access to @addr.
 *
 * A direct access to a page from alloc_pages_exact() is given the corresponding
 * address in the allocation that represents the page.  A copy from or to user
 * space is given the first address of the user's page, because an munmap() is
 * announced for each page.  An address of other memory is returned unchanged.
 */
const void *iommufd_model_device_location(const void *addr);
const void *iommufd_model_user_location(const void *addr);
/* Returns true if @addr is in the range that is reserved for such pages. */
bool iommufd_model_is_device_memory(unsigned long addr);
/*
 * Returns true if any of the @size bytes at @addr is in the part of the range
 * that only the kernel may access.
 */
bool iommufd_model_is_kernel_memory(unsigned long addr, unsigned long size);

/*
 * xarray.c: sets *@index to the first index from *@index on whose slot is not
 * free.  The lock is held.  Returns false if there is none.
 */
bool iommufd_model_xa_next_used(struct xarray *xa, unsigned long *index);

/*
 * file.c: where the numbers of descriptors come from.  Without a source (the
 * pointer is NULL) a new descriptor gets the lowest free number of the table.
 * @reserve: returns a number that is not in use, or a negative errno; @flags
 *	are those of get_unused_fd_flags()
 * @unreserve: takes back a number that was reserved but has no file
 * @installed: called when the file is at this number
 * @foreign: returns a new file for a descriptor that is not in the table, or
 *	NULL; the last fput() releases the file
 * @base: returns where the table has the descriptors of the process that this
 *	thread works for: a multiple of 2^20, 0 for the process itself
 * @memory: returns the address at which the process has the @size bytes at
 *	offset @start of a file from @foreign, or a negative errno
 */
struct iommufd_model_fd_source {
	int (*reserve)(unsigned int flags);
	void (*unreserve)(int fd);
	void (*installed)(int fd, struct file *file);
	struct file *(*foreign)(int fd);
	long (*memory)(struct file *file, u64 start, u64 size);
	unsigned long (*base)(void);
};
extern const struct iommufd_model_fd_source *iommufd_model_fd_source;
/*
 * Makes the unused number @fd a second descriptor of the file.  Returns 0 and
 * takes over one reference to the file, or returns a negative errno.
 */
int iommufd_model_fd_share(int fd, struct file *file);
/* Does what fget() does, but never asks the source for a file. */
struct file *iommufd_model_fd_get(int fd);
/*
 * Removes the file at @fd from the table, and passes its reference to the
 * caller.  Returns NULL if there is no file.
 */
struct file *iommufd_model_fd_take(int fd);

/*
 * A thread may work for another process.  Addresses of user space are then
 * addresses in the memory of that process, and these functions handle them.
 * NULL: there are no other processes.
 * @copy: copies @n bytes to or from the user address @user, which is @to or
 *	@from, and sets *@left to the number of bytes that were not copied;
 *	returns false without copying if the thread works for this process
 * @page: returns the address in this process of the page that the other process
 *	has at @addr, or 0 if it has no usable page there; returns @addr if
 *	the thread works for this process
 */
struct iommufd_model_remote {
	bool (*copy)(void *to, const void *from, const void *user,
		     unsigned long n, unsigned long *left);
	unsigned long (*page)(unsigned long addr, bool write);
};
extern const struct iommufd_model_remote *iommufd_model_remote;

/*
 * page.c: unless it is NULL, returns the address that stands for the page at
 * @addr.  A process can have the same page at several addresses, and all of
 * them give the same result.
 */
extern unsigned long (*iommufd_model_translate_page)(unsigned long addr);
/*
 * page.c: unless it is NULL, called when the number of pins of a page has
 * changed by @by, which may be -1.  The numbers are not in memory that the
 * explorer knows.
 */
extern void (*iommufd_model_pins_changed)(unsigned int *pins, unsigned int by);

/*
 * page.c: pins pages of a memory file, beginning with the page at offset
 * @start, as pin_user_pages_fast() pins pages of user memory.  Returns -EINVAL
 * if the file has no memory, or has fewer pages.
 */
int iommufd_model_pin_file_pages(struct file *file, u64 start, int nr_pages,
				 struct page **pages,
				 const struct iommufd_model_site *site);

/*
 * mm.c: calls @fn for each mapping, beginning with the newest.  No lock is held
 * that another thread can wait for.  @fn must not call functions that use the
 * mappings.
 */
void iommufd_model_each_mapping(void (*fn)(unsigned long start,
					   unsigned long size, void *data),
				void *data);

/*
 * Forgets all mappings.  A forked child calls it, as they belong to its parent.
 */
void iommufd_model_forget_mappings(void);
/*
 * device.c: returns the descriptor of the file that has the page at the user
 * address @addr, and sets *@offset to the offset of the page in that file.
 * Returns -1 if there is no such page.
 */
int iommufd_model_device_file(unsigned long addr, u64 *offset);
/*
 * While true, device memory that a forked child has mapped in user space stays
 * shared with its parent.
 */
extern bool iommufd_model_children_share;

/* mm.c: returns true if @addr is in a mapping that cannot be pinned. */
bool iommufd_model_is_special(unsigned long addr);

/* Installs the signal handler now, instead of at the first copy. */
void iommufd_model_catch_faults(void);

/*
 * Called in the signal handler for a fault that no copy has caused.  It may
 * leave the handler by a jump.  If it returns, the fault is passed to the
 * handler that was installed before.
 */
extern void (*iommufd_model_crash_hook)(int sig, void *info, void *context);
/*
 * Called after the hook above for a fault which no copy has caused.  If it
 * returns true, the fault is handled, and the handler stays installed.
 */
extern bool (*volatile iommufd_model_fault_chain)(int sig, void *info,
						  void *context);

/*
 * slab.c: unless it is NULL, called for each allocation to decide whether that
 * allocation fails.  It is called with a lock held, and must not allocate.
 */
extern bool (*iommufd_model_fault_source)(void);

/*
 * slab.c: a source of memory that replaces malloc()
 * @get: returns @size bytes aligned to 16, set to zero if @zero, or NULL
 * @put: takes back the allocation @p of @size bytes.  @p is the address that
 *	kzalloc() returned.  The header in front of it, which is part of the
 *	memory from @get, must stay unchanged as long as a second free of @p
 *	is to be recognised
 * @owns: returns true if the allocation @p is from this source; otherwise it is
 *	passed to free()
 */
struct iommufd_model_heap {
	void *(*get)(size_t size, bool zero);
	void (*put)(void *p, size_t size);
	bool (*owns)(const void *p);
};

/*
 * Sets the source of memory; NULL restores malloc().  It must be called only
 * while no other thread is inside the ground.
 */
void iommufd_model_set_heap(const struct iommufd_model_heap *heap);

/*
 * Takes over memory that was freed, if freed memory is kept
 * (iommufd_model_keep_freed()).  Returns false if it is not, and the caller
 * must free it.  @memory is the address for free(); @p and @size are the
 * address and the size that the caller of kfree() knows.
 */
bool iommufd_model_freed(void *memory, const void *p, size_t size,
			 const struct iommufd_model_site *site);

/*
 * iommufd_model_slab_mark() stores and returns the number of allocations so
 * far.  iommufd_model_slab_rewind() forgets all allocations of the heap that
 * were made after the mark, without calling @put, and sets the number back to
 * the mark.  The heap may reuse the memory only after that call.
 */
unsigned int iommufd_model_slab_mark(void);
/*
 * Describes the allocation that starts at @p, which may be in the course of
 * being freed.
 */
void iommufd_model_slab_allocation(const void *p,
				   struct iommufd_model_allocation *out);
void iommufd_model_slab_rewind(void);
/*
 * Called when memory, with all allocations of the heap, has been set back to
 * what it was earlier.  Allocations that were made before the mark, outside of
 * the heap, have not.
 */
void iommufd_model_slab_restored(void);
/* The size of the header in front of each allocation. */
size_t iommufd_model_slab_header(void);
/* Makes an allocation an object of the cache with this label. */
void iommufd_model_slab_enter(const void *p,
			      const struct iommufd_model_label *label);
/* Tells whether an allocation that is not free is no object of that cache. */
bool iommufd_model_slab_is_other(const void *p,
				 const struct iommufd_model_label *label);
/* kmem_cache.c: an object of the cache with this label has been freed. */
void iommufd_model_cache_left(const struct iommufd_model_label *label,
			      const struct iommufd_model_site *site);

/*
 * Does an operation that is not a counter operation, and passes the gate.  The
 * expression @expr does the operation and gives its result.  The site is
 * assigned because clang 14 leaves it empty in a constant initializer.  The
 * result has a variable of its own because the explorer may clear the operation
 * (forget_values()).
 */
#define GATED(kind_, addr_, arg_, site_, expr)   \
	__extension__({                          \
		struct iommufd_model_op __op = { \
			.kind = kind_,           \
			.addr = addr_,           \
			.arg = (long)(arg_),     \
		};                               \
		long __gated;                    \
		__op.site = site_;               \
		iommufd_model_gate_step(&__op);  \
		__gated = (long)(expr);          \
		__op.after = __gated;            \
		iommufd_model_gate_event(&__op); \
		__gated;                         \
	})

/*
 * Does the same for an operation that consists of other operations; these do
 * not pass the gate.
 */
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
