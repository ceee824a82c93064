#!/bin/sh
# Put dosvc into a Wine prefix, or take it out
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

# The work inside the prefix is done by dosvc-setup.exe, of which a copy stays
# there: all verbs but install need nothing else.

exit_failed=1
exit_usage=2
exit_no_prefix=3
exit_no_wine=4
exit_not_installed=5

minimum=8 # the major version of Wine
me=$(basename -- "$0")

usage()
{
    cat <<EOF
Usage: $me install|uninstall|status|verify [OPTION...]
       $me --help | --version

Puts dosvc, the Delivery Optimization service, into an existing Wine prefix,
or takes it out again.

install    Copies the files, registers them, and verifies. May be repeated:
           replaces an older version, and repairs what an update of the prefix
           (wineboot -u) has changed.
uninstall  Ends all jobs and downloads, deletes their temporary files, removes what
           install put there and restores what it replaced. What is left is named.
status     Shows the version, the service, and whose the interfaces and BITS are.
verify     Checks the journal, every file and setting, and starts the service once;
           BITS, too, if it is dosvc's.

--prefix DIR    The prefix. Default: \$WINEPREFIX, or ~/.wine. A folder of
                Proton's (compatdata/NUMBER) stands for the pfx in it.
--wine WINE     The command that starts Wine, $minimum.0 or later. Default: \$WINE, or
                the first of wine, wine64 and wine-stable in the PATH.
--from DIR      The built files: a release, that is a folder with x64 and x86, or
                a build tree. Default: the folder of this script. The verbs other
                than install look there only if the prefix has no dosvc-setup.exe.
--quiet         Say nothing unless something is wrong.
--dry-run       Of install and uninstall: say what would be done, and do nothing.
--symlink       Of install: link to the files instead of copying them. They must
                stay where they are. dosvc-setup.exe is copied nevertheless, to
                uninstall when they are gone.
--bits          Of install: make the service BITS dosvc's, too, by a qmgr.dll in
                place of Wine's. Later installs update it without this option. Of
                uninstall: give BITS back to Wine, and do no more.
--force         Of install: end jobs that Wine's BITS transfers. Without it they
                keep the service from being exchanged.
--purge         Of uninstall: delete the jobs of BITS, too, which otherwise go on
                after a later install --bits.
--without-bits  Of install: leave the interfaces shared with BITS to Wine's own
                proxies.
--keep-downloads  Of uninstall: fail while there is any job or download that is
                neither completed nor cancelled.

Nothing is downloaded, and nothing is asked. WINESERVER and WINEDEBUG are left
as they are set; without WINEDEBUG, Wine's messages are switched off.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not a prefix, 4 no usable Wine,
5 not installed or the check failed.
EOF
}

# 'make install' writes the version into its copy.
print_version()
{
    release='@VERSION@'
    case $release in
    @*) release=$(cat "$(dirname -- "$(readlink -f -- "$0")")/../VERSION" 2>/dev/null) || release='of unknown version' ;;
    esac
    echo "$me $release"
}

die()
{
    code=$1
    shift
    echo "$me: $*" >&2
    exit "$code"
}

die_usage()
{
    echo "$me: $*" >&2
    echo "Try $me --help." >&2
    exit $exit_usage
}

