/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * What the code of an object type sees: the object core, the context, IOAS and
 * access, devices, HWPTs and vIOMMUs.
 *
 * Rules R-... are those of docs/rules.md.  U is users, W is wait_cnt.
 *
 * Locks, outermost first:
 *
 * 	access->ioas_lock -> iopt->domains_rwsem -> iopt->iova_rwsem
 * 						    -> pages->mutex
 * 	ioas->mutex -> igroup->lock -> the iommu_group's -> the driver's
 * 	ioas->mutex -> the iopt's
 * 	viommu->veventqs_rwsem -> eventq->lock
 * 	fault->mutex -> eventq->lock
 * 	ictx->ioas_creation_lock
 * 	iopt->access_list.xa_lock -> ictx->objects.xa_lock ("the table lock")
 * 	ictx->mmap_lock ("the cookie lock") -> the table lock
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

/** One open of /dev/iommu. */
struct iommufd_ctx {
	/** its reference count is the ctx's, which holds none */
	struct file *file;
	/**
	 * The id table, ids from 1.  Per slot: NULL free, the zero entry
	 * reserved or a tombstone, else the published object.
	 */
	struct xarray objects;
	struct xarray groups;	/**< struct iommufd_group by group id; weak */
	/** who waits for a wait_cnt to become 0 */
	wait_queue_head_t destroy_wait;
	/** read side while a user's IOAS is published */
	struct rw_semaphore ioas_creation_lock;

	spinlock_t mmap_lock;	/**< the cookie lock: guards the cookies */
	/** mmap cookies in ascending order of offset */
	struct list_head mmaps;

	u8 account_mode;	/**< IOPT_PAGES_ACCOUNT_ */
	/** weak; cleared when that IOAS leaves the table */
	struct iommufd_ioas *vfio_ioas;
};

/** Who pays for pinned memory. */
enum {
	IOPT_PAGES_ACCOUNT_NONE = 0,	/**< nobody pays for pinned memory */
	IOPT_PAGES_ACCOUNT_USER = 1,	/**< the user pays */
	IOPT_PAGES_ACCOUNT_MM = 2,	/**< the process pays */
};

/**
 * First member of every object.
 *
 * A holder of both counters takes users first and drops users first (R-COUNT-4,
 * R-COUNT-5): a waiting destroy looks at users when wait_cnt is 0, and must not
 * meet a unit of one who has gone.
 * @rule R-OBJ-1
 */
struct iommufd_object {
	/** W under its two names. */
	union {
		/**
		 * W.  1 is the id table's; more are those a destroy waits for,
		 * each of which has a unit in users too (R-COUNT-3).
		 */
		refcount_t wait_cnt;
		/** its name up to Linux 6.16 */
		refcount_t shortterm_users;
	};
	/**
	 * U.  1 is the id table's; more keep the object from being destroyed.
	 */
	refcount_t users;
	enum iommufd_object_type type;	/**< what it is; fixed at allocation */
	/** its slot in the id table; fixed at allocation */
	unsigned int id;
};

/** What the core calls for an object of a type. */
struct iommufd_object_ops {
	/**
	 * Of a struct file * in the object, 0 if there is none; a file there is
	 * released when the creation is undone.
	 */
	size_t file_offset;
	/**
	 * Evicts holders of wait_cnt, when a waiting destroy finds any; no lock
	 * is held.  May be NULL.
	 */
	void (*pre_destroy)(struct iommufd_object *obj);
	/**
	 * Undoes everything the creation did; users is 0, the id is free, no
	 * lock is held.  Never NULL.  The core frees the memory.
	 */
	void (*destroy)(struct iommufd_object *obj);
	/**
	 * Called instead of destroy() when the creation fails, if the undo must
	 * run under a lock of the creator's that destroy() would take; else
	 * NULL.
	 */
	void (*abort)(struct iommufd_object *obj);
};

/**
 * Makes an object type known for the rest of the process.
 * @param name  what reports call it; must stay valid
 * @param ops   what the core calls; must stay valid
 * @param type  the number it wants; IOMMUFD_OBJ_NONE: the next that no type has
 * @return the number, or a negative errno; registering the same pair of @p name
 *   and @p ops again returns the same
 * @errors -EINVAL: no name, no destroy op, bad number; -EEXIST: another type
 *   has the number; -ENOSPC: all numbers are used up.
 * @context Not while objects are made on other threads.
 */
IOMMUFD_MODEL_API int
iommufd_model_register_type(const char *name,
			    const struct iommufd_object_ops *ops,
			    enum iommufd_object_type type);

/**
 * Names an object type.
 * @param type  the type
 * @return "ioas" and so on; "?" if unknown
 */
IOMMUFD_MODEL_API const char *
iommufd_model_type_name(enum iommufd_object_type type);

