// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Clean-up at the end of a block: the guards of all locks, __free(), and
 * classes.
 */
#include "suite.h"
#include "verdict.h"
#include <iommufd_model/kernel.h>

struct box {
	struct mutex lock;
	int value;
};

static DEFINE_MUTEX(mutex);
static DEFINE_SPINLOCK(spin);
static raw_spinlock_t raw;
static struct rw_semaphore sem;
static rwlock_t rwlock;
static struct box *box;
static int plain;
static bool made;

static void setup(void *data)
{
	(void)data;
	raw_spin_lock_init(&raw);
	init_rwsem(&sem);
	rwlock_init(&rwlock);
	plain = 0;
	made = false;
	box = NULL;
}

static void done(void *data)
{
	(void)data;
}

static void add(void)
{
	WRITE_ONCE(plain, READ_ONCE(plain) + 1);
}

static void twice(void *data)
{
	(void)data;
	iommufd_model_assert(plain == 2);
}

/* The macros below define a critical section with each guard. */

#define GUARDED(fn, name, lock)						\
	static void fn(void *data)					\
	{								\
		(void)data;						\
		guard(name)(lock);					\
		add();							\
	}

GUARDED(by_mutex, mutex, &mutex)
GUARDED(by_spin, spinlock, &spin)
GUARDED(by_spin_irq, spinlock_irq, &spin)
GUARDED(by_spin_irqsave, spinlock_irqsave, &spin)
GUARDED(by_spin_bh, spinlock_bh, &spin)
GUARDED(by_raw, raw_spinlock, &raw)
GUARDED(by_raw_irqsave, raw_spinlock_irqsave, &raw)
GUARDED(by_write, rwsem_write, &sem)
GUARDED(by_read, rwsem_read, &sem)
GUARDED(by_write_lock, write_lock, &rwlock)
GUARDED(by_write_lock_irqsave, write_lock_irqsave, &rwlock)
GUARDED(by_read_lock, read_lock, &rwlock)

static void by_scope(void *data)
{
	(void)data;
	scoped_guard(mutex, &mutex) {
		iommufd_model_assert(mutex_is_locked(&mutex));
		add();
	}
	WRITE_ONCE(made, true);
}

static void too_late(void *data)
{
	(void)data;
	scoped_guard(mutex, &mutex)
		(void)READ_ONCE(plain);
	add();
}

static int early_return(int value)
{
	guard(mutex)(&mutex);
	if (value)
		return value;
	add();
	return 0;
}

static void leaves_early(void *data)
{
	(void)data;
	iommufd_model_assert(early_return(5) == 5);
	iommufd_model_assert(!early_return(0));
}

static void break_out(void *data)
{
	(void)data;
	scoped_guard(spinlock_irqsave, &spin) {
		add();
		break;
	}
	might_sleep();
}

/* The functions below use guards that may fail to lock. */

static int try_it(void)
{
	scoped_cond_guard(mutex_try, return -EBUSY, &mutex) {
		add();
		return 0;
	}
	return 1;
}

static void tries(void *data)
{
	(void)data;
	if (try_it() == -EBUSY)
		by_mutex(data);
}

static void interruptible(void *data)
{
	(void)data;
	scoped_cond_guard(mutex_intr, return, &mutex)
		add();
}

static void acquires(void *data)
{
	(void)data;
	ACQUIRE(rwsem_write_try, got)(&sem);
	if (ACQUIRE_ERR(rwsem_write_try, &got)) {
		iommufd_model_assert(ACQUIRE_ERR(rwsem_write_try, &got) ==
				     -EBUSY);
		by_write(data);
		return;
	}
	add();
}

static void tries_spin(void *data)
{
	bool got = false;

	(void)data;
	scoped_guard(spinlock_try, &spin) {
		got = true;
		add();
	}
	if (!got)
		by_spin(data);
}

/* The guards below are defined by a driver. */

DEFINE_GUARD(box, struct box *, mutex_lock(&_T->lock), mutex_unlock(&_T->lock))
DEFINE_GUARD_COND(box, _try, mutex_trylock(&_T->lock))
DEFINE_GUARD_COND(box, _intr, mutex_lock_interruptible(&_T->lock), _RET == 0)
DEFINE_LOCK_GUARD_1(box_spin, spinlock_t,
		    spin_lock_irqsave(_T->lock, _T->flags),
		    spin_unlock_irqrestore(_T->lock, _T->flags),
		    unsigned long flags)
DEFINE_LOCK_GUARD_1_COND(box_spin, _try, spin_trylock_irqsave(_T->lock,
							      _T->flags))
DEFINE_LOCK_GUARD_0(the_mutex, mutex_lock(&mutex), mutex_unlock(&mutex))

static struct box own;

static void setup_own(void *data)
{
	setup(data);
	mutex_init(&own.lock);
}

static void by_own(void *data)
{
	(void)data;
	guard(box)(&own);
	add();
}

