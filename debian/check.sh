#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# debian/check.sh FOLDER - check the packages in FOLDER: with lintian, and on a clean
# Debian system, in which they are installed and the tests of debian/tests are run.
# That system is of the release that runs here, from the mirror that apt uses, and
# is removed afterwards.
set -eu

cd "$(dirname "$0")/.."
folder=$(readlink -f "$1")
name=$(dpkg-parsechangelog -S Source)_$(dpkg-parsechangelog -S Version)
changes=$folder/${name}_$(dpkg --print-architecture).changes
echo "== lintian"
code=0
lintian --fail-on error,warning "$changes" || code=1

# A line of sources.list for each archive of Debian's own.
apt-get indextargets --format 'deb $(REPO_URI) $(RELEASE) $(COMPONENT)' \
	'Identifier: Packages' 'Origin: Debian' \
	"Architecture: $(dpkg --print-architecture)" >"$folder/sources"
suite=$(sed -n '1s/.* \([^ ]*\) [^ ]*$/\1/p' "$folder/sources")
test -n "$suite" || {
	echo "apt knows no archive of Debian (apt-get update)"
	exit 2
}

cat >"$folder/inside.sh" <<'END'
set -eu
export DEBIAN_FRONTEND=noninteractive
echo "== installing the packages"
apt-get update -qq
apt-get install -qq -y --no-install-recommends /packages/*.deb >/packages/log \
	2>&1 || { tail -n 30 /packages/log; exit 1; }
dpkg -l | sed -n 's/^ii  \([^ ]*iommufd[^ ]*\) *\([^ ]*\).*/\1 \2/p'
cd /packages/source
packages=$(sed -n 's/^Depends: *//p' debian/tests/control | tr ',' '\n' |
	grep -v -e '^ *@' -e iommufd | tr '\n' ' ')
apt-get install -qq -y --no-install-recommends $packages >/packages/log \
	2>&1 || { tail -n 30 /packages/log; exit 1; }
for test in $(sed -n 's/^Tests: *//p' debian/tests/control); do
	echo "== $test"
	AUTOPKGTEST_TMP=$(mktemp -d) sh debian/tests/$test
done
echo "== removing the packages"
apt-get purge -qq -y $(dpkg -l | sed -n 's/^ii  \([^ ]*iommufd[^ ]*\).*/\1/p') \
	>/packages/log 2>&1 || { tail -n 30 /packages/log; exit 1; }
left=$(find / -xdev -path /packages -prune -o -path /tmp -prune -o \
	-path /proc -prune -o -name '*iommufd[-_]model*' -print)
test -z "$left" || { echo "left over: $left"; exit 1; }
END

# The hooks get the folder of the new system as $1.
export PACKAGES="$folder"
echo "== a clean system: Debian $suite"
mmdebstrap --quiet --variant=apt --format=null \
	--customize-hook='mkdir "$1/packages" &&
		cp "$PACKAGES"/*.deb "$PACKAGES/inside.sh" "$1/packages" &&
		cp -R "$PACKAGES/'"$(echo "$name" | tr _ -)"'" \
			"$1/packages/source"' \
	--customize-hook='chroot "$1" sh /packages/inside.sh' \
	"$suite" /dev/null - <"$folder/sources" || code=1
test $code -ne 0 || echo "the packages are in order"
exit $code
