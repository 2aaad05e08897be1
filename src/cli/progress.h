/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * How far an exploration is, on a terminal.
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include <iommufd_model/explore.h>

/* progress_wanted(): is standard error a terminal? */
bool progress_wanted(void);

/* progress_show(so_far, name): options->progress; @name is what is explored. */
void progress_show(const struct iommufd_model_explore_result *so_far,
		   void *name);

/* progress_erase(): nothing of it is left to be seen. */
void progress_erase(void);

#endif
