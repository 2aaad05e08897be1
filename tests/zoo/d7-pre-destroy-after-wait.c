// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-D7: pre_destroy, which evicts the holder, runs after the wait for the
 * holder.
 */
#include "vdevice.h"

const struct zoo_entry zoo_entry = {
	.name = "d7-pre-destroy-after-wait",
	.title = "pre_destroy after the wait",
	.when = "reverse of a right line",
	.family = "destroy",
	.lesson = "ask the holder to go before you wait for it",
	.wrong = "The unbind of a device waits till wait_cnt is 0 and calls "
		 "pre_destroy then. But the vDEVICE keeps its unit of wait_cnt "
		 "until pre_destroy, the only one that could, evicts it: the "
		 "wait runs into its timeout, the unbind is EBUSY and WARNs.",
	.right = "pre_destroy before the wait.",
	.rule = "R-DESTROY-6: first the table's unit of wait_cnt, then "
		 "pre_destroy, then the wait",
	.fails = IOMMUFD_MODEL_FAIL_TIMEOUT,
	.says = "destroy_wait",
	.test = {
		.name = "pre_destroy after the wait",
		.setup = open_vdevice,
		.threads = { { "unbinder", unbinds } },
		.after = close_all,
	},
};
