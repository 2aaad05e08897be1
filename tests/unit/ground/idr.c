// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * struct idr, struct ida and the marks of an xarray: their ids, errnos and
 * order.
 */
#include "ground_suite.h"

static DEFINE_IDR(idr);
static DEFINE_IDA(ida);
static DEFINE_XARRAY(array);
static int things[200];

static void teardown(void)
{
	idr_destroy(&idr);
	ida_destroy(&ida);
	xa_destroy(&array);
	ck_assert_uint_eq(nr_leaks(), 0);
	ground_teardown();
}

START_TEST(idr_gives_the_lowest_free_id)
{
	int i;

	ck_assert(idr_is_empty(&idr));
	for (i = 0; i < 100; i++)
		ck_assert_int_eq(idr_alloc(&idr, &things[i], 0, 0, GFP_KERNEL),
				 i);
	ck_assert_ptr_eq(idr_find(&idr, 70), &things[70]);
	ck_assert_ptr_eq(idr_remove(&idr, 70), &things[70]);
	ck_assert_ptr_null(idr_find(&idr, 70));
	ck_assert_ptr_null(idr_remove(&idr, 70));
	ck_assert_ptr_null(idr_find(&idr, 1000));
	ck_assert_int_eq(idr_alloc(&idr, &things[0], 1, 0, GFP_KERNEL), 70);
	ck_assert_int_eq(idr_alloc(&idr, &things[0], 500, 502, GFP_KERNEL),
			 500);
	ck_assert_int_eq(idr_alloc(&idr, &things[0], 500, 502, GFP_KERNEL),
			 501);
	ck_assert_int_eq(idr_alloc(&idr, &things[0], 500, 502, GFP_KERNEL),
			 -ENOSPC);
	ck_assert_int_eq(idr_alloc(&idr, &things[0], INT_MAX, 0, GFP_KERNEL),
			 INT_MAX);
	ck_assert_int_eq(idr_alloc(&idr, &things[0], INT_MAX, 0, GFP_KERNEL),
			 -ENOSPC);
	ck_assert_int_eq(idr_alloc(&idr, &things[0], 900, 800, GFP_KERNEL),
			 -ENOSPC);
	ck_assert_warns("idr: an id from -1 on of &idr",
			ck_assert_int_eq(idr_alloc(&idr, NULL, -1, 0,
						   GFP_KERNEL), -EINVAL));
}
END_TEST

START_TEST(idr_reserves_and_replaces)
{
	u32 id = 7;

	ck_assert_int_eq(idr_alloc(&idr, NULL, 3, 0, GFP_KERNEL), 3);
	ck_assert_ptr_null(idr_find(&idr, 3));
	ck_assert_ptr_null(idr_replace(&idr, &things[1], 3));
	ck_assert_ptr_eq(idr_find(&idr, 3), &things[1]);
	ck_assert_ptr_eq(idr_replace(&idr, &things[2], 3), &things[1]);
	ck_assert_int_eq(PTR_ERR(idr_replace(&idr, &things[1], 4)), -ENOENT);
	/* An id without a pointer is not free. */
	ck_assert_ptr_eq(idr_replace(&idr, NULL, 3), &things[2]);
	ck_assert_ptr_null(idr_find(&idr, 3));
	ck_assert_int_eq(idr_alloc(&idr, &things[1], 3, 4, GFP_KERNEL),
			 -ENOSPC);
	ck_assert_int_eq(idr_alloc_u32(&idr, &things[7], &id, 8, GFP_KERNEL), 0);
	ck_assert_uint_eq(id, 7);
	id = 7;
	ck_assert_int_eq(idr_alloc_u32(&idr, &things[8], &id, 8, GFP_KERNEL), 0);
	ck_assert_uint_eq(id, 8);
	id = 7;
	ck_assert_int_eq(idr_alloc_u32(&idr, &things[8], &id, 8, GFP_KERNEL),
			 -ENOSPC);
	id = UINT_MAX - 1;
	ck_assert_int_eq(idr_alloc_u32(&idr, &things[8], &id, UINT_MAX,
				       GFP_KERNEL), 0);
	ck_assert_uint_eq(id, UINT_MAX - 1);
	ck_assert(!idr_is_empty(&idr));
}
END_TEST

