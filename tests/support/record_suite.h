/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * For tests of records: a record that is written from the beginning of a test
 * to its end, and questions about the graph at any moment of it.
 */
#ifndef TESTS_SUPPORT_RECORD_SUITE_H
#define TESTS_SUPPORT_RECORD_SUITE_H

#include "access_suite.h"
#include "../../src/observe/ledger.h"

/* The record of the running test. */
extern struct iommufd_model_record *record;

/* A group of tests with the fixture below, which records each test. */
TCase *recorded_case(Suite *suite, const char *name);
void record_setup(void);
void record_teardown(void);

/* Make an external access of a driver without callbacks. */
struct iommufd_access *new_access(struct iommufd_ctx *ictx);

/* Return the graph before operation @end of the record. */
struct iommufd_model_graph *graph_at(unsigned long end);

/* Return the index of the node with this name, or -1. */
int find_node(const struct iommufd_model_graph *graph, const char *name);

/* Return how many references of @counter of @to are held by @from. */
unsigned int references(const struct iommufd_model_graph *graph,
			const char *from, const char *to,
			enum iommufd_model_counter counter);

#endif
