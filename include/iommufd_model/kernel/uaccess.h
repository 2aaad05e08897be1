/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Copies between the model and user memory.
 *
 * Kernel and user addresses are in one address space.  A user address that
 * cannot be read or written is an error and never a crash.  For this the first
 * copy installs a handler for SIGSEGV and SIGBUS.  The handler recognises the
 * faults of this thread's copy and passes every other fault to the handler that
 * was installed before.  A program that installs its own handler later must
 * pass on faults in the same way.
 *
 * All functions here may sleep in a kernel: hold no spinlock.
 */
#ifndef IOMMUFD_MODEL_KERNEL_UACCESS_H
#define IOMMUFD_MODEL_KERNEL_UACCESS_H

#include <iommufd_model/kernel/gate.h>

IOMMUFD_MODEL_BEGIN_DECLS

/**
 * Copies from user memory.
 * @param to    the destination; bytes that could not be copied are set to zero
 * @param from  the user address
 * @param n     the number of bytes
 * @return the number of bytes that were not copied; 0 if all were
 */
#define copy_from_user(to, from, n) \
	iommufd_model_copy_from_user(to, from, n, IOMMUFD_MODEL_SITE(#from))

/**
 * Copies to user memory.
 * @param to    the user address
 * @param from  the source
 * @param n     the number of bytes
 * @return the number of bytes that were not copied; 0 if all were
 */
#define copy_to_user(to, from, n) \
	iommufd_model_copy_to_user(to, from, n, IOMMUFD_MODEL_SITE(#to))

/**
 * Reads one value from user memory.
 * @param x    the variable that receives the value
 * @param ptr  the user address
 * @return 0 or -EFAULT
 */
#define get_user(x, ptr) \
	(copy_from_user(&(x), ptr, sizeof(x)) ? -EFAULT : 0)

/**
 * Writes one value to user memory.
 * @param x    the value
 * @param ptr  the user address, a pointer to the type that is written
 * @return 0 or -EFAULT
 */
#define put_user(x, ptr) __extension__({				\
	__typeof__(*(ptr)) __value = (x);				\
	copy_to_user(ptr, &__value, sizeof(__value)) ? -EFAULT : 0;	\
})

/**
 * Copies a struct from user memory whose size may differ from the kernel's.  If
 * the user's struct is shorter, the rest of @p dst is set to zero.  If it is
 * longer, the bytes in excess must be zero.
 * @param dst    the kernel's struct
 * @param ksize  its size in bytes
 * @param src    the user address
 * @param usize  the size of the user's struct in bytes
 * @return 0, or a negative errno
 * @errors -E2BIG: the bytes in excess are not zero; -EFAULT: @p src cannot be
 *   read.
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
