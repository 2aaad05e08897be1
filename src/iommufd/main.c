// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The life of an object, and of a context.
 *
 * Allocation reserves an id for an object, which nobody can look up yet;
 * finalizing publishes the object under that id.  The object leaves the id
 * table when it is removed, or when its context is released.
 *
 *	            alloc            finalize           remove, release
 *	 FREE id ---------> RESERVED ---------> PUBLISHED ---------> FREE id
 *	    ^                  |  abort             |
 *	    +------------------+                    +--> TOMBSTONE, never free
 *
 * An object has two counters.  A users reference forbids its destruction.  A
 * wait reference, which is counted in wait_cnt, is held for a short time only,
 * so that a destroy which may sleep waits for it.  The id table owns one
 * reference of each kind.  Everyone else who holds a wait reference also holds
 * a users reference, which is taken first and dropped first.
 *
 * There are two ways to destroy an object.  User space calls IOMMU_DESTROY,
 * which takes the table lock and fails with EBUSY unless users is 1.  Kernel
 * code destroys what it created itself: it first brings wait_cnt to 0, sleeping
 * if it has to, so that no lookup can succeed any more; then it drops its own
 * users reference and the table's under the table lock.
 *
 * When the last reference to the context's file is dropped, the release walks
 * the table until it is empty.  Each pass destroys the objects that only the
 * table holds.  That drops references to other objects, which are then
 * destroyed in the same pass or in the next one.
 *
 * The table lock is the spinlock of the id table; no other lock is taken while
 * it is held.
 */
#include "internal.h"
#include <pthread.h>
#include <string.h>

/* The size of the largest ioctl struct, including the ioctls of prototypes. */
#define UCMD_ROOM 128

struct object_type {
	struct iommufd_model_label label;
	const struct iommufd_object_ops *ops;
};

static pthread_once_t types_once = PTHREAD_ONCE_INIT;
static struct object_type types[IOMMUFD_MODEL_OBJ_LIMIT];
static unsigned int destroy_timeout_ms = 60000;
bool iommufd_capable = true;

static int register_type(const char *name,
			 const struct iommufd_object_ops *ops, unsigned int nr)
{
	unsigned int i;

	if (!name || !ops || !ops->destroy || nr >= IOMMUFD_MODEL_OBJ_LIMIT)
		return -EINVAL;
	for (i = 1; i < IOMMUFD_MODEL_OBJ_LIMIT; i++)
		if (types[i].ops == ops && !strcmp(types[i].label.name, name) &&
		    (!nr || i == nr))
			return (int)i;
	if (!nr) {
		nr = IOMMUFD_OBJ_MAX;
		while (nr < IOMMUFD_MODEL_OBJ_LIMIT && types[nr].ops)
			nr++;
		if (nr == IOMMUFD_MODEL_OBJ_LIMIT)
			return -ENOSPC;
	}
	if (types[nr].ops)
		return -EEXIST;
	types[nr].label.name = name;
	types[nr].label.id_offset = offsetof(struct iommufd_object, id);
	types[nr].ops = ops;
	return (int)nr;
}

static void register_own_types(void)
{
	register_type("ioas", &iommufd_ioas_object_ops, IOMMUFD_OBJ_IOAS);
	register_type("access", &iommufd_access_object_ops, IOMMUFD_OBJ_ACCESS);
	register_type("device", &iommufd_device_object_ops, IOMMUFD_OBJ_DEVICE);
	register_type("hwpt_paging", &iommufd_hwpt_paging_object_ops,
		      IOMMUFD_OBJ_HWPT_PAGING);
	register_type("hwpt_nested", &iommufd_hwpt_nested_object_ops,
		      IOMMUFD_OBJ_HWPT_NESTED);
	register_type("fault", &iommufd_fault_object_ops, IOMMUFD_OBJ_FAULT);
	register_type("viommu", &iommufd_viommu_object_ops, IOMMUFD_OBJ_VIOMMU);
	register_type("vdevice", &iommufd_vdevice_object_ops,
		      IOMMUFD_OBJ_VDEVICE);
	register_type("veventq", &iommufd_veventq_object_ops,
		      IOMMUFD_OBJ_VEVENTQ);
	register_type("hw_queue", &iommufd_hw_queue_object_ops,
		      IOMMUFD_OBJ_HW_QUEUE);
	register_type("selftest", &iommufd_selftest_object_ops,
		      IOMMUFD_OBJ_SELFTEST);
}

