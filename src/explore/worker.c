// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The process that walks the tree of schedules.
 *
 * It is a child process.  It ends when the walk is done, when a limit is
 * reached, and after the first execution that fails, because that execution may
 * leave locks and memory in any state.  If the walk is to go on, another child
 * continues it from the state in the memory that parent and child share.
 *
 *	parent				child
 *	  fork  ------------------------> work(): execution after execution
 *	  wait, report the progress	    |
 *	  look how it ended  <-------------+  done, failed, or died
 */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#include "exploration.h"
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Exit code of a child that could not allocate what it needs. */
#define CANNOT_WORK 71

/* The child */

static bool over_limit(struct search *s)
{
	unsigned long n = explore_search_count(s);

	if (explore_search_at_limit(s) || *s->stop)
		return true;
	if (!(n & 63) && explore_child_orphaned())
		_exit(0);
	return s->opt.seconds > 0 && !(n & 63) &&
	       explore_now() - s->started >= s->opt.seconds;
}

/*
 * Run the first execution once more.  If it differs, the test is not
 * deterministic.
 */
static bool check_again(struct execution *exec)
{
	struct search *s = exec->search;
	int depth = s->depth, dead_at = s->dead_at;
	bool dead = s->dead, mine = s->mine;

	/* After the last step no thread can go on. */
	s->nodes[depth].thread = MAX_THREADS;
	s->forced = depth + 1;
	s->executing = true;
	explore_execution_run(exec);
	s->executing = false;
	if (!exec->failure && s->depth != depth)
		explore_determinism_fail(exec, -1, NULL,
					 "the first execution had %d steps, "
					 "and the same schedule once more "
					 "ended after %d",
					 depth, s->depth);
	s->depth = depth;
	s->dead = dead;
	s->dead_at = dead_at;
	s->mine = mine;
	return !exec->failure;
}

/*
 * True if the execution has found that states cannot be used.  The next one has
 * what its threads allocate elsewhere, and begins the search again.
 */
static bool has_other_memory(const struct execution *exec)
{
	return exec->clean && !explore_states_used(exec->search);
}

/* Run one execution.  Returns false if it failed. */
static bool work_once(struct execution *exec)
{
	struct search *s = exec->search;
	bool first = s->next == SEARCH_FIRST &&
		     s->opt.mode != IOMMUFD_MODEL_MODE_REPLAY;

	s->executing = true;
	explore_execution_run(exec);
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
	if (s->unclear) {
		s->unclear = false;
		s->cut_steps = true;
		explore_search_end(s);
		return false;
	}
	if (!exec->failure)
		explore_search_end(s);
	if (!exec->failure && first && !has_other_memory(exec))
		check_again(exec);
	if (!exec->failure)
		return true;
	explore_search_failed(s, exec->failure);
	return false;
}

/*
 * True if the walk has to begin again, and other jobs have parts of it or have to
 * learn the same.  Then all of them begin again.
 */
static bool begins_again(const struct search *s)
{
	return s->restart && (s->shares || s->late);
}

/* Find the next schedule, of what is left to this job or to another one. */
static bool find_next(struct search *s)
{
	if (explore_search_advance(s))
		return true;
	if (explore_ending_advance(s, true))
		return !begins_again(s) && explore_search_advance(s);
	return explore_steal(s);
}

static void work(struct execution *exec)
{
	struct search *s = exec->search;

	do {
		if (s->next == SEARCH_ADVANCE)
			explore_ending_advance(s, false);
		if (begins_again(s))
			s->next = SEARCH_LIMIT;
		else if (s->next == SEARCH_ADVANCE && !find_next(s))
			s->next = *s->stop || s->late || begins_again(s) ?
					  SEARCH_LIMIT :
					  SEARCH_DONE;
		else if (over_limit(s))
			s->next = SEARCH_LIMIT;
		else
			explore_give(s);
	} while ((s->next == SEARCH_FIRST || s->next == SEARCH_ADVANCE) &&
		 work_once(exec));
}

/* A function of its own, as clang counts no child's way past its fork(). */
static _Noreturn void be_child(const struct exploration *x, struct search *s,
			       struct iommufd_model_record *record, int pipe,
			       pid_t of)
{
	struct execution *exec;

	close(pipe);
	explore_child_begins(of, true);
	if (x->errors) {
		dup2(fileno(x->errors), STDERR_FILENO);
		if (ftruncate(fileno(x->errors), 0))
			explore_leave(CANNOT_WORK);
		lseek(fileno(x->errors), 0, SEEK_SET);
	}
	explore_catch_crashes();
	exec = explore_execution_start(x->test, s, record);
	if (!exec)
		explore_leave(CANNOT_WORK);
	work(exec);
	fflush(NULL);
	explore_leave(0);
}

/* The parent */

struct child {
	pid_t pid;
	int pipe; /* becomes readable when the child ends */
};

