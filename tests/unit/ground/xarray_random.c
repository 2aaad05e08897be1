// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * xarray against a simple model: random operations.  After each one the result
 * and the contents are compared.
 *
 * The model is an array of the slots of some indices, of which some are dense
 * and some far apart.  Each round prints its seed; SEED=n in the environment
 * repeats that round.
 */
#include "ground_suite.h"

#define NR_DENSE 200
#define NR_SLOTS (NR_DENSE + 8)
#define NR_OPS 4000

static const unsigned long far[NR_SLOTS - NR_DENSE] = {
	4095, 4096, 262144, (1ul << 32) - 1, 1ul << 32, 1ul << 59,
	ULONG_MAX - 1, ULONG_MAX,
};

static struct xarray xa;
static void *model[NR_SLOTS];
static char values[16];
static u64 state, seed;
static bool alloc_flag;

static unsigned int random_below(unsigned int n)
{
	state = state * 6364136223846793005ull + 1442695040888963407ull;
	return (unsigned int)(state >> 33) % n;
}

static unsigned long index_of(unsigned int slot)
{
	return slot < NR_DENSE ? slot : far[slot - NR_DENSE];
}

static void *visible(void *entry)
{
	return xa_is_zero(entry) ? NULL : entry;
}

#define check(cond) ck_assert_msg(cond, "seed %llu, operation %d: " #cond, \
				  (unsigned long long)seed, op)

static void do_store(int op, unsigned int slot, void *entry)
{
	void *old = xa_store(&xa, index_of(slot), entry, GFP_KERNEL);

	check(old == visible(model[slot]));
	model[slot] = entry || !alloc_flag ? entry : XA_ZERO_ENTRY;
}

static void do_erase(int op, unsigned int slot)
{
	check(xa_erase(&xa, index_of(slot)) == visible(model[slot]));
	model[slot] = NULL;
}

static void do_insert(int op, unsigned int slot, void *entry)
{
	int rc = xa_insert(&xa, index_of(slot), entry, GFP_KERNEL);

	check(rc == (model[slot] ? -EBUSY : 0));
	if (!rc)
		model[slot] = entry;
}

static void do_cmpxchg(int op, unsigned int slot, void *old, void *entry)
{
	void *found = xa_cmpxchg(&xa, index_of(slot), old, entry, GFP_KERNEL);

	check(found == visible(model[slot]));
	if (model[slot] == old)
		model[slot] = entry;
}

/*
 * Allocates only among the dense indices, for which the model knows every slot.
 */
static void do_alloc(int op, void *entry)
{
	u32 min = random_below(NR_DENSE), max = random_below(NR_DENSE);
	u32 id = 0xdead, want = min;
	int rc;

	rc = xa_alloc(&xa, &id, entry, XA_LIMIT(min, max), GFP_KERNEL);
	while (want <= max && model[want])
		want++;
	if (want > max) {
		check(rc == -EBUSY);
		return;
	}
	check(rc == 0);
	check(id == want);
	model[want] = entry ? entry : XA_ZERO_ENTRY;
}

/* Stores while allocations fail: the store either has no effect or succeeds. */
static void do_failing_store(int op, unsigned int slot, void *entry)
{
	void *old;

	iommufd_model_fail_nth(1 + random_below(6));
	old = xa_store(&xa, index_of(slot), entry, GFP_KERNEL);
	if (xa_err(old)) {
		check(xa_err(old) == -ENOMEM);
		check(iommufd_model_failed() == 1);
	} else {
		check(old == visible(model[slot]));
		model[slot] = entry;
	}
	iommufd_model_fail_nth(0);
}

static void compare(int op)
{
	unsigned int slot = 0;
	unsigned long index;
	bool empty = true;
	void *entry;

	xa_for_each(&xa, index, entry) {
		while (slot < NR_SLOTS && !visible(model[slot]))
			slot++;
		check(slot < NR_SLOTS);
		check(index == index_of(slot));
		check(entry == model[slot]);
		slot++;
	}
	while (slot < NR_SLOTS && !visible(model[slot]))
		slot++;
	check(slot == NR_SLOTS);
	for (slot = 0; slot < NR_SLOTS; slot++) {
		XA_STATE(xas, &xa, index_of(slot));

		xa_lock(&xa);
		check(xas_load(&xas) == model[slot]);
		xa_unlock(&xa);
		empty = empty && !model[slot];
	}
	check(xa_empty(&xa) == empty);
	check(!empty || !iommufd_model_leaks(0, NULL, NULL));
}

static void one_operation(int op)
{
	void *entry = &values[random_below(sizeof(values))];
	unsigned int slot = random_below(NR_SLOTS);

	switch (random_below(8)) {
	case 0:
		do_store(op, slot, entry);
		break;
	case 1:
		do_store(op, slot, NULL);
		break;
	case 2:
	case 3:
		do_erase(op, slot);
		break;
	case 4:
		do_insert(op, slot, entry);
		break;
	case 5:
		do_cmpxchg(op, slot, random_below(2) ? model[slot] : NULL,
			   entry);
		break;
	case 6:
		do_alloc(op, random_below(4) ? entry : NULL);
		break;
	case 7:
		do_failing_store(op, slot, entry);
		break;
	}
}

static void run(u64 with_seed)
{
	int op;

	seed = with_seed;
	state = seed;
	memset(model, 0, sizeof(model));
	printf("xarray: seed %llu\n", (unsigned long long)seed);
	for (op = 0; op < NR_OPS; op++) {
		one_operation(op);
		if (op % 16 == 0)
			compare(op);
	}
	compare(op);
	xa_destroy(&xa);
}

static void run_all(void)
{
	const char *env = getenv("SEED");
	u64 i;

	if (env) {
		run(strtoull(env, NULL, 0));
		return;
	}
	for (i = 1; i <= 5; i++)
		run(i);
}

START_TEST(random_operations_without_allocation_agree_with_a_model)
{
	alloc_flag = false;
	xa_init(&xa);
	run_all();
}
END_TEST

START_TEST(random_operations_with_allocation_agree_with_a_model)
{
	alloc_flag = true;
	xa_init_flags(&xa, XA_FLAGS_ALLOC);
	run_all();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ground_xarray_random");
	TCase *tc = ground_case(suite, "random");

	tcase_add_test(tc,
		       random_operations_without_allocation_agree_with_a_model);
	tcase_add_test(tc,
		       random_operations_with_allocation_agree_with_a_model);
	return run_suite(suite);
}
