// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Items that are called later: work items and timers.
 *
 *	arm --> pending --> begin --> the function runs --> done
 *	           |                      |
 *	           +--> cancel            +--> arm again: one more turn
 *
 * A run is a thread that calls an item, with the data that it needs.  It starts
 * when the item is armed.  If the function of the item arms the item again, the
 * same run calls it again.  If another thread arms the item while it runs,
 * another run is started, which waits for the first one, so that two threads
 * never run one item at once.
 *
 * Runs are never freed but reused, so any thread can read @done, the number of
 * calls that a run has finished, at any time.  A thread that waits for a call
 * knows the value that @done will have when that call has ended.
 *
 * When the item begins to run it is no longer pending.  From then on the run
 * does not access the item, because the function may free it.  After an item
 * was cancelled, its run does not access it either, but ends.
 *
 * With a scheduler all this happens in operations, one at a time.  Otherwise a
 * mutex guards the items, the runs and the queues.
 */
#include "ground.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define MAX_RUNS 64

/*
 * struct iommufd_model_run - a thread that calls an item
 * @done: the number of calls that have ended; it is the first member, because
 *	other threads wait for its address
 * @target: the value of @done when the current call has ended
 * @last: the value of @done when the last requested call has ended
 * @item: the item that is pending; NULL if there is none or it was cancelled
 * @running: the item that runs
 * @call: the parameters of the requested call
 * @queued: the run is in the queue, as section @section
 * @refuse: the function must not arm the item again
 * @earlier: an earlier run of the same item, for which this run waits
 * @before: the previous run in an ordered queue, for which this run waits
 * @next: the next run in the list of all runs
 * @next_free: the next run in the list of unused runs
 */
struct iommufd_model_run {
	int done;
	int target, last;
	struct iommufd_model_item *item, *running;
	struct iommufd_model_call call;
	bool queued, refuse;
	int section;
	struct iommufd_model_run *earlier, *before;
	int earlier_target, before_target;
	int thread;
	struct iommufd_model_run *next, *next_free;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct iommufd_model_run *all, *unused;
/* The runs of an explored execution. */
static struct iommufd_model_run explored[MAX_RUNS];
static unsigned int explored_generation;
static int nr_explored;
/* The explorer compares no states of a test that uses them. */
NO_CHECKPOINT(explored);

static void enter(void)
{
	if (iommufd_model_scheduler)
		tsan_hide_explored();
	else
		pthread_mutex_lock(&mutex);
}

static void leave(void)
{
	if (iommufd_model_scheduler)
		tsan_show_explored();
	else
		pthread_mutex_unlock(&mutex);
}

void iommufd_model_items_settle(void)
{
	enter();
	leave();
}

static int state_of(const struct iommufd_model_item *item)
{
	return __atomic_load_n(&item->state, __ATOMIC_RELAXED);
}

/* Resets an item that was last used in an earlier explored execution. */
static void renew(struct iommufd_model_item *item)
{
	const char *name = item->name;

	if (item->generation == iommufd_model_generation)
		return;
	memset(item, 0, sizeof(*item));
	item->name = name;
	item->generation = iommufd_model_generation;
}

/* The functions below allocate and free runs. */

/* Returns the first run, and none that an earlier execution has left. */
static struct iommufd_model_run *all_runs(void)
{
	if (iommufd_model_scheduler &&
	    explored_generation != iommufd_model_generation)
		return NULL;
	return all;
}

static struct iommufd_model_run *new_explored(void)
{
	if (explored_generation != iommufd_model_generation) {
		memset(explored, 0, sizeof(explored));
		explored_generation = iommufd_model_generation;
		nr_explored = 0;
		all = unused = NULL;
	}
	if (unused || nr_explored == MAX_RUNS)
		return NULL;
	return &explored[nr_explored++];
}

static struct iommufd_model_run *new_run(void)
{
	struct iommufd_model_run *run = NULL;

