// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The server's side of link.h: it does the requests of children that use the
 * descriptors of this process.
 *
 * A client is a child process.  In the table of descriptors in src/kernel a
 * client has a part of its own, which gets the files of this process, or of the
 * client that forks, before the child runs.  Its mappings are duplicated like
 * those of a fork().  When its last link is closed, its mappings and files are
 * closed, as at the end of a process.
 *
 * Memory of a client can be pinned only if this process has mapped it, too: as
 * a shared mapping that both have inherited, or as the same memory file.  This
 * is found out from /proc/PID/maps.  Other memory of a client can be reached
 * only during a call of the client, so its pages cannot be pinned.
 *
 * Locks.  A thread of the server holds at_work for reading while it works on a
 * request, outside all other locks.  clients_lock guards the list of clients,
 * the workers that wait, and the members of a client but for its mappings,
 * which client->lock guards.  The two are never held together.  While a client
 * forks, its lock is held outside that of the new client.
 */
#include "link.h"
#include <iommufd_model/kernel/page.h>
#include <iommufd_model/model.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define FDS_BITS 20

/* A mapping of a client; @start is its address in this process. */
struct client_mapping {
	struct client_mapping *next;
	unsigned long start;
	size_t length;
};

/*
 * struct client - a child process that uses descriptors of this process
 * @links: number of threads that work for it
 * @last_fd: its highest descriptor, or a higher number
 * @process: its memory, as the model counts it
 * @lock: guards @mappings; clients_lock guards the other members
 */
struct client {
	struct client *next;
	int pid, links, last_fd;
	unsigned long base;
	void *process;
	pthread_mutex_t lock;
	struct client_mapping *mappings;
};

/*
 * A thread of the server.  When its link is closed, it waits for another one.
 */
struct worker {
	struct worker *next;
	pthread_cond_t given;
	struct client *client;	/* NULL: the thread waits */
	int link;
	bool there;		/* the thread has begun to run */
};

static pthread_mutex_t clients_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t clients_gone = PTHREAD_COND_INITIALIZER;
static struct client *clients;
/*
 * in a child: the clients of its parent, from the copy of the parent's memory
 */
static struct client *of_parent;
static unsigned long last_base;

/*
 * Held for reading while a thread of the server works on a request, and for
 * writing during fork().  Otherwise a lock of src/kernel, or of a sanitizer's
 * allocator, might be held at the fork and stay locked in the child for ever.
 * For the same reason the threads do not end.  A request only waits for other
 * requests, and these end, unless a client is stopped while it is asked for a
 * descriptor.  So the wait has a limit, which is far above the time that a
 * request takes on a busy machine.
 */
static pthread_rwlock_t at_work =
	PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
static __thread bool stopped_work __attribute__((tls_model("initial-exec")));
#define FORK_WAIT_SECONDS 60

/*
 * The workers that wait, and the number of all workers; guarded by
 * clients_lock.
 */
static struct worker *idle;
static struct worker *idle_of_parent;
static int nr_workers;

/* The client that this thread works for; NULL: this process. */
static __thread struct client *client
	__attribute__((tls_model("initial-exec")));
static __thread int link_fd __attribute__((tls_model("initial-exec")));
/* The process to whose memory user addresses refer; 0: this process. */
static __thread int memory_pid __attribute__((tls_model("initial-exec")));

/* Only a kernel tree has this function. */
__attribute__((weak)) int iommufd_model_open_node(const char *node);
/* These functions are in src/iommufd/process.c or src/linux/memory.c. */
void *iommufd_model_process_new(int pid);
void iommufd_model_process_end(void *process);
void iommufd_model_process_select(void *process);
bool iommufd_model_process_memory(int pid, unsigned long *pinned,
				  unsigned long *locked);
int iommufd_model_remote_select(int pid);
unsigned long iommufd_model_remote_page(unsigned long addr, bool write);

