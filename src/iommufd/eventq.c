// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * FAULT and VEVENTQ: objects that user space reads through a file.
 *
 *	          alloc            fd installed       close
 *	users 1 ---------> 2, file ------------> 2 ---------> 1
 *
 * The file holds references to the object and to the context.  So the object
 * cannot be destroyed while the file is open, and after /dev/iommu has been
 * closed the context is released only when the file is closed too.  Once the
 * file is closed, nobody can read the queue any more.
 *
 * If the creation fails after the file was created, the core releases the file
 * before it undoes the rest.  The release of the file drops the references of
 * the file, and nobody else does.
 *
 * A VEVENTQ belongs to a vIOMMU and takes events of one type.  It keeps at most
 * depth events; an event that finds the queue full is lost.  The lost header,
 * an entry without data at the tail of the queue, tells the reader about that.
 * Every entry gets a sequence number.
 *
 * A FAULT takes the page faults of devices that are attached to its HWPTs, in
 * groups that want one answer each:
 *
 *	handler -> deliver list -> read -> response table, by cookie -> write
 *
 * A group is on one list or in the table, and whoever removes it answers and
 * frees it.  It leads to the handle of the attachment, which is freed when the
 * device is detached; therefore the groups of that handle are removed first.
 *
 * The lock order is viommu->veventqs_rwsem or fault->mutex, then eventq->lock,
 * which guards the list of events.
 */
#include "internal.h"
#include <iommufd_model/kernel/poll.h>
#include <string.h>

#define VEVENTQ_MAX_DEPTH (1u << 19)

/* What FAULT and VEVENTQ share */

/*
 * Tell the observer that the references which are taken or dropped between the
 * two calls belong to the file.  The second parameter of the note is the name
 * of the file.  An observer that does not follow files says that they belong to
 * the object.
 */
static void iommufd_eventq_file_act(const struct file *filp, bool begin)
{
	int note = begin ? IOMMUFD_MODEL_NOTE_ACT : IOMMUFD_MODEL_NOTE_ACT_END;

	iommufd_model_note(note, filp, filp->f_name);
}

static int iommufd_eventq_release(struct inode *inode, struct file *filp)
{
	struct iommufd_eventq *eventq = filp->private_data;
	struct iommufd_object *obj = &eventq->obj;
	/*
	 * Read ictx now: once users is dropped, IOMMU_DESTROY may free the
	 * object.
	 */
	struct iommufd_ctx *ictx = eventq->ictx;

	(void)inode;
	iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT, obj, 0);
	iommufd_eventq_file_act(filp, true);
	refcount_dec(&obj->users);
	iommufd_ctx_put(ictx);
	iommufd_eventq_file_act(filp, false);
	iommufd_model_note(IOMMUFD_MODEL_NOTE_ACT_END, obj, 0);
	return 0;
}

static __poll_t iommufd_eventq_poll(struct file *filp, poll_table *wait)
{
	struct iommufd_eventq *eventq = filp->private_data;
	__poll_t events = 0;

	poll_wait(filp, &eventq->wait_queue, wait);
	spin_lock(&eventq->lock);
	if (!list_empty(&eventq->deliver))
		events = EPOLLIN | EPOLLRDNORM;
	spin_unlock(&eventq->lock);
	return events;
}

/*
 * Create a file for @eventq and reserve a descriptor, which is returned.  On an
 * error the file may already exist; the abort of the object releases it.
 */
static int iommufd_eventq_init(struct iommufd_eventq *eventq, const char *name,
			       struct iommufd_ctx *ictx,
			       const struct file_operations *fops)
{
	struct file *filp;

	spin_lock_init(&eventq->lock);
	INIT_LIST_HEAD(&eventq->deliver);
	init_waitqueue_head(&eventq->wait_queue);
	filp = anon_inode_getfile(name, fops, eventq, O_RDWR);
	if (IS_ERR(filp))
		return (int)PTR_ERR(filp);
	eventq->ictx = ictx;
	eventq->filep = filp;
	/* Both references belong to the file, until its release. */
	iommufd_eventq_file_act(filp, true);
	iommufd_ctx_get(ictx);
	refcount_inc(&eventq->obj.users);
	iommufd_eventq_file_act(filp, false);
	return get_unused_fd_flags(0);
}

