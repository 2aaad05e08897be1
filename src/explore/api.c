// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * iommufd_model_explore(): it runs a search for each job, and returns a verdict
 * and a failure.
 *
 * Of the failures that the jobs have found, the one with the fewest preemptions
 * is minimised.  Its schedule runs once more and is recorded, and the report is
 * made from that record.
 */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#include "exploration.h"
#include "../record/output.h"
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Characters for which a shell wants an argument in quotes. */
#define SHELL_SPECIAL " '\"\\$&;()<>*?|`!#~"

/* Print the command that replays @schedule, quoted for a shell. */
static void print_command(const struct exploration *x, const char *schedule,
			  FILE *to)
{
	FILE *args = fopen("/proc/self/cmdline", "r");
	bool quote, start = true;
	char arg[512];
	size_t len = 0;
	int c;

	if (x->opt.command) {
		fprintf(to, "%s %s%s", x->opt.command, schedule,
			x->opt.own_stacks ? " --own-stacks" : "");
		goto out;
	}
	fprintf(to, "%sIOMMUFD_MODEL_EXPLORE_REPLAY='%s:%s' CK_FORK=no",
		x->opt.own_stacks ? "IOMMUFD_MODEL_EXPLORE_OWN_STACKS=1 " : "",
		x->test->name, schedule);
	while (args && (c = getc(args)) != EOF) {
		if (c && len + 1 < sizeof(arg)) {
			arg[len++] = (char)c;
			continue;
		}
		arg[len] = 0;
		quote = !*arg || strpbrk(arg, SHELL_SPECIAL);
		fprintf(to, quote ? " '%s'" : " %s", arg);
		start = false;
		len = 0;
	}
	if (start)
		fprintf(to, " <this program>");
out:
	if (args)
		fclose(args);
}

static char *command_of(const struct exploration *x, const char *schedule)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		return NULL;
	print_command(x, schedule, to);
	fclose(to);
	return text;
}

/* Writing the record to a file */

static void complain(const struct exploration *x, const char *path, int rc)
{
	if (!rc)
		return;
	x->result->record_lost = true;
	fprintf(stderr, "%s: not written: %s%s\n", path,
		record_output_problem(rc),
		rc == -EEXIST ? " unless IOMMUFD_MODEL_OVERWRITE=1 is set" :
				"");
}

/*
 * Return the file to which the record is to be written.  NULL if none was asked
 * for, or after a message if it cannot be written.  In a directory each test
 * has a file of its own.
 */
static const char *record_path(const struct exploration *x,
			       char buf[OUTPUT_PATH])
{
	const char *path = x->opt.record;
	int rc;

	if (!path)
		return NULL;
	path = record_output_file(path, x->test->name, ".record", buf);
	rc = record_output_check(path);
	complain(x, path, rc);
	return rc ? NULL : path;
}

/*
 * Write the command that makes a page of the record at @path, quoted for a
 * shell.
 */
static const char *draw_command(const char *path, char buf[OUTPUT_PATH + 40])
{
	bool quote = strpbrk(path, SHELL_SPECIAL);

	snprintf(buf, OUTPUT_PATH + 40, "iommufd-model page %s%s%s",
		 quote ? "'" : "", path, quote ? "'" : "");
	return buf;
}

/* Add what is known only at the end to the record, and write it to @path. */
static void finish_record(const struct exploration *x,
			  struct iommufd_model_record *record, const char *path)
{
	const struct iommufd_model_explore_result *r = x->result;

	iommufd_model_record_title(record,
				   x->opt.title ? x->opt.title : x->test->name);
	record->kind = record->failure ? RECORD_FAILURE : RECORD_REPLAY;
	record->schedule = r->schedule ? strdup(r->schedule) : NULL;
	record->command = r->command ? strdup(r->command) : NULL;
	record->report = r->report ? strdup(r->report) : NULL;
	if (path)
		complain(x, path, iommufd_model_record_save(record, path));
}

