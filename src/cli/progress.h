/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The progress of an exploration, on a terminal.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <iommufd_model/explore.h>

/* progress_wanted(): true if standard error is a terminal. */
bool progress_wanted(void);

/*
 * progress_show(so_far, name): is for options->progress; @name is the name of
 * the test.
 */
void progress_show(const struct iommufd_model_explore_result *so_far,
		   void *name);

/* progress_erase(): remove the line of progress from the terminal. */
void progress_erase(void);

#endif
