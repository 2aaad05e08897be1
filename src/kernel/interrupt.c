// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Interrupts that are requested, which interrupt.h describes.
 *
 * An interrupt has two counters: the number of threads that were started to
 * call its handlers, and the number of these threads that have ended.  A wait
 * for the handlers lasts until the second counter has reached the present value
 * of the first.  Both counters are static, so a request can be freed as soon as
 * none of its handlers runs.
 *
 * A handler's thread checks before each call whether the request still exists.
 * This check, a raise, and a change of the requests are operations on the
 * interrupt, and any two of them conflict.
 */
#include "ground.h"
#include <iommufd_model/kernel/interrupt.h>
#include <pthread.h>
#include <string.h>

struct irq {
	unsigned int generation;
	int disabled;
	int started, ended;
	struct list_head requests;
};

/*
 * struct request - one successful request_irq()
 * @gone: free_irq() was called
 * @active: a thread will check again whether the interrupt is @raised
 */
struct request {
	struct list_head entry;
	struct irq *irq;
	int number;
	irq_handler_t handler, thread_fn;
	unsigned long flags;
	const char *name;
	void *dev_id;
	bool gone, active, raised;
	const struct iommufd_model_site *site;
};

static pthread_mutex_t irqs_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct irq irqs[IOMMUFD_MODEL_NR_IRQS];

/* Returns the interrupt @number, locked until put_irq(), or NULL. */
static struct irq *get_irq(unsigned int number)
{
	struct irq *irq;

	if (number >= IOMMUFD_MODEL_NR_IRQS)
		return NULL;
	irq = &irqs[number];
	pthread_mutex_lock(&irqs_mutex);
	if (irq->generation == iommufd_model_generation &&
	    irq->requests.next)
		return irq;
	memset(irq, 0, sizeof(*irq));
	irq->generation = iommufd_model_generation;
	INIT_LIST_HEAD(&irq->requests);
	return irq;
}

static void put_irq(void)
{
	pthread_mutex_unlock(&irqs_mutex);
}

/* The functions below are executed by the thread of a handler. */

/* Tells whether the handler must be called, or called again. */
static bool take(struct request *request)
{
	bool call;

	pthread_mutex_lock(&irqs_mutex);
	call = request->raised && !request->gone && !request->irq->disabled;
	if (call)
		request->raised = false;
	else
		request->active = false;
	pthread_mutex_unlock(&irqs_mutex);
	return call;
}

static bool take_gated(struct request *request,
		       const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		return GATED(IOMMUFD_MODEL_OP_IRQ_RUN, request->irq,
			     request->number, site, take(request));
	return take(request);
}

static void call(struct request *request)
{
	irqreturn_t rc = IRQ_WAKE_THREAD;

	if (request->handler) {
		iommufd_model_context_enter(IOMMUFD_MODEL_CONTEXT_HARDIRQ,
					    request->site);
		rc = request->handler(request->number, request->dev_id);
		iommufd_model_context_leave(IOMMUFD_MODEL_CONTEXT_HARDIRQ,
					    request->site);
	}
	if (rc != IRQ_WAKE_THREAD)
		return;
	if (request->thread_fn)
		request->thread_fn(request->number, request->dev_id);
	else
		iommufd_model_warn(request->site, NULL,
				   "the handler of %s returned "
				   "IRQ_WAKE_THREAD, and there is no thread",
				   request->name);
}

static void run(void *data)
{
	struct request *request = data;
	const struct iommufd_model_site *site = request->site;
	struct irq *irq = request->irq;

	while (take_gated(request, site))
		call(request);
	iommufd_model_done(&irq->ended, site);
}

/* Starts a thread for each handler of a raised interrupt.  The lock is held. */
static void start_if_raised(struct irq *irq)
{
	struct request *request;

	list_for_each_entry(request, &irq->requests, entry) {
		if (!request->raised || request->active || irq->disabled)
			continue;
		request->active = true;
		irq->started++;
		iommufd_model_background(request->name, run, request, false);
	}
}

/* The functions below raise an interrupt. */

static long raise(unsigned int number)
{
	struct irq *irq = get_irq(number);
	struct request *request;

	list_for_each_entry(request, &irq->requests, entry)
		request->raised = true;
	/* A thread that is started here runs only up to its first operation. */
	start_if_raised(irq);
	put_irq();
	return 0;
}

void iommufd_model_raise_irq(unsigned int number,
			     const struct iommufd_model_site *site)
{
	if (number >= IOMMUFD_MODEL_NR_IRQS)
		return;
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED(IOMMUFD_MODEL_OP_IRQ_RAISE, &irqs[number], number, site,
		      raise(number));
	else
		raise(number);
}

