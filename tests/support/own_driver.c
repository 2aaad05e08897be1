// SPDX-License-Identifier: GPL-2.0-only OR MIT
#include "own_driver.h"

struct own_behaviour own;

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

/* Returns a domain of the wrong type, which the core must notice. */
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

struct iommu_device own_iommu = { .ops = &own_ops };

static void own_viommu_destroy(struct iommufd_viommu *viommu)
{
	(void)viommu;
	say("viommu stops");
}

static void own_vdevice_destroy(struct iommufd_vdevice *vdev)
{
	say("vdevice stops, virt_id %x", (unsigned int)vdev->virt_id);
}

static int own_vdevice_init(struct iommufd_vdevice *vdev)
{
	if (own.vdevice_error)
		return own.vdevice_error;
	vdev->destroy = own_vdevice_destroy;
	return 0;
}

size_t own_queue_size(struct iommufd_viommu *viommu, unsigned int type)
{
	(void)viommu;
	(void)type;
	return own.queue_size;
}

static void own_queue_destroy(struct iommufd_hw_queue *queue)
{
	(void)queue;
	say("queue stops");
}

static int own_queue_init(struct iommufd_hw_queue *queue, u32 index,
			  phys_addr_t base)
{
	(void)index;
	(void)base;
	if (own.queue_error)
		return own.queue_error;
	queue->destroy = own_queue_destroy;
	return 0;
}

struct iommufd_viommu_ops own_viommu_ops;

void own_device(struct own_pair *pair, struct device *dev, const char *name)
{
	*dev = (struct device){ .name = name, .iommu_dev = &own_iommu };
	iommufd_model_group_add(&pair->group, dev);
}

void own_pair_init(struct own_pair *pair)
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

struct iommufd_device *own_bind(struct guest *g, struct device *dev)
{
	struct iommufd_device *idev;
	u32 id = 0;

	idev = iommufd_device_bind(g->ictx, dev, &id);
	ck_assert_msg(!IS_ERR(idev), "bind: %ld", PTR_ERR(idev));
	ck_assert_uint_eq(iommufd_device_to_id(idev), id);
	return idev;
}

int own_attach_to(struct iommufd_device *idev, u32 pt_id)
{
	int rc = iommufd_device_attach(idev, IOMMU_NO_PASID, &pt_id);

	return rc ? rc : (int)pt_id;
}

int own_replace(struct iommufd_device *idev, u32 pt_id)
{
	int rc = iommufd_device_replace(idev, IOMMU_NO_PASID, &pt_id);

	return rc ? rc : (int)pt_id;
}

void own_detach_from(struct iommufd_device *idev)
{
	iommufd_device_detach(idev, IOMMU_NO_PASID);
}

void own_guest_open(struct own_guest *og)
{
	guest_open_empty(&og->g);
	own_pair_init(&og->pair);
	og->idev = own_bind(&og->g, &og->pair.a);
	og->g.idev = iommufd_device_to_id(og->idev);
}

void own_guest_close(struct own_guest *og)
{
	ck_assert_uint_eq(iommufd_model_unbalanced(), 0);
	iommufd_device_unbind(og->idev);
	guest_close(&og->g);
}
