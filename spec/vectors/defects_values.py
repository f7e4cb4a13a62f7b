"""Files with values that their type forbids (§3.2), counts that do not fit (§3.3, §5.2), codecs (§7) and LOOKUP (§6.14)."""
import struct
import zlib

import lz4.block
import numpy as np
import zstandard

from defects import bad, encoded, row, stored
from draft import Draft, child, plain
from forms import (CARRY, CELLS, CONST, DICT, EVENTS, FOR, LOOKUP, LZ4, MAP_HEAD, NESTED, NESTED_VALUES, PLAIN, RLE, SAME, SHIFTS, ZLIB,
                   ZSTD, carry, field, hits, one, table, zstd_frame)
from draft import vector

# -- §3.2 values -----------------------------------------------------------------------------------------------------

encoded("bool-2", "§6: a bool of 2", "bool", [0, 1, 1], PLAIN, b"\0\1\2")
encoded("bool-const", "§6: bools of 255", "bool", [1, 1, 1], CONST, b"\xff")
encoded("bool-dict", "§6: a bool of 2 by a dictionary", "bool", [0, 1] * 20, DICT,
        struct.pack("<I", 2) + plain([0, 2], "u1") + child(RLE, struct.pack("<I", 2) + plain([0, 1], "u1") + child(CONST, b"\x14\0\0\0")))
encoded("enum-index", "§3.2: an index that is the number of labels", "enum", [0, 1, 1], PLAIN, struct.pack("<3H", 0, 1, 2), labels=["a", "b"])
encoded("enum-const", "§3.2: an index of 65,535", "enum", [1, 1, 1], CONST, b"\xff\xff", labels=["a", "b"])
VALID = one("int8", [1, 0, 3], nulls=[1], nullable=True)
page = VALID.page("x", kind="validity")
page.set(b"\1\0\2")
bad("validity-2", "§6: a validity of 2", VALID)
bad("null-not-zero", "§3.2: a missing number that is not zero", one("int8", [1, 2, 3], nulls=[1], nullable=True))
bad("null-negative-zero", "§3.2: a missing number that is −0", one("float32", [1, -0.0, 3], nulls=[1], nullable=True))
bad("null-string", "§3.2: a missing string that is not empty", one("string", ["a", "b", "c"], nulls=[1], nullable=True))
bad("null-tensor", "§3.2: a missing tensor with an element that is not zero", one(
    "int16", [1, 2, 0, 4, 5, 6], nulls=[1], nullable=True, shape=[2]))
LENGTHS = struct.pack("<3I", 2, 1, 1)
for name, why, data in (
    ("not-utf8", "bytes that are not UTF-8", LENGTHS + b"\xc3\x28ab"),
    ("overlong", "a character in an overlong form", LENGTHS + b"\xc0\x80ab"),
    ("surrogate", "half of a surrogate pair", struct.pack("<3I", 3, 1, 0) + b"\xed\xa0\x80a"),
    ("cut-character", "a character cut between two strings: their bytes together are UTF-8", struct.pack("<3I", 1, 2, 1) + b"a\xc3\xa9b"[:1] + b"\xc3\xa9b"),
    ("lengths-more", "lengths beyond the bytes", struct.pack("<3I", 2, 1, 2) + b"abcd"),
    ("lengths-less", "lengths of fewer bytes than there are", struct.pack("<3I", 2, 1, 0) + b"abcd"),
    ("lengths-wrap", "lengths whose sum is right modulo 2^32", struct.pack("<3I", 2, 3, (1 << 32) - 1) + b"abcd"),
    ("lengths-cut", "the lengths end early", LENGTHS[:10]),
):
    if name == "cut-character":
        data = struct.pack("<3I", 1, 1, 2) + b"\xc3\xa9bc"
    encoded(f"string-{name}", f"§6.1: {why}", "string", ["ab", "c", "d"], PLAIN, data)
