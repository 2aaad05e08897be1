// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The processes of an exploration: the memory that they share, the signals
 * that stop them, and their ends.
 *
 * SIGINT and SIGTERM set a flag that all processes see.  Each ends when its
 * execution has ended; then the parent prints what was done, and only then the
 * signal ends the program.  If the signal comes a second time, after a while,
 * it ends the program at once.  A program that has a handler of its own for a
 * signal, or ignores it, keeps that.
 *
 * A child never outlives its parent.  On Linux the kernel kills it; elsewhere
 * the child checks from time to time.
 */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#include "exploration.h"
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

double explore_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

void *explore_shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/*
 * A program that is built for coverage writes its counters at exit().  A child
 * does not call exit(), because that would run functions that are for the
 * parent only.  Of gcc's two functions below, the second one is in every
 * program that is built for coverage, the first one only if it is used.
 *
 * In clang's continuous mode the counters are in a shared mapping of the file:
 * nothing is to be written, and no static variable changes.
 */
void __gcov_dump(void) __attribute__((weak));
void __gcov_exit(void) __attribute__((weak));
int __llvm_profile_is_continuous_mode_enabled(void) __attribute__((weak));
int __llvm_profile_write_file(void) __attribute__((weak));
/* Call this so that %p in the name of the file stands for this process. */
void __llvm_profile_initialize_file(void) __attribute__((weak));

static bool clang_counts_in_memory(void)
{
	return __llvm_profile_write_file &&
	       !(__llvm_profile_is_continuous_mode_enabled &&
		 __llvm_profile_is_continuous_mode_enabled());
}

bool explore_counts_coverage(void)
{
	return __gcov_dump || __gcov_exit || clang_counts_in_memory();
}

static void write_clang_counts(void)
{
	if (__llvm_profile_initialize_file)
		__llvm_profile_initialize_file();
	__llvm_profile_write_file();
}

void explore_leave(int code)
{
	if (__gcov_dump)
		__gcov_dump();
	else if (__gcov_exit)
		__gcov_exit();
	if (clang_counts_in_memory())
		write_clang_counts();
	_exit(code);
}

/* Signals */

static const int signals[] = { SIGINT, SIGTERM };
static bool taken[ARRAY_SIZE(signals)];
/* The flags of the exploration that runs; they are in shared memory. */
static int *stop_flag, *caught_flag;
static pid_t parent;
NO_STATE(parent);

/* Signals within this many seconds count as one: a terminal may send two. */
#define AT_ONCE 1.0

static void interrupted(int sig)
{
	static double first;

	if (__atomic_load_n(caught_flag, __ATOMIC_RELAXED) && first > 0 &&
	    explore_now() - first > AT_ONCE) {
		signal(sig, SIG_DFL);
		raise(sig);
		return;
	}
	first = first > 0 ? first : explore_now();
	__atomic_store_n(caught_flag, sig, __ATOMIC_RELAXED);
	__atomic_store_n(stop_flag, 1, __ATOMIC_RELAXED);
}

void explore_signals_take(int *stop, int *caught)
{
	struct sigaction action = {
		.sa_handler = interrupted,
	};
	struct sigaction old;
	unsigned int i;

	stop_flag = stop;
	caught_flag = caught;
	sigemptyset(&action.sa_mask);
	for (i = 0; i < ARRAY_SIZE(signals); i++) {
		taken[i] = !sigaction(signals[i], NULL, &old) &&
			   !(old.sa_flags & SA_SIGINFO) &&
			   old.sa_handler == SIG_DFL;
		if (taken[i])
			sigaction(signals[i], &action, NULL);
	}
}

void explore_signals_give_back(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(signals); i++) {
		if (taken[i])
			signal(signals[i], SIG_DFL);
		taken[i] = false;
	}
}

const char *explore_signal_name(int sig)
{
	return sig == SIGINT ? "SIGINT" : "SIGTERM";
}

void explore_child_begins(pid_t of, bool works)
{
	unsigned int i;

#ifdef __linux__
	prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
	parent = of;
	if (explore_child_orphaned())
		_exit(0);
	/* A terminal sends a signal to all processes; the parent handles it. */
	for (i = 0; works && i < ARRAY_SIZE(signals); i++)
		if (taken[i])
			signal(signals[i], SIG_IGN);
}

bool explore_child_orphaned(void)
{
	return parent && getppid() != parent;
}