/* FAULT */

/* Answer a group that was removed from its list or table, and free it. */
static void iommufd_fault_answer(struct iopf_group *group,
				 enum iommu_page_response_code code)
{
	iopf_group_response(group, code);
	iopf_free_group(group);
}

/* Answer the groups of @handle, or all groups if it is NULL. */
static void iommufd_fault_answer_all(struct iommufd_fault *fault,
				     const struct iommu_attach_handle *handle)
{
	struct iopf_group *group, *next;
	unsigned long index;
	LIST_HEAD(found);

	spin_lock(&fault->common.lock);
	list_for_each_entry_safe(group, next, &fault->common.deliver, node)
		if (!handle || group->attach_handle == handle)
			list_move_tail(&group->node, &found);
	spin_unlock(&fault->common.lock);
	list_for_each_entry_safe(group, next, &found, node)
		iommufd_fault_answer(group, IOMMU_PAGE_RESP_INVALID);
	xa_for_each(&fault->response, index, group) {
		if (handle && group->attach_handle != handle)
			continue;
		xa_erase(&fault->response, index);
		iommufd_fault_answer(group, IOMMU_PAGE_RESP_INVALID);
	}
}

void iommufd_auto_response_faults(struct iommufd_hw_pagetable *hwpt,
				  struct iommufd_attach_handle *handle)
{
	struct iommufd_fault *fault = hwpt->fault;

	if (!fault)
		return;
	/*
	 * Wait for a read or write that has taken a group of the handle off its
	 * list.
	 */
	mutex_lock(&fault->mutex);
	iommufd_fault_answer_all(fault, &handle->handle);
	mutex_unlock(&fault->mutex);
}

int iommufd_fault_iopf_handler(struct iopf_group *group)
{
	struct iommufd_fault *fault =
		group->attach_handle->domain->iommufd_hwpt->fault;

	/*
	 * From now on the queue owns the group.  It must leave the list of the
	 * device, because the groups on that list are freed when the device
	 * stops.
	 */
	iopf_group_dequeue(group);
	spin_lock(&fault->common.lock);
	list_add_tail(&group->node, &fault->common.deliver);
	spin_unlock(&fault->common.lock);
	wake_up_interruptible(&fault->common.wait_queue);
	return 0;
}

/* No mutex is needed, since nobody else can use the queue any more. */
static void iommufd_fault_destroy(struct iommufd_object *obj)
{
	struct iommufd_fault *fault =
		container_of(obj, struct iommufd_fault, common.obj);

	iommufd_fault_answer_all(fault, NULL);
	xa_destroy(&fault->response);
	mutex_destroy(&fault->mutex);
}

const struct iommufd_object_ops iommufd_fault_object_ops = {
	.file_offset = offsetof(struct iommufd_fault, common.filep),
	.destroy = iommufd_fault_destroy,
};

static struct iopf_group *iommufd_fault_fetch(struct iommufd_fault *fault)
{
	struct list_head *deliver = &fault->common.deliver;
	struct iopf_group *group = NULL;

	spin_lock(&fault->common.lock);
	if (!list_empty(deliver)) {
		group = list_first_entry(deliver, struct iopf_group, node);
		list_del(&group->node);
	}
	spin_unlock(&fault->common.lock);
	return group;
}

static void iommufd_fault_put_back(struct iommufd_fault *fault,
				   struct iopf_group *group)
{
	spin_lock(&fault->common.lock);
	list_add(&group->node, &fault->common.deliver);
	spin_unlock(&fault->common.lock);
}

/* Copy one record for each fault of the group to @buf. */
static int iommufd_fault_copy(const struct iopf_group *group, char __user *buf)
{
	const struct iommufd_attach_handle *handle =
		container_of(group->attach_handle,
			     struct iommufd_attach_handle, handle);
	struct iommu_hwpt_pgfault record = {
		.dev_id = handle->idev->obj.id, .cookie = group->cookie,
	};
	const struct iopf_fault *iopf;

	list_for_each_entry(iopf, &group->faults, list) {
		record.flags = iopf->fault.prm.flags;
		record.pasid = iopf->fault.prm.pasid;
		record.grpid = iopf->fault.prm.grpid;
		record.perm = iopf->fault.prm.perm;
		record.addr = iopf->fault.prm.addr;
		if (copy_to_user(buf, &record, sizeof(record)))
			return -EFAULT;
		buf += sizeof(record);
	}
	return 0;
}