/** One running ioctl. */
struct iommufd_ucmd {
	/** its context, which the descriptor keeps alive */
	struct iommufd_ctx *ictx;
	void __user *ubuffer;	/**< the user's struct */
	u32 user_size;	/**< its size, as the user says */
	void *cmd;	/**< our copy of it, completed with zeros */
	/**
	 * An object of iommufd_object_alloc_ucmd(); when the handler has
	 * returned the core finalizes it (result 0) or undoes it (R-OBJ-8).
	 */
	struct iommufd_object *new_obj;
};

/**
 * Copies the struct back to the user, as much of it as the user gave.
 * @param ucmd     the ioctl
 * @param cmd_len  at most so many bytes, the size of the struct
 * @return 0 or -EFAULT
 * @context May sleep in a kernel; hold no spinlock.
 * @rule R-UAPI-8
 */
static inline int iommufd_ucmd_respond(struct iommufd_ucmd *ucmd,
				       size_t cmd_len)
{
	if (ucmd->user_size < cmd_len)
		cmd_len = ucmd->user_size;
	return copy_to_user(ucmd->ubuffer, ucmd->cmd, cmd_len) ? -EFAULT : 0;
}

/** One entry of the ioctl table. */
struct iommufd_ioctl_op {
	unsigned int size;	/**< of the struct as known here */
	/** up to its last member that every user must give */
	unsigned int min_size;
	unsigned int ioctl_num;	/**< the request */
	/** The handler; no lock is held. */
	int (*execute)(struct iommufd_ucmd *ucmd);
};

/**
 * Adds a request of a prototype, with one of the numbers 0x96 to 0x9f that no
 * kernel uses.
 * @param op  the request; must stay valid
 * @return 0, or a negative errno
 * @errors -EINVAL: another number, sizes that make no sense or exceed 128
 *   bytes, no handler; -EEXIST: the number is taken.
 * @context Not while an ioctl runs on another thread.
 */
IOMMUFD_MODEL_API int
iommufd_model_register_ioctl(const struct iommufd_ioctl_op *op);

/**
 * Makes an object: zeroed, U = W = 1, the lowest free id reserved.  Nobody can
 * look it up.  See iommufd_object_alloc() for a typed one.
 * @param ictx  the context
 * @param size  bytes, those of the type's struct
 * @param type  its type, registered
 * @return the object, or an error pointer
 * @ownership The object is the caller's, who ends with exactly one of
 *   iommufd_object_finalize(), iommufd_object_abort(),
 *   iommufd_object_abort_and_destroy().
 * @errors -ENOMEM; -EBUSY: no free id; -EINVAL and a WARN: unknown type,
 *   @p size too small.
 * @rule R-OBJ-3, R-ID-1 to R-ID-4
 */
IOMMUFD_MODEL_API struct iommufd_object *
_iommufd_object_alloc(struct iommufd_ctx *ictx, size_t size,
		      enum iommufd_object_type type);

/**
 * Makes an object whose creation the ioctl core ends: result 0 of the handler
 * publishes it, any other undoes it.  See iommufd_object_alloc_ucmd() for a
 * typed one.
 * @param ucmd  the ioctl
 * @param size  bytes, those of the type's struct
 * @param type  its type, registered
 * @return the object, or an error pointer
 * @ownership The object is the ioctl core's; the caller ends it by its result.
 * @errors -EBUSY and a WARN: the ioctl made one already; -EOPNOTSUPP and a
 *   WARN: the type has an abort op; the rest as of _iommufd_object_alloc().
 * @rule R-OBJ-4, R-OBJ-8
 */
IOMMUFD_MODEL_API struct iommufd_object *
_iommufd_object_alloc_ucmd(struct iommufd_ucmd *ucmd, size_t size,
			   enum iommufd_object_type type);

/** @cond INTERNAL */
#define __IOMMUFD_MODEL_CAST_OBJECT(object, ptr, member) __extension__({ \
	IOMMUFD_MODEL_STATIC_ASSERT(					\
		offsetof(__typeof__(*(ptr)), member) == 0,		\
		"struct iommufd_object must be the first member");	\
	(__typeof__(ptr))(void *)(object);				\
})
/** @endcond */

/**
 * Is iommufd_object_alloc() for a struct whose object is not called obj.
 * @param ictx    the context
 * @param ptr     a pointer of the struct's type; not evaluated
 * @param type    its type, registered
 * @param member  the struct iommufd_object in it, which comes first:
 *   "common.obj"
 * @return a pointer of @p ptr's type, or an error pointer
 */
#define __iommufd_object_alloc(ictx, ptr, type, member)			\
	__IOMMUFD_MODEL_CAST_OBJECT(					\
		_iommufd_object_alloc(ictx, sizeof(*(ptr)), type), ptr, member)

/**
 * Makes an object, with _iommufd_object_alloc().
 * @param ictx  the context
 * @param ptr   a pointer of the struct's type; not evaluated
 * @param type  its type, registered
 * @return a pointer of @p ptr's type, or an error pointer
 * @ownership As of _iommufd_object_alloc().
 * @rule R-OBJ-2, R-OBJ-3
 */
