// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Locks in all their variants: what they exclude, the classic mistakes in their
 * right and wrong form, and locks and unlocks that do not match.
 */
#include "suite.h"
#include "verdict.h"
#include <iommufd_model/kernel.h>

static struct mutex mutex, outer, inner;
static struct rw_semaphore sem;
static spinlock_t spin;
static rwlock_t rw;
static raw_spinlock_t raw;
static int value, copies, arrived, met;
static unsigned long flags;

static void setup(void *data)
{
	static struct lock_class_key key;

	(void)data;
	mutex_init(&mutex);
	init_rwsem(&sem);
	spin_lock_init(&spin);
	raw_spin_lock_init(&raw);
	rwlock_init(&rw);
	mutex_init(&outer);
	mutex_init(&inner);
	lockdep_set_class(&outer, &key);
	lockdep_set_class(&inner, &key);
	key.name = "both";
	value = 0;
	copies = 0;
	arrived = met = 0;
}

static void nothing(void *data)
{
	(void)data;
}

#define ROW(failure_, name_, one, two, ...)				\
	{ .failure = IOMMUFD_MODEL_##failure_,					\
	  .test = { .name = name_, .setup = setup,				\
	    .threads = { { "a", one }, { "b", two } } },		\
	  .told = { "" __VA_ARGS__ } }
#define ROW3(failure_, name_, one, two, three, ...)			\
	{ .failure = IOMMUFD_MODEL_##failure_,					\
	  .test = { .name = name_, .setup = setup,				\
	    .threads = { { "a", one }, { "b", two }, { "c", three } } }, \
	  .told = { "" __VA_ARGS__ } }

/*
 * A thread that finds its own lock taken did not keep the others from taking it
 * before.
 */

#define LOOKS_AT_ITS_OWN(fn, lock, is_locked, unlock)			\
	static void fn(void *data)					\
	{								\
		(void)data;						\
		lock;							\
		iommufd_model_assert(is_locked);			\
		iommufd_model_assert(!READ_ONCE(value));		\
		unlock;							\
	}

LOOKS_AT_ITS_OWN(is_locked_mutex, mutex_lock(&mutex), mutex_is_locked(&mutex),
		 mutex_unlock(&mutex))
LOOKS_AT_ITS_OWN(is_locked_spin, spin_lock(&spin), spin_is_locked(&spin),
		 spin_unlock(&spin))
LOOKS_AT_ITS_OWN(is_locked_read, down_read(&sem), rwsem_is_locked(&sem),
		 up_read(&sem))
LOOKS_AT_ITS_OWN(is_locked_write, down_write(&sem), rwsem_is_locked(&sem),
		 up_write(&sem))

/* A reader that cannot be kept out did not keep a writer from being first. */

static void sees_nothing(void *data)
{
	(void)data;
	read_lock(&rw);
	read_lock(&rw);
	iommufd_model_assert(!READ_ONCE(value));
	read_unlock(&rw);
	read_unlock(&rw);
}

static void sees_nothing_and_tries(void *data)
{
	(void)data;
	read_lock(&rw);
	if (read_trylock(&rw))
		read_unlock(&rw);
	iommufd_model_assert(!READ_ONCE(value));
	read_unlock(&rw);
}

static void sees_nothing_and_waits(void *data)
{
	(void)data;
	read_lock(&rw);
	WRITE_ONCE(arrived, 1);
	while (!READ_ONCE(met))
		cpu_relax();
	iommufd_model_assert(!READ_ONCE(value));
	read_unlock(&rw);
}

static void reads_meanwhile(void *data)
{
	(void)data;
	while (!READ_ONCE(arrived))
		cpu_relax();
	read_lock(&rw);
	WRITE_ONCE(met, 1);
	read_unlock(&rw);
}

/* A writer changes the value twice, and nobody may see the value in between. */

static void change(void)
{
	WRITE_ONCE(value, READ_ONCE(value) + 1);
	WRITE_ONCE(value, READ_ONCE(value) + 1);
}

static void look(void)
{
	iommufd_model_assert(READ_ONCE(value) % 2 == 0);
}

#define GUARDED(fn, lock, what, unlock)					\
	static void fn(void *data)					\
	{								\
		(void)data;						\
		lock;							\
		what();							\
		unlock;							\
	}
