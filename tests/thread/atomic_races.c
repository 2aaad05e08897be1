// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Atomic variables, references and tables under load: sums are right, a bit and
 * an id are given to one thread at a time, a reader of a seqlock sees what was
 * left whole, a percpu_ref is released once, an eventfd loses no signal.
 */
#include "threads.h"

#define ROUNDS 20000

static DEFINE_IDA(ida);
static DEFINE_MUTEX(mutex);
static DEFINE_SEQLOCK(sl);

static struct {
	atomic_t sum;
	atomic64_t wide;
	unsigned long bits;
	int lock;
	u16 half;
	unsigned long by_lock, by_guard;	/* not atomic */
	int a, b;
	struct percpu_ref ref;
	unsigned int released, ready, plain;
	struct eventfd_ctx *ctx;
	int fd;
} s;

static void setup(void)
{
	memset(&s, 0, sizeof(s));
}

static void add_up(struct worker *worker)
{
	int i, old;

	for (i = 0; i < ROUNDS; i++) {
		atomic_add(2, &s.sum);
		old = atomic_read(&s.sum);
		while (!atomic_try_cmpxchg(&s.sum, &old, old - 1))
			;
		atomic64_inc(&s.wide);
		if (!test_and_set_bit_lock(3, &s.bits)) {
			s.by_lock++;
			worker->done++;
			clear_bit_unlock(3, &s.bits);
		}
		while (cmpxchg(&s.lock, 0, 1))
			cpu_relax();
		scoped_guard(mutex, &mutex)
			s.by_guard++;
		smp_store_release(&s.lock, 0);
		if (!xchg(&s.half, 1))
			xchg_release(&s.half, 0);
	}
}

START_TEST(sums_are_right)
{
	unsigned long done = 0;
	int i;

	add_workers(4, add_up, NULL);
	run_workers();
	for (i = 0; i < 4; i++)
		done += workers[i].done;
	ck_assert_int_eq(atomic_read(&s.sum), 4 * ROUNDS);
	ck_assert_int_eq(atomic64_read(&s.wide), 4 * ROUNDS);
	ck_assert_uint_eq(s.by_lock, done);
	ck_assert_uint_eq(s.by_guard, 4 * ROUNDS);
	ck_assert_uint_eq(s.bits, 0);
}
END_TEST

/* Publish data with a barrier and without a lock. */
static void publish(struct worker *worker)
{
	(void)worker;
	s.plain = 7;
	smp_wmb();
	WRITE_ONCE(s.ready, 1);
}

static void consume(struct worker *worker)
{
	smp_cond_load_relaxed(&s.ready, VAL);
	smp_rmb();
	expect(worker, s.plain == 7);
}

START_TEST(barriers_order)
{
	add_workers(1, publish, NULL);
	add_workers(2, consume, NULL);
	run_workers();
}
END_TEST

static void change(struct worker *worker)
{
	int i;

	for (i = 0; i < ROUNDS / 4; i++) {
		if (worker->nr) {
			write_seqlock_irq(&sl);
			WRITE_ONCE(s.a, s.a + 1);
			WRITE_ONCE(s.b, s.b + 1);
			write_sequnlock_irq(&sl);
		} else {
			write_seqlock(&sl);
			WRITE_ONCE(s.a, s.a + 1);
			WRITE_ONCE(s.b, s.b + 1);
			write_sequnlock(&sl);
		}
	}
}

static void look(struct worker *worker)
{
	unsigned int seq;
	int a, b, i;

	for (i = 0; i < ROUNDS / 4; i++) {
		do {
			seq = read_seqbegin(&sl);
			a = READ_ONCE(s.a);
			b = READ_ONCE(s.b);
		} while (read_seqretry(&sl, seq));
		expect(worker, a == b);
	}
}

START_TEST(readers_read_again)
{
	add_workers(2, change, NULL);
	add_workers(2, look, NULL);
	run_workers();
	ck_assert_int_eq(s.a, ROUNDS / 2);
}
END_TEST

static void release(struct percpu_ref *ref)
{
	(void)ref;
	__atomic_fetch_add(&s.released, 1, __ATOMIC_RELAXED);
}

static void use(struct worker *worker)
{
	while (percpu_ref_tryget_live(&s.ref)) {
		expect(worker, !__atomic_load_n(&s.released, __ATOMIC_RELAXED));
		percpu_ref_put(&s.ref);
		worker->done++;
	}
}

static void kill_ref(struct worker *worker)
{
	int i;

	(void)worker;
	for (i = 0; i < 200; i++)
		sched_yield();
	percpu_ref_kill(&s.ref);
}

START_TEST(a_percpu_ref_is_released_once)
{
	ck_assert_int_eq(percpu_ref_init(&s.ref, release, 0, GFP_KERNEL), 0);
	add_workers(3, use, NULL);
	add_workers(1, kill_ref, NULL);
	run_workers();
	ck_assert_uint_eq(s.released, 1);
	percpu_ref_exit(&s.ref);
}
END_TEST

static void take_ids(struct worker *worker)
{
	static unsigned int owner[64];
	int i, id;

	for (i = 0; i < ROUNDS / 4; i++) {
		id = ida_alloc_max(&ida, 63, GFP_KERNEL);
		expect(worker, id >= 0);
		expect(worker, !__atomic_exchange_n(&owner[id], 1,
						    __ATOMIC_RELAXED));
		__atomic_store_n(&owner[id], 0, __ATOMIC_RELAXED);
		ida_free(&ida, (unsigned int)id);
	}
}

START_TEST(an_id_is_given_to_one_at_a_time)
{
	add_workers(4, take_ids, NULL);
	run_workers();
	ck_assert(ida_is_empty(&ida));
}
END_TEST

static void send(struct worker *worker)
{
	int i;

	(void)worker;
	for (i = 0; i < ROUNDS / 8; i++)
		eventfd_signal(s.ctx);
}

static void receive(struct worker *worker)
{
	u64 n;

	while (worker->done < 3 * (ROUNDS / 8)) {
		expect(worker, iommufd_model_read(s.fd, &n, 8) == 8);
		worker->done += n;
	}
}

START_TEST(no_signal_is_lost)
{
	s.fd = iommufd_model_eventfd(0, 0);
	s.ctx = eventfd_ctx_fdget(s.fd);
	add_workers(3, send, NULL);
	add_workers(1, receive, NULL);
	run_workers();
	ck_assert_uint_eq(workers[3].done, 3 * (ROUNDS / 8));
	eventfd_ctx_put(s.ctx);
	iommufd_model_close(s.fd);
}
END_TEST

static void add_tests(TCase *tc)
{
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, sums_are_right);
	tcase_add_test(tc, barriers_order);
	tcase_add_test(tc, readers_read_again);
	tcase_add_test(tc, a_percpu_ref_is_released_once);
	tcase_add_test(tc, an_id_is_given_to_one_at_a_time);
	tcase_add_test(tc, no_signal_is_lost);
}

int main(void)
{
	return run_races("atomic_races", add_tests);
}
