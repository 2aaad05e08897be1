// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Making a timeline of a record: each of its operations is applied to a ledger
 * again and described in words, and the picture is updated.  timeline.h
 * describes the result.
 */
#include "timeline.h"
#include "wording.h"
#include <iommufd_model/explore.h>
#include <stdlib.h>
#include <string.h>

/*
 * struct walk - the state that is kept from one operation to the next
 * @mark: for each thread, the number of its open mark, from 1; 0 if there is
 *	none
 * @depth: for each thread, the number of destroys and passes that it is inside
 *	of
 * @last: the thread that did the last step of the schedule
 * @pass: the number of the open pass, from 1, in the release of the context
 *	with serial @releasing
 */
struct walk {
	struct timeline *timeline;
	struct ledger *ledger;
	size_t *mark;
	int *depth;
	unsigned int last;
	size_t pass;
	unsigned int releasing, releaser;
};

static char *copy(const char *s)
{
	char *new = render_realloc(NULL, strlen(s) + 1);

	return strcpy(new, s);
}

/* The functions below handle marks. */

static void end_mark(struct walk *w, unsigned int thread)
{
	if (w->mark[thread])
		w->timeline->marks[w->mark[thread] - 1].to =
			(unsigned int)w->timeline->nr_steps;
	w->mark[thread] = 0;
}

static void open_mark(struct walk *w, const struct record_op *op,
		      const char *text, long line)
{
	struct timeline_mark *mark;

	end_mark(w, op->thread);
	mark = timeline_add(w->timeline, marks);
	mark->from = mark->to = (unsigned int)w->timeline->nr_steps;
	mark->thread = op->thread;
	mark->line = line;
	mark->file = line && op->site && op->site->line == line ?
			     describe_file(op->site) : NULL;
	mark->text = copy(text ? text : "(no more room)");
	w->mark[op->thread] = w->timeline->nr_marks;
}

static void close_mark(struct walk *w, const struct record_op *op)
{
	struct text result = { 0 };

	if (!w->mark[op->thread])
		return;
	if (op->label && op->before < 0 && !strchr(op->label, '='))
		describe_add(&result, "ret=-%s", op->label);
	else if (op->label)
		describe_add(&result, "%s", op->label);
	else
		describe_add(&result, "ret=%ld", op->before);
	w->timeline->marks[w->mark[op->thread] - 1].result = copy(result.s);
	end_mark(w, op->thread);
}

/*
 * Handle @op if it begins or ends a mark and does nothing else; returns true if
 * so.
 */
static bool take_mark(struct walk *w, const struct record_op *op)
{
	size_t open = w->mark[op->thread];

	if (op->kind != IOMMUFD_MODEL_OP_NOTE)
		return false;
	switch (op->arg) {
	case IOMMUFD_MODEL_NOTE_STEP:
		open_mark(w, op, op->label, op->before);
		return true;
	case IOMMUFD_MODEL_NOTE_STEP_END:
		close_mark(w, op);
		return true;
	case IOMMUFD_MODEL_NOTE_IOCTL:
		if (!open)
			open_mark(w, op, wording_ioctl(op->before), 0);
		return true;
	case IOMMUFD_MODEL_NOTE_IOCTL_END:
		if (open && !w->timeline->marks[open - 1].line)
			close_mark(w, op);
		return true;
	default:
		return false;
	}
}

/* The functions below handle passes of a release. */

static void close_pass(struct walk *w)
{
	char name[IOMMUFD_MODEL_NAME_LEN];
	const struct object *object;
	struct timeline_pass *pass;
	struct text left;

	if (!w->pass)
		return;
	pass = &w->timeline->passes[w->pass - 1];
	for (object = w->ledger->first; object; object = object->next) {
		if (object->is_ctx || object->ctx != w->releasing)
			continue;
		left = (struct text){ 0 };
		describe_add(&left, "%s (users %ld)",
			 observe_object_name(object, name),
			 object->value[IOMMUFD_MODEL_USERS]);
		json_array_append_new(pass->left, render_string(left.s));
	}
	pass->to = (unsigned int)w->timeline->nr_steps;
	w->pass = 0;
}

