// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Running a scenario: line after line, and one thread after the other.  Then
 * all files are closed, and the run is checked for warnings, leaks and pages
 * that are still pinned.
 */
#include "internal.h"
#include <iommufd_model/kernel/page.h>
#include <iommufd_model/kernel/slab.h>
#include <iommufd_model/notes.h>
#include <string.h>

const struct setting *line_settings(const struct run *run,
				    const struct line *line)
{
	return run->scenario->settings + line->first_setting;
}

const struct setting *line_setting(const struct run *run,
				   const struct line *line,
				   const struct param *param)
{
	const struct setting *setting = line_settings(run, line);
	unsigned int i;

	for (i = 0; i < line->nr_settings; i++, setting++)
		if (setting->param == param)
			return setting;
	return NULL;
}

static u64 setting_value(const struct run *run, const struct line *line,
			 const struct param *param, u64 otherwise)
{
	const struct setting *setting = line_setting(run, line, param);

	return setting ? value_of(run, &setting->value) : otherwise;
}

const struct setting *line_has_arg(const struct run *run,
				   const struct line *line, unsigned int index)
{
	return line_setting(run, line, &line->op->args[index]);
}

const struct setting *line_has_key(const struct run *run,
				   const struct line *line, unsigned int index)
{
	return line_setting(run, line, &line->op->keys[index]);
}

u64 line_arg(const struct run *run, const struct line *line, unsigned int index,
	     u64 otherwise)
{
	return setting_value(run, line, &line->op->args[index], otherwise);
}

u64 line_key(const struct run *run, const struct line *line, unsigned int index,
	     u64 otherwise)
{
	return setting_value(run, line, &line->op->keys[index], otherwise);
}

u64 line_common_key(const struct run *run, const struct line *line,
		    enum common_key key, u64 otherwise)
{
	return setting_value(run, line, &scenario_common_keys[key], otherwise);
}

void line_bind(struct run *run, const struct line *line, unsigned int index,
	       u64 value)
{
	if (index < line->nr_binds)
		run->names[line->binds[index]] = value;
}

void result_print(struct text *text, int ret, const char *fields)
{
	const char *error = ret < 0 ? errno_name(-ret) : NULL;

	if (error)
		text_add(text, "ret=-%s%s", error, fields);
	else
		text_add(text, "ret=%d%s", ret, fields);
}

/*
 * struct outcome - the result of the run so far
 * @text: a buffer for the line of result, and for messages
 * @warnings: the number of warnings of the library that were noticed here
 */
struct outcome {
	const struct scenario *scenario;
	const struct scenario_output *output;
	struct text text;
	unsigned long warnings;
	enum scenario_outcome verdict;
};

/* Begin a message about @line, or about no particular line if that is 0. */
static FILE *problem(struct outcome *outcome, unsigned int line)
{
	const struct scenario_output *output = outcome->output;

	outcome->verdict = SCENARIO_FAILED;
	if (!output->problems)
		return NULL;
	if (output->results)
		fflush(output->results);
	fprintf(output->problems, "%s:", outcome->scenario->name);
	if (line)
		fprintf(output->problems, "%u:", line);
	return output->problems;
}

static void check_warnings(struct outcome *outcome, unsigned int line,
			   const char *what)
{
	unsigned long now = iommufd_model_warnings();
	unsigned long new = now - outcome->warnings;
	FILE *to;

	if (!new)
		return;
	outcome->warnings = now;
	to = problem(outcome, line);
	if (to)
		fprintf(to, " %lu unexpected warning%s: %s\n", new,
			new > 1 ? "s" : "", what);
}

static void report_leak(const struct iommufd_model_allocation *leak, void *data)
{
	FILE *to = problem(data, 0);

	if (!to)
		return;
	fprintf(to, " leak: %zu bytes", leak->size);
	if (leak->label)
		fprintf(to, ", %s", leak->label);
	if (leak->id)
		fprintf(to, " %u", leak->id);
	fprintf(to, ", allocated by %s, %s:%d\n", leak->site->func,
		leak->site->file, leak->site->line);
}

