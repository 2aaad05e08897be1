/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Copies between the model and the memory of its user.
 *
 * Kernel and user addresses are one address space.  A user address that cannot
 * be read or written is an error and never a crash: the copy runs under a
 * SIGSEGV and SIGBUS handler, installed at the first copy, that recognises the
 * faults of this thread's copy and hands every other one to the handler that
 * was there before.  A program that installs its own handler later must do the
 * same in turn.
 *
 * All may sleep in a kernel: hold no spinlock.
 */
#ifndef IOMMUFD_MODEL_KERNEL_UACCESS_H
#define IOMMUFD_MODEL_KERNEL_UACCESS_H

#include <iommufd_model/kernel/gate.h>

IOMMUFD_MODEL_BEGIN_DECLS

/**
 * Copies from the user.
 * @param to    where to; what was not copied of it is zeroed
 * @param from  the user's address
 * @param n     bytes
 * @return number of bytes that were not copied, 0 if all were
 */
#define copy_from_user(to, from, n) \
	iommufd_model_copy_from_user(to, from, n, IOMMUFD_MODEL_SITE(#from))

/**
 * Copies to the user.
 * @param to    the user's address
 * @param from  what
 * @param n     bytes
 * @return number of bytes that were not copied, 0 if all were
 */
#define copy_to_user(to, from, n) \
	iommufd_model_copy_to_user(to, from, n, IOMMUFD_MODEL_SITE(#to))

/**
 * Reads one value of the user's.
 * @param x    a variable
 * @param ptr  the user's address
 * @return 0 or -EFAULT
 */
#define get_user(x, ptr) \
	(copy_from_user(&(x), ptr, sizeof(x)) ? -EFAULT : 0)

/**
 * Writes one value of the user's.
 * @param x    the value
 * @param ptr  the user's address, a pointer of its type
 * @return 0 or -EFAULT
 */
#define put_user(x, ptr) __extension__({				\
	__typeof__(*(ptr)) __value = (x);				\
	copy_to_user(ptr, &__value, sizeof(__value)) ? -EFAULT : 0;	\
})

/**
 * Copies a struct of the user's that may be shorter or longer than ours.  A
 * shorter one is completed with zeros; the excess of a longer one must be zero.
 * @param dst    our struct
 * @param ksize  its size
 * @param src    the user's address
 * @param usize  the size of the user's
 * @return 0, or a negative errno
 * @errors -E2BIG: the excess is not zero; -EFAULT.
 */
#define copy_struct_from_user(dst, ksize, src, usize) \
	iommufd_model_copy_struct_from_user(dst, ksize, src, usize, \
					    IOMMUFD_MODEL_SITE(#src))

/** @behind{copy_from_user} */
IOMMUFD_MODEL_API unsigned long
iommufd_model_copy_from_user(void *to, const void __user *from, unsigned long n,
			     const struct iommufd_model_site *site);
/** @behind{copy_to_user} */
IOMMUFD_MODEL_API unsigned long
iommufd_model_copy_to_user(void __user *to, const void *from, unsigned long n,
			   const struct iommufd_model_site *site);
/** @behind{copy_struct_from_user} */
IOMMUFD_MODEL_API int
iommufd_model_copy_struct_from_user(void *dst, size_t ksize,
				    const void __user *src, size_t usize,
				    const struct iommufd_model_site *site);

IOMMUFD_MODEL_END_DECLS

#endif