#define iommufd_object_alloc(ictx, ptr, type) \
	__iommufd_object_alloc(ictx, ptr, type, obj)

/**
 * Is iommufd_object_alloc_ucmd() for a struct whose object is not called obj.
 * @param ucmd    the ioctl
 * @param ptr     a pointer of the struct's type; not evaluated
 * @param type    its type, registered
 * @param member  the struct iommufd_object in it, which comes first
 * @return a pointer of @p ptr's type, or an error pointer
 */
#define __iommufd_object_alloc_ucmd(ucmd, ptr, type, member)		\
	__IOMMUFD_MODEL_CAST_OBJECT(					\
		_iommufd_object_alloc_ucmd(ucmd, sizeof(*(ptr)), type), ptr, \
		member)

/**
 * Makes an object that the ioctl core ends, with _iommufd_object_alloc_ucmd().
 * @param ucmd  the ioctl
 * @param ptr   a pointer of the struct's type; not evaluated
 * @param type  its type, registered
 * @return a pointer of @p ptr's type, or an error pointer
 * @ownership As of _iommufd_object_alloc_ucmd().
 * @rule R-OBJ-2, R-OBJ-4
 */
#define iommufd_object_alloc_ucmd(ucmd, ptr, type) \
	__iommufd_object_alloc_ucmd(ucmd, ptr, type, obj)

/**
 * Publishes an object.  Its creation cannot fail any more.
 * @param ictx  the context
 * @param obj   made by _iommufd_object_alloc()
 * @ownership Counters do not change.  The object is the table's: the caller may
 *   use it afterwards only through a unit of its own.
 * @errors A WARN: its slot was not reserved.
 * @context Takes the table lock, which spins.
 * @rule R-OBJ-5
 */
IOMMUFD_MODEL_API void iommufd_object_finalize(struct iommufd_ctx *ictx,
					       struct iommufd_object *obj);

/**
 * Gives id and memory of an unpublished object back.
 * @param ictx  the context
 * @param obj   not to be used any more; U is 1
 * @errors A WARN: its slot was not reserved; U is not 1, and the memory is
 *   leaked, since somebody still has it.
 * @context Takes the table lock, which spins.
 * @rule R-OBJ-6
 */
IOMMUFD_MODEL_API void iommufd_object_abort(struct iommufd_ctx *ictx,
					    struct iommufd_object *obj);

/**
 * Undoes a creation: releases the object's file, runs its abort op, or its
 * destroy op, then aborts.
 * @param ictx  the context
 * @param obj   not to be used any more; U is 1, its file's unit aside
 * @errors As of iommufd_object_abort().
 * @context The caller holds what the abort op wants, else no lock.  May block.
 * @rule R-OBJ-7
 */
IOMMUFD_MODEL_API void
iommufd_object_abort_and_destroy(struct iommufd_ctx *ictx,
				 struct iommufd_object *obj);

/**
 * Takes a short reference to an object: U +1, then W +1.
 * @param obj  the object
 * @return true; false, and nothing changed, if it is being destroyed
 * @ownership The caller owns a unit of U or holds the table lock; on success it
 *   owns one more of U and one of W, until iommufd_put_object().
 * @rule R-OBJ-9, R-COUNT-3, R-COUNT-5
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

/**
 * Takes a short reference to a published object: U +1, W +1.  Nobody can
 * destroy it until iommufd_put_object().
 * @param ictx  the context
 * @param id    its id
 * @param type  its type, or IOMMUFD_OBJ_ANY
 * @return the object, or an error pointer
 * @ownership The caller owns a unit of U and of W.
 * @errors -ENOENT: there is none, it is of another type, or it is being
 *   destroyed.
 * @context Takes the table lock, which spins.
 * @rule R-OBJ-10
 */
IOMMUFD_MODEL_API struct iommufd_object *
iommufd_get_object(struct iommufd_ctx *ictx, u32 id,
		   enum iommufd_object_type type);

/**
 * Drops a short reference: U -1, then W -1; wakes a waiting destroy.
 * @param ictx  the context, which something else must keep
 * @param obj   not to be used any more
 * @ownership The caller's units are gone.
 * @context Does not block.
 * @rule R-OBJ-11, R-COUNT-4
 */
IOMMUFD_MODEL_API void iommufd_put_object(struct iommufd_ctx *ictx,
					  struct iommufd_object *obj);

/**
 * Takes a long reference to an object found by a back pointer: U +1.
 * @param ictx  the context
 * @param obj   the object
 * @return 0, or a negative errno
 * @ownership On success the caller owns a unit of U.
 * @errors -EBUSY: it is no longer in the table.
 * @context The caller holds the lock that keeps its memory from being freed.
 *   Takes the table lock, which spins.
 * @rule R-OBJ-12
 */
IOMMUFD_MODEL_API int iommufd_try_inc_users(struct iommufd_ctx *ictx,
					    struct iommufd_object *obj);

