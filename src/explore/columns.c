// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The interleaving in columns: a row for each step, a column for each thread.
 *
 *	step getter                             destroyer
 *
 *	  1  inc_not_zero users (ioas 3) 1 -> 2
 *	       iommufd_lock_obj main.c:243
 *	     -- preempted --
 *	  2                                     mutex_lock lock (ctx)
 *	                                          do_remove main.c:301
 *
 * Above the steps of a line of a script, the line is shown.
 *
 * If the operand is in an object that has a label, the text names the member
 * and the object; otherwise it is the expression in the source, never an
 * address.
 *
 * More than four threads have their columns close together.  A row belongs to
 * one thread, so its text may reach over the columns to the right of its own;
 * it then begins with the name of the thread.
 *
 * In a long interleaving, consecutive steps of one thread on memory that no
 * other thread accesses are counted and not shown.  Of a loop one round is shown,
 * and how often it is repeated.
 */
#include "columns.h"
#include <iommufd_model/kernel.h>
#include <ctype.h>
#include <string.h>

#define MARGIN 5 /* the number of a step, left of the columns */
#define CELL 37 /* width of a column; two of them make WIDTH */
#define GAP 1
#define APART 4 /* the most columns that stand side by side */
#define CLOSE 7 /* distance of columns that stand close together */
#define HANG 4 /* how far a continued line is indented */
#define LONG 60 /* an interleaving with more steps is long */
#define RUN 3 /* the fewest steps that are worth a "(n)" */
#define ROUND 64 /* the most steps of a round of a loop that is found */
#define ROUNDS 3 /* the fewest repetitions that are not shown */

/*
 * struct columns
 * @lines: for each step, the note of its script line, or NULL
 * @shown: for each thread, the note that was printed last
 * @broken: the step that failed, or the last one of the thread that failed
 *	after it; -1: none
 * @stride: distance from one column to the next
 * @right: end of the last column
 */
struct columns {
	const struct iommufd_model_record *record;
	const struct record_op *const *steps, *const *lines;
	FILE *to;
	int nr, nr_threads, broken;
	int stride, cell, right;
	const struct record_op *shown[RECORD_THREADS];
};

/* Text */

void explore_put_clean(FILE *to, int indent, const char *s, size_t len)
{
	while (len && isspace((unsigned char)s[len - 1]))
		len--;
	if (len)
		fprintf(to, "%*s", indent, "");
	for (; len; s++, len--)
		putc(*s == '\t' ? ' ' : *s < ' ' || *s > '~' ? '?' : *s, to);
}

/* Return how many characters of @s fit on a line of @width. */
static size_t fit(const char *s, size_t width)
{
	size_t len = strcspn(s, "\n"), i;

	if (len <= width)
		return len;
	for (i = width; i; i--)
		if (s[i] == ' ')
			return i;
	return width;
}

void explore_put(FILE *to, const char *prefix, int left, int right,
		 const char *s)
{
	int column = (int)strlen(prefix), hang = HANG;
	size_t n;

	explore_put_clean(to, 0, prefix, strlen(prefix));
	do {
		n = fit(s, (size_t)(right - left));
		explore_put_clean(to, left - column, s, n);
		putc('\n', to);
		for (s += n; isspace((unsigned char)*s); s++)
			;
		left += hang;
		hang = 0;
		column = 0;
	} while (*s);
}

/* Steps that no other thread notices */

static uintptr_t end_of(const struct record_op *op)
{
	bool sized = op->kind == IOMMUFD_MODEL_OP_ALLOC ||
		     op->kind == IOMMUFD_MODEL_OP_COPY_FROM_USER ||
		     op->kind == IOMMUFD_MODEL_OP_COPY_TO_USER;

	return (uintptr_t)op->addr + (sized ? (uintptr_t)op->arg : 1);
}

/* True if another thread accesses the location of this step. */
static bool is_shared(const struct columns *c, int step)
{
	const struct record_op *s = c->steps[step], *other;
	int i;

	for (i = 0; i < c->nr; i++) {
		other = c->steps[i];
		if (other->thread != s->thread &&
		    (uintptr_t)other->addr < end_of(s) &&
		    (uintptr_t)s->addr < end_of(other))
			return true;
	}
	return false;
}

