// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A graph as SVG: a picture that stands alone.  It follows what the reader's
 * system prefers, light or dark.  What a colour or a line says is also said in
 * words: states, and the counters of edges other than users.
 */
#include "graph.h"
#include "layout.h"
#include "../observe/graph_words.h"
#include "../observe/ledger.h"
#include "../record/chars.h"
#include "../record/describe.h"

#define PAD 14
#define LINE 18		/* px, from line to line of text */
#define TITLE_FONT 14
#define LEAST_WIDTH 400	/* that the legend fits in */

/*
 * struct svg - a picture in the making
 * @width, @height: of the whole
 * @head, @foot: heights of what is above and below the graph
 */
struct svg {
	const struct iommufd_model_graph *graph;
	FILE *to;
	struct layout layout;
	double width, height, head, foot;
};

static const char style[] =
	".ownership .back{fill:#fff}\n"
	".ownership text{font-family:ui-monospace,SFMono-Regular,Menlo,"
	"Consolas,\"DejaVu Sans Mono\",monospace;font-size:11px;fill:#334155}\n"
	".ownership .name{font-size:13px;font-weight:600;fill:#0f172a}\n"
	".ownership .title{font-size:14px;font-weight:600;fill:#0f172a}\n"
	".ownership .middle{text-anchor:middle}\n"
	".ownership .box{fill:#f8fafc;stroke:#64748b;stroke-width:1.2}\n"
	".ownership .ctx .box{fill:#e0f2fe;stroke:#0369a1}\n"
	".ownership .thread .box{fill:#fef9c3;stroke:#a16207}\n"
	".ownership .reserved .box{stroke-dasharray:5 3}\n"
	".ownership .dying .box{fill:#fee2e2;stroke:#b91c1c;stroke-width:2}\n"
	".ownership .mark{fill:#475569}\n"
	".ownership .dying .mark{fill:#b91c1c}\n"
	".ownership .mark-text{font-size:10px;fill:#fff}\n"
	".ownership .line{fill:none;stroke:#475569;stroke-width:1.4}\n"
	".ownership .tip{fill:#475569}\n"
	".ownership .wait_cnt .line{stroke:#b45309;stroke-dasharray:7 4}\n"
	".ownership .wait_cnt.tip{fill:#b45309}\n"
	".ownership .references .line{stroke:#0369a1;stroke-width:2;"
	"stroke-linecap:round;stroke-dasharray:0.1 5}\n"
	".ownership .references.tip{fill:#0369a1}\n"
	".ownership .label.wait_cnt{fill:#b45309}\n"
	".ownership .label.references{fill:#0369a1}\n"
	".ownership .label{stroke:#fff;stroke-width:4px;"
	"stroke-linejoin:round;paint-order:stroke}\n"
	"@media (prefers-color-scheme:dark){\n"
	".ownership .back{fill:#0f172a}\n"
	".ownership text{fill:#cbd5e1}\n"
	".ownership .name,.ownership .title{fill:#f8fafc}\n"
	".ownership .box{fill:#1e293b;stroke:#94a3b8}\n"
	".ownership .ctx .box{fill:#0c344d;stroke:#38bdf8}\n"
	".ownership .thread .box{fill:#3a2f0b;stroke:#facc15}\n"
	".ownership .dying .box{fill:#450f0f;stroke:#f87171}\n"
	".ownership .mark{fill:#94a3b8}\n"
	".ownership .dying .mark{fill:#f87171}\n"
	".ownership .mark-text{fill:#0f172a}\n"
	".ownership .line{stroke:#cbd5e1}\n"
	".ownership .tip{fill:#cbd5e1}\n"
	".ownership .wait_cnt .line{stroke:#fbbf24}\n"
	".ownership .wait_cnt.tip{fill:#fbbf24}\n"
	".ownership .references .line{stroke:#38bdf8}\n"
	".ownership .references.tip{fill:#38bdf8}\n"
	".ownership .label.wait_cnt{fill:#fbbf24}\n"
	".ownership .label.references{fill:#38bdf8}\n"
	".ownership .label{stroke:#0f172a}\n"
	"}\n";

/* Small things */

/* Between tags, not in one. */
static void xml_put(const char *s, FILE *to)
{
	unsigned int c;

	while ((c = record_chars_next(&s))) {
		c = record_chars_plain(c);
		if (c == '&')
			fputs("&amp;", to);
		else if (c == '<')
			fputs("&lt;", to);
		else if (c == '>')
			fputs("&gt;", to);
		else
			record_chars_put(c, to);
	}
}

