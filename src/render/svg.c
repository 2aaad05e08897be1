// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A graph as SVG: a picture in a file of its own.  Its colours are light or
 * dark, as the reader's system prefers.  Text also says what dashed lines and
 * the borders of boxes mean: the state of a node, and any counter other than
 * users.
 */
#include "graph.h"
#include "layout.h"
#include "../observe/graph_wording.h"
#include "../observe/ledger.h"
#include "../record/chars.h"
#include "../record/describe.h"

#define PAD 14
#define LINE 18 /* px, from line to line of text */
#define LEGEND                                                       \
	"An arrow without a word is one reference of users; the id " \
	"table's have no arrow."

static const char style[] =
	".ownership text{font:11px ui-monospace,Menlo,Consolas,"
	"\"DejaVu Sans Mono\",monospace;fill:#334155}\n"
	".ownership .name,.ownership .title{font-size:13px;font-weight:600}\n"
	".ownership .middle{text-anchor:middle}\n"
	".ownership rect{fill:#f8fafc;stroke:#64748b;stroke-width:1.2}\n"
	".ownership .ctx rect{fill:#e0f2fe;stroke:#0369a1}\n"
	".ownership .thread rect{fill:#fef9c3;stroke:#a16207}\n"
	".ownership .reserved rect{stroke-dasharray:5 3}\n"
	".ownership .dying rect{fill:#fee2e2;stroke:#b91c1c;stroke-width:2}\n"
	".ownership .edge{fill:none;stroke:#475569;stroke-width:1.4}\n"
	".ownership .wait_cnt{stroke-dasharray:7 4}\n"
	".ownership .references{stroke-width:2;stroke-dasharray:2 4}\n"
	".ownership .label{stroke:#fff;stroke-width:4px;paint-order:stroke}\n"
	"@media (prefers-color-scheme:dark){"
	".ownership{filter:invert(1) hue-rotate(180deg)}}\n";

/* Write text between tags; it is not escaped for an attribute of a tag. */
static void xml_put(const char *s, FILE *to)
{
	unsigned int c;

	while ((c = record_chars_next(&s))) {
		c = record_chars_plain(c);
		if (c == '&')
			fputs("&amp;", to);
		else if (c == '<' || c == '>')
			fputs(c == '<' ? "&lt;" : "&gt;", to);
		else
			record_chars_put(c, to);
	}
}

/* Write @s, at most @room px wide; a wider text is squeezed. */
static void put_text(const char *class, double x, double y, double room,
		     const char *s, FILE *to)
{
	fprintf(to, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\"", class, x, y);
	if (record_chars_width(s) * LAYOUT_CHAR > room)
		fprintf(to,
			" textLength=\"%.1f\" "
			"lengthAdjust=\"spacingAndGlyphs\"",
			room);
	putc('>', to);
	xml_put(s, to);
	fputs("</text>\n", to);
}

/*
 * Write "ioas 1 (dying): users 1 (access 2)", for tooltips and screen readers.
 */
static void put_in_words(const struct iommufd_model_graph *graph,
			 unsigned int nr, FILE *to)
{
	const struct iommufd_model_node *node = &graph->nodes[nr];
	const char *before = ": ", *mark = render_graph_mark(node);
	char name[GRAPH_NAME_ROOM];
	unsigned int c;

	xml_put(observe_graph_name(graph, nr, name), to);
	if (*mark)
		fprintf(to, " (%s)", mark);
	for (c = 0; c < IOMMUFD_MODEL_NR_COUNTERS; c++) {
		if (!observe_graph_has(node->kind, c))
			continue;
		fprintf(to, "%s%s %ld (", before, observe_counter_name(c),
			node->value[c]);
		observe_graph_holders(graph, nr, c, xml_put, to);
		putc(')', to);
		before = ", ";
	}
}

static void put_node(const struct iommufd_model_graph *graph, unsigned int nr,
		     const struct layout_box *box, FILE *to)
{
	static const int radius[] = {
		[IOMMUFD_MODEL_NODE_CTX] = 2,
		[IOMMUFD_MODEL_NODE_OBJECT] = 8,
		[IOMMUFD_MODEL_NODE_DESCRIPTOR] = 8,
		[IOMMUFD_MODEL_NODE_FILE] = 8,
		[IOMMUFD_MODEL_NODE_THREAD] = 21,
	};
	const struct iommufd_model_node *node = &graph->nodes[nr];
	char name[GRAPH_NAME_ROOM], line[GRAPH_LABEL_ROOM];
	const char *mark = render_graph_mark(node);
	double y;

	observe_graph_name(graph, nr, name);
	observe_graph_label(graph, nr, line);
	y = box->y + 4.5 - 6.5 * (!!*line + !!*mark);
	fprintf(to, "<g class=\"%s %s\">\n<title>",
		observe_graph_kind(node->kind),
		observe_graph_state(node->state));
	put_in_words(graph, nr, to);
	fprintf(to,
		"</title>\n<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" "
		"height=\"%.1f\" rx=\"%d\"/>\n",
		box->x - box->w / 2, box->y - box->h / 2, box->w, box->h,
		radius[node->kind]);
	put_text("name middle", box->x, y, box->w - 8, name, to);
	if (*line)
		put_text("middle", box->x, y += 13, box->w, line, to);
	if (*mark)
		put_text("middle", box->x, y + 13, box->w, mark, to);
	fputs("</g>\n", to);
}

