// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Makes a graph from the ledger, for the caller.
 *
 * Objects become nodes in the order of their allocation.  Descriptors, files
 * and threads follow, each when its first reference or lock is found.
 */
#include "ledger.h"
#include <stdlib.h>
#include <string.h>

struct builder {
	struct iommufd_model_graph *graph;
	unsigned int room_nodes, room_edges, room_locks;
	const struct iommufd_model_record *record;
	bool failed;
};

/*
 * Make room in *@array for one more element than @nr.  Returns false if memory
 * is short.
 */
static bool grow(void **array, unsigned int nr, unsigned int *room, size_t size)
{
	void *bigger;

	if (nr < *room)
		return true;
	bigger = realloc(*array, (*room * 2 + 16) * size);
	if (!bigger)
		return false;
	*array = bigger;
	*room = *room * 2 + 16;
	return true;
}

static struct iommufd_model_node *add_node(struct builder *b,
					   enum iommufd_model_node_kind kind,
					   unsigned int serial)
{
	struct iommufd_model_graph *graph = b->graph;
	struct iommufd_model_node *node;

	if (!grow((void **)&graph->nodes, graph->nr_nodes, &b->room_nodes,
		  sizeof(*node))) {
		b->failed = true;
		return NULL;
	}
	node = &graph->nodes[graph->nr_nodes++];
	memset(node, 0, sizeof(*node));
	node->kind = kind;
	node->serial = serial;
	node->state = IOMMUFD_MODEL_NODE_PUBLISHED;
	node->ctx = -1;
	return node;
}

static int find_node(const struct iommufd_model_graph *graph,
		     enum iommufd_model_node_kind kind, unsigned int serial,
		     const void *addr)
{
	unsigned int i;

	for (i = 0; i < graph->nr_nodes; i++)
		if (graph->nodes[i].kind == kind &&
		    graph->nodes[i].serial == serial &&
		    (!addr || graph->nodes[i].addr == addr))
			return (int)i;
	return -1;
}

static int find_object(const struct iommufd_model_graph *graph,
		      unsigned int serial)
{
	int i = find_node(graph, IOMMUFD_MODEL_NODE_OBJECT, serial, NULL);

	return i >= 0 ? i :
		find_node(graph, IOMMUFD_MODEL_NODE_CTX, serial, NULL);
}

/*
 * Return the node of a holder that is not an object.  It is added if it is new.
 */
static int other_node(struct builder *b, enum iommufd_model_node_kind kind,
		      unsigned int serial, const void *addr, int ctx,
		      const char *name)
{
	int i = find_node(b->graph, kind, serial, addr);
	struct iommufd_model_node *node;

	if (i >= 0)
		return i;
	node = add_node(b, kind, serial);
	if (!node)
		return -1;
	node->addr = addr;
	node->ctx = ctx;
	snprintf(node->name, sizeof(node->name), "%.39s", name);
	return (int)b->graph->nr_nodes - 1;
}

static int thread_node(struct builder *b, unsigned int thread)
{
	char name[RECORD_NAME];

	return other_node(b, IOMMUFD_MODEL_NODE_THREAD, thread, NULL, -1,
			  record_thread_name(b->record, thread, name));
}

/*
 * Return the node of the holder of @ref, a reference to node @to; -1 if it is
 * unknown.
 */
static int holder_node(struct builder *b, const struct reference *ref, int to)
{
	switch (ref->kind) {
	case RECORD_OBJECT:
		return find_object(b->graph, ref->holder);
	case RECORD_FILE:
		return other_node(b, IOMMUFD_MODEL_NODE_FILE, 0, ref->file_addr,
				  -1, ref->file ? ref->file : "file");
	case RECORD_THREAD:
		return thread_node(b, ref->holder);
	case RECORD_TABLE:
		return other_node(b, IOMMUFD_MODEL_NODE_DESCRIPTOR,
				  b->graph->nodes[to].serial, NULL, to,
				  "descriptor");
	default:
		return -1;
	}
}

