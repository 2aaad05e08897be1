/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The zoo: lifetime bugs that really happened, to be found again.
 *
 * An entry is two files.  NAME.diff makes the bug: against the library's own
 * source, or against NAME-type.c, an object type in the form it had then.
 * NAME.c tells the story and has the explored test, which finds nothing without
 * the diff and the bug with it.
 *
 * Each is built into two programs: zoo-NAME with the diff applied to a copy of
 * the source, and control-NAME without.
 */
#ifndef TESTS_ZOO_ZOO_H
#define TESTS_ZOO_ZOO_H

#include <iommufd_model/check.h>
#include <iommufd_model/explore.h>

/*
 * struct zoo_entry
 * @name: as the files; @title: three words
 * @when: year or version
 * @lesson: one line
 * @wrong, @right: what was wrong, the order that breaks; what is right
 * @rule: that it broke, with the id it has in the docs
 * @fails: the failure that is reported; @says: and part of its text
 * @family: "get and put", "destroy", "creation", "notification", "files"...
 * @lesson_number: place in the teaching order, 0: none
 * @faults: the n-th allocation of the threads fails, for every n, crossed with
 *	the schedules
 * @ignore: failures that are none in either program
 * @also: what else the diff changes, which whoever mends the bug has to mend too
 *	and cannot know; NULL: nothing
 */
struct zoo_entry {
	const char *name;
	const char *title;
	const char *when;
	const char *family;
	int lesson_number;
	const char *lesson;
	const char *wrong;
	const char *right;
	const char *rule;
	enum iommufd_model_failure fails;
	const char *says;
	bool faults;
	unsigned int ignore;
	const char *also;
	struct iommufd_model_test test;
};

extern const struct zoo_entry zoo_entry;

#endif