parse_arguments()
{
    verb='' prefix='' wine='' from='' quiet='' dry_run='' symlink='' without_bits='' keep_downloads=''
    bits='' force='' purge=''
    while [ $# -gt 0 ]; do
        case $1 in
        --prefix | --wine | --from)
            [ -n "${2-}" ] || die_usage "$1 needs a value."
            case $1 in
            --prefix) prefix=$2 ;;
            --wine) wine=$2 ;;
            --from) from=$2 ;;
            esac
            shift
            ;;
        -q | --quiet) quiet=$1 ;;
        -n | --dry-run) dry_run=$1 ;;
        --symlink) symlink=$1 ;;
        --without-bits) without_bits=$1 ;;
        --bits) bits=$1 ;;
        --force) force=$1 ;;
        --purge) purge=$1 ;;
        --keep-downloads) keep_downloads=$1 ;;
        -h | --help)
            usage
            exit 0
            ;;
        --version)
            print_version
            exit 0
            ;;
        -*) die_usage "unknown option: $1" ;;
        install | uninstall | status | verify)
            [ -z "$verb" ] || die_usage "unexpected argument: $1"
            verb=$1
            ;;
        *) die_usage "unexpected argument: $1" ;;
        esac
        shift
    done
    [ -n "$verb" ] || die_usage "say what to do: install, uninstall, status or verify."
    for option in "$symlink" "$without_bits" "$force"; do
        [ -z "$option" ] || [ "$verb" = install ] || die_usage "$option belongs to install."
    done
    for option in "$keep_downloads" "$purge"; do
        [ -z "$option" ] || [ "$verb" = uninstall ] || die_usage "$option belongs to uninstall."
    done
    for option in "$dry_run" "$bits"; do
        case $option$verb in
        ?*status | ?*verify) die_usage "$option belongs to install and uninstall." ;;
        esac
    done
    [ -z "$bits" ] || [ -z "$without_bits" ] ||
        die_usage "$bits needs the interfaces that $without_bits leaves to Wine."
}

no_prefix()
{
    die $exit_no_prefix "$prefix is not a Wine prefix that can be used: $*. Nothing was changed."
}

# All of this before Wine is started, because Wine makes a prefix where there
# is none.
check_prefix()
{
    [ -n "$prefix" ] || prefix=${WINEPREFIX:-${HOME-}/.wine}
    [ -d "$prefix" ] || no_prefix "there is no such folder"
    [ -f "$prefix/system.reg" ] || [ ! -f "$prefix/pfx/system.reg" ] || prefix=$prefix/pfx
    absolute=$(CDPATH='' cd -- "$prefix" 2>/dev/null && pwd) || no_prefix "it cannot be opened"
    prefix=$absolute
    [ -f "$prefix/system.reg" ] || no_prefix "it has no system.reg"
    # Usually drive_c.
    drive=$(readlink -e -- "$prefix/dosdevices/c:") || drive=$prefix/drive_c
    windows=$drive/windows
    front=$windows/system32/qmgr.dll
    [ -d "$windows/system32" ] || no_prefix "it has no drive_c/windows/system32"
    case $(sed -n '/^#arch=/{p;q;}' "$prefix/system.reg" 2>/dev/null) in
    '#arch=win64') arch=x86_64 width=x64 ;;
    '#arch=win32') arch=i686 width=x86 ;;
    *) no_prefix "its system.reg does not tell its width" ;;
    esac
    # Wine itself refuses the first.
    [ -n "$(find "$prefix/" -prune -user "$(id -u)")" ] || no_prefix "it belongs to another user"
    for folder in "$prefix" "$windows/system32"; do
        [ -w "$folder" ] || no_prefix "$folder cannot be written to"
    done
}

find_wine()
{
    [ -n "$wine" ] || wine=${WINE-}
    if [ -n "$wine" ]; then
        command -v "$wine" >/dev/null || die $exit_no_wine "there is no command $wine."
        return
    fi
    for wine in wine wine64 wine-stable; do
        command -v "$wine" >/dev/null && return
    done
    die $exit_no_wine "Wine is not installed."
}

check_wine()
{
    find_wine
    [ -z "${WINESERVER-}" ] || [ -x "$WINESERVER" ] || die $exit_no_wine "WINESERVER=$WINESERVER is not a program."
    "$wine" --version </dev/null >"$temp/version" 2>/dev/null
    version=$(cat "$temp/version")
    major=${version#wine-}
    major=${major%%[!0-9]*}
    { [ "$version" != "${version#wine-}" ] && [ -n "$major" ]; } ||
        die $exit_no_wine "$wine does not tell its version, and is not Wine."
    [ "$major" -ge $minimum ] || die $exit_no_wine "$wine is $version, but dosvc needs Wine $minimum.0 or later."
}

# find_built NAME WIDTH: sets built to that file in a release or a build tree.
find_built()
{
    case $1 in
    *.dll) module=dlls/${1%.dll} ;;
    *) module=programs/${1%.exe} ;;
    esac
    case $2 in
    x64) built=$from/x86_64/$module/$1 ;;
    *) built=$from/i686/$module/$1 ;;
    esac
    [ -f "$built" ] || built=$from/$2/$1
    [ -f "$built" ]
}

