// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The headers that only calculate.  Each function is compared with a slow
 * implementation of the same, at the ends of its range and for values around
 * each power of two.
 */
#include "ground_suite.h"
#include <iommufd_model/kernel.h>

static_assert(GENMASK(63, 0) == ~0ul);
static_assert(GENMASK(0, 0) == 1 && GENMASK_ULL(63, 63) == 1ull << 63);
static_assert(GENMASK(11, 4) == 0xff0, "a text is allowed");
static_assert(GENMASK_U8(7, 4) == 0xf0 && GENMASK_U16(15, 0) == 0xffff);
static_assert(GENMASK_U32(31, 31) == 0x80000000u);
static_assert(BIT_ULL(63) == 0x8000000000000000ull && BIT_U8(7) == 0x80);
static_assert(SZ_1 == 1 && SZ_4K == PAGE_SIZE && SZ_2M == 1 << 21);
static_assert(SZ_4G == 1ull << 32 && SZ_64T == 1ull << 46);
static_assert(FIELD_PREP_CONST(GENMASK(7, 4), 3) == 0x30);
static_assert(ilog2(SZ_2M) == 21 && ilog2(1) == 0 && order_base_2(5) == 3);
static_assert(roundup_pow_of_two(5) == 8 && rounddown_pow_of_two(5) == 4);
static_assert(order_base_2(0) == 0 && order_base_2(1) == 0);
static_assert(sizeof(cpu_to_le64(0)) == 8 && sizeof_field(struct file, f_op) == 8);
static_assert(U8_MAX == 255 && S8_MIN == -128 && S16_MAX == 32767);
static_assert(S64_MIN == LLONG_MIN && S32_MIN == INT_MIN);
static_assert(BITS_TO_LONGS(0) == 0 && BITS_TO_LONGS(65) == 2);
static_assert(BUILD_BUG_ON_ZERO(0) == 0);
static_assert(DIV_ROUND_UP(7, 2) == 4 && ALIGN(0, 8) == 0 && ALIGN(1, 8) == 8);
EXPORT_SYMBOL_GPL(seen);
EXPORT_SYMBOL_NS_GPL(seen, "IOMMUFD");
EXPORT_SYMBOL_FOR_MODULES(seen, "vfio");
MODULE_LICENSE("GPL");
MODULE_IMPORT_NS("IOMMUFD");
MODULE_DESCRIPTION("a test");

/*
 * Calls @fn for numbers around each power of two, and for 0 and the largest
 * number.
 */
static void for_numbers(void (*fn)(u64))
{
	unsigned int bit, d;

	for (bit = 0; bit < 64; bit++)
		for (d = 0; d < 5; d++)
			fn(BIT_ULL(bit) + d - 2);
	for (d = 0; d < 300; d++)
		fn(d);
}

static int slow_fls(u64 x)
{
	int n = 0;

	for (; x; x >>= 1)
		n++;
	return n;
}

