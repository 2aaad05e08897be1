/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Functions for strings and memory that the C library lacks.
 */
#ifndef IOMMUFD_MODEL_KERNEL_STRING_H
#define IOMMUFD_MODEL_KERNEL_STRING_H

#include <iommufd_model/kernel/printk.h>
#include <iommufd_model/kernel/slab.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>

IOMMUFD_MODEL_BEGIN_DECLS

/**
 * Copies a string into a buffer.  The copy always ends with a NUL, even if it
 * is cut.  The arguments are the destination, the source and the size of the
 * destination, which may be left out if the destination is an array.
 * @return the length of the copy, or -E2BIG if the string was cut or the size
 *   is 0
 */
#define strscpy(...) \
	IOMMUFD_MODEL_STRSCPY(iommufd_model_strscpy, __VA_ARGS__)
/** Does strscpy(), and fills the rest of the destination with NULs. */
#define strscpy_pad(...) \
	IOMMUFD_MODEL_STRSCPY(iommufd_model_strscpy_pad, __VA_ARGS__)

/** @cond INTERNAL */
#define IOMMUFD_MODEL_STRSCPY(fn, ...) \
	IOMMUFD_MODEL_STRSCPY_(fn, __VA_ARGS__, \
			       sizeof(IOMMUFD_MODEL_FIRST(__VA_ARGS__)), 0)
#define IOMMUFD_MODEL_STRSCPY_(fn, dst, src, size, ...) fn(dst, src, size)
/** @endcond */

/**
 * Copies memory into a new allocation.
 * @param src  the memory
 * @param len  its size in bytes
 * @param gfp  GFP_KERNEL, or GFP_ATOMIC if a spinlock is held
 * @return the copy, or NULL if the allocation failed
 * @ownership The caller frees it with kfree().
 */
#define kmemdup(src, len, gfp) \
	iommufd_model_memdup(src, len, 0, gfp, IOMMUFD_MODEL_SITE("kmemdup"))
/**
 * Copies an array into a new allocation, as kmemdup() does.
 * @param src    the array
 * @param n      the number of elements
 * @param size   the size of an element in bytes
 * @param gfp    GFP_KERNEL, or GFP_ATOMIC if a spinlock is held
 * @return the copy, or NULL if the allocation failed or n * size overflows
 * @ownership The caller frees it with kfree().
 */
#define kmemdup_array(src, n, size, gfp) \
	iommufd_model_memdup(src, size_mul(n, size), 0, gfp, \
			     IOMMUFD_MODEL_SITE("kmemdup_array"))
/**
 * Copies characters into a new string, and puts a NUL behind them.
 * @param src  the characters, or NULL
 * @param len  their number
 * @param gfp  GFP_KERNEL, or GFP_ATOMIC if a spinlock is held
 * @return the string, or NULL if @p src is NULL or the allocation failed
 * @ownership The caller frees it with kfree().
 */
#define kmemdup_nul(src, len, gfp) \
	((char *)iommufd_model_memdup(src, len, 1, gfp, \
				      IOMMUFD_MODEL_SITE("kmemdup_nul")))
/**
 * Copies a string into a new allocation.
 * @param src  the string, or NULL
 * @param gfp  GFP_KERNEL, or GFP_ATOMIC if a spinlock is held
 * @return the copy, or NULL if @p src is NULL or the allocation failed
 * @ownership The caller frees it with kfree().
 */
#define kstrdup(src, gfp) \
	iommufd_model_strdup(src, SIZE_MAX, gfp, IOMMUFD_MODEL_SITE("kstrdup"))
/** Does kstrdup() for at most @p max characters. */
#define kstrndup(src, max, gfp) \
	iommufd_model_strdup(src, max, gfp, IOMMUFD_MODEL_SITE("kstrndup"))
/** Does kstrdup(); the copy is freed with kfree_const(). */
#define kstrdup_const(src, gfp) ((const char *)kstrdup(src, gfp))
/**
 * Formats a new string.
 * @param gfp  GFP_KERNEL, or GFP_ATOMIC if a spinlock is held
 * @param ...  a format and its arguments, as for printf()
 * @return the string, or NULL if the allocation failed
 * @ownership The caller frees it with kfree().
 */
