// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Classic programs of kernels and drivers, each in its right form and in wrong
 * forms: semaphores and futexes, requests that time out or are cancelled, fences,
 * polling, pages that are mapped while they change, objects that are torn down, a
 * collector, a protocol over a line that loses messages.
 */
#include "suite.h"
#include "verdict.h"
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/sched.h>

struct object {
	struct kref kref;
	struct work_struct work;
	struct rcu_head rcu;
	wait_queue_head_t queue;
	struct completion done;
	spinlock_t lock;
	atomic_t users;
	int value;
};

static struct object *object, *other;
static struct mutex mutex;
static spinlock_t lock;
static wait_queue_head_t queue;
static struct completion completion;
static struct list_head waiters;
static atomic_t state;
static seqcount_t seq;
static unsigned long bits;
static atomic_t *on_stack;
static int count, value, done, inside, results[3];

static void setup(void *data)
{
	(void)data;
	object = kzalloc(sizeof(*object), GFP_KERNEL);
	kref_init(&object->kref);
	init_waitqueue_head(&object->queue);
	init_completion(&object->done);
	spin_lock_init(&object->lock);
	object->value = 7;
	other = NULL;
	mutex_init(&mutex);
	spin_lock_init(&lock);
	init_waitqueue_head(&queue);
	init_completion(&completion);
	INIT_LIST_HEAD(&waiters);
	atomic_set(&state, 0);
	seqcount_init(&seq);
	bits = 0;
	on_stack = NULL;
	count = value = done = inside = 0;
	memset(results, 0, sizeof(results));
}

static void cleanup(void *data)
{
	(void)data;
	kfree(object);
	kfree(other);
}

static void section(void)
{
	iommufd_model_assert(!READ_ONCE(inside));
	WRITE_ONCE(inside, 1);
	WRITE_ONCE(inside, 0);
}

/* A semaphore whose up() hands the count over to the first sleeper. */

struct waiter {
	struct list_head entry;
	struct task_struct *task;
	bool up;
};

static void down(bool state_late)
{
	struct waiter waiter = { .task = current };

	spin_lock(&lock);
	if (count > 0) {
		count--;
		spin_unlock(&lock);
		return;
	}
	list_add_tail(&waiter.entry, &waiters);
	while (!waiter.up) {
		if (!state_late)
			set_current_state(TASK_UNINTERRUPTIBLE);
		spin_unlock(&lock);
		if (state_late)
			set_current_state(TASK_UNINTERRUPTIBLE);
		schedule();
		spin_lock(&lock);
	}
	spin_unlock(&lock);
}

static void up(bool wakes_late)
{
	struct waiter *first;

	spin_lock(&lock);
	first = list_first_entry_or_null(&waiters, struct waiter, entry);
	if (first) {
		list_del(&first->entry);
		first->up = true;
		if (!wakes_late)
			wake_up_process(first->task);
	} else {
		count++;
	}
	spin_unlock(&lock);
	if (wakes_late && first)
		wake_up_process(READ_ONCE(first->task));
}

static void setup_one(void *data)
{
	setup(data);
	count = 1;
}

static void enters(int me)
{
	(void)me;
	down(false);
	section();
	up(false);
}
THREADS_3(enters)

static void enters_state_late(int me)
{
	(void)me;
	down(true);
	section();
	up(false);
}
THREADS_2(enters_state_late)

static void goes_down(void *data)
{
	(void)data;
	down(false);
}

static void comes_up(void *data)
{
	(void)data;
	up(false);
}

static void comes_up_and_wakes_late(void *data)
{
	(void)data;
	up(true);
}

/* A futex: the value is compared under the lock of the queue. */

static void futex_wait(bool looks_outside)
{
	struct waiter waiter = { .task = current };
	bool sleeps;

	sleeps = !looks_outside || READ_ONCE(value) == 0;
	spin_lock(&lock);
	if (!looks_outside)
		sleeps = READ_ONCE(value) == 0;
	if (sleeps)
		list_add_tail(&waiter.entry, &waiters);
	while (sleeps && !waiter.up) {
		set_current_state(TASK_INTERRUPTIBLE);
		spin_unlock(&lock);
		schedule();
		spin_lock(&lock);
	}
	spin_unlock(&lock);
	__set_current_state(TASK_RUNNING);
}

static void futex_waits(void *data)
{
	(void)data;
	while (!READ_ONCE(value))
		futex_wait(false);
}

static void futex_looks_outside(void *data)
{
	(void)data;
	while (!READ_ONCE(value))
		futex_wait(true);
}

static void futex_wakes(void *data)
{
	struct waiter *first;

	(void)data;
	WRITE_ONCE(value, 1);
	spin_lock(&lock);
	first = list_first_entry_or_null(&waiters, struct waiter, entry);
	if (first) {
		list_del(&first->entry);
		first->up = true;
		wake_up_process(first->task);
	}
	spin_unlock(&lock);
}

/* A request that ends by its completion or by its timeout, not by both. */

static void end_request(int how)
{
	count++;
	iommufd_model_assert(count == 1);
	results[0] = how;
}

static void completes(void *data)
{
	(void)data;
	if (atomic_cmpxchg(&state, 0, 1) == 0)
		end_request(1);
}

static void times_out(void *data)
{
	(void)data;
	if (atomic_cmpxchg(&state, 0, 2) == 0)
		end_request(2);
}

