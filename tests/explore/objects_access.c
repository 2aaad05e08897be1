// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Accesses, internal and external, against unmap and against each other.
 *
 * An internal access pins and locks an area, so that an unmap fails in the
 * meantime.  The driver of an external access is asked to unpin by its unmap
 * callback, which unmap, replace, detach and destroy call.  The driver here
 * records, with a lock of its own, whether it has pinned the page.
 */
#include "objects.h"
#include "io_pagetable.h"

enum { OWNER, UNMAPPER, THIRD };

/*
 * The driver.  Its lock is taken before the access's.
 * @lock: guards @pinned
 * @calls: the number of calls of its unmap callback
 * @slip: a deliberate mistake, for a story that must fail
 */
static struct {
	struct mutex lock;
	struct iommufd_access *access;
	bool pinned;
	int calls, pin_rc;
	enum { RIGHT, FORGETS_TO_UNPIN, TAKES_NO_LOCK } slip;
} driver;

static struct iommufd_ioas *ioas_a, *ioas_b;

static struct iommufd_ioas *ioas_of(u32 id)
{
	return container_of(find_object(id), struct iommufd_ioas, obj);
}

/* Opens IOAS 1 with one page, and IOAS 2 with the same page. */
static void open_two(void *unused)
{
	open_mapped(unused);
	w.other = made(try_ioas());
	must(!map(w.other, IOVA, memory, PAGE_SIZE));
	ioas_a = ioas_of(w.ioas);
	ioas_b = ioas_of(w.other);
}

static void open_one(void *unused)
{
	open_mapped(unused);
	ioas_a = ioas_of(w.ioas);
}

/* The functions below are threads. */

static void unmapper(void *unused)
{
	(void)unused;
	my_got = unmap(w.ioas, IOVA, PAGE_SIZE);
}

static int pin(struct iommufd_access *access)
{
	struct page *page;

	return iommufd_access_pin_pages(access, IOVA, PAGE_SIZE, &page,
					IOMMUFD_ACCESS_RW_READ);
}

static void unpin(struct iommufd_access *access)
{
	iommufd_access_unpin_pages(access, IOVA, PAGE_SIZE);
}

/* Creates, uses and destroys an access that another object owns. */
static void internal_life(void *unused)
{
	struct iommufd_access *access;

	(void)unused;
	access = iommufd_access_create_internal(w.ictx);
	must(!IS_ERR(access));
	must(!iommufd_access_attach_internal(access, ioas_a));
	my_got = pin(access);
	if (!my_got)
		unpin(access);
	iommufd_access_detach_internal(access);
	iommufd_access_destroy_internal(w.ictx, access);
}

/* Z-11a: destroys the access without an unpin, so the pin is leaked. */
static void internal_life_without_unpin(void *unused)
{
	struct iommufd_access *access;

	(void)unused;
	access = iommufd_access_create_internal(w.ictx);
	must(!IS_ERR(access));
	must(!iommufd_access_attach_internal(access, ioas_a));
	my_got = pin(access);
	iommufd_access_destroy_internal(w.ictx, access);
}

/* Destroys the access by its id, which user space can predict. */
static void guesser(void *unused)
{
	(void)unused;
	my_got = destroy(w.ioas + 1);
}

/* The functions below are those of the driver. */

static void driver_unmap(void *data, unsigned long iova, unsigned long length)
{
	(void)data;
	must(iova <= IOVA && length >= PAGE_SIZE);
	if (driver.slip != TAKES_NO_LOCK)
		mutex_lock(&driver.lock);
	driver.calls++;
	if (driver.pinned && driver.slip != FORGETS_TO_UNPIN) {
		unpin(driver.access);
		driver.pinned = false;
	}
	if (driver.slip != TAKES_NO_LOCK)
		mutex_unlock(&driver.lock);
}

static const struct iommufd_access_ops driver_ops = {
	.needs_pin_pages = 1,
	.unmap = driver_unmap,
};

static void driver_create(void)
{
	u32 id;

	memset(&driver, 0, sizeof(driver));
	driver.pin_rc = 1;
	mutex_init(&driver.lock);
	driver.access = iommufd_access_create(w.ictx, &driver_ops, NULL, &id);
	must(!IS_ERR(driver.access));
}

static void driver_pin(void)
{
	mutex_lock(&driver.lock);
	if (!driver.pinned) {
		driver.pin_rc = pin(driver.access);
		driver.pinned = !driver.pin_rc;
	}
	mutex_unlock(&driver.lock);
}

static void driver_unpin(void)
{
	mutex_lock(&driver.lock);
	if (driver.pinned)
		unpin(driver.access);
	driver.pinned = false;
	mutex_unlock(&driver.lock);
}