/*
 * Read one group.  Returns its number of bytes.  After an error nothing is
 * changed.
 */
static ssize_t iommufd_fault_read_group(struct iommufd_fault *fault,
					struct iopf_group *group,
					char __user *buf, size_t room)
{
	size_t len = group->fault_count * sizeof(struct iommu_hwpt_pgfault);
	int rc;

	lockdep_assert_held(&fault->mutex);
	if (len > room)
		return -EINVAL;
	rc = xa_alloc(&fault->response, &group->cookie, group, xa_limit_32b,
		      GFP_KERNEL);
	if (rc)
		return rc;
	rc = iommufd_fault_copy(group, buf);
	if (!rc)
		return (ssize_t)len;
	xa_erase(&fault->response, group->cookie);
	return rc;
}

static ssize_t iommufd_fault_read(struct file *filp, char __user *buf,
				  size_t count, loff_t *ppos)
{
	struct iommufd_fault *fault = filp->private_data;
	struct iopf_group *group;
	size_t done = 0;
	ssize_t rc = 0;

	if (*ppos || count % sizeof(struct iommu_hwpt_pgfault))
		return -ESPIPE;
	mutex_lock(&fault->mutex);
	while ((group = iommufd_fault_fetch(fault))) {
		rc = iommufd_fault_read_group(fault, group, buf + done,
					      count - done);
		if (rc < 0) {
			iommufd_fault_put_back(fault, group);
			break;
		}
		done += (size_t)rc;
	}
	mutex_unlock(&fault->mutex);
	return done ? (ssize_t)done : rc;
}

/* Handle the response to one group. */
static int iommufd_fault_respond(struct iommufd_fault *fault,
				 const char __user *buf)
{
	struct iommu_hwpt_page_response response;
	struct iopf_group *group;

	lockdep_assert_held(&fault->mutex);
	if (copy_from_user(&response, buf, sizeof(response)))
		return -EFAULT;
	if (response.code != IOMMUFD_PAGE_RESP_SUCCESS &&
	    response.code != IOMMUFD_PAGE_RESP_INVALID)
		return -EINVAL;
	group = xa_erase(&fault->response, response.cookie);
	if (!group)
		return -EINVAL;
	iommufd_fault_answer(group, response.code == IOMMUFD_PAGE_RESP_SUCCESS ?
				    IOMMU_PAGE_RESP_SUCCESS :
				    IOMMU_PAGE_RESP_INVALID);
	return 0;
}

static ssize_t iommufd_fault_write(struct file *filp, const char __user *buf,
				   size_t count, loff_t *ppos)
{
	const size_t len = sizeof(struct iommu_hwpt_page_response);
	struct iommufd_fault *fault = filp->private_data;
	size_t done = 0;
	int rc = 0;

	if (*ppos || count % len)
		return -ESPIPE;
	mutex_lock(&fault->mutex);
	for (; !rc && done < count; done += rc ? 0 : len)
		rc = iommufd_fault_respond(fault, buf + done);
	mutex_unlock(&fault->mutex);
	return done ? (ssize_t)done : rc;
}

static __poll_t iommufd_fault_poll(struct file *filp, poll_table *wait)
{
	return iommufd_eventq_poll(filp, wait) | EPOLLOUT;
}

static const struct file_operations iommufd_fault_fops = {
	.release = iommufd_eventq_release,
	.read = iommufd_fault_read,
	.write = iommufd_fault_write,
	.poll = iommufd_fault_poll,
};

