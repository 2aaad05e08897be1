/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * RCU: readers take no lock, and writers wait until no reader can see the old
 * version any more.
 *
 * A reader marks the section in which it uses a pointer; such a section must
 * not sleep.  synchronize_rcu() returns when every section that had begun
 * before it has ended.  A callback of call_rcu() runs at some moment after
 * that.  Neither waits for sections that begin later.
 *
 * The callback of call_rcu() runs in softirq context, on a thread of its own.
 * In the explorer it may run at any moment that the grace period allows, and at
 * the same time as other callbacks.
 */
#ifndef IOMMUFD_MODEL_KERNEL_RCUPDATE_H
#define IOMMUFD_MODEL_KERNEL_RCUPDATE_H

#include <iommufd_model/kernel/cleanup.h>
#include <iommufd_model/kernel/context.h>
#include <iommufd_model/kernel/gate.h>
#include <iommufd_model/kernel/lockdep.h>
#include <iommufd_model/kernel/slab.h>
#include <iommufd_model/watch.h>

IOMMUFD_MODEL_BEGIN_DECLS

#ifndef __rcu
#define __rcu	/**< marks a pointer that RCU protects */
#endif

/** @cond INTERNAL */
#define IOMMUFD_MODEL_EPOCHS 64

/*
 * The sections of a domain that have begun, so that a thread can wait for their
 * ends.  The number of a section is the value that @now had when the section
 * began.
 */
struct iommufd_model_epoch {
	/* all sections with a smaller number have ended */
	int oldest;
	/* incremented each time a thread begins to wait */
	int now;
	/* the explored execution to which the epoch belongs */
	unsigned int generation;
	/* the open sections, by number modulo the size */
	int inside[IOMMUFD_MODEL_EPOCHS];
};

struct iommufd_model_rcu_domain {
	struct iommufd_model_epoch readers;
	/* a section lasts from call_rcu() until the callback has returned */
	struct iommufd_model_epoch callbacks;
	/* without a scheduler: the callbacks to be called */
	struct rcu_head *list;
	bool busy;		/* true while a thread calls callbacks */
};

/** @endcond */

/** A callback, which is a member of the object that it frees or changes. */
struct rcu_head {
	struct rcu_head *next;	/**< used by the ground */
	void (*func)(struct rcu_head *head);	/**< the function */
	/** @cond INTERNAL */
	struct iommufd_model_rcu_domain *domain;
	const struct iommufd_model_site *site;
	void *object;		/* the object that kfree_rcu() frees */
	uintptr_t pending;	/* not 0 while the callback is registered */
	/* the numbers of the callback's sections in the two epochs */
	int target, number;
	/** @endcond */
};

/** The type of a callback's function. */
typedef void (*rcu_callback_t)(struct rcu_head *head);

/** The domain of RCU proper.  Only the macros of this file use it. */
extern IOMMUFD_MODEL_API struct iommufd_model_rcu_domain iommufd_model_rcu;

/* Read sections */

/**
 * Begins a read section.  Sections nest.  The thread must not sleep in one.
 * @context Any; does not block.
 */
#define rcu_read_lock() \
	iommufd_model_rcu_read_lock(IOMMUFD_MODEL_SITE("rcu_read_lock()"))
/**
 * Ends a read section.
 * @errors A WARN of the kind IOMMUFD_MODEL_MISUSE_LOCK if the thread is in no
 *   read section.
 * @context Any; does not block.
 */
#define rcu_read_unlock() \
	iommufd_model_rcu_read_unlock(IOMMUFD_MODEL_SITE("rcu_read_unlock()"))
/** @behind{rcu_read_lock} */
IOMMUFD_MODEL_API void
iommufd_model_rcu_read_lock(const struct iommufd_model_site *site);
/** @behind{rcu_read_unlock} */
IOMMUFD_MODEL_API void
iommufd_model_rcu_read_unlock(const struct iommufd_model_site *site);

/**
 * Tells whether this thread is in a read section.
 * @return 1 if it is, 0 if not
 */
