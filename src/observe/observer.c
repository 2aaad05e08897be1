// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The observer: a listener at the gate that keeps books of the counters.
 *
 * A record is made for an object when it is allocated and for a context when it
 * is opened, and lives as long as they do.  It has one list of units per
 * counter.  Counters are found by address in a hash table, since an operation
 * at the gate says no more.
 *
 * Whose unit?  Each thread has a stack of frames: an object is pushed when it
 * is allocated, when its destroy begins, and when it acts for itself, and popped
 * when that ends.  A unit taken belongs to the innermost frame that is not the
 * counted object itself, or else to the thread.  A unit dropped is looked for in
 * the same way, see choose_unit().
 *
 * The mutex guards everything here.  Memory is the C library's: the ground's
 * would be seen, counted, and made to fail.
 */
#include <iommufd_model/observe.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NR_BUCKETS 1024
#define MAX_FRAMES 32
#define NAME_LEN 40

enum holder_kind { BY_TABLE, BY_OBJECT, BY_THREAD };

struct holder {
	enum holder_kind kind;
	const void *addr;	/* of the object, or what stands for the thread */
	char name[NAME_LEN];
};

struct unit {
	struct unit *next;
	struct holder holder;
	const struct iommufd_model_site *site;
};

struct record;

struct counter {
	struct counter *next;	/* in the hash table */
	struct record *record;
	const refcount_t *addr;
	const char *name;
	struct unit *units;
};

struct record {
	struct record *next;
	const void *addr;
	const struct iommufd_ctx *ictx;
	char name[NAME_LEN];
	struct counter counters[2];	/* a context has only the first */
};

struct frames {
	unsigned int generation;
	unsigned int depth;
	bool in_ioctl;
	const void *addr[MAX_FRAMES];
	const char *name[MAX_FRAMES];	/* of what has no record: a file */
};

static pthread_mutex_t books = PTHREAD_MUTEX_INITIALIZER;
static struct counter *buckets[NR_BUCKETS];
static struct record *records;
static const void **released;
static unsigned int nr_released, room_released;
static unsigned int nr_contexts;
static unsigned int generation;
static bool running;
static iommufd_model_event_fn event_fn;
static void *event_data;
static __thread struct frames thread_frames;

static struct frames *frames(void)
{
	struct frames *f = &thread_frames;

	if (f->generation != generation) {
		f->generation = generation;
		f->depth = 0;
		f->in_ioctl = false;
	}
	return f;
}

static void push(const void *addr, const char *name)
{
	struct frames *f = frames();

	if (f->depth < MAX_FRAMES) {
		f->addr[f->depth] = addr;
		f->name[f->depth] = name;
	}
	f->depth++;
}

/* Usually the innermost; objects may also be finished out of order. */
static void pop(const void *addr)
{
	struct frames *f = frames();
	unsigned int i = f->depth < MAX_FRAMES ? f->depth : MAX_FRAMES;

	while (i && f->addr[i - 1] != addr)
		i--;
	if (!i)
		return;
	memmove(&f->addr[i - 1], &f->addr[i],
		(MAX_FRAMES - i) * sizeof(f->addr[0]));
	memmove(&f->name[i - 1], &f->name[i],
		(MAX_FRAMES - i) * sizeof(f->name[0]));
	f->depth--;
}

static struct counter **bucket_of(const void *addr)
{
	return &buckets[((uintptr_t)addr >> 2) % NR_BUCKETS];
}

static struct counter *find_counter(const void *addr)
{
	struct counter *counter = *bucket_of(addr);

	while (counter && counter->addr != addr)
		counter = counter->next;
	return counter;
}

static struct record *find_record(const void *addr)
{
	struct record *record = records;

	while (record && record->addr != addr)
		record = record->next;
	return record;
}

/* Units */

static void add_unit(struct counter *counter, const struct holder *holder,
		     const struct iommufd_model_site *site)
{
	struct unit *unit = malloc(sizeof(*unit));

	if (!unit)
		return;		/* unbalanced() will tell */
	unit->holder = *holder;
	/* It may outlive the call in which it was taken. */
	if (holder->kind == BY_THREAD)
		snprintf(unit->holder.name, NAME_LEN, "a thread, in %.24s",
			 site->func);
	unit->site = site;
	unit->next = counter->units;
	counter->units = unit;
}

