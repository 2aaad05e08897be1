// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Layout by the program dot, or in rows; layout.h describes it.
 *
 * dot gets the sizes of nodes and the labels of edges, for which it makes room.
 * It answers in its "plain" format.  Its answer is not trusted: it is ignored
 * if it is not a layout of the graph that was sent, or if it takes too long.
 */
#include "layout.h"
#include "json.h"
#include "../observe/graph_wording.h"
#include "../record/chars.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MARGIN 12
#define GAP 24
#define ROW_GAP 72
#define PADDING 10
#define BOX_HEIGHT 42
/* the room for "users 99 · wait 9"; longer text is squeezed */
#define COUNTER_CHARS 17
#define WIDEST_ROW 960		/* px; a longer row is broken */
#define MOST_RANKS 40		/* ends the ranking of a cycle */
#define ALONE MOST_RANKS	/* the rank of nodes without edges */
#define INCH 72.0		/* px: dot measures in inches */
#define FARTHEST 1e6		/* px: the largest coordinate that we accept */
#define MOST_BYTES (64u << 20)

extern char **environ;

int layout_patience = 10000;

static void measure(const struct iommufd_model_graph *graph, unsigned int node,
		    struct layout_box *box)
{
	enum iommufd_model_node_kind kind = graph->nodes[node].kind;
	double least = (kind <= IOMMUFD_MODEL_NODE_OBJECT ? COUNTER_CHARS : 8) *
		       LAYOUT_SMALL_CHAR;
	char name[GRAPH_NAME_ROOM];

	observe_graph_name(graph, node, name);
	box->w = record_chars_width(name) * LAYOUT_CHAR;
	if (box->w < least)
		box->w = least;
	box->w = (double)(long)(box->w + 2 * PADDING + 1);
	box->h = BOX_HEIGHT;
}

static void add_points(struct layout_path *path, unsigned int nr)
{
	path->nr = nr;
	path->points = render_realloc(path->points,
				      nr * sizeof(*path->points));
}

/*
 * Draw a line from the bottom of box @from to the top of box @to, @aside of its
 * middle.
 */
static void draw_line(struct layout_path *path, const struct layout_box *from,
		      const struct layout_box *to, double aside)
{
	double x0 = from->x, y0 = from->y + from->h / 2;
	double x1 = to->x + aside, y1 = to->y - to->h / 2, dy = (y1 - y0) / 3;
	const double points[4][2] = {
		{ x0, y0 }, { x0, y0 + dy }, { x1, y1 - dy }, { x1, y1 },
	};

	add_points(path, 4);
	memcpy(path->points, points, sizeof(points));
}

static bool is_thread(const struct iommufd_model_graph *graph,
		      unsigned int node)
{
	return graph->nodes[node].kind == IOMMUFD_MODEL_NODE_THREAD;
}

/* The functions below lay out in rows. */

/* A node is ranked below all of its holders; threads are in the first row. */
static void rank(const struct iommufd_model_graph *graph, unsigned int *ranks)
{
	const struct iommufd_model_edge *edge;
	unsigned int i, round;
	bool changed = true;

	for (i = 0; i < graph->nr_nodes; i++)
		ranks[i] = is_thread(graph, i) ? 0 : ALONE;
	for (i = 0; i < graph->nr_edges; i++)
		ranks[graph->edges[i].from] = ranks[graph->edges[i].to] = 0;
	for (round = 0; changed && round < MOST_RANKS; round++) {
		changed = false;
		for (i = 0; i < graph->nr_edges; i++) {
			edge = &graph->edges[i];
			if (ranks[edge->to] > ranks[edge->from] ||
			    ranks[edge->from] + 1 >= MOST_RANKS)
				continue;
			ranks[edge->to] = ranks[edge->from] + 1;
			changed = true;
		}
	}
}

/* Place the nodes of @rank in rows, which begin at layout->height. */
static void place_rank(const struct iommufd_model_graph *graph,
		       const unsigned int *ranks, unsigned int rank,
		       struct layout *layout)
{
	double x = 0, y = layout->height > 0 ? layout->height + ROW_GAP : 0;
	struct layout_box *box;
	unsigned int i;

