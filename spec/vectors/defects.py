"""What the modules of defects share: the list of bad files, and ways to break a draft at one place."""
import struct

from fingal_reader import up, xxh
from forms import field, one

BAD = {}


def bad(name, why, draft):
    """Adds a file: `why` names the section first; `draft` is a Draft or the bytes themselves."""
    assert name not in BAD, name
    data = draft if isinstance(draft, bytes) else draft.bytes()
    assert len(data) < 20_000, name
    BAD[name] = (why, data)


def put(place, form, *values):
    """A hook that writes over the bytes at a place; from the end if it is negative."""
    def change(block):
        at = place if place >= 0 else len(block) + place
        struct.pack_into("<" + form.lstrip("<"), block, at, *values)
    return change


def base(**hooks):
    """Three events of one int8 in one cluster, with hooks: `_` stands for a space in their names, `after_` for `!`."""
    return hooked(one("int8", [1, 2, 3]), **hooks)


def hooked(draft, **hooks):
    for name, hook in hooks.items():
        name = name[6:] + "!" if name.startswith("after_") else name
        draft.hooks[name.replace("_", " ")] = hook
    return draft


def row(draft, name="x", number=0, kind="values", **fields):
    """Changes what the row of a page says."""
    page = draft.page(name, number, kind)
    for key, value in fields.items():
        assert hasattr(page, key), key
        setattr(page, key, value)
    return draft


def encoded(name, why, type_, values, encoding, data, **more):
    """One column whose only page has these encoded bytes; the values are what its row and digest speak of."""
    draft = one(type_, values, (encoding, data), **more)
    page = draft.page("x")
    assert page.encoded <= page.decoded, f"{name}: {page.encoded} of {page.decoded}"
    bad(name, why, draft)


def stored(name, why, codec, data, length, values, type_="int32"):
    """One column whose page has these stored bytes, said to give `length`."""
    draft = one(type_, values)
    bad(name, why, row(draft, codec=codec, stored=data, encoded=length))


def resealed(data, at, form, *values):
    """A file with bytes of its footer changed, checksums of footer and trailer made again; for places known only at the end."""
    data = bytearray(data)
    offset, length = struct.unpack_from("<QQ", data, len(data) - 64)
    struct.pack_into("<" + form, data, offset + at, *values)
    seal(data, offset, length)
    return bytes(data)


def seal(data, offset, length):
    end = offset + up(length, 64) + 64
    struct.pack_into("<Q", data, end - 48, xxh(bytes(data[offset:offset + length]), 5))
    struct.pack_into("<Q", data, end - 16, xxh(bytes(data[end - 64:end - 16]), 6))
