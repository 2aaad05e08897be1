// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Where the nodes and edges of graphs go, by our own layout and by Graphviz:
 * what must be true of any picture, for many random graphs; and what is done if
 * the program dot is not what we expect, or memory is short.
 *
 * What needs the real dot is left out, and says so, where there is none.
 */
#define _GNU_SOURCE
#include "drawing.h"
#include "../../src/observe/layout.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NR_RANDOM 200	/* graphs */
#define NR_AT_ONCE 10

/* Memory: the library's, by the linker's --wrap */

void *__real_malloc(size_t size);
void *__real_calloc(size_t nr, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t nr, size_t size);
void *__wrap_realloc(void *old, size_t size);

static _Thread_local int fail_at, nr_allocated;

static bool fails(void)
{
	return ++nr_allocated == fail_at;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t nr, size_t size)
{
	return fails() ? NULL : __real_calloc(nr, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return fails() ? NULL : __real_realloc(old, size);
}

/* Arrange */

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

/* Sparse or dense, with parallel edges, cycles, nodes that hold themselves. */
static struct iommufd_model_graph *random_graph(unsigned int seed)
{
	unsigned int i, nr, edges, from, to, s = seed;
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
		/* Every other graph has no cycles. */
		if (seed % 2 && from < to)
			add_edge(g, to, from, random_below(&s, 2), 1);
		else
			add_edge(g, from, to, random_below(&s, 2), 1);
	}
	return g;
}

static struct layout layout_of(const struct iommufd_model_graph *g, bool own)
{
	struct layout layout;

	ck_assert_int_eq(observe_layout_make(g, own, &layout), 0);
	return layout;
}

/* Assert */

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

/* Does the curve from @p run through @box, more than @border px inside? */
static bool runs_through(double (*p)[2], const struct layout_box *box)
{
	double t, u, at[2];
	unsigned int i, c;

	for (i = 0; i <= 32; i++) {
		t = i / 32.0;
		u = 1 - t;
		for (c = 0; c < 2; c++)
			at[c] = u * u * u * p[0][c] + 3 * u * u * t * p[1][c] +
				3 * u * t * t * p[2][c] + t * t * t * p[3][c];
		if (distance(at[0], box->x) < box->w / 2 - 0.5 &&
		    distance(at[1], box->y) < box->h / 2 - 0.5)
			return true;
	}
	return false;
}

static void check_no_box_is_crossed(const struct iommufd_model_graph *g,
				    const struct layout *l)
{
	unsigned int i, j, node;

	for (i = 0; i < g->nr_edges; i++)
		for (j = 0; j + 3 < l->paths[i].nr; j += 3)
			for (node = 0; node < g->nr_nodes; node++)
				ck_assert_msg(!runs_through(
						l->paths[i].points + j,
						&l->boxes[node]),
					"%s: edge %u runs through node %u",
					g->title, i, node);
}

/* Random graphs */

static void check_own(const struct iommufd_model_graph *g)
{
	struct layout one = layout_of(g, true), two = layout_of(g, true);

	check_layout(g, &one);
	check_no_box_is_crossed(g, &one);
	ck_assert(is_same(g, &one, &two));
	observe_layout_free(&one);
	observe_layout_free(&two);
}

static void check_dot(const struct iommufd_model_graph *g)
{
	struct layout one = layout_of(g, false), two = layout_of(g, false);
	struct layout own = layout_of(g, true);

	check_layout(g, &one);
	ck_assert(is_same(g, &one, &two));
	/* It was dot's indeed. */
	ck_assert(!g->nr_edges || !is_same(g, &one, &own));
	observe_layout_free(&one);
	observe_layout_free(&two);
	observe_layout_free(&own);
}

START_TEST(random_graphs)
{
	bool dot = have_dot();
	struct iommufd_model_graph *g;
	unsigned int i;

	for (i = 0; i < NR_AT_ONCE; i++) {
		g = random_graph((unsigned int)_i * NR_AT_ONCE + i);
		check_own(g);
		if (dot)
			check_dot(g);
		iommufd_model_graph_free(g);
	}
}
END_TEST

/* Two moments with the same nodes and edges look the same. */
START_TEST(counters_move_nothing)
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
	observe_layout_free(&before);
	observe_layout_free(&after);
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
	observe_layout_free(&l);
	iommufd_model_graph_free(g);
}
END_TEST

START_TEST(nothing)
{
	struct iommufd_model_graph *g = new_graph();
	struct layout l = layout_of(g, _i);

	ck_assert(l.width > 0 && l.height > 0);
	observe_layout_free(&l);
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
	observe_layout_free(&l);
	iommufd_model_graph_free(g);
}
END_TEST

