// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "drawing.h"
#include <string.h>

struct iommufd_model_graph *new_graph(void)
{
	struct iommufd_model_graph *g = calloc(1, sizeof(*g));

	ck_assert_ptr_nonnull(g);
	g->nodes = calloc(DRAWING_ROOM, sizeof(*g->nodes));
	g->edges = calloc(DRAWING_ROOM, sizeof(*g->edges));
	g->locks = calloc(DRAWING_ROOM, sizeof(*g->locks));
	ck_assert(g->nodes && g->edges && g->locks);
	return g;
}

unsigned int add_node(struct iommufd_model_graph *g,
		      enum iommufd_model_node_kind kind, const char *name)
{
	unsigned int nr = g->nr_nodes++;
	struct iommufd_model_node *node = &g->nodes[nr];

	ck_assert_uint_lt(nr, DRAWING_ROOM);
	node->kind = kind;
	node->state = IOMMUFD_MODEL_NODE_PUBLISHED;
	node->serial = nr + 1;
	node->ctx = nr ? 0 : -1;
	snprintf(node->name, sizeof(node->name), "%.39s", name);
	node->addr = (const void *)(uintptr_t)(0x1000 * (nr + 1));
	if (kind == NODE(OBJECT)) {
		node->value[IOMMUFD_MODEL_USERS] = 1;
		node->value[IOMMUFD_MODEL_WAIT_CNT] = 1;
		node->table[IOMMUFD_MODEL_USERS] = 1;
		node->table[IOMMUFD_MODEL_WAIT_CNT] = 1;
	}
	return nr;
}

struct iommufd_model_edge *add_edge(struct iommufd_model_graph *g,
				    unsigned int from, unsigned int to,
				    enum iommufd_model_counter counter,
				    unsigned int count)
{
	struct iommufd_model_edge *edge = &g->edges[g->nr_edges++];

	ck_assert_uint_le(g->nr_edges, DRAWING_ROOM);
	*edge = (struct iommufd_model_edge){ from, to, counter, count, NULL };
	g->nodes[to].value[counter] += count;
	return edge;
}

struct iommufd_model_edge *holds(struct iommufd_model_graph *g,
				 unsigned int from, unsigned int to)
{
	return add_edge(g, from, to, IOMMUFD_MODEL_USERS, 1);
}

struct iommufd_model_graph_lock *add_lock(struct iommufd_model_graph *g,
					  unsigned int thread, int node,
					  const char *name)
{
	struct iommufd_model_graph_lock *lock = &g->locks[g->nr_locks++];

	lock->thread = thread;
	lock->node = node;
	snprintf(lock->name, sizeof(lock->name), "%s", name);
	return lock;
}

struct iommufd_model_graph *typical_graph(void)
{
	static const struct iommufd_model_site taken = {
		"iommufd_get_object",
		"/home/me/iommufd/main.c",
		77,
		"users",
	};
	struct iommufd_model_graph *g = new_graph();
	unsigned int ctx, fd, ioas, idev, stdev, hwpt, parent, viommu, nested,
		vdev, queue, access, fault, file, thread, owner;

	snprintf(g->title, sizeof(g->title),
		 "after line 12: destroy $idev, while the queue is set up");
	ctx = add_node(g, NODE(CTX), "ctx");
	fd = add_node(g, NODE(DESCRIPTOR), "descriptor");
	ioas = add_node(g, NODE(OBJECT), "ioas 1");
	stdev = add_node(g, NODE(OBJECT), "selftest 2");
	idev = add_node(g, NODE(OBJECT), "device 3");
	hwpt = add_node(g, NODE(OBJECT), "hwpt_paging 4");
	parent = add_node(g, NODE(OBJECT), "hwpt_paging 5");
	viommu = add_node(g, NODE(OBJECT), "viommu 6");
	nested = add_node(g, NODE(OBJECT), "hwpt_nested 7");
	vdev = add_node(g, NODE(OBJECT), "vdevice 8");
	queue = add_node(g, NODE(OBJECT), "hw_queue 9");
	access = add_node(g, NODE(OBJECT), "access 10");
	fault = add_node(g, NODE(OBJECT), "fault 11");
	file = add_node(g, NODE(FILE), "fault 11's file");
	thread = add_node(g, NODE(THREAD), "destroyer");
	owner = add_node(g, NODE(THREAD), "setter up");
	add_edge(g, fd, ctx, IOMMUFD_MODEL_REFERENCES, 1);
	add_edge(g, stdev, idev, IOMMUFD_MODEL_USERS, 2);
	holds(g, idev, hwpt);
	holds(g, hwpt, ioas);
	holds(g, parent, ioas);
	holds(g, viommu, parent);
	holds(g, nested, viommu);
	holds(g, nested, fault);
	holds(g, vdev, viommu);
	holds(g, vdev, idev);
	add_edge(g, vdev, idev, IOMMUFD_MODEL_WAIT_CNT, 1);
	holds(g, queue, viommu);
	holds(g, queue, access);
	holds(g, access, ioas);
	holds(g, file, fault);
	add_edge(g, file, ctx, IOMMUFD_MODEL_REFERENCES, 1);
	holds(g, owner, viommu)->site = &taken;
	add_edge(g, owner, viommu, IOMMUFD_MODEL_WAIT_CNT, 1)->site = &taken;
	g->nodes[idev].state = IOMMUFD_MODEL_NODE_DYING;
	g->nodes[idev].table[IOMMUFD_MODEL_WAIT_CNT] = 0;
	g->nodes[idev].value[IOMMUFD_MODEL_WAIT_CNT] = 1;
	g->nodes[queue].state = IOMMUFD_MODEL_NODE_RESERVED;
	add_lock(g, thread, (int)idev, "the group's mutex of device 3");
	add_lock(g, owner, (int)ctx, "the table of ctx")->read = true;
	return g;
}

char *written(const struct iommufd_model_graph *g, format *as, bool rows)
{
	size_t size;
	char *text;
	FILE *to = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(to);
	if (rows)
		setenv("IOMMUFD_MODEL_LAYOUT", "rows", 1);
	else
		unsetenv("IOMMUFD_MODEL_LAYOUT");
	as(g, to);
	fclose(to);
	ck_assert_uint_eq(strlen(text), size);
	return text;
}
