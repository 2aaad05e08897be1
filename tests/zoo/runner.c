// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Runs the explored test of one entry.
 *
 *	zoo-NAME, control-NAME		check the entry; one line, exit 0 or 1
 *	... --show			print the report of the failure as well
 *	... --json [RECORD]		print story and outcome as a JSON object
 *					in one line; write the record of the
 *					failure to the file RECORD
 *	... --replay SCHEDULE		run this schedule in this process, for
 *					debuggers
 *	... --exercise [...]		for exercise.sh: see exercise()
 *	... --hints			print hints, a line each: the first is
 *					vague, the last is nearly the answer
 *	... --also			print what an exercise says in addition
 *
 * Exploring and replaying write the record that IOMMUFD_MODEL_EXPLORE_RECORD
 * asks for.
 *
 * The broken program must fail as the entry says, and its schedule must give
 * the same report twice; the exploration of the control must be complete
 * without a failure.  If the entry asks for faults, this is done for each n:
 * the n-th allocation of the threads fails.  The control must be without a
 * failure for every n, and the broken program must fail for some n.
 */
#define _POSIX_C_SOURCE 200809L
#include "zoo.h"
#include <jansson.h>
#include <signal.h>
#include <stdlib.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#ifdef ZOO_BROKEN
#define BROKEN true
#else
#define BROKEN false
#endif

struct outcome {
	struct iommufd_model_explore_result result;
	unsigned long executions;
	double seconds;
	int rc;
};

static bool in_exercise;

/*
 * Return the command that replays a schedule; the schedule is appended to it.
 */
static const char *command(void)
{
	static char text[80];

	if (in_exercise)
		return "./check --replay";
	snprintf(text, sizeof(text), "iommufd-model zoo replay %s",
		 zoo_entry.name);
	return text;
}

/* Return the title of a page. */
static const char *title(void)
{
	static char text[200];

	snprintf(text, sizeof(text), "%s: %s", zoo_entry.name,
		 zoo_entry.title);
	return text;
}

static void explore(unsigned int fail_nth, struct outcome *o)
{
	struct iommufd_model_explore_options options = {
		.quiet = true,
		.returns = true,
		.ignore = zoo_entry.ignore,
		.fail_nth = fail_nth,
		.seconds = in_exercise ? ZOO_EXERCISE_TIMEOUT : ZOO_TIMEOUT,
		.command = command(),
		.title = title(),
	};

	o->rc = iommufd_model_explore_observed(&zoo_entry.test, &options,
					       &o->result);
	o->executions += o->result.executions + o->result.redundant +
			 o->result.nr_failed;
	o->seconds += o->result.seconds;
}

/*
 * Explore without faults and, if the entry asks for faults, with each fault
 * until one exploration fails.
 */
static void explore_all(struct outcome *o)
{
	unsigned int n = 0;

	memset(o, 0, sizeof(*o));
	explore(0, o);
	while (zoo_entry.faults && !o->rc && !o->result.signal && (!n || o->result.injected)) {
		iommufd_model_explore_free(&o->result);
		explore(++n, o);
	}
}

static bool replay(const char *schedule, struct iommufd_model_explore_result *r)
{
	struct iommufd_model_explore_options options = {
		.quiet = true,
		.mode = IOMMUFD_MODEL_REPLAY,
		.schedule = schedule,
		.ignore = zoo_entry.ignore,
		.command = command(),
	};

	return iommufd_model_explore_observed(&zoo_entry.test, &options, r) == 1;
}

/* True if the schedule gives the same report twice. */
static bool replays(const struct outcome *o)
{
	struct iommufd_model_explore_result again;
	bool same = true;
	int i;

	for (i = 0; i < 2 && same; i++) {
		same = replay(o->result.schedule, &again) &&
		       !strcmp(again.report, o->result.report);
		iommufd_model_explore_free(&again);
	}
	return same;
}

static const char *problem_with(const struct outcome *o)
{
	if (o->result.signal)
		return "was interrupted";
	if (!BROKEN)
		return o->rc ? "is found though nothing is wrong" :
		       o->result.verdict != IOMMUFD_MODEL_COMPLETE ?
			       "is not complete" : NULL;
	if (o->rc != 1)
		return "is not found";
	if (o->result.failure != zoo_entry.fails)
		return "fails in another way";
	if (zoo_entry.says && !strstr(o->result.report, zoo_entry.says))
		return "does not say what it should";
	return replays(o) ? NULL : "does not replay";
}

static int count_threads(void)
{
	int n = 0;

	while (n < IOMMUFD_MODEL_MAX_THREADS && zoo_entry.test.threads[n].fn)
		n++;
	return n;
}

/*
 * Return the executions until the failure was found, or those of a complete
 * search.
 */
static unsigned long count_executions(const struct outcome *o)
{
	return o->result.found_after && !zoo_entry.faults ?
		o->result.found_after : o->executions;
}

