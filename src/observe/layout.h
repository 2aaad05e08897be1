/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Where an object has its counters, its type and its id.
 *
 * The observer is compiled with the model's headers.  On a kernel tree the
 * structs are the tree's, and src/linux/objects.c answers instead.
 */
#ifndef LAYOUT_H
#define LAYOUT_H

#include <iommufd_model/iommufd_private.h>
#include <string.h>

#ifdef IOMMUFD_MODEL_TREE
const refcount_t *observe_users(const void *obj);
const refcount_t *observe_wait_cnt(const void *obj);
unsigned int observe_id(const void *obj);
enum iommufd_object_type observe_type(const void *obj);
const refcount_t *observe_ctx_references(const void *ictx);

/* A tree does not announce a put, but its function has a name. */
static inline bool observe_is_put(const struct iommufd_model_site *site)
{
	return site && !strcmp(site->func, "iommufd_put_object");
}
#else
static inline const refcount_t *observe_users(const void *obj)
{
	return &((const struct iommufd_object *)obj)->users;
}

static inline const refcount_t *observe_wait_cnt(const void *obj)
{
	return &((const struct iommufd_object *)obj)->wait_cnt;
}

static inline unsigned int observe_id(const void *obj)
{
	return ((const struct iommufd_object *)obj)->id;
}

static inline enum iommufd_object_type observe_type(const void *obj)
{
	return ((const struct iommufd_object *)obj)->type;
}

static inline const refcount_t *observe_ctx_references(const void *ictx)
{
	return &((const struct iommufd_ctx *)ictx)->file->f_count;
}

/* The model announces it by a note. */
static inline bool observe_is_put(const struct iommufd_model_site *site)
{
	(void)site;
	return false;
}
#endif

#endif
