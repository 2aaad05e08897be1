// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Copies of strings and memory in new allocations, and conversions of strings
 * to numbers.
 */
#define _POSIX_C_SOURCE 200809L
#include "../watch/format.h"
#include "../watch/watch.h"
#include "ground.h"
#include <ctype.h>
#include <iommufd_model/kernel/string.h>
#include <iommufd_model/watch.h>
#include <stdlib.h>

void *iommufd_model_memdup(const void *src, size_t len, size_t more, gfp_t gfp,
			   const struct iommufd_model_site *site)
{
	size_t size;
	char *copy;

	if (!src || __builtin_add_overflow(len, more, &size))
		return NULL;
	copy = iommufd_model_alloc(1, size, gfp, false, site);
	if (!copy)
		return NULL;
	iommufd_model_watch_for(src, len, false, site);
	memcpy(copy, src, len);
	memset(copy + len, 0, more);
	return copy;
}

char *iommufd_model_strdup(const char *src, size_t max, gfp_t gfp,
			   const struct iommufd_model_site *site)
{
	size_t len;

	if (!src)
		return NULL;
	for (len = 0; len < max && src[len];)
		len++;
	if (len < max)
		iommufd_model_watch_for(src + len, 1, false, site);
	return iommufd_model_memdup(src, len, 1, gfp, site);
}

static void reads(const void *p, size_t size, const void *site)
{
	iommufd_model_watch_for(p, size, false, site);
}

void iommufd_model_format_reads(const struct iommufd_model_site *site,
				const char *fmt, va_list args)
{
	if (iommufd_model_watch_active())
		format_strings(fmt, args, reads, site);
}

char *iommufd_model_vasprintf(gfp_t gfp, const struct iommufd_model_site *site,
			      const char *fmt, va_list args)
{
	va_list again;
	char *str;
	int len;

	iommufd_model_format_reads(site, fmt, args);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0)
		return NULL;
	str = iommufd_model_alloc(1, (size_t)len + 1, gfp, false, site);
	if (str)
		vsnprintf(str, (size_t)len + 1, fmt, args);
	return str;
}

char *iommufd_model_asprintf(gfp_t gfp, const struct iommufd_model_site *site,
			     const char *fmt, ...)
{
	va_list args;
	char *str;

	va_start(args, fmt);
	str = iommufd_model_vasprintf(gfp, site, fmt, args);
	va_end(args);
	return str;
}

/* Returns the base of the number at *@str, and skips its prefix. */
static unsigned int find_base(const char **str, unsigned int base)
{
	bool hex = (*str)[0] == '0' && ((*str)[1] == 'x' || (*str)[1] == 'X') &&
		   isxdigit((unsigned char)(*str)[2]);

	if (!base)
		base = hex ? 16 : (*str)[0] == '0' ? 8 : 10;
	if (base == 16 && hex)
		*str += 2;
	return base;
}

/* Returns the value of a digit, or UINT_MAX if @c is no digit. */
static unsigned int digit(char c)
{
	if (isdigit((unsigned char)c))
		return (unsigned int)(c - '0');
	if (isalpha((unsigned char)c))
		return (unsigned int)(tolower((unsigned char)c) - 'a') + 10;
	return UINT_MAX;
}

/*
 * Reads digits to the end of the string, without a sign.  Sets *@last to the last
 * character that is looked at.
 */
static int parse(const char *str, unsigned int base, unsigned long long *res,
		 const char **last)
{
	unsigned long long value = 0;
	bool overflow = false;
	const char *start;

	base = find_base(&str, base);
	for (start = str; digit(*str) < base; str++)
		overflow |= __builtin_mul_overflow(value, base, &value) ||
			    __builtin_add_overflow(value, digit(*str), &value);
	*last = str;
	if (overflow)
		return -ERANGE;
	if (str == start)
		return -EINVAL;
	if (*str == '\n')
		*last = ++str;
	if (*str)
		return -EINVAL;
	*res = value;
	return 0;
}

/*
 * Does parse() behind a sign, which is in @signs, and tells the watch before it
 * what is read by the code at @pc.
 */
static int convert(const char *str, const char *signs, unsigned int base,
		   unsigned long long *res, const void *pc)
{
	const char *digits = str, *last;

	if (iommufd_model_watch_active()) {
		digits = *str && strchr(signs, *str) ? str + 1 : str;
		parse(digits, base, res, &last);
		iommufd_model_watch_access(str, (size_t)(last - str) + 1, 0,
					   pc);
	}
	digits = *str && strchr(signs, *str) ? str + 1 : str;
	return parse(digits, base, res, &last);
}

int iommufd_model_strtoull(const char *str, unsigned int base,
			   unsigned long long *res)
{
	return convert(str, "+", base, res, __builtin_return_address(0));
}

int iommufd_model_strtoll(const char *str, unsigned int base, long long *res)
{
	unsigned long long value;
	bool negative;
	int rc;

	rc = convert(str, "+-", base, &value, __builtin_return_address(0));
	if (rc)
		return rc;
	negative = *str == '-';
	if (value > (unsigned long long)LLONG_MAX + negative)
		return -ERANGE;
	*res = negative ? (long long)(0 - value) : (long long)value;
	return 0;
}
