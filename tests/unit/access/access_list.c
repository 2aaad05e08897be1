// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-ACC-11: the list of accesses of an IOAS, the alignment that they require,
 * and additions to the list that fail.
 */
#include "access_suite.h"

/* R-ACC-11: ids in the list begin at 0, and the lowest free id is taken. */
START_TEST(list_ids_are_the_lowest_free_from_zero)
{
	struct driver drivers[4];
	struct lab lab;
	u32 i;

	lab_open(&lab, NULL);
	for (i = 0; i < 4; i++)
		driver_create(&drivers[i], lab.ictx, &byte_ops);
	for (i = 0; i < 3; i++) {
		driver_attach(&drivers[i], lab.a);
		ck_assert_attached(drivers[i].access, lab.a, i);
	}
	iommufd_access_detach(drivers[1].access);
	ck_assert_ptr_null(listed(lab.a, 1));
	driver_attach(&drivers[3], lab.a);
	ck_assert_attached(drivers[3].access, lab.a, 1);
	driver_attach(&drivers[1], lab.a);
	ck_assert_attached(drivers[1].access, lab.a, 3);
	for (i = 0; i < 4; i++)
		driver_destroy(&drivers[i]);
	lab_close(&lab);
}
END_TEST

/*
 * R-ACC-10, R-ACC-11, R-IOAS-8: the alignment is the largest that any access
 * requires.
 */
START_TEST(alignment_follows_the_accesses_up_and_down)
{
	struct driver pages[2];
	struct lab lab;
	int i;

	lab_open(&lab, &byte_ops);
	driver_attach(&lab.driver, lab.a);
	ck_assert_uint_eq(lab.a->iopt.iova_alignment, 1);
	for (i = 0; i < 2; i++) {
		driver_create(&pages[i], lab.ictx, &page_ops);
		driver_attach(&pages[i], lab.a);
		ck_assert_uint_eq(lab.a->iopt.iova_alignment, PAGE_SIZE);
	}
	iommufd_access_detach(lab.driver.access);
	driver_destroy(&pages[0]);
	ck_assert_uint_eq(lab.a->iopt.iova_alignment, PAGE_SIZE);
	ck_assert_int_eq(iommufd_access_replace(pages[1].access,
						lab.b->obj.id), 0);
	ck_assert_uint_eq(lab.a->iopt.iova_alignment, 1);
	ck_assert_uint_eq(lab.b->iopt.iova_alignment, PAGE_SIZE);
	driver_destroy(&pages[1]);
	ck_assert_uint_eq(lab.b->iopt.iova_alignment, 1);
	lab_close(&lab);
}
END_TEST

/*
 * Fills the list of @ioas with entries that belong to no access, or empties it
 * again.
 */
static void fill_list(struct iommufd_ioas *ioas, bool fill)
{
	unsigned long i;
	u32 id;

	for (i = 0; i <= 65535; i++) {
		if (!fill)
			xa_erase(&ioas->iopt.access_list, i);
		else if (xa_alloc(&ioas->iopt.access_list, &id, NULL,
				  xa_limit_16b, GFP_KERNEL))
			break;
	}
}

/*
 * R-ACC-8 step 4, R-ACC-11: a replace fails while the access is on @lab.a in
 * slot 1.
 */
static void replace_fails(bool full, int error)
{
	struct driver other;
	struct lab lab;

	lab_open(&lab, &page_ops);
	driver_create(&other, lab.ictx, &byte_ops);
	driver_attach(&other, lab.a);
	driver_attach(&lab.driver, lab.a);
	ck_assert_attached(lab.driver.access, lab.a, 1);
	if (full)
		fill_list(lab.b, true);
	else
		iommufd_model_fail_nth(1);
	ck_assert_int_eq(iommufd_access_replace(lab.driver.access,
						lab.b->obj.id), error);
	iommufd_model_fail_nth(0);
	if (full)
		fill_list(lab.b, false);

	ck_assert_uint_eq(lab.driver.calls, 0);
	ck_assert_attached(lab.driver.access, lab.a, 1);
	ck_assert_users(&lab.a->obj, 3);
	ck_assert_users(&lab.b->obj, 1);
	ck_assert_shortterm(&lab.b->obj, 1);
	ck_assert_uint_eq(lab.b->iopt.iova_alignment, 1);
	/* The slot that is freed is the one that the access has (Z-09). */
	iommufd_access_detach(lab.driver.access);
	ck_assert_ptr_eq(listed(lab.a, 0), other.access);
	ck_assert_ptr_null(listed(lab.a, 1));
	driver_destroy(&other);
	lab_close(&lab);
}

