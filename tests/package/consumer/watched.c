/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* A watched program outside the project: the explorer finds its race. */
#include <stdio.h>
#include <string.h>

#include <iommufd_model/explore.h>
#include <iommufd_model/kernel.h>

static struct mutex lock;
static int plain, guarded;

static void setup(void *data)
{
	(void)data;
	mutex_init(&lock);
	plain = guarded = 0;
}

static void add(void *data)
{
	(void)data;
	plain++;
}

static void add_guarded(void *data)
{
	(void)data;
	mutex_lock(&lock);
	guarded++;
	mutex_unlock(&lock);
}

static enum iommufd_model_failure explore(void (*fn)(void *data))
{
	const struct iommufd_model_test test = {
		.name = "watched", .setup = setup,
		.threads = { { "one", fn }, { "other", fn } },
	};
	struct iommufd_model_explore_options options = { .quiet = true };
	struct iommufd_model_explore_result result;
	enum iommufd_model_failure failure;

	iommufd_model_explore(&test, &options, &result);
	failure = result.failure;
	if (!result.watched)
		fprintf(stderr, "no file is watched\n");
	iommufd_model_explore_free(&result);
	return failure;
}

int main(void)
{
	if (explore(add) == IOMMUFD_MODEL_FAIL_DATA_RACE &&
	    explore(add_guarded) == IOMMUFD_MODEL_NO_FAILURE)
		return 0;
	fprintf(stderr, "the program is not watched\n");
	return 1;
}