static void times_out_in_two_steps(void *data)
{
	(void)data;
	if (atomic_read(&state) == 0) {
		atomic_set(&state, 2);
		end_request(2);
	}
}

/* Work is scheduled by a bit.  The poller clears it, and must look again. */

static void napi_poll(bool looks_again)
{
	do {
		if (xchg(&value, 0))
			done++;
		clear_bit(0, &bits);
	} while (looks_again && READ_ONCE(value) &&
		 !test_and_set_bit(0, &bits));
}

static void event(bool looks_again)
{
	xchg(&value, 1);
	if (!test_and_set_bit(0, &bits))
		napi_poll(looks_again);
}

static void events(int me)
{
	(void)me;
	event(true);
}
THREADS_2(events)

static void events_look_once(int me)
{
	(void)me;
	event(false);
}
THREADS_2(events_look_once)

static void no_event_is_left(void *data)
{
	cleanup(data);
	iommufd_model_assert(!value);
}

/* A fence: a callback is added, or the fence has been signalled. */

static void signals(void *data)
{
	(void)data;
	spin_lock(&lock);
	WRITE_ONCE(value, 1);
	if (count)
		done++;
	count = 0;
	spin_unlock(&lock);
}

static void adds_callback(void *data)
{
	bool signalled;

	(void)data;
	spin_lock(&lock);
	signalled = READ_ONCE(value);
	if (!signalled)
		count = 1;
	spin_unlock(&lock);
	if (signalled)
		done++;
}

static void adds_without_lock(void *data)
{
	bool signalled = READ_ONCE(value);

	(void)data;
	if (!signalled) {
		spin_lock(&lock);
		count = 1;
		spin_unlock(&lock);
	} else {
		done++;
	}
}

static void called_once(void *data)
{
	cleanup(data);
	iommufd_model_assert(done == 1);
}

/*
 * A page is looked up outside of the lock, and mapped under it if nothing was
 * invalidated in between.
 */

static void invalidates(void *data)
{
	(void)data;
	spin_lock(&lock);
	WRITE_ONCE(count, count + 1);
	WRITE_ONCE(value, 0);
	spin_unlock(&lock);
	WRITE_ONCE(bits, 1ul);		/* the page is another one now */
}

static void maps(void *data)
{
	int began;
	unsigned long page;

	(void)data;
	for (;;) {
		began = READ_ONCE(count);
		page = READ_ONCE(bits);
		spin_lock(&lock);
		if (began == READ_ONCE(count))
			break;
		spin_unlock(&lock);
	}
	WRITE_ONCE(value, (int)page + 1);
	spin_unlock(&lock);
}

static void maps_at_once(void *data)
{
	unsigned long page = READ_ONCE(bits);

	(void)data;
	spin_lock(&lock);
	WRITE_ONCE(value, (int)page + 1);
	spin_unlock(&lock);
}

/* Here the page changes before it is invalidated, so that no look is stale. */
static void changes_and_invalidates(void *data)
{
	(void)data;
	WRITE_ONCE(bits, 1ul);
	spin_lock(&lock);
	WRITE_ONCE(count, count + 1);
	WRITE_ONCE(value, 0);
	spin_unlock(&lock);
}

static void maps_no_stale_page(void *data)
{
	cleanup(data);
	iommufd_model_assert(value != 1);
}

/* The last user wakes the one who frees the object. */

static void setup_users(void *data)
{
	setup(data);
	atomic_set(&object->users, 1);
}

static void put_and_wake(void *data)
{
	(void)data;
	if (atomic_dec_and_test(&object->users))
		wake_up(&object->queue);
}

static void put_and_wake_locked(void *data)
{
	(void)data;
	spin_lock(&object->lock);
	if (atomic_dec_and_test(&object->users))
		wake_up(&object->queue);
	spin_unlock(&object->lock);
}

static void put_and_wake_var(void *data)
{
	struct object *mine = object;

	(void)data;
	if (atomic_dec_and_test(&mine->users))
		wake_up_var(&mine->users);
}

static void waits_and_frees(void *data)
{
	struct object *mine = object;

	(void)data;
	wait_event(mine->queue, !atomic_read(&mine->users));
	object = NULL;
	kfree(mine);
}

static void waits_locks_and_frees(void *data)
{
	struct object *mine = object;

	(void)data;
	wait_event(mine->queue, !atomic_read(&mine->users));
	spin_lock(&mine->lock);
	spin_unlock(&mine->lock);
	object = NULL;
	kfree(mine);
}

static void waits_var_and_frees(void *data)
{
	struct object *mine = object;

	(void)data;
	wait_var_event(&mine->users, !atomic_read(&mine->users));
	object = NULL;
	kfree(mine);
}

/* The same with a variable on the stack of the waiter. */

static void wait_on_stack(void *data)
{
	atomic_t busy = ATOMIC_INIT(1);

	(void)data;
	WRITE_ONCE(on_stack, &busy);
	wait_var_event(&busy, !atomic_read(&busy));
}

static void wake_on_stack(void *data)
{
	atomic_t *busy = READ_ONCE(on_stack);

	(void)data;
	atomic_dec(busy);
	wake_up_var(busy);
}

