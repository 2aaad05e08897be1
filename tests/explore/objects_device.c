// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * DEVICE: VDEVICE_ALLOC against unbind, and attach and detach.
 *
 * A DESTROY of the mock's SELFTEST object detaches and unbinds its device, as a
 * driver does when it releases the device.  This also destroys the vDEVICE.
 * Since user space did not request that, the id of the vDEVICE becomes a
 * tombstone, which is never allocated again.
 */
#include "objects.h"

#define VIRT_ID 0x99

enum { MAKER, UNBINDER, USER };

static u32 vdevice;

static void open_unused_viommu(void *unused)
{
	open_viommu(unused);
	vdevice = w.viommu + 1;
}

static void open_vdevice(void *unused)
{
	open_viommu(unused);
	vdevice = made(try_vdevice(VIRT_ID));
}

/* The functions below are threads. */

static void makes_vdevice(void *unused)
{
	(void)unused;
	my_got = try_vdevice(VIRT_ID);
}

static void unbinder(void *unused)
{
	(void)unused;
	w.got[UNBINDER] = destroy(w.stdev);
}

static void destroys_vdevice(void *unused)
{
	(void)unused;
	w.got[USER] = destroy(vdevice);
}

static void destroys_viommu(void *unused)
{
	(void)unused;
	w.got[USER] = destroy(w.viommu);
}

static void uses_vdevice(void *unused)
{
	struct iommufd_object *obj;

	(void)unused;
	obj = iommufd_get_object(w.ictx, vdevice, IOMMUFD_OBJ_VDEVICE);
	w.got[USER] = (int)PTR_ERR_OR_ZERO(obj);
	if (!IS_ERR(obj))
		iommufd_put_object(w.ictx, obj);
}

/* R-VDEVICE-4: the vDEVICE holds a wait reference to the device. */
static void keeps_device(void *unused)
{
	(void)unused;
	iommufd_get_object(w.ictx, w.idev, IOMMUFD_OBJ_DEVICE);
}

/* The functions below check the results. */

/*
 * Tells whether @id is allocated to a new object.  The ids of SELFTEST, DEVICE
 * and HWPT are free as well, and the vDEVICE may have had one of them.
 */
static bool is_given_again(u32 id)
{
	bool again = false;
	int i;

	for (i = 0; i < 4; i++)
		again |= made(try_ioas()) == id;
	return again;
}

static bool is_tombstone(u32 id)
{
	return !is_there(id) && destroy(id) == -ENOENT && !is_given_again(id);
}

static void evicted_or_never_made(void *unused)
{
	int made_id = w.got[MAKER];

	must(w.got[UNBINDER] == 0 && !is_there(w.idev));
	must(has_counters(w.viommu, 1, 1));
	if (made_id > 0)
		must(is_tombstone((u32)made_id));
	else
		must(made_id == -ENOENT && is_given_again(vdevice));
	close_world(unused);
}

/*
 * R-VDEVICE-4, cases 3 and 6: the vDEVICE was evicted, or was destroyed by its
 * user.
 */
static void evicted_or_destroyed(void *unused)
{
	int destroyed = w.got[USER];

	must(w.got[UNBINDER] == 0 && !is_there(w.idev));
	must(has_counters(w.viommu, 1, 1));
	if (destroyed == 0)
		must(is_given_again(vdevice));
	else
		must((destroyed == -EBUSY || destroyed == -ENOENT) &&
		     is_tombstone(vdevice));
	close_world(unused);
}

static void evicted_though_used(void *unused)
{
	must(w.got[USER] == 0 || w.got[USER] == -ENOENT);
	must(w.got[UNBINDER] == 0 && is_tombstone(vdevice));
	close_world(unused);
}

static void all_three(void *unused)
{
	int made_id = w.got[MAKER], destroyed = w.got[USER];

	must(w.got[UNBINDER] == 0 && !is_there(w.idev));
	must(destroyed == 0 || destroyed == -EBUSY || destroyed == -ENOENT);
	if (made_id != (int)vdevice)
		must(destroyed == -ENOENT);
	if (made_id < 0)
		must(made_id == -ENOENT && is_given_again(vdevice));
	else if (destroyed == 0)
		must(is_given_again(vdevice));
	else
		must(is_tombstone((u32)made_id));
	close_world(unused);
}

