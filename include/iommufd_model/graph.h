/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file graph.h
 * The ownership graph at one moment: which objects and contexts exist, and who
 * holds references to them.
 *
 * A node is an object, a context, or another holder of references: a descriptor,
 * a file of an event queue, a thread.  An edge stands for one or more references
 * of one counter that one node holds to another and that were taken at one call
 * site.  The references of the id table are a member of the node that they refer
 * to: every object has them, so edges for them would tell nothing.  For each
 * counter of a node
 *
 *	its value == the table's references + the counts of the edges to it
 *
 * unless the observer missed something, which is then in the member unknown.
 *
 * Graphs come from <iommufd_model/observe.h>.  A graph is a copy: nothing in it
 * changes, and it holds nothing.  Nothing here touches the model, blocks, or
 * needs a lock.
 */
#ifndef IOMMUFD_MODEL_GRAPH_H
#define IOMMUFD_MODEL_GRAPH_H

#include <iommufd_model/kernel/gate.h>
#include <stdbool.h>
#include <stdio.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** Room for a name, with its end. */
#define IOMMUFD_MODEL_NAME_LEN 40

/** What is counted. */
enum iommufd_model_counter {
	IOMMUFD_MODEL_USERS,		/**< of an object */
	IOMMUFD_MODEL_WAIT_CNT,		/**< of an object: shortterm_users */
	IOMMUFD_MODEL_REFERENCES,	/**< of a context's file */
	IOMMUFD_MODEL_NR_COUNTERS	/**< how many there are */
};

/** What a node is. */
enum iommufd_model_node_kind {
	IOMMUFD_MODEL_NODE_CTX,		/**< a context; has references */
	IOMMUFD_MODEL_NODE_OBJECT,	/**< has users and wait_cnt */
	IOMMUFD_MODEL_NODE_DESCRIPTOR,	/**< of a context; has no counter */
	IOMMUFD_MODEL_NODE_FILE,	/**< of an event queue or a mapping */
	IOMMUFD_MODEL_NODE_THREAD,	/**< one that holds a reference or a lock */
};

/** Where an object is in its life. */
enum iommufd_model_node_state {
	IOMMUFD_MODEL_NODE_RESERVED,	/**< allocated, not finalized */
	IOMMUFD_MODEL_NODE_PUBLISHED,	/**< others can find it */
	IOMMUFD_MODEL_NODE_DYING,	/**< being destroyed or undone */
};

/**
 * An object, a context, or another holder.  Counters are meaningless where the
 * kind has none.
 */
struct iommufd_model_node {
	enum iommufd_model_node_kind kind;	/**< what it is */
	enum iommufd_model_node_state state;	/**< of an object */
	/**
	 * A number that no other node ever gets, unlike an id, a name or an
	 * address.  The serial of a thread is the thread's number.
	 */
	unsigned int serial;
	int ctx;		/**< index of the ctx it belongs to, -1: none */
	/** "ctx", "ioas 1", "descriptor", "[iommufd-fault]", "getter" */
	char name[IOMMUFD_MODEL_NAME_LEN];
	const void *addr;	/**< of the object or ctx; it may be gone now */
	long value[IOMMUFD_MODEL_NR_COUNTERS];	/**< of each counter */
	/** references that the id table holds to it */
	long table[IOMMUFD_MODEL_NR_COUNTERS];
	/** references that the observer cannot attribute */
	long unknown[IOMMUFD_MODEL_NR_COUNTERS];
};

/** References that one node holds to another. */
struct iommufd_model_edge {
	unsigned int from;	/**< index of the node that holds them */
	unsigned int to;	/**< index of the ctx or object that is held */
	enum iommufd_model_counter counter;	/**< of which counter */
	unsigned int count;	/**< how many */
	/** where they were taken; NULL: not known */
	const struct iommufd_model_site *site;
};

/** A lock that a thread has taken. */
struct iommufd_model_graph_lock {
	unsigned int thread;	/**< index of the node of the thread */
	int node;		/**< index of the node it is in, or -1 */
	/** "mutex of hwpt_paging 3" */
	char name[IOMMUFD_MODEL_NAME_LEN];
	bool read;		/**< taken as a reader */
	const struct iommufd_model_site *site;	/**< where it was taken */
};

/** A graph; nodes in the order they came to be. */
struct iommufd_model_graph {
	/** what the moment is called, "after line 5: destroy $i"; or empty */
	char title[120];
	unsigned int nr_nodes;	/**< how many nodes */
	unsigned int nr_edges;	/**< how many edges */
	unsigned int nr_locks;	/**< how many locks */
	struct iommufd_model_node *nodes;	/**< the nodes */
	struct iommufd_model_edge *edges;	/**< the edges */
	struct iommufd_model_graph_lock *locks;	/**< locks held then */
};

/**
 * Prints a graph as a table: a line for each counter of each node, with who
 * holds its references.  The program iommufd-model has other formats.
 * @param graph  the graph
 * @param to     where to
 */
IOMMUFD_MODEL_API void
iommufd_model_graph_print(const struct iommufd_model_graph *graph, FILE *to);

/**
 * Prints the differences between two graphs: a line for each node that came or
 * went, and for each counter, reference or state that changed.  Nodes are the same
 * if their serials are.
 * @param before  one graph
 * @param after   the other
 * @param to      where the lines go; NULL: nowhere
 * @return number of lines
 */
IOMMUFD_MODEL_API unsigned int
iommufd_model_graph_diff(const struct iommufd_model_graph *before,
			 const struct iommufd_model_graph *after, FILE *to);

/**
 * Gives a graph back.
 * @param graph  may be NULL
 */
IOMMUFD_MODEL_API void
iommufd_model_graph_free(struct iommufd_model_graph *graph);

IOMMUFD_MODEL_END_DECLS

#endif