int iommufd_fault_alloc(struct iommufd_ucmd *ucmd)
{
	struct iommu_fault_alloc *cmd = ucmd->cmd;
	struct iommufd_fault *fault;
	int fdno, rc;

	if (cmd->flags)
		return -EOPNOTSUPP;
	fault = __iommufd_object_alloc_ucmd(ucmd, fault, IOMMUFD_OBJ_FAULT,
					    common.obj);
	if (IS_ERR(fault))
		return (int)PTR_ERR(fault);
	xa_init_flags(&fault->response, XA_FLAGS_ALLOC1);
	mutex_init(&fault->mutex);
	fdno = iommufd_eventq_init(&fault->common, "[iommufd-pgfault]",
				   ucmd->ictx, &iommufd_fault_fops);
	if (fdno < 0)
		return fdno;
	cmd->out_fault_id = fault->common.obj.id;
	cmd->out_fault_fd = (u32)fdno;
	rc = iommufd_ucmd_respond(ucmd, sizeof(*cmd));
	if (rc) {
		put_unused_fd((unsigned int)fdno);
		return rc;
	}
	fd_install((unsigned int)fdno, fault->common.filep);
	return 0;
}

/* VEVENTQ */

static struct iommufd_veventq *
iommufd_viommu_find_veventq(struct iommufd_viommu *viommu, unsigned int type)
{
	struct iommufd_veventq *veventq;

	lockdep_assert_held(&viommu->veventqs_rwsem);
	list_for_each_entry(veventq, &viommu->veventqs, node)
		if (veventq->type == type)
			return veventq;
	return NULL;
}

/*
 * Undo everything but the reference to the vIOMMU.  The caller still needs that
 * reference: it keeps the rwsem, which is held here, from being freed.
 */
static void iommufd_veventq_clear(struct iommufd_veventq *veventq)
{
	struct iommufd_vevent *vevent, *next;

	lockdep_assert_held_write(&veventq->viommu->veventqs_rwsem);
	list_for_each_entry_safe(vevent, next, &veventq->common.deliver, node) {
		list_del(&vevent->node);
		if (vevent != &veventq->lost_events_header)
			kfree(vevent);
	}
	list_del(&veventq->node);
}

static void iommufd_veventq_abort(struct iommufd_object *obj)
{
	struct iommufd_veventq *veventq =
		container_of(obj, struct iommufd_veventq, common.obj);

	iommufd_veventq_clear(veventq);
	/*
	 * This is not the last reference: the creator, who holds the rwsem, has
	 * another one.
	 */
	refcount_dec(&veventq->viommu->obj.users);
}

static void iommufd_veventq_destroy(struct iommufd_object *obj)
{
	struct iommufd_veventq *veventq =
		container_of(obj, struct iommufd_veventq, common.obj);
	struct iommufd_viommu *viommu = veventq->viommu;

	down_write(&viommu->veventqs_rwsem);
	iommufd_veventq_clear(veventq);
	up_write(&viommu->veventqs_rwsem);
	/*
	 * This comes after the unlock, because the lock is a member of the
	 * vIOMMU (DEV-11).
	 */
	refcount_dec(&viommu->obj.users);
}

const struct iommufd_object_ops iommufd_veventq_object_ops = {
	.file_offset = offsetof(struct iommufd_veventq, common.filep),
	.destroy = iommufd_veventq_destroy,
	.abort = iommufd_veventq_abort,
};

/* Append @vevent, a new event or the lost header; eventq->lock is held. */
static void iommufd_veventq_append(struct iommufd_veventq *veventq,
				   struct iommufd_vevent *vevent)
{
	struct iommufd_vevent *lost = &veventq->lost_events_header;
	struct iommufd_eventq *eventq = &veventq->common;

	/*
	 * The gap in the sequence numbers tells the reader about the loss, so
	 * the lost header is not needed before a new entry.
	 */
	if (eventq->deliver.prev == &lost->node)
		list_del(&lost->node);
	list_add_tail(&vevent->node, &eventq->deliver);
	vevent->header.sequence = veventq->sequence;
	veventq->sequence = (veventq->sequence + 1) & INT_MAX;
}

/*
 * Queue an event.  Returns -ENOMEM if the event is lost because there is no
 * memory.  That an event is lost because the queue is full is no error.
 */