/* With one decimal at most. */
static void put_px(double px, FILE *to)
{
	fprintf(to, "%.10g", (double)(long)(px * 10 + (px < 0 ? -0.5 : 0.5)) /
				     10);
}

static void put_attr(const char *name, double px, FILE *to)
{
	fprintf(to, " %s=\"", name);
	put_px(px, to);
	putc('"', to);
}

/* Of at most @room px: what is wider is squeezed. */
static void put_text(const char *class, double x, double y, double room,
		     double font, const char *s, FILE *to)
{
	fprintf(to, "<text class=\"%s\"", class);
	put_attr("x", x, to);
	put_attr("y", y, to);
	if (record_chars_width(s) * 0.602 * font > room) {
		put_attr("textLength", room, to);
		fputs(" lengthAdjust=\"spacingAndGlyphs\"", to);
	}
	putc('>', to);
	xml_put(s, to);
	fputs("</text>\n", to);
}

static void put_rect(const char *class, const struct layout_box *box,
		     double radius, FILE *to)
{
	fprintf(to, "<rect class=\"%s\"", class);
	put_attr("x", box->x - box->w / 2, to);
	put_attr("y", box->y - box->h / 2, to);
	put_attr("width", box->w, to);
	put_attr("height", box->h, to);
	if (radius > 0)
		put_attr("rx", radius, to);
	fputs("/>\n", to);
}

/* Nodes */

/* The counters of @node and their holders, for a tooltip and for a reader. */
static void put_counters(const struct svg *svg, unsigned int node)
{
	const struct iommufd_model_node *me = &svg->graph->nodes[node];
	const char *before = ": ";
	unsigned int c;

	for (c = 0; c < IOMMUFD_MODEL_NR_COUNTERS; c++) {
		if (!observe_graph_has(me->kind, c))
			continue;
		fprintf(svg->to, "%s%s %ld (", before, observe_counter_name(c),
			me->value[c]);
		observe_graph_holders(svg->graph, node, c, xml_put, svg->to);
		putc(')', svg->to);
		before = ", ";
	}
}

static const char *mark(const struct iommufd_model_node *node)
{
	return node->state == IOMMUFD_MODEL_NODE_PUBLISHED ?
		       NULL :
		       observe_graph_state(node->state);
}

static void put_mark(const struct svg *svg, unsigned int node)
{
	const char *text = mark(&svg->graph->nodes[node]);
	struct layout_box box = svg->layout.boxes[node];

	if (!text)
		return;
	/* At the lower right corner: arrows come to the upper side. */
	box.y += box.h / 2 + 5;
	box.x += box.w / 2 + 3;
	box.w = record_chars_width(text) * 0.602 * 10 + 10;
	box.h = 14;
	box.x -= box.w / 2;
	put_rect("mark", &box, 7, svg->to);
	put_text("mark-text middle", box.x, box.y + 3.5, box.w, 10, text,
		 svg->to);
}

static double radius(enum iommufd_model_node_kind kind)
{
	switch (kind) {
	case IOMMUFD_MODEL_NODE_CTX:
		return 2;
	case IOMMUFD_MODEL_NODE_THREAD:
		return 21;
	default:
		return 8;
	}
}

static void put_node(const struct svg *svg, unsigned int nr)
{
	const struct iommufd_model_node *node = &svg->graph->nodes[nr];
	const struct layout_box *box = &svg->layout.boxes[nr];
	char name[GRAPH_NAME_ROOM], line[GRAPH_LABEL_ROOM];

	observe_graph_name(svg->graph, nr, name);
	observe_graph_label(svg->graph, nr, line);
	fprintf(svg->to, "<g class=\"%s %s\">\n<title>",
		observe_graph_kind(node->kind),
		observe_graph_state(node->state));
	xml_put(name, svg->to);
	put_counters(svg, nr);
	fputs("</title>\n", svg->to);
	put_rect("box", box, radius(node->kind), svg->to);
	put_text("name middle", box->x, box->y + (line[0] ? -3 : 4.5),
		 box->w - 8, LAYOUT_FONT, name, svg->to);
	if (line[0])
		put_text("middle", box->x, box->y + 13, box->w - 8,
			 LAYOUT_SMALL_FONT, line, svg->to);
	put_mark(svg, nr);
	fputs("</g>\n", svg->to);
}

/* Edges */

static void put_path(const struct layout_path *path, const char *tip, FILE *to)
{
	unsigned int i;

	fputs("<path class=\"line\" d=\"", to);
	for (i = 0; i < path->nr; i++) {
		fputs(i == 0 ? "M" : i == 1 ? "C" : " ", to);
		put_px(path->points[i][0], to);
		putc(' ', to);
		put_px(path->points[i][1], to);
	}
	fprintf(to, "\" marker-end=\"url(#tip-%s)\"/>\n", tip);
}

