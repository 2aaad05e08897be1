// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * RCU and SRCU.
 *
 * A domain has two epochs.  The sections of the first are the read sections,
 * for which a grace period waits.  The sections of the second are the
 * callbacks, from their registration until they have returned; rcu_barrier()
 * waits for them.
 *
 *	call_rcu() --> a thread: grace period ends --> callback --> returned
 *	  records the readers to wait for
 *
 * With a scheduler each callback has a thread.  Without one, one thread of each
 * domain takes all callbacks that are registered, waits for one grace period,
 * and calls them one after the other.
 */
#include "ground.h"
#include <pthread.h>
#include <string.h>

struct iommufd_model_rcu_domain iommufd_model_rcu;

static pthread_mutex_t list_mutex = PTHREAD_MUTEX_INITIALIZER;

/* The value of the member @pending of a callback that is registered. */
#define PENDING(head) ((uintptr_t)(head) ^ (uintptr_t)0x5ca1ab1e)

void iommufd_model_rcu_misuse(const struct iommufd_model_site *site)
{
	iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_LOCK, site, NULL,
			     "%s is followed outside of an RCU read section",
			     site->what);
}

/* The functions below begin and end read sections. */

static int enter(struct iommufd_model_rcu_domain *domain,
		 const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		return (int)GATED(IOMMUFD_MODEL_OP_RCU_LOCK, domain, 0, site,
				  iommufd_model_epoch_enter(&domain->readers));
	return iommufd_model_epoch_enter(&domain->readers);
}

static void leave(struct iommufd_model_rcu_domain *domain, int section,
		  const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED(IOMMUFD_MODEL_OP_RCU_UNLOCK, domain, section, site,
		      (iommufd_model_epoch_leave(&domain->readers, section),
		       0));
	else
		iommufd_model_epoch_leave(&domain->readers, section);
}

void iommufd_model_rcu_read_lock(const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = current_task();

	if (!task->context_depth[IOMMUFD_MODEL_CONTEXT_RCU])
		task->rcu_section = enter(&iommufd_model_rcu, site);
	iommufd_model_context_enter(IOMMUFD_MODEL_CONTEXT_RCU, site);
}

void iommufd_model_rcu_read_unlock(const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = current_task();
	int depth = task->context_depth[IOMMUFD_MODEL_CONTEXT_RCU];

	if (depth == 1)
		leave(&iommufd_model_rcu, task->rcu_section, site);
	iommufd_model_context_leave(IOMMUFD_MODEL_CONTEXT_RCU, site);
}

int iommufd_model_srcu_read_lock(struct iommufd_model_rcu_domain *domain,
				 const struct iommufd_model_site *site)
{
	int section = enter(domain, site);

	iommufd_model_section_enter(domain, section, false, site);
	return section;
}

/* Returns true if a section with the number @section has not ended. */
static bool is_inside(const struct iommufd_model_epoch *epoch, int section)
{
	unsigned int n = (unsigned int)section;
	int now = __atomic_load_n(&epoch->now, __ATOMIC_RELAXED);

	return iommufd_model_reached(now, section) &&
	       (unsigned int)now - n < IOMMUFD_MODEL_EPOCHS &&
	       __atomic_load_n(&epoch->inside[n % IOMMUFD_MODEL_EPOCHS],
			       __ATOMIC_RELAXED) > 0;
}

void iommufd_model_srcu_read_unlock(struct iommufd_model_rcu_domain *domain,
				    int idx,
				    const struct iommufd_model_site *site)
{
	if (!iommufd_model_section_leave(domain, idx, "srcu_read_unlock", site))
		return;
	if (is_inside(&domain->readers, idx))
		leave(domain, idx, site);
	else
		iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_LOCK, site, domain,
				     "srcu_read_unlock of %s, which was "
				     "initialised in the section",
				     site->what);
}

/* The functions below wait for readers. */

static void wait_for(struct iommufd_model_rcu_domain *domain, const void *addr,
		     int target, const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = current_task();

	if (!IOMMUFD_MODEL_GATE_OPEN()) {
		iommufd_model_epoch_end(&domain->readers, target);
		return;
	}
	task->also = domain;
	GATED(IOMMUFD_MODEL_OP_RCU_END, addr, target, site,
	      (iommufd_model_epoch_end(&domain->readers, target), 0));
	task->also = NULL;
}

