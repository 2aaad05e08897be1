/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* There are no devices on this bus. */
#ifndef TREE_LINUX_FSL_MC_H
#define TREE_LINUX_FSL_MC_H

#include <linux/device.h>

#define fsl_mc_cont_dev(dev) (dev)

#endif
