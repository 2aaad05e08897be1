// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The function that the sources of a build with mutants call to find out
 * whether a mutant is active.
 *
 * MUTANT=NUMBER in the environment makes one active.  With MUTANT_REACHED=FILE,
 * byte NUMBER of that file is set when the edit of that mutant is reached, by
 * this process or by a child, however that ends: the file is mapped and shared.
 */
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int iommufd_model_mutant(unsigned int number);

static unsigned int active;
static volatile unsigned char *reached;
static size_t size;

static void __attribute__((constructor)) begin(void)
{
	const char *number = getenv("MUTANT");
	const char *file = getenv("MUTANT_REACHED");
	struct stat st;
	void *map;
	int fd;

	active = number ? (unsigned int)strtoul(number, NULL, 10) : 0;
	fd = file ? open(file, O_RDWR | O_CLOEXEC) : -1;
	if (fd < 0)
		return;
	if (!fstat(fd, &st)) {
		map = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE,
			   MAP_SHARED, fd, 0);
		if (map != MAP_FAILED) {
			size = (size_t)st.st_size;
			reached = map;
		}
	}
	close(fd);
}

/* Sources that are watched, or compiled with a sanitizer, call it as well. */
int iommufd_model_mutant(unsigned int number)
{
	if (reached && number < size)
		reached[number] = 1;
	return number == active;
}
