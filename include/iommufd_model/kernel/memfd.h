/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Files of the process that the library has not made, and the pages of those
 * that are memory: memfds, and other files of a tmpfs or a hugetlbfs.
 *
 * A page of such a file has one address here, which the library maps itself,
 * however often the process has mapped the file.
 */
#ifndef IOMMUFD_MODEL_KERNEL_MEMFD_H
#define IOMMUFD_MODEL_KERNEL_MEMFD_H

#include <iommufd_model/kernel/fs.h>

IOMMUFD_MODEL_BEGIN_DECLS

/**
 * Finds the file behind a descriptor of the library or, if there is none, of
 * the process.
 * @param fd  a descriptor
 * @return the file, or NULL if there is none or no memory
 * @ownership The caller owns a reference and drops it with fput().
 */
IOMMUFD_MODEL_API struct file *iommufd_model_fget_any(int fd);

/**
 * Tells whether a file has a page.
 * @param file    a file from iommufd_model_fget_any()
 * @param offset  the offset of the page in bytes
 * @return true if the file is memory and the whole page is in it
 */
IOMMUFD_MODEL_API bool iommufd_model_file_has_page(const struct file *file,
						   u64 offset);

/**
 * Gives the address of a page of a file.
 * @param file    a file for which iommufd_model_file_has_page() was true
 * @param offset  the offset of the page in bytes
 * @return the address of its first byte, the same for all files with the same
 *   contents; 0 if it cannot be mapped
 * @ownership The page stays mapped until the file is released.
 */
IOMMUFD_MODEL_API unsigned long
iommufd_model_file_page(const struct file *file, u64 offset);

/**
 * Gives the address that iommufd_model_file_page() gives for the page that the
 * process has mapped at an address.
 * @param addr  an address
 * @return that address, with the same offset in the page; 0 if there is none
 */
IOMMUFD_MODEL_API unsigned long iommufd_model_file_alias(unsigned long addr);

IOMMUFD_MODEL_END_DECLS

#endif
