// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Our own layout: bundles, rows, and the picture.  See layout_own.h.
 *
 * Links bend only between the rows; in a row they are upright, with a gap to
 * what stands beside them.  So no edge runs through a box.
 */
#include "layout_own.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SHELF 960	/* px, before a row of components is broken */
#define COMPONENT_GAP 36
#define STRAND_GAP 12	/* between the edges of a bundle */
#define PORT_GAP 16	/* between the ends of edges at a box */
#define LOOP_ROOM 34	/* right of a node that holds itself */
#define NONE (~0u)

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

/* Lists */

static int list_make(struct list *list, unsigned int nr_keys,
		     const unsigned int *keys, unsigned int nr)
{
	unsigned int i;

	free(list->start);
	free(list->item);
	list->start = calloc((size_t)nr_keys + 2, sizeof(*list->start));
	list->item = malloc(((size_t)nr + 1) * sizeof(*list->item));
	if (!list->start || !list->item)
		return -ENOMEM;
	/* start[k + 1] is first where key k goes next. */
	for (i = 0; i < nr; i++)
		list->start[keys[i] + 2]++;
	for (i = 2; i < nr_keys + 2; i++)
		list->start[i] += list->start[i - 1];
	for (i = 0; i < nr; i++)
		list->item[list->start[keys[i] + 1]++] = i;
	return 0;
}

static void list_free(struct list *list)
{
	free(list->start);
	free(list->item);
}

static void *array(size_t nr, size_t size)
{
	return calloc(nr + 1, size);
}

/* Bundles */

static int by_pair(const void *a, const void *b)
{
	const struct strand *x = a, *y = b;

	if (x->low != y->low)
		return x->low < y->low ? -1 : 1;
	if (x->high != y->high)
		return x->high < y->high ? -1 : 1;
	return x->edge < y->edge ? -1 : 1;
}

static void find_strands(struct own *own)
{
	const struct iommufd_model_edge *edge;
	struct strand *strand;
	unsigned int i;

	for (i = 0; i < own->graph->nr_edges; i++) {
		edge = &own->graph->edges[i];
		if (edge->from == edge->to)
			continue;
		strand = &own->strands[own->nr_strands++];
		strand->edge = i;
		strand->low = edge->from < edge->to ? edge->from : edge->to;
		strand->high = edge->from < edge->to ? edge->to : edge->from;
	}
	qsort(own->strands, own->nr_strands, sizeof(*own->strands), by_pair);
}

/* The top is what the first edge comes from, until a cycle is broken. */
static void find_bundles(struct own *own)
{
	const struct iommufd_model_edge *edge;
	const struct strand *strand;
	struct bundle *bundle = own->bundles;
	unsigned int i;

	for (i = 0; i < own->nr_strands; i++) {
		strand = &own->strands[i];
		if (i && strand[-1].low == strand->low &&
		    strand[-1].high == strand->high) {
			bundle[-1].nr++;
			continue;
		}
		edge = &own->graph->edges[strand->edge];
		*bundle++ = (struct bundle){ edge->from, edge->to, i, 1, 0 };
	}
	own->nr_bundles = (unsigned int)(bundle - own->bundles);
}

/* @keys: room for all bundles */
static int list_bundles(struct own *own, unsigned int *keys)
{
	unsigned int i;

	for (i = 0; i < own->nr_bundles; i++)
		keys[i] = own->bundles[i].top;
	return list_make(&own->from, own->graph->nr_nodes, keys,
			 own->nr_bundles);
}

/* Rows */

/*
 * Depth first from @node.  own->next says how far each node is, from one
 * behind NONE.  @done: nodes that are done; the last one done is the first in
 * own->order.
 */
