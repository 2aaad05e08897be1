/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The ownership graph at one moment: what there is, and who holds it.
 *
 * A node is an object, a context, or what else can hold a unit: a descriptor, a
 * file of an event queue, a thread.  An edge is one or more units of one counter
 * that one node holds of another, taken at one place.  The id table's units are
 * in the node they are of, as every object has them and an arrow would say
 * nothing.  So of each counter of a node
 *
 *	its value == the table's units + the counts of the edges to it
 *
 * unless the observer missed something, which @unknown then is.
 *
 * Graphs come from <iommufd_model/observe.h>.  A graph is a copy: nothing in it
 * changes, and it holds nothing.
 */
#ifndef IOMMUFD_MODEL_GRAPH_H
#define IOMMUFD_MODEL_GRAPH_H

#include <iommufd_model/kernel/gate.h>
#include <stdbool.h>
#include <stdio.h>

IOMMUFD_MODEL_BEGIN_DECLS

#define IOMMUFD_MODEL_NAME_LEN 40

enum iommufd_model_counter {
	IOMMUFD_MODEL_USERS,
	IOMMUFD_MODEL_WAIT_CNT,		/* shortterm_users */
	IOMMUFD_MODEL_REFERENCES,	/* of a context's file */
	IOMMUFD_MODEL_NR_COUNTERS
};

enum iommufd_model_node_kind {
	IOMMUFD_MODEL_NODE_CTX,		/* has references */
	IOMMUFD_MODEL_NODE_OBJECT,	/* has users and wait_cnt */
	IOMMUFD_MODEL_NODE_DESCRIPTOR,	/* of a ctx; has no counter */
	IOMMUFD_MODEL_NODE_FILE,	/* of an event queue, a mapping */
	IOMMUFD_MODEL_NODE_THREAD,
};

enum iommufd_model_node_state {
	IOMMUFD_MODEL_NODE_RESERVED,	/* allocated, not finalized */
	IOMMUFD_MODEL_NODE_PUBLISHED,	/* others can find it */
	IOMMUFD_MODEL_NODE_DYING,	/* being destroyed, undone or released */
};

/*
 * struct iommufd_model_node
 * @serial: its own for ever: an id, a name and an address are used again
 * @ctx: index of the ctx it belongs to, -1: none
 * @name: "ctx", "ioas 1", "descriptor", "fault 2's file", "getter"
 * @addr: of the object or the ctx; it may be gone by now
 * @value: of each counter; meaningless where the kind has no such counter
 * @table: units that the id table has of it
 * @unknown: units that the observer cannot attribute
 */
struct iommufd_model_node {
	enum iommufd_model_node_kind kind;
	enum iommufd_model_node_state state;
	unsigned int serial;
	int ctx;
	char name[IOMMUFD_MODEL_NAME_LEN];
	const void *addr;
	long value[IOMMUFD_MODEL_NR_COUNTERS];
	long table[IOMMUFD_MODEL_NR_COUNTERS];
	long unknown[IOMMUFD_MODEL_NR_COUNTERS];
};

/*
 * struct iommufd_model_edge - @from holds @count units of @counter of @to
 * @from, @to: indices of nodes; @to is a ctx or an object
 * @site: where they were taken; NULL: not known
 */
struct iommufd_model_edge {
	unsigned int from, to;
	enum iommufd_model_counter counter;
	unsigned int count;
	const struct iommufd_model_site *site;
};

/*
 * struct iommufd_model_graph_lock - node @thread has taken a lock
 * @name: "mutex of hwpt 3", "the table of ctx"
 * @node: that it lies in, -1: none
 * @read: as a reader
 */
struct iommufd_model_graph_lock {
	unsigned int thread;
	int node;
	char name[IOMMUFD_MODEL_NAME_LEN];
	bool read;
	const struct iommufd_model_site *site;
};

/*
 * struct iommufd_model_graph - nodes in the order they came to be
 * @title: what the moment is called, "after line 5: destroy $i"; may be empty
 */
struct iommufd_model_graph {
	char title[120];
	unsigned int nr_nodes, nr_edges, nr_locks;
	struct iommufd_model_node *nodes;
	struct iommufd_model_edge *edges;
	struct iommufd_model_graph_lock *locks;
};

enum iommufd_model_graph_format {
	IOMMUFD_MODEL_GRAPH_TEXT,	/* a table, for people */
	IOMMUFD_MODEL_GRAPH_DOT,	/* for Graphviz */
	IOMMUFD_MODEL_GRAPH_MERMAID,	/* for Markdown */
	IOMMUFD_MODEL_GRAPH_SVG,
	IOMMUFD_MODEL_GRAPH_JSON,
};

/*
 * iommufd_model_graph_write(graph, format, to): print it.  SVG is laid out by
 * Graphviz's program dot if there is one and IOMMUFD_MODEL_LAYOUT=own is not
 * set, else by a layout of the library.  0, -ENOMEM, -EIO.
 */
IOMMUFD_MODEL_API int
iommufd_model_graph_write(const struct iommufd_model_graph *graph,
			  enum iommufd_model_graph_format format, FILE *to);

/*
 * iommufd_model_graph_diff(before, after, to): a line for each node that came or
 * went and for each counter, unit or state that is another.  Nodes are the same
 * if their serials are.  Returns the number of lines; @to may be NULL.
 */
IOMMUFD_MODEL_API unsigned int
iommufd_model_graph_diff(const struct iommufd_model_graph *before,
			 const struct iommufd_model_graph *after, FILE *to);

/* iommufd_model_graph_free(graph): @graph may be NULL. */
IOMMUFD_MODEL_API void
iommufd_model_graph_free(struct iommufd_model_graph *graph);

IOMMUFD_MODEL_END_DECLS

#endif