static void add_edge(struct builder *b, unsigned int from, unsigned int to,
		     enum iommufd_model_counter counter,
		     const struct iommufd_model_site *site)
{
	struct iommufd_model_graph *graph = b->graph;
	struct iommufd_model_edge *edge;
	unsigned int i;

	for (i = 0; i < graph->nr_edges; i++) {
		edge = &graph->edges[i];
		if (edge->from == from && edge->to == to &&
		    edge->counter == counter && edge->site == site) {
			edge->count++;
			return;
		}
	}
	if (!grow((void **)&graph->edges, graph->nr_edges, &b->room_edges,
		  sizeof(*edge))) {
		b->failed = true;
		return;
	}
	edge = &graph->edges[graph->nr_edges++];
	edge->from = from;
	edge->to = to;
	edge->counter = counter;
	edge->count = 1;
	edge->site = site;
}

static void add_counter(struct builder *b, const struct object *object, int to,
			enum iommufd_model_counter counter)
{
	const struct reference *ref;
	long known = 0;
	int from;

	for (ref = object->references[counter]; ref; ref = ref->next) {
		known++;
		if (ref->kind == RECORD_TABLE && !object->is_ctx) {
			b->graph->nodes[to].table[counter]++;
			continue;
		}
		from = holder_node(b, ref, to);
		if (from < 0)
			known--;
		else
			add_edge(b, (unsigned int)from, (unsigned int)to,
				 counter, ref->site);
	}
	b->graph->nodes[to].value[counter] = object->value[counter];
	b->graph->nodes[to].unknown[counter] = object->value[counter] - known;
}

static void add_lock(struct builder *b, const struct ledger *ledger,
		     const struct held_lock *held)
{
	struct iommufd_model_graph *graph = b->graph;
	struct iommufd_model_graph_lock *lock;
	int thread = thread_node(b, held->thread);

	if (thread < 0 ||
	    !grow((void **)&graph->locks, graph->nr_locks, &b->room_locks,
		  sizeof(*lock))) {
		b->failed = true;
		return;
	}
	lock = &graph->locks[graph->nr_locks++];
	lock->thread = (unsigned int)thread;
	lock->node = held->object ? find_object(graph, held->object) : -1;
	lock->read = held->read;
	lock->site = held->site;
	observe_lock_name(ledger, held->site, held->object, held->label,
			  held->id, lock->name);
}

static void add_objects(struct builder *b, const struct ledger *ledger)
{
	struct iommufd_model_node *node;
	const struct object *object;

	for (object = ledger->first; object && !b->failed; object = object->next) {
		node = add_node(b, object->is_ctx ? IOMMUFD_MODEL_NODE_CTX :
						   IOMMUFD_MODEL_NODE_OBJECT,
				object->serial);
		if (!node)
			return;
		node->state = object->state;
		node->addr = object->addr;
		observe_object_name(object, node->name);
		node->ctx = find_object(b->graph, object->ctx);
	}
}

struct iommufd_model_graph *
observe_snapshot(const struct ledger *ledger,
		 const struct iommufd_model_record *record)
{
	struct builder b = { .record = record };
	const struct object *object;
	const struct held_lock *held;
	int i, n = 0;

	b.graph = ledger->incomplete ? NULL : calloc(1, sizeof(*b.graph));
	if (!b.graph)
		return NULL;
	add_objects(&b, ledger);
	for (object = ledger->first; object && !b.failed; object = object->next, n++)
		for (i = 0; i < IOMMUFD_MODEL_NR_COUNTERS; i++)
			add_counter(&b, object, n,
				    (enum iommufd_model_counter)i);
	for (held = ledger->locks; held && !b.failed; held = held->next)
		add_lock(&b, ledger, held);
	if (b.failed) {
		iommufd_model_graph_free(b.graph);
		return NULL;
	}
	return b.graph;
}

void iommufd_model_graph_free(struct iommufd_model_graph *graph)
{
	if (!graph)
		return;
	free(graph->nodes);
	free(graph->edges);
	free(graph->locks);
	free(graph);
}
