// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * One ioctl: the struct is filled, the call is made, and the struct is read.
 *
 * The struct is at the start of the buffer.  With edge=N it is at the end, so
 * that its N bytes are the last ones that can be accessed.  The bytes behind
 * size= are not zero, because the model must neither read nor write them.
 * Pokes are applied last and override everything, including size=.
 *
 * Some structs point to more memory: the data of a HWPT or a vIOMMU, ranges,
 * bytes.  The operation's entry says which arguments go there, and op->fill
 * writes the pointer.
 */
#include <iommufd_model/iommufd_test.h>
#include "internal.h"
#include <string.h>
#include <sys/mman.h>

/* What the bytes after the struct are. */
#define BEYOND_SIZE 0xa5

/* The length of the data that arguments can set. */
#define DATA_USED 64

/*
 * The buffer of the struct, a gap of the same size that cannot be accessed, and
 * the other regions.  Most of it is never accessed.
 */
#define AREA_SIZE (5 * BUFFER_SIZE + BYTES_SIZE)

bool uapi_init(struct run *run)
{
	char *area;

	area = mmap(NULL, AREA_SIZE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (area == MAP_FAILED)
		return false;
	run->area = run->buffer = area;
	run->room = BUFFER_SIZE;
	run->data = area + 2 * BUFFER_SIZE;
	run->ranges = area + 3 * BUFFER_SIZE;
	run->before = area + 4 * BUFFER_SIZE;
	run->bytes = (u8 *)area + 5 * BUFFER_SIZE;
	return !mprotect(area + BUFFER_SIZE, BUFFER_SIZE, PROT_NONE);
}

void uapi_reset(struct run *run)
{
	madvise(run->area, AREA_SIZE, MADV_DONTNEED);
}

void uapi_use(struct run *run, struct buffers *buffers)
{
	memset(buffers, 0, sizeof(*buffers));
	run->buffer = buffers->buffer;
	run->before = buffers->before;
	run->data = buffers->data;
	run->room = FEW_BYTES;
	text_fix(&buffers->fields, buffers->text, FEW_BYTES);
	run->fields = &buffers->fields;
}

void uapi_forget(struct run *run)
{
	if (run->fields != run->own_fields)
		uapi_use(run, container_of(run->fields, struct buffers, fields));
}

void uapi_exit(struct run *run)
{
	if (run->area)
		munmap(run->area, AREA_SIZE);
}

/* Return the bytes of @value that a number of @width bytes keeps. */
static char *low_bytes(u64 *value, unsigned int width)
{
	bool big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;

	return (char *)value + (big ? sizeof(*value) - width : 0);
}

void call_put(const struct call *call, unsigned int offset, unsigned int width,
	      u64 value)
{
	size_t room;

	if (offset >= call->len)
		return;
	room = call->len - offset;
	memcpy(call->at + offset, low_bytes(&value, width),
	       width < room ? width : room);
}

u64 call_get(const struct call *call, unsigned int offset, unsigned int width)
{
	u64 value = 0;

	if (offset + width <= call->len)
		memcpy(low_bytes(&value, width), call->at + offset, width);
	return value;
}

/* Return the memory of region @where, described as the struct of a call. */
static struct call region_of(const struct run *run, const struct call *call,
			     enum region where)
{
	struct call at = { .at = run->data, .len = run->room };

	if (where == IN_STRUCT)
		return *call;
	if (where == IN_RANGES)
		at.at = run->ranges;
	return at;
}

/* Return the length of the memory that the struct and its arguments need. */
static size_t room_needed(const struct run *run, const struct line *line,
			  u32 size)
{
	const struct setting *setting = line_settings(run, line);
	size_t room = size > line->op->size ? size : line->op->size;
	unsigned int i;

	for (i = 0; i < line->nr_settings; i++, setting++)
		if (setting->param->region == IN_STRUCT &&
		    setting->offset + setting->width > room)
			room = setting->offset + setting->width;
	room += SLACK;
	return room < run->room ? room : run->room;
}

static void put_at(const struct run *run, const struct call *call,
		   enum region where, unsigned int offset, unsigned int width,
		   u64 value)
{
	const struct call at = region_of(run, call, where);

	if (width)
		call_put(&at, offset, width, value);
}

static void put_defaults(const struct run *run, const struct line *line,
			 const struct call *call)
{
	const struct param *key;

	for (key = line->op->keys; key && key->name; key++)
		if (key->otherwise)
			put_at(run, call, key->region, key->offset, key->width,
			       key->otherwise);
}

static void put_settings(const struct run *run, const struct line *line,
			 const struct call *call, bool pokes)
{
	const struct setting *setting = line_settings(run, line);
	unsigned int i;

	for (i = 0; i < line->nr_settings; i++, setting++)
		if (pokes == (setting->param->kind == PARAM_POKE))
			put_at(run, call, setting->param->region,
			       setting->offset, setting->width,
			       value_of(run, &setting->value));
}

static void prepare(struct run *run, const struct line *line, struct call *call)
{
	u32 size = (u32)line_common_key(run, line, KEY_SIZE, line->op->size);
	size_t end = size < sizeof(size) ? sizeof(size) : size;

	call->size = size;
	call->len = line_common_key(run, line, KEY_EDGE,
				    room_needed(run, line, size));
	call->at = run->buffer;
	if (line_setting(run, line, &scenario_common_keys[KEY_EDGE]))
		call->at += run->room - call->len;
	call->null = line_setting(run, line, &scenario_common_keys[KEY_PTR]);
	call->cmd =
		(unsigned int)line_common_key(run, line, KEY_CMD, call->cmd);

	memset(run->data, 0, DATA_USED);
	memset(call->at, 0, call->len);
	if (end < call->len)
		memset(call->at + end, BEYOND_SIZE, call->len - end);
	call_put(call, 0, sizeof(size), size);
	if (line->op->test_op)
		call_put(call, offsetof(struct iommu_test_cmd, op), sizeof(u32),
			 line->op->test_op);
	put_defaults(run, line, call);
	put_settings(run, line, call, false);
	if (line->op->fill)
		line->op->fill(run, line, call);
	put_settings(run, line, call, true);
	memcpy(run->before, call->at, call->len);
}

/* Make the call.  A field of the result tells if it wrote where it must not. */
static int make(struct run *run, const struct line *line, struct call *call)
{
	size_t size;
	int ret;

	prepare(run, line, call);
	ret = iommufd_model_ioctl(run->slots[run->slot], call->cmd,
				  call->null ? NULL : call->at);
	size = call->size < call->len ? call->size : call->len;
	if (ret < 0 && memcmp(call->at, run->before, call->len))
		field_print(run, " mod=1");
	if (ret >= 0 && memcmp(call->at + size, run->before + size,
			       call->len - size))
		field_print(run, " tailmod=1");
	return ret;
}

static bool gives_data(const struct run *run, const struct line *line)
{
	const struct setting *setting = line_settings(run, line);
	unsigned int i;

	for (i = 0; i < line->nr_settings; i++, setting++)
		if (setting->param->region == IN_DATA)
			return true;
	return false;
}

static void print_out(struct run *run, const struct line *line,
		      const struct out *out, u64 value)
{
	if (out->region == IN_DATA && !gives_data(run, line))
		return;
	if (out->format == OUT_DECIMAL)
		field_print(run, " %s=%llu", out->name, value);
	else if (out->format == OUT_HEX)
		field_print(run, " %s=0x%llx", out->name, value);
}

int op_uapi(struct run *run, const struct line *line)
{
	struct call at, call = { .cmd = line->op->cmd };
	int ret = make(run, line, &call);
	const struct out *out = line->op->outs;
	unsigned int bind = 0;
	u64 value;

	for (; out && out->name; out++) {
		at = region_of(run, &call, out->region);
		value = ret < 0 ? out->unbound :
				  call_get(&at, out->offset, out->width);
		if (ret >= 0)
			print_out(run, line, out, value);
		if (out->bound)
			line_bind(run, line, bind++, value);
	}
	if (line->op->show)
		line->op->show(run, line, &call, ret);
	return ret;
}

/*
 * Return the value for a name: four bytes of the struct with outw=, else the
 * result.
 */
static u64 raw_value(struct run *run, const struct line *line,
		     const struct call *call, int ret)
{
	const struct setting *outw = line_setting(run, line, line->op->keys);

	if (ret < 0)
		return outw ? 0 : NO_FD;
	if (!outw)
		return (u64)ret;
	return call_get(call, (unsigned int)outw->value.number * sizeof(u32),
			sizeof(u32));
}

int op_raw(struct run *run, const struct line *line)
{
	u64 nr = line_arg(run, line, 0, 0);
	struct call call = { .cmd = (unsigned int)nr };
	unsigned int i, now, before;
	int ret;

	if (nr < 0x100)
		call.cmd = IOMMUFD_MODEL_IO((unsigned int)nr);
	ret = make(run, line, &call);
	for (i = 0; i + 4 <= call.len; i += 4) {
		memcpy(&now, call.at + i, sizeof(now));
		memcpy(&before, run->before + i, sizeof(before));
		if (now != before)
			field_print(run, " w%u=0x%x", i / 4, now);
	}
	line_bind(run, line, 0, raw_value(run, line, &call, ret));
	return ret;
}
