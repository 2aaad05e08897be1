// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Files with the kernel's own operations: modes, positions, poll, and the ways
 * to find a file by its descriptor.
 */
#define _DEFAULT_SOURCE
#include "ground_suite.h"
#include "listener.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/file.h>
#include <iommufd_model/model.h>
#include <unistd.h>

static wait_queue_head_t queues[2];
static unsigned int ready;
static bool waits;

static __poll_t two_poll(struct file *filp, poll_table *wait)
{
	waits = !poll_does_not_wait(wait);
	poll_wait(filp, &queues[0], wait);
	poll_wait(filp, &queues[1], wait);
	return READ_ONCE(ready);
}

static ssize_t one_read(struct file *filp, char __user *buf, size_t count,
			loff_t *ppos)
{
	(void)filp;
	if (count < sizeof(int))
		return -EINVAL;
	return put_user((int)*ppos, (int __user *)(void *)buf) ? -EFAULT : 4;
}

static ssize_t all_write(struct file *filp, const char __user *buf,
			 size_t count, loff_t *ppos)
{
	(void)filp;
	(void)buf;
	(void)ppos;
	return (ssize_t)count;
}

static const struct file_operations fops = {
	.owner = THIS_MODULE, .open = stream_open, .read = one_read,
	.write = all_write, .poll = two_poll, .llseek = noop_llseek,
	.compat_ioctl = compat_ptr_ioctl,
};
static const struct file_operations no_fops = { .owner = THIS_MODULE };

static void setup(void)
{
	ground_setup();
	init_waitqueue_head(&queues[0]);
	init_waitqueue_head(&queues[1]);
	ready = 0;
	iommufd_model_clock_stop();
}

static void teardown(void)
{
	iommufd_model_clock_run();
	ground_teardown();
}

START_TEST(the_mode_says_what_user_space_may_do)
{
	static const struct { int flags; ssize_t read, write; } modes[] = {
		{ O_RDONLY, 4, -EBADF }, { O_WRONLY, -EBADF, 4 },
		{ O_RDWR, 4, 4 }, { O_RDWR | O_NONBLOCK | O_CLOEXEC, 4, 4 },
	};
	int fd = anon_inode_getfd("[one]", &fops, NULL, modes[_i].flags);
	int value = -1;

	ck_assert_int_eq(iommufd_model_read(fd, &value, 4), modes[_i].read);
	ck_assert_int_eq(value, modes[_i].read == 4 ? 0 : -1);
	ck_assert_int_eq(iommufd_model_write(fd, &value, 4), modes[_i].write);
	if (modes[_i].read == 4) {
		ck_assert_int_eq(iommufd_model_pread(fd, &value, 4, 77), 4);
		ck_assert_int_eq(value, 77);
		ck_assert_int_eq(iommufd_model_read(fd, NULL, 4), -EFAULT);
		ck_assert_int_eq(iommufd_model_read(fd, &value, 3), -EINVAL);
	}
	ck_assert_int_eq(iommufd_model_close(fd), 0);
}
END_TEST

START_TEST(what_a_file_lacks_is_an_error)
{
	int fd = anon_inode_getfd("[none]", &no_fops, NULL, O_RDWR), value;

	ck_assert_int_eq(iommufd_model_read(fd, &value, 4), -EINVAL);
	ck_assert_int_eq(iommufd_model_write(fd, &value, 4), -EINVAL);
	ck_assert_int_eq(iommufd_model_poll(fd), DEFAULT_POLLMASK);
	ck_assert_int_eq(iommufd_model_poll_wait(fd, EPOLLIN, -1), EPOLLIN);
	ck_assert_int_eq(iommufd_model_close(fd), 0);
	ck_assert_int_eq(iommufd_model_poll(fd), -EBADF);
	ck_assert_int_eq(iommufd_model_poll_wait(fd, EPOLLIN, -1), -EBADF);
	ck_assert_int_eq(iommufd_model_read(fd, &value, 4), -EBADF);
	ck_assert_int_eq(iommufd_model_write(-1, &value, 4), -EBADF);
}
END_TEST

