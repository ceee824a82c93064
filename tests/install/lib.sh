# What the tests of the installation share
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
# Sourced by tests/install/run and tests/bits/run, with their arguments. The prefix is a
# throw-away one; before and after a round trip, its files and its registry are compared.

# shellcheck shell=bash
set -u

usage()
{
    sed -n 's/^# \(Usage: .*\)/\1/p' "$0" >&2
    exit 2
}

build='' template='' win32='' only='' full=''
while [ $# -gt 0 ]; do
    case $1 in
    --build | --template | --only)
        [ -n "${2-}" ] || usage
        case $1 in
        --build) build=$2 ;;
        --template) template=$2 ;;
        --only) only=$2 ;;
        esac
        shift
        ;;
    --win32) win32=y ;;
    --full) full=y ;;
    *) usage ;;
    esac
    shift
done
[ -d "$build" ] || usage
build=$(cd "$build" && pwd)
top=$(cd "$(dirname "$0")/../.." && pwd)

unset WINEPREFIX WINEARCH
export WINEDEBUG=-all
wine=${WINE:-wine}
wineserver=${WINESERVER:-wineserver}

work=$(mktemp -d "${TMPDIR:-/tmp}/dosvc-setup-test.XXXXXX")
chmod 755 "$work"
# Debian 13's Wine crashes where this is set.
unset TMPDIR
# Nothing here may depend on a path without spaces.
prefix="$work/a prefix"
system32=$prefix/drive_c/windows/system32
setup=$work/setup_dosvc.sh
cp "$top/tools/setup_dosvc.sh" "$setup"
version=$(cat "$top/VERSION")

. "$top/tests/lib/result.sh"

# check_step NAME COMMAND...: the command's last line of output is the reason; those
# before it may tell more.
check_step()
{
    local name=$1

    shift
    [[ $name =~ $only ]] || return 0
    ! is_late || { skip "$name ($late_reason)"; return 0; }
    rm -f "$work/crashes"
    if "$@" >"$work/check" 2>&1; then
        pass "$name"
    else
        tail -n 20 "$work/check" | sed 's/^/# /'
        fail "$name: $(tail -n 1 "$work/check")"
    fi
    [ ! -s "$work/crashes" ] || { echo "# a program crashed:"; sed 's/^/# /' "$work/crashes"; }
}

# The page of winedbg about a crash goes to a file, which check shows.
keep_crashes()
{
    local key

    for key in 'HKLM\Software' 'HKLM\Software\Wow6432Node'; do
        run_wine reg add "$key\Microsoft\Windows NT\CurrentVersion\AeDebug" /f /v Debugger \
            /d "cmd /c C:\\windows\\system32\\winedbg.exe --auto %ld %ld >>Z:${work//\//\\}\\crashes 2>&1" || return 1
    done
}

# check_alone NAME COMMAND...: a check that begins and ends with the fresh
# prefix; one that fails leaves no mess to the next.
check_alone()
{
    local before=$failed

    check "$@"
    [ "$failed" -eq "$before" ] && return
    exec 9>&-
    stop_server
    rm -rf "$prefix"
    cp -a "$work/fresh" "$prefix"
}

# A program in the test prefix. Output goes to a file, because services inherit
# the descriptor and would hold up a pipe.
run_wine()
{
    WINEPREFIX=$prefix WINEDLLOVERRIDES='mscoree,mshtml=' timeout 120 "$wine" "$@" </dev/null >"$work/wine" 2>&1
}

# find_native PROGRAM: sets native to the command for a program in the system32
# of the prefix. Where wine is a 32-bit loader, that name means another folder.
find_native()
{
    run_wine cmd /c 'if exist C:\windows\sysnative\cmd.exe exit 7'
    if [ $? -eq 7 ]; then
        native=(start /wait /b "C:\\windows\\sysnative\\$1.exe")
    else
        native=("C:\\windows\\system32\\$1.exe")
    fi
}

