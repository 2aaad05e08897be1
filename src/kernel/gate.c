// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The slow path of the gate with its list of hooks, and the ground's state of
 * each thread.
 *
 * The list of hooks changes only while no thread of a test is inside the ground,
 * so it is read without a lock.  Threads that the ground has started itself
 * (background.c) may still be there: a caller that has waited for the end of such
 * a thread sees the end before the thread announces it.  So these are counted
 * while they are here, and whoever removes a hook waits until they have gone.
 */
#include "ground.h"
#include <pthread.h>
#include <sched.h>

struct iommufd_model_hook *iommufd_model_gate;

/* How many background threads are inside of hooks. */
static int nr_inside;
/* This thread is one of them. */
static __thread bool counted, inside;

/* A child has none of these threads but, at most, the one that forked. */
static void be_child(void)
{
	nr_inside = inside;
}

static void handle_forks(void)
{
	pthread_atfork(NULL, NULL, be_child);
}

void iommufd_model_gate_count_thread(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, handle_forks);
	counted = true;
}

#ifdef WITH_TSAN
bool iommufd_model_tsan_explored;
#endif

static __thread struct iommufd_model_task thread_task;
__thread struct iommufd_model_task *iommufd_model_task;

struct iommufd_model_task *iommufd_model_task_init(void)
{
	iommufd_model_task = &thread_task;
	return iommufd_model_task;
}

void iommufd_model_hook_add_sized(struct iommufd_model_hook *hook, size_t size)
{
	struct iommufd_model_hook **end = &iommufd_model_gate;

	hook->next = NULL;
	hook->size = size;
	while (*end)
		end = &(*end)->next;
	__atomic_store_n(end, hook, __ATOMIC_RELEASE);
}

void iommufd_model_hook_remove(struct iommufd_model_hook *hook)
{
	struct iommufd_model_hook **pos = &iommufd_model_gate;

	while (*pos && *pos != hook)
		pos = &(*pos)->next;
	if (!*pos)
		return;
	__atomic_store_n(pos, hook->next, __ATOMIC_SEQ_CST);
	while (__atomic_load_n(&nr_inside, __ATOMIC_SEQ_CST) > inside)
		sched_yield();
}

#ifdef IOMMUFD_MODEL_TREE
unsigned long iommufd_model_gate_steps;
#endif

/*
 * The stack pointer, in a function that has saved on its stack all registers
 * that it must preserve.  So what is above it is all that the callers of that
 * function know.
 */
#if defined(__x86_64__) && !defined(__ILP32__)
#define STACK_POINTER(sp)                                      \
	__extension__({                                        \
		__builtin_unwind_init();                       \
		__asm__ volatile("movq %%rsp, %0" : "=r"(sp)); \
	})
#elif defined(__aarch64__) && !defined(__ILP32__)
#define STACK_POINTER(sp)                                  \
	__extension__({                                    \
		__builtin_unwind_init();                   \
		__asm__ volatile("mov %0, sp" : "=r"(sp)); \
	})
#else
#define STACK_POINTER(sp) ((sp) = NULL)
#endif

/* Enters the hooks and returns the first one. */
static struct iommufd_model_hook *enter(struct iommufd_model_task *task)
{
	if (counted) {
		inside = true;
		__atomic_fetch_add(&nr_inside, 1, __ATOMIC_SEQ_CST);
	}
	task->in_hook++;
	tsan_hide_explored();
	return __atomic_load_n(&iommufd_model_gate, __ATOMIC_SEQ_CST);
}

static struct iommufd_model_hook *next(struct iommufd_model_hook *hook)
{
	return __atomic_load_n(&hook->next, __ATOMIC_ACQUIRE);
}

static void leave(struct iommufd_model_task *task)
{
	tsan_show_explored();
	task->in_hook--;
	if (counted) {
		__atomic_fetch_sub(&nr_inside, 1, __ATOMIC_SEQ_CST);
		inside = false;
	}
}

/*
 * Not inline, so that its frame begins where that of the function ends which does the
 * operation, and all variables of that function and its callers are above it.
 */
