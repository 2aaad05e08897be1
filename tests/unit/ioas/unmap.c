// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* R-UNMAP-1, R-UNMAP-2: unmaps, and how they ask accesses to unpin. */
#include "../../../src/iommufd/internal.h"
#include "map_suite.h"

/* R-UNMAP-1: the order of the checks of an unmap. */
START_TEST(errors_of_unmap_come_in_their_order)
{
	static const struct {
		u32 ioas;
		u64 iova, length;
		int error;
	} rows[] = {
		{ NOWHERE, ~0ull, 0, -ENOENT },
		{ NOWHERE, 0, ~0ull, -ENOENT },
		{ 1, ~0ull, 0, -EOVERFLOW },
		{ 1, 1, ~0ull, -EOVERFLOW },
		{ 1, 0, 0, -EINVAL },
		{ 1, ~0ull - P + 1, 2 * P, -EOVERFLOW },
		{ 1, 0, ~0ull - 1, -ENOENT },
		{ 1, IOVA, P, -ENOENT },
	};
	struct lab lab;
	size_t i;

	lab_open(&lab, &byte_ops);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct iommu_ioas_unmap cmd = {
			.size = sizeof(cmd), .ioas_id = rows[i].ioas,
			.iova = rows[i].iova, .length = rows[i].length,
		};
		int rc = user_ioctl(lab.ictx, IOMMU_IOAS_UNMAP, &cmd);

		ck_assert_msg(rc == rows[i].error, "row %zu: %d", i, rc);
		ck_assert_uint_eq(cmd.length, rows[i].length);
	}
	lab_close(&lab);
}
END_TEST

/*
 * R-UNMAP-1 step 2: an unmap of everything succeeds even if nothing is mapped.
 */
START_TEST(unmap_all_of_nothing_succeeds_with_nothing)
{
	struct lab lab;

	lab_open(&lab, &byte_ops);
	ck_assert_int_eq(unmap_all(lab.ictx, 1), 0);
	ck_assert_map(lab.ictx, 1, 0, 0, P, 0);
	ck_assert_map(lab.ictx, 1, ~0ull - P + 1, 0, P, 0);
	ck_assert_int_eq(unmap_all(lab.ictx, 1), 2 * P);
	lab_close(&lab);
}
END_TEST

/* R-UNMAP-2 step 3: areas are not split, and holes in the range are skipped. */
START_TEST(unmap_takes_whole_areas_and_skips_holes)
{
	struct lab lab;

	lab_open(&lab, &byte_ops);
	ck_assert_map(lab.ictx, 1, IOVA + P, 0, 2 * P, 0);
	ck_assert_map(lab.ictx, 1, IOVA + 5 * P, 0, P, 0);
	ck_assert_int_eq(unmap_at(lab.ictx, 1, IOVA, 2 * P), -ENOENT);
	ck_assert_int_eq(unmap_at(lab.ictx, 1, IOVA + 2 * P, P), -ENOENT);
	ck_assert_int_eq(unmap_at(lab.ictx, 1, IOVA, 3 * P - 1), -ENOENT);
	ck_assert_int_eq(unmap_at(lab.ictx, 1, IOVA, 9 * P), 3 * P);
	ck_assert_int_eq(unmap_all(lab.ictx, 1), 0);
	lab_close(&lab);
}
END_TEST

/*
 * R-UNMAP-2: the areas before the one that cannot be unmapped are unmapped and
 * counted.
 */
START_TEST(bytes_removed_are_reported_also_on_error)
{
	unsigned long unmapped = 77;
	struct lab lab;

	lab_open(&lab, &byte_ops);
	ck_assert_map(lab.ictx, 1, IOVA, 0, P, 0);
	ck_assert_map(lab.ictx, 1, IOVA + P, 0, 2 * P, 0);
	ck_assert_int_eq(iopt_unmap_iova(&lab.a->iopt, IOVA, 2 * P, &unmapped),
			 -ENOENT);
	ck_assert_uint_eq(unmapped, P);
	ck_assert_int_eq(unmap_all(lab.ictx, 1), 2 * P);
	lab_close(&lab);
}
END_TEST