static int begin(struct iommufd_model_rcu_domain *domain,
		 const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		return (int)GATED(IOMMUFD_MODEL_OP_RCU_BEGIN, domain, 0, site,
				  iommufd_model_epoch_begin(&domain->readers));
	return iommufd_model_epoch_begin(&domain->readers);
}

void iommufd_model_synchronize(struct iommufd_model_rcu_domain *domain,
			       const struct iommufd_model_site *site)
{
	iommufd_model_may_sleep("synchronize_rcu", site);
	wait_for(domain, domain, begin(domain, site), site);
}

/* The functions below execute callbacks. */

static void note_return(struct iommufd_model_rcu_domain *domain, int number,
			const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = current_task();

	if (!IOMMUFD_MODEL_GATE_OPEN()) {
		iommufd_model_epoch_leave(&domain->callbacks, number);
		return;
	}
	task->also = domain;
	GATED(IOMMUFD_MODEL_OP_RCU_CALLED, &domain->callbacks, number, site,
	      (iommufd_model_epoch_leave(&domain->callbacks, number), 0));
	task->also = NULL;
}

/* Waits for the readers and then calls the callback @data. */
static void run_callback(void *data)
{
	struct rcu_head *head = data;
	struct iommufd_model_rcu_domain *domain = head->domain;
	const struct iommufd_model_site *site = head->site;
	rcu_callback_t func;
	int number;

	wait_for(domain, head, head->target, site);
	func = head->func;
	number = head->number;
	head->pending = 0;
	iommufd_model_context_enter(IOMMUFD_MODEL_CONTEXT_SOFTIRQ, site);
	if (func)
		func(head);
	else
		iommufd_model_free(head->object, true, site);
	iommufd_model_context_leave(IOMMUFD_MODEL_CONTEXT_SOFTIRQ, site);
	if (func)
		note_return(domain, number, site);
}

/* Without a scheduler, takes all callbacks that are registered off the list. */
static struct rcu_head *take_all(struct iommufd_model_rcu_domain *domain)
{
	struct rcu_head *list;

	pthread_mutex_lock(&list_mutex);
	list = domain->list;
	domain->list = NULL;
	domain->busy = list;
	pthread_mutex_unlock(&list_mutex);
	return list;
}

/* Reverses @list, which begins with the newest callback. */
static struct rcu_head *reverse(struct rcu_head *list)
{
	struct rcu_head *head, *first = NULL;

	while ((head = list)) {
		list = head->next;
		head->next = first;
		first = head;
	}
	return first;
}

static void run_callbacks(void *data)
{
	struct iommufd_model_rcu_domain *domain = data;
	struct rcu_head *head, *list;
	int target;

	while ((list = reverse(take_all(domain)))) {
		target = iommufd_model_epoch_begin(&domain->readers);
		while ((head = list)) {
			list = head->next;
			head->target = target;
			run_callback(head);
		}
	}
}

/*
 * Without a scheduler, passes a callback to the thread of the domain, which
 * calls it.
 */
static void enlist(struct iommufd_model_rcu_domain *domain,
		   struct rcu_head *head)
{
	pthread_mutex_lock(&list_mutex);
	if (head) {
		head->next = domain->list;
		domain->list = head;
	}
	if (domain->list && !domain->busy)
		domain->busy = !iommufd_model_background(
			"callbacks", run_callbacks, domain, false);
	pthread_mutex_unlock(&list_mutex);
}

static void enrol(struct iommufd_model_rcu_domain *domain,
		  struct rcu_head *head, const char *name)
{
	if (head->func)
		head->number = iommufd_model_epoch_enter(&domain->callbacks);
	if (!iommufd_model_scheduler) {
		enlist(domain, head);
		return;
	}
	head->target = iommufd_model_epoch_begin(&domain->readers);
	iommufd_model_background(name, run_callback, head, false);
}

