// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * mmap() while the mapped object is destroyed, and while the file is closed.
 *
 * A window is an object with one page of device memory and a cookie for it.  A
 * mapping holds a users reference to the window, and a reference to the file.
 */
#include "objects.h"

#define MMIO 0x40000000ul

enum { MAPPER, USER, THIRD };

struct window {
	struct iommufd_object obj;
	struct iommufd_ctx *ictx;
	unsigned long offset;
};

/* @kept is the number of mappings that after() has to undo. */
static struct {
	enum iommufd_object_type type;
	u32 id;
	unsigned long offset;
	int destroyed, kept;
} know;

static void window_destroy(struct iommufd_object *obj)
{
	struct window *window = container_of(obj, struct window, obj);

	know.destroyed++;
	_iommufd_destroy_mmap(window->ictx, obj, window->offset);
}

/*
 * A destroy op that does not destroy the cookie, although its owner is then
 * freed.
 */
static void window_forgets(struct iommufd_object *obj)
{
	(void)obj;
	know.destroyed++;
}

static const struct iommufd_object_ops window_ops = {
	.destroy = window_destroy,
};
static const struct iommufd_object_ops forgetful_ops = {
	.destroy = window_forgets,
};

static struct window *reserve_window(void)
{
	struct window *window;

	window = iommufd_object_alloc(w.ictx, window, know.type);
	must(!IS_ERR(window));
	window->ictx = w.ictx;
	must(!_iommufd_alloc_mmap(w.ictx, &window->obj, MMIO, PAGE_SIZE,
				  &window->offset));
	return window;
}

static void open_no_window_of(const struct iommufd_object_ops *ops,
			      const char *name)
{
	int type;

	open_world();
	memset(&know, 0, sizeof(know));
	type = iommufd_model_register_type(name, ops, IOMMUFD_OBJ_NONE);
	must(type >= IOMMUFD_OBJ_MAX);
	know.type = (enum iommufd_object_type)type;
	know.offset = PAGE_SIZE;
}

static void open_no_window(void *unused)
{
	(void)unused;
	open_no_window_of(&window_ops, "window");
}

static void publish_window(void)
{
	struct window *window = reserve_window();

	know.id = window->obj.id;
	must(window->offset == know.offset);
	iommufd_object_finalize(w.ictx, &window->obj);
}

static void open_window(void *unused)
{
	open_no_window(unused);
	publish_window();
}

static void open_forgetful(void *unused)
{
	(void)unused;
	open_no_window_of(&forgetful_ops, "forgetful window");
	publish_window();
}

/* The functions below are threads. */

static int try_mmap(void)
{
	void *p = iommufd_model_mmap(w.fd, PAGE_SIZE, PROT_READ, MAP_SHARED,
				     know.offset);

	if (IS_ERR(p))
		return (int)PTR_ERR(p);
	must(p == (void *)MMIO);
	return 0;
}

static void munmap_one(void)
{
	must(!iommufd_model_munmap((void *)MMIO, PAGE_SIZE));
}

static void open_mapping(void *unused)
{
	open_window(unused);
	must(!try_mmap());
	know.kept = 1;
}

static void mapper(void *unused)
{
	(void)unused;
	my_got = try_mmap();
	if (!my_got)
		know.kept++;
}

static void maps_and_unmaps(void *unused)
{
	(void)unused;
	my_got = try_mmap();
	if (!my_got)
		munmap_one();
}

static void maps_and_forks(void *unused)
{
	(void)unused;
	my_got = try_mmap();
	if (my_got)
		return;
	must(!iommufd_model_mdup((void *)MMIO, PAGE_SIZE));
	munmap_one();
	munmap_one();
}

static void unmapper(void *unused)
{
	(void)unused;
	munmap_one();
	/* Two threads change this counter, so the access is atomic. */
	__atomic_fetch_sub(&know.kept, 1, __ATOMIC_RELAXED);
	my_got = 0;
}

static void forker(void *unused)
{
	(void)unused;
	my_got = iommufd_model_mdup((void *)MMIO, PAGE_SIZE);
	if (!my_got)
		__atomic_fetch_add(&know.kept, 1, __ATOMIC_RELAXED);
}

static void destroys_window(void *unused)
{
	(void)unused;
	w.got[USER] = destroy(know.id);
}

static void closer(void *unused)
{
	(void)unused;
	w.got[THIRD] = iommufd_model_close(w.fd);
}

static void publisher(void *unused)
{
	(void)unused;
	publish_window();
}

/* Z-D11: a creation that fails must not find a mapping of its object. */
static void fails_to_publish(void *unused)
{
	struct window *window = reserve_window();

	(void)unused;
	iommufd_object_abort_and_destroy(w.ictx, &window->obj);
}

/* The functions below check the results. */

static void undo_mappings(void)
{
	for (; know.kept > 0; know.kept--)
		munmap_one();
}

