// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Checks that the flags of watched code make a compiler report every access.
 *
 * Each case makes some accesses to two areas.  The functions that the watch
 * library would provide are here, and note which bytes were reported.  See
 * watch_flags.sh.
 */
#include <iommufd_model/watch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE 1024
#define NOINLINE __attribute__((noinline))

/* The accesses that were reported for a byte. */
#define TOLD_READ 1
#define TOLD_WRITE 2
#define TOLD_MARKED_READ 4
#define TOLD_MARKED_WRITE 8

static struct area {
	unsigned char bytes[SIZE] __attribute__((aligned(64)));
} a, b;
static unsigned char told_a[SIZE], told_b[SIZE];
static int files;

/* Functions in place of those of the watch library */

__attribute__((no_sanitize("thread"))) static void
note(const volatile void *addr, size_t size, int what)
{
	uintptr_t at = (uintptr_t)addr, i;

	for (i = at; i < at + size; i++) {
		if (i - (uintptr_t)&a < SIZE)
			told_a[i - (uintptr_t)&a] |= (unsigned char)what;
		if (i - (uintptr_t)&b < SIZE)
			told_b[i - (uintptr_t)&b] |= (unsigned char)what;
	}
}

__attribute__((no_sanitize("thread"))) void
iommufd_model_watch_access(const volatile void *addr, size_t size,
			   unsigned int how, const void *pc)
{
	int what = how & IOMMUFD_MODEL_WATCH_WRITE ? TOLD_WRITE : TOLD_READ;

	(void)pc;
	note(addr, size, how & IOMMUFD_MODEL_WATCH_MARKED ? what << 2 : what);
}

__attribute__((no_sanitize("thread"))) void
iommufd_model_watch_atomic(const volatile void *addr, size_t size,
			   unsigned int kind, int order, unsigned long value,
			   const void *pc)
{
	(void)order;
	(void)value;
	(void)pc;
	note(addr, size, (int)kind << 2);
}

void iommufd_model_watch_barrier(int order)
{
	(void)order;
}

void iommufd_model_watch_file(void)
{
	files++;
}

bool iommufd_model_watch_active(void)
{
	return true;
}

void iommufd_model_watch_hide(int change)
{
	(void)change;
}

void iommufd_model_watch_allocated(void *p, size_t size)
{
	(void)p;
	(void)size;
}

bool iommufd_model_watch_released(void *p, size_t size, const void *pc)
{
	(void)p;
	(void)size;
	(void)pc;
	return false;
}

/* The cases */

struct s48 {
	long l[6];
};
struct s400 {
	char c[400];
};
struct bits {
	unsigned int low : 5, high : 7;
};
struct packed {
	char c;
	int i;
} __attribute__((packed));

__extension__ typedef __int128 wide_int;

/*
 * This is not static, because a compiler leaves out a write that nothing reads.
 */
extern int sink;
int sink;

NOINLINE static void increment(void *p, void *q)
{
	(void)q;
	++*(int *)p;
}

/* clang does not report the read, unless an option says so. */
NOINLINE static void read_then_write(void *p, void *q)
{
	int *at = p;

	(void)q;
	sink = *at;
	*at = 3;
}

NOINLINE static void volatile_both(void *p, void *q)
{
	volatile int *at = p;

	(void)q;
	sink = *at;
	*at = 4;
}

NOINLINE static void volatile_16(void *p, void *q)
{
	(void)q;
	*(volatile unsigned short *)p = 4;
}

NOINLINE static void copy_48(void *p, void *q)
{
	*(struct s48 *)p = *(struct s48 *)q;
}

NOINLINE static void copy_400(void *p, void *q)
{
	*(struct s400 *)p = *(struct s400 *)q;
}

NOINLINE static void clear_48(void *p, void *q)
{
	(void)q;
	*(struct s48 *)p = (struct s48){ { 0 } };
}