int iommufd_model_register_type(const char *name,
				const struct iommufd_object_ops *ops,
				enum iommufd_object_type type)
{
	pthread_once(&types_once, register_own_types);
	return register_type(name, ops, type);
}

const char *iommufd_model_type_name(enum iommufd_object_type type)
{
	pthread_once(&types_once, register_own_types);
	if ((unsigned int)type >= IOMMUFD_MODEL_OBJ_LIMIT || !types[type].label.name)
		return "?";
	return types[type].label.name;
}

static const struct iommufd_object_ops *ops_of(const struct iommufd_object *obj)
{
	return types[obj->type].ops;
}

/* Creation */

struct iommufd_object *_iommufd_object_alloc(struct iommufd_ctx *ictx,
					     size_t size,
					     enum iommufd_object_type type)
{
	struct iommufd_object *obj;
	int rc;

	if (WARN_ON((unsigned int)type >= IOMMUFD_MODEL_OBJ_LIMIT ||
		    !types[type].ops || size < sizeof(*obj)))
		return ERR_PTR(-EINVAL);
	obj = kzalloc(size, GFP_KERNEL_ACCOUNT);
	if (!obj)
		return ERR_PTR(-ENOMEM);
	obj->type = type;
	refcount_set(&obj->wait_cnt, 1);
	refcount_set(&obj->users, 1);
	rc = xa_alloc(&ictx->objects, &obj->id, XA_ZERO_ENTRY, xa_limit_31b,
		      GFP_KERNEL_ACCOUNT);
	if (rc) {
		kfree(obj);
		return ERR_PTR(rc);
	}
	iommufd_model_label(obj, &types[type].label);
	iommufd_model_note(IOMMUFD_MODEL_NOTE_ALLOC, obj, ictx);
	return obj;
}

struct iommufd_object *
_iommufd_object_alloc_ucmd(struct iommufd_ucmd *ucmd, size_t size,
			   enum iommufd_object_type type)
{
	struct iommufd_object *obj;

	if (WARN_ON(ucmd->new_obj))
		return ERR_PTR(-EBUSY);
	/*
	 * An abort op expects a lock of the creator, which the core does not
	 * hold.
	 */
	if (WARN_ON((unsigned int)type < IOMMUFD_MODEL_OBJ_LIMIT &&
		    types[type].ops && types[type].ops->abort))
		return ERR_PTR(-EOPNOTSUPP);
	obj = _iommufd_object_alloc(ucmd->ictx, size, type);
	if (!IS_ERR(obj))
		ucmd->new_obj = obj;
	return obj;
}

void iommufd_object_finalize(struct iommufd_ctx *ictx,
			     struct iommufd_object *obj)
{
	XA_STATE(xas, &ictx->objects, obj->id);
	void *old;

	/*
	 * The note comes first: once published, the object may be destroyed at
	 * any time.
	 */
	iommufd_model_note(IOMMUFD_MODEL_NOTE_FINALIZE, obj, 0);
	xa_lock(&ictx->objects);
	old = xas_store(&xas, obj);
	xa_unlock(&ictx->objects);
	iommufd_model_warn_on(old != XA_ZERO_ENTRY, obj);
}

/* Free the id and the memory of @obj, which only the caller uses. */
static void free_reserved(struct iommufd_ctx *ictx, struct iommufd_object *obj)
{
	XA_STATE(xas, &ictx->objects, obj->id);
	void *old;

	xa_lock(&ictx->objects);
	old = xas_store(&xas, NULL);
	xa_unlock(&ictx->objects);
	iommufd_model_warn_on(old != XA_ZERO_ENTRY, obj);

	if (!refcount_dec_and_test(&obj->users)) {
		iommufd_model_warn(IOMMUFD_MODEL_SITE("users"), obj,
				   "abort of an object in use, leaked");
		return;
	}
	iommufd_model_note(IOMMUFD_MODEL_NOTE_ABORTED, obj, 0);
	kfree(obj);
}

void iommufd_object_abort(struct iommufd_ctx *ictx, struct iommufd_object *obj)
{
	iommufd_model_note(IOMMUFD_MODEL_NOTE_ABORT, obj, 0);
	free_reserved(ictx, obj);
}

void iommufd_object_abort_and_destroy(struct iommufd_ctx *ictx,
				      struct iommufd_object *obj)
{
	const struct iommufd_object_ops *ops = ops_of(obj);
	struct file **filep;

