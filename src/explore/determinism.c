// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Is a step what it was in an earlier execution?
 *
 * The search runs the same choices again and again, and takes it that they lead
 * to the same.  So each step of the known part is compared with what its node
 * says: the operation and its call site, its location, its argument, and the
 * value that it finds.  What a WRITE_ONCE wrote is looked at when the next step
 * comes, where the memory is surely still there.
 *
 * What may differ in a right test is the address of what it got from malloc() or
 * has on a stack.  Those are told apart from others by when they first came up in
 * the execution, and a value that is such an address is as good as another.
 * What memory held before it was first written is nobody's business.
 */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#define _GNU_SOURCE
#define _DARWIN_C_SOURCE
#include "internal.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#ifdef __linux__
#include <link.h>
#endif
#ifdef IOMMUFD_MODEL_VALGRIND
#include <valgrind/memcheck.h>
#else
#define VALGRIND_MAKE_MEM_DEFINED(addr, size) ((void)(addr), (void)(size))
#endif

#define MAX_IMAGES 64
/* Of a relative address. */
#define IN_ARENA (1ull << 63)

/* Where the program's variables are, and its libraries'. */
static struct image {
	uintptr_t start, end;
} images[MAX_IMAGES];
static int nr_images;

/* What was written last. */
struct node *explore_determinism_last;
static const void *written_at;
static int written_size;
static bool written_known;

static u32 nr_locations;

#ifdef __linux__
static int add_images(struct dl_phdr_info *info, size_t size, void *data)
{
	const ElfW(Phdr) * p;
	int i;

	(void)size;
	(void)data;
	for (i = 0; i < info->dlpi_phnum && nr_images < MAX_IMAGES; i++) {
		p = &info->dlpi_phdr[i];
		if (p->p_type != PT_LOAD)
			continue;
		images[nr_images].start = info->dlpi_addr + p->p_vaddr;
		images[nr_images].end = images[nr_images].start + p->p_memsz;
		nr_images++;
	}
	return 0;
}
#endif

void explore_determinism_start(void)
{
	nr_images = 0;
#ifdef __linux__
	dl_iterate_phdr(add_images, NULL);
#endif
}

void explore_determinism_reset(void)
{
	nr_locations = 0;
	explore_determinism_last = NULL;
}

u32 explore_determinism_location(void)
{
	return ++nr_locations;
}

static bool in_image(uintptr_t addr)
{
	int i;

	for (i = 0; i < nr_images; i++)
		if (addr - images[i].start < images[i].end - images[i].start)
			return true;
	return false;
}

/* Memory that is there, and neither the program's own nor the arena's. */
static bool may_move(u64 addr)
{
	uintptr_t page = (uintptr_t)addr & ~(uintptr_t)(PAGE_SIZE - 1);

	return addr > PAGE_SIZE && !(addr & IN_ARENA) &&
	       !in_image((uintptr_t)addr) &&
	       !msync((void *)page, PAGE_SIZE, MS_ASYNC);
}

static inline u64 relative(const void *addr)
{
	size_t offset = explore_arena_offset(addr);

	return offset < EXPLORE_ARENA_SIZE ? offset | IN_ARENA :
					     (uintptr_t)addr;
}

static inline u64 load(const void *addr, int size)
{
	u64 value = 0;

	switch (size) {
	case 1:
		value = *(const volatile u8 *)addr;
		break;
	case 2:
		value = *(const volatile u16 *)addr;
		break;
	case 4:
		value = *(const volatile u32 *)addr;
		break;
	case 8:
		value = *(const volatile u64 *)addr;
		break;
	default:
		return 0;
	}
	VALGRIND_MAKE_MEM_DEFINED(&value, sizeof(value));
	return size == 8 ? relative((const void *)(uintptr_t)value) : value;
}

/* Bytes that the operation looks at, 0: none. */
static inline int looks_at(const struct iommufd_model_op *op)
{
	static const u8 sizes[IOMMUFD_MODEL_OP_NOTE + 1] = {
		[IOMMUFD_MODEL_OP_REFCOUNT_READ] = sizeof(int),
		[IOMMUFD_MODEL_OP_REFCOUNT_ADD] = sizeof(int),
		[IOMMUFD_MODEL_OP_REFCOUNT_ADD_NOT_ZERO] = sizeof(int),
		[IOMMUFD_MODEL_OP_REFCOUNT_DEC] = sizeof(int),
		[IOMMUFD_MODEL_OP_REFCOUNT_SUB_AND_TEST] = sizeof(int),
		[IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE] = sizeof(int),
		[IOMMUFD_MODEL_OP_WAIT_ZERO] = sizeof(int),
	};

	return op->kind == IOMMUFD_MODEL_OP_READ_ONCE ? (int)op->arg :
							sizes[op->kind];
}

void explore_determinism_fail(struct search *search, int number,
			      const struct iommufd_model_site *site,
			      const char *fmt, ...)
{
	va_list args;

	if (!search->differs_by[0]) {
		va_start(args, fmt);
		vsnprintf(search->differs_by, sizeof(search->differs_by), fmt,
			  args);
		va_end(args);
		search->differs_at = site;
		search->differs_in = number;
	}
	explore_fail(IOMMUFD_MODEL_FAIL_NONDETERMINISM, site, NULL, "%s",
		     search->differs_by);
}

