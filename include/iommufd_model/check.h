/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Assertions for libcheck.  Header only: the library does not depend on it.
 *
 * @code
 * START_TEST(queue_goes_before_its_ioas)
 * {
 * 	struct iommufd_ctx *ictx = iommufd_model_check_open();
 * 	...
 * 	iommufd_model_check_close(ictx);
 * 	ck_assert_released_before(&queue->obj, &ioas->obj);
 * 	ck_assert_no_leaks(ictx);
 * }
 * END_TEST
 *
 * tcase_add_checked_fixture(tc, iommufd_model_check_setup,
 * 			  iommufd_model_check_teardown);
 * @endcode
 *
 * The setup starts the observer.  The teardown fails the test for a WARN that
 * was not expected, which any misuse gives, for an expected one that did not
 * come, for a lock that is still held, for pages that are still pinned, and for
 * memory that is left over.
 *
 * Assertions belong on the main thread: a failed one jumps out of the test.  In
 * the functions of a test for the explorer they fail the execution, as
 * iommufd_model_assert() does.
 */
#ifndef IOMMUFD_MODEL_CHECK_H
#define IOMMUFD_MODEL_CHECK_H

#include <check.h>
#include <iommufd_model/explore.h>
#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/kernel/page.h>
#include <iommufd_model/model.h>
#include <iommufd_model/observe.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/** @cond INTERNAL */
/*
 * libcheck's assertions call this when they fail.  In an execution of the
 * explorer libcheck would end the process; this makes the execution fail
 * instead.
 */
__attribute__((unused, format(printf, 5, 6))) static void
iommufd_model_check_failed(const struct iommufd_model_site *site,
			   const char *file, int line, const char *expr,
			   const char *fmt, ...)
{
	char text[2048] = "";
	va_list args;

	va_start(args, fmt);
	if (fmt)
		vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	if (iommufd_model_in_execution())
		iommufd_model_assertion_failed(site, "%s", fmt ? text : expr);
	else if (fmt)
		_ck_assert_failed(file, line, expr, "%s", text);
	else
		_ck_assert_failed(file, line, expr, NULL);
}

/* Some of libcheck's macros add a NULL at the end of the list of arguments. */
#define _ck_assert_failed(file, line, ...)				\
	iommufd_model_check_failed(IOMMUFD_MODEL_SITE("an assertion"),	\
				   file, line, __VA_ARGS__)
/** @endcond */

/** @cond INTERNAL */
/*
 * A context that was opened by iommufd_model_check_open(), and its descriptor.
 */
struct iommufd_model_check_ctx {
	struct iommufd_ctx *ictx;
	int fd;
};

/* The table is weak, so that all source files of a test program share it. */
extern struct iommufd_model_check_ctx iommufd_model_check_ctxs[8];
__attribute__((weak)) struct iommufd_model_check_ctx iommufd_model_check_ctxs[8];

/** @endcond */

/** @cond INTERNAL */
struct iommufd_model_check_text {
	char text[1024];
	size_t len;
};

__attribute__((unused)) static void
iommufd_model_check_add_leak(const struct iommufd_model_allocation *a,
			     void *data)
{
	struct iommufd_model_check_text *t =
		(struct iommufd_model_check_text *)data;
	int n;

	n = snprintf(t->text + t->len, sizeof(t->text) - t->len,
		     "\n    %s %u, %zu bytes (%s, %s:%d)",
		     a->label ? a->label : "memory", a->id, a->size,
		     a->site->func, a->site->file, a->site->line);
	if (n > 0 && (size_t)n < sizeof(t->text) - t->len)
		t->len += (size_t)n;
}

/* The number of allocations that existed before the test, and of pins. */
__attribute__((weak)) unsigned long iommufd_model_check_before;
__attribute__((weak)) unsigned long iommufd_model_check_pinned;

__attribute__((unused)) static void
iommufd_model_check_add_pin(const struct iommufd_model_pin *pin, void *data)
{
	struct iommufd_model_check_text *t =
		(struct iommufd_model_check_text *)data;
	int n;

	n = snprintf(t->text + t->len, sizeof(t->text) - t->len,
		     "\n    %s: %#lx bytes at IOVA %#lx pinned (%s, %s:%d)",
		     pin->access, pin->length, pin->iova, pin->site->func,
		     pin->site->file, pin->site->line);
	if (n > 0 && (size_t)n < sizeof(t->text) - t->len)
		t->len += (size_t)n;
}