/** Flags of iommufd_object_remove(). */
enum {
	REMOVE_WAIT = BIT(0),	/**< wait for W first */
	/** its name up to Linux 6.16 */
	REMOVE_WAIT_SHORTTERM = REMOVE_WAIT,
	REMOVE_OBJ_TOMBSTONE = BIT(1),	/**< the id is never used again */
};

/**
 * Takes an object out of the table and destroys it.
 * @param ictx        the context
 * @param to_destroy  the object; NULL: whatever has the id, without REMOVE_WAIT
 * @param id          its id
 * @param flags       REMOVE_ bits
 * @return 0: it is gone; or a negative errno: it lives on, unless the WARN
 *   below
 * @ownership With @p to_destroy the caller's unit of U is gone whatever the
 *   result.
 * @errors -ENOENT: there is none, or with a WARN another one than
 *   @p to_destroy; -EBUSY: somebody else has a unit of U, or with REMOVE_WAIT
 *   of W after the timeout; with a WARN: W did not become 0, the object is out
 *   of the table and leaked.
 * @context Hold no lock.  May block: it waits for W, at most the destroy
 *   timeout, with REMOVE_WAIT before it looks at U, else after; and runs the
 *   destroy op.
 * @rule R-DESTROY-1 to R-DESTROY-7, R-ID-5
 */
IOMMUFD_MODEL_API int iommufd_object_remove(struct iommufd_ctx *ictx,
					    struct iommufd_object *to_destroy,
					    u32 id, unsigned int flags);

/**
 * Destroys an object for the kernel side, which made it: waits for W.
 * @param ictx  the context
 * @param obj   not to be used any more; U is 2, one of the caller's
 * @ownership The caller's unit of U is gone in every case.
 * @errors A WARN if it could not be destroyed; it lives on until the release.
 * @context As of iommufd_object_remove().
 * @rule R-DESTROY-8, R-DESTROY-3, R-DESTROY-4
 */
IOMMUFD_MODEL_API void
iommufd_object_destroy_user(struct iommufd_ctx *ictx,
			    struct iommufd_object *obj);

/**
 * Is iommufd_object_destroy_user() after which the id is never used again.
 * @param ictx  the context
 * @param obj   not to be used any more; U is 2, one of the caller's
 * @ownership The caller's unit of U is gone in every case.
 * @errors A WARN if it could not be destroyed; it lives on until the release.
 * @context As of iommufd_object_remove().
 * @rule R-DESTROY-8, R-ID-5
 */
IOMMUFD_MODEL_API void
iommufd_object_tombstone_user(struct iommufd_ctx *ictx,
			      struct iommufd_object *obj);

/**
 * Drops the caller's unit of U, and destroys the object if the id table is the
 * only other owner.
 * @param ictx  the context
 * @param obj   not to be used any more
 * @ownership The caller's unit of U is gone.
 * @context As of iommufd_object_remove().
 * @rule R-DESTROY-9
 */
IOMMUFD_MODEL_API void
iommufd_object_put_and_try_destroy(struct iommufd_ctx *ictx,
				   struct iommufd_object *obj);

/**
 * Keeps an object from being destroyed while another depends on it: U +1.
 * @param obj_dependent  who depends
 * @param obj_depended   on whom, of the same type
 * @return 0, or a negative errno
 * @ownership The dependent object owns a unit of U of the other.
 * @errors -EINVAL: the same object or another type; -ENOENT: it is being
 *   destroyed (the kernel counts it up from zero there; DEV-2).
 * @context The caller's own lock keeps the memory of @p obj_depended.  Does not
 *   block.
 * @rule R-OBJ-13
 */
IOMMUFD_MODEL_API int
_iommufd_object_depend(struct iommufd_object *obj_dependent,
		       struct iommufd_object *obj_depended);

/**
 * Undoes _iommufd_object_depend(): U -1.
 * @param obj_dependent  who depended
 * @param obj_depended   on whom
 * @ownership The dependent object's unit is gone.
 * @errors A WARN, once, and nothing happens: the same object or another type.
 * @context Does not block.
 * @rule R-OBJ-13
 */
IOMMUFD_MODEL_API void
_iommufd_object_undepend(struct iommufd_object *obj_dependent,
			 struct iommufd_object *obj_depended);

/** An mmap cookie: a range of offsets of the ctx's file. */
struct iommufd_mmap {
	struct list_head link;	/**< on ictx->mmaps */
	/** weak; a mapping made through the cookie counts in its users */
	struct iommufd_object *owner;
	unsigned long vm_pgoff;	/**< where it begins, in pages */
	phys_addr_t mmio_addr;	/**< what it shows */
	size_t length;	/**< bytes */
};

/**
 * Makes a cookie at the lowest free offset, never 0.
 * @param ictx       the context
 * @param owner      the object whose memory it is
 * @param mmio_addr  what it shows
 * @param length     bytes
 * @param offset     set to its offset, in bytes
 * @return 0, or a negative errno
 * @ownership The cookie counts nothing; the owner drops it by
 *   _iommufd_destroy_mmap() before it is freed.
 * @errors -EINVAL: not whole pages; -ENOMEM; -EBUSY: no room.
 * @context Takes the cookie lock, which spins.
 * @rule R-MMAP-1
 */
