// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-UAPI-13: IOMMU_DESTROY, IOMMU_IOAS_ALLOC and IOMMU_OPTION.
 */
#include "probe.h"
#include "user_memory.h"
#include <unistd.h>

static int do_ioctl(struct iommufd_ctx *ictx, unsigned int cmd, void *arg)
{
	return iommufd_model_ioctl(iommufd_model_check_fd(ictx), cmd, arg);
}

/* The tests below are about IOMMU_DESTROY. */

/* IOMMU_DESTROY does not write the struct back. */
START_TEST(destroy_writes_nothing)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommu_destroy cmd = { .size = sizeof(cmd) };

	cmd.id = make_ioas(ictx);
	ck_assert_int_eq(do_ioctl(ictx, IOMMU_DESTROY,
				  read_only(&cmd, sizeof(cmd))), 0);
	ck_assert(xa_empty(&ictx->objects));
	close_clean(ictx);
}
END_TEST

/* The tests below are about IOMMU_IOAS_ALLOC. */

START_TEST(ioas_alloc_publishes_an_ioas_and_reports_its_id)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };
	struct iommufd_object *obj;

	publish(ictx, plain_type());
	ck_assert_int_eq(do_ioctl(ictx, IOMMU_IOAS_ALLOC, &cmd), 0);
	ck_assert_uint_eq(cmd.out_ioas_id, 2);
	obj = peek(ictx, 2);
	ck_assert_int_eq(obj->type, IOMMUFD_OBJ_IOAS);
	ck_assert_users(obj, 1);
	ck_assert_shortterm(obj, 1);
	close_clean(ictx);
}
END_TEST

/*
 * The flags are checked first, then the object is allocated, and then the id is
 * written to user space.  No failure leaves a trace.
 */
START_TEST(ioas_alloc_is_eopnotsupp_then_enomem_then_efault)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };
	void *arg = read_only(&cmd, sizeof(cmd));
	unsigned int n;

	cmd.flags = 1;
	iommufd_model_fail_nth(1);
	ck_assert_int_eq(do_ioctl(ictx, IOMMU_IOAS_ALLOC,
				  read_only(&cmd, sizeof(cmd))), -EOPNOTSUPP);
	ck_assert_uint_eq(iommufd_model_failed(), 0);
	for (n = 1; n <= 2; n++) {
		iommufd_model_fail_nth(n);
		ck_assert_int_eq(do_ioctl(ictx, IOMMU_IOAS_ALLOC, arg),
				 -ENOMEM);
	}
	ck_assert_int_eq(do_ioctl(ictx, IOMMU_IOAS_ALLOC, arg), -EFAULT);
	ck_assert(xa_empty(&ictx->objects));
	close_clean(ictx);
}
END_TEST

/* Logs what another thread finds when it has just seen the id. */
static void look_for_first(void *ictx)
{
	say("%d %d", look_up(ictx, 1, IOMMUFD_OBJ_ANY), user_destroy(ictx, 1));
}

/*
 * R-ID-4: the id is written to user space before the object can be looked up.
 */
START_TEST(ioas_alloc_reports_the_id_before_it_can_be_found)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommu_ioas_alloc cmd = { .size = sizeof(cmd) };
	char want[32];

	intrude_after(IOMMUFD_MODEL_OP_COPY_TO_USER, &cmd, look_for_first,
		      ictx);
	ck_assert_int_eq(do_ioctl(ictx, IOMMU_IOAS_ALLOC, &cmd), 0);
	snprintf(want, sizeof(want), "%d %d", -ENOENT, -ENOENT);
	ck_assert_said(want);
	ck_assert_int_eq(look_up(ictx, 1, IOMMUFD_OBJ_IOAS), 0);
	close_clean(ictx);
}
END_TEST

/* The tests below are about IOMMU_OPTION. */

static int option(struct iommufd_ctx *ictx, u32 option_id, u32 object_id,
		  u16 op, u64 value)
{
	struct iommu_option cmd = {
		.size = sizeof(cmd),
		.option_id = option_id,
		.op = op,
		.object_id = object_id,
		.val64 = value,
	};
	int rc = do_ioctl(ictx, IOMMU_OPTION, &cmd);

	/* Returns the value of a GET, which is never negative, or the errno. */
	return !rc && op == IOMMU_OPTION_OP_GET ? (int)cmd.val64 : rc;
}

