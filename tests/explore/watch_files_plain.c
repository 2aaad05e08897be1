// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* A source file that is not watched, for watch_files.c. */
#include <iommufd_model/kernel/types.h>

void FUNCTION(void);

void FUNCTION(void)
{
}
