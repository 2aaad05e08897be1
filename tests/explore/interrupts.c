// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Interrupt handlers that are threads of a test: when they begin, which threads
 * they interrupt, and the classic mistakes, each in its right and its wrong
 * form.
 */
#include "suite.h"
#include "verdict.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/interrupt.h>

static DEFINE_SPINLOCK(lock);
static DEFINE_SPINLOCK(other_lock);
static DEFINE_RWLOCK(rw);
static wait_queue_head_t queue;
static struct completion done;
static int value, seen, handled, outcomes;

static void setup(void *data)
{
	(void)data;
	spin_lock_init(&lock);
	spin_lock_init(&other_lock);
	rwlock_init(&rw);
	init_waitqueue_head(&queue);
	init_completion(&done);
	value = seen = handled = 0;
}

#define ROW(failure_, one, two, ...)					\
	{ .failure = IOMMUFD_MODEL_##failure_,				\
	  .test = { .name = #two " interrupts " #one, .setup = setup,	\
		    .threads = { { #one, one }, { #two, two } },	\
		    .interrupts = { [1] = IOMMUFD_MODEL_INTERRUPTS(0) } }, \
	  .told = { "" __VA_ARGS__ } }
/* Defines a row in which the third thread interrupts the first one. */
#define ROW3(failure_, one, two, three, ...)				\
	{ .failure = IOMMUFD_MODEL_##failure_,				\
	  .test = { .name = #three " interrupts " #one ", and " #two,	\
		    .setup = setup,					\
		    .threads = { { #one, one }, { #two, two },		\
				 { #three, three } },			\
		    .interrupts = { [2] = IOMMUFD_MODEL_INTERRUPTS(0) } }, \
	  .told = { "" __VA_ARGS__ } }

/* The functions below are threads. */

static void count_twice(void)
{
	WRITE_ONCE(value, READ_ONCE(value) + 1);
	WRITE_ONCE(value, READ_ONCE(value) + 1);
}

static void locked(void *data)
{
	(void)data;
	spin_lock(&lock);
	count_twice();
	spin_unlock(&lock);
}

static void irqsaved(void *data)
{
	unsigned long flags;

	(void)data;
	spin_lock_irqsave(&lock, flags);
	count_twice();
	spin_unlock_irqrestore(&lock, flags);
}

static void irq_off(void *data)
{
	(void)data;
	spin_lock_irq(&lock);
	count_twice();
	spin_unlock_irq(&lock);
}

/* On a single processor it is enough to turn interrupts off. */
static void only_irqs_off(void *data)
{
	(void)data;
	local_irq_disable();
	count_twice();
	local_irq_enable();
}

static void read_locked(void *data)
{
	(void)data;
	read_lock(&rw);
	seen = READ_ONCE(value);
	read_unlock(&rw);
}

static void write_locked(void *data)
{
	(void)data;
	write_lock(&rw);
	count_twice();
	write_unlock(&rw);
}

static void write_irq_off(void *data)
{
	(void)data;
	write_lock_irq(&rw);
	count_twice();
	write_unlock_irq(&rw);
}

/*
 * The handler can come between the two sections, and then sees only the first
 * one.
 */
static void two_sections(void *data)
{
	irq_off(data);
	irq_off(data);
}

static void unprotected(void *data)
{
	(void)data;
	count_twice();
}

static void takes_other_lock(void *data)
{
	(void)data;
	spin_lock(&other_lock);
	spin_lock_irq(&lock);
	count_twice();
	spin_unlock_irq(&lock);
	spin_unlock(&other_lock);
}

static void waits(void *data)
{
	(void)data;
	wait_event(queue, READ_ONCE(handled));
}

static void awaits(void *data)
{
	(void)data;
	wait_for_completion(&done);
	iommufd_model_assert(READ_ONCE(handled));
}

static void waits_with_irqs_off(void *data)
{
	(void)data;
	local_irq_disable();
	while (!READ_ONCE(handled))
		cpu_relax();
	local_irq_enable();
}

static void waits_with_irqs_on(void *data)
{
	(void)data;
	while (!READ_ONCE(handled))
		cpu_relax();
}

static void ends_at_once(void *data)
{
	(void)data;
}

/* The functions below are handlers. */

static void check_handler(void)
{
	iommufd_model_assert(in_hardirq());
	iommufd_model_assert(irqs_disabled());
	iommufd_model_assert(!in_task());
}

static void isr_locks(void *data)
{
	(void)data;
	check_handler();
	spin_lock(&lock);
	iommufd_model_assert(READ_ONCE(value) % 2 == 0);
	count_twice();
	spin_unlock(&lock);
}

static void isr_looks(void *data)
{
	(void)data;
	check_handler();
	iommufd_model_assert(READ_ONCE(value) % 2 == 0);
	iommufd_model_assert(READ_ONCE(value) % 2 == 0);
}

static void isr_tries(void *data)
{
	(void)data;
	if (spin_trylock(&lock)) {
		count_twice();
		spin_unlock(&lock);
	}
}

static void isr_reads(void *data)
{
	(void)data;
	read_lock(&rw);
	iommufd_model_assert(READ_ONCE(value) % 2 == 0);
	read_unlock(&rw);
}

static void isr_takes_both(void *data)
{
	(void)data;
	spin_lock(&lock);
	spin_unlock(&lock);
	spin_lock(&other_lock);
	spin_unlock(&other_lock);
}

static void isr_wakes(void *data)
{
	(void)data;
	WRITE_ONCE(handled, 1);
	wake_up(&queue);
	complete(&done);
}

static void isr_sleeps(void *data)
{
	(void)data;
	might_sleep();
}

static void isr_allocates(void *data)
{
	(void)data;
	kfree(kzalloc(8, GFP_KERNEL));
}

static void isr_allocates_atomically(void *data)
{
	(void)data;
	kfree(kzalloc(8, GFP_ATOMIC));
}

/* The interrupted thread cannot run between the two reads of the handler. */
static void isr_reads_twice(void *data)
{
	int a, b;

	(void)data;
	a = READ_ONCE(value);
	b = READ_ONCE(value);
	iommufd_model_assert(a == b);
}

#define NEVER(n)							\
	static void isr_never_sees_##n(void *data)			\
	{								\
		(void)data;						\
		iommufd_model_assert(READ_ONCE(value) != n);		\
	}
NEVER(0)
NEVER(1)
NEVER(2)
NEVER(3)
NEVER(4)

static const struct verdict verdicts[] = {
	/*
	 * A spinlock that is taken with interrupts on deadlocks with the
	 * handler.
	 */
	ROW(FAIL_DEADLOCK, locked, isr_locks, "isr_locks waits for &lock",
	    "taken in locked", "locked is interrupted"),
	ROW(NO_FAILURE, irqsaved, isr_locks),
	ROW(NO_FAILURE, irq_off, isr_locks),
	ROW(FAIL_DEADLOCK, write_locked, isr_reads, "isr_reads waits for &rw",
	    "taken in write_locked", "write_locked is interrupted"),
	ROW(NO_FAILURE, write_irq_off, isr_reads),
	ROW(NO_FAILURE, read_locked, isr_reads),
	ROW(NO_FAILURE, locked, isr_tries),
	ROW(FAIL_DEADLOCK, takes_other_lock, isr_takes_both,
	    "isr_takes_both waits for &other_lock", "takes_other_lock"),

	/* Interrupts off do not exclude threads on other processors. */
	ROW(NO_FAILURE, only_irqs_off, isr_looks),
	ROW(FAIL_ASSERTION, unprotected, isr_looks),
	ROW3(FAIL_ASSERTION, ends_at_once, only_irqs_off, isr_looks),
	ROW3(NO_FAILURE, irq_off, irq_off, isr_locks),
	ROW3(NO_FAILURE, irq_off, locked, isr_locks),

	/* While the handler runs, only threads on other processors run. */
	ROW(NO_FAILURE, unprotected, isr_reads_twice),
	ROW3(FAIL_ASSERTION, ends_at_once, unprotected, isr_reads_twice),

	/* The handler can run between any two steps of the thread. */
	ROW(FAIL_ASSERTION, unprotected, isr_never_sees_0),
	ROW(FAIL_ASSERTION, unprotected, isr_never_sees_1),
	ROW(FAIL_ASSERTION, unprotected, isr_never_sees_2),
	ROW(FAIL_ASSERTION, two_sections, isr_never_sees_0),
	ROW(NO_FAILURE, two_sections, isr_never_sees_1),
	ROW(FAIL_ASSERTION, two_sections, isr_never_sees_2),
	ROW(NO_FAILURE, two_sections, isr_never_sees_3),
	ROW(FAIL_ASSERTION, two_sections, isr_never_sees_4),
	ROW3(NO_FAILURE, two_sections, ends_at_once, isr_never_sees_3),

	/* These rows show what a handler may do and what it must not do. */
	ROW(NO_FAILURE, waits, isr_wakes),
	ROW(NO_FAILURE, awaits, isr_wakes),
	ROW(NO_FAILURE, waits_with_irqs_on, isr_wakes),
	ROW(FAIL_LIVELOCK, waits_with_irqs_off, isr_wakes, "handled"),
	ROW(FAIL_ATOMIC, ends_at_once, isr_sleeps,
	    "might_sleep may sleep, and is called in an irq handler"),
	ROW(FAIL_ATOMIC, ends_at_once, isr_allocates, "in an irq handler"),
	ROW(NO_FAILURE, ends_at_once, isr_allocates_atomically),
};

START_TEST(a_handler_comes_between_any_two_steps)
{
	check_verdict(&verdicts[_i]);
}
END_TEST

/* All values that a handler can see; every mode must find the same. */

static void two_steps(void *data)
{
	(void)data;
	WRITE_ONCE(value, 1);
	WRITE_ONCE(seen, 1);
	WRITE_ONCE(value, 2);
}

static void isr_notes(void *data)
{
	(void)data;
	outcomes |= 1 << (READ_ONCE(value) * 2 + READ_ONCE(seen));
}

static void notes_on_another_processor(void *data)
{
	(void)data;
	outcomes |= 1 << (8 + READ_ONCE(value) * 2 + READ_ONCE(seen));
}

static const struct verdict notes = ROW3(NO_FAILURE, two_steps,
					 notes_on_another_processor, isr_notes);

static int outcomes_of(enum iommufd_model_explore_mode mode)
{
	struct iommufd_model_explore_options options = {
		.mode = mode, .preemptions = -1, .in_process = true,
		.quiet = true,
	};

	outcomes = 0;
	iommufd_model_explore_free(&verdict_result);
	ck_assert_int_eq(iommufd_model_explore(&notes.test, &options,
					       &verdict_result), 0);
	return outcomes;
}

START_TEST(a_handler_sees_the_same_in_every_mode)
{
	int all = outcomes_of(IOMMUFD_MODEL_MODE_BOUNDED);

	/* The handler ran before or after a step: 0 0, 1 0, 1 1, 2 1. */
	ck_assert_int_eq(all & 0xff, 1 << 0 | 1 << 2 | 1 << 3 | 1 << 5);
	/* A thread on another processor can run between the two reads. */
	ck_assert_int_eq(all >> 8, 1 << 0 | 1 << 1 | 1 << 2 | 1 << 3 | 1 << 5);
	ck_assert_int_eq(outcomes_of(IOMMUFD_MODEL_MODE_EXHAUSTIVE), all);
	ck_assert_int_eq(outcomes_of(IOMMUFD_MODEL_MODE_RANDOM), all);
}
END_TEST

/*
 * Random programs of four threads, of which two interrupt the first one.  Each
 * thread does a few operations.  The values that they read form one of many
 * outcomes, and every mode must find the same set of outcomes.
 */

#define OPS 3
#define OUTCOMES 4096

static int vars[2];
static unsigned char program[4][OPS];
static unsigned int reads[4];
static bool found[OUTCOMES];
static unsigned int random_state;

static unsigned int random_number(unsigned int limit)
{
	random_state = random_state * 1103515245u + 12345u;
	return (random_state >> 16) % limit;
}

static void run_program(int n)
{
	bool off = false;
	int i, op;

	for (i = 0; i < OPS; i++) {
		op = program[n][i];
		if (op < 2) {
			reads[n] = reads[n] * 5 +
				   (unsigned int)READ_ONCE(vars[op]) + 1;
		} else if (op < 4) {
			WRITE_ONCE(vars[op - 2], n + 1);
		} else if (!irqs_disabled()) {
			local_irq_disable();
			off = true;
		} else if (off) {
			local_irq_enable();
			off = false;
		}
	}
	if (off)
		local_irq_enable();
}

#define RUN(n) \
	static void run_##n(void *data) { (void)data; run_program(n); }
RUN(0)
RUN(1)
RUN(2)
RUN(3)

static void clear(void *data)
{
	(void)data;
	memset(vars, 0, sizeof(vars));
	memset(reads, 0, sizeof(reads));
}

static void note_outcome(void *data)
{
	unsigned int hash = 0;
	int i;

	(void)data;
	for (i = 0; i < 4; i++)
		hash = hash * 31 + reads[i];
	hash = hash * 7 + (unsigned int)(vars[0] * 5 + vars[1]);
	found[hash % OUTCOMES] = true;
}

static const struct iommufd_model_test random_test = {
	.name = "random", .setup = clear, .after = note_outcome,
	.threads = { { "a", run_0 }, { "b", run_1 }, { "c", run_2 },
		     { "d", run_3 } },
	.interrupts = { [1] = IOMMUFD_MODEL_INTERRUPTS(0),
			[3] = IOMMUFD_MODEL_INTERRUPTS(0) },
};

static void find_outcomes(enum iommufd_model_explore_mode mode, bool *to)
{
	struct iommufd_model_explore_options options = {
		.mode = mode, .preemptions = -1, .in_process = true,
		.quiet = true,
	};

	memset(found, 0, sizeof(found));
	iommufd_model_explore_free(&verdict_result);
	ck_assert_int_eq(iommufd_model_explore(&random_test, &options,
					       &verdict_result), 0);
	memcpy(to, found, sizeof(found));
}

START_TEST(random_programs_with_handlers_have_the_same_outcomes)
{
	static bool all[OUTCOMES], reduced[OUTCOMES];
	int i, n, op;

	for (i = 0; i < 60; i++) {
		random_state = (unsigned int)i;
		for (n = 0; n < 4; n++)
			for (op = 0; op < OPS; op++)
				program[n][op] = (unsigned char)random_number(6);
		find_outcomes(IOMMUFD_MODEL_MODE_BOUNDED, all);
		find_outcomes(IOMMUFD_MODEL_MODE_EXHAUSTIVE, reduced);
		ck_assert_msg(!memcmp(all, reduced, sizeof(all)),
			      "program %d: not the same outcomes", i);
	}
}
END_TEST

/* The functions below request and raise interrupts. */

#define IRQ 7

static struct device_data {
	int nr;
	struct device_data *self;
} *device_data;
static int told, threaded;

static irqreturn_t handler(int irq, void *dev_id)
{
	struct device_data *d = dev_id;

	check_handler();
	iommufd_model_assert(irq == IRQ);
	spin_lock(&lock);
	d->nr++;
	WRITE_ONCE(handled, READ_ONCE(handled) + 1);
	spin_unlock(&lock);
	wake_up(&queue);
	return IRQ_HANDLED;
}

static irqreturn_t sleeping_handler(int irq, void *dev_id)
{
	(void)irq;
	(void)dev_id;
	might_sleep();
	return IRQ_HANDLED;
}

static irqreturn_t wakes_thread(int irq, void *dev_id)
{
	(void)irq;
	(void)dev_id;
	return IRQ_WAKE_THREAD;
}

static irqreturn_t thread_fn(int irq, void *dev_id)
{
	(void)irq;
	(void)dev_id;
	iommufd_model_assert(in_task());
	might_sleep();
	WRITE_ONCE(threaded, 1);
	return IRQ_HANDLED;
}

static void setup_device(void *data)
{
	setup(data);
	told = threaded = 0;
	device_data = kzalloc(sizeof(*device_data), GFP_KERNEL);
}

static void request(irq_handler_t fn)
{
	iommufd_model_assert(!request_irq(IRQ, fn, 0, "device", device_data));
}

static void setup_requested(void *data)
{
	setup_device(data);
	request(handler);
}

static void raises(void *data)
{
	(void)data;
	iommufd_model_irq_raise(IRQ);
}

static void raises_twice(void *data)
{
	raises(data);
	raises(data);
}

/*
 * The right order: free_irq() comes first, so that no handler uses freed
 * memory.
 */
static void unbinds(void *data)
{
	(void)data;
	iommufd_model_assert(free_irq(IRQ, device_data));
	iommufd_model_assert(READ_ONCE(handled) == device_data->nr);
	kfree(device_data);
}

static void unbinds_without_free_irq(void *data)
{
	(void)data;
	kfree(device_data);
}

static void frees_before_free_irq(void *data)
{
	(void)data;
	kfree(device_data);
	free_irq(IRQ, device_data);
}

/* Calls free_irq() while it holds a lock that the handler takes. */
static void unbinds_with_the_lock(void *data)
{
	(void)data;
	spin_lock_irq(&lock);
	free_irq(IRQ, device_data);
	spin_unlock_irq(&lock);
	kfree(device_data);
}

static void unbinds_twice(void *data)
{
	(void)data;
	free_irq(IRQ, device_data);
	free_irq(IRQ, device_data);
	kfree(device_data);
}

/* No handler runs after disable_irq(); a raised irq runs after enable_irq(). */
static void disables(void *data)
{
	int before;

	(void)data;
	disable_irq(IRQ);
	before = READ_ONCE(handled);
	iommufd_model_assert(READ_ONCE(handled) == before);
	enable_irq(IRQ);
	wait_event(queue, READ_ONCE(handled));
	unbinds(data);
}

static void disables_nosync(void *data)
{
	int before;

	(void)data;
	disable_irq_nosync(IRQ);
	before = READ_ONCE(handled);
	iommufd_model_assert(READ_ONCE(handled) == before);
	enable_irq(IRQ);
	unbinds(data);
}

static void synchronizes(void *data)
{
	(void)data;
	WRITE_ONCE(told, 1);
	synchronize_irq(IRQ);
	unbinds(data);
}

static void enables_too_often(void *data)
{
	(void)data;
	enable_irq(IRQ);
	unbinds(data);
}

static void waits_for_it(void *data)
{
	(void)data;
	wait_event(queue, READ_ONCE(handled));
	unbinds(data);
}

/* Takes a spinlock that the handler takes too, with interrupts on. */
static void takes_lock_and_unbinds(void *data)
{
	(void)data;
	spin_lock(&lock);
	spin_unlock(&lock);
	unbinds(data);
}

static void takes_lock_irq_and_unbinds(void *data)
{
	(void)data;
	spin_lock_irq(&lock);
	spin_unlock_irq(&lock);
	unbinds(data);
}

static void requests_sleeper(void *data)
{
	(void)data;
	request(sleeping_handler);
	iommufd_model_irq_raise(IRQ);
	unbinds(data);
}

static void requests_thread(void *data)
{
	(void)data;
	iommufd_model_assert(!request_threaded_irq(IRQ, wakes_thread, thread_fn,
						   IRQF_ONESHOT, "device",
						   device_data));
	iommufd_model_irq_raise(IRQ);
	synchronize_irq(IRQ);
	iommufd_model_assert(READ_ONCE(threaded));
	iommufd_model_assert(free_irq(IRQ, device_data));
	kfree(device_data);
}

static void requests_no_thread(void *data)
{
	(void)data;
	request(wakes_thread);
	iommufd_model_irq_raise(IRQ);
	unbinds(data);
}

static void requests_badly(void *data)
{
	int other;

	(void)data;
	iommufd_model_assert(request_irq(IRQ, handler, 0, "device", &other) ==
			     -EBUSY);
	iommufd_model_assert(request_irq(IRQ, handler, IRQF_SHARED, "device",
					 &other) == -EBUSY);
	iommufd_model_assert(request_irq(IRQ + 1, handler, IRQF_SHARED,
					 "device", NULL) == -EINVAL);
	iommufd_model_assert(request_irq(IRQ + 1, NULL, 0, "device", NULL) ==
			     -EINVAL);
	iommufd_model_assert(request_irq(IOMMUFD_MODEL_NR_IRQS, handler, 0,
					 "device", NULL) == -EINVAL);
	iommufd_model_irq_raise(IOMMUFD_MODEL_NR_IRQS);
	iommufd_model_irq_raise(IRQ + 1);
	unbinds(data);
}

static void shares(void *data)
{
	int other;

	(void)data;
	iommufd_model_assert(!request_irq(IRQ + 2, wakes_thread, IRQF_SHARED,
					  "one", &told));
	iommufd_model_assert(!request_irq(IRQ + 2, wakes_thread, IRQF_SHARED,
					  "two", &other));
	iommufd_model_assert(!strcmp(free_irq(IRQ + 2, &told), "one"));
	iommufd_model_assert(!strcmp(free_irq(IRQ + 2, &other), "two"));
	kfree(device_data);
}

static void leaves_it(void *data)
{
	(void)data;
}

/* A softirq takes a lock that others take with bottom halves on or off. */

static void softirq(void *data)
{
	(void)data;
	iommufd_model_context_enter(IOMMUFD_MODEL_CONTEXT_SOFTIRQ,
				    IOMMUFD_MODEL_SITE("softirq"));
	spin_lock(&lock);
	spin_unlock(&lock);
	iommufd_model_context_leave(IOMMUFD_MODEL_CONTEXT_SOFTIRQ,
				    IOMMUFD_MODEL_SITE("softirq"));
}

static void takes_lock_bh(void *data)
{
	(void)data;
	spin_lock_bh(&lock);
	spin_unlock_bh(&lock);
}

/* The same with a lock that readers share. */
#define IN_SOFTIRQ(name, take, drop)					\
	static void softirq_##name(void *data)				\
	{								\
		(void)data;						\
		iommufd_model_context_enter(				\
			IOMMUFD_MODEL_CONTEXT_SOFTIRQ,			\
			IOMMUFD_MODEL_SITE("softirq"));			\
		take(&rw);						\
		drop(&rw);						\
		iommufd_model_context_leave(				\
			IOMMUFD_MODEL_CONTEXT_SOFTIRQ,			\
			IOMMUFD_MODEL_SITE("softirq"));			\
	}
IN_SOFTIRQ(reads, read_lock, read_unlock)
IN_SOFTIRQ(writes, write_lock, write_unlock)

static void reader(void *data)
{
	(void)data;
	read_lock(&rw);
	read_unlock(&rw);
}

static void writer(void *data)
{
	(void)data;
	write_lock(&rw);
	write_unlock(&rw);
}

static void tries_to_read(void *data)
{
	(void)data;
	if (read_trylock(&rw))
		read_unlock(&rw);
}

static void tries_to_write(void *data)
{
	(void)data;
	if (write_trylock(&rw))
		write_unlock(&rw);
}

/* The lock is always free here. */
static void tries_after_softirq(void *data)
{
	softirq_reads(data);
	tries_to_write(data);
}

#define DEVICE(failure_, setup_, one, two, ...)				\
	{ .failure = IOMMUFD_MODEL_##failure_,				\
	  .test = { .name = #one " and " #two, .setup = setup_,		\
		    .threads = { { #one, one }, { #two, two } } },	\
	  .told = { "" __VA_ARGS__ } }

static const struct verdict devices[] = {
	DEVICE(NO_FAILURE, setup_requested, raises, unbinds),
	DEVICE(NO_FAILURE, setup_requested, raises_twice, unbinds),
	DEVICE(NO_FAILURE, setup_requested, raises, waits_for_it),
	DEVICE(NO_FAILURE, setup_requested, raises, disables),
	DEVICE(NO_FAILURE, setup_requested, raises, synchronizes),
	DEVICE(NO_FAILURE, setup_requested, raises, takes_lock_irq_and_unbinds),
	DEVICE(NO_FAILURE, setup_requested, leaves_it, requests_badly),
	DEVICE(NO_FAILURE, setup_device, leaves_it, requests_thread),
	DEVICE(NO_FAILURE, setup_device, leaves_it, shares),
	DEVICE(NO_FAILURE, setup, softirq, takes_lock_bh),
	DEVICE(NO_FAILURE, setup, softirq, irqsaved),
	DEVICE(NO_FAILURE, setup, softirq_reads, reader),
	DEVICE(NO_FAILURE, setup, softirq_reads, tries_to_read),
	DEVICE(FAIL_DEADLOCK, setup, softirq_reads, writer, "in a softirq"),
	DEVICE(FAIL_DEADLOCK, setup, softirq_reads, tries_to_write,
	       "in a softirq"),
	DEVICE(FAIL_DEADLOCK, setup, leaves_it, tries_after_softirq,
	       "in a softirq"),
	DEVICE(FAIL_DEADLOCK, setup, softirq_writes, reader, "in a softirq"),
	DEVICE(FAIL_DEADLOCK, setup, softirq_writes, tries_to_read,
	       "in a softirq"),
	DEVICE(FAIL_DEADLOCK, setup, softirq_writes, writer, "in a softirq"),
	DEVICE(FAIL_USE_AFTER_FREE, setup_requested, raises,
	       frees_before_free_irq),
	DEVICE(FAIL_LEAK, setup_requested, leaves_it, unbinds_without_free_irq),
	DEVICE(FAIL_ATOMIC, setup_requested, raises, unbinds_with_the_lock,
	       "free_irq may sleep", "&lock"),
	DEVICE(FAIL_WARN, setup_requested, leaves_it, unbinds_twice,
	       "not requested"),
	DEVICE(FAIL_WARN, setup_requested, leaves_it, enables_too_often,
	       "not disabled"),
	DEVICE(FAIL_ASSERTION, setup_requested, raises, disables_nosync),
	DEVICE(FAIL_DEADLOCK, setup_requested, raises, takes_lock_and_unbinds,
	       "&lock is taken", "with interrupts on (takes_lock_and_unbinds",
	       "in an irq handler (handler"),
	DEVICE(FAIL_ATOMIC, setup_device, leaves_it, requests_sleeper,
	       "in an irq handler, entered by request"),
	DEVICE(FAIL_WARN, setup_device, leaves_it, requests_no_thread,
	       "IRQ_WAKE_THREAD"),
	DEVICE(FAIL_DEADLOCK, setup, softirq, locked, "&lock is taken",
	       "with bottom halves on (locked", "in a softirq (softirq"),
};

START_TEST(a_requested_interrupt_comes_at_any_time_until_it_is_freed)
{
	check_verdict(&devices[_i]);
}
END_TEST

/* The tests below are invalid. */

START_TEST(a_handler_interrupts_an_ordinary_thread)
{
	struct iommufd_model_explore_options options = { .quiet = true };
	struct iommufd_model_test test = {
		.name = "nobody", .setup = setup,
		.threads = { { "a", ends_at_once }, { "b", ends_at_once } },
	};
	static const unsigned char wrong[][2] = {
		{ 0, 2 }, { 0, 3 }, { 1, 0 }, { 2, 1 }, { 0, 200 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		test.interrupts[0] = wrong[i][0];
		test.interrupts[1] = wrong[i][1];
		iommufd_model_explore_free(&verdict_result);
		ck_assert_int_eq(iommufd_model_explore(&test, &options,
						       &verdict_result),
				 -EINVAL);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("interrupts");
	TCase *tc = tcase_create("interrupts");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, a_handler_comes_between_any_two_steps, 0,
			    ARRAY_SIZE(verdicts));
	tcase_add_test(tc, a_handler_sees_the_same_in_every_mode);
	tcase_add_loop_test(
		tc, a_requested_interrupt_comes_at_any_time_until_it_is_freed,
		0, ARRAY_SIZE(devices));
	tcase_add_test(tc,
		       random_programs_with_handlers_have_the_same_outcomes);
	tcase_add_test(tc, a_handler_interrupts_an_ordinary_thread);
	return run_suite(suite);
}
