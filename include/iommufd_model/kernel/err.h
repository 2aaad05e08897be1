/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Error pointers: a negative errno in the last page of the address space.
 */
#ifndef IOMMUFD_MODEL_KERNEL_ERR_H
#define IOMMUFD_MODEL_KERNEL_ERR_H

#include <iommufd_model/kernel/types.h>

#define MAX_ERRNO 4095	/**< the largest errno that a pointer can carry */

/**
 * Makes the pointer that carries an errno.
 * @param error  a negative errno
 * @return the pointer
 */
static inline void *ERR_PTR(long error)
{
	return (void *)error;
}

/**
 * Gives the errno that a pointer carries.
 * @param ptr  a pointer for which IS_ERR() held
 * @return the negative errno
 */
static inline long PTR_ERR(const void *ptr)
{
	return (long)ptr;
}

/**
 * Tells an error pointer from an address; NULL is none.
 * @param ptr  any pointer
 * @return true if it carries an errno
 */
static inline bool IS_ERR(const void *ptr)
{
	return (unsigned long)ptr >= (unsigned long)-MAX_ERRNO;
}

/**
 * Tells error pointers and NULL from other addresses.
 * @param ptr  any pointer
 * @return true if it carries an errno or is NULL
 */
static inline bool IS_ERR_OR_NULL(const void *ptr)
{
	return !ptr || IS_ERR(ptr);
}

/**
 * Makes an error pointer one of another type.
 * @param ptr  an error pointer
 * @return the same error
 */
static inline void *ERR_CAST(const void *ptr)
{
	return (void *)(uintptr_t)ptr;
}

/**
 * Gives the errno that a pointer carries, if any.
 * @param ptr  any pointer
 * @return the negative errno, or 0 when it is an address
 */
static inline int PTR_ERR_OR_ZERO(const void *ptr)
{
	return IS_ERR(ptr) ? (int)PTR_ERR(ptr) : 0;
}

#endif
