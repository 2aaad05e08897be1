// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * SIGINT and SIGTERM while it explores, and children that outlive nobody.
 *
 * The signal sets a flag that all processes of the exploration see: each ends
 * behind the execution it is in, what was done is told, and only then the signal
 * takes the program, as it would have at once.  Another one, later, does it at
 * once.
 * A program that has handlers of its own, or ignores the signal, keeps that.
 *
 * A child is killed when its parent ends, however that came: by the kernel where
 * that can be asked for, else it looks now and then.
 */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#include "exploration.h"
#include <signal.h>
#include <string.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

static const int signals[] = { SIGINT, SIGTERM };
static bool taken[ARRAY_SIZE(signals)];
/* Shared; of the exploration that runs. */
static int *stop_flag, *caught_flag;
static pid_t parent;

/* The first of several at once is the one: a terminal's, and timeout(1)'s. */
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
	/* A terminal sends to all; one hears it for those who work. */
	for (i = 0; works && i < ARRAY_SIZE(signals); i++)
		if (taken[i])
			signal(signals[i], SIG_IGN);
}

bool explore_child_orphaned(void)
{
	return parent && getppid() != parent;
}