static void wake_on_stack_until(void *data)
{
	(void)data;
	while (!READ_ONCE(on_stack))
		cpu_relax();
	wake_on_stack(data);
}

static void wake_on_stack_and_look(void *data)
{
	(void)data;
	wake_on_stack_until(data);
	iommufd_model_assert(!atomic_read(READ_ONCE(on_stack)));
}

/* A work item has a reference while it is queued. */

static void release(struct kref *kref)
{
	kfree(container_of(kref, struct object, kref));
}

static void work_fn(struct work_struct *work)
{
	struct object *mine = container_of(work, struct object, work);

	WRITE_ONCE(mine->value, 8);
	kref_put(&mine->kref, release);
}

static void setup_work(void *data)
{
	setup(data);
	kref_get(&object->kref);
	INIT_WORK(&object->work, work_fn);
}

static void queue_with_reference(int me)
{
	(void)me;
	kref_get(&object->kref);
	if (!schedule_work(&object->work))
		kref_put(&object->kref, release);
	kref_put(&object->kref, release);
}
THREADS_2(queue_with_reference)

static void queue_always_gets(int me)
{
	(void)me;
	kref_get(&object->kref);
	schedule_work(&object->work);
	kref_put(&object->kref, release);
}
THREADS_2(queue_always_gets)

static void queue_gets_late(int me)
{
	(void)me;
	if (schedule_work(&object->work))
		kref_get(&object->kref);
	kref_put(&object->kref, release);
}
THREADS_2(queue_gets_late)

static void items_done(void *data)
{
	(void)data;
	flush_workqueue(system_wq);
}

/* Two closers. */

static void closes(int me)
{
	struct object *mine = xchg(&object, NULL);

	(void)me;
	kfree(mine);
}
THREADS_2(closes)

static void closes_in_two_steps(int me)
{
	struct object *mine = READ_ONCE(object);

	(void)me;
	WRITE_ONCE(object, NULL);
	kfree(mine);
}
THREADS_2(closes_in_two_steps)

/* A pointer under a sequence count may be followed only with RCU. */

static void follows(bool rcu)
{
	struct object *mine;
	unsigned int s;

	if (rcu)
		rcu_read_lock();
	do {
		s = read_seqcount_begin(&seq);
		mine = READ_ONCE(object);
	} while (read_seqcount_retry(&seq, s));
	iommufd_model_assert(READ_ONCE(mine->value) == 7);
	if (rcu)
		rcu_read_unlock();
}

static void follows_in_section(void *data)
{
	(void)data;
	follows(true);
}

static void follows_without_section(void *data)
{
	(void)data;
	follows(false);
}

static void replaces(void *data)
{
	struct object *new = kzalloc(sizeof(*new), GFP_KERNEL), *old = object;

	(void)data;
	new->value = 7;
	spin_lock(&lock);
	write_seqcount_begin(&seq);
	WRITE_ONCE(object, new);
	write_seqcount_end(&seq);
	spin_unlock(&lock);
	kfree_rcu(old, rcu);
}

/* Two locks in the order of their addresses, or by trying. */

static struct mutex locks[2];

static void setup_locks(void *data)
{
	int i;

	setup(data);
	for (i = 0; i < 2; i++)
		mutex_init(&locks[i]);
}

static void lock_both(int first)
{
	mutex_lock(&locks[first]);
	mutex_lock_nested(&locks[!first], SINGLE_DEPTH_NESTING);
	section();
	mutex_unlock(&locks[!first]);
	mutex_unlock(&locks[first]);
}

static void lock_by_address(int me)
{
	(void)me;
	lock_both(&locks[0] < &locks[1] ? 0 : 1);
}
THREADS_2(lock_by_address)
THREADS_2(lock_both)

static void lock_in_order(void *data)
{
	(void)data;
	lock_both(0);
}

static void lock_or_back_off(int me)
{
	mutex_lock(&locks[me]);
	while (!mutex_trylock(&locks[!me])) {
		mutex_unlock(&locks[me]);
		cpu_relax();
		mutex_lock(&locks[me]);
	}
	section();
	mutex_unlock(&locks[!me]);
	mutex_unlock(&locks[me]);
}
THREADS_2(lock_or_back_off)

/* A flag that is polled under the lock with which it is set. */

static void polls_under_lock(void *data)
{
	(void)data;
	mutex_lock(&mutex);
	while (!value) {
		mutex_unlock(&mutex);
		cpu_relax();
		mutex_lock(&mutex);
	}
	mutex_unlock(&mutex);
}

static void polls_for_some_time(void *data)
{
	unsigned long end = jiffies + 100;

	(void)data;
	mutex_lock(&mutex);
	while (!value && time_before(jiffies, end)) {
		mutex_unlock(&mutex);
		cpu_relax();
		mutex_lock(&mutex);
	}
	results[0] = value ? 1 : 2;
	mutex_unlock(&mutex);
}

static void polls_and_keeps_lock(void *data)
{
	(void)data;
	mutex_lock(&mutex);
	while (!READ_ONCE(value))
		cpu_relax();
	mutex_unlock(&mutex);
}

static void sets_under_lock(void *data)
{
	(void)data;
	mutex_lock(&mutex);
	WRITE_ONCE(value, 1);
	mutex_unlock(&mutex);
}

static void never_too_late(void *data)
{
	cleanup(data);
	iommufd_model_assert(results[0] != 2);
}

