// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * stories [OPTION...] [NAME [SCHEDULE]]: explore the stories of all files, or
 * the one with this name, or replay one schedule of it, and print what came of
 * it.
 *
 *	--list		print the names
 *	--executions N	stop each story after this number of executions
 *	--seconds X	stop each story after this time
 *	--record FILE	write a record of the failure, or of the replay
 *	--command TEXT	the command that runs this program, for reports
 *	--quiet		print only the summary, and no report of a failure
 *
 * Exit code 0: all ended as expected or stopped at a limit; 1: one did not; 2:
 * bad usage.
 *
 * On a kernel tree a story may meet a deviation (deviations.h).  It is then
 * explored once more, for other failures.  A deviation that is harmless is
 * ignored in that.  Of any other all schedules are explored, and those that
 * fail in this way are no news; a different failure of the same kind in the
 * same story is not told apart.
 */
#include "deviations.h"
#include "objects.h"
#include <getopt.h>
#include <stdlib.h>

#ifdef TREE
#define ON_TREE true
#else
#define ON_TREE false
#endif

#define BIT_OF(failure) (1u << (failure))

static struct {
	bool list, quiet;
	unsigned long executions;
	double seconds;
	const char *record, *command;
} opts = { .command = "stories" };

/* What came of all stories; @met: how many met each deviation. */
static struct {
	unsigned int as_told, stopped, failed, left_out;
	unsigned long executions;
	double seconds;
	struct list {
		FILE *to;
		char *text;
		size_t size;
	} failures, missing;
	unsigned int met[NR_DEVIATIONS];
} sum;

/*
 * struct course - the explorations of one story
 * @known: bit n: failure n is a deviation that was met
 * @ignored: those of them that are ignored
 */
struct course {
	const struct story *story;
	unsigned int known, ignored;
	unsigned long executions;
	double seconds;
	struct iommufd_model_explore_result result;
};

/* Print @name in quotes of a shell. */
static void print_quoted(FILE *to, const char *name)
{
	fputc('\'', to);
	for (; *name; name++) {
		if (*name == '\'')
			fputs("'\\'", to);
		fputc(*name, to);
	}
	fputc('\'', to);
}

/* The command that is followed by a schedule; the caller frees it. */
static char *command_of(const struct story *story)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);

	if (!to)
		abort();
	fprintf(to, "%s ", opts.command);
	print_quoted(to, story->test.name);
	fclose(to);
	return text;
}

static int explore(struct course *course, const char *schedule)
{
	const struct iommufd_model_memory statics =
		IOMMUFD_MODEL_STATIC_VARIABLES;
	const struct story *story = course->story;
	struct iommufd_model_test test = story->test;
	struct iommufd_model_explore_options options;
	char *command = command_of(story);
	int rc;

	iommufd_model_explore_options_init(&options);
	options.ignore = story->ignore | course->ignored;
	options.keep_going = course->known & ~course->ignored;
	options.quiet = !schedule;
	options.executions = opts.executions;
	options.seconds = opts.seconds;
	options.record = opts.record;
	options.command = command;
	if (schedule) {
		options.mode = IOMMUFD_MODEL_MODE_REPLAY;
		options.schedule = schedule;
	}
	/* A tree may have memory elsewhere. */
	if (!ON_TREE)
		test.memory[0] = statics;
	iommufd_model_reset_warnings();
	rc = iommufd_model_explore_observed(&test, &options, &course->result);
	course->executions += course->result.executions +
			      course->result.nr_failed;
	course->seconds += course->result.seconds;
	free(command);
	return rc;
}

/* True if the failure is one of the deviations, which is noted then. */
static bool met_deviation(struct course *course)
{
	const struct deviation *deviation;

	if (!ON_TREE || course->story->fails ||
	    BIT_OF(course->result.failure) & course->known)
		return false;
	deviation = find_deviation(&course->result);
	if (!deviation)
		return false;
	course->known |= BIT_OF(deviation->failure);
	if (deviation->harmless)
		course->ignored |= BIT_OF(deviation->failure);
	sum.met[deviation - deviations]++;
	if (!opts.quiet)
		printf("%s: %s (%s)\n", course->story->test.name,
		       deviation->what, deviation->id);
	return true;
}

