/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the code of an object type sees: the object core, the context, IOAS and
 * access.  Rules C1.., I1.., D1.., R1.. are spec/01's.
 *
 * Locks, outermost first:
 *
 *   access->ioas_lock -> iopt->domains_rwsem -> iopt->iova_rwsem
 *						-> pages->mutex
 *   ioas->mutex -> igroup->lock -> the iommu_group's -> the driver's
 *   ioas->mutex -> the iopt's
 *   viommu->veventqs_rwsem -> eventq->lock
 *   fault->mutex -> eventq->lock
 *   ictx->ioas_creation_lock
 *   iopt->access_list.xa_lock -> ictx->objects.xa_lock ("the table lock")
 *   ictx->mmap_lock ("the cookie lock") -> the table lock
 *
 * The table lock is taken under any of them; nothing is taken under it.
 */
#ifndef IOMMUFD_MODEL_IOMMUFD_PRIVATE_H
#define IOMMUFD_MODEL_IOMMUFD_PRIVATE_H

#include <iommufd_model/iommufd.h>
#include <iommufd_model/kernel.h>
#include <iommufd_model/kernel/iommu.h>
#include <iommufd_model/kernel/page.h>
#include <iommufd_model/kernel/range_tree.h>
#include <iommufd_model/uapi.h>

IOMMUFD_MODEL_BEGIN_DECLS

struct iommufd_fault;
struct iommufd_hw_queue;
struct iommufd_ioas;
struct iommufd_vdevice;
struct iommufd_viommu;

/*
 * struct iommufd_ctx - one open of /dev/iommu
 * @file: its reference count is the ctx's; the ctx itself holds none
 * @objects: the id table, ids from 1.  Per slot: NULL free, the zero entry
 *	reserved or a tombstone, else the published object
 * @groups: device groups by id; weak
 * @destroy_wait: who waits for a wait_cnt to become 0
 * @ioas_creation_lock: read side while a user's IOAS is published
 * @mmap_lock, @mmaps: mmap cookies in ascending order of offset
 * @account_mode: IOPT_PAGES_ACCOUNT_*
 * @vfio_ioas: weak; cleared when that IOAS leaves the table
 */
struct iommufd_ctx {
	struct file *file;
	struct xarray objects;
	struct xarray groups;
	wait_queue_head_t destroy_wait;
	struct rw_semaphore ioas_creation_lock;

	spinlock_t mmap_lock;
	struct list_head mmaps;

	u8 account_mode;
	struct iommufd_ioas *vfio_ioas;
};

/* Who pays for pinned memory. */
enum {
	IOPT_PAGES_ACCOUNT_NONE = 0,
	IOPT_PAGES_ACCOUNT_USER = 1,
	IOPT_PAGES_ACCOUNT_MM = 2,
};

/*
 * struct iommufd_object - first member of every object
 * @wait_cnt, @shortterm_users: one counter under its two names, W.  1 is the
 *	id table's; more are those a destroy waits for, each of which has a
 *	unit in @users too (C2)
 * @users: U.  1 is the id table's; more keep the object from being destroyed
 * @type, @id: fixed at allocation
 *
 * A holder of both takes @users first and drops @users first (C3, C4): a
 * waiting destroy looks at @users when @wait_cnt is 0, and must not meet a unit
 * of one who has gone.
 */
struct iommufd_object {
	union {
		refcount_t wait_cnt;
		refcount_t shortterm_users;
	};
	refcount_t users;
	enum iommufd_object_type type;
	unsigned int id;
};

/*
 * struct iommufd_object_ops - what the core calls
 * @file_offset: of a struct file * in the object, 0 if there is none; a file
 *	there is released when the creation is undone
 * @pre_destroy: evict holders of @wait_cnt, when a waiting destroy finds any;
 *	no lock held
 * @destroy: undo everything the creation did; users is 0, the id is free, no
 *	lock held.  Never NULL.  The core frees the memory
 * @abort: instead of @destroy when the creation fails, if the undo must run
 *	under a lock of the creator's that @destroy would take; else NULL
 */
