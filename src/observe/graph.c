// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A graph as it is handed out: the way to its writers, and the words that they
 * share.
 */
#include "write.h"
#include <stdlib.h>
#include <string.h>

const char *graph_name(const struct iommufd_model_graph *graph,
		       unsigned int node, char name[GRAPH_NAME_ROOM])
{
	const struct iommufd_model_node *me = &graph->nodes[node];
	unsigned int i;

	/* The room in the struct may be full to the last byte. */
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

bool graph_has(enum iommufd_model_node_kind kind,
	       enum iommufd_model_counter counter)
{
	if (counter == IOMMUFD_MODEL_REFERENCES)
		return kind == IOMMUFD_MODEL_NODE_CTX;
	return kind == IOMMUFD_MODEL_NODE_OBJECT;
}

static const char *word(const char *const *words, unsigned int nr,
			unsigned int i)
{
	return i < nr ? words[i] : "?";
}

#define WORD(words, i) \
	word(words, sizeof(words) / sizeof((words)[0]), (unsigned int)(i))

const char *graph_counter(enum iommufd_model_counter counter)
{
	static const char *const words[] = {
		[IOMMUFD_MODEL_USERS] = "users",
		[IOMMUFD_MODEL_WAIT_CNT] = "wait_cnt",
		[IOMMUFD_MODEL_REFERENCES] = "references",
	};

	return WORD(words, counter);
}

const char *graph_kind(enum iommufd_model_node_kind kind)
{
	static const char *const words[] = {
		[IOMMUFD_MODEL_NODE_CTX] = "ctx",
		[IOMMUFD_MODEL_NODE_OBJECT] = "object",
		[IOMMUFD_MODEL_NODE_DESCRIPTOR] = "descriptor",
		[IOMMUFD_MODEL_NODE_FILE] = "file",
		[IOMMUFD_MODEL_NODE_THREAD] = "thread",
	};

	return WORD(words, kind);
}

const char *graph_state(enum iommufd_model_node_state state)
{
	static const char *const words[] = {
		[IOMMUFD_MODEL_NODE_RESERVED] = "reserved",
		[IOMMUFD_MODEL_NODE_PUBLISHED] = "published",
		[IOMMUFD_MODEL_NODE_DYING] = "dying",
	};

	return WORD(words, state);
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