#define GUARDED_IF(fn, lock, what, unlock)				\
	static void fn(void *data)					\
	{								\
		(void)data;						\
		if (!(lock))						\
			return;						\
		what();							\
		unlock;							\
	}

GUARDED(change_mutex, mutex_lock(&mutex), change, mutex_unlock(&mutex))
GUARDED(change_nested, mutex_lock_nested(&mutex, SINGLE_DEPTH_NESTING), change,
	mutex_unlock(&mutex))
GUARDED_IF(look_interruptible, !mutex_lock_interruptible(&mutex), look,
	   mutex_unlock(&mutex))
GUARDED_IF(look_killable, !mutex_lock_killable(&mutex), look,
	   mutex_unlock(&mutex))
GUARDED(look_io, mutex_lock_io(&mutex), look, mutex_unlock(&mutex))
GUARDED_IF(look_trylock, mutex_trylock(&mutex), look, mutex_unlock(&mutex))

GUARDED(change_sem, down_write(&sem), change, up_write(&sem))
GUARDED_IF(change_sem_killable, !down_write_killable(&sem), change,
	   up_write(&sem))
GUARDED(change_sem_nested, down_write_nested(&sem, 1), change, up_write(&sem))
GUARDED_IF(change_sem_try, down_write_trylock(&sem), change, up_write(&sem))
GUARDED(look_sem, down_read(&sem), look, up_read(&sem))
GUARDED(look_sem_nested, down_read_nested(&sem, 1), look, up_read(&sem))
GUARDED_IF(look_sem_interruptible, !down_read_interruptible(&sem), look,
	   up_read(&sem))
GUARDED_IF(look_sem_killable, !down_read_killable(&sem), look, up_read(&sem))
GUARDED_IF(look_sem_try, down_read_trylock(&sem), look, up_read(&sem))

GUARDED(change_spin, spin_lock(&spin), change, spin_unlock(&spin))
GUARDED(change_spin_nested, spin_lock_nested(&spin, 1), change,
	spin_unlock(&spin))
GUARDED(change_irq, spin_lock_irq(&spin), change, spin_unlock_irq(&spin))
GUARDED(look_bh, spin_lock_bh(&spin), look, spin_unlock_bh(&spin))
GUARDED_IF(look_spin_try, spin_trylock(&spin), look, spin_unlock(&spin))
GUARDED_IF(look_irq_try, spin_trylock_irq(&spin), look, spin_unlock_irq(&spin))
GUARDED_IF(look_bh_try, spin_trylock_bh(&spin), look, spin_unlock_bh(&spin))

static void look_irqsave(void *data)
{
	unsigned long saved;

	(void)data;
	spin_lock_irqsave(&spin, saved);
	iommufd_model_assert(irqs_disabled());
	look();
	spin_unlock_irqrestore(&spin, saved);
	iommufd_model_assert(!irqs_disabled());
}

static void look_irqsave_try(void *data)
{
	unsigned long saved;

	(void)data;
	if (spin_trylock_irqsave(&spin, saved)) {
		look();
		spin_unlock_irqrestore(&spin, saved);
	}
	iommufd_model_assert(!irqs_disabled());
}

GUARDED(change_raw, raw_spin_lock_irq(&raw), change, raw_spin_unlock_irq(&raw))
GUARDED(look_raw, raw_spin_lock(&raw), look, raw_spin_unlock(&raw))
GUARDED_IF(look_raw_try, raw_spin_trylock(&raw), look, raw_spin_unlock(&raw))

GUARDED(change_rw, write_lock(&rw), change, write_unlock(&rw))
GUARDED(change_rw_irq, write_lock_irq(&rw), change, write_unlock_irq(&rw))
GUARDED(change_rw_bh, write_lock_bh(&rw), change, write_unlock_bh(&rw))
GUARDED_IF(change_rw_try, write_trylock(&rw), change, write_unlock(&rw))
GUARDED(look_rw, read_lock(&rw), look, read_unlock(&rw))
GUARDED(look_rw_irq, read_lock_irq(&rw), look, read_unlock_irq(&rw))
GUARDED(look_rw_bh, read_lock_bh(&rw), look, read_unlock_bh(&rw))
GUARDED_IF(look_rw_try, read_trylock(&rw), look, read_unlock(&rw))

static void look_rw_twice(void *data)
{
	(void)data;
	read_lock(&rw);
	read_lock(&rw);
	look();
	read_unlock(&rw);
	look();
	read_unlock(&rw);
}

