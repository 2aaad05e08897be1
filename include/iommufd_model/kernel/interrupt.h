/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Interrupts, which a driver requests and a device of the test raises.
 *
 * A test calls iommufd_model_irq_raise() in place of the device.  The handler
 * then runs on a thread of its own at any later moment, as if on another
 * processor; to the explorer it is a thread like those of the test.  The
 * handler runs with interrupts off and must not sleep.  The handler of one
 * request never runs twice at the same time: if the interrupt is raised while
 * it runs, it runs once more afterwards.
 *
 * A handler that interrupts a thread of the test, on the same processor, is
 * declared in the member interrupts of struct iommufd_model_test.  Only such a
 * handler could deadlock on a spinlock that the interrupted thread holds.  A
 * rule finds that mistake for the handlers here too: a spinlock that is taken
 * in a handler, and elsewhere with interrupts on, is a WARN of the kind
 * IOMMUFD_MODEL_MISUSE_SELF_DEADLOCK, which names both call sites.  The same
 * rule holds for softirqs, such as timers, and bottom halves.  It applies while
 * a hook is installed.
 */
#ifndef IOMMUFD_MODEL_KERNEL_INTERRUPT_H
#define IOMMUFD_MODEL_KERNEL_INTERRUPT_H

#include <iommufd_model/kernel/context.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** What a handler returns. */
typedef enum irqreturn {
	IRQ_NONE = 0,	/**< the interrupt was not raised by this device */
	IRQ_HANDLED = 1,	/**< the handler has handled the interrupt */
	IRQ_WAKE_THREAD = 2,	/**< the thread function is to be called */
} irqreturn_t;

/** Gives IRQ_HANDLED if @p x is true, otherwise IRQ_NONE. */
#define IRQ_RETVAL(x) ((x) ? IRQ_HANDLED : IRQ_NONE)

/**
 * The type of a handler, which gets the interrupt number and the dev_id of the
 * request.
 */
typedef irqreturn_t (*irq_handler_t)(int irq, void *dev_id);

#define IRQF_SHARED 0x80ul	/**< other requests may share the interrupt */
#define IRQF_ONESHOT 0x2000ul	/**< no effect: every interrupt behaves so */

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
 * Requests an interrupt with a thread function, which may sleep.
 * @param irq        the number
 * @param handler    called when the interrupt is raised; if it is NULL, @p
 *   thread_fn is called
 * @param thread_fn  called when @p handler returns IRQ_WAKE_THREAD
 * @param flags      IRQF_ bits
 * @param name       a name, for reports
 * @param dev_id     passed to both functions
 * @return the same as request_irq()
 * @ownership The same as for request_irq().
 * @context May block.  Hold no spinlock.
 */
#define request_threaded_irq(irq, handler, thread_fn, flags, name, dev_id) \
	iommufd_model_request_irq(irq, handler, thread_fn, flags, name, dev_id, \
				  IOMMUFD_MODEL_SITE(#thread_fn))
/**
 * Frees an interrupt, and waits until its handler has returned.
 * @param irq     its number
 * @param dev_id  what was passed with the request
 * @return the name that was passed with the request, or NULL
 * @ownership The handler is not called any more afterwards.
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
 * runs.  Calls nest.
 * @param irq  its number
 * @context May block.  Hold no lock that the handler takes.
 */
#define disable_irq(irq) \
	iommufd_model_disable_irq(irq, true, IOMMUFD_MODEL_SITE(#irq))
/** Does disable_irq() without waiting.  Does not block. */
#define disable_irq_nosync(irq) \
	iommufd_model_disable_irq(irq, false, IOMMUFD_MODEL_SITE(#irq))
/**
 * Undoes one disable_irq().  An interrupt that was raised in the meantime is
 * then handled.
 * @param irq  its number
 * @errors A WARN if the interrupt is not disabled.
 * @context Does not block.
 */
#define enable_irq(irq) \
	iommufd_model_enable_irq(irq, IOMMUFD_MODEL_SITE(#irq))
/**
 * Raises an interrupt, as a device does: each of its handlers will be called.
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
 * Disables an interrupt.  disable_irq() calls it.
 * @param irq   its number
 * @param sync  true to wait until no handler runs
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
