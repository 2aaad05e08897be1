// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * RCU and SRCU: the right forms are complete, and the wrong ones are found.  A
 * grace period waits for exactly those read sections that have begun before it.
 */
#include "suite.h"
#include "verdict.h"
#include <iommufd_model/kernel.h>
#include <stdio.h>
#include <stdlib.h>

struct object {
	refcount_t users;
	struct list_head link;
	struct hlist_node hlink;
	struct rcu_head rcu;
	int value;
};

static struct object *object, *second;
static struct object __rcu *shared;
static struct srcu_struct srcu;
static LIST_HEAD(list);
static HLIST_HEAD(hlist);
static DEFINE_MUTEX(mutex);
static volatile int seen;
static int state, called, idx;

static struct object *make(void)
{
	struct object *o = kzalloc(sizeof(*o), GFP_KERNEL);

	refcount_set(&o->users, 1);
	o->value = 1;
	return o;
}

static void setup(void *data)
{
	(void)data;
	object = make();
	second = NULL;
	shared = object;
	INIT_LIST_HEAD(&list);
	list_add(&object->link, &list);
	hlist.first = NULL;
	hlist_add_head(&object->hlink, &hlist);
	mutex_init(&mutex);
	init_srcu_struct(&srcu);
	state = called = 0;
}

static void after(void *data)
{
	(void)data;
	cleanup_srcu_struct(&srcu);
}

static void after_free(void *data)
{
	kfree(object);
	after(data);
}

static void nothing(void *data)
{
	(void)data;
}

/* The functions below are readers, in right and wrong forms. */

static void reads(void *data)
{
	struct object *o;

	(void)data;
	rcu_read_lock();
	o = rcu_dereference(shared);
	if (o)
		seen = READ_ONCE(o->value);
	rcu_read_unlock();
}

static void reads_nested(void *data)
{
	struct object *o;

	(void)data;
	rcu_read_lock();
	o = rcu_dereference(shared);
	rcu_read_lock();
	rcu_read_unlock();
	if (o)
		seen = READ_ONCE(o->value);
	rcu_read_unlock();
}

static void reads_bh(void *data)
{
	struct object *o;

	(void)data;
	rcu_read_lock_bh();
	o = rcu_dereference_bh(shared);
	if (o)
		seen = READ_ONCE(o->value);
	iommufd_model_assert(rcu_read_lock_bh_held() && in_softirq());
	rcu_read_unlock_bh();
	iommufd_model_assert(!rcu_read_lock_bh_held() && !in_softirq());
}

static void reads_sched(void *data)
{
	struct object *o;

	(void)data;
	rcu_read_lock_sched();
	o = rcu_dereference_sched(shared);
	iommufd_model_assert(rcu_read_lock_sched_held() && in_atomic());
	rcu_read_unlock_sched();
	iommufd_model_assert(!in_atomic());
	if (o)
		seen = READ_ONCE(o->value);
}

static void reads_without_lock(void *data)
{
	struct object *o;

	(void)data;
	o = rcu_dereference_raw(shared);
	if (o)
		seen = READ_ONCE(o->value);
}

static void dereferences_without_lock(void *data)
{
	(void)data;
	rcu_dereference(shared);
}

static void reads_after_unlock(void *data)
{
	struct object *o;

	(void)data;
	rcu_read_lock();
	o = rcu_dereference(shared);
	rcu_read_unlock();
	if (o)
		seen = READ_ONCE(o->value);
}

static void reads_plainly_after_unlock(void *data)
{
	struct object *o, **self;

	(void)data;
	rcu_read_lock();
	o = rcu_dereference(shared);
	rcu_read_unlock();
	if (!o)
		return;
	self = (struct object **)&o->link.next;
	if (*self)
		seen = *(volatile int *)*self;
	cpu_relax();
}

static void sleeps_in_section(void *data)
{
	(void)data;
	rcu_read_lock();
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
	rcu_read_unlock();
}

