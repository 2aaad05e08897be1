#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# compile_once.sh STORE COMPILER... [-c FILE -o OBJECT] - run COMPILER.  An object
# is copied from the folder STORE if an equal FILE has been compiled before: in
# most exercises the right source is one of a few.  The options are those of all
# exercises, and zoo.exercise.build empties STORE when headers may have changed.
#
# Exercises are made and checked in parallel, so a file in STORE appears at once.
set -u

store=$1
shift
case $* in
*" -c "*" -o "*)	;;
*)			exec "$@" ;;
esac
words=$*
object=${words##* }
file=${words% -o *}
file=${file##* }

mkdir -p "$store"
key=$store/${file##*/}-$(cksum <"$file" | tr ' ' -)
if test -e "$key.o" && cmp -s "$file" "$key.c"; then
	exec cp "$key.o" "$object"
fi
"$@" >"$object.log" 2>&1
code=$?
cat "$object.log"
if test $code -eq 0 && ! test -s "$object.log"; then
	cp "$file" "$key.$$.c" && mv "$key.$$.c" "$key.c"
	cp "$object" "$key.$$.o" && mv "$key.$$.o" "$key.o"
fi
rm -f "$object.log"
exit $code
