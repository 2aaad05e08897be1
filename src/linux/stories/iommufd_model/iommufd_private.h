/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The tree's own iommufd_private.h under the name of the model's header, and
 * what a story uses that no tree has or that a tree names in another way.
 *
 * CMake defines TREE_HAS_... for what it sees in the tree.
 */
#ifndef TREE_IOMMUFD_PRIVATE_H
#define TREE_IOMMUFD_PRIVATE_H

#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/page.h>
#include <iommufd_model/model.h>
#include <linux/device.h>
#include "iommufd/iommufd_private.h"
#include "iommufd/io_pagetable.h"

#ifndef TREE_HAS_WAIT_CNT
#define wait_cnt shortterm_users
#endif
#ifndef TREE_HAS_REMOVE_WAIT
#define REMOVE_WAIT REMOVE_WAIT_SHORTTERM
#endif

#ifndef TREE_HAS_TRY_INC_USERS
/* Take a users reference to @obj if it is in the table. */
static inline int iommufd_try_inc_users(struct iommufd_ctx *ictx,
					struct iommufd_object *obj)
{
	int rc = 0;

	xa_lock(&ictx->objects);
	if (xa_load(&ictx->objects, obj->id) != obj ||
	    !refcount_inc_not_zero(&obj->users))
		rc = -EBUSY;
	xa_unlock(&ictx->objects);
	return rc;
}
#endif

/*
 * Types that stories register.  A tree's table of types is a constant, so for
 * the tree such an object is a SELFTEST.  The tree's table calls a function in
 * src/linux/own_types.c to destroy a SELFTEST, and that function knows to which
 * type the object belongs.
 */
struct iommufd_object_ops {
	void (*destroy)(struct iommufd_object *obj);
};

int iommufd_model_register_type(const char *name,
				const struct iommufd_object_ops *ops,
				enum iommufd_object_type file_like);
struct iommufd_object *tree_object_alloc(struct iommufd_ctx *ictx, size_t size,
					 unsigned int type);
enum iommufd_object_type tree_type(unsigned int type);

#define _iommufd_object_alloc(ictx, size, type) \
	tree_object_alloc(ictx, size, type)
#define iommufd_get_object(ictx, id, type) \
	iommufd_get_object(ictx, id, tree_type(type))

/*
 * Return the area that contains @iova, or NULL.  A tree checks that the lock is
 * held.
 */
static inline struct iopt_area *iopt_find_area(struct io_pagetable *iopt,
					       unsigned long iova)
{
	struct iopt_area *area;

	down_read(&iopt->iova_rwsem);
	area = iopt_area_iter_first(iopt, iova, iova);
	up_read(&iopt->iova_rwsem);
	return area;
}

/*
 * The macros of the tree take two structs of a driver and the name of the
 * member that is the queue; stories pass the queues themselves.
 */
#ifdef iommufd_hw_queue_depend
struct tree_queue {
	struct iommufd_hw_queue core;
};

static inline int tree_queue_depend(struct iommufd_hw_queue *dependent,
				    struct iommufd_hw_queue *depended)
{
	struct tree_queue *a = container_of(dependent, struct tree_queue, core);
	struct tree_queue *b = container_of(depended, struct tree_queue, core);

	return iommufd_hw_queue_depend(a, b, core);
}

static inline void tree_queue_undepend(struct iommufd_hw_queue *dependent,
				       struct iommufd_hw_queue *depended)
{
	struct tree_queue *a = container_of(dependent, struct tree_queue, core);
	struct tree_queue *b = container_of(depended, struct tree_queue, core);

	iommufd_hw_queue_undepend(a, b, core);
}

#undef iommufd_hw_queue_depend
#undef iommufd_hw_queue_undepend
#define iommufd_hw_queue_depend tree_queue_depend
#define iommufd_hw_queue_undepend tree_queue_undepend
#endif

#endif
