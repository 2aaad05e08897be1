/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * fget() finds the files of the model, and files that the process itself has
 * opened.
 */
#ifndef TREE_LINUX_FILE_H
#define TREE_LINUX_FILE_H

#include <iommufd_model/kernel/file.h>
#include <iommufd_model/kernel/memfd.h>

#undef fget
#define fget(fd) iommufd_model_fget_any((int)(fd))

#endif
