// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The gate: every operation passes it once, with its kind, address, object and
 * call site, as a step before the operation and an event after it.
 */
#include "ground_suite.h"
#include "recorder.h"

/* One object of each kind, in one allocation. */
static struct ground {
	long first;
	refcount_t count;
	struct mutex mutex;
	struct rw_semaphore sem;
	spinlock_t spin;
	wait_queue_head_t wq;
	int shared;
	char user[16];
} *g;

static struct recorder rec;

static void setup(void)
{
	ground_setup();
	g = kzalloc(sizeof(*g), GFP_KERNEL);
	refcount_set(&g->count, 5);
	mutex_init(&g->mutex);
	init_rwsem(&g->sem);
	spin_lock_init(&g->spin);
	init_waitqueue_head(&g->wq);
}

static void teardown(void)
{
	iommufd_model_hook_remove(&rec.hook);
	kfree(g);
	ground_teardown();
}

/* Each kind of operation: how to do it, and what the gate must report of it. */

#define DO(name, ...) static void do_##name(void) { __VA_ARGS__; }
DO(set, refcount_set(&g->count, 4))
DO(read, (void)refcount_read(&g->count))
DO(inc, refcount_inc(&g->count))
DO(add, refcount_add(3, &g->count))
DO(inc_not_zero, (void)refcount_inc_not_zero(&g->count))
DO(dec, refcount_dec(&g->count))
DO(dec_and_test, (void)refcount_dec_and_test(&g->count))
DO(sub_and_test, (void)refcount_sub_and_test(2, &g->count))
DO(dec_if_one, (void)refcount_dec_if_one(&g->count))
DO(mutex, mutex_lock(&g->mutex); mutex_unlock(&g->mutex))
DO(mutex_try, mutex_trylock(&g->mutex); mutex_unlock(&g->mutex))
DO(read_side, down_read(&g->sem); up_read(&g->sem))
DO(write_side, down_write(&g->sem); up_write(&g->sem))
DO(try_read, down_read_trylock(&g->sem); up_read(&g->sem))
DO(try_write, down_write_trylock(&g->sem); up_write(&g->sem))
DO(spin, spin_lock(&g->spin); spin_unlock(&g->spin))
DO(wake, wake_up(&g->wq))
DO(sleep, (void)wait_event_timeout(g->wq, g->shared, 1))
DO(prepare, DEFINE_WAIT(w);
   prepare_to_wait(&g->wq, &w, TASK_INTERRUPTIBLE);
   finish_wait(&g->wq, &w))
DO(destroy, mutex_destroy(&g->mutex); mutex_init(&g->mutex))
DO(is_locked, (void)mutex_is_locked(&g->mutex))
DO(init_queue, init_waitqueue_head(&g->wq))
DO(free_alloc, kfree(kzalloc(24, GFP_KERNEL)))
DO(read_once, (void)READ_ONCE(g->shared))
DO(write_once, WRITE_ONCE(g->shared, 3))
DO(from_user, char c[4]; (void)copy_from_user(c, g->user, 4))
DO(rcu, rcu_read_lock(); rcu_read_unlock())
DO(to_user, (void)copy_to_user(g->user, "abc", 3))

#define IN(member) offsetof(struct ground, member)
#define OP(kind) IOMMUFD_MODEL_OP_##kind

#define NR_COUNTER_KINDS 9 /* the counter operations come first */

