/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Copies between the model and the memory of its user.
 *
 * Kernel and user addresses are one address space.  A user address that cannot
 * be read or written is an error and never a crash: the copy runs under a
 * SIGSEGV and SIGBUS handler, installed at the first copy, that recognises the
 * faults of this thread's copy and hands every other one to the handler that
 * was there before.  A program that installs its own handler later must do the
 * same in turn.
 */
#ifndef IOMMUFD_MODEL_KERNEL_UACCESS_H
#define IOMMUFD_MODEL_KERNEL_UACCESS_H

#include <iommufd_model/kernel/gate.h>

IOMMUFD_MODEL_BEGIN_DECLS

/*
 * copy_from_user(to, from, n), copy_to_user(to, from, n): number of bytes that
 * were not copied, 0 if all were.  May sleep in a kernel; hold no spinlock.
 */
#define copy_from_user(to, from, n) \
	iommufd_model_copy_from_user(to, from, n, IOMMUFD_MODEL_SITE(#from))
#define copy_to_user(to, from, n) \
	iommufd_model_copy_to_user(to, from, n, IOMMUFD_MODEL_SITE(#to))

/* get_user(x, ptr), put_user(x, ptr): one value; 0 or -EFAULT. */
#define get_user(x, ptr) \
	(copy_from_user(&(x), ptr, sizeof(x)) ? -EFAULT : 0)
#define put_user(x, ptr) __extension__({				\
	__typeof__(*(ptr)) __value = (x);				\
	copy_to_user(ptr, &__value, sizeof(__value)) ? -EFAULT : 0;	\
})

/*
 * copy_struct_from_user(dst, ksize, src, usize): the user's struct of @usize
 * bytes into ours of @ksize.  A shorter one is completed with zeros; the excess
 * of a longer one must be zero.  0, -E2BIG, or -EFAULT.
 */
#define copy_struct_from_user(dst, ksize, src, usize) \
	iommufd_model_copy_struct_from_user(dst, ksize, src, usize, \
					    IOMMUFD_MODEL_SITE(#src))

IOMMUFD_MODEL_API unsigned long
iommufd_model_copy_from_user(void *to, const void __user *from, unsigned long n,
			     const struct iommufd_model_site *site);
IOMMUFD_MODEL_API unsigned long
iommufd_model_copy_to_user(void __user *to, const void *from, unsigned long n,
			   const struct iommufd_model_site *site);
IOMMUFD_MODEL_API int
iommufd_model_copy_struct_from_user(void *dst, size_t ksize,
				    const void __user *src, size_t usize,
				    const struct iommufd_model_site *site);

IOMMUFD_MODEL_END_DECLS

#endif
