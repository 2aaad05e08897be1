// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The exploration of a test.
 *
 * The search is walked by a child process.  It ends when all is done, when a
 * limit is reached, and with the first execution that fails: what that one held
 * is in no state to go on with.  If the search is to go on, it does so in the
 * next child, from what is in the shared memory.
 *
 *	parent				child
 *	  fork  ------------------------> work(): execution after execution
 *	  wait, tell the progress	    |
 *	  look what has become of it <-----+  done, failed, or dead
 *
 * A failure is then looked for with fewer preemptions, and the schedule that is
 * left is run once more, in a child of its own, to be told.
 */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#include "exploration.h"
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MINIMISE_SECONDS 2.0
#define MINIMISE_EXECUTIONS 200000ul
#define MINIMISE_FAILURES 32ul
/* Places to deal out, for each shard. */
#define LEAVES 8ul
#define MAX_TOP 24
/* Exit code of a child that had no memory to begin with. */
#define CANNOT_WORK 71

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
 * The counters of a program that is built for coverage are written at exit(),
 * which is not for us: that would also do what the parent is to do.  Of gcc's
 * functions the second is in every such program, the first where it is asked for.
 */
void __gcov_dump(void) __attribute__((weak));
void __gcov_exit(void) __attribute__((weak));
int __llvm_profile_write_file(void) __attribute__((weak));
/* A %p in the file's name is this process's then. */
void __llvm_profile_initialize_file(void) __attribute__((weak));

void explore_leave(int code)
{
	if (__gcov_dump)
		__gcov_dump();
	else if (__gcov_exit)
		__gcov_exit();
	if (__llvm_profile_initialize_file)
		__llvm_profile_initialize_file();
	if (__llvm_profile_write_file)
		__llvm_profile_write_file();
	_exit(code);
}

/* The child */

static bool over_limit(struct search *s)
{
	unsigned long n = s->executions + s->redundant + s->failed;

	if ((s->opt.executions && n >= s->opt.executions) || *s->stop)
		return true;
	if (!(n & 63) && explore_child_orphaned())
		_exit(0);
	return s->opt.seconds > 0 && !(n & 63) &&
	       explore_now() - s->started >= s->opt.seconds;
}

/* The first execution once more must go as the first time. */
static bool check_again(struct search *s)
{
	int depth = s->depth, dead_at = s->dead_at;
	bool dead = s->dead, mine = s->mine;

	/* Behind its last step nobody can go on. */
	s->nodes[depth].thread = MAX_THREADS;
	s->forced = depth + 1;
	s->executing = true;
	explore_execution_run();
	s->executing = false;
	if (!explore_run.failure && s->depth != depth)
		explore_determinism_fail(
			s, -1, NULL,
			"the first execution had %d steps, and the "
			"same schedule once more ended after %d",
			depth, s->depth);
	s->depth = depth;
	s->dead = dead;
	s->dead_at = dead_at;
	s->mine = mine;
	return !explore_run.failure;
}

/* One execution; false: it failed. */
static bool work_once(struct search *s)
{
	bool first = s->next == SEARCH_FIRST &&
		     s->opt.mode != IOMMUFD_MODEL_MODE_REPLAY;

	s->executing = true;
	explore_execution_run();
	s->executing = false;
	if (s->no_stack)
		return false;
	s->next = SEARCH_ADVANCE;
	s->heartbeat++;
	if (s->retry) {
		s->retry = false;
		s->next = s->late ? SEARCH_LIMIT : SEARCH_ADVANCE;
		return false;
	}
	if (!explore_run.failure)
		explore_search_end(s);
	if (!explore_run.failure && first)
		check_again(s);
	if (!explore_run.failure)
		return true;
	explore_search_failed(s, explore_run.failure);
	return false;
}

static void work(struct search *s)
{
	do {
		if (s->next == SEARCH_ADVANCE && !explore_search_advance(s))
			s->next = SEARCH_DONE;
		else if (over_limit(s))
			s->next = SEARCH_LIMIT;
	} while ((s->next == SEARCH_FIRST || s->next == SEARCH_ADVANCE) &&
		 work_once(s));
}

/*
 * The process is about to die of what an execution did.  Everything worth
 * telling is in shared memory.
 */
static void last_words(enum iommufd_model_failure failure)
{
	struct search *s = explore_run.search;

	if (!s || !s->executing)
		return;
	explore_run.failure = explore_run.failure ? explore_run.failure :
						    failure;
	if (explore_run.trace) {
		explore_run.trace->failure = explore_run.failure;
		explore_record_end(explore_run.trace);
	}
	explore_search_failed(s, explore_run.failure);
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
	case SIGILL:
		return "SIGILL";
	default:
		return "a signal";
	}
}

