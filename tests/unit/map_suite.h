/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the tests of mappings share: memory of the user's, and the ioctls.
 */
#ifndef MAP_SUITE_H
#define MAP_SUITE_H

#include "access_suite.h"
#include <iommufd_model/iommufd_test.h>
#include <sys/mman.h>

#define P PAGE_SIZE
#define FIXED IOMMU_IOAS_MAP_FIXED_IOVA
#define WRITEABLE IOMMU_IOAS_MAP_WRITEABLE
#define READABLE IOMMU_IOAS_MAP_READABLE
#define RW (READABLE | WRITEABLE)

/* Within a mock domain's aperture. */
#define IOVA MOCK_APERTURE_START
#define NOWHERE 99u

/* MEM_PAGES to use, aligned to 2 MiB; one read only; and one not there. */
#define MEM_PAGES 16u
#define MEM_READ_ONLY (MEM_PAGES * P)
#define MEM_BAD ((MEM_PAGES + 1) * P)
static char *mem;

UNUSED static void make_memory(void)
{
	size_t align = 2ul << 20, length = MEM_BAD + P;
	char *p = mmap(NULL, align + length, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		abort();
	mem = p + (align - (uintptr_t)p % align) % align;
	if (mprotect(mem + MEM_READ_ONLY, P, PROT_READ) ||
	    mprotect(mem + MEM_BAD, P, PROT_NONE))
		abort();
}

#define va(offset) ((uintptr_t)mem + (offset))

UNUSED static int user_ioctl(struct iommufd_ctx *ictx, unsigned int cmd,
			     void *arg)
{
	return iommufd_model_ioctl(iommufd_model_check_fd(ictx), cmd, arg);
}

UNUSED static int map_with(struct iommufd_ctx *ictx, u32 flags, u32 ioas,
			   u64 *iova, u64 user_va, u64 length)
{
	struct iommu_ioas_map cmd = {
		.size = sizeof(cmd), .flags = flags, .ioas_id = ioas,
		.user_va = user_va, .length = length, .iova = *iova,
	};
	int rc = user_ioctl(ictx, IOMMU_IOAS_MAP, &cmd);

	*iova = cmd.iova;
	return rc;
}

UNUSED static int map_at(struct iommufd_ctx *ictx, u32 ioas, u64 iova,
			 u64 user_va, u64 length)
{
	return map_with(ictx, FIXED | RW, ioas, &iova, user_va, length);
}

/* Where automatic placement puts it, or the error. */
UNUSED static long map_auto(struct iommufd_ctx *ictx, u32 ioas, u64 user_va,
			   u64 length)
{
	u64 iova = 0;
	int rc = map_with(ictx, RW, ioas, &iova, user_va, length);

	return rc ? rc : (long)iova;
}

/* Bytes removed, or the error. */
UNUSED static long unmap_at(struct iommufd_ctx *ictx, u32 ioas, u64 iova,
			   u64 length)
{
	struct iommu_ioas_unmap cmd = {
		.size = sizeof(cmd), .ioas_id = ioas, .iova = iova,
		.length = length,
	};
	int rc = user_ioctl(ictx, IOMMU_IOAS_UNMAP, &cmd);

	return rc ? rc : (long)cmd.length;
}

UNUSED static long unmap_all(struct iommufd_ctx *ictx, u32 ioas)
{
	return unmap_at(ictx, ioas, 0, U64_MAX);
}

UNUSED static int copy_with(struct iommufd_ctx *ictx, u32 flags, u32 src,
			    u64 src_iova, u64 length, u32 dst, u64 *dst_iova)
{
	struct iommu_ioas_copy cmd = {
		.size = sizeof(cmd), .flags = flags, .dst_ioas_id = dst,
		.src_ioas_id = src, .length = length, .dst_iova = *dst_iova,
		.src_iova = src_iova,
	};
	int rc = user_ioctl(ictx, IOMMU_IOAS_COPY, &cmd);

	*dst_iova = cmd.dst_iova;
	return rc;
}

UNUSED static int copy_at(struct iommufd_ctx *ictx, u32 src, u64 src_iova,
			  u64 length, u32 dst, u64 dst_iova)
{
	return copy_with(ictx, FIXED | RW, src, src_iova, length, dst,
			 &dst_iova);
}

UNUSED static int test_ioctl(struct iommufd_ctx *ictx,
			     struct iommu_test_cmd *cmd, u32 op, u32 id)
{
	cmd->size = sizeof(*cmd);
	cmd->op = op;
	cmd->id = id;
	return user_ioctl(ictx, IOMMU_TEST_CMD, cmd);
}

UNUSED static int reserve(struct iommufd_ctx *ictx, u32 ioas, u64 start,
			  u64 last)
{
	struct iommu_test_cmd cmd = { .last = 0 };

	cmd.add_reserved.start = start;
	cmd.add_reserved.length = last - start + 1;
	return test_ioctl(ictx, &cmd, IOMMU_TEST_OP_ADD_RESERVED, ioas);
}

UNUSED static int allow(struct iommufd_ctx *ictx, u32 ioas, u32 n,
			const struct iommu_iova_range *ranges)
{
	struct iommu_ioas_allow_iovas cmd = {
		.size = sizeof(cmd), .ioas_id = ioas, .num_iovas = n,
		.allowed_iovas = (uintptr_t)ranges,
	};

	return user_ioctl(ictx, IOMMU_IOAS_ALLOW_IOVAS, &cmd);
}

UNUSED static int allow_one(struct iommufd_ctx *ictx, u32 ioas, u64 start,
			    u64 last)
{
	struct iommu_iova_range range = { start, last };

	return allow(ictx, ioas, 1, &range);
}

/* A mock device that gives the IOAS a domain: ids, or the error. */
UNUSED static int add_device(struct iommufd_ctx *ictx, u32 ioas, u32 *stdev,
			     u32 *hwpt)
{
	struct iommu_test_cmd cmd = { .last = 0 };
	int rc = test_ioctl(ictx, &cmd, IOMMU_TEST_OP_MOCK_DOMAIN, ioas);

	*stdev = cmd.mock_domain.out_stdev_id;
	*hwpt = cmd.mock_domain.out_hwpt_id;
	return rc;
}

UNUSED static u32 add_domain(struct iommufd_ctx *ictx, u32 ioas)
{
	u32 stdev, hwpt;

	ck_assert_int_eq(add_device(ictx, ioas, &stdev, &hwpt), 0);
	return stdev;
}

/* The pages of mem from the @first-th on are all pinned @pins times. */
UNUSED static void check_pins(unsigned int first, unsigned int n,
			      unsigned int pins)
{
	unsigned int i;

	for (i = first; i < first + n; i++)
		ck_assert_msg(iommufd_model_page_pins(
				      virt_to_page(mem + i * P)) == pins,
			      "page %u: %u pins, not %u", i,
			      iommufd_model_page_pins(
				      virt_to_page(mem + i * P)), pins);
}

/* A pin through an access, of at most MEM_PAGES. */
UNUSED static int pin(struct iommufd_access *access, u64 iova, u64 length,
		      unsigned int flags)
{
	struct page *pages[MEM_PAGES + 2];

	return iommufd_access_pin_pages(access, iova, length, pages, flags);
}

#define WRITE IOMMUFD_ACCESS_RW_WRITE
#define READ IOMMUFD_ACCESS_RW_READ

/* A fixed set of IOVAs for which the map must say @rc, and the like. */
#define ck_assert_map(ictx, ioas, iova, off, length, rc) \
	ck_assert_int_eq(map_at(ictx, ioas, iova, va(off), length), rc)

UNUSED static int run_map_suite(Suite *suite)
{
	make_memory();
	return run_suite(suite);
}

#endif