static bool is_stopped(const struct iommufd_model_explore_result *result)
{
	return result->verdict == IOMMUFD_MODEL_VERDICT_STOPPED ||
	       result->limit[0];
}

/* The failure of the result; a tree tells of a release without progress by a
   WARN, and not by a name of its own. */
static enum iommufd_model_failure
failure_of(const struct iommufd_model_explore_result *result)
{
	if (ON_TREE && result->failure == IOMMUFD_MODEL_FAIL_WARN &&
	    result->report && strstr(result->report, "iommufd_fops_release") &&
	    strstr(result->report, "!destroyed"))
		return IOMMUFD_MODEL_FAIL_NO_PROGRESS;
	return result->failure;
}

/* The failures that are neither expected nor known. */
static unsigned int news(const struct course *course)
{
	const struct iommufd_model_explore_result *result = &course->result;
	unsigned int seen = BIT_OF(result->failure);

	if (course->known & ~course->ignored)
		seen = result->seen & ~course->known;
	if (course->story->fails &&
	    failure_of(result) == course->story->fails)
		seen &= ~BIT_OF(result->failure);
	return seen & ~(course->story->ignore | 1u);
}

static const char *end_of(const struct course *course)
{
	if (news(course))
		return "failed";
	if (is_stopped(&course->result))
		return "stopped";
	if (course->story->fails &&
	    failure_of(&course->result) != course->story->fails)
		return "failed";
	return "as told";
}

static void tell_failure(const struct course *course)
{
	const struct iommufd_model_explore_result *result = &course->result;
	const struct story *story = course->story;
	FILE *to = sum.failures.to;
	int i;

	fprintf(to, "  %s\n   ", story->test.name);
	for (i = 1; i < IOMMUFD_MODEL_NR_FAILURES; i++)
		if (news(course) & BIT_OF(i))
			fprintf(to, " %s", iommufd_model_failure_name(
					(enum iommufd_model_failure)i));
	if (story->fails)
		fprintf(to, ", but expected was: %s",
			iommufd_model_failure_name(story->fails));
	if (result->text)
		fprintf(to, ": %s", result->text);
	fprintf(to, "\n");
	if (result->command)
		fprintf(to, "    %s\n", result->command);
	if (result->report && !opts.quiet)
		fputs(result->report, stderr);
}

static void count(struct course *course)
{
	const char *end = end_of(course);

	sum.executions += course->executions;
	sum.seconds += course->seconds;
	if (!strcmp(end, "as told")) {
		sum.as_told++;
	} else if (!strcmp(end, "stopped")) {
		sum.stopped++;
		fprintf(sum.missing.to, "  %s: stopped at %s, about %.0f %% "
			"done\n", course->story->test.name,
			course->result.limit, 100 * course->result.done);
	} else {
		sum.failed++;
		tell_failure(course);
	}
	if (opts.quiet)
		return;
	printf("%s: %s, %lu executions, %u steps, %.3f s\n",
	       course->story->test.name, end, course->executions,
	       course->result.depth, course->seconds);
	if (course->result.command)
		printf("  %s\n", course->result.command);
	fflush(stdout);
}

static void run(const struct story *story)
{
	struct course course = { .story = story };

	if (ON_TREE && story->model_only) {
		sum.left_out++;
		fprintf(sum.missing.to, "  %s: %s\n", story->test.name,
			story->model_only);
		return;
	}
	explore(&course, NULL);
	while (met_deviation(&course)) {
		iommufd_model_explore_free(&course.result);
		explore(&course, NULL);
	}
	count(&course);
	iommufd_model_explore_free(&course.result);
}

static void for_all(void (*fn)(const struct story *story))
{
	const struct story_set *set;
	size_t i;

	for (set = story_sets; set; set = set->next)
		for (i = 0; i < set->n; i++)
			fn(&set->stories[i]);
}

static void print_name(const struct story *story)
{
	puts(story->test.name);
}

static const struct story *find(const char *name)
{
	const struct story_set *set;
	size_t i;

	for (set = story_sets; set; set = set->next)
		for (i = 0; i < set->n; i++)
			if (!strcmp(set->stories[i].test.name, name))
				return &set->stories[i];
	return NULL;
}