struct iommufd_object_ops {
	size_t file_offset;
	void (*pre_destroy)(struct iommufd_object *obj);
	void (*destroy)(struct iommufd_object *obj);
	void (*abort)(struct iommufd_object *obj);
};

/*
 * iommufd_model_register_type(name, ops, type): make an object type known for
 * the rest of the process.  @type is the number it wants, IOMMUFD_OBJ_NONE for
 * the next that no type has.  Returns the number; registering the same pair of
 * @name and @ops again returns the same.  -EINVAL: no name, no destroy op, bad
 * number; -EEXIST: another type has the number; -ENOSPC.
 * @name and @ops must stay valid.  Not to be called while objects are made on
 * other threads.
 */
IOMMUFD_MODEL_API int
iommufd_model_register_type(const char *name,
			    const struct iommufd_object_ops *ops,
			    enum iommufd_object_type type);

/* iommufd_model_type_name(type): "ioas"; "?" if unknown. */
IOMMUFD_MODEL_API const char *
iommufd_model_type_name(enum iommufd_object_type type);

/*
 * struct iommufd_ucmd - one running ioctl
 * @cmd: our copy of the user's struct, completed with zeros
 * @new_obj: an object of iommufd_object_alloc_ucmd(); when the handler has
 *	returned the core finalizes it (result 0) or undoes it (spec/01 5.6)
 */
struct iommufd_ucmd {
	struct iommufd_ctx *ictx;
	void __user *ubuffer;
	u32 user_size;
	void *cmd;
	struct iommufd_object *new_obj;
};

/* iommufd_ucmd_respond(ucmd, cmd_len): copy @cmd back; 0 or -EFAULT. */
static inline int iommufd_ucmd_respond(struct iommufd_ucmd *ucmd,
				       size_t cmd_len)
{
	if (ucmd->user_size < cmd_len)
		cmd_len = ucmd->user_size;
	return copy_to_user(ucmd->ubuffer, ucmd->cmd, cmd_len) ? -EFAULT : 0;
}

/*
 * struct iommufd_ioctl_op - one entry of the ioctl table
 * @size: of the struct as known here; @min_size: up to its last member that
 *	every user must give
 * @execute: the handler; no lock held
 */
struct iommufd_ioctl_op {
	unsigned int size;
	unsigned int min_size;
	unsigned int ioctl_num;
	int (*execute)(struct iommufd_ucmd *ucmd);
};

/*
 * iommufd_model_register_ioctl(op): add a request of a prototype, with one of
 * the numbers 0x96 to 0x9f that no kernel uses.  @op must stay valid.
 * -EINVAL: another number, sizes that make no sense or exceed 128 bytes, no
 * handler; -EEXIST.
 */
IOMMUFD_MODEL_API int
iommufd_model_register_ioctl(const struct iommufd_ioctl_op *op);

/*
 * _iommufd_object_alloc(ictx, size, type): @size zeroed bytes, U = W = 1, the
 * lowest free id reserved: nobody can look it up.  The caller ends with exactly
 * one of finalize, abort, abort_and_destroy.  -ENOMEM; -EBUSY: no free id;
 * -EINVAL with a WARN: unknown type, @size too small.  spec/01 5.1.
 */
IOMMUFD_MODEL_API struct iommufd_object *
_iommufd_object_alloc(struct iommufd_ctx *ictx, size_t size,
		      enum iommufd_object_type type);

/*
 * _iommufd_object_alloc_ucmd(ucmd, size, type): the same, and the ioctl core
 * ends the creation.  -EBUSY with a WARN: the ioctl made one already;
 * -EOPNOTSUPP with a WARN: the type has an abort op.  spec/01 5.2.
 */
IOMMUFD_MODEL_API struct iommufd_object *
_iommufd_object_alloc_ucmd(struct iommufd_ucmd *ucmd, size_t size,
			   enum iommufd_object_type type);