find_source()
{
    if [ -z "$from" ]; then
        from=$(CDPATH='' cd -- "$(dirname -- "$(readlink -f -- "$0")")" && pwd)
    else
        from=$(CDPATH='' cd -- "$from" 2>/dev/null && pwd) || return 1
    fi
    find_built dosvc-setup.exe $width && setup=$built
}

# The name of our product in a version resource, without the zeros of UTF-16.
is_ours()
{
    tr -d '\0' <"$1" 2>/dev/null | grep -aq ProductNamedosvc
}

# Also one that was cut short, or has been lost to a rebuilt prefix.
has_front()
{
    [ -e "$front.before-dosvc" ] || [ -e "$front.link-before-dosvc" ] || is_ours "$front"
}

# for_each_file COMMAND...: calls it with the name of each file that belongs into
# the prefix, its width, and its place there. That of BITS comes first, as it goes
# first, and without the others where only BITS is uninstalled.
for_each_file()
{
    if [ "$verb$bits" = install--bits ] || has_front; then
        "$@" qmgr.dll $width "$front" || return 1
    fi
    [ "$verb$bits" != uninstall--bits ] || return 0
    for name in dosvc.dll dosvcps.dll doctl.exe dosvc-setup.exe; do
        "$@" $name $width "$windows/system32/$name" || return 1
    done
    [ $width = x64 ] && [ -d "$windows/syswow64" ] || return 0
    for name in dosvcps.dll doctl.exe dosvc-setup.exe; do
        "$@" $name x86 "$windows/syswow64/$name" || return 1
    done
}

# A program of Wine's that deletes or writes a file which is a link would do so
# to the file elsewhere.
replace_link()
{
    rm -f -- "$3.link-dosvc"
    # Other services may have that of BITS loaded: a copy can be renamed over at once, and a file in use cannot.
    if [ "$1" = qmgr.dll ]; then
        note_link || return 1
    elif [ ! -L "$3" ]; then
        return 0
    fi
    if [ -e "$3" ]; then
        cp -L -- "$3" "$3.new-dosvc" && mv -f -- "$3.new-dosvc" "$3"
    else
        rm -f -- "$3"
    fi
}

# Proton's qmgr.dll may be a link, whose text is kept for uninstall.
note_link()
{
    if [ -e "$front" ] && [ -L "$front" ] && ! is_ours "$front"; then
        readlink -- "$front" >"$front.new-dosvc" && mv -f -- "$front.new-dosvc" "$front.link-before-dosvc"
    fi
}

# Where the file of BITS is Wine's again, or still is, it becomes the link again.
remake_link()
{
    if [ -z "$note" ] || ! is_wines "$front"; then
        return 0
    fi
    # Proton may have moved.
    if (cd "$windows/system32" && test -e "$note"); then
        { ln -s -- "$note" "$front.link-dosvc" && mv -f -- "$front.link-dosvc" "$front"; } ||
            die $exit_failed "the link $front cannot be made again."
    fi
    rm -f -- "$front.link-before-dosvc"
}

replace_links()
{
    for_each_file replace_link || die $exit_failed "a link in $windows cannot be replaced."
    note=$(cat -- "$front.link-before-dosvc" 2>/dev/null)
}

make_link()
{
    [ "$1" != dosvc-setup.exe ] || return 0
    find_built "$1" "$2" && ln -sf -- "$built" "$3.link-dosvc" && mv -f -- "$3.link-dosvc" "$3"
}

show_link()
{
    [ -L "$3" ] || return 0
    if [ -e "$3" ]; then
        echo "linked: $3 to $(readlink -- "$3")"
    else
        echo "missing: $(readlink -- "$3"), to which $3 is linked. Install again."
    fi
}

