"""Files whose schema breaks a rule of §3.1 or a limit of §9. They have no events, and an end that fits what the schema would
say without its defect, as far as it would say anything: a reader that overlooks the defect finds no other."""
import json

from defects import bad
from draft import Draft
from fingal_reader import Damage, streams_of
from forms import field

NOTHING = {"fields": []}


def raw(name, why, text, like=NOTHING):
    """`like` is the schema that the rest of the file is made for."""
    draft = Draft(like)
    draft.text = text if isinstance(text, bytes) else text.encode()
    bad(f"schema-{name}", f"§3.1: {why}", draft)


def schema(name, why, *fields, collections=None, **more):
    whole = ({"collections": collections} if collections else {}) | {"fields": fields} | more
    keep = lambda entry, *keys: {k: entry[k] for k in keys if k in entry}
    like = {"collections": [keep(c, "name", "parent") for c in collections or []],
            "fields": [keep(f, "name", "type", "collection", "labels") for f in fields]}
    try:
        Draft(like)
    except Damage:
        like = NOTHING
    raw(name, why, json.dumps(whole, ensure_ascii=False, separators=(",", ":")), like)


raw("array", "the schema is no object", "[]")
raw("byte-order-mark", "a byte order mark before the object", "\ufeff{\"fields\":[]}")
raw("zero-byte", "a zero byte behind the object", '{"fields":[]}\0')
raw("not-utf8", "bytes that are not UTF-8", b'{"fields":[],"metadata":{"a":"\xff"}}')
raw("not-json", "no JSON", '{"fields":[}')
raw("text-behind", "a second value behind the object", '{"fields":[]}{}')
raw("no-fields", "`fields` is missing", '{"collections":[]}')
raw("fields-null", "`fields` is null", '{"fields":null}')
raw("fields-object", "`fields` is no array", '{"fields":{}}')
raw("collections-object", "`collections` is no array", '{"collections":{},"fields":[]}')
raw("field-text", "a field is no object", '{"fields":["x"]}')
raw("metadata-number", "a value of metadata is no text", '{"fields":[],"metadata":{"a":1}}')
raw("metadata-array", "metadata is no object", '{"fields":[],"metadata":["a"]}')

# -- RFC 8259, which holds in keys that a reader ignores, too -----------------------------------------------------------

ONE = {"fields": [{"name": "x", "type": "int8"}]}
raw("comma-object", "a comma before the end of an object", '{"fields":[{"name":"x","type":"int8",}]}', ONE)
raw("comma-array", "a comma before the end of an array", '{"fields":[{"name":"x","type":"int8"},]}', ONE)
raw("key-twice", "a key twice", '{"fields":[{"name":"x","type":"int8","type":"int8"}]}', ONE)
raw("key-twice-escaped", "a key twice, once with an escape", '{"fields":[{"name":"x","type":"int8","\\u0074ype":"int8"}]}', ONE)
raw("key-twice-canonical", "two keys that are equal after NFC", '{"fields":[],"metadata":{"\u00e5":"1","a\u030a":"2"}}')
raw("surrogate-name", "a name with half of a surrogate pair", '{"fields":[{"name":"a\\ud800","type":"int8"}]}', ONE)
raw("surrogate-metadata", "half of a surrogate pair in metadata", '{"fields":[],"metadata":{"a":"\\udc00"}}')
for name, why, text in (
    ("comma-object", "a comma before the end of an object", '{"a":1,}'),
    ("comma-array", "a comma before the end of an array", "[1,]"),
    ("comma-alone", "a comma without values", "[,]"),
    ("key-twice", "a key twice", '{"a":1,"a":1}'),
    ("control", "a character below U+0020 in a text", '"a\u0001b"'),
    ("tab", "a tab in a text", '"a\tb"'),
    ("line-end", "a line end in a text", '"a\nb"'),
    ("escape-q", "an escape that does not exist", '"\\q"'),
    ("escape-x", "a hexadecimal escape as in C", '"\\x41"'),
    ("escape-digit", "an escape with a digit that is not hexadecimal", '"\\u12G4"'),
    ("escape-upper", "an escape with a capital U", '"\\U0041"'),
    ("surrogate-high", "the first half of a surrogate pair alone", '"\\ud83d"'),
    ("surrogate-low", "the second half of a surrogate pair alone", '"\\ude00"'),
    ("surrogate-twice", "two first halves of surrogate pairs", '"\\ud83d\\ud83d"'),
    ("number-zero", "a zero before another digit", "01"),
    ("number-sign", "a sign without a number", "-"),
    ("number-plus", "a plus before a number", "+1"),
    ("number-point", "a decimal point without digits behind it", "5."),
    ("number-point-first", "a decimal point without digits before it", ".5"),
    ("number-exponent", "an exponent without digits", "1e"),
    ("number-hexadecimal", "a hexadecimal number", "0x10"),
    ("nan", "NaN", "NaN"), ("infinity", "Infinity", "Infinity"), ("minus-infinity", "-Infinity", "-Infinity"),
    ("word", "a word that is none of JSON's", "True"),
    ("comment", "a comment", "1/**/"),
    ("levels", "65 levels (§9)", "[" * 64 + "]" * 64),
    ("levels-many", "2,001 levels (§9)", "[" * 2000 + "]" * 2000),
):
    raw(f"unknown-{name}", f"{why}, under a key that means nothing", f'{{"fields":[{{"name":"x","type":"int8"}}],"z":{text}}}', ONE)
raw("unknown-key-surrogate", "half of a surrogate pair in a key that means nothing",
    '{"fields":[{"name":"x","type":"int8"}],"\\ud800":0}', ONE)