GUARDED(look_without, (void)0, look, (void)0)

static const struct verdict exclusion[] = {
	ROW(NO_FAILURE, "mutex, interruptible", change_mutex,
	    look_interruptible),
	ROW(NO_FAILURE, "mutex, killable", change_nested, look_killable),
	ROW(NO_FAILURE, "mutex, io", change_mutex, look_io),
	ROW(NO_FAILURE, "mutex, trylock", change_mutex, look_trylock),
	ROW(NO_FAILURE, "rwsem", change_sem, look_sem),
	ROW(NO_FAILURE, "rwsem, nested", change_sem_nested, look_sem_nested),
	ROW(NO_FAILURE, "rwsem, killable", change_sem_killable,
	    look_sem_killable),
	ROW(NO_FAILURE, "rwsem, interruptible", change_sem_try,
	    look_sem_interruptible),
	ROW(NO_FAILURE, "rwsem, trylock", change_sem, look_sem_try),
	ROW(NO_FAILURE, "spinlock, irqsave", change_spin, look_irqsave),
	ROW(NO_FAILURE, "spinlock, bh", change_spin_nested, look_bh),
	ROW(NO_FAILURE, "spinlock, irq and trylock", change_irq, look_spin_try),
	ROW(NO_FAILURE, "spinlock, irqsave and trylock", change_irq,
	    look_irqsave_try),
	ROW(NO_FAILURE, "spinlock, irq trylock", change_irq, look_irq_try),
	ROW(NO_FAILURE, "spinlock, bh trylock", change_irq, look_bh_try),
	ROW(NO_FAILURE, "raw spinlock", change_raw, look_raw),
	ROW(NO_FAILURE, "raw spinlock, trylock", change_raw, look_raw_try),
	ROW3(NO_FAILURE, "rwlock", change_rw, look_rw, look_rw_try),
	ROW3(NO_FAILURE, "rwlock, irq", change_rw_irq, look_rw_irq,
	     change_rw_try),
	ROW3(NO_FAILURE, "rwlock, bh", change_rw_bh, look_rw_bh, look_rw),
	ROW(NO_FAILURE, "rwlock, recursive", change_rw, look_rw_twice),
	ROW(FAIL_ASSERTION, "mutex and nothing", change_mutex, look_without),
	ROW(FAIL_ASSERTION, "rwsem and nothing", change_sem, look_without),
	ROW(FAIL_ASSERTION, "spinlock and nothing", change_irq, look_without),
	ROW(FAIL_ASSERTION, "rwlock and nothing", change_rw, look_without),
	ROW(FAIL_ASSERTION, "two locks", change_rw, look_bh),
};

START_TEST(a_lock_excludes_in_all_its_forms)
{
	check_verdict(&exclusion[_i]);
}
END_TEST

/*
 * Trylocks are tried while the lock is free and while it is held.  A name such
 * as "sees 0" says that the trylock has this result in some schedule: an
 * assertion to the contrary fails.
 */

#define TRIES(fn, try, unlock)						\
	static void fn##_always_gets_it(void *data)			\
	{								\
		int got = try;						\
									\
		(void)data;						\
		if (got)						\
			unlock;						\
		iommufd_model_assert(got);				\
	}								\
	static void fn##_never_gets_it(void *data)			\
	{								\
		int got = try;						\
									\
		(void)data;						\
		if (got)						\
			unlock;						\
		iommufd_model_assert(!got);				\
	}

TRIES(spin_try, spin_trylock(&spin), spin_unlock(&spin))
TRIES(irqsave_try, spin_trylock_irqsave(&spin, flags),
      spin_unlock_irqrestore(&spin, flags))
TRIES(read_try, read_trylock(&rw), read_unlock(&rw))
TRIES(write_try, write_trylock(&rw), write_unlock(&rw))
TRIES(down_read_try, down_read_trylock(&sem), up_read(&sem))
TRIES(down_write_try, down_write_trylock(&sem), up_write(&sem))

static void is_never_locked(void *data)
{
	(void)data;
	iommufd_model_assert(!spin_is_locked(&spin));
}

