/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Sequence counters: seqcount_t, and seqlock_t, which has a lock for the
 * writers.
 *
 * A writer makes the counter odd, changes the data, and makes the counter even
 * again.  A reader waits until the counter is even, reads the data, and reads
 * them again if the counter has changed.  Writers must exclude each other.  A
 * seqcount_t that was initialised with a lock checks that the writer holds the
 * lock.
 *
 * Each read and each change of the counter is one operation at the gate.  In
 * the explorer a reader that finds an odd counter waits until it is even, as it
 * would for a lock.  In watched code the accesses in a section are steps, too, where
 * their order matters.  In other code use READ_ONCE() and WRITE_ONCE() in a section:
 * plain accesses are no steps there, so the explorer never lets a writer run between
 * them.
 */
#ifndef IOMMUFD_MODEL_KERNEL_SEQLOCK_H
#define IOMMUFD_MODEL_KERNEL_SEQLOCK_H

#include <iommufd_model/kernel/atomic.h>
#include <iommufd_model/kernel/spinlock.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** A sequence counter. */
typedef struct seqcount {
	unsigned int sequence;	/**< odd while a writer changes the data */
	/**
	 * the lock that a writer must hold; NULL if the counter does not know
	 * it
	 */
	const struct lockdep_map *lock;
} seqcount_t;

typedef seqcount_t seqcount_spinlock_t;	/**< the writers hold a spinlock_t */
/** the writers hold a raw_spinlock_t */
typedef seqcount_t seqcount_raw_spinlock_t;
typedef seqcount_t seqcount_rwlock_t;	/**< the writers hold a rwlock_t */
typedef seqcount_t seqcount_mutex_t;	/**< the writers hold a struct mutex */

/** A sequence counter and the lock of its writers. */
typedef struct {
	seqcount_t seqcount;	/**< the counter */
	spinlock_t lock;	/**< held by a writer */
} seqlock_t;

/** Initialises a static seqcount_t @p name. */
#define SEQCNT_ZERO(name) { 0, NULL }
/** Initialises a static seqcount_spinlock_t @p name, and gives it its lock. */
#define SEQCNT_SPINLOCK_ZERO(name, lock) { 0, &(lock)->dep_map }
/** Initialises a static seqcount_mutex_t @p name, and gives it its lock. */
#define SEQCNT_MUTEX_ZERO(name, lock) { 0, &(lock)->dep_map }

