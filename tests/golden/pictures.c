// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * pictures FILE...  - run each scenario, recorded, and compare three things
 * after every step of it:
 *
 *	the counters, read from the objects themselves
 *	the graph of who holds what now, whose references must add up to them
 *	what a page shows, computed from its JSON
 *
 * The record is written, read again and drawn.  The changes in the JSON of the
 * page are applied by functions of this file, so that those of the page are not
 * trusted.
 */
#include "observed.h"
#include "read.h"
#include "timeline.h"
#include "../../src/observe/ledger.h"
#include <iommufd_model/observe.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NODES 200
#define MAX_STEPS 200

/* An object or a context, and its counters. */
struct row {
	char name[IOMMUFD_MODEL_NAME_LEN];
	long users, wait_cnt, references;
};

/* All objects and contexts, sorted by name. */
struct table {
	int nr;
	struct row rows[MAX_NODES];
};

static struct table tables[MAX_STEPS];

struct check {
	const char *path;
	int nr_tables, bad;
	struct iommufd_model_record *record;
	/* made from the first @applied operations of the record */
	struct ledger *ledger;
	unsigned long applied;
};

static int compare_rows(const void *a, const void *b)
{
	const struct row *x = a, *y = b;
	int names = strcmp(x->name, y->name);

	if (names)
		return names;
	return (x->users > y->users) - (x->users < y->users);
}

static void sort(struct table *table)
{
	qsort(table->rows, (size_t)table->nr, sizeof(*table->rows),
	      compare_rows);
}

static bool same(const struct table *a, const struct table *b)
{
	int i;

	if (a->nr != b->nr)
		return false;
	for (i = 0; i < a->nr; i++)
		if (strcmp(a->rows[i].name, b->rows[i].name) ||
		    a->rows[i].users != b->rows[i].users ||
		    a->rows[i].wait_cnt != b->rows[i].wait_cnt ||
		    a->rows[i].references != b->rows[i].references)
			return false;
	return true;
}

static void print(const char *what, const struct table *table)
{
	const struct row *row;

	printf("  %s:", what);
	for (row = table->rows; row < table->rows + table->nr; row++)
		printf(" %s (%ld %ld %ld)", row->name, row->users,
		       row->wait_cnt, row->references);
	putchar('\n');
}

/* Read the counters from the objects. */
static void read_counters(const struct iommufd_model_graph *graph,
			  struct table *table)
{
	const struct iommufd_model_node *node = graph->nodes;
	const struct iommufd_object *obj;
	const struct iommufd_ctx *ictx;
	struct row *row;

	table->nr = 0;
	for (; node < graph->nodes + graph->nr_nodes; node++) {
		if (node->kind > IOMMUFD_MODEL_NODE_OBJECT ||
		    table->nr == MAX_NODES)
			continue;
		row = &table->rows[table->nr++];
		memset(row, 0, sizeof(*row));
		strcpy(row->name, node->name);
		if (node->kind == IOMMUFD_MODEL_NODE_CTX) {
			ictx = node->addr;
			row->references = refcount_read(&ictx->file->f_count);
		} else {
			obj = node->addr;
			row->users = refcount_read(&obj->users);
			row->wait_cnt = refcount_read(&obj->wait_cnt);
		}
	}
	sort(table);
}

/*
 * Read the counters from the nodes.  Returns false if the references of a
 * counter do not add up to it.
 */
static bool read_nodes(const struct iommufd_model_graph *graph,
		       struct table *table)
{
	bool sums = true;
	struct row *row;
	unsigned int i, e, c;
	long sum;

