// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What some ioctls need besides members that are simply arguments: flags that
 * depend on two arguments, pointers with the length of their data, or an array
 * in the result.
 *
 * Each function belongs to one entry in ops.c; the indexes of arguments and
 * keys are those of its lists.  A key that the line gives is never overwritten.
 */
#include <iommufd_model/iommufd_test.h>
#include "internal.h"
#include <string.h>

#define PUT(call, type, member, value) \
	call_put(call, offsetof(struct type, member), \
		 sizeof(((struct type *)0)->member), value)
#define GET(call, type, member) \
	call_get(call, offsetof(struct type, member), \
		 sizeof(((struct type *)0)->member))

static u64 address(const void *p)
{
	return (uintptr_t)p;
}

/*
 * Set the flag for a fixed IOVA unless the IOVA is "auto", and the flags for
 * the letters.
 */
static void fill_fixed(const struct run *run, const struct line *line,
		       const struct call *call, unsigned int iova,
		       unsigned int flags)
{
	const struct setting *letters = line_has_arg(run, line, flags);

	if (!line_has_arg(run, line, iova)->value.symbolic &&
	    letters->value.symbolic)
		call_put(call, letters->offset, letters->width,
			 value_of(run, &letters->value) |
				 IOMMU_IOAS_MAP_FIXED_IOVA);
}

/* Arguments: IOAS IOVA|auto ADDR LEN FLAGS. */
void fill_map(struct run *run, const struct line *line, const struct call *call)
{
	fill_fixed(run, line, call, 1, 4);
}

/* Arguments: IOAS IOVA|auto START LEN FLAGS [fd=]. */
void fill_map_file(struct run *run, const struct line *line,
		   const struct call *call)
{
	fill_map(run, line, call);
	if (!line_has_key(run, line, 0))
		PUT(call, iommu_ioas_map_file, fd, run->names[MEMFD_NAME]);
}

/* Arguments: SRC SRC_IOVA LEN DST DST_IOVA|auto FLAGS. */
void fill_copy(struct run *run, const struct line *line,
	       const struct call *call)
{
	fill_fixed(run, line, call, 4, 5);
}

/* Arguments: IOAS IOVA LEN, or IOAS all. */
void fill_unmap(struct run *run, const struct line *line,
		const struct call *call)
{
	if (line_has_arg(run, line, 1)->value.symbolic)
		PUT(call, iommu_ioas_unmap, length, UINT64_MAX);
}

/* Arguments: IOAS [max=] [uptr=]. */
void fill_iova_ranges(struct run *run, const struct line *line,
		      const struct call *call)
{
	if (!line_has_key(run, line, 1))
		PUT(call, iommu_ioas_iova_ranges, allowed_iovas,
		    address(run->bytes));
}

/*
 * The model returns the number of ranges, and as many ranges as there is room
 * for.
 */
void show_iova_ranges(struct run *run, const struct line *line,
		      const struct call *call, int ret)
{
	u64 num = GET(call, iommu_ioas_iova_ranges, num_iovas);
	u64 i, max = line_key(run, line, 0, DEFAULT_RANGES);
	struct iommu_iova_range range;

	if (ret < 0 && ret != -EMSGSIZE)
		return;
	field_print(run, " num=%llu align=%llu ranges=", num,
		    GET(call, iommu_ioas_iova_ranges, out_iova_alignment));
	if (max > BYTES_SIZE / sizeof(range))
		max = BYTES_SIZE / sizeof(range);
	for (i = 0; i < num && i < max; i++) {
		memcpy(&range, run->bytes + i * sizeof(range), sizeof(range));
		field_print(run, "%s0x%llx-0x%llx", i ? "," : "", range.start,
			    range.last);
	}
}

/* Arguments: IOAS [A-B ...] [num=] [uptr=]. */
void fill_allow_iovas(struct run *run, const struct line *line,
		      const struct call *call)
{
	const struct setting *setting = line_settings(run, line);
	unsigned int i, values = 0;

	for (i = 0; i < line->nr_settings; i++)
		values += setting[i].param->kind == PARAM_RANGE;
	if (!line_has_key(run, line, 0))
		PUT(call, iommu_ioas_allow_iovas, num_iovas, values / 2);
	if (!line_has_key(run, line, 1))
		PUT(call, iommu_ioas_allow_iovas, allowed_iovas,
		    address(run->ranges));
}

/* Arguments: DEV PT [type=] [len=] [uptr=] and others. */
void fill_hwpt_alloc(struct run *run, const struct line *line,
		     const struct call *call)
{
	if (line_key(run, line, 0, 0) && !line_has_key(run, line, 1))
		PUT(call, iommu_hwpt_alloc, data_len,
		    sizeof(struct iommu_hwpt_selftest));
	if (!line_has_key(run, line, 2))
		PUT(call, iommu_hwpt_alloc, data_uptr, address(run->data));
}

