// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The entry points of a kernel tree's iommufd: the same functions as those of
 * the model.
 *
 * The tree is initialised when the program begins.
 */
#include <iommufd_model/model.h>
#include <linux/anon_inodes.h>
#include <linux/fault-inject.h>
#include <linux/file.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/string.h>
#include <stdlib.h>
#include <linux/sched/mm.h>
#include <pthread.h>
#include "notes.h"

void maple_tree_init(void);
/*
 * For a program under iommufd-model exec, which opens devices by their names
 * below /dev.
 */
bool iommufd_model_has_node(const char *node);
int iommufd_model_open_node(const char *node);

static struct miscdevice *misc_devices;

int misc_register(struct miscdevice *misc)
{
	misc->next = misc_devices;
	misc_devices = misc;
	return 0;
}

void misc_deregister(struct miscdevice *misc)
{
	struct miscdevice **p;

	for (p = &misc_devices; *p; p = &(*p)->next) {
		if (*p == misc) {
			*p = misc->next;
			return;
		}
	}
}

extern const struct tree_initcall __start_tree_initcalls[],
	__stop_tree_initcalls[];

/*
 * Runs before main(), so that the initialisation belongs to no execution of the
 * explorer, and no test makes its allocations fail.
 */
__attribute__((constructor)) static void init_tree(void)
{
	const struct tree_initcall *call;
	int level;

	iommufd_tree_init_process();
	maple_tree_init();
	for (level = 1; level <= 3; level++)
		for (call = __start_tree_initcalls;
		     call < __stop_tree_initcalls; call++)
			if (call->level == level && call->fn())
				abort();
}

/* Finds the misc device with this name below /dev. */
static struct miscdevice *find_device(const char *node)
{
	struct miscdevice *misc = misc_devices;

	while (misc && strcmp(misc->nodename ? misc->nodename : misc->name,
			      node))
		misc = misc->next;
	return misc;
}

bool iommufd_model_has_node(const char *node)
{
	return find_device(node);
}

int iommufd_model_open_node(const char *node)
{
	const char *name = strcmp(node, "iommu") ? "/dev/vfio/vfio" :
						   "/dev/iommu";
	struct miscdevice *misc = find_device(node);
	struct file *file;
	int fd, rc;

	if (!misc)
		return -ENODEV;
	fd = get_unused_fd_flags(0);
	if (fd < 0)
		return fd;
	file = anon_inode_getfile(name, misc->fops, misc, 0);
	if (IS_ERR(file)) {
		rc = (int)PTR_ERR(file);
		goto out_fd;
	}
	rc = file->f_op->open(NULL, file);
	if (rc) {
		kfree(file);
		goto out_fd;
	}
	tree_note_open(file);
	fd_install((unsigned int)fd, file);
	return fd;

out_fd:
	put_unused_fd((unsigned int)fd);
	return rc;
}

int iommufd_model_open(void)
{
	return iommufd_model_open_node("iommu");
}

bool should_fail(struct fault_attr *attr, ssize_t size)
{
	return iommufd_model_fault();
}

const char *iommufd_model_version(void)
{
	return IOMMUFD_MODEL_VERSION;
}
