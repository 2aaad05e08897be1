/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A recording made ready to be shown: every event as a step in words, with what
 * it changes in one picture that has room for all that ever was.
 *
 * A place is a node of that picture.  An object gets the place of one that had
 * its name and is gone.  A link is an edge: all units of one counter that what
 * is in one place has of what is in another.
 */
#ifndef FILM_H
#define FILM_H

#include "layout.h"
#include "recording.h"

enum film_change_kind {
	CHANGE_PLACE,	/* @a is in @state now */
	CHANGE_VALUE,	/* counter @b of @a is @c, @d of it the table's */
	CHANGE_LINK,	/* link @a has @c units */
	/* lock @b of thread @a: 0 free, 1 held, 2 to read; @d is what it was */
	CHANGE_LOCK,
};

struct film_change {
	enum film_change_kind kind;
	unsigned int a, b;
	long c, d;
};

/* What a place is in: gone, or one more than enum iommufd_model_node_state. */
#define PLACE_GONE 0

struct film_place {
	enum iommufd_model_node_kind kind;
	char name[IOMMUFD_MODEL_NAME_LEN];
	int ctx;		/* place of its context, -1 */
	unsigned int serial;	/* of the node that was there last */
	int state;
	long value[IOMMUFD_MODEL_NR_COUNTERS];
	long table[IOMMUFD_MODEL_NR_COUNTERS];
	struct layout_box box;
};

struct film_link {
	unsigned int from, to;
	enum iommufd_model_counter counter;
	long count;
	struct layout_path path;
};

struct film_lock {
	char name[IOMMUFD_MODEL_NAME_LEN];
	unsigned int thread;
	int mode;
};

enum film_step_kind {
	STEP_COUNT, STEP_LOCK, STEP_WAIT, STEP_MEMORY, STEP_USER, STEP_NOTE,
	STEP_OTHER
};

/*
 * struct film_step
 * @text, @more: offsets of film->text; @more 0: nothing
 * @depth: inside of how many destroys and passes
 * @preempts: the thread before, @preempted, could have gone on
 */
struct film_step {
	const struct iommufd_model_site *site;
	size_t text, more;
	size_t first_change, nr_changes;
	unsigned int thread;
	enum film_step_kind kind;
	int depth;
	bool preempts;
	unsigned int preempted;
};

/* Steps @from <= i < @to of a thread are one step of a script, or one ioctl. */
struct film_mark {
	unsigned int from, to, thread, line;
	size_t text, result;
};

/* A pass of a release. */
struct film_pass {
	unsigned int from, to, number;
	size_t ctx, gone, left;	/* texts; the last two one line a name */
};

/* Where a thread stands at the end. */
struct film_end {
	size_t next, state;	/* texts: what it was about to do; "ended" */
	const struct iommufd_model_site *site;	/* of @next */
};

struct film {
	const struct iommufd_model_recording *recording;
	const struct iommufd_model_film *about;
	unsigned int nr_threads;
	struct film_end *ends;	/* per thread */
	double width, height;
	struct film_step *steps;
	struct film_change *changes;
	struct film_place *places;
	struct film_link *links;
	struct film_lock *locks;
	struct film_mark *marks;
	struct film_pass *passes;
	char *text;		/* strings, each with its end */
	size_t nr_steps, nr_changes, nr_places, nr_links, nr_locks, nr_marks,
		nr_passes, nr_text;
	size_t room_steps, room_changes, room_places, room_links, room_locks,
		room_marks, room_passes, room_text;
	bool failed;		/* there was no memory */
};

/*
 * observe_film_failed_thread(): that the result says broke; -1: none in
 * particular.
 */
int observe_film_failed_thread(const struct film *film);

/*
 * observe_film_make(film): all but what is given, which is @recording and
 * @about.
 */
int observe_film_make(struct film *film);
void observe_film_free(struct film *film);

/* An element more at the end of an array of @film; NULL without memory. */
#define film_add(film, what)                                                \
	observe_film_grow(film, (void **)&(film)->what, &(film)->nr_##what, \
			  &(film)->room_##what, sizeof(*(film)->what))
void *observe_film_grow(struct film *film, void **array, size_t *nr,
			size_t *room, size_t size);
size_t observe_film_text(struct film *film, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* film_picture.c: the picture, and what the books make of it from now on. */
void observe_film_show(struct film *film,
		       const struct iommufd_model_graph *graph);
/* Where everything is, when all has been shown. */
int observe_film_lay_out(struct film *film);

/* film_words.c: a step in words; false: it is not worth a step. */
bool observe_film_tell(struct film *film, const struct books *books,
		       const struct event *event, struct film_step *step);
/* What a thread was about to do. */
size_t observe_film_tell_next(struct film *film, const struct books *books,
			      const struct event *event);
/* "IOMMU_DESTROY" */
const char *observe_film_ioctl_name(int nr);

int observe_film_write_json(struct film *film, FILE *to);
int observe_film_write_trace(struct film *film, FILE *to);
int observe_film_write_text(struct film *film, FILE *to);
int observe_film_write_html(struct film *film, FILE *to);

#endif