static inline int rcu_read_lock_held(void)
{
	const struct iommufd_model_task *task = iommufd_model_task;

	return task && task->contexts & (1u << IOMMUFD_MODEL_CONTEXT_RCU);
}

/**
 * Does the same as rcu_read_lock_held(): there is only one kind of read
 * section.
 */
#define rcu_read_lock_any_held() rcu_read_lock_held()

/**
 * Turns bottom halves off and begins a read section.  Grace periods are the same for
 * all kinds of sections.  Code that has only bottom halves, preemption or interrupts
 * off is no read section here; in a kernel it is.
 * @context Any; does not block.
 */
#define rcu_read_lock_bh() (local_bh_disable(), rcu_read_lock())
/** Ends such a section. */
#define rcu_read_unlock_bh() (rcu_read_unlock(), local_bh_enable())
/** Works like rcu_read_lock_bh(), with preemption in place of bottom halves. */
#define rcu_read_lock_sched() (preempt_disable(), rcu_read_lock())
/** Ends such a section. */
#define rcu_read_unlock_sched() (rcu_read_unlock(), preempt_enable())
/** Does the same as rcu_read_lock_held(). */
#define rcu_read_lock_bh_held() rcu_read_lock_held()
/** Does the same as rcu_read_lock_held(). */
#define rcu_read_lock_sched_held() rcu_read_lock_held()

/* Waiting for readers */

/**
 * Waits until every read section that has already begun has ended.  It does not
 * wait for sections that begin later.
 * @context Sleeps.  Must not be called in a read section.
 */
#define synchronize_rcu() \
	iommufd_model_synchronize(&iommufd_model_rcu, \
				  IOMMUFD_MODEL_SITE("synchronize_rcu()"))
/** Does the same as synchronize_rcu(). */
#define synchronize_rcu_expedited() synchronize_rcu()
/**
 * Registers a callback.  It is called once, after every read section that has
 * already begun has ended.
 * @param head  the callback, a member of the object
 * @param func  the function; it runs in softirq context and must not sleep
 * @ownership The object must stay valid until @p func is called, which may free
 *   it.
 * @errors A WARN of the kind IOMMUFD_MODEL_MISUSE_DOUBLE_FREE, and no effect,
 *   if @p head is registered and has not been called yet.
 * @context Any; does not block.
 */