#define kasprintf(gfp, ...) \
	iommufd_model_asprintf(gfp, IOMMUFD_MODEL_SITE("kasprintf"), \
			       __VA_ARGS__)
/** Does kasprintf() with a va_list. */
#define kvasprintf(gfp, fmt, args) \
	iommufd_model_vasprintf(gfp, IOMMUFD_MODEL_SITE("kvasprintf"), fmt, \
				args)

/** Sets memory to zero; the compiler does not remove the call. */
#define memzero_explicit(p, n) do {					\
	memset(p, 0, n);						\
	barrier();							\
} while (0)
/** Tells whether a string begins with @p prefix. */
#define strstarts(str, prefix) (!strncmp(str, prefix, strlen(prefix)))
/** Gives the length of @p prefix if @p str begins with it, and 0 if not. */
#define str_has_prefix(str, prefix) \
	(strstarts(str, prefix) ? strlen(prefix) : (size_t)0)
/** Gives "yes" or "no". */
#define str_yes_no(v) ((v) ? "yes" : "no")
/** Gives "on" or "off". */
#define str_on_off(v) ((v) ? "on" : "off")
/** Gives "enabled" or "disabled". */
#define str_enabled_disabled(v) ((v) ? "enabled" : "disabled")

/** @cond INTERNAL */
static inline ssize_t iommufd_model_strscpy(char *dst, const char *src,
					    size_t size)
{
	size_t len = 0;

	while (len < size && src[len])
		len++;
	if (!size)
		return -E2BIG;
	if (len == size) {
		memcpy(dst, src, size - 1);
		dst[size - 1] = 0;
		return -E2BIG;
	}
	memcpy(dst, src, len + 1);
	return (ssize_t)len;
}

static inline ssize_t iommufd_model_strscpy_pad(char *dst, const char *src,
						size_t size)
{
	ssize_t len = iommufd_model_strscpy(dst, src, size);

	if (len >= 0)
		memset(dst + len, 0, size - (size_t)len);
	return len;
}
/** @endcond */

/**
 * @name Filling
 * @{
 */
/**
 * Fills memory with copies of a value.
 * @param p  the memory
 * @param v  the value
 * @param n  the number of copies
 * @return @p p
 */
static inline void *memset16(u16 *p, u16 v, size_t n)
{
	for (; n; n--)
		p[n - 1] = v;
	return p;
}

static inline void *memset32(u32 *p, u32 v, size_t n)
{
	for (; n; n--)
		p[n - 1] = v;
	return p;
}

static inline void *memset64(u64 *p, u64 v, size_t n)
{
	for (; n; n--)
		p[n - 1] = v;
	return p;
}
/** @} */

/**
 * Finds the first byte that has another value.
 * @param start  the memory
 * @param c      the value
 * @param n      its size in bytes
 * @return the first byte that is not @p c, or NULL
 */
static inline void *memchr_inv(const void *start, int c, size_t n)
{
	const u8 *p = (const u8 *)start;

	for (; n--; p++)
		if (*p != (u8)c)
			return (void *)(uintptr_t)p;
	return NULL;
}

/**
 * Compares two strings, and ignores a newline at the end of either.
 * @param a  a string
 * @param b  the other
 * @return true if they are equal
 */
static inline bool sysfs_streq(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (!*a || (*a == '\n' && !a[1])) && (!*b || (*b == '\n' && !b[1]));
}

/**
 * Writes into a buffer as snprintf() does, but returns what was written.
 * @param buf   the buffer
 * @param size  its size in bytes
 * @param fmt   a format as for printf()
 * @return the number of characters that are in the buffer, without the NUL
 */
static inline __attribute__((__format__(printf, 3, 4))) int
scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(buf, size, fmt, args);
	va_end(args);
	if (n < 0 || !size)
		return 0;
	return (size_t)n < size ? n : (int)size - 1;
}

/**
 * Copies memory.  kmemdup() and kmemdup_nul() call it.
 * @param src   the memory; NULL gives NULL
 * @param len   its size in bytes
 * @param more  how many zero bytes follow in the copy
 * @param gfp   allocation flags
 * @param site  the call site
 * @return the copy, or NULL
 * @ownership The caller frees it with kfree().
 */
IOMMUFD_MODEL_API void *
iommufd_model_memdup(const void *src, size_t len, size_t more, gfp_t gfp,
		     const struct iommufd_model_site *site);

