// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Making a film of a recording: its events are applied once more, one by one,
 * told in words and laid over the picture.  See film.h.
 */
#define _POSIX_C_SOURCE 200809L
#include "film.h"
#include "output.h"
#include <iommufd_model/explore.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/*
 * struct projector - what is remembered from event to event
 * @mark: of each thread the open one, counted from 1; 0: none
 * @depth: of each thread
 * @last: thread that could be preempted now; -1: none
 * @pass: that is open, counted from 1; of the context with serial @releasing
 * @gone: names of those destroyed in it, one a line, written to @to_gone
 */
struct projector {
	struct film *film;
	struct books *books;
	size_t *mark;
	int *depth;
	int last;
	size_t pass;
	unsigned int releasing, releaser;
	FILE *to_gone;
	char *gone;
	size_t nr_gone;
};

void *observe_film_grow(struct film *film, void **array, size_t *nr,
			size_t *room, size_t size)
{
	void *bigger;

	if (*nr == *room) {
		bigger = realloc(*array, (*room * 2 + 64) * size);
		if (!bigger) {
			film->failed = true;
			return NULL;
		}
		*array = bigger;
		*room = *room * 2 + 64;
	}
	return (char *)*array + (*nr)++ * size;
}

/* @room bytes more of text; false without memory. */
static bool make_room(struct film *film, size_t room)
{
	size_t bigger = film->room_text * 2 + room + 4096;
	char *text;

	if (film->room_text - film->nr_text >= room)
		return true;
	text = realloc(film->text, bigger);
	if (!text) {
		film->failed = true;
		return false;
	}
	film->text = text;
	film->room_text = bigger;
	return true;
}

size_t observe_film_text(struct film *film, const char *fmt, ...)
{
	size_t at = film->nr_text;
	va_list args;
	int len;

	va_start(args, fmt);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (len < 0 || !make_room(film, (size_t)len + 1))
		return 0;
	va_start(args, fmt);
	vsnprintf(film->text + at, (size_t)len + 1, fmt, args);
	va_end(args);
	film->nr_text += (size_t)len + 1;
	return at;
}

/* Marks */

static void end_mark(struct projector *p, unsigned int thread)
{
	if (p->mark[thread])
		p->film->marks[p->mark[thread] - 1].to =
			(unsigned int)p->film->nr_steps;
	p->mark[thread] = 0;
}

static void open_mark(struct projector *p, const struct event *event,
		      const char *text, unsigned int line)
{
	struct film *film = p->film;
	struct film_mark *mark;

	end_mark(p, event->thread);
	mark = film_add(film, marks);
	if (!mark)
		return;
	memset(mark, 0, sizeof(*mark));
	mark->from = (unsigned int)film->nr_steps;
	mark->to = mark->from;
	mark->thread = event->thread;
	mark->line = line;
	mark->text =
		observe_film_text(film, "%s", text ? text : "(no more room)");
	p->mark[event->thread] = film->nr_marks;
}

static void close_mark(struct projector *p, const struct event *event)
{
	struct film *film = p->film;
	struct film_mark *mark;

	if (!p->mark[event->thread])
		return;
	mark = &film->marks[p->mark[event->thread] - 1];
	if (event->name && event->before < 0 && !strchr(event->name, '='))
		mark->result = observe_film_text(film, "ret=-%s", event->name);
	else if (event->name)
		mark->result = observe_film_text(film, "%s", event->name);
	else
		mark->result = observe_film_text(film, "ret=%d", event->before);
	end_mark(p, event->thread);
}

