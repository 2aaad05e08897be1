/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A prototype's request, whose handler each test chooses, and do_ioctl(), which
 * also tells whether any handler was reached.
 */
#ifndef PROTOTYPE_H
#define PROTOTYPE_H

#include "thing.h"

#define PROTO_NR 0x9f
#define PROTO IOMMUFD_MODEL_IO(PROTO_NR)
#define HOLE IOMMUFD_MODEL_IO(0x96)

/* The prototype's struct: all up to @in is mandatory. */
struct proto {
	u32 size;
	u32 in;
	u32 out_id;
	u32 out;
};
#define PROTO_MIN offsetofend(struct proto, in)

/* What the prototype's handler does, and whether any was reached. */
static int (*proto_handler)(struct iommufd_ucmd *ucmd);
static bool reached;

static int proto_execute(struct iommufd_ucmd *ucmd)
{
	return proto_handler(ucmd);
}

static const struct iommufd_ioctl_op proto_op = {
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

static inline int do_nothing(struct iommufd_ucmd *ucmd)
{
	(void)ucmd;
	return 0;
}

static void proto_setup(void)
{
	int rc;

	thing_setup();
	rc = iommufd_model_register_ioctl(&proto_op);
	ck_assert(!rc || rc == -EEXIST);
	proto_handler = do_nothing;
	reached = false;
	iommufd_model_hook_add(&reached_hook);
}

static void proto_teardown(void)
{
	iommufd_model_hook_remove(&reached_hook);
	thing_teardown();
}

static inline int do_ioctl(struct iommufd_ctx *ictx, unsigned int cmd,
			   void *arg)
{
	reached = false;
	return iommufd_model_ioctl(iommufd_model_check_fd(ictx), cmd, arg);
}

/* A group of tests with the prototype registered. */
static inline TCase *proto_tests(Suite *suite, const char *name)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, proto_setup, proto_teardown);
	suite_add_tcase(suite, tc);
	return tc;
}

#endif
