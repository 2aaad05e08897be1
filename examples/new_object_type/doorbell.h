/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The interface of the doorbell, to user space and to the rest of iommufd.  In
 * a kernel tree its three parts belong to three files.
 */
#ifndef DOORBELL_H
#define DOORBELL_H

#include <iommufd_model/iommufd_private.h>

/* Part 1, include/uapi/linux/iommufd.h: the next free numbers of the enum. */

#define IOMMUFD_CMD_DOORBELL_ALLOC 0x96
#define IOMMUFD_CMD_DOORBELL_RING 0x97

/**
 * struct iommu_doorbell_alloc - ioctl(IOMMU_DOORBELL_ALLOC)
 * @size: sizeof(struct iommu_doorbell_alloc)
 * @flags: 0
 * @ioas_id: the IOAS in which @iova is mapped, writable
 * @source_id: the doorbell to listen to, which must not be a listener; 0: none
 * @iova: the address of the counter, a u64
 * @out_doorbell_id: the id of the new doorbell
 * @__reserved: 0
 *
 * The counter starts at 0, and its page stays mapped while the doorbell lives.
 */
struct iommu_doorbell_alloc {
	__u32 size;
	__u32 flags;
	__u32 ioas_id;
	__u32 source_id;
	__u64 iova __attribute__((aligned(8)));
	__u32 out_doorbell_id;
	__u32 __reserved;
};
#define IOMMU_DOORBELL_ALLOC IOMMUFD_MODEL_IO(IOMMUFD_CMD_DOORBELL_ALLOC)

/**
 * struct iommu_doorbell_ring - ioctl(IOMMU_DOORBELL_RING)
 * @size: sizeof(struct iommu_doorbell_ring)
 * @doorbell_id: the doorbell to ring, with its listeners
 * @out_rung: the number of doorbells that rang
 */
struct iommu_doorbell_ring {
	__u32 size;
	__u32 doorbell_id;
	__u32 out_rung;
};
#define IOMMU_DOORBELL_RING IOMMUFD_MODEL_IO(IOMMUFD_CMD_DOORBELL_RING)

/* Part 2, include/linux/iommufd.h: a line of enum iommufd_object_type. */

#define IOMMUFD_OBJ_DOORBELL IOMMUFD_OBJ_MAX

/* Part 3, drivers/iommu/iommufd/iommufd_private.h: for the tables of main.c. */

int iommufd_doorbell_alloc_ioctl(struct iommufd_ucmd *ucmd);
int iommufd_doorbell_ring_ioctl(struct iommufd_ucmd *ucmd);
void iommufd_doorbell_destroy(struct iommufd_object *obj);

#endif
