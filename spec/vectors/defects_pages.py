"""Files with a page whose encoded bytes break a rule of §6.1 to §6.13. Checksums, digests and bounds are those of the values
that the page ought to hold, so that nothing but the encoding is wrong."""
import struct

import numpy as np

from defects import bad, encoded
from draft import Draft, child, packed_bits, plain, vector
from forms import (ALP, ALP_RD, BYTE_SPLIT, CONST, DECIMAL, DELTA, DICT, FOR, LOOKUP, PLAIN, RLE, SPARSE, bits32, field, one)

SIX = [5, 6, 7, 8, 9, 10]
MANY = [5] * 40
NONE = child(PLAIN, b"")


def numbers(name, why, encoding, data, values=MANY, type_="uint32", **more):
    encoded(name, why, type_, values, encoding, data, **more)


def floats(name, why, encoding, data, type_="float32", n=40, value=0.5):
    encoded(name, why, type_, [value] * n, encoding, data)


def u32(*values):
    return struct.pack(f"<{len(values)}I", *values)


# -- §6: what applies to all -----------------------------------------------------------------------------------------

for name, code in (("delta", DELTA), ("rle", RLE), ("byte-split", BYTE_SPLIT), ("alp", ALP), ("alp-rd", ALP_RD), ("sparse", SPARSE),
                   ("decimal", DECIMAL), ("lookup", LOOKUP)):
    encoded(f"string-{name}", "§6: strings are PLAIN, CONST, FOR or DICT", "string", ["same"] * 9, code, u32(1, 2, 3))
ALP_SIMPLE = b"\0" + bytes(1 + 4 + 4) + child(CONST, u32(5))
for name, code, data in (("alp", ALP, ALP_SIMPLE), ("alp-rd", ALP_RD, b"\x10\1\0\0" + u32(0) + child(CONST, b"\0") + packed_bits(MANY, 16, 32)),
                         ("decimal", DECIMAL, b"\1" + ALP_SIMPLE)):
    numbers(f"integer-{name}", f"§6: {name.upper().replace('-', '_')} is for floats", code, data)
EMPTY = Draft({"collections": [{"name": "h"}], "fields": [field("x", "int8", "h")]})
EMPTY.add(2, {"h": [0, 0], "h.x": []}, {"h.x": (CONST, b"")})
bad("empty-not-plain", "§6: a page without elements is PLAIN", EMPTY)

# -- §6.1, §6.2 ------------------------------------------------------------------------------------------------------

numbers("plain-short", "§6.1: one value too few", PLAIN, u32(*SIX[:5]), SIX)
numbers("const-short", "§6.2: three bytes of four", CONST, b"\5\0\0", [5] * 3)
numbers("const-long", "§6.2: bytes behind the value", CONST, u32(5, 5), [5] * 3)

# -- §6.3, §6.4 ------------------------------------------------------------------------------------------------------

numbers("for-nothing", "§6.4: no bytes", FOR, b"", SIX)
numbers("for-cut", "§6.3: the differences end early", FOR, vector(SIX, 32, 5, 3)[:-1], SIX)
numbers("for-long", "§6: a byte behind the last vector", FOR, vector(SIX, 32, 5, 3) + b"\0", SIX)
numbers("for-width-33", "§6.3: a width of 33 bits in words of 32", FOR, u32(5) + b"\x21\0\0" + bytes(33 * 5), MANY[:40] * 2)
encoded("for-width-9", "§6.3: a width of 9 bits in words of 8", "uint8", MANY, FOR, b"\5\x09\0\0" + bytes(36))
numbers("for-width-255", "§6.3: a width of 255 bits", FOR, u32(5) + b"\xff\0\0" + bytes(80), MANY)
numbers("for-padding", "§6.3: bits left over in the last byte are not zero", FOR, vector(SIX, 32, 5, 3)[:-1] + b"\xf1", SIX)
numbers("for-exceptions-many", "§6.3: more exceptions than words", FOR,
        vector([5] * 1024, 32, 5, 0) + u32(5) + b"\0\3\0" + struct.pack("<3H", 0, 1, 2) + u32(5, 5, 5), [5] * 1026)
