// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Telling a record, step by step; story.h describes the functions.
 *
 * Every system call holds a reference to its file while it runs.  The story
 * does not show these references, and the numbers that it shows do not count
 * them.
 *
 * Lines are indented by one level for each destroy of an object, and each pass
 * of a release, that they are part of.
 */
#include "story.h"
#include "json.h"
#include "wording.h"
#include <stdlib.h>
#include <string.h>

static bool is_reference(const struct record_op *op, enum ledger_change change)
{
	return op->counter == IOMMUFD_MODEL_REFERENCES + 1 &&
	       op->holder_kind == RECORD_THREAD &&
	       observe_ledger_change(op) == change;
}

/*
 * Find the operations from @from to @to that take a reference and drop it
 * again.  Returns an array with an element for each operation, which the caller
 * frees.
 */
static bool *find_pairs(const struct iommufd_model_record *record,
			unsigned long from, unsigned long to)
{
	bool *hidden = render_realloc(NULL, to - from);
	const struct record_op *ops = record->ops + from;
	unsigned long take, drop, n = to - from;

	memset(hidden, 0, n);
	for (take = 0; take < n; take++) {
		if (!is_reference(&ops[take], LEDGER_TAKE))
			continue;
		for (drop = take + 1; drop < n; drop++) {
			if (hidden[drop] ||
			    ops[drop].object != ops[take].object ||
			    !is_reference(&ops[drop], LEDGER_DROP))
				continue;
			hidden[take] = hidden[drop] = true;
			break;
		}
	}
	return hidden;
}

/*
 * Return how many hidden references the context of @ops[i] has at that
 * operation.
 */
static long hidden_at(const struct record_op *ops, const bool *hidden,
		      unsigned long i)
{
	unsigned long at;
	long n = 0;

	for (at = 0; at < i; at++)
		if (hidden[at] && ops[at].object == ops[i].object)
			n += is_reference(&ops[at], LEDGER_TAKE) ? 1 : -1;
	return n;
}

static void indent(const struct story *story)
{
	fprintf(story->to, "%*s", 6 + 2 * story->depth, "");
}

static const char *holder_of(const struct story *story,
			     const struct record_op *op, char buf[RECORD_NAME])
{
	if (op->holder_kind == RECORD_THREAD)
		return story->in_ioctl ? "the running ioctl" : "the caller";
	return wording_holder(story->ledger, story->record, op, buf);
}

static void tell_change(const struct story *story, const struct record_op *op,
			long not_told, bool takes)
{
	char name[IOMMUFD_MODEL_NAME_LEN], buf[RECORD_NAME];

	indent(story);
	fprintf(story->to, "%s: %s %ld -> %ld, %s by %s  [%s, %s:%d]\n",
		wording_object(story->ledger, op, name),
		observe_counter_name(op->counter - 1u), op->before - not_told,
		op->after - not_told, takes ? "taken" : "dropped",
		holder_of(story, op, buf),
		op->site && op->site->func ? op->site->func : "?",
		op->site && op->site->file ? op->site->file : "?",
		op->site ? op->site->line : 0);
}

/* Tell that a counter was not changed because somebody holds a reference. */
static void tell_busy(const struct story *story, const struct record_op *op)
{
	const struct object *object =
		observe_ledger_find(story->ledger, op->object);
	const struct reference *ref = object ?
		object->references[op->counter - 1] : NULL;
	char name[IOMMUFD_MODEL_NAME_LEN], buf[RECORD_NAME];

	while (ref && ref->kind == RECORD_TABLE)
		ref = ref->next;
	indent(story);
	fprintf(story->to, "%s: %s is %ld, held by ",
		wording_object(story->ledger, op, name),
		observe_counter_name(op->counter - 1u), op->before);
	if (op->before && ref && ref->kind == RECORD_THREAD)
		fprintf(story->to, "a thread, in %.24s",
			ref->site && ref->site->func ? ref->site->func : "?");
	else
		fputs(holder_of(story, op, buf), story->to);
	fprintf(story->to, ": %s\n", story->releasing ?
			"left for a later pass" : "not destroyed");
}

static void tell_note(struct story *story, const struct record_op *op)
{
	struct text text = { 0 }, more = { 0 };

	switch (op->arg) {
	case IOMMUFD_MODEL_NOTE_IOCTL:
	case IOMMUFD_MODEL_NOTE_IOCTL_END:
		story->in_ioctl = op->arg == IOMMUFD_MODEL_NOTE_IOCTL;
		return;
	case IOMMUFD_MODEL_NOTE_RELEASE:
		story->releasing = true;
		break;
	case IOMMUFD_MODEL_NOTE_RELEASED:
		story->releasing = false;
		story->depth = 0;
		break;
	case IOMMUFD_MODEL_NOTE_PASS:
		story->depth = 0;
		indent(story);
		fprintf(story->to, "pass %ld\n", op->before);
		story->depth = 1;
		return;
	}
	if (!wording_op(story->ledger, story->record, op, &text, &more))
		return;
	indent(story);
	fprintf(story->to, "%s\n", text.s);
	if (op->arg == IOMMUFD_MODEL_NOTE_DESTROY)
		story->depth++;
	else if (op->arg == IOMMUFD_MODEL_NOTE_DESTROYED)
		story->depth -= story->depth > 0;
}

static void tell_op(struct story *story, const struct record_op *op,
		    long not_told)
{
	enum ledger_change change = observe_ledger_change(op);

	switch (change) {
	case LEDGER_NOTE:
		tell_note(story, op);
		break;
	case LEDGER_TAKE:
	case LEDGER_DROP:
	case LEDGER_SET:
	case LEDGER_LEAP:
		tell_change(story, op, not_told,
			    change == LEDGER_SET || op->after > op->before);
		break;
	case LEDGER_BUSY:
	case LEDGER_REFUSED:
		tell_busy(story, op);
		break;
	default:
		break;
	}
}

void story_tell(struct story *story)
{
	unsigned long i, n = record_length(story->record) - story->told;
	const struct record_op *ops = story->record->ops + story->told;
	bool *hidden = find_pairs(story->record, story->told, story->told + n);

	story->depth = 0;
	for (i = 0; i < n; i++) {
		if (!hidden[i])
			tell_op(story, &ops[i],
				ops[i].counter == IOMMUFD_MODEL_REFERENCES + 1 ?
					hidden_at(ops, hidden, i) : 0);
		observe_ledger_apply(story->ledger, &ops[i]);
	}
	story->told += n;
	free(hidden);
}

void story_end(struct story *story)
{
	unsigned long i, to = record_length(story->record);
	enum ledger_change change;

	for (i = story->told; i < to; i++) {
		change = observe_ledger_change(&story->record->ops[i]);
		if (change >= LEDGER_NOTE && change < LEDGER_LOCK)
			break;
	}
	if (i == to)
		return;
	fputs("      at the end what is still open is closed\n", story->to);
	story_tell(story);
}
