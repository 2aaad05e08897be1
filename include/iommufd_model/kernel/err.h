/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Error pointers, which carry a negative errno in a pointer value.  The values
 * are addresses in the last page of the address space, where nothing is mapped.
 */
#ifndef IOMMUFD_MODEL_KERNEL_ERR_H
#define IOMMUFD_MODEL_KERNEL_ERR_H

#include <iommufd_model/kernel/types.h>

#define MAX_ERRNO 4095	/**< the largest errno that a pointer can carry */

/**
 * Returns the error pointer that carries an errno.
 * @param error  a negative errno
 * @return the pointer
 */
static inline void *ERR_PTR(long error)
{
	return (void *)error;
}

/**
 * Returns the errno that an error pointer carries.
 * @param ptr  a pointer for which IS_ERR() held
 * @return the negative errno
 */
static inline long PTR_ERR(const void *ptr)
{
	return (long)ptr;
}

/**
 * Tells whether a pointer is an error pointer.  NULL is not one.
 * @param ptr  any pointer
 * @return true if @p ptr carries an errno
 */
static inline bool IS_ERR(const void *ptr)
{
	return (unsigned long)ptr >= (unsigned long)-MAX_ERRNO;
}

/**
 * Tells whether a pointer is an error pointer or NULL.
 * @param ptr  any pointer
 * @return true if @p ptr carries an errno or is NULL
 */
static inline bool IS_ERR_OR_NULL(const void *ptr)
{
	return !ptr || IS_ERR(ptr);
}

/**
 * Converts an error pointer to another pointer type.
 * @param ptr  an error pointer
 * @return the same error pointer
 */
static inline void *ERR_CAST(const void *ptr)
{
	return (void *)(uintptr_t)ptr;
}

/**
 * Returns the errno that a pointer carries, if any.
 * @param ptr  any pointer
 * @return the negative errno, or 0 if @p ptr is not an error pointer
 */
static inline int PTR_ERR_OR_ZERO(const void *ptr)
{
	return IS_ERR(ptr) ? (int)PTR_ERR(ptr) : 0;
}

#endif