static void search(struct own *own, unsigned int node, unsigned int *seen,
		   unsigned int *left)
{
	unsigned int nr = 0, child;

	if (own->first[node] != NONE)
		return;
	own->first[node] = (*seen)++;
	own->next[node] = own->from.start[node];
	own->stack[nr++] = node;
	while (nr) {
		node = own->stack[nr - 1];
		if (own->next[node] == own->from.start[node + 1]) {
			nr--;
			own->turn[node] = --*left;
			own->order[*left] = node;
			continue;
		}
		child = own->from.item[own->next[node]++];
		child = own->bundles[child].bottom;
		if (own->first[child] != NONE)
			continue;
		own->first[child] = (*seen)++;
		own->next[child] = own->from.start[child];
		own->stack[nr++] = child;
	}
}

/* In what the search leaves, only a cycle's last edge points back. */
static int break_cycles(struct own *own, unsigned int *keys)
{
	unsigned int i, node, seen = 0, left = own->graph->nr_nodes;
	struct bundle *bundle;

	for (i = 0; i < own->graph->nr_nodes; i++) {
		own->first[i] = NONE;
		own->depth[i] = 0;
	}
	for (i = 0; i < own->nr_bundles; i++)
		own->depth[own->bundles[i].bottom] = 1;
	for (i = 0; i < own->graph->nr_nodes; i++)
		if (!own->depth[i])
			search(own, i, &seen, &left);
	for (i = 0; i < own->graph->nr_nodes; i++)
		search(own, i, &seen, &left);
	for (i = 0; i < own->nr_bundles; i++) {
		bundle = &own->bundles[i];
		if (own->turn[bundle->top] < own->turn[bundle->bottom])
			continue;
		node = bundle->top;
		bundle->top = bundle->bottom;
		bundle->bottom = node;
	}
	return list_bundles(own, keys);
}

/*
 * As low as the holders demand; then a node that is held less than it holds as
 * low as what it holds allows.  @held: room for all nodes
 */
static void find_depths(struct own *own, unsigned int *held)
{
	unsigned int i, j, node, holds, lowest, bottom;

	memset(own->depth, 0, own->graph->nr_nodes * sizeof(*own->depth));
	memset(held, 0, own->graph->nr_nodes * sizeof(*held));
	for (i = 0; i < own->graph->nr_nodes; i++) {
		node = own->order[i];
		for (j = own->from.start[node]; j < own->from.start[node + 1];
		     j++) {
			bottom = own->bundles[own->from.item[j]].bottom;
			held[bottom]++;
			if (own->depth[bottom] <= own->depth[node])
				own->depth[bottom] = own->depth[node] + 1;
		}
	}
	for (i = own->graph->nr_nodes; i--; ) {
		node = own->order[i];
		holds = own->from.start[node + 1] - own->from.start[node];
		if (holds <= held[node])
			continue;
		lowest = NONE;
		for (j = own->from.start[node]; j < own->from.start[node + 1];
		     j++) {
			bottom = own->bundles[own->from.item[j]].bottom;
			if (lowest > own->depth[bottom] - 1)
				lowest = own->depth[bottom] - 1;
		}
		own->depth[node] = lowest;
	}
}

static unsigned int root(unsigned int *parent, unsigned int node)
{
	while (parent[node] != node)
		node = parent[node] = parent[parent[node]];
	return node;
}

/* Numbered by their first nodes.  @parent: room for all nodes */
static void find_components(struct own *own, unsigned int *parent)
{
	unsigned int i, a, b;

	for (i = 0; i < own->graph->nr_nodes; i++)
		parent[i] = i;
	for (i = 0; i < own->nr_bundles; i++) {
		a = root(parent, own->bundles[i].top);
		b = root(parent, own->bundles[i].bottom);
		/* The first node is the root. */
		if (a < b)
			parent[b] = a;
		else
			parent[a] = b;
	}
	for (i = 0; i < own->graph->nr_nodes; i++) {
		if (own->placed[i])
			own->component[i] = NONE;
		else if (root(parent, i) == i)
			own->component[i] = own->nr_components++;
		else
			own->component[i] = own->component[root(parent, i)];
	}
}

