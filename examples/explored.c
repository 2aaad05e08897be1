// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A test of two threads, run through all its interleavings.
 *
 * The release of a file drops its reference to a queue, and then its reference
 * to the context, which it finds through the queue.  Another thread destroys
 * the queue as soon as it has no other user.
 *
 *	release			destroy
 *	  dec users 2 -> 1
 *				  dec_if_one users 1 -> 0
 *				  free the queue
 *	  read queue->ctx	<- reads freed memory
 *
 * The read is no operation at the gate, but the explorer finds it within a few
 * executions and prints the schedule.  The right code reads queue->ctx first.
 */
#include <iommufd_model/explore.h>
#include <iommufd_model/kernel.h>
#include <stdlib.h>

struct context {
	refcount_t references;
};

struct queue {
	refcount_t users;
	struct context *ctx;
};

struct world {
	bool right;
	struct queue *queue;
	struct context *ctx;
};

static void setup(void *data)
{
	struct world *w = data;

	w->ctx = kzalloc(sizeof(*w->ctx), GFP_KERNEL);
	refcount_set(&w->ctx->references, 2);
	w->queue = kzalloc(sizeof(*w->queue), GFP_KERNEL);
	refcount_set(&w->queue->users, 2);
	w->queue->ctx = w->ctx;
}

static void release(void *data)
{
	struct world *w = data;
	struct queue *queue = w->queue;
	struct context *ctx;

	if (w->right) {
		ctx = queue->ctx;
		refcount_dec(&queue->users);
	} else {
		refcount_dec(&queue->users);
		ctx = queue->ctx;
	}
	refcount_dec(&ctx->references);
}

static void destroy(void *data)
{
	struct world *w = data;

	if (refcount_dec_if_one(&w->queue->users)) {
		kfree(w->queue);
		w->queue = NULL;
	}
}

static void after(void *data)
{
	struct world *w = data;

	iommufd_model_assert(refcount_read(&w->ctx->references) == 1);
	kfree(w->queue);
	kfree(w->ctx);
}

int main(void)
{
	struct world world = { .right = false };
	const struct iommufd_model_test test = {
		.name = "release against destroy",
		.data = &world,
		.setup = setup,
		.threads = { { "release", release }, { "destroy", destroy } },
		.after = after,
	};
	const struct iommufd_model_explore_options options = {
		.report = stdout,
	};
	struct iommufd_model_explore_result result;
	enum iommufd_model_failure found;
	char verdict[64];
	int rc;

	iommufd_model_explore(&test, &options, &result);
	found = result.failure;
	iommufd_model_explore_free(&result);

	world.right = true;
	rc = iommufd_model_explore(&test, &options, &result);
	printf("\nread first: %s, %lu executions\n",
	       iommufd_model_verdict_text(&result, verdict, sizeof(verdict)),
	       result.executions);
	iommufd_model_explore_free(&result);
	return found == IOMMUFD_MODEL_FAIL_USE_AFTER_FREE && !rc ?
		EXIT_SUCCESS : EXIT_FAILURE;
}