static void open_pass(struct walk *w, const struct record_op *op)
{
	char name[IOMMUFD_MODEL_NAME_LEN];
	struct timeline_pass *pass;

	close_pass(w);
	pass = timeline_add(w->timeline, passes);
	pass->from = (unsigned int)w->timeline->nr_steps;
	pass->number = op->before;
	pass->ctx = copy(wording_object(w->ledger, op, name));
	pass->gone = json_array();
	pass->when = json_array();
	pass->left = json_array();
	w->pass = w->timeline->nr_passes;
	w->releasing = op->object;
	w->releaser = op->thread;
}

/* Add what the next step frees to the open pass. */
static void add_gone(struct walk *w, const struct record_op *op)
{
	struct timeline_pass *pass = &w->timeline->passes[w->pass - 1];
	char name[IOMMUFD_MODEL_NAME_LEN];

	json_array_append_new(pass->gone, render_string(
		wording_object(w->ledger, op, name)));
	json_array_append_new(pass->when, json_integer(
		(json_int_t)w->timeline->nr_steps + 1));
}

/* Update depth and passes before a note is told; after_note() does the rest. */
static void before_note(struct walk *w, const struct record_op *op)
{
	int *depth = &w->depth[op->thread];

	switch (op->arg) {
	case IOMMUFD_MODEL_NOTE_PASS:
		*depth = 1;
		open_pass(w, op);
		break;
	case IOMMUFD_MODEL_NOTE_RELEASED:
		if (w->releasing == op->object)
			close_pass(w);
		*depth = 0;
		break;
	case IOMMUFD_MODEL_NOTE_DESTROYED:
	case IOMMUFD_MODEL_NOTE_ABORTED:
		if (w->pass && op->thread == w->releaser)
			add_gone(w, op);
		*depth -= *depth > 0;
		break;
	}
}

static void after_note(struct walk *w, const struct record_op *op)
{
	if (op->arg == IOMMUFD_MODEL_NOTE_DESTROY ||
	    op->arg == IOMMUFD_MODEL_NOTE_ABORT)
		w->depth[op->thread]++;
}

/* The functions below add steps. */

static enum timeline_step_kind kind_of(const struct record_op *op)
{
	if (op->kind == IOMMUFD_MODEL_OP_NOTE)
		return STEP_NOTE;
	if (op->kind <= IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE ||
	    iommufd_model_op_is_atomic((enum iommufd_model_op_kind)op->kind))
		return STEP_COUNT;
	if (op->kind <= IOMMUFD_MODEL_OP_LOCK_INIT)
		return STEP_LOCK;
	if (op->kind <= IOMMUFD_MODEL_OP_WAIT_ZERO)
		return STEP_WAIT;
	switch (op->kind) {
	case IOMMUFD_MODEL_OP_ALLOC:
	case IOMMUFD_MODEL_OP_FREE:
		return STEP_MEMORY;
	case IOMMUFD_MODEL_OP_COPY_FROM_USER:
	case IOMMUFD_MODEL_OP_COPY_TO_USER:
	case IOMMUFD_MODEL_OP_PIN_PAGE:
	case IOMMUFD_MODEL_OP_UNPIN_PAGE:
		return STEP_USER;
	default:
		return STEP_OTHER;
	}
}

static void show_ledger(struct walk *w)
{
	struct iommufd_model_graph *graph =
		observe_snapshot(w->ledger, w->timeline->record);

	if (!graph)
		render_out_of_memory();
	timeline_show(w->timeline, graph);
	iommufd_model_graph_free(graph);
}