#define __IOMMUFD_MODEL_CAST_OBJECT(object, ptr, member) __extension__({ \
	IOMMUFD_MODEL_STATIC_ASSERT(					\
		offsetof(__typeof__(*(ptr)), member) == 0,		\
		"struct iommufd_object must be the first member");	\
	(__typeof__(ptr))(void *)(object);				\
})
#define __iommufd_object_alloc(ictx, ptr, type, member)			\
	__IOMMUFD_MODEL_CAST_OBJECT(					\
		_iommufd_object_alloc(ictx, sizeof(*(ptr)), type), ptr, member)
#define iommufd_object_alloc(ictx, ptr, type) \
	__iommufd_object_alloc(ictx, ptr, type, obj)
#define __iommufd_object_alloc_ucmd(ucmd, ptr, type, member)		\
	__IOMMUFD_MODEL_CAST_OBJECT(					\
		_iommufd_object_alloc_ucmd(ucmd, sizeof(*(ptr)), type), ptr, \
		member)
#define iommufd_object_alloc_ucmd(ucmd, ptr, type) \
	__iommufd_object_alloc_ucmd(ucmd, ptr, type, obj)

/*
 * iommufd_object_finalize(ictx, obj): publish.  Creation cannot fail any more;
 * @obj is valid afterwards only through a unit of the caller's.  WARN: its slot
 * was not reserved.  spec/01 5.3.
 */
IOMMUFD_MODEL_API void iommufd_object_finalize(struct iommufd_ctx *ictx,
					       struct iommufd_object *obj);

/*
 * iommufd_object_abort(ictx, obj): give id and memory of an unpublished object
 * back; U is 1.  If it is not: WARN, and the memory is leaked, since somebody
 * still has it.  spec/01 5.4.
 */
IOMMUFD_MODEL_API void iommufd_object_abort(struct iommufd_ctx *ictx,
					    struct iommufd_object *obj);

/*
 * iommufd_object_abort_and_destroy(ictx, obj): release the object's file, run
 * its abort op, or its destroy op, then abort.  The caller holds what the
 * abort op wants.  spec/01 5.5.
 */
IOMMUFD_MODEL_API void
iommufd_object_abort_and_destroy(struct iommufd_ctx *ictx,
				 struct iommufd_object *obj);

/*
 * iommufd_lock_obj(obj): U +1, then W +1; false and nothing changed if @obj is
 * being destroyed.  The caller owns a unit of U or holds the table lock.
 * spec/01 6.1.
 */
static inline bool iommufd_lock_obj(struct iommufd_object *obj)
{
	if (!refcount_inc_not_zero(&obj->users))
		return false;
	if (!refcount_inc_not_zero(&obj->wait_cnt)) {
		/* Not the last: the id table's unit or the caller's is there */
		refcount_dec(&obj->users);
		return false;
	}
	return true;
}

/*
 * iommufd_get_object(ictx, id, type): U +1 and W +1 on the published object;
 * nobody can destroy it until iommufd_put_object().  @type may be ANY.  -ENOENT
 * if there is none, it is of another type, or it is being destroyed.
 * spec/01 6.2.
 */
IOMMUFD_MODEL_API struct iommufd_object *
iommufd_get_object(struct iommufd_ctx *ictx, u32 id,
		   enum iommufd_object_type type);

/*
 * iommufd_put_object(ictx, obj): U -1, then W -1; wakes a waiting destroy.
 * @obj must not be used any more.  spec/01 6.3.
 */
IOMMUFD_MODEL_API void iommufd_put_object(struct iommufd_ctx *ictx,
					  struct iommufd_object *obj);

/*
 * iommufd_try_inc_users(ictx, obj): U +1 on an object found by a back pointer.
 * -EBUSY if it is no longer in the table.  The caller holds the lock that keeps
 * its memory from being freed.  spec/01 6.4.
 */
IOMMUFD_MODEL_API int iommufd_try_inc_users(struct iommufd_ctx *ictx,
					    struct iommufd_object *obj);

enum {
	REMOVE_WAIT = BIT(0),
	REMOVE_WAIT_SHORTTERM = REMOVE_WAIT,	/* its name up to 6.16 */
	REMOVE_OBJ_TOMBSTONE = BIT(1),
};

