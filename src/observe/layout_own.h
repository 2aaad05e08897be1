/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The parts of our own layout, and what they hand on.
 *
 * All edges between two nodes are one bundle.  Each bundle is given a top and a
 * bottom, so that there is no way back up (a cycle has an edge that points
 * upwards then).  Nodes that are connected are a component, which has rows of
 * its own.  A node is in a row, and a bundle that passes through a row has a
 * bend there.  Nodes and bends are vertices, and a link is the part of a bundle
 * between two neighbouring rows.
 *
 *	layout_own.c	bundles, and rows
 *	layout_order.c	the order of the vertices in their rows, and then where
 *			in the row they are
 *	layout_draw.c	the picture
 */
#ifndef OBSERVE_LAYOUT_OWN_H
#define OBSERVE_LAYOUT_OWN_H

#include "layout.h"

#define STRAND_GAP 12	/* between the edges of a bundle */
#define LOOP_ROOM 34	/* right of a node that holds itself */

/* Things by a key: those of key k begin at item[start[k]]. */
struct list {
	unsigned int *start, *item;
};

/*
 * struct vertex - a node, or a bend of a bundle
 * @left, @right: what it covers on both sides of @x
 * @pos: its place in its row, from 0
 * @start: to begin with the row is in the order of these
 * @key: to sort by
 */
struct vertex {
	bool bend;
	unsigned int row, pos;
	double left, right, x, start, key;
};

struct link {
	unsigned int top, bottom;	/* vertices */
	unsigned int bundle;
	double weight;			/* how much it wants to be straight */
};

/*
 * struct rows - what is to be put in order
 * @row: vertices by row, in their order
 * @down, @up: links by top and by bottom
 */
struct rows {
	unsigned int nr_vertices, nr_links, nr_rows;
	struct vertex *vertices;
	struct link *links;
	struct list row, down, up;
};

/*
 * struct bundle - the edges between two nodes, whichever way they point
 * @strand, @nr: its edges are own->strands[strand] and so on
 * @bend: its first bend; the others follow it
 */
struct bundle {
	unsigned int top, bottom;
	unsigned int strand, nr;
	unsigned int bend;
};

struct strand {
	unsigned int low, high;		/* nodes, by number */
	unsigned int edge;
};

struct component {
	unsigned int row, nr_rows;
	double left, right, height;
	double dx, dy;
};

/*
 * struct own - a layout in the making
 * @placed: the nodes that we leave alone; they are in a row behind the last
 * @strands: the edges, without loops
 * @component: of each node
 * @depth: of each node, in its component
 * @turn: of each node, in an order in which holders come first
 * @first: when the search for that came to it
 * @from: bundles by top
 * @top, @bottom: y of a row, within its component
 */
struct own {
	const struct iommufd_model_graph *graph;
	const bool *placed;
	struct layout *layout;
	unsigned int nr_strands, nr_bundles, nr_components;
	struct strand *strands;
	struct bundle *bundles;
	unsigned int *component, *depth, *turn, *order, *first, *stack, *next;
	struct component *components;
	struct list from;
	struct rows rows;
	double *top, *bottom;
};

/* How many rows does it pass? */
static inline unsigned int bundle_bends(const struct own *own,
					const struct bundle *bundle)
{
	return own->depth[bundle->bottom] - own->depth[bundle->top] - 1;
}

/*
 * observe_layout_order(rows): choose the order and x of all vertices.  0,
 * -ENOMEM
 */
int observe_layout_order(struct rows *rows);

/* observe_layout_draw(own): set the boxes and make the paths.  0, -ENOMEM */
int observe_layout_draw(struct own *own);

#endif