bool preload_serving(void)
{
	return client;
}

int preload_serve_pid(void)
{
	return client ? client->pid : 0;
}

unsigned long preload_serve_base(void)
{
	return client ? client->base : 0;
}

/* Memory of the client */

int iommufd_model_remote_select(int pid)
{
	int before = memory_pid;

	memory_pid = pid;
	return before;
}

/* A function of ThreadSanitizer's runtime, if the program is built with it. */
void __tsan_init(void) __attribute__((weak));

/*
 * The model catches a fault in a copy, and leaves the signal handler by a jump.
 * ThreadSanitizer sets the counters of what a thread ignores to zero while a
 * handler runs, so after the jump the call that the program has made would leave
 * what it has not entered: clang's runtime then ends the program.  So with
 * ThreadSanitizer the process asks the system for its own memory, too, and there
 * is no fault.
 */
static int pid_of_memory(void)
{
	return memory_pid || likely_true(!__tsan_init) ? memory_pid : getpid();
}

static bool copy_remote(void *to, const void *from, const void *user,
			unsigned long n, unsigned long *left)
{
	const int pid = pid_of_memory();
	struct iovec here, there;
	ssize_t done;

	if (likely_true(!pid))
		return false;
	here.iov_base = user == to ? (void *)(uintptr_t)from : to;
	there.iov_base = (void *)(uintptr_t)user;
	here.iov_len = there.iov_len = n;
	done = user == to ?
		process_vm_writev(pid, &here, 1, &there, 1, 0) :
		process_vm_readv(pid, &here, 1, &there, 1, 0);
	*left = done < 0 ? n : n - (unsigned long)done;
	return true;
}

/* A line of /proc/PID/maps. */
struct area {
	unsigned long start, end, offset, ino;
	unsigned int major, minor;
	char rights[5];
};

/*
 * Find the first area for which @fits returns true; returns false if there is
 * none.
 */
static bool find_area(int pid, struct area *area,
		      bool (*fits)(const struct area *area, const void *data),
		      const void *data)
{
	char path[64], line[PATH_MAX + 128];
	bool found = false;
	FILE *maps;

	snprintf(path, sizeof(path), "/proc/%d/maps", pid);
	maps = REAL(fopen64)(path, "re");
	while (maps && !found && fgets(line, sizeof(line), maps))
		found = sscanf(line, "%lx-%lx %4s %lx %x:%x %lu", &area->start,
			       &area->end, area->rights, &area->offset,
			       &area->major, &area->minor, &area->ino) == 7 &&
			fits(area, data);
	if (maps)
		fclose(maps);
	return found;
}

static bool has_address(const struct area *area, const void *data)
{
	unsigned long addr = *(const unsigned long *)data;

	return area->start <= addr && addr < area->end;
}

/* True if @area maps the byte of a file that @data has as its offset. */
static bool is_same(const struct area *area, const void *data)
{
	const struct area *other = data;

	return area->rights[3] == 's' && area->ino == other->ino &&
	       area->major == other->major && area->minor == other->minor &&
	       area->offset <= other->offset &&
	       other->offset - area->offset < area->end - area->start;
}

/*
 * Return the address in this process of memory at @addr in the client, or 0.
 * The model knows a page by the address that the user gave, so for the model
 * the two addresses have to be equal.
 */
static unsigned long find_here(unsigned long addr, bool write)
{
	struct area there, here;
	unsigned long found = 0;

	if (!find_area(memory_pid, &there, has_address, &addr) ||
	    there.rights[0] != 'r' || (write && there.rights[1] != 'w'))
		return 0;
	there.offset += (addr & PAGE_MASK) - there.start;
	if (there.rights[3] == 's' &&
	    find_area(getpid(), &here, is_same, &there))
		found = here.start + (there.offset - here.offset) +
			(addr & ~PAGE_MASK);
	if (found && !iommufd_model_open_node && found != addr)
		found = 0;
	if (!found)
		preload_say("process %d has memory at %#lx that the process "
			    "with the model does not share%s: it cannot be "
			    "pinned here (docs/programs.md)", memory_pid, addr,
			    iommufd_model_open_node ? "" :
			    " at this address");
	return found;
}