/* Arguments: DEV HWPT [data=] [len=] [uptr=] and others. */
void fill_viommu_alloc(struct run *run, const struct line *line,
		       const struct call *call)
{
	if (line_has_key(run, line, 0) && !line_has_key(run, line, 1))
		PUT(call, iommu_viommu_alloc, data_len,
		    sizeof(struct iommu_viommu_selftest));
	if (!line_has_key(run, line, 2))
		PUT(call, iommu_viommu_alloc, data_uptr, address(run->data));
}

/* Arguments: PT [dev_flags=]; with this key another command is used. */
void fill_mock_domain(struct run *run, const struct line *line,
		      const struct call *call)
{
	if (line_has_key(run, line, 0))
		PUT(call, iommu_test_cmd, op, IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS);
}

/* Arguments: FD IOVA LEN [FLAGS] [fill=] [uptr=]. */
void fill_access_rw(struct run *run, const struct line *line,
		    const struct call *call)
{
	u64 len = line_arg(run, line, 2, 0);

	if (line_has_key(run, line, 1))
		return;
	PUT(call, iommu_test_cmd, access_rw.uptr, address(run->bytes));
	/* The model refuses a longer request, for which there are no bytes. */
	if (line_arg(run, line, 3, 0) & MOCK_ACCESS_RW_WRITE &&
	    len <= BYTES_SIZE)
		memset(run->bytes, (u8)line_key(run, line, 0, 0), len);
}

void show_access_rw(struct run *run, const struct line *line,
		    const struct call *call, int ret)
{
	u64 i, len = line_arg(run, line, 2, 0), sum = 0;

	(void)call;
	if (ret < 0 || len > BYTES_SIZE ||
	    line_arg(run, line, 3, 0) & MOCK_ACCESS_RW_WRITE)
		return;
	for (i = 0; i < len; i++)
		sum += run->bytes[i];
	field_print(run, " sum=%llu", sum);
}

/* Write the words of the line to run->bytes, an entry every @entry_len bytes. */
static void put_words(struct run *run, const struct line *line, u64 entry_len)
{
	const struct setting *setting = line_settings(run, line);
	unsigned int i;
	u64 at;
	u32 word;

	for (i = 0; i < line->nr_settings; i++, setting++) {
		if (setting->param->kind != PARAM_WORDS)
			continue;
		at = setting->offset / MAX_WORDS * entry_len +
		     setting->offset % MAX_WORDS * sizeof(word);
		word = (u32)value_of(run, &setting->value);
		if (at <= BYTES_SIZE - sizeof(word))
			memcpy(run->bytes + at, &word, sizeof(word));
	}
}

/* ID [W/W...] [elen=] [num=] [uptr=] [type=] */
void fill_invalidate(struct run *run, const struct line *line,
		     const struct call *call)
{
	const struct setting *setting = line_settings(run, line);
	u64 entries = 0, words = 2, len, room;
	unsigned int i;

	for (i = 0; i < line->nr_settings; i++, setting++) {
		if (setting->param->kind != PARAM_WORDS)
			continue;
		entries = setting->offset / MAX_WORDS + 1;
		if (entries == 1)
			words = setting->offset + 1;
	}
	if (!line_has_key(run, line, 0))
		PUT(call, iommu_hwpt_invalidate, entry_len,
		    words * sizeof(u32));
	if (!line_has_key(run, line, 1))
		PUT(call, iommu_hwpt_invalidate, entry_num, entries);
	if (!line_has_key(run, line, 2))
		PUT(call, iommu_hwpt_invalidate, data_uptr,
		    address(run->bytes));
	len = (u32)line_key(run, line, 0, words * sizeof(u32));
	room = (u32)line_key(run, line, 1, entries) * len +
	       entries * MAX_WORDS * sizeof(u32);
	memset(run->bytes, 0, room < BYTES_SIZE ? room : BYTES_SIZE);
	put_words(run, line, len);
}

/* The number is written back also on an error. */
void show_invalidate(struct run *run, const struct line *line,
		     const struct call *call, int ret)
{
	(void)line;
	(void)ret;
	field_print(run, " done=%llu",
		    GET(call, iommu_hwpt_invalidate, entry_num));
}

/* DEV [len=] [uptr=] ... */
void fill_hw_info(struct run *run, const struct line *line,
		  const struct call *call)
{
	if (!line_has_key(run, line, 3))
		PUT(call, iommu_hw_info, data_uptr, address(run->bytes));
}
