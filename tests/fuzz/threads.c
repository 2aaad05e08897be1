// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Fuzz target: system calls of two threads, under the random explorer.
 *
 * The first byte of an input is the seed of the schedules, the second one says
 * whether an allocation of the threads may fail, the third and fourth one where
 * the parts of the threads begin in the rest, which are the choices: at first
 * those of the setup, then those of either thread.
 *
 * No execution fails: there is no warning, use after free, deadlock, lost
 * wake-up or whatever else the explorer finds, and nothing is left at the end.
 *
 * Executions run in this process, because a child for each input would be slow.
 * What a failed one leaves behind spoils the next, so a failure is not explored
 * further: run the input with FUZZ_REPORT=1 for a child process and a report.
 */
#include "calls.h"
#include <iommufd_model/explore.h>
#include <iommufd_model/kernel/page.h>
#include <stdlib.h>
#include <string.h>

/* Of each thread, and of the setup. */
#define MAX_THREAD_CALLS 6
#define MAX_SETUP_CALLS 16
#define EXECUTIONS 4

/*
 * @parts: where the parts of the setup and of the threads begin and end
 */
static struct {
	size_t parts[4];
	bool raw;
	struct world setup, threads[2];
} run;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	fuzz_quiet();
	calls_initialize();
	return 0;
}

static void sequence(struct world *w, unsigned int max, unsigned int first)
{
	unsigned int nr;

	for (nr = 0; nr < max && !calls_ended(w); nr++)
		calls_one(w, first + nr, run.raw);
}

static void setup(void *data)
{
	struct world *w = &run.setup;
	int i;

	(void)data;
	memset(w, 0, sizeof(*w));
	calls_part(w, run.parts[0], run.parts[1]);
	calls_memory_reset();
	w->fd = iommufd_model_open();
	iommufd_model_assert(w->fd >= 0);
	sequence(w, MAX_SETUP_CALLS, 0);
	for (i = 0; i < 2; i++) {
		run.threads[i] = *w;
		calls_part(&run.threads[i], run.parts[i + 1],
			   run.parts[i + 2]);
	}
}

static void thread(void *data)
{
	/* The scene is set, so no operation is one of the first ones. */
	sequence(&run.threads[iommufd_model_thread_number()], MAX_THREAD_CALLS,
		 MAX_CALLS);
	(void)data;
}

static void after(void *data)
{
	(void)data;
	calls_finish(&run.threads[0]);
	calls_finish(&run.threads[1]);
	iommufd_model_assert(!iommufd_model_pinned());
}

static const struct iommufd_model_test test = {
	.name = "fuzz",
	.setup = setup,
	.threads = { { "one", thread }, { "two", thread } },
	.after = after,
};

/* Called before the execution that failed is run again for the report. */
static void stop(struct iommufd_model_record *record)
{
	(void)record;
	fuzz_fail("an execution failed; FUZZ_REPORT=1 gives a report");
}

static void explore(unsigned long seed, bool failing)
{
	struct iommufd_model_explore_options options;
	struct iommufd_model_explore_result result;
	int rc;

	iommufd_model_explore_options_init(&options);
	options.mode = IOMMUFD_MODEL_MODE_RANDOM;
	options.executions = EXECUTIONS;
	options.in_process = !getenv("FUZZ_REPORT");
	options.observe = options.in_process ? stop : NULL;
	options.no_minimise = options.in_process;
	options.quiet = true;
	options.seed = seed;
	options.alloc_failures = failing;
	rc = iommufd_model_explore(&test, &options, &result);
	if (rc)
		fuzz_fail("%d: %s", rc, result.report ? result.report : "?");
	iommufd_model_explore_free(&result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t a, b;

	if (size < 8)
		return 0;
	a = 4 + data[2] * (size - 4) / 256;
	b = a + data[3] * (size - a) / 256;
	run.parts[0] = 4;
	run.parts[1] = a;
	run.parts[2] = b;
	run.parts[3] = size;
	run.raw = data[1] & 2;
	calls_input(data);
	explore(data[0] + 1ul, data[1] & 1);
	return 0;
}
