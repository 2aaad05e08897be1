// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-OBJ-4 and R-OBJ-8: objects that the ioctl core finalizes or undoes.
 */
#include "prototype.h"

/* Calls the prototype's ioctl with a struct of full size. */
static int run(struct iommufd_ctx *ictx, int (*handler)(struct iommufd_ucmd *))
{
	struct proto cmd = { .size = sizeof(cmd) };

	proto_handler = handler;
	return do_ioctl(ictx, PROTO, &cmd);
}

static struct iommufd_object *make(struct iommufd_ucmd *ucmd,
				   enum iommufd_object_type type)
{
	return _iommufd_object_alloc_ucmd(ucmd, sizeof(struct probe), type);
}

static int make_one(struct iommufd_ucmd *ucmd)
{
	struct iommufd_object *obj = make(ucmd, plain_type());

	if (IS_ERR(obj))
		return (int)PTR_ERR(obj);
	say("new_obj %u, lookup %d", ucmd->new_obj == obj ? obj->id : 0,
	    look_up(ucmd->ictx, obj->id, IOMMUFD_OBJ_ANY));
	return 0;
}

/*
 * R-OBJ-8, R-UAPI-9, R-ID-4: the object is published after the handler has
 * returned.
 */
START_TEST(an_object_is_published_when_its_handler_has_succeeded)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	char want[64];

	ck_assert_int_eq(run(ictx, make_one), 0);
	snprintf(want, sizeof(want), "new_obj 1, lookup %d", -ENOENT);
	ck_assert_said(want);
	ck_assert_counters(to_probe(peek(ictx, 1)), 1, 1);
	close_clean(ictx);
}
END_TEST

static int make_one_and_fail(struct iommufd_ucmd *ucmd)
{
	int rc = make_one(ucmd);

	return rc ? rc : -EDOM;
}

/*
 * R-OBJ-8, R-UAPI-9: the destroy op undoes the creation, since there is no
 * abort op.
 */
START_TEST(an_object_is_undone_when_its_handler_has_failed)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	char want[64];

	ck_assert_int_eq(run(ictx, make_one_and_fail), -EDOM);
	snprintf(want, sizeof(want), "new_obj 1, lookup %d destroy(1)",
		 -ENOENT);
	ck_assert_said(want);
	ck_assert(xa_empty(&ictx->objects));
	close_clean(ictx);
}
END_TEST

static int make_two(struct iommufd_ucmd *ucmd)
{
	make(ucmd, plain_type());
	/* The check for a second object comes before the check of the type. */
	say("%ld", PTR_ERR(make(ucmd, full_type())));
	return 0;
}

/* R-OBJ-4 step 1: an ioctl can create only one object through the core. */
START_TEST(an_ioctl_makes_one_object_only)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	char want[16];

	expect_warning("ucmd->new_obj");
	ck_assert_int_eq(run(ictx, make_two), 0);
	snprintf(want, sizeof(want), "%d", -EBUSY);
	ck_assert_said(want);
	ck_assert_uint_eq(peek(ictx, 1)->id, 1);
	ck_assert_ptr_null(slot(ictx, 2));
	close_clean(ictx);
}
END_TEST

static int make_abortable(struct iommufd_ucmd *ucmd)
{
	int rc = PTR_ERR_OR_ZERO(make(ucmd, full_type()));

	say(ucmd->new_obj ? "object" : "none");
	return rc;
}

/* R-OBJ-4 step 2: the type is checked before memory is allocated. */
START_TEST(a_type_with_an_abort_op_is_not_for_the_core)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();

	iommufd_model_fail_nth(1);
	expect_warning("ops->abort");
	ck_assert_int_eq(run(ictx, make_abortable), -EOPNOTSUPP);
	ck_assert_uint_eq(iommufd_model_failed(), 0);
	ck_assert_said("none");
	ck_assert(xa_empty(&ictx->objects));
	close_clean(ictx);
}
END_TEST

static int make_none(struct iommufd_ucmd *ucmd)
{
	int rc = PTR_ERR_OR_ZERO(make(ucmd, plain_type()));

	say(ucmd->new_obj ? "object" : "none");
	return rc;
}

/* R-OBJ-4: if the allocation fails the core has nothing to undo. */
START_TEST(an_object_that_could_not_be_made_is_not_undone)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	unsigned int n;

	for (n = 1; n <= 2; n++) {
		iommufd_model_fail_nth(n);
		ck_assert_int_eq(run(ictx, make_none), -ENOMEM);
		ck_assert_said("none");
	}
	ck_assert(xa_empty(&ictx->objects));
	close_clean(ictx);
}
END_TEST

static int closed_fd;

static void *close_it(void *unused)
{
	(void)unused;
	iommufd_model_close(closed_fd);
	return NULL;
}

static int close_meanwhile(struct iommufd_ucmd *ucmd)
{
	pthread_t thread;

	publish(ucmd->ictx, plain_type());
	pthread_create(&thread, NULL, close_it, NULL);
	pthread_join(thread, NULL);
	say("%u", iommufd_model_released(ucmd->ictx));
	return 0;
}

/* R-CTX-2: a running system call holds the context, whichever thread closes. */
START_TEST(closing_in_the_middle_of_an_ioctl_waits_for_its_end)
{
	struct proto cmd = { .size = sizeof(cmd) };
	struct iommufd_ctx *ictx;

	closed_fd = iommufd_model_open();
	ictx = iommufd_ctx_from_fd(closed_fd);
	iommufd_ctx_put(ictx);
	proto_handler = close_meanwhile;
	ck_assert_int_eq(iommufd_model_ioctl(closed_fd, PROTO, &cmd), 0);
	ck_assert_said("0 destroy(1)");
	ck_assert_no_leaks(ictx);
}
END_TEST

static Suite *ioctl_object_suite(void)
{
	Suite *suite = suite_create("ioctl_object");
	TCase *tc = proto_tests(suite, "objects the core finishes");

	tcase_add_test(tc,
		       an_object_is_published_when_its_handler_has_succeeded);
	tcase_add_test(tc, an_object_is_undone_when_its_handler_has_failed);
	tcase_add_test(tc, an_ioctl_makes_one_object_only);
	tcase_add_test(tc, a_type_with_an_abort_op_is_not_for_the_core);
	tcase_add_test(tc, an_object_that_could_not_be_made_is_not_undone);
	tcase_add_test(tc, closing_in_the_middle_of_an_ioctl_waits_for_its_end);
	return suite;
}

int main(void)
{
	return run_suite(ioctl_object_suite());
}
