// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A scenario runs: step after step, then everything is closed, then the library
 * is asked what it has to complain about.
 */
#include "internal.h"
#include <iommufd_model/kernel/page.h>
#include <iommufd_model/kernel/slab.h>
#include <stdlib.h>

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

static void print_result(FILE *to, const struct step *step, int ret,
			 const char *fields)
{
	const char *error = ret < 0 ? errno_name(-ret) : NULL;

	fprintf(to, "%u %s ret=", step->line, step->op->name);
	if (error)
		fprintf(to, "-%s%s", error, fields);
	else
		fprintf(to, "%d%s", ret, fields);
}

/*
 * struct outcome - the run so far
 * @warnings: reported by the library, as far as they were seen here
 */
struct outcome {
	const struct scenario *scenario;
	const struct scenario_output *output;
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

/* The line of result, which the caller frees; NULL without memory. */
static char *result_of(struct run *run, const struct step *step)
{
	char *fields = NULL, *line = NULL;
	size_t len;
	FILE *to;
	int ret;

	run->fields = open_memstream(&fields, &len);
	if (!run->fields)
		return NULL;
	ret = step->op->run(run, step);
	if (fclose(run->fields))
		goto out;
	to = open_memstream(&line, &len);
	if (!to)
		goto out;
	print_result(to, step, ret, fields);
	if (fclose(to)) {
		free(line);
		line = NULL;
	}
out:
	free(fields);
	return line;
}

static bool run_step(struct run *run, const struct step *step,
		     struct outcome *outcome)
{
	const struct scenario_output *output = outcome->output;
	char *result;

	if (output->before_step)
		output->before_step(step->line, step->text, output->data);
	result = result_of(run, step);
	if (!result)
		return not_run(outcome, "out of memory");
	if (output->results)
		fprintf(output->results, "%s\n", result);
	if (output->after_step)
		output->after_step(step->line, result, output->data);
	free(result);
	check_warnings(outcome, step->line, step->op->name);
	return true;
}

static bool init(struct run *run, struct outcome *outcome)
{
	const struct scenario *s = run->scenario;
	const char *area;
	char why[80];
	unsigned int i;
	u64 base;

	for (i = 0; i < NR_SLOTS; i++)
		run->slots[i] = -1;
	run->names = calloc(s->nr_names + 1, sizeof(*run->names));
	if (!run->names || !uapi_init(run))
		return not_run(outcome, "out of memory");
	area = areas_map(s->areas, &base);
	if (!area) {
		iommufd_model_set_page_map(area_pfn, NULL);
		run->old_first_fd = iommufd_model_set_first_fd(FIRST_FD);
		return true;
	}
	snprintf(why, sizeof(why),
		 "cannot map %s at 0x%llx, something is there", area, base);
	return not_run(outcome, why);
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

static void run_steps(struct run *run, struct outcome *outcome)
{
	unsigned int after = (unsigned int)iommufd_model_allocations();
	unsigned long pinned = iommufd_model_pinned();
	const struct step *step = run->scenario->steps;
	unsigned int i;

	for (i = 0; i < run->scenario->nr_steps; i++)
		if (!run_step(run, &step[i], outcome))
			break;
	/* As the end of a process does it: memory goes before files. */
	munmap_all(run);
	close_all(run);
	check_warnings(outcome, 0, "closing at the end");
	if (outcome->verdict == SCENARIO_NOT_RUN)
		return;
	check_pins(outcome, pinned);
	iommufd_model_leaks(after, report_leak, outcome);
}

enum scenario_outcome scenario_run(const struct scenario *scenario,
				   const struct scenario_output *output)
{
	struct run run = { .scenario = scenario };
	struct outcome outcome = {
		.scenario = scenario, .output = output,
		.warnings = iommufd_model_warnings(),
	};

	if (init(&run, &outcome)) {
		run_steps(&run, &outcome);
		iommufd_model_set_first_fd(run.old_first_fd);
		iommufd_model_set_page_map(NULL, NULL);
		areas_unmap(scenario->areas);
	}
	uapi_exit(&run);
	free(run.names);
	return outcome.verdict;
}
