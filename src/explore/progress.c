// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * How far an exploration is: the figures of all its jobs, added up.
 *
 * For each job it is estimated how many executions it will have done at its end.
 *
 * Threads that the search will add later are not known yet, so how much of its
 * tree is done can only be estimated.
 *
 * Without states, each node's share of the whole tree is divided evenly among
 * the threads to be tried there, and a thread's share among the values of its
 * step.
 *
 * With states, the subtree of the first thread that is tried at a node is the
 * largest by far, as most states of the later ones are known by then.  So the
 * executions in the subtrees that are done are counted, and a subtree that is
 * not begun is taken to be smaller than the first one at its node in the
 * proportion that was found for subtrees of such a size.
 *
 * A long exploration that could use states, and does not, is told so once.
 */
#include "exploration.h"

#define MANY_EXECUTIONS 100000

/* Subtrees */

static u32 executions_so_far(const struct search *search)
{
	return (u32)explore_search_count(search);
}

static int size_class(double size)
{
	int n = 0;

	for (; size >= 2 && n < COST_SIZES - 1; size /= 2)
		n++;
	return n;
}

void explore_progress_reached(struct search *search, int depth)
{
	search->costs.at[depth].reached = executions_so_far(search);
	search->costs.at[depth].began = executions_so_far(search);
	search->costs.at[depth].first = 0;
}

void explore_progress_tried(struct search *search, int depth)
{
	struct subtree_costs *costs = &search->costs;
	u32 now = executions_so_far(search);
	u32 cost = now - costs->at[depth].began, first = costs->at[depth].first;
	int size = size_class(first);

	costs->at[depth].began = now;
	if (!search->nodes[depth].done) {
		costs->at[depth].first = cost;
		return;
	}
	costs->first[size] += first;
	costs->later[size] += cost;
}

/* The job goes on at @depth, and all that is above it is not for it to do. */
void explore_progress_given(struct search *search, int depth)
{
	int i;

	search->costs.before = executions_so_far(search);
	search->costs.from = depth;
	for (i = 0; i <= depth; i++)
		explore_progress_reached(search, i);
	search->costs.at[0].reached = 0;
}

void explore_progress_begins(struct search *search)
{
	search->costs.before = 0;
	search->costs.from = 0;
}

/* What a later subtree takes at a node at which the first one took @first. */
static double later_cost(const struct subtree_costs *costs, double first)
{
	int size = size_class(first);

	while (size && !costs->first[size])
		size--;
	return costs->first[size] ?
		       first * costs->later[size] / costs->first[size] :
		       first;
}

/* The executions of the subtree at @depth, of which @below go on below it. */
static double subtree_cost(const struct search *search, int depth, double below)
{
	const struct node *node = &search->nodes[depth];
	unsigned int all = (unsigned int)(node->backtrack & ~node->sleep) |
			   node->done | BIT16(node->thread);
	int left = __builtin_popcount(all & ~(unsigned int)(node->done |
							    node->elsewhere)) -
		   1;
	double first = search->costs.at[depth].first;

	below *= (double)node->nr_values / (node->value_chosen + 1);
	return search->costs.at[depth].began - search->costs.at[depth].reached +
	       below +
	       left * later_cost(&search->costs, node->done ? first : below);
}

static double part_by_costs(const struct search *search, int depth)
{
	double cost = 1, so_far = executions_so_far(search);

	while (depth--)
		cost = subtree_cost(search, depth, cost);
	return so_far < cost ? so_far / cost : 1;
}

static double part_by_shares(const struct search *search, int depth)
{
	double done = 0, share = 1;
	const struct node *node;
	unsigned int all;
	int i, n;

	for (i = search->costs.from; i < depth && share > 1e-9; i++) {
		node = &search->nodes[i];
		all = ((unsigned int)(node->backtrack & ~node->sleep) &
		       ~(unsigned int)node->elsewhere) |
		      node->done;
		n = all ? __builtin_popcount(all) : 1;
		share /= n;
		done += share * __builtin_popcount(node->done);
		share /= node->nr_values;
		done += share * node->value_chosen;
	}
	return done < 1 ? done : 1;
}

/* Return an estimate of how many executions the job will have done at its end. */
static double total_of(const struct search *search)
{
	double so_far = executions_so_far(search),
	       before = search->costs.before;
	int depth = search->depth;

	if (search->next == SEARCH_DONE || so_far == before)
		return so_far;
	/* An execution that has only begun is on the path that is given. */
	if (depth < search->forced)
		depth = search->forced;
	if (explore_states_used(search))
		return so_far / part_by_costs(search, depth);
	return before + (so_far - before) / part_by_shares(search, depth);
}

/* All jobs */

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
	double so_far, all = 0;
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
		all += total_of(x->searches[i]);
	}
	so_far = (double)(r->executions + r->redundant + r->nr_failed);
	r->done = all > 0 ? so_far / all : 0;
	if (x->opt.mode == IOMMUFD_MODEL_MODE_RANDOM)
		r->done = (double)r->executions / (double)x->opt.executions;
}

static bool has_handlers(const struct iommufd_model_test *test)
{
	unsigned int i;

	for (i = 0; i < IOMMUFD_MODEL_MAX_THREADS; i++)
		if (test->interrupts[i])
			return true;
	return false;
}

/*
 * The threads of most tests share only static variables and the arena.  A test that says
 * so is explored with states; one that does not takes long, and nobody would know why.
 */
static void advise(struct exploration *x)
{
	FILE *to = x->opt.report ? x->opt.report : stderr;

	if (x->advised || x->opt.quiet || x->test->memory[0].size ||
	    !x->opt.states || x->test->symmetric || has_handlers(x->test) ||
	    x->opt.mode != IOMMUFD_MODEL_MODE_EXHAUSTIVE ||
	    x->result->executions + x->result->redundant < MANY_EXECUTIONS)
		return;
	x->advised = true;
	fprintf(to,
		"%s: more than %d executions: if its threads share nothing but "
		"static variables and memory of kmalloc() and the like, set "
		".memory = { IOMMUFD_MODEL_STATIC_VARIABLES } in the test, and "
		"no state is explored twice\n",
		x->test->name ? x->test->name : "test", MANY_EXECUTIONS);
	fflush(to);
}

void explore_report_progress(struct exploration *x)
{
	explore_count(x);
	advise(x);
	if (x->opt.progress)
		x->opt.progress(x->result, x->opt.progress_data);
}
