# System calls as strace -f -ttt -y -xx writes them
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

import re

CALL = re.compile(r'^(\d+) +([\d.]+) (.*)$')
RESUMED = re.compile(r'^<\.\.\. (\w+) resumed>(.*)$')


def unescape(text):
    return bytes.fromhex(text.replace('\\x', ''))


class Call:
    """A system call: name, arguments and result as strace -y -xx has them, and the places of its two ends."""

    def __init__(self, begin, text):
        self.begin, self.end, self.text = begin, None, text

    def finish(self, end, text):
        self.end = end
        self.text += text
        self.name, rest = self.text.split('(', 1)
        arguments, _, result = rest.rpartition(' = ')
        self.arguments = arguments.rstrip().rstrip(')')
        self.has_failed = result.startswith(('-1', '?'))
        self.result = result

    def strings(self):
        return [unescape(text) for text in re.findall(r'"((?:\\x[0-9a-f]{2})*)"', self.arguments)]

    def descriptor(self):
        """Return the number and the path of the first argument; strace escapes what is between < and >."""
        match = re.match(r'(\d+)<((?:\\x[0-9a-f]{2})*)>', self.arguments)
        return (int(match[1]), unescape(match[2]).decode('utf-8', 'surrogateescape')) if match else (-1, '')

    def numbers(self):
        return [int(n) for n in re.findall(r'(?<=, )-?\d+', re.sub(r'<[^>]*>|"[^"]*"', '', self.arguments))]


def read_trace(path):
    """Return the calls of all threads, each with the line numbers at which it began and ended."""
    open_calls, calls = {}, []
    with open(path, encoding='ascii', errors='replace') as file:
        for number, line in enumerate(file):
            match = CALL.match(line.rstrip('\n'))
            if not match:
                continue
            thread, text = match[1], match[3]
            resumed = RESUMED.match(text)
            if resumed:
                call = open_calls.pop(thread, None)
                if call:
                    call.finish(number, resumed[2])
                    calls.append(call)
            elif text.endswith('<unfinished ...>'):
                open_calls[thread] = Call(number, text[:-len('<unfinished ...>')].rstrip())
            elif '(' in text and ' = ' in text:
                call = Call(number, '')
                call.finish(number, text)
                calls.append(call)
    return calls
