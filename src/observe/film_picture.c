// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The one picture of a film.
 *
 * A graph of each moment is laid over what was shown before: what is another
 * becomes a change.  At the end all places and links there ever were are laid
 * out at once, so that nothing moves from one moment to the next.  Threads
 * stand in a row of their own, for what they hold changes all the time and
 * would pull everything else out of its place.
 */
#include "film.h"
#include <stdlib.h>
#include <string.h>

#define THREAD_HEIGHT 30.0
#define THREAD_GAP 16.0
#define THREAD_WIDTH 130.0

static void add_change(struct film *film, enum film_change_kind kind,
		       size_t a, unsigned int b, long c, long d)
{
	struct film_change *change = film_add(film, changes);

	if (!change)
		return;
	change->kind = kind;
	change->a = (unsigned int)a;
	change->b = b;
	change->c = c;
	change->d = d;
}

static bool is_thread(const struct film *film, size_t place)
{
	return film->places[place].kind == IOMMUFD_MODEL_NODE_THREAD;
}

/* Finding room */

/*
 * Is @node what was there last?  Files have no serial.  Threads may have one
 * name, and an object may be given the id of one that is not gone yet.
 */
static bool is_there(const struct film_place *place,
		     const struct iommufd_model_node *node)
{
	return place->kind == node->kind && place->serial == node->serial &&
	       (node->kind != IOMMUFD_MODEL_NODE_FILE ||
		!strcmp(place->name, node->name));
}

static bool fits(const struct film_place *place,
		 const struct iommufd_model_node *node, int ctx)
{
	return place->kind == node->kind && place->ctx == ctx &&
	       place->kind != IOMMUFD_MODEL_NODE_THREAD &&
	       place->state == PLACE_GONE && !strcmp(place->name, node->name);
}

/* A place for @node that no node before it in this graph has. */
static int find_place(struct film *film, const struct iommufd_model_node *node,
		      int ctx, const bool *taken)
{
	struct film_place *place;
	size_t i;

	for (i = 0; i < film->nr_places; i++)
		if (!taken[i] && is_there(&film->places[i], node))
			return (int)i;
	for (i = 0; i < film->nr_places; i++) {
		place = &film->places[i];
		if (taken[i] || !fits(place, node, ctx))
			continue;
		place->serial = node->serial;
		return (int)i;
	}
	place = film_add(film, places);
	if (!place)
		return -1;
	memset(place, 0, sizeof(*place));
	place->kind = node->kind;
	place->ctx = ctx;
	place->serial = node->serial;
	memcpy(place->name, node->name, sizeof(place->name));
	return (int)i;
}

static struct film_link *find_link(struct film *film, unsigned int from,
				   unsigned int to,
				   enum iommufd_model_counter counter)
{
	struct film_link *link;
	size_t i;

	for (i = 0; i < film->nr_links; i++) {
		link = &film->links[i];
		if (link->from == from && link->to == to &&
		    link->counter == counter)
			return link;
	}
	link = film_add(film, links);
	if (!link)
		return NULL;
	memset(link, 0, sizeof(*link));
	link->from = from;
	link->to = to;
	link->counter = counter;
	return link;
}

static struct film_lock *find_lock(struct film *film, unsigned int thread,
				   const char *name)
{
	struct film_lock *lock;
	size_t i;

	for (i = 0; i < film->nr_locks; i++) {
		lock = &film->locks[i];
		if (lock->thread == thread && !strcmp(lock->name, name))
			return lock;
	}
	lock = film_add(film, locks);
	if (!lock)
		return NULL;
	memset(lock, 0, sizeof(*lock));
	lock->thread = thread;
	snprintf(lock->name, sizeof(lock->name), "%s", name);
	return lock;
}

/* What is another */

static void show_node(struct film *film, size_t i,
		      const struct iommufd_model_node *node)
{
	struct film_place *place = &film->places[i];
	int state = node ? (int)node->state + 1 : PLACE_GONE;
	unsigned int c;

	if (place->state != state) {
		place->state = state;
		add_change(film, CHANGE_PLACE, i, 0, state, 0);
	}
	for (c = 0; c < IOMMUFD_MODEL_NR_COUNTERS; c++) {
		long value = node ? node->value[c] : 0;
		long table = node ? node->table[c] : 0;

		if (place->value[c] == value && place->table[c] == table)
			continue;
		place->value[c] = value;
		place->table[c] = table;
		if (node)
			add_change(film, CHANGE_VALUE, i, c, value, table);
	}
}

