// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Graphs as JSON, which jansson reads back: every field of the structs is
 * there, and no name breaks the JSON or an HTML page that contains it.
 */
#define _GNU_SOURCE
#include "drawing.h"
#include "../../../src/render/json.h"
#include <jansson.h>

static json_t *parsed(const char *text)
{
	json_error_t error;
	json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	ck_assert_msg(root, "line %d: %s\n%s", error.line, error.text, text);
	return root;
}

static json_t *graph_of(const struct iommufd_model_graph *g)
{
	char *text = written(g, render_graph_json, true);
	json_t *root = parsed(text);

	free(text);
	return root;
}

#define is_string(object, key, value) \
	ck_assert_str_eq(json_string_value(json_object_get(object, key)), value)
#define is_number(object, key, value)					\
	ck_assert_int_eq(json_integer_value(json_object_get(object, key)), \
			 value)

static void check_site(const json_t *object,
		       const struct iommufd_model_site *site)
{
	const json_t *is = json_object_get(object, "site");

	if (!site) {
		ck_assert(json_is_null(is));
		return;
	}
	is_string(is, "func", site->func);
	is_string(is, "file", site->file);
	is_number(is, "line", site->line);
}

static void check_index(const json_t *object, const char *key, int value)
{
	const json_t *is = json_object_get(object, key);

	if (value < 0)
		ck_assert(json_is_null(is));
	else
		ck_assert_int_eq(json_integer_value(is), value);
}

static void check_counters(const json_t *object,
			   const struct iommufd_model_node *node)
{
	static const char *const names[] = {
		"users", "wait_cnt", "references",
	};
	const json_t *is;
	unsigned int c, nr = 0;

	object = json_object_get(object, "counters");
	for (c = 0; c < 3; c++) {
		is = json_object_get(object, names[c]);
		if (!is)
			continue;
		nr++;
		is_number(is, "value", node->value[c]);
		is_number(is, "table", node->table[c]);
		is_number(is, "unknown", node->unknown[c]);
	}
	ck_assert_uint_eq(nr, node->kind == NODE(OBJECT) ? 2 :
			      node->kind == NODE(CTX) ? 1 : 0);
}

static void check_node(const json_t *is, const struct iommufd_model_node *node)
{
	static const char *const kinds[] = {
		"ctx", "object", "descriptor", "file", "thread",
	};
	static const char *const states[] = {
		"reserved", "published", "dying",
	};
	char addr[32];

	is_number(is, "serial", (int)node->serial);
	is_string(is, "kind", kinds[node->kind]);
	is_string(is, "state", states[node->state]);
	is_string(is, "name", node->name);
	check_index(is, "ctx", node->ctx);
	snprintf(addr, sizeof(addr), "%p", node->addr);
	is_string(is, "addr", addr);
	check_counters(is, node);
}

START_TEST(json_has_every_field)
{
	static const char *const counters[] = {
		"users", "wait_cnt", "references",
	};
	struct iommufd_model_graph *g = typical_graph();
	json_t *root, *is;
	unsigned int i;

	g->locks[0].site = g->edges[g->nr_edges - 1].site;
	g->nodes[3].unknown[IOMMUFD_MODEL_WAIT_CNT] = -3;
	g->locks[1].node = -1;
	root = graph_of(g);
	is_string(root, "title", g->title);
	is = json_object_get(root, "nodes");
	ck_assert_uint_eq(json_array_size(is), g->nr_nodes);
	for (i = 0; i < g->nr_nodes; i++)
		check_node(json_array_get(is, i), &g->nodes[i]);
	ck_assert_uint_eq(json_array_size(json_object_get(root, "edges")),
			  g->nr_edges);
	for (i = 0; i < g->nr_edges; i++) {
		is = json_array_get(json_object_get(root, "edges"), i);
		is_number(is, "from", (int)g->edges[i].from);
		is_number(is, "to", (int)g->edges[i].to);
		is_number(is, "count", (int)g->edges[i].count);
		is_string(is, "counter", counters[g->edges[i].counter]);
		check_site(is, g->edges[i].site);
	}
	ck_assert_uint_eq(json_array_size(json_object_get(root, "locks")),
			  g->nr_locks);
	for (i = 0; i < g->nr_locks; i++) {
		is = json_array_get(json_object_get(root, "locks"), i);
		is_number(is, "thread", (int)g->locks[i].thread);
		check_index(is, "node", g->locks[i].node);
		is_string(is, "name", g->locks[i].name);
		ck_assert_int_eq(json_is_true(json_object_get(is, "read")),
				 g->locks[i].read);
		check_site(is, g->locks[i].site);
	}
	json_decref(root);
	iommufd_model_graph_free(g);
}
END_TEST

