// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What accesses have pinned.  A pin is not a reference: it stays when its access
 * has been destroyed (R-ACC-5), and so do its entry here and the name in it.
 *
 * The entries come from the notes of iommufd_access_pin_pages() and
 * iommufd_access_unpin_pages(), whose call site is that of the caller.
 */
#include "../record/describe.h"
#include "observer.h"
#include "pins.h"
#include <stdlib.h>
#include <string.h>

#define SHOWN 16

/*
 * struct pin
 * @addr, @serial, @name: the access
 */
struct pin {
	struct pin *next;
	const void *addr;
	unsigned int serial;
	char name[IOMMUFD_MODEL_NAME_LEN];
	unsigned long iova, length;
	const struct iommufd_model_site *site;
};

static void add_pin(struct ledger *ledger, const struct iommufd_model_op *op)
{
	const struct iommufd_model_pin *of =
		(const struct iommufd_model_pin *)op->before;
	const struct object *access = observe_ledger_at(ledger, op->addr);
	struct pin *pin = calloc(1, sizeof(*pin));

	if (!pin) {
		ledger->incomplete = true;
		return;
	}
	pin->addr = op->addr;
	pin->iova = of->iova;
	pin->length = of->length;
	pin->site = op->site;
	if (access) {
		pin->serial = access->serial;
		observe_object_name(access, pin->name);
	} else {
		strcpy(pin->name, "an access");
	}
	pin->next = ledger->pins;
	ledger->pins = pin;
}

/*
 * Remove the newest pin of this access with these bounds.  If it has none,
 * remove one of another access: pins with equal bounds are counted together
 * (R-PAGES-3), so that the other one can be unpinned no more.
 */
static void remove_pin(struct ledger *ledger, const struct iommufd_model_op *op)
{
	const struct iommufd_model_pin *of =
		(const struct iommufd_model_pin *)op->before;
	struct pin **pos, **found = NULL, *pin;

	for (pos = &ledger->pins; (pin = *pos); pos = &pin->next) {
		if (pin->iova != of->iova || pin->length != of->length)
			continue;
		if (pin->addr == op->addr) {
			found = pos;
			break;
		}
		found = found ? found : pos;
	}
	if (!found)
		return;
	pin = *found;
	*found = pin->next;
	free(pin);
}

/* Write all pins to the record, as it may be needed after a crash. */
static void write_record(const struct ledger *ledger,
			 struct iommufd_model_record *record)
{
	const struct pin *pin;
	struct text t = { 0 };
	int n = 0;

	for (pin = ledger->pins; pin && n < SHOWN; pin = pin->next, n++) {
		describe_add(&t, "%s: %#lx bytes at IOVA %#lx, pinned in ",
			     pin->name, pin->length, pin->iova);
		describe_site(&t, pin->site);
		describe_add(&t, "\n");
	}
	if (pin)
		describe_add(&t, "and more\n");
	snprintf(record->pins, sizeof(record->pins), "%s", t.s);
}

bool observe_pins_note(struct ledger *ledger,
		       struct iommufd_model_record *record,
		       const struct iommufd_model_op *op)
{
	if (op->kind != IOMMUFD_MODEL_OP_NOTE ||
	    (op->arg != IOMMUFD_MODEL_NOTE_PIN &&
	     op->arg != IOMMUFD_MODEL_NOTE_UNPIN))
		return false;
	if (op->arg == IOMMUFD_MODEL_NOTE_PIN)
		add_pin(ledger, op);
	else
		remove_pin(ledger, op);
	if (record)
		write_record(ledger, record);
	return true;
}

void observe_pins_free(struct ledger *ledger)
{
	struct pin *pin;

	while ((pin = ledger->pins)) {
		ledger->pins = pin->next;
		free(pin);
	}
}

/* Tell whether the pin belongs to @object, or to an access that holds it. */
static bool is_of(const struct pin *pin, const struct object *object)
{
	const struct reference *ref;

	if (pin->serial == object->serial)
		return true;
	for (ref = object->references[IOMMUFD_MODEL_USERS]; ref; ref = ref->next)
		if (ref->kind == RECORD_OBJECT && ref->holder == pin->serial)
			return true;
	return false;
}

static int tell_pins(const struct object *object, iommufd_model_pin_fn fn,
		     void *data)
{
	const struct pin *pin;
	int n = 0;

	for (pin = observe_state.ledger->pins; pin; pin = pin->next) {
		const struct iommufd_model_pin told = {
			.iova = pin->iova, .length = pin->length,
			.access = pin->name, .site = pin->site,
		};

		if (object && !is_of(pin, object))
			continue;
		n++;
		if (fn)
			fn(&told, data);
	}
	return n;
}

int iommufd_model_pins(const void *addr, iommufd_model_pin_fn fn, void *data)
{
	const struct object *object = NULL;
	int n = -ENOENT;

	pthread_mutex_lock(&observe_state.mutex);
	if (observe_state.ledger && addr)
		object = observe_ledger_at(observe_state.ledger, addr);
	if (observe_state.ledger && (object || !addr))
		n = tell_pins(object, fn, data);
	pthread_mutex_unlock(&observe_state.mutex);
	return n;
}
