/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * WARN_ON and its kin: misuse is reported, counted, and execution goes on.
 *
 * A report names the function, file and line, the expression, and the object it
 * is about where that is known.  It goes to the sink (stderr unless a test sets
 * another) and is counted, unless the test said that it expects it.  check.h
 * and the scenario runner turn a non-zero count into a failure.
 *
 * Everything here may be called from any thread and with any lock held, and
 * does not sleep.
 */
#ifndef IOMMUFD_MODEL_KERNEL_BUG_H
#define IOMMUFD_MODEL_KERNEL_BUG_H

#include <iommufd_model/kernel/gate.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** How bad a report is. */
enum iommufd_model_severity {
	IOMMUFD_MODEL_WARNING,	/**< the code is wrong; counted */
	IOMMUFD_MODEL_CRITICAL,	/**< a log message at the kernel's crit level */
	IOMMUFD_MODEL_NOTICE,	/**< the library tells of a limit of its own */
};

/** What kind of mistake a warning tells of, for programs. */
enum iommufd_model_misuse {
	/** a WARN_ON, or any of no kind below */
	IOMMUFD_MODEL_MISUSE_WARN,
	IOMMUFD_MODEL_MISUSE_REFCOUNT,	/**< a counter, as refcount.h says */
	/** free of what is free already */
	IOMMUFD_MODEL_MISUSE_DOUBLE_FREE,
	IOMMUFD_MODEL_MISUSE_ALLOCATOR,	/**< wrong family, or no allocation */
	/** not initialised, not held, or held */
	IOMMUFD_MODEL_MISUSE_LOCK,
	IOMMUFD_MODEL_MISUSE_LOCK_ORDER,	/**< two locks in both orders */
	IOMMUFD_MODEL_MISUSE_SELF_DEADLOCK,	/**< a lock the thread has */
	IOMMUFD_MODEL_MISUSE_NO_PROGRESS,	/**< a release left objects */
	IOMMUFD_MODEL_MISUSE_ATOMIC,	/**< may sleep, under a spinlock */
};

/** What the sink is given. */
struct iommufd_model_report {
	enum iommufd_model_severity severity;	/**< how bad */
	/** of a warning, else IOMMUFD_MODEL_MISUSE_WARN */
	enum iommufd_model_misuse misuse;
	const struct iommufd_model_site *site;	/**< where; valid for ever */
	/** one line without newline; valid during the call */
	const char *text;
	/** "ioas 3" where known, else ""; valid during the call */
	const char *object;
};

/** A function that takes reports; @p data is as given with it. */
typedef void (*iommufd_model_sink_t)(const struct iommufd_model_report *report,
				     void *data);

/**
 * Sends reports somewhere else.
 * @param sink  gets each report from now on; NULL: stderr again
 * @param data  for @p sink
 * @context The sink runs on the thread that misbehaved, which may hold locks, a
 *   spinlock among them, and only one at a time: it must not call the model.
 */
IOMMUFD_MODEL_API void iommufd_model_set_sink(iommufd_model_sink_t sink,
					      void *data);

/**
 * Says that a warning will come: the next one whose text contains @p text is
 * neither printed nor counted.
 * @param text  part of the text; copied
 * @return 0, or a negative errno
 * @errors -ENOSPC: 16 are outstanding; -EINVAL: @p text is NULL or longer than
 *   79 bytes.
 */
IOMMUFD_MODEL_API int iommufd_model_expect_warning(const char *text);

/**
 * Counts the unexpected warnings.
 * @return how many since the start or the last reset
 */
IOMMUFD_MODEL_API unsigned long iommufd_model_warnings(void);

/**
 * Counts the expected warnings that have not come.
 * @return how many
 */
IOMMUFD_MODEL_API unsigned int iommufd_model_missing_warnings(void);

/**
 * Starts again: no warning was counted, none is expected any more, and each
 * WARN_ON_ONCE() may report once more.
 */
IOMMUFD_MODEL_API void iommufd_model_reset_warnings(void);

