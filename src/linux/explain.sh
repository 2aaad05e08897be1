#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# explain.sh < LOG: from the output of a compiler or linker (GCC's or clang's) in
# the language C, print what a tree needs that is not here: one line for each
# thing, with the first place that needs it, and at most 20 of them.
set -eu

# How a name is written in a message.
name="['\`]\\([^'\`]*\\)'"

# Paths are those of the tree or of this project.
sed -n "
	s,^.*/source/\([^ ]*\),\1,
	s,^[^ ]*/build/src/linux/include/,include/,
	s,^[^ ]*/\(src/linux/\),\1,
	s,^[^ ]*/\(include/iommufd_model/\),\1,
	s,^\([^ ]*:[0-9]*\):[0-9]*: error: ,\1: error: ,
	s,^\([^ ]*:[0-9]*\):[0-9]*: fatal error: ,\1: fatal error: ,
	t reset
	: reset
	s,: fatal error: \([^ :]*\): No such file.*,: there is no header <\1>,p;t
	s,: fatal error: '\([^ ']*\)' file not found.*,: there is no header <\1>,p;t
	s,: error: implicit declaration of function $name.*,: there is no function or macro \1(),p;t
	s,: error: call to undeclared function $name.*,: there is no function or macro \1(),p;t
	s,: error: $name has no member named $name.*,: \1 has no member \2,p;t
	s,: error: no member named $name in $name.*,: \2 has no member \1,p;t
	s,: error: $name undeclared.*,: there is no constant or variable \1,p;t
	s,: error: use of undeclared identifier $name.*,: there is no constant or variable \1,p;t
	s,: error: unknown type name $name.*,: there is no type \1,p;t
	s,: error: invalid use of undefined type $name.*,: \1 has no members here,p;t
	s,: error: incomplete definition of type $name.*,: \1 has no members here,p;t
	s,: error: .* arguments to function .*$name.*,: \1() has other parameters here,p;t
	s,: error: too [a-z]* arguments to function call.*,: a function has other parameters here,p;t
	s,: error: conflicting types for $name.*,: \1() is declared in another way here,p;t
	s,: undefined reference to $name.*,: there is no function or variable \1,p;t
	s,^\([^ ]*:[0-9]*\): error: ,\1: ,p
" | awk '
{
	what = $0
	sub(/^[^ ]*: /, "", what)
}
!seen[what]++ {
	if (++lines <= 20)
		print
}
END {
	if (lines > 20)
		print "and " lines - 20 " more"
}'
