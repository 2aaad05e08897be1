// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Contexts: a function that may sleep gives a WARN in each of them, which names
 * where the context was entered; and each enter must have its leave.
 */
#include "suite.h"
#include "verdict.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/kmem_cache.h>
#include <iommufd_model/kernel/percpu_rwsem.h>
#include <iommufd_model/kernel/sched.h>
#include <iommufd_model/kernel/wait_bit.h>

static DEFINE_SPINLOCK(lock);
static struct mutex mutex;
static struct rw_semaphore sem;
static wait_queue_head_t queue;
static unsigned long flags;
static int user;

static void setup(void *data)
{
	(void)data;
	mutex_init(&mutex);
	init_rwsem(&sem);
	init_waitqueue_head(&queue);
}

static void nothing(void *data)
{
	(void)data;
}

/* The functions below may sleep. */

static void take_mutex(void)
{
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
}

static void take_read(void)
{
	down_read(&sem);
	up_read(&sem);
}

static void take_write(void)
{
	down_write(&sem);
	up_write(&sem);
}

static void sleep_in_queue(void)
{
	wait_event(queue, true);
}

static void allocate(void)
{
	kfree(kmalloc(8, GFP_KERNEL));
}

static void copy(void)
{
	int value;

	iommufd_model_assert(!copy_from_user(&value, (void __user *)&user,
					     sizeof(value)));
}

static void resched(void)
{
	cond_resched();
}

/* Its state is TASK_RUNNING, so another thread may go on, and it stays awake. */
static void yield_to_others(void)
{
	schedule();
}

static void say_so(void)
{
	might_sleep();
}

/* The functions below do not sleep here, or not in the state in which they are. */

static void wait_for_bit(void)
{
	unsigned long word = 0;

	wait_on_bit(&word, 3, TASK_UNINTERRUPTIBLE);
}

static void take_bit(void)
{
	unsigned long word = 0;

	wait_on_bit_lock(&word, 3, TASK_UNINTERRUPTIBLE);
}

static void init_srcu(void)
{
	struct srcu_struct srcu;

	iommufd_model_assert(!init_srcu_struct(&srcu));
}

static void clean_up_srcu(void)
{
	struct srcu_struct srcu = { 0 };

	cleanup_srcu_struct(&srcu);
}

static void init_percpu(void)
{
	struct percpu_rw_semaphore percpu;

	iommufd_model_assert(!percpu_init_rwsem(&percpu));
}

static void add_device(void)
{
	struct device dev = { .name = NULL };

	iommufd_model_assert(device_add(&dev));
}

static void delete_device(void)
{
	struct device dev = { .name = NULL };

	device_del(&dev);
}

static const struct sleeper {
	const char *name;
	void (*fn)(void);
} sleepers[] = {
	{ "mutex_lock", take_mutex },
	{ "down_read", take_read },
	{ "down_write", take_write },
	{ "wait_event", sleep_in_queue },
	{ "kmalloc", allocate },
	{ "copy_from_user", copy },
	{ "cond_resched", resched },
	{ "might_sleep", say_so },
	{ "schedule", yield_to_others },
	{ "wait_var_event", wait_for_bit },
	{ "wait_on_bit_lock", take_bit },
	{ "init_srcu_struct", init_srcu },
	{ "cleanup_srcu_struct", clean_up_srcu },
	{ "percpu_init_rwsem", init_percpu },
	{ "device_add", add_device },
	{ "device_del", delete_device },
};

static void (*sleeper)(void);

/*
 * Defines a function for a context, which sleeps before it, inside of it and
 * after it.
 */

#define INSIDE(fn, enter, leave)					\
	static void fn(void *data)					\
	{								\
		(void)data;						\
		sleeper();						\
		enter;							\
		sleeper();						\
		leave;							\
		sleeper();						\
	}

