// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * IOMMU_TEST_CMD: what a test can do with mock devices, and what it can check.
 *
 * To iommufd this is a driver like any other.  It makes a mock device, binds it
 * and attaches it, and creates an object in the context that owns all of that.
 * The destroy op of the object undoes it, be it for IOMMU_DESTROY or for the
 * release of the context.  Since the release may have to do that, a mock device
 * must not hold a reference to the context.
 *
 * The commands for accesses are in selftest_access.c.
 */
#include "io_pagetable.h"
#include "mock_iommu.h"
#include "selftest.h"

IOMMUFD_MODEL_STATIC_ASSERT(sizeof(struct iommu_test_cmd) == 72,
			    "the size that user space knows");

/* struct selftest_obj - a mock device, bound and attached */
struct selftest_obj {
	struct iommufd_object obj;
	struct device *dev;
	struct iommufd_device *idev;
};

/* IOVAs that a fuzzer can give without knowing where areas are */

unsigned long iopt_syz_iova(struct io_pagetable *iopt, u64 iova)
{
	unsigned long offset = (unsigned long)(iova >> 32), found = 0;
	struct iopt_area *area;
	u32 n = (u32)iova;

	down_read(&iopt->iova_rwsem);
	area = range_first(&iopt->areas, 0, ULONG_MAX);
	for (; area && n; n--)
		area = area->last == ULONG_MAX ? NULL :
		       range_first(&iopt->areas, area->last + 1, ULONG_MAX);
	if (area)
		found = area->start + offset;
	up_read(&iopt->iova_rwsem);
	return found;
}

unsigned long iommufd_test_syz_iova(struct iommufd_access *access, u64 iova)
{
	unsigned long found = 0;

	mutex_lock(&access->ioas_lock);
	if (access->ioas)
		found = iopt_syz_iova(&access->ioas->iopt, iova);
	mutex_unlock(&access->ioas_lock);
	return found;
}

/* Mock devices */

bool iommufd_selftest_is_mock_dev(struct device *dev)
{
	return dev->iommu_dev == &iommufd_mock_iommu;
}

static void iommufd_selftest_destroy(struct iommufd_object *obj)
{
	struct selftest_obj *sobj = container_of(obj, struct selftest_obj, obj);
	bool attached;

	iommufd_device_detach(sobj->idev, IOMMU_NO_PASID);
	/*
	 * User space has to detach PASIDs.  If it has not, the unbind fails
	 * with a WARN, and the DEVICE stays and uses the mock device.
	 */
	attached = iommufd_mock_has_pasids(sobj->dev);
	iommufd_device_unbind(sobj->idev);
	if (!attached)
		iommufd_mock_dev_destroy(sobj->dev);
}

const struct iommufd_object_ops iommufd_selftest_object_ops = {
	.destroy = iommufd_selftest_destroy,
};

static int mock_domain(struct iommufd_ucmd *ucmd, u32 dev_flags)
{
	struct iommu_test_cmd *cmd = ucmd->cmd;
	u32 pt_id = cmd->id, idev_id;
	struct selftest_obj *sobj;
	int rc;

	sobj = iommufd_object_alloc(ucmd->ictx, sobj, IOMMUFD_OBJ_SELFTEST);
	if (IS_ERR(sobj))
		return (int)PTR_ERR(sobj);
	sobj->dev = iommufd_mock_dev_create(dev_flags);
	if (IS_ERR(sobj->dev)) {
		rc = (int)PTR_ERR(sobj->dev);
		goto out_abort;
	}
	sobj->idev = iommufd_device_bind(ucmd->ictx, sobj->dev, &idev_id);
	if (IS_ERR(sobj->idev)) {
		rc = (int)PTR_ERR(sobj->idev);
		goto out_destroy;
	}
	rc = iommufd_device_attach(sobj->idev, IOMMU_NO_PASID, &pt_id);
	if (rc)
		goto out_unbind;

	cmd->mock_domain.out_stdev_id = sobj->obj.id;
	cmd->mock_domain.out_hwpt_id = pt_id;
	cmd->mock_domain.out_idev_id = idev_id;
	rc = iommufd_ucmd_respond(ucmd, sizeof(*cmd));
	if (rc)
		goto out_detach;
	/*
	 * This comes last, because whoever finds the object may destroy it and
	 * all of this.
	 */
	iommufd_object_finalize(ucmd->ictx, &sobj->obj);
	return 0;

out_detach:
	iommufd_device_detach(sobj->idev, IOMMU_NO_PASID);
out_unbind:
	iommufd_device_unbind(sobj->idev);
out_destroy:
	iommufd_mock_dev_destroy(sobj->dev);
out_abort:
	iommufd_object_abort(ucmd->ictx, &sobj->obj);
	return rc;
}