START_TEST(idr_cyclic_begins_again_at_the_lowest_id)
{
	int i;

	for (i = 0; i < 5; i++)
		ck_assert_int_eq(idr_alloc_cyclic(&idr, &things[i], 2, 7,
						  GFP_KERNEL), 2 + i);
	idr_remove(&idr, 4);
	ck_assert_int_eq(idr_alloc_cyclic(&idr, &things[0], 2, 7, GFP_KERNEL),
			 4);
	idr_remove(&idr, 3);
	idr_remove(&idr, 5);
	ck_assert_uint_eq(idr_get_cursor(&idr), 5);
	ck_assert_int_eq(idr_alloc_cyclic(&idr, &things[0], 2, 7, GFP_KERNEL),
			 5);
	idr_set_cursor(&idr, 7);
	ck_assert_int_eq(idr_alloc_cyclic(&idr, &things[0], 2, 7, GFP_KERNEL),
			 3);
	ck_assert_int_eq(idr_alloc_cyclic(&idr, &things[0], 2, 7, GFP_KERNEL),
			 -ENOSPC);
}
END_TEST

static int sum_until_40(int id, void *p, void *data)
{
	ck_assert_ptr_eq(p, &things[id % 100]);
	*(int *)data += id;
	return id == 40 ? 99 : 0;
}

START_TEST(idr_is_walked_in_order)
{
	static const int ids[] = { 40, 7, 70, 0, 1000 };
	static const int sorted[] = { 0, 7, 40, 70, 1000 };
	int id, sum = 0, n = 0, *p;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ids); i++)
		ck_assert_int_eq(idr_alloc(&idr, &things[ids[i] % 100], ids[i],
					   ids[i] + 1, GFP_KERNEL), ids[i]);
	ck_assert_int_eq(idr_alloc(&idr, NULL, 5, 0, GFP_KERNEL), 5);
	idr_for_each_entry(&idr, p, id) {
		ck_assert_int_eq(id, sorted[n++]);
		ck_assert_ptr_eq(p, &things[id % 100]);
	}
	ck_assert_int_eq(n, 5);
	ck_assert_ptr_null(p);
	id = 8;
	ck_assert_ptr_eq(idr_get_next(&idr, &id), &things[40]);
	ck_assert_int_eq(id, 40);
	id = 41;
	n = 0;
	idr_for_each_entry_continue(&idr, p, id)
		n++;
	ck_assert_int_eq(n, 2);
	ck_assert_int_eq(idr_for_each(&idr, sum_until_40, &sum), 99);
	ck_assert_int_eq(sum, 47);
}
END_TEST

START_TEST(idr_with_a_base)
{
	struct idr based;
	int id = 0, *p;

	idr_init_base(&based, 10);
	ck_assert_int_eq(idr_alloc(&based, &things[0], 0, 0, GFP_KERNEL), 10);
	ck_assert_int_eq(idr_alloc(&based, &things[1], 0, 0, GFP_KERNEL), 11);
	ck_assert_int_eq(idr_alloc(&based, &things[1], 0, 5, GFP_KERNEL),
			 -ENOSPC);
	ck_assert_ptr_null(idr_find(&based, 0));
	ck_assert_ptr_eq(idr_find(&based, 11), &things[1]);
	p = idr_get_next(&based, &id);
	ck_assert_ptr_eq(p, &things[0]);
	ck_assert_int_eq(id, 10);
	idr_destroy(&based);
	ck_assert(idr_is_empty(&based));
}
END_TEST

START_TEST(idr_without_memory_is_unchanged)
{
	iommufd_model_fail_from(1);
	ck_assert_int_eq(idr_alloc(&idr, &things[0], 0, 0, GFP_KERNEL),
			 -ENOMEM);
	ck_assert_int_eq(ida_alloc(&ida, GFP_KERNEL), -ENOMEM);
	iommufd_model_fail_from(0);
	ck_assert(idr_is_empty(&idr));
	ck_assert(ida_is_empty(&ida));
}
END_TEST

/* Another thread is in the middle of a change, and has not yet said where. */
START_TEST(idr_that_another_thread_changes_is_reported)
{
	idr.changing = 1;
	ck_assert_warns("idr: &idr is changed here and at the same time by "
			"? (?:0), without a lock",
			idr_remove(&idr, 3));
	/* The change of the other thread has not ended. */
	ck_assert_uint_eq(idr.changing, 1);
	idr.changing = 0;
	ck_assert_int_eq(idr_alloc(&idr, &things[0], 3, 0, GFP_KERNEL), 3);
	ck_assert_uint_eq(idr.changing, 0);
}
END_TEST

