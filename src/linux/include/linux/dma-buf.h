/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * dma-bufs: a file with an exporter behind it, and a list of attachments.
 */
#ifndef TREE_LINUX_DMA_BUF_H
#define TREE_LINUX_DMA_BUF_H

#include <linux/dma-direction.h>
#include <linux/dma-resv.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/module.h>

struct dma_buf;
struct dma_buf_attachment;
struct sg_table;

struct dma_buf_ops {
	int (*attach)(struct dma_buf *buf, struct dma_buf_attachment *attach);
	void (*detach)(struct dma_buf *buf, struct dma_buf_attachment *attach);
	int (*pin)(struct dma_buf_attachment *attach);
	void (*unpin)(struct dma_buf_attachment *attach);
	struct sg_table *(*map_dma_buf)(struct dma_buf_attachment *attach,
					enum dma_data_direction dir);
	void (*unmap_dma_buf)(struct dma_buf_attachment *attach,
			      struct sg_table *table,
			      enum dma_data_direction dir);
	void (*release)(struct dma_buf *buf);
};

struct dma_buf_attach_ops {
	bool allow_peer2peer;
	/*
	 * The two members are the same function; newer trees use the second
	 * name.
	 */
	union {
		void (*move_notify)(struct dma_buf_attachment *attach);
		void (*invalidate_mappings)(struct dma_buf_attachment *attach);
	};
};

struct dma_buf {
	size_t size;
	struct file *file;
	struct list_head attachments;	/* under resv->lock */
	const struct dma_buf_ops *ops;
	void *priv;
	struct dma_resv *resv;
	struct dma_resv own_resv;
};

struct dma_buf_attachment {
	struct dma_buf *dmabuf;
	struct device *dev;
	struct list_head node;
	const struct dma_buf_attach_ops *importer_ops;
	void *importer_priv;
	void *priv;
};

struct dma_buf_export_info {
	const struct dma_buf_ops *ops;
	size_t size;
	int flags;
	struct dma_resv *resv;
	void *priv;
};

#define DEFINE_DMA_BUF_EXPORT_INFO(name) struct dma_buf_export_info name = { 0 }

struct dma_buf *dma_buf_export(const struct dma_buf_export_info *info);
int dma_buf_fd(struct dma_buf *buf, int flags);
struct dma_buf *dma_buf_get(int fd);
void dma_buf_put(struct dma_buf *buf);
struct dma_buf_attachment *
dma_buf_dynamic_attach(struct dma_buf *buf, struct device *dev,
		       const struct dma_buf_attach_ops *ops, void *priv);
void dma_buf_detach(struct dma_buf *buf, struct dma_buf_attachment *attach);
int dma_buf_pin(struct dma_buf_attachment *attach);
void dma_buf_unpin(struct dma_buf_attachment *attach);
void dma_buf_invalidate_mappings(struct dma_buf *buf);
#define dma_buf_move_notify(buf) dma_buf_invalidate_mappings(buf)

/* Modules are never loaded, so no symbol of a module is found. */
#define symbol_get(name) ((__typeof__(&name))NULL)
#define symbol_put(name) ((void)0)

#endif
