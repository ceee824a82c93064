# Counts the results of a test script
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
# To be sourced.

# shellcheck shell=sh
passed=0
failed=0
skipped=0

pass()
{
    passed=$((passed + 1))
    echo "ok: $*"
}

fail()
{
    failed=$((failed + 1))
    echo "FAILED: $*"
}

skip()
{
    skipped=$((skipped + 1))
    echo "skipped: $*"
}

# is_late: the time $check_end, in seconds since 1970, is over, if there is one. tools/check --minutes sets it: on a slow
# machine the last checks are left out for $late_reason, rather than that all of them are ended from outside.
late_reason='no time is left'
is_late()
{
    test -n "${check_end-}" && test "$(date +%s)" -gt "$check_end"
}

# check TEXT COMMAND...: the command has to succeed.
check()
{
    text=$1
    shift
    if is_late; then skip "$text ($late_reason)"
    elif "$@"; then pass "$text"; else fail "$text"; fi
}

# try TEXT COMMAND...: as check does, if the text has the pattern $only of grep -E.
try()
{
    ! printf '%s\n' "$1" | grep -Eq -e "$only" || check "$@"
}

# summary NAME: the last line; fails if anything failed.
summary()
{
    echo "$1: $passed passed, $failed failed, $skipped skipped"
    test "$failed" = 0
}
