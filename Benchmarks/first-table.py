#!/usr/bin/env python3
"""Measures conversion, file size, memory and training speed, against Parquet (zstd) by pyarrow in the same run.

    python3 Benchmarks/first-table.py                                  # the samples: small, minutes
    python3 Benchmarks/first-table.py --hits hits.csv --rows images.csv --cells cells.csv --runs 5 --json out.json

One command: it builds Fingal in release, puts pyarrow into a virtual environment under .build-bench/, runs both programs
in turn, each in a process of its own, and prints a Markdown table of medians. What is compared, and what is not, stands
in Benchmarks/README.md.
"""

import argparse
import gzip
import json
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / ".build-bench"
VENV = WORK / "venv"
PACKAGES = ["pyarrow", "numpy"]


def main():
    options = parse_arguments()
    WORK.mkdir(exist_ok=True)
    python = virtual_environment()
    programs = build()
    inputs = choose_inputs(options)
    report = {"machine": machine(), "runs": options.runs, "threads": options.threads, "conversion": [], "training": []}

    for layout, path in inputs.items():
        report["conversion"].append(measure_conversion(layout, path, programs, python, options))
    if options.train:
        report["training"] = measure_training(inputs, programs, options)

    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(report, indent=2) + "\n")
    print_tables(report)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hits", help="CSV with one line a hit")
    parser.add_argument("--rows", help="CSV with one line an event, pixels as columns")
    parser.add_argument("--cells", help="CSV with lists inside cells")
    parser.add_argument("--runs", type=int, default=3, help="runs of each program, in turn (default 3)")
    parser.add_argument("--threads", type=int, default=1, help="threads of both programs (default 1)")
    parser.add_argument("--epochs", type=int, default=3, help="epochs of each training run (default 3)")
    parser.add_argument("--no-train", dest="train", action="store_false", help="conversion only")
    parser.add_argument("--json", help="write the figures to this file as well")
    return parser.parse_args()


# Preparation -------------------------------------------------------------------------------------------------------


def virtual_environment():
    """A Python with pyarrow, made on the first run."""
    python = VENV / "bin" / "python"
    probe = "import " + ", ".join(PACKAGES)
    if not python.exists() or subprocess.run([python, "-c", probe], capture_output=True).returncode != 0:
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
    return python