/* The window is mapped and DESTROY fails, or it is destroyed and mmap fails. */
static void mapped_or_destroyed(void *unused)
{
	if (w.got[MAPPER] == 0) {
		must(w.got[USER] == -EBUSY);
		must(has_counters(know.id, 2, 1));
	} else {
		must(w.got[MAPPER] == -ENXIO);
		must(w.got[USER] == 0);
	}
	undo_mappings();
	close_world(unused);
	must(know.destroyed == 1);
}

static void mapped_for_a_while(void *unused)
{
	if (w.got[USER] == -EBUSY) {
		must(w.got[MAPPER] == 0 || w.got[THIRD] == 0);
		must(has_counters(know.id, 1, 1));
	} else {
		must(w.got[USER] == 0);
	}
	must(w.got[MAPPER] == 0 || w.got[MAPPER] == -ENXIO);
	must(w.got[THIRD] == 0 || w.got[THIRD] == -ENXIO || w.got[THIRD] == 1);
	close_world(unused);
	must(know.destroyed == 1);
}

/*
 * A fork while the last mapping is unmapped either finds no mapping, or copies
 * it, and the copy keeps the window alive.
 */
static void forked_or_gone(void *unused)
{
	int forked = w.got[THIRD];

	must(forked == 0 || forked == -EINVAL);
	must(w.got[USER] == 0 || w.got[USER] == -EBUSY);
	if (!forked)
		must(w.got[USER] == -EBUSY && has_counters(know.id, 2, 1));
	undo_mappings();
	close_world(unused);
	must(know.destroyed == 1);
}

/*
 * The context is released when both the descriptor is closed and the last
 * mapping is removed.
 */
static void closed_by_the_last(void *unused)
{
	(void)unused;
	must(w.got[THIRD] == 0);
	must(w.got[MAPPER] == 0 || w.got[MAPPER] == -EBADF ||
	     w.got[MAPPER] == -ENXIO);
	if (know.kept)
		must(!know.destroyed);
	undo_mappings();
	must(know.destroyed == 1);
}

static void published_or_not_there_yet(void *unused)
{
	must(w.got[1] == 0 || w.got[1] == -ENXIO);
	must(has_counters(know.id, w.got[1] ? 1 : 2, 1));
	undo_mappings();
	close_world(unused);
}

static void never_there(void *unused)
{
	must(w.got[1] == -ENXIO && know.destroyed == 1);
	close_world(unused);
}

static const struct story stories[] = {
	{
		.test = {
			.name = "mmap against DESTROY",
			.setup = open_window,
			.threads = { { "mapper", mapper },
				     { "user", destroys_window } },
			.after = mapped_or_destroyed,
		},
	}, {
		.test = {
			.name = "mmap and munmap against DESTROY",
			.setup = open_window,
			.threads = { { "mapper", maps_and_unmaps },
				     { "user", destroys_window } },
			.after = mapped_for_a_while,
		},
	}, {
		.test = {
			.name = "mmap, fork and munmap against DESTROY",
			.setup = open_window,
			.threads = { { "mapper", maps_and_forks },
				     { "user", destroys_window } },
			.after = mapped_for_a_while,
		},
	}, {
		.test = {
			.name = "two mmaps and munmaps and DESTROY",
			.setup = open_window,
			.threads = { { "mapper", maps_and_unmaps },
				     { "user", destroys_window },
				     { "another", maps_and_unmaps } },
			.after = mapped_for_a_while,
		},
	}, {
		.test = {
			.name = "munmap, DESTROY and fork",
			.setup = open_mapping,
			.threads = { { "unmapper", unmapper },
				     { "user", destroys_window },
				     { "forker", forker } },
			.after = forked_or_gone,
		},
	}, {
		.test = {
			.name = "mmap against close",
			.setup = open_window,
			.threads = { { "mapper", mapper },
				     { "closer", closer } },
			.after = closed_by_the_last,
		},
	}, {
		.test = {
			.name = "munmap, DESTROY and close",
			.setup = open_mapping,
			.threads = { { "unmapper", unmapper },
				     { "user", destroys_window },
				     { "closer", closer } },
			.after = closed_by_the_last,
		},
	}, {
		.test = {
			.name = "mmap, DESTROY and close",
			.setup = open_window,
			.threads = { { "mapper", maps_and_unmaps },
				     { "user", destroys_window },
				     { "closer", closer } },
			.after = closed_by_the_last,
		},
	}, {
		.test = {
			.name = "mmap against the publication of the owner",
			.setup = open_no_window,
			.threads = { { "publisher", publisher },
				     { "mapper", mapper } },
			.after = published_or_not_there_yet,
		},
	}, {
		.test = {
			.name = "mmap against a creation that fails",
			.setup = open_no_window,
			.threads = { { "maker", fails_to_publish },
				     { "mapper", mapper } },
			.after = never_there,
		},
	}, {
		.test = {
			.name = "spoilt: destroy forgets the cookie",
			.setup = open_forgetful,
			.threads = { { "mapper", mapper },
				     { "user", destroys_window } },
			.after = mapped_or_destroyed,
		},
		.fails = IOMMUFD_MODEL_FAIL_LEAK,
	},
};

STORIES(mmap);
