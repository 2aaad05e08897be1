/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The parts of our own layout, and what they hand on.
 *
 * All edges between two nodes are one bundle.  Each bundle is given a top and a
 * bottom, so that there is no way back up (a cycle has an edge that points
 * upwards then).  Nodes that are connected are a component, which has rows of
 * its own.  A node is in a row, and a bundle that passes through a row has a bend
 * there.  Nodes and bends are vertices, and a link is the part of a bundle
 * between two neighbouring rows.
 *
 *	layout_own.c	bundles, rows, the picture
 *	layout_order.c	the order of the vertices in their rows, and then where
 *			in the row they are
 */
#ifndef OBSERVE_LAYOUT_OWN_H
#define OBSERVE_LAYOUT_OWN_H

#include "layout.h"

/* Things by a key: those of key k are item[start[k]] .. item[start[k + 1] - 1] */
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

/* layout_order(rows): choose the order and x of all vertices.  0, -ENOMEM */
int layout_order(struct rows *rows);

#endif