static void one_vdevice_of_two(void *unused)
{
	must((w.got[0] > 0) != (w.got[1] > 0));
	must(how_many(0, 1, -EEXIST) == 1);
	must(has_counters(w.idev, 4, 2) && has_counters(w.viommu, 2, 1));
	close_world(unused);
}

static void vdevice_or_no_viommu(void *unused)
{
	int made_id = w.got[MAKER], destroyed = w.got[USER];

	if (made_id > 0)
		must(destroyed == -EBUSY && has_counters(w.viommu, 2, 1));
	else
		must(made_id == -ENOENT && destroyed == 0);
	close_world(unused);
}

static void vdevice_viommu_and_unbind(void *unused)
{
	must(w.got[MAKER] > 0 || w.got[MAKER] == -ENOENT);
	must(w.got[UNBINDER] == 0 && !is_there(w.idev));
	must(w.got[USER] == 0 || w.got[USER] == -EBUSY);
	must(is_there(w.viommu) == (w.got[USER] == -EBUSY));
	close_world(unused);
}

/* Attach and detach: two devices bound by a driver, an IOAS with memory. */

static struct {
	u32 stdev[2];
	struct iommufd_device *idev[2];
} bound;

static int attach(int n, u32 pt_id)
{
	return iommufd_device_attach(bound.idev[n], IOMMU_NO_PASID, &pt_id);
}

static void detach(int n)
{
	iommufd_device_detach(bound.idev[n], IOMMU_NO_PASID);
}

/* The devices of the mock, which attaches them; its destroy detaches them. */
static void open_bound(void *unused)
{
	int i;

	open_mapped(unused);
	for (i = 0; i < 2; i++) {
		bound.stdev[i] = made(try_device(w.ioas));
		bound.idev[i] = container_of(find_object(w.idev),
					     struct iommufd_device, obj);
		detach(i);
	}
}

static void open_attached(void *unused)
{
	open_bound(unused);
	must(!attach(0, w.ioas));
}

static void attaches(void *unused)
{
	int n = iommufd_model_thread_number();

	(void)unused;
	my_got = attach(n, w.ioas);
}

static void attaches_and_detaches(void *unused)
{
	int n = iommufd_model_thread_number();

	(void)unused;
	my_got = attach(n, w.ioas);
	if (!my_got)
		detach(n);
}

static void detaches(void *unused)
{
	(void)unused;
	detach(iommufd_model_thread_number());
	my_got = 0;
}

static void maps(void *unused)
{
	(void)unused;
	my_got = map(w.ioas, IOVA + PAGE_SIZE, memory, PAGE_SIZE);
}

static void unmaps(void *unused)
{
	(void)unused;
	my_got = unmap(w.ioas, IOVA, PAGE_SIZE);
}

static void destroys_ioas(void *unused)
{
	(void)unused;
	my_got = destroy(w.ioas);
}

static void close_bound(void *unused)
{
	int i;

	if (!is_there(w.ioas))
		w.ioas = made(try_ioas());
	for (i = 0; i < 2; i++) {
		must(!attach(i, w.ioas));
		must(!destroy(bound.stdev[i]));
	}
	close_world(unused);
}

static void share_one_hwpt(void *unused)
{
	/*
	 * The second device found the HWPT of the first one: users of the IOAS
	 * is 2, since one HWPT holds a reference to it.
	 */
	must(how_many(0, 1, 0) == 2);
	must(has_counters(w.ioas, 2, 1));
	detach(0);
	detach(1);
	must(has_counters(w.ioas, 1, 1));
	close_bound(unused);
}

/*
 * R-DEVICE-8: an attach that tries to share the HWPT during its last detach can
 * leave the HWPT behind with no device attached.
 */
static void hwpt_gone_or_left_over(void *unused)
{
	must(how_many(0, 1, 0) == 2);
	must(has_counters(w.ioas, 1, 1) || has_counters(w.ioas, 2, 1));
	close_bound(unused);
}

