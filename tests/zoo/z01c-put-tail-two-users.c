// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-01 with two users: the first put is finished, and the second one fails.
 */
#include "z01.h"

/* number of users that have not got the object yet */
static refcount_t missing;

static void open_for_two(void *unused)
{
	open_demo(unused);
	refcount_set(&missing, 2);
}

static void use_among_two(void *unused)
{
	struct demo *demo = demo_get(ictx, id);

	(void)unused;
	(void)refcount_dec_and_test(&missing);
	iommufd_model_assert(demo && demo_value(demo) == 4711);
	demo_put(ictx, demo);
}

static void destroy_used(void *unused)
{
	iommufd_model_wait_zero(&missing);
	destroy(unused);
}

const struct zoo_entry zoo_entry = {
	.name = "z01c-put-tail-two-users",
	.title = "put-tail, with two users",
	.when = "up to 6.6",
	.family = "get and put",
	.lesson = "the last thread to unlock is the one that fails",
	.wrong = "As in Z-01, a put drops users and then the read side of the "
		 "object's rwsem. With two users DESTROY fails as long as one "
		 "of them has its reference. Both drop theirs, and one of "
		 "them unlocks. Then DESTROY finds users at 1 and frees the "
		 "object, while the other one still has to unlock.",
	.right = "Use two counters, and keep the wait queue in the ctx. The "
		 "last access of a put to the object is then one atomic "
		 "decrement.",
	.rule = "R-OBJ-11: after the last decrement the object must not be "
		 "used",
	.fails = IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
	.says = "demo_put",
	.test = {
		.name = "two puts against DESTROY",
		.setup = open_for_two,
		.threads = { { "use", use_among_two },
			     { "use too", use_among_two },
			     { "destroy", destroy_used } },
		.symmetric = 1u << 0 | 1u << 1,
		.after = close_ctx,
	},
};
