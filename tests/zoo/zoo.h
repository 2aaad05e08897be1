/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The zoo: lifetime bugs that really happened, to be found again.
 *
 * An entry is two files.  NAME.diff makes the bug: in a source of the library,
 * or in NAME-type.c, an object type in the form that it had at that time.
 * NAME.c describes the bug and has the explored test, which finds the bug with
 * the diff and nothing without it.
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
 * @name: the name of the files; @title: three words
 * @when: a year or a version
 * @lesson: one line
 * @wrong: what was wrong, and the order that breaks; @right: what is right
 * @rule: the rule that was broken, with its id in the docs
 * @fails: the failure that is reported; @says: a part of its text
 * @family: "get and put", "destroy", "creation", "notification", "files"...
 * @lesson_number: position in the teaching order; 0: none
 * @faults: the n-th allocation of the threads fails, for every n, in every
 *	schedule
 * @ignore: failures that are expected in both programs
 * @also: what the diff changes in addition; a student has to change it back,
 *	too, and cannot guess it; NULL: nothing
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