def build():
    done = subprocess.run(["swift", "build", "-c", "release"], cwd=ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stdout + done.stderr)
    where = ["swift", "build", "-c", "release", "--show-bin-path"]
    folder = subprocess.run(where, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
    return {name: str(pathlib.Path(folder) / name) for name in ("fingal", "fingal-train")}


def choose_inputs(options):
    """The files named, or else the samples (the hits joined and unpacked, so that gzip is not what is measured)."""
    named = {"hits": options.hits, "rows": options.rows, "cells": options.cells}
    named = {layout: pathlib.Path(path) for layout, path in named.items() if path}
    if named:
        return named
    hits = WORK / "sample-hits.csv"
    with open(hits, "wb") as out:
        for index, name in enumerate(["electrons.csv.gz", "pions.csv.gz"]):
            with gzip.open(ROOT / "samples" / name, "rb") as lines:
                header = next(lines)
                if index == 0:
                    out.write(header)
                shutil.copyfileobj(lines, out)
    return {"hits": hits, "rows": ROOT / "samples" / "images.csv", "cells": ROOT / "samples" / "cells.csv"}


def machine():
    model = platform.processor() or platform.machine()
    try:
        for line in open("/proc/cpuinfo"):
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    except OSError:
        pass
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return {"cpu": model, "cores": os.cpu_count(), "commit": commit.stdout.strip()}


# Running -----------------------------------------------------------------------------------------------------------


def run(command):
    """Wall time in seconds, peak resident memory in bytes and standard output of a process of its own."""
    log = WORK / "last-run.txt"
    with open(log, "wb") as out:
        started = time.perf_counter()
        child = subprocess.Popen([str(part) for part in command], stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - started
        child.returncode = os.waitstatus_to_exitcode(status)
    text = log.read_text()
    if child.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nended with {child.returncode}:\n{text}")
    return seconds, usage.ru_maxrss * 1024, text


def measure_conversion(layout, path, programs, python, options):
    fingal_file, parquet_file = WORK / f"{layout}.fingal", WORK / f"{layout}.parquet"
    schema_file = WORK / f"{layout}.schema.json"
    convert = [programs["fingal"], "convert", path, "-o", fingal_file, "--layout", layout, "--force"]
    convert += ["--threads", options.threads]
    # A run before the measured ones fills the page cache and gives the peer its types.
    run(convert)
    schema_file.write_text(run([programs["fingal"], "schema", fingal_file])[2])
    peer = [python, ROOT / "Benchmarks" / "parquet_peer.py", layout, path, parquet_file, schema_file, options.threads]
    run(peer)

    figures = {"fingal": [], "parquet": []}
    for _ in range(options.runs):
        figures["fingal"].append(run(convert)[:2])
        figures["parquet"].append(run(peer)[:2])
    counts = json.loads(run(peer)[2])
    check_counts(layout, counts, programs, fingal_file)

    size, rows = path.stat().st_size, data_rows(path)
    result = {"layout": layout, "csv": size, "rows": rows}
    for name, file in (("fingal", fingal_file), ("parquet", parquet_file)):
        seconds = [figure[0] for figure in figures[name]]
        median = statistics.median(seconds)
        result[name] = {
            "seconds": median,
            "slowest": max(seconds),
            "fastest": min(seconds),
            "rowsPerSecond": rows / median,
            "megabytesPerSecond": size / median / 1e6,
            "peakMemory": max(figure[1] for figure in figures[name]),
            "size": file.stat().st_size,
        }
    return result


def check_counts(layout, counts, programs, fingal_file):
    """Both files must hold as many events and hits; a faster program that loses rows wins nothing."""
    info = json.loads(run([programs["fingal"], "info", "--json", fingal_file])[2])[0]
    hits = sum(collection["elements"] for collection in info["collections"])
    found = hits if layout == "hits" else info["events"]
    if counts["rows"] != found or (layout == "cells" and counts["elements"] != hits):
        sys.exit(f"{layout}: Parquet has {counts}, Fingal {info['events']} events and {hits} hits")


def data_rows(path):
    with open(path, "rb") as lines:
        return sum(block.count(b"\n") for block in iter(lambda: lines.read(1 << 20), b"")) - 1


def measure_training(inputs, programs, options):
    """Events a second of both networks, from the hits layout and (where the file is an image) from the rows layout."""
    data = WORK / "hits.fingal"
    if "hits" not in inputs:
        return []
    cuts = particle_cuts(programs, data)
    results = []
    for net in ("cnn2d", "cnn3d"):
        rates, final = [], None
        for _ in range(options.runs):
            command = [programs["fingal-train"], "fit", data, *cuts, "--net", net, "--epochs", options.epochs]
            command += ["--batch", 128, "--seed", 1, "--threads", options.threads, "--json", "-o", WORK / "model"]
            command += ["--image", image_expression(programs, data)]
            shutil.rmtree(WORK / "model", ignore_errors=True)
            seconds, memory, text = run(command)
            epochs = training_epochs(text)
            rates.append(statistics.median(epoch["eventsPerSecond"] for epoch in epochs))
            final = epochs[-1]
        results.append(
            {
                "net": net,
                "eventsPerSecond": statistics.median(rates),
                "slowest": min(rates),
                "fastest": max(rates),
                "peakMemory": memory,
                "lastEpoch": final,
            }
        )
    return results


def particle_cuts(programs, data):
    """The Geant4 samples name particles by pdgID; the generated workloads by label, 0 electron and 1 pion."""
    names = [field["name"] for field in json.loads(run([programs["fingal"], "schema", data])[2])["fields"]]
    if "pdgID" in names:
        return ["--signal", "abs(pdgID) == 11", "--background", "abs(pdgID) == 211"]
    return ["--signal", "label == 0", "--background", "label == 1"]


def image_expression(programs, data):
    names = [field["name"] for field in json.loads(run([programs["fingal"], "schema", data])[2])["fields"]]
    if "iu" in names:
        return "hits.energy @ layer:1..28, hex(iu,iv)"
    return "hits.energy @ layer:1..28, y:-7.5..7.5:15, x:-7.5..7.5:15"


def training_epochs(text):
    """The objects of the epochs among the JSON lines of `fingal-train fit --json`."""
    epochs = []
    for line in text.splitlines():
        if line.startswith("{"):
            entry = json.loads(line)
            if "eventsPerSecond" in entry:
                epochs.append(entry)
    if not epochs:
        sys.exit("fingal-train printed no epoch:\n" + text)
    return epochs


# Printing ----------------------------------------------------------------------------------------------------------


def print_tables(report):
    cpu = report["machine"]
    print(f"{cpu['cores']} cores, {cpu['cpu']}; commit {cpu['commit']}; medians of {report['runs']} runs, threads:"
          f" {report['threads']}\n")
    print("| layout | program | s | rows/s | MB/s | peak MB | size MB | CSV : size |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for entry in report["conversion"]:
        for name, title in (("fingal", "fingal convert"), ("parquet", "pyarrow → Parquet zstd")):
            got = entry[name]
            print(
                f"| {entry['layout']}, {entry['csv'] / 1e6:.1f} MB | {title} | {got['seconds']:.3f} |"
                f" {got['rowsPerSecond']:,.0f} | {got['megabytesPerSecond']:.1f} | {got['peakMemory'] / 1e6:.0f} |"
                f" {got['size'] / 1e6:.3f} | {entry['csv'] / got['size']:.2f} |"
            )
    if report["training"]:
        print("\n| net | training events/s (slowest–fastest run) | peak MB |")
        print("| --- | --- | --- |")
        for entry in report["training"]:
            print(
                f"| {entry['net']} | {entry['eventsPerSecond']:,.0f} ({entry['slowest']:,.0f}–{entry['fastest']:,.0f}) |"
                f" {entry['peakMemory'] / 1e6:.0f} |"
            )


if __name__ == "__main__":
    main()
