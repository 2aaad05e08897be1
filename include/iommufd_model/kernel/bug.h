/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * WARN_ON and its kin: misuse is reported, counted, and execution goes on.
 *
 * A report names the function, file and line, the expression, and the object
 * it is about where that is known.  It goes to the sink (stderr unless a test
 * sets another) and is counted, unless the test said that it expects it.
 * check.h and the scenario runner turn a non-zero count into a failure.
 */
#ifndef IOMMUFD_MODEL_KERNEL_BUG_H
#define IOMMUFD_MODEL_KERNEL_BUG_H

#include <iommufd_model/kernel/gate.h>

IOMMUFD_MODEL_BEGIN_DECLS

enum iommufd_model_severity {
	IOMMUFD_MODEL_WARNING,	/* the code is wrong; counted */
	IOMMUFD_MODEL_CRITICAL,	/* a log message at the kernel's crit level */
	IOMMUFD_MODEL_NOTICE,	/* the library tells of a limit of its own */
};

/* What kind of mistake a warning tells of, for programs. */
enum iommufd_model_misuse {
	IOMMUFD_MODEL_MISUSE_WARN,	/* a WARN_ON, or any of no kind below */
	IOMMUFD_MODEL_MISUSE_REFCOUNT,
	IOMMUFD_MODEL_MISUSE_DOUBLE_FREE,
	IOMMUFD_MODEL_MISUSE_ALLOCATOR,	/* wrong family, or no allocation */
	IOMMUFD_MODEL_MISUSE_LOCK,	/* not initialised, not held, or held */
	IOMMUFD_MODEL_MISUSE_LOCK_ORDER,
	IOMMUFD_MODEL_MISUSE_SELF_DEADLOCK,
	IOMMUFD_MODEL_MISUSE_NO_PROGRESS, /* of a release */
};

/*
 * struct iommufd_model_report - what the sink is given
 * @misuse: of a warning, else IOMMUFD_MODEL_MISUSE_WARN
 * @text: one line without newline; it and @object are valid during the call
 * @object: "ioas 3" where known, else ""
 */
struct iommufd_model_report {
	enum iommufd_model_severity severity;
	enum iommufd_model_misuse misuse;
	const struct iommufd_model_site *site;
	const char *text;
	const char *object;
};

typedef void (*iommufd_model_sink_t)(const struct iommufd_model_report *report,
				     void *data);

/*
 * iommufd_model_set_sink(sink, data): reports go to @sink from now on; NULL
 * brings stderr back.  It is called on the thread that misbehaved, which may
 * hold locks, a spinlock among them: it must not call the model.
 */
IOMMUFD_MODEL_API void iommufd_model_set_sink(iommufd_model_sink_t sink,
					      void *data);

/*
 * iommufd_model_expect_warning(text): the next warning whose text contains
 * @text is expected: not printed, not counted.  Up to 16 may be outstanding;
 * -ENOSPC after that, -EINVAL if @text is NULL or longer than 79 bytes.
 */
IOMMUFD_MODEL_API int iommufd_model_expect_warning(const char *text);

/* iommufd_model_warnings(): unexpected warnings since start or reset. */
IOMMUFD_MODEL_API unsigned long iommufd_model_warnings(void);

/* iommufd_model_missing_warnings(): expected ones that have not come. */
IOMMUFD_MODEL_API unsigned int iommufd_model_missing_warnings(void);

/*
 * iommufd_model_reset_warnings(): count := 0, nothing expected any more, and
 * each WARN_ON_ONCE may report again.
 */
IOMMUFD_MODEL_API void iommufd_model_reset_warnings(void);

/*
 * iommufd_model_warn(): report; @addr names the object, NULL if none.
 * iommufd_model_misuse(): the same with a kind.
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_warn(const struct iommufd_model_site *site, const void *addr,
		   const char *fmt, ...) __attribute__((format(printf, 3, 4)));
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_misuse(enum iommufd_model_misuse misuse,
		     const struct iommufd_model_site *site, const void *addr,
		     const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD void
iommufd_model_log(enum iommufd_model_severity severity,
		  const struct iommufd_model_site *site, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Counts the resets, from 1. */
extern IOMMUFD_MODEL_API unsigned long iommufd_model_warn_epoch;

/* Of a place that reports once: *@warned is the epoch of its last report. */
static inline bool iommufd_model_first_warning(unsigned long *warned)
{
	unsigned long now = __atomic_load_n(&iommufd_model_warn_epoch,
					    __ATOMIC_RELAXED);

	return __atomic_exchange_n(warned, now, __ATOMIC_RELAXED) != now;
}

/* WARN_ON(cond): report if @cond holds; its value is @cond. */
#define WARN_ON(cond) __extension__({					\
	bool __warn = !!(cond);						\
	if (__builtin_expect(__warn, 0))				\
		iommufd_model_warn(IOMMUFD_MODEL_SITE(#cond), NULL,	\
				   "%s", #cond);			\
	__warn;								\
})

/* WARN(cond, fmt, ...): as WARN_ON with a text of one's own. */
#define WARN(cond, ...) __extension__({					\
	bool __warn = !!(cond);						\
	if (__builtin_expect(__warn, 0))				\
		iommufd_model_warn(IOMMUFD_MODEL_SITE(#cond), NULL,	\
				   __VA_ARGS__);			\
	__warn;								\
})

/*
 * WARN_ON_ONCE(cond): reports the first time since the start or the last
 * iommufd_model_reset_warnings().
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

/* iommufd_model_warn_on(cond, addr): WARN_ON that names the object. */
#define iommufd_model_warn_on(cond, addr) __extension__({		\
	bool __warn = !!(cond);						\
	if (__builtin_expect(__warn, 0))				\
		iommufd_model_warn(IOMMUFD_MODEL_SITE(#cond), addr,	\
				   "%s", #cond);			\
	__warn;								\
})

#define pr_crit(...) \
	iommufd_model_log(IOMMUFD_MODEL_CRITICAL, \
			  IOMMUFD_MODEL_SITE("pr_crit"), __VA_ARGS__)

IOMMUFD_MODEL_END_DECLS

#endif
