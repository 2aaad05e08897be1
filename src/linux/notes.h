/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The notes of <iommufd_model/notes.h>, for a kernel tree, whose sources make
 * none.
 *
 * The states of an object can be seen in the id table of its context: an id is
 * reserved, gets the object, and is freed.  The tree's main.c does all of that.
 * It is compiled with this header in front, so that the functions by which it
 * changes a table, and by which it frees memory, also call notes.c.  The events
 * of a file are reported by src/kernel (iommufd_model_file_call).
 */
#ifndef TREE_NOTES_H
#define TREE_NOTES_H

#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/xarray.h>

/* A context was opened. */
void tree_note_open(struct file *file);

/*
 * Call this when xa_alloc() has returned @rc.  @id is a member of the object.
 * Returns @rc.
 */
int tree_note_alloc(struct xarray *xa, const u32 *id, int rc);

/* Call this when @entry has replaced @old at @index.  Returns @old. */
void *tree_note_store(struct xarray *xa, unsigned long index, void *old,
		      const void *entry);

/* Call this before @p is freed.  Returns @p. */
const void *tree_note_free(const void *p);

#ifdef TREE_NOTES
#undef xa_alloc
#define xa_alloc(xa, id, entry, limit, gfp)				\
	tree_note_alloc(xa, id, iommufd_model_xa_alloc(xa, id, entry,	\
			limit, __IOMMUFD_MODEL_XA_GFP(gfp, "xa_alloc")))
#undef xa_erase
#define xa_erase(xa, index)						\
	tree_note_store(xa, index, iommufd_model_xa_erase(xa, index), NULL)
#undef xas_store
#define xas_store(xas, entry)						\
	tree_note_store((xas)->xa, (xas)->xa_index,			\
			tree_xas_store(xas, entry), entry)
#undef kfree
#define kfree(p)							\
	iommufd_model_free(tree_note_free(p), false,			\
			   IOMMUFD_MODEL_SITE(#p))
#endif

#endif
