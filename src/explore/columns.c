// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The interleaving in columns: a row per step, a column per thread.
 *
 *	step getter                             destroyer
 *
 *	  1  inc_not_zero users (ioas 3) 1 -> 2
 *	       iommufd_lock_obj main.c:243
 *	     -- preempted --
 *	  2                                     mutex_lock lock (ctx)
 *	                                          do_remove main.c:301
 *
 * Things are called by their member of an object that has a label, others by
 * the expression in the source; never by address.
 *
 * With more than four threads the columns are moved together.  A row is of one
 * thread, so its cell may lie over the columns to its right; it begins with the
 * name of its thread.
 *
 * Of a long interleaving steps in a row that touch nothing another thread
 * touches are only counted.
 */
#include "columns.h"
#include "../kernel/words.h"
#include <iommufd_model/kernel.h>
#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#define MARGIN 5		/* left of the columns: the number of a step */
#define CELL 37		/* of a column: two of them make WIDTH */
#define GAP 1
#define APART 4		/* up to so many columns are side by side */
#define CLOSE 7		/* from one to the next of more */
#define HANG 4		/* a line that goes on is further right */
#define LONG 60		/* more steps than that are a long one */
#define RUN 3		/* so many steps in a row are worth a "(n)" */
#define EXPR 60		/* longer expressions are cut */

/*
 * struct columns
 * @nr: of records
 * @broken: the step that broke, or after which its thread did; -1: none
 * @stride: from one column to the next, @right: end of the last
 */
struct columns {
	const struct trace *trace;
	FILE *to;
	int nr, broken;
	int stride, cell, right;
};

/* Text */

void explore_add(struct text *t, const char *fmt, ...)
{
	size_t room = sizeof(t->s) - t->len;
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(t->s + t->len, room, fmt, args);
	va_end(args);
	if (n > 0)
		t->len += (size_t)n < room ? (size_t)n : room - 1;
}

void explore_put_clean(FILE *to, int indent, const char *s, size_t len)
{
	while (len && isspace((unsigned char)s[len - 1]))
		len--;
	if (len)
		fprintf(to, "%*s", indent, "");
	for (; len; s++, len--)
		putc(*s == '\t' ? ' ' : *s < ' ' || *s > '~' ? '?' : *s, to);
}

/* How much of @s goes on a line of @width. */
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

void explore_add_site(struct text *t, const struct iommufd_model_site *site)
{
	const char *file = site && site->file ? site->file : "?", *slash;

	slash = strrchr(file, '/');
	explore_add(t, "%s %s:%d", site && site->func ? site->func : "?",
		    slash ? slash + 1 : file, site ? site->line : 0);
}

const char *explore_name(const struct trace *trace, int thread)
{
	static char unnamed[] = "thread a";

	if (thread < 0 || thread >= IOMMUFD_MODEL_MAX_THREADS)
		return "another thread";
	if (trace->threads[thread].name[0])
		return trace->threads[thread].name;
	unnamed[7] = (char)('a' + thread);
	return unnamed;
}

int explore_records(const struct trace *trace)
{
	int nr = trace->nr_steps < trace->room ? trace->nr_steps : trace->room;

	return nr > 0 ? nr : 0;
}

/* Operations */

/* Memory without a label is "12 bytes of" something. */
static bool is_label(const char *object)
{
	return object[0] && !isdigit((unsigned char)object[0]);
}

/* " (ioas 3)" */
static void add_object(struct text *t, const char *object)
{
	size_t i = t->len + 1;

	if (!is_label(object))
		return;
	explore_add(t, " (" NAME ")", object);
	for (; i < t->len; i++)
		if (t->s[i] == ' ')
			t->s[i] = '\t';
}

static bool is_counter(const struct iommufd_model_op *op)
{
	return op->kind <= IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE ||
	       op->kind == IOMMUFD_MODEL_OP_WAIT_ZERO;
}

