// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The options of an exploration: those that the caller set, the defaults of
 * the others, and the environment, which overrides both.
 */
#define _XOPEN_SOURCE 700
#include "exploration.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PREFIX "IOMMUFD_MODEL_EXPLORE_"

/* Failures after which an execution cannot go on. */
#define ENDS_IT                                                                \
	(1u << IOMMUFD_MODEL_FAIL_USE_AFTER_FREE |                             \
	 1u << IOMMUFD_MODEL_FAIL_DOUBLE_FREE |                                \
	 1u << IOMMUFD_MODEL_FAIL_CRASH | 1u << IOMMUFD_MODEL_FAIL_SANITIZER | \
	 1u << IOMMUFD_MODEL_FAIL_STEP_LIMIT |                                 \
	 1u << IOMMUFD_MODEL_FAIL_LIVELOCK | 1u << IOMMUFD_MODEL_FAIL_HANG |   \
	 1u << IOMMUFD_MODEL_FAIL_NONDETERMINISM)

static const char *const failure_names[] = {
	[IOMMUFD_MODEL_NO_FAILURE] = "none",
	[IOMMUFD_MODEL_FAIL_ASSERTION] = "failed assertion",
	[IOMMUFD_MODEL_FAIL_INVARIANT] = "broken invariant",
	[IOMMUFD_MODEL_FAIL_WARN] = "warning",
	[IOMMUFD_MODEL_FAIL_REFCOUNT] = "refcount misuse",
	[IOMMUFD_MODEL_FAIL_USE_AFTER_FREE] = "use after free",
	[IOMMUFD_MODEL_FAIL_DOUBLE_FREE] = "double free",
	[IOMMUFD_MODEL_FAIL_ALLOCATOR] = "allocator mismatch",
	[IOMMUFD_MODEL_FAIL_LEAK] = "leak",
	[IOMMUFD_MODEL_FAIL_NEVER_RELEASED] = "never released",
	[IOMMUFD_MODEL_FAIL_NO_PROGRESS] = "no progress",
	[IOMMUFD_MODEL_FAIL_DEADLOCK] = "deadlock",
	[IOMMUFD_MODEL_FAIL_LOST_WAKEUP] = "lost wake-up",
	[IOMMUFD_MODEL_FAIL_TIMEOUT] = "timeout",
	[IOMMUFD_MODEL_FAIL_LOCK] = "lock misuse",
	[IOMMUFD_MODEL_FAIL_LOCK_ORDER] = "lock order inversion",
	[IOMMUFD_MODEL_FAIL_ATOMIC] = "sleeping in atomic context",
	[IOMMUFD_MODEL_FAIL_CRASH] = "crash",
	[IOMMUFD_MODEL_FAIL_SANITIZER] = "sanitizer report",
	[IOMMUFD_MODEL_FAIL_STEP_LIMIT] = "step limit",
	[IOMMUFD_MODEL_FAIL_LIVELOCK] = "livelock",
	[IOMMUFD_MODEL_FAIL_HANG] = "hang",
	[IOMMUFD_MODEL_FAIL_NONDETERMINISM] = "nondeterminism",
};

const char *iommufd_model_failure_name(enum iommufd_model_failure failure)
{
	return (unsigned int)failure < ARRAY_SIZE(failure_names) ?
		       failure_names[failure] :
		       "?";
}

/* Find a failure by the @len bytes of @name, where a blank may be a hyphen. */
static enum iommufd_model_failure failure_named(const char *name, size_t len)
{
	unsigned int i;
	size_t n;

	for (i = 1; i < IOMMUFD_MODEL_NR_FAILURES; i++) {
		if (strlen(failure_names[i]) != len)
			continue;
		for (n = 0; n < len; n++)
			if (name[n] != failure_names[i][n] &&
			    !(name[n] == '-' && failure_names[i][n] == ' '))
				break;
		if (n == len)
			break;
	}
	return i;
}

enum iommufd_model_failure iommufd_model_failure_from_name(const char *name)
{
	return failure_named(name, strlen(name));
}

static const char *variable(const char *name)
{
	char full[64];
	const char *value;

	snprintf(full, sizeof(full), PREFIX "%s", name);
	value = getenv(full);
	return value && *value ? value : NULL;
}

static int bad(struct exploration *x, const char *name, const char *value,
	       const char *expected)
{
	snprintf(x->error, sizeof(x->error), PREFIX "%s=%.60s: expected %s",
		 name, value, expected);
	return -EINVAL;
}

/* Read a number from @min to @max.  Does not change *@to if there is none. */
static int number(struct exploration *x, const char *name, long min, long max,
		  long *to)
{
	const char *value = variable(name);
	char expected[64], *end;
	long n;

	if (!value)
		return 0;
	errno = 0;
	n = strtol(value, &end, 10);
	if (*end || errno || n < min || n > max) {
		snprintf(expected, sizeof(expected), "a number from %ld to %ld",
			 min, max);
		return bad(x, name, value, expected);
	}
	*to = n;
	return 0;
}