noinline void iommufd_model_gate_step(const struct iommufd_model_op *op)
{
	struct iommufd_model_task *task = current_task();
	struct iommufd_model_hook *hook;

	if (task->in_hook)
		return;
	task->frame = __builtin_frame_address(0);
	STACK_POINTER(task->stack);
#ifdef IOMMUFD_MODEL_TREE
	__atomic_store_n(&iommufd_model_gate_steps,
			 iommufd_model_gate_steps + 1, __ATOMIC_RELAXED);
#endif
	for (hook = enter(task); hook; hook = next(hook))
		if (hook->step)
			hook->step(hook, op);
	leave(task);
}

void iommufd_model_gate_event(const struct iommufd_model_op *op)
{
	struct iommufd_model_task *task = current_task();
	struct iommufd_model_hook *hook;

	if (task->in_hook)
		return;
	STACK_POINTER(task->stack);
	for (hook = enter(task); hook; hook = next(hook))
		if (hook->event)
			hook->event(hook, op);
	leave(task);
}

void iommufd_model_note_slow(int number, const void *addr, long param,
			     const struct iommufd_model_site *site)
{
	struct iommufd_model_op op = {
		.kind = IOMMUFD_MODEL_OP_NOTE,
		.addr = addr,
		.arg = number,
		.before = param,
		.site = site,
	};

	iommufd_model_gate_event(&op);
}

const struct iommufd_model_site *
iommufd_model_access_begin(enum iommufd_model_op_kind kind,
			   const volatile void *addr, size_t size,
			   const struct iommufd_model_site *site)
{
	struct iommufd_model_op op = {
		.kind = kind, .addr = iommufd_model_device_location(
				      (const void *)(uintptr_t)addr),
		.arg = (long)size,
	};

	op.site = site;
	iommufd_model_gate_step(&op);
	return site;
}

void iommufd_model_access_done(enum iommufd_model_op_kind kind,
			       const volatile void *addr, size_t size,
			       long value,
			       const struct iommufd_model_site *site)
{
	struct iommufd_model_op op = {
		.kind = kind, .addr = iommufd_model_device_location(
				      (const void *)(uintptr_t)addr),
		.arg = (long)size, .after = value,
	};

	op.site = site;
	iommufd_model_gate_event(&op);
}

void iommufd_model_relax(const struct iommufd_model_site *site)
{
	if (IOMMUFD_MODEL_GATE_OPEN())
		GATED(IOMMUFD_MODEL_OP_RELAX, (const void *)0, 0, site, 0);
	else
		sched_yield();
}

/*
 * Does the operation and fills in the values before and after it.  Returns a value
 * before it that gives the caller the same result as the true one, and tells it
 * nothing else: for sub_and_test, @n or another number.  What a thread keeps is a
 * part of the states of all memory (../explore/memory.c).  Not inline, so that no
 * register of the caller's keeps the true value.
 */
static noinline int do_refcount(struct iommufd_model_op *op, refcount_t *r)
{
	const struct iommufd_model_site *site = op->site;
	int n = (int)op->arg, old, seen;

	switch (op->kind) {
	case IOMMUFD_MODEL_OP_REFCOUNT_ADD:
		old = iommufd_model_raw_refcount_add(r, n, site);
		seen = 0;
		break;
	case IOMMUFD_MODEL_OP_REFCOUNT_ADD_NOT_ZERO:
		old = iommufd_model_raw_refcount_add_not_zero(r, n, site);
		seen = old != 0;
		break;
	case IOMMUFD_MODEL_OP_REFCOUNT_DEC:
		old = iommufd_model_raw_refcount_dec(r, site);
		seen = 0;
		break;
	case IOMMUFD_MODEL_OP_REFCOUNT_SUB_AND_TEST:
		old = iommufd_model_raw_refcount_sub_and_test(r, n, site);
		seen = old == n ? n : !n;
		break;
	case IOMMUFD_MODEL_OP_REFCOUNT_DEC_NOT_ONE:
		old = iommufd_model_raw_refcount_dec_not_one(r, site);
		seen = old == 1;
		break;
	case IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE:
		old = iommufd_model_raw_refcount_dec_if_one(r);
		seen = old == 1;
		break;
	case IOMMUFD_MODEL_OP_REFCOUNT_SET:
		old = __atomic_exchange_n(&r->refs, n, __ATOMIC_RELAXED);
		seen = 0;
		break;
	default:
		old = __atomic_load_n(&r->refs, __ATOMIC_ACQUIRE);
		seen = old;
		break;
	}
	op->before = old;
	/*
	 * The new value is computed and not read again: another thread may have
	 * changed the counter since, and after the last decrement its memory
	 * may have been freed.
	 */
	op->after = iommufd_model_refcount_result(op->kind, old, n);
	return seen;
}

