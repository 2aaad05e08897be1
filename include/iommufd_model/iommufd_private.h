/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * The interface of iommufd for the code of an object type: the object core, the
 * context, IOAS and access, devices, HWPTs and vIOMMUs.
 *
 * The rules R-...  are in docs/rules.md.  A users reference is counted by the
 * member users of an object, a wait reference by its member wait_cnt.  A short
 * reference is one of each; a long reference is a users reference alone.  A
 * weak pointer or list holds no reference.
 *
 * The lock order; in each line the outermost lock comes first:
 *
 *	access->ioas_lock -> iopt->domains_rwsem -> iopt->iova_rwsem
 *						    -> pages->mutex
 *	ioas->mutex -> igroup->lock -> the iommu_group's -> the driver's
 *	ioas->mutex -> the iopt's
 *	viommu->veventqs_rwsem -> eventq->lock
 *	igroup->lock -> fault->mutex -> eventq->lock
 *	ictx->ioas_creation_lock
 *	iopt->access_list.xa_lock -> ictx->objects.xa_lock ("the table lock")
 *	ictx->mmap_lock ("the cookie lock") -> the table lock
 *
 * The table lock may be taken while any of these is held, and no lock is taken
 * while the table lock is held.
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

/** A context: one open of /dev/iommu. */
struct iommufd_ctx {
	/**
	 * the file of the context; the context has no reference count of its
	 * own but uses that of its file, to which it holds no reference
	 */
	struct file *file;
	/**
	 * The id table; ids begin at 1.  A slot holds NULL if the id is free,
	 * the zero entry if the id is reserved or is a tombstone, and otherwise
	 * the published object.
	 */
	struct xarray objects;
	/** the struct iommufd_group of each group id; weak */
	struct xarray groups;
	/** a destroy sleeps here until wait_cnt of its object is 0 */
	wait_queue_head_t destroy_wait;
	/** held for reading while an IOAS is published */
	struct rw_semaphore ioas_creation_lock;

	spinlock_t mmap_lock;	/**< the cookie lock, which guards mmaps */
	/** the mmap cookies in ascending order of their offsets */
	struct list_head mmaps;

	/**
	 * an IOPT_PAGES_ACCOUNT_ value, which says who pays for pinned memory
	 */
	u8 account_mode;
	/**
	 * the IOAS of VFIO compatibility; no reference is held; cleared when
	 * the IOAS leaves the table
	 */
	struct iommufd_ioas *vfio_ioas;
};

/** Who pays for pinned memory. */
enum {
	IOPT_PAGES_ACCOUNT_NONE = 0,	/**< nobody pays for pinned memory */
	IOPT_PAGES_ACCOUNT_USER = 1,	/**< the user pays */
	IOPT_PAGES_ACCOUNT_MM = 2,	/**< the process pays */
};

/**
 * The first member of every object.
 *
 * Whoever holds a short reference takes users first and drops users first
 * (R-COUNT-4, R-COUNT-5).  The reason is that a destroy first waits until
 * wait_cnt is 0 and then looks at users: it must not find a users reference of
 * a holder for which it has just waited.
 * @rule R-OBJ-1
 */
struct iommufd_object {
	/** The counter of wait references; it has two names. */
	union {
		/**
		 * The id table holds one reference.  A destroy waits until all
		 * others have been dropped; whoever holds one of those also
		 * holds a users reference (R-COUNT-3).
		 */
		refcount_t wait_cnt;
		/** the name of the counter up to Linux 6.16 */
		refcount_t shortterm_users;
	};
	/**
	 * The id table holds one reference.  Every other reference keeps the
	 * object from being destroyed.
	 */
	refcount_t users;
	/** set at the allocation, and never changed */
	enum iommufd_object_type type;
	/**
	 * the object's slot in the id table; set at the allocation, and never
	 * changed
	 */
	unsigned int id;
};

/** The functions of an object type, which the core calls. */
struct iommufd_object_ops {
	/**
	 * The offset of a struct file * in the object, or 0 if the object has
	 * no file.  If the creation is undone and the pointer is not NULL, the
	 * core releases that file; an error pointer is a WARN.
	 */
	size_t file_offset;
	/**
	 * Makes the holders of wait references drop them.  A waiting destroy
	 * that finds such references calls it, with no lock held.  May be NULL.
	 */
	void (*pre_destroy)(struct iommufd_object *obj);
	/**
	 * Undoes everything that the creation did.  It is called with no lock
	 * held, after users has become 0 and the id is free.  The core frees
	 * the memory afterwards.  Never NULL.
	 */
	void (*destroy)(struct iommufd_object *obj);
	/**
	 * Called instead of destroy() when the creation fails.  A type has this
	 * op only if its creator then holds a lock that destroy() would take;
	 * otherwise it is NULL.
	 */
	void (*abort)(struct iommufd_object *obj);
};

/**
 * Registers an object type, which stays registered as long as the process runs.
 * @param name  the name of the type in reports; must stay valid
 * @param ops   the functions of the type; must stay valid
 * @param type  the number that it is to have, or IOMMUFD_OBJ_NONE for the next
 *   free one
 * @return the number of the type, or a negative errno; the same pair of @p name
 *   and @p ops gets the same number again
 * @errors -EINVAL: there is no name or no destroy op, or the number is invalid;
 *   -EEXIST: another type has the number; -ENOSPC: no number is free.
 * @context Must not be called while other threads create objects.
 */
IOMMUFD_MODEL_API int
iommufd_model_register_type(const char *name,
			    const struct iommufd_object_ops *ops,
			    enum iommufd_object_type type);

/**
 * Returns the name of an object type.
 * @param type  the type
 * @return the name, such as "ioas"; "?" if there is no such type
 */
IOMMUFD_MODEL_API const char *
iommufd_model_type_name(enum iommufd_object_type type);

