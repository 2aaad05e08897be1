// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* iommufd-model zoo doc: print docs/zoo.md, from the texts of the entries. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cli.h"
#include "zoo.h"

void zoo_print_wrapped(const char *text, const char *indent)
{
	size_t room = 78 - strlen(indent), used = 0, len;

	fputs(indent, stdout);
	while (*text) {
		len = strcspn(text, " ");
		if (used && used + 1 + len > room) {
			printf("\n%s", indent);
			used = 0;
		}
		printf("%s%.*s", used ? " " : "", (int)len, text);
		used += len + (used ? 1 : 0);
		text += len;
		text += strspn(text, " ");
	}
	putchar('\n');
}

static int lesson_of(const json_t *entry)
{
	long number = zoo_number(entry, "lesson_number");

	return number ? (int)number : INT_MAX;
}

/*
 * Sort the entries that have a lesson first, in the order of the lessons; then
 * by family.
 */
static int compare_entries(const void *a, const void *b)
{
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	int lx = lesson_of(x), ly = lesson_of(y), families;

	if (lx != ly)
		return lx < ly ? -1 : 1;
	families = strcmp(zoo_text(x, "family"), zoo_text(y, "family"));
	return families ? families :
			  strcmp(zoo_text(x, "name"), zoo_text(y, "name"));
}

/* Print one line without line numbers of sources, which change every day. */
static void print_without_numbers(const char *line, const char *end)
{
	for (; line < end; line++) {
		putchar(*line);
		if (strncmp(line, ".c:", 3) && strncmp(line, ".h:", 3))
			continue;
		putchar(line[1]);
		line += 2;
		while (line[1] >= '0' && line[1] <= '9')
			line++;
	}
}

/* Print the columns of @report, from their title to the end of the threads. */
static void print_columns(const char *report)
{
	const char *from = strstr(report, "\nstep "), *to, *end;

	to = from ? strstr(from, "\nThe schedule:") : NULL;
	if (!to)
		return;
	puts("```");
	for (from++; from < to; from = end) {
		end = from + strcspn(from, "\n") + 1;
		if (end > to)
			end = to;
		print_without_numbers(from, end);
	}
	puts("```");
}

static void print_entry(const json_t *e)
{
	char id[ZOO_NAME_LEN];

	zoo_id(id, zoo_text(e, "name"));
	printf("\n### %s, %s: %s\n\n%s; %ld thread%s%s. Found: %s.\n\n", id,
	       zoo_text(e, "name"), zoo_text(e, "title"), zoo_text(e, "when"),
	       zoo_number(e, "threads"),
	       zoo_number(e, "threads") == 1 ? "" : "s",
	       json_is_true(json_object_get(e, "faults")) ?
		       ", one allocation fails" : "",
	       zoo_text(e, "fails"));
	puts("**What was wrong.**");
	zoo_print_wrapped(zoo_text(e, "wrong"), "");
	putchar('\n');
	print_columns(zoo_text(e, "report"));
	puts("\n**The rule.**");
	zoo_print_wrapped(zoo_text(e, "rule"), "");
	puts("\n**What is right.**");
	zoo_print_wrapped(zoo_text(e, "right"), "");
}

/* Return the heading of the section to which @entry belongs. */
static const char *section_of(const json_t *entry)
{
	return lesson_of(entry) < INT_MAX ? "In teaching order" :
					    zoo_text(entry, "family");
}

static void print_page(json_t **entries, int nr)
{
	const char *section = "", *next;
	int i;

	puts("# The zoo\n\n"
	     "For whoever wants to see what goes wrong, and why the rules are "
	     "what they are.\n\n"
	     "Lifetime bugs of the iommufd object model: shipped, caught in "
	     "review, or the\nreverse of a line that is right. Each is a small "
	     "diff in `tests/zoo/`, applied\nto a copy of the source when the "
	     "zoo is built, and an explored test that is\nclean without it. "
	     "This page is made by `iommufd-model zoo doc`; the drawings\nare "
	     "the explorer's. Each bug has an id, such as Z-06 or Z-D1, and a "
	     "name.\nCommands take either, or the part of the name before "
	     "the first dash: `z06`,\n`d1`. What a rule such as R-OBJ-11 says "
	     "is in [rules.md](rules.md).");
	for (i = 0; i < nr; i++) {
		next = section_of(entries[i]);
		if (strcmp(section, next))
			printf("\n## %c%s\n", next[0] >= 'a' && next[0] <= 'z' ?
			       next[0] - 'a' + 'A' : next[0], next + 1);
		section = next;
		print_entry(entries[i]);
	}
}

int zoo_doc(const struct zoo *zoo, int argc, char **argv)
{
	json_t *entries[ZOO_MAX_ENTRIES];
	int i, nr, code = EXIT_UNUSABLE;

	(void)argc;
	(void)argv;
	for (nr = 0; nr < zoo->nr; nr++) {
		entries[nr] = zoo_ask(zoo, "zoo", zoo->names[nr], NULL);
		if (!entries[nr])
			break;
	}
	if (nr == zoo->nr) {
		qsort(entries, (size_t)nr, sizeof(*entries), compare_entries);
		print_page(entries, nr);
		code = EXIT_FINE;
	}
	for (i = 0; i < nr; i++)
		json_decref(entries[i]);
	return code;
}
