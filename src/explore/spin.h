/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What spin.c, spin_rounds.c and spin_learn.c share.  Each file calls only
 * those that come after it in this list, except that spin_rounds.c asks spin.c
 * what a step or a thread looks at.  What other files call is in internal.h.
 */
#ifndef EXPLORE_SPIN_H
#define EXPLORE_SPIN_H

#include "internal.h"

/* A large part of an execution has at least one in this many of its steps. */
#define LONG_ENOUGH 4

static inline int explore_spin_number_of(const struct execution *exec,
					 const struct thread *thread)
{
	return (int)(thread - exec->threads);
}

/* Return the depth of the last step of thread @number, or -1. */
static inline int explore_spin_last_step(const struct search *search,
					 int number)
{
	int depth;

	for (depth = search->depth - 1; depth >= 0; depth--)
		if (search->nodes[depth].thread == number)
			break;
	return depth;
}

/*
 * Return the depth of the previous step of the thread that did nodes[@depth],
 * or -1.
 */
static inline int explore_spin_step_before(const struct search *search,
					   int depth)
{
	const struct node *node = &search->nodes[depth];

	while (--depth >= 0)
		if (search->nodes[depth].thread == node->thread)
			return depth;
	return -1;
}

/* False for steps that look at no location, so that no loop waits for any. */
static inline bool explore_spin_looks_at_something(const struct node *node)
{
	return node->kind != IOMMUFD_MODEL_OP_AFTER &&
	       node->kind != IOMMUFD_MODEL_OP_RELAX &&
	       node->kind != IOMMUFD_MODEL_OP_IRQS_OFF &&
	       node->kind != IOMMUFD_MODEL_OP_IRQS_ON;
}

/* spin_learn.c: which call sites are in a loop that waits */

/*
 * Return the call site @site of @thread's function if it is in a loop that
 * waits, or NULL.
 */
const struct loop_site *
explore_spin_known_site(const struct search *search,
			const struct thread *thread,
			const struct iommufd_model_site *site);
/* True if values of this kind are only sequence numbers, which always grow. */
bool explore_spin_only_numbers(unsigned int kind);
/* True if both steps are the same operation, with the same result. */
bool explore_spin_same_step(const struct node *a, const struct node *b);
/*
 * The same for the steps of three turns, in which values may grow by the same
 * number each time.
 */
bool explore_spin_counting_step(const struct node *a, const struct node *b,
				const struct node *c);

static inline u64 explore_spin_mix(u64 hash, u64 value)
{
	return (hash ^ value) * 0x9e3779b97f4a7c15ull + (hash >> 29);
}

/* Add the step of @node to a hash; @counts: of a thread whose turns count. */
static inline u64 explore_spin_mix_step(u64 hash, const struct node *node,
					bool counts)
{
	hash = explore_spin_mix(hash, (uintptr_t)node->site);
	hash = explore_spin_mix(hash, node->addr);
	if (explore_spin_only_numbers(node->kind) || counts)
		return hash;
	return explore_spin_mix(hash, (u64)(unsigned int)node->before << 32 |
					      (unsigned int)node->result);
}

/* Return what the step of @node has found, as a hash. */
static inline u64 explore_spin_found(const struct node *node)
{
	return explore_spin_only_numbers(node->kind) ?
		       0 :
		       explore_spin_mix(node->kind,
					(u64)(unsigned int)node->before << 32 |
						(unsigned int)node->result);
}

/* spin_rounds.c: threads that keep each other in their loops */

/*
 * Thread @number has done something that loops may wait for: what they did
 * before is not what they will do.
 */
void explore_spin_news(struct execution *exec, int number);
/*
 * @thread has done one more turn.  If it goes round in step with others, this
 * is a livelock, unless there is a thread that was kept from going on.
 */
void explore_spin_end_round(struct execution *exec, struct thread *thread);

/* spin.c: turns, when a thread waits, and which steps let it go on */

/* True if the step has changed nothing. */
bool explore_spin_only_looks(const struct node *node);
/* Write the names of these threads to @names. */
void explore_spin_names(struct execution *exec, u16 threads, char *names,
			size_t size);
/* Write the names of what thread @number looked at in its last turn. */
void explore_spin_name_looked_at(const struct execution *exec, int number,
				 char *text, size_t size);

#endif
