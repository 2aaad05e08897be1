// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-DEVICE-6 to R-DEVICE-8: attach, detach and replace for groups of two
 * devices, and automatic HWPTs.
 */
#include "own_driver.h"
#include <sys/mman.h>

/* Devices a and b, which are bound but not attached, and two HWPTs x and y. */
struct pair_guest {
	struct own_guest og;
	struct guest *g;
	struct iommufd_device *a, *b;
	u32 x, y;
};

static void pair_open(struct pair_guest *p)
{
	own_guest_open(&p->og);
	p->g = &p->og.g;
	p->a = p->og.idev;
	p->b = own_bind(p->g, &p->og.pair.b);
	p->x = made(try_paging(p->g, 0));
	p->y = made(try_paging(p->g, 0));
}

/* Opens the pair with both devices attached to x. */
static void pair_open_attached(struct pair_guest *p)
{
	pair_open(p);
	made(own_attach_to(p->a, p->x));
	made(own_attach_to(p->b, p->x));
	forget_said();
}

static void pair_close(struct pair_guest *p)
{
	own_detach_from(p->a);
	own_detach_from(p->b);
	ck_assert_users(&p->a->obj, 2);
	ck_assert_users(&p->b->obj, 2);
	ck_assert_held(p->g, p->x, 1, 1);
	ck_assert_held(p->g, p->y, 1, 1);
	iommufd_device_unbind(p->b);
	own_guest_close(&p->og);
}

#define ck_assert_pair(p, users_x, users_y, users_a, users_b) do {	\
	ck_assert_held((p)->g, (p)->x, users_x, 1);			\
	ck_assert_held((p)->g, (p)->y, users_y, 1);			\
	ck_assert_users(&(p)->a->obj, users_a);				\
	ck_assert_users(&(p)->b->obj, users_b);				\
} while (0)

/* The tests below attach and detach. */

/* R-DEVICE-6: the types of objects that *pt_id may name. */
START_TEST(attach_to_no_object_is_enoent_to_another_type_einval)
{
	struct pair_guest p;
	u32 pt_id;

	pair_open(&p);
	pt_id = p.x;
	ck_assert_int_eq(own_attach_to(p.a, 0), -ENOENT);
	ck_assert_int_eq(own_attach_to(p.a, 99), -ENOENT);
	ck_assert_int_eq(own_attach_to(p.a, p.g->idev), -EINVAL);
	ck_assert_int_eq(iommufd_device_attach(p.a, 1, &pt_id), -EINVAL);
	ck_assert_pair(&p, 1, 1, 2, 2);
	ck_assert_said("");
	pair_close(&p);
}
END_TEST

/* R-DEVICE-6 steps 5 and 6: the driver is called only for the first device. */
START_TEST(each_device_of_a_group_counts_in_the_hwpt)
{
	struct pair_guest p;

	pair_open(&p);
	ck_assert_int_eq(own_attach_to(p.a, p.x), (int)p.x);
	ck_assert_said("attach(a) attach(b)");
	ck_assert_pair(&p, 2, 1, 3, 2);
	ck_assert_int_eq(own_attach_to(p.b, p.x), (int)p.x);
	ck_assert_said("");
	ck_assert_pair(&p, 3, 1, 3, 3);
	own_detach_from(p.a);
	ck_assert_said("");
	ck_assert_pair(&p, 2, 1, 2, 3);
	own_detach_from(p.b);
	ck_assert_said("detach(a) detach(b)");
	ck_assert_pair(&p, 1, 1, 2, 2);
	pair_close(&p);
}
END_TEST

/*
 * R-DEVICE-6 step 2: this is checked before step 3, so another HWPT does not
 * matter.
 */
START_TEST(attach_of_an_attached_device_is_ebusy)
{
	struct pair_guest p;

	pair_open_attached(&p);
	ck_assert_int_eq(own_attach_to(p.a, p.x), -EBUSY);
	ck_assert_int_eq(own_attach_to(p.a, p.y), -EBUSY);
	ck_assert_int_eq(own_attach_to(p.a, p.g->ioas), -EBUSY);
	ck_assert_pair(&p, 3, 1, 3, 3);
	pair_close(&p);
}
END_TEST

