"""The good vectors: every form that spec/FORMAT.md allows, its examples among them."""
import collections
import struct

import numpy as np

from draft import Draft, child, compress, packed_bits, plain, vector
from fingal_reader import CODECS

(PLAIN, CONST, FOR, DELTA, DICT, RLE, BYTE_SPLIT, ALP, ALP_RD, SPARSE, DECIMAL, LOOKUP) = range(12)
NONE, LZ4, ZLIB, ZSTD = range(4)
GOOD = {}
NAN, INF = float("nan"), float("inf")


def field(name, type_, collection=None, **more):
    return {"name": name, "type": type_} | ({"collection": collection} if collection else {}) | more


def one(type_, values, form=None, nulls=None, **more):
    """A file of one column `x`, an event a value."""
    rows = len(values) if not more.get("shape") else len(values) // int(np.prod(more["shape"]))
    schema = {"fields": [field("x", type_, **more)]}
    data = {"x": values}
    if nulls is not None:
        data["x", "validity"] = [0 if i in nulls else 1 for i in range(rows)]
    return Draft(schema).add(rows, data, {"x": form} if form else {})


def bits32(*words):
    return np.array(words, "<u4")


# -- every form that is allowed ------------------------------------------------------------------------------------

EXTREMES = {
    "bool": [0, 1, 1, 0], "enum": [0, 2, 1, 2], "float32": bits32(0x7FC12345, 0x80000000, 0xFF800000, 1),
    "float64": np.array([0x7FF0000000000001, 1 << 63, 0x7FF << 52, 0x3FB999999999999A], "<u8"),
    "string": ["", "ascii", "Å ∞ 🜁", "tab\tquote\"\\"],
}
for kind in "int8 int16 int32 int64 uint8 uint16 uint32 uint64".split():
    info = np.iinfo(kind)
    EXTREMES[kind] = [info.min, info.max, 0, 1]
for kind, values in EXTREMES.items():
    labels = {"labels": ["electron", "pion", "µ−"]} if kind == "enum" else {}
    GOOD[f"type-{kind}"] = one(kind, values, **labels)
    empty = ["", values[1], "", values[3]] if kind == "string" else np.where([0, 1, 0, 1], values, 0).astype(
        np.asarray(values).dtype)
    GOOD[f"nulls-{kind}"] = one(kind, empty, nulls=[0, 2], nullable=True, **labels)
GOOD["nulls-all"] = one("float64", [0.0] * 5, nulls=range(5), nullable=True)
GOOD["nulls-none"] = one("float64", [1.5] * 5, nulls=[], nullable=True)
GOOD["tensor-8-axes"] = one("int16", range(2 * 192), shape=[2, 1, 3, 2, 2, 2, 4, 1])
GOOD["tensor-nulls"] = one("float32", [1, 2, 3, 0, 0, 0, 4, 5, 6], nulls=[1], shape=[3], nullable=True)

FIELDS = [field("run", "uint32"), field("t", "float32", "hits"), field("tag", "string", "hits"),
          field("at", "float32", "hits", shape=[3], nullable=True)]
GOOD["collection"] = Draft({"collections": [{"name": "hits"}, {"name": "empty"}], "fields": FIELDS}).add(
    4, {"hits": [2, 0, 3, 0], "empty": [0] * 4, "run": [7, 7, 8, 8], "t": [0.5, 1.5, -1, NAN, 2], "tag": ["a", "", "b", "ç", "a"],
        "hits.t": [0.5, 1.5, -1, NAN, 2], "hits.tag": ["a", "", "b", "ç", "a"], ("hits.at", "validity"): [1, 0, 1, 1, 0],
        "hits.at": [1, 2, 3, 0, 0, 0, 4, 5, 6, 7, 8, 9, 0, 0, 0]})
GOOD["collection-empty-events"] = Draft({"collections": [{"name": "hits"}], "fields": [field("e", "int8", "hits")]}).add(
    5, {"hits": [0] * 5, "hits.e": []})
