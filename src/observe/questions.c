// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Answers to questions about the references that exist now, and about those in
 * a record.
 */
#include "layout.h"
#include "observer.h"
#include <stdlib.h>
#include <string.h>

#define MAX_PATH 32

/* The functions below list holders. */

static const char *reference_holder(const struct object *object,
			       const struct reference *ref, char *buf)
{
	const char *name = observe_holder_name(observe_state.ledger, object,
						ref->kind, ref->holder,
						ref->file, buf);

	if (name)
		return name;
	snprintf(buf, IOMMUFD_MODEL_NAME_LEN, "a thread, in %.24s",
		 ref->site->func);
	return buf;
}

static int tell_references(const struct object *object,
		      enum iommufd_model_counter counter,
		      iommufd_model_event_fn fn, void *data)
{
	char name[IOMMUFD_MODEL_NAME_LEN], holder[IOMMUFD_MODEL_NAME_LEN];
	struct iommufd_model_event event = {
		.kind = IOMMUFD_MODEL_EVENT_TAKE,
		.addr = object->addr,
		.object = observe_object_name(object, name),
		.counter = observe_counter_name(counter),
	};
	const struct reference *ref;
	int n = 0;

	for (ref = object->references[counter]; ref; ref = ref->next, n++) {
		event.holder = reference_holder(object, ref, holder);
		event.by_thread = ref->kind == RECORD_THREAD;
		event.site = ref->site;
		if (fn)
			fn(&event, data);
	}
	return n;
}

int iommufd_model_holders(const void *addr, iommufd_model_event_fn fn,
			  void *data)
{
	const struct object *object;
	int n = -ENOENT;

	pthread_mutex_lock(&observe_state.mutex);
	object = observe_state.ledger ?
			observe_ledger_at(observe_state.ledger, addr) :
			NULL;
	if (object && object->is_ctx)
		n = tell_references(object, IOMMUFD_MODEL_REFERENCES, fn, data);
	else if (object)
		n = tell_references(object, IOMMUFD_MODEL_USERS, fn, data) +
		    tell_references(object, IOMMUFD_MODEL_WAIT_CNT, fn, data);
	pthread_mutex_unlock(&observe_state.mutex);
	return n;
}

/* Tell whether the ledger has as many references as the counter says. */
static bool adds_up(const struct object *object,
		    enum iommufd_model_counter counter, const refcount_t *r)
{
	int is = __atomic_load_n(&r->refs, __ATOMIC_RELAXED);
	const struct reference *ref;
	int n = 0;

	for (ref = object->references[counter]; ref; ref = ref->next)
		n++;
	return n == is && object->value[counter] == is;
}

unsigned int iommufd_model_unbalanced(void)
{
	const struct object *object;
	unsigned int wrong = 0;
	const void *addr;

	pthread_mutex_lock(&observe_state.mutex);
	object = observe_state.ledger ? observe_state.ledger->first : NULL;
	for (; object; object = object->next) {
		addr = object->addr;
		if (object->is_ctx)
			wrong += !adds_up(object, IOMMUFD_MODEL_REFERENCES,
					  observe_ctx_references(addr));
		else
			wrong += !adds_up(object, IOMMUFD_MODEL_USERS,
					  observe_users(addr)) +
				 !adds_up(object, IOMMUFD_MODEL_WAIT_CNT,
					  observe_wait_cnt(addr));
	}
	pthread_mutex_unlock(&observe_state.mutex);
	return wrong;
}

/* The functions below determine the fate of a context. */

static const struct object *holding_object(const struct reference *ref)
{
	return ref->kind == RECORD_OBJECT ?
		       observe_ledger_find(observe_state.ledger, ref->holder) :
		       NULL;
}

/*
 * Tell whether @object can be destroyed before the release of its context.  The
 * descriptor of the context is closed, so no ioctl can destroy @object by its
 * id.  Only the holder of a reference can: a thread, or an object that can be
 * destroyed itself.  Every holder that is an object must be such an object.  If
 * @object cannot be destroyed, @path gets the chain of holders, from @object to
 * the object that stays.
 */
