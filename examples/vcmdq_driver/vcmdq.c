// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * vcmdq: an IOMMU whose command queues can be given to a VM.
 *
 * The VM writes its commands to a queue in its own memory, and the hardware
 * reads them there.  This driver has no part in that.  It sets queues up, and
 * when the hardware reports an error by its interrupt, it stops the queue and
 * tells user space.
 *
 *	queue 1 ---U---> queue 0 ---U---> vIOMMU <---U--- vDEVICE
 *	                    ^               ^                ^
 *	slot of queue ------+  irq, work ---+   slot of SID -+
 *
 *	holder		holds			from		to
 *	queue n + 1	queue n, U		init		destroy
 *	slots		queue, vDEVICE, -	init		destroy
 *	irq		vIOMMU, -		viommu_init	free_irq()
 *	error work	vIOMMU, -		irq		run, or cancel
 *	irq		a sync on a stack, -	sync		done, or given up
 *
 * U is a reference in users, - none at all.  iommufd adds those of a queue and
 * of a vDEVICE to their vIOMMU, so that both are gone when it is destroyed.
 *
 * A device may be unbound at any time.  iommufd then destroys its vDEVICE, and
 * the error work must not find that in its slot any more.
 *
 * The order of the end of a vIOMMU: free_irq() first, after which nobody queues
 * the error work; then cancel_work_sync().
 *
 * Locks: mutex guards the slots.  lock guards pending and sync, and is also
 * taken by the interrupt handler.  Lock order: mutex, lock.
 */
#include <linux/bits.h>
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

#include "vcmdq.h"

/*
 * struct vcmdq_queue - a command queue
 * @prev: the queue before it, on which it depends; NULL for queue 0
 */
struct vcmdq_queue {
	struct iommufd_hw_queue core;
	struct vcmdq_queue *prev;
	u32 index;
};

/* struct vcmdq_vdevice - a device of the VM, in the slot of its stream id */
struct vcmdq_vdevice {
	struct iommufd_vdevice core;
	u32 slot;
};

/*
 * struct vcmdq_viommu - the queues of one VM
 * @pending: VCMDQ_ bits that the error work has yet to handle
 * @sync: completion of the thread that waits for all commands, or NULL
 */
struct vcmdq_viommu {
	struct iommufd_viommu core;
	struct vcmdq_hw *hw;
	struct work_struct error_work;

	struct mutex mutex;
	struct vcmdq_queue *queues[VCMDQ_NR_QUEUES];
	struct vcmdq_vdevice *slots[VCMDQ_NR_SLOTS];

	spinlock_t lock;
	u32 pending;
	struct completion *sync;
};

static struct vcmdq_viommu *to_vcmdq(struct iommufd_viommu *viommu)
{
	return container_of(viommu, struct vcmdq_viommu, core);
}

/* Errors */

static irqreturn_t vcmdq_irq(int irq, void *data)
{
	struct vcmdq_viommu *vcmdq = data;
	u32 status = xchg(&vcmdq->hw->status, 0);

	if (!status)
		return IRQ_NONE;
	spin_lock(&vcmdq->lock);
	if ((status & VCMDQ_SYNC_DONE) && vcmdq->sync) {
		complete(vcmdq->sync);
		vcmdq->sync = NULL;
	}
	vcmdq->pending |= status & ~VCMDQ_SYNC_DONE;
	spin_unlock(&vcmdq->lock);
	if (status & ~VCMDQ_SYNC_DONE)
		queue_work(system_wq, &vcmdq->error_work);
	return IRQ_HANDLED;
}

static void vcmdq_stop(struct vcmdq_viommu *vcmdq, u32 index)
{
	u32 *enabled = &vcmdq->hw->enabled;

	lockdep_assert_held(&vcmdq->mutex);
	WRITE_ONCE(*enabled, READ_ONCE(*enabled) & ~BIT(index));
}

/* Handle @status.  Returns false if there is no event to report. */
static bool vcmdq_handle(struct vcmdq_viommu *vcmdq, u32 status,
			 struct iommu_vevent_vcmdq *event)
{
	u32 i;

	lockdep_assert_held(&vcmdq->mutex);
	for (i = 0; i < VCMDQ_NR_QUEUES; i++) {
		if (!(status & VCMDQ_QUEUE_ERROR(i)) || !vcmdq->queues[i])
			continue;
		vcmdq_stop(vcmdq, i);
		event->queues |= BIT(i);
	}
	for (i = 0; i < VCMDQ_NR_SLOTS; i++) {
		if (!(status & VCMDQ_SLOT_FAULT(i)) || !vcmdq->slots[i])
			continue;
		event->faults++;
		event->virt_id = vcmdq->slots[i]->core.virt_id;
	}
	return event->queues || event->faults;
}

