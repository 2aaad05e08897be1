// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The report of an interleaving that breaks a test.
 *
 *	what is wrong, and with which memory
 *	the interleaving: a row per step, a column per thread
 *	who waits for whom, or for which wake-up
 *	where each thread stands and which locks it holds
 *	details, and how to run it again
 *
 * A cell says what is done, to what, and where.  Up to four columns stand side
 * by side; more are moved together, and since a row is of one thread its cell
 * may then lie over the columns to its right.
 *
 * Things are called by the expression in the source and the object they lie in.
 * Only where that is not enough memory gets a number, in the order in which it
 * is printed.  For that, and to know what no other thread touches, the records
 * are sorted by address and put together to things: an allocation and all that
 * is in it, or else what has one address.  Addresses are never printed.
 *
 * The record may be cut short and the process that wrote it may have died, so
 * its strings and numbers are taken with care.
 */
#include "trace.h"
#include <iommufd_model/kernel.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 80		/* of all that is not in columns */
#define MARGIN 6		/* left of the columns: the number of a step */
#define GAP 2			/* between two columns */
#define CELL 36			/* of a column: two of them make WIDTH */
#define WIDEST 160		/* of all columns together */
#define HANG 4			/* a line that goes on is further right */
#define SHORT 40		/* up to so many steps none is left out */
#define RUN 3			/* so many steps in a row are worth a "(n)" */
#define EXPR 64			/* longer expressions are cut */
#define LABEL 13		/* of the head: where its second column is */

/* Strings of the record, which need not end. */
#define NAME "%.47s"
#define SENTENCE "%.511s"

/*
 * struct text - a text that is put together, and cut if it is too long.
 * '\n' is a new line, '\t' a blank at which a line is not broken.
 */
struct text {
	size_t len;
	char s[2048];
};

/*
 * struct thing - an allocation, or what has one address
 * @thread: who touches it
 * @shared: others do too
 * @unclear: its expression is that of another thing too, or it has several
 * @number: of "memory 1"; 0: not yet printed
 */
struct thing {
	int thread;
	bool shared;
	bool unclear;
	int number;
};

/*
 * struct report
 * @nr: of steps that there are records of
 * @broken: the step that broke, or after which its thread did; -1: none
 * @made: step that allocated the memory in question, -1: none
 * @nr_columns, @stride: how many, and how far from one to the next
 * @cell: width of a cell
 * @thing_of: of each record, index of @things; NULL: no memory to find out
 * @nr_numbers: of memory numbered so far
 */
struct report {
	const struct trace *trace;
	FILE *to;
	int nr, broken, made;
	int nr_columns, stride, cell;
	char names[IOMMUFD_MODEL_MAX_THREADS][TRACE_NAME];
	int *thing_of;
	struct thing *things;
	int nr_numbers;
};

/* Text */

static void vadd(struct text *t, const char *fmt, va_list args)
{
	size_t room = sizeof(t->s) - t->len;
	int n = vsnprintf(t->s + t->len, room, fmt, args);

	if (n > 0)
		t->len += (size_t)n < room ? (size_t)n : room - 1;
}

__attribute__((format(printf, 2, 3)))
static void add(struct text *t, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vadd(t, fmt, args);
	va_end(args);
}

