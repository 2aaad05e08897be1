/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Between the two files of IOMMU_TEST_CMD.
 */
#ifndef SELFTEST_H
#define SELFTEST_H

#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/iommufd_test.h>

/* selftest_access.c; cmd->id is the descriptor, or the IOAS of a new one. */
int iommufd_test_create_access(struct iommufd_ucmd *ucmd);
int iommufd_test_access_replace_ioas(struct iommufd_ucmd *ucmd);
int iommufd_test_access_pages(struct iommufd_ucmd *ucmd);
int iommufd_test_destroy_access_pages(struct iommufd_ucmd *ucmd);
int iommufd_test_access_rw(struct iommufd_ucmd *ucmd);

/* Can the page at @uptr be got hold of, as the tests do that compare pages? */
static inline bool test_user_page(u64 uptr)
{
	return iommufd_model_can_pin((unsigned long)uptr, false);
}

/*
 * selftest.c: the IOVA that @iova, with MOCK_FLAGS_ACCESS_SYZ, stands for in the
 * IOAS of @access; 0: in none.
 */
unsigned long iommufd_test_syz_iova(struct iommufd_access *access, u64 iova);

#endif
