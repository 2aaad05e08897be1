// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What some ioctls have beside the members that are arguments as they stand:
 * flags that depend on two of them, pointers and the length of what is there,
 * an array for a result.
 *
 * Each function here goes with one entry in ops.c; the numbers of arguments and
 * keys are those of its lists.  A key that was given is never overwritten.
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

/* Flags written as letters, for an IOVA that is not "auto". */
static bool wants_fixed(const struct run *run, const struct step *step,
			unsigned int iova, unsigned int flags)
{
	return !step_has_arg(run, step, iova)->value.word &&
	       step_has_arg(run, step, flags)->value.word;
}

/* IOAS IOVA|auto ADDR LEN FLAGS */
void fill_map(struct run *run, const struct step *step,
	      const struct call *call)
{
	if (wants_fixed(run, step, 1, 4))
		PUT(call, iommu_ioas_map, flags,
		    step_arg(run, step, 4, 0) | IOMMU_IOAS_MAP_FIXED_IOVA);
}

/* IOAS IOVA|auto START LEN FLAGS */
void fill_map_file(struct run *run, const struct step *step,
		   const struct call *call)
{
	if (wants_fixed(run, step, 1, 4))
		PUT(call, iommu_ioas_map_file, flags,
		    step_arg(run, step, 4, 0) | IOMMU_IOAS_MAP_FIXED_IOVA);
}

/* SRC SRC_IOVA LEN DST DST_IOVA|auto FLAGS */
void fill_copy(struct run *run, const struct step *step,
	       const struct call *call)
{
	if (wants_fixed(run, step, 4, 5))
		PUT(call, iommu_ioas_copy, flags,
		    step_arg(run, step, 5, 0) | IOMMU_IOAS_MAP_FIXED_IOVA);
}

/* IOAS IOVA LEN, IOAS all */
void fill_unmap(struct run *run, const struct step *step,
		const struct call *call)
{
	if (step_has_arg(run, step, 1)->value.word)
		PUT(call, iommu_ioas_unmap, length, UINT64_MAX);
}

/* IOAS [max=] [uptr=] */
void fill_iova_ranges(struct run *run, const struct step *step,
		      const struct call *call)
{
	if (!step_has_key(run, step, 1))
		PUT(call, iommu_ioas_iova_ranges, allowed_iovas,
		    address(run->bytes));
}

/* The model tells how many there are, and as many of them as there is room. */
void show_iova_ranges(struct run *run, const struct step *step,
		      const struct call *call, int ret)
{
	u64 num = GET(call, iommu_ioas_iova_ranges, num_iovas);
	u64 i, max = step_key(run, step, 0, DEFAULT_RANGES);
	struct iommu_iova_range range;

	if (ret < 0 && ret != -EMSGSIZE)
		return;
	step_print(run, " num=%llu align=%llu ranges=", num,
		   GET(call, iommu_ioas_iova_ranges, out_iova_alignment));
	if (max > BYTES_SIZE / sizeof(range))
		max = BYTES_SIZE / sizeof(range);
	for (i = 0; i < num && i < max; i++) {
		memcpy(&range, run->bytes + i * sizeof(range), sizeof(range));
		step_print(run, "%s0x%llx-0x%llx", i ? "," : "",
			   range.start, range.last);
	}
}

/* IOAS [A-B ...] [num=] [uptr=] */
void fill_allow_iovas(struct run *run, const struct step *step,
		      const struct call *call)
{
	const struct setting *setting = step_settings(run, step);
	unsigned int i, values = 0;

	for (i = 0; i < step->nr_settings; i++)
		values += setting[i].param->kind == PARAM_RANGE;
	if (!step_has_key(run, step, 0))
		PUT(call, iommu_ioas_allow_iovas, num_iovas, values / 2);
	if (!step_has_key(run, step, 1))
		PUT(call, iommu_ioas_allow_iovas, allowed_iovas,
		    address(run->ranges));
}

/* DEV PT [type=] [len=] [uptr=] ... */
void fill_hwpt_alloc(struct run *run, const struct step *step,
		     const struct call *call)
{
	if (step_key(run, step, 0, 0) && !step_has_key(run, step, 1))
		PUT(call, iommu_hwpt_alloc, data_len,
		    sizeof(struct iommu_hwpt_selftest));
	if (!step_has_key(run, step, 2))
		PUT(call, iommu_hwpt_alloc, data_uptr, address(run->data));
}

/* DEV HWPT [data=] [len=] [uptr=] ... */
void fill_viommu_alloc(struct run *run, const struct step *step,
		       const struct call *call)
{
	if (step_has_key(run, step, 0) && !step_has_key(run, step, 1))
		PUT(call, iommu_viommu_alloc, data_len,
		    sizeof(struct iommu_viommu_selftest));
	if (!step_has_key(run, step, 2))
		PUT(call, iommu_viommu_alloc, data_uptr, address(run->data));
}

/* PT [dev_flags=]: which makes it another command. */
void fill_mock_domain(struct run *run, const struct step *step,
		      const struct call *call)
{
	if (step_has_key(run, step, 0))
		PUT(call, iommu_test_cmd, op, IOMMU_TEST_OP_MOCK_DOMAIN_FLAGS);
}

/* FD IOVA LEN [FLAGS] [fill=] [uptr=] */
void fill_access_rw(struct run *run, const struct step *step,
		    const struct call *call)
{
	u64 len = step_arg(run, step, 2, 0);

	if (step_has_key(run, step, 1))
		return;
	PUT(call, iommu_test_cmd, access_rw.uptr, address(run->bytes));
	/* The model refuses what is longer. */
	if (step_arg(run, step, 3, 0) & MOCK_ACCESS_RW_WRITE &&
	    len <= BYTES_SIZE)
		memset(run->bytes, (u8)step_key(run, step, 0, 0), len);
}

void show_access_rw(struct run *run, const struct step *step,
		    const struct call *call, int ret)
{
	u64 i, len = step_arg(run, step, 2, 0), sum = 0;

	(void)call;
	if (ret < 0 || len > BYTES_SIZE ||
	    step_arg(run, step, 3, 0) & MOCK_ACCESS_RW_WRITE)
		return;
	for (i = 0; i < len; i++)
		sum += run->bytes[i];
	step_print(run, " sum=%llu", sum);
}
