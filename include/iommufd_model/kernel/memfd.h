/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Files of the process that were not made by the library, and the pages of
 * those that are memory: memfds and other files in a tmpfs or hugetlbfs.
 *
 * The library maps a page of such a file itself, at one address, however often
 * the process has mapped the page.
 */
#ifndef IOMMUFD_MODEL_KERNEL_MEMFD_H
#define IOMMUFD_MODEL_KERNEL_MEMFD_H

#include <iommufd_model/kernel/fs.h>

IOMMUFD_MODEL_BEGIN_DECLS

/**
 * Finds the file at a descriptor of the library.  If the library has no such
 * descriptor, finds the process's own file at it.
 * @param fd  a descriptor
 * @return the file, or NULL if there is no file or no memory
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
 * Finds the page that the process has mapped at an address, and gives the
 * address at which the library has mapped that page.
 * @param addr  an address in the process
 * @return the library's address of the byte at @p addr, or 0 if no memory file
 *   is mapped there
 */
IOMMUFD_MODEL_API unsigned long iommufd_model_file_alias(unsigned long addr);

IOMMUFD_MODEL_END_DECLS

#endif
