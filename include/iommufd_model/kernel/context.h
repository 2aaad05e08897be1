/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * The context that a thread runs in: whether it may be interrupted, and whether
 * it may sleep.
 *
 * A thread is in task context until it enters one of the contexts of enum
 * iommufd_model_context.  In none of them may it sleep.  A call that may sleep
 * is a WARN there, which names the call and where the context was entered; see
 * might_sleep().  A held spinlock has the same effect.
 *
 * A context is a property of the thread alone: preempt_disable() keeps no other
 * thread from running.  Only an interrupt handler is kept out, from the thread
 * that it interrupts, by the functions that turn interrupts off.
 *
 * Contexts nest.  A leave without an enter is a WARN of the kind
 * IOMMUFD_MODEL_MISUSE_LOCK.  To the explorer, a thread of a test that ends
 * inside of a context has failed.
 *
 * The same holds for the read sections of SRCU and the write sections of
 * sequence counters, but these have no effect on might_sleep().
 */
#ifndef IOMMUFD_MODEL_KERNEL_CONTEXT_H
#define IOMMUFD_MODEL_KERNEL_CONTEXT_H

#include <iommufd_model/kernel/cleanup.h>
#include <iommufd_model/kernel/lockdep.h>

IOMMUFD_MODEL_BEGIN_DECLS

/**
 * Enters a context.  preempt_disable() and the like call it.
 * @param kind  the context
 * @param site  the call site, which reports name if this is the outermost entry
 * @context Any; does not block.
 */
IOMMUFD_MODEL_API void
iommufd_model_context_enter(enum iommufd_model_context kind,
			    const struct iommufd_model_site *site);

/**
 * Leaves a context that iommufd_model_context_enter() entered.
 * @param kind  the context
 * @param site  the call site
 * @errors If the thread is not in the context: a WARN of the kind
 *   IOMMUFD_MODEL_MISUSE_LOCK, and nothing changes.
 * @context Any; does not block.
 */
IOMMUFD_MODEL_API void
iommufd_model_context_leave(enum iommufd_model_context kind,
			    const struct iommufd_model_site *site);

/**
 * Tells whether this thread is inside of a context.
 * @param kind  the context
 * @return true if it is
 */
static inline bool iommufd_model_in_context(enum iommufd_model_context kind)
{
	const struct iommufd_model_task *task = iommufd_model_task;

	return task && task->contexts & (1u << kind);
}

/**
 * Begins a section of an object.  srcu_read_lock() and write_seqcount_begin()
 * call it.
 * @param object  the SRCU domain or the sequence counter
 * @param number  the number of the section, if one object can have several
 * @param write   true for a write section
 * @param site    the call site, which the report of a missing end names
 * @context Any; does not block.
 */
IOMMUFD_MODEL_API void
iommufd_model_section_enter(const void *object, int number, bool write,
			    const struct iommufd_model_site *site);

/**
 * Ends a section that this thread has begun.  srcu_read_unlock() and
 * write_seqcount_end() call it.
 * @param object  the SRCU domain or the sequence counter
 * @param number  the number of the section
 * @param call    the name of the caller, for the report
 * @param site    the call site
 * @return false after a report if the thread is not in the section
 * @errors A report of the kind IOMMUFD_MODEL_MISUSE_LOCK if the thread is not in
 *   the section.
 * @context Any; does not block.
 */
IOMMUFD_MODEL_API bool
iommufd_model_section_leave(const void *object, int number, const char *call,
			    const struct iommufd_model_site *site);

/**
 * Tells whether this thread holds a spinlock.
 * @return true if it does
 */
IOMMUFD_MODEL_API bool iommufd_model_spinlock_held(void);

/* The functions below turn preemption off and on. */

/** Turns preemption of this thread off.  Calls nest. */
#define preempt_disable() \
	iommufd_model_context_enter(IOMMUFD_MODEL_CONTEXT_PREEMPT, \
				    IOMMUFD_MODEL_SITE("preempt_disable()"))
/** Turns preemption on again. */
#define preempt_enable() \
	iommufd_model_context_leave(IOMMUFD_MODEL_CONTEXT_PREEMPT, \
				    IOMMUFD_MODEL_SITE("preempt_enable()"))

/* The functions below turn bottom halves off and on. */

/** Turns bottom halves off on this thread.  Calls nest. */
#define local_bh_disable() \
	iommufd_model_context_enter(IOMMUFD_MODEL_CONTEXT_BH, \
				    IOMMUFD_MODEL_SITE("local_bh_disable()"))
/** Turns bottom halves on again. */
#define local_bh_enable() \
	iommufd_model_context_leave(IOMMUFD_MODEL_CONTEXT_BH, \
				    IOMMUFD_MODEL_SITE("local_bh_enable()"))

/* The functions below turn interrupts off and on. */

/**
 * Turns interrupts off on this thread.  Calls do not nest: the state that
 * iommufd_model_irq_restore() restores is the one that this call returned.
 * @param site  the call site
 * @return whether interrupts were on, in the form that
 *   iommufd_model_irq_restore() takes
 */
IOMMUFD_MODEL_API unsigned long
iommufd_model_irq_save(const struct iommufd_model_site *site);

/**
 * Turns interrupts on again if they were on when @p flags were saved.
 * @param flags  what iommufd_model_irq_save() returned
 * @param site   the call site
 * @errors A WARN of the kind IOMMUFD_MODEL_MISUSE_LOCK, and nothing changes, if
 *   @p flags is no value that iommufd_model_irq_save() returns, or if
 *   interrupts are on.
 */
IOMMUFD_MODEL_API void
iommufd_model_irq_restore(unsigned long flags,
			  const struct iommufd_model_site *site);