/* Lamport's bakery is elsewhere; this is Dijkstra's lock of 1965, for two. */

static int wants[3], passed[3], k;

static void setup_dijkstra(void *data)
{
	setup(data);
	memset(wants, 0, sizeof(wants));
	memset(passed, 0, sizeof(passed));
	k = 0;
}

static void dijkstra(int me, bool looks)
{
	int j;

	WRITE_ONCE(wants[me], 1);
again:
	WRITE_ONCE(passed[me], 0);
	while (READ_ONCE(k) != me) {
		if (!READ_ONCE(wants[READ_ONCE(k)]))
			WRITE_ONCE(k, me);
		else
			cpu_relax();
	}
	WRITE_ONCE(passed[me], 1);
	for (j = 0; looks && j < 2; j++)
		if (j != me && READ_ONCE(passed[j])) {
			cpu_relax();
			goto again;
		}
	section();
	WRITE_ONCE(passed[me], 0);
	WRITE_ONCE(wants[me], 0);
}

static void dijkstras(int me)
{
	dijkstra(me, true);
}
THREADS_2(dijkstras)

static void dijkstras_without_look(int me)
{
	dijkstra(me, false);
}
THREADS_2(dijkstras_without_look)

/* Burns and Lamport: one bit for each thread. */

static void one_bit(int me, bool backs_off)
{
	int j;

again:
	WRITE_ONCE(wants[me], 1);
	for (j = 0; j < me; j++)
		if (READ_ONCE(wants[j])) {
			if (!backs_off)
				break;
			WRITE_ONCE(wants[me], 0);
			while (READ_ONCE(wants[j]))
				cpu_relax();
			goto again;
		}
	for (j = me + 1; j < 2; j++)
		while (READ_ONCE(wants[j]))
			cpu_relax();
	section();
	WRITE_ONCE(wants[me], 0);
}

static void one_bits(int me)
{
	one_bit(me, true);
}
THREADS_2(one_bits)

static void one_bits_without_backing_off(int me)
{
	one_bit(me, false);
}
THREADS_2(one_bits_without_backing_off)

/* Simpson's four slots: a writer and a reader, neither of whom ever waits. */

static int slots[2][2], slot[2], reading, latest;

static void setup_slots(void *data)
{
	setup(data);
	memset(slots, 0, sizeof(slots));
	memset(slot, 0, sizeof(slot));
	reading = latest = 0;
}

static void simpson_write(int v)
{
	int pair = !READ_ONCE(reading), index = !READ_ONCE(slot[pair]);

	iommufd_model_assert(READ_ONCE(results[0]) != pair * 2 + index + 1);
	WRITE_ONCE(slots[pair][index], v);
	WRITE_ONCE(slot[pair], index);
	WRITE_ONCE(latest, pair);
}

static void simpson_writes(void *data)
{
	(void)data;
	simpson_write(1);
	simpson_write(2);
	simpson_write(3);
}

static int simpson_read(bool announces)
{
	int pair = READ_ONCE(latest), index, v;

	if (announces)
		WRITE_ONCE(reading, pair);
	index = READ_ONCE(slot[pair]);
	WRITE_ONCE(results[0], pair * 2 + index + 1);
	v = READ_ONCE(slots[pair][index]);
	WRITE_ONCE(results[0], 0);
	return v;
}

static void simpson_reads(void *data)
{
	int v;

	(void)data;
	v = simpson_read(true);
	iommufd_model_assert(simpson_read(true) >= v);
}

static void simpson_reads_silently(void *data)
{
	int v;

	(void)data;
	v = simpson_read(false);
	iommufd_model_assert(simpson_read(false) >= v);
}

/* A length that user space changes between two copies. */

static u32 user_length;

static void setup_length(void *data)
{
	setup(data);
	user_length = 4;
}

static void user_grows(void *data)
{
	u32 more = 100;

	(void)data;
	copy_to_user(&user_length, &more, sizeof(more));
}

static void copies_once(void *data)
{
	char buf[8] = { 0 };
	u32 length;

	(void)data;
	copy_from_user(&length, &user_length, sizeof(length));
	if (length <= sizeof(buf))
		iommufd_model_assert(length <= sizeof(buf));
}

static void copies_twice(void *data)
{
	char buf[8] = { 0 };
	u32 length;

	(void)data;
	copy_from_user(&length, &user_length, sizeof(length));
	if (length > sizeof(buf))
		return;
	copy_from_user(&length, &user_length, sizeof(length));
	iommufd_model_assert(length <= sizeof(buf));
}

/* One lane of a bridge: cars of one direction at a time. */

static int on_bridge[2];

static void setup_bridge(void *data)
{
	setup(data);
	memset(on_bridge, 0, sizeof(on_bridge));
}

static void cross(int way, bool late)
{
	spin_lock(&lock);
	while (on_bridge[!way]) {
		DEFINE_WAIT(wait);

		if (!late)
			prepare_to_wait(&queue, &wait, TASK_UNINTERRUPTIBLE);
		spin_unlock(&lock);
		if (late)
			prepare_to_wait(&queue, &wait, TASK_UNINTERRUPTIBLE);
		schedule();
		finish_wait(&queue, &wait);
		spin_lock(&lock);
	}
	on_bridge[way]++;
	iommufd_model_assert(!on_bridge[!way]);
	spin_unlock(&lock);
	spin_lock(&lock);
	on_bridge[way]--;
	if (!on_bridge[way])
		wake_up(&queue);
	spin_unlock(&lock);
}

