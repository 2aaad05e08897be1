// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A crash, or a report of a sanitizer, while an execution runs.
 *
 * The crash is the failure of that execution.  A child process then ends, and
 * its parent finds the failure in the memory that they share.  If the test runs
 * in the user's own process, only faults are caught, and a longjmp() leaves the
 * execution.
 */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#include "exploration.h"
#include <signal.h>
#include <string.h>

static bool executing(const struct execution *exec)
{
	return exec->search && exec->search->executing;
}

/*
 * The process is about to end because of what the execution did.  Store what
 * the parent needs in the memory that it shares.
 */
static void note_death(struct execution *exec,
		       enum iommufd_model_failure failure)
{
	struct search *s = exec->search;

	exec->failure = exec->failure ? exec->failure : failure;
	if (exec->record) {
		exec->record->failure = exec->failure;
		explore_record_end(exec);
	}
	explore_search_failed(s, exec->failure);
	s->next = SEARCH_ADVANCE;
	s->executing = false;
}

static const char *signal_name(int sig)
{
	switch (sig) {
	case SIGSEGV:
		return "SIGSEGV";
	case SIGBUS:
		return "SIGBUS";
	case SIGABRT:
		return "SIGABRT";
	case SIGFPE:
		return "SIGFPE";
	default: /* the only other one that explore_catch_crashes() takes */
		return "SIGILL";
	}
}

/* Call site of the last operation of the thread that runs, or NULL. */
static const struct iommufd_model_site *last_site(const struct execution *exec)
{
	if (exec->phase != PHASE_THREADS || exec->current < 0)
		return NULL;
	return exec->threads[exec->current].site;
}

static void fail_by_signal(struct execution *exec, int sig, void *addr)
{
	const struct iommufd_model_site *site = last_site(exec);
	bool faulted = sig == SIGSEGV || sig == SIGBUS;
	struct chunk *chunk = faulted ? explore_arena_poison(addr) : NULL;
	size_t stack = 0;
	int i;

	for (i = 0; faulted && i < exec->nr_threads && !stack; i++)
		stack = explore_fiber_overflows(&exec->threads[i].fiber, addr);

	if (chunk)
		explore_fail_freed(exec, IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
				   site, chunk, "followed a pointer read from");
	else if (faulted && (uintptr_t)addr < PAGE_SIZE)
		explore_fail(exec, IOMMUFD_MODEL_FAIL_CRASH, site, NULL,
			     "%s: NULL pointer, offset %lu", signal_name(sig),
			     (unsigned long)(uintptr_t)addr);
	else if (stack)
		explore_fail(exec, IOMMUFD_MODEL_FAIL_CRASH, site, NULL,
			     "%s: the stack, of %zu kB, is used up",
			     signal_name(sig), stack >> 10);
	else
		explore_fail(exec, IOMMUFD_MODEL_FAIL_CRASH, site, NULL, "%s",
			     signal_name(sig));
}

static void crash(int sig, void *info, void *context)
{
	struct execution *exec = explore_execution_current();
	sigset_t mask;

	(void)context;
	if (!executing(exec))
		return;
	fail_by_signal(exec, sig, ((siginfo_t *)info)->si_addr);
	if (exec->search->opt.in_process) {
		sigemptyset(&mask);
		sigaddset(&mask, sig);
		pthread_sigmask(SIG_UNBLOCK, &mask, NULL);
		explore_execution_leave(exec);
	}
	note_death(exec, IOMMUFD_MODEL_FAIL_CRASH);
	explore_leave(0);
}

static void crash_signal(int sig, siginfo_t *info, void *context)
{
	crash(sig, info, context);
}

/* A function of a sanitizer's runtime, if the program is built with one. */
void __sanitizer_set_death_callback(void (*callback)(void))
	__attribute__((weak));
void __asan_init(void) __attribute__((weak));
void *__asan_get_report_address(void) __attribute__((weak));

static void sanitizer_dies(void)
{
	struct execution *exec = explore_execution_current();
	const struct iommufd_model_site *site = NULL;
	struct chunk *chunk = NULL;

	if (!executing(exec))
		return;
	if (__asan_get_report_address)
		chunk = explore_arena_chunk(__asan_get_report_address());
	if (chunk && chunk->freed_step >= 0) {
		if (exec->current >= 0)
			site = exec->threads[exec->current].site;
		explore_fail_freed(exec, IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
				   site, chunk, "accessed");
	}
	explore_fail(exec, IOMMUFD_MODEL_FAIL_SANITIZER, NULL, NULL,
		     "a sanitizer found something");
	note_death(exec, IOMMUFD_MODEL_FAIL_SANITIZER);
}

#ifdef WITH_TSAN
int __tsan_get_report_data(void *report, const char **description, int *count,
			   int *stacks, int *accesses, int *locations,
			   int *mutexes, int *threads, int *tids,
			   void **sleep_trace, unsigned long trace_size);
int __tsan_get_report_mop(void *report, unsigned long n, int *tid, void **addr,
			  int *size, int *write, int *atomic, void **trace,
			  unsigned long trace_size);

void __tsan_on_report(void *report);

/*
 * The runtime of ThreadSanitizer calls this when it has printed a report.  The
 * program then goes on, so the execution ends at its next operation.  One kind
 * of report is ignored: copy_from_user() leaves a signal handler by longjmp().
 */
__attribute__((visibility("default"))) void __tsan_on_report(void *report)
{
	struct execution *exec = explore_execution_current();
	const char *what = "";
	void *addr = NULL, *pcs[1];
	int n[8];

	if (!executing(exec))
		return;
	__tsan_get_report_data(report, &what, &n[0], &n[1], &n[2], &n[3], &n[4],
			       &n[5], &n[6], pcs, 0);
	if (!strcmp(what, "signal-unsafe-call"))
		return;
	if (n[2])
		__tsan_get_report_mop(report, 0, &n[3], &addr, &n[4], &n[5],
				      &n[6], pcs, 0);
	tsan_hide();
	explore_fail(exec, IOMMUFD_MODEL_FAIL_SANITIZER, NULL, addr,
		     "ThreadSanitizer found a %s",
		     strstr(what, "data-race") ? "data race" : what);
	tsan_show();
}
#endif

void explore_catch_crashes(void)
{
	static char stack[64 << 10];
	NO_CHECKPOINT(stack);
	stack_t alternate = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action = {
		.sa_sigaction = crash_signal,
		.sa_flags = SA_SIGINFO | SA_ONSTACK,
	};

	sigaltstack(&alternate, NULL);
	sigemptyset(&action.sa_mask);
	sigaction(SIGABRT, &action, NULL);
	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(sanitizer_dies);
	if (__asan_init)
		return; /* the sanitizer's report of a fault says more */
	sigaction(SIGFPE, &action, NULL);
	sigaction(SIGILL, &action, NULL);
	iommufd_model_catch_faults();
	iommufd_model_crash_hook = crash;
}

void explore_catch_faults(void)
{
	if (__asan_init)
		return;
	iommufd_model_catch_faults();
	iommufd_model_crash_hook = crash;
}

void explore_ignore_faults(void)
{
	iommufd_model_crash_hook = NULL;
}