	table->nr = 0;
	for (i = 0; i < graph->nr_nodes && table->nr < MAX_NODES; i++) {
		const struct iommufd_model_node *node = &graph->nodes[i];

		if (node->kind > IOMMUFD_MODEL_NODE_OBJECT)
			continue;
		row = &table->rows[table->nr++];
		strcpy(row->name, node->name);
		row->users = node->value[IOMMUFD_MODEL_USERS];
		row->wait_cnt = node->value[IOMMUFD_MODEL_WAIT_CNT];
		row->references = node->value[IOMMUFD_MODEL_REFERENCES];
		for (c = 0; c < IOMMUFD_MODEL_NR_COUNTERS; c++) {
			sum = node->table[c];
			for (e = 0; e < graph->nr_edges; e++)
				if (graph->edges[e].to == i &&
				    graph->edges[e].counter == c)
					sum += graph->edges[e].count;
			sums &= sum == node->value[c] && !node->unknown[c];
		}
	}
	sort(table);
	return sums;
}

static void complain(struct check *check, unsigned int line, const char *what,
		     const struct table *is, const struct table *should)
{
	check->bad++;
	printf("%s:%u: %s\n", check->path, line, what);
	print("is", is);
	print("should be", should);
}

static void check_step(unsigned int line, const char *result, void *data)
{
	struct iommufd_model_graph *now = iommufd_model_graph_now(), *then;
	static struct table nodes;
	struct check *check = data;
	struct table *counters = &tables[check->nr_tables];

	(void)result;
	if (!now || check->nr_tables == MAX_STEPS) {
		check->bad++;
		return;
	}
	read_counters(now, counters);
	if (!read_nodes(now, &nodes) || !same(&nodes, counters))
		complain(check, line, "the graph", &nodes, counters);
	/*
	 * The reads of the counters were recorded as well, but changed nothing.
	 */
	while (check->applied < record_length(check->record))
		observe_ledger_apply(check->ledger,
				     &check->record->ops[check->applied++]);
	then = observe_snapshot(check->ledger, check->record);
	if (!then || iommufd_model_graph_diff(now, then, NULL)) {
		printf("%s:%u: the record gives another graph\n", check->path,
		       line);
		check->bad++;
	}
	check->nr_tables++;
	iommufd_model_graph_free(then);
	iommufd_model_graph_free(now);
}

/* A page whose steps are applied one after the other */

struct player {
	const json_t *nodes;
	long state[MAX_NODES], value[MAX_NODES][IOMMUFD_MODEL_NR_COUNTERS];
	long table[MAX_NODES][IOMMUFD_MODEL_NR_COUNTERS];
	long edges[5000];
};

static long number(const json_t *array, size_t i)
{
	return (long)json_integer_value(json_array_get(array, i));
}

static void play(struct player *p, const json_t *step)
{
	const json_t *changes = json_object_get(step, "c"), *change;
	const char *kind;
	size_t i;

	json_array_foreach((json_t *)(uintptr_t)changes, i, change) {
		kind = json_string_value(json_array_get(change, 0));
		if (*kind == 'n') {
			p->state[number(change, 1)] = number(change, 2);
		} else if (*kind == 'v') {
			p->value[number(change, 1)][number(change, 2)] =
				number(change, 3);
			p->table[number(change, 1)][number(change, 2)] =
				number(change, 4);
		} else if (*kind == 'e') {
			p->edges[number(change, 1)] = number(change, 2);
		}
	}
}

static bool is_counted(const json_t *node)
{
	const char *kind = json_string_value(json_object_get(node, "k"));

	return !strcmp(kind, "ctx") || !strcmp(kind, "object");
}

/*
 * Read the counters that the page shows.  Returns false if the edges of a
 * counter do not add up to it.
 */
static bool look(const struct player *p, const json_t *edges,
		 struct table *table)
{
	static const char *const counters[] = { "users", "wait_cnt",
						"references" };
	const json_t *node, *edge;
	bool sums = true;
	struct row *row;
	size_t i, e, c;
	long sum;

