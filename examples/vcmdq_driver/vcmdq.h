/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The interface of vcmdq: its hardware, what user space gives and reads, and
 * the ops of the IOMMU.
 */
#ifndef VCMDQ_H
#define VCMDQ_H

#include <linux/iommu.h>
#include <linux/iommufd.h>
#include <linux/types.h>

/* In a kernel tree <linux/iommufd.h> has what a vIOMMU's driver needs of it. */
#include <iommufd_model/iommufd_private.h>

/*
 * struct vcmdq_hw - one IOMMU; it can give its command queues to one VM
 * @irq: raised when a bit of @status is set
 * @enabled: register, a bit for each queue that runs
 * @sync: register; 1: raise VCMDQ_SYNC_DONE once all commands are done
 * @status: register of VCMDQ_ bits, cleared by a read
 *
 * In a kernel tree the registers are read and written by readl() and writel().
 */
struct vcmdq_hw {
	struct iommu_device iommu;
	unsigned int irq;
	u32 enabled;
	u32 sync;
	u32 status;
};

#define VCMDQ_NR_QUEUES 2
#define VCMDQ_NR_SLOTS 2

#define VCMDQ_QUEUE_ERROR(n) BIT(n)
#define VCMDQ_SLOT_FAULT(n) BIT(8 + (n))
#define VCMDQ_SYNC_DONE BIT(16)

/* include/uapi/linux/iommufd.h: a line in each of three enums. */
#define IOMMU_VIOMMU_TYPE_VCMDQ 0x7601
#define IOMMU_HW_QUEUE_TYPE_VCMDQ 0x7602
#define IOMMU_VEVENTQ_TYPE_VCMDQ 0x7603

/**
 * struct iommu_vevent_vcmdq - an event of type IOMMU_VEVENTQ_TYPE_VCMDQ
 * @queues: a bit for each queue that an error has stopped
 * @faults: how many devices have had a fault
 * @virt_id: the last of these devices
 */
struct iommu_vevent_vcmdq {
	__u32 queues;
	__u32 faults;
	__u64 virt_id __attribute__((aligned(8)));
};

extern const struct iommu_ops vcmdq_iommu_ops;

#endif