/* "refcount_add of &s.a in getter (x.c:12)" */
static const char *step_text(enum iommufd_model_op_kind kind,
			     const struct iommufd_model_site *site, char *buf,
			     size_t size)
{
	snprintf(buf, size, "%s of %s in %s (%s:%d)",
		 iommufd_model_op_name(kind), site->what, site->func,
		 site->file, site->line);
	return buf;
}

/* Its number in a report, which does not count what is no operation. */
static int told_step(const struct search *search, const struct node *node)
{
	int n = 1;
	const struct node *f;

	for (f = search->nodes; f < node; f++)
		n += f->kind != IOMMUFD_MODEL_OP_AFTER;
	return n;
}

static void another(struct search *search, const struct node *node,
		    const struct iommufd_model_op *op)
{
	char was[150], is[150];

	explore_determinism_fail(
		search, node->thread, op->site,
		"step %d was %s in an earlier execution, and now it "
		"is %s",
		told_step(search, node),
		step_text((enum iommufd_model_op_kind)node->kind, node->site,
			  was, sizeof(was)),
		step_text(op->kind, op->site, is, sizeof(is)));
}

static void elsewhere(struct search *search, const struct node *node,
		      const struct iommufd_model_op *op)
{
	char is[150];

	explore_determinism_fail(
		search, node->thread, op->site,
		"step %d, %s, was done to another address in an "
		"earlier execution",
		told_step(search, node),
		step_text(op->kind, op->site, is, sizeof(is)));
}

static void other_number(struct search *search, const struct node *node,
			 const char *what, u64 was, u64 is)
{
	bool hex = (was | is) >> 32;
	char step[150];

	explore_determinism_fail(
		search, node->thread, node->site,
		hex ? "step %d, %s, %s %#llx in an earlier "
		      "execution, and now %#llx" :
		      "step %d, %s, %s %lld in an earlier "
		      "execution, and now %lld",
		told_step(search, node),
		step_text((enum iommufd_model_op_kind)node->kind, node->site,
			  step, sizeof(step)),
		what, (long long)(hex ? was : (u64)(int)was),
		(long long)(hex ? is : (u64)(int)is));
}

void explore_determinism_wrong_choice(struct search *search, int number)
{
	const struct node *node = &search->nodes[search->depth];
	const char *now = number >= explore_run.nr_threads  ? "is not there" :
			  explore_run.threads[number].ended ? "has ended" :
							      "cannot go on";
	char was[150];

	if (search->depth + 1 < search->forced)
		explore_determinism_fail(
			search, number, node->site,
			"step %d was %s in an earlier execution, by thread %c, "
			"which %s now",
			told_step(search, node),
			step_text((enum iommufd_model_op_kind)node->kind,
				  node->site, was, sizeof(was)),
			'a' + number, now);
	else
		explore_determinism_fail(
			search, number, NULL,
			"at step %d the schedule wants thread %c, "
			"which %s",
			told_step(search, node), 'a' + number, now);
}

static bool same_value(u64 was, u64 is)
{
	return was == is || (was > PAGE_SIZE && may_move(is));
}

bool explore_determinism_compare_write(struct search *search)
{
	struct node *node = explore_determinism_last;
	u64 value;

	explore_determinism_last = NULL;
	value = load(written_at, written_size);
	if (!written_known)
		node->value = value;
	else if (!same_value(node->value, value))
		other_number(search, node, "wrote", node->value, value);
	return !explore_run.failure;
}

/* To be looked at when it has been done. */
static void remember_write(struct node *node, const struct iommufd_model_op *op,
			   bool known)
{
	if (op->kind != IOMMUFD_MODEL_OP_WRITE_ONCE ||
	    (!(node->addr & IN_ARENA) && !in_image((uintptr_t)op->addr)))
		return;
	explore_determinism_last = node;
	written_at = op->addr;
	written_size = (int)op->arg;
	written_known = known;
}

void explore_determinism_note(struct node *node,
			      const struct iommufd_model_op *op, u32 location)
{
	int size = looks_at(op);

	node->addr = relative(op->addr);
	node->location = location;
	node->arg = (u32)op->arg;
	node->value = 0;
	if (size) {
		explore_run.threads[node->thread].site = op->site;
		node->value = load(op->addr, size);
	}
	remember_write(node, op, false);
}

bool explore_determinism_check(struct search *search, struct node *node,
			       const struct iommufd_model_op *op, u32 location)
{
	int size = looks_at(op);
	u64 value, addr = relative(op->addr);

	if (node->site != op->site || node->kind != (u8)op->kind) {
		another(search, node, op);
		return false;
	}
	if (node->location != location ||
	    (node->addr != addr && !same_value(node->addr, addr))) {
		elsewhere(search, node, op);
		return false;
	}
	if (node->arg != (u32)op->arg) {
		other_number(search, node, "had the argument", node->arg,
			     (u32)op->arg);
		return false;
	}
	if (size) {
		explore_run.threads[node->thread].site = op->site;
		value = load(op->addr, size);
		if (!same_value(node->value, value)) {
			other_number(search, node, "found", node->value, value);
			return false;
		}
	}
	remember_write(node, op, true);
	return true;
}
