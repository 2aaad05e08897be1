/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The formats of `iommufd-model graph`. */
#ifndef RENDER_GRAPH_H
#define RENDER_GRAPH_H

#include <iommufd_model/graph.h>

/*
 * Returns the state of @node in one word; "" for a published node, as most
 * nodes are.
 */
const char *render_graph_mark(const struct iommufd_model_node *node);

void render_graph_dot(const struct iommufd_model_graph *graph, FILE *to);
void render_graph_mermaid(const struct iommufd_model_graph *graph, FILE *to);
void render_graph_json(const struct iommufd_model_graph *graph, FILE *to);
void render_graph_svg(const struct iommufd_model_graph *graph, FILE *to);

#endif