/** A running ioctl. */
struct iommufd_ucmd {
	/** the context, to which the descriptor holds a reference */
	struct iommufd_ctx *ictx;
	void __user *ubuffer;	/**< the address of the user's struct */
	u32 user_size;	/**< the size of that struct, as the user gave it */
	void *cmd;	/**< a copy of that struct, padded with zeros */
	/**
	 * The object that iommufd_object_alloc_ucmd() has allocated.  After the
	 * handler has returned, the core publishes the object if the result is
	 * 0, and otherwise undoes its creation (R-OBJ-8).
	 */
	struct iommufd_object *new_obj;
};

/**
 * Copies the struct back to the user, but not more bytes than the user's struct
 * has.
 * @param ucmd     the ioctl
 * @param cmd_len  the size of the struct in bytes
 * @return 0 or -EFAULT
 * @context The caller must not hold a spinlock, since this may sleep in a
 *   kernel.
 * @rule R-UAPI-8
 */
static inline int iommufd_ucmd_respond(struct iommufd_ucmd *ucmd,
				       size_t cmd_len)
{
	if (ucmd->user_size < cmd_len)
		cmd_len = ucmd->user_size;
	return copy_to_user(ucmd->ubuffer, ucmd->cmd, cmd_len) ? -EFAULT : 0;
}

/** An entry of the table of ioctls. */
struct iommufd_ioctl_op {
	unsigned int size;	/**< the size of the struct in this version */
	/** the size of the struct up to the end of its last mandatory member */
	unsigned int min_size;
	unsigned int ioctl_num;	/**< the number of the request */
	/** The handler; it is called with no lock held. */
	int (*execute)(struct iommufd_ucmd *ucmd);
};

/**
 * Registers an ioctl of a prototype.  Its number is one of 0x96 to 0x9f, which
 * no kernel uses.
 * @param op  the entry; must stay valid
 * @return 0, or a negative errno
 * @errors -EINVAL: the number is not one of these, there is no handler, or the
 *   sizes contradict each other or exceed 128 bytes; -EEXIST: the number is
 *   already registered.
 * @context Must not be called while an ioctl runs on another thread.
 */
IOMMUFD_MODEL_API int
iommufd_model_register_ioctl(const struct iommufd_ioctl_op *op);

/**
 * Creates an object with zeroed memory, one users reference and one wait
 * reference, and reserves the lowest free id for it.  The object cannot be
 * looked up yet.  The macro iommufd_object_alloc() does the same and returns a
 * typed pointer.
 * @param ictx  the context
 * @param size  size of the struct in bytes
 * @param type  its type, which must be registered
 * @return the object, or an error pointer
 * @ownership The object belongs to the caller, who must then call exactly one
 *   of iommufd_object_finalize(), iommufd_object_abort() and
 *   iommufd_object_abort_and_destroy().
 * @errors -ENOMEM; -EBUSY: there is no free id; -EINVAL and a WARN: the type is
 *   unknown, or @p size is too small.
 * @rule R-OBJ-3, R-ID-1 to R-ID-4
 */
IOMMUFD_MODEL_API struct iommufd_object *
_iommufd_object_alloc(struct iommufd_ctx *ictx, size_t size,
		      enum iommufd_object_type type);

/**
 * Creates an object for an ioctl.  The ioctl core publishes it when the handler
 * returns 0, and undoes its creation when the handler fails.  The macro
 * iommufd_object_alloc_ucmd() does the same and returns a typed pointer.
 * @param ucmd  the ioctl
 * @param size  size of the struct in bytes
 * @param type  its type, which must be registered
 * @return the object, or an error pointer
 * @ownership The object belongs to the ioctl core; the caller must neither
 *   publish nor abort it.
 * @errors -EBUSY and a WARN: the ioctl has created an object already;
 *   -EOPNOTSUPP and a WARN: the type has an abort op; and the errors of
 *   _iommufd_object_alloc().
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
 * Does what iommufd_object_alloc() does, for a struct in which the
 * struct iommufd_object is not called obj.
 * @param ictx    the context
 * @param ptr     a pointer of the struct's type; not evaluated
 * @param type    its type, which must be registered
 * @param member  the struct iommufd_object in it, such as common.obj, which
 *   must come first
 * @return a pointer of @p ptr's type, or an error pointer
 */
#define __iommufd_object_alloc(ictx, ptr, type, member)			\
	__IOMMUFD_MODEL_CAST_OBJECT(					\
		_iommufd_object_alloc(ictx, sizeof(*(ptr)), type), ptr, member)

/**
 * Creates an object with _iommufd_object_alloc().
 * @param ictx  the context
 * @param ptr   a pointer of the struct's type; not evaluated
 * @param type  its type, which must be registered
 * @return a pointer of @p ptr's type, or an error pointer
 * @ownership As described at _iommufd_object_alloc().
 * @rule R-OBJ-2, R-OBJ-3
 */
#define iommufd_object_alloc(ictx, ptr, type) \
	__iommufd_object_alloc(ictx, ptr, type, obj)

/**
 * Does what iommufd_object_alloc_ucmd() does, for a struct in which the
 * struct iommufd_object is not called obj.
 * @param ucmd    the ioctl
 * @param ptr     a pointer of the struct's type; not evaluated
 * @param type    its type, which must be registered
 * @param member  the struct iommufd_object in it, which must come first
 * @return a pointer of @p ptr's type, or an error pointer
 */
#define __iommufd_object_alloc_ucmd(ucmd, ptr, type, member)		\
	__IOMMUFD_MODEL_CAST_OBJECT(					\
		_iommufd_object_alloc_ucmd(ucmd, sizeof(*(ptr)), type), ptr, \
		member)