static int test_mock_domain(struct iommufd_ucmd *ucmd)
{
	return mock_domain(ucmd, 0);
}

static int test_mock_domain_flags(struct iommufd_ucmd *ucmd)
{
	struct iommu_test_cmd *cmd = ucmd->cmd;

	/*
	 * The results are in the same members of the struct as those of
	 * MOCK_DOMAIN.
	 */
	return mock_domain(ucmd, cmd->mock_domain_flags.dev_flags);
}

static int test_mock_domain_replace(struct iommufd_ucmd *ucmd)
{
	struct iommu_test_cmd *cmd = ucmd->cmd;
	struct selftest_obj *sobj;
	int rc;

	sobj = iommufd_model_get(ucmd->ictx, cmd->id, IOMMUFD_OBJ_SELFTEST,
				 selftest_obj);
	if (IS_ERR(sobj))
		return (int)PTR_ERR(sobj);
	rc = iommufd_device_replace(sobj->idev, IOMMU_NO_PASID,
				    &cmd->mock_domain_replace.pt_id);
	if (!rc)
		rc = iommufd_ucmd_respond(ucmd, sizeof(*cmd));
	iommufd_put_object(ucmd->ictx, &sobj->obj);
	return rc;
}

static struct selftest_obj *get_selftest_obj(struct iommufd_ucmd *ucmd)
{
	struct iommu_test_cmd *cmd = ucmd->cmd;

	return iommufd_model_get(ucmd->ictx, cmd->id, IOMMUFD_OBJ_SELFTEST,
				 selftest_obj);
}

static int test_pasid_attach(struct iommufd_ucmd *ucmd)
{
	struct iommu_test_cmd *cmd = ucmd->cmd;
	struct selftest_obj *sobj = get_selftest_obj(ucmd);
	u32 pasid = cmd->pasid_attach.pasid;
	int rc;

	if (IS_ERR(sobj))
		return (int)PTR_ERR(sobj);
	rc = iommufd_device_attach(sobj->idev, pasid, &cmd->pasid_attach.pt_id);
	if (rc)
		goto out_put;
	rc = iommufd_ucmd_respond(ucmd, sizeof(*cmd));
	if (rc)
		iommufd_device_detach(sobj->idev, pasid);
out_put:
	iommufd_put_object(ucmd->ictx, &sobj->obj);
	return rc;
}

static int test_pasid_replace(struct iommufd_ucmd *ucmd)
{
	struct iommu_test_cmd *cmd = ucmd->cmd;
	struct selftest_obj *sobj = get_selftest_obj(ucmd);
	int rc;

	if (IS_ERR(sobj))
		return (int)PTR_ERR(sobj);
	rc = iommufd_device_replace(sobj->idev, cmd->pasid_replace.pasid,
				    &cmd->pasid_replace.pt_id);
	if (!rc)
		rc = iommufd_ucmd_respond(ucmd, sizeof(*cmd));
	iommufd_put_object(ucmd->ictx, &sobj->obj);
	return rc;
}

