// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-08c: the id of a vDEVICE that was destroyed with its device is allocated
 * again.
 */
#include "vdevice.h"

/*
 * The guest destroys its vDEVICE by its id.  It does not know that the unbind
 * may have destroyed the vDEVICE before.
 */
static void makes_and_destroys(void *unused)
{
	u32 mine;

	(void)unused;
	/*
	 * This takes the id of the device, which is lower and may be free as
	 * well.
	 */
	made(ioctl_ioas(fd));
	mine = made(ioctl_ioas(fd));
	destroy(vdevice);
	iommufd_model_assert_msg(iommufd_model_object_type(fd, mine) > 0,
				 "DESTROY of vdevice %u has destroyed ioas %u",
				 vdevice, mine);
}

const struct zoo_entry zoo_entry = {
	.name = "z08c-reused-id",
	.title = "reused id",
	.when = "review",
	.family = "vdevice",
	.lesson_number = 10,
	.lesson = "an id that user space may still use is not allocated again",
	.wrong = "An unbind destroys the vDEVICE of its device and frees its "
		 "id. User space does not know that. The next object gets the "
		 "id, and when user space destroys the vDEVICE by its id, it "
		 "destroys that object.",
	.right = "The id becomes a tombstone: it is never allocated again, "
		 "and DESTROY of it is always ENOENT.",
	.rule = "R-VDEVICE-4: the id of an evicted vDEVICE is not free",
	.fails = IOMMUFD_MODEL_FAIL_ASSERTION,
	.says = "has destroyed ioas",
	.test = {
		.name = "reused id",
		.setup = open_vdevice,
		.threads = { { "unbinder", unbinds },
			     { "user", makes_and_destroys } },
		.after = close_all,
	},
};
