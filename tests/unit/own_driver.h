/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A driver of the test's own, which can do what the mock does not: several
 * devices in a group, refuse, forget, and tell what it is asked.  Its devices
 * are real ones: they hold the ctx until they are unbound.
 */
#ifndef OWN_DRIVER_H
#define OWN_DRIVER_H

#include "graph.h"

/*
 * What the driver does from now on.
 * @incoherent: has no IOMMU_CAP_CACHE_COHERENCY
 * @attach_error: of every attach of @refuses, NULL: of any device; with @once
 *	of the next one only
 * @refuses_again: refuses too once @refuses has
 * @viommu_ops: what its vIOMMUs get, NULL: init forgets
 */
static struct {
	bool incoherent, once;
	int attach_error;
	struct device *refuses, *refuses_again;
	int viommu_error, vdevice_error, queue_error;
	size_t viommu_size, queue_size;
	struct iommufd_viommu_ops *viommu_ops;
} own;

static bool own_capable(struct device *dev, enum iommu_cap cap)
{
	(void)dev;
	return cap == IOMMU_CAP_CACHE_COHERENCY && !own.incoherent;
}

static int own_attach(struct iommu_domain *domain, struct device *dev,
		      struct iommu_domain *old)
{
	int error = own.attach_error;

	(void)domain;
	(void)old;
	if (error && (!own.refuses || own.refuses == dev)) {
		if (own.once)
			own.attach_error = 0;
		if (own.refuses_again)
			own.refuses = own.refuses_again;
		say("refuse(%s)", dev->name);
		return error;
	}
	say("attach(%s)", dev->name);
	return 0;
}

static void own_detach(struct iommu_domain *domain, struct device *dev)
{
	(void)domain;
	say("detach(%s)", dev->name);
}

static int own_map(struct iommu_domain *domain, unsigned long iova,
		   phys_addr_t paddr, size_t size, int prot)
{
	(void)domain;
	(void)iova;
	(void)paddr;
	(void)size;
	(void)prot;
	return 0;
}

static size_t own_unmap(struct iommu_domain *domain, unsigned long iova,
			size_t size)
{
	(void)domain;
	(void)iova;
	return size;
}

static void own_free(struct iommu_domain *domain)
{
	kfree(domain);
}

static const struct iommu_domain_ops own_domain_ops = {
	.attach_dev = own_attach,
	.detach_dev = own_detach,
	.map_pages = own_map,
	.unmap_pages = own_unmap,
	.free = own_free,
};

static struct iommu_domain *own_domain(unsigned int type)
{
	struct iommu_domain *domain = kzalloc(sizeof(*domain), GFP_KERNEL);

	if (!domain)
		return ERR_PTR(-ENOMEM);
	domain->type = type;
	domain->ops = &own_domain_ops;
	domain->pgsize_bitmap = PAGE_SIZE;
	domain->geometry.aperture_end = ULONG_MAX;
	return domain;
}

static struct iommu_domain *
own_alloc_paging(struct device *dev, u32 flags,
		 const struct iommu_user_data *user_data)
{
	(void)dev;
	(void)flags;
	(void)user_data;
	return own_domain(IOMMU_DOMAIN_UNMANAGED);
}

/* Not a nested one, which is a mistake. */
static struct iommu_domain *
own_alloc_nested(struct device *dev, struct iommu_domain *parent, u32 flags,
		 const struct iommu_user_data *user_data)
{
	(void)dev;
	(void)parent;
	(void)flags;
	(void)user_data;
	return own_domain(IOMMU_DOMAIN_UNMANAGED);
}

static size_t own_viommu_size(struct device *dev, unsigned int type)
{
	(void)dev;
	(void)type;
	return own.viommu_size;
}

static int own_viommu_init(struct iommufd_viommu *viommu,
			   struct iommu_domain *parent,
			   const struct iommu_user_data *user_data)
{
	(void)parent;
	(void)user_data;
	if (own.viommu_error)
		return own.viommu_error;
	viommu->ops = own.viommu_ops;
	return 0;
}

static const struct iommu_ops own_ops = {
	.capable = own_capable,
	.domain_alloc_paging_flags = own_alloc_paging,
	.domain_alloc_nested = own_alloc_nested,
	.get_viommu_size = own_viommu_size,
	.viommu_init = own_viommu_init,
};

