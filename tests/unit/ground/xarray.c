// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * xarray: the three states of a slot, allocation, walks and failures; and
 * random operations, compared with a simple model.
 */
#include "ground_suite.h"

static struct xarray plain, ids, ids1;
static char values[512];

#define value(n) ((void *)&values[n])

static void setup(void)
{
	ground_setup();
	xa_init(&plain);
	xa_init_flags(&ids, XA_FLAGS_ALLOC);
	xa_init_flags(&ids1, XA_FLAGS_ALLOC1);
}

static void teardown(void)
{
	iommufd_model_fail_nth(0);
	iommufd_model_fail_from(0);
	xa_destroy(&plain);
	xa_destroy(&ids);
	xa_destroy(&ids1);
	ground_teardown();
}

static u32 alloc_id(struct xarray *xa, void *entry)
{
	u32 id = 0xdead;

	ck_assert_int_eq(xa_alloc(xa, &id, entry, xa_limit_31b, GFP_KERNEL), 0);
	return id;
}

/* Returns the content of a slot, also if it is the zero entry. */
static void *raw(struct xarray *xa, unsigned long index)
{
	XA_STATE(xas, xa, index);
	void *entry;

	xa_lock(xa);
	entry = xas_load(&xas);
	xa_unlock(xa);
	return entry;
}

static void *raw_store(struct xarray *xa, unsigned long index, void *entry)
{
	XA_STATE(xas, xa, index);
	void *old;

	xa_lock(xa);
	old = xas_store(&xas, entry);
	xa_unlock(xa);
	return old;
}

START_TEST(entry_is_loaded_until_it_is_erased)
{
	ck_assert(xa_empty(&plain));
	ck_assert_ptr_null(xa_load(&plain, 5));
	ck_assert_ptr_null(xa_store(&plain, 5, value(1), GFP_KERNEL));
	ck_assert_ptr_eq(xa_store(&plain, 5, value(2), GFP_KERNEL), value(1));
	ck_assert_ptr_eq(xa_load(&plain, 5), value(2));
	ck_assert_ptr_null(xa_load(&plain, 4));
	ck_assert_ptr_null(xa_load(&plain, 5 + 64));
	ck_assert(!xa_empty(&plain));
	ck_assert_ptr_eq(xa_erase(&plain, 5), value(2));
	ck_assert_ptr_null(xa_erase(&plain, 5));
	ck_assert(xa_empty(&plain));
}
END_TEST

START_TEST(storing_null_frees_a_plain_slot_and_keeps_an_allocated_one)
{
	xa_store(&plain, 3, value(1), GFP_KERNEL);
	ck_assert_ptr_eq(xa_store(&plain, 3, NULL, GFP_KERNEL), value(1));
	ck_assert(xa_empty(&plain));

	ck_assert_uint_eq(alloc_id(&ids, value(1)), 0);
	ck_assert_ptr_eq(xa_store(&ids, 0, NULL, GFP_KERNEL), value(1));
	ck_assert(xa_is_zero(raw(&ids, 0)));
	ck_assert_uint_eq(alloc_id(&ids, value(2)), 1);
}
END_TEST

/* R-ID-9: reserved ids and tombstones are zero entries. */
START_TEST(zero_entry_reads_as_nothing_and_is_not_free)
{
	unsigned long index = 0;
	void *entry;

	ck_assert_uint_eq(alloc_id(&ids, NULL), 0);
	ck_assert(xa_is_zero(raw(&ids, 0)));
	ck_assert_ptr_null(xa_load(&ids, 0));
	ck_assert_ptr_null(xa_find(&ids, &index, ULONG_MAX, XA_PRESENT));
	ck_assert(!xa_empty(&ids));
	ck_assert_int_eq(xa_insert(&ids, 0, value(1), GFP_KERNEL), -EBUSY);
	ck_assert_uint_eq(alloc_id(&ids, XA_ZERO_ENTRY), 1);
	ck_assert_uint_eq(alloc_id(&ids, value(2)), 2);
	xa_for_each(&ids, index, entry) {
		ck_assert_uint_eq(index, 2);
		ck_assert_ptr_eq(entry, value(2));
	}

	ck_assert(xa_is_zero(raw_store(&ids, 0, value(3))));
	ck_assert_ptr_eq(xa_load(&ids, 0), value(3));
	ck_assert_ptr_eq(raw_store(&ids, 0, XA_ZERO_ENTRY), value(3));
	ck_assert_ptr_null(xa_erase(&ids, 0));
	ck_assert_ptr_null(raw(&ids, 0));
}
END_TEST

