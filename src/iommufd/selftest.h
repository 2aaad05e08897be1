/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Declarations that the two files of IOMMU_TEST_CMD share. */
#ifndef SELFTEST_H
#define SELFTEST_H

#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/iommufd_test.h>
#include <iommufd_model/kernel/memfd.h>

/*
 * selftest_access.c; cmd->id is the IOAS for CREATE_ACCESS, and the descriptor
 * of the access for the other commands.
 */
int iommufd_test_create_access(struct iommufd_ucmd *ucmd);
int iommufd_test_access_replace_ioas(struct iommufd_ucmd *ucmd);
int iommufd_test_access_pages(struct iommufd_ucmd *ucmd);
int iommufd_test_destroy_access_pages(struct iommufd_ucmd *ucmd);
int iommufd_test_access_rw(struct iommufd_ucmd *ucmd);

/* True if the page at @uptr can be pinned, as tests that compare pages do. */
static inline bool test_user_page(u64 uptr)
{
	return iommufd_model_can_pin((unsigned long)uptr, false);
}

/*
 * True if @page is the page at @uptr.  Memory of a file has two addresses: the
 * one where the user has mapped it, and the one that a map of the file uses.
 */
static inline bool test_is_page(u64 uptr, const struct page *page)
{
	unsigned long alias;

	if (virt_to_page(uptr) == page)
		return true;
	alias = iommufd_model_file_alias(uptr);
	return alias && virt_to_page(alias) == page;
}

/*
 * selftest.c: the IOVA in the IOAS of @access that @iova stands for with
 * MOCK_FLAGS_ACCESS_SYZ; 0 if there is none.
 */
unsigned long iommufd_test_syz_iova(struct iommufd_access *access, u64 iova);

#endif