	for (i = 0; i < graph->nr_nodes; i++) {
		if (ranks[i] != rank)
			continue;
		box = &layout->boxes[i];
		if (x > 0 && x + box->w > WIDEST_ROW) {
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

/*
 * Place a label near the middle of its edge, but the labels of neighbouring
 * edges not side by side.
 */
static void place_label(struct layout *layout, unsigned int edge)
{
	const struct layout_path *path = &layout->paths[edge];
	unsigned int c, last = path->nr - 1;

	for (c = 0; c < 2; c++)
		layout->labels[edge][c] =
			(path->points[last / 3][c] +
			 path->points[last - last / 3][c]) / 2;
	layout->labels[edge][1] += edge % 3 * 15.0 - 15;
}

/*
 * Return the text for which dot makes room.  It is the same for any number of
 * references, so that no node moves when a counter changes.
 */
static const char *label_of(const struct iommufd_model_edge *edge,
			    char label[GRAPH_EDGE_ROOM])
{
	struct iommufd_model_edge one = *edge;

	one.count = 1;
	return observe_graph_edge_label(&one, label);
}

static void place_rows(const struct iommufd_model_graph *graph,
		       const unsigned int *ranks, struct layout *layout)
{
	const struct iommufd_model_edge *edge;
	unsigned int i;

	layout->width = layout->height = 0;
	for (i = 0; i < MOST_RANKS; i++)
		place_rank(graph, ranks, i, layout);
	for (i = 0; i < graph->nr_edges; i++) {
		edge = &graph->edges[i];
		draw_line(&layout->paths[i], &layout->boxes[edge->from],
			    &layout->boxes[edge->to],
			    edge->counter == IOMMUFD_MODEL_WAIT_CNT ? 14 : -14);
		place_label(layout, i);
	}
}

/* The functions below send the graph to dot. */

/*
 * Write the graph for dot.  Nodes have no text, only a size.  An edge carries
 * its number as its colour, because dot returns the edges in an order of its
 * own.  The edges of threads have weight 0, so that they do not influence the
 * positions of nodes.
 */
static void ask(const struct iommufd_model_graph *graph,
		const unsigned int *ranks, const struct layout *layout,
		FILE *to)
{
	char label[GRAPH_EDGE_ROOM];
	unsigned int i;

	fputs("digraph g {\n"
	      "graph [ranksep=0.7, nodesep=0.35];\n"
	      "node [shape=box, fixedsize=true, label=\"\"];\n"
	      "edge [dir=none, fontname=Courier, fontsize=11];\n", to);
	for (i = 0; i < graph->nr_nodes; i++)
		if (ranks[i] != ALONE)
			fprintf(to, "n%u [width=%.6f, height=%.6f];\n", i,
				layout->boxes[i].w / INCH,
				layout->boxes[i].h / INCH);
	for (i = 0; i < graph->nr_edges; i++) {
		fprintf(to, "n%u -> n%u [color=\"#%06x\", weight=%d",
			graph->edges[i].from, graph->edges[i].to, i,
			!is_thread(graph, graph->edges[i].from));
		if (*label_of(&graph->edges[i], label))
			fprintf(to, ", label=\"%s\"", label);
		fputs("];\n", to);
	}
	fputs("{ rank=source;", to);
	for (i = 0; i < graph->nr_nodes; i++)
		if (is_thread(graph, i))
			fprintf(to, " n%u;", i);
	fputs(" }\n}\n", to);
}

/* Start dot with input @from and a pipe *@answer.  Returns its pid, or -1. */
static pid_t start(FILE *from, int *answer)
{
	char *argv[] = { (char *)"dot", (char *)"-Tplain", NULL };
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;
	int ends[2];

	if (pipe2(ends, O_CLOEXEC))
		return -1;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, fileno(from), 0);
	posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&pid, "dot", &actions, NULL, argv, environ))
		pid = -1;
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	if (pid < 0)
		close(ends[0]);
	*answer = ends[0];
	return pid;
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/*
 * Return all of dot's output as a string; NULL if that takes too long or is too
 * much.
 */
static char *read_answer(int fd)
{
	struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
	long end = now_ms() + layout_patience, left;
	size_t nr = 0, room = 0;
	char *text = NULL;
	ssize_t got;

	do {
		if (room - nr < 4096) {
			room = 2 * room + 8192;
			text = render_realloc(text, room);
		}
		got = -1;
		left = end - now_ms();
		if (room < MOST_BYTES && left > 0 &&
		    poll(&poll_fd, 1, (int)left) > 0)
			got = read(fd, text + nr, room - nr - 1);
		nr += got > 0 ? (size_t)got : 0;
	} while (got > 0);
	text[nr] = 0;
	if (!got)
		return text;
	free(text);
	return NULL;
}

static char *ask_dot(const struct iommufd_model_graph *graph,
		     const unsigned int *ranks, const struct layout *layout)
{
	FILE *question = tmpfile();
	char *text = NULL;
	int answer;
	pid_t pid;

	if (!question)
		return NULL;
	ask(graph, ranks, layout, question);
	rewind(question);
	pid = start(question, &answer);
	if (pid >= 0) {
		text = read_answer(answer);
		if (!text)
			kill(pid, SIGKILL);
		while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
			;
		close(answer);
	}
	fclose(question);
	return text;
}

/* The functions below read dot's answer. */

/* Read the next number of the line at *@at, in pixels. */
static bool next_px(char **at, double *px)
{
	char *end;

	*px = strtod(*at, &end) * INCH;
	if (end == *at || (*end && *end != ' ') || !(*px > -FARTHEST && *px < FARTHEST))
		return false;
	*at = end;
	return true;
}

/* Read a point.  In dot's answer y grows upwards, in a layout downwards. */
static bool next_point(char **at, const struct layout *layout, double *point)
{
	if (!next_px(at, &point[0]) || !next_px(at, &point[1]))
		return false;
	point[1] = layout->height - point[1];
	return true;
}

static bool next_node(char **at, unsigned int nr_nodes, unsigned int *node)
{
	int len = 0;

	if (sscanf(*at, " n%u%n", node, &len) != 1 || *node >= nr_nodes)
		return false;
	*at += len;
	return true;
}

/* Read a line "n12 x y width height ...". */
static bool read_node(char *at, const struct iommufd_model_graph *graph,
		      struct layout *layout, bool *placed)
{
	double point[2];
	unsigned int nr;

