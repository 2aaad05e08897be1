/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Marks for functions and data that a kernel frees after its start.  They have
 * no effect here.  __init and __exit are defined in C only, because headers of
 * C++ use these names.
 */
#ifndef IOMMUFD_MODEL_KERNEL_INIT_H
#define IOMMUFD_MODEL_KERNEL_INIT_H

#include <iommufd_model/kernel/compiler.h>
/* This header has a member called __init, so it must precede the macro. */
#include <stdlib.h>

#ifndef __cplusplus
#define __init	/**< used by the start of a module only */
#define __exit	/**< used by the end of a module only */
#endif
#define __initdata	/**< used by the start of a module only */
#define __initconst	/**< used by the start of a module only */
#define __exitdata	/**< used by the end of a module only */

#endif
