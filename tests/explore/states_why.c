// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Kinds of locks in memory that a test lists, and what ends the use of states.
 */
#define _GNU_SOURCE
#include "suite.h"
#include "../../src/kernel/poison.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/memfd.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static struct {
	rwlock_t lock;
	int x;
} s;

static void clear(void *data)
{
	(void)data;
	memset(&s, 0, sizeof(s));
	rwlock_init(&s.lock);
}

static void use_lock(void *data)
{
	(void)data;
	write_lock(&s.lock);
	WRITE_ONCE(s.x, READ_ONCE(s.x) + 1);
	write_unlock(&s.lock);
	read_lock(&s.lock);
	iommufd_model_assert(READ_ONCE(s.x) > 0);
	read_unlock(&s.lock);
	if (write_trylock(&s.lock))
		write_unlock(&s.lock);
	if (read_trylock(&s.lock))
		read_unlock(&s.lock);
}

static void increment(void *data)
{
	(void)data;
	WRITE_ONCE(s.x, READ_ONCE(s.x) + 1);
}

static struct iommufd_model_explore_result result;

static void explore(struct iommufd_model_test test)
{
	struct iommufd_model_explore_options options = {
		.jobs = 1, .quiet = true,
	};

	test.name = "states";
	test.setup = clear;
	setenv("IOMMUFD_MODEL_EXPLORE_STATES_AFTER", "1", 1);
	iommufd_model_explore_free(&result);
	ck_assert_msg(!iommufd_model_explore(&test, &options, &result), "%s",
		      result.report);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE);
}

#define explore_test(...) explore((struct iommufd_model_test){ __VA_ARGS__ })

static void ck_assert_states_end_by(const char *why)
{
	ck_assert_msg(strstr(result.no_states, why), "\"%s\"",
		      result.no_states);
}

START_TEST(a_lock_for_readers_is_part_of_a_state)
{
	explore_test(.threads = { { "a", use_lock }, { "b", use_lock } },
		     .memory = { { &s, sizeof(s) } });
	ck_assert_str_eq(result.no_states, "");
	ck_assert_uint_gt(result.states, 0);
}
END_TEST

static void explore_statics(const char *why)
{
	explore_test(.threads = { { "a", increment }, { "b", increment } },
		     .memory = { IOMMUFD_MODEL_STATIC_VARIABLES });
#ifdef WITH_ASAN
	why = "static variables are not known here";
#endif
	ck_assert_states_end_by(why);
}

START_TEST(device_memory_ends_the_use_of_states)
{
	void *page = alloc_pages_exact(PAGE_SIZE, GFP_KERNEL);

	explore_statics("device memory");
	free_pages_exact(page, PAGE_SIZE);
}
END_TEST

START_TEST(memory_files_end_the_use_of_states)
{
	int fd = memfd_create("states", MFD_CLOEXEC);
	struct file *file;

	ck_assert_int_eq(ftruncate(fd, PAGE_SIZE), 0);
	file = iommufd_model_fget_any(fd);
	explore_statics("memfds");
	fput(file);
	close(fd);
}
END_TEST

START_TEST(equal_threads_end_the_use_of_states)
{
	explore_test(.threads = { { "a", increment }, { "b", increment } },
		     .symmetric = true, .memory = { { &s, sizeof(s) } });
	ck_assert_states_end_by("equal threads");
}
END_TEST

static char much[32u << 20];

START_TEST(too_much_listed_memory_ends_the_use_of_states)
{
	explore_test(.threads = { { "a", increment }, { "b", increment } },
		     .memory = { { much, sizeof(much) } });
	ck_assert_states_end_by("too much memory");
}
END_TEST

static Suite *states_why_suite(void)
{
	Suite *suite = suite_create("states_why");
	TCase *tc = tcase_create("states_why");

	suite_add_tcase(suite, tc);
	tcase_add_test(tc, a_lock_for_readers_is_part_of_a_state);
	tcase_add_test(tc, device_memory_ends_the_use_of_states);
	tcase_add_test(tc, memory_files_end_the_use_of_states);
	tcase_add_test(tc, equal_threads_end_the_use_of_states);
	tcase_add_test(tc, too_much_listed_memory_ends_the_use_of_states);
	return suite;
}

int main(void)
{
	return run_suite(states_why_suite());
}
