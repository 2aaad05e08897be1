// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Types of objects for the library, from the kernel tree's own structs.
 */
#include "iommufd/iommufd_private.h"

const char *iommufd_model_type_name(enum iommufd_object_type type)
{
	static const char *const names[IOMMUFD_OBJ_MAX] = {
		[IOMMUFD_OBJ_DEVICE] = "device",
		[IOMMUFD_OBJ_HWPT_PAGING] = "hwpt_paging",
		[IOMMUFD_OBJ_HWPT_NESTED] = "hwpt_nested",
		[IOMMUFD_OBJ_IOAS] = "ioas",
		[IOMMUFD_OBJ_ACCESS] = "access",
		[IOMMUFD_OBJ_FAULT] = "fault",
		[IOMMUFD_OBJ_VIOMMU] = "viommu",
		[IOMMUFD_OBJ_VDEVICE] = "vdevice",
		[IOMMUFD_OBJ_VEVENTQ] = "veventq",
		[IOMMUFD_OBJ_HW_QUEUE] = "hw_queue",
		[IOMMUFD_OBJ_SELFTEST] = "selftest",
	};

	return (unsigned int)type < IOMMUFD_OBJ_MAX && names[type] ?
		       names[type] : "?";
}

int iommufd_model_object_type(int fd, u32 id)
{
	struct iommufd_ctx *ictx = iommufd_ctx_from_fd(fd);
	struct iommufd_object *obj;
	int type = 0;

	if (IS_ERR(ictx))
		return (int)PTR_ERR(ictx);
	xa_lock(&ictx->objects);
	obj = xa_load(&ictx->objects, id);
	if (obj)
		type = obj->type;
	xa_unlock(&ictx->objects);
	iommufd_ctx_put(ictx);
	return type;
}
