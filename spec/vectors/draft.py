"""Files of Fingal byte by byte: the smallest writer that follows spec/FORMAT.md, with a hook before every checksum.

It stores what it is told, PLAIN unless an encoded page is given, so that it can make files that the library's writer never
makes: allowed ones, and ones with a single defect whose checksums are right all the same.
"""
import json
import struct
import zlib

import lz4.block
import numpy as np
import zstandard

import fingal_reader as reader
from fingal_reader import MAGIC, P61, R61, up, xxh


def packed_bits(words, width, bits):
    """§6.3: words of `width` bits, 1,024 at a time in lanes, the rest one after another."""
    out = b""
    for at in range(0, len(words), 1024):
        part = [int(w) for w in words[at:at + 1024]]
        if len(part) < 1024:
            number = sum(w << i * width for i, w in enumerate(part))
            out += number.to_bytes((len(part) * width + 7) // 8, "little")
            continue
        lanes = 1024 // bits
        columns = [sum(part[row * lanes + lane] << row * width for row in range(bits)) for lane in range(lanes)]
        mask = (1 << bits) - 1
        for k in range(width):
            out += b"".join((c >> k * bits & mask).to_bytes(bits // 8, "little") for c in columns)
    return out


def vector(words, bits, base, width, exceptions=()):
    """One packed vector; `exceptions` are positions, whose words lie elsewhere."""
    size, mask = bits // 8, (1 << bits) - 1
    differences = [0 if i in exceptions else int(w) - base & mask for i, w in enumerate(words)]
    head = (base & mask).to_bytes(size, "little") + struct.pack("<BH", width, len(exceptions))
    tail = struct.pack(f"<{len(exceptions)}H", *exceptions)
    return head + packed_bits(differences, width, bits) + tail + b"".join(
        (int(words[i]) & mask).to_bytes(size, "little") for i in exceptions)


def child(encoding, data):
    return struct.pack("<BI", encoding, len(data)) + data


def plain(values, type_="<u4"):
    return child(0, np.array(values, type_).tobytes())


def compress(data, codec):
    if codec == 1:
        return lz4.block.compress(data, store_size=False)
    if codec == 2:
        return zlib.compress(data)
    return zstandard.ZstdCompressor().compress(data) if codec == 3 else data


class Page:
    def __init__(self, stream, values, nulls=0, encoding=0, data=None, codec=0):
        self.encoding, self.codec, self.nulls, self.nans, self.elements = encoding, codec, nulls, 0, len(values)
        self.bounds, self.low, self.high, self.offset, self.reserved, self.checksum = 0, 0, 0, None, 0, None
        if stream.type == "string":
            own = np.array([len(v) for v in values], "<u4").tobytes() + b"".join(values)
        else:
            own = values.tobytes()
            real = values
            if values.dtype.kind == "f":
                self.nans = int(np.isnan(values).sum())
                real = values[~np.isnan(values)].astype("<f8") + 0.0
            if len(real):
                both = np.array([real.min(), real.max()])
                self.bounds = 1
                self.low, self.high = (
                    both.view("<u8").tolist() if real.dtype.kind == "f" else [int(x) & (1 << 64) - 1 for x in both])
        self.decoded = len(own)
        self.set(own if data is None else data, codec)

    def set(self, data, codec=0):
        self.codec, self.encoded, self.stored = codec, len(data), compress(data, codec)

    def row(self):
        return struct.pack(
            "<QIIIIBBHIIIQQQ", self.offset, len(self.stored), self.encoded, self.decoded, self.elements, self.encoding,
            self.codec, self.bounds, self.nans, self.nulls, self.reserved, self.checksum, self.low, self.high)


class Column:
    """A stream of a cluster."""


class Cluster:
    def __init__(self, events, columns):
        self.events, self.columns, self.hooks = events, columns, {}


class Draft:
    """A file in the making. `hooks` change a block before its checksum is made, or with `!` behind the name after."""

    def __init__(self, schema, streams=None):
        self.schema, self.streams = schema, streams or reader.streams_of(schema)
        self.parents = {c["name"]: c.get("parent") for c in schema.get("collections") or []}
        self.clusters, self.metadata, self.hooks, self.inputs = [], {}, {}, []
        self.version, self.required, self.optional, self.ends = (1, 0), 0, 0, []
        self.left_out = {}  # clusters that the end does not name: by "" for the newest, "old " for those before
        self.text, self.metadata_text = None, None  # of schema and metadata, if it is not to be what follows from them

    def add(self, events, values, pages={}, shifts={}):
        """A cluster. `values` by path, or (path, "validity"); `pages` (encoding, data[, codec]) by path and page, or by path."""
        columns, self.of, given = [], {None: np.arange(events + 1)}, {}
        for index, s in enumerate(self.streams):
            key = (s.name, "validity") if s.kind == "validity" else s.name
            data = values[key]
            if s.type == "string":
                data = [v.encode() for v in data]
            elif isinstance(data, np.ndarray) and data.dtype.kind == "u" and s.dtype.kind == "f":
                data = data.view(s.dtype)
            else:
                data = np.array(data, s.dtype).reshape(-1)
            given[s.name, s.kind] = data
            if s.kind == "counts":
                above = self.of[self.parents[s.name]]
                self.of[s.name] = np.concatenate([[0], np.cumsum(data)])[above].astype(int)
            border = self.of[s.collection] * s.row
            c = Column()
            c.shift = shifts.get(s.name, (events - 1).bit_length())
            c.pages, c.digest, c.reserved = [], 0, b"\0\0\0"
            for number, first in enumerate(range(0, events, 1 << c.shift)):
                low, high = border[first], border[min(events, first + (1 << c.shift))]
                nulls = 0
                if s.kind == "values" and s.nullable:
                    nulls = int((given[s.name, "validity"][low // s.row:high // s.row] == 0).sum())
                form = () if s.kind == "validity" else pages.get((s.name, number), pages.get(s.name, ()))
                c.pages.append(Page(s, data[low:high], nulls, *form))
            for low, high in zip(border, border[1:]):
                part = data[low:high]
                raw = part.tobytes() if s.type != "string" else (
                    np.array([len(v) for v in part], "<u4").tobytes() + b"".join(part))
                c.digest = (c.digest * R61 + xxh(raw, 7)) % P61
            columns.append(c)
        self.inputs.append(given)
        self.clusters.append(Cluster(events, columns))
        return self

    def page(self, name, number=0, kind="values", cluster=0):
        index = next(i for i, s in enumerate(self.streams) if s.name == name and s.kind == kind)
        return self.clusters[cluster].columns[index].pages[number]

    def column(self, name, kind="values", cluster=0):
        index = next(i for i, s in enumerate(self.streams) if s.name == name and s.kind == kind)
        return self.clusters[cluster].columns[index]

    def hook(self, name, block):
        if name in self.hooks:
            block = bytearray(block)
            block = self.hooks[name](block) or block
        return bytes(block)

    def expected(self):
        """The lines of `fingal_reader.py --values` behind the first, from what went in."""
        for s in self.streams:
            parts = [g[s.name, s.kind] for g in self.inputs]
            item = {"path": s.name, "kind": s.kind, "type": s.type}
            if s.type == "string":
                item["strings"] = [v.decode() for part in parts for v in part]
            else:
                item["hex"] = b"".join(part.tobytes() for part in parts).hex()
            yield item

    def bytes(self):
        text = self.text or json.dumps(self.schema, separators=(",", ":"), ensure_ascii=False).encode()
        text = self.hook("schema", text)
        header = MAGIC + struct.pack(
            "<HHIQQQQQ", *self.version, 0, self.required, self.optional, len(text), xxh(text, 2), 0)
        header = self.hook("header", header)
        out = bytearray(self.hook("header!", header + struct.pack("<Q", xxh(header, 1))) + text)
        out += bytes(up(len(out), 64) - len(out))
        written = []
        for number, cluster in enumerate(self.clusters):
            if number in self.ends:
                out += self.end(written, len(out), old=True)
            written.append((cluster, len(out), *self.cluster(cluster)))
            out += written[-1][2]
        out += self.end(written, len(out))
        return self.hook("file", out)

    def cluster(self, cluster):
        self.hooks_of = cluster.hooks
        count = sum(len(c.pages) for c in cluster.columns)
        place = 64 + 16 * len(cluster.columns) + 64 * count
        table, rows, data = b"", b"", b""
        for index, c in enumerate(cluster.columns):
            table += struct.pack("<B3sIQ", c.shift, c.reserved, len(c.pages), c.digest)
            for number, p in enumerate(c.pages):
                gap = up(place, 8) - place
                data += bytes(gap)
                place += gap
                p.offset = place if p.offset is None else p.offset
                p.checksum = xxh(p.stored, index + 1 << 32 | number) if p.checksum is None else p.checksum
                rows += p.row()
                data += p.stored
                place += len(p.stored)
        directory = self.hook("directory", table + rows)
        length = up(64 + len(directory) + len(data), 64)
        check = xxh(directory, 4)
        head = struct.pack("<8sQQIIQQQ", b"FGLCLUST", length, cluster.events, len(cluster.columns), 0, len(directory),
                           check, 0)
        head = self.hook("head", head)
        block = self.hook("head!", head + struct.pack("<Q", xxh(head, 3))) + directory + data
        return block + bytes(up(len(block), 64) - len(block)), check

    def end(self, written, offset, old=False):
        which = "old " if old else ""
        written = [w for i, w in enumerate(written) if i not in self.left_out.get(which, ())]
        events = sum(c.events for c, *_ in written)
        n = len(written)
        totals = []
        for i, _ in enumerate(self.streams):
            total = 0
            for c, *_ in written:
                total = (total * pow(R61, c.events, P61) + c.columns[i].digest) % P61
            totals.append(total)
        content = xxh(reader.structure(self.schema) + struct.pack(f"<Q{len(totals)}Q", events, *totals), 8)
        first = np.concatenate([[0], np.cumsum([c.events for c, *_ in written])])[:n]
        arrays = [[w[1] for w in written], [len(w[2]) for w in written], first, [w[0].events for w in written],
                  [w[3] for w in written]]
        bounds, m = b"", 0
        place = {s.name: i for i, s in enumerate(self.streams) if s.kind == "values"}
        for i, f in enumerate(self.schema["fields"]):
            if f.get("collection") or f.get("shape") or f["type"] == "string":
                continue
            m += 1
            s = self.streams[place[f["name"]]]
            key = lambda raw: struct.unpack({"f": "<d", "i": "<q", "u": "<Q"}[s.dtype.kind], struct.pack("<Q", raw))[0]
            rows = []
            for c, *_ in written:
                pages = [p for p in c.columns[place[f["name"]]].pages if p.bounds]
                rows.append((1, min((p.low for p in pages), key=key), max((p.high for p in pages), key=key))
                            if pages else (0, 0, 0))
            flags = bytes(r[0] for r in rows)
            bounds += struct.pack("<Q", i) + flags + bytes(up(n, 8) - n)
            bounds += b"".join(struct.pack("<Q", r[k]) for k in (1, 2) for r in rows)
        meta = self.metadata_text or json.dumps(self.metadata, separators=(",", ":"), ensure_ascii=False).encode()
        footer = struct.pack("<5Q", n, events, m, len(meta), content)
        footer += b"".join(struct.pack("<Q", int(x)) for a in arrays for x in a) + bounds + meta
        footer += bytes(up(len(footer), 8) - len(footer))
        whole = up(len(footer) + 16, 64) + 64
        footer = b"FGLFOOT\0" + struct.pack("<Q", whole) + footer
        footer = self.hook(which + "footer", footer)
        trailer = struct.pack("<6Q", offset, len(footer), xxh(footer, 5), offset + up(len(footer), 64) + 64, events, 0)
        trailer = self.hook(which + "trailer", trailer)
        tail = self.hook(which + "trailer!", trailer + struct.pack("<Q", xxh(trailer, 6)) + MAGIC[::-1])
        self.content = content
        return footer + bytes(up(len(footer), 64) - len(footer)) + tail
