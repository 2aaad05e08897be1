// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Graphs as text, DOT, Mermaid and SVG, and the differences between two graphs:
 * the exact text for small graphs, and that no name breaks a format.
 *
 * If the programs dot and xmllint are there, they read the DOT and the SVG; a
 * small reader of this test also checks the SVG.
 */
#define _GNU_SOURCE
#include "drawing.h"
#include <errno.h>
#include <unistd.h>


/* Names that contain the special characters of a format. */
static const char *const hostile[] = {
	"\"", "\"]; x -> y [label=\"", "<b>&amp;</b>", "a & b &c", "]]>", "-->", "<!--",
	"a\nb\r\nc", "\t\x01\x1f\x7f", "\\N\\n\\", "{a|b}", "`x`", "#quot;#35;",
	"\xff\xfe", "\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc0\xaf",
	"\xef\xbf\xbe \xe2\x80\xa8 \xc2\x85", "\xe5\xaf\xbe\xe8\xb1\xa1 1",
	"1. first", "- item", "end", "%%{init: {}}%%",
	"</script></style></svg>",
	"mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm", "", "   ",
};
#define NR_HOSTILE (sizeof(hostile) / sizeof(hostile[0]))

/*
 * Makes a graph with all of these names, at every position where a name can be.
 */
static struct iommufd_model_graph *hostile_graph(void)
{
	static struct iommufd_model_site sites[NR_HOSTILE];
	struct iommufd_model_graph *g = new_graph();
	unsigned int i;

	add_node(g, NODE(CTX), "ctx");
	for (i = 0; i < NR_HOSTILE; i++) {
		add_node(g, i % 3 ? NODE(OBJECT) : NODE(THREAD), hostile[i]);
		sites[i] = (struct iommufd_model_site){
			hostile[i], hostile[i], -1, hostile[i],
		};
	}
	for (i = 1; i < NR_HOSTILE; i++) {
		holds(g, i, i + 1)->site = &sites[i];
		add_lock(g, i, (int)i, hostile[i])->site = &sites[i];
		snprintf(g->title + strlen(g->title),
			 sizeof(g->title) - strlen(g->title), "%s",
			 hostile[i]);
	}
	return g;
}

/*
 * Makes a graph with a ctx that has two holders, an object without holders, and
 * unknown holders.
 */
static struct iommufd_model_graph *small_graph(void)
{
	struct iommufd_model_graph *g = new_graph();

	add_node(g, NODE(CTX), "ctx");
	add_node(g, NODE(DESCRIPTOR), "descriptor");
	add_node(g, NODE(OBJECT), "ioas 1");
	add_node(g, NODE(OBJECT), "hwpt 2");
	add_node(g, NODE(OBJECT), "access 3");
	add_node(g, NODE(THREAD), "getter");
	add_edge(g, 1, 0, IOMMUFD_MODEL_REFERENCES, 1);
	holds(g, 3, 2);
	holds(g, 4, 2);
	add_edge(g, 5, 2, IOMMUFD_MODEL_USERS, 2);
	add_edge(g, 5, 2, IOMMUFD_MODEL_WAIT_CNT, 1);
	g->nodes[2].unknown[IOMMUFD_MODEL_USERS] = -1;
	g->nodes[2].value[IOMMUFD_MODEL_USERS]--;
	g->nodes[3].state = IOMMUFD_MODEL_NODE_DYING;
	g->nodes[3].table[IOMMUFD_MODEL_USERS] = 0;
	g->nodes[3].table[IOMMUFD_MODEL_WAIT_CNT] = 0;
	g->nodes[3].value[IOMMUFD_MODEL_USERS] = 0;
	g->nodes[3].value[IOMMUFD_MODEL_WAIT_CNT] = 0;
	g->nodes[4].state = IOMMUFD_MODEL_NODE_RESERVED;
	return g;
}

static struct iommufd_model_graph *empty_graph(void)
{
	return new_graph();
}

static struct iommufd_model_graph *one_node(void)
{
	struct iommufd_model_graph *g = new_graph();

	add_node(g, NODE(CTX), "ctx");
	return g;
}

/*
 * Makes a graph with edges to the same node, in both directions, and several
 * times.
 */
static struct iommufd_model_graph *cycle(void)
{
	struct iommufd_model_graph *g = new_graph();
	int i;

