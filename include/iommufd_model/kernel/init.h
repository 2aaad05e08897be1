/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/**
 * @file
 * Marks of functions and data that a kernel frees after its start; they have no
 * effect here.  __init and __exit are there in C only, because headers of C++
 * use these names.
 */
#ifndef IOMMUFD_MODEL_KERNEL_INIT_H
#define IOMMUFD_MODEL_KERNEL_INIT_H

#include <iommufd_model/kernel/compiler.h>
/* It has a member __init, and so must come before the macro. */
#include <stdlib.h>

#ifndef __cplusplus
#define __init	/**< used by the start of a module only */
#define __exit	/**< used by the end of a module only */
#endif
#define __initdata	/**< used by the start of a module only */
#define __initconst	/**< used by the start of a module only */
#define __exitdata	/**< used by the end of a module only */

#endif
