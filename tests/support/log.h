/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * One log, in which callbacks and hooks write what happened, in order.  A test
 * compares the whole text with what it expects.
 */
#ifndef TESTS_SUPPORT_LOG_H
#define TESTS_SUPPORT_LOG_H

/* Append a text; a blank separates it from the one before.  Any thread. */
__attribute__((format(printf, 1, 2))) void say(const char *fmt, ...);

/* What was said since the last time is exactly @text; the log is empty then. */
void ck_assert_said(const char *text);

/* Empty the log without looking at it. */
void forget_said(void);

#endif
