// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Whether the explorer can compare the states of a scenario.
 *
 * It compares static variables, what the ground allocates, and stacks.  So the
 * world of a test is a static variable (test.c), and the calls of a thread use
 * memory on its stack, in which a struct and a few bytes of data fit.  A line that
 * may need more than that, or that changes memory which a scenario can name, or
 * too many names: then the scenario is explored without states.
 */
#include "internal.h"
#include "../kernel/poison.h"
#include "../kernel/tsan.h"

/* A struct, and what is checked behind it, fits in the buffers. */
static bool fits(const struct scenario *s, const struct line *line)
{
	const struct setting *setting = s->settings + line->first_setting;
	unsigned int i;

	if (line->op->large || line->op->size + SLACK > FEW_BYTES)
		return false;
	for (i = 0; i < line->nr_settings; i++, setting++)
		if (setting->param->large ||
		    setting->offset + setting->width > FEW_BYTES)
			return false;
	return true;
}

bool states_known(const struct scenario *s)
{
	const struct section *section;
	unsigned int i, j;

	/* The explorer compares no states in a program of a sanitizer. */
	if (IS_SHUT || TSAN_BUILD || s->stores || s->nr_names > FEW_NAMES)
		return false;
	for (i = 0; i < s->nr_threads; i++) {
		section = &s->threads[i];
		for (j = 0; j < section->nr_lines; j++)
			if (!fits(s, &s->lines[section->first_line + j]))
				return false;
	}
	return true;
}
