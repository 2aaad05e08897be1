// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The ioctl entry, R-UAPI-1 to R-UAPI-12.
 */
#include "prototype.h"
#include "user_memory.h"

/* The tests below are about the number of the request. */

START_TEST(ioctl_of_no_or_a_foreign_descriptor_fails)
{
	static const struct file_operations fops;
	int fd = get_unused_fd_flags(0);
	struct file *file = anon_inode_getfile("[foreign]", &fops, NULL, 0);

	fd_install((unsigned int)fd, file);
	ck_assert_int_eq(iommufd_model_ioctl(fd, IOMMU_DESTROY, NULL),
			 -ENOTTY);
	ck_assert_int_eq(iommufd_model_close(fd), 0);
	ck_assert_int_eq(iommufd_model_ioctl(fd, IOMMU_DESTROY, NULL), -EBADF);
}
END_TEST

/* R-UAPI-1, R-UAPI-10: the number is checked before the argument is read. */
START_TEST(a_number_outside_the_table_is_enotty)
{
	static const unsigned int requests[] = {
		0, 0x3b00, 0x3b7f, 0x3ba1, 0x3bff,
	};
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	size_t i;

	for (i = 0; i < ARRAY_SIZE(requests); i++)
		ck_assert_int_eq(do_ioctl(ictx, requests[i], NULL), -ENOTTY);
	close_clean(ictx);
}
END_TEST

/* R-UAPI-2 is checked before R-UAPI-3, and R-UAPI-3 before R-UAPI-4. */
START_TEST(an_unknown_request_is_efault_then_enotty)
{
	static const unsigned int requests[] = {
		HOLE,
		(':' << 8) | IOMMUFD_CMD_DESTROY,
		IOMMUFD_CMD_DESTROY,
		IOMMU_DESTROY | (8u << 16),
		IOMMU_DESTROY | (1u << 30),
	};
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	u32 size = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		ck_assert_int_eq(do_ioctl(ictx, requests[i], NULL), -EFAULT);
		ck_assert_int_eq(do_ioctl(ictx, requests[i], &size), -ENOTTY);
	}
	ck_assert_int_eq(do_ioctl(ictx, IOMMU_DESTROY, NULL), -EFAULT);
	ck_assert_int_eq(do_ioctl(ictx, IOMMU_DESTROY, &size), -EINVAL);
	close_clean(ictx);
}
END_TEST

/* The tests below are about the struct of the request. */

/* R-UAPI-12: the sizes of the structs of all requests. */
static const struct {
	unsigned int nr, size, min_size;
} commands[] = {
	{ 0x80, 8, 8 },	  { 0x81, 12, 12 }, { 0x82, 24, 24 },
	{ 0x83, 40, 40 }, { 0x84, 32, 32 }, { 0x85, 40, 40 },
	{ 0x86, 24, 24 }, { 0x87, 24, 24 }, { 0x88, 12, 12 },
	{ 0x89, 48, 24 }, { 0x8a, 40, 32 }, { 0x8b, 16, 16 },
	{ 0x8c, 48, 48 }, { 0x8d, 32, 32 }, { 0x8e, 16, 16 },
	{ 0x8f, 40, 40 }, { 0x90, 40, 24 }, { 0x91, 24, 24 },
	{ 0x92, 8, 8 },	  { 0x93, 32, 28 }, { 0x94, 40, 40 },
	{ 0x95, 40, 40 }, { 0xa0, 72, 68 },
};

/* Closes the file of a new FAULT, which would keep the context alive. */
static void close_fault(const char *arg)
{
	struct iommu_fault_alloc cmd;

	memcpy(&cmd, arg, sizeof(cmd));
	ck_assert_int_eq(iommufd_model_close((int)cmd.out_fault_fd), 0);
}

/*
 * Tells whether the handler is reached with a struct of this size whose last
 * byte is @last.
 */
static bool reaches(struct iommufd_ctx *ictx, unsigned int nr, u32 size,
		    char last, int error)
{
	_Alignas(8) char arg[128] = "";
	int rc;

	memcpy(arg, &size, sizeof(size));
	arg[size - 1] = last;
	rc = do_ioctl(ictx, IOMMUFD_MODEL_IO(nr), arg);
	if (!reached)
		ck_assert_msg(rc == error, "nr %x, size %u: %d", nr, size, rc);
	if (reached && !rc && nr == IOMMUFD_CMD_FAULT_QUEUE_ALLOC)
		close_fault(arg);
	return reached;
}

/*
 * R-UAPI-12, R-UAPI-4, R-UAPI-5, R-UAPI-6: every size near the two bounds is
 * tried.
 */
START_TEST(every_command_takes_sizes_from_min_size_on)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	unsigned int i, nr, size, min;

	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		nr = commands[i].nr;
		size = commands[i].size;
		min = commands[i].min_size;
		ck_assert(!reaches(ictx, nr, min - 1, 0, -EINVAL));
		ck_assert(reaches(ictx, nr, min, 0, 0));
		ck_assert(reaches(ictx, nr, size, 1, 0));
		ck_assert(!reaches(ictx, nr, size + 1, 1, -E2BIG));
		ck_assert(reaches(ictx, nr, size + 9, 0, 0));
	}
	close_clean(ictx);
}
END_TEST

/*
 * R-UAPI-2, R-UAPI-7: the readable part of the struct is nothing, the size
 * only, or all but the last byte.
 */
