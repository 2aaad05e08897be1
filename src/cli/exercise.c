// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * iommufd-model zoo exercise: make a folder with one of the bugs, to be fixed.
 *
 * The shell script tests/zoo/exercise.sh copies the files and checks the
 * result.  This file finds out which entry is meant and where the zoo is.  The
 * script needs the source tree and its build; the build puts the file
 * "exercise", which calls the script, beside the zoo's programs.
 */
#include <stdio.h>
#include <string.h>
#include <iommufd_model/kernel/types.h>
#include "cli.h"
#include "zoo.h"

static int run_script(const struct zoo *zoo, char **argv)
{
	char path[PATH_MAX + 16];

	snprintf(path, sizeof(path), "%s/exercise", zoo->folder);
	argv[0] = path;
	zoo_execute(path, argv);
	fputs("iommufd-model zoo: an exercise needs the source tree and its "
	      "build; in a clone, run\n./model zoo exercise NAME\n", stderr);
	return EXIT_UNUSABLE;
}

int zoo_exercise(const struct zoo *zoo, int argc, char **argv)
{
	bool check = !strcmp(argv[1], "--check");
	char folder[ZOO_NAME_LEN + 16], make[] = "make", look[] = "check";
	char name[ZOO_NAME_LEN];
	char *command[] = { NULL, check ? look : make, name, folder, NULL };
	const char *entry;

	if (check ? argc != 4 : argc > 3) {
		fputs("iommufd-model zoo: expected exercise NAME [FOLDER], or "
		      "exercise --check NAME FOLDER\n", stderr);
		return EXIT_UNUSABLE;
	}
	entry = zoo_find(zoo, argv[1 + check]);
	if (!entry)
		return EXIT_UNUSABLE;
	strcpy(name, entry);
	snprintf(folder, sizeof(folder), "exercise-%s", argv[1]);
	if (argc == 3 + check)
		command[3] = argv[2 + check];
	return run_script(zoo, command);
}
