"""Files whose footer, trailer or old footers break a rule: §8."""
import struct

from defects import bad, base, put, resealed, seal
from defects_file import SOUND, change
from fingal_reader import xxh
from forms import GOOD, clusters

# -- §8.1 footer: at 56 the arrays of one cluster, 5 × 8 bytes; at 96 the bounds of one field, 8 + 8 + 8 + 8; then the metadata

for name, why, at, form, *values in (
    ("tag", "§8.1: the tag of the footer", 0, "8s", b"FGLFOOT\1"),
    ("length", "§8.1: the length of footer and trailer", 8, "Q", 128),
    ("clusters", "§8.1: more clusters than the footer has room for", 16, "Q", 1 << 40),
    ("clusters-0", "§8.1: fewer clusters than its arrays have", 16, "Q", 0),
    ("bounded", "§8.1: a number of bounded fields that is not the schema's", 32, "Q", 0),
    ("metadata-long", "§8.1: metadata longer than the footer", 40, "Q", 64),
    ("metadata-short", "§8.1: metadata that ends inside its JSON", 40, "Q", 1),
    ("offset", "§8.1: a cluster that does not begin behind the one before", 56, "Q", 192),
    ("offset-schema", "§8.1: a cluster inside the schema", 56, "Q", 64),
    ("offset-unaligned", "§8.1: an offset that is no multiple of 64", 56, "Q", 132),
    ("offset-huge", "§8.1: an offset beyond the file", 56, "Q", (1 << 64) - 64),
    ("cluster-short", "§8.1: a gap between the last cluster and the footer", 64, "Q", 128),
    ("cluster-long", "§8.1: a cluster that reaches into the footer", 64, "Q", 320),
    ("cluster-length-0", "§8.1: a cluster of no bytes", 64, "Q", 0),
    ("first-event", "§8.1: the first cluster does not begin with event 0", 72, "Q", 1),
    ("cluster-events", "§8.1: a cluster of other events than its head says", 80, "Q", 4),
    ("cluster-events-0", "§8.1: a cluster of no events", 80, "Q", 0),
    ("directory", "§8.1: the checksum of another directory: a cluster of another file", 88, "Q", 0),
    ("field", "§8.1: bounds of another field", 96, "Q", 1),
    ("flag", "§8.1: a flag that is neither 0 nor 1", 104, "B", 2),
    ("flag-padding", "§8.1: the padding behind the flags is not zero", 111, "B", 1),
    ("flag-0", "§8.1: bounds without their flag", 104, "B", 0),
    ("minimum", "§8.1: a minimum that is not that of the pages", 112, "Q", 0),
    ("maximum", "§8.1: a maximum that is not that of the pages", 120, "Q", 4),
    ("bounds-order", "§8.1: a minimum above the maximum", 112, "Q", 5),
    ("bounds-none", "§8.1: no bounds of a cluster that has them", 104, "QQQ", 0, 0, 0),
    ("metadata-array", "§8.1: metadata that is no object", 128, "2s", b"[]"),
    ("metadata-padding", "§8.1: the padding behind the metadata is not zero", 131, "B", 1),
):
    bad(f"footer-{name}", why, resealed(SOUND, at, form, *values))
bad("footer-checksum", "§8.2: the checksum of the footer", change(128 + 256 + 20, b"\1"))
bad("footer-padding", "§8.2: the bytes between footer and trailer are not zero", change(-65, b"\1"))


def metadata(value):
    draft = base()
    draft.metadata = value
    return draft


bad("footer-metadata-number", "§8.1: a value of the metadata is no text", metadata({"a": 1}))
bad("footer-metadata-nested", "§8.1: a value of the metadata is an object", metadata({"provenance": {}}))
for name, why, text in (
    ("comma", "a comma before the end of the metadata", '{"a":"1",}'),
    ("control", "a line end in a text of the metadata", '{"a":"\n"}'),
    ("escape", "an escape that does not exist in the metadata", '{"a":"\\q"}'),
    ("surrogate", "half of a surrogate pair in the metadata", '{"a":"\\ud800"}'),
    ("twice", "a key of the metadata twice", '{"a":"1","\\u0061":"2"}'),
    ("twice-canonical", "two keys of the metadata that are equal after NFC", '{"\u00e5":"1","a\u030a":"2"}'),
    ("not-utf8", "metadata that is not UTF-8", b'{"a":"\xff"}'),
    ("text-behind", "a second value behind the metadata", "{}{}"),
):
    draft = base()
    draft.metadata_text = text if isinstance(text, bytes) else text.encode()
    bad(f"footer-metadata-{name}", f"§8.1, §3.1: {why}", draft)
THREE = clusters().bytes()
FOOTER = struct.unpack_from("<Q", THREE, len(THREE) - 64)[0]


def at(array, cluster):
    return 56 + 8 * (3 * array + cluster)


second, size = struct.unpack_from("<Q", THREE, FOOTER + at(0, 1))[0], struct.unpack_from("<Q", THREE, FOOTER + at(1, 0))[0]
bad("footer-overlap", "§8.1: two clusters that overlap", resealed(THREE, at(1, 0), "Q", size + 64))
bad("footer-same-cluster", "§8.1: two entries for one cluster", resealed(THREE, at(0, 2), "Q", second))
bad("footer-event-gap", "§8.1: a gap between the events of two clusters", resealed(THREE, at(2, 1), "Q", 4))
UNNAMED = clusters()
UNNAMED.left_out = {"": [1]}
bad("footer-cluster-gap", "§8.1: a cluster that nobody names between two others", UNNAMED)