/**
 * Creates an object for an ioctl with _iommufd_object_alloc_ucmd().
 * @param ucmd  the ioctl
 * @param ptr   a pointer of the struct's type; not evaluated
 * @param type  its type, which must be registered
 * @return a pointer of @p ptr's type, or an error pointer
 * @ownership As described at _iommufd_object_alloc_ucmd().
 * @rule R-OBJ-2, R-OBJ-4
 */
#define iommufd_object_alloc_ucmd(ucmd, ptr, type) \
	__iommufd_object_alloc_ucmd(ucmd, ptr, type, obj)

/**
 * Publishes an object: from now on it can be looked up by its id.  No step of
 * its creation may fail after this call.
 * @param ictx  the context
 * @param obj   the object, made by _iommufd_object_alloc()
 * @ownership The object belongs to the table afterwards, and the counters do
 *   not change.  The caller may use the object only if it holds a reference of
 *   its own.
 * @errors A WARN if its slot was not reserved.
 * @context Takes the table lock, a spinlock.
 * @rule R-OBJ-5
 */
IOMMUFD_MODEL_API void iommufd_object_finalize(struct iommufd_ctx *ictx,
					       struct iommufd_object *obj);

/**
 * Frees an object that was not published, and its id.
 * @param ictx  the context
 * @param obj   the object, whose users is 1; the caller must not use it any
 *   more
 * @errors A WARN if its slot was not reserved; a WARN if users is not 1, in
 *   which case the memory is leaked because somebody still uses it.
 * @context Takes the table lock, a spinlock.
 * @rule R-OBJ-6
 */
IOMMUFD_MODEL_API void iommufd_object_abort(struct iommufd_ctx *ictx,
					    struct iommufd_object *obj);

/**
 * Undoes a creation.  It releases the file of the object if there is one, calls
 * the abort op, or the destroy op if there is no abort op, and then does what
 * iommufd_object_abort() does.
 * @param ictx  the context
 * @param obj   the object, whose users is 1, not counting the reference of its
 *   file; the caller must not use it any more
 * @errors The same as for iommufd_object_abort().
 * @context If there is an abort op, the caller holds the lock that it expects;
 *   otherwise the caller must hold no lock.  May block.
 * @rule R-OBJ-7
 */
IOMMUFD_MODEL_API void
iommufd_object_abort_and_destroy(struct iommufd_ctx *ictx,
				 struct iommufd_object *obj);

/**
 * Takes a short reference to an object: first users, then wait_cnt.
 * @param obj  the object
 * @return true on success; false if the object is being destroyed, in which
 *   case nothing has changed
 * @ownership The caller must own a users reference or hold the table lock.  On
 *   success it owns a short reference until iommufd_put_object().
 * @rule R-OBJ-9, R-COUNT-3, R-COUNT-5
 */
static inline bool iommufd_lock_obj(struct iommufd_object *obj)
{
	if (!refcount_inc_not_zero(&obj->users))
		return false;
	if (!refcount_inc_not_zero(&obj->wait_cnt)) {
		/*
		 * This is never the last reference: the id table or the caller
		 * holds another.
		 */
		refcount_dec(&obj->users);
		return false;
	}
	return true;
}

/**
 * Looks up a published object and takes a short reference to it, so that nobody
 * can destroy it until iommufd_put_object().
 * @param ictx  the context
 * @param id    its id
 * @param type  its type, or IOMMUFD_OBJ_ANY
 * @return the object, or an error pointer
 * @ownership The caller owns a short reference.
 * @errors -ENOENT: there is no such object, it has another type, or it is being
 *   destroyed.
 * @context Takes the table lock, a spinlock.
 * @rule R-OBJ-10
 */
IOMMUFD_MODEL_API struct iommufd_object *
iommufd_get_object(struct iommufd_ctx *ictx, u32 id,
		   enum iommufd_object_type type);

/**
 * Drops a short reference, first users and then wait_cnt, and wakes a destroy
 * that waits for the object.
 * @param ictx  the context, to which something else must hold a reference
 * @param obj   the object, which the caller must not use any more
 * @ownership The caller gives up its short reference.
 * @context Does not block.
 * @rule R-OBJ-11, R-COUNT-4
 */
IOMMUFD_MODEL_API void iommufd_put_object(struct iommufd_ctx *ictx,
					  struct iommufd_object *obj);

/**
 * Takes a users reference to an object that was found through a back pointer,
 * which holds no reference.
 * @param ictx  the context
 * @param obj   the object
 * @return 0, or a negative errno
 * @ownership On success the caller owns a users reference.
 * @errors -EBUSY: the object is no longer in the table.
 * @context The caller holds a lock that keeps the object from being freed.
 *   Takes the table lock, a spinlock.
 * @rule R-OBJ-12
 */
IOMMUFD_MODEL_API int iommufd_try_inc_users(struct iommufd_ctx *ictx,
					    struct iommufd_object *obj);

/** Flags of iommufd_object_remove(). */
enum {
	/** wait until wait_cnt is 0 before anything else */
	REMOVE_WAIT = BIT(0),
	/** the name of the flag up to Linux 6.16 */
	REMOVE_WAIT_SHORTTERM = REMOVE_WAIT,
	/** leave a tombstone, so that the id is never used again */
	REMOVE_OBJ_TOMBSTONE = BIT(1),
};

/**
 * Removes an object from the table and destroys it.
 * @param ictx        the context
 * @param to_destroy  the object, or NULL for any object that has the id; NULL
 *   is not allowed with REMOVE_WAIT
 * @param id          its id
 * @param flags       REMOVE_ bits
 * @return 0 if the object was destroyed; otherwise a negative errno, in which
 *   case the object lives on, unless it is leaked as described below
 * @ownership If @p to_destroy is given, the caller's users reference is
 *   dropped, whatever the result is.
 * @errors -ENOENT: there is no such object; -ENOENT and a WARN: the id belongs
 *   to another object than @p to_destroy; -EBUSY: somebody else has a users
 *   reference, or with REMOVE_WAIT still has a wait reference after the
 *   timeout; -EBUSY and a WARN: without REMOVE_WAIT wait_cnt did not become 0,
 *   and the object, which is out of the table already, is leaked.
 * @context The caller must hold no lock.  May block: it calls the destroy op,
 *   and waits for wait_cnt to become 0, at most for the destroy timeout.  With
 *   REMOVE_WAIT it waits before it looks at users, otherwise afterwards.
 * @rule R-DESTROY-1 to R-DESTROY-7, R-ID-5
 */
