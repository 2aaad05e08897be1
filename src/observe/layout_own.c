// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Our own layout: bundles, and rows.  See layout_own.h.
 */
#include "layout_own.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ROW_FULL 12	/* nodes */
#define NONE (~0u)

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
 * Depth first from @node.  own->next: the bundle that a node goes along next.
 * @seen: how many nodes it has come to.  @left: how many are not done; the last
 * one that is done is the first in own->order, so that holders come first.
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

/*
 * Which of the nodes in its row that nobody holds is @node?  *@all: how many
 * there are in the row, held or not
 */
static unsigned int place_in_row(const struct own *own, unsigned int node,
				 const unsigned int *depth,
				 const unsigned int *held, unsigned int *all)
{
	unsigned int i, before = 0;

	*all = 0;
	for (i = 0; i < own->graph->nr_nodes; i++) {
		if (own->component[i] != own->component[node] ||
		    depth[i] != depth[node])
			continue;
		++*all;
		before += !held[i] && own->turn[i] < own->turn[node];
	}
	return before;
}

/*
 * Where a row is too full, some of those that nobody holds go up, in turns.
 * @held, @depth: room for all nodes
 */
static void stagger(struct own *own, unsigned int *held, unsigned int *depth)
{
	unsigned int i, nr, all;

	memset(held, 0, own->graph->nr_nodes * sizeof(*held));
	for (i = 0; i < own->nr_bundles; i++)
		held[own->bundles[i].bottom]++;
	memcpy(depth, own->depth, own->graph->nr_nodes * sizeof(*depth));
	for (i = 0; i < own->graph->nr_nodes; i++) {
		/* All go down, so that there is room to go up. */
		own->depth[i] += own->graph->nr_nodes;
		if (held[i] || own->placed[i])
			continue;
		nr = place_in_row(own, i, depth, held, &all);
		own->depth[i] -= nr % ((all + ROW_FULL - 1) / ROW_FULL);
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
		vertex = &own->rows.vertices[edge->from];
		if (edge->from == edge->to)
			vertex->right = vertex->left + LOOP_ROOM;
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
		for (j = 0; j < bundle_bends(own, bundle); j++, at++) {
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
		bends += bundle_bends(own, &own->bundles[i]);
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
	return rc ? rc : observe_layout_order(rows);
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

int observe_layout_own(const struct iommufd_model_graph *graph,
		       const bool *placed, struct layout *layout)
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
	stagger(&own, own.next, own.stack);
	number_rows(&own);
	rc = make_rows(&own);
	if (!rc)
		rc = observe_layout_draw(&own);
out:
	release(&own);
	return rc;
}