static bool can_go(const struct object *object, const struct object **path,
		   unsigned int *len)
{
	const struct object *holder;
	const struct reference *ref;
	bool owned = false;

	if (*len == MAX_PATH)
		return false;
	path[(*len)++] = object;
	for (ref = object->references[object->is_ctx ? IOMMUFD_MODEL_REFERENCES :
						 IOMMUFD_MODEL_USERS];
	     ref; ref = ref->next) {
		if (ref->kind == RECORD_TABLE)
			continue;
		owned = true;
		holder = holding_object(ref);
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

static void add_cycle(char *buf, size_t size, const struct object *ctx,
		      const struct object **path, unsigned int len)
{
	char name[IOMMUFD_MODEL_NAME_LEN];

	add_text(buf, size, observe_object_name(ctx, name));
	while (len) {
		add_text(buf, size, " -> ");
		add_text(buf, size, observe_object_name(path[--len], name));
	}
	add_text(buf, size, " -> ");
	add_text(buf, size, observe_object_name(ctx, name));
}

static enum iommufd_model_fate fate(const struct object *ctx, char *buf,
				    size_t size)
{
	const struct reference *ref, *refs = ctx->references[IOMMUFD_MODEL_REFERENCES];
	const struct object *path[MAX_PATH], *holder;
	char name[IOMMUFD_MODEL_NAME_LEN];
	unsigned int len;

	for (ref = refs; ref; ref = ref->next)
		if (ref->kind == RECORD_TABLE)
			goto releasable;
	for (ref = refs; ref; ref = ref->next) {
		len = 0;
		holder = holding_object(ref);
		if (holder && holder->ctx == ctx->serial &&
		    !can_go(holder, path, &len)) {
			add_cycle(buf, size, ctx, path, len);
			return IOMMUFD_MODEL_NEVER_RELEASED;
		}
	}
	ref = refs;
releasable:
	add_text(buf, size, observe_object_name(ctx, name));
	add_text(buf, size, " is held by ");
	add_text(buf, size, reference_holder(ctx, ref, name));
	return IOMMUFD_MODEL_RELEASABLE;
}

enum iommufd_model_fate iommufd_model_fate(const struct iommufd_ctx *ictx,
					   char *buf, size_t size)
{
	enum iommufd_model_fate verdict = IOMMUFD_MODEL_RELEASED;
	const struct object *ctx;

	if (size)
		buf[0] = 0;
	pthread_mutex_lock(&observe_state.mutex);
	ctx = observe_state.ledger ?
		      observe_ledger_at(observe_state.ledger, ictx) :
		      NULL;
	if (ctx && ctx->is_ctx && ctx->references[IOMMUFD_MODEL_REFERENCES])
		verdict = fate(ctx, buf, size);
	pthread_mutex_unlock(&observe_state.mutex);
	return verdict;
}

static bool can_never_go(char *text, size_t size)
{
	const struct object *object;
	bool never = false;

	pthread_mutex_lock(&observe_state.mutex);
	object = observe_state.ledger ? observe_state.ledger->first : NULL;
	for (; object && !never; object = object->next) {
		if (!object->is_ctx || !object->references[IOMMUFD_MODEL_REFERENCES])
			continue;
		text[0] = 0;
		never = fate(object, text, size) == IOMMUFD_MODEL_NEVER_RELEASED;
	}
	pthread_mutex_unlock(&observe_state.mutex);
	return never;
}

bool iommufd_model_explain_leak(const void *leaked, char *text, size_t size)
{
	(void)leaked;
	return can_never_go(text, size);
}

struct iommufd_model_graph *iommufd_model_graph_now(void)
{
	struct iommufd_model_graph *graph = NULL;

	pthread_mutex_lock(&observe_state.mutex);
	if (observe_state.ledger)
		graph = observe_snapshot(observe_state.ledger,
					 observe_state.record);
	pthread_mutex_unlock(&observe_state.mutex);
	return graph;
}
