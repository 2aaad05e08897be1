// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * How far an exploration is: the figures of all its jobs, added up.
 */
#include "exploration.h"

static unsigned long total(const struct exploration *x, size_t field)
{
	unsigned long sum = 0;
	int i;

	for (i = 0; i < x->nr_searches; i++)
		sum += *(const unsigned long
				 *)(const void *)((const char *)x->searches[i] +
						  field);
	return sum;
}

#define TOTAL(x, field) total(x, offsetof(struct search, field))

void explore_count(struct exploration *x)
{
	struct iommufd_model_explore_result *r = x->result;
	double done = 0;
	int i;

	r->executions = TOTAL(x, executions);
	r->redundant = TOTAL(x, redundant);
	r->nr_failed = TOTAL(x, failed);
	r->steps = TOTAL(x, steps);
	r->seconds = explore_now() - x->started;
	r->seen = 0;
	r->injected = false;
	for (i = 0; i < x->nr_searches; i++) {
		r->seen |= x->searches[i]->seen;
		r->injected |= x->searches[i]->injected;
		if (x->searches[i]->max_depth > r->depth)
			r->depth = x->searches[i]->max_depth;
		done += x->searches[i]->next == SEARCH_DONE ?
				1 :
				explore_search_progress(x->searches[i]);
	}
	r->done = done / x->nr_searches;
	if (x->opt.mode == IOMMUFD_MODEL_MODE_RANDOM)
		r->done = (double)r->executions / (double)x->opt.executions;
}

void explore_report_progress(struct exploration *x)
{
	if (!x->opt.progress)
		return;
	explore_count(x);
	x->opt.progress(x->result, x->opt.progress_data);
}
