// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The books as a graph to be handed out.
 *
 * Things become nodes in the order they came to be; then descriptors, files and
 * threads, each when the first unit or lock of theirs is met.
 */
#include "books.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct builder {
	struct iommufd_model_graph *graph;
	unsigned int room_nodes, room_edges, room_locks;
	void (*thread_name)(unsigned int thread, char *buf, void *data);
	void *data;
	bool failed;
};

/* One more element of an array that has @nr of @room: false without memory. */
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

static int find_thing(const struct iommufd_model_graph *graph,
		      unsigned int serial)
{
	int i = find_node(graph, IOMMUFD_MODEL_NODE_OBJECT, serial, NULL);

	return i >= 0 ? i :
		find_node(graph, IOMMUFD_MODEL_NODE_CTX, serial, NULL);
}

static int thread_node(struct builder *b, unsigned int thread)
{
	int i = find_node(b->graph, IOMMUFD_MODEL_NODE_THREAD, thread, NULL);
	struct iommufd_model_node *node;

	if (i >= 0)
		return i;
	node = add_node(b, IOMMUFD_MODEL_NODE_THREAD, thread);
	if (!node)
		return -1;
	b->thread_name(thread, node->name, b->data);
	return (int)b->graph->nr_nodes - 1;
}

static int descriptor_node(struct builder *b, int ctx)
{
	unsigned int serial = b->graph->nodes[ctx].serial;
	int i = find_node(b->graph, IOMMUFD_MODEL_NODE_DESCRIPTOR, serial,
			  NULL);
	struct iommufd_model_node *node;

	if (i >= 0)
		return i;
	node = add_node(b, IOMMUFD_MODEL_NODE_DESCRIPTOR, serial);
	if (!node)
		return -1;
	strcpy(node->name, "descriptor");
	node->ctx = ctx;
	return (int)b->graph->nr_nodes - 1;
}

static int file_node(struct builder *b, const struct unit *unit)
{
	int i = find_node(b->graph, IOMMUFD_MODEL_NODE_FILE, 0,
			  unit->file_addr);
	struct iommufd_model_node *node;

	if (i >= 0)
		return i;
	node = add_node(b, IOMMUFD_MODEL_NODE_FILE, 0);
	if (!node)
		return -1;
	node->addr = unit->file_addr;
	strncpy(node->name, unit->file, sizeof(node->name) - 1);
	return (int)b->graph->nr_nodes - 1;
}

/* Who has @unit of node @to; -1: nobody who is known. */
static int holder_node(struct builder *b, const struct unit *unit, int to)
{
	switch (unit->kind) {
	case BY_THING:
		return find_thing(b->graph, unit->holder);
	case BY_FILE:
		return file_node(b, unit);
	case BY_THREAD:
		return thread_node(b, unit->holder);
	case BY_TABLE:
		return descriptor_node(b, to);
	}
	return -1;
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

static void add_counter(struct builder *b, const struct thing *thing, int to,
			enum iommufd_model_counter counter)
{
	const struct unit *unit;
	long known = 0;
	int from;

	for (unit = thing->units[counter]; unit; unit = unit->next) {
		known++;
		if (unit->kind == BY_TABLE && !thing->is_ctx) {
			b->graph->nodes[to].table[counter]++;
			continue;
		}
		from = holder_node(b, unit, to);
		if (from < 0)
			known--;
		else
			add_edge(b, (unsigned int)from, (unsigned int)to,
				 counter, unit->site);
	}
	b->graph->nodes[to].value[counter] = thing->value[counter];
	b->graph->nodes[to].unknown[counter] = thing->value[counter] - known;
}

static void add_lock(struct builder *b, const struct books *books,
		     const struct held *held)
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
	lock->node = held->thing ? find_thing(graph, held->thing) : -1;
	lock->read = held->read;
	lock->site = held->site;
	observe_books_lock_name(books, held, lock->name);
}

static void add_things(struct builder *b, const struct books *books)
{
	struct iommufd_model_node *node;
	const struct thing *thing;

	for (thing = books->first; thing && !b->failed; thing = thing->next) {
		node = add_node(b, thing->is_ctx ? IOMMUFD_MODEL_NODE_CTX :
						   IOMMUFD_MODEL_NODE_OBJECT,
				thing->serial);
		if (!node)
			return;
		node->state = thing->state;
		node->addr = thing->addr;
		observe_books_name(thing, node->name);
		node->ctx = find_thing(b->graph, thing->ctx);
	}
}

struct iommufd_model_graph *observe_books_graph(
	const struct books *books,
	void (*thread_name)(unsigned int thread, char *buf, void *data),
	void *data)
{
	struct builder b = { .thread_name = thread_name, .data = data };
	const struct thing *thing;
	const struct held *held;
	int i, n = 0;

	b.graph = books->cut ? NULL : calloc(1, sizeof(*b.graph));
	if (!b.graph)
		return NULL;
	add_things(&b, books);
	for (thing = books->first; thing && !b.failed; thing = thing->next, n++)
		for (i = 0; i < IOMMUFD_MODEL_NR_COUNTERS; i++)
			add_counter(&b, thing, n,
				    (enum iommufd_model_counter)i);
	for (held = books->held; held && !b.failed; held = held->next)
		add_lock(&b, books, held);
	if (b.failed) {
		iommufd_model_graph_free(b.graph);
		return NULL;
	}
	return b.graph;
}

/* "mutex" of "&obj->ioas->mutex". */
static void last_word(const char *expr, char *buf, size_t size)
{
	const char *end = expr + strlen(expr), *s = end;

	while (s > expr && (isalnum((unsigned char)s[-1]) || s[-1] == '_'))
		s--;
	snprintf(buf, size, "%.*s", (int)(end - s), s);
}

void observe_books_lock_name(const struct books *books, const struct held *held,
			     char *buf)
{
	const struct thing *thing = observe_books_find(books, held->thing);
	char word[15], name[IOMMUFD_MODEL_NAME_LEN];

	last_word(held->site->what, word, sizeof(word));
	if (thing)
		snprintf(buf, IOMMUFD_MODEL_NAME_LEN, "%s of %.16s",
			 *word ? word : "a lock",
			 observe_books_name(thing, name));
	else if (held->name && held->id)
		snprintf(buf, IOMMUFD_MODEL_NAME_LEN, "%s of %.10s %u",
			 *word ? word : "a lock", held->name, held->id);
	else if (held->name)
		snprintf(buf, IOMMUFD_MODEL_NAME_LEN, "%s of %.16s",
			 *word ? word : "a lock", held->name);
	else
		snprintf(buf, IOMMUFD_MODEL_NAME_LEN, "%s",
			 *word ? word : "a lock");
}
