// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Stores how an execution has failed.
 *
 * Only its first failure is kept.  If the execution is recorded, the record
 * gets the sentence, the call site, the thread and the memory that the failure
 * is about.  It gets them at once, because the process may be about to end.
 */
#include "internal.h"
#include <stdarg.h>
#include <stdio.h>

void explore_fail(struct execution *exec, enum iommufd_model_failure failure,
		  const struct iommufd_model_site *site, const void *addr,
		  const char *fmt, ...)
{
	struct iommufd_model_record *record = exec->record;
	va_list args;

	if (exec->failure || exec->search->opt.ignore & (1u << failure))
		return;
	exec->failure = failure;
	if (!record)
		return;
	record->failure = failure;
	/* Thread 0 of a record is main. */
	record->thread = explore_thread_running(exec) + 1;
	record->at = site;
	tsan_hide();
	va_start(args, fmt);
	vsnprintf(record->text, sizeof(record->text), fmt, args);
	va_end(args);
	if (addr)
		iommufd_model_describe(addr, record->object,
				       sizeof(record->object));
	tsan_show();
}

void explore_fail_freed(struct execution *exec,
			enum iommufd_model_failure failure,
			const struct iommufd_model_site *site,
			const struct chunk *chunk, const char *what)
{
	char name[RECORD_NAME];

	explore_arena_name(chunk, name, sizeof(name));
	explore_record_memory(exec, chunk);
	explore_fail(exec, failure, site, NULL, "%s %s, which has been freed",
		     what, name);
}
