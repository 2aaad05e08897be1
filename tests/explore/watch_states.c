// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Watched code that is explored with states: a race of an access before a state
 * with one after it is found, although the state was explored before, after
 * accesses that do not race.
 *
 * In each of these tests the threads come to the same state in several ways, and
 * only in some of them the accesses race.  The first execution has no race.
 */
#include "suite.h"
#include "verdict.h"
#include <iommufd_model/kernel.h>
#include <string.h>

static struct {
	struct mutex m, n;
	spinlock_t spin;
	struct rw_semaphore sem;
	refcount_t refs;
	atomic_t counter;
	struct object {
		long value, other;
	} *obj;
	long x, y, z, passed, done;
	int go[2] __attribute__((aligned(8)));
	int parts[2] __attribute__((aligned(8)));
	bool freed;
	atomic_long_t owned;
	seqcount_t seq;
} s;

static void setup(void *data)
{
	(void)data;
	memset(&s, 0, sizeof(s));
	mutex_init(&s.m);
	mutex_init(&s.n);
	spin_lock_init(&s.spin);
	init_rwsem(&s.sem);
	refcount_set(&s.refs, 2);
	seqcount_init(&s.seq);
	s.obj = kzalloc(sizeof(*s.obj), GFP_KERNEL);
}

static void after(void *data)
{
	(void)data;
	if (!s.freed)
		kfree(s.obj);
}

static void pass(struct mutex *m)
{
	mutex_lock(m);
	mutex_unlock(m);
}

static void write_then_pass(void *data)
{
	(void)data;
	s.x = 1;
	pass(&s.m);
}

static void pass_then_read(void *data)
{
	(void)data;
	pass(&s.m);
	if (s.x)
		data_race(s.z++);
}

static void pass_then_read_locked(void *data)
{
	(void)data;
	pass(&s.m);
	mutex_lock(&s.m);
	if (s.x)
		data_race(s.z++);
	mutex_unlock(&s.m);
}

static void write_locked(void *data)
{
	(void)data;
	mutex_lock(&s.m);
	s.x = 1;
	mutex_unlock(&s.m);
	pass(&s.m);
}

/* With spinlocks and semaphores, and through a third thread. */

static void write_then_spin(void *data)
{
	(void)data;
	s.y = 1;
	spin_lock(&s.spin);
	spin_unlock(&s.spin);
}

static void spin_then_write(void *data)
{
	(void)data;
	spin_lock(&s.spin);
	spin_unlock(&s.spin);
	s.y = 2;
}

static void spin_twice(void *data)
{
	(void)data;
	spin_lock(&s.spin);
	spin_unlock(&s.spin);
	spin_lock(&s.spin);
	spin_unlock(&s.spin);
}

static void pass_n_then_read_y(void *data)
{
	(void)data;
	pass(&s.n);
	s.x = s.y;
}

static void spin_then_pass_n(void *data)
{
	(void)data;
	spin_lock(&s.spin);
	spin_unlock(&s.spin);
	pass(&s.n);
}

static void share_then_read_y(void *data)
{
	(void)data;
	down_write(&s.sem);
	up_write(&s.sem);
	s.x = s.y;
}

static void write_y_then_share(void *data)
{
	(void)data;
	s.y = 1;
	down_read(&s.sem);
	up_read(&s.sem);
}

/*
 * The first thread may come after the second one although both pass the same locks
 * several times.  Then the read is known from a state that was met below another
 * one (explore_plain_known()).
 */

static void pass_thrice(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		spin_lock(&s.spin);
		spin_unlock(&s.spin);
	}
	pass(&s.m);
}

static void write_then_pass_thrice(void *data)
{
	(void)data;
	s.y = 1;
	pass_thrice();
}

static void pass_thrice_then_read(void *data)
{
	(void)data;
	pass_thrice();
	s.x = s.y;
}

static void spin_once(void *data)
{
	(void)data;
	spin_lock(&s.spin);
	spin_unlock(&s.spin);
}

/* With counters and frees. */

static void write_then_put(void *data)
{
	(void)data;
	s.obj->value = 1;
	pass(&s.m);
	if (refcount_dec_and_test(&s.refs)) {
		s.freed = true;
		kfree(s.obj);
	}
}

static void put(void *data)
{
	(void)data;
	pass(&s.m);
	if (refcount_dec_and_test(&s.refs)) {
		s.freed = true;
		kfree(s.obj);
	}
}

static void pass_then_free(void *data)
{
	(void)data;
	pass(&s.m);
	data_race(s.freed = true);
	kfree(s.obj);
}

static void write_object_then_pass(void *data)
{
	(void)data;
	s.obj->value = 1;
	pass(&s.m);
}

