// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Going back to an earlier point of an execution.
 *
 * A checkpoint of the explorer (../explore/checkpoint.c) cannot have copies of all
 * cells and locations that an execution uses.  So what they contain is logged
 * before they are changed for the first time after a point.  To go back, the log is
 * read from its end to that point, and what it has is written back.
 *
 * Threads are few, and the explorer copies them.
 */
#include "watch.h"
#include "../kernel/no_state.h"
#include <string.h>

#define MAX_CHANGES (1u << 20)

struct change {
	void *at;
	size_t size;
	char was[WATCH_KEPT];
};

u32 iommufd_model_watch_part;
NO_CHECKPOINT(iommufd_model_watch_part);

/* @lost: there was no room for a change */
static struct {
	struct change *changes;
	size_t nr;
	u32 last_part;
	bool lost;
} undo;
NO_CHECKPOINT(undo);

static void next_part(void)
{
	if (!++undo.last_part)
		undo.last_part = 1;
	iommufd_model_watch_part = undo.last_part;
}

void iommufd_model_watch_log(bool on)
{
	undo.nr = 0;
	undo.lost = false;
	iommufd_model_watch_part = 0;
	if (!on)
		return;
	if (!undo.changes)
		undo.changes = iommufd_model_watch_map(MAX_CHANGES *
						       sizeof(struct change));
	undo.lost = !undo.changes;
	next_part();
}

void iommufd_model_watch_keep(void *at, size_t size)
{
	struct change *change = &undo.changes[undo.nr];

	if (undo.lost || undo.nr == MAX_CHANGES) {
		undo.lost = true;
		return;
	}
	undo.nr++;
	change->at = at;
	change->size = size;
	memcpy(change->was, at, size);
}

void iommufd_model_watch_save(struct watch_point *point)
{
	point->nr = undo.nr;
	iommufd_model_watch_shadow_save(point);
	iommufd_model_watch_sync_save(point);
	if (iommufd_model_watch_part)
		next_part();
}

bool iommufd_model_watch_can_go_back(void)
{
	return !undo.lost;
}

void iommufd_model_watch_go_back(const struct watch_point *point)
{
	const struct change *change;

	while (undo.nr > point->nr) {
		change = &undo.changes[--undo.nr];
		memcpy(change->at, change->was, change->size);
	}
	iommufd_model_watch_shadow_go_back(point);
	iommufd_model_watch_sync_go_back(point);
	next_part();
}
