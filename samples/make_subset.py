#!/usr/bin/env python3
"""Cuts the samples of this folder out of the full Geant4 data set (see README.md for what that is).

    python3 samples/make_subset.py FULL samples/

FULL is the folder with electrons.csv, pions.csv, images_one_line_per_event.csv, continuous_electrons.csv.gz and
continuous_pions.csv.gz. Lines are copied as they are, whole events, in file order; nothing is rounded or reordered,
so every number here is a number of the full set. Needs the standard library only, and gives the same bytes each time.
"""

import csv
import gzip
import io
import itertools
import pathlib
import sys

# Beam energies of the training samples, GeV: the study cuts at 70 to 100, and a cut should have something to cut.
LOWEST, HIGHEST = 66.0, 104.0
ELECTRONS, PIONS = 320, 640
# Events of each particle in the one-line-an-event samples.
ONE_LINE = 20


def hits_by_event(lines):
    """Runs of consecutive lines with the same event number."""
    return itertools.groupby(lines, key=lambda line: line.split(",", 1)[0])


def cut_hits(source, target, wanted):
    """Copies the first `wanted` events whose beam energy lies in the window."""
    events = rows = 0
    with gzip.open(source, "rt", newline="") as lines, open(target, "wb") as raw:
        # No name and no time in the gzip header, so that the bytes are reproducible.
        with gzip.GzipFile(filename="", mode="wb", fileobj=raw, compresslevel=9, mtime=0) as out:
            out.write(next(lines).encode())
            for _, group in hits_by_event(lines):
                event = list(group)
                if not LOWEST <= float(event[0].split(",", 3)[2]) <= HIGHEST:
                    continue
                out.write("".join(event).encode())
                events += 1
                rows += len(event)
                if events == wanted:
                    break
    print(f"{target.name}: {events} events, {rows} rows, {target.stat().st_size} bytes")


def cut_images(source, target, wanted):
    """Copies the first `wanted` events of each particle; returns their event numbers."""
    taken = {"11": [], "211": []}
    with open(source, newline="") as lines, open(target, "w", newline="") as out:
        out.write(next(lines))
        for line in lines:
            event, particle, _ = line.split(",", 2)
            if len(taken[particle]) < wanted:
                taken[particle].append(event)
                out.write(line)
    print(f"{target.name}: {sum(map(len, taken.values()))} events, {target.stat().st_size} bytes")
    return set(taken["11"] + taken["211"])


def make_cells(sources, target, wanted):
    """Writes hits as lists in cells, one line an event: the same events as the images, the same digits as the hits."""
    scalars, lists = ["event", "pdgID", "beamEnergy"], ["layer", "iu", "iv", "energy"]
    events = 0
    with open(target, "w", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(scalars + ["hits_" + name for name in lists])
        for source in sources:
            with open(source, newline="") as lines:
                header = next(lines).strip().split(",")
                for number, group in hits_by_event(lines):
                    if number not in wanted:
                        continue
                    rows = [dict(zip(header, row)) for row in csv.reader(io.StringIO("".join(group)))]
                    cells = ["[" + ", ".join(row["rechit_" + name] for row in rows) + "]" for name in lists]
                    writer.writerow([rows[0][name] for name in scalars] + cells)
                    events += 1
    print(f"{target.name}: {events} events, {target.stat().st_size} bytes")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    full, samples = map(pathlib.Path, sys.argv[1:])
    cut_hits(full / "continuous_electrons.csv.gz", samples / "electrons.csv.gz", ELECTRONS)
    cut_hits(full / "continuous_pions.csv.gz", samples / "pions.csv.gz", PIONS)
    wanted = cut_images(full / "images_one_line_per_event.csv", samples / "images.csv", ONE_LINE)
    make_cells([full / "electrons.csv", full / "pions.csv"], samples / "cells.csv", wanted)


if __name__ == "__main__":
    main()
