/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The interface of the alarm, to user space and to the rest of iommufd.  In a
 * kernel tree its three parts belong to three files.
 */
#ifndef ALARM_H
#define ALARM_H

#include <iommufd_model/iommufd_private.h>

/* Part 1, include/uapi/linux/iommufd.h: the next free number of the enum. */

#define IOMMUFD_CMD_ALARM_ALLOC 0x98

/**
 * struct iommu_alarm_alloc - ioctl(IOMMU_ALARM_ALLOC)
 * @size: sizeof(struct iommu_alarm_alloc)
 * @flags: 0
 * @period_ms: the time before each tick, not 0
 * @count: the number of ticks, not 0
 * @out_alarm_id: the id of the new alarm
 * @out_alarm_fd: a descriptor that is readable after a tick; a read of a u64
 *	gives the number of ticks since the last read
 */
struct iommu_alarm_alloc {
	__u32 size;
	__u32 flags;
	__u32 period_ms;
	__u32 count;
	__u32 out_alarm_id;
	__u32 out_alarm_fd;
};
#define IOMMU_ALARM_ALLOC IOMMUFD_MODEL_IO(IOMMUFD_CMD_ALARM_ALLOC)

/* Part 2, include/linux/iommufd.h: a line of enum iommufd_object_type. */

#define IOMMUFD_OBJ_ALARM IOMMUFD_OBJ_MAX

/* Part 3, drivers/iommu/iommufd/main.c: its row of the table of object ops. */

extern const struct iommufd_object_ops iommufd_alarm_ops;
int iommufd_alarm_alloc_ioctl(struct iommufd_ucmd *ucmd);

#endif
