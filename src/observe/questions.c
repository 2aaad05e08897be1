// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What can be asked of the books of the present, and of those of a recording.
 */
#include "observer.h"
#include "write.h"
#include <stdlib.h>
#include <string.h>

#define MAX_PATH 32

/* Holders */

static const char *unit_holder(const struct thing *thing,
			       const struct unit *unit, char *buf)
{
	const char *name = observe_books_holder(observe_state.books, thing,
						unit->kind, unit->holder,
						unit->file, buf);

	if (name)
		return name;
	snprintf(buf, IOMMUFD_MODEL_NAME_LEN, "a thread, in %.24s",
		 unit->site->func);
	return buf;
}

static int tell_units(const struct thing *thing,
		      enum iommufd_model_counter counter,
		      iommufd_model_event_fn fn, void *data)
{
	char object[IOMMUFD_MODEL_NAME_LEN], holder[IOMMUFD_MODEL_NAME_LEN];
	struct iommufd_model_event event = {
		.kind = IOMMUFD_MODEL_EVENT_TAKE,
		.addr = thing->addr,
		.object = observe_books_name(thing, object),
		.counter = observe_graph_counter(counter),
	};
	const struct unit *unit;
	int n = 0;

	for (unit = thing->units[counter]; unit; unit = unit->next, n++) {
		event.holder = unit_holder(thing, unit, holder);
		event.by_thread = unit->kind == BY_THREAD;
		event.site = unit->site;
		if (fn)
			fn(&event, data);
	}
	return n;
}

int iommufd_model_holders(const void *addr, iommufd_model_event_fn fn,
			  void *data)
{
	const struct thing *thing;
	int n = -ENOENT;

	pthread_mutex_lock(&observe_state.mutex);
	thing = observe_state.books ?
			observe_books_at(observe_state.books, addr) :
			NULL;
	if (thing && thing->is_ctx)
		n = tell_units(thing, IOMMUFD_MODEL_REFERENCES, fn, data);
	else if (thing)
		n = tell_units(thing, IOMMUFD_MODEL_USERS, fn, data) +
		    tell_units(thing, IOMMUFD_MODEL_WAIT_CNT, fn, data);
	pthread_mutex_unlock(&observe_state.mutex);
	return n;
}

/* Do the books say what the counter does? */
static bool adds_up(const struct thing *thing,
		    enum iommufd_model_counter counter, const refcount_t *r)
{
	int is = __atomic_load_n(&r->refs, __ATOMIC_RELAXED);
	const struct unit *unit;
	int n = 0;

	for (unit = thing->units[counter]; unit; unit = unit->next)
		n++;
	return n == is && thing->value[counter] == is;
}

unsigned int iommufd_model_unbalanced(void)
{
	const struct iommufd_object *obj;
	const struct thing *thing;
	unsigned int wrong = 0;

	pthread_mutex_lock(&observe_state.mutex);
	thing = observe_state.books ? observe_state.books->first : NULL;
	for (; thing; thing = thing->next) {
		if (thing->is_ctx) {
			const struct iommufd_ctx *ictx = thing->addr;

			wrong += !adds_up(thing, IOMMUFD_MODEL_REFERENCES,
					  &ictx->file->f_count);
			continue;
		}
		obj = thing->addr;
		wrong += !adds_up(thing, IOMMUFD_MODEL_USERS, &obj->users) +
			 !adds_up(thing, IOMMUFD_MODEL_WAIT_CNT,
				  &obj->wait_cnt);
	}
	pthread_mutex_unlock(&observe_state.mutex);
	return wrong;
}

/* Fate */

static const struct thing *holding_thing(const struct unit *unit)
{
	return unit->kind == BY_THING ?
		       observe_books_find(observe_state.books, unit->holder) :
		       NULL;
}

/*
 * Can @thing be destroyed before the release of its context?  Its descriptor
 * is closed, so nobody destroys it by id: only a thread that has a unit of it
 * may, or an object that has one and can itself be destroyed.  All holders that
 * are objects must be.  If not, the way to the object that stays is written to
 * @path, the last one first.
 */
static bool can_go(const struct thing *thing, const struct thing **path,
		   unsigned int *len)
{
	const struct thing *holder;
	const struct unit *unit;
	bool owned = false;

	if (*len == MAX_PATH)
		return false;
	path[(*len)++] = thing;
	for (unit = thing->units[thing->is_ctx ? IOMMUFD_MODEL_REFERENCES :
						 IOMMUFD_MODEL_USERS];
	     unit; unit = unit->next) {
		if (unit->kind == BY_TABLE)
			continue;
		owned = true;
		holder = holding_thing(unit);
		if (holder && !can_go(holder, path, len))
			return false;
	}
	if (owned)
		(*len)--;
	return owned;
}

static void add_text(char *buf, size_t size, const char *text)
{
	size_t len = size ? strlen(buf) : 0;

	if (len + 1 < size)
		snprintf(buf + len, size - len, "%s", text);
}