/*
 * iommufd_object_remove(ictx, to_destroy, id, flags): take the object with this
 * id out of the table and destroy it.  With @to_destroy the caller's unit of U
 * is gone whatever the result.  -ENOENT; -EBUSY: somebody else has a unit.
 * With REMOVE_WAIT it first waits for W, at most the destroy timeout.  Hold no
 * lock.  spec/01 7.3.
 */
IOMMUFD_MODEL_API int iommufd_object_remove(struct iommufd_ctx *ictx,
					    struct iommufd_object *to_destroy,
					    u32 id, unsigned int flags);

/* The kernel side destroys what it made: waits, and a failure is a WARN. */
IOMMUFD_MODEL_API void
iommufd_object_destroy_user(struct iommufd_ctx *ictx,
			    struct iommufd_object *obj);
/* The same, and the id is never used again. */
IOMMUFD_MODEL_API void
iommufd_object_tombstone_user(struct iommufd_ctx *ictx,
			      struct iommufd_object *obj);
/* Drop the caller's unit; destroy if the id table is the only other owner. */
IOMMUFD_MODEL_API void
iommufd_object_put_and_try_destroy(struct iommufd_ctx *ictx,
				   struct iommufd_object *obj);

/*
 * _iommufd_object_depend(dependent, depended): U of @depended +1, which keeps
 * it from being destroyed.  The caller's own lock keeps its memory.  -EINVAL:
 * the same object or another type; -ENOENT: it is being destroyed (the kernel
 * counts it up from zero there; docs/deviations.md, d10).  spec/01 section 10.
 */
IOMMUFD_MODEL_API int
_iommufd_object_depend(struct iommufd_object *obj_dependent,
		       struct iommufd_object *obj_depended);
IOMMUFD_MODEL_API void
_iommufd_object_undepend(struct iommufd_object *obj_dependent,
			 struct iommufd_object *obj_depended);

/*
 * struct iommufd_mmap - an mmap cookie: a range of offsets of the ctx's file
 * @owner: weak; a mapping made through the cookie counts in its users
 */
struct iommufd_mmap {
	struct list_head link;
	struct iommufd_object *owner;
	unsigned long vm_pgoff;
	phys_addr_t mmio_addr;
	size_t length;
};

/*
 * _iommufd_alloc_mmap(ictx, owner, mmio_addr, length, offset): a cookie at the
 * lowest free offset, never 0, reported in *@offset.  It counts nothing.
 * -EINVAL: not whole pages; -ENOMEM; -EBUSY: no room.  spec/01 9.1.
 */
IOMMUFD_MODEL_API int _iommufd_alloc_mmap(struct iommufd_ctx *ictx,
					  struct iommufd_object *owner,
					  phys_addr_t mmio_addr, size_t length,
					  unsigned long *offset);

/*
 * _iommufd_destroy_mmap(ictx, owner, offset): drop the cookie, before @owner
 * is freed.  WARN once: there is none, or it is not @owner's.  spec/01 9.2.
 */
IOMMUFD_MODEL_API void _iommufd_destroy_mmap(struct iommufd_ctx *ictx,
					     struct iommufd_object *owner,
					     unsigned long offset);

/*
 * struct io_pagetable - what an IOAS maps, and who uses it
 * @domains_rwsem: outer; read side while areas are filled, write side to change
 *	the set of users
 * @domains, @nr_domains: page tables that mirror all areas
 * @access_list: attached accesses, ids from 0; its xa_lock guards the walk of
 *	iommufd_access_notify_unmap()
 * @iova_rwsem: inner; guards what follows it
 * @areas: what is mapped, by IOVA; they do not overlap
 * @allowed: what the user wants to stay usable; they do not overlap
 * @reserved: what cannot be mapped, ascending by first IOVA, may overlap
 * @iova_alignment: what a mapping must be a multiple of
 * @disable_large_pages: IOMMU_OPTION_HUGE_PAGES set to 0
 */
struct io_pagetable {
	struct rw_semaphore domains_rwsem;
	struct xarray domains;
	u32 next_domain_id;
	struct xarray access_list;

