// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Checks that a step is the same as in an earlier execution.
 *
 * The search repeats the same choices in many executions, and relies on them to
 * lead to the same steps.  So each step of the known part is compared with its
 * node: the operation and its call site, its location, its argument, and the
 * value that the operation finds.  The value that a WRITE_ONCE writes is
 * compared at the next step: by then it has been written, and the memory still
 * exists.  The value that an atomic operation writes follows from its argument
 * and from the value that it finds.
 *
 * One thing may differ in a correct test: addresses of memory from malloc() and
 * of variables on a stack.  Such locations are numbered in the order in which
 * they first occur in the execution, and all values that are such addresses
 * count as equal.  A 64-bit argument that atomic_set() or an exchange writes is
 * not compared; a later operation finds it.  The contents of memory before its
 * first write are not compared.
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
/* Marks an address that is relative to the arena. */
#define IN_ARENA (1ull << 63)

/* The addresses of the variables of the program and of its libraries. */
static struct image {
	uintptr_t start, end;
} images[MAX_IMAGES];
static int nr_images;
NO_CHECKPOINT(images);
NO_CHECKPOINT(nr_images);

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

void explore_determinism_reset(struct execution *exec)
{
	exec->nr_locations = 0;
	exec->written = NULL;
}

static bool in_image(uintptr_t addr)
{
	int i;

	for (i = 0; i < nr_images; i++)
		if (addr - images[i].start < images[i].end - images[i].start)
			return true;
	return false;
}

/*
 * True if memory at @addr may have another address in another execution: it
 * exists and is neither in the arena nor a variable of the program.
 */
static bool may_move(u64 addr)
{
	uintptr_t page = (uintptr_t)addr & ~(uintptr_t)(PAGE_SIZE - 1);

	return addr > PAGE_SIZE && !(addr & IN_ARENA) &&
	       !in_image((uintptr_t)addr) &&
	       !msync((void *)page, PAGE_SIZE, MS_ASYNC);
}

/*
 * Return @addr or, in the arena, its offset, which is the same in every
 * process.
 */
static inline u64 relative(const struct execution *exec, const void *addr)
{
	uintptr_t offset = (uintptr_t)addr - exec->arena;

	return offset < EXPLORE_ARENA_SIZE ? offset | IN_ARENA :
					     (uintptr_t)addr;
}

u64 explore_determinism_address(const struct execution *exec, const void *addr)
{
	return relative(exec, addr);
}

static inline u64 load(const struct execution *exec, const void *addr, int size)
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
	default: /* there is no other size */
		value = *(const volatile u64 *)addr;
		break;
	}
	VALGRIND_MAKE_MEM_DEFINED(&value, sizeof(value));
	return size == 8 ? relative(exec, (const void *)(uintptr_t)value) :
			   value;
}

/* Return how many bytes of those that the operation reads are compared. */
static inline int size_read(const struct iommufd_model_op *op)
{
	static const u8 sizes[IOMMUFD_MODEL_OP_NOTE + 1] = {
		[IOMMUFD_MODEL_OP_REFCOUNT_READ] = sizeof(int),
		[IOMMUFD_MODEL_OP_REFCOUNT_ADD] = sizeof(int),
		[IOMMUFD_MODEL_OP_REFCOUNT_ADD_NOT_ZERO] = sizeof(int),
		[IOMMUFD_MODEL_OP_REFCOUNT_DEC] = sizeof(int),
		[IOMMUFD_MODEL_OP_REFCOUNT_SUB_AND_TEST] = sizeof(int),
		[IOMMUFD_MODEL_OP_REFCOUNT_DEC_NOT_ONE] = sizeof(int),
		[IOMMUFD_MODEL_OP_REFCOUNT_DEC_IF_ONE] = sizeof(int),
		[IOMMUFD_MODEL_OP_WAIT_ZERO] = sizeof(int),
		[IOMMUFD_MODEL_OP_WAIT_UNTIL] = sizeof(int),
		[IOMMUFD_MODEL_OP_DONE] = sizeof(int),
	};

	if (iommufd_model_op_is_atomic(op->kind))
		return (int)explore_atomic(op)->size;
	return op->kind == IOMMUFD_MODEL_OP_READ_ONCE ||
			       op->kind == IOMMUFD_MODEL_OP_LOAD_ACQUIRE ?
		       (int)op->arg :
		       sizes[op->kind];
}

/* Return the address from which the operation reads these bytes. */
static inline const void *read_at(const struct iommufd_model_op *op)
{
	return iommufd_model_op_is_atomic(op->kind) ?
		       (const void *)(uintptr_t)explore_atomic(op)->variable :
		       op->addr;
}

/*
 * Return the argument that is compared.  It is left out if it may be an
 * address.
 */
static inline u32 argument(const struct iommufd_model_op *op)
{
	switch (op->kind) {
	case IOMMUFD_MODEL_OP_ATOMIC_SET:
	case IOMMUFD_MODEL_OP_ATOMIC_XCHG:
	case IOMMUFD_MODEL_OP_ATOMIC_CMPXCHG:
		return explore_atomic(op)->size < sizeof(void *) ?
			       (u32)op->arg :
			       0;
	default:
		return (u32)op->arg;
	}
}

/* Differences */

void explore_determinism_fail(struct execution *exec, int number,
			      const struct iommufd_model_site *site,
			      const char *fmt, ...)
{
	struct search *search = exec->search;
	va_list args;

	if (!search->differs_by[0]) {
		va_start(args, fmt);
		vsnprintf(search->differs_by, sizeof(search->differs_by), fmt,
			  args);
		va_end(args);
		search->differs_at = site;
		search->differs_in = number;
	}
	explore_fail(exec, IOMMUFD_MODEL_FAIL_NONDETERMINISM, site, NULL, "%s",
		     search->differs_by);
}

