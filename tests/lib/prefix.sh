# A throw-away Wine prefix for demo and tests
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
# To be sourced. The caller sets $work, a folder of its own. Services stay for
# $prefix_patience seconds after the last program (60).

# shellcheck shell=sh
# No display, no menus, no dialogs; HOME too belongs to the prefix. The output
# of a Wine program must never be a pipe: services inherit it, and its reader
# would wait until the whole prefix is down.
unset DISPLAY WAYLAND_DISPLAY WINEARCH WINELOADER WINESERVER
# Names of files have any letters, whatever the locale of the caller is.
export LC_ALL=C.UTF-8
# Debian 13's Wine crashes where this is set.
unset TMPDIR
export WINEPREFIX="$work/prefix" HOME="$work/home" WINEDLLOVERRIDES='mscoree,mshtml,winemenubuilder.exe,winedbg.exe='
export WINEDEBUG="${WINEDEBUG--all}"

# prefix_create [TEMPLATE]: makes the prefix, as a copy of another one that is
# not in use if that is given, otherwise of the kind $prefix_kind (win64 or
# win32) if that is set. Its services outlive single programs.
prefix_create()
{
    mkdir -p "$HOME"
    if test -n "${1-}"; then
        cp -a "$1" "$WINEPREFIX" || return 1
    else
        env ${prefix_kind:+WINEARCH="$prefix_kind"} timeout 300 wine wineboot -u >"$work/wineboot.log" 2>&1 </dev/null || return 1
        wineserver -w
    fi
    test -f "$WINEPREFIX/system.reg" || return 1
    wineserver "-p${prefix_patience:-60}"
}

# prefix_arch [PREFIX]: the architecture of a prefix's own programs; that of an
# ordinary one without it.
prefix_arch()
{
    if test -n "${1-}" && grep -q '^#arch=win32' "$1/system.reg"; then echo i686; else echo x86_64; fi
}

# prefix_install BUILD [OPTION...]: puts dosvc into the prefix.
prefix_install()
{
    from=$1
    shift
    tools/setup_dosvc.sh install --prefix "$WINEPREFIX" --from "$from" "$@" >"$work/install.log" 2>&1 </dev/null && return 0
    cat "$work/install.log"
    return 1
}

# prefix_replace_service DLL: puts another dosvc.dll in place of the one that is installed. The prefix is stopped.
prefix_replace_service()
{
    rm -f "$WINEPREFIX/drive_c/windows/system32/dosvc.dll"
    cp "$1" "$WINEPREFIX/drive_c/windows/system32/dosvc.dll"
}

# Ends every program of the prefix.
prefix_stop()
{
    test -d "$WINEPREFIX" || return 0
    wineserver -k 2>/dev/null || :
    wineserver -w 2>/dev/null || :
}

# Starts the prefix anew, and lets it stay for a minute after its last program. Otherwise Debian's wineserver ends the services
# with that program: they are gone before they can be looked at.
prefix_stay()
{
    prefix_stop
    wineserver -p60
}

# Runs a Windows program for at most so many seconds: prefix_run SECONDS
# PROGRAM ARGUMENTS..., its output in $work/out and $work/err.
prefix_run()
{
    limit=$1
    shift
    timeout -k 5 "$limit" wine "$@" >"$work/out" 2>"$work/err" </dev/null
}

# command_of PID: the words of its command, nothing when it is gone.
command_of()
{
    { tr '\0' ' ' <"/proc/$1/cmdline" | sed 's/ *$//'; } 2>/dev/null
}

# prefix_interrupt PID: Ctrl-C for what 'wine PROGRAM &' has started. Where Wine's
# loader is of another width than the program, that is start.exe, which waits for
# the program; of its own command it shows the beginning.
prefix_interrupt()
{
    target=$1
    command=$(command_of "$1")
    case $command in
        'start.exe /exec '*)
            for dir in /proc/[0-9]*; do
                case $(command_of "${dir#/proc/}") in
                    "${command#start.exe /exec }"*) target=${dir#/proc/} ;;
                esac
            done
            ;;
    esac
    kill -INT "$target"
}

# has_text FILE TEXT: in a file of /proc, whose strings end with a zero. The
# process may be gone by now.
has_text()
{
    { tr '\0' '\n' <"$1" | grep -qi -- "$2"; } 2>/dev/null
}

# The Unix process id of the service, nothing when it does not run.
service_pid()
{
    # One look at all of them: there are services that do not live for long.
    for file in $(grep -lsz '^DoSvc' /proc/[0-9]*/cmdline); do
        dir=${file%/cmdline}
        if has_text "$dir/environ" "^WINEPREFIX=$WINEPREFIX\$"; then
            echo "${dir#/proc/}"
        fi
    done
}

# The process ends a moment after the service has stopped.
service_has_ended()
{
    test -z "$(service_pid)"
}

# set_crash_point N: the service that starts next ends at this step; 0 for none
set_crash_point()
{
    prefix_run 60 reg add 'HKLM\System\CurrentControlSet\Services\DoSvc\Parameters' /v CrashPoint /t REG_DWORD /d "$1" /f
}

# wait_for COMMAND...: until it succeeds, for a minute.
wait_for()
{
    for try in $(seq 600); do
        "$@" && return 0
        sleep 0.1
    done
    echo "waited in vain for: $*"
    return 1
}

# service_status KEY: of the service: a key of its status, such as Threads, or in KiB VmHWM, VmRSS or RssAnon, or Pss, its own
# memory and its share of what it shares.
service_status()
{
    set -- "$1" "/proc/$(service_pid)"
    case $1 in
        Pss) awk '/^Pss:/ { print $2 }' "$2/smaps_rollup" ;;
        *)   awk -v key="$1:" '$1 == key { print $2 }' "$2/status" ;;
    esac
}