static void allocate_then_pass(void *data)
{
	struct object *obj = kzalloc(sizeof(*obj), GFP_KERNEL);

	(void)data;
	obj->value = 1;
	WRITE_ONCE(s.y, (long)obj);
	pass(&s.m);
	pass(&s.n);
	kfree(obj);
}

static void pass_then_look(void *data)
{
	struct object *obj;

	(void)data;
	pass(&s.m);
	obj = (struct object *)READ_ONCE(s.y);
	mutex_lock(&s.n);
	if (obj && !READ_ONCE(s.x))
		data_race(s.z += obj->other);
	mutex_unlock(&s.n);
}

/*
 * One thread passes the lock and says that it is done, by a write that orders
 * nothing.  The other one passes it, too, and sees that.  Only if it was the second
 * one to pass the lock, the two are ordered.
 */

static void pass_and_tell(void)
{
	pass(&s.m);
	WRITE_ONCE(s.done, 1);
}

static bool pass_and_see(void)
{
	pass(&s.m);
	WRITE_ONCE(s.passed, 1);
	return READ_ONCE(s.done);
}

/* The only write to the object is its zeroing. */

static void publish(void *data)
{
	(void)data;
	WRITE_ONCE(s.y, (long)kzalloc(sizeof(struct object), GFP_KERNEL));
	pass_and_tell();
}

static void read_object(void *data)
{
	(void)data;
	if (pass_and_see())
		s.z = ((struct object *)READ_ONCE(s.y))->value;
}

static void after_publish(void *data)
{
	kfree((void *)s.y);
	after(data);
}

/* Either thread frees the object, which nobody has accessed. */

static void free_object(void)
{
	kfree((void *)atomic_long_xchg_relaxed(&s.owned, 0));
}

static void publish_and_free(void *data)
{
	(void)data;
	atomic_long_set(&s.owned,
			(long)kzalloc(sizeof(struct object), GFP_KERNEL));
	pass_and_tell();
	free_object();
}

static void free_if_seen(void *data)
{
	(void)data;
	if (pass_and_see())
		free_object();
}

/* A flag is released, and may be written again, which orders nothing. */

static void write_y_release_pass_and_tell(void *data)
{
	(void)data;
	s.y = 1;
	smp_store_release(&s.go[0], 1);
	pass_and_tell();
}

static void see_and_acquire(void *data)
{
	(void)data;
	if (pass_and_see() && smp_load_acquire(&s.go[0]))
		s.z = s.y;
}

static void write_flag(void *data)
{
	(void)data;
	WRITE_ONCE(s.go[0], 1);
}

/* With a sequence counter. */

static void write_in_section(void)
{
	write_seqcount_begin(&s.seq);
	s.x++;
	write_seqcount_end(&s.seq);
}

static void write_in_one_section(void *data)
{
	(void)data;
	write_in_section();
	pass_and_tell();
}

static void write_in_another_section(void *data)
{
	(void)data;
	if (pass_and_see())
		write_in_section();
}

/* Does not come to the end of the section if y is set. */
static noinline void read_in_section(void)
{
	unsigned int seq = read_seqcount_begin(&s.seq);

	if (!READ_ONCE(s.y))
		(void)read_seqcount_retry(&s.seq, seq);
}

static void write_y_and_x(void *data)
{
	(void)data;
	WRITE_ONCE(s.y, 1);
	WRITE_ONCE(s.x, 1);
	WRITE_ONCE(s.done, 1);
}

static void read_x_after_section(void *data)
{
	(void)data;
	read_in_section();
	WRITE_ONCE(s.passed, 1);
	if (READ_ONCE(s.done))
		s.z = s.x;
}

/*
 * With threads that are started after a checkpoint.  Much memory takes long to copy,
 * so that the next checkpoint comes late.
 */
static char much[512 << 10];

static void write_part(void *data)
{
	(void)data;
	pass(&s.n);
	s.parts[0] = 1;
	pass_and_tell();
}

static void read_part_if_permitted(void *data)
{
	(void)data;
	s.parts[1] = 1;
	pass(&s.n);
	if (pass_and_see() && READ_ONCE(s.go[0]) && READ_ONCE(s.go[1]))
		s.z = s.parts[0];
}

static void pass_n_twice(void *data)
{
	(void)data;
	pass(&s.n);
	pass(&s.n);
}

static void permit(void *data)
{
	WRITE_ONCE(*(int *)data, 1);
}

static void start_four(void *data)
{
	much[0] = 1;
	iommufd_model_spawn("writer", write_part, data);
	iommufd_model_spawn("reader", read_part_if_permitted, data);
	iommufd_model_spawn("permit", permit, &s.go[0]);
	iommufd_model_spawn("permit, too", permit, &s.go[1]);
}

