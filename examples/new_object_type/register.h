/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef REGISTER_H
#define REGISTER_H

/* doorbell_register(): once, before any doorbell is made; 0 or an errno. */
int doorbell_register(void);

#endif