/** @endcond */

/**
 * Lists what accesses have pinned, for a message: the access, the range, and the
 * call site of iommufd_access_pin_pages().
 * @param addr  an access, for its pins; another object, for those of the
 *   accesses that hold it; NULL for all pins, also those that were left when
 *   their access was destroyed
 * @return the text, with one line for each pin, or "" if there is none or no
 *   observer runs; valid until the next call
 * @rule R-ACC-5, R-ACC-12, R-ACC-13
 */
__attribute__((unused)) static const char *
iommufd_model_check_pins(const void *addr)
{
	static struct iommufd_model_check_text t;

	t.len = 0;
	t.text[0] = 0;
	iommufd_model_pins(addr, iommufd_model_check_add_pin, &t);
	return t.text;
}

/**
 * Begins a test: resets the warnings, starts the observer, and keeps freed
 * memory so that operations on it are found.  Use it as the setup of a checked
 * fixture.
 * @rule R-COUNT-1
 */
__attribute__((unused)) static void iommufd_model_check_setup(void)
{
	iommufd_model_reset_warnings();
	iommufd_model_keep_freed(true);
	iommufd_model_check_before = iommufd_model_allocations();
	iommufd_model_check_pinned = iommufd_model_pinned();
	ck_assert_int_eq(iommufd_model_observe_start(NULL, NULL), 0);
}

/**
 * Ends a test, and fails it if there was an unexpected WARN, which any misuse of
 * the ground gives, if an expected WARN did not come, if a lock is still held,
 * if pages are still pinned, or if memory that was allocated since the setup is
 * left over: an object of a context that is still open, for example.  The
 * message lists what accesses have pinned.  Use it as the teardown of a checked
 * fixture.
 * @rule R-ACC-5
 */
__attribute__((unused)) static void iommufd_model_check_teardown(void)
{
	struct iommufd_model_check_text left = { "", 0 };
	unsigned long pinned;
	const char *pins;

	iommufd_model_rcu_drain();
	pinned = iommufd_model_pinned() - iommufd_model_check_pinned;
	pins = pinned ? iommufd_model_check_pins(NULL) : "";
	iommufd_model_observe_stop();
	iommufd_model_keep_freed(false);
	ck_assert_msg(iommufd_model_warnings() == 0,
		      "%lu unexpected warnings, printed above%s",
		      iommufd_model_warnings(), pins);
	ck_assert_msg(iommufd_model_missing_warnings() == 0,
		      "%u expected warnings did not come",
		      iommufd_model_missing_warnings());
	ck_assert_msg(iommufd_model_locks_held() == 0, "%d locks still held",
		      iommufd_model_locks_held());
	ck_assert_msg(!iommufd_model_leaks(iommufd_model_check_before,
					   iommufd_model_check_add_leak, &left),
		      "left over:%s%s", left.text, pins);
	ck_assert_msg(!pinned, "%ld page%s still pinned%s", (long)pinned,
		      pinned == 1 ? " is" : "s are", pins);
}

/**
 * Opens /dev/iommu; fails the test if it cannot.
 * @return the context
 * @ownership The descriptor holds the only reference to the context; the caller
 *   gets none of its own.  The context stays valid until
 *   iommufd_model_check_close().
 * @rule R-CTX-1, R-CTX-2
 */
__attribute__((unused)) static struct iommufd_ctx *
iommufd_model_check_open(void)
{
	int fd = iommufd_model_open();
	struct iommufd_ctx *ictx;
	size_t i;

	ck_assert_msg(fd >= 0, "open: error %d", -fd);
	ictx = iommufd_ctx_from_fd(fd);
	iommufd_ctx_put(ictx);
	for (i = 0; i < ARRAY_SIZE(iommufd_model_check_ctxs); i++) {
		if (iommufd_model_check_ctxs[i].ictx)
			continue;
		iommufd_model_check_ctxs[i].ictx = ictx;
		iommufd_model_check_ctxs[i].fd = fd;
		return ictx;
	}
	ck_abort_msg("more than %zu contexts open",
		     ARRAY_SIZE(iommufd_model_check_ctxs));
	return NULL;
}

