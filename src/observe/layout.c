// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Layout: sizes of boxes, rows of nodes without edges, and who does the rest.
 */
#include "layout.h"
#include "chars.h"
#include "write.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MARGIN 12
#define GAP 24
#define PADDING 10
#define BOX_HEIGHT 42
/* "users 99 · wait 9"; what is longer is squeezed. */
#define COUNTER_CHARS 17
#define LEAST_ROW_WIDTH 720	/* before a row of nodes is broken */

static void size(const struct iommufd_model_graph *graph, unsigned int node,
		 struct layout_box *box)
{
	enum iommufd_model_node_kind kind = graph->nodes[node].kind;
	double least = 8 * LAYOUT_SMALL_CHAR;
	char name[GRAPH_NAME_ROOM];
	unsigned int c;

	for (c = 0; c < IOMMUFD_MODEL_NR_COUNTERS; c++)
		if (observe_graph_has(kind, c))
			least = COUNTER_CHARS * LAYOUT_SMALL_CHAR;
	observe_graph_name(graph, node, name);
	box->w = observe_chars_width(name) * LAYOUT_CHAR;
	if (box->w < least)
		box->w = least;
	box->w = (double)(long)(box->w + 2 * PADDING + 1);
	box->h = BOX_HEIGHT;
}

static void drop_paths(const struct iommufd_model_graph *graph,
		       struct layout *layout)
{
	unsigned int i;

	for (i = 0; i < graph->nr_edges; i++) {
		free(layout->paths[i].points);
		layout->paths[i] = (struct layout_path){ 0 };
	}
}

/* In rows below what is there. */
static void place_lone(const struct iommufd_model_graph *graph,
		       const bool *lone, struct layout *layout)
{
	double limit = layout->width, x = 0, y = layout->height;
	struct layout_box *box;
	unsigned int i;

	if (limit < LEAST_ROW_WIDTH)
		limit = LEAST_ROW_WIDTH;
	if (y > 0)
		y += GAP;
	for (i = 0; i < graph->nr_nodes; i++) {
		if (!lone[i])
			continue;
		box = &layout->boxes[i];
		if (x > 0 && x + box->w > limit) {
			x = 0;
			y += box->h + GAP;
		}
		box->x = x + box->w / 2;
		box->y = y + box->h / 2;
		x += box->w;
		if (layout->width < x)
			layout->width = x;
		layout->height = y + box->h;
		x += GAP;
	}
}

/* The least x and y of all, and the greatest. */
struct bounds {
	double x, y, right, bottom;
};

static void add_bounds(struct bounds *bounds, double x, double y, double w,
		       double h)
{
	if (bounds->x > x - w / 2)
		bounds->x = x - w / 2;
	if (bounds->right < x + w / 2)
		bounds->right = x + w / 2;
	if (bounds->y > y - h / 2)
		bounds->y = y - h / 2;
	if (bounds->bottom < y + h / 2)
		bounds->bottom = y + h / 2;
}

static void move_all(const struct iommufd_model_graph *graph,
		     struct layout *layout, double dx, double dy)
{
	unsigned int i, j;

	for (i = 0; i < graph->nr_nodes; i++) {
		layout->boxes[i].x += dx;
		layout->boxes[i].y += dy;
	}
	for (i = 0; i < graph->nr_edges; i++) {
		for (j = 0; j < layout->paths[i].nr; j++) {
			layout->paths[i].points[j][0] += dx;
			layout->paths[i].points[j][1] += dy;
		}
	}
}

/* What is placed so far, into the corner. */
static void enclose(const struct iommufd_model_graph *graph, const bool *lone,
		    struct layout *layout)
{
	struct bounds bounds = { 1e9, 1e9, -1e9, -1e9 };
	const struct layout_box *box;
	unsigned int i, j;

	for (i = 0; i < graph->nr_nodes; i++) {
		box = &layout->boxes[i];
		if (!lone[i])
			add_bounds(&bounds, box->x, box->y, box->w, box->h);
	}
	for (i = 0; i < graph->nr_edges; i++)
		for (j = 0; j < layout->paths[i].nr; j++)
			add_bounds(&bounds, layout->paths[i].points[j][0],
				   layout->paths[i].points[j][1], 0, 0);
	layout->width = bounds.right - bounds.x;
	layout->height = bounds.bottom - bounds.y;
	move_all(graph, layout, -bounds.x, -bounds.y);
}

static bool wants_own(void)
{
	const char *value = getenv("IOMMUFD_MODEL_LAYOUT");

	return value && !strcmp(value, "own");
}

/* The nodes with edges, and all edges. */
static int place_held(const struct iommufd_model_graph *graph, bool own,
		      const bool *lone, struct layout *layout)
{
	int rc;

	if (!graph->nr_edges)
		return 0;
	if (!own && !wants_own()) {
		rc = observe_layout_dot(graph, lone, layout);
		if (!rc || rc == -ENOMEM)
			return rc;
		drop_paths(graph, layout);
	}
	return observe_layout_own(graph, lone, layout);
}

static void find_lone(const struct iommufd_model_graph *graph, bool *lone)
{
	unsigned int i;

	for (i = 0; i < graph->nr_nodes; i++)
		lone[i] = true;
	for (i = 0; i < graph->nr_edges; i++) {
		lone[graph->edges[i].from] = false;
		lone[graph->edges[i].to] = false;
	}
}

int observe_layout_make(const struct iommufd_model_graph *graph, bool own,
			struct layout *layout)
{
	unsigned int i;
	bool *lone;
	int rc = -ENOMEM;

	*layout = (struct layout){ 0 };
	lone = calloc(graph->nr_nodes + 1, sizeof(*lone));
	layout->boxes = calloc(graph->nr_nodes + 1, sizeof(*layout->boxes));
	/* One more, with no points: the end, for observe_layout_free() */
	layout->paths = calloc(graph->nr_edges + 1, sizeof(*layout->paths));
	if (!lone || !layout->boxes || !layout->paths)
		goto out;
	for (i = 0; i < graph->nr_nodes; i++)
		size(graph, i, &layout->boxes[i]);
	find_lone(graph, lone);
	rc = place_held(graph, own, lone, layout);
	if (rc)
		goto out;
	if (graph->nr_edges)
		enclose(graph, lone, layout);
	place_lone(graph, lone, layout);
	move_all(graph, layout, MARGIN, MARGIN);
	layout->width += 2 * MARGIN;
	layout->height += 2 * MARGIN;
out:
	free(lone);
	if (rc) {
		if (layout->paths)
			drop_paths(graph, layout);
		observe_layout_free(layout);
	}
	return rc;
}

void observe_layout_free(struct layout *layout)
{
	struct layout_path *path;

	if (layout->paths)
		for (path = layout->paths; path->points; path++)
			free(path->points);
	free(layout->paths);
	free(layout->boxes);
	*layout = (struct layout){ 0 };
}
