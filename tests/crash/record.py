# Records of jobs and downloads (dlls/dosvc/base/record.c)
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

import struct
import zlib

JOB, DOWNLOAD = 1, 2
NUMBER, STRING, BYTES, RANGES, GROUP = 1, 2, 3, 4, 5


class Damaged(Exception):
    pass


def read_fields(data):
    fields, at = [], 0
    while at < len(data):
        if len(data) - at < 8:
            raise Damaged('a field is cut')
        number, kind, _, size = struct.unpack_from('<HBBI', data, at)
        value = data[at + 8:at + 8 + size]
        if len(value) != size:
            raise Damaged('a value is cut')
        at += 8 + size
        if kind == NUMBER:
            value = int.from_bytes(value, 'little')
        elif kind == STRING:
            value = value.decode('utf-16-le')
        elif kind == RANGES:
            value = list(struct.iter_unpack('<QQ', value))
        elif kind == GROUP:
            value = read_fields(value)
        fields.append((number, value))
    return fields


def read_record(data):
    """Return the fields of a record and of its additions, the last of which may be unfinished."""
    fields, at = [], 0
    while at < len(data):
        try:
            if data[at:at + 4] != b'DOrc':
                raise Damaged('not a record')
            size, crc = struct.unpack_from('<II', data, at + 8)
            body = data[at + 16:at + 16 + size]
            if len(body) != size or zlib.crc32(data[at:at + 12] + body) != crc:
                raise Damaged('the checksum is wrong')
        except (Damaged, struct.error) as error:
            if not at or b'DOrc' in data[at + 1:]:
                raise Damaged(str(error)) from None
            break
        fields += read_fields(body)
        at += 16 + size
    if not at:
        raise Damaged('empty')
    return fields


def get_transfers(fields, is_job):
    """Return the transfers of a record, as dictionaries by number (members[] in record.c)."""
    groups = [value for number, value in fields if number == 1 and isinstance(value, list)]
    if is_job:
        groups = [value for group in groups for number, value in group if number == 1 and isinstance(value, list)]
    return [dict(group) for group in groups]