#define call_rcu(head, func) \
	iommufd_model_call_rcu(&iommufd_model_rcu, head, func, NULL, #func, \
			       IOMMUFD_MODEL_SITE(#head))
/**
 * Waits until all callbacks that are registered, by any thread, have returned.
 * If there are none, it does not wait for read sections.
 * @context Sleeps.
 */
#define rcu_barrier() \
	iommufd_model_rcu_barrier(&iommufd_model_rcu, \
				  IOMMUFD_MODEL_SITE("rcu_barrier()"))

/**
 * Frees an object after every read section that has already begun has ended.
 * With two arguments, the second is the name of a struct rcu_head in the
 * object, and the call does not sleep.  With one argument the call may sleep.
 * @param ...  a pointer to the object, or NULL; and the name of the member
 * @context May sleep if it has one argument.
 */
#define kfree_rcu(...) \
	__IOMMUFD_MODEL_KFREE_RCU(__VA_ARGS__, MEMBER, SLEEPS, 0)(__VA_ARGS__)
/** Does kfree_rcu() for memory of either family. */
#define kvfree_rcu(...) kfree_rcu(__VA_ARGS__)
/** Does kfree_rcu() with one argument. */
#define kfree_rcu_mightsleep(ptr) __iommufd_model_kfree_rcu_SLEEPS(ptr)
/** Does kvfree_rcu() with one argument. */
#define kvfree_rcu_mightsleep(ptr) __iommufd_model_kfree_rcu_SLEEPS(ptr)

/**
 * Waits until all callbacks that were registered have been called and the
 * memory of all earlier kfree_rcu() is free.  rcu_barrier() does not wait for
 * kfree_rcu().  To be called at the end of a test.
 * @context May block.  Do not call it in an exploration, which waits by itself.
 */
IOMMUFD_MODEL_API void iommufd_model_rcu_drain(void);

/** @cond INTERNAL */
#define __IOMMUFD_MODEL_KFREE_RCU(a, b, form, ...) \
	__iommufd_model_kfree_rcu_##form
#define __iommufd_model_kfree_rcu_MEMBER(ptr, member) do {		\
	__typeof__(ptr) __ptr = (ptr);					\
	if (__ptr)							\
		iommufd_model_call_rcu(&iommufd_model_rcu,		\
				       &__ptr->member, NULL,		\
				       (void *)__ptr, "kfree_rcu",	\
				       IOMMUFD_MODEL_SITE(#ptr));	\
} while (0)
#define __iommufd_model_kfree_rcu_SLEEPS(ptr) do {			\
	__typeof__(ptr) __ptr = (ptr);					\
	iommufd_model_synchronize(&iommufd_model_rcu,			\
				  IOMMUFD_MODEL_SITE(#ptr));		\
	iommufd_model_free(__ptr, true, IOMMUFD_MODEL_SITE(#ptr));	\
} while (0)
/** @endcond */

/**
 * Waits for the read sections of a domain.  synchronize_rcu() and
 * synchronize_srcu() call it.
 * @param domain  the domain
 * @param site    the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_synchronize(struct iommufd_model_rcu_domain *domain,
			  const struct iommufd_model_site *site);
/**
 * Registers a callback.  call_rcu() and the like call it.
 * @param domain  the domain
 * @param head    the callback
 * @param func    the function; if it is NULL, @p object is freed
 * @param object  the object to free
 * @param name    the name of the thread that calls it, for reports; must be static
 * @param site    the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_call_rcu(struct iommufd_model_rcu_domain *domain,
		       struct rcu_head *head, rcu_callback_t func, void *object,
		       const char *name, const struct iommufd_model_site *site);
/**
 * Waits for callbacks.  rcu_barrier() and srcu_barrier() call it.
 * @param domain  the domain
 * @param site    the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_rcu_barrier(struct iommufd_model_rcu_domain *domain,
			  const struct iommufd_model_site *site);

/* Pointers */

/**
 * Reads a pointer that RCU protects.
 * @param p  the pointer
 * @return its value, valid until the read section ends
 * @errors A WARN of the kind IOMMUFD_MODEL_MISUSE_LOCK outside of a read
 *   section.
 * @context Any; does not block.
 */
#define rcu_dereference(p) rcu_dereference_check(p, false)
/** The same in a section of rcu_read_lock_bh(). */
#define rcu_dereference_bh(p) rcu_dereference(p)
/** The same in a section of rcu_read_lock_sched(). */
#define rcu_dereference_sched(p) rcu_dereference(p)
/**
 * Reads a pointer that RCU protects, and that a lock may protect as well.
 * @param p  the pointer
 * @param c  true if the lock of the writers is held, for example
 * @return its value
 * @errors A WARN outside of a read section if @p c is false.
 */
#define rcu_dereference_check(p, c) __extension__({			\
	if (!rcu_read_lock_held() && !(c))				\
		iommufd_model_rcu_misuse(IOMMUFD_MODEL_SITE(#p));	\
	rcu_dereference_raw(p);						\
})
/**
 * Reads a pointer that RCU protects, where no other thread can change it.
 * @param p  the pointer
 * @param c  true if the lock of the writers is held
 * @return its value
 * @errors A WARN if @p c is false.
 */
#define rcu_dereference_protected(p, c) __extension__({			\
	if (!(c))							\
		iommufd_model_rcu_misuse(IOMMUFD_MODEL_SITE(#p));	\
	(p);								\
})
/** Reads a pointer that RCU protects, without any check. */
#define rcu_dereference_raw(p) __IOMMUFD_MODEL_RCU_READ(p, __COUNTER__)
/** Reads a pointer that RCU protects, to compare it and not to follow it. */
#define rcu_access_pointer(p) READ_ONCE(p)
/** Gives a pointer that something other than RCU protects from now on. */
#define rcu_pointer_handoff(p) (p)
/**
 * Sets a pointer that RCU protects.  A reader that sees the new value also sees
 * the present contents of the object.
 * @param p  the pointer
 * @param v  its new value
 * @context Any; does not block.
 */
#define rcu_assign_pointer(p, v) \
	__IOMMUFD_MODEL_RCU_WRITE(p, v, STORE_RELEASE, __ATOMIC_RELEASE, \
				  __COUNTER__)
/**
 * Sets a pointer that RCU protects to NULL, or to an object that no reader can
 * see yet.
 */
#define RCU_INIT_POINTER(p, v) \
	__IOMMUFD_MODEL_RCU_WRITE(p, v, WRITE_ONCE, __ATOMIC_RELAXED, \
				  __COUNTER__)
/**
 * Sets a pointer that RCU protects, where no other thread can change it.
 * @param p  the pointer
 * @param v  its new value
 * @param c  as for rcu_dereference_protected()
 * @return its old value
 */
#define rcu_replace_pointer(p, v, c) __extension__({			\
	__typeof__(p) __old_pointer = rcu_dereference_protected(p, c);	\
	rcu_assign_pointer(p, v);					\
	__old_pointer;							\
})

/** @cond INTERNAL */
/* In watched code only what is reached through the pointer is ordered. */
#ifdef IOMMUFD_MODEL_WATCHED
#define __IOMMUFD_MODEL_RCU_ORDER __ATOMIC_RELAXED
#define __IOMMUFD_MODEL_RCU_FOLLOW(addr, value) \
	iommufd_model_watch_dereference(addr, value)
#else
#define __IOMMUFD_MODEL_RCU_ORDER __ATOMIC_ACQUIRE
#define __IOMMUFD_MODEL_RCU_FOLLOW(addr, value) ((void)0)
#endif
#define __IOMMUFD_MODEL_RCU_READ(p, n) __IOMMUFD_MODEL_RCU_READ_(p, n)
#define __IOMMUFD_MODEL_RCU_READ_(p, n) __extension__({			\
	__IOMMUFD_MODEL_AUTO __addr##n = &(p);				\
	const struct iommufd_model_site *__at##n =			\
		__IOMMUFD_MODEL_ONCE(READ_ONCE, __addr##n, #p);		\
	__IOMMUFD_MODEL_AUTO __once##n =				\
		__atomic_load_n(__addr##n, __IOMMUFD_MODEL_RCU_ORDER);	\
	__IOMMUFD_MODEL_RCU_FOLLOW(__addr##n, __once##n);		\
	__IOMMUFD_MODEL_DONE(READ_ONCE, __addr##n, __once##n, __at##n);	\
	__once##n;							\
})
#define __IOMMUFD_MODEL_RCU_WRITE(p, v, kind, order, n) \
	__IOMMUFD_MODEL_RCU_WRITE_(p, v, kind, order, n)
#define __IOMMUFD_MODEL_RCU_WRITE_(p, v, kind, order, n) do {		\
	__typeof__(p) __once##n = (v);					\
	__typeof__(&(p)) __addr##n = &(p);				\
	const struct iommufd_model_site *__at##n =			\
		__IOMMUFD_MODEL_ONCE(WRITE_ONCE, __addr##n, #p);	\
	__atomic_store_n(__addr##n, __once##n, order);			\
	__IOMMUFD_MODEL_DONE(kind, __addr##n, __once##n, __at##n);	\
} while (0)
/** @endcond */

/**
 * Reports that a pointer is used which nothing protects.
 * @param site  the call site
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_rcu_misuse(const struct iommufd_model_site *site);

/** @cond INTERNAL */
/* Defines guard(rcu)(). */
__IOMMUFD_MODEL_SITE_GUARD(rcu, void, iommufd_model_rcu_read_lock(_T->site),
			   iommufd_model_rcu_read_unlock(_T->site))
#define class_rcu_constructor() \
	iommufd_model_class_rcu((void *)1, IOMMUFD_MODEL_SITE("guard(rcu)"))
/** @endcond */

IOMMUFD_MODEL_END_DECLS

#endif