static void by_own_try(void *data)
{
	(void)data;
	scoped_cond_guard(box_try, by_own(data); return, &own)
		add();
}

static void by_own_intr(void *data)
{
	(void)data;
	ACQUIRE(box_intr, got)(&own);
	iommufd_model_assert(!ACQUIRE_ERR(box_intr, &got));
	add();
}

static void by_own_spin(void *data)
{
	(void)data;
	guard(box_spin)(&spin);
	add();
}

static void by_own_spin_try(void *data)
{
	(void)data;
	scoped_cond_guard(box_spin_try, by_own_spin(data); return, &spin)
		add();
}

static void by_the_mutex(void *data)
{
	(void)data;
	scoped_guard(the_mutex)
		add();
}

static void contexts_end(void *data)
{
	(void)data;
	scoped_guard(irqsave) {
		guard(preempt)();
		add();
	}
	might_sleep();
}

static void sleeps_in_a_guard(void *data)
{
	(void)data;
	guard(spinlock)(&spin);
	might_sleep();
}

static void two_guards(void *data)
{
	(void)data;
	guard(mutex)(&mutex);
	guard(rwsem_read)(&sem);
	add();
}

static void two_guards_crossed(void *data)
{
	(void)data;
	guard(rwsem_write)(&sem);
	guard(mutex)(&mutex);
	add();
}

static void locks_twice(void *data)
{
	(void)data;
	guard(mutex)(&mutex);
	by_mutex(data);
}

/* RCU: a lookup in a read section, while another thread removes the object. */

static struct box *shown;
static struct srcu_struct domain;

static void setup_shown(void *data)
{
	setup(data);
	shown = kzalloc(sizeof(*shown), GFP_KERNEL);
	shown->value = 7;
	init_srcu_struct(&domain);
}

static void end_srcu(void *data)
{
	(void)data;
	cleanup_srcu_struct(&domain);
}

static void looks_up(void *data)
{
	struct box *found;

	(void)data;
	guard(rcu)();
	found = rcu_dereference(shown);
	if (found)
		iommufd_model_assert(READ_ONCE(found->value) == 7);
}

static void looks_up_srcu(void *data)
{
	struct box *found;

	(void)data;
	scoped_guard(srcu, &domain) {
		found = srcu_dereference(shown, &domain);
		if (found)
			iommufd_model_assert(READ_ONCE(found->value) == 7);
	}
}

static void leaves_the_section(void *data)
{
	struct box *found;

	(void)data;
	scoped_guard(rcu)
		found = rcu_dereference(shown);
	if (found)
		iommufd_model_assert(READ_ONCE(found->value) == 7);
}

static void hides(void *data)
{
	struct box *old = shown;

	(void)data;
	rcu_assign_pointer(shown, NULL);
	synchronize_rcu();
	kfree(old);
}

static void hides_srcu(void *data)
{
	struct box *old = shown;

	(void)data;
	rcu_assign_pointer(shown, NULL);
	synchronize_srcu(&domain);
	kfree(old);
}

static void sleeps_in_rcu(void *data)
{
	(void)data;
	guard(rcu)();
	might_sleep();
}

/* The tests below and their functions are about memory. */

static struct box *make_box(bool good)
{
	struct box *new_box __free(kfree) = kzalloc(sizeof(*new_box),
						    GFP_KERNEL);

	if (!new_box || !good)
		return NULL;
	new_box->value = 7;
	return_ptr(new_box);
}

static void makes_boxes(void *data)
{
	struct box *mine __free(kfree) = make_box(true);
	struct box *error __free(kvfree) = ERR_PTR(-ENOMEM);

	(void)data;
	(void)error;
	iommufd_model_assert(!make_box(false) && mine->value == 7);
	box = no_free_ptr(mine);
	iommufd_model_assert(!mine);
}

static void free_box(void *data)
{
	(void)data;
	kfree(box);
}

static void gives_away_twice(void *data)
{
	struct box *mine __free(kfree) = kzalloc(sizeof(*mine), GFP_KERNEL);

	(void)data;
	box = mine;
}

static void hands_over(void *data)
{
	struct box *mine __free(kfree) = kzalloc(sizeof(*mine), GFP_KERNEL);

	(void)data;
	WRITE_ONCE(box, mine);
	retain_and_null_ptr(mine);
}

static void forgets(void *data)
{
	struct box *mine = kzalloc(sizeof(*mine), GFP_KERNEL);

	(void)data;
	if (!mine->value)
		return;
	kfree(mine);
}

DEFINE_CLASS(new_box, struct box *, if (_T) kfree(_T),
	     (struct box *)kzalloc(sizeof(struct box), gfp), gfp_t gfp)
EXTEND_CLASS(new_box, _7, __extension__({
	struct box *t_ = (struct box *)kzalloc(sizeof(*t_), gfp);
	t_->value = 7;
	t_; }), gfp_t gfp)