static int test_pasid_detach(struct iommufd_ucmd *ucmd)
{
	struct iommu_test_cmd *cmd = ucmd->cmd;
	struct selftest_obj *sobj = get_selftest_obj(ucmd);

	if (IS_ERR(sobj))
		return (int)PTR_ERR(sobj);
	iommufd_device_detach(sobj->idev, cmd->pasid_detach.pasid);
	iommufd_put_object(ucmd->ictx, &sobj->obj);
	return 0;
}

static int test_trigger_iopf(struct iommufd_ucmd *ucmd)
{
	struct iommu_test_cmd *cmd = ucmd->cmd;
	struct iommu_fault_page_request prm = {
		.flags = IOMMU_FAULT_PAGE_REQUEST_LAST_PAGE,
		.pasid = cmd->trigger_iopf.pasid,
		.grpid = cmd->trigger_iopf.grpid,
		.perm = cmd->trigger_iopf.perm,
		.addr = cmd->trigger_iopf.addr,
	};
	struct iommufd_device *idev;
	int rc = -EINVAL;

	if (prm.pasid != IOMMU_NO_PASID)
		prm.flags |= IOMMU_FAULT_PAGE_REQUEST_PASID_VALID;
	idev = iommufd_model_get(ucmd->ictx, cmd->trigger_iopf.dev_id,
				 IOMMUFD_OBJ_DEVICE, iommufd_device);
	if (IS_ERR(idev))
		return (int)PTR_ERR(idev);
	if (iommufd_selftest_is_mock_dev(idev->dev)) {
		/*
		 * The command succeeds in any case: a device does not learn
		 * what happens to its faults.
		 */
		iommufd_mock_trigger_iopf(idev->dev, &prm);
		rc = 0;
	}
	iommufd_put_object(ucmd->ictx, &idev->obj);
	return rc;
}

static int test_trigger_vevent(struct iommufd_ucmd *ucmd)
{
	struct iommu_test_cmd *cmd = ucmd->cmd;
	struct iommufd_device *idev;
	int rc = -ENOENT;

	idev = iommufd_model_get(ucmd->ictx, cmd->trigger_vevent.dev_id,
				 IOMMUFD_OBJ_DEVICE, iommufd_device);
	if (IS_ERR(idev))
		return (int)PTR_ERR(idev);
	/* A device of another driver has no mock events. */
	if (iommufd_selftest_is_mock_dev(idev->dev))
		rc = iommufd_mock_trigger_vevent(idev->dev);
	iommufd_put_object(ucmd->ictx, &idev->obj);
	return rc;
}

/* Checks */

static int test_dev_check_cache(struct iommufd_ucmd *ucmd)
{
	struct iommu_test_cmd *cmd = ucmd->cmd;
	struct iommufd_device *idev;
	int rc = -EINVAL;

	idev = iommufd_model_get(ucmd->ictx, cmd->id, IOMMUFD_OBJ_DEVICE,
				 iommufd_device);
	if (IS_ERR(idev))
		return (int)PTR_ERR(idev);
	if (iommufd_selftest_is_mock_dev(idev->dev))
		rc = iommufd_mock_check_cache(idev->dev,
					      cmd->check_dev_cache.id,
					      cmd->check_dev_cache.cache);
	iommufd_put_object(ucmd->ictx, &idev->obj);
	return rc;
}

/* Like test_is_page(), for what @domain maps at @iova. */
static bool maps_to(struct iommu_domain *domain, u64 iova, u64 uptr)
{
	phys_addr_t phys = iommu_iova_to_phys(domain, iova);
	unsigned long alias;

	if (phys == virt_to_phys(uptr))
		return true;
	alias = iommufd_model_file_alias(uptr);
	return alias && phys == virt_to_phys(alias);
}

static unsigned int pins_of(u64 uptr)
{
	unsigned long alias = iommufd_model_file_alias(uptr);
	unsigned int pins = iommufd_model_page_pins(virt_to_page(uptr));

	return alias ? pins + iommufd_model_page_pins(virt_to_page(alias)) :
		       pins;
}

