// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The functions that compilers call in code that is compiled with
 * -fsanitize=thread.  In a program that is linked without the runtime of
 * ThreadSanitizer they replace those of the runtime.  They are in a library of
 * their own, so that a program that is linked with the runtime has only one
 * set.
 *
 * Each function reports an access, and the atomic ones also do it.  Compilers
 * pass the address of the variable; the return address tells where in the code
 * it is.
 */
#include <iommufd_model/watch.h>
#include <string.h>

#define HERE __builtin_return_address(0)
/* The stack frame of the caller; see wrap.c. */
#ifdef __x86_64__
#define CALLER __builtin_dwarf_cfa()
#else
#define CALLER (*(void **)__builtin_frame_address(0))
#endif
#define PLAIN 0u
#define READ IOMMUFD_MODEL_WATCH_MARKED
#define WRITE IOMMUFD_MODEL_WATCH_WRITE
#define MARKED_WRITE (READ | WRITE)

void __tsan_init(void);
void __tsan_func_entry(void *pc);
void __tsan_func_exit(void);
void __tsan_ignore_thread_begin(void);
void __tsan_ignore_thread_end(void);
void __tsan_read_range(void *addr, size_t size);
void __tsan_write_range(void *addr, size_t size);
void __tsan_vptr_update(void **at, void *value);
void __tsan_vptr_read(void **at);
void *__tsan_memcpy(void *to, const void *from, size_t size);
void *__tsan_memmove(void *to, const void *from, size_t size);
void *__tsan_memset(void *to, int value, size_t size);
void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_signal_fence(int order);

/* Each source file calls this once, before main(). */
void __tsan_init(void)
{
	iommufd_model_watch_file();
}

/* These are in wrap.c, if the program is linked with it. */
void iommufd_model_watch_enter(const void *frame) __attribute__((weak));
void iommufd_model_watch_leave(const void *frame) __attribute__((weak));

void __tsan_func_entry(void *pc)
{
	(void)pc;
	if (iommufd_model_watch_enter && iommufd_model_watch_active())
		iommufd_model_watch_enter(CALLER);
}

void __tsan_func_exit(void)
{
	if (iommufd_model_watch_leave && iommufd_model_watch_active())
		iommufd_model_watch_leave(CALLER);
}

void __tsan_ignore_thread_begin(void)
{
	iommufd_model_watch_hide(1);
}

void __tsan_ignore_thread_end(void)
{
	iommufd_model_watch_hide(-1);
}

#define ACCESS(name, size, how)					\
	void name(void *addr);					\
	void name(void *addr)					\
	{							\
		iommufd_model_watch_access(addr, size, how, HERE); \
	}
