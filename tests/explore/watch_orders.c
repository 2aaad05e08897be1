// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Watched code that is ordered by relaxed atomic operations with fences, by a
 * wait for all work items or callbacks, by a pointer that is read, or by
 * nothing; and what is said of accesses that no other test has.
 */
#include "suite.h"
#include "verdict.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/interrupt.h>
#include <iommufd_model/kernel/workqueue.h>

static struct {
	int x;
	atomic_t flag;
	refcount_t users;
	atomic_long_t word;
	long *pointer;
	char *memory;
	struct workqueue_struct *wq;
	struct work_struct work, other_work, last_work;
	struct timer_list timer;
	struct rcu_head rcu;
	wait_queue_head_t queue;
	struct idr idr;
} s;

static void write_x(void)
{
	s.x = 1;
}

static void must_see_x(void)
{
	iommufd_model_assert(s.x == 1);
}

static void work_fn(struct work_struct *work)
{
	(void)work;
	write_x();
}

static void timer_fn(struct timer_list *timer)
{
	(void)timer;
	write_x();
}

static void rcu_fn(struct rcu_head *head)
{
	(void)head;
	write_x();
}

static void setup(void *data)
{
	(void)data;
	memset(&s, 0, sizeof(s));
	refcount_set(&s.users, 3);
	INIT_WORK(&s.work, work_fn);
	INIT_WORK(&s.other_work, work_fn);
	timer_setup(&s.timer, timer_fn, 0);
	init_waitqueue_head(&s.queue);
}

static void nothing(void *data)
{
	(void)data;
}

/* Fences make an order of relaxed operations, and nothing else does. */

static void set_behind_fence(void *data)
{
	(void)data;
	write_x();
	smp_mb();
	atomic_set(&s.flag, 1);
}

static void set_release(void *data)
{
	(void)data;
	write_x();
	atomic_set_release(&s.flag, 1);
}

static void exchange_behind_fence(void *data)
{
	(void)data;
	write_x();
	smp_mb();
	atomic_xchg_relaxed(&s.flag, 1);
}

static void drop_and_write(void *data)
{
	(void)data;
	refcount_dec(&s.users);
	write_x();
}

static void drop_last_and_read(void *data)
{
	(void)data;
	if (refcount_read(&s.users) == 2 && refcount_sub_and_test(2, &s.users))
		iommufd_model_assert(s.x <= 1);
}

static void set_only(void *data)
{
	(void)data;
	write_x();
	atomic_set(&s.flag, 1);
}

static void read_and_fence(void *data)
{
	(void)data;
	if (!atomic_read(&s.flag))
		return;
	smp_mb();
	must_see_x();
}

static void read_acquire(void *data)
{
	(void)data;
	if (atomic_read_acquire(&s.flag))
		must_see_x();
}

static void add_nothing_and_fence(void *data)
{
	(void)data;
	if (!atomic_fetch_add_relaxed(0, &s.flag))
		return;
	smp_mb();
	must_see_x();
}

static void exchange_and_fence(void *data)
{
	(void)data;
	if (!atomic_xchg_relaxed(&s.flag, 2))
		return;
	smp_mb();
	must_see_x();
}

static void fail_to_exchange(void *data)
{
	(void)data;
	if (atomic_cmpxchg(&s.flag, 5, 6) == 1)
		must_see_x();
}

static void fail_to_exchange_and_fence(void *data)
{
	(void)data;
	if (atomic_cmpxchg(&s.flag, 5, 6) != 1)
		return;
	smp_mb();
	must_see_x();
}

static void exchange_if_set_and_fence(void *data)
{
	(void)data;
	if (atomic_cmpxchg_relaxed(&s.flag, 1, 2) != 1)
		return;
	smp_mb();
	must_see_x();
}

/* What returns a value orders both what is before it and what is behind it. */

static void fetch_or(void *data)
{
	(void)data;
	write_x();
	atomic_fetch_or(1, &s.flag);
}

static void fetch_or_and_read(void *data)
{
	(void)data;
	if (atomic_fetch_or(2, &s.flag) & 1)
		must_see_x();
}