START_TEST(ida_gives_ids)
{
	int i;

	ck_assert_int_eq(ida_find_first(&ida), -ENOENT);
	for (i = 0; i < 130; i++)
		ck_assert_int_eq(ida_alloc(&ida, GFP_KERNEL), i);
	ida_free(&ida, 64);
	ida_free(&ida, 3);
	ck_assert_int_eq(ida_find_first_range(&ida, 1 << 12, 1 << 20), -ENOENT);
	ck_assert(!ida_exists(&ida, 3));
	ck_assert(ida_exists(&ida, 4));
	ck_assert_int_eq(ida_alloc_max(&ida, 2, GFP_KERNEL), -ENOSPC);
	ck_assert_int_eq(ida_alloc_min(&ida, 4, GFP_KERNEL), 64);
	ck_assert_int_eq(ida_alloc_range(&ida, 0, 5, GFP_KERNEL), 3);
	ck_assert_int_eq(ida_alloc_range(&ida, 1000, 1000, GFP_KERNEL), 1000);
	ck_assert_int_eq(ida_alloc_range(&ida, 1000, 1000, GFP_KERNEL),
			 -ENOSPC);
	ck_assert_int_eq(ida_find_first_range(&ida, 130, 2000), 1000);
	ck_assert_int_eq(ida_find_first_range(&ida, 130, 900), -ENOENT);
	ck_assert_int_eq(ida_find_first(&ida), 0);
	ck_assert_int_eq(ida_alloc_min(&ida, INT_MAX, GFP_KERNEL), INT_MAX);
	ck_assert_int_eq(ida_alloc_min(&ida, INT_MAX, GFP_KERNEL), -ENOSPC);
	ck_assert_warns("ida: id 131 of &ida is free", ida_free(&ida, 131));
	ck_assert(!ida_is_empty(&ida));
}
END_TEST

/* The tests below are about marks. */

#define NR_INDICES 600
#define NR_CHANGES 20000

static unsigned long index_of(unsigned int i)
{
	/*
	 * Half of the indices are in neighbouring leaves, the other half are
	 * far apart.
	 */
	return i < NR_INDICES / 2 ? i : (unsigned long)i << 13;
}

/* bit 3: the slot is used; bits 0 to 2: its marks */
static unsigned int model[NR_INDICES];

static void change_at_random(unsigned int *state)
{
	unsigned int i = rand_r(state) % NR_INDICES, mark = rand_r(state) % 3;
	unsigned long index = index_of(i);

	switch (rand_r(state) % 5) {
	case 0:
		ck_assert(!xa_err(xa_store(&array, index, &model[i],
					   GFP_KERNEL)));
		model[i] |= 8;
		break;
	case 1:
		xa_erase(&array, index);
		model[i] = 0;
		break;
	case 2:
		xa_clear_mark(&array, index, mark);
		model[i] &= ~(1u << mark);
		break;
	default:
		xa_set_mark(&array, index, mark);
		if (model[i])
			model[i] |= 1u << mark;
		break;
	}
}

static void check_marks(xa_mark_t mark)
{
	unsigned int i = 0, nr = 0, bit = mark < 3 ? 1u << mark : 8;
	unsigned long index;
	unsigned int *p;

	xa_for_each_marked(&array, index, p, mark) {
		for (; i < NR_INDICES && !(model[i] & bit); i++)
			if (mark < 3)
				ck_assert(!xa_get_mark(&array, index_of(i),
						       mark));
		ck_assert(i < NR_INDICES);
		ck_assert_uint_eq(index, index_of(i));
		ck_assert_ptr_eq(p, &model[i]);
		i++;
		nr++;
	}
	for (; i < NR_INDICES; i++)
		ck_assert(!(model[i] & bit));
	if (mark < 3)
		ck_assert_int_eq(xa_marked(&array, mark), nr != 0);
}

START_TEST(marks_follow_a_model)
{
	unsigned int state = 7;
	int i;

	memset(model, 0, sizeof(model));
	for (i = 0; i < NR_CHANGES; i++) {
		change_at_random(&state);
		if (i % 500 == 0) {
			check_marks(XA_MARK_0);
			check_marks(XA_MARK_1);
			check_marks(XA_MARK_2);
			check_marks(XA_PRESENT);
		}
	}
}
END_TEST

