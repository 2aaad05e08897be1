// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The C library's functions on strings and memory for watched code, whose flags
 * give them these names.  Each function reports the bytes that it reads and
 * writes, and then calls that of the C library.
 */
#include "format.h"
#include <iommufd_model/watch.h>
#include <stdio.h>
#include <string.h>

#define HERE __builtin_return_address(0)

size_t iommufd_model_watch_strlen(const char *s);
size_t iommufd_model_watch_strnlen(const char *s, size_t max);
int iommufd_model_watch_strcmp(const char *a, const char *b);
int iommufd_model_watch_strncmp(const char *a, const char *b, size_t max);
int iommufd_model_watch_memcmp(const void *a, const void *b, size_t size);
void *iommufd_model_watch_memchr(const void *p, int c, size_t size);
char *iommufd_model_watch_strchr(const char *s, int c);
char *iommufd_model_watch_strrchr(const char *s, int c);
char *iommufd_model_watch_strcpy(char *to, const char *from);
char *iommufd_model_watch_strncpy(char *to, const char *from, size_t size);
char *iommufd_model_watch_strcat(char *to, const char *from);
int iommufd_model_watch_vsnprintf(char *to, size_t size, const char *fmt,
				  va_list args);
int iommufd_model_watch_snprintf(char *to, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int iommufd_model_watch_sprintf(char *to, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void reads(const void *p, size_t size, const void *pc)
{
	iommufd_model_watch_access(p, size, 0, pc);
}

static void writes(void *p, size_t size, const void *pc)
{
	iommufd_model_watch_access(p, size, IOMMUFD_MODEL_WATCH_WRITE, pc);
}

static void reads_string(const char *s, size_t max, const void *pc)
{
	if (iommufd_model_watch_active())
		reads(s, string_bytes(s, max), pc);
}

/*
 * Report the reads of a comparison: two strings are read up to their first
 * difference.
 */
static void reads_both(const char *a, const char *b, size_t max,
		       const void *pc)
{
	size_t len = 0;

	if (!iommufd_model_watch_active())
		return;
	while (len < max && a[len] && a[len] == b[len])
		len++;
	len = len < max ? len + 1 : max;
	reads(a, len, pc);
	reads(b, len, pc);
}

size_t iommufd_model_watch_strlen(const char *s)
{
	reads_string(s, SIZE_MAX, HERE);
	return strlen(s);
}

size_t iommufd_model_watch_strnlen(const char *s, size_t max)
{
	size_t len = string_bytes(s, max);

	reads(s, len, HERE);
	return len && !s[len - 1] ? len - 1 : len;
}

int iommufd_model_watch_strcmp(const char *a, const char *b)
{
	reads_both(a, b, SIZE_MAX, HERE);
	return strcmp(a, b);
}

int iommufd_model_watch_strncmp(const char *a, const char *b, size_t max)
{
	reads_both(a, b, max, HERE);
	return strncmp(a, b, max);
}

int iommufd_model_watch_memcmp(const void *a, const void *b, size_t size)
{
	reads(a, size, HERE);
	reads(b, size, HERE);
	return memcmp(a, b, size);
}

void *iommufd_model_watch_memchr(const void *p, int c, size_t size)
{
	const char *at = memchr(p, c, size);

	reads(p, at ? (size_t)(at - (const char *)p) + 1 : size, HERE);
	return (void *)(uintptr_t)at;
}

char *iommufd_model_watch_strchr(const char *s, int c)
{
	const char *at = strchr(s, c);

	reads(s, at ? (size_t)(at - s) + 1 : strlen(s) + 1, HERE);
	return (char *)(uintptr_t)at;
}

char *iommufd_model_watch_strrchr(const char *s, int c)
{
	reads_string(s, SIZE_MAX, HERE);
	return (char *)(uintptr_t)strrchr(s, c);
}

char *iommufd_model_watch_strcpy(char *to, const char *from)
{
	size_t size = strlen(from) + 1;

	reads(from, size, HERE);
	writes(to, size, HERE);
	return memcpy(to, from, size);
}

char *iommufd_model_watch_strncpy(char *to, const char *from, size_t size)
{
	reads_string(from, size, HERE);
	writes(to, size, HERE);
	return strncpy(to, from, size);
}

char *iommufd_model_watch_strcat(char *to, const char *from)
{
	size_t len = strlen(to), size = strlen(from) + 1;

	reads(to, len + 1, HERE);
	reads(from, size, HERE);
	writes(to + len, size, HERE);
	memcpy(to + len, from, size);
	return to;
}

/* Print to @to, which has @size bytes according to the caller. */
static int print(char *to, size_t size, const void *pc, const char *fmt,
		 va_list args)
{
	va_list again;
	int len;

	if (iommufd_model_watch_active())
		format_strings(fmt, args, reads, pc);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len >= 0 && size)
		writes(to, (size_t)len < size ? (size_t)len + 1 : size, pc);
	return vsnprintf(to, size, fmt, args);
}

int iommufd_model_watch_vsnprintf(char *to, size_t size, const char *fmt,
				  va_list args)
{
	return print(to, size, HERE, fmt, args);
}

int iommufd_model_watch_snprintf(char *to, size_t size, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = print(to, size, HERE, fmt, args);
	va_end(args);
	return len;
}

int iommufd_model_watch_sprintf(char *to, const char *fmt, ...)
{
	va_list args;
	int len;

	va_start(args, fmt);
	len = print(to, INT_MAX, HERE, fmt, args);
	va_end(args);
	return len;
}
