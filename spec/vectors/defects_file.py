"""Files whose header, clusters, footer or trailer break a rule: §2, §4, §5.1 and §8."""
import struct

from defects import bad, base, hooked, put, resealed, row
from draft import Draft
from fingal_reader import P61, xxh
from forms import CONST, field, one

SOUND = base().bytes()  # header 64, schema 64, cluster 192, footer 192 with its padding, trailer 64
NAN = float("nan")


def change(at, data, to=None):
    """The sound file with bytes written over, no checksum made again."""
    whole = bytearray(SOUND if to is None else to)
    at = at if at >= 0 else len(whole) + at
    whole[at:at + len(data)] = data
    return bytes(whole)


def directory(head, length):
    """Says another length of the directory, with the checksum of so much of it."""
    struct.pack_into("<QQ", head, 32, length, xxh(SOUND[192:192 + length], 4))


# -- §2.2 header -----------------------------------------------------------------------------------------------------

bad("nothing", "§2.1: a file of no bytes", b"")
bad("other-file", "§2.2: a file of another kind", b"\x89PNG\r\n\x1a\n" + bytes(120))
bad("header-cut", "§2.2: the file ends inside its header", SOUND[:40])
bad("header-magic", "§2.2: the first byte of the magic", base(header=put(0, "B", 0x88)))
bad("header-text-mode", "§2.2: line ends changed by a transfer in text mode", SOUND.replace(b"\r\n", b"\n"))
bad("header-checksum", "§2.2: the checksum of the header", change(56, b"\0"))
bad("header-version-0", "§1.2: major version 0, which was never released", base(header=put(8, "H", 0)))
bad("header-version-2", "§1.2: a major version that is not known", base(header=put(8, "H", 2)))
bad("header-minor-1", "§1.2: a later minor version", base(header=put(10, "H", 1)))
bad("header-feature-0", "§1.2: required feature bit 0, which is not known", base(header=put(16, "Q", 1)))
bad("header-feature-63", "§1.2: required feature bit 63, which is not known", base(header=put(16, "Q", 1 << 63)))
bad("header-reserved-12", "§1.3: bytes 12 to 15 of the header are reserved", base(header=put(12, "I", 1)))
bad("header-reserved-48", "§1.3: bytes 48 to 55 of the header are reserved", base(header=put(48, "Q", 1 << 63)))
bad("header-schema-beyond", "§2.2: a schema longer than the file", base(header=put(32, "Q", 1 << 20)))
bad("header-schema-huge", "§9: a schema of more than 64 MiB", base(header=put(32, "Q", (64 << 20) + 1)))
bad("header-schema-all", "§2.2: a schema of all bits set", base(header=put(32, "Q", (1 << 64) - 1)))
bad("header-schema-checksum", "§2.2: the checksum of the schema", base(header=put(40, "Q", 1)))
bad("schema-damaged", "§2.4: a byte of the schema that its checksum does not know", change(70, b"F"))
bad("schema-padding", "§1.3: the padding behind the schema is not zero", change(127, b"\1"))

# -- §4.1 head of a cluster ------------------------------------------------------------------------------------------

bad("head-tag", "§4.1: the tag of a cluster", base(head=put(0, "8s", b"FGLCLUSU")))
bad("head-checksum", "§4.1: the checksum of a cluster's head", base(after_head=put(56, "Q", 0)))
bad("head-length", "§4.1: a length that is not the footer's", base(head=put(8, "Q", 256)))
bad("head-events", "§4.1: a number of events that is not the footer's", base(head=put(16, "Q", 4)))
bad("head-events-0", "§4.1: no events", base(head=put(16, "Q", 0)))
bad("head-events-many", "§9: 2^48 events", base(head=put(16, "Q", 1 << 48)))
bad("head-streams", "§4.1: a number of streams that is not the schema's", base(head=put(24, "I", 2)))
bad("head-reserved-28", "§1.3: bytes 28 to 31 of a cluster's head are reserved", base(head=put(28, "I", 1)))
bad("head-reserved-48", "§1.3: bytes 48 to 55 of a cluster's head are reserved", base(head=put(48, "Q", 1)))
bad("head-directory-short", "§4.2: a directory shorter than its rows", base(
    head=lambda b: directory(b, 16), footer=put(88, "Q", xxh(SOUND[192:208], 4))))