IOMMUFD_MODEL_API int iommufd_object_remove(struct iommufd_ctx *ictx,
					    struct iommufd_object *to_destroy,
					    u32 id, unsigned int flags);

/**
 * Destroys an object on behalf of the kernel code that created it, after
 * waiting for short references to it.
 * @param ictx  the context
 * @param obj   the object, whose users is 2 with the caller's reference; the
 *   caller must not use it any more
 * @ownership The caller's users reference is dropped in every case.
 * @errors A WARN if the object cannot be destroyed; it lives on until the
 *   context is released.
 * @context As described at iommufd_object_remove().
 * @rule R-DESTROY-8, R-DESTROY-3, R-DESTROY-4
 */
IOMMUFD_MODEL_API void
iommufd_object_destroy_user(struct iommufd_ctx *ictx,
			    struct iommufd_object *obj);

/**
 * Does what iommufd_object_destroy_user() does, but leaves a tombstone, so that
 * the id is never used again.
 * @param ictx  the context
 * @param obj   the object, whose users is 2 with the caller's reference; the
 *   caller must not use it any more
 * @ownership The caller's users reference is dropped in every case.
 * @errors A WARN if the object cannot be destroyed; it lives on until the
 *   context is released.
 * @context As described at iommufd_object_remove().
 * @rule R-DESTROY-8, R-ID-5
 */
IOMMUFD_MODEL_API void
iommufd_object_tombstone_user(struct iommufd_ctx *ictx,
			      struct iommufd_object *obj);

/**
 * Drops the caller's users reference, and destroys the object if only the id
 * table still holds one.
 * @param ictx  the context
 * @param obj   the object, which the caller must not use any more
 * @ownership The caller gives up its users reference.
 * @context As described at iommufd_object_remove().
 * @rule R-DESTROY-9
 */
IOMMUFD_MODEL_API void
iommufd_object_put_and_try_destroy(struct iommufd_ctx *ictx,
				   struct iommufd_object *obj);

/**
 * Makes an object depend on another one, which then cannot be destroyed.
 * @param obj_dependent  the object that depends on the other
 * @param obj_depended   the object that it depends on, of the same type
 * @return 0, or a negative errno
 * @ownership The dependent object owns a users reference to the other.
 * @errors -EINVAL: both are the same object, or they have different types;
 *   -ENOENT: @p obj_depended is being destroyed (DEV-2).
 * @context The caller holds a lock that keeps @p obj_depended from being freed.
 *   Does not block.
 * @rule R-OBJ-13
 */
IOMMUFD_MODEL_API int
_iommufd_object_depend(struct iommufd_object *obj_dependent,
		       struct iommufd_object *obj_depended);

/**
 * Undoes _iommufd_object_depend().
 * @param obj_dependent  the object that depends on the other
 * @param obj_depended   the object that it depends on
 * @ownership The users reference of the dependent object is dropped.
 * @errors A WARN, once, if both are the same object or have different types;
 *   nothing else happens then.
 * @context Does not block.
 * @rule R-OBJ-13
 */
IOMMUFD_MODEL_API void
_iommufd_object_undepend(struct iommufd_object *obj_dependent,
			 struct iommufd_object *obj_depended);

/**
 * An mmap cookie: a range of offsets in the file of a context, which can be
 * mapped.
 */
struct iommufd_mmap {
	struct list_head link;	/**< links in ictx->mmaps */
	/**
	 * the owner; no reference is held, but each mapping holds a users
	 * reference to the owner
	 */
	struct iommufd_object *owner;
	unsigned long vm_pgoff;	/**< the first offset, in pages */
	/** the physical address of the memory */
	phys_addr_t mmio_addr;
	size_t length;	/**< the length in bytes */
};

/**
 * Creates a cookie at the lowest free offset, which is never 0.
 * @param ictx       the context
 * @param owner      the object that owns the memory
 * @param mmio_addr  the physical address of the memory to be mapped
 * @param length     the length in bytes
 * @param offset     set to the offset of the cookie, in bytes
 * @return 0, or a negative errno
 * @ownership The cookie holds no reference.  The owner must drop it with
 *   _iommufd_destroy_mmap() before it is freed.
 * @errors -EINVAL: the address or the length is not a multiple of the page
 *   size; -ENOMEM; -EBUSY: no range of offsets is free.
 * @context Takes the cookie lock, a spinlock.
 * @rule R-MMAP-1
 */
IOMMUFD_MODEL_API int _iommufd_alloc_mmap(struct iommufd_ctx *ictx,
					  struct iommufd_object *owner,
					  phys_addr_t mmio_addr, size_t length,
					  unsigned long *offset);

/**
 * Destroys a cookie.  This must be done before its owner is freed.
 * @param ictx    the context
 * @param owner   its owner
 * @param offset  offset of the cookie, in bytes
 * @errors A WARN, once, if there is no such cookie, or if it has another owner.
 * @context Takes the cookie lock, a spinlock.  It is called by the destroy op
 *   of the owner or by the undo of its creation.  There is no mapping then,
 *   since each mapping holds a users reference to the owner.
 * @rule R-MMAP-2
 */
IOMMUFD_MODEL_API void _iommufd_destroy_mmap(struct iommufd_ctx *ictx,
					     struct iommufd_object *owner,
					     unsigned long offset);