/* Is it a mark, and nothing else? */
static bool take_mark(struct projector *p, const struct event *event)
{
	struct film_mark *mark;

	if (event->kind != EVENT_NOTE)
		return false;
	switch (event->op) {
	case IOMMUFD_MODEL_NOTE_STEP:
		open_mark(p, event, event->name, (unsigned int)event->before);
		return true;
	case IOMMUFD_MODEL_NOTE_STEP_END:
		close_mark(p, event);
		return true;
	case IOMMUFD_MODEL_NOTE_IOCTL:
		if (!p->mark[event->thread])
			open_mark(p, event,
				  observe_film_ioctl_name(event->before), 0);
		return true;
	case IOMMUFD_MODEL_NOTE_IOCTL_END:
		mark = p->mark[event->thread] ?
			&p->film->marks[p->mark[event->thread] - 1] : NULL;
		if (mark && !mark->line)
			close_mark(p, event);
		return true;
	default:
		return event->op > IOMMUFD_MODEL_NOTE_RELEASED;
	}
}

/* Passes */

/* What was written to the stream @to, which ends, as a text. */
static size_t close_list(struct film *film, FILE *to, char **list)
{
	size_t at;

	if (fclose(to) || !*list)
		film->failed = true;
	at = observe_film_text(film, "%s", *list ? *list : "");
	free(*list);
	*list = NULL;
	return at;
}

/* "viommu 4 (users 2)" of each object that is left, one a line. */
static size_t list_left(struct projector *p)
{
	char name[IOMMUFD_MODEL_NAME_LEN], *list = NULL;
	const struct thing *thing;
	size_t len;
	FILE *to = open_memstream(&list, &len);

	if (!to) {
		p->film->failed = true;
		return 0;
	}
	for (thing = p->books->first; thing; thing = thing->next)
		if (!thing->is_ctx && thing->ctx == p->releasing)
			fprintf(to, "%s (users %ld)\n",
				observe_books_name(thing, name),
				thing->value[IOMMUFD_MODEL_USERS]);
	return close_list(p->film, to, &list);
}

static void close_pass(struct projector *p)
{
	struct film_pass *pass;

	if (!p->pass)
		return;
	pass = &p->film->passes[p->pass - 1];
	pass->to = (unsigned int)p->film->nr_steps;
	pass->gone = close_list(p->film, p->to_gone, &p->gone);
	pass->left = list_left(p);
	p->pass = 0;
}

static void open_pass(struct projector *p, const struct event *event)
{
	const struct thing *ctx = observe_books_find(p->books, event->thing);
	char name[IOMMUFD_MODEL_NAME_LEN] = "ctx";
	struct film_pass *pass;

	close_pass(p);
	p->to_gone = open_memstream(&p->gone, &p->nr_gone);
	if (!p->to_gone) {
		p->film->failed = true;
		return;
	}
	pass = film_add(p->film, passes);
	if (!pass) {
		close_list(p->film, p->to_gone, &p->gone);
		return;
	}
	if (ctx)
		observe_books_name(ctx, name);
	pass->from = (unsigned int)p->film->nr_steps;
	pass->to = pass->from;
	pass->number = (unsigned int)event->before;
	pass->ctx = observe_film_text(p->film, "%s", name);
	pass->gone = 0;
	pass->left = 0;
	p->pass = p->film->nr_passes;
	p->releasing = event->thing;
	p->releaser = event->thread;
}

static void note_gone(struct projector *p, const struct event *event)
{
	const struct thing *thing = observe_books_find(p->books, event->thing);
	char name[IOMMUFD_MODEL_NAME_LEN];

	if (p->pass && event->thread == p->releaser && thing)
		fprintf(p->to_gone, "%s\n", observe_books_name(thing, name));
}

/* Depth and passes before an event is told, and after it. */
static void before_note(struct projector *p, const struct event *event)
{
	int *depth = &p->depth[event->thread];

	switch (event->op) {
	case IOMMUFD_MODEL_NOTE_PASS:
		*depth = 1;
		open_pass(p, event);
		break;
	case IOMMUFD_MODEL_NOTE_RELEASED:
		if (p->releasing == event->thing)
			close_pass(p);
		*depth = 0;
		break;
	case IOMMUFD_MODEL_NOTE_DESTROYED:
	case IOMMUFD_MODEL_NOTE_ABORTED:
		note_gone(p, event);
		*depth -= *depth > 0;
		break;
	}
}

