/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the files of the model share and nobody else needs.
 */
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

/* io_pagetable.c */
int iopt_init_table(struct io_pagetable *iopt);
void iopt_destroy_table(struct io_pagetable *iopt);
int iopt_disable_large_pages(struct io_pagetable *iopt);
int iopt_enable_large_pages(struct io_pagetable *iopt);
int iopt_add_access(struct io_pagetable *iopt, struct iommufd_access *access);
void iopt_remove_access(struct io_pagetable *iopt,
			struct iommufd_access *access,
			u32 iopt_access_list_id);

/* access.c */
extern const struct iommufd_object_ops iommufd_access_object_ops;

/* selftest.c */
int iommufd_test(struct iommufd_ucmd *ucmd);

#endif
