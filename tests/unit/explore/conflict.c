// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Which operations the explorer takes to be independent, so that it tries only
 * one of their orders: asked directly, because a search mostly knows before that
 * two operations conflict.
 */
#include "suite.h"
#include "../../../src/explore/internal.h"
#include <iommufd_model/kernel.h>

#define OP(kind) IOMMUFD_MODEL_OP_##kind

#define ADD(n) { OP(REFCOUNT_ADD), .arg = n }
#define PUT(n) { OP(REFCOUNT_SUB_AND_TEST), .arg = n }
#define DEC(n) { OP(REFCOUNT_DEC), .arg = n }
#define SET(n) { OP(REFCOUNT_SET), .arg = n }
#define READ { .kind = OP(REFCOUNT_READ) }

/* Two operations on a counter with the value @from. */
static const struct pair {
	struct iommufd_model_op a, b;
	long from;
	bool commute;
} counters[] = {
	{ ADD(1), DEC(1), 5, true },
	/* A read finds what the other has left. */
	{ ADD(1), READ, 5, false },
	/* The last one remains. */
	{ SET(7), ADD(1), 5, false },
	/* One order is a use of a counter that is 0. */
	{ ADD(1), SET(1), 0, false },
	{ ADD(1), ADD(1), 0, false },
	{ ADD(1), PUT(1), 1, false },
};

START_TEST(operations_on_a_counter_commute_if_no_result_tells_them_apart)
{
	const struct pair *p = &counters[_i];

	ck_assert_int_eq(explore_counters_commute(&p->a, &p->b, p->from),
			 p->commute);
	ck_assert_int_eq(explore_counters_commute(&p->b, &p->a, p->from),
			 p->commute);
}
END_TEST

static const struct {
	enum iommufd_model_op_kind kind;
	bool may, never;
} blocking[] = {
	{ OP(MUTEX_LOCK), true, false },
	{ OP(MUTEX_TRYLOCK), false, true },
	{ OP(WAIT_SLEEP), true, false },
	{ OP(WAIT_ZERO), true, false },
	{ OP(SEQ_BEGIN), true, false },
	{ OP(SEQ_READ), false, true },
	{ OP(WAIT_UNTIL), true, false },
	{ OP(READ_ONCE), false, true },
	/* Not of those that are tried, and yet they wait. */
	{ OP(JOIN), false, false },
	{ OP(IRQ_ENTER), false, false },
};

START_TEST(what_may_block_never_does_not)
{
	ck_assert_int_eq(explore_may_block(blocking[_i].kind),
			 blocking[_i].may);
	ck_assert_int_eq(explore_never_blocks(blocking[_i].kind),
			 blocking[_i].never);
}
END_TEST

static const struct {
	enum conflict one, other;
	enum relation relation;
} relations[] = {
	{ CONFLICT_NONE, CONFLICT_FREE, INDEPENDENT },
	{ CONFLICT_READ, CONFLICT_FREE, RACING },
	{ CONFLICT_READ, CONFLICT_READ, INDEPENDENT },
	{ CONFLICT_READ, CONFLICT_WRITE, RACING },
	{ CONFLICT_READ, CONFLICT_ADD, RACING },
	/* A flush waits for what was queued before, and only looks at it. */
	{ CONFLICT_READ, CONFLICT_FLUSH, INDEPENDENT },
	{ CONFLICT_BEGIN, CONFLICT_FLUSH, INDEPENDENT },
	{ CONFLICT_ADD, CONFLICT_ADD, INDEPENDENT },
	{ CONFLICT_WAKE, CONFLICT_PREPARE, RACING },
	{ CONFLICT_WAKE, CONFLICT_RESUME, INDEPENDENT },
};

START_TEST(a_relation_is_the_same_from_both_sides)
{
	ck_assert_int_eq(explore_conflict_relation(relations[_i].one,
						   relations[_i].other),
			 relations[_i].relation);
	ck_assert_int_eq(explore_conflict_relation(relations[_i].other,
						   relations[_i].one),
			 relations[_i].relation);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("conflict");
	TCase *tc = tcase_create("conflict");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(
		tc,
		operations_on_a_counter_commute_if_no_result_tells_them_apart,
		0, ARRAY_SIZE(counters));
	tcase_add_loop_test(tc, what_may_block_never_does_not, 0,
			    ARRAY_SIZE(blocking));
	tcase_add_loop_test(tc, a_relation_is_the_same_from_both_sides, 0,
			    ARRAY_SIZE(relations));
	return run_suite(suite);
}
