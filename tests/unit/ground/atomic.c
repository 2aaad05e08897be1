// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Atomic variables, exchanges and bits: the value and the result of each
 * operation.
 *
 * Every test runs twice: without a hook, and through the gate with a hook that
 * keeps the last operation.
 */
#include "ground_suite.h"

static struct iommufd_model_op last;

static void keep(struct iommufd_model_hook *hook,
		 const struct iommufd_model_op *op)
{
	(void)hook;
	last = *op;
}

static struct iommufd_model_hook hook = { .event = keep };
static bool gated;

static void short_way(void)
{
	ground_setup();
	gated = false;
}

static void open_gate(void)
{
	ground_setup();
	gated = true;
	iommufd_model_hook_add(&hook);
}

static void close_gate(void)
{
	iommufd_model_hook_remove(&hook);
	ground_teardown();
}

/* If a hook is installed, checks the values of the last operation. */
#define ck_assert_values(from, to) do {					\
	if (gated) {							\
		ck_assert_int_eq(last.before, from);			\
		ck_assert_int_eq(last.after, to);			\
	}								\
} while (0)

/*
 * Checks that @expr, on a variable v with the value @from, gives @result and
 * leaves @to, for each of the three types.
 */
#define CHECK(prefix, from, expr, result, to) do {			\
	prefix##_set(&v, from);						\
	ck_assert_values(v_was, from);					\
	ck_assert_msg((expr) == (result), "%s of %d", #expr, (int)(from)); \
	ck_assert_values(from, to);					\
	ck_assert_int_eq(prefix##_read(&v), to);			\
	v_was = to;							\
} while (0)

#define CHECK_VOID(prefix, from, expr, to) CHECK(prefix, from, (expr, 0), 0, to)

#define TYPE_TESTS(prefix, type)					\
START_TEST(prefix##_arithmetic)						\
{									\
	prefix##_t v = { 0 };						\
	long v_was = 0;							\
									\
	CHECK_VOID(prefix, 5, prefix##_add(3, &v), 8);			\
	CHECK_VOID(prefix, 5, prefix##_sub(7, &v), -2);			\
	CHECK_VOID(prefix, 5, prefix##_inc(&v), 6);			\
	CHECK_VOID(prefix, 0, prefix##_dec(&v), -1);			\
	CHECK_VOID(prefix, 12, prefix##_and(10, &v), 8);		\
	CHECK_VOID(prefix, 12, prefix##_or(3, &v), 15);			\
	CHECK_VOID(prefix, 12, prefix##_xor(10, &v), 6);		\
	CHECK_VOID(prefix, 12, prefix##_andnot(4, &v), 8);		\
	CHECK(prefix, 5, prefix##_add_return(3, &v), 8, 8);		\
	CHECK(prefix, 5, prefix##_sub_return_acquire(3, &v), 2, 2);	\
	CHECK(prefix, 5, prefix##_inc_return_release(&v), 6, 6);	\
	CHECK(prefix, 5, prefix##_dec_return_relaxed(&v), 4, 4);	\
	CHECK(prefix, 5, prefix##_fetch_add(3, &v), 5, 8);		\
	CHECK(prefix, 5, prefix##_fetch_sub_relaxed(3, &v), 5, 2);	\
	CHECK(prefix, 5, prefix##_fetch_inc(&v), 5, 6);			\
	CHECK(prefix, 5, prefix##_fetch_dec(&v), 5, 4);			\
	CHECK(prefix, 12, prefix##_fetch_and(10, &v), 12, 8);		\
	CHECK(prefix, 12, prefix##_fetch_or_acquire(3, &v), 12, 15);	\
	CHECK(prefix, 12, prefix##_fetch_xor(10, &v), 12, 6);		\
	CHECK(prefix, 12, prefix##_fetch_andnot_release(4, &v), 12, 8);	\
}									\
END_TEST								\
									\
START_TEST(prefix##_tests)						\
{									\
	prefix##_t v = { 0 };						\
	long v_was = 0;							\
									\
	CHECK(prefix, 2, prefix##_dec_and_test(&v), false, 1);		\
	CHECK(prefix, 1, prefix##_dec_and_test(&v), true, 0);		\
	CHECK(prefix, 0, prefix##_dec_and_test(&v), false, -1);		\
	CHECK(prefix, -1, prefix##_inc_and_test(&v), true, 0);		\
	CHECK(prefix, -2, prefix##_inc_and_test(&v), false, -1);	\
	CHECK(prefix, 4, prefix##_sub_and_test(4, &v), true, 0);	\
	CHECK(prefix, 4, prefix##_sub_and_test(3, &v), false, 1);	\
	CHECK(prefix, 4, prefix##_add_negative(-5, &v), true, -1);	\
	CHECK(prefix, 4, prefix##_add_negative(-4, &v), false, 0);	\
	CHECK(prefix, 4, prefix##_add_unless(&v, 2, 4), false, 4);	\
	CHECK(prefix, 4, prefix##_add_unless(&v, 2, 5), true, 6);	\
	CHECK(prefix, 4, prefix##_fetch_add_unless(&v, 2, 5), 4, 6);	\
	CHECK(prefix, 5, prefix##_fetch_add_unless(&v, 2, 5), 5, 5);	\
	CHECK(prefix, 0, prefix##_inc_not_zero(&v), false, 0);		\
	CHECK(prefix, 1, prefix##_inc_not_zero(&v), true, 2);		\
	CHECK(prefix, -1, prefix##_inc_unless_negative(&v), false, -1);	\
	CHECK(prefix, 0, prefix##_inc_unless_negative(&v), true, 1);	\
	CHECK(prefix, 1, prefix##_dec_unless_positive(&v), false, 1);	\
	CHECK(prefix, 0, prefix##_dec_unless_positive(&v), true, -1);	\
	CHECK(prefix, 0, prefix##_dec_if_positive(&v), -1, 0);		\
	CHECK(prefix, -3, prefix##_dec_if_positive(&v), -4, -3);	\
	CHECK(prefix, 2, prefix##_dec_if_positive(&v), 1, 1);		\
}									\
END_TEST								\
									\
START_TEST(prefix##_exchanges)						\
{									\
	prefix##_t v = { 0 };						\
	type old = 7;							\
	long v_was = 0;							\
									\
	CHECK(prefix, 4, prefix##_xchg(&v, 9), 4, 9);			\
	CHECK(prefix, 4, prefix##_cmpxchg(&v, 4, 9), 4, 9);		\
	CHECK(prefix, 4, prefix##_cmpxchg_relaxed(&v, 5, 9), 4, 4);	\
	CHECK(prefix, 4, prefix##_try_cmpxchg(&v, &old, 9), false, 4);	\
	ck_assert_int_eq(old, 4);					\
	CHECK(prefix, 4, prefix##_try_cmpxchg_acquire(&v, &old, 9), true, 9); \
	ck_assert_int_eq(old, 4);					\
	prefix##_set_release(&v, -1);					\
	ck_assert_int_eq(prefix##_read_acquire(&v), -1);		\
}									\
END_TEST

TYPE_TESTS(atomic, int)
TYPE_TESTS(atomic64, s64)
TYPE_TESTS(atomic_long, long)

START_TEST(sums_wrap_around)
{
	atomic_t v = ATOMIC_INIT(INT_MAX);
	atomic64_t w = ATOMIC64_INIT(INT64_MAX);

	ck_assert_int_eq(atomic_inc_return(&v), INT_MIN);
	ck_assert_values(INT_MAX, INT_MIN);
	ck_assert(atomic64_inc_return(&w) == INT64_MIN);
	ck_assert_values(INT64_MAX, INT64_MIN);
}
END_TEST

#define CHECK_SIZE(type, a, b) do {					\
	__typeof__(type) x = (type)(a), old = (type)(b);		\
									\
	ck_assert(xchg(&x, (type)(b)) == (type)(a));			\
	ck_assert(x == (type)(b));					\
	ck_assert(cmpxchg(&x, (type)(a), (type)(a)) == (type)(b));	\
	ck_assert(x == (type)(b));					\
	ck_assert(try_cmpxchg(&x, &old, (type)(a)));			\
	ck_assert(x == (type)(a));					\
	ck_assert(!try_cmpxchg_relaxed(&x, &old, (type)(b)));		\
	ck_assert(old == (type)(a) && x == (type)(a));			\
} while (0)

START_TEST(plain_variables_of_each_size)
{
	int a, b;

	CHECK_SIZE(u8, 200, 7);
	CHECK_SIZE(signed char, -3, 7);
	CHECK_SIZE(bool, true, false);
	CHECK_SIZE(u16, 60000, 7);
	CHECK_SIZE(short, -2, 7);
	CHECK_SIZE(int, -5, 7);
	CHECK_SIZE(u32, 4000000000u, 7);
	CHECK_SIZE(u64, 1ull << 63, 7);
	CHECK_SIZE(s64, INT64_MIN, 7);
	CHECK_SIZE(int *, &a, &b);
	CHECK_SIZE(void *, NULL, &b);
}
END_TEST

START_TEST(an_argument_is_evaluated_once)
{
	int x[2] = { 1, 2 }, *p = x;

	ck_assert_int_eq(xchg(p++, xchg(&x[1], 5)), 1);
	ck_assert_ptr_eq(p, &x[1]);
	ck_assert_int_eq(x[0], 2);
	ck_assert_int_eq(smp_load_acquire(p++), 5);
	ck_assert_ptr_eq(p, &x[2]);
	p = x;
	smp_store_release(p++, 9);
	ck_assert_ptr_eq(p, &x[1]);
	ck_assert_int_eq(x[0], 9);
	smp_mb();
	smp_store_mb(x[0], 3);
	ck_assert_int_eq(smp_cond_load_acquire(&x[0], VAL == 3), 3);
}
END_TEST

#define CHECK_BIT(bit, was, now) do {					\
	ck_assert_values(was, now);					\
	ck_assert_int_eq(test_bit(bit, map), now);			\
	ck_assert_int_eq(!!(map[(bit) / 64] & 1ul << (bit) % 64), now);	\
} while (0)

START_TEST(bits_of_an_array)
{
	unsigned long map[2] = { 0, 1ul << 63 };

	set_bit(70, map);
	CHECK_BIT(70, 0, 1);
	change_bit(70, map);
	CHECK_BIT(70, 1, 0);
	ck_assert(!test_and_set_bit(5, map));
	CHECK_BIT(5, 0, 1);
	ck_assert(test_and_set_bit_lock(5, map));
	CHECK_BIT(5, 1, 1);
	ck_assert(test_and_change_bit(5, map));
	CHECK_BIT(5, 1, 0);
	ck_assert(test_and_clear_bit(127, map));
	CHECK_BIT(127, 1, 0);
	assign_bit(3, map, true);
	clear_bit_unlock(3, map);
	CHECK_BIT(3, 1, 0);
	ck_assert_uint_eq(map[0], 0);
	ck_assert_uint_eq(map[1], 0);
	__set_bit(65, map);
	ck_assert(__test_and_set_bit(65, map));
	ck_assert(__test_and_clear_bit(65, map));
	ck_assert(!__test_and_change_bit(65, map));
	__change_bit(66, map);
	__assign_bit(66, map, false);
	__clear_bit(65, map);
	ck_assert_uint_eq(map[1], 0);
}
END_TEST

static void add_cases(TCase *tc)
{
	tcase_add_test(tc, atomic_arithmetic);
	tcase_add_test(tc, atomic_tests);
	tcase_add_test(tc, atomic_exchanges);
	tcase_add_test(tc, atomic64_arithmetic);
	tcase_add_test(tc, atomic64_tests);
	tcase_add_test(tc, atomic64_exchanges);
	tcase_add_test(tc, atomic_long_arithmetic);
	tcase_add_test(tc, atomic_long_tests);
	tcase_add_test(tc, atomic_long_exchanges);
	tcase_add_test(tc, sums_wrap_around);
	tcase_add_test(tc, plain_variables_of_each_size);
	tcase_add_test(tc, an_argument_is_evaluated_once);
	tcase_add_test(tc, bits_of_an_array);
}

int main(void)
{
	Suite *suite = suite_create("atomic");
	TCase *tc = case_with(suite, "short way", short_way, ground_teardown);

	add_cases(tc);
	tc = case_with(suite, "gate", open_gate, close_gate);
	add_cases(tc);
	return run_suite(suite);
}
