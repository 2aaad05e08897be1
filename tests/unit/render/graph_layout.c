// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The positions of the nodes and edges of graphs, in rows and by Graphviz:
 * properties that hold for every picture, checked on many random graphs; and
 * what happens if the program dot does not behave as expected.
 *
 * Tests that need the real dot are skipped, with a message, if there is none.
 */
#define _GNU_SOURCE
#include "drawing.h"
#include "layout.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* NR_RANDOM, the number of random graphs, is defined by CMake. */
#define NR_AT_ONCE 10

/* The functions below make graphs. */

static char real_dot[256];

static bool have_dot(void)
{
	FILE *from = popen("command -v dot", "r");

	if (!real_dot[0] && fgets(real_dot, sizeof(real_dot), from))
		real_dot[strcspn(real_dot, "\n")] = 0;
	pclose(from);
	if (!real_dot[0])
		printf("left out: there is no dot\n");
	return real_dot[0];
}

static unsigned int random_below(unsigned int *seed, unsigned int limit)
{
	*seed = *seed * 1103515245 + 12345;
	return (*seed >> 8) % limit;
}

/*
 * Makes a sparse or dense graph with parallel edges, cycles and edges to the
 * same node.
 */
static struct iommufd_model_graph *random_graph(unsigned int seed)
{
	unsigned int i, nr, edges, from, to, swap, s = seed;
	struct iommufd_model_graph *g = new_graph();
	char name[64];

	snprintf(g->title, sizeof(g->title), "random graph %u", seed);
	nr = 1 + random_below(&s, 60);
	edges = random_below(&s, 2 * nr);
	for (i = 0; i < nr; i++) {
		memset(name, 'n', sizeof(name));
		snprintf(name + random_below(&s, 30), 12, " %u", i);
		add_node(g, i && random_below(&s, 4) ? NODE(OBJECT) :
						       NODE(THREAD), name);
	}
	for (i = 0; i < edges; i++) {
		from = random_below(&s, nr);
		to = random_below(&s, nr);
		/*
		 * Every other graph has no cycles, and no edge leads to a
		 * thread.
		 */
		if (seed % 2 && from < to) {
			swap = from;
			from = to;
			to = swap;
		}
		if (g->nodes[to].kind != NODE(THREAD))
			add_edge(g, from, to, random_below(&s, 2), 1);
	}
	return g;
}

static struct layout layout_of(const struct iommufd_model_graph *g, bool rows)
{
	struct layout layout;

	if (rows)
		setenv("IOMMUFD_MODEL_LAYOUT", "rows", 1);
	layout_make(g, &layout);
	unsetenv("IOMMUFD_MODEL_LAYOUT");
	return layout;
}

/* The functions below check layouts. */

static double distance(double a, double b)
{
	return a < b ? b - a : a - b;
}

static bool is_same(const struct iommufd_model_graph *g,
		    const struct layout *a, const struct layout *b)
{
	unsigned int i;

	if (a->width != b->width || a->height != b->height ||
	    memcmp(a->boxes, b->boxes, g->nr_nodes * sizeof(*a->boxes)))
		return false;
	for (i = 0; i < g->nr_edges; i++)
		if (a->paths[i].nr != b->paths[i].nr ||
		    memcmp(a->paths[i].points, b->paths[i].points,
			   a->paths[i].nr * sizeof(*a->paths[i].points)))
			return false;
	return true;
}

static void check_boxes(const struct iommufd_model_graph *g,
			const struct layout *l)
{
	const struct layout_box *a, *b;
	unsigned int i, j;

	for (i = 0; i < g->nr_nodes; i++) {
		a = &l->boxes[i];
		ck_assert(a->w > 0 && a->h > 0);
		ck_assert(a->x - a->w / 2 >= 0 && a->y - a->h / 2 >= 0);
		ck_assert(a->x + a->w / 2 <= l->width);
		ck_assert(a->y + a->h / 2 <= l->height);
		for (j = 0; j < i; j++) {
			b = &l->boxes[j];
			ck_assert_msg(distance(a->x, b->x) >=
					      (a->w + b->w) / 2 ||
				      distance(a->y, b->y) >=
					      (a->h + b->h) / 2,
				      "%s: nodes %u and %u overlap", g->title,
				      j, i);
		}
	}
}

