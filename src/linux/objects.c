// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The types of objects, for the library, from the structs of the kernel tree.
 * Their names are those of the tree's enumerators.
 */
#include <linux/iommufd.h>
#include "iommufd/iommufd_private.h"

const char *iommufd_model_type_name(enum iommufd_object_type type)
{
	static const char *const names[IOMMUFD_OBJ_MAX] = {
#define TREE_TYPE(type, name, number) [type] = name,
#include "object_types.h"
#undef TREE_TYPE
	};

	return (unsigned int)type < IOMMUFD_OBJ_MAX && names[type] ?
		       names[type] : "?";
}

/* The members that the observer looks at (src/observe/layout.h). */

const refcount_t *observe_users(const void *obj)
{
	return &((const struct iommufd_object *)obj)->users;
}

const refcount_t *observe_wait_cnt(const void *obj)
{
#ifdef TREE_HAS_WAIT_CNT
	return &((const struct iommufd_object *)obj)->wait_cnt;
#else
	return &((const struct iommufd_object *)obj)->shortterm_users;
#endif
}

unsigned int observe_id(const void *obj)
{
	return ((const struct iommufd_object *)obj)->id;
}

enum iommufd_object_type observe_type(const void *obj)
{
	return ((const struct iommufd_object *)obj)->type;
}

const refcount_t *observe_ctx_references(const void *ictx)
{
	return &((const struct iommufd_ctx *)ictx)->file->f_count;
}

/*
 * Return the number that the model has for a type, as callers know only that.
 */
static int number_of(enum iommufd_object_type type)
{
	static const int numbers[IOMMUFD_OBJ_MAX] = {
#define TREE_TYPE(type, name, number) [type] = number,
#include "object_types.h"
#undef TREE_TYPE
	};

	return (unsigned int)type < IOMMUFD_OBJ_MAX ? numbers[type] : 0;
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
		type = number_of(obj->type);
	xa_unlock(&ictx->objects);
	iommufd_ctx_put(ictx);
	return type;
}