unsigned long iommufd_model_remote_page(unsigned long addr, bool write)
{
	unsigned long left;
	char byte;

	if (memory_pid)
		return find_here(addr, write);
	return copy_remote(&byte, (void *)addr, (void *)addr, 1, &left) &&
	       left ? 0 : addr;
}

static const struct iommufd_model_remote remote = {
	.copy = copy_remote, .page = iommufd_model_remote_page,
};

/* Called when there are no clients yet, or no more. */
static void only_own_memory(void)
{
	iommufd_model_remote = __tsan_init ? &remote : NULL;
}

__attribute__((constructor)) static void begin(void)
{
	only_own_memory();
}

int preload_serve_foreign(int fd)
{
	int process = (int)preload_raw(SYS_pidfd_open, client->pid, 0, 0, 0, 0,
				       0);
	int copy = -1;

	if (process >= 0) {
		copy = (int)preload_raw(SYS_pidfd_getfd, process, fd, 0, 0, 0,
					0);
		REAL(close)(process);
	}
	return copy;
}

/* Functions that src/kernel calls for descriptors of the client */

static void note_fd(int fd)
{
	pthread_mutex_lock(&clients_lock);
	if (fd > client->last_fd)
		client->last_fd = fd;
	pthread_mutex_unlock(&clients_lock);
}

int preload_serve_reserve(unsigned int flags)
{
	struct link_message message = {
		.op = LINK_RESERVE, .args = { (long)flags },
	};
	int fd;

	if (!link_send(link_fd, &message, -1) ||
	    !link_receive(link_fd, &message, &fd))
		return -EMFILE;
	if (message.result >= 0)
		note_fd((int)message.result);
	return (int)message.result;
}

void preload_serve_unreserve(int fd)
{
	struct link_message message = {
		.op = LINK_UNRESERVE, .args = { fd },
	};

	link_send(link_fd, &message, -1);
}

void preload_serve_installed(int fd, int polled)
{
	struct link_message message = { .op = LINK_INSTALL, .args = { fd } };

	link_send(link_fd, &message, polled);
	if (polled >= 0)
		REAL(close)(polled);
}

/* Mappings of the client */

static void add_mapping(struct client *of, unsigned long start, size_t length)
{
	struct client_mapping *mapping = malloc(sizeof(*mapping));

	if (!mapping)
		return;
	mapping->start = start;
	mapping->length = length;
	pthread_mutex_lock(&of->lock);
	mapping->next = of->mappings;
	of->mappings = mapping;
	pthread_mutex_unlock(&of->lock);
}

static long serve_mmap(struct link_message *message, int *file)
{
	const long *a = message->args;
	u64 offset = 0;
	long at = (long)iommufd_model_mmap((int)a[0], (size_t)a[1], (int)a[2],
					   (int)a[3], (u64)a[4]);

	if (at < 0 && at >= -4095)
		return at;
	*file = iommufd_model_device_file((unsigned long)at, &offset);
	message->args[0] = (long)offset;
	add_mapping(client, (unsigned long)at, (size_t)a[1]);
	return at;
}

static long serve_munmap(unsigned long start, size_t length)
{
	struct client_mapping **p, *mapping = NULL;

	pthread_mutex_lock(&client->lock);
	for (p = &client->mappings; *p; p = &(*p)->next) {
		if ((*p)->start != start || (*p)->length != length)
			continue;
		mapping = *p;
		*p = mapping->next;
		break;
	}
	pthread_mutex_unlock(&client->lock);
	if (!mapping)
		return -EINVAL;
	free(mapping);
	return iommufd_model_munmap((void *)start, length);
}

