/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Fibers: stacks for the threads of a test, of which one runs at a time.
 *
 * There are two kinds.  On x86-64 and aarch64 we have stacks of our own, all
 * on one thread of the system, and a switch takes a few instructions.  On
 * other machines, and where a debugger is to see the threads, each is a thread
 * of the system, and all but one wait (explore_fiber_use_os_threads()).
 */
#ifndef FIBER_H
#define FIBER_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

struct fiber {
	/* own stacks: the stack pointer while the fiber does not run */
	void *sp;
	void *stack;
	size_t size;
	void *fake_stack; /* for AddressSanitizer */
	void *tsan; /* for ThreadSanitizer */
	unsigned int valgrind; /* the number that Valgrind has for @stack */
	bool started;
	/*
	 * the only thing that its function still does is a switch to another
	 * fiber
	 */
	bool idle;
	/* threads of the system: the address at which the stack begins */
	const char *top;
	pthread_t thread; /* threads of the system: the thread */
	pthread_mutex_t mutex; /* guards the members below */
	pthread_cond_t cond;
	const char *name; /* for debuggers; set by the user */
	bool go;
	bool die;
	void (*entry)(void);
};

/*
 * Use threads of the system for fibers from now on or, with @use false, our own
 * stacks where they are supported.  Call this while there is no fiber.
 */
void explore_fiber_use_os_threads(bool use);

bool explore_fiber_own_stacks(void);

/* Make @fiber stand for the caller, so that others can switch back to it. */
void explore_fiber_init_self(struct fiber *fiber);

/*
 * The next switch to @fiber calls @entry.  The last thing that @entry does is
 * to set @idle and to switch to another fiber; when it is needed again, that
 * switch returns.  @fiber is zeroed, or has been used before, even if it was
 * left in the middle.  Returns 0 or -ENOMEM.
 */
int explore_fiber_prepare(struct fiber *fiber, void (*entry)(void));

/*
 * Switch from @from, which runs, to @to.  Returns when another fiber switches
 * back to @from.
 */
void explore_fiber_switch(struct fiber *from, struct fiber *to);

/*
 * Say that @fiber is not needed any more.  Its stack is kept for the next use.
 */
void explore_fiber_drop(struct fiber *fiber);

/* Widen the range from @from to @to by the stack of @fiber; @to is 0 at first. */
void explore_fiber_widen(const struct fiber *fiber, uintptr_t *from,
			 uintptr_t *to);

/*
 * If an access to @addr has failed because it is below the own stack of @fiber, return
 * the size of the stack, otherwise 0.
 */
size_t explore_fiber_overflows(const struct fiber *fiber, const void *addr);
/* True if @addr is on the stack of @fiber, which has been entered. */
bool explore_fiber_has(const struct fiber *fiber, const void *addr);
/* The same; the stack, as far as it is known, is from @from to @to then. */
bool explore_fiber_stack(const struct fiber *fiber, const void *addr,
			 uintptr_t *from, uintptr_t *to);

/* Free all that @fiber has. */
void explore_fiber_free(struct fiber *fiber);

#endif
