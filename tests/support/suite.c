// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "suite.h"
#include "ioctls.h"
#include <sys/wait.h>
#include <unistd.h>

int run_suite(Suite *suite)
{
	SRunner *runner = srunner_create(suite);
	int failed;

	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

TCase *case_with(Suite *suite, const char *name, SFun setup, SFun teardown)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, setup, teardown);
	suite_add_tcase(suite, tc);
	return tc;
}

TCase *checked_case(Suite *suite, const char *name)
{
	return case_with(suite, name, iommufd_model_check_setup,
			 iommufd_model_check_teardown);
}

void wait_for_sleepers(int n)
{
	until(iommufd_model_clock_sleepers() == n);
}

u32 make_ioas(struct iommufd_ctx *ictx)
{
	int id = ioctl_ioas(iommufd_model_check_fd(ictx));

	ck_assert_int_gt(id, 0);
	return (u32)id;
}

int user_destroy(struct iommufd_ctx *ictx, u32 id)
{
	return ioctl_destroy(iommufd_model_check_fd(ictx), id);
}

struct iommufd_object *peek(struct iommufd_ctx *ictx, u32 id)
{
	struct iommufd_object *obj;

	obj = iommufd_get_object(ictx, id, IOMMUFD_OBJ_ANY);
	ck_assert(!IS_ERR(obj));
	iommufd_put_object(ictx, obj);
	return obj;
}

void expect_warning(const char *warning)
{
	ck_assert_int_eq(iommufd_model_expect_warning(warning), 0);
}

unsigned long nr_leaks(void)
{
	return iommufd_model_leaks(0, NULL, NULL);
}

void close_clean(struct iommufd_ctx *ictx)
{
	ck_assert_balanced();
	iommufd_model_check_close(ictx);
	ck_assert_no_leaks(ictx);
}

bool in_a_fresh_process(bool (*act)(void))
{
	pid_t pid = fork();
	int status;

	ck_assert_int_ge(pid, 0);
	if (!pid)
		_exit(!act() || iommufd_model_warnings() ||
		      iommufd_model_missing_warnings());
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) && !WEXITSTATUS(status);
}