/* The rows of a component follow each other, and those of the next follow. */
static void number_rows(struct own *own)
{
	struct component *component;
	unsigned int i, row = 0, *first = own->next;

	for (i = 0; i < own->nr_components; i++)
		first[i] = NONE;
	for (i = 0; i < own->graph->nr_nodes; i++) {
		if (own->placed[i])
			continue;
		component = &own->components[own->component[i]];
		if (first[own->component[i]] > own->depth[i])
			first[own->component[i]] = own->depth[i];
		if (component->nr_rows < own->depth[i] + 1)
			component->nr_rows = own->depth[i] + 1;
	}
	for (i = 0; i < own->nr_components; i++) {
		component = &own->components[i];
		component->nr_rows -= first[i];
		component->row = row;
		row += component->nr_rows;
	}
	own->rows.nr_rows = row;
	for (i = 0; i < own->graph->nr_nodes; i++) {
		if (own->placed[i])
			continue;
		component = &own->components[own->component[i]];
		own->depth[i] -= first[own->component[i]];
	}
}

/* Vertices */

static unsigned int nr_bends(const struct own *own, const struct bundle *bundle)
{
	return own->depth[bundle->bottom] - own->depth[bundle->top] - 1;
}

static void make_nodes(struct own *own)
{
	const struct iommufd_model_edge *edge;
	struct vertex *vertex;
	unsigned int i;

	for (i = 0; i < own->graph->nr_nodes; i++) {
		vertex = &own->rows.vertices[i];
		vertex->left = vertex->right = own->layout->boxes[i].w / 2;
		vertex->start = own->first[i];
		vertex->row = own->rows.nr_rows;
		if (!own->placed[i])
			vertex->row = own->depth[i] +
				own->components[own->component[i]].row;
	}
	for (i = 0; i < own->graph->nr_edges; i++) {
		edge = &own->graph->edges[i];
		if (edge->from == edge->to)
			own->rows.vertices[edge->from].right =
				own->layout->boxes[edge->from].w / 2 + LOOP_ROOM;
	}
}

static void make_link(struct own *own, unsigned int top, unsigned int bottom,
		      unsigned int bundle)
{
	/* Where a link goes straight on it is easy to follow. */
	static const double weights[] = { 1, 2, 8 };
	unsigned int bends = own->rows.vertices[top].bend +
			     own->rows.vertices[bottom].bend;

	own->rows.links[own->rows.nr_links++] =
		(struct link){ top, bottom, bundle, weights[bends] };
}

static void make_bends(struct own *own)
{
	unsigned int i, j, top, at = own->graph->nr_nodes;
	struct bundle *bundle;
	struct vertex *vertex;

	for (i = 0; i < own->nr_bundles; i++) {
		bundle = &own->bundles[i];
		bundle->bend = at;
		top = bundle->top;
		for (j = 0; j < nr_bends(own, bundle); j++, at++) {
			vertex = &own->rows.vertices[at];
			vertex->bend = true;
			vertex->row = own->rows.vertices[top].row + 1;
			vertex->left = vertex->right =
				(bundle->nr - 1) * STRAND_GAP / 2.0;
			vertex->start = own->first[bundle->top] + 0.5;
			make_link(own, top, at, i);
			top = at;
		}
		make_link(own, top, bundle->bottom, i);
	}
}