/* R-DEVICE-6 step 5, DEV-12: no driver is given a domain of another driver. */
START_TEST(a_domain_of_another_driver_is_einval)
{
	struct iommu_test_cmd cmd;
	struct pair_guest p;
	u32 stdev, mocks;

	pair_open(&p);
	stdev = made(try_device(p.g, p.g->ioas, &cmd));
	mocks = cmd.mock_domain.out_hwpt_id;
	forget_said();
	ck_assert_int_eq(own_attach_to(p.a, mocks), -EINVAL);
	ck_assert_int_eq(try_replace(p.g, stdev, p.x), -EINVAL);
	ck_assert_said("");
	ck_assert_pair(&p, 1, 1, 2, 2);
	ck_assert_held(p.g, mocks, 2, 1);
	ck_destroy(p.g, stdev);
	pair_close(&p);
}
END_TEST

/* R-DEVICE-6 step 3: a new automatic HWPT would be a second HWPT too. */
START_TEST(a_group_shares_one_hwpt)
{
	struct pair_guest p;

	pair_open(&p);
	made(own_attach_to(p.a, p.x));
	ck_assert_held(p.g, p.g->ioas, 3, 1);
	ck_assert_int_eq(own_attach_to(p.b, p.y), -EINVAL);
	ck_assert_int_eq(own_attach_to(p.b, p.g->ioas), -EINVAL);
	ck_assert_pair(&p, 2, 1, 3, 2);
	ck_assert_held(p.g, p.g->ioas, 3, 1);
	ck_assert_ptr_null(slot(p.g->ictx, p.y + 1));
	pair_close(&p);
}
END_TEST

/* R-DEVICE-6 step 5: an attach that fails leaves no trace. */
START_TEST(attach_that_the_driver_refuses_leaves_no_trace)
{
	struct pair_guest p;

	pair_open(&p);
	own.attach_error = -EIO;
	own.refuses = &p.og.pair.b;
	ck_assert_int_eq(own_attach_to(p.a, p.x), -EIO);
	ck_assert_said("attach(a) refuse(b) detach(a)");
	ck_assert_pair(&p, 1, 1, 2, 2);
	ck_assert_int_eq(own_attach_to(p.a, p.g->ioas), -EIO);
	ck_assert_held(p.g, p.g->ioas, 3, 1);
	ck_assert_ptr_null(slot(p.g->ictx, p.y + 1));
	pair_close(&p);
}
END_TEST

/* R-DEVICE-6: a detach of a device that is not attached has no effect. */
START_TEST(detach_of_a_device_that_is_not_attached_does_nothing)
{
	struct pair_guest p;

	pair_open(&p);
	made(own_attach_to(p.a, p.x));
	own_detach_from(p.b);
	own_detach_from(p.b);
	ck_assert_pair(&p, 2, 1, 3, 2);
	pair_close(&p);
}
END_TEST

/* The tests below replace an attachment. */

/* R-DEVICE-6, Z-29: only an attached device can be moved to another HWPT. */
START_TEST(replace_of_a_device_that_is_not_attached_is_einval)
{
	struct pair_guest p;

	pair_open(&p);
	ck_assert_int_eq(own_replace(p.a, p.x), -EINVAL);
	made(own_attach_to(p.a, p.x));
	ck_assert_int_eq(own_replace(p.b, p.y), -EINVAL);
	ck_assert_int_eq(own_replace(p.b, p.x), -EINVAL);
	ck_assert_int_eq(own_replace(p.b, p.g->ioas), -EINVAL);
	ck_assert_int_eq(own_replace(p.a, 99), -ENOENT);
	ck_assert_int_eq(own_replace(p.a, p.g->idev), -EINVAL);
	ck_assert_pair(&p, 2, 1, 3, 2);
	pair_close(&p);
}
END_TEST