static struct unit **find_unit(struct counter *counter,
			       enum holder_kind kind, const void *addr)
{
	struct unit **pos;

	for (pos = &counter->units; *pos; pos = &(*pos)->next)
		if ((*pos)->holder.kind == kind &&
		    (!addr || (*pos)->holder.addr == addr))
			return pos;
	return NULL;
}

static void name_thread(struct holder *holder)
{
	struct frames *f = frames();

	holder->kind = BY_THREAD;
	holder->addr = f;
	strcpy(holder->name, f->in_ioctl ? "the running ioctl" : "the caller");
}

/* The holder a unit of @counter taken now on this thread belongs to. */
static void holder_now(const struct counter *counter, struct holder *holder)
{
	struct frames *f = frames();
	unsigned int i = f->depth < MAX_FRAMES ? f->depth : MAX_FRAMES;
	struct record *record;

	while (i--) {
		if (f->addr[i] == counter->record->addr)
			continue;
		record = find_record(f->addr[i]);
		if (!record && !f->name[i])
			continue;
		holder->kind = BY_OBJECT;
		holder->addr = f->addr[i];
		snprintf(holder->name, NAME_LEN, "%s",
			 record ? record->name : f->name[i]);
		return;
	}
	name_thread(holder);
}

/*
 * Which unit does this operation drop?  Only a removal takes the id table's by
 * dec_if_one.  A plain decrement never takes the last, so it is not the table's
 * either, if there is another; the W or the reference that goes by sub_and_test
 * may be.
 */
static struct unit **choose_unit(struct counter *counter,
				 enum iommufd_model_op_kind kind,
				 const struct holder *now)
{
	struct unit **pos = NULL;

	if (kind == IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE)
		pos = find_unit(counter, BY_TABLE, NULL);
	if (!pos)
		pos = find_unit(counter, now->kind, now->addr);
	if (!pos)
		pos = find_unit(counter, BY_THREAD, &thread_frames);
	if (!pos && kind == IOMMUFD_MODEL_OP_REFCOUNT_DEC)
		pos = find_unit(counter, BY_THREAD, NULL);
	if (!pos)
		pos = find_unit(counter, BY_TABLE, NULL);
	if (!pos && counter->units)
		pos = &counter->units;
	return pos;
}

/* Take a unit off the books; *@holder: whose it was, unless a thread's. */
static void remove_unit(struct counter *counter,
			enum iommufd_model_op_kind kind, struct holder *holder)
{
	struct unit **pos, *unit;

	holder_now(counter, holder);
	pos = choose_unit(counter, kind, holder);
	if (!pos)
		return;
	unit = *pos;
	if (unit->holder.kind == BY_THREAD)
		name_thread(holder);
	else
		*holder = unit->holder;
	*pos = unit->next;
	free(unit);
}

static void clear_units(struct counter *counter)
{
	struct unit *unit;

	while ((unit = counter->units)) {
		counter->units = unit->next;
		free(unit);
	}
}

/* Records */

static void add_counter(struct record *record, struct counter *counter,
			const refcount_t *addr, const char *name,
			const char *owner,
			const struct iommufd_model_site *site)
{
	struct holder holder = { .kind = BY_TABLE };
	struct counter **bucket = bucket_of(addr);

	strcpy(holder.name, owner);
	counter->record = record;
	counter->addr = addr;
	counter->name = name;
	counter->next = *bucket;
	*bucket = counter;
	add_unit(counter, &holder, site);
}

static struct record *add_record(const void *addr,
				 const struct iommufd_ctx *ictx)
{
	struct record *record = calloc(1, sizeof(*record));

	if (!record)
		return NULL;
	record->addr = addr;
	record->ictx = ictx;
	record->next = records;
	records = record;
	return record;
}