	add_node(g, NODE(OBJECT), "hw_queue 1");
	add_node(g, NODE(OBJECT), "hw_queue 2");
	add_node(g, NODE(OBJECT), "hw_queue 3");
	for (i = 0; i < 3; i++) {
		holds(g, 0, 1);
		holds(g, 1, 2);
		holds(g, 2, 0);
		holds(g, 1, 0);
		holds(g, 0, 0);
		add_edge(g, 0, 1, IOMMUFD_MODEL_WAIT_CNT, 3);
	}
	return g;
}

static struct iommufd_model_graph *(*const graphs[])(void) = {
	empty_graph, one_node, cycle, small_graph, typical_graph, hostile_graph,
};
#define NR_GRAPHS (sizeof(graphs) / sizeof(graphs[0]))

/* The functions below check texts. */

/* libcheck limits the length of a message. */
#define ck_assert_has(text, part)					\
	ck_assert_msg(strstr(text, part), "no \"%s\" in:\n%.500s...", part, \
		      text)

static void check_text(struct iommufd_model_graph *g,
		       format *as, const char *text)
{
	char *is = written(g, as, true);

	ck_assert_str_eq(is, text);
	free(is);
	iommufd_model_graph_free(g);
}

static bool have(const char *program)
{
	char command[80];

	snprintf(command, sizeof(command), "command -v %s >/dev/null", program);
	if (!system(command))
		return true;
	printf("left out: there is no %s\n", program);
	return false;
}

/* Checks that @program reads the text without a complaint. */
static void check_by(const char *program, const char *text)
{
	char path[] = "/tmp/iommufd-model-XXXXXX", command[160], said[200] = "";
	int fd = mkstemp(path);
	FILE *from;
	size_t nr;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (int)strlen(text));
	close(fd);
	snprintf(command, sizeof(command), "%s %s 2>&1 >/dev/null", program,
		 path);
	from = popen(command, "r");
	nr = fread(said, 1, sizeof(said) - 1, from);
	said[nr] = 0;
	ck_assert_msg(!pclose(from) && !nr, "%s: %s", program, said);
	unlink(path);
}

/* The functions below read XML, as far as it is written here. */

static const char *skip_reference(const char *at)
{
	static const char *const known[] = { "&amp;", "&lt;", "&gt;" };
	unsigned int i;

	for (i = 0; i < 3; i++)
		if (!strncmp(at, known[i], strlen(known[i])))
			return at + strlen(known[i]);
	ck_abort_msg("a bare &: %.30s", at);
	return NULL;
}

static const char *skip_text(const char *at, const char *end)
{
	while (!strchr(end, *at)) {
		ck_assert_msg(*at == '\n' || (unsigned char)*at >= 0x20,
			      "a control character");
		ck_assert_msg(*at != '<', "a bare <: %.30s", at);
		at = *at == '&' ? skip_reference(at) : at + 1;
	}
	return at;
}

/*
 * Skips a tag at @at.  *@depth is the number of open tags, whose names are in
 * @open.
 */
static const char *skip_tag(const char *at, char open[][16], int *depth)
{
	size_t nr = strcspn(at + 1, " />\n"), closing = at[1] == '/';
	char name[16] = "";

	if (closing)
		nr = strcspn(at + 2, ">");
	ck_assert_uint_lt(nr, sizeof(name));
	memcpy(name, at + 1 + closing, nr);
	at += 1 + closing + nr;
	if (closing) {
		ck_assert_int_gt(*depth, 0);
		ck_assert_str_eq(open[--*depth], name);
		return at + 1;
	}
	while (*at == ' ') {
		at += strcspn(at, "\"") + 1;
		at = skip_text(at, "\"");
		ck_assert_int_eq(*at++, '"');
	}
	if (*at == '/')
		return at + 2;
	ck_assert_int_eq(*at, '>');
	ck_assert_int_lt(*depth, 16);
	strcpy(open[(*depth)++], name);
	return at + 1;
}

static void check_xml(const char *text)
{
	const char *at = text;
	char open[16][16];
	int depth = 0;

	while (*at) {
		at = *at == '<' ? skip_tag(at, open, &depth) :
				  skip_text(at, "<");
		ck_assert(depth || !strcmp(at, "\n") || !*at);
	}
	ck_assert_int_eq(depth, 0);
}

/* The tests below are about text. */

