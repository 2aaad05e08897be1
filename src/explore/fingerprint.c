// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The fingerprint of a schedule: it shows whether the schedule belongs to this
 * test and to this code.
 *
 * A schedule is a list of choices, and does not say what the threads do.  So it
 * carries two hashes: one of the names of the test and of its threads, and one
 * of the steps, with the thread, the operation, the function and the expression
 * of each.  They do not depend on the machine, the compiler or a directory, nor
 * on line numbers: an added comment does not make a schedule invalid.
 *
 * A replay compares them when the listed choices have been made, and again at
 * the last step that was hashed.  A failure before that is reported without a
 * comparison, because a build with a sanitizer, for example, may fail earlier.
 */
#include "internal.h"
#include <string.h>

#define SEED 2166136261u

static u32 add(u32 hash, const char *text)
{
	do
		hash = (hash ^ (unsigned char)*text) * 16777619u;
	while (*text++);
	return hash;
}

static u16 fold(u32 hash)
{
	return (u16)(hash ^ hash >> 16);
}

u16 explore_fingerprint_test(const struct iommufd_model_test *test,
			     const char *version)
{
	const char *slash = strrchr(test->name, '/');
	u32 hash = add(SEED, slash ? slash + 1 : test->name);
	int i;

	for (i = 0; i < MAX_THREADS && test->threads[i].fn; i++)
		hash = add(hash,
			   test->threads[i].name ? test->threads[i].name : "");
	return fold(add(hash, version ? version : ""));
}

static void refuse(struct execution *exec, int number,
		   const struct iommufd_model_site *site)
{
	explore_determinism_fail(exec, number, site,
				 "the schedule is of other code: in the first "
				 "%d steps something else was done%s",
				 exec->search->fingerprint.nr,
				 EXPLORE_HOW_TO_FORCE);
}

/* True if the steps so far are those for which the schedule was made. */
static bool compare(struct search *search)
{
	struct fingerprint *fingerprint = &search->fingerprint;

	if (fingerprint->nr == search->nr_given)
		fingerprint->given = fold(search->hash);
	fingerprint->all = fold(search->hash);
	if (!search->claims || search->opt.force)
		return true;
	if (fingerprint->nr == search->nr_given &&
	    fingerprint->given != search->claimed.given)
		return false;
	/* The steps differ until all loops are learnt. */
	return fingerprint->nr != search->claimed.nr ||
	       fingerprint->all == search->claimed.all ||
	       search->nr_loops < search->given_loops;
}

bool explore_fingerprint_step(struct execution *exec, int number,
			      const struct iommufd_model_op *op)
{
	char who[2] = { (char)('a' + number), 0 };
	struct search *search = exec->search;

	if (!search->depth) {
		search->fingerprint.nr = 0;
		search->hash = SEED;
	}
	if (!compare(search)) {
		refuse(exec, number, op->site);
		return false;
	}
	search->hash = add(add(add(add(search->hash, who),
				   iommufd_model_op_name(op->kind)),
			       op->site->func),
			   op->site->what);
	search->fingerprint.nr++;
	search->fingerprint.all = fold(search->hash);
	if (search->fingerprint.nr <= search->nr_given)
		search->fingerprint.given = search->fingerprint.all;
	return true;
}

void explore_fingerprint_end(struct execution *exec)
{
	struct search *search = exec->search;

	if (search->opt.mode != IOMMUFD_MODEL_MODE_REPLAY)
		return;
	if (!compare(search) || (search->claims && !search->opt.force &&
				 search->fingerprint.nr < search->claimed.nr))
		refuse(exec, -1, NULL);
}
