#!/usr/bin/env python3
"""Reference reader of Fingal files, version 1.0: the second implementation, in the order of spec/FORMAT.md.

It shares no code with the library and is written to be read, not to be fast: it checks every rule of the specification and
refuses what breaks one. Needs NumPy and, from PyPI, xxhash, lz4 and zstandard. It compares names by the Unicode of its
Python: 15, from which on the specification counts, came with Python 3.12.

    fingal_reader.py FILE...           check every byte; print what is in it; exit 1 if anything is wrong
    fingal_reader.py FILE --dump       the events as JSON lines
    fingal_reader.py FILE --values     the file as one line of JSON, then each stream: path, kind, type, its bytes as hex or
                                       its strings: what two implementations can compare

    f = File(path)
    f.values("hits.energy")         all elements of a column: numpy array, or list of bytes (strings)
    f.counts("hits")                elements of each event
    f.validity("mass")              bool array, or None
"""
import json
import re
import struct
import sys
import unicodedata
import zlib

import numpy as np
import xxhash

MAGIC = b"\x89FGL\r\n\x1a\n"
TYPES = {
    "bool": "u1", "int8": "i1", "int16": "<i2", "int32": "<i4", "int64": "<i8", "uint8": "u1", "uint16": "<u2",
    "uint32": "<u4", "uint64": "<u8", "float32": "<f4", "float64": "<f8", "enum": "<u2",
}
PLAIN, CONST, FOR, DELTA, DICT, RLE, BYTE_SPLIT, ALP, ALP_RD, SPARSE, DECIMAL, LOOKUP = range(12)
ENCODINGS = dict(enumerate("PLAIN CONST FOR DELTA DICT RLE BYTE_SPLIT ALP ALP_RD SPARSE DECIMAL LOOKUP".split()))
# A child's level is below its parent's (§6): so nothing recurses without end.
LEVEL = {PLAIN: 0, CONST: 0, FOR: 0, BYTE_SPLIT: 0, DELTA: 1, RLE: 2, ALP: 3, DECIMAL: 3, ALP_RD: 3, DICT: 4, SPARSE: 5,
         LOOKUP: 6}
EVENTS = 1 << 60  # of a file, which has fewer
TABLE = 1 << 20  # entries of a LOOKUP table
P61 = (1 << 61) - 1
R61 = 0x9E3779B97F4A7C15 % P61
CODECS = {0: "none", 1: "lz4", 2: "zlib", 3: "zstd"}
VECTOR = 1024


class Damage(Exception):
    """The file breaks a rule of the specification."""


def need(condition, message):
    if not condition:
        raise Damage(message)


def xxh(data, seed):
    return xxhash.xxh3_64_intdigest(data, seed=seed)


