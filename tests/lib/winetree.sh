# Functions for tests that build parts of Wine: its source and its configuration
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
# To be read by sh, after result.sh. They need $work, $cache (folders) and $suite, the name in the last line. $tree is the source,
# $build the folder in which it is built. The source is Debian's package, of the version of the Wine that is installed. It is
# fetched with lists of packages of our own, so that the machine's stay as they are, and kept in $cache.

# shellcheck shell=sh
# There may be one for each architecture.
package=libwine:$(dpkg --print-architecture)
tree=$work/wine
build=$work/build

# logged NAME COMMAND...: its output is shown if it fails.
logged()
{
    log=$work/$1.log
    shift
    "$@" >"$log" 2>&1 </dev/null && return 0
    tail -n 30 "$log"
    return 1
}

fetch_source()
{
    version=$(dpkg-query -W -f '${source:Version}' "$package") || return 1
    description=$cache/wine_$version.dsc
    test -f "$description" && return 0
    (
        # The mirror and the release that this machine uses itself.
        origin=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' 'Created-By: Packages' 'Component: main' |
            grep -v -e security -e updates | sort -u | head -n 1)
        apt=$work/apt
        mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$cache"
        echo "deb-src $origin main" >"$apt/sources.list"
        set -- -o APT::Sandbox::User=root -o Dir::Etc::SourceList="$apt/sources.list" \
            -o Dir::Etc::SourceParts=/dev/null -o Dir::State::Lists="$apt/lists" -o Dir::Cache="$apt" \
            -o Dir::Cache::Archives="$apt/archives"
        cd "$apt/archives" || exit
        apt-get "$@" update && apt-get "$@" source --download-only "wine=$version" &&
            mv wine_*.tar.* "$cache/" && mv wine_*.dsc "$cache/"
    )
}

# Debian's source lacks what can be generated; the rules of its package say how, one command a line. What cannot be made here,
# since it takes packages that are not installed, is missed below if it is needed. tests/winetree/run needs none of Wine 8.0.
# tools/export-to-wine makes the lists of sources anew, of what is there.
generate_sources()
{
    sed -n '/^override_dh_auto_configure:/,/^$/s/^\t\(\.\/tools\/make_.*\|cd dlls\/.*\|ln -sf .*\)/\1/p' "$tree/debian/rules" \
        >"$work/generate"
    while read -r command; do
        (cd "$tree" && sh -c "$command") || echo "cannot be made: $command"
    done <"$work/generate"
}

unpack_source()
{
    dpkg-source --no-check -x "$description" "$tree" && generate_sources
}

# configure_wine ARCHITECTURES
configure_wine()
(
    cd "$tree" && autoreconf --force --install && mkdir -p "$build" && cd "$build" || return 1
    configure=../wine/configure
    test "$build" != "$tree" || configure=./configure
    $configure --enable-archs="$1" --without-x --without-freetype
)

# Debian removes what is generated from Unicode's tables; the package with the
# result is installed.
restore_locale()
{
    test -f "$tree/nls/locale.nls" || {
        mkdir -p "$build/nls"
        cp "$(dpkg -L "$package" | grep '/locale\.nls$')" "$build/nls/"
    }
}

# make_targets TARGET...: bison writes the header of a parser once more with its source, and what else is made meanwhile may
# read it half written.
make_targets()
{
    # shellcheck disable=SC2046
    make -C "$build" $(sed -n 's/^\(tools\/[^ :]*\.tab\.c\):.*/\1/p' "$build/Makefile") && make -C "$build" -j"$(nproc)" "$@"
}

# step TEXT NAME COMMAND...: without it there is nothing to go on with.
step()
{
    text=$1
    shift
    started=$(date +%s)
    if ! logged "$@"; then
        fail "$text"
        summary "$suite"
        exit 1
    fi
    pass "$text ($(($(date +%s) - started)) s)"
}