static void print_line(const struct outcome *o, const char *problem)
{
	const struct iommufd_model_explore_result *r = &o->result;
	char verdict[64];

	iommufd_model_verdict_text(r, verdict, sizeof(verdict));
	printf("%-28s %-30s %6lu executions %8.4f s  %s  %s\n", zoo_entry.name,
	       verdict, count_executions(o), o->seconds,
	       r->schedule ? r->schedule : "", problem ? problem : "");
}

static void print_json(const struct outcome *o, const char *problem)
{
	const struct iommufd_model_explore_result *r = &o->result;
	json_t *object;

	object = json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:s, s:s, s:s, s:s,"
			   " s:s, s:b, s:s?}",
			   "name", zoo_entry.name, "title", zoo_entry.title,
			   "when", zoo_entry.when, "family", zoo_entry.family,
			   "lesson_number", zoo_entry.lesson_number,
			   "threads", count_threads(),
			   "lesson", zoo_entry.lesson, "wrong", zoo_entry.wrong,
			   "right", zoo_entry.right, "rule", zoo_entry.rule,
			   "fails", iommufd_model_failure_name(zoo_entry.fails),
			   "faults", zoo_entry.faults, "problem", problem);
	if (!object || json_object_update_new(object, json_pack(
			"{s:I, s:f, s:i, s:s?, s:s?}",
			"executions", (json_int_t)count_executions(o),
			"seconds", o->seconds, "preemptions", r->preemptions,
			"schedule", r->schedule, "report", r->report))) {
		fputs("no memory, or a text that is not UTF-8\n", stderr);
		exit(2);
	}
	json_dumpf(object, stdout, JSON_PRESERVE_ORDER | JSON_COMPACT);
	putchar('\n');
	json_decref(object);
}

static int replay_here(const char *schedule)
{
	struct iommufd_model_explore_options options = {
		.mode = IOMMUFD_MODEL_REPLAY,
		.in_process = true,
		.schedule = schedule,
		.ignore = zoo_entry.ignore,
		.command = command(),
		.title = title(),
		.report = stdout,
	};
	int rc = iommufd_model_explore_observed(&zoo_entry.test, &options,
						NULL);

	if (!rc)
		puts("no failure");
	return rc < 0 ? 2 : rc;
}

/*
 * Raise the signal that has ended the exploration, after all output is written.
 */
static void end_by_signal(int sig)
{
	fflush(NULL);
	if (sig)
		raise(sig);
}

/*
 * Explore the entry with the source of a student.  Prints one line with the
 * outcome and, after a failure, the report.  Returns the exit code: 0 if there
 * is no failure, 1 if there is one, 2 if the entry could not be explored.
 */
static int exercise(void)
{
	struct outcome o;
	char verdict[64];
	int code;

	explore_all(&o);
	iommufd_model_verdict_text(&o.result, verdict, sizeof(verdict));
	printf("%s, %lu execution%s\n", o.rc != 1 ? verdict :
	       iommufd_model_failure_name(o.result.failure), o.executions,
	       o.executions == 1 ? "" : "s");
	if (o.result.report)
		fputs(o.result.report, stdout);
	code = o.rc < 0 ? 2 : o.rc || o.result.verdict != IOMMUFD_MODEL_COMPLETE;
	iommufd_model_explore_free(&o.result);
	end_by_signal(o.result.signal);
	return code;
}

static int print_hints(void)
{
	printf("The lesson is: %s.\n", zoo_entry.lesson);
	printf("The rule that is broken is: %s.\n", zoo_entry.rule);
	printf("What is wrong: %s\n", zoo_entry.wrong);
	return 0;
}

int main(int argc, char **argv)
{
	bool show = argc > 1 && !strcmp(argv[1], "--show");
	bool json = argc > 1 && !strcmp(argv[1], "--json");
	const char *problem;
	struct outcome o;

#ifdef __linux__
	prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
	if (argc > 1 && !strcmp(argv[1], "--hints"))
		return print_hints();
	if (argc > 1 && !strcmp(argv[1], "--also"))
		return !zoo_entry.also || puts(zoo_entry.also) < 0;
	in_exercise = argc > 1 && !strcmp(argv[1], "--exercise");
	if (in_exercise && argc == 2)
		return exercise();
	argc -= in_exercise;
	argv += in_exercise;
	if (argc > 3 && !strcmp(argv[3], "--force"))
		setenv("IOMMUFD_MODEL_EXPLORE_FORCE", "1", 1);
	if (argc > 2 && !strcmp(argv[1], "--replay"))
		return replay_here(argv[2]);
	explore_all(&o);
	problem = problem_with(&o);
	if (json && argc > 2 && o.result.record &&
	    iommufd_model_record_save(o.result.record, argv[2]))
		perror(argv[2]);
	if (json)
		print_json(&o, problem);
	else
		print_line(&o, problem);
	if (o.result.report && !json && (show || problem))
		fputs(o.result.report, stdout);
	iommufd_model_explore_free(&o.result);
	end_by_signal(o.result.signal);
	return problem ? EXIT_FAILURE : EXIT_SUCCESS;
}
