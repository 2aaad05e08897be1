// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The side of link.h that a child process has: a system call on an inherited
 * descriptor is a request to the process that has the model.
 *
 * A process gets one link when it is forked.  When one of its threads needs a
 * link, it asks over the first link for one of its own.
 *
 * main_lock is held while a thread asks for a link over the process's first
 * one.  mappings_lock guards the list of mappings, whose head is also read
 * without it to see that the list is empty.  The two are never held together.
 */
#include "link.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * A mapping of a file of the model.  It is at @start here and at @there in the
 * server.
 */
struct mapping {
	struct mapping *next;
	unsigned long start, there;
	size_t length;
};

static int main_link = -1;
static pthread_mutex_t main_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t mappings_lock = PTHREAD_MUTEX_INITIALIZER;
static struct mapping *mappings;
static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static pthread_key_t key;

/* The number of the thread's link plus 1; 0: the thread has no link. */
static __thread int own_link __attribute__((tls_model("initial-exec")));

/* Requests */

/* Do what the server asks this process to do while it works on a request. */
static bool oblige(int link, struct link_message *message, int fd)
{
	int number = (int)message->args[0];

	switch (message->op) {
	case LINK_RESERVE:
		number = REAL(open)("/dev/zero", 3 | (number & O_CLOEXEC));
		message->result = number < 0 ? -errno : number;
		return link_send(link, message, -1);
	case LINK_UNRESERVE:
		REAL(close)(number);
		return true;
	case LINK_INSTALL:
		if (fd >= 0) {
			REAL(dup3)(fd, number,
				   REAL(fcntl)(number, F_GETFD) & FD_CLOEXEC ?
					   O_CLOEXEC : 0);
			REAL(close)(fd);
		}
		preload_set_kind(number, KIND_REMOTE);
		return true;
	default:
		return false;
	}
}

/*
 * Send a request and wait for its result.  *@give is set to the descriptor that
 * comes with the result, or to -1.
 */
static long ask(int link, struct link_message *message, int fd, int *give)
{
	enum link_op op = message->op;

	message->pid = getpid();
	message->fail = preload_faults_take();
	if (!link_send(link, message, fd))
		goto out_gone;
	while (link_receive(link, message, give)) {
		if (message->op == LINK_DONE) {
			preload_faults_give(message->fail);
			return message->result;
		}
		if (!oblige(link, message, *give))
			break;
	}
out_gone:
	if (op != LINK_CLOSE)
		preload_say("process %d uses a descriptor of a process that "
			    "has ended", getpid());
	return -EBADF;
}

/* Send a request with one end of a new link; returns the other end. */
static int ask_for_link(enum link_op op)
{
	struct link_message message = { .op = op };
	int ends[2], give;
	long rc;

	if (main_link < 0 || !link_make(ends))
		return -1;
	pthread_mutex_lock(&main_lock);
	rc = ask(main_link, &message, ends[1], &give);
	pthread_mutex_unlock(&main_lock);
	preload_drop_private(ends[1]);
	if (!rc)
		return ends[0];
	preload_drop_private(ends[0]);
	return -1;
}

static void close_link(void *value)
{
	preload_drop_private((int)(intptr_t)value - 1);
	own_link = 0;
}

static void make_key(void)
{
	pthread_key_create(&key, close_link);
}

static long request(struct link_message *message, int *give)
{
	pthread_once(&key_once, make_key);
	if (!own_link) {
		own_link = ask_for_link(LINK_THREAD) + 1;
		if (!own_link)
			return -EBADF;
		pthread_setspecific(key, (void *)(intptr_t)own_link);
	}
	return ask(own_link - 1, message, -1, give);
}

static long simple(enum link_op op, long a, long b, long c, long d)
{
	struct link_message message = { .op = op, .args = { a, b, c, d } };
	int give;

	return request(&message, &give);
}

/* System calls */

long preload_remote_ioctl(int fd, unsigned long cmd, void *arg)
{
	return simple(LINK_IOCTL, fd, (long)cmd, (long)arg, 0);
}

ssize_t preload_remote_transfer(int fd, bool write, const struct iovec *iov,
				int n, off64_t pos)
{
	return simple(write ? LINK_WRITE : LINK_READ, fd, (long)iov, n, pos);
}