	struct rw_semaphore iova_rwsem;
	struct range_tree areas;
	struct range_tree allowed;
	struct list_head reserved;
	unsigned long iova_alignment;
	u8 disable_large_pages;
};

/*
 * struct iommufd_ioas - an address space.  Long units of U: one for each
 * HWPT_PAGING made on it, one for each attached access.
 * @mutex: guards @hwpt_list and the making of its HWPTs; outside of the iopt's
 *	locks
 */
struct iommufd_ioas {
	struct iommufd_object obj;
	struct io_pagetable iopt;
	struct mutex mutex;
	struct list_head hwpt_list;
};

static inline struct iommufd_ioas *iommufd_get_ioas(struct iommufd_ctx *ictx,
						    u32 id)
{
	/* obj is the first member; an error pointer stays one. */
	return (struct iommufd_ioas *)(void *)iommufd_get_object(
		ictx, id, IOMMUFD_OBJ_IOAS);
}

/*
 * struct iommufd_access - software that uses an IOAS
 * @ictx: external: a reference is held.  Internal: NULL, and that is what makes
 *	it internal; the object that owns it is destroyed by the ctx's release,
 *	which a reference would put off for ever (spec/02 section 6)
 * @ioas_lock: guards @ioas, @ioas_unpin; dropped around the unmap callback of a
 *	detach or replace
 * @ioas: what new pins go to; NULL if detached, or on the way
 * @ioas_unpin: what unpin uses; differs from @ioas only on the way
 * @ops, @data: external: the driver's.  Internal: NULL
 * @iova_alignment: 1 or PAGE_SIZE
 * @iopt_access_list_id: slot in the IOAS's access list, while attached
 *
 * U is 2 while it lives: the id table's and the creator's.
 */
struct iommufd_access {
	struct iommufd_object obj;
	struct iommufd_ctx *ictx;
	struct iommufd_ioas *ioas;
	struct iommufd_ioas *ioas_unpin;
	struct mutex ioas_lock;
	const struct iommufd_access_ops *ops;
	void *data;
	unsigned long iova_alignment;
	u32 iopt_access_list_id;
};

/* iommufd_access_is_internal(access): is it owned by another object? */
static inline bool
iommufd_access_is_internal(const struct iommufd_access *access)
{
	return !access->ictx;
}

/*
 * iommufd_access_create_internal(ictx): a detached access that the object being
 * made owns: no ctx reference, no callbacks, whole pages.  The owner has one U
 * (then 2) until iommufd_access_destroy_internal(), from its destroy op.
 * -ENOMEM, -EBUSY.  spec/02 3.3.
 */
IOMMUFD_MODEL_API struct iommufd_access *
iommufd_access_create_internal(struct iommufd_ctx *ictx);

/*
 * iommufd_access_attach_internal(access, ioas): as iommufd_access_attach(), by
 * pointer; the owner keeps @ioas alive.  spec/02 4.1.
 */
IOMMUFD_MODEL_API int
iommufd_access_attach_internal(struct iommufd_access *access,
			       struct iommufd_ioas *ioas);

/* The owner's unit is gone, the access too; it may still be attached. */
static inline void
iommufd_access_destroy_internal(struct iommufd_ctx *ictx,
				struct iommufd_access *access)
{
	iommufd_object_destroy_user(ictx, &access->obj);
}

static inline void
iommufd_access_detach_internal(struct iommufd_access *access)
{
	iommufd_access_detach(access);
}

/*
 * iommufd_access_notify_unmap(iopt, iova, length): call ops->unmap of every
 * attached external access, in the order of the list.  Each is locked (U and W
 * +1) during its call.  No iopt lock may be held.  spec/02 5.4.
 */
IOMMUFD_MODEL_API void
iommufd_access_notify_unmap(struct io_pagetable *iopt, unsigned long iova,
			    unsigned long length);

/*
 * struct iommufd_group - the devices of one iommu_group in one ctx
 * @ref: one for each bound device
 * @lock: guards the attachment, the list, and of each device vdev and
 *	destroying.  It lives here: whoever holds it holds a reference
 * @hwpt: what the devices that are attached are attached to, NULL: none
 * @attached: those devices
 */
