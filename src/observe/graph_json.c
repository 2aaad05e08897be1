// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A graph as JSON: all that is in the structs.  Nodes are named by their
 * indices; null is none.  A line for each node, edge and lock, so that diff can
 * compare two.
 */
#include "json.h"
#include "write.h"
#include <inttypes.h>

/* A name whose room may be full to the last byte. */
static void put_name(const char name[IOMMUFD_MODEL_NAME_LEN], FILE *to)
{
	char copy[IOMMUFD_MODEL_NAME_LEN + 1];

	snprintf(copy, sizeof(copy), "%.*s", IOMMUFD_MODEL_NAME_LEN, name);
	observe_json_quote(copy, to);
}

static void put_index(int nr, FILE *to)
{
	if (nr < 0)
		fputs("null", to);
	else
		fprintf(to, "%d", nr);
}

static void put_word(const char *s, FILE *to)
{
	if (s)
		observe_json_quote(s, to);
	else
		fputs("null", to);
}

static void put_site(const struct iommufd_model_site *site, FILE *to)
{
	fputs("\"site\":", to);
	if (!site) {
		fputs("null", to);
		return;
	}
	fputs("{\"func\":", to);
	put_word(site->func, to);
	fputs(",\"file\":", to);
	put_word(site->file, to);
	fprintf(to, ",\"line\":%d}", site->line);
}

static void put_counters(const struct iommufd_model_node *node, FILE *to)
{
	const char *comma = "";
	unsigned int c;

	fputs("\"counters\":{", to);
	for (c = 0; c < IOMMUFD_MODEL_NR_COUNTERS; c++) {
		if (!observe_graph_has(node->kind, c))
			continue;
		fprintf(to, "%s\"%s\":{\"value\":%ld,", comma,
			observe_graph_counter(c), node->value[c]);
		fprintf(to, "\"table\":%ld,\"unknown\":%ld}",
			node->table[c], node->unknown[c]);
		comma = ",";
	}
	putc('}', to);
}

static void put_node(const struct iommufd_model_node *node, FILE *to)
{
	fprintf(to, "{\"serial\":%u,\"kind\":\"%s\",\"state\":\"%s\",\"ctx\":",
		node->serial, observe_graph_kind(node->kind),
		observe_graph_state(node->state));
	put_index(node->ctx, to);
	fputs(",\"name\":", to);
	put_name(node->name, to);
	/* JSON's numbers are too small for addresses. */
	if (node->addr)
		fprintf(to, ",\"addr\":\"0x%" PRIxPTR "\",",
			(uintptr_t)node->addr);
	else
		fputs(",\"addr\":null,", to);
	put_counters(node, to);
	putc('}', to);
}

static void put_edge(const struct iommufd_model_edge *edge, FILE *to)
{
	fprintf(to, "{\"from\":%u,\"to\":%u,\"counter\":\"%s\",\"count\":%u,",
		edge->from, edge->to, observe_graph_counter(edge->counter),
		edge->count);
	put_site(edge->site, to);
	putc('}', to);
}

static void put_lock(const struct iommufd_model_graph_lock *lock, FILE *to)
{
	fprintf(to, "{\"thread\":%u,\"node\":", lock->thread);
	put_index(lock->node, to);
	fputs(",\"name\":", to);
	put_name(lock->name, to);
	fprintf(to, ",\"read\":%s,", lock->read ? "true" : "false");
	put_site(lock->site, to);
	putc('}', to);
}

void observe_graph_json(const struct iommufd_model_graph *graph, FILE *to)
{
	char title[GRAPH_TITLE_ROOM];
	unsigned int i;

	fputs("{\"title\":", to);
	observe_json_quote(observe_graph_title(graph, title), to);
	fputs(",\n\"nodes\":[", to);
	for (i = 0; i < graph->nr_nodes; i++) {
		fputs(i ? ",\n" : "\n", to);
		put_node(&graph->nodes[i], to);
	}
	fputs("],\n\"edges\":[", to);
	for (i = 0; i < graph->nr_edges; i++) {
		fputs(i ? ",\n" : "\n", to);
		put_edge(&graph->edges[i], to);
	}
	fputs("],\n\"locks\":[", to);
	for (i = 0; i < graph->nr_locks; i++) {
		fputs(i ? ",\n" : "\n", to);
		put_lock(&graph->locks[i], to);
	}
	fputs("]}\n", to);
}
