/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A thing that threads use while another destroys it.
 */
#ifndef ZOO_Z01_PUT_TAIL_TYPE_H
#define ZOO_Z01_PUT_TAIL_TYPE_H

#include <iommufd_model/explore.h>
#include <iommufd_model/iommufd_private.h>

struct thing;

/* Published; its id. */
u32 thing_make(struct iommufd_ctx *ictx);
/* A temporary reference, which thing_put() gives back; NULL: it is gone. */
struct thing *thing_get(struct iommufd_ctx *ictx, u32 id);
int thing_value(const struct thing *thing);
void thing_put(struct iommufd_ctx *ictx, struct thing *thing);

#endif