/**
 * The page table of an IOAS: its mappings, and the domains and accesses that
 * use it.
 * @rule R-IOAS-1
 */
struct io_pagetable {
	/**
	 * The outer lock.  Hold it for reading to fill areas with memory, and
	 * for writing to change the set of domains or accesses.
	 */
	struct rw_semaphore domains_rwsem;
	/** the domains, each of which maps all areas; an array without holes */
	struct iommu_domain **domains;
	u32 next_domain_id;	/**< the first free index of domains */
	/** how many attached accesses need an alignment of PAGE_SIZE */
	u32 nr_page_accesses;
	/**
	 * The attached accesses; their ids begin at 0.
	 * iommufd_access_notify_unmap() holds its xa_lock while it walks the
	 * array.
	 */
	struct xarray access_list;

	/** the inner lock, which guards the following members */
	struct rw_semaphore iova_rwsem;
	/** the mappings, by IOVA; they do not overlap */
	struct range_tree areas;
	/** ranges that the user wants to stay usable; they do not overlap */
	struct range_tree allowed;
	/**
	 * ranges that cannot be mapped, in the order of their first IOVA; they
	 * may overlap
	 */
	struct hlist_head reserved;
	/**
	 * the start and the length of each mapping are multiples of this, which
	 * is at most PAGE_SIZE
	 */
	u32 iova_alignment;
	u8 disable_large_pages;	/**< 1 if IOMMU_OPTION_HUGE_PAGES is set to 0 */
};

/**
 * An I/O address space.  Each HWPT_PAGING on it and each attached access holds
 * a users reference to it.
 */
struct iommufd_ioas {
	struct iommufd_object obj;	/**< the object */
	struct io_pagetable iopt;	/**< the mappings */
	/**
	 * Guards the list, and is held while a HWPT is created on the IOAS.  It
	 * is taken before the locks of the iopt.
	 */
	struct mutex mutex;
	struct list_head hwpt_list;	/**< the HWPT_PAGINGs on this IOAS */
};

/**
 * Looks up an IOAS, as iommufd_get_object() does.
 * @param ictx  the context
 * @param id    its id
 * @return the IOAS, or an error pointer
 * @ownership The caller owns a short reference.
 * @errors -ENOENT: there is no such IOAS.
 */
static inline struct iommufd_ioas *iommufd_get_ioas(struct iommufd_ctx *ictx,
						    u32 id)
{
	/* An error pointer can be cast too, because obj is the first member. */
	return (struct iommufd_ioas *)(void *)iommufd_get_object(
		ictx, id, IOMMUFD_OBJ_IOAS);
}

/**
 * A user of an IOAS that is software, not a device.  While it lives, the id
 * table and its creator hold one users reference each.
 * @rule R-ACC-1
 */
struct iommufd_access {
	struct iommufd_object obj;	/**< the object */
	/**
	 * The context, to which an external access holds a reference.  It is
	 * NULL for an internal access.  Only the release of the context
	 * destroys the owner of an internal access, and it would never begin if
	 * the access held a reference to the context (R-ACC-18).
	 */
	struct iommufd_ctx *ictx;
	/**
	 * The IOAS that new pins use.  NULL if the access is detached, or while
	 * its attachment is being changed.
	 */
	struct iommufd_ioas *ioas;
	/**
	 * The IOAS that unpins use.  It differs from ioas only during a change.
	 */
	struct iommufd_ioas *ioas_unpin;
	/**
	 * Guards ioas and ioas_unpin.  Detach and replace release it while they
	 * call unmap().
	 */
	struct mutex ioas_lock;
	/** the driver's functions; NULL for an internal access */
	const struct iommufd_access_ops *ops;
	/**
	 * the argument of the driver's functions; NULL for an internal access
	 */
	void *data;
	unsigned long iova_alignment;	/**< 1 or PAGE_SIZE */
	/**
	 * the index of the access in access_list of the IOAS, while it is
	 * attached
	 */
	u32 iopt_access_list_id;
};

/**
 * Checks whether an access is internal, that is, belongs to another object.
 * @param access  the access
 * @return true if it is internal
 */
static inline bool
iommufd_access_is_internal(const struct iommufd_access *access)
{
	return !access->ictx;
}

/**
 * Creates an internal access for an object that is being created.  The access
 * is detached, has no callbacks, and pins whole pages.
 * @param ictx  the context
 * @return the access, or an error pointer
 * @ownership The owner holds a users reference, so users is 2, until its
 *   destroy op calls iommufd_access_destroy_internal().  The access holds no
 *   reference to the context.
 * @errors -ENOMEM; -EBUSY: there is no free id.
 * @rule R-ACC-4
 */
IOMMUFD_MODEL_API struct iommufd_access *
iommufd_access_create_internal(struct iommufd_ctx *ictx);

/**
 * Attaches a detached internal access to an IOAS.
 * @param access  the access
 * @param ioas    the IOAS, which the owner must keep alive
 * @return 0, or a negative errno, in which case nothing has changed
 * @ownership The access owns a users reference to the IOAS while it is
 *   attached.
 * @errors -EINVAL and a WARN: the access is already attached; -EADDRINUSE: the
 *   areas of the IOAS do not consist of whole pages; -EBUSY: the IOAS has 65536
 *   accesses; -ENOMEM.
 * @context May block.
 * @rule R-ACC-9
 */
IOMMUFD_MODEL_API int
iommufd_access_attach_internal(struct iommufd_access *access,
			       struct iommufd_ioas *ioas);

/**
 * Destroys an internal access, which may still be attached.
 * @param ictx    the context
 * @param access  the access, which the caller must not use any more
 * @ownership The owner's users reference is dropped in every case.
 * @errors A WARN if somebody else holds a reference; the access then lives on
 *   until the context is released.
 * @context May block, but at most for the destroy timeout.
 * @rule R-ACC-6
 */