static bool is_on_border(const struct layout_box *box, const double *point)
{
	double x = box->w / 2 - distance(box->x, point[0]);
	double y = box->h / 2 - distance(box->y, point[1]);

	return x >= -2 && y >= -2 && (x <= 2 || y <= 2);
}

static void check_paths(const struct iommufd_model_graph *g,
			const struct layout *l)
{
	const struct layout_path *path;
	const double *point;
	unsigned int i, j;

	for (i = 0; i < g->nr_edges; i++) {
		path = &l->paths[i];
		ck_assert_uint_ge(path->nr, 4);
		ck_assert_uint_eq(path->nr % 3, 1);
		for (j = 0; j < path->nr; j++) {
			point = path->points[j];
			ck_assert(point[0] >= 0 && point[0] <= l->width);
			ck_assert(point[1] >= 0 && point[1] <= l->height);
		}
		ck_assert_msg(is_on_border(&l->boxes[g->edges[i].from],
					   path->points[0]),
			      "%s: edge %u begins elsewhere", g->title, i);
		ck_assert_msg(is_on_border(&l->boxes[g->edges[i].to],
					   path->points[path->nr - 1]),
			      "%s: edge %u ends elsewhere", g->title, i);
	}
}

static void check_layout(const struct iommufd_model_graph *g,
			 const struct layout *l)
{
	ck_assert(l->width > 0 && l->height > 0);
	check_boxes(g, l);
	check_paths(g, l);
}

/* The tests below use random graphs. */

static void check_rows(const struct iommufd_model_graph *g)
{
	struct layout one = layout_of(g, true), two = layout_of(g, true);

	check_layout(g, &one);
	ck_assert(is_same(g, &one, &two));
	layout_free(&one);
	layout_free(&two);
}

static void check_dot(const struct iommufd_model_graph *g)
{
	struct layout one = layout_of(g, false), two = layout_of(g, false);
	struct layout rows = layout_of(g, true);

	check_layout(g, &one);
	ck_assert(is_same(g, &one, &two));
	/* The layout was made by dot and not in rows. */
	ck_assert(!g->nr_edges || !is_same(g, &one, &rows));
	layout_free(&one);
	layout_free(&two);
	layout_free(&rows);
}

START_TEST(random_graphs_have_a_sound_layout)
{
	bool dot = have_dot();
	struct iommufd_model_graph *g;
	unsigned int i;

	for (i = 0; i < NR_AT_ONCE; i++) {
		g = random_graph((unsigned int)_i * NR_AT_ONCE + i);
		check_rows(g);
		if (dot)
			check_dot(g);
		iommufd_model_graph_free(g);
	}
}
END_TEST

/* Two graphs with the same nodes and edges have the same layout. */
START_TEST(counters_do_not_move_a_node)
{
	struct iommufd_model_graph *g = typical_graph();
	struct layout before = layout_of(g, _i), after;
	unsigned int i;

	for (i = 0; i < g->nr_nodes; i++) {
		g->nodes[i].value[IOMMUFD_MODEL_USERS] += 123456789;
		g->nodes[i].unknown[IOMMUFD_MODEL_USERS] -= 123456789;
		g->nodes[i].state = IOMMUFD_MODEL_NODE_DYING;
	}
	for (i = 0; i < g->nr_edges; i++)
		g->edges[i].count += 1000;
	g->nr_locks = 0;
	after = layout_of(g, _i);
	ck_assert(is_same(g, &before, &after));
	layout_free(&before);
	layout_free(&after);
	iommufd_model_graph_free(g);
}
END_TEST

