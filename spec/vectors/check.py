#!/usr/bin/env python3
"""Holds the reference reader against the vectors: good ones must give what stands beside them, bad ones must be refused.

    check.py            exit 1 and a line for each vector that is not as expected
    check.py --write    writes what the reader says of the bad ones into bad/expected.json
    check.py --library  writes what the library says of them, from the standard input: the output of the tests with
                        FINGAL_PRINT_REFUSALS=1
"""
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "reference"))

import fingal_reader as reader


def main():
    if "--library" in sys.argv:
        return write_library(HERE / "bad" / "expected.json")
    faults = []
    for path in sorted((HERE / "good").glob("*.fingal")):
        expected = path.with_suffix(".json")
        try:
            have = list(reader.File(path).columns())
        except reader.Damage as error:
            faults.append(f"good/{path.name}: refused: {error}")
            continue
        want = [json.loads(line) for line in expected.read_text().splitlines()] if expected.exists() else []
        for a, b in zip(have, want):
            if a != b:
                faults.append(f"good/{path.name}: {a.get('path', 'the file')} differs")
        if len(have) != len(want):
            faults.append(f"good/{path.name}: {len(have)} lines, {len(want)} expected")
    known = HERE / "bad" / "expected.json"
    expected = json.loads(known.read_text())
    for path in sorted((HERE / "bad").glob("*.fingal")):
        try:
            reader.File(path).load()
            faults.append(f"bad/{path.name}: not refused")
            continue
        except reader.Damage as error:
            message = str(error)
        if "--write" in sys.argv:
            expected[path.stem]["reference"] = message
        elif expected.get(path.stem, {}).get("reference") != message:
            faults.append(f"bad/{path.name}: {message!r} is not the error expected")
    if "--write" in sys.argv:
        write(known, expected)
    print("\n".join(faults) or "all vectors are as expected")
    sys.exit(1 if faults else 0)


def write_library(path):
    expected = json.loads(path.read_text())
    for line in sys.stdin:
        if line.startswith("refusal\t"):
            _, name, error = line.rstrip("\n").split("\t")
            expected[name]["library"] = error
    write(path, expected)


def write(path, expected):
    path.write_text(json.dumps(expected, ensure_ascii=False, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
