// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The readiness of files that can be polled: event queues.
 *
 * A holder has an eventfd with a private number.  Its counter is 1 while the
 * file is ready for reading, and 0 otherwise.  If the queue can also be written
 * to, the program's descriptor is this eventfd, which is always ready for
 * writing.  Otherwise it is an epoll descriptor that watches the eventfd.
 *
 * The holder is in the wait queues of the file, like a thread in poll().  A
 * wake-up raises the counter at once.  What can make the file less ready (a
 * read, a write, an ioctl) is followed by a refresh, which lowers the counter
 * if the file is not ready.  A refresh asks the file again after it has lowered
 * the counter, so that an event in between is not lost.
 *
 * A holder belongs to a file, and all descriptors of the file share it,
 * including those of children: a child gets the descriptor that it polls when
 * it makes the file, or inherits it.  holders_lock guards the list and the
 * counts of users.
 */
#include "preload.h"
#include <iommufd_model/kernel/poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define MAX_QUEUES 4

/*
 * struct holder - makes the descriptors of a file ready
 * @event: the private eventfd
 * @raised: the counter of @event is 1, or is about to become 1
 * @lock: held during a refresh
 * @users: number of descriptors, and of threads that are about to refresh it
 * @descriptors: number of descriptors; when the last one is closed, the holder
 *	leaves the wait queues, because the file is released then
 */
struct holder {
	struct holder *next;
	struct file *file;
	int event;
	bool raised;
	pthread_mutex_t lock;
	int users, descriptors;
	poll_table table;
	int nr;
	struct queue_entry {
		struct wait_queue_entry wait;
		wait_queue_head_t *wq;
		struct holder *holder;
	} queues[MAX_QUEUES];
};

static pthread_mutex_t holders_lock = PTHREAD_MUTEX_INITIALIZER;
static struct holder *holders;
int preload_nr_ready;

static void raise_event(struct holder *holder)
{
	if (__atomic_exchange_n(&holder->raised, true, __ATOMIC_SEQ_CST))
		return;
	__atomic_fetch_add(&preload_nr_ready, 1, __ATOMIC_RELAXED);
	eventfd_write(holder->event, 1);
}

static void lower_event(struct holder *holder)
{
	eventfd_t value;

	if (!__atomic_load_n(&holder->raised, __ATOMIC_SEQ_CST))
		return;
	eventfd_read(holder->event, &value);
	__atomic_store_n(&holder->raised, false, __ATOMIC_SEQ_CST);
	__atomic_fetch_sub(&preload_nr_ready, 1, __ATOMIC_RELAXED);
}

static bool is_ready(struct holder *holder)
{
	return vfs_poll(holder->file, NULL) & EPOLLIN;
}

void preload_holder_refresh(struct holder *holder)
{
	pthread_mutex_lock(&holder->lock);
	if (!is_ready(holder)) {
		lower_event(holder);
		if (is_ready(holder))
			raise_event(holder);
	} else {
		raise_event(holder);
	}
	pthread_mutex_unlock(&holder->lock);
}

static int woken(struct wait_queue_entry *wait, unsigned int mode, int flags,
		 void *key)
{
	(void)mode;
	(void)flags;
	(void)key;
	raise_event(container_of(wait, struct queue_entry, wait)->holder);
	return 1;
}

static void add_queue(struct file *file, wait_queue_head_t *wq,
		      poll_table *table)
{
	struct holder *holder = container_of(table, struct holder, table);
	struct queue_entry *entry = &holder->queues[holder->nr];

	(void)file;
	if (holder->nr == MAX_QUEUES)
		return;
	holder->nr++;
	entry->wq = wq;
	entry->holder = holder;
	init_waitqueue_func_entry(&entry->wait, woken);
	add_wait_queue(wq, &entry->wait);
}

/*
 * Return a descriptor for poll(), or -1 on error.  @can_write: the file can
 * also be ready for writing.
 */
static int polled_descriptor(struct holder *holder, bool can_write)
{
	struct epoll_event event = { .events = EPOLLIN };
	int fd;

	if (can_write)
		return REAL(fcntl)(holder->event, F_DUPFD_CLOEXEC, 0);
	fd = epoll_create1(EPOLL_CLOEXEC);
	if (fd >= 0 &&
	    epoll_ctl(fd, EPOLL_CTL_ADD, holder->event, &event)) {
		REAL(close)(fd);
		fd = -1;
	}
	return fd;
}

