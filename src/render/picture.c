// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The picture of a timeline.
 *
 * The snapshot of each moment is compared with the picture so far, and every
 * difference becomes a change.  At the end all nodes and edges that ever
 * existed are laid out together, so that no node moves from one moment to the
 * next.
 */
#include "timeline.h"
#include <stdlib.h>
#include <string.h>

static void add_change(struct timeline *t, enum timeline_change_kind kind,
		       size_t a, unsigned int b, long c, long d)
{
	struct timeline_change *change = timeline_add(t, changes);

	*change = (struct timeline_change){ kind, (unsigned int)a, b, c, d };
}

static bool is_thread(const struct timeline *t, size_t node)
{
	return t->nodes[node].kind == IOMMUFD_MODEL_NODE_THREAD;
}

/* The functions below find a node of the picture. */

/*
 * Tell whether the timeline's node already stands for the snapshot's node @is.
 * Files have no serial.  Several threads may have the same name, and an object
 * may get the id of an object that still exists.
 */
static bool stands_for(const struct timeline_node *node,
		       const struct iommufd_model_node *is)
{
	return node->kind == is->kind && node->serial == is->serial &&
	       (node->kind != IOMMUFD_MODEL_NODE_FILE ||
		!strcmp(node->name, is->name));
}

static bool fits(const struct timeline_node *node,
		 const struct iommufd_model_node *is, int ctx)
{
	return node->kind == is->kind && node->ctx == ctx &&
	       node->kind != IOMMUFD_MODEL_NODE_THREAD &&
	       node->state == NODE_GONE && !strcmp(node->name, is->name);
}

/* Return a node for @is that stands for nothing else in this snapshot. */
static size_t find_node(struct timeline *t, const struct iommufd_model_node *is,
			int ctx)
{
	struct timeline_node *node;
	size_t i;

	for (i = 0; i < t->nr_nodes; i++)
		if (t->nodes[i].shown != t->nr_snapshots &&
		    stands_for(&t->nodes[i], is))
			return i;
	for (i = 0; i < t->nr_nodes; i++)
		if (t->nodes[i].shown != t->nr_snapshots &&
		    fits(&t->nodes[i], is, ctx))
			break;
	if (i == t->nr_nodes) {
		node = timeline_add(t, nodes);
		node->kind = is->kind;
		node->ctx = ctx;
		memcpy(node->name, is->name, sizeof(node->name));
	}
	t->nodes[i].serial = is->serial;
	return i;
}

static struct timeline_edge *find_edge(struct timeline *t, unsigned int from,
				       unsigned int to,
				       enum iommufd_model_counter counter)
{
	struct timeline_edge *edge;

	for (edge = t->edges; edge < t->edges + t->nr_edges; edge++)
		if (edge->from == from && edge->to == to &&
		    edge->counter == counter)
			return edge;
	edge = timeline_add(t, edges);
	edge->from = from;
	edge->to = to;
	edge->counter = counter;
	return edge;
}

static struct timeline_lock *find_lock(struct timeline *t, unsigned int thread,
				       const char *name)
{
	struct timeline_lock *lock;

	for (lock = t->locks; lock < t->locks + t->nr_locks; lock++)
		if (lock->thread == thread && !strcmp(lock->name, name))
			return lock;
	lock = timeline_add(t, locks);
	lock->thread = thread;
	snprintf(lock->name, sizeof(lock->name), "%s", name);
	return lock;
}

/* The functions below record differences. */

static void show_node(struct timeline *t, size_t i,
		      const struct iommufd_model_node *is)
{
	struct timeline_node *node = &t->nodes[i];
	int state = is ? (int)is->state + 1 : NODE_GONE;
	long value, table;
	unsigned int c;

	if (node->state != state)
		add_change(t, CHANGE_NODE, i, 0, state, 0);
	node->state = state;
	for (c = 0; c < IOMMUFD_MODEL_NR_COUNTERS; c++) {
		value = is ? is->value[c] : 0;
		table = is ? is->table[c] : 0;
		if (is && (node->value[c] != value || node->table[c] != table))
			add_change(t, CHANGE_VALUE, i, c, value, table);
		node->value[c] = value;
		node->table[c] = table;
	}
}

