// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Timers: items (deferred.c) that are called in softirq context and belong to
 * no queue.
 */
#include "ground.h"

static void call(struct iommufd_model_item *item)
{
	struct timer_list *timer = container_of(item, struct timer_list, item);

	timer->function(timer);
}

static const struct iommufd_model_item_kind kind = {
	.arm = IOMMUFD_MODEL_OP_TIMER_ARM,
	.cancel = IOMMUFD_MODEL_OP_TIMER_DELETE,
	.run = IOMMUFD_MODEL_OP_TIMER_FIRE,
	.softirq = true,
	.call = call,
};

void iommufd_model_timer_setup(struct timer_list *timer,
			       void (*func)(struct timer_list *timer),
			       unsigned int flags, const char *name,
			       const struct iommufd_model_site *site)
{
	iommufd_model_item_init(&timer->item, name, site);
	timer->function = func;
	timer->flags = flags;
	timer->expires = 0;
}

static struct iommufd_model_call asked(struct timer_list *timer,
				       unsigned long expires,
				       const struct iommufd_model_site *site)
{
	return (struct iommufd_model_call){
		.kind = &kind,
		.delayed = true,
		.due = expires,
		.expires = &timer->expires,
		.site = site,
	};
}

int iommufd_model_mod_timer(struct timer_list *timer, unsigned long expires,
			    const struct iommufd_model_site *site)
{
	const struct iommufd_model_call call = asked(timer, expires, site);

	return iommufd_model_item_change(&timer->item, &call);
}

void iommufd_model_add_timer(struct timer_list *timer,
			     const struct iommufd_model_site *site)
{
	const struct iommufd_model_call call =
		asked(timer, timer->expires, site);

	if (!iommufd_model_item_arm(&timer->item, &call))
		iommufd_model_warn(site, timer,
				   "add_timer of %s, which is "
				   "armed or shut down",
				   site->what);
}

int iommufd_model_timer_delete(struct timer_list *timer, bool sync,
			       bool shutdown,
			       const struct iommufd_model_site *site)
{
	return iommufd_model_item_cancel(&timer->item, &kind, sync || shutdown,
					 shutdown ? ITEM_SHUT : 0, site);
}
