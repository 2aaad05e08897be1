// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Every allocation of an ioctl fails once, and nothing is leaked.
 *
 * The example shows how to make the n-th allocation fail, for n from 1 until
 * none fails, and how to list what is allocated, with names and call sites.
 */
#include "account.h"
#include <iommufd_model/iommufd_test.h>
#include <iommufd_model/kernel.h>
#include <iommufd_model/model.h>

static void print(const struct iommufd_model_allocation *a, void *unused)
{
	(void)unused;
	printf("\t%s %u, made by %s()\n", a->label ? a->label : "memory", a->id,
	       a->site->func);
}

static int attach_device(int fd, u32 ioas)
{
	struct iommu_test_cmd cmd = {
		.size = sizeof(cmd), .op = IOMMU_TEST_OP_MOCK_DOMAIN,
		.id = ioas,
	};

	return iommufd_model_ioctl(fd, IOMMU_TEST_CMD, &cmd);
}

/* Returns how often the attach failed before it succeeded, -1 on a leak. */
static int sweep(int fd, u32 ioas)
{
	unsigned long n, before = iommufd_model_leaks(0, NULL, NULL);
	int rc;

	for (n = 1;; n++) {
		iommufd_model_fail_nth(n);
		rc = attach_device(fd, ioas);
		if (!iommufd_model_failed())
			break;
		if (rc != -ENOMEM ||
		    iommufd_model_leaks(0, NULL, NULL) != before)
			return -1;
	}
	iommufd_model_fail_nth(0);
	return rc ? -1 : (int)n - 1;
}

int main(void)
{
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };
	int fd = iommufd_model_open();
	unsigned long before;

	if (fd < 0)
		return EXIT_FAILURE;
	result("make an IOAS",
	       iommufd_model_ioctl(fd, IOMMU_IOAS_ALLOC, &alloc), 0);
	/* Allocations are numbered; the list below begins at this number. */
	before = iommufd_model_allocations();
	number("each failure undone",
	       sweep(fd, alloc.out_ioas_id) > 5, 1);
	printf("the attach has allocated:\n");
	iommufd_model_leaks(before, print, NULL);
	iommufd_model_close(fd);
	number("allocations left after close",
	       iommufd_model_leaks(0, NULL, NULL), 0);
	return account_end();
}
