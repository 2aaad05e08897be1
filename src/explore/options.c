// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The options of an exploration: those that the caller set, the defaults of
 * the others, and the environment, which overrides both.
 */
#define _XOPEN_SOURCE 700
#include "exploration.h"
#include "options.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PREFIX "IOMMUFD_MODEL_EXPLORE_"

extern char **environ;

/* The failures after which an execution cannot go on. */
#define ENDS_IT                                                                \
	(1u << IOMMUFD_MODEL_FAIL_USE_AFTER_FREE |                             \
	 1u << IOMMUFD_MODEL_FAIL_DOUBLE_FREE |                                \
	 1u << IOMMUFD_MODEL_FAIL_CRASH | 1u << IOMMUFD_MODEL_FAIL_SANITIZER | \
	 1u << IOMMUFD_MODEL_FAIL_STEP_LIMIT |                                 \
	 1u << IOMMUFD_MODEL_FAIL_LIVELOCK | 1u << IOMMUFD_MODEL_FAIL_HANG |   \
	 1u << IOMMUFD_MODEL_FAIL_NONDETERMINISM |                             \
	 1u << IOMMUFD_MODEL_FAIL_OUT_OF_BOUNDS)

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
	[IOMMUFD_MODEL_FAIL_DATA_RACE] = "data race",
	[IOMMUFD_MODEL_FAIL_OUT_OF_BOUNDS] = "out of bounds",
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

/*
 * struct setting - an option that has a name in the environment
 * @name: also the name of the program's option; the variable has the same name
 *	in capitals, with "_"
 * @offset, @size: of the member that has the option
 * @set: stores a value in the member if the value is valid
 * @expected: describes the valid values; NULL: a number from @min to @max
 */
struct setting {
	const char *name;
	size_t offset, size;
	bool (*set)(const struct setting *setting, void *member,
		    const char *value);
	const char *expected;
	long min, max;
};

static bool parse_number(const char *text, long min, long max, long *to)
{
	char *end;

	errno = 0;
	*to = strtol(text, &end, 10);
	return (*text == '-' || (*text >= '0' && *text <= '9')) && !*end &&
	       !errno && *to >= min && *to <= max;
}

static bool set_number(const struct setting *setting, void *member,
		       const char *value)
{
	long n;

	if (!parse_number(value, setting->min, setting->max, &n))
		return false;
	if (setting->size == sizeof(bool))
		*(bool *)member = n;
	else if (setting->size == sizeof(int))
		*(int *)member = (int)n;
	else
		*(long *)member = n;
	return true;
}

static bool set_opposite(const struct setting *setting, void *member,
			 const char *value)
{
	bool *flag = member, good = set_number(setting, member, value);

	*flag = good ? !*flag : *flag;
	return good;
}

static bool set_seconds(const struct setting *setting, void *member,
			const char *value)
{
	char *end;
	double n;

	(void)setting;
	errno = 0;
	n = strtod(value, &end);
	if (*end || end == value || errno || !(n > 0) || n > 1e9)
		return false;
	*(double *)member = n;
	return true;
}

static bool set_mode(const struct setting *setting, void *member,
		     const char *value)
{
	static const char *const names[] = { "exhaustive", "bounded",
					     "random" };
	unsigned int i;

	(void)setting;
	for (i = 0; i < ARRAY_SIZE(names) && strcmp(value, names[i]); i++)
		;
	if (i < ARRAY_SIZE(names))
		*(enum iommufd_model_explore_mode *)member = i;
	return i < ARRAY_SIZE(names);
}

static bool set_shard(const struct setting *setting, void *member,
		      const char *value)
{
	unsigned int *shard = member, *shards = shard + 1;
	char k_text[8], n_text[8], more;
	long k, n;

	if (sscanf(value, "%7[0-9]/%7[0-9]%c", k_text, n_text, &more) != 2 ||
	    !parse_number(k_text, 1, setting->max, &k) ||
	    !parse_number(n_text, k, setting->max, &n))
		return false;
	*shard = (unsigned int)k;
	*shards = (unsigned int)n;
	return true;
}

