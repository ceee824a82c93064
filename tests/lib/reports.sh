# Functions for what works with the reports on faults of Wine
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
# To be read by sh, in the top folder. $reports is where the reports are, $wine_version that of the Wine that is installed.

# shellcheck shell=sh
reports=documentation/upstream
wine_version=$(wine --version 2>/dev/null | sed 's/^wine-\([0-9.]*\).*/\1/')

# all_reports: the names of the folders that have a test.
all_reports()
{
    for report in "$reports"/*/test.c; do
        basename "${report%/test.c}"
    done
}

# seen_on NAME: the versions of Wine that have the fault, in a line; then the oldest and the newest of them.
seen_on()
{
    sed -n 's/^Seen on Wine \(.*\)\.$/\1/p' "$reports/$1/README.md" | tr -d ,
}

oldest_seen()
{
    seen_on "$1" | tr ' ' '\n' | sort -V | head -n 1
}

newest_seen()
{
    seen_on "$1" | tr ' ' '\n' | sort -V | tail -n 1
}
