// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "record_suite.h"

struct iommufd_model_record *record;

struct iommufd_access *new_access(struct iommufd_ctx *ictx)
{
	struct driver driver;

	driver_create(&driver, ictx, &mute_ops);
	return driver.access;
}

void record_setup(void)
{
	iommufd_model_check_setup();
	record = iommufd_model_record_create(0);
	ck_assert_ptr_nonnull(record);
	ck_assert_int_eq(iommufd_model_record_start(record), 0);
}

void record_teardown(void)
{
	iommufd_model_check_teardown();
	iommufd_model_record_free(record);
}

struct iommufd_model_graph *graph_at(unsigned long end)
{
	struct ledger *ledger = observe_ledger_create();
	struct iommufd_model_graph *graph;
	unsigned long i;

	ck_assert_ptr_nonnull(ledger);
	for (i = 0; i < end && i < record_length(record); i++)
		observe_ledger_apply(ledger, &record->ops[i]);
	graph = observe_snapshot(ledger, record);
	observe_ledger_free(ledger);
	ck_assert_ptr_nonnull(graph);
	return graph;
}

int find_node(const struct iommufd_model_graph *graph, const char *name)
{
	unsigned int i;

	for (i = 0; i < graph->nr_nodes; i++)
		if (!strcmp(graph->nodes[i].name, name))
			return (int)i;
	return -1;
}

unsigned int references(const struct iommufd_model_graph *graph,
			const char *from, const char *to,
			enum iommufd_model_counter counter)
{
	int f = find_node(graph, from), t = find_node(graph, to);
	unsigned int i, n = 0;

	for (i = 0; i < graph->nr_edges; i++)
		if ((int)graph->edges[i].from == f &&
		    (int)graph->edges[i].to == t &&
		    graph->edges[i].counter == counter)
			n += graph->edges[i].count;
	return n;
}

TCase *recorded_case(Suite *suite, const char *name)
{
	return case_with(suite, name, record_setup, record_teardown);
}