/* Clients */

static int last_file(void)
{
	int fd = preload_last_fd();

	while (fd >= 0 && kind_of(fd) != KIND_FILE)
		fd--;
	return fd;
}

static struct client *new_client(const struct client *from)
{
	struct client *new = calloc(1, sizeof(*new));

	if (!new)
		return NULL;
	pthread_mutex_init(&new->lock, NULL);
	pthread_mutex_lock(&clients_lock);
	last_base += 1ul << FDS_BITS;
	new->base = last_base;
	new->links = 1;
	new->last_fd = from ? from->last_fd : last_file();
	new->next = clients;
	clients = new;
	pthread_mutex_unlock(&clients_lock);
	iommufd_model_remote = &remote;
	return new;
}

/* Give the files of the process that forks to the new client. */
static void share_files(struct client *from, struct client *to)
{
	struct file *file;
	int fd;

	iommufd_model_enter();
	for (fd = 0; fd <= to->last_fd; fd++) {
		if (!from && kind_of(fd) != KIND_FILE)
			continue;
		client = from;
		file = iommufd_model_fd_get(fd);
		client = to;
		if (!file)
			continue;
		if (iommufd_model_fd_share(fd, file))
			fput(file);
		else
			preload_holder_share(file);
	}
	client = from;
	iommufd_model_leave();
}

static void share_mapping(unsigned long start, unsigned long size, void *data)
{
	add_mapping(data, start, size);
}

static void share_mappings(struct client *from, struct client *to)
{
	struct client_mapping *mapping;

	if (from) {
		pthread_mutex_lock(&from->lock);
		for (mapping = from->mappings; mapping; mapping = mapping->next)
			add_mapping(to, mapping->start, mapping->length);
		pthread_mutex_unlock(&from->lock);
	} else {
		iommufd_model_each_mapping(share_mapping, to);
	}
	for (mapping = to->mappings; mapping; mapping = mapping->next)
		iommufd_model_mdup((void *)mapping->start, mapping->length);
}

static struct client *clone_client(struct client *from)
{
	struct client *new = new_client(from);

	if (!new)
		return NULL;
	share_files(from, new);
	share_mappings(from, new);
	return new;
}

/* End the client: this thread has had its last link. */
static void end_client(void)
{
	struct client_mapping *mapping;
	struct client **p;
	int fd;

	if (client->process)
		iommufd_model_process_end(client->process);
	while ((mapping = client->mappings)) {
		client->mappings = mapping->next;
		iommufd_model_munmap((void *)mapping->start, mapping->length);
		free(mapping);
	}
	for (fd = 0; fd <= client->last_fd; fd++)
		preload_close_model(fd);
	pthread_mutex_destroy(&client->lock);
	pthread_mutex_lock(&clients_lock);
	for (p = &clients; *p != client; p = &(*p)->next)
		;
	*p = client->next;
	free(client);
	client = NULL;
	pthread_cond_broadcast(&clients_gone);
	pthread_mutex_unlock(&clients_lock);
}

static void leave_client(void)
{
	bool last;

	pthread_mutex_lock(&clients_lock);
	last = !--client->links;
	pthread_mutex_unlock(&clients_lock);
	if (last)
		end_client();
}

/* Links */

static void *work(void *arg);

/*
 * Start a thread for @of and wait until it runs.  It blocks the signals of the
 * program.  The wait is needed because a sanitizer allocates when a thread
 * starts, and no fork() may happen at that moment.
 */
