// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * iommufd-model exec: run an unmodified program on the model.
 *
 * This program preloads a library that contains the model, and replaces itself
 * by the program to run.  Programs that the dynamic linker would not preload
 * the library for, or that would not use it, are refused first.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>
#include "cli.h"
#include "help.h"
#include "options.h"

#define LIBRARY "libiommufd-model-preload.so"
/* How many interpreters of scripts may call each other, as in the kernel. */
#define MAX_INTERPRETERS 5

static const char who[] = "iommufd-model exec";

static bool is_file(const char *path)
{
	struct stat info;

	return !stat(path, &info) && S_ISREG(info.st_mode);
}

/*
 * Finding the library: beside this program, in an installation, or in a build
 * tree
 */

static bool in_folder(const char *folder, const char *const *below,
		      char *library)
{
	for (; *below; below++) {
		snprintf(library, PATH_MAX, "%s/%s/" LIBRARY, folder, *below);
		if (is_file(library))
			return true;
	}
	return false;
}

static bool own_library(char *library)
{
	static const char *const below[] = {
		"../preload", PRELOAD_BELOW_BIN, ".", NULL,
	};
	char folder[PATH_MAX - 64];
	ssize_t n = readlink("/proc/self/exe", folder, sizeof(folder) - 1);
	char *slash;

	if (n <= 0)
		return false;
	folder[n] = 0;
	slash = strrchr(folder, '/');
	if (slash)
		*slash = 0;
	return in_folder(folder, below, library);
}

static bool find_library(const char *tree, char *library)
{
	static const char *const below[] = {
		"build/src/preload", "src/preload", ".", NULL,
	};
	char found[PATH_MAX];

	if (tree ? in_folder(tree, below, found) : own_library(found))
		return realpath(found, library);
	if (tree)
		fprintf(stderr, "%s: %s has no " LIBRARY "; \"./model tree "
			"TREE exec\" builds one for a kernel tree\n", who,
			tree);
	else
		fprintf(stderr, "%s: " LIBRARY " is not where this program "
			"looks for it\n", who);
	return false;
}

/* The program */

/* Finds the file as execvp() would; returns false after a message. */
static bool find_program(const char *name, char *path)
{
	const char *at = getenv("PATH");
	size_t n;

	if (strchr(name, '/')) {
		snprintf(path, PATH_MAX, "%s", name);
		if (!access(path, X_OK) && is_file(path))
			return true;
		fprintf(stderr, "%s: %s cannot be run: %s\n", who, name,
			strerror(is_file(path) || errno == ENOENT ? errno :
				 EISDIR));
		return false;
	}
	if (!at)
		at = "/bin:/usr/bin";
	for (; *at; at += n + (at[n] == ':')) {
		n = strcspn(at, ":");
		snprintf(path, PATH_MAX, "%.*s%s%s", (int)n, at, n ? "/" : "",
			 name);
		if (!access(path, X_OK) && is_file(path))
			return true;
	}
	fprintf(stderr, "%s: %s: no such program\n", who, name);
	return false;
}

static bool refuse(const char *path, const char *why)
{
	fprintf(stderr, "%s: %s %s\n", who, path, why);
	return false;
}

/* Reads the program header with PT_INTERP; *@interp is empty if there is none. */
static bool read_interp(FILE *file, const Elf64_Ehdr *header, char *interp,
			size_t size)
{
	Elf64_Phdr part;
	size_t n;
	int i;

	interp[0] = 0;
	for (i = 0; i < header->e_phnum; i++) {
		if (fseeko(file, (off_t)(header->e_phoff +
					 (Elf64_Off)i * sizeof(part)),
			   SEEK_SET) ||
		    fread(&part, sizeof(part), 1, file) != 1)
			return false;
		if (part.p_type != PT_INTERP)
			continue;
		n = part.p_filesz < size ? part.p_filesz : size - 1;
		if (fseeko(file, (off_t)part.p_offset, SEEK_SET) ||
		    fread(interp, 1, n, file) != n)
			return false;
		interp[n] = 0;
	}
	return true;
}

