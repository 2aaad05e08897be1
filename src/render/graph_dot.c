// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A graph as DOT, for Graphviz, and as a flowchart, for Mermaid.  Other
 * programs draw both, so the text has the whole meaning, and only a few styles
 * are used.
 */
#include "graph.h"
#include "json.h"
#include "../observe/graph_wording.h"
#include "../observe/ledger.h"
#include "../record/chars.h"

const char *render_graph_mark(const struct iommufd_model_node *node)
{
	return node->state == IOMMUFD_MODEL_NODE_PUBLISHED ?
		       "" :
		       observe_graph_state(node->state);
}

/* The functions below write DOT. */

/*
 * Write text in a DOT label, in which "&amp;" is one character and "\N" is an
 * escape.
 */
static void dot_put(const char *s, FILE *to)
{
	unsigned int c;

	while ((c = record_chars_next(&s))) {
		c = record_chars_plain(c);
		if (c == '&')
			fputs("&amp;", to);
		else if (c == '"')
			fputs("\\\"", to);
		else if (c == '\\')
			fputs("\\\\", to);
		else
			record_chars_put(c, to);
	}
}

static void dot_head(const struct iommufd_model_graph *graph, FILE *to)
{
	char title[GRAPH_TITLE_ROOM], text[GRAPH_LOCK_ROOM];
	unsigned int i;

	fputs("digraph ownership {\n\tlabelloc=t\n\tlabel=\"", to);
	dot_put(observe_graph_title(graph, title), to);
	for (i = 0; i < graph->nr_locks; i++) {
		if (i || title[0])
			fputs("\\n", to);
		dot_put(observe_graph_lock(graph, i, text), to);
	}
	fputs("\"\n"
	      "\tnode [shape=box, fontname=\"Helvetica\", fontsize=12]\n"
	      "\tedge [fontname=\"Helvetica\", fontsize=10]\n",
	      to);
}

static void dot_line(const char *s, FILE *to)
{
	if (!s[0])
		return;
	fputs("\\n", to);
	dot_put(s, to);
}

static void dot_node(const struct iommufd_model_graph *graph, unsigned int nr,
		     FILE *to)
{
	static const char *const styles[] = {
		[IOMMUFD_MODEL_NODE_CTX] = ", peripheries=2",
		[IOMMUFD_MODEL_NODE_OBJECT] = "",
		[IOMMUFD_MODEL_NODE_DESCRIPTOR] = ", shape=note",
		[IOMMUFD_MODEL_NODE_FILE] = ", shape=note",
		[IOMMUFD_MODEL_NODE_THREAD] = ", shape=ellipse",
	};
	const struct iommufd_model_node *node = &graph->nodes[nr];
	char name[GRAPH_NAME_ROOM], line[GRAPH_LABEL_ROOM];

	fprintf(to, "\tn%u [label=\"", nr);
	dot_put(observe_graph_name(graph, nr, name), to);
	dot_line(observe_graph_label(graph, nr, line), to);
	dot_line(render_graph_mark(node), to);
	fprintf(to, "\"%s%s%s]\n", styles[node->kind],
		node->state == IOMMUFD_MODEL_NODE_RESERVED ? ", style=dashed" :
							     "",
		node->state == IOMMUFD_MODEL_NODE_DYING ?
			", color=red, penwidth=2" :
			"");
}

static void dot_edge(const struct iommufd_model_edge *edge, FILE *to)
{
	static const char *const styles[] = {
		[IOMMUFD_MODEL_USERS] = "solid",
		[IOMMUFD_MODEL_WAIT_CNT] = "dashed",
		[IOMMUFD_MODEL_REFERENCES] = "dotted",
	};
	char text[GRAPH_EDGE_ROOM];

	fprintf(to, "\tn%u -> n%u [style=%s", edge->from, edge->to,
		styles[edge->counter]);
	if (observe_graph_edge_label(edge, text)[0])
		fprintf(to, ", label=\"%s\"", text);
	fputs("]\n", to);
}

void render_graph_dot(const struct iommufd_model_graph *graph, FILE *to)
{
	unsigned int i;

	dot_head(graph, to);
	for (i = 0; i < graph->nr_nodes; i++)
		dot_node(graph, i, to);
	for (i = 0; i < graph->nr_edges; i++)
		dot_edge(&graph->edges[i], to);
	fputs("}\n", to);
}

/* The functions below write Mermaid. */

