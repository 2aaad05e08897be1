// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Small explored tests.  Each wrong form must fail with the kind of failure of
 * its mistake, and the exploration of each right form must be complete.
 */
#include "suite.h"
#include <iommufd_model/kernel.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

struct object {
	refcount_t users;
	spinlock_t lock;
	struct mutex mutex;
	struct rw_semaphore sem;
	wait_queue_head_t queue;
	int dead;
	struct object *self;
};

static struct object *object;
static struct object shared; /* static, so that it is in no allocation */
static volatile int seen;
static int flag, other;
static bool freed;

static void init_object(struct object *o)
{
	memset(o, 0, sizeof(*o));
	refcount_set(&o->users, 2);
	spin_lock_init(&o->lock);
	mutex_init(&o->mutex);
	init_rwsem(&o->sem);
	init_waitqueue_head(&o->queue);
	o->self = o;
}

static void setup(void *data)
{
	(void)data;
	freed = false;
	flag = other = 0;
	object = kzalloc(sizeof(*object), GFP_KERNEL);
	init_object(object);
	init_object(&shared);
}

static void after(void *data)
{
	(void)data;
	if (!freed)
		kfree(object);
}

static void release(void)
{
	freed = true;
	kfree(object);
}

static struct iommufd_model_explore_result result;

static int explore(const struct iommufd_model_test *test,
		   struct iommufd_model_explore_options options)
{
	iommufd_model_explore_free(&result);
	options.quiet = true;
	return iommufd_model_explore(test, &options, &result);
}

#define explore_with(test, ...) \
	explore(test, (struct iommufd_model_explore_options){ __VA_ARGS__ })

/* A test, and the failure that must be found, or IOMMUFD_MODEL_NO_FAILURE. */
struct verdict {
	enum iommufd_model_failure failure;
	struct iommufd_model_test test;
};

static void check_verdict(const struct verdict *v)
{
	char text[128];
	int rc = explore_with(&v->test, .jobs = 1);

	ck_assert_msg(rc == !!v->failure &&
			      result.failure == v->failure,
		      "%s: %s, expected %s", v->test.name,
		      iommufd_model_verdict_text(&result, text, sizeof(text)),
		      iommufd_model_failure_name(v->failure));
	if (!v->failure)
		ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE);
}

/* Asserts that a replay of the schedule alone finds the same failure. */
static void check_replay(const struct verdict *v)
{
	char *schedule;

	if (!v->failure)
		return;
	schedule = strdup(result.schedule);
	ck_assert_int_eq(explore_with(&v->test, .mode = IOMMUFD_MODEL_REPLAY,
				      .schedule = schedule), 1);
	ck_assert_int_eq(result.failure, v->failure);
	free(schedule);
}