static const struct {
	void (*fn)(void);
	enum iommufd_model_op_kind kind;
	/* the offset of the operand; 0 if it is another allocation */
	size_t where;
	long arg, before, after;
	const char *what, *name;
} kinds[] = {
	{ do_set, OP(REFCOUNT_SET), IN(count), 4, 5, 4, "&g->count",
	  "refcount_set" },
	{ do_read, OP(REFCOUNT_READ), IN(count), 0, 5, 5, "&g->count",
	  "refcount_read" },
	{ do_inc, OP(REFCOUNT_ADD), IN(count), 1, 5, 6, "&g->count",
	  "refcount_add" },
	{ do_add, OP(REFCOUNT_ADD), IN(count), 3, 5, 8, "&g->count",
	  "refcount_add" },
	{ do_inc_not_zero, OP(REFCOUNT_ADD_NOT_ZERO), IN(count), 1, 5, 6,
	  "&g->count", "refcount_add_not_zero" },
	{ do_dec, OP(REFCOUNT_DEC), IN(count), 1, 5, 4, "&g->count",
	  "refcount_dec" },
	{ do_dec_and_test, OP(REFCOUNT_SUB_AND_TEST), IN(count), 1, 5, 4,
	  "&g->count", "refcount_sub_and_test" },
	{ do_sub_and_test, OP(REFCOUNT_SUB_AND_TEST), IN(count), 2, 5, 3,
	  "&g->count", "refcount_sub_and_test" },
	{ do_dec_if_one, OP(REFCOUNT_DEC_IF_ONE), IN(count), 1, 5, 5,
	  "&g->count", "refcount_dec_if_one" },
	{ do_mutex, OP(MUTEX_LOCK), IN(mutex), 0, 0, 1, "&g->mutex",
	  "mutex_lock" },
	{ do_mutex, OP(MUTEX_UNLOCK), IN(mutex), 0, 0, 0, "&g->mutex",
	  "mutex_unlock" },
	{ do_mutex, OP(MUTEX_UNLOCK_TAIL), IN(mutex), 0, 0, 0, "&g->mutex",
	  "mutex_unlock tail" },
	{ do_mutex_try, OP(MUTEX_TRYLOCK), IN(mutex), 0, 0, 1, "&g->mutex",
	  "mutex_trylock" },
	{ do_read_side, OP(RWSEM_DOWN_READ), IN(sem), 0, 0, 1, "&g->sem",
	  "down_read" },
	{ do_read_side, OP(RWSEM_UP_READ), IN(sem), 0, 0, 0, "&g->sem",
	  "up_read" },
	{ do_read_side, OP(RWSEM_UP_TAIL), IN(sem), 0, 0, 0, "&g->sem",
	  "rwsem up tail" },
	{ do_write_side, OP(RWSEM_DOWN_WRITE), IN(sem), 0, 0, 1, "&g->sem",
	  "down_write" },
	{ do_write_side, OP(RWSEM_UP_WRITE), IN(sem), 0, 0, 0, "&g->sem",
	  "up_write" },
	{ do_try_read, OP(RWSEM_TRY_READ), IN(sem), 0, 0, 1, "&g->sem",
	  "down_read_trylock" },
	{ do_try_write, OP(RWSEM_TRY_WRITE), IN(sem), 0, 0, 1, "&g->sem",
	  "down_write_trylock" },
	{ do_spin, OP(SPIN_LOCK), IN(spin), 0, 0, 1, "&g->spin", "spin_lock" },
	{ do_spin, OP(SPIN_UNLOCK), IN(spin), 0, 0, 0, "&g->spin",
	  "spin_unlock" },
	{ do_sleep, OP(WAIT_SLEEP), IN(wq), 1, 0, 0, "g->shared",
	  "wait_event sleep" },
	{ do_sleep, OP(WAIT_FINISH), IN(wq), 0, 0, 0, "&g->wq",
	  "finish_wait" },
	{ do_prepare, OP(WAIT_PREPARE), IN(wq), TASK_INTERRUPTIBLE, 0, 0,
	  "&g->wq", "prepare_to_wait" },
	{ do_prepare, OP(WAIT_FINISH), IN(wq), 0, 0, 0, "&g->wq",
	  "finish_wait" },
	{ do_wake, OP(WAIT_WAKE), IN(wq), TASK_NORMAL, 0, 0, "&g->wq",
	  "wake_up" },
	{ do_free_alloc, OP(ALLOC), 0, 24, 0, 0, "kzalloc", "alloc" },
	{ do_free_alloc, OP(FREE), 0, 24, 0, 0, NULL, "free" },
	{ do_rcu, OP(RCU_LOCK), 0, 0, 0, 0, NULL, "rcu_read_lock" },
	{ do_read_once, OP(READ_ONCE), IN(shared), sizeof(int), 0, 0,
	  "g->shared", "READ_ONCE" },
	{ do_write_once, OP(WRITE_ONCE), IN(shared), sizeof(int), 0, 3,
	  "g->shared", "WRITE_ONCE" },
	{ do_destroy, OP(LOCK_DESTROY), IN(mutex), sizeof(struct mutex), 0, 0,
	  "&g->mutex", "mutex_destroy" },
	{ do_is_locked, OP(LOCK_READ), IN(mutex), sizeof(struct mutex), 0, 0,
	  "&g->mutex", "is_locked" },
	{ do_init_queue, OP(LOCK_INIT), IN(wq), sizeof(wait_queue_head_t), 0, 0,
	  "&g->wq", "lock init" },
	{ do_from_user, OP(COPY_FROM_USER), IN(user), 4, 0, 0, "g->user",
	  "copy_from_user" },
	{ do_to_user, OP(COPY_TO_USER), IN(user), 3, 0, 0, "g->user",
	  "copy_to_user" },
};

