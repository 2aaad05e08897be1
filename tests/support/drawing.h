/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Graphs that a test makes by hand, for tests of the formats in which they are
 * written.
 */
#ifndef TESTS_SUPPORT_DRAWING_H
#define TESTS_SUPPORT_DRAWING_H

#include "suite.h"
#include "../../src/render/graph.h"
#include <iommufd_model/graph.h>
#include <stdio.h>

#define DRAWING_ROOM 512

#define NODE(kind) IOMMUFD_MODEL_NODE_##kind

/* Make an empty graph, with room for DRAWING_ROOM nodes, edges and locks. */
struct iommufd_model_graph *new_graph(void);

/*
 * Add a published node to the first context, which is the first node.  A node
 * of an object gets the references of the id table.
 */
unsigned int add_node(struct iommufd_model_graph *g,
		      enum iommufd_model_node_kind kind, const char *name);
struct iommufd_model_edge *add_edge(struct iommufd_model_graph *g,
				    unsigned int from, unsigned int to,
				    enum iommufd_model_counter counter,
				    unsigned int count);

/* Add a users reference that @from holds to @to. */
struct iommufd_model_edge *holds(struct iommufd_model_graph *g,
				 unsigned int from, unsigned int to);
struct iommufd_model_graph_lock *add_lock(struct iommufd_model_graph *g,
					  unsigned int thread, int node,
					  const char *name);

/*
 * The objects of a virtual machine monitor at a moment when one thread destroys
 * a device.
 */
struct iommufd_model_graph *typical_graph(void);

typedef void format(const struct iommufd_model_graph *graph, FILE *to);

/*
 * Return the text of a graph, which the caller frees.  With @rows the picture
 * has plain rows; without, Graphviz makes it if it is installed.
 */
char *written(const struct iommufd_model_graph *g, format *as, bool rows);

#endif