int iommufd_model_refcount_gated(enum iommufd_model_op_kind kind,
				 refcount_t *r, int n,
				 const struct iommufd_model_site *site)
{
	struct iommufd_model_op op = {
		.kind = kind, .addr = r, .arg = n, .site = site,
	};
	int seen;

	iommufd_model_gate_step(&op);
	seen = do_refcount(&op, r);
	iommufd_model_gate_event(&op);
	return seen;
}

const void *iommufd_model_op_object(const struct iommufd_model_op *op)
{
	struct iommufd_model_allocation allocation;

	if (!iommufd_model_find_allocation(op->addr, &allocation))
		return NULL;
	return allocation.addr;
}

const char *iommufd_model_op_name(enum iommufd_model_op_kind kind)
{
	static const char *const names[] = {
		[IOMMUFD_MODEL_OP_REFCOUNT_SET] = "refcount_set",
		[IOMMUFD_MODEL_OP_REFCOUNT_READ] = "refcount_read",
		[IOMMUFD_MODEL_OP_REFCOUNT_ADD] = "refcount_add",
		[IOMMUFD_MODEL_OP_REFCOUNT_ADD_NOT_ZERO] =
			"refcount_add_not_zero",
		[IOMMUFD_MODEL_OP_REFCOUNT_DEC] = "refcount_dec",
		[IOMMUFD_MODEL_OP_REFCOUNT_SUB_AND_TEST] =
			"refcount_sub_and_test",
		[IOMMUFD_MODEL_OP_REFCOUNT_DEC_NOT_ONE] =
			"refcount_dec_not_one",
		[IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE] = "refcount_dec_if_one",
		[IOMMUFD_MODEL_OP_MUTEX_LOCK] = "mutex_lock",
		[IOMMUFD_MODEL_OP_MUTEX_TRYLOCK] = "mutex_trylock",
		[IOMMUFD_MODEL_OP_MUTEX_UNLOCK] = "mutex_unlock",
		[IOMMUFD_MODEL_OP_MUTEX_UNLOCK_TAIL] = "mutex_unlock tail",
		[IOMMUFD_MODEL_OP_RWSEM_DOWN_READ] = "down_read",
		[IOMMUFD_MODEL_OP_RWSEM_TRY_READ] = "down_read_trylock",
		[IOMMUFD_MODEL_OP_RWSEM_UP_READ] = "up_read",
		[IOMMUFD_MODEL_OP_RWSEM_DOWN_WRITE] = "down_write",
		[IOMMUFD_MODEL_OP_RWSEM_TRY_WRITE] = "down_write_trylock",
		[IOMMUFD_MODEL_OP_RWSEM_UP_WRITE] = "up_write",
		[IOMMUFD_MODEL_OP_RWSEM_UP_TAIL] = "rwsem up tail",
		[IOMMUFD_MODEL_OP_RWSEM_DOWNGRADE] = "downgrade_write",
		[IOMMUFD_MODEL_OP_SPIN_LOCK] = "spin_lock",
		[IOMMUFD_MODEL_OP_SPIN_TRYLOCK] = "spin_trylock",
		[IOMMUFD_MODEL_OP_READ_LOCK] = "read_lock",
		[IOMMUFD_MODEL_OP_READ_TRYLOCK] = "read_trylock",
		[IOMMUFD_MODEL_OP_READ_UNLOCK] = "read_unlock",
		[IOMMUFD_MODEL_OP_WRITE_LOCK] = "write_lock",
		[IOMMUFD_MODEL_OP_WRITE_TRYLOCK] = "write_trylock",
		[IOMMUFD_MODEL_OP_WRITE_UNLOCK] = "write_unlock",
		[IOMMUFD_MODEL_OP_SPIN_UNLOCK] = "spin_unlock",
		[IOMMUFD_MODEL_OP_LOCK_READ] = "is_locked",
		[IOMMUFD_MODEL_OP_LOCK_DESTROY] = "mutex_destroy",
		[IOMMUFD_MODEL_OP_LOCK_INIT] = "lock init",
		[IOMMUFD_MODEL_OP_WAIT_PREPARE] = "prepare_to_wait",
		[IOMMUFD_MODEL_OP_WAIT_SLEEP] = "wait_event sleep",
		[IOMMUFD_MODEL_OP_WAIT_FINISH] = "finish_wait",
		[IOMMUFD_MODEL_OP_WAIT_WAKE] = "wake_up",
		[IOMMUFD_MODEL_OP_WAIT_PREPARE_EXCLUSIVE] =
			"prepare_to_wait_exclusive",
		[IOMMUFD_MODEL_OP_WAIT_FINISH_EXCLUSIVE] =
			"finish_wait_exclusive",
		[IOMMUFD_MODEL_OP_WAIT_READ] = "look at waiters",
		[IOMMUFD_MODEL_OP_COMPLETION_TAKE] = "wait_for_completion",
		[IOMMUFD_MODEL_OP_COMPLETION_WAIT] = "wait_for_completion",
		[IOMMUFD_MODEL_OP_COMPLETE] = "complete",
		[IOMMUFD_MODEL_OP_WAIT_ZERO] = "wait for zero",
		[IOMMUFD_MODEL_OP_ALLOC] = "alloc",
		[IOMMUFD_MODEL_OP_FREE] = "free",
		[IOMMUFD_MODEL_OP_READ_ONCE] = "READ_ONCE",
		[IOMMUFD_MODEL_OP_WRITE_ONCE] = "WRITE_ONCE",
		[IOMMUFD_MODEL_OP_COPY_FROM_USER] = "copy_from_user",
		[IOMMUFD_MODEL_OP_COPY_TO_USER] = "copy_to_user",
		[IOMMUFD_MODEL_OP_PIN_PAGE] = "pin_user_page",
		[IOMMUFD_MODEL_OP_UNPIN_PAGE] = "unpin_user_page",
		[IOMMUFD_MODEL_OP_FD_READ] = "fd lookup",
		[IOMMUFD_MODEL_OP_FD_WRITE] = "fd change",
		[IOMMUFD_MODEL_OP_RELAX] = "cpu_relax",
		[IOMMUFD_MODEL_OP_SPAWN] = "spawn",
		[IOMMUFD_MODEL_OP_JOIN] = "join",
		[IOMMUFD_MODEL_OP_IRQS_OFF] = "irqs off",
		[IOMMUFD_MODEL_OP_IRQS_ON] = "irqs on",
		[IOMMUFD_MODEL_OP_IRQ_ENTER] = "irq begins",
		[IOMMUFD_MODEL_OP_IRQ_LEAVE] = "irq ends",
		[IOMMUFD_MODEL_OP_IRQ_RAISE] = "raise irq",
		[IOMMUFD_MODEL_OP_IRQ_CHANGE] = "change irq",
		[IOMMUFD_MODEL_OP_IRQ_RUN] = "irq handler",
		[IOMMUFD_MODEL_OP_WAIT_UNTIL] = "wait for",
		[IOMMUFD_MODEL_OP_DONE] = "end of",
		[IOMMUFD_MODEL_OP_RCU_LOCK] = "rcu_read_lock",
		[IOMMUFD_MODEL_OP_RCU_UNLOCK] = "rcu_read_unlock",
		[IOMMUFD_MODEL_OP_RCU_BEGIN] = "grace period begins",
		[IOMMUFD_MODEL_OP_RCU_END] = "grace period ends",
		[IOMMUFD_MODEL_OP_RCU_CALL] = "call_rcu",
		[IOMMUFD_MODEL_OP_RCU_CALLED] = "callback returns",
		[IOMMUFD_MODEL_OP_RCU_BARRIER] = "rcu_barrier begins",
		[IOMMUFD_MODEL_OP_RCU_BARRIER_END] = "rcu_barrier ends",
		[IOMMUFD_MODEL_OP_WORK_QUEUE] = "queue_work",
		[IOMMUFD_MODEL_OP_WORK_CANCEL] = "cancel_work",
		[IOMMUFD_MODEL_OP_WORK_ENABLE] = "enable_work",
		[IOMMUFD_MODEL_OP_WORK_RUN] = "run work",
		[IOMMUFD_MODEL_OP_WORK_READ] = "is_pending",
		[IOMMUFD_MODEL_OP_WORK_FLUSH] = "flush_work",
		[IOMMUFD_MODEL_OP_QUEUE_FLUSH] = "flush begins",
		[IOMMUFD_MODEL_OP_QUEUE_FLUSHED] = "flush ends",
		[IOMMUFD_MODEL_OP_TIMER_ARM] = "mod_timer",
		[IOMMUFD_MODEL_OP_TIMER_DELETE] = "timer_delete",
		[IOMMUFD_MODEL_OP_TIMER_FIRE] = "timer fires",
		[IOMMUFD_MODEL_OP_AFTER] = "go on",
		[IOMMUFD_MODEL_OP_IDR_READ] = "idr lookup",
		[IOMMUFD_MODEL_OP_IDR_WRITE] = "idr change",
		[IOMMUFD_MODEL_OP_IDR_DONE] = "idr change over",
		[IOMMUFD_MODEL_OP_ATOMIC_READ] = "atomic_read",
		[IOMMUFD_MODEL_OP_ATOMIC_SET] = "atomic_set",
		[IOMMUFD_MODEL_OP_ATOMIC_ADD] = "atomic_add",
		[IOMMUFD_MODEL_OP_ATOMIC_ADD_RETURN] = "atomic_add_return",
		[IOMMUFD_MODEL_OP_ATOMIC_ADD_AND_TEST] = "atomic_add_and_test",
		[IOMMUFD_MODEL_OP_ATOMIC_ADD_UNLESS] = "atomic_add_unless",
		[IOMMUFD_MODEL_OP_ATOMIC_FETCH_ADD_UNLESS] =
			"atomic_fetch_add_unless",
		[IOMMUFD_MODEL_OP_ATOMIC_INC_UNLESS_NEGATIVE] =
			"atomic_inc_unless_negative",
		[IOMMUFD_MODEL_OP_ATOMIC_DEC_UNLESS_POSITIVE] =
			"atomic_dec_unless_positive",
		[IOMMUFD_MODEL_OP_ATOMIC_DEC_IF_POSITIVE] =
			"atomic_dec_if_positive",
		[IOMMUFD_MODEL_OP_ATOMIC_AND] = "atomic_and",
		[IOMMUFD_MODEL_OP_ATOMIC_OR] = "atomic_or",
		[IOMMUFD_MODEL_OP_ATOMIC_XOR] = "atomic_xor",
		[IOMMUFD_MODEL_OP_ATOMIC_XCHG] = "xchg",
		[IOMMUFD_MODEL_OP_ATOMIC_CMPXCHG] = "cmpxchg",
		[IOMMUFD_MODEL_OP_SEQ_BEGIN] = "read_seqcount_begin",
		[IOMMUFD_MODEL_OP_SEQ_READ] = "read_seqcount",
		[IOMMUFD_MODEL_OP_SEQ_WRITE_BEGIN] = "write_seqcount_begin",
		[IOMMUFD_MODEL_OP_SEQ_WRITE_END] = "write_seqcount_end",
		[IOMMUFD_MODEL_OP_BIT_TEST] = "test_bit",
		[IOMMUFD_MODEL_OP_BIT_SET] = "set_bit",
		[IOMMUFD_MODEL_OP_BIT_CLEAR] = "clear_bit",
		[IOMMUFD_MODEL_OP_BIT_CHANGE] = "change_bit",
		[IOMMUFD_MODEL_OP_BIT_TEST_AND_SET] = "test_and_set_bit",
		[IOMMUFD_MODEL_OP_BIT_TEST_AND_CLEAR] = "test_and_clear_bit",
		[IOMMUFD_MODEL_OP_BIT_TEST_AND_CHANGE] = "test_and_change_bit",
		[IOMMUFD_MODEL_OP_LOAD_ACQUIRE] = "smp_load_acquire",
		[IOMMUFD_MODEL_OP_STORE_RELEASE] = "smp_store_release",
		[IOMMUFD_MODEL_OP_CHOOSE] = "choose",
		[IOMMUFD_MODEL_OP_NOTE] = "note",
	};

	return (unsigned int)kind < ARRAY_SIZE(names) ? names[kind] : "?";
}