numbers("for-exceptions-equal", "§6.3: a position twice", FOR, u32(5) + b"\0\2\0" + struct.pack("<2H", 1, 1) + u32(6, 6), SIX)
numbers("for-exceptions-order", "§6.3: positions that fall", FOR, u32(5) + b"\0\2\0" + struct.pack("<2H", 2, 1) + u32(6, 6), SIX)
numbers("for-exception-beyond", "§6.3: a position behind the last word", FOR, u32(5) + b"\0\1\0" + struct.pack("<H", 6) + u32(6), SIX)
numbers("for-exceptions-cut", "§6.3: the exceptions end early", FOR, u32(5) + b"\0\2\0" + struct.pack("<2H", 1, 2) + u32(6), SIX)
FULL = [3] * 1024 + [4] * 36
numbers("for-full-beyond", "§6.3: a position of 1,024 in a full vector", FOR,
        u32(3) + b"\0\1\0" + struct.pack("<H", 1024) + u32(3) + vector(FULL[1024:], 32, 4, 0), FULL)
numbers("for-vector-missing", "§6.3: the last vector is missing", FOR, vector(FULL[:1024], 32, 3, 0), FULL)

# -- §6.5: children --------------------------------------------------------------------------------------------------

INNER = u32(5) + plain([0] * 38)
numbers("child-level-equal", "§6.5: DELTA in DELTA", DELTA, u32(5) + child(DELTA, u32(0) + child(CONST, u32(0))))
numbers("child-level-above", "§6.5: RLE in DELTA", DELTA, u32(5) + child(RLE, u32(1) + plain([0]) + plain([39])))
numbers("child-level-dict", "§6.5: DICT in RLE", RLE,
        u32(2) + child(DICT, u32(1) + plain([5]) + child(CONST, b"\0")) + plain([20, 20]))
numbers("child-level-sparse", "§6.5: SPARSE in DICT", DICT, u32(2) + child(SPARSE, plain([1]) + plain([0], "u1") + plain([5]))
        + child(CONST, b"\0"))
numbers("child-level-lookup", "§6.5: LOOKUP in SPARSE", SPARSE, plain([1]) + plain([0], "u1") + child(LOOKUP, u32(0)))
numbers("child-encoding-unknown", "§6: an encoding that is not known, in a child", DELTA, u32(5) + child(12, u32(0)))
numbers("child-beyond", "§6.5: a child longer than what is left", DELTA, u32(5) + struct.pack("<BI", CONST, 5) + u32(0))
numbers("child-huge", "§6.5: a child of 2^32 − 1 bytes", DELTA, u32(5) + struct.pack("<BI", CONST, (1 << 32) - 1) + u32(0))
numbers("child-left-over", "§6: bytes left over in a child", DELTA, u32(5) + child(CONST, u32(0, 0)))
numbers("child-head-cut", "§6.5: the head of a child ends early", DELTA, u32(5) + b"\1\4")
numbers("child-empty-const", "§6.5: a child without elements is PLAIN", SPARSE, plain([0]) + child(CONST, b"") + NONE, [0] * 40)
numbers("child-empty-bytes", "§6.5: a child without elements has no bytes", SPARSE, plain([0]) + plain([7], "u1") + NONE, [0] * 40)
numbers("child-alp-of-indices", "§6: ALP of indices, which are integers", DICT,
        u32(1) + plain([5]) + child(ALP, b"\0" + bytes(1 + 1 + 4) + child(CONST, b"\0")))

# -- §6.6 DELTA ------------------------------------------------------------------------------------------------------

numbers("delta-first", "§6.6: the first element is cut", DELTA, b"\5\0")
numbers("delta-few", "§6.6: one difference too few", DELTA, u32(5) + plain([0] * 37))
numbers("delta-many", "§6.6: one difference too many", DELTA, b"\5" + child(FOR, vector([0] * 41, 8, 0, 1)), MANY, "uint8")

# -- §6.7 DICT -------------------------------------------------------------------------------------------------------

numbers("dict-none", "§6.7: no entries", DICT, u32(0) + NONE + child(CONST, b"\0"))
numbers("dict-many", "§6.7: more entries than elements", DICT, u32(41) + child(CONST, u32(5)) + child(CONST, b"\0"))
numbers("dict-index", "§6.7: an index that is the number of entries", DICT, u32(2) + plain([5, 6]) + child(CONST, b"\2"))
numbers("dict-entries-few", "§6.7: an entry too few", DICT, u32(3) + plain([5, 6]) + child(CONST, b"\0"))
numbers("dict-entries-many", "§6.7: an entry too many", DICT, u32(1) + plain([5, 6]) + child(CONST, b"\0"))
numbers("dict-index-wide", "§6.7: indices of 16 bits for one entry", DICT, u32(1) + plain([5]) + child(CONST, b"\0\0"))
numbers("dict-left-over", "§6: a byte behind the indices", DICT, u32(1) + plain([5]) + child(CONST, b"\0") + b"\0")
WIDE = [float(i % 300) for i in range(400)]
encoded("dict-index-narrow", "§6.7: indices of 8 bits for 300 entries", "float64", WIDE, DICT,
        u32(300) + plain(range(300), "<f8") + plain([int(w) % 256 for w in WIDE], "u1"))
