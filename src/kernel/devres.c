// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Devices: their references and names, and the memory that is freed with them.
 *
 * The entries for what is freed with a device form a list, the newest entry
 * first.  It is guarded by a lock word that is held for a few instructions.
 * This is not one of the ground's locks, because it must not be visible at the
 * gate.
 */
#include "ground.h"
#include <iommufd_model/kernel/dev_printk.h>
#include <sched.h>
#include <stdarg.h>

/* An entry: memory, which follows the struct, or an action. */
struct iommufd_model_devres {
	struct iommufd_model_devres *next;
	void (*action)(void *data);
	void *data;
} __attribute__((aligned(16)));

static int list_word;

static void lock_list(void)
{
	tsan_hide_explored();
	while (__atomic_exchange_n(&list_word, 1, __ATOMIC_ACQUIRE))
		sched_yield();
}

static void unlock_list(void)
{
	__atomic_store_n(&list_word, 0, __ATOMIC_RELEASE);
	tsan_show_explored();
}

static void add_entry(struct device *dev, struct iommufd_model_devres *entry)
{
	lock_list();
	entry->next = dev->devres;
	dev->devres = entry;
	unlock_list();
}

/* Removes and returns the newest entry, or @wanted; NULL if there is none. */
static struct iommufd_model_devres *
take_entry(struct device *dev, const struct iommufd_model_devres *wanted)
{
	struct iommufd_model_devres **link, *entry;

	lock_list();
	for (link = &dev->devres; (entry = *link); link = &entry->next)
		if (!wanted || entry == wanted)
			break;
	if (entry)
		*link = entry->next;
	unlock_list();
	return entry;
}

void *iommufd_model_devm_alloc(struct device *dev, size_t size, gfp_t gfp,
			       const struct iommufd_model_site *site)
{
	struct iommufd_model_devres *entry;

	entry = iommufd_model_alloc(1, size_add(size, sizeof(*entry)), gfp,
				    false, site);
	if (!entry)
		return NULL;
	entry->action = NULL;
	entry->data = NULL;
	add_entry(dev, entry);
	return entry + 1;
}

void iommufd_model_devm_free(struct device *dev, const void *p,
			     const struct iommufd_model_site *site)
{
	if (!p)
		return;
	if (take_entry(dev, (const struct iommufd_model_devres *)p - 1))
		iommufd_model_free((const struct iommufd_model_devres *)p - 1,
				   false, site);
	else
		iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_ALLOCATOR, site, NULL,
				     "devm_kfree of %s, which is not the "
				     "device's", site->what);
}

int iommufd_model_devm_action(struct device *dev, void (*action)(void *),
			      void *data, bool reset,
			      const struct iommufd_model_site *site)
{
	struct iommufd_model_devres *entry;

	entry = iommufd_model_alloc(1, sizeof(*entry), GFP_KERNEL, false, site);
	if (!entry) {
		if (reset)
			action(data);
		return -ENOMEM;
	}
	entry->action = action;
	entry->data = data;
	add_entry(dev, entry);
	return 0;
}

char *iommufd_model_devm_asprintf(struct device *dev, gfp_t gfp,
				  const struct iommufd_model_site *site,
				  const char *fmt, ...)
{
	va_list args, again;
	char *str = NULL;
	int len;

	va_start(args, fmt);
	iommufd_model_format_reads(site, fmt, args);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len >= 0)
		str = iommufd_model_devm_alloc(dev, (size_t)len + 1, gfp, site);
	if (str)
		vsnprintf(str, (size_t)len + 1, fmt, args);
	va_end(args);
	return str;
}

static void release_entries(struct device *dev,
			    const struct iommufd_model_site *site)
{
	struct iommufd_model_devres *entry;

	while ((entry = take_entry(dev, NULL))) {
		if (entry->action)
			entry->action(entry->data);
		iommufd_model_free(entry, false, site);
	}
}

void iommufd_model_devres_release(struct device *dev)
{
	release_entries(dev, IOMMUFD_MODEL_SITE("devres"));
}

void iommufd_model_device_init(struct device *dev,
			       const struct iommufd_model_site *site)
{
	dev->registered = false;
	dev->devres = NULL;
	iommufd_model_refcount_set(&dev->refs, 1, site);
}

struct device *iommufd_model_get_device(struct device *dev,
					const struct iommufd_model_site *site)
{
	if (dev)
		iommufd_model_refcount_add(&dev->refs, 1, site);
	return dev;
}

void iommufd_model_put_device(struct device *dev,
			      const struct iommufd_model_site *site)
{
	char *name;

	if (!dev || iommufd_model_refcount_sub_and_test(&dev->refs, 1, site) !=
	    1)
		return;
	release_entries(dev, site);
	name = dev->own_name;
	if (dev->release)
		dev->release(dev);
	else
		iommufd_model_warn(site, dev, "device %s has no release()",
				   dev_name(dev));
	iommufd_model_free(name, false, site);
}

int iommufd_model_device_add(struct device *dev,
			     const struct iommufd_model_site *site)
{
	iommufd_model_may_sleep("device_add", site);
	if (!dev->name)
		return -EINVAL;
	iommufd_model_get_device(dev->parent, site);
	dev->registered = true;
	return 0;
}

void iommufd_model_device_del(struct device *dev,
			      const struct iommufd_model_site *site)
{
	iommufd_model_may_sleep("device_del", site);
	if (!dev->registered)
		return;
	dev->registered = false;
	release_entries(dev, site);
	iommufd_model_put_device(dev->parent, site);
}

int iommufd_model_dev_set_name(struct device *dev,
			       const struct iommufd_model_site *site,
			       const char *fmt, ...)
{
	va_list args;
	char *name;

	va_start(args, fmt);
	name = iommufd_model_vasprintf(GFP_KERNEL, site, fmt, args);
	va_end(args);
	if (!name)
		return -ENOMEM;
	iommufd_model_free(dev->own_name, false, site);
	dev->own_name = name;
	dev->name = name;
	return 0;
}

void iommufd_model_dev_printk(const struct iommufd_model_site *site,
			      const struct device *dev, const char *fmt, ...)
{
	char text[256], level[3] = KERN_WARNING;
	va_list args;

	if (fmt[0] == KERN_SOH[0] && fmt[1]) {
		level[1] = fmt[1];
		fmt += 2;
	}
	va_start(args, fmt);
	iommufd_model_format_reads(site, fmt, args);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	iommufd_model_printk(site, "%s%s: %s", level, dev_name(dev), text);
}
