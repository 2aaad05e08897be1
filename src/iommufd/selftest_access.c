// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * IOMMU_TEST_CMD: accesses that user space uses through a descriptor.
 *
 * Like a driver, this file uses only <iommufd_model/iommufd.h>.  The file
 * behind the descriptor owns an access, and closing it destroys the access.
 * The access is external and so holds a reference to the context: if /dev/iommu
 * is closed first, the context is released only when this descriptor is closed
 * too.
 *
 * Each pin of the access is an item on a list.  The lock of the list is held
 * from before the pin until the item is on the list.  So an unmap that meets
 * the pin calls the callback below, which waits for the lock and then finds the
 * item.
 *
 *	selftest_access->lock -> the locks of iommufd
 *
 * The callback takes the lock.  Therefore functions that may call it, such as
 * replace and destroy, are called without the lock.
 */
#include "selftest.h"

/* The largest length of a pin or a copy; no test needs more. */
#define MAX_ACCESS_LENGTH (16ul << 20)

/*
 * struct selftest_access - the private data of the file
 * @can_pin: the access was made for pins
 * @lock: guards @items and @next_id
 */
struct selftest_access {
	struct iommufd_access *access;
	struct file *file;
	bool can_pin;
	struct mutex lock;
	struct list_head items;
	u32 next_id;
};

/* struct selftest_item - one pin, with the bounds that undo it */
struct selftest_item {
	struct list_head link;
	unsigned long iova;
	unsigned long length;
	u32 id;
};

static const struct iommufd_model_label selftest_access_label = {
	"test access", 0,
};

/* The pins of an access */

static void unpin_item(struct selftest_access *staccess,
		       struct selftest_item *item)
{
	lockdep_assert_held(&staccess->lock);
	list_del(&item->link);
	iommufd_access_unpin_pages(staccess->access, item->iova, item->length);
	kfree(item);
}

/* The callback of an unmap: unpin everything that is in the range. */
static void selftest_access_unmap(void *data, unsigned long iova,
				  unsigned long length)
{
	struct selftest_access *staccess = data;
	struct selftest_item *item, *next;

	mutex_lock(&staccess->lock);
	list_for_each_entry_safe(item, next, &staccess->items, link)
		if (item->iova <= iova + length - 1 &&
		    iova <= item->iova + item->length - 1)
			unpin_item(staccess, item);
	mutex_unlock(&staccess->lock);
}

static const struct iommufd_access_ops selftest_access_ops = {
	.needs_pin_pages = 0,
	.unmap = selftest_access_unmap,
};

static const struct iommufd_access_ops selftest_access_ops_pin = {
	.needs_pin_pages = 1,
	.unmap = selftest_access_unmap,
};

/* The file of an access */

static int selftest_access_release(struct inode *inode, struct file *filp)
{
	struct selftest_access *staccess = filp->private_data;

	(void)inode;
	if (staccess->access) {
		selftest_access_unmap(staccess, 0, ULONG_MAX);
		iommufd_access_destroy(staccess->access);
	}
	kfree(staccess);
	return 0;
}

static const struct file_operations selftest_access_fops = {
	.release = selftest_access_release,
};

static struct selftest_access *selftest_access_alloc(void)
{
	struct selftest_access *staccess;

	staccess = kzalloc(sizeof(*staccess), GFP_KERNEL_ACCOUNT);
	if (!staccess)
		return ERR_PTR(-ENOMEM);
	iommufd_model_label(staccess, &selftest_access_label);
	mutex_init(&staccess->lock);
	INIT_LIST_HEAD(&staccess->items);
	staccess->file = anon_inode_getfile("[iommufd_test_access]",
					    &selftest_access_fops, staccess, 0);
	if (IS_ERR(staccess->file)) {
		kfree(staccess);
		return ERR_PTR(-ENOMEM);
	}
	return staccess;
}

/* Find the access behind @fd; the caller gets a reference to its file. */
static struct selftest_access *selftest_access_get(u32 fd)
{
	struct file *file = fget(fd);

	if (!file)
		return ERR_PTR(-EBADFD);
	if (file->f_op != &selftest_access_fops) {
		fput(file);
		return ERR_PTR(-EBADFD);
	}
	return file->private_data;
}