static const struct verdict tries[] = {
	ROW(FAIL_ASSERTION, "a", change_spin, spin_try_always_gets_it),
	ROW(FAIL_ASSERTION, "b", change_spin, spin_try_never_gets_it),
	ROW(FAIL_ASSERTION, "c", change_spin, irqsave_try_always_gets_it),
	ROW(FAIL_ASSERTION, "d", change_spin, irqsave_try_never_gets_it),
	ROW(FAIL_ASSERTION, "e", change_rw, read_try_always_gets_it),
	ROW(FAIL_ASSERTION, "f", change_rw, read_try_never_gets_it),
	ROW(NO_FAILURE, "g", look_rw, read_try_always_gets_it),
	ROW(FAIL_ASSERTION, "h", look_rw, write_try_always_gets_it),
	ROW(FAIL_ASSERTION, "i", look_rw, write_try_never_gets_it),
	ROW(FAIL_ASSERTION, "j", change_sem, down_read_try_always_gets_it),
	ROW(FAIL_ASSERTION, "o", look_sem, down_read_try_never_gets_it),
	ROW(NO_FAILURE, "k", look_sem, down_read_try_always_gets_it),
	ROW(FAIL_ASSERTION, "l", look_sem, down_write_try_always_gets_it),
	ROW(FAIL_ASSERTION, "m", look_sem, down_write_try_never_gets_it),
	ROW(FAIL_ASSERTION, "n", change_spin, is_never_locked),
};

START_TEST(a_trylock_is_tried_in_both_states)
{
	check_verdict(&tries[_i]);
}
END_TEST

/* The functions below turn a read lock into a write lock. */

/*
 * Takes the write lock while it holds the read lock, and so waits for the other
 * reader, which does the same.
 */
static void upgrade(void *data)
{
	(void)data;
	read_lock(&rw);
	if (!READ_ONCE(value)) {
		write_lock(&rw);
		change();
		write_unlock(&rw);
	}
	read_unlock(&rw);
}

/* Upgrades a rw_semaphore in the same wrong way. */
static void upgrade_sem(void *data)
{
	(void)data;
	down_read(&sem);
	if (!READ_ONCE(value)) {
		down_write(&sem);
		change();
		up_write(&sem);
	}
	up_read(&sem);
}

/*
 * Drops the read lock before it takes the write lock, and does not test again.
 */
static void let_go(void *data)
{
	int found;

	(void)data;
	down_read(&sem);
	found = READ_ONCE(value);
	up_read(&sem);
	if (found)
		return;
	down_write(&sem);
	iommufd_model_assert(!READ_ONCE(value));
	change();
	up_write(&sem);
}

static void let_go_and_look_again(void *data)
{
	int found;

	(void)data;
	down_read(&sem);
	found = READ_ONCE(value);
	up_read(&sem);
	if (found)
		return;
	down_write(&sem);
	if (!READ_ONCE(value))
		change();
	up_write(&sem);
}

static void once(void *data)
{
	(void)data;
	iommufd_model_assert(value == 2);
}

/* Tries to take the write lock under the read lock; this cannot deadlock. */
static void try_to_upgrade(void *data)
{
	(void)data;
	down_read(&sem);
	if (!READ_ONCE(value) && down_write_trylock(&sem)) {
		change();
		up_write(&sem);
	}
	up_read(&sem);
}

/* A writer downgrades its lock and reads the value that it has written. */
static void write_and_read(void *data)
{
	int mine;

	(void)data;
	down_write(&sem);
	change();
	mine = READ_ONCE(value);
	downgrade_write(&sem);
	iommufd_model_assert(READ_ONCE(value) == mine);
	WRITE_ONCE(copies, READ_ONCE(copies) + 1);
	iommufd_model_assert(READ_ONCE(value) == mine);
	up_read(&sem);
}

/* Unlocks and locks for reading instead: a writer can come between the two. */
static void write_let_go_and_read(void *data)
{
	int mine;

	(void)data;
	down_write(&sem);
	change();
	mine = READ_ONCE(value);
	up_write(&sem);
	down_read(&sem);
	iommufd_model_assert(READ_ONCE(value) == mine);
	up_read(&sem);
}

/*
 * After the downgrade the thread is a reader, and others may read at the same
 * time.
 */
static void downgrade_and_write(void *data)
{
	(void)data;
	down_write(&sem);
	downgrade_write(&sem);
	change();
	up_read(&sem);
}