static int seconds(struct exploration *x, const char *name, double *to)
{
	const char *value = variable(name);
	char *end;
	double n;

	if (!value)
		return 0;
	n = strtod(value, &end);
	if (*end || !(n > 0 && n < 1e9))
		return bad(x, name, value, "a number of seconds");
	*to = n;
	return 0;
}

#define FIELD(name, min, max, field)                          \
	do {                                                  \
		long __n = (long)x->opt.field;                \
		if (number(x, name, min, max, &__n))          \
			return -EINVAL;                       \
		x->opt.field = (__typeof__(x->opt.field))__n; \
	} while (0)

static int mode(struct exploration *x)
{
	static const char *const names[] = { "exhaustive", "bounded",
					     "random" };
	const char *value = variable("MODE");
	unsigned int i;

	if (!value)
		return 0;
	for (i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(value, names[i]))
			continue;
		x->opt.mode = (enum iommufd_model_explore_mode)i;
		return 0;
	}
	return bad(x, "MODE", value, "exhaustive, bounded or random");
}

static int shard(struct exploration *x)
{
	const char *value = variable("SHARD");
	unsigned int k, n;
	char end;

	if (!value)
		return 0;
	if (sscanf(value, "%u/%u%c", &k, &n, &end) != 2 || !k || k > n ||
	    n > 1000000)
		return bad(x, "SHARD", value, "K/N, K from 1 to N");
	x->opt.shard = k;
	x->opt.shards = n;
	return 0;
}

static int ignored(struct exploration *x)
{
	const char *value = variable("IGNORE"), *pos;
	enum iommufd_model_failure failure;
	size_t len;

	if (value)
		x->opt.ignore = 0;
	for (pos = value; pos && *pos; pos += len + (pos[len] == ',')) {
		len = strcspn(pos, ",");
		failure = failure_named(pos, len);
		if (failure == IOMMUFD_MODEL_NR_FAILURES)
			return bad(x, "IGNORE", value,
				   "names of failures "
				   "with commas between them");
		x->opt.ignore |= 1u << failure;
	}
	return 0;
}

/*
 * For a replay of the test of one name: has a test of this name been explored,
 * and has any other?  The memory is shared with the processes of the tests of
 * a test program.
 */
static struct {
	bool met, others;
} * named;
static pid_t owner;

static void check_name(void)
{
	const char *value = variable("REPLAY"), *colon;

	if (getpid() != owner || named->met || !named->others || !value)
		return;
	colon = strrchr(value, ':');
	fflush(NULL);
	fprintf(stderr,
		PREFIX "REPLAY: no test of the name \"%.*s\" was explored, and "
		       "nothing was replayed\n",
		colon ? (int)(colon - value) : 0, value);
	explore_leave(2);
}

/* It runs before main(), so that only the first process checks at its end. */
__attribute__((constructor)) static void watch_name(void)
{
	const char *value = variable("REPLAY");

	if (!value || !strrchr(value, ':'))
		return;
	named = explore_shared(sizeof(*named));
	owner = getpid();
	if (named)
		atexit(check_name);
}

/* Take the schedule of the variable REPLAY, unless it is for another test. */
static void schedule(struct exploration *x)
{
	const char *value = variable("REPLAY"), *colon;
	size_t len = strlen(x->test->name);

	if (!value)
		return;
	colon = strrchr(value, ':');
	if (colon && ((size_t)(colon - value) != len ||
		      strncmp(value, x->test->name, len))) {
		if (named)
			named->others = true;
		return;
	}
	if (named && colon)
		named->met = true;
	x->opt.mode = IOMMUFD_MODEL_MODE_REPLAY;
	x->opt.in_process = true;
	x->opt.schedule = colon ? colon + 1 : value;
}

static int read_environment(struct exploration *x)
{
	long minimise = !x->opt.no_minimise;

	FIELD("PLAIN", 0, 1, plain);
	FIELD("PREEMPTIONS", -1, MAX_STEPS, preemptions);
	FIELD("TIMEOUTS", 0, MAX_STEPS, timeouts);
	FIELD("DEPTH", 1, 8, depth);
	FIELD("EXECUTIONS", 1, LONG_MAX, executions);
	FIELD("STEPS", 1, MAX_STEPS, steps);
	FIELD("SEED", 0, LONG_MAX, seed);
	FIELD("JOBS", 1, EXPLORE_MAX_JOBS, jobs);
	FIELD("FAIL_NTH", 0, 1000000, fail_nth);
	FIELD("OWN_STACKS", 0, 1, own_stacks);
	FIELD("FORCE", 0, 1, force);
	FIELD("IN_PROCESS", 0, 1, in_process);
	FIELD("KEEP_GOING", 0, 1, keep_going);
	if (mode(x) || shard(x) || ignored(x) ||
	    seconds(x, "SECONDS", &x->opt.seconds) ||
	    seconds(x, "HANG", &x->opt.hang))
		return -EINVAL;
	if (number(x, "MINIMISE", 0, 1, &minimise))
		return -EINVAL;
	x->opt.no_minimise = !minimise;
	if (variable("RECORD"))
		x->opt.record = variable("RECORD");
	schedule(x);
	return 0;
}

static int misfit(struct exploration *x, const char *what)
{
	snprintf(x->error, sizeof(x->error), "%s", what);
	return -EINVAL;
}