static void fetch_and_and_read(void *data)
{
	(void)data;
	if (atomic_fetch_and(~2, &s.flag) & 1)
		must_see_x();
}

static void fetch_xor_and_read(void *data)
{
	(void)data;
	if (atomic_fetch_xor(2, &s.flag) & 1)
		must_see_x();
}

/* A change without a value orders nothing. */

static void set_flag(void *data)
{
	(void)data;
	setup(data);
	atomic_set(&s.flag, 1);
}

static void and_only(void *data)
{
	(void)data;
	write_x();
	atomic_and(~1, &s.flag);
}

static void xor_only(void *data)
{
	(void)data;
	write_x();
	atomic_xor(1, &s.flag);
}

static void read_if_cleared(void *data)
{
	(void)data;
	if (!atomic_read(&s.flag))
		must_see_x();
}

/* What changes nothing orders nothing. */

static void release_negative(void *data)
{
	(void)data;
	write_x();
	atomic_set_release(&s.flag, -1);
}

static void fail_to_add(void *data)
{
	(void)data;
	if (!atomic_add_unless(&s.flag, 5, 1))
		must_see_x();
}

static void fail_to_fetch_and_add(void *data)
{
	(void)data;
	if (atomic_fetch_add_unless(&s.flag, 5, 1) == 1)
		must_see_x();
}

static void fail_to_decrement(void *data)
{
	(void)data;
	if (!atomic_dec_unless_positive(&s.flag))
		must_see_x();
}

static void fail_to_increment(void *data)
{
	(void)data;
	if (!atomic_inc_unless_negative(&s.flag))
		must_see_x();
}

static void fail_to_decrement_positive(void *data)
{
	(void)data;
	if (atomic_dec_if_positive(&s.flag) == -2)
		must_see_x();
}

/* What is written behind the release is not ordered by it. */

static void exchange_too_early(void *data)
{
	(void)data;
	atomic_xchg(&s.flag, 1);
	write_x();
}

static void exchange_and_read(void *data)
{
	(void)data;
	if (atomic_xchg(&s.flag, 2) == 1)
		iommufd_model_assert(s.x >= 0);
}

static void compare_too_early(void *data)
{
	(void)data;
	atomic_cmpxchg(&s.flag, 0, 1);
	write_x();
}

static void compare_and_read(void *data)
{
	(void)data;
	if (atomic_cmpxchg(&s.flag, 1, 2) == 1)
		iommufd_model_assert(s.x >= 0);
}

static void add_too_early(void *data)
{
	(void)data;
	atomic_add_return(1, &s.flag);
	write_x();
}

static void add_and_read(void *data)
{
	(void)data;
	if (atomic_add_return(1, &s.flag) == 2)
		iommufd_model_assert(s.x >= 0);
}

static void put_too_early(void *data)
{
	(void)data;
	if (refcount_dec_not_one(&s.users))
		write_x();
}

static void set_one(void *data)
{
	setup(data);
	refcount_set(&s.users, 1);
}

static void put_last_too_early(void *data)
{
	(void)data;
	if (refcount_dec_if_one(&s.users))
		write_x();
}

static void read_if_gone(void *data)
{
	(void)data;
	if (!refcount_read(&s.users))
		iommufd_model_assert(s.x >= 0);
}

/* A word and its bits are one variable. */

static void or_behind_fence(void *data)
{
	(void)data;
	write_x();
	smp_mb();
	atomic_long_fetch_or_relaxed(1, &s.word);
}

static void or_only(void *data)
{
	(void)data;
	write_x();
	atomic_long_fetch_or_relaxed(1, &s.word);
}

static void test_and_fence(void *data)
{
	(void)data;
	if (!test_bit(0, (unsigned long *)&s.word))
		return;
	smp_mb();
	must_see_x();
}

/* What follows the wake-up is not ordered by it. */

static void wake_and_write(void *data)
{
	(void)data;
	wake_up(&s.queue);
	write_x();
}

static void prepare_and_read(void *data)
{
	DEFINE_WAIT(wait);

	(void)data;
	prepare_to_wait(&s.queue, &wait, TASK_UNINTERRUPTIBLE);
	iommufd_model_assert(s.x >= 0);
	finish_wait(&s.queue, &wait);
}