START_TEST(parallel_edges_are_apart)
{
	struct iommufd_model_graph *g = new_graph();
	struct layout l;
	unsigned int i;

	add_node(g, NODE(OBJECT), "device 1");
	add_node(g, NODE(OBJECT), "vdevice 2");
	for (i = 0; i < 5; i++)
		holds(g, 1, 0);
	holds(g, 0, 1);
	l = layout_of(g, true);
	for (i = 1; i < 5; i++)
		ck_assert(distance(l.paths[i].points[0][0],
				   l.paths[i - 1].points[0][0]) > 8);
	/* The sixth is upside down. */
	ck_assert(l.paths[5].points[0][1] > l.paths[5].points[3][1]);
	observe_layout_free(&l);
	iommufd_model_graph_free(g);
}
END_TEST

/* Labels */

/* Three labels beside each other, and one on an edge that passes a box. */
static struct iommufd_model_graph *narrow_graph(void)
{
	struct iommufd_model_graph *g = new_graph();
	int i;

	add_node(g, NODE(OBJECT), "ioas 1");
	add_node(g, NODE(OBJECT), "hwpt 2");
	add_node(g, NODE(OBJECT), "hwpt 3");
	for (i = 0; i < 3; i++)
		add_edge(g, 2, 1, IOMMUFD_MODEL_WAIT_CNT, 1);
	holds(g, 1, 0);
	add_edge(g, 2, 0, IOMMUFD_MODEL_WAIT_CNT, 1);
	return g;
}

START_TEST(labels_are_apart)
{
	struct iommufd_model_graph *g = _i ? narrow_graph() : typical_graph();
	struct layout l = layout_of(g, true);
	double widths[DRAWING_ROOM], at[DRAWING_ROOM][2];
	const struct layout_box *box;
	unsigned int i, j;

	for (i = 0; i < g->nr_edges; i++)
		widths[i] = g->edges[i].counter ? 60 : 0;
	observe_layout_labels(g, &l, widths, 14, at);
	for (i = 0; i < g->nr_edges; i++) {
		if (!widths[i])
			continue;
		for (j = 0; j < g->nr_nodes; j++) {
			box = &l.boxes[j];
			ck_assert(distance(at[i][0], box->x) >=
					  (60 + box->w) / 2 ||
				  distance(at[i][1], box->y) >=
					  (14 + box->h) / 2);
		}
		for (j = 0; j < i; j++)
			ck_assert(!widths[j] ||
				  distance(at[i][0], at[j][0]) >= 60 ||
				  distance(at[i][1], at[j][1]) >= 14);
	}
	observe_layout_free(&l);
	iommufd_model_graph_free(g);
}
END_TEST

/* Programs that are not dot */

static char dir[] = "/tmp/iommufd-model-XXXXXX";

/* Another directory in the PATH, with a script dot if @script is not NULL. */
static void fake_dot(const char *script)
{
	char path[sizeof(dir) + 8], search[512];
	FILE *to;

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
}

/* Ours is taken. */
static void check_falls_back(const struct iommufd_model_graph *g)
{
	struct layout own = layout_of(g, true), l = layout_of(g, false);

	ck_assert(is_same(g, &own, &l));
	observe_layout_free(&own);
	observe_layout_free(&l);
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
	"exec yes",			/* never stops, reads nothing */
	"exec yes graph 1 1 1",
};

START_TEST(what_is_no_dot_is_not_believed)
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

START_TEST(an_edited_answer_is_not_believed)
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

/* The test of the tests above: through a script dot is still dot. */
START_TEST(an_answer_as_it_is_is_believed)
{
	struct iommufd_model_graph *g = typical_graph();
	struct layout own, l;
	char script[512];

	if (have_dot()) {
		snprintf(script, sizeof(script), "%s \"$@\" | sed 's/x/x/'",
			 real_dot);
		fake_dot(script);
		own = layout_of(g, true);
		l = layout_of(g, false);
		ck_assert(!is_same(g, &own, &l));
		observe_layout_free(&own);
		observe_layout_free(&l);
		remove_fake();
	}
	iommufd_model_graph_free(g);
}
END_TEST

START_TEST(the_environment_can_ask_for_our_own)
{
	struct iommufd_model_graph *g = typical_graph();

	setenv("IOMMUFD_MODEL_LAYOUT", "own", 1);
	check_falls_back(g);
	iommufd_model_graph_free(g);
}
END_TEST

/* More than a socket holds, in both directions. */
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