static bool new_worker(struct client *of, int link)
{
	struct worker *worker = calloc(1, sizeof(*worker));
	pthread_attr_t attr;
	pthread_t thread;
	sigset_t all, old;
	int rc;

	if (!worker)
		return false;
	pthread_cond_init(&worker->given, NULL);
	worker->client = of;
	worker->link = link;
	sigfillset(&all);
	sigdelset(&all, SIGSEGV);
	sigdelset(&all, SIGBUS);
	REAL(pthread_sigmask)(SIG_SETMASK, &all, &old);
	pthread_mutex_lock(&clients_lock);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	rc = pthread_create(&thread, &attr, work, worker);
	pthread_attr_destroy(&attr);
	REAL(pthread_sigmask)(SIG_SETMASK, &old, NULL);
	if (rc)
		free(worker);
	else
		nr_workers++;
	while (!rc && !worker->there)
		pthread_cond_wait(&clients_gone, &clients_lock);
	pthread_mutex_unlock(&clients_lock);
	return !rc;
}

/* Give a link to a thread that waits, or else to a new one. */
static bool start(struct client *of, int link)
{
	struct worker *worker;

	pthread_mutex_lock(&clients_lock);
	worker = idle;
	if (worker) {
		idle = worker->next;
		worker->link = link;
		worker->client = of;
		pthread_cond_signal(&worker->given);
	}
	pthread_mutex_unlock(&clients_lock);
	return worker || new_worker(of, link);
}

static long serve_thread(int fd)
{
	if (fd < 0)
		return -EINVAL;
	fd = preload_make_private(fd);
	preload_set_kind(fd, KIND_LINK);
	pthread_mutex_lock(&clients_lock);
	client->links++;
	pthread_mutex_unlock(&clients_lock);
	if (start(client, fd))
		return 0;
	preload_drop_private(fd);
	leave_client();
	return -ENOMEM;
}

static long serve_child(int fd)
{
	struct client *new;

	if (fd < 0)
		return -EINVAL;
	fd = preload_make_private(fd);
	preload_set_kind(fd, KIND_LINK);
	new = clone_client(client);
	if (new && start(new, fd))
		return 0;
	preload_drop_private(fd);
	return -ENOMEM;
}

static long serve_request(struct link_message *message, int fd, int *give)
{
	const long *a = message->args;

	switch (message->op) {
	case LINK_IOCTL:
		return preload_ioctl((int)a[0], (unsigned long)a[1],
				     (void *)a[2]);
	case LINK_READ:
		return preload_readv((int)a[0], (void *)a[1], (int)a[2], a[3]);
	case LINK_WRITE:
		return preload_writev((int)a[0], (void *)a[1], (int)a[2], a[3]);
	case LINK_CLOSE:
		return preload_close((int)a[0]);
	case LINK_DUP:
		note_fd((int)a[1]);
		return preload_duplicated((int)a[0], (int)a[1]);
	case LINK_FCNTL:
		return preload_fcntl((int)a[0], (int)a[1], a[2]);
	case LINK_MMAP:
		return serve_mmap(message, give);
	case LINK_MUNMAP:
		return serve_munmap((unsigned long)a[0], (size_t)a[1]);
	case LINK_MEMORY:
		return preload_process_memory((int)a[0], &message->pinned,
					      &message->locked) ? 0 : -ENOENT;
	case LINK_THREAD:
		return serve_thread(fd);
	case LINK_CHILD:
		return serve_child(fd);
	default:
		return -EINVAL;
	}
}

static void serve_one(struct link_message *message, int fd)
{
	int give = -1;

	pthread_rwlock_rdlock(&at_work);
	if (!client->pid)
		client->pid = message->pid;
	if (!client->process)
		client->process = iommufd_model_process_new(client->pid);
	iommufd_model_process_select(client->process);
	memory_pid = client->pid;
	preload_faults_lend(message->fail);
	message->result = serve_request(message, fd, &give);
	message->fail = preload_faults_lend(0);
	message->op = LINK_DONE;
	pthread_rwlock_unlock(&at_work);
	link_send(link_fd, message, give);
}