TEXTS = ["aa", "b"] * 10
ENTRIES = u32(2, 1) + b"aab"
TURNS = plain([0, 1] * 10, "u1")
for name, why, data in (
    ("index", "an index that is the number of entries", u32(2) + child(PLAIN, ENTRIES) + child(CONST, b"\2")),
    ("const", "entries that are CONST: strings are PLAIN or FOR", u32(1) + child(CONST, b"aa") + child(CONST, b"\0")),
    ("dict", "entries that are DICT: strings are PLAIN or FOR", u32(1) + child(DICT, u32(1) + child(PLAIN, u32(2) + b"aa") + child(CONST, b"\0")) + child(CONST, b"\0")),
    ("lengths", "lengths of entries beyond their bytes", u32(2) + child(PLAIN, u32(2, 2) + b"aab") + TURNS),
    ("total", "entries that do not give the decoded length", u32(2) + child(PLAIN, ENTRIES) + child(CONST, b"\0")),
    ("not-utf8", "an entry that is not UTF-8", u32(2) + child(PLAIN, u32(2, 1) + b"aa\xff") + TURNS),
    ("unused", "an entry that is not UTF-8, which no index names", u32(3) + child(PLAIN, u32(2, 1, 1) + b"aab\xff") + TURNS),
):
    encoded(f"dict-string-{name}", f"§6.7: {why}", "string", TEXTS, DICT, data)

# -- §6.8 RLE --------------------------------------------------------------------------------------------------------

numbers("rle-none", "§6.8: no runs", RLE, u32(0) + NONE + NONE)
numbers("rle-many", "§6.8: more runs than elements", RLE, u32(41) + child(CONST, u32(5)) + child(CONST, u32(1)))
numbers("rle-length-0", "§6.8: a run of no elements", RLE, u32(2) + plain([5, 5]) + plain([40, 0]))
numbers("rle-few", "§6.8: runs of fewer elements than there are", RLE, u32(2) + plain([5, 5]) + plain([20, 19]))
numbers("rle-more", "§6.8: runs of more elements than there are", RLE, u32(2) + plain([5, 5]) + plain([20, 21]))
numbers("rle-wrap", "§6.8: lengths whose sum is right modulo 2^32", RLE, u32(2) + plain([5, 5]) + plain([41, (1 << 32) - 1]))

# -- §6.9 BYTE_SPLIT -------------------------------------------------------------------------------------------------


def split(width, low, low_bits, *planes):
    return u32(5) + bytes([width, low]) + low_bits + b"".join(struct.pack("<BI", c, len(p)) + p for c, p in planes)


ZEROS, FOURS = bytes(40), packed_bits([0] * 40, 4, 32)
for name, why, data in (
    ("width-0", "a width of 0", split(0, 0, b"")),
    ("width-33", "a width of 33 bits in words of 32", split(33, 32, packed_bits([0] * 36, 32, 32), (0, ZEROS[:2]))),
    ("low-above", "more low bits than the width", split(3, 4, FOURS)),
    ("low-cut", "the low bits end early", split(4, 4, FOURS[:-1])),
    ("plane-missing", "a plane too few", split(20, 4, FOURS, (0, ZEROS))),
    ("plane-more", "a plane too many", split(12, 4, FOURS, (0, ZEROS), (0, ZEROS))),
    ("plane-short", "a plane without codec of 39 bytes", split(8, 0, b"", (0, ZEROS[:-1]))),
    ("plane-long", "a plane without codec of 41 bytes", split(8, 0, b"", (0, ZEROS + b"\0"))),
    ("plane-codec", "a codec that is not known", split(8, 0, b"", (4, ZEROS[:9]))),
    ("plane-corrupt", "a plane whose codec refuses its bytes", split(8, 0, b"", (3, b"\1\2\3\4\5"))),
    ("plane-cut", "a plane that ends early", split(8, 0, b"", (0, ZEROS))[:-1]),
    ("bits-above", "bits of the last plane above the width", split(7, 0, b"", (0, ZEROS[:-1] + b"\x80"))),
    ("low-padding", "§6.3: bits left over in the last byte of the low bits are not zero", split(4, 4, packed_bits([0] * 39, 4, 32)[:-1] + b"\x10")),
):
    n = 39 if name == "low-padding" else 40
    numbers(f"byte-split-{name}", f"§6.9: {why}", BYTE_SPLIT, data, [5] * n)