/**
 * Gives the descriptor of a context.
 * @param ictx  from iommufd_model_check_open(); fails the test if not
 * @return the descriptor
 * @rule R-CTX-2
 */
__attribute__((unused)) static int
iommufd_model_check_fd(const struct iommufd_ctx *ictx)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(iommufd_model_check_ctxs); i++)
		if (iommufd_model_check_ctxs[i].ictx == ictx)
			return iommufd_model_check_ctxs[i].fd;
	ck_abort_msg("not an open context of this test");
	return -1;
}

/**
 * Closes the descriptor of a context.
 * @param ictx  from iommufd_model_check_open(); fails the test if not
 * @ownership The descriptor's reference to the context is dropped.  If it was
 *   the last one, the context is released before the call returns.
 * @context May block.
 * @rule R-CTX-2, R-RELEASE-5
 */
__attribute__((unused)) static void
iommufd_model_check_close(struct iommufd_ctx *ictx)
{
	size_t i;

	ck_assert_int_eq(iommufd_model_close(iommufd_model_check_fd(ictx)), 0);
	for (i = 0; i < ARRAY_SIZE(iommufd_model_check_ctxs); i++)
		if (iommufd_model_check_ctxs[i].ictx == ictx)
			iommufd_model_check_ctxs[i].ictx = NULL;
}

/**
 * Makes an IOAS, as user space does; fails the test if it cannot.
 * @param fd  a descriptor of /dev/iommu, as from iommufd_model_check_fd()
 * @return its id
 * @rule R-IOAS-2
 */
__attribute__((unused)) static u32 iommufd_model_check_ioas(int fd)
{
	struct iommu_ioas_alloc cmd;
	int rc;

	memset(&cmd, 0, sizeof(cmd));
	cmd.size = sizeof(cmd);
	rc = iommufd_model_ioctl(fd, IOMMU_IOAS_ALLOC, &cmd);
	ck_assert_msg(!rc, "IOMMU_IOAS_ALLOC: error %d", -rc);
	return cmd.out_ioas_id;
}

/**
 * Maps memory in an IOAS, readable and writable, at an IOVA of the caller's choice.
 * @param fd      a descriptor of /dev/iommu
 * @param ioas    the id of the IOAS
 * @param iova    where it is to be; a multiple of PAGE_SIZE
 * @param start   the first byte of the memory, which must stay as long as it is
 *   mapped
 * @param length  how many bytes; a multiple of PAGE_SIZE
 * @return what the ioctl returns: 0 or -errno
 * @rule R-MAP-1
 */
__attribute__((unused)) static int
iommufd_model_check_map(int fd, u32 ioas, unsigned long iova, void *start,
			size_t length)
{
	struct iommu_ioas_map cmd;

	memset(&cmd, 0, sizeof(cmd));
	cmd.size = sizeof(cmd);
	cmd.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
		    IOMMU_IOAS_MAP_WRITEABLE;
	cmd.ioas_id = ioas;
	cmd.iova = iova;
	cmd.user_va = (uintptr_t)start;
	cmd.length = length;
	return iommufd_model_ioctl(fd, IOMMU_IOAS_MAP, &cmd);
}

/**
 * Unmaps a range of an IOAS.
 * @param fd      a descriptor of /dev/iommu
 * @param ioas    the id of the IOAS
 * @param iova    where the range begins
 * @param length  how many bytes it has
 * @return what the ioctl returns: 0 or -errno
 * @context May block until accesses have unpinned the range.
 * @rule R-UNMAP-1, R-UNMAP-2
 */
__attribute__((unused)) static int
iommufd_model_check_unmap(int fd, u32 ioas, unsigned long iova, size_t length)
{
	struct iommu_ioas_unmap cmd;

	memset(&cmd, 0, sizeof(cmd));
	cmd.size = sizeof(cmd);
	cmd.ioas_id = ioas;
	cmd.iova = iova;
	cmd.length = length;
	return iommufd_model_ioctl(fd, IOMMU_IOAS_UNMAP, &cmd);
}