/* Put the failure in @record into the result, and print the report. */
static int report_failure(struct exploration *x,
			  struct iommufd_model_record *record,
			  const u16 *choices, int nr,
			  const struct search *replayed, int preemptions)
{
	struct iommufd_model_explore_result *r = x->result;
	struct fingerprint fingerprint = replayed->fingerprint;
	char buf[OUTPUT_PATH], draw[OUTPUT_PATH + 40];
	const char *path;
	FILE *to;
	size_t size;

	r->verdict = IOMMUFD_MODEL_VERDICT_FAILED;
	r->failure = (enum iommufd_model_failure)record->failure;
	r->preemptions = preemptions;
	r->thread = record->thread - 1;
	r->text = strdup(record->text);
	fingerprint.test = explore_fingerprint_test(x->test, x->opt.version);
	r->schedule = explore_schedule_text(replayed, choices, nr,
					    replayed->nr_loops, &fingerprint);
	if (!r->schedule || !r->text)
		return -ENOMEM;
	r->command = command_of(x, r->schedule);
	if (!r->command)
		return -ENOMEM;
	to = open_memstream(&r->report, &size);
	if (!to)
		return -ENOMEM;
	path = record_path(x, buf);
	explore_report(record, x->test->name, r->schedule, r->command,
		       path ? draw_command(path, draw) : NULL, to);
	fclose(to);
	finish_record(x, record, path);
	if (!x->opt.quiet) {
		to = x->opt.report ? x->opt.report : stderr;
		fputs(r->report, to);
		fflush(to);
	}
	return 1;
}

#define ADVICE                                                               \
	"With the same choices a test must do the same.  It does not if it " \
	"depends on time, on random numbers or on addresses, or on static "  \
	"variables that setup does not set: they live on from one "          \
	"execution to the next.\n"

/* True if the failure @again of the replay counts as the failure @found. */
static bool same_failure(int found, int again)
{
	return again &&
	       (again == found || again == IOMMUFD_MODEL_FAIL_NEVER_RELEASED);
}

/* Report that the same schedule did not give the failure @found again. */
static void report_difference(const struct search *s,
			      struct iommufd_model_record *record,
			      enum iommufd_model_failure found)
{
	if (found == IOMMUFD_MODEL_FAIL_NONDETERMINISM && s->differs_by[0]) {
		snprintf(record->text, sizeof(record->text), "%s",
			 s->differs_by);
		snprintf(record->detail, sizeof(record->detail), "%s", ADVICE);
		record->at = s->differs_at;
		record->thread = s->differs_in + 1;
	} else {
		snprintf(record->detail, sizeof(record->detail),
			 "%s was found first, but the same schedule gave this: "
			 "the test is not deterministic\n%s",
			 iommufd_model_failure_name(found), ADVICE);
		if (!record->failure)
			snprintf(record->text, sizeof(record->text),
				 "nothing wrong the second time");
	}
	record->failure = IOMMUFD_MODEL_FAIL_NONDETERMINISM;
}

/* Replay the failure that @best has found, and tell whether it is the same. */
static int replay_once(struct exploration *x, const struct search *best,
		       struct iommufd_model_record *record, bool *same)
{
	struct search *s = x->spare;
	int rc;

	s->nr_given = best->nr_short;
	memcpy(s->given, best->choices,
	       (size_t)best->nr_short * sizeof(s->given[0]));
	rc = explore_replay(x, s, record);
	*same = same_failure((int)best->failure, record->failure);
	return rc;
}

/*
 * Replay the failure that @best has found.  At first this is done as a user
 * will do it, without the loops that the search has learnt: how many turns a
 * loop does before it waits depends on the execution in which it was learnt.
 * If that gives another failure, the schedule may need the endings that have not
 * come.  If it still does, replay it with the loops of the search.
 */
static int replay_found(struct exploration *x, struct search *best,
			struct iommufd_model_record *record)
{
	struct search *s = x->spare;
	int nr_short = best->nr_short, rc;
	bool same;