static void put_edge(const struct svg *svg, unsigned int nr)
{
	const struct iommufd_model_edge *edge = &svg->graph->edges[nr];
	const char *counter = observe_counter_name(edge->counter);
	char name[GRAPH_NAME_ROOM];

	fprintf(svg->to, "<g class=\"edge %s\">\n<title>", counter);
	xml_put(observe_graph_name(svg->graph, edge->from, name), svg->to);
	fprintf(svg->to, " holds %u of %s of ", edge->count, counter);
	xml_put(observe_graph_name(svg->graph, edge->to, name), svg->to);
	if (edge->site) {
		fputs(", taken in ", svg->to);
		xml_put(edge->site->func ? edge->site->func : "?", svg->to);
		putc(' ', svg->to);
		xml_put(describe_file(edge->site), svg->to);
		fprintf(svg->to, ":%d", edge->site->line);
	}
	fputs("</title>\n", svg->to);
	put_path(&svg->layout.paths[nr], counter, svg->to);
	fputs("</g>\n", svg->to);
}

static void put_labels(const struct svg *svg)
{
	const struct iommufd_model_edge *edge;
	char text[GRAPH_EDGE_ROOM], class[40];
	unsigned int i;

	for (i = 0; i < svg->graph->nr_edges; i++) {
		edge = &svg->graph->edges[i];
		if (!*observe_graph_edge_label(edge, text))
			continue;
		snprintf(class, sizeof(class), "label middle %s",
			 observe_counter_name(edge->counter));
		put_text(class, svg->layout.labels[i][0], svg->layout.labels[i][1] + 3.5, 1e6,
			 LAYOUT_SMALL_FONT, text, svg->to);
	}
}

/* Title, legend, locks */

/* The end of the line that begins at @s and has @columns at most. */
static const char *line_end(const char *s, unsigned int columns)
{
	const char *space = NULL, *at = s;

	while (*at && columns--) {
		if (*at == ' ' && at > s)
			space = at;
		record_chars_next(&at);
	}
	return *at && space ? space : at;
}

/* Returns the number of lines. */
static unsigned int put_title(const struct svg *svg, bool print)
{
	unsigned int columns, lines = 0;
	char title[GRAPH_TITLE_ROOM], line[GRAPH_TITLE_ROOM];
	const char *at = observe_graph_title(svg->graph, title), *end;

	columns = (unsigned int)((svg->width - 2 * PAD) / 0.602 / TITLE_FONT);
	for (; *at; at = end, lines++) {
		at += *at == ' ';
		end = line_end(at, columns);
		snprintf(line, sizeof(line), "%.*s", (int)(end - at), at);
		if (print)
			put_text("title", PAD, PAD + TITLE_FONT + LINE * lines,
				 svg->width - 2 * PAD, TITLE_FONT, line,
				 svg->to);
	}
	return lines;
}

static void put_sample(const struct svg *svg, double x, double y,
		       const char *counter)
{
	double points[4][2] = {
		{ x, y }, { x + 8, y }, { x + 22, y }, { x + 34, y },
	};
	struct layout_path path = { 4, points };

	fprintf(svg->to, "<g class=\"edge %s\">\n", counter);
	put_path(&path, counter, svg->to);
	put_text("legend", x + 40, y + 3.5, 1e6, LAYOUT_SMALL_FONT, counter,
		 svg->to);
	fputs("</g>\n", svg->to);
}

static void put_foot(const struct svg *svg, double y)
{
	enum iommufd_model_counter counter;
	char text[GRAPH_LOCK_ROOM];
	double x = PAD;
	unsigned int i;
	unsigned int c;

	for (c = 0; c < IOMMUFD_MODEL_NR_COUNTERS; c++) {
		counter = c;
		put_sample(svg, x, y + LINE - 4,
			   observe_counter_name(counter));
		x += 62 + record_chars_width(observe_counter_name(counter)) *
				  LAYOUT_SMALL_CHAR;
	}
	y += 2 * LINE;
	put_text("legend", PAD, y, svg->width - 2 * PAD, LAYOUT_SMALL_FONT,
		 "The id table's references have no arrow.", svg->to);
	if (svg->graph->nr_locks)
		put_text("name", PAD, y + 1.5 * LINE, 1e6, LAYOUT_FONT,
			 "locks held", svg->to);
	for (i = 0; i < svg->graph->nr_locks; i++)
		put_text("lock", PAD, y + (i + 2.5) * LINE,
			 svg->width - 2 * PAD, LAYOUT_SMALL_FONT,
			 observe_graph_lock(svg->graph, i, text), svg->to);
}