GOOD["collection-without-fields"] = Draft({"collections": [{"name": "hits"}], "fields": []}).add(3, {"hits": [1, 0, 2]})
NESTED = {"collections": [{"name": "a"}, {"name": "b", "parent": "a"}, {"name": "c", "parent": "b"}, {"name": "d", "parent": "c"},
                          {"name": "other", "parent": "a"}],
          "fields": [field("w", "uint16", "d"), field("v", "int8", "b", shape=[2]), field("s", "string", "other")]}
NESTED_VALUES = {"a": [2, 0, 1], "b": [1, 0, 2], "c": [1, 2, 0], "d": [1, 0, 3], "d.w": [1, 2, 3, 4], "b.v": range(6),
                 "other": [1, 2, 0], "other.s": ["x", "", "y"]}
GOOD["nested-depth-4"] = Draft(NESTED).add(3, NESTED_VALUES)
GOOD["nested-pages"] = Draft(NESTED).add(3, NESTED_VALUES, shifts={"a": 1, "b": 0, "c": 0, "d": 1, "d.w": 0, "b.v": 0})
GOOD["file-empty"] = Draft({"fields": [field("x", "int8")]})
GOOD["file-no-fields"] = Draft({"fields": []}).add(3, {})
GOOD["file-nothing"] = Draft({"fields": []})


def clusters(schema=None):
    draft = Draft(schema or {"fields": [field("x", "int16"), field("y", "float32")]})
    for low in (0, 3, 5):
        n = 3 if low == 0 else 2
        draft.add(n, {"x": range(low, low + n), "y": [NAN] * n if low == 3 else np.arange(n) - 0.5})
    return draft


GOOD["clusters"] = clusters()
GOOD["appended"] = clusters()
GOOD["appended"].ends = [0, 2]
GOOD["appended"].metadata = {"note": "of the newest footer"}
GOOD["metadata"] = Draft({"fields": [field("x", "int8", unit="GeV", description="a \"text\"", metadata={"a/b": "∞"})],
                          "metadata": {"author": "test beam"}}).add(2, {"x": [1, 2]})
GOOD["metadata"].metadata = {"": "empty key", "provenance": '{"sources":[]}'}
GOOD["optional-feature"] = one("int8", [1, 2, 3])
GOOD["optional-feature"].optional = 1 << 63 | 5
GOOD["schema-loose"] = one("enum", [1, 0], labels=["a", "b"])
GOOD["schema-loose"].text = (
    b'{ "unknown": [1, {"x": null}], "collections": null,\n\t"fields" : [{"type":"enum", "nullable": null, "shape": [],'
    b' "labels":["\\u0061","b"],"later":1e3, "name":"x", "unit": null}] }')
GOOD["schema-unknown"] = one("int8", [1, 0])
GOOD["schema-unknown"].text = (
    '{"fields":[{"name":"\\u0078","type":"int8","z":"\\"\\\\\\/\\b\\f\\n\\r\\t\\ud83d\\ude00\\u0000\u007f","nullable":false}],"numbers":[-0,1E400,2.5e-3,'
    + "1" * 5000 + '],"levels":' + "[" * 63 + "]" * 63 + ',"metadata":{"":"empty key"}}').encode()
GOOD["pages-shift-32"] = one("int8", [1, 2, 3])
GOOD["pages-shift-32"].column("x").shift = 32
GOOD["pages-one-event"] = Draft({"fields": [field("x", "int8")]}).add(5, {"x": range(5)}, shifts={"x": 0})

