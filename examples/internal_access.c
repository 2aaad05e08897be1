// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * An internal access: an access that belongs to another object of the context.
 *
 * The example shows that an internal access has no callbacks and does not hold
 * the context.  Memory that is pinned through it cannot be unmapped: the owner
 * is not asked to unpin.  The owner destroys the access in its own destroy op,
 * which runs when user space destroys the owner or when the context is
 * released.
 *
 *	ctx --release destroys--> owner --users--> access
 */
#include "account.h"
#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/model.h>

#define IOVA 0x10000

static char memory[PAGE_SIZE] __attribute__((aligned(4096)));

struct owner {
	struct iommufd_object obj;
	struct iommufd_ctx *ictx;
	struct iommufd_access *access;
};

static void owner_destroy(struct iommufd_object *obj)
{
	struct owner *owner = container_of(obj, struct owner, obj);

	if (!owner->access)
		return;
	printf("owner: unpin, detach, destroy the access\n");
	iommufd_access_unpin_pages(owner->access, IOVA, PAGE_SIZE);
	iommufd_access_detach_internal(owner->access);
	iommufd_access_destroy_internal(owner->ictx, owner->access);
}

static const struct iommufd_object_ops owner_ops = { .destroy = owner_destroy };

static int owner_pin(struct owner *owner, struct iommufd_ioas *ioas)
{
	struct iommufd_access *access;
	struct page *page;
	int rc;

	access = iommufd_access_create_internal(owner->ictx);
	if (IS_ERR(access))
		return (int)PTR_ERR(access);
	rc = iommufd_access_attach_internal(access, ioas);
	if (rc)
		goto out_destroy;
	rc = iommufd_access_pin_pages(access, IOVA, PAGE_SIZE, &page,
				      IOMMUFD_ACCESS_RW_READ);
	if (rc)
		goto out_detach;
	owner->access = access;
	return 0;

out_detach:
	iommufd_access_detach_internal(access);
out_destroy:
	iommufd_access_destroy_internal(owner->ictx, access);
	return rc;
}

static int make_owner(struct iommufd_ctx *ictx, u32 ioas_id)
{
	int type = iommufd_model_register_type("owner", &owner_ops,
					       IOMMUFD_OBJ_NONE);
	struct iommufd_ioas *ioas;
	struct owner *owner;
	int rc;

	ioas = iommufd_get_ioas(ictx, ioas_id);
	if (IS_ERR(ioas))
		return (int)PTR_ERR(ioas);
	owner = iommufd_object_alloc(ictx, owner,
				     (enum iommufd_object_type)type);
	if (IS_ERR(owner)) {
		rc = (int)PTR_ERR(owner);
		goto out_put;
	}
	owner->ictx = ictx;
	rc = owner_pin(owner, ioas);
	if (rc)
		iommufd_object_abort_and_destroy(ictx, &owner->obj);
	else
		iommufd_object_finalize(ictx, &owner->obj);
out_put:
	iommufd_put_object(ictx, &ioas->obj);
	return rc;
}

int main(void)
{
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };
	struct iommu_ioas_map map = {
		.size = sizeof(map),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE,
		.user_va = (uintptr_t)memory,
		.length = sizeof(memory),
		.iova = IOVA,
	};
	struct iommu_ioas_unmap unmap = {
		.size = sizeof(unmap), .iova = IOVA, .length = PAGE_SIZE,
	};
	int fd = iommufd_model_open();
	struct iommufd_ctx *ictx;

	if (fd < 0)
		return EXIT_FAILURE;
	ictx = iommufd_ctx_from_fd(fd);
	result("make an IOAS",
	       iommufd_model_ioctl(fd, IOMMU_IOAS_ALLOC, &alloc), 0);
	map.ioas_id = alloc.out_ioas_id;
	unmap.ioas_id = alloc.out_ioas_id;
	result("map a page", iommufd_model_ioctl(fd, IOMMU_IOAS_MAP, &map), 0);
	result("make an owner of an access",
	       make_owner(ictx, alloc.out_ioas_id), 0);
	number("references to the context: the fd's and this one",
	       file_count(ictx->file), 2);
	iommufd_ctx_put(ictx);
	result("unmap the page",
	       iommufd_model_ioctl(fd, IOMMU_IOAS_UNMAP, &unmap), -EBUSY);

	printf("close, with everything alive\n");
	iommufd_model_close(fd);
	number("pages pinned", iommufd_model_pinned(), 0);
	number("allocations left", iommufd_model_leaks(0, NULL, NULL), 0);
	return account_end();
}
