/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What ThreadSanitizer is told beyond the atomics, in a build with it.
 *
 * The ground has locks of its own (its list of allocations, lockdep's table)
 * that a kernel does not have in that place.  In an explored execution, where
 * one thread runs at a time and such a lock guards nothing, they would order
 * the test's threads and so hide its races: what is done under them is hidden
 * then, accesses and order.  With threads of the system they stay visible.
 */
#ifndef TSAN_H
#define TSAN_H

#include <stdbool.h>

#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define WITH_TSAN 1
#endif
#endif
/* The explorer itself is not instrumented; the build says so. */
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
 * gate.c: the threads of an explored test run.  Then hooks are nothing of the
 * test's either, whatever locks they have.
 */
extern bool iommufd_model_tsan_explored;

/* Of this thread, until tsan_order_seen(): atomics order nothing. */
static inline void tsan_order_hidden(void)
{
	AnnotateIgnoreSyncBegin(__FILE__, __LINE__);
}

static inline void tsan_order_seen(void)
{
	AnnotateIgnoreSyncEnd(__FILE__, __LINE__);
}

/* The same, and accesses are not seen. */
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

/* What was done before a release is seen behind an acquire of the same. */
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
