/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A log, in which callbacks and hooks write what happened, in order.  A test
 * compares its text with the expected one.
 */
#ifndef TESTS_SUPPORT_LOG_H
#define TESTS_SUPPORT_LOG_H

/* Append a text, with a blank before it.  Any thread may call this. */
__attribute__((format(printf, 1, 2))) void say(const char *fmt, ...);

/* Check that the log is exactly @text, and empty it. */
void ck_assert_said(const char *text);

/* Empty the log without a check. */
void forget_said(void);

#endif