START_TEST(holders_are_above)
{
	struct iommufd_model_graph *g = typical_graph();
	struct layout l = layout_of(g, _i);
	unsigned int i;

	for (i = 0; i < g->nr_edges; i++)
		ck_assert(l.boxes[g->edges[i].from].y <
			  l.boxes[g->edges[i].to].y);
	layout_free(&l);
	iommufd_model_graph_free(g);
}
END_TEST

START_TEST(an_empty_graph_has_a_size)
{
	struct iommufd_model_graph *g = new_graph();
	struct layout l = layout_of(g, _i);

	ck_assert(l.width > 0 && l.height > 0);
	layout_free(&l);
	iommufd_model_graph_free(g);
}
END_TEST

START_TEST(a_wide_name_has_a_wide_box)
{
	struct iommufd_model_graph *g = new_graph();
	struct layout l;

	add_node(g, NODE(OBJECT), "a");
	add_node(g, NODE(OBJECT), "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm");
	l = layout_of(g, true);
	ck_assert(l.boxes[1].w > 39 * 7);
	ck_assert(l.boxes[1].w > 2 * l.boxes[0].w);
	layout_free(&l);
	iommufd_model_graph_free(g);
}
END_TEST

/* The tests below replace dot by another program. */

static char dir[] = "/tmp/iommufd-model-XXXXXX";
static char *path_before;

/*
 * Puts another directory in the PATH, which has a script dot if @script is not
 * NULL.
 */
static void fake_dot(const char *script)
{
	char path[sizeof(dir) + 8], search[512];
	FILE *to;

	path_before = strdup(getenv("PATH"));
	memset(dir + sizeof(dir) - 7, 'X', 6);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/dot", dir);
	if (script) {
		to = fopen(path, "w");
		fprintf(to, "#!/bin/sh\n%s\n", script);
		fclose(to);
		chmod(path, 0755);
	}
	snprintf(search, sizeof(search), "%s%s", dir,
		 script ? ":/usr/bin:/bin" : "");
	setenv("PATH", search, 1);
}

static void remove_fake(void)
{
	char path[sizeof(dir) + 8];

	snprintf(path, sizeof(path), "%s/dot", dir);
	unlink(path);
	rmdir(dir);
	setenv("PATH", path_before, 1);
	free(path_before);
}

/* Checks that the layout in rows is used. */
static void check_falls_back(const struct iommufd_model_graph *g)
{
	struct layout rows = layout_of(g, true), l = layout_of(g, false);

	ck_assert(is_same(g, &rows, &l));
	layout_free(&rows);
	layout_free(&l);
}

static const char *const fakes[] = {
	NULL,
	"exit 1",
	"exec <&-; exit 0",
	"kill -9 $$",
	"cat >/dev/null",
	"cat >/dev/null; echo 'Error: no'",
	"exec cat",
	"cat >/dev/null; echo 'graph 1 1 1'; echo stop",
	"cat >/dev/null; echo stop",
	"cat >/dev/null; printf 'graph 1 1 1'",
	"cat >/dev/null; printf 'node\\nnode n0\\nnode n99999999999 1 1\\n'",
	"cat >/dev/null; printf 'graph 1 1 1\\nnode n0 nan inf 1 1\\nstop\\n'",
	"cat >/dev/null; printf 'edge n1 n0 4 1 1 #000000\\nstop\\n'",
	"cat >/dev/null; printf 'edge n1 n0 99999999999 1 1 #000000\\n'",
	"cat >/dev/null; printf 'edge n1 n0 4\\n#\\n\\n'",
	"cat >/dev/null; printf '\\0graph 1 1 1\\n'",
	"exec yes",			/* never stops, and reads nothing */
	"exec yes graph 1 1 1",
};

START_TEST(an_answer_that_is_not_of_dot_is_not_used)
{
	struct iommufd_model_graph *g = typical_graph();

	fake_dot(fakes[_i]);
	check_falls_back(g);
	remove_fake();
	iommufd_model_graph_free(g);
}
END_TEST