	if (iommufd_model_scheduler)
		run = new_explored();
	else if (!unused)
		run = calloc(1, sizeof(*run));
	if (run) {
		run->next = all;
		all = run;
		return run;
	}
	run = unused;
	if (run)
		unused = run->next_free;
	return run;
}

static void free_run(struct iommufd_model_run *run)
{
	run->before = run->earlier = NULL;
	run->queued = false;
	run->next_free = unused;
	unused = run;
}

/* When a call has ended, the cancelled calls before it count as ended too. */
static void advance_to(struct iommufd_model_run *run, int target)
{
	int done = __atomic_load_n(&run->done, __ATOMIC_RELAXED);

	while (!iommufd_model_reached(done, target))
		if (__atomic_compare_exchange_n(&run->done, &done, target,
						false, __ATOMIC_RELEASE,
						__ATOMIC_RELAXED))
			iommufd_model_advanced(&run->done);
}

/* The functions below change the queues. */

static void enqueue(struct iommufd_model_run *run)
{
	struct workqueue_struct *wq = run->call.wq;

	run->queued = true;
	run->section = iommufd_model_epoch_enter(&wq->items);
	run->item->section = run->section;
	if (!wq->ordered)
		return;
	/* A run that its own item queues has ended its call when it waits. */
	run->before = wq->tail == run && run->running ? NULL : wq->tail;
	run->before_target = wq->tail_target;
	wq->tail = run;
	wq->tail_target = run->last;
}

/* Removes a run from the order of its queue, so that no other waits for it. */
static void unlink_run(struct iommufd_model_run *run)
{
	struct workqueue_struct *wq = run->call.wq;
	struct iommufd_model_run *other;
	int target = run->last;

	run->queued = false;
	if (!wq->ordered)
		return;
	for (other = all; other; other = other->next)
		if (other->before == run && other->before_target == target) {
			other->before = run->before;
			other->before_target = run->before_target;
		}
	if (wq->tail == run && wq->tail_target == target) {
		wq->tail = run->before;
		wq->tail_target = run->before_target;
	}
}

static void dequeue(struct iommufd_model_run *run)
{
	if (!run->queued)
		return;
	iommufd_model_epoch_leave(&run->call.wq->items, run->section);
	unlink_run(run);
}

/* The functions below are executed by the thread of a run. */

/* Waits, without a scheduler, until the call is due or was cancelled. */
static void wait_until_due(struct iommufd_model_run *run)
{
	struct park_bucket *bucket;
	struct iommufd_model_item *item;
	unsigned long due;

	if (iommufd_model_scheduler)
		return;
	for (;;) {
		bucket = iommufd_model_park_lock(run);
		item = __atomic_load_n(&run->item, __ATOMIC_SEQ_CST);
		due = __atomic_load_n(&run->call.due, __ATOMIC_SEQ_CST);
		if (!item || !iommufd_model_park_wait(bucket, due, true)) {
			iommufd_model_park_unlock(bucket);
			return;
		}
		iommufd_model_park_unlock(bucket);
	}
}

static void set_clock(const struct iommufd_model_run *run)
{
	if (iommufd_model_scheduler)
		iommufd_model_clock_reach(run->call.due);
}

/* Ends the delay of a work item, unless mod_delayed_work() has ended it. */
static int end_delay(struct iommufd_model_run *run)
{
	enter();
	if (run->item && !run->queued) {
		set_clock(run);
		enqueue(run);
	}
	leave();
	return 0;
}

static void not_pending(struct iommufd_model_item *item)
{
	__atomic_fetch_and(&item->state, ~ITEM_PENDING, __ATOMIC_ACQUIRE);
}

/*
 * Ends the time in which the item is pending.  Returns false if it was
 * cancelled.
 */
static int begin(struct iommufd_model_run *run, struct iommufd_model_item *item)
{
	bool good;

	enter();
	good = run->item;
	if (good) {
		if (run->call.delayed)
			set_clock(run);
		run->item = NULL;
		run->running = item;
		run->refuse = false;
		item->begun = run;
		item->begun_target = run->target;
	}
	/*
	 * Orders accesses before the item was queued before the run of the
	 * item.
	 */
	if (good && !iommufd_model_scheduler)
		not_pending(item);
	leave();
	if (good && iommufd_model_scheduler)
		not_pending(item);
	return good;
}

/* Ends a call.  Returns true if the function has armed the item again. */
static int finish(struct iommufd_model_run *run, struct workqueue_struct *wq,
		  int section)
{
	bool again;
	int target;

	enter();
	run->running = NULL;
	again = run->item;
	target = again ? run->target : run->last;
	run->target = run->last;
	if (wq)
		iommufd_model_epoch_leave(&wq->items, section);
	leave();
	advance_to(run, target);
	enter();
	if (!again)
		free_run(run);
	leave();
	return again;
}

static int do_finish(struct iommufd_model_run *run, struct workqueue_struct *wq,
		     int section, const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = current_task();
	int again;

	if (!IOMMUFD_MODEL_GATE_OPEN())
		return finish(run, wq, section);
	task->also = wq;
	again = (int)GATED(IOMMUFD_MODEL_OP_DONE, &run->done, section, site,
			   finish(run, wq, section));
	task->also = NULL;
	return again;
}

static void wait_for_delay(struct iommufd_model_run *run,
			   struct iommufd_model_item *item,
			   const struct iommufd_model_call *call)
{
	struct iommufd_model_task *task = current_task();

	wait_until_due(run);
	if (!call->wq)
		return;
	if (!IOMMUFD_MODEL_GATE_OPEN()) {
		end_delay(run);
		return;
	}
	task->also = call->wq;
	GATED(IOMMUFD_MODEL_OP_TIMER_FIRE, item, call->ordered, call->site,
	      end_delay(run));
	task->also = NULL;
}

/* Returns the run for which @run has to wait after @other, or NULL. */
static struct iommufd_model_run *next_to_wait(struct iommufd_model_run *run,
					      struct iommufd_model_run *other,
					      int *target, int *thread)
{
	struct iommufd_model_run *next;

	enter();
	next = !other && run->earlier ? run->earlier : run->before;
	*target = next == run->before ? run->before_target :
					run->earlier_target;
	if (next == other)
		next = NULL;
	if (next)
		*thread = next->thread;
	leave();
	return next;
}

/*
 * Waits for the earlier run of the item, and for the previous run in an ordered
 * queue.  If the previous run is cancelled, waits for the one before it.
 */
static void wait_for_turn(struct iommufd_model_run *run,
			  const struct iommufd_model_site *site)
{
	struct iommufd_model_run *other = NULL;
	int target, thread;

	while ((other = next_to_wait(run, other, &target, &thread)))
		iommufd_model_wait_until(&other->done, target, thread, site);
}

static void call_item(const struct iommufd_model_call *call,
		      struct iommufd_model_item *item)
{
	const struct iommufd_model_item_kind *kind = call->kind;

