# A disk whose power may fail
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
# The disk is modelled as Linux promises it. A write counts when its file has been
# flushed. A name counts when its file or its folder has been flushed, and all
# changes of names before it count then, too: a journal has them in their order. Of
# what does not count yet, the disk may have any part: of each file any pages,
# with or without the new length; of the names those up to any change.

PAGE = 4096
TORN = 3           # random states for each point, besides
STATES = TORN + 5  # the extremes


class Inode:
    def __init__(self, data=b''):
        self.durable = bytes(data)
        self.pending = []  # (offset, bytes), or (length, None) for a change of the length

    def written(self, pending):
        data = bytearray(self.durable)
        for offset, piece in pending:
            if piece is None:
                del data[offset:]
                data.extend(bytes(offset - len(data)))
            else:
                data.extend(bytes(max(0, offset - len(data))))
                data[offset:offset + len(piece)] = piece
        return bytes(data)

    # What the disk may have of it after a failure of the power.

    def whole(self, _):
        return self.written(self.pending)

    def flushed(self, _):
        return self.durable

    def lengthened(self, _):
        size = len(self.written(self.pending))
        return self.durable[:size].ljust(size, b'\0')

    def torn(self, rng):
        whole = self.written(self.pending)
        data = bytearray(self.durable if rng.random() < 0.5 else self.lengthened(rng))
        for start in range(0, len(data), PAGE):
            if rng.random() < 0.5:
                data[start:start + PAGE] = whole[start:start + PAGE]
        return bytes(data)


class Disk:
    def __init__(self):
        self.names = {}    # as programs see them
        self.durable = {}  # as the disk has them for certain
        self.pending = []  # changes of names since: (path or None, path or None, inode)

    @staticmethod
    def apply(names, change):
        source, target, inode = change
        if source:
            names.pop(source, None)
        if target:
            names[target] = inode

    def change(self, source, target, inode):
        self.apply(self.names, (source, target, inode))
        self.pending.append((source, target, inode))

    def settle_names(self, count):
        for change in self.pending[:count]:
            self.apply(self.durable, change)
        del self.pending[:count]

    def names_after(self, count):
        names = dict(self.durable)
        for change in self.pending[:count]:
            self.apply(names, change)
        return names

    def states(self, rng):
        """Yield states of the disk after a failure of the power: a dictionary of paths and their bytes."""
        none, every = 0, len(self.pending)
        kinds = [(none, Inode.flushed), (none, Inode.whole), (every, Inode.flushed), (every, Inode.lengthened),
                 (every, Inode.whole)]
        kinds += [(rng.randint(none, every), Inode.torn) for _ in range(TORN)]
        for count, content in kinds:
            yield {path: content(inode, rng) if inode.pending else inode.durable
                   for path, inode in self.names_after(count).items()}