static void add_object(const struct iommufd_object *obj,
		       const struct iommufd_ctx *ictx,
		       const struct iommufd_model_site *site)
{
	struct record *record = add_record(obj, ictx);

	if (!record)
		return;
	snprintf(record->name, NAME_LEN, "%.24s %u",
		 iommufd_model_type_name(obj->type), obj->id);
	add_counter(record, &record->counters[0], &obj->users, "users",
		    "the id table", site);
	add_counter(record, &record->counters[1], &obj->wait_cnt, "wait_cnt",
		    "the id table", site);
}

static void add_context(const struct iommufd_ctx *ictx,
			const struct iommufd_model_site *site)
{
	struct record *record = add_record(ictx, ictx);

	if (!record)
		return;
	if (nr_contexts++)
		snprintf(record->name, NAME_LEN, "ctx %u", nr_contexts);
	else
		strcpy(record->name, "ctx");
	add_counter(record, &record->counters[0], &ictx->file->f_count,
		    "references", "the descriptor", site);
}

static void forget_counter(struct counter *counter)
{
	struct counter **pos;

	if (!counter->addr)
		return;
	for (pos = bucket_of(counter->addr); *pos != counter;
	     pos = &(*pos)->next)
		;
	*pos = counter->next;
	clear_units(counter);
}

static void forget_record(const void *addr)
{
	struct record **pos = &records, *record;

	while (*pos && (*pos)->addr != addr)
		pos = &(*pos)->next;
	record = *pos;
	if (!record)
		return;
	*pos = record->next;
	forget_counter(&record->counters[0]);
	forget_counter(&record->counters[1]);
	free(record);
}

static void log_released(const void *addr)
{
	const void **bigger;

	if (nr_released == room_released) {
		bigger = realloc(released, (room_released * 2 + 64) *
						   sizeof(*released));
		if (!bigger)
			return;
		released = bigger;
		room_released = room_released * 2 + 64;
	}
	released[nr_released++] = addr;
}

/* Events */

static void emit(struct iommufd_model_event *event)
{
	if (event_fn)
		event_fn(event, event_data);
}

static void set_units(struct counter *counter,
		      const struct iommufd_model_op *op, struct holder *holder)
{
	long n;

	clear_units(counter);
	holder->kind = BY_TABLE;
	holder->addr = NULL;
	strcpy(holder->name, "the id table");
	for (n = 0; n < op->after; n++)
		add_unit(counter, holder, op->site);
}

/* Who, beside the id table, is in the way of a destroy? */
static void name_other_holder(const struct counter *counter,
			      struct holder *holder)
{
	const struct unit *unit;

	for (unit = counter->units; unit; unit = unit->next) {
		if (unit->holder.kind == BY_TABLE)
			continue;
		*holder = unit->holder;
		return;
	}
}

static void counter_event(struct counter *counter,
			  const struct iommufd_model_op *op)
{
	struct iommufd_model_event event = {
		.addr = counter->record->addr,
		.object = counter->record->name,
		.counter = counter->name,
		.before = op->before,
		.after = op->after,
		.site = op->site,
	};
	struct holder holder;
	long n;

	holder_now(counter, &holder);
	if (op->kind == IOMMUFD_MODEL_OP_REFCOUNT_READ)
		return;
	if (op->kind == IOMMUFD_MODEL_OP_REFCOUNT_SET) {
		event.kind = IOMMUFD_MODEL_EVENT_TAKE;
		set_units(counter, op, &holder);
	} else if (op->after > op->before) {
		event.kind = IOMMUFD_MODEL_EVENT_TAKE;
		for (n = op->before; n < op->after; n++)
			add_unit(counter, &holder, op->site);
	} else if (op->after < op->before) {
		event.kind = IOMMUFD_MODEL_EVENT_DROP;
		for (n = op->after; n < op->before; n++)
			remove_unit(counter, op->kind, &holder);
	} else if (op->before) {
		event.kind = IOMMUFD_MODEL_EVENT_BUSY;
		name_other_holder(counter, &holder);
	} else {
		event.kind = IOMMUFD_MODEL_EVENT_REFUSED;
	}
	event.holder = holder.name;
	event.by_thread = holder.kind == BY_THREAD;
	emit(&event);
}

