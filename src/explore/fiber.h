/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Stacks to run the threads of a test on, one at a time.
 *
 * Two kinds.  Our own stacks on one thread of the system, switched in a few
 * instructions: x86-64 and aarch64.  And threads of the system of which all but
 * one wait: everywhere else, and where a debugger is to see them
 * (explore_fiber_os_threads).
 */
#ifndef FIBER_H
#define FIBER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct fiber {
	void *sp; /* own stacks: where it stands */
	void *stack;
	size_t size;
	void *fake_stack; /* AddressSanitizer's */
	void *tsan; /* ThreadSanitizer's */
	unsigned int valgrind; /* its number of @stack */
	bool started;
	bool idle; /* its function is over, all but its
					   last switch */
	pthread_t thread; /* threads of the system */
	pthread_mutex_t mutex; /* guards the rest */
	pthread_cond_t cond;
	const char *name; /* for debuggers; set by the user */
	bool go;
	bool die;
	void (*entry)(void);
};

/* Set once, before the first fiber; true where there is no other kind. */
extern bool explore_fiber_os_threads;

/* The fiber of the caller itself: something to switch back to. */
void explore_fiber_init_self(struct fiber *fiber);

/*
 * The next switch to @fiber calls @entry.  The last thing @entry does is to set
 * @idle and to switch away; it returns when there is work for it again.  @fiber
 * is zeroed, or has been used before, perhaps left in the middle.  0 or -ENOMEM.
 */
int explore_fiber_prepare(struct fiber *fiber, void (*entry)(void));

/* @from is the caller's; returns when somebody switches back to it. */
void explore_fiber_switch(struct fiber *from, struct fiber *to);

/* @fiber does not run and never will again; its stack is kept for reuse. */
void explore_fiber_drop(struct fiber *fiber);

/* Give everything back. */
void explore_fiber_free(struct fiber *fiber);

#endif
