/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The data that the parts of the observer share.
 *
 *	observe_start		makes an empty ledger; adds the hook at the gate
 *	  record_start		each operation also goes into a record
 *	  step(), event()	callbacks of the hook, called on any thread
 *	observe_stop		removes the hook and frees the ledger; a record
 *				still belongs to its owner
 *
 * @mutex guards the ledger, the record that is written, and what is known of
 * threads and counters.  It may be taken while any locks of the model are held.
 * While it is held, no lock of the model is taken except the lock word of the
 * ground's list of allocations, which is needed to find the allocation that
 * contains an address.  Callbacks are called with the mutex held.
 */
#ifndef OBSERVER_H
#define OBSERVER_H

#include "ledger.h"
#include <iommufd_model/observe.h>
#include <pthread.h>

/*
 * struct observer
 * @ledger: the current objects and references; NULL if nothing is observed
 * @record: the record to which operations are written, or NULL
 */
struct observer {
	pthread_mutex_t mutex;
	struct ledger *ledger;
	struct iommufd_model_record *record;
	/*
	 * the explorer runs: it knows which thread runs, and writes the record
	 */
	bool explored;
};

extern struct observer observe_state;

#endif