static int check_map(struct iommu_domain *domain,
		     const struct iommu_test_cmd *cmd)
{
	u64 iova = cmd->check_map.iova, length = cmd->check_map.length;
	u64 uptr = cmd->check_map.uptr, page_size, end;

	if (!iommufd_mock_is_paging(domain))
		return -EINVAL;
	page_size = domain->pgsize_bitmap & -domain->pgsize_bitmap;
	if (iova % page_size || length % page_size || uptr % page_size ||
	    __builtin_add_overflow(uptr, length, &end))
		return -EINVAL;
	for (; uptr != end; uptr += page_size, iova += page_size) {
		if (!test_user_page(uptr))
			return -EFAULT;
		if (!maps_to(domain, iova, uptr))
			return -EINVAL;
	}
	return 0;
}

static int test_md_check_map(struct iommufd_ucmd *ucmd)
{
	struct iommu_test_cmd *cmd = ucmd->cmd;
	struct iommufd_hw_pagetable *hwpt;
	int rc;

	hwpt = iommufd_model_get(ucmd->ictx, cmd->id, IOMMUFD_OBJ_HWPT_PAGING,
				 iommufd_hw_pagetable);
	if (IS_ERR(hwpt))
		return (int)PTR_ERR(hwpt);
	rc = check_map(hwpt->domain, cmd);
	iommufd_put_object(ucmd->ictx, &hwpt->obj);
	return rc;
}

static int test_md_check_iotlb(struct iommufd_ucmd *ucmd)
{
	struct iommu_test_cmd *cmd = ucmd->cmd;
	struct iommufd_hw_pagetable *hwpt;
	int rc;

	hwpt = iommufd_model_get(ucmd->ictx, cmd->id, IOMMUFD_OBJ_HWPT_NESTED,
				 iommufd_hw_pagetable);
	if (IS_ERR(hwpt))
		return (int)PTR_ERR(hwpt);
	rc = iommufd_mock_check_iotlb(hwpt->domain, cmd->check_iotlb.id,
				      cmd->check_iotlb.iotlb);
	iommufd_put_object(ucmd->ictx, &hwpt->obj);
	return rc;
}

/* Look up a HWPT of either type. */
static struct iommufd_hw_pagetable *get_hwpt(struct iommufd_ctx *ictx, u32 id)
{
	struct iommufd_object *obj;

	obj = iommufd_get_object(ictx, id, IOMMUFD_OBJ_ANY);
	if (IS_ERR(obj) || obj->type == IOMMUFD_OBJ_HWPT_PAGING ||
	    obj->type == IOMMUFD_OBJ_HWPT_NESTED)
		return (struct iommufd_hw_pagetable *)(void *)obj;
	iommufd_put_object(ictx, obj);
	return ERR_PTR(-EINVAL);
}

static int test_pasid_check_hwpt(struct iommufd_ucmd *ucmd)
{
	struct iommu_test_cmd *cmd = ucmd->cmd;
	struct selftest_obj *sobj = get_selftest_obj(ucmd);
	struct iommufd_hw_pagetable *hwpt = NULL;
	int rc;

	if (IS_ERR(sobj))
		return (int)PTR_ERR(sobj);
	if (cmd->pasid_check.hwpt_id)
		hwpt = get_hwpt(ucmd->ictx, cmd->pasid_check.hwpt_id);
	if (IS_ERR(hwpt)) {
		rc = (int)PTR_ERR(hwpt);
		goto out_put;
	}
	rc = iommufd_mock_check_pasid(sobj->dev, cmd->pasid_check.pasid,
				      hwpt ? hwpt->domain : NULL);
	if (hwpt)
		iommufd_put_object(ucmd->ictx, &hwpt->obj);
out_put:
	iommufd_put_object(ucmd->ictx, &sobj->obj);
	return rc;
}

