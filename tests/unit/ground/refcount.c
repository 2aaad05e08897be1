// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * refcount_t: the value, the result and the report of each operation, as
 * R-COUNT-1 defines them.
 *
 * Every test runs twice: without a hook, and through the gate, which has an
 * implementation of its own.
 */
#include "ground_suite.h"

static refcount_t r;
static DEFINE_MUTEX(mutex);
static DEFINE_SPINLOCK(spin);
static struct iommufd_model_hook idle_hook;

static void open_gate(void)
{
	ground_setup();
	iommufd_model_hook_add(&idle_hook);
}

static void close_gate(void)
{
	iommufd_model_hook_remove(&idle_hook);
	ground_teardown();
}

#define ck_assert_count(n) ck_assert_int_eq((int)refcount_read(&r), n)

/* Checks that the counter is poisoned: its value is REFCOUNT_SATURATED. */
#define ck_assert_poisoned() ck_assert_int_eq(r.refs, REFCOUNT_SATURATED)

START_TEST(set_gives_the_value_that_read_returns)
{
	refcount_set(&r, 7);
	ck_assert_count(7);
	refcount_set(&r, 0);
	ck_assert_count(0);
}
END_TEST

START_TEST(inc_and_add_count_up)
{
	refcount_set(&r, 1);
	refcount_inc(&r);
	ck_assert_count(2);
	refcount_add(5, &r);
	ck_assert_count(7);
}
END_TEST

START_TEST(dec_not_one_leaves_the_last_reference)
{
	refcount_set(&r, 2);
	ck_assert(refcount_dec_not_one(&r));
	ck_assert_count(1);
	ck_assert(!refcount_dec_not_one(&r));
	ck_assert_count(1);
	refcount_set(&r, 0);
	ck_assert_warns("refcount: decrement of &r from 0",
			refcount_dec_not_one(&r));
	ck_assert_poisoned();
}
END_TEST

START_TEST(add_not_zero_leaves_zero)
{
	refcount_set(&r, 0);
	ck_assert(!refcount_add_not_zero(3, &r));
	ck_assert_count(0);
	refcount_set(&r, 1);
	ck_assert(refcount_add_not_zero(3, &r));
	ck_assert(refcount_inc_not_zero_acquire(&r));
	ck_assert_count(5);
}
END_TEST

START_TEST(the_last_put_holds_the_lock)
{
	atomic_t v = ATOMIC_INIT(2);

	refcount_set(&r, 2);
	ck_assert(!refcount_dec_and_mutex_lock(&r, &mutex));
	ck_assert(!mutex_is_locked(&mutex));
	ck_assert(refcount_dec_and_mutex_lock(&r, &mutex));
	mutex_unlock(&mutex);
	ck_assert_count(0);
	refcount_set(&r, 1);
	ck_assert(refcount_dec_and_lock(&r, &spin));
	spin_unlock(&spin);
	ck_assert(!atomic_dec_and_lock(&v, &spin));
	ck_assert(atomic_dec_and_mutex_lock(&v, &mutex));
	mutex_unlock(&mutex);
	ck_assert_int_eq(atomic_read(&v), 0);
}
END_TEST

START_TEST(inc_from_zero_warns_and_poisons)
{
	refcount_set(&r, 0);
	ck_assert_warns("refcount: increment of &r from 0", refcount_inc(&r));
	ck_assert_poisoned();
}
END_TEST

START_TEST(add_from_zero_warns_and_poisons)
{
	refcount_set(&r, 0);
	ck_assert_warns("refcount: increment of &r from 0",
			refcount_add(3, &r));
	ck_assert_poisoned();
}
END_TEST

START_TEST(counting_beyond_the_largest_value_warns_and_poisons)
{
	refcount_set(&r, INT_MAX - 1);
	refcount_inc(&r);
	ck_assert_count(INT_MAX);
	ck_assert_warns("increment of &r from 2147483647", refcount_inc(&r));
	ck_assert_poisoned();

	refcount_set(&r, INT_MAX - 2);
	ck_assert_warns("increment of &r from 2147483645",
			refcount_add(3, &r));
	ck_assert_poisoned();

	refcount_set(&r, INT_MAX);
	ck_assert_warns("increment of &r from 2147483647",
			(void)refcount_inc_not_zero(&r));
	ck_assert_poisoned();
}
END_TEST

START_TEST(inc_not_zero_counts_unless_it_is_zero)
{
	refcount_set(&r, 0);
	ck_assert(!refcount_inc_not_zero(&r));
	ck_assert_count(0);
	refcount_set(&r, 1);
	ck_assert(refcount_inc_not_zero(&r));
	ck_assert_count(2);
}
END_TEST

START_TEST(dec_counts_down_to_one)
{
	refcount_set(&r, 3);
	refcount_dec(&r);
	refcount_dec(&r);
	ck_assert_count(1);
}
END_TEST

/* R-COUNT-2: a plain decrement must never be the one that reaches zero. */
START_TEST(dec_that_reaches_zero_warns_and_poisons)
{
	refcount_set(&r, 1);
	ck_assert_warns("refcount: decrement of &r from 1", refcount_dec(&r));
	ck_assert_poisoned();

	refcount_set(&r, 0);
	ck_assert_warns("refcount: decrement of &r from 0", refcount_dec(&r));
	ck_assert_poisoned();
}
END_TEST

START_TEST(dec_and_test_tells_the_last_one)
{
	refcount_set(&r, 2);
	ck_assert(!refcount_dec_and_test(&r));
	ck_assert_count(1);
	ck_assert(refcount_dec_and_test(&r));
	ck_assert_count(0);
}
END_TEST