/*
 * Opens the driver with an access that is attached to IOAS 1 and has pinned
 * nothing.
 */
static void open_driver(void *unused)
{
	open_two(unused);
	driver_create();
	must(!iommufd_access_attach(driver.access, w.ioas));
}

static void open_pinned(void *unused)
{
	open_driver(unused);
	driver_pin();
}

static void open_forgetful(void *unused)
{
	open_pinned(unused);
	driver.slip = FORGETS_TO_UNPIN;
}

static void open_lockless(void *unused)
{
	open_pinned(unused);
	driver.slip = TAKES_NO_LOCK;
}

static void pinner(void *unused)
{
	(void)unused;
	driver_pin();
	my_got = driver.pin_rc;
}

static void unpinner(void *unused)
{
	(void)unused;
	driver_unpin();
}

static void replacer(void *unused)
{
	(void)unused;
	my_got = iommufd_access_replace(driver.access, w.other);
}

static void replacer_back(void *unused)
{
	(void)unused;
	my_got = iommufd_access_replace(driver.access, w.ioas);
}

static void detacher(void *unused)
{
	(void)unused;
	iommufd_access_detach(driver.access);
	my_got = 0;
}

static void replaces_then_detaches(void *unused)
{
	(void)unused;
	must(!iommufd_access_replace(driver.access, w.other));
	iommufd_access_detach(driver.access);
}

/* R-ACC-5: the driver unpins before it destroys its access. */
static void unpins_and_destroys(void *unused)
{
	(void)unused;
	driver_unpin();
	iommufd_access_destroy(driver.access);
	driver.access = NULL;
}

/*
 * The destroy op calls the unmap callback, which unpins.  Until then an unmap
 * cannot succeed, since it skips an access that is being destroyed.
 */
static void destroys_pinned(void *unused)
{
	(void)unused;
	iommufd_access_destroy(driver.access);
}

/*
 * Destroys, by IOMMU_DESTROY, the IOAS to which the access moves, or is
 * attached.
 */
static void destroys_other(void *unused)
{
	(void)unused;
	my_got = destroy(w.other);
}

/* Destroys, by IOMMU_DESTROY, the IOAS that the access leaves. */
static void destroys_old(void *unused)
{
	(void)unused;
	my_got = destroy(w.ioas);
}

/* The functions below check the results. */

static struct iopt_area *area_of(struct iommufd_ioas *ioas)
{
	return iopt_find_area(&ioas->iopt, IOVA);
}

static bool is_quiet(struct iommufd_ioas *ioas, bool mapped)
{
	struct iopt_area *area = area_of(ioas);

	if (!mapped || !area)
		return mapped == !!area;
	return !area->num_accesses && !area->num_locks;
}

static void internal_pin_kept_unmap_out(void *unused)
{
	int pinned = w.got[OWNER], unmapped = w.got[UNMAPPER];

	must(pinned == 0 || pinned == -ENOENT);
	must(unmapped == 0 || (unmapped == -EBUSY && pinned == 0));
	/* R-DESTROY-2: while the access exists, its owner holds a reference. */
	must(w.got[THIRD] == 1 || w.got[THIRD] == -EBUSY ||
	     w.got[THIRD] == -ENOENT);
	must(is_quiet(ioas_a, unmapped == -EBUSY));
	must(refcount_read(&ioas_a->obj.users) == 1);
	close_world(unused);
}

/* If the internal access blocks the unmap, the external one may stay pinned. */
static void internal_or_external(void *unused)
{
	int unmapped = w.got[UNMAPPER];

	must(unmapped == 0 || (unmapped == -EBUSY && w.got[OWNER] == 0));
	if (unmapped == 0)
		must(!driver.pinned && is_quiet(ioas_a, false));
	iommufd_access_destroy(driver.access);
	must(is_quiet(ioas_a, unmapped == -EBUSY));
	close_world(unused);
}

static void two_internals(void *unused)
{
	int unmapped = w.got[THIRD];

	must(unmapped == 0 ||
	     (unmapped == -EBUSY && (!w.got[0] || !w.got[1])));
	must(is_quiet(ioas_a, unmapped == -EBUSY));
	must(refcount_read(&ioas_a->obj.users) == 1);
	close_world(unused);
}

/* The callback of the driver unpins, so the unmap succeeds in any case. */
static void driver_gave_way(void *unused)
{
	must(w.got[UNMAPPER] == 0);
	must(!driver.pinned);
	must(is_quiet(ioas_a, false));
	if (driver.access)
		iommufd_access_destroy(driver.access);
	must(refcount_read(&ioas_a->obj.users) == 1);
	must(refcount_read(&ioas_b->obj.users) == 1);
	close_world(unused);
}

