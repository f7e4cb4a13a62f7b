"""Files with a page of ALP, ALP_RD, SPARSE or DECIMAL that breaks a rule of §6.10 to §6.13."""
import struct

from defects import bad, encoded
from draft import child, packed_bits, plain
from defects_pages import NONE, floats, numbers, u32
from forms import ALP, ALP_RD, CONST, DECIMAL, PLAIN, RLE, SPARSE

FIVES = child(CONST, u32(5))  # digits or ranks: 5 for each of 40 elements
NO_SPECIALS, NO_EXCEPTIONS = struct.pack("<Bi", 0, 0), u32(0)


def special(first, *patterns):
    return struct.pack("<Bi", len(patterns), first) + u32(*patterns)


# What ALP and DECIMAL have in common: specials, exceptions, the child.
for kind, code, head, section in (("alp", ALP, b"\1", "§6.10"), ("decimal", DECIMAL, b"\1\xff", "§6.13, §6.10")):
    for name, why, data in (
        ("specials-17", "17 specials", special(9, *range(17)) + NO_EXCEPTIONS + FIVES),
        ("specials-place", "a place of specials although there are none", struct.pack("<Bi", 0, 9) + NO_EXCEPTIONS + FIVES),
        ("specials-wrap", "specials beyond the largest number", special((1 << 31) - 1, 0, 0) + NO_EXCEPTIONS + FIVES),
        ("specials-cut", "the specials end early", struct.pack("<Bi", 4, 9) + u32(1)),
        ("exceptions-many", "more exceptions than elements", NO_SPECIALS + u32(41) + bytes(100)),
        ("exceptions-equal", "a position twice", NO_SPECIALS + u32(2, 3, 3, 0, 0) + FIVES),
        ("exceptions-order", "positions that fall", NO_SPECIALS + u32(2, 3, 2, 0, 0) + FIVES),
        ("exceptions-beyond", "a position behind the last element", NO_SPECIALS + u32(1, 40, 0) + FIVES),
        ("exceptions-cut", "the exceptions end early", NO_SPECIALS + u32(3, 1, 2)),
        ("numbers-few", "a number too few", NO_SPECIALS + NO_EXCEPTIONS + plain([5] * 30)),
        ("left-over", "§6: a byte behind the numbers", NO_SPECIALS + NO_EXCEPTIONS + FIVES + b"\0"),
    ):
        floats(f"{kind}-{name}", f"{section}: {why}", code, head + data)

BODY = NO_SPECIALS + NO_EXCEPTIONS + FIVES
for name, exponent in (("23", 23), ("below", -23), ("128", -128)):
    floats(f"alp-exponent-{name}", f"§6.10: an exponent of {exponent}", ALP, struct.pack("<b", exponent) + BODY)
floats("alp-nothing", "§6.10: no bytes", ALP, b"")

for name, digits, type_ in (("0", 0, "float32"), ("8", 8, "float32"), ("16", 16, "float64")):
    body = BODY if type_ == "float32" else struct.pack("<BqI", 0, 0, 0) + child(CONST, struct.pack("<q", 5))
    floats(f"decimal-digits-{name}", f"§6.13: {digits} digits of {type_}", DECIMAL, bytes([digits, 0xff]) + body, type_)
for name, exponent in (("23", 23), ("below", -23)):
    # Rank 0 has no exponent of its own, so that it is the first exponent that is wrong.
    floats(f"decimal-exponent-{name}", f"§6.13: a first exponent of {exponent}", DECIMAL,
           struct.pack("<Bb", 1, exponent) + NO_SPECIALS + NO_EXCEPTIONS + child(CONST, u32(0)), value=0)
RANKS = NO_SPECIALS + NO_EXCEPTIONS
floats("decimal-rank", "§6.13: a rank whose exponent is −23", DECIMAL, b"\1\x16" + RANKS + child(CONST, u32(10)))
floats("decimal-rank-negative", "§6.13: a negative rank whose exponent is −23", DECIMAL,
       b"\1\x16" + RANKS + child(CONST, struct.pack("<i", -10)))
floats("decimal-rank-lowest", "§6.13: the rank −2^31", DECIMAL, b"\1\0" + RANKS + child(CONST, struct.pack("<i", -1 << 31)))
floats("decimal-rank-lowest-64", "§6.13: the rank −2^63", DECIMAL,
       b"\1\0" + struct.pack("<BqI", 0, 0, 0) + child(CONST, struct.pack("<q", -1 << 63)), "float64")
encoded("decimal-rank-exception", "§6.13: a rank whose exponent is −23 at the position of an exception", "float32", [0.5] + [0] * 44,
        DECIMAL, b"\1\x16" + NO_SPECIALS + u32(1, 0, 0x3F000000) + child(RLE, u32(2) + plain([10, 0]) + plain([1, 44])))