void explore_add_operand(struct text *t, const struct iommufd_model_site *site,
			 const char *object)
{
	const char *what = site && site->what ? site->what : "?";

	if (is_label(object))
		what = iommufd_model_member(what);
	what += *what == '&';
	explore_add(t, strlen(what) > EXPR ? "%.*s..." : "%.*s", EXPR, what);
	add_object(t, object);
}

void explore_add_op(struct text *t, const struct trace *trace,
		    const struct iommufd_model_op *op, const char *object)
{
	switch (op->kind) {
	case IOMMUFD_MODEL_OP_ALLOC:
		explore_add_operand(t, op->site, "");
		explore_add(t, "\t%ld\tbytes", op->arg);
		add_object(t, object);
		break;
	case IOMMUFD_MODEL_OP_FD_READ:
	case IOMMUFD_MODEL_OP_FD_WRITE:
		explore_add(t, "%s", iommufd_model_op_verb(op));
		if (op->arg >= 0)
			explore_add(t, "\t%ld", op->arg);
		break;
	case IOMMUFD_MODEL_OP_JOIN:
		explore_add(t, "join " NAME, explore_name(trace, (int)op->arg));
		break;
	case IOMMUFD_MODEL_OP_AFTER:
		explore_add(t, "%s", iommufd_model_op_verb(op));
		break;
	case IOMMUFD_MODEL_OP_WAIT_SLEEP:
		object = "";	/* the queue's, and this is the condition */
		/* fallthrough */
	default:
		explore_add(t, "%s ", iommufd_model_op_verb(op));
		explore_add_operand(t, op->site, object);
	}
}

/* What came of a step. */
static void add_result(struct text *t, const struct trace_step *s)
{
	const struct iommufd_model_op *op = &s->op;

	if (s->timeout)
		explore_add(t, ": timed\tout");
	else if (s->queued)
		explore_add(t, ": must\twait");
	else if (!s->done)
		return;
	else if (is_counter(op) && op->before != op->after)
		explore_add(t, " %ld\t->\t%ld", op->before, op->after);
	else if (is_counter(op))
		explore_add(t, iommufd_model_op_failed(op) ?
				       ":\t%ld,\tfailed" : ":\t%ld",
			    op->before);
	else if (iommufd_model_op_failed(op))
		explore_add(t, ": failed");
}

/* Steps of a thread's own */

static uintptr_t end_of(const struct iommufd_model_op *op)
{
	bool sized = op->kind == IOMMUFD_MODEL_OP_ALLOC ||
		     op->kind == IOMMUFD_MODEL_OP_COPY_FROM_USER ||
		     op->kind == IOMMUFD_MODEL_OP_COPY_TO_USER;

	return (uintptr_t)op->addr + (sized ? (uintptr_t)op->arg : 1);
}

/* Does another thread touch what @step touches? */
static bool is_shared(const struct columns *c, int step)
{
	const struct trace_step *s = &c->trace->steps[step], *other;
	int i;

	for (i = 0; i < c->nr; i++) {
		other = &c->trace->steps[i];
		if (other->thread != s->thread &&
		    (uintptr_t)other->op.addr < end_of(&s->op) &&
		    (uintptr_t)s->op.addr < end_of(&other->op))
			return true;
	}
	return false;
}

/* A step that may be left out: on what is its thread's own, and uneventful. */
static bool is_dull(const struct columns *c, int step)
{
	const struct trace_step *s = &c->trace->steps[step];
	enum iommufd_model_op_kind kind = s->op.kind;

	return s->op.addr && s->done && !s->preempts && !s->timeout &&
	       !s->queued && step != c->nr - 1 &&
	       (kind < IOMMUFD_MODEL_OP_WAIT_PREPARE ||
		kind > IOMMUFD_MODEL_OP_FREE ||
		kind == IOMMUFD_MODEL_OP_ALLOC) &&
	       !is_shared(c, step);
}

/* How many such steps of one thread begin here, if that is worth a line. */
static int dull_steps(const struct columns *c, int step)
{
	const struct trace_step *steps = c->trace->steps;
	int i = step;

	while (i < c->nr && steps[i].thread == steps[step].thread &&
	       is_dull(c, i))
		i++;
	return c->trace->nr_steps > LONG && i - step >= RUN ? i - step : 0;
}

