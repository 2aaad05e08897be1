/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Error pointers: a negative errno in the last page of the address space.
 */
#ifndef IOMMUFD_MODEL_KERNEL_ERR_H
#define IOMMUFD_MODEL_KERNEL_ERR_H

#include <iommufd_model/kernel/types.h>

#define MAX_ERRNO 4095

/* ERR_PTR(error): the pointer that carries @error, a negative errno. */
static inline void *ERR_PTR(long error)
{
	return (void *)error;
}

/* PTR_ERR(ptr): the negative errno in @ptr, for which IS_ERR() held. */
static inline long PTR_ERR(const void *ptr)
{
	return (long)ptr;
}

/* IS_ERR(ptr): does @ptr carry an errno rather than an address? */
static inline bool IS_ERR(const void *ptr)
{
	return (unsigned long)ptr >= (unsigned long)-MAX_ERRNO;
}

static inline bool IS_ERR_OR_NULL(const void *ptr)
{
	return !ptr || IS_ERR(ptr);
}

/* ERR_CAST(ptr): the same error as a pointer of another type. */
static inline void *ERR_CAST(const void *ptr)
{
	return (void *)(uintptr_t)ptr;
}

/* PTR_ERR_OR_ZERO(ptr): the errno in @ptr, or 0 when it is an address. */
static inline int PTR_ERR_OR_ZERO(const void *ptr)
{
	return IS_ERR(ptr) ? (int)PTR_ERR(ptr) : 0;
}

#endif
