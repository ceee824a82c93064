# nginx on loopback as the origin of downloads
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
# To be sourced. The caller sets $work, a folder of its own; what is in
# $work/www is served at http://localhost:$origin_port/, and with TLS at
# https://localhost:$origin_tls_port/ if $work/server.crt and $work/server.key
# are there. $origin_rate is what a connection gets, such as 40m; 0 is no limit.

# shellcheck shell=sh
PATH=$PATH:/usr/sbin:/sbin
origin_port=
origin_tls_port=
origin_bound=
origin_pid=
origin_rate=0

# Additional directives for the server; a script may define its own.
origin_locations()
{
    :
}

# Additional servers, at the ports that follow on the one for TLS.
origin_servers()
{
    :
}

random_port()
{
    echo $((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
}

write_config()
{
    tls=
    if test -f "$work/server.crt"; then
        tls="listen 127.0.0.1:$origin_tls_port ssl;
            ssl_certificate $work/server.crt;
            ssl_certificate_key $work/server.key;"
    fi
    user=
    # As root nginx would give its workers to a user that cannot read $work.
    test "$(id -u)" != 0 || user="user root;"
    cat >"$work/nginx.conf" <<EOT
$user
worker_processes 2;
pid $work/nginx.pid;
error_log $work/nginx-error.log;
events { worker_connections 512; }
http {
    types { }
    default_type application/octet-stream;
    log_format brief '\$request_method \$uri \$status \$body_bytes_sent \$http_range';
    access_log $work/nginx-access.log brief;
    client_body_temp_path $work/nginx-body;
    proxy_temp_path $work/nginx-proxy;
    fastcgi_temp_path $work/nginx-fastcgi;
    uwsgi_temp_path $work/nginx-uwsgi;
    scgi_temp_path $work/nginx-scgi;
    sendfile on;
    server {
        listen 127.0.0.1:$origin_port;
        $tls
        server_name localhost;
        root $work/www;
        limit_rate $origin_rate;
        $(origin_locations)
    }
    $(origin_servers)
}
EOT
}

# nginx listens when its command returns, but writes its number a moment later.
read_origin_pid()
{
    wait_for test -s "$work/nginx.pid" && origin_pid=$(cat "$work/nginx.pid")
}

# Starts nginx at the ports it had, or at two that are free.
origin_start()
{
    for try in 1 2 3 4 5 6 7 8 9 10; do
        if test -z "$origin_bound"; then
            origin_port=$(random_port)
            origin_tls_port=$((origin_port + 1))
        fi
        write_config
        if nginx -e "$work/nginx-error.log" -c "$work/nginx.conf" >>"$work/nginx.log" 2>&1 </dev/null; then
            read_origin_pid || break
            origin_bound=yes
            return 0
        fi
        # A port that was in use a moment ago is free again soon.
        test -z "$origin_bound" || sleep 0.5
    done
    cat "$work/nginx.log" >&2
    return 1
}

# At once, connections included.
origin_stop()
{
    test -n "$origin_pid" || return 0
    kill -TERM "$origin_pid" 2>/dev/null || :
    while kill -0 "$origin_pid" 2>/dev/null; do sleep 0.05; done
    origin_pid=
}

# The certificate of localhost, and the one that it is trusted by.
origin_make_certificates()
{
    (
        cd "$work" &&
        openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 30 -subj "/CN=dosvc test root" \
            -addext "basicConstraints=critical,CA:TRUE" -addext "keyUsage=critical,keyCertSign" &&
        openssl x509 -in ca.pem -outform DER -out ca.der &&
        openssl req -newkey rsa:2048 -nodes -keyout server.key -out server.csr -subj "/CN=localhost" &&
        echo "subjectAltName=DNS:localhost" >server.ext &&
        openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out server.crt -days 30 \
            -extfile server.ext
    ) >"$work/openssl.log" 2>&1 </dev/null && return 0
    cat "$work/openssl.log"
    return 1
}

# origin_trust TESTTOOL: Windows programs trust it from now on. Wine's crypt32
# reads the roots once in a process.
origin_trust()
{
    # It may not be running.
    prefix_run 60 net stop DoSvc || :
    prefix_run 60 "$1" addroot "$work/ca.der" && return 0
    cat "$work/out" "$work/err"
    return 1
}
