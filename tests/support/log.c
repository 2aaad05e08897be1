// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "log.h"
#include <check.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static char said[1024];

void say(const char *fmt, ...)
{
	va_list args;
	size_t len;

	pthread_mutex_lock(&mutex);
	len = strlen(said);
	if (len && len + 1 < sizeof(said))
		strcpy(said + len++, " ");
	va_start(args, fmt);
	vsnprintf(said + len, sizeof(said) - len, fmt, args);
	va_end(args);
	pthread_mutex_unlock(&mutex);
}

void ck_assert_said(const char *text)
{
	char copy[sizeof(said)];

	pthread_mutex_lock(&mutex);
	strcpy(copy, said);
	said[0] = 0;
	pthread_mutex_unlock(&mutex);
	ck_assert_str_eq(copy, text);
}

void forget_said(void)
{
	pthread_mutex_lock(&mutex);
	said[0] = 0;
	pthread_mutex_unlock(&mutex);
}