	if (kind->softirq)
		iommufd_model_context_enter(IOMMUFD_MODEL_CONTEXT_SOFTIRQ,
					    call->site);
	kind->call(item);
	if (kind->softirq)
		iommufd_model_context_leave(IOMMUFD_MODEL_CONTEXT_SOFTIRQ,
					    call->site);
}

/* Calls the item once.  Returns true if the run has to call it again. */
static bool turn(struct iommufd_model_run *run)
{
	struct iommufd_model_call call;
	struct iommufd_model_item *item;
	int section;
	bool good;

	enter();
	call = run->call;
	item = run->item;
	leave();
	if (call.delayed)
		wait_for_delay(run, item, &call);
	wait_for_turn(run, call.site);
	enter();
	section = run->section;
	call.wq = run->call.wq;
	leave();
	if (IOMMUFD_MODEL_GATE_OPEN())
		good = GATED(call.kind->run, item, 0, call.site,
			     begin(run, item));
	else
		good = begin(run, item);
	if (good) {
		call_item(&call, item);
		return do_finish(run, call.wq, section, call.site);
	}
	enter();
	free_run(run);
	leave();
	return false;
}

static void run_thread(void *data)
{
	struct iommufd_model_run *run = data;

	current_task()->run = run;
	while (turn(run))
		;
	current_task()->run = NULL;
}

/* The functions below arm items. */

enum armed {
	NOT_ARMED,
	ARMED,
	ARMED_NEW
};

static void ask_for(struct iommufd_model_run *run,
		    struct iommufd_model_item *item,
		    const struct iommufd_model_call *call)
{
	run->call = *call;
	run->last = (int)((unsigned int)run->last + 1);
	run->item = item;
	run->queued = false;
	item->run = run;
	item->target = run->last;
	item->section = INT_MAX / 2; /* a section number that no queue uses */
	if (!call->delayed)
		enqueue(run);
}

static enum armed arm(struct iommufd_model_item *item,
		      const struct iommufd_model_call *call,
		      struct iommufd_model_run **run)
{
	struct iommufd_model_run *self = current_task()->run;

