/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Inside of a recording: the last events, in memory that a child shares with
 * its parent, so that what a process did can be told when it has died.
 */
#ifndef RECORDING_H
#define RECORDING_H

#include <iommufd_model/observe.h>
#include "books.h"

#define RECORDED_THREADS 64
#define RECORDED_TEXT (256u << 10)

/*
 * struct recorded_thread
 * @name_given: somebody announced it, as
 * @name: "": it is "thread a" and so on, by
 * @number: that whoever runs it knows it by
 * @ended: that was announced, too
 * @next: what it was about to do when the recording ended; @next.site is NULL
 *	if nothing
 */
struct recorded_thread {
	bool name_given, ended;
	char name[IOMMUFD_MODEL_NAME_LEN];
	int number;
	struct event next;
};

/* The part that is shared. */
struct recorded {
	unsigned int room, text_used;
	unsigned long nr;	/* events there ever were */
	struct recorded_thread threads[RECORDED_THREADS];
	char text[RECORDED_TEXT];
	struct event events[];	/* event n in slot n % room */
};

/*
 * struct iommufd_model_recording
 * @size: of the mapping @shared
 * @before: the books before the oldest event that is left, as far as this
 *	process knows; NULL: nothing was recorded by it
 * @applied: number of events that are in @before.  Fewer than are lost: another
 *	process has recorded
 */
struct iommufd_model_recording {
	struct recorded *shared;
	size_t size;
	struct books *before;
	unsigned long applied;
};

/*
 * observe_recording_begin(recording, books): forget all, and begin where @books
 * are; 0 or -ENOMEM.
 */
int observe_recording_begin(struct iommufd_model_recording *recording,
			    const struct books *books);
void observe_recording_add(struct iommufd_model_recording *recording,
			   const struct event *event);
/* A copy that lives as long as the recording; NULL if it is full. */
const char *observe_recording_text(struct iommufd_model_recording *recording,
				   const char *text);

/*
 * observe_recording_first(), observe_recording_end(): numbers of the events
 * that are left.
 */
unsigned long
observe_recording_first(const struct iommufd_model_recording *recording);
unsigned long
observe_recording_end(const struct iommufd_model_recording *recording);
const struct event *
observe_recording_event(const struct iommufd_model_recording *recording,
			unsigned long number);

/*
 * observe_recording_books(): new ones, as before the first event that is left;
 * NULL without memory.
 */
struct books *
observe_recording_books(const struct iommufd_model_recording *recording);

/* "getter", "main", "thread 3". */
void observe_recording_thread_name(unsigned int thread, char *buf,
				   void *recording);

#endif