static const struct iommufd_model_op *recorded_op(enum iommufd_model_op_kind
							  kind)
{
	const struct iommufd_model_op *found = NULL;
	unsigned int i, steps = 0;

	for (i = 0; i < rec.nr; i++) {
		if (rec.ops[i].kind != kind)
			continue;
		ck_assert_msg(!found, "%s twice", iommufd_model_op_name(kind));
		found = &rec.ops[i];
	}
	ck_assert_msg(found, "no %s", iommufd_model_op_name(kind));
	for (i = 0; i < rec.nr_steps; i++)
		steps += rec.steps[i] == kind;
	ck_assert_uint_eq(steps, 1);
	return found;
}

START_TEST(each_operation_passes_once_with_all_its_values)
{
	const struct iommufd_model_op *op;
	bool alloc = !kinds[_i].where;

	recorder_start(&rec);
	kinds[_i].fn();
	recorder_stop(&rec);
	op = recorded_op(kinds[_i].kind);
	if (!alloc) {
		ck_assert_ptr_eq(op->addr, (char *)g + kinds[_i].where);
		ck_assert_ptr_eq(iommufd_model_op_object(op), g);
		ck_assert_int_eq(op->after, kinds[_i].after);
	}
	ck_assert_int_eq(op->arg, kinds[_i].arg);
	ck_assert_int_eq(op->before, kinds[_i].before);
	ck_assert_ptr_nonnull(op->site->func);
	ck_assert_int_eq(strncmp(op->site->func, "do_", 3), 0);
	ck_assert_ptr_nonnull(strstr(op->site->file, "ground/gate.c"));
	ck_assert_int_gt(op->site->line, 0);
	ck_assert_str_eq(iommufd_model_op_name(op->kind), kinds[_i].name);
	if (kinds[_i].what)
		ck_assert_str_eq(op->site->what, kinds[_i].what);
}
END_TEST

/* Misuses are excluded, because they poison the counter. */
START_TEST(counter_event_has_the_value_that_the_counter_then_has)
{
	int value;

	for (value = 0; value < 4; value++) {
		iommufd_model_expect_warning("refcount: ");
		g->count.refs = value;
		recorder_start(&rec);
		kinds[_i].fn();
		recorder_stop(&rec);
		ck_assert_int_eq(rec.ops[0].before, value);
		if (g->count.refs != REFCOUNT_SATURATED)
			ck_assert_int_eq(rec.ops[0].after, g->count.refs);
		iommufd_model_reset_warnings();
	}
}
END_TEST

static void ck_assert_steps(const enum iommufd_model_op_kind *expected,
			    unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n && i < rec.nr_steps; i++)
		ck_assert_str_eq(iommufd_model_op_name(rec.steps[i]),
				 iommufd_model_op_name(expected[i]));
	ck_assert_uint_eq(rec.nr_steps, n);
	ck_assert_uint_eq(rec.nr, n);
}

/* The operations on the queue's own lock are not among the steps. */
START_TEST(each_call_of_a_wait_queue_is_one_operation)
{
	static const enum iommufd_model_op_kind steps[] = {
		OP(WAIT_PREPARE), OP(WAIT_WAKE), OP(WAIT_SLEEP),
		OP(WAIT_FINISH),
	};
	DEFINE_WAIT(wait);

	recorder_start(&rec);
	prepare_to_wait(&g->wq, &wait, TASK_UNINTERRUPTIBLE);
	wake_up(&g->wq);
	iommufd_model_wait_sleep(&g->wq, &wait, MAX_SCHEDULE_TIMEOUT,
				 IOMMUFD_MODEL_SITE("wait"));
	finish_wait(&g->wq, &wait);
	recorder_stop(&rec);
	ck_assert_steps(steps, ARRAY_SIZE(steps));
}
END_TEST

