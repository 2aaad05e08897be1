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
 * load_file(who, path, len): the contents of a file, or of standard input for
 * "-", with a zero behind them.  The caller frees them.  NULL after a message
 * from @who.
 */
char *load_file(const char *who, const char *path, size_t *len);

/* load_name(path): what messages call the file. */
const char *load_name(const char *path);

/* load_scenario(who, path): a scenario, or NULL after a message from @who. */
struct scenario *load_scenario(const char *who, const char *path);

/*
 * load_scenarios(who, paths, n): the @n scenarios at @paths, or NULL after a
 * message from @who about each file with an error.
 *
 * free_scenarios(scenarios, n): @scenarios may be NULL.
 */
struct scenario **load_scenarios(const char *who, char *const *paths, int n);
void free_scenarios(struct scenario **scenarios, int n);

/* load_record(who, path): a record, or NULL after a message from @who. */
struct iommufd_model_record *load_record(const char *who, const char *path);

#endif