static void show_links(struct film *film,
		       const struct iommufd_model_graph *graph, const int *at)
{
	const struct iommufd_model_edge *edge;
	struct film_link *link;
	size_t i, nr = film->nr_links;
	long *now;

	/* Also for the links that this graph brings. */
	now = calloc(nr + graph->nr_edges + 1, sizeof(*now));
	if (!now) {
		film->failed = true;
		return;
	}
	for (i = 0; i < graph->nr_edges && !film->failed; i++) {
		edge = &graph->edges[i];
		link = find_link(film, (unsigned int)at[edge->from],
				 (unsigned int)at[edge->to], edge->counter);
		if (link)
			now[link - film->links] += edge->count;
	}
	for (i = 0; i < film->nr_links && !film->failed; i++) {
		if (film->links[i].count == now[i])
			continue;
		film->links[i].count = now[i];
		add_change(film, CHANGE_LINK, i, 0, now[i], 0);
	}
	free(now);
}

static void show_locks(struct film *film,
		       const struct iommufd_model_graph *graph)
{
	const struct iommufd_model_graph_lock *held;
	struct film_lock *lock;
	size_t i, nr = film->nr_locks;
	int *now;

	now = calloc(nr + graph->nr_locks + 1, sizeof(*now));
	if (!now) {
		film->failed = true;
		return;
	}
	for (i = 0; i < graph->nr_locks && !film->failed; i++) {
		held = &graph->locks[i];
		lock = find_lock(film, graph->nodes[held->thread].serial,
				 held->name);
		if (lock)
			now[lock - film->locks] = held->read ? 2 : 1;
	}
	for (i = 0; i < film->nr_locks && !film->failed; i++) {
		if (film->locks[i].mode == now[i])
			continue;
		add_change(film, CHANGE_LOCK, film->locks[i].thread,
			   (unsigned int)i, now[i], film->locks[i].mode);
		film->locks[i].mode = now[i];
	}
	free(now);
}

void observe_film_show(struct film *film,
		       const struct iommufd_model_graph *graph)
{
	bool *taken = calloc(film->nr_places + graph->nr_nodes + 1,
			     sizeof(*taken));
	int *at = calloc(graph->nr_nodes + 1, sizeof(*at));
	const struct iommufd_model_node *node;
	size_t i;

	film->failed |= !taken || !at;
	for (i = 0; i < graph->nr_nodes && !film->failed; i++) {
		node = &graph->nodes[i];
		/* Contexts come before their objects, so it has its place. */
		at[i] = find_place(film, node,
				   node->ctx < 0 || node->ctx >= (int)i ?
					   -1 : at[node->ctx], taken);
		if (film->failed)
			break;
		taken[at[i]] = true;
		show_node(film, (size_t)at[i], node);
	}
	/* A thread stays: that it holds nothing now is no news. */
	for (i = 0; i < film->nr_places && !film->failed; i++)
		if (!taken[i] && !is_thread(film, i))
			show_node(film, i, NULL);
	if (!film->failed)
		show_links(film, graph, at);
	if (!film->failed)
		show_locks(film, graph);
	free(taken);
	free(at);
}

/* Where everything is */

/* All that is not a thread, as one graph; @nodes[i]: the place of node i. */
static bool make_union(const struct film *film,
		       struct iommufd_model_graph *graph, size_t *nodes,
		       size_t *edges, int *at)
{
	struct iommufd_model_node *node;
	struct iommufd_model_edge *edge;
	size_t i;

	memset(graph, 0, sizeof(*graph));
	graph->nodes = calloc(film->nr_places + 1, sizeof(*graph->nodes));
	graph->edges = calloc(film->nr_links + 1, sizeof(*graph->edges));
	if (!graph->nodes || !graph->edges)
		return false;
	for (i = 0; i < film->nr_places; i++) {
		at[i] = -1;
		if (is_thread(film, i))
			continue;
		at[i] = (int)graph->nr_nodes;
		nodes[graph->nr_nodes] = i;
		node = &graph->nodes[graph->nr_nodes++];
		node->kind = film->places[i].kind;
		node->state = IOMMUFD_MODEL_NODE_PUBLISHED;
		node->serial = (unsigned int)i + 1;
		node->ctx = film->places[i].ctx;
		memcpy(node->name, film->places[i].name, sizeof(node->name));
	}
	for (i = 0; i < film->nr_links; i++) {
		if (is_thread(film, film->links[i].from))
			continue;
		edges[graph->nr_edges] = i;
		edge = &graph->edges[graph->nr_edges++];
		edge->from = (unsigned int)at[film->links[i].from];
		edge->to = (unsigned int)at[film->links[i].to];
		edge->counter = film->links[i].counter;
		edge->count = 1;
	}
	return true;
}

