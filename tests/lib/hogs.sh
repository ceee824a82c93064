# Clients that take all of the service, until they are told to abort
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
#
# To be read by sh, in the top folder. $tool is the test tool, $work a folder that has one by the name of got.

# shellcheck shell=sh
hogs=
# hogs_start COUNT VERB ARGUMENT...: so many clients, each with a log of its own.
hogs_start()
{
    count=$1
    shift
    rm -f "$work/got/abort" "$work"/hog.*
    hogs=
    for number in $(seq "$count"); do
        timeout 400 wine "$tool" "$@" >"$work/hog.$number" 2>&1 </dev/null &
        hogs="$hogs $!"
    done
}

# hogs_say TEXT [TRIES]: waited for, a minute with 600 tries.
hogs_say()
{
    for i in $(seq "${2-600}"); do
        test "$(cat "$work"/hog.* | grep -c "$1")" -lt $count || return 0
        kill -0 $hogs 2>/dev/null || break
        sleep 0.1
    done
    cat "$work"/hog.*
    return 1
}

# hogs_abort [TRIES]
hogs_abort()
{
    touch "$work/got/abort"
    hogs_say aborted "$@" && cat "$work"/hog.* | tr -d '\r' | grep aborted
}

hogs_end()
{
    rm -f "$work/got/abort"
    status_of_hogs=0
    for process in $hogs; do
        wait "$process" || status_of_hogs=1
    done
    return $status_of_hogs
}
