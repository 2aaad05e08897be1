/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * The WARN_ON() family.  A misuse is reported and counted, and execution
 * continues.
 *
 * A report names the function, file and line, the expression, and the object
 * concerned if it is known.  The report goes to the sink (stderr unless a test
 * sets another) and is counted, unless the test announced that it expects the
 * report.  check.h and the scenario runner turn a non-zero count into a
 * failure.
 *
 * All functions and macros here may be called from any thread and with any lock
 * held.  They do not sleep.
 */
#ifndef IOMMUFD_MODEL_KERNEL_BUG_H
#define IOMMUFD_MODEL_KERNEL_BUG_H

#include <iommufd_model/kernel/gate.h>

IOMMUFD_MODEL_BEGIN_DECLS

/** How severe a report is. */
enum iommufd_model_severity {
	/** the code under test made a mistake; the report is counted */
	IOMMUFD_MODEL_WARNING,
	/** a log message at the kernel's crit level; not counted */
	IOMMUFD_MODEL_CRITICAL,
	/** the library has reached a limit of its own; not counted */
	IOMMUFD_MODEL_NOTICE,
	/** a message of printk() below the level crit; not counted */
	IOMMUFD_MODEL_MESSAGE,
};

/** The kind of mistake that a warning reports, for use by programs. */
enum iommufd_model_misuse {
	/** a WARN_ON(), or a mistake that has no kind below */
	IOMMUFD_MODEL_MISUSE_WARN,
	/** a counter was misused, as refcount.h describes */
	IOMMUFD_MODEL_MISUSE_REFCOUNT,
	/** memory that was already free was freed again */
	IOMMUFD_MODEL_MISUSE_DOUBLE_FREE,
	/**
	 * an allocation went to the wrong free function, or none was at the
	 * address
	 */
	IOMMUFD_MODEL_MISUSE_ALLOCATOR,
	/** a lock was not initialised, was not held, or must not be held */
	IOMMUFD_MODEL_MISUSE_LOCK,
	/** the locks of two classes were taken in both orders */
	IOMMUFD_MODEL_MISUSE_LOCK_ORDER,
	/** a thread took a lock that it already holds */
	IOMMUFD_MODEL_MISUSE_SELF_DEADLOCK,
	/** the release of a context could not destroy all of its objects */
	IOMMUFD_MODEL_MISUSE_NO_PROGRESS,
	/** a call that may sleep was made with a spinlock held */
	IOMMUFD_MODEL_MISUSE_ATOMIC,
	/**
	 * an operation on memory that was freed, reported while
	 * iommufd_model_keep_freed() is in force
	 */
	IOMMUFD_MODEL_MISUSE_USE_AFTER_FREE,
};

/** One report, as the sink receives it. */
struct iommufd_model_report {
	/** the severity of the report */
	enum iommufd_model_severity severity;
	/** the kind of a warning; otherwise IOMMUFD_MODEL_MISUSE_WARN */
	enum iommufd_model_misuse misuse;
	const struct iommufd_model_site *site;	/**< call site; static */
	/** one line without a newline; valid only during the call */
	const char *text;
	/**
	 * the object's name, such as "ioas 3", or ""; valid only during the
	 * call
	 */
	const char *object;
	/**
	 * the kernel's level of a message, 0 (emerg) to 7 (debug); otherwise 0
	 */
	int level;
};

/**
 * A function that receives reports.  @p data is the pointer that was passed to
 * iommufd_model_set_sink().
 */
typedef void (*iommufd_model_sink_t)(const struct iommufd_model_report *report,
				     void *data);

/**
 * Sets the function that receives each report from now on.
 * @param sink  the function; NULL writes reports to stderr again
 * @param data  is passed to @p sink
 * @ownership The caller keeps @p data alive until another sink is set.
 * @context The sink runs on the thread that made the mistake, which may hold
 *   locks, including a spinlock.  At most one sink runs at a time.  It must not
 *   call the model.
 */
IOMMUFD_MODEL_API void iommufd_model_set_sink(iommufd_model_sink_t sink,
					      void *data);

/**
 * Announces a warning that a test expects.  The next warning with a text that
 * contains @p text is neither passed to the sink nor counted.
 * @param text  part of the warning's text; copied
 * @return 0, or a negative errno
 * @errors -ENOSPC: 16 expected warnings have not come yet; -EINVAL: @p text is
 *   NULL or longer than 79 bytes.
 */
IOMMUFD_MODEL_API int iommufd_model_expect_warning(const char *text);

/**
 * Returns the number of unexpected warnings.
 * @return the number since the start of the program, or since the last
 *   iommufd_model_reset_warnings()
 */
IOMMUFD_MODEL_API unsigned long iommufd_model_warnings(void);

/**
 * Returns the number of expected warnings that have not been reported yet.
 * @return the number
 */
IOMMUFD_MODEL_API unsigned int iommufd_model_missing_warnings(void);

/**
 * Sets the count of warnings to zero, cancels all expected warnings, and lets
 * each WARN_ON_ONCE() report again.
 */