static struct iommu_device own_iommu = { .ops = &own_ops };

/* vIOMMU, vDEVICE, queue: each end is said. */

static inline void own_viommu_destroy(struct iommufd_viommu *viommu)
{
	(void)viommu;
	say("viommu stops");
}

static inline void own_vdevice_destroy(struct iommufd_vdevice *vdev)
{
	say("vdevice stops, virt_id %x", (unsigned int)vdev->virt_id);
}

static inline int own_vdevice_init(struct iommufd_vdevice *vdev)
{
	if (own.vdevice_error)
		return own.vdevice_error;
	vdev->destroy = own_vdevice_destroy;
	return 0;
}

static inline size_t own_queue_size(struct iommufd_viommu *viommu,
				    unsigned int type)
{
	(void)viommu;
	(void)type;
	return own.queue_size;
}

static inline void own_queue_destroy(struct iommufd_hw_queue *queue)
{
	(void)queue;
	say("queue stops");
}

static inline int own_queue_init(struct iommufd_hw_queue *queue, u32 index,
				 phys_addr_t base)
{
	(void)index;
	(void)base;
	if (own.queue_error)
		return own.queue_error;
	queue->destroy = own_queue_destroy;
	return 0;
}

static struct iommufd_viommu_ops own_viommu_ops;

/* Devices */

/* struct own_pair - two devices in one group */
struct own_pair {
	struct iommu_group group;
	struct device a, b;
};

static inline void own_device(struct own_pair *pair, struct device *dev,
			      const char *name)
{
	*dev = (struct device){ .name = name, .iommu_dev = &own_iommu };
	iommufd_model_group_add(&pair->group, dev);
}

static inline void own_pair_init(struct own_pair *pair)
{
	memset(&own, 0, sizeof(own));
	own_viommu_ops = (struct iommufd_viommu_ops){
		.destroy = own_viommu_destroy,
		.vdevice_size = sizeof(struct iommufd_vdevice),
		.vdevice_init = own_vdevice_init,
		.get_hw_queue_size = own_queue_size,
		.hw_queue_init_phys = own_queue_init,
	};
	own.viommu_ops = &own_viommu_ops;
	own.viommu_size = sizeof(struct iommufd_viommu);
	own.queue_size = sizeof(struct iommufd_hw_queue);
	iommufd_model_group_init(&pair->group, 4711);
	own_device(pair, &pair->a, "a");
	own_device(pair, &pair->b, "b");
}

static inline struct iommufd_device *own_bind(struct graph *g,
					      struct device *dev)
{
	struct iommufd_device *idev;
	u32 id = 0;

	idev = iommufd_device_bind(g->ictx, dev, &id);
	ck_assert_msg(!IS_ERR(idev), "bind: %ld", PTR_ERR(idev));
	ck_assert_uint_eq(iommufd_device_to_id(idev), id);
	return idev;
}

/* The HWPT's id, or the error. */
static inline int own_attach_to(struct iommufd_device *idev, u32 pt_id)
{
	int rc = iommufd_device_attach(idev, IOMMU_NO_PASID, &pt_id);

	return rc ? rc : (int)pt_id;
}

static inline int own_replace(struct iommufd_device *idev, u32 pt_id)
{
	int rc = iommufd_device_replace(idev, IOMMU_NO_PASID, &pt_id);

	return rc ? rc : (int)pt_id;
}

static inline void own_detach_from(struct iommufd_device *idev)
{
	iommufd_device_detach(idev, IOMMU_NO_PASID);
}

/*
 * struct own_graph - an IOAS with memory, device a, bound and not attached, and
 * if wanted a nest parent and a vIOMMU
 */
struct own_graph {
	struct graph g;
	struct own_pair pair;
	struct iommufd_device *idev;
};

static inline void own_graph_open(struct own_graph *og)
{
	graph_open_empty(&og->g);
	own_pair_init(&og->pair);
	og->idev = own_bind(&og->g, &og->pair.a);
	og->g.idev = iommufd_device_to_id(og->idev);
}

static inline void own_graph_close(struct own_graph *og)
{
	ck_assert_uint_eq(iommufd_model_unbalanced(), 0);
	iommufd_device_unbind(og->idev);
	graph_close(&og->g);
}

#endif
