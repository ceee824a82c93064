# Cells of the fault matrix: what they are, what they serve, and what has to come of them
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

"""The table of faults, and its cells.

A cell is one download with one fault: the API, the sink, the scheme, one connection or several, the moment of the
fault, and whether it happens once or always. Whatever is chosen at random comes from the name of the cell.
"""

import collections
import functools
import os
import random
import re
import zlib

FOLDER = os.path.dirname(os.path.abspath(__file__))
TARGETS = [("download", "file"), ("download", "stream"), ("job", "file"), ("job", "stream"), ("bits", "file")]
MOMENTS = ["first", "half", "last", "resume", "extra", "finish"]
SCHEMES = ["http", "https"]
MIB = 1 << 20
SMALL = (40000, 90000)   # bytes of a resource for one connection
LARGE = {"file": 24 * MIB, "stream": 12 * MIB}
# Where "half" of a large resource is: what the first connection certainly reaches.
LARGE_BREAK = {"file": 3 * MIB, "stream": 3 * MIB // 2}
HASTY = 12               # seconds without progress that are allowed where retries are to end, ...
PATIENT = 300            # and where they are to lead to the file
SILENCE = 100            # seconds for faults that take the service up to 60 s to notice
DOWNLOAD_MINIMUM = 60    # the least that the download API takes
POOL = 32 * MIB

WINHTTP = {
    "ERROR_WINHTTP_TIMEOUT": 12002, "ERROR_WINHTTP_NAME_NOT_RESOLVED": 12007, "ERROR_WINHTTP_CANNOT_CONNECT": 12029,
    "ERROR_WINHTTP_CONNECTION_ERROR": 12030, "ERROR_WINHTTP_SECURE_CERT_DATE_INVALID": 12037,
    "ERROR_WINHTTP_SECURE_CERT_CN_INVALID": 12038, "ERROR_WINHTTP_SECURE_INVALID_CA": 12045,
    "ERROR_WINHTTP_INVALID_SERVER_RESPONSE": 12152, "ERROR_WINHTTP_SECURE_FAILURE": 12175,
}
BITS = {"BG_E_MISSING_FILE_SIZE": 0x80200011, "BG_E_INSUFFICIENT_RANGE_SUPPORT": 0x80200013,
        "BG_E_INVALID_SERVER_RESPONSE": 0x8020001B, "BG_E_NO_PROGRESS": 0x80200024, "BG_E_INVALID_RANGE": 0x8020002B}
PARTIAL_COMPLETE = 0x00200017 # BG_S_PARTIAL_COMPLETE
# bits-front.md 6.1
OF_BITS = {
    "DO_E_HTTP_BLOCKSIZE_MISMATCH": "BG_E_INVALID_SERVER_RESPONSE", "DO_E_INVALID_RANGE": "BG_E_INVALID_RANGE",
    "DO_E_INSUFFICIENT_RANGE_SUPPORT": "BG_E_INSUFFICIENT_RANGE_SUPPORT",
}

Fault = collections.namedtuple("Fault", "name section moments schemes sinks times")
Cell = collections.namedtuple("Cell", "fault moment times api sink scheme connections")
Outcome = collections.namedtuple("Outcome", "kind codes")


def name_of(cell):
    return "/".join(str(part) for part in cell)


def parse_name(name):
    parts = name.split("/")
    return Cell(*parts[:6], int(parts[6]))


def random_of(cell, purpose):
    return random.Random(zlib.crc32(f"{name_of(cell)} {purpose}".encode()))


@functools.lru_cache(maxsize=1)
def pool():
    return memoryview(random.Random(1).randbytes(POOL))


def size_of(cell, version=1):
    if cell.fault == "slow" and cell.times == "always":
        return 24
    if cell.connections > 1:
        size = LARGE[cell.sink]
    else:
        size = random_of(cell, "size").randint(*SMALL)
    return size + 1234 * (version - 1) if cell.fault in OTHER_LENGTH else size


# Faults whose second version has another length.
OTHER_LENGTH = {"contradiction", "longer-version"}


def content(cell, version=1):
    """Bytes of a version of the cell's resource."""
    size = size_of(cell, version)
    start = random_of(cell, f"version {version}").randrange(POOL - size)
    return pool()[start:start + size]


def break_of(cell):
    """Where the response breaks that leads to the moment; the driver waits for so many bytes, too."""
    size = size_of(cell)
    if cell.moment in ("first", "extra"):
        return 0
    if cell.moment == "last":
        return size - 1
    return LARGE_BREAK[cell.sink] if cell.connections > 1 else size // 2


@functools.lru_cache(maxsize=1)
def codes():
    """Values of the names of errors, from the header and the tables above."""
    values = {name: 0x80070000 | code for name, code in WINHTTP.items()}
    values.update(BITS)
    with open(os.path.join(FOLDER, "../../include/deliveryoptimizationerrors.h")) as file:
        for name, value in re.findall(r"#define\s+(DO_E_\w+)\s+\(\(HRESULT\)(0x[0-9a-fA-F]+)", file.read()):
            values[name] = int(value, 16)
    return values


def value_of(name):
    if name.startswith("HTTP_"):
        return 0x80190000 | int(name[5:])
    return codes()[name]


def read_table():
    """The faults, by name in the order of the table, and the known failures: name of cells -> reason."""
    faults, known, section = {}, {}, ""
    with open(os.path.join(FOLDER, "table")) as file:
        for line in file:
            words = line.split()
            if line.startswith("## "):
                section = line[3:].strip()
            elif line.startswith("known "):
                known[words[1]] = " ".join(words[2:])
            elif words and not line.startswith("#"):
                name, moments, schemes, sinks, once, always = words
                once = always if once == "=" else once
                faults[name] = Fault(name, section, expand(moments, MOMENTS), expand(schemes, SCHEMES),
                                     expand(sinks, ["file", "stream"]), {"once": once, "always": always})
    return faults, known


def expand(text, everything):
    return everything if text == "*" else text.split(",")


def is_known(known, name):
    """Return the reason of the known failure that a cell is, or None. A name may have * for any part."""
    for pattern, reason in known.items():
        if all(a in ("*", b) for a, b in zip(pattern.split("/"), name.split("/"))):
            return reason
    return None


def cells_of(fault):
    """All legal cells of a fault."""
    for moment in fault.moments:
        for times in ("once", "always"):
            if moment == "finish" and times == "once":
                continue
            for api, sink in TARGETS:
                if sink not in fault.sinks:
                    continue
                for scheme in fault.schemes:
                    for connections in (1, 4):
                        if connections == 1 and moment == "extra" or connections > 1 and "extra" not in fault.moments:
                            continue
                        # That of one byte a second is small.
                        if connections > 1 and fault.name == "slow" and times == "always":
                            continue
                        # The first response, which leads there, does not come so far beside others.
                        if connections > 1 and moment == "last" and fault.name not in BODY_FAULTS:
                            continue
                        cell = Cell(fault.name, moment, times, api, sink, scheme, connections)
                        if outcome_in(fault, cell).kind != "-":
                            yield cell


def all_cells(faults):
    """All legal cells, in the order of the table."""
    return [cell for fault in faults.values() for cell in cells_of(fault)]


def facets(cell):
    return {("target", cell.api, cell.sink), ("scheme", cell.scheme), ("connections", cell.connections),
            ("moment", cell.moment), ("times", cell.times)}


def select(faults, count):
    """A spread selection: each fault with each of its facets, then more of them until there are enough."""
    chosen = []
    for fault in faults.values():
        rest = sorted(cells_of(fault), key=lambda cell: zlib.crc32(name_of(cell).encode()))
        missing = set().union(*map(facets, rest)) if rest else set()
        while missing:
            best = max(rest, key=lambda cell: len(facets(cell) & missing))
            missing -= facets(best)
            rest.remove(best)
            chosen.append(best)
    # Large resources take more time, so they are one in eight.
    others = sorted(all_cells(faults), key=lambda cell: zlib.crc32(name_of(cell).encode()) * (8 if cell.connections > 1 else 1))
    have = set(chosen)
    for cell in others:
        if len(chosen) >= count:
            break
        if cell not in have:
            chosen.append(cell)
    return chosen


def outcome_in(fault, cell):
    for part in fault.times[cell.times].split(","):
        selectors, equals, outcome = part.rpartition("=")
        if not equals or set(selectors.split("+")) <= {cell.api, cell.sink, cell.moment, cell.scheme}:
            kind, _, names = outcome.partition(":")
            return Outcome(kind, names.split("|") if names else [])
    raise ValueError(f"{name_of(cell)}: the table has no outcome")


def outcome_of(faults, cell):
    """What the table says of a cell."""
    return outcome_in(faults[cell.fault], cell)


def timeout_of(faults, cell):
    """Seconds without progress that the client allows."""
    if cell.moment == "extra" or outcome_of(faults, cell).kind == "file":
        return PATIENT
    hasty = SILENCE if any("TIMEOUT" in name for name in outcome_of(faults, cell).codes) else HASTY
    return max(hasty, DOWNLOAD_MINIMUM) if cell.api == "download" else hasty


def duration_of(faults, cell):
    """About how many seconds a cell takes."""
    outcome = outcome_of(faults, cell)
    if outcome.kind in ("retry", "late") and cell.moment not in ("extra", "finish"):
        return timeout_of(faults, cell)
    if cell.connections > 1:
        return 30
    return SILENCE if cell.fault in SLOW_FAULTS else 0


def translate(cell, name):
    return value_of(OF_BITS.get(name, name) if cell.api == "bits" else name)


def errors_of(faults, cell):
    """Pairs of HRESULT and extended error that a failed cell may end with; None: any extended error."""
    outcome = outcome_of(faults, cell)
    pairs = set()
    for name in outcome.codes:
        name, _, cause = name.partition("/")
        code = translate(cell, name)
        # Only the download API has an ending of its own before the first response that was of use; a body that
        # breaks off before its first byte had a head that was.
        is_new = cell.api == "download" and cell.moment == "first" and cell.fault not in BODY_FAULTS
        # Of attempts that last so long, the time does not allow as many as it has then.
        if outcome.kind == "retry" and cell.api != "bits" and (not is_new or "TIMEOUT" in name):
            pairs.add((value_of("DO_E_DOWNLOAD_NO_PROGRESS"), code))
        if outcome.kind == "retry" and cell.api != "bits" and not is_new:
            continue
        if cause and cell.api == "download":
            pairs.add((code, value_of(cause)))
        else:
            pairs.add((code, 0 if cell.api == "download" else None))
    return pairs


# Those that take the service long also where they happen once.
SLOW_FAULTS = {"stall", "silent", "connect-silent", "tls-silent", "proxy-silent", "slow"}
# Faults of a body, whose head is right.
BODY_FAULTS = {"reset", "truncated", "stall", "slow", "no-close-notify", "bad-chunk", "chunk-cut", "unsized-reset",
               "weak-etag", "no-validators", "weak-date", "only-modified", "proxy-cut"}
