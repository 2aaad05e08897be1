// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Copies from and to user memory that is inaccessible.
 *
 * The user's memory in this test is an accessible page, followed by an
 * inaccessible one.
 */
#include "ground_suite.h"
#include "../../../src/kernel/ground.h"
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static char *user, *hole;
static size_t host_page;
static char buf[64];

static void setup(void)
{
	ground_setup();
	host_page = (size_t)sysconf(_SC_PAGESIZE);
	user = mmap(NULL, 2 * host_page, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(user, MAP_FAILED);
	hole = user + host_page;
	ck_assert_int_eq(mprotect(hole, host_page, PROT_NONE), 0);
	memset(buf, 'b', sizeof(buf));
}

static void teardown(void)
{
	munmap(user, 2 * host_page);
	ground_teardown();
}

/* Returns a mapping beyond the end of a file, whose access raises SIGBUS. */
static void *beyond_end_of_file(void)
{
	FILE *file = tmpfile();
	void *p;

	ck_assert_ptr_nonnull(file);
	p = mmap(NULL, host_page, PROT_READ | PROT_WRITE, MAP_SHARED,
		 fileno(file), 0);
	ck_assert_ptr_ne(p, MAP_FAILED);
	fclose(file);
	return p;
}

/* Returns an address of each kind at which not a single byte can be read. */
static const void *bad_address(int i)
{
	switch (i) {
	case 0:
		return NULL;
	case 1:
		return (void *)8;
	case 2:
		return hole;
	case 3:
		munmap(hole, host_page);
		return hole;
	case 4:
		return (void *)-1;
	case 5:
		/* the range wraps around the end of memory */
		return (void *)-8;
	case 6:
		return beyond_end_of_file();
	default:
		return (void *)(1ul << 62);	/* not a canonical address */
	}
}

#define NR_BAD 8

START_TEST(good_copies_leave_nothing_uncopied)
{
	size_t n;

	for (n = 0; n <= 40; n++) {
		memset(user, 'u', 64);
		memset(buf, 'b', 64);
		ck_assert_uint_eq(copy_from_user(buf, user + 1, n), 0);
		ck_assert_int_eq(n ? buf[n - 1] : 'u', 'u');
		ck_assert_int_eq(buf[n], 'b');

		memset(buf, 'k', 64);
		ck_assert_uint_eq(copy_to_user(user + 3, buf, n), 0);
		ck_assert_int_eq(user[2], 'u');
		ck_assert_int_eq(n ? user[3 + n - 1] : 'k', 'k');
		ck_assert_int_eq(user[3 + n], 'u');
	}
}
END_TEST

START_TEST(reading_from_a_bad_address_copies_nothing_and_zeroes)
{
	const void *bad = bad_address(_i);
	int i;

	ck_assert_uint_eq(copy_from_user(buf, bad, 24), 24);
	for (i = 0; i < 24; i++)
		ck_assert_int_eq(buf[i], 0);
	ck_assert_int_eq(buf[24], 'b');
	ck_assert_uint_eq(copy_from_user(buf, bad, 1), 1);
	ck_assert_uint_eq(copy_from_user(buf, bad, 0), 0);
}
END_TEST

START_TEST(writing_to_a_bad_address_copies_nothing)
{
	void *bad = (void *)(uintptr_t)bad_address(_i);

	ck_assert_uint_eq(copy_to_user(bad, buf, 24), 24);
	ck_assert_uint_eq(copy_to_user(bad, buf, 1), 1);
	ck_assert_uint_eq(copy_to_user(bad, buf, 0), 0);
}
END_TEST

START_TEST(read_only_memory_can_be_read_and_not_written)
{
	memset(user, 'u', 32);
	ck_assert_int_eq(mprotect(user, host_page, PROT_READ), 0);
	ck_assert_uint_eq(copy_from_user(buf, user, 32), 0);
	ck_assert_uint_eq(copy_to_user(user, buf, 32), 32);
}
END_TEST

/* The count is exact, at any alignment. */
START_TEST(copy_across_a_boundary_counts_the_bytes_beyond_it)
{
	size_t n, good;

	for (n = 1; n <= 20; n++) {
		for (good = 0; good <= n; good++) {
			memset(hole - 32, 'u', 32);
			memset(buf, 'b', 64);
			ck_assert_uint_eq(copy_from_user(buf, hole - good, n),
					  n - good);
			ck_assert_int_eq(good ? buf[good - 1] : 'u', 'u');
			ck_assert_int_eq(good < n ? buf[n - 1] : 0, 0);
			ck_assert_int_eq(buf[n], 'b');

			memset(buf, 'k', 64);
			ck_assert_uint_eq(copy_to_user(hole - good, buf, n),
					  n - good);
			ck_assert_int_eq(good ? hole[-1] : 'k', 'k');
		}
	}
}
END_TEST

START_TEST(get_user_and_put_user_are_efault)
{
	u32 value = 5, *at = (u32 *)(void *)user;

	ck_assert_int_eq(put_user(7u, at), 0);
	ck_assert_int_eq(get_user(value, at), 0);
	ck_assert_uint_eq(value, 7);
	at = (u32 *)(void *)hole;
	ck_assert_int_eq(put_user(7u, at), -EFAULT);
	ck_assert_int_eq(get_user(value, at), -EFAULT);
	ck_assert_int_eq(get_user(value, (u32 *)NULL), -EFAULT);
}
END_TEST

/* R-UAPI-5, R-UAPI-6: the part that the user's struct lacks is set to zero. */
START_TEST(shorter_struct_is_completed_with_zeros)
{
	memset(user, 'u', 16);
	ck_assert_int_eq(copy_struct_from_user(buf, 16, user, 5), 0);
	ck_assert_int_eq(memcmp(buf, "uuuuu\0\0\0\0\0\0\0\0\0\0\0b", 17), 0);
}
END_TEST

START_TEST(longer_struct_must_end_in_zeros)
{
	memset(user, 0, 1024);
	memset(user, 'u', 8);
	ck_assert_int_eq(copy_struct_from_user(buf, 8, user, 1024), 0);
	ck_assert_int_eq(memcmp(buf, "uuuuuuuub", 9), 0);
	user[8] = 1;
	ck_assert_int_eq(copy_struct_from_user(buf, 8, user, 1024), -E2BIG);
	user[8] = 0;
	user[1023] = 1;
	ck_assert_int_eq(copy_struct_from_user(buf, 8, user, 1024), -E2BIG);
	ck_assert_int_eq(copy_struct_from_user(buf, 8, user, 1023), 0);
}
END_TEST

/* The part that comes first in memory decides the error. */
START_TEST(tail_is_e2big_or_efault_by_what_comes_first)
{
	char *at = hole - 16;

	memset(at, 0, 16);
	ck_assert_int_eq(copy_struct_from_user(buf, 8, at, 24), -EFAULT);
	at[15] = 1;
	ck_assert_int_eq(copy_struct_from_user(buf, 8, at, 24), -E2BIG);
	/* Neither call has written to the destination. */
	ck_assert_int_eq(buf[0], 'b');
	/* Now the struct cannot be read, but its tail can. */
	ck_assert_int_eq(mprotect(user, host_page, PROT_NONE), 0);
	ck_assert_int_eq(mprotect(hole, host_page, PROT_READ | PROT_WRITE), 0);
	ck_assert_int_eq(copy_struct_from_user(buf, 8, hole - 8, 16), -EFAULT);
	*hole = 1;
	ck_assert_int_eq(copy_struct_from_user(buf, 8, hole - 8, 16), -E2BIG);
}
END_TEST

START_TEST(struct_at_a_bad_address_is_efault)
{
	const void *bad = bad_address(_i);

	ck_assert_int_eq(copy_struct_from_user(buf, 16, bad, 16), -EFAULT);
	ck_assert_int_eq(copy_struct_from_user(buf, 16, bad, 8), -EFAULT);
	ck_assert_int_eq(copy_struct_from_user(buf, 16, bad, 24), -EFAULT);
}
END_TEST

START_TEST(faults_leave_the_signal_mask_alone)
{
	sigset_t before, after;
	int i;

	sigprocmask(SIG_SETMASK, NULL, &before);
	for (i = 0; i < 3; i++)
		ck_assert_uint_eq(copy_from_user(buf, hole, 1), 1);
	sigprocmask(SIG_SETMASK, NULL, &after);
	ck_assert_int_eq(sigismember(&after, SIGSEGV),
			 sigismember(&before, SIGSEGV));
	ck_assert_int_eq(sigismember(&after, SIGBUS), 0);
}
END_TEST

static void *copy_badly(void *data)
{
	unsigned long *left = data;
	char mine[8];

	*left = copy_from_user(mine, hole, 8);
	return NULL;
}

START_TEST(every_thread_has_its_own_faults)
{
	unsigned long left = 0;

	on_another_thread(copy_badly, &left);
	ck_assert_uint_eq(left, 8);
}
END_TEST

/*
 * A fault that no copy has caused goes to the handler that was installed
 * before.  main() installs that handler before any copy; it acts only in a
 * child of this test.
 */
static volatile sig_atomic_t in_child;

static void earlier_handler(int sig)
{
	if (in_child)
		_exit(42);
	signal(sig, SIG_DFL);
}

static int child_status(void (*fn)(void))
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		in_child = 1;
		fn();
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void only_copy(void)
{
	copy_from_user(buf, hole, 8);
}

static void copy_then_crash(void)
{
	copy_from_user(buf, hole, 8);
	raise(SIGSEGV);
	*(volatile char *)hole = 1;
}

static void crash_in_earnest(void)
{
	copy_from_user(buf, hole, 8);
	*(volatile char *)hole = 1;
}

static void touch_then_crash(void)
{
	ck_assert(!iommufd_model_touch_user((unsigned long)hole, false));
	ck_assert(iommufd_model_touch_user((unsigned long)buf, true));
	*(volatile char *)hole = 1;
}

START_TEST(other_faults_reach_the_earlier_handler)
{
	ck_assert_int_eq(child_status(touch_then_crash), 42);
	ck_assert_int_eq(child_status(only_copy), 0);
	ck_assert_int_eq(child_status(crash_in_earnest), 42);
	ck_assert_int_eq(child_status(copy_then_crash), 42);
}
END_TEST

static void exit_crashed(int sig, void *info, void *context)
{
	if (sig == SIGSEGV && ((siginfo_t *)info)->si_addr == hole && context)
		_exit(43);
}

static void go_on(int sig, void *info, void *context)
{
	(void)sig;
	(void)info;
	(void)context;
}

static void copy_hooked(void)
{
	iommufd_model_crash_hook = exit_crashed;
	only_copy();
}

static void crash_hooked(void)
{
	iommufd_model_crash_hook = exit_crashed;
	crash_in_earnest();
}

static void crash_hooked_in_vain(void)
{
	iommufd_model_crash_hook = go_on;
	crash_in_earnest();
}

static void crash_without_a_copy(void)
{
	iommufd_model_crash_hook = exit_crashed;
	iommufd_model_catch_faults();
	*(volatile char *)hole = 1;
}

START_TEST(other_faults_reach_the_crash_hook_first)
{
	ck_assert_int_eq(child_status(copy_hooked), 0);
	ck_assert_int_eq(child_status(crash_hooked), 43);
	ck_assert_int_eq(child_status(crash_hooked_in_vain), 42);
}
END_TEST

START_TEST(faults_can_be_caught_before_any_copy)
{
	ck_assert_int_eq(child_status(crash_without_a_copy), 43);
}
END_TEST

/* What is beyond user space has one page, which is none of user space's. */
/* Memory of the device is the kernel's from its first byte to its last. */
START_TEST(kernel_memory_is_what_overlaps_it)
{
	unsigned long at;
	char *page;

	ck_assert(!iommufd_model_is_kernel_memory(PAGE_SIZE, 8));
	ck_assert(!iommufd_model_is_kernel_memory((unsigned long)buf, 8));
	page = alloc_pages_exact(PAGE_SIZE, GFP_KERNEL);
	at = (unsigned long)page;
	ck_assert(iommufd_model_is_kernel_memory(at, 1));
	ck_assert(iommufd_model_is_kernel_memory(at + PAGE_SIZE - 1, 1));
	ck_assert(!iommufd_model_is_kernel_memory(at, 0));
	ck_assert(!iommufd_model_is_kernel_memory((unsigned long)buf, 8));
	free_pages_exact(page, PAGE_SIZE);
}
END_TEST

START_TEST(addresses_beyond_user_space_share_a_page)
{
	const unsigned long end = 1ul << 48;
	struct page *beyond = virt_to_page(end);

	ck_assert_ptr_eq(beyond, virt_to_page(end + PAGE_SIZE));
	ck_assert_ptr_eq(beyond, virt_to_page(~0ul));
	ck_assert_ptr_ne(beyond, virt_to_page(0));
	ck_assert_ptr_ne(beyond, virt_to_page(end - 1));
	ck_assert_ptr_eq(page_address(virt_to_page(end - 1)),
			 (void *)(end - PAGE_SIZE));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("ground_uaccess");
	TCase *tc = tcase_create("uaccess");

	signal(SIGSEGV, earlier_handler);
	tcase_add_checked_fixture(tc, setup, teardown);
	suite_add_tcase(suite, tc);
	tcase_add_test(tc, kernel_memory_is_what_overlaps_it);
	tcase_add_test(tc, addresses_beyond_user_space_share_a_page);
	tcase_add_test(tc, other_faults_reach_the_earlier_handler);
	tcase_add_test(tc, other_faults_reach_the_crash_hook_first);
	tcase_add_test(tc, faults_can_be_caught_before_any_copy);
	tcase_add_test(tc, good_copies_leave_nothing_uncopied);
	tcase_add_loop_test(
		tc, reading_from_a_bad_address_copies_nothing_and_zeroes, 0,
		NR_BAD);
	tcase_add_loop_test(tc, writing_to_a_bad_address_copies_nothing, 0,
			    NR_BAD);
	tcase_add_test(tc, read_only_memory_can_be_read_and_not_written);
	tcase_add_test(tc, copy_across_a_boundary_counts_the_bytes_beyond_it);
	tcase_add_test(tc, get_user_and_put_user_are_efault);
	tcase_add_test(tc, shorter_struct_is_completed_with_zeros);
	tcase_add_test(tc, longer_struct_must_end_in_zeros);
	tcase_add_test(tc, tail_is_e2big_or_efault_by_what_comes_first);
	tcase_add_loop_test(tc, struct_at_a_bad_address_is_efault, 0, NR_BAD);
	tcase_add_test(tc, faults_leave_the_signal_mask_alone);
	tcase_add_test(tc, every_thread_has_its_own_faults);
	return run_suite(suite);
}