START_TEST(a_descriptor_that_cannot_be_made_leaves_nothing)
{
	unsigned long n;
	int fd;

	/* The first descriptor also allocates a node of the table. */
	fd = anon_inode_getfd("[one]", &fops, NULL, O_RDWR);
	iommufd_model_close(fd);
	for (n = 1;; n++) {
		iommufd_model_fail_nth(n);
		fd = anon_inode_getfd("[one]", &fops, NULL, O_RDWR);
		if (!iommufd_model_failed())
			break;
		ck_assert_int_eq(fd, -ENOMEM);
		ck_assert_uint_eq(iommufd_model_leaks(0, NULL, NULL), 0);
	}
	iommufd_model_fail_nth(0);
	ck_assert_uint_gt(n, 1);
	ck_assert_int_eq(iommufd_model_close(fd), 0);
}
END_TEST

START_TEST(a_found_file_has_a_reference_for_a_while)
{
	int number = anon_inode_getfd("[one]", &fops, &ready, O_RDWR);
	struct fd found = fdget((unsigned int)number);
	struct file *file = fd_file(found);

	ck_assert(!fd_empty(found) && file->private_data == &ready);
	ck_assert_uint_eq(file_count(file), 2);
	fdput(found);
	{
		CLASS(fd, f)(number);

		ck_assert(fd_file(f) == file && file_count(file) == 2);
	}
	ck_assert_uint_eq(file_count(file), 1);
	ck_assert_int_eq(iommufd_model_close(number), 0);
	found = fdget((unsigned int)number);
	ck_assert(fd_empty(found));
	fdput(found);
}
END_TEST

START_TEST(only_a_poll_that_waits_puts_itself_on_the_queues)
{
	int fd = anon_inode_getfd("[two]", &fops, NULL, O_RDWR);

	ready = EPOLLIN | EPOLLOUT;
	ck_assert_int_eq(iommufd_model_poll(fd), EPOLLIN | EPOLLOUT);
	ck_assert(!waits);
	ck_assert_int_eq(iommufd_model_poll_wait(fd, EPOLLOUT, -1), EPOLLOUT);
	ck_assert(waits);
	ck_assert_int_eq(iommufd_model_poll_wait(fd, EPOLLPRI, 0), 0);
	ready = EPOLLHUP;
	ck_assert_int_eq(iommufd_model_poll_wait(fd, 0, -1), EPOLLHUP);
	ck_assert(list_empty(&queues[0].head) && list_empty(&queues[1].head));
	ck_assert_int_eq(iommufd_model_close(fd), 0);
}
END_TEST

static wait_queue_head_t crowd[9];
static bool watched[ARRAY_SIZE(crowd)];

static __poll_t crowded_poll(struct file *filp, poll_table *wait)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(crowd); i++) {
		poll_wait(filp, &crowd[i], wait);
		watched[i] = !list_empty(&crowd[i].head);
	}
	return EPOLLIN;
}

/* What is more gets a notice. */
START_TEST(a_poll_watches_eight_queues)
{
	static const struct file_operations crowded = {
		.owner = THIS_MODULE, .poll = crowded_poll,
	};
	int fd = anon_inode_getfd("[nine]", &crowded, NULL, O_RDWR);
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(crowd); i++)
		init_waitqueue_head(&crowd[i]);
	ck_assert_int_eq(iommufd_model_poll_wait(fd, EPOLLIN, -1), EPOLLIN);
	ck_assert(watched[0] && watched[7] && !watched[8]);
	ck_assert(list_empty(&crowd[7].head));
	ck_assert_int_eq(iommufd_model_close(fd), 0);
}
END_TEST

struct waiter {
	int fd, timeout, got;
};

static void *wait_for_input(void *data)
{
	struct waiter *waiter = data;

	waiter->got = iommufd_model_poll_wait(waiter->fd, EPOLLIN,
					      waiter->timeout);
	return NULL;
}

/* Waits until the thread has entered both queues. */
static void until_queued(void)
{
	bool queued = false;
	int i;

	while (!queued) {
		sched_yield();
		for (i = 0, queued = true; i < 2; i++) {
			spin_lock(&queues[i].lock);
			queued &= !list_empty(&queues[i].head);
			spin_unlock(&queues[i].lock);
		}
	}
}