static void after_note(struct projector *p, const struct event *event)
{
	if (event->op == IOMMUFD_MODEL_NOTE_DESTROY ||
	    event->op == IOMMUFD_MODEL_NOTE_ABORT)
		p->depth[event->thread]++;
}

/* Who is told of, and what could it have done next */

static bool takes_lock(const struct event *event)
{
	return event->op == IOMMUFD_MODEL_OP_MUTEX_LOCK ||
	       event->op == IOMMUFD_MODEL_OP_RWSEM_DOWN_READ ||
	       event->op == IOMMUFD_MODEL_OP_RWSEM_DOWN_WRITE ||
	       event->op == IOMMUFD_MODEL_OP_SPIN_LOCK;
}

static const struct held *in_the_way(const struct books *books,
				     const struct event *event)
{
	bool reads = event->op == IOMMUFD_MODEL_OP_RWSEM_DOWN_READ;
	const struct held *held;

	if (event->kind == EVENT_NOTE || !takes_lock(event))
		return NULL;
	for (held = books->held; held; held = held->next)
		if (held->addr == event->addr && !(held->read && reads))
			return held;
	return NULL;
}

static bool is_wait(const struct event *event)
{
	return event->kind != EVENT_NOTE &&
	       (event->op == IOMMUFD_MODEL_OP_WAIT_SLEEP ||
		event->op == IOMMUFD_MODEL_OP_WAIT_ZERO ||
		event->op == IOMMUFD_MODEL_OP_JOIN);
}

/* The thread that the explorer says failed; -1: none in particular. */
int observe_film_failed_thread(const struct film *film)
{
	const struct iommufd_model_explore_result *result = film->about->result;
	const struct recorded *shared = film->recording->shared;
	unsigned int i;

	if (!result || !result->failure || result->thread < 0)
		return -1;
	for (i = 0; i < RECORDED_THREADS && i < film->nr_threads; i++)
		if (shared->threads[i].name_given &&
		    shared->threads[i].number == result->thread)
			return (int)i;
	return -1;
}

/* Could @thread have gone on at event @number? */
static bool could_go_on(const struct projector *p, unsigned int thread,
			unsigned long number)
{
	const struct iommufd_model_recording *r = p->film->recording;
	const struct event *event;

	for (; number < observe_recording_end(r); number++) {
		event = observe_recording_event(r, number);
		if (event->thread == thread)
			return !is_wait(event) && !in_the_way(p->books, event);
	}
	if (thread >= RECORDED_THREADS)
		return false;
	event = &r->shared->threads[thread].next;
	/* It went on, and broke before it came to an operation. */
	if (!event->site)
		return observe_film_failed_thread(p->film) == (int)thread;
	return !is_wait(event) && !in_the_way(p->books, event);
}

static void show_books(struct projector *p)
{
	struct iommufd_model_graph *graph;

	graph = observe_books_graph(p->books, observe_recording_thread_name,
				    (void *)(uintptr_t)p->film->recording);
	if (!graph) {
		p->film->failed = true;
		return;
	}
	observe_film_show(p->film, graph);
	iommufd_model_graph_free(graph);
}

/* What the explorer calls between two steps is nobody's. */
static void find_preempted(struct projector *p, struct film_step *step,
			   unsigned long number)
{
	if (p->film->about->result && !step->thread)
		return;
	if (p->last >= 0 && (unsigned int)p->last != step->thread) {
		step->preempted = (unsigned int)p->last;
		step->preempts = could_go_on(p, step->preempted, number);
	}
	p->last = (int)step->thread;
}

