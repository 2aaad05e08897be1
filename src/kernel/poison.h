/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * How AddressSanitizer and valgrind are told which memory may be accessed:
 * OPEN() allows and SHUT() forbids accesses to a range.  IS_SHUT is true if one
 * of the two watches them.  Allocations that are to be told apart need REDZONE
 * bytes between them.  Included by one source file each; with neither tool the
 * macros do nothing.
 */
#ifndef POISON_H
#define POISON_H

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#undef WITH_ASAN
#define WITH_ASAN 1
#endif

#if defined(WITH_ASAN)
#include <sanitizer/asan_interface.h>
#define REDZONE 32
#define OPEN(addr, size) ASAN_UNPOISON_MEMORY_REGION(addr, size)
#define SHUT(addr, size) ASAN_POISON_MEMORY_REGION(addr, size)
#define IS_SHUT true
#elif defined(IOMMUFD_MODEL_VALGRIND)
#include <valgrind/memcheck.h>
#define REDZONE 0
#define OPEN(addr, size) ((void)VALGRIND_MAKE_MEM_UNDEFINED(addr, size))
#define SHUT(addr, size) ((void)VALGRIND_MAKE_MEM_NOACCESS(addr, size))
#define IS_SHUT RUNNING_ON_VALGRIND
#else
#define REDZONE 0
#define OPEN(addr, size) ((void)(addr), (void)(size))
#define SHUT(addr, size) ((void)(addr), (void)(size))
#define IS_SHUT false
#endif

#endif
