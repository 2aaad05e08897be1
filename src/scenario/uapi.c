// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * One ioctl: the struct is put together, the call made, the struct read.
 *
 * The struct lies at the start of the buffer.  With edge=N it lies at the end,
 * so that its N bytes are the last that can be accessed.  What lies behind
 * size= is not zero: the model must neither read nor write it.  Pokes come
 * last and win over everything, "size" included.
 */
#include <iommufd_model/iommufd_test.h>
#include "internal.h"
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* How far behind the struct writes are looked for. */
#define SLACK 64
#define BEYOND_SIZE 0xa5

/*
 * struct call - an ioctl in the making
 * @at: the struct
 * @len: bytes from @at on that can be accessed and are compared
 * @size: its first member
 */
struct call {
	char *at;
	size_t len;
	u32 size;
	unsigned int cmd;
	bool null;
};

bool uapi_init(struct run *run)
{
	void *area;

	run->before = malloc(BUFFER_SIZE);
	if (!run->before)
		return false;
	/* As much again that cannot be accessed, whatever the host's page. */
	area = mmap(NULL, 2 * BUFFER_SIZE, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area == MAP_FAILED)
		return false;
	run->buffer = area;
	return !mprotect(area, BUFFER_SIZE, PROT_READ | PROT_WRITE);
}

void uapi_exit(struct run *run)
{
	if (run->buffer)
		munmap(run->buffer, 2 * BUFFER_SIZE);
	free(run->before);
}

/* A number in the struct; what lies beyond the edge is left out. */
static void put(const struct call *call, unsigned int offset,
		unsigned int width, u64 value)
{
	u8 bytes[8];
	u16 v16 = (u16)value;
	u32 v32 = (u32)value;
	size_t room;

	if (offset >= call->len)
		return;
	room = call->len - offset;
	bytes[0] = (u8)value;
	if (width == 2)
		memcpy(bytes, &v16, width);
	else if (width == 4)
		memcpy(bytes, &v32, width);
	else if (width == 8)
		memcpy(bytes, &value, width);
	memcpy(call->at + offset, bytes, width < room ? width : room);
}

static u64 get(const struct call *call, unsigned int offset, unsigned int width)
{
	u64 value = 0;
	u16 v16 = 0;
	u32 v32 = 0;

	if (offset + width > call->len)
		return 0;
	switch (width) {
	case 1:
		return (u8)call->at[offset];
	case 2:
		memcpy(&v16, call->at + offset, width);
		return v16;
	case 4:
		memcpy(&v32, call->at + offset, width);
		return v32;
	default:
		memcpy(&value, call->at + offset, width);
		return value;
	}
}

/* How long the struct must be for all that goes into it. */
static size_t room_needed(const struct run *run, const struct step *step,
			  u32 size)
{
	const struct setting *setting = step_settings(run, step);
	size_t room = size > step->op->size ? size : step->op->size;
	unsigned int i;

	for (i = 0; i < step->nr_settings; i++, setting++)
		if (setting->offset + setting->width > room)
			room = setting->offset + setting->width;
	room += SLACK;
	return room < BUFFER_SIZE ? room : BUFFER_SIZE;
}

static void put_settings(struct run *run, const struct step *step,
			 const struct call *call, bool pokes)
{
	const struct setting *setting = step_settings(run, step);
	unsigned int i;

	for (i = 0; i < step->nr_settings; i++, setting++)
		if (setting->width &&
		    pokes == (setting->param->kind == PARAM_POKE))
			put(call, setting->offset, setting->width,
			    value_of(run, &setting->value));
}

static void prepare(struct run *run, const struct step *step, struct call *call)
{
	u32 size = (u32)step_key(run, step, KEY_SIZE, step->op->size);
	size_t end = size < sizeof(size) ? sizeof(size) : size;

	call->size = size;
	call->len = step_key(run, step, KEY_EDGE,
			     room_needed(run, step, size));
	call->at = run->buffer;
	if (step_setting(run, step, &scenario_common_keys[KEY_EDGE]))
		call->at += BUFFER_SIZE - call->len;
	call->null = step_setting(run, step, &scenario_common_keys[KEY_PTR]);
	call->cmd = (unsigned int)step_key(run, step, KEY_CMD, call->cmd);

	memset(call->at, 0, call->len);
	if (end < call->len)
		memset(call->at + end, BEYOND_SIZE, call->len - end);
	put(call, 0, sizeof(size), size);
	if (step->op->test_op)
		put(call, offsetof(struct iommu_test_cmd, op), sizeof(u32),
		    step->op->test_op);
	put_settings(run, step, call, false);
	put_settings(run, step, call, true);
	memcpy(run->before, call->at, call->len);
}

/* Make the call; whether it wrote where it should not goes to the fields. */
static int make(struct run *run, const struct step *step, struct call *call)
{
	size_t size;
	int ret;

	prepare(run, step, call);
	ret = iommufd_model_ioctl(run->slots[run->slot], call->cmd,
				  call->null ? NULL : call->at);
	size = call->size < call->len ? call->size : call->len;
	if (ret < 0 && memcmp(call->at, run->before, call->len))
		fputs(" mod=1", run->fields);
	if (ret >= 0 && memcmp(call->at + size, run->before + size,
			       call->len - size))
		fputs(" tailmod=1", run->fields);
	return ret;
}

static void print_out(struct run *run, const struct out *out, u64 value)
{
	if (out->format == OUT_DECIMAL)
		fprintf(run->fields, " %s=%llu", out->name, value);
	else if (out->format == OUT_HEX)
		fprintf(run->fields, " %s=0x%llx", out->name, value);
}

int op_uapi(struct run *run, const struct step *step)
{
	struct call call = { .cmd = step->op->cmd };
	int ret = make(run, step, &call);
	const struct out *out = step->op->outs;
	unsigned int bind = 0;
	u64 value;

	for (; out && out->name; out++) {
		value = ret < 0 ? out->unbound :
				  get(&call, out->offset, out->width);
		if (ret >= 0)
			print_out(run, out, value);
		if (out->bound && bind < step->nr_binds)
			run->names[step->binds[bind++]] = value;
	}
	return ret;
}

/* What a raw name takes: a word of the struct, or else the result. */
static u64 raw_value(struct run *run, const struct step *step,
		     const struct call *call, int ret)
{
	const struct setting *outw = step_setting(run, step, step->op->keys);

	if (ret < 0)
		return outw ? 0 : NO_FD;
	if (!outw)
		return (u64)ret;
	return get(call, (unsigned int)outw->value.number * sizeof(u32),
		   sizeof(u32));
}

int op_raw(struct run *run, const struct step *step)
{
	u64 nr = step_arg(run, step, 0, 0);
	struct call call = { .cmd = (unsigned int)nr };
	unsigned int i, now, before;
	int ret;

	if (nr < 0x100)
		call.cmd = IOMMUFD_MODEL_IO((unsigned int)nr);
	ret = make(run, step, &call);
	for (i = 0; i + 4 <= call.len; i += 4) {
		memcpy(&now, call.at + i, sizeof(now));
		memcpy(&before, run->before + i, sizeof(before));
		if (now != before)
			fprintf(run->fields, " w%u=0x%x", i / 4, now);
	}
	if (step->nr_binds)
		run->names[step->binds[0]] = raw_value(run, step, &call, ret);
	return ret;
}