	s->opt = x->opt;
	s->nr_loops = s->nr_loops_learnt = 0;
	s->marked = s->marked_learnt = best->marked;
	s->sees_all = best->sees_all;
	s->given_loops = best->nr_loops;
	s->given_steps = best->nr_choices;
	rc = replay_once(x, best, record, &same);
	if (!rc && !same && best->nr_ends) {
		best->nr_short = best->nr_choices + best->nr_ends;
		rc = replay_once(x, best, record, &same);
		if (!same)
			best->nr_short = nr_short;
	}
	/* A thread of the system has a larger stack. */
	if (!rc && !same && best->failure == IOMMUFD_MODEL_FAIL_CRASH) {
		s->opt.own_stacks = true;
		rc = replay_once(x, best, record, &same);
		x->opt.own_stacks |= same;
	}
	if (rc || same || !best->nr_loops)
		return rc;
	memcpy(s->loops, best->loops, sizeof(s->loops));
	s->nr_loops = s->nr_loops_learnt = best->nr_loops;
	return replay_once(x, best, record, &same);
}

/* Minimise the simplest failure of all jobs, and report it. */
static int hand_back(struct exploration *x)
{
	enum iommufd_model_failure failure;
	struct search *s, *best = NULL;
	struct iommufd_model_record *record;
	int i, rc;

	for (i = 0; i < x->nr_searches; i++) {
		s = x->searches[i];
		if (!s->failure)
			continue;
		if (!best || s->found_preemptions < best->found_preemptions ||
		    (s->found_preemptions == best->found_preemptions &&
		     s->nr_choices < best->nr_choices))
			best = s;
	}
	record = x->result->record = iommufd_model_record_create(0);
	if (!record)
		return -ENOMEM;
	failure = best->failure;
	x->result->found_after = best->found_after;
	explore_minimise(x, best);
	rc = replay_found(x, best, record);
	if (rc)
		return rc;
	if (!same_failure(failure, record->failure))
		report_difference(best, record, failure);
	return report_failure(x, record, best->choices, best->nr_short,
			      x->spare, best->found_preemptions);
}

static void judge(struct exploration *x)
{
	struct iommufd_model_explore_result *r = x->result;
	bool done = true, cut = false, steps = false, limit = false;
	bool late = false, late_loops = false;
	const struct search *s;
	int i;

	for (i = 0; i < x->nr_searches; i++) {
		s = x->searches[i];
		done = done && s->next == SEARCH_DONE;
		cut = cut || s->cut;
		limit = limit || explore_search_at_limit(s);
		late = late || s->late;
		late_loops = late_loops || s->nr_loops != s->nr_loops_learnt;
		steps = steps || s->cut_steps;
		r->timeouts_bounded |= s->cut_timeouts;
		r->spurious_bounded |= s->cut_spurious;
		r->allocs_bounded |= s->cut_allocs;
		r->copies_bounded |= s->cut_copies;
		explore_states_told(s, r);
	}
	r->done = done ? 1 : r->done;
	if (!done && x->opt.mode == IOMMUFD_MODEL_MODE_RANDOM &&
	    r->executions >= x->opt.executions) {
		r->verdict = IOMMUFD_MODEL_VERDICT_NOT_FOUND;
		r->seed = x->opt.seed;
	} else if (!done) {
		r->verdict = IOMMUFD_MODEL_VERDICT_STOPPED;
		if (r->signal)
			snprintf(r->limit, sizeof(r->limit), "%s",
				 explore_signal_name(r->signal));
		else if (limit)
			snprintf(r->limit, sizeof(r->limit), "%lu executions",
				 x->opt.executions);
		else if (late)
			snprintf(r->limit, sizeof(r->limit),
				 late_loops ? "a loop that waits: no shards" :
					      "volatile accesses: no shards");
		else
			snprintf(r->limit, sizeof(r->limit), "%g s",
				 x->opt.seconds);
	} else if (steps) {
		r->verdict = IOMMUFD_MODEL_VERDICT_STOPPED;
		snprintf(r->limit, sizeof(r->limit),
			 "%u steps in loops that wait", x->opt.steps);
	} else if (cut) {
		r->verdict = IOMMUFD_MODEL_VERDICT_COMPLETE_BOUNDED;
		r->preemptions = x->opt.preemptions;
	} else {
		r->verdict = IOMMUFD_MODEL_VERDICT_COMPLETE;
	}
	if (done && !steps && x->opt.shards > 1)
		r->verdict = IOMMUFD_MODEL_VERDICT_COMPLETE_SHARD;
}