static void waits_in_section(void *data)
{
	(void)data;
	rcu_read_lock();
	synchronize_rcu();
	rcu_read_unlock();
}

static void never_unlocks(void *data)
{
	(void)data;
	rcu_read_lock();
}

static void unlocks_twice(void *data)
{
	(void)data;
	rcu_read_lock();
	rcu_read_unlock();
	rcu_read_unlock();
}

/* The functions below are updates, in right and wrong forms. */

static void synchronizes(void *data)
{
	struct object *o = rcu_replace_pointer(shared, NULL, true);

	(void)data;
	synchronize_rcu();
	kfree(o);
}

static void frees_at_once(void *data)
{
	struct object *o = rcu_replace_pointer(shared, NULL, true);

	(void)data;
	kfree(o);
}

static void frees_by_rcu(void *data)
{
	struct object *o = rcu_replace_pointer(shared, NULL, true);

	(void)data;
	kfree_rcu(o, rcu);
}

static void frees_by_rcu_sleeping(void *data)
{
	struct object *o = rcu_replace_pointer(shared, NULL, true);

	(void)data;
	kvfree_rcu(o);
}

static void synchronizes_first(void *data)
{
	struct object *o = rcu_dereference_protected(shared, true);

	(void)data;
	synchronize_rcu();
	RCU_INIT_POINTER(shared, NULL);
	kfree(o);
}

static void uses_after_call(void *data)
{
	struct object *o = rcu_replace_pointer(shared, NULL, true);

	(void)data;
	kfree_rcu(o, rcu);
	WRITE_ONCE(o->value, 2);
}

static void frees_twice(void *data)
{
	(void)data;
	kfree_rcu(object, rcu);
	kfree_rcu(object, rcu);
}

static void frees_what_is_registered(void *data)
{
	(void)data;
	kfree_rcu(object, rcu);
	kfree(object);
}

static void replaces_unprotected(void *data)
{
	(void)data;
	rcu_dereference_protected(shared, rcu_read_lock_held());
}

/* The tests below and their functions are about callbacks. */

static void callback(struct rcu_head *head)
{
	WRITE_ONCE(called, called + 1);
	kfree(container_of(head, struct object, rcu));
}

static void sleeping_callback(struct rcu_head *head)
{
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
	callback(head);
}

static void calls(void *data)
{
	(void)data;
	rcu_assign_pointer(shared, NULL);
	call_rcu(&object->rcu, callback);
}

static void calls_sleeping(void *data)
{
	(void)data;
	call_rcu(&object->rcu, sleeping_callback);
}

static void calls_and_waits(void *data)
{
	calls(data);
	rcu_barrier();
	iommufd_model_assert(READ_ONCE(called) == 1);
}

static void calls_and_synchronizes(void *data)
{
	calls(data);
	synchronize_rcu();
	iommufd_model_assert(READ_ONCE(called) == 1);
}

static void hopes_for_delay(void *data)
{
	calls(data);
	iommufd_model_assert(READ_ONCE(called) == 0);
}

/*
 * The state of a module, which the callback uses although the module may be
 * unloaded.
 */
static void module_callback(struct rcu_head *head)
{
	struct object *o = container_of(head, struct object, rcu);

	WRITE_ONCE(second->value, 0);
	kfree(o);
}

static void unloads(bool barrier)
{
	call_rcu(&object->rcu, module_callback);
	if (barrier)
		rcu_barrier();
	kfree(second);
}

static void unloads_right(void *data)
{
	(void)data;
	unloads(true);
}

static void unloads_wrong(void *data)
{
	(void)data;
	unloads(false);
}

static void setup_module(void *data)
{
	setup(data);
	second = make();
}

/* The functions below look up an object and take a reference. */

static void put(struct object *o)
{
	if (refcount_dec_and_test(&o->users))
		kfree_rcu(o, rcu);
}

