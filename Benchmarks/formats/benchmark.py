"""Runs the benchmark; `run` calls it inside the virtual environment."""

import argparse
import importlib.metadata
import json
import os
import pathlib
import platform
import subprocess
import sys
import time

import report
import workloads

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / ".build-bench"
DATA = WORK / "formats"
FINGAL = ["fingal", "fingal-size", "fingal-speed"]
PACKAGES = ["pyarrow", "h5py", "hdf5plugin", "uproot", "awkward", "vortex-data", "numpy", "numba"]
# Writing them takes minutes: their files are kept, and the time of the first writing with them.
SLOW = {"rntuple-lzma9", "parquet-zstd19"}
STARTED = time.time()
KINDS = {"hits": ("hits", 0), "images": ("images", 0), "hits-align150": ("hits", 150)}


def main():
    options = parse_arguments()
    DATA.mkdir(parents=True, exist_ok=True)
    program = build_fingal() if any(name in FINGAL for name in options.peers) else None
    results = {"machine": machine(), "settings": vars(options), "workloads": []}
    for name in options.workloads:
        kind, align = KINDS[name]
        say(f"{name}: {options.events} events")
        folder = workloads.prepare(DATA, kind, options.events, align, os.cpu_count())
        info = json.loads((folder / "workload.json").read_text())
        info["decoded_bytes"] = sum((folder / field["file"]).stat().st_size for field in info["fields"])
        info["two_bytes"] = sum(
            (folder / field["file"]).stat().st_size for field in info["fields"] if field["name"] in workloads.TWO
        )
        measured = {"name": name, "info": info, "results": []}
        results["workloads"].append(measured)
        for threads in options.threads:
            for peer in options.peers:
                found = measure(peer, folder, kind, threads, program, options)
                if found:
                    measured["results"].append(found)
        if options.against:
            add_earlier(measured, options)
        save(results, options)
    text = report.markdown(results)
    (pathlib.Path(options.out).with_suffix(".md")).write_text(text)
    print(text)


def parse_arguments():
    from peers.registry import all_peers

    names = [*FINGAL, *all_peers()]
    parser = argparse.ArgumentParser(prog="run", description="Measures Fingal against other formats.")
    add = parser.add_argument
    add("--events", type=int, default=10000, help="events of a workload (default 10000)")
    add("--workloads", default=",".join(KINDS), help="some of " + ", ".join(KINDS))
    add("--threads", default="1,2", help="numbers of threads (default 1,2)")
    add("--peers", default=None, help="only those whose name begins with one of these, of: " + ", ".join(names))
    add("--skip", default=None, help="not those whose name begins with one of these")
    add("--repeats", type=int, default=5)
    add("--seconds", type=float, default=0.3, help="least length of a repeat (default 0.3)")
    add("--clock", choices=["wall", "cpu"], default="wall", help="cpu: processor time, for a busy machine; not to be quoted")
    add("--rewrite", action="store_true", help="write the slow peers' files again, instead of keeping file and time")
    add("--against", help="take formats that are not measured now from this JSON of an earlier run, and say so")
    add("--out", default=str(DATA / "results"), help="the report: this name with .md and .json")
    options = parser.parse_args()
    options.workloads = options.workloads.split(",")
    for name in options.workloads:
        if name not in KINDS:
            parser.error(f"no workload {name}; there are {', '.join(KINDS)}")
    options.threads = [int(number) for number in options.threads.split(",")]
    for number in options.threads:
        if number > os.cpu_count():
            parser.error(f"{number} threads on {os.cpu_count()} processors are no measurement")
    if options.peers:
        names = [name for name in names if name.startswith(tuple(options.peers.split(",")))]
    if options.skip:
        names = [name for name in names if not name.startswith(tuple(options.skip.split(",")))]
    options.peers = names
    return options


# Preparation -------------------------------------------------------------------------------------------------------


