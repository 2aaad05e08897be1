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

/* Can the byte at @uptr be read? */
static inline bool test_user_readable(u64 uptr)
{
	u8 byte;

	return !get_user(byte, (u8 __user *)u64_to_user_ptr(uptr));
}

#endif