	if (state_of(item))
		return NOT_ARMED;
	if (self && self->running == item) {
		*run = self;
		if (self->refuse)
			return NOT_ARMED;
		self->earlier = self->before = NULL;
		ask_for(self, item, call);
		return ARMED;
	}
	*run = new_run();
	if (!*run)
		return NOT_ARMED;
	ask_for(*run, item, call);
	(*run)->target = (*run)->last;
	/*
	 * A run that is reused for the same item waits for itself: its earlier
	 * call has ended, and is ordered before this one.
	 */
	(*run)->earlier = item->begun;
	(*run)->earlier_target = item->begun_target;
	return ARMED_NEW;
}

static void start(struct iommufd_model_run *run, const char *name)
{
	int thread = iommufd_model_background(name, run_thread, run, false);

	if (!iommufd_model_scheduler)
		return;
	enter();
	run->thread = thread;
	leave();
}

static bool arm_now(struct iommufd_model_item *item,
		    const struct iommufd_model_call *call)
{
	struct iommufd_model_run *run;
	enum armed armed;

	enter();
	armed = arm(item, call, &run);
	if (call->expires && !(state_of(item) & ITEM_SHUT))
		*call->expires = call->due;
	if (armed != NOT_ARMED)
		__atomic_fetch_or(&item->state, ITEM_PENDING, __ATOMIC_RELEASE);
	leave();
	if (armed == ARMED_NEW)
		start(run, item->name);
	return armed != NOT_ARMED;
}

/* Begins a change of an item.  Writes before it are ordered before the call. */
static void begin_arm(struct iommufd_model_item *item)
{
	enter();
	renew(item);
	leave();
	__atomic_fetch_or(&item->state, 0, __ATOMIC_RELEASE);
}

static bool do_arm(struct iommufd_model_item *item,
		   const struct iommufd_model_call *call)
{
	begin_arm(item);
	return arm_now(item, call);
}

bool iommufd_model_item_arm(struct iommufd_model_item *item,
			    const struct iommufd_model_call *call)
{
	struct iommufd_model_task *task = current_task();
	bool armed;

	if (!IOMMUFD_MODEL_GATE_OPEN())
		return do_arm(item, call);
	task->also = call->delayed ? NULL : call->wq;
	armed = GATED(call->kind->arm, item, call->ordered ? ARM_ORDERED : 0,
		      call->site, do_arm(item, call));
	task->also = NULL;
	return armed;
}

/* The functions below cancel items. */

/*
 * Cancels an item.  Returns the run that does not call it, or NULL; the run may
 * have another call of the item to end.
 */
static struct iommufd_model_run *cancel(struct iommufd_model_item *item,
					bool sync, int state, bool *pending)
{
	struct iommufd_model_run *run = item->run;

	*pending = state_of(item) & ITEM_PENDING;
	__atomic_fetch_and(&item->state, ~ITEM_PENDING, __ATOMIC_RELAXED);
	if (state != ITEM_SHUT || !(state_of(item) & ITEM_SHUT))
		__atomic_fetch_add(&item->state, state, __ATOMIC_RELAXED);
	if (sync && item->begun && item->begun->running == item)
		item->begun->refuse = true;
	if (!*pending)
		return NULL;
	__atomic_store_n(&run->item, NULL, __ATOMIC_SEQ_CST);
	dequeue(run);
	return run;
}

/*
 * The item of a run was cancelled: ends the thread of the run, unless it runs
 * another call of the item.
 */
static void call_off(struct iommufd_model_run *run, int thread, bool running,
		     const struct iommufd_model_op *never)
{
	if (running)
		iommufd_model_background_spare(thread, never);
	else if (iommufd_model_scheduler)
		iommufd_model_background_retire(thread, never);
	else
		iommufd_model_park_wake(run);
}

static bool do_cancel(struct iommufd_model_item *item,
		      const struct iommufd_model_op *never, bool sync,
		      int state, struct iommufd_model_run **run, int *target)
{
	bool pending, running = false;
	int thread = 0;

	enter();
	renew(item);
	*run = cancel(item, sync, state, &pending);
	*target = item->target;
	if (*run) {
		thread = (*run)->thread;
		running = (*run)->running;
	}
	leave();
	if (*run)
		call_off(*run, thread, running, never);
	if (running)
		*run = NULL;
	return pending;
}

/* Wakes the threads that wait for the end of a call that was cancelled. */
static void abandon(struct iommufd_model_run *run, int target,
		    const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED(IOMMUFD_MODEL_OP_DONE, &run->done, 0, site,
		      (advance_to(run, target), 0));
	else
		advance_to(run, target);
}

/* Waits until the call that began last has ended. */
static void wait_for_end(const struct iommufd_model_item *item,
			 const struct iommufd_model_site *site)
{
	struct iommufd_model_run *run;
	int target, thread = -1;

	enter();
	run = item->begun;
	target = item->begun_target;
	if (run)
		thread = run->thread;
	leave();
	if (run)
		iommufd_model_wait_until(&run->done, target, thread, site);
}

bool iommufd_model_item_cancel(struct iommufd_model_item *item,
			       const struct iommufd_model_item_kind *kind,
			       bool sync, int state,
			       const struct iommufd_model_site *site)
{
	const struct iommufd_model_op never = {
		.kind = kind->run,
		.addr = item,
		.site = site,
	};
	struct iommufd_model_task *task = current_task();
	struct iommufd_model_run *run;
	bool pending;
	int target;

	if (IOMMUFD_MODEL_GATE_OPEN()) {
		enter();
		task->also = item->run ? item->run->call.wq : NULL;
		leave();
		pending = GATED(kind->cancel, item, 0, site,
				do_cancel(item, &never, sync, state, &run,
					  &target));
		task->also = NULL;
	} else {
		pending = do_cancel(item, &never, sync, state, &run, &target);
	}
	if (run)
		abandon(run, target, site);
	if (sync)
		wait_for_end(item, site);
	return pending;
}

/* The functions below change the time and the queue of an item. */

/*
 * struct moved - a run that was cancelled because its item was armed anew
 * @run: the run, or NULL
 * @target: the value of its @done when the call that was cancelled has ended
 * @ends: no call of the run is left
 * @wq: the queue in which it was, or NULL
 * @section: its section there, which has not ended yet
 */
struct moved {
	struct iommufd_model_run *run;
	int target;
	bool ends;
	struct workqueue_struct *wq;
	int section;
};

/* Returns the run of an item that is pending and not yet queued, or NULL. */
static struct iommufd_model_run *delayed_run(struct iommufd_model_item *item)
{
	struct iommufd_model_run *run = item->run;