static void vcmdq_error_work(struct work_struct *work)
{
	struct vcmdq_viommu *vcmdq =
		container_of(work, struct vcmdq_viommu, error_work);
	struct iommu_vevent_vcmdq event = { 0 };
	bool tell;
	u32 status;

	mutex_lock(&vcmdq->mutex);
	spin_lock_irq(&vcmdq->lock);
	status = vcmdq->pending;
	vcmdq->pending = 0;
	spin_unlock_irq(&vcmdq->lock);
	tell = vcmdq_handle(vcmdq, status, &event);
	mutex_unlock(&vcmdq->mutex);
	/* The mutex is not held, as this takes locks of iommufd. */
	if (tell)
		iommufd_viommu_report_event(&vcmdq->core,
					    IOMMU_VEVENTQ_TYPE_VCMDQ, &event,
					    sizeof(event));
}

/*
 * Wait until the hardware has done all commands.  It may be dead, so give up
 * after a while; then the handler must forget the completion, which is on the
 * stack here.
 */
static void vcmdq_sync(struct vcmdq_viommu *vcmdq)
{
	DECLARE_COMPLETION_ONSTACK(done);

	lockdep_assert_held(&vcmdq->mutex);
	spin_lock_irq(&vcmdq->lock);
	vcmdq->sync = &done;
	spin_unlock_irq(&vcmdq->lock);
	WRITE_ONCE(vcmdq->hw->sync, 1);

	wait_for_completion_timeout(&done, msecs_to_jiffies(20));

	spin_lock_irq(&vcmdq->lock);
	vcmdq->sync = NULL;
	spin_unlock_irq(&vcmdq->lock);
}

/* Queues */

static size_t vcmdq_queue_size(struct iommufd_viommu *viommu,
			       unsigned int type)
{
	return type == IOMMU_HW_QUEUE_TYPE_VCMDQ ? sizeof(struct vcmdq_queue) :
						   0;
}

static void vcmdq_queue_destroy(struct iommufd_hw_queue *core)
{
	struct vcmdq_viommu *vcmdq = to_vcmdq(core->viommu);
	struct vcmdq_queue *queue =
		container_of(core, struct vcmdq_queue, core);

	mutex_lock(&vcmdq->mutex);
	vcmdq_sync(vcmdq);
	vcmdq_stop(vcmdq, queue->index);
	vcmdq->queues[queue->index] = NULL;
	if (queue->prev)
		iommufd_hw_queue_undepend(&queue->core, &queue->prev->core);
	mutex_unlock(&vcmdq->mutex);
}

/* The caller sets core.destroy last, when nothing can fail any more. */
static int vcmdq_queue_start(struct vcmdq_viommu *vcmdq,
			     struct vcmdq_queue *queue, u32 index)
{
	struct vcmdq_queue *prev = index ? vcmdq->queues[index - 1] : NULL;
	u32 *enabled = &vcmdq->hw->enabled;
	int rc;

	lockdep_assert_held(&vcmdq->mutex);
	if (vcmdq->queues[index])
		return -EEXIST;
	if (index && !prev)
		return -EIO;
	if (prev) {
		rc = iommufd_hw_queue_depend(&queue->core, &prev->core);
		if (rc)
			return rc;
	}
	queue->prev = prev;
	queue->index = index;
	vcmdq->queues[index] = queue;
	WRITE_ONCE(*enabled, READ_ONCE(*enabled) | BIT(index));
	return 0;
}

static int vcmdq_queue_init(struct iommufd_hw_queue *core, u32 index,
			    phys_addr_t base_addr_pa)
{
	struct vcmdq_viommu *vcmdq = to_vcmdq(core->viommu);
	int rc;

	if (index >= VCMDQ_NR_QUEUES)
		return -EINVAL;
	mutex_lock(&vcmdq->mutex);
	rc = vcmdq_queue_start(vcmdq,
			       container_of(core, struct vcmdq_queue, core),
			       index);
	if (!rc)
		core->destroy = vcmdq_queue_destroy;
	mutex_unlock(&vcmdq->mutex);
	return rc;
}

/* Devices of the VM */

static void vcmdq_vdevice_destroy(struct iommufd_vdevice *core)
{
	struct vcmdq_viommu *vcmdq = to_vcmdq(core->viommu);
	struct vcmdq_vdevice *vdev =
		container_of(core, struct vcmdq_vdevice, core);

	mutex_lock(&vcmdq->mutex);
	vcmdq->slots[vdev->slot] = NULL;
	mutex_unlock(&vcmdq->mutex);
}