START_TEST(either_queue_wakes_and_other_events_do_not_count)
{
	struct waiter waiter = {
		.fd = anon_inode_getfd("[two]", &fops, NULL, O_RDWR),
		.timeout = -1,
	};
	pthread_t thread = start_thread(wait_for_input, &waiter);

	until_queued();
	WRITE_ONCE(ready, EPOLLOUT);
	/* wakes the queue for which the thread does not wait */
	wake_up(&queues[1 - _i]);
	WRITE_ONCE(ready, EPOLLIN);
	wake_up_interruptible(&queues[_i]);
	join_thread(thread);
	ck_assert_int_eq(waiter.got, EPOLLIN);
	ck_assert(list_empty(&queues[0].head) && list_empty(&queues[1].head));
	ck_assert_int_eq(iommufd_model_close(waiter.fd), 0);
}
END_TEST

/* Who keeps the counter learns that its file is gone, as a driver needs to. */
static int event_fd, thread_done;

static u64 read_event(void)
{
	u64 value = 0;

	ck_assert_int_eq(iommufd_model_read(event_fd, &value, sizeof(value)),
			 sizeof(value));
	return value;
}

static void write_event(u64 value)
{
	ck_assert_int_eq(iommufd_model_write(event_fd, &value, sizeof(value)),
			 sizeof(value));
}

static void *write_five(void *data)
{
	u64 five = 5;

	*(ssize_t *)data = iommufd_model_write(event_fd, &five, sizeof(five));
	raise_flag(&thread_done);
	return NULL;
}

static void *read_once(void *data)
{
	iommufd_model_read(event_fd, data, sizeof(u64));
	raise_flag(&thread_done);
	return NULL;
}

/* Gives a thread the time to sleep, and checks that it has not gone on. */
static void check_that_it_waits(void)
{
	usleep(20000);
	ck_assert(!flag_is_up(&thread_done));
}

START_TEST(a_counter_without_room_or_value_is_waited_for)
{
	pthread_t thread;
	ssize_t written;
	u64 value;

	event_fd = iommufd_model_eventfd(0, 0);
	write_event(U64_MAX - 1);
	thread_done = 0;
	thread = start_thread(write_five, &written);
	check_that_it_waits();
	ck_assert_uint_eq(read_event(), U64_MAX - 1);
	join_thread(thread);
	ck_assert_int_eq(written, sizeof(u64));
	ck_assert_uint_eq(read_event(), 5);

	thread_done = 0;
	thread = start_thread(read_once, &value);
	check_that_it_waits();
	write_event(7);
	join_thread(thread);
	ck_assert_uint_eq(value, 7);
	iommufd_model_close(event_fd);
}
END_TEST

START_TEST(the_end_of_an_event_file_is_heard)
{
	int fd = iommufd_model_eventfd(0, 0);
	struct eventfd_ctx *ctx = eventfd_ctx_fdget(fd);
	struct file *filp = fget((unsigned int)fd);
	struct listener poller;

	listen_to(&poller, filp);
	ck_assert_int_eq(iommufd_model_close(fd), 0);
	ck_assert_uint_eq(poller.heard, 0);
	fput(filp);
	ck_assert_uint_eq(poller.heard, 1);
	stop_listening(&poller);
	eventfd_ctx_put(ctx);
}
END_TEST

START_TEST(a_poll_ends_when_its_time_has_passed)
{
	struct waiter waiter = {
		.fd = anon_inode_getfd("[two]", &fops, NULL, O_RDWR),
		.timeout = 100,
	};
	pthread_t thread = start_thread(wait_for_input, &waiter);

	wait_for_sleepers(1);
	iommufd_model_clock_advance(100);
	join_thread(thread);
	ck_assert_int_eq(waiter.got, 0);
	ck_assert_int_eq(iommufd_model_close(waiter.fd), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("file operations");
	TCase *tc = case_with(suite, "file operations", setup, teardown);

	tcase_add_loop_test(tc, the_mode_says_what_user_space_may_do, 0, 4);
	tcase_add_test(tc, what_a_file_lacks_is_an_error);
	tcase_add_test(tc, a_descriptor_that_cannot_be_made_leaves_nothing);
	tcase_add_test(tc, a_found_file_has_a_reference_for_a_while);
	tcase_add_test(tc, only_a_poll_that_waits_puts_itself_on_the_queues);
	tcase_add_test(tc, a_poll_watches_eight_queues);
	tcase_add_loop_test(tc,
			    either_queue_wakes_and_other_events_do_not_count,
			    0, 2);
	tcase_add_test(tc, a_counter_without_room_or_value_is_waited_for);
	tcase_add_test(tc, the_end_of_an_event_file_is_heard);
	tcase_add_test(tc, a_poll_ends_when_its_time_has_passed);
	return run_suite(suite);
}