/*
 * True if the step may be left out: nothing special happens in it, and no other
 * thread accesses its location.
 */
static bool is_dull(const struct columns *c, int step)
{
	const struct record_op *s = c->steps[step];
	unsigned int kind = s->kind;

	return s->addr && s->done && !s->preempts && !s->timeout && !s->spurious &&
	       !s->queued && step != c->nr - 1 &&
	       (kind < IOMMUFD_MODEL_OP_WAIT_PREPARE ||
		kind > IOMMUFD_MODEL_OP_FREE ||
		kind == IOMMUFD_MODEL_OP_ALLOC) &&
	       !is_shared(c, step);
}

/*
 * Return how many steps of one thread that may be left out begin here and end
 * before @end; 0 if they are too few.
 */
static int dull_steps(const struct columns *c, int step, int end)
{
	int i = step;

	while (i < end && c->steps[i]->thread == c->steps[step]->thread &&
	       c->lines[i] == c->lines[step] && is_dull(c, i))
		i++;
	return c->record->nr_steps > LONG && i - step >= RUN ? i - step : 0;
}

/* Steps that repeat */

/* True if two steps differ in nothing but the values that they find. */
static bool is_same(const struct record_op *a, const struct record_op *b)
{
	return a->thread == b->thread && a->kind == b->kind &&
	       a->site == b->site && a->addr == b->addr && a->done == b->done &&
	       a->preempts == b->preempts && a->timeout == b->timeout &&
	       a->spurious == b->spurious;
}

/*
 * Find the shortest round of a loop that begins here.  Returns how many steps it
 * has, and in @times how often they are repeated; 0: there is no loop, or it has
 * too few rounds.
 */
static int find_round(const struct columns *c, int step, int *times)
{
	int n, same;

	for (n = 1; n <= ROUND && c->record->nr_steps > LONG; n++) {
		same = 0;
		while (step + n + same < c->nr - 1 &&
		       is_same(c->steps[step + same],
			       c->steps[step + n + same]))
			same++;
		*times = same / n;
		if (*times >= ROUNDS)
			return n;
	}
	return 0;
}

/* Rows */

static bool has_column(const struct columns *c, int thread)
{
	return thread > 0 && thread <= c->nr_threads;
}

static int left_of(const struct columns *c, int thread)
{
	return MARGIN + (has_column(c, thread) ? (thread - 1) * c->stride : 0);
}

static void put_titles(const struct columns *c)
{
	struct text t = { 0 };
	int i;

	if (c->nr_threads > APART)
		return;
	for (i = 1; i <= c->nr_threads; i++)
		describe_add(&t, "%-*.*s", c->stride, CELL,
			     describe_thread(c->record, i));
	explore_put(c->to, "step", MARGIN, c->right + GAP, t.s);
	putc('\n', c->to);
}

/* Print what is wrong: below the step that failed, or below all columns. */
static void put_mark(const struct columns *c, int left)
{
	int right = left + WIDTH - MARGIN;
	struct text t = { 0 };

	describe_add(&t, "!! %s: %.511s",
		     iommufd_model_failure_name(
			     (enum iommufd_model_failure)c->record->failure),
		     c->record->text);
	explore_put(c->to, "", left, right < c->right ? right : c->right, t.s);
}

static void put_cell(const struct columns *c, int thread, const char *number,
		     const char *s)
{
	int left = left_of(c, thread);

	explore_put(c->to, number, left, left + c->cell, s);
}

/* Print the call site, unless the step above has the same. */
static void put_where(const struct columns *c, const struct record_op *s,
		      const struct record_op *last)
{
	int left = left_of(c, s->thread);
	struct text t = { 0 };

	if (last && last->thread == s->thread && last->site == s->site)
		return;
	describe_site(&t, s->site);
	explore_put(c->to, "", left + 2, left + c->cell, t.s);
}

/* Print where the first one of two accesses is, after a step of its thread. */
static void put_other(const struct columns *c)
{
	int thread = c->record->other_by, left = left_of(c, thread);
	struct text t = { 0 };

	if (!has_column(c, thread) || c->nr_threads > APART)
		describe_add(&t, "%s: ", describe_thread(c->record, thread));
	describe_add(&t, "!! the first of the two accesses");
	explore_put(c->to, "", left, left + c->cell, t.s);
	t = (struct text){ 0 };
	describe_site(&t, c->record->other);
	explore_put(c->to, "", left + 2, left + c->cell, t.s);
}

