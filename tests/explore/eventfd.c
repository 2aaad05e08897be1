// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A driver that signals its user by an eventfd.  While it signals, the user
 * reads the eventfd, closes it, or sets another one.
 */
#include "suite.h"
#include "verdict.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/model.h>

static struct eventfd_ctx *trigger;
static struct mutex lock;
static int fd, plain;

static void setup(void *data)
{
	(void)data;
	mutex_init(&lock);
	plain = 0;
	fd = iommufd_model_eventfd(0, 0);
	iommufd_model_assert(fd >= 0);
	trigger = eventfd_ctx_fdget(fd);
	iommufd_model_assert(!IS_ERR(trigger));
}

static void after(void *data)
{
	(void)data;
	if (trigger)
		eventfd_ctx_put(trigger);
	iommufd_model_close(fd);
}

static void closed(void *data)
{
	(void)data;
	if (trigger)
		eventfd_ctx_put(trigger);
}

static void signals(void *data)
{
	(void)data;
	WRITE_ONCE(plain, 7);
	eventfd_signal(trigger);
}

static void signals_too_early(void *data)
{
	(void)data;
	eventfd_signal(trigger);
	WRITE_ONCE(plain, 7);
}

static void reads(void *data)
{
	u64 n = 0;

	(void)data;
	iommufd_model_assert(iommufd_model_read(fd, &n, sizeof(n)) ==
			     sizeof(n));
	iommufd_model_assert(n >= 1 && READ_ONCE(plain) == 7);
}

static void reads_two(void *data)
{
	u64 n = 0, sum = 0;

	(void)data;
	while (sum < 2) {
		iommufd_model_read(fd, &n, sizeof(n));
		sum += n;
	}
	iommufd_model_assert(sum == 2);
}

static void reads_twice(void *data)
{
	reads(data);
	reads(data);
}

static void polls_and_reads(void *data)
{
	u64 n = 0;

	(void)data;
	iommufd_model_assert(iommufd_model_poll_wait(fd, EPOLLIN, -1) &
			     EPOLLIN);
	iommufd_model_read(fd, &n, sizeof(n));
	iommufd_model_assert(n == 1 && READ_ONCE(plain) == 7);
}

static void polls_twice(void *data)
{
	polls_and_reads(data);
	polls_and_reads(data);
}

static void closes(void *data)
{
	(void)data;
	iommufd_model_close(fd);
}

/* The user removes the trigger, with the lock or without it. */
static void signals_locked(void *data)
{
	(void)data;
	mutex_lock(&lock);
	if (trigger)
		eventfd_signal(trigger);
	mutex_unlock(&lock);
}

static void signals_unlocked(void *data)
{
	struct eventfd_ctx *ctx = READ_ONCE(trigger);

	(void)data;
	if (ctx)
		eventfd_signal(ctx);
}

static void takes_away(void *data)
{
	struct eventfd_ctx *ctx;

	(void)data;
	mutex_lock(&lock);
	ctx = trigger;
	WRITE_ONCE(trigger, NULL);
	mutex_unlock(&lock);
	eventfd_ctx_put(ctx);
	iommufd_model_close(fd);
}

static void gets_and_forgets(void *data)
{
	(void)data;
	eventfd_ctx_fdget(fd);
}

static void signals_in_atomic(void *data)
{
	(void)data;
	guard(irqsave)();
	eventfd_signal(trigger);
}

static const struct verdict verdicts[] = {
	RIGHT(0, "signal and read", setup, after, T(signals), T(reads)),
	WRONG(ASSERTION, "signals_too_early", "plain", "signalled too early",
	      setup, after, T(signals_too_early), T(reads)),
	RIGHT(0, "two signals", setup, after, T(signals), T(signals),
	      T(reads_two)),
	WRONG(LOST_WAKEUP, "reads_twice", NULL, "one signal and two reads",
	      setup, after, T(signals), T(reads_twice)),
	RIGHT(0, "signal and poll", setup, after, T(signals),
	      T(polls_and_reads)),
	WRONG(LOST_WAKEUP, "polls_twice", NULL, "one signal and two polls",
	      setup, after, T(signals), T(polls_twice)),
	RIGHT(0, "the user closes", setup, closed, T(signals), T(closes)),
	RIGHT(0, "the trigger is taken away", setup, closed, T(signals_locked),
	      T(takes_away)),
	WRONG(USE_AFTER_FREE, "signals_unlocked", NULL,
	      "the trigger is taken away without a lock", setup, closed,
	      T(signals_unlocked), T(takes_away)),
	WRONG(LEAK, "bytes allocated", NULL, "a reference that is forgotten",
	      setup, after, T(gets_and_forgets)),
	RIGHT(1, "in atomic context", setup, after, T(signals_in_atomic)),
};

START_TEST(eventfds_have_their_verdict)
{
	check_verdict(&verdicts[_i]);
}
END_TEST

START_TEST(read_write_and_poll)
{
	int n = iommufd_model_eventfd(3, EFD_NONBLOCK), s;
	u64 v = 5, max = U64_MAX - 1;

	ck_assert_int_eq(iommufd_model_eventfd(0, 0x100), -EINVAL);
	ck_assert_int_eq(iommufd_model_poll(n), EPOLLIN | EPOLLOUT);
	ck_assert_int_eq(iommufd_model_write(n, &v, 8), 8);
	ck_assert_int_eq(iommufd_model_read(n, &v, 7), -EINVAL);
	ck_assert_int_eq(iommufd_model_read(n, NULL, 8), -EFAULT);
	ck_assert_int_eq(iommufd_model_read(n, &v, 8), -EAGAIN);
	ck_assert_int_eq(iommufd_model_write(n, &v, 8), 8);
	ck_assert_int_eq(iommufd_model_read(n, &v, 8), 8);
	ck_assert_uint_eq(v, 5);
	ck_assert_int_eq(iommufd_model_poll(n), EPOLLOUT);
	ck_assert_int_eq(iommufd_model_write(n, &max, 8), 8);
	ck_assert_int_eq(iommufd_model_write(n, &v, 8), -EAGAIN);
	ck_assert_int_eq(iommufd_model_poll(n), EPOLLIN);
	max++;
	ck_assert_int_eq(iommufd_model_write(n, &max, 8), -EINVAL);
	s = iommufd_model_eventfd(2, EFD_SEMAPHORE);
	ck_assert_int_eq(iommufd_model_read(s, &v, 8), 8);
	ck_assert_uint_eq(v, 1);
	ck_assert_int_eq(PTR_ERR(eventfd_ctx_fdget(-1)), -EBADF);
	ck_assert_int_eq(PTR_ERR(eventfd_ctx_fdget(s + 100)), -EBADF);
	iommufd_model_close(n);
	iommufd_model_close(s);
	s = iommufd_model_open();
	ck_assert_int_eq(PTR_ERR(eventfd_ctx_fdget(s)), -EINVAL);
	iommufd_model_close(s);
	ck_assert_uint_eq(nr_leaks(), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("eventfd");
	TCase *tc = tcase_create("eventfd");

	tcase_add_loop_test(tc, eventfds_have_their_verdict, 0,
			    ARRAY_SIZE(verdicts));
	tcase_add_test(tc, read_write_and_poll);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
