/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * What watched code calls: code that is compiled so that the explorer sees its
 * plain accesses.
 *
 * A source file is watched if it is compiled with the flags of the CMake
 * function iommufd_model_watch(), or of the pkg-config variable watch_cflags,
 * and the program is linked with the watch library.  Then the compiler calls a
 * function of that library in front of each access, and the library calls those
 * of this header.  Tests need not call them.
 */
#ifndef IOMMUFD_MODEL_WATCH_H
#define IOMMUFD_MODEL_WATCH_H

#include <iommufd_model/kernel/types.h>

IOMMUFD_MODEL_BEGIN_DECLS

#define IOMMUFD_MODEL_WATCH_WRITE 1u	/**< a write; otherwise a read */
/** atomic, volatile, or by READ_ONCE() and the like: races with plain ones only */
#define IOMMUFD_MODEL_WATCH_MARKED 2u
/** no access: asserts that no other thread makes one that races with this */
#define IOMMUFD_MODEL_WATCH_ASSERT 4u

/**
 * Tells that memory is about to be accessed.
 * @param addr  the first byte
 * @param size  the number of bytes
 * @param how   the IOMMUFD_MODEL_WATCH_ bits
 * @param pc    the address of the code behind the access; NULL: that of the call
 * @context Any.  In an explored test it does not return if the access is wrong.
 */
IOMMUFD_MODEL_API void
iommufd_model_watch_access(const volatile void *addr, size_t size,
			   unsigned int how, const void *pc);

/**
 * Tells that an atomic variable was accessed, outside of the ground.
 * @param addr   the variable
 * @param size   its size in bytes
 * @param kind   1: read; 2: written; 3: changed
 * @param order  the order, such as __ATOMIC_ACQUIRE
 * @param value  what was read; for an access that only writes, 0
 * @param pc     the address of the code behind the access
 * @context Any.  In an explored test it does not return if the access is wrong.
 */
IOMMUFD_MODEL_API void
iommufd_model_watch_atomic(const volatile void *addr, size_t size,
			   unsigned int kind, int order, unsigned long value,
			   const void *pc);

/**
 * Tells that a pointer was read whose uses are ordered after what was done before it
 * was published, as rcu_dereference() reads one.  If it is known to which block the
 * pointer points, only accesses to that block are ordered, and otherwise all.
 * @param addr   where the pointer was read
 * @param value  the pointer
 * @context Any; does not sleep.
 */
IOMMUFD_MODEL_API void
iommufd_model_watch_dereference(const volatile void *addr,
				const volatile void *value);

/**
 * Tells of a barrier, outside of the ground.
 * @param order  the order, such as __ATOMIC_SEQ_CST
 */
IOMMUFD_MODEL_API void iommufd_model_watch_barrier(int order);

/**
 * Tells that the program has one more watched source file, when it begins.
 */
IOMMUFD_MODEL_API void iommufd_model_watch_file(void);

/**
 * Tells whether accesses are watched now.
 * @return true while the explorer runs an execution of a test
 */
IOMMUFD_MODEL_API bool iommufd_model_watch_active(void);

/**
 * Tells that memory was allocated by the C library's malloc().
 * @param p     the memory, or NULL
 * @param size  its size in bytes
 */
IOMMUFD_MODEL_API void iommufd_model_watch_allocated(void *p, size_t size);

/**
 * Tells that memory of the C library's malloc() is about to be freed.
 * @param p     the memory, or NULL
 * @param size  its size in bytes
 * @param pc    the address of the code behind the free
 * @return true if the caller must not free it: it is kept until the execution
 *   has ended, so that accesses to it are recognised
 * @context Any.  In an explored test it does not return if the free is wrong.
 */
IOMMUFD_MODEL_API bool iommufd_model_watch_released(void *p, size_t size,
						    const void *pc);

/**
 * Between two calls of this function the accesses of the thread race with a free
 * only: what data_race() calls.
 * @param change  1: from now on; -1: no more
 */
IOMMUFD_MODEL_API void iommufd_model_watch_hide(int change);

IOMMUFD_MODEL_END_DECLS

#endif
