// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * IOAS: an I/O address space, and the ioctls that map.
 *
 * User space creates and destroys an IOAS.  Each HWPT that was made on it and
 * each attached access holds a users reference.  So IOMMU_DESTROY fails with
 * EBUSY while there is one, and the release of the context destroys the IOAS
 * after them.  Areas hold no reference; they are destroyed with the IOAS.
 */
#include "io_pagetable.h"

/* Warn that something is still mapped, since nobody can unmap it any more. */
static void warn_mapped(struct iommufd_ioas *ioas, int rc)
{
	struct iopt_pin pin;

	if (iopt_find_pin(&ioas->iopt, &pin))
		iommufd_model_warn(
			IOMMUFD_MODEL_SITE("ioas"), &ioas->obj,
			"the IOAS is destroyed, and access %u still has %#lx "
			"bytes pinned at IOVA %#lx",
			pin.access, pin.length, pin.iova);
	else
		iommufd_model_warn(IOMMUFD_MODEL_SITE("ioas"), &ioas->obj,
				   "the IOAS is destroyed, and unmapping all "
				   "of it failed with %d", rc);
}

static void iommufd_ioas_destroy(struct iommufd_object *obj)
{
	struct iommufd_ioas *ioas = container_of(obj, struct iommufd_ioas, obj);
	unsigned long unmapped;
	int rc;

	rc = iopt_unmap_all(&ioas->iopt, &unmapped);
	if (rc && rc != -ENOENT)
		warn_mapped(ioas, rc);
	iopt_destroy_table(&ioas->iopt);
	mutex_destroy(&ioas->mutex);
}

const struct iommufd_object_ops iommufd_ioas_object_ops = {
	.destroy = iommufd_ioas_destroy,
};

static struct iommufd_ioas *iommufd_ioas_alloc(struct iommufd_ctx *ictx)
{
	struct iommufd_ioas *ioas;

	ioas = iommufd_object_alloc(ictx, ioas, IOMMUFD_OBJ_IOAS);
	if (IS_ERR(ioas))
		return ioas;
	iopt_init_table(&ioas->iopt);
	mutex_init(&ioas->mutex);
	INIT_LIST_HEAD(&ioas->hwpt_list);
	return ioas;
}

int iommufd_ioas_alloc_ioctl(struct iommufd_ucmd *ucmd)
{
	struct iommu_ioas_alloc *cmd = ucmd->cmd;
	struct iommufd_ioas *ioas;
	int rc;

	if (cmd->flags)
		return -EOPNOTSUPP;
	ioas = iommufd_ioas_alloc(ucmd->ictx);
	if (IS_ERR(ioas))
		return (int)PTR_ERR(ioas);

	/*
	 * R-ID-4: user space is told the id before the object can be looked up.
	 */
	cmd->out_ioas_id = ioas->obj.id;
	rc = iommufd_ucmd_respond(ucmd, sizeof(*cmd));
	if (rc)
		goto out_abort;

	down_read(&ucmd->ictx->ioas_creation_lock);
	iommufd_object_finalize(ucmd->ictx, &ioas->obj);
	up_read(&ucmd->ictx->ioas_creation_lock);
	return 0;

out_abort:
	iommufd_object_abort_and_destroy(ucmd->ictx, &ioas->obj);
	return rc;
}

int iommufd_option_rlimit_mode(struct iommu_option *cmd,
			       struct iommufd_ctx *ictx)
{
	if (cmd->object_id)
		return -EOPNOTSUPP;
	if (cmd->op == IOMMU_OPTION_OP_GET) {
		cmd->val64 = ictx->account_mode == IOPT_PAGES_ACCOUNT_MM;
		return 0;
	}
	if (cmd->op != IOMMU_OPTION_OP_SET)
		return -EOPNOTSUPP;
	if (!iommufd_capable)
		return -EPERM;
	if (!xa_empty(&ictx->objects))
		return -EBUSY;
	if (cmd->val64 > 1)
		return -EINVAL;
	ictx->account_mode = cmd->val64 ? IOPT_PAGES_ACCOUNT_MM :
					  IOPT_PAGES_ACCOUNT_USER;
	return 0;
}

