/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
#ifndef TREE_LINUX_MEM_ENCRYPT_H
#define TREE_LINUX_MEM_ENCRYPT_H

#define __sme_set(x) (x)
#define __sme_clr(x) (x)
#define set_memory_encrypted(addr, pages) 0

#endif