#define ENTRY(failure_, name_, one, two)				\
	{ IOMMUFD_MODEL_##failure_, {					\
		.name = name_, .setup = setup, .after = after,		\
		.threads = { { #one, one }, { #two, two } } } }

#define ENTRY3(failure_, name_, one, two, three)			\
	{ IOMMUFD_MODEL_##failure_, {					\
		.name = name_, .setup = setup, .after = after,		\
		.threads = { { #one, one }, { #two, two },		\
			     { #three, three } } } }

/*
 * The functions below make plain accesses after the last operation of a thread.
 */

static void read_after_dec(void *data)
{
	(void)data;
	refcount_dec(&object->users);
	seen = object->self->dead;
}

static void write_after_dec(void *data)
{
	(void)data;
	refcount_dec(&object->users);
	object->dead = 1;
}

static void read_before_dec(void *data)
{
	(void)data;
	seen = object->self->dead;
	refcount_dec(&object->users);
}

static void free_if_last(void *data)
{
	(void)data;
	if (refcount_dec_if_one(&object->users))
		release();
}

static void put_and_read(void *data)
{
	(void)data;
	if (refcount_dec_and_test(&object->users))
		release();
	else
		seen = object->self->dead;
}

static void put(void *data)
{
	(void)data;
	if (refcount_dec_and_test(&object->users))
		release();
}

/* It fails before the code after the last operation of the other thread. */

static void set_before_other(void *data)
{
	(void)data;
	WRITE_ONCE(flag, 1);
	other = 1;
}

static void expect_other(void *data)
{
	int set = READ_ONCE(flag);

	(void)data;
	iommufd_model_assert(other >= set);
}

/*
 * One thread sets object->dead in a critical section, and reads the object
 * after that section.  The other thread reads object->dead in a critical
 * section, and frees the object if it is set.
 */
#define SECTIONS(lock_name, enter, leave)				\
	static void read_behind_##lock_name(void *data)			\
	{								\
		(void)data;						\
		enter;							\
		object->dead = 1;					\
		leave;							\
		seen = object->self->dead;				\
	}								\
	static void read_in_##lock_name(void *data)			\
	{								\
		(void)data;						\
		enter;							\
		object->dead = 1;					\
		seen = object->self->dead;				\
		leave;							\
	}								\
	static void free_behind_##lock_name(void *data)			\
	{								\
		int dead;						\
									\
		(void)data;						\
		enter;							\
		dead = object->dead;					\
		leave;							\
		if (dead)						\
			release();					\
	}

SECTIONS(shared_spinlock, spin_lock(&shared.lock), spin_unlock(&shared.lock))
SECTIONS(shared_mutex, mutex_lock(&shared.mutex), mutex_unlock(&shared.mutex))
SECTIONS(shared_rwsem, down_write(&shared.sem), up_write(&shared.sem))
SECTIONS(own_spinlock, spin_lock(&object->lock), spin_unlock(&object->lock))
SECTIONS(own_mutex, mutex_lock(&object->mutex), mutex_unlock(&object->mutex))
SECTIONS(own_rwsem, down_write(&object->sem), up_write(&object->sem))

static void say_done_and_read(void *data)
{
	(void)data;
	WRITE_ONCE(object->dead, 1);
	seen = object->self->dead;
}

static void say_done(void *data)
{
	(void)data;
	seen = object->self->dead;
	WRITE_ONCE(object->dead, 1);
}

static void free_if_done(void *data)
{
	(void)data;
	if (READ_ONCE(object->dead))
		release();
}

static void say_done_elsewhere_and_read(void *data)
{
	(void)data;
	WRITE_ONCE(flag, 1);
	seen = object->self->dead;
}

static void free_if_done_elsewhere(void *data)
{
	(void)data;
	if (READ_ONCE(flag))
		release();
}

static void wake_and_read(void *data)
{
	(void)data;
	WRITE_ONCE(flag, 1);
	wake_up(&shared.queue);
	seen = object->self->dead;
}

static void wake(void *data)
{
	(void)data;
	seen = object->self->dead;
	WRITE_ONCE(flag, 1);
	wake_up(&shared.queue);
}

static void wait_and_free(void *data)
{
	(void)data;
	wait_event(shared.queue, READ_ONCE(flag));
	release();
}

static void signal_by_inc(void *data)
{
	(void)data;
	refcount_inc(&shared.users);
	seen = object->self->dead;
}

static void free_if_three(void *data)
{
	(void)data;
	if (refcount_read(&shared.users) == 3)
		release();
}

static const struct verdict last_statements[] = {
	ENTRY(FAIL_USE_AFTER_FREE, "read after inc", signal_by_inc,
	      free_if_three),
	ENTRY(FAIL_ASSERTION, "set before what it stands for",
	      set_before_other, expect_other),
	ENTRY(FAIL_USE_AFTER_FREE, "read after dec", read_after_dec,
	      free_if_last),
	ENTRY(FAIL_USE_AFTER_FREE, "write after dec", write_after_dec,
	      free_if_last),
	ENTRY(NO_FAILURE, "read before dec", read_before_dec, free_if_last),
	ENTRY(FAIL_USE_AFTER_FREE, "two puts", put_and_read, put),
	ENTRY(NO_FAILURE, "two puts and no read", put, put),
#define SECTION_ENTRIES(lock)						\
	ENTRY(FAIL_USE_AFTER_FREE, "read behind " #lock,		\
	      read_behind_##lock, free_behind_##lock)
	SECTION_ENTRIES(shared_spinlock),
	SECTION_ENTRIES(shared_mutex),
	SECTION_ENTRIES(shared_rwsem),
	SECTION_ENTRIES(own_spinlock),
	SECTION_ENTRIES(own_mutex),
	SECTION_ENTRIES(own_rwsem),
	ENTRY(NO_FAILURE, "read in shared_spinlock", read_in_shared_spinlock,
	      free_behind_shared_spinlock),
	ENTRY(NO_FAILURE, "read in shared_mutex", read_in_shared_mutex,
	      free_behind_shared_mutex),
	ENTRY(NO_FAILURE, "read in shared_rwsem", read_in_shared_rwsem,
	      free_behind_shared_rwsem),
	ENTRY(NO_FAILURE, "read in own_spinlock", read_in_own_spinlock,
	      free_behind_own_spinlock),
	/* The tails of these unlocks access the lock, which has been freed. */
	ENTRY(FAIL_USE_AFTER_FREE, "read in own_mutex", read_in_own_mutex,
	      free_behind_own_mutex),
	ENTRY(FAIL_USE_AFTER_FREE, "read in own_rwsem", read_in_own_rwsem,
	      free_behind_own_rwsem),
	ENTRY(FAIL_USE_AFTER_FREE, "read after a flag", say_done_and_read,
	      free_if_done),
	ENTRY(NO_FAILURE, "read before a flag", say_done, free_if_done),
	ENTRY(FAIL_USE_AFTER_FREE, "read after a flag elsewhere",
	      say_done_elsewhere_and_read, free_if_done_elsewhere),
	ENTRY(FAIL_USE_AFTER_FREE, "read after wake_up", wake_and_read,
	      wait_and_free),
	ENTRY(NO_FAILURE, "read before wake_up", wake, wait_and_free),
};

START_TEST(what_follows_the_last_operation_is_seen)
{
	const struct verdict *v = &last_statements[_i];
	check_verdict(v);
	check_replay(v);
}
END_TEST

static void nothing(void *data)
{
	(void)data;
}

/* The functions below destroy locks and test their state. */

static void use_mutex(void *data)
{
	(void)data;
	mutex_lock(&shared.mutex);
	(void)READ_ONCE(flag);
	mutex_unlock(&shared.mutex);
}

static void destroy_mutex(void *data)
{
	(void)data;
	WRITE_ONCE(other, 1);
	mutex_destroy(&shared.mutex);
}

static void try_mutex(void *data)
{
	(void)data;
	if (!mutex_trylock(&shared.mutex))
		return;
	mutex_unlock(&shared.mutex);
}

static void use_mutex_and_put(void *data)
{
	use_mutex(data);
	refcount_dec(&shared.users);
}

static void destroy_mutex_if_last(void *data)
{
	(void)data;
	if (refcount_dec_if_one(&shared.users))
		mutex_destroy(&shared.mutex);
}

static void take_only_if_free(void *data)
{
	(void)data;
	if (!mutex_is_locked(&shared.mutex))
		WRITE_ONCE(flag, 1);
}

static void assert_alone(void *data)
{
	(void)data;
	mutex_lock(&shared.mutex);
	iommufd_model_assert(!READ_ONCE(flag));
	mutex_unlock(&shared.mutex);
}

static void take_only_if_no_writer(void *data)
{
	(void)data;
	if (!rwsem_is_locked(&shared.sem))
		WRITE_ONCE(flag, 1);
}

static void assert_no_writer(void *data)
{
	(void)data;
	down_write(&shared.sem);
	iommufd_model_assert(!READ_ONCE(flag));
	up_write(&shared.sem);
}

static void init_own(void *data)
{
	(void)data;
	spin_lock(&shared.lock);
	spin_lock_init(&shared.lock);
	spin_unlock(&shared.lock);
}

static const struct verdict destroyed_locks[] = {
	ENTRY(FAIL_LOCK, "init of an own lock", init_own, nothing),
	ENTRY(FAIL_LOCK, "destroy against lock", use_mutex, destroy_mutex),
	ENTRY(FAIL_LOCK, "destroy against trylock", try_mutex, destroy_mutex),
	ENTRY(NO_FAILURE, "destroy after the last put", use_mutex_and_put,
	      destroy_mutex_if_last),
	ENTRY(FAIL_ASSERTION, "is_locked is no lock", take_only_if_free,
	      assert_alone),
	ENTRY(FAIL_ASSERTION, "rwsem_is_locked is no lock",
	      take_only_if_no_writer, assert_no_writer),
};

START_TEST(destroying_and_looking_at_a_lock_are_steps)
{
	check_verdict(&destroyed_locks[_i]);
}
END_TEST

/* The functions below sleep in atomic context. */

/*
 * Defines @fn, which does @what with a spinlock held, and a function that does
 * it before.
 */
#define ATOMIC(fn, what)						\
	static void fn(void *data)					\
	{								\
		(void)data;						\
		what;							\
		spin_lock(&shared.lock);				\
		what;							\
		spin_unlock(&shared.lock);				\
	}

static void in_mutex(void)
{
	mutex_lock(&shared.mutex);
	mutex_unlock(&shared.mutex);
}

static void in_rwsem(bool write)
{
	if (write) {
		down_write(&shared.sem);
		up_write(&shared.sem);
	} else {
		down_read(&shared.sem);
		up_read(&shared.sem);
	}
}

static void allocate(gfp_t gfp)
{
	kfree(kzalloc(64, gfp));
}

static void copy_in(void)
{
	int value;

	ck_assert(!copy_from_user(&value, (void __user *)&flag, sizeof(value)));
}

static void copy_out(void)
{
	int value = 0;

	ck_assert(!copy_to_user((void __user *)&flag, &value, sizeof(value)));
}

static void store(gfp_t gfp)
{
	struct xarray xa;

	xa_init(&xa);
	xa_store(&xa, 3, &shared, gfp);
	xa_destroy(&xa);
}

static void store_locked(gfp_t gfp)
{
	struct xarray xa;

	xa_init(&xa);
	xa_lock(&xa);
	__xa_store(&xa, 3, &shared, gfp);
	xa_unlock(&xa);
	xa_destroy(&xa);
}

static void try_lock(void)
{
	if (mutex_trylock(&shared.mutex))
		mutex_unlock(&shared.mutex);
}

ATOMIC(mutex_under, in_mutex())
ATOMIC(down_write_under, in_rwsem(true))
ATOMIC(down_read_under, in_rwsem(false))
ATOMIC(alloc_under, allocate(GFP_KERNEL))
ATOMIC(atomic_alloc_under, allocate(GFP_ATOMIC))
ATOMIC(nowait_alloc_under, allocate(GFP_NOWAIT))
ATOMIC(copy_in_under, copy_in())
ATOMIC(copy_out_under, copy_out())
ATOMIC(wait_under, wait_event(shared.queue, true))
ATOMIC(timed_wait_under, wait_event_timeout(shared.queue, true, 1))
ATOMIC(xa_store_under, store(GFP_KERNEL))
ATOMIC(atomic_xa_store_under, store(GFP_ATOMIC))
ATOMIC(trylock_under, try_lock())
ATOMIC(wake_up_under, wake_up(&shared.queue))
ATOMIC(relax_under, cpu_relax())
ATOMIC(resched_under, cond_resched())
ATOMIC(might_sleep_under, might_sleep())

static void alloc_under_xa_lock(void *data)
{
	(void)data;
	store_locked(GFP_KERNEL);
}

static const struct verdict atomic_contexts[] = {
	ENTRY(FAIL_ATOMIC, "mutex_lock", mutex_under, nothing),
	ENTRY(FAIL_ATOMIC, "down_write", down_write_under, nothing),
	ENTRY(FAIL_ATOMIC, "down_read", down_read_under, nothing),
	ENTRY(FAIL_ATOMIC, "kzalloc", alloc_under, nothing),
	ENTRY(FAIL_ATOMIC, "copy_from_user", copy_in_under, nothing),
	ENTRY(FAIL_ATOMIC, "copy_to_user", copy_out_under, nothing),
	ENTRY(FAIL_ATOMIC, "wait_event", wait_under, nothing),
	ENTRY(FAIL_ATOMIC, "wait_event", timed_wait_under, nothing),
	ENTRY(FAIL_ATOMIC, "xa_store", xa_store_under, nothing),
	ENTRY(FAIL_ATOMIC, "cond_resched", resched_under, nothing),
	ENTRY(FAIL_ATOMIC, "might_sleep", might_sleep_under, nothing),
	ENTRY(NO_FAILURE, "GFP_ATOMIC", atomic_alloc_under, nothing),
	ENTRY(NO_FAILURE, "GFP_NOWAIT", nowait_alloc_under, nothing),
	ENTRY(NO_FAILURE, "xa_store with GFP_ATOMIC", atomic_xa_store_under,
	      nothing),
	ENTRY(NO_FAILURE, "__xa_store under xa_lock", alloc_under_xa_lock,
	      nothing),
	ENTRY(NO_FAILURE, "mutex_trylock", trylock_under, nothing),
	ENTRY(NO_FAILURE, "wake_up", wake_up_under, nothing),
	ENTRY(NO_FAILURE, "cpu_relax", relax_under, nothing),
};

START_TEST(what_may_sleep_does_not_do_so_under_a_spinlock)
{
	const struct verdict *v = &atomic_contexts[_i];

	check_verdict(v);
	if (!v->failure)
		return;
	/* The report names both call sites. */
	ck_assert_ptr_nonnull(strstr(result.text, v->test.name));
	ck_assert_ptr_nonnull(strstr(result.text, "&shared.lock"));
	ck_assert_ptr_nonnull(strstr(result.text, "_under"));
}
END_TEST

static void after_with_a_lock(void *data)
{
	after(data);
	mutex_lock(&shared.mutex);
}

static void setup_with_a_lock(void *data)
{
	setup(data);
	down_read(&shared.sem);
}

START_TEST(a_lock_that_the_test_keeps_is_told)
{
	const struct iommufd_model_test tests[] = {
		{ .name = "&shared.mutex", .setup = setup,
		  .after = after_with_a_lock,
		  .threads = { { "nothing", nothing } } },
		{ .name = "&shared.sem", .setup = setup_with_a_lock,
		  .after = after, .threads = { { "nothing", nothing } } },
	};

	ck_assert_int_eq(explore_with(&tests[_i], .jobs = 1), 1);
	ck_assert_int_eq(result.failure, IOMMUFD_MODEL_FAIL_LOCK);
	ck_assert_ptr_nonnull(strstr(result.text, "the test ends with "));
	ck_assert_ptr_nonnull(strstr(result.text, tests[_i].name));
}
END_TEST

START_TEST(sleeping_in_atomic_context_warns_without_the_explorer)
{
	setup(NULL);
	iommufd_model_expect_warning("mutex_lock may sleep, and spinlock "
				     "&shared.lock is held, taken by "
				     "mutex_under");
	mutex_under(NULL);
	iommufd_model_expect_warning("kzalloc may sleep");
	alloc_under(NULL);
	ck_assert_uint_eq(iommufd_model_missing_warnings(), 0);
	atomic_alloc_under(NULL);
	ck_assert_uint_eq(iommufd_model_warnings(), 0);
	after(NULL);
}
END_TEST

/* Returns what a child, which is aborted, says of an assertion that fails. */
static const char *said_by_child(void)
{
	static char text[256];
	int ends[2], status;
	ssize_t n;
	pid_t pid;

	ck_assert_int_eq(pipe(ends), 0);
	pid = fork();
	if (!pid) {
		dup2(ends[1], STDERR_FILENO);
		iommufd_model_assert(other == 17);
		_exit(0);
	}
	close(ends[1]);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	n = read(ends[0], text, sizeof(text) - 1);
	ck_assert_int_gt(n, 0);
	close(ends[0]);
	return text;
}

START_TEST(assertion_without_the_explorer_aborts_with_its_text)
{
	const char *text = said_by_child();

	ck_assert_ptr_nonnull(strstr(text, "verdicts.c:"));
	ck_assert_ptr_nonnull(strstr(text, "said_by_child: assertion failed: "
					   "other == 17"));
}
END_TEST

/* The functions below loop until another thread has done something. */

static void spin(void *data)
{
	(void)data;
	while (!READ_ONCE(flag))
		;
	iommufd_model_assert(READ_ONCE(other));
}

static void set(void *data)
{
	(void)data;
	WRITE_ONCE(other, 1);
	WRITE_ONCE(flag, 1);
}

static void set_too_early(void *data)
{
	(void)data;
	WRITE_ONCE(flag, 1);
	WRITE_ONCE(other, 1);
}

static void set_other(void *data)
{
	(void)data;
	WRITE_ONCE(other, 1);
}

static void spin_relaxed(void *data)
{
	(void)data;
	while (!READ_ONCE(flag))
		cpu_relax();
}

static void spin_resched(void *data)
{
	(void)data;
	while (!READ_ONCE(flag))
		cond_resched();
}

static void spin_plainly(void *data)
{
	(void)data;
	while (!*(volatile int *)&flag)
		cpu_relax();
}

static void set_plainly(void *data)
{
	(void)data;
	WRITE_ONCE(other, 1);
	*(volatile int *)&flag = 1;
	WRITE_ONCE(other, 2);
}

static void retry_lock(void *data)
{
	(void)data;
	while (!mutex_trylock(&shared.mutex))
		cpu_relax();
	flag++;
	mutex_unlock(&shared.mutex);
}

static void retry_lock_twice(void *data)
{
	retry_lock(data);
	retry_lock(data);
}

static void lock_and_leave(void *data)
{
	(void)data;
	mutex_lock(&shared.mutex);
	(void)READ_ONCE(other);
	mutex_unlock(&shared.mutex);
}

static void never_unlock(void *data)
{
	(void)data;
	mutex_lock(&shared.mutex);
	while (!READ_ONCE(flag))
		;
	mutex_unlock(&shared.mutex);
}

static void poll_under_lock(void *data)
{
	bool done;

	(void)data;
	do {
		mutex_lock(&shared.mutex);
		done = flag;
		mutex_unlock(&shared.mutex);
	} while (!done);
}

static void set_under_lock(void *data)
{
	(void)data;
	mutex_lock(&shared.mutex);
	flag = 1;
	mutex_unlock(&shared.mutex);
}

static void poll_users(void *data)
{
	(void)data;
	while (refcount_read(&shared.users) > 1)
		cpu_relax();
}

static void drop_user(void *data)
{
	(void)data;
	refcount_dec(&shared.users);
}

static void take_when_alive(void *data)
{
	(void)data;
	while (!refcount_inc_not_zero(&shared.users))
		;
}

static void revive(void *data)
{
	(void)data;
	refcount_set(&shared.users, 1);
}

static void setup_dead(void *data)
{
	setup(data);
	refcount_set(&shared.users, 0);
}

static void poll_for_a_while(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 50 && !READ_ONCE(flag); i++)
		cpu_relax();
	iommufd_model_assert(i < 50);
}

/* Each iteration of the loop writes the same value as the one before. */
static void spin_and_write(void *data)
{
	(void)data;
	while (!READ_ONCE(flag))
		WRITE_ONCE(other, 5);
}

static void wait_for_the_clock(void *data)
{
	unsigned long end = jiffies + 1000;

	(void)data;
	while (!READ_ONCE(flag) && jiffies < end)
		cpu_relax();
}

static void count_for_ever(void *data)
{
	(void)data;
	for (;;)
		WRITE_ONCE(other, READ_ONCE(other) + 1);
}

static void ping(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 2; i++) {
		while (READ_ONCE(flag))
			;
		WRITE_ONCE(flag, 1);
	}
}

static void pong(void *data)
{
	int i;

	(void)data;
	for (i = 0; i < 2; i++) {
		while (!READ_ONCE(flag))
			;
		WRITE_ONCE(flag, 0);
	}
}

static void one_first(void *data)
{
	(void)data;
	while (!READ_ONCE(flag))
		cpu_relax();
	WRITE_ONCE(other, 1);
}

static void other_first(void *data)
{
	(void)data;
	while (!READ_ONCE(other))
		cpu_relax();
	WRITE_ONCE(flag, 1);
}

/* Two loops in a row, each of which another thread ends. */
static void spin_twice(void *data)
{
	(void)data;
	while (!READ_ONCE(flag))
		;
	while (!READ_ONCE(other))
		;
}

static void set_both(void *data)
{
	(void)data;
	WRITE_ONCE(flag, 1);
	WRITE_ONCE(other, 1);
}

/* Each iteration of the loop reads another location. */
static void spin_round(void *data)
{
	static int *const locations[] = { &flag, &other };
	int i = 0;

	(void)data;
	while (!READ_ONCE(*locations[i]))
		i = !i;
	iommufd_model_assert(i == 0);
}

/* The third iteration of the loop writes, the first two do not. */
static void escalate(void *data)
{
	int turns = 0;

	(void)data;
	while (!READ_ONCE(flag))
		if (++turns == 3)
			WRITE_ONCE(other, 1);
	iommufd_model_assert(!READ_ONCE(other));
}

static void spin_with_a_reference(void *data)
{
	int done;

	(void)data;
	do {
		refcount_inc(&shared.users);
		done = READ_ONCE(flag);
		refcount_dec(&shared.users);
	} while (!done);
}

/* Takes one lock and tries the other; if that fails, unlocks and retries. */
#define BACK_OFF(fn, first, second)					\
	static void fn(void *data)					\
	{								\
		(void)data;						\
		for (;;) {						\
			mutex_lock(first);				\
			if (mutex_trylock(second))			\
				break;					\
			mutex_unlock(first);				\
			cpu_relax();					\
		}							\
		mutex_unlock(second);					\
		mutex_unlock(first);					\
	}

BACK_OFF(back_off_one, &shared.mutex, &object->mutex)
BACK_OFF(back_off_two, &object->mutex, &shared.mutex)

static const struct verdict loops[] = {
	ENTRY(NO_FAILURE, "two loops in a row", spin_twice, set_both),
	ENTRY(FAIL_ASSERTION, "a round of locations", spin_round, set_other),
	ENTRY(FAIL_ASSERTION, "an escalating loop", escalate, set),
	ENTRY(NO_FAILURE, "a reference in the loop", spin_with_a_reference,
	      set),
	ENTRY3(NO_FAILURE, "two poll under a lock", poll_under_lock,
	       poll_under_lock, set_under_lock),
	ENTRY3(NO_FAILURE, "two poll under a lock, set first", set_under_lock,
	       poll_under_lock, poll_under_lock),
	ENTRY3(NO_FAILURE, "two try a lock", retry_lock, retry_lock,
	       lock_and_leave),
	ENTRY(FAIL_LIVELOCK, "both back off", back_off_one, back_off_two),
	ENTRY(NO_FAILURE, "spin on a flag", spin, set),
	ENTRY(NO_FAILURE, "set, then spin", set, spin),
	ENTRY(FAIL_ASSERTION, "flag set too early", spin, set_too_early),
	ENTRY(FAIL_LIVELOCK, "nobody sets the flag", spin, set_other),
	ENTRY(FAIL_LIVELOCK, "nobody else at all", spin, nothing),
	ENTRY(NO_FAILURE, "cpu_relax", spin_relaxed, set),
	ENTRY(NO_FAILURE, "cond_resched", spin_resched, set),
	ENTRY(FAIL_LIVELOCK, "cpu_relax for nothing", spin_relaxed, set_other),
	ENTRY(NO_FAILURE, "a plain flag", spin_plainly, set_plainly),
	ENTRY(FAIL_LIVELOCK, "a plain flag, not set", spin_plainly, set_other),
	ENTRY(NO_FAILURE, "trylock", retry_lock, lock_and_leave),
	ENTRY(NO_FAILURE, "two trylocks", retry_lock_twice, retry_lock_twice),
	ENTRY(FAIL_LIVELOCK, "trylock of a lock that is kept", retry_lock,
	      never_unlock),
	ENTRY(NO_FAILURE, "a flag under a lock", poll_under_lock,
	      set_under_lock),
	ENTRY(FAIL_LIVELOCK, "a flag under a lock, not set", poll_under_lock,
	      lock_and_leave),
	ENTRY(NO_FAILURE, "a counter", poll_users, drop_user),
	ENTRY(FAIL_LIVELOCK, "a counter that stays", poll_users, set),
	{ IOMMUFD_MODEL_NO_FAILURE,
	  { .name = "inc_not_zero",
	    .setup = setup_dead,
	    .after = after,
	    .threads = { { "take", take_when_alive }, { "set", revive } } } },
	ENTRY(FAIL_ASSERTION, "a loop that gives up", poll_for_a_while, set),
	ENTRY(NO_FAILURE, "the same value again", spin_and_write, set),
	ENTRY(NO_FAILURE, "until the clock says", wait_for_the_clock,
	      set_other),
	ENTRY(FAIL_STEP_LIMIT, "counting for ever", count_for_ever, nothing),
	ENTRY(NO_FAILURE, "ping and pong", ping, pong),
	ENTRY(FAIL_LIVELOCK, "each waits for the other", one_first,
	      other_first),
};

START_TEST(a_loop_that_waits_is_no_endless_loop)
{
	const struct verdict *v = &loops[_i];
	check_verdict(v);
	check_replay(v);
}
END_TEST

START_TEST(a_livelock_names_what_is_waited_for)
{
	static const struct verdict v = ENTRY(FAIL_LIVELOCK, "livelock", spin,
					      set_other);

	check_verdict(&v);
	ck_assert_str_eq(result.text, "spin waits in a loop for flag, and "
				      "nobody is left to change it");
	ck_assert_int_eq(result.thread, 0);
}
END_TEST

/* Two of them wait, and each may be the one that keeps the other there. */
START_TEST(a_livelock_names_all_who_wait)
{
	static const struct verdict v = {
		IOMMUFD_MODEL_FAIL_LIVELOCK,
		{ .name = "livelock of two", .setup = setup, .after = after,
		  .threads = { { "one", spin }, { "two", spin } } },
	};

	check_verdict(&v);
	ck_assert_str_eq(result.text, "one waits in a loop for flag, two in "
				      "another, and nobody else is left to "
				      "change it");
}
END_TEST

/* The tests below and their functions are about timeouts. */

static void free_on_timeout(void *data)
{
	(void)data;
	wait_event_timeout(shared.queue, READ_ONCE(flag), 5);
	release();
}

static void work_and_wake(void *data)
{
	(void)data;
	WRITE_ONCE(object->dead, 1);
	WRITE_ONCE(flag, 1);
	wake_up(&shared.queue);
}

/* Frees the object unless the wait has timed out. */
static void free_unless_timed_out(void *data)
{
	(void)data;
	if (wait_event_timeout(shared.queue, READ_ONCE(flag), 5))
		release();
}

static void never_times_out(void *data)
{
	(void)data;
	iommufd_model_assert(
		wait_event_timeout(shared.queue, READ_ONCE(flag), 5));
}

static void watchdog(void *data)
{
	(void)data;
	iommufd_model_assert(wait_event_timeout(shared.queue, READ_ONCE(flag),
						IOMMUFD_MODEL_WATCHDOG));
}

static void nearly_a_watchdog(void *data)
{
	(void)data;
	iommufd_model_assert(wait_event_timeout(shared.queue, READ_ONCE(flag),
						IOMMUFD_MODEL_WATCHDOG - 1));
}

static void wait_again_and_again(void *data)
{
	(void)data;
	while (!wait_event_timeout(shared.queue, READ_ONCE(flag), 5))
		;
}

static void say_done_and_wake(void *data)
{
	(void)data;
	WRITE_ONCE(flag, 1);
	wake_up(&shared.queue);
}

/* The assertion fails only if both threads time out. */
static void time_out(void *data)
{
	(void)data;
	if (wait_event_timeout(shared.queue, READ_ONCE(flag), 5))
		return;
	mutex_lock(&shared.mutex);
	other++;
	iommufd_model_assert(other < 2);
	mutex_unlock(&shared.mutex);
}

/* The second wait is on another queue, and longer. */
static void time_out_later(void *data)
{
	(void)data;
	if (wait_event_timeout(object->queue, READ_ONCE(flag), 500))
		return;
	mutex_lock(&shared.mutex);
	other++;
	iommufd_model_assert(other < 2);
	mutex_unlock(&shared.mutex);
}

static void wake_both(void *data)
{
	(void)data;
	WRITE_ONCE(flag, 1);
	wake_up(&shared.queue);
	wake_up(&object->queue);
}

static void time_out_twice(void *data)
{
	int n = 0;

	(void)data;
	while (!wait_event_timeout(shared.queue, READ_ONCE(flag), 5))
		iommufd_model_assert(++n < 2);
}

static const struct verdict timeouts[] = {
	ENTRY(FAIL_USE_AFTER_FREE, "freed on timeout", free_on_timeout,
	      work_and_wake),
	ENTRY(NO_FAILURE, "freed by who was told", free_unless_timed_out,
	      work_and_wake),
	ENTRY(FAIL_ASSERTION, "taken not to time out", never_times_out,
	      work_and_wake),
	ENTRY(FAIL_ASSERTION, "the waker first", work_and_wake,
	      never_times_out),
	ENTRY(NO_FAILURE, "a watchdog", watchdog, work_and_wake),
	ENTRY(FAIL_ASSERTION, "nearly a watchdog", nearly_a_watchdog,
	      work_and_wake),
	ENTRY(FAIL_TIMEOUT, "a watchdog nobody feeds", watchdog, nothing),
	ENTRY(FAIL_TIMEOUT, "nobody wakes", never_times_out, nothing),
	ENTRY(NO_FAILURE, "waits until it is told", wait_again_and_again,
	      say_done_and_wake),
	ENTRY3(FAIL_ASSERTION, "both time out", time_out, time_out,
	       say_done_and_wake),
	ENTRY3(FAIL_ASSERTION, "both time out, one later", time_out,
	       time_out_later, wake_both),
	ENTRY(FAIL_ASSERTION, "times out twice", time_out_twice,
	      say_done_and_wake),
};

START_TEST(a_timeout_may_fire_while_others_can_go_on)
{
	const struct verdict *v = &timeouts[_i];
	check_verdict(v);
	check_replay(v);
	if (!v->failure)
		return;
	/* Explore all schedules in every mode. */
	ck_assert_int_eq(explore_with(&v->test, .mode = IOMMUFD_MODEL_BOUNDED,
				      .preemptions = -1), 1);
	ck_assert_int_eq(explore_with(&v->test,
				      .mode = IOMMUFD_MODEL_RANDOM), 1);
}
END_TEST

START_TEST(early_timeouts_can_be_bounded_and_turned_off)
{
	char text[128];

	ck_assert_int_eq(explore_with(&timeouts[0].test,
				      .timeouts = IOMMUFD_MODEL_NO_TIMEOUTS),
			 0);
	ck_assert_int_eq(result.verdict, IOMMUFD_MODEL_COMPLETE);
	ck_assert(!result.timeouts_bounded);
	/* The last test needs two timeouts. */
	ck_assert_int_eq(
		explore_with(&timeouts[ARRAY_SIZE(timeouts) - 1].test,
			     .timeouts = 1), 0);
	ck_assert(result.timeouts_bounded);
	ck_assert_str_eq(iommufd_model_verdict_text(&result, text,
						    sizeof(text)),
			 "complete, with 1 early timeout");
	ck_assert_int_eq(explore_with(&timeouts[0].test, .timeouts = -2),
			 -EINVAL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("verdicts");
	TCase *tc = tcase_create("verdicts");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, what_follows_the_last_operation_is_seen, 0,
			    ARRAY_SIZE(last_statements));
	tcase_add_loop_test(tc, destroying_and_looking_at_a_lock_are_steps, 0,
			    ARRAY_SIZE(destroyed_locks));
	tcase_add_loop_test(tc,
			    what_may_sleep_does_not_do_so_under_a_spinlock, 0,
			    ARRAY_SIZE(atomic_contexts));
	tcase_add_loop_test(tc, a_lock_that_the_test_keeps_is_told, 0, 2);
	tcase_add_test(tc,
		       sleeping_in_atomic_context_warns_without_the_explorer);
	tcase_add_test(tc, assertion_without_the_explorer_aborts_with_its_text);
	tcase_add_loop_test(tc, a_loop_that_waits_is_no_endless_loop, 0,
			    ARRAY_SIZE(loops));
	tcase_add_test(tc, a_livelock_names_what_is_waited_for);
	tcase_add_test(tc, a_livelock_names_all_who_wait);
	tcase_add_loop_test(tc, a_timeout_may_fire_while_others_can_go_on, 0,
			    ARRAY_SIZE(timeouts));
	tcase_add_test(tc, early_timeouts_can_be_bounded_and_turned_off);
	return run_suite(suite);
}