int preload_remote_close(int fd)
{
	if (!preload_is_owner())
		return REAL(close)(fd) ? -errno : 0;
	simple(LINK_CLOSE, fd, 0, 0, 0);
	preload_set_kind(fd, KIND_OTHER);
	return REAL(close)(fd) ? -errno : 0;
}

void preload_remote_replaced(int fd)
{
	if (preload_is_owner())
		simple(LINK_CLOSE, fd, 0, 0, 0);
}

int preload_remote_duplicated(int fd, int copy)
{
	long rc = preload_is_owner() ? simple(LINK_DUP, fd, copy, 0, 0) : 0;

	if (!rc)
		preload_set_kind(copy, KIND_REMOTE);
	return (int)rc;
}

long preload_remote_flags(int fd, int cmd, long arg)
{
	return simple(LINK_FCNTL, fd, cmd, arg, 0);
}

bool preload_remote_linked(void)
{
	return main_link >= 0;
}

bool preload_remote_memory(int pid, unsigned long *pinned,
			   unsigned long *locked)
{
	struct link_message message = { .op = LINK_MEMORY, .args = { pid } };
	int give;

	if (main_link < 0 || request(&message, &give))
		return false;
	*pinned = message.pinned;
	*locked = message.locked;
	return true;
}

/* Mappings */

static void note_mapping(unsigned long start, size_t length,
			 unsigned long there)
{
	struct mapping *mapping = malloc(sizeof(*mapping));

	if (!mapping)
		return;
	mapping->start = start;
	mapping->length = length;
	mapping->there = there;
	pthread_mutex_lock(&mappings_lock);
	mapping->next = mappings;
	__atomic_store_n(&mappings, mapping, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&mappings_lock);
}

long preload_remote_mmap(int fd, size_t length, int prot, int flags,
			 off64_t offset)
{
	struct link_message message = {
		.op = LINK_MMAP,
		.args = { fd, (long)length, prot, flags, (long)offset },
	};
	int memory = -1;
	long there = request(&message, &memory), here;

	if (memory < 0)
		return there < 0 && there >= -4095 ? there : -ENODEV;
	here = preload_raw(SYS_mmap, 0, (long)length, prot, MAP_SHARED, memory,
			   message.args[0]);
	REAL(close)(memory);
	if (here == -1) {
		simple(LINK_MUNMAP, there, (long)length, 0, 0);
		return -ENOMEM;
	}
	note_mapping((unsigned long)here, length, (unsigned long)there);
	return here;
}

bool preload_remote_munmap(unsigned long start, size_t length)
{
	struct mapping **p, *mapping = NULL;

	if (likely_true(!__atomic_load_n(&mappings, __ATOMIC_ACQUIRE)))
		return false;
	pthread_mutex_lock(&mappings_lock);
	for (p = &mappings; *p && !mapping; p = mapping ? p : &(*p)->next) {
		if ((*p)->start != start || (*p)->length != length)
			continue;
		mapping = *p;
		*p = mapping->next;
	}
	pthread_mutex_unlock(&mappings_lock);
	if (!mapping)
		return false;
	/*
	 * An inherited mapping is in the range of addresses that src/kernel
	 * reserves for mappings, and this range has to stay reserved.
	 */
	if (mapping->start == mapping->there)
		preload_raw(SYS_mmap, (long)start, (long)length, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
				    MAP_FIXED, -1, 0);
	else
		preload_raw(SYS_munmap, (long)start, (long)length, 0, 0, 0, 0);
	simple(LINK_MUNMAP, (long)mapping->there, (long)length, 0, 0);
	free(mapping);
	return true;
}

/* fork() of a process that is itself a child */

int preload_remote_prepare(void)
{
	return ask_for_link(LINK_CHILD);
}

static void inherit_mapping(unsigned long start, unsigned long size, void *data)
{
	(void)data;
	note_mapping(start, size, start);
}

void preload_remote_begin(int link)
{
	main_link = link;
	own_link = 0;
	/*
	 * The server reads and writes the memory of this process.  It need not
	 * be an ancestor that still lives, so any process is allowed to do so.
	 */
	prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY, 0, 0, 0);
	iommufd_model_each_mapping(inherit_mapping, NULL);
	iommufd_model_forget_mappings();
}
