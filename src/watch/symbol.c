// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Finds the function, file and line of an address of code, and the name of a
 * variable.
 *
 * Names come from the symbol table of the file that the address was loaded
 * from, which is read here.  Lines come from the program addr2line, if it is
 * installed and the code has debug information.  If functions were inlined into
 * each other, the innermost one that is not in a header of src/kernel is used:
 * a reader wants to see the call of list_del(), and not a line in it.
 *
 * This is for reports only, and so need not be fast.  But an execution that
 * fails ends its process, many may fail at the same place, and addr2line takes
 * longer than an execution.  So what was found is kept in memory that the
 * processes of an exploration share.
 */
#define _GNU_SOURCE
#include "watch.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef __ELF__
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * The file from which an address was loaded; @offset is its address in the
 * file.
 */
struct origin {
	uintptr_t addr, offset;
	char file[256];
};

static int look_at_object(struct dl_phdr_info *info, size_t size, void *data)
{
	struct origin *origin = data;
	uintptr_t start;
	int i;

	(void)size;
	for (i = 0; i < info->dlpi_phnum; i++) {
		start = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr;
		if (info->dlpi_phdr[i].p_type != PT_LOAD ||
		    origin->addr - start >= info->dlpi_phdr[i].p_memsz)
			continue;
		origin->offset = origin->addr - info->dlpi_addr;
		snprintf(origin->file, sizeof(origin->file), "%s",
			 info->dlpi_name && *info->dlpi_name ?
				 info->dlpi_name :
				 "/proc/self/exe");
		return 1;
	}
	return 0;
}

/*
 * A symbol that is searched for: a function if @code is set, otherwise a
 * variable.
 */
struct found {
	bool code;
	uintptr_t at;
	char name[128];
	uintptr_t offset;
};

/* False for a symbol of a section that is not loaded, as of coverage. */
static bool is_in_memory(const char *image, const Elf64_Sym *symbol)
{
	const Elf64_Ehdr *head = (const void *)image;
	const Elf64_Shdr *section = (const void *)(image + head->e_shoff);

	return symbol->st_shndx < head->e_shnum &&
	       section[symbol->st_shndx].sh_flags & SHF_ALLOC;
}

static void look_at_symbols(const char *image, size_t size,
			    const Elf64_Shdr *table, const Elf64_Shdr *names,
			    struct found *found)
{
	const Elf64_Sym *s = (const void *)(image + table->sh_offset);
	size_t i, nr = table->sh_size / sizeof(*s);
	unsigned char type = found->code ? STT_FUNC : STT_OBJECT;

	if (table->sh_offset + table->sh_size > size ||
	    names->sh_offset + names->sh_size > size)
		return;
	for (i = 0; i < nr; i++) {
		if (ELF64_ST_TYPE(s[i].st_info) != type ||
		    found->at - s[i].st_value >= s[i].st_size ||
		    s[i].st_name >= names->sh_size ||
		    !is_in_memory(image, &s[i]))
			continue;
		snprintf(found->name, sizeof(found->name), "%s",
			 image + names->sh_offset + s[i].st_name);
		found->offset = found->at - s[i].st_value;
	}
}

static void look_at_image(const char *image, size_t size, struct found *found)
{
	const Elf64_Ehdr *head = (const void *)image;
	const Elf64_Shdr *section;
	int i;

	if (size < sizeof(*head) || memcmp(image, ELFMAG, SELFMAG) ||
	    head->e_ident[EI_CLASS] != ELFCLASS64 ||
	    head->e_shoff + head->e_shnum * sizeof(*section) > size)
		return;
	section = (const void *)(image + head->e_shoff);
	for (i = 0; i < head->e_shnum; i++)
		if ((section[i].sh_type == SHT_SYMTAB ||
		     section[i].sh_type == SHT_DYNSYM) &&
		    section[i].sh_link < head->e_shnum && !*found->name)
			look_at_symbols(image, size, &section[i],
					&section[section[i].sh_link], found);
}

/* Find the symbol at an address, or leave @found->name empty. */
static void find_symbol(const struct origin *origin, struct found *found)
{
	int fd = open(origin->file, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *image;

	found->at = origin->offset;
	if (fd < 0)
		return;
	if (!fstat(fd, &st)) {
		image = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE,
			     fd, 0);
		if (image != MAP_FAILED) {
			look_at_image(image, (size_t)st.st_size, found);
			munmap(image, (size_t)st.st_size);
		}
	}
	close(fd);
}

static bool find_origin(uintptr_t addr, struct origin *origin)
{
	origin->addr = addr;
	return dl_iterate_phdr(look_at_object, origin);
}

/* Split "file:line", which may be followed by " (discriminator 2)". */
static void set_line(struct watch_symbol *symbol, char *text)
{
	char *colon = strrchr(text, ':');

	if (!colon || !strncmp(text, "??", 2))
		return;
	*colon = '\0';
	snprintf(symbol->file, sizeof(symbol->file), "%.255s", text);
	symbol->line = atoi(colon + 1);
}

static bool in_ground(const char *file)
{
	return strstr(file, "iommufd_model/kernel/") != NULL;
}