/* Writes after the downgrade, when another reader can see each value. */
static void downgraded_alone(void *data)
{
	(void)data;
	down_write(&sem);
	WRITE_ONCE(copies, 1);
	downgrade_write(&sem);
	WRITE_ONCE(copies, 2);
	WRITE_ONCE(copies, 3);
	up_read(&sem);
}

static void reader_never_sees_two(void *data)
{
	(void)data;
	down_read(&sem);
	iommufd_model_assert(READ_ONCE(copies) != 2);
	up_read(&sem);
}

static void reader_never_sees_one(void *data)
{
	(void)data;
	down_read(&sem);
	iommufd_model_assert(READ_ONCE(copies) != 1);
	up_read(&sem);
}

static const struct verdict upgrades[] = {
	ROW(FAIL_DEADLOCK, "rwlock upgrade", upgrade, upgrade,
	    "holds &rw already"),
	ROW(FAIL_DEADLOCK, "rwsem upgrade", upgrade_sem, nothing,
	    "holds &sem already"),
	ROW(FAIL_ASSERTION, "let go", let_go, let_go),
	/* Either writes first, and the other one has read before that or not. */
	RIGHT(4, "look again", setup, once, T(let_go_and_look_again),
	      T(let_go_and_look_again)),
	ROW(NO_FAILURE, "try to upgrade", try_to_upgrade, try_to_upgrade),
	ROW(NO_FAILURE, "downgrade", write_and_read, change_sem),
	ROW3(NO_FAILURE, "downgrade, three", write_and_read, change_sem,
	     look_sem),
	ROW(FAIL_ASSERTION, "no downgrade", write_let_go_and_read, change_sem),
	ROW(FAIL_ASSERTION, "write as reader", downgrade_and_write, look_sem),
	ROW(FAIL_ASSERTION, "reads with it", downgraded_alone,
	    reader_never_sees_two),
	/* The reader comes between the downgrade and the second write. */
	ROW(FAIL_ASSERTION, "reads early", downgraded_alone,
	    reader_never_sees_one),
};

START_TEST(a_reader_does_not_become_a_writer_and_a_writer_may_become_a_reader)
{
	check_verdict(&upgrades[_i]);
}
END_TEST

/* The functions below take locks in an order, with subclasses. */

static void outer_then_inner(void *data)
{
	(void)data;
	mutex_lock(&outer);
	mutex_lock_nested(&inner, SINGLE_DEPTH_NESTING);
	mutex_unlock(&inner);
	mutex_unlock(&outer);
}

/* Takes the subclasses in the other order. */
static void nested_first(void *data)
{
	(void)data;
	mutex_lock_nested(&inner, SINGLE_DEPTH_NESTING);
	mutex_lock(&outer);
	mutex_unlock(&outer);
	mutex_unlock(&inner);
}

static void three_deep(void *data)
{
	(void)data;
	mutex_lock_nested(&outer, 1);
	mutex_lock_nested(&inner, 2);
	mutex_lock_nested(&mutex, 1);
	mutex_unlock(&outer);
	mutex_unlock(&mutex);
	mutex_unlock(&inner);
}

static void other_three(void *data)
{
	(void)data;
	mutex_lock_nested(&mutex, 1);
	mutex_lock_nested(&outer, 2);
	mutex_unlock(&outer);
	mutex_unlock(&mutex);
}

/* The order of two kinds of spinlocks is checked between their classes. */
static void spin_then_rw(void *data)
{
	(void)data;
	spin_lock(&spin);
	read_lock(&rw);
	read_unlock(&rw);
	spin_unlock(&spin);
}

static void rw_then_spin(void *data)
{
	(void)data;
	write_lock(&rw);
	spin_lock_nested(&spin, 0);
	spin_unlock(&spin);
	write_unlock(&rw);
}

static const struct verdict orders[] = {
	ROW(NO_FAILURE, "one order", outer_then_inner, outer_then_inner),
	ROW(FAIL_LOCK_ORDER, "subclass first", outer_then_inner, nested_first,
	    "both(", "both/1("),
	ROW(NO_FAILURE, "three", three_deep, nothing),
	ROW(FAIL_LOCK_ORDER, "three in a circle", three_deep, other_three,
	    "both/2(", "&mutex/1("),
	ROW(FAIL_LOCK_ORDER, "spinlock and rwlock", spin_then_rw, rw_then_spin,
	    "&spin(", "&rw("),
	ROW(NO_FAILURE, "spinlock and rwlock", spin_then_rw, spin_then_rw),
};