static int replay(struct exploration *x)
{
	struct iommufd_model_record *record = iommufd_model_record_create(0);
	struct search *s = x->searches[0];
	char buf[OUTPUT_PATH];
	int rc;

	x->result->record = record;
	if (!record)
		return -ENOMEM;
	s->opt = x->opt;
	rc = explore_replay(x, s, record);
	explore_count(x);
	if (!rc && record->failure == IOMMUFD_MODEL_FAIL_NONDETERMINISM) {
		snprintf(x->error, sizeof(x->error), "%s", record->text);
		rc = -EINVAL;
	} else if (!rc && record->failure) {
		rc = report_failure(x, record, s->given, s->nr_given, s,
				    s->found_preemptions);
	} else if (!rc) {
		x->result->verdict = IOMMUFD_MODEL_VERDICT_REPLAYED;
		finish_record(x, record, record_path(x, buf));
	}
	return rc;
}

/* What one job has learnt after the others had begun */

/*
 * True if the job has ended because of something that it has learnt, and all jobs can
 * begin again.  What is learnt late makes the tree another one, which the other shards
 * would not know.
 */
static bool learns_again(const struct exploration *x, const struct search *s)
{
	return s->late ? x->opt.shards == 1 : s->restart && s->shares;
}

static void add_endings(struct search *to, const struct search *s)
{
	int i, k, nr = to->nr_learnt;

	for (i = 0; i < s->nr_learnt; i++) {
		for (k = 0; k < nr; k++)
			if (to->endings[k].site == s->endings[i].site &&
			    to->endings[k].thread == s->endings[i].thread)
				break;
		if (k == nr && nr < MAX_ENDINGS)
			to->endings[nr++] = s->endings[i];
	}
	to->nr_learnt = nr;
}

/*
 * Add what @s has learnt to what @to has: loops, marked accesses, endings, and what
 * states need.
 */
static void add_learnt(struct search *to, const struct search *s)
{
	int i, k, nr = to->nr_loops_learnt;

	for (i = 0; i < s->nr_loops_learnt; i++) {
		for (k = 0; k < nr; k++)
			if (to->loops[k].site == s->loops[i].site &&
			    to->loops[k].fn == s->loops[i].fn)
				break;
		if (k == nr && nr < MAX_LOOPS)
			to->loops[nr++] = s->loops[i];
	}
	to->nr_loops_learnt = nr;
	to->marked_learnt |= s->marked_learnt;
	to->hurried |= s->hurried;
	add_endings(to, s);
	explore_states_learn(to, s);
}

static void begin_again(struct search *s, const struct search *first, u32 walk)
{
	if (s != first) {
		memcpy(s->loops, first->loops, sizeof(s->loops));
		memcpy(s->endings, first->endings, sizeof(s->endings));
		explore_states_learn(s, first);
	}
	s->nr_endings = s->nr_learnt = first->nr_learnt;
	s->nr_loops = s->nr_loops_learnt = first->nr_loops_learnt;
	s->marked = s->marked_learnt = first->marked_learnt;
	s->hurried = first->hurried;
	s->hurries = 0;
	s->walk = walk;
	s->executions = s->redundant = s->steps = s->failed = 0;
	s->failure = IOMMUFD_MODEL_NO_FAILURE;
	s->seen = 0;
	s->late = s->retry = s->restart = s->cut_steps = false;
}