struct iommufd_group {
	refcount_t ref;
	struct mutex lock;
	struct iommufd_ctx *ictx;
	struct iommu_group *group;
	struct iommufd_hw_pagetable *hwpt;
	struct list_head attached;
};

/*
 * struct iommufd_device - a device that is bound.  Long units of U: the
 * binder's, one for an attachment, and its vDEVICE's, which has one of W too.
 * @vdev: weak; guarded by the group's lock, as is @destroying
 * @destroying: unbind has begun: no new vDEVICE
 */
struct iommufd_device {
	struct iommufd_object obj;
	struct iommufd_ctx *ictx;
	struct iommufd_group *igroup;
	struct list_head group_item;	/* on igroup->attached, if attached */
	struct device *dev;
	bool enforce_cache_coherency;
	struct iommufd_vdevice *vdev;
	bool destroying;
};

/*
 * struct iommufd_hw_pagetable - a HWPT.  Long units of U: one for each attached
 * device; nest parents: their nested HWPTs and vIOMMUs.
 * @fault: a unit of its U is held; NULL: none
 */
struct iommufd_hw_pagetable {
	struct iommufd_object obj;
	struct iommu_domain *domain;
	struct iommufd_fault *fault;
	bool pasid_compat : 1;
};

/*
 * struct iommufd_hwpt_paging - @ioas: a unit of its U is held
 * @hwpt_item: on ioas->hwpt_list, guarded by ioas->mutex
 * @auto_domain: made by an attach to the IOAS, goes with the last device
 */
struct iommufd_hwpt_paging {
	struct iommufd_hw_pagetable common;
	struct iommufd_ioas *ioas;
	bool auto_domain : 1;
	bool enforce_cache_coherency : 1;
	bool nest_parent : 1;
	struct list_head hwpt_item;
};

/*
 * struct iommufd_hwpt_nested - @viommu set: a unit of its U is held and @parent
 * is borrowed through it; else a unit of @parent's U is held
 */
struct iommufd_hwpt_nested {
	struct iommufd_hw_pagetable common;
	struct iommufd_hwpt_paging *parent;
	struct iommufd_viommu *viommu;
};

/* What a vIOMMU's driver provides (spec/04 section 1); each may be NULL. */
struct iommufd_viommu_ops {
	void (*destroy)(struct iommufd_viommu *viommu);
	struct iommu_domain *(*alloc_domain_nested)(
		struct iommufd_viommu *viommu, u32 flags,
		const struct iommu_user_data *user_data);
	size_t vdevice_size;
	int (*vdevice_init)(struct iommufd_vdevice *vdev);
	size_t (*get_hw_queue_size)(struct iommufd_viommu *viommu,
				    unsigned int queue_type);
	int (*hw_queue_init_phys)(struct iommufd_hw_queue *hw_queue, u32 index,
				  phys_addr_t base_addr_pa);
};

/*
 * struct iommufd_viommu - a part of an IOMMU given to a VM.  Long units of U:
 * nested HWPTs, vDEVICEs, VEVENTQs, HW_QUEUEs, mappings of its mmap cookie.
 * @hwpt: the nest parent; a unit of its U is held
 * @vdevs: by virt_id; weak; its xa_lock guards lookups
 * @veventqs_rwsem: guards @veventqs
 */
struct iommufd_viommu {
	struct iommufd_object obj;
	struct iommufd_ctx *ictx;
	struct iommu_device *iommu_dev;
	struct iommufd_hwpt_paging *hwpt;
	const struct iommufd_viommu_ops *ops;
	struct xarray vdevs;
	struct list_head veventqs;
	struct rw_semaphore veventqs_rwsem;
	unsigned int type;
};

/*
 * struct iommufd_vdevice - a device as a VM sees it.  Holds U of @viommu, U and
 * W of @idev.
 * @destroy: the driver's, may be NULL
 */
