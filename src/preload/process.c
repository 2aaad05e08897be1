// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The begin and the end of the process, and its children.
 *
 * The end closes what is open, as a kernel would, first the mappings and then
 * the descriptors in ascending order.  Before that it says what is open, with
 * the objects of each context; after that, what nothing has freed.
 *
 * The environment tells what iommufd-model exec was asked for:
 *	IOMMUFD_MODEL_EXEC_RECORD	the file for a record
 *	IOMMUFD_MODEL_EXEC_FAIL_NTH	which allocation is to fail
 */
#include "preload.h"
#include <dirent.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/kernel/page.h>
#include <iommufd_model/model.h>
#include <iommufd_model/observe.h>
#include <iommufd_model/record.h>

/* How many ids in a row may have no object before the search ends. */
#define MAX_GAP 4096

const char *iommufd_model_type_name(enum iommufd_object_type type);

static struct iommufd_model_record *record;
static const char *record_path;
static bool used, ended;
/* What was there before the first open. */
static unsigned long first_allocation, first_pins, first_warning;

/* At the first open of a device */

static void start_record(void)
{
	record_path = getenv("IOMMUFD_MODEL_EXEC_RECORD");
	if (!record_path || !*record_path)
		return;
	record = iommufd_model_record_create(0);
	if (!record || iommufd_model_observe_start(NULL, NULL) ||
	    iommufd_model_record_start(record)) {
		preload_say("the record cannot be made: out of memory");
		iommufd_model_record_free(record);
		record = NULL;
		return;
	}
	iommufd_model_record_title(record, program_invocation_short_name);
}

void preload_process_used(void)
{
	const char *nth = getenv("IOMMUFD_MODEL_EXEC_FAIL_NTH");

	used = true;
	first_pins = iommufd_model_pinned();
	first_warning = iommufd_model_warnings();
	first_allocation = iommufd_model_allocations();
	start_record();
	if (nth)
		iommufd_model_fail_nth(strtoul(nth, NULL, 10));
}

/* What is left over */

static void say_objects(int fd, const char *name)
{
	char line[800];
	size_t used_chars = 0;
	u32 id, gap = 0;
	int type;

	line[0] = 0;
	for (id = 1; gap < MAX_GAP; id++) {
		type = iommufd_model_object_type(fd, id);
		gap = type > 0 ? 0 : gap + 1;
		if (type <= 0 || used_chars > sizeof(line) - 40)
			continue;
		used_chars += (size_t)snprintf(
			line + used_chars, sizeof(line) - used_chars,
			"%s%s %u", used_chars ? ", " : ": ",
			iommufd_model_type_name((enum iommufd_object_type)type),
			id);
	}
	preload_say("left over: descriptor %d, %s%s", fd, name, line);
}

static void say_descriptors(void)
{
	struct file *file;
	int fd;

	for (fd = 0; fd <= preload_last_fd(); fd++) {
		if (kind_of(fd) != KIND_FILE)
			continue;
		file = fget((unsigned int)fd);
		if (!file)
			continue;
		if (iommufd_model_object_type(fd, 1) >= 0)
			say_objects(fd, file->f_name);
		else
			preload_say("left over: descriptor %d, %s", fd,
				    file->f_name);
		fput(file);
	}
}

static void say_mapping(unsigned long start, unsigned long size, void *data)
{
	(void)data;
	preload_say("left over: a mapping of %lu bytes at %#lx", size, start);
}

struct one_mapping {
	unsigned long start, size;
};

static void note_mapping(unsigned long start, unsigned long size, void *data)
{
	struct one_mapping *one = data;

	one->start = start;
	one->size = size;
}

static void close_everything(void)
{
	struct one_mapping one;
	int fd;

	do {
		one.size = 0;
		iommufd_model_each_mapping(note_mapping, &one);
	} while (one.size &&
		 !iommufd_model_munmap((void *)one.start, one.size));
	for (fd = 0; fd <= preload_last_fd(); fd++) {
		if (kind_of(fd) != KIND_FILE)
			continue;
		preload_holder_drop(fd);
		iommufd_model_close(fd);
	}
}