/*
 * If a job has learnt something, let all jobs know it, so that they walk the same tree
 * again.  Returns false if none has, or if the exploration is to end.
 */
static bool jobs_begin_again(struct exploration *x)
{
	struct search *first = x->searches[0];
	bool any = false;
	u32 walk = 0;
	int i;

	for (i = 0; i < x->nr_searches; i++) {
		if (x->searches[i]->failure && !x->opt.keep_going)
			return false;
		if (x->searches[i]->late && x->opt.shards > 1)
			return false;
		any = any || learns_again(x, x->searches[i]);
		if (x->searches[i]->walk > walk)
			walk = x->searches[i]->walk;
	}
	if (!any || x->stop[1])
		return false;
	for (i = 1; i < x->nr_searches; i++)
		add_learnt(first, x->searches[i]);
	for (i = 0; i < x->nr_searches; i++)
		begin_again(x->searches[i], first, walk);
	*x->stop = 0;
	return true;
}

static int do_job(struct exploration *x, struct search *s)
{
	int rc = explore_find_top(x, s);

	if (!rc && !s->failure)
		rc = explore_search(x, s);
	if ((s->failure && !x->opt.keep_going) || learns_again(x, s))
		*x->stop = 1;
	explore_stealing_leave(s);
	return rc;
}

/* A function of its own, as clang counts no child's way past its fork(). */
static _Noreturn void be_job(struct exploration *x, struct search *s, pid_t of)
{
	explore_child_begins(of, false);
	x->opt.progress = NULL;
	x->advised = true;
	explore_leave(do_job(x, s) ? 1 : 0);
}

/* Run job @i, in a process of its own if there are several. */
static int start_job(struct exploration *x, int i, pid_t *pid)
{
	pid_t self = getpid();

	*pid = 0;
	if (x->nr_searches == 1)
		return do_job(x, x->searches[i]);
	fflush(NULL);
	*pid = fork();
	if (!*pid)
		be_job(x, x->searches[i], self);
	return *pid < 0 ? -EAGAIN : 0;
}

/* A job has not begun or has died, so something will not be done. */
static int give_up(struct exploration *x)
{
	*x->stop = 1;
	return -EAGAIN;
}

/* Wait for the jobs that are left. */
static void pause_for(struct exploration *x, int left)
{
	const struct timespec tick = { 0, 5000000 };

	if (!left)
		return;
	explore_report_progress(x);
	nanosleep(&tick, NULL);
}

static int wait_for_jobs(struct exploration *x, pid_t *pids)
{
	int i, status, left, rc = 0;
	pid_t pid;

	do {
		left = 0;
		for (i = 0; i < x->nr_searches; i++) {
			if (pids[i] <= 0)
				continue;
			pid = waitpid(pids[i], &status, WNOHANG);
			if (!pid || (pid < 0 && errno == EINTR)) {
				left++;
				continue;
			}
			pids[i] = 0;
			if (status)
				rc = give_up(x);
		}
		pause_for(x, left);
	} while (left);
	return rc;
}

static int run_jobs(struct exploration *x)
{
	pid_t pids[EXPLORE_MAX_JOBS] = { 0 };
	int i, rc = 0, waited;

	explore_stealing_begin(x);
	for (i = 0; i < x->nr_searches && !rc; i++)
		rc = start_job(x, i, &pids[i]);
	if (rc && x->nr_searches > 1)
		give_up(x);
	waited = wait_for_jobs(x, pids);
	return rc ? rc : waited;
}

static int search(struct exploration *x)
{
	int i, rc;

	do
		rc = run_jobs(x);
	while (!rc && jobs_begin_again(x));
	x->result->signal = x->stop[1];
	explore_count(x);
	if (rc)
		return rc;
	for (i = 0; i < x->nr_searches; i++)
		if (x->searches[i]->failure)
			return hand_back(x);
	judge(x);
	return 0;
}