static int iommufd_ioas_option_huge_pages(struct iommu_option *cmd,
					  struct iommufd_ioas *ioas)
{
	if (cmd->op == IOMMU_OPTION_OP_GET) {
		cmd->val64 = !ioas->iopt.disable_large_pages;
		return 0;
	}
	if (cmd->op != IOMMU_OPTION_OP_SET)
		return -EOPNOTSUPP;
	switch (cmd->val64) {
	case 0:
		return iopt_disable_large_pages(&ioas->iopt);
	case 1:
		return iopt_enable_large_pages(&ioas->iopt);
	default:
		return -EINVAL;
	}
}

static void put_ioas(struct iommufd_ucmd *ucmd, struct iommufd_ioas *ioas)
{
	iommufd_put_object(ucmd->ictx, &ioas->obj);
}

int iommufd_ioas_option(struct iommufd_ucmd *ucmd)
{
	struct iommu_option *cmd = ucmd->cmd;
	struct iommufd_ioas *ioas;
	int rc;

	ioas = iommufd_get_ioas(ucmd->ictx, cmd->object_id);
	if (IS_ERR(ioas))
		return (int)PTR_ERR(ioas);
	rc = iommufd_ioas_option_huge_pages(cmd, ioas);
	put_ioas(ucmd, ioas);
	return rc;
}

/* The 64-bit values of the uAPI must fit an unsigned long. */
static bool overflows(u64 a, u64 b)
{
	return a >= ULONG_MAX || b >= ULONG_MAX;
}

/*
 * Copy as many ranges as fit into the array of the user, and count all of them.
 */
static int copy_ranges(struct io_pagetable *iopt,
		       struct iommu_ioas_iova_ranges *cmd)
{
	struct iommu_iova_range __user *ranges =
		(struct iommu_iova_range __user *)u64_to_user_ptr(
			cmd->allowed_iovas);
	u32 max = cmd->num_iovas;
	struct iommu_iova_range range;
	unsigned long start, last, from = 0;

	cmd->num_iovas = 0;
	while (iopt_next_usable(iopt, from, &start, &last)) {
		range.start = start;
		range.last = last;
		if (cmd->num_iovas < max &&
		    copy_to_user((void __user *)((uintptr_t)ranges +
						 cmd->num_iovas *
							 sizeof(range)),
				 &range, sizeof(range)))
			return -EFAULT;
		cmd->num_iovas++;
		if (last == ULONG_MAX)
			break;
		from = last + 1;
	}
	return cmd->num_iovas > max ? -EMSGSIZE : 0;
}

int iommufd_ioas_iova_ranges(struct iommufd_ucmd *ucmd)
{
	struct iommu_ioas_iova_ranges *cmd = ucmd->cmd;
	struct iommufd_ioas *ioas;
	int rc;

	if (cmd->__reserved)
		return -EOPNOTSUPP;
	ioas = iommufd_get_ioas(ucmd->ictx, cmd->ioas_id);
	if (IS_ERR(ioas))
		return (int)PTR_ERR(ioas);
	down_read(&ioas->iopt.iova_rwsem);
	cmd->out_iova_alignment = ioas->iopt.iova_alignment;
	rc = copy_ranges(&ioas->iopt, cmd);
	up_read(&ioas->iopt.iova_rwsem);
	/* The number of ranges is returned even if the array was too small. */
	if ((!rc || rc == -EMSGSIZE) &&
	    iommufd_ucmd_respond(ucmd, sizeof(*cmd)))
		rc = -EFAULT;
	put_ioas(ucmd, ioas);
	return rc;
}