static void crosses(int me)
{
	cross(me > 0, false);
}
THREADS_3(crosses)

static void crosses_late(int me)
{
	cross(me > 0, true);
}
THREADS_2(crosses_late)

/* Items are taken by sleepers that are woken one at a time. */

static void adds_item(bool wakes_only_first)
{
	bool first;

	spin_lock(&lock);
	first = !count++;
	spin_unlock(&lock);
	if (first || !wakes_only_first)
		wake_up(&queue);
}

static bool take_item(void)
{
	bool got;

	spin_lock(&lock);
	got = count > 0;
	if (got)
		count--;
	spin_unlock(&lock);
	return got;
}

static void takes_item(int me)
{
	(void)me;
	wait_event_interruptible_exclusive(queue, take_item());
	if (READ_ONCE(count))
		wake_up(&queue);
}
THREADS_2(takes_item)

/*
 * It may take an item without having slept, and the wake-up for the next item
 * too, as it is still on the queue.
 */
static void takes_item_only(int me)
{
	(void)me;
	wait_event_interruptible_exclusive(queue, take_item());
}
THREADS_2(takes_item_only)

static void adds_two_items(void *data)
{
	(void)data;
	adds_item(false);
	adds_item(false);
}

static void adds_two_and_wakes_first(void *data)
{
	(void)data;
	adds_item(true);
	adds_item(true);
}

/* Credits: who finds none goes away. */

static void takes_credit(int me)
{
	if (atomic_dec_if_positive(&state) >= 0)
		results[me] = 1;
}
THREADS_2(takes_credit)

static void takes_credit_in_two_steps(int me)
{
	if (atomic_read(&state) > 0) {
		atomic_dec(&state);
		results[me] = 1;
	}
}
THREADS_2(takes_credit_in_two_steps)

static void setup_credit(void *data)
{
	setup(data);
	atomic_set(&state, 1);
}

static void no_debt(void *data)
{
	cleanup(data);
	iommufd_model_assert(atomic_read(&state) >= 0);
	iommufd_model_assert(results[0] + results[1] == 1);
}

/* A speculative reference, against one who frees what has no other user. */

static void setup_page(void *data)
{
	setup(data);
	atomic_set(&object->users, 1);
}

static void drop_page(struct object *page)
{
	if (atomic_dec_and_test(&page->users))
		kfree_rcu(page, rcu);
}

static void gets_page(void *data)
{
	struct object *page;

	(void)data;
	rcu_read_lock();
	page = READ_ONCE(object);
	if (page && atomic_inc_not_zero(&page->users)) {
		if (page == READ_ONCE(object))
			iommufd_model_assert(READ_ONCE(page->value) == 7);
		drop_page(page);
	}
	rcu_read_unlock();
}

static void freezes_page(void *data)
{
	struct object *page = object;

	(void)data;
	if (atomic_cmpxchg(&page->users, 1, 0) != 1)
		return;
	WRITE_ONCE(page->value, 0);
	WRITE_ONCE(object, NULL);
	kfree_rcu(page, rcu);
}

static void looks_at_page_and_changes(void *data)
{
	struct object *page = object;

	(void)data;
	if (atomic_read(&page->users) != 1)
		return;
	WRITE_ONCE(page->value, 0);
	WRITE_ONCE(object, NULL);
	drop_page(page);
}

/* A message is printed by whoever has the console; nobody waits for it. */

static void print_all(bool looks_again)
{
	do {
		if (!mutex_trylock(&mutex))
			return;
		if (xchg(&value, 0))
			done++;
		mutex_unlock(&mutex);
	} while (looks_again && READ_ONCE(value));
}

static void prints(int me)
{
	(void)me;
	xchg(&value, 1);
	print_all(true);
}
THREADS_2(prints)

static void prints_once(int me)
{
	(void)me;
	xchg(&value, 1);
	print_all(false);
}
THREADS_2(prints_once)

/* The alternating-bit protocol, over a line that loses some of what is sent. */

static int sent_bit, sent, acked, received[3], nr_received;

static void setup_line(void *data)
{
	setup(data);
	sent_bit = sent = -1;
	acked = -1;
	nr_received = 0;
	memset(received, 0, sizeof(received));
}

/* Sends two values, each up to twice. */
static void sends(void *data)
{
	int v, tries;

	(void)data;
	for (v = 0; v < 2; v++)
		for (tries = 0; tries < 2 && READ_ONCE(acked) != v; tries++) {
			if (iommufd_model_choose(2, "lost"))
				continue;
			spin_lock(&lock);
			sent_bit = v & 1;
			sent = v;
			spin_unlock(&lock);
		}
}

static void receive(bool looks_at_bit)
{
	static const int rounds = 3;
	int i, expected = 0;

	for (i = 0; i < rounds; i++) {
		spin_lock(&lock);
		if (sent >= 0 && (!looks_at_bit || sent_bit == expected)) {
			if (nr_received < 3)
				received[nr_received++] = sent;
			expected = !expected;
			WRITE_ONCE(acked, sent);
		}
		spin_unlock(&lock);
	}
}