	iommufd_model_note(IOMMUFD_MODEL_NOTE_ABORT, obj, 0);
	if (ops->file_offset) {
		filep = (struct file **)((char *)obj + ops->file_offset);
		/*
		 * The release may not be deferred: it drops a reference to this
		 * object.
		 */
		if (*filep && !WARN_ON(IS_ERR(*filep)))	/* DEV-16 */
			__fput_sync(*filep);
	}
	if (ops->abort)
		ops->abort(obj);
	else
		ops->destroy(obj);
	free_reserved(ictx, obj);
}

/* Temporary references */

struct iommufd_object *iommufd_get_object(struct iommufd_ctx *ictx, u32 id,
					  enum iommufd_object_type type)
{
	struct iommufd_object *obj;

	xa_lock(&ictx->objects);
	obj = xa_load(&ictx->objects, id);
	if (!obj || (type != IOMMUFD_OBJ_ANY && obj->type != type) ||
	    !iommufd_lock_obj(obj))
		obj = ERR_PTR(-ENOENT);
	xa_unlock(&ictx->objects);
	return obj;
}

void iommufd_put_object(struct iommufd_ctx *ictx, struct iommufd_object *obj)
{
	iommufd_model_note(IOMMUFD_MODEL_NOTE_PUT, obj, 0);
	/*
	 * R-COUNT-4: users first.  A destroy that waits for wait_cnt looks at
	 * users next, and must not find our reference there.
	 */
	refcount_dec(&obj->users);
	if (refcount_dec_and_test(&obj->wait_cnt))
		wake_up_all(&ictx->destroy_wait);
}

int iommufd_try_inc_users(struct iommufd_ctx *ictx, struct iommufd_object *obj)
{
	int rc = -EBUSY;

	/*
	 * While the object is in the table users is at least 1, because the
	 * table's own reference is dropped under this lock too.
	 */
	xa_lock(&ictx->objects);
	if (xa_load(&ictx->objects, obj->id) == obj) {
		refcount_inc(&obj->users);
		rc = 0;
	}
	xa_unlock(&ictx->objects);
	return rc;
}

/* Destruction */

/* Drop the table's wait reference, and wait until wait_cnt is 0. */
static int iommufd_object_dec_wait(struct iommufd_ctx *ictx,
				   struct iommufd_object *to_destroy)
{
	const struct iommufd_object_ops *ops = ops_of(to_destroy);

	if (refcount_dec_and_test(&to_destroy->wait_cnt))
		return 0;
	if (ops->pre_destroy)
		ops->pre_destroy(to_destroy);
	if (wait_event_timeout(ictx->destroy_wait,
			       refcount_read(&to_destroy->wait_cnt) == 0,
			       msecs_to_jiffies(destroy_timeout_ms)))
		return 0;
	/*
	 * The last holder may have dropped its reference after the wait read
	 * wait_cnt for the last time.
	 */
	if (!refcount_inc_not_zero(&to_destroy->wait_cnt))
		return 0;
	pr_crit("%s %u: still in use after %u ms", types[to_destroy->type].label.name,
		to_destroy->id, destroy_timeout_ms);
	return -EBUSY;
}

/* Destroy @obj, which has left the table.  The caller holds no lock. */
static void destroy_and_free(struct iommufd_object *obj)
{
	iommufd_model_note(IOMMUFD_MODEL_NOTE_DESTROY, obj, 0);
	ops_of(obj)->destroy(obj);
	iommufd_model_note(IOMMUFD_MODEL_NOTE_DESTROYED, obj, 0);
	kfree(obj);
}