static void serve(void)
{
	struct link_message message;
	int fd;

	while (link_receive(link_fd, &message, &fd))
		serve_one(&message, fd);
	pthread_rwlock_rdlock(&at_work);
	memory_pid = 0;
	iommufd_model_process_select(NULL);
	preload_drop_private(link_fd);
	leave_client();
	client = NULL;
	pthread_rwlock_unlock(&at_work);
}

static void *work(void *arg)
{
	struct worker *worker = arg;

	pthread_mutex_lock(&clients_lock);
	worker->there = true;
	pthread_cond_broadcast(&clients_gone);
	for (;;) {
		while (!worker->client)
			pthread_cond_wait(&worker->given, &clients_lock);
		client = worker->client;
		link_fd = worker->link;
		pthread_mutex_unlock(&clients_lock);
		serve();
		pthread_mutex_lock(&clients_lock);
		worker->client = NULL;
		worker->next = idle;
		idle = worker;
	}
	return NULL;
}

int preload_serve_threads(void)
{
	int n;

	pthread_mutex_lock(&clients_lock);
	n = nr_workers;
	pthread_mutex_unlock(&clients_lock);
	return n;
}

/* fork() of this process */

void preload_serve_stop(void)
{
	struct timespec soon;

	clock_gettime(CLOCK_REALTIME, &soon);
	soon.tv_sec += FORK_WAIT_SECONDS;
	stopped_work = !pthread_rwlock_timedwrlock(&at_work, &soon);
}

void preload_serve_go_on(void)
{
	if (stopped_work)
		pthread_rwlock_unlock(&at_work);
	stopped_work = false;
}

void *preload_serve_prepare(void)
{
	return clone_client(NULL);
}

void preload_serve_parent(void *prepared, int link, int pid)
{
	struct client *new = prepared;

	new->pid = pid;
	if (!start(prepared, link))
		preload_say("no thread can be started for a child: its "
			    "descriptors do not work");
}

void preload_serve_undo(void *prepared)
{
	client = prepared;
	leave_client();
	client = NULL;
}

void preload_serve_forked(void)
{
	static const pthread_rwlock_t fresh_rwlock =
		PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
	static const pthread_mutex_t fresh_mutex = PTHREAD_MUTEX_INITIALIZER;
	static const pthread_cond_t fresh_cond = PTHREAD_COND_INITIALIZER;

	at_work = fresh_rwlock;
	clients_lock = fresh_mutex;
	clients_gone = fresh_cond;
	stopped_work = false;
	if (!idle_of_parent)
		idle_of_parent = idle;
	idle = NULL;
	nr_workers = 0;
	client = NULL;
	memory_pid = 0;
	if (!of_parent)
		of_parent = clients;
	clients = NULL;
	only_own_memory();
}

void preload_serve_wait(void)
{
	struct timespec soon;
	struct client *one;
	int n = 0;

	clock_gettime(CLOCK_REALTIME, &soon);
	soon.tv_sec += 2;
	pthread_mutex_lock(&clients_lock);
	while (clients && !pthread_cond_timedwait(&clients_gone, &clients_lock,
						  &soon))
		;
	for (one = clients; one; one = one->next)
		n++;
	if (n)
		preload_say("waiting for %d process%s with descriptors of the "
			    "model in this one", n, n > 1 ? "es" : "");
	while (clients)
		pthread_cond_wait(&clients_gone, &clients_lock);
	pthread_mutex_unlock(&clients_lock);
}

static bool has_client(int pid)
{
	struct client *one = clients;

	while (one && one->pid != pid)
		one = one->next;
	return one;
}

void preload_serve_reaped(int pid)
{
	pthread_mutex_lock(&clients_lock);
	while (has_client(pid))
		pthread_cond_wait(&clients_gone, &clients_lock);
	pthread_mutex_unlock(&clients_lock);
}

bool preload_process_memory(int pid, unsigned long *pinned,
			    unsigned long *locked)
{
	return iommufd_model_process_memory(pid == getpid() ? 0 : pid, pinned,
					    locked);
}
