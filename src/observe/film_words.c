// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The steps of a film in words.
 */
#include "film.h"
#include "write.h"
#include "../kernel/words.h"
#include <iommufd_model/iommufd_test.h>
#include <iommufd_model/uapi.h>
#include <stdlib.h>
#include <string.h>

#define WORDS 200

/* "ioas 1", "pages 2", "" */
static void name_place(const struct books *books, const struct event *event,
		       char *buf)
{
	const struct thing *thing = observe_books_find(books, event->thing);

	buf[0] = 0;
	if (thing)
		observe_books_name(thing, buf);
	else if (event->name && event->id)
		snprintf(buf, IOMMUFD_MODEL_NAME_LEN, "%.24s %u", event->name,
			 event->id);
	else if (event->name)
		snprintf(buf, IOMMUFD_MODEL_NAME_LEN, "%.39s", event->name);
}

/* The operation as it was at the gate. */
static struct iommufd_model_op op_of(const struct event *event)
{
	struct iommufd_model_op op = {
		.kind = (enum iommufd_model_op_kind)event->op,
		.site = event->site,
		.before = event->before,
		.after = event->after,
		.arg = 1,
	};

	if (op.kind > IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE)
		op.arg = event->before;
	else if (op.before != op.after)
		op.arg = labs(op.after - op.before);
	return op;
}

/* "mutex (ioas 1)", "done" */
static void name_operand(const struct event *event, const char *object,
			 char *buf, size_t size)
{
	const char *what = event->site && event->site->what ?
				   event->site->what : "?";

	if (*object)
		what = iommufd_model_member(what);
	what += *what == '&';
	snprintf(buf, size, *object ? "%.60s (%s)" : "%.60s%s", what, object);
}

static const char *result_of(const struct iommufd_model_op *op)
{
	return iommufd_model_op_failed(op) ? ": failed" : "";
}

/* Of an operation that is no counter's of a thing. */
static void tell_op(const struct books *books, const struct event *event,
		    bool done, char *words)
{
	char object[IOMMUFD_MODEL_NAME_LEN], operand[120];
	const struct iommufd_model_op op = op_of(event);
	const char *verb = iommufd_model_op_verb(&op);

	name_place(books, event, object);
	if (op.kind == IOMMUFD_MODEL_OP_WAIT_SLEEP)
		object[0] = 0;	/* the queue's, and this is the condition */
	name_operand(event, object, operand, sizeof(operand));
	switch (op.kind) {
	case IOMMUFD_MODEL_OP_ALLOC:
		snprintf(words, WORDS, "%s %d bytes%s", event->site->what,
			 event->before, done ? result_of(&op) : "");
		break;
	case IOMMUFD_MODEL_OP_FREE:
		snprintf(words, WORDS, "free %s", operand);
		break;
	case IOMMUFD_MODEL_OP_FD_READ:
	case IOMMUFD_MODEL_OP_FD_WRITE:
		if (event->before >= 0)
			snprintf(words, WORDS, "%s %d%s", verb, event->before,
				 done ? result_of(&op) : "");
		else
			snprintf(words, WORDS, "%s", verb);
		break;
	case IOMMUFD_MODEL_OP_JOIN:
	case IOMMUFD_MODEL_OP_AFTER:
		snprintf(words, WORDS, "%s", verb);
		break;
	default:
		if (op.kind > IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE || !done)
			snprintf(words, WORDS, "%s %s%s", verb, operand,
				 done ? result_of(&op) : "");
		else if (op.before == op.after)
			snprintf(words, WORDS, "%s %s: %ld%s", verb, operand,
				 op.before, result_of(&op));
		else
			snprintf(words, WORDS, "%s %s %ld -> %ld", verb,
				 operand, op.before, op.after);
	}
}

