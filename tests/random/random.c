// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Random sequences of operations over everything that the uAPI can make.
 *
 *	random_sequences [--seed SEED] [--count N] [--only NUMBER] [--verbose]
 *			 [--draws FOLDER]
 *
 * After each operation the holder of every reference must be known.  When all
 * descriptors were closed and all mappings removed, in a random order, nothing
 * may be left: no object, no pin, no context; and there may be no warning.  A
 * failure prints the seed and the number with which the sequence can be run
 * alone by --only.  IOMMUFD_MODEL_SEED in the environment is the seed if the
 * command line has none.
 *
 * --draws writes the choices of each sequence to a file, as an input of
 * tests/fuzz/calls.c that makes the same choices.
 */
#include "ops.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS 40

static struct world world;
static u64 seed = 20250711, sequence;

static FILE *draws;

/* Write a choice as the target reads it: in as few bytes as it may need. */
static void write_draw(u64 n, u64 value)
{
	int bytes = n <= 0x100 ? 1 : n <= 0x10000 ? 2 : 8;

	while (bytes--) {
		putc((int)(value & 0xff), draws);
		value >>= 8;
	}
}

u64 below(struct world *w, u64 n)
{
	u64 z = w->random += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	z = (z ^ z >> 31) % n;
	if (draws)
		write_draw(n, z);
	return z;
}

/*
 * A function of the sanitizers, if there is one: a crash prints its sequence,
 * too.
 */
void __sanitizer_set_death_callback(void (*fn)(void)) __attribute__((weak));

static void tell_sequence(void)
{
	fprintf(stderr, "seed %" PRIu64 ", sequence %" PRIu64 ", run it with "
		"--seed %" PRIu64 " --only %" PRIu64 "\n", (uint64_t)seed,
		(uint64_t)sequence, (uint64_t)seed, (uint64_t)sequence);
	print_steps(&world);
}

static void fail(const char *what)
{
	fprintf(stderr, "%s\n", what);
	tell_sequence();
	exit(EXIT_FAILURE);
}

static void check_warnings(void)
{
	if (iommufd_model_warnings())
		fail("a warning, printed above");
	if (iommufd_model_locks_held())
		fail("a lock is still held");
}

static void print_leak(const struct iommufd_model_allocation *a, void *data)
{
	(void)data;
	fprintf(stderr, "left: %s %u, %zu bytes (%s, %s:%d)\n",
		a->label ? a->label : "memory", a->id, a->size, a->site->func,
		a->site->file, a->site->line);
}

/*
 * Close one of the open descriptors and mappings; returns false if there is
 * none.
 */
static bool close_one(struct world *w)
{
	unsigned int n = w->nr_fds + w->nr_mappings + (w->fd >= 0), i;

	if (!n)
		return false;
	i = (unsigned int)below(w, n);
	if (i < w->nr_fds) {
		if (close_thing(w, i))
			fail("close");
	} else if (i < w->nr_fds + w->nr_mappings) {
		if (remove_mapping(w, i - w->nr_fds))
			fail("munmap");
	} else {
		if (iommufd_model_close(w->fd))
			fail("close of /dev/iommu");
		w->fd = -1;
	}
	return true;
}

static void finish(struct world *w)
{
	char why[128];

	while (close_one(w)) {
		if (iommufd_model_unbalanced())
			fail("unbalanced while closing");
		check_warnings();
	}
	if (iommufd_model_fate(w->ictx, why, sizeof(why)) !=
	    IOMMUFD_MODEL_RELEASED) {
		fprintf(stderr, "%s\n", why);
		fail("the context is not released");
	}
	if (iommufd_model_pinned())
		fail("pages are left pinned");
	if (iommufd_model_leaks(0, print_leak, NULL))
		fail("memory is left");
}

static u64 same_pfn(u64 virtual_pfn, void *data)
{
	(void)data;
	return virtual_pfn;
}

static void begin(struct world *w, bool verbose)
{
	memset(w, 0, sizeof(*w));
	w->random = seed * 0x9e3779b97f4a7c15u ^ sequence << 20;
	w->verbose = verbose;
	/*
	 * At random, memory is physically contiguous or not, and has a limit or
	 * not.
	 */
	iommufd_model_set_page_map(one_in(w, 4) ? NULL : same_pfn, NULL);
	iommufd_model_set_capable(!one_in(w, 8));
	iommufd_model_set_memlock_limit(4 + below(w, 16));
	if (iommufd_model_observe_start(NULL, NULL))
		fail("observe_start");
	w->fd = iommufd_model_open();
	if (w->fd < 0)
		fail("open");
	w->ictx = iommufd_ctx_from_fd(w->fd);
	iommufd_ctx_put(w->ictx);
}

static void run_sequence(struct world *w, bool verbose)
{
	unsigned int i;

	begin(w, verbose);
	for (i = 0; i < STEPS; i++) {
		do_random_op(w, i);
		check_warnings();
		if (iommufd_model_unbalanced())
			fail("unbalanced");
	}
	finish(w);
	iommufd_model_observe_stop();
}

/* Begin the file of a sequence; its first bytes make an allocation fail. */
static void open_draws(const char *folder)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/sequence-%" PRIu64, folder,
		 (uint64_t)sequence);
	draws = fopen(path, "wb");
	if (!draws) {
		perror(path);
		exit(EXIT_FAILURE);
	}
	fprintf(draws, "%c%c%c", (int)(sequence % STEPS),
		(int)(sequence % 7), 0);
}

static u64 number(const char *text)
{
	char *end;
	u64 value;

	value = text ? strtoull(text, &end, 0) : 0;
	if (!text || !*text || *end) {
		fprintf(stderr, "not a number: %s\n", text ? text : "nothing");
		exit(EXIT_FAILURE);
	}
	return value;
}

int main(int argc, char **argv)
{
	const char *env = getenv("IOMMUFD_MODEL_SEED"), *folder = NULL;
	u64 first = 0, count = 5000;
	bool verbose = false;
	int i;

	if (env && *env)
		seed = number(env);
	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--seed")) {
			seed = number(argv[++i]);
		} else if (!strcmp(argv[i], "--count")) {
			count = number(argv[++i]);
		} else if (!strcmp(argv[i], "--only")) {
			first = number(argv[++i]);
			count = 1;
		} else if (!strcmp(argv[i], "--draws") && argv[i + 1]) {
			folder = argv[++i];
		} else if (!strcmp(argv[i], "--verbose")) {
			verbose = true;
		} else {
			fprintf(stderr, "what is %s?\n", argv[i]);
			return EXIT_FAILURE;
		}
	}
	printf("seed %" PRIu64 ", %" PRIu64 " sequences of %u\n",
	       (uint64_t)seed, (uint64_t)count, STEPS);
	fflush(stdout);
	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(tell_sequence);
	iommufd_model_set_destroy_timeout(1);
	world_make_memory();
	for (sequence = first; sequence < first + count; sequence++) {
		if (folder)
			open_draws(folder);
		run_sequence(&world, verbose);
		if (draws)
			fclose(draws);
		draws = NULL;
	}
	print_counts();
	return EXIT_SUCCESS;
}
