"""NumPy's compressed archive. It has no random access: only size, write and scans are measured."""

import numpy as np

from peers.base import Peer, Reader
from workloads import IMAGE_FIELDS, PIXELS


class Npz(Peer):
    extension = "npz"
    parallel = False
    random_access = False

    def __init__(self, name, options):
        self.name, self.options = name, options

    def write(self, workload, path):
        extra = {"offsets": workload.offsets} if workload.has_hits else {}
        np.savez_compressed(path, **workload.arrays, **extra)

    def ways(self):
        return ["load"]

    def open(self, workload, path, way):
        return NpzReader(workload, path)


class NpzReader(Reader):
    def scan(self, columns):
        names = list(columns or self.workload.arrays)
        if self.has_hits:
            names.append("offsets")
        with np.load(self.path) as file:
            return {name: file[name] for name in names}

    def arrays(self, found):
        return {name: values.reshape(-1) for name, values in found.items()}

    def event(self, index):
        raise NotImplementedError

    hits = images = event

    def hits_of_range(self, low, high):
        found = self.scan(IMAGE_FIELDS)
        offsets = found["offsets"]
        values = [found[name] for name in IMAGE_FIELDS]
        return [(np.arange(high - low), offsets[low:high], offsets[low + 1 : high + 1], *values)]

    def images_of_range(self, low, high):
        return [(np.arange(high - low), self.scan(["image"])["image"][low:high].reshape(high - low, PIXELS))]