START_TEST(operation_after_one_that_hides_its_parts_passes)
{
	static const enum iommufd_model_op_kind steps[] = {
		OP(WAIT_WAKE), OP(READ_ONCE),
	};

	recorder_start(&rec);
	wake_up(&g->wq);
	do_read_once();
	recorder_stop(&rec);
	ck_assert_steps(steps, ARRAY_SIZE(steps));
}
END_TEST

START_TEST(kinds_of_a_scheduler_have_names)
{
	ck_assert_str_eq(iommufd_model_op_name(OP(WAIT_ZERO)), "wait for zero");
	ck_assert_str_eq(iommufd_model_op_name(OP(SPAWN)), "spawn");
	ck_assert_str_eq(iommufd_model_op_name(OP(JOIN)), "join");
	ck_assert_str_eq(iommufd_model_op_name(OP(AFTER)), "go on");
	ck_assert_str_eq(iommufd_model_op_name(OP(NOTE)), "note");
}
END_TEST

START_TEST(allocation_event_has_the_address_and_a_failed_one_zero)
{
	void *p;

	recorder_start(&rec);
	p = kzalloc(24, GFP_KERNEL);
	kfree(p);
	iommufd_model_fail_nth(1);
	ck_assert_ptr_null(kcalloc(2, 24, GFP_KERNEL));
	iommufd_model_fail_nth(0);
	recorder_stop(&rec);
	ck_assert_uint_eq(rec.nr, 3);
	ck_assert_int_eq(rec.ops[0].after, (long)(uintptr_t)p);
	ck_assert_ptr_eq(rec.ops[1].addr, p);
	ck_assert_int_eq(rec.ops[2].after, 0);
	ck_assert_int_eq(rec.ops[2].arg, 48);
	ck_assert_ptr_null(iommufd_model_op_object(&rec.ops[0]));
}
END_TEST

/*
 * A hook that does operations itself, and records the order in which it is
 * called.
 */
struct nosy {
	struct iommufd_model_hook hook;
	int seen_in_step, seen_in_event;
	unsigned int number_of_step, number_of_event;
	bool acts;
};

static unsigned int nr_calls;

static void nosy_step(struct iommufd_model_hook *hook,
		      const struct iommufd_model_op *op)
{
	struct nosy *nosy = container_of(hook, struct nosy, hook);

	(void)op;
	nosy->number_of_step = ++nr_calls;
	nosy->seen_in_step = g->count.refs;
	if (nosy->acts) {
		mutex_lock(&g->mutex);
		mutex_unlock(&g->mutex);
		kfree(kzalloc(8, GFP_KERNEL));
	}
}

static void nosy_event(struct iommufd_model_hook *hook,
		       const struct iommufd_model_op *op)
{
	struct nosy *nosy = container_of(hook, struct nosy, hook);

	(void)op;
	nosy->number_of_event = ++nr_calls;
	nosy->seen_in_event = g->count.refs;
	if (nosy->acts)
		(void)refcount_read(&g->count);
}

START_TEST(step_comes_before_the_effect_and_event_after_it)
{
	struct nosy nosy = { .hook = { nosy_step, nosy_event, NULL } };

	nr_calls = 0;
	iommufd_model_hook_add(&nosy.hook);
	refcount_inc(&g->count);
	iommufd_model_hook_remove(&nosy.hook);
	ck_assert_int_eq(nosy.seen_in_step, 5);
	ck_assert_int_eq(nosy.seen_in_event, 6);
	ck_assert_uint_eq(nosy.number_of_step, 1);
	ck_assert_uint_eq(nosy.number_of_event, 2);
}
END_TEST

START_TEST(operations_of_a_hook_do_not_pass_the_gate)
{
	struct nosy nosy = {
		.hook = { nosy_step, nosy_event, NULL }, .acts = true,
	};

	nr_calls = 0;
	iommufd_model_hook_add(&nosy.hook);
	recorder_start(&rec);
	refcount_inc(&g->count);
	recorder_stop(&rec);
	iommufd_model_hook_remove(&nosy.hook);
	ck_assert_uint_eq(nr_calls, 2);
	ck_assert_uint_eq(rec.nr, 1);
	ck_assert_int_eq(rec.ops[0].kind, IOMMUFD_MODEL_OP_REFCOUNT_ADD);
}
END_TEST