START_TEST(text_shows_each_node_and_edge_of_a_small_graph)
{
	struct iommufd_model_graph *g = small_graph();

	strcpy(g->title, "after line 5");
	add_lock(g, 5, 3, "mutex of hwpt 2");
	check_text(g, iommufd_model_graph_print,
"after line 5\n"
"ctx         published   references 1  descriptor\n"
"descriptor  descriptor  holds         references of ctx\n"
"ioas 1      published   users 4       id table, hwpt 2, access 3, getter (2),"
" unknown (-1)\n"
"                        wait_cnt 2    id table, getter\n"
"hwpt 2      dying       users 0       nobody\n"
"                        wait_cnt 0    nobody\n"
"access 3    reserved    users 1       id table\n"
"                        wait_cnt 1    id table\n"
"getter      thread      holds         users of ioas 1 (2),"
" wait_cnt of ioas 1\n"
"locks held\n"
"  getter: mutex of hwpt 2\n");
}
END_TEST

START_TEST(text_of_an_empty_graph_says_no_objects)
{
	check_text(empty_graph(), iommufd_model_graph_print, "no objects\n");
}
END_TEST

START_TEST(text_names_a_holder_once_for_all_its_call_sites)
{
	static const struct iommufd_model_site a = { "a", "a.c", 1, "" };
	struct iommufd_model_graph *g = new_graph();

	add_node(g, NODE(OBJECT), "ioas 1");
	add_node(g, NODE(THREAD), "getter");
	holds(g, 1, 0);
	holds(g, 1, 0)->site = &a;
	add_lock(g, 1, 0, "mutex")->site = &a;
	g->locks[0].read = true;
	check_text(g, iommufd_model_graph_print,
"ioas 1  published  users 3     id table, getter (2)\n"
"                   wait_cnt 1  id table\n"
"getter  thread     holds       users of ioas 1, users of ioas 1\n"
"locks held\n"
"  getter: mutex (read), a a.c:1\n");
}
END_TEST

START_TEST(text_of_two_contexts_has_both)
{
	struct iommufd_model_graph *g = new_graph();

	add_node(g, NODE(CTX), "ctx");
	add_node(g, NODE(CTX), "ctx");
	g->nodes[1].ctx = 1;
	add_node(g, NODE(FILE), "file");
	g->nodes[2].ctx = 1;
	g->nodes[2].state = IOMMUFD_MODEL_NODE_DYING;
	add_edge(g, 2, 1, IOMMUFD_MODEL_REFERENCES, 1);
	check_text(g, iommufd_model_graph_print,
"ctx #1  published            references 0  nobody\n"
"ctx #2  published            references 1  file\n"
"file    file, dying, ctx #2  holds         references of ctx #2\n");
}
END_TEST

/*
 * Columns are counted in characters, not bytes; an invalid byte becomes U+FFFD.
 */
START_TEST(text_aligns_characters_and_replaces_bad_bytes)
{
	struct iommufd_model_graph *g = new_graph();

	add_node(g, NODE(THREAD), "\xe5\xaf\xbe\xe8\xb1\xa1");
	add_node(g, NODE(THREAD), "a\nb\xff");
	add_node(g, NODE(THREAD), "\xc3\xa9");
	check_text(g, iommufd_model_graph_print,
		   "\xe5\xaf\xbe\xe8\xb1\xa1  thread  holds  nothing\n"
		   "a b\xef\xbf\xbd  thread  holds  nothing\n"
		   "\xc3\xa9     thread  holds  nothing\n");
}
END_TEST

/* The tests below are about DOT. */

START_TEST(dot_has_each_node_and_edge_of_a_small_graph)
{
	check_text(small_graph(), render_graph_dot,
"digraph ownership {\n"
"	labelloc=t\n"
"	label=\"\"\n"
"	node [shape=box, fontname=\"Helvetica\", fontsize=12]\n"
"	edge [fontname=\"Helvetica\", fontsize=10]\n"
"	n0 [label=\"ctx\\nreferences 1\", peripheries=2]\n"
"	n1 [label=\"descriptor\", shape=note]\n"
"	n2 [label=\"ioas 1\\nusers 4 · wait 2 · ?-1\"]\n"
"	n3 [label=\"hwpt 2\\nusers 0 · wait 0\\ndying\", color=red,"
" penwidth=2]\n"
"	n4 [label=\"access 3\\nusers 1 · wait 1\\nreserved\", style=dashed]\n"
"	n5 [label=\"getter\\nthread\", shape=ellipse]\n"
"	n1 -> n0 [style=dotted, label=\"references\"]\n"
"	n3 -> n2 [style=solid]\n"
"	n4 -> n2 [style=solid]\n"
"	n5 -> n2 [style=solid, label=\"×2\"]\n"
"	n5 -> n2 [style=dashed, label=\"wait_cnt\"]\n"
"}\n");
}
END_TEST

