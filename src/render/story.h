/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* A record told in words: how each step of a script changed the counters. */
#ifndef RENDER_STORY_H
#define RENDER_STORY_H

#include "../observe/ledger.h"

/*
 * struct story - what has been told so far
 * @told: the number of operations of the record that have been told
 * @depth: the number of destroys and passes in which the story is
 */
struct story {
	const struct iommufd_model_record *record;
	struct ledger *ledger;
	unsigned long told;
	int depth;
	bool releasing, in_ioctl;
	FILE *to;
};

/* Tells what was recorded since the last call. */
void story_tell(struct story *story);
/* Tells what was recorded after the last step. */
void story_end(struct story *story);

#endif
