/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The positions of the nodes and edges of a graph, in pixels.  The origin is
 * the top left, and y grows downwards.  Holders are above what they hold.
 *
 * Graphviz's program dot computes the layout if it is installed.  Otherwise
 * nodes are placed in plain rows.  The result depends on the names, kinds and
 * order of the nodes and on which edges exist, but not on counters: two moments
 * with the same nodes and edges have the same layout.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#include <iommufd_model/graph.h>

/* Sizes of text are estimated for a monospaced font. */
#define LAYOUT_FONT 13		/* px, of names */
#define LAYOUT_SMALL_FONT 11	/* px, of counters and labels */
#define LAYOUT_CHAR (0.602 * LAYOUT_FONT)
#define LAYOUT_SMALL_CHAR (0.602 * LAYOUT_SMALL_FONT)

/* A box; x and y are its centre. */
struct layout_box {
	double x, y, w, h;
};

/* 3n+1 control points of cubic Béziers, from the holder to the held node. */
struct layout_path {
	unsigned int nr;
	double (*points)[2];
};

/*
 * struct layout
 * @boxes: one per node
 * @paths, @labels: one per edge; the position of a label is its centre
 */
struct layout {
	double width, height;
	struct layout_box *boxes;
	struct layout_path *paths;
	double (*labels)[2];
	unsigned int nr_edges;
};

/* The time in ms that Graphviz may take to answer. */
extern int layout_patience;

void layout_make(const struct iommufd_model_graph *graph,
		 struct layout *layout);
void layout_free(struct layout *layout);

#endif
