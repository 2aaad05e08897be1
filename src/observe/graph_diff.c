// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The differences between two moments.  For each node, in the order of the
 * moment after:
 *
 *	+ access 3			the node is new
 *	- hwpt 2			the node is gone
 *	ioas 1: published -> dying	its state changed
 *	ioas 1: users 3 -> 2		a counter changed
 *	ioas 1: users - hwpt 2 (2)	two references fewer of a holder, which
 *					may be the id table, or unknown
 *
 * References of one holder are told apart if their call sites differ.
 */
#include "../record/chars.h"
#include "../record/describe.h"
#include "graph_wording.h"
#include "ledger.h"
#include <string.h>

#define NONE (~0u)

/* struct diff - if @to is NULL, nothing is printed */
struct diff {
	const struct iommufd_model_graph *before, *after;
	FILE *to;
	unsigned int lines;
};

static void put(const char *s, FILE *to)
{
	record_chars_line(s, to);
}

static unsigned int find(const struct iommufd_model_graph *graph,
			 unsigned int serial)
{
	unsigned int i;

	for (i = 0; i < graph->nr_nodes; i++)
		if (graph->nodes[i].serial == serial)
			return i;
	return NONE;
}

/*
 * Begin a line with @before and the name.  Returns false if nothing is printed.
 */
static bool begin(struct diff *diff, const char *before,
		  const struct iommufd_model_graph *graph, unsigned int node)
{
	char name[GRAPH_NAME_ROOM];

	diff->lines++;
	if (!diff->to)
		return false;
	fputs(before, diff->to);
	put(observe_graph_name(graph, node, name), diff->to);
	return true;
}

static void node_line(struct diff *diff, const char *before,
		      const struct iommufd_model_graph *graph,
		      unsigned int node)
{
	if (begin(diff, before, graph, node))
		putc('\n', diff->to);
}

/* The functions below compare references. */

static bool same_site(const struct iommufd_model_site *a,
		      const struct iommufd_model_site *b)
{
	if (a == b)
		return true;
	if (!a || !b || a->line != b->line || !a->func != !b->func ||
	    !a->file != !b->file)
		return false;
	return (!a->func || !strcmp(a->func, b->func)) &&
	       (!a->file || !strcmp(a->file, b->file));
}

/*
 * Tell whether the references of edge @a in graph @in are of the same kind as
 * those of edge @b in graph @of.
 */
static bool same_references(const struct iommufd_model_graph *in,
		       const struct iommufd_model_edge *a,
		       const struct iommufd_model_graph *of,
		       const struct iommufd_model_edge *b)
{
	return a->counter == b->counter &&
	       in->nodes[a->from].serial == of->nodes[b->from].serial &&
	       in->nodes[a->to].serial == of->nodes[b->to].serial &&
	       same_site(a->site, b->site);
}

/*
 * Return how many references in graph @in are like those of @edge in graph @of.
 */
static long count_of(const struct iommufd_model_graph *in,
		  const struct iommufd_model_graph *of,
		  const struct iommufd_model_edge *edge)
{
	unsigned int i;
	long nr = 0;

	for (i = 0; i < in->nr_edges; i++)
		if (same_references(in, &in->edges[i], of, edge))
			nr += in->edges[i].count;
	return nr;
}

static void reference_line(struct diff *diff, unsigned int node,
		      enum iommufd_model_counter counter, const char *holder,
		      long change,
		      const struct iommufd_model_site *site)
{
	if (!change || !begin(diff, "", diff->after, node))
		return;
	fprintf(diff->to, ": %s %c ", observe_counter_name(counter),
		change > 0 ? '+' : '-');
	put(holder, diff->to);
	if (site) {
		fputs(", ", diff->to);
		put(site->func ? site->func : "?", diff->to);
		putc(' ', diff->to);
		put(describe_file(site), diff->to);
		fprintf(diff->to, ":%d", site->line);
	}
	if (change != 1 && change != -1)
		fprintf(diff->to, " (%ld)", change < 0 ? -change : change);
	putc('\n', diff->to);
}

/*
 * Print lines for the references of @counter of @node that have an edge in the
 * graph @of.  The node is one of the later moment.  References that have an
 * edge in both graphs get one line.
 */
static void edge_lines(struct diff *diff, unsigned int node,
		       enum iommufd_model_counter counter,
		       const struct iommufd_model_graph *of)
{
	unsigned int i, j, serial = diff->after->nodes[node].serial;
	const struct iommufd_model_edge *edge;
	char name[GRAPH_NAME_ROOM];

	for (i = 0; i < of->nr_edges; i++) {
		edge = &of->edges[i];
		if (edge->counter != counter ||
		    of->nodes[edge->to].serial != serial)
			continue;
		for (j = 0; j < i; j++)
			if (same_references(of, &of->edges[j], of, edge))
				break;
		if (j < i || (of == diff->after &&
			      count_of(diff->before, of, edge)))
			continue;
		reference_line(diff, node, counter,
			  observe_graph_name(of, edge->from, name),
			  count_of(diff->after, of, edge) -
				  count_of(diff->before, of, edge),
			  edge->site);
	}
}

static void counter_lines(struct diff *diff, unsigned int was,
			  unsigned int node, enum iommufd_model_counter c)
{
	const struct iommufd_model_node *old = &diff->before->nodes[was];
	const struct iommufd_model_node *new = &diff->after->nodes[node];

	if (old->value[c] != new->value[c] &&
	    begin(diff, "", diff->after, node))
		fprintf(diff->to, ": %s %ld -> %ld\n", observe_counter_name(c),
			old->value[c], new->value[c]);
	reference_line(diff, node, c, "id table", new->table[c] - old->table[c],
		  NULL);
	edge_lines(diff, node, c, diff->before);
	edge_lines(diff, node, c, diff->after);
	reference_line(diff, node, c, "unknown", new->unknown[c] - old->unknown[c],
		  NULL);
}

static void node_lines(struct diff *diff, unsigned int was, unsigned int node)
{
	const struct iommufd_model_node *old = &diff->before->nodes[was];
	const struct iommufd_model_node *new = &diff->after->nodes[node];
	unsigned int c;

	if (old->state != new->state && begin(diff, "", diff->after, node))
		fprintf(diff->to, ": %s -> %s\n",
			observe_graph_state(old->state),
			observe_graph_state(new->state));
	for (c = 0; c < IOMMUFD_MODEL_NR_COUNTERS; c++)
		if (observe_graph_has(new->kind, c))
			counter_lines(diff, was, node, c);
}

unsigned int iommufd_model_graph_diff(const struct iommufd_model_graph *before,
				      const struct iommufd_model_graph *after,
				      FILE *to)
{
	struct diff diff = { .before = before, .after = after, .to = to };
	unsigned int i, was;

	for (i = 0; i < before->nr_nodes; i++)
		if (find(after, before->nodes[i].serial) == NONE)
			node_line(&diff, "- ", before, i);
	for (i = 0; i < after->nr_nodes; i++) {
		was = find(before, after->nodes[i].serial);
		if (was == NONE)
			node_line(&diff, "+ ", after, i);
		else
			node_lines(&diff, was, i);
	}
	return diff.lines;
}
