// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Threads call MAP, UNMAP, COPY and DESTROY on one IOAS at the same time.
 *
 * MAP and UNMAP change the IOAS in two steps each.  Between the two steps the
 * area exists, but nobody can use it: other threads find its range of IOVAs
 * occupied, and its memory not available.
 */
#include "objects.h"
#include "io_pagetable.h"

enum { FIRST, SECOND, THIRD };

static struct iommufd_ioas *ioas_of(u32 id)
{
	return container_of(find_object(id), struct iommufd_ioas, obj);
}

static bool is_mapped(u32 id)
{
	struct iopt_area *area = iopt_find_area(&ioas_of(id)->iopt, IOVA);

	must(!area || (area->pages && !area->num_accesses &&
		       !area->prevent_access));
	return area;
}

/* Opens IOAS 1 with one page and IOAS 2 without mappings. */
static void open_two(void *unused)
{
	open_mapped(unused);
	w.other = made(try_ioas());
}

/* Opens the same, and an IOMMU that maps what IOAS 1 maps. */
static void open_two_and_device(void *unused)
{
	open_two(unused);
	w.stdev = made(try_device(w.ioas));
}

/* Opens IOAS 1 without mappings, and an IOMMU that maps what will be mapped. */
static void open_ioas_and_device(void *unused)
{
	open_ioas(unused);
	w.stdev = made(try_device(w.ioas));
}

/* The functions below are threads. */

static void maps(void *unused)
{
	(void)unused;
	my_got = map(w.ioas, IOVA, memory, PAGE_SIZE);
}

static void unmaps(void *unused)
{
	(void)unused;
	my_got = unmap(w.ioas, IOVA, PAGE_SIZE);
}

static void copies(void *unused)
{
	(void)unused;
	my_got = copy(w.ioas, w.other, IOVA, PAGE_SIZE);
}

static void copies_back(void *unused)
{
	(void)unused;
	my_got = copy(w.other, w.ioas, IOVA, PAGE_SIZE);
}

static void unmaps_copy(void *unused)
{
	(void)unused;
	my_got = unmap(w.other, IOVA, PAGE_SIZE);
}

static void destroys(void *unused)
{
	(void)unused;
	my_got = destroy(w.ioas);
}

static void adds_device(void *unused)
{
	int rc;

	(void)unused;
	rc = try_device(w.ioas);
	my_got = rc < 0 ? rc : 0;
}

static void removes_device(void *unused)
{
	(void)unused;
	my_got = destroy(w.stdev);
}

/* The functions below check the results. */

static bool got_is(int thread, int a, int b, int c)
{
	return w.got[thread] == a || w.got[thread] == b || w.got[thread] == c;
}

/*
 * UNMAP fails with -ENOENT if nothing is mapped yet, and with -EBUSY while the
 * area is being mapped.
 */
static void mapped_unless_unmapped(void *unused)
{
	must(w.got[FIRST] == 0);
	must(got_is(SECOND, 0, -ENOENT, -EBUSY));
	must(is_mapped(w.ioas) == !!w.got[SECOND]);
	close_world(unused);
}

static void one_of_two_mapped(void *unused)
{
	must(how_many(FIRST, SECOND, 0) == 1);
	must(how_many(FIRST, SECOND, -EEXIST) == 1);
	must(is_mapped(w.ioas));
	close_world(unused);
}

static void one_of_two_unmapped(void *unused)
{
	must(how_many(FIRST, SECOND, 0) == 1);
	must(how_many(FIRST, SECOND, -ENOENT) +
	     how_many(FIRST, SECOND, -EBUSY) == 1);
	must(!is_mapped(w.ioas));
	close_world(unused);
}

/* The range of IOVAs is occupied until the unmap has removed the area. */
static void mapped_again_or_not(void *unused)
{
	must(got_is(FIRST, 0, -EEXIST, -EEXIST));
	must(w.got[SECOND] == 0 || w.got[SECOND] == -EBUSY);
	must(is_mapped(w.ioas) == (w.got[FIRST] == 0 || w.got[SECOND] != 0));
	close_world(unused);
}

static void three_in_one_place(void *unused)
{
	must(got_is(FIRST, 0, -EEXIST, -EEXIST));
	must(got_is(SECOND, 0, -ENOENT, -EBUSY));
	must(got_is(THIRD, 0, -ENOENT, -EBUSY));
	must(how_many(SECOND, THIRD, 0) - how_many(FIRST, FIRST, 0) ==
	     !is_mapped(w.ioas));
	close_world(unused);
}

/* The copy keeps the memory, even if the original mapping is unmapped. */
static void copied_or_gone(void *unused)
{
	must(w.got[SECOND] == 0 && !is_mapped(w.ioas));
	must(w.got[FIRST] == 0 || w.got[FIRST] == -ENOENT);
	must(is_mapped(w.other) == !w.got[FIRST]);
	close_world(unused);
}