/* R-DEVICE-6: the references of all n attached devices move to the new HWPT. */
START_TEST(replace_moves_as_many_references_as_there_are_devices)
{
	struct pair_guest p;

	pair_open_attached(&p);
	ck_assert_pair(&p, 3, 1, 3, 3);
	watch(p.g->ictx, obj_of(p.g, p.x));
	ck_assert_int_eq(own_replace(p.b, p.y), (int)p.y);
	/* The last reference is dropped after all locks were unlocked. */
	ck_assert_said("attach(a) attach(b) U2 U1");
	unwatch();
	ck_assert_pair(&p, 1, 3, 3, 3);
	ck_assert_uint_eq(iommufd_model_unbalanced(), 0);
	pair_close(&p);
}
END_TEST

START_TEST(replace_by_the_same_hwpt_does_nothing)
{
	struct pair_guest p;

	pair_open_attached(&p);
	ck_assert_int_eq(own_replace(p.a, p.x), (int)p.x);
	ck_assert_said("");
	ck_assert_pair(&p, 3, 1, 3, 3);
	pair_close(&p);
}
END_TEST

START_TEST(replace_that_the_driver_refuses_keeps_the_old)
{
	struct pair_guest p;

	pair_open_attached(&p);
	own.attach_error = -EIO;
	own.refuses = &p.og.pair.b;
	own.once = true;
	ck_assert_int_eq(own_replace(p.a, p.y), -EIO);
	ck_assert_said("attach(a) refuse(b) attach(a)");
	ck_assert_pair(&p, 3, 1, 3, 3);
	/*
	 * R-DEVICE-8: an automatic HWPT that the failed call has created is
	 * destroyed.
	 */
	own.attach_error = -EIO;
	ck_assert_int_eq(own_replace(p.a, p.g->ioas), -EIO);
	ck_assert_held(p.g, p.g->ioas, 3, 1);
	ck_assert_ptr_null(slot(p.g->ictx, p.y + 1));
	pair_close(&p);
}
END_TEST

/*
 * The IOMMU core: a device that can attach neither to the new domain nor to the
 * old one again has no domain; the other devices return to the old one.
 */
START_TEST(replace_that_cannot_be_undone_leaves_the_device_without)
{
	struct pair_guest p;

	pair_open_attached(&p);
	own.attach_error = -EIO;
	own.refuses = &p.og.pair.b;
	own.refuses_again = &p.og.pair.a;
	iommufd_model_expect_warning("attach_dev");
	ck_assert_int_eq(own_replace(p.a, p.y), -EIO);
	ck_assert_said("attach(a) refuse(b) refuse(a) detach(a)");
	ck_assert_pair(&p, 3, 1, 3, 3);
	pair_close(&p);
}
END_TEST

/*
 * In a group of four devices the third one refuses, and the second loses its
 * domain.
 */
START_TEST(replace_is_undone_for_each_device_on_its_own)
{
	struct device c = { .name = NULL }, d = { .name = NULL };
	struct pair_guest p;

	pair_open(&p);
	own_device(&p.og.pair, &c, "c");
	own_device(&p.og.pair, &d, "d");
	made(own_attach_to(p.a, p.x));
	ck_assert_said("attach(a) attach(b) attach(c) attach(d)");
	own.attach_error = -EIO;
	own.refuses = &c;
	own.refuses_again = &p.og.pair.b;
	iommufd_model_expect_warning("attach_dev");
	ck_assert_int_eq(own_replace(p.a, p.y), -EIO);
	ck_assert_said("attach(a) attach(b) refuse(c) attach(a) refuse(b) "
		       "detach(b)");
	ck_assert_pair(&p, 2, 1, 3, 2);
	own.attach_error = 0;
	ck_assert_int_eq(own_replace(p.a, p.y), (int)p.y);
	ck_assert_said("attach(a) attach(b) attach(c) attach(d)");
	own_detach_from(p.a);
	iommufd_model_group_remove(&c);
	iommufd_model_group_remove(&d);
	pair_close(&p);
}
END_TEST

/* The tests below are about automatic HWPTs (R-DEVICE-8). */

