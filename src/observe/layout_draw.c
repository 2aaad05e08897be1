// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Our own layout: the picture, when the order in the rows is known.
 *
 * Links bend only between the rows; in a row they are upright, with a gap to
 * what stands beside them.  So no edge runs through a box.
 */
#include "layout_own.h"
#include <errno.h>
#include <stdlib.h>

#define SHELF 960	/* px, before a row of components is broken */
#define COMPONENT_GAP 36
#define PORT_GAP 16	/* between the ends of edges at a box */

static double difference(double a, double b)
{
	return a < b ? b - a : a - b;
}

/* Below @row: more where a link has far to go to the side. */
static double space_below(struct own *own, unsigned int row)
{
	const struct rows *rows = &own->rows;
	double far = 0, x;
	unsigned int i, j, v;

	for (i = rows->row.start[row]; i < rows->row.start[row + 1]; i++) {
		v = rows->row.item[i];
		for (j = rows->down.start[v]; j < rows->down.start[v + 1];
		     j++) {
			x = rows->vertices[
				rows->links[rows->down.item[j]].bottom].x;
			x = difference(x, rows->vertices[v].x);
			if (far < x)
				far = x;
		}
	}
	far = 48 + far / 6;
	return far > 120 ? 120 : (double)(long)far;
}

static void measure_rows(struct own *own, struct component *component)
{
	const struct rows *rows = &own->rows;
	unsigned int row, i, v;
	double y = 0, height;

	for (row = component->row; row < component->row + component->nr_rows;
	     row++) {
		height = 0;
		for (i = rows->row.start[row]; i < rows->row.start[row + 1];
		     i++) {
			v = rows->row.item[i];
			if (v < own->graph->nr_nodes &&
			    height < own->layout->boxes[v].h)
				height = own->layout->boxes[v].h;
		}
		own->top[row] = y;
		own->bottom[row] = y + height;
		component->height = y + height;
		y += height + space_below(own, row);
	}
}

static void measure(struct own *own, struct component *component)
{
	const struct rows *rows = &own->rows;
	const struct vertex *vertex;
	unsigned int i;

	measure_rows(own, component);
	component->left = 1e9;
	component->right = -1e9;
	for (i = rows->row.start[component->row];
	     i < rows->row.start[component->row + component->nr_rows]; i++) {
		vertex = &rows->vertices[rows->row.item[i]];
		if (component->left > vertex->x - vertex->left)
			component->left = vertex->x - vertex->left;
		if (component->right < vertex->x + vertex->right)
			component->right = vertex->x + vertex->right;
	}
}

/* Components side by side, and on shelves below each other. */
static void fill_shelves(struct own *own)
{
	double x = 0, y = 0, height = 0, width, limit = SHELF;
	struct component *component;
	unsigned int i;

	for (i = 0; i < own->nr_components; i++) {
		component = &own->components[i];
		measure(own, component);
		width = component->right - component->left;
		if (limit < width)
			limit = width;
	}
	for (i = 0; i < own->nr_components; i++) {
		component = &own->components[i];
		width = component->right - component->left;
		if (x > 0 && x + width > limit) {
			x = 0;
			y += height + COMPONENT_GAP;
			height = 0;
		}
		component->dx = x - component->left;
		component->dy = y;
		x += width;
		if (height < component->height)
			height = component->height;
		x += COMPONENT_GAP;
	}
}

static void set_boxes(struct own *own)
{
	const struct component *component;
	const struct vertex *vertex;
	struct layout_box *box;
	unsigned int i;

	for (i = 0; i < own->graph->nr_nodes; i++) {
		if (own->placed[i])
			continue;
		component = &own->components[own->component[i]];
		vertex = &own->rows.vertices[i];
		box = &own->layout->boxes[i];
		box->x = vertex->x + component->dx;
		box->y = component->dy + (own->top[vertex->row] +
					  own->bottom[vertex->row]) / 2;
	}
}

/*
 * Where the first edge of bundle nr. @bundle meets its top, or else its bottom,
 * and the @gap to the next.  The ends at a box are in the order of where their
 * links go, so that they do not cross at once.
 */
