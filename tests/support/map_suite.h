/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * For tests of mappings: memory of a user, and the ioctls of an IOAS with all
 * their arguments.
 */
#ifndef TESTS_SUPPORT_MAP_SUITE_H
#define TESTS_SUPPORT_MAP_SUITE_H

#include "access_suite.h"
#include "ioctls.h"
#include <sys/mman.h>

#define P PAGE_SIZE
#define FIXED IOMMU_IOAS_MAP_FIXED_IOVA
#define WRITEABLE IOMMU_IOAS_MAP_WRITEABLE
#define READABLE IOMMU_IOAS_MAP_READABLE
#define RW (READABLE | WRITEABLE)

/* Inside of the aperture of a mock domain. */
#define IOVA MOCK_APERTURE_START
#define NOWHERE 99u

/*
 * The user's memory is aligned to 2 MiB and has MEM_PAGES pages to use, one
 * that is read-only, and one without access.
 */
#define MEM_PAGES 16u
#define MEM_READ_ONLY (MEM_PAGES * P)
#define MEM_BAD ((MEM_PAGES + 1) * P)
extern char *mem;

#define va(offset) ((uintptr_t)mem + (offset))

int user_ioctl(struct iommufd_ctx *ictx, unsigned int cmd, void *arg);

int map_with(struct iommufd_ctx *ictx, u32 flags, u32 ioas, u64 *iova,
	     u64 user_va, u64 length);
int map_at(struct iommufd_ctx *ictx, u32 ioas, u64 iova, u64 user_va,
	   u64 length);

/* Returns the IOVA that automatic placement chose, or the error. */
long map_auto(struct iommufd_ctx *ictx, u32 ioas, u64 user_va, u64 length);

/* These return the number of bytes that were removed, or the error. */
long unmap_at(struct iommufd_ctx *ictx, u32 ioas, u64 iova, u64 length);
long unmap_all(struct iommufd_ctx *ictx, u32 ioas);

int copy_with(struct iommufd_ctx *ictx, u32 flags, u32 src, u64 src_iova,
	      u64 length, u32 dst, u64 *dst_iova);
int copy_at(struct iommufd_ctx *ictx, u32 src, u64 src_iova, u64 length,
	    u32 dst, u64 dst_iova);

int test_ioctl(struct iommufd_ctx *ictx, struct iommu_test_cmd *cmd, u32 op,
	       u32 id);
int reserve_iovas(struct iommufd_ctx *ictx, u32 ioas, u64 start, u64 last);

/* IOMMU_IOAS_ALLOW_IOVAS with @n ranges, or with one. */
int allow(struct iommufd_ctx *ictx, u32 ioas, u32 n,
	  const struct iommu_iova_range *ranges);
int allow_one(struct iommufd_ctx *ictx, u32 ioas, u64 start, u64 last);

/* A mock device, which gives the IOAS a domain; returns 0 or the error. */
int add_device(struct iommufd_ctx *ictx, u32 ioas, u32 *stdev, u32 *hwpt);

/* The same; must succeed, and returns the id of the SELFTEST. */
u32 add_domain(struct iommufd_ctx *ictx, u32 ioas);

/* Each of @n pages of mem, from @first on, has exactly @pins pins. */
void check_pins(unsigned int first, unsigned int n, unsigned int pins);

#define WRITE IOMMUFD_ACCESS_RW_WRITE
#define READ IOMMUFD_ACCESS_RW_READ

/* Pin at most MEM_PAGES + 2 pages through an access. */
int pin(struct iommufd_access *access, u64 iova, u64 length,
	unsigned int flags);

/* A map of the user's memory at a fixed IOVA returns @rc. */
#define ck_assert_map(ictx, ioas, iova, off, length, rc) \
	ck_assert_int_eq(map_at(ictx, ioas, iova, va(off), length), rc)

/* Make the user's memory and run all tests of @suite. */
int run_map_suite(Suite *suite);

#endif