static void check_scan(u64 x)
{
	unsigned int bits = 0, i, lowest = 0;

	for (i = 0; i < 64; i++)
		bits += x >> i & 1;
	while (lowest < 64 && !(x >> lowest & 1))
		lowest++;
	ck_assert_int_eq(fls64(x), slow_fls(x));
	ck_assert_int_eq(fls((u32)x), slow_fls((u32)x));
	ck_assert_uint_eq(hweight64(x), bits);
	ck_assert_uint_eq(hweight_long(x), bits);
	ck_assert_uint_eq(hweight32(x) + hweight32(x >> 32), bits);
	ck_assert_uint_eq(hweight8(x) + hweight8(x >> 8), hweight16(x));
	ck_assert_uint_eq(ffs64(x), x ? lowest + 1 : 0);
	if (x) {
		ck_assert_uint_eq(__ffs(x), lowest);
		ck_assert_uint_eq(__fls(x), (unsigned int)slow_fls(x) - 1);
		ck_assert_int_eq(ilog2(x), slow_fls(x) - 1);
		ck_assert_int_eq(bits_per(x), slow_fls(x));
		ck_assert_uint_eq(rounddown_pow_of_two(x),
				  1ul << (slow_fls(x) - 1));
		ck_assert_int_eq(get_order(x),
				 slow_fls((x - 1) >> PAGE_SHIFT));
	}
	if (~x)
		ck_assert_uint_eq(ffz(x), __ffs(~x));
	ck_assert_int_eq(is_power_of_2(x), bits == 1);
	ck_assert_int_eq(order_base_2(x), x < 2 ? 0 : slow_fls(x - 1));
	if (x && x <= 1ull << 63)
		ck_assert(roundup_pow_of_two(x) >= x &&
			  is_power_of_2(roundup_pow_of_two(x)) &&
			  roundup_pow_of_two(x) / 2 < x);
	for (i = 0; i < 64; i += 7) {
		ck_assert_uint_eq(ror64(rol64(x, i), i), x);
		ck_assert_uint_eq(ror32(rol32((u32)x, i), i), (u32)x);
		ck_assert_int_eq(sign_extend64(x, (int)i),
				 (s64)((x >> i & 1) ? x | (~0ull << i) :
				       x & (BIT_ULL(i) - 1)));
	}
	ck_assert_uint_eq((u64)upper_32_bits(x) << 32 | lower_32_bits(x), x);
}

START_TEST(test_bits_of_numbers)
{
	for_numbers(check_scan);
	ck_assert_int_eq(sign_extend32(0x80, 7), -128);
	ck_assert_int_eq(get_count_order(0), -1);
	ck_assert_int_eq(get_count_order(9), 4);
	ck_assert_int_eq(ffs(0x50), 5);
}
END_TEST

static void check_bytes(u64 x)
{
	u8 room[9] = { 0 };
	__be64 big = cpu_to_be64(x);
	__le64 little = cpu_to_le64(x);
	__le32 word = cpu_to_le32((u32)x);
	unsigned int i;

	for (i = 0; i < 8; i++) {
		ck_assert_uint_eq(((u8 *)&big)[i], (u8)(x >> (56 - 8 * i)));
		ck_assert_uint_eq(((u8 *)&little)[i], (u8)(x >> 8 * i));
	}
	ck_assert_uint_eq(be64_to_cpu(big), x);
	ck_assert_uint_eq(le64_to_cpup(&little), x);
	ck_assert_uint_eq(swab64(swab64(x)), x);
	ck_assert_uint_eq(swab32((u32)x) >> 16, swab16(x));
	le32_add_cpu(&word, 3);
	ck_assert_uint_eq(le32_to_cpu(word), (u32)x + 3);
	put_unaligned_be64(x, room + 1);
	ck_assert_uint_eq(get_unaligned_be64(room + 1), x);
	ck_assert_uint_eq(get_unaligned_le64(room + 1), swab64(x));
	put_unaligned(x, (u64 *)(void *)(room + 1));
	ck_assert_uint_eq(get_unaligned((u64 *)(void *)(room + 1)), x);
	cpu_to_be64s(&x);
	ck_assert_uint_eq(x, big);
}

START_TEST(test_order_of_bytes)
{
	for_numbers(check_bytes);
}
END_TEST

