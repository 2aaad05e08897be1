/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What accesses have pinned, for the observer. */
#ifndef OBSERVE_PINS_H
#define OBSERVE_PINS_H

#include "ledger.h"

/*
 * observe_pins_note(): handles the note that an access has pinned or unpinned,
 * and lists all pins in @record, unless it is NULL.  Returns false if @op is
 * something else.
 */
bool observe_pins_note(struct ledger *ledger,
		       struct iommufd_model_record *record,
		       const struct iommufd_model_op *op);
void observe_pins_free(struct ledger *ledger);

#endif