/* Edges 9 and 10 are between the same nodes. */
static const char *const edits[] = {
	"s/^stop//", "/^edge/d", "/^node n2 /d", "s/^node n2 /node n3 /",
	"s/^node n2 .*//", "s/#00000a/#000009/",
	"s/^edge \\(n[0-9]*\\) \\(n[0-9]*\\)/edge \\2 \\1/",
	"s/^edge \\(n[0-9]* n[0-9]*\\) 4 /edge \\1 5 1 1 /",
	"s/ n2 / n999 /", "s/#000003/#000004/", "s/#.*//", "s/#/#9/",
	"s/\\([0-9]\\)\\.\\([0-9]\\)/\\1,\\2/", "s/^node/nodes/",
	"s/^edge n\\([0-9]*\\) n\\([0-9]*\\) 4/edge n\\1 n\\2 5/",
	"s/^edge n\\([0-9]*\\) n\\([0-9]*\\) 4/edge n\\1 n\\2 7/",
	"s/^graph 1 /graph 1 9e99 /",
	"s/^node \\(n[0-9]* [0-9.]* [0-9]*\\)[.]/node \\1,/", "s/\\./e/",
};

START_TEST(an_edited_answer_is_not_used)
{
	struct iommufd_model_graph *g = typical_graph();
	char script[512];

	if (have_dot()) {
		snprintf(script, sizeof(script), "%s \"$@\" | sed '%s'",
			 real_dot, edits[_i]);
		fake_dot(script);
		check_falls_back(g);
		remove_fake();
	}
	iommufd_model_graph_free(g);
}
END_TEST

/*
 * Checks the tests above: if a script calls the real dot, its answer is used.
 */
START_TEST(an_unchanged_answer_is_used)
{
	struct iommufd_model_graph *g = typical_graph();
	struct layout rows, l;
	char script[512];

	if (have_dot()) {
		snprintf(script, sizeof(script), "%s \"$@\" | sed 's/x/x/'",
			 real_dot);
		fake_dot(script);
		rows = layout_of(g, true);
		l = layout_of(g, false);
		ck_assert(!is_same(g, &rows, &l));
		layout_free(&rows);
		layout_free(&l);
		remove_fake();
	}
	iommufd_model_graph_free(g);
}
END_TEST

START_TEST(the_environment_can_ask_for_rows)
{
	struct iommufd_model_graph *g = typical_graph();
	struct layout rows = layout_of(g, true), l;

	setenv("IOMMUFD_MODEL_LAYOUT", "rows", 1);
	layout_make(g, &l);
	unsetenv("IOMMUFD_MODEL_LAYOUT");
	ck_assert(is_same(g, &rows, &l));
	layout_free(&rows);
	layout_free(&l);
	iommufd_model_graph_free(g);
}
END_TEST

/* Makes a graph whose text fills more than a pipe, in both directions. */
static struct iommufd_model_graph *large_graph(void)
{
	struct iommufd_model_graph *g = new_graph();
	unsigned int i;

	add_node(g, NODE(OBJECT), "ioas 1");
	add_node(g, NODE(OBJECT), "hwpt 2");
	g->nr_edges = 30000;
	free(g->edges);
	g->edges = calloc(g->nr_edges, sizeof(*g->edges));
	for (i = 0; i < g->nr_edges; i++)
		g->edges[i] = (struct iommufd_model_edge){
			.from = 1, .to = 0, .count = 1,
		};
	return g;
}

/*
 * The program writes much before it reads, so the caller must read meanwhile.
 */
START_TEST(large_graphs_do_not_block)
{
	static const char *const scripts[] = {
		"sleep 0.2; exit 0",		/* reads nothing */
		"head -c 1000000 /dev/zero; cat >/dev/null; exit 0",
		"exec cat",
	};
	struct iommufd_model_graph *g = large_graph();

	fake_dot(scripts[_i]);
	check_falls_back(g);
	remove_fake();
	iommufd_model_graph_free(g);
}
END_TEST

START_TEST(a_dot_that_hangs_is_given_up)
{
	struct iommufd_model_graph *g = typical_graph();

	fake_dot("exec sleep 10000");
	layout_patience = 300;
	check_falls_back(g);
	remove_fake();
	iommufd_model_graph_free(g);
}
END_TEST