GOOD["const-number"] = one("float32", bits32(*[0x80000000] * 6), (CONST, bytes.fromhex("00000080")))
GOOD["const-string"] = one("string", ["né"] * 3, (CONST, "né".encode()))
GOOD["const-string-empty"] = one("string", [""] * 3, (CONST, b""))
GOOD["for-short"] = one("uint32", [2, 0, 3], (FOR, bytes.fromhex("00000000020000 32")))
STRAYS = [5, -300, 7, 9, 32767, 6] + [8] * 10
GOOD["for-exceptions"] = one("int16", STRAYS, (FOR, vector(STRAYS, 16, 5, 3, [1, 4])))
GOOD["for-width-0"] = one("int64", [-9] * 3, (FOR, vector([-9] * 3, 64, -9, 0)))
GOOD["for-string"] = one("string", ["abc", "", "d"], (FOR, vector([3, 0, 1], 32, 0, 2) + b"abcd"))
rng = np.random.default_rng(20261124)
for bits, width in ((8, 3), (8, 7), (16, 11), (32, 1), (32, 19), (64, 33), (64, 63)):
    n = 1024 + 37
    words = rng.integers(0, (1 << width) - 1, n, dtype="u8", endpoint=True)
    near, mask = words + np.uint64(200), np.uint64((1 << bits) - 1)
    words = (near & mask).astype(f"<u{bits // 8}")
    exceptions = [0, 700, 1023] if width < bits else []
    words[exceptions] = 7
    GOOD[f"for-full-{bits}-{width}"] = one(
        f"uint{bits}", words,
        (FOR, vector(words[:1024], bits, 200, width, exceptions) + vector(words[1024:], bits, 200, width)))
GOOD["delta"] = one("uint32", [1000, 1003, 1001, 1008, 1009, 1012],
                    (DELTA, bytes.fromhex("e8030000 020a000000 feffffff 040000 053905")))
GOOD["delta-wraps"] = one("uint8", [(250 + 7 * i) % 256 for i in range(50)], (DELTA, b"\xfa" + child(CONST, b"\x07")))
GOOD["dict"] = one("float64", np.array([1 << 63, 0x400921FB53C8D4F1, 1 << 63, 1 << 63, 1 << 63], "<u8"),
                   (DICT, bytes.fromhex("02000000 0010000000 f1d4c853fb210940 0000000000000080 0205000000 00010000 1d")))
GOOD["dict-string"] = one("string", ["b", "", "b", "aa"] * 9, (DICT, struct.pack("<I", 3) + child(
    PLAIN, struct.pack("<3I", 1, 2, 0) + b"baa") + plain([0, 2, 0, 1] * 9, "u1")))
GOOD["dict-nested"] = one("int32", [4] * 30 + [9] * 20 + [4] * 10, (DICT, struct.pack("<I", 2) + child(
    DELTA, struct.pack("<i", 9) + plain([-5], "<i4")) + child(RLE, struct.pack("<I", 3) + plain([1, 0, 1], "u1") + plain([30, 20, 10]))))
GOOD["dict-16-bit"] = one("float64", [*range(300)] * 2, (
    DICT, struct.pack("<I", 300) + plain(range(300), "<f8") + plain([*range(300)] * 2, "<u2")))
TURNS = [0, 1, 1, 0] * 10
for kind, entries, labels in (("bool", [0, 1, 2], {}), ("enum", [0, 1, 65535], {"labels": ["a", "b"]})):
    GOOD[f"dict-unused-{kind}"] = one(kind, TURNS, (DICT, struct.pack("<I", 3) + plain(entries, "u1" if kind == "bool" else "<u2") + child(
        FOR, vector(TURNS, 8, 0, 1))), **labels)
GOOD["dict-equal-entries"] = one("float32", [7, 7, 9] * 14, (DICT, struct.pack("<I", 3) + plain([7, 7, 9], "<f4") + plain([0, 1, 2] * 14, "u1")))
GOOD["rle"] = one("uint32", [7] * 5 + [9] + [7] * 6, (RLE, bytes.fromhex(
    "03000000 000c000000 070000000900000007000000 0209000000 01000000 030000 4401")))