/*
 * True if no step is needed for a plain access: each is seen, what is wrong with it
 * is a failure, and nothing but threads looks at plain memory.
 */
static bool sees_all(const struct exploration *x)
{
	const unsigned int failures = 1u << IOMMUFD_MODEL_FAIL_DATA_RACE |
				      1u << IOMMUFD_MODEL_FAIL_USE_AFTER_FREE;

	return iommufd_model_watched_files && !x->test->invariant &&
	       !(x->opt.ignore & failures) && !iommufd_model_unwatched_files();
}

static void prepare(struct exploration *x, struct search *s, int job)
{
	s->opt = x->opt;
	s->shards = (int)(x->opt.shards * x->opt.jobs);
	s->shard = (int)((x->opt.shard - 1) * x->opt.jobs) + job;
	s->started = x->started;
	s->stop = x->stop;
	s->taken = x->taken;
	s->job = (u32)job;
	if (x->opt.executions)
		s->opt.executions = (x->opt.executions + x->opt.jobs - 1 -
				     (unsigned int)job) /
				    x->opt.jobs;
}

/* Make room for the states, if the test says in which memory they are. */
static int make_known(struct exploration *x)
{
	unsigned int megabytes = (unsigned int)x->opt.states;
	size_t size = explore_known_size(megabytes);

	if (!x->test->memory[0].size || !megabytes || x->opt.in_process ||
	    x->opt.mode != IOMMUFD_MODEL_MODE_EXHAUSTIVE)
		return 0;
	if (x->opt.states_file)
		return explore_states_file(x, size);
	x->known = explore_shared(size);
	if (x->known)
		explore_known_init(x->known, megabytes, x->opt.jobs > 1);
	return 0;
}

static void make_states(struct exploration *x, struct search *s)
{
	if (!x->known)
		return;
	s->states = explore_shared(explore_states_size());
	if (s->states)
		explore_states_init(s->states, x->known);
}

static int refuse_test(struct exploration *x)
{
	snprintf(x->error, sizeof(x->error), "%s",
		 "the schedule is of another test, or of one that has been "
		 "changed" EXPLORE_HOW_TO_FORCE);
	return -EINVAL;
}

/* Read the schedule, or the file that has it. */
static int take_schedule(struct exploration *x, struct search *s)
{
	static char text[65536];
	NO_CHECKPOINT(text);
	FILE *file = fopen(x->opt.schedule, "r");
	size_t n;
	int rc;

	if (file) {
		n = fread(text, 1, sizeof(text) - 1, file);
		text[n] = 0;
		fclose(file);
	}
	rc = explore_schedule_parse(s, file ? text : x->opt.schedule);
	x->opt.fail_nth = s->opt.fail_nth;
	x->opt.plain = s->opt.plain;
	if (rc)
		memcpy(x->error, s->error, sizeof(s->error));
	else if (s->claims && !x->opt.force &&
		 s->claimed.test !=
			 explore_fingerprint_test(x->test, x->opt.version))
		rc = refuse_test(x);
	return rc;
}

static int explore(struct exploration *x)
{
	bool all = sees_all(x);
	int i, rc = 0;

	x->nr_searches = (int)x->opt.jobs;
	x->stop = explore_shared(2 * sizeof(*x->stop));
	x->spare = explore_shared(sizeof(*x->spare));
	if (x->opt.jobs > 1) {
		x->taken = explore_shared(EXPLORE_MAX_TAKEN * sizeof(u32));
		x->stealing = explore_shared(explore_stealing_size());
	}
	if (!x->stop || !x->spare ||
	    (x->opt.jobs > 1 && (!x->taken || !x->stealing)) ||
	    !explore_marked_prepare())
		return -ENOMEM;
	rc = make_known(x);
	if (rc)
		return rc;
	for (i = 0; i < x->nr_searches; i++) {
		x->searches[i] = explore_shared(sizeof(struct search));
		if (!x->searches[i])
			return -ENOMEM;
		prepare(x, x->searches[i], i);
		x->searches[i]->sees_all = all;
		make_states(x, x->searches[i]);
	}
	if (x->opt.mode == IOMMUFD_MODEL_MODE_REPLAY) {
		rc = take_schedule(x, x->searches[0]);
		return rc ? rc : replay(x);
	}
	if (!x->opt.in_process)
		x->errors = tmpfile();
	explore_signals_take(x->stop, x->stop + 1);
	rc = search(x);
	x->result->signal = x->stop[1];
	explore_signals_give_back();
	return rc;
}