/* With the lock held, as a driver that changes several entries has it. */
START_TEST(marks_are_read_with_the_lock_held)
{
	xa_store(&array, 3, &model[0], GFP_KERNEL);
	xa_lock(&array);
	__xa_set_mark(&array, 3, XA_MARK_1);
	ck_assert(xa_marked(&array, XA_MARK_1));
	ck_assert(xa_get_mark(&array, 3, XA_MARK_1));
	ck_assert(!xa_get_mark(&array, 3, XA_MARK_0));
	xa_unlock(&array);
	ck_assert(xa_get_mark(&array, 3, XA_MARK_1));
}
END_TEST

/* An xarray has three marks, and XA_PRESENT is none of them. */
START_TEST(no_entry_has_a_mark_that_there_is_not)
{
	ck_assert(!xa_marked(&array, XA_MARK_0));
	xa_set_mark(&array, 3, XA_MARK_0);
	xa_clear_mark(&array, 3, XA_MARK_0);
	ck_assert(!xa_get_mark(&array, 3, XA_MARK_0));
	xa_store(&array, 3, &model[0], GFP_KERNEL);
	xa_set_mark(&array, 3, XA_PRESENT);
	xa_clear_mark(&array, 3, XA_PRESENT);
	ck_assert(!xa_get_mark(&array, 3, XA_PRESENT));
	ck_assert(!xa_marked(&array, XA_PRESENT));
	/* The entry 4 is in the same node as 3, but is not there. */
	xa_set_mark(&array, 4, XA_MARK_0);
	ck_assert(!xa_marked(&array, XA_MARK_0));
}
END_TEST

START_TEST(indices_are_reserved_and_go_round)
{
	struct xarray ids;
	u32 id, next = 0;
	int i;

	xa_init_flags(&ids, XA_FLAGS_ALLOC);
	for (i = 0; i < 3; i++)
		ck_assert_int_eq(xa_alloc_cyclic(&ids, &id, &things[i],
						 XA_LIMIT(5, 7), &next,
						 GFP_KERNEL), 0);
	ck_assert_uint_eq(id, 7);
	ck_assert_int_eq(xa_alloc_cyclic(&ids, &id, &things[0], XA_LIMIT(5, 7),
					 &next, GFP_KERNEL), -EBUSY);
	/* If the search has begun at the lowest index, there is no other way. */
	next = 0;
	ck_assert_int_eq(xa_alloc_cyclic(&ids, &id, &things[0], XA_LIMIT(5, 7),
					 &next, GFP_KERNEL),
			 -EBUSY);
	next = 8;
	xa_erase(&ids, 6);
	ck_assert_int_eq(xa_alloc_cyclic(&ids, &id, &things[0], XA_LIMIT(5, 7),
					 &next, GFP_KERNEL), 1);
	ck_assert_uint_eq(id, 6);
	ck_assert_uint_eq(next, 7);
	ck_assert_int_eq(xa_reserve(&ids, 9, GFP_KERNEL), 0);
	ck_assert_int_eq(xa_insert(&ids, 9, &things[0], GFP_KERNEL), -EBUSY);
	xa_release(&ids, 9);
	xa_release(&ids, 5);
	ck_assert_ptr_eq(xa_load(&ids, 5), &things[0]);
	ck_assert_int_eq(xa_insert(&ids, 9, &things[1], GFP_KERNEL), 0);
	ck_assert_ptr_eq(xa_store_irq(&ids, 9, &things[2], GFP_KERNEL),
			 &things[1]);
	ck_assert_ptr_eq(xa_erase_bh(&ids, 9), &things[2]);
	xa_destroy(&ids);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("idr");
	TCase *tc = case_with(suite, "idr", ground_setup, teardown);

	tcase_add_test(tc, idr_gives_the_lowest_free_id);
	tcase_add_test(tc, idr_reserves_and_replaces);
	tcase_add_test(tc, idr_cyclic_begins_again_at_the_lowest_id);
	tcase_add_test(tc, idr_is_walked_in_order);
	tcase_add_test(tc, idr_with_a_base);
	tcase_add_test(tc, idr_without_memory_is_unchanged);
	tcase_add_test(tc, idr_that_another_thread_changes_is_reported);
	tcase_add_test(tc, ida_gives_ids);
	tcase_add_test(tc, marks_follow_a_model);
	tcase_add_test(tc, marks_are_read_with_the_lock_held);
	tcase_add_test(tc, no_entry_has_a_mark_that_there_is_not);
	tcase_add_test(tc, indices_are_reserved_and_go_round);
	return run_suite(suite);
}
