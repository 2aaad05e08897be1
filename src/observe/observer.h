/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the parts of the observer share.
 *
 *	observe_start		books, empty; the hook is at the gate
 *	  record		a recording begins where the books are
 *	  step(), event()	of the hook, on any thread: events, applied
 *	observe_stop		the hook goes, then the books; a recording stays
 *				its owner's
 *
 * @mutex guards all of it: the books, the recording that is written, what is
 * known of threads and addresses.  It is taken with any locks of the model
 * held, and none of those is taken inside of it: only the lock word of the
 * ground's list of allocations, to ask what an address lies in.  Callbacks are
 * called with it held.
 */
#ifndef OBSERVER_H
#define OBSERVER_H

#include "recording.h"
#include <pthread.h>

/*
 * struct observer
 * @books: of the present; NULL: nobody observes
 * @recording: NULL: none
 * @explored: the explorer says which thread runs
 */
struct observer {
	pthread_mutex_t mutex;
	struct books *books;
	struct iommufd_model_recording *recording;
	bool explored;
};

extern struct observer observe_state;

#endif
