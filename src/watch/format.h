/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Which strings a function reads that has a format like that of printf().
 */
#ifndef WATCH_FORMAT_H
#define WATCH_FORMAT_H

#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>

/* Returns how many bytes of @s are read, including its NUL, and at most @max. */
static inline size_t string_bytes(const char *s, size_t max)
{
	size_t len = 0;

	while (len < max && s[len])
		len++;
	return len < max ? len + 1 : max;
}

/*
 * Takes a width or a precision, which may be an argument, off *@fmt.  Returns -1
 * if it is negative, which means none.
 */
static inline int format_number(const char **fmt, va_list *args)
{
	int n = 0;

	if (**fmt == '*') {
		(*fmt)++;
		n = va_arg(*args, int);
		return n < 0 ? -1 : n;
	}
	for (; **fmt >= '0' && **fmt <= '9'; (*fmt)++)
		n = n < INT_MAX / 10 ? n * 10 + (**fmt - '0') : n;
	return n;
}

/* Takes a length off *@fmt; "ll" is returned as 'q', and no length as 0. */
static inline char format_length(const char **fmt)
{
	char length = **fmt;

	if (!length || !strchr("hlqLjzZt", length))
		return 0;
	(*fmt)++;
	if ((length == 'h' || length == 'l') && **fmt == length) {
		(*fmt)++;
		return length == 'l' ? 'q' : 'h';
	}
	return length;
}

static inline void format_integer(char length, va_list *args)
{
	switch (length) {
	case 'l':
		(void)va_arg(*args, long);
		break;
	case 'q':
	case 'L':
		(void)va_arg(*args, long long);
		break;
	case 'j':
		(void)va_arg(*args, intmax_t);
		break;
	case 'z':
	case 'Z':
		(void)va_arg(*args, size_t);
		break;
	case 't':
		(void)va_arg(*args, ptrdiff_t);
		break;
	default:
		(void)va_arg(*args, int);
	}
}

/*
 * Steps over the arguments of the conversion @kind, other than "%s".  Returns
 * false if it is not known.
 */
static inline bool format_step(char kind, char length, va_list *args)
{
	switch (kind) {
	case '%':
	case 'm':
		return true;
	case 'c':
		if (length == 'l')
			(void)va_arg(*args, wint_t);
		else
			(void)va_arg(*args, int);
		return true;
	case 's':
	case 'p':
	case 'n':
		(void)va_arg(*args, void *);
		return true;
	}
	if (kind && strchr("diouxX", kind))
		format_integer(length, args);
	else if (!kind || !strchr("aAeEfFgG", kind))
		return false;
	else if (length == 'L')
		(void)va_arg(*args, long double);
	else
		(void)va_arg(*args, double);
	return true;
}

/*
 * Calls @reads with @where for the bytes of each argument of a "%s", as far as it
 * is read.  Behind a conversion that is not known, or that has the number of its
 * argument, nothing is looked at.
 */
static inline void format_strings(const char *fmt, va_list args,
				  void (*reads)(const void *p, size_t size,
						const void *where),
				  const void *where)
{
	const char *s;
	int precision;
	char length;
	size_t max;
	va_list at;

	va_copy(at, args);
	while ((fmt = strchr(fmt, '%'))) {
		fmt += 1 + strspn(fmt + 1, "-+ #0'");
		format_number(&fmt, &at);
		max = SIZE_MAX;
		if (*fmt == '.') {
			fmt++;
			precision = format_number(&fmt, &at);
			max = precision < 0 ? SIZE_MAX : (size_t)precision;
		}
		length = format_length(&fmt);
		if (*fmt == 's' && length != 'l') {
			s = va_arg(at, const char *);
			if (s)
				reads(s, string_bytes(s, max), where);
		} else if (!format_step(*fmt, length, &at)) {
			break;
		}
		fmt++;
	}
	va_end(at);
}

#endif