bad("head-directory-long", "§4.2: a directory longer than the cluster", base(head=put(32, "Q", 1 << 20)))
bad("head-directory-huge", "§9: a directory of more than 2^28 bytes", base(head=put(32, "Q", (1 << 28) + 1)))
bad("head-directory-checksum", "§4.1: the checksum of the directory", base(head=put(40, "Q", 1)))


# -- §4.2 directory --------------------------------------------------------------------------------------------------

bad("directory-damaged", "§2.4: a byte of the directory that its checksum does not know", change(200, b"\1"))
bad("directory-shift-33", "§9: a shift of 33", base(directory=put(0, "B", 33)))
bad("directory-shift", "§4.2: a shift that asks for another number of pages", base(directory=put(0, "B", 1)))
bad("directory-reserved", "§1.3: bytes 1 to 3 of a stream's row are reserved", base(directory=put(3, "B", 1)))
bad("directory-pages-0", "§4.2: no pages", base(directory=put(4, "I", 0)))
bad("directory-pages-2", "§4.2: more pages than the shift gives", base(directory=put(4, "I", 2)))
bad("directory-digest-modulus", "§4.5: a digest of 2^61 - 1", base(directory=put(8, "Q", P61)))
bad("directory-row-missing", "§4.2: one row of a page too few", base(directory=lambda b: b[:16]))
bad("directory-row-more", "§4.2: one row of a page too many", hooked(
    row(one("int8", [1, 2, 3]), offset=64 + 16 + 128), directory=lambda b: b + bytes(64)))

# -- §5.1 rows of pages ----------------------------------------------------------------------------------------------


def rows(name, why, draft=None, **fields):
    bad(f"row-{name}", why, row(draft or one("int32", [4, 5, 6]), **fields))


rows("offset", "§4.3: a gap of 8 bytes before a page", offset=152)
rows("offset-overlap", "§4.3: a page inside the directory", offset=136)
rows("offset-huge", "§4.3: an offset of all bits set", offset=(1 << 64) - 1)
rows("offset-unaligned", "§4.3: an offset that is no multiple of 8", offset=145)
PAIR = Draft({"fields": [field("x", "int32"), field("y", "int32")]}).add(3, {"x": [1, 2, 3], "y": [1, 2, 3]})
row(PAIR, "y", offset=64 + 32 + 128)
bad("row-shared-bytes", "§4.3: two pages in the same place, one checksum made for each", PAIR)
rows("stored-beyond", "§5.1: stored bytes beyond the cluster", hooked(
    one("int32", [5] * 1024, (CONST, struct.pack("<i", 5)), shape=[1024]), directory=put(16 + 8, "II", 4096, 4096)), encoding=0)
rows("stored-more", "§5.1: more stored than encoded bytes", encoded=8)
rows("encoded-more", "§5.1: more encoded than decoded bytes", decoded=8)
rows("decoded", "§5.1: a decoded length that is not elements × width", decoded=16)
rows("decoded-string", "§5.1: fewer decoded bytes than the lengths of the strings take",
     row(one("string", ["", "", ""], (CONST, b"")), decoded=8))
rows("decoded-string-long", "§5.2: a decoded length that the strings do not have",
     row(one("string", ["a", "b", "c"]), decoded=16))
rows("decoded-huge", "§9: a page of more than 2^30 bytes", Draft({"fields": [field("x", "float64", shape=[1 << 24])]}).add(
    9, {"x": []}, {"x": (CONST, bytes(8))}), elements=9 << 24, decoded=9 << 27)