static void crash(int sig, void *info, void *context)
{
	const struct iommufd_model_site *site = NULL;
	void *addr = ((siginfo_t *)info)->si_addr;
	bool faulted = sig == SIGSEGV || sig == SIGBUS;
	struct chunk *chunk;
	sigset_t mask;

	(void)context;
	if (!explore_run.search || !explore_run.search->executing)
		return;
	if (explore_run.phase == PHASE_THREADS && explore_run.current >= 0 &&
	    explore_run.threads[explore_run.current].site)
		site = explore_run.threads[explore_run.current].site;
	chunk = faulted ? explore_arena_poison(addr) : NULL;
	if (chunk) {
		explore_fail_freed(IOMMUFD_MODEL_FAIL_USE_AFTER_FREE, site,
				   chunk, "followed a pointer read from");
	} else if (faulted && (uintptr_t)addr < PAGE_SIZE) {
		explore_fail(IOMMUFD_MODEL_FAIL_CRASH, site, NULL,
			     "%s: NULL pointer, offset %lu", signal_name(sig),
			     (unsigned long)(uintptr_t)addr);
	} else {
		explore_fail(IOMMUFD_MODEL_FAIL_CRASH, site, NULL, "%s",
			     signal_name(sig));
	}
	if (explore_run.search->opt.in_process) {
		sigemptyset(&mask);
		sigaddset(&mask, sig);
		pthread_sigmask(SIG_UNBLOCK, &mask, NULL);
		explore_execution_leave();
	}
	last_words(IOMMUFD_MODEL_FAIL_CRASH);
	explore_leave(0);
}

static void crash_signal(int sig, siginfo_t *info, void *context)
{
	crash(sig, info, context);
}

/* The sanitizers' runtimes, where there is one. */
void __sanitizer_set_death_callback(void (*callback)(void))
	__attribute__((weak));
void __asan_init(void) __attribute__((weak));
void *__asan_get_report_address(void) __attribute__((weak));