START_TEST(dot_escapes)
{
	struct iommufd_model_graph *g = new_graph();
	char *text;

	add_node(g, NODE(THREAD), "a\"b\\N&lt;\n");
	text = written(g, render_graph_dot, true);
	ck_assert_has(text, "[label=\"a\\\"b\\\\N&amp;lt; \\nthread\"");
	free(text);
	iommufd_model_graph_free(g);
}
END_TEST

START_TEST(dot_can_draw_the_text)
{
	struct iommufd_model_graph *g = graphs[_i]();
	char *text = written(g, render_graph_dot, true);

	if (have("dot"))
		check_by("dot -Tsvg", text);
	free(text);
	iommufd_model_graph_free(g);
}
END_TEST

/* The tests below are about Mermaid. */

START_TEST(mermaid_has_each_node_and_edge_of_a_small_graph)
{
	struct iommufd_model_graph *g = small_graph();

	strcpy(g->title, "a \"b\": </x>");
	add_lock(g, 5, 3, "mutex of \"2\"");
	check_text(g, render_graph_mermaid,
"---\n"
"title: \"a \\\"b\\\": \\u003c/x\\u003e\"\n"
"---\n"
"flowchart TB\n"
"    n0[[\"ctx<br/>references 1\"]]\n"
"    n1(\"descriptor\")\n"
"    n2[\"ioas 1<br/>users 4 · wait 2 · #63;#45;1\"]\n"
"    n3[\"hwpt 2<br/>users 0 · wait 0<br/>dying\"]\n"
"    n4[\"access 3<br/>users 1 · wait 1<br/>reserved\"]\n"
"    n5([\"getter<br/>thread\"])\n"
"    n1 -.->|\"references\"| n0\n"
"    n3 --> n2\n"
"    n4 --> n2\n"
"    n5 -->|\"×2\"| n2\n"
"    n5 -.->|\"wait_cnt\"| n2\n"
"    locks[\"locks held<br/>getter#58; mutex of #34;2#34;\"]\n"
"    class n3 dying\n"
"    classDef dying stroke:#d00,stroke-width:3px\n"
"    class n4 reserved\n"
"    classDef reserved stroke-dasharray:4 3\n");
}
END_TEST

START_TEST(mermaid_of_an_empty_graph_says_no_objects)
{
	check_text(empty_graph(), render_graph_mermaid,
		   "flowchart TB\n    none[\"no objects\"]\n");
}
END_TEST

/*
 * Between the quotes of a label there are only letters, numbers and references.
 */
START_TEST(mermaid_labels_are_safe)
{
	struct iommufd_model_graph *g = hostile_graph();
	char *text = written(g, render_graph_mermaid, true), *at, *end;

	at = strstr(text, "flowchart TB");
	while ((at = strchr(at, '"'))) {
		end = strchr(++at, '"');
		ck_assert_ptr_nonnull(end);
		for (; at < end; at++) {
			if (!strncmp(at, "<br/>", 5))
				at += 5;
			if (*at == '#')
				at += 1 + strspn(at + 1, "0123456789");
			ck_assert_msg(*at & 0x80 || at == end ||
				      strchr(" ,/';_", *at) ||
				      (*at >= '0' && *at <= '9') ||
				      ((*at | 0x20) >= 'a' &&
				       (*at | 0x20) <= 'z'),
				      "%.20s", at);
		}
		at = end + 1;
	}
	ck_assert_int_eq(text[strlen(text) - 1], '\n');
	free(text);
	iommufd_model_graph_free(g);
}
END_TEST

/* The tests below are about SVG. */

START_TEST(svg_is_xml)
{
	struct iommufd_model_graph *g = graphs[_i / 2]();
	char *text = written(g, render_graph_svg, _i % 2);

	check_xml(text);
	if (have("xmllint"))
		check_by("xmllint --noout", text);
	ck_assert_ptr_null(strstr(text, "nan"));
	ck_assert_ptr_null(strstr(text, "inf"));
	ck_assert_ptr_null(strstr(text, "22337203"));
	free(text);
	iommufd_model_graph_free(g);
}
END_TEST