static void check_fields(u64 x)
{
	u64 reg = 0x5555555555555555ull, lo, hi;
	__le32 le = cpu_to_le32(0xffffffff);

	ck_assert_uint_eq(FIELD_GET(GENMASK_ULL(63, 0), x), x);
	ck_assert_uint_eq(FIELD_PREP(GENMASK_ULL(40, 9), x),
			  (x & 0xffffffff) << 9);
	ck_assert_uint_eq(FIELD_GET(BIT_ULL(63), x), x >> 63);
	ck_assert_int_eq(FIELD_FIT(GENMASK(15, 8), x), x < 256);
	FIELD_MODIFY(GENMASK_ULL(19, 12), &reg, x & 0xff);
	ck_assert_uint_eq(reg, (0x5555555555555555ull & ~0xff000ull) |
				(x & 0xff) << 12);
	for (lo = 0; lo < 64; lo += 9) {
		for (hi = lo; hi < 64; hi += 5) {
			u64 mask = GENMASK_ULL(hi, lo);

			ck_assert_uint_eq(hweight64(mask), hi - lo + 1);
			ck_assert_uint_eq(__ffs(mask), lo);
			ck_assert_uint_eq(field_get(mask, field_prep(mask, x)),
					  x & mask >> lo);
			ck_assert_uint_eq(u64_get_bits(u64_encode_bits(
						x & mask >> lo, mask), mask),
					  x & mask >> lo);
		}
	}
	le32p_replace_bits(&le, (u32)x & 0xf, 0xf0);
	ck_assert_uint_eq(le32_to_cpu(le), 0xffffff0fu | ((u32)x & 0xf) << 4);
}

START_TEST(test_fields)
{
	for_numbers(check_fields);
	ck_assert_uint_eq(FIELD_MAX(GENMASK(11, 8)), 15);
}
END_TEST

static void check_rounding(u64 x)
{
	static const u64 multiples[] = { 1, 2, 3, 7, 8, 4096, 4097 };
	unsigned int i;
	u64 m, n;

	for (i = 0; i < ARRAY_SIZE(multiples); i++) {
		m = multiples[i];
		if (x > U64_MAX - m)
			continue;
		ck_assert_uint_eq(roundup(x, m), (x % m ? x - x % m + m : x));
		ck_assert_uint_eq(rounddown(x, m), x - x % m);
		ck_assert_uint_eq(DIV_ROUND_UP_ULL(x, m),
				  x / m + (x % m != 0));
		ck_assert_uint_eq(DIV_ROUND_CLOSEST_ULL(x, m),
				  x / m + (x % m >= m - x % m && x % m));
		n = x;
		ck_assert_uint_eq(do_div(n, m), x % m);
		ck_assert_uint_eq(n, x / m);
		ck_assert_uint_eq(mul_u64_u64_div_u64(x, m, m), x);
		ck_assert_uint_eq(mult_frac(x, m, m), x);
		if (!is_power_of_2(m))
			continue;
		ck_assert_uint_eq(round_up(x, m), roundup(x, m));
		ck_assert_uint_eq(round_down(x, m), rounddown(x, m));
		ck_assert_uint_eq(ALIGN_DOWN(x, m), rounddown(x, m));
		ck_assert_int_eq(IS_ALIGNED(x, m), x % m == 0);
	}
	ck_assert(int_sqrt(x) * int_sqrt(x) <= x);
	ck_assert(x - int_sqrt(x) * int_sqrt(x) <= 2 * int_sqrt(x));
	ck_assert_uint_eq(mul_u64_u64_shr(x, BIT_ULL(40), 43), x >> 3);
	ck_assert_uint_eq(mul_u64_u32_shr(x, 1u << 31, 31), x);
}

START_TEST(test_rounding)
{
	u32 rest;

	for_numbers(check_rounding);
	ck_assert_int_eq(DIV_ROUND_CLOSEST(-7, 2), -4);
	ck_assert_int_eq(DIV_ROUND_CLOSEST(7, 2), 4);
	ck_assert_int_eq(DIV_ROUND_CLOSEST(-6, 4), -2);
	ck_assert_uint_eq(abs_diff(3u, 5u), 2);
	ck_assert_uint_eq(int_pow(3, 5), 243);
	ck_assert_uint_eq(div_u64_rem(17, 5, &rest), 3);
	ck_assert_uint_eq(rest, 2);
	ck_assert_int_eq(div64_s64(-17, 5), -3);
	ck_assert_uint_eq(mul_u64_u64_shr(U64_MAX, U64_MAX, 64), U64_MAX - 1);
	ck_assert_uint_eq(mul_u64_u64_div_u64(U64_MAX, U64_MAX, 1), U64_MAX);
	ck_assert_uint_eq(mul_u64_u64_div_u64(U64_MAX, 6, 9), U64_MAX / 3 * 2);
	ck_assert_uint_eq(PAGE_ALIGN(1ul), PAGE_SIZE);
	ck_assert_uint_eq(offset_in_page(0x12345), 0x345);
}
END_TEST