static int replay(const struct story *story, const char *schedule)
{
	struct course course = { .story = story };
	int rc = explore(&course, schedule);

	if (!rc)
		printf("%s: the schedule was replayed without a failure\n",
		       story->test.name);
	iommufd_model_explore_free(&course.result);
	return rc < 0 ? 2 : rc;
}

/* Does a put wake the destroy that waits for it?  (DEV-1) */
static void probe(void)
{
	struct course course = {
		.story = find("get/put against destroy_user"),
	};

	if (!ON_TREE || !course.story)
		return;
	explore(&course, NULL);
	put_wakes_destroy = course.result.failure != IOMMUFD_MODEL_FAIL_TIMEOUT;
	iommufd_model_explore_free(&course.result);
}

static void open_list(struct list *list)
{
	list->to = open_memstream(&list->text, &list->size);
	if (!list->to)
		abort();
}

static void print_list(struct list *list, const char *title)
{
	fclose(list->to);
	if (list->size)
		printf("%s:\n%s", title, list->text);
	free(list->text);
}

static void print_deviations(void)
{
	bool any = false;
	unsigned int i;

	for (i = 0; i < NR_DEVIATIONS; i++) {
		if (!sum.met[i])
			continue;
		if (!any)
			printf("known deviations (docs/deviations.md) that "
			       "were met:\n");
		any = true;
		printf("  %s, in %u of the stories: %s\n", deviations[i].id,
		       sum.met[i], deviations[i].what);
	}
}

static int explore_all(const struct story *story)
{
	open_list(&sum.failures);
	open_list(&sum.missing);
#ifdef TREE_LEFT_OUT
	fprintf(sum.missing.to, "  the stories of %s: this tree lacks what "
		"they use\n", TREE_LEFT_OUT);
#endif
	if (story)
		run(story);
	else
		for_all(run);
	printf("stories: %u ended as expected, %u failed, %u stopped at a "
	       "limit, %u not run\n", sum.as_told, sum.failed, sum.stopped,
	       sum.left_out);
	printf("         %lu executions in %.1f s\n", sum.executions,
	       sum.seconds);
	print_list(&sum.failures, "failed, with the command for a replay");
	print_deviations();
	print_list(&sum.missing, "not covered");
	return sum.failed != 0;
}

static bool number(const char *text, double *value)
{
	char *end;

	*value = strtod(text, &end);
	if (end != text && !*end && *value >= 0 && *value < 1e18)
		return true;
	fprintf(stderr, "stories: expected a number, not \"%s\"\n", text);
	return false;
}

static bool read_option(int c)
{
	double value = 0;

	if (strchr("es", c) && !number(optarg, &value))
		return false;
	switch (c) {
	case 'l':
		opts.list = true;
		return true;
	case 'q':
		opts.quiet = true;
		return true;
	case 'e':
		opts.executions = (unsigned long)value;
		return true;
	case 's':
		opts.seconds = value;
		return true;
	case 'r':
		opts.record = optarg;
		return true;
	case 'c':
		opts.command = optarg;
		return true;
	}
	return false;
}

static bool read_options(int argc, char **argv)
{
	static const struct option known[] = {
		{ "list", no_argument, NULL, 'l' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "executions", required_argument, NULL, 'e' },
		{ "seconds", required_argument, NULL, 's' },
		{ "record", required_argument, NULL, 'r' },
		{ "command", required_argument, NULL, 'c' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1)
		if (!read_option(c))
			return false;
	if (argc - optind > (opts.list ? 0 : 2)) {
		fprintf(stderr, "stories: expected a name and a schedule, and "
			"not \"%s\"\n", argv[argc - 1]);
		return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	const struct story *story = NULL;

	if (!read_options(argc, argv))
		return 2;
	if (opts.list) {
		for_all(print_name);
		return 0;
	}
	if (optind < argc) {
		story = find(argv[optind]);
		if (!story) {
			fprintf(stderr, "stories: no story has the name "
				"\"%s\"; --list prints all names\n",
				argv[optind]);
			return 2;
		}
	}
	iommufd_model_set_page_map(identity, NULL);
	probe();
	if (optind + 1 < argc)
		return replay(story, argv[optind + 1]);
	return explore_all(story);
}
