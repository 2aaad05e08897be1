/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Declarations that the files of the model share. */
#ifndef INTERNAL_H
#define INTERNAL_H

#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/iommufd_test.h>
#include <iommufd_model/model.h>
#include <iommufd_model/notes.h>

/* main.c */
extern bool iommufd_capable;
extern const struct file_operations iommufd_fops;

/* driver.c */
int iommufd_fops_mmap(struct file *filp, struct vm_area_struct *vma);

/* ioas.c */
extern const struct iommufd_object_ops iommufd_ioas_object_ops;
int iommufd_ioas_alloc_ioctl(struct iommufd_ucmd *ucmd);
int iommufd_option_rlimit_mode(struct iommu_option *cmd,
			       struct iommufd_ctx *ictx);
int iommufd_ioas_option(struct iommufd_ucmd *ucmd);
int iommufd_ioas_iova_ranges(struct iommufd_ucmd *ucmd);
int iommufd_ioas_allow_iovas(struct iommufd_ucmd *ucmd);
int iommufd_ioas_map(struct iommufd_ucmd *ucmd);
int iommufd_ioas_map_file(struct iommufd_ucmd *ucmd);
int iommufd_ioas_change_process(struct iommufd_ucmd *ucmd);
int iommufd_ioas_copy(struct iommufd_ucmd *ucmd);
int iommufd_ioas_unmap(struct iommufd_ucmd *ucmd);

/* io_pagetable.c */
#define IOPT_ALLOC_IOVA 1u	/* the caller gives no IOVA */
void iopt_init_table(struct io_pagetable *iopt);
void iopt_destroy_table(struct io_pagetable *iopt);
int iopt_map_user_pages(struct iommufd_ctx *ictx, struct io_pagetable *iopt,
			unsigned long *iova, void __user *uptr,
			unsigned long length, int iommu_prot,
			unsigned int flags);
int iopt_map_file_pages(struct iommufd_ctx *ictx, struct io_pagetable *iopt,
			unsigned long *iova, int fd, unsigned long start,
			unsigned long length, int iommu_prot,
			unsigned int flags);
/*
 * Check that all areas map files.  Returns 0, -EINVAL if an area does not, or
 * -EBUSY if an area is being mapped or unmapped.  iova_rwsem is held.
 */
int iopt_check_files(struct io_pagetable *iopt);
/* Give the pages of all maps to the calling process. */
void iopt_change_process(struct io_pagetable *iopt);
/*
 * For a copy: iopt_get_pages() makes a list of pieces of memory,
 * iopt_map_pages() maps them, and iopt_free_pieces() frees the list.
 */
int iopt_get_pages(struct io_pagetable *iopt, unsigned long iova,
		   unsigned long length, struct list_head *pieces);
int iopt_map_pages(struct io_pagetable *iopt, struct list_head *pieces,
		   unsigned long length, unsigned long *dst_iova,
		   int iommu_prot, unsigned int flags);
void iopt_free_pieces(struct list_head *pieces);
int iopt_unmap_iova(struct io_pagetable *iopt, unsigned long iova,
		    unsigned long length, unsigned long *unmapped);
int iopt_unmap_all(struct io_pagetable *iopt, unsigned long *unmapped);
/*
 * iopt_add_allowed() adds a range to a set.  iopt_set_allow_iova() moves the
 * ranges of the set to @iopt and leaves the set empty.
 */
int iopt_add_allowed(struct range_tree *allowed, unsigned long start,
		     unsigned long last);
void iopt_clear_allowed(struct range_tree *allowed);
int iopt_set_allow_iova(struct io_pagetable *iopt, struct range_tree *allowed);
/*
 * Find the first range at or above @from that is not reserved.  Returns false
 * if there is none.
 */
bool iopt_next_usable(struct io_pagetable *iopt, unsigned long from,
		      unsigned long *start, unsigned long *last);