static void prepare_exclusive_and_read(void *data)
{
	DEFINE_WAIT(wait);

	(void)data;
	prepare_to_wait_exclusive(&s.queue, &wait, TASK_UNINTERRUPTIBLE);
	iommufd_model_assert(s.x >= 0);
	finish_wait(&s.queue, &wait);
}

/* Who finds an id sees what was written before it was given. */

static void setup_idr(void *data)
{
	setup(data);
	idr_init(&s.idr);
}

static void destroy_idr(void *data)
{
	(void)data;
	idr_destroy(&s.idr);
}

static void give_id(void *data)
{
	(void)data;
	write_x();
	iommufd_model_assert(!idr_alloc(&s.idr, &s, 0, 0, GFP_KERNEL));
}

static void find_id(void *data)
{
	(void)data;
	if (idr_find(&s.idr, 0))
		must_see_x();
}

/* Interrupts, and work items that are enabled again */

static irqreturn_t handler(int irq, void *data)
{
	(void)irq;
	(void)data;
	iommufd_model_assert(s.x != 2);
	return IRQ_HANDLED;
}

static void setup_irq(void *data)
{
	setup(data);
	iommufd_model_assert(!request_irq(5, handler, 0, "irq", &s));
}

static void free_the_irq(void *data)
{
	(void)data;
	free_irq(5, &s);
}

static void raise(void *data)
{
	(void)data;
	iommufd_model_irq_raise(5);
}

static void write_and_raise(void *data)
{
	(void)data;
	write_x();
	iommufd_model_irq_raise(5);
}

static void write_while_disabled(void *data)
{
	(void)data;
	disable_irq(5);
	s.x = 2;
	s.x = 1;
	enable_irq(5);
}

static void write_only(void *data)
{
	(void)data;
	write_x();
}

static void setup_disabled(void *data)
{
	setup(data);
	disable_work(&s.work);
	disable_work(&s.work);
}

static void write_and_enable(void *data)
{
	(void)data;
	write_x();
	enable_work(&s.work);
}

static void read_if_enabled(void *data)
{
	(void)data;
	if (enable_work(&s.work))
		must_see_x();
}

/* Waits for all work items of a queue, and for all callbacks */

static void queue_and_flush(void *data)
{
	(void)data;
	s.wq = alloc_workqueue("queue", 0, 0);
	queue_work(s.wq, &s.work);
	flush_workqueue(s.wq);
	must_see_x();
	destroy_workqueue(s.wq);
}

static void queues_the_other(struct work_struct *work)
{
	(void)work;
	queue_work(s.wq, &s.other_work);
}

static void queues_the_last(struct work_struct *work)
{
	(void)work;
	queue_work(s.wq, &s.last_work);
}

/* The item that writes is the last of a chain. */
static void setup_chain(void *data)
{
	setup(data);
	INIT_WORK(&s.work, queues_the_other);
	INIT_WORK(&s.other_work, queues_the_last);
	INIT_WORK(&s.last_work, work_fn);
}

static void queue_chain_and_drain(void *data)
{
	(void)data;
	s.wq = alloc_workqueue("chain", 0, 0);
	queue_work(s.wq, &s.work);
	drain_workqueue(s.wq);
	must_see_x();
	destroy_workqueue(s.wq);
}

static void queue_chain_and_flush(void *data)
{
	(void)data;
	s.wq = alloc_workqueue("chain", 0, 0);
	queue_work(s.wq, &s.work);
	flush_workqueue(s.wq);
	iommufd_model_assert(s.x >= 0);
	destroy_workqueue(s.wq);
}

static void queue_and_read(void *data)
{
	(void)data;
	s.wq = alloc_workqueue("queue", 0, 0);
	queue_work(s.wq, &s.work);
	iommufd_model_assert(s.x >= 0);
	destroy_workqueue(s.wq);
}

static void call_and_wait(void *data)
{
	(void)data;
	call_rcu(&s.rcu, rcu_fn);
	rcu_barrier();
	must_see_x();
}