static int test_md_check_refs(struct iommufd_ucmd *ucmd)
{
	struct iommu_test_cmd *cmd = ucmd->cmd;
	u64 uptr = cmd->check_refs.uptr, length = cmd->check_refs.length, end;

	if (length % PAGE_SIZE || uptr % PAGE_SIZE ||
	    __builtin_add_overflow(uptr, length, &end))
		return -EINVAL;
	for (; uptr != end; uptr += PAGE_SIZE) {
		if (!test_user_page(uptr))
			return -EFAULT;
		if (pins_of(uptr) != cmd->check_refs.refs)
			return -EIO;
	}
	return 0;
}

static int test_add_reserved(struct iommufd_ucmd *ucmd)
{
	struct iommu_test_cmd *cmd = ucmd->cmd;
	u64 start = cmd->add_reserved.start;
	u64 length = cmd->add_reserved.length, last;
	struct iommufd_ioas *ioas;
	int rc;

	if (!length)
		return -EINVAL;
	if (__builtin_add_overflow(start, length - 1, &last))
		return -EOVERFLOW;
	ioas = iommufd_get_ioas(ucmd->ictx, cmd->id);
	if (IS_ERR(ioas))
		return (int)PTR_ERR(ioas);
	rc = iopt_reserve_iova(&ioas->iopt, start, last, NULL);
	iommufd_put_object(ucmd->ictx, &ioas->obj);
	return rc;
}

/*
 * In a kernel this is the number of bytes that are pinned in one batch; the
 * model has no batches.
 */
static int test_set_temp_memory_limit(struct iommufd_ucmd *ucmd)
{
	struct iommu_test_cmd *cmd = ucmd->cmd;

	return cmd->memory_limit.limit < 12 ? -EINVAL : 0;
}

#define TEST_OP(nr, fn) [IOMMU_TEST_OP_##nr] = fn

static int (*const test_ops[])(struct iommufd_ucmd *ucmd) = {
	TEST_OP(ADD_RESERVED, test_add_reserved),
	TEST_OP(MOCK_DOMAIN, test_mock_domain),
	TEST_OP(MD_CHECK_MAP, test_md_check_map),
	TEST_OP(MD_CHECK_REFS, test_md_check_refs),
	TEST_OP(CREATE_ACCESS, iommufd_test_create_access),
	TEST_OP(DESTROY_ACCESS_PAGES, iommufd_test_destroy_access_pages),
	TEST_OP(ACCESS_PAGES, iommufd_test_access_pages),
	TEST_OP(ACCESS_RW, iommufd_test_access_rw),
	TEST_OP(SET_TEMP_MEMORY_LIMIT, test_set_temp_memory_limit),
	TEST_OP(MOCK_DOMAIN_REPLACE, test_mock_domain_replace),
	TEST_OP(ACCESS_REPLACE_IOAS, iommufd_test_access_replace_ioas),
	TEST_OP(MOCK_DOMAIN_FLAGS, test_mock_domain_flags),
	TEST_OP(MD_CHECK_IOTLB, test_md_check_iotlb),
	TEST_OP(DEV_CHECK_CACHE, test_dev_check_cache),
	TEST_OP(TRIGGER_VEVENT, test_trigger_vevent),
	TEST_OP(PASID_ATTACH, test_pasid_attach),
	TEST_OP(PASID_REPLACE, test_pasid_replace),
	TEST_OP(PASID_DETACH, test_pasid_detach),
	TEST_OP(PASID_CHECK_HWPT, test_pasid_check_hwpt),
	TEST_OP(TRIGGER_IOPF, test_trigger_iopf),
};

int iommufd_test(struct iommufd_ucmd *ucmd)
{
	struct iommu_test_cmd *cmd = ucmd->cmd;

	if (cmd->op >= ARRAY_SIZE(test_ops) || !test_ops[cmd->op])
		return -EOPNOTSUPP;
	return test_ops[cmd->op](ucmd);
}