/* R-UNMAP-2 step 2: it precedes step 3, wherever the range ends. */
START_TEST(area_locked_by_an_internal_access_is_ebusy)
{
	struct queue *queue;
	struct lab lab;

	lab_open(&lab, &page_ops);
	driver_attach(&lab.driver, lab.a);
	queue = make_queue(lab.ictx, lab.a);
	ck_assert_map(lab.ictx, 1, IOVA, 0, P, 0);
	ck_assert_map(lab.ictx, 1, IOVA + P, P, 2 * P, 0);
	ck_assert_int_eq(pin(queue->access, IOVA + P, P, READ), 0);
	ck_assert_int_eq(unmap_at(lab.ictx, 1, IOVA + P, 2 * P), -EBUSY);
	ck_assert_int_eq(unmap_at(lab.ictx, 1, IOVA + 2 * P, P), -EBUSY);
	ck_assert_int_eq(unmap_all(lab.ictx, 1), -EBUSY);
	/* The area before the locked one has been unmapped. */
	ck_assert_int_eq(unmap_at(lab.ictx, 1, IOVA, P), -ENOENT);
	ck_assert_uint_eq(lab.driver.calls, 0);
	/* The locked area can still be pinned. */
	ck_assert_int_eq(pin(lab.driver.access, IOVA + P, P, READ), 0);
	iommufd_access_unpin_pages(lab.driver.access, IOVA + P, P);
	iommufd_access_unpin_pages(queue->access, IOVA + P, P);
	ck_assert_int_eq(unmap_all(lab.ictx, 1), 2 * P);
	ck_assert_int_eq(user_destroy(lab.ictx, queue->obj.id), 0);
	lab_close(&lab);
}
END_TEST

/*
 * A driver with two pins of one page each.  It drops the first pin in call
 * number @first and the second in call number @second; 0 means never.
 */
struct stubborn {
	struct lab lab;
	unsigned int first, second;
	u64 at[2];
	int pinned[2];
	/* the function that the driver calls in the last of these calls */
	long (*then)(struct stubborn *s);
	long result;
};

static void let_go(struct stubborn *s, int i)
{
	iommufd_access_unpin_pages(s->lab.driver.access, s->at[i], P);
	s->pinned[i] = 0;
}

static void hold_on(struct driver *driver)
{
	struct stubborn *s = driver->arg;

	if (driver->calls == s->first)
		let_go(s, 0);
	if (driver->calls == s->second)
		let_go(s, 1);
	if (s->then && driver->calls == (s->second ? s->second : s->first))
		s->result = s->then(s);
}

static void stubborn_open(struct stubborn *s, u64 first, u64 second)
{
	int i;

	memset(s, 0, sizeof(*s));
	lab_open(&s->lab, &page_ops);
	driver_attach(&s->lab.driver, s->lab.a);
	s->lab.driver.act = hold_on;
	s->lab.driver.arg = s;
	s->at[0] = first;
	s->at[1] = second;
	for (i = 0; i < 2 && s->at[i]; i++) {
		ck_assert_map(s->lab.ictx, 1, s->at[i], (unsigned int)i * P, P,
			      0);
		ck_assert_int_eq(pin(s->lab.driver.access, s->at[i], P, READ),
				 0);
		s->pinned[i] = 1;
	}
}

static void stubborn_close(struct stubborn *s)
{
	int i;

	for (i = 0; i < 2; i++)
		if (s->pinned[i])
			let_go(s, i);
	s->lab.driver.act = NULL;
	ck_assert_uint_eq(iommufd_model_pinned(), 0);
	lab_close(&s->lab);
}

/* R-UNMAP-2 step 5: the callback gets exactly the area, and no lock is held. */
START_TEST(unmap_asks_for_exactly_the_area_with_no_lock_held)
{
	struct stubborn s;

	stubborn_open(&s, IOVA, 0);
	s.first = 3;
	ck_assert_int_eq(unmap_at(s.lab.ictx, 1, 0, IOVA + 7 * P), P);
	ck_assert_uint_eq(s.lab.driver.calls, 3);
	ck_assert_uint_eq(s.lab.driver.iova, IOVA);
	ck_assert_uint_eq(s.lab.driver.length, P);
	ck_assert_int_eq(s.lab.driver.locks, 0);
	stubborn_close(&s);
}
END_TEST