static void uses_a_class(void *data)
{
	CLASS(new_box, first)(GFP_KERNEL);
	CLASS(new_box_7, second)(GFP_KERNEL);

	(void)data;
	iommufd_model_assert(!first->value && second->value == 7);
}

static const struct file_operations no_fops;

static void uses_files(void *data)
{
	struct file *file __free(fput) =
		anon_inode_getfile("[box]", &no_fops, NULL, 0);
	CLASS(get_unused_fd, fd)(0);
	CLASS(get_unused_fd, other)(0);
	int kept;

	(void)data;
	iommufd_model_assert(fd >= 0 && other > fd);
	kept = take_fd(other);
	iommufd_model_assert(kept > fd && other == -EBADF);
	fd_install((unsigned int)kept, no_free_ptr(file));
	close_fd((unsigned int)kept);
}

#define BOTH(name, one, two) RIGHT(0, name, setup, twice, T(one), T(two))

static const struct verdict guards[] = {
	BOTH("mutex", by_mutex, by_mutex),
	BOTH("spinlock", by_spin, by_spin_irq),
	BOTH("spinlock_irqsave", by_spin_irqsave, by_spin_bh),
	BOTH("raw_spinlock", by_raw, by_raw_irqsave),
	BOTH("rwsem_write", by_write, by_write),
	WRONG(ASSERTION, "by_read", "plain == 2", "rwsem_read to write", setup,
	      twice, T(by_read), T(by_read)),
	BOTH("write_lock", by_write_lock, by_write_lock_irqsave),
	WRONG(ASSERTION, "by_read_lock", "plain == 2", "read_lock to write",
	      setup, twice, T(by_read_lock), T(by_read_lock)),
	BOTH("scoped_guard", by_scope, by_mutex),
	WRONG(ASSERTION, "too_late", "plain == 2", "behind a scoped_guard",
	      setup, twice, T(too_late), T(by_mutex)),
	BOTH("a return", leaves_early, by_mutex),
	BOTH("a break", break_out, by_spin),
	BOTH("mutex_try", tries, by_mutex),
	BOTH("mutex_intr", interruptible, by_mutex),
	BOTH("rwsem_write_try", acquires, by_write),
	BOTH("spinlock_try", tries_spin, by_spin),
	RIGHT(0, "a guard of a driver", setup_own, twice, T(by_own),
	      T(by_own_try)),
	RIGHT(0, "a guard of a driver that may fail", setup_own, twice,
	      T(by_own_intr), T(by_own)),
	RIGHT(0, "a lock guard of a driver", setup_own, twice, T(by_own_spin),
	      T(by_own_spin_try)),
	BOTH("a lock guard without an argument", by_the_mutex, by_mutex),
	RIGHT(1, "contexts", setup, done, T(contexts_end)),
	WRONG(ATOMIC, "spinlock &spin is held", "sleeps_in_a_guard",
	      "a sleep in a guard", setup, done, T(sleeps_in_a_guard)),
	WRONG(LOCK_ORDER, "two_guards_crossed", "&sem",
	      "two guards in two orders", setup, done, T(two_guards),
	      T(two_guards_crossed)),
	RIGHT(0, "rcu", setup_shown, end_srcu, T(looks_up), T(hides)),
	RIGHT(0, "srcu", setup_shown, end_srcu, T(looks_up_srcu),
	      T(hides_srcu)),
	WRONG(USE_AFTER_FREE, "leaves_the_section", "hides",
	      "behind a guard(rcu)", setup_shown, end_srcu,
	      T(leaves_the_section), T(hides)),
	WRONG(ATOMIC, "sleeps_in_rcu", "guard(rcu)", "a sleep in guard(rcu)",
	      setup, done, T(sleeps_in_rcu)),
	WRONG(DEADLOCK, "&mutex", "locks_twice", "a guard in a guard", setup, done,
	      T(locks_twice)),
};

START_TEST(guards_have_their_verdict)
{
	check_verdict(&guards[_i]);
}
END_TEST

static const struct verdict memory[] = {
	RIGHT(1, "__free and no_free_ptr", setup, free_box, T(makes_boxes)),
	WRONG(DOUBLE_FREE, "gives_away_twice", "free_box",
	      "given away and freed", setup, free_box, T(gives_away_twice)),
	RIGHT(1, "retain_and_null_ptr", setup, free_box, T(hands_over)),
	WRONG(LEAK, "forgets", "kzalloc", "a return without __free", setup,
	      done, T(forgets)),
	RIGHT(1, "classes", setup, done, T(uses_a_class)),
	RIGHT(0, "files", setup, done, T(uses_files)),
};

START_TEST(memory_has_its_verdict)
{
	check_verdict(&memory[_i]);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cleanup");
	TCase *tc = tcase_create("cleanup");

	tcase_add_loop_test(tc, guards_have_their_verdict, 0,
			    ARRAY_SIZE(guards));
	tcase_add_loop_test(tc, memory_has_its_verdict, 0, ARRAY_SIZE(memory));
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