/* The second of two unmaps finds no area, or one that is being unmapped. */
static void one_unmap_found_it(void *unused)
{
	int i, rc;

	for (i = UNMAPPER; i <= THIRD; i++) {
		rc = w.got[i];
		must(rc == 0 || rc == -ENOENT || rc == -EBUSY);
	}
	must(how_many(UNMAPPER, THIRD, 0) == 1);
	must(!driver.pinned && is_quiet(ioas_a, false));
	iommufd_access_destroy(driver.access);
	close_world(unused);
}

/* A late pin finds no area, or an area that is being unmapped. */
static void pin_failed_or_gave_way(void *unused)
{
	must(driver.pin_rc == 0 || driver.pin_rc == -ENOENT ||
	     driver.pin_rc == -EINVAL);
	driver_gave_way(unused);
}

/*
 * The access is attached to B or detached, and the results of the calls agree
 * with that.  A detach during a replace, or of an access that is already
 * detached, WARNs and does nothing (R-ACC-8).
 */
static void replaced_or_detached(void *unused)
{
	const struct iommufd_ioas *now = driver.access->ioas;

	must(w.got[0] == 0 || w.got[0] == -ENOENT || w.got[0] == -EBUSY);
	must(now == driver.access->ioas_unpin);
	must(now == NULL || now == ioas_b);
	if (w.got[0])
		must(!now);
	must(refcount_read(&ioas_b->obj.users) == (now ? 2 : 1));
	must(refcount_read(&ioas_a->obj.users) == 1);
	driver_gave_way(unused);
}

/* The pin was in A and undone by the replace, or in B, or it failed. */
static void replaced_and_perhaps_pinned(void *unused)
{
	must(w.got[0] == 0 && w.got[UNMAPPER] == 0);
	must(driver.pin_rc == 0 || driver.pin_rc == -ENOENT ||
	     driver.pin_rc == -EINVAL);
	must(is_quiet(ioas_a, false));
	must(is_quiet(ioas_b, true) == !driver.pinned);
	iommufd_access_destroy(driver.access);
	must(is_quiet(ioas_b, true));
	close_world(unused);
}

/* Thread 0 replaces by B, thread 1 by A, where the access was. */
static void replaced_by_one(void *unused)
{
	const struct iommufd_ioas *now = driver.access->ioas;

	/*
	 * A replace that comes during the callback of the other one finds the
	 * access detached.
	 */
	must(w.got[0] == 0);
	must(w.got[1] == 0 || w.got[1] == -ENOENT);
	must(now == driver.access->ioas_unpin);
	must(now == ioas_b || (now == ioas_a && !w.got[1]));
	w.got[UNMAPPER] = unmap(w.ioas, IOVA, PAGE_SIZE);
	driver_gave_way(unused);
}

static void replaced_or_no_target(void *unused)
{
	const struct iommufd_ioas *now = driver.access->ioas;

	if (w.got[2] == 0) {
		/* IOAS B is destroyed: the replace did not find it. */
		must(w.got[0] == -ENOENT && now == ioas_a);
		must(!is_there(w.other));
	} else {
		must(w.got[2] == -EBUSY);
		must(w.got[0] == 0 && now == ioas_b);
	}
	must(!driver.pinned && w.got[UNMAPPER] == 0);
	iommufd_access_destroy(driver.access);
	close_world(unused);
}

/* The access is gone from the IOAS before it drops its reference. */
static void left_before_destroyed(void *unused)
{
	must(w.got[1] == 0 || w.got[1] == -EBUSY);
	must(is_there(w.ioas) == (w.got[1] != 0));
	iommufd_access_destroy(driver.access);
	close_world(unused);
}