START_TEST(each_subclass_has_a_place_in_the_order)
{
	check_verdict(&orders[_i]);
}
END_TEST

/* The functions below unlock with a function that does not match the lock. */

#define PAIR(fn, one, two)						\
	static void fn(void *data)					\
	{								\
		(void)data;						\
		one;							\
		two;							\
	}

PAIR(irq_plain, spin_lock_irq(&spin), spin_unlock(&spin))
PAIR(plain_irq, spin_lock(&spin), spin_unlock_irq(&spin))
PAIR(irqsave_bh, spin_lock_irqsave(&spin, flags), spin_unlock_bh(&spin))
PAIR(bh_plain, spin_lock_bh(&spin), spin_unlock(&spin))
PAIR(plain_bh, spin_lock(&spin), spin_unlock_bh(&spin))
PAIR(bh_irq, spin_lock_bh(&spin), spin_unlock_irq(&spin))
PAIR(read_write, read_lock(&rw), write_unlock(&rw))
PAIR(write_read, write_lock(&rw), read_unlock(&rw))
PAIR(unlock_only, (void)0, read_unlock(&rw))
PAIR(read_once_unlock_twice, (read_lock(&rw), read_unlock(&rw)),
     read_unlock(&rw))
PAIR(read_twice_unlock_once, (read_lock(&rw), read_lock(&rw)), read_unlock(&rw))
PAIR(rw_irq_plain, write_lock_irq(&rw), write_unlock(&rw))
PAIR(downgrade_reader, down_read(&sem),
     { downgrade_write(&sem); up_read(&sem); })
PAIR(downgrade_then_up_write, down_write(&sem),
     { downgrade_write(&sem); up_write(&sem); })
PAIR(downgrade_of_nobody, (void)0, downgrade_write(&sem))
PAIR(not_held_for_reading, write_lock(&rw),
     { lockdep_assert_held_read(&rw); write_unlock(&rw); })
PAIR(not_held_for_writing, read_lock(&rw),
     { lockdep_assert_held_write(&rw); read_unlock(&rw); })
PAIR(not_spinning, (void)0, assert_spin_locked(&spin))
PAIR(irqs_are_on, (void)0, lockdep_assert_irqs_disabled())
PAIR(irqs_are_off, spin_lock_irq(&spin),
     { lockdep_assert_irqs_enabled(); spin_unlock_irq(&spin); })
PAIR(all_is_well, spin_lock_irq(&spin),
     { lockdep_assert_irqs_disabled(); assert_spin_locked(&spin);
       lockdep_assert_preemption_disabled(); spin_unlock_irq(&spin); })
PAIR(held_for_reading, read_lock(&rw),
     { lockdep_assert_held(&rw); lockdep_assert_held_read(&rw);
       iommufd_model_assert(lockdep_is_held(&rw)); read_unlock(&rw);
       iommufd_model_assert(!lockdep_is_held(&rw)); })
PAIR(sleep_under_rwlock, read_lock(&rw), { might_sleep(); read_unlock(&rw); })
PAIR(sleep_under_irqsave, spin_lock_irqsave(&spin, flags),
     { might_sleep(); spin_unlock_irqrestore(&spin, flags); })
PAIR(sleep_afterwards, spin_lock_irqsave(&spin, flags),
     { spin_unlock_irqrestore(&spin, flags); might_sleep(); })
PAIR(twice_write, write_lock(&rw),
     { write_lock(&rw); write_unlock(&rw); write_unlock(&rw); })

static const struct verdict looks_at_own[] = {
	ROW(FAIL_ASSERTION, "mutex_is_locked", is_locked_mutex, change_mutex),
	ROW(FAIL_ASSERTION, "spin_is_locked", is_locked_spin, change_spin),
	ROW(FAIL_ASSERTION, "rwsem_is_locked, reader", is_locked_read,
	    change_sem),
	ROW(FAIL_ASSERTION, "rwsem_is_locked, writer", is_locked_write,
	    change_sem),
	ROW3(FAIL_ASSERTION, "rwsem_is_locked, two readers", is_locked_read,
	     look_sem, change_sem),
};

START_TEST(a_look_at_a_lock_hides_no_order)
{
	check_verdict(&looks_at_own[_i]);
}
END_TEST