int iommufd_test_create_access(struct iommufd_ucmd *ucmd)
{
	const struct iommufd_access_ops *ops = &selftest_access_ops;
	struct iommu_test_cmd *cmd = ucmd->cmd;
	u32 flags = cmd->create_access.flags;
	struct selftest_access *staccess;
	struct iommufd_access *access;
	int fd, rc;
	u32 id;

	if (flags & ~(u32)MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES)
		return -EOPNOTSUPP;
	if (flags & MOCK_FLAGS_ACCESS_CREATE_NEEDS_PIN_PAGES)
		ops = &selftest_access_ops_pin;

	staccess = selftest_access_alloc();
	if (IS_ERR(staccess))
		return (int)PTR_ERR(staccess);
	staccess->can_pin = ops->needs_pin_pages;
	fd = get_unused_fd_flags(0);
	if (fd < 0) {
		rc = -ENOMEM;
		goto out_free;
	}
	access = iommufd_access_create(ucmd->ictx, ops, staccess, &id);
	if (IS_ERR(access)) {
		rc = (int)PTR_ERR(access);
		goto out_put_fd;
	}
	/* From now on the release of the file destroys the access. */
	staccess->access = access;
	rc = iommufd_access_attach(access, cmd->id);
	if (rc)
		goto out_put_fd;
	cmd->create_access.out_access_fd = (u32)fd;
	rc = iommufd_ucmd_respond(ucmd, sizeof(*cmd));
	if (rc)
		goto out_put_fd;
	fd_install((unsigned int)fd, staccess->file);
	return 0;

out_put_fd:
	put_unused_fd((unsigned int)fd);
out_free:
	__fput_sync(staccess->file);
	return rc;
}

int iommufd_test_access_replace_ioas(struct iommufd_ucmd *ucmd)
{
	struct iommu_test_cmd *cmd = ucmd->cmd;
	struct selftest_access *staccess = selftest_access_get(cmd->id);
	int rc;

	if (IS_ERR(staccess))
		return (int)PTR_ERR(staccess);
	rc = iommufd_access_replace(staccess->access,
				    cmd->access_replace_ioas.ioas_id);
	fput(staccess->file);
	return rc;
}

/* Check that the pinned pages are the memory at @uptr. */
static int check_pages(u64 uptr, struct page **pages, unsigned long npages)
{
	unsigned long i;

	for (i = 0; i < npages; i++, uptr += PAGE_SIZE) {
		if (!test_user_page(uptr))
			return -EFAULT;
		if (!test_is_page(uptr, pages[i]))
			return -EBADE;
	}
	return 0;
}

static unsigned long iova_of(struct selftest_access *staccess, u64 iova,
			     u32 flags)
{
	return flags & MOCK_FLAGS_ACCESS_SYZ ?
	       iommufd_test_syz_iova(staccess->access, iova) :
	       (unsigned long)iova;
}

/*
 * Pin for @item, whose iova is set, and put it on the list; @pages has room for
 * @npages.
 */
static int pin_item(struct selftest_access *staccess,
		    struct iommufd_ucmd *ucmd, struct selftest_item *item,
		    struct page **pages, unsigned long npages)
{
	struct iommu_test_cmd *cmd = ucmd->cmd;
	unsigned int flags = 0;
	int rc;

	lockdep_assert_held(&staccess->lock);
	if (cmd->access_pages.flags & MOCK_FLAGS_ACCESS_WRITE)
		flags |= IOMMUFD_ACCESS_RW_WRITE;
	item->length = cmd->access_pages.length;
	rc = iommufd_access_pin_pages(staccess->access, item->iova,
				      item->length, pages, flags);
	if (rc)
		return rc;
	if (cmd->access_pages.uptr) {
		rc = check_pages(cmd->access_pages.uptr, pages, npages);
		if (rc)
			goto out_unpin;
	}
	item->id = staccess->next_id++;
	cmd->access_pages.out_access_pages_id = item->id;
	rc = iommufd_ucmd_respond(ucmd, sizeof(*cmd));
	if (rc)
		goto out_unpin;
	list_add_tail(&item->link, &staccess->items);
	return 0;

out_unpin:
	iommufd_access_unpin_pages(staccess->access, item->iova, item->length);
	return rc;
}

static int access_pages(struct selftest_access *staccess,
			struct iommufd_ucmd *ucmd)
{
	struct iommu_test_cmd *cmd = ucmd->cmd;
	struct selftest_item *item;
	unsigned long npages, iova;
	struct page **pages;
	int rc = -ENOMEM;