	if (!next_node(&at, graph->nr_nodes, &nr) || placed[nr] ||
	    !next_point(&at, layout, point))
		return false;
	placed[nr] = true;
	layout->boxes[nr].x = point[0];
	layout->boxes[nr].y = point[1];
	return true;
}

/* Read a line "n1 n2 nr x y ... [label x y] solid #00000c". */
static bool read_edge(char *at, const struct iommufd_model_graph *graph,
		      struct layout *layout, unsigned int *nr_edges)
{
	const char *color = strchr(at, '#');
	unsigned int from, to, i, nr_points;
	char word[GRAPH_EDGE_ROOM];
	struct layout_path *path;
	unsigned long edge;
	int len = 0;

	edge = color ? strtoul(color + 1, NULL, 16) : graph->nr_edges;
	if (!next_node(&at, graph->nr_nodes, &from) ||
	    !next_node(&at, graph->nr_nodes, &to) ||
	    sscanf(at, "%u%n", &nr_points, &len) != 1 || !len ||
	    edge >= graph->nr_edges || layout->paths[edge].points ||
	    graph->edges[edge].from != from || graph->edges[edge].to != to ||
	    nr_points < 4 || nr_points % 3 != 1 || nr_points > 10000)
		return false;
	path = &layout->paths[edge];
	add_points(path, nr_points);
	for (at += len, i = 0; i < nr_points; i++)
		if (!next_point(&at, layout, path->points[i]))
			return false;
	++*nr_edges;
	if (!*label_of(&graph->edges[edge], word)) {
		place_label(layout, (unsigned int)edge);
		return true;
	}
	at += strspn(at, " ");
	at += *at == '"' ? strcspn(at + 1, "\"") + 1 : strcspn(at, " ");
	at += *at == '"';
	return next_point(&at, layout, layout->labels[edge]);
}

/* Read the line "graph scale width height". */
static bool read_graph(char *at, struct layout *layout)
{
	double scale;

	return next_px(&at, &scale) && next_px(&at, &layout->width) &&
	       next_px(&at, &layout->height);
}

/*
 * Read dot's answer into @layout.  The answer is valid only if it places all
 * nodes and edges and then ends with "stop".
 */
static bool understand(char *text, const struct iommufd_model_graph *graph,
		       const unsigned int *ranks, struct layout *layout)
{
	bool *placed = render_realloc(NULL, graph->nr_nodes);
	unsigned int nr_edges = 0, i;
	char *line, *rest = text;
	bool good = true;

	for (i = 0; i < graph->nr_nodes; i++)
		placed[i] = ranks[i] == ALONE;
	while (good && (line = strsep(&rest, "\n")) && strcmp(line, "stop")) {
		if (!strncmp(line, "graph ", 6))
			good = read_graph(line + 6, layout);
		else if (!strncmp(line, "node ", 5))
			good = read_node(line + 5, graph, layout, placed);
		else if (!strncmp(line, "edge ", 5))
			good = read_edge(line + 5, graph, layout, &nr_edges);
		else
			good = false;
	}
	for (i = 0; i < graph->nr_nodes; i++)
		good = good && placed[i];
	free(placed);
	return good && line && nr_edges == graph->nr_edges;
}

static bool place_by_dot(const struct iommufd_model_graph *graph,
			 const unsigned int *ranks, struct layout *layout)
{
	const char *variable = getenv("IOMMUFD_MODEL_LAYOUT");
	unsigned int i;
	char *text;
	bool good;

	if (!graph->nr_edges || (variable && *variable))
		return false;
	text = ask_dot(graph, ranks, layout);
	if (!text)
		return false;
	good = understand(text, graph, ranks, layout);
	for (i = 0; !good && i < graph->nr_edges; i++) {
		free(layout->paths[i].points);
		layout->paths[i].points = NULL;
	}
	free(text);
	return good;
}

/* The functions below finish the layout. */

static void move_all(const struct iommufd_model_graph *graph,
		     struct layout *layout, double dx, double dy)
{
	unsigned int i, p;