static int set_mode(struct iommufd_ctx *ictx, u64 mode)
{
	return option(ictx, IOMMU_OPTION_RLIMIT_MODE, 0, IOMMU_OPTION_OP_SET,
		      mode);
}

static int get_mode(struct iommufd_ctx *ictx)
{
	return option(ictx, IOMMU_OPTION_RLIMIT_MODE, 0, IOMMU_OPTION_OP_GET,
		      7);
}

static int set_huge(struct iommufd_ctx *ictx, u32 id, u64 value)
{
	return option(ictx, IOMMU_OPTION_HUGE_PAGES, id, IOMMU_OPTION_OP_SET,
		      value);
}

static int get_huge(struct iommufd_ctx *ictx, u32 id)
{
	return option(ictx, IOMMU_OPTION_HUGE_PAGES, id, IOMMU_OPTION_OP_GET,
		      7);
}

/* The reserved field is checked first: the unknown option would give ENOENT. */
START_TEST(option_with_a_reserved_field_or_unknown_is_eopnotsupp)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommu_option cmd = {
		.size = sizeof(cmd),
		.option_id = IOMMU_OPTION_HUGE_PAGES,
		.__reserved = 1,
	};

	ck_assert_int_eq(do_ioctl(ictx, IOMMU_OPTION, &cmd), -EOPNOTSUPP);
	ck_assert_int_eq(option(ictx, 2, 0, IOMMU_OPTION_OP_GET, 0),
			 -EOPNOTSUPP);
	close_clean(ictx);
}
END_TEST

/* R-IOAS-10: the option RLIMIT_MODE can be set and read. */
START_TEST(rlimit_mode_can_be_set_and_read)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();

	ck_assert_int_eq(get_mode(ictx), 0);
	ck_assert_int_eq(set_mode(ictx, 1), 0);
	ck_assert_int_eq(get_mode(ictx), 1);
	ck_assert_int_eq(ictx->account_mode, IOPT_PAGES_ACCOUNT_MM);
	ck_assert_int_eq(set_mode(ictx, 0), 0);
	ck_assert_int_eq(get_mode(ictx), 0);
	ck_assert_int_eq(ictx->account_mode, IOPT_PAGES_ACCOUNT_USER);
	close_clean(ictx);
}
END_TEST

/* R-IOAS-10: the order is object id, operation, capability, table, value. */
START_TEST(rlimit_mode_is_eopnotsupp_eperm_ebusy_einval)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	u32 id = make_ioas(ictx);

	iommufd_model_set_capable(false);
	ck_assert_int_eq(option(ictx, IOMMU_OPTION_RLIMIT_MODE, id,
				IOMMU_OPTION_OP_SET, 2), -EOPNOTSUPP);
	ck_assert_int_eq(option(ictx, IOMMU_OPTION_RLIMIT_MODE, id,
				IOMMU_OPTION_OP_GET, 0), -EOPNOTSUPP);
	ck_assert_int_eq(option(ictx, IOMMU_OPTION_RLIMIT_MODE, 0, 2, 2),
			 -EOPNOTSUPP);
	ck_assert_int_eq(set_mode(ictx, 2), -EPERM);
	ck_assert_int_eq(get_mode(ictx), 0);
	iommufd_model_set_capable(true);
	ck_assert_int_eq(set_mode(ictx, 2), -EBUSY);
	ck_assert_int_eq(user_destroy(ictx, id), 0);
	ck_assert_int_eq(set_mode(ictx, 2), -EINVAL);
	ck_assert_int_eq(ictx->account_mode, IOPT_PAGES_ACCOUNT_NONE);
	close_clean(ictx);
}
END_TEST

