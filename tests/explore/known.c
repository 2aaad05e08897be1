// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The table of known states: what was stored is found as it was, until there is
 * no room for more and after that.
 */
#include "suite.h"
#include "../../src/explore/internal.h"
#include <stdlib.h>

#define MEGABYTES 1

static struct known *known;

static void make_known(bool shared)
{
	known = calloc(1, explore_known_size(MEGABYTES));
	ck_assert_ptr_nonnull(known);
	explore_known_init(known, MEGABYTES, shared);
}

/* A set of accesses with a different number in each of its words. */
static struct access_set large_set(u64 number)
{
	struct access_set set;
	int i;

	for (i = 0; i < ACCESS_WORDS; i++)
		set.bits[i] = number << 8 | (u64)i | 1ull << 63;
	return set;
}

static u64 key_of(u64 number)
{
	return (number + 1) * 0x9e3779b97f4a7c15ull;
}

static bool store(u64 key, u64 set)
{
	struct access_set accesses = large_set(set);

	return explore_known_store(known, key, 3, &accesses);
}

static void check_stored(u64 key, u64 set)
{
	struct access_set accesses = large_set(set), found;
	u16 sleep;

	ck_assert(explore_known_find(known, key, &sleep, &found));
	ck_assert_uint_eq(sleep, 3);
	ck_assert_mem_eq(&found, &accesses, sizeof(found));
}

/*
 * Each state has a set of its own, and then all have the first one: in the room for
 * one set there are many states.
 */
START_TEST(a_full_table_keeps_what_it_has)
{
	u64 nr, more, i;

	make_known(_i);
	for (nr = 0; store(key_of(nr), nr); nr++)
		;
	ck_assert_uint_gt(nr, 1000);
	for (i = 0; i < nr; i++)
		check_stored(key_of(i), i);
	free(known);
	make_known(_i);
	nr--;
	for (i = 0; i < nr; i++)
		ck_assert(store(key_of(i), i));
	for (more = nr; store(key_of(more), 0); more++)
		;
	ck_assert_uint_gt(more, nr + ACCESS_WORDS / 2);
	ck_assert_uint_eq(explore_known_nr(known), more);
	for (i = 0; i < nr; i++)
		check_stored(key_of(i), i);
	for (; i < more; i++)
		check_stored(key_of(i), 0);
	free(known);
}
END_TEST

/* A state that is stored again would get the accesses of both. */
START_TEST(a_state_keeps_its_accesses_if_there_is_no_room_for_more)
{
	struct access access = { .thread = 1 };
	struct access_set large;
	u64 nr;
	int i;

	make_known(_i);
	for (i = 0; i < ACCESS_WORDS * 64; i++) {
		access.addr = (void *)(uintptr_t)(i + 1);
		ck_assert_int_eq(explore_known_access(known, &access), i);
	}
	access.addr = NULL;
	ck_assert_int_eq(explore_known_access(known, &access), -1);
	for (nr = 0; store(key_of(nr), nr); nr++)
		;
	large = large_set(1);
	large.bits[0] ^= 2;
	ck_assert(!explore_known_store(known, key_of(1), 3, &large));
	check_stored(key_of(1), 1);
	free(known);
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("known");
	TCase *tc = tcase_create("known");

	tcase_add_loop_test(tc, a_full_table_keeps_what_it_has, 0, 2);
	tcase_add_loop_test(
		tc, a_state_keeps_its_accesses_if_there_is_no_room_for_more, 0,
		2);
	suite_add_tcase(suite, tc);
	return suite;
}

int main(void)
{
	return run_suite(suite());
}