	for (i = 0; i < graph->nr_nodes; i++) {
		layout->boxes[i].x += dx;
		layout->boxes[i].y += dy;
	}
	for (i = 0; i < graph->nr_edges; i++) {
		layout->labels[i][0] += dx;
		layout->labels[i][1] += dy;
		for (p = 0; p < layout->paths[i].nr; p++) {
			layout->paths[i].points[p][0] += dx;
			layout->paths[i].points[p][1] += dy;
		}
	}
	layout->width += dx;
	layout->height += dy;
}

/* Enlarge the picture for edges that leave the area that dot has given. */
static void enclose(const struct iommufd_model_graph *graph,
		    struct layout *layout)
{
	double left = 0, top = 0, (*point)[2];
	unsigned int i, p;

	for (i = 0; i < graph->nr_edges; i++)
		for (p = 0; p < layout->paths[i].nr; p++) {
			point = &layout->paths[i].points[p];
			left = (*point)[0] < left ? (*point)[0] : left;
			top = (*point)[1] < top ? (*point)[1] : top;
			if ((*point)[0] > layout->width)
				layout->width = (*point)[0];
			if ((*point)[1] > layout->height)
				layout->height = (*point)[1];
		}
	move_all(graph, layout, -left, -top);
}

void layout_make(const struct iommufd_model_graph *graph, struct layout *layout)
{
	unsigned int i, *ranks = render_realloc(NULL, graph->nr_nodes *
						      sizeof(*ranks));

	*layout = (struct layout){ .nr_edges = graph->nr_edges };
	layout->boxes = calloc(graph->nr_nodes + 1, sizeof(*layout->boxes));
	layout->paths = calloc(graph->nr_edges + 1, sizeof(*layout->paths));
	layout->labels = calloc(graph->nr_edges + 1, sizeof(*layout->labels));
	if (!layout->boxes || !layout->paths || !layout->labels)
		render_out_of_memory();
	for (i = 0; i < graph->nr_nodes; i++)
		measure(graph, i, &layout->boxes[i]);
	rank(graph, ranks);
	if (!place_by_dot(graph, ranks, layout))
		place_rows(graph, ranks, layout);
	enclose(graph, layout);
	place_rank(graph, ranks, ALONE, layout);
	free(ranks);
	move_all(graph, layout, MARGIN, MARGIN);
	layout->width += MARGIN;
	layout->height += MARGIN;
}

void layout_free(struct layout *layout)
{
	unsigned int i;

	for (i = 0; i < layout->nr_edges; i++)
		free(layout->paths[i].points);
	free(layout->paths);
	free(layout->boxes);
	free(layout->labels);
}