static int vcmdq_vdevice_init(struct iommufd_vdevice *core)
{
	struct vcmdq_viommu *vcmdq = to_vcmdq(core->viommu);
	struct vcmdq_vdevice *vdev =
		container_of(core, struct vcmdq_vdevice, core);
	int rc = -ENOSPC;
	u32 i;

	mutex_lock(&vcmdq->mutex);
	for (i = 0; rc && i < VCMDQ_NR_SLOTS; i++) {
		if (vcmdq->slots[i])
			continue;
		vdev->slot = i;
		vcmdq->slots[i] = vdev;
		core->destroy = vcmdq_vdevice_destroy;
		rc = 0;
	}
	mutex_unlock(&vcmdq->mutex);
	return rc;
}

/* The vIOMMU */

static void vcmdq_viommu_destroy(struct iommufd_viommu *viommu)
{
	struct vcmdq_viommu *vcmdq = to_vcmdq(viommu);

	free_irq(vcmdq->hw->irq, vcmdq);
	cancel_work_sync(&vcmdq->error_work);
}

static const struct iommufd_viommu_ops vcmdq_viommu_ops = {
	.destroy = vcmdq_viommu_destroy,
	.vdevice_size = sizeof(struct vcmdq_vdevice),
	.vdevice_init = vcmdq_vdevice_init,
	.get_hw_queue_size = vcmdq_queue_size,
	.hw_queue_init_phys = vcmdq_queue_init,
};

static size_t vcmdq_viommu_size(struct device *dev, unsigned int type)
{
	return type == IOMMU_VIOMMU_TYPE_VCMDQ ? sizeof(struct vcmdq_viommu) :
						 0;
}

static int vcmdq_viommu_init(struct iommufd_viommu *viommu,
			     struct iommu_domain *parent,
			     const struct iommu_user_data *user_data)
{
	struct vcmdq_viommu *vcmdq = to_vcmdq(viommu);
	int rc;

	vcmdq->hw = container_of(viommu->iommu_dev, struct vcmdq_hw, iommu);
	INIT_WORK(&vcmdq->error_work, vcmdq_error_work);
	mutex_init(&vcmdq->mutex);
	spin_lock_init(&vcmdq->lock);
	/* From now on the handler may run.  A second VM fails with -EBUSY. */
	rc = request_irq(vcmdq->hw->irq, vcmdq_irq, 0, "vcmdq", vcmdq);
	if (rc)
		return rc;
	viommu->ops = &vcmdq_viommu_ops;
	return 0;
}

/* Domains: the least that iommufd needs. */

static int vcmdq_attach_dev(struct iommu_domain *domain, struct device *dev,
			    struct iommu_domain *old)
{
	return 0;
}

static int vcmdq_map_pages(struct iommu_domain *domain, unsigned long iova,
			   phys_addr_t paddr, size_t size, int prot)
{
	return 0;
}

static size_t vcmdq_unmap_pages(struct iommu_domain *domain,
				unsigned long iova, size_t size)
{
	return size;
}

static void vcmdq_domain_free(struct iommu_domain *domain)
{
	kfree(domain);
}

static const struct iommu_domain_ops vcmdq_domain_ops = {
	.attach_dev = vcmdq_attach_dev,
	.map_pages = vcmdq_map_pages,
	.unmap_pages = vcmdq_unmap_pages,
	.free = vcmdq_domain_free,
};

static struct iommu_domain *
vcmdq_domain_alloc(struct device *dev, u32 flags,
		   const struct iommu_user_data *user_data)
{
	struct iommu_domain *domain = kzalloc(sizeof(*domain), GFP_KERNEL);

	if (!domain)
		return ERR_PTR(-ENOMEM);
	domain->type = IOMMU_DOMAIN_UNMANAGED;
	domain->ops = &vcmdq_domain_ops;
	domain->pgsize_bitmap = PAGE_SIZE;
	domain->geometry.aperture_end = ULONG_MAX;
	return domain;
}

static bool vcmdq_capable(struct device *dev, enum iommu_cap cap)
{
	return cap == IOMMU_CAP_CACHE_COHERENCY;
}

const struct iommu_ops vcmdq_iommu_ops = {
	.capable = vcmdq_capable,
	.domain_alloc_paging_flags = vcmdq_domain_alloc,
	.get_viommu_size = vcmdq_viommu_size,
	.viommu_init = vcmdq_viommu_init,
};