IOMMUFD_MODEL_API int _iommufd_alloc_mmap(struct iommufd_ctx *ictx,
					  struct iommufd_object *owner,
					  phys_addr_t mmio_addr, size_t length,
					  unsigned long *offset);

/**
 * Drops a cookie, before its owner is freed.
 * @param ictx    the context
 * @param owner   its owner
 * @param offset  its offset, in bytes
 * @errors A WARN, once: there is none, or it is not @p owner's.
 * @context Takes the cookie lock, which spins.  From the owner's destroy op or
 *   the undo of its creation, where there is no mapping: each counts in users.
 * @rule R-MMAP-2
 */
IOMMUFD_MODEL_API void _iommufd_destroy_mmap(struct iommufd_ctx *ictx,
					     struct iommufd_object *owner,
					     unsigned long offset);

/**
 * What an IOAS maps, and who uses it.
 * @rule R-IOAS-1
 */
struct io_pagetable {
	/**
	 * Outer lock: read side while areas are filled, write side to change
	 * the set of users.
	 */
	struct rw_semaphore domains_rwsem;
	struct xarray domains;	/**< page tables that mirror all areas */
	u32 next_domain_id;	/**< the first slot of it that is free */
	/**
	 * Attached accesses, ids from 0; its xa_lock guards the walk of
	 * iommufd_access_notify_unmap().
	 */
	struct xarray access_list;

	struct rw_semaphore iova_rwsem;	/**< inner lock: guards what follows */
	/** what is mapped, by IOVA; they do not overlap */
	struct range_tree areas;
	/** what the user wants to stay usable; they do not overlap */
	struct range_tree allowed;
	/** what cannot be mapped, by first IOVA; may overlap */
	struct list_head reserved;
	/** what a mapping must be a multiple of */
	unsigned long iova_alignment;
	u8 disable_large_pages;	/**< IOMMU_OPTION_HUGE_PAGES set to 0 */
};

/**
 * An address space.  Long units of U: one for each HWPT_PAGING made on it, one
 * for each attached access.
 */
struct iommufd_ioas {
	struct iommufd_object obj;	/**< the object */
	struct io_pagetable iopt;	/**< what it maps */
	/**
	 * Guards the list and the making of its HWPTs; outside of the iopt's
	 * locks.
	 */
	struct mutex mutex;
	struct list_head hwpt_list;	/**< its HWPT_PAGINGs */
};

/**
 * Is iommufd_get_object() for an IOAS.
 * @param ictx  the context
 * @param id    its id
 * @return the IOAS, or an error pointer
 * @ownership The caller owns a unit of U and of W.
 * @errors -ENOENT.
 */
static inline struct iommufd_ioas *iommufd_get_ioas(struct iommufd_ctx *ictx,
						    u32 id)
{
	/* obj is the first member; an error pointer stays one. */
	return (struct iommufd_ioas *)(void *)iommufd_get_object(
		ictx, id, IOMMUFD_OBJ_IOAS);
}

/**
 * Software that uses an IOAS.  U is 2 while it lives: the id table's and the
 * creator's.
 * @rule R-ACC-1
 */
struct iommufd_access {
	struct iommufd_object obj;	/**< the object */
	/**
	 * External: a reference is held.  Internal: NULL, and that is what
	 * makes it internal; the object that owns it is destroyed by the ctx's
	 * release, which a reference would put off for ever (R-ACC-18).
	 */
	struct iommufd_ctx *ictx;
	/** What new pins go to; NULL if detached, or on the way. */
	struct iommufd_ioas *ioas;
	/** What unpin uses; differs from ioas only on the way. */
	struct iommufd_ioas *ioas_unpin;
	/**
	 * Guards both; dropped around the unmap callback of a detach or
	 * replace.
	 */
	struct mutex ioas_lock;
	/** external: the driver's; internal: NULL */
	const struct iommufd_access_ops *ops;
	void *data;	/**< external: for ops; internal: NULL */
	unsigned long iova_alignment;	/**< 1 or PAGE_SIZE */
	/** slot in the IOAS's access list, while attached */
	u32 iopt_access_list_id;
};

/**
 * Tells whether an access is owned by another object.
 * @param access  the access
 * @return true if so
 */
static inline bool
iommufd_access_is_internal(const struct iommufd_access *access)
{
	return !access->ictx;
}

/**
 * Makes a detached access that the object being made owns: no callbacks, whole
 * pages.
 * @param ictx  the context
 * @return the access, or an error pointer
 * @ownership The owner has one U (it is 2 then) until
 *   iommufd_access_destroy_internal(), from its destroy op.  The access holds
 *   no reference to the ctx.
 * @errors -ENOMEM; -EBUSY: no free id.
 * @rule R-ACC-4
 */
