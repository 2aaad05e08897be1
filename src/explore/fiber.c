// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Stacks for the threads of a test.  See fiber.h.
 *
 * The memory below each of our own stacks cannot be accessed.  A switch saves the
 * registers that a called function must preserve; they are saved on the stack
 * that the switch leaves.
 */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#include "fiber.h"
#include "../kernel/no_state.h"
#include "../kernel/poison.h"
#include "../kernel/tsan.h"
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#if (defined(__x86_64__) || defined(__aarch64__)) && !defined(__ILP32__)
#define OWN_STACKS 1
#else
#define OWN_STACKS 0
#endif

/* True if each fiber is a thread of the system. */
static bool os_threads = !OWN_STACKS;

void explore_fiber_use_os_threads(bool use)
{
	os_threads = use || !OWN_STACKS;
}

#ifdef WITH_ASAN
#include <sanitizer/common_interface_defs.h>
#endif

#if defined(IOMMUFD_MODEL_VALGRIND) && !defined(WITH_ASAN)
#include <valgrind/valgrind.h>
#define REGISTER_STACK(start, end) VALGRIND_STACK_REGISTER(start, end)
#define DEREGISTER_STACK(id) VALGRIND_STACK_DEREGISTER(id)
#else
#define REGISTER_STACK(start, end) ((void)(start), (void)(end), 0u)
#define DEREGISTER_STACK(id) ((void)(id))
#endif

#define STACK_SIZE (256ul << 10)
/* More than the page of a kernel: user code has large variables on the stack. */
#define GUARD_SIZE (1ul << 20)

#if OWN_STACKS

/*
 * The symbol is global because link-time optimisation would not find it
 * otherwise: it puts assembly language into a part of its own.
 */
#ifdef __APPLE__
#define DEFINE(name) \
	".globl _" #name "\n.private_extern _" #name "\n_" #name ":\n"
#else
#define DEFINE(name)                            \
	".globl " #name "\n.hidden " #name "\n" \
	".type " #name ", %function\n" #name ":\n"
#endif

/* Store the stack pointer in *@from, and go on at the one in @to. */
void iommufd_model_fiber_jump(void **from, void *to)
	__attribute__((visibility("hidden")));

#if defined(__x86_64__)
#define SAVED_WORDS 6
#define SAVED_ENTRY 6 /* where the return address lies */
__asm__(".text\n"
	".p2align 4\n" DEFINE(
		iommufd_model_fiber_jump) "	pushq %rbp\n"
					  "	pushq %rbx\n"
					  "	pushq %r12\n"
					  "	pushq %r13\n"
					  "	pushq %r14\n"
					  "	pushq %r15\n"
					  "	movq %rsp, (%rdi)\n"
					  "	movq %rsi, %rsp\n"
					  "	popq %r15\n"
					  "	popq %r14\n"
					  "	popq %r13\n"
					  "	popq %r12\n"
					  "	popq %rbx\n"
					  "	popq %rbp\n"
					  "	ret\n");
#else
#define SAVED_WORDS 20
#define SAVED_ENTRY 11
__asm__(".text\n"
	".p2align 4\n" DEFINE(
		iommufd_model_fiber_jump) "	sub sp, sp, #160\n"
					  "	stp x19, x20, [sp, #0]\n"
					  "	stp x21, x22, [sp, #16]\n"
					  "	stp x23, x24, [sp, #32]\n"
					  "	stp x25, x26, [sp, #48]\n"
					  "	stp x27, x28, [sp, #64]\n"
					  "	stp x29, x30, [sp, #80]\n"
					  "	stp d8, d9, [sp, #96]\n"
					  "	stp d10, d11, [sp, #112]\n"
					  "	stp d12, d13, [sp, #128]\n"
					  "	stp d14, d15, [sp, #144]\n"
					  "	mov x9, sp\n"
					  "	str x9, [x0]\n"
					  "	mov sp, x1\n"
					  "	ldp x19, x20, [sp, #0]\n"
					  "	ldp x21, x22, [sp, #16]\n"
					  "	ldp x23, x24, [sp, #32]\n"
					  "	ldp x25, x26, [sp, #48]\n"
					  "	ldp x27, x28, [sp, #64]\n"
					  "	ldp x29, x30, [sp, #80]\n"
					  "	ldp d8, d9, [sp, #96]\n"
					  "	ldp d10, d11, [sp, #112]\n"
					  "	ldp d12, d13, [sp, #128]\n"
					  "	ldp d14, d15, [sp, #144]\n"
					  "	add sp, sp, #160\n"
					  "	ret\n");
