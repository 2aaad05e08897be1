/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A run told in words: what each step did to the counters, and why.
 */
#ifndef NARRATE_H
#define NARRATE_H

#include <iommufd_model/observe.h>
#include <stdio.h>

struct narrator;

/* NULL: no memory. */
struct narrator *narrator_create(FILE *out);
void narrator_free(struct narrator *narrator);

/* The observer's callback; @data is the narrator.  Kept until the next tell. */
void narrator_hear(const struct iommufd_model_event *event, void *data);

/* Was anything heard since the last tell? */
bool narrator_has_news(const struct narrator *narrator);

/* Print what was heard since the last time.  Returns 0, -ENOMEM if cut. */
int narrator_tell(struct narrator *narrator);

#endif
