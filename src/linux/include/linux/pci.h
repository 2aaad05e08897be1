/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * There is no PCI: dev_is_pci() is false, and the other functions are only
 * there so that the tree compiles.
 */
#ifndef TREE_LINUX_PCI_H
#define TREE_LINUX_PCI_H

#include <linux/device.h>

struct pci_dev {
	struct device dev;
	struct pci_bus *bus;
	unsigned int devfn;
	bool multifunction, untrusted, is_virtfn;
};

struct pci_bus {
	struct pci_bus *parent;
	struct pci_dev *self;
};

#define PCI_SLOT(devfn) (((devfn) >> 3) & 0x1f)
#define PCI_FUNC(devfn) ((devfn) & 0x07)
#define PCI_ACS_SV 0x01
#define PCI_ACS_RR 0x04
#define PCI_ACS_CR 0x08
#define PCI_ACS_UF 0x10
#define to_pci_dev(d) container_of(d, struct pci_dev, dev)
#define for_each_pci_dev(d) for (d = NULL; d;)
#define pci_warn(pdev, ...) dev_warn(&(pdev)->dev, __VA_ARGS__)

#define dev_is_pci(dev) ((void)(dev), false)
#define pci_acs_enabled(pdev, flags) ((void)(pdev), false)
#define pci_acs_path_enabled(start, end, flags) ((void)(start), false)
#define pci_devs_are_dma_aliases(a, b) ((void)(a), (void)(b), false)
#define pci_for_each_dma_alias(pdev, fn, data) \
	((void)(pdev), (void)(fn), (void)(data), 0)
#define pci_is_root_bus(bus) ((void)(bus), true)
#define pci_dev_put(pdev) ((void)(pdev))

#endif