encoded("string-const-length", "§6.2: a string that does not give the decoded length", "string", ["ab"] * 3, CONST, b"abc")
encoded("string-const-not-utf8", "§6.2: a string that is not UTF-8", "string", ["ab"] * 3, CONST, b"a\xff")
encoded("string-for-lengths", "§6.4: lengths beyond the bytes", "string", ["ab", "c", "d"], FOR, vector([2, 1, 2], 32, 1, 1) + b"abcd")
encoded("string-for-less", "§6.4: lengths of fewer bytes than there are", "string", ["ab", "c", "d"], FOR,
        vector([1, 1, 1], 32, 1, 0) + b"abcd")
encoded("string-for-not-utf8", "§6.4: a string that is not UTF-8", "string", ["ab", "c", "d"], FOR, vector([2, 1, 1], 32, 1, 1) + b"ab\x80d")

# -- §3.3, §5.2 counts -----------------------------------------------------------------------------------------------

HITS = {"collections": [{"name": "h"}], "fields": [field("x", "int8", "h"), field("t", "int8", "h", shape=[2])]}


def counted(name, why, counts, values=([1, 2, 3], [1, 2, 3, 4, 5, 6]), schema=HITS, stream="h", others=None):
    """A file whose counts are replaced, with bounds and digest of what they are now."""
    draft = Draft(schema).add(2 if schema is HITS else 3, others or {"h": [2, 1], "h.x": values[0], "h.t": values[1]})
    fresh = Draft({"fields": [field("n", "uint32")]}).add(len(counts), {"n": counts})
    old, new = draft.page(stream, kind="counts"), fresh.page("n")
    old.low, old.high, old.elements, old.decoded = new.low, new.high, new.elements, new.decoded
    old.set(new.stored)
    draft.column(stream, "counts").digest = fresh.column("n").digest
    bad(f"counts-{name}", why, draft)


counted("more", "§5.2: counts of more elements than the page has", [2, 2])
counted("less", "§5.2: counts of fewer elements than the page has", [2, 0])
counted("wrap", "§9: counts whose sum is right modulo 2^32", [4, (1 << 32) - 1])
counted("nested-few", "§5.2: fewer counts than the collection around has elements", [1, 0], schema=NESTED, stream="b", others=NESTED_VALUES)
counted("nested-many", "§5.2: more counts than the collection around has elements", [1, 0, 2, 0], schema=NESTED, stream="b",
        others=NESTED_VALUES)
HUGE = Draft({"collections": [{"name": "h"}], "fields": []}).add(2, {"h": [1 << 27, (1 << 27) + 1]})
bad("counts-huge", "§3.3: counts of more than 2^28 elements in a cluster", HUGE)

# -- §7 codecs -------------------------------------------------------------------------------------------------------

ONES = [1] * 40
RAW = np.array(ONES, "<i4").tobytes()
frame = zstandard.ZstdCompressor(write_checksum=True).compress(RAW)
for name, codec, pack in (
    ("lz4", LZ4, lambda d: lz4.block.compress(d, store_size=False)), ("zlib", ZLIB, zlib.compress),
    ("zstd", ZSTD, zstandard.ZstdCompressor().compress)
):
    for what, why, data in (
        ("corrupt", "bytes that are none of its", b"\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8"),
        ("short", "an element too few", pack(RAW[:-4])),
        ("long", "an element too many", pack(RAW + RAW[:4])),
        ("cut", "the stored bytes end early", pack(RAW)[:-2]),
        ("left-over", "a byte behind the end", pack(RAW) + b"\0"),
        ("nothing", "no stored bytes", b""),
    ):
        stored(f"codec-{name}-{what}", f"§7: {name}: {why}", codec, data, len(RAW), ONES)
    stored(f"codec-{name}-plain-short", f"§6.1: {name} gives fewer bytes than PLAIN takes, as its row says", codec, pack(RAW[:-4]),
           len(RAW) - 4, ONES)