START_TEST(mock_devices_of_an_ioas_share_one_automatic_hwpt)
{
	struct iommu_test_cmd cmd;
	struct guest g;

	/* R-MOCK-7: the ids of the objects in a new context. */
	guest_open(&g);
	ck_assert_uint_eq(g.ioas, 1);
	ck_assert_uint_eq(g.stdev, 2);
	ck_assert_uint_eq(g.idev, 3);
	ck_assert_uint_eq(g.hwpt, 4);
	ck_assert_int_eq(try_device(&g, g.ioas, &cmd), 5);
	ck_assert_uint_eq(cmd.mock_domain.out_idev_id, 6);
	ck_assert_uint_eq(cmd.mock_domain.out_hwpt_id, 4);
	ck_assert_held(&g, g.hwpt, 3, 1);
	ck_destroy(&g, g.stdev);
	ck_assert_held(&g, g.hwpt, 2, 1);
	ck_assert_int_eq(destroy(&g, g.hwpt), -EBUSY);
	ck_destroy(&g, 5);
	ck_assert(is_gone(&g, g.hwpt));
	ck_assert_held(&g, g.ioas, 1, 1);
	guest_close(&g);
}
END_TEST

/*
 * A HWPT that the user has created is not shared, and is not destroyed by a
 * detach.
 */
START_TEST(a_hwpt_made_by_hand_is_not_shared)
{
	struct pair_guest p;
	int id;

	pair_open(&p);
	id = own_attach_to(p.a, p.g->ioas);
	ck_assert_int_eq(id, (int)p.y + 1);
	ck_assert_pair(&p, 1, 1, 3, 2);
	own_detach_from(p.a);
	ck_assert(is_gone(p.g, (u32)id));
	pair_close(&p);
}
END_TEST

/*
 * Attaches device c, which is alone in another group, while its driver refuses
 * with @error.
 */
static void other_refuses(int error, int want, unsigned int users)
{
	struct own_pair other;
	struct pair_guest p;
	struct iommufd_device *c;

	pair_open(&p);
	made(own_attach_to(p.a, p.g->ioas));
	iommufd_model_group_init(&other.group, 4712);
	own_device(&other, &other.a, "c");
	c = own_bind(p.g, &other.a);
	forget_said();
	own.attach_error = error;
	own.once = true;
	ck_assert_int_eq(own_attach_to(c, p.g->ioas), want);
	ck_assert_held(p.g, p.g->ioas, users, 1);
	ck_assert_held(p.g, p.y + 1, 2, 1);
	own_detach_from(c);
	ck_assert_held(p.g, p.g->ioas, 4, 1);
	iommufd_device_unbind(c);
	pair_close(&p);
}

/*
 * R-DEVICE-8 step 1: after EINVAL the next automatic HWPT is tried.  There is
 * none, so a new one is created.
 */
START_TEST(a_device_that_does_not_fit_gets_another_automatic_hwpt)
{
	other_refuses(-EINVAL, 8, 5);
	ck_assert_said("refuse(c) attach(c) detach(c) detach(a) detach(b)");
}
END_TEST

/* R-DEVICE-8 step 1: any error other than EINVAL ends the call. */
START_TEST(another_error_than_einval_ends_the_search)
{
	other_refuses(-EIO, -EIO, 4);
	ck_assert_said("refuse(c) detach(a) detach(b)");
}
END_TEST

START_TEST(replace_lets_the_old_automatic_hwpt_vanish)
{
	struct guest g;
	u32 other;

	guest_open(&g);
	other = make_ioas(g.ictx);
	ck_assert_int_eq(try_replace(&g, g.stdev, other), 6);
	ck_assert(is_gone(&g, g.hwpt));
	ck_assert_held(&g, 6, 2, 1);
	ck_assert_held(&g, g.idev, 3, 1);
	ck_assert_held(&g, g.ioas, 1, 1);
	ck_assert_held(&g, other, 2, 1);
	ck_assert_int_eq(try_replace(&g, g.stdev, other), 6);
	ck_assert_held(&g, 6, 2, 1);
	guest_close(&g);
}
END_TEST

/* iommufd_object_put_and_try_destroy() fails without a message. */
START_TEST(an_automatic_hwpt_that_is_looked_at_survives)
{
	struct iommufd_object *hwpt;
	struct guest g;

	guest_open(&g);
	hwpt = iommufd_get_object(g.ictx, g.hwpt, IOMMUFD_OBJ_ANY);
	ck_destroy(&g, g.stdev);
	iommufd_put_object(g.ictx, hwpt);
	ck_assert_held(&g, g.hwpt, 1, 1);
	ck_assert_held(&g, g.ioas, 2, 1);
	ck_destroy(&g, g.hwpt);
	ck_assert_held(&g, g.ioas, 1, 1);
	guest_close(&g);
}
END_TEST