static void gets_safely(void *data)
{
	struct object *o;

	(void)data;
	rcu_read_lock();
	o = rcu_dereference(shared);
	if (o && !refcount_inc_not_zero(&o->users))
		o = NULL;
	rcu_read_unlock();
	if (!o)
		return;
	seen = READ_ONCE(o->value);
	put(o);
}

static void gets_blindly(void *data)
{
	struct object *o;

	(void)data;
	rcu_read_lock();
	o = rcu_dereference(shared);
	if (o)
		refcount_inc(&o->users);
	rcu_read_unlock();
	if (o)
		put(o);
}

static void removes(void *data)
{
	struct object *o = rcu_replace_pointer(shared, NULL, true);

	(void)data;
	put(o);
}

/* The tests below and their functions are about lists. */

static void walks(void *data)
{
	struct object *o;

	(void)data;
	rcu_read_lock();
	list_for_each_entry_rcu(o, &list, link) seen = READ_ONCE(o->value);
	rcu_read_unlock();
}

static void walks_without_lock(void *data)
{
	struct object *o;

	(void)data;
	list_for_each_entry_rcu(o, &list, link) break;
}

static void takes_first(void *data)
{
	struct object *o;

	(void)data;
	rcu_read_lock();
	o = list_first_or_null_rcu(&list, struct object, link);
	if (o)
		seen = READ_ONCE(o->value);
	rcu_read_unlock();
}

static void deletes(void *data)
{
	(void)data;
	list_del_rcu(&object->link);
	synchronize_rcu();
	kfree(object);
}

static void deletes_without_waiting(void *data)
{
	(void)data;
	list_del_rcu(&object->link);
	kfree(object);
}

static void adds_and_deletes(void *data)
{
	(void)data;
	second = make();
	list_replace_rcu(&object->link, &second->link);
	kfree_rcu(object, rcu);
	object = make();
	list_add_tail_rcu(&object->link, &list);
	list_add_rcu(&make()->link, &list);
	list_del_rcu(&second->link);
	kfree_rcu(second, rcu);
}

static void after_list(void *data)
{
	struct object *o, *next;
	int n = 0;

	list_for_each_entry_safe(o, next, &list, link) {
		kfree(o);
		n++;
	}
	iommufd_model_assert(n == 2);
	after(data);
}

static void walks_hlist(void *data)
{
	struct object *o;

	(void)data;
	rcu_read_lock();
	hlist_for_each_entry_rcu(o, &hlist, hlink)
		seen = READ_ONCE(o->value);
	rcu_read_unlock();
}

static void changes_hlist(void *data)
{
	(void)data;
	second = make();
	hlist_add_head_rcu(&second->hlink, &hlist);
	hlist_del_rcu(&object->hlink);
	kfree_rcu(object, rcu);
	hlist_del_init_rcu(&second->hlink);
	hlist_del_init_rcu(&second->hlink);
	kfree_rcu(second, rcu);
	iommufd_model_assert(hlist_empty(&hlist));
}

static void deletes_hlist_without_waiting(void *data)
{
	(void)data;
	hlist_del_rcu(&object->hlink);
	kfree(object);
}

/* The tests below and their functions are about SRCU. */

static void reads_srcu(void *data)
{
	struct object *o;
	int i;

	(void)data;
	i = srcu_read_lock(&srcu);
	o = srcu_dereference(shared, &srcu);
	mutex_lock(&mutex);
	mutex_unlock(&mutex);
	if (o)
		seen = READ_ONCE(o->value);
	srcu_read_unlock(&srcu, i);
}

static void synchronizes_srcu(void *data)
{
	struct object *o = rcu_replace_pointer(shared, NULL, true);

	(void)data;
	synchronize_srcu(&srcu);
	kfree(o);
}

static void synchronizes_srcu_with_mutex(void *data)
{
	mutex_lock(&mutex);
	synchronizes_srcu(data);
	mutex_unlock(&mutex);
}