/* The functions below add and remove requests. */

static long add(unsigned int number, struct request *request)
{
	struct irq *irq = get_irq(number);
	const struct request *first;
	long rc = 0;

	first = list_first_entry_or_null(&irq->requests, struct request, entry);
	if (first && !(first->flags & request->flags & IRQF_SHARED)) {
		rc = -EBUSY;
	} else {
		request->irq = irq;
		list_add_tail(&request->entry, &irq->requests);
	}
	put_irq();
	return rc;
}

int iommufd_model_request_irq(unsigned int irq, irq_handler_t handler,
			      irq_handler_t thread_fn, unsigned long flags,
			      const char *name, void *dev_id,
			      const struct iommufd_model_site *site)
{
	struct request *request;
	int rc;

	iommufd_model_may_sleep("request_irq", site);
	if (irq >= IOMMUFD_MODEL_NR_IRQS || (!handler && !thread_fn) ||
	    (flags & IRQF_SHARED && !dev_id))
		return -EINVAL;
	request = kzalloc(sizeof(*request), GFP_KERNEL);
	if (!request)
		return -ENOMEM;
	request->number = (int)irq;
	request->handler = handler;
	request->thread_fn = thread_fn;
	request->flags = flags;
	request->name = name;
	request->dev_id = dev_id;
	request->site = site;
	iommufd_model_lockdep_use_rule();
	if (IOMMUFD_MODEL_GATE_OPEN())
		rc = (int)GATED(IOMMUFD_MODEL_OP_IRQ_CHANGE, &irqs[irq], irq,
				site, add(irq, request));
	else
		rc = (int)add(irq, request);
	if (rc)
		kfree(request);
	return rc;
}

/*
 * Removes the request from its list and returns it, or NULL if there is none.
 */
static struct request *take_off(unsigned int number, const void *dev_id)
{
	struct irq *irq = get_irq(number);
	struct request *request, *found = NULL;

	list_for_each_entry(request, &irq->requests, entry)
		if (request->dev_id == dev_id)
			found = request;
	if (found) {
		list_del(&found->entry);
		found->gone = true;
	}
	put_irq();
	return found;
}

const void *iommufd_model_free_irq(unsigned int irq, void *dev_id,
				   const struct iommufd_model_site *site)
{
	struct request *request = NULL;
	const char *name;

	iommufd_model_may_sleep("free_irq", site);
	if (irq < IOMMUFD_MODEL_NR_IRQS && IOMMUFD_MODEL_GATE_OPEN())
		request = (void *)GATED(IOMMUFD_MODEL_OP_IRQ_CHANGE, &irqs[irq],
					irq, site, take_off(irq, dev_id));
	else if (irq < IOMMUFD_MODEL_NR_IRQS)
		request = take_off(irq, dev_id);
	if (!request) {
		iommufd_model_warn(site, NULL,
				   "free_irq of interrupt %u for %s, which is "
				   "not requested",
				   irq, site->what);
		return NULL;
	}
	iommufd_model_synchronize_irq(irq, site);
	name = request->name;
	kfree(request);
	return name;
}

void iommufd_model_synchronize_irq(unsigned int number,
				   const struct iommufd_model_site *site)
{
	struct irq *irq;
	int target;

	iommufd_model_may_sleep("synchronize_irq", site);
	irq = get_irq(number);
	if (!irq)
		return;
	target = irq->started;
	put_irq();
	iommufd_model_wait_until(&irq->ended, target, -1, site);
}

/* The functions below disable and enable an interrupt. */

static long change_disabled(unsigned int number, int by)
{
	struct irq *irq = get_irq(number);
	long was = irq->disabled;

	if (was + by >= 0)
		irq->disabled += by;
	start_if_raised(irq);
	put_irq();
	return was;
}

static long change_gated(unsigned int number, int by,
			 const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		return GATED(IOMMUFD_MODEL_OP_IRQ_CHANGE, &irqs[number], number,
			     site, change_disabled(number, by));
	return change_disabled(number, by);
}

void iommufd_model_disable_irq(unsigned int irq, bool sync,
			       const struct iommufd_model_site *site)
{
	if (irq >= IOMMUFD_MODEL_NR_IRQS)
		return;
	change_gated(irq, 1, site);
	if (sync)
		iommufd_model_synchronize_irq(irq, site);
}

void iommufd_model_enable_irq(unsigned int irq,
			      const struct iommufd_model_site *site)
{
	if (irq >= IOMMUFD_MODEL_NR_IRQS || !change_gated(irq, -1, site))
		iommufd_model_warn(site, NULL,
				   "enable_irq of interrupt %u, which is not "
				   "disabled",
				   irq);
}
