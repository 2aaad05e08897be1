// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The begin and the end of the process, and its children.
 *
 * At the end, everything that is open is closed, as in a kernel: first the
 * mappings and then the descriptors in ascending order.  Before that, this
 * library prints what is open, with the objects of each context; after it, what
 * was never freed.
 *
 * The environment has what iommufd-model exec was asked for:
 *	IOMMUFD_MODEL_EXEC_RECORD	the file for a record
 *	IOMMUFD_MODEL_EXEC_OLD_RECORD	which file the first process replaces
 *	IOMMUFD_MODEL_EXEC_FAIL_NTH	which allocation is to fail
 */
#include "link.h"
#include <dirent.h>
#include <linux/capability.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <iommufd_model/iommufd_private.h>
#include <iommufd_model/kernel/page.h>
#include <iommufd_model/model.h>
#include <iommufd_model/observe.h>
#include <iommufd_model/record.h>

/* The search for objects ends after this number of unused ids in a row. */
#define MAX_GAP 4096

bool iommufd_model_user_capable(int capability);
const char *iommufd_model_type_name(enum iommufd_object_type type);

static struct iommufd_model_record *record;
static const char *record_path;
static bool used, ended;
/* The state of these counters before the first open. */
static unsigned long first_allocation, first_pins, first_warning;

/* What is done at the first open of a device */

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

bool preload_process_known(void)
{
	return used || preload_remote_linked();
}

/*
 * The model needs no capabilities.  But a capability that the process had when
 * it began, and has given up since then, is missing in the model, too.
 */
static unsigned long long first_capabilities;

static unsigned long long capabilities_of(int pid)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3, .pid = pid,
	};
	struct __user_cap_data_struct data[2];

	if (preload_raw(SYS_capget, (long)&header, (long)data, 0, 0, 0, 0))
		return ~0ull;
	return data[0].effective | (unsigned long long)data[1].effective << 32;
}

bool iommufd_model_user_capable(int capability)
{
	unsigned long long bit = 1ull << capability;

	return !(first_capabilities & bit) ||
	       capabilities_of(preload_serve_pid()) & bit;
}

/* Objects, memory and pages that are left at the end */

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
		preload_close_model(fd);
	}
}

static void say_leak(const struct iommufd_model_allocation *leak, void *data)
{
	char name[80] = "";

	(void)data;
	/*
	 * Memory without a label, such as the table of descriptors, is not
	 * reported.
	 */
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
	return n > 1 + preload_serve_threads();
}

/* Tell whether a file was there before the program began. */
static bool is_old(const struct stat *info)
{
	const char *old = getenv("IOMMUFD_MODEL_EXEC_OLD_RECORD");
	char is[80];

	snprintf(is, sizeof(is), "%ju %jd %ld", (uintmax_t)info->st_ino,
		 (intmax_t)info->st_mtim.tv_sec, info->st_mtim.tv_nsec);
	return old && !strcmp(old, is);
}