static void copied_or_gone_at_both_ends(void *unused)
{
	must(w.got[SECOND] == 0 && !is_mapped(w.ioas));
	must(w.got[FIRST] == 0 || w.got[FIRST] == -ENOENT);
	must(got_is(THIRD, 0, -ENOENT, -EBUSY));
	if (w.got[FIRST])
		must(w.got[THIRD] == -ENOENT);
	must(is_mapped(w.other) == (!w.got[FIRST] && w.got[THIRD]));
	close_world(unused);
}

static void copied_there_and_not_back(void *unused)
{
	must(w.got[FIRST] == 0);
	/*
	 * The copy back finds its range in IOAS 1 still mapped (-EEXIST), or
	 * the range that it copies from not yet mapped (-ENOENT).
	 */
	must(got_is(SECOND, -EEXIST, -ENOENT, -ENOENT));
	close_world(unused);
}

static void done_or_no_ioas(void *unused)
{
	/* R-DESTROY-1: DESTROY fails while another call holds a reference. */
	must(w.got[SECOND] == 0 || w.got[SECOND] == -EBUSY);
	if (w.got[SECOND])
		must(w.got[FIRST] == 0);
	else
		must(w.got[FIRST] == 0 || w.got[FIRST] == -ENOENT);
	close_world(unused);
}

static void device_sees_the_map(void *unused)
{
	must(w.got[FIRST] == 0 && w.got[SECOND] == 0);
	must(iommufd_model_pinned() == (is_mapped(w.ioas) ? 1 : 0));
	close_world(unused);
}

static void mapped_for_no_device(void *unused)
{
	must(w.got[FIRST] == 0 && w.got[SECOND] == 0);
	must(is_mapped(w.ioas));
	must(!iommufd_model_pinned());
	close_world(unused);
}

static const struct story stories[] = {
	{
		.test = {
			.name = "MAP against UNMAP",
			.setup = open_ioas,
			.threads = { { "mapper", maps },
				     { "unmapper", unmaps } },
			.after = mapped_unless_unmapped,
		},
	}, {
		.test = {
			.name = "MAP against MAP",
			.setup = open_ioas,
			.threads = { { "first", maps }, { "second", maps } },
			.after = one_of_two_mapped,
		},
	}, {
		.test = {
			.name = "UNMAP against UNMAP",
			.setup = open_mapped,
			.threads = { { "first", unmaps },
				     { "second", unmaps } },
			.after = one_of_two_unmapped,
		},
	}, {
		.test = {
			.name = "MAP against UNMAP of what is there",
			.setup = open_mapped,
			.threads = { { "mapper", maps },
				     { "unmapper", unmaps } },
			.after = mapped_again_or_not,
		},
	}, {
		.test = {
			.name = "MAP, UNMAP, UNMAP",
			.setup = open_mapped,
			.threads = { { "mapper", maps },
				     { "unmapper", unmaps },
				     { "another", unmaps } },
			.after = three_in_one_place,
		},
	}, {
		.test = {
			.name = "COPY against UNMAP",
			.setup = open_two,
			.threads = { { "copier", copies },
				     { "unmapper", unmaps } },
			.after = copied_or_gone,
		},
	}, {
		.test = {
			.name = "COPY out of an IOMMU's IOAS against UNMAP",
			.setup = open_two_and_device,
			.threads = { { "copier", copies },
				     { "unmapper", unmaps } },
			.after = copied_or_gone,
		},
	}, {
		.test = {
			.name = "COPY, UNMAP, UNMAP of the copy",
			.setup = open_two,
			.threads = { { "copier", copies },
				     { "unmapper", unmaps },
				     { "another", unmaps_copy } },
			.after = copied_or_gone_at_both_ends,
		},
	}, {
		.test = {
			.name = "COPY there against COPY back",
			.setup = open_two,
			.threads = { { "there", copies },
				     { "back", copies_back } },
			.after = copied_there_and_not_back,
		},
	}, {
		.test = {
			.name = "MAP against DESTROY of the IOAS",
			.setup = open_ioas,
			.threads = { { "mapper", maps },
				     { "user", destroys } },
			.after = done_or_no_ioas,
		},
	}, {
		.test = {
			.name = "COPY against DESTROY of the source",
			.setup = open_two,
			.threads = { { "copier", copies },
				     { "user", destroys } },
			.after = done_or_no_ioas,
		},
	}, {
		.test = {
			.name = "MAP against the first device",
			.setup = open_ioas,
			.threads = { { "mapper", maps },
				     { "attacher", adds_device } },
			.after = device_sees_the_map,
		},
	}, {
		.test = {
			.name = "UNMAP against the first device",
			.setup = open_mapped,
			.threads = { { "unmapper", unmaps },
				     { "attacher", adds_device } },
			.after = device_sees_the_map,
		},
	}, {
		.test = {
			.name = "MAP against DESTROY of the last device",
			.setup = open_ioas_and_device,
			.threads = { { "mapper", maps },
				     { "remover", removes_device } },
			.after = mapped_for_no_device,
		},
	},
};

STORIES(ioas);