/* Checks that a library made for this machine's C library can be preloaded. */
static bool check_elf(const char *path, FILE *file)
{
	char interp[PATH_MAX];
	Elf64_Ehdr header;

	rewind(file);
	if (fread(&header, sizeof(header), 1, file) != 1)
		return refuse(path, "is no program");
	if (header.e_ident[EI_CLASS] != ELFCLASS64)
		return refuse(path, "is a program for 32 bits; the model has "
			      "64");
	if (header.e_phentsize != sizeof(Elf64_Phdr) ||
	    !read_interp(file, &header, interp, sizeof(interp)))
		return refuse(path, "has no program headers that can be read");
	if (!interp[0])
		return refuse(path, "is linked statically: no library can be "
			      "preloaded (link it dynamically)");
	if (!strstr(interp, "/ld-linux") && !strstr(interp, "/ld64"))
		return refuse(path, "does not use the GNU C library: this "
			      "library cannot be preloaded");
	return true;
}

static bool check_rights(const char *path, int fd)
{
	char value[64];
	struct stat info;

	if (fstat(fd, &info))
		return refuse(path, strerror(errno));
	if (info.st_mode & (S_ISUID | S_ISGID))
		return refuse(path, "is a set-uid or set-gid program: the "
			      "system preloads nothing into it (run a copy "
			      "without that bit)");
	if (fgetxattr(fd, "security.capability", value, sizeof(value)) > 0)
		return refuse(path, "has file capabilities: the system "
			      "preloads nothing into it (run a copy)");
	return true;
}

/* If the file is a script, writes its interpreter to @next. */
static bool is_script(FILE *file, char *next)
{
	char line[PATH_MAX], *name;

	rewind(file);
	if (!fgets(line, sizeof(line), file) || strncmp(line, "#!", 2))
		return false;
	name = line + 2 + strspn(line + 2, " \t");
	name[strcspn(name, " \t\n")] = 0;
	strcpy(next, name);
	return true;
}

/* If the file is a script, replaces @path by the path of its interpreter. */
static bool check_file(char *path, bool *script)
{
	char next[PATH_MAX];
	FILE *file = fopen(path, "rbe");
	bool good;

	if (!file) {
		fprintf(stderr, "%s: %s cannot be read: %s\n", who, path,
			strerror(errno));
		return false;
	}
	*script = is_script(file, next);
	good = check_rights(path, fileno(file)) &&
	       (*script || check_elf(path, file));
	fclose(file);
	if (*script)
		strcpy(path, next);
	return good;
}

static bool check_program(const char *program)
{
	char path[PATH_MAX];
	bool script = true;
	int i;

	snprintf(path, sizeof(path), "%s", program);
	for (i = 0; script && i < MAX_INTERPRETERS; i++)
		if (!check_file(path, &script))
			return false;
	return true;
}

/* The environment */

/* Puts @value in front of the variable's value. */
static bool prepend(const char *name, const char *value)
{
	const char *old = getenv(name);
	char *both;
	int rc;

	if (asprintf(&both, "%s%s%s", value, old && *old ? ":" : "",
		     old ? old : "") < 0)
		return false;
	rc = setenv(name, both, 1);
	free(both);
	return !rc;
}

/*
 * AddressSanitizer complains if it is not the first library, so that check is
 * switched off: the preloaded library comes first.  ThreadSanitizer is told to
 * ignore accesses in the model, as it does not know what orders them, and to
 * allow threads in a forked child, as the model has threads that serve the
 * children.
 */
