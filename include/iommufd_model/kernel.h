/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Includes the whole ground: the library's versions of the kernel facilities
 * that a source file written for the kernel gets from <linux/...>.
 * docs/ground.md says how each facility differs from the kernel's.
 *
 * It does not include headers that few files need: bit_spinlock.h, hash.h,
 * hashtable.h, interrupt.h, iommu.h, kfifo.h, kmem_cache.h, kthread.h, llist.h,
 * lockref.h, page.h, percpu_rwsem.h, range_tree.h, semaphore.h, swait.h and
 * wait_bit.h; nor sched.h and file.h, because their names are common words.
 */
#ifndef IOMMUFD_MODEL_KERNEL_H
#define IOMMUFD_MODEL_KERNEL_H

#include <iommufd_model/kernel/align.h>
#include <iommufd_model/kernel/atomic.h>
#include <iommufd_model/kernel/barrier.h>
#include <iommufd_model/kernel/bitfield.h>
#include <iommufd_model/kernel/bitmap.h>
#include <iommufd_model/kernel/bitops.h>
#include <iommufd_model/kernel/bits.h>
#include <iommufd_model/kernel/bitscan.h>
#include <iommufd_model/kernel/bug.h>
#include <iommufd_model/kernel/build_bug.h>
#include <iommufd_model/kernel/byteorder.h>
#include <iommufd_model/kernel/cdev.h>
#include <iommufd_model/kernel/cleanup.h>
#include <iommufd_model/kernel/clock.h>
#include <iommufd_model/kernel/compiler.h>
#include <iommufd_model/kernel/completion.h>
#include <iommufd_model/kernel/context.h>
#include <iommufd_model/kernel/delay.h>
#include <iommufd_model/kernel/dev_printk.h>
#include <iommufd_model/kernel/device.h>
#include <iommufd_model/kernel/err.h>
#include <iommufd_model/kernel/errno.h>
#include <iommufd_model/kernel/eventfd.h>
#include <iommufd_model/kernel/export.h>
#include <iommufd_model/kernel/find.h>
#include <iommufd_model/kernel/fs.h>
#include <iommufd_model/kernel/gate.h>
#include <iommufd_model/kernel/idr.h>
#include <iommufd_model/kernel/init.h>
#include <iommufd_model/kernel/interval_tree.h>
#include <iommufd_model/kernel/interval_tree_generic.h>
#include <iommufd_model/kernel/kconfig.h>
#include <iommufd_model/kernel/kcsan_checks.h>
#include <iommufd_model/kernel/kdev_t.h>
#include <iommufd_model/kernel/kref.h>
#include <iommufd_model/kernel/list.h>
#include <iommufd_model/kernel/lockdep.h>
#include <iommufd_model/kernel/log2.h>
#include <iommufd_model/kernel/math.h>
#include <iommufd_model/kernel/math64.h>
#include <iommufd_model/kernel/minmax.h>
#include <iommufd_model/kernel/mm.h>
#include <iommufd_model/kernel/module.h>
#include <iommufd_model/kernel/mutex.h>
#include <iommufd_model/kernel/overflow.h>
#include <iommufd_model/kernel/percpu_ref.h>
#include <iommufd_model/kernel/poll.h>
#include <iommufd_model/kernel/printk.h>
#include <iommufd_model/kernel/rbtree.h>
#include <iommufd_model/kernel/rculist.h>
#include <iommufd_model/kernel/rcupdate.h>
#include <iommufd_model/kernel/refcount.h>
#include <iommufd_model/kernel/rwlock.h>
#include <iommufd_model/kernel/rwsem.h>
#include <iommufd_model/kernel/seqlock.h>
#include <iommufd_model/kernel/sizes.h>
#include <iommufd_model/kernel/slab.h>
#include <iommufd_model/kernel/spinlock.h>
#include <iommufd_model/kernel/srcu.h>
#include <iommufd_model/kernel/stddef.h>
#include <iommufd_model/kernel/string.h>
#include <iommufd_model/kernel/sysfs.h>
#include <iommufd_model/kernel/timer.h>
#include <iommufd_model/kernel/types.h>
#include <iommufd_model/kernel/uaccess.h>
#include <iommufd_model/kernel/uuid.h>
#include <iommufd_model/kernel/wait.h>
#include <iommufd_model/kernel/workqueue.h>
#include <iommufd_model/kernel/xarray.h>

#endif