START_TEST(svg_has_a_title_and_a_description)
{
	struct iommufd_model_graph *g = small_graph();
	char *text;

	strcpy(g->title, "after line 5");
	add_lock(g, 5, 3, "mutex of hwpt 2");
	text = written(g, render_graph_svg, true);
	ck_assert_has(text, " role=\"img\"");
	ck_assert_has(text, "<title>after line 5</title>");
	ck_assert_has(text, "<desc>ctx: references 1 (descriptor).\n"
			    "descriptor.\n"
			    "ioas 1: users 4 (id table, hwpt 2, access 3, "
			    "getter (2), unknown (-1)), "
			    "wait_cnt 2 (id table, getter).\n"
			    "hwpt 2 (dying): users 0 (nobody)");
	ck_assert_has(text, ">after line 5</text>");
	ck_assert_has(text, ">ioas 1</text>");
	ck_assert_has(text, ">users 4 · wait 2 · ?-1</text>");
	ck_assert_has(text, "<g class=\"object dying\">");
	ck_assert_has(text, ">dying</text>");
	ck_assert_has(text, ">reserved</text>");
	ck_assert_has(text, ">×2</text>");
	ck_assert_has(text, "<g class=\"edge wait_cnt\">\n"
			    "<title>getter holds 1 of wait_cnt of ioas 1"
			    "</title>");
	ck_assert_has(text, ">wait_cnt</text>");
	ck_assert_has(text, "<g class=\"edge references\">");
	ck_assert_has(text, ">getter: mutex of hwpt 2</text>");
	ck_assert_has(text, "prefers-color-scheme:dark");
	ck_assert_ptr_null(strstr(text, "<script"));
	ck_assert_ptr_null(strstr(text, "href"));
	free(text);
	iommufd_model_graph_free(g);
}
END_TEST

START_TEST(svg_is_as_wide_as_its_title)
{
	struct iommufd_model_graph *g = one_node();
	double width = 0;
	char *text;

	memset(g->title, 'x', sizeof(g->title));
	text = written(g, render_graph_svg, true);
	sscanf(strstr(text, "width="), "width=\"%lf", &width);
	ck_assert(width > 7 * (double)sizeof(g->title));
	ck_assert_ptr_null(strstr(text, "textLength"));
	free(text);
	iommufd_model_graph_free(g);
}
END_TEST

/* The tests below are about differences. */

static void check_diff(const struct iommufd_model_graph *before,
		       const struct iommufd_model_graph *after,
		       const char *text, unsigned int lines)
{
	size_t size;
	char *is;
	FILE *to = open_memstream(&is, &size);

	ck_assert_uint_eq(iommufd_model_graph_diff(before, after, to), lines);
	ck_assert_uint_eq(iommufd_model_graph_diff(before, after, NULL), lines);
	fclose(to);
	ck_assert_str_eq(is, text);
	free(is);
}

START_TEST(diff_of_the_same_graphs_is_empty)
{
	struct iommufd_model_graph *a = graphs[_i](), *b = graphs[_i]();

	check_diff(a, b, "", 0);
	iommufd_model_graph_free(a);
	iommufd_model_graph_free(b);
}
END_TEST

START_TEST(diff_with_an_empty_graph_has_everything)
{
	struct iommufd_model_graph *a = empty_graph(), *b = one_node();

	check_diff(a, b, "+ ctx\n", 1);
	check_diff(b, a, "- ctx\n", 1);
	iommufd_model_graph_free(NULL);
	iommufd_model_graph_free(a);
	iommufd_model_graph_free(b);
}
END_TEST

/*
 * hwpt 2 was destroyed, access 6 was created, and the getter has dropped one of
 * its two references.
 */