/** Defines a seqlock_t at file scope; "static" may precede it. */
#ifdef __cplusplus
#define DEFINE_SEQLOCK(name)						\
	struct lock_class_key __##name##_key = { #name, 0 };		\
	seqlock_t name = { SEQCNT_ZERO(name),				\
			   __SPIN_LOCK_INITIALIZER(&__##name##_key) }
#else
#define DEFINE_SEQLOCK(name)						\
	seqlock_t name = { SEQCNT_ZERO(name),				\
			   __SPIN_LOCK_INITIALIZER(			\
				&((struct lock_class_key){ #name, 0 })) }
#endif

/** @cond INTERNAL */
__IOMMUFD_MODEL_ALWAYS unsigned int
iommufd_model_seqcount(enum iommufd_model_op_kind kind, const seqcount_t *s,
		       int n, const struct iommufd_model_site *site)
{
	unsigned int *p = (unsigned int *)(uintptr_t)&s->sequence;

	if (IOMMUFD_MODEL_GATE_OPEN())
		return (unsigned int)iommufd_model_atomic_gated(kind, p, 4, n,
								0, site);
	return (unsigned int)iommufd_model_raw_atomic32(kind, p, 0, n, 0);
}

static inline unsigned int
iommufd_model_seqcount_begin(const seqcount_t *s,
			     const struct iommufd_model_site *site)
{
	unsigned int seq;

	for (;;) {
		seq = iommufd_model_seqcount(IOMMUFD_MODEL_OP_SEQ_BEGIN, s, 0,
					     site);
		if (!(seq & 1))
			return seq;
		iommufd_model_relax(site);
	}
}

static inline void
iommufd_model_seqcount_write(enum iommufd_model_op_kind kind, seqcount_t *s,
			     int n, const struct iommufd_model_site *site)
{
	/* No plain read: in watched code that would be a step of a section. */
	const struct lockdep_map *lock =
		__atomic_load_n(&s->lock, __ATOMIC_RELAXED);

	if (lock)
		iommufd_model_assert_held(lock, false, site);
	iommufd_model_seqcount(kind, s, n, site);
}

static inline void
iommufd_model_write_seqcount_begin(seqcount_t *s,
				   const struct iommufd_model_site *site)
{
	iommufd_model_seqcount_write(IOMMUFD_MODEL_OP_SEQ_WRITE_BEGIN, s, 1,
				     site);
	iommufd_model_section_enter(s, 0, true, site);
}

static inline void
iommufd_model_write_seqcount_end(seqcount_t *s,
				 const struct iommufd_model_site *site)
{
	if (iommufd_model_section_leave(s, 0, "write_seqcount_end", site))
		iommufd_model_seqcount_write(IOMMUFD_MODEL_OP_SEQ_WRITE_END, s,
					     1, site);
}

static inline void iommufd_model_seqcount_init(seqcount_t *s,
					       const struct lockdep_map *lock)
{
	s->sequence = 0;
	s->lock = lock;
}

#define __IOMMUFD_MODEL_SEQCOUNT(kind, s, n, what)            \
	iommufd_model_seqcount(IOMMUFD_MODEL_OP_##kind, s, n, \
			       IOMMUFD_MODEL_SITE(what))
/** @endcond */

/**
 * Initialises a counter as even.  No other thread can see it yet.
 * @param s  the counter
 */
#define seqcount_init(s) iommufd_model_seqcount_init(s, NULL)
/**
 * Initialises a counter whose writers hold a spinlock.
 * @param s      the counter
 * @param lock_  the spinlock
 */
#define seqcount_spinlock_init(s, lock_) \
	iommufd_model_seqcount_init(s, &(lock_)->dep_map)
/**
 * Initialises a counter whose writers hold a raw spinlock.
 * @param s      the counter
 * @param lock_  the raw spinlock
 */
#define seqcount_raw_spinlock_init(s, lock_) \
	iommufd_model_seqcount_init(s, &(lock_)->dep_map)
/**
 * Initialises a counter whose writers hold a rwlock_t for writing.
 * @param s      the counter
 * @param lock_  the lock
 */
#define seqcount_rwlock_init(s, lock_) \
	iommufd_model_seqcount_init(s, &(lock_)->dep_map)
/**
 * Initialises a counter whose writers hold a mutex.
 * @param s      the counter
 * @param lock_  the mutex
 */
#define seqcount_mutex_init(s, lock_) \
	iommufd_model_seqcount_init(s, &(lock_)->dep_map)

/**
 * Begins a read: waits until the counter is even.
 * @param s  the counter
 * @return its value, for read_seqcount_retry()
 * @context Any; does not sleep, but waits for a writer.
 */
#define read_seqcount_begin(s) \
	iommufd_model_seqcount_begin(s, IOMMUFD_MODEL_SITE(#s))
/** Does the same as read_seqcount_begin(). */
#define raw_read_seqcount_begin(s) read_seqcount_begin(s)
/** Does the same as read_seqcount_begin(). */
#define __read_seqcount_begin(s) read_seqcount_begin(s)
/**
 * Reads the counter, which may be odd.
 * @param s  the counter
 * @return its value
 * @context Any; does not block.
 */
#define raw_read_seqcount(s) __IOMMUFD_MODEL_SEQCOUNT(SEQ_READ, s, 0, #s)
/**
 * Begins a read without waiting.  If the counter is odd, read_seqcount_retry()
 * will return true.
 * @param s  the counter
 * @return the value of the counter; if it is odd, that value minus 1
 * @context Any; does not block.
 */
#define raw_seqcount_begin(s) (raw_read_seqcount(s) & ~1u)
/**
 * Ends a read.
 * @param s      the counter
 * @param start  what read_seqcount_begin() returned
 * @return nonzero if the data may have changed since the read began, so that
 *   they must not be used
 * @context Any; does not block.
 */
#define read_seqcount_retry(s, start) \
	((int)(__IOMMUFD_MODEL_SEQCOUNT(SEQ_READ, s, 0, #s) != (start)))
/** Does the same as read_seqcount_retry(). */
#define __read_seqcount_retry(s, start) read_seqcount_retry(s, start)

/**
 * Begins a write: makes the counter odd.
 * @param s  the counter
 * @errors A WARN if the counter has a lock that the thread does not hold.  To
 *   the explorer, a thread that ends in the section has failed.
 * @context Another writer must be excluded.  The thread must not sleep until
 *   write_seqcount_end().
 */
#define write_seqcount_begin(s) \
	iommufd_model_write_seqcount_begin(s, IOMMUFD_MODEL_SITE(#s))
/** Does the same as write_seqcount_begin(). */
#define raw_write_seqcount_begin(s) write_seqcount_begin(s)
/** Does the same as write_seqcount_begin(); @p subclass has no effect. */
#define write_seqcount_begin_nested(s, subclass) write_seqcount_begin(s)
/**
 * Ends a write: makes the counter even.
 * @param s  the counter
 * @errors A WARN of the kind IOMMUFD_MODEL_MISUSE_LOCK, and no effect, if this
 *   thread has not begun the write; and a WARN if the counter has a lock that the
 *   thread does not hold.
 * @context Any; does not block.
 */
#define write_seqcount_end(s) \
	iommufd_model_write_seqcount_end(s, IOMMUFD_MODEL_SITE(#s))
/** Does the same as write_seqcount_end(). */
#define raw_write_seqcount_end(s) write_seqcount_end(s)
/**
 * Makes all readers that are reading now read the data again.
 * @param s  the counter
 * @errors A WARN if the counter has a lock that the thread does not hold.
 * @context Any; does not block.
 */
#define write_seqcount_invalidate(s)                                       \
	iommufd_model_seqcount_write(IOMMUFD_MODEL_OP_SEQ_WRITE_END, s, 2, \
				     IOMMUFD_MODEL_SITE(#s))

/**
 * Initialises a seqlock_t.  Each call site is one lock class.
 * @param sl  the seqlock
 */
#define seqlock_init(sl) do {						\
	seqcount_init(&(sl)->seqcount);					\
	spin_lock_init(&(sl)->lock);					\
} while (0)

/**
 * Begins a read: waits until no writer is in its section.
 * @param sl  the seqlock
 * @return a number for read_seqretry()
 * @context Any; does not sleep, but waits for a writer.
 */
#define read_seqbegin(sl) \
	iommufd_model_seqcount_begin(&(sl)->seqcount, IOMMUFD_MODEL_SITE(#sl))
/**
 * Ends a read.
 * @param sl     the seqlock
 * @param start  what read_seqbegin() returned
 * @return nonzero if the data may have changed since the read began, so that
 *   they must not be used
 * @context Any; does not block.
 */
#define read_seqretry(sl, start)					\
	((unsigned int)(__IOMMUFD_MODEL_SEQCOUNT(SEQ_READ,		\
			&(sl)->seqcount, 0, #sl) != (start)))

/** @cond INTERNAL */
static inline void
iommufd_model_write_seqlock(seqlock_t *sl,
			    const struct iommufd_model_site *site)
{
	iommufd_model_spin_lock(&sl->lock, site);
	iommufd_model_seqcount(IOMMUFD_MODEL_OP_SEQ_WRITE_BEGIN, &sl->seqcount,
			       1, site);
}

static inline void
iommufd_model_write_sequnlock(seqlock_t *sl,
			      const struct iommufd_model_site *site)
{
	iommufd_model_seqcount(IOMMUFD_MODEL_OP_SEQ_WRITE_END, &sl->seqcount, 1,
			       site);
	iommufd_model_spin_unlock(&sl->lock, site);
}
/** @endcond */

/**
 * Takes the lock and begins a write.
 * @param sl  the seqlock
 * @errors The same as for spin_lock().
 * @context The same as for spin_lock().
 */
#define write_seqlock(sl) \
	iommufd_model_write_seqlock(sl, IOMMUFD_MODEL_SITE(#sl))
/**
 * Ends a write and unlocks.
 * @param sl  the seqlock
 * @errors The same as for spin_unlock().
 * @context Does not block.
 */
#define write_sequnlock(sl) \
	iommufd_model_write_sequnlock(sl, IOMMUFD_MODEL_SITE(#sl))
/**
 * Turns interrupts off and does write_seqlock().
 * @param sl  the seqlock
 */
#define write_seqlock_irq(sl) do {					\
	local_irq_disable();						\
	write_seqlock(sl);						\
} while (0)
/**
 * Does write_sequnlock() and turns interrupts on.
 * @param sl  the seqlock
 */
#define write_sequnlock_irq(sl) do {					\
	write_sequnlock(sl);						\
	local_irq_enable();						\
} while (0)
/**
 * Saves whether interrupts are on, turns them off, and does write_seqlock().
 * @param sl     the seqlock
 * @param flags  the variable that gets the state, of type unsigned long
 */
#define write_seqlock_irqsave(sl, flags) do {				\
	local_irq_save(flags);						\
	write_seqlock(sl);						\
} while (0)
/**
 * Does write_sequnlock() and turns interrupts on if they were on before.
 * @param sl     the seqlock
 * @param flags  what write_seqlock_irqsave() stored
 */
#define write_sequnlock_irqrestore(sl, flags) do {			\
	write_sequnlock(sl);						\
	local_irq_restore(flags);					\
} while (0)
/**
 * Turns bottom halves off and does write_seqlock().
 * @param sl  the seqlock
 */
#define write_seqlock_bh(sl) do {					\
	local_bh_disable();						\
	write_seqlock(sl);						\
} while (0)
/**
 * Does write_sequnlock() and turns bottom halves on.
 * @param sl  the seqlock
 */
#define write_sequnlock_bh(sl) do {					\
	write_sequnlock(sl);						\
	local_bh_enable();						\
} while (0)
/**
 * Takes the lock to read, which keeps writers out.
 * @param sl  the seqlock
 * @errors The same as for spin_lock().
 * @context The same as for spin_lock().
 */
#define read_seqlock_excl(sl) \
	iommufd_model_spin_lock(&(sl)->lock, IOMMUFD_MODEL_SITE(#sl))
/**
 * Unlocks after read_seqlock_excl().
 * @param sl  the seqlock
 * @errors The same as for spin_unlock().
 * @context Does not block.
 */
#define read_sequnlock_excl(sl) \
	iommufd_model_spin_unlock(&(sl)->lock, IOMMUFD_MODEL_SITE(#sl))

/**
 * Begins a read: if *@p seq is even, as read_seqbegin() does, and otherwise as
 * read_seqlock_excl() does.
 * @param sl   the seqlock
 * @param seq  a pointer to the number, which is set if it is even
 */
#define read_seqbegin_or_lock(sl, seq) do {				\
	int *__seq = (seq);						\
	if (*__seq & 1)							\
		read_seqlock_excl(sl);					\
	else								\
		*__seq = (int)read_seqbegin(sl);			\
} while (0)
/**
 * Ends a read that read_seqbegin_or_lock() has begun.
 * @param sl   the seqlock
 * @param seq  the number
 * @return true if the data may have changed since the read began
 */
#define need_seqretry(sl, seq) \
	(!((seq) & 1) && read_seqretry(sl, (unsigned int)(seq)))
/**
 * Unlocks if read_seqbegin_or_lock() has taken the lock.
 * @param sl   the seqlock
 * @param seq  the number
 */
#define done_seqretry(sl, seq) do {					\
	if ((seq) & 1)							\
		read_sequnlock_excl(sl);				\
} while (0)

IOMMUFD_MODEL_END_DECLS

#endif
