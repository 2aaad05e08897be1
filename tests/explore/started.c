// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Work items that setup waits for, some of which wait in line for a semaphore,
 * and looks at an item while another thread flushes it.
 */
#include "suite.h"
#include "verdict.h"
#include "../../src/kernel/ground.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/workqueue.h>

static struct {
	struct rw_semaphore sem;
	struct work_struct reader, writer;
	int x, done;
} s;

static void read_both(struct work_struct *work)
{
	int x;

	(void)work;
	down_read(&s.sem);
	x = READ_ONCE(s.x);
	iommufd_model_assert(READ_ONCE(s.x) == x);
	up_read(&s.sem);
}

static void write_both(struct work_struct *work)
{
	(void)work;
	down_write(&s.sem);
	WRITE_ONCE(s.x, 1);
	WRITE_ONCE(s.x, 2);
	up_write(&s.sem);
}

static void setup(void *data)
{
	(void)data;
	memset(&s, 0, sizeof(s));
	init_rwsem(&s.sem);
	INIT_WORK(&s.reader, read_both);
	INIT_WORK(&s.writer, write_both);
}

/* The writer comes while the reader has the semaphore. */
static void setup_waits_for_both(void *data)
{
	setup(data);
	queue_work(system_unbound_wq, &s.reader);
	queue_work(system_unbound_wq, &s.writer);
	flush_work(&s.writer);
	flush_work(&s.reader);
	iommufd_model_assert(!s.sem.writers_waiting);
	iommufd_model_assert(s.x == 2);
}

static void read_again(void *data)
{
	(void)data;
	read_both(NULL);
}

static void queue_and_flush(void *data)
{
	(void)data;
	queue_work(system_wq, &s.writer);
	flush_work(&s.writer);
	iommufd_model_assert(READ_ONCE(s.x) == 2);
}

static void look(void *data)
{
	(void)data;
	iommufd_model_assert(work_busy(&s.writer) <=
			     (WORK_BUSY_PENDING | WORK_BUSY_RUNNING));
}

static void nothing(void *data)
{
	(void)data;
}

/* A thread with the number of one that has ended does nothing. */

static void count_up(void *data)
{
	(void)data;
	WRITE_ONCE(s.x, READ_ONCE(s.x) + 1);
	iommufd_model_done(&s.done, IOMMUFD_MODEL_SITE("count_up()"));
}

static void start_two(void *data)
{
	int number = iommufd_model_background("counter", count_up, NULL, false);

	(void)data;
	iommufd_model_wait_until(&s.done, 1, number,
				 IOMMUFD_MODEL_SITE("s.done"));
	WRITE_ONCE(s.x, READ_ONCE(s.x) + 1);
	iommufd_model_background("counter", nothing, NULL, false);
	iommufd_model_assert(READ_ONCE(s.x) == 2);
}

/* What iommufd_model_spawn() returned is a number or an error. */
static void join_nobody(void *data)
{
	(void)data;
	iommufd_model_join(-EAGAIN);
	iommufd_model_join(7);
	WRITE_ONCE(s.x, 1);
}

START_TEST(work_items_are_waited_for)
{
	static const struct verdict rows[] = {
		RIGHT(0, "in setup", setup_waits_for_both, nothing,
		      T(read_again)),
		RIGHT(0, "and looked at", setup, nothing, T(queue_and_flush),
		      T(look)),
		RIGHT(0, "in the other order", setup, nothing, T(look),
		      T(queue_and_flush)),
		RIGHT(0, "a number once more", setup, nothing, T(start_two)),
		RIGHT(1, "a number of nobody", setup, nothing, T(join_nobody)),
	};

	check_verdict(&rows[_i]);
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("started");
	TCase *tc = tcase_create("started");

	tcase_add_loop_test(tc, work_items_are_waited_for, 0, 5);
	suite_add_tcase(suite, tc);
	return suite;
}

int main(void)
{
	return run_suite(suite());
}