#define ENTER(kind) \
	iommufd_model_context_enter(IOMMUFD_MODEL_CONTEXT_##kind, \
				    IOMMUFD_MODEL_SITE(#kind))
#define LEAVE(kind) \
	iommufd_model_context_leave(IOMMUFD_MODEL_CONTEXT_##kind, \
				    IOMMUFD_MODEL_SITE(#kind))

INSIDE(without_preemption, preempt_disable(), preempt_enable())
INSIDE(without_interrupts, local_irq_disable(), local_irq_enable())
INSIDE(with_saved_interrupts, local_irq_save(flags), local_irq_restore(flags))
INSIDE(without_bottom_halves, local_bh_disable(), local_bh_enable())
INSIDE(as_rcu_reader, ENTER(RCU), LEAVE(RCU))
INSIDE(as_softirq, ENTER(SOFTIRQ), LEAVE(SOFTIRQ))
INSIDE(as_irq_handler, ENTER(HARDIRQ), LEAVE(HARDIRQ))

static const struct verdict inside[] = {
	WRONG(ATOMIC, "with preemption off, turned off by without_preemption, ",
	      NULL, "preempt", setup, NULL, { "a", without_preemption },
	      { "b", nothing }),
	WRONG(ATOMIC, "with interrupts off, turned off by without_interrupts, ",
	      NULL, "irq", setup, NULL, { "a", without_interrupts },
	      { "b", nothing }),
	WRONG(ATOMIC, "with interrupts off, turned off by with_saved_interrupts, ",
	      NULL, "irqsave", setup, NULL, { "a", with_saved_interrupts },
	      { "b", nothing }),
	WRONG(ATOMIC, "with bottom halves off, turned off by without_bottom_halves, ",
	      NULL, "bh", setup, NULL, { "a", without_bottom_halves },
	      { "b", nothing }),
	WRONG(ATOMIC, "in an RCU read section, entered by as_rcu_reader, ",
	      NULL, "rcu", setup, NULL, { "a", as_rcu_reader },
	      { "b", nothing }),
	WRONG(ATOMIC, "in a softirq, entered by as_softirq, ",
	      NULL, "softirq", setup, NULL, { "a", as_softirq },
	      { "b", nothing }),
	WRONG(ATOMIC, "in an irq handler, entered by as_irq_handler, ",
	      NULL, "hardirq", setup, NULL, { "a", as_irq_handler },
	      { "b", nothing }),
};

START_TEST(nothing_sleeps_in_a_context)
{
	const struct verdict *v = &inside[_i];
	char text[64];
	int i;

	for (i = 0; i < (int)ARRAY_SIZE(sleepers); i++) {
		sleeper = sleepers[i].fn;
		check_verdict(v);
		snprintf(text, sizeof(text), "%s may sleep, ",
			 sleepers[i].name);
		ck_assert_msg(strstr(verdict_result.text, text), "%s in %s: %s",
			      sleepers[i].name, v->test.name,
			      verdict_result.text);
	}
}
END_TEST

static void do_nothing(void)
{
}

START_TEST(a_context_that_is_left_has_no_effect)
{
	struct verdict v = inside[_i];

	v.failure = IOMMUFD_MODEL_NO_FAILURE;
	sleeper = do_nothing;
	check_verdict(&v);
}
END_TEST

/* The functions below leave a context too often or not at all. */

static void leave_too_often(void *data)
{
	(void)data;
	preempt_disable();
	preempt_enable();
	preempt_enable();
}

static void enable_twice(void *data)
{
	(void)data;
	local_irq_enable();
}

static void restore_twice(void *data)
{
	(void)data;
	local_irq_save(flags);
	local_irq_restore(flags);
	local_irq_restore(flags);
}

static void restore_other_flags(void *data)
{
	(void)data;
	local_irq_disable();
	local_irq_restore(1ul);
}

static void restore_in_the_wrong_order(void *data)
{
	unsigned long outer, inner;

	(void)data;
	local_irq_save(outer);
	local_irq_save(inner);
	local_irq_restore(outer);
	local_irq_restore(inner);
}

static void enable_in_a_handler(void *data)
{
	(void)data;
	ENTER(HARDIRQ);
	local_irq_enable();
	LEAVE(HARDIRQ);
}

static void pin_without_preemption(void *data)
{
	static char memory[PAGE_SIZE];
	struct page *page;

	(void)data;
	preempt_disable();
	pin_user_pages_fast((unsigned long)memory, 1, 0, &page);
	preempt_enable();
}

static void destroy_cache_without_preemption(void *data)
{
	struct kmem_cache *cache = kmem_cache_create("objects", 8, 0, 0, NULL);

	(void)data;
	preempt_disable();
	kmem_cache_destroy(cache);
	preempt_enable();
}

static void vfree_without_preemption(void *data)
{
	(void)data;
	preempt_disable();
	vfree(NULL);
	preempt_enable();
}

/* A kernel frees the memory later. */
static void vfree_in_a_softirq(void *data)
{
	(void)data;
	ENTER(SOFTIRQ);
	vfree(NULL);
	LEAVE(SOFTIRQ);
}

static void stay_inside(void *data)
{
	(void)data;
	local_bh_disable();
}

static void nest(void *data)
{
	unsigned long outer, inner;

	(void)data;
	preempt_disable();
	preempt_disable();
	preempt_enable();
	iommufd_model_assert(in_atomic());
	preempt_enable();
	iommufd_model_assert(!in_atomic());
	local_irq_save(outer);
	local_irq_save(inner);
	local_irq_restore(inner);
	iommufd_model_assert(irqs_disabled());
	local_irq_restore(outer);
	iommufd_model_assert(!irqs_disabled());
}

#define PAIR(failure_, fn, ...)						\
	{ .failure = IOMMUFD_MODEL_##failure_,					\
	  .test = { .name = #fn, .setup = setup,				\
	    .threads = { { "a", fn }, { "b", nothing } } },		\
	  .told = { __VA_ARGS__ } }

static const struct verdict pairs[] = {
	PAIR(FAIL_LOCK, leave_too_often, "preempt_enable()"),
	PAIR(FAIL_LOCK, enable_twice, "interrupts are on"),
	PAIR(FAIL_LOCK, restore_twice, "interrupts are on"),
	PAIR(FAIL_LOCK, restore_other_flags, "not saved"),
	PAIR(FAIL_LOCK, restore_in_the_wrong_order, "interrupts are on"),
	PAIR(FAIL_LOCK, enable_in_a_handler, "in an irq handler"),
	PAIR(FAIL_ATOMIC, pin_without_preemption,
	     "pin_user_pages_fast may sleep"),
	PAIR(FAIL_ATOMIC, destroy_cache_without_preemption,
	     "kmem_cache_destroy may sleep"),
	PAIR(FAIL_ATOMIC, vfree_without_preemption, "vfree may sleep"),
	PAIR(NO_FAILURE, vfree_in_a_softirq, NULL),
	PAIR(FAIL_LOCK, stay_inside, "the thread ends with bottom halves off",
	     "turned off by stay_inside"),
	PAIR(NO_FAILURE, nest, NULL),
};

START_TEST(enter_and_leave_come_in_pairs)
{
	check_verdict(&pairs[_i]);
}
END_TEST

/* The functions below ask for the context. */

struct answers {
	bool atomic, interrupt, hardirq, softirq, task, irqs_off, preemptible;
};

static void check_answers(const char *where, struct answers expected)
{
	ck_assert_msg(in_atomic() == expected.atomic, "in_atomic %s", where);
	ck_assert_msg(in_interrupt() == expected.interrupt, "in_interrupt %s",
		      where);
	ck_assert_msg(in_hardirq() == expected.hardirq, "in_hardirq %s", where);
	ck_assert_msg(in_softirq() == expected.softirq, "in_softirq %s", where);
	ck_assert_msg(in_task() == expected.task, "in_task %s", where);
	ck_assert_msg(irqs_disabled() == expected.irqs_off,
		      "irqs_disabled %s", where);
	ck_assert_msg(preemptible() == expected.preemptible, "preemptible %s",
		      where);
}

#define CHECK_ANSWERS(where, ...) \
	check_answers(where, (struct answers){ __VA_ARGS__ })

START_TEST(each_question_has_the_answer_of_the_context)
{
	CHECK_ANSWERS("in a task", .task = true, .preemptible = true);
	spin_lock(&lock);
	CHECK_ANSWERS("under a spinlock", .task = true, .atomic = true);
	spin_unlock(&lock);
	preempt_disable();
	CHECK_ANSWERS("without preemption", .task = true, .atomic = true);
	preempt_enable();
	local_irq_disable();
	CHECK_ANSWERS("without interrupts", .task = true, .irqs_off = true);
	local_irq_enable();
	local_bh_disable();
	CHECK_ANSWERS("without bottom halves", .task = true, .atomic = true,
		      .interrupt = true, .softirq = true);
	local_bh_enable();
	ENTER(RCU);
	CHECK_ANSWERS("in a read section", .task = true, .preemptible = true);
	LEAVE(RCU);
	ENTER(SOFTIRQ);
	CHECK_ANSWERS("in a softirq", .atomic = true, .interrupt = true,
		      .softirq = true);
	ck_assert(in_serving_softirq());
	LEAVE(SOFTIRQ);
	ENTER(HARDIRQ);
	CHECK_ANSWERS("in a handler", .atomic = true, .interrupt = true,
		      .hardirq = true, .irqs_off = true);
	LEAVE(HARDIRQ);
	CHECK_ANSWERS("in a task again", .task = true, .preemptible = true);
}
END_TEST

START_TEST(a_context_is_noticed_outside_of_the_explorer)
{
	setup(NULL);
	iommufd_model_expect_warning("mutex_lock may sleep, and is called with "
				     "preemption off");
	sleeper = take_mutex;
	without_preemption(NULL);
	iommufd_model_expect_warning("preempt_enable() without");
	leave_too_often(NULL);
	ck_assert_uint_eq(iommufd_model_missing_warnings(), 0);
	ck_assert_uint_eq(iommufd_model_warnings(), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("contexts");
	TCase *tc = tcase_create("contexts");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, nothing_sleeps_in_a_context, 0,
			    ARRAY_SIZE(inside));
	tcase_add_loop_test(tc, a_context_that_is_left_has_no_effect, 0,
			    ARRAY_SIZE(inside));
	tcase_add_loop_test(tc, enter_and_leave_come_in_pairs, 0,
			    ARRAY_SIZE(pairs));
	tcase_add_test(tc, each_question_has_the_answer_of_the_context);
	tcase_add_test(tc, a_context_is_noticed_outside_of_the_explorer);
	return run_suite(suite);
}