static void attached_or_no_ioas(void *unused)
{
	int attached = w.got[0], destroyed = w.got[1];

	if (!attached) {
		must(destroyed == -EBUSY);
		detach(0);
	} else {
		must(attached == -ENOENT && !destroyed);
	}
	close_bound(unused);
}

static void detach_first(void *unused)
{
	must(how_many(0, 1, 0) == 2);
	detach(0);
	close_bound(unused);
}

static void pinned_as_mapped(void *unused)
{
	must(how_many(0, 1, 0) == 2);
	must(iommufd_model_pinned() == 0);
	detach(0);
	close_bound(unused);
}

static const struct story stories[] = {
	{
		.test = {
			.name = "VDEVICE_ALLOC against unbind",
			.setup = open_unused_viommu,
			.threads = { { "maker", makes_vdevice },
				     { "unbinder", unbinder } },
			.after = evicted_or_never_made,
		},
	}, {
		.test = {
			.name = "DESTROY of a vDEVICE against unbind",
			.setup = open_vdevice,
			.threads = { { "user", destroys_vdevice },
				     { "unbinder", unbinder } },
			.after = evicted_or_destroyed,
		},
	}, {
		.test = {
			.name = "get/put of a vDEVICE against unbind",
			.setup = open_vdevice,
			.threads = { { "getter", uses_vdevice },
				     { "unbinder", unbinder } },
			.after = evicted_though_used,
		},
	}, {
		.test = {
			.name = "VDEVICE_ALLOC, unbind, DESTROY of it",
			.setup = open_unused_viommu,
			.threads = { { "maker", makes_vdevice },
				     { "unbinder", unbinder },
				     { "user", destroys_vdevice } },
			.after = all_three,
		},
	}, {
		.test = {
			.name = "VDEVICE_ALLOC twice",
			.setup = open_unused_viommu,
			.threads = { { "first", makes_vdevice },
				     { "second", makes_vdevice } },
			.after = one_vdevice_of_two,
		},
	}, {
		.test = {
			.name = "VDEVICE_ALLOC against DESTROY of its vIOMMU",
			.setup = open_unused_viommu,
			.threads = { { "maker", makes_vdevice },
				     { "user", destroys_viommu } },
			.after = vdevice_or_no_viommu,
		},
	}, {
		.test = {
			.name = "VDEVICE_ALLOC, unbind, DESTROY of its vIOMMU",
			.setup = open_unused_viommu,
			.threads = { { "maker", makes_vdevice },
				     { "unbinder", unbinder },
				     { "user", destroys_viommu } },
			.after = vdevice_viommu_and_unbind,
		},
	}, {
		.test = {
			.name = "attach of two devices",
			.setup = open_bound,
			.threads = { { "device 0", attaches },
				     { "device 1", attaches } },
			.after = share_one_hwpt,
		},
	}, {
		.test = {
			.name = "attach and detach against detach of the other",
			.setup = open_attached,
			.threads = { { "device 0", detaches },
				     { "device 1", attaches_and_detaches } },
			.after = hwpt_gone_or_left_over,
		},
	}, {
		.test = {
			.name = "attach against DESTROY of the IOAS",
			.setup = open_bound,
			.threads = { { "device 0", attaches },
				     { "user", destroys_ioas } },
			.after = attached_or_no_ioas,
		},
	}, {
		.test = {
			.name = "attach against MAP",
			.setup = open_bound,
			.threads = { { "device 0", attaches },
				     { "mapper", maps } },
			.after = detach_first,
		},
	}, {
		.test = {
			.name = "attach against UNMAP",
			.setup = open_bound,
			.threads = { { "device 0", attaches },
				     { "unmapper", unmaps } },
			.after = pinned_as_mapped,
		},
	}, {
		.test = {
			.name = "detach against UNMAP",
			.setup = open_attached,
			.threads = { { "device 0", detaches },
				     { "unmapper", unmaps } },
			.after = close_bound,
		},
	}, {
		.test = {
			.name = "spoilt: a reference to the device is kept",
			.setup = open_unused_viommu,
			.threads = { { "keeper", keeps_device },
				     { "unbinder", unbinder } },
			.after = close_world,
		},
		.fails = IOMMUFD_MODEL_FAIL_TIMEOUT,
	},
};

STORIES(device);
