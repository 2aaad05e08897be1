// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The effect of an operation on an object, in words; wording.h describes the
 * functions.
 */
#include "wording.h"
#include <iommufd_model/iommufd_test.h>
#include <iommufd_model/uapi.h>
#include <string.h>

const char *wording_object(const struct ledger *ledger,
			   const struct record_op *op,
			   char buf[IOMMUFD_MODEL_NAME_LEN])
{
	const struct object *object = observe_ledger_find(ledger, op->object);
	bool is_new = op->kind == IOMMUFD_MODEL_OP_NOTE &&
		      op->arg <= IOMMUFD_MODEL_NOTE_ALLOC && op->label;
	struct object made = { .is_ctx = op->arg == IOMMUFD_MODEL_NOTE_OPEN,
			       .type = op->label, .id = op->id };

	if (!object && !is_new)
		return strcpy(buf, "?");
	return observe_object_name(object ? object : &made, buf);
}

const char *wording_holder(const struct ledger *ledger,
			   const struct iommufd_model_record *record,
			   const struct record_op *op, char buf[RECORD_NAME])
{
	const char *name = observe_holder_name(
		ledger, observe_ledger_find(ledger, op->object),
		(enum record_holder)op->holder_kind, op->holder, op->file, buf);

	if (name)
		return name;
	return record_thread_name(record, op->holder, buf);
}

/* Tell whether an earlier reference than @ref has the same holder. */
static bool named_before(const struct reference *refs,
			 const struct reference *ref)
{
	for (; refs != ref; refs = refs->next)
		if (refs->kind == ref->kind && refs->holder == ref->holder &&
		    refs->file_addr == ref->file_addr)
			return true;
	return false;
}

void wording_holders(const struct ledger *ledger,
		     const struct iommufd_model_record *record,
		     const struct record_op *op, struct text *text)
{
	const struct object *object = observe_ledger_find(ledger, op->object);
	const struct reference *refs, *ref;
	char buf[RECORD_NAME];
	struct record_op held;
	bool any = false;

	refs = object && op->counter ? object->references[op->counter - 1] :
				       NULL;
	for (ref = refs; ref; ref = ref->next) {
		if (ref->kind == RECORD_TABLE || named_before(refs, ref))
			continue;
		held = *op;
		held.holder_kind = (unsigned char)ref->kind;
		held.holder = ref->holder;
		held.file = ref->file;
		describe_add(text, "%s%s", any ? ", " : "",
			     wording_holder(ledger, record, &held, buf));
		any = true;
	}
	if (!any)
		describe_add(text, "%s",
			     wording_holder(ledger, record, op, buf));
}

/* Describe what @op did to a counter of an object. */
static void counter_wording(const struct ledger *ledger,
			    const struct iommufd_model_record *record,
			    const struct record_op *op, struct text *text,
			    struct text *more)
{
	const struct iommufd_model_op at_gate = record_gate_op(op);
	char name[IOMMUFD_MODEL_NAME_LEN], buf[RECORD_NAME];
	const char *holder = wording_holder(ledger, record, op, buf);
	enum ledger_change change = observe_ledger_change(op);

	describe_add(text, "%s: %s ", wording_object(ledger, op, name),
		 observe_counter_name(op->counter - 1u));
	describe_add(more, "%s", describe_verb(&at_gate));
	switch (change) {
	case LEDGER_TAKE:
	case LEDGER_DROP:
	case LEDGER_LEAP:
		describe_add(text, "%ld -> %ld", op->before, op->after);
		if (change == LEDGER_TAKE)
			describe_add(more, ", for %s", holder);
		else if (change == LEDGER_DROP)
			describe_add(more, ", held by %s", holder);
		break;
	case LEDGER_SET:
		describe_add(text, "set to %ld", op->after);
		more->len = 0;
		more->s[0] = 0;
		break;
	case LEDGER_REFUSED:
		describe_add(text, "is 0, refused");
		break;
	case LEDGER_BUSY:
		describe_add(text, "is %ld, busy", op->before);
		describe_add(more, ", held by ");
		wording_holders(ledger, record, op, more);
		break;
	default:
		describe_add(text, "is %ld", op->before);
	}
}

static bool note_wording(const struct ledger *ledger,
			 const struct record_op *op, struct text *text)
{
	const char *says = wording_note(op->arg);
	char name[IOMMUFD_MODEL_NAME_LEN];

	wording_object(ledger, op, name);
	if (op->arg == IOMMUFD_MODEL_NOTE_PASS)
		describe_add(text, "%s: pass %ld", name, op->before);
	else if (op->arg == IOMMUFD_MODEL_NOTE_STUCK)
		describe_add(text, "%s is left over: users %ld", name, op->before);
	else if (says)
		describe_add(text, "%s %s", name, says);
	return text->len;
}

bool wording_op(const struct ledger *ledger,
		const struct iommufd_model_record *record,
		const struct record_op *op, struct text *text,
		struct text *more)
{
	char *c;

	if (op->kind == IOMMUFD_MODEL_OP_NOTE)
		return note_wording(ledger, op, text);
	if (op->counter) {
		counter_wording(ledger, record, op, text, more);
		return true;
	}
	describe_op(text, record, op);
	describe_result(text, op);
	for (c = text->s; (c = strchr(c, '\t')); c++)
		*c = ' ';
	return true;
}

const char *wording_note(long note)
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

	return note > 0 && (size_t)note < ARRAY_SIZE(texts) ? texts[note] : NULL;
}

const char *wording_ioctl(long nr)
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