# Runs dosvc-setup.exe. Its output goes to files: the services that Wine starts
# keep what they inherit, and would hold up whoever reads from a pipe. It runs
# as a copy, so that uninstall can remove the one in the prefix.
run_setup()
{
    cp -- "$setup" "${inside:-$temp}/dosvc-setup.exe" || exit $exit_failed
    # A wineserver that is about to end may drop a client; no program has begun then (thread 0).
    for try in 1 2 3; do
        "$wine" "${start:-$temp/dosvc-setup.exe}" "$@" </dev/null >"$temp/output" 2>"$temp/errors" 9<&-
        code=$?
        [ $code -ne 0 ] && [ $try -lt 3 ] && grep -q '^wine client error:0:' "$temp/errors" || return $code
        sleep 1
    done
}

show_output()
{
    cat "$temp/output"
    [ ! -e "$temp/links" ] || cat "$temp/links"
    cat "$temp/errors" >&2
}

# Can this Wine run our program in this prefix? It may be of the wrong width, or
# a server of another version may be running.
probe_wine()
{
    run_setup --version
    case $(cat "$temp/output") in
    dosvc-setup\ *) return ;;
    esac
    # The 32-bit loader of Wine 10 finds a 64-bit program only on a drive.
    if [ -z "$inside" ] && inside=$(mktemp -d "$windows/temp/dosXXXXXX"); then
        start="C:\\windows\\temp\\${inside##*/}\\dosvc-setup.exe"
        probe_wine
        return
    fi
    show_output >&2
    die $exit_no_wine "$wine ($version) cannot run programs in $prefix."
}

run_verb()
{
    run_setup "$@"
    code=$?
    remake_link
    if [ $code -ne 0 ] && [ -n "$quiet" ]; then
        show_output >&2
    elif [ -n "$quiet" ]; then
        cat "$temp/errors" >&2
    else
        show_output
    fi
    case $code in
    0) ;;
    "$exit_not_installed") exit $exit_not_installed ;;
    *) exit $exit_failed ;;
    esac
}

plan_install()
{
    if ! find_built "$1" "$2"; then
        echo "missing: $1 for $2 in $from"
        return 1
    fi
    link=$symlink
    [ "$1" != dosvc-setup.exe ] || link=''
    if [ -n "$link" ] && [ "$(readlink -- "$3")" = "$built" ]; then
        action=keep
    elif [ -z "$link" ] && [ ! -L "$3" ] && cmp -s -- "$built" "$3"; then
        action=keep
    elif [ -e "$3" ] || [ -L "$3" ]; then
        action=replace
    else
        action=add
    fi
    case $action$link in
    keep*) echo "keep $3" ;;
    *k) echo "$action $3 by a link to $built" ;;
    *) echo "$action $3 by a copy of $built" ;;
    esac
}

is_wines()
{
    head -c 100 -- "$1" 2>/dev/null | grep -aq 'Wine \(builtin\|placeholder\) DLL'
}

plan_uninstall()
{
    # What is Wine's own stays.
    if is_wines "$3"; then
        echo "keep $3"
    elif [ -e "$3.before-dosvc" ]; then
        echo "restore $3"
    elif [ -e "$3" ] || [ -L "$3" ]; then
        echo "remove $3"
    fi
}

is_installed()
{
    # The journal is what uninstall would undo.
    [ -f "$windows/system32/dosvc-setup.exe" ] || [ -f "$windows/dosvc.undo" ] || grep -q '^\[Software\\\\dosvc\\\\Undo' "$prefix/system.reg"
}

not_installed()
{
    [ -n "$quiet" ] && exec >&2
    echo "dosvc is not installed in this prefix."
    exit $exit_not_installed
}

no_front()
{
    echo "The service BITS is not dosvc's in this prefix." >&2
    exit $exit_not_installed
}

# Whether the service has ever kept records in a folder that DOModifyCacheDrive names.
has_folders()
{
    sed -n '/^\[System\\\\[^]]*\\\\Services\\\\DoSvc\\\\Parameters\]/,/^$/p' "$prefix/system.reg" | grep -q '^"Folders"='
}

