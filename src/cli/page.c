// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * iommufd-model page: draw a record.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include "cli.h"
#include "help.h"
#include "load.h"
#include "options.h"
#include "record.h"

/* Return "x.html" for "x.record" and for "x".  The caller frees it. */
static char *page_of(const char *path)
{
	size_t len = strlen(path), cut = strlen(".record");
	char *page = malloc(len + sizeof(".html"));

	if (!page)
		return NULL;
	if (len > cut && !strcmp(path + len - cut, ".record"))
		len -= cut;
	memcpy(page, path, len);
	strcpy(page + len, ".html");
	return page;
}

static int draw(const char *path, const struct drawings *drawings)
{
	struct iommufd_model_record *record =
		load_record("iommufd-model page", path);
	bool good = record && drawings_make("iommufd-model page", drawings,
					    record);

	iommufd_model_record_free(record);
	return good ? EXIT_FINE : EXIT_UNUSABLE;
}

/* Draw a page in the directory of the record at @path. */
static int draw_beside(const char *path, struct drawings *drawings)
{
	char *page = page_of(path);
	int code = EXIT_UNUSABLE;

	drawings->to[DRAW_HTML].path = page;
	if (!page)
		fputs("iommufd-model page: out of memory\n", stderr);
	else if (outputs_allowed("iommufd-model page", drawings->to,
				 NR_DRAWINGS, &path, 1))
		code = draw(path, drawings);
	if (!code)
		printf("%s\n", page);
	free(page);
	return code;
}

int page_command(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "html", required_argument, NULL, DRAW_HTML },
		{ "trace", required_argument, NULL, DRAW_TRACE },
		{ "columns", required_argument, NULL, DRAW_COLUMNS },
		{ "overwrite", no_argument, NULL, 'O' },
		{ NULL, 0, NULL, 0 },
	};
	struct drawings drawings = NO_DRAWINGS;
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help_page, stdout);
			return EXIT_FINE;
		}
		if (c == 'O')
			output_overwrite();
		else if (c >= NR_DRAWINGS ||
			 !output_take(argv[0], &drawings.to[c], optarg))
			return usage_error(argv[0]);
	}
	if (argc - optind != 1) {
		fprintf(stderr, "%s: expected one FILE\n", argv[0]);
		return usage_error(argv[0]);
	}
	argv += optind;
	if (drawings_wanted(&drawings))
		return outputs_allowed("iommufd-model page", drawings.to,
				       NR_DRAWINGS, (const char *const *)argv,
				       1) ? draw(*argv, &drawings) :
					    EXIT_UNUSABLE;
	if (strcmp(*argv, "-"))
		return draw_beside(*argv, &drawings);
	fputs("iommufd-model page: standard input has no name to make a page "
	      "of; expected --html, --trace or --columns\n", stderr);
	return usage_error("iommufd-model page");
}
