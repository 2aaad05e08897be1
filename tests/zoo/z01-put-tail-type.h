/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A demo object that threads use while another thread destroys it.
 */
#ifndef ZOO_Z01_PUT_TAIL_TYPE_H
#define ZOO_Z01_PUT_TAIL_TYPE_H

#include <iommufd_model/explore.h>
#include <iommufd_model/iommufd_private.h>

struct demo;

/* Make and publish a demo object.  Returns its id. */
u32 demo_make(struct iommufd_ctx *ictx);
/* Take a short reference, for demo_put().  NULL if there is no such object. */
struct demo *demo_get(struct iommufd_ctx *ictx, u32 id);
int demo_value(const struct demo *demo);
void demo_put(struct iommufd_ctx *ictx, struct demo *demo);

#endif