/* Read pairs of lines: a function, and its file and line. */
static void read_lines(FILE *from, struct watch_symbol *symbol)
{
	struct watch_symbol next = { 0 };
	char line[512], inlined[64] = "";

	while (fgets(line, sizeof(line), from)) {
		line[strcspn(line, "\n")] = '\0';
		if (next.line)
			snprintf(inlined, sizeof(inlined), "%.63s", next.func);
		memset(&next, 0, sizeof(next));
		if (strncmp(line, "??", 2))
			snprintf(next.func, sizeof(next.func), "%.127s", line);
		if (!fgets(line, sizeof(line), from))
			break;
		line[strcspn(line, "\n")] = '\0';
		set_line(&next, line);
		if (next.line) {
			*symbol = next;
			snprintf(symbol->inlined, sizeof(symbol->inlined), "%s",
				 inlined);
		}
		if (next.line && !in_ground(next.file))
			break;
	}
}

static void ask_addr2line(const struct origin *origin,
			  struct watch_symbol *symbol)
{
	char command[640], path[256];
	ssize_t len;
	FILE *from;

	snprintf(path, sizeof(path), "%s", origin->file);
	if (!strcmp(path, "/proc/self/exe")) {
		len = readlink("/proc/self/exe", path, sizeof(path) - 1);
		if (len < 0)
			return;
		path[len] = '\0';
	}
	if (strchr(path, '\''))
		return;
	snprintf(command, sizeof(command),
		 "addr2line -f -i -e '%s' %#lx 2>/dev/null", path,
		 (unsigned long)origin->offset);
	from = popen(command, "r");
	if (!from)
		return;
	read_lines(from, symbol);
	pclose(from);
}

/*
 * The cache.  The key of an entry is FREE, then WRITING, and then a hash of the
 * file and the address.  If a process is killed while it writes, only this entry is
 * lost.
 */
enum { FREE, WRITING, FIRST_KEY };
struct cached {
	u64 key;
	struct watch_symbol symbol;
};
#define CACHE_SIZE 256
#define CACHE_LOOKS 8
static struct cached *cache;

/* Before the first fork, so that all processes share it.  NULL: nothing is kept. */
__attribute__((constructor)) static void share_cache(void)
{
	void *at = mmap(NULL, CACHE_SIZE * sizeof(*cache),
			PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
			0);

	cache = at == MAP_FAILED ? NULL : at;
}

static u64 key_of(const struct origin *origin)
{
	u64 key = origin->offset;
	const char *c;

	for (c = origin->file; *c; c++)
		key = (key ^ (unsigned char)*c) * 0x100000001b3ull;
	key ^= key >> 32;
	return key < FIRST_KEY ? FIRST_KEY : key;
}

/* Return the symbol with @key, or NULL. */
static const struct watch_symbol *recall(u64 key)
{
	struct cached *at;
	int i;

	for (i = 0; cache && i < CACHE_LOOKS; i++) {
		at = &cache[(key + (u64)i) % CACHE_SIZE];
		if (__atomic_load_n(&at->key, __ATOMIC_ACQUIRE) == key)
			return &at->symbol;
	}
	return NULL;
}

/* Keep @symbol, if one of its entries is free. */
static void keep(u64 key, const struct watch_symbol *symbol)
{
	struct cached *at;
	u64 was;
	int i;

	for (i = 0; cache && i < CACHE_LOOKS; i++) {
		at = &cache[(key + (u64)i) % CACHE_SIZE];
		was = FREE;
		if (!__atomic_compare_exchange_n(&at->key, &was, WRITING, false,
						 __ATOMIC_ACQUIRE,
						 __ATOMIC_RELAXED))
			continue;
		at->symbol = *symbol;
		__atomic_store_n(&at->key, key, __ATOMIC_RELEASE);
		return;
	}
}

static void find_code(const struct origin *origin, struct watch_symbol *symbol)
{
	struct found found = { .code = true };

	ask_addr2line(origin, symbol);
	if (symbol->line)
		return;
	find_symbol(origin, &found);
	if (*found.name)
		snprintf(symbol->func, sizeof(symbol->func), "%.100s+%#lx",
			 found.name, (unsigned long)found.offset);
	else
		snprintf(symbol->func, sizeof(symbol->func), "%#lx",
			 (unsigned long)origin->offset);
	snprintf(symbol->file, sizeof(symbol->file), "%s", origin->file);
}

void iommufd_model_watch_symbol(uintptr_t pc, struct watch_symbol *symbol)
{
	const struct watch_symbol *before;
	struct origin origin;
	u64 key;

	memset(symbol, 0, sizeof(*symbol));
	/* A return address is that of the next instruction. */
	if (!pc || !find_origin(pc - 1, &origin))
		return;
	key = key_of(&origin);
	before = recall(key);
	if (before) {
		*symbol = *before;
		return;
	}
	find_code(&origin, symbol);
	keep(key, symbol);
}

bool iommufd_model_watch_variable(uintptr_t addr, char *buf, size_t size)
{
	struct origin origin;
	struct found found = { .code = false };

	if (!find_origin(addr, &origin))
		return false;
	find_symbol(&origin, &found);
	if (!*found.name)
		return false;
	if (found.offset)
		snprintf(buf, size, "%s + %lu bytes", found.name,
			 (unsigned long)found.offset);
	else
		snprintf(buf, size, "%s", found.name);
	return true;
}
#else
void iommufd_model_watch_symbol(uintptr_t pc, struct watch_symbol *symbol)
{
	memset(symbol, 0, sizeof(*symbol));
	snprintf(symbol->func, sizeof(symbol->func), "%#lx", (unsigned long)pc);
}

bool iommufd_model_watch_variable(uintptr_t addr, char *buf, size_t size)
{
	(void)addr;
	(void)buf;
	(void)size;
	return false;
}
#endif
