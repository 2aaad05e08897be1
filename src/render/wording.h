/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What an operation did to an object, in words; see also ../record/describe.h.
 */
#ifndef RENDER_WORDING_H
#define RENDER_WORDING_H

#include "../observe/ledger.h"
#include "../record/describe.h"

/* "ioas 1"; "?" if the ledger does not know the object. */
const char *wording_object(const struct ledger *ledger,
			   const struct record_op *op,
			   char buf[IOMMUFD_MODEL_NAME_LEN]);

/* Who holds the reference that @op is about: "the id table", "getter". */
const char *wording_holder(const struct ledger *ledger,
			   const struct iommufd_model_record *record,
			   const struct record_op *op, char buf[RECORD_NAME]);

/*
 * wording_op(ledger, record, op, text, more): describe in @text what @op did,
 * and explain it in @more.  @op must not have been applied to the ledger yet.
 * False: it is a note with nothing to describe.
 */
bool wording_op(const struct ledger *ledger,
		const struct iommufd_model_record *record,
		const struct record_op *op, struct text *text,
		struct text *more);

/* What a note says about its object, such as "is published"; NULL: nothing. */
const char *wording_note(long note);

/* The name of an ioctl, such as "IOMMU_DESTROY". */
const char *wording_ioctl(long nr);

#endif