SPLIT = [1291, 3748, 1000, 5095, 1031]
GOOD["byte-split"] = one("uint32", SPLIT, (BYTE_SPLIT, bytes.fromhex("e80300000c04 c3f00f 0005000000 12ab00ff01")))
wide = np.concatenate([np.arange(1100) * 1000 + 5, [0x1FFFFF05]]).astype("<u8")
for codec in range(4):
    low = wide - np.uint64(5)
    planes = b""
    for shift in (5, 13, 21):
        plane = compress((low >> np.uint64(shift)).astype("u1").tobytes(), codec)
        raw = (low >> np.uint64(shift)).astype("u1").tobytes()
        planes += struct.pack("<BI", codec, len(plane)) + plane if len(plane) < len(raw) else struct.pack("<BI", 0, len(raw)) + raw
    GOOD[f"byte-split-{CODECS[codec]}"] = one(
        "uint32", wide, (BYTE_SPLIT, struct.pack("<IBB", 5, 29, 5) + packed_bits(low & np.uint64(31), 5, 32) + planes))
GOOD["byte-split-low-only"] = one("uint8", [1, 2, 3] * 9, (BYTE_SPLIT, b"\x01\x02\x02" + packed_bits([0, 1, 2] * 9, 2, 8)))
ALP_PAGE = bytes.fromhex("01 0104000000 0000c07f 01000000 01000000 caf24971 020c000000 04000000 040000 bb00000010")
ALP_VALUES = np.array([1.5, 1e30] + [0] * 7 + [0.5], "<f4")
ALP_VALUES[2:9] = bits32(*[0x7FC00000] * 7).view("<f4")
GOOD["alp"] = one("float32", ALP_VALUES, (ALP, ALP_PAGE))


def runs(values, type_):
    """Nine of each."""
    return child(RLE, struct.pack("<I", len(values)) + plain(values, type_) + child(CONST, struct.pack("<I", 9)))


NOTHING = struct.pack("<BiI", 0, 0, 0)
GOOD["alp-negative-exponent"] = one("float32", [2e10, -1e10, 0] * 9, (
    ALP, b"\xf6" + NOTHING + child(FOR, vector([2, -1, 0] * 9, 32, -1, 2))))
GOOD["alp-float64-edges"] = one(
    "float64", np.repeat([1e-22, -5e-22, 123456789012345e-22, -0.0], 9),
    (ALP, b"\x16" + struct.pack("<BqQI", 1, (1 << 63) - 1, 1 << 63, 0) + runs([1, -5, 123456789012345, (1 << 63) - 1], "<i8")))
RD = bits32(*range(0x3F800000, 0x3F80000C))
RD[3] = 0x40490FDB
GOOD["alp-rd"] = one("float32", RD, (ALP_RD, bytes.fromhex(
    "1001803f 01000000 03000000 4940 0101000000 00 00000100 0200db0f 04000500 06000700 08000900 0a000b00")))
doubles = rng.normal(size=1100)
words = doubles.view("<u8")
lefts = [w for w, _ in collections.Counter((words >> np.uint64(52)).tolist()).most_common(14)]
strays = [i for i, w in enumerate((words >> np.uint64(52)).tolist()) if w not in lefts]
codes = [lefts.index(w) if w in lefts else 0 for w in (words >> np.uint64(52)).tolist()]
GOOD["alp-rd-float64"] = one("float64", doubles, (
    ALP_RD, struct.pack(f"<BB{len(lefts)}HI", 52, len(lefts), *lefts, len(strays)) + struct.pack(f"<{len(strays)}I", *strays)
    + struct.pack(f"<{len(strays)}H", *[int(words[i]) >> 52 for i in strays]) + plain(codes, "u1")
    + packed_bits(words & np.uint64((1 << 52) - 1), 52, 64)))
SPARSE_VALUES = [0, 0, 7, 0, 0, 9] + [0] * 11 + [8] + [0] * 6
GOOD["sparse-tensor"] = one("uint16", SPARSE_VALUES, (SPARSE, bytes.fromhex(
    "0008000000 0200000001000000 0003000000 020205 0006000000 070009000800")), shape=[12])