/* The options of version 0.1 end here. */
#define FIRST_SIZE \
	(offsetof(struct iommufd_model_explore_options, title) + sizeof(char *))

void iommufd_model_explore_options_init_sized(
	struct iommufd_model_explore_options *options, size_t size)
{
	const struct iommufd_model_explore_options defaults = {
		.size = size,
		.preemptions = 2,
		.timeouts = 2,
		.depth = 3,
		.steps = 10000,
		.hang = 10,
		.seed = 1,
		.jobs = 1,
		.shard = 1,
		.shards = 1,
	};

	memset(options, 0, size);
	memcpy(options, &defaults,
	       size < sizeof(defaults) ? size : sizeof(defaults));
}

/* Options that began as zeros: a zero stands for the default. */
static void fill_in_defaults(struct iommufd_model_explore_options *opt)
{
	struct iommufd_model_explore_options defaults;

	iommufd_model_explore_options_init(&defaults);
	if (opt->preemptions == IOMMUFD_MODEL_NO_PREEMPTIONS)
		opt->preemptions = 0;
	else if (!opt->preemptions)
		opt->preemptions = defaults.preemptions;
	if (opt->timeouts == IOMMUFD_MODEL_NO_TIMEOUTS)
		opt->timeouts = 0;
	else if (!opt->timeouts)
		opt->timeouts = defaults.timeouts;
	if (!opt->depth)
		opt->depth = defaults.depth;
	if (!opt->steps)
		opt->steps = defaults.steps;
	if (!(opt->hang > 0))
		opt->hang = defaults.hang;
	if (!opt->seed)
		opt->seed = defaults.seed;
	if (!opt->jobs)
		opt->jobs = defaults.jobs;
	if (!opt->shards) {
		opt->shard = defaults.shard;
		opt->shards = defaults.shards;
	}
}

/* True if @p has a byte that is not 0 between @from and @to. */
static bool any_set(const void *p, size_t from, size_t to)
{
	const unsigned char *bytes = p;

	while (from < to)
		if (bytes[from++])
			return true;
	return false;
}

int iommufd_model_explore_options_copy(
	struct iommufd_model_explore_options *to,
	const struct iommufd_model_explore_options *from)
{
	struct iommufd_model_explore_options copy;
	size_t size;

	iommufd_model_explore_options_init(&copy);
	if (from) {
		size = from->size ? from->size : FIRST_SIZE;
		if (size < FIRST_SIZE ||
		    (size > sizeof(copy) && any_set(from, sizeof(copy), size)))
			return -EINVAL;
		memcpy(&copy, from, size < sizeof(copy) ? size : sizeof(copy));
		if (!from->size)
			fill_in_defaults(&copy);
		copy.size = sizeof(copy);
	}
	*to = copy;
	return 0;
}

static const char *misfit_of_test(const struct iommufd_model_test *test)
{
	if (!test->name || !test->threads[0].fn)
		return "a test needs a name and a thread";
	if (test->size && test->size < sizeof(*test))
		return "the size of the test is not that of any version";
	if (test->size > sizeof(*test) &&
	    any_set(test, sizeof(*test), test->size))
		return "the test has members that this library does not know";
	return NULL;
}

static const char *
misfit_of_options(const struct iommufd_model_explore_options *opt)
{
	if (opt->ignore & ENDS_IT)
		return "what ends an execution cannot be ignored";
	if (!opt->steps || opt->steps > MAX_STEPS)
		return "the limit of steps is not between 1 and 32000";
	if (opt->preemptions < -1)
		return "a negative number of preemptions";
	if (opt->timeouts < 0)
		return "a negative number of timeouts";
	if (!opt->depth)
		return "the depth of a random exploration is at least 1";
	if (!(opt->hang >= 0))
		return "a negative number of seconds";
	if (!opt->shard || opt->shard > opt->shards)
		return "there is no shard of this number";
	if (!opt->jobs || opt->jobs > EXPLORE_MAX_JOBS)
		return "the number of jobs is not between 1 and 256";
	if (opt->mode > IOMMUFD_MODEL_MODE_REPLAY)
		return "there is no mode of this number";
	if (opt->mode == IOMMUFD_MODEL_MODE_REPLAY && !opt->schedule)
		return "a replay needs a schedule";
	return NULL;
}

int explore_options(struct exploration *x,
		    const struct iommufd_model_explore_options *given)
{
	struct iommufd_model_explore_options *opt = &x->opt;
	const char *what = misfit_of_test(x->test);

	if (iommufd_model_explore_options_copy(opt, given)) {
		opt->quiet = given->size >= FIRST_SIZE && given->quiet;
		what = "the options are not of a version that this library "
		       "knows";
	}
	if (what)
		return misfit(x, what);
	if (read_environment(x))
		return -EINVAL;
	what = misfit_of_options(opt);
	if (what)
		return misfit(x, what);
	if (opt->mode == IOMMUFD_MODEL_MODE_RANDOM && !opt->executions)
		opt->executions = 10000;
	if (opt->in_process)
		opt->jobs = 1;
	return 0;
}