static void call_and_read(void *data)
{
	(void)data;
	call_rcu(&s.rcu, rcu_fn);
	iommufd_model_assert(s.x >= 0);
	rcu_barrier();
}

/* The runs of one item, and those of an ordered queue, come one after another. */

static void queue_twice(void *data)
{
	(void)data;
	queue_work(system_wq, &s.work);
	queue_work(system_wq, &s.work);
}

static void arm_twice(void *data)
{
	(void)data;
	mod_timer(&s.timer, jiffies + 1);
	mod_timer(&s.timer, jiffies + 1);
}

static void queue_in_order(void *data)
{
	(void)data;
	s.wq = alloc_ordered_workqueue("ordered", 0);
	queue_work(s.wq, &s.work);
	queue_work(s.wq, &s.other_work);
	destroy_workqueue(s.wq);
}

/* The first item has ended when the second one is queued. */
static void queue_late(void *data)
{
	(void)data;
	s.wq = alloc_ordered_workqueue("ordered", 0);
	queue_work(s.wq, &s.work);
	while (work_busy(&s.work))
		cpu_relax();
	queue_work(s.wq, &s.other_work);
	destroy_workqueue(s.wq);
}

static void queue_both(void *data)
{
	(void)data;
	queue_work(system_wq, &s.work);
	queue_work(system_wq, &s.other_work);
}