def up(value, multiple):
    return -(-value // multiple) * multiple


# -- JSON --------------------------------------------------------------------------------------------------------


def strict_json(raw, what):
    """An object in the form of §3.1. Python's parser is lenient about names of floats, keys that come twice and halves of
    surrogate pairs, and recurses as deep as the text says."""

    def refused(*_):
        raise Damage(f"{what}: no JSON")

    def once(pairs):
        keys = {unicodedata.normalize("NFC", key) for key, _ in pairs}
        need(len(keys) == len(pairs), f"{what}: a key twice")
        return dict(pairs)

    def whole(value):
        """Halves of surrogate pairs, which are no characters."""
        if isinstance(value, str):
            need(not any(0xD800 <= ord(c) < 0xE000 for c in value), f"{what}: half of a surrogate pair")
        elif isinstance(value, list):
            for item in value:
                whole(item)
        elif isinstance(value, dict):
            whole([*value, *value.values()])

    need(raw[:1] == b"{" and 0 not in raw, f"{what} is no JSON object")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Damage(f"{what}: not UTF-8") from None
    level = 0
    for bracket in re.findall(r"[\[\]{}]", re.sub(r'"(?:[^"\\]|\\.)*"', "", text)):
        level += 1 if bracket in "[{" else -1
        need(level <= 64, f"{what}: more than 64 levels")
    try:
        # Integers of thousands of digits are allowed, where nobody asks for them; Python refuses to convert them.
        value = json.loads(text, object_pairs_hook=once, parse_constant=refused,
                           parse_int=lambda digits: int(digits) if len(digits) < 100 else float(digits))
    except ValueError:
        refused()
    whole(value)
    return value


# -- streams -----------------------------------------------------------------------------------------------------


class Stream:
    """What §3.3 stores: `kind` is counts, validity or values. `collection` is the one whose elements it follows."""

    def __init__(self, name, kind, type_, row=1, collection=None, nullable=False, labels=None):
        self.name, self.kind, self.type, self.row = name, kind, type_, row
        self.collection, self.nullable, self.labels = collection, nullable, labels

    @property
    def dtype(self):
        return None if self.type == "string" else np.dtype(TYPES[self.type])


def check_name(name):
    need(isinstance(name, str) and name, "a name is empty")
    need(len(name.encode()) <= 1024, "a name is too long")
    need(not any(ord(c) < 0x20 or ord(c) == 0x7F for c in name), "a name holds control characters")


def optional(entry, key, kind, default=None):
    value = entry.get(key)
    if value is None:
        return default
    need(type(value) is kind, f"'{key}' of the schema is no {kind.__name__}")
    return value


def streams_of(schema):
    need(isinstance(schema, dict) and isinstance(schema.get("fields"), list), "the schema has no fields")
    collections = optional(schema, "collections", list, [])
    fields = schema["fields"]
    need(len(collections) <= 1024 and len(fields) <= 32768, "too many fields or collections")
    for x in [schema, *collections, *fields]:
        need(isinstance(x, dict), "a collection or field is no object")
        texts = optional(x, "metadata", dict, {})
        need(all(isinstance(v, str) for v in texts.values()), "metadata that is no text")
    for x in [*collections, *fields]:
        optional(x, "description", str)
    names, out, depth = set(), [], {}

    def unique(path):
        path = unicodedata.normalize("NFC", path)
        need(path not in names, f"{path} twice")
        names.add(path)

    for c in collections:
        check_name(c.get("name"))
        unique(c["name"])
        parent = optional(c, "parent", str)
        need(parent is None or parent in depth, "a collection before its parent")
        depth[c["name"]] = depth.get(parent, 0) + 1
        need(depth[c["name"]] <= 4, "collections nested too deep")
        out.append(Stream(c["name"], "counts", "uint32", collection=parent))
    for f in fields:
        check_name(f.get("name"))
        optional(f, "unit", str)
        collection = optional(f, "collection", str)
        need(collection is None or collection in depth, "a field of an unknown collection")
        kind = f.get("type")
        need(isinstance(kind, str) and (kind in TYPES or kind == "string"), f"unknown type {kind}")
        path = f["name"] if collection is None else f"{collection}.{f['name']}"
        unique(path)
        row = 1
        shape, nullable = optional(f, "shape", list, []), optional(f, "nullable", bool, False)
        need(len(shape) <= 8 and all(type(n) is int and n >= 1 for n in shape), "bad shape")
        for n in shape:
            row *= n
            need(row <= 1 << 24, "a tensor is too large")
        need(not shape or kind != "string", "a tensor of strings")
        labels = optional(f, "labels", list)
        if kind == "enum":
            need(labels is not None and 1 <= len(labels) <= 65536, "labels of an enum")
            for label in labels:
                check_name(label)
            need(len({unicodedata.normalize("NFC", x) for x in labels}) == len(labels), "labels of an enum")
        else:
            need(not labels, "labels of what is no enum")
        if nullable:
            out.append(Stream(path, "validity", "bool", 1, collection))
        out.append(Stream(path, "values", kind, row, collection, nullable, labels))
    return out


def structure(schema):
    """The part of the schema that the content hash covers (§8.3)."""
    pick = lambda entry, keys: {k: entry[k] for k in keys if entry.get(k) not in (None, [], False)}
    out = {"fields": [pick(f, ("collection", "labels", "name", "nullable", "shape", "type")) for f in schema["fields"]]}
    if schema.get("collections"):
        out["collections"] = [pick(c, ("name", "parent")) for c in schema["collections"]]
    return json.dumps(out, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


# -- encodings ---------------------------------------------------------------------------------------------------


class Bytes:
    """A cursor over encoded bytes."""

    def __init__(self, data):
        self.data, self.at = memoryview(data), 0

    def take(self, n):
        need(0 <= n <= len(self.data) - self.at, "bytes are missing")
        self.at += n
        return self.data[self.at - n:self.at]

    def int(self, n, signed=False):
        return int.from_bytes(self.take(n), "little", signed=signed)

    @property
    def left(self):
        return len(self.data) - self.at


def unpack_bits(src, m, width, bits):
    """The bit packing of one vector (§6.3): m words of `width` bits."""
    word = np.dtype(f"<u{bits // 8}")
    need(width <= bits, "width")
    if width == 0:
        return np.zeros(m, word)
    if m == VECTOR:
        lanes = VECTOR // bits
        packed = np.frombuffer(src.take(128 * width), word).reshape(width, lanes)
        out = np.empty((bits, lanes), word)
        mask = word.type((1 << width) - 1)
        for row in range(bits):
            k, s = divmod(row * width, bits)
            d = packed[k] >> word.type(s)
            if s + width > bits:
                d = d | (packed[k + 1] << word.type(bits - s))
            out[row] = d & mask
        return out.reshape(-1)
    raw = np.frombuffer(src.take((m * width + 7) // 8), "u1")
    b = np.unpackbits(raw, bitorder="little")
    need(not b[m * width:].any(), "bits left over are not zero")
    b = np.pad(b[:m * width].reshape(m, width), ((0, 0), (0, bits - width)))
    return np.packbits(b, axis=1, bitorder="little").reshape(-1).view(word)


def unpack_all(src, n, width, bits):
    """Packed bits of n words, vector by vector, without headers."""
    parts = [unpack_bits(src, min(VECTOR, n - i), width, bits) for i in range(0, n, VECTOR)]
    return np.concatenate(parts) if parts else np.zeros(0, f"<u{bits // 8}")


def unpack_vector(src, m, bits):
    """One packed vector (§6.3) of m words, exceptions in their places."""
    word = np.dtype(f"<u{bits // 8}")
    base = np.frombuffer(src.take(bits // 8), word)[0]
    width, exceptions = src.int(1), src.int(2)
    need(exceptions <= m, "more exceptions than words")
    diff = unpack_bits(src, m, width, bits)
    positions = np.frombuffer(src.take(2 * exceptions), "<u2").astype(np.int64)
    patches = np.frombuffer(src.take(exceptions * bits // 8), word)
    if exceptions:
        need((np.diff(positions) > 0).all() and positions[-1] < m, "positions of exceptions")
    words = diff + base
    words[positions] = patches
    return words


def unpack(src, n, bits):
    """A sequence of packed vectors: n words."""
    parts = [unpack_vector(src, min(VECTOR, n - i), bits) for i in range(0, n, VECTOR)]
    return np.concatenate(parts) if parts else np.zeros(0, f"<u{bits // 8}")


def word_of(dtype):
    return np.dtype(f"<u{dtype.itemsize}")


def child(src, n, dtype, level):
    """A child page: n elements by an encoding of a lower level."""
    encoding, size = src.int(1), src.int(4)
    need(encoding in ENCODINGS, f"unknown encoding {encoding}")
    need(LEVEL[encoding] < level, f"{ENCODINGS[encoding]} is not allowed here")
    return decode(src.take(size), encoding, n, dtype)


def byte_split(src, n, dtype):
    word = word_of(dtype)
    bits = 8 * word.itemsize
    base = np.frombuffer(src.take(word.itemsize), word)[0]
    width, low = src.int(1), src.int(1)
    need(1 <= width <= bits and low <= width, "width of BYTE_SPLIT")
    out = unpack_all(src, n, low, bits).astype("<u8")
    for plane in range(-(-(width - low) // 8)):
        codec, size = src.int(1), src.int(4)
        data = np.frombuffer(undo_codec(bytes(src.take(size)), codec, n), "u1").astype("<u8")
        shift = low + 8 * plane
        need(width - shift >= 8 or not (data >> np.uint64(width - shift)).any(), "bits beyond the width")
        out |= data << np.uint64(shift)
    return (out.astype(word) + base).view(dtype)


def delta(src, n, dtype):
    word = word_of(dtype)
    first = np.frombuffer(src.take(word.itemsize), word)
    steps = child(src, n - 1, word, LEVEL[DELTA])
    return np.cumsum(np.concatenate([first, steps]), dtype=word).view(dtype)


def rle(src, n, dtype):
    runs = src.int(4)
    need(1 <= runs <= n, "runs of RLE")
    values = child(src, runs, dtype, LEVEL[RLE])
    lengths = child(src, runs, np.dtype("<u4"), LEVEL[RLE]).astype(np.int64)
    need((lengths >= 1).all() and int(lengths.sum()) == n, "lengths of runs")
    return np.repeat(values, lengths)


def specials(src, dtype):
    """Numbers that stand for bit patterns: the first of them, and the patterns."""
    k = src.int(1)
    need(k <= 16, "specials")
    first = src.int(dtype.itemsize, signed=True)
    need(k > 0 or first == 0, "a place of specials, but none")
    need(first + k - 1 <= (1 << 8 * dtype.itemsize - 1) - 1, "specials beyond the word")
    return first, np.frombuffer(src.take(k * dtype.itemsize), word_of(dtype))


def exceptions(src, n, word):
    x = src.int(4)
    need(x <= n, "more exceptions than elements")
    positions = np.frombuffer(src.take(4 * x), "<u4").astype(np.int64)
    need(x == 0 or (np.diff(positions) > 0).all() and positions[-1] < n, "positions of exceptions")
    return positions, np.frombuffer(src.take(x * word.itemsize), word)


def scaled(numbers, exponents, dtype):
    """numbers / 10^E in binary64, one operation, then rounded to the type."""
    powers = np.array([np.float64(10 ** e) for e in range(23)])
    x = numbers.astype(np.float64)
    power = powers[np.abs(exponents)]
    return np.where(exponents >= 0, x / power, x * power).astype(dtype)


def decimals(src, n, dtype, encoding):
    """ALP and DECIMAL: whole numbers that stand for floats."""
    word, signed = word_of(dtype), np.dtype(f"<i{dtype.itemsize}")
    digits = src.int(1) if encoding == DECIMAL else 0
    exponent = src.int(1, signed=True)
    first, patterns = specials(src, dtype)
    positions, patches = exceptions(src, n, word)
    numbers = child(src, n, word, LEVEL[encoding]).view(signed)
    special = np.zeros(n, bool)
    place = np.zeros(n, np.int64)
    if len(patterns):
        special = (numbers >= first) & (numbers <= first + len(patterns) - 1)
        place[special] = numbers[special].astype(np.int64) - first
    if encoding == ALP:
        need(-22 <= exponent <= 22, "exponent of ALP")
        out = scaled(numbers, np.full(n, exponent), dtype)
    else:
        need(-22 <= exponent <= 22, "first exponent of DECIMAL")
        need(1 <= digits <= (7 if dtype.itemsize == 4 else 15), "digits of DECIMAL")
        span = 9 * 10 ** (digits - 1)
        rank = np.where(special, 0, numbers.astype(np.int64))
        need((rank > -(1 << 63)).all(), "rank of DECIMAL")
        q, m = np.divmod(np.abs(rank) - 1, span)
        e = np.where(rank == 0, 0, -(exponent + q))
        need((np.abs(e) <= 22).all(), "decade of DECIMAL")
        out = scaled(np.where(rank == 0, 0, m + 10 ** (digits - 1)), e, dtype)
        out = np.where(rank < 0, -out, out)
    raw = out.view(word).copy()
    if len(patterns):
        raw[special] = patterns[place[special]]
    raw[positions] = patches
    return raw.view(dtype)


def alp_rd(src, n, dtype):
    word = word_of(dtype)
    bits = 8 * word.itemsize
    right, entries = src.int(1), src.int(1)
    need(bits - 16 <= right <= bits - 1 and 1 <= entries <= 16, "parts of ALP_RD")
    table = np.frombuffer(src.take(2 * entries), "<u2")
    positions, patches = exceptions(src, n, np.dtype("<u2"))
    codes = child(src, n, np.dtype("u1"), LEVEL[ALP_RD])
    need(int(codes.max()) < entries, "code of ALP_RD")
    left = table[codes]
    left[positions] = patches
    need(bits - right == 16 or not (left >> np.uint16(bits - right)).any(), "left part of ALP_RD")
    low = unpack_all(src, n, right, bits)
    return ((left.astype(word) << word.type(right)) | low).view(dtype)


def split(lengths, text):
    need(int(lengths.astype(np.int64).sum()) == len(text), "lengths of the strings")
    out, at = [], 0
    text = bytes(text)
    for length in lengths.tolist():
        one = text[at:at + length]
        try:
            one.decode()
        except UnicodeDecodeError:
            raise Damage("a string is not UTF-8") from None
        out.append(one)
        at += length
    return out


def index_bits(n):
    return 8 if n <= 1 << 8 else 16 if n <= 1 << 16 else 32


def decode(data, encoding, n, dtype, row=1, text_bytes=None):
    """The n elements of encoded bytes. dtype None is string; text_bytes is what strings must take, if known."""
    need(encoding in ENCODINGS, f"unknown encoding {encoding}")
    if n == 0:
        need(encoding == PLAIN and len(data) == 0, "a page without elements is PLAIN and has no bytes")
        return [] if dtype is None else np.zeros(0, dtype)
    src = Bytes(data)
    if dtype is None:
        need(encoding in (PLAIN, CONST, FOR, DICT), "encoding does not apply to strings")
    elif encoding in (ALP, DECIMAL, ALP_RD):
        need(dtype.kind == "f", f"{ENCODINGS[encoding]} is for floats")
    if encoding == PLAIN:
        if dtype is None:
            lengths = np.frombuffer(src.take(4 * n), "<u4")
            out = split(lengths, src.take(src.left))
        else:
            out = np.frombuffer(src.take(n * dtype.itemsize), dtype).copy()
    elif encoding == CONST:
        if dtype is None:
            need(text_bytes is None or n * len(data) == text_bytes, "length of CONST")
            out = [bytes(src.take(src.left))] * n
        else:
            out = np.repeat(np.frombuffer(src.take(dtype.itemsize), dtype), n)
    elif encoding == FOR:
        if dtype is None:
            lengths = unpack(src, n, 32)
            out = split(lengths, src.take(src.left))
        else:
            out = unpack(src, n, dtype.itemsize * 8).view(dtype)
    elif encoding == DELTA:
        out = delta(src, n, dtype)
    elif encoding == RLE:
        out = rle(src, n, dtype)
    elif encoding == BYTE_SPLIT:
        out = byte_split(src, n, dtype)
    elif encoding == DICT:
        entries = src.int(4)
        need(1 <= entries <= n, "entries of DICT")
        table = child(src, entries, dtype, LEVEL[DICT])
        index = child(src, n, np.dtype(f"<u{index_bits(entries) // 8}"), LEVEL[DICT])
        need(int(index.max()) < entries, "index of DICT")
        out = [table[i] for i in index.tolist()] if dtype is None else table[index]
    elif encoding in (ALP, DECIMAL):
        out = decimals(src, n, dtype, encoding)
    elif encoding == ALP_RD:
        out = alp_rd(src, n, dtype)
    elif encoding == SPARSE:
        out = sparse(src, n, dtype, row)
    else:
        need(False, "LOOKUP inside another encoding")
    need(src.left == 0, "bytes are left over")
    return out


def sparse(src, n, dtype, row):
    per_row = row if row > 1 else n
    need(n % per_row == 0, "rows of SPARSE")
    counts = child(src, n // per_row, np.dtype("<u4"), LEVEL[SPARSE]).astype(np.int64)
    need((counts <= per_row).all(), "non-zeros of a row")
    total = int(counts.sum())
    gaps = child(src, total, np.dtype(f"<u{index_bits(per_row) // 8}"), LEVEL[SPARSE]).astype(np.int64)
    nonzero = child(src, total, dtype, LEVEL[SPARSE])
    steps = np.cumsum(gaps + 1)
    ends = np.cumsum(counts)
    before = np.concatenate([[0], steps])[ends - counts]
    owner = np.repeat(np.arange(len(counts)), counts)
    inside = steps - before[owner] - 1
    need((inside < per_row).all(), "a non-zero beyond its row")
    word = np.zeros(n, word_of(dtype))
    word[owner * per_row + inside] = nonzero.view(word.dtype)
    return word.view(dtype)


def lookup_keys(src, streams, target):
    """The head of a LOOKUP page: its form and the streams that are its keys."""
    form, k = src.int(1), src.int(1)
    need(form in (0, 1) and 1 <= k <= (4 if form == 0 else 1), "form of LOOKUP")
    keys = [src.int(4) for _ in range(k)]
    whole = lambda s: s.kind == "values" and s.row == 1 and s.type != "string" and s.dtype.kind in "iu"
    need(len(set(keys)) == k, "keys of LOOKUP")
    for key in keys:
        need(key < len(streams) and key != target and whole(streams[key])
             and streams[key].collection == streams[target].collection, "keys of LOOKUP")
    s = streams[target]
    need(s.kind == "values" and s.row == 1 and s.type != "string" and (form == 0 or whole(s)), "LOOKUP of such values")
    return form, keys


def lookup_table(src, k, dtype):
    """Behind the head of page 0 of a map: the bounds of the keys, and the table."""
    bounds, entries = [], 1
    for _ in range(k):
        low, extent = src.int(8, signed=True), src.int(4)
        need(1 <= extent <= TABLE, "extent of a key")
        entries *= extent
        bounds.append((low, extent))
    need(entries <= TABLE, "entries of a table")
    table = child(src, entries, dtype, LEVEL[LOOKUP])
    need(src.left == 0, "bytes are left over")
    return bounds, table


def lookup_map(bounds, table, keys):
    index = np.zeros(len(keys[0]), np.int64)
    for (low, extent), key in zip(bounds, keys):
        word = word_of(key.dtype)
        d = (key.view(word) - word.type(low & (1 << 8 * word.itemsize) - 1)).astype("<u8")
        need((d < extent).all(), "a key outside its table")
        index = index * extent + d.astype(np.int64)
    return table[index]


def lookup_carry(src, n, dtype, key):
    word = word_of(dtype)
    steps = child(src, n, word, LEVEL[LOOKUP])
    need(src.left == 0, "bytes are left over")
    carry = np.concatenate([[False], key[1:] <= key[:-1]])
    return np.cumsum(steps + carry.astype(word), dtype=word).view(dtype)


def undo_codec(data, codec, size):
    if codec == 0:
        need(len(data) == size, "stored length of a page without codec")
        return data
    need(codec in CODECS, f"unknown codec {codec}")
    need(len(data) < size, "a codec that saves nothing")
    try:
        if codec == 1:
            import lz4.block
            out = lz4.block.decompress(data, uncompressed_size=size)
        elif codec == 2:
            z = zlib.decompressobj()
            out = z.decompress(data, size + 1)
            need(z.eof and not z.unused_data, "zlib")
        else:
            import zstandard
            z = zstandard.ZstdDecompressor().decompressobj()
            out = z.decompress(data)
            need(not z.unused_data, "bytes after the zstd frame")
    except Damage:
        raise
    except Exception as error:
        raise Damage(f"codec: {error}")
    need(len(out) == size, "length after the codec")
    return out


# -- the file ----------------------------------------------------------------------------------------------------


class Page:
    def __init__(self, raw):
        (self.offset, self.stored, self.encoded, self.decoded, self.elements, self.encoding, self.codec, self.bounds,
         self.nans, self.nulls, self.reserved, self.checksum, self.min, self.max) = struct.unpack("<QIIIIBBHIIIQQQ", raw)


class Footer:
    """`n` clusters, `events`, the `table` of the clusters (five lists), `bounds` by field, `content`, `metadata`."""


class Cluster:
    """Directory of a cluster, and what has been decoded of it: `elements` by stream."""


class File:
    def __init__(self, path):
        with open(path, "rb") as handle:
            self.data = memoryview(handle.read())
        self.read_header()
        self.read_footer()
        self.clusters = [self.read_cluster(i) for i in range(self.n)]

    def zeros(self, start, end, what):
        need(not any(self.data[start:end]), f"padding after {what} is not zero")

    def read_header(self):
        d = self.data
        need(len(d) >= 64 and d[:8] == MAGIC, "not a Fingal file")
        (major, minor, r0, required, _, length, check, r1, own) = struct.unpack("<HHIQQQQQQ", d[8:64])
        need(own == xxh(d[:56], 1), "checksum of the header")
        need((major, minor) == (1, 0), f"version {major}.{minor}")
        need(required == 0, f"required features {required:#x}")
        need(r0 == 0 and r1 == 0, "reserved bytes of the header")
        need(length <= 64 << 20 and 64 + length <= len(d) - 64, "length of the schema")
        need(check == xxh(d[64:64 + length], 2), "checksum of the schema")
        self.schema = strict_json(bytes(d[64:64 + length]), "schema")
        self.start = 64 + up(length, 64)
        self.zeros(64 + length, self.start, "the schema")
        self.streams = streams_of(self.schema)
        self.parents = {c["name"]: c.get("parent") for c in self.schema.get("collections") or []}

    def trailer(self, end):
        """Place and length of the footer before a trailer that ends at `end`, both checked; and the number of events."""
        d, t = self.data, end - 64
        need(t >= self.start, "no room for a trailer")
        offset, length, check, size, events, r, own = struct.unpack("<7Q", d[t:t + 56])
        need(d[t + 56:end] == MAGIC[::-1] and own == xxh(d[t:t + 48], 6), "the trailer")
        need(r == 0 and size == end and length % 8 == 0, "the trailer's fields")
        need(events < EVENTS, "events of a file")
        need(offset >= self.start and offset + up(length, 64) == t, "place of the footer")
        f = d[offset:offset + length]
        need(check == xxh(f, 5), "checksum of the footer")
        self.zeros(offset + length, t, "the footer")
        need(length >= 56 and f[:8] == b"FGLFOOT\0", "the footer")
        need(struct.unpack("<Q", f[8:16])[0] == end - offset, "length of footer and trailer")
        return offset, length, events

    def step_over(self, at, target):
        """Between clusters there may be footers of earlier ends of the file, each with its trailer (§8.4)."""
        while at < target:
            need(self.data[at:at + 8] == b"FGLFOOT\0" and target - at >= 128, "bytes that belong to nothing")
            end = at + struct.unpack("<Q", self.data[at + 8:at + 16])[0]
            need(end % 64 == 0 and end <= target, "an old footer")
            self.check_old(at, *self.trailer(end))
            at = end
        need(at == target, "clusters overlap")

    def check_old(self, at, offset, length, events):
        """An old footer is what it was: it names all clusters before it as the newest does, and they have its content hash."""
        old = self.footer(offset, length, events)
        n = sum(place < at for place in self.offsets)
        need(offset == at, "an old footer")
        need(old.table == [column[:n] for column in self.newest.table], "clusters of an old footer")
        need(old.bounds == {name: rows[:n] for name, rows in self.newest.bounds.items()}, "bounds of an old footer")
        self.old.append((n, old.content))

    def footer(self, offset, length, events):
        """What a footer says (§8.1), but for where its clusters may lie; `events` is what its trailer says."""
        f, out = self.data[offset:offset + length], Footer()
        n, total, m, j, out.content = struct.unpack("<5Q", f[16:56])
        need(n <= length and m <= length and j <= length, "numbers of the footer")
        size = 56 + 40 * n + m * (8 + up(n, 8) + 16 * n) + up(j, 8)
        need(size == length, "size of the footer")
        out.n, out.events = n, total
        out.table = np.frombuffer(f[56:56 + 40 * n], "<u8").reshape(5, n).tolist()
        need(total == events == sum(out.table[3]), "number of events")
        bounded = [i for i, x in enumerate(self.schema["fields"])
                   if not x.get("collection") and not x.get("shape") and x["type"] != "string"]
        need(m == len(bounded), "number of bounded fields")
        out.bounds, at = {}, 56 + 40 * n
        for i in bounded:
            need(struct.unpack("<Q", f[at:at + 8])[0] == i, "index of a bounded field")
            flags = list(f[at + 8:at + 8 + n])
            need(all(x <= 1 for x in flags) and not any(f[at + 8 + n:at + 8 + up(n, 8)]), "flags of bounds")
            at += 8 + up(n, 8)
            low = np.frombuffer(f[at:at + 8 * n], "<u8").tolist()
            high = np.frombuffer(f[at + 8 * n:at + 16 * n], "<u8").tolist()
            at += 16 * n
            out.bounds[self.schema["fields"][i]["name"]] = list(zip(flags, low, high))
        need(not any(f[at + j:]), "padding of the footer's metadata")
        out.metadata = strict_json(bytes(f[at:at + j]), "metadata")
        need(all(isinstance(v, str) for v in out.metadata.values()), "metadata that is no text")
        return out

    def read_footer(self):
        offset, length, events = self.trailer(len(self.data))
        new = self.newest = self.footer(offset, length, events)
        self.n, self.events, self.content, self.bounds, self.metadata = (
            new.n, new.events, new.content, new.bounds, new.metadata)
        self.offsets, self.lengths, self.first, self.count, self.directories = new.table
        self.old = []  # of each old footer the number of its clusters and its content hash
        at, event = self.start, 0
        for i in range(self.n):
            need(self.first[i] == event, "events do not follow one another")
            self.step_over(at, self.offsets[i])
            need(self.lengths[i] >= 64, "length of a cluster")
            at, event = self.offsets[i] + self.lengths[i], event + self.count[i]
        self.step_over(at, offset)

    def read_cluster(self, index):
        c = Cluster()
        start, end = self.offsets[index], self.offsets[index] + self.lengths[index]
        d = self.data[start:end]
        need(len(d) >= 64, "head of a cluster")
        (magic, length, c.events, streams, r0, dlength, check, r1, own) = struct.unpack("<8sQQIIQQQQ", d[:64])
        need(magic == b"FGLCLUST" and own == xxh(d[:56], 3), "head of a cluster")
        need(r0 == r1 == 0 and length == len(d) and length % 64 == 0, "fields of a cluster's head")
        need(c.events == self.count[index] >= 1 and c.events < 1 << 48, "events of a cluster")
        need(streams == len(self.streams) and dlength <= 1 << 28, "streams of a cluster")
        directory = d[64:64 + dlength]
        need(len(directory) == dlength >= 16 * streams, "length of a directory")
        need(check == xxh(directory, 4) == self.directories[index], "checksum of a directory")
        c.start, c.shifts, c.pages, c.digests, c.elements, c.lookups = start, [], [], [], {}, {}
        rows = []
        for s in range(streams):
            k, reserved, pages, digest = struct.unpack("<B3sIQ", directory[16 * s:16 * s + 16])
            need(k <= 32 and reserved == b"\0\0\0" and pages == ((c.events - 1) >> k) + 1, "row of a stream")
            need(digest < P61, "digest of a stream")
            c.shifts.append(k)
            c.digests.append(digest)
            rows.append(pages)
        need(dlength == 16 * streams + 64 * sum(rows), "length of a directory")
        at, place, decoded = 16 * streams, 64 + dlength, 0
        for pages in rows:
            c.pages.append([])
            for _ in range(pages):
                p = Page(directory[at:at + 64])
                at += 64
                begin = up(place, 8)
                need(p.offset == begin and p.reserved == 0, "offset of a page")
                self.zeros(start + place, start + begin, "a page")
                need(p.stored <= p.encoded <= p.decoded <= 1 << 30, "lengths of a page")
                place = begin + p.stored
                decoded += p.decoded
                need(place <= length, "a page beyond its cluster")
                c.pages[-1].append(p)
        need(up(place, 64) == length, "length of a cluster")
        need(decoded <= (1 << 30 if c.events == 1 else 1 << 28), "decoded bytes of a cluster")
        self.zeros(start + place, end, "a cluster")
        return c

    # -- pages ---------------------------------------------------------------------------------------------------

    def counts_of(self, c, collection):
        """Elements of each event of a cluster in a collection: those of its parent, summed."""
        own = self.element(c, next(i for i, s in enumerate(self.streams)
                                   if s.kind == "counts" and s.name == collection)).astype(np.int64)
        need(int(own.sum()) <= 1 << 28, "elements of a collection in a cluster")
        parent = self.parents[collection]
        if parent is None:
            return own
        ends = np.concatenate([[0], np.cumsum(own)])
        at = np.concatenate([[0], np.cumsum(self.counts_of(c, parent))])
        return np.diff(ends[at])

    def borders(self, c, stream):
        """Elements of a stream before each event, and at the end."""
        s = self.streams[stream]
        if s.collection is None:
            return np.arange(c.events + 1) * s.row
        return np.concatenate([[0], np.cumsum(self.counts_of(c, s.collection))]) * s.row

    def element(self, c, stream):
        """All elements of a stream in a cluster."""
        if stream not in c.elements:
            parts = [self.page(c, stream, i) for i in range(len(c.pages[stream]))]
            s = self.streams[stream]
            c.elements[stream] = [v for p in parts for v in p] if s.type == "string" else np.concatenate(parts)
        return c.elements[stream]

    def stored(self, c, stream, index):
        s, p = self.streams[stream], c.pages[stream][index]
        stored = bytes(self.data[c.start + p.offset:c.start + p.offset + p.stored])
        need(p.checksum == xxh(stored, (stream + 1) << 32 | index), f"checksum of page {index} of {s.name}")
        return undo_codec(stored, p.codec, p.encoded)

    def head(self, c, stream):
        """Form and keys of a stream that is looked up, from its page 0 (§6.14); None if it is not. A map's table with it."""
        if c.pages[stream][0].encoding != LOOKUP:
            return None
        if stream not in c.lookups:
            src = Bytes(self.stored(c, stream, 0))
            form, keys = lookup_keys(src, self.streams, stream)
            for key in keys:
                need(c.pages[key][0].encoding != LOOKUP or form == 0 and self.head(c, key)[0] == 1, "a chain of LOOKUP")
            table = lookup_table(src, len(keys), self.streams[stream].dtype) if form == 0 else None
            c.lookups[stream] = form, keys, table
        return c.lookups[stream]

    def look_up(self, c, stream, index, data):
        s, p = self.streams[stream], c.pages[stream][index]
        need(self.head(c, stream) is not None, "LOOKUP, but page 0 is not")
        form, keys, table = self.head(c, stream)
        src = Bytes(data)
        need(lookup_keys(src, self.streams, stream) == (form, keys), "pages of one stream have different keys")
        k = c.shifts[stream]
        events = [index << k, min(c.events, (index + 1) << k)]
        columns = []
        for key in keys:
            low, high = self.borders(c, key)[events]
            columns.append(self.element(c, key)[low:high])
            need(len(columns[-1]) == p.elements, "elements of a key")
        if form == 1:
            return lookup_carry(src, p.elements, s.dtype, columns[0])
        need(index == 0 or src.left == 0, "bytes are left over")
        return lookup_map(*table, columns)

    def page(self, c, stream, index):
        """Elements of one page, everything checked."""
        s, p = self.streams[stream], c.pages[stream][index]
        k = c.shifts[stream]
        low, high = self.borders(c, stream)[[index << k, min(c.events, (index + 1) << k)]].tolist()
        need(p.elements == high - low, f"elements of a page of {s.name}")
        data = self.stored(c, stream, index)
        if s.type == "string":
            need(p.decoded >= 4 * p.elements, "decoded length")
            values = decode(data, p.encoding, p.elements, None, text_bytes=p.decoded - 4 * p.elements)
            need(sum(map(len, values)) == p.decoded - 4 * p.elements, "decoded length")
            for v in values:
                try:
                    v.decode("utf-8")
                except UnicodeDecodeError:
                    raise Damage("a string is not UTF-8")
        else:
            need(p.decoded == p.elements * s.dtype.itemsize, "decoded length")
            if p.encoding == LOOKUP and p.elements:
                values = self.look_up(c, stream, index, data)
            else:
                values = decode(data, p.encoding, p.elements, s.dtype, s.row)
            need(s.type != "bool" or p.elements == 0 or int(values.max()) <= 1, "bool")
            need(s.type != "enum" or p.elements == 0 or int(values.max()) < len(s.labels), "enum")
        self.check_statistics(s, p, values)
        return values

    def check_statistics(self, s, p, values):
        nans, want = 0, (0, 0, 0)
        if s.type != "string" and len(values):
            v = values
            if s.dtype.kind == "f":
                nans = int(np.isnan(v).sum())
                v = v[~np.isnan(v)].astype(np.float64) + 0.0
                if len(v):
                    want = (1, *np.array([v.min(), v.max()]).view("<u8").tolist())
            else:
                want = (1, int(v.min()) & (1 << 64) - 1, int(v.max()) & (1 << 64) - 1)
        need((p.bounds, p.min, p.max) == want, f"bounds of {s.name}")
        need(p.nans == nans, "number of NaN")

    # -- everything ----------------------------------------------------------------------------------------------

    def load(self):
        """Decode and check everything: {(path, kind): elements}."""
        self.all = {}
        for i, s in enumerate(self.streams):
            parts = [self.element(c, i) for c in self.clusters]
            if s.kind == "counts":
                for c in self.clusters:
                    self.counts_of(c, s.name)
            self.check_nulls(i, s, parts)
            if s.kind == "values":
                self.check_footer_bounds(i, s)
            for c, part in zip(self.clusters, parts):
                need(self.digest(c, i, part) == c.digests[i], f"digest of {s.name}")
            if s.type == "string":
                self.all[s.name, s.kind] = [v for part in parts for v in part]
            else:
                self.all[s.name, s.kind] = np.concatenate(parts) if parts else np.zeros(0, s.dtype)
        need(self.content_of(self.n) == self.content, "content hash")
        for n, content in self.old:
            need(self.content_of(n) == content, "content hash of an old footer")
        return self

    def content_of(self, n):
        """§8.3: the content hash of the first n clusters."""
        clusters, digests = self.clusters[:n], []
        for i, _ in enumerate(self.streams):
            total = 0
            for c in clusters:
                total = (total * pow(R61, c.events, P61) + c.digests[i]) % P61
            digests.append(total)
        events = sum(c.events for c in clusters)
        return xxh(structure(self.schema) + struct.pack(f"<Q{len(digests)}Q", events, *digests), 8)

    def digest(self, c, stream, values):
        """§4.5: the events of a cluster as one number modulo 2^61 - 1."""
        borders, total = self.borders(c, stream).tolist(), 0
        low = borders[0]
        for high in borders[1:]:
            if self.streams[stream].type == "string":
                part = values[low:high]
                data = b"".join([struct.pack("<I", len(v)) for v in part] + part)
            else:
                data = values[low:high].tobytes()
            total = (total * R61 + xxh(data, 7)) % P61
            low = high
        return total

    def check_nulls(self, index, s, parts):
        for c, values in zip(self.clusters, parts):
            if not s.nullable or s.kind != "values":
                need(all(p.nulls == 0 for p in c.pages[index]), "nulls of what has none")
                continue
            valid, at = self.element(c, index - 1), 0
            for p in c.pages[index]:
                rows = p.elements // s.row
                need(p.nulls == int((valid[at:at + rows] == 0).sum()), "number of nulls")
                at += rows
            if s.type == "string":
                need(all(ok or v == b"" for v, ok in zip(values, valid)), "a null is not empty")
            else:
                words = values.view(f"<u{s.dtype.itemsize}").reshape(-1, s.row)
                need(not words[valid == 0].any(), "a null is not zero")

    def check_footer_bounds(self, index, s):
        if s.name not in self.bounds or s.collection is not None:
            return
        value = {"f": "<d", "i": "<q", "u": "<Q"}[s.dtype.kind]
        for c, have in zip(self.clusters, self.bounds[s.name]):
            pages = [p for p in c.pages[index] if p.bounds]
            want = (0, 0, 0)
            if pages:
                key = lambda raw: struct.unpack(value, struct.pack("<Q", raw))[0]
                want = (1, min((p.min for p in pages), key=key), max((p.max for p in pages), key=key))
            need(have == want, f"bounds of {s.name} in the footer")

    def values(self, path):
        return self.all[path, "values"]

    def counts(self, collection):
        return self.all[collection, "counts"]

    def validity(self, path):
        return self.all.get((path, "validity"))

    def events_as_objects(self):
        """One dict an event: {"beamEnergy": 20.0, "hits": [{"layer": 1, …}, …]}; null as None, NaN and ∞ as strings."""
        self.load()
        collections = list(self.parents)
        ends = {None: np.arange(self.events + 1)}
        for name in collections:
            ends[name] = np.concatenate([[0], np.cumsum(self.counts(name).astype(np.int64))])
        fields = [s for s in self.streams if s.kind == "values"]

        def plain(s, v):
            if isinstance(v, bytes):
                return v.decode()
            if s.type in ("bool", "enum"):
                return bool(v) if s.type == "bool" else s.labels[v]
            v = v.item()
            if isinstance(v, float) and (v != v or v in (float("inf"), float("-inf"))):
                return "NaN" if v != v else "Infinity" if v > 0 else "-Infinity"
            return v

        def value(s, at):
            ok = self.validity(s.name)
            if ok is not None and not ok[at]:
                return None
            items = [plain(s, v) for v in self.values(s.name)[at * s.row:(at + 1) * s.row]]
            return items if s.row > 1 else items[0]

        def element(collection, at):
            strip = 0 if collection is None else len(collection) + 1
            out = {s.name[strip:]: value(s, at) for s in fields if s.collection == collection}
            for name in collections:
                if self.parents[name] == collection:
                    out[name] = [element(name, i) for i in range(*ends[name][at:at + 2].tolist())]
            return out

        return (element(None, e) for e in range(self.events))

    def columns(self):
        """The file in a line, then every stream."""
        self.load()
        used = {f"{ENCODINGS[p.encoding]}/{CODECS[p.codec]}" for c in self.clusters for ps in c.pages for p in ps}
        yield {"events": self.events, "clusters": self.n, "content": f"{self.content:016x}", "pages": sorted(used),
               "metadata": self.metadata}
        for s in self.streams:
            v = self.all[s.name, s.kind]
            item = {"path": s.name, "kind": s.kind, "type": s.type}
            yield item | ({"strings": [x.decode() for x in v]} if s.type == "string" else {"hex": v.tobytes().hex()})


def main():
    paths = [a for a in sys.argv[1:] if not a.startswith("--")]
    if not paths:
        sys.exit(__doc__)
    faulty = False
    for path in paths:
        try:
            f = File(path)
            if "--dump" in sys.argv or "--values" in sys.argv:
                for item in f.events_as_objects() if "--dump" in sys.argv else f.columns():
                    print(json.dumps(item, ensure_ascii=False))
                continue
            f.load()
        except (Damage, OSError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            faulty = True
            continue
        used = sorted({(p.encoding, p.codec) for c in f.clusters for ps in c.pages for p in ps})
        print(f"{path}: sound; {f.events} events, {f.n} clusters, {len(f.streams)} streams, content {f.content:016x}; "
              + " ".join(f"{ENCODINGS[e]}/{CODECS[c]}" for e, c in used))
    sys.exit(1 if faulty else 0)


if __name__ == "__main__":
    main()
