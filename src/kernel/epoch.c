// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Sections, and waits for exactly those sections that began before the wait.
 *
 * The number of a section is the value that @now has when the section begins.
 * A wait begins by incrementing @now, and lasts until every section with a
 * smaller number has ended, that is, until @oldest has grown to the new value.
 *
 * Sections are counted by their number, in a ring.  A thread that enters a
 * section first counts it and then checks that @now has not changed; a thread
 * that begins to wait first changes @now and then reads the counts.  So at
 * least one of the two threads sees the other.
 *
 * The accesses in a section happen before the return of each wait for it.
 * Accesses before the begin of a wait happen before each section for which the
 * wait does not wait.  Nothing else is ordered here; in particular no section
 * is ordered before another.
 */
#include "ground.h"
#include <pthread.h>
#include <string.h>

/*
 * ThreadSanitizer must not take the entry of a section for a synchronisation,
 * nor the begin of a wait for an acquire.  The algorithm needs full barriers at
 * both points; a build with ThreadSanitizer still executes them.
 */
#define ORDER_ENTER (TSAN_BUILD ? __ATOMIC_RELAXED : __ATOMIC_SEQ_CST)
#define ORDER_BEGIN (TSAN_BUILD ? __ATOMIC_RELEASE : __ATOMIC_SEQ_CST)

static pthread_mutex_t reset_mutex = PTHREAD_MUTEX_INITIALIZER;

/* Zeroes an epoch that was last used in an earlier explored execution. */
static void reset(struct iommufd_model_epoch *epoch, unsigned int generation)
{
	pthread_mutex_lock(&reset_mutex);
	if (epoch->generation != generation) {
		memset(epoch, 0, sizeof(*epoch));
		__atomic_store_n(&epoch->generation, generation,
				 __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&reset_mutex);
}

static void renew(struct iommufd_model_epoch *epoch)
{
	unsigned int generation = iommufd_model_generation;

	tsan_hide_explored();
	if (__atomic_load_n(&epoch->generation, __ATOMIC_ACQUIRE) != generation)
		reset(epoch, generation);
	tsan_show_explored();
}

/* Adds without undefined overflow, because the numbers may wrap around. */
static int plus(int number, int n)
{
	return (int)((unsigned int)number + (unsigned int)n);
}

static int *count_of(struct iommufd_model_epoch *epoch, int section)
{
	return &epoch->inside[(unsigned int)section % IOMMUFD_MODEL_EPOCHS];
}

/* Increases @oldest as far as the sections that have not ended allow. */
static void advance(struct iommufd_model_epoch *epoch)
{
	int oldest;
	bool any = false;

	tsan_hide_explored();
	oldest = __atomic_load_n(&epoch->oldest, __ATOMIC_SEQ_CST);
	while (oldest != __atomic_load_n(&epoch->now, __ATOMIC_SEQ_CST) &&
	       !__atomic_load_n(count_of(epoch, oldest), __ATOMIC_SEQ_CST)) {
		if (!__atomic_compare_exchange_n(
			    &epoch->oldest, &oldest, plus(oldest, 1), false,
			    __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			continue;
		oldest = plus(oldest, 1);
		any = true;
	}
	if (any)
		iommufd_model_advanced(&epoch->oldest);
	tsan_show_explored();
}

int iommufd_model_epoch_enter(struct iommufd_model_epoch *epoch)
{
	int now;

	renew(epoch);
	for (;;) {
		now = __atomic_load_n(&epoch->now, __ATOMIC_SEQ_CST);
		__atomic_fetch_add(count_of(epoch, now), 1, ORDER_ENTER);
		if (__atomic_load_n(&epoch->now, __ATOMIC_SEQ_CST) == now)
			return now;
		iommufd_model_epoch_leave(epoch, now);
	}
}

void iommufd_model_epoch_leave(struct iommufd_model_epoch *epoch, int section)
{
	__atomic_fetch_sub(count_of(epoch, section), 1, __ATOMIC_RELEASE);
	advance(epoch);
}

int iommufd_model_epoch_begin(struct iommufd_model_epoch *epoch)
{
	int now, next;

	renew(epoch);
	now = __atomic_load_n(&epoch->now, __ATOMIC_RELAXED);
	do {
		next = plus(now, 1);
		/* Wait until the ring has room for one more number. */
		if (!iommufd_model_scheduler)
			iommufd_model_until(&epoch->oldest,
					    plus(next,
						 1 - IOMMUFD_MODEL_EPOCHS));
	} while (!__atomic_compare_exchange_n(&epoch->now, &now, next, false,
					      ORDER_BEGIN, __ATOMIC_RELAXED));
	advance(epoch);
	return next;
}

void iommufd_model_epoch_end(struct iommufd_model_epoch *epoch, int target)
{
	int section;

	tsan_hide_explored();
	iommufd_model_until(&epoch->oldest, target);
	section = plus(__atomic_load_n(&epoch->now, __ATOMIC_RELAXED),
		       1 - IOMMUFD_MODEL_EPOCHS);
	tsan_show_explored();
	/*
	 * Order this after the accesses in the sections for which the thread
	 * has waited.
	 */
	for (; !iommufd_model_reached(section, target);
	     section = plus(section, 1))
		__atomic_load_n(count_of(epoch, section), __ATOMIC_ACQUIRE);
}

int iommufd_model_epoch_inside(const struct iommufd_model_epoch *epoch)
{
	int i, n = 0;

	if (epoch->generation != iommufd_model_generation)
		return 0;
	for (i = 0; i < IOMMUFD_MODEL_EPOCHS; i++)
		n += __atomic_load_n(&epoch->inside[i], __ATOMIC_RELAXED);
	return n;
}