START_TEST(alloc_takes_the_lowest_free_index)
{
	u32 i;

	for (i = 0; i < 200; i++)
		ck_assert_uint_eq(alloc_id(&ids, value(i)), i);
	xa_erase(&ids, 130);
	xa_erase(&ids, 63);
	xa_erase(&ids, 64);
	ck_assert_uint_eq(alloc_id(&ids, value(1)), 63);
	ck_assert_uint_eq(alloc_id(&ids, value(1)), 64);
	ck_assert_uint_eq(alloc_id(&ids, value(1)), 130);
	ck_assert_uint_eq(alloc_id(&ids, value(1)), 200);
}
END_TEST

START_TEST(alloc1_never_gives_zero)
{
	u32 id;

	ck_assert_uint_eq(alloc_id(&ids1, value(1)), 1);
	ck_assert_uint_eq(alloc_id(&ids1, value(2)), 2);
	xa_erase(&ids1, 1);
	ck_assert_uint_eq(alloc_id(&ids1, value(1)), 1);
	ck_assert_int_eq(xa_alloc(&ids1, &id, value(3), XA_LIMIT(0, 2),
				  GFP_KERNEL), -EBUSY);
	ck_assert_int_eq(xa_alloc(&ids1, &id, value(3), XA_LIMIT(0, 0),
				  GFP_KERNEL), -EBUSY);
	ck_assert_int_eq(
		xa_alloc(&ids1, &id, value(3), XA_LIMIT(5, 9), GFP_KERNEL), 0);
	ck_assert_uint_eq(id, 5);
}
END_TEST

/* Index 0 of such an array counts as taken, but can be stored to and erased. */
START_TEST(alloc1_goes_on_around_an_entry_at_zero)
{
	u32 i;

	ck_assert_ptr_null(xa_store(&ids1, 0, value(0), GFP_KERNEL));
	for (i = 1; i <= 64 * 64 + 1; i++)
		ck_assert_uint_eq(alloc_id(&ids1, value(1)), i);
	ck_assert_ptr_eq(xa_erase(&ids1, 0), value(0));
	ck_assert_ptr_null(xa_load(&ids1, 0));
	ck_assert_uint_eq(alloc_id(&ids1, value(2)), i);
	ck_assert_int_eq(xa_insert(&ids1, 0, value(3), GFP_KERNEL), 0);
	ck_assert_ptr_eq(xa_erase(&ids1, 70), value(1));
	ck_assert_ptr_eq(xa_erase(&ids1, 3), value(1));
	ck_assert_uint_eq(alloc_id(&ids1, value(2)), 3);
	ck_assert_uint_eq(alloc_id(&ids1, value(2)), 70);
	ck_assert_uint_eq(alloc_id(&ids1, value(2)), i + 1);
	ck_assert_ptr_eq(xa_load(&ids1, 0), value(3));
}
END_TEST

START_TEST(alloc_keeps_within_its_limits)
{
	static const struct { u32 min, max; } at[] = {
		{ 3, 5 }, { 62, 66 }, { 65533, 65535 },
		{ INT_MAX - 1, INT_MAX }, { UINT_MAX - 1, UINT_MAX },
	};
	struct xa_limit limit;
	u32 id, want;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		limit = XA_LIMIT(at[i].min, at[i].max);
		for (want = limit.min; ; want++) {
			ck_assert_int_eq(xa_alloc(&ids, &id, value(i), limit,
						  GFP_KERNEL), 0);
			ck_assert_uint_eq(id, want);
			if (want == limit.max)
				break;
		}
		id = 0xdead;
		ck_assert_int_eq(xa_alloc(&ids, &id, value(0), limit,
					  GFP_KERNEL), -EBUSY);
		ck_assert_uint_eq(id, 0xdead);
	}
	ck_assert_uint_eq(alloc_id(&ids, value(9)), 0);
}
END_TEST