IOMMUFD_MODEL_STATIC_ASSERT(
	offsetof(struct iommufd_model_explore_options, shards) ==
		offsetof(struct iommufd_model_explore_options, shard) +
			sizeof(unsigned int),
	"set_shard() sets both");

static bool set_failures(const struct setting *setting, void *member,
			 const char *value)
{
	enum iommufd_model_failure failure;
	unsigned int mask = 0;
	size_t len;

	(void)setting;
	do {
		len = strcspn(value, ",");
		failure = failure_named(value, len);
		if (failure == IOMMUFD_MODEL_NR_FAILURES)
			return false;
		mask |= 1u << failure;
		value += len;
	} while (*value++);
	*(unsigned int *)member = mask;
	return true;
}

#define MEMBER(m) \
	offsetof(struct iommufd_model_explore_options, m), \
	sizeof(((struct iommufd_model_explore_options *)0)->m)
#define NUMBER(name, member, min, max) \
	{ name, MEMBER(member), set_number, NULL, min, max }
#define OTHER(name, member, set, expected) \
	{ name, MEMBER(member), set, expected, 0, 1000000 }

static const struct setting settings[] = {
	OTHER("mode", mode, set_mode, "exhaustive, bounded or random"),
	NUMBER("plain", plain, 0, 1),
	NUMBER("preemptions", preemptions, -1, MAX_STEPS),
	NUMBER("timeouts", timeouts, 0, MAX_STEPS),
	NUMBER("spurious", spurious, 0, MAX_STEPS),
	NUMBER("alloc-failures", alloc_failures, 0, MAX_STEPS),
	NUMBER("short-copies", short_copies, 0, MAX_STEPS),
	NUMBER("depth", depth, 1, 1000),
	NUMBER("executions", executions, 1, LONG_MAX),
	NUMBER("steps", steps, 1, MAX_STEPS),
	OTHER("seconds", seconds, set_seconds, "a number above 0, at most 1e9"),
	OTHER("hang", hang, set_seconds, "a number above 0, at most 1e9"),
	NUMBER("seed", seed, 0, LONG_MAX),
	NUMBER("jobs", jobs, 1, EXPLORE_MAX_JOBS),
	OTHER("shard", shard, set_shard, "K/N, K from 1 to N"),
	OTHER("ignore", ignore, set_failures,
	      "names of failures with commas between them"),
	NUMBER("states", states, 0, 4096),
	NUMBER("states-after", states_after, 1, INT_MAX),
	NUMBER("fail-nth", fail_nth, 0, 1000000),
	NUMBER("force", force, 0, 1),
	NUMBER("own-stacks", own_stacks, 0, 1),
	NUMBER("in-process", in_process, 0, 1),
	NUMBER("keep-going", keep_going, 0, 1),
	{ "minimise", MEMBER(no_minimise), set_opposite, NULL, 0, 1 },
	{ "checkpoints", MEMBER(no_checkpoints), set_opposite, NULL, 0, 1 },
};

/* Set an option, or write what its value must be into @expected. */
static bool set(const struct setting *setting,
		struct iommufd_model_explore_options *options,
		const char *value, char expected[EXPLORE_EXPECTED])
{
	void *member = (char *)options + setting->offset;

	if (setting->set(setting, member, value))
		return true;
	if (setting->expected)
		snprintf(expected, EXPLORE_EXPECTED, "%s", setting->expected);
	else
		snprintf(expected, EXPLORE_EXPECTED, "a number from %ld to %ld",
			 setting->min, setting->max);
	return false;
}

bool explore_option_set(struct iommufd_model_explore_options *options,
			const char *name, const char *value,
			char expected[EXPLORE_EXPECTED])
{
	const struct setting *setting = settings;

	/* The caller passes the name of an existing option. */
	while (strcmp(setting->name, name))
		setting++;
	return set(setting, options, value, expected);
}

/*
 * For a replay of the test that the variable REPLAY names: @met is set when a
 * test with this name was explored, and @others when another test was.  The
 * memory is shared with the processes of the tests of a test program.
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

/*
 * This function runs before main(), so that only the first process checks at
 * its end whether the name was met.
 */
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