static inline void
iommufd_access_destroy_internal(struct iommufd_ctx *ictx,
				struct iommufd_access *access)
{
	iommufd_object_destroy_user(ictx, &access->obj);
}

/**
 * Detaches an internal access from its IOAS; no callback is called.
 * @param access  the access; a WARN if it is not attached
 * @ownership The users reference of the access to the IOAS is dropped.
 * @context May block.
 * @rule R-ACC-9
 */
static inline void
iommufd_access_detach_internal(struct iommufd_access *access)
{
	iommufd_access_detach(access);
}

/**
 * Calls unmap() of every attached external access, in the order of access_list.
 * @param iopt    the page table of the IOAS
 * @param iova    the first byte
 * @param length  bytes
 * @ownership A short reference to each access is held while its unmap() runs.
 * @context May block.  The caller must hold no lock of the iopt, and none that
 *   an unmap() takes.
 * @rule R-ACC-15
 */
IOMMUFD_MODEL_API void
iommufd_access_notify_unmap(struct io_pagetable *iopt, unsigned long iova,
			    unsigned long length);

/**
 * The devices of one iommu_group that are bound to one context.
 * @rule R-DEVICE-5
 */
struct iommufd_group {
	refcount_t ref;	/**< each bound device holds one reference */
	/**
	 * Guards attached, and the members vdev and destroying of each
	 * device.  The lock is a member of the group, so whoever takes it must
	 * hold a reference to the group.
	 */
	struct mutex lock;
	/** the context; no reference is held */
	struct iommufd_ctx *ictx;
	/** the iommu_group, which is kept alive by its devices */
	struct iommu_group *group;
	/**
	 * The list of the attachments of the group's devices.  All attachments
	 * with the same PASID have the same HWPT.
	 */
	struct list_head attached;
};

/**
 * What a page fault of an attached device leads to: the device that is to be
 * reported for the fault.
 */
struct iommufd_attach_handle {
	/** the part that the IOMMU core knows */
	struct iommu_attach_handle handle;
	struct iommufd_device *idev;	/**< the device; a weak pointer */
};

/**
 * An attachment of a device or of one of its PASIDs to a HWPT.  An attachment
 * holds a users reference to the device and another one to the HWPT.
 */
struct iommufd_attach {
	/** links in igroup->attached, while attached */
	struct list_head item;
	struct iommufd_device *idev;	/**< the device that is attached */
	ioasid_t pasid;	/**< IOMMU_NO_PASID for the device itself */
	/** the HWPT that the device is attached to */
	struct iommufd_hw_pagetable *hwpt;
	/**
	 * The handle by which page faults find the device.  All attachments of
	 * the group with the same PASID share one handle, which belongs to the
	 * first of them.  An attachment without a PASID to a HWPT without a
	 * fault queue has none (NULL).
	 */
	struct iommufd_attach_handle *handle;
};

/**
 * A bound device.  The driver that has bound it holds a users reference, an
 * attachment holds another one, and a vDEVICE holds a short reference.
 * @rule R-DEVICE-1 to R-DEVICE-8
 */
struct iommufd_device {
	struct iommufd_object obj;	/**< the object */
	/** the context; a reference is held, unless this is a mock device */
	struct iommufd_ctx *ictx;
	struct iommufd_group *igroup;	/**< the group; a reference is held */
	/**
	 * the attachment without a PASID; attachments with a PASID are
	 * allocated
	 */
	struct iommufd_attach attach;
	struct device *dev;	/**< the device; the driver keeps it valid */
	/** true if the driver can enforce coherent accesses */
	bool enforce_cache_coherency;
	/**
	 * the vDEVICE of this device; no reference is held; guarded by the lock
	 * of the group
	 */
	struct iommufd_vdevice *vdev;
	/**
	 * Set when an unbind begins; from then on no vDEVICE is created.
	 * Guarded by the lock of the group.
	 */
	bool destroying;
};

/**
 * A HWPT.  Each attached device holds a users reference to it.  If it is a nest
 * parent, each nested HWPT and each vIOMMU on it holds one too.
 * @rule R-HWPT-1 to R-HWPT-7
 */
struct iommufd_hw_pagetable {
	struct iommufd_object obj;	/**< the object */
	/** the domain, which is freed together with the HWPT */
	struct iommu_domain *domain;
	/** the fault queue, or NULL; a users reference is held */
	struct iommufd_fault *fault;
	/** true if the HWPT was created with IOMMU_HWPT_ALLOC_PASID */
	bool pasid_compat : 1;
};

/** A HWPT that maps everything that its IOAS maps. */
struct iommufd_hwpt_paging {
	struct iommufd_hw_pagetable common;	/**< what all HWPTs have */
	/** the IOAS; a users reference is held */
	struct iommufd_ioas *ioas;
	/**
	 * true if an attach to the IOAS created the HWPT, which its last detach
	 * then destroys
	 */
	bool auto_domain : 1;
	/** true if the domain enforces coherent accesses */
	bool enforce_cache_coherency : 1;
	/** true if nested HWPTs and vIOMMUs may be created on this HWPT */
	bool nest_parent : 1;
	/** links in ioas->hwpt_list, guarded by ioas->mutex */
	struct list_head hwpt_item;
};

/** A HWPT whose page table belongs to a guest. */
struct iommufd_hwpt_nested {
	struct iommufd_hw_pagetable common;	/**< what all HWPTs have */
	/**
	 * The HWPT below it.  A users reference is held, unless viommu is set:
	 * the vIOMMU then holds the reference to the parent.
	 */
	struct iommufd_hwpt_paging *parent;
	/** the vIOMMU, or NULL; a users reference is held */
	struct iommufd_viommu *viommu;
};

