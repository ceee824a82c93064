# The origin of tests/faults, and its driver
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
# To be sourced. The caller sets $work, a folder of its own, $driver, the program of tests/faults, and $batch, a folder for
# what both have to say. The certificates are in $work/certificates, where ca.der is the one to be trusted.

# shellcheck shell=sh
faults_pid=

# make_certificate NAME ISSUER DAYS BITS SUBJECTALTNAME
make_certificate()
{
    openssl req -newkey "rsa:$4" -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$1" &&
        echo "subjectAltName=$5" >"$1.ext" &&
        openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -CAcreateserial -out "$1.crt" -days "$3" -extfile "$1.ext"
}

make_issuer()
{
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.pem" -days 30 -subj "/CN=dosvc test root $1" \
        -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign" &&
        openssl x509 -in "$1.pem" -outform DER -out "$1.der"
}

make_certificates()
{
    names=DNS:localhost,IP:::1
    for i in 1 2 3 4 5 6; do names=$names,IP:127.0.0.$i; done
    mkdir "$work/certificates"
    (
        cd "$work/certificates" && make_issuer ca && make_issuer other &&
            make_certificate good ca 30 2048 "$names" && make_certificate expired ca 0 2048 "$names" &&
            make_certificate wrong ca 30 2048 DNS:other.test && make_certificate unknown other 30 2048 "$names" &&
            make_certificate weak ca 30 1024 "$names"
    ) >"$work/openssl.log" 2>&1 </dev/null && return 0
    cat "$work/openssl.log"
    return 1
}

# faults_start CELLS: serves the cells of a file, and sets $proxy, the port of its proxy. In a new $batch.
faults_start()
{
    rm -rf "$batch"
    mkdir -p "$batch/got" "$batch/fired"
    tests/faults/origin "$1" "$work/certificates" "$batch/driver" "$batch/fired" "$batch/log" \
        >"$batch/origin.out" 2>"$batch/origin.err" </dev/null &
    faults_pid=$!
    : >>"$batch/origin.out"
    for i in $(seq 300); do
        proxy=$(sed -n 's/^proxy //p' "$batch/origin.out")
        test -z "$proxy" && kill -0 $faults_pid 2>/dev/null || break
        sleep 0.1
    done
    test -n "$proxy" || { cat "$batch/origin.err"; return 1; }
}

faults_stop()
{
    test -n "$faults_pid" || return 0
    kill "$faults_pid" 2>/dev/null
    wait "$faults_pid"
    faults_pid=
}

# faults_drive CONNECTIONS COUNT SECONDS: makes the cells with so many connections, so many at once.
faults_drive()
{
    timeout -k 5 "$3" wine "$driver" "$(winepath -w "$batch/driver.$1" 2>/dev/null)" \
        "$(winepath -w "$batch/got" 2>/dev/null)" "$(winepath -w "$batch/fired" 2>/dev/null)" "$2" >"$batch/results.$1" \
        2>"$batch/errors.$1" </dev/null && return 0
    echo "the driver has ended with exit code $?" >>"$batch/errors.$1"
    return 1
}
