/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A record told in words: what each step of a script did to the counters.
 */
#ifndef RENDER_STORY_H
#define RENDER_STORY_H

#include "../observe/ledger.h"

/*
 * struct story - what has been told so far
 * @told: how many operations of the record have been told
 * @depth: how many destroys and passes the story is inside of
 */
struct story {
	const struct iommufd_model_record *record;
	struct ledger *ledger;
	unsigned long told;
	int depth;
	bool releasing, in_ioctl;
	FILE *to;
};

/* Tell what was recorded since the last time. */
void story_tell(struct story *story);
/* Tell what was recorded after the last step. */
void story_end(struct story *story);

#endif