static int read_allowed(struct range_tree *allowed,
			const struct iommu_ioas_allow_iovas *cmd)
{
	uintptr_t from = (uintptr_t)cmd->allowed_iovas;
	struct iommu_iova_range range;
	u32 i;
	int rc;

	for (i = 0; i < cmd->num_iovas; i++, from += sizeof(range)) {
		if (copy_from_user(&range, (void __user *)from, sizeof(range)))
			return -EFAULT;
		rc = iopt_add_allowed(allowed, range.start, range.last);
		if (rc)
			return rc;
	}
	return 0;
}

int iommufd_ioas_allow_iovas(struct iommufd_ucmd *ucmd)
{
	struct iommu_ioas_allow_iovas *cmd = ucmd->cmd;
	struct range_tree allowed = { NULL };
	struct iommufd_ioas *ioas;
	int rc;

	if (cmd->__reserved)
		return -EOPNOTSUPP;
	ioas = iommufd_get_ioas(ucmd->ictx, cmd->ioas_id);
	if (IS_ERR(ioas))
		return (int)PTR_ERR(ioas);
	rc = read_allowed(&allowed, cmd);
	if (rc)
		iopt_clear_allowed(&allowed);
	else
		rc = iopt_set_allow_iova(&ioas->iopt, &allowed);
	put_ioas(ucmd, ioas);
	return rc;
}

#define MAP_FLAGS (IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_WRITEABLE | \
		   IOMMU_IOAS_MAP_READABLE)
#define MAP_PROT_FLAGS (IOMMU_IOAS_MAP_WRITEABLE | IOMMU_IOAS_MAP_READABLE)

static int conv_iommu_prot(u32 map_flags)
{
	int prot = IOMMU_CACHE;

	if (map_flags & IOMMU_IOAS_MAP_WRITEABLE)
		prot |= IOMMU_WRITE;
	if (map_flags & IOMMU_IOAS_MAP_READABLE)
		prot |= IOMMU_READ;
	return prot;
}

static unsigned int place_flags(u32 map_flags)
{
	return map_flags & IOMMU_IOAS_MAP_FIXED_IOVA ? 0 : IOPT_ALLOC_IOVA;
}

/*
 * Give user space the IOVA of a new mapping, unless @rc is an error.  The mapping
 * stays even if the struct cannot be written back.
 */
static int respond_iova(struct iommufd_ucmd *ucmd, int rc, u64 *to,
			unsigned long iova, size_t size)
{
	if (rc)
		return rc;
	*to = iova;
	return iommufd_ucmd_respond(ucmd, size);
}

int iommufd_ioas_map(struct iommufd_ucmd *ucmd)
{
	struct iommu_ioas_map *cmd = ucmd->cmd;
	unsigned long iova = cmd->iova;
	struct iommufd_ioas *ioas;
	u64 end;
	int rc;

	if ((cmd->flags & ~(u32)MAP_FLAGS) || cmd->__reserved)
		return -EOPNOTSUPP;
	if (overflows(cmd->iova, cmd->length))
		return -EOVERFLOW;
	if (!(cmd->flags & MAP_PROT_FLAGS))
		return -EINVAL;
	ioas = iommufd_get_ioas(ucmd->ictx, cmd->ioas_id);
	if (IS_ERR(ioas))
		return (int)PTR_ERR(ioas);
	if (__builtin_add_overflow(cmd->user_va, cmd->length, &end))
		rc = -EOVERFLOW;
	else
		rc = iopt_map_user_pages(ucmd->ictx, &ioas->iopt, &iova,
					 u64_to_user_ptr(cmd->user_va),
					 cmd->length,
					 conv_iommu_prot(cmd->flags),
					 place_flags(cmd->flags));
	rc = respond_iova(ucmd, rc, &cmd->iova, iova, sizeof(*cmd));
	put_ioas(ucmd, ioas);
	return rc;
}