static void put_edge(const struct iommufd_model_graph *graph, unsigned int nr,
		     const struct layout_path *path, FILE *to)
{
	const struct iommufd_model_edge *edge = &graph->edges[nr];
	const char *counter = observe_counter_name(edge->counter);
	char name[GRAPH_NAME_ROOM];
	struct text site = { 0 };
	unsigned int i;

	fprintf(to, "<g class=\"edge %s\">\n<title>", counter);
	xml_put(observe_graph_name(graph, edge->from, name), to);
	fprintf(to, " holds %u of %s of ", edge->count, counter);
	xml_put(observe_graph_name(graph, edge->to, name), to);
	if (edge->site) {
		fputs(", taken in ", to);
		describe_site(&site, edge->site);
		xml_put(site.s, to);
	}
	fputs("</title>\n<path d=\"", to);
	for (i = 0; i < path->nr; i++)
		fprintf(to, "%s%.1f %.1f",
			i == 0 ? "M" :
			i == 1 ? "C" :
				 " ",
			path->points[i][0], path->points[i][1]);
	fputs("\" marker-end=\"url(#tip)\"/>\n</g>\n", to);
}

/* Edges are drawn after the boxes, so that their tips are visible. */
static void put_graph(const struct iommufd_model_graph *graph,
		      const struct layout *layout, FILE *to)
{
	char text[GRAPH_EDGE_ROOM];
	unsigned int i;

	for (i = 0; i < graph->nr_nodes; i++)
		put_node(graph, i, &layout->boxes[i], to);
	for (i = 0; i < graph->nr_edges; i++)
		put_edge(graph, i, &layout->paths[i], to);
	for (i = 0; i < graph->nr_edges; i++)
		if (*observe_graph_edge_label(&graph->edges[i], text))
			put_text("label middle", layout->labels[i][0],
				 layout->labels[i][1] + 3.5, 1e6, text, to);
}

static void widen(double *width, const char *s)
{
	double mine = record_chars_width(s) * LAYOUT_CHAR + 2 * PAD;

	if (*width < mine)
		*width = mine;
}

/*
 * Write everything that the picture shows as a text, for readers who cannot see
 * it.
 */
static void put_description(const struct iommufd_model_graph *graph,
			    const char *title, FILE *to)
{
	char text[GRAPH_LOCK_ROOM];
	unsigned int i;

	fputs("<title>", to);
	xml_put(*title ? title : "Ownership graph", to);
	fputs("</title>\n<desc>", to);
	if (!graph->nr_nodes)
		fputs("No objects.", to);
	for (i = 0; i < graph->nr_nodes; i++) {
		put_in_words(graph, i, to);
		fputs(".\n", to);
	}
	for (i = 0; i < graph->nr_locks; i++) {
		fputs("Lock held by ", to);
		xml_put(observe_graph_lock(graph, i, text), to);
		fputs(".\n", to);
	}
	fputs("</desc>\n", to);
}

void render_graph_svg(const struct iommufd_model_graph *graph, FILE *to)
{
	char title[GRAPH_TITLE_ROOM], text[GRAPH_LOCK_ROOM];
	struct layout layout;
	double width, y;
	unsigned int i;

	layout_make(graph, &layout);
	width = layout.width;
	widen(&width, LEGEND);
	widen(&width, observe_graph_title(graph, title));
	for (i = 0; i < graph->nr_locks; i++)
		widen(&width, observe_graph_lock(graph, i, text));
	y = layout.height + 2 * LINE;
	fprintf(to,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" "
		"class=\"ownership\" role=\"img\" width=\"%.1f\" "
		"height=\"%.1f\">\n",
		width, y + (graph->nr_locks + 1) * LINE);
	put_description(graph, title, to);
	fprintf(to,
		"<style>\n%s</style>\n"
		"<marker id=\"tip\" viewBox=\"0 0 10 8\" refX=\"9.5\" "
		"refY=\"4\" markerWidth=\"10\" markerHeight=\"8\" "
		"markerUnits=\"userSpaceOnUse\" orient=\"auto\">"
		"<path d=\"M0 0.5L10 4L0 7.5z\" fill=\"#475569\" "
		"stroke=\"none\"/></marker>\n"
		"<path d=\"M0 0H%.1fV%.1fH0z\" fill=\"#fff\"/>\n",
		style, width, y + (graph->nr_locks + 1) * LINE);
	put_text("title", PAD, LINE, width, title, to);
	fprintf(to, "<g transform=\"translate(%.1f %d)\">\n",
		(width - layout.width) / 2, LINE);
	put_graph(graph, &layout, to);
	fputs("</g>\n", to);
	put_text("legend", PAD, y, width, LEGEND, to);
	for (i = 0; i < graph->nr_locks; i++) {
		observe_graph_lock(graph, i, text);
		put_text("lock", PAD, y += LINE, width, text, to);
	}
	fputs("</svg>\n", to);
	layout_free(&layout);
}
