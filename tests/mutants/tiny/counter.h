/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* A counter with a limit, and notes of how often it was refused. */
#ifndef TINY_COUNTER_H
#define TINY_COUNTER_H

int counter_add(int n);
int counter_value(void);
int counter_refused(void);
void counter_reset(void);
int counter_clamp(int n);
int counter_unused(int n);
void counter_named(void);

#endif