static void receives(void *data)
{
	(void)data;
	receive(true);
}

static void receives_all(void *data)
{
	(void)data;
	receive(false);
}

static void received_each_once(void *data)
{
	int i;

	cleanup(data);
	for (i = 1; i < nr_received; i++)
		iommufd_model_assert(received[i - 1] != received[i]);
}

/* A collector marks what can be reached, while links are moved. */

struct cell {
	int to, black;
};
static struct cell cells[3];
static int root, grey;

/* The root leads to cell 0, which leads to cell 1. */
static void setup_cells(void *data)
{
	int i;

	setup(data);
	for (i = 0; i < 3; i++)
		cells[i] = (struct cell){ .to = -1 };
	cells[0].to = 1;
	root = -1;
	grey = -1;
}

static void mark(int i)
{
	int to;

	for (; i >= 0 && !READ_ONCE(cells[i].black); i = to) {
		WRITE_ONCE(cells[i].black, 1);
		to = READ_ONCE(cells[i].to);
	}
}

/* The roots are looked at first, then what they lead to, then what is grey. */
static void collects(void *data)
{
	(void)data;
	mark(READ_ONCE(root));
	mark(0);
	mark(READ_ONCE(grey));
}

static void move_link(bool shades)
{
	int to = READ_ONCE(cells[0].to);

	WRITE_ONCE(root, to);
	if (shades)
		WRITE_ONCE(grey, to);
	WRITE_ONCE(cells[0].to, -1);
}

static void moves_link(void *data)
{
	(void)data;
	move_link(true);
}

static void moves_link_silently(void *data)
{
	(void)data;
	move_link(false);
}

static void nothing_lost(void *data)
{
	cleanup(data);
	iommufd_model_assert(READ_ONCE(cells[1].black));
}

/* A sleeper that times out while it is given the count. */

static bool down_timeout(bool looks)
{
	struct waiter waiter = { .task = current };
	long left = 5;

	spin_lock(&lock);
	if (count > 0) {
		count--;
		spin_unlock(&lock);
		return true;
	}
	list_add_tail(&waiter.entry, &waiters);
	while (!waiter.up && left) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		spin_unlock(&lock);
		left = schedule_timeout(left);
		spin_lock(&lock);
		if (!left && !looks)
			break;
	}
	if (!waiter.up)
		list_del(&waiter.entry);
	spin_unlock(&lock);
	return looks ? waiter.up : left > 0;
}

static void tries_and_gives(void *data)
{
	(void)data;
	if (down_timeout(true))
		up(false);
}

static void tries_and_forgets(void *data)
{
	(void)data;
	if (down_timeout(false))
		up(false);
}

static void count_is_back(void *data)
{
	cleanup(data);
	iommufd_model_assert(count == 1);
}

/* An object with two allocations, of which the second may fail. */

static void makes_both(void *data)
{
	struct object *a, *b;

	(void)data;
	a = kzalloc(sizeof(*a), GFP_KERNEL);
	if (!a)
		return;
	b = kzalloc(sizeof(*b), GFP_KERNEL);
	if (!b) {
		kfree(a);
		return;
	}
	WRITE_ONCE(other, b);
	kfree(a);
}

static void makes_both_and_leaks(void *data)
{
	struct object *a, *b;

	(void)data;
	a = kzalloc(sizeof(*a), GFP_KERNEL);
	if (!a)
		return;
	b = kzalloc(sizeof(*b), GFP_KERNEL);
	if (!b)
		return;
	WRITE_ONCE(other, b);
	kfree(a);
}

/* UBSan, which runs with AddressSanitizer, ends the process at the use. */
#ifdef __SANITIZE_ADDRESS__
#define USE_OF_NULL "exit(1)"
#else
#define USE_OF_NULL "NULL"
#endif

static void makes_without_look(void *data)
{
	struct object *a;

	(void)data;
	a = kzalloc(sizeof(*a), GFP_KERNEL);
	WRITE_ONCE(a->value, 1);
	kfree(a);
}

/* Savages eat from a pot, which the cook fills when it is empty. */

static int servings;

static void setup_pot(void *data)
{
	setup(data);
	servings = 1;
}

static void eat(bool holds)
{
	spin_lock(&lock);
	while (!servings) {
		WRITE_ONCE(value, 1);
		spin_unlock(&lock);
		wake_up_all(&queue);
		wait_event(object->queue,
			   READ_ONCE(servings) || !READ_ONCE(value));
		spin_lock(&lock);
		if (!holds)
			break;
	}
	iommufd_model_assert(servings > 0);
	WRITE_ONCE(servings, servings - 1);
	spin_unlock(&lock);
}

static void eats(int me)
{
	(void)me;
	eat(true);
}
THREADS_2(eats)

static void eats_without_second_look(int me)
{
	(void)me;
	eat(false);
}
THREADS_2(eats_without_second_look)

static void setup_empty_pot(void *data)
{
	setup(data);
	servings = 0;
}

static void cooks(void *data)
{
	(void)data;
	wait_event(queue, READ_ONCE(value));
	spin_lock(&lock);
	WRITE_ONCE(value, 0);
	WRITE_ONCE(servings, servings + 1);
	spin_unlock(&lock);
	wake_up_all(&object->queue);
}

static void cooks_twice(void *data)
{
	cooks(data);
	cooks(data);
}