/*
 * R-UNMAP-2 step 5, R-ACC-15: accesses that have pinned nothing are asked too.
 */
START_TEST(unmap_asks_every_external_access_of_the_ioas)
{
	struct driver other, elsewhere;
	struct stubborn s;

	stubborn_open(&s, IOVA, 0);
	driver_create(&other, s.lab.ictx, &byte_ops);
	driver_create(&elsewhere, s.lab.ictx, &byte_ops);
	driver_attach(&other, s.lab.a);
	driver_attach(&elsewhere, s.lab.b);
	s.first = 2;
	ck_assert_int_eq(unmap_all(s.lab.ictx, 1), P);
	ck_assert_uint_eq(other.calls, 2);
	ck_assert_uint_eq(elsewhere.calls, 0);
	driver_destroy(&other);
	driver_destroy(&elsewhere);
	stubborn_close(&s);
}
END_TEST

/* R-UNMAP-2 step 5: if an area is not pinned, nobody is asked. */
START_TEST(area_without_pins_is_unmapped_without_a_callback)
{
	struct stubborn s;

	stubborn_open(&s, IOVA, 0);
	let_go(&s, 0);
	ck_assert_int_eq(unmap_all(s.lab.ictx, 1), P);
	ck_assert_uint_eq(s.lab.driver.calls, 0);
	stubborn_close(&s);
}
END_TEST

/*
 * R-UNMAP-2 step 5: the unmap fails if an area is still pinned after 100 rounds
 * of callbacks.
 */
START_TEST(after_101_times_asking_unmap_is_edeadlock)
{
	struct stubborn s;

	stubborn_open(&s, IOVA, 0);
	iommufd_model_expect_warning("tries");
	ck_assert_int_eq(unmap_at(s.lab.ictx, 1, IOVA, P), -EDEADLOCK);
	ck_assert_uint_eq(s.lab.driver.calls, 101);
	stubborn_close(&s);
}
END_TEST

START_TEST(access_that_unpins_at_the_last_call_but_one_is_in_time)
{
	struct stubborn s;

	stubborn_open(&s, IOVA, 0);
	s.first = 100;
	ck_assert_int_eq(unmap_all(s.lab.ictx, 1), P);
	ck_assert_uint_eq(s.lab.driver.calls, 100);
	stubborn_close(&s);
}
END_TEST

/*
 * R-UNMAP-2 step 5: new pins and rw by any access fail once an unmap has asked.
 */
START_TEST(area_that_was_asked_for_takes_no_new_pins)
{
	struct stubborn s;
	char byte;

	stubborn_open(&s, IOVA, 0);
	iommufd_model_expect_warning("tries");
	ck_assert_int_eq(unmap_at(s.lab.ictx, 1, IOVA, P), -EDEADLOCK);
	let_go(&s, 0);
	ck_assert_int_eq(pin(s.lab.driver.access, IOVA, P, READ), -EINVAL);
	ck_assert_int_eq(iommufd_access_rw(s.lab.driver.access, IOVA, &byte, 1,
					   READ), -EINVAL);
	ck_assert_int_eq(unmap_at(s.lab.ictx, 1, IOVA, P), P);
	stubborn_close(&s);
}
END_TEST

/* R-UNMAP-2: two adjacent areas have one limit on the number of calls. */
START_TEST(adjacent_stubborn_areas_share_the_budget)
{
	struct stubborn s;

	stubborn_open(&s, IOVA, IOVA + P);
	s.first = 60;
	iommufd_model_expect_warning("tries");
	ck_assert_int_eq(unmap_at(s.lab.ictx, 1, IOVA, 2 * P), -EDEADLOCK);
	ck_assert_uint_eq(s.lab.driver.calls, 101);
	ck_assert_uint_eq(s.lab.driver.iova, IOVA + P);
	stubborn_close(&s);
}
END_TEST

/* R-UNMAP-2 step 4: after a gap the count of the rounds begins again. */
START_TEST(gap_between_stubborn_areas_gives_a_new_budget)
{
	struct stubborn s;

	stubborn_open(&s, IOVA, IOVA + 2 * P);
	s.first = 60;
	iommufd_model_expect_warning("tries");
	ck_assert_int_eq(unmap_at(s.lab.ictx, 1, IOVA, 3 * P), -EDEADLOCK);
	ck_assert_uint_eq(s.lab.driver.calls, 60 + 101);
	stubborn_close(&s);
}
END_TEST