static double port(struct own *own, unsigned int bundle, bool at_top,
		   double *gap)
{
	const struct rows *rows = &own->rows;
	const struct list *list = at_top ? &rows->down : &rows->up;
	unsigned int end = at_top ? own->bundles[bundle].top :
				    own->bundles[bundle].bottom;
	unsigned int i, before = 0, all = 0;
	const struct link *link;
	double x, mine = 0;

	for (i = list->start[end]; i < list->start[end + 1]; i++) {
		link = &rows->links[list->item[i]];
		if (link->bundle == bundle)
			mine = rows->vertices[at_top ? link->bottom :
						       link->top].x;
	}
	for (i = list->start[end]; i < list->start[end + 1]; i++) {
		link = &rows->links[list->item[i]];
		x = rows->vertices[at_top ? link->bottom : link->top].x;
		all += own->bundles[link->bundle].nr;
		if (x < mine || (x == mine && link->bundle < bundle))
			before += own->bundles[link->bundle].nr;
	}
	*gap = (own->layout->boxes[end].w - PORT_GAP) / all;
	if (*gap > PORT_GAP)
		*gap = PORT_GAP;
	return own->layout->boxes[end].x + (before - (all - 1) / 2.0) * *gap;
}

static void add_point(struct layout_path *path, double x, double y)
{
	path->points[path->nr][0] = x;
	path->points[path->nr++][1] = y;
}

/* Upright at both ends. */
static void add_curve(struct layout_path *path, double x, double y)
{
	const double *last = path->points[path->nr - 1];
	double from = last[0], middle = (last[1] + y) / 2;

	add_point(path, from, middle);
	add_point(path, x, middle);
	add_point(path, x, y);
}

static void reverse(struct layout_path *path)
{
	unsigned int i, j, c;
	double swap;

	for (i = 0, j = path->nr - 1; i < j; i++, j--) {
		for (c = 0; c < 2; c++) {
			swap = path->points[i][c];
			path->points[i][c] = path->points[j][c];
			path->points[j][c] = swap;
		}
	}
}

static int draw_strand(struct own *own, unsigned int nr, unsigned int strand)
{
	const struct bundle *bundle = &own->bundles[nr];
	const struct layout_box *top = &own->layout->boxes[bundle->top];
	const struct layout_box *bottom = &own->layout->boxes[bundle->bottom];
	unsigned int i, row, edge = own->strands[bundle->strand + strand].edge;
	const struct component *component =
		&own->components[own->component[bundle->top]];
	struct layout_path *path = &own->layout->paths[edge];
	double x, gap;

	path->points = malloc((4 + 6 * (size_t)bundle_bends(own, bundle)) *
			      sizeof(*path->points));
	if (!path->points)
		return -ENOMEM;
	x = port(own, nr, true, &gap);
	add_point(path, x + strand * gap, top->y + top->h / 2);
	for (i = 0; i < bundle_bends(own, bundle); i++) {
		row = own->rows.vertices[bundle->bend + i].row;
		x = own->rows.vertices[bundle->bend + i].x + component->dx +
		    (strand - (bundle->nr - 1) / 2.0) * STRAND_GAP;
		add_curve(path, x, own->top[row] + component->dy);
		add_curve(path, x, own->bottom[row] + component->dy);
	}
	x = port(own, nr, false, &gap);
	add_curve(path, x + strand * gap, bottom->y - bottom->h / 2);
	if (own->graph->edges[edge].from != bundle->top)
		reverse(path);
	return 0;
}

/* Loop nr. @nr of @all, the next around the one before. */
static int draw_loop(const struct layout_box *box, struct layout_path *path,
		     unsigned int nr, unsigned int all)
{
	double part = (nr + 1.0) / all, x = box->x + box->w / 2;
	double up = 4 + (box->h / 2 - 8) * part, out = x + 12 + 24 * part;

	path->points = malloc(4 * sizeof(*path->points));
	if (!path->points)
		return -ENOMEM;
	add_point(path, x, box->y - up);
	add_point(path, out, box->y - up);
	add_point(path, out, box->y + up);
	add_point(path, x, box->y + up);
	return 0;
}

static int draw_loops(struct own *own)
{
	const struct iommufd_model_edge *edges = own->graph->edges;
	unsigned int i, j, nr, all;
	int rc = 0;

	for (i = 0; i < own->graph->nr_edges && !rc; i++) {
		if (edges[i].from != edges[i].to)
			continue;
		nr = all = 0;
		for (j = 0; j < own->graph->nr_edges; j++) {
			if (edges[j].from != edges[i].from ||
			    edges[j].to != edges[i].from)
				continue;
			all++;
			nr += j < i;
		}
		rc = draw_loop(&own->layout->boxes[edges[i].from],
			       &own->layout->paths[i], nr, all);
	}
	return rc;
}

int observe_layout_draw(struct own *own)
{
	unsigned int i, j;
	int rc;

	fill_shelves(own);
	set_boxes(own);
	for (i = 0; i < own->nr_bundles; i++) {
		for (j = 0; j < own->bundles[i].nr; j++) {
			rc = draw_strand(own, i, j);
			if (rc)
				return rc;
		}
	}
	return draw_loops(own);
}
