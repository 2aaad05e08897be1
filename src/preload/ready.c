// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The readiness of files that can be polled: event queues.
 *
 * A holder has an eventfd with a private number.  Its counter is 1 while the
 * file is ready for reading, and 0 otherwise.  A queue that is ready for writing
 * too has this eventfd as its descriptor, which always is.  Another queue has an
 * epoll descriptor that watches the eventfd.
 *
 * The holder stands in the wait queues of the file, as a thread in poll() would.
 * A wake-up raises the counter at once.  What can make the file less ready (a
 * read, a write, an ioctl) is followed by a refresh, which lowers the counter if
 * the file is not ready.  A refresh asks the file again after it has lowered the
 * counter, so that an event in between is not lost.
 *
 * A holder belongs to a file, and all duplicates of a descriptor share it.
 * holders_lock guards the table, the list and the counts of users.
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
 * struct holder - @event: the private eventfd; @raised: its counter is 1, or is
 * about to be; @lock: held for a refresh; @users: descriptors, and threads that
 * are about to refresh it; @descriptors: when the last one is closed, the
 * holder leaves the wait queues, because the file is released then.
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
static struct holder *by_fd[NR_FDS];
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

/* Makes @fd a holder; @can_write: the file is ready for writing, too. */
static bool make_descriptor(struct holder *holder, int fd, bool can_write)
{
	int flags = REAL(fcntl)(fd, F_GETFD) & FD_CLOEXEC ? O_CLOEXEC : 0;
	struct epoll_event event = { .events = EPOLLIN };
	int other;
	bool good;

	if (can_write)
		return REAL(dup3)(holder->event, fd, flags) >= 0;
	other = epoll_create1(EPOLL_CLOEXEC);
	if (other < 0)
		return false;
	good = !epoll_ctl(other, EPOLL_CTL_ADD, holder->event, &event) &&
	       REAL(dup3)(other, fd, flags) >= 0;
	REAL(close)(other);
	return good;
}

static void publish(int fd, struct holder *holder)
{
	pthread_mutex_lock(&holders_lock);
	by_fd[fd] = holder;
	holder->next = holders;
	holders = holder;
	pthread_mutex_unlock(&holders_lock);
}

void preload_holder_create(int fd, struct file *file)
{
	struct holder *holder;
	__poll_t ready;

	if (!file_can_poll(file))
		return;
	holder = calloc(1, sizeof(*holder));
	if (!holder)
		return;
	holder->file = file;
	holder->users = holder->descriptors = 1;
	pthread_mutex_init(&holder->lock, NULL);
	holder->event = preload_make_private(eventfd(0, EFD_NONBLOCK |
						     EFD_CLOEXEC));
	init_poll_funcptr(&holder->table, add_queue);
	ready = vfs_poll(file, &holder->table);
	if (holder->event < 0 ||
	    !make_descriptor(holder, fd, ready & EPOLLOUT))
		preload_say("descriptor %d: poll() will not tell when %s is "
			    "ready: %s", fd, file->f_name, strerror(errno));
	if (ready & EPOLLIN)
		raise_event(holder);
	publish(fd, holder);
}

void preload_holder_share(int fd, int copy)
{
	struct holder *holder;

	pthread_mutex_lock(&holders_lock);
	holder = by_fd[fd];
	by_fd[copy] = holder;
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

struct holder *preload_holder_get(int fd)
{
	struct holder *holder;

	if (!__atomic_load_n(&by_fd[fd], __ATOMIC_RELAXED))
		return NULL;
	pthread_mutex_lock(&holders_lock);
	holder = by_fd[fd];
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

void preload_holder_drop(int fd)
{
	struct holder *holder;
	bool last;

	if (!__atomic_load_n(&by_fd[fd], __ATOMIC_RELAXED))
		return;
	pthread_mutex_lock(&holders_lock);
	holder = by_fd[fd];
	by_fd[fd] = NULL;
	last = holder && !--holder->descriptors;
	pthread_mutex_unlock(&holders_lock);
	if (last)
		leave_queues(holder);
	if (holder)
		preload_holder_put(holder);
}

/*
 * Returns a holder that is ready, after those that were visited, with a
 * reference to its file.
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
		/* The last descriptor's reference is dropped after this lock. */
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
