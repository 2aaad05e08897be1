/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Hooks at the gate: one that logs each change of an object's counters, and one
 * that lets another thread act at a chosen operation.
 */
#ifndef TESTS_SUPPORT_HOOKS_H
#define TESTS_SUPPORT_HOOKS_H

#include <iommufd_model/iommufd_private.h>

/*
 * watch(ictx, obj): from now on, log every change of the counters of @obj:
 *
 *	U2	users became 2		U=0	it was 0 and stayed 0
 *	W1	wait_cnt became 1	t, c	the thread held the table lock,
 *					the cookie lock
 *
 * "U2t W2t" is a lookup, which takes a users reference and then a wait
 * reference under the table lock.
 */
void watch(struct iommufd_ctx *ictx, struct iommufd_object *obj);
void unwatch(void);

/*
 * intrude_before(kind, addr, act, data), intrude_after(): another thread does
 * @act before or after the next operation of this kind on @addr.  The thread
 * that does the operation waits until @act has returned.
 */
void intrude_before(enum iommufd_model_op_kind kind, const void *addr,
		    void (*act)(void *data), void *data);
void intrude_after(enum iommufd_model_op_kind kind, const void *addr,
		   void (*act)(void *data), void *data);
void no_intruder(void);

#endif