static void start_locked(void *data)
{
	iommufd_model_spawn("writer", write_locked, data);
	iommufd_model_spawn("reader", pass_then_read_locked, data);
	iommufd_model_spawn("passes", pass_n_twice, data);
	pass(&s.n);
}

/*
 * Explore @v without states, with states of what the threads share, and with states
 * of all memory from the first execution on, with and without checkpoints.
 */
static void check_both(const struct verdict *v)
{
	struct iommufd_model_explore_options options = {
		.jobs = 1, .states_after = 1,
	};
	unsigned long without, with, redundant;
	struct verdict whole = *v, listed = *v;

	check_verdict(v);
	without = verdict_result.executions + verdict_result.redundant;
	listed.test.memory[0] = (struct iommufd_model_memory)
		IOMMUFD_MODEL_MEMORY(s);
	check_verdict_once(&listed, options);
	whole.test.memory[0] = (struct iommufd_model_memory)
		IOMMUFD_MODEL_STATIC_VARIABLES;
	check_verdict_once(&whole, options);
	with = verdict_result.executions;
	redundant = verdict_result.redundant;
	options.no_checkpoints = true;
	check_verdict_with(&whole, options);
	if (v->failure)
		return;
	ck_assert_uint_eq(verdict_result.executions, with);
	ck_assert_uint_eq(verdict_result.redundant, redundant);
	ck_assert_str_eq(verdict_result.no_states, "");
	ck_assert_uint_gt(verdict_result.states, 0);
	ck_assert_uint_le(verdict_result.executions, without);
}

