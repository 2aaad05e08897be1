/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Where the nodes and edges of a graph go, in pixels; the origin is the top
 * left, y grows downwards.  Holders are above what they hold.
 *
 * The result depends on the names, kinds and order of the nodes and on what
 * edges there are, not on counters: two moments with the same nodes and edges
 * look the same.
 *
 *	layout.c	sizes, and nodes without edges
 *	layout_label.c	places for labels
 *	layout_dot.c	asks Graphviz's program dot
 *	layout_own.c	works without it, with layout_order.c and layout_draw.c
 */
#ifndef OBSERVE_LAYOUT_H
#define OBSERVE_LAYOUT_H

#include <iommufd_model/graph.h>
#include <stdbool.h>

/* What the sizes are estimated for: a monospaced font. */
#define LAYOUT_FONT 13		/* px, of names */
#define LAYOUT_SMALL_FONT 11	/* px, of counters and labels */
#define LAYOUT_CHAR (0.602 * LAYOUT_FONT)
#define LAYOUT_SMALL_CHAR (0.602 * LAYOUT_SMALL_FONT)

/* x, y: the centre */
struct layout_box {
	double x, y, w, h;
};

/* 3n+1 control points of cubic Béziers, from holder to held */
struct layout_path {
	unsigned int nr;
	double (*points)[2];
};

/*
 * struct layout
 * @boxes: one per node
 * @paths: one per edge
 */
struct layout {
	double width, height;
	struct layout_box *boxes;
	struct layout_path *paths;
};

/*
 * observe_layout_make(graph, own, layout): @own: never ask Graphviz.  0,
 * -ENOMEM.
 */
int observe_layout_make(const struct iommufd_model_graph *graph, bool own,
			struct layout *layout);

/*
 * observe_layout_free(layout): not @layout itself; one that is all zero is
 * fine
 */
void observe_layout_free(struct layout *layout);

/*
 * observe_layout_labels(graph, layout, widths, height, at): a place, its
 * centre, for a label on each edge, where it hides little.  @widths: one per
 * edge, 0: it has no label and its place is not set
 */
void observe_layout_labels(const struct iommufd_model_graph *graph,
			   const struct layout *layout, const double *widths,
			   double height, double (*at)[2]);

/*
 * The parts.  Both place the nodes for which @placed is false, and all edges,
 * anywhere.  The sizes of the boxes are there.  0, -ENOMEM; of dot any other
 * error: it gave no answer that we understand, and paths may be left over.
 */
int observe_layout_own(const struct iommufd_model_graph *graph,
		       const bool *placed, struct layout *layout);
/* How long Graphviz may take, in ms. */
extern int observe_layout_patience;

int observe_layout_dot(const struct iommufd_model_graph *graph,
		       const bool *placed, struct layout *layout);

#endif