START_TEST(an_empty_graph_has_empty_arrays)
{
	struct iommufd_model_graph *g = new_graph();
	json_t *root = graph_of(g);

	is_string(root, "title", "");
	ck_assert_uint_eq(json_array_size(json_object_get(root, "nodes")), 0);
	ck_assert(json_is_array(json_object_get(root, "nodes")));
	ck_assert(json_is_array(json_object_get(root, "edges")));
	ck_assert(json_is_array(json_object_get(root, "locks")));
	json_decref(root);
	iommufd_model_graph_free(g);
}
END_TEST

START_TEST(a_call_site_without_names_is_valid)
{
	static const struct iommufd_model_site site;
	struct iommufd_model_graph *g = new_graph();
	json_t *root, *is;

	add_node(g, NODE(OBJECT), "a");
	g->nodes[0].addr = NULL;
	holds(g, 0, 0)->site = &site;
	root = graph_of(g);
	is = json_array_get(json_object_get(root, "nodes"), 0);
	ck_assert(json_is_null(json_object_get(is, "addr")));
	is = json_array_get(json_object_get(root, "edges"), 0);
	is = json_object_get(is, "site");
	ck_assert(json_is_null(json_object_get(is, "func")));
	ck_assert(json_is_null(json_object_get(is, "file")));
	json_decref(root);
	iommufd_model_graph_free(g);
}
END_TEST

/* Names and titles may fill their arrays up to the last byte, without a NUL. */
START_TEST(names_that_do_not_end_are_cut)
{
	struct iommufd_model_graph *g = new_graph();
	json_t *root, *is;

	add_node(g, NODE(THREAD), "a");
	add_lock(g, 0, 0, "b");
	memset(g->nodes[0].name, 'x', sizeof(g->nodes[0].name));
	memset(g->locks[0].name, 'y', sizeof(g->locks[0].name));
	memset(g->title, 'z', sizeof(g->title));
	root = graph_of(g);
	ck_assert_uint_eq(json_string_length(json_object_get(root, "title")),
			  120);
	is = json_array_get(json_object_get(root, "nodes"), 0);
	ck_assert_uint_eq(json_string_length(json_object_get(is, "name")), 40);
	is = json_array_get(json_object_get(root, "locks"), 0);
	ck_assert_uint_eq(json_string_length(json_object_get(is, "name")), 40);
	json_decref(root);
	iommufd_model_graph_free(g);
}
END_TEST

/* The tests below are about strings. */

static char *string(const char *s)
{
	size_t size;
	char *text;
	FILE *to = open_memstream(&text, &size);

	render_json_value(render_string(s), to);
	fclose(to);
	return text;
}