static int list_rows(struct own *own)
{
	struct rows *rows = &own->rows;
	unsigned int *keys, i;
	int rc;

	keys = array((size_t)rows->nr_vertices + rows->nr_links, sizeof(*keys));
	if (!keys)
		return -ENOMEM;
	for (i = 0; i < rows->nr_vertices; i++)
		keys[i] = rows->vertices[i].row;
	rc = list_make(&rows->row, rows->nr_rows + 1, keys, rows->nr_vertices);
	for (i = 0; i < rows->nr_links; i++)
		keys[i] = rows->links[i].top;
	if (!rc)
		rc = list_make(&rows->down, rows->nr_vertices, keys,
			       rows->nr_links);
	for (i = 0; i < rows->nr_links; i++)
		keys[i] = rows->links[i].bottom;
	if (!rc)
		rc = list_make(&rows->up, rows->nr_vertices, keys,
			       rows->nr_links);
	free(keys);
	return rc;
}

static int make_rows(struct own *own)
{
	struct rows *rows = &own->rows;
	unsigned int i, bends = 0;
	int rc;

	for (i = 0; i < own->nr_bundles; i++)
		bends += nr_bends(own, &own->bundles[i]);
	rows->nr_vertices = own->graph->nr_nodes + bends;
	rows->vertices = array(rows->nr_vertices, sizeof(*rows->vertices));
	rows->links = array(own->nr_bundles + (size_t)bends,
			    sizeof(*rows->links));
	own->top = array(rows->nr_rows, sizeof(*own->top));
	own->bottom = array(rows->nr_rows, sizeof(*own->bottom));
	if (!rows->vertices || !rows->links || !own->top || !own->bottom)
		return -ENOMEM;
	make_nodes(own);
	make_bends(own);
	rc = list_rows(own);
	return rc ? rc : layout_order(rows);
}

/* The picture */

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

	path->points = malloc((4 + 6 * (size_t)nr_bends(own, bundle)) *
			      sizeof(*path->points));
	if (!path->points)
		return -ENOMEM;
	x = port(own, nr, true, &gap);
	add_point(path, x + strand * gap, top->y + top->h / 2);
	for (i = 0; i < nr_bends(own, bundle); i++) {
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

static int draw(struct own *own)
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

/* All together */

static int reserve(struct own *own)
{
	size_t nodes = own->graph->nr_nodes, edges = own->graph->nr_edges;

	own->strands = array(edges, sizeof(*own->strands));
	own->bundles = array(edges, sizeof(*own->bundles));
	own->component = array(nodes, sizeof(*own->component));
	own->components = array(nodes, sizeof(*own->components));
	own->depth = array(nodes, sizeof(*own->depth));
	own->turn = array(nodes, sizeof(*own->turn));
	own->order = array(nodes, sizeof(*own->order));
	own->first = array(nodes, sizeof(*own->first));
	own->stack = array(nodes, sizeof(*own->stack));
	own->next = array(nodes + edges, sizeof(*own->next));
	return own->strands && own->bundles && own->component &&
	       own->components && own->depth && own->turn && own->order &&
	       own->first && own->stack && own->next ? 0 : -ENOMEM;
}

static void release(struct own *own)
{
	free(own->strands);
	free(own->bundles);
	free(own->component);
	free(own->components);
	free(own->depth);
	free(own->turn);
	free(own->order);
	free(own->first);
	free(own->stack);
	free(own->next);
	free(own->rows.vertices);
	free(own->rows.links);
	list_free(&own->from);
	list_free(&own->rows.row);
	list_free(&own->rows.down);
	list_free(&own->rows.up);
	free(own->top);
	free(own->bottom);
}

int layout_own(const struct iommufd_model_graph *graph, const bool *placed,
	       struct layout *layout)
{
	struct own own = {
		.graph = graph, .placed = placed, .layout = layout,
	};
	int rc = reserve(&own);

	if (rc)
		goto out;
	find_strands(&own);
	find_bundles(&own);
	rc = list_bundles(&own, own.next);
	if (rc)
		goto out;
	rc = break_cycles(&own, own.next);
	if (rc)
		goto out;
	find_depths(&own, own.next);
	find_components(&own, own.next);
	number_rows(&own);
	rc = make_rows(&own);
	if (!rc)
		rc = draw(&own);
out:
	release(&own);
	return rc;
}