/* The same; it is not broken over two lines unless it is too long for one. */
__attribute__((format(printf, 2, 3)))
static void add_whole(struct text *t, const char *fmt, ...)
{
	size_t i = t->len;
	va_list args;

	va_start(args, fmt);
	vadd(t, fmt, args);
	va_end(args);
	for (; i < t->len; i++)
		if (t->s[i] == ' ')
			t->s[i] = '\t';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
	"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

/* How much of @s goes on a line of @width: to a blank, or between two words. */
static int fit(const char *s, int width)
{
	int len = (int)strcspn(s, "\n"), i;

	if (width < 1)
		width = 1;
	if (len <= width)
		return len;
	for (i = width; i > 0; i--)
		if (s[i] == ' ')
			return i;
	for (i = width; i > 0; i--)
		if (s[i] == '\t')
			return i;
	for (i = width; i > 0; i--)
		if (!strchr(letters, s[i - 1]))
			return i;
	return width;
}

static void put_clean(FILE *to, const char *s, int len)
{
	for (; len > 0; s++, len--) {
		char c = is_blank(*s) ? ' ' : *s;

		putc(c < ' ' || c > '~' ? '?' : c, to);
	}
}

/*
 * put(to, prefix, left, right, s): @prefix, and @s between the columns @left
 * and @right, on as many lines as it takes.
 */
static void put(FILE *to, const char *prefix, int left, int right,
		const char *s)
{
	int start = left, col = (int)strlen(prefix), n, len;

	put_clean(to, prefix, col);
	if (col && col >= start && *s) {
		putc('\n', to);
		col = 0;
	}
	for (;;) {
		n = fit(s, right - start);
		for (len = n; len && is_blank(s[len - 1]); len--)
			;
		if (len)
			fprintf(to, "%*s", start - col, "");
		put_clean(to, s, len);
		putc('\n', to);
		for (s += n; is_blank(*s); s++)
			;
		start = left;
		if (*s == '\n')
			s++;
		else
			start += HANG;
		if (!*s)
			return;
		col = 0;
	}
}

/* Names */

/* @file without what is only true on this machine. */
static const char *short_path(const char *file)
{
	static const char *const roots[] = {
		"/src/", "/tests/", "/include/", "/examples/",
	};
	const char *path = NULL, *found, *next;
	size_t i;

	if (!file)
		return "?";
	if (file[0] != '/')
		return file;
	for (i = 0; i < ARRAY_SIZE(roots); i++) {
		found = NULL;
		for (next = file; (next = strstr(next, roots[i])); next++)
			found = next;
		if (found && (!path || found > path))
			path = found;
	}
	if (path)
		return path + 1;
	/* The last two components. */
	path = strrchr(file, '/');
	while (path > file && path[-1] != '/')
		path--;
	return path > file ? path : path + 1;
}

static const char *base_name(const char *file)
{
	const char *slash = file ? strrchr(file, '/') : NULL;

	return slash ? slash + 1 : file ? file : "?";
}

static void add_site(struct text *t, const struct iommufd_model_site *site)
{
	if (!site) {
		add(t, "a place that is not known");
		return;
	}
	add(t, "%s, ", site->func ? site->func : "?");
	add_whole(t, "%s:%d", short_path(site->file), site->line);
}

static const char *name_of(const struct report *r, int thread)
{
	if (thread < 0 || thread >= r->nr_columns)
		return "another thread";
	return r->names[thread];
}

static const char *what_of(const struct iommufd_model_op *op)
{
	return op->site && op->site->what ? op->site->what : "";
}

static bool is_counter(enum iommufd_model_op_kind kind)
{
	return kind <= IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE ||
	       kind == IOMMUFD_MODEL_OP_WAIT_ZERO;
}

/* "users" of "&obj->users", or all of it if it does not end so. */
static const char *member(const char *expr)
{
	const char *end = expr + strlen(expr), *s = end;

	while (s > expr && strchr(letters, s[-1]))
		s--;
	if (s == end || s == expr)
		return expr;
	return s[-1] == '.' || s[-1] == '>' ? s : expr;
}

/* " (ioas 3)", " (memory 1)", or nothing. */
static void add_whose(struct text *t, struct report *r, const char *object,
		      int thing)
{
	struct thing *th = thing < 0 ? NULL : &r->things[thing];

	if (object[0]) {
		add(t, " ");
		add_whole(t, "(" NAME ")", object);
	} else if (th && th->unclear) {
		if (!th->number)
			th->number = ++r->nr_numbers;
		add(t, " ");
		add_whole(t, "(memory %d)", th->number);
	}
}

/* Things: what the records are about */

struct ref {
	uintptr_t addr, end;
	const char *what;	/* the expression for it; NULL: none */
	int step, thing;
};

static int compare_addr(const void *a, const void *b)
{
	const struct ref *x = a, *y = b;

	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	return x->step - y->step;
}

static int compare_what(const void *a, const void *b)
{
	const struct ref *x = a, *y = b;
	int order;

	if (!x->what || !y->what)
		return !x->what - !y->what;
	order = strcmp(x->what, y->what);
	return order ? order : x->thing - y->thing;
}

/* What a record is about; without an object that has a better name. */
static struct ref ref_of(const struct trace *trace, int step)
{
	const struct trace_step *s = &trace->steps[step];
	struct ref ref = { .step = step };
	long size = 1;

	ref.addr = (uintptr_t)s->op.addr;
	if (!s->object[0] && what_of(&s->op)[0])
		ref.what = what_of(&s->op);
	switch (s->op.kind) {
	case IOMMUFD_MODEL_OP_ALLOC:
		ref.addr = s->done ? (uintptr_t)s->op.after : 0;
		size = s->op.arg;
		break;
	case IOMMUFD_MODEL_OP_COPY_FROM_USER:
	case IOMMUFD_MODEL_OP_COPY_TO_USER:
		size = s->op.arg;
		break;
	case IOMMUFD_MODEL_OP_WAIT_SLEEP:
		ref.what = NULL;	/* the condition, not the queue */
		break;
	default:
		break;
	}
	if (size < 1 || (uintptr_t)size > UINTPTR_MAX - ref.addr)
		size = 1;
	ref.end = ref.addr + (uintptr_t)size;
	return ref;
}

/* Refs sorted by address: those that overlap are one thing. */
static void make_things(struct report *r, struct ref *refs)
{
	const struct trace_step *steps = r->trace->steps;
	struct thing *th = NULL;
	uintptr_t end = 0;
	int i, n = -1;

	for (i = 0; i < r->nr; i++) {
		int thread = steps[refs[i].step].thread;

		if (!th || refs[i].addr >= end) {
			th = &r->things[++n];
			th->thread = thread;
			/* No address: a spawn, or an allocation that failed. */
			th->shared = !refs[i].addr;
			end = refs[i].end;
		}
		if (refs[i].end > end)
			end = refs[i].end;
		if (thread != th->thread)
			th->shared = true;
		refs[i].thing = n;
		r->thing_of[refs[i].step] = n;
	}
}

/* Two expressions for one thing. */
static void mark_aliases(struct report *r, const struct ref *refs)
{
	const char *what = NULL;
	int i;

	for (i = 0; i < r->nr; i++) {
		if (!i || refs[i].thing != refs[i - 1].thing)
			what = NULL;
		if (!refs[i].what)
			continue;
		if (what && strcmp(what, refs[i].what))
			r->things[refs[i].thing].unclear = true;
		what = refs[i].what;
	}
}

/* Refs sorted by expression: one expression for two things. */
static void mark_namesakes(struct report *r, const struct ref *refs)
{
	int i;

	for (i = 1; i < r->nr && refs[i].what; i++) {
		if (refs[i].thing == refs[i - 1].thing ||
		    strcmp(refs[i].what, refs[i - 1].what))
			continue;
		r->things[refs[i].thing].unclear = true;
		r->things[refs[i - 1].thing].unclear = true;
	}
}

/* Without memory the report is still right: all steps, no numbers. */
static void find_things(struct report *r)
{
	size_t nr = (size_t)r->nr;
	struct ref *refs = NULL;
	int i;

	if (!nr)
		return;
	refs = calloc(nr, sizeof(*refs));
	r->things = calloc(nr, sizeof(*r->things));
	r->thing_of = calloc(nr, sizeof(*r->thing_of));
	if (!refs || !r->things || !r->thing_of) {
		free(r->thing_of);
		r->thing_of = NULL;
		goto out;
	}
	for (i = 0; i < r->nr; i++)
		refs[i] = ref_of(r->trace, i);
	qsort(refs, nr, sizeof(*refs), compare_addr);
	make_things(r, refs);
	mark_aliases(r, refs);
	qsort(refs, nr, sizeof(*refs), compare_what);
	mark_namesakes(r, refs);
	for (i = 0; i < r->nr; i++)
		if (!r->trace->steps[i].op.addr &&
		    r->trace->steps[i].op.kind != IOMMUFD_MODEL_OP_ALLOC)
			r->things[r->thing_of[i]].unclear = false;
out:
	free(refs);
}

/* Index of the thing at @addr, as far as a step was about it; -1: none. */
static int thing_at(const struct report *r, const void *addr)
{
	int i;

	if (!r->thing_of || !addr)
		return -1;
	for (i = r->nr - 1; i >= 0; i--)
		if (r->trace->steps[i].op.addr == addr)
			return r->thing_of[i];
	return -1;
}

/* Operations */

/* The call as it is written in the source. */
static const char *call_name(const struct iommufd_model_op *op)
{
	bool one = op->arg == 1;

	switch (op->kind) {
	case IOMMUFD_MODEL_OP_REFCOUNT_ADD:
		return one ? "refcount_inc" : "refcount_add";
	case IOMMUFD_MODEL_OP_REFCOUNT_ADD_NOT_ZERO:
		return one ? "refcount_inc_not_zero" : "refcount_add_not_zero";
	case IOMMUFD_MODEL_OP_REFCOUNT_SUB_AND_TEST:
		return one ? "refcount_dec_and_test" : "refcount_sub_and_test";
	case IOMMUFD_MODEL_OP_MUTEX_UNLOCK_TAIL:
		return "tail of mutex_unlock";
	case IOMMUFD_MODEL_OP_RWSEM_UP_TAIL:
		return "tail of up";
	case IOMMUFD_MODEL_OP_WAIT_SLEEP:
		return "wait_event";
	case IOMMUFD_MODEL_OP_WAIT_WAKE:
		return op->arg == TASK_INTERRUPTIBLE ? "wake_up_interruptible" :
						       "wake_up";
	case IOMMUFD_MODEL_OP_ALLOC:
		return what_of(op)[0] ? what_of(op) : "alloc";
	case IOMMUFD_MODEL_OP_WAIT_ZERO:
		return "wait_zero";
	default:
		return iommufd_model_op_name(op->kind);
	}
}

/* The expression it is done to, as short as it can be. */
static const char *operand(const struct iommufd_model_op *op,
			   const char *object)
{
	const char *what = what_of(op);

	switch (op->kind) {
	case IOMMUFD_MODEL_OP_ALLOC:
	case IOMMUFD_MODEL_OP_FD_READ:
	case IOMMUFD_MODEL_OP_FD_WRITE:
	case IOMMUFD_MODEL_OP_YIELD:
		return "";
	default:
		return is_counter(op->kind) && object[0] ? member(what) : what;
	}
}

static void add_expr(struct text *t, const char *expr)
{
	if (strlen(expr) > EXPR)
		add(t, " %.*s...", EXPR - 3, expr);
	else if (expr[0])
		add(t, " %s", expr);
}

/* "mutex_lock &obj->lock" and what else belongs to the call. */
static void add_call(struct text *t, const struct report *r,
		     const struct iommufd_model_op *op, const char *object)
{
	const char *expr = operand(op, object);

	add(t, "%s", call_name(op));
	switch (op->kind) {
	case IOMMUFD_MODEL_OP_REFCOUNT_ADD:
	case IOMMUFD_MODEL_OP_REFCOUNT_ADD_NOT_ZERO:
	case IOMMUFD_MODEL_OP_REFCOUNT_SUB_AND_TEST:
		if (op->arg != 1)
			add(t, " %ld,", op->arg);
		break;
	case IOMMUFD_MODEL_OP_ALLOC:
		add_whole(t, " %ld bytes", op->arg);
		break;
	case IOMMUFD_MODEL_OP_COPY_FROM_USER:
	case IOMMUFD_MODEL_OP_COPY_TO_USER:
		add_whole(t, " %ld bytes,", op->arg);
		break;
	case IOMMUFD_MODEL_OP_FD_READ:
	case IOMMUFD_MODEL_OP_FD_WRITE:
		if (op->arg >= 0)
			add_whole(t, " %ld", op->arg);
		else
			add(t, ": a free one");
		break;
	case IOMMUFD_MODEL_OP_WAIT_SLEEP:
		add(t, " until");
		break;
	case IOMMUFD_MODEL_OP_JOIN:
		if (op->arg >= 0 && op->arg < r->nr_columns) {
			add_whole(t, " %s", r->names[op->arg]);
			expr = "";
		}
		break;
	default:
		break;
	}
	add_expr(t, expr);
}

/* What came of a counter operation. */
static void add_count(struct text *t, const struct iommufd_model_op *op)
{
	switch (op->kind) {
	case IOMMUFD_MODEL_OP_REFCOUNT_READ:
		add_whole(t, ": %ld", op->before);
		return;
	case IOMMUFD_MODEL_OP_REFCOUNT_ADD_NOT_ZERO:
		if (!op->before) {
			add_whole(t, " is 0: not taken");
			return;
		}
		break;
	case IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE:
		if (op->before != 1) {
			add_whole(t, " is %ld: not one", op->before);
			return;
		}
		break;
	case IOMMUFD_MODEL_OP_WAIT_ZERO:
		add_whole(t, " is 0");
		return;
	default:
		break;
	}
	add(t, " ");
	add_whole(t, "%ld -> %ld", op->before, op->after);
}

/* What came of any other, where that says something. */
static void add_result(struct text *t, const struct iommufd_model_op *op)
{
	switch (op->kind) {
	case IOMMUFD_MODEL_OP_MUTEX_TRYLOCK:
	case IOMMUFD_MODEL_OP_RWSEM_TRY_READ:
	case IOMMUFD_MODEL_OP_RWSEM_TRY_WRITE:
		add_whole(t, op->after ? ": taken" : ": not free, not taken");
		break;
	case IOMMUFD_MODEL_OP_ALLOC:
		if (!op->after)
			add_whole(t, ": fails");
		break;
	case IOMMUFD_MODEL_OP_COPY_FROM_USER:
	case IOMMUFD_MODEL_OP_COPY_TO_USER:
		if (op->after)
			add_whole(t, ": %ld not copied", op->after);
		break;
	case IOMMUFD_MODEL_OP_PIN_PAGE:
		if (op->after)
			add_whole(t, ": fails");
		break;
	case IOMMUFD_MODEL_OP_FD_READ:
		if (!op->after)
			add_whole(t, ": none");
		break;
	case IOMMUFD_MODEL_OP_WAIT_SLEEP:
		add_whole(t, ": woken");
		break;
	default:
		break;
	}
}

/* A step in words: what is done, to what, and what comes of it. */
static void add_step(struct text *t, struct report *r, int step)
{
	const struct trace_step *s = &r->trace->steps[step];
	bool counter = is_counter(s->op.kind);

	if (s->timeout && s->op.arg > 0 && s->op.arg < MAX_SCHEDULE_TIMEOUT)
		add(t, "%ld ms pass: nothing else can run\n", s->op.arg);
	else if (s->timeout)
		add(t, "time passes: nothing else can run\n");
	add_call(t, r, &s->op, s->object);
	if (s->done && counter)
		add_count(t, &s->op);
	if (s->op.kind != IOMMUFD_MODEL_OP_WAIT_SLEEP)
		add_whose(t, r, s->object,
			  r->thing_of ? r->thing_of[step] : -1);
	if (s->queued)
		add(t, ": must wait, and keeps new readers out");
	else if (s->timeout)
		add_whole(t, ": timed out");
	else if (s->done && !counter)
		add_result(t, &s->op);
}

/* The same for an operation that somebody stands before. */
static void add_op(struct text *t, struct report *r,
		   const struct iommufd_model_op *op, const char *object)
{
	add_call(t, r, op, object);
	add_whose(t, r, object, thing_at(r, op->addr));
}

/* The lock, queue or counter of an operation, in full. */
static void add_operand(struct text *t, struct report *r,
			const struct iommufd_model_op *op, const char *object)
{
	const char *what = what_of(op);

	add(t, "%.*s", EXPR, what[0] ? what : call_name(op));
	add_whose(t, r, object, thing_at(r, op->addr));
}

/* The head */

static const char *label_of_place(enum iommufd_model_failure failure)
{
	switch (failure) {
	case IOMMUFD_MODEL_FAIL_USE_AFTER_FREE:
		return "  used";
	case IOMMUFD_MODEL_FAIL_DOUBLE_FREE:
		return "  again";
	default:
		return "  at";
	}
}

/* The step that broke: the last one, if its thread failed; else -1. */
static int find_broken(const struct report *r)
{
	const struct trace *trace = r->trace;

	if (!r->nr || trace->nr_steps > r->nr || trace->thread < 0 ||
	    trace->steps[r->nr - 1].thread != trace->thread)
		return -1;
	return r->nr - 1;
}

/* Did it break in that step?  Else it was in what its thread did next. */
static bool broke_inside(const struct report *r)
{
	const struct iommufd_model_site *at = r->trace->at;
	const struct trace_step *s = &r->trace->steps[r->broken];

	return !s->done || s->timeout || (at && at == s->op.site);
}

/* Memory that a thread of the test allocated, at the place of the record. */
static int find_made(const struct report *r)
{
	uintptr_t addr, start;
	int i;

	if (r->broken < 0 || !r->trace->allocated)
		return -1;
	addr = (uintptr_t)r->trace->steps[r->broken].op.addr;
	for (i = r->nr - 1; i >= 0; i--) {
		const struct iommufd_model_op *op = &r->trace->steps[i].op;

		start = (uintptr_t)op->after;
		if (op->kind == IOMMUFD_MODEL_OP_ALLOC &&
		    op->site == r->trace->allocated && addr >= start &&
		    addr - start < (uintptr_t)op->arg)
			return i;
	}
	return -1;
}

/* "  freed      in f, src/x.c:3, by getter, step 7"; @after: after it */
static void put_place(const struct report *r, const char *label,
		      const struct iommufd_model_site *site, int thread,
		      int step, bool after)
{
	struct text t = { 0 };

	if (!site)
		return;
	add(&t, "in ");
	add_site(&t, site);
	if (thread >= 0) {
		add(&t, ", ");
		add_whole(&t, "by %s", name_of(r, thread));
	}
	if (step >= 0) {
		add(&t, ", ");
		add_whole(&t, "%sstep %d", after ? "after " : "", step + 1);
	}
	put(r->to, label, LABEL, WIDTH, t.s);
}

static void put_head(const struct report *r, const char *test)
{
	const struct trace *trace = r->trace;
	struct text t = { 0 };

	add(&t, "%s: FAILED: %s", test ? test : "?",
	    iommufd_model_failure_name(trace->failure));
	put(r->to, "", 0, WIDTH, t.s);
	t = (struct text){ 0 };
	add(&t, SENTENCE, trace->text);
	if (t.len)
		put(r->to, "", 2, WIDTH, t.s);
	t = (struct text){ 0 };
	add(&t, NAME, trace->object);
	if (t.len)
		put(r->to, "  object", LABEL, WIDTH, t.s);
	put_place(r, "  allocated", trace->allocated,
		  r->made < 0 ? -1 : trace->steps[r->made].thread, r->made,
		  false);
	put_place(r, "  freed", trace->freed, trace->freed_by,
		  trace->freed_step, false);
	put_place(r, label_of_place(trace->failure), trace->at, trace->thread,
		  r->broken, r->broken >= 0 && !broke_inside(r));
}

/* The interleaving */

static int column(const struct report *r, int thread)
{
	if (thread < 0 || thread >= r->nr_columns)
		return MARGIN;
	return MARGIN + thread * r->stride;
}

static void choose_columns(struct report *r)
{
	int nr = r->nr_columns, i;

	r->cell = nr > 1 ? CELL : WIDTH - MARGIN;
	r->stride = CELL + GAP;
	if (nr > 4)
		r->stride = (WIDEST - MARGIN - CELL) / (nr - 1);
	for (i = 0; i < nr; i++) {
		snprintf(r->names[i], TRACE_NAME, NAME,
			 r->trace->threads[i].name);
		if (!r->names[i][0])
			snprintf(r->names[i], TRACE_NAME, "thread %c",
				 'a' + i);
	}
}

/* Names that are too long for their columns: a line for each. */
static void put_staircase(const struct report *r)
{
	int i, k;

	for (i = 0; i < r->nr_columns; i++) {
		fprintf(r->to, "%*s", MARGIN, "");
		for (k = 0; k < i; k++)
			fprintf(r->to, "|%*s", r->stride - 1, "");
		put(r->to, "", 0, WIDTH, r->names[i]);
	}
}

static void put_titles(const struct report *r)
{
	int i, k, width, nr = r->nr_columns;

	for (i = 0; i < nr; i++)
		if ((int)strlen(r->names[i]) > (i < nr - 1 ? r->stride - GAP :
							     r->cell)) {
			put_staircase(r);
			return;
		}
	fprintf(r->to, "step");
	for (i = 0, k = 4; i < nr; i++) {
		fprintf(r->to, "%*s", column(r, i) - k, "");
		put_clean(r->to, r->names[i], (int)strlen(r->names[i]));
		k = column(r, i) + (int)strlen(r->names[i]);
	}
	fprintf(r->to, "\n----");
	for (i = 0; i < nr; i++) {
		width = nr > 1 && i < nr - 1 ? r->stride - GAP : r->cell;
		fprintf(r->to, "  ");
		for (k = 0; k < width; k++)
			putc('-', r->to);
	}
	putc('\n', r->to);
}

/* A step on what no other thread touches, of no interest otherwise. */
static bool is_own(const struct report *r, int step)
{
	const struct trace_step *s = &r->trace->steps[step];

	switch (s->op.kind) {
	case IOMMUFD_MODEL_OP_WAIT_PREPARE:
	case IOMMUFD_MODEL_OP_WAIT_SLEEP:
	case IOMMUFD_MODEL_OP_WAIT_WAKE:
		return false;
	default:
		return !r->things[r->thing_of[step]].shared && s->done &&
		       !s->preempts && !s->timeout && !s->queued &&
		       step != r->nr - 1 && step != r->made &&
		       !(r->trace->freed && step == r->trace->freed_step);
	}
}

/* How many such steps of one thread begin here. */
static int own_run(const struct report *r, int step)
{
	const struct trace_step *steps = r->trace->steps;
	int i = step;

	if (!r->thing_of || r->trace->nr_steps <= SHORT)
		return 0;
	while (i < r->nr && steps[i].thread == steps[step].thread &&
	       is_own(r, i))
		i++;
	return i - step;
}

static void put_preemption(const struct report *r, int step)
{
	int left;

	if (!step || !r->trace->steps[step].preempts)
		return;
	left = column(r, r->trace->steps[step - 1].thread) + 2;
	put(r->to, "", left, left + r->cell, "-- preempted --");
}

/* What was wrong, below the step that broke, or below all columns. */
static void put_mark(const struct report *r, int left, int right)
{
	const struct trace *trace = r->trace;
	struct text t = { 0 };

	add(&t, "!! %s", iommufd_model_failure_name(trace->failure));
	if (trace->text[0])
		add(&t, ": " SENTENCE, trace->text);
	put(r->to, "", left, right, t.s);
}

static void put_carets(const struct report *r, int left, const char *s)
{
	int n = fit(s, r->cell);

	fprintf(r->to, "%*s", left, "");
	while (n-- > 0)
		putc('^', r->to);
	putc('\n', r->to);
}

/* The second line of a cell: where.  Not again if it is the same place. */
static void put_where(const struct report *r, int step, int left)
{
	const struct trace_step *s = &r->trace->steps[step];
	const struct iommufd_model_site *site = s->op.site;
	struct text t = { 0 };

	if (!site || (step && !s->preempts && s[-1].thread == s->thread &&
		      s[-1].op.site == site))
		return;
	add(&t, "%s ", site->func ? site->func : "?");
	add_whole(&t, "%s:%d", base_name(site->file), site->line);
	put(r->to, "", left + 2, left + r->cell, t.s);
}

static void put_step(struct report *r, int step)
{
	int thread = r->trace->steps[step].thread;
	int left = column(r, thread), right = left + r->cell;
	struct text t = { 0 };
	char number[16];

	put_preemption(r, step);
	snprintf(number, sizeof(number), "%4d", step + 1);
	if (thread < 0 || thread >= r->nr_columns) {
		add(&t, "outside of the threads: ");
		right = WIDTH;
	}
	add_step(&t, r, step);
	put(r->to, number, left, right, t.s);
	put_where(r, step, left);
	if (step == r->broken) {
		if (broke_inside(r))
			put_carets(r, left, t.s);
		put_mark(r, left, right);
	}
}

static void put_run(const struct report *r, int step, int n)
{
	int left = column(r, r->trace->steps[step].thread);
	char number[16], text[48];

	snprintf(number, sizeof(number), "%4d", step + 1);
	snprintf(text, sizeof(text), "(%d steps of its own)", n);
	put(r->to, number, left, left + r->cell, text);
}

static int nr_preemptions(const struct report *r)
{
	int i, n = 0;

	for (i = 0; i < r->nr; i++)
		n += r->trace->steps[i].preempts;
	return n;
}

static void put_interleaving(struct report *r)
{
	int i, n, all = r->trace->nr_steps, preemptions = nr_preemptions(r);

	if (all <= 0) {
		fprintf(r->to, "\nNo thread has taken a step.\n");
		return;
	}
	fprintf(r->to, "\nThe interleaving: %d step%s, %d preemption%s\n\n",
		all, all == 1 ? "" : "s", preemptions,
		preemptions == 1 ? "" : "s");
	put_titles(r);
	for (i = 0; i < r->nr; i += n) {
		n = own_run(r, i);
		if (n >= RUN) {
			put_run(r, i, n);
			continue;
		}
		put_step(r, i);
		n = 1;
	}
	if (all > r->nr)
		fprintf(r->to, "   .  %d more steps, of which there is no "
			"record\n", all - r->nr);
	if (r->broken < 0) {
		putc('\n', r->to);
		put_mark(r, 2, WIDTH);
	}
}

/* Who waits for whom */

static const struct trace_thread *thread_of(const struct report *r, int n)
{
	return n >= 0 && n < r->nr_columns ? &r->trace->threads[n] : NULL;
}

static bool is_blocked(const struct report *r, int n)
{
	const struct trace_thread *th = thread_of(r, n);

	return th && th->state == TRACE_BLOCKED;
}

/* Fills @cycle with threads of which each waits for the next; its length. */
static int find_cycle(const struct report *r, int *cycle)
{
	int i, k, n;

	for (i = 0; i < r->nr_columns; i++) {
		n = 0;
		for (k = i; is_blocked(r, k) && n < r->nr_columns;
		     k = r->trace->threads[k].blocker) {
			cycle[n++] = k;
			if (r->trace->threads[k].blocker == i)
				return n;
		}
	}
	return 0;
}

static void add_waited(struct text *t, struct report *r, int n)
{
	const struct trace_thread *th = &r->trace->threads[n];

	if (th->op.kind == IOMMUFD_MODEL_OP_JOIN)
		add(t, "the end of %s", name_of(r, th->blocker));
	else
		add_operand(t, r, &th->op, th->object);
}

/* "holds X, taken in ...": what the thread has that stops @waiter. */
static void add_taken(struct text *t, struct report *r,
		      const struct trace_thread *waiter)
{
	const struct iommufd_model_site *site = waiter->blocker_site;
	struct iommufd_model_op taken = waiter->op;

	if (site)
		taken.site = site;
	add(t, "holds ");
	add_operand(t, r, &taken, waiter->object);
	if (site) {
		add(t, ", taken in ");
		add_site(t, site);
	}
}

/* What @th has that @waiter, who comes before it in a cycle, needs. */
static void add_had(struct text *t, struct report *r, int waiter, int n)
{
	const struct trace_thread *w = &r->trace->threads[waiter];
	const struct trace_thread *th = &r->trace->threads[n];

	if (w->op.kind == IOMMUFD_MODEL_OP_JOIN) {
		add(t, "cannot end");
	} else if (!w->blocker_site && w->op.addr == th->op.addr) {
		add(t, "is before %s in the line for ", name_of(r, waiter));
		add_operand(t, r, &w->op, w->object);
	} else {
		add_taken(t, r, w);
	}
}

static void put_cycle(struct report *r, const int *cycle, int nr)
{
	int i;

	for (i = 0; i < nr; i++) {
		struct text t = { 0 };

		add(&t, "%s ", r->names[cycle[i]]);
		add_had(&t, r, cycle[(i + nr - 1) % nr], cycle[i]);
		add(&t, nr == 1 ? ", and waits for it" : ", and waits for ");
		if (nr > 1)
			add_waited(&t, r, cycle[i]);
		add(&t, i < nr - 1 ? ";" : ".");
		put(r->to, "", 2, WIDTH, t.s);
	}
}

/* No cycle: somebody ended with a lock, or sleeps. */
static void put_chain(struct report *r, int n)
{
	const struct trace_thread *th = &r->trace->threads[n], *by;
	struct text t = { 0 };

	by = thread_of(r, th->blocker);
	if (!is_blocked(r, n) || !by)
		return;
	add(&t, "%s waits for ", r->names[n]);
	add_waited(&t, r, n);
	if (th->op.kind != IOMMUFD_MODEL_OP_JOIN) {
		add(&t, "; %s ", r->names[th->blocker]);
		add_taken(&t, r, th);
	}
	if (by->state == TRACE_ENDED)
		add(&t, ", and has ended");
	add(&t, ".");
	put(r->to, "", 2, WIDTH, t.s);
}

static void put_deadlock(struct report *r)
{
	int cycle[IOMMUFD_MODEL_MAX_THREADS], nr, i;

	fprintf(r->to, "\nWho waits for whom:\n");
	nr = find_cycle(r, cycle);
	if (nr)
		put_cycle(r, cycle, nr);
	for (i = 0; !nr && i < r->nr_columns; i++)
		put_chain(r, i);
}

/* Wake-ups */

/* The queue as a call on it names it, one of @thread's own if there is one. */
static const char *queue_expr(const struct report *r, const void *queue,
			      int thread)
{
	const struct trace_step *s;
	const char *expr = NULL;
	int i;

	for (i = 0; i < r->nr; i++) {
		s = &r->trace->steps[i];
		if (s->op.addr != queue || !what_of(&s->op)[0] ||
		    s->op.kind == IOMMUFD_MODEL_OP_WAIT_SLEEP)
			continue;
		if (s->thread == thread)
			return what_of(&s->op);
		if (!expr)
			expr = what_of(&s->op);
	}
	return expr ? expr : "a wait queue";
}

static void add_queue(struct text *t, struct report *r, int thread,
		      const struct iommufd_model_op *op, const char *object)
{
	add(t, "%.*s", EXPR, queue_expr(r, op->addr, thread));
	add_whose(t, r, object, thing_at(r, op->addr));
}

/*
 * struct sleep - a sleep that nothing ended, or only its timeout
 * @slept_at, @last_wake: steps, -1: none
 */
struct sleep {
	int thread;
	const struct iommufd_model_op *op;
	const char *object;
	int slept_at, last_wake;
};

/* The sleep that timed out last. */
static bool find_timeout(const struct report *r, struct sleep *sleep)
{
	const struct trace_step *steps = r->trace->steps;
	int i = r->nr - 1;

	while (i >= 0 && !steps[i].timeout)
		i--;
	if (i < 0)
		return false;
	*sleep = (struct sleep){ .thread = steps[i].thread,
		.op = &steps[i].op, .object = steps[i].object,
		.slept_at = -1, .last_wake = -1 };
	while (--i >= 0) {
		if (steps[i].op.addr != sleep->op->addr)
			continue;
		if (steps[i].op.kind == IOMMUFD_MODEL_OP_WAIT_WAKE &&
		    sleep->last_wake < 0)
			sleep->last_wake = i;
		if (steps[i].op.kind == IOMMUFD_MODEL_OP_WAIT_PREPARE &&
		    steps[i].thread == sleep->thread && sleep->slept_at < 0)
			sleep->slept_at = i;
	}
	return true;
}

static void put_asleep(struct report *r, const struct sleep *sleep, bool woke)
{
	struct text t = { 0 };

	add(&t, "%s %s on ", name_of(r, sleep->thread),
	    woke ? "slept" : "sleeps");
	add_queue(&t, r, sleep->thread, sleep->op, sleep->object);
	if (what_of(sleep->op)[0])
		add(&t, " until %s", what_of(sleep->op));
	add(&t, ", in ");
	add_site(&t, sleep->op->site);
	add(&t, ".");
	if (sleep->slept_at >= 0)
		add(&t, "\nIt put itself on the queue in step %d.",
		    sleep->slept_at + 1);
	put(r->to, "", 2, WIDTH, t.s);
}

/* Why the last wake-up did not help. */
static void add_missed(struct text *t, const struct report *r,
		       const struct sleep *sleep)
{
	const struct trace_step *steps = r->trace->steps;
	const char *name = name_of(r, sleep->thread);
	int slept = sleep->slept_at, wake = sleep->last_wake;

	if (slept > wake)
		add(t, ", before %s was on the queue: it did not reach it.",
		    name);
	else if (slept >= 0 && slept < r->nr && wake < r->nr &&
		 steps[slept].op.kind == IOMMUFD_MODEL_OP_WAIT_PREPARE &&
		 steps[wake].op.arg == TASK_INTERRUPTIBLE &&
		 !(steps[slept].op.arg & TASK_INTERRUPTIBLE))
		add(t, ".  It wakes interruptible sleepers only, and %s sleeps "
		    "uninterruptibly: it did not reach it.", name);
	else
		add(t, ": it did not end the sleep of %s.", name);
}

static void put_last_wake(struct report *r, const struct sleep *sleep)
{
	int wake = sleep->last_wake;
	struct text t = { 0 };

	if (wake < 0) {
		put(r->to, "", 2, WIDTH, "No thread ever wakes that queue.");
		return;
	}
	add(&t, "The last wake-up of that queue was step %d", wake + 1);
	if (wake < r->nr) {
		const struct trace_step *s = &r->trace->steps[wake];

		add(&t, ", by %s in ", name_of(r, s->thread));
		add_site(&t, s->op.site);
	}
	add_missed(&t, r, sleep);
	put(r->to, "", 2, WIDTH, t.s);
}

static void put_needed(struct report *r, const struct sleep *sleep)
{
	struct text t = { 0 };

	add(&t, "Needed: a wake-up of ");
	add_queue(&t, r, sleep->thread, sleep->op, sleep->object);
	if (sleep->slept_at >= 0)
		add(&t, " after step %d", sleep->slept_at + 1);
	add(&t, "; no other thread could go on.");
	put(r->to, "", 2, WIDTH, t.s);
}

static void put_sleep(struct report *r, const struct sleep *sleep, bool woke)
{
	fprintf(r->to, "\nThe wake-up that did not come:\n");
	put_asleep(r, sleep, woke);
	put_last_wake(r, sleep);
	put_needed(r, sleep);
}

static void put_sleepers(struct report *r)
{
	const struct trace_thread *th;
	struct sleep sleep;
	int i;

	for (i = 0; i < r->nr_columns; i++) {
		th = &r->trace->threads[i];
		if (!is_blocked(r, i) ||
		    th->op.kind != IOMMUFD_MODEL_OP_WAIT_SLEEP)
			continue;
		sleep = (struct sleep){ i, &th->op, th->object, th->slept_at,
					th->last_wake };
		put_sleep(r, &sleep, false);
	}
}

static void put_why(struct report *r)
{
	struct sleep sleep;

	switch (r->trace->failure) {
	case IOMMUFD_MODEL_FAIL_DEADLOCK:
		put_deadlock(r);
		put_sleepers(r);
		break;
	case IOMMUFD_MODEL_FAIL_LOST_WAKEUP:
		put_sleepers(r);
		break;
	case IOMMUFD_MODEL_FAIL_TIMEOUT:
		if (find_timeout(r, &sleep))
			put_sleep(r, &sleep, true);
		break;
	default:
		break;
	}
}

/* The end */

static bool took_steps(const struct report *r, int thread)
{
	int i;

	for (i = 0; i < r->nr; i++)
		if (r->trace->steps[i].thread == thread)
			return true;
	return r->trace->nr_steps > r->nr;
}

static void add_blocked(struct text *t, struct report *r, int n)
{
	const struct trace_thread *th = &r->trace->threads[n];
	const struct iommufd_model_op *op = &th->op;

	if (op->kind == IOMMUFD_MODEL_OP_WAIT_SLEEP) {
		add(t, "sleeps on ");
		add_queue(t, r, n, op, th->object);
		if (what_of(op)[0])
			add(t, " until %s", what_of(op));
		if (op->arg > 0 && op->arg < MAX_SCHEDULE_TIMEOUT)
			add(t, ", for at most %ld ms", op->arg);
	} else if (op->kind == IOMMUFD_MODEL_OP_WAIT_ZERO) {
		add(t, "waits until ");
		add_operand(t, r, op, th->object);
		add(t, " is 0");
	} else {
		add(t, "waits for ");
		add_waited(t, r, n);
	}
	add(t, ", in ");
	add_site(t, op->site);
	/* A deadlock has been told already. */
	if (th->blocker_site && thread_of(r, th->blocker) &&
	    r->trace->failure != IOMMUFD_MODEL_FAIL_DEADLOCK) {
		add(t, "; %s took it in ", r->names[th->blocker]);
		add_site(t, th->blocker_site);
	}
}

static void add_state(struct text *t, struct report *r, int n)
{
	const struct trace_thread *th = &r->trace->threads[n];

	if (th->state == TRACE_ENDED) {
		add(t, "ended");
	} else if (r->broken >= 0 && n == r->trace->thread) {
		add(t, "failed %s step %d", broke_inside(r) ? "in" : "after",
		    r->broken + 1);
	} else if (th->state == TRACE_BLOCKED) {
		add_blocked(t, r, n);
	} else if (!th->op.site) {
		add(t, took_steps(r, n) ? "could go on" : "has not started");
	} else {
		add(t, "about to ");
		add_op(t, r, &th->op, th->object);
		add(t, ", in ");
		add_site(t, th->op.site);
	}
}

static void put_locks(struct report *r, const struct trace_thread *th, int left)
{
	const struct trace_lock *lock;
	char more[48];
	int i;

	for (i = 0; i < th->nr_locks && i < TRACE_LOCKS; i++) {
		struct text t = { 0 };

		lock = &th->locks[i];
		add(&t, "holds %.*s", EXPR, lock->site && lock->site->what ?
		    lock->site->what : "a lock");
		add_whose(&t, r, lock->object, -1);
		if (lock->read)
			add(&t, " for reading");
		add(&t, ", taken in ");
		add_site(&t, lock->site);
		put(r->to, "", left, WIDTH, t.s);
	}
	if (th->nr_locks <= TRACE_LOCKS)
		return;
	snprintf(more, sizeof(more), "holds %d more locks",
		 th->nr_locks - TRACE_LOCKS);
	put(r->to, "", left, WIDTH, more);
}

static void put_end(struct report *r)
{
	int i, len, left = 0;

	if (!r->trace->nr_threads)
		return;
	for (i = 0; i < r->nr_columns; i++) {
		len = (int)strlen(r->names[i]);
		left = len > left ? len : left;
	}
	left = left > 20 ? 24 : left + 4;
	fprintf(r->to, "\nAt the end:\n");
	for (i = 0; i < r->nr_columns; i++) {
		struct text prefix = { 0 }, t = { 0 };

		if (r->trace->threads[i].state == TRACE_UNUSED)
			continue;
		add(&prefix, "  %s", r->names[i]);
		add_state(&t, r, i);
		put(r->to, prefix.s, left, WIDTH, t.s);
		put_locks(r, &r->trace->threads[i], left);
	}
}

/* Lines that are not ours: not broken, but made clean. */
static void put_lines(FILE *to, const char *s, size_t size)
{
	size_t i = 0, n;
	int len;

	while (i < size && s[i]) {
		for (n = i; n < size && s[n] && s[n] != '\n'; n++)
			;
		len = (int)(n - i);
		while (len && is_blank(s[i + (size_t)len - 1]))
			len--;
		fprintf(to, "%s", len ? "  " : "");
		put_clean(to, s + i, len);
		putc('\n', to);
		i = n < size && s[n] == '\n' ? n + 1 : n;
	}
}

static void put_replay(const struct report *r, const char *schedule,
		       const char *command)
{
	if (schedule && schedule[0]) {
		fprintf(r->to, "\nThe schedule:\n");
		put_lines(r->to, schedule, strlen(schedule));
	}
	if (command && command[0]) {
		fprintf(r->to, "\nTo run it again:\n");
		put_lines(r->to, command, strlen(command));
	}
}

static int limit(int n, int low, int high)
{
	return n < low ? low : n > high ? high : n;
}

void explore_report(const struct trace *trace, const char *test,
		    const char *schedule, const char *command, FILE *to)
{
	struct report r = { .trace = trace, .to = to };

	r.nr = limit(trace->nr_steps, 0, limit(trace->room, 0, INT_MAX));
	r.nr_columns = limit(trace->nr_threads, 1, IOMMUFD_MODEL_MAX_THREADS);
	r.broken = find_broken(&r);
	r.made = find_made(&r);
	choose_columns(&r);
	find_things(&r);
	put_head(&r, test);
	put_interleaving(&r);
	put_why(&r);
	put_end(&r);
	if (trace->detail[0]) {
		fprintf(to, "\nDetails:\n");
		put_lines(to, trace->detail, sizeof(trace->detail));
	}
	put_replay(&r, schedule, command);
	free(r.thing_of);
	free(r.things);
}
