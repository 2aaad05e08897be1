// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Copies between kernel and user memory that survive bad user addresses.
 *
 * A copy stores in the thread's task where to continue after a fault.  The
 * signal handler restores the signal mask of the faulting code and jumps there.
 * A copy that does not fault makes no system call.  sigsetjmp() is used,
 * without saving the mask, because ThreadSanitizer does not support a jump from
 * a signal handler with _setjmp().
 *
 * The copying loop is not memcpy() and is not instrumented, because a sanitizer
 * would report the very accesses that are expected to fail.
 */
#define _XOPEN_SOURCE 700
#include "../watch/watch.h"
#include "ground.h"
#include "no_state.h"
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <ucontext.h>

#ifdef __clang__
#define UNCHECKED \
	__attribute__((no_sanitize("address", "thread", "undefined"), __noinline__))
#else
#define UNCHECKED \
	__attribute__((no_sanitize_address, no_sanitize_thread, \
		       no_sanitize_undefined, __noinline__))
#endif

/* The size of the chunks in which check_zeroed() reads. */
#define ZERO_CHUNK 256

static struct sigaction old_segv, old_bus;
/* glibc leaves what was on the stack in the part of the mask that has no signals. */
NO_STATE(old_segv);
NO_STATE(old_bus);
static pthread_once_t handler_once = PTHREAD_ONCE_INIT;
static bool handler_installed;

void (*iommufd_model_crash_hook)(int sig, void *info, void *context);
bool (*volatile iommufd_model_fault_chain)(int sig, void *info, void *context);
const struct iommufd_model_remote *iommufd_model_remote;

static void handle_fault(int sig, siginfo_t *info, void *context)
{
	struct iommufd_model_task *task = iommufd_model_task;

	if (task && task->fault) {
		pthread_sigmask(SIG_SETMASK,
				&((ucontext_t *)context)->uc_sigmask, NULL);
		siglongjmp(*(sigjmp_buf *)task->fault, 1);
	}
	if (iommufd_model_crash_hook)
		iommufd_model_crash_hook(sig, info, context);
	if (iommufd_model_fault_chain &&
	    iommufd_model_fault_chain(sig, info, context))
		return;
	/*
	 * The fault does not come from a copy.  Restore the old handler: the
	 * access is repeated after the return, and the old handler gets the
	 * fault.
	 */
	sigaction(sig, sig == SIGSEGV ? &old_segv : &old_bus, NULL);
}

static void install_handler(void)
{
	struct sigaction action = {
		.sa_sigaction = handle_fault,
		.sa_flags = SA_SIGINFO | SA_ONSTACK,
	};

	sigemptyset(&action.sa_mask);
	sigaction(SIGSEGV, &action, &old_segv);
	sigaction(SIGBUS, &action, &old_bus);
	__atomic_store_n(&handler_installed, true, __ATOMIC_RELEASE);
}

static void install_handler_once(void)
{
	if (!__atomic_load_n(&handler_installed, __ATOMIC_ACQUIRE))
		pthread_once(&handler_once, install_handler);
}

void iommufd_model_catch_faults(void)
{
	install_handler_once();
}

/*
 * Ends the part in which a fault leads to @fault.  The addresses in there are
 * scrambled by a number that each process chooses anew, so they must not stay on a
 * stack that the explorer compares with one of another process.
 */
static void end_caught(struct iommufd_model_task *task, sigjmp_buf *fault)
{
	task->fault = NULL;
	if (!IOMMUFD_MODEL_GATE_OPEN())
		return;
	memset(fault, 0, sizeof(*fault));
	__asm__ volatile("" : : "r"(fault) : "memory");
}

/*
 * Copies 8 bytes at a time, then single bytes; *@done is the number of bytes
 * copied so far.
 */
UNCHECKED static void copy_bytes(volatile char *to, const volatile char *from,
				 unsigned long n, volatile unsigned long *done)
{
	typedef u64 __attribute__((may_alias, aligned(1))) word;
	unsigned long i = 0;

	for (; i + sizeof(u64) <= n; i += sizeof(u64)) {
		*(volatile word *)(to + i) = *(const volatile word *)(from + i);
		*done = i + sizeof(u64);
	}
	for (; i < n; i++) {
		to[i] = from[i];
		*done = i + 1;
	}
}