START_TEST(full_range_is_ebusy_until_one_is_freed)
{
	u32 id, i;

	for (i = 0; i <= 65535; i++) {
		/* all of a node, or of several levels of nodes */
		if (i && !(i & (i - 1)))
			ck_assert_int_eq(xa_alloc(&ids, &id, NULL,
						  XA_LIMIT(0, i - 1),
						  GFP_KERNEL), -EBUSY);
		ck_assert_int_eq(xa_alloc(&ids, &id, NULL, xa_limit_16b,
					  GFP_KERNEL), 0);
	}
	ck_assert_int_eq(xa_alloc(&ids, &id, NULL, xa_limit_16b, GFP_KERNEL),
			 -EBUSY);
	ck_assert_uint_eq(alloc_id(&ids, NULL), 65536);
	xa_erase(&ids, 40000);
	ck_assert_int_eq(xa_alloc(&ids, &id, NULL, xa_limit_16b, GFP_KERNEL),
			 0);
	ck_assert_uint_eq(id, 40000);
}
END_TEST

START_TEST(insert_takes_a_free_slot_only)
{
	ck_assert_int_eq(xa_insert(&plain, 7, value(1), GFP_KERNEL), 0);
	ck_assert_int_eq(xa_insert(&plain, 7, value(2), GFP_KERNEL), -EBUSY);
	ck_assert_ptr_eq(xa_load(&plain, 7), value(1));
	ck_assert_int_eq(xa_insert(&plain, 8, NULL, GFP_KERNEL), 0);
	ck_assert_ptr_null(xa_load(&plain, 8));
	ck_assert_int_eq(xa_insert(&plain, 8, value(2), GFP_KERNEL), -EBUSY);
}
END_TEST

START_TEST(cmpxchg_stores_if_it_finds_the_old_one)
{
	ck_assert_ptr_null(xa_cmpxchg(&plain, 7, NULL, value(1), GFP_KERNEL));
	ck_assert_ptr_eq(xa_load(&plain, 7), value(1));
	ck_assert_ptr_eq(xa_cmpxchg(&plain, 7, value(2), value(3), GFP_KERNEL),
			 value(1));
	ck_assert_ptr_eq(xa_cmpxchg(&plain, 7, value(1), value(3), GFP_KERNEL),
			 value(1));
	ck_assert_ptr_eq(xa_cmpxchg(&plain, 7, value(3), NULL, GFP_KERNEL),
			 value(3));
	ck_assert(xa_empty(&plain));
	/* Nothing that takes the place of nothing takes no slot. */
	ck_assert_ptr_null(xa_cmpxchg(&ids, 0, NULL, NULL, GFP_KERNEL));
	ck_assert(xa_empty(&ids));

	/* A slot with the zero entry is not free. */
	ck_assert_uint_eq(alloc_id(&ids, NULL), 0);
	xa_cmpxchg(&ids, 0, NULL, value(1), GFP_KERNEL);
	ck_assert_ptr_null(xa_load(&ids, 0));
	ck_assert_ptr_null(xa_cmpxchg(&ids, 0, XA_ZERO_ENTRY, value(1),
				      GFP_KERNEL));
	ck_assert_ptr_eq(xa_load(&ids, 0), value(1));
}
END_TEST

static const unsigned long far_apart[] = {
	0, 63, 64, 4095, 4096, 1ul << 20, (1ul << 32) - 1, 1ul << 32,
	1ul << 60, ULONG_MAX - 64, ULONG_MAX - 1, ULONG_MAX,
};

START_TEST(sparse_indices_up_to_the_largest_are_kept)
{
	unsigned long index;
	void *entry;
	size_t i, n;

	/*
	 * First insert the most distant index, so that the tree grows at once;
	 * then the reverse.
	 */
	for (n = 0; n < 2; n++) {
		for (i = 0; i < ARRAY_SIZE(far_apart); i++) {
			size_t j = n ? i : ARRAY_SIZE(far_apart) - 1 - i;

			ck_assert_ptr_null(xa_store(&plain, far_apart[j],
						    value(j), GFP_KERNEL));
		}
		i = 0;
		xa_for_each(&plain, index, entry) {
			ck_assert_uint_eq(index, far_apart[i]);
			ck_assert_ptr_eq(entry, value(i));
			i++;
		}
		ck_assert_uint_eq(i, ARRAY_SIZE(far_apart));
		for (i = 0; i < ARRAY_SIZE(far_apart); i++)
			ck_assert_ptr_eq(xa_erase(&plain, far_apart[i]),
					 value(i));
		ck_assert(xa_empty(&plain));
		ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), 0);
	}
}
END_TEST