static enum film_step_kind kind_of(const struct event *event)
{
	if (event->op <= IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE)
		return STEP_COUNT;
	if (event->op <= IOMMUFD_MODEL_OP_LOCK_INIT)
		return STEP_LOCK;
	if (event->op <= IOMMUFD_MODEL_OP_WAIT_ZERO)
		return STEP_WAIT;
	switch (event->op) {
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

/* Whose unit it is. */
static const char *name_holder(const struct film *film,
			       const struct books *books,
			       const struct event *event, char *buf)
{
	const char *name = observe_books_holder(
		books, observe_books_find(books, event->thing),
		(enum holder_kind)event->holder_kind, event->holder,
		event->name, buf);

	if (name)
		return name;
	observe_recording_thread_name(event->holder, buf,
				      (void *)(uintptr_t)film->recording);
	return buf;
}

/* A counter of a thing. */
static void tell_counter(struct film *film, const struct books *books,
			 const struct event *event, struct film_step *step)
{
	const struct thing *thing = observe_books_find(books, event->thing);
	char name[IOMMUFD_MODEL_NAME_LEN], buf[IOMMUFD_MODEL_NAME_LEN];
	const struct iommufd_model_op op = op_of(event);
	const char *verb = iommufd_model_op_verb(&op);
	const char *counter = observe_graph_counter(
		(enum iommufd_model_counter)event->counter);
	const char *holder = name_holder(film, books, event, buf);

	if (thing)
		observe_books_name(thing, name);
	else
		strcpy(name, "an object");
	switch (event->kind) {
	case EVENT_TAKE:
		step->text = observe_film_text(film, "%s: %s %d -> %d", name,
					       counter, event->before,
					       event->after);
		step->more =
			observe_film_text(film, "%s, for %s", verb, holder);
		break;
	case EVENT_DROP:
		step->text = observe_film_text(film, "%s: %s %d -> %d", name,
					       counter, event->before,
					       event->after);
		step->more = observe_film_text(film, "%s, a unit of %s", verb,
					       holder);
		break;
	case EVENT_LEAP:
		step->text = observe_film_text(film, "%s: %s %d -> %d", name,
					       counter, event->before,
					       event->after);
		step->more = observe_film_text(film, "%s", verb);
		break;
	case EVENT_SET:
		step->text = observe_film_text(film, "%s: %s set to %d", name,
					       counter, event->after);
		break;
	case EVENT_REFUSED:
		step->text = observe_film_text(film, "%s: %s is 0, refused",
					       name, counter);
		step->more = observe_film_text(film, "%s", verb);
		break;
	case EVENT_BUSY:
		step->text = observe_film_text(film, "%s: %s is %d, busy", name,
					       counter, event->before);
		step->more =
			observe_film_text(film, "%s, held by %s", verb, holder);
		break;
	default:
		step->text = observe_film_text(film, "%s: %s is %d", name,
					       counter, event->before);
		step->more = observe_film_text(film, "%s", verb);
	}
}

static bool tell_note(struct film *film, const struct books *books,
		      const struct event *event, struct film_step *step)
{
	const char *says = iommufd_model_note_text(event->op);
	char name[IOMMUFD_MODEL_NAME_LEN];
	const struct thing *thing = observe_books_find(books, event->thing);

	step->kind = STEP_NOTE;
	if (thing)
		observe_books_name(thing, name);
	else if (event->op == IOMMUFD_MODEL_NOTE_OPEN && event->holder == 1)
		strcpy(name, "ctx");
	else if (event->op <= IOMMUFD_MODEL_NOTE_ALLOC)
		snprintf(name, sizeof(name), "%.24s %u", event->name,
			 event->holder);
	else
		strcpy(name, "?");
	if (event->op == IOMMUFD_MODEL_NOTE_PASS)
		step->text = observe_film_text(film, "%s: pass %d", name,
					       event->before);
	else if (event->op == IOMMUFD_MODEL_NOTE_STUCK)
		step->text = observe_film_text(
			film, "%s is left over: users %d", name, event->before);
	else if (says)
		step->text = observe_film_text(film, "%s %s", name, says);
	else
		return false;
	return true;
}

bool observe_film_tell(struct film *film, const struct books *books,
		       const struct event *event, struct film_step *step)
{
	char words[WORDS];

	step->site = event->site;
	step->thread = event->thread;
	if (event->kind == EVENT_NOTE)
		return tell_note(film, books, event, step);
	step->kind = kind_of(event);
	if (event->counter != IOMMUFD_MODEL_NR_COUNTERS) {
		tell_counter(film, books, event, step);
		return true;
	}
	tell_op(books, event, true, words);
	step->text = observe_film_text(film, "%s", words);
	return true;
}

size_t observe_film_tell_next(struct film *film, const struct books *books,
			      const struct event *event)
{
	char words[WORDS];

	tell_op(books, event, false, words);
	return observe_film_text(film, "%s", words);
}

const char *iommufd_model_note_text(int note)
{
	static const char *const texts[] = {
		[IOMMUFD_MODEL_NOTE_OPEN] =
			"is made; the descriptor has its one reference",
		[IOMMUFD_MODEL_NOTE_ALLOC] =
			"is allocated: users 1, wait_cnt 1, its id reserved",
		[IOMMUFD_MODEL_NOTE_FINALIZE] = "is published",
		[IOMMUFD_MODEL_NOTE_ABORT] =
			"cannot be completed, and is undone",
		[IOMMUFD_MODEL_NOTE_ABORTED] = "is freed",
		[IOMMUFD_MODEL_NOTE_DESTROY] =
			"is out of the table; its destroy begins",
		[IOMMUFD_MODEL_NOTE_DESTROYED] = "is freed",
		[IOMMUFD_MODEL_NOTE_RELEASE] =
			"has no reference left; its release begins",
		[IOMMUFD_MODEL_NOTE_RELEASED] = "is freed",
	};

	if (note <= 0 || (size_t)note >= ARRAY_SIZE(texts))
		return NULL;
	return texts[note];
}

const char *observe_film_ioctl_name(int nr)
{
#define NAME(name) [IOMMUFD_CMD_##name - IOMMUFD_CMD_BASE] = "IOMMU_" #name
	static const char *const names[] = {
		NAME(DESTROY), NAME(IOAS_ALLOC), NAME(IOAS_ALLOW_IOVAS),
		NAME(IOAS_COPY), NAME(IOAS_IOVA_RANGES), NAME(IOAS_MAP),
		NAME(IOAS_UNMAP), NAME(OPTION), NAME(VFIO_IOAS),
		NAME(HWPT_ALLOC), NAME(GET_HW_INFO),
		NAME(HWPT_SET_DIRTY_TRACKING), NAME(HWPT_GET_DIRTY_BITMAP),
		NAME(HWPT_INVALIDATE), NAME(FAULT_QUEUE_ALLOC),
		NAME(IOAS_MAP_FILE), NAME(VIOMMU_ALLOC), NAME(VDEVICE_ALLOC),
		NAME(IOAS_CHANGE_PROCESS), NAME(VEVENTQ_ALLOC),
		NAME(HW_QUEUE_ALLOC), NAME(IOAS_NOIOMMU_GET_PA),
	};
#undef NAME
	size_t slot = (size_t)(nr - IOMMUFD_CMD_BASE);

	if (nr == IOMMUFD_CMD_TEST)
		return "IOMMU_TEST_CMD";
	return nr >= IOMMUFD_CMD_BASE && slot < ARRAY_SIZE(names) &&
	       names[slot] ? names[slot] : "ioctl";
}