GOOD["sparse-row"] = one("float32", [0, -0.0, 0, 2] + [0] * 12, (SPARSE, plain([2]) + plain([1, 1], "u1") + plain([-0.0, 2], "<f4")))
GOOD["sparse-zero-value"] = one("uint32", [0, 0, 0, 5] + [0] * 9, (SPARSE, plain([2]) + plain([1, 1], "u1") + plain([0, 5])))
GOOD["sparse-zeros"] = one("int8", [0] * 40, (SPARSE, plain([0]) + child(PLAIN, b"") * 2))
DEC = [0.5, 7, -0.5, 0, 20, 0.5, 7, 20]
DEC_PAGE = bytes.fromhex("01ff 0000000000 00000000 020c000000 fbffffff 050000 aa829255cd")
GOOD["decimal"] = one("float32", DEC, (DECIMAL, DEC_PAGE))
GOOD["decimal-specials"] = one("float64", np.repeat([0.125, -0.0, 9.99, NAN], 9), (
    DECIMAL, struct.pack("<BbBqQI", 3, -3, 1, -7, 1 << 63, 9) + struct.pack("<9I", *range(27, 36))
    + np.full(9, NAN).tobytes() + runs([26, -7, 1800, 1], "<i8")))

HITS = {"collections": [{"name": "h"}], "fields": [
    field("layer", "uint8", "h"), field("cell", "int16", "h"), field("x", "float32", "h"), field("y", "float32", "h", nullable=True)]}
EVENTS = 20  # of 2 and 3 hits in turn
CELLS = {"h": [2, 3] * 10, "h.layer": [1, 1, 2, 2, 2] * 10, "h.cell": [5, 9, 3, 4, 8] * 10, "h.x": [1.5, -0.0, 3, 4, 5] * 10,
         ("h.y", "validity"): [1] * 50, "h.y": [1, 1, 2, 2, 2] * 10}


def carry(low=0, high=50, width=2):
    """Residuals of the layer with the cell for key."""
    layers, cells = CELLS["h.layer"][low:high], CELLS["h.cell"][low:high]
    rises = [0] + [int(b <= a) for a, b in zip(cells, cells[1:])]
    steps = [b - a - c for a, b, c in zip([0] + layers, layers, rises)]
    return struct.pack("<BBI", 1, 1, 2) + child(FOR, vector(steps, 8, -2, width))


CARRY = carry()
MAP_HEAD = struct.pack("<BBII", 0, 2, 1, 2)


def table(layers=2, cells=7):
    t = np.zeros((layers, cells), "<f4")
    for layer, cell, x in zip(CELLS["h.layer"], CELLS["h.cell"], CELLS["h.x"]):
        t[layer - 1, cell - 3] = x
    return struct.pack("<qIqI", 1, 2, 3, 7) + plain(t.reshape(-1), "<f4")


def hits(pages, events=EVENTS, values=CELLS, **more):
    return Draft(HITS).add(events, values, pages, **more)


GOOD["lookup-carry"] = hits({"h.layer": (LOOKUP, CARRY)})
GOOD["lookup-map"] = hits({"h.x": (LOOKUP, MAP_HEAD + table())})
GOOD["lookup-both"] = hits({"h.layer": (LOOKUP, CARRY), "h.x": (LOOKUP, MAP_HEAD + table())})
GOOD["lookup-map-1-key"] = hits({"h.y": (LOOKUP, struct.pack("<BBI", 0, 1, 1) + struct.pack("<qI", 1, 2) + plain([1, 2], "<f4"))})
SHIFTS = {"shifts": {s: 4 for s in ("h.layer", "h.cell", "h.x")}}
GOOD["lookup-pages"] = hits({("h.x", 0): (LOOKUP, MAP_HEAD + table()), ("h.x", 1): (LOOKUP, MAP_HEAD),
                             ("h.layer", 0): (LOOKUP, carry(0, 40)), ("h.layer", 1): (PLAIN, None)}, **SHIFTS)