START_TEST(accesses_are_ordered_as_the_kernel_says)
{
	static const struct verdict rows[] = {
		RIGHT(0, "set, read", setup, nothing, T(set_behind_fence),
		      T(read_and_fence)),
		RIGHT(0, "release, acquire", setup, nothing, T(set_release),
		      T(read_acquire)),
		RIGHT(0, "exchange, read", setup, nothing,
		      T(exchange_behind_fence), T(read_and_fence)),
		RIGHT(0, "set, exchange", setup, nothing, T(set_behind_fence),
		      T(exchange_and_fence)),
		RIGHT(0, "set, add", setup, nothing, T(set_behind_fence),
		      T(add_nothing_and_fence)),
		RIGHT(0, "set, fail", setup, nothing, T(set_behind_fence),
		      T(fail_to_exchange_and_fence)),
		WRONG(DATA_RACE, "set_only", NULL, "no fence before", setup,
		      nothing, T(set_only), T(read_and_fence)),
		WRONG(DATA_RACE, "set_release", NULL, "no fence behind", setup,
		      nothing, T(set_release), T(fail_to_exchange)),
		RIGHT(0, "word, bit", setup, nothing, T(or_behind_fence),
		      T(test_and_fence)),
		WRONG(DATA_RACE, "or_only", NULL, "word, no fence", setup,
		      nothing, T(or_only), T(test_and_fence)),
		WRONG(DATA_RACE,
		      "drop_and_write made its access before dec s.users", NULL,
		      "dropped too early", setup, nothing, T(drop_and_write),
		      T(drop_last_and_read)),
		WRONG(DATA_RACE, "wake_and_write", NULL, "woken too early",
		      setup, nothing, T(wake_and_write), T(prepare_and_read)),
		RIGHT(0, "set, exchange if set", setup, nothing,
		      T(set_behind_fence), T(exchange_if_set_and_fence)),
		RIGHT(0, "or, or", setup, nothing, T(fetch_or),
		      T(fetch_or_and_read)),
		RIGHT(0, "or, and", setup, nothing, T(fetch_or),
		      T(fetch_and_and_read)),
		RIGHT(0, "or, xor", setup, nothing, T(fetch_or),
		      T(fetch_xor_and_read)),
		WRONG(DATA_RACE, "ordered if atomic_and s.flag, and_only", NULL,
		      "and", set_flag, nothing, T(and_only),
		      T(read_if_cleared)),
		WRONG(DATA_RACE, "ordered if atomic_xor s.flag, xor_only", NULL,
		      "xor", set_flag, nothing, T(xor_only),
		      T(read_if_cleared)),
		WRONG(DATA_RACE, "fail_to_add", NULL, "not added", setup,
		      nothing, T(set_release), T(fail_to_add)),
		WRONG(DATA_RACE, "fail_to_fetch_and_add", NULL,
		      "not fetched and added", setup, nothing, T(set_release),
		      T(fail_to_fetch_and_add)),
		WRONG(DATA_RACE, "fail_to_decrement", NULL, "not decremented",
		      setup, nothing, T(set_release), T(fail_to_decrement)),
		WRONG(DATA_RACE, "fail_to_increment", NULL, "not incremented",
		      setup, nothing, T(release_negative),
		      T(fail_to_increment)),
		WRONG(DATA_RACE, "fail_to_decrement_positive", NULL,
		      "not decremented either", setup, nothing,
		      T(release_negative), T(fail_to_decrement_positive)),
		WRONG(DATA_RACE, "exchange_too_early made its access before ",
		      NULL, "exchanged too early", setup, nothing,
		      T(exchange_too_early), T(exchange_and_read)),
		WRONG(DATA_RACE, "compare_too_early made its access before ",
		      NULL, "compared too early", setup, nothing,
		      T(compare_too_early), T(compare_and_read)),
		WRONG(DATA_RACE, "add_too_early made its access before ", NULL,
		      "added too early", setup, nothing, T(add_too_early),
		      T(add_and_read)),
		WRONG(DATA_RACE, "put_too_early made its access before ", NULL,
		      "put too early", setup, nothing, T(put_too_early),
		      T(drop_last_and_read)),
		WRONG(DATA_RACE, "put_last_too_early made its access before ",
		      NULL, "last put too early", set_one, nothing,
		      T(put_last_too_early), T(read_if_gone)),
		WRONG(DATA_RACE, "wake_and_write", NULL,
		      "woken too early, one of them", setup, nothing,
		      T(wake_and_write), T(prepare_exclusive_and_read)),
		RIGHT(0, "id", setup_idr, destroy_idr, T(give_id), T(find_id)),
		RIGHT(0, "interrupt", setup_irq, free_the_irq,
		      T(write_and_raise)),
		RIGHT(0, "disabled interrupt", setup_irq, free_the_irq,
		      T(write_while_disabled), T(raise)),
		WRONG(DATA_RACE, "write_only", NULL, "interrupt, no order",
		      setup_irq, free_the_irq, T(write_only), T(raise)),
		RIGHT(0, "enabled work", setup_disabled, nothing,
		      T(write_and_enable), T(read_if_enabled)),
		RIGHT(0, "flush", setup, nothing, T(queue_and_flush)),
		WRONG(DATA_RACE, "queue_and_read", NULL, "no flush", setup,
		      nothing, T(queue_and_read)),
		RIGHT(0, "chain, drained", setup_chain, nothing,
		      T(queue_chain_and_drain)),
		WRONG(DATA_RACE, "queue_chain_and_flush", NULL,
		      "chain, flushed", setup_chain, nothing,
		      T(queue_chain_and_flush)),
		RIGHT(0, "queued twice", setup, nothing, T(queue_twice)),
		RIGHT(0, "queued by two", setup, nothing, T(queue_twice),
		      { "another", queue_twice }),
		RIGHT(0, "armed twice", setup, nothing, T(arm_twice)),
		RIGHT(0, "ordered queue", setup, nothing, T(queue_in_order)),
		RIGHT(0, "ordered queue, late", setup, nothing, T(queue_late)),
		WRONG(DATA_RACE, "work_fn", NULL, "two items", setup, nothing,
		      T(queue_both)),
		RIGHT(0, "barrier", setup, nothing, T(call_and_wait)),
		WRONG(DATA_RACE, "call_and_read", NULL, "no barrier", setup,
		      nothing, T(call_and_read)),
	};

	check_verdict(&rows[_i]);
}
END_TEST

/*
 * A pointer that is read orders what it points to, in memory of any kind, and
 * nothing else.
 */

struct node {
	int x, y;
	struct node *next;
};

static struct node node, nodes[2], *published, *allocated;
static struct completion was_read;

static void setup_nodes(void *data)
{
	(void)data;
	memset(&node, 0, sizeof(node));
	memset(nodes, 0, sizeof(nodes));
	published = allocated = NULL;
	s.x = 0;
	init_completion(&was_read);
}