/*
 * Write text in a Mermaid label.  Letters, digits and a few others are safe;
 * any other character is written as its number.  Mermaid would take "1.  x" for
 * a list, "`" for Markdown, and the text after "style" and ":" for a colour.
 */
static void mermaid_put(const char *s, FILE *to)
{
	unsigned int c;

	while ((c = record_chars_next(&s))) {
		c = record_chars_plain(c);
		if (c >= 0x80 || (c >= '0' && c <= '9') ||
		    (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		    c == ' ' || c == ',' || c == '/' || c == '\'')
			record_chars_put(c, to);
		else
			fprintf(to, "#%u;", c);
	}
}

static void mermaid_head(const struct iommufd_model_graph *graph, FILE *to)
{
	char title[GRAPH_TITLE_ROOM];

	if (observe_graph_title(graph, title)[0]) {
		fputs("---\ntitle: ", to);
		render_json_value(render_string(title), to);
		fputs("\n---\n", to);
	}
	fputs("flowchart TB\n", to);
}

static void mermaid_line(const char *s, FILE *to)
{
	if (!s[0])
		return;
	fputs("<br/>", to);
	mermaid_put(s, to);
}

static void mermaid_node(const struct iommufd_model_graph *graph,
			 unsigned int nr, FILE *to)
{
	static const char *const shapes[][2] = {
		[IOMMUFD_MODEL_NODE_CTX] = { "[[", "]]" },
		[IOMMUFD_MODEL_NODE_OBJECT] = { "[", "]" },
		[IOMMUFD_MODEL_NODE_DESCRIPTOR] = { "(", ")" },
		[IOMMUFD_MODEL_NODE_FILE] = { "(", ")" },
		[IOMMUFD_MODEL_NODE_THREAD] = { "([", "])" },
	};
	const struct iommufd_model_node *node = &graph->nodes[nr];
	char name[GRAPH_NAME_ROOM], line[GRAPH_LABEL_ROOM];

	fprintf(to, "    n%u%s\"", nr, shapes[node->kind][0]);
	mermaid_put(observe_graph_name(graph, nr, name), to);
	mermaid_line(observe_graph_label(graph, nr, line), to);
	mermaid_line(render_graph_mark(node), to);
	fprintf(to, "\"%s\n", shapes[node->kind][1]);
}

static void mermaid_edge(const struct iommufd_model_edge *edge, FILE *to)
{
	bool dashed = edge->counter != IOMMUFD_MODEL_USERS;
	char text[GRAPH_EDGE_ROOM];

	fprintf(to, "    n%u %s", edge->from, dashed ? "-.->" : "-->");
	if (observe_graph_edge_label(edge, text)[0])
		fprintf(to, "|\"%s\"|", text);
	fprintf(to, " n%u\n", edge->to);
}

static void mermaid_locks(const struct iommufd_model_graph *graph, FILE *to)
{
	char text[GRAPH_LOCK_ROOM];
	unsigned int i;

	if (!graph->nr_locks)
		return;
	fputs("    locks[\"locks held", to);
	for (i = 0; i < graph->nr_locks; i++) {
		fputs("<br/>", to);
		mermaid_put(observe_graph_lock(graph, i, text), to);
	}
	fputs("\"]\n", to);
}

/* Put the nodes in @state into a class that is named after the state. */
static void mermaid_class(const struct iommufd_model_graph *graph,
			  enum iommufd_model_node_state state,
			  const char *style, FILE *to)
{
	const char *before = "    class ";
	unsigned int i;

	for (i = 0; i < graph->nr_nodes; i++) {
		if (graph->nodes[i].state != state)
			continue;
		fprintf(to, "%sn%u", before, i);
		before = ",";
	}
	if (*before == ',')
		fprintf(to, " %s\n    classDef %s %s\n",
			observe_graph_state(state), observe_graph_state(state),
			style);
}

void render_graph_mermaid(const struct iommufd_model_graph *graph, FILE *to)
{
	unsigned int i;

	mermaid_head(graph, to);
	if (!graph->nr_nodes)
		fputs("    none[\"no objects\"]\n", to);
	for (i = 0; i < graph->nr_nodes; i++)
		mermaid_node(graph, i, to);
	for (i = 0; i < graph->nr_edges; i++)
		mermaid_edge(&graph->edges[i], to);
	mermaid_locks(graph, to);
	mermaid_class(graph, IOMMUFD_MODEL_NODE_DYING,
		      "stroke:#d00,stroke-width:3px", to);
	mermaid_class(graph, IOMMUFD_MODEL_NODE_RESERVED,
		      "stroke-dasharray:4 3", to);
}
