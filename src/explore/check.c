// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Checks at the end of an execution that has not failed so far.  They find
 * memory that was not freed, memory that was written to after it was freed,
 * pages that are still pinned, a lock that is still held, and a warning that was
 * expected and did not come.
 */
#include "internal.h"
#include <iommufd_model/kernel/page.h>
#include <stdio.h>
#include <string.h>

/* Add a line to the record for an allocation that was not freed. */
static void note_leak(const struct iommufd_model_allocation *a, void *data)
{
	struct iommufd_model_record *record = data;
	size_t len = strlen(record->detail);

	snprintf(record->detail + len, sizeof(record->detail) - len,
		 "left over: %s %u, %zu bytes (%s, %s:%d)\n",
		 a->label ? a->label : "memory", a->id, a->size, a->site->func,
		 a->site->file, a->site->line);
}

struct first_leak {
	const void *addr;
	const struct iommufd_model_site *site;
};

static void take_first(const struct iommufd_model_allocation *a, void *data)
{
	struct first_leak *first = data;

	if (!first->addr) {
		first->addr = a->addr;
		first->site = a->site;
	}
}

/* Fail if an allocation made since @mark was not freed. */
static void check_leaks(struct execution *exec, unsigned long mark)
{
	struct first_leak first = { NULL, NULL };
	bool (*explain)(const void *, char *, size_t) =
		exec->search->opt.explain;
	char text[RECORD_TEXT];
	unsigned long n;

	n = iommufd_model_leaks(mark, NULL, NULL);
	if (!n)
		return;
	iommufd_model_leaks(mark, take_first, &first);
	if (exec->record && explain && explain(first.addr, text, sizeof(text)))
		explore_fail(exec, IOMMUFD_MODEL_FAIL_NEVER_RELEASED,
			     first.site, first.addr, "%s", text);
	else
		explore_fail(exec, IOMMUFD_MODEL_FAIL_LEAK, first.site,
			     first.addr, "%lu allocation%s left over", n,
			     n == 1 ? "" : "s");
	if (exec->record)
		iommufd_model_leaks(mark, note_leak, exec->record);
}

/* Fail if more pages are pinned than at the start of the execution. */
static void check_pins(struct execution *exec)
{
	unsigned long now = iommufd_model_pinned();

	if (now > exec->pinned)
		explore_fail(exec, IOMMUFD_MODEL_FAIL_LEAK, NULL, NULL,
			     "%lu page%s still pinned", now - exec->pinned,
			     now - exec->pinned == 1 ? " is" : "s are");
}

void explore_check_left(struct execution *exec,
			const struct iommufd_model_task *task, const char *who)
{
	const struct iommufd_model_site *site;
	const char *where;

	if (task->nr_held) {
		site = task->held[0].site;
		explore_fail(exec, IOMMUFD_MODEL_FAIL_LOCK, site, NULL,
			     "%s with %s held", who, site->what);
	}
	site = iommufd_model_context_find(task, &where);
	if (site)
		explore_fail(exec, IOMMUFD_MODEL_FAIL_LOCK, site, NULL,
			     "%s %s %s, %s:%d", who, where, site->func,
			     site->file, site->line);
	if (task->nr_sections) {
		site = task->sections[0].site;
		explore_fail(exec, IOMMUFD_MODEL_FAIL_LOCK, site,
			     task->sections[0].object,
			     "%s in %s of %s, %s by %s, %s:%d", who,
			     task->sections[0].write ? "a write section" :
						       "an SRCU read section",
			     site->what,
			     task->sections[0].write ? "begun" : "entered",
			     site->func, site->file, site->line);
	}
}

void explore_check_end(struct execution *exec, unsigned long mark)
{
	const struct chunk *chunk;

	explore_check_left(exec, exec->main_task, "the test ends");
	if (iommufd_model_missing_warnings())
		explore_fail(exec, IOMMUFD_MODEL_FAIL_WARN, NULL, NULL,
			     "%u expected warnings did not come",
			     iommufd_model_missing_warnings());
	chunk = explore_arena_overwritten();
	if (chunk)
		explore_fail_freed(exec, IOMMUFD_MODEL_FAIL_USE_AFTER_FREE,
				   NULL, chunk, "somebody wrote to");
	check_leaks(exec, mark);
	check_pins(exec);
}