static void show_edges(struct timeline *t,
		       const struct iommufd_model_graph *graph,
		       const unsigned int *at)
{
	const struct iommufd_model_edge *is;
	struct timeline_edge *edge;
	size_t i;

	for (i = 0; i < graph->nr_edges; i++) {
		is = &graph->edges[i];
		find_edge(t, at[is->from], at[is->to], is->counter)->now +=
			is->count;
	}
	for (i = 0; i < t->nr_edges; i++) {
		edge = &t->edges[i];
		if (edge->count != edge->now)
			add_change(t, CHANGE_EDGE, i, 0, edge->now, 0);
		edge->count = edge->now;
		edge->now = 0;
	}
}

static void show_locks(struct timeline *t,
		       const struct iommufd_model_graph *graph)
{
	const struct iommufd_model_graph_lock *held;
	struct timeline_lock *lock;
	size_t i;

	for (i = 0; i < graph->nr_locks; i++) {
		held = &graph->locks[i];
		find_lock(t, graph->nodes[held->thread].serial, held->name)->now =
			held->read ? 2 : 1;
	}
	for (i = 0; i < t->nr_locks; i++) {
		lock = &t->locks[i];
		if (lock->mode != lock->now)
			add_change(t, CHANGE_LOCK, lock->thread,
				   (unsigned int)i, lock->now, lock->mode);
		lock->mode = lock->now;
		lock->now = 0;
	}
}

void timeline_show(struct timeline *t, const struct iommufd_model_graph *graph)
{
	unsigned int *at = render_realloc(NULL, graph->nr_nodes * sizeof(*at));
	const struct iommufd_model_node *is;
	size_t i;

	t->nr_snapshots++;
	for (i = 0; i < graph->nr_nodes; i++) {
		is = &graph->nodes[i];
		/* A context precedes its objects, so it already has a node. */
		at[i] = (unsigned int)find_node(t, is, is->ctx < 0 ||
			is->ctx >= (int)i ? -1 : (int)at[is->ctx]);
		t->nodes[at[i]].shown = t->nr_snapshots;
		show_node(t, at[i], is);
	}
	/*
	 * The node of a thread stays in the picture, even if the thread holds
	 * nothing now.
	 */
	for (i = 0; i < t->nr_nodes; i++)
		if (t->nodes[i].shown != t->nr_snapshots && !is_thread(t, i))
			show_node(t, i, NULL);
	show_edges(t, graph, at);
	show_locks(t, graph);
	free(at);
}

int timeline_node_of(const struct timeline *t, unsigned int serial)
{
	size_t i;

	for (i = 0; i < t->nr_nodes; i++)
		if (t->nodes[i].serial == serial &&
		    t->nodes[i].state != NODE_GONE &&
		    (t->nodes[i].kind == IOMMUFD_MODEL_NODE_OBJECT ||
		     t->nodes[i].kind == IOMMUFD_MODEL_NODE_CTX))
			return (int)i;
	return -1;
}

/* The functions below compute positions. */

void timeline_lay_out(struct timeline *t)
{
	struct iommufd_model_graph graph = {
		.nr_nodes = (unsigned int)t->nr_nodes,
		.nr_edges = (unsigned int)t->nr_edges,
	};
	struct layout layout;
	size_t i;

	graph.nodes = calloc(t->nr_nodes + 1, sizeof(*graph.nodes));
	graph.edges = calloc(t->nr_edges + 1, sizeof(*graph.edges));
	if (!graph.nodes || !graph.edges)
		render_out_of_memory();
	for (i = 0; i < t->nr_nodes; i++) {
		graph.nodes[i].kind = t->nodes[i].kind;
		graph.nodes[i].serial = (unsigned int)i + 1;
		graph.nodes[i].ctx = t->nodes[i].ctx;
		memcpy(graph.nodes[i].name, t->nodes[i].name,
		       sizeof(t->nodes[i].name));
	}
	for (i = 0; i < t->nr_edges; i++)
		graph.edges[i] = (struct iommufd_model_edge){
			t->edges[i].from, t->edges[i].to, t->edges[i].counter,
			1, NULL,
		};
	layout_make(&graph, &layout);
	t->width = layout.width;
	t->height = layout.height;
	for (i = 0; i < t->nr_nodes; i++)
		t->nodes[i].box = layout.boxes[i];
	for (i = 0; i < t->nr_edges; i++) {
		t->edges[i].path = layout.paths[i];
		memcpy(t->edges[i].label, layout.labels[i],
		       sizeof(t->edges[i].label));
		layout.paths[i].points = NULL;
	}
	layout_free(&layout);
	free(graph.nodes);
	free(graph.edges);
}
