/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Messages of a driver.
 *
 * A message goes to the sink (bug.h) with its level, and is not counted as a
 * warning.  Without a sink it is written to stderr.  The explorer's sink drops
 * messages.  A newline at the end is removed.  The formats are those of
 * printf(), without the kernel's extensions of %p.
 *
 * As in the kernel, the macro pr_fmt() is applied to the format.  A source file
 * that wants a prefix defines pr_fmt() before its first include.  pr_debug()
 * has no effect unless DEBUG is defined.  The functions with _ratelimited
 * always print.
 */
#ifndef IOMMUFD_MODEL_KERNEL_PRINTK_H
#define IOMMUFD_MODEL_KERNEL_PRINTK_H

#include <iommufd_model/kernel/bug.h>
#include <stdio.h>

IOMMUFD_MODEL_BEGIN_DECLS

#ifndef pr_fmt
/** Gives the format of a message; a source file may define its own. */
#define pr_fmt(fmt) fmt
#endif

#define KERN_SOH "\001"	/**< begins the level in a format of printk() */
#define KERN_EMERG KERN_SOH "0"	/**< the system cannot be used */
#define KERN_ALERT KERN_SOH "1"	/**< somebody must act at once */
#define KERN_CRIT KERN_SOH "2"	/**< a critical state */
#define KERN_ERR KERN_SOH "3"	/**< an error */
#define KERN_WARNING KERN_SOH "4"	/**< a warning */
#define KERN_NOTICE KERN_SOH "5"	/**< normal, but worth a message */
#define KERN_INFO KERN_SOH "6"	/**< information */
#define KERN_DEBUG KERN_SOH "7"	/**< for the developer */
#define KERN_DEFAULT ""	/**< the level of warnings */
/** continues a line; here it begins a new one */
#define KERN_CONT KERN_SOH "c"

/** Writes a message.  The format may begin with a level, KERN_ERR and so on. */
#define printk(...) \
	iommufd_model_printk(IOMMUFD_MODEL_SITE("printk"), __VA_ARGS__)
/** Checks a format and its arguments, and has no effect. */
#define no_printk(...) __extension__({					\
	if (0)								\
		iommufd_model_printk(NULL, __VA_ARGS__);		\
	0;								\
})

/** Writes a message at the level emerg. */
#define pr_emerg(...) IOMMUFD_MODEL_PR(KERN_EMERG, "pr_emerg", __VA_ARGS__)
/** Writes a message at the level alert. */
#define pr_alert(...) IOMMUFD_MODEL_PR(KERN_ALERT, "pr_alert", __VA_ARGS__)
/** Writes a message at the level crit. */
#define pr_crit(...) IOMMUFD_MODEL_PR(KERN_CRIT, "pr_crit", __VA_ARGS__)
/** Writes a message at the level err. */
#define pr_err(...) IOMMUFD_MODEL_PR(KERN_ERR, "pr_err", __VA_ARGS__)
/** Writes a message at the level warning. */
#define pr_warn(...) IOMMUFD_MODEL_PR(KERN_WARNING, "pr_warn", __VA_ARGS__)
/** Writes a message at the level notice. */
#define pr_notice(...) IOMMUFD_MODEL_PR(KERN_NOTICE, "pr_notice", __VA_ARGS__)
/** Writes a message at the level info. */
#define pr_info(...) IOMMUFD_MODEL_PR(KERN_INFO, "pr_info", __VA_ARGS__)
/** Continues a message; here it writes a separate message. */
#define pr_cont(...) \
	iommufd_model_printk(IOMMUFD_MODEL_SITE("pr_cont"), KERN_CONT \
			     __VA_ARGS__)
#ifdef DEBUG
/** Writes a message at the level debug, if DEBUG is defined. */
#define pr_debug(...) IOMMUFD_MODEL_PR(KERN_DEBUG, "pr_debug", __VA_ARGS__)
#else
/** Has no effect, since DEBUG is not defined. */
#define pr_debug(...) no_printk(__VA_ARGS__)
#endif
/** Does the same as pr_debug(). */
#define pr_devel(...) pr_debug(__VA_ARGS__)

