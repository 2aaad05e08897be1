/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef TREE_LINUX_DMA_RESV_H
#define TREE_LINUX_DMA_RESV_H

#include <linux/mutex.h>

struct ww_acquire_ctx;

struct dma_resv {
	struct mutex lock;
};

static inline int dma_resv_lock(struct dma_resv *resv,
				struct ww_acquire_ctx *ctx)
{
	mutex_lock(&resv->lock);
	return 0;
}

#define dma_resv_unlock(resv) mutex_unlock(&(resv)->lock)
#define dma_resv_assert_held(resv) lockdep_assert_held(&(resv)->lock)

#endif