START_TEST(diff_of_two_moments_has_what_changed)
{
	struct iommufd_model_graph *a = small_graph(), *b = new_graph();

	add_node(b, NODE(OBJECT), "access 6");
	b->nodes[0].serial = 77;
	add_node(b, NODE(CTX), "ctx");
	b->nodes[1].serial = 1;
	add_node(b, NODE(OBJECT), "ioas 1");
	add_node(b, NODE(THREAD), "getter");
	b->nodes[3].serial = 6;
	add_node(b, NODE(OBJECT), "access 3");
	b->nodes[4].serial = 5;
	holds(b, 4, 2);
	holds(b, 0, 2);
	holds(b, 3, 2);
	add_edge(b, 3, 2, IOMMUFD_MODEL_WAIT_CNT, 3);
	b->nodes[4].table[IOMMUFD_MODEL_WAIT_CNT] = 0;
	b->nodes[4].value[IOMMUFD_MODEL_WAIT_CNT] = 0;
	check_diff(a, b,
		   "- descriptor\n"
		   "- hwpt 2\n"
		   "+ access 6\n"
		   "ctx: references 1 -> 0\n"
		   "ctx: references - descriptor\n"
		   "ioas 1: users - hwpt 2\n"
		   "ioas 1: users - getter\n"
		   "ioas 1: users + access 6\n"
		   "ioas 1: users + unknown\n"
		   "ioas 1: wait_cnt 2 -> 4\n"
		   "ioas 1: wait_cnt + getter (2)\n"
		   "access 3: reserved -> published\n"
		   "access 3: wait_cnt 1 -> 0\n"
		   "access 3: wait_cnt - id table\n", 14);
	iommufd_model_graph_free(a);
	iommufd_model_graph_free(b);
}
END_TEST

/* The value of the counter is the same, but one reference is new. */
START_TEST(diff_of_references_from_other_call_sites_is_a_change)
{
	static const struct iommufd_model_site here = { "f", "x/a.c", 1, "" },
		as_here = { "f", "x/a.c", 1, "" },
		there = { "g", "b.c", 2, "" };
	struct iommufd_model_graph *a = new_graph(), *b = new_graph();
	unsigned int i;

	for (i = 0; i < 2; i++) {
		add_node(i ? b : a, NODE(OBJECT), "ioas 1");
		add_node(i ? b : a, NODE(THREAD), "getter");
		holds(i ? b : a, 1, 0);
	}
	a->edges[0].site = &here;
	b->edges[0].site = &there;
	check_diff(a, b, "ioas 1: users - getter, f a.c:1\n"
			 "ioas 1: users + getter, g b.c:2\n", 2);
	b->edges[0].site = &as_here;
	check_diff(a, b, "", 0);
	b->edges[0].site = NULL;
	check_diff(a, b, "ioas 1: users - getter, f a.c:1\n"
			 "ioas 1: users + getter\n", 2);
	iommufd_model_graph_free(a);
	iommufd_model_graph_free(b);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("graph write");
	TCase *tc = tcase_create("text");

	tcase_add_test(tc, text_shows_each_node_and_edge_of_a_small_graph);
	tcase_add_test(tc, text_of_an_empty_graph_says_no_objects);
	tcase_add_test(tc, text_names_a_holder_once_for_all_its_call_sites);
	tcase_add_test(tc, text_of_two_contexts_has_both);
	tcase_add_test(tc, text_aligns_characters_and_replaces_bad_bytes);
	suite_add_tcase(suite, tc);
	tc = tcase_create("dot");
	tcase_add_test(tc, dot_has_each_node_and_edge_of_a_small_graph);
	tcase_add_test(tc, dot_escapes);
	tcase_add_loop_test(tc, dot_can_draw_the_text, 0, NR_GRAPHS);
	suite_add_tcase(suite, tc);
	tc = tcase_create("mermaid");
	tcase_add_test(tc, mermaid_has_each_node_and_edge_of_a_small_graph);
	tcase_add_test(tc, mermaid_of_an_empty_graph_says_no_objects);
	tcase_add_test(tc, mermaid_labels_are_safe);
	suite_add_tcase(suite, tc);
	tc = tcase_create("svg");
	tcase_add_loop_test(tc, svg_is_xml, 0, 2 * NR_GRAPHS);
	tcase_add_test(tc, svg_has_a_title_and_a_description);
	tcase_add_test(tc, svg_is_as_wide_as_its_title);
	suite_add_tcase(suite, tc);
	tc = tcase_create("errors");
	suite_add_tcase(suite, tc);
	tc = tcase_create("diff");
	tcase_add_loop_test(tc, diff_of_the_same_graphs_is_empty, 0, NR_GRAPHS);
	tcase_add_test(tc, diff_with_an_empty_graph_has_everything);
	tcase_add_test(tc, diff_of_two_moments_has_what_changed);
	tcase_add_test(tc,
		       diff_of_references_from_other_call_sites_is_a_change);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