int iommufd_ioas_map_file(struct iommufd_ucmd *ucmd)
{
	struct iommu_ioas_map_file *cmd = ucmd->cmd;
	unsigned long iova = cmd->iova;
	struct iommufd_ioas *ioas;
	int rc;

	if (cmd->flags & ~(u32)MAP_FLAGS)
		return -EOPNOTSUPP;
	if (overflows(cmd->iova, cmd->length))
		return -EOVERFLOW;
	if (!(cmd->flags & MAP_PROT_FLAGS))
		return -EINVAL;
	ioas = iommufd_get_ioas(ucmd->ictx, cmd->ioas_id);
	if (IS_ERR(ioas))
		return (int)PTR_ERR(ioas);
	rc = iopt_map_file_pages(ucmd->ictx, &ioas->iopt, &iova, cmd->fd,
				 cmd->start, cmd->length,
				 conv_iommu_prot(cmd->flags),
				 place_flags(cmd->flags));
	rc = respond_iova(ucmd, rc, &cmd->iova, iova, sizeof(*cmd));
	put_ioas(ucmd, ioas);
	return rc;
}

/* Collect the memory of the source; its IOAS is not needed afterwards. */
static int get_source(struct iommufd_ucmd *ucmd,
		      const struct iommu_ioas_copy *cmd,
		      struct list_head *pieces)
{
	struct iommufd_ioas *src;
	int rc;

	src = iommufd_get_ioas(ucmd->ictx, cmd->src_ioas_id);
	if (IS_ERR(src))
		return (int)PTR_ERR(src);
	rc = iopt_get_pages(&src->iopt, cmd->src_iova, cmd->length, pieces);
	put_ioas(ucmd, src);
	return rc;
}

/*
 * A kernel that is built with the test command, as this model is, accepts the
 * flag MOCK_FLAGS_ACCESS_SYZ here: it removes the flag, and converts what the
 * user gives as source to an IOVA.
 */
static void take_syz_flag(struct iommufd_ucmd *ucmd,
			  struct iommu_ioas_copy *cmd)
{
	struct iommufd_ioas *src;

	if (!(cmd->flags & MOCK_FLAGS_ACCESS_SYZ))
		return;
	cmd->flags &= ~(u32)MOCK_FLAGS_ACCESS_SYZ;
	src = iommufd_get_ioas(ucmd->ictx, cmd->src_ioas_id);
	if (IS_ERR(src))
		return;
	cmd->src_iova = iopt_syz_iova(&src->iopt, cmd->src_iova);
	put_ioas(ucmd, src);
}

int iommufd_ioas_copy(struct iommufd_ucmd *ucmd)
{
	struct iommu_ioas_copy *cmd = ucmd->cmd;
	unsigned long iova = cmd->dst_iova;
	struct iommufd_ioas *dst;
	LIST_HEAD(pieces);
	u32 flags;
	int rc;

	take_syz_flag(ucmd, cmd);
	flags = cmd->flags;
	if (flags & ~(u32)MAP_FLAGS)
		return -EOPNOTSUPP;
	if (overflows(cmd->length, cmd->src_iova) ||
	    overflows(cmd->dst_iova, 0))
		return -EOVERFLOW;
	if (!(flags & MAP_PROT_FLAGS))
		return -EINVAL;
	rc = get_source(ucmd, cmd, &pieces);
	if (rc)
		return rc;
	dst = iommufd_get_ioas(ucmd->ictx, cmd->dst_ioas_id);
	if (IS_ERR(dst)) {
		rc = (int)PTR_ERR(dst);
		goto out_pieces;
	}
	rc = iopt_map_pages(&dst->iopt, &pieces, cmd->length, &iova,
			    conv_iommu_prot(flags), place_flags(flags));
	rc = respond_iova(ucmd, rc, &cmd->dst_iova, iova, sizeof(*cmd));
	put_ioas(ucmd, dst);
out_pieces:
	iopt_free_pieces(&pieces);
	return rc;
}

