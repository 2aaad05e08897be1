/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The C library may include this name: go on to the system's header. */
#ifndef IOMMUFD_MODEL_LINUX_ERRNO_H
#define IOMMUFD_MODEL_LINUX_ERRNO_H

#if __has_include_next(<linux/errno.h>)
/* An extension of the compilers, which -Wpedantic would report. */
#pragma GCC system_header
#include_next <linux/errno.h>
#else
#include <errno.h>
#endif
#include <iommufd_model/kernel/errno.h>

#endif
