/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the tests of records share: a record that is written from the beginning of
 * a test to its end, and questions to a graph.
 */
#ifndef RECORD_SUITE_H
#define RECORD_SUITE_H

#include "access_suite.h"
#include "../../src/observe/ledger.h"
#include <string.h>

static struct iommufd_model_record *record;

UNUSED static struct iommufd_access *new_access(struct iommufd_ctx *ictx)
{
	struct driver driver;

	driver_create(&driver, ictx, &mute_ops);
	return driver.access;
}

UNUSED static void setup(void)
{
	iommufd_model_check_setup();
	record = iommufd_model_record_create(0);
	ck_assert_ptr_nonnull(record);
	ck_assert_int_eq(iommufd_model_record_start(record), 0);
}

UNUSED static void teardown(void)
{
	iommufd_model_check_teardown();
	iommufd_model_record_free(record);
}

/* The graph before operation @end of the record. */
UNUSED static struct iommufd_model_graph *graph_at(unsigned long end)
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

UNUSED static int find(const struct iommufd_model_graph *graph, const char *name)
{
	unsigned int i;

	for (i = 0; i < graph->nr_nodes; i++)
		if (!strcmp(graph->nodes[i].name, name))
			return (int)i;
	return -1;
}

/* References of @counter of @to that @from holds in @graph. */
UNUSED static unsigned int units(const struct iommufd_model_graph *graph,
			  const char *from, const char *to,
			  enum iommufd_model_counter counter)
{
	int f = find(graph, from), t = find(graph, to);
	unsigned int i, n = 0;

	for (i = 0; i < graph->nr_edges; i++)
		if ((int)graph->edges[i].from == f &&
		    (int)graph->edges[i].to == t &&
		    graph->edges[i].counter == counter)
			n += graph->edges[i].count;
	return n;
}

/* The fixture, and the tests of one file. */
UNUSED static TCase *recorded_case(Suite *suite, const char *name)
{
	TCase *tcase = tcase_create(name);

	tcase_add_checked_fixture(tcase, setup, teardown);
	suite_add_tcase(suite, tcase);
	return tcase;
}

#endif
