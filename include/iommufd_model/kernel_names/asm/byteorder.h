/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* The C library may include this name: go on to the system's header. */
#ifndef IOMMUFD_MODEL_ASM_BYTEORDER_H
#define IOMMUFD_MODEL_ASM_BYTEORDER_H

#if __has_include_next(<asm/byteorder.h>)
/* An extension of the compilers, which -Wpedantic would report. */
#pragma GCC system_header
#include_next <asm/byteorder.h>
#endif
#include <iommufd_model/kernel/byteorder.h>

#endif