START_TEST(find_stays_within_its_bounds)
{
	unsigned long index = 0;

	xa_store(&plain, 100, value(1), GFP_KERNEL);
	xa_store(&plain, 5000, value(2), GFP_KERNEL);
	ck_assert_ptr_null(xa_find(&plain, &index, 99, XA_PRESENT));
	ck_assert_uint_eq(index, 0);
	ck_assert_ptr_eq(xa_find(&plain, &index, 100, XA_PRESENT), value(1));
	ck_assert_uint_eq(index, 100);
	ck_assert_ptr_null(xa_find_after(&plain, &index, 4999, XA_PRESENT));
	ck_assert_ptr_eq(xa_find_after(&plain, &index, 5000, XA_PRESENT),
			 value(2));
	ck_assert_uint_eq(index, 5000);
	ck_assert_ptr_null(xa_find_after(&plain, &index, ULONG_MAX,
					 XA_PRESENT));
	/* Beyond all indices that the tree has room for. */
	index = 1ul << 40;
	ck_assert_ptr_null(xa_find(&plain, &index, ULONG_MAX, XA_PRESENT));
	ck_assert_uint_eq(index, 1ul << 40);
	index = ULONG_MAX;
	ck_assert_ptr_null(xa_find_after(&plain, &index, ULONG_MAX,
					 XA_PRESENT));
}
END_TEST

/* R-ID-8: entries may be stored and erased during a walk. */
START_TEST(walk_goes_on_while_entries_come_and_go)
{
	static const unsigned long want[] = { 1, 3, 70, 200, 9000 };
	unsigned long index;
	void *entry;
	size_t n = 0;

	xa_store(&plain, 1, value(1), GFP_KERNEL);
	xa_store(&plain, 2, value(2), GFP_KERNEL);
	xa_store(&plain, 3, value(3), GFP_KERNEL);
	xa_store(&plain, 200, value(4), GFP_KERNEL);
	xa_for_each(&plain, index, entry) {
		ck_assert_uint_lt(n, ARRAY_SIZE(want));
		ck_assert_uint_eq(index, want[n++]);
		if (index == 1) {
			xa_erase(&plain, 1);	/* erases the current entry */
			xa_erase(&plain, 2);	/* erases the next entry */
		} else if (index == 3) {
			xa_store(&plain, 0, value(5), GFP_KERNEL);
			xa_store(&plain, 70, value(6), GFP_KERNEL);
		} else if (index == 200) {
			/*
			 * The tree gets a new root and loses a leaf during the
			 * walk.
			 */
			xa_store(&plain, 9000, value(7), GFP_KERNEL);
			xa_erase(&plain, 200);
		}
	}
	ck_assert_uint_eq(n, ARRAY_SIZE(want));
}
END_TEST

START_TEST(walk_may_hold_and_drop_the_lock)
{
	unsigned long index;
	void *entry;
	int n = 0;

	alloc_id(&ids, value(1));
	alloc_id(&ids, value(2));
	xa_lock(&ids);
	xa_for_each(&ids, index, entry) {
		ck_assert_ptr_eq(xa_load(&ids, index), entry);
		xa_unlock(&ids);
		xa_lock(&ids);
		n++;
	}
	ck_assert_ptr_eq(__xa_erase(&ids, 0), value(1));
	ck_assert_ptr_eq(__xa_store(&ids, 1, value(3), GFP_KERNEL), value(2));
	xa_unlock(&ids);
	ck_assert_int_eq(n, 2);
}
END_TEST

START_TEST(raw_access_wants_the_lock)
{
	XA_STATE(xas, &ids, 0);

	ck_assert_warns("xa_lock is not held", xas_load(&xas));
	ck_assert_warns("xa_lock is not held", xas_store(&xas, NULL));
}
END_TEST

/*
 * Lets every allocation of a store fail in turn; the contents must not change.
 */