static void setup_heap(void *data)
{
	setup_nodes(data);
	allocated = kzalloc(sizeof(*allocated), GFP_KERNEL);
}

static void free_heap(void *data)
{
	(void)data;
	kfree(allocated);
}

static void setup_malloc(void *data)
{
	setup_nodes(data);
	allocated = malloc(sizeof(*allocated));
}

static void free_malloc(void *data)
{
	(void)data;
	free(allocated);
}

static void publish(struct node *of)
{
	s.x = 1;
	of->y = 1;
	smp_store_release(&published, of);
}

static void publish_allocated(void *data)
{
	(void)data;
	publish(allocated);
}

static void publish_malloc(void *data)
{
	(void)data;
	allocated = malloc(sizeof(*allocated));
	publish(allocated);
}

static void publish_stack(void *data)
{
	struct node local;

	(void)data;
	publish(&local);
	wait_for_completion(&was_read);
}

/*
 * The node is written again when it has been published.  Inlined, it would not be
 * in the report, and clang does not instrument a member of a local variable.
 */
static noinline void publish_too_early(struct node *of)
{
	publish(of);
	of->y = 2;
}

static void publish_allocated_too_early(void *data)
{
	(void)data;
	publish_too_early(allocated);
}

static void publish_stack_too_early(void *data)
{
	struct node local;

	(void)data;
	publish_too_early(&local);
	wait_for_completion(&was_read);
}

static void publish_relaxed(void *data)
{
	(void)data;
	allocated->y = 1;
	WRITE_ONCE(published, allocated);
}

static void follow(void *data)
{
	struct node *found = READ_ONCE(published);

	(void)data;
	if (found)
		iommufd_model_assert(found->y == 1);
	complete(&was_read);
}

/* Who comes second finds what the first has published. */
static void follow_failed_cmpxchg(void *data)
{
	struct node *found = cmpxchg(&published, NULL, NULL);

	(void)data;
	if (found)
		iommufd_model_assert(found->y == 1);
	complete(&was_read);
}

static void failed_cmpxchg_elsewhere(void *data)
{
	(void)data;
	if (cmpxchg(&published, NULL, NULL))
		must_see_x();
	complete(&was_read);
}

/* What the pointer does not point to is not ordered. */
static void follow_elsewhere(void *data)
{
	(void)data;
	if (READ_ONCE(published))
		must_see_x();
	complete(&was_read);
}

START_TEST(a_pointer_orders_what_it_points_to)
{
	static const struct verdict rows[] = {
		RIGHT(0, "heap", setup_heap, free_heap, T(publish_allocated),
		      T(follow)),
		RIGHT(0, "malloc in setup", setup_malloc, free_malloc,
		      T(publish_allocated), T(follow)),
		RIGHT(0, "malloc in a thread", setup_nodes, free_malloc,
		      T(publish_malloc), T(follow)),
		RIGHT(0, "stack", setup_nodes, nothing, T(publish_stack),
		      T(follow)),
		RIGHT(0, "heap, cmpxchg", setup_heap, free_heap,
		      T(publish_allocated), T(follow_failed_cmpxchg)),
		WRONG(DATA_RACE, "publish", NULL, "heap, cmpxchg, elsewhere",
		      setup_heap, free_heap, T(publish_allocated),
		      T(failed_cmpxchg_elsewhere)),
		WRONG(DATA_RACE, "follow", "publish_too_early",
		      "heap, too early", setup_heap, free_heap,
		      T(publish_allocated_too_early), T(follow)),
		WRONG(DATA_RACE, "follow", "publish_too_early",
		      "malloc, too early", setup_malloc, free_malloc,
		      T(publish_allocated_too_early), T(follow)),
		WRONG(DATA_RACE, "follow", "publish_too_early",
		      "stack, too early", setup_nodes, nothing,
		      T(publish_stack_too_early), T(follow)),
		WRONG(DATA_RACE, "follow", "publish_relaxed",
		      "malloc, not released", setup_malloc, free_malloc,
		      T(publish_relaxed), T(follow)),
		WRONG(DATA_RACE, "publish", NULL, "malloc, elsewhere",
		      setup_malloc, free_malloc, T(publish_allocated),
		      T(follow_elsewhere)),
		WRONG(DATA_RACE, "publish", NULL, "stack, elsewhere",
		      setup_nodes, nothing, T(publish_stack),
		      T(follow_elsewhere)),
	};

	check_verdict(&rows[_i]);
}
END_TEST

