/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Files, and the scenarios in them.
 */
#ifndef LOAD_H
#define LOAD_H

#include <stddef.h>
#include "scenario.h"
#include <iommufd_model/record.h>

/* load_file(path, len): all of it, "-" is standard input; NULL with errno. */
char *load_file(const char *path, size_t *len);

/* load_name(path): what messages call it. */
const char *load_name(const char *path);

/* load_scenario(who, path): NULL after a message from @who. */
struct scenario *load_scenario(const char *who, const char *path);

/* load_record(who, path): NULL after a message from @who. */
struct iommufd_model_record *load_record(const char *who, const char *path);

#endif
