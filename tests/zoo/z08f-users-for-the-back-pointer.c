// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-08f: the device's pointer to its vDEVICE holds a reference in users.
 */
#include "vdevice.h"

static void must_destroy_vdevice(void *unused)
{
	int rc = destroy(vdevice);

	(void)unused;
	iommufd_model_assert_msg(!rc, "DESTROY of the vDEVICE: %s",
				 rc == -EBUSY ? "EBUSY, and nobody uses it" :
						"not EBUSY either");
}

static void unbind_and_close(void *unused)
{
	unbinds(unused);
	close_all(unused);
}

const struct zoo_entry zoo_entry = {
	.name = "z08f-users-for-the-back-pointer",
	.title = "extra users for the back pointer",
	.when = "review",
	.family = "vdevice",
	.lesson_number = 12,
	.lesson = "of two objects that point at each other only one may hold "
		  "the other",
	.wrong = "To be able to destroy the vDEVICE at unbind, the device "
		 "holds a reference to it. But the vDEVICE already holds the "
		 "device, so now each holds the other. DESTROY of the vDEVICE "
		 "finds users at 2 and fails with EBUSY as long as the device "
		 "is bound.",
	.right = "The pointer is weak. pre_destroy takes a reference when it "
		 "needs one, and only if the table still contains the "
		 "vDEVICE.",
	.rule = "R-DEVICE-3: try_inc_users under the group's mutex, and no "
		 "reference before that",
	.fails = IOMMUFD_MODEL_FAIL_ASSERTION,
	.says = "EBUSY, and nobody uses it",
	.test = {
		.name = "extra users for the back pointer",
		.setup = open_vdevice,
		.threads = { { "user", must_destroy_vdevice } },
		.after = unbind_and_close,
	},
};
