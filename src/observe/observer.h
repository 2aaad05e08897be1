/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the parts of the observer share.  @mutex guards all of it.
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