static void publish(struct holder *holder)
{
	pthread_mutex_lock(&holders_lock);
	holder->next = holders;
	__atomic_store_n(&holders, holder, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&holders_lock);
}

int preload_holder_create(struct file *file)
{
	struct holder *holder;
	__poll_t ready;
	int fd = -1;

	if (!file_can_poll(file))
		return -1;
	holder = calloc(1, sizeof(*holder));
	if (!holder)
		return -1;
	holder->file = file;
	holder->users = holder->descriptors = 1;
	pthread_mutex_init(&holder->lock, NULL);
	holder->event = preload_make_private(eventfd(0, EFD_NONBLOCK |
						     EFD_CLOEXEC));
	init_poll_funcptr(&holder->table, add_queue);
	ready = vfs_poll(file, &holder->table);
	if (holder->event >= 0)
		fd = polled_descriptor(holder, ready & EPOLLOUT);
	if (fd < 0)
		preload_say("poll() will not tell when %s is ready: %s",
			    file->f_name, strerror(errno));
	if (ready & EPOLLIN)
		raise_event(holder);
	publish(holder);
	return fd;
}

/* Find the holder of a file.  holders_lock is held. */
static struct holder *find(const struct file *file)
{
	struct holder *holder = holders;

	while (holder && (holder->file != file || !holder->descriptors))
		holder = holder->next;
	return holder;
}

static bool none(void)
{
	return likely_true(!__atomic_load_n(&holders, __ATOMIC_ACQUIRE));
}

void preload_holder_share(struct file *file)
{
	struct holder *holder;

	if (none())
		return;
	pthread_mutex_lock(&holders_lock);
	holder = find(file);
	if (holder) {
		holder->users++;
		holder->descriptors++;
	}
	pthread_mutex_unlock(&holders_lock);
}

static void leave_queues(struct holder *holder)
{
	while (holder->nr) {
		holder->nr--;
		remove_wait_queue(holder->queues[holder->nr].wq,
				  &holder->queues[holder->nr].wait);
	}
}

struct holder *preload_holder_get(struct file *file)
{
	struct holder *holder;

	if (none())
		return NULL;
	pthread_mutex_lock(&holders_lock);
	holder = find(file);
	if (holder)
		holder->users++;
	pthread_mutex_unlock(&holders_lock);
	return holder;
}

void preload_holder_put(struct holder *holder)
{
	struct holder **p;

	pthread_mutex_lock(&holders_lock);
	if (--holder->users) {
		pthread_mutex_unlock(&holders_lock);
		return;
	}
	for (p = &holders; *p != holder; p = &(*p)->next)
		;
	*p = holder->next;
	pthread_mutex_unlock(&holders_lock);
	lower_event(holder);
	preload_drop_private(holder->event);
	pthread_mutex_destroy(&holder->lock);
	free(holder);
}

void preload_holder_drop(struct file *file)
{
	struct holder *holder;
	bool last;

	if (none())
		return;
	pthread_mutex_lock(&holders_lock);
	holder = find(file);
	last = holder && !--holder->descriptors;
	pthread_mutex_unlock(&holders_lock);
	if (last)
		leave_queues(holder);
	if (holder)
		preload_holder_put(holder);
}

/*
 * Return the next holder that is ready, behind the first *@visited ones, and
 * take a reference to its file.
 */
static struct holder *next_ready(unsigned int *visited)
{
	struct holder *holder;
	unsigned int i = 0;

	pthread_mutex_lock(&holders_lock);
	for (holder = holders; holder; holder = holder->next)
		if (i++ >= *visited &&
		    __atomic_load_n(&holder->raised, __ATOMIC_RELAXED) &&
		    holder->descriptors)
			break;
	if (holder) {
		holder->users++;
		/*
		 * The file has a reference: that of its last descriptor is
		 * dropped under holders_lock, or later.
		 */
		get_file(holder->file);
	}
	*visited = i;
	pthread_mutex_unlock(&holders_lock);
	return holder;
}

void preload_holders_refresh(void)
{
	struct holder *holder;
	struct file *file;
	unsigned int visited = 0;

	iommufd_model_enter();
	while ((holder = next_ready(&visited))) {
		file = holder->file;
		preload_holder_refresh(holder);
		preload_holder_put(holder);
		fput(file);
	}
	iommufd_model_leave();
}