/**
 * The functions of a vIOMMU's driver; each member may be NULL.
 * @rule R-VIOMMU-2
 */
struct iommufd_viommu_ops {
	/** Undoes viommu_init(). */
	void (*destroy)(struct iommufd_viommu *viommu);
	/**
	 * Creates a nested domain on the vIOMMU.  Returns the domain or an
	 * error pointer.
	 */
	struct iommu_domain *(*alloc_domain_nested)(
		struct iommufd_viommu *viommu, u32 flags,
		const struct iommu_user_data *user_data);
	/**
	 * Invalidates what the hardware has cached for the VM, as
	 * cache_invalidate_user() of a domain does for the domain.
	 */
	int (*cache_invalidate)(struct iommufd_viommu *viommu,
				struct iommu_user_data_array *array);
	/**
	 * Size of its vDEVICE in bytes, including the struct iommufd_vdevice
	 * that must come first; 0 if the driver needs no data of its own.
	 */
	size_t vdevice_size;
	/** Initialises a new vDEVICE; returns 0 or a negative errno. */
	int (*vdevice_init)(struct iommufd_vdevice *vdev);
	/**
	 * Returns the size in bytes of the driver's struct for a HW_QUEUE of @p
	 * queue_type, which begins with a struct iommufd_hw_queue.  Returns 0
	 * if there is no such type.
	 */
	size_t (*get_hw_queue_size)(struct iommufd_viommu *viommu,
				    unsigned int queue_type);
	/**
	 * Starts a new HW_QUEUE with the number @p index, whose memory begins
	 * at @p base_addr_pa.  Returns 0 or a negative errno.
	 */
	int (*hw_queue_init_phys)(struct iommufd_hw_queue *hw_queue, u32 index,
				  phys_addr_t base_addr_pa);
};

/**
 * The part of an IOMMU that is given to a VM.  Each of its nested HWPTs,
 * vDEVICEs, VEVENTQs and HW_QUEUEs holds a users reference to it, and so does
 * each mapping of its mmap cookie.
 * @rule R-VIOMMU-1
 */
struct iommufd_viommu {
	struct iommufd_object obj;	/**< the object */
	/** the context; no reference is held */
	struct iommufd_ctx *ictx;
	struct iommu_device *iommu_dev;	/**< the IOMMU; no reference is held */
	/** the nest parent; a users reference is held */
	struct iommufd_hwpt_paging *hwpt;
	const struct iommufd_viommu_ops *ops;	/**< set by viommu_init() */
	/**
	 * the vDEVICEs by virt_id; no references are held; a lookup must hold
	 * xa_lock
	 */
	struct xarray vdevs;
	/** the VEVENTQs; no references are held */
	struct list_head veventqs;
	struct rw_semaphore veventqs_rwsem;	/**< guards veventqs */
	unsigned int type;	/**< an IOMMU_VIOMMU_TYPE_ value */
};

/**
 * A device as a VM sees it.
 * @rule R-VDEVICE-1 to R-VDEVICE-4
 */
struct iommufd_vdevice {
	struct iommufd_object obj;	/**< the object */
	/** the vIOMMU; a users reference is held */
	struct iommufd_viommu *viommu;
	/** the DEVICE; a short reference is held */
	struct iommufd_device *idev;
	u64 virt_id;	/**< the id that the VM uses for the device */
	/** Undoes vdevice_init(); the driver sets it.  May be NULL. */
	void (*destroy)(struct iommufd_vdevice *vdev);
};

/**
 * A queue in the memory of a guest, which hardware reads.
 * @rule R-HWQ-1 to R-HWQ-3
 */
struct iommufd_hw_queue {
	struct iommufd_object obj;	/**< the object */
	/** the vIOMMU; a users reference is held */
	struct iommufd_viommu *viommu;
	/**
	 * the internal access that the queue owns, and that pins the queue's
	 * memory
	 */
	struct iommufd_access *access;
	/**
	 * the first IOVA of the queue's memory as the user gave it, not rounded
	 */
	u64 base_addr;
	/**
	 * the length of the queue's memory in bytes as the user gave it, not
	 * rounded
	 */
	size_t length;
	unsigned int type;	/**< an IOMMU_HW_QUEUE_TYPE_ value */
	/**
	 * Stops the queue.  The driver sets it as soon as there is something to
	 * stop.
	 */
	void (*destroy)(struct iommufd_hw_queue *hw_queue);
};

/**
 * The common part of FAULT and VEVENTQ.
 * @rule R-EVQ-1, R-EVQ-2
 */
struct iommufd_eventq {
	struct iommufd_object obj;	/**< the object */
	/** the context, to which the file holds the reference */
	struct iommufd_ctx *ictx;
	/**
	 * the file of the queue, which holds a users reference to the object
	 * and a reference to the context
	 */
	struct file *filep;
	spinlock_t lock;	/**< guards the list @p deliver */
	/** the entries that user space has not read yet */
	struct list_head deliver;
	/** readers would wait here, but the model has no blocking read */
	wait_queue_head_t wait_queue;
};

/**
 * A queue of page faults.  The list in its common part has the groups of page
 * faults that user space has not read yet.
 * @rule R-EVQ-4 to R-EVQ-6, R-EVQ-11
 */
struct iommufd_fault {
	/** the part that a FAULT has in common with a VEVENTQ */
	struct iommufd_eventq common;
	/** serialises reads, writes and removal of the faults of a device */
	struct mutex mutex;
	/** the groups that were read and not answered yet, by their cookies */
	struct xarray response;
};

/** An entry in a VEVENTQ. */
struct iommufd_vevent {
	/** the header, which the user reads before the data */
	struct iommufd_vevent_header header;
	/** links in the list @p deliver of the queue */
	struct list_head node;
	/**
	 * the size of the data in bytes; 0 for the entry that reports lost
	 * events
	 */
	ssize_t data_len;
	/**
	 * the data, which follow the struct; NULL for the entry that reports
	 * lost events
	 */
	void *event_data;
};