#endif

static int map_stack(struct fiber *fiber)
{
	char *map;

	map = mmap(NULL, GUARD_SIZE + STACK_SIZE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return -ENOMEM;
	mprotect(map, GUARD_SIZE, PROT_NONE);
	fiber->stack = map + GUARD_SIZE;
	fiber->size = STACK_SIZE;
	fiber->valgrind = REGISTER_STACK(map + GUARD_SIZE,
					 map + GUARD_SIZE + STACK_SIZE - 1);
	return 0;
}

static struct fiber *left, *entered;
NO_CHECKPOINT(left);
NO_CHECKPOINT(entered);

/* The first function that runs on a stack. */
static void enter_stack(void)
{
	struct fiber *self = entered;
#ifdef WITH_ASAN
	const void *bottom;
	size_t size;

	__sanitizer_finish_switch_fiber(NULL, &bottom, &size);
	if (!left->stack) {
		left->stack = (void *)(uintptr_t)bottom;
		left->size = size;
	}
#endif
	for (;;)
		self->entry();
}

static int prepare_stack(struct fiber *fiber)
{
	uintptr_t *top;

	if (!fiber->stack && map_stack(fiber))
		return -ENOMEM;
#ifdef WITH_ASAN
	/*
	 * Parts of the stack may be poisoned: by a fiber that was left in the
	 * middle, or by what was mapped at this address before.
	 */
	ASAN_UNPOISON_MEMORY_REGION(fiber->stack, fiber->size);
	fiber->fake_stack = NULL;
#endif
#ifdef WITH_TSAN
	if (fiber->tsan)
		__tsan_destroy_fiber(fiber->tsan);
	fiber->tsan = __tsan_create_fiber(0);
#endif
	/*
	 * The stack looks as it does after a call, with a return address of 0.
	 */
	top = (uintptr_t *)((char *)fiber->stack + fiber->size);
	top -= SAVED_WORDS + 4;
	memset(top, 0, (SAVED_WORDS + 4) * sizeof(*top));
	top[SAVED_ENTRY] = (uintptr_t)enter_stack;
	fiber->sp = top;
	fiber->started = true;
	return 0;
}

static inline void switch_stack(struct fiber *from, struct fiber *to)
{
	left = from;
	entered = to;
#ifdef WITH_ASAN
	__sanitizer_start_switch_fiber(&from->fake_stack, to->stack, to->size);
#endif
#ifdef WITH_TSAN
	/*
	 * The switch does not synchronise: only operations at the gate order
	 * the threads.
	 */
	__tsan_switch_to_fiber(to->tsan, __tsan_switch_to_fiber_no_sync);
#endif
	iommufd_model_fiber_jump(&from->sp, to->sp);
#ifdef WITH_ASAN
	__sanitizer_finish_switch_fiber(from->fake_stack, NULL, NULL);
#endif
}

#else

static int prepare_stack(struct fiber *fiber)
{
	(void)fiber;
	return -ENOMEM;
}

static void switch_stack(struct fiber *from, struct fiber *to)
{
	(void)from;
	(void)to;
	abort();
}

#endif

bool explore_fiber_own_stacks(void)
{
	return !os_threads;
}

void explore_fiber_init_self(struct fiber *fiber)
{
	memset(fiber, 0, sizeof(*fiber));
#ifdef WITH_TSAN
	fiber->tsan = __tsan_get_current_fiber();
#endif
	pthread_mutex_init(&fiber->mutex, NULL);
	pthread_cond_init(&fiber->cond, NULL);
}

/* Wait until another fiber switches to @fiber, which is the caller's. */
static void wait_for_turn(struct fiber *fiber)
{
	bool die;

	pthread_mutex_lock(&fiber->mutex);
	while (!fiber->go)
		pthread_cond_wait(&fiber->cond, &fiber->mutex);
	fiber->go = false;
	die = fiber->die;
	pthread_mutex_unlock(&fiber->mutex);
	if (die)
		pthread_exit(NULL);
}

static void give_turn(struct fiber *fiber)
{
	pthread_mutex_lock(&fiber->mutex);
	fiber->go = true;
	pthread_cond_signal(&fiber->cond);
	pthread_mutex_unlock(&fiber->mutex);
}

static void *run_thread(void *arg)
{
	struct fiber *fiber = arg;

#ifdef __linux__
	prctl(PR_SET_NAME, fiber->name, 0, 0, 0);
#endif
	fiber->top = (const char *)&arg;
	wait_for_turn(fiber);
	for (;;)
		fiber->entry();
	return NULL;
}

int explore_fiber_prepare(struct fiber *fiber, void (*entry)(void))
{
	fiber->entry = entry;
	if (fiber->idle) {
		fiber->idle = false;
		return 0;
	}
	if (!os_threads)
		return prepare_stack(fiber);
	explore_fiber_drop(fiber);
	pthread_mutex_init(&fiber->mutex, NULL);
	pthread_cond_init(&fiber->cond, NULL);
	fiber->go = false;
	fiber->die = false;
	if (pthread_create(&fiber->thread, NULL, run_thread, fiber))
		return -ENOMEM;
	fiber->started = true;
	return 0;
}

void explore_fiber_switch(struct fiber *from, struct fiber *to)
{
	if (!os_threads) {
		switch_stack(from, to);
		return;
	}
	give_turn(to);
	wait_for_turn(from);
}

void explore_fiber_drop(struct fiber *fiber)
{
	if (!os_threads || !fiber->started)
		return;
	pthread_mutex_lock(&fiber->mutex);
	fiber->die = true;
	fiber->go = true;
	pthread_cond_signal(&fiber->cond);
	pthread_mutex_unlock(&fiber->mutex);
	pthread_join(fiber->thread, NULL);
	pthread_cond_destroy(&fiber->cond);
	pthread_mutex_destroy(&fiber->mutex);
	fiber->started = false;
}

void explore_fiber_widen(const struct fiber *fiber, uintptr_t *from,
			 uintptr_t *to)
{
	/* The system chooses the stacks of its threads, and does so later. */
	uintptr_t low = os_threads ? 0 : (uintptr_t)fiber->stack;
	uintptr_t high = os_threads ? UINTPTR_MAX : low + fiber->size;

	if (!*to || low < *from)
		*from = low;
	if (high > *to)
		*to = high;
}

bool explore_fiber_stack(const struct fiber *fiber, const void *addr,
			 uintptr_t *from, uintptr_t *to)
{
	const char *top = os_threads ? fiber->top :
				       (const char *)fiber->stack + fiber->size;

	if (!(os_threads ? fiber->top : fiber->stack) ||
	    (uintptr_t)addr >= (uintptr_t)top ||
	    (uintptr_t)top - (uintptr_t)addr > STACK_SIZE)
		return false;
	*from = (uintptr_t)top - STACK_SIZE;
	*to = (uintptr_t)top;
	return true;
}

size_t explore_fiber_overflows(const struct fiber *fiber, const void *addr)
{
	const char *stack = fiber->stack;

	if (os_threads || !stack || (const char *)addr >= stack ||
	    (size_t)(stack - (const char *)addr) > GUARD_SIZE)
		return 0;
	return fiber->size;
}

bool explore_fiber_has(const struct fiber *fiber, const void *addr)
{
	uintptr_t from, to;

	return explore_fiber_stack(fiber, addr, &from, &to);
}

void explore_fiber_free(struct fiber *fiber)
{
	explore_fiber_drop(fiber);
#if OWN_STACKS
	if (!os_threads && fiber->stack) {
		DEREGISTER_STACK(fiber->valgrind);
#ifdef WITH_ASAN
		/* What is mapped here next must not be poisoned. */
		ASAN_UNPOISON_MEMORY_REGION(fiber->stack, fiber->size);
#endif
		munmap((char *)fiber->stack - GUARD_SIZE,
		       GUARD_SIZE + fiber->size);
	}
#endif
	fiber->stack = NULL;
	fiber->started = false;
	fiber->idle = false;
}