static void add_step(struct walk *w, const struct record_op *op)
{
	struct timeline *t = w->timeline;
	struct text text = { 0 }, more = { 0 };
	struct timeline_step *step;

	if (op->kind == IOMMUFD_MODEL_OP_NOTE)
		before_note(w, op);
	if (!wording_op(w->ledger, t->record, op, &text, &more)) {
		observe_ledger_apply(w->ledger, op);
		return;
	}
	step = timeline_add(t, steps);
	step->site = op->site;
	step->text = copy(text.s);
	step->more = copy(more.s);
	step->thread = op->thread;
	step->kind = kind_of(op);
	step->depth = w->depth[op->thread];
	step->preempts = op->preempts;
	step->preempted = w->last;
	step->first_change = t->nr_changes;
	step->busy = observe_ledger_change(op) == LEDGER_BUSY ?
			     timeline_node_of(t, op->object) : -1;
	if (op->step)
		w->last = op->thread;
	observe_ledger_apply(w->ledger, op);
	if (observe_ledger_change(op) != LEDGER_NOTHING)
		show_ledger(w);
	step->nr_changes = t->nr_changes - step->first_change;
	if (op->kind == IOMMUFD_MODEL_OP_NOTE)
		after_note(w, op);
}

/*
 * Add a row for one of two accesses that race: it is no operation, but gets a
 * row like one.
 */
static void add_access(struct walk *w, int thread, const char *text,
		       const struct iommufd_model_site *site)
{
	struct timeline *t = w->timeline;
	struct timeline_step *step;

	if (thread < 0 || (unsigned int)thread >= t->nr_threads)
		return;
	step = timeline_add(t, steps);
	step->site = site;
	step->text = copy(text);
	step->more = copy("");
	step->thread = (unsigned int)thread;
	step->kind = STEP_MEMORY;
	step->depth = w->depth[thread];
	step->preempts = false;
	step->preempted = w->last;
	step->first_change = t->nr_changes;
	step->nr_changes = 0;
	step->busy = -1;
}

static void add_first_access(struct walk *w)
{
	const struct iommufd_model_record *record = w->timeline->record;

	add_access(w, record->other_by, "the first of the two accesses",
		   record->other);
}

static void add_second_access(struct walk *w)
{
	const struct iommufd_model_record *record = w->timeline->record;

	add_access(w, record->thread, "the second of the two accesses",
		   record->at);
}

/* The functions below describe the end of the execution. */

static bool is_lock(unsigned int kind)
{
	return kind == IOMMUFD_MODEL_OP_MUTEX_LOCK ||
	       kind == IOMMUFD_MODEL_OP_RWSEM_DOWN_READ ||
	       kind == IOMMUFD_MODEL_OP_RWSEM_DOWN_WRITE ||
	       kind == IOMMUFD_MODEL_OP_SPIN_LOCK ||
	       kind == IOMMUFD_MODEL_OP_READ_LOCK ||
	       kind == IOMMUFD_MODEL_OP_WRITE_LOCK;
}

static bool main_failed(const struct iommufd_model_record *record)
{
	return !record->thread &&
	       (record->failure == IOMMUFD_MODEL_FAIL_ASSERTION ||
		record->failure == IOMMUFD_MODEL_FAIL_CRASH ||
		record->failure == IOMMUFD_MODEL_FAIL_DEADLOCK);
}

/*
 * Describe what @thread was doing at the end; @next is its next operation in
 * words.
 */
static void end_state(const struct walk *w, unsigned int thread,
		      const char *next, struct text *state)
{
	const struct iommufd_model_record *record = w->timeline->record;
	const struct record_thread *t = &record->threads[thread];
	char lock[IOMMUFD_MODEL_NAME_LEN];
	bool queue = t->blocker >= 0 && !t->blocker_site &&
		     t->next.kind == IOMMUFD_MODEL_OP_RWSEM_DOWN_READ;

	if (!thread)
		describe_add(state, main_failed(record) ? "failed" : "");
	else if (t->state == RECORD_ENDED)
		describe_add(state, "ended");
	else if (record->failure && record->thread == (int)thread &&
		 t->state != RECORD_BLOCKED)
		describe_add(state, "failed");
	else if (!*next)
		describe_add(state, "between two operations");
	else if (is_lock(t->next.kind) && t->blocker >= 0 && !queue)
		describe_add(state, "waits for %s, held by %s",
			 observe_lock_name(w->ledger, t->next.site,
					   t->next.object, t->next.label,
					   t->next.id, lock),
			 t->blocker == (int)thread ? "itself" :
				describe_thread(record, t->blocker));
	else if (queue)
		describe_add(state, "next: %s, behind %s, which waits to write",
			 next, describe_thread(record, t->blocker));
	else
		describe_add(state, t->state == RECORD_BLOCKED ? "in: %s" :
							     "next: %s", next);
}