/* Write the name of a variable: "FAIL_NTH" for "fail-nth". */
static void variable_name(char name[24], const char *of)
{
	size_t i;

	for (i = 0; of[i]; i++)
		name[i] = of[i] == '-' ? '_' : (char)toupper(of[i]);
	name[i] = 0;
}

/* Variables with the same prefix that other functions read. */
static const char *const other_variables[] = {
	"REPLAY", "RECORD", "HTML", "TRACE", "STATES_FILE",
};

static bool is_variable(const char *text, size_t len)
{
	char name[24];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(other_variables); i++)
		if (strlen(other_variables[i]) == len &&
		    !strncmp(other_variables[i], text, len))
			return true;
	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		variable_name(name, settings[i].name);
		if (strlen(name) == len && !strncmp(name, text, len))
			return true;
	}
	return false;
}

/*
 * Fail if a variable is misspelt: it would be ignored, and another exploration
 * would be done than the user wants.
 */
static int check_variables(struct exploration *x)
{
	const size_t prefix = strlen(PREFIX);
	char **entry;
	size_t len;

	for (entry = environ; entry && *entry; entry++) {
		if (strncmp(*entry, PREFIX, prefix))
			continue;
		len = strcspn(*entry + prefix, "=");
		if (is_variable(*entry + prefix, len))
			continue;
		snprintf(x->error, sizeof(x->error),
			 PREFIX "%.*s: there is no such option",
			 (int)(len < 60 ? len : 60), *entry + prefix);
		return -EINVAL;
	}
	return 0;
}

static int read_environment(struct exploration *x)
{
	char name[24], expected[EXPLORE_EXPECTED];
	const char *value;
	size_t i;

	if (check_variables(x))
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		variable_name(name, settings[i].name);
		value = variable(name);
		if (!value || set(&settings[i], &x->opt, value, expected))
			continue;
		snprintf(x->error, sizeof(x->error),
			 PREFIX "%s=%.60s: expected %s", name, value, expected);
		return -EINVAL;
	}
	if (variable("RECORD"))
		x->opt.record = variable("RECORD");
	if (variable("STATES_FILE"))
		x->opt.states_file = variable("STATES_FILE");
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
	(offsetof(struct iommufd_model_explore_options, states_file) + \
	 sizeof(const char *))

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
		.states = 64,
		.states_after = 100,
	};

	memset(options, 0, size);
	memcpy(options, &defaults,
	       size < sizeof(defaults) ? size : sizeof(defaults));
}

/* The caller zeroed the options, so that a zero stands for the default. */
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
	if (!opt->states)
		opt->states = defaults.states;
	if (!opt->states_after)
		opt->states_after = defaults.states_after;
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

/* True if a handler interrupts no thread, itself, or another handler. */
static bool interrupts_nobody(const struct iommufd_model_test *test)
{
	unsigned int i, m, nr = 0;

	while (nr < MAX_THREADS && test->threads[nr].fn)
		nr++;
	for (i = 0; i < MAX_THREADS; i++) {
		m = test->interrupts[i];
		if (m && (i >= nr || m > nr || test->interrupts[m - 1]))
			return true;
	}
	return false;
}

static const char *misfit_of_test(const struct iommufd_model_test *test)
{
	if (!test->name || !test->threads[0].fn)
		return "a test needs a name and a thread";
	if (test->size && test->size < sizeof(*test))
		return "the size of the test is not that of any version";
	if (interrupts_nobody(test))
		return "an interrupt handler needs an ordinary thread that it "
		       "interrupts";
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
	if (opt->spurious < 0)
		return "a negative number of spurious wake-ups";
	if (opt->alloc_failures < 0)
		return "a negative number of failed allocations";
	if (opt->short_copies < 0)
		return "a negative number of short copies";
	if (opt->states < 0 || opt->states > 4096)
		return "the states do not take between 0 and 4096 megabytes";
	if (opt->alloc_failures && opt->fail_nth)
		return "either a given allocation fails, or any up to a number";
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
