// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Z-01, with two users: the one that put first is out of it, and the other
 * breaks.
 */
#include "z01.h"

static refcount_t missing;	/* users that have not got it yet */

static void open_for_two(void *unused)
{
	open_thing(unused);
	refcount_set(&missing, 2);
}

static void use_among_two(void *unused)
{
	struct thing *thing = thing_get(ictx, id);

	(void)unused;
	(void)refcount_dec_and_test(&missing);
	iommufd_model_assert(thing && thing_value(thing) == 4711);
	thing_put(ictx, thing);
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
	.lesson = "whoever is last to let go is in danger, not who began",
	.wrong = "As in Z-01 a put drops users and then the read side of the "
		 "object's rwsem.  With two users DESTROY fails as long as "
		 "either has its unit.  Both drop theirs, one has unlocked, "
		 "DESTROY finds users at one and frees: the other has still to "
		 "unlock.",
	.right = "Two counters, the wait queue in the ctx: the last that a put "
		 "does to the object is one atomic decrement.",
	.rule = "R-OBJ-11: after the last decrement the object must not be "
		 "used",
	.fails = IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
	.says = "thing_put",
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