/*
 * Returns the number of bytes that were not copied.  After a fault the rest is
 * copied byte by byte, up to the bad byte.
 */
static unsigned long do_copy_caught(void *to, const void *from, unsigned long n)
{
	volatile unsigned long done = 0, i;
	struct iommufd_model_task *volatile task = current_task();
	sigjmp_buf fault;

	install_handler_once();
	if (!sigsetjmp(fault, 0)) {
		task->fault = &fault;
		copy_bytes(to, from, n, &done);
		end_caught(task, &fault);
		return 0;
	}
	i = done;
	if (!sigsetjmp(fault, 0)) {
		/*
		 * Offsets are added to integers, because @from and @to may be
		 * NULL.
		 */
		for (; i < n; i++) {
			volatile unsigned long one;

			copy_bytes((char *)((uintptr_t)to + i),
				   (char *)((uintptr_t)from + i), 1, &one);
		}
	}
	end_caught(task, &fault);
	return n - i;
}

/* Refuses the copy if @user, which is @to or @from, is a kernel address. */
static unsigned long copy_caught(void *to, const void *from,
				 const void *user, unsigned long n)
{
	unsigned long left;

	if (__builtin_expect(!!iommufd_model_remote, 0) &&
	    iommufd_model_remote->copy(to, from, user, n, &left))
		return left;
	if (__builtin_expect(iommufd_model_is_kernel_memory(
				     (unsigned long)user, n), 0))
		return n;
	return do_copy_caught(to, from, n);
}

UNCHECKED static void touch(volatile char *addr, bool write)
{
	char value = *addr;

	/*
	 * Write the byte without changing its value, even if another thread
	 * stores to it.  An addition of 0 would not do, because compilers turn
	 * it into a load.
	 */
	if (write)
		__atomic_compare_exchange_n(addr, &value, value, false,
					    __ATOMIC_RELAXED,
					    __ATOMIC_RELAXED);
}

bool iommufd_model_touch_user(unsigned long addr, bool write)
{
	struct iommufd_model_task *volatile task = current_task();
	volatile bool good = false;
	sigjmp_buf fault;

	install_handler_once();
	if (!sigsetjmp(fault, 0)) {
		task->fault = &fault;
		touch((volatile char *)addr, write);
		good = true;
	}
	end_caught(task, &fault);
	return good;
}

/*
 * How many of the @n bytes of a copy that has passed the gate are to be copied.
 * A scheduler may choose that none are (1), or only the first half (2).
 */
static unsigned long to_be_copied(unsigned long n)
{
	int chosen = iommufd_model_chosen();

	return chosen == 1 ? 0 : chosen ? n / 2 : n;
}

static unsigned long copy_gated(void *to, const void *from, const void *user,
				unsigned long n)
{
	unsigned long most = to_be_copied(n);

	return n - most + copy_caught(to, from, user, most);
}

unsigned long
iommufd_model_copy_from_user(void *to, const void __user *from, unsigned long n,
			     const struct iommufd_model_site *site)
{
	unsigned long left;

	iommufd_model_may_sleep("copy_from_user", site);
	iommufd_model_watch_for(to, n, true, site);
	if (IOMMUFD_MODEL_GATE_OPEN())
		left = (unsigned long)GATED(IOMMUFD_MODEL_OP_COPY_FROM_USER,
					    iommufd_model_user_location(from),
					    n, site,
					    copy_gated(to, from, from, n));
	else
		left = copy_caught(to, from, from, n);
	if (__builtin_expect(left, 0))
		memset((char *)to + (n - left), 0, left);
	return left;
}

unsigned long
iommufd_model_copy_to_user(void __user *to, const void *from, unsigned long n,
			   const struct iommufd_model_site *site)
{
	iommufd_model_may_sleep("copy_to_user", site);
	iommufd_model_watch_for(from, n, false, site);
	if (IOMMUFD_MODEL_GATE_OPEN())
		return (unsigned long)GATED(IOMMUFD_MODEL_OP_COPY_TO_USER,
					    iommufd_model_user_location(to),
					    n, site,
					    copy_gated(to, from, to, n));
	return copy_caught(to, from, to, n);
}

