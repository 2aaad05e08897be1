/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Calls that report what happens to a file, for a kernel tree
 * (src/linux/notes.c), whose own sources do not report it.
 */
#ifndef FILE_CALL_H
#define FILE_CALL_H

struct file;

enum iommufd_model_file_event {
	IOMMUFD_MODEL_FILE_MADE,	/* by anon_inode_getfile() */
	IOMMUFD_MODEL_FILE_INSTALLED,
	IOMMUFD_MODEL_FILE_IOCTL,	/* the argument is the request */
	IOMMUFD_MODEL_FILE_IOCTL_END,	/* the argument is the result */
	IOMMUFD_MODEL_FILE_RELEASE,	/* begins */
	IOMMUFD_MODEL_FILE_RELEASED,	/* the file is about to be freed */
};

/* file.c: called if there is a hook at the gate.  NULL, but for a kernel tree. */
extern void (*iommufd_model_file_call)(struct file *file,
				       enum iommufd_model_file_event event,
				       long arg);

#endif