int iopt_reserve_iova(struct io_pagetable *iopt, unsigned long start,
		      unsigned long last, void *owner);
void iopt_remove_reserved_iova(struct io_pagetable *iopt, void *owner);
int iopt_table_add_domain(struct io_pagetable *iopt,
			  struct iommu_domain *domain);
void iopt_table_remove_domain(struct io_pagetable *iopt,
			      struct iommu_domain *domain);
int iopt_disable_large_pages(struct io_pagetable *iopt);
int iopt_enable_large_pages(struct io_pagetable *iopt);
int iopt_add_access(struct io_pagetable *iopt, struct iommufd_access *access);
void iopt_remove_access(struct io_pagetable *iopt,
			struct iommufd_access *access,
			u32 iopt_access_list_id);

/* device.c */
extern const struct iommufd_object_ops iommufd_device_object_ops;
int iommufd_get_hw_info(struct iommufd_ucmd *ucmd);

/* hw_pagetable.c */
extern const struct iommufd_object_ops iommufd_hwpt_paging_object_ops;
extern const struct iommufd_object_ops iommufd_hwpt_nested_object_ops;
struct iommufd_hwpt_paging *
iommufd_hwpt_paging_alloc(struct iommufd_ctx *ictx, struct iommufd_ioas *ioas,
			  struct iommufd_device *idev, ioasid_t pasid,
			  u32 flags, bool immediate_attach,
			  const struct iommu_user_data *user_data);
int iommufd_hwpt_alloc(struct iommufd_ucmd *ucmd);
int iommufd_hwpt_invalidate(struct iommufd_ucmd *ucmd);

/* device.c, for hw_pagetable.c */
int iommufd_hw_pagetable_attach(struct iommufd_hw_pagetable *hwpt,
				struct iommufd_device *idev, ioasid_t pasid);
struct iommufd_hw_pagetable *
iommufd_hw_pagetable_detach(struct iommufd_device *idev, ioasid_t pasid);
void iommufd_hw_pagetable_put(struct iommufd_ctx *ictx,
			      struct iommufd_hw_pagetable *hwpt);

/* viommu.c */
extern const struct iommufd_object_ops iommufd_viommu_object_ops;
extern const struct iommufd_object_ops iommufd_vdevice_object_ops;
extern const struct iommufd_object_ops iommufd_hw_queue_object_ops;
int iommufd_viommu_alloc_ioctl(struct iommufd_ucmd *ucmd);
int iommufd_vdevice_alloc_ioctl(struct iommufd_ucmd *ucmd);
int iommufd_hw_queue_alloc_ioctl(struct iommufd_ucmd *ucmd);

/* eventq.c */
extern const struct iommufd_object_ops iommufd_fault_object_ops;
extern const struct iommufd_object_ops iommufd_veventq_object_ops;
int iommufd_fault_alloc(struct iommufd_ucmd *ucmd);
/* Add a group of faults to the queue of its HWPT.  Always returns 0. */
int iommufd_fault_iopf_handler(struct iopf_group *group);
/*
 * Answer and free the faults in the queue of @hwpt, if it has one, that were
 * reported with @handle.
 */
void iommufd_auto_response_faults(struct iommufd_hw_pagetable *hwpt,
				  struct iommufd_attach_handle *handle);
int iommufd_veventq_alloc(struct iommufd_ucmd *ucmd);

/*
 * Look up an object of a type whose first member is obj or common.obj, so that
 * an error pointer can be cast as well.
 */
#define iommufd_model_get(ictx, id, obj_type, type)			\
	((struct type *)(void *)iommufd_get_object(ictx, id, obj_type))

/* access.c */
extern const struct iommufd_object_ops iommufd_access_object_ops;

/* selftest.c: the mock IOMMU, a driver */
extern const struct iommufd_object_ops iommufd_selftest_object_ops;
int iommufd_test(struct iommufd_ucmd *ucmd);
bool iommufd_selftest_is_mock_dev(struct device *dev);

#endif