/* The whole */

static void measure(struct svg *svg)
{
	char text[GRAPH_LOCK_ROOM];
	unsigned int i;
	double width;

	svg->width = svg->layout.width;
	if (svg->width < LEAST_WIDTH)
		svg->width = LEAST_WIDTH;
	for (i = 0; i < svg->graph->nr_locks; i++) {
		width = record_chars_width(
				observe_graph_lock(svg->graph, i, text)) *
				LAYOUT_SMALL_CHAR +
			2 * PAD;
		if (svg->width < width)
			svg->width = width;
	}
	svg->head = put_title(svg, false) * LINE;
	if (svg->head > 0)
		svg->head += PAD;
	svg->foot = 2 * LINE + PAD;
	if (svg->graph->nr_locks)
		svg->foot += (svg->graph->nr_locks + 1.5) * LINE;
	svg->height = svg->head + svg->layout.height + svg->foot;
}

/* For those who cannot see it: all that the picture says. */
static void put_description(const struct svg *svg)
{
	char text[GRAPH_LOCK_ROOM];
	unsigned int i;

	fputs("<title>", svg->to);
	xml_put(observe_graph_title(svg->graph, text)[0] ? text :
							   "Ownership graph",
		svg->to);
	fputs("</title>\n<desc>", svg->to);
	if (!svg->graph->nr_nodes)
		fputs("No objects.", svg->to);
	for (i = 0; i < svg->graph->nr_nodes; i++) {
		xml_put(observe_graph_name(svg->graph, i, text), svg->to);
		if (mark(&svg->graph->nodes[i]))
			fprintf(svg->to, " (%s)", mark(&svg->graph->nodes[i]));
		put_counters(svg, i);
		fputs(".\n", svg->to);
	}
	for (i = 0; i < svg->graph->nr_locks; i++) {
		fputs("Lock held by ", svg->to);
		xml_put(observe_graph_lock(svg->graph, i, text), svg->to);
		fputs(".\n", svg->to);
	}
	fputs("</desc>\n", svg->to);
}

static void put_tips(const struct svg *svg)
{
	const char *counter;
	unsigned int c;

	fputs("<defs>\n", svg->to);
	for (c = 0; c < IOMMUFD_MODEL_NR_COUNTERS; c++) {
		counter = observe_counter_name(c);
		fprintf(svg->to, "<marker id=\"tip-%s\" viewBox=\"0 0 10 8\" "
			"refX=\"9.5\" refY=\"4\" markerWidth=\"10\" "
			"markerHeight=\"8\" markerUnits=\"userSpaceOnUse\" "
			"orient=\"auto\"><path class=\"tip %s\" "
			"d=\"M0 0.5L10 4L0 7.5z\"/></marker>\n",
			counter, counter);
	}
	fputs("</defs>\n", svg->to);
}

static void put_graph(const struct svg *svg)
{
	unsigned int i;

	fputs("<g transform=\"translate(", svg->to);
	put_px((svg->width - svg->layout.width) / 2, svg->to);
	putc(' ', svg->to);
	put_px(svg->head, svg->to);
	fputs(")\">\n", svg->to);
	for (i = 0; i < svg->graph->nr_nodes; i++)
		put_node(svg, i);
	/* Above the boxes, so that their tips are seen. */
	for (i = 0; i < svg->graph->nr_edges; i++)
		put_edge(svg, i);
	put_labels(svg);
	fputs("</g>\n", svg->to);
}

static void put_all(struct svg *svg)
{
	struct layout_box back;

	measure(svg);
	back = (struct layout_box){
		svg->width / 2, svg->height / 2, svg->width, svg->height,
	};
	fputs("<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"ownership\" "
	      "role=\"img\"", svg->to);
	put_attr("width", svg->width, svg->to);
	put_attr("height", svg->height, svg->to);
	fputs(" viewBox=\"0 0 ", svg->to);
	put_px(svg->width, svg->to);
	putc(' ', svg->to);
	put_px(svg->height, svg->to);
	fputs("\">\n", svg->to);
	put_description(svg);
	fprintf(svg->to, "<style>\n%s</style>\n", style);
	put_tips(svg);
	put_rect("back", &back, 0, svg->to);
	put_title(svg, true);
	put_graph(svg);
	put_foot(svg, svg->head + svg->layout.height);
	fputs("</svg>\n", svg->to);
}

void render_graph_svg(const struct iommufd_model_graph *graph, FILE *to)
{
	struct svg svg = { .graph = graph, .to = to };

	layout_make(graph, &svg.layout);
	put_all(&svg);
	layout_free(&svg.layout);
}