START_TEST(hooks_are_called_in_the_order_they_came)
{
	struct nosy nosy[3];
	int i;

	memset(nosy, 0, sizeof(nosy));
	nr_calls = 0;
	for (i = 0; i < 3; i++) {
		nosy[i].hook.step = nosy_step;
		nosy[i].hook.event = i == 1 ? NULL : nosy_event;
		iommufd_model_hook_add(&nosy[i].hook);
	}
	ck_assert_uint_eq(nosy[0].hook.size, sizeof(nosy[0].hook));
	refcount_inc(&g->count);
	ck_assert_uint_eq(nosy[0].number_of_step, 1);
	ck_assert_uint_eq(nosy[1].number_of_step, 2);
	ck_assert_uint_eq(nosy[2].number_of_step, 3);
	ck_assert_uint_eq(nosy[0].number_of_event, 4);
	ck_assert_uint_eq(nosy[2].number_of_event, 5);

	/*
	 * Remove a hook from the middle of the list; the others are still
	 * called.
	 */
	iommufd_model_hook_remove(&nosy[1].hook);
	iommufd_model_hook_remove(&nosy[1].hook);
	refcount_inc(&g->count);
	ck_assert_uint_eq(nosy[1].number_of_step, 2);
	ck_assert_uint_eq(nosy[2].number_of_event, 9);

	/* No hook is called after the last one was removed. */
	iommufd_model_hook_remove(&nosy[0].hook);
	iommufd_model_hook_remove(&nosy[2].hook);
	ck_assert_ptr_null(iommufd_model_gate);
	refcount_inc(&g->count);
	do_mutex();
	do_free_alloc();
	iommufd_model_note(2000, g, 1);
	ck_assert_uint_eq(nr_calls, 9);
}
END_TEST

START_TEST(note_is_an_event_without_a_step)
{
	recorder_start(&rec);
	iommufd_model_note(2000, &g->shared, -7);
	recorder_stop(&rec);
	ck_assert_uint_eq(rec.nr_steps, 0);
	ck_assert_uint_eq(rec.nr, 1);
	ck_assert_int_eq(rec.ops[0].kind, IOMMUFD_MODEL_OP_NOTE);
	ck_assert_int_eq(rec.ops[0].arg, 2000);
	ck_assert_int_eq(rec.ops[0].before, -7);
	ck_assert_ptr_eq(rec.ops[0].addr, &g->shared);
	ck_assert_ptr_eq(iommufd_model_op_object(&rec.ops[0]), g);
	ck_assert_str_eq(rec.ops[0].site->what, "&g->shared");
}
END_TEST

START_TEST(memory_without_a_label_has_no_object)
{
	struct iommufd_model_op op = { .addr = &op };
	static int at_rest;

	ck_assert_ptr_null(iommufd_model_op_object(&op));
	op.addr = &at_rest;
	ck_assert_ptr_null(iommufd_model_op_object(&op));
	ck_assert_str_eq(iommufd_model_op_name(
				 (enum iommufd_model_op_kind)999), "?");
	ck_assert_str_eq(iommufd_model_op_name(IOMMUFD_MODEL_OP_NOTE), "note");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ground_gate");
	TCase *tc = tcase_create("gate");

	tcase_add_checked_fixture(tc, setup, teardown);
	suite_add_tcase(suite, tc);
	tcase_add_loop_test(
		tc, each_operation_passes_once_with_all_its_values, 0,
		(int)ARRAY_SIZE(kinds));
	tcase_add_loop_test(
		tc, counter_event_has_the_value_that_the_counter_then_has, 0,
		NR_COUNTER_KINDS);
	tcase_add_test(
		tc, allocation_event_has_the_address_and_a_failed_one_zero);
	tcase_add_test(tc, each_call_of_a_wait_queue_is_one_operation);
	tcase_add_test(tc, operation_after_one_that_hides_its_parts_passes);
	tcase_add_test(tc, kinds_of_a_scheduler_have_names);
	tcase_add_test(tc, step_comes_before_the_effect_and_event_after_it);
	tcase_add_test(tc, operations_of_a_hook_do_not_pass_the_gate);
	tcase_add_test(tc, hooks_are_called_in_the_order_they_came);
	tcase_add_test(tc, note_is_an_event_without_a_step);
	tcase_add_test(tc, memory_without_a_label_has_no_object);
	return run_suite(suite);
}
