/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * For tests of mappings: user memory, and the ioctls of an IOAS with all their
 * arguments.
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

/* An IOVA in the aperture of a mock domain. */
#define IOVA MOCK_APERTURE_START
#define NOWHERE 99u

/*
 * The user memory is aligned to 2 MiB.  It has MEM_PAGES normal pages, then a
 * read-only page, and then a page without access.
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

/* Map at an IOVA that iommufd chooses.  Returns this IOVA, or the error. */
long map_auto(struct iommufd_ctx *ictx, u32 ioas, u64 user_va, u64 length);

/*
 * Unmap.  Both functions return the number of bytes that were unmapped, or the
 * error.
 */
long unmap_at(struct iommufd_ctx *ictx, u32 ioas, u64 iova, u64 length);
long unmap_all(struct iommufd_ctx *ictx, u32 ioas);

int copy_with(struct iommufd_ctx *ictx, u32 flags, u32 src, u64 src_iova,
	      u64 length, u32 dst, u64 *dst_iova);
int copy_at(struct iommufd_ctx *ictx, u32 src, u64 src_iova, u64 length,
	    u32 dst, u64 dst_iova);

int test_ioctl(struct iommufd_ctx *ictx, struct iommu_test_cmd *cmd, u32 op,
	       u32 id);
int reserve_iovas(struct iommufd_ctx *ictx, u32 ioas, u64 start, u64 last);

/* Do IOMMU_IOAS_ALLOW_IOVAS with @n ranges, or with one range. */
int allow(struct iommufd_ctx *ictx, u32 ioas, u32 n,
	  const struct iommu_iova_range *ranges);
int allow_one(struct iommufd_ctx *ictx, u32 ioas, u64 start, u64 last);

/*
 * Make a mock device, which adds a domain to the IOAS.  Returns 0 or the error.
 */
int add_device(struct iommufd_ctx *ictx, u32 ioas, u32 *stdev, u32 *hwpt);

/* The same, and it must succeed.  Returns the id of the SELFTEST object. */
u32 add_domain(struct iommufd_ctx *ictx, u32 ioas);

/* Check that each of @n pages of mem, from @first on, is pinned @pins times. */
void check_pins(unsigned int first, unsigned int n, unsigned int pins);

#define WRITE IOMMUFD_ACCESS_RW_WRITE
#define READ IOMMUFD_ACCESS_RW_READ

/* Pin at most MEM_PAGES + 2 pages through an access. */
int pin(struct iommufd_access *access, u64 iova, u64 length,
	unsigned int flags);

/* Check that a map of user memory at a fixed IOVA returns @rc. */
#define ck_assert_map(ictx, ioas, iova, off, length, rc) \
	ck_assert_int_eq(map_at(ictx, ioas, iova, va(off), length), rc)

/* Make the user's memory and run all tests of @suite. */
int run_map_suite(Suite *suite);

#endif