static void sanitizer_dies(void)
{
	const struct iommufd_model_site *site = NULL;
	struct chunk *chunk = NULL;

	if (__asan_get_report_address)
		chunk = explore_arena_chunk(__asan_get_report_address());
	if (chunk && chunk->freed_step >= 0) {
		if (explore_run.current >= 0)
			site = explore_run.threads[explore_run.current].site;
		explore_fail_freed(IOMMUFD_MODEL_FAIL_USE_AFTER_FREE, site,
				   chunk, "accessed");
	}
	explore_fail(IOMMUFD_MODEL_FAIL_SANITIZER, NULL, NULL,
		     "a sanitizer found something");
	last_words(IOMMUFD_MODEL_FAIL_SANITIZER);
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
 * ThreadSanitizer's runtime calls this when it has printed a report, and the
 * program goes on: the execution ends at its next operation.  A copy of a bad
 * pointer leaves a signal handler by longjmp(), which is no fault.
 */
__attribute__((visibility("default"))) void __tsan_on_report(void *report)
{
	struct search *s = explore_run.search;
	const char *what = "";
	void *addr = NULL, *pcs[1];
	int n[8];

	if (!s || !s->executing)
		return;
	__tsan_get_report_data(report, &what, &n[0], &n[1], &n[2], &n[3], &n[4],
			       &n[5], &n[6], pcs, 0);
	if (!strcmp(what, "signal-unsafe-call"))
		return;
	if (n[2])
		__tsan_get_report_mop(report, 0, &n[3], &addr, &n[4], &n[5],
				      &n[6], pcs, 0);
	tsan_hide();
	explore_fail(IOMMUFD_MODEL_FAIL_SANITIZER, NULL, addr,
		     "ThreadSanitizer found a %s",
		     strstr(what, "data-race") ? "data race" : what);
	tsan_show();
}
#endif

static void catch_crashes(void)
{
	static char stack[64 << 10];
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
		return; /* tells more of a fault than we could */
	sigaction(SIGFPE, &action, NULL);
	sigaction(SIGILL, &action, NULL);
	iommufd_model_catch_faults();
	iommufd_model_crash_hook = crash;
}

/* The parent */

struct child {
	pid_t pid;
	int pipe; /* ends with the child */
};

static int start_child(const struct exploration *x, struct search *s,
		       struct iommufd_model_record *trace, struct child *child)
{
	pid_t self = getpid();
	int ends[2];

	if (pipe(ends))
		return -EAGAIN;
	fflush(NULL);
	child->pid = fork();
	if (child->pid < 0) {
		close(ends[0]);
		close(ends[1]);
		return -EAGAIN;
	}
	child->pipe = ends[0];
	if (child->pid) {
		close(ends[1]);
		return 0;
	}
	close(ends[0]);
	explore_child_begins(self, true);
	if (x->words) {
		dup2(fileno(x->words), STDERR_FILENO);
		if (ftruncate(fileno(x->words), 0))
			explore_leave(CANNOT_WORK);
		lseek(fileno(x->words), 0, SEEK_SET);
	}
	catch_crashes();
	if (explore_execution_start(x->test, s, trace))
		explore_leave(CANNOT_WORK);
	work(s);
	fflush(NULL);
	explore_leave(0);
}

/* It is to stop, and has not for so long. */
#define STOP_SECONDS 2

static bool must_be_stopped(struct search *s, double since)
{
	if (!*s->stop || explore_now() - since < STOP_SECONDS)
		return false;
	s->executing = false;
	s->next = SEARCH_LIMIT;
	return true;
}

/* Wait for the end; -1: it hung and was killed, else its status. */
static int wait_for_child(struct exploration *x, struct search *s,
			  struct child *child)
{
	struct pollfd poll_end = { .fd = child->pipe, .events = POLLIN };
	unsigned long beat = s->heartbeat;
	double since = explore_now();
	int depth = s->depth, status = 0;
	bool hung = false;
	int ready;

	while ((ready = poll(&poll_end, 1, 100)) == 0 ||
	       (ready < 0 && errno == EINTR)) {
		explore_report_progress(x);
		if (s->heartbeat != beat || s->depth != depth) {
			beat = s->heartbeat;
			depth = s->depth;
			since = explore_now();
		} else if (s->opt.hang > 0 &&
			   explore_now() - since > s->opt.hang) {
			hung = true;
			kill(child->pid, SIGKILL);
			break;
		} else if (must_be_stopped(s, since)) {
			kill(child->pid, SIGKILL);
			break;
		}
	}
	close(child->pipe);
	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		;
	return hung ? -1 : status;
}

/* The child died in an execution and had no last words. */
static void note_death(struct search *s, struct iommufd_model_record *trace,
		       int status)
{
	enum iommufd_model_failure failure = IOMMUFD_MODEL_FAIL_CRASH;
	char text[64];

	if (status < 0) {
		failure = IOMMUFD_MODEL_FAIL_HANG;
		snprintf(text, sizeof(text), "no step for %g seconds",
			 s->opt.hang);
	} else if (WIFSIGNALED(status)) {
		snprintf(text, sizeof(text), "killed by signal %d",
			 WTERMSIG(status));
	} else {
		snprintf(text, sizeof(text), "exit(%d)", WEXITSTATUS(status));
	}
	s->executing = false;
	s->next = SEARCH_ADVANCE;
	explore_search_failed(s, failure);
	if (!trace || trace->failure)
		return;
	trace->failure = failure;
	snprintf(trace->text, sizeof(trace->text), "%s", text);
}

/* Work in a child until it ends, or here.  0, or no child could be had. */
static int work_apart(struct exploration *x, struct search *s,
		      struct iommufd_model_record *trace)
{
	struct child child;
	int rc, status;

	if (s->opt.in_process) {
		rc = explore_execution_start(x->test, s, trace);
		if (!__asan_init) {
			iommufd_model_catch_faults();
			iommufd_model_crash_hook = crash;
		}
		if (!rc)
			work(s);
		iommufd_model_crash_hook = NULL;
		explore_execution_stop();
		return rc || !s->no_stack ? rc : -ENOMEM;
	}
	rc = start_child(x, s, trace, &child);
	if (rc)
		return rc;
	status = wait_for_child(x, s, &child);
	if (s->no_stack)
		return -ENOMEM;
	if (s->executing)
		note_death(s, trace, status);
	else if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT_WORK)
		return -ENOMEM;
	return 0;
}

/*
 * Walk through one tree.  Ends with the first failure unless the search keeps
 * going, and then after @failures.
 */
int explore_walk(struct exploration *x, struct search *s,
		 unsigned long failures)
{
	unsigned long before = s->failed;
	int rc;

	s->next = SEARCH_FIRST;
	s->forced = 0;
	s->leaf = 0;
	s->cut = false;
	do {
		rc = work_apart(x, s, NULL);
		if (rc)
			return rc;
	} while (s->next == SEARCH_ADVANCE &&
		 !(s->opt.in_process && s->failed > before) &&
		 s->failed - before < failures);
	return 0;
}

/* All of a search, pass by pass. */
int explore_search(struct exploration *x, struct search *s)
{
	unsigned long failures = s->opt.keep_going ? ULONG_MAX : 1;
	int rc, bound = s->opt.preemptions;

	if (s->opt.mode != IOMMUFD_MODEL_MODE_BOUNDED || bound < 0) {
		s->bound = -1;
		return explore_walk(x, s, failures);
	}
	for (s->bound = 0; s->bound <= bound; s->bound++) {
		rc = explore_walk(x, s, failures);
		if (rc || s->next != SEARCH_DONE || !s->cut ||
		    (s->failure && !s->opt.keep_going))
			return rc;
	}
	s->bound = bound;
	return 0;
}

