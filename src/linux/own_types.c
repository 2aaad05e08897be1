// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Types of objects that a test registers, on a kernel tree.
 *
 * A tree's table of types is a constant that belongs to its main.c.  The entry
 * of SELFTEST is there for tests.  main.c is compiled with another name for the
 * function in that entry, tree_selftest_destroy(), which is defined here.  For
 * an object of a registered type it calls the ops of the test, and for other
 * objects the tree's own function.
 *
 * The objects of registered types are in a table.  Only this file uses it, and
 * does no operation at the gate meanwhile.
 */
#include <iommufd_model/iommufd_private.h>
#undef _iommufd_object_alloc

#define MAX_TYPES 64u
#define MAX_OBJECTS 256u

static const struct iommufd_object_ops *types[MAX_TYPES];
static unsigned int nr_types;

static struct {
	const struct iommufd_object *obj;
	const struct iommufd_object_ops *ops;
} objects[MAX_OBJECTS];

void tree_selftest_destroy(struct iommufd_object *obj);

int iommufd_model_register_type(const char *name,
				const struct iommufd_object_ops *ops,
				enum iommufd_object_type file_like)
{
	unsigned int i;

	(void)name;
	if (!ops || file_like != IOMMUFD_OBJ_NONE)
		return -EINVAL;
	for (i = 0; i < nr_types; i++)
		if (types[i] == ops)
			return (int)(IOMMUFD_OBJ_MAX + i);
	if (nr_types == MAX_TYPES)
		return -ENOSPC;
	types[nr_types] = ops;
	return (int)(IOMMUFD_OBJ_MAX + nr_types++);
}

enum iommufd_object_type tree_type(unsigned int type)
{
	return type < IOMMUFD_OBJ_MAX ? (enum iommufd_object_type)type :
					IOMMUFD_OBJ_SELFTEST;
}

/*
 * Add an object to the table.  Its address may be there already, from an object
 * whose creation failed.
 */
static void remember(const struct iommufd_object *obj,
		     const struct iommufd_object_ops *ops)
{
	unsigned int i, at = MAX_OBJECTS;

	for (i = 0; i < MAX_OBJECTS; i++) {
		if (objects[i].obj == obj)
			break;
		if (at == MAX_OBJECTS && !objects[i].obj)
			at = i;
	}
	if (i == MAX_OBJECTS)
		i = at;
	BUG_ON(i == MAX_OBJECTS);
	objects[i].obj = obj;
	objects[i].ops = ops;
}

struct iommufd_object *tree_object_alloc(struct iommufd_ctx *ictx, size_t size,
					 unsigned int type)
{
	struct iommufd_object *obj =
		_iommufd_object_alloc(ictx, size, tree_type(type));

	if (!IS_ERR(obj) && type >= IOMMUFD_OBJ_MAX)
		remember(obj, types[type - IOMMUFD_OBJ_MAX]);
	return obj;
}

void tree_selftest_destroy(struct iommufd_object *obj)
{
	const struct iommufd_object_ops *ops;
	unsigned int i;

	for (i = 0; i < MAX_OBJECTS; i++) {
		if (objects[i].obj != obj)
			continue;
		ops = objects[i].ops;
		objects[i].obj = NULL;
		ops->destroy(obj);
		return;
	}
	iommufd_selftest_destroy(obj);
}