static void note_event(const struct iommufd_model_op *op)
{
	struct iommufd_model_event event = {
		.kind = IOMMUFD_MODEL_EVENT_NOTE,
		.note = (int)op->arg,
		.param = op->before,
		.addr = op->addr,
		.site = op->site,
	};
	struct record *record;

	switch (event.note) {
	case IOMMUFD_MODEL_NOTE_OPEN:
		add_context(op->addr, op->site);
		break;
	case IOMMUFD_MODEL_NOTE_ALLOC:
		add_object(op->addr, (const void *)op->before, op->site);
		push(op->addr, NULL);
		break;
	case IOMMUFD_MODEL_NOTE_ABORT:
		/* An undo is the object's own work, like a destroy. */
		pop(op->addr);
		push(op->addr, NULL);
		break;
	case IOMMUFD_MODEL_NOTE_FINALIZE:
	case IOMMUFD_MODEL_NOTE_ACT_END:
		pop(op->addr);
		break;
	case IOMMUFD_MODEL_NOTE_DESTROY:
		push(op->addr, NULL);
		break;
	case IOMMUFD_MODEL_NOTE_ACT:
		push(op->addr, (const char *)op->before);
		break;
	case IOMMUFD_MODEL_NOTE_IOCTL:
		frames()->in_ioctl = true;
		break;
	case IOMMUFD_MODEL_NOTE_IOCTL_END:
		frames()->in_ioctl = false;
		break;
	}

	record = find_record(op->addr);
	event.object = record ? record->name : "?";
	emit(&event);

	switch (event.note) {
	case IOMMUFD_MODEL_NOTE_ABORTED:
	case IOMMUFD_MODEL_NOTE_DESTROYED:
		pop(op->addr);
		/* fall through */
	case IOMMUFD_MODEL_NOTE_RELEASED:
		log_released(op->addr);
		forget_record(op->addr);
		break;
	}
}

static void observe(struct iommufd_model_hook *hook,
		    const struct iommufd_model_op *op)
{
	struct counter *counter;

	(void)hook;
	if (op->kind == IOMMUFD_MODEL_OP_NOTE) {
		pthread_mutex_lock(&books);
		note_event(op);
		pthread_mutex_unlock(&books);
	} else if (op->kind <= IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE) {
		pthread_mutex_lock(&books);
		counter = find_counter(op->addr);
		if (counter)
			counter_event(counter, op);
		pthread_mutex_unlock(&books);
	}
}

static struct iommufd_model_hook hook = { .event = observe };

int iommufd_model_observe_start(iommufd_model_event_fn fn, void *data)
{
	if (running)
		return -EBUSY;
	running = true;
	event_fn = fn;
	event_data = data;
	generation++;
	nr_contexts = 0;
	iommufd_model_hook_add(&hook);
	return 0;
}

void iommufd_model_observe_stop(void)
{
	if (!running)
		return;
	iommufd_model_hook_remove(&hook);
	while (records)
		forget_record(records->addr);
	free(released);
	released = NULL;
	nr_released = 0;
	room_released = 0;
	running = false;
}

/* Questions */

int iommufd_model_holders(const void *addr, iommufd_model_event_fn fn,
			  void *data)
{
	struct iommufd_model_event event = { .kind = IOMMUFD_MODEL_EVENT_TAKE };
	struct record *record;
	struct unit *unit;
	int i, n = 0;

	pthread_mutex_lock(&books);
	record = find_record(addr);
	if (!record) {
		pthread_mutex_unlock(&books);
		return -ENOENT;
	}
	event.addr = addr;
	event.object = record->name;
	for (i = 0; i < 2; i++) {
		for (unit = record->counters[i].units; unit;
		     unit = unit->next, n++) {
			event.counter = record->counters[i].name;
			event.holder = unit->holder.name;
			event.by_thread = unit->holder.kind == BY_THREAD;
			event.site = unit->site;
			if (fn)
				fn(&event, data);
		}
	}
	pthread_mutex_unlock(&books);
	return n;
}

static bool adds_up(const struct counter *counter)
{
	const struct unit *unit;
	int n = 0;

	if (!counter->addr)
		return true;
	for (unit = counter->units; unit; unit = unit->next)
		n++;
	return n == __atomic_load_n(&counter->addr->refs, __ATOMIC_RELAXED);
}