/*
 * A signal stopped the exploration: print what was done, and raise the signal
 * again.
 */
static void end_by_signal(const struct exploration *x)
{
	const struct iommufd_model_explore_result *r = x->result;
	FILE *to = x->opt.report ? x->opt.report : stderr;
	char text[160];

	if (r->verdict == IOMMUFD_MODEL_VERDICT_STOPPED && !x->opt.quiet)
		fprintf(to,
			"%s: %s: %lu executions, %lu redundant, depth %u, "
			"%.3f s\n",
			x->test->name,
			iommufd_model_verdict_text(r, text, sizeof(text)),
			r->executions, r->redundant, r->depth, r->seconds);
	fflush(NULL);
	raise(r->signal);
}

static void clean_up(const struct exploration *x)
{
	int i;

	for (i = 0; i < x->nr_searches; i++)
		if (x->searches[i] && x->searches[i]->states)
			munmap(x->searches[i]->states, explore_states_size());
	for (i = 0; i < x->nr_searches; i++)
		if (x->searches[i])
			munmap(x->searches[i], sizeof(*x->searches[i]));
	if (x->known)
		munmap(x->known, explore_known_size((unsigned)x->opt.states));
	if (x->taken)
		munmap(x->taken, EXPLORE_MAX_TAKEN * sizeof(u32));
	if (x->stealing)
		munmap(x->stealing, explore_stealing_size());
	if (x->spare)
		munmap(x->spare, sizeof(*x->spare));
	if (x->stop)
		munmap(x->stop, 2 * sizeof(*x->stop));
	if (x->errors)
		fclose(x->errors);
}

/* Copy the result to a caller whose struct has @size bytes. */
static void hand_over(struct iommufd_model_explore_result *result,
		      struct iommufd_model_explore_result *to, size_t size)
{
	result->size = size < sizeof(*result) ? size : sizeof(*result);
	memset(to, 0, size);
	memcpy(to, result, result->size);
}

int iommufd_model_explore_sized(
	const struct iommufd_model_test *test,
	const struct iommufd_model_explore_options *options,
	struct iommufd_model_explore_result *result, size_t size)
{
	struct search *searches[EXPLORE_MAX_JOBS] = { NULL };
	struct iommufd_model_explore_result mine = {
		.size = sizeof(mine),
	};
	struct exploration x = {
		.test = test,
		.result = &mine,
		.searches = searches,
		.started = explore_now(),
	};
	FILE *to;
	int rc;

	rc = explore_options(&x, options);
	if (!rc)
		rc = explore(&x);
	mine.options = x.opt;
	mine.watched = iommufd_model_watched_files;
	mine.unwatched = iommufd_model_unwatched_files();
	if (rc == -EINVAL && !x.opt.quiet) {
		to = x.opt.report ? x.opt.report : stderr;
		fprintf(to, "%s: %s\n", test->name ? test->name : "test",
			x.error);
	}
	clean_up(&x);
	if (mine.signal && !x.opt.returns)
		end_by_signal(&x);
	if (result)
		hand_over(&mine, result, size);
	else
		iommufd_model_explore_free(&mine);
	return rc;
}