static int start_child(const struct exploration *x, struct search *s,
		       struct iommufd_model_record *record, struct child *child)
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
	if (!child->pid)
		be_child(x, s, record, child->pipe, self);
	close(ends[1]);
	return 0;
}

/* The time that a child may take to stop after it was asked to. */
#define STOP_SECONDS 2

static bool must_be_killed(struct search *s, double since)
{
	if (!*s->stop || explore_now() - since < STOP_SECONDS)
		return false;
	s->executing = false;
	s->next = SEARCH_LIMIT;
	return true;
}

/* Wait for the child; return its status, or -1 if it hung and was killed. */
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
		} else if (must_be_killed(s, since)) {
			kill(child->pid, SIGKILL);
			break;
		}
	}
	close(child->pipe);
	while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR)
		;
	return hung ? -1 : status;
}

/* Record that the child died in an execution before it reported a failure. */
static void note_death(struct search *s, struct iommufd_model_record *record,
		       int status)
{
	enum iommufd_model_failure failure = IOMMUFD_MODEL_FAIL_CRASH;
	char text[64];

	if (status < 0) {
		failure = IOMMUFD_MODEL_FAIL_HANG;
		snprintf(text, sizeof(text), "no step for %g seconds%s",
			 s->opt.hang, s->depth ? " after this one" : "");
	} else if (WIFSIGNALED(status)) {
		snprintf(text, sizeof(text), "killed by signal %d",
			 WTERMSIG(status));
	} else {
		snprintf(text, sizeof(text), "exit(%d)", WEXITSTATUS(status));
	}
	s->executing = false;
	s->next = SEARCH_ADVANCE;
	explore_search_failed(s, failure);
	if (!record || record->failure)
		return;
	record->failure = failure;
	snprintf(record->text, sizeof(record->text), "%s", text);
	/* The thread of the last step is the one that was running. */
	if (s->depth) {
		record->thread = s->nodes[s->depth - 1].thread + 1;
		record->at = s->nodes[s->depth - 1].site;
	}
}

static int work_in_process(struct exploration *x, struct search *s,
			   struct iommufd_model_record *record)
{
	struct execution *exec = explore_execution_start(x->test, s, record);

	if (!exec)
		return -ENOMEM;
	explore_catch_faults();
	work(exec);
	explore_ignore_faults();
	explore_execution_stop(exec);
	return s->no_stack ? -ENOMEM : 0;
}

/*
 * True if something else killed the child between two executions.  It is not known
 * then what has been done: another job may have given it work in the meantime.
 */
static bool was_killed(const struct search *s, int status)
{
	return !WIFEXITED(status) &&
	       (s->next == SEARCH_FIRST || s->next == SEARCH_ADVANCE);
}

int explore_work(struct exploration *x, struct search *s,
		 struct iommufd_model_record *record)
{
	struct child child;
	int rc, status;

	if (s->opt.in_process)
		return work_in_process(x, s, record);
	rc = start_child(x, s, record, &child);
	if (rc)
		return rc;
	status = wait_for_child(x, s, &child);
	if (s->no_stack)
		return -ENOMEM;
	if (s->executing)
		note_death(s, record, status);
	else if (WIFEXITED(status) && WEXITSTATUS(status) == CANNOT_WORK)
		return -ENOMEM;
	else if (was_killed(s, status))
		return -EAGAIN;
	return 0;
}

/* Replay */

/* Add what the child printed, such as a sanitizer's report, to the record. */
static void add_errors(struct exploration *x,
		       struct iommufd_model_record *record)
{
	size_t len = strlen(record->detail), n;
	char *start;

	if (!x->errors)
		return;
	rewind(x->errors);
	n = fread(record->detail + len, 1, sizeof(record->detail) - 1 - len,
		  x->errors);
	record->detail[len + n] = 0;
	start = strstr(record->detail + len, "ERROR: ");
	if (start && start[-1] != '\n')
		memmove(record->detail + len, start, strlen(start) + 1);
}

int explore_replay(struct exploration *x, struct search *s,
		   struct iommufd_model_record *record)
{
	int rc;

	explore_fiber_use_os_threads(!s->opt.own_stacks && !TSAN_BUILD);
	s->opt.mode = IOMMUFD_MODEL_MODE_REPLAY;
	s->next = SEARCH_FIRST;
	s->forced = 0;
	s->stop = &x->never;
	s->shards = 1;
	s->opt.executions = 0;
	s->opt.seconds = 0;
	/*
	 * Run the schedule again as long as the replay learns loops that wait.
	 */
	do {
		record_reset(record);
		rc = explore_work(x, s, record);
	} while (!rc && s->nr_loops != s->nr_loops_learnt);
	explore_fiber_use_os_threads(false);
	if (!rc)
		add_errors(x, record);
	return rc;
}
