// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "options.h"
#include "cli.h"

int usage_error(const char *who)
{
	fprintf(stderr, "Try \"%s --help\".\n", who);
	return EXIT_UNUSABLE;
}

bool take_drawing_option(const char *who, struct drawings *drawings, int option,
			 const char *path)
{
	int drawing = option - OPTION_DRAWING;

	if (option == OPTION_OVERWRITE) {
		output_overwrite();
		return true;
	}
	return drawing >= 0 && drawing < NR_DRAWINGS &&
	       output_take(who, &drawings->to[drawing], path);
}