static const struct {
	const char *in, *out;
} strings[] = {
	{ "", "\"\"" },
	{ "a \"b\" \\c/", "\"a \\\"b\\\" \\\\c/\"" },
	{ "\n\t\r\x01\x1f", "\"\\n\\t\\r\\u0001\\u001F\"" },
	{ "</script><!--", "\"\\u003c/script\\u003e\\u003c!--\"" },
	{ "a&b", "\"a\\u0026b\"" },
	{ "\xe2\x80\xa8\xe2\x80\xa9", "\"\\u2028\\u2029\"" },
	{ "\xc3\xa9 \xe5\xaf\xbe \xf0\x9f\x92\xa9",
	  "\"\\u00E9 \\u5BFE \\uD83D\\uDCA9\"" },
	/*
	 * not UTF-8: cut off, too long, a surrogate, beyond the last character
	 */
	{ "a\xffz", "\"a\\uFFFDz\"" },
	{ "\xc3", "\"\\uFFFD\"" },
	{ "\xc3(", "\"\\uFFFD(\"" },
	{ "\xe5\xaf", "\"\\uFFFD\\uFFFD\"" },
	{ "\xc0\xaf", "\"\\uFFFD\\uFFFD\"" },
	{ "\xe0\x80\xaf", "\"\\uFFFD\\uFFFD\\uFFFD\"" },
	{ "\xed\xa0\x80", "\"\\uFFFD\\uFFFD\\uFFFD\"" },
	{ "\xf4\x90\x80\x80",
	  "\"\\uFFFD\\uFFFD\\uFFFD\\uFFFD\"" },
};

START_TEST(strings_are_escaped)
{
	char *text = string(strings[_i].in);

	ck_assert_str_eq(text, strings[_i].out);
	free(text);
}
END_TEST

/* Checks that jansson can read the string of any bytes. */
static void check_bytes(unsigned int seed)
{
	char in[60], array[500], *text;
	unsigned int i;

	for (i = 0; i + 1 < sizeof(in); i++) {
		seed = seed * 1103515245 + 12345;
		in[i] = (char)(seed >> 16 | (seed % 3 ? 0x80 : 0));
	}
	in[i] = 0;
	text = string(in);
	snprintf(array, sizeof(array), "[%s]", text);
	json_decref(parsed(array));
	ck_assert_ptr_null(strpbrk(text, "<>&\n"));
	free(text);
}

START_TEST(any_bytes_are_valid_json)
{
	unsigned int seed;

	for (seed = 0; seed < 500; seed++)
		check_bytes(seed);
}
END_TEST

START_TEST(each_character_comes_back)
{
	unsigned int c, first = (unsigned int)_i * 0x10000, step;
	char in[8], array[40], *text;
	json_t *root, *wanted;

	/* Only some of the characters beyond the first 65536 are tested. */
	step = first ? 61 : 1;
	for (c = first ? first : 1; c < first + 0x10000; c += step) {
		if (c >= 0xd800 && c < 0xe000)
			continue;
		snprintf(array, sizeof(array), "[\"\\u%04x\"]", c & 0xffff);
		if (c > 0xffff)
			snprintf(array, sizeof(array), "[\"\\u%04x\\u%04x\"]",
				 0xd7c0 + (c >> 10), 0xdc00 + (c & 0x3ff));
		wanted = parsed(array);
		snprintf(in, sizeof(in), "%s",
			 json_string_value(json_array_get(wanted, 0)));
		text = string(in);
		snprintf(array, sizeof(array), "[%s]", text);
		root = parsed(array);
		ck_assert(json_equal(root, wanted));
		json_decref(root);
		json_decref(wanted);
		free(text);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("graph JSON");
	TCase *tc = tcase_create("graph");

	tcase_add_test(tc, json_has_every_field);
	tcase_add_test(tc, an_empty_graph_has_empty_arrays);
	tcase_add_test(tc, a_call_site_without_names_is_valid);
	tcase_add_test(tc, names_that_do_not_end_are_cut);
	suite_add_tcase(suite, tc);
	tc = tcase_create("string");
	tcase_add_loop_test(tc, strings_are_escaped, 0,
			    sizeof(strings) / sizeof(strings[0]));
	tcase_add_test(tc, any_bytes_are_valid_json);
	tcase_add_loop_test(tc, each_character_comes_back, 0, 0x11);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