IOMMUFD_MODEL_API struct iommufd_access *
iommufd_access_create_internal(struct iommufd_ctx *ictx);

/**
 * Attaches a detached internal access to an IOAS.
 * @param access  the access
 * @param ioas    the IOAS, which the owner keeps alive
 * @return 0, or a negative errno: nothing changed
 * @ownership U of the IOAS +1 while the access is attached.
 * @errors -EINVAL and a WARN: attached already; -EADDRINUSE: its areas do not
 *   fit whole pages; -EBUSY: it has 65536 accesses; -ENOMEM.
 * @context May block.
 * @rule R-ACC-9
 */
IOMMUFD_MODEL_API int
iommufd_access_attach_internal(struct iommufd_access *access,
			       struct iommufd_ioas *ioas);

/**
 * Destroys an internal access, which may still be attached.
 * @param ictx    the context
 * @param access  not to be used any more
 * @ownership The owner's unit is gone in every case.
 * @errors A WARN: somebody else holds it, and it lives on until the release.
 * @context May block, at most the destroy timeout.
 * @rule R-ACC-6
 */
static inline void
iommufd_access_destroy_internal(struct iommufd_ctx *ictx,
				struct iommufd_access *access)
{
	iommufd_object_destroy_user(ictx, &access->obj);
}

/**
 * Is iommufd_access_detach() for an internal access, which calls nobody back.
 * @param access  the access; a WARN if it is not attached
 * @ownership U of the IOAS -1.
 * @context May block.
 * @rule R-ACC-9
 */
static inline void
iommufd_access_detach_internal(struct iommufd_access *access)
{
	iommufd_access_detach(access);
}

/**
 * Calls unmap() of every attached external access, in the order of the list.
 * @param iopt    of the IOAS
 * @param iova    the first byte
 * @param length  bytes
 * @ownership Each access is locked (U and W +1) during its call.
 * @context May block.  Hold none of the iopt's locks, nor one that an unmap()
 *   takes.
 * @rule R-ACC-15
 */
IOMMUFD_MODEL_API void
iommufd_access_notify_unmap(struct io_pagetable *iopt, unsigned long iova,
			    unsigned long length);

/**
 * The devices of one iommu_group in one ctx.
 * @rule R-DEVICE-5
 */
struct iommufd_group {
	refcount_t ref;	/**< one for each bound device */
	/**
	 * Guards the attachment, the list, and of each device vdev and
	 * destroying.  It lives here: whoever holds it holds a reference.
	 */
	struct mutex lock;
	struct iommufd_ctx *ictx;	/**< the context; weak */
	struct iommu_group *group;	/**< the group; the devices keep it */
	/** What the devices that are attached are attached to, NULL: none. */
	struct iommufd_hw_pagetable *hwpt;
	struct list_head attached;	/**< those devices */
};

/**
 * A device that is bound.  Long units of U: the binder's, one for an
 * attachment, and its vDEVICE's, which has one of W too.
 * @rule R-DEVICE-1 to R-DEVICE-8
 */
struct iommufd_device {
	struct iommufd_object obj;	/**< the object */
	/** a reference is held, unless a mock device */
	struct iommufd_ctx *ictx;
	struct iommufd_group *igroup;	/**< a reference is held */
	struct list_head group_item;	/**< on igroup->attached, if attached */
	struct device *dev;	/**< the device; the binder keeps it */
	bool enforce_cache_coherency;	/**< as the driver says it can */
	/** weak; guarded by the group's lock */
	struct iommufd_vdevice *vdev;
	/** Unbind has begun: no new vDEVICE.  Guarded by the group's lock. */
	bool destroying;
};

/**
 * A HWPT.  Long units of U: one for each attached device; nest parents: their
 * nested HWPTs and vIOMMUs.
 * @rule R-HWPT-1 to R-HWPT-7
 */
struct iommufd_hw_pagetable {
	struct iommufd_object obj;	/**< the object */
	struct iommu_domain *domain;	/**< owned */
	/** a unit of its U is held; NULL: none */
	struct iommufd_fault *fault;
	bool pasid_compat : 1;	/**< made with IOMMU_HWPT_ALLOC_PASID */
};

/** A HWPT that maps what an IOAS maps. */
struct iommufd_hwpt_paging {
	struct iommufd_hw_pagetable common;	/**< what all HWPTs have */
	struct iommufd_ioas *ioas;	/**< a unit of its U is held */
	/** made by an attach to the IOAS, goes with the last device */
	bool auto_domain : 1;
	bool enforce_cache_coherency : 1;	/**< its domain does */
	/** nested HWPTs and vIOMMUs may be made on it */
	bool nest_parent : 1;
	/** on ioas->hwpt_list, guarded by ioas->mutex */
	struct list_head hwpt_item;
};

/** A guest's HWPT. */
struct iommufd_hwpt_nested {
	struct iommufd_hw_pagetable common;	/**< what all HWPTs have */
	/**
	 * What it is nested on: a unit of its U is held, or, with viommu set,
	 * it is borrowed through that.
	 */
	struct iommufd_hwpt_paging *parent;
	/** a unit of its U is held; NULL: none */
	struct iommufd_viommu *viommu;
};