static const struct story stories[] = {
	{
		.test = {
			.name = "internal access's life against UNMAP",
			.setup = open_one,
			.threads = { { "owner", internal_life },
				     { "unmapper", unmapper } },
			.after = internal_pin_kept_unmap_out,
		},
	}, {
		.test = {
			.name = "internal access's life, UNMAP, DESTROY of it",
			.setup = open_one,
			.threads = { { "owner", internal_life },
				     { "unmapper", unmapper },
				     { "guesser", guesser } },
			.after = internal_pin_kept_unmap_out,
		},
	}, {
		.test = {
			.name = "two internal accesses and UNMAP",
			.setup = open_one,
			.threads = { { "owner a", internal_life },
				     { "owner b", internal_life },
				     { "unmapper", unmapper } },
			.after = two_internals,
		},
	}, {
		.test = {
			.name = "internal access's life, UNMAP, external unpin",
			.setup = open_pinned,
			.threads = { { "owner", internal_life },
				     { "unmapper", unmapper },
				     { "driver", unpinner } },
			.after = internal_or_external,
		},
	}, {
		.test = {
			.name = "external pin against UNMAP",
			.setup = open_driver,
			.threads = { { "driver", pinner },
				     { "unmapper", unmapper } },
			.after = pin_failed_or_gave_way,
		},
	}, {
		.test = {
			.name = "external unpin against UNMAP",
			.setup = open_pinned,
			.threads = { { "driver", unpinner },
				     { "unmapper", unmapper } },
			.after = driver_gave_way,
		},
	}, {
		.test = {
			.name = "external pin, UNMAP, UNMAP",
			.setup = open_driver,
			.threads = { { "driver", pinner },
				     { "unmapper", unmapper },
				     { "another", unmapper } },
			.after = one_unmap_found_it,
		},
	}, {
		.test = {
			.name = "access unpin and destroy against UNMAP",
			.setup = open_pinned,
			.threads = { { "driver", unpins_and_destroys },
				     { "unmapper", unmapper } },
			.after = driver_gave_way,
		},
	}, {
		.test = {
			.name = "access replace, UNMAP's notification, unpin",
			.setup = open_pinned,
			.threads = { { "replacer", replacer },
				     { "unmapper", unmapper },
				     { "driver", unpinner } },
			.after = driver_gave_way,
		},
	}, {
		/* A detach that comes at the wrong time makes a WARN. */
		.test = {
			.name = "access replace, UNMAP's notification, detach",
			.setup = open_pinned,
			.threads = { { "replacer", replacer },
				     { "unmapper", unmapper },
				     { "detacher", detacher } },
			.after = replaced_or_detached,
		},
		.ignore = IGNORE(WARN),
	}, {
		.test = {
			.name = "access replace then detach against UNMAP",
			.setup = open_pinned,
			.threads = { { "driver", replaces_then_detaches },
				     { "unmapper", unmapper } },
			.after = driver_gave_way,
		},
	}, {
		.test = {
			.name = "access replace, UNMAP, pin",
			.setup = open_driver,
			.threads = { { "replacer", replacer },
				     { "unmapper", unmapper },
				     { "driver", pinner } },
			.after = replaced_and_perhaps_pinned,
		},
	}, {
		.test = {
			.name = "access replace against access replace",
			.setup = open_pinned,
			.threads = { { "there", replacer },
				     { "back", replacer_back } },
			.after = replaced_by_one,
		},
	}, {
		.test = {
			.name = "access replace, UNMAP, DESTROY of the target",
			.setup = open_pinned,
			.threads = { { "replacer", replacer },
				     { "unmapper", unmapper },
				     { "user", destroys_other } },
			.after = replaced_or_no_target,
		},
	}, {
		.test = {
			.name = "access detach against DESTROY of its IOAS",
			.setup = open_driver,
			.threads = { { "driver", detacher },
				     { "user", destroys_old } },
			.after = left_before_destroyed,
		},
	}, {
		.test = {
			.name = "spoilt: internal access goes without unpin",
			.setup = open_one,
			.threads = { { "owner", internal_life_without_unpin },
				     { "unmapper", unmapper } },
			.after = close_world,
		},
		.fails = IOMMUFD_MODEL_FAIL_WARN,
		.says = "access 2 still has 0x1000 bytes pinned at IOVA "
			"0x1000000",
	}, {
		.test = {
			.name = "spoilt: unmap callback forgets to unpin",
			.setup = open_forgetful,
			.threads = { { "driver", unpinner },
				     { "unmapper", unmapper } },
			.after = driver_gave_way,
		},
		.fails = IOMMUFD_MODEL_FAIL_WARN,
		.says = "access 3 still has 0x1000 bytes pinned at IOVA "
			"0x1000000 after 101 tries",
	}, {
		.test = {
			.name = "spoilt: access destroyed with its pin",
			.setup = open_pinned,
			.threads = { { "driver", destroys_pinned },
				     { "unmapper", unmapper } },
			.after = close_world,
		},
		.fails = IOMMUFD_MODEL_FAIL_WARN,
	}, {
		.test = {
			.name = "spoilt: unmap callback takes no lock",
			.setup = open_lockless,
			.threads = { { "driver", unpinner },
				     { "unmapper", unmapper } },
			.after = driver_gave_way,
		},
		.fails = IOMMUFD_MODEL_FAIL_WARN,
	},
};

STORIES(access);