# -- §8.2 trailer ----------------------------------------------------------------------------------------------------

END = struct.unpack_from("<Q", SOUND, len(SOUND) - 64)[0]
bad("trailer-missing", "§8.2: the file ends before its trailer", SOUND[:-64])
bad("trailer-cut", "§8.2: the file ends inside its trailer", SOUND[:-8])
bad("cluster-cut", "§8.5: the file ends inside its cluster", SOUND[:300])
bad("schema-cut", "§8.5: the file ends inside its schema", SOUND[:80])
bad("trailer-magic", "§8.2: the magic backwards", change(-1, b"\x88"))
bad("trailer-checksum", "§8.2: the checksum of the trailer", change(-16, b"\0"))
bad("trailer-reserved", "§1.3: bytes 40 to 47 of the trailer are reserved", base(trailer=put(40, "Q", 1)))
bad("trailer-offset-schema", "§8.2: a footer inside the schema", base(trailer=put(0, "Q", 64)))
bad("trailer-offset-beyond", "§8.2: a footer behind the file", base(trailer=put(0, "Q", 1 << 20)))
bad("trailer-offset-unaligned", "§8.2: a footer at no multiple of 64", base(trailer=put(0, "Q", END + 8)))
bad("trailer-length", "§8.2: a footer that does not end before the trailer", base(trailer=put(8, "Q", 264)))
for name, length in (("", 130), ("-more", 137)):
    bad(f"trailer-length-unaligned{name}", f"§8.2: a footer of {length} bytes of 136, which is no multiple of 8", base(
        trailer=put(8, "QQ", length, xxh(SOUND[END:END + length], 5))))
bad("trailer-footer-checksum", "§8.2: the checksum of the footer in the trailer", base(trailer=put(16, "Q", 0)))
for name, why, events in (("footer-events", "§8.1: a number of events, in the trailer too, that is not the clusters'", 4),
                          ("events-limit", "§9: 2^60 events, as footer and trailer say", 1 << 60),
                          ("events-huge", "§9: 2^63 events, as footer and trailer say", 1 << 63)):
    counted = bytearray(resealed(SOUND, 24, "Q", events))
    struct.pack_into("<Q", counted, len(counted) - 32, events)
    seal(counted, END, 136)
    bad(name if name == "footer-events" else f"trailer-{name}", why, bytes(counted))
bad("trailer-size", "§8.2: a size that the file does not have", base(trailer=put(24, "Q", 1 << 20)))
bad("trailer-events", "§8.2: a number of events that is not the footer's", base(trailer=put(32, "Q", 4)))
bad("bytes-behind", "§8.2: bytes behind the trailer", SOUND + bytes(64))

# -- §8.4 old footers ------------------------------------------------------------------------------------------------

OLD = GOOD["appended"].bytes()
places = [i for i in range(0, len(OLD), 64) if OLD[i:i + 8] == b"FGLFOOT\0"]
first, middle, _ = places


def old(name, why, change_it, at=middle):
    """The file of three ends with its middle footer broken, its own checksums made again unless `change_it` says no."""
    data = bytearray(OLD)
    whole = struct.unpack_from("<Q", data, at + 8)[0]
    length = struct.unpack_from("<Q", data, at + whole - 56)[0]
    if change_it(data, at, at + whole) is not False:
        seal(data, at, length)
    bad(f"old-{name}", f"§8.4: {why}", bytes(data))


def write(place, form, value, sealed=True):
    def do(data, at, end):
        struct.pack_into("<" + form, data, (at if place >= 0 else end) + place, value)
        return sealed
    return do


old("tag", "what lies between two clusters is no footer", write(0, "8s", b"FGLFOOT\1"))
old("length", "a length that leads beyond the next cluster", write(8, "Q", 1 << 12))
old("length-short", "a length that ends before the trailer", write(8, "Q", 128))
old("checksum", "the checksum of an old footer", write(30, "B", 1, sealed=False))
old("trailer-magic", "an old trailer without its magic", write(-1, "B", 0))
old("trailer-checksum", "the checksum of an old trailer", write(-16, "Q", 0, sealed=False))
old("trailer-size", "an old trailer with the size of the whole file", write(-40, "Q", len(OLD)))
old("trailer-offset", "an old trailer that names another footer", write(-64, "Q", first))
old("trailer-events", "old footer and trailer disagree about the number of events", write(-32, "Q", 6))
old("padding", "the padding between old footer and trailer is not zero", write(-65, "B", 1, sealed=False))
old("clusters", "an old footer whose cluster has another directory than in the newest", write(56 + 32 * 2, "Q", 1))
old("events", "an old footer whose number of events its clusters do not have", write(24, "Q", 6))
# 2 clusters, whose bounds begin at 136: index, flags, two minima, two maxima, for each of two fields; then the metadata.
old("content", "an old footer with another content hash than its clusters have", write(48, "Q", 1))
old("minimum", "an old footer with another minimum than its clusters have", write(136 + 16, "q", -5))
old("maximum", "an old footer with another maximum than its clusters have", write(136 + 40, "q", 9))
old("metadata", "an old footer whose metadata is no object", write(136 + 2 * 48, "B", ord("[")))
FEWER = clusters()
FEWER.ends, FEWER.left_out = [2], {"old ": [1]}
bad("old-clusters-few", "§8.4: an old footer that does not name all clusters before it", FEWER)
