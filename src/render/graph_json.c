// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A graph as JSON, with every member of the structs.  A node is referred to by
 * its index; null stands for no node.
 */
#include "graph.h"
#include "json.h"
#include "../observe/graph_wording.h"
#include "../observe/ledger.h"
#include <inttypes.h>

static json_t *json_index(int nr)
{
	return nr < 0 ? json_null() : json_integer(nr);
}

/* Return a name, which need not end in a zero byte, as a string. */
static json_t *json_name(const char name[IOMMUFD_MODEL_NAME_LEN])
{
	char copy[IOMMUFD_MODEL_NAME_LEN + 1];

	snprintf(copy, sizeof(copy), "%.*s", IOMMUFD_MODEL_NAME_LEN, name);
	return render_string(copy);
}

static json_t *json_site(const struct iommufd_model_site *site)
{
	if (!site)
		return json_null();
	return json_pack("{s:o, s:o, s:i}",
		"func", site->func ? render_string(site->func) : json_null(),
		"file", site->file ? render_string(site->file) : json_null(),
		"line", site->line);
}

static json_t *json_counters(const struct iommufd_model_node *node)
{
	json_t *counters = json_object();
	unsigned int c;

	for (c = 0; c < IOMMUFD_MODEL_NR_COUNTERS; c++)
		if (observe_graph_has(node->kind, c))
			json_object_set_new(counters, observe_counter_name(c),
				json_pack("{s:I, s:I, s:I}",
					"value", (json_int_t)node->value[c],
					"table", (json_int_t)node->table[c],
					"unknown",
					(json_int_t)node->unknown[c]));
	return counters;
}

static json_t *json_node(const struct iommufd_model_node *node)
{
	char addr[24];

	/*
	 * The address is a string, because a JSON number may not hold 64 bits
	 * exactly.
	 */
	snprintf(addr, sizeof(addr), "0x%" PRIxPTR, (uintptr_t)node->addr);
	return json_pack("{s:i, s:s, s:s, s:o, s:o, s:s?, s:o}",
		"serial", (int)node->serial,
		"kind", observe_graph_kind(node->kind),
		"state", observe_graph_state(node->state),
		"ctx", json_index(node->ctx), "name", json_name(node->name),
		"addr", node->addr ? addr : NULL,
		"counters", json_counters(node));
}

void render_graph_json(const struct iommufd_model_graph *graph, FILE *to)
{
	json_t *nodes = json_array(), *edges = json_array();
	json_t *locks = json_array();
	const struct iommufd_model_graph_lock *lock;
	const struct iommufd_model_edge *edge;
	char title[GRAPH_TITLE_ROOM];
	unsigned int i;

	for (i = 0; i < graph->nr_nodes; i++)
		json_array_append_new(nodes, json_node(&graph->nodes[i]));
	for (i = 0; i < graph->nr_edges; i++) {
		edge = &graph->edges[i];
		json_array_append_new(edges, json_pack(
			"{s:i, s:i, s:s, s:i, s:o}", "from", (int)edge->from,
			"to", (int)edge->to,
			"counter", observe_counter_name(edge->counter),
			"count", (int)edge->count,
			"site", json_site(edge->site)));
	}
	for (i = 0; i < graph->nr_locks; i++) {
		lock = &graph->locks[i];
		json_array_append_new(locks, json_pack(
			"{s:i, s:o, s:o, s:b, s:o}", "thread",
			(int)lock->thread, "node", json_index(lock->node),
			"name", json_name(lock->name), "read", lock->read,
			"site", json_site(lock->site)));
	}
	render_json(json_pack("{s:o, s:o, s:o, s:o}", "title",
		render_string(observe_graph_title(graph, title)),
		"nodes", nodes, "edges", edges, "locks", locks), to);
}