static void add_step(struct projector *p, const struct event *event,
		     unsigned long number)
{
	struct film *film = p->film;
	struct film_step step, *added;

	memset(&step, 0, sizeof(step));
	if (event->kind == EVENT_NOTE)
		before_note(p, event);
	if (!observe_film_tell(film, p->books, event, &step)) {
		observe_books_apply(p->books, event);
		return;
	}
	step.depth = p->depth[event->thread];
	step.first_change = film->nr_changes;
	find_preempted(p, &step, number);
	observe_books_apply(p->books, event);
	if (event->kind != EVENT_NONE)
		show_books(p);
	step.nr_changes = film->nr_changes - step.first_change;
	added = film_add(film, steps);
	if (added)
		*added = step;
	if (event->kind == EVENT_NOTE)
		after_note(p, event);
}

/* What the ring had forgotten, in one step. */
static void add_beginning(struct projector *p)
{
	unsigned long lost = observe_recording_first(p->film->recording);
	struct film *film = p->film;
	struct film_step *step;

	if (!lost && !p->books->first)
		return;
	show_books(p);
	step = film_add(film, steps);
	if (!step)
		return;
	memset(step, 0, sizeof(*step));
	step->kind = STEP_NOTE;
	step->nr_changes = film->nr_changes;
	step->text = lost ? observe_film_text(
				    film, "%lu events before, not kept", lost) :
			    observe_film_text(film, "the recording begins");
}

static bool broke_in_main(const struct iommufd_model_explore_result *result)
{
	return result && result->thread < 0 &&
	       (result->failure == IOMMUFD_MODEL_FAIL_ASSERTION ||
		result->failure == IOMMUFD_MODEL_FAIL_CRASH ||
		result->failure == IOMMUFD_MODEL_FAIL_DEADLOCK);
}

/* Where a thread stands that was about to do nothing. */
static const char *resting_state(const struct film *film, unsigned int thread)
{
	const struct recorded *shared = film->recording->shared;

	if (observe_film_failed_thread(film) == (int)thread)
		return "failed";
	if (thread < RECORDED_THREADS && shared->threads[thread].ended)
		return "ended";
	if (thread)
		return "between two operations";
	/* Setup or what comes after, if it is not about what is left over. */
	return broke_in_main(film->about->result) ? "failed" : "";
}

/* Whether a reader waits for one who waits to write: its number, or -1. */
static int queued_writer(const struct film *film, const struct event *next)
{
	const struct recorded_thread *t = film->recording->shared->threads;
	unsigned int i;

	if (next->op != IOMMUFD_MODEL_OP_RWSEM_DOWN_READ)
		return -1;
	for (i = 0; i < RECORDED_THREADS; i++)
		if (t[i].next.site && t[i].next.addr == next->addr &&
		    t[i].next.op == IOMMUFD_MODEL_OP_RWSEM_DOWN_WRITE)
			return (int)i;
	return -1;
}

static size_t waiting_state(struct film *film, const struct books *books,
			    const struct event *next, size_t words)
{
	void *r = (void *)(uintptr_t)film->recording;
	char name[IOMMUFD_MODEL_NAME_LEN], lock[IOMMUFD_MODEL_NAME_LEN];
	const struct held *held = in_the_way(books, next);
	int writer = queued_writer(film, next);
	char copy[200];

	if (held) {
		observe_books_lock_name(books, held, lock);
		observe_recording_thread_name(held->thread, name, r);
		return observe_film_text(film, "waits for %s, held by %s",
					 lock, held->thread == next->thread ?
							"itself" : name);
	}
	/* A copy: the text moves as it grows. */
	snprintf(copy, sizeof(copy), "%s", film->text + words);
	if (writer < 0)
		return observe_film_text(
			film, is_wait(next) ? "in: %s" : "next: %s", copy);
	observe_recording_thread_name((unsigned int)writer, name, r);
	return observe_film_text(film, "next: %s, behind %s, which waits to write",
				 copy, name);
}