/* From the bottom of one box to the top of another, which is below it. */
static bool draw_link(struct film_link *link, const struct layout_box *from,
		      const struct layout_box *to)
{
	double x0 = from->x, y0 = from->y + from->h / 2;
	double aside = link->counter == IOMMUFD_MODEL_WAIT_CNT ? 14 : -14;
	double x1 = to->x + aside;
	double y1 = to->y - to->h / 2, dy = (y1 - y0) / 3;

	link->path.points = malloc(4 * sizeof(*link->path.points));
	if (!link->path.points)
		return false;
	link->path.nr = 4;
	link->path.points[0][0] = x0;
	link->path.points[0][1] = y0;
	link->path.points[1][0] = x0;
	link->path.points[1][1] = y0 + dy;
	link->path.points[2][0] = x1;
	link->path.points[2][1] = y1 - dy;
	link->path.points[3][0] = x1;
	link->path.points[3][1] = y1;
	return true;
}

/* Threads in a row at the top, all else below. */
static bool place_threads(struct film *film)
{
	double x = THREAD_GAP, down = THREAD_HEIGHT + 3 * THREAD_GAP;
	struct film_link *link;
	size_t i;
	unsigned int p;

	for (i = 0; i < film->nr_places; i++) {
		if (!is_thread(film, i)) {
			film->places[i].box.y += down;
			continue;
		}
		film->places[i].box.w = THREAD_WIDTH;
		film->places[i].box.h = THREAD_HEIGHT;
		film->places[i].box.x = x + THREAD_WIDTH / 2;
		film->places[i].box.y = THREAD_GAP + THREAD_HEIGHT / 2;
		x += THREAD_WIDTH + THREAD_GAP;
	}
	film->height += down;
	if (x > film->width)
		film->width = x;
	for (i = 0; i < film->nr_links; i++) {
		link = &film->links[i];
		for (p = 0; p < link->path.nr; p++)
			link->path.points[p][1] += down;
		if (is_thread(film, link->from) &&
		    !draw_link(link, &film->places[link->from].box,
			       &film->places[link->to].box))
			return false;
	}
	return true;
}

/* Take over what was laid out; the paths are the film's from now on. */
static void take_layout(struct film *film, struct layout *layout,
			const struct iommufd_model_graph *graph,
			const size_t *nodes, const size_t *edges)
{
	size_t i;

	for (i = 0; i < graph->nr_nodes; i++)
		film->places[nodes[i]].box = layout->boxes[i];
	for (i = 0; i < graph->nr_edges; i++) {
		film->links[edges[i]].path = layout->paths[i];
		memset(&layout->paths[i], 0, sizeof(layout->paths[i]));
	}
	film->width = layout->width;
	film->height = layout->height;
}

int observe_film_lay_out(struct film *film)
{
	size_t *nodes = calloc(film->nr_places + 1, sizeof(*nodes));
	size_t *edges = calloc(film->nr_links + 1, sizeof(*edges));
	int *at = calloc(film->nr_places + 1, sizeof(*at));
	struct iommufd_model_graph graph = { .nr_nodes = 0 };
	struct layout layout;
	int rc = -ENOMEM;

	if (nodes && edges && at &&
	    make_union(film, &graph, nodes, edges, at)) {
		rc = observe_layout_make(&graph, false, &layout);
		if (!rc) {
			take_layout(film, &layout, &graph, nodes, edges);
			observe_layout_free(&layout);
			rc = place_threads(film) ? 0 : -ENOMEM;
		}
	}
	free(graph.nodes);
	free(graph.edges);
	free(nodes);
	free(edges);
	free(at);
	return rc;
}