/**
 * Turns interrupts on.
 * @param site  the call site
 * @errors A WARN of the kind IOMMUFD_MODEL_MISUSE_LOCK, and nothing changes, if
 *   they are on, or in an interrupt handler.
 */
IOMMUFD_MODEL_API void
iommufd_model_irq_enable(const struct iommufd_model_site *site);

/**
 * Turns interrupts off on this thread and saves whether they were on.
 * @param flags  the variable in which it saves this, an unsigned long
 */
#define local_irq_save(flags) \
	((void)((flags) = iommufd_model_irq_save(		\
			IOMMUFD_MODEL_SITE("local_irq_save()"))))
/**
 * Turns interrupts on again if they were on when @p flags were saved.
 * @param flags  what local_irq_save() stored
 */
#define local_irq_restore(flags) \
	iommufd_model_irq_restore(flags, \
				  IOMMUFD_MODEL_SITE("local_irq_restore()"))
/** Turns interrupts off on this thread. */
#define local_irq_disable() \
	((void)iommufd_model_irq_save( \
		IOMMUFD_MODEL_SITE("local_irq_disable()")))
/** Turns interrupts on; it is a WARN if they are on already. */
#define local_irq_enable() \
	iommufd_model_irq_enable(IOMMUFD_MODEL_SITE("local_irq_enable()"))

/* Questions */

/** Is true in an interrupt handler. */
#define in_hardirq() \
	iommufd_model_in_context(IOMMUFD_MODEL_CONTEXT_HARDIRQ)
/** Is true in a softirq, such as a timer. */
#define in_serving_softirq() \
	iommufd_model_in_context(IOMMUFD_MODEL_CONTEXT_SOFTIRQ)
/** Is true in a softirq, and while bottom halves are off. */
#define in_softirq() \
	(in_serving_softirq() || \
	 iommufd_model_in_context(IOMMUFD_MODEL_CONTEXT_BH))
/** Is true if in_hardirq() or in_softirq() is true. */
#define in_interrupt() (in_hardirq() || in_softirq())
/** Is true outside of interrupt handlers and softirqs. */
#define in_task() (!in_hardirq() && !in_serving_softirq())
/**
 * Is true while interrupts are off on this thread, as in an interrupt handler.
 */
#define irqs_disabled() \
	(in_hardirq() || iommufd_model_in_context(IOMMUFD_MODEL_CONTEXT_IRQS))
/**
 * Is true if this thread holds a spinlock, has preemption or bottom halves off,
 * or runs in an interrupt handler or a softirq.  As in a kernel, it is not true
 * merely because interrupts are off or because the thread is in an RCU read
 * section.
 */
#define in_atomic() \
	(in_interrupt() || \
	 iommufd_model_in_context(IOMMUFD_MODEL_CONTEXT_PREEMPT) || \
	 iommufd_model_spinlock_held())
/** Is true if both in_atomic() and irqs_disabled() are false. */
#define preemptible() (!in_atomic() && !irqs_disabled())

/** @cond INTERNAL */
#define __iommufd_model_assert_context(cond, text) do {			\
	if (!(cond))							\
		iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_LOCK,		\
				     IOMMUFD_MODEL_SITE(#cond), NULL,	\
				     text);				\
} while (0)
/** @endcond */

/** Reports a WARN unless interrupts are off. */
#define lockdep_assert_irqs_disabled() \
	__iommufd_model_assert_context(irqs_disabled(), "interrupts are on")
/** Reports a WARN unless interrupts are on. */
#define lockdep_assert_irqs_enabled() \
	__iommufd_model_assert_context(!irqs_disabled(), "interrupts are off")
/** Reports a WARN unless in_hardirq() is true. */
#define lockdep_assert_in_irq() \
	__iommufd_model_assert_context(in_hardirq(), "not in an irq handler")
/** Reports a WARN unless in_softirq() is true and in_hardirq() is not. */
#define lockdep_assert_in_softirq() \
	__iommufd_model_assert_context(in_softirq() && !in_hardirq(), \
				       "not in a softirq")
/** Reports a WARN if preemptible() is true. */
#define lockdep_assert_preemption_disabled() \
	__iommufd_model_assert_context(!preemptible(), "preemption is on")

/** @cond INTERNAL */
/* Guards: guard(preempt)(), guard(irq)(), guard(irqsave)(). */
__IOMMUFD_MODEL_SITE_GUARD(preempt, void,
			   iommufd_model_context_enter(
				   IOMMUFD_MODEL_CONTEXT_PREEMPT, _T->site),
			   iommufd_model_context_leave(
				   IOMMUFD_MODEL_CONTEXT_PREEMPT, _T->site))
__IOMMUFD_MODEL_SITE_GUARD(irq, void, iommufd_model_irq_save(_T->site),
			   iommufd_model_irq_enable(_T->site))
__IOMMUFD_MODEL_SITE_GUARD(irqsave, void,
			   _T->flags = iommufd_model_irq_save(_T->site),
			   iommufd_model_irq_restore(_T->flags, _T->site))
#define class_preempt_constructor() \
	iommufd_model_class_preempt((void *)1, \
				    IOMMUFD_MODEL_SITE("guard(preempt)"))
#define class_irq_constructor() \
	iommufd_model_class_irq((void *)1, IOMMUFD_MODEL_SITE("guard(irq)"))
#define class_irqsave_constructor() \
	iommufd_model_class_irqsave((void *)1, \
				    IOMMUFD_MODEL_SITE("guard(irqsave)"))
/** @endcond */

IOMMUFD_MODEL_END_DECLS

#endif
