// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Whether two threads of a scenario are the same.
 *
 * They are if their lines are equal once each name that one thread binds is
 * replaced, from that line on, by the name that the other one binds there.
 * Also, no line after the join may use a name that one of them binds.
 */
#include "internal.h"
#include <stdlib.h>
#include <string.h>

/*
 * struct match - a comparison of the threads @a and @b
 * @names: for each name that @a has bound so far, the name that @b has bound;
 *	else NO_NAME
 * @bound: for each name, whether @b has bound it
 */
struct match {
	const struct scenario *s;
	const struct section *a, *b;
	unsigned int *names;
	bool *bound;
};

static bool same_name(const struct match *match, unsigned int a, unsigned int b)
{
	if (match->names[a] != NO_NAME)
		return match->names[a] == b;
	return a == b && !match->bound[b];
}

static bool same_value(const struct match *match, const struct value *a,
		       const struct value *b)
{
	const struct term *x = match->s->terms + a->first_term;
	const struct term *y = match->s->terms + b->first_term;
	unsigned int i;

	if (a->number != b->number || a->symbolic != b->symbolic ||
	    a->nr_terms != b->nr_terms)
		return false;
	for (i = 0; i < a->nr_terms; i++)
		if (x[i].minus != y[i].minus ||
		    !same_name(match, x[i].name, y[i].name))
			return false;
	return true;
}

static bool same_settings(const struct match *match, const struct line *a,
			  const struct line *b)
{
	const struct setting *x = match->s->settings + a->first_setting;
	const struct setting *y = match->s->settings + b->first_setting;
	unsigned int i;

	if (a->nr_settings != b->nr_settings)
		return false;
	for (i = 0; i < a->nr_settings; i++, x++, y++)
		if (x->param != y->param || x->width != y->width ||
		    x->offset != y->offset ||
		    !same_value(match, &x->value, &y->value))
			return false;
	return true;
}

static bool same_choices(const struct match *match, const struct expect *a,
			 const struct expect *b)
{
	const struct choice *x = match->s->choices + a->first_choice;
	const struct choice *y = match->s->choices + b->first_choice;
	unsigned int i;

	if (a->field_len != b->field_len || a->nr_choices != b->nr_choices ||
	    memcmp(a->field, b->field, a->field_len))
		return false;
	for (i = 0; i < a->nr_choices; i++, x++, y++)
		if (a->is_text ? x->len != y->len ||
				 memcmp(x->text, y->text, x->len) :
				 !same_value(match, &x->value, &y->value))
			return false;
	return true;
}

static bool same_expects(const struct match *match, const struct line *a,
			 const struct line *b)
{
	const struct expect *x = match->s->expects + a->first_expect;
	const struct expect *y = match->s->expects + b->first_expect;
	unsigned int i;

	if (a->nr_expects != b->nr_expects)
		return false;
	for (i = 0; i < a->nr_expects; i++)
		if (!same_choices(match, &x[i], &y[i]))
			return false;
	return true;
}

/* From these lines on, the names that @a and @b bind stand for each other. */
static bool same_binds(struct match *match, const struct line *a,
		       const struct line *b)
{
	unsigned int i;

	if (a->nr_binds != b->nr_binds)
		return false;
	for (i = 0; i < a->nr_binds; i++) {
		match->names[a->binds[i]] = b->binds[i];
		match->bound[b->binds[i]] = true;
	}
	return true;
}

static bool same_line(struct match *match, const struct line *a,
		      const struct line *b)
{
	/*
	 * After the join a slot would have the descriptor of only one of the
	 * threads.
	 */
	return a->op == b->op && a->op->run != op_open &&
	       same_settings(match, a, b) && same_binds(match, a, b) &&
	       same_expects(match, a, b);
}

static bool is_bound(const struct match *match, const struct value *value)
{
	const struct term *term = match->s->terms + value->first_term;
	unsigned int i;

	for (i = 0; i < value->nr_terms; i++)
		if (match->bound[term[i].name] ||
		    match->names[term[i].name] != NO_NAME)
			return true;
	return false;
}

/*
 * Tell whether @line, after the join, uses a name that one of the threads
 * binds.
 */
static bool uses_bound(const struct match *match, const struct line *line)
{
	const struct scenario *s = match->s;
	const struct setting *setting = s->settings + line->first_setting;
	const struct expect *expect = s->expects + line->first_expect;
	unsigned int i, j;

	for (i = 0; i < line->nr_settings; i++)
		if (is_bound(match, &setting[i].value))
			return true;
	for (i = 0; i < line->nr_expects; i++)
		for (j = 0; j < expect[i].nr_choices; j++)
			if (is_bound(match, &s->choices[expect[i].first_choice +
							j].value))
				return true;
	return false;
}

static bool match_lines(struct match *match, char *error, size_t size)
{
	const struct scenario *s = match->s;
	const struct line *a = s->lines + match->a->first_line;
	const struct line *b = s->lines + match->b->first_line;
	const struct line *after = s->lines + s->after.first_line;
	unsigned int i, na = match->a->nr_lines, nb = match->b->nr_lines;

	for (i = 0; i < na && i < nb && same_line(match, &a[i], &b[i]); i++)
		;
	if (i < na || i < nb) {
		snprintf(error, size, "threads \"%s\" and \"%s\" are not the "
			 "same: line %u, line %u", match->a->name,
			 match->b->name, i < na ? a[i].number : match->a->line,
			 i < nb ? b[i].number : match->b->line);
		return false;
	}
	for (i = 0; i < s->after.nr_lines; i++) {
		if (!uses_bound(match, &after[i]))
			continue;
		snprintf(error, size, "line %u tells thread \"%s\" from thread "
			 "\"%s\"", after[i].number, match->a->name,
			 match->b->name);
		return false;
	}
	return true;
}

bool threads_same(const struct scenario *s, unsigned int a, unsigned int b,
		  char *error, size_t size)
{
	struct match match = {
		.s = s, .a = &s->threads[a], .b = &s->threads[b],
		.names = malloc((s->nr_names + 1) * sizeof(*match.names)),
		.bound = calloc(s->nr_names + 1, sizeof(*match.bound)),
	};
	bool same = false;
	unsigned int i;

	if (match.names && match.bound) {
		for (i = 0; i < s->nr_names; i++)
			match.names[i] = NO_NAME;
		same = match_lines(&match, error, size);
	} else {
		snprintf(error, size, "out of memory");
	}
	free(match.bound);
	free(match.names);
	return same;
}
