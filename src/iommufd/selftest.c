// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * IOMMU_TEST_CMD: accesses that user space drives through a descriptor.
 *
 * A driver on the public API like any other.  The descriptor of an access is a
 * file that owns the access: its close destroys it.  As the access is external
 * it keeps the ctx alive, so closing /dev/iommu first puts release off until
 * this descriptor is closed.
 */
#include "internal.h"

struct selftest_access {
	struct iommufd_access *access;
	struct file *file;
};

static void selftest_access_unmap(void *data, unsigned long iova,
				  unsigned long length)
{
	/* Nothing can be pinned yet. */
	(void)data;
	(void)iova;
	(void)length;
}

static const struct iommufd_access_ops selftest_access_ops = {
	.needs_pin_pages = 0,
	.unmap = selftest_access_unmap,
};

static const struct iommufd_access_ops selftest_access_ops_pin = {
	.needs_pin_pages = 1,
	.unmap = selftest_access_unmap,
};

static int selftest_access_release(struct inode *inode, struct file *filp)
{
	struct selftest_access *staccess = filp->private_data;

	(void)inode;
	if (staccess->access)
		iommufd_access_destroy(staccess->access);
	kfree(staccess);
	return 0;
}

static const struct file_operations selftest_access_fops = {
	.release = selftest_access_release,
};

static struct selftest_access *selftest_access_alloc(void)
{
	struct selftest_access *staccess;

	staccess = kzalloc(sizeof(*staccess), GFP_KERNEL_ACCOUNT);
	if (!staccess)
		return ERR_PTR(-ENOMEM);
	staccess->file = anon_inode_getfile("[iommufd_test_access]",
					    &selftest_access_fops, staccess, 0);
	if (IS_ERR(staccess->file)) {
		kfree(staccess);
		return ERR_PTR(-ENOMEM);
	}
	return staccess;
}

/* The access behind @fd, with a reference to its file for the caller. */
static struct selftest_access *selftest_access_get(int fd)
{
	struct file *file = fget((unsigned int)fd);

	if (!file)
		return ERR_PTR(-EBADFD);
	if (file->f_op != &selftest_access_fops) {
		fput(file);
		return ERR_PTR(-EBADFD);
	}
	return file->private_data;
}

static int test_create_access(struct iommufd_ucmd *ucmd, u32 ioas_id, u32 flags)
{
	const struct iommufd_access_ops *ops = &selftest_access_ops;
	struct iommu_test_cmd *cmd = ucmd->cmd;
	struct selftest_access *staccess;
	struct iommufd_access *access;
	int fd, rc;
	u32 id;

	if (flags & ~(u32)MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES)
		return -EOPNOTSUPP;
	if (flags & MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES)
		ops = &selftest_access_ops_pin;

	staccess = selftest_access_alloc();
	if (IS_ERR(staccess))
		return (int)PTR_ERR(staccess);
	fd = get_unused_fd_flags(0);
	if (fd < 0) {
		rc = -ENOMEM;
		goto out_free;
	}
	access = iommufd_access_create(ucmd->ictx, ops, staccess, &id);
	if (IS_ERR(access)) {
		rc = (int)PTR_ERR(access);
		goto out_put_fd;
	}
	/* From here the file's release destroys the access. */
	staccess->access = access;
	rc = iommufd_access_attach(access, ioas_id);
	if (rc)
		goto out_put_fd;
	cmd->create_access.out_access_fd = (u32)fd;
	rc = iommufd_ucmd_respond(ucmd, sizeof(*cmd));
	if (rc)
		goto out_put_fd;
	fd_install((unsigned int)fd, staccess->file);
	return 0;

out_put_fd:
	put_unused_fd((unsigned int)fd);
out_free:
	__fput_sync(staccess->file);
	return rc;
}

static int test_access_replace_ioas(int access_fd, u32 ioas_id)
{
	struct selftest_access *staccess = selftest_access_get(access_fd);
	int rc;

	if (IS_ERR(staccess))
		return (int)PTR_ERR(staccess);
	rc = iommufd_access_replace(staccess->access, ioas_id);
	fput(staccess->file);
	return rc;
}

int iommufd_test(struct iommufd_ucmd *ucmd)
{
	struct iommu_test_cmd *cmd = ucmd->cmd;

	switch (cmd->op) {
	case IOMMU_TEST_OP_CREATE_ACCESS:
		return test_create_access(ucmd, cmd->id,
					  cmd->create_access.flags);
	case IOMMU_TEST_OP_ACCESS_REPLACE_IOAS:
		return test_access_replace_ioas((int)cmd->id,
						cmd->access_replace_ioas.ioas_id);
	default:
		return -EOPNOTSUPP;
	}
}