/** A queue of events of one type, which a vIOMMU reports to user space. */
struct iommufd_veventq {
	/** the part that a VEVENTQ has in common with a FAULT */
	struct iommufd_eventq common;
	/** the vIOMMU; a users reference is held */
	struct iommufd_viommu *viommu;
	struct list_head node;	/**< links in viommu->veventqs */
	unsigned int type;	/**< an IOMMU_VEVENTQ_TYPE_ value */
	u32 depth;	/**< the largest number of events in the queue */
	/** the number of events in the queue; guarded by common.lock */
	u32 num_events;
	/** the number of the next event; guarded by common.lock */
	u32 sequence;
	/** the entry that reports to the user that events were lost */
	struct iommufd_vevent lost_events_header;
};

/**
 * Makes a queue depend on another queue of the same vIOMMU.  It is for the
 * driver of a vIOMMU.
 * @param dependent  the queue that depends on the other
 * @param depended   the queue on which it depends
 * @return 0, or a negative errno
 * @ownership The dependent queue owns a users reference to the other.
 * @errors -EINVAL and a WARN, once: the queues belong to different vIOMMUs; and
 *   the errors of _iommufd_object_depend().
 * @context As described at _iommufd_object_depend().
 * @rule R-OBJ-13
 */
IOMMUFD_MODEL_API int
iommufd_hw_queue_depend(struct iommufd_hw_queue *dependent,
			struct iommufd_hw_queue *depended);

/**
 * Undoes iommufd_hw_queue_depend().
 * @param dependent  the queue that depends on the other
 * @param depended   the queue on which it depends
 * @ownership The users reference of the dependent queue is dropped.
 * @errors A WARN, once, if the queues belong to different vIOMMUs; the
 *   dependence is undone all the same.
 * @context Does not block.
 * @rule R-OBJ-13
 */
IOMMUFD_MODEL_API void
iommufd_hw_queue_undepend(struct iommufd_hw_queue *dependent,
			  struct iommufd_hw_queue *depended);

/**
 * Does what _iommufd_alloc_mmap() does, for a vIOMMU.
 * @param viommu     the owner
 * @param mmio_addr  physical address of the memory to be mapped
 * @param length     bytes
 * @param offset     set to the offset of the cookie, in bytes
 * @return 0, or a negative errno as from _iommufd_alloc_mmap()
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
 * Does what _iommufd_destroy_mmap() does, for a vIOMMU.
 * @param viommu  the owner
 * @param offset  offset of the cookie, in bytes
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
 * @ownership The caller gets no reference; the device is valid while the lock
 *   is held.
 * @context The caller must hold the xa_lock of viommu->vdevs; a WARN if it does
 *   not.
 */
IOMMUFD_MODEL_API struct device *
iommufd_viommu_find_dev(struct iommufd_viommu *viommu, unsigned long vdev_id);

/**
 * Finds the virt_id of a device on a vIOMMU.
 * @param viommu   the vIOMMU
 * @param dev      the device
 * @param vdev_id  set to the virt_id
 * @return 0, or a negative errno
 * @errors -ENOENT: the device has no vDEVICE on that vIOMMU; -EINVAL and a
 *   WARN, once: @p vdev_id is NULL.
 * @context Takes the xa_lock of viommu->vdevs, a spinlock.
 */
IOMMUFD_MODEL_API int
iommufd_viommu_get_vdev_id(struct iommufd_viommu *viommu, struct device *dev,
			   unsigned long *vdev_id);

/**
 * Returns the device of a vDEVICE.
 * @param vdev  the vDEVICE
 * @return the device; the caller gets no reference
 */
IOMMUFD_MODEL_API struct device *
iommufd_vdevice_to_device(struct iommufd_vdevice *vdev);

/**
 * Queues an event for user space.  If the queue is full, the event is lost.
 * @param viommu      the vIOMMU
 * @param type        an IOMMU_VEVENTQ_TYPE_ value
 * @param event_data  the data of the event, which are copied
 * @param data_len    the length of the data in bytes
 * @return 0, also if the queue is full; or a negative errno
 * @errors -EINVAL and a WARN, once: there is no data; -EOPNOTSUPP: there is no
 *   queue of that type; -ENOMEM: the event is lost.
 * @context Takes viommu->veventqs_rwsem for reading, and so may block while a
 *   queue is created or destroyed.  The caller must not hold a spinlock.
 * @rule R-EVQ-7
 */
IOMMUFD_MODEL_API int
iommufd_viommu_report_event(struct iommufd_viommu *viommu, unsigned int type,
			    void *event_data, size_t data_len);

/** @cond INTERNAL */
#define IOMMUFD_MODEL_STRUCT_SIZE(drv_struct, member)			\
	(sizeof(drv_struct) +						\
	 (size_t)BUILD_BUG_ON_ZERO(offsetof(drv_struct, member) != 0))
/** @endcond */

/** Gives the size of a driver's struct that begins with a struct iommufd_viommu. */
#define VIOMMU_STRUCT_SIZE(drv_struct, member) \
	IOMMUFD_MODEL_STRUCT_SIZE(drv_struct, member)
/** Gives the size of a driver's struct that begins with a struct iommufd_vdevice. */
#define VDEVICE_STRUCT_SIZE(drv_struct, member) \
	IOMMUFD_MODEL_STRUCT_SIZE(drv_struct, member)
/** Gives the size of a driver's struct that begins with a struct iommufd_hw_queue. */
#define HW_QUEUE_STRUCT_SIZE(drv_struct, member) \
	IOMMUFD_MODEL_STRUCT_SIZE(drv_struct, member)

IOMMUFD_MODEL_END_DECLS

#endif