/* A write after a read of the same variable covers the read. */
#define ACCESSES(prefix, size)					\
	ACCESS(prefix##read##size, size, PLAIN)			\
	ACCESS(prefix##write##size, size, WRITE)		\
	ACCESS(prefix##read_write##size, size, WRITE)		\
	ACCESS(prefix##volatile_read##size, size, READ)		\
	ACCESS(prefix##volatile_write##size, size, MARKED_WRITE)

ACCESSES(__tsan_, 1)
ACCESSES(__tsan_, 2)
ACCESSES(__tsan_, 4)
ACCESSES(__tsan_, 8)
ACCESSES(__tsan_, 16)
ACCESSES(__tsan_unaligned_, 2)
ACCESSES(__tsan_unaligned_, 4)
ACCESSES(__tsan_unaligned_, 8)
ACCESSES(__tsan_unaligned_, 16)

void __tsan_read_range(void *addr, size_t size)
{
	iommufd_model_watch_access(addr, size, PLAIN, HERE);
}

void __tsan_write_range(void *addr, size_t size)
{
	iommufd_model_watch_access(addr, size, WRITE, HERE);
}

/* A constructor or destructor of C++ sets the pointer to the virtual table. */
void __tsan_vptr_update(void **at, void *value)
{
	if (*at != value)
		iommufd_model_watch_access(at, sizeof(*at), WRITE, HERE);
}

void __tsan_vptr_read(void **at)
{
	iommufd_model_watch_access(at, sizeof(*at), PLAIN, HERE);
}

/* Functions that copy and fill memory */

static void *copy(void *to, const void *from, size_t size, const void *pc)
{
	iommufd_model_watch_access(from, size, PLAIN, pc);
	iommufd_model_watch_access(to, size, WRITE, pc);
	return memmove(to, from, size);
}

static void *fill(void *to, int value, size_t size, const void *pc)
{
	iommufd_model_watch_access(to, size, WRITE, pc);
	return memset(to, value, size);
}

void *__tsan_memcpy(void *to, const void *from, size_t size)
{
	return copy(to, from, size, HERE);
}

void *__tsan_memmove(void *to, const void *from, size_t size)
{
	return copy(to, from, size, HERE);
}

void *__tsan_memset(void *to, int value, size_t size)
{
	return fill(to, value, size, HERE);
}

/* The flags of watched code give these names to functions of the C library. */
void *iommufd_model_watch_memcpy(void *to, const void *from, size_t size);
void *iommufd_model_watch_memmove(void *to, const void *from, size_t size);
void *iommufd_model_watch_memset(void *to, int value, size_t size);

void *iommufd_model_watch_memcpy(void *to, const void *from, size_t size)
{
	return copy(to, from, size, HERE);
}

void *iommufd_model_watch_memmove(void *to, const void *from, size_t size)
{
	return copy(to, from, size, HERE);
}

void *iommufd_model_watch_memset(void *to, int value, size_t size)
{
	return fill(to, value, size, HERE);
}

/*
 * Atomic accesses.  All are done with the strongest order, because the order
 * that the program asks for is no constant here.
 */
#define SEQ __ATOMIC_SEQ_CST
#define TELL(kind, value)						\
	iommufd_model_watch_atomic(addr, sizeof(*addr), kind, order,	\
				   (unsigned long)(value), HERE)

#define FETCH(bits, type, op)						\
	type __tsan_atomic##bits##_fetch_##op(volatile type *addr, type value, \
					      int order);		\
	type __tsan_atomic##bits##_fetch_##op(volatile type *addr, type value, \
					      int order)		\
	{								\
		TELL(3, 0);						\
		return __atomic_fetch_##op(addr, value, SEQ);		\
	}

/*
 * If the exchange fails, it is only a read.  It is reported before it is done,
 * so that reports come in the order of the accesses.
 */
#define EXCHANGE_IF(bits, type, name)					\
	int __tsan_atomic##bits##_compare_exchange_##name(		\
		volatile type *addr, type *old, type value, int order,	\
		int failed);						\
	int __tsan_atomic##bits##_compare_exchange_##name(		\
		volatile type *addr, type *old, type value, int order,	\
		int failed)						\
	{								\
		type now = __atomic_load_n(addr, SEQ);			\
									\
		if (now == *old)					\
			TELL(3, now);					\
		else							\
			iommufd_model_watch_atomic(addr, sizeof(*addr), 1, \
						   failed,		\
						   (unsigned long)now, HERE); \
		return __atomic_compare_exchange_n(addr, old, value, false, \
						   SEQ, SEQ);		\
	}

#define ATOMICS(bits, type)						\
	type __tsan_atomic##bits##_load(const volatile type *addr, int order); \
	void __tsan_atomic##bits##_store(volatile type *addr, type value, \
					 int order);			\
	type __tsan_atomic##bits##_exchange(volatile type *addr, type value, \
					    int order);			\
	type __tsan_atomic##bits##_compare_exchange_val(		\
		volatile type *addr, type old, type value, int order,	\
		int failed);						\
	type __tsan_atomic##bits##_load(const volatile type *addr, int order) \
	{								\
		type value = __atomic_load_n(addr, SEQ);		\
									\
		TELL(1, value);						\
		return value;						\
	}								\
	void __tsan_atomic##bits##_store(volatile type *addr, type value, \
					 int order)			\
	{								\
		TELL(2, 0);						\
		__atomic_store_n(addr, value, SEQ);			\
	}								\
	type __tsan_atomic##bits##_exchange(volatile type *addr, type value, \
					    int order)			\
	{								\
		TELL(3, 0);						\
		return __atomic_exchange_n(addr, value, SEQ);		\
	}								\
	FETCH(bits, type, add)						\
	FETCH(bits, type, sub)						\
	FETCH(bits, type, and)						\
	FETCH(bits, type, or)						\
	FETCH(bits, type, xor)						\
	FETCH(bits, type, nand)						\
	EXCHANGE_IF(bits, type, strong)					\
	EXCHANGE_IF(bits, type, weak)					\
	type __tsan_atomic##bits##_compare_exchange_val(		\
		volatile type *addr, type old, type value, int order,	\
		int failed)						\
	{								\
		__tsan_atomic##bits##_compare_exchange_strong(		\
			addr, &old, value, order, failed);		\
		return old;						\
	}

ATOMICS(8, unsigned char)
ATOMICS(16, unsigned short)
ATOMICS(32, unsigned int)
ATOMICS(64, unsigned long)

void __tsan_atomic_thread_fence(int order)
{
	iommufd_model_watch_barrier(order);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* A barrier for the compiler orders nothing between threads. */
void __tsan_atomic_signal_fence(int order)
{
	(void)order;
}
