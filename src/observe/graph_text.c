// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A graph as a table.  It has a line for each counter of each node, with the
 * holders of its references.  A node without counters has a line that says what
 * it holds.
 */
#include "../record/chars.h"
#include "graph_wording.h"
#include "ledger.h"

#define GAP 2	/* blanks between two columns of the table */

struct table {
	const struct iommufd_model_graph *graph;
	FILE *to;
	bool many_ctxs;
	unsigned int name, state, value;	/* widths of the columns */
};

static void put(const char *s, FILE *to)
{
	record_chars_line(s, to);
}

static void put_cell(const char *s, unsigned int width, FILE *to)
{
	fprintf(to, "%*s", (int)(width - record_chars_line(s, to)) + GAP, "");
}

static void widen(unsigned int *width, const char *s)
{
	unsigned int mine = record_chars_width(s);

	if (*width < mine)
		*width = mine;
}

static bool counts(const struct iommufd_model_node *node)
{
	return node->kind == IOMMUFD_MODEL_NODE_CTX ||
	       node->kind == IOMMUFD_MODEL_NODE_OBJECT;
}

#define STATE_ROOM (GRAPH_NAME_ROOM + 32)

/*
 * Return the state of a node: "published"; "dying, ctx #3" if there are several
 * contexts; "thread" for a thread.
 */
static const char *state(const struct table *table, unsigned int nr,
			 char text[STATE_ROOM])
{
	const struct iommufd_model_node *node = &table->graph->nodes[nr];
	char ctx[GRAPH_NAME_ROOM] = "";
	bool dying = node->state == IOMMUFD_MODEL_NODE_DYING;

	if (table->many_ctxs && node->ctx >= 0 && node->ctx != (int)nr)
		observe_graph_name(table->graph, (unsigned int)node->ctx, ctx);
	snprintf(text, STATE_ROOM, "%s%s%s%s",
		 counts(node) ? observe_graph_state(node->state) :
				observe_graph_kind(node->kind),
		 !counts(node) && dying ? ", dying" : "", ctx[0] ? ", " : "",
		 ctx);
	return text;
}

#define VALUE_ROOM 40

static const char *value(const struct iommufd_model_node *node,
			 enum iommufd_model_counter counter,
			 char text[VALUE_ROOM])
{
	snprintf(text, VALUE_ROOM, "%s %ld", observe_counter_name(counter),
		 node->value[counter]);
	return text;
}

static void measure(struct table *table)
{
	const struct iommufd_model_node *node;
	char name[GRAPH_NAME_ROOM], text[STATE_ROOM];
	unsigned int i, c;

	for (i = 0; i < table->graph->nr_nodes; i++) {
		node = &table->graph->nodes[i];
		widen(&table->name, observe_graph_name(table->graph, i, name));
		widen(&table->state, state(table, i, text));
		widen(&table->value, counts(node) ? "" : "holds");
		for (c = 0; c < IOMMUFD_MODEL_NR_COUNTERS; c++)
			if (observe_graph_has(node->kind, c))
				widen(&table->value, value(node, c, text));
	}
}

/* Print what node @nr holds: "users of ioas 1, wait_cnt of ioas 1 (2)". */
static void put_held(const struct table *table, unsigned int nr)
{
	const struct iommufd_model_edge *edge;
	char name[GRAPH_NAME_ROOM];
	const char *comma = "";
	unsigned int i;

	for (i = 0; i < table->graph->nr_edges; i++) {
		edge = &table->graph->edges[i];
		if (edge->from != nr)
			continue;
		fprintf(table->to, "%s%s of ", comma,
			observe_counter_name(edge->counter));
		put(observe_graph_name(table->graph, edge->to, name),
		    table->to);
		if (edge->count != 1)
			fprintf(table->to, " (%u)", edge->count);
		comma = ", ";
	}
	fputs(*comma ? "\n" : "nothing\n", table->to);
}

static void put_counters(const struct table *table, unsigned int nr)
{
	const struct iommufd_model_node *node = &table->graph->nodes[nr];
	unsigned int before = table->name + table->state + 2 * GAP;
	char text[VALUE_ROOM];
	bool first = true;
	unsigned int c;

	for (c = 0; c < IOMMUFD_MODEL_NR_COUNTERS; c++) {
		if (!observe_graph_has(node->kind, c))
			continue;
		if (!first)
			fprintf(table->to, "%*s", (int)before, "");
		first = false;
		put_cell(value(node, c, text), table->value, table->to);
		observe_graph_holders(table->graph, nr, c, put, table->to);
		putc('\n', table->to);
	}
}

static void put_node(const struct table *table, unsigned int nr)
{
	char name[GRAPH_NAME_ROOM], text[STATE_ROOM];

	put_cell(observe_graph_name(table->graph, nr, name), table->name,
		 table->to);
	put_cell(state(table, nr, text), table->state, table->to);
	if (counts(&table->graph->nodes[nr])) {
		put_counters(table, nr);
	} else {
		put_cell("holds", table->value, table->to);
		put_held(table, nr);
	}
}

void iommufd_model_graph_print(const struct iommufd_model_graph *graph, FILE *to)
{
	struct table table = {
		.graph = graph,
		.to = to,
		.many_ctxs = observe_graph_nr_ctxs(graph) > 1,
	};
	char text[GRAPH_LOCK_ROOM];
	unsigned int i;

	if (observe_graph_title(graph, text)[0]) {
		put(text, to);
		putc('\n', to);
	}
	if (!graph->nr_nodes)
		fputs("no objects\n", to);
	measure(&table);
	for (i = 0; i < graph->nr_nodes; i++)
		put_node(&table, i);
	if (graph->nr_locks)
		fputs("locks held\n", to);
	for (i = 0; i < graph->nr_locks; i++) {
		fputs("  ", to);
		put(observe_graph_lock(graph, i, text), to);
		putc('\n', to);
	}
}