static void say_leak(const struct iommufd_model_allocation *leak, void *data)
{
	char name[80] = "";

	(void)data;
	/* The table of descriptors and the like have no label. */
	if (!leak->label)
		return;
	if (leak->id)
		snprintf(name, sizeof(name), "%s %u", leak->label, leak->id);
	preload_say("never released: %s, allocated by %s, %s:%d",
		    name[0] ? name : leak->label, leak->site->func,
		    leak->site->file, leak->site->line);
}

static bool has_other_threads(void)
{
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *entry;
	int n = 0;

	if (!tasks)
		return true;
	while ((entry = readdir(tasks)))
		n += entry->d_name[0] != '.';
	closedir(tasks);
	return n > 1;
}

static void save_record(void)
{
	char path[4096];
	struct stat info;
	int rc;

	if (!record)
		return;
	iommufd_model_observe_stop();
	/* Of several processes, the first to end writes the file itself. */
	if (!stat(record_path, &info) && info.st_size)
		snprintf(path, sizeof(path), "%s.%d", record_path, getpid());
	else
		snprintf(path, sizeof(path), "%s", record_path);
	rc = iommufd_model_record_save(record, path);
	if (rc)
		preload_say("%s: the record cannot be written: %s", path,
			    strerror(-rc));
	iommufd_model_record_free(record);
	record = NULL;
}

static void end_model(void)
{
	unsigned long n;

	say_descriptors();
	iommufd_model_each_mapping(say_mapping, NULL);
	iommufd_model_fail_nth(0);
	if (has_other_threads()) {
		/* They may still be inside, and hold what they use. */
		save_record();
		return;
	}
	close_everything();
	iommufd_model_leaks(first_allocation, say_leak, NULL);
	n = iommufd_model_pinned() - first_pins;
	if (n)
		preload_say("never released: %lu pinned pages", n);
	n = iommufd_model_warnings() - first_warning;
	if (n)
		preload_say("%lu warning%s", n, n > 1 ? "s" : "");
	save_record();
}

/* Signals may call this as well as several threads; the first one does it. */
void preload_end(void)
{
	if (__atomic_exchange_n(&ended, true, __ATOMIC_SEQ_CST))
		return;
	if (used && preload_is_owner())
		end_model();
	preload_paths_exit();
}

EXPORT void _exit(int status)
{
	preload_end();
	REAL(_exit)(status);
}

EXPORT void _Exit(int status)
{
	_exit(status);
}

/* Children */

/*
 * In the child.  Its copy of the model is left as it is: no thread of the
 * parent's is here to go on with what it was doing.
 */
void preload_process_forked(void)
{
	int fd;

	ended = false;
	if (!used)
		return;
	for (fd = 0; fd <= preload_last_fd(); fd++)
		if (kind_of(fd) == KIND_FILE)
			preload_set_kind(fd, KIND_LOST);
}

/* The program before this one, in the same process, has left descriptors. */
static void find_lost(void)
{
	DIR *fds = REAL(opendir)("/proc/self/fd");
	struct stat64 info;
	struct dirent *entry;
	int fd;

	if (!fds)
		return;
	while ((entry = readdir(fds))) {
		fd = atoi(entry->d_name);
		if (entry->d_name[0] != '.' && fd < NR_FDS &&
		    (REAL(fcntl)(fd, F_GETFL) & O_ACCMODE) == 3 &&
		    !fstat64(fd, &info) &&
		    info.st_rdev == makedev(1, 5))
			preload_set_kind(fd, KIND_LOST);
	}
	closedir(fds);
}

__attribute__((constructor)) static void begin(void)
{
	preload_resolve();
	pthread_atfork(NULL, NULL, preload_process_forked);
	at_quick_exit(preload_end);
	find_lost();
}

__attribute__((destructor)) static void end(void)
{
	preload_end();
}