static long map_behind(struct stubborn *s)
{
	return map_at(s->lab.ictx, 1, IOVA, va(0), P);
}

/* R-UNMAP-2: the unmap has already passed the first area. */
START_TEST(area_mapped_below_the_unmap_stays)
{
	struct stubborn s;

	stubborn_open(&s, IOVA, IOVA + P);
	s.first = 1;
	s.second = 2;
	s.then = map_behind;
	ck_assert_int_eq(unmap_at(s.lab.ictx, 1, IOVA, 2 * P), 2 * P);
	ck_assert_int_eq(s.result, 0);
	ck_assert_int_eq(unmap_all(s.lab.ictx, 1), P);
	stubborn_close(&s);
}
END_TEST

static long unmap_it(struct stubborn *s)
{
	return unmap_at(s->lab.ictx, 1, IOVA, P);
}

/*
 * R-UNMAP-2 step 5, R-UNMAP-1 step 3: bytes that another thread unmapped do not
 * count.
 */
START_TEST(area_may_be_unmapped_by_another_meanwhile)
{
	struct stubborn s;

	stubborn_open(&s, IOVA, 0);
	s.first = 1;
	s.then = unmap_it;
	ck_assert_int_eq(unmap_at(s.lab.ictx, 1, IOVA, P), -ENOENT);
	ck_assert_int_eq(s.result, P);
	ck_assert_uint_eq(s.lab.driver.calls, 1);
	stubborn_close(&s);
}
END_TEST

/*
 * R-UNMAP-2: a destroy never finds areas that it cannot unmap, since an access
 * that pins them holds a users reference to the IOAS.
 */
START_TEST(ioas_with_areas_can_be_destroyed)
{
	u32 stdev, ioas;
	struct lab lab;

	lab_open(&lab, &byte_ops);
	ioas = make_ioas(lab.ictx);
	stdev = add_domain(lab.ictx, ioas);
	ck_assert_map(lab.ictx, ioas, IOVA, 0, 3 * P, 0);
	ck_assert_map(lab.ictx, ioas, IOVA + 8 * P, 0, P, 0);
	ck_assert_int_eq(reserve_iovas(lab.ictx, ioas, 0, P), 0);
	ck_assert_int_eq(user_destroy(lab.ictx, ioas), -EBUSY);
	ck_assert_int_eq(user_destroy(lab.ictx, stdev), 0);
	ck_assert_uint_eq(iommufd_model_pinned(), 0);
	ck_assert_int_eq(user_destroy(lab.ictx, ioas), 0);
	lab_close(&lab);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("unmap");
	TCase *tc = checked_case(suite, "range");

	tcase_add_test(tc, errors_of_unmap_come_in_their_order);
	tcase_add_test(tc, unmap_all_of_nothing_succeeds_with_nothing);
	tcase_add_test(tc, unmap_takes_whole_areas_and_skips_holes);
	tcase_add_test(tc, bytes_removed_are_reported_also_on_error);
	tcase_add_test(tc, area_locked_by_an_internal_access_is_ebusy);
	tcase_add_test(tc, ioas_with_areas_can_be_destroyed);
	tc = checked_case(suite, "asking");
	tcase_add_test(tc, unmap_asks_for_exactly_the_area_with_no_lock_held);
	tcase_add_test(tc, unmap_asks_every_external_access_of_the_ioas);
	tcase_add_test(tc, area_without_pins_is_unmapped_without_a_callback);
	tcase_add_test(tc, after_101_times_asking_unmap_is_edeadlock);
	tcase_add_test(tc,
		       access_that_unpins_at_the_last_call_but_one_is_in_time);
	tcase_add_test(tc, area_that_was_asked_for_takes_no_new_pins);
	tcase_add_test(tc, adjacent_stubborn_areas_share_the_budget);
	tcase_add_test(tc, gap_between_stubborn_areas_gives_a_new_budget);
	tcase_add_test(tc, area_mapped_below_the_unmap_stays);
	tcase_add_test(tc, area_may_be_unmapped_by_another_meanwhile);
	return run_map_suite(suite);
}
