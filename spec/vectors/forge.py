#!/usr/bin/env python3
"""Writes the vectors byte by byte: every form that spec/FORMAT.md allows (good/, from forms.py), and files with one defect
each, whose checksums are right so that the defect itself is what a reader finds (bad/, from defects_*.py).

    forge.py            writes them and the expectations of the good ones; removes files that are no longer made

The errors expected of the bad ones are written by check.py (see README.md).
"""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "reference")]

import defects_end
import defects_file
import defects_floats
import defects_pages
import defects_schema
import defects_values
from defects import BAD
from fingal_reader import CODECS, ENCODINGS
from forms import GOOD


def good(folder):
    for name, draft in GOOD.items():
        (folder / f"{name}.fingal").write_bytes(draft.bytes())
        used = {f"{ENCODINGS[p.encoding]}/{CODECS[p.codec]}" for c in draft.clusters for s in c.columns for p in s.pages}
        lines = [{"events": sum(c.events for c in draft.clusters), "clusters": len(draft.clusters),
                  "content": f"{draft.content:016x}", "pages": sorted(used), "metadata": draft.metadata}, *draft.expected()]
        text = "".join(json.dumps(x, ensure_ascii=False) + "\n" for x in lines)
        (folder / f"{name}.json").write_text(text)


def bad(folder):
    known = folder / "expected.json"
    old = json.loads(known.read_text()) if known.exists() else {}
    expected = {}
    for name, (why, data) in BAD.items():
        (folder / f"{name}.fingal").write_bytes(data)
        expected[name] = {"library": "", "reference": ""} | old.get(name, {}) | {"why": why}
    known.write_text(json.dumps(expected, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


def main():
    for name, names, write in (("good", GOOD, good), ("bad", BAD, bad)):
        folder = HERE / name
        folder.mkdir(exist_ok=True)
        for path in folder.glob("*.*"):
            if path.stem not in names and path.name != "expected.json":
                path.unlink()
        write(folder)


if __name__ == "__main__":
    main()
