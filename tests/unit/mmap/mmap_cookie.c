// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * R-MMAP-1 and R-MMAP-2: mmap cookies.
 */
#include "cookie.h"

static int cookie_error(struct probe *owner, phys_addr_t mmio, size_t length)
{
	unsigned long offset;

	return _iommufd_alloc_mmap(owner->ictx, &owner->obj, mmio, length,
				   &offset);
}

/*
 * R-MMAP-1: the first page is skipped, and each context has offsets of its own.
 */
START_TEST(cookies_start_at_page_1_one_behind_the_other)
{
	struct iommufd_ctx *a = iommufd_model_check_open();
	struct iommufd_ctx *b = iommufd_model_check_open();
	struct probe *in_a = publish(a, plain_type());
	struct probe *in_b = publish(b, plain_type());

	ck_assert_uint_eq(cookie(in_a, PAGES(2)), PAGES(1));
	ck_assert_uint_eq(cookie(in_a, PAGES(1)), PAGES(3));
	ck_assert_uint_eq(cookie(in_b, PAGES(1)), PAGES(1));
	drop(in_a, PAGES(1));
	drop(in_a, PAGES(3));
	drop(in_b, PAGES(1));
	iommufd_model_check_close(a);
	close_clean(b);
}
END_TEST

/* R-MMAP-1: a cookie gets the lowest free range that is large enough. */
START_TEST(a_cookie_takes_the_lowest_range_it_fits_in)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *owner = publish(ictx, plain_type());
	unsigned long page;

	cookie(owner, PAGES(1));
	cookie(owner, PAGES(2));
	cookie(owner, PAGES(1));
	drop(owner, PAGES(2));
	ck_assert_uint_eq(cookie(owner, PAGES(3)), PAGES(5));
	ck_assert_uint_eq(cookie(owner, PAGES(1)), PAGES(2));
	ck_assert_uint_eq(cookie(owner, PAGES(1)), PAGES(3));
	for (page = 1; page <= 5; page++)
		drop(owner, PAGES(page));
	close_clean(ictx);
}
END_TEST

/* R-MMAP-1, R-OBJ-14: a cookie holds no reference to its owner. */
START_TEST(a_cookie_counts_nothing)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *owner = publish(ictx, plain_type());

	watch(ictx, &owner->obj);
	drop(owner, cookie(owner, PAGES(1)));
	ck_assert_said("");
	unwatch();
	close_clean(ictx);
}
END_TEST

/* R-MMAP-1: the arguments are checked before memory is allocated. */
START_TEST(a_bad_cookie_is_einval_then_enomem)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *owner = publish(ictx, plain_type());

	iommufd_model_fail_nth(1);
	ck_assert_int_eq(cookie_error(owner, MMIO + 1, PAGES(1)), -EINVAL);
	ck_assert_int_eq(cookie_error(owner, MMIO, 0), -EINVAL);
	ck_assert_int_eq(cookie_error(owner, MMIO, PAGES(1) + 1), -EINVAL);
	ck_assert_uint_eq(iommufd_model_failed(), 0);
	ck_assert_int_eq(cookie_error(owner, MMIO, PAGES(1)), -ENOMEM);
	ck_assert(list_empty(&ictx->mmaps));
	close_clean(ictx);
}
END_TEST

/* R-MMAP-1: the offset space is [PAGE_SIZE, ULONG_MAX]. */
START_TEST(cookies_run_out_of_room)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *owner = publish(ictx, plain_type());
	size_t everything = ULONG_MAX - PAGE_SIZE + 1;

	ck_assert_uint_eq(cookie(owner, everything), PAGES(1));
	ck_assert_int_eq(cookie_error(owner, MMIO, PAGES(1)), -EBUSY);
	drop(owner, PAGES(1));

	ck_assert_uint_eq(cookie(owner, PAGES(1)), PAGES(1));
	ck_assert_int_eq(cookie_error(owner, MMIO, everything), -EBUSY);
	drop(owner, PAGES(1));
	close_clean(ictx);
}
END_TEST

/* R-MMAP-2: any offset inside the range of the cookie is accepted. */
START_TEST(destroy_mmap_drops_the_range_that_contains_the_offset)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *owner = publish(ictx, plain_type());

	cookie(owner, PAGES(1));
	cookie(owner, PAGES(3));
	drop(owner, PAGES(4) + 5);
	ck_assert_uint_eq(cookie(owner, PAGES(3)), PAGES(2));
	drop(owner, PAGES(1));
	drop(owner, PAGES(2));
	close_clean(ictx);
}
END_TEST

static bool drop_no_cookie(void)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *owner = publish(ictx, plain_type());

	expect_warning("immap->owner != owner");
	drop(owner, PAGES(1));
	drop(owner, PAGES(1));
	return true;
}

static bool drop_anothers_cookie(void)
{
	struct iommufd_ctx *ictx = iommufd_model_check_open();
	struct probe *owner = publish(ictx, plain_type());
	struct probe *other = publish(ictx, plain_type());

	expect_warning("immap->owner != owner");
	drop(other, cookie(owner, PAGES(1)));
	drop(other, cookie(owner, PAGES(1)));
	return list_empty(&ictx->mmaps);
}

/* R-MMAP-2: a cookie of another owner is destroyed in spite of the WARN. */
START_TEST(destroy_mmap_of_no_cookie_or_anothers_warns_once)
{
	ck_assert(in_a_fresh_process(drop_no_cookie));
	ck_assert(in_a_fresh_process(drop_anothers_cookie));
}
END_TEST

static Suite *mmap_cookie_suite(void)
{
	Suite *suite = suite_create("mmap_cookie");
	TCase *tc = probe_tests(suite, "cookies");

	tcase_add_test(tc, cookies_start_at_page_1_one_behind_the_other);
	tcase_add_test(tc, a_cookie_takes_the_lowest_range_it_fits_in);
	tcase_add_test(tc, a_cookie_counts_nothing);
	tcase_add_test(tc, a_bad_cookie_is_einval_then_enomem);
	tcase_add_test(tc, cookies_run_out_of_room);
	tcase_add_test(tc,
		       destroy_mmap_drops_the_range_that_contains_the_offset);
	tcase_add_test(tc, destroy_mmap_of_no_cookie_or_anothers_warns_once);
	return suite;
}

int main(void)
{
	return run_suite(mmap_cookie_suite());
}