static void save_record(void)
{
	char path[4096];
	struct stat info;
	int rc;

	if (!record)
		return;
	iommufd_model_observe_stop();
	/*
	 * If there are several processes, the first one that ends writes the
	 * file that was asked for; the others add their number to its name.
	 */
	if (!stat(record_path, &info) && info.st_size && !is_old(&info))
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

	preload_serve_wait();
	say_descriptors();
	iommufd_model_each_mapping(say_mapping, NULL);
	iommufd_model_fail_nth(0);
	if (has_other_threads()) {
		/*
		 * Other threads may still be inside the model, and hold what
		 * they use.
		 */
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

/*
 * Several threads and signal handlers may call this; only the first call has an
 * effect.  A child after vfork() has the parent's memory, so it must not end
 * the parent's model.
 */
void preload_end(void)
{
	if (used && preload_is_owner() &&
	    !__atomic_exchange_n(&ended, true, __ATOMIC_SEQ_CST))
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

static bool has_kind(enum kind kind)
{
	int fd;

	for (fd = 0; fd <= preload_last_fd(); fd++)
		if (kind_of(fd) == kind)
			return true;
	return false;
}

/*
 * A child gets a link to the process that has the files.  If the process is a
 * child that has inherited files and has also opened files of its own, its
 * child gets only the latter.
 */
void preload_fork_prepare(struct preload_fork *fork)
{
	fork->prepared = NULL;
	fork->ends[0] = fork->ends[1] = -1;
	if (used && preload_is_owner() && has_kind(KIND_FILE)) {
		if (!link_make(fork->ends))
			return;
		fork->prepared = preload_serve_prepare();
		preload_serve_stop();
		iommufd_model_children_share = true;
	} else if (has_kind(KIND_REMOTE)) {
		fork->ends[0] = preload_remote_prepare();
	}
}

static void drop(int link)
{
	if (link >= 0)
		preload_drop_private(link);
}

void preload_fork_parent(struct preload_fork *fork, int pid)
{
	bool good = pid > 0;

	preload_serve_go_on();
	iommufd_model_children_share = false;
	drop(fork->ends[0]);
	if (!fork->prepared)
		drop(fork->ends[1]);
	else if (good)
		preload_serve_parent(fork->prepared, fork->ends[1], pid);
	else
		preload_serve_undo(fork->prepared);
	if (fork->prepared && !good)
		drop(fork->ends[1]);
}

/*
 * The child's copy of the model is left as it is: another thread of the parent
 * may have been using it, and does not exist in the child.
 */
void preload_fork_child(struct preload_fork *fork)
{
	int link = fork ? fork->ends[0] : -1, fd;
	enum kind served = fork && fork->prepared ? KIND_FILE : KIND_REMOTE;
	enum kind kind;

	ended = used = false;
	if (record)
		iommufd_model_observe_stop();
	record = NULL;
	iommufd_model_children_share = false;
	preload_table_forked();
	preload_serve_forked();
	for (fd = 0; fd <= preload_last_fd(); fd++) {
		kind = kind_of(fd);
		if (kind == KIND_FILE || kind == KIND_REMOTE)
			preload_set_kind(fd, link >= 0 && kind == served ?
					 KIND_REMOTE : KIND_LOST);
		else if (kind == KIND_LINK && fd != link)
			preload_drop_private(fd);
	}
	if (link >= 0)
		preload_remote_begin(link);
}

static __thread struct preload_fork *forking
	__attribute__((tls_model("initial-exec")));

/*
 * A fork() inside of the C library, such as that of daemon(), only calls this
 * function.
 */
static void forked_elsewhere(void)
{
	if (!forking && preload_last_fd() >= 0)
		preload_fork_child(NULL);
}

EXPORT pid_t fork(void)
{
	struct preload_fork fork;
	pid_t pid;

	if (preload_last_fd() < 0)
		return REAL(fork)();
	preload_fork_prepare(&fork);
	forking = &fork;
	pid = REAL(fork)();
	forking = NULL;
	if (pid)
		preload_fork_parent(&fork, pid);
	else
		preload_fork_child(&fork);
	return pid;
}

extern pid_t __fork(void) EXPORT_AS("fork");

/*
 * In a kernel, the descriptors of a child are closed when a wait reports its
 * end.  So a wait has to wait here until the server has closed them.
 */

static pid_t reaped(pid_t pid, const int *status)
{
	int saved = errno;

	if (used && pid > 0 &&
	    (!status || WIFEXITED(*status) || WIFSIGNALED(*status)) &&
	    preload_is_owner())
		preload_serve_reaped(pid);
	errno = saved;
	return pid;
}

EXPORT pid_t waitpid(pid_t pid, int *status, int options)
{
	int own;

	if (!status)
		status = &own;
	return reaped(REAL(waitpid)(pid, status, options), status);
}

extern pid_t __waitpid(pid_t pid, int *status, int options)
	EXPORT_AS("waitpid");

EXPORT pid_t wait(int *status)
{
	return waitpid(-1, status, 0);
}

EXPORT pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
	int own;

	if (!status)
		status = &own;
	return reaped(REAL(wait4)(pid, status, options, usage), status);
}

EXPORT pid_t wait3(int *status, int options, struct rusage *usage)
{
	return wait4(-1, status, options, usage);
}

EXPORT int waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	siginfo_t own = { .si_pid = 0 };
	int rc;

	if (!info)
		info = &own;
	rc = REAL(waitid)(type, id, info, options);
	if (!rc && info->si_pid && (info->si_code == CLD_EXITED ||
				    info->si_code == CLD_KILLED ||
				    info->si_code == CLD_DUMPED))
		reaped(info->si_pid, NULL);
	return rc;
}

/*
 * Find descriptors that an earlier program in the same process has left open.
 */
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
	first_capabilities = capabilities_of(0);
	pthread_atfork(NULL, NULL, forked_elsewhere);
	at_quick_exit(preload_end);
	find_lost();
}

__attribute__((destructor)) static void end(void)
{
	preload_end();
}
