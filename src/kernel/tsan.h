/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Annotations for ThreadSanitizer, which have an effect only in a build with
 * it.
 *
 * The ground has locks of its own, for its list of allocations and for
 * lockdep's table, which a kernel does not have.  In an explored execution only
 * one thread runs at a time, so these locks protect nothing.  But to
 * ThreadSanitizer they would order the test's threads and so hide races.
 * Therefore the accesses and the synchronisation under these locks are hidden
 * from it during an explored execution.  They stay visible when real threads
 * run.
 */
#ifndef TSAN_H
#define TSAN_H

#include <stdbool.h>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WITH_TSAN 1
#endif
#endif
/* The explorer is not instrumented, so the build defines this macro for it. */
#if defined(__SANITIZE_THREAD__) || defined(IOMMUFD_MODEL_TSAN)
#undef WITH_TSAN
#define WITH_TSAN 1
#endif

#ifdef WITH_TSAN
#define TSAN_BUILD 1
#include <sanitizer/tsan_interface.h>

void AnnotateIgnoreReadsBegin(const char *file, int line);
void AnnotateIgnoreReadsEnd(const char *file, int line);
void AnnotateIgnoreWritesBegin(const char *file, int line);
void AnnotateIgnoreWritesEnd(const char *file, int line);
void AnnotateIgnoreSyncBegin(const char *file, int line);
void AnnotateIgnoreSyncEnd(const char *file, int line);

/*
 * gate.c: true while the threads of an explored test run.  The hooks do not
 * belong to the test either, so what they do is hidden as well.
 */
extern bool iommufd_model_tsan_explored;

/* Hides the order that this thread's atomics give, until tsan_order_seen(). */
static inline void tsan_order_hidden(void)
{
	AnnotateIgnoreSyncBegin(__FILE__, __LINE__);
}

static inline void tsan_order_seen(void)
{
	AnnotateIgnoreSyncEnd(__FILE__, __LINE__);
}

/* Hides this thread's accesses as well, until tsan_show(). */
static inline void tsan_hide(void)
{
	AnnotateIgnoreReadsBegin(__FILE__, __LINE__);
	AnnotateIgnoreWritesBegin(__FILE__, __LINE__);
	tsan_order_hidden();
}

static inline void tsan_show(void)
{
	tsan_order_seen();
	AnnotateIgnoreWritesEnd(__FILE__, __LINE__);
	AnnotateIgnoreReadsEnd(__FILE__, __LINE__);
}

static inline void tsan_hide_explored(void)
{
	if (iommufd_model_tsan_explored)
		tsan_hide();
}

static inline void tsan_show_explored(void)
{
	if (iommufd_model_tsan_explored)
		tsan_show();
}

static inline void tsan_explored(bool explored)
{
	iommufd_model_tsan_explored = explored;
}

/* Makes what a thread did before it released @addr happen before this point. */
static inline void tsan_acquire(const void *addr)
{
	__tsan_acquire((void *)(unsigned long)addr);
}

static inline void tsan_release(const void *addr)
{
	__tsan_release((void *)(unsigned long)addr);
}
#else
#define TSAN_BUILD 0
static inline void tsan_order_hidden(void)
{
}

static inline void tsan_order_seen(void)
{
}

static inline void tsan_hide(void)
{
}

static inline void tsan_show(void)
{
}

static inline void tsan_hide_explored(void)
{
}

static inline void tsan_show_explored(void)
{
}

static inline void tsan_explored(bool explored)
{
	(void)explored;
}

static inline void tsan_acquire(const void *addr)
{
	(void)addr;
}

static inline void tsan_release(const void *addr)
{
	(void)addr;
}
#endif

#endif
