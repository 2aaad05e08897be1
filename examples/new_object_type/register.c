// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Registers the doorbell with the model.  A kernel tree has no such file:
 * there, these rows belong to the two tables in main.c.
 */
#include "register.h"
#include "doorbell.h"

static const struct iommufd_object_ops object_ops = {
	.destroy = iommufd_doorbell_destroy,
};

static const struct iommufd_ioctl_op ioctl_ops[] = {
	{
		.size = sizeof(struct iommu_doorbell_alloc),
		.min_size = offsetofend(struct iommu_doorbell_alloc,
					__reserved),
		.ioctl_num = IOMMU_DOORBELL_ALLOC,
		.execute = iommufd_doorbell_alloc_ioctl,
	}, {
		.size = sizeof(struct iommu_doorbell_ring),
		.min_size = offsetofend(struct iommu_doorbell_ring, out_rung),
		.ioctl_num = IOMMU_DOORBELL_RING,
		.execute = iommufd_doorbell_ring_ioctl,
	},
};

int doorbell_register(void)
{
	size_t i;
	int rc;

	rc = iommufd_model_register_type("doorbell", &object_ops,
					 IOMMUFD_OBJ_DOORBELL);
	for (i = 0; rc >= 0 && i < ARRAY_SIZE(ioctl_ops); i++)
		rc = iommufd_model_register_ioctl(&ioctl_ops[i]);
	return rc < 0 ? rc : 0;
}