static void calls_srcu(void *data)
{
	(void)data;
	rcu_assign_pointer(shared, NULL);
	call_srcu(&srcu, &object->rcu, callback);
}

static void calls_srcu_and_cleans_up(void *data)
{
	calls_srcu(data);
	cleanup_srcu_struct(&srcu);
}

static void waits_and_cleans_up(void *data)
{
	calls_srcu(data);
	srcu_barrier(&srcu);
	cleanup_srcu_struct(&srcu);
}

static void cleans_up_while_read(void *data)
{
	(void)data;
	idx = srcu_read_lock(&srcu);
	cleanup_srcu_struct(&srcu);
	srcu_read_unlock(&srcu, idx);
}

static void unlocks_srcu_twice(void *data)
{
	(void)data;
	idx = srcu_read_lock(&srcu);
	srcu_read_unlock(&srcu, idx);
	srcu_read_unlock(&srcu, idx);
}

static void never_unlocks_srcu(void *data)
{
	(void)data;
	srcu_read_lock(&srcu);
}

static void initialises_srcu_in_section(void *data)
{
	int section = srcu_read_lock(&srcu);

	(void)data;
	init_srcu_struct(&srcu);
	srcu_read_unlock(&srcu, section);
}

static void leaves_srcu_to_another(void *data)
{
	(void)data;
	idx = srcu_read_lock(&srcu);
	WRITE_ONCE(state, 1);
	while (READ_ONCE(state) != 2)
		cpu_relax();
}

static void unlocks_srcu_of_another(void *data)
{
	(void)data;
	while (!READ_ONCE(state))
		cpu_relax();
	srcu_read_unlock(&srcu, idx);
	WRITE_ONCE(state, 2);
}

/* The sections end in the order in which they began, not in the reverse one. */
static void nests_srcu(void *data)
{
	int outer, inner;

	(void)data;
	outer = srcu_read_lock(&srcu);
	inner = srcu_read_lock(&srcu);
	srcu_read_unlock(&srcu, outer);
	srcu_read_unlock(&srcu, inner);
}

/* More sections than the ground keeps for a thread. */
static void nests_srcu_deeply(void *data)
{
	int i, inner[20];

	(void)data;
	for (i = 0; i < 20; i++)
		inner[i] = srcu_read_lock(&srcu);
	while (i--)
		srcu_read_unlock(&srcu, inner[i]);
}

static void waits_for_itself(void *data)
{
	(void)data;
	idx = srcu_read_lock(&srcu);
	synchronize_srcu(&srcu);
	srcu_read_unlock(&srcu, idx);
}

static void dereferences_without_srcu(void *data)
{
	(void)data;
	srcu_dereference(shared, &srcu);
}