static bool prepare(const char *library, const char *record, const char *nth)
{
	return prepend("LD_PRELOAD", library) &&
	       prepend("ASAN_OPTIONS", "verify_asan_link_order=0") &&
	       prepend("TSAN_OPTIONS",
		       "ignore_noninstrumented_modules=1:die_after_fork=0") &&
	       (record ? !setenv("IOMMUFD_MODEL_EXEC_RECORD", record, 1) :
			 !unsetenv("IOMMUFD_MODEL_EXEC_RECORD")) &&
	       (nth ? !setenv("IOMMUFD_MODEL_EXEC_FAIL_NTH", nth, 1) :
		      !unsetenv("IOMMUFD_MODEL_EXEC_FAIL_NTH"));
}

/*
 * The first process that ends replaces an old record, and the others do not
 * replace that one.  So they are told which file is old.  It stays if no process
 * opens the device.
 */
static bool tell_old(const char *path)
{
	struct stat info;
	char old[80];

	if (stat(path, &info) || !S_ISREG(info.st_mode))
		return !unsetenv("IOMMUFD_MODEL_EXEC_OLD_RECORD");
	snprintf(old, sizeof(old), "%ju %jd %ld", (uintmax_t)info.st_ino,
		 (intmax_t)info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
	return !setenv("IOMMUFD_MODEL_EXEC_OLD_RECORD", old, 1);
}

static bool is_number(const char *text)
{
	size_t n = strlen(text);

	return n && n < 10 && strspn(text, "0123456789") == n &&
	       strtoul(text, NULL, 10);
}

/*
 * Makes the path absolute, as the program may change its current folder before
 * the record is written.
 */
static bool full_path(const char *path, char *full)
{
	char folder[PATH_MAX];

	if (path[0] == '/')
		return snprintf(full, PATH_MAX, "%s", path) < PATH_MAX;
	return getcwd(folder, sizeof(folder)) &&
	       snprintf(full, PATH_MAX, "%s/%s", folder, path) < PATH_MAX;
}

struct exec_options {
	const char *tree, *nth;
	struct output_order record;
};

static int run_program(const struct exec_options *options, char **argv)
{
	char library[PATH_MAX], program[PATH_MAX], record[PATH_MAX];
	bool recorded = options->record.path;

	if (!outputs_allowed(who, &options->record, 1, NULL, 0) ||
	    (recorded && !full_path(options->record.path, record)) ||
	    !find_library(options->tree, library) ||
	    !find_program(argv[0], program) || !check_program(program))
		return EXIT_UNUSABLE;
	if (prepare(library, recorded ? record : NULL, options->nth) &&
	    (!recorded || tell_old(record)))
		execv(program, argv);
	fprintf(stderr, "%s: %s cannot be run: %s\n", who, program,
		strerror(errno));
	return EXIT_UNUSABLE;
}

int exec_command(int argc, char **argv)
{
	static const struct option options[] = {
		{ "help", no_argument, NULL, 'h' },
		{ "tree", required_argument, NULL, 't' },
		{ "record", required_argument, NULL, 'r' },
		{ "fail-nth", required_argument, NULL, 'n' },
		{ "overwrite", no_argument, NULL, 'o' },
		{ NULL, 0, NULL, 0 },
	};
	struct exec_options wanted = { .record = { .option = "--record" } };
	int c;

	while ((c = getopt_long(argc, argv, "+h", options, NULL)) != -1) {
		if (c == 'h') {
			fputs(help_exec, stdout);
			return EXIT_FINE;
		} else if (c == 't') {
			wanted.tree = optarg;
		} else if (c == 'o') {
			output_overwrite();
		} else if (c == 'n' && is_number(optarg)) {
			wanted.nth = optarg;
		} else if (c == 'n') {
			fprintf(stderr, "%s: --fail-nth needs a number from 1 "
				"on, not \"%s\"\n", who, optarg);
			return usage_error(who);
		} else if (c != 'r' ||
			   !output_take(who, &wanted.record, optarg)) {
			return usage_error(who);
		}
	}
	if (optind == argc) {
		fprintf(stderr, "%s: no PROGRAM given\n", who);
		return usage_error(who);
	}
	return run_program(&wanted, argv + optind);
}
