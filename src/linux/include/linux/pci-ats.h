/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef TREE_LINUX_PCI_ATS_H
#define TREE_LINUX_PCI_ATS_H

#include <linux/pci.h>

#define pci_ats_supported(pdev) ((void)(pdev), false)
#define pci_pri_supported(pdev) ((void)(pdev), false)
#define pci_max_pasids(pdev) ((void)(pdev), 0)
#define pci_pasid_features(pdev) ((void)(pdev), -22)
#define pci_pasid_status(pdev) ((void)(pdev), -22)
#define PCI_PASID_CTRL_ENABLE 1
#define PCI_PASID_CTRL_EXEC 2
#define PCI_PASID_CTRL_PRIV 4
#define PCI_PASID_CAP_EXEC 2
#define PCI_PASID_CAP_PRIV 4

#endif