IOMMUFD_MODEL_API void iommufd_model_reset_warnings(void);

/**
 * Reports a warning.
 * @param site  the call site, from IOMMUFD_MODEL_SITE()
 * @param addr  an address in the object concerned, or NULL
 * @param fmt   a format as for printf(), one line without a newline
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_warn(const struct iommufd_model_site *site, const void *addr,
		   const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/**
 * Reports a warning of a given kind.
 * @param misuse  the kind
 * @param site    the call site, from IOMMUFD_MODEL_SITE()
 * @param addr    an address in the object concerned, or NULL
 * @param fmt     a format as for printf(), one line without a newline
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_misuse(enum iommufd_model_misuse misuse,
		     const struct iommufd_model_site *site, const void *addr,
		     const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/**
 * Reports a message that concerns no particular object.
 * @param severity  how severe it is; a warning is counted
 * @param site      the call site, from IOMMUFD_MODEL_SITE()
 * @param fmt       a format as for printf(), one line without a newline
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_log(enum iommufd_model_severity severity,
		  const struct iommufd_model_site *site, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * The number of the epoch, which each iommufd_model_reset_warnings() begins
 * anew; the first is 1.  Only WARN_ON_ONCE() uses it.
 */
extern IOMMUFD_MODEL_API unsigned long iommufd_model_warn_epoch;

/** @cond INTERNAL */
/*
 * Returns true if a WARN_ON_ONCE() has not reported in this epoch.  *@warned is
 * the epoch in which it reported last.
 */
static inline bool iommufd_model_first_warning(unsigned long *warned)
{
	unsigned long now = __atomic_load_n(&iommufd_model_warn_epoch,
					    __ATOMIC_RELAXED);

	return __atomic_exchange_n(warned, now, __ATOMIC_RELAXED) != now;
}

/** @endcond */

/**
 * Reports a warning if @p cond holds.
 * @param cond  the condition that must not hold; evaluated once
 * @return the truth value of @p cond, a bool
 */
#define WARN_ON(cond) __extension__({					\
	bool __warn = !!(cond);						\
	if (__builtin_expect(__warn, 0))				\
		iommufd_model_warn(IOMMUFD_MODEL_SITE(#cond), NULL,	\
				   "%s", #cond);			\
	__warn;								\
})

/**
 * Reports a warning with the caller's text if @p cond holds.
 * @param cond  the condition that must not hold; evaluated once
 * @param ...   a format and its arguments, as for printf()
 * @return the truth value of @p cond, a bool
 */
#define WARN(cond, ...) __extension__({					\
	bool __warn = !!(cond);						\
	if (__builtin_expect(__warn, 0))				\
		iommufd_model_warn(IOMMUFD_MODEL_SITE(#cond), NULL,	\
				   __VA_ARGS__);			\
	__warn;								\
})

/**
 * Reports a warning if @p cond holds, and ends the program.  In an explored test
 * the warning is the failure.
 * @param cond  the condition that must not hold; evaluated once
 */
#ifndef BUG_ON
#define BUG_ON(cond) do {						\
	if (__builtin_expect(!!(cond), 0)) {				\
		iommufd_model_warn(IOMMUFD_MODEL_SITE(#cond), NULL,	\
				   "%s", #cond);			\
		iommufd_model_relax(IOMMUFD_MODEL_SITE(#cond));		\
		__builtin_trap();					\
	}								\
} while (0)
#endif
/** Does BUG_ON(), whatever holds. */
#ifndef BUG
#define BUG() BUG_ON(1)
#endif

/**
 * Reports a warning if @p cond holds, but only the first time since the start
 * or the last iommufd_model_reset_warnings().
 * @param cond  the condition that must not hold; evaluated once
 * @return the truth value of @p cond, a bool
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
 * Reports a warning with the caller's text if @p cond holds, but only the first
 * time, as WARN_ON_ONCE().
 * @param cond  the condition that must not hold; evaluated once
 * @param ...   a format and its arguments, as for printf()
 * @return the truth value of @p cond, a bool
 */
#define WARN_ONCE(cond, ...) __extension__({				\
	static unsigned long __warned;					\
	bool __warn = !!(cond);						\
	if (__builtin_expect(__warn, 0) &&				\
	    iommufd_model_first_warning(&__warned))			\
		iommufd_model_warn(IOMMUFD_MODEL_SITE(#cond), NULL,	\
				   __VA_ARGS__);			\
	__warn;								\
})

/**
 * Reports a warning if @p cond holds, as WARN_ON(), and names an object.
 * @param cond  the condition that must not hold; evaluated once
 * @param addr  an address in the object
 * @return the truth value of @p cond, a bool
 */
#define iommufd_model_warn_on(cond, addr) __extension__({		\
	bool __warn = !!(cond);						\
	if (__builtin_expect(__warn, 0))				\
		iommufd_model_warn(IOMMUFD_MODEL_SITE(#cond), addr,	\
				   "%s", #cond);			\
	__warn;								\
})

IOMMUFD_MODEL_END_DECLS

#endif