#define ROW(failure_, setup_, a_, b_, after_, ...)                \
	{                                                         \
		.failure = IOMMUFD_MODEL_##failure_,              \
		.test = { .name = #a_ "/" #b_ "/" #after_,        \
			  .setup = setup_,                        \
			  .after = after_,                        \
			  .threads = { { #a_, a_ }, { #b_, b_ } } }, \
		.told = { __VA_ARGS__ },                          \
	}
#define GOOD(a, b) ROW(NO_FAILURE, setup, a, b, after, NULL)
#define GOOD_FREE(a, b) ROW(NO_FAILURE, setup, a, b, after_free, NULL)
#define BAD(failure, a, b, ...) \
	ROW(FAIL_##failure, setup, a, b, after, __VA_ARGS__)

/* AddressSanitizer finds the plain use itself, at the very line. */
#ifdef __SANITIZE_ADDRESS__
#define BY_POINTER "reads_plainly_after_unlock"
#else
#define BY_POINTER "a pointer read from"
#endif

static const struct verdict verdicts[] = {
	GOOD(reads, synchronizes),
	GOOD(reads_nested, synchronizes),
	GOOD(reads_bh, synchronizes),
	GOOD(reads, frees_by_rcu),
	GOOD(reads, frees_by_rcu_sleeping),
	GOOD(reads, calls),
	GOOD(reads, calls_and_waits),
	GOOD(gets_safely, removes),
	GOOD(walks, deletes),
	GOOD(takes_first, deletes),
	ROW(NO_FAILURE, setup, walks, adds_and_deletes, after_list, NULL),
	GOOD(walks_hlist, changes_hlist),
	GOOD(reads_srcu, synchronizes_srcu),
	GOOD(reads_srcu, calls_srcu),
	GOOD(nothing, waits_and_cleans_up),
	GOOD(nests_srcu, synchronizes_srcu),
	GOOD_FREE(nothing, nests_srcu_deeply),
	ROW(NO_FAILURE, setup_module, nothing, unloads_right, after, NULL),
	BAD(USE_AFTER_FREE, reads_without_lock, synchronizes, "o->value"),
	BAD(USE_AFTER_FREE, reads_sched, synchronizes, "o->value"),
	BAD(USE_AFTER_FREE, reads, frees_at_once, "o->value"),
	BAD(USE_AFTER_FREE, reads, synchronizes_first, "o->value"),
	BAD(USE_AFTER_FREE, reads_after_unlock, frees_by_rcu, "o->value"),
	BAD(USE_AFTER_FREE, reads_plainly_after_unlock, frees_by_rcu,
	    BY_POINTER),
	BAD(USE_AFTER_FREE, nothing, uses_after_call, "o->value"),
	BAD(USE_AFTER_FREE, nothing, frees_what_is_registered, "object"),
	BAD(DOUBLE_FREE, nothing, frees_twice, "object"),
	BAD(LOCK, nothing, dereferences_without_lock, "shared"),
	BAD(LOCK, nothing, replaces_unprotected, "shared"),
	BAD(LOCK, nothing, never_unlocks, "never_unlocks"),
	BAD(LOCK, nothing, unlocks_twice, "rcu_read_unlock()"),
	BAD(LOCK, nothing, walks_without_lock, "&list"),
	BAD(ATOMIC, nothing, sleeps_in_section, "mutex_lock",
	    "RCU read section"),
	BAD(ATOMIC, nothing, waits_in_section, "synchronize_rcu"),
	BAD(ATOMIC, nothing, calls_sleeping, "mutex_lock", "softirq"),
	BAD(ASSERTION, reads, calls_and_synchronizes, "called"),
	BAD(ASSERTION, nothing, hopes_for_delay, "called"),
	ROW(FAIL_USE_AFTER_FREE, setup_module, nothing, unloads_wrong, after,
	    "second->value"),
	BAD(REFCOUNT, gets_blindly, removes, "users"),
	BAD(USE_AFTER_FREE, walks, deletes_without_waiting, "o->value"),
	BAD(USE_AFTER_FREE, walks_hlist, deletes_hlist_without_waiting,
	    "o->value"),
	BAD(DEADLOCK, reads_srcu, synchronizes_srcu_with_mutex, "&srcu"),
	BAD(DEADLOCK, nothing, waits_for_itself, "&srcu"),
	BAD(WARN, nothing, cleans_up_while_read, "&srcu", "read"),
	BAD(WARN, nothing, calls_srcu_and_cleans_up, "&srcu", "callbacks"),
	BAD(LOCK, nothing, unlocks_srcu_twice, "&srcu"),
	BAD(LOCK, nothing, never_unlocks_srcu,
	    "the thread ends in an SRCU read section of &srcu, entered by "
	    "never_unlocks_srcu"),
	BAD(LOCK, nothing, initialises_srcu_in_section,
	    "srcu_read_unlock of &srcu, which was initialised in the section"),
	BAD(LOCK, leaves_srcu_to_another, unlocks_srcu_of_another,
	    "srcu_read_unlock of &srcu without its counterpart"),
	BAD(LOCK, nothing, dereferences_without_srcu, "shared"),
};

START_TEST(the_right_forms_are_complete_and_the_wrong_ones_found)
{
	check_verdict(&verdicts[_i]);
	if (getenv("EXPLORE_FIGURES"))
		printf("%s: %lu executions, %lu redundant, depth %u\n",
		       verdicts[_i].test.name, verdict_result.executions,
		       verdict_result.redundant, verdict_result.depth);
}
END_TEST

/* The functions below test for which sections a grace period waits. */

/* The updater must wait for a read section that has already begun. */
static void begins_first(void *data)
{
	(void)data;
	rcu_read_lock();
	WRITE_ONCE(state, 1);
	WRITE_ONCE(state, 2);
	rcu_read_unlock();
}

static void waits_if_begun(void *data)
{
	int was = READ_ONCE(state);

	(void)data;
	synchronize_rcu();
	iommufd_model_assert(was != 1 || READ_ONCE(state) == 2);
}

/* The updater waits for ever if the read section waits for the updater. */
static void waits_for_earlier_reader(void *data)
{
	(void)data;
	synchronize_rcu();
	WRITE_ONCE(state, 1);
}

static void goes_on_until_state(void *data)
{
	(void)data;
	rcu_read_lock();
	while (!READ_ONCE(state))
		cpu_relax();
	rcu_read_unlock();
}

/* The updater must not wait for a read section that begins later. */
static void goes_on_until_called(void *data)
{
	(void)data;
	while (!READ_ONCE(state))
		cpu_relax();
	rcu_read_lock();
	while (!READ_ONCE(called))
		cpu_relax();
	rcu_read_unlock();
}

static void notes_call(struct rcu_head *head)
{
	(void)head;
	WRITE_ONCE(called, 1);
}

static void lets_later_reader_begin(void *data)
{
	(void)data;
	call_rcu(&object->rcu, notes_call);
	WRITE_ONCE(state, 1);
}

static void synchronizes_once(void *data)
{
	(void)data;
	synchronize_rcu();
}

static void synchronizes_twice(void *data)
{
	(void)data;
	synchronize_rcu();
	synchronize_rcu();
}

static const struct verdict waits[] = {
	ROW(NO_FAILURE, setup, begins_first, waits_if_begun, after_free, NULL),
	ROW(FAIL_LIVELOCK, setup, goes_on_until_state, waits_for_earlier_reader,
	    after_free, "state"),
	ROW(NO_FAILURE, setup, goes_on_until_called, lets_later_reader_begin,
	    after_free, NULL),
};

START_TEST(a_grace_period_waits_for_the_sections_that_have_begun)
{
	check_verdict(&waits[_i]);
}
END_TEST

static void readers_only(void *data)
{
	(void)data;
	rcu_read_lock();
	rcu_read_unlock();
}

static const struct verdict figures[] = {
	/* The order of read sections makes no difference. */
	RIGHT(1, "readers", setup, after_free, T(readers_only),
	      T(readers_only), T(readers_only)),
	/* The order of two waits for a grace period makes no difference. */
	RIGHT(1, "waits", setup, after_free, T(synchronizes_twice),
	      T(synchronizes_twice)),
	/* A section begins before the wait or after it. */
	RIGHT(2, "one reader", setup, after_free, T(readers_only),
	      T(synchronizes_once)),
};

START_TEST(a_grace_period_costs_no_more_executions_than_it_has_orders)
{
	check_verdict(&figures[_i]);
	ck_assert_uint_eq(verdict_result.redundant, 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("rcu");
	TCase *tc = tcase_create("rcu");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(
		tc, the_right_forms_are_complete_and_the_wrong_ones_found, 0,
		ARRAY_SIZE(verdicts));
	tcase_add_loop_test(
		tc, a_grace_period_waits_for_the_sections_that_have_begun, 0,
		ARRAY_SIZE(waits));
	tcase_add_loop_test(
		tc, a_grace_period_costs_no_more_executions_than_it_has_orders,
		0, ARRAY_SIZE(figures));
	return run_suite(suite);
}