struct iommufd_vdevice {
	struct iommufd_object obj;
	struct iommufd_viommu *viommu;
	struct iommufd_device *idev;
	u64 virt_id;
	void (*destroy)(struct iommufd_vdevice *vdev);
};

/*
 * struct iommufd_hw_queue - a queue in guest memory that hardware reads.  Holds
 * U of @viommu and owns @access, through which its memory is pinned.
 * @base_addr, @length: as the user gave them, not rounded
 * @destroy: the driver's, set when there is something to stop
 */
struct iommufd_hw_queue {
	struct iommufd_object obj;
	struct iommufd_viommu *viommu;
	struct iommufd_access *access;
	u64 base_addr;
	size_t length;
	unsigned int type;
	void (*destroy)(struct iommufd_hw_queue *hw_queue);
};

/*
 * struct iommufd_eventq - what FAULT and VEVENTQ have in common (spec/07)
 * @filep: its file; holds U of the object and a ctx reference
 * @lock: guards @deliver
 */
struct iommufd_eventq {
	struct iommufd_object obj;
	struct iommufd_ctx *ictx;
	struct file *filep;
	spinlock_t lock;
	struct list_head deliver;
	wait_queue_head_t wait_queue;
};

struct iommufd_fault {
	struct iommufd_eventq common;
	struct mutex mutex;
	struct xarray response;
};

/* @event_data: @data_len bytes behind the struct; none in the lost header */
struct iommufd_vevent {
	struct iommufd_vevent_header header;
	struct list_head node;
	ssize_t data_len;
	void *event_data;
};

struct iommufd_veventq {
	struct iommufd_eventq common;
	struct iommufd_viommu *viommu;
	struct list_head node;		/* on viommu->veventqs */
	unsigned int type;
	u32 depth;
	u32 num_events;			/* common.lock, as is @sequence */
	u32 sequence;
	struct iommufd_vevent lost_events_header;
};

/*
 * For drivers of vIOMMUs.  _iommufd_object_depend() with the check that both
 * queues are of one vIOMMU: WARN once and -EINVAL; undepend WARNs and undoes
 * all the same.
 */
IOMMUFD_MODEL_API int
iommufd_hw_queue_depend(struct iommufd_hw_queue *dependent,
			struct iommufd_hw_queue *depended);
IOMMUFD_MODEL_API void
iommufd_hw_queue_undepend(struct iommufd_hw_queue *dependent,
			  struct iommufd_hw_queue *depended);

static inline int iommufd_viommu_alloc_mmap(struct iommufd_viommu *viommu,
					    phys_addr_t mmio_addr,
					    size_t length,
					    unsigned long *offset)
{
	return _iommufd_alloc_mmap(viommu->ictx, &viommu->obj, mmio_addr,
				   length, offset);
}

static inline void iommufd_viommu_destroy_mmap(struct iommufd_viommu *viommu,
					       unsigned long offset)
{
	_iommufd_destroy_mmap(viommu->ictx, &viommu->obj, offset);
}

/* The device with this virt_id, or NULL; viommu->vdevs' xa_lock is held. */
IOMMUFD_MODEL_API struct device *
iommufd_viommu_find_dev(struct iommufd_viommu *viommu, unsigned long vdev_id);

/* *@vdev_id := the virt_id of @dev's vDEVICE on @viommu; -ENOENT, -EINVAL. */
IOMMUFD_MODEL_API int
iommufd_viommu_get_vdev_id(struct iommufd_viommu *viommu, struct device *dev,
			   unsigned long *vdev_id);
IOMMUFD_MODEL_API struct device *
iommufd_vdevice_to_device(struct iommufd_vdevice *vdev);

/*
 * iommufd_viommu_report_event(viommu, type, data, len): queue an event; does
 * not sleep.  -EINVAL; -EOPNOTSUPP: no queue of that type; -ENOMEM.
 * spec/07 5.1.
 */
IOMMUFD_MODEL_API int
iommufd_viommu_report_event(struct iommufd_viommu *viommu, unsigned int type,
			    void *event_data, size_t data_len);

IOMMUFD_MODEL_END_DECLS

#endif