static int do_remove(struct iommufd_ctx *ictx,
		     struct iommufd_object *to_destroy, u32 id,
		     unsigned int flags)
{
	XA_STATE(xas, &ictx->objects, id);
	bool zerod_wait_cnt = false;
	struct iommufd_object *obj;
	int rc;

	if (flags & REMOVE_WAIT) {
		rc = iommufd_object_dec_wait(ictx, to_destroy);
		if (rc) {
			refcount_dec(&to_destroy->users);
			return rc;
		}
		zerod_wait_cnt = true;
	}

	xa_lock(&ictx->objects);
	obj = xas_load(&xas);
	if (to_destroy) {
		/*
		 * The caller's reference is dropped under the lock, so that no
		 * IOMMU_DESTROY can run before the table's is dropped as well.
		 */
		refcount_dec(&to_destroy->users);
		if (iommufd_model_warn_on(obj != to_destroy, to_destroy)) {
			rc = -ENOENT;
			goto out_unlock;
		}
	} else if (!obj || xa_is_zero(obj)) {
		rc = -ENOENT;
		goto out_unlock;
	}
	if (!refcount_dec_if_one(&obj->users)) {
		rc = -EBUSY;
		goto out_unlock;
	}
	xas_store(&xas, flags & REMOVE_OBJ_TOMBSTONE ? XA_ZERO_ENTRY : NULL);
	if (ictx->vfio_ioas && &ictx->vfio_ioas->obj == obj)
		ictx->vfio_ioas = NULL;
	xa_unlock(&ictx->objects);

	/*
	 * As users is 0, a thread that still holds a wait reference is inside
	 * iommufd_put_object().
	 */
	if (!zerod_wait_cnt) {
		rc = iommufd_object_dec_wait(ictx, obj);
		if (iommufd_model_warn_on(rc, obj))
			return rc;
	}
	destroy_and_free(obj);
	return 0;

out_unlock:
	/*
	 * R-DESTROY-5: wait_cnt is 0 and nobody else can hold it, so the table
	 * takes its wait reference again.
	 */
	if (zerod_wait_cnt)
		refcount_set(&to_destroy->wait_cnt, 1);
	xa_unlock(&ictx->objects);
	return rc;
}

int iommufd_object_remove(struct iommufd_ctx *ictx,
			  struct iommufd_object *to_destroy, u32 id,
			  unsigned int flags)
{
	int rc;

	/*
	 * A destroy op may drop the last reference to the context.  The release
	 * must not begin before the destroy is complete, so inside a system
	 * call it is put off to the end of that call.  A driver that calls from
	 * elsewhere is treated here as if it were in a system call.
	 */
	iommufd_model_enter();
	rc = do_remove(ictx, to_destroy, id, flags);
	iommufd_model_leave();
	return rc;
}

/* For callers in the kernel, which have nobody to return an error to. */
static void remove_or_warn(struct iommufd_ctx *ictx, struct iommufd_object *obj,
			   unsigned int flags)
{
	int rc = iommufd_object_remove(ictx, obj, obj->id, flags);

	WARN(rc, "iommufd_object_remove() failed with %s",
	     rc == -EBUSY ? "EBUSY" : "ENOENT");
}

void iommufd_object_destroy_user(struct iommufd_ctx *ictx,
				 struct iommufd_object *obj)
{
	remove_or_warn(ictx, obj, REMOVE_WAIT);
}

void iommufd_object_tombstone_user(struct iommufd_ctx *ictx,
				   struct iommufd_object *obj)
{
	remove_or_warn(ictx, obj, REMOVE_WAIT | REMOVE_OBJ_TOMBSTONE);
}

void iommufd_object_put_and_try_destroy(struct iommufd_ctx *ictx,
					struct iommufd_object *obj)
{
	iommufd_object_remove(ictx, obj, obj->id, 0);
}

static int iommufd_destroy(struct iommufd_ucmd *ucmd)
{
	struct iommu_destroy *cmd = ucmd->cmd;

	return iommufd_object_remove(ucmd->ictx, NULL, cmd->id, 0);
}

void iommufd_model_set_destroy_timeout(unsigned int ms)
{
	destroy_timeout_ms = ms;
}

void iommufd_model_set_capable(bool capable)
{
	iommufd_capable = capable;
}

const char *iommufd_model_version(void)
{
	return IOMMUFD_MODEL_VERSION;
}

/* The context */

static const struct iommufd_model_label ctx_label = { "ctx", 0 };

static int iommufd_fops_open(struct inode *inode, struct file *filp)
{
	struct iommufd_ctx *ictx = kzalloc(sizeof(*ictx), GFP_KERNEL_ACCOUNT);

	(void)inode;
	if (!ictx)
		return -ENOMEM;
	iommufd_model_label(ictx, &ctx_label);
	xa_init_flags(&ictx->objects, XA_FLAGS_ALLOC1);
	xa_init(&ictx->groups);
	init_waitqueue_head(&ictx->destroy_wait);
	init_rwsem(&ictx->ioas_creation_lock);
	spin_lock_init(&ictx->mmap_lock);
	INIT_LIST_HEAD(&ictx->mmaps);
	ictx->file = filp;
	filp->private_data = ictx;
	iommufd_model_note(IOMMUFD_MODEL_NOTE_OPEN, ictx, filp);
	return 0;
}

