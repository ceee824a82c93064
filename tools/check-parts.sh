# The parts of tools/check that are no scripts of their own
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
# To be sourced, with top, build and work; tools/check-part has the others from tools/check.

# shellcheck shell=sh
# Warnings are errors; each width counts.
build_all()
{
    {
        test -x configure && test configure -nt configure.ac && test configure -nt VERSION || autoconf
        cd "$build"
        test -f Makefile && test Makefile -nt "$top/Makefile.in" && test Makefile -nt "$top/configure" ||
            "$top/configure" --enable-werror
    } >"$work/configure.log" 2>&1 || { cat "$work/configure.log"; return 1; }
    for arch in x86_64 i686; do
        if make -C "$build" --no-print-directory -j"$jobs" WERROR=-Werror $arch >"$work/make.log" 2>&1; then
            pass "build for $arch without a warning"
        else
            tail -n 40 "$work/make.log"
            fail "build for $arch without a warning"
        fi
    done
    cd "$top" || exit
    summary build
}

shell_scripts()
{
    git -c safe.directory='*' ls-files | while read -r file; do
        case $file in
            *.sh) echo "$file" ;;
            *) head -n 1 "$file" | tr -d '\0' | grep -Eq '^#! ?/bin/(ba)?sh' && echo "$file" ;;
        esac
    done
}

# What is given away, and what is so long, to the letter.
check_shell()
{
    shellcheck --severity=warning $(shell_scripts) &&
        shellcheck -x tools/setup_dosvc.sh tests/install/run tests/install/lib.sh &&
        sed 's/@[A-Z]*@//g' packaging/winetricks/dosvc.verb.in >"$work/verb.sh" && shellcheck --severity=warning "$work/verb.sh"
}

# has_options PAGE TEXT...: the page names every option of the texts, and no other.
has_options()
{
    page=$1
    shift
    cat "$@" | grep -o -e '--[a-z][a-z0-9-]*' | sort -u >"$work/options"
    tr -d '\\' <"$page" | grep -o -e '--[a-z][a-z0-9-]*' | sort -u | diff "$work/options" - >&2
}

# A manual page is without a warning, complete, and lists the exit codes.
check_page()
{
    groff -ww -z -man -Tutf8 "documentation/$1.1" >"$work/groff" 2>&1
    cat "$work/groff"
    test ! -s "$work/groff" && grep -q '^.SH EXIT STATUS' "documentation/$1.1"
}

check_style()
{
    check "the style of the sources" tools/checkstyle
    check "each statement that a test cites is in documentation/spec" tools/checkspec
    check "files depend on each other in one direction, but for tools/layers.known" tools/checklayers "$build"
    check "the style of the shell scripts" check_shell
    for page in documentation/*.1; do
        page=$(basename "$page" .1)
        check "the manual page $page" check_page "$page"
    done
    tests/faults/run --table >"$work/faults.md"
    check "documentation/faults.md is made from the table" cmp documentation/faults.md "$work/faults.md"
    tests/faults/run --picture >"$work/faults.svg"
    check "documentation/faults.svg is made from the table" cmp documentation/faults.svg "$work/faults.svg"
    tools/setup_dosvc.sh --help >"$work/help"
    check "the options of dosvc-setup" has_options documentation/dosvc-setup.1 "$work/help"
    check "the options of doctl" has_options documentation/doctl.1 programs/doctl/doctl.rc
    summary style
}

same_release()
{
    for folder in "$build" "$again"; do
        tools/package-release.sh --from "$folder" --output "$folder/release" >"$work/release.log" 2>&1 ||
            { cat "$work/release.log"; return 1; }
    done
    cmp "$build"/release/*.tar.xz "$again"/release/*.tar.xz
}

# A second build, in another folder: analysed where it is for 64 bits, and of the same bytes, as is the release. The
# analysis of gcc changes no code.
analyze_and_compare()
{
    again=$work/again
    nice tools/analyze "$build" "$again"
    nice make -C "$again" --no-print-directory -j"$jobs" product >"$work/make.log" 2>&1 || tail -n 20 "$work/make.log"
    for arch in x86_64 i686; do
        for file in dlls/dosvc/dosvc.dll dlls/qmgr/qmgr.dll dlls/dosvcps/dosvcps.dll programs/doctl/doctl.exe \
                programs/dosvc-setup/dosvc-setup.exe; do
            check "$arch/$file is reproducible" cmp "$build/$arch/$file" "$again/$arch/$file"
        done
    done
    check "the release is reproducible" same_release
    summary reproducible
}

# The prefix that the tests copy.
make_template()
{
    check "make a prefix" prefix_create
    check "install dosvc into it" prefix_install "$build"
    prefix_stop
    check "copy it" cp -a "$WINEPREFIX" "$template"
    summary prefix
}

# run_conformance [ARCH [GREP...]]: each test of dlls/dosvc/tests, or of the suite
# $suite, in a process of its own, one prefix for all; only those whose names grep
# finds, if it is given. With $share, 0 or 1, half of them besides $proxy_tests; with
# another one these alone.
run_conformance()
{
    test_exe=$build/${1:-x86_64}/${suite:-dlls/dosvc/tests/dosvc_test.exe}
    test $# = 0 || shift
    test $# != 0 || set -- .
    todo=0
    passed=0
    failed=0
    skipped=0
    wineserver -p60
    prefix_run 60 "$test_exe"
    tests=$(sed -n 's/^    \([a-z0-9_]*\).*/\1/p' "$work/out" | grep "$@" | awk -v share="${share-}" \
        -v always="${proxy_tests-}" 'share == "" || NR % 2 == share || $0 ~ always')
    test -n "$tests" || { cat "$work/err"; fail "a list of tests"; }
    mkdir -p "$work/tests"
    cd "$work/tests" || exit
    for test in $tests; do
        run_test "$test"
    done
    cd "$top" || exit
    prefix_stop
    echo "conformance: $todo marked as todo"
    summary conformance
}

