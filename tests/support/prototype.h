/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * An ioctl of a prototype, whose handler each test chooses, and do_ioctl(),
 * which also notes whether any handler was reached.
 */
#ifndef TESTS_SUPPORT_PROTOTYPE_H
#define TESTS_SUPPORT_PROTOTYPE_H

#include "probe.h"

#define PROTO_NR 0x9f
#define PROTO IOMMUFD_MODEL_IO(PROTO_NR)
#define HOLE IOMMUFD_MODEL_IO(0x96)

/* The prototype's struct: all members up to @in are mandatory. */
struct proto {
	u32 size;
	u32 in;
	u32 out_id;
	u32 out;
};
#define PROTO_MIN offsetofend(struct proto, in)

extern const struct iommufd_ioctl_op proto_op;

/*
 * The function that the handler calls; the fixture of proto_tests() sets it to
 * do_nothing().
 */
extern int (*proto_handler)(struct iommufd_ucmd *ucmd);
int do_nothing(struct iommufd_ucmd *ucmd);

/* True if the last do_ioctl() reached a handler. */
extern bool reached;
int do_ioctl(struct iommufd_ctx *ictx, unsigned int cmd, void *arg);

/* A group of tests with the prototype registered. */
TCase *proto_tests(Suite *suite, const char *name);

#endif
