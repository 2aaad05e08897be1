/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Interrupts that a driver requests and a test's device raises.
 *
 * iommufd_model_irq_raise() stands for the device.  The handler then runs on a
 * thread of its own, at any later moment, as on another processor; to the
 * explorer it is a thread like those of the test.  Interrupts are off in it, and
 * it must not sleep.  One handler of one request does not run twice at the same
 * time: an interrupt that comes meanwhile has it run once more.
 *
 * A handler that runs on the processor of one thread of a test is something
 * else: see interrupts in struct iommufd_model_test.  What only that could
 * show, that a handler waits for a spinlock which the interrupted thread has, is
 * found by a rule here.  A spinlock that is taken in a handler, and somewhere
 * else with interrupts on, is a WARN of the kind
 * IOMMUFD_MODEL_MISUSE_SELF_DEADLOCK, which names both call sites.  The same
 * holds for softirqs, such as timers, and bottom halves.  The rule applies while
 * a hook is installed.
 */
#ifndef IOMMUFD_MODEL_KERNEL_INTERRUPT_H
#define IOMMUFD_MODEL_KERNEL_INTERRUPT_H

#include <iommufd_model/kernel/context.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** What a handler returns. */
typedef enum irqreturn {
	IRQ_NONE = 0,	/**< the device has not raised it */
	IRQ_HANDLED = 1,	/**< it was handled */
	IRQ_WAKE_THREAD = 2,	/**< the thread function is to be called */
} irqreturn_t;

/** IRQ_HANDLED if @p x, otherwise IRQ_NONE */
#define IRQ_RETVAL(x) ((x) ? IRQ_HANDLED : IRQ_NONE)

/** A handler; it gets the number and what was passed with the request. */
typedef irqreturn_t (*irq_handler_t)(int irq, void *dev_id);

#define IRQF_SHARED 0x80ul	/**< others may request the same interrupt */
#define IRQF_ONESHOT 0x2000ul	/**< has no effect: it is always so */

/** interrupts have numbers below this */
#define IOMMUFD_MODEL_NR_IRQS 256

/**
 * Requests an interrupt.
 * @param irq      its number
 * @param handler  called when it is raised
 * @param flags    IRQF_ bits
 * @param name     a name, for reports
 * @param dev_id   passed to @p handler; not NULL if the interrupt is shared
 * @return 0, -EINVAL, -EBUSY if it is requested and not shared, or -ENOMEM
 * @ownership What @p dev_id points to must stay valid until free_irq().
 * @context May block.  Hold no spinlock.
 */
#define request_irq(irq, handler, flags, name, dev_id) \
	iommufd_model_request_irq(irq, handler, NULL, flags, name, dev_id, \
				  IOMMUFD_MODEL_SITE(#handler))
/**
 * Does the same with a function that may sleep.
 * @param irq        the number
 * @param handler    called when it is raised; NULL: @p thread_fn is
 * @param thread_fn  called when @p handler returns IRQ_WAKE_THREAD
 * @param flags      IRQF_ bits
 * @param name       a name, for reports
 * @param dev_id     passed to both
 * @return as of request_irq()
 * @ownership As of request_irq().
 * @context May block.  Hold no spinlock.
 */
#define request_threaded_irq(irq, handler, thread_fn, flags, name, dev_id) \
	iommufd_model_request_irq(irq, handler, thread_fn, flags, name, dev_id, \
				  IOMMUFD_MODEL_SITE(#thread_fn))
/**
 * Gives an interrupt back and waits until its handler does not run any more.
 * @param irq     its number
 * @param dev_id  what was passed with the request
 * @return the name that was passed with the request, or NULL
 * @ownership The handler is not called after that.
 * @errors A WARN if there is no such request.
 * @context May block.  Hold no lock that the handler takes.
 */
#define free_irq(irq, dev_id) \
	iommufd_model_free_irq(irq, dev_id, IOMMUFD_MODEL_SITE(#dev_id))
/**
 * Waits until no handler of an interrupt runs.
 * @param irq  its number
 * @context May block.  Hold no lock that the handler takes.
 */
#define synchronize_irq(irq) \
	iommufd_model_synchronize_irq(irq, IOMMUFD_MODEL_SITE(#irq))
/**
 * Keeps the handlers of an interrupt from being called, and waits until none
 * runs.  Nests.
 * @param irq  its number
 * @context May block.  Hold no lock that the handler takes.
 */
#define disable_irq(irq) \
	iommufd_model_disable_irq(irq, true, IOMMUFD_MODEL_SITE(#irq))
/** Does disable_irq() without the wait.  Does not block. */
#define disable_irq_nosync(irq) \
	iommufd_model_disable_irq(irq, false, IOMMUFD_MODEL_SITE(#irq))
/**
 * Undoes one disable_irq().  An interrupt that was raised meanwhile is handled.
 * @param irq  its number
 * @errors A WARN if it is not disabled.
 * @context Does not block.
 */
#define enable_irq(irq) \
	iommufd_model_enable_irq(irq, IOMMUFD_MODEL_SITE(#irq))
/**
 * The device raises an interrupt: each of its handlers will be called.
 * @param irq  its number; nothing happens if nobody has requested it
 * @context Does not block.
 */
#define iommufd_model_irq_raise(irq) \
	iommufd_model_raise_irq(irq, IOMMUFD_MODEL_SITE(#irq))

/** @behind{request_threaded_irq} */
IOMMUFD_MODEL_API int
iommufd_model_request_irq(unsigned int irq, irq_handler_t handler,
			  irq_handler_t thread_fn, unsigned long flags,
			  const char *name, void *dev_id,
			  const struct iommufd_model_site *site);
/** @behind{free_irq} */
IOMMUFD_MODEL_API const void *
iommufd_model_free_irq(unsigned int irq, void *dev_id,
		       const struct iommufd_model_site *site);
/** @behind{synchronize_irq} */
IOMMUFD_MODEL_API void
iommufd_model_synchronize_irq(unsigned int irq,
			      const struct iommufd_model_site *site);
/**
 * Disables an interrupt: what disable_irq() calls.
 * @param irq   its number
 * @param sync  true: wait until no handler runs
 * @param site  the call site
 */
IOMMUFD_MODEL_API void
iommufd_model_disable_irq(unsigned int irq, bool sync,
			  const struct iommufd_model_site *site);
/** @behind{enable_irq} */
IOMMUFD_MODEL_API void
iommufd_model_enable_irq(unsigned int irq,
			 const struct iommufd_model_site *site);
/** @behind{iommufd_model_irq_raise} */
IOMMUFD_MODEL_API void
iommufd_model_raise_irq(unsigned int irq,
			const struct iommufd_model_site *site);

IOMMUFD_MODEL_END_DECLS

#endif
