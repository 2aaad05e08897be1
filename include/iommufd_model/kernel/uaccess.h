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

#include <iommufd_model/kernel/err.h>
#include <iommufd_model/kernel/gate.h>
#include <iommufd_model/kernel/slab.h>

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
 * Copies a struct from user memory if its size may differ from that of the
 * kernel's struct.  If the user's struct is shorter, the rest of @p dst is set
 * to zero.  If it is longer, the bytes in excess must be zero.
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

/**
 * Sets user memory to zero.
 * @param to  the user address
 * @param n   the number of bytes
 * @return the number of bytes that were not set; 0 if all were
 */
#define clear_user(to, n) \
	iommufd_model_clear_user(to, n, IOMMUFD_MODEL_SITE(#to))
/**
 * Tells whether a range can be user memory at all; copying it may still fail.
 */
#define access_ok(ptr, size) \
	((unsigned long)(ptr) + (unsigned long)(size) >= (unsigned long)(ptr))
/** Does get_user(); the caller has called access_ok(). */
#define __get_user(x, ptr) get_user(x, ptr)
/** Does put_user(); the caller has called access_ok(). */
#define __put_user(x, ptr) put_user(x, ptr)
/** Does copy_from_user(); the caller has called access_ok(). */
#define __copy_from_user(to, from, n) copy_from_user(to, from, n)
/** Does copy_to_user(); the caller has called access_ok(). */
#define __copy_to_user(to, from, n) copy_to_user(to, from, n)
/**
 * Copies user memory into a new allocation.
 * @param src  the user address
 * @param len  the number of bytes
 * @return the copy, or an error pointer
 * @ownership The caller frees it with kfree().
 * @errors -ENOMEM; -EFAULT: @p src cannot be read.
 */
#define memdup_user(src, len) \
	iommufd_model_memdup_user(src, len, 0, false, IOMMUFD_MODEL_SITE(#src))
/** Does memdup_user(); the copy is freed with kvfree(). */
#define vmemdup_user(src, len) \
	iommufd_model_memdup_user(src, len, 0, true, IOMMUFD_MODEL_SITE(#src))
/** Does memdup_user() for an array; gives -EOVERFLOW if n * size overflows. */
#define memdup_array_user(src, n, size) \
	iommufd_model_memdup_array(src, n, size, false, IOMMUFD_MODEL_SITE(#src))
/** Does memdup_array_user(); the copy is freed with kvfree(). */
#define vmemdup_array_user(src, n, size) \
	iommufd_model_memdup_array(src, n, size, true, IOMMUFD_MODEL_SITE(#src))
/** Does memdup_user(), and appends a NUL to the copy. */
#define memdup_user_nul(src, len) \
	iommufd_model_memdup_user(src, len, 1, false, IOMMUFD_MODEL_SITE(#src))
/**
 * Copies a string from user memory into a new allocation.
 * @param src  the user address
 * @param n    the largest size that is allowed, with the NUL
 * @return the string, or an error pointer
 * @ownership The caller frees it with kfree().
 * @errors -ENOMEM; -EFAULT: @p src cannot be read; -EINVAL: the string is too
 *   long.
 */
#define strndup_user(src, n) \
	iommufd_model_strndup_user(src, n, IOMMUFD_MODEL_SITE(#src))

/** @behind{clear_user} */
IOMMUFD_MODEL_API unsigned long
iommufd_model_clear_user(void __user *to, unsigned long n,
			 const struct iommufd_model_site *site);
/** @behind{strndup_user} */
IOMMUFD_MODEL_API char *
iommufd_model_strndup_user(const char __user *src, long n,
			   const struct iommufd_model_site *site);
/**
 * Copies user memory.  memdup_user() and the like call it.
 * @param src   the user address
 * @param len   the number of bytes
 * @param more  the number of zero bytes that are appended to the copy
 * @param kv    true for the kvmalloc() family
 * @param site  the call site
 * @return the copy, or an error pointer
 */
IOMMUFD_MODEL_API void *
iommufd_model_memdup_user(const void __user *src, size_t len, size_t more,
			  bool kv, const struct iommufd_model_site *site);

/** @cond INTERNAL */
static inline void *
iommufd_model_memdup_array(const void __user *src, size_t n, size_t size,
			   bool kv, const struct iommufd_model_site *site)
{
	size_t total;

	if (__builtin_mul_overflow(n, size, &total))
		return ERR_PTR(-EOVERFLOW);
	return iommufd_model_memdup_user(src, total, 0, kv, site);
}
/** @endcond */

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