/**
 * Copies a string.  kstrdup() and kstrndup() call it.
 * @param src   the string; NULL gives NULL
 * @param max   the largest number of characters
 * @param gfp   allocation flags
 * @param site  the call site
 * @return the copy, or NULL
 * @ownership The caller frees it with kfree().
 */
IOMMUFD_MODEL_API char *
iommufd_model_strdup(const char *src, size_t max, gfp_t gfp,
		     const struct iommufd_model_site *site);

/**
 * Formats a new string.  kvasprintf() calls it.
 * @param gfp   allocation flags
 * @param site  the call site
 * @param fmt   a format as for printf()
 * @param args  its arguments
 * @return the string, or NULL if the allocation failed
 * @ownership The caller frees it with kfree().
 */
IOMMUFD_MODEL_API char *
iommufd_model_vasprintf(gfp_t gfp, const struct iommufd_model_site *site,
			const char *fmt, va_list args)
	__attribute__((__format__(printf, 3, 0)));

/**
 * Formats a new string.  kasprintf() calls it.
 * @param gfp   allocation flags
 * @param site  the call site
 * @param fmt   a format as for printf()
 * @return the string, or NULL if the allocation failed
 * @ownership The caller frees it with kfree().
 */
IOMMUFD_MODEL_API char *
iommufd_model_asprintf(gfp_t gfp, const struct iommufd_model_site *site,
		       const char *fmt, ...)
	__attribute__((__format__(printf, 3, 4)));

/**
 * @name Numbers
 * @{
 */
/**
 * Converts a string to a number.  A sign may precede the digits and a newline
 * may follow them; any other character is an error.
 * @param str   the string
 * @param base  the base; 0 takes it from the prefix of the string, as in C
 * @param res   set to the number, unless there is an error
 * @return 0, or a negative errno
 * @errors -ERANGE: the number does not fit; -EINVAL: @p str is no number.
 */
IOMMUFD_MODEL_API int iommufd_model_strtoull(const char *str, unsigned int base,
					     unsigned long long *res);

IOMMUFD_MODEL_API int iommufd_model_strtoll(const char *str, unsigned int base,
					    long long *res);
/** @} */

/** @cond INTERNAL */
#define IOMMUFD_MODEL_STRTO(name, type, long_type, function)		\
static inline int name(const char *str, unsigned int base, type *res)	\
{									\
	long_type value;						\
	int rc = function(str, base, &value);				\
									\
	if (rc)								\
		return rc;						\
	if ((long_type)(type)value != value)				\
		return -ERANGE;						\
	*res = (type)value;						\
	return 0;							\
}
__extension__ typedef unsigned long long iommufd_model_ull;
__extension__ typedef long long iommufd_model_ll;
IOMMUFD_MODEL_STRTO(kstrtoull, iommufd_model_ull, iommufd_model_ull,
		    iommufd_model_strtoull)
IOMMUFD_MODEL_STRTO(kstrtoul, unsigned long, iommufd_model_ull,
		    iommufd_model_strtoull)
IOMMUFD_MODEL_STRTO(kstrtouint, unsigned int, iommufd_model_ull,
		    iommufd_model_strtoull)
IOMMUFD_MODEL_STRTO(kstrtou64, u64, iommufd_model_ull, iommufd_model_strtoull)
IOMMUFD_MODEL_STRTO(kstrtou32, u32, iommufd_model_ull, iommufd_model_strtoull)
IOMMUFD_MODEL_STRTO(kstrtou16, u16, iommufd_model_ull, iommufd_model_strtoull)
IOMMUFD_MODEL_STRTO(kstrtou8, u8, iommufd_model_ull, iommufd_model_strtoull)
IOMMUFD_MODEL_STRTO(kstrtoll, iommufd_model_ll, iommufd_model_ll,
		    iommufd_model_strtoll)
IOMMUFD_MODEL_STRTO(kstrtol, long, iommufd_model_ll, iommufd_model_strtoll)
IOMMUFD_MODEL_STRTO(kstrtoint, int, iommufd_model_ll, iommufd_model_strtoll)
#undef IOMMUFD_MODEL_STRTO
/** @endcond */

IOMMUFD_MODEL_END_DECLS

#endif
