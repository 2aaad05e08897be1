// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Files of the process, and the pages of those that are memory.
 *
 * Each lookup of a descriptor makes a struct file.  All files of the same inode
 * share one struct memory.  A struct memory holds a descriptor of its own, so
 * that the inode stays alive.  It maps the file in chunks as pages are needed.
 * The structs come from malloc() and not from kzalloc(), because they stand for
 * the memory of the machine: a test must not count them, nor make their
 * allocation fail.
 *
 * memories_mutex guards the list and everything in it.
 *
 * Under `iommufd-model exec` the descriptors are those of the program, and the
 * source of descriptors knows its files and their memory instead.
 */
#define _GNU_SOURCE
#include "ground.h"
#include <iommufd_model/kernel/memfd.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Magic numbers of file systems */
#define TMPFS 0x01021994
#define HUGETLBFS 0x958458f6

#define CHUNK_SIZE (2ul << 20)

struct chunk {
	struct chunk *next;
	u64 index;
	void *addr;
};

/* struct memory - a memory file; @refs: one for each struct file */
struct memory {
	struct memory *next;
	dev_t dev;
	ino_t ino;
	int fd;
	unsigned int refs;
	struct chunk *chunks;
};

static pthread_mutex_t memories_mutex = PTHREAD_MUTEX_INITIALIZER;
static struct memory *memories;

bool iommufd_model_memfd_in_use(void)
{
	return __atomic_load_n(&memories, __ATOMIC_RELAXED);
}

static struct memory *find_memory(dev_t dev, ino_t ino)
{
	struct memory *memory = memories;

	while (memory && (memory->dev != dev || memory->ino != ino))
		memory = memory->next;
	return memory;
}

static struct memory *make_memory(int fd, const struct stat *stat)
{
	struct memory *memory = calloc(1, sizeof(*memory));

	if (!memory)
		return NULL;
	memory->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (memory->fd < 0) {
		free(memory);
		return NULL;
	}
	memory->dev = stat->st_dev;
	memory->ino = stat->st_ino;
	memory->next = memories;
	memories = memory;
	return memory;
}

static void free_memory(struct memory *memory)
{
	struct memory **slot = &memories;
	struct chunk *chunk;

	while (*slot != memory)
		slot = &(*slot)->next;
	*slot = memory->next;
	while ((chunk = memory->chunks)) {
		memory->chunks = chunk->next;
		munmap(chunk->addr, CHUNK_SIZE);
		free(chunk);
	}
	close(memory->fd);
	free(memory);
}

/*
 * Returns a new reference to the memory of @fd, or NULL if @fd is no memory
 * file.
 */
static struct memory *get_memory(int fd)
{
	struct memory *memory;
	struct statfs fs;
	struct stat stat;

	if (fstat(fd, &stat) || !S_ISREG(stat.st_mode) || fstatfs(fd, &fs) ||
	    ((unsigned long)fs.f_type != TMPFS &&
	     (unsigned long)fs.f_type != HUGETLBFS))
		return NULL;
	pthread_mutex_lock(&memories_mutex);
	memory = find_memory(stat.st_dev, stat.st_ino);
	if (!memory)
		memory = make_memory(fd, &stat);
	if (memory)
		memory->refs++;
	pthread_mutex_unlock(&memories_mutex);
	return memory;
}

static void put_memory(struct memory *memory)
{
	pthread_mutex_lock(&memories_mutex);
	if (memory && !--memory->refs)
		free_memory(memory);
	pthread_mutex_unlock(&memories_mutex);
}

static int host_file_release(struct inode *inode, struct file *file)
{
	(void)inode;
	put_memory(file->private_data);
	return 0;
}

static const struct file_operations host_file_fops = {
	.release = host_file_release,
};

struct file *iommufd_model_fget_any(int fd)
{
	struct file *file = fget((unsigned int)fd);
	struct memory *memory;

	if (file || iommufd_model_fd_source || fcntl(fd, F_GETFD) < 0)
		return file;
	memory = get_memory(fd);
	file = anon_inode_getfile("file", &host_file_fops, memory, O_RDWR);
	if (!IS_ERR(file))
		return file;
	put_memory(memory);
	return NULL;
}

bool iommufd_model_file_has_page(const struct file *file, u64 offset)
{
	const struct memory *memory = file->private_data;
	struct stat stat;
	u64 last;

	if (iommufd_model_fd_source)
		return iommufd_model_fd_source->memory((struct file *)file,
						       offset, PAGE_SIZE) > 0;
	return file->f_op == &host_file_fops && memory &&
	       !__builtin_add_overflow(offset, PAGE_SIZE - 1, &last) &&
	       !fstat(memory->fd, &stat) && last < (u64)stat.st_size;
}

static struct chunk *make_chunk(struct memory *memory, u64 index)
{
	struct chunk *chunk = calloc(1, sizeof(*chunk));
	off_t offset = (off_t)(index * CHUNK_SIZE);

	if (!chunk)
		return NULL;
	chunk->addr = mmap(NULL, CHUNK_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
			   memory->fd, offset);
	/*
	 * If writing is forbidden by the descriptor or by a seal, map for
	 * reading.
	 */
	if (chunk->addr == MAP_FAILED)
		chunk->addr = mmap(NULL, CHUNK_SIZE, PROT_READ, MAP_SHARED,
				   memory->fd, offset);
	if (chunk->addr == MAP_FAILED) {
		free(chunk);
		return NULL;
	}
	chunk->index = index;
	chunk->next = memory->chunks;
	memory->chunks = chunk;
	return chunk;
}

static unsigned long page_of(struct memory *memory, u64 offset)
{
	struct chunk *chunk = memory->chunks;
	u64 index = offset / CHUNK_SIZE;

	while (chunk && chunk->index != index)
		chunk = chunk->next;
	if (!chunk)
		chunk = make_chunk(memory, index);
	return chunk ? (unsigned long)chunk->addr + offset % CHUNK_SIZE : 0;
}

unsigned long iommufd_model_file_page(const struct file *file, u64 offset)
{
	unsigned long addr;
	long found;

	if (iommufd_model_fd_source) {
		found = iommufd_model_fd_source->memory((struct file *)file,
							offset, PAGE_SIZE);
		return found > 0 ? (unsigned long)found : 0;
	}
	pthread_mutex_lock(&memories_mutex);
	addr = page_of(file->private_data, offset);
	pthread_mutex_unlock(&memories_mutex);
	return addr;
}

/*
 * Returns the address of the page at @addr if @line, a line of /proc/self/maps,
 * is a shared mapping of a known memory that includes @addr; 0 if it is not.
 */
static unsigned long alias_in(const char *line, unsigned long addr)
{
	unsigned long start, end, offset, ino;
	unsigned int major, minor;
	struct memory *memory;
	char perms[5];

	if (sscanf(line, "%lx-%lx %4s %lx %x:%x %lu", &start, &end, perms,
		   &offset, &major, &minor, &ino) != 7 ||
	    addr < start || addr >= end || perms[3] != 's')
		return 0;
	memory = find_memory(makedev(major, minor), ino);
	return memory ? page_of(memory, offset + (addr - start)) : 0;
}

unsigned long iommufd_model_file_alias(unsigned long addr)
{
	unsigned long alias = 0;
	char line[512];
	FILE *maps;

	pthread_mutex_lock(&memories_mutex);
	maps = memories ? fopen("/proc/self/maps", "re") : NULL;
	while (maps && !alias && fgets(line, sizeof(line), maps))
		alias = alias_in(line, addr);
	if (maps)
		fclose(maps);
	pthread_mutex_unlock(&memories_mutex);
	return alias;
}