# -- §6.11 ALP_RD ----------------------------------------------------------------------------------------------------

RIGHT, LEFT = packed_bits([0] * 40, 16, 32), b"\x00\x3f"  # 0.5 has the bits 3f000000
CODES = child(CONST, b"\0")
for name, why, data in (
    ("bits-15", "15 right bits of 32", b"\x0f\1" + LEFT + NO_EXCEPTIONS + CODES + packed_bits([0] * 40, 15, 32)),
    ("bits-32", "32 right bits of 32", b"\x20\1" + LEFT + NO_EXCEPTIONS + CODES + packed_bits([0] * 30, 32, 32)),
    ("parts-0", "no left parts", b"\x10\0" + NO_EXCEPTIONS + CODES + RIGHT),
    ("parts-17", "17 left parts", b"\x10\x11" + LEFT * 17 + NO_EXCEPTIONS + CODES + RIGHT),
    ("part-wide", "a left part of more than T − s bits", b"\x11\1" + b"\0\x80" + NO_EXCEPTIONS + CODES + packed_bits([0] * 40, 17, 32)),
    ("part-wide-unused", "a left part of more than T − s bits that no code names",
     b"\x11\2" + b"\0\x3f\0\x80" + NO_EXCEPTIONS + CODES + packed_bits([0] * 40, 17, 32)),
    ("exceptions-many", "more exceptions than elements", b"\x10\1" + LEFT + u32(41) + bytes(100)),
    ("exceptions-equal", "a position twice", b"\x10\1" + LEFT + u32(2, 3, 3) + LEFT * 2 + CODES + RIGHT),
    ("exceptions-order", "positions that fall", b"\x10\1" + LEFT + u32(2, 3, 2) + LEFT * 2 + CODES + RIGHT),
    ("exception-beyond", "a position behind the last element", b"\x10\1" + LEFT + u32(1, 40) + LEFT + CODES + RIGHT),
    ("exception-wide", "the left part of an exception has more than T − s bits",
     b"\x11\1" + b"\0\x3f" + u32(1, 3) + b"\0\x80" + CODES + packed_bits([0] * 40, 17, 32)),
    ("code", "a code that is the number of left parts", b"\x10\1" + LEFT + NO_EXCEPTIONS + child(CONST, b"\1") + RIGHT),
    ("right-cut", "the right parts end early", b"\x10\1" + LEFT + NO_EXCEPTIONS + CODES + RIGHT[:-1]),
    ("left-over", "§6: a byte behind the right parts", b"\x10\1" + LEFT + NO_EXCEPTIONS + CODES + RIGHT + b"\0"),
):
    floats(f"alp-rd-{name}", f"§6.11: {why}", ALP_RD, data)
floats("alp-rd-padding", "§6.3: bits left over in the last byte of the right parts are not zero", ALP_RD,
       b"\x11\1\x80\x1f" + NO_EXCEPTIONS + CODES + packed_bits([0] * 39, 17, 32)[:-1] + b"\x80", n=39)

# -- §6.12 SPARSE ----------------------------------------------------------------------------------------------------

FEW = [0] * 39 + [7]
for name, why, data in (
    ("count", "more non-zeros than elements", plain([41]) + child(CONST, b"\0") + child(CONST, u32(7))),
    ("count-huge", "2^32 − 1 non-zeros", plain([(1 << 32) - 1]) + child(CONST, b"\0") + child(CONST, u32(7))),
    ("beyond", "a non-zero behind the last element", plain([1]) + plain([40], "u1") + plain([7])),
    ("beyond-second", "a second non-zero behind the last element", plain([2]) + plain([0, 39], "u1") + plain([7, 7])),
    ("gaps-few", "a gap too few", plain([2]) + plain([0], "u1") + plain([7, 7])),
    ("gaps-wide", "gaps of 16 bits where rows have 40 elements", plain([1]) + plain([39], "<u2") + plain([7])),
    ("values-few", "a non-zero too few", plain([2]) + plain([0, 0], "u1") + plain([7])),
    ("left-over", "§6: a byte behind the non-zeros", plain([1]) + plain([39], "u1") + plain([7]) + b"\0"),
):
    numbers(f"sparse-{name}", f"§6.12: {why}", SPARSE, data, FEW)
TENSOR = [0] * 11 + [7] + [0] * 12
numbers("sparse-row", "§6.12: a non-zero beyond its row, in the next", SPARSE, plain([1, 0]) + plain([12], "u1") + plain([7]),
        TENSOR, shape=[12])
numbers("sparse-row-count", "§6.12: more non-zeros than a row has elements", SPARSE,
        plain([13, 0]) + child(CONST, b"\0") + child(CONST, u32(7)), TENSOR, shape=[12])
numbers("sparse-rows-few", "§6.12: a count too few", SPARSE, plain([1]) + plain([11], "u1") + plain([7]), TENSOR, shape=[12])
