/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The interface of mtally, a mediated device that counts kicks in a page of its
 * guest, to the code that opens it and to the driver of its parent.
 */
#ifndef MTALLY_H
#define MTALLY_H

#include <linux/iommufd.h>
#include <linux/types.h>

struct mtally;

struct mtally *mtally_open(struct iommufd_ctx *ictx, u32 handle);
void mtally_close(struct mtally *mdev);

int mtally_attach(struct mtally *mdev, u32 ioas_id);
int mtally_set_page(struct mtally *mdev, unsigned long iova);

/* Called by the parent's driver, in any context. */
bool mtally_kick(u32 handle);

#endif