static void add_end(struct walk *w, unsigned int thread)
{
	const struct iommufd_model_record *record = w->timeline->record;
	struct timeline_end *end = &w->timeline->ends[thread];
	struct text next = { 0 }, more = { 0 }, state = { 0 };
	struct record_op op;

	if (thread < RECORD_THREADS) {
		op = record->threads[thread].next;
		op.counter = 0;
		op.done = false;
		if (op.site && op.kind < IOMMUFD_MODEL_OP_AFTER) {
			wording_op(w->ledger, record, &op, &next, &more);
			end->site = op.site;
		}
		end_state(w, thread, next.s, &state);
	}
	end->next = copy(next.s);
	end->state = copy(state.s);
}

static unsigned int count_threads(const struct iommufd_model_record *record)
{
	unsigned int most = (unsigned int)record->nr_threads;
	unsigned long i;

	for (i = 0; i < record_length(record); i++)
		if (record->ops[i].thread >= most)
			most = record->ops[i].thread + 1u;
	return most ? most : 1;
}

void timeline_make(struct timeline *t)
{
	struct walk w = { .timeline = t, .ledger = observe_ledger_create() };
	const struct record_op *op;
	bool race = t->record->other, first = race;
	unsigned int i;
	unsigned long n;

	if (!w.ledger)
		render_out_of_memory();
	t->nr_threads = count_threads(t->record);
	w.mark = calloc(t->nr_threads, sizeof(*w.mark));
	w.depth = calloc(t->nr_threads, sizeof(*w.depth));
	t->ends = calloc(t->nr_threads, sizeof(*t->ends));
	if (!w.mark || !w.depth || !t->ends)
		render_out_of_memory();
	for (n = 0; n < record_length(t->record); n++) {
		op = &t->record->ops[n];
		if (first && op->step > t->record->other_step) {
			add_first_access(&w);
			first = false;
		}
		if (op->done && !take_mark(&w, op))
			add_step(&w, op);
	}
	if (first)
		add_first_access(&w);
	if (race)
		add_second_access(&w);
	close_pass(&w);
	for (i = 0; i < t->nr_threads; i++) {
		end_mark(&w, i);
		add_end(&w, i);
	}
	timeline_lay_out(t);
	observe_ledger_free(w.ledger);
	free(w.mark);
	free(w.depth);
}

void timeline_free(struct timeline *t)
{
	size_t i;

	for (i = 0; i < t->nr_steps; i++) {
		free(t->steps[i].text);
		free(t->steps[i].more);
	}
	for (i = 0; i < t->nr_marks; i++) {
		free(t->marks[i].text);
		free(t->marks[i].result);
	}
	for (i = 0; i < t->nr_passes; i++) {
		free(t->passes[i].ctx);
		json_decref(t->passes[i].gone);
		json_decref(t->passes[i].when);
		json_decref(t->passes[i].left);
	}
	for (i = 0; i < t->nr_threads; i++) {
		free(t->ends[i].next);
		free(t->ends[i].state);
	}
	for (i = 0; i < t->nr_edges; i++)
		free(t->edges[i].path.points);
	free(t->ends);
	free(t->steps);
	free(t->changes);
	free(t->nodes);
	free(t->edges);
	free(t->locks);
	free(t->marks);
	free(t->passes);
}