static unsigned long clear_caught(uintptr_t to, unsigned long n)
{
	static const char zeros[ZERO_CHUNK];
	unsigned long len, left;

	for (; n; n -= len, to += len) {
		len = n < sizeof(zeros) ? n : sizeof(zeros);
		left = copy_caught((void *)to, zeros, (const void *)to, len);
		if (left)
			return n - (len - left);
	}
	return 0;
}

static unsigned long clear_gated(uintptr_t to, unsigned long n)
{
	unsigned long most = to_be_copied(n);

	return n - most + clear_caught(to, most);
}

unsigned long iommufd_model_clear_user(void __user *to, unsigned long n,
				       const struct iommufd_model_site *site)
{
	iommufd_model_may_sleep("clear_user", site);
	if (IOMMUFD_MODEL_GATE_OPEN())
		return (unsigned long)GATED(IOMMUFD_MODEL_OP_COPY_TO_USER,
					    iommufd_model_user_location(to),
					    n, site,
					    clear_gated((uintptr_t)to, n));
	return clear_caught((uintptr_t)to, n);
}

void *iommufd_model_memdup_user(const void __user *src, size_t len,
				size_t more, bool kv,
				const struct iommufd_model_site *site)
{
	size_t size = size_add(len, more);
	char *copy = iommufd_model_alloc(1, size, GFP_KERNEL, kv, site);

	if (!copy)
		return ERR_PTR(-ENOMEM);
	if (iommufd_model_copy_from_user(copy, src, len, site)) {
		iommufd_model_free(copy, kv, site);
		return ERR_PTR(-EFAULT);
	}
	memset(copy + len, 0, more);
	return copy;
}

/*
 * Returns the length of a string with its NUL: more than @n if it is longer, 0
 * for a bad address.
 */
static long length_caught(uintptr_t src, long n)
{
	long len;
	char c;

	for (len = 0; len < n; len++) {
		if (copy_caught(&c, (const void *)(src + (uintptr_t)len),
				(const void *)(src + (uintptr_t)len), 1))
			return 0;
		if (!c)
			return len + 1;
	}
	return n + 1;
}

char *iommufd_model_strndup_user(const char __user *src, long n,
				 const struct iommufd_model_site *site)
{
	char *copy;
	long len;

	iommufd_model_may_sleep("strndup_user", site);
	if (IOMMUFD_MODEL_GATE_OPEN())
		len = GATED(IOMMUFD_MODEL_OP_COPY_FROM_USER,
			    iommufd_model_user_location(src), n, site,
			    iommufd_model_chosen() ?
				    0 :
				    length_caught((uintptr_t)src, n));
	else
		len = length_caught((uintptr_t)src, n);
	if (!len)
		return ERR_PTR(-EFAULT);
	if (len > n)
		return ERR_PTR(-EINVAL);
	copy = iommufd_model_memdup_user(src, (size_t)len, 0, false, site);
	/*
	 * Another thread may have overwritten the NUL after its position was
	 * found.
	 */
	if (!IS_ERR(copy))
		copy[len - 1] = 0;
	return copy;
}

/*
 * Returns 0 if @n bytes at @from are all zero, -E2BIG if one is not, or -EFAULT
 * if one cannot be read, whichever of these comes first.
 */
static int check_zeroed(uintptr_t from, size_t n,
			const struct iommufd_model_site *site)
{
	char chunk[ZERO_CHUNK];
	size_t len, read, i;

	while (n) {
		len = n < sizeof(chunk) ? n : sizeof(chunk);
		read = len - iommufd_model_copy_from_user(
				     chunk, (const void __user *)from, len,
				     site);
		for (i = 0; i < read; i++)
			if (chunk[i])
				return -E2BIG;
		if (read < len)
			return -EFAULT;
		from += len;
		n -= len;
	}
	return 0;
}

int iommufd_model_copy_struct_from_user(void *dst, size_t ksize,
					const void __user *src, size_t usize,
					const struct iommufd_model_site *site)
{
	size_t size = usize < ksize ? usize : ksize;
	int rc;

	if (usize > ksize) {
		rc = check_zeroed((uintptr_t)src + ksize, usize - ksize, site);
		if (rc)
			return rc;
	}
	if (iommufd_model_copy_from_user(dst, src, size, site))
		return -EFAULT;
	iommufd_model_watch_for((char *)dst + size, ksize - size, true, site);
	memset((char *)dst + size, 0, ksize - size);
	return 0;
}
