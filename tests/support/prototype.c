// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "prototype.h"

int (*proto_handler)(struct iommufd_ucmd *ucmd);
bool reached;

static int proto_execute(struct iommufd_ucmd *ucmd)
{
	return proto_handler(ucmd);
}

const struct iommufd_ioctl_op proto_op = {
	.size = sizeof(struct proto),
	.min_size = PROTO_MIN,
	.ioctl_num = PROTO,
	.execute = proto_execute,
};

static void reached_event(struct iommufd_model_hook *hook,
			  const struct iommufd_model_op *op)
{
	(void)hook;
	if (op->kind == IOMMUFD_MODEL_OP_NOTE &&
	    op->arg == IOMMUFD_MODEL_NOTE_IOCTL)
		reached = true;
}

static struct iommufd_model_hook reached_hook = { .event = reached_event };

int do_nothing(struct iommufd_ucmd *ucmd)
{
	(void)ucmd;
	return 0;
}

static void proto_setup(void)
{
	int rc;

	probe_setup();
	rc = iommufd_model_register_ioctl(&proto_op);
	ck_assert(!rc || rc == -EEXIST);
	proto_handler = do_nothing;
	reached = false;
	iommufd_model_hook_add(&reached_hook);
}

static void proto_teardown(void)
{
	iommufd_model_hook_remove(&reached_hook);
	probe_teardown();
}

int do_ioctl(struct iommufd_ctx *ictx, unsigned int cmd, void *arg)
{
	reached = false;
	return iommufd_model_ioctl(iommufd_model_check_fd(ictx), cmd, arg);
}

TCase *proto_tests(Suite *suite, const char *name)
{
	return case_with(suite, name, proto_setup, proto_teardown);
}