static const struct verdict programs[] = {
	RIGHT(0, "semaphore that hands over", setup_one, cleanup, T3(enters)),
	WRONG(LOST_WAKEUP, NULL, NULL, "semaphore, state set late", setup_one,
	      cleanup, T2(enters_state_late)),
	RIGHT(0, "futex", setup, cleanup, T(futex_waits), T(futex_wakes)),
	WRONG(LOST_WAKEUP, "futex_wait", NULL,
	      "futex, compared without the lock", setup, cleanup,
	      T(futex_looks_outside), T(futex_wakes)),
	RIGHT(0, "request", setup, cleanup, T(completes), T(times_out)),
	WRONG(ASSERTION, "count == 1", NULL, "request, timeout in two steps",
	      setup, cleanup, T(completes), T(times_out_in_two_steps)),
	RIGHT(0, "scheduled by a bit", setup, no_event_is_left, T2(events)),
	WRONG(ASSERTION, "!value", NULL, "scheduled by a bit, looks once",
	      setup, no_event_is_left, T2(events_look_once)),
	RIGHT(0, "fence", setup, called_once, T(signals), T(adds_callback)),
	WRONG(ASSERTION, "done == 1", NULL, "fence, looked at without the lock",
	      setup, called_once, T(signals), T(adds_without_lock)),
	RIGHT(0, "invalidation", setup, maps_no_stale_page,
	      T(changes_and_invalidates), T(maps)),
	WRONG(ASSERTION, "value != 1", NULL, "invalidation, not looked for",
	      setup, maps_no_stale_page, T(changes_and_invalidates),
	      T(maps_at_once)),
	WRONG(ASSERTION, "value != 1", NULL, "invalidation before the change",
	      setup, maps_no_stale_page, T(invalidates), T(maps)),
	WRONG(USE_AFTER_FREE, "wake_up", NULL, "woken in what is freed",
	      setup_users, cleanup, T(put_and_wake), T(waits_and_frees)),
	RIGHT(0, "woken with the lock of what is freed", setup_users, cleanup,
	      T(put_and_wake_locked), T(waits_locks_and_frees)),
	WRONG(USE_AFTER_FREE, NULL, NULL, "woken with a lock that nobody takes",
	      setup_users, cleanup, T(put_and_wake_locked), T(waits_and_frees)),
	RIGHT(0, "woken by the address of what is freed", setup_users, cleanup,
	      T(put_and_wake_var), T(waits_var_and_frees)),
	RIGHT(0, "woken by an address on a stack", setup, cleanup,
	      T(wait_on_stack), T(wake_on_stack_until)),
	WRONG(USE_AFTER_FREE, "stack", NULL, "one access after the last", setup,
	      cleanup, T(wait_on_stack), T(wake_on_stack_and_look)),
	RIGHT(0, "queued with a reference", setup_work, items_done,
	      T2(queue_with_reference)),
	WRONG(LEAK, NULL, NULL, "queued with one reference too many",
	      setup_work, items_done, T2(queue_always_gets)),
	WRONG(USE_AFTER_FREE, NULL, NULL, "queued, then referenced", setup_work,
	      items_done, T2(queue_gets_late)),
	RIGHT(0, "closed once", setup, cleanup, T2(closes)),
	WRONG(DOUBLE_FREE, NULL, NULL, "closed in two steps", setup, cleanup,
	      T2(closes_in_two_steps)),
	RIGHT(0, "a pointer in a sequence", setup, cleanup,
	      T(follows_in_section), T(replaces)),
	WRONG(USE_AFTER_FREE, "value", NULL, "a pointer in a sequence, no RCU",
	      setup, cleanup, T(follows_without_section), T(replaces)),
	RIGHT(0, "locks by address", setup_locks, cleanup, T2(lock_by_address)),
	WRONG(DEADLOCK, "locks", NULL, "locks by name", setup_locks, cleanup,
	      T2(lock_both)),
	RIGHT(0, "locks by trying", setup_locks, cleanup, T(lock_in_order),
	      T(lock_or_back_off_1)),
	WRONG(LIVELOCK, "lock_or_back_off", NULL, "both lock by trying",
	      setup_locks, cleanup, T2(lock_or_back_off)),
	RIGHT(0, "a flag polled under a lock", setup, cleanup,
	      T(polls_under_lock), T(sets_under_lock)),
	RIGHT(0, "a flag polled by two", setup, cleanup, T(polls_under_lock),
	      T(polls_for_some_time), T(sets_under_lock)),
	WRONG(ASSERTION, "results[0] != 2", NULL, "a flag polled for too short",
	      setup, never_too_late, T(polls_for_some_time),
	      T(sets_under_lock)),
	WRONG(LIVELOCK, "value", NULL, "a flag polled with the lock held",
	      setup, cleanup, T(polls_and_keeps_lock), T(sets_under_lock)),
	RIGHT(0, "Dijkstra's lock", setup_dijkstra, cleanup, T2(dijkstras)),
	WRONG(ASSERTION, "inside", NULL, "Dijkstra's lock, no second look",
	      setup_dijkstra, cleanup, T2(dijkstras_without_look)),
	RIGHT(0, "one bit each", setup_dijkstra, cleanup, T2(one_bits)),
	WRONG(ASSERTION, NULL, NULL, "one bit each, no way back",
	      setup_dijkstra, cleanup, T2(one_bits_without_backing_off)),
	RIGHT(0, "four slots", setup_slots, cleanup, T(simpson_writes),
	      T(simpson_reads)),
	WRONG(ASSERTION, NULL, NULL, "four slots, not announced", setup_slots,
	      cleanup, T(simpson_writes), T(simpson_reads_silently)),
	RIGHT(0, "copied once", setup_length, cleanup, T(user_grows),
	      T(copies_once)),
	WRONG(ASSERTION, "length <= sizeof", NULL, "copied twice", setup_length,
	      cleanup, T(user_grows), T(copies_twice)),
	RIGHT(0, "a bridge", setup_bridge, cleanup, T3(crosses)),
	WRONG(LOST_WAKEUP, "cross", NULL, "a bridge, on the queue too late",
	      setup_bridge, cleanup, T2(crosses_late)),
	RIGHT(0, "items for exclusive sleepers", setup, cleanup, T2(takes_item),
	      T(adds_two_items)),
	WRONG(LOST_WAKEUP, "take_item", NULL, "items, the first wakes",
	      setup, cleanup, T2(takes_item_only),
	      T(adds_two_and_wakes_first)),
	WRONG(LOST_WAKEUP, "take_item", NULL, "items, nobody passes on",
	      setup, cleanup, T2(takes_item_only), T(adds_two_items)),
	RIGHT(0, "credits", setup_credit, no_debt, T2(takes_credit)),
	WRONG(ASSERTION, NULL, NULL, "credits, in two steps", setup_credit,
	      no_debt, T2(takes_credit_in_two_steps)),
	RIGHT(0, "a page is frozen", setup_page, cleanup, T(gets_page),
	      T(freezes_page)),
	WRONG(ASSERTION, "value", NULL, "a page is looked at", setup_page,
	      cleanup, T(gets_page), T(looks_at_page_and_changes)),
	RIGHT(0, "console", setup, no_event_is_left, T2(prints)),
	WRONG(ASSERTION, "!value", NULL, "console, looks once", setup,
	      no_event_is_left, T2(prints_once)),
	RIGHT(0, "alternating bit", setup_line, received_each_once, T(sends),
	      T(receives)),
	WRONG(ASSERTION, "received", NULL, "no alternating bit", setup_line,
	      received_each_once, T(sends), T(receives_all)),
	RIGHT(0, "collector with grey cells", setup_cells, nothing_lost,
	      T(collects), T(moves_link)),
	WRONG(ASSERTION, "black", NULL, "collector, a link is moved silently",
	      setup_cells, nothing_lost, T(collects), T(moves_link_silently)),
	RIGHT(0, "savages", setup_pot, cleanup, T2(eats), T(cooks)),
	WRONG(ASSERTION, "servings", NULL, "savages who look once",
	      setup_empty_pot, cleanup, T2(eats_without_second_look),
	      T(cooks_twice)),
};