/**
 * Destroys an object, as user space does.
 * @param fd  a descriptor of /dev/iommu
 * @param id  the id of the object
 * @return what the ioctl returns: 0 or -errno, -EBUSY if somebody holds the
 *   object
 * @context May block until wait references are dropped.
 * @rule R-DESTROY-1, R-DESTROY-10
 */
__attribute__((unused)) static int iommufd_model_check_destroy(int fd, u32 id)
{
	struct iommu_destroy cmd;

	memset(&cmd, 0, sizeof(cmd));
	cmd.size = sizeof(cmd);
	cmd.id = id;
	return iommufd_model_ioctl(fd, IOMMU_DESTROY, &cmd);
}

/**
 * Looks up an object by its id, to look at its counters; fails the test if there is
 * none.
 * @param ictx  the context
 * @param id    the id of the object
 * @return the object
 * @ownership The caller gets no reference: the object is valid until it is
 *   destroyed.
 * @rule R-OBJ-10, R-OBJ-11
 */
__attribute__((unused)) static struct iommufd_object *
iommufd_model_check_object(struct iommufd_ctx *ictx, u32 id)
{
	struct iommufd_object *obj;

	obj = iommufd_get_object(ictx, id, IOMMUFD_OBJ_ANY);
	ck_assert_msg(!IS_ERR(obj), "there is no object %u", id);
	iommufd_put_object(ictx, obj);
	return obj;
}

/** @cond INTERNAL */
__attribute__((unused)) static void
iommufd_model_check_add_holder(const struct iommufd_model_event *event,
			       void *data)
{
	struct iommufd_model_check_text *t =
		(struct iommufd_model_check_text *)data;
	int n;

	n = snprintf(t->text + t->len, sizeof(t->text) - t->len,
		     "\n    %s: %s (%s, %s:%d)", event->counter, event->holder,
		     event->site->func, event->site->file, event->site->line);
	if (n > 0 && (size_t)n < sizeof(t->text) - t->len)
		t->len += (size_t)n;
}

/** @endcond */

/**
 * Lists the holders of the references to an object or context, for a message, and
 * what they have pinned if they are accesses.
 * @param addr  an object or a context
 * @return the text, with one line for each holder and each pin, or "" if no
 *   observer runs; valid until the next call
 * @rule R-COUNT-6, R-CTX-2
 */
__attribute__((unused)) static const char *
iommufd_model_check_holders(const void *addr)
{
	static struct iommufd_model_check_text t;

	t.len = 0;
	t.text[0] = 0;
	iommufd_model_holders(addr, iommufd_model_check_add_holder, &t);
	iommufd_model_pins(addr, iommufd_model_check_add_pin, &t);
	return t.text;
}

/** @cond INTERNAL */
#define __iommufd_model_check_counter(obj, counter, n) do {		\
	struct iommufd_object *__obj = (obj);				\
	unsigned int __n = (n);						\
	unsigned int __is = refcount_read(&__obj->counter);		\
	ck_assert_msg(__is == __n,					\
		      "%s %u: " #counter " is %d, not %u; held by%s",	\
		      iommufd_model_type_name(__obj->type), __obj->id,	\
		      (int)__is, __n, iommufd_model_check_holders(__obj)); \
} while (0)

/** @endcond */

/**
 * Asserts the value of the counter users of an object.  The message of a
 * failure lists the holders of the references.
 * @param obj  a struct iommufd_object
 * @param n    the value that is expected
 * @rule R-COUNT-2, R-COUNT-6
 */
#define ck_assert_users(obj, n) __iommufd_model_check_counter(obj, users, n)

/**
 * Asserts the value of wait_cnt (shortterm_users) of an object.  The message of
 * a failure lists the holders of the references.
 * @param obj  a struct iommufd_object
 * @param n    the value that is expected
 * @rule R-COUNT-3, R-COUNT-6
 */
#define ck_assert_shortterm(obj, n) \
	__iommufd_model_check_counter(obj, wait_cnt, n)

/**
 * Asserts that two objects were destroyed, the first before the second.
 * @param a  destroyed first; an object or a context, may dangle
 * @param b  destroyed later; an object or a context, may dangle
 * @rule R-DESTROY-7, R-RELEASE-2, R-RELEASE-5
 */
