// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Locks check how they are used.
 *
 * The example shows three kinds of misuse.  Two locks that are taken in both
 * orders can deadlock; this is reported when the second order is first used,
 * even by a single thread.  A function that needs a lock is called without it.
 * Memory is freed while a lock in it is held.  A report goes to the sink, and
 * is counted unless it was expected.
 */
#include "account.h"
#include <iommufd_model/kernel.h>

static struct mutex group, table;
static struct rw_semaphore areas;

static void hear(const struct iommufd_model_report *report, void *heard)
{
	printf("\t%s, in %s()\n", report->text, report->site->func);
	*(int *)heard = report->misuse;
}

static void look_up(void)
{
	mutex_lock(&group);
	mutex_lock(&table);
	mutex_unlock(&table);
	mutex_unlock(&group);
}

static void destroy(void)
{
	mutex_lock(&table);
	mutex_lock(&group);
	mutex_unlock(&group);
	mutex_unlock(&table);
}

static void change_areas(void)
{
	lockdep_assert_held_write(&areas);
}

int main(void)
{
	struct mutex *mutex;
	int heard = 0;

	mutex_init(&group);
	mutex_init(&table);
	init_rwsem(&areas);
	iommufd_model_set_sink(hear, &heard);

	printf("group, then table\n");
	look_up();
	number("warnings", iommufd_model_warnings(), 0);
	printf("table, then group\n");
	destroy();
	number("warnings", iommufd_model_warnings(), 1);
	number("its kind is lock order",
	       heard == IOMMUFD_MODEL_MISUSE_LOCK_ORDER, 1);

	printf("change the areas with the lock taken for reading\n");
	down_read(&areas);
	change_areas();
	up_read(&areas);
	number("warnings", iommufd_model_warnings(), 2);
	down_write(&areas);
	change_areas();
	up_write(&areas);
	number("with the lock taken for writing: warnings",
	       iommufd_model_warnings(), 2);

	mutex = kzalloc(sizeof(*mutex), GFP_KERNEL);
	if (mutex) {
		mutex_init(mutex);
		mutex_lock(mutex);
	}
	printf("free a mutex that is held\n");
	kfree(mutex);
	number("warnings", iommufd_model_warnings(), 3);

	/* All warnings were expected: the program must not fail for them. */
	iommufd_model_reset_warnings();
	return account_end();
}
