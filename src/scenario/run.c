// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A scenario runs: step after step, one thread after the other, then everything
 * is closed, then the library is asked what it has to complain about.
 */
#include "internal.h"
#include <iommufd_model/kernel/page.h>
#include <iommufd_model/kernel/slab.h>
#include <iommufd_model/notes.h>
#include <string.h>

const struct setting *step_settings(const struct run *run,
				    const struct step *step)
{
	return run->scenario->settings + step->first_setting;
}

const struct setting *step_setting(const struct run *run,
				   const struct step *step,
				   const struct param *param)
{
	const struct setting *setting = step_settings(run, step);
	unsigned int i;

	for (i = 0; i < step->nr_settings; i++, setting++)
		if (setting->param == param)
			return setting;
	return NULL;
}

static u64 setting_value(const struct run *run, const struct step *step,
			 const struct param *param, u64 otherwise)
{
	const struct setting *setting = step_setting(run, step, param);

	return setting ? value_of(run, &setting->value) : otherwise;
}

const struct setting *step_has_arg(const struct run *run,
				   const struct step *step, unsigned int index)
{
	return step_setting(run, step, &step->op->args[index]);
}

const struct setting *step_has_key(const struct run *run,
				   const struct step *step, unsigned int index)
{
	return step_setting(run, step, &step->op->keys[index]);
}

u64 step_arg(const struct run *run, const struct step *step,
	     unsigned int index, u64 otherwise)
{
	return setting_value(run, step, &step->op->args[index], otherwise);
}

u64 step_key(const struct run *run, const struct step *step,
	     unsigned int index, u64 otherwise)
{
	return setting_value(run, step, &step->op->keys[index], otherwise);
}

u64 step_common_key(const struct run *run, const struct step *step,
		    enum common_key key, u64 otherwise)
{
	return setting_value(run, step, &scenario_common_keys[key], otherwise);
}

void step_bind(struct run *run, const struct step *step, unsigned int index,
	       u64 value)
{
	if (index < step->nr_binds)
		run->names[step->binds[index]] = value;
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
 * struct outcome - the run so far
 * @text: the line of result, and what else is put together
 * @warnings: reported by the library, as far as they were seen here
 */
struct outcome {
	const struct scenario *scenario;
	const struct scenario_output *output;
	struct text text;
	unsigned long warnings;
	enum scenario_outcome verdict;
};

/* A line among the problems; @line 0: of none in particular. */
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

static void check_expects(struct run *run, const struct step *step, int ret,
			  struct outcome *outcome)
{
	const struct expect *expect = expect_failed(run, step, ret);
	FILE *to;

	if (!expect)
		return;
	to = problem(outcome, expect->line);
	text_empty(&outcome->text);
	expect_describe(run, step, expect, ret, &outcome->text);
	if (to)
		fprintf(to, " %s\n", outcome->text.at);
}

static bool run_step(struct run *run, const struct step *step,
		     struct outcome *outcome)
{
	const struct scenario_output *output = outcome->output;
	struct text *line = &outcome->text;
	int ret;

	if (output->before_step)
		output->before_step(step->line, step->text, output->data);
	if (!text_empty(&run->fields) || !text_empty(line))
		return not_run(outcome, "out of memory");
	iommufd_model_note(IOMMUFD_MODEL_NOTE_STEP, step->text, step->line);
	ret = step->op->run(run, step);
	text_add(line, "%u %s ", step->line, step->op->name);
	result_print(line, ret, run->fields.at);
	if (run->fields.lost || line->lost)
		return not_run(outcome, "out of memory");
	iommufd_model_note(IOMMUFD_MODEL_NOTE_STEP_END,
			   strstr(line->at, " ret=") + 1, ret);
	if (output->results)
		fprintf(output->results, "%s\n", line->at);
	if (output->after_step)
		output->after_step(step->line, line->at, output->data);
	check_warnings(outcome, step->line, step->op->name);
	check_expects(run, step, ret, outcome);
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
	const struct step *step = run->scenario->steps + section->first_step;
	unsigned int i;

	if (section->name && output->before_thread)
		output->before_thread(section->line, section->name,
				      output->data);
	for (i = 0; i < section->nr_steps; i++)
		if (!run_step(run, &step[i], outcome))
			return false;
	return true;
}

/* One thread after the other, as if each had ended before the next began. */
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