static const struct verdict read_again[] = {
	ROW(FAIL_ASSERTION, "read_lock twice", sees_nothing, change_rw),
	ROW(FAIL_ASSERTION, "read_lock and read_trylock",
	    sees_nothing_and_tries, change_rw),
	ROW3(FAIL_ASSERTION, "read_lock by two, and one waits",
	     sees_nothing_and_waits, reads_meanwhile, change_rw),
};

START_TEST(a_reader_inside_of_another_hides_no_order)
{
	check_verdict(&read_again[_i]);
}
END_TEST

#define BAD(failure, fn, ...) ROW(failure, #fn, fn, nothing, __VA_ARGS__)

static const struct verdict wrong_pairs[] = {
	BAD(FAIL_LOCK, irq_plain, "the thread ends with interrupts off"),
	BAD(FAIL_LOCK, plain_irq, "spin_unlock_irq(&spin)"),
	BAD(FAIL_LOCK, irqsave_bh, "spin_unlock_bh(&spin)"),
	BAD(FAIL_LOCK, bh_plain, "the thread ends with bottom halves off"),
	BAD(FAIL_LOCK, plain_bh, "spin_unlock_bh(&spin)"),
	BAD(FAIL_LOCK, bh_irq, "spin_unlock_irq(&spin)"),
	BAD(FAIL_LOCK, read_write, "&rw is held for reading"),
	BAD(FAIL_LOCK, write_read, "&rw is held for writing"),
	BAD(FAIL_LOCK, unlock_only, "not held by this thread"),
	BAD(FAIL_LOCK, read_once_unlock_twice, "not held by this thread"),
	BAD(FAIL_LOCK, read_twice_unlock_once, "the thread ends with &rw held"),
	BAD(FAIL_LOCK, rw_irq_plain, "the thread ends with interrupts off"),
	BAD(FAIL_LOCK, downgrade_reader, "&sem is not held for writing"),
	BAD(FAIL_LOCK, downgrade_then_up_write, "&sem is held for reading"),
	BAD(FAIL_LOCK, downgrade_of_nobody, "&sem is not held for writing"),
	BAD(FAIL_LOCK, not_held_for_reading, "&rw is not held for reading"),
	BAD(FAIL_LOCK, not_held_for_writing, "&rw is held for reading only"),
	BAD(FAIL_LOCK, not_spinning, "&spin is not held"),
	BAD(FAIL_LOCK, irqs_are_on, "interrupts are on"),
	BAD(FAIL_LOCK, irqs_are_off, "interrupts are off"),
	BAD(FAIL_ATOMIC, sleep_under_rwlock, "rwlock &rw is held"),
	BAD(FAIL_ATOMIC, sleep_under_irqsave, "spinlock &spin is held"),
	BAD(FAIL_DEADLOCK, twice_write, "holds &rw already"),
	BAD(NO_FAILURE, all_is_well, ""),
	BAD(NO_FAILURE, held_for_reading, ""),
	BAD(NO_FAILURE, sleep_afterwards, ""),
};

START_TEST(lock_and_unlock_are_of_one_kind)
{
	check_verdict(&wrong_pairs[_i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("locks");
	TCase *tc = tcase_create("locks");

	suite_add_tcase(suite, tc);
	tcase_add_loop_test(tc, a_lock_excludes_in_all_its_forms, 0,
			    ARRAY_SIZE(exclusion));
	tcase_add_loop_test(tc, a_trylock_is_tried_in_both_states, 0,
			    ARRAY_SIZE(tries));
	tcase_add_loop_test(
		tc,
		a_reader_does_not_become_a_writer_and_a_writer_may_become_a_reader,
		0, ARRAY_SIZE(upgrades));
	tcase_add_loop_test(tc, each_subclass_has_a_place_in_the_order, 0,
			    ARRAY_SIZE(orders));
	tcase_add_loop_test(tc, a_look_at_a_lock_hides_no_order, 0,
			    ARRAY_SIZE(looks_at_own));
	tcase_add_loop_test(tc, a_reader_inside_of_another_hides_no_order, 0,
			    ARRAY_SIZE(read_again));
	tcase_add_loop_test(tc, lock_and_unlock_are_of_one_kind, 0,
			    ARRAY_SIZE(wrong_pairs));
	return run_suite(suite);
}