/* The test has no time limit, because a busy machine may take long. */
START_TEST(a_dot_that_says_too_much_is_cut_short)
{
	struct iommufd_model_graph *g = typical_graph();

	fake_dot("exec yes");
	layout_patience = INT_MAX;
	check_falls_back(g);
	remove_fake();
	iommufd_model_graph_free(g);
}
END_TEST

/* A program may run without descriptors 0, 1 and 2. */
START_TEST(standard_descriptors_may_be_closed)
{
	struct iommufd_model_graph *g = typical_graph();
	struct layout before, after;
	int copies[3], i;

	if (have_dot()) {
		before = layout_of(g, false);
		fflush(stdout);
		for (i = 0; i < 3; i++) {
			copies[i] = fcntl(i, F_DUPFD_CLOEXEC, 100);
			close(i);
		}
		after = layout_of(g, false);
		for (i = 0; i < 3; i++)
			dup2(copies[i], i);
		ck_assert(is_same(g, &before, &after));
		layout_free(&before);
		layout_free(&after);
	}
	iommufd_model_graph_free(g);
}
END_TEST

static int nr_open(void)
{
	int fd, nr = 0;

	for (fd = 0; fd < 256; fd++)
		nr += fcntl(fd, F_GETFD) >= 0;
	return nr;
}

START_TEST(no_descriptor_and_no_child_is_left)
{
	struct iommufd_model_graph *g = typical_graph();
	struct layout l;
	int before = nr_open();

	l = layout_of(g, false);
	layout_free(&l);
	fake_dot("exec yes");
	l = layout_of(g, false);
	layout_free(&l);
	remove_fake();
	setenv("PATH", "/nowhere", 1);
	l = layout_of(g, false);
	layout_free(&l);
	ck_assert_int_eq(nr_open(), before);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
	iommufd_model_graph_free(g);
}
END_TEST

/* The child has been reaped before the library can wait for it. */
START_TEST(children_may_be_ignored)
{
	struct iommufd_model_graph *g = typical_graph();
	struct layout before, after;

	if (have_dot()) {
		before = layout_of(g, false);
		signal(SIGCHLD, SIG_IGN);
		after = layout_of(g, false);
		signal(SIGCHLD, SIG_DFL);
		ck_assert(is_same(g, &before, &after));
		layout_free(&before);
		layout_free(&after);
	}
	iommufd_model_graph_free(g);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("graph layout");
	TCase *tc = tcase_create("graphs");

	unsetenv("IOMMUFD_MODEL_LAYOUT");
	tcase_add_loop_test(tc,
			    random_graphs_have_a_sound_layout, 0,
			    NR_RANDOM / NR_AT_ONCE);
	tcase_add_loop_test(tc, counters_do_not_move_a_node, 0, 2);
	tcase_add_loop_test(tc, holders_are_above, 0, 2);
	tcase_add_loop_test(tc, an_empty_graph_has_a_size, 0, 2);
	tcase_add_test(tc, a_wide_name_has_a_wide_box);
	suite_add_tcase(suite, tc);
	tc = tcase_create("dot");
	tcase_add_loop_test(tc, an_answer_that_is_not_of_dot_is_not_used, 0,
			    sizeof(fakes) / sizeof(fakes[0]));
	tcase_add_loop_test(tc, an_edited_answer_is_not_used, 0,
			    sizeof(edits) / sizeof(edits[0]));
	tcase_add_test(tc, an_unchanged_answer_is_used);
	tcase_add_test(tc, the_environment_can_ask_for_rows);
	tcase_add_loop_test(tc, large_graphs_do_not_block, 0, 3);
	tcase_add_test(tc, a_dot_that_hangs_is_given_up);
	tcase_add_test(tc, a_dot_that_says_too_much_is_cut_short);
	tcase_add_test(tc, standard_descriptors_may_be_closed);
	tcase_add_test(tc, no_descriptor_and_no_child_is_left);
	tcase_add_test(tc, children_may_be_ignored);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