/**
 * What a vIOMMU's driver provides; each may be NULL.
 * @rule R-VIOMMU-2
 */
struct iommufd_viommu_ops {
	/** Undoes viommu_init(). */
	void (*destroy)(struct iommufd_viommu *viommu);
	/** Makes a domain on the vIOMMU; an error pointer if it cannot. */
	struct iommu_domain *(*alloc_domain_nested)(
		struct iommufd_viommu *viommu, u32 flags,
		const struct iommu_user_data *user_data);
	/**
	 * Bytes of its vDEVICE, the struct iommufd_vdevice in front included;
	 * 0: it has nothing of its own.
	 */
	size_t vdevice_size;
	/** Fills in a new vDEVICE.  0, or a negative errno. */
	int (*vdevice_init)(struct iommufd_vdevice *vdev);
	/**
	 * Bytes of its HW_QUEUE of a type, the struct iommufd_hw_queue in front
	 * included; 0 if it has none of that type.
	 */
	size_t (*get_hw_queue_size)(struct iommufd_viommu *viommu,
				    unsigned int queue_type);
	/**
	 * Starts a new HW_QUEUE, the number @p index, with its memory at
	 * @p base_addr_pa.  0, or a negative errno.
	 */
	int (*hw_queue_init_phys)(struct iommufd_hw_queue *hw_queue, u32 index,
				  phys_addr_t base_addr_pa);
};

/**
 * A part of an IOMMU given to a VM.  Long units of U: nested HWPTs, vDEVICEs,
 * VEVENTQs, HW_QUEUEs, mappings of its mmap cookie.
 * @rule R-VIOMMU-1
 */
struct iommufd_viommu {
	struct iommufd_object obj;	/**< the object */
	struct iommufd_ctx *ictx;	/**< the context; weak */
	struct iommu_device *iommu_dev;	/**< the IOMMU; not counted */
	/** the nest parent; a unit of its U is held */
	struct iommufd_hwpt_paging *hwpt;
	const struct iommufd_viommu_ops *ops;	/**< set by viommu_init() */
	/** by virt_id; weak; its xa_lock guards lookups */
	struct xarray vdevs;
	struct list_head veventqs;	/**< its VEVENTQs; weak */
	struct rw_semaphore veventqs_rwsem;	/**< guards them */
	unsigned int type;	/**< IOMMU_VIOMMU_TYPE_ */
};

/**
 * A device as a VM sees it.
 * @rule R-VDEVICE-1 to R-VDEVICE-4
 */
struct iommufd_vdevice {
	struct iommufd_object obj;	/**< the object */
	struct iommufd_viommu *viommu;	/**< a unit of its U is held */
	struct iommufd_device *idev;	/**< units of its U and W are held */
	u64 virt_id;	/**< what the VM calls it */
	/** Undoes vdevice_init(); the driver's, may be NULL. */
	void (*destroy)(struct iommufd_vdevice *vdev);
};

/**
 * A queue in guest memory that hardware reads.
 * @rule R-HWQ-1 to R-HWQ-3
 */
struct iommufd_hw_queue {
	struct iommufd_object obj;	/**< the object */
	struct iommufd_viommu *viommu;	/**< a unit of its U is held */
	/** internal, owned: its memory is pinned with it */
	struct iommufd_access *access;
	/** where it is, an IOVA, as the user gave it, not rounded */
	u64 base_addr;
	size_t length;	/**< bytes, as the user gave them, not rounded */
	unsigned int type;	/**< IOMMU_HW_QUEUE_TYPE_ */
	/** Stops it; the driver's, set when there is something to stop. */
	void (*destroy)(struct iommufd_hw_queue *hw_queue);
};

/**
 * What FAULT and VEVENTQ have in common.
 * @rule R-EVQ-1, R-EVQ-2
 */
struct iommufd_eventq {
	struct iommufd_object obj;	/**< the object */
	/** the context; the file holds a reference */
	struct iommufd_ctx *ictx;
	/** its file; holds U of the object and the ctx */
	struct file *filep;
	spinlock_t lock;	/**< guards the list */
	struct list_head deliver;	/**< what is to be read */
	wait_queue_head_t wait_queue;	/**< who waits for it; nobody here */
};

/** A queue of page faults, of which there are none here. */
struct iommufd_fault {
	/** what it has in common with a VEVENTQ */
	struct iommufd_eventq common;
	struct mutex mutex;	/**< serialises reads and writes */
	struct xarray response;	/**< faults to be answered, by cookie; empty */
};

/** An event. */
struct iommufd_vevent {
	/** what the user gets in front */
	struct iommufd_vevent_header header;
	struct list_head node;	/**< on the queue's list */
	ssize_t data_len;	/**< bytes; 0 in the lost header */
	/** behind the struct; NULL in the lost header */
	void *event_data;
};