NOINLINE static void clear_400(void *p, void *q)
{
	(void)q;
	*(struct s400 *)p = (struct s400){ { 0 } };
}

NOINLINE static void memset_16(void *p, void *q)
{
	(void)q;
	memset(p, 0, 16);
}

NOINLINE static void memset_256(void *p, void *q)
{
	(void)q;
	memset(p, 0, 256);
}

NOINLINE static void memcpy_8(void *p, void *q)
{
	memcpy(p, q, 8);
}

NOINLINE static void memcpy_128(void *p, void *q)
{
	memcpy(p, q, 128);
}

NOINLINE static void memmove_100(void *p, void *q)
{
	memmove(p, q, 100);
}

/* The text is known to the compiler, which could store it by itself. */
NOINLINE static void strcpy_known(void *p, void *q)
{
	(void)q;
	strcpy(p, "seven b");
}

NOINLINE static void strlen_of(void *p, void *q)
{
	(void)p;
	sink = (int)strlen(q);
}

NOINLINE static void memcmp_16(void *p, void *q)
{
	sink = memcmp(p, q, 16);
}

NOINLINE static void print_known(void *p, void *q)
{
	(void)q;
	snprintf(p, 8, "seven b");
}

NOINLINE static void print_string(void *p, void *q)
{
	snprintf(p, 8, "%d%s", 12, (char *)q);
}

static int hundred = 100;

NOINLINE static void clearing_loop(void *p, void *q)
{
	char *at = p;
	int i;

	(void)q;
	for (i = 0; i < hundred; i++)
		at[i] = 0;
}

NOINLINE static void copying_loop(void *p, void *q)
{
	long *restrict to = p, *restrict from = q;
	int i;

	for (i = 0; i < 10; i++)
		to[i] = from[i];
}

NOINLINE static void bit_field(void *p, void *q)
{
	(void)q;
	((struct bits *)p)->high = 3;
}

NOINLINE static void unaligned(void *p, void *q)
{
	(void)q;
	((struct packed *)p)->i++;
}

NOINLINE static void wide(void *p, void *q)
{
	*(wide_int *)p = *(wide_int *)q;
}

NOINLINE static void real_number(void *p, void *q)
{
	*(double *)p = (double)*(float *)q;
}

/* gcc would move the load of @s into its callers, and leave it out there. */
NOINLINE static int second(const struct s48 *s)
{
	return (int)s->l[1] + 1;
}

__attribute__((no_sanitize("thread"))) NOINLINE static void moved(void *p,
								  void *q)
{
	(void)q;
	sink = second(p);
}

NOINLINE static void atomics(void *p, void *q)
{
	int old = 0;

	sink = __atomic_load_n((int *)q, __ATOMIC_RELAXED);
	__atomic_fetch_add((int *)p, 1, __ATOMIC_ACQ_REL);
	__atomic_compare_exchange_n((int *)p, &old, 1, false, __ATOMIC_SEQ_CST,
				    __ATOMIC_RELAXED);
}

struct want {
	int from, size, what;
};

