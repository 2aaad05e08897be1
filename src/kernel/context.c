// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The contexts of a thread, which context.h describes.
 *
 * A task has a bit for each context that the thread is in, so that all of them
 * can be tested at once, and for each context its depth and the call site of
 * the outermost entry.  Only the thread itself changes them.
 *
 * Interrupts are not counted: they are on or off, as on a processor.  To turn
 * them off or on is an operation at the gate, because an interrupt handler that
 * is a thread of the test can start before they are turned off or after they
 * are turned on.
 */
#include "ground.h"
#include <string.h>

/*
 * The values of local_irq_save().  They are not 0 and 1, so that a mistake is
 * noticed.
 */
#define FLAGS_WERE_ON 0x200ul
#define FLAGS_WERE_OFF 0x100ul

static const char *const places[IOMMUFD_MODEL_NR_CONTEXTS] = {
	[IOMMUFD_MODEL_CONTEXT_HARDIRQ] = "in an irq handler, entered by",
	[IOMMUFD_MODEL_CONTEXT_SOFTIRQ] = "in a softirq, entered by",
	[IOMMUFD_MODEL_CONTEXT_IRQS] = "with interrupts off, turned off by",
	[IOMMUFD_MODEL_CONTEXT_BH] = "with bottom halves off, turned off by",
	[IOMMUFD_MODEL_CONTEXT_PREEMPT] = "with preemption off, turned off by",
	[IOMMUFD_MODEL_CONTEXT_RCU] = "in an RCU read section, entered by",
};

void iommufd_model_context_enter(enum iommufd_model_context kind,
				 const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = current_task();

	if (task->context_depth[kind]++)
		return;
	if (kind == IOMMUFD_MODEL_CONTEXT_SOFTIRQ)
		iommufd_model_lockdep_use_rule();
	task->context_site[kind] = site;
	task->contexts |= 1u << kind;
}

void iommufd_model_context_leave(enum iommufd_model_context kind,
				 const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = current_task();

	if (!task->context_depth[kind]) {
		iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_LOCK, site, NULL,
				     "%s without its counterpart", site->what);
		return;
	}
	if (!--task->context_depth[kind])
		task->contexts &= ~(1u << kind);
}

const struct iommufd_model_site *
iommufd_model_context_find(const struct iommufd_model_task *task,
			   const char **where)
{
	int kind;

	if (!task->contexts)
		return NULL;
	kind = __builtin_ctz(task->contexts);
	*where = places[kind];
	return task->context_site[kind];
}

/* The functions below begin and end sections, which context.h describes. */

void iommufd_model_section_enter(const void *object, int number, bool write,
				 const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = current_task();
	struct iommufd_model_section *section;

	if (task->nr_sections >= IOMMUFD_MODEL_MAX_SECTIONS) {
		task->nr_more_sections++;
		return;
	}
	section = &task->sections[task->nr_sections++];
	section->object = object;
	section->site = site;
	section->number = number;
	section->write = write;
}

bool iommufd_model_section_leave(const void *object, int number,
				 const char *call,
				 const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = current_task();
	struct iommufd_model_section *section;
	int i;

	for (i = task->nr_sections - 1; i >= 0; i--) {
		section = &task->sections[i];
		if (section->object != object || section->number != number)
			continue;
		task->nr_sections--;
		memmove(section, section + 1,
			(size_t)(task->nr_sections - i) * sizeof(*section));
		return true;
	}
	if (task->nr_more_sections) {
		task->nr_more_sections--;
		return true;
	}
	iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_LOCK, site, object,
			     "%s of %s without its counterpart in this thread",
			     call, site->what);
	return false;
}

bool iommufd_model_spinlock_held(void)
{
	const struct iommufd_model_task *task = current_task();
	int i;

	for (i = 0; i < task->nr_held; i++)
		if (task->held[i].map & HELD_SPIN)
			return true;
	return false;
}

/* The functions below turn interrupts off and on. */

static int turn_irqs(bool off, const struct iommufd_model_site *site)
{
	if (off)
		iommufd_model_context_enter(IOMMUFD_MODEL_CONTEXT_IRQS, site);
	else
		iommufd_model_context_leave(IOMMUFD_MODEL_CONTEXT_IRQS, site);
	return 0;
}

static void change_irqs(bool off, const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED(off ? IOMMUFD_MODEL_OP_IRQS_OFF :
			    IOMMUFD_MODEL_OP_IRQS_ON,
		      NULL, 0, site, turn_irqs(off, site));
	else
		turn_irqs(off, site);
}

unsigned long iommufd_model_irq_save(const struct iommufd_model_site *site)
{
	if (irqs_disabled())
		return FLAGS_WERE_OFF;
	change_irqs(true, site);
	return FLAGS_WERE_ON;
}

void iommufd_model_irq_enable(const struct iommufd_model_site *site)
{
	if (!in_hardirq() && irqs_disabled())
		change_irqs(false, site);
	else
		iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_LOCK, site, NULL,
				     in_hardirq() ?
					     "%s in an irq handler" :
					     "%s while interrupts are on",
				     site->what);
}

void iommufd_model_irq_restore(unsigned long flags,
			       const struct iommufd_model_site *site)
{
	bool off = irqs_disabled();

	if (flags == FLAGS_WERE_OFF && off)
		return;
	if (flags == FLAGS_WERE_ON && off && !in_hardirq())
		change_irqs(false, site);
	else
		iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_LOCK, site, NULL,
				     off ? "%s with flags that were not saved" :
					   "%s while interrupts are on",
				     site->what);
}
