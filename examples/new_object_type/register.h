/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef REGISTER_H
#define REGISTER_H

/*
 * doorbell_register() - register the type and its ioctls.  To be called once,
 * before the first doorbell is made.  Returns 0 or a negative errno.
 */
int doorbell_register(void);

#endif