/* It says much before it reads, so that who only writes never ends. */
START_TEST(large_graphs_do_not_block)
{
	static const char *const scripts[] = {
		"sleep 0.2; exit 0",		/* reads nothing */
		"head -c 1000000 /dev/zero; cat >/dev/null; exit 0",
		"exec cat",
		/* Who writes to it gets a SIGPIPE, or asks for none. */
		("exec perl -e 'shutdown(STDIN, 0);"
		 " 1 while sysread(STDIN, $b, 9999); sleep 1'"),
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
	observe_layout_patience = 300;
	check_falls_back(g);
	remove_fake();
	iommufd_model_graph_free(g);
}
END_TEST

/* Our patience does not end: on a busy machine that may take long. */
START_TEST(a_dot_that_says_too_much_is_cut_short)
{
	struct iommufd_model_graph *g = typical_graph();

	fake_dot("exec yes");
	observe_layout_patience = INT_MAX;
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
		observe_layout_free(&before);
		observe_layout_free(&after);
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
	observe_layout_free(&l);
	fake_dot("exec yes");
	l = layout_of(g, false);
	observe_layout_free(&l);
	remove_fake();
	setenv("PATH", "/nowhere", 1);
	l = layout_of(g, false);
	observe_layout_free(&l);
	ck_assert_int_eq(nr_open(), before);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
	iommufd_model_graph_free(g);
}
END_TEST

/* The child is gone before we can wait for it. */
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
		observe_layout_free(&before);
		observe_layout_free(&after);
	}
	iommufd_model_graph_free(g);
}
END_TEST

static void *lay_out_often(void *arg)
{
	const struct iommufd_model_graph *g = arg;
	struct layout first, l;
	long same = 0;
	int i;

	if (observe_layout_make(g, false, &first))
		return NULL;
	for (i = 0; i < 10 && !observe_layout_make(g, false, &l); i++) {
		same += is_same(g, &first, &l);
		observe_layout_free(&l);
	}
	observe_layout_free(&first);
	return (void *)same;
}

START_TEST(threads_can_do_it_at_the_same_time)
{
	struct iommufd_model_graph *g = typical_graph();
	pthread_t threads[4];
	void *same;
	int i;

	for (i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL,
						lay_out_often, g), 0);
	for (i = 0; i < 4; i++) {
		pthread_join(threads[i], &same);
		ck_assert_int_eq((long)same, 10);
	}
	iommufd_model_graph_free(g);
}
END_TEST

/* Memory */

/* Each allocation in turn, until none is left to fail. */
START_TEST(each_allocation_may_fail)
{
	struct iommufd_model_graph *g = typical_graph();
	int nr, rc = -ENOMEM, fell_back = 0;
	struct layout l;

	holds(g, 0, 0);
	for (nr = 1; nr < 1000; nr++) {
		fail_at = nr;
		nr_allocated = 0;
		rc = observe_layout_make(g, _i, &l);
		fail_at = 0;
		if (rc) {
			ck_assert_int_eq(rc, -ENOMEM);
			ck_assert_ptr_null(l.boxes);
			ck_assert_ptr_null(l.paths);
			continue;
		}
		observe_layout_free(&l);
		if (nr_allocated < nr)
			break;
		fell_back++;
	}
	ck_assert_int_eq(rc, 0);
	ck_assert_int_gt(nr, 20);
	ck_assert_int_eq(fell_back, 0);
	iommufd_model_graph_free(g);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("graph layout");
	TCase *tc = tcase_create("graphs");

	unsetenv("IOMMUFD_MODEL_LAYOUT");
	tcase_add_loop_test(tc, random_graphs, 0, NR_RANDOM / NR_AT_ONCE);
	tcase_add_loop_test(tc, counters_move_nothing, 0, 2);
	tcase_add_loop_test(tc, holders_are_above, 0, 2);
	tcase_add_loop_test(tc, nothing, 0, 2);
	tcase_add_test(tc, a_wide_name_has_a_wide_box);
	tcase_add_test(tc, parallel_edges_are_apart);
	tcase_add_loop_test(tc, labels_are_apart, 0, 2);
	suite_add_tcase(suite, tc);
	tc = tcase_create("dot");
	tcase_add_loop_test(tc, what_is_no_dot_is_not_believed, 0,
			    sizeof(fakes) / sizeof(fakes[0]));
	tcase_add_loop_test(tc, an_edited_answer_is_not_believed, 0,
			    sizeof(edits) / sizeof(edits[0]));
	tcase_add_test(tc, an_answer_as_it_is_is_believed);
	tcase_add_test(tc, the_environment_can_ask_for_our_own);
	tcase_add_loop_test(tc, large_graphs_do_not_block, 0, 4);
	tcase_add_test(tc, a_dot_that_hangs_is_given_up);
	tcase_add_test(tc, a_dot_that_says_too_much_is_cut_short);
	tcase_add_test(tc, standard_descriptors_may_be_closed);
	tcase_add_test(tc, no_descriptor_and_no_child_is_left);
	tcase_add_test(tc, children_may_be_ignored);
	tcase_add_test(tc, threads_can_do_it_at_the_same_time);
	suite_add_tcase(suite, tc);
	tc = tcase_create("memory");
	tcase_add_loop_test(tc, each_allocation_may_fail, 0, 2);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