static int register_head(struct iommufd_model_rcu_domain *domain,
			 struct rcu_head *head, rcu_callback_t func,
			 void *object, const char *name,
			 const struct iommufd_model_site *site)
{
	if (head->pending == PENDING(head)) {
		iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_DOUBLE_FREE, site,
				     head,
				     "call_rcu of %s, which is registered and "
				     "was not called yet, %s:%d",
				     site->what, head->site->file,
				     head->site->line);
		return 0;
	}
	head->func = func;
	head->object = object;
	head->domain = domain;
	head->site = site;
	head->pending = PENDING(head);
	enrol(domain, head, name);
	return 1;
}

void iommufd_model_call_rcu(struct iommufd_model_rcu_domain *domain,
			    struct rcu_head *head, rcu_callback_t func,
			    void *object, const char *name,
			    const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = current_task();

	if (!IOMMUFD_MODEL_GATE_OPEN()) {
		register_head(domain, head, func, object, name, site);
		return;
	}
	task->also = domain;
	GATED(IOMMUFD_MODEL_OP_RCU_CALL, head, 0, site,
	      register_head(domain, head, func, object, name, site));
	task->also = NULL;
}

static void wait_for_callbacks(struct iommufd_model_rcu_domain *domain,
			       const struct iommufd_model_site *site)
{
	struct iommufd_model_epoch *epoch = &domain->callbacks;
	struct iommufd_model_task *task = current_task();
	long target;

	if (!IOMMUFD_MODEL_GATE_OPEN()) {
		iommufd_model_epoch_end(epoch,
					iommufd_model_epoch_begin(epoch));
		return;
	}
	task->also = domain;
	target = GATED(IOMMUFD_MODEL_OP_RCU_BARRIER, epoch, 0, site,
		       iommufd_model_epoch_begin(epoch));
	GATED(IOMMUFD_MODEL_OP_RCU_BARRIER_END, epoch, target, site,
	      (iommufd_model_epoch_end(epoch, (int)target), 0));
	task->also = NULL;
}

void iommufd_model_rcu_barrier(struct iommufd_model_rcu_domain *domain,
			       const struct iommufd_model_site *site)
{
	iommufd_model_may_sleep("rcu_barrier", site);
	/*
	 * When the callbacks were registered, no thread could be started for
	 * them.
	 */
	if (!iommufd_model_scheduler)
		enlist(domain, NULL);
	wait_for_callbacks(domain, site);
}

static void no_function(struct rcu_head *head)
{
	(void)head;
}

/*
 * One thread calls the callbacks in their order, so waiting for a last callback
 * is enough.
 */
void iommufd_model_rcu_drain(void)
{
	struct rcu_head last = { 0 };

	call_rcu(&last, no_function);
	rcu_barrier();
}

/* Domains */

static int init(struct iommufd_model_rcu_domain *domain)
{
	memset(domain, 0, sizeof(*domain));
	return 0;
}

int iommufd_model_init_srcu(struct iommufd_model_rcu_domain *domain,
			    const struct iommufd_model_site *site)
{
	iommufd_model_may_sleep("init_srcu_struct", site);
	if (IOMMUFD_MODEL_GATE_OPEN())
		return (int)GATED(IOMMUFD_MODEL_OP_LOCK_INIT, domain,
				  sizeof(*domain), site, init(domain));
	return init(domain);
}

static int check_unused(struct iommufd_model_rcu_domain *domain,
			const struct iommufd_model_site *site)
{
	if (iommufd_model_epoch_inside(&domain->readers))
		iommufd_model_warn(site, domain,
				   "cleanup_srcu_struct of %s, which is read",
				   site->what);
	else if (iommufd_model_epoch_inside(&domain->callbacks))
		iommufd_model_warn(site, domain,
				   "cleanup_srcu_struct of %s, which has "
				   "callbacks",
				   site->what);
	return 0;
}

void iommufd_model_cleanup_srcu(struct iommufd_model_rcu_domain *domain,
				const struct iommufd_model_site *site)
{
	iommufd_model_may_sleep("cleanup_srcu_struct", site);
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED(IOMMUFD_MODEL_OP_LOCK_DESTROY, domain, sizeof(*domain),
		      site, check_unused(domain, site));
	else
		check_unused(domain, site);
}