START_TEST(test_smaller_and_larger)
{
	int calls = 0, a = -3, b = 4;
	unsigned int u = 7;
	u8 small = 200;

	ck_assert_int_eq(min(a, b), -3);
	ck_assert_int_eq(max(a, b), 4);
	ck_assert_int_eq(min(a++, b), -3);
	ck_assert_int_eq(a, -2);
	/* a constant may be compared with either kind */
	ck_assert_uint_eq(min(u, 5), 5);
	/* A u8 is promoted to an int, but it cannot be negative. */
	ck_assert_uint_eq(min((u8)(u + 1), u), 7);
	ck_assert_uint_eq(max(u, (u16)(u + 2)), 9);
	ck_assert_int_eq(max(small, 3), 200);
	ck_assert_uint_eq(min_t(u8, 300, 100), 44);
	ck_assert_int_eq(max_t(int, -1, 1u), 1);
	ck_assert_int_eq(min3(3, 1, 2), 1);
	ck_assert_int_eq(max3(3, 1, 2), 3);
	ck_assert_int_eq(clamp(a, -1, 1), -1);
	ck_assert_int_eq(clamp(b, -1, 1), 1);
	ck_assert_int_eq(clamp(0, -1, 1), 0);
	ck_assert_int_eq(clamp_val(small, 0, 100), 100);
	ck_assert_uint_eq(umin(-1 + 5, 3ull), 3);
	ck_assert_uint_eq(umax(2u, 3ul), 3);
	ck_assert_uint_eq(min_not_zero(0u, 3u), 3);
	ck_assert_uint_eq(min_not_zero(2u, 3u), 2);
	ck_assert_int_eq(min(max(1, 2), min(4, max(3, calls++))), 2);
	ck_assert_int_eq(calls, 1);
	ck_assert(in_range(7, 5, 3) && !in_range(8, 5, 3) && !in_range(4, 5, 3));
	swap(a, b);
	ck_assert_int_eq(a, 4);
	ck_assert_int_eq(b, -2);
}
END_TEST

struct with_array {
	u32 n;
	u64 items[];
};

START_TEST(test_overflow)
{
	struct with_array *p = NULL;
	size_t most = SIZE_MAX;
	u8 small;
	int i;

	ck_assert_int_eq(type_max(s8), 127);
	ck_assert_int_eq(type_min(s8), -128);
	ck_assert_uint_eq(type_max(u16), 65535);
	ck_assert_uint_eq(type_min(u64), 0);
	ck_assert(type_max(long) == LONG_MAX && type_min(int) == INT_MIN);
	ck_assert(check_add_overflow(200, 56, &small) && small == 0);
	ck_assert(!check_add_overflow(200, 55, &small) && small == 255);
	ck_assert(check_sub_overflow(1u, 2u, &small));
	ck_assert(check_mul_overflow(INT_MAX, 2, &i));
	ck_assert(!check_shl_overflow(1, 7, &small) && small == 128);
	ck_assert(check_shl_overflow(1, 8, &small));
	ck_assert(check_shl_overflow(3, 7, &small));
	ck_assert(check_shl_overflow(1, -1, &small));
	ck_assert(check_shl_overflow(-1, 1, &i));
	ck_assert(check_shl_overflow(1, 31, &i));
	ck_assert(!check_shl_overflow(1, 30, &i) && i == 1 << 30);
	ck_assert_uint_eq(size_add(most, 1), SIZE_MAX);
	ck_assert_uint_eq(size_add(size_mul(most, 2), 0), SIZE_MAX);
	ck_assert_uint_eq(size_sub(1, 2), SIZE_MAX);
	ck_assert_uint_eq(size_sub(size_mul(most, 2), 2), SIZE_MAX);
	ck_assert_uint_eq(array_size(3, 5), 15);
	ck_assert_uint_eq(array3_size(most, most, 1), SIZE_MAX);
	ck_assert_uint_eq(struct_size(p, items, 3), 32);
	ck_assert_uint_eq(struct_size_t(struct with_array, items, 0), 8);
	ck_assert_uint_eq(struct_size(p, items, most), SIZE_MAX);
	ck_assert_uint_eq(flex_array_size(p, items, 2), 16);
	ck_assert(overflows_type(256, u8) && !overflows_type(255, u8));
	ck_assert(overflows_type(-1, small));
	ck_assert_uint_eq(wrapping_add(u8, 255, 2), 1);
	ck_assert_uint_eq(wrapping_sub(u8, 0, 1), 255);
	ck_assert_ptr_null(kmalloc(size_mul(most, 2), GFP_KERNEL));
}
END_TEST

