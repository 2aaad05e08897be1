// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A test with libcheck: in which order are the objects released?
 *
 * A driver holds an access to an IOAS.  User space closes /dev/iommu.  The
 * context must stay until the driver destroys the access, and the access must
 * be released before the IOAS that it used.
 */
#include <iommufd_model/check.h>
#include <stdlib.h>

static unsigned int unmaps;

static void count_unmap(void *data, unsigned long iova, unsigned long length)
{
	(void)data;
	(void)iova;
	(void)length;
	unmaps++;
}

static const struct iommufd_access_ops ops = { .unmap = count_unmap };

START_TEST(access_is_released_before_its_ioas)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	u32 ioas_id = iommufd_model_check_ioas(iommufd_model_check_fd(ictx));
	struct iommufd_access *access;
	struct iommufd_object *ioas;
	u32 id;

	/* Arrange: an IOAS, and an access attached to it. */
	ioas = iommufd_model_check_object(ictx, ioas_id);
	access = iommufd_access_create(ictx, &ops, NULL, &id);
	ck_assert(!IS_ERR(access));
	ck_assert_int_eq(iommufd_access_attach(access, ioas_id), 0);
	ck_assert_users(ioas, 2);
	ck_assert_users(&access->obj, 2);

	/* Act: user space closes first, then the driver destroys. */
	iommufd_model_check_close(ictx);
	ck_assert_uint_eq(iommufd_model_released(ictx), 0);
	iommufd_access_destroy(access);

	/* Check. */
	ck_assert_uint_eq(unmaps, 1);
	ck_assert_released_before(&access->obj, ioas);
	ck_assert_no_leaks(ictx);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("example");
	TCase *tc = tcase_create("release order");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, iommufd_model_check_setup,
				  iommufd_model_check_teardown);
	tcase_add_test(tc, access_is_released_before_its_ioas);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
