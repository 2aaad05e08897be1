// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The ring of a recording, and the moments in it.
 *
 * An event that is overwritten is first applied to books that stand for all
 * that is lost, so that the books of each moment that is left can still be
 * made. Those books belong to the process that records: where a child did, its
 * parent can only say how many events are missing.
 */
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#include "recording.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

struct iommufd_model_recording *
iommufd_model_recording_create(unsigned int events)
{
	struct iommufd_model_recording *recording;
	size_t size;

	if (!events)
		events = IOMMUFD_MODEL_RECORDING_EVENTS;
	size = (size_t)events * sizeof(struct event);
	if (size / sizeof(struct event) != events ||
	    size > SIZE_MAX - sizeof(struct recorded))
		return NULL;
	recording = calloc(1, sizeof(*recording));
	if (!recording)
		return NULL;
	recording->size = sizeof(struct recorded) + size;
	recording->shared = mmap(NULL, recording->size, PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (recording->shared == MAP_FAILED) {
		free(recording);
		return NULL;
	}
	recording->shared->room = events;
	return recording;
}

void iommufd_model_recording_free(struct iommufd_model_recording *recording)
{
	if (!recording)
		return;
	munmap(recording->shared, recording->size);
	observe_books_free(recording->before);
	free(recording);
}

int observe_recording_begin(struct iommufd_model_recording *recording,
			    const struct books *books)
{
	struct recorded *shared = recording->shared;

	shared->nr = 0;
	shared->text_used = 0;
	memset(shared->threads, 0, sizeof(shared->threads));
	observe_books_free(recording->before);
	recording->before = observe_books_copy(books);
	recording->applied = 0;
	return recording->before ? 0 : -ENOMEM;
}

void observe_recording_add(struct iommufd_model_recording *recording,
			   const struct event *event)
{
	struct recorded *shared = recording->shared;
	struct event *slot = &shared->events[shared->nr % shared->room];

	if (shared->nr >= shared->room) {
		observe_books_apply(recording->before, slot);
		recording->applied++;
	}
	*slot = *event;
	/* A process that is killed here leaves only what is whole. */
	__atomic_store_n(&shared->nr, shared->nr + 1, __ATOMIC_RELEASE);
}

const char *observe_recording_text(struct iommufd_model_recording *recording,
				   const char *text)
{
	struct recorded *shared = recording->shared;
	size_t len = strlen(text) + 1;
	char *copy = shared->text + shared->text_used;

	if (len > RECORDED_TEXT - shared->text_used)
		return NULL;
	shared->text_used += (unsigned int)len;
	return memcpy(copy, text, len);
}

unsigned long
observe_recording_first(const struct iommufd_model_recording *recording)
{
	const struct recorded *shared = recording->shared;

	return shared->nr > shared->room ? shared->nr - shared->room : 0;
}

unsigned long
observe_recording_end(const struct iommufd_model_recording *recording)
{
	return recording->shared->nr;
}

const struct event *
observe_recording_event(const struct iommufd_model_recording *recording,
			unsigned long number)
{
	const struct recorded *shared = recording->shared;

	return &shared->events[number % shared->room];
}

struct books *
observe_recording_books(const struct iommufd_model_recording *recording)
{
	if (!recording->before ||
	    recording->applied != observe_recording_first(recording))
		return observe_books_create();
	return observe_books_copy(recording->before);
}

void observe_recording_thread_name(unsigned int thread, char *buf, void *data)
{
	const struct iommufd_model_recording *recording = data;
	const struct recorded *shared = recording->shared;
	const struct recorded_thread *t = thread < RECORDED_THREADS ?
				&shared->threads[thread] : NULL;

	if (t && t->name_given && *t->name)
		snprintf(buf, IOMMUFD_MODEL_NAME_LEN, "%s", t->name);
	else if (t && t->name_given)
		snprintf(buf, IOMMUFD_MODEL_NAME_LEN, "thread %c",
			 'a' + (int)((unsigned int)t->number % 26));
	else if (!thread)
		strcpy(buf, "main");
	else
		snprintf(buf, IOMMUFD_MODEL_NAME_LEN, "thread %u", thread);
}