def build_fingal():
    say("building Fingal in release")
    command = ["swift", "build", "-c", "release", "--package-path", str(HERE / "fingal-bench")]
    command += ["--scratch-path", str(WORK / "fingal-bench")]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stdout + done.stderr)
    where = subprocess.run([*command, "--show-bin-path"], capture_output=True, text=True, check=True)
    return pathlib.Path(where.stdout.strip()) / "fingal-bench"


def machine():
    model = platform.machine()
    try:
        for line in open("/proc/cpuinfo"):
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    except OSError:
        pass
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return {
        "cpu": model, "processors": os.cpu_count(), "load_before": os.getloadavg()[0], "commit": commit.stdout.strip(),
        "python": platform.python_version(), "packages": versions(),
    }  # fmt: skip


def versions():
    return {package: importlib.metadata.version(package) for package in PACKAGES}


# Measuring ---------------------------------------------------------------------------------------------------------


def measure(name, folder, kind, threads, program, options):
    """One peer in a process of its own, pinned to as many processors as it may use threads."""
    common = ["--threads", threads, "--repeats", options.repeats, "--seconds", options.seconds]
    common += ["--clock", options.clock]
    files = folder / "files"
    files.mkdir(exist_ok=True)
    if name in FINGAL:
        goal = name.removeprefix("fingal-") if name != "fingal" else "balanced"
        command = [program, folder, files / f"{name}.fingal", "--optimize", goal, *common]
        return run(name, command, threads)

    from peers.registry import all_peers

    peer = all_peers()[name]
    if not peer.suits(kind) or (threads > 1 and not peer.parallel):
        return None
    file = files / f"{name}.{peer.extension}"
    kept = kept_write(name, file, options)
    command = [sys.executable, HERE / "measure.py", name, folder, file, *common]
    if kept:
        command.append("--no-write")
    found = run(name, command, threads)
    if found is None:
        return None
    if kept:
        found["lines"]["write"] = kept["seconds"]
        found["kept_write"] = kept["date"]
    elif name in SLOW:
        seconds = found["lines"]["write"]
        record = {"versions": versions(), "clock": options.clock, "seconds": seconds, "date": time.strftime("%F")}
        record_file(file).write_text(json.dumps(record) + "\n")
    return found


def record_file(file):
    return file.with_name(file.name + ".json")


def kept_write(name, file, options):
    """The time of an earlier writing of a slow peer's file with the same packages, if file and time are there. The slow
    ones write with one thread, however many they are given."""
    note = record_file(file)
    is_old = note.exists() and options.rewrite and note.stat().st_mtime < STARTED
    if name not in SLOW or is_old or not note.exists() or not file.exists():
        return None
    record = json.loads(note.read_text())
    return record if record["versions"] == versions() and record["clock"] == options.clock else None


def run(name, command, threads):
    say(f"  {name}, {threads} thread{'s' if threads > 1 else ''}")
    processors = sorted(os.sched_getaffinity(0))[:threads]
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, cwd=HERE,
        preexec_fn=lambda: os.sched_setaffinity(0, processors),
    )  # fmt: skip
    if done.returncode != 0:
        # A peer that fails is named in the report; it must not hide what the others do.
        say(f"    failed: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else done.returncode}")
        return {"peer": name, "threads": threads, "failed": done.stderr.strip()[-500:], "lines": {}, "ways": {}}
    return json.loads(done.stdout)


def add_earlier(measured, options):
    """While one works on Fingal, the others need not be measured each time."""
    earlier = json.loads(pathlib.Path(options.against).read_text())
    for workload in earlier["workloads"]:
        if workload["name"] == measured["name"] and workload["info"]["events"] == options.events:
            for row in workload["results"]:
                if row["peer"] not in options.peers and row["threads"] in options.threads:
                    measured["results"].append(row | {"earlier": True})


def save(results, options):
    out = pathlib.Path(options.out).with_suffix(".json")
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(results, indent=1) + "\n")


def say(text):
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