	if (!(state_of(item) & ITEM_PENDING) || !run->call.delayed ||
	    run->queued)
		return NULL;
	return run;
}

static void change_time(struct iommufd_model_run *run, unsigned long due)
{
	__atomic_store_n(&run->call.due, due, __ATOMIC_SEQ_CST);
	if (!iommufd_model_scheduler)
		iommufd_model_park_wake(run);
}

/*
 * Changes the delay of an item whose delay has not ended; without one it is
 * queued.  Returns false if that is not enough: the item is queued already, or
 * another queue is asked for.
 */
static bool change_delay(struct iommufd_model_item *item,
			 const struct iommufd_model_call *call)
{
	struct iommufd_model_run *run = delayed_run(item);

	if (!run || run->call.wq != call->wq)
		return false;
	change_time(run, call->due);
	if (call->expires)
		*call->expires = call->due;
	if (!call->delayed)
		enqueue(run);
	return true;
}

/* Cancels the run of a pending item, all but the end of its section. */
static void take_out(struct iommufd_model_item *item, struct moved *moved)
{
	struct iommufd_model_run *run = item->run;

	__atomic_fetch_and(&item->state, ~ITEM_PENDING, __ATOMIC_RELAXED);
	__atomic_store_n(&run->item, NULL, __ATOMIC_SEQ_CST);
	moved->run = run;
	moved->target = item->target;
	moved->ends = !run->running;
	moved->wq = run->queued ? run->call.wq : NULL;
	moved->section = run->section;
	if (run->queued)
		unlink_run(run);
}

static bool do_change(struct iommufd_model_item *item,
		      const struct iommufd_model_call *call,
		      const struct iommufd_model_op *never, struct moved *moved)
{
	bool pending, changed;
	int thread = 0;

	begin_arm(item);
	enter();
	pending = state_of(item) & ITEM_PENDING;
	changed = pending && change_delay(item, call);
	if (pending && !changed) {
		take_out(item, moved);
		thread = moved->run->thread;
	}
	leave();
	if (moved->run)
		call_off(moved->run, thread, !moved->ends, never);
	if (!changed)
		arm_now(item, call);
	return pending;
}

static int end_move(const struct moved *moved)
{
	if (moved->wq)
		iommufd_model_epoch_leave(&moved->wq->items, moved->section);
	if (moved->ends)
		advance_to(moved->run, moved->target);
	return 0;
}

/*
 * Leaves the old queue and wakes the threads that wait for the call that was
 * cancelled.  It is an operation of its own because a step has no room for both
 * queues; no other thread can tell.  If the run still has a call to end, nobody
 * waits for @last, whose address only stands for the run.
 */
static void leave_old(const struct moved *moved,
		      const struct iommufd_model_site *site)
{
	struct iommufd_model_task *task = current_task();

	if (!moved->ends && !moved->wq)
		return;
	if (!IOMMUFD_MODEL_GATE_OPEN()) {
		end_move(moved);
		return;
	}
	task->also = moved->wq;
	GATED(IOMMUFD_MODEL_OP_DONE,
	      moved->ends ? &moved->run->done : &moved->run->last,
	      moved->section, site, end_move(moved));
	task->also = NULL;
}

bool iommufd_model_item_change(struct iommufd_model_item *item,
			       const struct iommufd_model_call *call)
{
	const struct iommufd_model_op never = {
		.kind = call->kind->run,
		.addr = item,
		.site = call->site,
	};
	struct iommufd_model_task *task = current_task();
	struct moved moved = { .run = NULL };
	int arg = ARM_CHANGES;
	bool pending;

	if (call->ordered)
		arg |= ARM_ORDERED;
	if (IOMMUFD_MODEL_GATE_OPEN()) {
		task->also = call->delayed ? NULL : call->wq;
		pending = GATED(call->kind->arm, item, arg, call->site,
				do_change(item, call, &never, &moved));
		task->also = NULL;
	} else {
		pending = do_change(item, call, &never, &moved);
	}
	if (moved.run)
		leave_old(&moved, call->site);
	return pending;
}

/* The functions below tell the state of an item. */

static bool is_pending(struct iommufd_model_item *item)
{
	bool pending;

	enter();
	renew(item);
	pending = state_of(item) & ITEM_PENDING;
	leave();
	return pending;
}

bool iommufd_model_item_pending(struct iommufd_model_item *item,
				const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		return GATED(IOMMUFD_MODEL_OP_WORK_READ, item, 0, site,
			     is_pending(item));
	return is_pending(item);
}

/*
 * A wait for @run, which lasts until the @done of the run has reached @target.
 */
struct wait {
	struct iommufd_model_run *run;
	int target, thread;
	bool idle;
};

static bool has_ended(const struct wait *wait)
{
	return iommufd_model_reached(__atomic_load_n(&wait->run->done,
						     __ATOMIC_RELAXED),
				     wait->target);
}

/*
 * Finds the call that a flush waits for: the one for which the item is queued,
 * otherwise the one that began last.  An item whose delay has not ended is not
 * queued, unless @hurry is true, which ends the delay.
 */
static void find_call(struct iommufd_model_item *item, bool hurry,
		      struct wait *wait)
{
	if (state_of(item) & ITEM_PENDING && (hurry || !delayed_run(item))) {
		wait->run = item->run;
		wait->target = item->target;
	} else {
		wait->run = item->begun;
		wait->target = item->begun_target;
	}
}

const void *iommufd_model_item_looks_at(struct iommufd_model_item *item,
					bool hurry)
{
	struct wait wait;

	/* A stack may have another use for the memory by now. */
	if (item->generation != iommufd_model_generation ||
	    (uintptr_t)item->run - (uintptr_t)explored >= sizeof(explored))
		return NULL;
	find_call(item, hurry, &wait);
	return wait.run ? &wait.run->done : NULL;
}

static int note_calls(struct iommufd_model_item *item, bool hurry,
		      struct wait *wait)
{
	struct iommufd_model_run *run;