/*
 * Walk over the table once and destroy the objects that only the table holds.
 * wait_cnt is not looked at, because no other thread can be here any more
 * (R-RELEASE-1).  *@empty is set to true if no object was published.
 */
static unsigned long release_pass(struct iommufd_ctx *ictx, bool *empty)
{
	struct iommufd_object *obj;
	unsigned long destroyed = 0, index;

	*empty = true;
	xa_for_each(&ictx->objects, index, obj) {
		*empty = false;
		if (!refcount_dec_if_one(&obj->users))
			continue;
		destroyed++;
		xa_erase(&ictx->objects, index);
		destroy_and_free(obj);
	}
	return destroyed;
}

static void announce_stuck(struct iommufd_ctx *ictx)
{
	struct iommufd_object *obj;
	unsigned long index;

	xa_for_each(&ictx->objects, index, obj)
		iommufd_model_note(IOMMUFD_MODEL_NOTE_STUCK, obj,
				   refcount_read(&obj->users));
}

static int iommufd_fops_release(struct inode *inode, struct file *filp)
{
	struct iommufd_ctx *ictx = filp->private_data;
	unsigned long pass = 0;
	bool empty;

	(void)inode;
	iommufd_model_note(IOMMUFD_MODEL_NOTE_RELEASE, ictx, 0);
	while (!xa_empty(&ictx->objects)) {
		iommufd_model_note(IOMMUFD_MODEL_NOTE_PASS, ictx, ++pass);
		if (release_pass(ictx, &empty))
			continue;
		/*
		 * Only tombstones are left; because of them xa_empty() stays
		 * false.
		 */
		if (empty)
			break;
		announce_stuck(ictx);
		iommufd_model_misuse(IOMMUFD_MODEL_MISUSE_NO_PROGRESS,
				     IOMMUFD_MODEL_SITE("objects"), NULL,
				     "release makes no progress: objects are "
				     "left over");
		break;
	}
	xa_destroy(&ictx->objects);
	WARN_ON(!xa_empty(&ictx->groups));
	iommufd_model_note(IOMMUFD_MODEL_NOTE_RELEASED, ictx, 0);
	kfree(ictx);
	return 0;
}

int iommufd_model_open(void)
{
	struct file *file;
	int fd, rc;

	pthread_once(&types_once, register_own_types);
	fd = get_unused_fd_flags(0);
	if (fd < 0)
		return fd;
	file = anon_inode_getfile("/dev/iommu", &iommufd_fops, NULL, O_RDWR);
	if (IS_ERR(file)) {
		rc = (int)PTR_ERR(file);
		goto out_fd;
	}
	rc = file->f_op->open(NULL, file);
	if (rc) {
		kfree(file);
		goto out_fd;
	}
	fd_install((unsigned int)fd, file);
	return fd;

out_fd:
	put_unused_fd((unsigned int)fd);
	return rc;
}

void iommufd_ctx_get(struct iommufd_ctx *ictx)
{
	if (!WARN_ON(!ictx))
		get_file(ictx->file);
}

void iommufd_ctx_put(struct iommufd_ctx *ictx)
{
	if (!WARN_ON(!ictx))
		fput(ictx->file);
}

struct iommufd_ctx *iommufd_ctx_from_file(struct file *file)
{
	struct iommufd_ctx *ictx;

	if (file->f_op != &iommufd_fops)
		return ERR_PTR(-EBADFD);
	ictx = file->private_data;
	iommufd_ctx_get(ictx);
	return ictx;
}

struct iommufd_ctx *iommufd_ctx_from_fd(int fd)
{
	struct file *file = fget((unsigned int)fd);

	if (!file)
		return ERR_PTR(-EBADF);
	if (file->f_op != &iommufd_fops) {
		fput(file);
		return ERR_PTR(-EBADFD);
	}
	/* The reference that fget() took now belongs to the caller. */
	return file->private_data;
}

int iommufd_model_object_type(int fd, u32 id)
{
	struct iommufd_ctx *ictx = iommufd_ctx_from_fd(fd);
	struct iommufd_object *obj;
	int type = 0;

	if (IS_ERR(ictx))
		return (int)PTR_ERR(ictx);
	xa_lock(&ictx->objects);
	obj = xa_load(&ictx->objects, id);
	if (obj)
		type = obj->type;
	xa_unlock(&ictx->objects);
	iommufd_ctx_put(ictx);
	return type;
}