static int attach_a(struct guest *g)
{
	struct own_guest *og = container_of(g, struct own_guest, g);

	return own_attach_to(og->idev, g->ioas);
}

/* R-HWPT-1, Z-18: each reference that was taken is dropped again. */
START_TEST(attach_to_an_ioas_without_memory_leaves_no_trace)
{
	struct own_guest og;
	u32 hwpt;

	own_guest_open(&og);
	hwpt = fails_without_trace(&og.g, attach_a);
	ck_assert_held(&og.g, hwpt, 2, 1);
	own_detach_from(og.idev);
	ck_assert(is_gone(&og.g, hwpt));
	own_guest_close(&og);
}
END_TEST

/* R-HWPT-1: step 6 fails after step 5, so the device is detached again. */
START_TEST(attach_to_an_ioas_that_cannot_be_pinned_is_undone)
{
	struct own_guest og;
	void *mem;
	u32 ioas;

	own_guest_open(&og);
	mem = mmap(NULL, PAGE_SIZE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ioas = make_ioas(og.g.ictx);
	ck_assert_int_eq(try_map(&og.g, ioas, GUEST_IOVA, mem, PAGE_SIZE), 0);
	mprotect(mem, PAGE_SIZE, PROT_NONE);
	ck_assert_int_eq(own_attach_to(og.idev, ioas), -EFAULT);
	ck_assert_said("attach(a) attach(b) detach(a) detach(b)");
	ck_assert_held(&og.g, ioas, 1, 1);
	ck_assert_held(&og.g, og.g.idev, 2, 1);
	own_guest_close(&og);
	munmap(mem, PAGE_SIZE);
}
END_TEST

static Suite *device_attach_suite(void)
{
	Suite *suite = suite_create("device_attach");
	TCase *tc = guest_tests(suite, "attach");

	tcase_add_test(tc,
		       attach_to_no_object_is_enoent_to_another_type_einval);
	tcase_add_test(tc, each_device_of_a_group_counts_in_the_hwpt);
	tcase_add_test(tc, attach_of_an_attached_device_is_ebusy);
	tcase_add_test(tc, a_domain_of_another_driver_is_einval);
	tcase_add_test(tc, a_group_shares_one_hwpt);
	tcase_add_test(tc, attach_that_the_driver_refuses_leaves_no_trace);
	tcase_add_test(tc,
		       detach_of_a_device_that_is_not_attached_does_nothing);

	tc = guest_tests(suite, "replace");
	tcase_add_test(tc, replace_of_a_device_that_is_not_attached_is_einval);
	tcase_add_test(tc,
		       replace_moves_as_many_references_as_there_are_devices);
	tcase_add_test(tc, replace_by_the_same_hwpt_does_nothing);
	tcase_add_test(tc, replace_that_the_driver_refuses_keeps_the_old);
	tcase_add_test(tc,
		       replace_that_cannot_be_undone_leaves_the_device_without);
	tcase_add_test(tc, replace_is_undone_for_each_device_on_its_own);

	tc = guest_tests(suite, "automatic");
	tcase_add_test(tc, mock_devices_of_an_ioas_share_one_automatic_hwpt);
	tcase_add_test(tc, a_hwpt_made_by_hand_is_not_shared);
	tcase_add_test(tc,
		       a_device_that_does_not_fit_gets_another_automatic_hwpt);
	tcase_add_test(tc, another_error_than_einval_ends_the_search);
	tcase_add_test(tc, replace_lets_the_old_automatic_hwpt_vanish);
	tcase_add_test(tc, an_automatic_hwpt_that_is_looked_at_survives);
	tcase_add_test(tc, attach_to_an_ioas_without_memory_leaves_no_trace);
	tcase_add_test(tc, attach_to_an_ioas_that_cannot_be_pinned_is_undone);
	return suite;
}

int main(void)
{
	return run_suite(device_attach_suite());
}