# -- what must be there, and of which form ---------------------------------------------------------------------------------

schema("field-without-name", "a field without name", {"type": "int8"})
schema("field-without-type", "a field without type", {"name": "x"})
schema("field-name-number", "a name is no text", {"name": 1, "type": "int8"})
schema("type-unknown", "an unknown type (§3.2)", field("x", "int128"))
schema("type-number", "a type is no text", field("x", 8))
schema("unit-number", "a unit is no text", field("x", "int8", unit=1))
schema("description-array", "a description is no text", field("x", "int8", description=[]))
schema("field-metadata-number", "a value of a field's metadata is no text", field("x", "int8", metadata={"a": True}))
schema("nullable-number", "`nullable` is no truth value", field("x", "int8", nullable=1))
schema("name-empty", "an empty name", field("", "int8"))
schema("name-control", "a name with a character below U+0020", field("a\u001fb", "int8"))
schema("name-delete", "a name with U+007F", field("a\u007f", "int8"))
schema("name-long", "a name of 1,025 bytes (§9)", field("é" * 512 + "x", "int8"))
schema("collection-unknown", "a field of a collection that is not declared", field("x", "int8", "hits"))
schema("twice-field", "two fields of one name", field("x", "int8"), field("x", "float32"))
schema("twice-path", "a field with the path of another", field("h.x", "int8"), field("x", "int8", "h"),
       collections=[{"name": "h"}])
schema("twice-collection", "two collections of one name", collections=[{"name": "h"}, {"name": "h"}])
schema("twice-field-collection", "a field with the name of a collection", field("h", "int8"), collections=[{"name": "h"}])
schema("twice-canonical", "two names that are equal after NFC", field("\u00e5", "int8"), field("a\u030a", "int8"))
COMPOSED, DECOMPOSED = "\u00e5", "a\u030a"


def canonical(name, why, schema_of):
    """A file that is sound if the two forms of one letter are taken for the same."""
    bad(f"schema-{name}-canonical", f"§3.1: {why} by other bytes that mean the same", Draft(
        schema_of(COMPOSED, DECOMPOSED), streams_of(schema_of(COMPOSED, COMPOSED))))


canonical("collection", "a field that names its collection", lambda a, b: {
    "collections": [{"name": a}], "fields": [field("x", "int8", b)]})
canonical("parent", "a collection that names its parent", lambda a, b: {
    "collections": [{"name": a}, {"name": "h", "parent": b}], "fields": []})
schema("collection-without-name", "a collection without name", collections=[{"description": "none"}])
schema("collection-name-empty", "a collection with an empty name", collections=[{"name": ""}])
schema("collection-name-control", "the name of a collection with a line end", collections=[{"name": "a\nb"}])
schema("collection-description-number", "a description is no text", collections=[{"name": "h", "description": 1}])
schema("parent-unknown", "a parent that is not declared", collections=[{"name": "h", "parent": "g"}])
schema("parent-later", "a parent behind its child", collections=[{"name": "h", "parent": "g"}, {"name": "g"}])
schema("parent-itself", "a collection in itself", collections=[{"name": "h", "parent": "h"}])
schema("parent-number", "a parent that is no text", collections=[{"name": "h", "parent": 0}])
schema("depth-5", "collections nested five deep (§9)",
       collections=[{"name": "a"}] + [{"name": b, "parent": a} for a, b in zip("abcd", "bcde")])
schema("collections-many", "1,025 collections (§9)", collections=[{"name": f"{i:x}"} for i in range(1025)])

schema("shape-number", "a shape is no array", field("x", "int8", shape=3))
schema("shape-text", "an extent is no number", field("x", "int8", shape=["3"]))
schema("shape-fraction", "an extent that is no integer", field("x", "int8", shape=[1.5]))
for name, extent in (("point", "2.0"), ("exponent", "2e0"), ("exponent-negative", "20e-1")):
    raw(f"shape-{name}", "an extent with a fraction or an exponent",
        f'{{"fields":[{{"name":"x","shape":[{extent}],"type":"int8"}}]}}', {"fields": [field("x", "int8", shape=[2])]})
schema("shape-zero", "an extent of 0", field("x", "int8", shape=[2, 0]))
schema("shape-negative", "a negative extent", field("x", "int8", shape=[-1, -1]))
schema("shape-9-axes", "nine axes (§9)", field("x", "int8", shape=[1] * 9))
schema("shape-large", "a tensor of more than 2^24 elements (§9)", field("x", "int8", shape=[1 << 12, (1 << 12) + 1]))
schema("shape-overflow", "a product of extents beyond 64 bits (§9)", field("x", "int8", shape=[1 << 32, 1 << 32]))
schema("shape-string", "a tensor of strings", field("x", "string", shape=[2]))

schema("labels-none", "an enum without labels", field("x", "enum"))
schema("labels-empty", "an enum with no label in its list", field("x", "enum", labels=[]))
schema("labels-number", "a label that is no text", field("x", "enum", labels=["a", 1]))
schema("labels-twice", "a label twice", field("x", "enum", labels=["a", "b", "a"]))
schema("labels-canonical", "two labels that are equal after NFC", field("x", "enum", labels=["\u00e5", "a\u030a"]))
schema("labels-empty-text", "an empty label", field("x", "enum", labels=["a", ""]))
schema("labels-control", "a label with a control character", field("x", "enum", labels=["a\tb"]))
schema("labels-long", "a label of 1,025 bytes (§9)", field("x", "enum", labels=["x" * 1025]))
schema("labels-of-int8", "labels of a field that is no enum", field("x", "int8", labels=["a"]))