stored("codec-zlib-checksum", "§7: zlib: its own checksum", ZLIB, zlib.compress(RAW)[:-1] + b"\0", len(RAW), ONES)
stored("codec-zstd-checksum", "§7: zstd: its own checksum", ZSTD, frame[:-1] + bytes([frame[-1] ^ 1]), len(RAW), ONES)
stored("codec-zstd-two-frames", "§7: zstd: two frames", ZSTD, zstandard.compress(RAW[:80]) + zstandard.compress(RAW[80:]), len(RAW), ONES)
skippable = struct.pack("<II", 0x184D2A50, 3) + b"abc"
for name, why, data in (
    ("skippable-before", "a skippable frame before the frame", skippable + zstd_frame(b"\0\0")),
    ("skippable-after", "a skippable frame behind the frame", zstd_frame(b"\0\0") + skippable),
    ("dictionary", "a dictionary with the id 5", zstd_frame(b"\1\0\5")),
    ("reserved", "the reserved bit of the frame header", zstd_frame(b"\x08\0")),
):
    stored(f"codec-zstd-{name}", f"§7: zstd: {why}", ZSTD, data, 200, SAME)
stored("codec-saves-nothing", "§7: a codec whose stored length is the encoded length", LZ4, lz4.block.compress(RAW[:8], store_size=False)[:8],
       8, ONES[:2])
stored("codec-none-short", "§7: no codec, but fewer stored than encoded bytes", 0, RAW[:-4], len(RAW), ONES)

# -- §6.14 LOOKUP ----------------------------------------------------------------------------------------------------


def lookup(name, why, pages, **more):
    bad(f"lookup-{name}", f"§6.14: {why}", hits(pages, **more))


def keys(form, *streams):
    return struct.pack(f"<BB{len(streams)}I", form, len(streams), *streams)


ONE_KEY = struct.pack("<qI", 1, 2) + plain([1, 2], "<f4")  # of the layer, for h.y
STREAMS = dict(h=0, layer=1, cell=2, x=3, valid=4, y=5)
for name, why, head in (
    ("form", "a form that does not exist", keys(2, 1)), ("keys-0", "no keys", keys(0)), ("keys-5", "five keys", keys(0, 1, 2, 1, 2, 1)),
    ("key-unknown", "a stream that does not exist", keys(0, 6)), ("key-itself", "the stream itself", keys(0, 5)),
    ("key-float", "a key of floats", keys(0, 3)), ("key-counts", "counts for a key", keys(0, 0)),
    ("key-validity", "a validity for a key", keys(0, 4)),
):
    lookup(name, why, {"h.y": (LOOKUP, head + ONE_KEY)})
TWICE = struct.pack("<qIqI", 1, 2, 1, 2) + plain([1, 0, 0, 2], "<f4")
lookup("key-twice", "a key twice", {"h.y": (LOOKUP, keys(0, 1, 1) + TWICE)})
lookup("keys-cut", "the keys end early", {"h.y": (LOOKUP, b"\0\2\1\0\0\0")})
lookup("carry-keys-2", "a carry with two keys", {"h.layer": (LOOKUP, keys(1, 2, 1) + CARRY[6:])})
lookup("carry-float", "a carry of floats", {"h.x": (LOOKUP, keys(1, 1) + plain(np.array(CELLS["h.x"], "<f4").view("<u4")[:30]))})
lookup("carry-few", "a residual too few", {"h.layer": (LOOKUP, carry(0, 49, width=5))})  # 31 bytes for 32
lookup("carry-left-over", "a byte behind the residuals", {"h.layer": (LOOKUP, CARRY + b"\0")})
for name, why, low, extent in (("below", "a key below its table", 2, 2), ("above", "a key above its table", 0, 2),
                               ("extent-0", "an extent of 0", 1, 0), ("extent-large", "an extent of 2^20 + 1", 1, (1 << 20) + 1),
                               ("table-short", "a table with fewer entries than the extents say", 1, 3)):
    lookup(name, why, {"h.y": (LOOKUP, keys(0, 1) + struct.pack("<qI", low, extent) + plain([1, 2], "<f4"))})
lookup("table-large", "a table of more than 2^20 entries", {"h.x": (LOOKUP, MAP_HEAD + struct.pack("<qIqI", 1, 1 << 11, 3, 1 << 10) + child(
    CONST, bytes(4)))})