/* ioctl */

static int iommufd_option(struct iommufd_ucmd *ucmd)
{
	struct iommu_option *cmd = ucmd->cmd;
	int rc;

	if (cmd->__reserved)
		return -EOPNOTSUPP;
	switch (cmd->option_id) {
	case IOMMU_OPTION_RLIMIT_MODE:
		rc = iommufd_option_rlimit_mode(cmd, ucmd->ictx);
		break;
	case IOMMU_OPTION_HUGE_PAGES:
		rc = iommufd_ioas_option(ucmd);
		break;
	default:
		return -EOPNOTSUPP;
	}
	if (rc)
		return rc;
	/*
	 * This is the only command that writes back a single member (R-UAPI-8).
	 */
	if (copy_to_user((char *)ucmd->ubuffer +
				 offsetof(struct iommu_option, val64),
			 &cmd->val64, sizeof(cmd->val64)))
		return -EFAULT;
	return 0;
}

/*
 * Handles the requests that the model leaves out; only their struct is checked.
 */
static int iommufd_left_out(struct iommufd_ucmd *ucmd)
{
	(void)ucmd;
	return -EOPNOTSUPP;
}

#define IOCTL_OP(nr, fn, type, last)					\
	[(nr) - IOMMUFD_CMD_BASE] = {					\
		.size = sizeof(struct type),				\
		.min_size = offsetofend(struct type, last),		\
		.ioctl_num = IOMMUFD_MODEL_IO(nr),			\
		.execute = fn,						\
	}

static const struct iommufd_ioctl_op own_ioctls[] = {
	IOCTL_OP(IOMMUFD_CMD_DESTROY, iommufd_destroy, iommu_destroy, id),
	IOCTL_OP(IOMMUFD_CMD_IOAS_ALLOC, iommufd_ioas_alloc_ioctl,
		 iommu_ioas_alloc, out_ioas_id),
	IOCTL_OP(IOMMUFD_CMD_IOAS_ALLOW_IOVAS, iommufd_ioas_allow_iovas,
		 iommu_ioas_allow_iovas, allowed_iovas),
	IOCTL_OP(IOMMUFD_CMD_IOAS_COPY, iommufd_ioas_copy, iommu_ioas_copy,
		 src_iova),
	IOCTL_OP(IOMMUFD_CMD_IOAS_IOVA_RANGES, iommufd_ioas_iova_ranges,
		 iommu_ioas_iova_ranges, out_iova_alignment),
	IOCTL_OP(IOMMUFD_CMD_IOAS_MAP, iommufd_ioas_map, iommu_ioas_map, iova),
	IOCTL_OP(IOMMUFD_CMD_IOAS_UNMAP, iommufd_ioas_unmap, iommu_ioas_unmap,
		 length),
	IOCTL_OP(IOMMUFD_CMD_OPTION, iommufd_option, iommu_option, val64),
	IOCTL_OP(IOMMUFD_CMD_VFIO_IOAS, iommufd_left_out, iommu_vfio_ioas,
		 __reserved),
	IOCTL_OP(IOMMUFD_CMD_HWPT_ALLOC, iommufd_hwpt_alloc, iommu_hwpt_alloc,
		 __reserved),
	IOCTL_OP(IOMMUFD_CMD_GET_HW_INFO, iommufd_get_hw_info, iommu_hw_info,
		 __reserved),
	IOCTL_OP(IOMMUFD_CMD_HWPT_SET_DIRTY_TRACKING, iommufd_left_out,
		 iommu_hwpt_set_dirty_tracking, __reserved),
	IOCTL_OP(IOMMUFD_CMD_HWPT_GET_DIRTY_BITMAP, iommufd_left_out,
		 iommu_hwpt_get_dirty_bitmap, data),
	IOCTL_OP(IOMMUFD_CMD_HWPT_INVALIDATE, iommufd_hwpt_invalidate,
		 iommu_hwpt_invalidate, __reserved),
	IOCTL_OP(IOMMUFD_CMD_FAULT_QUEUE_ALLOC, iommufd_fault_alloc,
		 iommu_fault_alloc, out_fault_fd),
	IOCTL_OP(IOMMUFD_CMD_IOAS_MAP_FILE, iommufd_ioas_map_file,
		 iommu_ioas_map_file, iova),
	IOCTL_OP(IOMMUFD_CMD_VIOMMU_ALLOC, iommufd_viommu_alloc_ioctl,
		 iommu_viommu_alloc, out_viommu_id),
	IOCTL_OP(IOMMUFD_CMD_VDEVICE_ALLOC, iommufd_vdevice_alloc_ioctl,
		 iommu_vdevice_alloc, virt_id),
	IOCTL_OP(IOMMUFD_CMD_IOAS_CHANGE_PROCESS, iommufd_ioas_change_process,
		 iommu_ioas_change_process, __reserved),
	IOCTL_OP(IOMMUFD_CMD_VEVENTQ_ALLOC, iommufd_veventq_alloc,
		 iommu_veventq_alloc, out_veventq_fd),
	IOCTL_OP(IOMMUFD_CMD_HW_QUEUE_ALLOC, iommufd_hw_queue_alloc_ioctl,
		 iommu_hw_queue_alloc, length),
	IOCTL_OP(IOMMUFD_CMD_IOAS_NOIOMMU_GET_PA, iommufd_left_out,
		 iommu_ioas_noiommu_get_pa, out_phys),
	IOCTL_OP(IOMMUFD_CMD_TEST, iommufd_test, iommu_test_cmd, last),
};

