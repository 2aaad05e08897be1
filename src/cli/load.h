/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Reading files, and the scenarios and records in them.
 */
#ifndef LOAD_H
#define LOAD_H

#include <stddef.h>
#include "scenario.h"
#include <iommufd_model/record.h>

/*
 * load_file(who, path, len): returns the contents of a file, or of standard
 * input for "-", followed by a zero byte.  The caller frees them.  Returns NULL
 * after a message from @who.
 */
char *load_file(const char *who, const char *path, size_t *len);

/* load_name(path): returns the name of the file for messages. */
const char *load_name(const char *path);

/*
 * load_scenario(who, path): reads a scenario.  Returns NULL after a message
 * from @who.
 */
struct scenario *load_scenario(const char *who, const char *path);

/*
 * load_scenarios(who, paths, n): reads the @n scenarios at @paths.  If a file
 * has an error, prints a message from @who and returns NULL after the last
 * file.
 *
 * free_scenarios(scenarios, n): frees them; @scenarios may be NULL.
 */
struct scenario **load_scenarios(const char *who, char *const *paths, int n);
void free_scenarios(struct scenario **scenarios, int n);

/*
 * load_record(who, path): reads a record.  Returns NULL after a message from
 * @who.
 */
struct iommufd_model_record *load_record(const char *who, const char *path);

#endif
