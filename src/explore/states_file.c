// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The file in which several processes, one after the other or at the same time,
 * share the states of one exploration: its parts (option shard), or a run and the
 * one that goes on with what it has left.
 *
 *	struct header		what the states are of
 *	struct known		known.c: the table that jobs share, too
 *
 * The file is mapped, and the table needs no lock, as a process may be killed at
 * any point.  Only while the file is made, it is locked.
 *
 * States have addresses, and two processes can share them only if all that they
 * can tell apart is in the same place.  Whether it is, is not found out address by
 * address: the header has a hash of the program, with what the loader has written
 * into its constants, of the test, and of the options that decide what is explored.
 * Its last part is the id of the boot, since only memory is written in order: after
 * a power failure the file may have any part of it.
 */
#define _XOPEN_SOURCE 700
#define _DEFAULT_SOURCE
#define _DARWIN_C_SOURCE
#include "exploration.h"
#include "../record/output.h"
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC "iommufd-model states 1\n"
#define HEADER_SIZE 4096

struct header {
	char magic[sizeof(MAGIC)];
	u64 of;
};

/* What the states are of */

static u64 add(u64 hash, const void *bytes, size_t size)
{
	return explore_memory_hash_bytes(hash, bytes, size);
}

static u64 add_number(u64 hash, u64 number)
{
	return add(hash, &number, sizeof(number));
}

static u64 add_text(u64 hash, const char *text)
{
	return text ? add(hash, text, strlen(text)) : add_number(hash, 0);
}

static u64 add_boot(u64 hash)
{
	char id[64] = "";
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, id, sizeof(id));

	if (fd >= 0)
		close(fd);
	return add(hash, id, n > 0 ? (size_t)n : 0);
}

static u64 add_test(u64 hash, const struct iommufd_model_test *test)
{
	int i;

	hash = add_text(hash, test->name);
	hash = add_number(hash, (uintptr_t)test->data);
	hash = add_number(hash, (uintptr_t)test->setup);
	hash = add_number(hash, (uintptr_t)test->invariant);
	hash = add_number(hash, (uintptr_t)test->after);
	hash = add_number(hash, test->symmetric);
	for (i = 0; i < MAX_THREADS && test->threads[i].fn; i++) {
		hash = add_text(hash, test->threads[i].name);
		hash = add_number(hash, (uintptr_t)test->threads[i].fn);
	}
	hash = add(hash, test->interrupts, sizeof(test->interrupts));
	return add(hash, test->memory, sizeof(test->memory));
}

static u64 add_options(u64 hash, const struct iommufd_model_explore_options *o)
{
	hash = add_text(hash, o->version);
	hash = add_number(hash, o->plain);
	hash = add_number(hash, (u64)o->timeouts << 32 | (u64)o->spurious);
	hash = add_number(hash,
			  (u64)o->alloc_failures << 32 | (u64)o->short_copies);
	hash = add_number(hash, (u64)o->fail_nth << 32 | (u64)o->steps);
	hash = add_number(hash, (u64)o->ignore << 32 | o->own_stacks);
	return add_number(hash, o->keep_going);
}

static u64 what_of(const struct exploration *x)
{
	u64 hash = explore_memory_constants();

	hash = add_number(hash, (uintptr_t)&malloc);
	hash = add_test(hash, x->test);
	hash = add_options(hash, &x->opt);
	return add_boot(hash);
}

/* The file */

/* A file that is being opened. */
struct opened {
	const char *path;
	int fd;
	size_t size; /* of the table */
};

static int refuse(struct exploration *x, const struct opened *file,
		  const char *why)
{
	snprintf(x->error, sizeof(x->error), "%.200s: %s", file->path, why);
	return -EINVAL;
}

static struct known *map(const struct opened *file)
{
	struct known *known = mmap(NULL, file->size, PROT_READ | PROT_WRITE,
				   MAP_SHARED, file->fd, HEADER_SIZE);

	return known == MAP_FAILED ? NULL : known;
}

/*
 * Make the file, which is empty.  The header is written last, as what is there
 * without it is no file of states.
 */
static int fill(struct exploration *x, const struct opened *file)
{
	struct header header = { .magic = MAGIC, .of = what_of(x) };
	int rc =
		posix_fallocate(file->fd, 0, (off_t)(HEADER_SIZE + file->size));

	if (rc)
		return rc;
	x->known = map(file);
	if (!x->known)
		return errno;
	explore_known_init(x->known, (unsigned int)x->opt.states, true);
	if (pwrite(file->fd, &header, sizeof(header), 0) != sizeof(header))
		return errno;
	return 0;
}

static int make(struct exploration *x, const struct opened *file)
{
	int rc = fill(x, file);

	if (!rc)
		return 0;
	/* It was empty, and is for the next process to make. */
	if (ftruncate(file->fd, 0))
		return refuse(x, file, "cannot be emptied");
	return refuse(x, file, strerror(rc));
}

static int check(struct exploration *x, const struct opened *file, off_t size)
{
	struct header header;

	if (pread(file->fd, &header, sizeof(header), 0) != sizeof(header) ||
	    memcmp(header.magic, MAGIC, sizeof(header.magic)))
		return refuse(x, file, "not a file of states, left as it is");
	if ((size_t)size != HEADER_SIZE + file->size)
		return refuse(x, file,
			      "has another size than the option states says");
	if (header.of != what_of(x))
		return refuse(x, file,
			      "has the states of another program, test, option "
			      "or start of the machine, or of other addresses "
			      "(\"setarch -R\" runs a program without address "
			      "randomization)");
	x->known = map(file);
	return x->known ? 0 : refuse(x, file, strerror(errno));
}

static int use(struct exploration *x, const struct opened *file)
{
	struct stat st;
	int rc;

	if (flock(file->fd, LOCK_EX) || fstat(file->fd, &st))
		return refuse(x, file, strerror(errno));
	rc = st.st_size ? check(x, file, st.st_size) : make(x, file);
	flock(file->fd, LOCK_UN);
	return rc;
}

int explore_states_file(struct exploration *x, size_t size)
{
	char buf[OUTPUT_PATH];
	struct opened file = {
		.path = record_output_file(x->opt.states_file, x->test->name,
					   ".states", buf),
		.size = size,
	};
	int rc;

	if (!explore_memory_start())
		return refuse(x, &file,
			      "states cannot be shared in this program");
	file.fd = open(file.path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (file.fd < 0)
		return refuse(x, &file, strerror(errno));
	rc = use(x, &file);
	close(file.fd);
	return rc;
}
