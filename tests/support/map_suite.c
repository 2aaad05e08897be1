// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "map_suite.h"

char *mem;

static void make_memory(void)
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

int user_ioctl(struct iommufd_ctx *ictx, unsigned int cmd, void *arg)
{
	return iommufd_model_ioctl(iommufd_model_check_fd(ictx), cmd, arg);
}

int map_with(struct iommufd_ctx *ictx, u32 flags, u32 ioas, u64 *iova,
	     u64 user_va, u64 length)
{
	struct iommu_ioas_map cmd = {
		.size = sizeof(cmd),
		.flags = flags,
		.ioas_id = ioas,
		.user_va = user_va,
		.length = length,
		.iova = *iova,
	};
	int rc = user_ioctl(ictx, IOMMU_IOAS_MAP, &cmd);

	*iova = cmd.iova;
	return rc;
}

int map_at(struct iommufd_ctx *ictx, u32 ioas, u64 iova, u64 user_va,
	   u64 length)
{
	return map_with(ictx, FIXED | RW, ioas, &iova, user_va, length);
}

long map_auto(struct iommufd_ctx *ictx, u32 ioas, u64 user_va, u64 length)
{
	u64 iova = 0;
	int rc = map_with(ictx, RW, ioas, &iova, user_va, length);

	return rc ? rc : (long)iova;
}

long unmap_at(struct iommufd_ctx *ictx, u32 ioas, u64 iova, u64 length)
{
	struct iommu_ioas_unmap cmd = {
		.size = sizeof(cmd),
		.ioas_id = ioas,
		.iova = iova,
		.length = length,
	};
	int rc = user_ioctl(ictx, IOMMU_IOAS_UNMAP, &cmd);

	return rc ? rc : (long)cmd.length;
}

long unmap_all(struct iommufd_ctx *ictx, u32 ioas)
{
	return unmap_at(ictx, ioas, 0, U64_MAX);
}

int copy_with(struct iommufd_ctx *ictx, u32 flags, u32 src, u64 src_iova,
	      u64 length, u32 dst, u64 *dst_iova)
{
	struct iommu_ioas_copy cmd = {
		.size = sizeof(cmd),
		.flags = flags,
		.dst_ioas_id = dst,
		.src_ioas_id = src,
		.length = length,
		.dst_iova = *dst_iova,
		.src_iova = src_iova,
	};
	int rc = user_ioctl(ictx, IOMMU_IOAS_COPY, &cmd);

	*dst_iova = cmd.dst_iova;
	return rc;
}

int copy_at(struct iommufd_ctx *ictx, u32 src, u64 src_iova, u64 length,
	    u32 dst, u64 dst_iova)
{
	return copy_with(ictx, FIXED | RW, src, src_iova, length, dst,
			 &dst_iova);
}

int test_ioctl(struct iommufd_ctx *ictx, struct iommu_test_cmd *cmd, u32 op,
	       u32 id)
{
	return ioctl_test(iommufd_model_check_fd(ictx), op, id, cmd);
}

int reserve_iovas(struct iommufd_ctx *ictx, u32 ioas, u64 start, u64 last)
{
	struct iommu_test_cmd cmd = { .last = 0 };

	cmd.add_reserved.start = start;
	cmd.add_reserved.length = last - start + 1;
	return test_ioctl(ictx, &cmd, IOMMU_TEST_OP_ADD_RESERVED, ioas);
}

int allow(struct iommufd_ctx *ictx, u32 ioas, u32 n,
	  const struct iommu_iova_range *ranges)
{
	struct iommu_ioas_allow_iovas cmd = {
		.size = sizeof(cmd),
		.ioas_id = ioas,
		.num_iovas = n,
		.allowed_iovas = (uintptr_t)ranges,
	};

	return user_ioctl(ictx, IOMMU_IOAS_ALLOW_IOVAS, &cmd);
}

int allow_one(struct iommufd_ctx *ictx, u32 ioas, u64 start, u64 last)
{
	struct iommu_iova_range range = { start, last };

	return allow(ictx, ioas, 1, &range);
}

int add_device(struct iommufd_ctx *ictx, u32 ioas, u32 *stdev, u32 *hwpt)
{
	struct iommu_test_cmd cmd = { .last = 0 };
	int rc = test_ioctl(ictx, &cmd, IOMMU_TEST_OP_MOCK_DOMAIN, ioas);

	*stdev = cmd.mock_domain.out_stdev_id;
	*hwpt = cmd.mock_domain.out_hwpt_id;
	return rc;
}

u32 add_domain(struct iommufd_ctx *ictx, u32 ioas)
{
	u32 stdev, hwpt;

	ck_assert_int_eq(add_device(ictx, ioas, &stdev, &hwpt), 0);
	return stdev;
}

void check_pins(unsigned int first, unsigned int n, unsigned int pins)
{
	unsigned int i, is;

	for (i = first; i < first + n; i++) {
		is = iommufd_model_page_pins(virt_to_page(mem + i * P));
		ck_assert_msg(is == pins, "page %u: %u pins, not %u", i, is,
			      pins);
	}
}

int pin(struct iommufd_access *access, u64 iova, u64 length, unsigned int flags)
{
	struct page *pages[MEM_PAGES + 2];

	return iommufd_access_pin_pages(access, iova, length, pages, flags);
}

int run_map_suite(Suite *suite)
{
	make_memory();
	return run_suite(suite);
}