rows("cluster-decoded", "§9: pages of more than 2^28 bytes in a cluster of two events",
     Draft({"fields": [field("x", "float64", shape=[(1 << 24) - 1]), field("y", "float64", shape=[2])]}).add(
         2, {"x": [], "y": [0] * 4}, {"x": (CONST, bytes(8))}), elements=(1 << 25) - 2, decoded=(1 << 28) - 16)
rows("elements-few", "§5.2: fewer elements than events", elements=2, decoded=8, encoded=8, stored=struct.pack("<2i", 4, 5))
rows("elements-part", "§5.2: a page that ends inside a tensor", one("int8", [1, 2, 3, 4], shape=[2]), elements=3, decoded=3,
     encoded=3, stored=b"\1\2\3")
rows("encoding-unknown", "§6: an encoding that is not known", encoding=12)
rows("codec-unknown", "§7: a codec that is not known", codec=4, stored=bytes(5))
rows("flags", "§5.1: bytes 26 and 27 are 0 or 1", bounds=2)
rows("reserved", "§1.3: bytes 36 to 39 of a page's row are reserved", reserved=1)
rows("checksum", "§5.1: the checksum of the stored bytes", checksum=0)
rows("minimum", "§5.3: a minimum that is not exact", low=3)
rows("maximum", "§5.3: a maximum that is not exact", high=7)
rows("bounds-order", "§5.3: a minimum above the maximum", low=7)
rows("bounds-missing", "§5.3: no bounds although there are numbers", bounds=0, low=0, high=0)
rows("bounds-unsaid", "§5.1: a minimum without bounds is 0", one("float32", [NAN] * 3), low=1)
rows("bounds-of-nan", "§5.3: bounds of a page of NaN alone", one("float32", [NAN] * 3), bounds=1)
rows("bounds-nan", "§5.3: NaN for a bound", one("float64", [1, 2]), high=0x7FF8 << 48)
rows("bounds-of-strings", "§5.3: bounds of strings", one("string", ["a", "b"]), bounds=1)
rows("bounds-negative-zero", "§5.3: −0 is stored as +0", one("float64", [-0.0, 0.0]), low=1 << 63)
rows("nans", "§5.1: a wrong number of NaN", one("float32", [1, NAN, 2]), nans=2)
rows("nans-of-integers", "§5.1: NaN among integers", nans=1)
NULLS = {"nullable": True, "nulls": [1]}
rows("nulls", "§5.1: a wrong number of nulls", one("int32", [1, 0, 2], **NULLS), nulls=2)
rows("nulls-of-none", "§5.1: nulls of a field that has none", nulls=1)
rows("nulls-of-validity", "§5.1: nulls are counted with the values, not with their validity", one("int32", [1, 0, 2], **NULLS),
     kind="validity", nulls=1)
TWO = {"fields": [field("x", "int8"), field("y", "int8")]}
bad("page-padding", "§1.3: the padding between two pages is not zero", hooked(
    Draft(TWO).add(3, {"x": [1, 2, 3], "y": [4, 5, 6]}), file=put(64 + 128 + 64 + 32 + 128 + 4, "B", 1)))
bad("cluster-padding", "§1.3: the padding behind the last page is not zero", change(64 + 64 + 191, b"\1"))
SWAPPED = Draft(TWO).add(3, {"x": [1, 2, 3], "y": [1, 2, 3]})
row(SWAPPED, "x", checksum=xxh(b"\1\2\3", 2 << 32))
bad("page-of-other-stream", "§2.4: a page with the checksum of the stream behind it", SWAPPED)
WRONG = one("int8", [1, 2, 3])
WRONG.column("x").digest ^= 1
bad("digest", "§4.5: a digest that the values do not have, with the content hash that follows from it", WRONG)
bad("content-hash", "§8.3: a content hash that does not follow from the digests", resealed(SOUND, 48, "Q", 0))