#define ck_assert_released_before(a, b) do {				\
	unsigned int __a = iommufd_model_released(a);			\
	unsigned int __b = iommufd_model_released(b);			\
	ck_assert_msg(__a, #a " was not released");			\
	ck_assert_msg(__b, #b " was not released");			\
	ck_assert_msg(__a < __b, #a " was released after " #b);		\
} while (0)

/**
 * Asserts that a context has been released, and that no allocation of the model
 * is left.  Close other contexts first.
 * @param ictx  the context; a dangling pointer once the context is released
 * @rule R-RELEASE-4, R-RELEASE-5
 */
#define ck_assert_no_leaks(ictx) do {					\
	struct iommufd_model_check_text __t = { "", 0 };		\
	char __why[128];						\
	enum iommufd_model_fate __fate =				\
		iommufd_model_fate(ictx, __why, sizeof(__why));		\
	ck_assert_msg(__fate == IOMMUFD_MODEL_RELEASED, "%s: %s",	\
		      __fate == IOMMUFD_MODEL_NEVER_RELEASED ?		\
			      "can never be released" :			\
			      "is not released", __why);		\
	ck_assert_msg(!iommufd_model_leaks(				\
			      0, iommufd_model_check_add_leak, &__t),	\
		      "left over:%s", __t.text);			\
} while (0)

/**
 * Asserts that no interleaving of a test fails, and that all interleavings were
 * explored: if a limit ends the exploration early, the assertion fails.  The
 * report of a failure goes to stderr.
 *
 * Each execution of the exploration makes the checks of the setup and teardown
 * above, and of ck_assert_no_leaks().
 * @param test  a struct iommufd_model_test
 * @rule R-COUNT-1, R-ACC-5, R-RELEASE-4
 */
#define ck_assert_explored(test) ck_assert_explored_with(test, NULL)
/**
 * Does what ck_assert_explored() does, with the given options, for example in
 * bounded or random mode.
 * @param test     a struct iommufd_model_test
 * @param options  a struct iommufd_model_explore_options, or NULL
 * @rule R-COUNT-1, R-ACC-5, R-RELEASE-4
 */
#define ck_assert_explored_with(test, options) do {			\
	struct iommufd_model_explore_result __r;			\
	char __why[256];						\
	int __rc = iommufd_model_check_explore(test, options, &__r,	\
					       __why, sizeof(__why));	\
	bool __all = __rc == 0 && __r.verdict != IOMMUFD_MODEL_STOPPED;	\
	iommufd_model_explore_free(&__r);				\
	ck_assert_msg(__all, "%s", __why);				\
} while (0)

/**
 * Asserts that some interleaving of a test fails.  If one does, nothing is
 * printed.
 * @param test  a struct iommufd_model_test
 * @param kind  the expected failure, an enum iommufd_model_failure
 * @rule R-COUNT-1, R-ACC-5, R-RELEASE-4
 */
#define ck_assert_explored_fails(test, kind) do {			\
	struct iommufd_model_explore_options __o = { .quiet = true };	\
	struct iommufd_model_explore_result __r;			\
	char __why[256];						\
	enum iommufd_model_failure __is;				\
	iommufd_model_check_explore(test, &__o, &__r, __why,		\
				    sizeof(__why));			\
	__is = __r.failure;						\
	iommufd_model_explore_free(&__r);				\
	ck_assert_msg(__is == (kind), "%s; expected %s", __why,		\
		      iommufd_model_failure_name(kind));		\
} while (0)

/** @cond INTERNAL */
__attribute__((unused)) static int
iommufd_model_check_explore(const struct iommufd_model_test *test,
			    const struct iommufd_model_explore_options *options,
			    struct iommufd_model_explore_result *result,
			    char *why, size_t size)
{
	char verdict[128];
	int rc = iommufd_model_explore_observed(test, options, result);

	if (rc < 0)
		snprintf(why, size, "%s: cannot explore, error %d", test->name,
			 -rc);
	else
		snprintf(why, size, "%s: %s, %lu executions%s%s", test->name,
			 iommufd_model_verdict_text(result, verdict,
						    sizeof(verdict)),
			 result->executions, result->text ? ": " : "",
			 result->text ? result->text : "");
	return rc;
}

/** @endcond */
#endif