/** A queue of events of one type of a vIOMMU. */
struct iommufd_veventq {
	/** what it has in common with a FAULT */
	struct iommufd_eventq common;
	struct iommufd_viommu *viommu;	/**< a unit of its U is held */
	struct list_head node;	/**< on viommu->veventqs */
	unsigned int type;	/**< IOMMU_VEVENTQ_TYPE_ */
	u32 depth;	/**< at most so many events */
	u32 num_events;	/**< how many there are; under common.lock */
	u32 sequence;	/**< of the next event; under common.lock */
	/** tells that events were lost */
	struct iommufd_vevent lost_events_header;
};

/**
 * Is _iommufd_object_depend() for two queues, which must be of one vIOMMU; for
 * drivers of vIOMMUs.
 * @param dependent  who depends
 * @param depended   on whom
 * @return 0, or a negative errno
 * @ownership The dependent queue owns a unit of U of the other.
 * @errors -EINVAL and a WARN, once: of two vIOMMUs; the rest as of
 *   _iommufd_object_depend().
 * @context As of _iommufd_object_depend().
 * @rule R-OBJ-13
 */
IOMMUFD_MODEL_API int
iommufd_hw_queue_depend(struct iommufd_hw_queue *dependent,
			struct iommufd_hw_queue *depended);

/**
 * Undoes iommufd_hw_queue_depend().
 * @param dependent  who depended
 * @param depended   on whom
 * @ownership The dependent queue's unit is gone.
 * @errors A WARN, once: of two vIOMMUs; it is undone all the same.
 * @context Does not block.
 * @rule R-OBJ-13
 */
IOMMUFD_MODEL_API void
iommufd_hw_queue_undepend(struct iommufd_hw_queue *dependent,
			  struct iommufd_hw_queue *depended);

/**
 * Is _iommufd_alloc_mmap() for a vIOMMU.
 * @param viommu     the owner
 * @param mmio_addr  what the cookie shows
 * @param length     bytes
 * @param offset     set to its offset, in bytes
 * @return 0, or a negative errno, as of _iommufd_alloc_mmap()
 */
static inline int iommufd_viommu_alloc_mmap(struct iommufd_viommu *viommu,
					    phys_addr_t mmio_addr,
					    size_t length,
					    unsigned long *offset)
{
	return _iommufd_alloc_mmap(viommu->ictx, &viommu->obj, mmio_addr,
				   length, offset);
}

/**
 * Is _iommufd_destroy_mmap() for a vIOMMU.
 * @param viommu  the owner
 * @param offset  the cookie's, in bytes
 */
static inline void iommufd_viommu_destroy_mmap(struct iommufd_viommu *viommu,
					       unsigned long offset)
{
	_iommufd_destroy_mmap(viommu->ictx, &viommu->obj, offset);
}

/**
 * Finds the device with a virt_id.
 * @param viommu   the vIOMMU
 * @param vdev_id  the virt_id
 * @return the device, or NULL
 * @ownership The device is not counted: it stays while the lock is held.
 * @context The caller holds the xa_lock of viommu->vdevs; a WARN if not.
 */
IOMMUFD_MODEL_API struct device *
iommufd_viommu_find_dev(struct iommufd_viommu *viommu, unsigned long vdev_id);

/**
 * Finds the virt_id of a device's vDEVICE on a vIOMMU.
 * @param viommu   the vIOMMU
 * @param dev      the device
 * @param vdev_id  set to it
 * @return 0, or a negative errno
 * @errors -ENOENT: it has none; -EINVAL and a WARN, once: @p vdev_id is NULL.
 * @context Takes the xa_lock of viommu->vdevs, which spins.
 */
IOMMUFD_MODEL_API int
iommufd_viommu_get_vdev_id(struct iommufd_viommu *viommu, struct device *dev,
			   unsigned long *vdev_id);

/**
 * Gives the device of a vDEVICE.
 * @param vdev  the vDEVICE
 * @return the device, not counted
 */
IOMMUFD_MODEL_API struct device *
iommufd_vdevice_to_device(struct iommufd_vdevice *vdev);

/**
 * Queues an event for user space, which is lost if the queue is full.
 * @param viommu      the vIOMMU
 * @param type        IOMMU_VEVENTQ_TYPE_
 * @param event_data  what happened; copied
 * @param data_len    bytes
 * @return 0, also if the queue is full, or a negative errno
 * @errors -EINVAL and a WARN, once: no data; -EOPNOTSUPP: no queue of that
 *   type; -ENOMEM: the event is lost.
 * @context Takes the read side of viommu->veventqs_rwsem: may block while a
 *   queue is made or destroyed.  Hold no spinlock.
 * @rule R-EVQ-7
 */
IOMMUFD_MODEL_API int
iommufd_viommu_report_event(struct iommufd_viommu *viommu, unsigned int type,
			    void *event_data, size_t data_len);

IOMMUFD_MODEL_END_DECLS

#endif
