/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* Devices are coherent, so that no cache has to be flushed. */
#ifndef TREE_LINUX_CACHEFLUSH_H
#define TREE_LINUX_CACHEFLUSH_H

#define clflush_cache_range(addr, size) ((void)(addr))

#endif
