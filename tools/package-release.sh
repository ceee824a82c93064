#!/bin/sh
# Writes the release archive
#
# Copyright 2026 the dosvc authors
#
# This library is free software; you can redistribute it and/or
# modify it under the terms of the GNU Lesser General Public
# License as published by the Free Software Foundation; either
# version 2.1 of the License, or (at your option) any later version.
#
# This library is distributed in the hope that it will be useful,
# but WITHOUT ANY WARRANTY; without even the implied warranty of
# MERCHANTABILITY or FITNESS FOR A PARTICULAR PURPOSE.  See the GNU
# Lesser General Public License for more details.
#
# You should have received a copy of the GNU Lesser General Public
# License along with this library; if not, write to the Free Software
# Foundation, Inc., 51 Franklin St, Fifth Floor, Boston, MA 02110-1301, USA
#
# Usage: tools/package-release.sh [--output DIR] [--url URL] [--from BUILD | --check]
#
# Builds in a temporary folder and writes dosvc-VERSION.tar.xz to DIR, or to the
# current one: x64/ and x86/ with the modules, setup_dosvc.sh, the manual pages,
# the README, the changes, the licence, and SHA256SUMS of them all. The same
# sources and tools give the same bytes, wherever and whenever they are built;
# --check builds a second time elsewhere and compares. With --url, the place
# where the archive will be, the winetricks verbs and the Bottles manifests for it
# are written as well, with the service BITS and without. Exit codes: 0 written, 1 failed, 2 usage.

set -eu
output=$PWD
check=
url=
from=
usage()
{
    echo "usage: $0 [--output DIR] [--url URL] [--from BUILD | --check]" >&2
    exit 2
}
while test $# -gt 0; do
    case $1 in
        --output) test -n "${2-}" || usage; output=$2; shift ;;
        --url)    test -n "${2-}" || usage; url=$2; shift ;;
        --from)   test -d "${2-}" || usage; from=$(cd "$2" && pwd); shift ;;
        --check)  check=yes ;;
        *)        usage ;;
    esac
    shift
done

mkdir -p "$output"
output=$(cd "$output" && pwd)
cd "$(dirname "$0")/.."
top=$PWD
version=$(cat VERSION)
name=dosvc-$version
# What no run may decide: the time, the order, the owner, the language.
epoch=${SOURCE_DATE_EPOCH:-$(git -c safe.directory='*' log -1 --format=%ct 2>/dev/null || echo 0)}
export LC_ALL=C TZ=UTC
umask 022
work=$(mktemp -d "${TMPDIR:-/tmp}/dosvc-release.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# stage BUILD FOLDER
stage()
{
    make -C "$1" --no-print-directory -j"$(nproc)" install DESTDIR="$2" bindir=/bin libdir=/ mandir=/dosvc/man
}

# build FOLDER: the archive is FOLDER/NAME.tar.xz.
build()
{
    mkdir -p "$1/build" "$1/stage"
    if ! { test -n "$from" || { cd "$1/build" && "$top/configure"; }; } >"$1/build.log" 2>&1 ||
            ! stage "${from:-$1/build}" "$1/stage" >>"$1/build.log" 2>&1; then
        tail -n 20 "$1/build.log" >&2
        echo "package-release: the build has failed" >&2
        return 1
    fi
    mv "$1/stage/dosvc" "$1/stage/$name"
    cd "$1/stage/$name"
    for file in README.md CHANGELOG.md COPYING.LIB; do
        install -m 644 "$top/$file" .
    done
    find . -type f | sed 's,^\./,,' | sort | xargs sha256sum >"$1/SHA256SUMS"
    mv "$1/SHA256SUMS" .
    cd "$1/stage"
    tar --create --format=ustar --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner \
        --mode='u=rwX,go=rX' "$name" | xz -9 --threads=1 >"$1/$name.tar.xz"
    cd "$top"
}

test -n "$from" || tools/install-deps build
test -x configure && test configure -nt configure.ac && test configure -nt VERSION || autoconf
build "$work/first"
if test -n "$check"; then
    # Another depth, and other names.
    build "$work/second/one/that/is/deeper"
    cmp "$work/first/$name.tar.xz" "$work/second/one/that/is/deeper/$name.tar.xz"
fi
mv "$work/first/$name.tar.xz" "$output/"
echo "$output/$name.tar.xz"

# fill TEMPLATE SUFFIX OPTION TITLE INSTALLED: writes it, filled in, to the output.
fill()
{
    type=${1%.in}
    file=$output/dosvc$2.${type##*.}
    sum() { "$1" <"$output/$name.tar.xz" | cut -d ' ' -f 1; }
    sed -e "s,@VERSION@,$version,g" -e "s,@ARCHIVE@,$name.tar.xz,g" -e "s,@URL@,${url%/},g" \
        -e "s,@SHA256@,$(sum sha256sum),g" -e "s,@MD5@,$(sum md5sum),g" -e "s,@SIZE@,$(wc -c <"$output/$name.tar.xz"),g" \
        -e "s,@SUFFIX@,$2,g" -e "s,@OPTION@,$3,g" -e "s;@TITLE@;$4;g" -e "s,@INSTALLED@,$5,g" \
        "$1" >"$file"
    echo "$file"
}
if test -n "$url"; then
    for template in packaging/winetricks/dosvc.verb.in packaging/bottles/dosvc.yml.in; do
        # shellcheck disable=SC2016 # a variable of winetricks
        fill $template '' '' 'Delivery Optimization service (dosvc.dll)' '${W_SYSTEM32_DLLS_WIN}/dosvcps.dll'
        fill $template _bits ' --bits' 'Delivery Optimization service (dosvc.dll), and Background Intelligent Transfer Service (qmgr.dll)' \
            'C:/windows/system32/qmgr.dll.before-dosvc'
    done
fi
