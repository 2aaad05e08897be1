/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A record laid out to be shown: every operation as a step in words, with its
 * changes to one picture that has room for all objects that ever existed.
 *
 * A node of the picture stands for an object, a context or a holder.  An object
 * gets the node of an earlier object that had the same name and has been freed.
 * An edge stands for all references of one counter that one node holds to
 * another.
 */
#ifndef TIMELINE_H
#define TIMELINE_H

#include "json.h"
#include "layout.h"
#include "../record/record.h"

enum timeline_change_kind {
	CHANGE_NODE,	/* node @a now has the state @c */
	/* counter @b of node @a is @c, of which the id table has @d */
	CHANGE_VALUE,
	CHANGE_EDGE,	/* edge @a stands for @c references */
	/*
	 * lock @b of thread @a is 0 free, 1 held or 2 held for reading in @c;
	 * @d is the old value
	 */
	CHANGE_LOCK,
};

struct timeline_change {
	enum timeline_change_kind kind;
	unsigned int a, b;
	long c, d;
};

/* A node's state: NODE_GONE, or enum iommufd_model_node_state plus 1. */
#define NODE_GONE 0

struct timeline_node {
	enum iommufd_model_node_kind kind;
	char name[IOMMUFD_MODEL_NAME_LEN];
	int ctx;		/* the node of the object's context, or -1 */
	/* the serial of the object or holder for which the node stood last */
	unsigned int serial;
	int state;
	long value[IOMMUFD_MODEL_NR_COUNTERS];
	long table[IOMMUFD_MODEL_NR_COUNTERS];
	struct layout_box box;
	/* the number of the last snapshot that contained the node */
	unsigned int shown;
};

struct timeline_edge {
	unsigned int from, to;
	enum iommufd_model_counter counter;
	long count, now;
	struct layout_path path;
	double label[2];
};

struct timeline_lock {
	char name[IOMMUFD_MODEL_NAME_LEN];
	unsigned int thread;
	int mode, now;
};

enum timeline_step_kind {
	STEP_COUNT, STEP_LOCK, STEP_WAIT, STEP_MEMORY, STEP_USER, STEP_NOTE,
	STEP_OTHER
};

/*
 * struct timeline_step
 * @more: further explanation, or ""
 * @depth: the number of destroys and passes that the step is inside of
 * @preempts: the thread @preempted could have gone on
 * @busy: the node of the object that the step could not destroy, because it is
 *	held; -1: none
 */
struct timeline_step {
	const struct iommufd_model_site *site;
	char *text, *more;
	size_t first_change, nr_changes;
	unsigned int thread;
	enum timeline_step_kind kind;
	int depth;
	bool preempts;
	unsigned int preempted;
	int busy;
};

/*
 * A script line or an ioctl: it consists of the steps i of a thread with @from
 * <= i < @to.  @file is the name of the script, or NULL; it is never freed.
 */
struct timeline_mark {
	unsigned int from, to, thread;
	long line;
	const char *file;
	char *text, *result;	/* @result is NULL if it did not end */
};

/*
 * A pass of a release; @gone and @left are arrays of names, and @when has for
 * each that is gone the number of the step that freed it.
 */
struct timeline_pass {
	unsigned int from, to;
	long number;
	char *ctx;
	json_t *gone, *when, *left;
};

/*
 * The state of a thread at the end; @next is the operation that it was about to
 * do.
 */
struct timeline_end {
	char *next, *state;
	const struct iommufd_model_site *site;
};

struct timeline {
	const struct iommufd_model_record *record;
	unsigned int nr_threads;
	struct timeline_end *ends;	/* one per thread */
	double width, height;
	struct timeline_step *steps;
	struct timeline_change *changes;
	struct timeline_node *nodes;
	struct timeline_edge *edges;
	struct timeline_lock *locks;
	struct timeline_mark *marks;
	struct timeline_pass *passes;
	size_t nr_steps, nr_changes, nr_nodes, nr_edges, nr_locks, nr_marks,
	       nr_passes;
	unsigned int nr_snapshots;
};

/* timeline_make(): fill in @timeline, which is zero except for its record. */
void timeline_make(struct timeline *timeline);
void timeline_free(struct timeline *timeline);

#define timeline_add(t, what) \
	render_grow((void **)&(t)->what, &(t)->nr_##what, sizeof(*(t)->what))

/* picture.c: add the changes of a snapshot; at the end, lay out the picture. */
void timeline_show(struct timeline *timeline,
		   const struct iommufd_model_graph *graph);
void timeline_lay_out(struct timeline *timeline);
/* Return the node of the object with this serial, which is there now, or -1. */
int timeline_node_of(const struct timeline *timeline, unsigned int serial);

/* The formats of a timeline. */
void render_page(const struct timeline *timeline, FILE *to);
void render_page_json(const struct timeline *timeline, FILE *to);
void render_trace(const struct timeline *timeline, FILE *to);
void render_columns(const struct timeline *timeline, FILE *to);

#endif