wait_server()
{
    WINEPREFIX=$prefix timeout 60 "$wineserver" -w
}

# hold COMMAND...: starts cmd, or a copy of it, and lets it wait until release.
# The server and the services stay with it.
hold()
{
    WINEPREFIX=$prefix "$wine" "$@" /c pause <"$work/fifo" >/dev/null 2>&1 &
    holder=$!
    exec 9>"$work/fifo"
    sleep 1
}

# Fails if the program did not wait.
release()
{
    local code=0

    kill -0 "$holder" 2>/dev/null || { echo "a program of the prefix was ended"; code=1; }
    echo >&9 2>/dev/null
    exec 9>&-
    wait "$holder"
    return $code
}

stop_server()
{
    WINEPREFIX=$prefix "$wineserver" -k 2>/dev/null
    wait_server
}

cleanup()
{
    [ -d "$prefix" ] && stop_server
    rm -rf "$work"
}

trap cleanup EXIT
trap 'exit 1' HUP INT TERM
trap '' PIPE

# expect CODE ARGUMENT...: the script with these arguments ends with this code.
expect()
{
    local code=$1 result

    shift
    WINEPREFIX=$prefix timeout 180 "$setup" "$@" </dev/null >"$work/output" 2>&1
    result=$?
    [ $result -eq "$code" ] && return
    cat "$work/output"
    echo "setup_dosvc.sh $*: exit code $result instead of $code: $(tail -n 1 "$work/output")"
    return 1
}

# expect_text TEXT: the output of the last expect has it.
expect_text()
{
    grep -q -e "$1" "$work/output" && return
    echo "no '$1' in: $(cat "$work/output")"
    return 1
}

# Every file of the prefix with its checksum, which is computed again only when the file has changed, but for temporary
# files and logs. The key of a file is its inode, size and change time.
list_files()
(
    cd "$prefix/drive_c" || return 1
    touch "$work/sums"
    find . \( -path './users/*/Temp' -o -path './windows/*/Microsoft/Windows/*/Logs' \) -prune -o \
        -type f -printf '%i:%s:%C@ %p\n' >"$work/list"
    awk 'FILENAME == ARGV[1] { known[$1]; next } !($1 in known) { printf "%s%c", substr($0, index($0, " ") + 1), 0 }' \
        "$work/sums" "$work/list" | xargs -0 -r md5sum >"$work/new-sums"
    awk 'FILENAME == ARGV[1] { sum[substr($0, 35)] = $1; next }
        { path = substr($0, index($0, " ") + 1) } path in sum { print $1, sum[path] }' \
        "$work/new-sums" "$work/list" >>"$work/sums"
    awk 'FILENAME == ARGV[1] { sum[$1] = $2; next } { print substr($0, index($0, " ") + 1), sum[$1] }' \
        "$work/sums" "$work/list" | sort
    find . ! -type f -printf '%p %y %l\n' | sort
)

# The files, and the registry as saved. Left out, because Wine itself changes
# them whenever a prefix runs:
#   timestamps of keys
#   Control\ServiceCurrent: a counter of services that were started
#   Control\Video, the display's Control\Class and its Enum: made anew, and only
#   in part when the prefix ends early
#   .update-timestamp: written by wineboot -u
#   Temp: not ours to compare; checked for leftovers of ours by itself
snapshot()
{
    local file

    wait_server
    for file in system user userdef; do
        sed -E -e '/^#time=/d' -e 's/^(\[.*\]) [0-9]+$/\1/' "$prefix/$file.reg"
    done | awk '
        /^\[/ {
            key = toupper($0)
            skip = index(key, "\\\\CONTROL\\\\SERVICECURRENT]") || index(key, "\\\\CONTROL\\\\VIDEO\\\\") ||
                index(key, "\\\\CONTROL\\\\CLASS\\\\{4D36E96") || index(key, "\\\\ENUM\\\\PCI") ||
                index(key, "\\\\ENUM\\\\DISPLAY")
        }
        !skip' >"$1.registry"
    list_files >"$1.files"
}

expect_same()
{
    local part

    for part in registry files; do
        cmp -s "$1.$part" "$2.$part" && continue
        diff "$1.$part" "$2.$part"
        echo "$part: $(diff "$1.$part" "$2.$part" | grep -c '^[<>]') lines differ, first: $(
            diff "$1.$part" "$2.$part" | grep -m 1 '^[<>]')"
        return 1
    done
}