/* Registered requests; they use the free numbers below the test command. */
static const struct iommufd_ioctl_op *prototype_ioctls[ARRAY_SIZE(own_ioctls)];

int iommufd_model_register_ioctl(const struct iommufd_ioctl_op *op)
{
	unsigned int nr, slot;

	if (!op || !op->execute || op->size > UCMD_ROOM ||
	    op->min_size < sizeof(u32) || op->min_size > op->size)
		return -EINVAL;
	nr = op->ioctl_num & 0xff;
	slot = nr - IOMMUFD_CMD_BASE;
	if (op->ioctl_num != IOMMUFD_MODEL_IO(nr) ||
	    nr <= IOMMUFD_CMD_IOAS_NOIOMMU_GET_PA || nr >= IOMMUFD_CMD_TEST)
		return -EINVAL;
	if (prototype_ioctls[slot])
		return -EEXIST;
	prototype_ioctls[slot] = op;
	return 0;
}

static const struct iommufd_ioctl_op *find_ioctl(unsigned int slot)
{
	if (prototype_ioctls[slot])
		return prototype_ioctls[slot];
	return &own_ioctls[slot];
}

static long iommufd_fops_ioctl(struct file *filp, unsigned int cmd,
			       unsigned long arg)
{
	struct iommufd_ucmd ucmd = { .ictx = filp->private_data };
	u64 room[UCMD_ROOM / sizeof(u64)];
	const struct iommufd_ioctl_op *op;
	unsigned int nr = cmd & 0xff;
	int rc;

	/*
	 * R-UAPI-1: other numbers are those of VFIO compatibility, which the
	 * model leaves out.
	 */
	if (nr < IOMMUFD_CMD_BASE ||
	    nr - IOMMUFD_CMD_BASE >= ARRAY_SIZE(own_ioctls))
		return -ENOTTY;

	ucmd.ubuffer = (void __user *)arg;
	if (get_user(ucmd.user_size, (u32 __user *)ucmd.ubuffer))
		return -EFAULT;
	op = find_ioctl(nr - IOMMUFD_CMD_BASE);
	if (!op->execute || op->ioctl_num != cmd)
		return -ENOTTY;
	if (ucmd.user_size < op->min_size)
		return -EINVAL;
	ucmd.cmd = room;
	rc = copy_struct_from_user(room, op->size, ucmd.ubuffer,
				   ucmd.user_size);
	if (rc)
		return rc;
	iommufd_model_note(IOMMUFD_MODEL_NOTE_IOCTL, ucmd.ictx, nr);
	rc = op->execute(&ucmd);
	if (ucmd.new_obj) {
		if (rc)
			iommufd_object_abort_and_destroy(ucmd.ictx,
							 ucmd.new_obj);
		else
			iommufd_object_finalize(ucmd.ictx, ucmd.new_obj);
	}
	iommufd_model_note(IOMMUFD_MODEL_NOTE_IOCTL_END, ucmd.ictx, rc);
	return rc;
}

const struct file_operations iommufd_fops = {
	.open = iommufd_fops_open,
	.release = iommufd_fops_release,
	.unlocked_ioctl = iommufd_fops_ioctl,
	.mmap = iommufd_fops_mmap,
};
