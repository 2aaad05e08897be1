// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Signals for bad addresses.
 *
 * src/kernel copies to and from the program's memory under a handler for
 * SIGSEGV and SIGBUS.  A program may have handlers of its own.  From the first
 * open of a device on, the process has the handlers of src/kernel; sigaction()
 * of the program sets and gets a copy that is kept here.  A fault that is not
 * that of a copy is passed to the program's handler.  A fault while its signal
 * is blocked would end the process, so no thread blocks the two signals.
 */
#include "preload.h"
#include <pthread.h>
#include <signal.h>
#include <string.h>

static struct sigaction actions[2];	/* set by the program */
static pthread_mutex_t actions_lock = PTHREAD_MUTEX_INITIALIZER;
static bool installed;

static bool is_installed(void)
{
	return __atomic_load_n(&installed, __ATOMIC_ACQUIRE);
}

static struct sigaction *action_of(int sig)
{
	return &actions[sig == SIGBUS];
}

/* Call the program's handler as the kernel would. */
static void call_handler(const struct sigaction *action, int sig,
			 siginfo_t *info, void *context)
{
	sigset_t blocked = action->sa_mask, old;

	if (!(action->sa_flags & SA_NODEFER))
		sigaddset(&blocked, sig);
	REAL(pthread_sigmask)(SIG_BLOCK, &blocked, &old);
	if (action->sa_flags & SA_SIGINFO)
		action->sa_sigaction(sig, info, context);
	else
		action->sa_handler(sig);
	REAL(pthread_sigmask)(SIG_SETMASK, &old, NULL);
}

static bool chain(int sig, void *info, void *context)
{
	struct sigaction action = *action_of(sig);
	siginfo_t *what = info;

	if (action.sa_flags & SA_SIGINFO ||
	    (action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN)) {
		if (action.sa_flags & (int)SA_RESETHAND)
			action_of(sig)->sa_handler = SIG_DFL;
		call_handler(&action, sig, info, context);
		return true;
	}
	/* A signal that was sent may be ignored; a fault may not. */
	if (action.sa_handler == SIG_IGN && what->si_code <= 0)
		return true;
	/*
	 * After the return a fault happens again; a signal that was sent does
	 * not.
	 */
	action.sa_handler = SIG_DFL;
	REAL(sigaction)(sig, &action, NULL);
	if (what->si_code <= 0)
		raise(sig);
	return true;
}

void preload_signals_init(void)
{
	REAL(sigaction)(SIGSEGV, NULL, action_of(SIGSEGV));
	REAL(sigaction)(SIGBUS, NULL, action_of(SIGBUS));
	iommufd_model_fault_chain = chain;
	iommufd_model_catch_faults();
	__atomic_store_n(&installed, true, __ATOMIC_RELEASE);
}

void preload_signals_thread(void)
{
	sigset_t faults;

	sigemptyset(&faults);
	sigaddset(&faults, SIGSEGV);
	sigaddset(&faults, SIGBUS);
	REAL(pthread_sigmask)(SIG_UNBLOCK, &faults, NULL);
}

/* Functions that the program calls */

EXPORT int sigaction(int sig, const struct sigaction *new,
		     struct sigaction *old)
{
	struct sigaction before;

	if ((sig != SIGSEGV && sig != SIGBUS) || !is_installed())
		return REAL(sigaction)(sig, new, old);
	pthread_mutex_lock(&actions_lock);
	before = *action_of(sig);
	if (new)
		*action_of(sig) = *new;
	pthread_mutex_unlock(&actions_lock);
	if (old)
		*old = before;
	return 0;
}

static __sighandler_t set_handler(int sig, __sighandler_t handler, int flags)
{
	struct sigaction new = { .sa_handler = handler, .sa_flags = flags };
	struct sigaction old;

	sigemptyset(&new.sa_mask);
	if (handler == SIG_ERR) {
		errno = EINVAL;
		return SIG_ERR;
	}
	return sigaction(sig, &new, &old) ? SIG_ERR : old.sa_handler;
}

EXPORT __sighandler_t signal(int sig, __sighandler_t handler)
{
	return set_handler(sig, handler, SA_RESTART);
}

EXPORT __sighandler_t __sysv_signal(int sig, __sighandler_t handler)
{
	return set_handler(sig, handler, (int)SA_RESETHAND | SA_NODEFER);
}

static int change_mask(int how, const sigset_t *set, sigset_t *old)
{
	sigset_t allowed;

	if (!set || how == SIG_UNBLOCK || !is_installed())
		return REAL(pthread_sigmask)(how, set, old);
	allowed = *set;
	sigdelset(&allowed, SIGSEGV);
	sigdelset(&allowed, SIGBUS);
	return REAL(pthread_sigmask)(how, &allowed, old);
}

EXPORT int pthread_sigmask(int how, const sigset_t *set, sigset_t *old)
{
	return change_mask(how, set, old);
}

EXPORT int sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	int rc = change_mask(how, set, old);

	if (!rc)
		return 0;
	errno = rc;
	return -1;
}