	if (!staccess->can_pin)
		return -EOPNOTSUPP;
	iova = iova_of(staccess, cmd->access_pages.iova,
		       cmd->access_pages.flags);
	npages = ((iova & ~PAGE_MASK) +
		  cmd->access_pages.length + PAGE_SIZE - 1) >> PAGE_SHIFT;
	pages = kvcalloc(npages, sizeof(*pages), GFP_KERNEL_ACCOUNT);
	if (!pages)
		return -ENOMEM;
	item = kzalloc(sizeof(*item), GFP_KERNEL_ACCOUNT);
	if (!item)
		goto out_pages;
	item->iova = iova;

	mutex_lock(&staccess->lock);
	rc = pin_item(staccess, ucmd, item, pages, npages);
	mutex_unlock(&staccess->lock);
	if (rc)
		kfree(item);
out_pages:
	kvfree(pages);
	return rc;
}

int iommufd_test_access_pages(struct iommufd_ucmd *ucmd)
{
	struct iommu_test_cmd *cmd = ucmd->cmd;
	struct selftest_access *staccess;
	int rc;

	if (cmd->access_pages.length > MAX_ACCESS_LENGTH)
		return -ENOMEM;
	if (cmd->access_pages.flags & ~(u32)(MOCK_FLAGS_ACCESS_WRITE |
					     MOCK_FLAGS_ACCESS_SYZ))
		return -EOPNOTSUPP;
	staccess = selftest_access_get(cmd->id);
	if (IS_ERR(staccess))
		return (int)PTR_ERR(staccess);
	rc = access_pages(staccess, ucmd);
	fput(staccess->file);
	return rc;
}

static struct selftest_item *find_item(struct selftest_access *staccess, u32 id)
{
	struct selftest_item *item;

	list_for_each_entry(item, &staccess->items, link)
		if (item->id == id)
			return item;
	return NULL;
}

int iommufd_test_destroy_access_pages(struct iommufd_ucmd *ucmd)
{
	struct iommu_test_cmd *cmd = ucmd->cmd;
	struct selftest_access *staccess = selftest_access_get(cmd->id);
	struct selftest_item *item;

	if (IS_ERR(staccess))
		return (int)PTR_ERR(staccess);
	mutex_lock(&staccess->lock);
	item = find_item(staccess, cmd->destroy_access_pages.access_pages_id);
	if (item)
		unpin_item(staccess, item);
	mutex_unlock(&staccess->lock);
	fput(staccess->file);
	return item ? 0 : -ENOENT;
}

static int access_rw(struct selftest_access *staccess,
		     const struct iommu_test_cmd *cmd)
{
	void __user *uptr = u64_to_user_ptr(cmd->access_rw.uptr);
	unsigned long length = cmd->access_rw.length;
	unsigned int flags = 0;
	unsigned long iova;
	int rc = -EFAULT;
	void *tmp;

	if (cmd->access_rw.flags & MOCK_ACCESS_RW_WRITE)
		flags |= IOMMUFD_ACCESS_RW_WRITE;
	if (cmd->access_rw.flags & MOCK_ACCESS_RW_SLOW_PATH)
		flags |= __IOMMUFD_ACCESS_RW_SLOW_PATH;
	tmp = kvzalloc(length, GFP_KERNEL_ACCOUNT);
	if (!tmp)
		return -ENOMEM;
	if (flags & IOMMUFD_ACCESS_RW_WRITE &&
	    copy_from_user(tmp, uptr, length))
		goto out_free;
	iova = iova_of(staccess, cmd->access_rw.iova, cmd->access_rw.flags);
	rc = iommufd_access_rw(staccess->access, iova, tmp, length, flags);
	if (!rc && !(flags & IOMMUFD_ACCESS_RW_WRITE) &&
	    copy_to_user(uptr, tmp, length))
		rc = -EFAULT;
out_free:
	kvfree(tmp);
	return rc;
}

int iommufd_test_access_rw(struct iommufd_ucmd *ucmd)
{
	struct iommu_test_cmd *cmd = ucmd->cmd;
	struct selftest_access *staccess;
	int rc;

	if (cmd->access_rw.length > MAX_ACCESS_LENGTH)
		return -ENOMEM;
	if (cmd->access_rw.flags & ~(u32)(MOCK_ACCESS_RW_WRITE |
					  MOCK_ACCESS_RW_SLOW_PATH |
					  MOCK_FLAGS_ACCESS_SYZ))
		return -EOPNOTSUPP;
	staccess = selftest_access_get(cmd->id);
	if (IS_ERR(staccess))
		return (int)PTR_ERR(staccess);
	rc = access_rw(staccess, cmd);
	fput(staccess->file);
	return rc;
}