START_TEST(races_across_a_known_state_are_found)
{
	static const struct verdict rows[] = {
		WRONG(DATA_RACE, "write_then_pass", "pass_then_read",
		      "a lock in the other order", setup, after,
		      T(write_then_pass), T(pass_then_read)),
		RIGHT(0, "all under the lock", setup, after, T(write_locked),
		      T(pass_then_read_locked)),
		WRONG(DATA_RACE, "write_then_spin", "spin_then_write",
		      "a spinlock in the other order", setup, after,
		      T(write_then_spin), T(spin_then_write), T(spin_twice)),
		WRONG(DATA_RACE, "write_then_spin", "pass_n_then_read_y",
		      "a third thread between the two", setup, after,
		      T(write_then_spin), T(spin_then_pass_n),
		      T(pass_n_then_read_y)),
		WRONG(DATA_RACE, "write_y_then_share", "share_then_read_y",
		      "a semaphore in the other order", setup, after,
		      T(write_y_then_share), T(share_then_read_y)),
		WRONG(DATA_RACE, "write_then_pass_thrice",
		      "pass_thrice_then_read", "several locks, several times",
		      setup, after, T(write_then_pass_thrice),
		      T(pass_thrice_then_read), T(spin_once)),
		WRONG(DATA_RACE, "write_y_release_pass_and_tell",
		      "see_and_acquire", "a flag that is released and written",
		      setup, after, T(write_y_release_pass_and_tell),
		      T(see_and_acquire), T(write_flag)),
		WRONG(USE_AFTER_FREE, "write_object_then_pass",
		      "pass_then_free", "a free in the other order", setup,
		      after, T(write_object_then_pass), T(pass_then_free)),
		RIGHT(0, "the last one frees", setup, after, T(write_then_put),
		      T(put)),
		WRONG(USE_AFTER_FREE, "pass_then_look", "allocate_then_pass",
		      "looks at an object without a reference", setup, after,
		      T(allocate_then_pass), T(pass_then_look)),
		WRONG(DATA_RACE, "the zeroing of new memory", "a plain read",
		      "zeroed, and read by another thread", setup,
		      after_publish, T(publish), T(read_object)),
		RIGHT(0, "the one who takes it frees it", setup, after,
		      T(publish_and_free), T(free_if_seen)),
		WRONG(DATA_RACE, "write_in_one_section",
		      "write_in_another_section",
		      "two writers of a sequence counter", setup, after,
		      T(write_in_one_section), T(write_in_another_section)),
		WRONG(DATA_RACE, "write_y_and_x", "read_x_after_section",
		      "a section that has no end on one path", setup, after,
		      T(write_y_and_x), T(read_x_after_section)),
		WRONG(DATA_RACE, "write_part", "read_part_if_permitted",
		      "threads that another one starts", setup, after,
		      T(start_four)),
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		check_both(&rows[i]);
}
END_TEST

/* A thread has no other history than its stack. */
START_TEST(states_of_started_threads_are_found_again)
{
	struct verdict v = RIGHT(6, "started threads under the lock", setup,
				 after, T(start_locked));

	v.test.memory[0] = (struct iommufd_model_memory)
		IOMMUFD_MODEL_STATIC_VARIABLES;
	check_verdict_with(&v, (struct iommufd_model_explore_options){
				       .states_after = 1 });
}
END_TEST

/* Why states are not used any more, or no checkpoints. */

#define MORE_THAN_ACCESSES 4200
#define MORE_THAN_GRANULES 7500
#define MORE_THAN_CHANGES (1100 << 10)

static long granules[MORE_THAN_GRANULES], *many;

static void write_granules(void *data)
{
	int i;

	(void)data;
	pass(&s.m);
	for (i = 0; i < MORE_THAN_GRANULES; i++)
		granules[i] = i;
	pass(&s.m);
}

static void after_granules(void *data)
{
	iommufd_model_assert(granules[MORE_THAN_GRANULES - 1] ==
			     MORE_THAN_GRANULES - 1);
	after(data);
}

static void setup_many(void *data)
{
	setup(data);
	many = kzalloc(MORE_THAN_ACCESSES * sizeof(*many), GFP_KERNEL);
}

static void free_many(void *data)
{
	kfree(many);
	after(data);
}

static void pass_and_end(void *data)
{
	(void)data;
	pass(&s.m);
	WRITE_ONCE(s.done, 1);
}

/* In the first execution it does all its operations, and writes nothing. */
static void write_to_many(void *data)
{
	int i;

	(void)data;
	pass(&s.m);
	if (READ_ONCE(s.done))
		return;
	for (i = 0; i < MORE_THAN_ACCESSES; i++)
		many[i] = i;
}

static void setup_malloc(void *data)
{
	setup(data);
	many = malloc(sizeof(*many));
	*many = 0;
}

static void count_and_free_last(void *data)
{
	long seen;

	(void)data;
	mutex_lock(&s.m);
	seen = ++*many;
	mutex_unlock(&s.m);
	if (seen == 2)
		free(many);
}

static void pass_twice(void *data)
{
	(void)data;
	pass(&s.m);
	pass(&s.m);
}

START_TEST(what_watched_code_accesses_ends_the_use_of_states)
{
	static const struct {
		const char *why;
		struct verdict v;
	} rows[] = {
		{ "too much memory is accessed",
		  RIGHT(0, "granules", setup, after_granules,
			T(write_granules), T(pass_twice)) },
		{ "too many different accesses",
		  RIGHT(0, "accesses", setup_many, free_many, T(pass_and_end),
			T(write_to_many)) },
		{ "memory of malloc() is freed",
		  RIGHT(0, "malloc", setup_malloc, after,
			T(count_and_free_last),
			{ "another", count_and_free_last }) },
	};
	struct iommufd_model_explore_options options = {
		.states_after = 1,
	};
	struct verdict v = rows[_i].v;

	v.test.memory[0] =
		(struct iommufd_model_memory)IOMMUFD_MODEL_STATIC_VARIABLES;
	check_verdict_once(&v, options);
	ck_assert_str_eq(verdict_result.no_states, rows[_i].why);
}
END_TEST

static void increment_x(void *data)
{
	(void)data;
	mutex_lock(&s.m);
	s.x++;
	mutex_unlock(&s.m);
}

/*
 * The log has no room for what this thread accesses, so none for its last access
 * either.  If the search went back with that log, it would find a race of it.
 */
static void start_two_and_write(void *data)
{
	int i, a, b;

	a = iommufd_model_spawn("a", increment_x, data);
	b = iommufd_model_spawn("b", increment_x, data);
	iommufd_model_join(a);
	iommufd_model_join(b);
	many = kvmalloc(MORE_THAN_CHANGES * sizeof(*many), GFP_KERNEL);
	for (i = 0; i < MORE_THAN_CHANGES; i++)
		many[i] = i;
	s.x = 0;
	kvfree(many);
}

START_TEST(with_a_full_log_the_search_goes_on_without_checkpoints)
{
	struct verdict v =
		RIGHT(0, "full log", setup, after, T(start_two_and_write));

	v.test.memory[0] =
		(struct iommufd_model_memory)IOMMUFD_MODEL_STATIC_VARIABLES;
	check_verdict_once(&v, (struct iommufd_model_explore_options){
				       .states_after = 1 });
	ck_assert_str_eq(verdict_result.no_states, "");
}
END_TEST

static Suite *suite(void)
{
	Suite *suite = suite_create("watch_states");
	TCase *tc = tcase_create("watch_states");

	tcase_add_test(tc, races_across_a_known_state_are_found);
	tcase_add_test(tc, states_of_started_threads_are_found_again);
	tcase_add_loop_test(
		tc, what_watched_code_accesses_ends_the_use_of_states, 0, 3);
	tcase_add_test(tc,
		       with_a_full_log_the_search_goes_on_without_checkpoints);
	suite_add_tcase(suite, tc);
	return suite;
}

int main(void)
{
	return run_suite(suite());
}