/* R-IOAS-9: the option takes only a short reference to the IOAS. */
START_TEST(huge_pages_can_be_set_and_read)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	u32 id = make_ioas(ictx);

	watch(ictx, peek(ictx, id));
	ck_assert_int_eq(get_huge(ictx, id), 1);
	ck_assert_said("U2t W2t U1 W1");
	unwatch();
	ck_assert_int_eq(set_huge(ictx, id, 0), 0);
	ck_assert_int_eq(set_huge(ictx, id, 0), 0);
	ck_assert_int_eq(get_huge(ictx, id), 0);
	ck_assert_int_eq(set_huge(ictx, id, 1), 0);
	ck_assert_int_eq(get_huge(ictx, id), 1);
	close_clean(ictx);
}
END_TEST

/* R-IOAS-9: the id is checked before the operation and the value. */
START_TEST(huge_pages_is_enoent_then_eopnotsupp_or_einval)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	u32 other = publish(ictx, plain_type())->obj.id;
	u32 id = make_ioas(ictx);

	ck_assert_int_eq(set_huge(ictx, 0, 2), -ENOENT);
	ck_assert_int_eq(set_huge(ictx, other, 2), -ENOENT);
	ck_assert_int_eq(option(ictx, IOMMU_OPTION_HUGE_PAGES, 99, 2, 2),
			 -ENOENT);
	ck_assert_int_eq(option(ictx, IOMMU_OPTION_HUGE_PAGES, id, 2, 2),
			 -EOPNOTSUPP);
	ck_assert_int_eq(set_huge(ictx, id, 2), -EINVAL);
	ck_assert_int_eq(get_huge(ictx, id), 1);
	ck_assert_users(peek(ictx, id), 1);
	close_clean(ictx);
}
END_TEST

/*
 * R-UAPI-8: only val64 is written, so the rest of the struct may be read-only.
 */
START_TEST(option_writes_its_value_only)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommu_option cmd = {
		.size = sizeof(cmd),
		.option_id = IOMMU_OPTION_RLIMIT_MODE,
		.op = IOMMU_OPTION_OP_GET,
		.val64 = 7,
	};
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *middle = user_memory(PROT_READ | PROT_WRITE,
				   PROT_READ | PROT_WRITE);
	char *arg = middle - offsetof(struct iommu_option, val64);

	memcpy(arg, &cmd, sizeof(cmd));
	mprotect(middle - page, page, PROT_READ);
	ck_assert_int_eq(do_ioctl(ictx, IOMMU_OPTION, arg), 0);
	ck_assert_uint_eq(*(u64 *)(void *)middle, 0);
	close_clean(ictx);
}
END_TEST

/* A SET writes the value back too; if that fails, the option stays set. */
START_TEST(option_that_cannot_write_its_value_is_efault)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct iommu_option cmd = {
		.size = sizeof(cmd),
		.option_id = IOMMU_OPTION_RLIMIT_MODE,
		.op = IOMMU_OPTION_OP_SET,
		.val64 = 1,
	};

	ck_assert_int_eq(do_ioctl(ictx, IOMMU_OPTION,
				  read_only(&cmd, sizeof(cmd))), -EFAULT);
	ck_assert_int_eq(get_mode(ictx), 1);
	close_clean(ictx);
}
END_TEST

static Suite *command_suite(void)
{
	Suite *suite = suite_create("command");
	TCase *tc;

	tc = probe_tests(suite, "objects");
	tcase_add_test(tc, destroy_writes_nothing);
	tcase_add_test(tc, ioas_alloc_publishes_an_ioas_and_reports_its_id);
	tcase_add_test(tc, ioas_alloc_is_eopnotsupp_then_enomem_then_efault);
	tcase_add_test(tc, ioas_alloc_reports_the_id_before_it_can_be_found);

	tc = probe_tests(suite, "option");
	tcase_add_test(
		tc, option_with_a_reserved_field_or_unknown_is_eopnotsupp);
	tcase_add_test(tc, rlimit_mode_can_be_set_and_read);
	tcase_add_test(tc, rlimit_mode_is_eopnotsupp_eperm_ebusy_einval);
	tcase_add_test(tc, huge_pages_can_be_set_and_read);
	tcase_add_test(tc, huge_pages_is_enoent_then_eopnotsupp_or_einval);
	tcase_add_test(tc, option_writes_its_value_only);
	tcase_add_test(tc, option_that_cannot_write_its_value_is_efault);
	return suite;
}

int main(void)
{
	return run_suite(command_suite());
}