#define CONFIG_THAT_IS_ON 1
#define CONFIG_THAT_IS_A_MODULE_MODULE 1
#if !IS_ENABLED(CONFIG_THAT_IS_ON) || IS_ENABLED(CONFIG_THAT_IS_NOT)
#error "IS_ENABLED in #if"
#endif

START_TEST(test_configuration)
{
	ck_assert(IS_ENABLED(CONFIG_THAT_IS_ON));
	ck_assert(IS_BUILTIN(CONFIG_THAT_IS_ON));
	ck_assert(!IS_MODULE(CONFIG_THAT_IS_ON));
	ck_assert(IS_ENABLED(CONFIG_THAT_IS_A_MODULE));
	ck_assert(IS_MODULE(CONFIG_THAT_IS_A_MODULE));
	ck_assert(!IS_BUILTIN(CONFIG_THAT_IS_A_MODULE));
	ck_assert(!IS_ENABLED(CONFIG_THAT_IS_NOT));
	ck_assert(!IS_REACHABLE(CONFIG_THAT_IS_NOT));
}
END_TEST

START_TEST(test_types)
{
	const struct with_array there = { .n = 3 };
	const u32 *n = &there.n;
	typeof_member(struct with_array, n) copy = 4;
	static const guid_t guid = GUID_INIT(0x01020304, 0x0506, 0x0708, 9, 10,
					     11, 12, 13, 14, 15, 16);
	static const uuid_t uuid = UUID_INIT(0x01020304, 0x0506, 0x0708, 9, 10,
					     11, 12, 13, 14, 15, 16);
	uuid_t other;

	ck_assert(container_of_const(n, struct with_array, n) == &there);
	ck_assert(__same_type(container_of_const(n, struct with_array, n),
			      const struct with_array *));
	ck_assert(__same_type(copy, u32) && copy == 4);
	ck_assert(guid.b[0] == 4 && guid.b[4] == 6 && guid.b[15] == 16);
	ck_assert(uuid.b[0] == 1 && uuid.b[4] == 5 && uuid.b[15] == 16);
	uuid_copy(&other, &uuid);
	ck_assert(uuid_equal(&other, &uuid) && !uuid_is_null(&other));
	other.b[15] = 0;
	ck_assert(!uuid_equal(&other, &uuid));
	memset(&other, 0, sizeof(other));
	ck_assert(uuid_is_null(&other));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("pure headers");
	TCase *tc = ground_case(suite, "pure");

	tcase_add_test(tc, test_bits_of_numbers);
	tcase_add_test(tc, test_order_of_bytes);
	tcase_add_test(tc, test_fields);
	tcase_add_test(tc, test_rounding);
	tcase_add_test(tc, test_smaller_and_larger);
	tcase_add_test(tc, test_overflow);
	tcase_add_test(tc, test_configuration);
	tcase_add_test(tc, test_types);
	return run_suite(suite);
}
