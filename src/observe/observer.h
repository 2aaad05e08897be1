/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the parts of the observer share.
 *
 *	observe_start		an empty ledger; the hook is at the gate
 *	  record_start		each operation also goes into a record
 *	  step(), event()	of the hook, on any thread
 *	observe_stop		the hook goes, then the ledger; a record stays its
 *				owner's
 *
 * @mutex guards all of it: the ledger, the record that is written, what is known
 * of threads and counters.  It is taken with any locks of the model held, and
 * none of those is taken inside of it: only the lock word of the ground's list
 * of allocations, to ask what an address lies in.  Callbacks are called with it
 * held.
 */
#ifndef OBSERVER_H
#define OBSERVER_H

#include "ledger.h"
#include <iommufd_model/observe.h>
#include <pthread.h>

/*
 * struct observer
 * @ledger: of the present; NULL: nobody observes
 * @record: NULL: nothing is recorded
 */
struct observer {
	pthread_mutex_t mutex;
	struct ledger *ledger;
	struct iommufd_model_record *record;
	bool explored;		/* the explorer says which thread runs, and
				   writes the record */
};

extern struct observer observe_state;

#endif
