/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The effect of an operation on an object, in words; see also
 * ../record/describe.h.
 */
#ifndef RENDER_WORDING_H
#define RENDER_WORDING_H

#include "../observe/ledger.h"
#include "../record/describe.h"

/*
 * Returns a name such as "ioas 1"; "?" if the ledger does not know the object.
 */
const char *wording_object(const struct ledger *ledger,
			   const struct record_op *op,
			   char buf[IOMMUFD_MODEL_NAME_LEN]);

/*
 * Returns the holder of the reference that @op concerns: "the id table",
 * "getter".
 */
const char *wording_holder(const struct ledger *ledger,
			   const struct iommufd_model_record *record,
			   const struct record_op *op, char buf[RECORD_NAME]);

/*
 * Add the names of all that hold a reference in the counter that @op concerns,
 * other than the id table: "access 2, getter".
 */
void wording_holders(const struct ledger *ledger,
		     const struct iommufd_model_record *record,
		     const struct record_op *op, struct text *text);

/*
 * wording_op(ledger, record, op, text, more): describes in @text what @op did,
 * and explains it in @more.  @op must not have been applied to the ledger yet.
 * Returns false if @op is a note with nothing to describe.
 */
bool wording_op(const struct ledger *ledger,
		const struct iommufd_model_record *record,
		const struct record_op *op, struct text *text,
		struct text *more);

/* Returns what a note says of its object, such as "is published", or NULL. */
const char *wording_note(long note);

/* Returns the name of an ioctl, such as "IOMMU_DESTROY". */
const char *wording_ioctl(long nr);

#endif
