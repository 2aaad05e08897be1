// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-D7: pre_destroy, which makes a holder drop its reference, runs after the
 * wait for that holder.
 */
#include "vdevice.h"

const struct zoo_entry zoo_entry = {
	.name = "d7-pre-destroy-after-wait",
	.title = "pre_destroy after the wait",
	.when = "reverse of a right line",
	.family = "destroy",
	.lesson = "ask a holder to drop its reference before you wait for it",
	.wrong = "The unbind of a device waits until wait_cnt is 0 and then "
		 "calls pre_destroy. But the vDEVICE keeps its reference in "
		 "wait_cnt until pre_destroy destroys it, and nothing else "
		 "does. The wait reaches its timeout, and the unbind WARNs "
		 "and fails with EBUSY.",
	.right = "Call pre_destroy before the wait.",
	.rule = "R-DESTROY-6: first drop the table's reference in wait_cnt, "
		 "then pre_destroy, then the wait",
	.fails = IOMMUFD_MODEL_FAIL_TIMEOUT,
	.says = "destroy_wait",
	.test = {
		.name = "pre_destroy after the wait",
		.setup = open_vdevice,
		.threads = { { "unbinder", unbinds } },
		.after = close_all,
	},
};