void iommufd_model_explore_free(struct iommufd_model_explore_result *result)
{
	free(result->text);
	free(result->schedule);
	free(result->command);
	free(result->report);
	result->text = NULL;
	result->schedule = NULL;
	result->command = NULL;
	result->report = NULL;
	iommufd_model_record_free(result->record);
	result->record = NULL;
}

/*
 * Add a text such as ", with 2 early timeouts" if more of them were possible.
 */
static void add_bound(char *buf, size_t size, bool bounded, int n,
		      const char *one, const char *more)
{
	size_t len = strlen(buf);

	if (bounded && len < size)
		snprintf(buf + len, size - len, ", with %d %s", n,
			 n == 1 ? one : more);
}

/* Add a text if the search kept no states, or had too little room for them. */
static void add_states(char *buf, size_t size,
		       const struct iommufd_model_explore_result *result)
{
	size_t len = strlen(buf);

	if (result->states_full && len < size)
		snprintf(buf + len, size - len,
			 ", no room for more than %lu states", result->states);
	else if (result->no_states[0] && len < size)
		snprintf(buf + len, size - len, ", without states: %s",
			 result->no_states);
}

/*
 * Say which part of the program's source files is not watched.  If none is
 * watched, then the verdict is one about operations only.
 */
static void add_unwatched(char *buf, size_t size,
			  const struct iommufd_model_explore_result *result)
{
	size_t len = strlen(buf);

	/* A program that was compiled with an older header has no such members. */
	if (result->size < sizeof(*result))
		return;
	if (result->watched && result->unwatched && len < size &&
	    result->verdict != IOMMUFD_MODEL_VERDICT_FAILED &&
	    result->verdict != IOMMUFD_MODEL_VERDICT_NOT_EXPLORED)
		snprintf(buf + len, size - len,
			 "; plain memory of %u of %u source files not watched",
			 result->unwatched, result->watched + result->unwatched);
}

const char *
iommufd_model_verdict_text(const struct iommufd_model_explore_result *result,
			   char *buf, size_t size)
{
	switch (result->verdict) {
	case IOMMUFD_MODEL_VERDICT_NOT_EXPLORED:
		snprintf(buf, size, "not explored");
		break;
	case IOMMUFD_MODEL_VERDICT_COMPLETE:
		snprintf(buf, size, "complete");
		break;
	case IOMMUFD_MODEL_VERDICT_COMPLETE_BOUNDED:
		snprintf(buf, size, "complete up to %d preemption%s",
			 result->preemptions,
			 result->preemptions == 1 ? "" : "s");
		break;
	case IOMMUFD_MODEL_VERDICT_COMPLETE_SHARD:
		snprintf(buf, size, "complete, this shard");
		break;
	case IOMMUFD_MODEL_VERDICT_STOPPED:
		/* Two digits, and never "1e+02" */
		snprintf(buf, size, "stopped at %s, about %.2g %% done",
			 result->limit,
			 result->done < 0.99 ? result->done * 100 : 99);
		break;
	case IOMMUFD_MODEL_VERDICT_NOT_FOUND:
		snprintf(buf, size, "no failure in %lu executions, seed %lu",
			 result->executions, result->seed);
		break;
	case IOMMUFD_MODEL_VERDICT_REPLAYED:
		snprintf(buf, size, "replayed, no failure");
		break;
	default:
		snprintf(buf, size, "FAILED: %s",
			 iommufd_model_failure_name(result->failure));
		break;
	}
	add_bound(buf, size, result->timeouts_bounded, result->options.timeouts,
		  "early timeout", "early timeouts");
	add_bound(buf, size, result->spurious_bounded, result->options.spurious,
		  "spurious wake-up", "spurious wake-ups");
	add_bound(buf, size, result->allocs_bounded,
		  result->options.alloc_failures, "failed allocation",
		  "failed allocations");
	add_bound(buf, size, result->copies_bounded,
		  result->options.short_copies, "short copy", "short copies");
	add_states(buf, size, result);
	add_unwatched(buf, size, result);
	return buf;
}