expect_clean()
{
    snapshot "$work/after"
    expect_same "$work/before" "$work/after"
}

make_prefix()
{
    if [ -n "$template" ]; then
        cp -a "$template" "$prefix"
    else
        [ -z "$win32" ] || export WINEARCH=win32
        run_wine wineboot -u || return 1
        unset WINEARCH
    fi
    wait_server
    # Once more: what the first start of a fresh prefix adds is not ours.
    keep_crashes || return 1
    wait_server
    snapshot "$work/before"
    cp -a "$prefix" "$work/fresh"
    arch=x86_64 width=x64
    grep -q '^#arch=win32' "$prefix/system.reg" && arch=i686 width=x86
    return 0
}

expect_wine()
{
    run_wine "$@" && return
    echo "$*: exit code $?: $(tail -n 1 "$work/wine")"
    return 1
}

# Writes a file that bears the mark of Wine's own.
make_builtin()
{
    { head -c 64 /dev/zero; printf 'Wine builtin DLL\0'; head -c 1000 /dev/zero; } >"$1"
}

# As if the power were cut. Wine's processes do not all end when the server does.
kill_prefix()
{
    local dir

    for dir in /proc/[0-9]*; do
        if { tr '\0' '\n' <"$dir/environ" | grep -qxF "WINEPREFIX=$prefix"; } 2>/dev/null; then
            kill -KILL "${dir#/proc/}" 2>/dev/null || :
        fi
    done
}

# An origin that never sends all. Sets origin and url.
start_origin()
{
    rm -f "$work/port" "$work/port.requests"
    # shellcheck disable=SC2016 # for perl
    perl -MIO::Socket::INET -e '
        my $server = IO::Socket::INET->new(Listen => 9, LocalAddr => "127.0.0.1") or die;
        my @clients;
        open my $out, ">", "$ARGV[0].new" or die;
        print $out $server->sockport;
        close $out;
        rename "$ARGV[0].new", $ARGV[0];
        while (my $client = $server->accept) {
            my $request = <$client>;
            while (defined(my $line = <$client>)) { last if $line =~ /^\r?\n$/ }
            print $client "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\nETag: \"1\"\r\n\r\n", "x" x 1000;
            $client->flush;
            push @clients, $client;
            open my $log, ">>", "$ARGV[0].requests" or die;
            print $log $request;
        }' "$work/port" >/dev/null 2>&1 &
    origin=$!
    await test -s "$work/port" || return 1
    url=http://127.0.0.1:$(cat "$work/port")
}

# await COMMAND...: until it succeeds, with a limit.
await()
{
    local i

    for ((i = 0; i < 600; i++)); do
        "$@" && return
        sleep 0.1
    done
    echo "did not come: $*"
    return 1
}

copy_build()
{
    local arch file folder

    for arch in x86_64 i686; do
        [ -d "$build/$arch" ] || continue
        folder=$1/x64
        [ $arch = x86_64 ] || folder=$1/x86
        mkdir -p "$folder"
        for file in dlls/dosvc/dosvc.dll dlls/dosvcps/dosvcps.dll dlls/qmgr/qmgr.dll programs/doctl/doctl.exe \
            programs/dosvc-setup/dosvc-setup.exe; do
            cp "$build/$arch/$file" "$folder/" || return 1
        done
    done
}

update_prefix()
{
    rm -f "$prefix/.update-timestamp"
    run_wine wineboot -u
    wait_server
}
