// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The walks through the tree of schedules that make up an exploration.
 *
 * An exhaustive or a random exploration is one walk.  A bounded one is a walk
 * for each number of preemptions, from 0 on, so that the first failure that is
 * found has the fewest.  Before that, shards find out how deep the part of the
 * tree must be that all of them walk.  At the end, the same failure is searched
 * for with fewer preemptions and with fewer steps.
 */
#include "exploration.h"
#include <limits.h>
#include <string.h>

#define MINIMISE_SECONDS 2.0
#define MINIMISE_EXECUTIONS 200000ul
#define MINIMISE_FAILURES 32ul
/*
 * The least number of subtrees that each shard should get, as their sizes
 * differ; and each job, if jobs give each other what is left (steal.c).
 */
#define LEAVES 64ul
#define LEAVES_OF_JOB 8ul
#define MAX_TOP 24

/* Walk through the tree once.  End after this number of failures. */
static int walk(struct exploration *x, struct search *s, unsigned long failures)
{
	unsigned long before = s->failed;
	int rc;

	s->next = SEARCH_FIRST;
	s->walk++;
	s->forced = 0;
	s->leaf = 0;
	s->split = s->top;
	explore_progress_begins(s);
	s->cut = false;
	do {
		rc = explore_work(x, s, NULL);
		if (rc)
			return rc;
	} while (s->next == SEARCH_ADVANCE &&
		 !(s->opt.in_process && s->failed > before) &&
		 s->failed - before < failures);
	return 0;
}

int explore_search(struct exploration *x, struct search *s)
{
	unsigned long failures = s->opt.keep_going ? ULONG_MAX : 1;
	int rc, bound = s->opt.preemptions;

	if (s->opt.mode != IOMMUFD_MODEL_MODE_BOUNDED || bound < 0) {
		s->bound = -1;
		return walk(x, s, failures);
	}
	for (s->bound = 0; s->bound <= bound; s->bound++) {
		rc = walk(x, s, failures);
		if (rc || s->next != SEARCH_DONE || !s->cut ||
		    (s->failure && !s->opt.keep_going))
			return rc;
	}
	s->bound = bound;
	return 0;
}

int explore_find_top(struct exploration *x, struct search *s)
{
	unsigned long last = 0, failures = s->opt.keep_going ? ULONG_MAX : 1;
	bool steals = s->opt.mode == IOMMUFD_MODEL_MODE_EXHAUSTIVE;
	unsigned long leaves =
		steals && s->opt.shards == 1 ? LEAVES_OF_JOB : LEAVES;
	int shard = s->shard, shards = s->shards, bound = s->bound, rc = 0;
	int top;

	if (shards == 1 || s->opt.mode == IOMMUFD_MODEL_MODE_RANDOM)
		return 0;
	for (top = 4; top <= MAX_TOP; top += 4) {
		s->top = top;
		s->shards = INT_MAX;
		s->shard = INT_MAX - 1;
		s->bound = s->opt.mode == IOMMUFD_MODEL_MODE_BOUNDED ?
				   s->opt.preemptions :
				   -1;
		rc = walk(x, s, failures);
		/* The search itself will find and count these failures. */
		if (s->opt.keep_going) {
			s->failure = IOMMUFD_MODEL_NO_FAILURE;
			s->failed = 0;
			s->seen = 0;
		}
		if (rc || s->failure || s->leaf >= leaves * (unsigned)shards ||
		    s->next != SEARCH_DONE || s->leaf == last)
			break;
		last = s->leaf;
	}
	s->shard = shard;
	s->shards = shards;
	s->bound = bound;
	s->redundant = 0;
	s->steps = 0;
	return rc;
}

void explore_minimise(struct exploration *x, struct search *found)
{
	struct search *s = x->spare;

	if (found->opt.no_minimise || found->opt.in_process ||
	    found->failure == IOMMUFD_MODEL_FAIL_NONDETERMINISM)
		return;
	s->opt = found->opt;
	s->opt.mode = IOMMUFD_MODEL_MODE_BOUNDED;
	s->opt.executions = MINIMISE_EXECUTIONS;
	s->opt.seconds = MINIMISE_SECONDS;
	s->stop = &x->never;
	s->started = explore_now();
	s->shards = 1;
	s->failure = found->failure;
	s->target = found->failure;
	s->found_preemptions = found->found_preemptions;
	s->nr_choices = found->nr_choices;
	s->nr_short = found->nr_short;
	s->nr_ends = found->nr_ends;
	memcpy(s->choices, found->choices, sizeof(s->choices));
	memcpy(s->endings, found->endings, sizeof(s->endings));
	s->nr_endings = found->nr_endings;
	s->nr_learnt = found->nr_learnt;
	memcpy(s->loops, found->loops, sizeof(s->loops));
	s->marked = s->marked_learnt = found->marked;
	s->sees_all = found->sees_all;
	s->nr_loops = found->nr_loops;
	s->nr_loops_learnt = found->nr_loops_learnt;
	for (s->bound = 0; s->bound <= s->found_preemptions; s->bound++)
		if (walk(x, s, MINIMISE_FAILURES) || s->next == SEARCH_LIMIT)
			break;
	found->found_preemptions = s->found_preemptions;
	found->nr_choices = s->nr_choices;
	found->nr_short = s->nr_short;
	found->nr_ends = s->nr_ends;
	memcpy(found->choices, s->choices, sizeof(s->choices));
}