START_TEST(replace_without_memory_keeps_the_old_attachment)
{
	replace_fails(false, -ENOMEM);
}
END_TEST

START_TEST(replace_onto_a_full_list_keeps_the_old_attachment)
{
	replace_fails(true, -EBUSY);
}
END_TEST

START_TEST(attach_that_fails_stays_detached)
{
	struct lab lab;

	lab_open(&lab, &page_ops);
	iommufd_model_fail_nth(1);
	ck_assert_int_eq(iommufd_access_attach(lab.driver.access,
					       lab.a->obj.id), -ENOMEM);
	iommufd_model_fail_nth(0);
	ck_assert_detached(lab.driver.access);
	fill_list(lab.a, true);
	ck_assert_int_eq(iommufd_access_attach(lab.driver.access,
					       lab.a->obj.id), -EBUSY);
	fill_list(lab.a, false);
	ck_assert_detached(lab.driver.access);
	ck_assert_users(&lab.a->obj, 1);
	ck_assert_uint_eq(lab.a->iopt.iova_alignment, 1);
	driver_attach(&lab.driver, lab.a);
	lab_close(&lab);
}
END_TEST

/* R-ACC-11: the test writes a wrong slot number into the access. */
START_TEST(removal_from_a_slot_that_holds_another_access_warns)
{
	struct driver other;
	struct lab lab;

	lab_open(&lab, &byte_ops);
	driver_create(&other, lab.ictx, &byte_ops);
	driver_attach(&lab.driver, lab.a);
	driver_attach(&other, lab.a);
	other.access->iopt_access_list_id = 0;
	iommufd_model_expect_warning("!= access");
	iommufd_access_detach(other.access);
	iommufd_model_expect_warning("!= access");
	iommufd_access_detach(lab.driver.access);
	ck_assert_ptr_eq(xa_erase(&lab.a->iopt.access_list, 1), other.access);
	driver_destroy(&other);
	lab_close(&lab);
}
END_TEST

static unsigned long nr_steps;

static void count_step(struct iommufd_model_hook *hook,
		       const struct iommufd_model_op *op)
{
	(void)hook;
	(void)op;
	nr_steps++;
}

/*
 * An attach takes the same number of steps however many accesses are attached.
 */
START_TEST(attach_does_the_same_steps_for_the_first_and_the_fiftieth)
{
	struct iommufd_model_hook hook = { .step = count_step };
	struct driver drivers[50];
	unsigned long steps[50];
	struct lab lab;
	int i;

	lab_open(&lab, NULL);
	for (i = 0; i < 50; i++) {
		driver_create(&drivers[i], lab.ictx, &page_ops);
		iommufd_model_hook_add(&hook);
		nr_steps = 0;
		driver_attach(&drivers[i], lab.a);
		steps[i] = nr_steps;
		iommufd_model_hook_remove(&hook);
	}
	/*
	 * The first two attaches also make the list, so they are not compared.
	 */
	ck_assert_uint_gt(steps[2], 0);
	ck_assert_uint_eq(steps[49], steps[2]);
	for (i = 0; i < 50; i++)
		driver_destroy(&drivers[i]);
	lab_close(&lab);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("access_list");
	TCase *tc = checked_case(suite, "list");

	tcase_add_test(tc, list_ids_are_the_lowest_free_from_zero);
	tcase_add_test(tc, alignment_follows_the_accesses_up_and_down);
	tcase_add_test(tc, replace_without_memory_keeps_the_old_attachment);
	tcase_add_test(tc, replace_onto_a_full_list_keeps_the_old_attachment);
	tcase_add_test(tc, attach_that_fails_stays_detached);
	tcase_add_test(tc, removal_from_a_slot_that_holds_another_access_warns);
	tcase_add_test(
		tc, attach_does_the_same_steps_for_the_first_and_the_fiftieth);
	return run_suite(suite);
}
