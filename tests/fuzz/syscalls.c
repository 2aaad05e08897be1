// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Fuzz target: system calls, with an allocation that fails.
 *
 * The first two bytes of an input say in which step of the sequence an
 * allocation fails, and which one; bits of the third one that all after it fail
 * too, and that the sequence has raw calls.  The rest are the choices of the
 * sequence.
 *
 * After each step there was no warning, no lock is held and every counter is
 * the sum of its references.  After the end nothing is left.  A step in which
 * an allocation has failed is done once more, and then it and all later steps
 * have the results that they have in a run without the failure.
 */
#include "calls.h"
#include <string.h>

struct fault {
	unsigned int step, nth;
	bool all_after;
};

static int results[MAX_CALLS];
static unsigned int nr_results;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	fuzz_quiet();
	calls_initialize();
	/* There is no other thread for which a destroy could wait. */
	iommufd_model_set_destroy_timeout(1);
	return 0;
}

static void check(const char *when)
{
	if (iommufd_model_warnings())
		fuzz_fail("%s: a warning", when);
	if (iommufd_model_locks_held())
		fuzz_fail("%s: a lock is held", when);
	if (iommufd_model_unbalanced())
		fuzz_fail("%s: a counter is not the sum of its references",
			  when);
}

static void print_leak(const struct iommufd_model_allocation *a, void *data)
{
	(void)data;
	fuzz_fail("left: %s %u, %zu bytes (%s, %s:%d)",
		  a->label ? a->label : "memory", a->id, a->size, a->site->func,
		  a->site->file, a->site->line);
}

static u64 same_pfn(u64 virtual_pfn, void *data)
{
	(void)data;
	return virtual_pfn;
}

static void begin(struct world *w, size_t size)
{
	memset(w, 0, sizeof(*w));
	calls_part(w, 3, size);
	calls_memory_reset();
	iommufd_model_set_page_map(one_in(w, 4) ? NULL : same_pfn, NULL);
	iommufd_model_set_capable(!one_in(w, 8));
	iommufd_model_set_memlock_limit(4 + below(w, 16));
	fuzz_assert(!iommufd_model_observe_start(NULL, NULL));
	w->fd = iommufd_model_open();
	if (w->fd < 0)
		fuzz_fail("open: %d", w->fd);
	w->ictx = iommufd_ctx_from_fd(w->fd);
	fuzz_assert(!IS_ERR(w->ictx));
	iommufd_ctx_put(w->ictx);
}

static void finish(struct world *w)
{
	char why[128];

	calls_finish(w);
	check("closing");
	if (iommufd_model_fate(w->ictx, why, sizeof(why)) !=
	    IOMMUFD_MODEL_RELEASED)
		fuzz_fail("the context is not released: %s", why);
	fuzz_assert(!iommufd_model_pinned());
	iommufd_model_leaks(0, print_leak, NULL);
	iommufd_model_observe_stop();
}

/* Do one step while an allocation fails.  Returns true if one did. */
static bool failing_step(struct world *w, unsigned int nr, bool raw,
			 const struct fault *fault)
{
	bool failed;

	if (fault->all_after)
		iommufd_model_fail_from(fault->nth);
	else
		iommufd_model_fail_nth(fault->nth);
	calls_one(w, nr, raw);
	failed = iommufd_model_failed();
	iommufd_model_fail_nth(0);
	check("a failed allocation");
	return failed;
}

static int last_result(const struct world *w)
{
	return w->nr_steps ? w->steps[w->nr_steps - 1].result : 0;
}

static void compare(const struct world *w, unsigned int nr, bool *same)
{
	const char *name = w->steps[w->nr_steps - 1].name;

	if (*same && last_result(w) != results[nr])
		fuzz_fail("step %u, %s: %d, but %d after a failed allocation",
			  nr, name, results[nr], last_result(w));
}

/* One run of the sequence; @fault is NULL in the first one. */
static void run(size_t size, bool raw, const struct fault *fault)
{
	static struct world w, before;
	bool same = true;
	unsigned int nr;

	begin(&w, size);
	for (nr = 0; nr < MAX_CALLS && !calls_ended(&w); nr++) {
		before = w;
		if (fault && nr == fault->step)
			calls_memory_keep();
		if (fault && nr == fault->step &&
		    failing_step(&w, nr, raw, fault)) {
			if (last_result(&w) >= 0) {
				same = false;
			} else {
				w = before;
				calls_memory_restore();
			}
		}
		if (w.nr_steps == before.nr_steps)
			calls_one(&w, nr, raw);
		check("a step");
		if (!fault)
			results[nr] = last_result(&w);
		else
			compare(&w, nr, &same);
	}
	if (!fault)
		nr_results = nr;
	else if (same)
		fuzz_assert(nr == nr_results);
	finish(&w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fault fault;

	if (size < 4)
		return 0;
	fault.step = data[0] % MAX_CALLS;
	fault.nth = data[1];
	fault.all_after = data[2] & 1;
	calls_input(data);
	run(size, data[2] & 2, NULL);
	if (fault.nth && fault.step < nr_results)
		run(size, data[2] & 2, &fault);
	return 0;
}