/* Print the script line that a step belongs to, above the first one of it. */
static void put_line(struct columns *c, int step)
{
	const struct record_op *line = c->lines[step];
	unsigned int thread = c->steps[step]->thread;
	struct text t = { 0 };

	if (!line || c->shown[thread] == line)
		return;
	c->shown[thread] = line;
	if (line->site && line->site->line == line->before)
		describe_add(&t, "%s:%ld: ", describe_file(line->site),
			     line->before);
	else
		describe_add(&t, "line %ld: ", line->before);
	describe_add(&t, "%s", line->label ? line->label : "");
	put_cell(c, (int)thread, "", t.s);
}

/* Print a row.  @dull: how many steps from @step on are left out. */
static void put_step(struct columns *c, int step, int dull)
{
	const struct record_op *s = c->steps[step];
	struct text number = { 0 }, t = { 0 };

	if (step && s->preempts)
		put_cell(c, c->steps[step - 1]->thread, "", "-- preempted --");
	put_line(c, step);
	describe_add(&number, "%3d", step + 1);
	if (dull) {
		describe_add(&t, "(%d steps of its own)", dull);
		put_cell(c, s->thread, number.s, t.s);
		return;
	}
	if (!has_column(c, s->thread) || c->nr_threads > APART)
		describe_add(&t, "%s: ", describe_thread(c->record, s->thread));
	describe_op(&t, c->record, s);
	describe_result(&t, s);
	put_cell(c, s->thread, number.s, t.s);
	put_where(c, s, step ? c->steps[step - 1] : NULL);
	if (step == c->broken)
		put_mark(c, left_of(c, s->thread));
}

/* Print the steps from @step up to @end. */
static void put_steps(struct columns *c, int step, int end)
{
	int n;

	for (; step < end; step += n ? n : 1) {
		n = dull_steps(c, step, end);
		put_step(c, step, n);
	}
}

/* Print one round of a loop; @step is the first that is not shown. */
static void put_round(struct columns *c, int step, int round, int times)
{
	struct text number = { 0 }, t = { 0 };

	put_steps(c, step - round, step);
	describe_add(&number, "%3d", step + 1);
	if (round == 1)
		describe_add(&t, "(the step above %d times more)", times);
	else
		describe_add(&t, "(the %d steps above %d times more)", round,
			     times);
	put_cell(c, c->steps[step]->thread, number.s, t.s);
}

/* Find the step that failed: the last one, if its thread failed. */
static int find_broken(const struct steps *steps)
{
	if (!steps->nr || steps->all > steps->nr || steps->record->thread < 1 ||
	    steps->step[steps->nr - 1]->thread != steps->record->thread)
		return -1;
	return steps->nr - 1;
}

void explore_columns(const struct steps *steps, FILE *to)
{
	struct columns c = {
		.record = steps->record,
		.steps = steps->step,
		.lines = steps->line,
		.to = to,
		.nr = steps->nr,
		.nr_threads = steps->record->nr_threads - 1,
		.broken = find_broken(steps),
	};
	int nr = c.nr_threads > 1 ? c.nr_threads : 1, i, n, round, times;
	int other = c.record->other ? (int)c.record->other_step : -1;

	c.stride = nr > APART ? CLOSE : CELL + GAP;
	c.cell = nr > 1 && nr <= APART ? CELL : 2 * CELL;
	c.right = MARGIN + (nr - 1) * c.stride + c.cell;
	put_titles(&c);
	for (i = 0; i < c.nr; i += n ? n : 1) {
		n = dull_steps(&c, i, c.nr);
		round = n ? 0 : find_round(&c, i, &times);
		if (round)
			n = round * (times + 1);
		if (other >= i && other < i + (n ? n : 1))
			put_other(&c);
		if (round)
			put_round(&c, i + round, round, times);
		else
			put_step(&c, i, n);
	}
	if (other >= c.nr)
		put_other(&c);
	if (steps->all > c.nr)
		fprintf(to, "  .  %d more steps, of which there is no record\n",
			steps->all - c.nr);
	if (c.broken < 0) {
		putc('\n', to);
		put_mark(&c, 2);
	}
}
