"""The workloads: seeded toy events as arrays in memory and as raw little-endian files with a JSON description.

    hits     one event with lists: run, event, label, pBeam and, for each hit, layer, x, y, cell, energy, time
    images   one event with a tensor: run, event, label, pBeam and a 28×15×15 float32 image of the hits' energies

The raw files are for programs that are not written in Python: `workload.json` names, for each column, its type, shape,
collection and file. `order.bin` is the permutation in which every peer reads random events.
"""

import json
import pathlib
import subprocess
import sys

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
SEED = 20261123
ORDER_SEED = 7
SHAPE = (28, 15, 15)
PIXELS = 28 * 15 * 15
LOW, HIGH, BINS = -7.5, 7.5, 15
SCALARS = ["run", "event", "label", "pBeam"]
HIT_FIELDS = ["layer", "x", "y", "cell", "energy", "time"]
# What a batch of images is built from.
IMAGE_FIELDS = ["layer", "x", "y", "energy"]
# The two columns of many.
TWO = ["layer", "energy"]


class Workload:
    """Truth: the arrays of all columns, `offsets` of the hits (events + 1), and the random order of events."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.info = json.loads((self.folder / "workload.json").read_text())
        self.kind = self.info["kind"]
        self.events = self.info["events"]
        self.arrays = {}
        for field in self.info["fields"]:
            values = np.fromfile(self.folder / field["file"], dtype=np.dtype(field["type"]))
            self.arrays[field["name"]] = values.reshape(-1, *field["shape"]) if field["shape"] else values
        self.order = np.fromfile(self.folder / "order.bin", dtype=np.int64)
        self.offsets = np.fromfile(self.folder / "offsets.bin", dtype=np.int64) if self.has_hits else None

    @property
    def has_hits(self):
        return self.kind == "hits"

    @property
    def decoded_bytes(self):
        """Bytes of all decoded values; the offsets of lists are not counted."""
        return sum(values.nbytes for values in self.arrays.values())

    @property
    def two_bytes(self):
        return sum(self.arrays[name].nbytes for name in TWO) if self.has_hits else 0


def prepare(root, kind, events, align_um, jobs):
    """Generates a workload into a folder below `root`, unless it lies there already. Returns the folder."""
    name = f"{kind}-{events}" + (f"-align{align_um:g}" if align_um else "")
    folder = pathlib.Path(root) / name
    if (folder / "workload.json").exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    flat = generate(root, events, align_um, jobs)
    offsets = flat.pop("offsets")
    if kind == "hits":
        columns = {key: flat[key] for key in SCALARS + HIT_FIELDS}
        offsets.astype("<i8").tofile(folder / "offsets.bin")
    else:
        columns = {key: flat[key] for key in SCALARS}
        columns["image"] = images(flat, offsets)
    fields = []
    for key, values in columns.items():
        values.astype(values.dtype.newbyteorder("<")).tofile(folder / f"{key}.bin")
        fields.append({
            "name": key, "type": values.dtype.name, "shape": list(values.shape[1:]),
            "collection": "hits" if key in HIT_FIELDS else None, "file": f"{key}.bin",
        })  # fmt: skip
    order = np.random.default_rng(ORDER_SEED).permutation(events)
    order.astype("<i8").tofile(folder / "order.bin")
    info = {
        "kind": kind, "events": events, "hits": int(offsets[-1]), "seed": SEED, "order_seed": ORDER_SEED,
        "align_um": align_um, "image": {"shape": list(SHAPE), "low": LOW, "high": HIGH}, "fields": fields,
    }  # fmt: skip
    # Last, so that a folder with it is complete.
    (folder / "workload.json").write_text(json.dumps(info, indent=1) + "\n")
    return folder


def generate(root, events, align_um, jobs):
    """The generator's flat arrays: values as parsed back from their printed text."""
    path = pathlib.Path(root) / f"events-{events}-{align_um:g}.npz"
    if not path.exists():
        partial = path.with_suffix(".partial.npz")
        command = [sys.executable, HERE / "gen_events.py", "--events", events, "--seed", SEED]
        command += ["--align-um", align_um, "--jobs", jobs, "--npz", partial]
        subprocess.run([str(part) for part in command], check=True, stderr=subprocess.DEVNULL)
        partial.rename(path)
    with np.load(path) as stored:
        return {key: stored[key] for key in stored.files}


def images(flat, offsets):
    """The dense image of every event: the sum of the energies of the hits that fall into each pixel."""
    events = len(offsets) - 1
    result = np.zeros((events, PIXELS), dtype=np.float32)
    owner = np.repeat(np.arange(events), np.diff(offsets))
    pixel = pixels(flat["layer"], flat["x"], flat["y"])
    inside = pixel >= 0
    np.add.at(result, (owner[inside], pixel[inside]), flat["energy"][inside])
    return result.reshape(events, *SHAPE)


def pixels(layer, x, y):
    """The pixel of each hit in the flattened image, -1 outside; in double precision, as Fingal bins."""
    bins = []
    inside = np.ones(len(layer), dtype=bool)
    for values in (x, y):
        values = values.astype(np.float64)
        inside &= (values >= LOW) & (values < HIGH)
        bins.append(np.clip(((values - LOW) * (BINS / (HIGH - LOW))).astype(np.int64), 0, BINS - 1))
    inside &= (layer >= 1) & (layer <= SHAPE[0])
    return np.where(inside, ((layer.astype(np.int64) - 1) * BINS + bins[0]) * BINS + bins[1], -1)


def truth_images(workload, events):
    """The images of some events, in their order, from the truth."""
    if not workload.has_hits:
        return workload.arrays["image"][events]
    picked = [np.arange(workload.offsets[e], workload.offsets[e + 1]) for e in events]
    flat = {key: workload.arrays[key][np.concatenate(picked)] for key in IMAGE_FIELDS}
    return images(flat, np.concatenate([[0], np.cumsum([len(p) for p in picked])]))
