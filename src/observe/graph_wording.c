// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The wording and names of graphs.  See graph_wording.h.
 */
#include "graph_wording.h"
#include "../record/describe.h"
#include "ledger.h"
#include <string.h>

const char *observe_graph_name(const struct iommufd_model_graph *graph,
			       unsigned int node, char name[GRAPH_NAME_ROOM])
{
	const struct iommufd_model_node *me = &graph->nodes[node];
	unsigned int i;

	/* The name in the struct need not end in a zero byte. */
	snprintf(name, GRAPH_NAME_ROOM, "%.*s", IOMMUFD_MODEL_NAME_LEN,
		 me->name);
	for (i = 0; i < graph->nr_nodes; i++) {
		if (i == node || strncmp(graph->nodes[i].name, me->name,
					 IOMMUFD_MODEL_NAME_LEN))
			continue;
		snprintf(name, GRAPH_NAME_ROOM, "%.*s #%u",
			 IOMMUFD_MODEL_NAME_LEN, me->name, me->serial);
		break;
	}
	return name;
}

bool observe_graph_has(enum iommufd_model_node_kind kind,
		       enum iommufd_model_counter counter)
{
	if (counter == IOMMUFD_MODEL_REFERENCES)
		return kind == IOMMUFD_MODEL_NODE_CTX;
	return kind == IOMMUFD_MODEL_NODE_OBJECT;
}

static const char *one_of(const char *const *names, unsigned int nr,
			  unsigned int i)
{
	return i < nr ? names[i] : "?";
}

#define ONE_OF(names, i) \
	one_of(names, sizeof(names) / sizeof((names)[0]), (unsigned int)(i))

const char *observe_graph_kind(enum iommufd_model_node_kind kind)
{
	static const char *const names[] = {
		[IOMMUFD_MODEL_NODE_CTX] = "ctx",
		[IOMMUFD_MODEL_NODE_OBJECT] = "object",
		[IOMMUFD_MODEL_NODE_DESCRIPTOR] = "descriptor",
		[IOMMUFD_MODEL_NODE_FILE] = "file",
		[IOMMUFD_MODEL_NODE_THREAD] = "thread",
	};

	return ONE_OF(names, kind);
}

const char *observe_graph_state(enum iommufd_model_node_state state)
{
	static const char *const names[] = {
		[IOMMUFD_MODEL_NODE_RESERVED] = "reserved",
		[IOMMUFD_MODEL_NODE_PUBLISHED] = "published",
		[IOMMUFD_MODEL_NODE_DYING] = "dying",
	};

	return ONE_OF(names, state);
}

unsigned int observe_graph_nr_ctxs(const struct iommufd_model_graph *graph)
{
	unsigned int i, nr = 0;

	for (i = 0; i < graph->nr_nodes; i++)
		nr += graph->nodes[i].kind == IOMMUFD_MODEL_NODE_CTX;
	return nr;
}

const char *observe_graph_title(const struct iommufd_model_graph *graph,
				char title[GRAPH_TITLE_ROOM])
{
	snprintf(title, GRAPH_TITLE_ROOM, "%.*s", (int)sizeof(graph->title),
		 graph->title);
	return title;
}

/* The functions below write parts of a sentence. */

static void put_holder(const char *name, long count, bool *first,
		       graph_put *put, FILE *to)
{
	if (!*first)
		fputs(", ", to);
	*first = false;
	put(name, to);
	if (count != 1)
		fprintf(to, " (%ld)", count);
}

/*
 * Return how many references like those of @edge its holder has, from all call
 * sites.  Returns 0 if an earlier edge has counted them.
 */
static long references_of(const struct iommufd_model_graph *graph,
		     const struct iommufd_model_edge *edge)
{
	const struct iommufd_model_edge *other;
	long count = 0;
	unsigned int i;

	for (i = 0; i < graph->nr_edges; i++) {
		other = &graph->edges[i];
		if (other->from != edge->from || other->to != edge->to ||
		    other->counter != edge->counter)
			continue;
		if (other < edge)
			return 0;
		count += other->count;
	}
	return count;
}

