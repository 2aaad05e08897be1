/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the libcheck programs share: a main() that runs one suite, and small
 * steps that nearly every test takes.
 */
#ifndef SUITE_H
#define SUITE_H

#include <iommufd_model/check.h>
#include <stdlib.h>

/* An IOAS made by user space; returns its id. */
__attribute__((unused)) static u32 make_ioas(struct iommufd_ctx *ictx)
{
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };

	ck_assert_int_eq(iommufd_model_ioctl(iommufd_model_check_fd(ictx),
					     IOMMU_IOAS_ALLOC, &cmd), 0);
	return cmd.out_ioas_id;
}

/* IOMMU_DESTROY; returns its result. */
__attribute__((unused)) static int user_destroy(struct iommufd_ctx *ictx,
						u32 id)
{
	struct iommu_destroy cmd = { .size = sizeof(cmd), .id = id };

	return iommufd_model_ioctl(iommufd_model_check_fd(ictx), IOMMU_DESTROY,
				   &cmd);
}

/* The published object with this id, without a reference. */
__attribute__((unused)) static struct iommufd_object *
peek(struct iommufd_ctx *ictx, u32 id)
{
	struct iommufd_object *obj;

	obj = iommufd_get_object(ictx, id, IOMMUFD_OBJ_ANY);
	ck_assert(!IS_ERR(obj));
	iommufd_put_object(ictx, obj);
	return obj;
}

__attribute__((unused)) static int run_suite(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
