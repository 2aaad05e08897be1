// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * IOAS: an I/O address space.
 *
 * It is made and destroyed by user space.  Each attached access holds a unit of
 * its users, so that IOMMU_DESTROY fails with EBUSY while there is one, and
 * release comes back to it after those who hold the units are gone.
 */
#include "internal.h"

static void iommufd_ioas_destroy(struct iommufd_object *obj)
{
	struct iommufd_ioas *ioas = container_of(obj, struct iommufd_ioas, obj);

	iopt_destroy_table(&ioas->iopt);
}

const struct iommufd_object_ops iommufd_ioas_object_ops = {
	.destroy = iommufd_ioas_destroy,
};

static struct iommufd_ioas *iommufd_ioas_alloc(struct iommufd_ctx *ictx)
{
	struct iommufd_ioas *ioas;

	ioas = iommufd_object_alloc(ictx, ioas, IOMMUFD_OBJ_IOAS);
	if (!IS_ERR(ioas))
		iopt_init_table(&ioas->iopt);
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

	/* I4: the id is reported before the object can be found by it. */
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

int iommufd_ioas_option(struct iommufd_ucmd *ucmd)
{
	struct iommu_option *cmd = ucmd->cmd;
	struct iommufd_ioas *ioas;
	int rc;

	ioas = iommufd_get_ioas(ucmd->ictx, cmd->object_id);
	if (IS_ERR(ioas))
		return (int)PTR_ERR(ioas);
	rc = iommufd_ioas_option_huge_pages(cmd, ioas);
	iommufd_put_object(ucmd->ictx, &ioas->obj);
	return rc;
}