static void add_cycle(char *buf, size_t size, const struct thing *ctx,
		      const struct thing **path, unsigned int len)
{
	char name[IOMMUFD_MODEL_NAME_LEN];

	add_text(buf, size, observe_books_name(ctx, name));
	while (len) {
		add_text(buf, size, " -> ");
		add_text(buf, size, observe_books_name(path[--len], name));
	}
	add_text(buf, size, " -> ");
	add_text(buf, size, observe_books_name(ctx, name));
}

static enum iommufd_model_fate fate(const struct thing *ctx, char *buf,
				    size_t size)
{
	const struct unit *unit, *units = ctx->units[IOMMUFD_MODEL_REFERENCES];
	const struct thing *path[MAX_PATH], *holder;
	char name[IOMMUFD_MODEL_NAME_LEN];
	unsigned int len;

	for (unit = units; unit; unit = unit->next)
		if (unit->kind == BY_TABLE)
			goto releasable;
	for (unit = units; unit; unit = unit->next) {
		len = 0;
		holder = holding_thing(unit);
		if (holder && holder->ctx == ctx->serial &&
		    !can_go(holder, path, &len)) {
			add_cycle(buf, size, ctx, path, len);
			return IOMMUFD_MODEL_NEVER_RELEASED;
		}
	}
	unit = units;
releasable:
	add_text(buf, size, observe_books_name(ctx, name));
	add_text(buf, size, " is held by ");
	add_text(buf, size, unit_holder(ctx, unit, name));
	return IOMMUFD_MODEL_RELEASABLE;
}

enum iommufd_model_fate iommufd_model_fate(const struct iommufd_ctx *ictx,
					   char *buf, size_t size)
{
	enum iommufd_model_fate verdict = IOMMUFD_MODEL_RELEASED;
	const struct thing *ctx;

	if (size)
		buf[0] = 0;
	pthread_mutex_lock(&observe_state.mutex);
	ctx = observe_state.books ?
		      observe_books_at(observe_state.books, ictx) :
		      NULL;
	if (ctx && ctx->is_ctx && ctx->units[IOMMUFD_MODEL_REFERENCES])
		verdict = fate(ctx, buf, size);
	pthread_mutex_unlock(&observe_state.mutex);
	return verdict;
}

static bool can_never_go(char *text, size_t size)
{
	const struct thing *thing;
	bool never = false;

	pthread_mutex_lock(&observe_state.mutex);
	thing = observe_state.books ? observe_state.books->first : NULL;
	for (; thing && !never; thing = thing->next) {
		if (!thing->is_ctx || !thing->units[IOMMUFD_MODEL_REFERENCES])
			continue;
		text[0] = 0;
		never = fate(thing, text, size) == IOMMUFD_MODEL_NEVER_RELEASED;
	}
	pthread_mutex_unlock(&observe_state.mutex);
	return never;
}

static struct iommufd_model_recording *explained;

void iommufd_model_explain_to(struct iommufd_model_recording *recording)
{
	explained = recording;
}

bool iommufd_model_explain_leak(const void *leaked, char *text, size_t size)
{
	if (leaked)
		return can_never_go(text, size);
	iommufd_model_observe_stop();
	if (iommufd_model_observe_start(NULL, NULL))
		return false;
	observe_state.explored = true;
	return !explained || !iommufd_model_record(explained);
}

/* Graphs */

static void name_thread(unsigned int thread, char *buf, void *data)
{
	(void)data;
	if (observe_state.recording)
		observe_recording_thread_name(thread, buf,
					      observe_state.recording);
	else if (!thread)
		strcpy(buf, "main");
	else
		snprintf(buf, IOMMUFD_MODEL_NAME_LEN, "thread %u", thread);
}

struct iommufd_model_graph *iommufd_model_graph_now(void)
{
	struct iommufd_model_graph *graph = NULL;

	pthread_mutex_lock(&observe_state.mutex);
	if (observe_state.books)
		graph = observe_books_graph(observe_state.books, name_thread,
					    NULL);
	pthread_mutex_unlock(&observe_state.mutex);
	return graph;
}

unsigned long
iommufd_model_recorded(const struct iommufd_model_recording *recording,
		       unsigned long *first)
{
	unsigned long end;

	pthread_mutex_lock(&observe_state.mutex);
	if (first)
		*first = observe_recording_first(recording);
	end = observe_recording_end(recording);
	pthread_mutex_unlock(&observe_state.mutex);
	return end;
}

static struct iommufd_model_graph *
graph_at(struct iommufd_model_recording *recording, unsigned long event)
{
	struct books *books = observe_recording_books(recording);
	unsigned long i, end = observe_recording_end(recording);
	struct iommufd_model_graph *graph;

	if (!books)
		return NULL;
	for (i = observe_recording_first(recording); i < event && i < end; i++)
		observe_books_apply(books,
				    observe_recording_event(recording, i));
	graph = observe_books_graph(books, observe_recording_thread_name,
				    recording);
	observe_books_free(books);
	return graph;
}

struct iommufd_model_graph *
iommufd_model_graph_at(struct iommufd_model_recording *recording,
		       unsigned long event)
{
	struct iommufd_model_graph *graph;

	pthread_mutex_lock(&observe_state.mutex);
	graph = graph_at(recording, event);
	pthread_mutex_unlock(&observe_state.mutex);
	return graph;
}
