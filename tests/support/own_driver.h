/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A driver that belongs to the tests and can do what the mock cannot: it has
 * two devices in one group, refuses what a test tells it to refuse, and logs
 * what it is asked to do.  Its devices are bound as a real driver binds them:
 * they hold the context until they are unbound.
 */
#ifndef TESTS_SUPPORT_OWN_DRIVER_H
#define TESTS_SUPPORT_OWN_DRIVER_H

#include "guest.h"

/*
 * struct own_behaviour - how the driver behaves from now on
 * @incoherent: the IOMMU does not have IOMMU_CAP_CACHE_COHERENCY
 * @attach_error: the result of an attach of the device @refuses, or of any
 *	device if @refuses is NULL; only of the next attach if @once is set
 * @refuses_again: the device that is refused after the first refusal
 * @viommu_ops: the ops that its vIOMMUs get; NULL: the driver forgets to set
 *	them
 */
struct own_behaviour {
	bool incoherent, once;
	int attach_error;
	struct device *refuses, *refuses_again;
	int viommu_error, vdevice_error, queue_error;
	size_t viommu_size, queue_size;
	struct iommufd_viommu_ops *viommu_ops;
};

extern struct own_behaviour own;

/* The IOMMU behind the devices of the driver. */
extern struct iommu_device own_iommu;

/* The vIOMMU ops of the driver; they log each destroy. */
extern struct iommufd_viommu_ops own_viommu_ops;
size_t own_queue_size(struct iommufd_viommu *viommu, unsigned int type);

/* struct own_pair - two devices in one group */
struct own_pair {
	struct iommu_group group;
	struct device a, b;
};

void own_device(struct own_pair *pair, struct device *dev, const char *name);

/* Initialise the pair, and reset the behaviour of the driver. */
void own_pair_init(struct own_pair *pair);

struct iommufd_device *own_bind(struct guest *g, struct device *dev);

/*
 * Attach a device, or replace its HWPT.  Both functions return the id of the
 * HWPT that the device then uses, or the error.
 */
int own_attach_to(struct iommufd_device *idev, u32 pt_id);
int own_replace(struct iommufd_device *idev, u32 pt_id);
void own_detach_from(struct iommufd_device *idev);

/*
 * struct own_guest - an IOAS with memory; device a, bound and not attached; and
 * a nest parent and a vIOMMU if the test makes them
 */
struct own_guest {
	struct guest g;
	struct own_pair pair;
	struct iommufd_device *idev;
};

void own_guest_open(struct own_guest *og);
void own_guest_close(struct own_guest *og);

#endif