static int iommufd_veventq_report(struct iommufd_veventq *veventq,
				  const void *data, size_t len)
{
	struct iommufd_vevent *vevent, *unused = NULL;

	vevent = kzalloc(sizeof(*vevent) + len, GFP_ATOMIC);
	if (vevent) {
		vevent->data_len = (ssize_t)len;
		vevent->event_data = vevent + 1;
		memcpy(vevent->event_data, data, len);
	}
	spin_lock(&veventq->common.lock);
	if (vevent && veventq->num_events == veventq->depth)
		unused = vevent;
	if (vevent && !unused)
		veventq->num_events++;
	iommufd_veventq_append(veventq, vevent && !unused ?
				vevent : &veventq->lost_events_header);
	spin_unlock(&veventq->common.lock);
	wake_up_interruptible(&veventq->common.wait_queue);
	kfree(unused);
	return vevent ? 0 : -ENOMEM;
}

int iommufd_viommu_report_event(struct iommufd_viommu *viommu,
				unsigned int type, void *event_data,
				size_t data_len)
{
	struct iommufd_veventq *veventq;
	int rc = -EOPNOTSUPP;

	if (WARN_ON_ONCE(!event_data || !data_len))
		return -EINVAL;
	down_read(&viommu->veventqs_rwsem);
	veventq = iommufd_viommu_find_veventq(viommu, type);
	if (veventq)
		rc = iommufd_veventq_report(veventq, event_data, data_len);
	up_read(&viommu->veventqs_rwsem);
	return rc;
}

static bool vevent_is_lost(const struct iommufd_vevent *vevent)
{
	return vevent->header.flags & IOMMU_VEVENTQ_FLAG_LOST_EVENTS;
}

/*
 * Take the first entry off the list.  Returns NULL if the list is empty.  The
 * lost header may be queued again at once, so a copy of it is returned, or
 * -ENOMEM if there is no memory for the copy.
 */
static struct iommufd_vevent *
iommufd_veventq_fetch(struct iommufd_veventq *veventq)
{
	struct iommufd_vevent *lost = &veventq->lost_events_header;
	struct iommufd_eventq *eventq = &veventq->common;
	struct iommufd_vevent *vevent = NULL;

	spin_lock(&eventq->lock);
	if (list_empty(&eventq->deliver))
		goto out_unlock;
	vevent = list_first_entry(&eventq->deliver, struct iommufd_vevent,
				  node);
	if (vevent == lost) {
		vevent = kzalloc(sizeof(*vevent), GFP_ATOMIC);
		if (!vevent) {
			vevent = ERR_PTR(-ENOMEM);
			goto out_unlock;
		}
		vevent->header = lost->header;
		list_del(&lost->node);
	} else {
		list_del(&vevent->node);
	}
out_unlock:
	spin_unlock(&eventq->lock);
	return vevent;
}

static void iommufd_veventq_put_back(struct iommufd_veventq *veventq,
				     struct iommufd_vevent *vevent)
{
	struct iommufd_eventq *eventq = &veventq->common;

	spin_lock(&eventq->lock);
	if (!vevent_is_lost(vevent)) {
		list_add(&vevent->node, &eventq->deliver);
		vevent = NULL;
	} else if (list_empty(&eventq->deliver)) {
		list_add(&veventq->lost_events_header.node, &eventq->deliver);
	}
	/*
	 * In the remaining case a newer entry follows, and its sequence number
	 * tells the reader about the loss.
	 */
	spin_unlock(&eventq->lock);
	kfree(vevent);
}

/*
 * Copy one entry.  Returns the number of bytes, or -EFAULT.  If the entry does
 * not fit, returns -EINVAL for the @first entry of a read and 0 for a later
 * one.
 */
static ssize_t iommufd_vevent_copy(const struct iommufd_vevent *vevent,
				   char __user *buf, size_t room, bool first)
{
	const size_t header = sizeof(vevent->header);
	size_t len = (size_t)vevent->data_len;

	if (room < header || room - header < len)
		return first ? -EINVAL : 0;
	if (copy_to_user(buf, &vevent->header, header) ||
	    copy_to_user(buf + header, vevent->event_data, len))
		return -EFAULT;
	return (ssize_t)(header + len);
}

