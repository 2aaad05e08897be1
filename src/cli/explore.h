/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The options of the commands explore and replay.
 */
#ifndef CLI_EXPLORE_H
#define CLI_EXPLORE_H

#include <iommufd_model/explore.h>
#include <stdbool.h>
#include "record.h"

/*
 * struct request - what the user asks explore or replay to do
 * @who: the command, for messages
 * @symmetric: names of threads that are equal, or NULL
 * @expected: the failure that must be found, or none
 * @drawings: the files to write
 * @json: print JSON instead of text
 */
struct request {
	const char *who;
	struct iommufd_model_explore_options options;
	const char *symmetric;
	enum iommufd_model_failure expected;
	struct drawings drawings;
	bool json;
};

/*
 * take_explore_options(request, argc, argv): read the options.  Returns -1 to
 * continue with the arguments from optind on, or an exit code.
 */
int take_explore_options(struct request *request, int argc, char **argv);

/* replay_schedule(request, schedule): run only this schedule. */
void replay_schedule(struct request *request, char *schedule);

/* print_failure(failure, to): print its option name; returns the length. */
int print_failure(enum iommufd_model_failure failure, FILE *to);

#endif