static const struct test_case {
	const char *name;
	void (*fn)(void *p, void *q);
	struct want a, b;
} cases[] = {
	{ "x++", increment, { 0, 4, TOLD_READ | TOLD_WRITE }, { 0, 0, 0 } },
	{ "read, write", read_then_write, { 0, 4, TOLD_READ | TOLD_WRITE },
	  { 0, 0, 0 } },
	{ "volatile", volatile_both,
	  { 0, 4, TOLD_MARKED_READ | TOLD_MARKED_WRITE }, { 0, 0, 0 } },
	{ "volatile short", volatile_16, { 0, 2, TOLD_MARKED_WRITE },
	  { 0, 0, 0 } },
	{ "struct, 48", copy_48, { 0, 48, TOLD_WRITE }, { 0, 48, TOLD_READ } },
	{ "struct, 400", copy_400, { 0, 400, TOLD_WRITE },
	  { 0, 400, TOLD_READ } },
	{ "zeros, 48", clear_48, { 0, 48, TOLD_WRITE }, { 0, 0, 0 } },
	{ "zeros, 400", clear_400, { 0, 400, TOLD_WRITE }, { 0, 0, 0 } },
	{ "memset, 16", memset_16, { 0, 16, TOLD_WRITE }, { 0, 0, 0 } },
	{ "memset, 256", memset_256, { 0, 256, TOLD_WRITE }, { 0, 0, 0 } },
	{ "memcpy, 8", memcpy_8, { 0, 8, TOLD_WRITE }, { 0, 8, TOLD_READ } },
	{ "memcpy, 128", memcpy_128, { 0, 128, TOLD_WRITE },
	  { 0, 128, TOLD_READ } },
	{ "memmove", memmove_100, { 0, 100, TOLD_WRITE },
	  { 0, 100, TOLD_READ } },
	{ "strcpy", strcpy_known, { 0, 8, TOLD_WRITE }, { 0, 0, 0 } },
	{ "strlen", strlen_of, { 0, 0, 0 }, { 0, 1, TOLD_READ } },
	{ "memcmp", memcmp_16, { 0, 16, TOLD_READ }, { 0, 16, TOLD_READ } },
	{ "snprintf", print_known, { 0, 8, TOLD_WRITE }, { 0, 0, 0 } },
	{ "snprintf, %s", print_string, { 0, 3, TOLD_WRITE },
	  { 0, 1, TOLD_READ } },
	{ "loop", clearing_loop, { 0, 100, TOLD_WRITE }, { 0, 0, 0 } },
	{ "copying loop", copying_loop, { 0, 80, TOLD_WRITE },
	  { 0, 80, TOLD_READ } },
	/*
	 * gcc reports only the write, which races with everything that a read
	 * races with.
	 */
	{ "bit field", bit_field, { 0, 1, TOLD_WRITE }, { 0, 0, 0 } },
	{ "unaligned", unaligned, { 1, 4, TOLD_READ | TOLD_WRITE },
	  { 0, 0, 0 } },
	{ "16 bytes", wide, { 0, 16, TOLD_WRITE }, { 0, 16, TOLD_READ } },
	{ "float, double", real_number, { 0, 8, TOLD_WRITE },
	  { 0, 4, TOLD_READ } },
	{ "moved load", moved, { 8, 8, TOLD_READ }, { 0, 0, 0 } },
	{ "atomic", atomics, { 0, 4, TOLD_MARKED_READ | TOLD_MARKED_WRITE },
	  { 0, 4, TOLD_MARKED_READ } },
};

/*
 * Check that the reported accesses of the wanted bytes are those of @want.  A
 * read that is reported in addition to a write does no harm.
 */
__attribute__((no_sanitize("thread"))) static int
wrong(const char *name, const unsigned char *told, const struct want *want)
{
	int i;

	for (i = want->from; i < want->from + want->size; i++)
		if ((told[i] & ~TOLD_READ) != (want->what & ~TOLD_READ) ||
		    (want->what & TOLD_READ && !(told[i] & TOLD_READ))) {
			printf("%s: byte %d: told %d, not %d\n", name, i,
			       told[i], want->what);
			return 1;
		}
	return 0;
}

__attribute__((no_sanitize("thread"))) int main(void)
{
	int i, bad = !files;

	if (!files)
		printf("the file did not tell that it is watched\n");
	for (i = 0; i < (int)(sizeof(cases) / sizeof(cases[0])); i++) {
		int j;

		for (j = 0; j < SIZE; j++)
			told_a[j] = told_b[j] = b.bytes[j] = 0;
		cases[i].fn(&a, &b);
		bad += wrong(cases[i].name, told_a, &cases[i].a);
		bad += wrong(cases[i].name, told_b, &cases[i].b);
	}
	return bad ? 1 : 0;
}