static bool not_run(struct outcome *outcome, const char *why)
{
	FILE *to = problem(outcome, 0);

	if (to)
		fprintf(to, " %s\n", why);
	outcome->verdict = SCENARIO_NOT_RUN;
	return false;
}

static void check_expects(struct run *run, const struct line *line, int ret,
			  struct outcome *outcome)
{
	const struct expect *expect = expect_failed(run, line, ret);
	FILE *to;

	if (!expect)
		return;
	to = problem(outcome, expect->line);
	text_empty(&outcome->text);
	expect_describe(run, line, expect, ret, &outcome->text);
	if (to)
		fprintf(to, " %s\n", outcome->text.at);
}

static bool run_line(struct run *run, const struct line *line,
		     struct outcome *outcome)
{
	const struct scenario_output *output = outcome->output;
	struct text *result = &outcome->text;
	int ret;

	if (output->before_line)
		output->before_line(line->number, line->text, output->data);
	if (!text_empty(run->fields) || !text_empty(result))
		return not_run(outcome, "out of memory");
	line_note(line);
	ret = line->op->run(run, line);
	text_add(result, "%u %s ", line->number, line->op->name);
	result_print(result, ret, run->fields->at);
	if (run->fields->lost || result->lost)
		return not_run(outcome, "out of memory");
	iommufd_model_note(IOMMUFD_MODEL_NOTE_STEP_END,
			   strstr(result->at, " ret=") + 1, ret);
	if (output->results)
		fprintf(output->results, "%s\n", result->at);
	if (output->after_line)
		output->after_line(line->number, result->at, output->data);
	check_warnings(outcome, line->number, line->op->name);
	check_expects(run, line, ret, outcome);
	return true;
}

static void check_pins(struct outcome *outcome, unsigned long before)
{
	long left = (long)(iommufd_model_pinned() - before);
	FILE *to;

	if (!left)
		return;
	to = problem(outcome, 0);
	if (to)
		fprintf(to, " %ld pin%s left\n", left, left > 1 ? "s" : "");
}

static bool run_section(struct run *run, const struct section *section,
			struct outcome *outcome)
{
	const struct scenario_output *output = outcome->output;
	const struct line *line = run->scenario->lines + section->first_line;
	unsigned int i;

	if (section->name && output->before_thread)
		output->before_thread(section->line, section->name,
				      output->data);
	for (i = 0; i < section->nr_lines; i++)
		if (!run_line(run, &line[i], outcome))
			return false;
	return true;
}

/* Each thread ends before the next one starts. */
static bool run_threads(struct world *world, struct outcome *outcome)
{
	const struct scenario *s = world->scenario;
	bool good = true;
	unsigned int i;

	if (!world_fork(world))
		return not_run(outcome, "out of memory");
	for (i = 0; good && i < s->nr_threads; i++)
		good = run_section(&world->threads[i], &s->threads[i], outcome);
	if (!world_join(world))
		return not_run(outcome, "out of memory");
	return good;
}

static void run_world(struct world *world, struct outcome *outcome)
{
	unsigned int after = (unsigned int)iommufd_model_allocations();
	unsigned long pinned = iommufd_model_pinned();
	const struct scenario *s = world->scenario;

	if (run_section(&world->main, &s->setup, outcome) &&
	    run_threads(world, outcome))
		run_section(&world->main, &s->after, outcome);
	world_close(world);
	check_warnings(outcome, 0, "closing at the end");
	if (outcome->verdict == SCENARIO_NOT_RUN)
		return;
	check_pins(outcome, pinned);
	iommufd_model_leaks(after, report_leak, outcome);
}

enum scenario_outcome scenario_run(const struct scenario *scenario,
				   const struct scenario_output *output)
{
	struct outcome outcome = {
		.scenario = scenario, .output = output,
		.warnings = iommufd_model_warnings(),
	};
	struct world world;
	const char *why = world_init(&world, scenario);

	if (why)
		not_run(&outcome, why);
	else
		run_world(&world, &outcome);
	world_exit(&world);
	text_free(&outcome.text);
	return outcome.verdict;
}