START_TEST(an_unreadable_struct_is_efault)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	char *end = user_memory(PROT_READ | PROT_WRITE, PROT_NONE);
	struct proto cmd = { .size = sizeof(cmd) };
	size_t readable;

	for (readable = 0; readable < sizeof(cmd); readable++) {
		memcpy(end - readable, &cmd, readable);
		ck_assert_int_eq(do_ioctl(ictx, PROTO, end - readable),
				 -EFAULT);
		ck_assert(!reached);
	}
	memcpy(end - sizeof(cmd), &cmd, sizeof(cmd));
	ck_assert_int_eq(do_ioctl(ictx, PROTO, end - sizeof(cmd)), 0);
	close_clean(ictx);
}
END_TEST

/* R-UAPI-5: the error is decided by what comes first in the tail. */
START_TEST(an_excess_that_is_not_zero_is_e2big_unless_unreadable)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	char *end = user_memory(PROT_READ | PROT_WRITE, PROT_NONE);
	struct proto cmd = { .size = sizeof(cmd) + 8 };
	char *arg = end - sizeof(cmd) - 4;

	memcpy(arg, &cmd, sizeof(cmd));
	ck_assert_int_eq(do_ioctl(ictx, PROTO, arg), -EFAULT);
	end[-1] = 1;
	ck_assert_int_eq(do_ioctl(ictx, PROTO, arg), -E2BIG);
	ck_assert(!reached);
	close_clean(ictx);
}
END_TEST

static struct proto handler_got;

static int answer(struct iommufd_ucmd *ucmd)
{
	struct proto *cmd = ucmd->cmd;

	handler_got = *cmd;
	cmd->out_id = 0x1d;
	cmd->out = 0x007;
	return iommufd_ucmd_respond(ucmd, sizeof(*cmd));
}

static void check_answer(u32 size, u32 out_id, u32 out)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct {
		struct proto cmd;
		u32 tail;
	} arg = { .cmd = { .in = 5 } };

	arg.cmd.size = size;
	proto_handler = answer;
	ck_assert_int_eq(do_ioctl(ictx, PROTO, &arg), 0);
	ck_assert_uint_eq(arg.cmd.size, size);
	ck_assert_uint_eq(arg.cmd.in, 5);
	ck_assert_uint_eq(arg.cmd.out_id, out_id);
	ck_assert_uint_eq(arg.cmd.out, out);
	ck_assert_uint_eq(arg.tail, 0);
	ck_assert_uint_eq(handler_got.size, size);
	ck_assert_uint_eq(handler_got.in, 5);
	close_clean(ictx);
}

/*
 * R-UAPI-8, R-UAPI-11: inputs are written back unchanged, and a short struct
 * gets no more bytes than it has.
 */
START_TEST(the_answer_is_the_struct_as_far_as_the_user_has_it)
{
	check_answer(sizeof(struct proto), 0x1d, 0x007);
	check_answer(sizeof(struct proto) + 4, 0x1d, 0x007);
	check_answer(offsetofend(struct proto, out_id), 0x1d, 0);
	check_answer(PROTO_MIN, 0, 0);
}
END_TEST

/* R-UAPI-6: the handler sees zeros in the part that the user's struct lacks. */
START_TEST(the_missing_tail_is_zero_for_the_handler)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct proto cmd = {
		.size = PROTO_MIN, .in = 5, .out_id = 0xbad, .out = 0xbad,
	};

	proto_handler = answer;
	ck_assert_int_eq(do_ioctl(ictx, PROTO, &cmd), 0);
	ck_assert_uint_eq(handler_got.out_id, 0);
	ck_assert_uint_eq(handler_got.out, 0);
	ck_assert_uint_eq(cmd.out_id, 0xbad);
	close_clean(ictx);
}
END_TEST

/* The tests below register ioctls. */

START_TEST(a_bad_prototype_is_refused)
{
	static const struct iommufd_ioctl_op bad[] = {
		{ 16, 8, HOLE, NULL },
		{ 16, 3, HOLE, do_nothing },
		{ 16, 17, HOLE, do_nothing },
		{ 129, 8, HOLE, do_nothing },
		{ 16, 8, IOMMU_IOAS_NOIOMMU_GET_PA, do_nothing },
		{ 16, 8, IOMMUFD_MODEL_IO(0xa0), do_nothing },
		{ 16, 8, IOMMUFD_MODEL_IO(0x7f), do_nothing },
		{ 16, 8, IOMMU_DESTROY, do_nothing },
		{ 16, 8, HOLE | 1u << 16, do_nothing },
		{ 16, 8, 0x96, do_nothing },
	};
	size_t i;

	ck_assert_int_eq(iommufd_model_register_ioctl(NULL), -EINVAL);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		ck_assert_msg(iommufd_model_register_ioctl(&bad[i]) == -EINVAL,
			      "row %zu", i);
	ck_assert_int_eq(iommufd_model_register_ioctl(&proto_op), -EEXIST);
}
END_TEST

static Suite *ioctl_suite(void)
{
	Suite *suite = suite_create("ioctl");
	TCase *tc = proto_tests(suite, "entry");

	tcase_add_test(tc, ioctl_of_no_or_a_foreign_descriptor_fails);
	tcase_add_test(tc, a_number_outside_the_table_is_enotty);
	tcase_add_test(tc, an_unknown_request_is_efault_then_enotty);
	tcase_add_test(tc, every_command_takes_sizes_from_min_size_on);
	tcase_add_test(tc, an_unreadable_struct_is_efault);
	tcase_add_test(
		tc, an_excess_that_is_not_zero_is_e2big_unless_unreadable);
	tcase_add_test(tc, the_answer_is_the_struct_as_far_as_the_user_has_it);
	tcase_add_test(tc, the_missing_tail_is_zero_for_the_handler);
	tcase_add_test(tc, a_bad_prototype_is_refused);
	return suite;
}

int main(void)
{
	return run_suite(ioctl_suite());
}
