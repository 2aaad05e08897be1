// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Layout: where on its edge a label stands.  Of a few places along the edge the
 * one is taken where the label hides least: no box, no label that is there
 * already, as little as can be of other edges.
 */
#include "layout.h"

#define NR_PLACES 13		/* along the edge */
#define STEPS 8			/* points looked at, per curve */
#define MANY_EDGES 400		/* then edges may be hidden */

static double overlap(double a, double b, double size)
{
	double distance = a < b ? b - a : a - b;

	return distance < size ? size - distance : 0;
}

static void point_of(const struct layout_path *path, double where,
		     double point[2])
{
	unsigned int nr = (path->nr - 1) / 3, curve, c;
	double t = where * nr, u, (*p)[2];

	curve = t < nr ? (unsigned int)t : nr - 1;
	t -= curve;
	u = 1 - t;
	p = path->points + 3 * (size_t)curve;
	for (c = 0; c < 2; c++)
		point[c] = u * u * u * p[0][c] + 3 * u * u * t * p[1][c] +
			   3 * u * t * t * p[2][c] + t * t * t * p[3][c];
}

/* struct labels - those that are being placed */
struct labels {
	const struct iommufd_model_graph *graph;
	const struct layout *layout;
	const double *widths;
	double height;
	double (*at)[2];
};

static double hidden_boxes(const struct labels *labels, unsigned int label)
{
	const double *at = labels->at[label], w = labels->widths[label];
	const struct layout_box *box;
	double sum = 0;
	unsigned int i;

	for (i = 0; i < labels->graph->nr_nodes; i++) {
		box = &labels->layout->boxes[i];
		sum += overlap(at[0], box->x, (w + box->w) / 2) *
		       overlap(at[1], box->y, (labels->height + box->h) / 2);
	}
	for (i = 0; i < label; i++)
		if (labels->widths[i] > 0)
			sum += overlap(at[0], labels->at[i][0],
				       (w + labels->widths[i]) / 2 + 8) *
			       overlap(at[1], labels->at[i][1],
				       labels->height + 1);
	return sum;
}

static double hidden_edges(const struct labels *labels, unsigned int label)
{
	const double *at = labels->at[label], w = labels->widths[label];
	const struct layout_path *path;
	unsigned int i, j, steps;
	double sum = 0, point[2];

	if (labels->graph->nr_edges > MANY_EDGES)
		return 0;
	for (i = 0; i < labels->graph->nr_edges; i++) {
		path = &labels->layout->paths[i];
		steps = path->nr / 3 * STEPS;
		for (j = 0; j <= steps && i != label; j++) {
			point_of(path, j / (double)steps, point);
			if (overlap(at[0], point[0], w / 2 + 2) > 0 &&
			    overlap(at[1], point[1], labels->height / 2) > 0)
				sum++;
		}
	}
	return sum;
}

/* Place nr. @nr: on the edge or beside it, from the middle to both ends. */
static void candidate(struct labels *labels, unsigned int label, int nr)
{
	static const double sides[] = { 0, 1, -1 };
	double side = sides[nr % 3], *at = labels->at[label];
	int step = nr / 3;

	point_of(&labels->layout->paths[label],
		 0.5 + (step % 2 ? 1 : -1) * ((step + 1) / 2) * 0.065, at);
	at[0] += side * (labels->widths[label] / 2 + 5);
}

static void place(struct labels *labels, unsigned int label)
{
	double cost, least = 0;
	int i, best = 0;

	for (i = 0; i < 3 * NR_PLACES; i++) {
		candidate(labels, label, i);
		cost = 10 * hidden_boxes(labels, label) +
		       8 * hidden_edges(labels, label) + i;
		if (labels->at[label][0] < labels->widths[label] / 2)
			cost += 1000;
		if (!i || cost < least) {
			least = cost;
			best = i;
		}
	}
	candidate(labels, label, best);
}

void observe_layout_labels(const struct iommufd_model_graph *graph,
			   const struct layout *layout, const double *widths,
			   double height, double (*at)[2])
{
	struct labels labels = { graph, layout, widths, height, at };
	unsigned int i;

	for (i = 0; i < graph->nr_edges; i++)
		if (widths[i] > 0)
			place(&labels, i);
}