static ssize_t iommufd_veventq_read(struct file *filp, char __user *buf,
				    size_t count, loff_t *ppos)
{
	struct iommufd_veventq *veventq = filp->private_data;
	struct iommufd_vevent *vevent;
	size_t done = 0;
	ssize_t rc = 0;

	if (*ppos)
		return -ESPIPE;
	if (count < sizeof(vevent->header))
		return -EINVAL;
	while ((vevent = iommufd_veventq_fetch(veventq))) {
		if (IS_ERR(vevent)) {
			rc = PTR_ERR(vevent);
			break;
		}
		rc = iommufd_vevent_copy(vevent, buf + done, count - done,
					 !done);
		if (rc <= 0) {
			iommufd_veventq_put_back(veventq, vevent);
			break;
		}
		done += (size_t)rc;
		if (!vevent_is_lost(vevent)) {
			spin_lock(&veventq->common.lock);
			veventq->num_events--;
			spin_unlock(&veventq->common.lock);
		}
		kfree(vevent);
	}
	return done ? (ssize_t)done : rc;
}

static const struct file_operations iommufd_veventq_fops = {
	.release = iommufd_eventq_release,
	.read = iommufd_veventq_read,
	.poll = iommufd_eventq_poll,
};

/* The caller holds veventqs_rwsem for writing and a reference to @viommu. */
static int iommufd_veventq_make(struct iommufd_ucmd *ucmd,
				struct iommufd_viommu *viommu)
{
	struct iommu_veventq_alloc *cmd = ucmd->cmd;
	struct iommufd_veventq *veventq;
	int fdno, rc;

	if (iommufd_viommu_find_veventq(viommu, cmd->type))
		return -EEXIST;
	veventq = __iommufd_object_alloc(ucmd->ictx, veventq,
					 IOMMUFD_OBJ_VEVENTQ, common.obj);
	if (IS_ERR(veventq))
		return (int)PTR_ERR(veventq);
	veventq->type = cmd->type;
	veventq->depth = cmd->veventq_depth;
	veventq->lost_events_header.header.flags =
		IOMMU_VEVENTQ_FLAG_LOST_EVENTS;
	veventq->viommu = viommu;
	refcount_inc(&viommu->obj.users);
	/* Nobody else can look at the list while veventqs_rwsem is held. */
	list_add_tail(&veventq->node, &viommu->veventqs);

	fdno = iommufd_eventq_init(&veventq->common, "[iommufd-viommu-event]",
				   ucmd->ictx, &iommufd_veventq_fops);
	if (fdno < 0) {
		rc = fdno;
		goto out_abort;
	}
	cmd->out_veventq_id = veventq->common.obj.id;
	cmd->out_veventq_fd = (u32)fdno;
	rc = iommufd_ucmd_respond(ucmd, sizeof(*cmd));
	if (rc)
		goto out_put_fd;
	iommufd_object_finalize(ucmd->ictx, &veventq->common.obj);
	/*
	 * The reference of the file keeps the object from being destroyed
	 * before the descriptor is installed.
	 */
	fd_install((unsigned int)fdno, veventq->common.filep);
	return 0;

out_put_fd:
	put_unused_fd((unsigned int)fdno);
out_abort:
	iommufd_object_abort_and_destroy(ucmd->ictx, &veventq->common.obj);
	return rc;
}

int iommufd_veventq_alloc(struct iommufd_ucmd *ucmd)
{
	struct iommu_veventq_alloc *cmd = ucmd->cmd;
	struct iommufd_viommu *viommu;
	int rc;

	if (cmd->flags || cmd->__reserved ||
	    cmd->type == IOMMU_VEVENTQ_TYPE_DEFAULT)
		return -EOPNOTSUPP;
	if (!cmd->veventq_depth || cmd->veventq_depth > VEVENTQ_MAX_DEPTH)
		return -EINVAL;
	viommu = iommufd_model_get(ucmd->ictx, cmd->viommu_id,
				   IOMMUFD_OBJ_VIOMMU, iommufd_viommu);
	if (IS_ERR(viommu))
		return (int)PTR_ERR(viommu);
	down_write(&viommu->veventqs_rwsem);
	rc = iommufd_veventq_make(ucmd, viommu);
	up_write(&viommu->veventqs_rwsem);
	iommufd_put_object(ucmd->ictx, &viommu->obj);
	return rc;
}
