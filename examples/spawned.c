// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * An explored test that starts its threads itself.
 *
 * The example shows that a thread of a test may start others and join them.  It
 * may also wait in one step until a counter is zero, if the test is not about
 * how to sleep for that.  An invariant is checked after every step.  The number
 * of executions shows that several orders were run.  The random mode runs a
 * sample.
 *
 *	parent		start the workers, wait until all have finished
 *	worker		work, then drop its reference in users
 */
#include "account.h"
#include <iommufd_model/explore.h>
#include <iommufd_model/kernel.h>

#define WORKERS 3

/* @users: one reference for each worker that has not finished */
static struct {
	refcount_t users;
	struct mutex lock;
	int done;
} job;

static void setup(void *unused)
{
	(void)unused;
	memset(&job, 0, sizeof(job));
	refcount_set(&job.users, WORKERS);
	mutex_init(&job.lock);
}

static void worker(void *unused)
{
	(void)unused;
	mutex_lock(&job.lock);
	job.done++;
	mutex_unlock(&job.lock);
	/* No wake-up is needed: the parent waits for the counter itself. */
	(void)!refcount_dec_and_test(&job.users);
}

static void parent(void *unused)
{
	int numbers[WORKERS], i;

	(void)unused;
	for (i = 0; i < WORKERS; i++) {
		numbers[i] = iommufd_model_spawn("worker", worker, NULL);
		iommufd_model_assert(numbers[i] > 0);
	}
	iommufd_model_wait_zero(&job.users);
	iommufd_model_assert(job.done == WORKERS);
	for (i = 0; i < WORKERS; i++)
		iommufd_model_join(numbers[i]);
}

/* A worker that has dropped its reference has done its work. */
static void invariant(void *unused)
{
	(void)unused;
	iommufd_model_assert(WORKERS - (int)refcount_read(&job.users) <=
			     job.done);
}

static const struct iommufd_model_test test = {
	.name = "a job for three",
	.setup = setup,
	.threads = { { "parent", parent } },
	.invariant = invariant,
};

static void explore(const struct iommufd_model_explore_options *options,
		    enum iommufd_model_verdict verdict)
{
	struct iommufd_model_explore_result result;
	char text[128];

	iommufd_model_explore(&test, options, &result);
	printf("%s, %lu executions\n",
	       iommufd_model_verdict_text(&result, text, sizeof(text)),
	       result.executions);
	number("as expected, and of more than one execution",
	       result.verdict == verdict && result.executions > 1, 1);
	iommufd_model_explore_free(&result);
}

int main(void)
{
	const struct iommufd_model_explore_options random = {
		.mode = IOMMUFD_MODEL_MODE_RANDOM, .executions = 50, .seed = 7,
	};

	explore(NULL, IOMMUFD_MODEL_VERDICT_COMPLETE);
	explore(&random, IOMMUFD_MODEL_VERDICT_NOT_FOUND);
	return account_end();
}