static void fail_each_allocation(unsigned long index, size_t nr_present)
{
	unsigned long n, seen_index;
	void *entry, *old;
	size_t present;

	for (n = 1; ; n++) {
		iommufd_model_fail_nth(n);
		old = xa_store(&plain, index, value(99), GFP_KERNEL);
		if (!iommufd_model_failed())
			break;
		ck_assert_int_eq(xa_err(old), -ENOMEM);
		ck_assert_ptr_null(raw(&plain, index));
		ck_assert_int_eq(xa_empty(&plain), !nr_present);
		present = 0;
		xa_for_each(&plain, seen_index, entry)
			present++;
		ck_assert_uint_eq(present, nr_present);
		if (!nr_present)
			ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL),
					  0);
	}
	iommufd_model_fail_nth(0);
	ck_assert_int_eq(xa_err(old), 0);
	ck_assert_uint_gt(n, 2);
	ck_assert_ptr_eq(xa_erase(&plain, index), value(99));
}

START_TEST(failed_allocation_leaves_no_trace)
{
	size_t i;

	fail_each_allocation(ULONG_MAX, 0);
	ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), 0);
	for (i = 0; i < 3; i++)
		xa_store(&plain, far_apart[i], value(i), GFP_KERNEL);
	fail_each_allocation(ULONG_MAX, 3);
	fail_each_allocation(1ul << 40, 3);
	for (i = 0; i < 3; i++)
		ck_assert_ptr_eq(xa_erase(&plain, far_apart[i]), value(i));
	ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), 0);
}
END_TEST

START_TEST(failed_alloc_insert_and_cmpxchg_leave_no_trace)
{
	u32 id = 0xdead;

	iommufd_model_fail_from(1);
	ck_assert_int_eq(xa_alloc(&ids, &id, value(1), xa_limit_31b,
				  GFP_KERNEL), -ENOMEM);
	ck_assert_uint_eq(id, 0xdead);
	ck_assert_int_eq(xa_insert(&ids, 3, value(1), GFP_KERNEL), -ENOMEM);
	ck_assert_int_eq(xa_err(xa_cmpxchg(&ids, 3, NULL, value(1),
					   GFP_KERNEL)), -ENOMEM);
	ck_assert(xa_empty(&ids));
	iommufd_model_fail_from(0);
	ck_assert_uint_eq(alloc_id(&ids, value(1)), 0);
	/* A store to a slot that is used allocates nothing. */
	iommufd_model_fail_from(1);
	ck_assert_ptr_eq(xa_store(&ids, 0, value(2), GFP_KERNEL), value(1));
	ck_assert_ptr_eq(xa_erase(&ids, 0), value(2));
}
END_TEST

START_TEST(destroy_frees_every_slot)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(far_apart); i++)
		xa_store(&plain, far_apart[i], value(i), GFP_KERNEL);
	xa_destroy(&plain);
	ck_assert(xa_empty(&plain));
	ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), 0);
	xa_destroy(&plain);
	ck_assert_ptr_null(xa_store(&plain, 1, value(1), GFP_KERNEL));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ground_xarray");
	TCase *tc = tcase_create("xarray");

	tcase_add_checked_fixture(tc, setup, teardown);
	suite_add_tcase(suite, tc);
	tcase_add_test(tc, entry_is_loaded_until_it_is_erased);
	tcase_add_test(
		tc, storing_null_frees_a_plain_slot_and_keeps_an_allocated_one);
	tcase_add_test(tc, zero_entry_reads_as_nothing_and_is_not_free);
	tcase_add_test(tc, alloc_takes_the_lowest_free_index);
	tcase_add_test(tc, alloc1_never_gives_zero);
	tcase_add_test(tc, alloc1_goes_on_around_an_entry_at_zero);
	tcase_add_test(tc, alloc_keeps_within_its_limits);
	tcase_add_test(tc, full_range_is_ebusy_until_one_is_freed);
	tcase_add_test(tc, insert_takes_a_free_slot_only);
	tcase_add_test(tc, cmpxchg_stores_if_it_finds_the_old_one);
	tcase_add_test(tc, sparse_indices_up_to_the_largest_are_kept);
	tcase_add_test(tc, find_stays_within_its_bounds);
	tcase_add_test(tc, walk_goes_on_while_entries_come_and_go);
	tcase_add_test(tc, walk_may_hold_and_drop_the_lock);
	tcase_add_test(tc, raw_access_wants_the_lock);
	tcase_add_test(tc, failed_allocation_leaves_no_trace);
	tcase_add_test(tc, failed_alloc_insert_and_cmpxchg_leave_no_trace);
	tcase_add_test(tc, destroy_frees_every_slot);
	return run_suite(suite);
}