plan_downloads()
{
    if has_folders; then
        [ -z "$keep_downloads" ] || die $exit_failed "there may be downloads in other folders, which are known at uninstall only."
        echo "end the jobs and downloads in folders of DOModifyCacheDrive"
    fi
    folder=$windows/ServiceProfiles/NetworkService/AppData/Local/Microsoft/Windows/DeliveryOptimization/State
    count=$(find "$folder" -name '*.job' -o -name '*.download' 2>/dev/null | wc -l)
    # Downloads that end with the service have a name in a list.
    count=$((count + $(grep -ao DOtn "$folder/temporary" 2>/dev/null | wc -l)))
    [ "$count" -ne 0 ] || return 0
    [ -z "$keep_downloads" ] ||
        die $exit_failed "$count jobs and downloads are not completed or cancelled. Nothing would be changed."
    echo "end $count jobs and downloads, and delete their temporary files"
}

# What is found out without starting anything in the prefix.
show_plan()
{
    if [ "$verb" = install ]; then
        find_source || die_no_source
        for_each_file plan_install >"$temp/plan" || {
            cat "$temp/plan" >&2
            exit $exit_failed
        }
        echo "register the service, its class and its interfaces${without_bits:+, but not those shared with BITS}" \
            >>"$temp/plan"
    else
        is_installed || not_installed
        [ -z "$bits" ] || has_front || no_front
        : >"$temp/plan"
        [ -n "$bits" ] || plan_downloads >"$temp/plan"
        for_each_file plan_uninstall >>"$temp/plan"
        [ -z "$purge" ] || echo "delete the jobs of BITS" >>"$temp/plan"
        echo "restore the registry${bits:+ of BITS}" >>"$temp/plan"
    fi
    [ -n "$quiet" ] || cat "$temp/plan"
}

die_no_source()
{
    die $exit_failed "there is no dosvc-setup.exe for $arch in ${from}; use --from."
}

install_dosvc()
{
    find_source || die_no_source
    probe_wine
    replace_links
    # Not by a drive letter, which the prefix may not have for it.
    # shellcheck disable=SC1003 # a backslash, in quotes
    run_verb install ${without_bits:+"$without_bits"} ${bits:+"$bits"} ${force:+"$force"} "\\\\?\\unix$(printf '%s' "$from" | tr / '\\')"
    if [ -n "$symlink" ]; then
        for_each_file make_link || die $exit_failed "links cannot be made in $windows."
    fi
    run_verb verify
}

run_in_prefix()
{
    setup=$windows/system32/dosvc-setup.exe
    [ -f "$setup" ] || find_source || not_installed
    probe_wine
    case $verb in
    uninstall) ! is_installed || replace_links ;;
    *) for_each_file show_link >"$temp/links" ;;
    esac
    run_verb "$verb" ${bits:+"$bits"} ${keep_downloads:+"$keep_downloads"} ${purge:+"$purge"}
}

# What this script does to files would disturb another one that runs for the prefix.
lock_prefix()
{
    command -v flock >/dev/null || return 0
    exec 9<"$windows/system32"
    # A file system that knows no locks has nobody wait.
    flock -w 300 9 || [ $? -ne 1 ] || die $exit_failed "another dosvc-setup is at work in $prefix."
}

parse_arguments "$@"
check_prefix

temp=$(mktemp -d "${TMPDIR:-/tmp}/setup_dosvc.XXXXXX") || exit $exit_failed
inside='' start='' note=''
trap 'rm -rf -- "$temp" ${inside:+"$inside"}' EXIT
trap 'exit $exit_failed' HUP INT TERM
check_wine

# An update of the prefix, which starting it may cause, must not stop to ask
# about Mono and Gecko.
WINEDLLOVERRIDES="${WINEDLLOVERRIDES:+$WINEDLLOVERRIDES;}mscoree,mshtml="
WINEPREFIX=$prefix
WINEDEBUG=${WINEDEBUG--all}
# Debian 13's Wine crashes where the last is set.
unset WINEARCH TMPDIR
export WINEPREFIX WINEDLLOVERRIDES WINEDEBUG

# Without a character set Wine finds no file whose path is not ASCII.
case ${LC_ALL:-${LC_CTYPE:-${LANG:-}}} in
'' | C | POSIX)
    LC_ALL=C.UTF-8
    export LC_ALL
    ;;
esac

case $dry_run$verb in
-*) show_plan ;;
install) lock_prefix; install_dosvc ;;
*) lock_prefix; run_in_prefix ;;
esac