START_TEST(dec_and_test_below_zero_warns_and_poisons)
{
	bool last;

	refcount_set(&r, 0);
	ck_assert_warns("refcount: subtraction of &r from 0",
			last = refcount_dec_and_test(&r));
	ck_assert(!last);
	ck_assert_poisoned();
}
END_TEST

START_TEST(sub_and_test_tells_when_it_reaches_zero)
{
	refcount_set(&r, 5);
	ck_assert(!refcount_sub_and_test(3, &r));
	ck_assert_count(2);
	ck_assert(refcount_sub_and_test(2, &r));
	ck_assert_count(0);
}
END_TEST

/* An int cannot hold its negative; the subtraction wraps around. */
START_TEST(the_least_number_can_be_subtracted)
{
	refcount_set(&r, 1);
	ck_assert(!refcount_sub_and_test(INT_MIN, &r));
	ck_assert_count(INT_MIN + 1);
}
END_TEST

START_TEST(sub_and_test_below_zero_warns_and_poisons)
{
	bool last;

	refcount_set(&r, 2);
	ck_assert_warns("refcount: subtraction of &r from 2",
			last = refcount_sub_and_test(3, &r));
	ck_assert(!last);
	ck_assert_poisoned();
}
END_TEST

START_TEST(dec_if_one_takes_one_and_leaves_the_rest)
{
	static const int others[] = { 0, 2, 3, INT_MAX, REFCOUNT_SATURATED };
	size_t i;

	refcount_set(&r, 1);
	ck_assert(refcount_dec_if_one(&r));
	ck_assert_count(0);
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		refcount_set(&r, others[i]);
		ck_assert(!refcount_dec_if_one(&r));
		ck_assert_count(others[i]);
	}
}
END_TEST

START_TEST(poisoned_never_reaches_zero_again)
{
	bool any = false;
	int i;

	refcount_set(&r, 0);
	ck_assert_warns("from 0", refcount_inc(&r));
	for (i = 0; i < 100; i++) {
		ck_assert_warns("poisoned before", refcount_dec(&r));
		ck_assert_warns("poisoned before",
				any |= refcount_dec_and_test(&r));
		ck_assert_warns("poisoned before",
				any |= refcount_sub_and_test(1000, &r));
		any |= refcount_dec_if_one(&r);
		ck_assert_poisoned();
	}
	/* Increments do not end the poisoned state either. */
	ck_assert_warns("poisoned before", refcount_inc(&r));
	ck_assert_warns("poisoned before", refcount_add(INT_MAX, &r));
	ck_assert_warns("poisoned before", (void)refcount_inc_not_zero(&r));
	ck_assert_poisoned();
	ck_assert(!any);
}
END_TEST

struct item {
	unsigned int id;
	refcount_t users;
};

START_TEST(report_names_expression_object_and_call_site)
{
	static const struct iommufd_model_label label = { "item", 8 };
	struct { u64 first; struct item item; } *p;

	p = kzalloc(sizeof(*p), GFP_KERNEL);
	ck_assert_ptr_nonnull(p);
	p->item.id = 7;
	iommufd_model_label(p, &label);

	ck_assert_warns("increment of &p->item.users from 0",
			refcount_inc(&p->item.users));
	ck_assert_int_eq(seen.severity, IOMMUFD_MODEL_WARNING);
	ck_assert_str_eq(seen.object, "item 7");
	ck_assert_ptr_nonnull(strstr(seen.site->func, __func__));
	ck_assert_ptr_nonnull(strstr(seen.site->file, "ground/refcount.c"));
	kfree(p);
}
END_TEST

static void add_rows(TCase *tc)
{
	tcase_add_test(tc, set_gives_the_value_that_read_returns);
	tcase_add_test(tc, inc_and_add_count_up);
	tcase_add_test(tc, dec_not_one_leaves_the_last_reference);
	tcase_add_test(tc, add_not_zero_leaves_zero);
	tcase_add_test(tc, the_last_put_holds_the_lock);
	tcase_add_test(tc, inc_from_zero_warns_and_poisons);
	tcase_add_test(tc, add_from_zero_warns_and_poisons);
	tcase_add_test(tc, counting_beyond_the_largest_value_warns_and_poisons);
	tcase_add_test(tc, inc_not_zero_counts_unless_it_is_zero);
	tcase_add_test(tc, dec_counts_down_to_one);
	tcase_add_test(tc, dec_that_reaches_zero_warns_and_poisons);
	tcase_add_test(tc, dec_and_test_tells_the_last_one);
	tcase_add_test(tc, dec_and_test_below_zero_warns_and_poisons);
	tcase_add_test(tc, sub_and_test_tells_when_it_reaches_zero);
	tcase_add_test(tc, the_least_number_can_be_subtracted);
	tcase_add_test(tc, sub_and_test_below_zero_warns_and_poisons);
	tcase_add_test(tc, dec_if_one_takes_one_and_leaves_the_rest);
	tcase_add_test(tc, poisoned_never_reaches_zero_again);
	tcase_add_test(tc, report_names_expression_object_and_call_site);
}

int main(void)
{
	Suite *suite = suite_create("ground_refcount");
	TCase *gated = tcase_create("through the gate");

	add_rows(ground_case(suite, "short way"));
	tcase_add_checked_fixture(gated, open_gate, close_gate);
	suite_add_tcase(suite, gated);
	add_rows(gated);
	return run_suite(suite);
}