FOUR = {"fields": [*[field(f"k{i}", "uint8") for i in range(4)], field("y", "float64")]}
bad("lookup-table-overflow", "§6.14: extents of 2^20 whose product is 0 modulo 2^64", Draft(FOUR).add(
    40, {f"k{i}": [0] * 40 for i in range(4)} | {"y": [0] * 40},
    {"y": (LOOKUP, keys(0, 0, 1, 2, 3) + struct.pack("<qI", 0, 1 << 20) * 4 + child(CONST, bytes(8)))}))
lookup("table-left-over", "a byte behind the table", {"h.x": (LOOKUP, MAP_HEAD + table() + b"\0")})
FIRST, REST = ("h.x", 0), ("h.x", 1)
PLAINLY = (PLAIN, None)
lookup("page-0", "a LOOKUP page although page 0 is none", {FIRST: PLAINLY, REST: (LOOKUP, MAP_HEAD)}, **SHIFTS)
lookup("pages-form", "a page of another form than page 0", {("h.layer", 0): (LOOKUP, carry(0, 40)), ("h.layer", 1): (LOOKUP, keys(0, 2))},
       **SHIFTS)
lookup("pages-keys", "a page with other keys than page 0", {FIRST: (LOOKUP, MAP_HEAD + table()), REST: (LOOKUP, keys(0, 2, 1))}, **SHIFTS)
lookup("pages-left-over", "bytes behind the keys of a later page", {FIRST: (LOOKUP, MAP_HEAD + table()), REST: (LOOKUP, MAP_HEAD + b"\0")},
       **SHIFTS)
CELL_MAP = (LOOKUP, keys(0, 1) + struct.pack("<qI", 1, 2) + plain([5, 3], "<i2"))
FLAT = CELLS | {"h.cell": [5, 5, 3, 3, 3] * 10, "h.x": [1.5, 1.5, 3, 3, 3] * 10}
bad("lookup-chain", "§6.14: a map whose key is a map", hits({
    "h.cell": CELL_MAP, "h.x": (LOOKUP, keys(0, 2) + struct.pack("<qI", 3, 3) + plain([3, 0, 1.5], "<f4"))}, values=FLAT))
lookup("chain-carry", "a carry whose key is a carry", {"h.layer": (LOOKUP, CARRY), "h.cell": (
    LOOKUP, keys(1, 1) + child(FOR, vector([0] * 50, 16, 0, 0)))})
lookup("circle", "two carries that are each other's keys", {"h.layer": (LOOKUP, keys(1, 2) + child(CONST, b"\0")),
                                                            "h.cell": (LOOKUP, keys(1, 1) + child(CONST, b"\0\0"))})
APART = {"collections": [{"name": "h"}, {"name": "g"}], "fields": [
    field("k", "uint8", "g"), field("s", "string", "h"), field("t", "uint8", "h", shape=[2]), field("y", "float64", "h")]}
for name, why, stream, key in (("other-collection", "a key of another collection", "h.y", 2), ("key-string", "a key of strings", "h.y", 3),
                               ("key-tensor", "a key of tensors", "h.y", 4), ("of-tensor", "a tensor that is looked up", "h.t", 2)):
    bad(f"lookup-{name}", f"§6.14: {why}", Draft(APART).add(
        20, {"h": [1] * 20, "g": [1] * 20, "g.k": [1] * 20, "h.s": ["1"] * 20, "h.t": [1] * 40, "h.y": [0.5] * 20},
        {stream: (LOOKUP, keys(0, key) + struct.pack("<qI", 1, 1) + (plain([0.5], "<f8") if stream == "h.y" else plain([1], "u1")))}))
COUNTS = Draft({"collections": [{"name": "h"}], "fields": [field("k", "uint8")]}).add(
    9, {"h": [1] * 9, "k": [1] * 9}, {"h": (LOOKUP, keys(0, 1) + struct.pack("<qI", 1, 1) + plain([1]))})
bad("lookup-of-counts", "§6.14: counts that are looked up", COUNTS)
