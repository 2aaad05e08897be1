// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * dma-bufs.  A dma-buf lives as long as its file.  An attachment does not own a
 * reference to the dma-buf: the caller that attaches holds one.
 */
#include <linux/dma-buf.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/slab.h>

static int release(struct inode *inode, struct file *file)
{
	struct dma_buf *buf = file->private_data;

	WARN_ON(!list_empty(&buf->attachments));
	buf->ops->release(buf);
	kfree(buf);
	return 0;
}

static const struct file_operations fops = { .release = release };

struct dma_buf *dma_buf_export(const struct dma_buf_export_info *info)
{
	struct dma_buf *buf = kzalloc(sizeof(*buf), GFP_KERNEL);
	struct file *file;

	if (!buf)
		return ERR_PTR(-ENOMEM);
	buf->size = info->size;
	buf->ops = info->ops;
	buf->priv = info->priv;
	buf->resv = info->resv ? info->resv : &buf->own_resv;
	mutex_init(&buf->own_resv.lock);
	INIT_LIST_HEAD(&buf->attachments);
	file = anon_inode_getfile("dmabuf", &fops, buf, info->flags);
	if (IS_ERR(file)) {
		kfree(buf);
		return ERR_CAST(file);
	}
	buf->file = file;
	return buf;
}

int dma_buf_fd(struct dma_buf *buf, int flags)
{
	int fd = get_unused_fd_flags((unsigned int)flags);

	if (fd >= 0)
		fd_install((unsigned int)fd, buf->file);
	return fd;
}

struct dma_buf *dma_buf_get(int fd)
{
	struct file *file = fget((unsigned int)fd);

	if (!file)
		return ERR_PTR(-EBADF);
	if (file->f_op != &fops) {
		fput(file);
		return ERR_PTR(-EINVAL);
	}
	return file->private_data;
}

void dma_buf_put(struct dma_buf *buf)
{
	fput(buf->file);
}

struct dma_buf_attachment *
dma_buf_dynamic_attach(struct dma_buf *buf, struct device *dev,
		       const struct dma_buf_attach_ops *ops, void *priv)
{
	struct dma_buf_attachment *attach = kzalloc(sizeof(*attach), GFP_KERNEL);
	int rc = 0;

	if (!attach)
		return ERR_PTR(-ENOMEM);
	attach->dmabuf = buf;
	attach->dev = dev;
	attach->importer_ops = ops;
	attach->importer_priv = priv;
	if (buf->ops->attach)
		rc = buf->ops->attach(buf, attach);
	if (rc) {
		kfree(attach);
		return ERR_PTR(rc);
	}
	dma_resv_lock(buf->resv, NULL);
	list_add(&attach->node, &buf->attachments);
	dma_resv_unlock(buf->resv);
	return attach;
}

void dma_buf_detach(struct dma_buf *buf, struct dma_buf_attachment *attach)
{
	dma_resv_lock(buf->resv, NULL);
	list_del(&attach->node);
	dma_resv_unlock(buf->resv);
	if (buf->ops->detach)
		buf->ops->detach(buf, attach);
	kfree(attach);
}

int dma_buf_pin(struct dma_buf_attachment *attach)
{
	const struct dma_buf_ops *ops = attach->dmabuf->ops;

	dma_resv_assert_held(attach->dmabuf->resv);
	return ops->pin ? ops->pin(attach) : 0;
}

void dma_buf_unpin(struct dma_buf_attachment *attach)
{
	const struct dma_buf_ops *ops = attach->dmabuf->ops;

	dma_resv_assert_held(attach->dmabuf->resv);
	if (ops->unpin)
		ops->unpin(attach);
}

void dma_buf_invalidate_mappings(struct dma_buf *buf)
{
	struct dma_buf_attachment *attach;

	dma_resv_assert_held(buf->resv);
	list_for_each_entry(attach, &buf->attachments, node)
		if (attach->importer_ops &&
		    attach->importer_ops->invalidate_mappings)
			attach->importer_ops->invalidate_mappings(attach);
}