/* Describe a step, such as "refcount_add of &s.a in getter (x.c:12)". */
static const char *step_text(unsigned int kind,
			     const struct iommufd_model_site *site, char *buf,
			     size_t size)
{
	snprintf(buf, size, "%s of %s in %s (%s:%d)",
		 iommufd_model_op_name((enum iommufd_model_op_kind)kind),
		 site->what, site->func, site->file, site->line);
	return buf;
}

/* Return the number of a step in a report, where an AFTER does not count. */
static int reported_step(const struct search *search, const struct node *node)
{
	int n = 1;
	const struct node *f;

	for (f = search->nodes; f < node; f++)
		n += f->kind != IOMMUFD_MODEL_OP_AFTER;
	return n;
}

static void fail_operation(struct execution *exec, const struct node *node,
			   const struct iommufd_model_op *op)
{
	char was[150], is[150];

	explore_determinism_fail(exec, node->thread, op->site,
				 "step %d was %s in an earlier execution, and "
				 "now it is %s",
				 reported_step(exec->search, node),
				 step_text(node->kind, node->site, was,
					   sizeof(was)),
				 step_text(op->kind, op->site, is, sizeof(is)));
}

static void fail_location(struct execution *exec, const struct node *node,
			  const struct iommufd_model_op *op)
{
	char is[150];

	explore_determinism_fail(exec, node->thread, op->site,
				 "step %d, %s, was done to another address in "
				 "an earlier execution",
				 reported_step(exec->search, node),
				 step_text(op->kind, op->site, is, sizeof(is)));
}

static void fail_number(struct execution *exec, const struct node *node,
			const char *what, u64 was, u64 is)
{
	bool hex = (was | is) >> 32;
	char step[150];

	explore_determinism_fail(exec, node->thread, node->site,
				 hex ? "step %d, %s, %s %#llx in an earlier "
				       "execution, and now %#llx" :
				       "step %d, %s, %s %lld in an earlier "
				       "execution, and now %lld",
				 reported_step(exec->search, node),
				 step_text(node->kind, node->site, step,
					   sizeof(step)),
				 what, (long long)(hex ? was : (u64)(int)was),
				 (long long)(hex ? is : (u64)(int)is));
}

void explore_determinism_wrong_choice(struct execution *exec, int number)
{
	const struct search *search = exec->search;
	const struct node *node = &search->nodes[search->depth];
	const char *now = number >= exec->nr_threads  ? "is not there" :
			  exec->threads[number].ended ? "has ended" :
							"cannot go on";
	int step = reported_step(search, node);
	char was[150];

	if (search->depth + 1 < search->forced)
		explore_determinism_fail(
			exec, number, node->site,
			"step %d was %s in an earlier "
			"execution, by thread %c, which %s now",
			step,
			step_text(node->kind, node->site, was, sizeof(was)),
			'a' + number, now);
	else
		explore_determinism_fail(exec, number, NULL,
					 "at step %d the schedule wants thread "
					 "%c, which %s",
					 step, 'a' + number, now);
}

/* Comparing */

static bool same_value(u64 was, u64 is)
{
	return was == is || (was > PAGE_SIZE && may_move(is));
}

bool explore_determinism_compare_write(struct execution *exec)
{
	struct node *node = exec->written;
	u64 value;

	exec->written = NULL;
	value = load(exec, exec->written_at, exec->written_size);
	if (!exec->written_known)
		node->value = value;
	else if (!same_value(node->value, value))
		fail_number(exec, node, "wrote", node->value, value);
	return !exec->failure;
}

/* The next step compares what @op is going to write. */
static inline void remember_write(struct execution *exec, struct node *node,
				  const struct iommufd_model_op *op, bool known)
{
	if ((op->kind != IOMMUFD_MODEL_OP_WRITE_ONCE &&
	     op->kind != IOMMUFD_MODEL_OP_STORE_RELEASE) ||
	    (!(node->addr & IN_ARENA) && !in_image((uintptr_t)op->addr)))
		return;
	exec->written = node;
	exec->written_at = op->addr;
	exec->written_size = (int)op->arg;
	exec->written_known = known;
}

void explore_determinism_note(struct execution *exec, struct node *node,
			      const struct iommufd_model_op *op, u32 location)
{
	int size = size_read(op);

	node->addr = relative(exec, op->addr);
	node->location = location;
	node->arg = argument(op);
	node->value = 0;
	if (size) {
		/*
		 * The call site is stored first, so that a crash of the load is
		 * reported there.
		 */
		exec->threads[node->thread].site = op->site;
		node->value = load(exec, read_at(op), size);
	}
	remember_write(exec, node, op, false);
}

bool explore_determinism_check(struct execution *exec, struct node *node,
			       const struct iommufd_model_op *op, u32 location)
{
	u64 value, addr = relative(exec, op->addr);
	int size = size_read(op);

	if (node->site != op->site || node->kind != (u8)op->kind) {
		fail_operation(exec, node, op);
		return false;
	}
	if (node->location != location ||
	    (node->addr != addr && !same_value(node->addr, addr))) {
		fail_location(exec, node, op);
		return false;
	}
	if (node->arg != argument(op)) {
		fail_number(exec, node, "had the argument", node->arg,
			    argument(op));
		return false;
	}
	if (size) {
		exec->threads[node->thread].site = op->site;
		value = load(exec, read_at(op), size);
		if (!same_value(node->value, value)) {
			fail_number(exec, node, "found", node->value, value);
			return false;
		}
	}
	remember_write(exec, node, op, true);
	return true;
}
