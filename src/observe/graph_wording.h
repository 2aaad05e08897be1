/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The wording and names of graphs, for all functions that print or draw them.
 */
#ifndef GRAPH_WORDING_H
#define GRAPH_WORDING_H

#include <iommufd_model/graph.h>
#include <stdio.h>

/*
 * The room for a name, with the serial that distinguishes it from an equal
 * name.
 */
#define GRAPH_NAME_ROOM (IOMMUFD_MODEL_NAME_LEN + 16)

/*
 * observe_graph_name(graph, node, name): writes the name of node number @node;
 * if others have the same name, with its serial, as "ioas 1 #7".  Returns
 * @name.
 */
const char *observe_graph_name(const struct iommufd_model_graph *graph,
			       unsigned int node, char name[GRAPH_NAME_ROOM]);

/* observe_graph_nr_ctxs(graph): returns the number of contexts. */
unsigned int observe_graph_nr_ctxs(const struct iommufd_model_graph *graph);

/* Tells whether a node of this kind has this counter. */
bool observe_graph_has(enum iommufd_model_node_kind kind,
		       enum iommufd_model_counter counter);

/*
 * Return the name of a kind or a state: "object", "dying"; "?" if out of
 * range.
 */
const char *observe_graph_kind(enum iommufd_model_node_kind kind);
const char *observe_graph_state(enum iommufd_model_node_state state);

/* A function that prints @s with the escapes that its format needs. */
typedef void graph_put(const char *s, FILE *to);

/*
 * observe_graph_holders(graph, node, counter, put, to): print who holds the
 * references of @counter of @node: "id table, hwpt 2, access 3 (2)".  A holder
 * without a number has one reference.  "unknown" stands for the references that
 * the observer cannot attribute.
 */
void observe_graph_holders(const struct iommufd_model_graph *graph,
			   unsigned int node,
			   enum iommufd_model_counter counter, graph_put *put,
			   FILE *to);

/*
 * observe_graph_lock(graph, nr, text): write lock number @nr to @text: "getter:
 * the table of ctx (read), iommufd_get_object main.c:12".  Returns @text.
 */
#define GRAPH_LOCK_ROOM 320
const char *observe_graph_lock(const struct iommufd_model_graph *graph,
			       unsigned int nr, char text[GRAPH_LOCK_ROOM]);

/*
 * observe_graph_label(graph, node, line): writes the second line of a box, such
 * as "users 3 · wait 1"; "" if there is nothing to say.  Returns @line.
 */
#define GRAPH_LABEL_ROOM 160
const char *observe_graph_label(const struct iommufd_model_graph *graph,
				unsigned int node, char line[GRAPH_LABEL_ROOM]);

/*
 * observe_graph_edge_label(edge, text): writes the label of an edge: "", "×2",
 * "wait_cnt" or "wait_cnt ×2".  Returns @text.
 */
#define GRAPH_EDGE_ROOM 40
const char *observe_graph_edge_label(const struct iommufd_model_edge *edge,
				     char text[GRAPH_EDGE_ROOM]);

/*
 * observe_graph_title(graph, title): copies the title, with a zero byte at its
 * end.
 */
#define GRAPH_TITLE_ROOM (sizeof(((struct iommufd_model_graph *)0)->title) + 1)
const char *observe_graph_title(const struct iommufd_model_graph *graph,
				char title[GRAPH_TITLE_ROOM]);

#endif