	enter();
	renew(item);
	find_call(item, hurry, wait);
	if (hurry && delayed_run(item))
		change_time(item->run, 0);
	run = wait->run;
	wait->idle = true;
	if (run) {
		wait->thread = run->thread;
		wait->idle = has_ended(wait);
	}
	leave();
	return 0;
}

static int note_begun(struct iommufd_model_item *item, struct wait *wait)
{
	enter();
	renew(item);
	wait->run = item->begun;
	wait->target = item->begun_target;
	if (wait->run)
		wait->thread = wait->run->thread;
	leave();
	return 0;
}

/*
 * The first look finds the call that began last, the second one whether it has
 * ended.  If it has, that is ordered before the return.
 */
bool iommufd_model_item_runs(struct iommufd_model_item *item,
			     const struct iommufd_model_site *site)
{
	struct wait wait;
	bool ended;

	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED(IOMMUFD_MODEL_OP_WORK_READ, item, 0, site,
		      note_begun(item, &wait));
	else
		note_begun(item, &wait);
	if (!wait.run)
		return false;
	if (IOMMUFD_MODEL_GATE_OPEN())
		ended = GATED(IOMMUFD_MODEL_OP_WORK_READ, &wait.run->done, 0,
			      site, has_ended(&wait));
	else
		ended = has_ended(&wait);
	if (ended)
		iommufd_model_wait_until(&wait.run->done, wait.target,
					 wait.thread, site);
	return !ended;
}

bool iommufd_model_item_flush(struct iommufd_model_item *item, bool hurry,
			      const struct iommufd_model_site *site)
{
	struct wait wait;

	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED(IOMMUFD_MODEL_OP_WORK_FLUSH, item, hurry, site,
		      note_calls(item, hurry, &wait));
	else
		note_calls(item, hurry, &wait);
	if (wait.run)
		iommufd_model_wait_until(&wait.run->done, wait.target,
					 wait.thread, site);
	return !wait.idle;
}

static bool do_enable(struct iommufd_model_item *item)
{
	bool enabled;

	enter();
	renew(item);
	if (state_of(item) >= ITEM_DISABLED)
		__atomic_fetch_sub(&item->state, ITEM_DISABLED,
				   __ATOMIC_RELAXED);
	enabled = state_of(item) < ITEM_DISABLED;
	leave();
	return enabled;
}

bool iommufd_model_item_enable(struct iommufd_model_item *item,
			       const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		return GATED(IOMMUFD_MODEL_OP_WORK_ENABLE, item, 0, site,
			     do_enable(item));
	return do_enable(item);
}

static int do_init(struct iommufd_model_item *item, const char *name)
{
	memset(item, 0, sizeof(*item));
	item->name = name;
	item->generation = iommufd_model_generation;
	return 0;
}

void iommufd_model_item_init(struct iommufd_model_item *item, const char *name,
			     const struct iommufd_model_site *site)
{
	struct iommufd_model_run *run;

	/*
	 * The item may be uninitialised memory, so look at the runs and not at
	 * the item.
	 */
	enter();
	run = all_runs();
	while (run && run->item != item)
		run = run->next;
	leave();
	if (run)
		iommufd_model_warn(site, item,
				   "%s is initialised while it is "
				   "pending",
				   site->what);
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED(IOMMUFD_MODEL_OP_LOCK_INIT, item, sizeof(*item), site,
		      do_init(item, name));
	else
		do_init(item, name);
}