/** Writes a message at the level err, but only the first time. */
#define pr_err_once(...) IOMMUFD_MODEL_ONLY_ONCE(pr_err(__VA_ARGS__))
/** Writes a message at the level warning, but only the first time. */
#define pr_warn_once(...) IOMMUFD_MODEL_ONLY_ONCE(pr_warn(__VA_ARGS__))
/** Writes a message at the level info, but only the first time. */
#define pr_info_once(...) IOMMUFD_MODEL_ONLY_ONCE(pr_info(__VA_ARGS__))
/** Does the same as pr_err(). */
#define pr_err_ratelimited(...) pr_err(__VA_ARGS__)
/** Does the same as pr_warn(). */
#define pr_warn_ratelimited(...) pr_warn(__VA_ARGS__)
/** Does the same as pr_info(). */
#define pr_info_ratelimited(...) pr_info(__VA_ARGS__)
/** Does the same as pr_debug(). */
#define pr_debug_ratelimited(...) pr_debug(__VA_ARGS__)
/** Writes a message with its level, but only the first time. */
#define printk_once(...) IOMMUFD_MODEL_ONLY_ONCE(printk(__VA_ARGS__))
/** Does the same as printk(). */
#define printk_ratelimited(...) printk(__VA_ARGS__)

/** @cond INTERNAL */
#define IOMMUFD_MODEL_PR(level, what, ...)				\
	iommufd_model_printk(IOMMUFD_MODEL_SITE(what), level		\
			     pr_fmt(IOMMUFD_MODEL_FIRST(__VA_ARGS__))	\
			     IOMMUFD_MODEL_REST(__VA_ARGS__))
/*
 * Executes @statement only the first time until the next
 * iommufd_model_reset_warnings(), as WARN_ON_ONCE() does.
 */
#define IOMMUFD_MODEL_ONLY_ONCE(statement) do {				\
	static unsigned long __once;					\
	if (iommufd_model_first_warning(&__once))			\
		statement;						\
} while (0)

/*
 * IOMMUFD_MODEL_FIRST() gives the first of at most 32 arguments.
 * IOMMUFD_MODEL_REST() gives the others, with the comma before them, if there
 * are any.
 */
#define IOMMUFD_MODEL_FIRST(...) IOMMUFD_MODEL_FIRST_(__VA_ARGS__, 0)
#define IOMMUFD_MODEL_FIRST_(first, ...) first
#define IOMMUFD_MODEL_REST(...)						\
	IOMMUFD_MODEL_REST_(IOMMUFD_MODEL_33RD(__VA_ARGS__,		\
		N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, N,		\
		N, N, N, N, N, N, N, N, N, N, N, N, N, N, N, 1, 0))	\
	(__VA_ARGS__)
#define IOMMUFD_MODEL_REST_(how) IOMMUFD_MODEL_REST__(how)
#define IOMMUFD_MODEL_REST__(how) IOMMUFD_MODEL_REST_##how
#define IOMMUFD_MODEL_REST_1(first)
#define IOMMUFD_MODEL_REST_N(first, ...) , __VA_ARGS__
#define IOMMUFD_MODEL_33RD(						\
	a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, \
	a15, a16, a17, a18, a19, a20, a21, a22, a23, a24, a25, a26, a27, \
	a28, a29, a30, a31, the_one, ...) the_one
/** @endcond */

/**
 * Writes a message.  printk() and the like call it.
 * @param site  the call site
 * @param fmt   a format as for printf(), which may begin with a level
 * @return 0
 * @context Any; does not block.
 */
IOMMUFD_MODEL_API IOMMUFD_MODEL_COLD int
iommufd_model_printk(const struct iommufd_model_site *site, const char *fmt,
		     ...) __attribute__((__format__(printf, 2, 3)));

IOMMUFD_MODEL_END_DECLS

#endif
