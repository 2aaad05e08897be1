// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Reads of the page tables of a kernel tree: which of them are steps.  The test
 * needs no kernel tree, because it gives its own tables to
 * src/linux/table_reads.h.
 */
#include "../../../src/linux/table_reads.h"
#include "suite.h"

#define NR_ENTRIES 16

/* This variable is in gate.c if the library is built with a kernel tree. */
unsigned long iommufd_model_gate_steps;

static u64 table[NR_ENTRIES + 1];
static unsigned int other;

/* The entries that were read in a step of their own. */
static bool was_step[NR_ENTRIES];
static unsigned int nr_steps;

static void count_step(struct iommufd_model_hook *hook,
		       const struct iommufd_model_op *op)
{
	size_t nr = (size_t)((const u64 *)op->addr - table);

	(void)hook;
	iommufd_model_gate_steps++;
	if (op->addr < (void *)table || nr >= NR_ENTRIES)
		return;
	was_step[nr] = true;
	nr_steps++;
}

static struct iommufd_model_hook hook = { .step = count_step };

static void setup(void)
{
	memset(table, 0, sizeof(table));
	memset(was_step, 0, sizeof(was_step));
	nr_steps = 0;
	/* Steps before this must not count for this test. */
	iommufd_model_gate_steps++;
	iommufd_model_hook_add(&hook);
}

static void teardown(void)
{
	iommufd_model_hook_remove(&hook);
}

/*
 * Reads the entries from @first up to and excluding @end, and returns the last
 * one.
 */
static u64 scan(unsigned int first, unsigned int end)
{
	u64 entry = 0;

	while (first < end)
		entry = READ_ONCE(table[first++]);
	return entry;
}

START_TEST(a_run_of_empty_entries_is_one_step)
{
	ck_assert_uint_eq(scan(0, NR_ENTRIES), 0);
	ck_assert_uint_eq(nr_steps, 1);
	ck_assert(was_step[0]);
}
END_TEST

START_TEST(an_entry_that_is_not_empty_is_a_step_and_ends_the_run)
{
	table[5] = 55;
	ck_assert_uint_eq(scan(0, 6), 55);
	scan(6, NR_ENTRIES);
	ck_assert_uint_eq(nr_steps, 3);
	ck_assert(was_step[0] && was_step[5] && was_step[6]);
}
END_TEST

START_TEST(a_single_entry_that_is_looked_up_is_a_step)
{
	scan(3, 4);
	scan(3, 4);
	scan(7, 8);
	scan(2, 3);
	ck_assert_uint_eq(nr_steps, 4);
}
END_TEST

START_TEST(an_operation_in_between_ends_the_run)
{
	scan(0, 4);
	(void)__IOMMUFD_MODEL_READ_ONCE(other, __COUNTER__);
	scan(4, 8);
	ck_assert_uint_eq(nr_steps, 2);
	ck_assert(was_step[0] && was_step[4]);
	/* If a schedule is run again, it has the same steps. */
	(void)__IOMMUFD_MODEL_READ_ONCE(other, __COUNTER__);
	scan(8, 9);
	ck_assert_uint_eq(nr_steps, 3);
}
END_TEST

START_TEST(without_a_hook_a_read_is_a_read)
{
	iommufd_model_hook_remove(&hook);
	table[1] = 11;
	ck_assert_uint_eq(scan(0, 1), 0);
	ck_assert_uint_eq(scan(1, 2), 11);
	ck_assert_uint_eq(nr_steps, 0);
	iommufd_model_hook_add(&hook);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("table_reads");
	TCase *tc = tcase_create("reads");

	tcase_add_checked_fixture(tc, setup, teardown);
	suite_add_tcase(suite, tc);
	tcase_add_test(tc, a_run_of_empty_entries_is_one_step);
	tcase_add_test(tc,
		       an_entry_that_is_not_empty_is_a_step_and_ends_the_run);
	tcase_add_test(tc, a_single_entry_that_is_looked_up_is_a_step);
	tcase_add_test(tc, an_operation_in_between_ends_the_run);
	tcase_add_test(tc, without_a_hook_a_read_is_a_read);
	return run_suite(suite);
}
