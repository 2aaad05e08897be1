#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# debian-version.sh VERSION SOVERSION FOLDER - the files in FOLDER, debian/, agree
# with the project's version, which is in CMakeLists.txt only.
set -u

version=$1
soversion=$2
debian=$3
bad=0

wrong()
{
	echo "$*"
	bad=1
}

newest=$(sed -n '1s/.*(\(.*\)).*/\1/p' "$debian/changelog")
case $newest in
"$version" | "$version"[-+~]*) ;;
*) wrong "debian/changelog: the newest entry is for \"$newest\", and the" \
	"project's version is $version" ;;
esac
library=libiommufd-model$soversion
grep -qx "Package: $library" "$debian/control" ||
	wrong "debian/control: there is no package $library, which the soname" \
		"asks for"
for name in $(grep -ow 'libiommufd-model[0-9][0-9.]*' "$debian/control" | sort -u); do
	test "$name" = "$library" ||
		wrong "debian/control: \"$name\" is not $library"
done
for name in "$debian"/libiommufd-model[0-9]*; do
	case $name in
	"$debian/$library".*) ;;
	*) wrong "$name is not of the package $library" ;;
	esac
done
exit $bad