conformance_in_copy()
{
    prefix_create "$template" || { fail "a prefix"; summary conformance; return; }
    run_conformance "$@"
}

# The tests of the BITS front, in a prefix that has it.
bits_in_copy()
{
    suite=dlls/qmgr/tests/qmgr_test.exe
    { prefix_create "$template" && prefix_install "$build" --bits; } ||
        { fail "a prefix with the BITS front"; summary bits; return; }
    run_conformance "$@"
}

# try_test NAME: sets status, and line: executed, todo, flaky, failed, skipped.
try_test()
{
    prefix_run 480 "$test_exe" "$1"
    status=$?
    line=$(tr -d '\r' <"$work/out" | sed -n \
        's/^[0-9a-f]*:'"$1"': \([0-9]*\) tests executed (\([0-9]*\) marked as todo, \([0-9]*\) as flaky, \([0-9]*\) failures), \([0-9]*\) skipped\.$/\1 \2 \3 \4 \5/p' | tail -n 1)
    # A child process of the test prints a line of its own.
    grep -aE 'Test (failed|succeeded inside todo|skipped)|[Ss]kipped:' "$work/out" || :
    test -n "$line" || tail -n 5 "$work/out" "$work/err"
}

# With $second_chance one that fails is run again, and what it said is shown.
run_test()
{
    ! is_late || { skip "$1 ($late_reason)"; return; }
    try_test "$1"
    if test -n "${second_chance-}" && ! echo "$line" | grep -q '^[0-9]* [0-9]* [0-9]* 0 '; then
        echo "$1: failed, and gets a second chance"
        try_test "$1"
    fi
    if test -z "$line"; then
        fail "$1: ended with exit code $status before its summary"
        return
    fi
    set -- "$1" $line
    echo "$1: $2 executed, $3 todo, $4 flaky, $5 failed, $6 skipped"
    todo=$((todo + $3))
    passed=$((passed + $2 - $3 - $4 - $5))
    failed=$((failed + $5))
    skipped=$((skipped + $4 + $6))
}

# is_of FOLDER PROCESS: every Windows program has its prefix in its environment,
# nginx its folder in its command.
is_of()
{
    folder=$1
    shift
    command=$({ tr '\0' ' ' <"$1/cmdline"; } 2>/dev/null)
    case $command in
        *nginx*"$folder"*)   return 0 ;;
        *.exe*|*wineserver*) { tr '\0' '\n' <"$1/environ"; } 2>/dev/null | grep -q "^WINEPREFIX=$folder" ;;
        *)                   return 1 ;;
    esac
}

# check_processes FOLDER: nothing that was started in it is still there.
check_processes()
{
    for dir in /proc/[0-9]*; do
        ! is_of "$1" "$dir" || fail "left behind: ${dir#/proc/} $command"
    done
    test $failed != 0 || pass "no process is left behind"
    summary processes
}

# The parts below need what is fetched once and kept in $cache; $home is the home of
# who runs the check, where npm is configured.

# leave_out_part NAME REASON
leave_out_part()
{
    skip "$1 ($2)"
    summary "$1"
}

run_clients()
{
    env HOME="$home" tests/clients/get "$cache/clients" || { leave_out_part clients "npm cannot get them"; return; }
    tests/clients/run --build "$build" --programs "$cache/clients" --prefix "$template" x64
}

# matrix ARGUMENT...: where there can be no chroot, that is no failure.
matrix()
{
    status=0
    env HOME="$home" DOSVC_MATRIX_CACHE="$cache" tools/matrix --build "$build" "$@" || status=$?
    test $status = 3 || return $status
    leave_out_part matrix "see above"
}

# All of it has to be over within three quarters of an hour, also where packages and the chroot are fetched first and the
# machine is slow. A configuration takes a third of that, and what failed is repeated afterwards, so that none begins
# after 1,300 s of the whole run. The first one has 600 s for the chroot, however late it is.
run_matrix()
{
    left=$((begun + 1300 - $(date +%s)))
    matrix --quick --budget $((left > 600 ? left : 600)) --second-chance x64 win32 x86
}

# In the source of the Wine here, and of that in the chroot.
run_winetree()
{
    tools/install-deps winetree || { leave_out_part winetree "packages for it are missing"; return; }
    result=0
    tests/winetree/run --cache "$cache/source" || result=1
    matrix tree || result=1
    return $result
}
