// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The range tree against a bitmap, with random changes near both ends of the
 * address space, and with each allocation failing.
 *
 * The tree is internal to the library, so this program includes its source.
 */
#include "suite.h"
#include "../../../src/kernel/range.c"

/* the size of the part of the address space that is used */
#define UNITS 4096
#define RANGES 600

/* Ranges are at base + n; the bases make ranges touch 0 and ULONG_MAX. */
static const unsigned long bases[] = { 0, ULONG_MAX - UNITS + 1, 1ul << 40 };

struct model {
	struct range_tree tree;
	unsigned long base;
	bool used[UNITS];
	struct {
		unsigned long start, last;
		bool in;
	} ranges[RANGES];
};

static u64 seed;

static unsigned long any(unsigned long below)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return (unsigned long)(seed >> 33) % below;
}

static void mark(struct model *m, unsigned long start, unsigned long last,
		 bool used)
{
	for (; start <= last; start++)
		m->used[start] = used;
}

static bool is_used(const struct model *m, unsigned long start,
		    unsigned long last)
{
	for (; start <= last; start++)
		if (m->used[start])
			return true;
	return false;
}

static void insert_or_erase(struct model *m)
{
	unsigned long i = any(RANGES), start = any(UNITS), len = 1 + any(12);

	if (m->ranges[i].in) {
		range_erase(&m->tree, m->base + m->ranges[i].start);
		mark(m, m->ranges[i].start, m->ranges[i].last, false);
		m->ranges[i].in = false;
		return;
	}
	if (start + len > UNITS)
		return;
	ck_assert_int_eq(!!range_first(&m->tree, m->base + start,
				       m->base + start + len - 1),
			 is_used(m, start, start + len - 1));
	if (is_used(m, start, start + len - 1))
		return;
	ck_assert_int_eq(range_insert(&m->tree, m->base + start,
				      m->base + start + len - 1,
				      &m->ranges[i]), 0);
	ck_assert_ptr_eq(range_first(&m->tree, m->base + start,
				     m->base + start), &m->ranges[i]);
	m->ranges[i].start = start;
	m->ranges[i].last = start + len - 1;
	m->ranges[i].in = true;
	mark(m, start, start + len - 1, true);
}

struct wish {
	unsigned long length, alignment, got;
};

static bool fit_wish(unsigned long first, unsigned long last, void *data)
{
	struct wish *w = data;
	unsigned long at = (first + w->alignment - 1) & ~(w->alignment - 1);

	if (at < first || at > last || last - at < w->length - 1)
		return false;
	w->got = at;
	return true;
}

static void find_hole_as_brute_force(struct model *m)
{
	unsigned long lo = any(UNITS), hi = lo + any(2000), at;
	struct wish w = { .length = 1 + any(20), .alignment = 1ul << any(4) };
	bool found = false;

	if (hi >= UNITS)
		hi = UNITS - 1;
	for (at = lo; at + w.length - 1 <= hi && !found; at++)
		found = !((m->base + at) & (w.alignment - 1)) &&
			!is_used(m, at, at + w.length - 1);
	ck_assert_int_eq(range_find_hole(&m->tree, m->base + lo, m->base + hi,
					 w.length, fit_wish, &w), found);
	if (found)
		ck_assert_uint_eq(w.got, m->base + at - 1);
}

START_TEST(random_operations_agree_with_a_map_of_bytes)
{
	static struct model m;
	unsigned long i;

	memset(&m, 0, sizeof(m));
	m.base = bases[_i];
	seed = 42 + (u64)_i;
	for (i = 0; i < 40000; i++) {
		insert_or_erase(&m);
		find_hole_as_brute_force(&m);
	}
	for (i = 0; i < RANGES; i++)
		if (m.ranges[i].in)
			range_erase(&m.tree, m.base + m.ranges[i].start);
	ck_assert(range_empty(&m.tree));
	ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), 0);
}
END_TEST

static bool take_any(unsigned long first, unsigned long last, void *data)
{
	(void)last;
	*(unsigned long *)data = first;
	return true;
}

/*
 * Inserts in ascending, descending and inward order, enough for three levels.
 */
START_TEST(inserts_in_any_order_are_found_and_erased)
{
	struct range_tree tree = { NULL };
	unsigned long i, at, n = 20000, hole;

	for (i = 0; i < n; i++) {
		at = _i == 0 ? i : _i == 1 ? n - 1 - i :
		     i & 1 ? n - 1 - i / 2 : i / 2;
		ck_assert_int_eq(range_insert(&tree, at * 16, at * 16 + 7,
					      &tree), 0);
	}
	for (i = 0; i < n; i++)
		ck_assert_ptr_eq(range_first(&tree, i * 16 + 7, i * 16 + 15),
				 &tree);
	ck_assert_ptr_null(range_first(&tree, 8, 15));
	ck_assert(range_find_hole(&tree, 0, ULONG_MAX, 9, take_any, &hole));
	ck_assert_uint_eq(hole, (n - 1) * 16 + 8);
	for (i = 0; i < n; i++)
		range_erase(&tree, (_i == 1 ? n - 1 - i : i) * 16);
	ck_assert(range_empty(&tree));
	ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), 0);
}
END_TEST

START_TEST(failed_insert_changes_nothing)
{
	struct range_tree tree = { NULL };
	unsigned long i, n = 3000, tries = 0;

	for (i = 0; i < n; i++) {
		for (;; tries++) {
			iommufd_model_fail_nth(1 + tries % 7);
			if (!range_insert(&tree, i * 16, i * 16 + 7, &tree))
				break;
			ck_assert_ptr_null(range_first(&tree, i * 16,
						       i * 16 + 15));
			if (i)
				ck_assert_ptr_eq(range_first(&tree, i * 16 - 9,
							     ULONG_MAX),
						 &tree);
		}
		iommufd_model_fail_nth(0);
	}
	ck_assert_uint_gt(tries, 0);
	range_destroy(&tree);
	ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), 0);
}
END_TEST

START_TEST(one_range_may_fill_the_address_space)
{
	struct range_tree tree = { NULL };
	unsigned long hole = 1;

	ck_assert(range_find_hole(&tree, 0, ULONG_MAX, 1, take_any, &hole));
	ck_assert_uint_eq(hole, 0);
	ck_assert_int_eq(range_insert(&tree, 0, ULONG_MAX, &tree), 0);
	ck_assert_ptr_eq(range_first(&tree, ULONG_MAX, ULONG_MAX), &tree);
	ck_assert(!range_find_hole(&tree, 0, ULONG_MAX, 1, take_any, &hole));
	range_erase(&tree, 0);
	ck_assert(range_empty(&tree));
}
END_TEST

static Suite *range_suite(void)
{
	Suite *suite = suite_create("ground_range");
	TCase *tc = tcase_create("tree");

	tcase_add_loop_test(tc, random_operations_agree_with_a_map_of_bytes, 0,
			    (int)ARRAY_SIZE(bases));
	tcase_add_loop_test(tc,
			    inserts_in_any_order_are_found_and_erased, 0, 3);
	tcase_add_test(tc, failed_insert_changes_nothing);
	tcase_add_test(tc, one_range_may_fill_the_address_space);
	suite_add_tcase(suite, tc);
	return suite;
}

int main(void)
{
	return run_suite(range_suite());
}