static int unmap_ioas(struct io_pagetable *iopt, struct iommu_ioas_unmap *cmd)
{
	unsigned long unmapped = 0;
	int rc;

	if (!cmd->iova && cmd->length == U64_MAX) {
		rc = iopt_unmap_all(iopt, &unmapped);
	} else {
		if (overflows(cmd->iova, cmd->length))
			return -EOVERFLOW;
		rc = iopt_unmap_iova(iopt, cmd->iova, cmd->length, &unmapped);
		if (!rc && !unmapped)
			rc = -ENOENT;
	}
	cmd->length = unmapped;
	return rc;
}

int iommufd_ioas_unmap(struct iommufd_ucmd *ucmd)
{
	struct iommu_ioas_unmap *cmd = ucmd->cmd;
	struct iommufd_ioas *ioas;
	int rc;

	ioas = iommufd_get_ioas(ucmd->ictx, cmd->ioas_id);
	if (IS_ERR(ioas))
		return (int)PTR_ERR(ioas);
	rc = unmap_ioas(&ioas->iopt, cmd);
	if (!rc)
		rc = iommufd_ucmd_respond(ucmd, sizeof(*cmd));
	put_ioas(ucmd, ioas);
	return rc;
}

/* IOAS_CHANGE_PROCESS */

/* Undo lock_all_ioas() for each IOAS on @list. */
static void unlock_all_ioas(struct iommufd_ctx *ictx, struct xarray *list)
{
	struct iommufd_ioas *ioas;
	unsigned long index;

	xa_for_each(list, index, ioas) {
		up_write(&ioas->iopt.iova_rwsem);
		refcount_dec(&ioas->obj.users);
	}
	up_write(&ictx->ioas_creation_lock);
	xa_destroy(list);
}

/*
 * Lock the areas of every IOAS in the order of ids, and keep new ones from
 * being published.  Only this function locks several of them, and
 * ioas_creation_lock lets only one thread at a time do so.  A users reference
 * keeps an IOAS while the thread waits for its lock; a wait reference, which is
 * for a short time only, is not taken.
 */
static int lock_all_ioas(struct iommufd_ctx *ictx, struct xarray *list)
{
	struct iommufd_object *obj;
	struct iommufd_ioas *ioas;
	unsigned long index;
	int rc = 0;

	down_write(&ictx->ioas_creation_lock);
	xa_lock(&ictx->objects);
	xa_for_each(&ictx->objects, index, obj) {
		if (obj->type != IOMMUFD_OBJ_IOAS ||
		    !refcount_inc_not_zero(&obj->users))
			continue;
		xa_unlock(&ictx->objects);
		ioas = container_of(obj, struct iommufd_ioas, obj);
		down_write_nest_lock(&ioas->iopt.iova_rwsem,
				     &ictx->ioas_creation_lock);
		rc = xa_err(xa_store(list, index, ioas, GFP_KERNEL));
		if (rc) {
			up_write(&ioas->iopt.iova_rwsem);
			refcount_dec(&obj->users);
			unlock_all_ioas(ictx, list);
			return rc;
		}
		xa_lock(&ictx->objects);
	}
	xa_unlock(&ictx->objects);
	return 0;
}

/*
 * The new process can reach a file, but not the memory of the old process, so
 * every area must map a file.  The pinned pages are charged to the new process
 * (R-IOAS-11).
 */
int iommufd_ioas_change_process(struct iommufd_ucmd *ucmd)
{
	struct iommu_ioas_change_process *cmd = ucmd->cmd;
	struct iommufd_ioas *ioas;
	struct xarray list;
	unsigned long index;
	int rc;

	if (cmd->__reserved)
		return -EOPNOTSUPP;
	xa_init(&list);
	rc = lock_all_ioas(ucmd->ictx, &list);
	if (rc)
		return rc;
	xa_for_each(&list, index, ioas) {
		rc = iopt_check_files(&ioas->iopt);
		if (rc)
			goto out_unlock;
	}
	xa_for_each(&list, index, ioas)
		iopt_change_process(&ioas->iopt);
out_unlock:
	unlock_all_ioas(ucmd->ictx, &list);
	return rc;
}