void observe_graph_holders(const struct iommufd_model_graph *graph,
			   unsigned int node,
			   enum iommufd_model_counter counter, graph_put *put,
			   FILE *to)
{
	const struct iommufd_model_node *held = &graph->nodes[node];
	const struct iommufd_model_edge *edge;
	char name[GRAPH_NAME_ROOM];
	bool first = true;
	unsigned int i;
	long count;

	if (held->table[counter])
		put_holder("id table", held->table[counter], &first, put, to);
	for (i = 0; i < graph->nr_edges; i++) {
		edge = &graph->edges[i];
		if (edge->to != node || edge->counter != counter)
			continue;
		count = references_of(graph, edge);
		if (count)
			put_holder(observe_graph_name(graph, edge->from, name),
				   count, &first, put, to);
	}
	if (held->unknown[counter])
		put_holder("unknown", held->unknown[counter], &first, put, to);
	if (first)
		fputs("nobody", to);
}

const char *observe_graph_lock(const struct iommufd_model_graph *graph,
			       unsigned int nr, char text[GRAPH_LOCK_ROOM])
{
	const struct iommufd_model_graph_lock *lock = &graph->locks[nr];
	char name[GRAPH_NAME_ROOM], where[GRAPH_LOCK_ROOM / 2] = "";

	if (lock->site)
		snprintf(where, sizeof(where), ", %s %s:%d",
			 lock->site->func ? lock->site->func : "?",
			 describe_file(lock->site), lock->site->line);
	snprintf(text, GRAPH_LOCK_ROOM, "%s: %.*s%s%s",
		 observe_graph_name(graph, lock->thread, name),
		 IOMMUFD_MODEL_NAME_LEN, lock->name,
		 lock->read ? " (read)" : "", where);
	return text;
}

const char *observe_graph_label(const struct iommufd_model_graph *graph,
				unsigned int node, char line[GRAPH_LABEL_ROOM])
{
	const struct iommufd_model_node *me = &graph->nodes[node];
	long unknown = 0;
	size_t end;
	unsigned int c;

	for (c = 0; c < IOMMUFD_MODEL_NR_COUNTERS; c++)
		if (observe_graph_has(me->kind, c))
			unknown += me->unknown[c];
	line[0] = 0;
	if (me->kind == IOMMUFD_MODEL_NODE_CTX)
		snprintf(line, GRAPH_LABEL_ROOM, "references %ld",
			 me->value[IOMMUFD_MODEL_REFERENCES]);
	else if (me->kind == IOMMUFD_MODEL_NODE_OBJECT)
		snprintf(line, GRAPH_LABEL_ROOM, "users %ld · wait %ld",
			 me->value[IOMMUFD_MODEL_USERS],
			 me->value[IOMMUFD_MODEL_WAIT_CNT]);
	else if (strncmp(me->name, observe_graph_kind(me->kind),
			 IOMMUFD_MODEL_NAME_LEN))
		snprintf(line, GRAPH_LABEL_ROOM, "%s",
			 observe_graph_kind(me->kind));
	end = strlen(line);
	if (unknown)
		snprintf(line + end, GRAPH_LABEL_ROOM - end, " · ?%ld",
			 unknown);
	return line;
}

const char *observe_graph_edge_label(const struct iommufd_model_edge *edge,
				     char text[GRAPH_EDGE_ROOM])
{
	bool plain = edge->counter == IOMMUFD_MODEL_USERS;
	const char *word = plain ? "" : observe_counter_name(edge->counter);

	if (edge->count == 1)
		snprintf(text, GRAPH_EDGE_ROOM, "%s", word);
	else
		snprintf(text, GRAPH_EDGE_ROOM, "%s%s×%u", word,
			 plain ? "" : " ", edge->count);
	return text;
}
