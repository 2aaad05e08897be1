// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The numbers of allocations wrap around, which takes four thousand million of
 * them.  This program has the allocator's own source in it, to begin just before.
 */
#include "../../../src/kernel/slab.c"

#include "ground_suite.h"

static char room[4096];
static size_t used;

static void *room_get(size_t size, bool zero)
{
	void *p = &room[used];

	(void)zero;
	used += (size + 15) & ~(size_t)15;
	return p;
}

static void room_put(void *p, size_t size)
{
	(void)p;
	(void)size;
}

static bool room_owns(const void *p)
{
	return (uintptr_t)p - (uintptr_t)room < sizeof(room);
}

static const struct iommufd_model_heap room_heap = {
	room_get, room_put, room_owns,
};

static void setup(void)
{
	ground_setup();
	used = 0;
	iommufd_model_set_heap(&room_heap);
}

static void teardown(void)
{
	iommufd_model_set_heap(NULL);
	ground_teardown();
}

/* The mark is @_i allocations before the numbers wrap around. */
START_TEST(rewind_forgets_allocations_whose_numbers_wrap_around)
{
	unsigned int mark;
	int i;

	nr_allocations = UINT_MAX - 1 - (unsigned int)_i;
	kzalloc(8, GFP_KERNEL);
	mark = iommufd_model_slab_mark();
	for (i = 0; i < 3; i++)
		ck_assert_ptr_nonnull(kzalloc(8, GFP_KERNEL));
	ck_assert_uint_eq(iommufd_model_allocations(), mark + 3);
	iommufd_model_slab_rewind();
	ck_assert_uint_eq(iommufd_model_allocations(), mark);
	for (i = 0; !list_empty(&live); i++)
		list_del(live.next);
	ck_assert_int_eq(i, 1);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ground_slab_wrap");
	TCase *tc = tcase_create("wrap");

	tcase_add_checked_fixture(tc, setup, teardown);
	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc,
			    rewind_forgets_allocations_whose_numbers_wrap_around,
			    0, 4);
	return run_suite(suite);
}
