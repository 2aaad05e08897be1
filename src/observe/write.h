/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the writers of graphs share.
 *
 *	graph.c		the way in; words and names
 *	graph_text.c	the table
 *	graph_diff.c	what is another between two moments
 *	graph_dot.c	DOT, Mermaid
 *	graph_json.c	JSON
 *	svg.c		SVG
 */
#ifndef OBSERVE_WRITE_H
#define OBSERVE_WRITE_H

#include <iommufd_model/graph.h>
#include <stdio.h>

/* A name with what tells it from another node of the same name. */
#define GRAPH_NAME_ROOM (IOMMUFD_MODEL_NAME_LEN + 16)

/*
 * graph_name(graph, node, name): the name of node nr. @node; with its serial,
 * "ioas 1 #7", if others have the same.  Returns @name.
 */
const char *graph_name(const struct iommufd_model_graph *graph,
		       unsigned int node, char name[GRAPH_NAME_ROOM]);

/* Has a node of this kind this counter? */
bool graph_has(enum iommufd_model_node_kind kind,
	       enum iommufd_model_counter counter);

/* "users", "object", "dying"; "?" for what is out of range */
const char *graph_counter(enum iommufd_model_counter counter);
const char *graph_kind(enum iommufd_model_node_kind kind);
const char *graph_state(enum iommufd_model_node_state state);

void graph_text(const struct iommufd_model_graph *graph, FILE *to);
void graph_dot(const struct iommufd_model_graph *graph, FILE *to);
void graph_mermaid(const struct iommufd_model_graph *graph, FILE *to);
void graph_json(const struct iommufd_model_graph *graph, FILE *to);
int graph_svg(const struct iommufd_model_graph *graph, FILE *to);

#endif
