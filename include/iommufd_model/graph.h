/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file graph.h The ownership graph at one moment: which objects and contexts
 * exist, and who holds references to them.
 *
 * A node is an object, a context, or another holder of references: a
 * descriptor, a file of an event queue, a thread.  An edge stands for one or
 * more references that one node holds to another, in one counter, and that were
 * taken at one call site.  The references that the id table holds to a node are
 * counted in a member of the node: every object has them, so that edges for
 * them would say nothing.  For each counter of a node
 *
 *	its value == the table's references + the counts of the edges to it
 *
 * unless the observer missed references.  These are in the member unknown.
 *
 * Graphs come from <iommufd_model/observe.h>.  A graph is a copy: it never
 * changes and holds no references.  Nothing here touches the model, blocks, or
 * needs a lock.
 */
#ifndef IOMMUFD_MODEL_GRAPH_H
#define IOMMUFD_MODEL_GRAPH_H

#include <iommufd_model/kernel/gate.h>
#include <stdbool.h>
#include <stdio.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** The size of a buffer for a name, including the NUL. */
#define IOMMUFD_MODEL_NAME_LEN 40

/** The counters of references. */
enum iommufd_model_counter {
	IOMMUFD_MODEL_USERS,		/**< the counter users of an object */
	/** the counter wait_cnt (shortterm_users) of an object */
	IOMMUFD_MODEL_WAIT_CNT,
	IOMMUFD_MODEL_REFERENCES,	/**< the counter of a context's file */
	IOMMUFD_MODEL_NR_COUNTERS	/**< the number of counters */
};

/** The kinds of nodes. */
enum iommufd_model_node_kind {
	/** a context; it has the counter references */
	IOMMUFD_MODEL_NODE_CTX,
	/** an object; it has the counters users and wait_cnt */
	IOMMUFD_MODEL_NODE_OBJECT,
	/** a descriptor of a context; it has no counter */
	IOMMUFD_MODEL_NODE_DESCRIPTOR,
	/** the file of an event queue or of a mapping */
	IOMMUFD_MODEL_NODE_FILE,
	/** a thread that holds a reference or a lock */
	IOMMUFD_MODEL_NODE_THREAD,
};

/** The states of an object. */
enum iommufd_model_node_state {
	IOMMUFD_MODEL_NODE_RESERVED,	/**< allocated, but not finalized */
	/** published, so that others can look it up */
	IOMMUFD_MODEL_NODE_PUBLISHED,
	IOMMUFD_MODEL_NODE_DYING,	/**< being destroyed or undone */
};

/**
 * An object, a context, or another holder.  Counters that the kind of node does
 * not have are meaningless.
 */
struct iommufd_model_node {
	enum iommufd_model_node_kind kind;	/**< the kind of the node */
	enum iommufd_model_node_state state;	/**< the state of an object */
	/**
	 * A number that no other node ever gets, whereas ids, names and
	 * addresses are reused.  The serial of a thread is the thread's number.
	 */
	unsigned int serial;
	/** the index of the node of the context, or -1 for none */
	int ctx;
	/**
	 * the name, such as "ctx", "ioas 1", "descriptor", "[iommufd-fault]",
	 * "getter"
	 */
	char name[IOMMUFD_MODEL_NAME_LEN];
	/** the address of an object or ctx, which may have been freed since */
	const void *addr;
	/** the value of each counter */
	long value[IOMMUFD_MODEL_NR_COUNTERS];
	/** the number of references to this node that the id table holds */
	long table[IOMMUFD_MODEL_NR_COUNTERS];
	/** the number of references that the observer cannot attribute */
	long unknown[IOMMUFD_MODEL_NR_COUNTERS];
};

/** References that one node holds to another. */
struct iommufd_model_edge {
	/** the index of the node that holds the references */
	unsigned int from;
	/** the index of the context or object to which they refer */
	unsigned int to;
	/** the counter that counts the references */
	enum iommufd_model_counter counter;
	unsigned int count;	/**< the number of references */
	/** the call site that took the references; NULL if it is not known */
	const struct iommufd_model_site *site;
};

/** A lock that a thread has taken. */
struct iommufd_model_graph_lock {
	unsigned int thread;	/**< the index of the node of the thread */
	/** the index of the node that contains the lock, or -1 */
	int node;
	/** the name of the lock, such as "mutex of hwpt_paging 3" */
	char name[IOMMUFD_MODEL_NAME_LEN];
	bool read;		/**< true if the lock was taken for reading */
	/** the call site that took the lock */
	const struct iommufd_model_site *site;
};

/** A graph.  Its nodes are in the order in which they were created. */
struct iommufd_model_graph {
	/** the title, such as "after line 5: destroy $i", or "" */
	char title[120];
	unsigned int nr_nodes;	/**< the number of nodes */
	unsigned int nr_edges;	/**< the number of edges */
	unsigned int nr_locks;	/**< the number of locks */
	struct iommufd_model_node *nodes;	/**< the nodes */
	struct iommufd_model_edge *edges;	/**< the edges */
	/** the locks that threads held at that moment */
	struct iommufd_model_graph_lock *locks;
};

/**
 * Prints a graph as a table.  It has a line for each counter of each node, with
 * the holders of its references.  The program iommufd-model has other formats.
 * @param graph  the graph
 * @param to     the stream to which it is printed
 */
IOMMUFD_MODEL_API void
iommufd_model_graph_print(const struct iommufd_model_graph *graph, FILE *to);

/**
 * Prints the differences between two graphs: a line for each node that was
 * created or freed, and for each counter, reference or state that changed.  Two
 * nodes are the same if they have the same serial.
 * @param before  the earlier graph
 * @param after   the other
 * @param to      the stream for the lines; NULL prints nothing
 * @return the number of lines
 */
IOMMUFD_MODEL_API unsigned int
iommufd_model_graph_diff(const struct iommufd_model_graph *before,
			 const struct iommufd_model_graph *after, FILE *to);

/**
 * Frees a graph.
 * @param graph  the graph, or NULL
 */
IOMMUFD_MODEL_API void
iommufd_model_graph_free(struct iommufd_model_graph *graph);

IOMMUFD_MODEL_END_DECLS

#endif
