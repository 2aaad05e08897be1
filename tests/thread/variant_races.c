// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The variants of locks, completions, exclusive sleepers and interrupts on
 * threads of the system.  What they guard are plain variables, so that
 * ThreadSanitizer reports a lock that does not order accesses.
 */
#include "suite.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/interrupt.h>

#define NR_THREADS 4
#define ROUNDS 500

static DEFINE_SPINLOCK(spin);
static DEFINE_RWLOCK(rw);
static DECLARE_RWSEM(sem);
static DECLARE_WAIT_QUEUE_HEAD(queue);
static DECLARE_COMPLETION(ping);
static DECLARE_COMPLETION(pong);
static int counter, tokens;

static void *count(void *arg)
{
	unsigned long flags;
	int i;

	(void)arg;
	for (i = 0; i < ROUNDS; i++) {
		spin_lock_irqsave(&spin, flags);
		counter++;
		spin_unlock_irqrestore(&spin, flags);
		while (!spin_trylock_bh(&spin))
			cpu_relax();
		counter++;
		spin_unlock_bh(&spin);
	}
	return NULL;
}

static void *count_as_writer(void *arg)
{
	int i, mine;

	(void)arg;
	for (i = 0; i < ROUNDS; i++) {
		write_lock(&rw);
		counter++;
		write_unlock(&rw);
		read_lock(&rw);
		mine = counter;
		read_unlock(&rw);
		write_lock_irq(&rw);
		counter += mine > 0;
		write_unlock_irq(&rw);
	}
	return NULL;
}

static void *downgrade(void *arg)
{
	int i, mine;

	(void)arg;
	for (i = 0; i < ROUNDS; i++) {
		down_write(&sem);
		mine = ++counter;
		downgrade_write(&sem);
		if (counter != mine)
			abort();
		up_read(&sem);
		down_write(&sem);
		counter++;
		up_write(&sem);
	}
	return NULL;
}

static void run(void *(*fn)(void *))
{
	pthread_t threads[NR_THREADS];
	int i;

	counter = 0;
	for (i = 0; i < NR_THREADS; i++)
		ck_assert(!pthread_create(&threads[i], NULL, fn, NULL));
	for (i = 0; i < NR_THREADS; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_eq(counter, 2 * NR_THREADS * ROUNDS);
}

START_TEST(variants_of_locks_exclude)
{
	run(count);
	run(count_as_writer);
	run(downgrade);
}
END_TEST

static void *answer(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < ROUNDS; i++) {
		wait_for_completion(&ping);
		counter++;
		complete(&pong);
	}
	return NULL;
}

START_TEST(completions_go_back_and_forth)
{
	pthread_t thread;
	int i;

	counter = 0;
	ck_assert(!pthread_create(&thread, NULL, answer, NULL));
	for (i = 0; i < ROUNDS; i++) {
		counter++;
		complete(&ping);
		wait_for_completion(&pong);
	}
	pthread_join(thread, NULL);
	ck_assert_int_eq(counter, 2 * ROUNDS);
	ck_assert(!try_wait_for_completion(&ping));
	ck_assert_uint_eq(wait_for_completion_timeout(&ping, 1), 0);
}
END_TEST

static bool take_token(void)
{
	bool got;

	spin_lock(&spin);
	got = tokens > 0;
	tokens -= got;
	spin_unlock(&spin);
	return got;
}

static void *consume(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < ROUNDS; i++)
		wait_event_interruptible_exclusive(queue, take_token());
	return NULL;
}

START_TEST(each_wake_up_reaches_an_exclusive_sleeper)
{
	pthread_t threads[NR_THREADS];
	int i;

	for (i = 0; i < NR_THREADS; i++)
		ck_assert(!pthread_create(&threads[i], NULL, consume, NULL));
	for (i = 0; i < NR_THREADS * ROUNDS; i++) {
		spin_lock(&spin);
		tokens++;
		spin_unlock(&spin);
		wake_up(&queue);
	}
	for (i = 0; i < NR_THREADS; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_eq(tokens, 0);
}
END_TEST

static irqreturn_t handler(int irq, void *dev_id)
{
	unsigned long flags;

	(void)irq;
	spin_lock_irqsave(&spin, flags);
	++*(int *)dev_id;
	spin_unlock_irqrestore(&spin, flags);
	return IRQ_HANDLED;
}

START_TEST(no_handler_runs_after_free_irq)
{
	int i, n, calls;

	for (i = 0; i < 100; i++) {
		calls = 0;
		ck_assert_int_eq(request_irq(5, handler, 0, "device", &calls),
				 0);
		for (n = 0; n < 3; n++)
			iommufd_model_irq_raise(5);
		synchronize_irq(5);
		spin_lock(&spin);
		ck_assert_int_ge(calls, 1);
		spin_unlock(&spin);
		iommufd_model_irq_raise(5);
		ck_assert_str_eq(free_irq(5, &calls), "device");
		ck_assert_int_le(calls, 4);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("variant_races");
	TCase *tc = tcase_create("variants");

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, variants_of_locks_exclude);
	tcase_add_test(tc, completions_go_back_and_forth);
	tcase_add_test(tc, each_wake_up_reaches_an_exclusive_sleeper);
	tcase_add_test(tc, no_handler_runs_after_free_irq);
	return run_suite(suite);
}