/* Rows */

static bool has_column(const struct columns *c, int thread)
{
	return thread >= 0 && thread < c->trace->nr_threads;
}

static int left_of(const struct columns *c, int thread)
{
	return MARGIN + (has_column(c, thread) ? thread * c->stride : 0);
}

static void put_titles(const struct columns *c)
{
	struct text t = { 0 };
	int i;

	if (c->trace->nr_threads > APART)
		return;
	for (i = 0; i < c->trace->nr_threads; i++)
		explore_add(&t, "%-*.*s", c->stride, CELL,
			    explore_name(c->trace, i));
	explore_put(c->to, "step", MARGIN, c->right + GAP, t.s);
	putc('\n', c->to);
}

/* What is wrong: below the step that broke, or below all columns. */
static void put_mark(const struct columns *c, int left)
{
	const struct trace *trace = c->trace;
	int right = left + WIDTH - MARGIN;
	struct text t = { 0 };

	explore_add(&t, "!! %s: %.511s",
		    iommufd_model_failure_name(trace->failure), trace->text);
	explore_put(c->to, "", left, right < c->right ? right : c->right, t.s);
}

static void put_cell(const struct columns *c, int thread, const char *number,
		     const char *s)
{
	int left = left_of(c, thread);

	explore_put(c->to, number, left, left + c->cell, s);
}

/* Where it is done; not again if it is the same place. */
static void put_where(const struct columns *c, const struct trace_step *s,
		      const struct trace_step *last)
{
	int left = left_of(c, s->thread);
	struct text t = { 0 };

	if (last && last->thread == s->thread && last->op.site == s->op.site)
		return;
	explore_add_site(&t, s->op.site);
	explore_put(c->to, "", left + 2, left + c->cell, t.s);
}

/* @dull: so many steps that begin here are left out. */
static void put_step(const struct columns *c, int step, int dull)
{
	const struct trace_step *s = &c->trace->steps[step];
	struct text number = { 0 }, t = { 0 };

	explore_add(&number, "%3d", step + 1);
	if (dull) {
		explore_add(&t, "(%d steps of its own)", dull);
		put_cell(c, s->thread, number.s, t.s);
		return;
	}
	if (step && s->preempts)
		put_cell(c, s[-1].thread, "", "-- preempted --");
	if (!has_column(c, s->thread) || c->trace->nr_threads > APART)
		explore_add(&t, NAME ": ", explore_name(c->trace, s->thread));
	explore_add_op(&t, c->trace, &s->op, s->object);
	add_result(&t, s);
	put_cell(c, s->thread, number.s, t.s);
	put_where(c, s, step ? s - 1 : NULL);
	if (step == c->broken)
		put_mark(c, left_of(c, s->thread));
}

/* The step that broke: the last one, if its thread failed. */
static int find_broken(const struct trace *trace, int nr)
{
	if (!nr || trace->nr_steps > nr || trace->thread < 0 ||
	    trace->steps[nr - 1].thread != trace->thread)
		return -1;
	return nr - 1;
}

void explore_columns(const struct trace *trace, FILE *to)
{
	struct columns c = { .trace = trace, .to = to };
	int nr = trace->nr_threads > 1 ? trace->nr_threads : 1, i, n;

	c.nr = explore_records(trace);
	c.broken = find_broken(trace, c.nr);
	c.stride = nr > APART ? CLOSE : CELL + GAP;
	c.cell = nr > 1 && nr <= APART ? CELL : 2 * CELL;
	c.right = MARGIN + (nr - 1) * c.stride + c.cell;
	put_titles(&c);
	for (i = 0; i < c.nr; i += n ? n : 1) {
		n = dull_steps(&c, i);
		put_step(&c, i, n);
	}
	if (trace->nr_steps > c.nr)
		fprintf(to, "  .  %d more steps, of which there is no record\n",
			trace->nr_steps - c.nr);
	if (c.broken < 0) {
		putc('\n', to);
		put_mark(&c, 2);
	}
}