static void add_end(struct projector *p, unsigned int thread)
{
	const struct recorded *shared = p->film->recording->shared;
	struct film_end *end = &p->film->ends[thread];
	const struct event *next = thread < RECORDED_THREADS ?
			&shared->threads[thread].next : NULL;

	if (!next || !next->site) {
		end->state = observe_film_text(p->film, "%s",
					       resting_state(p->film, thread));
		return;
	}
	end->next = observe_film_tell_next(p->film, p->books, next);
	end->site = next->site;
	end->state = waiting_state(p->film, p->books, next, end->next);
}

static void project(struct projector *p)
{
	const struct iommufd_model_recording *r = p->film->recording;
	const struct event *event;
	unsigned long i;
	size_t m;

	add_beginning(p);
	for (i = observe_recording_first(r);
	     i < observe_recording_end(r) && !p->film->failed; i++) {
		event = observe_recording_event(r, i);
		if (!take_mark(p, event))
			add_step(p, event, i);
	}
	close_pass(p);
	for (m = 0; m < p->film->nr_threads && !p->film->failed; m++) {
		end_mark(p, (unsigned int)m);
		add_end(p, (unsigned int)m);
	}
	p->film->failed |= p->books->cut;
}

static unsigned int count_threads(const struct iommufd_model_recording *r)
{
	unsigned int i, most = 1;
	unsigned long n;

	for (n = observe_recording_first(r); n < observe_recording_end(r); n++)
		if (observe_recording_event(r, n)->thread >= most)
			most = observe_recording_event(r, n)->thread + 1u;
	for (i = most; i < RECORDED_THREADS; i++)
		if (r->shared->threads[i].next.site ||
		    r->shared->threads[i].name_given)
			most = i + 1;
	return most;
}

int observe_film_make(struct film *film)
{
	struct projector p = { .film = film, .last = -1 };
	int rc = -ENOMEM;

	film->nr_threads = count_threads(film->recording);
	p.books = observe_recording_books(film->recording);
	p.mark = calloc(film->nr_threads, sizeof(*p.mark));
	p.depth = calloc(film->nr_threads, sizeof(*p.depth));
	film->ends = calloc(film->nr_threads, sizeof(*film->ends));
	/* Offset 0 is the empty text. */
	observe_film_text(film, "%s", "");
	if (p.books && p.mark && p.depth && film->ends) {
		project(&p);
		rc = film->failed ? -ENOMEM : observe_film_lay_out(film);
	}
	observe_books_free(p.books);
	free(p.mark);
	free(p.depth);
	return rc;
}

void observe_film_free(struct film *film)
{
	size_t i;

	for (i = 0; i < film->nr_links; i++)
		free(film->links[i].path.points);
	free(film->ends);
	free(film->steps);
	free(film->changes);
	free(film->places);
	free(film->links);
	free(film->locks);
	free(film->marks);
	free(film->passes);
	free(film->text);
}

int iommufd_model_film_write(struct iommufd_model_recording *recording,
			     enum iommufd_model_film_format format,
			     const struct iommufd_model_film *about, FILE *to)
{
	static const struct iommufd_model_film nothing;
	struct film film = {
		.recording = recording, .about = about ? about : &nothing,
	};
	int rc = observe_film_make(&film);

	if (!rc && format == IOMMUFD_MODEL_FILM_HTML)
		rc = observe_film_write_html(&film, to);
	else if (!rc && format == IOMMUFD_MODEL_FILM_TRACE)
		rc = observe_film_write_trace(&film, to);
	else if (!rc && format == IOMMUFD_MODEL_FILM_JSON)
		rc = observe_film_write_json(&film, to);
	else if (!rc)
		rc = observe_film_write_text(&film, to);
	observe_film_free(&film);
	return rc;
}

int iommufd_model_film_save(struct iommufd_model_recording *recording,
			    enum iommufd_model_film_format format,
			    const struct iommufd_model_film *about,
			    const char *path)
{
	struct output output;
	int rc = observe_output_open(&output, path);

	if (rc)
		return rc;
	rc = iommufd_model_film_write(recording, format, about, output.to);
	return observe_output_close(&output, rc);
}