/**
 * Reports a warning.
 * @param site  where, as of IOMMUFD_MODEL_SITE()
 * @param addr  an address in the object it is about; NULL: none
 * @param fmt   as of printf(), one line without newline
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_warn(const struct iommufd_model_site *site, const void *addr,
		   const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/**
 * Reports a warning of a kind.
 * @param misuse  the kind
 * @param site    where, as of IOMMUFD_MODEL_SITE()
 * @param addr    an address in the object it is about; NULL: none
 * @param fmt     as of printf(), one line without newline
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_misuse(enum iommufd_model_misuse misuse,
		     const struct iommufd_model_site *site, const void *addr,
		     const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/**
 * Reports something that names no object.
 * @param severity  how bad; a warning is counted
 * @param site      where, as of IOMMUFD_MODEL_SITE()
 * @param fmt       as of printf(), one line without newline
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_log(enum iommufd_model_severity severity,
		  const struct iommufd_model_site *site, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * Counts the calls of iommufd_model_reset_warnings(), from 1.  For
 * WARN_ON_ONCE().
 */
extern IOMMUFD_MODEL_API unsigned long iommufd_model_warn_epoch;

/** @cond INTERNAL */
/* Of a place that reports once: *@warned is the epoch of its last report. */
static inline bool iommufd_model_first_warning(unsigned long *warned)
{
	unsigned long now = __atomic_load_n(&iommufd_model_warn_epoch,
					    __ATOMIC_RELAXED);

	return __atomic_exchange_n(warned, now, __ATOMIC_RELAXED) != now;
}

/** @endcond */

/**
 * Reports a warning if @p cond holds.
 * @param cond  what must not be; evaluated once
 * @return @p cond, a bool
 */
#define WARN_ON(cond) __extension__({					\
	bool __warn = !!(cond);						\
	if (__builtin_expect(__warn, 0))				\
		iommufd_model_warn(IOMMUFD_MODEL_SITE(#cond), NULL,	\
				   "%s", #cond);			\
	__warn;								\
})

/**
 * Reports a warning with a text of one's own if @p cond holds.
 * @param cond  what must not be; evaluated once
 * @param ...   as of printf()
 * @return @p cond, a bool
 */
#define WARN(cond, ...) __extension__({					\
	bool __warn = !!(cond);						\
	if (__builtin_expect(__warn, 0))				\
		iommufd_model_warn(IOMMUFD_MODEL_SITE(#cond), NULL,	\
				   __VA_ARGS__);			\
	__warn;								\
})

/**
 * Reports a warning if @p cond holds, but only the first time since the start
 * or the last iommufd_model_reset_warnings().
 * @param cond  what must not be; evaluated once
 * @return @p cond, a bool
 */
#define WARN_ON_ONCE(cond) __extension__({				\
	static unsigned long __warned;					\
	bool __warn = !!(cond);						\
	if (__builtin_expect(__warn, 0) &&				\
	    iommufd_model_first_warning(&__warned))			\
		iommufd_model_warn(IOMMUFD_MODEL_SITE(#cond), NULL,	\
				   "%s", #cond);			\
	__warn;								\
})

/**
 * Is WARN_ON() with the name of an object.
 * @param cond  what must not be; evaluated once
 * @param addr  an address in the object
 * @return @p cond, a bool
 */
#define iommufd_model_warn_on(cond, addr) __extension__({		\
	bool __warn = !!(cond);						\
	if (__builtin_expect(__warn, 0))				\
		iommufd_model_warn(IOMMUFD_MODEL_SITE(#cond), addr,	\
				   "%s", #cond);			\
	__warn;								\
})

/** Logs a message at the kernel's crit level, as printf() would. */
#define pr_crit(...) \
	iommufd_model_log(IOMMUFD_MODEL_CRITICAL, \
			  IOMMUFD_MODEL_SITE("pr_crit"), __VA_ARGS__)

IOMMUFD_MODEL_END_DECLS

#endif