GOOD["lookup-page-alone"] = hits({("h.x", 0): (LOOKUP, MAP_HEAD + table())}, **SHIFTS)
GOOD["lookup-other-pages"] = hits(
    {("h.x", 0): (LOOKUP, MAP_HEAD + table()), ("h.x", 1): (LOOKUP, MAP_HEAD)}, shifts={"h.x": 4, "h.cell": 3, "h.layer": 2})
GOOD["lookup-event"] = Draft({"fields": [field("id", "enum", labels=["a", "b"]), field("mass", "float64")]}).add(
    30, {"id": [1, 0, 1] * 10, "mass": [0.5, 105.7, 0.5] * 10},
    {"mass": (LOOKUP, struct.pack("<BBIqI", 0, 1, 0, 0, 2) + plain([105.7, 0.5], "<f8"))})


def keyed(key_type, key, type_, values, low, table, **more):
    """A column `x` of the event that a column `k` looks up in a table."""
    return Draft({"fields": [field("k", key_type), field("x", type_, **more)]}).add(len(key), {"k": key, "x": values}, {
        "x": (LOOKUP, struct.pack("<BBI", 0, 1, 0) + table(struct.pack("<q", low)))})


def entries(values, type_):
    return lambda low: low + struct.pack("<I", len(values)) + plain(values, type_)


for kind, unused, labels in (("bool", 2, {}), ("enum", 7, {"labels": ["a", "b"]})):
    GOOD[f"lookup-unused-{kind}"] = keyed("uint8", [0, 1] * 30, kind, [1, 0] * 30, 0, entries([1, 0, unused], "u1" if kind == "bool" else "<u2"),
                                          **labels)
for name, kind, key, low in (("below", "uint8", [255, 0, 1, 2], -1), ("above", "uint8", [255, 0, 1, 2], 767),
                             ("signed", "int8", [-1, 0, 1, 2], 255), ("wraps", "int8", [127, -128, -127, -126], 127)):
    GOOD[f"lookup-low-{name}"] = keyed(kind, key * 5, "uint32", [9, 8, 7, 6] * 5, low, entries([9, 8, 7, 6], "<u4"))
# LOOKUP > SPARSE > DICT > ALP > RLE > DELTA > FOR: a table of 400 places, two of them not zero, 1.5 and 2.5 as the digits 15 and 25.
DIGITS = child(RLE, struct.pack("<I", 2) + child(DELTA, struct.pack("<I", 15) + child(FOR, vector([10], 32, 10, 0))) + plain([1, 1]))
SEVEN = child(SPARSE, plain([2]) + plain([5, 6], "<u2") + child(DICT, struct.pack("<I", 2) + child(
    ALP, b"\1" + struct.pack("<BiI", 0, 0, 0) + DIGITS) + plain([0, 1], "u1")))
GOOD["lookup-seven-deep"] = keyed("uint16", [5, 12, 0] * 30, "float32", [1.5, 2.5, 0] * 30, 0, lambda low: low + struct.pack("<I", 400) + SEVEN)

# A Zstandard frame whose only block says: the same byte, so many times. `head` is its frame header.
SAME = [0x01010101] * 50


def zstd_frame(head, n=200):
    return b"\x28\xb5\x2f\xfd" + head + (n << 3 | 3).to_bytes(3, "little") + b"\1"


for name, head in (("window-27", bytes([0, 17 << 3])), ("dictionary-0", b"\1\0\0")):
    draft = one("int32", SAME)
    draft.page("x").codec, draft.page("x").stored = ZSTD, zstd_frame(head)
    GOOD[f"codec-zstd-{name}"] = draft
for codec in (LZ4, ZLIB, ZSTD):
    GOOD[f"codec-{CODECS[codec]}"] = one("int32", [1, 2] * 50, (PLAIN, np.array([1, 2] * 50, "<i4").tobytes(), codec))
    GOOD[f"codec-{CODECS[codec]}-string"] = one("string", ["same"] * 40, (PLAIN, np.full(40, 4, "<u4").tobytes() + b"same" * 40, codec))