/* With spurious wake-ups: a sleeper may go on although nobody has woken it. */
static const struct verdict roused[] = {
	RIGHT(0, "semaphore that hands over", setup, cleanup, T(goes_down),
	      T(comes_up)),
	WRONG(USE_AFTER_FREE, "first->task", "stack", "semaphore, woken late",
	      setup, cleanup, T(goes_down), T(comes_up_and_wakes_late)),
	RIGHT(0, "futex", setup, cleanup, T(futex_waits), T(futex_wakes)),
};

START_TEST(programs_with_a_spurious_wake_up)
{
	struct iommufd_model_explore_options options = { .spurious = 1 };

	check_verdict_with(&roused[_i], options);
}
END_TEST

/* With timeouts, and with allocations that fail. */
static const struct verdict limited[] = {
	RIGHT(0, "semaphore with a timeout", setup, count_is_back,
	      T(tries_and_gives), T(comes_up)),
	WRONG(ASSERTION, "count == 1", NULL, "timeout, the count is lost",
	      setup, count_is_back, T(tries_and_forgets), T(comes_up)),
	RIGHT(0, "two allocations", setup, cleanup, T(makes_both)),
	WRONG(LEAK, "makes_both_and_leaks", NULL, "two allocations, a leak",
	      setup, cleanup, T(makes_both_and_leaks)),
	WRONG(CRASH, USE_OF_NULL, NULL, "an allocation without a look",
	      setup, cleanup, T(makes_without_look)),
};

START_TEST(programs_with_timeouts_and_failed_allocations)
{
	struct iommufd_model_explore_options options = {
		.ignore = 1u << IOMMUFD_MODEL_FAIL_TIMEOUT,
		.alloc_failures = 1,
	};

	check_verdict_with(&limited[_i], options);
}
END_TEST

START_TEST(programs_of_kernels_and_their_wrong_forms)
{
	check_verdict(&programs[_i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("classics_kernel");
	TCase *tc = tcase_create("classics_kernel");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, programs_of_kernels_and_their_wrong_forms, 0,
			    ARRAY_SIZE(programs));
	tcase_add_loop_test(tc, programs_with_a_spurious_wake_up, 0,
			    ARRAY_SIZE(roused));
	tcase_add_loop_test(tc, programs_with_timeouts_and_failed_allocations, 0,
			    ARRAY_SIZE(limited));
	return run_suite(suite);
}