/*
 * How deep the part of the tree is that all shards walk, to have places enough
 * to deal out.  All shards find the same.
 */
int explore_find_top(struct exploration *x, struct search *s)
{
	unsigned long last = 0, failures = s->opt.keep_going ? ULONG_MAX : 1;
	int shard = s->shard, shards = s->shards, bound = s->bound, rc = 0;
	int top;

	if (shards == 1 || s->opt.mode == IOMMUFD_MODEL_MODE_RANDOM)
		return 0;
	for (top = 4; top <= MAX_TOP; top += 4) {
		s->top = top;
		s->shards = INT_MAX;
		s->shard = INT_MAX - 1;
		s->bound = s->opt.mode == IOMMUFD_MODEL_MODE_BOUNDED ?
				   s->opt.preemptions :
				   -1;
		rc = explore_walk(x, s, failures);
		/* The search itself will come to these once more. */
		if (s->opt.keep_going) {
			s->failure = IOMMUFD_MODEL_NO_FAILURE;
			s->failed = 0;
			s->seen = 0;
		}
		if (rc || s->failure || s->leaf >= LEAVES * (unsigned)shards ||
		    s->next != SEARCH_DONE || s->leaf == last)
			break;
		last = s->leaf;
	}
	s->shard = shard;
	s->shards = shards;
	s->bound = bound;
	s->redundant = 0;
	s->steps = 0;
	return rc;
}

/* Look for the same failure with fewer preemptions, then with fewer steps. */
void explore_minimise(struct exploration *x, struct search *found)
{
	struct search *s = x->spare;

	if (found->opt.no_minimise || found->opt.in_process ||
	    found->failure == IOMMUFD_MODEL_FAIL_NONDETERMINISM)
		return;
	s->opt = found->opt;
	s->opt.mode = IOMMUFD_MODEL_MODE_BOUNDED;
	s->opt.executions = MINIMISE_EXECUTIONS;
	s->opt.seconds = MINIMISE_SECONDS;
	s->stop = &x->never;
	s->started = explore_now();
	s->shards = 1;
	s->failure = found->failure;
	s->target = found->failure;
	s->found_preemptions = found->found_preemptions;
	s->nr_choices = found->nr_choices;
	s->nr_short = found->nr_short;
	memcpy(s->choices, found->choices, sizeof(s->choices));
	memcpy(s->endings, found->endings, sizeof(s->endings));
	s->nr_endings = found->nr_endings;
	s->nr_learnt = found->nr_learnt;
	memcpy(s->loops, found->loops, sizeof(s->loops));
	s->nr_loops = found->nr_loops;
	s->nr_loops_learnt = found->nr_loops_learnt;
	for (s->bound = 0; s->bound <= s->found_preemptions; s->bound++)
		if (explore_walk(x, s, MINIMISE_FAILURES) ||
		    s->next == SEARCH_LIMIT)
			break;
	found->found_preemptions = s->found_preemptions;
	found->nr_choices = s->nr_choices;
	found->nr_short = s->nr_short;
	memcpy(found->choices, s->choices, sizeof(s->choices));
}

static void add_words(struct exploration *x, struct iommufd_model_record *trace)
{
	size_t len = strlen(trace->detail), n;
	char *start;

	if (!x->words)
		return;
	rewind(x->words);
	n = fread(trace->detail + len, 1, sizeof(trace->detail) - 1 - len,
		  x->words);
	trace->detail[len + n] = 0;
	start = strstr(trace->detail + len, "ERROR: ");
	if (start && start[-1] != '\n')
		memmove(trace->detail + len, start, strlen(start) + 1);
}

/*
 * Run @s's schedule once more, and write down what happens.  On threads of the
 * system: debuggers see them, and the observer tells them apart.  But handing
 * the turn from one to the next is order that ThreadSanitizer sees: for it the
 * stacks are our own, where there are any.
 */
int explore_replay(struct exploration *x, struct search *s,
		   struct iommufd_model_record *trace)
{
	bool own_stacks = !explore_fiber_os_threads;
	int rc;

	explore_fiber_os_threads = !own_stacks ||
				   (!s->opt.own_stacks && !TSAN_BUILD);
	s->opt.mode = IOMMUFD_MODEL_MODE_REPLAY;
	s->next = SEARCH_FIRST;
	s->forced = 0;
	s->stop = &x->never;
	s->shards = 1;
	s->opt.executions = 0;
	s->opt.seconds = 0;
	do {
		record_reset(trace);
		rc = work_apart(x, s, trace);
	} while (!rc && s->nr_loops != s->nr_loops_learnt);
	explore_fiber_os_threads = !own_stacks;
	if (!rc)
		add_words(x, trace);
	return rc;
}
