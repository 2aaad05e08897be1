// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * iommufd-model graph: print the references between objects after a step of a
 * scenario.
 *
 * The scenario runs to its end, one thread after the other.  The graph that is
 * printed is the one that the observer has when the step is over.
 */
#include <getopt.h>
#include <iommufd_model/observe.h>
#include <stdlib.h>
#include <string.h>
#include "cli.h"
#include "help.h"
#include "graph.h"
#include "load.h"
#include "options.h"

/*
 * struct moment
 * @line: the line after which the graph is drawn; 0: the last line
 * @graph: the graph after the last step up to that line
 * @seen: the scenario has reached the line
 */
struct moment {
	unsigned int line;
	struct iommufd_model_graph *graph;
	char text[60];
	bool seen;
};

static const struct format {
	const char *name;
	void (*write)(const struct iommufd_model_graph *graph, FILE *to);
} formats[] = {
	{ "text", iommufd_model_graph_print },
	{ "dot", render_graph_dot },
	{ "mermaid", render_graph_mermaid },
	{ "svg", render_graph_svg },
	{ "json", render_graph_json },
};

static bool parse_format(const char *name, const struct format **format)
{
	for (*format = formats; *format < formats + ARRAY_SIZE(formats);
	     ++*format)
		if (!strcmp((*format)->name, name))
			return true;
	fprintf(stderr, "iommufd-model graph: unknown format \"%s\"; expected "
		"text, dot, mermaid, svg or json\n", name);
	return false;
}

static bool parse_line(const char *text, unsigned int *line)
{
	unsigned long number;
	char *end;

	number = strtoul(text, &end, 10);
	*line = (unsigned int)number;
	if (*text >= '0' && *text <= '9' && !*end && number && number < 1000000)
		return true;
	fprintf(stderr, "iommufd-model graph: bad line \"%s\"; expected a "
		"number from 1\n", text);
	return false;
}

/* A step begins: store the text of its line, without the comment. */
static void before_step(unsigned int line, const char *text, void *data)
{
	struct moment *moment = data;
	int len = (int)strcspn(text, "#");

	while (len && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	if (!moment->seen)
		snprintf(moment->text, sizeof(moment->text), "%u: %.*s", line,
			 len > 50 ? 50 : len, text);
}

static void after_step(unsigned int line, const char *result, void *data)
{
	const char *ret = strstr(result, " ret=");
	struct moment *moment = data;

	if (moment->seen)
		return;
	moment->seen = line == moment->line;
	if (moment->line && !moment->seen)
		return;
	iommufd_model_graph_free(moment->graph);
	moment->graph = iommufd_model_graph_now();
	if (moment->graph)
		snprintf(moment->graph->title, sizeof(moment->graph->title),
			 "after line %s =>%.45s", moment->text,
			 ret ? ret : "");
}

static bool has_objects(const struct iommufd_model_graph *graph)
{
	size_t i;

	for (i = 0; i < graph->nr_nodes; i++)
		if (graph->nodes[i].kind == IOMMUFD_MODEL_NODE_OBJECT)
			return true;
	return false;
}

static int draw(const struct scenario *s, struct moment *moment,
		const struct format *format)
{
	const struct scenario_output output = {
		.problems = stderr,
		.before_line = before_step,
		.after_line = after_step,
		.data = moment,
	};
	enum scenario_outcome outcome = SCENARIO_NOT_RUN;

	if (!iommufd_model_observe_start(NULL, NULL)) {
		outcome = scenario_run(s, &output);
		iommufd_model_observe_stop();
	}
	if (outcome == SCENARIO_NOT_RUN)
		return EXIT_UNUSABLE;
	if (moment->line && !moment->seen) {
		fprintf(stderr, "iommufd-model graph: %s:%u: no operation on "
			"this line\n", scenario_name(s), moment->line);
		return EXIT_UNUSABLE;
	}
	if (!moment->graph) {
		fprintf(stderr, "iommufd-model graph: %s: %s\n",
			scenario_name(s),
			scenario_is_empty(s) ? "there is no operation in it" :
					       "out of memory");
		return EXIT_UNUSABLE;
	}
	format->write(moment->graph, stdout);
	if (!moment->line && !has_objects(moment->graph))
		fputs("iommufd-model graph: no object is left; --at LINE shows "
		      "an earlier moment\n", stderr);
	return outcome == SCENARIO_FINE ? EXIT_FINE : EXIT_FOUND;
}

int graph_command(int argc, char **argv)
{
	static const struct option options[] = {
		{ "at", required_argument, NULL, 'a' },
		{ "format", required_argument, NULL, 'f' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const struct format *format = formats;
	struct moment moment = { .line = 0 };
	struct scenario *scenario;
	int c, code = EXIT_UNUSABLE;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help_graph, stdout);
			return EXIT_FINE;
		}
		if ((c != 'a' || !parse_line(optarg, &moment.line)) &&
		    (c != 'f' || !parse_format(optarg, &format)))
			return usage_error(argv[0]);
	}
	if (argc - optind != 1) {
		fprintf(stderr, "%s: expected one FILE\n", argv[0]);
		return usage_error(argv[0]);
	}
	scenario = load_scenario("iommufd-model graph", argv[optind]);
	if (scenario)
		code = draw(scenario, &moment, format);
	iommufd_model_graph_free(moment.graph);
	scenario_free(scenario);
	return code;
}