unsigned int iommufd_model_unbalanced(void)
{
	unsigned int wrong = 0;
	struct record *record;

	pthread_mutex_lock(&books);
	for (record = records; record; record = record->next)
		wrong += !adds_up(&record->counters[0]) +
			 !adds_up(&record->counters[1]);
	pthread_mutex_unlock(&books);
	return wrong;
}

unsigned int iommufd_model_released(const void *addr)
{
	unsigned int i;

	pthread_mutex_lock(&books);
	for (i = nr_released; i; i--)
		if (released[i - 1] == addr)
			break;
	pthread_mutex_unlock(&books);
	return i;
}

/*
 * Can @record be destroyed before the release of its context?  Its descriptor
 * is closed, so nobody destroys it by id: only a thread that has a unit of it
 * may, or an object that has one and can itself be destroyed.  All holders that
 * are objects must be.  If not, the way to the object that stays is written to
 * @path, the last one first.
 */
static bool can_go(const struct record *record, const struct record **path,
		   unsigned int *len)
{
	const struct unit *unit;
	struct record *holder;
	bool owned = false;

	if (*len == MAX_FRAMES)
		return false;
	path[(*len)++] = record;
	for (unit = record->counters[0].units; unit; unit = unit->next) {
		if (unit->holder.kind == BY_TABLE)
			continue;
		owned = true;
		holder = unit->holder.kind == BY_OBJECT ?
				 find_record(unit->holder.addr) : NULL;
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

static void add_cycle(char *buf, size_t size, const struct record *ctx,
		      const struct record **path, unsigned int len)
{
	add_text(buf, size, ctx->name);
	while (len) {
		add_text(buf, size, " -> ");
		add_text(buf, size, path[--len]->name);
	}
	add_text(buf, size, " -> ");
	add_text(buf, size, ctx->name);
}

static enum iommufd_model_fate fate(const struct record *ctx, char *buf,
				    size_t size)
{
	const struct record *path[MAX_FRAMES], *holder;
	const struct unit *unit;
	unsigned int len;

	for (unit = ctx->counters[0].units; unit; unit = unit->next)
		if (unit->holder.kind == BY_TABLE)
			goto releasable;
	for (unit = ctx->counters[0].units; unit; unit = unit->next) {
		len = 0;
		holder = unit->holder.kind == BY_OBJECT ?
				 find_record(unit->holder.addr) : NULL;
		if (holder && holder->ictx == ctx->ictx &&
		    !can_go(holder, path, &len)) {
			add_cycle(buf, size, ctx, path, len);
			return IOMMUFD_MODEL_NEVER_RELEASED;
		}
	}
	unit = ctx->counters[0].units;
releasable:
	add_text(buf, size, ctx->name);
	add_text(buf, size, " is held by ");
	add_text(buf, size, unit->holder.name);
	return IOMMUFD_MODEL_RELEASABLE;
}

enum iommufd_model_fate iommufd_model_fate(const struct iommufd_ctx *ictx,
					   char *buf, size_t size)
{
	enum iommufd_model_fate verdict = IOMMUFD_MODEL_RELEASED;
	struct record *record;

	if (size)
		buf[0] = 0;
	pthread_mutex_lock(&books);
	record = find_record(ictx);
	if (record && record->counters[0].units)
		verdict = fate(record, buf, size);
	pthread_mutex_unlock(&books);
	return verdict;
}

bool iommufd_model_explain_leak(const void *leaked, char *text, size_t size)
{
	bool never = false;
	struct record *record;

	if (!leaked) {
		iommufd_model_observe_stop();
		return !iommufd_model_observe_start(NULL, NULL);
	}
	pthread_mutex_lock(&books);
	for (record = records; record && !never; record = record->next) {
		if (record->addr != record->ictx || !record->counters[0].units)
			continue;
		text[0] = 0;
		never = fate(record, text, size) ==
			IOMMUFD_MODEL_NEVER_RELEASED;
	}
	pthread_mutex_unlock(&books);
	return never;
}