/* What is said of accesses */

static void publish_new(void *data)
{
	(void)data;
	WRITE_ONCE(s.pointer, kzalloc(sizeof(long), GFP_KERNEL));
}

static void read_new(void *data)
{
	long *pointer = READ_ONCE(s.pointer);

	(void)data;
	if (pointer)
		iommufd_model_assert(!*pointer);
}

static void free_pointer(void *data)
{
	(void)data;
	kfree(s.pointer);
}

static void setup_memory(void *data)
{
	setup(data);
	s.memory = kzalloc(32, GFP_KERNEL);
}

static void free_memory(void *data)
{
	(void)data;
	kfree(s.memory);
}

/* Far behind all allocations, where the arena has no others. */
static void read_far_away(void *data)
{
	char *p = s.memory + (80ul << 20);

	(void)data;
	__asm__("" : "+r"(p));
	iommufd_model_assert(*p != 77);
}

static void write_beyond(void *data)
{
	char *p = s.memory + 32;

	(void)data;
	__asm__("" : "+r"(p));
	*p = 1;
}

static void write_to_freed_malloc(void *data)
{
	char *p = malloc(8);

	(void)data;
	free(p);
	__asm__("" : "+r"(p));
	*p = 1;
}

static void read_freed_malloc(void *data)
{
	char *p = malloc(8);

	(void)data;
	*p = 1;
	free(p);
	__asm__("" : "+r"(p));
	iommufd_model_assert(*p != 77);
}

static char user[32];

/* Each part of a copy to freed memory is an access of its own. */
static void copy_to_freed(void *data)
{
	char *p = s.memory;

	(void)data;
	kfree(p);
	__asm__("" : "+r"(p));
	iommufd_model_assert(!copy_from_user(p, user, sizeof(user)));
}

static void lock_and_write(void *data)
{
	(void)data;
	write_x();
}

START_TEST(an_access_is_described)
{
	static const struct verdict rows[] = {
		WRONG(DATA_RACE, "the zeroing of new memory", "read_new",
		      "new memory", setup, free_pointer, T(publish_new),
		      T(read_new)),
		WRONG(OUT_OF_BOUNDS, "never allocated", "read_far_away",
		      "far away", setup_memory, free_memory, T(read_far_away)),
		WRONG(OUT_OF_BOUNDS, "wrote to", "write_beyond", "beyond",
		      setup_memory, free_memory, T(write_beyond)),
		WRONG(USE_AFTER_FREE,
		      "wrote to memory of malloc(), which has been freed",
		      "write_to_freed_malloc", "malloc, written", setup,
		      nothing, T(write_to_freed_malloc)),
		WRONG(USE_AFTER_FREE,
		      "read memory of malloc(), which has been freed",
		      "read_freed_malloc", "malloc, read", setup, nothing,
		      T(read_freed_malloc)),
		WRONG(USE_AFTER_FREE, "copy_to_freed", NULL, "copy",
		      setup_memory, nothing, T(copy_to_freed)),
		WRONG(DATA_RACE, "lock_and_write: !! the first of the two",
		      NULL, "five threads", setup, nothing, T(nothing),
		      T(nothing), T(nothing), T(lock_and_write),
		      T(lock_and_write)),
	};

	check_verdict(&rows[_i]);
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("watch_orders");
	TCase *tc = tcase_create("watch_orders");

	tcase_add_loop_test(tc, accesses_are_ordered_as_the_kernel_says, 0, 44);
	tcase_add_loop_test(tc, a_pointer_orders_what_it_points_to, 0, 12);
	tcase_add_loop_test(tc, an_access_is_described, 0, 7);
	suite_add_tcase(suite, tc);
	return suite;
}

int main(void)
{
	return run_suite(suite());
}