	table->nr = 0;
	json_array_foreach((json_t *)(uintptr_t)p->nodes, i, node) {
		if (!p->state[i] || !is_counted(node))
			continue;
		row = &table->rows[table->nr++];
		strcpy(row->name,
		       json_string_value(json_object_get(node, "n")));
		row->users = p->value[i][IOMMUFD_MODEL_USERS];
		row->wait_cnt = p->value[i][IOMMUFD_MODEL_WAIT_CNT];
		row->references = p->value[i][IOMMUFD_MODEL_REFERENCES];
		for (c = 0; c < IOMMUFD_MODEL_NR_COUNTERS; c++) {
			sum = p->table[i][c];
			json_array_foreach((json_t *)(uintptr_t)edges, e, edge)
				if ((size_t)json_integer_value(json_object_get(
					    edge, "t")) == i &&
				    !strcmp(json_string_value(json_object_get(
					    edge, "c")), counters[c]))
					sum += p->edges[e];
			sums &= sum == p->value[i][c];
		}
	}
	sort(table);
	return sums;
}

/*
 * Compare the page after each line of the scenario with the counters after it.
 */
static void check_page(struct check *check, const json_t *page)
{
	const json_t *marks = json_object_get(page, "marks"), *mark;
	const json_t *steps = json_object_get(page, "steps");
	const json_t *edges = json_object_get(page, "edges");
	static struct player player;
	static struct table shown;
	size_t i, at = 0, end;
	int n = 0;

	memset(&player, 0, sizeof(player));
	player.nodes = json_object_get(page, "nodes");
	json_array_foreach((json_t *)(uintptr_t)marks, i, mark) {
		if (!json_integer_value(json_object_get(mark, "l")))
			continue;
		end = (size_t)json_integer_value(json_object_get(mark, "e"));
		for (; at < end; at++)
			play(&player, json_array_get(steps, at));
		if (n == check->nr_tables)
			break;
		if (!look(&player, edges, &shown) || !same(&shown, &tables[n]))
			complain(check, (unsigned int)json_integer_value(
					json_object_get(mark, "l")),
				 "the page", &shown, &tables[n]);
		n++;
	}
	if (n != check->nr_tables) {
		printf("%s: %d steps in the page, %d were run\n", check->path,
		       n, check->nr_tables);
		check->bad++;
	}
}

/* Write the record to a text and read it again. */
static struct iommufd_model_record *copy(const struct check *check)
{
	struct iommufd_model_record *record = NULL;
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);
	int rc = to ? iommufd_model_record_write(check->record, to) : -1;

	if (to)
		fclose(to);
	if (!rc)
		record = render_read(check->path, text, len);
	free(text);
	return record;
}

static void check_written(struct check *check)
{
	struct timeline timeline = { .record = copy(check) };
	json_error_t error = { .text = "the record cannot be read again" };
	json_t *page = NULL;
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);

	if (timeline.record && to) {
		timeline_make(&timeline);
		render_page_json(&timeline, to);
		timeline_free(&timeline);
		fflush(to);
		page = json_loads(text, 0, &error);
	}
	fclose(to);
	if (page) {
		check_page(check, page);
	} else {
		printf("%s: no page: %s\n", check->path, error.text);
		check->bad++;
	}
	json_decref(page);
	free(text);
	iommufd_model_record_free((struct iommufd_model_record *)(uintptr_t)
				  timeline.record);
}

static int check_file(const char *path, unsigned long *steps)
{
	struct scenario *scenario = load_scenario(path);
	struct check check = { .path = path };
	const struct scenario_output output = {
		.after_line = check_step, .data = &check,
	};

	check.record = iommufd_model_record_create(0);
	check.ledger = observe_ledger_create();
	if (!scenario || !check.record || !check.ledger ||
	    iommufd_model_observe_start(NULL, NULL) ||
	    iommufd_model_record_start(check.record))
		exit(2);
	if (scenario_run(scenario, &output) != SCENARIO_FINE)
		check.bad++;
	iommufd_model_observe_stop();
	check_written(&check);
	*steps += (unsigned long)check.nr_tables;
	observe_ledger_free(check.ledger);
	iommufd_model_record_free(check.record);
	scenario_free(scenario);
	return check.bad;
}

int main(int argc, char **argv)
{
	unsigned long steps = 0;
	int i, bad = 0;

	for (i = 1; i < argc; i++)
		bad += check_file(argv[i], &steps);
	printf("%d scenarios, %lu steps, %d bad\n", argc - 1, steps, bad);
	return bad || !steps;
}
